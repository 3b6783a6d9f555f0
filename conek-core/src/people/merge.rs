//! Two contacts that are one person. Everything of the one becomes the other's, in one commit, and what is more
//! restrictive of the two holds.

use std::collections::HashSet;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::Person;
use crate::{
    consent::{ConsentView, standing},
    engine::Inner,
    messaging::MessageState,
    storage::{Committed, Index, Record, Write},
    values::{
        error::{Error, Result},
        ids::PersonId,
        phone::Phone,
        time::Timestamp,
    },
    vault::Sealed,
};

/// The record that says where a contact went.
pub(crate) const KIND: &str = "merged";

/// How long a merge can be taken back: so long what both were before is kept beside what they are.
const TAKEN_BACK_WITHIN: TimeDelta = TimeDelta::days(90);

/// The state of a trail that was taken back.
pub(crate) const PARTED: &str = "parted";

/// What stays of a merge that was taken back: that both share what either refused.
fn parted(engine: &Inner, keep: &PersonId, other: &PersonId) -> Record {
    let mut trail = Record::new(&engine.account, KIND, other.as_str());
    PARTED.clone_into(&mut trail.state);
    trail.subjects = vec![keep.as_str().to_owned(), other.as_str().to_owned()];
    trail.retention = "marketing".to_owned();
    trail
}

/// What a merge keeps, sealed for the contact that stays: enough to take it back.
#[derive(Serialize, Deserialize)]
struct Trail {
    /// The one that went, as it was.
    other: Person,
    /// The one that stays, as it was.
    keep: Person,
    /// Kind and id of what was handed over.
    moved: Vec<(String, String)>,
}

/// How much a consent restricts: a no beats everything, and what was never said restricts nothing.
fn restricts(view: &ConsentView) -> u8 {
    use crate::consent::ConsentStatus as S;
    match view.status {
        S::Withdrawn | S::Refused | S::Revoked | S::Invalidated => 3,
        S::Given | S::Renewed => 2,
        S::Requested | S::Expired => 1,
        S::Unknown => 0,
    }
}

/// The stricter of two states of one purpose. Of two that allow, the one that covers less, and then the later.
fn stricter(a: ConsentView, b: ConsentView) -> ConsentView {
    let width = |v: &ConsentView| if v.goods.is_empty() { usize::MAX } else { v.goods.len() };
    let rank = |v: &ConsentView| (restricts(v), usize::MAX - width(v), v.since);
    if rank(&b) > rank(&a) { b } else { a }
}

impl Person {
    /// Takes in what is known of the other. What the contact itself has comes first where only one can be.
    fn take_in(&mut self, other: Self) -> Result<()> {
        if let (Some(a), Some(b)) = (&self.phone, &other.phone)
            && a != b
        {
            return Err(Error::conflict(
                "contact",
                "both have a number, and a contact has one; they are merged when one of them gave it up",
            ));
        }
        if self.phone.is_none() {
            self.phone = other.phone;
            self.us_number = other.us_number;
        }
        for bsuid in other.bsuids {
            if !self.bsuids.contains(&bsuid) {
                self.bsuids.push(bsuid);
            }
        }
        self.name = self.name.take().or(other.name);
        self.language = self.language.take().or(other.language);
        self.zone = self.zone.take().or(other.zone);
        self.country = self.country.take().or(other.country);
        for (name, value) in other.attributes {
            self.attributes.entry(name).or_insert(value);
        }
        self.provenance = self.provenance.take().or(other.provenance);
        for view in other.consents {
            let both = match self.standing(view.purpose).cloned() {
                Some(there) => stricter(there, view),
                None => view,
            };
            self.stand(both);
        }
        self.suppressed |= other.suppressed;
        self.suppressed_for_all |= other.suppressed_for_all;
        self.restricted |= other.restricted;
        for objection in other.objections {
            // Compelling grounds against one are none against the other.
            match self.objections.iter_mut().find(|o| o.scope == objection.scope) {
                Some(there) => there.compelling_grounds &= objection.compelling_grounds,
                None => self.objections.push(objection),
            }
        }
        self.desist_demanded |= other.desist_demanded;
        self.juristic &= other.juristic;
        self.over_cpa_threshold &= other.over_cpa_threshold;
        self.born = self.born.max(other.born);
        self.reported_child |= other.reported_child;
        self.guardian_consented &= other.guardian_consented;
        self.reassigned_at = self.reassigned_at.max(other.reassigned_at);
        self.registry_blocked |= other.registry_blocked;
        self.platform_stop |= other.platform_stop;
        self.unclear |= other.unclear;
        self.consent_requests += other.consent_requests;
        self.requested_by = self.requested_by.take().or(other.requested_by);
        if self.hours != other.hours {
            self.hours = None;
        }
        for (number, at) in other.inbound {
            let last = self.inbound.entry(number).or_insert(at);
            *last = (*last).max(at);
        }
        self.active_at = self.active_at.max(other.active_at);
        self.erase_at = match (self.erase_at, other.erase_at) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        for statement in other.statements {
            if !self.statements.contains(&statement) {
                self.statements.push(statement);
            }
        }
        self.created_at = self.created_at.min(other.created_at);
        Ok(())
    }
}

