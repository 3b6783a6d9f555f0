//! The end of a person's data, in one commit: their key, and every record that concerns them. What outlives it
//! names nobody, or is what a law wants kept: restricted, and sealed under a key of its own.

use std::{collections::BTreeMap, sync::atomic::Ordering};

use serde::{Deserialize, Serialize};

use crate::{
    consent::standing,
    engine::Inner,
    messaging::{MessageState, row::Row},
    people::{Person, merge},
    registers,
    storage::{Committed, Index, Record, Write},
    values::{
        error::{Error, Result},
        ids::PersonId,
        quiet::quiet_debug,
        time::Timestamp,
    },
    vault::Sealed,
};

/// The kind of a proof.
pub(crate) const PROOF: &str = "erasure";
/// The kind of what a law wants kept.
pub(crate) const RETAINED: &str = "retained";

/// Why somebody is erased.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErasureGround {
    /// They asked for it (GDPR 17, POPIA s24).
    #[default]
    Request,
    /// They are a child, as a guardian says.
    Child,
    /// Their time is over (POPIA s14, GDPR 5(1)(e)).
    Retention,
    /// The host decided so.
    Host,
}

/// How to erase somebody.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ErasureOptions {
    /// Why.
    pub ground: ErasureGround,
    /// The request that it answers.
    pub request: Option<String>,
}

/// What is kept after an erasure because a law wants it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RetainedPart {
    /// The retention class, for example `transaction`.
    pub retention: String,
    /// How many records.
    pub count: i64,
    /// When the last of them goes.
    pub until: Timestamp,
    /// The provision that wants it kept.
    pub provision: String,
}

/// The proof of an erasure. It names nobody.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct ErasureProof {
    /// The person, as nobody but this account can make it and nobody can reverse it.
    pub pseudonym: String,
    /// When.
    pub at: Timestamp,
    /// Why.
    pub ground: ErasureGround,
    /// Whether it is done. While a legal hold stands the data is kept, restricted, and nothing is sent.
    pub done: bool,
    /// The holds that stand against it, by their reference.
    pub held_by: Vec<String>,
    /// How many records went, by kind.
    pub erased: BTreeMap<String, i64>,
    /// What a law wants kept.
    pub retained: Vec<RetainedPart>,
    /// Who got the data and must be told of the erasure (GDPR 19, POPIA s24(3)).
    pub recipients: Vec<String>,
    /// Whether their addresses stay on the suppression list.
    pub suppressed: bool,
    /// The request that it answers.
    pub request: Option<String>,
    /// How: for the register of processing.
    pub method: String,
}
quiet_debug! { ErasureProof { pseudonym, at, ground, done } }

/// What is stored of a proof; `pseudonyms` is what the journal takes over.
#[derive(Serialize, Deserialize)]
pub(crate) struct Kept {
    /// The person's, and those of contacts that were merged into them.
    pub(crate) pseudonyms: Vec<String>,
    pub(crate) proof: ErasureProof,
}

/// A retained record, as it is sealed.
#[derive(Serialize, Deserialize)]
pub(crate) struct RetainedBody {
    pub(crate) kind: String,
    pub(crate) id: String,
    pub(crate) clear: String,
    /// What was sealed of it.
    pub(crate) sealed: serde_json::Value,
    /// To whom.
    pub(crate) phone: Option<String>,
    pub(crate) name: Option<String>,
}

/// What is in clear of a retained record.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct RetainedClear {
    pub(crate) kind: String,
    pub(crate) retention: String,
    pub(crate) provision: String,
    #[serde(with = "chrono::serde::ts_milliseconds")]
    pub(crate) created_at: Timestamp,
    #[serde(with = "chrono::serde::ts_milliseconds")]
    pub(crate) since: Timestamp,
}

const METHOD: &str = "data key destroyed, records removed, in one commit";
/// The longest floor for what documents a transaction.
const FLOOR: &str = "Companies Act 71 of 2008 s24 (7 years)";

