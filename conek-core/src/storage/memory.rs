//! The storage that lives in memory: for tests, simulations and hosts that keep nothing.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Debug,
    io::BufWriter,
    ops::Bound,
    path::Path,
    sync::{Mutex, MutexGuard},
};

use async_trait::async_trait;

use super::{
    Batch, Claim, Committed, Index, Key, Page, Patch, Query, Record, Storage, Token, Verification, Write,
    dump,
    position::{Position, appended_id, check_kind, check_limit, millis},
};
use crate::values::{
    error::{Error, Result, StorageFault},
    time::to_millis,
};

/// Keeps everything in memory; what it holds ends with the process.
///
/// It is also the model that the conformance suite compares other storages with.
#[derive(Default)]
pub struct Memory {
    state: Mutex<State>,
}

impl Debug for Memory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Memory").field("records", &self.lock().records.len()).finish()
    }
}

/// By what an index entry is found. The account and the position complete it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Way {
    Kind(String),
    Token(String, String, String),
    Group(String, String),
    Subject(String),
    Due(String, String),
    Expiry,
}

type Entry = (String, Way, Position);

#[derive(Default)]
struct State {
    records: BTreeMap<Key, Record>,
    index: BTreeSet<Entry>,
    unique: BTreeMap<(String, String, String, String), String>,
    appended: i64,
}

/// Why a step did not fit.
type Reason = String;

/// What was stored under the keys that a batch touched.
type Undo = Vec<(Key, Option<Record>)>;

impl Memory {
    /// Reads back what `backup` wrote.
    ///
    /// Blocks on the file. Fails with [`StorageFault::NotOurs`] when the file is none of conek's.
    pub fn restore(from: &str) -> Result<Self> {
        let mut records = dump::Reader::open(from, false)?;
        let mut state = State { appended: records.appended, ..State::default() };
        loop {
            let some = records.some(1_000)?;
            if some.is_empty() {
                break;
            }
            for record in some {
                state.set(record.key(), Some(record));
            }
        }
        Ok(Self { state: Mutex::new(state) })
    }
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(|e| e.into_inner())
    }
}

/// Every entry under which a record can be found.
fn entries(r: &Record) -> Vec<Entry> {
    let mut list = Vec::with_capacity(4 + r.tokens.len() + r.subjects.len());
    let mut add = |way, at| {
        let position = Position { at, kind: r.kind.clone(), id: r.id.clone() };
        list.push((r.account.clone(), way, position));
    };
    add(Way::Kind(r.kind.clone()), 0);
    for t in &r.tokens {
        add(Way::Token(r.kind.clone(), t.name.clone(), t.value.clone()), 0);
    }
    for person in &r.subjects {
        add(Way::Subject(person.clone()), 0);
    }
    if let Some(group) = &r.group {
        add(Way::Group(r.kind.clone(), group.clone()), 0);
    }
    if let (Some(queue), Some(due)) = (&r.queue, r.due_at) {
        add(Way::Due(r.kind.clone(), queue.clone()), millis(due));
    }
    if let Some(at) = r.expires_at {
        add(Way::Expiry, millis(at));
    }
    list
}

fn holder(r: &Record, t: &Token) -> (String, String, String, String) {
    (r.account.clone(), r.kind.clone(), t.name.clone(), t.value.clone())
}

impl State {
    /// Stores `record` under `key`, or nothing, and returns what was there.
    fn set(&mut self, key: Key, record: Option<Record>) -> Option<Record> {
        let old = self.records.remove(&key);
        if let Some(old) = &old {
            for entry in entries(old) {
                self.index.remove(&entry);
            }
            for t in old.tokens.iter().filter(|t| t.unique) {
                self.unique.remove(&holder(old, t));
            }
        }
        if let Some(mut new) = record {
            new.due_at = new.due_at.map(to_millis);
            new.expires_at = new.expires_at.map(to_millis);
            self.index.extend(entries(&new));
            for t in new.tokens.iter().filter(|t| t.unique) {
                self.unique.insert(holder(&new, t), new.id.clone());
            }
            self.records.insert(key, new);
        }
        old
    }

    fn version(&self, key: &Key) -> i64 {
        self.records.get(key).map_or(0, |r| r.version)
    }

