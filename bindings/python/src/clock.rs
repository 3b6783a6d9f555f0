//! The clock that a host's tests drive.

use std::{sync::Arc, time::Duration};

use conek_core::Clock;
use pyo3::prelude::*;

use crate::moment::Moment;

/// A clock that a test drives: frozen, at any speed, or moved by hand.
#[pyclass(frozen, module = "conek")]
pub struct VirtualClock(Arc<conek_core::VirtualClock>);

impl VirtualClock {
    /// The clock as the core's port.
    pub fn port(&self) -> Arc<dyn Clock> {
        self.0.clone()
    }
}

#[pymethods]
impl VirtualClock {
    /// A frozen clock that shows `start`.
    #[staticmethod]
    fn at(start: Moment) -> Self {
        Self(Arc::new(conek_core::VirtualClock::at(start.into())))
    }
    /// What it shows.
    fn now(&self) -> Moment {
        self.0.now().into()
    }
    /// Moves it forward.
    fn advance_ms(&self, ms: u64) {
        self.0.advance(Duration::from_millis(ms));
    }
    /// Moves it to `at`; a moment in the past leaves it where it is.
    fn advance_to(&self, at: Moment) {
        self.0.advance_to(at.into());
    }
    /// Lets `speed` seconds pass for each real one; 0 freezes it.
    fn set_speed(&self, speed: f64) {
        self.0.set_speed(speed);
    }
    /// The earliest moment somebody waits for, if anybody does.
    fn next_wake(&self) -> Option<Moment> {
        self.0.next_wake().map(Into::into)
    }
}
