//! Time as a port. Nothing in the engine reads the system's clock but [`SystemClock`].

use std::{fmt::Debug, sync::Mutex, time::Duration};

use async_trait::async_trait;
use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use tokio::{sync::watch, time::Instant};

/// A moment, in UTC. Every value the engine makes is whole milliseconds, so that it survives
/// a round trip through every language unchanged.
pub type Timestamp = DateTime<Utc>;

/// Cuts a moment down to whole milliseconds.
pub fn to_millis(at: Timestamp) -> Timestamp {
    at.duration_trunc(TimeDelta::milliseconds(1)).unwrap_or(at)
}

/// Where the engine takes the time from.
///
/// # Behavior
/// - `now` never goes back between two calls by more than the host's clock was set back.
/// - `sleep_until` returns at once when `at` has passed, and otherwise not before it.
#[async_trait]
pub trait Clock: Debug + Send + Sync + 'static {
    /// The present moment in whole milliseconds.
    fn now(&self) -> Timestamp;
    /// Waits until this clock shows `at`.
    async fn sleep_until(&self, at: Timestamp);
}

/// The computer's clock.
#[derive(Debug, Default, Clone, Copy)]
pub struct SystemClock;

#[async_trait]
impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        to_millis(Utc::now())
    }
    async fn sleep_until(&self, at: Timestamp) {
        let wait = (at - self.now()).to_std().unwrap_or_default();
        tokio::time::sleep(wait).await;
    }
}

#[derive(Debug, Clone, Copy)]
struct Hands {
    base: Timestamp,
    since: Instant,
    speed: f64,
}

impl Hands {
    fn now(&self) -> Timestamp {
        let real = self.since.elapsed().as_secs_f64();
        self.base + TimeDelta::microseconds((real * self.speed * 1e6) as i64)
    }
}

/// A clock that a test or the simulator drives: frozen, at any speed, or moved by hand.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// use conek_core::{Clock, VirtualClock};
/// let clock = VirtualClock::at("2026-11-24T09:00:00+02:00".parse().unwrap());
/// let later = clock.now() + chrono::TimeDelta::hours(6);
/// clock.advance(std::time::Duration::from_secs(6 * 3600));
/// clock.sleep_until(later).await; // returns at once
/// assert_eq!(clock.now(), later);
/// # }
/// ```
#[derive(Debug)]
pub struct VirtualClock {
    hands: watch::Sender<Hands>,
    wakes: Mutex<Vec<Timestamp>>,
}

impl VirtualClock {
    /// A frozen clock that shows `start`.
    pub fn at(start: Timestamp) -> Self {
        let hands = Hands { base: start, since: Instant::now(), speed: 0.0 };
        Self { hands: watch::channel(hands).0, wakes: Mutex::default() }
    }
    /// Moves the clock forward.
    pub fn advance(&self, by: Duration) {
        let by = TimeDelta::from_std(by).unwrap_or(TimeDelta::MAX);
        self.set(|now| now.checked_add_signed(by).unwrap_or(now), None);
    }
    /// Moves the clock to `at`; a moment in the past leaves it where it is.
    pub fn advance_to(&self, at: Timestamp) {
        self.set(|now| now.max(at), None);
    }
    /// Lets `speed` seconds pass for each real one; 0 freezes it.
    pub fn set_speed(&self, speed: f64) {
        self.set(|now| now, Some(speed.max(0.0)));
    }
    /// The earliest moment somebody waits for, if anybody does.
    pub fn next_wake(&self) -> Option<Timestamp> {
        self.wakes.lock().unwrap_or_else(|e| e.into_inner()).iter().min().copied()
    }
    fn set(&self, to: impl FnOnce(Timestamp) -> Timestamp, speed: Option<f64>) {
        self.hands.send_modify(|h| {
            *h = Hands { base: to(h.now()), since: Instant::now(), speed: speed.unwrap_or(h.speed) };
        });
    }
}

/// Takes a waiter's moment off the list again, however the wait ends.
struct Waiting<'a>(&'a VirtualClock, Timestamp);
impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        let mut wakes = self.0.wakes.lock().unwrap_or_else(|e| e.into_inner());
        if let Some(i) = wakes.iter().position(|w| *w == self.1) {
            wakes.swap_remove(i);
        }
    }
}

#[async_trait]
impl Clock for VirtualClock {
    fn now(&self) -> Timestamp {
        to_millis(self.hands.borrow().now())
    }
    async fn sleep_until(&self, at: Timestamp) {
        let mut moved = self.hands.subscribe();
        self.wakes.lock().unwrap_or_else(|e| e.into_inner()).push(at);
        let _waiting = Waiting(self, at);
        loop {
            let hands = *moved.borrow_and_update();
            let left = (at - to_millis(hands.now())).to_std().unwrap_or_default();
            if left.is_zero() {
                return;
            }
            if hands.speed > 0.0 {
                let real = Duration::from_secs_f64(left.as_secs_f64() / hands.speed);
                tokio::select! {
                    _ = tokio::time::sleep(real.max(Duration::from_millis(1))) => {}
                    _ = moved.changed() => {}
                }
            } else if moved.changed().await.is_err() {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_frozen_clock_wakes_its_sleepers_when_it_is_moved() {
        let clock = std::sync::Arc::new(VirtualClock::at("2026-01-01T00:00:00Z".parse().unwrap()));
        let at = clock.now() + TimeDelta::days(2);
        let (c, a) = (clock.clone(), at);
        let sleeper = tokio::spawn(async move { c.sleep_until(a).await });
        while clock.next_wake() != Some(at) {
            tokio::task::yield_now().await;
        }
        clock.advance_to(at);
        sleeper.await.unwrap();
        assert_eq!(clock.next_wake(), None);
    }

    #[tokio::test]
    async fn a_fast_clock_passes_an_hour_in_a_moment() {
        let clock = VirtualClock::at("2026-01-01T00:00:00Z".parse().unwrap());
        clock.set_speed(1e6);
        let at = clock.now() + TimeDelta::hours(1);
        clock.sleep_until(at).await;
        assert!(clock.now() >= at);
    }
}
