//! The errors as a host asks them: code, whether to retry, and the text for people.

use std::fmt;

use conek_core as core;

use crate::types::{ConekError, Retry};

impl ConekError {
    pub(crate) fn internal(detail: impl Into<String>) -> Self {
        Self::Internal { detail: detail.into() }
    }
    fn core(&self) -> core::Error {
        self.clone().into()
    }
}

#[uniffi::export]
impl ConekError {
    /// The stable code, for programs.
    pub fn code(&self) -> String {
        self.core().code().to_owned()
    }
    /// Whether calling again can help.
    pub fn retry(&self) -> Retry {
        self.core().retry().into()
    }
}

impl fmt::Display for ConekError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.core().fmt(f)
    }
}

impl std::error::Error for ConekError {}
