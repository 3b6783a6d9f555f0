//! One connection: how it is made, what it is told before anything else, and what a server must be.

use std::{future::Future, pin::Pin, sync::Arc, task::Poll, time::Duration};

use tokio::{task::JoinHandle, time::timeout};
use tokio_postgres::{Client, Error as PgError};

use super::{address::Address, fault::fault, statements::Statements};
use crate::values::error::{Error, Result, StorageFault};

/// The oldest server whose behaviour conek knows.
const OLDEST: i32 = 150_000;
/// Longer than any single wait of the server's, so that the server speaks first.
pub(super) const PATIENCE: Duration = Duration::from_secs(45);

/// Where a storage's connections go, and whose records they may see.
pub(super) struct Place {
    pub(super) address: Address,
    /// The one account; `None`: every account.
    pub(super) account: Option<String>,
}

impl Place {
    /// What every connection is told. Plans go by the indexes alone: the server's idea of how large a table is may
    /// be an hour old, and a plan that reads the whole table is then kept for as long as the connection lives.
    pub(super) fn setup(&self) -> String {
        format!(
            "SET search_path = {}, pg_temp; SET statement_timeout = '30s'; SET lock_timeout = '10s';
             SET idle_in_transaction_session_timeout = '30s'; SET client_min_messages = warning;
             SET default_transaction_isolation = 'read committed'; SET jit = off;
             SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off;
             SELECT set_config('synchronous_commit', 'on', false)
             WHERE current_setting('synchronous_commit') IN ('off', 'local', 'remote_write');",
            self.address.schema
        )
    }

    /// Names the account to the wall around it.
    pub(super) async fn enter(&self, client: &Client) -> Result<(), PgError> {
        let (name, value) = match &self.account {
            Some(account) => ("conek.account", super::row::kept(account).into_owned()),
            None => ("conek.every_account", "on".to_owned()),
        };
        client.execute("SELECT set_config($1, $2, false)", &[&name, &value]).await.map(drop)
    }

    /// A number for a lock of the server's, which knows locks by number only.
    pub(super) fn lock(&self, what: &str, account: &str) -> i64 {
        let text = format!("conek\0{what}\0{}\0{account}", self.address.schema);
        let digest = ring::digest::digest(&ring::digest::SHA256, text.as_bytes());
        digest.as_ref().first_chunk::<8>().map_or(0, |b| i64::from_be_bytes(*b))
    }
}

/// Which session of the server's serves a connection.
#[derive(Debug, Clone)]
pub(super) struct Backend {
    pid: i32,
    since: String,
}

/// The connection that writes.
pub(super) struct Link {
    pub(super) client: Client,
    pub(super) statements: Statements,
    pub(super) backend: Backend,
    driver: JoinHandle<()>,
}

/// A connection without a promise of anything, and the task that drives it.
pub(super) async fn connect(address: &Address) -> Result<(Client, JoinHandle<()>)> {
    let (client, connection) = address.config.connect(address.tls.clone()).await.map_err(|e| fault(&e))?;
    let driver = tokio::spawn(async move {
        if let Err(e) = connection.await {
            tracing::debug!(error = %fault(&e), "a connection to the database ended");
        }
    });
    Ok((client, driver))
}

/// Refuses a server that cannot keep the promises of a storage.
async fn inspect(client: &Client) -> Result<Backend> {
    let row = client
        .query_one(
            "SELECT current_setting('server_version_num')::int, pg_is_in_recovery(),
                    current_setting('transaction_read_only') = 'on', current_setting('server_encoding'),
                    current_setting('fsync'), pg_backend_pid(),
                    coalesce((SELECT backend_start::text FROM pg_stat_activity WHERE pid = pg_backend_pid()), '')",
            &[],
        )
        .await
        .map_err(|e| fault(&e))?;
    let (version, standby, closed): (i32, bool, bool) = (row.get(0), row.get(1), row.get(2));
    let (encoding, fsync): (String, String) = (row.get(3), row.get(4));
    if version < OLDEST {
        let known = version / 10_000;
        return Err(super::address::unfit(format!(
            "the server is PostgreSQL {known}; conek needs 15 or newer"
        )));
    }
    if standby || closed {
        let what = if standby {
            "this server is a standby and takes no writes"
        } else {
            "this database takes no writes"
        };
        return Err(Error::storage(StorageFault::ReadOnly, format!("{what}; name the primary")));
    }
    if encoding != "UTF8" {
        return Err(super::address::unfit(format!(
            "the database's encoding is {encoding}; create one with UTF8"
        )));
    }
    if fsync == "off" {
        tracing::warn!(
            "the database's server runs with fsync=off: a power cut can undo what was answered as stored"
        );
    }
    Ok(Backend { pid: row.get(5), since: row.get(6) })
}

