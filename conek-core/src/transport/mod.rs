//! How a message leaves and what came in: the port, and the WhatsApp Cloud API behind it.

pub(crate) mod call;
mod calls;
mod events;
mod graph;
mod update;
pub mod whatsapp;

use std::fmt::{self, Debug, Formatter};

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

pub use calls::{CallEvent, CallSession};
pub use events::{
    AccountEvent, AccountRestriction, AppEvent, ChangedButton, FlowErrorCount, FlowEvent, GroupEvent,
    GroupPerson, GroupSetting, HistoryChat, HistoryMessage, IdentityEvent, NumberEvent, PartnerInfo,
    RateException, TemplateEvent,
};
pub use graph::{GraphAnswer, GraphCall, GraphMethod, GraphPayload};
pub use update::{Parsed, Reply, StatusKind, Update, WebhookRequest};
pub use whatsapp::WhatsApp;

use crate::{
    messaging::Content,
    policy::SendPermit,
    values::{
        error::{Error, Result},
        quiet::quiet_debug,
    },
};

/// Which identifier of a person a message is addressed by. `Debug` does not show it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Address {
    /// A phone number in E.164, with `+`.
    Phone {
        /// The number.
        number: String,
    },
    /// A business-scoped user id, or a parent's.
    Bsuid {
        /// The id.
        id: String,
    },
}

/// By which of WhatsApp's two ways a message leaves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Route {
    /// `/messages`, which takes every kind.
    Messages {},
    /// `/marketing_messages`, which takes marketing templates of numbers that were onboarded for it.
    Marketing {
        /// Whether WhatsApp may send by its other way when this one cannot (`CLOUD_API_FALLBACK`).
        fallback: bool,
        /// Whether Meta may use what the person does with the message to choose its audience.
        share_activity: bool,
    },
}

/// A message that the gate has let through. `Debug` shows neither to whom nor what.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Outgoing {
    /// The phone number id that sends.
    pub sender: String,
    /// To whom.
    pub to: Address,
    /// What.
    pub content: Content,
    /// WhatsApp's id of the message that this one answers.
    pub reply_to: Option<String>,
    /// The hash that the recipient's identity key must have.
    pub identity_hash: Option<String>,
    /// Comes back in every status of this message. At most 512 characters, no personal data.
    pub echo: String,
    /// By which way.
    pub route: Route,
}

quiet_debug! { Address {} Outgoing { sender } Upload { mime } }

impl Outgoing {
    /// SHA-256 over the message as JSON: what a permit is bound to.
    pub fn body_hash(&self) -> Result<[u8; 32]> {
        let json = serde_json::to_vec(self).map_err(|_| Error::internal("a message has no JSON form"))?;
        let digest = ring::digest::digest(&ring::digest::SHA256, &json);
        digest.as_ref().try_into().map_err(|_| Error::internal("SHA-256 has 32 bytes"))
    }
}

/// What is known after a send was tried. There is no third possibility between "it was not
/// accepted" and "it may have been": whoever is not sure says [`SendOutcome::Unknown`].
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum SendOutcome {
    /// Accepted.
    Accepted {
        /// WhatsApp's id of the message.
        wamid: String,
        /// `accepted`, `held_for_quality_assessment`, `paused`, or empty.
        status: String,
        /// The recipient's WhatsApp id where the answer has one.
        wa_id: Option<String>,
        /// The recipient's business-scoped id where the answer has one.
        user_id: Option<String>,
    },
    /// Refused for good or for now, and certainly not accepted.
    Refused {
        /// WhatsApp's error code; the HTTP status where the answer had no code.
        code: i32,
        /// What to do about it.
        action: Action,
    },
    /// Proven not sent: no connection, no byte of the request accepted.
    NotSent {
        /// Why, without personal data.
        detail: String,
    },
    /// It may have been accepted. Only evidence resolves it; nothing repeats it.
    Unknown {
        /// Why, without personal data.
        detail: String,
    },
}

/// What the engine does about an error code. The table is data: see [`whatsapp::errors`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Try again later, through the pacer.
    Retry,
    /// Slow this pair of numbers down: 4^n seconds.
    RetryPair,
    /// Try again after 24 hours at the earliest.
    Defer,
    /// Never send this message.
    Never,
    /// Never, and the person has opted out.
    OptOut,
    /// Stop this sender.
    StopSender,
    /// Stop this template.
    StopTemplate,
    /// Another way would work: a template instead of free text, another endpoint.
    Switch,
    /// It may have been sent: wait for evidence.
    Doubt,
}

/// A file for people's phones. `Debug` shows neither its name nor its bytes.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Upload {
    /// The phone number id that will send it.
    pub sender: String,
    /// Its type, for example `image/jpeg`.
    pub mime: String,
    /// Its name.
    pub filename: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

impl Debug for SendOutcome {
    // WhatsApp's id of a message has the recipient's number inside.
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Accepted { status, .. } => write!(f, "Accepted({status:?})"),
            Self::Refused { code, action } => write!(f, "Refused({code}, {action:?})"),
            Self::NotSent { detail } => write!(f, "NotSent({detail:?})"),
            Self::Unknown { detail } => write!(f, "Unknown({detail:?})"),
        }
    }
}

/// How messages leave and how what comes in is read.
///
/// # Behavior
/// - `send` is called once per permit and never repeats itself: one call, at most one message.
/// - `send` never says `refused` or `not_sent` when the message may have been accepted.
/// - Dropping the future of `send` may leave the message sent; the engine treats it as unknown.
/// - `verify` refuses a body whose signature is missing or wrong, and looks at the raw bytes.
/// - `parse` never fails and never panics: what it does not know it returns as [`Update::Unknown`].
#[async_trait]
pub trait Transport: Debug + Send + Sync + 'static {
    /// Sends one message. The permit is proof that the gate allowed exactly this.
    async fn send(&self, permit: SendPermit, message: Outgoing) -> SendOutcome;
    /// Uploads a file and returns its media id. Uploading the same bytes again is harmless, so that an
    /// error whose outcome is not known says `later`.
    async fn upload(&self, upload: Upload) -> Result<String>;
    /// Marks a person's message as read.
    async fn mark_read(&self, sender: String, wamid: String) -> Result<()>;
    /// Marks a person's message as read and shows them that an answer is being written. What cannot show that
    /// marks it as read.
    async fn show_typing(&self, sender: String, wamid: String) -> Result<()> {
        self.mark_read(sender, wamid).await
    }
    /// Makes one call that manages the account, and never repeats it. What was refused is an answer too; an error
    /// is a call without an answer, and says `unknown` where it may have taken effect. A transport without a Graph
    /// API behind it has none.
    async fn manage(&self, call: GraphCall) -> Result<GraphAnswer> {
        let _ = call;
        Err(Error::Unsupported { operation: "manage".to_owned() })
    }
    /// Fetches the file at an address that WhatsApp told: the second step of a download.
    async fn download(&self, url: String) -> Result<Vec<u8>> {
        let _ = url;
        Err(Error::Unsupported { operation: "download".to_owned() })
    }
    /// Checks that a webhook comes from WhatsApp, over the raw bytes.
    async fn verify(&self, request: WebhookRequest) -> Result<()>;
    /// Reads a webhook's body into updates, every one of them.
    async fn parse(&self, body: Vec<u8>) -> Parsed;
}
