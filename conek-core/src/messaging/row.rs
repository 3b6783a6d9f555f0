//! Messages, attempts and deliveries as stored.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::{
    content::{Content, Purpose},
    model::{Message, MessageState},
};
use crate::{
    engine::Inner,
    policy::{Decision, Facts, PolicyCase},
    storage::{Patch, Record, Token, Write},
    values::{
        error::{Error, Result},
        ids::{CampaignId, MessageId, PersonId},
        time::Timestamp,
    },
    vault::Sealed,
};

/// Where claimed and dispatching messages wait for the end of their lease.
pub(crate) const LEASED: &str = "lease";
/// Where messages in doubt wait for evidence.
pub(crate) const DOUBT: &str = "doubt";

/// The queue of a number's lane.
pub(crate) fn lane_queue(sender: &str) -> String {
    format!("lane/{sender}")
}

/// How a message may be repeated when nobody knows whether it was accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Mode {
    /// At most this many attempts that may have been accepted.
    pub(crate) most: u8,
    /// How long evidence is awaited before another attempt.
    pub(crate) window: TimeDelta,
    /// Whether statuses of later messages must have come in before.
    pub(crate) witness: bool,
}

impl Mode {
    /// At most once, for all that hurts more twice than not at all. Only one-time passwords and
    /// what the law demands are repeated.
    pub(crate) fn of(purpose: Purpose) -> Self {
        let (most, seconds, witness) = match purpose {
            Purpose::Authentication => (2, 15, false),
            Purpose::LegalNotice => (3, 30 * 60, true),
            _ => (1, 0, false),
        };
        Self { most, window: TimeDelta::seconds(seconds), witness }
    }
    pub(crate) fn at_most_once(self) -> bool {
        self.most == 1
    }
}

/// What is stored of a message in clear: nothing of the person.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Clear {
    pub(crate) purpose: Purpose,
    pub(crate) sender: String,
    #[serde(with = "chrono::serde::ts_milliseconds")]
    pub(crate) created_at: Timestamp,
    #[serde(
        with = "chrono::serde::ts_milliseconds_option",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub(crate) void_at: Option<Timestamp>,
    /// The store epochs of the attempts made, in order; the next attempt's number is one more than
    /// there are.
    #[serde(default)]
    pub(crate) tries: Vec<u16>,
    /// The attempt that was accepted, as `epoch.n`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) won: Option<String>,
    /// Whether an earlier attempt may have been accepted, as far as this store can know: then the
    /// message must never be said not to have been sent.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) maybe: bool,
    /// How often the message came back to its queue after a refusal or a failed connection.
    #[serde(default)]
    pub(crate) returns: u8,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) error_code: Option<i32>,
    #[serde(default)]
    pub(crate) has_opt_out: bool,
    #[serde(default)]
    pub(crate) names_sender: bool,
    /// Whether the text promotes, where that may not be.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) promotes: bool,
    /// Whether WhatsApp has said that this template does not leave by `/marketing_messages`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) by_messages: bool,
    /// What is promoted, in the account's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) goods: Option<String>,
    pub(crate) decision: Decision,
}

/// What is sealed of a message.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Body {
    /// Gone once the gate has said no: what will not be sent is not kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) content: Option<Content>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) reply_to: Option<String>,
    /// What a refusal rested on; an allowance's facts are with its attempt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) case: Option<PolicyCase>,
    /// The rules' version of a refusal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) rule_set: Option<String>,
}

impl Body {
    pub(crate) fn of(content: Content, reply_to: Option<String>) -> Self {
        Self { content: Some(content), reply_to, case: None, rule_set: None }
    }
    /// What is kept of a message that the gate refused.
    pub(crate) fn refused(case: PolicyCase, rule_set: &str) -> Self {
        Self { content: None, reply_to: None, case: Some(case), rule_set: Some(rule_set.to_owned()) }
    }
}

/// A message with its record.
#[derive(Clone)]
pub(crate) struct Row {
    pub(crate) record: Record,
    pub(crate) clear: Clear,
}

