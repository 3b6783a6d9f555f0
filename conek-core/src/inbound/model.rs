//! What happened, as the host follows it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    messaging::Purpose,
    rights::RightKind,
    transport::{
        AccountEvent, AppEvent, CallEvent, FlowEvent, GroupEvent, IdentityEvent, NumberEvent, Reply,
        StatusKind, TemplateEvent,
    },
    values::{
        ids::{MessageId, PersonId},
        quiet::quiet_debug,
        time::Timestamp,
    },
};

/// The answer to a stored webhook. Send 200 to WhatsApp once you have it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Ack {
    /// The stored body's id.
    pub id: String,
    /// Whether exactly this body was stored before.
    pub duplicate: bool,
}

/// An HTTP request, whatever server received it.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct HttpRequest {
    /// `GET` or `POST`.
    pub method: String,
    /// The path with its query string.
    pub path: String,
    /// Header names (any case) and values.
    pub headers: BTreeMap<String, String>,
    /// The raw body.
    pub body: Vec<u8>,
}

/// What to answer.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct HttpResponse {
    /// The status code.
    pub status: i32,
    /// Headers.
    pub headers: BTreeMap<String, String>,
    /// The body.
    pub body: Vec<u8>,
}

/// What happened.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Happening {
    /// A person wrote.
    Received {
        /// The phone number id that received it.
        receiver: String,
        /// WhatsApp's id of their message.
        wamid: String,
        /// What it says.
        reply: Reply,
    },
    /// A message of ours moved on.
    Delivery {
        /// How far.
        kind: StatusKind,
        /// The error code of a failure.
        code: Option<i32>,
    },
    /// A person opted out.
    OptedOut {
        /// Of what.
        purpose: Purpose,
    },
    /// A person opted in again.
    OptedIn {
        /// To what.
        purpose: Purpose,
    },
    /// A person said something that may mean stop. Marketing to them is suspended until it is clear.
    Unclear {
        /// WhatsApp's id of their message.
        wamid: String,
    },
    /// A person asked about their data, in a message or on their page: a request was opened.
    RightAsked {
        /// The request.
        request: String,
        /// What for.
        right: RightKind,
    },
    /// Time for what is owed to a person or an authority runs out: each of the percentages is told of once, within the
    /// hour, until it is done. The case says whom it concerns.
    Alarm {
        /// The request or the breach case.
        case: String,
        /// What is owed: the right that was asked for, or whom the breach must be told to.
        duty: String,
        /// How much of the time is gone: 50, 80 or 100. Of a breach: 80 when its warning is due, 100 when it is late.
        percent: i32,
        /// By when it is due.
        due_at: Timestamp,
    },
    /// Something happened to a template at WhatsApp. Status, category and quality are kept with the template.
    Template {
        /// Its name.
        name: String,
        /// Its language.
        language: String,
        /// What happened.
        event: TemplateEvent,
    },
    /// Something happened to a number of the business; see `platform.sender_health`.
    Number {
        /// The phone number id, where it is known.
        number: Option<String>,
        /// The number as people see it, where the update has it.
        display: Option<String>,
        /// What happened.
        event: NumberEvent,
    },
    /// Something happened to the business account.
    Account {
        /// Its id.
        account: Option<String>,
        /// The number that it is about, as people see it, where it is about one.
        display: Option<String>,
        /// What happened.
        event: AccountEvent,
    },
    /// Something happened to a group. Kept for eight days, as it speaks of several people.
    Group {
        /// The phone number id.
        number: String,
        /// The group's id; missing where none was made.
        group: Option<String>,
        /// What happened.
        event: GroupEvent,
    },
    /// WhatsApp knows a person by another number or id. Their contact has it already.
    Identity {
        /// What changed.
        event: IdentityEvent,
    },
    /// Something happened to a flow.
    Flow {
        /// Its id.
        flow: String,
        /// What happened.
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
        /// What happened.
        event: AppEvent,
    },
    /// Something happened to a call.
    Call {
        /// The phone number id.
        number: String,
        /// WhatsApp's id of the call.
        call: String,
        /// What happened.
        event: CallEvent,
    },
    /// An update that conek has no type for, whole.
    Unknown {
        /// The webhook field.
        field: String,
        /// The update as JSON.
        json: String,
    },
}

/// One event of the ordered stream.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// Its place in the stream; give it back as `after` to go on behind it.
    pub cursor: String,
    /// When it happened, by WhatsApp's time where it has one.
    pub at: Timestamp,
    /// Whom it concerns.
    pub person: Option<PersonId>,
    /// Which message of ours it concerns.
    pub message: Option<MessageId>,
    /// What happened.
    pub happening: Happening,
}

impl Happening {
    /// Whether something of a person is in it, so that it is sealed.
    pub(crate) fn is_personal(&self) -> bool {
        match self {
            Self::Received { .. }
            | Self::Unclear { .. }
            | Self::Call { .. }
            | Self::Group { .. }
            | Self::Identity { .. }
            | Self::App { .. }
            | Self::Unknown { .. } => true,
            Self::Number { event, .. } => matches!(
                event,
                NumberEvent::Security { .. } | NumberEvent::Conversion { .. } | NumberEvent::Failure { .. }
            ),
            Self::Delivery { .. }
            | Self::OptedOut { .. }
            | Self::OptedIn { .. }
            | Self::RightAsked { .. }
            | Self::Alarm { .. }
            | Self::Template { .. }
            | Self::Account { .. }
            | Self::Flow { .. } => false,
        }
    }
}

quiet_debug! { HttpRequest { method } HttpResponse { status } Happening {} Event { cursor, at, person, message } }

/// Some events and where to go on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EventPage {
    /// The events, in order.
    pub events: Vec<Event>,
    /// The cursor of the last one; stays where it was when there is none.
    pub next: Option<String>,
}
