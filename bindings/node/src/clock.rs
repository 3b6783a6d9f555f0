//! The clock that a test drives.

use std::{sync::Arc, time::Duration};

use conek_core::Clock as _;
use napi_derive::napi;

use crate::values::Moment;

/// A frozen clock that is moved by hand.
#[napi(js_name = "VirtualClock")]
pub struct VirtualClock {
    /// The engine's side of it.
    pub(crate) clock: Arc<conek_core::VirtualClock>,
}

#[napi]
impl VirtualClock {
    /// A frozen clock that shows `start`.
    #[napi(constructor, catch_unwind)]
    pub fn new(start: Moment) -> Self {
        Self { clock: Arc::new(conek_core::VirtualClock::at(start.0)) }
    }
    /// What it shows.
    #[napi(catch_unwind)]
    pub fn now(&self) -> Moment {
        Moment(self.clock.now())
    }
    /// Moves it forward; less than a millisecond leaves it where it is.
    #[napi(catch_unwind)]
    pub fn advance_ms(&self, by: i64) {
        self.clock.advance(Duration::from_millis(u64::try_from(by).unwrap_or(0)));
    }
    /// Moves it to `at`; the past leaves it where it is.
    #[napi(catch_unwind)]
    pub fn advance_to(&self, at: Moment) {
        self.clock.advance_to(at.0);
    }
    /// Lets `speed` seconds pass for each real one; 0 freezes it.
    #[napi(catch_unwind)]
    pub fn set_speed(&self, speed: f64) {
        self.clock.set_speed(speed);
    }
}
