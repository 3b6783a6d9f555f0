//! The clock that a test drives.

use std::{sync::Arc, time::Duration};

use conek_core::{self as core, Clock};

use crate::Timestamp;

/// A clock that stands still until a test moves it.
#[derive(Debug, uniffi::Object)]
pub struct VirtualClock {
    pub(crate) inner: Arc<core::VirtualClock>,
}

#[uniffi::export]
impl VirtualClock {
    /// A frozen clock that shows `start`.
    #[uniffi::constructor]
    pub fn at(start: Timestamp) -> Self {
        Self { inner: Arc::new(core::VirtualClock::at(start)) }
    }
    /// What it shows.
    pub fn now(&self) -> Timestamp {
        self.inner.now()
    }
    /// Moves it forward by milliseconds; a negative number leaves it where it is.
    pub fn advance_ms(&self, by: i64) {
        self.inner.advance(Duration::from_millis(u64::try_from(by).unwrap_or(0)));
    }
    /// Moves it to `at`; a moment in the past leaves it where it is.
    pub fn advance_to(&self, at: Timestamp) {
        self.inner.advance_to(at);
    }
    /// Lets `speed` seconds pass for each real one; 0 freezes it.
    pub fn set_speed(&self, speed: f64) {
        self.inner.set_speed(speed);
    }
}