    fn expect(&self, key: &Key, version: i64) -> Result<(), Reason> {
        match self.version(key) {
            0 => Err("version".into()),
            v if v != version => Err("version".into()),
            _ => Ok(()),
        }
    }

    fn store(&mut self, mut record: Record, undo: &mut Undo) -> Result<(), Reason> {
        for t in record.tokens.iter().filter(|t| t.unique) {
            if self.unique.get(&holder(&record, t)).is_some_and(|id| *id != record.id) {
                return Err(format!("token:{}", t.name));
            }
        }
        let key = record.key();
        record.version = self.version(&key) + 1;
        let old = self.set(key.clone(), Some(record));
        undo.push((key, old));
        Ok(())
    }

    fn change(&mut self, patch: Patch, undo: &mut Undo) -> Result<(), Reason> {
        self.expect(&patch.key, patch.version)?;
        let Some(mut record) = self.records.get(&patch.key).cloned() else {
            return Err("version".into());
        };
        record.state = patch.state;
        record.queue = patch.queue;
        record.due_at = patch.due_at;
        record.clear = patch.clear.unwrap_or(record.clear);
        record.sealed = patch.sealed.unwrap_or(record.sealed);
        record.tokens = patch.tokens.unwrap_or(record.tokens);
        self.store(record, undo)
    }

    fn apply(&mut self, write: Write, undo: &mut Undo, appended: &mut Vec<String>) -> Result<(), Reason> {
        match write {
            Write::Insert { record } if self.version(&record.key()) != 0 => Err("exists".into()),
            Write::Insert { record } | Write::Put { record } => self.store(record, undo),
            Write::Replace { record, version } => {
                self.expect(&record.key(), version)?;
                self.store(record, undo)
            }
            Write::Append { mut record } => {
                self.appended += 1;
                record.id = appended_id(self.appended);
                if self.version(&record.key()) != 0 {
                    return Err("exists".into());
                }
                appended.push(record.id.clone());
                self.store(record, undo)
            }
            Write::Change { patch } => self.change(patch, undo),
            Write::Delete { key, version } => {
                self.expect(&key, version)?;
                let old = self.set(key.clone(), None);
                undo.push((key, old));
                Ok(())
            }
            Write::Check { key, version: 0 } if self.version(&key) != 0 => Err("exists".into()),
            Write::Check { version: 0, .. } => Ok(()),
            Write::Check { key, version } => self.expect(&key, version),
        }
    }

    fn batch(&mut self, batch: Batch) -> Committed {
        let (mut undo, mut appended) = (Undo::new(), Vec::new());
        for (write, step) in (0i32..).zip(batch.writes) {
            if let Err(reason) = self.apply(step, &mut undo, &mut appended) {
                for (key, old) in undo.into_iter().rev() {
                    self.set(key, old);
                }
                return Committed::Conflict { write, reason };
            }
        }
        Committed::Done { appended }
    }

    /// What a query finds, in its order, from its cursor on.
    fn found<'a>(&'a self, q: &'a Query) -> Result<impl Iterator<Item = (&'a Position, &'a Record)>> {
        let kind = || q.kind.clone();
        let (way, until) = match &q.index {
            Index::Id {} => (Way::Kind(kind()), None),
            Index::Token { name, value } => (Way::Token(kind(), name.clone(), value.clone()), None),
            Index::Group { group } => (Way::Group(kind(), group.clone()), None),
            Index::Subject { person } => (Way::Subject(person.clone()), None),
            Index::Due { queue, until } => (Way::Due(kind(), queue.clone()), Some(*until)),
            Index::Expired { until } => (Way::Expiry, Some(*until)),
        };
        let edge = |at| Position { at, kind: String::new(), id: String::new() };
        let entry = |position| (q.account.clone(), way.clone(), position);
        let end = until.map_or(i64::MAX, |t| millis(t).saturating_add(1));
        let mut low = Bound::Included(entry(edge(i64::MIN)));
        let mut high = Bound::Excluded(entry(edge(end)));
        if let Some(position) = Position::after(q)? {
            let after = Bound::Excluded(entry(position));
            // A cursor of another query could lie outside the range, and a range must not be upside down.
            let outside = match (&low, &after, &high) {
                (Bound::Included(l), Bound::Excluded(a), Bound::Excluded(h)) => a < l || a > h,
                _ => false,
            };
            match (outside, q.descending) {
                (true, _) => {
                    return Err(Error::invalid(
                        "after",
                        "must be a cursor that a page of the same query gave",
                    ));
                }
                (false, true) => high = after,
                (false, false) => low = after,
            }
        }
        let range = match (&low, &high) {
            (Bound::Excluded(l), Bound::Excluded(h)) if l == h => {
                self.index.range((Bound::Included(l), Bound::Excluded(h)))
            }
            _ => self.index.range((low, high)),
        };
        let mut range = range;
        let descending = q.descending;
        Ok(std::iter::from_fn(move || if descending { range.next_back() } else { range.next() })
            .map(|(_, _, position)| position)
            .filter(|p| q.kind.is_empty() || p.kind == q.kind)
            .filter_map(|p| {
                let key = Key { account: q.account.clone(), kind: p.kind.clone(), id: p.id.clone() };
                Some((p, self.records.get(&key)?))
            })
            .filter(|(_, r)| q.state.as_ref().is_none_or(|s| *s == r.state)))
    }
}