impl Inner {
    /// Erases a person. Afterwards nothing of them can be read, whatever copies of records remain: the key is gone.
    pub(crate) async fn erase(&self, person: &PersonId, options: &ErasureOptions) -> Result<ErasureProof> {
        let leave = self.recorder.leaving.begin(person.as_str()).await;
        for _ in 0..50 {
            let now = self.clock.now();
            let (mut known, version) = self.person(person).await?;
            let held_by = self.holds_on(&known, now).await?;
            if !held_by.is_empty() {
                if let Some(proof) = self.put_off(&mut known, version, options, held_by, now).await? {
                    return Ok(proof);
                }
                continue;
            }
            let index = Index::Subject { person: person.as_str().to_owned() };
            let records = self.find_all(self.query("", index, 1000)).await?;
            let (recipients, end) = match self.ends(&records, &known, now).await {
                Ok(ends) => ends,
                Err(e) => {
                    // Whoever was erased meanwhile is not found: their key went with them.
                    self.person(person).await?;
                    return Err(e);
                }
            };
            let mut proof = ErasureProof {
                pseudonym: self.pseudonym(person),
                at: now,
                ground: options.ground,
                done: true,
                held_by: Vec::new(),
                erased: end.erased,
                retained: end.retained.into_values().collect(),
                recipients,
                suppressed: known.suppressed,
                request: options.request.clone(),
                method: METHOD.to_owned(),
            };
            let mut writes = end.writes;
            match options.ground {
                ErasureGround::Child => writes.extend(standing::suppress_for_all(self, &mut known, now)?),
                // Whoever wants to be forgotten does not want the next list to bring them back.
                ErasureGround::Request => writes.extend(standing::suppress(self, &mut known, now)?),
                ErasureGround::Retention | ErasureGround::Host => {}
            }
            proof.suppressed = known.suppressed;
            let mut pseudonyms = vec![proof.pseudonym.clone()];
            let merged = records.iter().filter(|r| r.kind == merge::KIND && r.state != merge::PARTED);
            pseudonyms.extend(merged.map(|r| self.pseudonym(&r.id.as_str().into())));
            let kept = Kept { pseudonyms, proof: proof.clone() };
            writes.push(Write::Put { record: proof_record(self, &kept)? });
            if let Committed::Done { .. } = self.commit(writes).await? {
                leave.gone();
                self.vault.forget_key(person.as_str());
                self.halt_everything_to(person);
                self.scrub_due.store(true, Ordering::Release);
                self.changed();
                return Ok(proof);
            }
        }
        Err(Error::conflict("contact", "its records change all the time; try again later"))
    }

    /// What becomes of a person's records, and whom they were disclosed to.
    async fn ends(&self, records: &[Record], known: &Person, now: Timestamp) -> Result<(Vec<String>, End)> {
        let recipients = registers::recipients_in(self, records).await?;
        let mut end = End::default();
        for record in records {
            self.end_of(record, known, now, &mut end)?;
        }
        Ok((recipients, end))
    }

    /// A hold keeps the data and nothing else: nothing is sent, nothing is used.
    async fn put_off(
        &self,
        known: &mut Person,
        version: i64,
        options: &ErasureOptions,
        held_by: Vec<String>,
        now: Timestamp,
    ) -> Result<Option<ErasureProof>> {
        let mut writes = match options.ground {
            ErasureGround::Child => standing::suppress_for_all(self, known, now)?,
            _ => standing::suppress(self, known, now)?,
        };
        known.restricted = true;
        known.erase_at.get_or_insert(now);
        writes.push(Write::Replace { record: known.record(self)?, version });
        if let Committed::Done { .. } = self.commit(writes).await? {
            self.halt_everything_to(&known.id);
            self.changed();
            return Ok(Some(ErasureProof {
                pseudonym: self.pseudonym(&known.id),
                at: now,
                ground: options.ground,
                done: false,
                held_by,
                erased: BTreeMap::new(),
                retained: Vec::new(),
                recipients: Vec::new(),
                suppressed: true,
                request: options.request.clone(),
                method: "restricted: a legal hold keeps the data".to_owned(),
            }));
        }
        Ok(None)
    }

