//! What an answer, or its absence, proves about a send.

use std::{error::Error as StdError, io};

use reqwest::{Response, StatusCode};
use serde::{Deserialize, de::IgnoredAny};
use serde_json::value::RawValue;

use super::errors;
use crate::{
    transport::{Action, SendOutcome},
    values::error::{Error, Result, Retry},
};

/// No answer that matters is longer.
const MAX_ANSWER: usize = 64 * 1024;

/// An answer as far as it could be read.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    /// `None` when it broke off or was too long.
    pub(super) body: Option<Vec<u8>>,
}

impl Answer {
    pub(super) async fn read(response: Response) -> Self {
        Self::read_up_to(MAX_ANSWER, response).await
    }

    /// Reads an answer of at most so many bytes.
    pub(super) async fn read_up_to(most: usize, mut response: Response) -> Self {
        let status = response.status();
        let mut body = Vec::new();
        loop {
            match response.chunk().await {
                Ok(Some(chunk)) if body.len() + chunk.len() <= most => body.extend_from_slice(&chunk),
                Ok(None) => return Self { status, body: Some(body) },
                Ok(Some(_)) | Err(_) => return Self { status, body: None },
            }
        }
    }

    /// What the answer says about the one message that was sent.
    pub(super) fn outcome(&self) -> SendOutcome {
        let status = self.status.as_u16();
        if self.status.is_success() {
            return self.accepted().unwrap_or_else(|| unknown(format!("HTTP {status} without a message id")));
        }
        if !self.status.is_client_error() {
            return unknown(format!("HTTP {status}"));
        }
        let Some(body) = &self.body else {
            return unknown(format!("HTTP {status}, and the answer broke off"));
        };
        match GraphError::read(body) {
            Some(GraphError { code, is_transient, .. }) => {
                let action = errors::action(code);
                let transient = is_transient && !errors::is_throttle(code);
                if action == Action::Doubt || transient {
                    unknown(format!("HTTP {status}, code {code}"))
                } else {
                    SendOutcome::Refused { code, action }
                }
            }
            // Without Graph's envelope only an edge can have spoken. These statuses are given instead
            // of passing a request on; 400, 408, 425 and the rest could also follow a request that was.
            None if !looks_like_json(body) => match edge_action(status) {
                Some(action) => SendOutcome::Refused { code: i32::from(status), action },
                None => unknown(format!("HTTP {status} without an error code")),
            },
            None => unknown(format!("HTTP {status} without an error code")),
        }
    }

    fn accepted(&self) -> Option<SendOutcome> {
        let answer: Accepted = serde_json::from_slice(self.body.as_deref()?).ok()?;
        let message = answer.messages.into_iter().next().filter(|m| !m.id.is_empty())?;
        // Who it went to is good to know, but its shape must not cost the acceptance.
        let contact = answer
            .contacts
            .and_then(|raw| serde_json::from_str::<Vec<Contact>>(raw.get()).ok())
            .and_then(|contacts| contacts.into_iter().next())
            .unwrap_or_default();
        let status =
            message.message_status.and_then(|raw| serde_json::from_str(raw.get()).ok()).unwrap_or_default();
        Some(SendOutcome::Accepted {
            wamid: message.id,
            status,
            wa_id: contact.wa_id,
            user_id: contact.user_id,
        })
    }

    /// The answer's body, or the error it stands for, for calls that may be repeated without harm.
    pub(super) fn body_or_error(self, what: &str) -> Result<Vec<u8>> {
        let status = self.status.as_u16();
        let fail =
            |detail: String, retry| Err(Error::Transport { detail: format!("{what}: {detail}"), retry });
        match self.body {
            Some(body) if self.status.is_success() => Ok(body),
            None => fail(format!("HTTP {status}, and the answer broke off"), Retry::Later),
            Some(body) => match GraphError::read(&body) {
                Some(error) => {
                    let action = errors::action(error.code);
                    let meaning =
                        errors::meaning(error.code).unwrap_or("See WhatsApp's list of error codes.");
                    let later = error.is_transient
                        || self.status.is_server_error()
                        || matches!(action, Action::Retry | Action::RetryPair | Action::Defer)
                        || (action == Action::Doubt && errors::meaning(error.code).is_some());
                    let retry = if later { Retry::Later } else { Retry::Never };
                    fail(format!("code {}. {meaning}", error.code), retry)
                }
                None => {
                    let later = self.status.is_server_error() || matches!(status, 408 | 425 | 429);
                    fail(format!("HTTP {status}"), if later { Retry::Later } else { Retry::Never })
                }
            },
        }
    }
}

