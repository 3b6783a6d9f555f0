//! How a record is laid out in a row, and how any text becomes one that PostgreSQL can hold.

use std::borrow::Cow;

use tokio_postgres::Row;

use super::{
    super::{Record, packed::unpack},
    fault::fault,
};
use crate::values::{
    error::{Error, Result, StorageFault},
    time::Timestamp,
};

/// The columns of a record, for a `SELECT` that calls the table `r`.
pub(super) const COLUMNS: &str = "r.account, r.kind, r.id, r.version, r.state, r.subject, r.more_subjects, r.grp, r.queue, \
     r.due_at, r.expires_at, r.retention, r.tokens, r.clear, r.sealed";

/// Where columns begin that a statement adds behind `COLUMNS`.
pub(super) const MORE: usize = 15;

/// Text as it is stored. PostgreSQL knows no NUL; 0 and 1 become a 1 and a letter, and the order of texts stays.
pub(super) fn kept(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|b| b > 1) {
        return Cow::Borrowed(text);
    }
    let mut kept = String::with_capacity(text.len() + 2);
    for c in text.chars() {
        match c {
            '\0' => kept.push_str("\u{1}a"),
            '\u{1}' => kept.push_str("\u{1}b"),
            c => kept.push(c),
        }
    }
    Cow::Owned(kept)
}

/// Text as it was given to [`kept`].
pub(super) fn given(text: String) -> String {
    if text.bytes().all(|b| b > 1) { text } else { text.replace("\u{1}a", "\0").replace("\u{1}b", "\u{1}") }
}

pub(super) fn damaged() -> Error {
    Error::storage(StorageFault::Corrupt, "a stored row has a form that conek never writes; restore a backup")
}

fn moment(row: &Row, column: usize) -> Result<Option<Timestamp>> {
    let millis: Option<i64> = get(row, column)?;
    millis.map(|ms| Timestamp::from_timestamp_millis(ms).ok_or_else(damaged)).transpose()
}

/// One value of a row.
pub(super) fn get<'r, T: tokio_postgres::types::FromSql<'r>>(row: &'r Row, column: usize) -> Result<T> {
    row.try_get(column).map_err(|e| fault(&e))
}

fn text(row: &Row, column: usize) -> Result<String> {
    get(row, column).map(given)
}

fn text_or_none(row: &Row, column: usize) -> Result<Option<String>> {
    get::<Option<String>>(row, column).map(|t| t.map(given))
}

/// The subjects of a row after the first.
pub(super) fn more(json: Option<&str>) -> Result<Vec<String>> {
    json.map_or(Ok(Vec::new()), |json| serde_json::from_str(json).map_err(|_| damaged()))
}

/// Reads the record out of a row of `COLUMNS`.
pub(super) fn read(row: &Row) -> Result<Record> {
    let mut subjects: Vec<String> = text_or_none(row, 5)?.into_iter().collect();
    subjects.extend(more(get(row, 6)?)?);
    let tokens = match get::<Option<&[u8]>>(row, 12)? {
        Some(bytes) => unpack(bytes).ok_or_else(damaged)?,
        None => Vec::new(),
    };
    Ok(Record {
        account: text(row, 0)?,
        kind: text(row, 1)?,
        id: text(row, 2)?,
        version: get(row, 3)?,
        state: text(row, 4)?,
        subjects,
        group: text_or_none(row, 7)?,
        queue: text_or_none(row, 8)?,
        due_at: moment(row, 9)?,
        expires_at: moment(row, 10)?,
        retention: text(row, 11)?,
        tokens,
        clear: text(row, 13)?,
        sealed: get(row, 14)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_comes_back_and_keeps_its_place() {
        let texts = [
            "", "\0", "\0\0", "\0a", "\u{1}", "\u{1}\0", "\u{1}a", "\u{1}b", "\u{2}", "a", "a\0", "a\u{1}",
            "b",
        ];
        for text in texts {
            assert_eq!(given(kept(text).into_owned()), text);
            assert!(!kept(text).contains('\0'));
        }
        for pair in texts.windows(2) {
            assert_eq!(pair[0].cmp(pair[1]), kept(pair[0]).cmp(&kept(pair[1])), "{pair:?}");
        }
    }
}
