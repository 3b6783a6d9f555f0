//! Whose data a breach concerns.

use std::collections::{BTreeMap, HashSet};

use serde::{Deserialize, Serialize};

use crate::{
    audit::{Event, KIND as ENTRY},
    engine::Inner,
    storage::Index,
    values::{error::Result, ids::PersonId, quiet::quiet_debug, time::Timestamp},
    vault::Sealed,
};

/// Who is looked for. Conditions that are left out hold for everybody.
#[derive(Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct AffectedQuery {
    /// In one of these countries, ISO 3166-1 alpha-2.
    pub countries: Vec<String>,
    /// Known by then, for example when a copy was taken.
    pub known_by: Option<Timestamp>,
    /// Of whom a record of one of these kinds is kept: `message`, `received`, `consent`, `declaration`,
    /// `disclosure`, `request`, `event`.
    pub kinds: Vec<String>,
    /// Whose data this actor's account read or changed, by the audit log.
    pub actor: Option<String>,
    /// With `actor`: from then on.
    pub since: Option<Timestamp>,
    /// With `actor`: until then.
    pub until: Option<Timestamp>,
}
quiet_debug! { AffectedQuery { countries, kinds, known_by, since, until } }

/// Those of some contacts whom a breach concerns, and where to go on.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct AffectedPage {
    /// Who.
    pub people: Vec<PersonId>,
    /// How many, by country; `?` where it is not known. For the number in the letters, and which laws bind.
    pub by_country: BTreeMap<String, i64>,
    /// Operations of the actor on many at once, whose log does not say on whom: with one of them, take everybody.
    pub on_many: i64,
    /// Give it back as `after`.
    pub next: Option<String>,
}

impl Inner {
    pub(super) async fn affected(
        &self,
        query: &AffectedQuery,
        after: Option<String>,
        limit: i32,
    ) -> Result<AffectedPage> {
        let mut found = AffectedPage::default();
        let touched = match &query.actor {
            Some(actor) => Some(self.touched_by(actor, query, &mut found.on_many).await?),
            None => None,
        };
        let mut contacts = self.query("contact", Index::Id {}, limit);
        contacts.after = after;
        let page = self.find(contacts).await?;
        self.load_keys(page.records.iter().map(|r| r.id.as_str())).await?;
        for record in &page.records {
            let (person, _) = self.open_person(record)?;
            let country = person.country.as_deref();
            let there = query.countries.is_empty()
                || country.is_some_and(|c| query.countries.iter().any(|q| q.eq_ignore_ascii_case(c)));
            let known = query.known_by.is_none_or(|at| person.created_at <= at);
            let seen = touched.as_ref().is_none_or(|t| t.contains(&self.pseudonym(&person.id)));
            if !(there && known && seen && self.has_one_of(&person.id, &query.kinds).await?) {
                continue;
            }
            *found.by_country.entry(country.unwrap_or("?").to_owned()).or_default() += 1;
            found.people.push(person.id);
        }
        found.next = page.next;
        Ok(found)
    }

    async fn has_one_of(&self, person: &PersonId, kinds: &[String]) -> Result<bool> {
        for kind in kinds {
            let index = Index::Subject { person: person.as_str().to_owned() };
            if !self.find(self.query(kind, index, 1)).await?.records.is_empty() {
                return Ok(true);
            }
        }
        Ok(kinds.is_empty())
    }

    /// The pseudonyms of those whose data an actor had in hand.
    async fn touched_by(
        &self,
        actor: &str,
        query: &AffectedQuery,
        on_many: &mut i64,
    ) -> Result<HashSet<String>> {
        self.recorder.flush().await?;
        let mut touched = HashSet::new();
        let mut find = self.query(ENTRY, Index::Id {}, 1000);
        loop {
            let page = self.find(find.clone()).await?;
            for record in &page.records {
                let place = Sealed { person: "", kind: ENTRY, id: &record.id };
                let event: Event = self.vault.open_sealed(place, &record.sealed)?;
                let within = query.since.is_none_or(|at| event.at >= at)
                    && query.until.is_none_or(|at| event.at <= at)
                    && event.outcome == crate::audit::AuditOutcome::Admitted;
                if event.actor != actor || !within {
                    continue;
                }
                match event.subject {
                    Some(subject) => drop(touched.insert(subject)),
                    None if event.count > 1 => *on_many += 1,
                    None => {}
                }
            }
            match page.next {
                Some(next) => find.after = Some(next),
                None => return Ok(touched),
            }
        }
    }
}
