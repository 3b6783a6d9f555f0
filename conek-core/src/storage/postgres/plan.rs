//! Decides in memory what becomes of the batches of a fold, in their order, and what is different afterwards.
//!
//! The database is asked once for all that the fold touches and told once what changed: the number of statements
//! does not depend on the number of batches. The accounts' lock keeps what was read true until the commit.

use std::collections::HashMap;

use super::super::{Batch, Committed, Patch, Record, Token, Write, packed::distinct, position::millis};

/// Account, kind and id.
pub(super) type Name<'a> = (&'a str, &'a str, &'a str);
/// Account, kind, name and value of a token.
pub(super) type Mark<'a> = (&'a str, &'a str, &'a str, &'a str);

/// What is asked of the database before anything can be decided.
#[derive(Default)]
pub(super) struct Wanted<'a> {
    pub(super) keys: Vec<Name<'a>>,
    at: HashMap<Name<'a>, usize>,
    /// Unique tokens that somebody wants to hold.
    pub(super) marks: Vec<Mark<'a>>,
    mark_at: HashMap<Mark<'a>, usize>,
    /// The account of each `Append`, in order.
    pub(super) appends: Vec<&'a str>,
}

impl<'a> Wanted<'a> {
    pub(super) fn of(batches: &[&'a Batch]) -> Self {
        let mut wanted = Self::default();
        for write in batches.iter().flat_map(|b| &b.writes) {
            match write {
                Write::Insert { record } | Write::Replace { record, .. } | Write::Put { record } => {
                    wanted.key((&record.account, &record.kind, &record.id));
                    wanted.tokens(&record.account, &record.kind, &record.tokens);
                }
                Write::Append { record } => {
                    wanted.appends.push(&record.account);
                    wanted.tokens(&record.account, &record.kind, &record.tokens);
                }
                Write::Change { patch } => {
                    wanted.key((&patch.key.account, &patch.key.kind, &patch.key.id));
                    let tokens = patch.tokens.as_deref().unwrap_or_default();
                    wanted.tokens(&patch.key.account, &patch.key.kind, tokens);
                }
                Write::Delete { key, .. } | Write::Check { key, .. } => {
                    wanted.key((&key.account, &key.kind, &key.id));
                }
            }
        }
        wanted
    }

    /// Takes up one more key; answers its place.
    pub(super) fn key(&mut self, name: Name<'a>) -> usize {
        *self.at.entry(name).or_insert_with(|| {
            self.keys.push(name);
            self.keys.len() - 1
        })
    }

    fn tokens(&mut self, account: &'a str, kind: &'a str, tokens: &'a [Token]) {
        for t in tokens.iter().filter(|t| t.unique) {
            let mark = (account, kind, t.name.as_str(), t.value.as_str());
            self.mark_at.entry(mark).or_insert_with(|| {
                self.marks.push(mark);
                self.marks.len() - 1
            });
        }
    }

    /// Every account that the fold touches.
    pub(super) fn accounts(&self) -> Vec<&'a str> {
        let mut accounts: Vec<&str> =
            self.keys.iter().map(|k| k.0).chain(self.appends.iter().copied()).collect();
        accounts.sort_unstable();
        accounts.dedup();
        accounts
    }

    /// Whether an append's own key must be asked for too.
    pub(super) fn is_key(&self, name: Name<'_>) -> Option<usize> {
        self.at.get(&name).copied()
    }
}

/// What is stored of a record, as far as deciding needs it.
pub(super) struct Stored {
    pub(super) version: i64,
    pub(super) tokens: Vec<Token>,
    pub(super) more: Vec<String>,
}

/// What changes on a record that is already there.
#[derive(Clone, Copy, Default)]
pub(super) struct Change<'a> {
    pub(super) state: &'a str,
    pub(super) queue: Option<&'a str>,
    pub(super) due_at: Option<i64>,
    pub(super) clear: Option<&'a str>,
    pub(super) sealed: Option<&'a [u8]>,
    pub(super) tokens: Option<&'a [Token]>,
}