    /// What becomes of one record.
    fn end_of(&self, record: &Record, known: &Person, now: Timestamp, end: &mut End) -> Result<()> {
        let version = record.version;
        let person = known.id.as_str();
        // What was done about their rights is accounted for, without them.
        if record.kind == super::case::KIND {
            let mut record = record.clone();
            record.subjects.clear();
            record.sealed.clear();
            end.writes.push(Write::Replace { record, version });
            return Ok(());
        }
        if record.subjects.len() > 1 {
            // It concerns others too: their part stays. What was sealed for the one who goes cannot be read.
            let mut record = record.clone();
            if record.subjects.first().is_some_and(|s| s == person) {
                record.sealed.clear();
            }
            record.subjects.retain(|s| s != person);
            end.writes.push(Write::Replace { record, version });
            *end.erased.entry("part".to_owned()).or_default() += 1;
            return Ok(());
        }
        if let Some(until) = self.kept_by_law(record, now)? {
            let (key, kept) = self.retain(record, known, until, now)?;
            end.writes.extend([key, kept]);
            let part = end.retained.entry(record.retention.clone()).or_insert_with(|| RetainedPart {
                retention: record.retention.clone(),
                count: 0,
                until,
                provision: FLOOR.to_owned(),
            });
            part.count += 1;
            part.until = part.until.max(until);
        }
        end.writes.push(Write::Delete { key: record.key(), version });
        *end.erased.entry(record.kind.clone()).or_default() += 1;
        Ok(())
    }

    /// Until when a law wants this record, if one does: what documents a transaction that took place.
    fn kept_by_law(&self, record: &Record, now: Timestamp) -> Result<Option<Timestamp>> {
        if record.kind != "message" || record.retention != "transaction" || record.sealed.is_empty() {
            return Ok(None);
        }
        let row = Row::read(record.clone())?;
        let happened =
            matches!(row.state(), MessageState::Accepted | MessageState::InDoubt | MessageState::Unresolved);
        let until = self.retention_rules().transaction_until(row.clear.created_at);
        Ok((happened && until > now).then_some(until))
    }

    fn retain(
        &self,
        record: &Record,
        known: &Person,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<(Write, Write)> {
        let row = Row::read(record.clone())?;
        let from = Sealed { person: known.id.as_str(), kind: &record.kind, id: &record.id };
        let body = RetainedBody {
            kind: record.kind.clone(),
            id: record.id.clone(),
            clear: record.clear.clone(),
            sealed: self.vault.open_sealed(from, &record.sealed)?,
            phone: known.phone.clone(),
            name: known.name.clone(),
        };
        let mut kept = Record::new(&self.account, RETAINED, self.new_id()?);
        let name = format!("{RETAINED}/{}", kept.id);
        let mut key = Record::new(&self.account, "key", name.clone());
        key.subjects = vec![name.clone()];
        key.retention = "key".to_owned();
        key.sealed = self.vault.new_key(&name)?;
        kept.state = "restricted".to_owned();
        kept.subjects = vec![name.clone()];
        kept.retention.clone_from(&record.retention);
        kept.expires_at = Some(until);
        kept.clear = crate::messaging::row::encode(&RetainedClear {
            kind: record.kind.clone(),
            retention: record.retention.clone(),
            provision: FLOOR.to_owned(),
            created_at: row.clear.created_at,
            since: now,
        })?;
        kept.sealed = self.vault.seal(Sealed { person: &name, kind: RETAINED, id: &kept.id }, &body)?;
        Ok((Write::Insert { record: key }, Write::Insert { record: kept }))
    }
}

#[derive(Default)]
struct End {
    writes: Vec<Write>,
    erased: BTreeMap<String, i64>,
    retained: BTreeMap<String, RetainedPart>,
}

pub(crate) fn proof_record(engine: &Inner, kept: &Kept) -> Result<Record> {
    let mut record = Record::new(&engine.account, PROOF, kept.proof.pseudonym.clone());
    record.state = "erased".to_owned();
    record.retention = "account".to_owned();
    record.clear = crate::messaging::row::encode(kept)?;
    Ok(record)
}