#[async_trait]
impl Storage for Memory {
    async fn commit(&self, batches: Vec<Batch>) -> Result<Vec<Committed>> {
        let mut state = self.lock();
        Ok(batches.into_iter().map(|b| state.batch(b)).collect())
    }

    async fn get(&self, keys: Vec<Key>) -> Result<Vec<Option<Record>>> {
        let state = self.lock();
        Ok(keys.iter().map(|k| state.records.get(k).cloned()).collect())
    }

    async fn find(&self, query: Query) -> Result<Page> {
        check_kind(&query)?;
        let limit = check_limit(query.limit)?;
        let state = self.lock();
        let mut found = state.found(&query)?;
        let mut page = Page::default();
        let mut last = None;
        for (position, record) in found.by_ref().take(limit) {
            page.records.push(record.clone());
            last = Some(position);
        }
        if let (Some(last), Some(_)) = (last, found.next()) {
            page.next = Some(last.cursor(&query.index)?);
        }
        Ok(page)
    }

    async fn count(&self, query: Query) -> Result<i64> {
        check_kind(&query)?;
        let query = Query { after: None, ..query };
        let state = self.lock();
        let n = state.found(&query)?.count();
        Ok(i64::try_from(n).unwrap_or(i64::MAX))
    }

    async fn claim(&self, work: Claim) -> Result<Vec<Record>> {
        let query = Query {
            account: work.account,
            kind: work.kind,
            index: Index::Due { queue: work.queue, until: work.now },
            state: Some(work.state),
            after: None,
            limit: work.limit,
            descending: false,
        };
        check_kind(&query)?;
        let limit = check_limit(query.limit)?;
        let mut state = self.lock();
        let mut taken: Vec<Record> = state.found(&query)?.take(limit).map(|(_, r)| r.clone()).collect();
        for r in &mut taken {
            r.version += 1;
            r.state.clone_from(&work.new_state);
            r.queue = Some(work.new_queue.clone());
            r.due_at = Some(to_millis(work.lease_until));
            state.set(r.key(), Some(r.clone()));
        }
        Ok(taken)
    }

    async fn backup(&self, to: String) -> Result<()> {
        let state = self.lock();
        let file = dump::create(Path::new(&to)).map_err(|e| match e.kind() {
            std::io::ErrorKind::AlreadyExists => {
                Error::conflict("backup", "a file is there already; choose another path")
            }
            _ => Error::invalid("to", "the file cannot be created; check its directory and permissions"),
        })?;
        let write = || -> std::io::Result<()> {
            let mut out = BufWriter::new(file);
            dump::begin(&mut out, state.appended)?;
            for record in state.records.values() {
                dump::put(&mut out, record)?;
            }
            out.into_inner()?.sync_all()
        };
        write().map_err(|_| {
            Error::storage(StorageFault::Full, "the backup could not be written; free space and repeat it")
        })
    }

    async fn verify(&self) -> Result<Verification> {
        let state = self.lock();
        let records = i64::try_from(state.records.len()).unwrap_or(i64::MAX);
        let wanted: BTreeSet<Entry> = state.records.values().flat_map(entries).collect();
        let mut problems = Vec::new();
        if wanted != state.index {
            problems.push("the indexes do not agree with the records".to_owned());
        }
        Ok(Verification { records, problems })
    }
}
