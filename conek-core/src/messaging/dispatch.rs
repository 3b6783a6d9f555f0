//! Out of the outbox: T1 claim, the last look at the person, T3 or T4, and T5 the request itself.
//!
//! One task for each lane claims what may leave now, decides about all of it on facts read
//! together, stores the intents together, and hands each message to a task of the engine's own.

use std::sync::{Arc, Weak, atomic::Ordering};

use chrono::TimeDelta;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tracing::Instrument;

use super::{
    content::{Content, Purpose, TemplateButton},
    echo::{self, Echo},
    lane::Lane,
    model::MessageState,
    outcome::Outcome,
    row::{Attempt, AttemptClear, AttemptSealed, AttemptState, LEASED, Mode, Row},
};
use crate::{
    consent::standing,
    engine::Inner,
    people::Person,
    policy::{self, Decision, Facts, SendPermit, decide, gate},
    storage::{Batch, Claim, Committed, Index, Write},
    transport::{Outgoing, SendOutcome},
    values::{
        error::{Error, Result},
        time::Timestamp,
    },
};

/// How long a claimed or dispatching message belongs to its worker. Longer than the longest request.
pub(crate) const LEASE: TimeDelta = TimeDelta::seconds(60);
/// At most this many are claimed together.
const CLAIM: usize = 256;
/// An empty lane is looked at again at the latest after this time.
const LOOK_AGAIN: TimeDelta = TimeDelta::minutes(10);

/// A message whose intent is stored, ready for its request.
struct Intended {
    row: Row,
    attempt: Attempt,
    permit: SendPermit,
    outgoing: Outgoing,
    at: Timestamp,
}

/// Runs a lane until the engine is gone.
pub(crate) async fn run(engine: Weak<Inner>, lane: Arc<Lane>, outcomes: mpsc::Sender<Outcome>) {
    let Some(concurrency) = engine.upgrade().map(|e| e.concurrency) else { return };
    // Twice as many as may be on their way: the intents of the next are stored meanwhile.
    let slots = Arc::new(Semaphore::new(concurrency * 2));
    let requests = Arc::new(Semaphore::new(concurrency));
    let together = u32::try_from(concurrency.min(CLAIM)).unwrap_or(1);
    loop {
        // Under load whole batches are claimed, because a commit costs as much for one as for many. With
        // no more than that on its way there is always room, so that nothing waits for company.
        let Ok(free) = slots.clone().acquire_many_owned(together).await else { return };
        let Some(inner) = engine.upgrade() else { return };
        if inner.is_closing() {
            return;
        }
        let clock = inner.clock.clone();
        let span = tracing::debug_span!("conek.lane", number = %lane.sender);
        let filled = inner.fill(&lane, &slots, free, &requests, &outcomes).instrument(span);
        let look_again = match filled.await {
            Ok(look_again) => look_again,
            Err(e) => {
                tracing::warn!(code = e.code(), "a lane could not be worked on; it is tried again");
                Some(clock.now() + TimeDelta::seconds(1))
            }
        };
        drop(inner);
        match look_again {
            None => {}
            Some(at) => tokio::select! {
                () = clock.sleep_until(at) => {}
                () = lane.wake.notified() => {}
            },
        }
    }
}

