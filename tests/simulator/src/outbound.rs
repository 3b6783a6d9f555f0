//! An outbound message: what a business asks to send, checked as the Cloud API checks it.

use serde_json::{Map, Value};

use crate::{interactive::interactive, refusal::Refusal};

pub(crate) type Checked<T = ()> = Result<T, Refusal>;

/// Whom a message is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Recipient {
    /// A phone number: as it was given, and its digits.
    Phone { given: String, digits: String },
    /// A business-scoped user id, `CC.<alnum>`.
    User(String),
}

/// A well-formed message.
#[derive(Debug, Clone)]
pub(crate) struct Outbound {
    pub(crate) recipient: Recipient,
    pub(crate) kind: String,
    pub(crate) echo: Option<String>,
    pub(crate) json: Value,
    /// Whether `json` is not as it came: some of it was JSON in a text.
    pub(crate) unpacked: bool,
    /// Whether it came to `/marketing_messages`.
    pub(crate) marketing: bool,
}

/// A request to `/{phone_number_id}/messages`.
#[derive(Debug, Clone)]
pub(crate) enum Request {
    Send(Box<Outbound>),
    /// A read receipt for an incoming message, with or without a typing indicator.
    Read {
        wamid: String,
        typing: bool,
    },
}

impl Request {
    pub(crate) fn parse(body: &[u8]) -> Checked<Self> {
        let mut json: Value = serde_json::from_slice(body)
            .map_err(|_| Refusal::new(100, "The request body is not valid JSON"))?;
        let unpacked = unpack(&mut json);
        let map = json.as_object().ok_or_else(|| Refusal::new(100, "The request body is not an object"))?;
        match text(map, "messaging_product") {
            None => return Err(Refusal::new(100, "The parameter messaging_product is required.")),
            Some("whatsapp") => {}
            Some(_) => return Err(Refusal::new(100, "Param messaging_product must be one of {WHATSAPP}")),
        }
        if let Some(status) = text(map, "status") {
            if status != "read" {
                return Err(Refusal::new(100, "Param status must be one of {READ}"));
            }
            let wamid = text(map, "message_id").ok_or_else(|| Refusal::missing("message_id"))?.to_owned();
            return Ok(Self::Read { wamid, typing: map.contains_key("typing_indicator") });
        }
        let recipient = recipient(map)?;
        let kind = text(map, "type").unwrap_or("text").to_owned();
        let echo = match map.get("biz_opaque_callback_data") {
            None | Some(Value::Null) => None,
            Some(Value::String(s)) if s.chars().count() <= 512 => Some(s.clone()),
            Some(Value::String(_)) => return Err(too_long("biz_opaque_callback_data", 512)),
            Some(_) => return Err(Refusal::invalid("biz_opaque_callback_data must be a string")),
        };
        if let Some(context) = map.get("context").filter(|c| !c.is_null()) {
            let ok = context.get("message_id").and_then(Value::as_str).is_some_and(|id| !id.is_empty());
            if !ok {
                return Err(Refusal::missing("context['message_id']"));
            }
        }
        let content = map.get(&kind).ok_or_else(|| Refusal::missing(&kind))?;
        check_content(&kind, content)?;
        Ok(Self::Send(Box::new(Outbound { recipient, kind, echo, json, unpacked, marketing: false })))
    }
}

impl Outbound {
    /// The object named like the message's type.
    pub(crate) fn content(&self) -> &Value {
        &self.json[self.kind.as_str()]
    }
    /// The media ids that the message uses, wherever they stand in it.
    pub(crate) fn media_ids(&self) -> Vec<&str> {
        let mut ids = Vec::new();
        if MEDIA.contains(&self.kind.as_str()) {
            ids.extend(self.content()["id"].as_str());
        }
        collect_media(self.content(), &mut ids);
        ids
    }
}

const MEDIA: [&str; 6] = ["image", "video", "audio", "document", "sticker", "gif"];

fn collect_media<'a>(value: &'a Value, ids: &mut Vec<&'a str>) {
    match value {
        Value::Object(map) => {
            for (key, inner) in map {
                match inner["id"].as_str() {
                    Some(id) if MEDIA.contains(&key.as_str()) => ids.push(id),
                    _ => collect_media(inner, ids),
                }
            }
        }
        Value::Array(all) => all.iter().for_each(|inner| collect_media(inner, ids)),
        _ => {}
    }
}

