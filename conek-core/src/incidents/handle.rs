//! Breach cases, open to the host.

use serde::{Deserialize, Serialize};

use super::{
    AffectedPage, AffectedQuery, BreachAssessment, BreachAudience, BreachCase, BreachDetails, BreachDuty,
    BreachLetter, BreachObstacle, DelayOrder, NewBreachNotice, duties, letter, obstacles,
};
use crate::{
    audit::Scope,
    engine::{Alarm, Inner, Session},
    people::contacts::limit_within,
    storage::{Committed, Index, Record, Write},
    values::{
        code::code_of,
        error::{Error, Result},
        quiet::quiet_debug,
        time::Timestamp,
    },
    vault::Sealed,
};

/// The kind of a case.
const KIND: &str = "breach";

/// Some breach cases and where to go on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BreachPage {
    /// The cases, the oldest first.
    pub cases: Vec<BreachCase>,
    /// Give it back as `after`.
    pub next: Option<String>,
}

/// What is to be done about one case.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct BreachTask {
    /// The case.
    pub case_id: String,
    /// Whom to tell until when, those who were told and need not be left out.
    pub duties: Vec<BreachDuty>,
    /// What keeps it from being closed.
    pub obstacles: Vec<BreachObstacle>,
}
quiet_debug! { BreachTask { case_id } }

/// The register of breaches.
#[derive(Debug, Clone)]
pub struct Incidents {
    pub(crate) engine: Session,
}

impl Incidents {
    /// Opens a case for a breach of personal data, suspected ones too: every one goes into the register (GDPR
    /// 33(5)). The clocks run from `aware_at`: 72 hours for the EU's authority, as soon as reasonably possible for
    /// South Africa's Regulator (POPIA s22), 72 hours by the account's own promise.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// use conek_core::incidents::{BreachDetails, BreachState};
    /// let details = BreachDetails {
    ///     aware_at: Some(chrono::Utc::now()),
    ///     categories: vec!["contact".into()],
    ///     ..BreachDetails::default()
    /// };
    /// let case = engine.incidents().open(details).await?;
    /// assert_eq!(case.state, BreachState::Open);
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `invalid_input` without the moment of awareness, or for details that make no sense.
    pub async fn open(&self, details: BreachDetails) -> Result<BreachCase> {
        self.engine.admit("incidents.open", Scope::IncidentsManage, None)?;
        let e = &self.engine;
        let case = BreachCase::open(e.new_id()?, details, e.clock.now(), &e.actor().id)?;
        e.commit_all(vec![Write::Insert { record: case.record(e)? }], "breach case").await?;
        e.changed();
        Ok(case)
    }

    /// Reads a case.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// assert_eq!(engine.incidents().get("none".into()).await.unwrap_err().code(), "not_found");
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `not_found`.
    pub async fn get(&self, id: String) -> Result<BreachCase> {
        self.engine.allow("incidents.get", Scope::IncidentsManage)?;
        Ok(self.engine.breach(&id).await?.0)
    }

    /// The register: every case, the oldest first, at most 1,000 a page.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// assert!(engine.incidents().cases(None, 100).await?.cases.is_empty());
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `invalid_input` for a limit outside 1 to 1,000.
    pub async fn cases(&self, after: Option<String>, limit: i32) -> Result<BreachPage> {
        self.engine.allow("incidents.cases", Scope::IncidentsManage)?;
        limit_within(limit, 1000)?;
        let mut query = self.engine.query(KIND, Index::Id {}, limit);
        query.after = after;
        let page = self.engine.find(query).await?;
        let cases = page.records.iter().map(|r| self.engine.open_breach(r)).collect::<Result<_>>()?;
        Ok(BreachPage { cases, next: page.next })
    }

