//! Named points at which the process ends at once, without a destructor and without a flush.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use conek_core::{
    Result, Storage, Transport,
    policy::SendPermit,
    storage::{Batch, Claim, Committed, Key, Page, Query, Record, Verification, Write},
    transport::{Outgoing, Parsed, SendOutcome, Upload, WebhookRequest},
};

/// The so-many-th time that something happens, right before or right after it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Point {
    before: bool,
    what: String,
    nth: u32,
    seen: Arc<Mutex<HashMap<String, u32>>>,
}

impl Point {
    /// Reads `before intent 2`; anything else is no point at all.
    pub(crate) fn read(text: &str) -> Self {
        let mut words = text.split(' ');
        let before = words.next() == Some("before");
        let what = words.next().unwrap_or_default().to_owned();
        let nth = words.next().and_then(|n| n.parse().ok()).unwrap_or(0);
        Self { before, what, nth, seen: Arc::default() }
    }
    /// Counts what is about to happen; says whether the end comes afterwards.
    fn pass(&self, what: &str) -> bool {
        if what != self.what {
            return false;
        }
        let mut seen = self.seen.lock().unwrap_or_else(|e| e.into_inner());
        let times = seen.entry(what.to_owned()).or_default();
        *times += 1;
        if *times != self.nth {
            return false;
        }
        if self.before {
            std::process::abort();
        }
        true
    }
}

/// A port with the point in it.
#[derive(Debug)]
pub(crate) struct Deadly<T> {
    inner: T,
    point: Point,
}

impl<T> Deadly<T> {
    pub(crate) fn new(inner: T, point: Point) -> Self {
        Self { inner, point }
    }
}

/// What a batch is for, by what it writes.
fn name(batch: &Batch) -> Option<&'static str> {
    batch.writes.iter().find_map(|write| match write {
        Write::Insert { record } => match record.kind.as_str() {
            "message" if record.group.is_some() => Some("enqueue-campaign"),
            "message" => Some("enqueue"),
            "attempt" => Some("intent"),
            "webhook" => Some("webhook-stored"),
            "contact" => Some("contact"),
            "campaign" => Some("planned"),
            "root_key" => Some("root-key"),
            "store" => Some("store"),
            "consent" if record.state == "withdrawn" => Some("opt-out"),
            _ => None,
        },
        Write::Put { record } => match (record.kind.as_str(), record.id.as_str()) {
            ("erasure", _) => Some("erasure"),
            ("store", "rotation") => Some("rotation"),
            ("store", "sweep") => Some("sweep-noted"),
            ("store", "journal") => Some("journal"),
            _ => None,
        },
        Write::Replace { record, .. } if record.kind == "root_key" => Some("root-key-again"),
        Write::Replace { record, .. } if record.kind == "campaign" => match record.state.as_str() {
            "starting" => Some("start"),
            "running" => Some("started"),
            _ => None,
        },
        Write::Replace { record, .. } if record.id == "life" => match record.state.as_str() {
            "live" => Some("life"),
            "backup" => Some("stamped"),
            "restoring" => Some("restoring"),
            "restored" => Some("restored"),
            _ => None,
        },
        Write::Change { patch } => match patch.key.kind.as_str() {
            "webhook" => Some("webhook-applied"),
            // An intent inserts its attempt before anything else could change one.
            "attempt" => Some("outcome"),
            "key" => Some("rewrapped"),
            "message" if patch.state == "held" => Some("held"),
            _ => None,
        },
        _ => None,
    })
}

/// A webhook's batch may change attempts before it marks itself as applied, and an intent changes
/// its message first: the telling write decides.
fn telling(batch: &Batch) -> Option<&'static str> {
    let only = |write: &Write| Batch { writes: vec![write.clone()] };
    let names: Vec<&str> = batch.writes.iter().filter_map(|w| name(&only(w))).collect();
    if batch.writes.iter().all(|w| matches!(w, Write::Delete { .. })) && !batch.writes.is_empty() {
        return Some("swept");
    }
    ["webhook-applied", "intent", "erasure"].into_iter().find(|n| names.contains(n)).or_else(|| name(batch))
}

#[async_trait]
impl<S: Storage> Storage for Deadly<S> {
    async fn commit(&self, batches: Vec<Batch>) -> Result<Vec<Committed>> {
        let mut deadly = false;
        for what in batches.iter().filter_map(telling) {
            deadly |= self.point.pass(what);
        }
        let done = self.inner.commit(batches).await;
        if deadly {
            std::process::abort();
        }
        done
    }
    async fn get(&self, keys: Vec<Key>) -> Result<Vec<Option<Record>>> {
        self.inner.get(keys).await
    }
    async fn find(&self, query: Query) -> Result<Page> {
        self.inner.find(query).await
    }
    async fn count(&self, query: Query) -> Result<i64> {
        self.inner.count(query).await
    }
    async fn claim(&self, work: Claim) -> Result<Vec<Record>> {
        // A look into an empty queue is no claim.
        let claimed = if self.point.before && self.point.what == "claim" {
            self.point.pass("claim");
            self.inner.claim(work).await?
        } else {
            let claimed = self.inner.claim(work).await?;
            if !claimed.is_empty() && self.point.pass("claim") {
                std::process::abort();
            }
            claimed
        };
        Ok(claimed)
    }
    async fn backup(&self, to: String) -> Result<()> {
        self.inner.backup(to).await
    }
    async fn close(&self) -> Result<()> {
        self.inner.close().await
    }
    async fn verify(&self) -> Result<Verification> {
        self.inner.verify().await
    }
}

#[async_trait]
impl<T: Transport> Transport for Deadly<T> {
    async fn send(&self, permit: SendPermit, message: Outgoing) -> SendOutcome {
        let deadly = self.point.pass("request");
        let outcome = self.inner.send(permit, message).await;
        if deadly {
            std::process::abort();
        }
        outcome
    }
    async fn upload(&self, upload: Upload) -> Result<String> {
        self.inner.upload(upload).await
    }
    async fn mark_read(&self, sender: String, wamid: String) -> Result<()> {
        self.inner.mark_read(sender, wamid).await
    }
    async fn verify(&self, request: WebhookRequest) -> Result<()> {
        self.inner.verify(request).await
    }
    async fn parse(&self, body: Vec<u8>) -> Parsed {
        self.inner.parse(body).await
    }
}
