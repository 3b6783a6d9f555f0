//! Templates as they leave: every component and every kind of parameter.

use serde_json::{Value, json};

use super::{
    wire::{id, link, of},
    wire_interactive::{order, order_on_the_wire},
};
use crate::messaging::{
    Content, Header, Parameter, ParameterFormat, Place, ProductSection, TemplateButton, TemplateCard,
};

fn s(text: &str) -> String {
    text.to_owned()
}

fn template(header: Option<Header>, body: Vec<Parameter>, buttons: Vec<TemplateButton>) -> Content {
    Content::Template {
        name: s("order"),
        language: s("pt_BR"),
        header,
        body,
        buttons,
        cards: Vec::new(),
        offer_ends_at: None,
    }
}

#[test]
fn a_template_carries_header_body_and_buttons() {
    let full = template(
        Some(Header::Document { media: id("7"), filename: Some(s("a.pdf")) }),
        vec![Parameter::text("Ana"), Parameter::text("12")],
        vec![
            TemplateButton::QuickReply { index: 0, payload: s("ck1.stop") },
            TemplateButton::Url { index: 1, suffix: s("12") },
        ],
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
    assert_eq!(of(template(None, vec![], vec![])).get("components"), None);
}

#[test]
fn every_header_has_its_kind() {
    let place = Place {
        latitude: -32.0,
        longitude: 24.0,
        name: Some(s("Shop")),
        address: Some(s("12 Church Street")),
    };
    let rows = [
        (Header::Text { text: s("Hi") }, json!({"type": "text", "text": "Hi"})),
        (
            Header::NamedText { name: s("first_name"), text: s("Ana") },
            json!({"type": "text", "parameter_name": "first_name", "text": "Ana"}),
        ),
        (
            Header::Image { media: link() },
            json!({"type": "image", "image": {"link": "https://example.com/a"}}),
        ),
        (Header::Video { media: id("7") }, json!({"type": "video", "video": {"id": "7"}})),
        (Header::Gif { media: id("7") }, json!({"type": "gif", "gif": {"id": "7"}})),
        (
            Header::Document { media: id("7"), filename: None },
            json!({"type": "document", "document": {"id": "7"}}),
        ),
        (
            Header::Location { place },
            json!({"type": "location", "location":
                {"latitude": -32.0, "longitude": 24.0, "name": "Shop", "address": "12 Church Street"}}),
        ),
    ];
    for (header, expected) in rows {
        let components = of(template(Some(header), vec![], vec![]))["components"].clone();
        assert_eq!(components, json!([{"type": "header", "parameters": [expected]}]));
    }
}

#[test]
fn every_placeholder_has_its_kind() {
    let of_kind =
        |name: &str, format| Parameter { format: Some(format), ..Parameter::named(name, "R 12.50") };
    let money = || ParameterFormat::Currency { code: s("ZAR"), thousandths: 12_500 };
    let body = vec![
        Parameter::named("first_name", "Ana"),
        of_kind("total", money()),
        of_kind("day", ParameterFormat::DateTime {}),
    ];
    let expected = json!([{"type": "body", "parameters": [
        {"type": "text", "parameter_name": "first_name", "text": "Ana"},
        {"type": "currency", "parameter_name": "total",
            "currency": {"fallback_value": "R 12.50", "code": "ZAR", "amount_1000": 12_500}},
        {"type": "date_time", "parameter_name": "day", "date_time": {"fallback_value": "R 12.50"}},
    ]}]);
    assert_eq!(of(template(None, body, vec![]))["components"], expected);
    let numbered = of(template(None, vec![of_kind("", money())], vec![]));
    assert_eq!(numbered["components"][0]["parameters"][0].get("parameter_name"), None);
}

fn one_button(button: TemplateButton) -> Value {
    let mut sent = of(template(None, vec![], vec![button]))["components"][0].take();
    assert_eq!((&sent["type"], &sent["index"]), (&json!("button"), &json!("3")));
    let parameters = sent["parameters"].take();
    json!([sent["sub_type"], parameters])
}

#[test]
fn every_button_has_its_kind() {
    let sections = vec![ProductSection { title: s("S"), products: vec![s("p")] }];
    let action = |action: Value| json!([{"type": "action", "action": action}]);
    let rows = [
        (
            TemplateButton::CopyCode { index: 3, code: s("SPRING25") },
            json!(["copy_code", [{"type": "coupon_code", "coupon_code": "SPRING25"}]]),
        ),
        (
            TemplateButton::Flow { index: 3, token: None, data: None },
            json!(["flow", action(json!({"flow_token": "unused"}))]),
        ),
        (
            TemplateButton::Flow { index: 3, token: Some(s("t")), data: Some(s(r#"{"a":1}"#)) },
            json!(["flow", action(json!({"flow_token": "t", "flow_action_data": {"a": 1}}))]),
        ),
        (
            TemplateButton::Catalog { index: 3, thumbnail: Some(s("p")) },
            json!(["catalog", action(json!({"thumbnail_product_retailer_id": "p"}))]),
        ),
        (TemplateButton::Catalog { index: 3, thumbnail: None }, json!(["catalog", null])),
        (
            TemplateButton::Products { index: 3, thumbnail: s("p"), sections },
            json!([
                "mpm",
                action(json!({"thumbnail_product_retailer_id": "p",
                "sections": [{"title": "S", "product_items": [{"product_retailer_id": "p"}]}]}))
            ]),
        ),
        (
            TemplateButton::VoiceCall { index: 3, ttl_minutes: Some(60), payload: Some(s("p")) },
            json!(["voice_call", [{"type": "ttl_minutes", "ttl_minutes": 60}, {"type": "payload", "payload": "p"}]]),
        ),
        (
            TemplateButton::OrderDetails { index: 3, order: order() },
            json!(["order_details", action(json!({"order_details": order_on_the_wire()}))]),
        ),
    ];
    for (button, expected) in rows {
        assert_eq!(one_button(button), expected);
    }
}

#[test]
fn cards_and_an_offer_are_components_of_their_own() {
    let card = |product: &str| TemplateCard {
        header: Header::Product { catalog_id: s("1"), product_id: s(product) },
        body: vec![Parameter::text("10%")],
        buttons: vec![TemplateButton::QuickReply { index: 0, payload: s("more") }],
    };
    let Content::Template { name, language, header, body, buttons, .. } = template(None, vec![], vec![])
    else {
        panic!("a template");
    };
    let sent = of(Content::Template {
        name,
        language,
        header,
        body,
        buttons,
        cards: vec![card("p"), card("q")],
        offer_ends_at: Some("2026-12-01T00:00:00Z".parse().unwrap()),
    });
    let on_the_wire = |index: usize, product: &str| {
        json!({"card_index": index, "components": [
            {"type": "header", "parameters": [{"type": "product", "product":
                {"product_retailer_id": product, "catalog_id": "1"}}]},
            {"type": "body", "parameters": [{"type": "text", "text": "10%"}]},
            {"type": "button", "sub_type": "quick_reply", "index": "0",
                "parameters": [{"type": "payload", "payload": "more"}]},
        ]})
    };
    let expected = json!([
        {"type": "limited_time_offer", "parameters": [{"type": "limited_time_offer",
            "limited_time_offer": {"expiration_time_ms": 1_796_083_200_000i64}}]},
        {"type": "carousel", "cards": [on_the_wire(0, "p"), on_the_wire(1, "q")]},
    ]);
    assert_eq!(sent["components"], expected);
}
