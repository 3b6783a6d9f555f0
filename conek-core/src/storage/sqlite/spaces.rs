//! The numbers that stand for accounts and kinds in every table.

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension, Result};

/// What one connection knows of the numbers.
#[derive(Default)]
pub(super) struct Spaces {
    known: HashMap<String, HashMap<String, i64>>,
}

impl Spaces {
    fn known(&self, account: &str, kind: &str) -> Option<i64> {
        self.known.get(account)?.get(kind).copied()
    }

    fn learn(&mut self, account: &str, kind: &str, space: i64) -> i64 {
        self.known.entry(account.to_owned()).or_default().insert(kind.to_owned(), space);
        space
    }

    /// The number of an account and kind, if anything was ever stored there.
    pub(super) fn find(&mut self, conn: &Connection, account: &str, kind: &str) -> Result<Option<i64>> {
        if let Some(space) = self.known(account, kind) {
            return Ok(Some(space));
        }
        let space = conn
            .prepare_cached("SELECT space FROM spaces WHERE account = ? AND kind = ?")?
            .query_row((account, kind), |r| r.get(0))
            .optional()?;
        Ok(space.map(|space| self.learn(account, kind, space)))
    }

    /// The number of an account and kind, given now if there is none. Only inside a write transaction.
    pub(super) fn number(&mut self, conn: &Connection, account: &str, kind: &str) -> Result<i64> {
        if let Some(space) = self.find(conn, account, kind)? {
            return Ok(space);
        }
        conn.execute("INSERT INTO spaces (account, kind) VALUES (?, ?)", (account, kind))?;
        Ok(self.learn(account, kind, conn.last_insert_rowid()))
    }

    /// Forgets everything: a rollback may have taken numbers back.
    pub(super) fn forget(&mut self) {
        self.known.clear();
    }
}

/// The kinds of an account with their numbers, in the order of the kinds.
pub(super) fn kinds(conn: &Connection, account: &str) -> Result<Vec<(String, i64)>> {
    conn.prepare_cached("SELECT kind, space FROM spaces WHERE account = ? ORDER BY kind")?
        .query_map((account,), |r| Ok((r.get(0)?, r.get(1)?)))?
        .collect()
}
