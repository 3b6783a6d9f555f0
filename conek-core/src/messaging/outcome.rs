//! What a request came to: T6 accepted, T7 refused, T8 not sent, T9 unknown. Whoever holds an
//! answer may testify; only the right to act is fenced.

use std::sync::{Arc, Weak};

use chrono::TimeDelta;
use tokio::sync::{OwnedSemaphorePermit, mpsc};

use super::{
    dispatch::InFlight,
    model::MessageState,
    row::{Attempt, AttemptState, Row},
};
use crate::{
    consent::standing,
    engine::Inner,
    storage::{Batch, Committed, Write},
    transport::{Action, SendOutcome},
    values::{error::Result, time::Timestamp},
};

/// Outcomes stored together, at most.
const TOGETHER: usize = 512;
/// Fewer than these wait a moment for company, if more than these are on their way.
const MANY: usize = 32;
/// How long outcomes wait for company at most; a timer is no finer.
const MOMENT: std::time::Duration = std::time::Duration::from_millis(1);
/// A message comes back to its queue this often after connections that failed.
const NOT_SENT_RETURNS: u8 = 3;
/// And this often after refusals that may pass.
const REFUSED_RETURNS: u8 = 5;

/// "Marketing templates are not allowed on this endpoint."
const MARKETING_ONLY_THERE: i32 = 131_063;
/// What `/marketing_messages` says of templates that it does not take, or cannot take.
const NOT_BY_MARKETING: [i32; 3] = [131_055, 134_100, 134_102];

/// The end of one request.
pub(crate) struct Outcome {
    pub(crate) row: Row,
    pub(crate) attempt: Attempt,
    pub(crate) result: SendOutcome,
    pub(crate) ended_at: Timestamp,
    /// Given back once the outcome is stored.
    #[allow(dead_code, reason = "held for its drop")]
    pub(crate) held: (OwnedSemaphorePermit, InFlight),
}

/// Stores outcomes as they come, as many together as there are.
pub(crate) async fn run(engine: Weak<Inner>, mut outcomes: mpsc::Receiver<Outcome>) {
    let mut together = Vec::with_capacity(TOGETHER);
    loop {
        if outcomes.recv_many(&mut together, TOGETHER).await == 0 {
            return;
        }
        let Some(engine) = engine.upgrade() else { return };
        // With many requests on their way the next outcomes are a moment away, and share the commit.
        if together.len() < MANY && engine.in_flight() > MANY as i64 {
            tokio::time::sleep(MOMENT).await;
            while together.len() < TOGETHER {
                let Ok(outcome) = outcomes.try_recv() else { break };
                together.push(outcome);
            }
        }
        engine.store_outcomes(std::mem::take(&mut together)).await;
        engine.changed();
    }
}

/// What follows from an outcome beside its own record.
enum Consequence {
    None,
    StopSender(i32),
    StopTemplate(Option<(String, String)>),
    /// WhatsApp counts the template as marketing now.
    Marketing(Option<(String, String)>),
    OptOut,
}

impl Inner {
    async fn store_outcomes(self: &Arc<Self>, outcomes: Vec<Outcome>) {
        let now = self.clock.now();
        self.meters.sent(
            outcomes
                .iter()
                .map(|o| (o.row.clear.sender.as_str(), o.attempt.clear.dispatched_at, o.ended_at, &o.result)),
        );
        let mut batches = Vec::with_capacity(outcomes.len());
        let mut settled = Vec::with_capacity(outcomes.len());
        for mut outcome in outcomes {
            match self.settle_one(&mut outcome.row, &mut outcome.attempt, &outcome.result, now) {
                Ok((writes, consequence)) => {
                    batches.push(Batch { writes });
                    settled.push((outcome, consequence));
                }
                Err(e) => tracing::error!(
                    code = e.code(),
                    "an outcome could not be prepared; recovery will find it"
                ),
            }
        }
        let mut pause = TimeDelta::milliseconds(100);
        let done = loop {
            match self.storage.commit(batches.clone()).await {
                Ok(done) => break done,
                // An answer that a live process holds is stored, however long the storage is away.
                Err(e) => {
                    tracing::error!(code = e.code(), "outcomes could not be stored; tried again");
                    if self.is_closing() {
                        return;
                    }
                    tokio::time::sleep(pause.to_std().unwrap_or_default()).await;
                    pause = (pause * 2).min(TimeDelta::seconds(5));
                }
            }
        };
        // A lane that found nothing sleeps for long: what came back to it has a time of its own.
        if settled
            .iter()
            .any(|(o, _)| matches!(o.result, SendOutcome::Refused { .. } | SendOutcome::NotSent { .. }))
        {
            self.wake_lanes();
        }
        for ((outcome, consequence), done) in settled.into_iter().zip(done) {
            if let Committed::Conflict { .. } = done {
                self.testify(&outcome.row.record.id, &outcome.attempt.id, &outcome.result).await;
            }
            self.follow(consequence, &outcome).await;
        }
    }

