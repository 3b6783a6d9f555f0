//! The fields of a webhook beside messages, calls and preferences: one typed update for each documented shape.

mod account;
mod app;
mod flow;
mod group;
mod identity;
mod number;
mod template;

use serde_json::{Value, value::RawValue};

pub(super) use identity::system;
pub(super) use number::failure;

use super::{
    around::each,
    loose::{NO_TIME, moment, typed},
    webhook::Origin,
};
use crate::{
    transport::{Update, call},
    values::time::Timestamp,
};

/// Reads what stands under a field; nothing where it has no type, or does not fit it.
pub(super) fn read(field: &str, value: &RawValue, of: &Origin, updates: &mut Vec<Update>) {
    match field {
        "user_id_update" => {
            each(field, value, &[field], &[], updates, |_, raw, around| identity::user_id(raw, around));
        }
        "group_lifecycle_update"
        | "group_participants_update"
        | "group_participant_update"
        | "group_settings_update"
        | "group_status_update" => each(field, value, &["groups"], &[], updates, |_, raw, around| {
            group::read(&typed(Some(raw))?, around, of)
        }),
        "automatic_events" => each(field, value, &[field], &[], updates, |_, raw, around| {
            number::conversion(&typed(Some(raw))?, around, of)
        }),
        "smb_message_echoes" | "message_echoes" => {
            each(field, value, &["message_echoes"], &[], updates, |_, raw, around| app::sent(raw, around));
        }
        "smb_app_state_sync" => each(field, value, &["state_sync"], &[], updates, |_, raw, around| {
            app::contact(&typed(Some(raw))?, around, of)
        }),
        "history" => {
            let lists = ["history", "messages", "message_echoes"];
            each(field, value, &lists, &[], updates, |list, raw, around| match list {
                "history" => app::history(raw, around, of),
                _ => app::file(raw, list == "message_echoes", around, of),
            });
        }
        _ => updates.extend(typed::<Value>(Some(value)).and_then(|v| whole(field, &v, value, of))),
    }
}

/// A field whose value is one update.
fn whole(field: &str, v: &Value, raw: &RawValue, of: &Origin) -> Option<Update> {
    match field {
        "message_template_status_update"
        | "message_template_quality_update"
        | "message_template_components_update"
        | "template_category_update"
        | "template_correct_category_detection" => template::read(field, v),
        "phone_number_quality_update"
        | "phone_number_name_update"
        | "business_username_update"
        | "business_username_updates"
        | "phone_number_username_update"
        | "security"
        | "account_settings_update" => number::read(field, v, raw, of),
        "account_update"
        | "account_alerts"
        | "account_review_update"
        | "business_capability_update"
        | "payment_configuration_update"
        | "partner_solutions" => account::read(field, v, raw, of),
        "flows" => flow::read(v, of),
        _ => None,
    }
}

/// A text that says something, or a number as text.
fn text(v: &Value, key: &str) -> Option<String> {
    call::text(v, key)
}

/// A word of WhatsApp's in capitals, however it was spelled.
fn upper(v: &Value, key: &str) -> Option<String> {
    text(v, key).map(|word| word.to_ascii_uppercase())
}

/// A whole number, also one that is spelled as text.
fn whole_number(v: &Value, key: &str) -> Option<i64> {
    v[key].as_i64().or_else(|| v[key].as_str()?.trim().parse().ok())
}

fn small(v: &Value, key: &str) -> Option<i32> {
    whole_number(v, key).and_then(|n| i32::try_from(n).ok())
}

fn decimal(v: &Value, key: &str) -> Option<f64> {
    let number = v[key].as_f64().or_else(|| v[key].as_str()?.trim().parse().ok());
    number.filter(|n| n.is_finite())
}

/// The moment under a key, where there is one that can be.
fn when(v: &Value, key: &str) -> Option<Timestamp> {
    Some(moment(whole_number(v, key))).filter(|at| *at != NO_TIME)
}

/// The code of the first of the errors.
fn code(v: &Value) -> Option<i32> {
    small(call::list(v, "errors").first()?, "code")
}

/// A part that has to be an object where it is there at all.
fn part<'a>(v: &'a Value, key: &str) -> Option<&'a Value> {
    v.get(key).filter(|part| part.is_object())
}

/// Every entry of a list as `read` gives it; `None` where one of them cannot be read, or where it is no list.
fn all<T>(v: &Value, key: &str, read: impl Fn(&Value) -> Option<T>) -> Option<Vec<T>> {
    match v.get(key) {
        None | Some(Value::Null) => Some(Vec::new()),
        Some(Value::Array(list)) => list.iter().map(read).collect(),
        Some(_) => None,
    }
}
