//! How one write reaches the tables.

use rusqlite::{Connection, OptionalExtension, Result, Statement, params};

use super::{
    super::{
        Batch, Claim, Committed, Key, Patch, Record, Token, Write,
        packed::{distinct, more_subjects, pack, unpack},
        position::{appended_id, millis},
    },
    row::{COLUMNS, ROW, read},
    spaces::Spaces,
};

/// Why a write did not happen.
pub(super) enum Stop {
    /// It does not fit what is stored; the reason in the port's words.
    Conflict(String),
    /// The database failed.
    Failed(rusqlite::Error),
}

impl From<rusqlite::Error> for Stop {
    fn from(e: rusqlite::Error) -> Self {
        Self::Failed(e)
    }
}

fn conflict<T>(reason: impl Into<String>) -> Result<T, Stop> {
    Err(Stop::Conflict(reason.into()))
}

/// The prepared statements of the writer, and what it knows.
pub(super) struct Tables<'c> {
    conn: &'c Connection,
    pub(super) spaces: Spaces,
    /// The number of the last appended record.
    pub(super) appended: i64,
    /// Whether the running batch has changed anything yet.
    pub(super) changed: bool,
    insert: Statement<'c>,
    replace: Statement<'c>,
    change: Statement<'c>,
    change_tokens: Statement<'c>,
    delete: Statement<'c>,
    version: Statement<'c>,
    held: Statement<'c>,
    take: Statement<'c>,
    hold_unique: Statement<'c>,
    hold: Statement<'c>,
    let_go_unique: Statement<'c>,
    let_go: Statement<'c>,
    list: Statement<'c>,
    unlist: Statement<'c>,
    due: Statement<'c>,
}

/// What a stored row has in other tables.
struct Elsewhere {
    row: i64,
    version: i64,
    tokens: Option<Vec<u8>>,
    more: Option<String>,
}

impl Elsewhere {
    fn read(r: &rusqlite::Row<'_>) -> Result<Self> {
        Ok(Self { row: r.get(0)?, version: r.get(1)?, tokens: r.get(2)?, more: r.get(3)? })
    }
    fn tokens(&self) -> Vec<Token> {
        self.tokens.as_deref().and_then(unpack).unwrap_or_default()
    }
    fn people(&self) -> Vec<String> {
        self.more.as_deref().and_then(|m| serde_json::from_str(m).ok()).unwrap_or_default()
    }
}

impl<'c> Tables<'c> {
    pub(super) fn prepare(conn: &'c Connection) -> Result<Self> {
        Ok(Self {
            spaces: Spaces::default(),
            appended: conn.query_row("SELECT appended FROM sequence", (), |r| r.get(0))?,
            changed: false,
            insert: conn.prepare(
                "INSERT INTO records (space, id, version, state, subject, more_subjects, grp, queue, due_at,
                    expires_at, retention, tokens, clear, sealed)
                 VALUES (?1, ?2, 1, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
                 ON CONFLICT (space, id) DO NOTHING",
            )?,
            replace: conn.prepare(
                "UPDATE records SET version = version + 1, state = ?2, subject = ?3, more_subjects = ?4, grp = ?5,
                    queue = ?6, due_at = ?7, expires_at = ?8, retention = ?9, tokens = ?10, clear = ?11, sealed = ?12
                 WHERE row = ?1",
            )?,
            change: conn.prepare(
                "UPDATE records SET version = version + 1, state = ?4, queue = ?5, due_at = ?6,
                    clear = coalesce(?7, clear), sealed = coalesce(?8, sealed)
                 WHERE space = ?1 AND id = ?2 AND version = ?3",
            )?,
            change_tokens: conn.prepare(
                "UPDATE records SET version = version + 1, state = ?4, queue = ?5, due_at = ?6,
                    clear = coalesce(?7, clear), sealed = coalesce(?8, sealed), tokens = ?9
                 WHERE space = ?1 AND id = ?2 AND version = ?3",
            )?,
            delete: conn.prepare("DELETE FROM records WHERE row = ?")?,
            version: conn.prepare("SELECT version FROM records WHERE space = ? AND id = ?")?,
            held: conn.prepare("SELECT row, version, tokens, more_subjects FROM records WHERE space = ? AND id = ?")?,
            take: conn.prepare(
                "UPDATE records SET version = version + 1, state = ?2, queue = ?3, due_at = ?4 WHERE row = ?1",
            )?,
            hold_unique: conn.prepare(
                "INSERT INTO unique_tokens (space, name, value, row) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
            )?,
            hold: conn.prepare("INSERT INTO tokens (space, name, value, id, row) VALUES (?, ?, ?, ?, ?)")?,
            let_go_unique: conn.prepare("DELETE FROM unique_tokens WHERE space = ? AND name = ? AND value = ?")?,
            let_go: conn.prepare("DELETE FROM tokens WHERE space = ? AND name = ? AND value = ? AND id = ?")?,
            list: conn.prepare(
                "INSERT INTO more_subjects (space, person, id, row) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
            )?,
            unlist: conn.prepare("DELETE FROM more_subjects WHERE space = ? AND person = ? AND id = ?")?,
            due: conn.prepare(&format!(
                "SELECT {COLUMNS} FROM records r
                 WHERE r.space = ?1 AND r.queue = ?2 AND r.due_at <= ?3 AND r.state = ?4
                 ORDER BY r.due_at, r.id LIMIT ?5"
            ))?,
            conn,
        })
    }

