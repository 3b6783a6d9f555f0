//! The default key provider: 32 bytes in a file that only its owner may read.

use std::{
    fmt::Debug,
    io::{ErrorKind, Read, Write},
    path::{Path, PathBuf},
};

use async_trait::async_trait;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use zeroize::Zeroizing;

use super::KeyProvider;
use crate::values::{
    error::{Error, Result},
    random::Random,
};

const MAGIC: &[u8; 8] = b"conekkf1";
/// A key and its 32 bytes more: the older key comes second while a rotation is under way.
const MOST: usize = 8 + 2 * 32;
const AAD: &[u8] = b"conek root key";

/// Wraps with a key in a file.
///
/// The file is made on first use with mode 0600. Keep it apart from the database's backups:
/// both together open everything, each alone opens nothing.
pub struct KeyFile {
    path: PathBuf,
    /// The key that wraps, and behind it the one before while a rotation is under way.
    keys: std::sync::RwLock<Vec<Zeroizing<[u8; 32]>>>,
    nonces: std::sync::Arc<dyn Random>,
}

impl Debug for KeyFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KeyFile").field("path", &self.path).finish_non_exhaustive()
    }
}

impl KeyFile {
    /// Reads the key file at `path`.
    ///
    /// # Errors
    /// `key` when the file is missing, unreadable, not a key file, or readable by others.
    pub fn open(path: impl AsRef<Path>, random: std::sync::Arc<dyn Random>) -> Result<Self> {
        let path = path.as_ref().to_owned();
        let shown = path.display();
        let mut file = std::fs::File::open(&path).map_err(|e| match e.kind() {
            ErrorKind::NotFound => Error::key(format!(
                "there is no key file at {shown}, and this database needs the one it was made with: put it back"
            )),
            _ => Error::key(format!("the key file {shown} cannot be read: {}", e.kind())),
        })?;
        refuse_if_others_can_read(&file, &path)?;
        let mut bytes = Zeroizing::new(Vec::with_capacity(MOST + 1));
        Read::by_ref(&mut file)
            .take(MOST as u64 + 1)
            .read_to_end(&mut bytes)
            .map_err(|e| Error::key(format!("the key file {shown} cannot be read: {}", e.kind())))?;
        let keys = bytes
            .strip_prefix(MAGIC)
            .map(|rest| rest.as_chunks::<32>())
            .filter(|(keys, rest)| rest.is_empty() && (1..=2).contains(&keys.len()))
            .map(|(keys, _)| keys.iter().map(|k| Zeroizing::new(*k)).collect())
            .ok_or_else(|| Error::key(format!("{shown} is not a conek key file")))?;
        Ok(Self { path, keys: std::sync::RwLock::new(keys), nonces: random })
    }

    /// Reads the key file at `path`, or makes it.
    ///
    /// # Errors
    /// `key` as for [`KeyFile::open`], or when the file cannot be made.
    pub fn open_or_create(path: impl AsRef<Path>, random: std::sync::Arc<dyn Random>) -> Result<Self> {
        let path = path.as_ref();
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        match options.open(path) {
            Ok(mut file) => {
                let mut bytes = Zeroizing::new([0u8; 40]);
                bytes[..8].copy_from_slice(MAGIC);
                random.fill(&mut bytes[8..])?;
                file.write_all(&*bytes).and_then(|()| file.sync_all()).map_err(|e| {
                    Error::key(format!("the key file {} cannot be written: {}", path.display(), e.kind()))
                })?;
            }
            Err(e) if e.kind() == ErrorKind::AlreadyExists => {}
            Err(e) => {
                return Err(Error::key(format!(
                    "the key file {} cannot be made: {}",
                    path.display(),
                    e.kind()
                )));
            }
        }
        Self::open(path, random)
    }

    /// Puts a new key in front; the one before still opens what it wrapped. While two are there it does nothing.
    pub(crate) fn begin_rotation(&self) -> Result<()> {
        let mut keys = self.keys.write().unwrap_or_else(std::sync::PoisonError::into_inner);
        if keys.len() > 1 {
            return Ok(());
        }
        let mut key = Zeroizing::new([0u8; 32]);
        self.nonces.fill(&mut key[..])?;
        let mut next = keys.clone();
        next.insert(0, key);
        self.store(&next)?;
        *keys = next;
        Ok(())
    }