/// A record at the present point of the fold.
#[derive(Clone, Copy, Default)]
pub(super) struct Cell<'a> {
    /// 0: there is none.
    pub(super) version: i64,
    /// The whole record that a batch gave; `None`: the stored one.
    pub(super) base: Option<&'a Record>,
    /// What was changed on it since.
    pub(super) change: Option<Change<'a>>,
    /// Whether any batch of the fold changed it.
    pub(super) touched: bool,
}

/// Holds a token, but is not among the fold's records.
const ELSEWHERE: usize = usize::MAX;

enum Undo<'a> {
    Cell(usize, Cell<'a>),
    Holder(usize, Option<usize>),
}

/// The records of a fold, and who holds its tokens.
pub(super) struct Plan<'a> {
    pub(super) wanted: Wanted<'a>,
    pub(super) stored: Vec<Option<Stored>>,
    pub(super) cells: Vec<Cell<'a>>,
    holders: Vec<Option<usize>>,
    undo: Vec<Undo<'a>>,
}

impl<'a> Plan<'a> {
    /// A plan on what the database answered: the stored records and the ids of holders, each in the order in
    /// which it was asked for.
    pub(super) fn new(
        wanted: Wanted<'a>,
        mut stored: Vec<Option<Stored>>,
        holders: Vec<Option<String>>,
    ) -> Self {
        stored.resize_with(wanted.keys.len(), || None);
        let cells = stored
            .iter()
            .map(|s| Cell { version: s.as_ref().map_or(0, |s| s.version), ..Cell::default() })
            .collect();
        let mut holders: Vec<Option<usize>> = holders
            .iter()
            .zip(&wanted.marks)
            .map(|(id, mark)| {
                let id = id.as_deref()?;
                Some(wanted.is_key((mark.0, mark.1, id)).unwrap_or(ELSEWHERE))
            })
            .collect();
        holders.resize(wanted.marks.len(), None);
        Self { wanted, stored, cells, holders, undo: Vec::new() }
    }

    /// Applies a batch, all of it or nothing. `ids` are those of the `Append`s that are still to come.
    pub(super) fn batch(&mut self, batch: &'a Batch, ids: &mut std::slice::Iter<'a, String>) -> Committed {
        let mut appended = Vec::new();
        self.undo.clear();
        let mut conflict = None;
        for (write, step) in (0i32..).zip(&batch.writes) {
            // Every append has its number, whether it comes to be or not: so it is known before anything is decided.
            let id = match step {
                Write::Append { .. } => ids.next(),
                _ => None,
            };
            if conflict.is_none()
                && let Err(reason) = self.write(step, id, &mut appended)
            {
                conflict = Some(Committed::Conflict { write, reason });
            }
        }
        if conflict.is_some() {
            while let Some(undo) = self.undo.pop() {
                match undo {
                    Undo::Cell(i, cell) => self.cells[i] = cell,
                    Undo::Holder(t, holder) => self.holders[t] = holder,
                }
            }
        }
        conflict.unwrap_or(Committed::Done { appended })
    }

    fn write(
        &mut self,
        write: &'a Write,
        id: Option<&'a String>,
        appended: &mut Vec<String>,
    ) -> Result<(), String> {
        match write {
            Write::Insert { record } => {
                let i = self.place((&record.account, &record.kind, &record.id));
                self.insert(i, record)
            }
            Write::Append { record } => {
                let id = id.ok_or("exists")?;
                let i = self.place((&record.account, &record.kind, id));
                self.insert(i, record)?;
                appended.push(id.clone());
                Ok(())
            }
            Write::Put { record } => {
                let i = self.place((&record.account, &record.kind, &record.id));
                self.store(i, record)
            }
            Write::Replace { record, version } => {
                let i = self.place((&record.account, &record.kind, &record.id));
                self.expect(i, *version)?;
                self.store(i, record)
            }
            Write::Change { patch } => self.change(patch),
            Write::Delete { key, version } => {
                let i = self.place((&key.account, &key.kind, &key.id));
                self.expect(i, *version)?;
                self.exchange(i, &[])?;
                self.set(i, Cell { touched: true, ..Cell::default() });
                Ok(())
            }
            Write::Check { key, version } => {
                let i = self.place((&key.account, &key.kind, &key.id));
                match (self.cells[i].version, *version) {
                    (0, 0) => Ok(()),
                    (_, 0) => Err("exists".to_owned()),
                    _ => self.expect(i, *version),
                }
            }
        }
    }

