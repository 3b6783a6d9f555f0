//! The ledger: every message that was accepted, what became of it, and how its sender was answered.

use std::{collections::HashMap, sync::Arc};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{people::PersonAt, templates::Template};

/// One accepted message, as the ledger tells it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LedgerEntry {
    /// The place in the ledger, from 1, in the order of acceptance.
    pub seq: u64,
    /// The number it was sent from.
    pub phone_number_id: String,
    /// The recipient's number in digits.
    pub to: String,
    /// The recipient's business-scoped user id.
    pub user_id: String,
    /// WhatsApp's id of the message.
    pub wamid: String,
    /// `biz_opaque_callback_data`, if there was any.
    pub echo: Option<String>,
    /// The message type: `text`, `template`, ...
    pub kind: String,
    /// The template's name, if it was one.
    pub template: Option<String>,
    /// Whether it came to `/marketing_messages`.
    pub marketing: bool,
    /// The whole request.
    pub content: Value,
    /// When it was accepted.
    pub accepted_at: DateTime<Utc>,
    /// When it was sent, if it was.
    pub sent_at: Option<DateTime<Utc>>,
    /// When it arrived on the phone, if it did.
    pub delivered_at: Option<DateTime<Utc>>,
    /// When it was read, if it was.
    pub read_at: Option<DateTime<Utc>>,
    /// When it failed, if it did.
    pub failed_at: Option<DateTime<Utc>>,
    /// The error code of the failure.
    pub failed_code: Option<i64>,
    /// How the HTTP request ended: `answered`, `closed`, `reset`, `hung`, `error`, `garbage`, `no_id`, `redirected`, `truncated`.
    pub answer: String,
    /// How many accepted messages carry this same echo; 1 where there is none.
    pub copies: u64,
}

/// Which entries to tell. Everything that is given must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct LedgerQuery {
    /// Entries with this `biz_opaque_callback_data`.
    pub echo: Option<String>,
    /// Entries for this number, in digits.
    pub to: Option<String>,
    /// The entry with this id.
    pub wamid: Option<String>,
    /// Entries from this number of the business.
    pub phone_number_id: Option<String>,
    /// Entries after this `seq`.
    pub after: u64,
    /// At most so many; 0 tells all.
    pub limit: usize,
}

/// A status of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Status {
    Sent,
    Delivered,
    Read,
    Failed,
}

impl Status {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Delivered => "delivered",
            Self::Read => "read",
            Self::Failed => "failed",
        }
    }
}

/// How the HTTP request of a message ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    Answered,
    Closed,
    Reset,
    Hung,
    Error,
    Garbage,
    NoId,
    Redirected,
    Truncated,
}

impl Answer {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::Closed => "closed",
            Self::Reset => "reset",
            Self::Hung => "hung",
            Self::Error => "error",
            Self::Garbage => "garbage",
            Self::NoId => "no_id",
            Self::Redirected => "redirected",
            Self::Truncated => "truncated",
        }
    }
}

/// One accepted message.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) number: usize,
    pub(crate) person: PersonAt,
    pub(crate) wamid: String,
    pub(crate) echo: Option<String>,
    pub(crate) kind: String,
    pub(crate) template: Option<Arc<Template>>,
    pub(crate) marketing: bool,
    pub(crate) content: Box<str>,
    pub(crate) accepted_at: i64,
    /// By `Status`, 0 where it did not happen.
    pub(crate) at: [i64; 4],
    pub(crate) failed_code: i64,
    pub(crate) answer: Answer,
    /// A bit per `Status`: its webhook was answered with success.
    pub(crate) told: u8,
}

impl Entry {
    pub(crate) fn when(&self, status: Status) -> Option<i64> {
        Some(self.at[status as usize]).filter(|at| *at != 0)
    }
    pub(crate) fn content(&self) -> Value {
        serde_json::from_str(&self.content).unwrap_or_default()
    }
    pub(crate) fn is_marketing(&self) -> bool {
        self.template.as_ref().is_some_and(|t| t.is_marketing())
    }
}

/// All accepted messages, found by id and by echo.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    pub(crate) all: Vec<Entry>,
    by_wamid: HashMap<String, u32>,
    by_echo: HashMap<String, Vec<u32>>,
    /// How many echoes were accepted more than once.
    pub(crate) repeated_echoes: usize,
    /// How many messages got each status.
    pub(crate) counts: [u64; 4],
}

impl Ledger {
    pub(crate) fn add(&mut self, entry: Entry) -> u32 {
        let at = self.all.len() as u32;
        self.by_wamid.insert(entry.wamid.clone(), at);
        if let Some(echo) = &entry.echo {
            let same = self.by_echo.entry(echo.clone()).or_default();
            same.push(at);
            self.repeated_echoes += usize::from(same.len() == 2);
        }
        self.all.push(entry);
        at
    }
    pub(crate) fn find(&self, wamid: &str) -> Option<u32> {
        self.by_wamid.get(wamid).copied()
    }
    pub(crate) fn with_echo(&self, echo: &str) -> &[u32] {
        self.by_echo.get(echo).map(Vec::as_slice).unwrap_or_default()
    }
    pub(crate) fn copies(&self, entry: &Entry) -> u64 {
        entry.echo.as_ref().map_or(1, |echo| self.with_echo(echo).len() as u64)
    }
}

/// A moment from milliseconds.
pub(crate) fn moment(ms: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(ms).unwrap_or_default()
}
