//! A webhook's body as updates: everything inside, whatever its shape.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{
    calls,
    loose::{Contacts, Identity, Raw, array, first, id, integer, items, string, time, typed, word},
    statuses,
};
use crate::transport::{Parsed, Reply, Update};

/// How much of a body that is no JSON is kept, in bytes.
const MAX_GARBAGE: usize = 64 * 1024;

/// Reads a webhook's body. Never fails, never panics, and returns every update exactly once:
///
/// - `messages`: one for each of `messages`, `statuses`, `errors` and of any other list beside them,
///   where an object that stands alone is a list of one;
/// - `user_preferences`: one for each of them;
/// - `calls`: one for each of its `calls`, `statuses` and of any other list beside them but `errors`, which belong to
///   the call;
/// - every other field, and a change in which no update is found: one [`Update::Unknown`] with its value;
/// - an entry without changes, or a body that is no webhook: one [`Update::Unknown`] without a field.
///
/// What is in a list of its own beside `messages` has that list's name behind the field:
/// `messages.errors`. A `system` or `request_welcome` message is not something a person wrote, and is
/// unknown too. A moment that is missing or absurd becomes 1 January 1970: it proves nothing new.
pub fn parse(body: &[u8]) -> Parsed {
    // One broken byte must not cost the other updates.
    let text = String::from_utf8_lossy(body);
    Parsed { updates: statuses::only(&text).unwrap_or_else(|| any(&text)) }
}

/// The long way, for whatever may be inside.
pub(super) fn any(text: &str) -> Vec<Update> {
    let mut updates = Vec::new();
    match serde_json::from_str::<Body>(text) {
        Ok(body) => body.entry.iter().flat_map(|e| &e.changes).for_each(|c| change(c, &mut updates)),
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
    let Some(entries) = serde_json::from_str::<Loose>(text).ok().and_then(|body| array(body.entry)) else {
        let cut = text.floor_char_boundary(MAX_GARBAGE);
        // A body that is JSON but no webhook may be long and is kept whole all the same.
        let is_json = serde_json::from_str::<&RawValue>(text).is_ok();
        return updates.push(unknown("", if is_json { text } else { &text[..cut] }));
    };
    for entry in entries {
        match typed::<LooseEntry>(Some(entry)).and_then(|e| array(e.changes)) {
            None => updates.push(unknown("", entry.get())),
            Some(changes) => changes.into_iter().for_each(|raw| loose_change(raw, updates)),
        }
    }
}

fn loose_change(raw: &RawValue, updates: &mut Vec<Update>) {
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
        Some(value) => change(&Change { field: &field, value }, updates),
        None => updates.push(unknown(&field, raw.get())),
    }
}

fn change(change: &Change<'_>, updates: &mut Vec<Update>) {
    let before = updates.len();
    match change.field {
        "messages" => messages(change.value, updates),
        "user_preferences" => preferences(change.value, updates),
        "calls" => calls(change.value, updates),
        "message_template_status_update" => updates.extend(template(change.value)),
        _ => {}
    }
    if updates.len() == before {
        updates.push(unknown(change.field, change.value.get()));
    }
}

fn unknown(field: &str, json: &str) -> Update {
    Update::Unknown { field: field.to_owned(), json: json.to_owned() }
}

/// What stands around the lists of a `value`.
struct Around {
    phone_number_id: String,
    contacts: Contacts,
}

impl Around {
    fn read(metadata: Raw<'_>, contacts: Raw<'_>) -> Self {
        #[derive(Deserialize)]
        struct Metadata<'a> {
            #[serde(borrow, default)]
            phone_number_id: Raw<'a>,
        }
        let phone_number_id =
            typed::<Metadata>(metadata).and_then(|m| id(m.phone_number_id)).unwrap_or_default();
        Self { phone_number_id, contacts: Contacts::read(contacts) }
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
                updates.extend(items(list).into_iter().map(|raw| unknown(&field, raw.get())));
            }
        }
    }
}

fn calls(value: &RawValue, updates: &mut Vec<Update>) {
    let Some(members) = typed::<Members>(Some(value)) else { return };
    let around = Around::read(members.find("metadata"), members.find("contacts"));
    // What stands there says why a call ended.
    let code = calls::code(members.find("errors"));
    for (name, list) in &members.0 {
        match name.as_ref() {
            "metadata" | "contacts" | "messaging_product" | "errors" => {}
            name @ ("calls" | "statuses") => {
                for raw in items(list) {
                    let read = calls::read(name, raw, &around.phone_number_id, &around.contacts, code);
                    updates.push(read.unwrap_or_else(|| unknown("calls", raw.get())));
                }
            }
            other => {
                let field = format!("calls.{other}");
                updates.extend(items(list).into_iter().map(|raw| unknown(&field, raw.get())));
            }
        }
    }
}

/// The members of an object in their order, doubles included.
struct Members<'a>(Vec<(std::borrow::Cow<'a, str>, &'a RawValue)>);

impl<'a> Members<'a> {
    fn find(&self, name: &str) -> Raw<'a> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| *value)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Walk<'a>(std::marker::PhantomData<&'a ()>);
        impl<'de: 'a, 'a> serde::de::Visitor<'de> for Walk<'a> {
            type Value = Members<'a>;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<M: serde::de::MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
                let mut members = Vec::with_capacity(4);
                while let Some(key) = map.next_key::<Key<'a>>()? {
                    members.push((key.0, map.next_value()?));
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Walk(std::marker::PhantomData))
    }
}

#[derive(Deserialize)]
#[serde(transparent)]
struct Key<'a>(#[serde(borrow)] std::borrow::Cow<'a, str>);

