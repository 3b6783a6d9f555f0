//! The suppression list as something that can be carried: an older copy of the database does not know who
//! opted out since, and the list must.

use serde::{Deserialize, Serialize};

use super::{Consent, standing};
use crate::{
    audit::Scope,
    engine::Inner,
    people::{Person, contacts::limit_within},
    storage::{Batch, Index, Key, Record, Write},
    values::{
        error::{Error, Result},
        time::Timestamp,
    },
};

/// What an entry stops.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SuppressionScope {
    /// Direct marketing.
    Marketing,
    /// Everything but what the law makes the account say.
    All,
}

/// An entry of the list. It names nobody: its key is the keyed hash of an address, and only an engine with the same
/// key and account finds the address in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SuppressionEntry {
    /// The keyed hash of the address.
    pub key: String,
    /// What it stops.
    pub scope: SuppressionScope,
    /// Since when; `None` where that is not known.
    pub at: Option<Timestamp>,
}

/// A page of the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SuppressionPage {
    /// Its entries.
    pub entries: Vec<SuppressionEntry>,
    /// Where the next page begins; `None` at the end.
    pub next: Option<String>,
}

const KIND: &str = "suppression";

#[derive(Deserialize)]
struct Clear {
    at: Option<Timestamp>,
}

impl Consent {
    /// The account's suppression list, at most 1,000 entries a page: keep a copy of it away from the backups,
    /// and give it to `restore_suppressions` when an older database is brought back.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// use conek_core::Recipient;
    /// engine.consent().suppress(Recipient::Phone { number: "083 288 5137".into() }).await?;
    /// let page = engine.consent().suppressions(None, 100).await?;
    /// assert!(page.entries.len() == 1 && !page.entries[0].key.contains("832885137"));
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `invalid_input` for a limit outside 1 to 1,000.
    pub async fn suppressions(&self, after: Option<String>, limit: i32) -> Result<SuppressionPage> {
        self.engine.admit("consent.suppressions", Scope::ContactsExport, None)?;
        limit_within(limit, 1000)?;
        let mut query = self.engine.query(KIND, Index::Id {}, limit);
        query.after = after;
        let page = self.engine.find(query).await?;
        let entries = page.records.iter().filter(|r| standing::holds(r)).map(|r| SuppressionEntry {
            key: r.id.clone(),
            scope: if standing::holds_for_all(r) {
                SuppressionScope::All
            } else {
                SuppressionScope::Marketing
            },
            at: serde_json::from_str::<Clear>(&r.clear).ok().and_then(|c| c.at),
        });
        Ok(SuppressionPage { entries: entries.collect(), next: page.next })
    }

    /// Adds entries of the same account's list, and suppresses every contact that they name. What holds already is
    /// not weakened. Says how many contacts were suppressed by it.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// # conek_core::doctest::person(&engine, "083 288 5137").await?;
    /// let page = engine.consent().suppressions(None, 100).await?;
    /// assert_eq!(engine.consent().restore_suppressions(page.entries).await?, 0);
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `invalid_input` for a key that is none; then nothing was added.
    pub async fn restore_suppressions(&self, entries: Vec<SuppressionEntry>) -> Result<i64> {
        self.engine.admit_many("consent.restore_suppressions", Scope::ConsentWrite, None, entries.len())?;
        let shape = self.engine.vault.suppression("whatsapp", "").len();
        if let Some(n) = entries.iter().position(|e| e.key.len() != shape || !e.key.is_ascii()) {
            return Err(Error::invalid("entries", format!("entry {n} has no key of a suppression list")));
        }
        for some in entries.chunks(1000) {
            let keys: Vec<Key> = some.iter().map(|e| self.engine.key(KIND, e.key.as_str())).collect();
            let there = self.engine.storage.get(keys.clone()).await?;
            let mut batches = Vec::new();
            for ((entry, key), there) in some.iter().zip(keys).zip(there) {
                let holds = there.as_ref().is_some_and(|r| {
                    standing::holds_for_all(r)
                        || (standing::holds(r) && entry.scope == SuppressionScope::Marketing)
                });
                if !holds {
                    let mut record = Record::new(&key.account, KIND, key.id);
                    record.state = standing::state_of(entry.scope == SuppressionScope::All).to_owned();
                    record.retention = "suppression".to_owned();
                    let at = entry.at.unwrap_or_else(|| self.engine.clock.now());
                    record.clear = format!("{{\"at\":\"{}\"}}", at.to_rfc3339());
                    batches.push(Batch { writes: vec![Write::Put { record }] });
                }
            }
            self.engine.storage.commit(batches).await?;
        }
        self.engine.recheck_suppressions().await
    }
}

impl Inner {
    /// Looks every contact up on the list, as after a restore; says how many it suppressed.
    pub(crate) async fn recheck_suppressions(&self) -> Result<i64> {
        let mut query = self.query("contact", Index::Id {}, 1000);
        let mut suppressed = 0;
        loop {
            let page = self.find(query.clone()).await?;
            let ids: Vec<String> = page.records.into_iter().map(|r| r.id).collect();
            let people = self.people(&ids).await?;
            let stood: Vec<Person> = people.into_iter().flatten().map(|(p, _)| p).collect();
            let mut looked = stood.clone();
            self.mark_suppressed(&mut looked.iter_mut().collect::<Vec<_>>()).await?;
            for (before, after) in stood.iter().zip(&looked) {
                let same = before.suppressed == after.suppressed
                    && before.suppressed_for_all == after.suppressed_for_all;
                if same {
                    continue;
                }
                self.change_person(&after.id, |p| {
                    p.suppressed_for_all |= after.suppressed_for_all;
                    Ok(((), standing::suppress(self, p, self.clock.now())?))
                })
                .await?;
                self.halt_sends_to(&after.id);
                suppressed += 1;
            }
            match page.next {
                Some(next) => query.after = Some(next),
                None => return Ok(suppressed),
            }
        }
    }
}
