//! What leaves is the Cloud API's JSON.

use serde_json::{Value, json};

use super::*;
use crate::{
    messaging::{CardName, CardPhone, ContactCard, Media, Place},
    transport::{Route, whatsapp::wire::Request},
};

pub(super) fn body(message: &Outgoing) -> Value {
    serde_json::to_value(Request::new(message)).unwrap()
}

pub(super) fn of(content: Content) -> Value {
    let mut json = body(&Outgoing { content, ..message() });
    for (name, expected) in
        [("messaging_product", "whatsapp"), ("recipient_type", "individual"), ("to", PHONE)]
    {
        assert_eq!(json[name], expected);
    }
    let kind = json["type"].as_str().unwrap().to_owned();
    json[&kind].take()
}

pub(super) fn id(id: &str) -> Media {
    Media::Id { id: id.to_owned() }
}

pub(super) fn link() -> Media {
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
    let video = Content::Video { media: link(), caption: Some("c".to_owned()) };
    assert_eq!(of(video), json!({"link": "https://example.com/a", "caption": "c"}));
    assert_eq!(of(Content::Sticker { media: id("7") }), json!({"id": "7"}));
    assert_eq!(of(Content::Audio { media: id("7"), voice: false }), json!({"id": "7"}));
    assert_eq!(of(Content::Audio { media: id("7"), voice: true }), json!({"id": "7", "voice": true}));
}

#[test]
fn a_place_has_its_degrees_as_numbers() {
    let place = Place {
        latitude: -32.2522,
        longitude: 24.5408,
        name: Some("Karoo Coffee".to_owned()),
        address: Some("12 Church Street".to_owned()),
    };
    assert_eq!(
        of(Content::Location { place: place.clone() }),
        json!({"latitude": -32.2522, "longitude": 24.5408, "name": "Karoo Coffee", "address": "12 Church Street"})
    );
    let bare = Content::Location { place: Place { name: None, address: None, ..place } };
    assert_eq!(of(bare), json!({"latitude": -32.2522, "longitude": 24.5408}));
}

#[test]
fn contact_cards_have_whatsapps_names_of_fields() {
    let mut card = ContactCard::new("Johan Botha", "Johan", "+27832885137");
    let short = json!({
        "name": {"formatted_name": "Johan Botha", "first_name": "Johan"},
        "phones": [{"phone": "+27832885137", "wa_id": "27832885137"}]
    });
    assert_eq!(of(Content::Contacts { contacts: vec![card.clone()] }), json!([short]));
    let some = |text: &str| Some(text.to_owned());
    card.name = CardName {
        last_name: some("Botha"),
        middle_name: some("D."),
        prefix: some("Dr"),
        suffix: some("Jr"),
        ..card.name
    };
    card.phones = vec![CardPhone { phone: "1".to_owned(), label: some("WORK"), wa_id: None }];
    card.emails = vec![crate::messaging::CardEmail { email: "j@b.example".to_owned(), label: some("HOME") }];
    card.urls = vec![crate::messaging::CardUrl { url: "https://b.example".to_owned(), label: None }];
    card.addresses = vec![crate::messaging::CardAddress {
        street: some("12 Church Street"),
        city: some("Graaff-Reinet"),
        state: some("EC"),
        zip: some("6280"),
        country: some("South Africa"),
        country_code: some("za"),
        label: some("WORK"),
    }];
    card.organisation = Some(crate::messaging::CardOrganisation {
        company: some("Botha"),
        department: some("Sales"),
        title: some("Head"),
    });
    card.birthday = some("1990-02-03");
    let whole = json!({
        "name": {"formatted_name": "Johan Botha", "first_name": "Johan", "last_name": "Botha", "middle_name": "D.",
            "prefix": "Dr", "suffix": "Jr"},
        "phones": [{"phone": "1", "type": "WORK"}],
        "emails": [{"email": "j@b.example", "type": "HOME"}],
        "urls": [{"url": "https://b.example"}],
        "addresses": [{"street": "12 Church Street", "city": "Graaff-Reinet", "state": "EC", "zip": "6280",
            "country": "South Africa", "country_code": "za", "type": "WORK"}],
        "org": {"company": "Botha", "department": "Sales", "title": "Head"},
        "birthday": "1990-02-03"
    });
    assert_eq!(of(Content::Contacts { contacts: vec![card] }), json!([whole]));
}

#[test]
fn a_raw_message_is_one_object_within_the_request() {
    let raw = |kind: &str, payload: &str| Content::Raw { kind: kind.to_owned(), payload: payload.to_owned() };
    let sent = body(&Outgoing { content: raw("poll", r#"{ "question": "When?" }"#), ..message() });
    let expected = json!({
        "messaging_product": "whatsapp", "recipient_type": "individual", "to": PHONE,
        "biz_opaque_callback_data": "ck1.echo", "type": "poll", "poll": {"question": "When?"}
    });
    assert_eq!(sent, expected);
    // What it holds stays within it.
    let sly = r#"{"to": "+1", "messaging_product": "sms", "recipient": "US.1", "type": "text"}"#;
    let sent = body(&Outgoing { content: raw("interactive", sly), ..message() });
    assert_eq!((&sent["to"], &sent["messaging_product"]), (&json!(PHONE), &json!("whatsapp")));
    assert_eq!((sent.get("recipient"), &sent["type"]), (None, &json!("interactive")));
    // Of a key that stands there twice the last one counts, for the checks as for what leaves.
    assert_eq!(of(raw("template", r#"{"name": "a", "name": "b"}"#)), json!({"name": "b"}));
}

#[test]
fn the_marketing_way_says_what_it_may_do() {
    let by = |fallback, share_activity| {
        body(&Outgoing { route: Route::Marketing { fallback, share_activity }, ..message() })
    };
    let sent = by(true, false);
    assert_eq!(sent["product_policy"], "CLOUD_API_FALLBACK");
    assert_eq!(sent["message_activity_sharing"], false);
    let sent = by(false, true);
    assert_eq!(
        (&sent["product_policy"], &sent["message_activity_sharing"]),
        (&json!("STRICT"), &json!(true))
    );
    let usual = body(&message());
    assert_eq!((usual.get("product_policy"), usual.get("message_activity_sharing")), (None, None));
}

#[test]
fn a_reaction_names_its_message_and_an_empty_emoji_takes_it_back() {
    for emoji in ["👍", ""] {
        let reaction = Content::Reaction { message_id: "wamid.Q".to_owned(), emoji: emoji.to_owned() };
        assert_eq!(of(reaction), json!({"message_id": "wamid.Q", "emoji": emoji}));
    }
}
