//! The storage that ships: one SQLite file, one writer, readers beside it.

mod apply;
mod fault;
mod file;
mod find;
mod log;
mod row;
mod schema;
mod spaces;
#[cfg(test)]
mod tests;
mod upkeep;
mod writer;

use std::{
    fmt::Debug,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, mpsc as queue},
    thread::{self, JoinHandle},
};

use async_trait::async_trait;
use tokio::sync::{mpsc, oneshot};

use super::{
    Batch, Claim, Committed, Key, Page, Query, Record, Storage, Verification, dump,
    position::{Position, check_kind, check_limit},
};
use crate::values::error::{Error, Result};
use fault::fault;
use find::Reader;
use spaces::Spaces;
use writer::Job;

/// How many connections read beside the writer.
const READERS: usize = 2;
/// How many calls may wait for the writer before callers wait to ask.
const WAITING: usize = 1_024;

type Reading = Box<dyn FnOnce(&mut Reader) + Send>;

/// An embedded database in one file (with a log and a lock file beside it).
///
/// Commits of many callers share a transaction; each is answered when it is on the disk. One process
/// at a time opens a file. It works on any runtime: its threads are its own.
///
/// The packages of the other languages are built with `fdatasync`, so that a commit does not wait for the file's times.
/// A Rust program gets that with `LIBSQLITE3_FLAGS = "-DHAVE_FDATASYNC=1"` in the environment of its build, for example
/// under `[env]` of its `.cargo/config.toml`.
pub struct Sqlite {
    writer: mpsc::Sender<Job>,
    readers: Mutex<Option<queue::Sender<Reading>>>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

impl Debug for Sqlite {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sqlite").field("closed", &self.writer.is_closed()).finish()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|e| e.into_inner())
}

fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>> {
    thread::Builder::new()
        .name(name.to_owned())
        .spawn(work)
        .map_err(|_| Error::internal("the system gave no thread"))
}

impl Sqlite {
    /// Opens the database at `path`; makes it where there is none, and brings an older one up to date.
    ///
    /// Fails with a `storage_*` code, touching nothing, when the file is another program's, damaged,
    /// from a newer conek, read-only, or open elsewhere; and with `invalid_input` when its directory
    /// does not exist.
    pub async fn open(path: impl Into<PathBuf>) -> Result<Self> {
        let path = path.into();
        let (jobs, inbox) = mpsc::channel(WAITING);
        let (opened, ready) = oneshot::channel();
        let writing = spawn("conek-writer", move || {
            let start = || {
                let (held, conn) = file::take(&path)?;
                let readers = (0..READERS).map(|_| file::connect(&held.path)).collect::<Result<Vec<_>>>()?;
                let beside = file::connect(&held.path)?;
                Ok((held, conn, beside, readers))
            };
            match start() {
                Ok((held, conn, beside, readers)) => {
                    if opened.send(Ok(readers)).is_ok() {
                        writer::run(conn, beside, held, inbox);
                    }
                }
                Err(e) => drop(opened.send(Err(e))),
            }
        })?;
        let readers = ready.await.map_err(|_| Error::internal("the writer did not start"))??;
        let (ask, questions) = queue::channel();
        let storage =
            Self { writer: jobs, readers: Mutex::new(Some(ask)), threads: Mutex::new(vec![writing]) };
        let questions = Arc::new(Mutex::new(questions));
        for conn in readers {
            let questions: Arc<Mutex<queue::Receiver<Reading>>> = questions.clone();
            let reading = spawn("conek-reader", move || {
                let mut reader = Reader { conn, spaces: Spaces::default() };
                loop {
                    let question = lock(&questions).recv();
                    let Ok(read) = question else { break };
                    read(&mut reader);
                }
            })?;
            // The writer stands last: whoever closes last folds the log into the file.
            lock(&storage.threads).insert(0, reading);
        }
        Ok(storage)
    }

    /// Finishes what was asked, folds the log into the file and lets go of it. Later calls fail with
    /// `closed`. Dropping the storage does the same and blocks meanwhile.
    pub async fn close(&self) -> Result<()> {
        lock(&self.readers).take();
        let mut readers = std::mem::take(&mut *lock(&self.threads));
        let writing = readers.pop();
        let writer = self.writer.clone();
        let (ended, end) = oneshot::channel();
        spawn("conek-close", move || {
            // Of two connections that close at the same moment neither is the last, and the log stays.
            join(readers);
            let _ = writer.blocking_send(Job::Close);
            join(writing);
            let _ = ended.send(());
        })?;
        end.await.map_err(|_| Error::internal("closing"))
    }

