//! The storage as the engine uses it: whatever is committed takes along the log's waiting entries, and what must
//! survive a restore is in the journal before it is in the database. No room can write past it.

use std::{
    collections::BTreeSet,
    fmt::Debug,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use tokio::sync::Notify;
use tracing::Instrument;

use super::{
    Event,
    chain::Chain,
    journal::Journal,
    leaving::{self, Leaving},
};
use crate::{
    engine::Inner,
    metrics::Meters,
    storage::{Batch, Claim, Committed, Key, Page, Query, Record, Storage, Verification, Write},
    values::{
        error::{Error, Result},
        time::Clock,
    },
    vault::{Sealed, Vault},
};

/// The kind of an entry.
pub(crate) const KIND: &str = "audit";
/// How long a reading may wait for company on its way to the store.
const GATHERING: Duration = Duration::from_millis(20);
/// A checkpoint is signed after this many entries; also on closing and before every look at the log.
const BETWEEN_CHECKPOINTS: u64 = 512;
/// Entries stored in one batch, at most.
const TOGETHER: usize = 1000;

/// See the module.
pub(crate) struct Recorder {
    pub(super) storage: Arc<dyn Storage>,
    pub(super) vault: Arc<Vault>,
    pub(super) account: String,
    writer: String,
    waiting: Mutex<Waiting>,
    wake: Notify,
    pub(super) chain: tokio::sync::Mutex<Option<Chain>>,
    pub(crate) journal: Option<Journal>,
    /// Whether the database is being brought up to the journal: until then it stays where it was, so that a process
    /// that dies meanwhile begins anew.
    pub(crate) catching_up: AtomicBool,
    pub(crate) leaving: Leaving,
    measured: Measured,
}

/// Where commits are counted, and by which clock.
pub(crate) struct Measured {
    pub(crate) meters: Arc<Meters>,
    pub(crate) clock: Arc<dyn Clock>,
}

#[derive(Default)]
struct Waiting {
    events: Vec<Event>,
    /// The number of the entry that was stored or is being stored last.
    last: u64,
    /// Entries being stored.
    open: BTreeSet<u64>,
    /// Entries whose caller went away meanwhile: they may yet be stored.
    orphaned: BTreeSet<u64>,
    unsigned: u64,
}

/// Entries on their way to the store.
struct Ticket<'r> {
    recorder: &'r Recorder,
    events: Vec<Event>,
    first: u64,
}

impl Debug for Recorder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Recorder").field("writer", &self.writer).finish_non_exhaustive()
    }
}

impl Recorder {
    /// `writer` names this life of the store; later lives have greater names.
    pub(crate) fn new(
        storage: Arc<dyn Storage>,
        vault: Arc<Vault>,
        account: &str,
        writer: String,
        journal: Option<Journal>,
        measured: Measured,
    ) -> Self {
        Self {
            measured,
            storage,
            vault,
            account: account.to_owned(),
            writer,
            waiting: Mutex::default(),
            wake: Notify::new(),
            chain: tokio::sync::Mutex::default(),
            journal,
            catching_up: AtomicBool::new(false),
            leaving: Leaving::default(),
        }
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes an event. It is stored together with the next commit, or within a moment.
    pub(crate) fn note(&self, event: Event) {
        self.waiting().events.push(event);
        self.wake.notify_one();
    }

    pub(super) fn entry_id(&self, n: u64) -> String {
        format!("{}-{n:012}", self.writer)
    }

    /// Takes what waits and gives it numbers.
    fn take(&self) -> Result<(Vec<Write>, Ticket<'_>)> {
        let mut waiting = self.waiting();
        let many = waiting.events.len().min(TOGETHER);
        let events: Vec<Event> = waiting.events.drain(..many).collect();
        let first = waiting.last + 1;
        waiting.last += events.len() as u64;
        let last = waiting.last;
        waiting.open.extend(first..=last);
        drop(waiting);
        let ticket = Ticket { recorder: self, events, first };
        let writes = (first..).zip(&ticket.events).map(|(n, event)| self.entry(n, event));
        Ok((writes.collect::<Result<_>>()?, ticket))
    }

    fn entry(&self, n: u64, event: &Event) -> Result<Write> {
        let mut record = Record::new(&self.account, KIND, self.entry_id(n));
        record.retention = "audit".to_owned();
        record.sealed = self.vault.seal(Sealed { person: "", kind: KIND, id: &record.id }, event)?;
        if let Some(subject) = &event.subject {
            record.tokens.push(crate::storage::Token {
                name: "subject".to_owned(),
                value: subject.clone(),
                unique: false,
            });
        }
        Ok(Write::Insert { record })
    }

    /// Stores what waits.
    pub(crate) async fn flush(&self) -> Result<()> {
        while !self.waiting().events.is_empty() {
            self.commit(Vec::new()).await?;
        }
        Ok(())
    }

    /// The first entry that may not be in the store yet.
    pub(super) fn unsettled(&self) -> u64 {
        let waiting = self.waiting();
        let first = |set: &BTreeSet<u64>| set.first().copied();
        let open = [first(&waiting.open), first(&waiting.orphaned)].into_iter().flatten().min();
        open.unwrap_or(waiting.last + 1)
    }

    fn is_checkpoint_due(&self) -> bool {
        self.waiting().unsigned >= BETWEEN_CHECKPOINTS
    }

    pub(super) fn signed(&self) {
        self.waiting().unsigned = 0;
    }
}

impl Ticket<'_> {
    fn settle(mut self, stored: bool) {
        let events = std::mem::take(&mut self.events);
        let mut waiting = self.recorder.waiting();
        let end = self.first + events.len() as u64;
        for n in self.first..end {
            waiting.open.remove(&n);
        }
        if stored {
            waiting.unsigned += events.len() as u64;
            // The store takes commits in the order in which they were handed in.
            let first = self.first;
            waiting.orphaned.retain(|n| *n > first);
        } else {
            // Their numbers stay empty; what happened is told under new ones.
            waiting.events.splice(0..0, events);
        }
    }
}