    /// What is to be done about every case that is not closed, as of `at`; now, if missing. Each duty says since
    /// when it is warned of (24 hours before it is due at the latest) and until when it is due.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// # use conek_core::incidents::BreachDetails;
    /// # let details = BreachDetails { aware_at: Some(chrono::Utc::now()), ..BreachDetails::default() };
    /// # engine.incidents().open(details).await?;
    /// let tasks = engine.incidents().due(None).await?;
    /// assert_eq!(tasks[0].obstacles[0].kind.code(), "risk_not_assessed");
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// Only those of the storage.
    pub async fn due(&self, at: Option<Timestamp>) -> Result<Vec<BreachTask>> {
        self.engine.allow("incidents.due", Scope::IncidentsManage)?;
        self.engine.breach_tasks(at.unwrap_or_else(|| self.engine.clock.now())).await
    }

    /// Says anew what is known. Letters that went out stay as they were; a moved moment of awareness is noted.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// # use conek_core::incidents::BreachDetails;
    /// # let details = BreachDetails { aware_at: Some(chrono::Utc::now()), ..BreachDetails::default() };
    /// # let case = engine.incidents().open(details).await?;
    /// let more = BreachDetails { people: Some(1200), ..case.details };
    /// let case = engine.incidents().revise(case.id, more).await?;
    /// assert_eq!(case.details.people, Some(1200));
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `not_found`; `invalid_input` for details that make no sense; `conflict` for a closed case.
    pub async fn revise(&self, id: String, details: BreachDetails) -> Result<BreachCase> {
        self.step("incidents.revise", &id, |case, at, actor| case.revise(details.clone(), at, actor)).await
    }

    /// Says how likely harm is, and why. Whom the law wants told follows from it.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// # use conek_core::incidents::BreachDetails;
    /// use conek_core::incidents::{BreachAssessment, BreachRisk};
    /// # let details = BreachDetails { aware_at: Some(chrono::Utc::now()), ..BreachDetails::default() };
    /// # let case = engine.incidents().open(details).await?;
    /// let high = BreachAssessment {
    ///     risk: BreachRisk::High,
    ///     reason: "Numbers and names were copied.".into(),
    ///     ..BreachAssessment::default()
    /// };
    /// engine.incidents().assess(case.id, high).await?;
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `not_found`; `invalid_input` for a risk that is unknown or has no reason; `conflict` for a closed case.
    pub async fn assess(&self, id: String, assessment: BreachAssessment) -> Result<BreachCase> {
        self.step("incidents.assess", &id, |case, at, actor| case.assess(assessment.clone(), at, actor)).await
    }

    /// The letter to somebody as it stands now, in a language or the nearest there is: plain words, all that the
    /// law wants said and the case knows. What it does not know is left out and named in `missing`; the letter is
    /// then the first of several (GDPR 33(4)).
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// # use conek_core::incidents::BreachDetails;
    /// use conek_core::incidents::BreachAudience;
    /// # let details = BreachDetails { aware_at: Some(chrono::Utc::now()), ..BreachDetails::default() };
    /// # let case = engine.incidents().open(details).await?;
    /// let letter = engine.incidents().letter(case.id, BreachAudience::RegulatorZa, None).await?;
    /// assert!(!letter.complete && !letter.missing.is_empty());
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `not_found`; `conflict` for somebody who need not be told.
    pub async fn letter(
        &self,
        id: String,
        to: BreachAudience,
        language: Option<String>,
    ) -> Result<BreachLetter> {
        self.engine.allow("incidents.letter", Scope::IncidentsManage)?;
        let (case, _) = self.engine.breach(&id).await?;
        letter(&case, to, language.as_deref(), self.engine.clock.now())
    }