    /// Empties the log beside the file, which may still hold deleted bytes. Costs two fsyncs or so.
    ///
    /// In the file, deleted bytes are overwritten at once. One thing escapes that: when SQLite moves a
    /// record between pages to balance its tree, the old copy can stay in a page's unused part. What
    /// must be gone beyond doubt needs `compact`, or a key that is gone.
    ///
    /// Fails with `storage_unavailable` while a long read or a backup still needs the log.
    pub async fn scrub(&self) -> Result<()> {
        self.write(|reply| Job::Scrub { compact: false, reply }).await
    }

    /// Writes the whole file anew and empties the log: nothing that was deleted is left in them.
    ///
    /// Takes time and free space in proportion to the file, and writes wait meanwhile. Fails as `scrub`.
    pub async fn compact(&self) -> Result<()> {
        self.write(|reply| Job::Scrub { compact: true, reply }).await
    }

    /// The accounts that have a store here.
    pub(super) async fn accounts(&self) -> Result<Vec<String>> {
        self.read(|reader| upkeep::accounts(&reader.conn).map_err(fault)).await
    }

    /// Writes every record to `out`, as a dump, and gives it back.
    pub(super) async fn dump<W: std::io::Write + Send + 'static>(&self, mut out: W) -> Result<W> {
        self.read(move |reader| upkeep::dump(&reader.conn, &mut out).map(|()| out)).await
    }

    /// Makes a new database with the records of a dump, and opens it.
    pub(super) async fn filled(path: PathBuf, records: dump::Reader) -> Result<Self> {
        let to = path.clone();
        let (reply, done) = oneshot::channel();
        spawn("conek-fill", move || drop(reply.send(upkeep::fill(&to, records))))?;
        done.await.map_err(|_| Error::internal("the storage ended while it was filled"))??;
        Self::open(path).await
    }

    async fn write<T>(&self, job: impl FnOnce(oneshot::Sender<Result<T>>) -> Job) -> Result<T> {
        let (reply, answer) = oneshot::channel();
        self.writer.send(job(reply)).await.map_err(|_| Error::Closed {})?;
        answer
            .await
            .map_err(|_| Error::internal("the storage ended during a write; look before you repeat"))?
    }

    async fn read<T: Send + 'static>(
        &self,
        question: impl FnOnce(&mut Reader) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (reply, answer) = oneshot::channel();
        let reading: Reading = Box::new(move |reader| drop(reply.send(question(reader))));
        lock(&self.readers)
            .as_ref()
            .and_then(|readers| readers.send(reading).ok())
            .ok_or(Error::Closed {})?;
        answer.await.map_err(|_| Error::internal("the storage ended during a read"))?
    }
}

fn join(threads: impl IntoIterator<Item = JoinHandle<()>>) {
    for thread in threads {
        if thread.join().is_err() {
            tracing::error!("a thread of the storage ended in a panic");
        }
    }
}

impl Drop for Sqlite {
    fn drop(&mut self) {
        lock(&self.readers).take();
        let mut readers = std::mem::take(&mut *lock(&self.threads));
        let writing = readers.pop();
        join(readers);
        // Without a sender the writer ends when it has done what was asked.
        self.writer = mpsc::channel(1).0;
        join(writing);
    }
}

#[async_trait]
impl Storage for Sqlite {
    async fn close(&self) -> Result<()> {
        Sqlite::close(self).await
    }

    async fn commit(&self, batches: Vec<Batch>) -> Result<Vec<Committed>> {
        self.write(|reply| Job::Commit { batches, reply }).await
    }

    async fn get(&self, keys: Vec<Key>) -> Result<Vec<Option<Record>>> {
        self.read(move |reader| reader.get(&keys).map_err(fault)).await
    }

    async fn find(&self, query: Query) -> Result<Page> {
        check_kind(&query)?;
        let limit = check_limit(query.limit)?;
        let after = Position::after(&query)?;
        self.read(move |reader| reader.find(&query, limit, after.as_ref()).map_err(fault)).await
    }

    async fn count(&self, query: Query) -> Result<i64> {
        check_kind(&query)?;
        self.read(move |reader| reader.count(&query).map_err(fault)).await
    }

    async fn claim(&self, work: Claim) -> Result<Vec<Record>> {
        check_limit(work.limit)?;
        if work.kind.is_empty() {
            return Err(Error::invalid("kind", "a claim needs a kind"));
        }
        self.write(|reply| Job::Claim { work, reply }).await
    }

    async fn backup(&self, to: String) -> Result<()> {
        self.read(move |reader| upkeep::backup(&reader.conn, &to)).await
    }

    async fn verify(&self) -> Result<Verification> {
        self.read(|reader| upkeep::verify(&reader.conn).map_err(fault)).await
    }
}
