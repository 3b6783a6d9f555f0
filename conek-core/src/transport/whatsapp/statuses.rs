//! The short way through a webhook that holds sound statuses and nothing else: most webhooks do.
//!
//! It gives what the long way gives, or nothing at all; then the long way is taken.

use std::fmt;

use serde::{
    Deserialize,
    de::{Deserializer, Visitor},
};
use serde_json::value::RawValue;

use super::loose::{Contacts, Identity, NO_TIME, Raw, id, moment};
use crate::{
    transport::{StatusKind, Update},
    values::time::Timestamp,
};

#[derive(Deserialize)]
struct Body<'a> {
    #[serde(borrow)]
    entry: Vec<Entry<'a>>,
}

#[derive(Deserialize)]
struct Entry<'a> {
    #[serde(borrow)]
    changes: Vec<Change<'a>>,
}

#[derive(Deserialize)]
struct Change<'a> {
    field: &'a str,
    #[serde(borrow)]
    value: Value<'a>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Value<'a> {
    #[serde(borrow, default, rename = "messaging_product")]
    _product: Raw<'a>,
    #[serde(borrow)]
    metadata: Metadata<'a>,
    #[serde(borrow, default)]
    contacts: Raw<'a>,
    #[serde(borrow)]
    statuses: Vec<Status<'a>>,
}

#[derive(Deserialize)]
struct Metadata<'a> {
    #[serde(borrow)]
    phone_number_id: &'a RawValue,
}

#[derive(Deserialize)]
struct Status<'a> {
    id: String,
    status: &'a str,
    timestamp: Option<Moment>,
    recipient_id: Option<String>,
    recipient_user_id: Option<String>,
    participant_recipient_id: Option<String>,
    recipient_participant_id: Option<String>,
    biz_opaque_callback_data: Option<String>,
    errors: Option<Vec<Failure>>,
    pricing: Option<Price>,
    conversation: Option<Conversation>,
}

/// A timestamp as a number or as a string that holds one.
struct Moment(Timestamp);

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Number;
        impl Visitor<'_> for Number {
            type Value = Moment;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a moment")
            }
            fn visit_str<E>(self, text: &str) -> Result<Moment, E> {
                Ok(Moment(moment(text.parse().ok())))
            }
            fn visit_u64<E>(self, number: u64) -> Result<Moment, E> {
                Ok(Moment(moment(number.try_into().ok())))
            }
        }
        deserializer.deserialize_any(Number)
    }
}

#[derive(Deserialize)]
struct Failure {
    code: i32,
}

#[derive(Deserialize)]
struct Price {
    category: Option<String>,
}

#[derive(Deserialize)]
struct Conversation {
    pricing: Option<Price>,
    origin: Option<Origin>,
}

#[derive(Deserialize)]
struct Origin {
    #[serde(rename = "type")]
    kind: Option<String>,
}

/// The updates of a body in which there are sound statuses and nothing else.
pub(super) fn only(text: &str) -> Option<Vec<Update>> {
    let body: Body = serde_json::from_str(text).ok()?;
    let mut updates = Vec::new();
    for change in body.entry.into_iter().flat_map(|entry| entry.changes) {
        let Value { metadata, contacts, statuses, .. } = change.value;
        if change.field != "messages" || statuses.is_empty() {
            return None;
        }
        let sender = id(Some(metadata.phone_number_id))?;
        let contacts = Contacts::read(contacts);
        updates.reserve(statuses.len());
        for status in statuses {
            updates.push(status.read(&sender, &contacts)?);
        }
    }
    Some(updates)
}

/// What a status's word means; `None` for a word of tomorrow.
pub(super) fn kind(word: &str) -> Option<StatusKind> {
    match word {
        "sent" => Some(StatusKind::Sent),
        "delivered" => Some(StatusKind::Delivered),
        "read" => Some(StatusKind::Read),
        "failed" => Some(StatusKind::Failed),
        _ => None,
    }
}

fn word(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}

impl Status<'_> {
    fn read(self, sender: &str, contacts: &Contacts) -> Option<Update> {
        let kind = kind(self.status)?;
        let participant = word(self.participant_recipient_id).or_else(|| word(self.recipient_participant_id));
        let number = participant.or_else(|| word(self.recipient_id));
        let (identity, _) = contacts.complete(Identity::of(number, word(self.recipient_user_id)));
        let said = |price: Option<Price>| word(price.and_then(|p| p.category));
        let pricing = said(self.pricing).or_else(|| {
            let Conversation { pricing, origin } = self.conversation?;
            said(pricing).or_else(|| word(origin?.kind))
        });
        Some(Update::Status {
            sender: sender.to_owned(),
            wamid: word(Some(self.id))?,
            kind,
            at: self.timestamp.map_or(NO_TIME, |m| m.0),
            echo: word(self.biz_opaque_callback_data),
            wa_id: identity.wa_id,
            user_id: identity.user_id,
            code: self.errors.and_then(|errors| errors.into_iter().next()).map(|e| e.code),
            pricing,
        })
    }
}
