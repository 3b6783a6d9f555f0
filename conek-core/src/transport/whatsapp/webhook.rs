//! A webhook's body as updates: everything inside, whatever its shape.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{
    around::{Around, Members, each, unknown},
    calls, events,
    loose::{Identity, Raw, array, first, id, integer, items, string, time, typed, word},
    replies::{Message, answered},
    statuses,
};
use crate::{
    transport::{Parsed, Update},
    values::time::Timestamp,
};

/// How much of a body that is no JSON is kept, in bytes.
const MAX_GARBAGE: usize = 64 * 1024;

/// Reads a webhook's body. Never fails, never panics, and returns every update exactly once:
///
/// - `messages`, `calls`, `user_preferences`, `user_id_update`, the fields of groups, of the WhatsApp Business app and
///   `automatic_events`: one for each entry of their lists and of any other list beside them, where an object that
///   stands alone is a list of one; `errors` beside calls belong to the call;
/// - the fields of templates, numbers, the account and flows: one;
/// - every other field, and a change in which no update is found: one [`Update::Unknown`] with its value;
/// - an entry without changes, or a body that is no webhook: one [`Update::Unknown`] without a field.
///
/// What does not fit its type is an [`Update::Unknown`] with its JSON. What is in a list that a field does not know has
/// that list's name behind the field: `messages.tomorrow`. A `request_welcome` message is not something a person wrote,
/// and is unknown too. A moment that is missing or absurd becomes 1 January 1970: it proves nothing new.
pub fn parse(body: &[u8]) -> Parsed {
    // One broken byte must not cost the other updates.
    let text = String::from_utf8_lossy(body);
    Parsed { updates: statuses::only(&text).unwrap_or_else(|| any(&text)) }
}

/// The long way, for whatever may be inside.
pub(super) fn any(text: &str) -> Vec<Update> {
    let mut updates = Vec::new();
    match serde_json::from_str::<Body>(text) {
        Ok(body) => {
            for entry in &body.entry {
                let of = Origin::read(entry.id, entry.time);
                entry.changes.iter().for_each(|c| change(c, &of, &mut updates));
            }
        }
        Err(_) => each_entry(text, &mut updates),
    }
    updates
}

#[derive(Deserialize)]
struct Body<'a> {
    #[serde(borrow)]
    entry: Vec<Entry<'a>>,
}

#[derive(Deserialize)]
struct Entry<'a> {
    #[serde(borrow, default)]
    id: Raw<'a>,
    #[serde(borrow, default)]
    time: Raw<'a>,
    #[serde(borrow)]
    changes: Vec<Change<'a>>,
}

#[derive(Deserialize)]
struct Change<'a> {
    #[serde(borrow)]
    field: &'a str,
    #[serde(borrow)]
    value: &'a RawValue,
}

/// Whose an entry is, and when it was made. What is about no chat has no other moment.
pub(super) struct Origin {
    pub(super) account: Option<String>,
    pub(super) at: Timestamp,
}

impl Origin {
    fn read(account: Raw<'_>, at: Raw<'_>) -> Self {
        Self { account: id(account), at: time(at) }
    }
}

/// One thing at a time, for a body in which something is misshapen.
fn each_entry(text: &str, updates: &mut Vec<Update>) {
    #[derive(Deserialize)]
    struct Loose<'a> {
        #[serde(borrow, default)]
        entry: Raw<'a>,
    }
    #[derive(Deserialize)]
    struct LooseEntry<'a> {
        #[serde(borrow, default)]
        changes: Raw<'a>,
    }
    #[derive(Default, Deserialize)]
    struct Head<'a> {
        #[serde(borrow, default)]
        id: Raw<'a>,
        #[serde(borrow, default)]
        time: Raw<'a>,
    }
    let Some(entries) = serde_json::from_str::<Loose>(text).ok().and_then(|body| array(body.entry)) else {
        let cut = text.floor_char_boundary(MAX_GARBAGE);
        // A body that is JSON but no webhook may be long and is kept whole all the same.
        let is_json = serde_json::from_str::<&RawValue>(text).is_ok();
        return updates.push(unknown("", if is_json { text } else { &text[..cut] }));
    };
    for entry in entries {
        match typed::<LooseEntry>(Some(entry)).and_then(|e| array(e.changes)) {
            None => updates.push(unknown("", entry.get())),
            Some(changes) => {
                let head = typed::<Head>(Some(entry)).unwrap_or_default();
                let of = Origin::read(head.id, head.time);
                changes.into_iter().for_each(|raw| loose_change(raw, &of, updates));
            }
        }
    }
}