    /// The changes of message and attempt that an outcome brings.
    fn settle_one(
        &self,
        row: &mut Row,
        attempt: &mut Attempt,
        result: &SendOutcome,
        now: Timestamp,
    ) -> Result<(Vec<Write>, Consequence)> {
        let mut consequence = Consequence::None;
        let message = match result {
            SendOutcome::Accepted { wamid, status, .. } => {
                attempt.state = AttemptState::Accepted;
                attempt.sealed.wamid = Some(wamid.clone());
                attempt.clear.evidence = Some("answer".to_owned());
                attempt.clear.status = Some(status.clone()).filter(|s| !s.is_empty() && s != "accepted");
                accepted(row, attempt)?
            }
            SendOutcome::Refused { code, action } if *action != Action::Doubt => {
                attempt.state = AttemptState::Refused;
                attempt.clear.code = Some(*code);
                row.clear.error_code = Some(*code);
                let (write, then) = self.refused(row, attempt, *code, *action, now)?;
                consequence = then;
                write
            }
            SendOutcome::NotSent { .. } => {
                attempt.state = AttemptState::NotSent;
                row.clear.returns += 1;
                // A lease that ran out or a withdrawal is no fault of the connection.
                if row.clear.returns <= NOT_SENT_RETURNS {
                    row.requeue(now + back_off(row.clear.returns))?
                } else {
                    row.end(MessageState::Refused)?
                }
            }
            SendOutcome::Refused { .. } | SendOutcome::Unknown { .. } => {
                attempt.state = AttemptState::Unknown;
                row.clear.maybe = true;
                row.doubt(now + super::recover::LOOK)?
            }
        };
        Ok((vec![message, attempt.change(self)?], consequence))
    }

    fn refused(
        &self,
        row: &mut Row,
        attempt: &Attempt,
        code: i32,
        action: Action,
        now: Timestamp,
    ) -> Result<(Write, Consequence)> {
        let lane = self.lane(&row.clear.sender);
        let mut consequence = Consequence::None;
        let again = match action {
            Action::Retry => {
                if let Some(lane) = lane {
                    lane.pause(now + TimeDelta::seconds(1));
                }
                Some(now + back_off(row.clear.returns + 1))
            }
            Action::RetryPair => Some(match lane {
                Some(lane) => lane.back_off_pair(&attempt.person, i32::from(row.clear.returns), now),
                None => now + back_off(row.clear.returns + 1),
            }),
            Action::Defer => Some(now + TimeDelta::hours(24)),
            Action::StopSender => {
                // It is not the message's fault: it waits with the lane.
                if let Some(lane) = lane {
                    lane.stop(code);
                }
                return Ok((row.requeue(now)?, Consequence::StopSender(code)));
            }
            Action::StopTemplate => {
                let template = self.named_template(row)?;
                return Ok((row.end(MessageState::Refused)?, Consequence::StopTemplate(template)));
            }
            Action::OptOut => return Ok((row.end(MessageState::Refused)?, Consequence::OptOut)),
            Action::Switch if code == MARKETING_ONLY_THERE => {
                // The template is marketing by now: that is what the gate has to decide about. If it still allows
                // the message, the route follows the category.
                consequence = Consequence::Marketing(self.named_template(row)?);
                Some(now + back_off(row.clear.returns + 1))
            }
            Action::Switch if NOT_BY_MARKETING.contains(&code) && !row.clear.by_messages => {
                row.clear.by_messages = true;
                Some(now)
            }
            Action::Never | Action::Switch | Action::Doubt => None,
        };
        row.clear.returns += 1;
        let write = match again {
            Some(at) if row.clear.returns <= REFUSED_RETURNS => row.requeue(at)?,
            _ => row.end(MessageState::Refused)?,
        };
        Ok((write, consequence))
    }

    /// The template that a message names.
    fn named_template(&self, row: &Row) -> Result<Option<(String, String)>> {
        let content = row.body(self)?.and_then(|b| b.content);
        let named = content.as_ref().and_then(|c| c.template_named());
        Ok(named.map(|(name, language)| (name.into_owned(), language.into_owned())))
    }