/// What a call that got no answer proves: nothing left this computer, or nobody can know.
pub(super) fn outcome_of_failure(error: &reqwest::Error) -> SendOutcome {
    let detail = reason(error);
    if error.is_connect() || error.is_builder() { SendOutcome::NotSent { detail } } else { unknown(detail) }
}

/// The error of a call that may be repeated without harm.
pub(super) fn failure(what: &str, error: &reqwest::Error) -> Error {
    Error::Transport { detail: format!("{what}: {}", reason(error)), retry: Retry::Later }
}

/// The error of a call that changes something: unless nothing left this computer, nobody knows what it did.
pub(super) fn failure_of_change(what: &str, error: &reqwest::Error) -> Error {
    let retry = if error.is_connect() || error.is_builder() { Retry::Later } else { Retry::Unknown };
    Error::Transport { detail: format!("{what}: {}", reason(error)), retry }
}

/// Why a call failed, in our own words: the library's text has the address in it.
fn reason(error: &reqwest::Error) -> String {
    let what = if error.is_dns() {
        "the name was not found"
    } else if error.is_connect() {
        "no connection"
    } else if error.is_timeout() {
        "no answer in time"
    } else if error.is_builder() {
        "the request could not be built"
    } else {
        "the connection was lost"
    };
    let mut source = error.source();
    while let Some(inner) = source {
        if let Some(io) = inner.downcast_ref::<io::Error>() {
            return format!("{what} ({:?})", io.kind());
        }
        source = inner.source();
    }
    what.to_owned()
}

fn unknown(detail: String) -> SendOutcome {
    SendOutcome::Unknown { detail }
}

fn looks_like_json(body: &[u8]) -> bool {
    serde_json::from_slice::<IgnoredAny>(body).is_ok()
}

/// Statuses by which an edge refuses a request without passing it on.
fn edge_action(status: u16) -> Option<Action> {
    match status {
        401 | 403 | 404 => Some(Action::StopSender),
        405 | 411 | 413 | 414 | 415 | 431 => Some(Action::Never),
        429 => Some(Action::Retry),
        _ => None,
    }
}

#[derive(Deserialize)]
struct Accepted<'a> {
    messages: Vec<AcceptedMessage<'a>>,
    #[serde(borrow, default)]
    contacts: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct AcceptedMessage<'a> {
    id: String,
    #[serde(borrow, default)]
    message_status: Option<&'a RawValue>,
}

#[derive(Deserialize, Default)]
struct Contact {
    wa_id: Option<String>,
    user_id: Option<String>,
}

/// The part of Graph's error that decides. Its texts can hold phone numbers and are not read.
pub(crate) struct GraphError {
    pub(crate) code: i32,
    pub(crate) subcode: Option<i32>,
    pub(crate) is_transient: bool,
}

impl GraphError {
    /// The error of an answer, if it is one of Graph's.
    pub(crate) fn read(body: &[u8]) -> Option<Self> {
        #[derive(Deserialize)]
        struct Envelope<'a> {
            #[serde(borrow)]
            error: Fields<'a>,
        }
        #[derive(Deserialize)]
        struct Fields<'a> {
            #[serde(borrow)]
            code: &'a RawValue,
            #[serde(borrow, default)]
            error_subcode: Option<&'a RawValue>,
            #[serde(borrow, default)]
            is_transient: Option<&'a RawValue>,
        }
        let Envelope { error } = serde_json::from_slice(body).ok()?;
        let number = |raw: &RawValue| raw.get().trim_matches('"').parse().ok();
        let code = number(error.code)?;
        let subcode = error.error_subcode.and_then(number);
        let is_transient =
            error.is_transient.is_some_and(|raw| matches!(raw.get(), "true" | "1" | "\"true\""));
        Some(Self { code, subcode, is_transient })
    }
}
