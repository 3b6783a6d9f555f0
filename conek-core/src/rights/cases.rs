//! The life of a request: what is done at once, what waits for whom, and when each right is over.

use chrono::NaiveDate;

use super::{
    IdentityCheck, IdentityState, NewRequest, RefusalGround, RequestChannel, RequestState, RightStatus,
    RightsRequest,
    case::{Body, Case, Clear, KIND},
    deadlines::{RequestDeadlines, RightKind, request_deadlines},
};
use crate::{
    consent::{
        ConsentActor, ConsentEntry, ConsentSource, ConsentStatus, Declaration, Evidence, RestrictionGround,
        Statement, declaration, standing,
    },
    engine::Inner,
    messaging::Purpose,
    people::Person,
    policy::{ObjectionScope, Regime, regions},
    storage::{Committed, Index, Record, Write},
    values::{
        error::{Error, Result},
        time::{Timestamp, to_millis},
    },
};

/// What a person may write about a request, at most.
const MOST_TEXT: usize = 10_000;

/// A request that a person made by themselves.
pub(crate) struct Asked {
    pub(crate) id: String,
    pub(crate) due_at: Option<Timestamp>,
    /// To be stored with whatever else the caller commits; empty where it was open already.
    pub(crate) writes: Vec<Write>,
}

impl Asked {
    pub(crate) fn is_new(&self) -> bool {
        !self.writes.is_empty()
    }
    /// The day by which it is answered.
    pub(crate) fn day(&self) -> String {
        self.due_at.map(|at| at.format("%Y-%m-%d").to_string()).unwrap_or_default()
    }
}

/// The laws that bind where nobody says: that of the country, and both where it is neither.
fn regimes(regime: Option<Regime>, country: Option<&str>) -> Vec<Regime> {
    match (regime, country) {
        (Some(regime), _) => vec![regime],
        (None, Some(c)) if c.eq_ignore_ascii_case("ZA") => vec![Regime::Popia],
        (None, Some(c)) if regions::is_eea(Some(c)) => vec![Regime::Gdpr],
        _ => vec![Regime::Popia, Regime::Gdpr],
    }
}

/// The clock of a right under every law that binds: the earliest.
fn clock(
    right: RightKind,
    regimes: &[Regime],
    country: Option<&str>,
    at: Timestamp,
    days: &[NaiveDate],
) -> Option<RequestDeadlines> {
    let all = regimes.iter().map(|r| request_deadlines(right, *r, country, at, days));
    all.min_by_key(|d| d.due)
}

fn source(channel: RequestChannel) -> ConsentSource {
    match channel {
        RequestChannel::Whatsapp => ConsentSource::WhatsappReply,
        RequestChannel::PreferencePage => ConsentSource::PreferencePage,
        _ => ConsentSource::Agent,
    }
}

impl Inner {
    /// Opens a request with what is done at once, in one commit with the person: objection to marketing and
    /// withdrawal take effect, and a contested or opposed use stops until there is an answer.
    pub(crate) async fn open_request(&self, new: NewRequest, actor: &str) -> Result<RightsRequest> {
        check(&new)?;
        let now = self.clock.now();
        let received_at = new.received_at.map_or(now, to_millis);
        if received_at > now {
            return Err(Error::invalid("received_at", "lies in the future"));
        }
        for _ in 0..50 {
            let known = match &new.person {
                Some(id) => Some(self.person(id).await?),
                None => None,
            };
            let mut writes = Vec::new();
            let mut known = known;
            let person = known.as_mut().map(|(p, _)| p);
            let (mut case, halt) = self.new_case(&new, person, now, actor, &mut writes)?;
            if let Some((person, version)) = known {
                writes.insert(0, Write::Replace { record: person.record(self)?, version });
            }
            writes.push(Write::Insert { record: case.record(self)? });
            if let Committed::Done { .. } = self.commit(writes).await? {
                if let Some(person) = &new.person {
                    match halt {
                        declaration::Halt::Everything => self.halt_everything_to(person),
                        declaration::Halt::Marketing => self.halt_sends_to(person),
                        declaration::Halt::Nothing => {}
                    }
                }
                self.changed();
                return Ok(case.view());
            }
        }
        Err(Error::conflict("contact", "it is being changed all the time; try again later"))
    }

