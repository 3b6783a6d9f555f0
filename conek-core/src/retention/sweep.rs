//! The sweep: finds what is over by its index, in time with what is over and not with what there is, and ends it in
//! small commits between which everybody else's go.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use crate::{
    engine::Inner,
    messaging::row::Row,
    people::{Person, merge},
    rights::{ErasureGround, ErasureOptions},
    storage::{Batch, Committed, Index, Key, Record, Write},
    values::{
        error::{Error, Result},
        ids::PersonId,
        quiet::quiet_debug,
        time::Timestamp,
    },
    vault::Sealed,
};

/// The kind of a hold.
const HOLD: &str = "hold";
/// The record of the store that says when the last daily sweep began.
const LAST: &str = "sweep";
/// Records that end in one commit, three rows each where they are messages: a few milliseconds of the writer's time.
const TOGETHER: i32 = 100;
/// When something is looked at again that a hold without an end keeps.
const AGAIN: TimeDelta = TimeDelta::days(30);
/// Records named in a preview, at most.
const NAMED: usize = 1000;

/// A legal hold: a dispute or an order that forbids erasing (GDPR 17(3)(e)). It keeps data and allows no use.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct LegalHold {
    /// The case or order.
    pub reference: String,
    /// Whose data; missing: everybody's.
    pub person: Option<PersonId>,
    /// When it ends; missing: when it is lifted.
    pub until: Option<Timestamp>,
    /// Since when.
    pub since: Option<Timestamp>,
}
quiet_debug! { LegalHold { until } }

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

/// What the ends of some records depend on, read for all of them at once.
struct Around {
    /// What goes with them.
    belongings: HashMap<Key, Record>,
    /// When the people of conversations last wrote.
    last_wrote: HashMap<String, Timestamp>,
}

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

impl Inner {
    /// The references of the holds that keep a person's data at this moment.
    pub(crate) async fn holds_on(&self, person: &Person, now: Timestamp) -> Result<Vec<String>> {
        Ok(self
            .holds()
            .await?
            .into_iter()
            .filter(|h| covers(h, &person.id, now))
            .map(|h| h.reference)
            .collect())
    }

    pub(super) async fn holds(&self) -> Result<Vec<LegalHold>> {
        let records = self.find_all(self.query(HOLD, Index::Id {}, 1000)).await?;
        let open =
            |r: &Record| self.vault.open_sealed(Sealed { person: "", kind: HOLD, id: &r.id }, &r.sealed);
        records.iter().map(open).collect()
    }

    pub(super) async fn hold(&self, mut hold: LegalHold) -> Result<()> {
        if hold.reference.trim().is_empty() {
            return Err(Error::invalid("reference", "must name the case or order"));
        }
        let now = self.clock.now();
        if hold.until.is_some_and(|until| until <= now) {
            return Err(Error::invalid("until", "lies in the past"));
        }
        if let Some(person) = &hold.person {
            self.person(person).await?;
        }
        hold.since = Some(hold.since.unwrap_or(now));
        let id = self.vault.fingerprint(HOLD, hold.reference.trim());
        let mut record = Record::new(&self.account, HOLD, id.clone());
        record.retention = "account".to_owned();
        record.sealed = self.vault.seal(Sealed { person: "", kind: HOLD, id: &id }, &hold)?;
        self.commit_all(vec![Write::Put { record }], "hold").await.map(drop)
    }

    pub(super) async fn lift_hold(&self, reference: &str) -> Result<()> {
        let id = self.vault.fingerprint(HOLD, reference.trim());
        let record = self.get(HOLD, &id).await?.ok_or_else(|| Error::not_found("hold", "that reference"))?;
        self.commit_all(vec![Write::Delete { key: record.key(), version: record.version }], "hold").await?;
        // Whoever was to be erased meanwhile is looked at with the next sweep.
        let mut query = self.query("contact", Index::Expired { until: Timestamp::MAX_UTC }, 1000);
        loop {
            let page = self.find(query.clone()).await?;
            self.load_keys(page.records.iter().map(|r| r.id.as_str())).await?;
            for record in &page.records {
                let (person, version) = self.open_person(record)?;
                if person.erase_at.is_some() {
                    let write = Write::Replace { record: person.record(self)?, version };
                    self.commit(vec![write]).await?;
                }
            }
            match page.next {
                Some(next) => query.after = Some(next),
                None => return Ok(()),
            }
        }
    }

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

    /// Ends what is over, at most `most` records.
    pub(crate) async fn sweep(&self, most: i64) -> Result<SweepReport> {
        let mut report = SweepReport::default();
        let holds = self.holds().await?;
        self.keep_statistics().await?;
        loop {
            let now = self.clock.now();
            let index = Index::Expired { until: now };
            let limit = i32::try_from(most - report.seen).unwrap_or(TOGETHER).clamp(0, TOGETHER);
            if limit == 0 || self.is_closing() {
                return Ok(report);
            }
            let records = self.find(self.query("", index, limit)).await?.records;
            if records.is_empty() {
                report.complete = true;
                return Ok(report);
            }
            let before = report.seen;
            self.end_some(records, &holds, now, &mut report).await?;
            if report.seen == before {
                return Err(Error::internal("the sweep does not get on"));
            }
            tokio::task::yield_now().await;
        }
    }

