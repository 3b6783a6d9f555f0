//! The life of a store: which installation it belongs to, how often it was restored, when it was
//! last seen alive.

use std::sync::{Arc, atomic::Ordering};

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::Inner;
use crate::{
    storage::{Committed, Key, Record, Storage, Write, refuse_moved},
    values::{
        error::{Error, Result},
        random::Random,
        time::Timestamp,
    },
};

/// The store's state while its own engine works on it.
const LIVE: &str = "live";
/// The state that a copy carries away.
const BACKUP: &str = "backup";
/// The state of a copy whose first opening is not finished: what waited in it is not held yet.
const RESTORING: &str = "restoring";
/// The state of an opened copy until the host resumes.
const RESTORED: &str = "restored";
/// How often the store notes that it is alive.
pub(crate) const HEARTBEAT: TimeDelta = TimeDelta::minutes(1);
/// After a longer silence, what is overdue by more than this is held: a copy of the files may have
/// sent it meanwhile.
pub(crate) const MOST_LATENESS: TimeDelta = TimeDelta::minutes(60);

/// What is kept of the store itself.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Kept {
    instance: u32,
    epoch: u16,
    boot: u32,
    #[serde(with = "chrono::serde::ts_milliseconds")]
    heartbeat: Timestamp,
}

/// What an engine knows of the store it works on.
#[derive(Debug, Clone)]
pub(crate) struct Life {
    pub(crate) instance: u32,
    pub(crate) epoch: u16,
    pub(crate) boot: u32,
    /// This store is a copy that was not resumed yet.
    pub(crate) restored: bool,
    /// It became one with this opening, or with one that was cut off.
    pub(crate) newly_restored: bool,
    /// It was silent for longer than [`MOST_LATENESS`].
    pub(crate) was_silent: bool,
}

fn key(account: &str) -> Key {
    Key { account: account.to_owned(), kind: "store".to_owned(), id: "life".to_owned() }
}

fn is_silence(since: Timestamp, now: Timestamp) -> bool {
    now - since > MOST_LATENESS
}

fn record(account: &str, state: &str, kept: &Kept) -> Result<Record> {
    let mut record = Record::new(account, "store", "life");
    record.state = state.to_owned();
    record.retention = "account".to_owned();
    record.clear = serde_json::to_string(kept).map_err(|_| Error::internal("encoding the store's life"))?;
    Ok(record)
}

impl Life {
    /// Begins another life of the store: the boot counter grows, a copy gets a new epoch.
    pub(crate) async fn begin(
        storage: &Arc<dyn Storage>,
        account: &str,
        random: &dyn Random,
        now: Timestamp,
    ) -> Result<Self> {
        for _ in 0..10 {
            let there = storage.get(vec![key(account)]).await?.into_iter().next().flatten();
            let (kept, state, write) = match there {
                None => {
                    let mut instance = [0u8; 4];
                    random.fill(&mut instance)?;
                    let kept =
                        Kept { instance: u32::from_be_bytes(instance), epoch: 1, boot: 1, heartbeat: now };
                    let write = Write::Insert { record: record(account, LIVE, &kept)? };
                    (kept, LIVE.to_owned(), write)
                }
                Some(r) => {
                    let mut kept: Kept = serde_json::from_str(&r.clear).map_err(|_| {
                        Error::internal("the store's life has a shape this version does not know")
                    })?;
                    let state = r.state.clone();
                    refuse_moved(&state)?;
                    kept.boot = kept.boot.wrapping_add(1);
                    let silent_since = kept.heartbeat;
                    // As long as what is overdue is not held, the store stays as silent as it was.
                    if !is_silence(silent_since, now) {
                        kept.heartbeat = now;
                    }
                    let next = if state == BACKUP {
                        kept.epoch = kept.epoch.saturating_add(1);
                        RESTORING
                    } else {
                        &state
                    };
                    let write = Write::Replace { record: record(account, next, &kept)?, version: r.version };
                    let mut shown = kept.clone();
                    shown.heartbeat = silent_since;
                    (shown, state, write)
                }
            };
            let done = storage.commit(vec![crate::storage::Batch { writes: vec![write] }]).await?;
            if let Some(Committed::Done { .. }) = done.first() {
                return Ok(Self {
                    instance: kept.instance,
                    epoch: kept.epoch,
                    boot: kept.boot,
                    restored: state == BACKUP || state == RESTORING || state == RESTORED,
                    newly_restored: state == BACKUP || state == RESTORING,
                    was_silent: is_silence(kept.heartbeat, now),
                });
            }
        }
        Err(Error::conflict("store", "several engines open it at the same time; try again"))
    }
}

