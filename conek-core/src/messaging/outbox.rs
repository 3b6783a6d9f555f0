//! Into the outbox: a draft becomes a stored message with the decision about it.

use std::collections::HashMap;

use chrono::TimeDelta;

use super::{
    content::{Draft, Purpose, Recipient},
    definition::TemplateCategory,
    fits,
    model::{MessageState, Sent},
    row::{Body, Clear, NewRow, Row},
};
use crate::{
    engine::Inner,
    people::{NewContact, Person, contacts::Wanted},
    policy::{Decision, Explanation, Facts, PolicyCase, gate},
    storage::{Batch, Committed, Index, Write},
    transport::{Address, whatsapp},
    values::{
        error::{Error, Result},
        ids::{CampaignId, MessageId, PersonId},
        time::{Timestamp, to_millis},
    },
};

/// How long a message may wait when the host says nothing: three days, longer than any closure of
/// marketing hours but the longest (84 hours at Christmas 2027).
pub(crate) const DEFAULT_LIFE: TimeDelta = TimeDelta::days(4);

/// A message that the gate has seen and that is ready to be stored.
pub(crate) struct Composed {
    pub(crate) person: PersonId,
    pub(crate) body: Body,
    pub(crate) clear: Clear,
    pub(crate) case: PolicyCase,
    pub(crate) due_at: Timestamp,
    pub(crate) dedupe_key: Option<String>,
}

impl Composed {
    /// How the message starts its way.
    pub(crate) fn state(&self) -> MessageState {
        match &self.clear.decision {
            Decision::Allow { .. } | Decision::Defer { .. } => MessageState::Queued,
            Decision::Deny { .. } | Decision::Ask { .. } => MessageState::Suppressed,
        }
    }
    pub(crate) fn write(&self, engine: &Inner, id: String, campaign: Option<&CampaignId>) -> Result<Write> {
        let state = self.state();
        let kept = state == MessageState::Queued;
        let refused = Body::refused(self.case.clone(), &engine.gate.rule_set());
        let row = NewRow {
            id,
            person: &self.person,
            campaign,
            state,
            due_at: kept.then_some(self.due_at),
            // What was denied may be sent under the same key once it is allowed; in a campaign each
            // person has one place, whatever was decided.
            dedupe_key: self.dedupe_key.as_deref().filter(|_| kept || campaign.is_some()),
            body: Some(if kept { &self.body } else { &refused }),
            clear: &self.clear,
        };
        Ok(Write::Insert { record: row.record(engine)? })
    }
}

impl Inner {
    /// The sending number of a draft.
    pub(crate) fn sender(&self, wanted: Option<&str>) -> Result<String> {
        match wanted {
            Some(id) if self.numbers.iter().any(|n| n.id == id) => Ok(id.to_owned()),
            Some(_) => {
                Err(Error::invalid("sender", "is none of the numbers that the engine was opened with"))
            }
            None => {
                self.numbers.first().map(|n| n.id.clone()).ok_or_else(|| {
                    Error::invalid("sender", "the engine was opened without a number that sends")
                })
            }
        }
    }

    /// The person a draft is for. An unknown number becomes a contact, of whom nothing is known:
    /// so no marketing.
    async fn addressee(&self, to: &Recipient) -> Result<PersonId> {
        let contact = match to {
            Recipient::Person { id } => return Ok(id.clone()),
            Recipient::Phone { number } => {
                NewContact { phone: Some(number.clone()), ..NewContact::default() }
            }
            Recipient::Bsuid { id } => NewContact { bsuid: Some(id.clone()), ..NewContact::default() },
        };
        self.contact_of(Wanted::read(self, contact)?, None).await.map(|(id, _)| id)
    }

    /// The contact with this number or BSUID, made if there is none. Says whether it was made.
    pub(crate) async fn contact_of(&self, wanted: Wanted, name: Option<&str>) -> Result<(PersonId, bool)> {
        loop {
            if let Some(id) = self.find_person(wanted.phone.as_ref(), wanted.bsuid.as_deref()).await? {
                return Ok((id, false));
            }
            let mut person = Person::new(self.new_id()?.into(), self.clock.now());
            wanted.merge_into(&mut person);
            person.name = name.map(str::to_owned);
            self.mark_suppressed(&mut [&mut person]).await?;
            let writes = vec![
                Write::Insert { record: person.key_record(self)? },
                Write::Insert { record: person.record(self)? },
            ];
            if let Committed::Done { .. } = self.commit(writes).await? {
                return Ok((person.id, true));
            }
        }
    }

