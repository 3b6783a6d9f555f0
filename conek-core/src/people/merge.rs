//! Two contacts that are one person. Everything of the one becomes the other's, in one commit, and what is more
//! restrictive of the two holds.

use super::Person;
use crate::{
    consent::{ConsentView, standing},
    engine::Inner,
    messaging::MessageState,
    storage::{Committed, Index, Record, Write},
    values::{
        error::{Error, Result},
        ids::PersonId,
    },
    vault::Sealed,
};

/// The record that says where a contact went.
const KIND: &str = "merged";

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
        self.created_at = self.created_at.min(other.created_at);
        Ok(())
    }
}

impl Inner {
    /// Makes one contact of two.
    pub(crate) async fn merge(&self, keep: &PersonId, other: &PersonId) -> Result<Person> {
        if keep == other {
            return Err(Error::invalid("other", "is the same contact"));
        }
        for _ in 0..50 {
            let (mut person, version) = self.person(keep).await?;
            let (merged, _) = self.person(other).await?;
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
        if let Some(group) = &mut record.group
            && *group == format!("consent/{other}")
        {
            *group = format!("consent/{keep}");
        }
        let waits = [MessageState::Queued, MessageState::Held].iter().any(|s| s.code() == record.state);
        let twice = record.group.as_ref().is_some_and(|g| campaigns.contains(g));
        if record.kind == "message" && waits && twice {
            MessageState::Cancelled.code().clone_into(&mut record.state);
            (record.queue, record.due_at) = (None, None);
        }
        Ok(record)
    }

    /// Where a contact went, if it was merged into another; also over several steps.
    pub(crate) async fn merged_into(&self, id: &PersonId) -> Result<Option<PersonId>> {
        let (mut found, mut at) = (None, id.clone());
        for _ in 0..20 {
            let Some(trail) = self.get(KIND, at.as_str()).await? else { break };
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