    /// Applies a batch up to its end or its first conflict. What a conflict leaves behind, the caller undoes.
    pub(super) fn batch(&mut self, batch: &Batch) -> Result<Committed> {
        self.changed = false;
        let mut appended = Vec::new();
        for (write, step) in (0i32..).zip(&batch.writes) {
            match self.write(step, &mut appended) {
                Ok(()) => {}
                Err(Stop::Conflict(reason)) => return Ok(Committed::Conflict { write, reason }),
                Err(Stop::Failed(e)) => return Err(e),
            }
        }
        Ok(Committed::Done { appended })
    }

    fn write(&mut self, write: &Write, appended: &mut Vec<String>) -> Result<(), Stop> {
        match write {
            Write::Insert { record } => self.insert(record, &record.id),
            Write::Append { record } => {
                self.appended += 1;
                let id = appended_id(self.appended);
                self.insert(record, &id)?;
                appended.push(id);
                Ok(())
            }
            Write::Replace { record, version } => {
                let space = self.space(&record.account, &record.kind)?;
                match self.elsewhere(space, &record.id)? {
                    Some(old) if old.version == *version => self.replace(space, record, old),
                    _ => conflict("version"),
                }
            }
            Write::Put { record } => {
                let space = self.space(&record.account, &record.kind)?;
                match self.elsewhere(space, &record.id)? {
                    Some(old) => self.replace(space, record, old),
                    None => self.insert(record, &record.id),
                }
            }
            Write::Change { patch } => self.change(patch),
            Write::Delete { key, version } => self.delete(key, *version),
            Write::Check { key, version } => self.check(key, *version),
        }
    }

    fn space(&mut self, account: &str, kind: &str) -> Result<i64> {
        self.spaces.number(self.conn, account, kind)
    }

    fn elsewhere(&mut self, space: i64, id: &str) -> Result<Option<Elsewhere>> {
        self.held.query_row((space, id), Elsewhere::read).optional()
    }

    fn insert(&mut self, r: &Record, id: &str) -> Result<(), Stop> {
        let space = self.space(&r.account, &r.kind)?;
        let inserted = self.insert.execute(params![
            space,
            id,
            r.state,
            r.subjects.first(),
            more_subjects(&r.subjects),
            r.group,
            r.queue,
            r.due_at.map(millis),
            r.expires_at.map(millis),
            r.retention,
            pack(&r.tokens),
            r.clear,
            r.sealed,
        ])?;
        if inserted == 0 {
            return conflict("exists");
        }
        self.changed = true;
        if r.tokens.is_empty() && r.subjects.len() < 2 {
            return Ok(());
        }
        let row = self.conn.last_insert_rowid();
        self.list_people(space, id, row, r)?;
        for t in distinct(&r.tokens) {
            self.hold(space, id, row, t)?;
        }
        Ok(())
    }

    /// Writes a record as it was elsewhere, its version too; whether there was room for it.
    pub(super) fn load(&mut self, r: &Record) -> Result<bool> {
        match self.insert(r, &r.id) {
            Ok(()) => {}
            Err(Stop::Conflict(_)) => return Ok(false),
            Err(Stop::Failed(e)) => return Err(e),
        }
        if r.version != 1 {
            let space = self.space(&r.account, &r.kind)?;
            self.conn
                .prepare_cached("UPDATE records SET version = ? WHERE space = ? AND id = ?")?
                .execute((r.version, space, &r.id))?;
        }
        Ok(true)
    }

    fn replace(&mut self, space: i64, r: &Record, old: Elsewhere) -> Result<(), Stop> {
        self.replace.execute(params![
            old.row,
            r.state,
            r.subjects.first(),
            more_subjects(&r.subjects),
            r.group,
            r.queue,
            r.due_at.map(millis),
            r.expires_at.map(millis),
            r.retention,
            pack(&r.tokens),
            r.clear,
            r.sealed,
        ])?;
        self.changed = true;
        for person in old.people() {
            self.unlist.execute((space, person, &r.id))?;
        }
        self.list_people(space, &r.id, old.row, r)?;
        self.exchange_tokens(space, &r.id, &old, &r.tokens)
    }

