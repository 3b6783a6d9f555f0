//! One sealing with everything around it, for the benches.

use std::sync::Arc;

use super::{KeyProvider, Sealed, Vault};
use crate::values::{
    error::Result,
    random::{Random, SystemRandomness},
};

/// A vault with one person whose key is unwrapped anew each time.
#[derive(Debug)]
pub struct SealOne {
    vault: Vault,
    wrapped: Vec<u8>,
}

/// Wraps nothing: the benches measure what lies below the root key.
#[derive(Debug)]
struct Open;

#[async_trait::async_trait]
impl KeyProvider for Open {
    async fn wrap(&self, key: Vec<u8>) -> Result<Vec<u8>> {
        Ok(key)
    }
    async fn unwrap(&self, wrapped: Vec<u8>) -> Result<Vec<u8>> {
        Ok(wrapped)
    }
}

const PERSON: &str = "0192f1e0-0000-7000-8000-000000000001";

impl SealOne {
    /// A vault with keys of its own.
    ///
    /// # Errors
    /// `internal` when the system gives no randomness.
    pub async fn new() -> Result<Self> {
        let random: Arc<dyn Random> = Arc::new(SystemRandomness::default());
        let vault = Vault::open("main", &Open, vec![7; 32], random).await?;
        let wrapped = vault.new_key(PERSON)?;
        Ok(Self { vault, wrapped })
    }

    /// Unwraps the person's key, seals the bytes, and makes a number's blind index.
    ///
    /// # Errors
    /// `key` when the wrapped key was changed.
    pub fn once(&self, record: &[u8], number: &str) -> Result<(Vec<u8>, String)> {
        self.vault.forget_key(PERSON);
        self.vault.load_key(PERSON, &self.wrapped)?;
        let place = Sealed { person: PERSON, kind: "message", id: PERSON };
        Ok((self.vault.seal_bytes(place, record)?, self.vault.fingerprint("phone", number)))
    }
}
