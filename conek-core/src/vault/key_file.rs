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
const AAD: &[u8] = b"conek root key";

/// Wraps with a key in a file.
///
/// The file is made on first use with mode 0600. Keep it apart from the database's backups:
/// both together open everything, each alone opens nothing.
pub struct KeyFile {
    path: PathBuf,
    key: Zeroizing<[u8; 32]>,
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
        let mut bytes = Zeroizing::new(Vec::with_capacity(64));
        Read::by_ref(&mut file)
            .take(64)
            .read_to_end(&mut bytes)
            .map_err(|e| Error::key(format!("the key file {shown} cannot be read: {}", e.kind())))?;
        let key = bytes
            .strip_prefix(MAGIC)
            .and_then(|k| <[u8; 32]>::try_from(k).ok())
            .map(Zeroizing::new)
            .ok_or_else(|| Error::key(format!("{shown} is not a conek key file")))?;
        Ok(Self { path, key, nonces: random })
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

    fn cipher(&self) -> Result<LessSafeKey> {
        UnboundKey::new(&AES_256_GCM, &self.key[..])
            .map(LessSafeKey::new)
            .map_err(|_| Error::internal("key file cipher"))
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
        self.cipher()?
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
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| wrong())?;
        let mut sealed = Zeroizing::new(sealed.to_vec());
        let plain = self.cipher()?.open_in_place(nonce, Aad::from(AAD), &mut sealed).map_err(|_| wrong())?;
        Ok(plain.to_vec())
    }
}
