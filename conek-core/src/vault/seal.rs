//! Sealing with a key per person, and the keyed fingerprints by which sealed things are found.

use std::{
    collections::HashMap,
    fmt::Debug,
    sync::{Arc, Mutex, PoisonError, RwLock},
};

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use ring::{
    aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    hkdf, hmac,
    signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey},
};
use serde::{Serialize, de::DeserializeOwned};
use zeroize::Zeroizing;

use super::KeyProvider;
use crate::values::{
    error::{Error, Result},
    random::Random,
};

/// The format of sealed bytes: version, nonce, ciphertext, tag.
const FORMAT: u8 = 1;
/// The format of a data key under a later wrapping key: version, the wrapping key's number, nonce, ciphertext, tag.
const NUMBERED: u8 = 2;
/// Data keys kept unwrapped, at most. 32 bytes each.
const CACHED_KEYS: usize = 65_536;

type KeyBytes = Zeroizing<[u8; 32]>;

/// What a sealed value belongs to. It opens only in its own place: bytes moved to another person,
/// kind or record do not open.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sealed<'a> {
    /// The person, or empty for what concerns the account alone.
    pub(crate) person: &'a str,
    /// The record's kind.
    pub(crate) kind: &'a str,
    /// The record's id.
    pub(crate) id: &'a str,
}

/// The account's keys.
pub(crate) struct Vault {
    account: String,
    /// The wrapping keys by number, the newest last. Two hold at once while data keys go over to the newer one.
    wrapping: RwLock<Vec<(u32, LessSafeKey)>>,
    own: KeyBytes,
    index: hmac::Key,
    suppression: hmac::Key,
    echo: hmac::Key,
    signing: Ed25519KeyPair,
    random: Arc<dyn Random>,
    cache: Mutex<Cache>,
}

#[derive(Default)]
struct Cache {
    young: HashMap<String, KeyBytes>,
    old: HashMap<String, KeyBytes>,
}

impl Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Vault").field("account", &self.account).finish_non_exhaustive()
    }
}

struct Length32;
impl hkdf::KeyType for Length32 {
    fn len(&self) -> usize {
        32
    }
}

fn derive(root: &[u8], account: &str, use_: &str) -> Result<KeyBytes> {
    let salt = hkdf::Salt::new(hkdf::HKDF_SHA256, b"conek root 1");
    let mut out = Zeroizing::new([0u8; 32]);
    salt.extract(root)
        .expand(&[use_.as_bytes(), &[0], account.as_bytes()], Length32)
        .and_then(|k| k.fill(&mut out[..]))
        .map_err(|_| Error::internal("key derivation"))?;
    Ok(out)
}

fn cipher(key: &[u8; 32]) -> Result<LessSafeKey> {
    UnboundKey::new(&AES_256_GCM, key).map(LessSafeKey::new).map_err(|_| Error::internal("cipher"))
}

impl Vault {
    /// The vault of an account whose wrapped root key is `wrapped`.
    pub(crate) async fn open(
        account: &str,
        keys: &dyn KeyProvider,
        wrapped: Vec<u8>,
        random: Arc<dyn Random>,
    ) -> Result<Self> {
        let root = Zeroizing::new(keys.unwrap(wrapped).await?);
        if root.len() != 32 {
            return Err(Error::key("the key provider returned a root key of another length than 32 bytes"));
        }
        let hmac_key =
            |use_| Ok::<_, Error>(hmac::Key::new(hmac::HMAC_SHA256, &derive(&root, account, use_)?[..]));
        Ok(Self {
            account: account.to_owned(),
            wrapping: RwLock::new(vec![(1, cipher(&*derive(&root, account, "person keys")?)?)]),
            own: derive(&root, account, "account data")?,
            index: hmac_key("blind index")?,
            suppression: hmac_key("suppression list")?,
            echo: hmac_key("echo tokens")?,
            signing: Ed25519KeyPair::from_seed_unchecked(&derive(&root, account, "signatures")?[..])
                .map_err(|_| Error::internal("the signing key"))?,
            random,
            cache: Mutex::default(),
        })
    }

    /// A new root key, wrapped.
    pub(crate) async fn new_root(keys: &dyn KeyProvider, random: &dyn Random) -> Result<Vec<u8>> {
        let mut root = Zeroizing::new([0u8; 32]);
        random.fill(&mut root[..])?;
        keys.wrap(root.to_vec()).await
    }