impl Row {
    pub(crate) fn read(record: Record) -> Result<Self> {
        let clear = serde_json::from_str(&record.clear)
            .map_err(|_| Error::internal("a message has a shape this version does not know"))?;
        Ok(Self { record, clear })
    }
    pub(crate) fn id(&self) -> MessageId {
        self.record.id.as_str().into()
    }
    pub(crate) fn person(&self) -> &str {
        self.record.subjects.first().map_or("", String::as_str)
    }
    pub(crate) fn state(&self) -> MessageState {
        MessageState::of_code(&self.record.state).unwrap_or(MessageState::Held)
    }
    pub(crate) fn body(&self, engine: &Inner) -> Result<Option<Body>> {
        if self.record.sealed.is_empty() {
            return Ok(None);
        }
        let place = Sealed { person: self.person(), kind: "message", id: &self.record.id };
        engine.vault.open_sealed(place, &self.record.sealed).map(Some)
    }
    /// The record id of attempt `n`, counted from 1.
    pub(crate) fn attempt_id(&self, n: usize) -> Option<String> {
        let epoch = self.clear.tries.get(n.checked_sub(1)?)?;
        Some(format!("{}.{epoch}.{n}", self.record.id))
    }
    /// The record ids of all attempts.
    pub(crate) fn attempt_ids(&self) -> Vec<String> {
        let mut ids: Vec<String> = (1..=self.clear.tries.len()).filter_map(|n| self.attempt_id(n)).collect();
        if let Some(won) = &self.clear.won {
            let id = format!("{}.{won}", self.record.id);
            if !ids.contains(&id) {
                ids.push(id);
            }
        }
        ids
    }
    /// The change of this message into `state`, from exactly the version that was read.
    pub(crate) fn change(
        &self,
        state: MessageState,
        queue: Option<String>,
        due_at: Option<Timestamp>,
    ) -> Result<Write> {
        Ok(Write::Change {
            patch: Patch {
                key: self.record.key(),
                version: self.record.version,
                state: state.code().to_owned(),
                queue,
                due_at,
                clear: Some(encode(&self.clear)?),
                sealed: None,
                tokens: None,
            },
        })
    }
    /// The message at the end of its way. One that may have been sent never ends as "not sent".
    pub(crate) fn end(&self, state: MessageState) -> Result<Write> {
        let denies = matches!(
            state,
            MessageState::Suppressed
                | MessageState::Cancelled
                | MessageState::Expired
                | MessageState::Refused
        );
        self.change(if denies && self.clear.maybe { MessageState::Unresolved } else { state }, None, None)
    }
    /// The message refused by the gate: its content goes, and what the refusal rested on stays.
    pub(crate) fn refuse(
        &self,
        engine: &Inner,
        state: MessageState,
        case: PolicyCase,
        rule_set: &str,
    ) -> Result<Write> {
        let mut write = self.end(state)?;
        if let Write::Change { patch } = &mut write {
            let place = Sealed { person: self.person(), kind: "message", id: &self.record.id };
            patch.sealed = Some(engine.vault.seal(place, &Body::refused(case, rule_set))?);
        }
        Ok(write)
    }
    /// The message back in its lane.
    pub(crate) fn requeue(&self, due_at: Timestamp) -> Result<Write> {
        self.change(MessageState::Queued, Some(lane_queue(&self.clear.sender)), Some(due_at))
    }
    /// The message in doubt.
    pub(crate) fn doubt(&self, look_again_at: Timestamp) -> Result<Write> {
        self.change(MessageState::InDoubt, Some(DOUBT.to_owned()), Some(look_again_at))
    }
    /// The message as the host sees it.
    pub(crate) fn view(
        &self,
        engine: &Inner,
        attempt: Option<&Attempt>,
        delivery: Option<&Delivery>,
    ) -> Result<Message> {
        let body = match self.body(engine) {
            Ok(body) => body,
            // The person was erased: what remains are the facts without content.
            Err(Error::Key { .. }) => None,
            Err(e) => return Err(e),
        };
        let d = delivery.cloned().unwrap_or_default();
        Ok(Message {
            id: self.id(),
            person: self.person().into(),
            purpose: self.clear.purpose,
            sender: self.clear.sender.clone(),
            campaign: self.record.group.as_deref().map(CampaignId::from),
            state: self.state(),
            decision: self.clear.decision.clone(),
            content: body.and_then(|b| b.content),
            attempts: i32::try_from(self.clear.tries.len()).unwrap_or(i32::MAX),
            wamid: attempt.and_then(|a| a.sealed.wamid.clone()),
            error_code: d.code.or(self.clear.error_code),
            created_at: self.clear.created_at,
            due_at: if self.state() == MessageState::Queued { self.record.due_at } else { None },
            sent_at: d.sent_at,
            delivered_at: d.delivered_at,
            read_at: d.read_at,
            failed_at: d.failed_at,
        })
    }
}