    /// A request as it begins, with what is done at once. The person is changed and not yet stored.
    fn new_case(
        &self,
        new: &NewRequest,
        person: Option<&mut Person>,
        now: Timestamp,
        actor: &str,
        writes: &mut Vec<Write>,
    ) -> Result<(Case, declaration::Halt)> {
        let received_at = new.received_at.map_or(now, to_millis);
        let days = crate::questions::days("declared_holidays", &self.holidays())?;
        let country = new.country.clone().or_else(|| person.as_ref().and_then(|p| p.country.clone()));
        let regimes = regimes(new.regime, country.as_deref());
        let mut rights = Vec::with_capacity(new.rights.len());
        for right in &new.rights {
            if rights.iter().any(|r: &RightStatus| r.right == *right) {
                continue;
            }
            let deadlines = clock(*right, &regimes, country.as_deref(), received_at, &days)
                .ok_or_else(|| Error::internal("a request without a law"))?;
            rights.push(RightStatus {
                right: *right,
                state: RequestState::Received,
                ground: None,
                ended_at: None,
                deadlines,
                at_once: false,
            });
        }
        let moves_data = |r: &RightStatus| {
            matches!(
                r.right,
                RightKind::Access | RightKind::Portability | RightKind::Rectification | RightKind::Erasure
            )
        };
        let needed = rights.iter().any(moves_data);
        let identity = match new.needs_identity {
            _ if !needed => IdentityState::NotNeeded,
            Some(true) => IdentityState::Pending,
            Some(false) => IdentityState::NotNeeded,
            None if new.channel.identifies() && new.person.is_some() => IdentityState::ByChannel,
            None => IdentityState::Pending,
        };
        let id = self.new_id()?;
        let mut record = Record::new(&self.account, KIND, id.clone());
        record.retention = "request".to_owned();
        record.subjects = new.person.iter().map(|p| p.as_str().to_owned()).collect();
        let clear = Clear {
            rights,
            channel: new.channel,
            identity,
            regimes,
            country,
            received_at,
            extended_at: None,
            ended_at: None,
            objects_to: new.objects_to,
        };
        let body = Body {
            details: new.details.clone(),
            contact: new.contact.clone(),
            corrections: new.corrections.clone(),
            evidence: new.evidence.clone(),
            steps: Vec::new(),
        };
        let mut case = Case { record, clear, body };
        case.step(now, actor, "opened", None);
        let mut halt = declaration::Halt::Nothing;
        if let Some(person) = person {
            halt = self.act_at_once(&mut case, person, now, writes)?;
        }
        let state = RequestState::Accepted;
        for right in case.clear.rights.iter_mut().filter(|r| !r.state.is_final()) {
            if identity != IdentityState::Pending {
                right.state = state;
            }
        }
        Ok((case, halt))
    }

    /// What a person asks in words of their own or on their page. What is open already is not opened again.
    pub(crate) async fn asked(
        &self,
        person: &mut Person,
        right: RightKind,
        channel: RequestChannel,
        words: Option<String>,
        at: Timestamp,
    ) -> Result<Asked> {
        let index = Index::Subject { person: person.id.as_str().to_owned() };
        for record in self.find_all(self.query(KIND, index, 1000)).await? {
            let case = Case::open(self, record)?;
            if case.is_open(right) {
                return Ok(Asked { id: case.record.id.clone(), due_at: case.due_at(), writes: Vec::new() });
            }
        }
        let now = self.clock.now();
        let new = NewRequest {
            person: Some(person.id.clone()),
            rights: vec![right],
            channel,
            received_at: Some(at.min(now)),
            details: words.map(|w| w.chars().take(MOST_TEXT).collect()),
            ..NewRequest::default()
        };
        let mut writes = Vec::new();
        let (mut case, _) = self.new_case(&new, Some(person), now, "person", &mut writes)?;
        let record = case.record(self)?;
        let (id, due_at) = (record.id.clone(), record.due_at);
        writes.push(Write::Insert { record });
        Ok(Asked { id, due_at, writes })
    }