impl Inner {
    /// Claims and begins what may leave now. `None` when there may be more at once.
    async fn fill(
        self: &Arc<Self>,
        lane: &Arc<Lane>,
        slots: &Arc<Semaphore>,
        mut free: OwnedSemaphorePermit,
        requests: &Arc<Semaphore>,
        outcomes: &mpsc::Sender<Outcome>,
    ) -> Result<Option<Timestamp>> {
        let now = self.clock.now();
        let room = match lane.room(now) {
            Ok(room) => room,
            Err(at) => return Ok(Some(at.unwrap_or(now + LOOK_AGAIN))),
        };
        let mut held = Vec::with_capacity(room.min(CLAIM));
        while held.len() < room.min(CLAIM) {
            match free.split(1).or_else(|| slots.clone().try_acquire_owned().ok()) {
                Some(slot) => held.push(slot),
                None => break,
            }
        }
        drop(free);
        // T1. Counted before, so that nobody sees an idle engine while a claim is under way.
        lane.in_flight.fetch_add(held.len() as i64, Ordering::AcqRel);
        let guard = InFlight { lane: lane.clone(), left: held.len() as i64 };
        let claimed = self
            .storage
            .claim(Claim {
                account: self.account.clone(),
                kind: "message".to_owned(),
                queue: lane.queue.clone(),
                state: MessageState::Queued.code().to_owned(),
                now,
                limit: held.len() as i32,
                new_state: MessageState::Claimed.code().to_owned(),
                new_queue: LEASED.to_owned(),
                lease_until: now + LEASE,
            })
            .await?;
        if claimed.is_empty() {
            drop(guard);
            let index = Index::Due { queue: lane.queue.clone(), until: Timestamp::MAX_UTC };
            let next = self.find(self.query("message", index, 1)).await?.records.pop().and_then(|r| r.due_at);
            return Ok(Some(next.map_or(now + LOOK_AGAIN, |at| at.min(now + LOOK_AGAIN))));
        }
        let rows = claimed.into_iter().map(Row::read).collect::<Result<Vec<_>>>()?;
        let mut intended = self.last_look(lane, rows).await?;
        lane.count(intended.len(), now);
        let mut guard = guard;
        for (intended, slot) in intended.drain(..).zip(held) {
            guard.left -= 1;
            self.meters.intended(intended.row.clear.created_at, intended.at);
            let token = InFlight { lane: lane.clone(), left: 1 };
            self.begin(intended, requests.clone(), outcomes.clone(), (slot, token));
        }
        Ok(None)
    }

    /// T3 and T4: the last look at each person, and the intents of those who may be written to.
    /// A message whose person changed between the look and the commit is looked at again.
    async fn last_look(&self, lane: &Lane, mut rows: Vec<Row>) -> Result<Vec<Intended>> {
        let mut ready = Vec::with_capacity(rows.len());
        for _ in 0..8 {
            if rows.is_empty() {
                return Ok(ready);
            }
            let (batches, looked) = self.look(lane, rows).await?;
            let done = self.storage.commit(batches).await?;
            rows = Vec::new();
            for (looked, done) in looked.into_iter().zip(done) {
                match (looked, done) {
                    (Looked::Intended(mut i), Committed::Done { .. }) => {
                        i.row.record.version += 1;
                        i.attempt.version = 1;
                        ready.push(*i);
                    }
                    (Looked::Ended, Committed::Done { .. }) => self.changed(),
                    // The person changed meanwhile: look again.
                    (Looked::Intended(i), Committed::Conflict { write: 0, .. }) => rows.push(i.before()),
                    // The database holds a live attempt already: whatever happened, this is no time to send.
                    (Looked::Intended(i), Committed::Conflict { write: 2, .. }) => {
                        let row = i.before();
                        let doubt = row.doubt(self.clock.now() + super::recover::LOOK)?;
                        self.commit(vec![doubt]).await?;
                    }
                    // Somebody else has the message now: a cancellation, or a new lease.
                    (_, Committed::Conflict { .. }) => {}
                }
            }
        }
        // Still changing: back to the queue, the lane goes on.
        let now = self.clock.now();
        for row in rows {
            self.commit(vec![row.requeue(now + TimeDelta::seconds(1))?]).await?;
        }
        Ok(ready)
    }

