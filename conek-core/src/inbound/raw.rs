//! Webhook bodies as they arrived. One body speaks of many people, so no person's key can seal it:
//! it is sealed under the key of its day, which is destroyed when Meta repeats nothing any more.

use chrono::TimeDelta;
use ring::digest;

use crate::{
    engine::Inner,
    inbound::Ack,
    storage::{Committed, Index, Record, Token, Write},
    values::{
        error::{Error, Result},
        hex,
        time::Timestamp,
    },
    vault::Sealed,
};

/// Meta repeats webhooks for seven days; a day more for clocks and queues.
pub(crate) const KEPT: TimeDelta = TimeDelta::days(8);
/// The queue of stored, not yet applied bodies.
pub(crate) const QUEUE: &str = "webhooks";
/// Meta's largest webhook body (3 MB).
pub(crate) const LARGEST: usize = 3 * 1024 * 1024;

/// The name of a day's key.
pub(crate) fn day_key(at: Timestamp) -> String {
    format!("webhooks/{}", at.date_naive())
}

impl Inner {
    /// Makes the key of a day ready, and makes it if there is none.
    pub(crate) async fn load_day_key(&self, name: &str) -> Result<()> {
        for _ in 0..3 {
            self.load_keys(std::iter::once(name)).await?;
            if self.vault.has_key(name) {
                return Ok(());
            }
            let wrapped = self.vault.new_key(name)?;
            let mut record = Record::new(&self.account, "key", name);
            record.retention = "webhook".to_owned();
            record.expires_at = Some(self.clock.now() + KEPT + TimeDelta::days(1));
            record.sealed = wrapped;
            if let Committed::Done { .. } = self.commit(vec![Write::Insert { record }]).await? {
                return Ok(());
            }
            // Another task made it first: theirs is the one that counts.
            self.vault.forget_key(name);
        }
        Err(Error::internal("the day's key could not be made"))
    }

    /// Stores a body, once.
    pub(crate) async fn store_body(&self, body: &[u8]) -> Result<Ack> {
        let now = self.clock.now();
        let print = hex(digest::digest(&digest::SHA256, body).as_ref());
        let key = day_key(now);
        self.load_day_key(&key).await?;
        let id = self.new_id()?;
        let mut record = Record::new(&self.account, "webhook", id.clone());
        record.state = "stored".to_owned();
        record.queue = Some(QUEUE.to_owned());
        record.due_at = Some(now);
        record.expires_at = Some(now + KEPT);
        record.retention = "webhook".to_owned();
        record.tokens = vec![Token {
            name: "body".to_owned(),
            value: self.vault.fingerprint("body", &print),
            unique: true,
        }];
        record.clear = format!("{{\"key\":\"{key}\"}}");
        record.sealed = self.vault.seal_bytes(Sealed { person: &key, kind: "webhook", id: &id }, body)?;
        let token = record.tokens[0].clone();
        match self.commit(vec![Write::Insert { record }]).await? {
            Committed::Done { .. } => {
                self.meters.received("stored");
                Ok(Ack { id, duplicate: false })
            }
            Committed::Conflict { .. } => {
                self.meters.received("duplicate");
                let index = Index::Token { name: token.name, value: token.value };
                let there = self.find(self.query("webhook", index, 1)).await?.records.pop();
                Ok(Ack { id: there.map_or(id, |r| r.id), duplicate: true })
            }
        }
    }

    /// A stored body, opened.
    pub(crate) async fn open_body(&self, record: &Record) -> Result<Vec<u8>> {
        let key = key_named_in(record)?;
        self.load_keys(std::iter::once(key.as_str())).await?;
        let place = Sealed { person: &key, kind: "webhook", id: &record.id };
        Ok(self.vault.open_bytes(place, &record.sealed)?.to_vec())
    }
}

/// The key that a record names in its clear fields.
pub(crate) fn key_named_in(record: &Record) -> Result<String> {
    #[derive(serde::Deserialize)]
    struct Named {
        key: String,
    }
    serde_json::from_str::<Named>(&record.clear)
        .map(|n| n.key)
        .map_err(|_| Error::internal("a sealed record names no key"))
}
