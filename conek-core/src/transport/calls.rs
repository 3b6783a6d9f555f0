//! Calls, as webhooks tell them.

use serde::{Deserialize, Serialize};

use crate::values::{quiet::quiet_debug, time::Timestamp};

/// A session description (RFC 8866). `Debug` does not show it: addresses are in it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallSession {
    /// `offer` or `answer`.
    pub sdp_type: String,
    /// The description.
    pub sdp: String,
}

/// What happened to a call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum CallEvent {
    /// A person calls, with an offer; or the answer to the offer with which the business called them.
    Connect {
        /// Whether the business called.
        by_business: bool,
        /// The offer or the answer.
        session: Option<CallSession>,
    },
    /// It rings on the phone of the person whom the business called.
    Ringing {},
    /// They took the call.
    Accepted {},
    /// They did not take it.
    Rejected {},
    /// It is over.
    Terminate {
        /// Whether the business called.
        by_business: bool,
        /// Whether it took place; otherwise nobody took it, or it failed.
        completed: bool,
        /// When it was taken.
        started_at: Option<Timestamp>,
        /// When it ended.
        ended_at: Option<Timestamp>,
        /// How long it was, in seconds.
        seconds: Option<i32>,
        /// What the business gave the call to carry.
        tracking: Option<String>,
        /// The error code of a failure.
        code: Option<i32>,
    },
}

quiet_debug! { CallSession { sdp_type } }
