//! Rates: WhatsApp's buckets, per number and per pair.

use std::collections::VecDeque;

/// A number's throughput: `mps` messages a second, both directions together, at most one second's worth at once.
#[derive(Debug)]
pub(crate) struct Throughput {
    mps: u32,
    /// When the bucket is full again, in microseconds.
    full_at: i64,
    recent: VecDeque<i64>,
    peak: usize,
}

impl Throughput {
    pub(crate) fn new(mps: u32) -> Self {
        Self { mps, full_at: i64::MIN, recent: VecDeque::new(), peak: 0 }
    }
    /// Whether another message fits at `now` (milliseconds).
    pub(crate) fn fits(&self, now: i64) -> bool {
        self.mps == 0 || self.full_at.max(now * 1_000) + self.cost() <= now * 1_000 + 1_000_000
    }
    /// Counts a message that is sent: call `fits` before.
    pub(crate) fn take(&mut self, now: i64) {
        self.spend(now);
        while self.recent.front().is_some_and(|at| *at <= now - 1_000) {
            self.recent.pop_front();
        }
        self.recent.push_back(now);
        self.peak = self.peak.max(self.recent.len());
    }
    /// Counts a message that came in: it is never refused, but it takes its share.
    pub(crate) fn spend(&mut self, now: i64) {
        if self.mps > 0 {
            self.full_at = self.full_at.max(now * 1_000) + self.cost();
        }
    }
    /// The most messages that were accepted within one second.
    pub(crate) fn peak(&self) -> usize {
        self.peak
    }
    fn cost(&self) -> i64 {
        1_000_000 / i64::from(self.mps.max(1))
    }
}

const PAIR_INTERVAL_MS: i64 = 6_000;
const PAIR_BURST: i64 = 45;

/// The pair limit: one message in six seconds to the same user, 45 at once borrowed from the future.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PairRate {
    paid_back_at: i64,
}

impl Default for PairRate {
    fn default() -> Self {
        Self { paid_back_at: i64::MIN / 2 }
    }
}

impl PairRate {
    pub(crate) fn fits(&self, now: i64) -> bool {
        self.paid_back_at.max(now) + PAIR_INTERVAL_MS <= now + PAIR_INTERVAL_MS * PAIR_BURST
    }
    pub(crate) fn take(&mut self, now: i64) {
        self.paid_back_at = self.paid_back_at.max(now) + PAIR_INTERVAL_MS;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_carries_mps_messages_in_and_out_together() {
        let mut t = Throughput::new(80);
        t.spend(0);
        let mut sent = 0;
        while t.fits(0) {
            t.take(0);
            sent += 1;
        }
        assert_eq!(sent, 79);
        assert!(!t.fits(12) && t.fits(13));
        assert_eq!(t.peak(), 79);
        assert!(Throughput::new(0).fits(0));
    }

    #[test]
    fn a_pair_carries_45_at_once_and_then_one_in_six_seconds() {
        let mut p = PairRate::default();
        for _ in 0..45 {
            assert!(p.fits(1_000));
            p.take(1_000);
        }
        assert!(!p.fits(1_000) && !p.fits(6_999) && p.fits(7_000));
    }
}
