//! Messages, open to the host.

use std::time::Duration;

use super::{
    content::Draft,
    model::{Message, MessagePage, MessageState, SendResult, Sent},
    row::{Attempt, Delivery, Row, lane_queue},
};
use crate::{
    audit::Scope,
    engine::Inner,
    people::contacts::limit_within,
    storage::{Committed, Index, Key, Record},
    values::{
        error::{Error, Result},
        ids::{MessageId, PersonId},
    },
};

/// The account's messages.
#[derive(Debug, Clone)]
pub struct Messages {
    pub(crate) engine: crate::engine::Session,
}

impl Messages {
    /// Queues a message, durably, and returns; the engine sends it. The gate decides now and once
    /// more right before the message leaves.
    ///
    /// Safe to drop: a message that was stored is sent whether or not anybody waits.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// use conek_core::{Content, Draft, Purpose, Recipient};
    /// let draft = Draft {
    ///     to: Recipient::Phone { number: "+27 83 288 5137".into() },
    ///     content: Content::Text { body: "Hello".into(), preview_url: false },
    ///     purpose: Purpose::Marketing,
    ///     sender: None, reply_to: None, identity_hash: None, not_before: None, expires_at: None, dedupe_key: None, goods: None,
    /// };
    /// // Nobody has consented to anything yet.
    /// assert_eq!(engine.messages().send(draft).await.unwrap_err().code(), "denied");
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `denied` with every reason when the gate says no; `invalid_input` for content that WhatsApp
    /// would refuse, an unknown template or a missing variable; `conflict` when another message was
    /// sent under the same dedupe key.
    pub async fn send(&self, draft: Draft) -> Result<Sent> {
        self.engine.admit("messages.send", Scope::MessagesSend, None)?;
        let engine = self.engine.clone();
        let sent = self.engine.run(async move { engine.enqueue(vec![draft]).await }).await?;
        sent.into_iter().next().ok_or_else(|| Error::internal("enqueue gave nothing"))?
    }

    /// Queues many messages in one go: one result for each draft, in order. At most 10,000.
    ///
    /// Safe to drop, as [`Messages::send`].
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// # let person = conek_core::doctest::consenting(&engine, "+27 83 288 5137").await?;
    /// # conek_core::doctest::template(&engine).await?;
    /// # let offer = conek_core::doctest::offer(&person);
    /// let results = engine.messages().send_many(vec![offer.clone(), offer]).await?;
    /// assert!(results.iter().all(|r| r.error_code.is_none()));
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `invalid_input` for too many drafts; what is wrong with one draft stands in its own result.
    pub async fn send_many(&self, drafts: Vec<Draft>) -> Result<Vec<SendResult>> {
        self.engine.admit_many("messages.send_many", Scope::MessagesSend, None, drafts.len())?;
        if drafts.len() > 10_000 {
            return Err(Error::invalid("drafts", "must be at most 10,000 in one call"));
        }
        let engine = self.engine.clone();
        let sent = self.engine.run(async move { engine.enqueue(drafts).await }).await?;
        Ok(sent
            .into_iter()
            .map(|r| match r {
                Ok(sent) => SendResult { sent: Some(sent), error_code: None, error_text: None },
                Err(e) => SendResult {
                    sent: None,
                    error_code: Some(e.code().to_owned()),
                    error_text: Some(e.to_string()),
                },
            })
            .collect())
    }

    /// Reads a message with what became of it.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// assert_eq!(engine.messages().get("none".into()).await.unwrap_err().code(), "not_found");
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `not_found`.
    pub async fn get(&self, id: MessageId) -> Result<Message> {
        self.engine.allow("messages.get", Scope::MessagesRead)?;
        self.read("messages.get", &id).await
    }

    async fn read(&self, operation: &str, id: &MessageId) -> Result<Message> {
        let record = self
            .engine
            .get("message", id.as_str())
            .await?
            .ok_or_else(|| Error::not_found("message", id.as_str()))?;
        if let Some(person) = record.subjects.first() {
            self.engine.about(operation, &person.as_str().into());
        }
        let mut messages = self.engine.views(vec![record]).await?;
        let message = messages.pop().ok_or_else(|| Error::not_found("message", id.as_str()))?;
        Ok(self.engine.shown_message(message))
    }

