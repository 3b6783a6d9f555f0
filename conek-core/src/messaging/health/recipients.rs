//! Whom the business wrote to first within the last 24 hours: WhatsApp limits how many people that may be, for all
//! numbers of a portfolio together.
//!
//! Counted in memory with a hash for each person, and noted in the store once a minute, so that a restart does not
//! begin anew. Messages that came to nothing count too: too few are sent rather than too many.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Mutex, MutexGuard},
};

use chrono::TimeDelta;

use super::{KIND, brake::MESSAGING_LIMIT};
use crate::{
    engine::Inner,
    policy::Reason,
    storage::{Record, Write},
    values::{error::Result, time::Timestamp},
};

/// Meta: within a moving 24 hours; a minute more, as WhatsApp counts from when a message reaches it.
const WITHIN: TimeDelta = TimeDelta::minutes(24 * 60 + 1);
/// Somebody who is written to again counts from then on; closer than this it makes no difference.
const STEP: TimeDelta = TimeDelta::minutes(1);
/// Who does not fit is looked at again no sooner: places come free by and by.
const AGAIN: TimeDelta = TimeDelta::minutes(15);
/// More are not counted: the largest limit is 100,000.
const MOST: usize = 250_000;
/// The store has a place for each ten minutes of a day.
const PLACE: i64 = 600;
const PLACES: i64 = 24 * 3600 / PLACE;

/// Whom the business wrote to first.
#[derive(Debug, Default)]
pub(crate) struct Recipients(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    last: HashMap<u64, Timestamp>,
    /// In the order of time; an entry whose person was written to since is void.
    order: VecDeque<(Timestamp, u64)>,
    /// Those of the present place in the store, and whether it is to be written.
    place: i64,
    noted: Vec<u64>,
    is_new: bool,
}

impl State {
    fn forget_old(&mut self, now: Timestamp) {
        while let Some((at, person)) = self.order.front().copied() {
            if self.last.get(&person).is_some_and(|last| *last == at) {
                if now - at < WITHIN {
                    return;
                }
                self.last.remove(&person);
            }
            self.order.pop_front();
        }
    }

    fn note(&mut self, person: u64, at: Timestamp) {
        self.last.insert(person, at);
        self.order.push_back((at, person));
    }
}

/// The same for a person in every process (FNV-1a).
fn hash(person: &str) -> u64 {
    person.bytes().fold(0xcbf2_9ce4_8422_2325, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3))
}

fn place_of(at: Timestamp) -> i64 {
    at.timestamp().div_euclid(PLACE)
}

impl Recipients {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(|e| e.into_inner())
    }

    /// Counts a person who is written to first, if there is room.
    pub(super) fn admit(
        &self,
        person: &str,
        limit: Option<i64>,
        now: Timestamp,
    ) -> Result<(), (Reason, Timestamp)> {
        let mut s = self.state();
        s.forget_old(now);
        let person = hash(person);
        let last = s.last.get(&person).copied();
        let full = |people: usize| limit.is_some_and(|most| people as i64 >= most);
        match last {
            Some(at) if now - at < STEP => return Ok(()),
            None if full(s.last.len()) => {
                let free = s.order.front().map_or(now, |(at, _)| *at + WITHIN);
                return Err((MESSAGING_LIMIT.reason(), free.max(now + AGAIN)));
            }
            None if s.last.len() >= MOST => return Ok(()),
            _ => {}
        }
        s.note(person, now);
        if s.place != place_of(now) {
            s.place = place_of(now);
            s.noted.clear();
        }
        s.noted.push(person);
        s.is_new = true;
        Ok(())
    }

    /// How many people they are.
    pub(crate) fn count(&self, now: Timestamp) -> i64 {
        let mut s = self.state();
        s.forget_old(now);
        s.last.len() as i64
    }

    /// The reason, where nobody else can be written to first.
    pub(super) fn is_full(&self, limit: Option<i64>, now: Timestamp) -> Option<Reason> {
        limit.is_some_and(|most| self.count(now) >= most).then(|| MESSAGING_LIMIT.reason())
    }

    /// What is to be stored: the place's id and its text.
    fn unsaved(&self) -> Option<(String, String)> {
        let mut s = self.state();
        if !s.is_new {
            return None;
        }
        s.is_new = false;
        let people: String = s.noted.iter().map(|p| format!("{p:016x}")).collect();
        Some((id_of(s.place), format!("{{\"place\":{},\"people\":\"{people}\"}}", s.place)))
    }

    fn is_unsaved_again(&self) {
        self.state().is_new = true;
    }
}