#[derive(Deserialize)]
struct Message<'a> {
    #[serde(borrow, default)]
    id: Raw<'a>,
    #[serde(borrow, default)]
    from: Raw<'a>,
    #[serde(borrow, default)]
    from_user_id: Raw<'a>,
    #[serde(borrow, default)]
    timestamp: Raw<'a>,
    #[serde(borrow, default, rename = "type")]
    kind: Raw<'a>,
    #[serde(borrow, default)]
    context: Raw<'a>,
    #[serde(borrow, default)]
    text: Raw<'a>,
    #[serde(borrow, default)]
    button: Raw<'a>,
    #[serde(borrow, default)]
    interactive: Raw<'a>,
    #[serde(borrow, default)]
    reaction: Raw<'a>,
    #[serde(borrow, default)]
    image: Raw<'a>,
    #[serde(borrow, default)]
    document: Raw<'a>,
    #[serde(borrow, default)]
    audio: Raw<'a>,
    #[serde(borrow, default)]
    video: Raw<'a>,
    #[serde(borrow, default)]
    sticker: Raw<'a>,
}

/// Whatever stands inside the part of a message that its type names.
#[derive(Deserialize)]
struct Part<'a> {
    #[serde(borrow, default)]
    id: Raw<'a>,
    #[serde(borrow, default)]
    body: Raw<'a>,
    #[serde(borrow, default)]
    text: Raw<'a>,
    #[serde(borrow, default)]
    payload: Raw<'a>,
    #[serde(borrow, default)]
    title: Raw<'a>,
    #[serde(borrow, default)]
    emoji: Raw<'a>,
    #[serde(borrow, default)]
    message_id: Raw<'a>,
    #[serde(borrow, default)]
    mime_type: Raw<'a>,
    #[serde(borrow, default)]
    caption: Raw<'a>,
    #[serde(borrow, default)]
    button_reply: Raw<'a>,
    #[serde(borrow, default)]
    list_reply: Raw<'a>,
}

fn message(raw: &RawValue, around: &Around) -> Option<Update> {
    let message: Message = typed(Some(raw))?;
    let wamid = word(message.id)?;
    let kind = string(message.kind).unwrap_or_default();
    if matches!(kind.as_str(), "system" | "request_welcome") {
        return None;
    }
    let identity = Identity::of(id(message.from), word(message.from_user_id));
    let (identity, profile_name) = around.contacts.complete(identity);
    if identity.is_empty() {
        return None;
    }
    let reply = reply(&message, &kind).unwrap_or_else(|| Reply::Other { kind, json: raw.get().to_owned() });
    Some(Update::Message {
        receiver: around.phone_number_id.clone(),
        wamid,
        wa_id: identity.wa_id,
        user_id: identity.user_id,
        profile_name,
        at: time(message.timestamp),
        context: typed::<Part>(message.context).and_then(|c| word(c.id).or_else(|| word(c.message_id))),
        reply,
    })
}

fn reply(message: &Message<'_>, kind: &str) -> Option<Reply> {
    match kind {
        "text" => Some(Reply::Text { body: string(typed::<Part>(message.text)?.body)? }),
        "button" => {
            let part: Part = typed(message.button)?;
            let title = string(part.text).unwrap_or_default();
            Some(Reply::Choice { id: string(part.payload).unwrap_or_else(|| title.clone()), title })
        }
        "interactive" => {
            let part: Part = typed(message.interactive)?;
            let chosen: Part = typed(part.button_reply.or(part.list_reply))?;
            Some(Reply::Choice { id: string(chosen.id)?, title: string(chosen.title).unwrap_or_default() })
        }
        "reaction" => {
            let part: Part = typed(message.reaction)?;
            Some(Reply::Reaction {
                message_id: word(part.message_id)?,
                emoji: string(part.emoji).unwrap_or_default(),
            })
        }
        "image" => media(kind, message.image),
        "document" => media(kind, message.document),
        "audio" => media(kind, message.audio),
        "video" => media(kind, message.video),
        "sticker" => media(kind, message.sticker),
        _ => None,
    }
}

fn media(kind: &str, raw: Raw<'_>) -> Option<Reply> {
    let part: Part = typed(raw)?;
    Some(Reply::Media {
        kind: kind.to_owned(),
        media_id: id(part.id)?,
        mime: string(part.mime_type).unwrap_or_default(),
        caption: word(part.caption),
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
    #[derive(Deserialize)]
    struct Value<'a> {
        #[serde(borrow, default)]
        metadata: Raw<'a>,
        #[serde(borrow, default)]
        contacts: Raw<'a>,
        #[serde(borrow, default)]
        user_preferences: Raw<'a>,
    }
    let Some(value) = typed::<Value>(Some(value)) else { return };
    let around = Around::read(value.metadata, value.contacts);
    for raw in value.user_preferences.map(items).unwrap_or_default() {
        updates.push(preference(raw, &around).unwrap_or_else(|| unknown("user_preferences", raw.get())));
    }
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

fn template(value: &RawValue) -> Option<Update> {
    #[derive(Deserialize)]
    struct Template<'a> {
        #[serde(borrow, default)]
        event: Raw<'a>,
        #[serde(borrow, default)]
        message_template_name: Raw<'a>,
        #[serde(borrow, default)]
        message_template_language: Raw<'a>,
    }
    let template: Template = typed(Some(value))?;
    Some(Update::Template {
        name: word(template.message_template_name)?,
        language: locale(&string(template.message_template_language)?),
        status: word(template.event)?.to_ascii_uppercase(),
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
