//! What a case works with: one storage, one account, and short words for long calls.

use std::{fmt::Debug, future::Future, pin::Pin, sync::Arc, task::Poll};

use crate::{
    storage::{Batch, Claim, Committed, Index, Key, Page, Patch, Query, Record, Storage, Token, Write},
    values::time::Timestamp,
};

/// Whether a case saw its promise kept; if not, what it saw.
pub(super) type Verdict<T = ()> = Result<T, String>;

/// Fails the case with a text unless two values are the same.
pub(super) fn same<T: PartialEq + Debug>(what: &str, seen: T, wanted: T) -> Verdict {
    if seen == wanted { Ok(()) } else { Err(format!("{what}: got {seen:?}, wanted {wanted:?}")) }
}

/// Fails the case with a text unless the condition holds.
pub(super) fn holds(condition: bool, what: impl Into<String>) -> Verdict {
    if condition { Ok(()) } else { Err(what.into()) }
}

/// A moment, by its seconds since the start of the suite's time.
pub(super) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_timestamp_millis(1_800_000_000_000 + seconds * 1_000).unwrap_or_default()
}

/// Runs several calls at the same time and answers when all are done.
pub(super) async fn together<T>(calls: impl IntoIterator<Item = impl Future<Output = T> + Send>) -> Vec<T> {
    let mut running: Vec<_> = calls.into_iter().map(|c| (Box::pin(c), None)).collect();
    std::future::poll_fn(|cx| {
        let mut waiting = false;
        for (call, done) in &mut running {
            if done.is_none() {
                match Pin::new(call).poll(cx) {
                    Poll::Ready(value) => *done = Some(value),
                    Poll::Pending => waiting = true,
                }
            }
        }
        if waiting { Poll::Pending } else { Poll::Ready(()) }
    })
    .await;
    running.into_iter().filter_map(|(_, done)| done).collect()
}

/// A record's token.
pub(super) fn token(name: &str, value: &str, unique: bool) -> Token {
    Token { name: name.into(), value: value.into(), unique }
}

pub(super) fn insert(record: &Record) -> Write {
    Write::Insert { record: record.clone() }
}

pub(super) fn put(record: &Record) -> Write {
    Write::Put { record: record.clone() }
}

pub(super) fn append(record: &Record) -> Write {
    Write::Append { record: record.clone() }
}

pub(super) fn replace(record: &Record, version: i64) -> Write {
    Write::Replace { record: record.clone(), version }
}

pub(super) fn delete(record: &Record, version: i64) -> Write {
    Write::Delete { key: record.key(), version }
}

pub(super) fn check(record: &Record, version: i64) -> Write {
    Write::Check { key: record.key(), version }
}

/// A change of nothing but the state; queue and due time stay.
pub(super) fn patch(record: &Record, version: i64, state: &str) -> Patch {
    Patch {
        key: record.key(),
        version,
        state: state.into(),
        queue: record.queue.clone(),
        due_at: record.due_at,
        clear: None,
        sealed: None,
        tokens: None,
    }
}

pub(super) fn change(record: &Record, version: i64, state: &str) -> Write {
    Write::Change { patch: patch(record, version, state) }
}

/// The ids of records, in order.
pub(super) fn ids(records: &[Record]) -> Vec<&str> {
    records.iter().map(|r| r.id.as_str()).collect()
}

/// One storage and an account of the case's own.
#[derive(Debug, Clone)]
pub(super) struct Bench {
    pub(super) storage: Arc<dyn Storage>,
    pub(super) account: String,
}