impl Trail {
    /// Parts what was put together. What was known of one of them is theirs again; what was learnt since stays with
    /// the one that stayed; and every no holds for both, as nobody knows any more whose it was.
    fn part(self, mut person: Person) -> (Person, Person) {
        let (mut other, keep) = (self.other, self.keep);
        if person.phone == other.phone && keep.phone != person.phone {
            person.phone.clone_from(&keep.phone);
            person.us_number = keep.us_number;
        }
        person.bsuids.retain(|b| keep.bsuids.contains(b) || !other.bsuids.contains(b));
        let give_back = |now: &mut Option<String>, theirs: &Option<String>, own: &Option<String>| {
            if *now == *theirs && own.is_none() {
                *now = None;
            }
        };
        give_back(&mut person.name, &other.name, &keep.name);
        give_back(&mut person.language, &other.language, &keep.language);
        give_back(&mut person.zone, &other.zone, &keep.zone);
        give_back(&mut person.country, &other.country, &keep.country);
        person.attributes.retain(|name, value| {
            keep.attributes.contains_key(name) || other.attributes.get(name) != Some(value)
        });
        if person.provenance == other.provenance && keep.provenance.is_none() {
            person.provenance = None;
        }
        person.statements.retain(|s| keep.statements.contains(s) || !other.statements.contains(s));
        for view in other.consents.clone() {
            if let Some(now) = person.standing(view.purpose).cloned() {
                if restricts(&now) == 3 {
                    other.stand(stricter(view, now));
                } else if now == view {
                    match keep.standing(view.purpose) {
                        Some(own) => person.stand(own.clone()),
                        None => person.consents.retain(|c| c.purpose != view.purpose),
                    }
                }
            }
        }
        for view in &person.consents {
            if restricts(view) == 3 && other.standing(view.purpose).is_none() {
                other.stand(view.clone());
            }
        }
        other.suppressed |= person.suppressed;
        other.suppressed_for_all |= person.suppressed_for_all;
        other.restricted |= person.restricted;
        other.desist_demanded |= person.desist_demanded;
        for objection in &person.objections {
            match other.objections.iter_mut().find(|o| o.scope == objection.scope) {
                Some(there) => there.compelling_grounds &= objection.compelling_grounds,
                None => other.objections.push(objection.clone()),
            }
        }
        other.registry_blocked |= person.registry_blocked;
        other.platform_stop |= person.platform_stop;
        other.unclear |= person.unclear;
        // One request for consent was made; whose number it reached is not known any more.
        other.consent_requests = other.consent_requests.max(person.consent_requests);
        (person, other)
    }
}

impl Inner {
    /// Makes one contact of two.
    pub(crate) async fn merge(&self, keep: &PersonId, other: &PersonId) -> Result<Person> {
        self.merge_two(keep, other, false).await
    }