fn id_of(place: i64) -> String {
    format!("recipients/{:03}", place.rem_euclid(PLACES))
}

#[derive(serde::Deserialize)]
struct Place {
    place: i64,
    people: String,
}

impl Inner {
    /// Notes in the store who was written to first since the last time.
    pub(crate) async fn save_recipients(&self) -> Result<()> {
        let Some((id, text)) = self.health.recipients.unsaved() else { return Ok(()) };
        let mut record = Record::new(&self.account, KIND, id);
        record.retention = "account".to_owned();
        record.clear = text;
        let saved = self.commit_all(vec![Write::Put { record }], KIND).await;
        if saved.is_err() {
            self.health.recipients.is_unsaved_again();
        }
        saved.map(drop)
    }

    /// Reads them back, at start. Each counts until the end of their ten minutes.
    pub(super) async fn load_recipients(&self) -> Result<()> {
        let now = self.clock.now();
        let keys = (0..PLACES).map(|place| self.key(KIND, id_of(place))).collect();
        let records = self.storage.get(keys).await?;
        let mut places: Vec<Place> =
            records.into_iter().flatten().filter_map(|r| serde_json::from_str(&r.clear).ok()).collect();
        places.sort_by_key(|p| p.place);
        let mut s = self.health.recipients.state();
        for place in places {
            let Some(end) = chrono::DateTime::from_timestamp((place.place + 1) * PLACE, 0) else { continue };
            if end > now + TimeDelta::seconds(PLACE) || now - end >= WITHIN {
                continue;
            }
            let at = end.min(now);
            let people = place.people.as_bytes().chunks(16);
            let people = people.filter_map(|p| u64::from_str_radix(std::str::from_utf8(p).ok()?, 16).ok());
            let people: Vec<u64> = people.collect();
            people.iter().for_each(|p| s.note(*p, at));
            if place.place == place_of(now) {
                (s.place, s.noted) = (place.place, people);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(s: i64) -> Timestamp {
        chrono::DateTime::from_timestamp(1_790_000_000 + s, 0).unwrap()
    }

    #[test]
    fn never_more_people_than_the_limit_within_any_24_hours() {
        let all = Recipients::default();
        let mut sent: Vec<(i64, usize)> = Vec::new();
        // Somebody new every ten minutes for three days, and everybody again a minute later.
        for minute in (0..3 * 1440).step_by(10) {
            let person = minute as usize / 10;
            for wanted in [person, person / 2] {
                let now = at(minute * 60);
                if all.admit(&format!("p{wanted}"), Some(50), now).is_ok() {
                    sent.push((minute, wanted));
                }
            }
        }
        for (from, _) in &sent {
            let within = sent.iter().filter(|(m, _)| (*from..from + 1440).contains(m)).map(|(_, p)| p);
            let people: std::collections::HashSet<_> = within.collect();
            assert!(people.len() <= 50, "{} people in the 24 hours from minute {from}", people.len());
        }
        assert!(sent.len() > 100, "the limit is used");
    }

    #[test]
    fn whoever_counts_already_may_be_written_to_again_and_a_place_comes_free() {
        let all = Recipients::default();
        assert!(all.admit("a", Some(1), at(0)).is_ok());
        assert!(all.admit("a", Some(1), at(90)).is_ok());
        let (why, until) = all.admit("b", Some(1), at(100)).unwrap_err();
        assert_eq!((why.code.as_str(), until), ("MESSAGING_LIMIT", at(90) + WITHIN));
        assert!(all.is_full(Some(1), at(100)).is_some() && all.is_full(None, at(100)).is_none());
        assert!(all.admit("b", Some(1), until).is_ok());
        assert_eq!(all.count(until), 1);
        assert!(all.admit("c", None, until).is_ok(), "without a limit they are only counted");
    }
}
