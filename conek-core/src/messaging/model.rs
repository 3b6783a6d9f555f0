//! Messages and templates as the host sees them.

use serde::{Deserialize, Serialize};

use super::content::{Content, Purpose};
use crate::{
    policy::Decision,
    values::{
        ids::{CampaignId, MessageId, PersonId},
        quiet::quiet_debug,
        time::Timestamp,
    },
};

/// Where a message stands in the send protocol (see `ARCHITECTURE.md`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MessageState {
    /// Waits for a release, for example after a restore.
    Held,
    /// Waits for its time and its turn.
    Queued,
    /// Taken by a worker; nothing has left yet.
    Claimed,
    /// The intent is stored and the request may be on its way.
    Dispatching,
    /// It may have been accepted; evidence is awaited and nothing is repeated.
    InDoubt,
    /// WhatsApp accepted it. Final.
    Accepted,
    /// WhatsApp refused it for good. Final.
    Refused,
    /// The gate said no. Final.
    Suppressed,
    /// It stayed in doubt until no evidence can come any more. Final, unless evidence comes after all.
    Unresolved,
    /// The host took it back before it left. Final.
    Cancelled,
    /// Its time ran out before it left. Final.
    Expired,
}

impl MessageState {
    /// Every state.
    pub const ALL: [Self; 11] = [
        Self::Held,
        Self::Queued,
        Self::Claimed,
        Self::Dispatching,
        Self::InDoubt,
        Self::Accepted,
        Self::Refused,
        Self::Suppressed,
        Self::Unresolved,
        Self::Cancelled,
        Self::Expired,
    ];
    /// The stable code, as stored.
    pub fn code(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Queued => "queued",
            Self::Claimed => "claimed",
            Self::Dispatching => "dispatching",
            Self::InDoubt => "in_doubt",
            Self::Accepted => "accepted",
            Self::Refused => "refused",
            Self::Suppressed => "suppressed",
            Self::Unresolved => "unresolved",
            Self::Cancelled => "cancelled",
            Self::Expired => "expired",
        }
    }
    /// The state of a stored code.
    pub fn of_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.code() == code)
    }
    /// Whether nothing more happens to the message by itself.
    pub fn is_final(self) -> bool {
        !matches!(self, Self::Held | Self::Queued | Self::Claimed | Self::Dispatching | Self::InDoubt)
    }
}

/// A message and what became of it.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Message {
    /// Its id.
    pub id: MessageId,
    /// To whom.
    pub person: PersonId,
    /// Why.
    pub purpose: Purpose,
    /// The phone number id that sends.
    pub sender: String,
    /// The campaign it belongs to.
    pub campaign: Option<CampaignId>,
    /// Where it stands.
    pub state: MessageState,
    /// What the gate said last.
    pub decision: Decision,
    /// What it says; `None` once its content was erased or for a person who was left out.
    pub content: Option<Content>,
    /// How often a send was tried.
    pub attempts: i32,
    /// WhatsApp's id, once accepted.
    pub wamid: Option<String>,
    /// WhatsApp's error code of a refusal or failure.
    pub error_code: Option<i32>,
    /// When it was queued.
    pub created_at: Timestamp,
    /// When it is due, while it waits.
    pub due_at: Option<Timestamp>,
    /// When WhatsApp sent it on.
    pub sent_at: Option<Timestamp>,
    /// When it reached the phone.
    pub delivered_at: Option<Timestamp>,
    /// When it was opened.
    pub read_at: Option<Timestamp>,
    /// When WhatsApp reported that it failed.
    pub failed_at: Option<Timestamp>,
}
quiet_debug! { Message { id, person, purpose, state, attempts, error_code } }

/// Some messages and where to go on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MessagePage {
    /// The messages.
    pub messages: Vec<Message>,
    /// Give it back as `after`.
    pub next: Option<String>,
}

/// The answer to `send`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sent {
    /// The message's id.
    pub id: MessageId,
    /// The person's id.
    pub person: PersonId,
    /// `queued`, or where the message stands if the dedupe key was known.
    pub state: MessageState,
    /// Whether the dedupe key was known and nothing new was queued.
    pub existed: bool,
    /// When it is due.
    pub due_at: Option<Timestamp>,
    /// What the gate said.
    pub decision: Decision,
}

/// One result of `send_many`: exactly one of the two is there.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SendResult {
    /// The message, if it was queued.
    pub sent: Option<Sent>,
    /// The error's code, if not.
    pub error_code: Option<String>,
    /// The error's text, if not.
    pub error_text: Option<String>,
}