    /// The place of a key; one that was not asked for is an append's, of which there is nothing yet.
    fn place(&mut self, name: Name<'a>) -> usize {
        let i = self.wanted.key(name);
        if i == self.cells.len() {
            self.cells.push(Cell::default());
            self.stored.push(None);
        }
        i
    }

    fn expect(&self, i: usize, version: i64) -> Result<(), String> {
        match self.cells[i].version {
            0 => Err("version".to_owned()),
            v if v != version => Err("version".to_owned()),
            _ => Ok(()),
        }
    }

    fn set(&mut self, i: usize, cell: Cell<'a>) {
        self.undo.push(Undo::Cell(i, std::mem::replace(&mut self.cells[i], cell)));
    }

    fn insert(&mut self, i: usize, record: &'a Record) -> Result<(), String> {
        if self.cells[i].version != 0 {
            return Err("exists".to_owned());
        }
        self.store(i, record)
    }

    fn store(&mut self, i: usize, record: &'a Record) -> Result<(), String> {
        self.exchange(i, &record.tokens)?;
        let version = self.cells[i].version + 1;
        self.set(i, Cell { version, base: Some(record), change: None, touched: true });
        Ok(())
    }

    fn change(&mut self, p: &'a Patch) -> Result<(), String> {
        let i = self.place((&p.key.account, &p.key.kind, &p.key.id));
        self.expect(i, p.version)?;
        if let Some(tokens) = &p.tokens {
            self.exchange(i, tokens)?;
        }
        let cell = self.cells[i];
        let before = cell.change.unwrap_or_default();
        let change = Change {
            state: &p.state,
            queue: p.queue.as_deref(),
            due_at: p.due_at.map(millis),
            clear: p.clear.as_deref().or(before.clear),
            sealed: p.sealed.as_deref().or(before.sealed),
            tokens: p.tokens.as_deref().or(before.tokens),
        };
        self.set(i, Cell { version: cell.version + 1, change: Some(change), touched: true, ..cell });
        Ok(())
    }

    /// The tokens that the record at a place holds.
    pub(super) fn tokens(&self, i: usize) -> &[Token] {
        let cell = &self.cells[i];
        let changed = cell.change.and_then(|c| c.tokens);
        match (cell.version, changed, cell.base, &self.stored[i]) {
            (0, ..) => &[],
            (_, Some(tokens), ..) => tokens,
            (_, None, Some(record), _) => &record.tokens,
            (_, None, None, stored) => stored.as_ref().map_or(&[], |s| &s.tokens),
        }
    }

    /// Lets go of a record's unique tokens and takes others, unless somebody else holds one.
    fn exchange(&mut self, i: usize, tokens: &[Token]) -> Result<(), String> {
        let (account, kind, _) = self.wanted.keys[i];
        let place =
            |t: &Token| self.wanted.mark_at.get(&(account, kind, t.name.as_str(), t.value.as_str())).copied();
        let mut taken = Vec::new();
        for t in distinct(tokens).filter(|t| t.unique) {
            let Some(at) = place(t) else { continue };
            if self.holders[at].is_some_and(|holder| holder != i) {
                return Err(format!("token:{}", t.name));
            }
            taken.push((at, Some(i)));
        }
        // What nobody in the fold asks for needs no one to hold it.
        let held = self.tokens(i).iter().filter(|t| t.unique).filter_map(place);
        let let_go: Vec<_> = held.filter(|at| self.holders[*at] == Some(i)).map(|at| (at, None)).collect();
        for (at, holder) in let_go.into_iter().chain(taken) {
            self.undo.push(Undo::Holder(at, std::mem::replace(&mut self.holders[at], holder)));
        }
        Ok(())
    }
}
