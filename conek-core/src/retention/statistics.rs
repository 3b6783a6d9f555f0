//! What may be kept for ever: counts over many people, from which nobody can be made out.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use chrono::{Datelike, NaiveDate, TimeDelta};
use serde::{Deserialize, Serialize};

use crate::{
    engine::Inner,
    messaging::{
        MessageState,
        row::{Delivery, Row},
    },
    storage::{Index, Key, Record, Write},
    values::{
        error::{Error, Result},
        time::Timestamp,
    },
};

/// The kind of a week's counts.
const KIND: &str = "statistic";
/// Nothing is told of fewer people than this, unless the host asks for more.
pub const LEAST_PEOPLE: i32 = 10;

/// Counts over the people of one week, purpose and country.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct StatisticsCell {
    /// The week's Monday, `YYYY-MM-DD`.
    pub week: String,
    /// The purpose of the messages.
    pub purpose: String,
    /// The country of the people, or empty where it is not known.
    pub country: String,
    /// How many people.
    pub people: i64,
    /// Messages accepted by WhatsApp.
    pub sent: i64,
    /// Messages delivered.
    pub delivered: i64,
    /// Messages read.
    pub read: i64,
    /// Messages answered.
    pub answered: i64,
}

impl StatisticsCell {
    fn add(&mut self, other: &Self) {
        self.people += other.people;
        self.sent += other.sent;
        self.delivered += other.delivered;
        self.read += other.read;
        self.answered += other.answered;
    }
}

/// Cells that may be kept and shown, and a count of those that may not.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Statistics {
    /// The cells, each over at least `least_people` people.
    pub cells: Vec<StatisticsCell>,
    /// The totals of each week and purpose, where no left-out cell can be found out from them.
    pub totals: Vec<StatisticsCell>,
    /// The least number of people that a cell is over.
    pub least_people: i32,
    /// Cells left out: too few people, or needed to hide one of those.
    pub left_out: i64,
}

/// Leaves out what is over too few people, and enough beside it that no total gives it away.
pub(crate) fn publishable(cells: Vec<StatisticsCell>, least: i32) -> Result<Statistics> {
    if least < 2 {
        return Err(Error::invalid(
            "least_people",
            "a count over one person tells of that person; at least 2",
        ));
    }
    let mut rows: BTreeMap<(String, String), Vec<StatisticsCell>> = BTreeMap::new();
    for cell in cells {
        rows.entry((cell.week.clone(), cell.purpose.clone())).or_default().push(cell);
    }
    let mut statistics = Statistics { least_people: least, ..Statistics::default() };
    for ((week, purpose), mut cells) in rows {
        cells.sort_by(|a, b| (a.people, &a.country).cmp(&(b.people, &b.country)));
        let few = cells.iter().filter(|c| c.people < i64::from(least)).count();
        let hidden: i64 = cells.iter().take(few).map(|c| c.people).sum();
        let total = cells.iter().fold(
            StatisticsCell { week, purpose, country: "*".to_owned(), ..StatisticsCell::default() },
            |mut sum, cell| {
                sum.add(cell);
                sum
            },
        );
        // What total minus shown gives is over the hidden people together: it must itself be over enough of
        // them, and over more than one cell, or it would be the hidden cell.
        let mut leave = few;
        let mut over = hidden;
        while few > 0 && leave < cells.len() && (over < i64::from(least) || leave < 2) {
            over += cells[leave].people;
            leave += 1;
        }
        let enough = few == 0 || (over >= i64::from(least) && leave >= 2);
        statistics.left_out += i64::try_from(leave).unwrap_or(i64::MAX);
        if total.people >= i64::from(least) && enough {
            statistics.totals.push(total);
        }
        let mut shown = cells.split_off(leave);
        shown.sort_by(|a, b| a.country.cmp(&b.country));
        statistics.cells.extend(shown);
    }
    Ok(statistics)
}

/// The least id of a time-ordered id made at this moment or later.
fn least_id(at: Timestamp) -> String {
    let ms = u64::try_from(at.timestamp_millis()).unwrap_or(0);
    format!("{:08x}-{:04x}-0000-0000-000000000000", ms >> 16, ms & 0xffff)
}

