//! How WhatsApp knows a person: the field `user_id_update`, and messages that WhatsApp itself writes into a chat.

use serde_json::{Value, value::RawValue};

use super::{part, text, when};
use crate::transport::{
    IdentityEvent, Update,
    whatsapp::{
        around::Around,
        loose::{Identity, NO_TIME, id, time, typed, word},
        replies::Message,
    },
};

/// An entry of `user_id_update`.
pub(super) fn user_id(raw: &RawValue, around: &Around) -> Option<Update> {
    let v: Value = typed(Some(raw))?;
    let ids = part(&v, "user_id")?;
    let parent = part(&v, "parent_user_id").unwrap_or(&Value::Null);
    let event = IdentityEvent::UserId {
        previous: text(ids, "previous"),
        current: text(ids, "current")?,
        previous_parent: text(parent, "previous"),
        current_parent: text(parent, "current"),
    };
    let identity = Identity::of(text(&v, "wa_id"), None);
    Some(Update::Identity {
        receiver: around.phone_number_id.clone(),
        wa_id: identity.wa_id,
        user_id: None,
        at: when(&v, "timestamp").unwrap_or(NO_TIME),
        event,
    })
}

/// A `system` message.
pub(in crate::transport::whatsapp) fn system(message: &Message<'_>, around: &Around) -> Option<Update> {
    let v: Value = typed(message.system)?;
    let from = Identity::of(id(message.from), word(message.from_user_id));
    let (identity, _) = around.contacts.complete(from.clone());
    let event = match text(&v, "type")?.to_ascii_lowercase().as_str() {
        "user_changed_number" | "customer_changed_number" => {
            let current = text(&v, "wa_id").or_else(|| text(&v, "new_wa_id"))?;
            let current = Identity::of(Some(current), None).wa_id?;
            IdentityEvent::Number { previous: from.wa_id.filter(|previous| *previous != current), current }
        }
        "user_changed_user_id" => IdentityEvent::UserId {
            previous: from.user_id,
            current: text(&v, "user_id")?,
            previous_parent: None,
            current_parent: text(&v, "parent_user_id"),
        },
        "customer_identity_changed" | "user_identity_changed" => {
            let key: Value = typed(message.identity).unwrap_or_default();
            IdentityEvent::Key { hash: text(&key, "hash").or_else(|| text(&v, "identity")) }
        }
        _ => return None,
    };
    Some(Update::Identity {
        receiver: around.phone_number_id.clone(),
        wa_id: identity.wa_id,
        user_id: identity.user_id,
        at: time(message.timestamp),
        event,
    })
}