    /// Decides about claimed messages and prepares what must be stored for each.
    async fn look(&self, lane: &Lane, rows: Vec<Row>) -> Result<(Vec<Batch>, Vec<Looked>)> {
        let now = self.clock.now();
        let (rows, mut batches, mut looked) = self.park(rows).await?;
        let ids: Vec<String> = rows.iter().map(|r| r.person().to_owned()).collect();
        let people = self.people(&ids).await?;
        let mut cases: Vec<(Row, Option<Case>)> = Vec::with_capacity(rows.len());
        let mut asked: Vec<policy::PolicyCase> = Vec::with_capacity(rows.len());
        for (row, person) in rows.into_iter().zip(people) {
            let body = if person.is_some() { row.body(self).ok().flatten() } else { None };
            let said = body.and_then(|b| b.content.map(|c| (c, b.reply_to, b.identity_hash)));
            let case = match (person, said) {
                (Some((person, version)), Some((content, reply_to, identity_hash))) => {
                    let template = self.template_of(&content).ok().flatten();
                    let mut f =
                        self.facts(&person, Some(&row.record.id), &row.clear, template.as_deref(), now);
                    if template.is_none() && content.template_named().is_some() {
                        // Forgotten here since it was queued: WhatsApp's word is not known.
                        f.message.template =
                            Some(policy::TemplateFacts { category: String::new(), approved: false });
                    }
                    asked.push(policy::PolicyCase { at: now, facts: f });
                    Some((person, version, (content, reply_to, identity_hash)))
                }
                // The person or the content was erased: there is nothing to send, and nobody to send to.
                _ => None,
            };
            cases.push((row, case));
        }
        let limit = self.people_limit();
        let rule_set = self.gate.rule_set();
        let decisions = self.gate.decide(&asked).await;
        self.meters.decided("send", &decisions);
        let mut decisions = decisions.into_iter().zip(asked);
        for (mut row, case) in cases {
            let Some((mut person, version, said)) = case else {
                row.clear.decision = Decision::Deny { reasons: Vec::new() };
                batches.push(Batch { writes: vec![row.end(MessageState::Suppressed)?] });
                looked.push(Looked::Ended);
                continue;
            };
            let (decision, asked) =
                decisions.next().ok_or_else(|| Error::internal("the gate gave too few decisions"))?;
            let ended = |write: Result<Write>| write.map(|w| (vec![w], Looked::Ended));
            let prepared = match &decision {
                Decision::Allow { .. } => match lane.pair(person.id.as_str(), now) {
                    Err(at) => ended(row.requeue(at)),
                    Ok(()) => match self.sender_allows(lane, &person.id, &asked.facts, limit, now) {
                        Err((why, until)) => {
                            row.clear.decision = Decision::Defer { until, reasons: vec![why] };
                            ended(row.requeue(until))
                        }
                        Ok(()) => {
                            let intended =
                                self.intend(row, &person, said, asked.facts, decision, &rule_set, now)?;
                            let writes = self.intent_writes(&intended, &mut person, version);
                            writes.map(|w| (w, Looked::Intended(Box::new(intended))))
                        }
                    },
                },
                Decision::Defer { until, .. } => {
                    row.clear.decision = decision.clone();
                    ended(row.requeue(*until))
                }
                Decision::Deny { reasons } => {
                    let expired = reasons.iter().all(|r| r.code == "EXPIRED");
                    row.clear.decision = decision.clone();
                    let state = if expired { MessageState::Expired } else { MessageState::Suppressed };
                    ended(row.refuse(self, state, asked, &rule_set))
                }
                Decision::Ask { .. } => {
                    row.clear.decision = decision.clone();
                    ended(row.refuse(self, MessageState::Suppressed, asked, &rule_set))
                }
            };
            match prepared {
                Ok((writes, what)) => {
                    batches.push(Batch { writes });
                    looked.push(what);
                }
                // Erased since they were read, and the message with them.
                Err(Error::Key { .. }) => {}
                Err(e) => return Err(e),
            }
        }
        Ok((batches, looked))
    }