impl Bench {
    /// The same storage seen through another account.
    pub(super) fn other(&self) -> Self {
        Self { storage: self.storage.clone(), account: format!("{}-other", self.account) }
    }
    /// A plain record.
    pub(super) fn record(&self, kind: &str, id: &str) -> Record {
        Record {
            account: self.account.clone(),
            kind: kind.into(),
            id: id.into(),
            version: 0,
            state: "new".into(),
            subjects: vec![],
            group: None,
            queue: None,
            due_at: None,
            expires_at: None,
            retention: "check".into(),
            tokens: vec![],
            clear: "{}".into(),
            sealed: vec![],
        }
    }
    /// A record that waits in queue `q`.
    pub(super) fn waiting(&self, id: &str, seconds: i64) -> Record {
        Record { queue: Some("q".into()), due_at: Some(at(seconds)), ..self.record("job", id) }
    }
    pub(super) async fn commit(&self, batches: Vec<Vec<Write>>) -> Verdict<Vec<Committed>> {
        let n = batches.len();
        let batches = batches.into_iter().map(|writes| Batch { writes }).collect();
        let done = self.storage.commit(batches).await.map_err(|e| format!("commit: {e}"))?;
        same("answers", done.len(), n)?;
        Ok(done)
    }
    async fn one(&self, writes: Vec<Write>) -> Verdict<Committed> {
        let done = self.commit(vec![writes]).await?;
        done.into_iter().next().ok_or_else(|| "no answer".to_owned())
    }
    /// Commits one batch, which must succeed; answers the appended ids.
    pub(super) async fn done(&self, writes: Vec<Write>) -> Verdict<Vec<String>> {
        match self.one(writes).await? {
            Committed::Done { appended } => Ok(appended),
            conflict @ Committed::Conflict { .. } => {
                Err(format!("a batch that fits was refused: {conflict:?}"))
            }
        }
    }
    /// Commits one batch, which must conflict at `write`, with one of `reasons`.
    pub(super) async fn refused(&self, writes: Vec<Write>, write: i32, reasons: &[&str]) -> Verdict {
        match self.one(writes).await? {
            Committed::Conflict { write: at, reason } => {
                same("index of the conflict", at, write)?;
                holds(
                    reasons.contains(&reason.as_str()),
                    format!("reason {reason:?}, wanted one of {reasons:?}"),
                )
            }
            Committed::Done { .. } => {
                Err(format!("a batch that does not fit was done (step {write}: {reasons:?})"))
            }
        }
    }
    pub(super) async fn get(&self, keys: Vec<Key>) -> Verdict<Vec<Option<Record>>> {
        let n = keys.len();
        let found = self.storage.get(keys).await.map_err(|e| format!("get: {e}"))?;
        same("entries of get", found.len(), n)?;
        Ok(found)
    }
    /// The stored form of a record, which must be there.
    pub(super) async fn stored(&self, record: &Record) -> Verdict<Record> {
        let found = self.get(vec![record.key()]).await?.pop().flatten();
        found.ok_or_else(|| format!("record {} is missing", record.id))
    }
    /// Demands that a record is not there.
    pub(super) async fn absent(&self, record: &Record) -> Verdict {
        let found = self.get(vec![record.key()]).await?.pop().flatten();
        holds(found.is_none(), format!("record {} is there and should not be", record.id))
    }
    pub(super) fn query(&self, kind: &str, index: Index) -> Query {
        Query {
            account: self.account.clone(),
            kind: kind.into(),
            index,
            state: None,
            after: None,
            limit: 10_000,
            descending: false,
        }
    }
    pub(super) async fn find(&self, query: Query) -> Verdict<Page> {
        self.storage.find(query).await.map_err(|e| format!("find: {e}"))
    }
    /// All records of an index, in one page.
    pub(super) async fn all(&self, kind: &str, index: Index) -> Verdict<Vec<Record>> {
        Ok(self.find(self.query(kind, index)).await?.records)
    }
    /// All records of a query, page by page.
    pub(super) async fn paged(&self, mut query: Query, limit: i32) -> Verdict<Vec<Record>> {
        query.limit = limit;
        let mut records: Vec<Record> = Vec::new();
        loop {
            let page = self.find(query.clone()).await?;
            holds(
                page.records.len() <= usize::try_from(limit).unwrap_or(0),
                "a page is longer than its limit",
            )?;
            records.extend(page.records);
            holds(records.len() < 100_000, "the pages do not end")?;
            match page.next {
                Some(next) => query.after = Some(next),
                None => return Ok(records),
            }
        }
    }
    pub(super) async fn count(&self, query: Query) -> Verdict<i64> {
        self.storage.count(query).await.map_err(|e| format!("count: {e}"))
    }
    /// Due work of kind `job` from queue `q`, to be leased until second 1,000.
    pub(super) fn work(&self, now: i64, limit: i32) -> Claim {
        Claim {
            account: self.account.clone(),
            kind: "job".into(),
            queue: "q".into(),
            state: "new".into(),
            now: at(now),
            limit,
            new_state: "taken".into(),
            new_queue: "leased".into(),
            lease_until: at(1_000),
        }
    }
    pub(super) async fn claim(&self, work: Claim) -> Verdict<Vec<Record>> {
        self.storage.claim(work).await.map_err(|e| format!("claim: {e}"))
    }
}
