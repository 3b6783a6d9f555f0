//! The fields of templates.

use serde_json::Value;

use super::{all, part, text, upper, when};
use crate::transport::{ChangedButton, TemplateEvent, Update};

pub(super) fn read(field: &str, v: &Value) -> Option<Update> {
    let event = match field {
        "message_template_status_update" => {
            let (pause, rejection) = (part(v, "other_info"), part(v, "rejection_info"));
            let said = |part: Option<&Value>, key: &str| part.and_then(|p| text(p, key));
            TemplateEvent::Status {
                status: upper(v, "event")?,
                reason: upper(v, "reason").filter(|reason| reason != "NONE"),
                pause: said(pause, "title"),
                detail: said(rejection, "reason").or_else(|| said(pause, "description")),
                recommendation: said(rejection, "recommendation"),
            }
        }
        "message_template_quality_update" => TemplateEvent::Quality {
            previous: upper(v, "previous_quality_score"),
            quality: upper(v, "new_quality_score")?,
        },
        // The same field announces a change and tells that it is made; then `new_category` is the present one.
        "template_category_update" => match upper(v, "correct_category") {
            Some(next) => TemplateEvent::CategoryAnnounced {
                category: upper(v, "new_category"),
                next,
                at: when(v, "category_update_timestamp"),
            },
            None => TemplateEvent::Category {
                previous: upper(v, "previous_category"),
                category: upper(v, "new_category")?,
            },
        },
        "template_correct_category_detection" => TemplateEvent::Misclassified {
            category: upper(v, "category"),
            correct: upper(v, "correct_category")?,
        },
        _ => TemplateEvent::Components {
            header: text(v, "message_template_title"),
            body: text(v, "message_template_element"),
            footer: text(v, "message_template_footer"),
            buttons: all(v, "message_template_buttons", |b| {
                let said = |key: &str| text(b, &format!("message_template_button_{key}"));
                b.is_object().then(|| ChangedButton {
                    kind: said("type"),
                    text: said("text"),
                    url: said("url"),
                    phone_number: said("phone_number"),
                })
            })?,
        },
    };
    Some(Update::Template {
        name: text(v, "message_template_name")?,
        language: locale(&text(v, "message_template_language")?),
        event,
    })
}

/// A language as templates are sent with: `en_US` for `en-US`, `en_us` and `EN_US`.
fn locale(text: &str) -> String {
    let mut parts = text.split(['-', '_']);
    let mut out = parts.next().unwrap_or_default().to_ascii_lowercase();
    for part in parts {
        out.push('_');
        out.push_str(&if part.len() == 2 { part.to_ascii_uppercase() } else { part.to_owned() });
    }
    out
}
