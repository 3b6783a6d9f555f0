//! The one task that writes: it commits what many callers ask for in one transaction, and finds out what became of
//! a commit whose answer was lost.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::{
    sync::{mpsc, oneshot},
    time::sleep,
};
use uuid::Uuid;

use super::{
    super::{Batch, Claim, Committed, Record},
    fault::fault,
    fold::{Answer, Broken, Fold, Ticket, Work},
    link::{Backend, Link, Place},
    row::{get, kept},
};
use crate::values::error::{Error, Result, Retry, StorageFault};

/// A fold ends when it has this many batches: enough to share the commit, few enough to answer soon.
const GROUP: usize = 1_000;
/// And when it has this many bytes: they all stand in memory at once.
const BYTES: usize = 8 << 20;
/// How often a fold is tried that nothing came of.
const TRIES: usize = 4;
/// For how long the fate of a commit is looked for, before the caller is told that nobody knows.
const SEARCH: Duration = Duration::from_secs(if cfg!(test) { 4 } else { 30 });
/// For how long an own session is given to end by itself, before it is ended.
const GRACE: Duration = Duration::from_secs(if cfg!(test) { 1 } else { 3 });

/// What the writer is asked to do.
pub(super) enum Job {
    Commit { batches: Vec<Batch>, reply: oneshot::Sender<Result<Vec<Committed>>> },
    Claim { work: Claim, reply: oneshot::Sender<Result<Vec<Record>>> },
    Close { done: oneshot::Sender<()> },
}

impl Job {
    fn weight(&self) -> (usize, usize) {
        use super::super::Write as W;
        match self {
            Self::Commit { batches, .. } => {
                let bytes = batches.iter().flat_map(|b| &b.writes).map(|w| match w {
                    W::Insert { record }
                    | W::Replace { record, .. }
                    | W::Put { record }
                    | W::Append { record } => record.sealed.len() + record.clear.len(),
                    W::Change { patch } => {
                        patch.sealed.as_ref().map_or(0, Vec::len)
                            + patch.clear.as_ref().map_or(0, String::len)
                    }
                    W::Delete { .. } | W::Check { .. } => 0,
                });
                (batches.len(), bytes.sum())
            }
            Self::Claim { work, .. } => (usize::try_from(work.limit).unwrap_or(GROUP), 0),
            Self::Close { .. } => (0, 0),
        }
    }

    fn answer(self, result: Result<Answer>) {
        // Whoever asked may have stopped waiting; the work is done all the same.
        match (self, result) {
            (Self::Commit { reply, .. }, Ok(Answer::Commit(done))) => drop(reply.send(Ok(done))),
            (Self::Claim { reply, .. }, Ok(Answer::Claim(records))) => drop(reply.send(Ok(records))),
            (Self::Commit { reply, .. }, result) => drop(reply.send(Err(unexpected(result)))),
            (Self::Claim { reply, .. }, result) => drop(reply.send(Err(unexpected(result)))),
            (Self::Close { done }, _) => drop(done.send(())),
        }
    }
}

fn unexpected(result: Result<Answer>) -> Error {
    result.err().unwrap_or_else(|| Error::internal("storage answer"))
}

/// How a group failed.
struct Failure {
    error: Error,
    /// Whether a part of it could succeed alone.
    divisible: bool,
}

/// The writing side of a storage.
pub(super) struct Writer {
    place: Arc<Place>,
    id: Uuid,
    link: Option<Link>,
    /// The session of the last connection, which the server may still think alive.
    old: Option<Backend>,
    /// The number of the last commit that is known to be stored.
    stored: i64,
    /// The number that was given out last.
    issued: i64,
    fence: i64,
    /// Why it will never write again.
    over: Option<Error>,
}

