//! How a record is laid out in a row.

use rusqlite::{Result, Row, types::Type};

use super::super::{Record, packed::unpack};
use crate::values::time::Timestamp;

/// The columns of a record, for a `SELECT` that calls the table `r`.
pub(super) const COLUMNS: &str = "r.id, r.version, r.state, r.subject, r.more_subjects, r.grp, r.queue, r.due_at, \
     r.expires_at, r.retention, r.tokens, r.clear, r.sealed, r.row";

/// Where `COLUMNS` has the row number.
pub(super) const ROW: usize = 13;

fn damaged(column: usize, kind: Type) -> rusqlite::Error {
    rusqlite::Error::InvalidColumnType(column, String::new(), kind)
}

fn moment(row: &Row<'_>, column: usize) -> Result<Option<Timestamp>> {
    let millis: Option<i64> = row.get(column)?;
    millis
        .map(|ms| Timestamp::from_timestamp_millis(ms).ok_or_else(|| damaged(column, Type::Integer)))
        .transpose()
}

/// Reads the record out of a row of `COLUMNS`.
pub(super) fn read(row: &Row<'_>, account: &str, kind: &str) -> Result<Record> {
    let mut subjects: Vec<String> = row.get::<_, Option<String>>(3)?.into_iter().collect();
    if let Some(more) = row.get_ref(4)?.as_str_or_null()? {
        let more: Vec<String> = serde_json::from_str(more).map_err(|_| damaged(4, Type::Text))?;
        subjects.extend(more);
    }
    let tokens = match row.get_ref(10)?.as_blob_or_null()? {
        Some(bytes) => unpack(bytes).ok_or_else(|| damaged(10, Type::Blob))?,
        None => Vec::new(),
    };
    Ok(Record {
        account: account.to_owned(),
        kind: kind.to_owned(),
        id: row.get(0)?,
        version: row.get(1)?,
        state: row.get(2)?,
        subjects,
        group: row.get(5)?,
        queue: row.get(6)?,
        due_at: moment(row, 7)?,
        expires_at: moment(row, 8)?,
        retention: row.get(9)?,
        tokens,
        clear: row.get(11)?,
        sealed: row.get(12)?,
    })
}
