//! What comes in: one typed value for each update inside a webhook.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    AccountEvent, AppEvent, CallEvent, FlowEvent, GroupEvent, IdentityEvent, NumberEvent, TemplateEvent,
};
use crate::values::time::Timestamp;

/// A webhook as the host's HTTP server received it.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct WebhookRequest {
    /// Header names (any case) and values.
    pub headers: BTreeMap<String, String>,
    /// The raw bytes, before any decoding.
    pub body: Vec<u8>,
}

impl std::fmt::Debug for WebhookRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "WebhookRequest {{ {} headers, {} bytes }}", self.headers.len(), self.body.len())
    }
}

/// What a status says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StatusKind {
    /// WhatsApp sent it on.
    Sent,
    /// It is on the phone.
    Delivered,
    /// It was opened.
    Read,
    /// It did not arrive.
    Failed,
}

/// What a person wrote or tapped.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Reply {
    /// Text.
    Text {
        /// The text.
        body: String,
    },
    /// A tapped button or a chosen row.
    Choice {
        /// The id that the message gave it, or a template button's payload.
        id: String,
        /// What it said.
        title: String,
    },
    /// An emoji on one of our messages; empty takes it back.
    Reaction {
        /// WhatsApp's id of that message.
        message_id: String,
        /// The emoji.
        emoji: String,
    },
    /// A picture, document, voice message or sticker.
    Media {
        /// `image`, `document`, `audio`, `video` or `sticker`.
        kind: String,
        /// WhatsApp's media id.
        media_id: String,
        /// Its type.
        mime: String,
        /// What was written beside it.
        caption: Option<String>,
    },
    /// Any other kind, as JSON.
    Other {
        /// Its `type`.
        kind: String,
        /// The whole message.
        json: String,
    },
}

impl std::fmt::Debug for Reply {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let kind = match self {
            Self::Text { .. } => "Text",
            Self::Choice { .. } => "Choice",
            Self::Reaction { .. } => "Reaction",
            Self::Media { .. } => "Media",
            Self::Other { .. } => "Other",
        };
        write!(f, "Reply::{kind}(..)")
    }
}

/// One update of a webhook.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Update {
    /// A person wrote.
    Message {
        /// The phone number id that received it.
        receiver: String,
        /// WhatsApp's id of the message.
        wamid: String,
        /// The person's WhatsApp id: digits of a phone number. Missing for people without one.
        wa_id: Option<String>,
        /// The person's business-scoped id.
        user_id: Option<String>,
        /// The person's profile name.
        profile_name: Option<String>,
        /// When it was written.
        at: Timestamp,
        /// Our message that it answers, by WhatsApp's id.
        context: Option<String>,
        /// What it says.
        reply: Reply,
    },
    /// What became of a message of ours.
    Status {
        /// The phone number id that sent it.
        sender: String,
        /// WhatsApp's id of the message.
        wamid: String,
        /// What became of it.
        kind: StatusKind,
        /// When.
        at: Timestamp,
        /// What we gave the message to carry.
        echo: Option<String>,
        /// The recipient's WhatsApp id.
        wa_id: Option<String>,
        /// The recipient's business-scoped id.
        user_id: Option<String>,
        /// The error code of a failure.
        code: Option<i32>,
        /// The pricing category, where it says one.
        pricing: Option<String>,
    },
    /// A person changed their preference within WhatsApp: `stop`, `resume` or `signup`.
    Preference {
        /// The phone number id.
        receiver: String,
        /// The person's WhatsApp id.
        wa_id: Option<String>,
        /// The person's business-scoped id.
        user_id: Option<String>,
        /// `stop`, `resume` or `signup`.
        value: String,
        /// The id of the sign-up, with `signup`: part of the proof of consent.
        signup_id: Option<String>,
        /// When.
        at: Timestamp,
    },
    /// Something happened to a template.
    Template {
        /// Its name.
        name: String,
        /// Its language.
        language: String,
        /// What.
        event: TemplateEvent,
    },
    /// Something happened to a number of the business.
    Number {
        /// The phone number id, where the update has it.
        id: Option<String>,
        /// The number as people see it, where the update has it.
        display: Option<String>,
        /// When.
        at: Timestamp,
        /// What.
        event: NumberEvent,
    },
    /// Something happened to the business account.
    Account {
        /// Its id; the business portfolio's for `AccountEvent::Solution`.
        account: Option<String>,
        /// The number that it is about, as people see it, where it is about one.
        display: Option<String>,
        /// When.
        at: Timestamp,
        /// What.
        event: AccountEvent,
    },
    /// Something happened to a group.
    Group {
        /// The phone number id.
        number: String,
        /// The group's id; missing where none was made.
        group: Option<String>,
        /// When.
        at: Timestamp,
        /// What.
        event: GroupEvent,
    },
    /// WhatsApp knows a person by another number or id.
    Identity {
        /// The phone number id that they wrote to.
        receiver: String,
        /// The person's WhatsApp id, where the update has one beside the event.
        wa_id: Option<String>,
        /// The person's business-scoped id, where the update has one beside the event.
        user_id: Option<String>,
        /// When.
        at: Timestamp,
        /// What changed.
        event: IdentityEvent,
    },
    /// Something happened to a flow.
    Flow {
        /// Its id.
        flow: String,
        /// When.
        at: Timestamp,
        /// What.
        event: FlowEvent,
    },
    /// Something happened in the WhatsApp Business app beside the Cloud API.
    App {
        /// The phone number id.
        number: String,
        /// The WhatsApp id of the person whom it concerns.
        wa_id: Option<String>,
        /// Their business-scoped id.
        user_id: Option<String>,
        /// When.
        at: Timestamp,
        /// What.
        event: AppEvent,
    },
    /// Something happened to a call.
    Call {
        /// The phone number id.
        number: String,
        /// WhatsApp's id of the call.
        call: String,
        /// The WhatsApp id of the person on its other end.
        wa_id: Option<String>,
        /// Their business-scoped id.
        user_id: Option<String>,
        /// Their profile name.
        profile_name: Option<String>,
        /// When it happened.
        at: Timestamp,
        /// What.
        event: CallEvent,
    },
    /// A field that conek knows no type for, or an update that did not fit its type. Kept whole.
    Unknown {
        /// The webhook field, for example `messages`.
        field: String,
        /// The update as JSON.
        json: String,
    },
}

impl std::fmt::Debug for Update {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Message { .. } => f.write_str("Update::Message(..)"),
            Self::Status { kind, code, .. } => write!(f, "Update::Status({kind:?}, {code:?})"),
            Self::Preference { value, .. } => write!(f, "Update::Preference({value})"),
            Self::Template { name, event, .. } => write!(f, "Update::Template({name}, {event:?})"),
            Self::Number { event, .. } => write!(f, "Update::Number({event:?})"),
            Self::Account { event, .. } => write!(f, "Update::Account({event:?})"),
            Self::Group { event, .. } => write!(f, "Update::Group({event:?})"),
            Self::Identity { event, .. } => write!(f, "Update::Identity({event:?})"),
            Self::Flow { flow, event, .. } => write!(f, "Update::Flow({flow}, {event:?})"),
            Self::App { event, .. } => write!(f, "Update::App({event:?})"),
            Self::Call { .. } => f.write_str("Update::Call(..)"),
            Self::Unknown { field, .. } => write!(f, "Update::Unknown({field})"),
        }
    }
}

/// Everything inside a webhook's body.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Parsed {
    /// The updates in the order of the body.
    pub updates: Vec<Update>,
}
