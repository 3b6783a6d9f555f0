//! What a fold changes, as the arrays that the statements take.

use std::borrow::Cow;

use super::{
    super::{
        Record, Token,
        packed::{distinct, more_subjects, pack},
        position::millis,
    },
    plan::{Cell, Plan},
    row::kept,
};

type Text<'a> = Cow<'a, str>;

/// Keys, with the versions that are stored.
#[derive(Default)]
pub(super) struct Keys<'a> {
    pub(super) account: Vec<Text<'a>>,
    pub(super) kind: Vec<Text<'a>>,
    pub(super) id: Vec<Text<'a>>,
    pub(super) was: Vec<i64>,
}

/// Whole records.
#[derive(Default)]
pub(super) struct Whole<'a> {
    pub(super) keys: Keys<'a>,
    pub(super) version: Vec<i64>,
    pub(super) state: Vec<Text<'a>>,
    pub(super) subject: Vec<Option<Text<'a>>>,
    pub(super) more_subjects: Vec<Option<String>>,
    pub(super) group: Vec<Option<Text<'a>>>,
    pub(super) queue: Vec<Option<Text<'a>>>,
    pub(super) due_at: Vec<Option<i64>>,
    pub(super) expires_at: Vec<Option<i64>>,
    pub(super) retention: Vec<Text<'a>>,
    pub(super) tokens: Vec<Option<Vec<u8>>>,
    pub(super) clear: Vec<Text<'a>>,
    pub(super) sealed: Vec<&'a [u8]>,
}

/// Changes of stored records.
#[derive(Default)]
pub(super) struct Changes<'a> {
    pub(super) keys: Keys<'a>,
    pub(super) version: Vec<i64>,
    pub(super) state: Vec<Text<'a>>,
    pub(super) queue: Vec<Option<Text<'a>>>,
    pub(super) due_at: Vec<Option<i64>>,
    pub(super) clear: Vec<Option<Text<'a>>>,
    pub(super) sealed: Vec<Option<&'a [u8]>>,
    pub(super) keeps_tokens: Vec<bool>,
    pub(super) tokens: Vec<Option<Vec<u8>>>,
}

/// Rows of a side table: a token or a person, and the record.
#[derive(Default)]
pub(super) struct Marks<'a> {
    pub(super) account: Vec<Text<'a>>,
    pub(super) kind: Vec<Text<'a>>,
    pub(super) id: Vec<Text<'a>>,
    /// A token's name, or a person.
    pub(super) name: Vec<String>,
    pub(super) value: Vec<String>,
}

/// All that is different after a fold.
#[derive(Default)]
pub(super) struct Effects<'a> {
    pub(super) deleted: Keys<'a>,
    pub(super) inserted: Whole<'a>,
    pub(super) replaced: Whole<'a>,
    pub(super) changed: Changes<'a>,
    pub(super) let_go_unique: Marks<'a>,
    pub(super) let_go: Marks<'a>,
    pub(super) hold_unique: Marks<'a>,
    pub(super) hold: Marks<'a>,
    pub(super) unlisted: Marks<'a>,
    pub(super) listed: Marks<'a>,
}

type Name<'a> = (&'a str, &'a str, &'a str);

impl<'a> Keys<'a> {
    fn push(&mut self, name: Name<'a>, was: i64) {
        self.account.push(kept(name.0));
        self.kind.push(kept(name.1));
        self.id.push(kept(name.2));
        self.was.push(was);
    }
    pub(super) fn count(&self) -> u64 {
        self.was.len() as u64
    }
}

impl<'a> Marks<'a> {
    fn push(&mut self, name: Name<'a>, what: &str, value: &str) {
        self.account.push(kept(name.0));
        self.kind.push(kept(name.1));
        self.id.push(kept(name.2));
        self.name.push(kept(what).into_owned());
        self.value.push(kept(value).into_owned());
    }
    pub(super) fn count(&self) -> u64 {
        self.id.len() as u64
    }
}

