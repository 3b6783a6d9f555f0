//! Requests of data subjects as the host sees them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::deadlines::{RequestDeadlines, RightKind};
use crate::{
    policy::{ObjectionScope, Regime},
    values::{ids::PersonId, quiet::quiet_debug, time::Timestamp},
};

/// By what way a request came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RequestChannel {
    /// The person's own words on WhatsApp.
    Whatsapp,
    /// Their page of preferences.
    PreferencePage,
    /// By e-mail.
    #[default]
    Email,
    /// By phone. POPIA wants it recorded (regulation 2, 17 April 2025).
    Phone,
    /// On paper.
    Post,
    /// In person.
    InPerson,
    /// Any other.
    Other,
}

impl RequestChannel {
    /// Whether who has the channel is the person: they wrote from their own number, or hold their own link.
    pub(crate) fn identifies(self) -> bool {
        matches!(self, Self::Whatsapp | Self::PreferencePage)
    }
}

/// Where a request, or one right of it, stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RequestState {
    /// It is there; nobody has looked at it.
    Received,
    /// It waits for proof of who asks (GDPR 12(6), POPIA s23(1)).
    IdentityPending,
    /// It is to be answered.
    Accepted,
    /// Part of it is done.
    InProgress,
    /// It is done. Final.
    Fulfilled,
    /// Some of it is done and some refused. Final.
    PartiallyFulfilled,
    /// It is refused, with a ground. Final.
    Refused,
    /// The person took it back. Final.
    Withdrawn,
    /// It repeats another. Final.
    Duplicate,
}

impl RequestState {
    /// The stable code, as stored.
    pub fn code(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::IdentityPending => "identity_pending",
            Self::Accepted => "accepted",
            Self::InProgress => "in_progress",
            Self::Fulfilled => "fulfilled",
            Self::PartiallyFulfilled => "partially_fulfilled",
            Self::Refused => "refused",
            Self::Withdrawn => "withdrawn",
            Self::Duplicate => "duplicate",
        }
    }
    /// Whether nothing more is owed.
    pub fn is_final(self) -> bool {
        !matches!(self, Self::Received | Self::IdentityPending | Self::Accepted | Self::InProgress)
    }
}

/// Whether it is known who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IdentityState {
    /// Nothing here needs it.
    NotNeeded,
    /// Their channel shows it.
    ByChannel,
    /// Proof is awaited.
    Pending,
    /// It was checked.
    Confirmed,
    /// It was checked, and it is somebody else.
    Failed,
}

/// Why a right is refused. Without one of these it is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefusalGround {
    /// Who asks could not be identified (GDPR 11(2), 12(2); POPIA s23(1)).
    IdentityUnproven,
    /// A law wants the data kept (GDPR 17(3)(b); POPIA s14(1)(a)).
    LegalObligation,
    /// Legal claims need them (GDPR 17(3)(e), 21(1)).
    LegalClaims,
    /// Freedom of expression and information (GDPR 17(3)(a)).
    FreedomOfExpression,
    /// Archiving, research or statistics in the public interest (GDPR 17(3)(d)).
    PublicInterest,
    /// Compelling grounds against an objection on other grounds than direct marketing (GDPR 21(1)).
    CompellingGrounds,
    /// Manifestly unfounded or excessive, above all when repeated (GDPR 12(5)(b)).
    Excessive,
    /// It would take from the rights of others (GDPR 15(4), 20(4); PAIA s63).
    RightsOfOthers,
    /// The data are accurate, as far as could be found out (POPIA s24(2)(d): a statement is attached instead).
    Accurate,
    /// The right does not reach these data: not by consent or contract, not given by the person (GDPR 20(1)).
    OutsideScope,
    /// There are no data.
    NoData,
}

/// A request to open.
#[derive(Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct NewRequest {
    /// Whose. Missing: nobody the account knows, and then `contact` says how to answer.
    pub person: Option<PersonId>,
    /// How to answer somebody who is no contact.
    pub contact: Option<String>,
    /// What is asked; several rights make one case.
    pub rights: Vec<RightKind>,
    /// By what way.
    pub channel: RequestChannel,
    /// When; now, if missing.
    pub received_at: Option<Timestamp>,
    /// Which law; by default that of the person's country, and the stricter of both where that is neither.
    pub regime: Option<Regime>,
    /// ISO 3166-1 alpha-2; by default the person's. Its holidays move a deadline.
    pub country: Option<String>,
    /// What the person wrote.
    pub details: Option<String>,
    /// To what they object; direct marketing, if missing.
    pub objects_to: Option<ObjectionScope>,
    /// What is wrong and what would be right, by field.
    pub corrections: BTreeMap<String, String>,
    /// Whether proof of identity is asked; by default where the channel does not show it and data would leave,
    /// change or go.
    pub needs_identity: Option<bool>,
    /// How the request is proved, for example a recording's reference.
    pub evidence: Option<String>,
}