fn monday(day: NaiveDate) -> NaiveDate {
    day - TimeDelta::days(i64::from(day.weekday().num_days_from_monday()))
}

fn start(week: NaiveDate) -> Timestamp {
    week.and_time(chrono::NaiveTime::MIN).and_utc()
}

impl Inner {
    /// The counts of the messages made in a week.
    async fn week(&self, week: NaiveDate) -> Result<Vec<StatisticsCell>> {
        let end = least_id(start(week) + TimeDelta::days(7));
        let mut query = self.query("message", Index::Id {}, 1000);
        query.after = Some(least_id(start(week)));
        let mut cells: BTreeMap<(String, String), (StatisticsCell, HashSet<String>)> = BTreeMap::new();
        loop {
            let page = self.find(query.clone()).await?;
            let inside: Vec<&Record> = page.records.iter().take_while(|r| r.id < end).collect();
            let people: Vec<String> = inside.iter().filter_map(|r| r.subjects.first().cloned()).collect();
            let unique: Vec<String> = people.iter().cloned().collect::<BTreeSet<_>>().into_iter().collect();
            let mut countries: BTreeMap<&str, String> = BTreeMap::new();
            for (id, found) in unique.iter().zip(self.people(&unique).await?) {
                countries.insert(id, found.and_then(|(p, _)| p.country).unwrap_or_default());
            }
            let keys: Vec<Key> = inside.iter().map(|r| self.key("delivery", r.id.clone())).collect();
            let deliveries = self.storage.get(keys).await?;
            for (record, delivery) in inside.iter().zip(deliveries) {
                let row = Row::read((*record).clone())?;
                let country = countries.get(row.person()).cloned().unwrap_or_default();
                let delivery = delivery.as_ref().map(Delivery::read).unwrap_or_default();
                let purpose = row.clear.purpose.code().to_owned();
                let (cell, seen) = cells.entry((purpose.clone(), country.clone())).or_insert_with(|| {
                    let cell = StatisticsCell {
                        week: week.to_string(),
                        purpose,
                        country,
                        ..StatisticsCell::default()
                    };
                    (cell, HashSet::new())
                });
                cell.sent += i64::from(row.state() == MessageState::Accepted);
                cell.delivered += i64::from(delivery.delivered_at.is_some() || delivery.read_at.is_some());
                cell.read += i64::from(delivery.read_at.is_some());
                cell.answered += i64::from(delivery.replied_at.is_some());
                seen.insert(row.person().to_owned());
            }
            let ended = inside.len() < page.records.len();
            match page.next {
                Some(next) if !ended => query.after = Some(next),
                _ => break,
            }
        }
        let count = |people: HashSet<String>| i64::try_from(people.len()).unwrap_or(i64::MAX);
        Ok(cells
            .into_values()
            .map(|(mut cell, people)| {
                cell.people = count(people);
                cell
            })
            .collect())
    }

    /// Keeps the counts of the weeks whose messages begin to go, before they go.
    pub(super) async fn keep_statistics(&self) -> Result<()> {
        let now = self.clock.now();
        let page = self.find(self.query("message", Index::Expired { until: now }, 1)).await?;
        let Some(first) = page.records.first() else { return Ok(()) };
        let first = Row::read(first.clone())?.clear.created_at;
        let mut last = self.query("message", Index::Expired { until: now }, 1);
        last.descending = true;
        let last = match self.find(last).await?.records.first() {
            Some(record) => Row::read(record.clone())?.clear.created_at.max(first),
            None => first,
        };
        let mut week = monday(first.date_naive());
        // A week that is not over yet is not told of.
        while week <= last.date_naive() && start(week) + TimeDelta::days(7) <= now {
            if self.get(KIND, &week.to_string()).await?.is_none() {
                let kept = publishable(self.week(week).await?, LEAST_PEOPLE)?;
                let mut record = Record::new(&self.account, KIND, week.to_string());
                record.retention = "analytics".to_owned();
                record.clear = crate::messaging::row::encode(&kept)?;
                self.commit(vec![Write::Insert { record }]).await?;
            }
            week += TimeDelta::days(7);
        }
        Ok(())
    }