fn loose_change(raw: &RawValue, of: &Origin, updates: &mut Vec<Update>) {
    #[derive(Deserialize)]
    struct Loose<'a> {
        #[serde(borrow, default)]
        field: Raw<'a>,
        #[serde(borrow, default)]
        value: Raw<'a>,
    }
    let Loose { field, value } = typed(Some(raw)).unwrap_or(Loose { field: None, value: None });
    let field = string(field).unwrap_or_default();
    match value {
        Some(value) => change(&Change { field: &field, value }, of, updates),
        None => updates.push(unknown(&field, raw.get())),
    }
}

fn change(change: &Change<'_>, of: &Origin, updates: &mut Vec<Update>) {
    let before = updates.len();
    match change.field {
        "messages" => messages(change.value, updates),
        "user_preferences" => preferences(change.value, updates),
        "calls" => calls(change.value, updates),
        field => events::read(field, change.value, of, updates),
    }
    if updates.len() == before {
        updates.push(unknown(change.field, change.value.get()));
    }
}

fn messages(value: &RawValue, updates: &mut Vec<Update>) {
    let Some(members) = typed::<Members>(Some(value)) else { return };
    let around = Around::read(members.find("metadata"), members.find("contacts"));
    for (name, list) in &members.0 {
        match name.as_ref() {
            "metadata" | "contacts" | "messaging_product" => {}
            "statuses" => each_status(list, &around, updates),
            "messages" => {
                for raw in items(list) {
                    updates.push(message(raw, &around).unwrap_or_else(|| unknown("messages", raw.get())));
                }
            }
            other => {
                let field = format!("messages.{other}");
                for raw in items(list) {
                    let read = if other == "errors" { events::failure(raw, &around) } else { None };
                    updates.push(read.unwrap_or_else(|| unknown(&field, raw.get())));
                }
            }
        }
    }
}

fn calls(value: &RawValue, updates: &mut Vec<Update>) {
    // What stands there says why a call ended.
    let code = typed::<Members>(Some(value)).and_then(|m| calls::code(m.find("errors")));
    each("calls", value, &["calls", "statuses"], &["errors"], updates, |list, raw, around| {
        calls::read(list, raw, &around.phone_number_id, &around.contacts, code)
    });
}

fn message(raw: &RawValue, around: &Around) -> Option<Update> {
    let message: Message = typed(Some(raw))?;
    match string(message.kind).as_deref() {
        Some("system") => return events::system(&message, around),
        Some("request_welcome") => return None,
        _ => {}
    }
    let (wamid, at, reply) = message.said(raw)?;
    let identity = Identity::of(id(message.from), word(message.from_user_id));
    let (identity, profile_name) = around.contacts.complete(identity);
    if identity.is_empty() {
        return None;
    }
    Some(Update::Message {
        receiver: around.phone_number_id.clone(),
        wamid,
        wa_id: identity.wa_id,
        user_id: identity.user_id,
        profile_name,
        at,
        context: answered(message.context),
        reply,
    })
}

#[derive(Deserialize)]
struct Status<'a> {
    #[serde(borrow, default)]
    id: Raw<'a>,
    #[serde(borrow, default)]
    status: Raw<'a>,
    #[serde(borrow, default)]
    timestamp: Raw<'a>,
    #[serde(borrow, default)]
    recipient_id: Raw<'a>,
    #[serde(borrow, default)]
    recipient_user_id: Raw<'a>,
    #[serde(borrow, default)]
    participant_recipient_id: Raw<'a>,
    #[serde(borrow, default)]
    recipient_participant_id: Raw<'a>,
    #[serde(borrow, default)]
    biz_opaque_callback_data: Raw<'a>,
    #[serde(borrow, default)]
    errors: Raw<'a>,
    #[serde(borrow, default)]
    pricing: Raw<'a>,
    #[serde(borrow, default)]
    conversation: Raw<'a>,
}

