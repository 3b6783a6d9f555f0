//! Keys and sealing: personal data above, ciphertext below.
//!
//! The host's [`KeyProvider`] wraps one root key per account. From it come the key that wraps each
//! person's own data key, the key of the blind index and the key of the suppression list. Whoever
//! destroys a person's data key has destroyed what it sealed.

#[doc(hidden)]
pub mod bench;
mod key_file;
mod rotate;
mod seal;

use std::fmt::Debug;

use async_trait::async_trait;

pub use key_file::KeyFile;
pub use rotate::{Keys, RotationReport};
pub(crate) use seal::{Sealed, Vault, wrapping_number};

use crate::values::error::Result;

/// Wraps and unwraps the account's root key, under which each person's key lies.
///
/// # Behavior
/// - `unwrap` of what `wrap` returned gives the same bytes, also after a restart.
/// - `unwrap` of anything else is a `key` error, never wrong bytes.
/// - Neither keeps, logs or returns the key in an error.
#[async_trait]
pub trait KeyProvider: Debug + Send + Sync + 'static {
    /// Wraps 32 key bytes.
    async fn wrap(&self, key: Vec<u8>) -> Result<Vec<u8>>;
    /// Unwraps them.
    async fn unwrap(&self, wrapped: Vec<u8>) -> Result<Vec<u8>>;
}