    /// Stores an outcome for which message or attempt had changed meanwhile: a status was faster
    /// than the answer, or the lease ran out. Positive evidence always counts; anything else only
    /// says what is still true.
    pub(crate) async fn testify(self: &Arc<Self>, message: &str, attempt: &str, result: &SendOutcome) {
        for _ in 0..50 {
            match self.testify_once(message, attempt, result).await {
                Ok(true) => return,
                Ok(false) => {}
                Err(e) => {
                    tracing::error!(code = e.code(), "an outcome could not be stored; tried again");
                    tokio::time::sleep(std::time::Duration::from_millis(200)).await;
                }
            }
        }
    }

    async fn testify_once(&self, message: &str, attempt: &str, result: &SendOutcome) -> Result<bool> {
        let keys = vec![self.key("message", message), self.key("attempt", attempt)];
        let mut records = self.storage.get(keys).await?.into_iter();
        let (Some(Some(message)), Some(Some(attempt))) = (records.next(), records.next()) else {
            // Erased meanwhile: there is nothing left to testify about.
            return Ok(true);
        };
        let mut row = Row::read(message)?;
        self.load_keys(std::iter::once(row.person())).await?;
        let mut attempt = Attempt::read(self, &attempt)?;
        if attempt.state == AttemptState::Accepted {
            return Ok(true);
        }
        let mut writes = Vec::new();
        match result {
            SendOutcome::Accepted { wamid, .. } => {
                attempt.state = AttemptState::Accepted;
                attempt.sealed.wamid = Some(wamid.clone());
                attempt.clear.evidence = Some("answer".to_owned());
                if row.state() != MessageState::Accepted {
                    writes.push(accepted(&mut row, &attempt)?);
                }
            }
            SendOutcome::Refused { code, action } if *action != Action::Doubt => {
                attempt.state = AttemptState::Refused;
                attempt.clear.code = Some(*code);
                row.clear.error_code = Some(*code);
                // The lease ran out meanwhile and the message is in doubt because of this attempt
                // alone: now nothing is in doubt any more.
                if row.state() == MessageState::InDoubt && !row.clear.maybe && row.clear.tries.len() == 1 {
                    writes.push(row.end(MessageState::Refused)?);
                }
            }
            SendOutcome::NotSent { .. } => {
                attempt.state = AttemptState::NotSent;
                if row.state() == MessageState::InDoubt && !row.clear.maybe && row.clear.tries.len() == 1 {
                    writes.push(row.requeue(self.clock.now())?);
                }
            }
            SendOutcome::Refused { .. } | SendOutcome::Unknown { .. } => {
                if attempt.state == AttemptState::Pending {
                    attempt.state = AttemptState::Unknown;
                }
            }
        }
        writes.push(attempt.change(self)?);
        let done = matches!(self.commit(writes).await?, Committed::Done { .. });
        self.wake_lanes();
        Ok(done)
    }

    async fn follow(self: &Arc<Self>, consequence: Consequence, outcome: &Outcome) {
        let done = match consequence {
            Consequence::None => Ok(()),
            Consequence::StopSender(code) => {
                tracing::warn!(code, "WhatsApp stopped a number; its lane waits");
                Ok(())
            }
            Consequence::StopTemplate(Some((name, language))) => {
                self.template_status(&name, &language, "PAUSED", None).await
            }
            Consequence::Marketing(Some((name, language))) => {
                self.template_is_marketing(&name, &language).await
            }
            Consequence::StopTemplate(None) | Consequence::Marketing(None) => Ok(()),
            Consequence::OptOut => self.platform_stop(&outcome.attempt.person.as_str().into()).await,
        };
        if let Err(e) = done {
            tracing::error!(code = e.code(), "what follows from a refusal could not be stored");
        }
    }

    /// The person stopped marketing within WhatsApp.
    pub(crate) async fn platform_stop(&self, person: &crate::PersonId) -> Result<()> {
        let now = self.clock.now();
        self.change_person(person, |p| Ok(((), vec![standing::platform_stop(self, p, now)?]))).await?;
        self.halt_sends_to(person);
        Ok(())
    }
}

/// The message accepted by this attempt.
pub(crate) fn accepted(row: &mut Row, attempt: &Attempt) -> Result<Write> {
    row.clear.won = attempt.id.split_once('.').map(|(_, suffix)| suffix.to_owned());
    row.clear.error_code = None;
    row.end(MessageState::Accepted)
}

/// 1, 2, 4, ... seconds, at most five minutes.
fn back_off(returns: u8) -> TimeDelta {
    TimeDelta::seconds((1i64 << returns.saturating_sub(1).min(9)).min(300))
}