/// Content and context may also come as JSON in a text, as every parameter of the Graph API may. Says
/// whether any did.
fn unpack(json: &mut Value) -> bool {
    let mut any = false;
    let kind = json["type"].as_str().unwrap_or("text").to_owned();
    for key in [kind.as_str(), "context"] {
        let inner = json[key].as_str().and_then(|text| serde_json::from_str::<Value>(text).ok());
        if let Some(inner) = inner.filter(|v| v.is_object() || v.is_array()) {
            json[key] = inner;
            any = true;
        }
    }
    any
}

fn text<'a>(map: &'a Map<String, Value>, key: &str) -> Option<&'a str> {
    map.get(key).and_then(Value::as_str)
}

pub(crate) fn too_long(what: &str, most: usize) -> Refusal {
    Refusal::invalid(format!("Param {what} must be at most {most} characters long"))
}

fn recipient(map: &Map<String, Value>) -> Checked<Recipient> {
    if text(map, "recipient_type").is_some_and(|t| t != "individual") {
        return Err(Refusal::new(
            100,
            "Param recipient_type must be one of {INDIVIDUAL}: groups are not simulated",
        ));
    }
    // `to` wins when both are given.
    if let Some(given) = text(map, "to").filter(|t| !t.is_empty()) {
        let digits: String = given.chars().filter(char::is_ascii_digit).collect();
        let foreign = given.chars().any(|c| !(c.is_ascii_digit() || " +-().".contains(c)));
        if foreign || !(7..=15).contains(&digits.len()) {
            return Err(Refusal::invalid("Param to is not a valid WhatsApp phone number"));
        }
        return Ok(Recipient::Phone { given: given.to_owned(), digits });
    }
    match text(map, "recipient") {
        Some(id) if is_user_id(id) => Ok(Recipient::User(id.to_owned())),
        Some(_) => Err(Refusal::invalid("Param recipient is not a valid business-scoped user id")),
        None => Err(Refusal::new(100, "The parameter to is required.")),
    }
}

/// `CC.<alnum>` or `CC.ENT.<alnum>`.
fn is_user_id(id: &str) -> bool {
    let Some((country, rest)) = id.split_once('.') else { return false };
    let rest = rest.strip_prefix("ENT.").unwrap_or(rest);
    country.len() == 2
        && country.bytes().all(|b| b.is_ascii_uppercase())
        && (1..=128).contains(&rest.len())
        && rest.bytes().all(|b| b.is_ascii_alphanumeric())
}

/// A text that must be there and may be `most` characters long.
pub(crate) fn required<'a>(at: &'a Value, key: &str, name: &str, most: usize) -> Checked<&'a str> {
    let s = at[key].as_str().filter(|s| !s.is_empty()).ok_or_else(|| Refusal::missing(name))?;
    if s.chars().count() > most { Err(too_long(name, most)) } else { Ok(s) }
}

/// A text that may be missing and may be `most` characters long.
pub(crate) fn optional(at: &Value, key: &str, name: &str, most: usize) -> Checked {
    match &at[key] {
        Value::Null => Ok(()),
        Value::String(s) if s.chars().count() <= most => Ok(()),
        Value::String(_) => Err(too_long(name, most)),
        _ => Err(Refusal::invalid(format!("Param {name} must be a string"))),
    }
}

fn check_content(kind: &str, content: &Value) -> Checked {
    match kind {
        "text" => required(content, "body", "text['body']", 4_096).map(drop),
        "image" | "video" | "document" | "audio" | "sticker" => media(kind, content),
        "location" => {
            for key in ["latitude", "longitude"] {
                let number = match &content[key] {
                    Value::Number(n) => n.as_f64(),
                    Value::String(s) => s.parse().ok(),
                    _ => None,
                };
                let most = if key == "latitude" { 90.0 } else { 180.0 };
                match number {
                    None => return Err(Refusal::missing(&format!("location['{key}']"))),
                    Some(n) if n.abs() > most => {
                        return Err(Refusal::invalid(format!("Param location['{key}'] is out of range")));
                    }
                    Some(_) => {}
                }
            }
            Ok(())
        }
        "contacts" => {
            let cards =
                content.as_array().filter(|c| !c.is_empty()).ok_or_else(|| Refusal::missing("contacts"))?;
            if cards.len() > 257 {
                return Err(Refusal::invalid("Param contacts must have at most 257 elements"));
            }
            cards.iter().try_for_each(|c| {
                required(&c["name"], "formatted_name", "contacts['name']['formatted_name']", 1_024).map(drop)
            })
        }
        "reaction" => {
            required(content, "message_id", "reaction['message_id']", 512)?;
            // An empty emoji takes the reaction back.
            content["emoji"].as_str().map(drop).ok_or_else(|| Refusal::missing("reaction['emoji']"))
        }
        "interactive" => interactive(content),
        "template" => {
            required(content, "name", "template['name']", 512)?;
            required(&content["language"], "code", "template['language']['code']", 16).map(drop)
        }
        _ => Err(Refusal::new(131051, format!("Message type {kind:?} is not supported"))),
    }
}

