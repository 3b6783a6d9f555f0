//! New keys in place of old ones, while work goes on: every data key goes from the old wrapping key to a new one.
//! Nothing that was sealed is sealed anew. Whatever moment a process dies in, the next one goes on.

use serde::{Deserialize, Serialize};

use super::{Vault, wrapping_number};
use crate::{
    audit::Scope,
    engine::{Inner, Session},
    storage::{Batch, Committed, Index, Key, Patch, Record, Write},
    values::{
        error::{Error, Result},
        time::Timestamp,
    },
};

/// Where the account's root keys lie: `1` for ever, as the fingerprints come from it; `w<n>` those of later
/// wrapping keys.
pub(crate) const ROOT: &str = "root_key";
/// Data keys that go over together.
const TOGETHER: i32 = 500;

/// Where a rotation stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RotationReport {
    /// The wrapping key before.
    pub old: i32,
    /// The one that new data keys lie under.
    pub new: i32,
    /// When it began.
    pub began_at: Timestamp,
    /// When it ended; `None` while it is under way.
    pub ended_at: Option<Timestamp>,
    /// Data keys that went over in this run.
    pub rewrapped: i64,
    /// Data keys under the old one.
    pub left: i64,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Kept {
    old: u32,
    new: u32,
    #[serde(with = "chrono::serde::ts_milliseconds")]
    began_at: Timestamp,
    #[serde(with = "chrono::serde::ts_milliseconds_option", default)]
    ended_at: Option<Timestamp>,
}

fn kept_record(account: &str, kept: &Kept) -> Result<Record> {
    let mut record = Record::new(account, "store", "rotation");
    record.retention = "account".to_owned();
    record.clear = serde_json::to_string(kept).map_err(|_| Error::internal("encoding a rotation"))?;
    Ok(record)
}

