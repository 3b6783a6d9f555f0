//! What phones ask, and what they are answered.

use serde::{Deserialize, Serialize};

use crate::{inbound::HttpResponse, values::quiet::quiet_debug};

/// A private key of the endpoint of flows. It is a secret: `Debug` shows nothing of it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlowPrivateKey {
    /// An RSA key of 2,048 bits in PEM: `PRIVATE KEY` or `ENCRYPTED PRIVATE KEY` (PKCS#8), or `RSA PRIVATE KEY`.
    pub pem: String,
    /// What opens an encrypted one.
    #[serde(default)]
    pub passphrase: Option<String>,
}

/// Why a phone asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FlowAction {
    /// Nobody: WhatsApp looks whether the endpoint is there. Answer [`FlowAnswer::Active`].
    Ping,
    /// The flow was opened, and its first screen is wanted.
    Init,
    /// The person went back to a screen that wants to be asked for anew (`refresh_on_back`).
    Back,
    /// The person submitted a screen.
    DataExchange,
}

/// What went wrong on the phone with the answer before.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlowClientError {
    /// Its name, for example `INVALID_SCREEN_TRANSITION`.
    pub error: String,
    /// In words, where it is said.
    pub message: Option<String>,
}

/// What a phone asks. `Debug` shows nothing that the person entered.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct FlowRequest {
    /// Names the request in `answer`, which takes it once and within a minute.
    pub exchange: String,
    /// Why it asks.
    pub action: FlowAction,
    /// The screen that it comes from; none with `ping` and `init`.
    pub screen: Option<String>,
    /// What was entered or handed over: a JSON object, as text.
    pub data: String,
    /// What the message gave the flow to be recognised by. Whoever is asked decides whether it still counts.
    pub flow_token: Option<String>,
    /// The version of the protocol, for example `3.0`.
    pub version: String,
    /// Where this tells of an error instead of asking. Answer [`FlowAnswer::Acknowledged`].
    pub error: Option<FlowClientError>,
}

/// What to answer.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum FlowAnswer {
    /// To a ping: the endpoint is there.
    Active {},
    /// To an error that was told.
    Acknowledged {},
    /// This screen comes next.
    Screen {
        /// Its id.
        screen: String,
        /// What it is given: a JSON object, as text. With `error_message` in it, the phone shows that text on the
        /// screen that the person is on.
        data: String,
    },
    /// The flow is done: the phone closes it and sends the message that tells so.
    Complete {
        /// What the message carries: a JSON object, as text. The request's `flow_token` is added.
        params: String,
    },
    /// The flow token no longer counts, for example because the order was placed. Status 427: the phone closes the
    /// flow and lets nobody open it from this message again.
    TokenEnded {
        /// What the person is told.
        message: String,
    },
}

/// What came of an HTTP request: the answer itself, or what the host is to answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FlowHandled {
    /// What to answer WhatsApp with, where nothing has to be decided.
    pub response: Option<HttpResponse>,
    /// Otherwise what the phone asks: give it to `answer`.
    pub request: Option<FlowRequest>,
}

/// A file that a person put into a flow. `Debug` shows neither its name nor its bytes.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlowMedia {
    /// WhatsApp's id of it.
    pub media_id: String,
    /// Its name on the person's phone.
    pub filename: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

quiet_debug! {
    FlowPrivateKey {}
    FlowClientError { error }
    FlowRequest { action, version }
    FlowMedia { media_id }
}

impl std::fmt::Debug for FlowAnswer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Active {} => "Active",
            Self::Acknowledged {} => "Acknowledged",
            Self::Screen { .. } => "Screen(..)",
            Self::Complete { .. } => "Complete(..)",
            Self::TokenEnded { .. } => "TokenEnded(..)",
        })
    }
}