pub(crate) fn media(kind: &str, content: &Value) -> Checked {
    match (content["id"].as_str(), content["link"].as_str()) {
        (Some(_), None) => {}
        (None, Some(link)) if link.starts_with("http://") || link.starts_with("https://") => {}
        (None, Some(_)) => return Err(Refusal::invalid(format!("Param {kind}['link'] is not a valid URL"))),
        (Some(_), Some(_)) => return Err(Refusal::new(100, format!("Param {kind} takes either id or link"))),
        (None, None) => return Err(Refusal::missing(&format!("{kind}['id'] or {kind}['link']"))),
    }
    if kind != "audio" && !content["voice"].is_null() {
        return Err(Refusal::new(100, format!("Unexpected key \"voice\" on param \"{kind}\"")));
    }
    if matches!(kind, "audio" | "sticker") && !content["caption"].is_null() {
        return Err(Refusal::new(100, format!("Unexpected key \"caption\" on param \"{kind}\"")));
    }
    optional(content, "caption", &format!("{kind}['caption']"), 1_024)?;
    optional(content, "filename", &format!("{kind}['filename']"), 240)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn code(mut body: Value) -> i64 {
        body["messaging_product"] = "whatsapp".into();
        match Request::parse(body.to_string().as_bytes()) {
            Ok(_) => 0,
            Err(refusal) => refusal.code,
        }
    }
    fn sized(kind: &str, content: Value) -> i64 {
        let mut body = json!({"to": "+27821234567", "type": kind});
        body[kind] = content;
        code(body)
    }

    #[test]
    fn whatsapps_sizes_hold_to_the_character() {
        let x = |n: usize| "é".repeat(n);
        for (fits, too_long, message) in [
            (4_096, 4_097, &(|n| sized("text", json!({"body": x(n)}))) as &dyn Fn(usize) -> i64),
            (1_024, 1_025, &|n| sized("image", json!({"link": "https://a.example/b.png", "caption": x(n)}))),
            (512, 513, &|n| {
                code(json!({"to": "27821234567", "text": {"body": "a"}, "biz_opaque_callback_data": x(n)}))
            }),
            (20, 21, &|n| {
                sized(
                    "interactive",
                    json!({"type": "button", "body": {"text": "b"},
                "action": {"buttons": [{"type": "reply", "reply": {"id": "1", "title": x(n)}}]}}),
                )
            }),
            (24, 25, &|n| {
                sized(
                    "interactive",
                    json!({"type": "list", "body": {"text": "b"},
                "action": {"button": "c", "sections": [{"rows": [{"id": "1", "title": x(n)}]}]}}),
                )
            }),
        ] {
            assert_eq!((message(fits), message(too_long)), (0, 131009), "{fits}");
        }
    }

    #[test]
    fn what_is_missing_or_unknown_is_named_by_its_code() {
        assert_eq!(sized("text", json!({})), 131008);
        assert_eq!(sized("poll", json!({})), 131051);
        assert_eq!(code(json!({"type": "text", "text": {"body": "a"}})), 100);
        assert_eq!(code(json!({"to": "call me", "text": {"body": "a"}})), 131009);
        assert_eq!(code(json!({"recipient": "ZA.abc123", "text": {"body": "a"}})), 0);
        assert_eq!(code(json!({"recipient": "27821234567", "text": {"body": "a"}})), 131009);
        assert_eq!(sized("contacts", json!(r#"[{"name": {"formatted_name": "a"}}]"#)), 0, "JSON in a text");
        assert_eq!(sized("contacts", json!("[]")), 131008);
        assert_eq!(Request::parse(b"{").unwrap_err().code, 100);
        assert_eq!(Request::parse(br#"{"to":"27821234567","text":{"body":"a"}}"#).unwrap_err().code, 100);
    }

    #[test]
    fn a_list_has_ten_rows_in_all() {
        let list = |rows: usize| {
            let section = |from: usize, n: usize| json!({"title": "s", "rows": (from..from + n).map(|i| json!({"id": i.to_string(), "title": "r"})).collect::<Vec<_>>()});
            sized(
                "interactive",
                json!({"type": "list", "body": {"text": "b"},
                "action": {"button": "c", "sections": [section(0, 5), section(5, rows - 5)]}}),
            )
        };
        assert_eq!((list(10), list(11)), (0, 131009));
    }
}