    /// Waits until a message is final, at most `timeout_ms` milliseconds, and reads it.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// # let person = conek_core::doctest::consenting(&engine, "+27 83 288 5137").await?;
    /// # conek_core::doctest::template(&engine).await?;
    /// # let offer = conek_core::doctest::offer(&person);
    /// let sent = engine.messages().send(offer).await?;
    /// let message = engine.messages().wait(sent.id, 100).await?;
    /// println!("{:?}", message.state);
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `not_found`. Running out of time is no error: look at the message's state.
    pub async fn wait(&self, id: MessageId, timeout_ms: i32) -> Result<Message> {
        self.engine.allow("messages.wait", Scope::MessagesRead)?;
        let mut changes = self.engine.changes();
        let until =
            tokio::time::Instant::now() + Duration::from_millis(u64::try_from(timeout_ms).unwrap_or(0));
        loop {
            changes.mark_unchanged();
            let state =
                self.engine.get("message", id.as_str()).await?.map(|r| MessageState::of_code(&r.state));
            let ended = state.is_none_or(|s| s.is_some_and(MessageState::is_final));
            if ended || self.engine.is_closing() {
                return self.read("messages.wait", &id).await;
            }
            if tokio::time::timeout_at(until, changes.changed()).await.is_err() {
                return self.read("messages.wait", &id).await;
            }
        }
    }

    /// Takes a message back that has not left yet.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// # let person = conek_core::doctest::consenting(&engine, "+27 83 288 5137").await?;
    /// # conek_core::doctest::template(&engine).await?;
    /// # let offer = conek_core::doctest::offer(&person);
    /// use conek_core::{Draft, messaging::MessageState};
    /// let later = Some(chrono::Utc::now() + chrono::TimeDelta::hours(1));
    /// let sent = engine.messages().send(Draft { not_before: later, ..offer }).await?;
    /// let message = engine.messages().cancel(sent.id).await?;
    /// assert_eq!(message.state, MessageState::Cancelled);
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `conflict` when it is on its way or final already; `not_found`.
    pub async fn cancel(&self, id: MessageId) -> Result<Message> {
        self.engine.admit("messages.cancel", Scope::MessagesSend, None)?;
        self.while_waiting(&id, "messages.cancel", |row| row.end(MessageState::Cancelled)).await
    }

    /// Messages to a person, the newest first, at most 1,000.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// # let person = conek_core::doctest::person(&engine, "+27 83 288 5137").await?;
    /// assert!(engine.messages().of_person(person, 10).await?.is_empty());
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `invalid_input` for a limit outside 1 to 1,000.
    pub async fn of_person(&self, person: PersonId, limit: i32) -> Result<Vec<Message>> {
        self.engine.admit("messages.of_person", Scope::MessagesRead, Some(&person))?;
        limit_within(limit, 1000)?;
        let index = Index::Subject { person: person.as_str().to_owned() };
        let mut query = self.engine.query("message", index, limit);
        query.descending = true;
        let records = self.engine.find(query).await?.records;
        self.shown(records).await
    }

    /// Messages that are held, the oldest first: after a restore they may have been sent already by
    /// the store that was lost, so that only a human may release them.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// assert!(engine.messages().held(None, 100).await?.messages.is_empty());
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `invalid_input` for a limit outside 1 to 1,000.
    pub async fn held(&self, after: Option<String>, limit: i32) -> Result<MessagePage> {
        self.engine.admit("messages.held", Scope::MessagesRead, None)?;
        limit_within(limit, 1000)?;
        let mut query = self.engine.query("message", Index::Id {}, limit);
        query.state = Some(MessageState::Held.code().to_owned());
        query.after = after;
        let page = self.engine.find(query).await?;
        Ok(MessagePage { messages: self.shown(page.records).await?, next: page.next })
    }

