//! The sweep: finds what is over by its index, in time with what is over and not with what there is, and ends it in
//! small commits between which everybody else's go.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::LegalHold;
use crate::{
    engine::Inner,
    messaging::{MessageState, row::Row},
    people::{Person, merge},
    rights::{ErasureGround, ErasureOptions},
    storage::{Batch, Committed, Index, Key, Record, Write},
    values::{
        error::{Error, Result},
        ids::PersonId,
        time::Timestamp,
    },
};

/// The record of the store that says when the last daily sweep began.
const LAST: &str = "sweep";
/// Records that end in one commit, three rows each where they are messages: a few milliseconds of the writer's time.
const TOGETHER: i32 = 64;
/// Passes that may find what is over and end nothing.
const IDLE: u8 = 3;
/// When something is looked at again that a hold without an end keeps.
const AGAIN: TimeDelta = TimeDelta::days(30);
/// Records named in a preview, at most.
const NAMED: usize = 1000;

/// What a sweep ended, or would end.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct SweepReport {
    /// Records that ended, by retention class.
    pub ended: BTreeMap<String, i64>,
    /// Why, in words, by retention class.
    pub reasons: BTreeMap<String, String>,
    /// People erased, as nothing more was kept of them.
    pub people: i64,
    /// People of whom only the proof of their consent was kept.
    pub minimised: i64,
    /// What was over and is kept by a hold.
    pub held: i64,
    /// What turned out not to be over yet, as the person was active meanwhile.
    pub postponed: i64,
    /// Records looked at.
    pub seen: i64,
    /// Whether everything was done that was over.
    pub complete: bool,
}

/// Something that is over.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ExpiringItem {
    /// The kind of record.
    pub kind: String,
    /// Its id.
    pub id: String,
    /// Its retention class.
    pub retention: String,
    /// Since when it is over.
    pub due_at: Timestamp,
    /// What would be done: `erase`, `minimise`, `held`, `postpone`.
    pub action: String,
}

/// What a sweep would do.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct SweepPreview {
    /// The totals.
    pub report: SweepReport,
    /// The first 1,000 things.
    pub items: Vec<ExpiringItem>,
}

/// A page of what is over, with what the ends of its records depend on, read for all of them at once.
struct Over {
    now: Timestamp,
    records: Vec<(Record, Vec<Belonging>)>,
    /// When the people of conversations last wrote.
    last_wrote: HashMap<String, Timestamp>,
    next: Option<String>,
}

/// A record that goes with another, and its version.
type Belonging = (Key, i64);

/// What is to be done with one record.
enum End {
    Delete(Vec<Write>),
    Erase(PersonId),
    Minimise(Box<Person>, i64),
    Later(Box<Record>, Timestamp),
    Held(Box<Record>, Timestamp),
    /// Somebody else ended it since it was read.
    Gone,
}

/// What a commit was for.
enum Meant {
    Ended(String),
    Minimised,
    Postponed,
    Held,
}

impl SweepReport {
    /// Everything that was brought to some end.
    fn done(&self) -> i64 {
        self.ended.values().sum::<i64>() + self.people + self.minimised + self.held + self.postponed
    }
}

fn look_again(mut record: Record, at: Timestamp) -> Write {
    let version = record.version;
    record.expires_at = Some(at);
    Write::Replace { record, version }
}

impl Inner {
    /// When the daily sweep is to run: a day after the last one; at once where there was none.
    pub(crate) async fn next_sweep(&self) -> Result<Timestamp> {
        let last = self.get("store", LAST).await?;
        Ok(last.and_then(|r| r.due_at).map_or_else(|| self.clock.now(), |at| at + TimeDelta::days(1)))
    }

    /// The daily sweep. It counts as done once it got to its end.
    pub(crate) async fn sweep_of_the_day(&self) -> Result<()> {
        let began = self.clock.now();
        if !self.sweep(i64::MAX).await?.complete {
            return Ok(());
        }
        let mut record = Record::new(&self.account, "store", LAST);
        record.due_at = Some(began);
        self.commit_all(vec![Write::Put { record }], "sweep").await?;
        if let Err(e) = self.rotate_when_old().await {
            tracing::warn!(
                code = e.code(),
                "the wrapping key is old and could not be replaced; tried again tomorrow"
            );
        }
        Ok(())
    }