impl Drop for Ticket<'_> {
    fn drop(&mut self) {
        let mut waiting = self.recorder.waiting();
        for n in (self.first..).take(self.events.len()) {
            waiting.open.remove(&n);
            waiting.orphaned.insert(n);
        }
    }
}

#[async_trait]
impl Storage for Recorder {
    async fn commit(&self, batches: Vec<Batch>) -> Result<Vec<Committed>> {
        let (_storing, late) = self.leaving.admit(&batches).await;
        let batches = leaving::without(batches, &late);
        let mut all = Vec::with_capacity(batches.len() + 2);
        let mut guard = None;
        if let Some(journal) = &self.journal {
            let items = super::journal::items(&batches);
            if !items.is_empty() {
                let mut held = journal.lock().await;
                let position = held.append(&self.vault, items).await?;
                if !self.catching_up.load(Ordering::Acquire) {
                    all.push(Batch { writes: vec![position.write(&self.account)?] });
                }
                guard = Some(held);
            }
        }
        let (writes, ticket) = self.take()?;
        if !writes.is_empty() {
            all.push(Batch { writes });
        }
        let before = all.len();
        if before == 0 && batches.is_empty() {
            return Ok(leaving::answers(Vec::new(), &late));
        }
        let own = batches.len();
        all.extend(batches);
        let (asked, together) = (self.measured.clock.now(), all.len());
        let span = tracing::debug_span!("conek.commit", batches = together);
        let done = self.storage.commit(all).instrument(span).await;
        if done.is_ok() {
            self.measured.meters.committed(together, asked, self.measured.clock.now());
        }
        ticket.settle(done.is_ok());
        let mut done = done?;
        if done.len() != before + own {
            return Err(Error::internal("the storage answered another number of batches"));
        }
        let results = done.split_off(before);
        if let (Some(mut held), true) =
            (guard, results.iter().any(|r| matches!(r, Committed::Conflict { .. })))
        {
            held.void(&self.vault, &results).await?;
        }
        Ok(leaving::answers(results, &late))
    }
    async fn get(&self, keys: Vec<Key>) -> Result<Vec<Option<Record>>> {
        self.storage.get(keys).await
    }
    async fn find(&self, query: Query) -> Result<Page> {
        self.storage.find(query).await
    }
    async fn count(&self, query: Query) -> Result<i64> {
        self.storage.count(query).await
    }
    async fn claim(&self, work: Claim) -> Result<Vec<Record>> {
        self.storage.claim(work).await
    }
    async fn backup(&self, to: String) -> Result<()> {
        self.storage.backup(to).await
    }
    async fn close(&self) -> Result<()> {
        self.storage.close().await
    }
    async fn verify(&self) -> Result<Verification> {
        self.storage.verify().await
    }
}

/// Stores what nobody's commit took along, and signs checkpoints.
pub(crate) async fn run(engine: Weak<Inner>) {
    loop {
        let Some(inner) = engine.upgrade() else { return };
        if inner.is_closing() {
            return;
        }
        let recorder = inner.recorder.clone();
        drop(inner);
        tokio::select! {
            () = recorder.wake.notified() => tokio::time::sleep(GATHERING).await,
            () = tokio::time::sleep(Duration::from_secs(1)) => {}
        }
        let done = async {
            recorder.flush().await?;
            if recorder.is_checkpoint_due() {
                recorder
                    .checkpoint(engine.upgrade().map_or_else(chrono::Utc::now, |e| e.clock.now()))
                    .await?;
            }
            Ok::<(), Error>(())
        };
        if let Err(e) = done.await
            && !matches!(e, Error::Closed {})
        {
            tracing::error!(code = e.code(), "the audit log could not be stored; tried again");
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }
}
