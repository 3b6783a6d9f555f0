//! Asking the gate.

use std::sync::Arc;

use super::{Decision, Explanation, gate};
use crate::{
    engine::Inner,
    messaging::{
        Draft,
        row::{Attempt, Row},
    },
    storage::{Record, Write},
    values::{
        error::{Error, Result},
        ids::MessageId,
    },
};

/// The gate, for questions.
#[derive(Debug, Clone)]
pub struct Policy {
    pub(crate) engine: Arc<Inner>,
}

impl Policy {
    /// What the gate would say about a message now, with every reason and its provision. Nothing is
    /// queued.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// # let person = conek_core::doctest::person(&engine, "+27 83 288 5137").await?;
    /// use conek_core::{Content, Draft, Purpose, Recipient};
    /// let why = engine.policy().check(Draft {
    ///     to: Recipient::Person { id: person },
    ///     content: Content::Text { body: "Hello".into(), preview_url: false },
    ///     purpose: Purpose::Marketing,
    ///     sender: None, reply_to: None, not_before: None, expires_at: None, dedupe_key: None,
    /// }).await?;
    /// assert_eq!(why.decision.reasons()[0].code, "NO_CONSENT");
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `invalid_input` for a draft that could never be sent; `not_found` for an unknown contact id.
    pub async fn check(&self, draft: Draft) -> Result<Explanation> {
        self.engine.explain_draft(draft).await
    }

    /// Why a message was sent, waits, or was not sent, from the facts stored with the decision.
    ///
    /// # Errors
    /// `not_found` for an unknown message; `key` when the person was erased and the facts with them.
    pub async fn explain(&self, message: MessageId) -> Result<Explanation> {
        let record = self
            .engine
            .get("message", message.as_str())
            .await?
            .ok_or_else(|| Error::not_found("message", message.as_str()))?;
        let row = Row::read(record)?;
        self.engine.load_keys(std::iter::once(row.person())).await?;
        let attempts = row.attempt_ids().into_iter().map(|id| self.engine.key("attempt", id)).collect();
        // The latest attempt's facts are those that its intent rested on.
        if let Some(record) = self.engine.storage.get(attempts).await?.into_iter().flatten().next_back() {
            let attempt = Attempt::read(&self.engine, &record)?;
            if let (Some(facts), Some(decision)) = (attempt.sealed.facts, attempt.sealed.decision) {
                return gate::explanation(decision, facts, attempt.clear.rule_set, attempt.clear.intent_at);
            }
        }
        let body = row.body(&self.engine)?;
        let at = row.clear.created_at;
        if let Some((facts, rule_set)) = body.as_ref().and_then(|b| b.facts.clone().zip(b.rule_set.clone())) {
            return gate::explanation(row.clear.decision.clone(), facts, rule_set, at);
        }
        // Waiting, and not decided about for the last time: what would be decided now.
        let (person, _) = self.engine.person(&row.person().into()).await?;
        let content = body.and_then(|b| b.content);
        let template = content.and_then(|c| self.engine.template_of(&c).ok().flatten());
        let facts = self.engine.facts(&person, &row.clear, template.as_deref(), at);
        gate::explanation(row.clear.decision.clone(), facts, self.engine.gate.rule_set(), at)
    }

    /// Decides once more from the facts stored with a message's latest attempt, by the rules of this
    /// version: the same rules give the same answer, years later.
    ///
    /// # Errors
    /// `not_found` for an unknown message, or one that no attempt was made for.
    pub async fn replay(&self, message: MessageId) -> Result<Decision> {
        let explained = self.explain(message).await?;
        self.engine
            .gate
            .decide(&[explained.facts])
            .await
            .pop()
            .ok_or_else(|| Error::internal("the gate gave no decision"))
    }

    /// Declares a day a public holiday in South Africa, as the President may (Public Holidays Act
    /// s2A), for example an election day. `YYYY-MM-DD`; declaring it again changes nothing.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// engine.policy().declare_holiday("2026-11-04".into()).await?;
    /// assert!(engine.policy().declare_holiday("4 November".into()).await.is_err());
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `invalid_input` for anything but a date.
    pub async fn declare_holiday(&self, day: String) -> Result<()> {
        let date: chrono::NaiveDate =
            day.trim().parse().map_err(|_| Error::invalid("day", "must be a date, YYYY-MM-DD"))?;
        let mut record = Record::new(&self.engine.account, "holiday", date.to_string());
        record.retention = "account".to_owned();
        self.engine.commit_all(vec![Write::Put { record }], "holiday").await?;
        self.engine.add_holiday(date.to_string());
        Ok(())
    }
}