    /// Enters a letter that went out, and how that is proved. Every way is entered; whether it counts is the law's
    /// to say: WhatsApp and a call only in addition (POPIA s22(4), GDPR 34).
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// # use conek_core::incidents::{BreachChannel, BreachDetails, BreachPhase};
    /// use conek_core::incidents::{BreachAudience, NewBreachNotice};
    /// # let now = chrono::Utc::now();
    /// # let details = BreachDetails { aware_at: Some(now), ..BreachDetails::default() };
    /// # let case = engine.incidents().open(details).await?;
    /// let sent = NewBreachNotice {
    ///     to: BreachAudience::RegulatorZa,
    ///     channel: BreachChannel::Portal,
    ///     phase: BreachPhase::Initial,
    ///     language: None,
    ///     sent_at: now,
    ///     proof: "portal reference 2026/118".into(),
    /// };
    /// let case = engine.incidents().record_notice(case.id, sent).await?;
    /// assert!(!case.notices[0].missing.is_empty());
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `not_found`; `invalid_input` without proof, for a moment in the future, or for a final letter that leaves
    /// something out; `conflict` for a closed case.
    pub async fn record_notice(&self, id: String, notice: NewBreachNotice) -> Result<BreachCase> {
        self.step("incidents.record_notice", &id, |case, at, actor| {
            case.record_notice(notice.clone(), at, actor)
        })
        .await
    }

    /// Enters an order to wait with telling the people: only a body that detects or prosecutes offences, or the
    /// Regulator, can give one (POPIA s22(3)). `what` says why.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// # use conek_core::incidents::{BreachDetails, DelayOrder};
    /// # let details = BreachDetails { aware_at: Some(chrono::Utc::now()), ..BreachDetails::default() };
    /// # let case = engine.incidents().open(details).await?;
    /// let order = DelayOrder { by: "SAPS".into(), reference: "CAS 12/11/2026".into(), until: None };
    /// let why = "it would impede the investigation".to_owned();
    /// let case = engine.incidents().delay(case.id, order, why).await?;
    /// let case = engine.incidents().lift_delay(case.id, "CAS 12/11/2026".into()).await?;
    /// assert!(case.delays[0].lifted_at.is_some());
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `not_found`; `invalid_input` for an order that names nobody; `conflict` for a closed case.
    pub async fn delay(&self, id: String, order: DelayOrder, what: String) -> Result<BreachCase> {
        self.step("incidents.delay", &id, |case, at, actor| {
            case.delay(order.clone(), what.clone(), at, actor)
        })
        .await
    }

    /// Notes that an order to wait was taken back: the people are told now.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// let none = engine.incidents().lift_delay("none".into(), "CAS 12/11/2026".into()).await;
    /// assert_eq!(none.unwrap_err().code(), "not_found");
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `not_found`, for the order too.
    pub async fn lift_delay(&self, id: String, reference: String) -> Result<BreachCase> {
        self.step("incidents.lift_delay", &id, |case, at, actor| case.lift_delay(&reference, at, actor)).await
    }

    /// Closes a case. It needs the risk assessed, and everybody whom the law or the promise wants told: all of it,
    /// in a way that counts.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// # use conek_core::incidents::BreachDetails;
    /// # let details = BreachDetails { aware_at: Some(chrono::Utc::now()), ..BreachDetails::default() };
    /// # let case = engine.incidents().open(details).await?;
    /// assert_eq!(engine.incidents().close(case.id).await.unwrap_err().code(), "conflict");
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `not_found`; `conflict` with everything that stands against it.
    pub async fn close(&self, id: String) -> Result<BreachCase> {
        self.step("incidents.close", &id, BreachCase::close).await
    }

    /// Opens a closed case again, because something new is known.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// let none = engine.incidents().reopen("none".into(), "the copy was found online".into()).await;
    /// assert_eq!(none.unwrap_err().code(), "not_found");
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `not_found`; `invalid_input` without a reason; `conflict` for a case that is open.
    pub async fn reopen(&self, id: String, reason: String) -> Result<BreachCase> {
        self.step("incidents.reopen", &id, |case, at, actor| case.reopen(&reason, at, actor)).await
    }

