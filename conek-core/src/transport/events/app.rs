//! What happens in the WhatsApp Business app beside the Cloud API (Meta: coexistence).

use serde::{Deserialize, Serialize};

use crate::{
    transport::Reply,
    values::{
        quiet::{quiet_debug, quiet_sum},
        time::Timestamp,
    },
};

/// What happened in the WhatsApp Business app. `Debug` shows which, and no content.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum AppEvent {
    /// The business wrote to a person in the app, edited or took back what it wrote (Meta: `smb_message_echoes`).
    Sent {
        /// WhatsApp's id of the message.
        wamid: String,
        /// What it says.
        said: Reply,
    },
    /// The app's address book changed (Meta: `smb_app_state_sync`). No contact is made of it.
    Contact {
        /// The name in it.
        name: Option<String>,
        /// The first name in it.
        first_name: Option<String>,
        /// The person's username.
        username: Option<String>,
        /// Whether the entry was taken out.
        removed: bool,
    },
    /// Chats from before the number was connected (Meta: `history`). They open no window and are no messages of ours.
    History {
        /// `0`: the last day; `1`: the last 90 days; `2`: the last 180.
        phase: Option<i32>,
        /// The place of this piece within the phase; pieces come in any order.
        chunk: Option<i32>,
        /// How much was told, in percent.
        progress: Option<i32>,
        /// The chats.
        chats: Vec<HistoryChat>,
        /// The error code, for example 2593109: the business shares no history.
        code: Option<i32>,
    },
    /// The file of a message of those chats.
    HistoryFile {
        /// The message.
        message: HistoryMessage,
    },
}

/// A chat from before the number was connected. `Debug` shows how long it is.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct HistoryChat {
    /// The person's WhatsApp id: digits of a phone number.
    pub wa_id: Option<String>,
    /// Their business-scoped id.
    pub user_id: Option<String>,
    /// Their username.
    pub username: Option<String>,
    /// What was said.
    pub messages: Vec<HistoryMessage>,
}

/// A message of such a chat. `Debug` does not show it.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct HistoryMessage {
    /// WhatsApp's id of it.
    pub wamid: String,
    /// Whether the business wrote it.
    pub by_business: bool,
    /// When.
    pub at: Timestamp,
    /// `DELIVERED`, `READ`, `PLAYED`, `SENT`, `PENDING` or `ERROR`.
    pub status: Option<String>,
    /// What it says.
    pub said: Reply,
}

quiet_debug! { HistoryChat {} HistoryMessage { by_business, status } }
quiet_sum! { AppEvent { Sent, Contact, History, HistoryFile } }