    /// What needs no proof of identity, as it can only protect.
    fn act_at_once(
        &self,
        case: &mut Case,
        person: &mut Person,
        now: Timestamp,
        writes: &mut Vec<Write>,
    ) -> Result<declaration::Halt> {
        let mut halt = declaration::Halt::Nothing;
        let reference = format!("request {}", case.record.id);
        let evidence = || Evidence { reference: Some(reference.clone()), ..Evidence::default() };
        let source = source(case.clear.channel);
        let id = person.id.clone();
        let declare = |statement| Declaration {
            person: id.clone(),
            statement,
            source,
            evidence: evidence(),
            acted_at: Some(case.clear.received_at),
        };
        let scope = case.clear.objects_to.unwrap_or(ObjectionScope::DirectMarketing);
        let mut done = Vec::new();
        for right in case.clear.rights.iter().map(|r| r.right) {
            let statements: Vec<Statement> = match right {
                RightKind::Objection if scope == ObjectionScope::DirectMarketing => {
                    done.push(right);
                    vec![Statement::Objects { scope }]
                }
                RightKind::Objection => vec![
                    Statement::Objects { scope },
                    Statement::Restricted { ground: RestrictionGround::ObjectionPending },
                ],
                RightKind::Rectification => {
                    vec![Statement::Restricted { ground: RestrictionGround::AccuracyContested }]
                }
                RightKind::Restriction => {
                    done.push(right);
                    vec![Statement::Restricted { ground: RestrictionGround::Unlawful }]
                }
                RightKind::Withdrawal => {
                    done.push(right);
                    for purpose in [Purpose::Marketing, Purpose::Feedback] {
                        let entry = ConsentEntry {
                            by: ConsentActor::Subject,
                            evidence: evidence(),
                            acted_at: Some(case.clear.received_at),
                            ..ConsentEntry::new(id.clone(), purpose, ConsentStatus::Withdrawn, source)
                        };
                        writes.extend(standing::apply(self, person, &entry)?.1);
                    }
                    halt = halt.or(declaration::Halt::Marketing);
                    Vec::new()
                }
                // Nobody who wants to be forgotten wants another offer meanwhile.
                RightKind::Erasure => vec![Statement::Objects { scope: ObjectionScope::DirectMarketing }],
                RightKind::Access | RightKind::Portability | RightKind::Inquiry => Vec::new(),
            };
            for statement in statements {
                halt = halt.or(statement.halt());
                writes.extend(declaration::apply(self, person, &declare(statement))?);
            }
        }
        for right in case.clear.rights.iter_mut().filter(|r| done.contains(&r.right)) {
            right.state = RequestState::Fulfilled;
            right.ended_at = Some(now);
            right.at_once = true;
        }
        Ok(halt)
    }

    pub(crate) async fn case(&self, id: &str) -> Result<Case> {
        let record = self.get(KIND, id).await?.ok_or_else(|| Error::not_found("request", id))?;
        self.load_keys(record.subjects.iter().map(String::as_str)).await?;
        Case::open(self, record)
    }

    /// Changes a request, in one commit with whatever belongs to the change.
    async fn change_case(
        &self,
        id: &str,
        mut change: impl FnMut(&mut Case, Timestamp) -> Result<()>,
    ) -> Result<RightsRequest> {
        for _ in 0..50 {
            let mut case = self.case(id).await?;
            let version = case.record.version;
            change(&mut case, self.clock.now())?;
            let write = Write::Replace { record: case.record(self)?, version };
            if let Committed::Done { .. } = self.commit(vec![write]).await? {
                self.changed();
                return Ok(case.view());
            }
        }
        Err(Error::conflict("request", "it is being changed all the time; try again later"))
    }

    pub(crate) async fn check_identity(
        &self,
        id: &str,
        check: &IdentityCheck,
        actor: &str,
    ) -> Result<RightsRequest> {
        if check.method.trim().is_empty() {
            return Err(Error::invalid("method", "must say how it was checked"));
        }
        let request = self
            .change_case(id, |case, now| {
                refuse_if_ended(case)?;
                case.clear.identity =
                    if check.passed { IdentityState::Confirmed } else { IdentityState::Failed };
                for right in case.clear.rights.iter_mut().filter(|r| !r.state.is_final()) {
                    right.state =
                        if check.passed { RequestState::Accepted } else { RequestState::IdentityPending };
                }
                let evidence = check.evidence.as_ref().map(|e| format!("; {e}")).unwrap_or_default();
                let step = if check.passed { "identity_confirmed" } else { "identity_failed" };
                case.step(now, actor, step, Some(format!("{}{evidence}", check.method)));
                Ok(())
            })
            .await?;
        Ok(request)
    }

