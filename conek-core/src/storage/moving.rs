//! A whole store goes from one database into another: up to PostgreSQL, and back.

use std::{
    collections::BTreeMap,
    fs,
    io::{self, BufWriter, Write as _},
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

#[cfg(feature = "postgres")]
use super::Postgres;
use super::{
    Batch, Committed, Key, Record, Sqlite, Storage, Write,
    dump::{self, ARRIVING},
};
use crate::values::error::{Error, Result, StorageFault};

/// The state of a store that has gone.
const MOVED: &str = "moved";

/// What went from one database into another.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Migrated {
    /// Records, of all accounts.
    pub records: i64,
    /// Records by kind.
    pub kinds: BTreeMap<String, i64>,
    /// A fingerprint of all of them: equal on both sides, or nothing would have been reported.
    pub fingerprint: String,
}

/// Moves everything that is in the database `from` into the empty database `to`: contacts, consent, messages, the
/// queue, the audit log, sealed keys, record by record as they are, of every account. Each is the path of an SQLite
/// file or the URL of a PostgreSQL database.
///
/// What was written is read back and compared before either side counts: how many records of each kind, and a
/// fingerprint of all. From then on `to` is the store, with its epoch and its queue as they were, and an engine
/// refuses to open `from`; the key file and the journal beside it stay where they are, so name them to the engine
/// (`Config.key_file`). No engine may be working on either. Until then `from` is the store, and stays it after an
/// error; when the process ended in the middle, call it again with the same two, or go on with `from`.
///
/// It writes a copy of the records, sealed as they are, beside the SQLite file of the two (or into the temporary
/// folder where there is none) and removes it at the end: that much room is needed.
///
/// ```no_run
/// # async fn example() -> conek_core::Result<()> {
/// let moved = conek_core::storage::migrate("shop.db", "postgres://shop:secret@db.example/shop").await?;
/// println!("{} records, {}", moved.records, moved.fingerprint);
/// # Ok(()) }
/// ```
///
/// # Errors
/// `not_found` without a database at `from`; `conflict` when `to` holds anything else, or when `from` has moved
/// already; `storage_locked` while an engine works on `from`; `storage_corrupt` when what was read back is not what
/// was written; and those of the storages.
pub async fn migrate(from: &str, to: &str) -> Result<Migrated> {
    if from == to {
        return Err(Error::invalid("to", "is the same as from"));
    }
    let source = Store::open(from).await?;
    let moved = source.whole_move(from, to).await;
    source.close().await;
    moved
}

/// Whether an engine may work on a store in this state.
pub(crate) fn refuse_moved(state: &str) -> Result<()> {
    if state == MOVED {
        return Err(gone());
    }
    if state.starts_with(ARRIVING) {
        return Err(Error::conflict(
            "store",
            "a move into this database did not end: end it with `conek migrate`, from where it came, or go on there",
        ));
    }
    Ok(())
}

fn gone() -> Error {
    Error::conflict("store", "this store was moved into another database: open that one")
}

fn is_url(place: &str) -> bool {
    place.starts_with("postgres://") || place.starts_with("postgresql://")
}

/// One side of a move.
enum Store {
    Sqlite(Sqlite),
    #[cfg(feature = "postgres")]
    Postgres {
        all: Postgres,
        /// Keep engines away from the accounts.
        locks: tokio::sync::Mutex<Vec<Postgres>>,
        url: String,
    },
}

#[cfg(not(feature = "postgres"))]
fn without() -> Error {
    Error::invalid("database", "this conek was built without PostgreSQL; build it with the feature postgres")
}

impl Store {
    async fn open(place: &str) -> Result<Self> {
        if is_url(place) {
            #[cfg(feature = "postgres")]
            return Ok(Self::Postgres {
                all: Postgres::open(place).await?,
                locks: tokio::sync::Mutex::default(),
                url: place.to_owned(),
            });
            #[cfg(not(feature = "postgres"))]
            return Err(without());
        }
        if !Path::new(place).is_file() {
            return Err(Error::not_found("database", place));
        }
        Ok(Self::Sqlite(Sqlite::open(place).await?))
    }

