//! Where records live: the port, and the implementations that ship with conek.
//!
//! A storage sees one shape of thing, [`Record`], for every kind of thing. It sees ciphertext, keyed
//! tokens and fields that say nothing of a person; never a name, a number or a text.

mod dump;
mod memory;
mod moving;
mod packed;
mod position;
#[cfg(feature = "postgres")]
mod postgres;
mod record;
mod sqlite;

use std::fmt::Debug;

use async_trait::async_trait;

pub use memory::Memory;
pub(crate) use moving::refuse_moved;
pub use moving::{Migrated, migrate};
#[cfg(feature = "postgres")]
pub use postgres::Postgres;
pub use record::{
    Batch, Claim, Committed, Index, Key, Page, Patch, Query, Record, Token, Verification, Write,
};
pub use sqlite::Sqlite;

use crate::values::error::Result;

/// Where the engine keeps everything.
///
/// Eight methods, batch-first, by value, so that a host can implement it in an afternoon and in
/// any language. `conformance::check_storage` runs one case per line of "Behavior" below.
///
/// # Behavior
/// - Every method is safe to call from several tasks at once.
/// - What `commit` reported as [`Committed::Done`] survives the end of the process and a power cut.
/// - Records of one account are never seen through another account.
/// - An error means that nothing of the call took effect, unless its retry is `unknown`.
#[async_trait]
pub trait Storage: Debug + Send + Sync + 'static {
    /// Applies batches. Each batch is all or nothing; one batch's conflict leaves the others alone.
    ///
    /// # Behavior
    /// - Answers one [`Committed`] per batch, in order; later batches see what earlier ones wrote.
    /// - `Insert` of a key that exists is a conflict.
    /// - `Replace`, `Patch` and `Delete` with another `version` than the stored one are a conflict;
    ///   so is one of a missing record. `Put` writes whatever was there.
    /// - `Check` with `version` 0 demands that the record does not exist.
    /// - A stored record's version is 1 after `Insert`, and grows by one with every change.
    /// - A unique token held by another record of the same account and kind is a conflict.
    /// - A deleted or changed record lets go of the tokens it no longer has.
    /// - `Append` gives the record an id that is greater, as text, than every id appended before
    ///   to the same account and kind, in the order in which the appends became visible.
    async fn commit(&self, batches: Vec<Batch>) -> Result<Vec<Committed>>;

    /// Reads records by key.
    ///
    /// # Behavior
    /// - Answers one entry per key, in order; `None` where there is no such record.
    async fn get(&self, keys: Vec<Key>) -> Result<Vec<Option<Record>>>;

    /// Reads one page by one declared index.
    ///
    /// # Behavior
    /// - Records come in the index's order (see [`Index`]); `descending` turns it round.
    /// - `after` continues where the page that gave the cursor ended; records that stand still
    ///   between two pages appear exactly once.
    /// - In the index by id the cursor is the last record's id: any id may be given, also one that no
    ///   record has.
    /// - At most `limit` records; `next` is `None` exactly when nothing follows.
    async fn find(&self, query: Query) -> Result<Page>;

    /// Counts what `find` would return without a limit or cursor.
    async fn count(&self, query: Query) -> Result<i64>;

    /// Takes due work off a queue, so that no other claim sees it.
    ///
    /// # Behavior
    /// - Takes records of `queue` whose `due_at` has come and whose `state` is `state`, the longest
    ///   due first, at most `limit`.
    /// - Each taken record gets `new_state`, `new_queue`, `due_at = lease_until` and its next
    ///   version, durably, before the call returns it in that form.
    /// - Two claims never return the same record.
    async fn claim(&self, work: Claim) -> Result<Vec<Record>>;

    /// Writes a consistent copy of the whole storage to `to` while work goes on.
    ///
    /// # Behavior
    /// - An existing file at `to` is an error and stays as it is.
    async fn backup(&self, to: String) -> Result<()>;

    /// Ends the storage's use of its file or connection. Nothing to do for many.
    ///
    /// # Behavior
    /// - What was committed before stays; calls after it may fail with `storage_unavailable`.
    async fn close(&self) -> Result<()> {
        Ok(())
    }

    /// Checks the storage's own integrity and counts what it holds.
    async fn verify(&self) -> Result<Verification>;
}
