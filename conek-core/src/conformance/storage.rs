//! The suite for storages: its cases, how they are run, and what a run reports.

mod accounts;
mod bench;
mod commit;
mod model;
mod read;
#[cfg(test)]
mod tests;
mod work;

use std::{
    future::Future,
    panic::AssertUnwindSafe,
    pin::{Pin, pin},
    sync::Arc,
    task::Poll,
};

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::{
    storage::Storage,
    values::{
        error::Result,
        random::{SystemRandomness, new_uuid},
        time::{Clock, SystemClock},
    },
};
use bench::{Bench, Verdict};

/// One promise of the port, and the name under which it is checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Case {
    /// Names the case in reports.
    pub name: String,
    /// The promise, in the port's words.
    pub promise: String,
}

/// A promise that was not kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// The case's name.
    pub name: String,
    /// What was promised.
    pub promise: String,
    /// What was seen instead.
    pub detail: String,
}

/// What a run found.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Report {
    /// The names of the cases that passed.
    pub passed: Vec<String>,
    /// The cases that did not.
    pub failed: Vec<Failure>,
}

/// Makes storages to check.
#[async_trait]
pub trait StorageFactory: Send + Sync {
    /// A new, empty storage.
    async fn fresh(&self) -> Result<Arc<dyn Storage>>;
}

type Check = fn(Bench) -> Pin<Box<dyn Future<Output = Verdict> + Send>>;

macro_rules! cases {
    ($($room:ident :: $name:ident: $promise:literal,)*) => {
        &[$((stringify!($name), $promise, |bench| Box::pin($room::$name(bench)))),*]
    };
}

/// Every case, once. A check that is not listed here is dead code, and the compiler says so.
const CASES: &[(&str, &str, Check)] = cases![
    accounts::calls_from_several_tasks: "every method is safe to call from several tasks at once",
    accounts::done_is_there: "what commit reported as done can be read at once and stays",
    accounts::accounts_are_apart: "records of one account are never seen through another account",
    accounts::a_refused_call_does_nothing: "an error means that nothing of the call took effect",
    commit::all_or_nothing: "each batch is all or nothing; one batch's conflict leaves the others alone",
    commit::answers_in_order: "commit answers one result per batch, in order; later batches see what earlier ones wrote",
    commit::insert_of_existing_conflicts: "Insert of a key that exists is a conflict",
    commit::stale_version_conflicts: "Replace, Change and Delete with another version than the stored one, or of a missing record, are a conflict",
    commit::put_writes_whatever_was_there: "Put writes whatever was there",
    commit::check_zero_demands_absence: "Check with version 0 demands that the record does not exist; with another, that version",
    commit::versions_count_by_one: "a stored record's version is 1 after Insert and grows by one with every change",
    commit::change_keeps_the_rest: "Change leaves what it does not name as it is",
    commit::unique_token_conflicts: "a unique token held by another record of the same account and kind is a conflict",
    commit::lost_tokens_are_let_go: "a deleted or changed record lets go of the tokens it no longer has",
    commit::append_ids_grow: "Append gives an id greater, as text, than every id appended before to the same account and kind",
    read::get_answers_per_key: "get answers one entry per key, in order; None where there is no such record",
    read::records_come_back_whole: "a record comes back exactly as it was given",
    read::find_follows_the_index: "records come in the index's order; descending turns it round",
    read::cursors_continue: "a cursor continues where its page ended; each record appears exactly once",
    read::the_id_index_goes_on_behind_any_id: "in the index by id the cursor is the last record's id, and any id may be given",
    read::limit_and_next: "at most limit records; next is None exactly when nothing follows",
    read::indexes_follow_changes: "an index finds a record by what it is now, and no longer by what it was",
    read::count_is_what_find_returns: "count counts what find would return without a limit or cursor",
    work::claim_takes_what_is_due: "claim takes due records of the queue and state, the longest due first, at most limit",
    work::claimed_records_are_changed: "a claimed record gets its new state, queue, due time and version, in the answer and in the storage",
    work::claims_never_share: "two claims never return the same record",
    work::backup_never_overwrites: "a backup to an existing file is an error and leaves the file as it is",
    work::verify_counts: "verify finds a sound storage sound and counts its records",
    model::behaves_like_the_model: "any sequence of calls answers as the storage in memory does",
];

/// The cases of the suite, in the order in which they run.
pub fn storage_cases() -> Vec<Case> {
    CASES.iter().map(|(name, promise, _)| Case { name: (*name).into(), promise: (*promise).into() }).collect()
}

/// Runs every case on a storage of its own.
pub async fn check_storage(make: &dyn StorageFactory) -> Report {
    let mut report = Report::default();
    for case in CASES {
        let seen = match quietly(make.fresh()).await {
            Ok(Ok(storage)) => run(case, storage).await,
            Ok(Err(e)) => Err(format!("no fresh storage: {e}")),
            Err(panic) => Err(panic),
        };
        report.add(case, seen);
    }
    report
}

/// Runs every case on one storage, each in an account of its own, whose records stay behind.
pub async fn check_one(storage: Arc<dyn Storage>) -> Report {
    let mut report = Report::default();
    for case in CASES {
        report.add(case, run(case, storage.clone()).await);
    }
    report
}

impl Report {
    fn add(&mut self, (name, promise, _): &(&str, &str, Check), seen: Verdict) {
        match seen {
            Ok(()) => self.passed.push((*name).into()),
            Err(detail) => {
                self.failed.push(Failure { name: (*name).into(), promise: (*promise).into(), detail });
            }
        }
    }
}

async fn run((name, _, check): &(&str, &str, Check), storage: Arc<dyn Storage>) -> Verdict {
    // A fresh name each time, so that the same storage can be checked again.
    let run = new_uuid(&SystemRandomness::default(), SystemClock.now()).map_err(|e| e.to_string())?;
    let bench = Bench { storage, account: format!("check-{run}-{name}") };
    quietly(check(bench)).await.unwrap_or_else(Err)
}

/// Awaits what a host wrote; a panic in it becomes a text.
pub(super) async fn quietly<T>(work: impl Future<Output = T>) -> Result<T, String> {
    let mut work = pin!(work);
    std::future::poll_fn(|cx| match std::panic::catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(cx))) {
        Ok(Poll::Pending) => Poll::Pending,
        Ok(Poll::Ready(value)) => Poll::Ready(Ok(value)),
        Err(_) => Poll::Ready(Err("the storage panicked".to_owned())),
    })
    .await
}