    /// Checks drafts, gathers the facts of all of them together, and decides.
    pub(crate) async fn compose(&self, drafts: Vec<Draft>) -> Result<Vec<Result<Composed>>> {
        let mut people = Vec::with_capacity(drafts.len());
        for draft in &drafts {
            people.push(match self.check(draft) {
                Ok(()) => self.addressee(&draft.to).await,
                Err(e) => Err(e),
            });
        }
        let ids: Vec<String> = people.iter().flatten().map(|p| p.as_str().to_owned()).collect();
        let mut known: HashMap<String, Person> = self
            .people(&ids)
            .await?
            .into_iter()
            .flatten()
            .map(|(p, _)| (p.id.as_str().to_owned(), p))
            .collect();
        let now = self.clock.now();
        let mut composed = Vec::with_capacity(drafts.len());
        for (draft, person) in drafts.into_iter().zip(people) {
            composed.push(person.and_then(|id| {
                let person =
                    known.get(id.as_str()).ok_or_else(|| Error::not_found("contact", id.as_str()))?;
                self.check_address(&draft, person)?;
                self.before_gate(draft, person, now)
            }));
        }
        known.clear();
        self.decide(&mut composed.iter_mut().flatten().collect::<Vec<_>>()).await;
        Ok(composed)
    }

    /// Refuses a draft that could never be sent, before anybody is looked up.
    fn check(&self, draft: &Draft) -> Result<()> {
        whatsapp::validate(&draft.content)?;
        let hash_fits =
            |hash: &str| (1..=256).contains(&hash.len()) && hash.bytes().all(|b| b.is_ascii_graphic());
        if !draft.identity_hash.as_deref().is_none_or(hash_fits) {
            return Err(Error::invalid("identity_hash", "must be a hash as a webhook told it"));
        }
        self.sender(draft.sender.as_deref())?;
        if let Some(template) = self.template_of(&draft.content)? {
            fits::check(&template, &draft.content)?;
        }
        if let (Some(from), Some(to)) = (draft.not_before, draft.expires_at)
            && to <= from
        {
            return Err(Error::invalid("expires_at", "must lie after not_before"));
        }
        Ok(())
    }

    /// Refuses what cannot reach this person.
    fn check_address(&self, draft: &Draft, person: &Person) -> Result<()> {
        let Address::Bsuid { .. } = person.address()? else { return Ok(()) };
        match self.template_of(&draft.content)? {
            Some(template) if template.category == TemplateCategory::Authentication => Err(Error::invalid(
                "to",
                "must be somebody whose phone number is known: WhatsApp sends no authentication template to a \
                 business-scoped id (error 131062)",
            )),
            _ => Ok(()),
        }
    }

    /// Everything but the decision.
    pub(crate) fn before_gate(&self, draft: Draft, person: &Person, now: Timestamp) -> Result<Composed> {
        person.address()?;
        let template = self.template_of(&draft.content)?;
        let says = self.says(&draft.content, template.as_ref());
        let due_at = draft.not_before.map_or(now, |at| to_millis(at).max(now));
        let clear = Clear {
            purpose: draft.purpose,
            sender: self.sender(draft.sender.as_deref())?,
            created_at: now,
            void_at: Some(draft.expires_at.map_or(due_at + DEFAULT_LIFE, to_millis)),
            tries: Vec::new(),
            won: None,
            maybe: false,
            returns: 0,
            error_code: None,
            has_opt_out: says.has_opt_out,
            names_sender: says.names_sender,
            promotes: says.promotes
                && matches!(draft.purpose, Purpose::ConsentRequest | Purpose::OptOutConfirmation),
            by_messages: false,
            goods: draft.goods,
            // Default is deny; the gate writes its answer here.
            decision: Decision::Deny { reasons: Vec::new() },
        };
        let facts = self.facts(person, None, &clear, template.as_deref(), due_at);
        Ok(Composed {
            person: person.id.clone(),
            body: Body { identity_hash: draft.identity_hash, ..Body::of(draft.content, draft.reply_to) },
            clear,
            case: PolicyCase { at: due_at, facts },
            due_at,
            dedupe_key: draft.dedupe_key,
        })
    }