    /// A new data key for `name` (a person, or a day of webhooks), ready to seal with. Returns the
    /// wrapped key, to be stored before anything sealed with it.
    pub(crate) fn new_key(&self, name: &str) -> Result<Vec<u8>> {
        let mut key = Zeroizing::new([0u8; 32]);
        self.random.fill(&mut key[..])?;
        let wrapped = self.wrap(name, &key)?;
        self.remember(name, key);
        Ok(wrapped)
    }

    /// A data key under the newest wrapping key.
    fn wrap(&self, name: &str, key: &[u8; 32]) -> Result<Vec<u8>> {
        let wrapping = self.wrapping.read().unwrap_or_else(PoisonError::into_inner);
        let (number, cipher) = wrapping.last().ok_or_else(|| Error::internal("no wrapping key"))?;
        let mut wrapped = Vec::with_capacity(5 + NONCE_LEN + 32 + 16);
        if *number == 1 {
            self.seal_with(cipher, self.key_aad(name), key, &mut wrapped)?;
        } else {
            wrapped.push(NUMBERED);
            wrapped.extend_from_slice(&number.to_be_bytes());
            let mut sealed = Vec::with_capacity(1 + NONCE_LEN + 32 + 16);
            self.seal_with(cipher, self.key_aad(name), key, &mut sealed)?;
            wrapped.extend_from_slice(&sealed[1..]);
        }
        Ok(wrapped)
    }

    fn unwrap_key(&self, name: &str, wrapped: &[u8]) -> Result<KeyBytes> {
        let number = wrapping_number(wrapped);
        let mut bytes = Zeroizing::new(Vec::with_capacity(wrapped.len()));
        match number {
            1 => bytes.extend_from_slice(wrapped),
            _ => {
                bytes.push(FORMAT);
                bytes.extend_from_slice(wrapped.get(5..).unwrap_or_default());
            }
        }
        let wrapping = self.wrapping.read().unwrap_or_else(PoisonError::into_inner);
        let Some((_, cipher)) = wrapping.iter().find(|(n, _)| *n == number) else {
            return Err(Error::key(format!(
                "a data key lies under wrapping key {number}, which this database does not hold: it is a mixture of two"
            )));
        };
        let plain = self.open_with(cipher, self.key_aad(name), &mut bytes)?;
        <[u8; 32]>::try_from(&*plain).map(Zeroizing::new).map_err(|_| tampered())
    }

    /// Takes in a later wrapping key, made of `root`. New data keys lie under the latest.
    pub(crate) fn add_wrapping(&self, number: u32, root: &[u8]) -> Result<()> {
        let cipher = cipher(&*derive(root, &self.account, "person keys")?)?;
        let mut wrapping = self.wrapping.write().unwrap_or_else(PoisonError::into_inner);
        wrapping.retain(|(n, _)| *n != number);
        wrapping.push((number, cipher));
        wrapping.sort_by_key(|(n, _)| *n);
        Ok(())
    }

    /// Lets go of a wrapping key that no data key lies under any more.
    pub(crate) fn drop_wrapping(&self, number: u32) {
        self.wrapping.write().unwrap_or_else(PoisonError::into_inner).retain(|(n, _)| *n != number);
    }

    /// The number of the newest wrapping key.
    pub(crate) fn newest_wrapping(&self) -> u32 {
        self.wrapping.read().unwrap_or_else(PoisonError::into_inner).last().map_or(1, |(n, _)| *n)
    }

    /// A stored data key under the newest wrapping key; `None` where it lies there already.
    pub(crate) fn rewrap(&self, name: &str, wrapped: &[u8]) -> Result<Option<Vec<u8>>> {
        if wrapping_number(wrapped) == self.newest_wrapping() {
            return Ok(None);
        }
        let key = self.unwrap_key(name, wrapped)?;
        self.wrap(name, &key).map(Some)
    }