/// One right of a request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RightStatus {
    /// Which.
    pub right: RightKind,
    /// Where it stands.
    pub state: RequestState,
    /// Why it was refused.
    pub ground: Option<RefusalGround>,
    /// When it was done or refused.
    pub ended_at: Option<Timestamp>,
    /// Its clock.
    pub deadlines: RequestDeadlines,
    /// Whether it was done at once, by the engine itself.
    pub at_once: bool,
}

/// One step in the life of a request.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct RequestStep {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: String,
    /// What, for example `opened`, `extended`, `refused`.
    pub step: String,
    /// Anything more.
    pub note: Option<String>,
}

/// A request of a data subject.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct RightsRequest {
    /// Its id.
    pub id: String,
    /// Whose; `None` for somebody the account does not know, or has erased.
    pub person: Option<PersonId>,
    /// Where it stands.
    pub state: RequestState,
    /// Each right.
    pub rights: Vec<RightStatus>,
    /// By what way it came.
    pub channel: RequestChannel,
    /// Whether it is known who asks.
    pub identity: IdentityState,
    /// Which laws bind.
    pub regimes: Vec<Regime>,
    /// Whose holidays count.
    pub country: Option<String>,
    /// When it was received.
    pub received_at: Timestamp,
    /// When the answer is due: the earliest of what is open.
    pub due_at: Option<Timestamp>,
    /// When the person was told that it takes longer, and why.
    pub extended_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// What the person wrote.
    pub details: Option<String>,
    /// How to answer somebody who is no contact.
    pub contact: Option<String>,
    /// To what they object.
    pub objects_to: Option<ObjectionScope>,
    /// What is wrong and what would be right.
    pub corrections: BTreeMap<String, String>,
    /// How the request is proved.
    pub evidence: Option<String>,
    /// What was done about it.
    pub steps: Vec<RequestStep>,
}

/// A check of who asks.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct IdentityCheck {
    /// How, for example `code sent to the number`, `identity document seen, not kept`.
    pub method: String,
    /// Whether it is the person.
    pub passed: bool,
    /// Where the proof is kept.
    pub evidence: Option<String>,
}

/// A correction.
#[derive(Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Rectification {
    /// The new values by field: `phone`, `name`, `language`, `zone`, `country`, or an attribute's name. An empty
    /// value removes a name or an attribute.
    pub changes: BTreeMap<String, String>,
    /// The person's own statement, attached where the account does not agree (POPIA s24(2)(d)).
    pub statement: Option<String>,
    /// The request that it answers.
    pub request: Option<String>,
}

/// Some requests and where to go on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RequestPage {
    /// The requests, the oldest first.
    pub requests: Vec<RightsRequest>,
    /// Give it back as `after`.
    pub next: Option<String>,
}

/// Something that a human must do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DueItem {
    /// The request.
    pub request: String,
    /// The right.
    pub right: RightKind,
    /// Where the request stands.
    pub state: RequestState,
    /// What is to be done.
    pub action: String,
    /// By when.
    pub due_at: Timestamp,
    /// How much of the time is gone: 0, 50, 80 or 100 percent.
    pub alarm: i32,
    /// Whether it is late: then it is a breach of the law or of the account's own promise.
    pub overdue: bool,
    /// Until when the person can be told that it takes longer; `None` where it cannot.
    pub extension_notice_by: Option<Timestamp>,
}

/// What a human must do, the most urgent first.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct DueList {
    /// All that is open.
    pub items: Vec<DueItem>,
    /// How many are late.
    pub overdue: i64,
    /// How many are due within a day.
    pub today: i64,
}

/// Something that is kept after an erasure because a law wants it.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct RetainedItem {
    /// Its id.
    pub id: String,
    /// What it was: `message`.
    pub kind: String,
    /// Its retention class.
    pub retention: String,
    /// The provision that wants it kept.
    pub provision: String,
    /// From when it is.
    pub created_at: Timestamp,
    /// When it goes.
    pub until: Option<Timestamp>,
    /// To whom it was, where it was opened.
    pub phone: Option<String>,
    /// Their name, where it was opened.
    pub name: Option<String>,
    /// What it says, as JSON, where it was opened.
    pub content: Option<String>,
}
quiet_debug! {
    NewRequest { channel, received_at }
    RequestStep { at, step }
    RightsRequest { id, state, channel, received_at, due_at }
    IdentityCheck { passed }
    Rectification {}
    RetainedItem { id, kind, retention, created_at }
}