/// A new message.
pub(crate) struct NewRow<'a> {
    pub(crate) id: String,
    pub(crate) person: &'a PersonId,
    pub(crate) campaign: Option<&'a CampaignId>,
    pub(crate) state: MessageState,
    pub(crate) due_at: Option<Timestamp>,
    pub(crate) dedupe_key: Option<&'a str>,
    pub(crate) body: Option<&'a Body>,
    pub(crate) clear: &'a Clear,
}

impl NewRow<'_> {
    pub(crate) fn record(self, engine: &Inner) -> Result<Record> {
        let mut record = Record::new(&engine.account, "message", self.id);
        record.state = self.state.code().to_owned();
        record.subjects = vec![self.person.as_str().to_owned()];
        record.group = self.campaign.map(|c| c.as_str().to_owned());
        if self.state == MessageState::Queued {
            record.queue = Some(lane_queue(&self.clear.sender));
            record.due_at = self.due_at;
        }
        record.retention = retention(self.clear.purpose).to_owned();
        let (rules, at) = (engine.retention_rules(), self.clear.created_at);
        record.expires_at = Some(match record.retention.as_str() {
            "transaction" => rules.transaction_until(at),
            "support" => rules.support_until(at).unwrap_or(at),
            // It carries the decision.
            _ => rules.decision_until(at),
        });
        if let Some(key) = self.dedupe_key {
            let value = engine.vault.fingerprint("dedupe", key);
            record.tokens.push(Token { name: "dedupe".to_owned(), value, unique: true });
        }
        record.clear = encode(self.clear)?;
        if let Some(body) = self.body {
            let place = Sealed { person: self.person.as_str(), kind: "message", id: &record.id };
            record.sealed = engine.vault.seal(place, body)?;
        }
        Ok(record)
    }
}

fn retention(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::Support => "support",
        Purpose::Transactional => "transaction",
        _ => "marketing",
    }
}

/// What one attempt to send came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AttemptState {
    /// The intent is stored; nothing is known yet.
    Pending,
    /// A: accepted. Never changes again.
    Accepted,
    /// R: refused.
    Refused,
    /// N: proven not sent.
    NotSent,
    /// U: unknown.
    Unknown,
}

impl AttemptState {
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Accepted => "accepted",
            Self::Refused => "refused",
            Self::NotSent => "not_sent",
            Self::Unknown => "unknown",
        }
    }
    pub(crate) fn of_code(code: &str) -> Self {
        match code {
            "accepted" => Self::Accepted,
            "refused" => Self::Refused,
            "not_sent" => Self::NotSent,
            "pending" => Self::Pending,
            _ => Self::Unknown,
        }
    }
    /// Whether it may have been, or was, accepted.
    pub(crate) fn is_live(self) -> bool {
        matches!(self, Self::Pending | Self::Accepted | Self::Unknown)
    }
}

/// What is stored of an attempt in clear.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct AttemptClear {
    #[serde(with = "chrono::serde::ts_milliseconds")]
    pub(crate) intent_at: Timestamp,
    /// When the request began: the proof of the hour.
    #[serde(
        with = "chrono::serde::ts_milliseconds_option",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub(crate) dispatched_at: Option<Timestamp>,
    pub(crate) permit: String,
    pub(crate) rule_set: String,
    /// Whether a second live attempt is forbidden.
    pub(crate) once: bool,
    /// What resolved it: `answer`, `echo`, `button`, `recovery`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) evidence: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) code: Option<i32>,
    /// `held_for_quality_assessment`, `paused`, ... as WhatsApp answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) status: Option<String>,
}

/// What is sealed of an attempt. WhatsApp's message id is here because it contains the number.
#[derive(Clone, PartialEq, Default, Serialize, Deserialize)]
pub(crate) struct AttemptSealed {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) facts: Option<Facts>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) decision: Option<Decision>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) wamid: Option<String>,
}

/// One attempt to send one message.
#[derive(Clone)]
pub(crate) struct Attempt {
    pub(crate) id: String,
    pub(crate) message: String,
    pub(crate) person: String,
    pub(crate) version: i64,
    pub(crate) state: AttemptState,
    pub(crate) clear: AttemptClear,
    pub(crate) sealed: AttemptSealed,
}