    /// Signs with the account's Ed25519 key.
    pub(crate) fn sign(&self, bytes: &[u8]) -> Result<Vec<u8>> {
        Ok(self.signing.sign(bytes).as_ref().to_vec())
    }
    /// The account's public key, 32 bytes.
    pub(crate) fn public_key(&self) -> Vec<u8> {
        self.signing.public_key().as_ref().to_vec()
    }
    /// Whether the account signed it.
    pub(crate) fn verify_signature(&self, bytes: &[u8], signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&ED25519, self.signing.public_key().as_ref()).verify(bytes, signature).is_ok()
    }

    /// Makes the stored, wrapped key of `name` ready to use.
    pub(crate) fn load_key(&self, name: &str, wrapped: &[u8]) -> Result<()> {
        if self.has_key(name) {
            return Ok(());
        }
        let key = self.unwrap_key(name, wrapped)?;
        self.remember(name, key);
        Ok(())
    }

    /// Whether the key of `name` is ready to use.
    /// Whether a wrapped data key opens with a wrapping key there is.
    pub(crate) fn unwraps(&self, name: &str, wrapped: &[u8]) -> bool {
        self.unwrap_key(name, wrapped).is_ok()
    }

    pub(crate) fn has_key(&self, name: &str) -> bool {
        self.key(name).is_some()
    }

    /// Forgets the key of `name`.
    pub(crate) fn forget_key(&self, name: &str) {
        let mut cache = self.cache.lock().unwrap_or_else(|e| e.into_inner());
        cache.young.remove(name);
        cache.old.remove(name);
    }

    /// Seals `value` as JSON with the person's key, or with the account's where there is no person.
    pub(crate) fn seal<T: Serialize + ?Sized>(&self, place: Sealed<'_>, value: &T) -> Result<Vec<u8>> {
        let plain = Zeroizing::new(
            serde_json::to_vec(value).map_err(|_| Error::internal(format!("encoding a {}", place.kind)))?,
        );
        self.seal_bytes(place, &plain)
    }

    /// Seals bytes.
    pub(crate) fn seal_bytes(&self, place: Sealed<'_>, plain: &[u8]) -> Result<Vec<u8>> {
        let mut out = Vec::with_capacity(1 + NONCE_LEN + plain.len() + 16);
        self.seal_with(&self.key_for(place)?, self.aad(place), plain, &mut out)?;
        Ok(out)
    }

    /// Opens what [`Vault::seal`] made.
    pub(crate) fn open_sealed<T: DeserializeOwned>(&self, place: Sealed<'_>, sealed: &[u8]) -> Result<T> {
        let plain = self.open_bytes(place, sealed)?;
        serde_json::from_slice(&plain).map_err(|_| {
            Error::internal(format!("a sealed {} has a shape this version does not know", place.kind))
        })
    }

    /// Opens what [`Vault::seal_bytes`] made.
    pub(crate) fn open_bytes(&self, place: Sealed<'_>, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
        let mut bytes = Zeroizing::new(sealed.to_vec());
        let len = self.open_with(&self.key_for(place)?, self.aad(place), &mut bytes)?.len();
        let start = 1 + NONCE_LEN;
        bytes.copy_within(start..start + len, 0);
        bytes.truncate(len);
        Ok(bytes)
    }

    /// The blind index of a value: who does not hold the key can neither make nor reverse it.
    pub(crate) fn fingerprint(&self, name: &str, value: &str) -> String {
        keyed(&self.index, &[name, &self.account, value])
    }

    /// The suppression list's entry for a channel address. It has its own key, so that it outlives
    /// the erasure of the person.
    pub(crate) fn suppression(&self, channel: &str, address: &str) -> String {
        keyed(&self.suppression, &["v1", &self.account, channel, address])
    }

    /// Eight bytes that only this account could have made, for echo tokens.
    pub(crate) fn echo_tag(&self, data: &[u8]) -> [u8; 8] {
        let tag = hmac::sign(&self.echo, data);
        let mut out = [0u8; 8];
        out.copy_from_slice(&tag.as_ref()[..8]);
        out
    }

    fn key(&self, name: &str) -> Option<KeyBytes> {
        let mut cache = self.cache.lock().unwrap_or_else(|e| e.into_inner());
        if let Some(k) = cache.young.get(name) {
            return Some(k.clone());
        }
        let k = cache.old.get(name).cloned()?;
        cache.young.insert(name.to_owned(), k.clone());
        Some(k)
    }

    fn remember(&self, name: &str, key: KeyBytes) {
        let mut cache = self.cache.lock().unwrap_or_else(|e| e.into_inner());
        if cache.young.len() >= CACHED_KEYS / 2 {
            cache.old = std::mem::take(&mut cache.young);
        }
        cache.young.insert(name.to_owned(), key);
    }

    fn key_for(&self, place: Sealed<'_>) -> Result<LessSafeKey> {
        if place.person.is_empty() {
            return cipher(&self.own);
        }
        match self.key(place.person) {
            Some(key) => cipher(&key),
            None => Err(Error::key(format!(
                "the key of this {}'s person is gone: the person was erased, or the database is incomplete",
                place.kind
            ))),
        }
    }

    fn aad(&self, place: Sealed<'_>) -> Vec<u8> {
        aad(&[&self.account, place.person, place.kind, place.id])
    }

    fn key_aad(&self, name: &str) -> Vec<u8> {
        aad(&[&self.account, name, "key", ""])
    }

    fn seal_with(&self, key: &LessSafeKey, aad: Vec<u8>, plain: &[u8], out: &mut Vec<u8>) -> Result<()> {
        let mut nonce = [0u8; NONCE_LEN];
        self.random.fill(&mut nonce)?;
        out.push(FORMAT);
        out.extend_from_slice(&nonce);
        let start = out.len();
        out.extend_from_slice(plain);
        let tag = key
            .seal_in_place_separate_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(aad),
                &mut out[start..],
            )
            .map_err(|_| Error::internal("sealing failed"))?;
        out.extend_from_slice(tag.as_ref());
        Ok(())
    }

    fn open_with<'b>(&self, key: &LessSafeKey, aad: Vec<u8>, bytes: &'b mut [u8]) -> Result<&'b mut [u8]> {
        let (head, body) = bytes.split_at_mut_checked(1 + NONCE_LEN).ok_or_else(tampered)?;
        if head[0] != FORMAT {
            return Err(Error::key("sealed by a newer version of conek: upgrade the library"));
        }
        let nonce = Nonce::try_assume_unique_for_key(&head[1..]).map_err(|_| tampered())?;
        key.open_in_place(nonce, Aad::from(aad), body).map_err(|_| tampered())
    }
}