    async fn end_some(
        &self,
        records: Vec<Record>,
        holds: &[LegalHold],
        now: Timestamp,
        report: &mut SweepReport,
    ) -> Result<()> {
        self.load_keys(records.iter().flat_map(|r| r.subjects.iter().map(String::as_str))).await?;
        let mut batches = Vec::with_capacity(records.len());
        let mut classes = Vec::with_capacity(records.len());
        let mut erased: HashSet<String> = HashSet::new();
        let around = self.around(&records).await?;
        for record in records {
            report.seen += 1;
            if record.subjects.first().is_some_and(|s| erased.contains(s)) {
                continue;
            }
            let class = record.retention.clone();
            match self.end_of_time(record, &around, holds, now).await? {
                End::Delete(writes) => {
                    batches.push(Batch { writes });
                    classes.push(class);
                }
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
                }
                End::Minimise(person, version) => {
                    let write = Write::Replace { record: person.record(self)?, version };
                    if let Committed::Done { .. } = self.commit(vec![write]).await? {
                        report.minimised += 1;
                    }
                }
                End::Later(record, at) => {
                    report.postponed += 1;
                    self.look_again(*record, at).await?;
                }
                End::Held(record, at) => {
                    report.held += 1;
                    self.look_again(*record, at).await?;
                }
                End::Gone => {}
            }
        }
        if !batches.is_empty() {
            let done = self.storage.commit(batches).await?;
            for (outcome, class) in done.iter().zip(classes) {
                if let Committed::Done { .. } = outcome {
                    report.reasons.entry(class.clone()).or_insert_with(|| self.reason(&class));
                    *report.ended.entry(class).or_default() += 1;
                }
            }
        }
        Ok(())
    }

    async fn look_again(&self, mut record: Record, at: Timestamp) -> Result<()> {
        let version = record.version;
        record.expires_at = Some(at);
        self.commit(vec![Write::Replace { record, version }]).await.map(drop)
    }

    /// Reads what the ends of these records depend on.
    async fn around(&self, records: &[Record]) -> Result<Around> {
        let keys: Vec<Key> = records
            .iter()
            .map(|r| self.belonging_to(r))
            .collect::<Result<Vec<_>>>()?
            .into_iter()
            .flatten()
            .collect();
        let found = match keys.is_empty() {
            true => Vec::new(),
            false => self.storage.get(keys).await?,
        };
        let belongings = found.into_iter().flatten().map(|r| (r.key(), r)).collect();
        let mut conversing: Vec<String> = records
            .iter()
            .filter(|r| r.kind == "message" && r.retention == "support")
            .filter_map(|r| r.subjects.first().cloned())
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
        Ok(Around { belongings, last_wrote })
    }

    /// The records that go with this one.
    fn belonging_to(&self, record: &Record) -> Result<Vec<Key>> {
        Ok(match record.kind.as_str() {
            // What was decided and delivered goes with what it was about.
            "message" => {
                let attempts = Row::read(record.clone())?.attempt_ids();
                let mut keys: Vec<Key> = attempts.into_iter().map(|id| self.key("attempt", id)).collect();
                keys.push(self.key("delivery", record.id.as_str()));
                keys
            }
            crate::rights::erase::RETAINED => {
                record.subjects.iter().map(|name| self.key("key", name.as_str())).collect()
            }
            _ => Vec::new(),
        })
    }

    /// What becomes of a record whose time is over.
    async fn end_of_time(
        &self,
        record: Record,
        around: &Around,
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
            let row = Row::read(record.clone())?;
            if !row.state().is_final() {
                return Ok(End::Later(Box::new(record), now + TimeDelta::days(1)));
            }
            // A conversation is kept for some time after the person last wrote.
            if record.retention == "support" {
                let created = row.clear.created_at;
                let last = around.last_wrote.get(row.person()).map_or(created, |wrote| created.max(*wrote));
                if let Some(until) = self.retention_rules().support_until(last).filter(|until| *until > now) {
                    return Ok(End::Later(Box::new(record), until));
                }
            }
        }
        let mut writes = vec![Write::Delete { key: record.key(), version: record.version }];
        let also = self.belonging_to(&record)?;
        let found = also.into_iter().filter_map(|key| around.belongings.get(&key).map(|r| (key, r.version)));
        writes.extend(found.map(|(key, version)| Write::Delete { key, version }));
        Ok(End::Delete(writes))
    }

    pub(super) async fn preview_sweep(&self) -> Result<SweepPreview> {
        let now = self.clock.now();
        let holds = self.holds().await?;
        let mut preview = SweepPreview::default();
        let mut query = self.query("", Index::Expired { until: now }, 1000);
        loop {
            let page = self.find(query.clone()).await?;
            self.load_keys(page.records.iter().flat_map(|r| r.subjects.iter().map(String::as_str))).await?;
            let around = self.around(&page.records).await?;
            for record in page.records {
                preview.report.seen += 1;
                let (kind, id, class) = (record.kind.clone(), record.id.clone(), record.retention.clone());
                let due_at = record.expires_at.unwrap_or(now);
                let report = &mut preview.report;
                let action = match self.end_of_time(record, &around, &holds, now).await? {
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
            match page.next {
                Some(next) => query.after = Some(next),
                None => {
                    preview.report.complete = true;
                    return Ok(preview);
                }
            }
        }
    }
}

fn covers(hold: &LegalHold, person: &PersonId, now: Timestamp) -> bool {
    hold.until.is_none_or(|until| until > now) && hold.person.as_ref().is_none_or(|p| p == person)
}