    /// The same where WhatsApp says that the other has the number that the person has now: the former one is given up.
    pub(crate) async fn merge_moved(&self, keep: &PersonId, other: &PersonId) -> Result<Person> {
        self.merge_two(keep, other, true).await
    }

    async fn merge_two(&self, keep: &PersonId, other: &PersonId, moved: bool) -> Result<Person> {
        if keep == other {
            return Err(Error::invalid("other", "is the same contact"));
        }
        for _ in 0..50 {
            let (mut person, version) = self.person(keep).await?;
            let (merged, _) = self.person(other).await?;
            let mut kept = Trail { other: merged.clone(), keep: person.clone(), moved: Vec::new() };
            if moved && merged.phone.is_some() {
                person.phone = None;
            }
            person.take_in(merged)?;
            let mut writes = Vec::new();
            let index = Index::Subject { person: other.as_str().to_owned() };
            let theirs = self.find_all(self.query("", index, 1000)).await?;
            // Their identifiers are free before the other one gets them.
            for record in &theirs {
                if matches!(record.kind.as_str(), "contact" | "key") {
                    writes.push(Write::Delete { key: record.key(), version: record.version });
                }
            }
            let campaigns = self.campaigns_of(keep).await?;
            for record in theirs {
                if !matches!(record.kind.as_str(), "contact" | "key") {
                    let version = record.version;
                    kept.moved.push((record.kind.clone(), record.id.clone()));
                    let record = self.handed_over(record, keep, other, &campaigns)?;
                    writes.push(Write::Replace { record, version });
                }
            }
            if person.suppressed {
                writes.extend(standing::suppress(self, &mut person, self.clock.now())?);
            }
            let mut trail = Record::new(&self.account, KIND, other.as_str());
            trail.subjects = vec![keep.as_str().to_owned()];
            trail.retention = "marketing".to_owned();
            trail.expires_at = Some(self.clock.now() + TAKEN_BACK_WITHIN);
            trail.sealed =
                self.vault.seal(Sealed { person: keep.as_str(), kind: KIND, id: other.as_str() }, &kept)?;
            writes.push(Write::Put { record: trail });
            writes.push(Write::Replace { record: person.record(self)?, version });
            if let Committed::Done { .. } = self.commit(writes).await? {
                self.halt_sends_to(other);
                if person.suppressed {
                    self.halt_sends_to(keep);
                }
                self.vault.forget_key(other.as_str());
                self.changed();
                self.wake_lanes();
                return Ok(person);
            }
        }
        Err(Error::conflict("contact", "its records change all the time; try again later"))
    }

    /// A number has another owner now: whoever had it keeps everything else, and what they consented to does not hold
    /// for the new owner.
    pub(crate) async fn hand_number_over(
        &self,
        had: &PersonId,
        has: &PersonId,
        phone: &Phone,
        at: Timestamp,
    ) -> Result<()> {
        for _ in 0..50 {
            let (mut before, version) = self.person(had).await?;
            let (mut now, now_version) = self.person(has).await?;
            before.phone = None;
            before.reassigned_at = Some(before.reassigned_at.map_or(at, |there| there.max(at)));
            now.take_phone(phone);
            // The number is free before the other one gets it.
            let writes = vec![
                Write::Replace { record: before.record(self)?, version },
                Write::Replace { record: now.record(self)?, version: now_version },
            ];
            if let Committed::Done { .. } = self.commit(writes).await? {
                self.halt_sends_to(had);
                return Ok(());
            }
        }
        Err(Error::conflict("contact", "its records change all the time; try again later"))
    }

