//! The suite passes what keeps the promises and names the promise that a broken storage breaks.
#![allow(clippy::unwrap_used)]

use std::sync::{Arc, Mutex};

use async_trait::async_trait;

use super::{Report, StorageFactory, check_one, check_storage, storage_cases};
use crate::{
    storage::{
        Batch, Claim, Committed, Index, Key, Memory, Page, Query, Record, Storage, Verification, Write,
    },
    values::error::Result,
};

/// How a storage can be wrong.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Wrong {
    IgnoresVersions,
    DropsTheLastWrite,
    ClaimsTwice,
    LeaksBetweenAccounts,
    AppendsBackwards,
    ForgetsTokens,
    KeepsHalfABatch,
    IgnoresDescending,
    AlwaysHasANextPage,
    OverwritesBackups,
    Panics,
}

/// A storage in memory with one defect.
#[derive(Debug)]
struct Broken {
    inner: Memory,
    wrong: Wrong,
    appended: Mutex<i64>,
}

impl Broken {
    fn new(wrong: Wrong) -> Self {
        Self { inner: Memory::default(), wrong, appended: Mutex::new(1_000_000) }
    }
    async fn version(&self, key: &Key) -> i64 {
        let found = self.inner.get(vec![key.clone()]).await.unwrap();
        found.into_iter().flatten().next().map_or(0, |r| r.version)
    }
    fn is(&self, wrong: Wrong) -> bool {
        self.wrong == wrong
    }
    fn same_account(&self, account: &mut String) {
        if self.is(Wrong::LeaksBetweenAccounts) {
            *account = account.trim_end_matches("-other").to_owned();
        }
    }
    async fn spoil(&self, write: &mut Write) {
        match write {
            Write::Replace { record, version } if self.is(Wrong::IgnoresVersions) => {
                *version = self.version(&record.key()).await;
            }
            Write::Change { patch } if self.is(Wrong::IgnoresVersions) => {
                patch.version = self.version(&patch.key).await;
            }
            Write::Delete { key, version } if self.is(Wrong::IgnoresVersions) => {
                *version = self.version(key).await;
            }
            Write::Append { record } if self.is(Wrong::AppendsBackwards) => {
                let mut appended = self.appended.lock().unwrap();
                *appended -= 1;
                record.id = appended.to_string();
                *write = Write::Insert { record: record.clone() };
            }
            _ => {}
        }
        match write {
            Write::Insert { record }
            | Write::Put { record }
            | Write::Append { record }
            | Write::Replace { record, .. } => {
                self.same_account(&mut record.account);
                if self.is(Wrong::ForgetsTokens) {
                    record.tokens.iter_mut().for_each(|t| t.unique = false);
                }
            }
            Write::Change { patch } => self.same_account(&mut patch.key.account),
            Write::Delete { key, .. } | Write::Check { key, .. } => self.same_account(&mut key.account),
        }
    }
}

