//! What can go wrong with a bundle. No text here carries anything of the person.

use std::io::ErrorKind;

/// Why a bundle could not be written. After [`BundleError::Io`] and [`BundleError::Spool`] it is lost: make it anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BundleError {
    /// A part of the head is missing.
    #[error("{field}: must not be empty")]
    Head {
        /// Which.
        field: &'static str,
    },
    /// The name of a file or section cannot be used.
    #[error("name: {detail}")]
    Name {
        /// What would be right.
        detail: &'static str,
    },
    /// An item cannot be written.
    #[error("item: {detail}")]
    Item {
        /// What would be right.
        detail: &'static str,
    },
    /// The call does not fit what came before it.
    #[error("{detail}")]
    State {
        /// What to do first.
        detail: &'static str,
    },
    /// The recipient of an encrypted bundle cannot be used. It is not repeated here.
    #[error("recipient: {detail}")]
    Recipient {
        /// What would be right.
        detail: &'static str,
    },
    /// The manifest was not signed, or not by the public key.
    #[error("the manifest could not be signed, or the signature does not fit the public key")]
    Signature,
    /// What the bundle is written to failed.
    #[error("the bundle cannot be written: {0}")]
    Io(ErrorKind),
    /// What waits on disk while a bundle is made could not be written or read back.
    #[error("the bundle's temporary file failed: {0}")]
    Spool(ErrorKind),
}

impl BundleError {
    /// The stable code, `snake_case`.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Head { .. } => "bundle_head",
            Self::Name { .. } => "bundle_name",
            Self::Item { .. } => "bundle_item",
            Self::State { .. } => "bundle_state",
            Self::Recipient { .. } => "bundle_recipient",
            Self::Signature => "bundle_signature",
            Self::Io(_) => "bundle_io",
            Self::Spool(_) => "bundle_spool",
        }
    }
}

/// What the operations of a bundle return.
pub type Result<T, E = BundleError> = std::result::Result<T, E>;
