//! To whom personal data went: one entry for each recipient, purpose and basis, and one for each person where the
//! disclosure was of theirs alone.

use serde::{Deserialize, Serialize};

use crate::{
    engine::Inner,
    policy::{RecipientClass, SharingDecision, SharingFacts, sharing},
    storage::{Index, Record, Write},
    values::{
        error::{Error, Result},
        ids::PersonId,
        quiet::quiet_debug,
        time::{Timestamp, to_millis},
    },
    vault::Sealed,
};

/// The kind of an entry.
pub(crate) const KIND: &str = "disclosure";

/// A disclosure to enter. What may not be disclosed cannot be entered.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct NewDisclosure {
    /// Who got the data, by name.
    pub recipient: String,
    /// What is known of the disclosure: the class of recipient, the purpose, the basis.
    pub facts: SharingFacts,
    /// Which kinds of data, for example `contact`, `message_content`.
    pub categories: Vec<String>,
    /// Whose; missing: those of many, as with a service provider.
    pub person: Option<PersonId>,
    /// When; now, if missing.
    pub at: Option<Timestamp>,
    /// How many disclosures it stands for; one, if missing.
    pub count: Option<i64>,
}

/// An entry of the register of disclosures.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Disclosure {
    /// Its id.
    pub id: String,
    /// Who got the data.
    pub recipient: String,
    /// What kind of recipient it is.
    pub recipient_class: RecipientClass,
    /// What the data were for.
    pub purpose: Option<String>,
    /// Which kinds of data.
    pub categories: Vec<String>,
    /// The provision it rests on.
    pub provision: String,
    /// The contract with a service provider.
    pub contract: Option<String>,
    /// The law, order or request that an authority relied on.
    pub legal_reference: Option<String>,
    /// Whose; `None` for those of many.
    pub person: Option<PersonId>,
    /// The first time.
    pub first_at: Timestamp,
    /// The last time.
    pub last_at: Timestamp,
    /// How often.
    pub count: i64,
}
quiet_debug! { NewDisclosure { facts } Disclosure { id, recipient_class, first_at, last_at, count } }

/// Some entries and where to go on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DisclosurePage {
    /// The entries.
    pub disclosures: Vec<Disclosure>,
    /// Give it back as `after`.
    pub next: Option<String>,
}

pub(crate) fn open(engine: &Inner, record: &Record) -> Result<Disclosure> {
    let person = record.subjects.first().map_or("", String::as_str);
    engine.vault.open_sealed(Sealed { person, kind: KIND, id: &record.id }, &record.sealed)
}

impl Inner {
    /// Enters a disclosure; the same recipient, purpose and person again counts on.
    pub(super) async fn disclose(&self, new: &NewDisclosure) -> Result<Disclosure> {
        if new.recipient.trim().is_empty() {
            return Err(Error::invalid("recipient", "must name who got the data"));
        }
        if new.categories.is_empty() {
            return Err(Error::invalid("categories", "must name which kinds of data"));
        }
        let provision = match sharing::decide(&new.facts) {
            SharingDecision::Allow { provision } => provision,
            SharingDecision::Deny { reasons } => {
                return Err(Error::Denied {
                    id: String::new(),
                    detail: reasons.iter().map(|r| r.text.as_str()).collect::<Vec<_>>().join("; "),
                    reasons: reasons.into_iter().map(|r| r.code).collect(),
                });
            }
        };
        let now = self.clock.now();
        let at = new.at.map_or(now, to_millis);
        if at > now {
            return Err(Error::invalid("at", "lies in the future"));
        }
        let more = new.count.unwrap_or(1);
        if more < 1 {
            return Err(Error::invalid("count", "must be at least 1"));
        }
        let subject = new.person.as_ref().map_or("", |p| p.as_str());
        if let Some(person) = &new.person {
            self.person(person).await?;
        }
        let facts = serde_json::to_string(&new.facts).map_err(|_| Error::internal("encoding facts"))?;
        let id = self.vault.fingerprint(KIND, &format!("{subject}\n{}\n{facts}", new.recipient.trim()));
        for _ in 0..50 {
            let there = self.get(KIND, &id).await?;
            let version = there.as_ref().map_or(0, |r| r.version);
            let mut entry = match &there {
                Some(record) => open(self, record)?,
                None => Disclosure {
                    id: id.clone(),
                    recipient: new.recipient.trim().to_owned(),
                    recipient_class: new.facts.recipient,
                    purpose: new.facts.purpose.clone(),
                    categories: Vec::new(),
                    provision: provision.clone(),
                    contract: new.facts.contract.clone(),
                    legal_reference: new.facts.legal_reference.clone(),
                    person: new.person.clone(),
                    first_at: at,
                    last_at: at,
                    count: 0,
                },
            };
            for category in &new.categories {
                if !entry.categories.contains(category) {
                    entry.categories.push(category.clone());
                }
            }
            entry.first_at = entry.first_at.min(at);
            entry.last_at = entry.last_at.max(at);
            entry.count += more;
            let mut record = Record::new(&self.account, KIND, id.clone());
            record.retention = if subject.is_empty() { "account" } else { "decision" }.to_owned();
            record.subjects = new.person.iter().map(|p| p.as_str().to_owned()).collect();
            record.sealed = self.vault.seal(Sealed { person: subject, kind: KIND, id: &id }, &entry)?;
            let write = match version {
                0 => Write::Insert { record },
                version => Write::Replace { record, version },
            };
            if let crate::storage::Committed::Done { .. } = self.commit(vec![write]).await? {
                return Ok(entry);
            }
        }
        Err(Error::conflict("disclosure", "it is being changed all the time; try again later"))
    }

    /// The disclosures of many people's data: they are every contact's.
    pub(crate) async fn general_disclosures(&self) -> Result<Vec<Disclosure>> {
        let records = self.find_all(self.query(KIND, Index::Id {}, 1000)).await?;
        records.iter().filter(|r| r.subjects.is_empty()).map(|r| open(self, r)).collect()
    }
}

/// Who must be told when somebody's data change or go: the recipients of theirs, and of everybody's.
pub(crate) async fn recipients_in(engine: &Inner, records: &[Record]) -> Result<Vec<String>> {
    let mut names: Vec<String> =
        engine.general_disclosures().await?.into_iter().map(|d| d.recipient).collect();
    for record in records.iter().filter(|r| r.kind == KIND) {
        names.push(open(engine, record)?.recipient);
    }
    names.sort();
    names.dedup();
    Ok(names)
}
