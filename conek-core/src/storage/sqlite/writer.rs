//! The one thread that writes: it commits what many callers ask for in one transaction.

use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use super::{
    super::{Batch, Claim, Committed, Record},
    apply::Tables,
    fault::{commit_fault, fault},
    file::Held,
    log::Log,
};
use crate::values::error::{Error, Result, StorageFault};

/// A group ends when it has this many batches: enough to share the fsync, few enough to answer soon.
const GROUP: usize = 1_000;

/// What the writer is asked to do.
pub(super) enum Job {
    Commit {
        batches: Vec<Batch>,
        reply: oneshot::Sender<Result<Vec<Committed>>>,
    },
    Claim {
        work: Claim,
        reply: oneshot::Sender<Result<Vec<Record>>>,
    },
    Scrub {
        compact: bool,
        reply: oneshot::Sender<Result<()>>,
    },
    Close,
    #[cfg(test)]
    Pragma {
        sql: &'static str,
        reply: oneshot::Sender<Result<()>>,
    },
}

impl Job {
    fn weight(&self) -> usize {
        match self {
            Self::Commit { batches, .. } => batches.len(),
            Self::Claim { work, .. } => usize::try_from(work.limit).unwrap_or(GROUP),
            _ => 0,
        }
    }
    fn is_work(&self) -> bool {
        matches!(self, Self::Commit { .. } | Self::Claim { .. })
    }
    fn answer(self, result: Result<Answer>) {
        // Whoever asked may have stopped waiting; the work is done all the same.
        match self {
            Self::Commit { reply, .. } => drop(reply.send(result.and_then(|a| match a {
                Answer::Commit(done) => Ok(done),
                Answer::Claim(_) => Err(Error::internal("storage answer")),
            }))),
            Self::Claim { reply, .. } => drop(reply.send(result.and_then(|a| match a {
                Answer::Claim(records) => Ok(records),
                Answer::Commit(_) => Err(Error::internal("storage answer")),
            }))),
            Self::Scrub { reply, .. } => drop(reply.send(result.map(drop))),
            Self::Close => {}
            #[cfg(test)]
            Self::Pragma { reply, .. } => drop(reply.send(result.map(drop))),
        }
    }
}

enum Answer {
    Commit(Vec<Committed>),
    Claim(Vec<Record>),
}

/// How a group failed.
enum Failure {
    /// A batch conflicted after it had changed something: start again with savepoints.
    Half,
    /// Nothing of it took effect.
    Clean(Error),
    /// It may have taken effect.
    Unknown(Error),
}

impl From<rusqlite::Error> for Failure {
    fn from(e: rusqlite::Error) -> Self {
        Self::Clean(fault(e))
    }
}

struct Writer<'c> {
    conn: &'c Connection,
    tables: Tables<'c>,
    log: Log,
}

/// Runs until it is told to close or nobody can ask any more. The lock on the file ends with it.
pub(super) fn run(mut conn: Connection, beside: Connection, held: Held, mut jobs: mpsc::Receiver<Job>) {
    let log = Log::of(&mut conn, beside);
    match log.and_then(|log| Ok((log, Tables::prepare(&conn).map_err(fault)?))) {
        Ok((log, tables)) => Writer { conn: &conn, tables, log }.serve(&mut jobs),
        Err(error) => {
            while let Some(job) = jobs.blocking_recv() {
                if matches!(job, Job::Close) {
                    jobs.close();
                }
                job.answer(Err(error.clone()));
            }
        }
    }
    if let Err((_, e)) = conn.close() {
        tracing::warn!(error = %fault(e), "the database did not close cleanly; its log stays beside it");
    }
    drop(held);
}