    /// The counts of some weeks: kept ones, and live ones of messages that are still there.
    pub(super) async fn statistics(&self, from: &str, to: &str, least: i32) -> Result<Statistics> {
        let day = |field: &str, text: &str| {
            text.parse::<NaiveDate>().map_err(|_| Error::invalid(field, "must be a date, YYYY-MM-DD"))
        };
        let (from, to) = (monday(day("from_day", from)?), day("to_day", to)?);
        if to < from || (to - from).num_weeks() > 530 {
            return Err(Error::invalid("to_day", "must lie at or after from_day, ten years apart at most"));
        }
        let now = self.clock.now();
        let mut all = Statistics { least_people: least, ..Statistics::default() };
        let mut week = from;
        while week <= to && start(week) + TimeDelta::days(7) <= now {
            let part = match self.get(KIND, &week.to_string()).await? {
                Some(record) => {
                    let mut kept: Statistics = serde_json::from_str(&record.clear).unwrap_or_default();
                    // What was kept under a lower bar is held against the higher one.
                    let before = kept.cells.len();
                    kept.cells.retain(|c| c.people >= i64::from(least));
                    kept.left_out += i64::try_from(before - kept.cells.len()).unwrap_or(0);
                    if kept.cells.len() < before {
                        kept.totals.clear();
                    }
                    kept
                }
                None => publishable(self.week(week).await?, least)?,
            };
            all.cells.extend(part.cells);
            all.totals.extend(part.totals);
            all.left_out += part.left_out;
            week += TimeDelta::days(7);
        }
        Ok(all)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn cell(country: &str, people: i64) -> StatisticsCell {
        StatisticsCell {
            week: "2026-11-23".into(),
            purpose: "marketing".into(),
            country: country.into(),
            people,
            sent: people,
            ..StatisticsCell::default()
        }
    }

    #[test]
    fn a_total_gives_no_left_out_cell_away() {
        // One small cell: total minus the rest would be it, so that another goes with it.
        let s = publishable(vec![cell("ZA", 500), cell("DE", 30), cell("FR", 4)], 10).unwrap();
        assert_eq!(s.cells.iter().map(|c| c.country.as_str()).collect::<Vec<_>>(), ["ZA"]);
        assert_eq!((s.left_out, s.totals[0].people), (2, 534));
        // Two small ones that are few together take a third.
        let s = publishable(vec![cell("ZA", 500), cell("DE", 30), cell("FR", 4), cell("NL", 3)], 10).unwrap();
        assert_eq!((s.cells.len(), s.left_out), (1, 3));
        // Nothing to hide, nothing left out.
        let s = publishable(vec![cell("ZA", 500), cell("DE", 30)], 10).unwrap();
        assert_eq!((s.cells.len(), s.left_out, s.totals.len()), (2, 0, 1));
        // A week of one small cell alone says nothing, not even its total.
        let s = publishable(vec![cell("ZA", 9)], 10).unwrap();
        assert_eq!((s.cells.len(), s.totals.len(), s.left_out), (0, 0, 1));
        assert!(publishable(Vec::new(), 1).is_err());
    }

    proptest! {
        #[test]
        fn whatever_is_shown_or_can_be_subtracted_is_over_enough_people(
            people in proptest::collection::vec(0i64..60, 0..12), least in 2i32..20,
        ) {
            let cells: Vec<_> = people.iter().enumerate().map(|(i, n)| cell(&format!("C{i}"), *n)).collect();
            let s = publishable(cells, least).unwrap();
            for c in &s.cells {
                prop_assert!(c.people >= i64::from(least));
            }
            for total in &s.totals {
                prop_assert!(total.people >= i64::from(least));
                let rest = total.people - s.cells.iter().map(|c| c.people).sum::<i64>();
                prop_assert!(s.left_out == 0 || (rest >= i64::from(least) && s.left_out >= 2));
            }
        }
    }

    #[test]
    fn ids_of_a_moment_sort_from_its_least_id_on() {
        let at: Timestamp = "2026-11-23T00:00:00Z".parse().unwrap();
        let random = crate::values::random::SeededRandomness::new(4).unwrap();
        let id = |at| crate::values::random::new_uuid(&random, at).unwrap().hyphenated().to_string();
        assert!(id(at) > least_id(at));
        assert!(id(at - TimeDelta::milliseconds(1)) < least_id(at));
    }
}