    /// Makes two contacts again of one that was made of two. Gives both: the one that stayed, and the other.
    pub(crate) async fn unmerge(&self, other: &PersonId) -> Result<(Person, Person)> {
        let unknown = || Error::not_found("merge", other.as_str());
        for _ in 0..50 {
            let trail = self.get(KIND, other.as_str()).await?.ok_or_else(unknown)?;
            if trail.sealed.is_empty() {
                return Err(unknown());
            }
            let keep: PersonId = trail.subjects.first().ok_or_else(unknown)?.as_str().into();
            let (person, version) = self.person(&keep).await?;
            let place = Sealed { person: keep.as_str(), kind: KIND, id: other.as_str() };
            let kept: Trail = self.vault.open_sealed(place, &trail.sealed)?;
            let moved: HashSet<(String, String)> = kept.moved.iter().cloned().collect();
            let (person, mut back) = kept.part(person);
            let mut writes = vec![
                Write::Replace { record: parted(self, &keep, other), version: trail.version },
                Write::Replace { record: person.record(self)?, version },
                Write::Insert { record: back.key_record(self)? },
            ];
            if back.suppressed || back.suppressed_for_all {
                writes.extend(standing::suppress(self, &mut back, self.clock.now())?);
            }
            writes.push(Write::Insert { record: back.record(self)? });
            let index = Index::Subject { person: keep.as_str().to_owned() };
            for record in self.find_all(self.query("", index, 1000)).await? {
                if moved.contains(&(record.kind.clone(), record.id.clone())) {
                    let version = record.version;
                    writes.push(Write::Replace {
                        record: self.handed_over(record, other, &keep, &[])?,
                        version,
                    });
                }
            }
            if let Committed::Done { .. } = self.commit(writes).await? {
                if person.suppressed {
                    self.halt_sends_to(other);
                }
                self.changed();
                self.wake_lanes();
                return Ok((person, back));
            }
            self.vault.forget_key(other.as_str());
        }
        Err(Error::conflict("contact", "its records change all the time; try again later"))
    }

    /// The campaigns of which somebody has a message: they get no second one.
    async fn campaigns_of(&self, person: &PersonId) -> Result<Vec<String>> {
        let index = Index::Subject { person: person.as_str().to_owned() };
        let messages = self.find_all(self.query("message", index, 1000)).await?;
        Ok(messages.into_iter().filter_map(|r| r.group).collect())
    }

    /// A record as it is once it belongs to the other: sealed with their key, found under their id.
    fn handed_over(
        &self,
        mut record: Record,
        keep: &PersonId,
        other: &PersonId,
        campaigns: &[String],
    ) -> Result<Record> {
        if !record.sealed.is_empty() {
            // An event has no id before it is stored, so that its place is sealed without one.
            let id = if record.kind == "event" { "" } else { record.id.as_str() };
            let from = Sealed { person: other.as_str(), kind: &record.kind, id };
            let to = Sealed { person: keep.as_str(), kind: &record.kind, id };
            let plain = self.vault.open_bytes(from, &record.sealed)?;
            record.sealed = self.vault.seal_bytes(to, &plain)?;
        }
        for subject in &mut record.subjects {
            if subject == other.as_str() {
                keep.as_str().clone_into(subject);
            }
        }
        if let Some((room, of)) = record.group.as_deref().and_then(|g| g.split_once('/'))
            && of == other.as_str()
        {
            record.group = Some(format!("{room}/{keep}"));
        }
        let waits = [MessageState::Queued, MessageState::Held].iter().any(|s| s.code() == record.state);
        let twice = record.group.as_ref().is_some_and(|g| campaigns.contains(g));
        if record.kind == "message" && waits && twice {
            MessageState::Cancelled.code().clone_into(&mut record.state);
            (record.queue, record.due_at) = (None, None);
        }
        Ok(record)
    }

    /// The trail of a merge that cannot be taken back any more: where the contact went, and nothing of what it was.
    pub(crate) fn without_what_was(mut trail: Record) -> Write {
        let version = trail.version;
        trail.sealed.clear();
        trail.expires_at = None;
        Write::Replace { record: trail, version }
    }

    /// What was put together with a contact or taken from it again.
    pub(crate) async fn merges_of(&self, id: &PersonId) -> Result<Vec<Record>> {
        let index = Index::Subject { person: id.as_str().to_owned() };
        self.find_all(self.query(KIND, index, 1000)).await
    }

