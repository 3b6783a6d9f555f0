//! Legal holds: what must not be erased, however long its time is over.

use serde::{Deserialize, Serialize};

use crate::{
    engine::Inner,
    people::Person,
    storage::{Index, Record, Write},
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
}

fn covers(hold: &LegalHold, person: &PersonId, now: Timestamp) -> bool {
    hold.until.is_none_or(|until| until > now) && hold.person.as_ref().is_none_or(|p| p == person)
}