impl Writer<'_> {
    fn serve(&mut self, jobs: &mut mpsc::Receiver<Job>) {
        let mut waiting = None;
        while let Some(job) = waiting.take().or_else(|| jobs.blocking_recv()) {
            match job {
                Job::Close => jobs.close(),
                Job::Scrub { compact, reply } => drop(reply.send(self.scrub(compact))),
                #[cfg(test)]
                Job::Pragma { sql, reply } => {
                    drop(reply.send(self.conn.execute_batch(sql).map_err(fault)));
                }
                work => {
                    let mut weight = work.weight();
                    let mut group = vec![work];
                    while weight < GROUP {
                        let Ok(next) = jobs.try_recv() else { break };
                        if !next.is_work() {
                            waiting = Some(next);
                            break;
                        }
                        weight += next.weight();
                        group.push(next);
                    }
                    self.group(group);
                    self.log.grown(self.conn);
                }
            }
        }
    }

    /// Commits a group. If it fails, each caller's work is tried alone, so that only the culprit fails.
    fn group(&mut self, group: Vec<Job>) {
        let alone = group.len() == 1;
        match self.transaction(&group) {
            Ok(answers) => {
                for (job, answer) in group.into_iter().zip(answers) {
                    job.answer(Ok(answer));
                }
            }
            Err(Failure::Unknown(error)) => {
                for job in group {
                    job.answer(Err(error.clone()));
                }
            }
            Err(Failure::Clean(error)) if alone => {
                for job in group {
                    job.answer(Err(error.clone()));
                }
            }
            Err(Failure::Clean(_) | Failure::Half) => {
                for job in group {
                    self.group(vec![job]);
                }
            }
        }
    }

    fn transaction(&mut self, group: &[Job]) -> Result<Vec<Answer>, Failure> {
        match self.attempt(group, false) {
            Err(Failure::Half) => self.attempt(group, true),
            other => other,
        }
    }

    /// One transaction around a group. Savepoints cost a copy of every page a batch touches, so they are
    /// taken only when some batch is known to conflict half-way (`careful`).
    fn attempt(&mut self, group: &[Job], careful: bool) -> Result<Vec<Answer>, Failure> {
        let appended = self.tables.appended;
        self.sql("BEGIN IMMEDIATE")?;
        let done = self.steps(group, careful).and_then(|answers| {
            if self.tables.appended != appended {
                self.tables.save_sequence()?;
            }
            match self.sql("COMMIT") {
                Ok(()) => Ok(answers),
                Err(e) => {
                    let error = commit_fault(e);
                    Err(match error {
                        Error::Internal { .. } => Failure::Unknown(error),
                        _ => Failure::Clean(error),
                    })
                }
            }
        });
        if done.is_err() {
            self.tables.appended = appended;
            self.tables.spaces.forget();
            // SQLite has rolled back by itself after some errors; only an open transaction needs it.
            if !self.conn.is_autocommit() {
                self.sql("ROLLBACK")?;
            }
        }
        done
    }

    fn steps(&mut self, group: &[Job], careful: bool) -> Result<Vec<Answer>, Failure> {
        let mut answers = Vec::with_capacity(group.len());
        for job in group {
            answers.push(match job {
                Job::Commit { batches, .. } => {
                    let mut done = Vec::with_capacity(batches.len());
                    for batch in batches {
                        done.push(self.batch(batch, careful)?);
                    }
                    Answer::Commit(done)
                }
                Job::Claim { work, .. } => Answer::Claim(self.tables.claim(work)?),
                _ => return Err(Failure::Clean(Error::internal("no work"))),
            });
        }
        Ok(answers)
    }

    fn batch(&mut self, batch: &Batch, careful: bool) -> Result<Committed, Failure> {
        let careful = careful && batch.writes.len() + batch.writes.first().map_or(0, tokens) > 1;
        if careful {
            self.sql("SAVEPOINT batch")?;
        }
        let done = self.tables.batch(batch)?;
        let half = matches!(done, Committed::Conflict { .. }) && self.tables.changed;
        if half && !careful {
            return Err(Failure::Half);
        }
        if half {
            self.sql("ROLLBACK TO batch")?;
            self.tables.spaces.forget();
        }
        if careful {
            self.sql("RELEASE batch")?;
        }
        Ok(done)
    }

    fn sql(&self, sql: &str) -> rusqlite::Result<()> {
        self.conn.prepare_cached(sql)?.execute(()).map(drop)
    }

    fn scrub(&mut self, compact: bool) -> Result<()> {
        if compact {
            // The copy of everything that VACUUM makes may be larger than the memory.
            let vacuum = self.conn.execute_batch("PRAGMA temp_store = FILE; VACUUM");
            self.conn.execute_batch("PRAGMA temp_store = MEMORY").and(vacuum).map_err(fault)?;
        }
        let busy: i64 = self
            .log
            .alone(|| self.conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", (), |r| r.get(0)))
            .map_err(fault)?;
        if busy == 0 {
            return Ok(());
        }
        Err(Error::storage(
            StorageFault::Unavailable,
            "a long read or a backup still needs the log; repeat when it is done",
        ))
    }
}

/// How many tokens a write brings: even a single write can conflict on one after the row is written.
fn tokens(write: &super::super::Write) -> usize {
    use super::super::Write as W;
    match write {
        W::Insert { record } | W::Replace { record, .. } | W::Put { record } | W::Append { record } => {
            record.tokens.len()
        }
        W::Change { patch } => patch.tokens.as_ref().map_or(0, Vec::len),
        W::Delete { .. } | W::Check { .. } => 0,
    }
}
