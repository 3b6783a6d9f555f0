//! Chance as a port: keys, nonces and ids come from here, so that a seeded run repeats exactly.

use std::{fmt::Debug, sync::Mutex};

use ring::{
    aead::{self, LessSafeKey, UnboundKey},
    rand::{SecureRandom, SystemRandom},
};

use super::{error::Error, time::Timestamp};

/// Where random bytes come from.
///
/// # Behavior
/// - Two calls never return the same 16 bytes, also across a `fork`.
/// - The bytes are fit for keys, unless the source was made with a seed.
pub trait Random: Debug + Send + Sync + 'static {
    /// Fills `out`.
    fn fill(&self, out: &mut [u8]) -> Result<(), Error>;
}

/// The operating system's generator, read in blocks: one call to it serves many nonces.
#[derive(Debug)]
pub struct SystemRandomness {
    pool: Mutex<Pool>,
}

struct Pool {
    bytes: Box<[u8; 4096]>,
    used: usize,
    pid: u32,
}

impl Debug for Pool {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Pool")
    }
}

impl Default for SystemRandomness {
    fn default() -> Self {
        Self { pool: Mutex::new(Pool { bytes: Box::new([0; 4096]), used: 4096, pid: 0 }) }
    }
}

fn from_system(out: &mut [u8]) -> Result<(), Error> {
    SystemRandom::new().fill(out).map_err(|_| Error::internal("the operating system gave no random bytes"))
}

impl Random for SystemRandomness {
    fn fill(&self, out: &mut [u8]) -> Result<(), Error> {
        if out.len() > 256 {
            return from_system(out);
        }
        let mut pool = self.pool.lock().unwrap_or_else(|e| e.into_inner());
        // A forked child shares the parent's pool and must not repeat it.
        let pid = std::process::id();
        if pool.pid != pid || pool.used + out.len() > pool.bytes.len() {
            from_system(&mut pool.bytes[..])?;
            pool.used = 0;
            pool.pid = pid;
        }
        let start = pool.used;
        let end = start + out.len();
        out.copy_from_slice(&pool.bytes[start..end]);
        pool.bytes[start..end].fill(0);
        pool.used = end;
        Ok(())
    }
}

/// A repeatable stream from a seed, for tests and simulations. Never for real keys.
pub struct SeededRandomness {
    key: LessSafeKey,
    next: Mutex<u64>,
}

impl Debug for SeededRandomness {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SeededRandomness")
    }
}

impl SeededRandomness {
    /// The stream that belongs to `seed`.
    pub fn new(seed: u64) -> Result<Self, Error> {
        let mut key = [0u8; 32];
        key[..8].copy_from_slice(&seed.to_le_bytes());
        let key =
            UnboundKey::new(&aead::CHACHA20_POLY1305, &key).map_err(|_| Error::internal("seeded key"))?;
        Ok(Self { key: LessSafeKey::new(key), next: Mutex::new(0) })
    }
}

impl Random for SeededRandomness {
    fn fill(&self, out: &mut [u8]) -> Result<(), Error> {
        let counter = {
            let mut next = self.next.lock().unwrap_or_else(|e| e.into_inner());
            *next += 1;
            *next
        };
        let mut nonce = [0u8; 12];
        nonce[..8].copy_from_slice(&counter.to_le_bytes());
        out.fill(0);
        self.key
            .seal_in_place_separate_tag(aead::Nonce::assume_unique_for_key(nonce), aead::Aad::empty(), out)
            .map(drop)
            .map_err(|_| Error::internal("seeded stream"))
    }
}

/// A new version 7 UUID: sorts by time, unguessable in its last 74 bits.
pub fn new_uuid(random: &dyn Random, now: Timestamp) -> Result<uuid::Uuid, Error> {
    let mut bytes = [0u8; 10];
    random.fill(&mut bytes)?;
    let millis = u64::try_from(now.timestamp_millis()).unwrap_or(0);
    Ok(uuid::Builder::from_unix_timestamp_millis(millis, &bytes).into_uuid())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_repeats_and_the_system_does_not() {
        let draw = |r: &dyn Random| {
            let mut b = [0u8; 16];
            r.fill(&mut b).unwrap();
            b
        };
        let (a, b) = (SeededRandomness::new(7).unwrap(), SeededRandomness::new(7).unwrap());
        assert_eq!(draw(&a), draw(&b));
        assert_ne!(draw(&a), draw(&SeededRandomness::new(8).unwrap()));
        let s = SystemRandomness::default();
        let seen: std::collections::HashSet<_> = (0..2000).map(|_| draw(&s)).collect();
        assert_eq!(seen.len(), 2000);
    }
}