    fn change(&mut self, p: &Patch) -> Result<(), Stop> {
        let space = self.space(&p.key.account, &p.key.kind)?;
        let old = match &p.tokens {
            Some(_) => self.elsewhere(space, &p.key.id)?,
            None => None,
        };
        let (due_at, tokens) = (p.due_at.map(millis), p.tokens.as_deref().map(pack));
        // The tokens stand in the row too: written with the rest, the row is written once.
        let changed = match tokens {
            None => self
                .change
                .execute(params![space, p.key.id, p.version, p.state, p.queue, due_at, p.clear, p.sealed])?,
            Some(tokens) => self.change_tokens.execute(params![
                space, p.key.id, p.version, p.state, p.queue, due_at, p.clear, p.sealed, tokens
            ])?,
        };
        if changed == 0 {
            return conflict("version");
        }
        self.changed = true;
        if let (Some(tokens), Some(old)) = (&p.tokens, old) {
            self.exchange_tokens(space, &p.key.id, &old, tokens)?;
        }
        Ok(())
    }

    fn delete(&mut self, key: &Key, version: i64) -> Result<(), Stop> {
        let space = self.space(&key.account, &key.kind)?;
        let old = match self.elsewhere(space, &key.id)? {
            Some(old) if old.version == version => old,
            _ => return conflict("version"),
        };
        self.delete.execute((old.row,))?;
        self.changed = true;
        for person in old.people() {
            self.unlist.execute((space, person, &key.id))?;
        }
        for t in distinct(&old.tokens()) {
            self.let_go(space, &key.id, t)?;
        }
        Ok(())
    }

    fn check(&mut self, key: &Key, version: i64) -> Result<(), Stop> {
        let space = self.space(&key.account, &key.kind)?;
        let stored: Option<i64> = self.version.query_row((space, &key.id), |r| r.get(0)).optional()?;
        match (stored, version) {
            (None, 0) => Ok(()),
            (Some(_), 0) => conflict("exists"),
            (Some(stored), wanted) if stored == wanted => Ok(()),
            _ => conflict("version"),
        }
    }

    fn list_people(&mut self, space: i64, id: &str, row: i64, r: &Record) -> Result<()> {
        if let [first, more @ ..] = &r.subjects[..] {
            for person in more.iter().filter(|p| *p != first) {
                self.list.execute((space, person, id, row))?;
            }
        }
        Ok(())
    }

    fn hold(&mut self, space: i64, id: &str, row: i64, t: &Token) -> Result<(), Stop> {
        if !t.unique {
            self.hold.execute((space, &t.name, &t.value, id, row))?;
        } else if self.hold_unique.execute((space, &t.name, &t.value, row))? == 0 {
            return conflict(format!("token:{}", t.name));
        }
        Ok(())
    }

    fn let_go(&mut self, space: i64, id: &str, t: &Token) -> Result<()> {
        if t.unique {
            self.let_go_unique.execute((space, &t.name, &t.value))?;
        } else {
            self.let_go.execute((space, &t.name, &t.value, id))?;
        }
        Ok(())
    }

    fn exchange_tokens(&mut self, space: i64, id: &str, old: &Elsewhere, new: &[Token]) -> Result<(), Stop> {
        let held = old.tokens();
        let (before, after): (Vec<_>, Vec<_>) = (distinct(&held).collect(), distinct(new).collect());
        for t in before.iter().filter(|t| !after.contains(t)) {
            self.let_go(space, id, t)?;
        }
        for t in after.iter().filter(|t| !before.contains(t)) {
            self.hold(space, id, old.row, t)?;
        }
        Ok(())
    }

    /// Takes due records off a queue.
    pub(super) fn claim(&mut self, work: &Claim) -> Result<Vec<Record>> {
        let space = self.space(&work.account, &work.kind)?;
        let lease = millis(work.lease_until);
        let mut taken = Vec::new();
        let mut rows = self.due.query((space, &work.queue, millis(work.now), &work.state, work.limit))?;
        while let Some(row) = rows.next()? {
            taken.push((row.get::<_, i64>(ROW)?, read(row, &work.account, &work.kind)?));
        }
        drop(rows);
        let mut records = Vec::with_capacity(taken.len());
        for (row, mut record) in taken {
            self.take.execute((row, &work.new_state, &work.new_queue, lease))?;
            record.version += 1;
            record.state.clone_from(&work.new_state);
            record.queue = Some(work.new_queue.clone());
            record.due_at = crate::Timestamp::from_timestamp_millis(lease);
            records.push(record);
        }
        Ok(records)
    }

    /// Writes down how far appending has come. Once per transaction.
    pub(super) fn save_sequence(&self) -> Result<()> {
        self.conn.prepare_cached("UPDATE sequence SET appended = ?")?.execute((self.appended,)).map(drop)
    }
}
