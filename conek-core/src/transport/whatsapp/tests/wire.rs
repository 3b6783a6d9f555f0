//! What leaves is the Cloud API's JSON.

use serde_json::{Value, json};

use super::*;
use crate::{
    messaging::{Button, Header, ListRow, ListSection, Media, Parameter, TemplateButton},
    transport::whatsapp::wire::Request,
};

fn body(message: &Outgoing) -> Value {
    serde_json::to_value(Request::new(message)).unwrap()
}

fn of(content: Content) -> Value {
    let mut json = body(&Outgoing { content, ..message() });
    for (name, expected) in
        [("messaging_product", "whatsapp"), ("recipient_type", "individual"), ("to", PHONE)]
    {
        assert_eq!(json[name], expected);
    }
    let kind = json["type"].as_str().unwrap().to_owned();
    json[&kind].take()
}

fn id(id: &str) -> Media {
    Media::Id { id: id.to_owned() }
}

fn link() -> Media {
    Media::Link { url: "https://example.com/a".to_owned() }
}

#[test]
fn the_envelope_names_recipient_context_and_echo() {
    let phone = body(&Outgoing { reply_to: Some("wamid.Q".to_owned()), ..message() });
    let expected = json!({
        "messaging_product": "whatsapp", "recipient_type": "individual", "to": PHONE,
        "context": {"message_id": "wamid.Q"}, "biz_opaque_callback_data": "ck1.echo",
        "type": "text", "text": {"body": WORDS, "preview_url": false}
    });
    assert_eq!(phone, expected);
    let bsuid = body(&Outgoing {
        to: Address::Bsuid { id: "ZA.13491208655302741918".to_owned() },
        echo: String::new(),
        ..message()
    });
    let expected = json!({
        "messaging_product": "whatsapp", "recipient_type": "individual", "recipient": "ZA.13491208655302741918",
        "type": "text", "text": {"body": WORDS, "preview_url": false}
    });
    assert_eq!(bsuid, expected);
}

#[test]
fn media_go_by_id_or_link() {
    let image = Content::Image { media: id("7"), caption: Some("c".to_owned()) };
    assert_eq!(of(image), json!({"id": "7", "caption": "c"}));
    let document = Content::Document { media: link(), caption: None, filename: Some("a.pdf".to_owned()) };
    assert_eq!(of(document), json!({"link": "https://example.com/a", "filename": "a.pdf"}));
}

#[test]
fn a_template_carries_header_body_and_buttons() {
    let parameter = |name: &str, text: &str| Parameter { name: name.to_owned(), text: text.to_owned() };
    let button = |index, kind: &str, value: &str| TemplateButton {
        index,
        kind: kind.to_owned(),
        value: value.to_owned(),
    };
    let template = |header, body, buttons| Content::Template {
        name: "order".to_owned(),
        language: "pt_BR".to_owned(),
        header,
        body,
        buttons,
    };
    let full = template(
        Some(Header::Document { media: id("7"), filename: Some("a.pdf".to_owned()) }),
        vec![parameter("", "Ana"), parameter("", "12")],
        vec![button(0, "quick_reply", "ck1.stop"), button(1, "url", "12")],
    );
    let expected = json!({
        "name": "order", "language": {"policy": "deterministic", "code": "pt_BR"},
        "components": [
            {"type": "header", "parameters": [{"type": "document", "document": {"id": "7", "filename": "a.pdf"}}]},
            {"type": "body", "parameters": [{"type": "text", "text": "Ana"}, {"type": "text", "text": "12"}]},
            {"type": "button", "sub_type": "quick_reply", "index": "0", "parameters": [{"type": "payload", "payload": "ck1.stop"}]},
            {"type": "button", "sub_type": "url", "index": "1", "parameters": [{"type": "text", "text": "12"}]},
        ]
    });
    assert_eq!(of(full), expected);
    let named =
        template(Some(Header::Text { text: "Hi".to_owned() }), vec![parameter("first_name", "Ana")], vec![]);
    let expected = json!([
        {"type": "header", "parameters": [{"type": "text", "text": "Hi"}]},
        {"type": "body", "parameters": [{"type": "text", "parameter_name": "first_name", "text": "Ana"}]},
    ]);
    assert_eq!(of(named)["components"], expected);
    let image = template(Some(Header::Image { media: link() }), vec![], vec![]);
    assert_eq!(
        of(image)["components"],
        json!([{"type": "header", "parameters": [{"type": "image", "image": {"link": "https://example.com/a"}}]}])
    );
    assert_eq!(of(template(None, vec![], vec![])).get("components"), None);
}

#[test]
fn buttons_and_lists_are_interactive() {
    let buttons = Content::Buttons {
        body: "Choose".to_owned(),
        header: Some(Header::Image { media: id("7") }),
        footer: Some("small".to_owned()),
        buttons: vec![Button { id: "y".to_owned(), title: "Yes".to_owned() }],
    };
    let expected = json!({
        "type": "button", "header": {"type": "image", "image": {"id": "7"}}, "body": {"text": "Choose"},
        "footer": {"text": "small"}, "action": {"buttons": [{"type": "reply", "reply": {"id": "y", "title": "Yes"}}]}
    });
    assert_eq!(of(buttons), expected);
    let row = |id: &str, description: Option<&str>| ListRow {
        id: id.to_owned(),
        title: "T".to_owned(),
        description: description.map(str::to_owned),
    };
    let list = Content::List {
        body: "Choose".to_owned(),
        header: Some("Top".to_owned()),
        footer: None,
        button: "Open".to_owned(),
        sections: vec![ListSection {
            title: "S".to_owned(),
            rows: vec![row("1", Some("d")), row("2", None)],
        }],
    };
    let expected = json!({
        "type": "list", "header": {"type": "text", "text": "Top"}, "body": {"text": "Choose"},
        "action": {"button": "Open", "sections": [
            {"title": "S", "rows": [{"id": "1", "title": "T", "description": "d"}, {"id": "2", "title": "T"}]}
        ]}
    });
    assert_eq!(of(list), expected);
}

#[test]
fn a_reaction_names_its_message_and_an_empty_emoji_takes_it_back() {
    for emoji in ["👍", ""] {
        let reaction = Content::Reaction { message_id: "wamid.Q".to_owned(), emoji: emoji.to_owned() };
        assert_eq!(of(reaction), json!({"message_id": "wamid.Q", "emoji": emoji}));
    }
}