fn each_status(list: &RawValue, around: &Around, updates: &mut Vec<Update>) {
    // All at once when every one of them is an object; otherwise one by one.
    if let Some(all) = typed::<Vec<Status>>(Some(list)) {
        let read: Option<Vec<Update>> = all.iter().map(|s| status(s, around)).collect();
        if let Some(read) = read {
            return updates.extend(read);
        }
    }
    for raw in items(list) {
        let read = typed::<Status>(Some(raw)).and_then(|s| status(&s, around));
        updates.push(read.unwrap_or_else(|| unknown("messages", raw.get())));
    }
}

fn status(status: &Status<'_>, around: &Around) -> Option<Update> {
    let kind = statuses::kind(&string(status.status)?)?;
    // In a group `recipient_id` is the group, and the person stands in one of two other fields.
    let participant = id(status.participant_recipient_id).or_else(|| id(status.recipient_participant_id));
    let number = participant.or_else(|| id(status.recipient_id));
    let (identity, _) = around.contacts.complete(Identity::of(number, word(status.recipient_user_id)));
    Some(Update::Status {
        sender: around.phone_number_id.clone(),
        wamid: word(status.id)?,
        kind,
        at: time(status.timestamp),
        echo: word(status.biz_opaque_callback_data),
        wa_id: identity.wa_id,
        user_id: identity.user_id,
        code: error_code(status.errors),
        pricing: category(status.pricing, status.conversation),
    })
}

fn error_code(errors: Raw<'_>) -> Option<i32> {
    #[derive(Deserialize)]
    struct Failure<'a> {
        #[serde(borrow, default)]
        code: Raw<'a>,
    }
    let failure: Failure = typed(first(errors))?;
    i32::try_from(integer(failure.code)?).ok()
}

fn category(pricing: Raw<'_>, conversation: Raw<'_>) -> Option<String> {
    #[derive(Deserialize)]
    struct Price<'a> {
        #[serde(borrow, default)]
        category: Raw<'a>,
    }
    #[derive(Deserialize)]
    struct Conversation<'a> {
        #[serde(borrow, default)]
        pricing: Raw<'a>,
        #[serde(borrow, default)]
        origin: Raw<'a>,
    }
    #[derive(Deserialize)]
    struct Origin<'a> {
        #[serde(borrow, default, rename = "type")]
        kind: Raw<'a>,
    }
    let said = |raw: Raw<'_>| typed::<Price>(raw).and_then(|p| word(p.category));
    said(pricing).or_else(|| {
        let conversation: Conversation = typed(conversation)?;
        said(conversation.pricing).or_else(|| word(typed::<Origin>(conversation.origin)?.kind))
    })
}

fn preferences(value: &RawValue, updates: &mut Vec<Update>) {
    const FIELD: &str = "user_preferences";
    each(FIELD, value, &[FIELD], &[], updates, |_, raw, around| preference(raw, around));
}

fn preference(raw: &RawValue, around: &Around) -> Option<Update> {
    #[derive(Deserialize)]
    struct Preference<'a> {
        #[serde(borrow, default)]
        wa_id: Raw<'a>,
        #[serde(borrow, default)]
        user_id: Raw<'a>,
        #[serde(borrow, default)]
        category: Raw<'a>,
        #[serde(borrow, default)]
        value: Raw<'a>,
        #[serde(borrow, default)]
        signup_id: Raw<'a>,
        #[serde(borrow, default)]
        timestamp: Raw<'a>,
    }
    let preference: Preference = typed(Some(raw))?;
    let value = string(preference.value)?.to_ascii_lowercase();
    let about_marketing = string(preference.category).is_none_or(|c| c == "marketing_messages");
    // A stop is heard whatever it is about; a permission only where it is about marketing.
    let heard = value == "stop" || (about_marketing && matches!(value.as_str(), "resume" | "signup"));
    let (identity, _) =
        around.contacts.complete(Identity::of(id(preference.wa_id), word(preference.user_id)));
    if !heard || identity.is_empty() {
        return None;
    }
    Some(Update::Preference {
        receiver: around.phone_number_id.clone(),
        wa_id: identity.wa_id,
        user_id: identity.user_id,
        value,
        signup_id: id(preference.signup_id),
        at: time(preference.timestamp),
    })
}