    /// The right is done. What the engine itself must have done before, it checks.
    pub(crate) async fn fulfil(
        &self,
        id: &str,
        right: RightKind,
        note: Option<String>,
        actor: &str,
    ) -> Result<RightsRequest> {
        let request = self
            .change_case(id, |case, now| {
                refuse_unless_open(case, right)?;
                if matches!(case.clear.identity, IdentityState::Pending | IdentityState::Failed)
                    && !matches!(right, RightKind::Objection | RightKind::Inquiry)
                {
                    return Err(Error::conflict(
                        "request",
                        "it is not known yet who asks: record the check of identity first (GDPR 12(6), POPIA s23(1))",
                    ));
                }
                end(case, right, RequestState::Fulfilled, None, now);
                case.step(now, actor, "fulfilled", note.clone());
                Ok(())
            })
            .await?;
        self.lift_restriction_of(&request, right).await?;
        Ok(request)
    }

    pub(crate) async fn refuse_right(
        &self,
        id: &str,
        right: RightKind,
        ground: RefusalGround,
        explanation: &str,
        actor: &str,
    ) -> Result<RightsRequest> {
        if explanation.trim().is_empty() {
            return Err(Error::invalid(
                "explanation",
                "the person must be told why, and that they can complain (GDPR 12(4), POPIA s23(4))",
            ));
        }
        let request = self
            .change_case(id, |case, now| {
                refuse_unless_open(case, right)?;
                let scope = case.clear.objects_to.unwrap_or(ObjectionScope::DirectMarketing);
                let absolute = match right {
                    RightKind::Withdrawal => true,
                    RightKind::Objection => scope == ObjectionScope::DirectMarketing,
                    _ => false,
                };
                if absolute {
                    return Err(Error::invalid(
                        "right",
                        "nothing stands against a withdrawal or an objection to direct marketing (GDPR 7(3), 21(3); POPIA s11(2)-(3))",
                    ));
                }
                if !fits(ground, right) {
                    return Err(Error::invalid("ground", "is no ground on which this right can be refused"));
                }
                if ground == RefusalGround::CompellingGrounds && case.clear.regimes.contains(&Regime::Popia) {
                    return Err(Error::invalid("ground", "POPIA s11(4) knows no grounds that outweigh an objection"));
                }
                end(case, right, RequestState::Refused, Some(ground), now);
                case.step(now, actor, "refused", Some(explanation.to_owned()));
                Ok(())
            })
            .await?;
        if ground == RefusalGround::CompellingGrounds
            && let Some(person) = &request.person
        {
            let declaration = Declaration {
                person: person.clone(),
                statement: Statement::CompellingGrounds { grounds: explanation.to_owned() },
                source: ConsentSource::Agent,
                evidence: Evidence { reference: Some(format!("request {id}")), ..Evidence::default() },
                acted_at: None,
            };
            self.change_person(person, |p| Ok(((), declaration::apply(self, p, &declaration)?))).await?;
        }
        self.lift_restriction_of(&request, right).await?;
        Ok(request)
    }

    pub(crate) async fn extend_request(&self, id: &str, reason: &str, actor: &str) -> Result<RightsRequest> {
        if reason.trim().is_empty() {
            return Err(Error::invalid(
                "reason",
                "the person must be told why it takes longer (GDPR 12(3), PAIA s57(1))",
            ));
        }
        self.change_case(id, |case, now| {
            refuse_if_ended(case)?;
            if case.clear.extended_at.is_some() {
                return Err(Error::conflict("request", "it was extended before, and that can be done once"));
            }
            let open: Vec<&RightStatus> = case.clear.rights.iter().filter(|r| !r.state.is_final()).collect();
            if !open.iter().any(|r| r.deadlines.extension_possible) {
                return Err(Error::invalid("id", "no law lets this request take longer"));
            }
            if open.iter().filter_map(|r| r.deadlines.extension_notice_by).any(|by| now > by) {
                return Err(Error::invalid(
                    "id",
                    "the person had to be told within the first period, and it is over (GDPR 12(3), PAIA s57(3))",
                ));
            }
            case.clear.extended_at = Some(now);
            case.step(now, actor, "extended", Some(reason.to_owned()));
            Ok(())
        })
        .await
    }

    pub(crate) async fn end_request(
        &self,
        id: &str,
        state: RequestState,
        note: Option<String>,
        actor: &str,
    ) -> Result<RightsRequest> {
        let request = self
            .change_case(id, |case, now| {
                refuse_if_ended(case)?;
                let open: Vec<RightKind> =
                    case.clear.rights.iter().filter(|r| !r.state.is_final()).map(|r| r.right).collect();
                for right in open {
                    end(case, right, state, None, now);
                }
                case.step(now, actor, state.code(), note.clone());
                Ok(())
            })
            .await?;
        for right in [RightKind::Rectification, RightKind::Objection] {
            self.lift_restriction_of(&request, right).await?;
        }
        Ok(request)
    }

