//! The fields of groups, which share one shape.

use serde_json::Value;

use super::{all, code, part, small, text, when};
use crate::transport::{
    GroupEvent, GroupPerson, GroupSetting, Update,
    whatsapp::{around::Around, loose::Identity, webhook::Origin},
};

/// One entry of `groups`.
pub(super) fn read(v: &Value, around: &Around, of: &Origin) -> Option<Update> {
    let request = text(v, "request_id");
    let people = |key: &str| all(v, key, |p| p.is_object().then(|| person(p)));
    let join_request = text(v, "join_request_id");
    let group = text(v, "group_id");
    let event = match text(v, "type")?.to_ascii_lowercase().as_str() {
        "group_create" => GroupEvent::Created {
            request,
            subject: text(v, "subject"),
            description: text(v, "description"),
            invite_link: text(v, "invite_link"),
            join_approval: text(v, "join_approval_mode"),
            code: code(v),
        },
        "group_delete" => GroupEvent::Deleted { request, code: code(v) },
        // Meta's pages spell both in two ways.
        "group_participants_add" | "group_add_participants" => {
            GroupEvent::Joined { request, reason: text(v, "reason"), people: people("added_participants")? }
        }
        "group_participants_remove" | "group_remove_participants" => GroupEvent::Left {
            request,
            initiated_by: text(v, "initiated_by"),
            people: people("removed_participants")?,
            failed: people("failed_participants")?,
            code: code(v),
        },
        "group_join_request_created" => GroupEvent::JoinRequested { join_request, person: person(v) },
        "group_join_request_revoked" => GroupEvent::JoinRequestRevoked { join_request, person: person(v) },
        "group_settings_update" => GroupEvent::Changed { request, settings: settings(v), code: code(v) },
        "group_suspend" => GroupEvent::Suspended {},
        "group_suspend_cleared" => GroupEvent::SuspensionCleared {},
        _ => return None,
    };
    // Only what was never made has no id.
    if group.is_none() && !matches!(event, GroupEvent::Created { code: Some(_), .. }) {
        return None;
    }
    let at = when(v, "timestamp").unwrap_or(of.at);
    Some(Update::Group { number: around.phone_number_id.clone(), group, at, event })
}

fn person(v: &Value) -> GroupPerson {
    let Identity { wa_id, user_id } = Identity::of(text(v, "wa_id"), text(v, "user_id"));
    GroupPerson {
        input: text(v, "input"),
        wa_id,
        user_id,
        username: text(v, "username"),
        code: code(v).or_else(|| small(v, "code")),
    }
}

fn settings(v: &Value) -> Vec<GroupSetting> {
    let of = |setting: &str, key: &str| {
        // An object of its own, or the new text alone.
        let (told, said) = match part(v, key) {
            Some(told) => (told, text(told, "text")),
            None => (&Value::Null, Some(text(v, setting)?)),
        };
        Some(GroupSetting {
            setting: setting.to_owned(),
            text: said,
            changed: told["update_successful"].as_bool(),
            code: code(told),
        })
    };
    [
        ("subject", "group_subject"),
        ("description", "group_description"),
        ("profile_picture", "profile_picture"),
    ]
    .into_iter()
    .filter_map(|(setting, key)| of(setting, key))
    .collect()
}