    /// The database at `place` with the records of a dump; one that is full already is opened as it is.
    async fn filled(place: &str, from: &Path) -> Result<(Self, bool)> {
        let records = dump::Reader::open(&from.display().to_string(), true)?;
        if is_url(place) {
            #[cfg(feature = "postgres")]
            return match Postgres::filled(place, records).await {
                Ok(all) => {
                    let locks = tokio::sync::Mutex::default();
                    Ok((Self::Postgres { all, locks, url: place.to_owned() }, true))
                }
                Err(Error::Conflict { .. }) => Ok((Self::open(place).await?, false)),
                Err(e) => Err(e),
            };
            #[cfg(not(feature = "postgres"))]
            return Err(without());
        }
        match fs::symlink_metadata(place) {
            Ok(_) => Ok((Self::open(place).await?, false)),
            Err(_) => Ok((Self::Sqlite(Sqlite::filled(PathBuf::from(place), records).await?), true)),
        }
    }

    fn port(&self) -> &dyn Storage {
        match self {
            Self::Sqlite(sqlite) => sqlite,
            #[cfg(feature = "postgres")]
            Self::Postgres { all, .. } => all,
        }
    }

    async fn accounts(&self) -> Result<Vec<String>> {
        match self {
            Self::Sqlite(sqlite) => sqlite.accounts().await,
            #[cfg(feature = "postgres")]
            Self::Postgres { all, .. } => all.accounts().await,
        }
    }