    /// Finds whose data a breach concerns: by country, by when they were there, by which kinds of record are kept of
    /// them, and by what an actor's account did in a time, from the audit log. Looks at `limit` contacts at a time,
    /// at most 1,000; go on until `next` is missing.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// # let person = conek_core::doctest::person(&engine, "+27 83 288 5137").await?;
    /// use conek_core::incidents::AffectedQuery;
    /// let query = AffectedQuery { countries: vec!["ZA".into()], ..AffectedQuery::default() };
    /// let page = engine.incidents().affected(query, None, 1000).await?;
    /// assert_eq!(page.people, [person]);
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `invalid_input` for a limit outside 1 to 1,000.
    pub async fn affected(
        &self,
        query: AffectedQuery,
        after: Option<String>,
        limit: i32,
    ) -> Result<AffectedPage> {
        let many = usize::try_from(limit).unwrap_or(0);
        self.engine.admit_many("incidents.affected", Scope::IncidentsManage, None, many)?;
        limit_within(limit, 1000)?;
        self.engine.affected(&query, after, limit).await
    }

    async fn step(
        &self,
        operation: &str,
        id: &str,
        change: impl Fn(&mut BreachCase, Timestamp, &str) -> Result<()>,
    ) -> Result<BreachCase> {
        self.engine.admit(operation, Scope::IncidentsManage, None)?;
        let e = &self.engine;
        for _ in 0..20 {
            let (mut case, version) = e.breach(id).await?;
            change(&mut case, e.clock.now(), &e.actor().id)?;
            let write = Write::Replace { record: case.record(e)?, version };
            if let Committed::Done { .. } = e.commit(vec![write]).await? {
                e.changed();
                return Ok(case);
            }
        }
        Err(Error::conflict("breach case", "it is being changed all the time; try again later"))
    }
}

impl BreachCase {
    /// The case as stored: sealed whole, and nothing of it ever goes by itself.
    fn record(&self, engine: &Inner) -> Result<Record> {
        let mut record = Record::new(&engine.account, KIND, self.id.clone());
        record.retention = "account".to_owned();
        let place = Sealed { person: "", kind: KIND, id: &self.id };
        record.sealed = engine.vault.seal(place, self)?;
        Ok(record)
    }
}

impl Inner {
    fn open_breach(&self, record: &Record) -> Result<BreachCase> {
        let place = Sealed { person: "", kind: KIND, id: &record.id };
        self.vault.open_sealed(place, &record.sealed)
    }

    async fn breach_tasks(&self, now: Timestamp) -> Result<Vec<BreachTask>> {
        use super::BreachDutyState as S;
        let mut tasks = Vec::new();
        for record in self.find_all(self.query(KIND, Index::Id {}, 1000)).await? {
            let case = self.open_breach(&record)?;
            if case.state_at(now)? == super::BreachState::Closed {
                continue;
            }
            let mut duties = duties(&case, now)?;
            duties.retain(|d| !matches!(d.state, S::Told | S::Excused));
            tasks.push(BreachTask { duties, obstacles: obstacles(&case, now)?, case_id: case.id });
        }
        Ok(tasks)
    }

    /// What is warned of, and what is late.
    pub(crate) async fn breach_alarms(&self, now: Timestamp) -> Result<Vec<Alarm>> {
        let mut alarms = Vec::new();
        for task in self.breach_tasks(now).await? {
            alarms.extend(task.duties.iter().filter_map(|d| {
                let alarm = |percent, due_at| Alarm {
                    case: task.case_id.clone(),
                    duty: code_of(d.to),
                    percent,
                    due_at,
                };
                Some(alarm(d.gone()?, d.due_at?))
            }));
        }
        Ok(alarms)
    }

    async fn breach(&self, id: &str) -> Result<(BreachCase, i64)> {
        let record = self.get(KIND, id).await?.ok_or_else(|| Error::not_found("breach case", id))?;
        Ok((self.open_breach(&record)?, record.version))
    }
}