    /// Takes out what belongs to a campaign that was stopped.
    async fn park(&self, rows: Vec<Row>) -> Result<(Vec<Row>, Vec<Batch>, Vec<Looked>)> {
        let mut stages = self.campaign_stages(rows.iter().filter_map(|r| r.record.group.as_deref())).await?;
        let (mut batches, mut looked) = (Vec::with_capacity(rows.len()), Vec::with_capacity(rows.len()));
        stages.retain(|_, stage| Self::is_stopped(stage));
        if stages.is_empty() {
            return Ok((rows, batches, looked));
        }
        let mut others = Vec::with_capacity(rows.len());
        for row in rows {
            let stage = row.record.group.as_deref().and_then(|id| stages.get(id));
            match stage.map(|stage| self.parked(&row, stage)).transpose()? {
                Some(write) => {
                    batches.push(Batch { writes: vec![write] });
                    looked.push(Looked::Ended);
                }
                None => others.push(row),
            }
        }
        Ok((others, batches, looked))
    }

    #[expect(clippy::too_many_arguments, reason = "one call, in one place; a struct would only rename them")]
    fn intend(
        &self,
        mut row: Row,
        person: &Person,
        (content, reply_to, identity_hash): Said,
        facts: Facts,
        decision: Decision,
        rule_set: &str,
        now: Timestamp,
    ) -> Result<Intended> {
        row.clear.tries.push(self.life.epoch);
        row.clear.decision = decision.clone();
        let n = row.clear.tries.len();
        let echo = Echo {
            instance: self.life.instance,
            epoch: self.life.epoch,
            message: row.id(),
            n: u8::try_from(n).map_err(|_| Error::internal("too many attempts"))?,
        };
        let token = echo.token(&self.vault).ok_or_else(|| Error::internal("echo token"))?;
        let template = self.template_of(&content).ok().flatten();
        let route = self.route(&row.clear, template.as_deref());
        let outgoing = Outgoing {
            sender: row.clear.sender.clone(),
            to: person.address()?,
            content: mark_buttons(content, &token),
            reply_to,
            identity_hash,
            echo: token,
            route,
        };
        let id = echo.attempt_id();
        let permit = self.gate.permit(&decision, &id, &outgoing, now)?;
        let attempt = Attempt {
            message: row.record.id.clone(),
            person: person.id.as_str().to_owned(),
            version: 0,
            state: AttemptState::Pending,
            clear: AttemptClear {
                intent_at: now,
                dispatched_at: None,
                permit: gate::permit_id(&permit.body_hash()[..9]),
                rule_set: rule_set.to_owned(),
                once: Mode::of(row.clear.purpose).at_most_once(),
                evidence: None,
                code: None,
                status: None,
            },
            sealed: AttemptSealed { facts: Some(facts), decision: Some(decision), wamid: None },
            id,
        };
        Ok(Intended { row, attempt, permit, outgoing, at: now })
    }

    /// T4: the person must be as they were when the gate looked, the message still ours, and the
    /// database must find no other live attempt.
    fn intent_writes(&self, i: &Intended, person: &mut Person, version: i64) -> Result<Vec<Write>> {
        let mut requested = Vec::new();
        let as_seen = if i.row.clear.purpose == Purpose::ConsentRequest
            && person.requested_by.as_deref() != Some(i.row.record.id.as_str())
        {
            // The one approach is used up with its intent: a second request finds it here.
            requested = standing::request(self, person, &i.row.record.id, i.at)?;
            Write::Replace { record: person.record(self)?, version }
        } else {
            Write::Check { key: self.key("contact", person.id.as_str()), version }
        };
        let mut writes = vec![
            as_seen,
            i.row.change(MessageState::Dispatching, Some(LEASED.to_owned()), Some(i.at + LEASE))?,
            i.attempt.insert(self)?,
        ];
        writes.extend(requested);
        Ok(writes)
    }

    /// Whether what the gate allowed when the intent was stored is allowed at this moment too.
    fn is_still_allowed(&self, row: &Row, attempt: &Attempt) -> bool {
        let now = self.clock.now();
        match &attempt.sealed.facts {
            Some(facts) if row.clear.purpose.is_direct_marketing() => {
                matches!(decide(facts, now), Decision::Allow { .. })
            }
            _ => true,
        }
    }

