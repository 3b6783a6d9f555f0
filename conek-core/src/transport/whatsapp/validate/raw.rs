//! Messages of a kind that conek has no type for.

use super::{
    template::{template_language, template_name},
    wrong,
};
use crate::values::error::Result;

/// The longest payload, in bytes. WhatsApp's own longest message, a template with a value of 32,768 characters,
/// fits into it.
const RAW_MOST: usize = 64 * 1024;

/// What stands beside the kind's own object in a request: conek writes it, nobody else.
const TAKEN: [&str; 14] = [
    "messaging_product",
    "recipient_type",
    "recipient",
    "recipient_identity_key_hash",
    "to",
    "type",
    "context",
    "status",
    "message_id",
    "typing_indicator",
    "biz_opaque_callback_data",
    "product_policy",
    "message_activity_sharing",
    "category",
];

pub(super) fn raw(kind: &str, payload: &str) -> Result<()> {
    let named = (1..=64).contains(&kind.len())
        && kind.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    if !named || TAKEN.contains(&kind) {
        return wrong("kind", "must be WhatsApp's name of a kind of message, for example interactive");
    }
    if payload.len() > RAW_MOST {
        return wrong("payload", format!("must have at most {RAW_MOST} bytes"));
    }
    let value: serde_json::Value = match serde_json::from_str(payload) {
        Ok(value @ (serde_json::Value::Object(_) | serde_json::Value::Array(_))) => value,
        _ => return wrong("payload", "must be a JSON object or list"),
    };
    if kind == "template" {
        template_name("payload.name", value["name"].as_str().unwrap_or_default())?;
        template_language("payload.language", value["language"]["code"].as_str().unwrap_or_default())?;
    }
    Ok(())
}
