//! Who is being erased: whatever was prepared of them before is not stored behind their back.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use tokio::sync::{Notify, RwLock, RwLockReadGuard};

use crate::storage::{Batch, Committed, Write};

/// How long after an erasure something may come that was prepared before it.
const LATE: Duration = Duration::from_secs(3600);
/// Those who left longer ago are forgotten when there are more than this.
const MANY: usize = 10_000;

/// The people of one process who leave or have left.
#[derive(Default)]
pub(crate) struct Leaving {
    /// Since when they are gone; `None` while their erasure is under way.
    people: Mutex<HashMap<String, Option<Instant>>>,
    /// Shared by whatever is being stored; taken alone, it waits for all of that.
    storing: RwLock<()>,
    ended: Notify,
}

/// An erasure under way.
pub(crate) struct Leave<'l> {
    leaving: &'l Leaving,
    person: String,
    /// Since when they are gone.
    gone: Option<Instant>,
}

impl Leaving {
    fn people(&self) -> MutexGuard<'_, HashMap<String, Option<Instant>>> {
        self.people.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From when this returns on, nothing new of the person is stored until the erasure has ended, and nothing at
    /// all once they are gone. One erasure of a person at a time.
    pub(crate) async fn begin(&self, person: &str) -> Leave<'_> {
        let gone = loop {
            let ended = self.ended.notified();
            {
                let mut people = self.people();
                let left = people.get(person).copied();
                if left != Some(None) {
                    people.insert(person.to_owned(), None);
                    break left.flatten();
                }
            }
            ended.await;
        };
        let leave = Leave { leaving: self, person: person.to_owned(), gone };
        drop(self.storing.write().await);
        leave
    }

    /// Waits until nobody leaves of whom these batches have something new. For each of them, says which write is of
    /// somebody who is gone. As long as the guard is held, nobody else begins to leave.
    pub(super) async fn admit(&self, batches: &[Batch]) -> (RwLockReadGuard<'_, ()>, Vec<Option<i32>>) {
        loop {
            let ended = self.ended.notified();
            let storing = self.storing.read().await;
            let late = {
                let people = self.people();
                if people.is_empty() { Some(Vec::new()) } else { late(batches, &people) }
            };
            if let Some(late) = late {
                return (storing, late);
            }
            drop(storing);
            ended.await;
        }
    }
}

/// `None` where somebody's erasure is under way.
fn late(batches: &[Batch], people: &HashMap<String, Option<Instant>>) -> Option<Vec<Option<i32>>> {
    let mut late = Vec::with_capacity(batches.len());
    for batch in batches {
        let mut of_batch = None;
        for (n, write) in batch.writes.iter().enumerate() {
            let (Write::Insert { record } | Write::Put { record } | Write::Append { record }) = write else {
                continue;
            };
            for left in record.subjects.iter().filter_map(|s| people.get(s)) {
                (*left)?;
                of_batch = of_batch.or(i32::try_from(n).ok());
            }
        }
        late.push(of_batch);
    }
    Some(late)
}

/// Takes out what is late.
pub(super) fn without(batches: Vec<Batch>, late: &[Option<i32>]) -> Vec<Batch> {
    if late.iter().all(Option::is_none) {
        return batches;
    }
    batches.into_iter().zip(late).filter_map(|(batch, late)| late.is_none().then_some(batch)).collect()
}

/// The answers for all, where `done` are those of the rest: to whoever is late, the person has changed meanwhile.
pub(super) fn answers(done: Vec<Committed>, late: &[Option<i32>]) -> Vec<Committed> {
    if late.iter().all(Option::is_none) {
        return done;
    }
    let mut done = done.into_iter();
    let answer = |late: &Option<i32>| match late {
        Some(write) => Some(Committed::Conflict { write: *write, reason: "version".to_owned() }),
        None => done.next(),
    };
    late.iter().map_while(answer).collect()
}

impl Leave<'_> {
    /// They are erased.
    pub(crate) fn gone(mut self) {
        self.gone = Some(Instant::now());
    }
}

impl Drop for Leave<'_> {
    fn drop(&mut self) {
        let mut people = self.leaving.people();
        if people.len() > MANY {
            people.retain(|_, left| left.is_none_or(|at| at.elapsed() < LATE));
        }
        match self.gone {
            Some(at) => people.insert(std::mem::take(&mut self.person), Some(at)),
            None => people.remove(&self.person),
        };
        drop(people);
        self.leaving.ended.notify_waiters();
    }
}
