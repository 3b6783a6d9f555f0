//! The chain over the entries, its signed checkpoints, and the look that finds what was changed.

use std::collections::VecDeque;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use ring::digest::{SHA256, digest};
use serde::{Deserialize, Serialize};

use super::{AuditHead, AuditReport, Event, Recorder, recorder::KIND};
use crate::{
    storage::{Batch, Index, Query, Record, Write},
    values::{
        error::{Error, Result},
        hex,
        time::{Timestamp, to_millis},
    },
    vault::Sealed,
};

/// The kind of a checkpoint; its id is that of the last entry it covers.
const CHECKPOINT: &str = "audit_checkpoint";
/// Problems named one by one; beyond that they are counted.
const NAMED: usize = 100;

/// What is stored of a checkpoint. Nothing of it is personal.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Kept {
    /// How many entries since the one before.
    count: i64,
    /// Entries that never reached the store: a process died, or a disk was full.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    gaps: Vec<String>,
    previous: String,
    hash: String,
    #[serde(with = "chrono::serde::ts_milliseconds")]
    at: Timestamp,
    signature: String,
}

/// How far the chain has been signed.
#[derive(Debug, Clone, Default)]
pub(super) struct Chain {
    last: String,
    hash: String,
    count: i64,
    gaps: Vec<String>,
    previous: String,
}

fn hashed(parts: &[&[u8]]) -> String {
    let mut all = Vec::new();
    for part in parts {
        all.extend_from_slice(&(part.len() as u64).to_be_bytes());
        all.extend_from_slice(part);
    }
    hex(digest(&SHA256, &all).as_ref())
}

/// Writer and number of an entry.
fn split(id: &str) -> Option<(&str, u64)> {
    let (writer, n) = id.rsplit_once('-')?;
    Some((writer, n.parse().ok()?))
}

impl Chain {
    /// Goes on over one entry.
    fn step(&mut self, record: &Record) {
        if let Some((writer, n)) = split(&record.id) {
            let expected = match split(&self.last) {
                Some((before, m)) if before == writer => m + 1,
                _ => 1,
            };
            self.gaps.extend((expected..n).take(NAMED).map(|m| format!("{writer}-{m:012}")));
        }
        self.hash =
            hashed(&[self.hash.as_bytes(), record.id.as_bytes(), record.clear.as_bytes(), &record.sealed]);
        self.last.clone_from(&record.id);
        self.count += 1;
    }
    /// The hash of the checkpoint here: it binds the entries, their number, the gaps and what came before.
    fn sealed_hash(&self) -> String {
        hashed(&[
            self.hash.as_bytes(),
            self.last.as_bytes(),
            &self.count.to_be_bytes(),
            self.gaps.join(",").as_bytes(),
            self.previous.as_bytes(),
        ])
    }
    /// The beginning of what follows a checkpoint.
    fn after(id: &str, hash: &str) -> Self {
        Self { last: id.to_owned(), hash: hash.to_owned(), previous: hash.to_owned(), ..Self::default() }
    }
}

fn signed_text(account: &str, id: &str, hash: &str, at: Timestamp) -> String {
    format!("conek audit 1\n{account}\n{id}\n{hash}\n{}", at.timestamp_millis())
}

impl Recorder {
    fn page(&self, kind: &str, after: Option<String>, descending: bool, limit: i32) -> Query {
        Query {
            account: self.account.clone(),
            kind: kind.to_owned(),
            index: Index::Id {},
            state: None,
            after,
            limit,
            descending,
        }
    }

    async fn last_checkpoint(&self) -> Result<Option<(String, Kept)>> {
        use crate::storage::Storage;
        let found = self.find(self.page(CHECKPOINT, None, true, 1)).await?.records.pop();
        found.map(|r| Ok((r.id.clone(), read(&r)?))).transpose()
    }

    fn head(&self, id: String, kept: Kept) -> AuditHead {
        AuditHead {
            id,
            hash: kept.hash,
            at: kept.at,
            signature: kept.signature,
            public_key: BASE64_STANDARD.encode(self.vault.public_key()),
        }
    }

