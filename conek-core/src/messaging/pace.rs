//! Pacing: how many messages a number may send now, and when a person may be written to again.

use std::collections::HashMap;

use chrono::TimeDelta;

use crate::values::time::Timestamp;

/// Meta: one message every 6 seconds to the same person, 45 of them at once at most (error 131056).
const PAIR_INTERVAL: TimeDelta = TimeDelta::seconds(6);
const PAIR_BURST: i32 = 45;
/// Pairs remembered before those at rest are forgotten.
const PAIRS: usize = 50_000;

/// A number's throughput (Meta: 80 messages a second, in and out together; error 130429), as a
/// generic cell rate: the time at which the next message would be exactly on schedule.
#[derive(Debug)]
pub(crate) struct Bucket {
    interval: TimeDelta,
    ahead: TimeDelta,
    next: Option<Timestamp>,
}

impl Bucket {
    pub(crate) fn per_second(rate: i32) -> Self {
        // A tenth of a second may be used at once, which keeps batches whole.
        Self { interval: interval(rate), ahead: TimeDelta::milliseconds(100), next: None }
    }

    /// Goes on at another speed; what was counted stays counted.
    pub(crate) fn set_rate(&mut self, rate: i32) {
        self.interval = interval(rate);
    }

    /// Messages a second.
    pub(crate) fn rate(&self) -> i32 {
        // The interval is rounded up, so the quotient lies a little below the rate.
        let nanos = self.interval.num_nanoseconds().unwrap_or(1).max(1);
        i32::try_from((1_000_000_000 + nanos / 2) / nanos).unwrap_or(i32::MAX)
    }

    /// How many messages may go now.
    pub(crate) fn available(&self, now: Timestamp) -> usize {
        let next = self.next.map_or(now, |n| n.max(now));
        let room = now + self.ahead + self.interval - next;
        let whole = room.num_nanoseconds().unwrap_or(0) / self.interval.num_nanoseconds().unwrap_or(1).max(1);
        usize::try_from(whole).unwrap_or(0)
    }

    /// Counts messages that go or came.
    pub(crate) fn take(&mut self, count: usize, now: Timestamp) {
        let next = self.next.map_or(now, |n| n.max(now));
        self.next = Some(next + self.interval * i32::try_from(count).unwrap_or(i32::MAX));
    }

    /// When the next message may go, if none may now.
    pub(crate) fn ready_at(&self, now: Timestamp) -> Timestamp {
        self.next.map_or(now, |n| n - self.ahead).max(now) + TimeDelta::milliseconds(1)
    }
}

/// The time between two messages. Rounded up, so that the schedule is never faster than the limit.
fn interval(rate: i32) -> TimeDelta {
    let rate = i64::from(rate.max(1));
    TimeDelta::nanoseconds((1_000_000_000 + rate - 1) / rate)
}

/// The pair limit, by person.
#[derive(Debug)]
pub(crate) struct Pairs {
    next: HashMap<String, Timestamp>,
    since: Timestamp,
}

impl Pairs {
    /// `since` is when counting began: until as long has passed as a whole burst takes, no burst is
    /// given, because what was sent before is not known.
    pub(crate) fn new(since: Timestamp) -> Self {
        Self { next: HashMap::new(), since }
    }

    /// Whether the person may be written to now; otherwise when.
    pub(crate) fn take(&mut self, person: &str, now: Timestamp) -> Result<(), Timestamp> {
        let whole = PAIR_INTERVAL * (PAIR_BURST - 1);
        let ahead = if now - self.since >= whole { whole } else { TimeDelta::zero() };
        let next = self.next.get(person).map_or(now, |n| (*n).max(now));
        if next - now > ahead {
            return Err(next - ahead);
        }
        if self.next.len() >= PAIRS && !self.next.contains_key(person) {
            self.next.retain(|_, at| *at > now);
        }
        self.next.insert(person.to_owned(), next + PAIR_INTERVAL);
        Ok(())
    }

    /// WhatsApp said that the pair is too fast: wait 4^n seconds.
    pub(crate) fn back_off(&mut self, person: &str, attempts: i32, now: Timestamp) -> Timestamp {
        let until = now + TimeDelta::seconds(4i64.pow(u32::try_from(attempts.clamp(0, 6)).unwrap_or(0)));
        self.next.insert(person.to_owned(), until);
        until
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + TimeDelta::milliseconds(ms)
    }

    #[test]
    fn a_number_never_passes_its_rate_in_any_second() {
        for rate in [1, 20, 80, 1000] {
            let mut bucket = Bucket::per_second(rate);
            let mut sent = Vec::new();
            for ms in 0..5_000 {
                let n = bucket.available(at(ms));
                bucket.take(n, at(ms));
                sent.extend(std::iter::repeat_n(ms, n));
            }
            for (i, from) in sent.iter().enumerate() {
                let within = sent[i..].iter().take_while(|ms| **ms < from + 1000).count();
                // A tenth of a second's messages may come ahead of the schedule.
                assert!(within as i32 <= rate + rate / 10 + 1, "{rate}/s: {within} within a second");
            }
            assert!(sent.len() as i32 >= rate * 5 * 95 / 100, "{rate}/s is used: {}", sent.len());
        }
    }

    #[test]
    fn a_rate_is_told_as_it_was_given() {
        for rate in 1..=1000 {
            assert_eq!(Bucket::per_second(rate).rate(), rate);
        }
    }

    #[test]
    fn a_person_gets_45_at_once_and_then_one_every_six_seconds() {
        let mut pairs = Pairs::new(at(0));
        let start = 1_000_000;
        let at_once = (0..100).filter(|_| pairs.take("p", at(start)).is_ok()).count();
        assert_eq!(at_once, 45);
        let next = pairs.take("p", at(start)).unwrap_err();
        assert_eq!(next, at(start + 6_000));
        assert!(pairs.take("q", at(start)).is_ok(), "others go on");
        assert!(pairs.take("p", next).is_ok());
    }

    #[test]
    fn after_a_start_nobody_gets_a_burst() {
        let mut pairs = Pairs::new(at(0));
        assert!(pairs.take("p", at(1000)).is_ok());
        assert_eq!(pairs.take("p", at(1000)).unwrap_err(), at(7000));
    }
}