/// Under which wrapping key a data key lies.
pub(crate) fn wrapping_number(wrapped: &[u8]) -> u32 {
    match wrapped {
        [NUMBERED, a, b, c, d, ..] => u32::from_be_bytes([*a, *b, *c, *d]),
        _ => 1,
    }
}

fn tampered() -> Error {
    Error::key("a sealed value does not open: it was changed or moved, or the key is another one")
}

/// Length-prefixed, so that no two lists of parts give the same bytes. The first byte is the
/// schema of what is bound.
fn aad(parts: &[&str]) -> Vec<u8> {
    let mut out = Vec::with_capacity(8 + parts.iter().map(|p| p.len() + 2).sum::<usize>());
    out.push(1);
    for p in parts {
        out.extend_from_slice(&u16::try_from(p.len()).unwrap_or(u16::MAX).to_be_bytes());
        out.extend_from_slice(p.as_bytes());
    }
    out
}

fn keyed(key: &hmac::Key, parts: &[&str]) -> String {
    let tag = hmac::sign(key, &aad(parts));
    BASE64_URL_SAFE_NO_PAD.encode(&tag.as_ref()[..18])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{values::random::SeededRandomness, vault::KeyFile};

    async fn vault(account: &str, root: Vec<u8>, keys: &KeyFile) -> Vault {
        Vault::open(account, keys, root, Arc::new(SeededRandomness::new(1).unwrap())).await.unwrap()
    }
    fn key_file(name: &str) -> KeyFile {
        let dir = std::env::temp_dir().join(format!("conek-vault-{}-{name}", std::process::id()));
        let _ = std::fs::remove_file(&dir);
        KeyFile::open_or_create(dir, Arc::new(SeededRandomness::new(9).unwrap())).unwrap()
    }

    #[tokio::test]
    async fn a_value_opens_in_its_own_place_and_nowhere_else() {
        let keys = key_file("place");
        let root = Vault::new_root(&keys, &SeededRandomness::new(2).unwrap()).await.unwrap();
        let v = vault("main", root.clone(), &keys).await;
        v.new_key("p1").unwrap();
        v.new_key("p2").unwrap();
        let here = Sealed { person: "p1", kind: "contact", id: "p1" };
        let sealed = v.seal(here, "Thandi").unwrap();
        assert_eq!(v.open_sealed::<String>(here, &sealed).unwrap(), "Thandi");
        for there in [
            Sealed { person: "p2", kind: "contact", id: "p1" },
            Sealed { person: "p1", kind: "message", id: "p1" },
            Sealed { person: "p1", kind: "contact", id: "p2" },
            Sealed { person: "", kind: "contact", id: "p1" },
        ] {
            assert_eq!(v.open_sealed::<String>(there, &sealed).unwrap_err().code(), "key");
        }
        let other = vault("other", root, &keys).await;
        other.new_key("p1").unwrap();
        assert_eq!(other.open_sealed::<String>(here, &sealed).unwrap_err().code(), "key");
    }

    #[tokio::test]
    async fn any_changed_byte_is_found() {
        let keys = key_file("tamper");
        let root = Vault::new_root(&keys, &SeededRandomness::new(2).unwrap()).await.unwrap();
        let v = vault("main", root, &keys).await;
        v.new_key("p").unwrap();
        let place = Sealed { person: "p", kind: "contact", id: "p" };
        let sealed = v.seal(place, "secret").unwrap();
        for i in 0..sealed.len() {
            let mut bad = sealed.clone();
            bad[i] ^= 1;
            assert_eq!(v.open_bytes(place, &bad).unwrap_err().code(), "key", "byte {i}");
            assert!(v.open_bytes(place, &sealed[..i]).is_err());
        }
    }

    #[tokio::test]
    async fn a_forgotten_key_opens_nothing_until_it_is_loaded_again() {
        let keys = key_file("forget");
        let root = Vault::new_root(&keys, &SeededRandomness::new(2).unwrap()).await.unwrap();
        let v = vault("main", root.clone(), &keys).await;
        let wrapped = v.new_key("p").unwrap();
        let place = Sealed { person: "p", kind: "contact", id: "p" };
        let sealed = v.seal(place, "x").unwrap();
        v.forget_key("p");
        assert_eq!(v.open_bytes(place, &sealed).unwrap_err().code(), "key");
        let again = vault("main", root, &keys).await;
        again.load_key("p", &wrapped).unwrap();
        assert_eq!(again.open_sealed::<String>(place, &sealed).unwrap(), "x");
        assert!(again.load_key("q", &wrapped).is_err(), "a wrapped key serves its own person only");
    }

    #[tokio::test]
    async fn another_key_file_opens_nothing_and_says_so() {
        let (a, b) = (key_file("a"), key_file("b"));
        drop(b);
        let path = std::env::temp_dir().join(format!("conek-vault-{}-other", std::process::id()));
        let _ = std::fs::remove_file(&path);
        let b = KeyFile::open_or_create(&path, Arc::new(SeededRandomness::new(77).unwrap())).unwrap();
        let root = Vault::new_root(&a, &SeededRandomness::new(2).unwrap()).await.unwrap();
        let e = Vault::open("main", &b, root, Arc::new(SeededRandomness::new(1).unwrap())).await.unwrap_err();
        assert_eq!(e.code(), "key");
        std::fs::write(&path, b"not a key").unwrap();
        assert_eq!(
            KeyFile::open(&path, Arc::new(SeededRandomness::new(1).unwrap())).unwrap_err().code(),
            "key"
        );
        std::fs::remove_file(&path).unwrap();
        assert_eq!(
            KeyFile::open(&path, Arc::new(SeededRandomness::new(1).unwrap())).unwrap_err().code(),
            "key"
        );
    }

    #[cfg(unix)]
    #[test]
    fn a_key_file_is_for_its_owner_alone() {
        use std::os::unix::fs::PermissionsExt;
        let path = std::env::temp_dir().join(format!("conek-vault-{}-mode", std::process::id()));
        let _ = std::fs::remove_file(&path);
        let r: Arc<dyn Random> = Arc::new(SeededRandomness::new(5).unwrap());
        KeyFile::open_or_create(&path, r.clone()).unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        assert_eq!(KeyFile::open(&path, r).unwrap_err().code(), "key");
    }
}