impl Inner {
    async fn change_life(&self, state: Option<&str>) -> Result<()> {
        for _ in 0..10 {
            let Some(r) = self.storage.get(vec![key(&self.account)]).await?.into_iter().next().flatten()
            else {
                return Err(Error::internal("the store has no life record"));
            };
            let kept = Kept {
                instance: self.life.instance,
                epoch: self.life.epoch,
                boot: self.life.boot,
                heartbeat: self.clock.now(),
            };
            let state = state.unwrap_or(&r.state).to_owned();
            let write = Write::Replace { record: record(&self.account, &state, &kept)?, version: r.version };
            if let Committed::Done { .. } = self.commit(vec![write]).await? {
                return Ok(());
            }
        }
        Err(Error::conflict("store", "its life record changes all the time"))
    }

    /// What a copy must go through when it is opened first is done.
    pub(crate) async fn note_restored(&self) -> Result<()> {
        self.change_life(Some(RESTORED)).await
    }

    /// When the store was last alive, as it says.
    pub(crate) async fn last_heartbeat(&self) -> Result<Option<Timestamp>> {
        let kept = self.storage.get(vec![key(&self.account)]).await?.into_iter().next().flatten();
        Ok(kept.and_then(|r| serde_json::from_str::<Kept>(&r.clear).ok()).map(|k| k.heartbeat))
    }

    /// Notes that the store is alive.
    pub(crate) async fn heartbeat(&self) -> Result<()> {
        self.change_life(None).await?;
        self.save_recipients().await?;
        self.scrub().await
    }

    /// Overwrites what was deleted, where an erasure asked for it.
    async fn scrub(&self) -> Result<()> {
        if let Some(sqlite) = &self.sqlite
            && self.scrub_due.swap(false, Ordering::AcqRel)
            && let Err(e) = sqlite.scrub().await
        {
            // A long read needs the log: the next beat tries again.
            self.scrub_due.store(true, Ordering::Release);
            tracing::debug!(code = e.code(), "the log could not be emptied yet");
        }
        Ok(())
    }

    /// A copy that carries the mark of a copy. When the process dies in the middle, the store itself
    /// carries it: then it is held too, which is safe.
    pub(crate) async fn stamped_backup(&self, to: String) -> Result<()> {
        self.change_life(Some(BACKUP)).await?;
        let copied = self.storage.backup(to).await;
        self.change_life(Some(if self.is_waiting_to_resume() { RESTORED } else { LIVE })).await?;
        copied
    }

    /// The host has looked after the restored store: numbers send again.
    pub(crate) async fn resume(&self) -> Result<()> {
        if self.is_waiting_to_resume() {
            if self.journal_is_behind.load(Ordering::Acquire) {
                return Err(Error::conflict(
                    "journal",
                    "the journal of erasures and opt-outs is missing, or older than this copy: put it back beside the key file and open the engine again, or people who were erased or opted out come back",
                ));
            }
            // The list may have been brought up to date since the copy was made.
            self.recheck_suppressions().await?;
            self.change_life(Some(LIVE)).await?;
            self.waiting_to_resume.store(false, Ordering::Release);
        }
        self.lift_health().await?;
        for lane in &self.lanes {
            lane.open();
        }
        Ok(())
    }
}
