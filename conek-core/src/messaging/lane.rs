//! A number's lane: what may leave through it now, and who must not be written to any more.

use std::{
    collections::HashMap,
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicI64, Ordering},
    },
};

use chrono::TimeDelta;
use tokio::sync::Notify;

use super::{
    health::Brake,
    pace::{Bucket, Pairs},
    row::lane_queue,
};
use crate::values::time::Timestamp;

/// Meta: the account is locked.
const LOCKED: i32 = 131_031;
/// Statuses remembered as witnesses that the echo channel works.
const WITNESSES: usize = 16;

/// One number that sends.
#[derive(Debug)]
pub(crate) struct Lane {
    pub(crate) sender: String,
    pub(crate) queue: String,
    pub(crate) wake: Notify,
    /// Closed while a restored store waits to be resumed.
    pub(crate) closed: AtomicBool,
    /// Messages between their claim and their outcome's commit.
    pub(crate) in_flight: AtomicI64,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    bucket: Bucket,
    pairs: Pairs,
    /// The error code that stopped the sender.
    stopped: Option<i32>,
    /// What WhatsApp has against the number.
    brake: Brake,
    /// No message before this moment.
    pause_until: Option<Timestamp>,
    /// When the statuses that came in last were reported.
    witnesses: Vec<Timestamp>,
}

impl Lane {
    pub(crate) fn new(sender: &str, per_second: i32, now: Timestamp) -> Self {
        Self {
            sender: sender.to_owned(),
            queue: lane_queue(sender),
            wake: Notify::new(),
            closed: AtomicBool::new(false),
            in_flight: AtomicI64::new(0),
            state: Mutex::new(State {
                bucket: Bucket::per_second(per_second),
                pairs: Pairs::new(now),
                stopped: None,
                brake: Brake::NONE,
                pause_until: None,
                witnesses: Vec::new(),
            }),
        }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(|e| e.into_inner())
    }

    /// How many messages may leave now, or when to look again; `None` for a lane that stands still
    /// until somebody wakes it.
    pub(crate) fn room(&self, now: Timestamp) -> Result<usize, Option<Timestamp>> {
        let s = self.state();
        if s.stopped.is_some() || s.brake.stopped || self.closed.load(Ordering::Acquire) {
            return Err(None);
        }
        if let Some(until) = s.pause_until.filter(|until| *until > now) {
            return Err(Some(until));
        }
        match s.bucket.available(now) {
            0 => Err(Some(s.bucket.ready_at(now))),
            n => Ok(n),
        }
    }

    /// Counts messages that leave or came in: WhatsApp counts both.
    pub(crate) fn count(&self, messages: usize, now: Timestamp) {
        self.state().bucket.take(messages, now);
    }

    /// Whether the person may be written to now; otherwise when.
    pub(crate) fn pair(&self, person: &str, now: Timestamp) -> Result<(), Timestamp> {
        self.state().pairs.take(person, now)
    }

    pub(crate) fn back_off_pair(&self, person: &str, attempts: i32, now: Timestamp) -> Timestamp {
        self.state().pairs.back_off(person, attempts, now)
    }

    pub(crate) fn pause(&self, until: Timestamp) {
        let mut s = self.state();
        s.pause_until = Some(s.pause_until.map_or(until, |u| u.max(until)));
    }

    pub(crate) fn stop(&self, code: i32) {
        self.state().stopped.get_or_insert(code);
    }

    pub(crate) fn brake(&self) -> Brake {
        self.state().brake
    }

    pub(crate) fn set_brake(&self, brake: Brake) {
        self.state().brake = brake;
    }

    /// Changes the speed, in messages a second.
    pub(crate) fn set_rate(&self, per_second: i32) {
        self.state().bucket.set_rate(per_second);
    }

    /// How many messages a second it sends at most.
    pub(crate) fn rate(&self) -> i32 {
        self.state().bucket.rate()
    }

    /// Whether the lane sends at all.
    pub(crate) fn is_open(&self) -> bool {
        self.stopped().is_none() && !self.closed.load(Ordering::Acquire)
    }

    /// The lane's state in the words of `conek_lane_state`.
    pub(crate) fn state_name(&self, now: Timestamp) -> &'static str {
        let s = self.state();
        match () {
            () if s.stopped.is_some() || s.brake.stopped => "stopped",
            () if self.closed.load(Ordering::Acquire) => "closed",
            () if s.pause_until.is_some_and(|until| until > now) => "paused",
            () => "sending",
        }
    }

    /// Lets a lane send again that an error code stopped.
    pub(crate) fn open(&self) {
        self.state().stopped = None;
        self.closed.store(false, Ordering::Release);
        self.wake.notify_one();
    }

    /// The code with which WhatsApp stopped the number, or would refuse what it sent.
    pub(crate) fn stopped(&self) -> Option<i32> {
        let s = self.state();
        s.stopped.or(s.brake.stopped.then_some(LOCKED))
    }

    /// A status came in for something sent at `at`: the echo channel works.
    pub(crate) fn witness(&self, at: Timestamp) {
        let mut s = self.state();
        if s.witnesses.len() >= WITNESSES {
            s.witnesses.remove(0);
        }
        s.witnesses.push(at);
    }

    /// Whether enough statuses came in for messages sent after `intent_at`.
    pub(crate) fn is_witnessed(&self, intent_at: Timestamp) -> bool {
        self.state().witnesses.iter().filter(|at| **at > intent_at + TimeDelta::seconds(1)).count() >= 3
    }
}

/// People to whom no send may begin, although an intent may be stored already: what makes
/// "after `withdraw` returns, no send begins" true for messages between intent and first byte.
#[derive(Debug, Default)]
pub(crate) struct Halted(Mutex<HashMap<String, Timestamp>>);

impl Halted {
    /// Until every permit that was minted before has run out.
    pub(crate) fn halt(&self, person: &str, now: Timestamp) {
        let mut halted = self.0.lock().unwrap_or_else(|e| e.into_inner());
        halted.retain(|_, until| *until > now);
        halted.insert(person.to_owned(), now + TimeDelta::seconds(60));
    }
    /// Whether a send whose intent was stored at `intent_at` may not begin any more.
    pub(crate) fn stops(&self, person: &str, intent_at: Timestamp) -> bool {
        let halted = self.0.lock().unwrap_or_else(|e| e.into_inner());
        halted.get(person).is_some_and(|until| intent_at <= *until - TimeDelta::seconds(60))
    }
}