    /// Where a contact went, if it was merged into another; also over several steps.
    pub(crate) async fn merged_into(&self, id: &PersonId) -> Result<Option<PersonId>> {
        let (mut found, mut at) = (None, id.clone());
        for _ in 0..20 {
            let Some(trail) = self.get(KIND, at.as_str()).await?.filter(|t| t.state != PARTED) else { break };
            let Some(next) = trail.subjects.first() else { break };
            at = next.as_str().into();
            found = Some(at.clone());
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        consent::{ConsentSource, ConsentStatus},
        messaging::Purpose,
    };

    fn view(status: ConsentStatus, hour: i64) -> ConsentView {
        ConsentView {
            purpose: Purpose::Marketing,
            status,
            since: chrono::DateTime::from_timestamp(1_790_000_000 + hour * 3600, 0).unwrap(),
            source: ConsentSource::Form,
            demonstrable: true,
            notice: None,
            valid_until: None,
            confirmed_at: None,
            goods: Vec::new(),
            channels: Vec::new(),
        }
    }

    fn person(id: &str) -> Person {
        Person::new(id.into(), chrono::DateTime::from_timestamp(1_790_000_000, 0).unwrap())
    }

    #[test]
    fn what_is_merged_can_be_parted_and_no_no_is_lost() {
        let (mut keep, mut other) = (person("keep"), person("other"));
        keep.phone = Some("+27832885137".into());
        other.bsuids = vec!["ZA.1".into()];
        other.name = Some("Thandi".into());
        other.attributes.insert("city".into(), "Cape Town".into());
        other.statements = vec!["I never lived there.".into()];
        other.consents = vec![view(ConsentStatus::Given, 1)];
        let trail = Trail { other: other.clone(), keep: keep.clone(), moved: Vec::new() };
        let mut merged = keep.clone();
        merged.take_in(other.clone()).unwrap();
        assert_eq!(merged.statements, other.statements);
        merged.attributes.insert("shop".into(), "Long Street".into());
        let (stays, back) = trail.part(merged);
        assert_eq!((&stays.phone, stays.bsuids.len(), &stays.name), (&keep.phone, 0, &None));
        assert_eq!(stays.attributes.keys().collect::<Vec<_>>(), ["shop"], "what was learnt since stays");
        assert!(stays.consents.is_empty() && stays.statements.is_empty());
        assert_eq!((&back.bsuids, &back.name, &back.consents), (&other.bsuids, &other.name, &other.consents));

        let trail = Trail { other: other.clone(), keep: keep.clone(), moved: Vec::new() };
        let mut merged = keep;
        merged.take_in(other).unwrap();
        merged.stand(view(ConsentStatus::Withdrawn, 5));
        merged.suppressed = true;
        let (stays, back) = trail.part(merged);
        for one in [&stays, &back] {
            assert_eq!(one.standing(Purpose::Marketing).unwrap().status, ConsentStatus::Withdrawn);
            assert!(one.suppressed);
        }
    }

    #[test]
    fn a_no_beats_a_yes_whichever_came_later_and_whoever_is_kept() {
        for no in [
            ConsentStatus::Withdrawn,
            ConsentStatus::Refused,
            ConsentStatus::Revoked,
            ConsentStatus::Invalidated,
        ] {
            for (a, b) in [(1, 2), (2, 1)] {
                let (no, yes) = (view(no, a), view(ConsentStatus::Given, b));
                assert_eq!(stricter(no.clone(), yes.clone()), no);
                assert_eq!(stricter(yes, no.clone()), no);
            }
        }
        let narrow = ConsentView { goods: vec!["coffee".into()], ..view(ConsentStatus::Given, 1) };
        assert_eq!(stricter(view(ConsentStatus::Given, 2), narrow.clone()), narrow);
        assert_eq!(stricter(view(ConsentStatus::Requested, 2), narrow.clone()), narrow);
    }
}