impl Link {
    /// Connects and prepares. With `gate`, the schema is made or brought up to date first.
    pub(super) async fn open(place: &Arc<Place>, migrate: bool) -> Result<Self> {
        let (client, driver) = connect(&place.address).await?;
        let aborted = Abort(Some(driver));
        let prepare = async {
            let backend = inspect(&client).await?;
            if migrate {
                let schema = &place.address.schema;
                super::schema::migrate(&client, schema, place.lock("migrate", "")).await?;
            }
            client.batch_execute(&place.setup()).await.map_err(|e| fault(&e))?;
            place.enter(&client).await.map_err(|e| fault(&e))?;
            Ok((backend, Statements::prepare(&client).await.map_err(|e| fault(&e))?))
        };
        // Of many starters one migrates, and the others wait for it.
        let limit = if migrate { PATIENCE * 15 } else { PATIENCE };
        let (backend, statements) = timeout(limit, prepare).await.map_err(|_| silent())??;
        Ok(Self { client, statements, backend, driver: aborted.keep() })
    }

    /// Takes the lock of the one engine of an account; it is held for as long as the connection lives.
    pub(super) async fn hold(&self, lock: i64) -> Result<bool> {
        let row = self.client.query_one("SELECT pg_try_advisory_lock($1)", &[&lock]).await;
        row.map(|r| r.get(0)).map_err(|e| fault(&e))
    }

    /// Ends a session that this storage had before and that the server has not noticed the end of.
    pub(super) async fn end(&self, other: &Backend) {
        let sql = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid = $1 AND backend_start::text = $2";
        if let Err(e) = self.client.execute(sql, &[&other.pid, &other.since]).await {
            tracing::debug!(error = %fault(&e), "a lost session of the database could not be ended");
        }
    }

    /// Says goodbye, so that the server lets go of everything at once.
    pub(super) async fn close(self) {
        drop(self.client);
        let _ = timeout(Duration::from_secs(2), self.driver).await;
    }

    /// Breaks off: what is on its way in either direction is lost.
    pub(super) fn abandon(self) {
        self.driver.abort();
    }
}

/// Ends a connection's task with whatever needed it.
struct Abort(Option<JoinHandle<()>>);

impl Abort {
    fn keep(mut self) -> JoinHandle<()> {
        self.0.take().unwrap_or_else(|| tokio::spawn(async {}))
    }
}

impl Drop for Abort {
    fn drop(&mut self) {
        if let Some(driver) = self.0.take() {
            driver.abort();
        }
    }
}

/// The server or the network says nothing.
pub(super) fn silent() -> Error {
    Error::storage(StorageFault::Unavailable, "the database's server does not answer; repeat in a moment")
}

/// Sends statements one behind the other and waits for all answers; they run in their order.
pub(super) async fn all<T>(statements: impl IntoIterator<Item = impl Future<Output = T> + Send>) -> Vec<T> {
    let mut running: Vec<(Pin<Box<_>>, Option<T>)> =
        statements.into_iter().map(|s| (Box::pin(s), None)).collect();
    std::future::poll_fn(|cx| {
        let mut waiting = false;
        for (statement, answer) in running.iter_mut().filter(|(_, answer)| answer.is_none()) {
            match statement.as_mut().poll(cx) {
                Poll::Ready(value) => *answer = Some(value),
                Poll::Pending => waiting = true,
            }
        }
        if waiting { Poll::Pending } else { Poll::Ready(()) }
    })
    .await;
    running.into_iter().filter_map(|(_, answer)| answer).collect()
}
