//! How a record is laid out in a row.

use rusqlite::{Result, Row, types::Type};

use super::super::{Record, Token};
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

/// The subjects after the first, which has a column of its own.
pub(super) fn more_subjects(subjects: &[String]) -> Option<String> {
    match subjects {
        [] | [_] => None,
        [_, more @ ..] => serde_json::to_string(more).ok(),
    }
}

/// Tokens as bytes: for each a flag, two lengths, the name and the value.
pub(super) fn pack(tokens: &[Token]) -> Option<Vec<u8>> {
    if tokens.is_empty() {
        return None;
    }
    let mut bytes = Vec::with_capacity(tokens.iter().map(|t| 9 + t.name.len() + t.value.len()).sum());
    for t in tokens {
        bytes.push(u8::from(t.unique));
        for text in [&t.name, &t.value] {
            bytes.extend_from_slice(&u32::try_from(text.len()).unwrap_or(u32::MAX).to_le_bytes());
        }
        bytes.extend_from_slice(t.name.as_bytes());
        bytes.extend_from_slice(t.value.as_bytes());
    }
    Some(bytes)
}

/// Reads what `pack` wrote; `None` if it did not.
pub(super) fn unpack(mut bytes: &[u8]) -> Option<Vec<Token>> {
    let mut tokens = Vec::new();
    while let Some((flag, rest)) = bytes.split_first() {
        let (name_length, rest) = rest.split_first_chunk::<4>()?;
        let (value_length, rest) = rest.split_first_chunk::<4>()?;
        let (name, rest) = rest.split_at_checked(u32::from_le_bytes(*name_length) as usize)?;
        let (value, rest) = rest.split_at_checked(u32::from_le_bytes(*value_length) as usize)?;
        let text = |b: &[u8]| Some(std::str::from_utf8(b).ok()?.to_owned());
        tokens.push(Token { name: text(name)?, value: text(value)?, unique: *flag == 1 });
        bytes = rest;
    }
    Some(tokens)
}

/// Tokens without repetitions: each (name, value) once, unique if any of them is.
pub(super) fn distinct(tokens: &[Token]) -> impl Iterator<Item = &Token> {
    tokens.iter().enumerate().filter_map(|(i, t)| {
        let same = |o: &Token| o.name == t.name && o.value == t.value;
        let repeated = tokens[..i].iter().any(same);
        if t.unique {
            (!tokens[..i].iter().any(|o| same(o) && o.unique)).then_some(t)
        } else {
            (!repeated && !tokens[i + 1..].iter().any(|o| same(o) && o.unique)).then_some(t)
        }
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn token(name: &str, value: &str, unique: bool) -> Token {
        Token { name: name.into(), value: value.into(), unique }
    }

    #[test]
    fn tokens_come_back_as_they_went_in_and_damage_is_noticed() {
        let tokens = vec![token("phone", "aaa", true), token("", "", false), token("größe", "\0", false)];
        let bytes = pack(&tokens).unwrap();
        assert_eq!(unpack(&bytes), Some(tokens));
        assert_eq!(unpack(&bytes[..bytes.len() - 1]), None);
    }

    #[test]
    fn a_token_given_twice_counts_once_and_unique_wins() {
        let tokens = [
            token("a", "1", false),
            token("a", "1", true),
            token("a", "1", true),
            token("b", "1", false),
            token("b", "1", false),
        ];
        let kept: Vec<_> = distinct(&tokens).map(|t| (t.name.as_str(), t.unique)).collect();
        assert_eq!(kept, [("a", true), ("b", false)]);
    }
}