    /// A use that was stopped until there is an answer goes on once there is one. The answer is the notice that
    /// GDPR 18(3) wants. Whatever else restricts the person stays.
    async fn lift_restriction_of(&self, request: &RightsRequest, right: RightKind) -> Result<()> {
        let Some(person) = &request.person else { return Ok(()) };
        let mine = matches!(right, RightKind::Rectification | RightKind::Objection);
        if !mine || !request.rights.iter().any(|r| r.right == right && r.state.is_final()) {
            return Ok(());
        }
        // Another right of the same request may hold it too.
        let still = request.rights.iter().any(|r| {
            matches!(r.right, RightKind::Rectification | RightKind::Objection) && !r.state.is_final()
        });
        if still {
            return Ok(());
        }
        let reference = format!("request {}", request.id);
        let declared = match self.declared(person).await {
            Ok(declared) => declared,
            // Erased meanwhile.
            Err(Error::NotFound { .. }) => return Ok(()),
            Err(e) => return Err(e),
        };
        let mut active: Vec<Option<String>> = Vec::new();
        for d in &declared {
            match &d.statement {
                Statement::Restricted { .. } => active.push(d.evidence.reference.clone()),
                Statement::RestrictionLifted { .. } => match &d.evidence.reference {
                    Some(r) if r.starts_with("request ") => active.retain(|a| a.as_ref() != Some(r)),
                    _ => active.clear(),
                },
                _ => {}
            }
        }
        if !active.iter().any(|a| a.as_ref() == Some(&reference)) {
            return Ok(());
        }
        let others = active.iter().any(|a| a.as_ref() != Some(&reference));
        let now = self.clock.now();
        let lifted = Declaration {
            person: person.clone(),
            statement: Statement::RestrictionLifted { informed_at: now },
            source: ConsentSource::Agent,
            evidence: Evidence { reference: Some(reference), ..Evidence::default() },
            acted_at: Some(now),
        };
        self.change_person(person, |p| {
            let writes = declaration::apply(self, p, &lifted)?;
            p.restricted |= others;
            Ok(((), writes))
        })
        .await
    }
}

fn check(new: &NewRequest) -> Result<()> {
    if new.rights.is_empty() {
        return Err(Error::invalid("rights", "must name what is asked"));
    }
    if new.person.is_none() && new.contact.as_deref().is_none_or(|c| c.trim().is_empty()) {
        return Err(Error::invalid("contact", "somebody who is no contact must be reachable in some way"));
    }
    if new.details.as_ref().is_some_and(|d| d.chars().count() > MOST_TEXT) {
        return Err(Error::invalid("details", format!("at most {MOST_TEXT} characters")));
    }
    Ok(())
}

fn refuse_if_ended(case: &Case) -> Result<()> {
    if case.clear.ended_at.is_some() {
        return Err(Error::conflict("request", "it has ended; open a new one"));
    }
    Ok(())
}

fn refuse_unless_open(case: &Case, right: RightKind) -> Result<()> {
    if case.is_open(right) {
        return Ok(());
    }
    Err(Error::conflict("request", "this right was not asked for, or was answered already"))
}

fn end(
    case: &mut Case,
    right: RightKind,
    state: RequestState,
    ground: Option<RefusalGround>,
    now: Timestamp,
) {
    for r in case.clear.rights.iter_mut().filter(|r| r.right == right && !r.state.is_final()) {
        r.state = state;
        r.ground = ground;
        r.ended_at = Some(now);
    }
}

/// Whether a right can be refused on a ground.
fn fits(ground: RefusalGround, right: RightKind) -> bool {
    use RefusalGround as G;
    use RightKind as R;
    match ground {
        G::IdentityUnproven => !matches!(right, R::Objection | R::Inquiry),
        G::Excessive => true,
        G::NoData => true,
        G::LegalObligation | G::FreedomOfExpression | G::PublicInterest => {
            matches!(right, R::Erasure | R::Restriction | R::Access | R::Objection)
        }
        G::LegalClaims => matches!(right, R::Erasure | R::Objection | R::Restriction),
        G::CompellingGrounds => right == R::Objection,
        G::RightsOfOthers => matches!(right, R::Access | R::Portability | R::Restriction),
        G::Accurate => matches!(right, R::Rectification | R::Restriction),
        G::OutsideScope => matches!(right, R::Portability | R::Erasure | R::Restriction | R::Rectification),
    }
}