    /// T5, on a task of the engine's own: whoever waits for it may go away.
    fn begin(
        self: &Arc<Self>,
        intended: Intended,
        requests: Arc<Semaphore>,
        outcomes: mpsc::Sender<Outcome>,
        held: (OwnedSemaphorePermit, InFlight),
    ) {
        let engine = self.clone();
        let Intended { row, mut attempt, permit, outgoing, at } = intended;
        let sending = async move {
            let result = match requests.acquire_owned().await {
                Err(_) => SendOutcome::NotSent { detail: "the engine is closing".to_owned() },
                Ok(_request) => {
                    if engine.is_halted(&attempt.person, row.clear.purpose, at) {
                        SendOutcome::NotSent { detail: "consent was withdrawn meanwhile".to_owned() }
                    } else if engine.clock.now() >= at + LEASE {
                        // The lease is over: others may act on the message now.
                        SendOutcome::NotSent {
                            detail: "the lease ran out before the request began".to_owned(),
                        }
                    } else if !engine.is_still_allowed(&row, &attempt) {
                        // Its turn came late: the hours of the law have ended, or its own time has.
                        SendOutcome::NotSent {
                            detail: "it may not be sent any more at this moment".to_owned(),
                        }
                    } else {
                        // A panic in a host's transport is an ending like any other: nobody knows.
                        attempt.clear.dispatched_at = Some(engine.clock.now());
                        let transport = engine.transport.clone();
                        let span = tracing::debug_span!("conek.request", number = %row.clear.sender);
                        tokio::spawn(async move { transport.send(permit, outgoing).await }.instrument(span))
                            .await
                            .unwrap_or_else(|_| SendOutcome::Unknown {
                                detail: "the transport failed".to_owned(),
                            })
                    }
                }
            };
            let ended_at = engine.clock.now();
            let _ = outcomes.send(Outcome { row, attempt, result, ended_at, held }).await;
        };
        // When the runtime is gone the process is ending; the intent is stored and recovery knows.
        let _ = self.spawn(sending);
    }
}

/// The person, the version at which they were read, and what is to be said to them.
type Case = (Person, i64, Said);

/// What a message says, what it answers, and by which key its person is known.
type Said = (Content, Option<String>, Option<String>);

enum Looked {
    Intended(Box<Intended>),
    Ended,
}

impl Intended {
    /// The message as it was before the intent.
    fn before(mut self) -> Row {
        self.row.clear.tries.pop();
        self.row
    }
}

/// Counts messages that have been claimed and have no stored outcome yet.
pub(crate) struct InFlight {
    lane: Arc<Lane>,
    left: i64,
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.lane.in_flight.fetch_sub(self.left, Ordering::AcqRel);
    }
}

/// Puts the token into every button, so that a tap is evidence too.
fn mark_buttons(content: Content, token: &str) -> Content {
    match content {
        Content::Buttons { body, header, footer, mut buttons } => {
            for b in &mut buttons {
                b.id = echo::mark(token, &b.id, 256);
            }
            Content::Buttons { body, header, footer, buttons }
        }
        Content::List { body, header, footer, button, mut sections } => {
            for row in sections.iter_mut().flat_map(|s| &mut s.rows) {
                row.id = echo::mark(token, &row.id, 200);
            }
            Content::List { body, header, footer, button, sections }
        }
        Content::Template { name, language, header, body, mut buttons, mut cards, offer_ends_at } => {
            for button in buttons.iter_mut().chain(cards.iter_mut().flat_map(|c| &mut c.buttons)) {
                if let TemplateButton::QuickReply { payload, .. } = button {
                    *payload = echo::mark(token, payload, 256);
                }
            }
            Content::Template { name, language, header, body, buttons, cards, offer_ends_at }
        }
        // Buttons on the cards of a carousel stay as they are: how long their ids may be is not confirmed.
        other => other,
    }
}
