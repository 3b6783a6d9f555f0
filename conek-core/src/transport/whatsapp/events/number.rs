//! The fields of a number of the business.

use serde_json::{Value, value::RawValue};

use super::{decimal, part, small, text, upper, when};
use crate::{
    transport::{
        NumberEvent, Update,
        call::texts,
        whatsapp::{around::Around, loose::typed, webhook::Origin},
    },
    values::phone::digits,
};

pub(super) fn read(field: &str, v: &Value, raw: &RawValue, of: &Origin) -> Option<Update> {
    if field == "account_settings_update" {
        let settings = part(v, "phone_number_settings")?;
        return Some(Update::Number {
            id: Some(text(settings, "phone_number_id")?),
            display: None,
            at: when(v, "timestamp").unwrap_or(of.at),
            event: NumberEvent::Settings { kind: upper(v, "type"), json: raw.get().to_owned() },
        });
    }
    let event = match field {
        "phone_number_quality_update" => NumberEvent::Quality {
            event: upper(v, "event")?,
            limit: upper(v, "max_daily_conversations_per_business").or_else(|| upper(v, "current_limit")),
            previous_limit: upper(v, "old_limit"),
        },
        "phone_number_name_update" => NumberEvent::Name {
            decision: upper(v, "decision")?,
            name: text(v, "requested_verified_name"),
            reason: upper(v, "rejection_reason").filter(|reason| reason != "NONE"),
        },
        "security" => NumberEvent::Security { event: upper(v, "event")?, requester: text(v, "requester") },
        _ => NumberEvent::Username {
            status: text(v, "status").or_else(|| text(v, "decision"))?.to_lowercase(),
            username: text(v, "username").or_else(|| text(v, "requested_username")),
            reasons: texts(v, "rejection_reasons"),
        },
    };
    // As digits, as it stands beside messages too.
    let display = digits(&text(v, "display_phone_number")?);
    Some(Update::Number { id: None, display: Some(display).filter(|d| !d.is_empty()), at: of.at, event })
}

/// An entry of `automatic_events`.
pub(super) fn conversion(v: &Value, around: &Around, of: &Origin) -> Option<Update> {
    let sum = part(v, "custom_data");
    let event = NumberEvent::Conversion {
        name: text(v, "event_name")?,
        wamid: text(v, "id")?,
        click_id: text(v, "ctwa_clid"),
        currency: sum.and_then(|s| text(s, "currency")),
        value: sum.and_then(|s| decimal(s, "value")),
    };
    Some(about(around, when(v, "timestamp").unwrap_or(of.at), event))
}

/// An entry of the errors that stand beside messages.
pub(in crate::transport::whatsapp) fn failure(raw: &RawValue, around: &Around) -> Option<Update> {
    let v: Value = typed(Some(raw))?;
    let details = part(&v, "error_data").and_then(|d| text(d, "details")).or_else(|| text(&v, "message"));
    let event = NumberEvent::Failure { code: small(&v, "code")?, title: text(&v, "title"), details };
    Some(about(around, crate::transport::whatsapp::loose::NO_TIME, event))
}

fn about(around: &Around, at: crate::Timestamp, event: NumberEvent) -> Update {
    let id = Some(around.phone_number_id.clone()).filter(|id| !id.is_empty());
    Update::Number { id, display: around.display.clone(), at, event }
}