impl Writer {
    /// Connects, brings the schema up to date, takes the account's lock and a place among the writers.
    pub(super) async fn open(place: Arc<Place>, id: Uuid) -> Result<Self> {
        let link = Link::open(&place, true).await?;
        if let Some(account) = &place.account {
            let lock = place.lock("engine", account);
            let begun = Instant::now();
            // The session of a storage that was just closed takes a moment to end.
            while !link.hold(lock).await? {
                if begun.elapsed() > GRACE {
                    return Err(Error::storage(
                        StorageFault::Locked,
                        "another engine works on this account of the database; close it there, or use that engine",
                    ));
                }
                sleep(Duration::from_millis(50)).await;
            }
        }
        let register = async || {
            let account = place.account.as_deref().map(kept);
            // Whoever wrote for this account before and comes back late finds its row gone.
            let gone = "DELETE FROM writers WHERE account = $1 OR (account IS NULL AND at < now() - interval '30 days')";
            link.client.execute(gone, &[&account]).await?;
            let own = "INSERT INTO writers (writer, account, ticket, fence) VALUES ($1, $2, 0, 0)";
            link.client.execute(own, &[&id, &account]).await
        };
        register().await.map_err(|e| fault(&e))?;
        Ok(Self { place, id, link: Some(link), old: None, stored: 0, issued: 0, fence: 0, over: None })
    }

    /// Runs until it is told to close or nobody can ask any more.
    pub(super) async fn serve(mut self, mut jobs: mpsc::Receiver<Job>) {
        let mut waiting = None;
        let mut closed = Vec::new();
        while let Some(job) = match waiting.take() {
            Some(job) => Some(job),
            None => jobs.recv().await,
        } {
            if let Job::Close { done } = job {
                jobs.close();
                closed.push(done);
                continue;
            }
            let (mut count, mut bytes) = job.weight();
            let mut group = vec![job];
            while count < GROUP && bytes < BYTES {
                let Ok(next) = jobs.try_recv() else { break };
                if matches!(next, Job::Close { .. }) {
                    waiting = Some(next);
                    break;
                }
                let more = next.weight();
                (count, bytes) = (count + more.0, bytes + more.1);
                group.push(next);
            }
            self.group(group).await;
        }
        if let Some(link) = self.link.take() {
            let leave = "DELETE FROM writers WHERE writer = $1";
            if let Err(e) = link.client.execute(leave, &[&self.id]).await {
                tracing::debug!(error = %fault(&e), "a storage could not sign off from the database");
            }
            link.close().await;
        }
        for done in closed {
            let _ = done.send(());
        }
    }

    /// Commits a group. If it fails, each caller's work is tried alone, so that only the culprit fails.
    async fn group(&mut self, group: Vec<Job>) {
        match self.transaction(&group).await {
            Ok(answers) => {
                for (job, answer) in group.into_iter().zip(answers) {
                    job.answer(Ok(answer));
                }
            }
            Err(failure) if failure.divisible && group.len() > 1 => {
                for job in group {
                    let result = self.transaction(std::slice::from_ref(&job)).await;
                    let answer = result.map_err(|f| f.error).and_then(|answers| {
                        answers.into_iter().next().ok_or_else(|| Error::internal("storage answer"))
                    });
                    job.answer(answer);
                }
            }
            Err(failure) => {
                for job in group {
                    job.answer(Err(failure.error.clone()));
                }
            }
        }
    }

    async fn transaction(&mut self, jobs: &[Job]) -> Result<Vec<Answer>, Failure> {
        let whole = |error| Failure { error, divisible: false };
        let works: Vec<Work<'_>> = jobs
            .iter()
            .filter_map(|job| match job {
                Job::Commit { batches, .. } => Some(Work::Commit(batches)),
                Job::Claim { work, .. } => Some(Work::Claim(work)),
                Job::Close { .. } => None,
            })
            .collect();
        let mut careful = false;
        let mut last = super::link::silent();
        let begun = Instant::now();
        for _ in 0..TRIES {
            if self.link.is_none()
                && let Err(error) = self.rejoin().await
            {
                // A server that restarts is back in a moment; one that is away is not waited for.
                if self.over.is_some() || error.retry() != Retry::Later || begun.elapsed() > GRACE {
                    return Err(whole(error));
                }
                last = error;
                sleep(Duration::from_millis(100)).await;
                continue;
            }
            let Some(link) = &self.link else { break };
            self.issued += 1;
            let number = self.issued;
            let ticket = Ticket { writer: self.id, number, fence: self.fence };
            let fold = Fold { link, place: &self.place, ticket, careful };
            match fold.run(&works).await {
                Ok(answers) => {
                    self.stored = self.stored.max(number);
                    return Ok(answers);
                }
                Err(Broken::Failed(error)) => return Err(Failure { error, divisible: true }),
                Err(Broken::Exists) => careful = true,
                Err(Broken::Again) => {
                    last = Error::storage(
                        StorageFault::Unavailable,
                        "others write at the same time; repeat in a moment",
                    );
                }
                Err(Broken::Lost(error)) => {
                    self.part();
                    last = error;
                }
                Err(Broken::Fenced) => {
                    self.part();
                    return Err(whole(self.end(fenced())));
                }
                Err(Broken::Unknown(answers)) => {
                    self.part();
                    if self.search(number).await.map_err(whole)? {
                        return Ok(answers);
                    }
                }
            }
        }
        Err(whole(last))
    }