    /// Ends what is over, at most `most` records. While one page is ended, the next is read.
    pub(crate) async fn sweep(&self, most: i64) -> Result<SweepReport> {
        let mut report = SweepReport::default();
        self.keep_statistics().await?;
        let room = |seen: i64| i32::try_from(most - seen).unwrap_or(TOGETHER).clamp(0, TOGETHER);
        let mut idle = 0;
        // One pass after the other, until one finds nothing.
        loop {
            let limit = room(report.seen);
            if limit == 0 || self.is_closing() {
                return Ok(report);
            }
            let mut page = self.over(None, limit).await?;
            if page.records.is_empty() {
                report.complete = true;
                return Ok(report);
            }
            let before = report.done();
            loop {
                let limit = room(report.seen + page.records.len() as i64);
                let after = page.next.take().filter(|_| limit > 0 && !self.is_closing());
                let next = async {
                    match after {
                        Some(after) => self.over(Some(after), limit).await.map(Some),
                        None => Ok(None),
                    }
                };
                let (ended, next) = tokio::join!(self.end_some(page, &mut report), next);
                ended?;
                let Some(next) = next? else { break };
                page = next;
            }
            // Another engine may have ended what was found; again and again it is not that.
            idle = if report.done() == before { idle + 1 } else { 0 };
            if idle == IDLE {
                return Err(Error::internal("the sweep does not get on"));
            }
        }
    }

    /// A page of what is over.
    async fn over(&self, after: Option<String>, limit: i32) -> Result<Over> {
        let now = self.clock.now();
        let mut query = self.query("", Index::Expired { until: now }, limit);
        query.after = after;
        let page = self.find(query).await?;
        let contacts = page.records.iter().filter(|r| r.kind == "contact");
        self.load_keys(contacts.map(|r| r.id.as_str())).await?;
        let mut records = Vec::with_capacity(page.records.len());
        let (mut owners, mut keys) = (Vec::new(), Vec::new());
        for record in page.records {
            let (record, also) = self.belonging_to(record)?;
            owners.extend(std::iter::repeat_n(records.len(), also.len()));
            keys.extend(also);
            records.push((record, Vec::new()));
        }
        if !keys.is_empty() {
            for (owner, record) in owners.into_iter().zip(self.storage.get(keys).await?) {
                if let Some(r) = record {
                    let belonging = (r.key(), r.version);
                    records[owner].1.push(belonging);
                }
            }
        }
        let mut conversing: Vec<String> = records
            .iter()
            .filter(|(r, _)| r.kind == "message" && r.retention == "support")
            .filter_map(|(r, _)| r.subjects.first().cloned())
            .collect();
        conversing.sort_unstable();
        conversing.dedup();
        let mut last_wrote = HashMap::new();
        if !conversing.is_empty() {
            for (person, _) in self.people(&conversing).await?.into_iter().flatten() {
                if let Some(last) = person.inbound.values().max() {
                    last_wrote.insert(person.id.as_str().to_owned(), *last);
                }
            }
        }
        Ok(Over { now, records, last_wrote, next: page.next })
    }

    async fn end_some(&self, page: Over, report: &mut SweepReport) -> Result<()> {
        // A hold counts from when it is there, also for a sweep that is under way.
        let holds = self.holds().await?;
        let Over { now, records, last_wrote, .. } = page;
        let mut batches = Vec::with_capacity(records.len());
        let mut meant = Vec::with_capacity(records.len());
        let mut erased: HashSet<String> = HashSet::new();
        for (record, belongings) in records {
            report.seen += 1;
            if record.subjects.first().is_some_and(|s| erased.contains(s)) {
                continue;
            }
            let class = record.retention.clone();
            let (writes, what) = match self.end_of_time(record, belongings, &last_wrote, &holds, now).await? {
                End::Delete(writes) => (writes, Meant::Ended(class)),
                End::Minimise(person, version) => {
                    (vec![Write::Replace { record: person.record(self)?, version }], Meant::Minimised)
                }
                End::Later(record, at) => (vec![look_again(*record, at)], Meant::Postponed),
                End::Held(record, at) => (vec![look_again(*record, at)], Meant::Held),
                End::Erase(person) => {
                    let ground = ErasureOptions { ground: ErasureGround::Retention, request: None };
                    match self.erase(&person, &ground).await {
                        Ok(proof) if proof.done => {
                            erased.insert(person.as_str().to_owned());
                            report.people += 1;
                            for (kind, n) in proof.erased {
                                *report.ended.entry(kind).or_default() += n;
                            }
                            report
                                .reasons
                                .entry("marketing".to_owned())
                                .or_insert_with(|| self.reason("marketing"));
                        }
                        Ok(_) => report.held += 1,
                        // Gone meanwhile.
                        Err(Error::NotFound { .. }) => {}
                        Err(e) => return Err(e),
                    }
                    continue;
                }
                End::Gone => continue,
            };
            batches.push(Batch { writes });
            meant.push(what);
        }
        if batches.is_empty() {
            return Ok(());
        }
        for (done, what) in self.storage.commit(batches).await?.into_iter().zip(meant) {
            match (done, what) {
                // Changed or ended since it was read.
                (Committed::Conflict { .. }, _) => {}
                (_, Meant::Ended(class)) => {
                    report.reasons.entry(class.clone()).or_insert_with(|| self.reason(&class));
                    *report.ended.entry(class).or_default() += 1;
                }
                (_, Meant::Minimised) => report.minimised += 1,
                (_, Meant::Postponed) => report.postponed += 1,
                (_, Meant::Held) => report.held += 1,
            }
        }
        Ok(())
    }

