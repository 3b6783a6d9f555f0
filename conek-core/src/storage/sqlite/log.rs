//! The log beside the file: a thread of its own folds it into the file, so that nobody who writes waits for that.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread::JoinHandle,
};

use rusqlite::Connection;

use super::{join, lock, spawn};
use crate::values::error::Result;

/// From so many pages on, the log is folded: 16 MB.
const DUE: usize = 2_000;
/// How many pages come between two passes at least, while the log cannot begin anew.
const STEP: usize = 100;
/// So few pages that the writer folds them itself. SQLite begins the log anew only when all of it is in the file, and
/// while many write there is always something new when the thread is done.
const FEW: usize = 400;

/// What a pass over the log has come to.
#[derive(Default)]
struct Pass {
    /// The pages of the log when it began.
    log: usize,
    /// Of these, the ones that are in the file now. Fewer when a reader still needs the older ones.
    folded: usize,
}

/// The writer's part in it.
pub(super) struct Log {
    /// The pages of the log after the last commit.
    pages: Arc<AtomicUsize>,
    /// As many as after the commit before.
    before: usize,
    /// Whether the log began anew since the last pass, which then says nothing of it.
    anew: bool,
    /// From so many on, something is to be done.
    due: usize,
    /// Held during a pass: SQLite refuses a second one.
    pass: Arc<Mutex<Pass>>,
    ask: Option<SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Log {
    /// Takes over from SQLite, which would fold within a commit. `beside` is for the thread.
    pub(super) fn of(writer: &mut Connection, beside: Connection) -> Result<Self> {
        let pages = Arc::new(AtomicUsize::new(0));
        let seen = pages.clone();
        writer
            .wal_hook(Some(move |_: &mut rusqlite::hooks::Wal, pages| {
                seen.store(usize::try_from(pages).unwrap_or(0), Ordering::Relaxed);
                Ok(())
            }))
            .map_err(super::fault::fault)?;
        let pass = Arc::new(Mutex::new(Pass::default()));
        let (ask, asked) = sync_channel(1);
        let thread = spawn("conek-log", {
            let pass = pass.clone();
            move || fold_when(&asked, &beside, &pass)
        })?;
        Ok(Self { pages, before: 0, anew: false, due: DUE, pass, ask: Some(ask), thread: Some(thread) })
    }

    /// After a commit: sees to it that the log does not grow without end.
    pub(super) fn grown(&mut self, writer: &Connection) {
        let pages = self.pages.load(Ordering::Relaxed);
        if pages < self.before {
            self.anew = true;
            self.due = DUE;
        }
        self.before = pages;
        if pages < self.due {
            return;
        }
        // While a pass is under way there is nothing to ask for.
        let Ok(mut pass) = self.pass.try_lock() else { return };
        if std::mem::take(&mut self.anew) {
            *pass = Pass::default();
        }
        let rest = pages.saturating_sub(pass.folded);
        if pass.folded == pass.log && rest <= FEW {
            *pass = fold(writer);
            // Where a reader holds the log all the same, it grows as far again before it is tried again.
            self.due = pages + DUE;
        } else if let Some(ask) = &self.ask {
            // One that was asked for already is enough.
            let _ = ask.try_send(());
            self.due = pages + STEP;
        }
    }

    /// Does `work`, which needs the log to itself.
    pub(super) fn alone<T>(&mut self, work: impl FnOnce() -> T) -> T {
        let mut pass = lock(&self.pass);
        *pass = Pass::default();
        work()
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        self.ask.take();
        join(self.thread.take());
    }
}

fn fold_when(asked: &Receiver<()>, conn: &Connection, pass: &Mutex<Pass>) {
    while asked.recv().is_ok() {
        let mut pass = lock(pass);
        *pass = fold(conn);
    }
}

/// Folds what no reader needs any more. What fails (a full disk) is tried again when the log has grown further.
fn fold(conn: &Connection) -> Pass {
    let count = |n: i64| usize::try_from(n).unwrap_or(0);
    conn.query_row("PRAGMA wal_checkpoint(PASSIVE)", (), |r| {
        Ok(Pass { log: count(r.get(1)?), folded: count(r.get(2)?) })
    })
    .unwrap_or_else(|e| {
        tracing::warn!(error = %super::fault::fault(e), "the log was not folded into the database; it grows meanwhile");
        Pass::default()
    })
}