    /// Messages as far as the actor sees them.
    async fn shown(&self, records: Vec<crate::storage::Record>) -> Result<Vec<Message>> {
        let messages = self.engine.views(records).await?;
        Ok(messages.into_iter().map(|m| self.engine.shown_message(m)).collect())
    }

    /// Lets a held message go to its queue after all. Whoever calls this answers for the chance that
    /// the person gets it twice.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// # let person = conek_core::doctest::consenting(&engine, "+27 83 288 5137").await?;
    /// # conek_core::doctest::template(&engine).await?;
    /// # let offer = conek_core::doctest::offer(&person);
    /// use conek_core::Draft;
    /// let later = Some(chrono::Utc::now() + chrono::TimeDelta::hours(1));
    /// let sent = engine.messages().send(Draft { not_before: later, ..offer }).await?;
    /// // Only what a restore holds can be released.
    /// assert_eq!(engine.messages().release(sent.id).await.unwrap_err().code(), "conflict");
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `conflict` when it is not held; `not_found`.
    pub async fn release(&self, id: MessageId) -> Result<Message> {
        self.engine.admit("messages.release", Scope::MessagesSend, None)?;
        let engine = self.engine.clone();
        let message = self
            .while_in(&id, MessageState::Held, "messages.release", |row| {
                let queue = Some(lane_queue(&row.clear.sender));
                row.change(MessageState::Queued, queue, Some(engine.clock.now()))
            })
            .await?;
        self.engine.wake_lanes();
        Ok(message)
    }

    async fn while_waiting(
        &self,
        id: &MessageId,
        operation: &str,
        change: impl Fn(&Row) -> Result<crate::storage::Write>,
    ) -> Result<Message> {
        for _ in 0..20 {
            let record = self
                .engine
                .get("message", id.as_str())
                .await?
                .ok_or_else(|| Error::not_found("message", id.as_str()))?;
            let row = Row::read(record)?;
            if !matches!(row.state(), MessageState::Queued | MessageState::Held | MessageState::Claimed) {
                return Err(Error::conflict(
                    "message",
                    format!("it is {} and does not wait any more", row.state().code()),
                ));
            }
            if let Committed::Done { .. } = self.engine.commit(vec![change(&row)?]).await? {
                self.engine.changed();
                return self.read(operation, id).await;
            }
        }
        Err(Error::conflict("message", "it is being worked on; try again"))
    }

    async fn while_in(
        &self,
        id: &MessageId,
        state: MessageState,
        operation: &str,
        change: impl Fn(&Row) -> Result<crate::storage::Write>,
    ) -> Result<Message> {
        self.while_waiting(id, operation, |row| {
            if row.state() == state {
                change(row)
            } else {
                Err(Error::conflict("message", format!("it is {}, not {}", row.state().code(), state.code())))
            }
        })
        .await
    }
}

impl Inner {
    /// Messages as the host sees them, with their deliveries and accepted attempts, in one read.
    pub(crate) async fn views(&self, records: Vec<Record>) -> Result<Vec<Message>> {
        let rows = records.into_iter().map(Row::read).collect::<Result<Vec<_>>>()?;
        self.load_keys(rows.iter().map(Row::person)).await?;
        let mut keys: Vec<Key> = rows.iter().map(|r| self.key("delivery", r.record.id.as_str())).collect();
        let accepted: Vec<Option<String>> =
            rows.iter().map(|r| r.clear.won.as_ref().map(|won| format!("{}.{won}", r.record.id))).collect();
        keys.extend(accepted.iter().flatten().map(|id| self.key("attempt", id.as_str())));
        let mut found = self.storage.get(keys).await?;
        let mut attempts = found.split_off(rows.len()).into_iter();
        rows.iter()
            .zip(found)
            .zip(accepted)
            .map(|((row, delivery), accepted)| {
                let attempt = match accepted.and_then(|_| attempts.next()).flatten() {
                    Some(record) => Some(Attempt::read(self, &record)?),
                    None => None,
                };
                row.view(self, attempt.as_ref(), delivery.as_ref().map(Delivery::read).as_ref())
            })
            .collect()
    }
}