    /// The record, and the keys of those that go with it.
    fn belonging_to(&self, record: Record) -> Result<(Record, Vec<Key>)> {
        match record.kind.as_str() {
            // What was decided and delivered goes with what it was about.
            "message" => {
                let row = Row::read(record)?;
                let attempts = row.attempt_ids();
                let mut keys: Vec<Key> = attempts.into_iter().map(|id| self.key("attempt", id)).collect();
                keys.push(self.key("delivery", row.record.id.as_str()));
                Ok((row.record, keys))
            }
            crate::rights::erase::RETAINED => {
                let keys = record.subjects.iter().map(|name| self.key("key", name.as_str())).collect();
                Ok((record, keys))
            }
            _ => Ok((record, Vec::new())),
        }
    }

    /// What becomes of a record whose time is over.
    async fn end_of_time(
        &self,
        record: Record,
        belongings: Vec<Belonging>,
        last_wrote: &HashMap<String, Timestamp>,
        holds: &[LegalHold],
        now: Timestamp,
    ) -> Result<End> {
        let held = |people: &[String]| {
            let of = |h: &&LegalHold| match &h.person {
                None => true,
                Some(p) => people.iter().any(|s| s == p.as_str()),
            };
            holds.iter().filter(|h| h.until.is_none_or(|until| until > now)).find(of)
        };
        let again = |h: &LegalHold| h.until.map_or(now + AGAIN, |until| until.min(now + AGAIN));
        // A day's webhook keys and bodies are short-lived, and a hold does not make them readable.
        let is_technical = matches!(record.retention.as_str(), "webhook" | "key");
        if !is_technical && let Some(hold) = held(&record.subjects) {
            return Ok(End::Held(Box::new(record), again(hold)));
        }
        if record.kind == "contact" {
            let Some((mut person, version)) = self.person_in(&record).await? else { return Ok(End::Gone) };
            let rules = self.retention_rules();
            return Ok(match rules.contact_end(&person, now) {
                super::ContactEnd::Erase => End::Erase(person.id),
                super::ContactEnd::Minimise => {
                    person.minimise();
                    End::Minimise(Box::new(person), version)
                }
                super::ContactEnd::Not(at) => {
                    End::Later(Box::new(record), at.unwrap_or(now + AGAIN).max(now + TimeDelta::seconds(1)))
                }
            });
        }
        if record.kind == merge::KIND {
            return Ok(End::Delete(vec![Self::without_what_was(record)]));
        }
        if record.kind == "message" {
            if !MessageState::of_code(&record.state).is_some_and(MessageState::is_final) {
                return Ok(End::Later(Box::new(record), now + TimeDelta::days(1)));
            }
            // A conversation is kept for some time after the person last wrote.
            if record.retention == "support" {
                let row = Row::read(record.clone())?;
                let created = row.clear.created_at;
                let last = last_wrote.get(row.person()).map_or(created, |wrote| created.max(*wrote));
                if let Some(until) = self.retention_rules().support_until(last).filter(|until| *until > now) {
                    return Ok(End::Later(Box::new(record), until));
                }
            }
        }
        let mut writes = vec![Write::Delete { key: record.key(), version: record.version }];
        writes.extend(belongings.into_iter().map(|(key, version)| Write::Delete { key, version }));
        Ok(End::Delete(writes))
    }

    pub(super) async fn preview_sweep(&self) -> Result<SweepPreview> {
        let holds = self.holds().await?;
        let mut preview = SweepPreview::default();
        let mut after = None;
        loop {
            let Over { now, records, last_wrote, next } = self.over(after, 1000).await?;
            for (record, belongings) in records {
                preview.report.seen += 1;
                let (kind, id, class) = (record.kind.clone(), record.id.clone(), record.retention.clone());
                let due_at = record.expires_at.unwrap_or(now);
                let report = &mut preview.report;
                let action = match self.end_of_time(record, belongings, &last_wrote, &holds, now).await? {
                    End::Delete(_) => {
                        *report.ended.entry(class.clone()).or_default() += 1;
                        report.reasons.entry(class.clone()).or_insert_with(|| self.reason(&class));
                        "erase"
                    }
                    End::Erase(_) => {
                        report.people += 1;
                        "erase"
                    }
                    End::Minimise(..) => {
                        report.minimised += 1;
                        "minimise"
                    }
                    End::Later(..) => {
                        report.postponed += 1;
                        "postpone"
                    }
                    End::Held(..) => {
                        report.held += 1;
                        "held"
                    }
                    End::Gone => continue,
                };
                if preview.items.len() < NAMED {
                    preview.items.push(ExpiringItem {
                        kind,
                        id,
                        retention: class,
                        due_at,
                        action: action.to_owned(),
                    });
                }
            }
            if next.is_none() {
                preview.report.complete = true;
                return Ok(preview);
            }
            after = next;
        }
    }
}