impl Attempt {
    pub(crate) fn read(engine: &Inner, record: &Record) -> Result<Self> {
        let person = record.subjects.first().cloned().unwrap_or_default();
        let place = Sealed { person: &person, kind: "attempt", id: &record.id };
        let sealed = match engine.vault.open_sealed(place, &record.sealed) {
            Ok(sealed) => sealed,
            Err(Error::Key { .. }) => AttemptSealed::default(),
            Err(e) => return Err(e),
        };
        Ok(Self {
            message: record.id.split('.').next().unwrap_or_default().to_owned(),
            id: record.id.clone(),
            version: record.version,
            state: AttemptState::of_code(&record.state),
            clear: serde_json::from_str(&record.clear)
                .map_err(|_| Error::internal("an attempt has a shape this version does not know"))?,
            sealed,
            person,
        })
    }

    fn tokens(&self, engine: &Inner) -> Vec<Token> {
        let mut tokens = Vec::with_capacity(2);
        if self.clear.once && self.state.is_live() {
            // The database itself refuses a second live attempt of an at-most-once message.
            tokens.push(Token { name: "live".to_owned(), value: self.message.clone(), unique: true });
        }
        if let Some(wamid) = &self.sealed.wamid {
            tokens.push(Token {
                name: "wamid".to_owned(),
                value: engine.vault.fingerprint("wamid", wamid),
                unique: false,
            });
        }
        tokens
    }

    pub(crate) fn insert(&self, engine: &Inner) -> Result<Write> {
        let mut record = Record::new(&engine.account, "attempt", self.id.clone());
        record.state = self.state.code().to_owned();
        record.subjects = vec![self.person.clone()];
        record.retention = "decision".to_owned();
        record.tokens = self.tokens(engine);
        record.clear = encode(&self.clear)?;
        let place = Sealed { person: &self.person, kind: "attempt", id: &self.id };
        record.sealed = engine.vault.seal(place, &self.sealed)?;
        Ok(Write::Insert { record })
    }

    /// The change to what this attempt now is, from the version that was read.
    pub(crate) fn change(&self, engine: &Inner) -> Result<Write> {
        let place = Sealed { person: &self.person, kind: "attempt", id: &self.id };
        Ok(Write::Change {
            patch: Patch {
                key: engine.key("attempt", self.id.clone()),
                version: self.version,
                state: self.state.code().to_owned(),
                queue: None,
                due_at: None,
                clear: Some(encode(&self.clear)?),
                sealed: Some(engine.vault.seal(place, &self.sealed)?),
                tokens: Some(self.tokens(engine)),
            },
        })
    }
}

/// What became of a message on its way to the phone: facts that only grow, in any order.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(crate) struct Delivery {
    #[serde(
        with = "chrono::serde::ts_milliseconds_option",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub(crate) sent_at: Option<Timestamp>,
    #[serde(
        with = "chrono::serde::ts_milliseconds_option",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub(crate) delivered_at: Option<Timestamp>,
    #[serde(
        with = "chrono::serde::ts_milliseconds_option",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub(crate) read_at: Option<Timestamp>,
    #[serde(
        with = "chrono::serde::ts_milliseconds_option",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub(crate) failed_at: Option<Timestamp>,
    #[serde(
        with = "chrono::serde::ts_milliseconds_option",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub(crate) replied_at: Option<Timestamp>,
    #[serde(
        with = "chrono::serde::ts_milliseconds_option",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub(crate) opted_out_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) code: Option<i32>,
}

impl Delivery {
    pub(crate) fn read(record: &Record) -> Self {
        serde_json::from_str(&record.clear).unwrap_or_default()
    }
    /// The facts as one word, in which reports can count: a letter each for sent, delivered, read,
    /// answered, opted out, failed.
    pub(crate) fn state(&self) -> String {
        let mut word = String::with_capacity(6);
        for (there, letter) in [
            (self.sent_at.is_some(), 's'),
            (self.delivered_at.is_some() || self.read_at.is_some(), 'd'),
            (self.read_at.is_some(), 'r'),
            (self.replied_at.is_some(), 'a'),
            (self.opted_out_at.is_some(), 'o'),
            (self.failed_at.is_some(), 'f'),
        ] {
            if there {
                word.push(letter);
            }
        }
        word
    }
    pub(crate) fn record(
        &self,
        engine: &Inner,
        message: &str,
        person: &str,
        group: Option<String>,
    ) -> Result<Record> {
        let mut record = Record::new(&engine.account, "delivery", message);
        record.state = self.state();
        record.subjects = vec![person.to_owned()];
        record.group = group;
        record.retention = "marketing".to_owned();
        record.clear = encode(self)?;
        Ok(record)
    }
}

pub(crate) fn encode<T: Serialize>(value: &T) -> Result<String> {
    serde_json::to_string(value).map_err(|_| Error::internal("encoding clear fields"))
}