    /// Lets the gate decide about all of them together.
    pub(crate) async fn decide(&self, composed: &mut [&mut Composed]) {
        // Lent to the gate and taken back: facts are many, and a copy of each is not needed.
        let lend = |c: &mut &mut Composed| {
            let at = c.case.at;
            std::mem::replace(&mut c.case, PolicyCase { at, facts: Facts::default() })
        };
        let cases: Vec<PolicyCase> = composed.iter_mut().map(lend).collect();
        let decisions = self.gate.decide(&cases).await;
        self.meters.decided("queue", &decisions);
        for ((c, case), decision) in composed.iter_mut().zip(cases).zip(decisions) {
            c.case = case;
            if let Decision::Defer { until, .. } = &decision {
                c.due_at = *until;
            }
            c.clear.decision = decision;
        }
    }

    /// Explains what would be decided about a draft now.
    pub(crate) async fn explain_draft(&self, draft: Draft) -> Result<Explanation> {
        let composed = self
            .compose(vec![draft])
            .await?
            .pop()
            .ok_or_else(|| Error::internal("composing gave nothing"))??;
        gate::explanation(composed.clear.decision, composed.case, self.gate.rule_set(), self.clock.now())
    }

    /// Stores messages and tells the lanes. One result for each draft, in order.
    pub(crate) async fn enqueue(&self, drafts: Vec<Draft>) -> Result<Vec<Result<Sent>>> {
        let mut composed = self.compose(drafts).await?;
        let mut ids = Vec::new();
        let mut batches = Vec::new();
        for result in &mut composed {
            let Ok(c) = result else { continue };
            let id = self.new_id()?;
            match c.write(self, id.clone(), None) {
                Ok(message) => {
                    batches.push(Batch { writes: vec![message] });
                    ids.push(id);
                }
                // Erased since they were looked up.
                Err(Error::Key { .. }) => *result = Err(Error::not_found("contact", c.person.as_str())),
                Err(e) => return Err(e),
            }
        }
        let mut done = self.storage.commit(batches).await?.into_iter().zip(ids);
        let mut sent = Vec::with_capacity(composed.len());
        for c in composed {
            sent.push(match c {
                Err(e) => Err(e),
                Ok(c) => match done.next() {
                    Some((Committed::Done { .. }, id)) => stored(c, id),
                    Some((Committed::Conflict { .. }, _)) => self.known(c).await,
                    None => Err(Error::internal("the storage answered too few batches")),
                },
            });
        }
        self.wake_lanes();
        Ok(sent)
    }

    /// The message that already has this draft's dedupe key.
    async fn known(&self, c: Composed) -> Result<Sent> {
        let key = c.dedupe_key.as_deref().unwrap_or_default();
        let index = Index::Token { name: "dedupe".to_owned(), value: self.vault.fingerprint("dedupe", key) };
        let record = self
            .find(self.query("message", index, 1))
            .await?
            .records
            .pop()
            .ok_or_else(|| Error::conflict("message", "it could not be stored; try again"))?;
        let row = Row::read(record)?;
        self.load_keys(std::iter::once(row.person())).await?;
        if row.person() != c.person.as_str()
            || row.body(self)?.is_some_and(|b| b.content.is_some() && b != c.body)
        {
            return Err(Error::conflict("message", "another message was sent under this dedupe key"));
        }
        Ok(Sent {
            id: row.id(),
            person: c.person,
            state: row.state(),
            existed: true,
            due_at: row.record.due_at.filter(|_| row.state() == MessageState::Queued),
            decision: row.clear.decision,
        })
    }
}

fn stored(c: Composed, id: String) -> Result<Sent> {
    let state = c.state();
    if state == MessageState::Suppressed {
        let reasons = c.clear.decision.reasons();
        return Err(Error::Denied {
            id,
            reasons: reasons.iter().map(|r| r.code.clone()).collect(),
            detail: gate::join(reasons),
        });
    }
    Ok(Sent {
        id: MessageId::from(id),
        person: c.person,
        state,
        existed: false,
        due_at: Some(c.due_at),
        decision: c.clear.decision,
    })
}