    /// Signs everything that is stored and not signed yet.
    pub(crate) async fn checkpoint(&self, now: Timestamp) -> Result<Option<AuditHead>> {
        let mut held = self.chain.lock().await;
        if held.is_none() {
            *held = Some(match self.last_checkpoint().await? {
                Some((id, kept)) => Chain::after(&id, &kept.hash),
                None => Chain::default(),
            });
        }
        let Some(chain) = held.as_mut() else { return Err(Error::internal("the audit chain")) };
        let limit = self.entry_id(self.unsettled());
        let mut next = chain.clone();
        'pages: loop {
            let after = (!next.last.is_empty()).then(|| next.last.clone());
            let page = self.storage.find(self.page(KIND, after, false, 1000)).await?;
            for record in &page.records {
                if record.id >= limit {
                    break 'pages;
                }
                next.step(record);
            }
            if page.next.is_none() {
                break;
            }
        }
        if next.count > 0 {
            let at = to_millis(now);
            let hash = next.sealed_hash();
            let text = signed_text(&self.account, &next.last, &hash, at);
            let kept = Kept {
                count: next.count,
                gaps: next.gaps.clone(),
                previous: next.previous.clone(),
                hash: hash.clone(),
                at,
                signature: BASE64_STANDARD.encode(self.vault.sign(text.as_bytes())?),
            };
            let mut record = Record::new(&self.account, CHECKPOINT, next.last.clone());
            record.retention = "audit".to_owned();
            record.clear =
                serde_json::to_string(&kept).map_err(|_| Error::internal("encoding a checkpoint"))?;
            self.storage.commit(vec![Batch { writes: vec![Write::Put { record }] }]).await?;
            *chain = Chain::after(&next.last, &hash);
            self.signed();
        }
        Ok(self.last_checkpoint().await?.map(|(id, kept)| self.head(id, kept)))
    }

    /// Looks over the whole log. `known`: a head that was kept elsewhere and must still be part of it.
    pub(crate) async fn verify_chain(
        &self,
        known: Option<&AuditHead>,
        now: Timestamp,
    ) -> Result<AuditReport> {
        self.flush().await?;
        let head = self.checkpoint(now).await?;
        let mut report = AuditReport { head, ..AuditReport::default() };
        let mut more = 0usize;
        let mut say = |problems: &mut Vec<String>, text: String| {
            if problems.len() < NAMED {
                problems.push(text);
            } else {
                more += 1;
            }
        };
        let mut chain = Chain::default();
        let mut checkpoints: VecDeque<(String, Kept)> = VecDeque::new();
        let mut more_checkpoints = true;
        let mut after_checkpoint = None;
        let mut entries: VecDeque<Record> = VecDeque::new();
        let (mut more_entries, mut after_entry) = (true, None::<String>);
        let mut seen_known = known.is_none();
        loop {
            if checkpoints.is_empty() && more_checkpoints {
                let page =
                    self.storage.find(self.page(CHECKPOINT, after_checkpoint.take(), false, 1000)).await?;
                more_checkpoints = page.next.is_some();
                after_checkpoint = page.next;
                for record in &page.records {
                    match read(record) {
                        Ok(kept) => checkpoints.push_back((record.id.clone(), kept)),
                        Err(_) => {
                            say(&mut report.problems, format!("checkpoint {} cannot be read", record.id))
                        }
                    }
                }
            }
            if entries.is_empty() && more_entries {
                let page = self.storage.find(self.page(KIND, after_entry.take(), false, 1000)).await?;
                more_entries = page.next.is_some();
                after_entry = page.next;
                entries.extend(page.records);
            }
            let closes = match (checkpoints.front(), entries.front()) {
                (None, None) => break,
                (Some(_), None) => true,
                (None, Some(_)) => false,
                (Some((id, _)), Some(entry)) => entry.id > *id,
            };
            if closes {
                let Some((id, kept)) = checkpoints.pop_front() else { break };
                report.checkpoints += 1;
                let signature = BASE64_STANDARD.decode(&kept.signature).unwrap_or_default();
                let text = signed_text(&self.account, &id, &kept.hash, kept.at);
                if !self.vault.verify_signature(text.as_bytes(), &signature) {
                    say(&mut report.problems, format!("the signature of checkpoint {id} is wrong"));
                }
                if kept.previous != chain.previous {
                    say(
                        &mut report.problems,
                        format!(
                            "checkpoint {id} does not follow the one before it: one is missing or was changed"
                        ),
                    );
                    chain.previous.clone_from(&kept.previous);
                }
                if chain.gaps != kept.gaps {
                    for gap in chain.gaps.iter().filter(|g| !kept.gaps.contains(g)) {
                        say(&mut report.problems, format!("entry {gap} is missing"));
                    }
                }
                if chain.last != id {
                    say(&mut report.problems, format!("entry {id} is missing"));
                } else if chain.sealed_hash() != kept.hash {
                    say(
                        &mut report.problems,
                        format!(
                            "the entries up to {id} are not those that were signed: something was changed, removed or added"
                        ),
                    );
                }
                seen_known |= known.is_some_and(|k| k.id == id && k.hash == kept.hash);
                chain = Chain::after(&id, &kept.hash);
            } else if let Some(entry) = entries.pop_front() {
                report.entries += 1;
                let place = Sealed { person: "", kind: KIND, id: &entry.id };
                if self.vault.open_sealed::<Event>(place, &entry.sealed).is_err() {
                    say(&mut report.problems, format!("entry {} was changed", entry.id));
                }
                chain.step(&entry);
            }
        }
        if !seen_known {
            say(
                &mut report.problems,
                "the head that was kept elsewhere is not part of the log: its end was cut off or changed"
                    .to_owned(),
            );
        }
        if more > 0 {
            report.problems.push(format!("and {more} more"));
        }
        Ok(report)
    }
}

fn read(record: &Record) -> Result<Kept> {
    serde_json::from_str(&record.clear)
        .map_err(|_| Error::internal("a checkpoint has a shape this version does not know"))
}
