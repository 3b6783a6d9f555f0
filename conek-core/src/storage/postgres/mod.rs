//! The storage in a PostgreSQL database: one connection that writes, a pool that reads beside it.

mod address;
mod ask;
mod effects;
mod fault;
mod find;
mod fold;
mod link;
mod plan;
mod row;
mod schema;
mod statements;
#[cfg(test)]
mod tests;
mod upkeep;
mod writer;

use std::{fmt::Debug, future::Future, sync::Arc};

use async_trait::async_trait;
use tokio::{
    runtime::{Builder, Runtime},
    sync::{mpsc, oneshot},
};

use super::{
    Batch, Claim, Committed, Key, Page, Query, Record, Storage, Verification, dump,
    position::{Position, check_kind, check_limit},
};
use crate::values::{
    error::{Error, Result},
    random::{SystemRandomness, new_uuid},
    time::{Clock, SystemClock},
};
use address::Address;
use find::Readers;
use link::Place;
use writer::{Job, Writer};

/// How many calls may wait for the writer before callers wait to ask.
const WAITING: usize = 1_024;

/// A PostgreSQL database, 15 or newer, in a schema of conek's own.
///
/// Commits of many callers share a transaction; each is answered when the server has it on its disk. When the
/// connection breaks while a commit is being confirmed, the storage finds out what became of it. It works on any
/// runtime: its threads are its own.
///
/// The address is a URL, `postgres://user:password@host:port/database`. Beyond this machine it speaks TLS and checks
/// the server's certificate. Parameters: `sslmode` (`verify-full` or `disable`), `sslrootcert`, `sslcert` and `sslkey`
/// (files in PEM), `schema` (`conek` if missing), and those of the protocol, such as `connect_timeout`.
pub struct Postgres {
    jobs: mpsc::Sender<Job>,
    readers: Arc<Readers>,
    place: Arc<Place>,
    threads: Threads,
}

impl Debug for Postgres {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Postgres").field("closed", &self.jobs.is_closed()).finish()
    }
}

/// The threads of a storage. They end with it and nobody waits for them: it may be dropped on any runtime.
struct Threads(Option<Runtime>);

impl Threads {
    fn start() -> Result<Self> {
        let runtime =
            Builder::new_multi_thread().worker_threads(1).thread_name("conek-postgres").enable_all().build();
        Ok(Self(Some(runtime.map_err(|_| Error::internal("the system gave no thread"))?)))
    }

    /// Runs to its end whatever becomes of the caller.
    async fn run<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T>> + Send + 'static,
    ) -> Result<T> {
        let Some(runtime) = &self.0 else { return Err(Error::Closed {}) };
        runtime
            .spawn(work)
            .await
            .map_err(|_| Error::internal("the storage ended in the middle of its work"))?
    }
}

impl Drop for Threads {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

impl Postgres {
    /// Opens the database for every account in it: makes the schema where there is none, and brings an older one up
    /// to date. Several storages may have it open at once, in any number of processes.
    ///
    /// Fails with `invalid_input` when the address or what is behind it does not fit, and with a `storage_*` code,
    /// touching nothing, when the schema is another program's or from a newer conek, when the server does not
    /// answer, or takes no writes.
    pub async fn open(url: &str) -> Result<Self> {
        Self::open_for(url, None).await
    }

    /// Opens the database for one account: as the only engine that works on it, and behind a wall that shows it no
    /// other account's records.
    ///
    /// Fails as `open`, and with `storage_locked` when another engine works on the account.
    pub async fn open_account(url: &str, account: &str) -> Result<Self> {
        Self::open_for(url, Some(account.to_owned())).await
    }

    async fn open_for(url: &str, account: Option<String>) -> Result<Self> {
        let place = Arc::new(Place { address: Address::parse(url)?, account });
        let id = new_uuid(&SystemRandomness::default(), SystemClock.now())?;
        let threads = Threads::start()?;
        let (jobs, inbox) = mpsc::channel(WAITING);
        let (at, readers) = (place.clone(), Arc::new(Readers::new(&place)?));
        threads
            .run(async move {
                let writer = Writer::open(at, id).await?;
                tokio::spawn(writer.serve(inbox));
                Ok(())
            })
            .await?;
        Ok(Self { jobs, readers, place, threads })
    }