impl<'a> Whole<'a> {
    fn push(&mut self, name: Name<'a>, was: i64, r: &'a Record, cell: &Cell<'a>) {
        let change = cell.change;
        self.keys.push(name, was);
        self.version.push(cell.version);
        self.state.push(kept(change.map_or(&r.state, |c| c.state)));
        self.subject.push(r.subjects.first().map(|s| kept(s)));
        self.more_subjects.push(more_subjects(&r.subjects));
        self.group.push(r.group.as_deref().map(kept));
        self.queue.push(change.map_or(r.queue.as_deref(), |c| c.queue).map(kept));
        self.due_at.push(change.map_or(r.due_at.map(millis), |c| c.due_at));
        self.expires_at.push(r.expires_at.map(millis));
        self.retention.push(kept(&r.retention));
        self.tokens.push(pack(change.and_then(|c| c.tokens).unwrap_or(&r.tokens)));
        self.clear.push(kept(change.and_then(|c| c.clear).unwrap_or(&r.clear)));
        self.sealed.push(change.and_then(|c| c.sealed).unwrap_or(&r.sealed));
    }
}

/// The subjects that stand in the side table: those after the first, once each.
fn listed(r: &Record) -> Vec<&str> {
    let [first, more @ ..] = &r.subjects[..] else { return Vec::new() };
    let mut people: Vec<&str> = more.iter().filter(|p| *p != first).map(String::as_str).collect();
    people.sort_unstable();
    people.dedup();
    people
}

impl<'a> Effects<'a> {
    pub(super) fn of(plan: &Plan<'a>) -> Self {
        let mut effects = Self::default();
        for (i, cell) in plan.cells.iter().enumerate().filter(|(_, cell)| cell.touched) {
            let name = plan.wanted.keys[i];
            let stored = plan.stored[i].as_ref();
            let was = stored.map_or(0, |s| s.version);
            match (stored, cell.base) {
                (None, _) if cell.version == 0 => {}
                (Some(_), _) if cell.version == 0 => effects.deleted.push(name, was),
                (None, Some(record)) => effects.inserted.push(name, was, record, cell),
                (Some(_), Some(record)) => effects.replaced.push(name, was, record, cell),
                (_, None) => effects.change(name, was, cell),
            }
            let none = [];
            effects.tokens(name, stored.map_or(&none[..], |s| &s.tokens), plan.tokens(i));
            // A change leaves the subjects as they are.
            if cell.version == 0 || cell.base.is_some() {
                for person in stored.map_or(&[][..], |s| &s.more) {
                    effects.unlisted.push(name, person, "");
                }
            }
            if let (true, Some(record)) = (cell.version > 0, cell.base) {
                for person in listed(record) {
                    effects.listed.push(name, person, "");
                }
            }
        }
        effects
    }

    pub(super) fn is_none(&self) -> bool {
        // Nothing stands in a side table without a change of its record.
        let (a, b, c, d) = (&self.deleted, &self.inserted.keys, &self.replaced.keys, &self.changed.keys);
        a.count() + b.count() + c.count() + d.count() == 0
    }

    fn change(&mut self, name: Name<'a>, was: i64, cell: &Cell<'a>) {
        let Some(c) = cell.change else { return };
        let into = &mut self.changed;
        into.keys.push(name, was);
        into.version.push(cell.version);
        into.state.push(kept(c.state));
        into.queue.push(c.queue.map(kept));
        into.due_at.push(c.due_at);
        into.clear.push(c.clear.map(kept));
        into.sealed.push(c.sealed);
        into.keeps_tokens.push(c.tokens.is_none());
        into.tokens.push(c.tokens.and_then(pack));
    }

    fn tokens(&mut self, name: Name<'a>, before: &[Token], after: &[Token]) {
        let (before, after): (Vec<_>, Vec<_>) = (distinct(before).collect(), distinct(after).collect());
        for t in before.iter().filter(|t| !after.contains(t)) {
            let into = if t.unique { &mut self.let_go_unique } else { &mut self.let_go };
            into.push(name, &t.name, &t.value);
        }
        for t in after.iter().filter(|t| !before.contains(t)) {
            let into = if t.unique { &mut self.hold_unique } else { &mut self.hold };
            into.push(name, &t.name, &t.value);
        }
    }
}
