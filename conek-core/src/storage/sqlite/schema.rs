//! The tables, and the numbered steps by which an older file becomes a present one.

use rusqlite::{Connection, Result};

/// Marks a file as conek's: "conk" in the header's application id.
pub(super) const APPLICATION_ID: i32 = 0x636f_6e6b;

/// Step `n` (from 1) brings a file from version `n - 1` to `n`. Never change one that was released.
const MIGRATIONS: &[&str] = &[
    // Accounts and kinds are stored once, as a number: every index entry begins with it.
    // Records are rowid tables because their rows are wide: a narrow index finds the row.
    // A token's primary key is what refuses a second holder.
    "CREATE TABLE spaces (
        space INTEGER PRIMARY KEY, account TEXT NOT NULL, kind TEXT NOT NULL, UNIQUE (account, kind)
     ) STRICT;
     CREATE TABLE records (
        row INTEGER PRIMARY KEY, space INTEGER NOT NULL, id TEXT NOT NULL, version INTEGER NOT NULL,
        state TEXT NOT NULL, subject TEXT, more_subjects TEXT, grp TEXT, queue TEXT, due_at INTEGER,
        expires_at INTEGER, retention TEXT NOT NULL, tokens BLOB, clear TEXT NOT NULL, sealed BLOB NOT NULL
     ) STRICT;
     CREATE UNIQUE INDEX by_id ON records (space, id);
     CREATE INDEX by_subject ON records (space, subject, id) WHERE subject IS NOT NULL;
     CREATE INDEX by_group ON records (space, grp, id) WHERE grp IS NOT NULL;
     CREATE INDEX by_due ON records (space, queue, due_at, id) WHERE queue IS NOT NULL AND due_at IS NOT NULL;
     CREATE INDEX by_expiry ON records (space, expires_at, id) WHERE expires_at IS NOT NULL;
     CREATE TABLE more_subjects (
        space INTEGER NOT NULL, person TEXT NOT NULL, id TEXT NOT NULL, row INTEGER NOT NULL,
        PRIMARY KEY (space, person, id)
     ) WITHOUT ROWID, STRICT;
     CREATE TABLE unique_tokens (
        space INTEGER NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL, row INTEGER NOT NULL,
        PRIMARY KEY (space, name, value)
     ) WITHOUT ROWID, STRICT;
     CREATE TABLE tokens (
        space INTEGER NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL, id TEXT NOT NULL, row INTEGER NOT NULL,
        PRIMARY KEY (space, name, value, id)
     ) WITHOUT ROWID, STRICT;
     CREATE TABLE sequence (appended INTEGER NOT NULL) STRICT;
     INSERT INTO sequence VALUES (0);
     CREATE VIEW clear_records AS
        SELECT account, kind, id, version, state, grp AS \"group\", queue,
               due_at / 1000.0 AS due_at, expires_at / 1000.0 AS expires_at, retention, clear
        FROM records JOIN spaces USING (space);",
];

/// The version that this library writes.
pub(super) fn newest() -> i32 {
    i32::try_from(MIGRATIONS.len()).unwrap_or(i32::MAX)
}

/// Brings the file to the newest version, one transaction a step.
pub(super) fn migrate(conn: &Connection) -> Result<()> {
    let version: i32 = conn.query_row("PRAGMA user_version", (), |r| r.get(0))?;
    for (to, sql) in (1..).zip(MIGRATIONS).filter(|(to, _)| *to > version) {
        let tx = conn.unchecked_transaction()?;
        tx.execute_batch(sql)?;
        tx.pragma_update(None, "user_version", to)?;
        tx.commit()?;
    }
    Ok(())
}
