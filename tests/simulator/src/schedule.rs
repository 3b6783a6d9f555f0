//! The schedule: what will happen, by due time, first come first served.

use std::{cmp::Ordering, collections::BinaryHeap};

/// Things that fall due, in milliseconds since 1970.
#[derive(Debug)]
pub(crate) struct Schedule<E> {
    heap: BinaryHeap<Due<E>>,
    next: u64,
}

#[derive(Debug)]
struct Due<E> {
    at: i64,
    order: u64,
    event: E,
}

impl<E> PartialEq for Due<E> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}
impl<E> Eq for Due<E> {}
impl<E> PartialOrd for Due<E> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl<E> Ord for Due<E> {
    // The heap gives its greatest: the earliest is the greatest.
    fn cmp(&self, other: &Self) -> Ordering {
        (other.at, other.order).cmp(&(self.at, self.order))
    }
}

impl<E> Default for Schedule<E> {
    fn default() -> Self {
        Self { heap: BinaryHeap::new(), next: 0 }
    }
}

impl<E> Schedule<E> {
    pub(crate) fn add(&mut self, at: i64, event: E) {
        self.heap.push(Due { at, order: self.next, event });
        self.next += 1;
    }
    /// The next event that is due at `now`, with its due time.
    pub(crate) fn take_due(&mut self, now: i64) -> Option<(i64, E)> {
        if self.heap.peek()?.at > now {
            return None;
        }
        self.heap.pop().map(|due| (due.at, due.event))
    }
    pub(crate) fn next_due(&self) -> Option<i64> {
        self.heap.peek().map(|due| due.at)
    }
    pub(crate) fn len(&self) -> usize {
        self.heap.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_earliest_comes_first_and_equals_keep_their_order() {
        let mut s = Schedule::default();
        for (at, name) in [(5, "c"), (3, "a"), (5, "d"), (3, "b"), (9, "late")] {
            s.add(at, name);
        }
        let mut seen = Vec::new();
        while let Some((_, name)) = s.take_due(5) {
            seen.push(name);
        }
        assert_eq!(seen, ["a", "b", "c", "d"]);
        assert_eq!((s.next_due(), s.len()), (Some(9), 1));
    }
}