    /// Finishes what was asked and ends the connections. Later calls fail with `closed`.
    pub async fn close(&self) -> Result<()> {
        self.readers.pool.close();
        let (done, end) = oneshot::channel();
        if self.jobs.send(Job::Close { done }).await.is_ok() {
            let _ = end.await;
        }
        Ok(())
    }

    /// Fills an empty schema of the database at `url` with what `backup` wrote, also that of a storage in memory.
    ///
    /// Fails with `conflict` when the schema holds records already, and with `storage_not_ours` when the file is no
    /// backup.
    pub async fn restore(url: &str, from: &str) -> Result<Self> {
        Self::filled(url, dump::Reader::open(from, false)?).await
    }

    /// Fills an empty schema with the records of a dump.
    pub(super) async fn filled(url: &str, records: dump::Reader) -> Result<Self> {
        let storage = Self::open(url).await?;
        let place = storage.place.clone();
        storage.threads.run(async move { upkeep::restore(&place, records).await }).await?;
        Ok(storage)
    }

    /// The accounts that have a store here.
    pub(super) async fn accounts(&self) -> Result<Vec<String>> {
        let readers = self.readers.clone();
        self.threads.run(async move { upkeep::accounts(&readers).await }).await
    }

    /// Writes every record to `out`, as a dump, and gives it back.
    pub(super) async fn dump<W: std::io::Write + Send + 'static>(&self, mut out: W) -> Result<W> {
        let readers = self.readers.clone();
        self.threads.run(async move { upkeep::write(&readers, &mut out).await.map(|()| out) }).await
    }

    async fn write<T>(&self, job: impl FnOnce(oneshot::Sender<Result<T>>) -> Job) -> Result<T> {
        let (reply, answer) = oneshot::channel();
        self.jobs.send(job(reply)).await.map_err(|_| Error::Closed {})?;
        answer
            .await
            .map_err(|_| Error::internal("the storage ended during a write; look before you repeat"))?
    }
}

#[async_trait]
impl Storage for Postgres {
    async fn close(&self) -> Result<()> {
        Postgres::close(self).await
    }

    async fn commit(&self, batches: Vec<Batch>) -> Result<Vec<Committed>> {
        self.write(|reply| Job::Commit { batches, reply }).await
    }

    async fn get(&self, keys: Vec<Key>) -> Result<Vec<Option<Record>>> {
        let readers = self.readers.clone();
        self.threads.run(async move { readers.get(&keys).await }).await
    }

    async fn find(&self, query: Query) -> Result<Page> {
        check_kind(&query)?;
        let limit = check_limit(query.limit)?;
        let after = Position::after(&query)?;
        let readers = self.readers.clone();
        self.threads.run(async move { readers.find(&query, limit, after.as_ref()).await }).await
    }

    async fn count(&self, query: Query) -> Result<i64> {
        check_kind(&query)?;
        let readers = self.readers.clone();
        self.threads.run(async move { readers.count(&query).await }).await
    }

    async fn claim(&self, work: Claim) -> Result<Vec<Record>> {
        check_limit(work.limit)?;
        if work.kind.is_empty() {
            return Err(Error::invalid("kind", "a claim needs a kind"));
        }
        self.write(|reply| Job::Claim { work, reply }).await
    }

    /// Writes every record that this storage sees as a line of JSON; `restore` and [`super::Memory::restore`] read it.
    async fn backup(&self, to: String) -> Result<()> {
        let readers = self.readers.clone();
        self.threads.run(async move { upkeep::backup(&readers, &to).await }).await
    }

    async fn verify(&self) -> Result<Verification> {
        let readers = self.readers.clone();
        self.threads.run(async move { upkeep::verify(&readers).await }).await
    }
}