    /// Lets go of the key before.
    pub(crate) fn end_rotation(&self) -> Result<()> {
        let mut keys = self.keys.write().unwrap_or_else(std::sync::PoisonError::into_inner);
        let next = keys.first().cloned().into_iter().collect::<Vec<_>>();
        self.store(&next)?;
        *keys = next;
        Ok(())
    }

    /// Writes the file anew beside the old one and takes its place: a crash leaves the one or the other.
    fn store(&self, keys: &[Zeroizing<[u8; 32]>]) -> Result<()> {
        let failed = |e: std::io::Error| {
            Error::key(format!("the key file {} cannot be written: {}", self.path.display(), e.kind()))
        };
        let mut bytes = Zeroizing::new(Vec::with_capacity(MOST));
        bytes.extend_from_slice(MAGIC);
        for key in keys {
            bytes.extend_from_slice(&key[..]);
        }
        let mut name = self.path.clone().into_os_string();
        name.push(".new");
        let new = PathBuf::from(name);
        let _ = std::fs::remove_file(&new);
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&new).map_err(failed)?;
        file.write_all(&bytes).and_then(|()| file.sync_all()).map_err(failed)?;
        std::fs::rename(&new, &self.path).map_err(failed)?;
        let folder = self.path.parent().filter(|p| !p.as_os_str().is_empty());
        #[cfg(unix)]
        std::fs::File::open(folder.unwrap_or(Path::new("."))).and_then(|d| d.sync_all()).map_err(failed)?;
        #[cfg(not(unix))]
        let _ = folder;
        Ok(())
    }

    fn ciphers(&self) -> Result<Vec<LessSafeKey>> {
        let keys = self.keys.read().unwrap_or_else(std::sync::PoisonError::into_inner);
        let cipher = |key: &Zeroizing<[u8; 32]>| {
            UnboundKey::new(&AES_256_GCM, &key[..])
                .map(LessSafeKey::new)
                .map_err(|_| Error::internal("key file cipher"))
        };
        keys.iter().map(cipher).collect()
    }
}

#[cfg(unix)]
fn refuse_if_others_can_read(file: &std::fs::File, path: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let mode = file.metadata().map(|m| m.permissions().mode()).unwrap_or(0o600);
    if mode & 0o077 != 0 {
        return Err(Error::key(format!(
            "the key file {} can be read by others (mode {:o}): chmod 600 it",
            path.display(),
            mode & 0o777
        )));
    }
    Ok(())
}
#[cfg(not(unix))]
fn refuse_if_others_can_read(_: &std::fs::File, _: &Path) -> Result<()> {
    Ok(())
}

#[async_trait]
impl KeyProvider for KeyFile {
    async fn wrap(&self, key: Vec<u8>) -> Result<Vec<u8>> {
        let mut nonce = [0u8; NONCE_LEN];
        self.nonces.fill(&mut nonce)?;
        let mut sealed = key;
        let ciphers = self.ciphers()?;
        ciphers
            .first()
            .ok_or_else(|| Error::internal("a key file without a key"))?
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(AAD), &mut sealed)
            .map_err(|_| Error::internal("wrapping failed"))?;
        let mut wrapped = nonce.to_vec();
        wrapped.append(&mut sealed);
        Ok(wrapped)
    }
    async fn unwrap(&self, wrapped: Vec<u8>) -> Result<Vec<u8>> {
        let wrong = || {
            Error::key(format!(
                "{} is not the key that this database was made with, or the database was changed",
                self.path.display()
            ))
        };
        let (nonce, sealed) = wrapped.split_at_checked(NONCE_LEN).ok_or_else(wrong)?;
        for cipher in self.ciphers()? {
            let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| wrong())?;
            let mut sealed = Zeroizing::new(sealed.to_vec());
            if let Ok(plain) = cipher.open_in_place(nonce, Aad::from(AAD), &mut sealed) {
                return Ok(plain.to_vec());
            }
        }
        Err(wrong())
    }
}