    async fn dump<W: io::Write + Send + 'static>(&self, out: W) -> Result<W> {
        match self {
            Self::Sqlite(sqlite) => sqlite.dump(out).await,
            #[cfg(feature = "postgres")]
            Self::Postgres { all, .. } => all.dump(out).await,
        }
    }

    /// Keeps engines away. A file that is open is kept from others by itself.
    #[cfg_attr(not(feature = "postgres"), allow(unused_variables, clippy::unused_async))]
    async fn lock(&self, account: &str) -> Result<()> {
        match self {
            Self::Sqlite(_) => Ok(()),
            #[cfg(feature = "postgres")]
            Self::Postgres { locks, url, .. } => {
                let held = Postgres::open_account(url, account).await?;
                locks.lock().await.push(held);
                Ok(())
            }
        }
    }

    async fn close(self) {
        // Everything was answered by now, and a connection that does not close well ends all the same.
        match self {
            Self::Sqlite(sqlite) => drop(sqlite.close().await),
            #[cfg(feature = "postgres")]
            Self::Postgres { all, locks, .. } => {
                for held in locks.into_inner() {
                    drop(held.close().await);
                }
                drop(all.close().await);
            }
        }
    }

    async fn life(&self, account: &str) -> Result<Record> {
        let (kind, id) = dump::LIFE;
        let key = Key { account: account.to_owned(), kind: kind.to_owned(), id: id.to_owned() };
        let found = self.port().get(vec![key]).await?.pop().flatten();
        found.ok_or_else(|| Error::not_found("store", account))
    }

    /// Changes the state of an account's store.
    async fn mark(&self, account: &str, next: impl Fn(&str) -> Result<String>) -> Result<()> {
        let mut record = self.life(account).await?;
        let state = next(&record.state)?;
        if state == record.state {
            return Ok(());
        }
        let version = record.version;
        record.state = state;
        let writes = vec![Write::Replace { record, version }];
        match self.port().commit(vec![Batch { writes }]).await?.first() {
            Some(Committed::Done { .. }) => Ok(()),
            _ => Err(Error::conflict("store", "an engine is working on it: close it and call again")),
        }
    }

    async fn whole_move(&self, from: &str, to: &str) -> Result<Migrated> {
        let accounts = self.accounts().await?;
        if accounts.is_empty() {
            return Err(Error::not_found("store", "in that database"));
        }
        let mut gone_already = 0;
        for account in &accounts {
            self.lock(account).await?;
            match self.life(account).await?.state.as_str() {
                MOVED => gone_already += 1,
                state => refuse_moved(state)?,
            }
        }
        let copy = Copy::beside(from, to);
        let (file, wanted) = self
            .dump(Both { file: BufWriter::new(copy.create()?), tally: dump::Tally::default() })
            .await
            .and_then(Both::end)?;
        drop(file);
        // A store that is gone, or partly, is never copied again: only the last step can be missing.
        let (target, fresh) = match gone_already {
            0 => Self::filled(to, &copy.0).await?,
            _ => (Self::open(to).await.map_err(|_| gone())?, false),
        };
        let ended = self.end(&target, &accounts, &wanted, fresh, gone_already > 0).await;
        target.close().await;
        ended.map(|()| Migrated {
            records: wanted.kinds.values().sum(),
            fingerprint: wanted.fingerprint(),
            kinds: wanted.kinds,
        })
    }

    /// Reads back what was written, and hands the store over.
    async fn end(
        &self,
        target: &Self,
        accounts: &[String],
        wanted: &dump::Tally,
        fresh: bool,
        gone_already: bool,
    ) -> Result<()> {
        let occupied = || match gone_already {
            true => gone(),
            false => Error::conflict("to", "the database holds records already; name an empty one"),
        };
        let mut on_their_way = 0;
        for account in target.accounts().await? {
            target.lock(&account).await?;
            on_their_way += usize::from(target.life(&account).await?.state.starts_with(ARRIVING));
        }
        // From a move that was cut off between the two last steps the store itself is marked as gone.
        if !fresh && on_their_way == 0 {
            return Err(occupied());
        }
        let there = target.dump(dump::Tally::default()).await?;
        if !there.is_whole() || there != *wanted {
            return Err(match fresh {
                true => Error::storage(
                    StorageFault::Corrupt,
                    "what was read back is not what was written; empty the database `to` and call again",
                ),
                false => occupied(),
            });
        }
        for account in accounts {
            self.mark(account, |_| Ok(MOVED.to_owned())).await?;
        }
        for account in accounts {
            target
                .mark(account, |state| Ok(state.strip_prefix(ARRIVING).unwrap_or(state).to_owned()))
                .await?;
        }
        Ok(())
    }
}

/// The file in which the records wait between the two; it goes when this does.
struct Copy(PathBuf);

impl Copy {
    fn beside(from: &str, to: &str) -> Self {
        let file = [to, from].into_iter().find(|place| !is_url(place)).map(PathBuf::from);
        let mut name = match file {
            Some(file) => file.into_os_string(),
            None => std::env::temp_dir().join(format!("conek-{}", std::process::id())).into_os_string(),
        };
        name.push(".moving");
        Self(PathBuf::from(name))
    }

    fn create(&self) -> Result<fs::File> {
        // Left by a move that was cut off.
        let _ = fs::remove_file(&self.0);
        dump::create(&self.0).map_err(|_| {
            Error::invalid("to", "no file can be written there; check the directory and permissions")
        })
    }
}

impl Drop for Copy {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

/// Writes a dump and counts it.
struct Both {
    file: BufWriter<fs::File>,
    tally: dump::Tally,
}

impl io::Write for Both {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let n = self.file.write(bytes)?;
        self.tally.write_all(&bytes[..n])?;
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Both {
    fn end(mut self) -> Result<(fs::File, dump::Tally)> {
        let full = |_| {
            Error::storage(StorageFault::Full, "the copy could not be written; free space and call again")
        };
        self.file.flush().map_err(full)?;
        let file = self.file.into_inner().map_err(|e| full(e.into_error()))?;
        Ok((file, self.tally))
    }
}
