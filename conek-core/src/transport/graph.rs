//! Calls that manage an account, as the port takes and answers them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::values::quiet::quiet_debug;

/// What a call does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GraphMethod {
    /// Reads. May be repeated without harm.
    Get,
    /// Makes or changes.
    Post,
    /// Takes away.
    Delete,
}

impl GraphMethod {
    /// As HTTP spells it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Delete => "DELETE",
        }
    }
}

/// What a call carries. `Debug` shows the kind alone: PINs, tokens and numbers of people are in it.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum GraphPayload {
    /// Nothing.
    Empty {},
    /// A JSON object.
    Json {
        /// As text.
        json: String,
    },
    /// A form with one file, `multipart/form-data`; the file's part is called `file`.
    Form {
        /// The text fields.
        fields: BTreeMap<String, String>,
        /// The file's name.
        filename: String,
        /// Its type.
        mime: String,
        /// Its bytes.
        bytes: Vec<u8>,
    },
    /// Bytes of an upload that was begun, as they are.
    Bytes {
        /// How many bytes came before; the header `file_offset`.
        offset: i64,
        /// The bytes.
        bytes: Vec<u8>,
    },
}

impl std::fmt::Debug for GraphPayload {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Empty {} => "Empty",
            Self::Json { .. } => "Json",
            Self::Form { .. } => "Form",
            Self::Bytes { .. } => "Bytes",
        })
    }
}

/// A call of the Graph API that manages an account. `Debug` shows neither query nor payload.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct GraphCall {
    /// What it does.
    pub method: GraphMethod,
    /// The path behind the API's version, without a slash at its beginning: `1065551234/register`.
    pub path: String,
    /// The query, not yet escaped.
    pub query: BTreeMap<String, String>,
    /// What it carries.
    pub payload: GraphPayload,
}

/// What a call was answered, whether it worked or was refused. `Debug` does not show the answer.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct GraphAnswer {
    /// The HTTP status.
    pub status: i32,
    /// The body, which is JSON unless something on the way answered.
    pub json: String,
    /// How much of the hourly calls is used up, in percent, where the answer says so.
    pub used_percent: Option<i32>,
    /// In how many minutes calls work again, where they are used up.
    pub regain_minutes: Option<i32>,
}

quiet_debug! { GraphCall { method, path } GraphAnswer { status, used_percent, regain_minutes } }
