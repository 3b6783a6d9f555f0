//! What nobody holds any more: ended leases (T2, T10), doubts (T12, T13), restored stores (T14).

use std::sync::{Arc, Weak};

use chrono::TimeDelta;

use super::{
    model::MessageState,
    row::{Attempt, AttemptState, DOUBT, LEASED, Mode, Row, lane_queue},
};
use crate::{
    engine::Inner,
    storage::{Batch, Index, Record, Write},
    values::{
        error::{Error, Result},
        time::Timestamp,
    },
};

/// How often leases and doubts are looked at.
const TICK: TimeDelta = TimeDelta::seconds(10);
/// How soon a doubt is looked at again.
pub(crate) const LOOK: TimeDelta = TimeDelta::seconds(15);
/// Meta repeats webhooks for seven days; an hour later no evidence can come any more.
pub(crate) const EVIDENCE_ENDS: TimeDelta = TimeDelta::hours(7 * 24 + 1);
/// Records handled together.
const TOGETHER: i32 = 500;

/// Looks after leases and doubts until the engine is gone.
pub(crate) async fn run(engine: Weak<Inner>) {
    loop {
        let Some(inner) = engine.upgrade() else { return };
        if inner.is_closing() {
            return;
        }
        let now = inner.clock.now();
        if let Err(e) = inner.tend(now, now).await {
            tracing::warn!(code = e.code(), "leases could not be looked after; tried again");
        }
        let clock = inner.clock.clone();
        let woken = inner.reaper.clone();
        drop(inner);
        tokio::select! {
            () = clock.sleep_until(now + TICK) => {}
            () = woken.notified() => {}
        }
    }
}

impl Inner {
    /// Leases that ended by `leases_until`, and doubts that are due.
    pub(crate) async fn tend(self: &Arc<Self>, now: Timestamp, leases_until: Timestamp) -> Result<()> {
        loop {
            let due = Index::Due { queue: LEASED.to_owned(), until: leases_until };
            let records = self.find(self.query("message", due, TOGETHER)).await?.records;
            let full = records.len() == TOGETHER as usize;
            let batches =
                records.into_iter().map(|r| self.lease_ended(r, now)).collect::<Result<Vec<_>>>()?;
            if !batches.is_empty() {
                self.storage.commit(batches).await?;
                self.wake_lanes();
                self.changed();
            }
            if !full {
                break;
            }
        }
        loop {
            let due = Index::Due { queue: DOUBT.to_owned(), until: now };
            let records = self.find(self.query("message", due, TOGETHER)).await?.records;
            let full = records.len() == TOGETHER as usize;
            let mut batches = Vec::with_capacity(records.len());
            for record in records {
                batches.push(self.in_doubt(record, now).await?);
            }
            if !batches.is_empty() {
                self.storage.commit(batches).await?;
                self.wake_lanes();
                self.changed();
            }
            if !full {
                return Ok(());
            }
        }
    }

    /// T2 for what was only claimed, T10 for what may have left.
    fn lease_ended(&self, record: Record, now: Timestamp) -> Result<Batch> {
        let row = Row::read(record)?;
        let write = match row.state() {
            MessageState::Claimed => row.requeue(now)?,
            // The end of a lease never allows a second send (P2).
            _ => row.doubt(now + LOOK)?,
        };
        Ok(Batch { writes: vec![write] })
    }

    /// T12 for what may be repeated, T13 when no evidence can come any more.
    async fn in_doubt(&self, record: Record, now: Timestamp) -> Result<Batch> {
        let mut row = Row::read(record)?;
        self.load_keys(std::iter::once(row.person())).await?;
        let keys = row.attempt_ids().into_iter().map(|id| self.key("attempt", id)).collect();
        let attempts = self
            .storage
            .get(keys)
            .await?
            .iter()
            .flatten()
            .map(|r| Attempt::read(self, r))
            .collect::<Result<Vec<_>>>()?;
        let last = attempts.iter().map(|a| a.clear.intent_at).max().unwrap_or(row.clear.created_at);
        let mut writes = Vec::new();
        // Nobody holds a pending attempt whose message is in doubt: its answer is lost.
        for mut a in attempts.iter().filter(|a| a.state == AttemptState::Pending).cloned() {
            a.state = AttemptState::Unknown;
            a.clear.evidence = Some("recovery".to_owned());
            writes.push(a.change(self)?);
        }
        row.clear.maybe |= attempts.iter().any(|a| a.state.is_live());
        let mode = Mode::of(row.clear.purpose);
        let live = attempts.iter().filter(|a| a.state.is_live()).count();
        let witnessed =
            !mode.witness || self.lane(&row.clear.sender).is_some_and(|lane| lane.is_witnessed(last));
        let may_repeat = !mode.at_most_once()
            && live < usize::from(mode.most)
            && now - last > mode.window
            && witnessed
            && !self.is_waiting_to_resume();
        writes.push(if may_repeat {
            row.requeue(now)?
        } else if now - last > EVIDENCE_ENDS {
            row.end(MessageState::Unresolved)?
        } else {
            let next = if mode.at_most_once() {
                (now + TimeDelta::hours(1)).min(last + EVIDENCE_ENDS + LOOK)
            } else {
                now + LOOK
            };
            row.doubt(next.max(now + LOOK))?
        });
        Ok(Batch { writes })
    }

    /// T14: this store is a copy of an earlier state. What waits may have been sent since, so it is
    /// held; what was on its way is in doubt; nothing leaves until the host resumes.
    pub(crate) async fn after_restore(self: &Arc<Self>) -> Result<()> {
        // The lost store may have finished what began here: the rest is queued now, to be held with what waits.
        if let Err(e) = self.continue_campaigns().await {
            if matches!(e, Error::Storage { .. } | Error::Closed {}) {
                return Err(e);
            }
            tracing::error!(code = e.code(), "an interrupted campaign could not go on");
        }
        let now = self.clock.now();
        let mut queues: Vec<String> = self.numbers.iter().map(|n| lane_queue(&n.id)).collect();
        queues.push(LEASED.to_owned());
        for queue in queues {
            loop {
                let due = Index::Due { queue: queue.clone(), until: Timestamp::MAX_UTC };
                let records = self.find(self.query("message", due, TOGETHER)).await?.records;
                if records.is_empty() {
                    break;
                }
                let batches = records
                    .into_iter()
                    .map(|record| {
                        let mut row = Row::read(record)?;
                        row.clear.maybe = true;
                        let write: Write = match row.state() {
                            MessageState::Queued | MessageState::Claimed => {
                                row.change(MessageState::Held, None, None)?
                            }
                            _ => row.doubt(now + LOOK)?,
                        };
                        Ok(Batch { writes: vec![write] })
                    })
                    .collect::<Result<Vec<_>>>()?;
                self.storage.commit(batches).await?;
            }
        }
        Ok(())
    }
}