    /// Lets go of a connection that is of no use any more.
    fn part(&mut self) {
        if let Some(link) = self.link.take() {
            self.old = Some(link.backend.clone());
            link.abandon();
        }
    }

    fn end(&mut self, error: Error) -> Error {
        self.over = Some(error.clone());
        error
    }

    /// Whether a commit whose answer was lost is stored.
    async fn search(&mut self, number: i64) -> Result<bool> {
        let begun = Instant::now();
        loop {
            match self.rejoin().await {
                Ok(()) => return Ok(self.stored == number),
                Err(_) if self.over.is_some() || begun.elapsed() > SEARCH => {
                    return Err(Error::internal(
                        "the connection to the database broke while a commit was being confirmed, and what became of it cannot be asked; look before you repeat",
                    ));
                }
                Err(_) => sleep(Duration::from_millis(200)).await,
            }
        }
    }

    /// Connects again. Nothing that an earlier connection may still have on its way can take effect afterwards, and
    /// what had taken effect is known.
    async fn rejoin(&mut self) -> Result<()> {
        if let Some(error) = &self.over {
            return Err(error.clone());
        }
        let link = Link::open(&self.place, false).await?;
        let begun = Instant::now();
        if let Some(account) = &self.place.account {
            let lock = self.place.lock("engine", account);
            while !link.hold(lock).await? {
                if begun.elapsed() > GRACE * 3 {
                    return Err(Error::storage(
                        StorageFault::Locked,
                        "another engine has taken this account over",
                    ));
                }
                self.end_old(&link, begun).await;
                sleep(Duration::from_millis(50)).await;
            }
        }
        // A commit that is still being carried out holds the row: this waits for it.
        let next =
            "UPDATE writers SET fence = fence + 1, at = now() WHERE writer = $1 RETURNING ticket, fence";
        link.client.batch_execute("SET lock_timeout = '1s'").await.map_err(|e| fault(&e))?;
        let row = loop {
            match link.client.query_opt(next, &[&self.id]).await {
                Err(e) if e.code().is_some_and(|c| c.code() == "55P03") && begun.elapsed() < GRACE * 3 => {
                    self.end_old(&link, begun).await;
                }
                answer => break answer.map_err(|e| fault(&e))?,
            }
        };
        link.client.batch_execute("SET lock_timeout = '10s'").await.map_err(|e| fault(&e))?;
        let Some(row) = row else { return Err(self.end(fenced())) };
        let ticket: i64 = get(&row, 0)?;
        if ticket < self.stored {
            return Err(self.end(Error::storage(
                StorageFault::Corrupt,
                "the database has lost commits that it had confirmed, as after a failover to a standby that was behind; \
                 close the engine, and treat the database as a restored copy",
            )));
        }
        (self.stored, self.fence) = (ticket, get(&row, 1)?);
        (self.link, self.old) = (Some(link), None);
        Ok(())
    }

    /// Ends the session of the connection before, once it had the time to end by itself.
    async fn end_old(&self, link: &Link, begun: Instant) {
        if let (Some(old), true) = (&self.old, begun.elapsed() > GRACE) {
            link.end(old).await;
        }
    }
}

fn fenced() -> Error {
    Error::storage(
        StorageFault::Locked,
        "another engine has taken this account over, or this storage was away for a month; close it and open it again",
    )
}