fn count(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

impl Inner {
    fn wrapping_key(&self, number: u32) -> Key {
        self.key(ROOT, if number == 1 { "1".to_owned() } else { format!("w{number}") })
    }

    /// Makes every wrapping key of the store ready.
    pub(crate) async fn load_wrapping_keys(&self) -> Result<()> {
        for record in self.find_all(self.query(ROOT, Index::Id {}, 1000)).await? {
            let number = record.id.strip_prefix('w').and_then(|n| n.parse().ok());
            if let Some(number) = number {
                let root = zeroize::Zeroizing::new(self.keys.unwrap(record.sealed).await?);
                self.vault.add_wrapping(number, &root)?;
            }
        }
        Ok(())
    }

    async fn rotation(&self) -> Result<Option<Kept>> {
        let found = self.get("store", "rotation").await?;
        found
            .map(|r| {
                serde_json::from_str(&r.clear)
                    .map_err(|_| Error::internal("the rotation has a shape this version does not know"))
            })
            .transpose()
    }

    /// Begins a rotation, or finds the one that is under way.
    async fn begin_rotation(&self) -> Result<Kept> {
        if let Some(kept) = self.rotation().await?
            && kept.ended_at.is_none()
        {
            return Ok(kept);
        }
        // A rotation that died at its very end left the older key behind.
        self.rewrap_roots().await?;
        if let Some(file) = &self.key_file {
            file.end_rotation()?;
            file.begin_rotation()?;
            self.rewrap_roots().await?;
        }
        let old = self.vault.newest_wrapping();
        let kept = Kept { old, new: old + 1, began_at: self.clock.now(), ended_at: None };
        let mut record = Record::new(&self.account, ROOT, format!("w{}", kept.new));
        record.retention = "account".to_owned();
        record.sealed = Vault::new_root(&*self.keys, &*self.random).await?;
        let wrapped = record.sealed.clone();
        let writes = vec![Write::Put { record }, Write::Put { record: kept_record(&self.account, &kept)? }];
        self.commit_all(writes, "rotation").await?;
        let root = zeroize::Zeroizing::new(self.keys.unwrap(wrapped).await?);
        self.vault.add_wrapping(kept.new, &root)?;
        Ok(kept)
    }

    /// Wraps every root key with what the key provider wraps with now.
    async fn rewrap_roots(&self) -> Result<()> {
        for mut record in self.find_all(self.query(ROOT, Index::Id {}, 1000)).await? {
            let root = zeroize::Zeroizing::new(self.keys.unwrap(record.sealed.clone()).await?);
            record.sealed = self.keys.wrap(root.to_vec()).await?;
            let version = record.version;
            self.commit_all(vec![Write::Replace { record, version }], "root key").await?;
        }
        Ok(())
    }

    /// Takes data keys over until none lies under an older key, then lets go of that. One rotation at a time: two
    /// would let go of each other's keys.
    pub(crate) async fn rotate(&self) -> Result<RotationReport> {
        let _turn = self.rotating.lock().await;
        self.rotate_alone().await
    }

    /// Goes on with a rotation that was left unfinished, unless somebody has ended it.
    pub(crate) async fn rotate_on(&self) -> Result<()> {
        let _turn = self.rotating.lock().await;
        if self.is_rotating().await? {
            self.rotate_alone().await?;
        }
        Ok(())
    }

    /// Rotates where the account wants no key as old as the present one.
    pub(crate) async fn rotate_when_old(&self) -> Result<()> {
        let Some(most) = self.rotate_keys_after else { return Ok(()) };
        let _turn = self.rotating.lock().await;
        let is_old = match self.rotation().await? {
            Some(kept) => kept.ended_at.is_none_or(|_| self.clock.now() - kept.began_at >= most),
            // Nobody knows how old the first one is.
            None => true,
        };
        if is_old {
            self.rotate_alone().await?;
        }
        Ok(())
    }

    async fn rotate_alone(&self) -> Result<RotationReport> {
        let kept = self.begin_rotation().await?;
        let mut rewrapped = 0;
        loop {
            let mut query = self.query("key", Index::Id {}, TOGETHER);
            let mut lost = false;
            loop {
                if self.is_closing() {
                    return Err(Error::Closed {});
                }
                let page = self.find(query.clone()).await?;
                let mut batches = Vec::new();
                for record in &page.records {
                    if let Some(sealed) = self.vault.rewrap(&record.id, &record.sealed)? {
                        batches.push(Batch { writes: vec![change(record, sealed)] });
                    }
                }
                if !batches.is_empty() {
                    let done = self.storage.commit(batches).await?;
                    let stored = done.iter().filter(|d| matches!(d, Committed::Done { .. })).count();
                    // A key whose record changed meanwhile is looked at again; one that is gone needs nothing.
                    lost |= stored < done.len();
                    rewrapped += count(stored);
                }
                match page.next {
                    Some(next) => query.after = Some(next),
                    None => break,
                }
                tokio::task::yield_now().await;
            }
            if !lost {
                break;
            }
        }
        let ended = Kept { ended_at: Some(self.clock.now()), ..kept.clone() };
        let mut writes = vec![Write::Put { record: kept_record(&self.account, &ended)? }];
        if kept.old > 1
            && let Some(old) = self.storage.get(vec![self.wrapping_key(kept.old)]).await?.pop().flatten()
        {
            writes.push(Write::Delete { key: old.key(), version: old.version });
        }
        self.commit_all(writes, "rotation").await?;
        if kept.old > 1 {
            self.vault.drop_wrapping(kept.old);
        }
        // Whatever the provider wrapped with before opens nothing any more.
        self.rewrap_roots().await?;
        if let Some(file) = &self.key_file {
            file.end_rotation()?;
        }
        self.note_own("keys.rotated", None, usize::try_from(rewrapped).unwrap_or(0));
        Ok(report(&ended, rewrapped, 0))
    }

    async fn is_rotating(&self) -> Result<bool> {
        Ok(self.rotation().await?.is_some_and(|k| k.ended_at.is_none()))
    }
}

fn change(record: &Record, sealed: Vec<u8>) -> Write {
    Write::Change {
        patch: Patch {
            key: record.key(),
            version: record.version,
            state: record.state.clone(),
            queue: record.queue.clone(),
            due_at: record.due_at,
            clear: None,
            sealed: Some(sealed),
            tokens: None,
        },
    }
}

fn report(kept: &Kept, rewrapped: i64, left: i64) -> RotationReport {
    RotationReport {
        old: i32::try_from(kept.old).unwrap_or(i32::MAX),
        new: i32::try_from(kept.new).unwrap_or(i32::MAX),
        began_at: kept.began_at,
        ended_at: kept.ended_at,
        rewrapped,
        left,
    }
}

/// The account's keys.
#[derive(Debug, Clone)]
pub struct Keys {
    pub(crate) engine: Session,
}

impl Keys {
    /// Puts a new wrapping key in place of the present one while work goes on, and takes every person's key over to
    /// it. The key file gets a new key of its own; with a key provider of the host's, the root key is wrapped anew
    /// with whatever the provider wraps with now: rotate there first, and let it open both for as long as this
    /// runs. Called again, or opened again after a crash, it goes on where it was.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// # conek_core::doctest::person(&engine, "+27 83 288 5137").await?;
    /// let report = engine.keys().rotate().await?;
    /// assert_eq!((report.new, report.rewrapped, report.left), (2, 1, 0));
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `key` when a key cannot be opened or the key file cannot be written; `forbidden` without `keys_rotate`.
    pub async fn rotate(&self) -> Result<RotationReport> {
        self.engine.admit("keys.rotate", Scope::KeysRotate, None)?;
        let engine = self.engine.inner();
        self.engine.run(async move { engine.rotate().await }).await
    }

    /// Where the last rotation stands; `None` if there was none.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// assert_eq!(engine.keys().rotation().await?, None);
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// Only those of the storage; `forbidden` without `keys_rotate`.
    pub async fn rotation(&self) -> Result<Option<RotationReport>> {
        self.engine.allow("keys.rotation", Scope::KeysRotate)?;
        let Some(kept) = self.engine.rotation().await? else { return Ok(None) };
        let mut left = 0;
        if kept.ended_at.is_none() {
            let mut query = self.engine.query("key", Index::Id {}, 1000);
            loop {
                let page = self.engine.find(query.clone()).await?;
                left += count(page.records.iter().filter(|r| wrapping_number(&r.sealed) < kept.new).count());
                match page.next {
                    Some(next) => query.after = Some(next),
                    None => break,
                }
            }
        }
        Ok(Some(report(&kept, 0, left)))
    }

    /// The public half of the account's signing key, Ed25519, 32 bytes: exports and the audit log are signed with
    /// the other.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// assert_eq!(engine.keys().public_key().await?.len(), 32);
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// None.
    pub async fn public_key(&self) -> Result<Vec<u8>> {
        Ok(self.engine.vault.public_key())
    }
}