#[async_trait]
impl Storage for Broken {
    async fn commit(&self, batches: Vec<Batch>) -> Result<Vec<Committed>> {
        let mut done = Vec::new();
        for mut batch in batches {
            for write in &mut batch.writes {
                self.spoil(write).await;
            }
            let given: Vec<String> = batch
                .writes
                .iter()
                .filter_map(|w| match w {
                    Write::Insert { record } if self.is(Wrong::AppendsBackwards) && record.kind == "log" => {
                        Some(record.id.clone())
                    }
                    _ => None,
                })
                .collect();
            if self.is(Wrong::DropsTheLastWrite) && batch.writes.len() > 1 {
                batch.writes.pop();
            }
            if self.is(Wrong::KeepsHalfABatch) {
                let mut outcome = Committed::Done { appended: vec![] };
                for (write, step) in (0..).zip(batch.writes) {
                    match self.inner.commit(vec![Batch { writes: vec![step] }]).await?.pop() {
                        Some(Committed::Conflict { reason, .. }) => {
                            outcome = Committed::Conflict { write, reason };
                            break;
                        }
                        Some(Committed::Done { appended: more }) => {
                            if let Committed::Done { appended } = &mut outcome {
                                appended.extend(more);
                            }
                        }
                        None => {}
                    }
                }
                done.push(outcome);
                continue;
            }
            let mut one = self.inner.commit(vec![batch]).await?;
            if let (false, [Committed::Done { appended }]) = (given.is_empty(), &mut one[..]) {
                *appended = given;
            }
            done.append(&mut one);
        }
        Ok(done)
    }
    async fn get(&self, mut keys: Vec<Key>) -> Result<Vec<Option<Record>>> {
        assert!(!self.is(Wrong::Panics), "a host's storage fails");
        keys.iter_mut().for_each(|k| self.same_account(&mut k.account));
        self.inner.get(keys).await
    }
    async fn find(&self, mut query: Query) -> Result<Page> {
        self.same_account(&mut query.account);
        query.descending &= !self.is(Wrong::IgnoresDescending);
        let mut page = self.inner.find(query).await?;
        if self.is(Wrong::AlwaysHasANextPage) && page.next.is_none() {
            page.next = page.records.last().map(|r| format!(r#"[0,"{}","{}"]"#, r.kind, r.id));
        }
        Ok(page)
    }
    async fn count(&self, mut query: Query) -> Result<i64> {
        self.same_account(&mut query.account);
        self.inner.count(query).await
    }
    async fn claim(&self, mut work: Claim) -> Result<Vec<Record>> {
        self.same_account(&mut work.account);
        if !self.is(Wrong::ClaimsTwice) {
            return self.inner.claim(work).await;
        }
        let query = Query {
            account: work.account,
            kind: work.kind,
            index: Index::Due { queue: work.queue, until: work.now },
            state: Some(work.state),
            after: None,
            limit: work.limit,
            descending: false,
        };
        Ok(self.inner.find(query).await?.records)
    }
    async fn backup(&self, to: String) -> Result<()> {
        if self.is(Wrong::OverwritesBackups) {
            let _ = std::fs::remove_file(&to);
        }
        self.inner.backup(to).await
    }
    async fn verify(&self) -> Result<Verification> {
        self.inner.verify().await
    }
}

struct Memories;

#[async_trait]
impl StorageFactory for Memories {
    async fn fresh(&self) -> Result<Arc<dyn Storage>> {
        Ok(Arc::new(Memory::default()))
    }
}

fn assert_sound(report: &Report) {
    assert_eq!(report.failed, [], "broken promises");
    let names: Vec<String> = storage_cases().into_iter().map(|c| c.name).collect();
    assert_eq!(report.passed, names);
}

#[tokio::test]
async fn the_storage_in_memory_keeps_every_promise() {
    assert_sound(&check_storage(&Memories).await);
    let one: Arc<dyn Storage> = Arc::new(Memory::default());
    assert_sound(&check_one(one.clone()).await);
    // A storage that was checked can be checked again.
    assert_sound(&check_one(one).await);
}

async fn caught(wrong: Wrong) -> Vec<String> {
    let report = check_one(Arc::new(Broken::new(wrong))).await;
    report.failed.into_iter().map(|f| f.name).collect()
}

#[tokio::test]
async fn each_defect_is_caught_by_the_case_that_names_it() {
    for (wrong, case) in [
        (Wrong::IgnoresVersions, "stale_version_conflicts"),
        (Wrong::DropsTheLastWrite, "all_or_nothing"),
        (Wrong::ClaimsTwice, "claims_never_share"),
        (Wrong::LeaksBetweenAccounts, "accounts_are_apart"),
        (Wrong::AppendsBackwards, "append_ids_grow"),
        (Wrong::ForgetsTokens, "unique_token_conflicts"),
        (Wrong::KeepsHalfABatch, "all_or_nothing"),
        (Wrong::IgnoresDescending, "find_follows_the_index"),
        (Wrong::AlwaysHasANextPage, "limit_and_next"),
        (Wrong::OverwritesBackups, "backup_never_overwrites"),
    ] {
        let caught = caught(wrong).await;
        assert!(caught.iter().any(|name| name == case), "{wrong:?} was to fail {case}, failed {caught:?}");
    }
}

#[tokio::test]
async fn a_panic_in_a_storage_is_a_failed_case_and_not_a_panic() {
    let report = check_one(Arc::new(Broken::new(Wrong::Panics))).await;
    assert!(report.failed.iter().any(|f| f.name == "get_answers_per_key" && f.detail.contains("panicked")));
    assert!(report.passed.iter().any(|name| name == "limit_and_next"), "cases without the panic still run");
}
