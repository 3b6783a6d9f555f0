//! A place in an index, and the opaque cursor that carries it from page to page.

use super::record::{Index, Query};
use crate::values::{
    error::{Error, Result},
    time::Timestamp,
};

/// Where a record stands in an index: every index orders by time (0 where it has none), kind, id.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Position {
    pub(super) at: i64,
    pub(super) kind: String,
    pub(super) id: String,
}

impl Position {
    /// The cursor behind this place. In the index by id it is the id itself, so that a reader goes
    /// on behind any record it knows.
    pub(super) fn cursor(&self, index: &Index) -> Result<String> {
        match index {
            Index::Id {} => Ok(self.id.clone()),
            _ => {
                serde_json::to_string(&(self.at, &self.kind, &self.id)).map_err(|_| Error::internal("cursor"))
            }
        }
    }
    /// The place after which a query goes on.
    pub(super) fn after(query: &Query) -> Result<Option<Self>> {
        let Some(cursor) = &query.after else { return Ok(None) };
        if let Index::Id {} = query.index {
            return Ok(Some(Self { at: 0, kind: query.kind.clone(), id: cursor.clone() }));
        }
        let (at, kind, id) = serde_json::from_str(cursor)
            .map_err(|_| Error::invalid("after", "must be a cursor that a page of the same query gave"))?;
        Ok(Some(Self { at, kind, id }))
    }
}

/// Storages keep whole milliseconds.
pub(super) fn millis(at: Timestamp) -> i64 {
    at.timestamp_millis()
}

/// Refuses a limit outside 1 to 10,000.
pub(super) fn check_limit(limit: i32) -> Result<usize> {
    match usize::try_from(limit) {
        Ok(n @ 1..=10_000) => Ok(n),
        _ => Err(Error::invalid("limit", "must be 1 to 10,000")),
    }
}

/// Refuses an empty kind where the index does not allow it.
pub(super) fn check_kind(query: &Query) -> Result<()> {
    match query.index {
        Index::Subject { .. } | Index::Expired { .. } => Ok(()),
        _ if query.kind.is_empty() => Err(Error::invalid("kind", "this index needs a kind")),
        _ => Ok(()),
    }
}

/// The id of the `n`th appended record: as text, greater than every one before.
pub(super) fn appended_id(n: i64) -> String {
    format!("{n:016}")
}
