//! Interactive messages as they leave.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::wire::{id, link, of};
use crate::messaging::{
    Amount, Button, CardAction, CarouselCard, Content, FlowRef, FlowStart, Header, ListRow, ListSection,
    Order, OrderItem, OrderKind, OrderStage, PaymentMethod, ProductSection, SavedAddress,
};

fn s(text: &str) -> String {
    text.to_owned()
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
fn every_header_of_a_free_message_has_its_kind() {
    let with = |header| {
        let buttons = vec![Button { id: s("y"), title: s("Yes") }];
        of(Content::Buttons { body: s("b"), header: Some(header), footer: None, buttons })["header"].clone()
    };
    let rows = [
        (Header::Text { text: s("Top") }, json!({"type": "text", "text": "Top"})),
        (Header::Image { media: id("7") }, json!({"type": "image", "image": {"id": "7"}})),
        (Header::Video { media: id("7") }, json!({"type": "video", "video": {"id": "7"}})),
        (
            Header::Document { media: link(), filename: Some(s("a.pdf")) },
            json!({"type": "document", "document": {"link": "https://example.com/a", "filename": "a.pdf"}}),
        ),
    ];
    for (header, expected) in rows {
        assert_eq!(with(header), expected);
    }
}

#[test]
fn each_kind_names_its_action() {
    let rows: Vec<(Content, Value)> = vec![
        (
            Content::UrlButton {
                body: s("b"),
                header: None,
                footer: Some(s("f")),
                button: s("Go"),
                url: s("https://a.example/1"),
            },
            json!({"type": "cta_url", "body": {"text": "b"}, "footer": {"text": "f"}, "action":
                {"name": "cta_url", "parameters": {"display_text": "Go", "url": "https://a.example/1"}}}),
        ),
        (
            Content::LocationRequest { body: s("b") },
            json!({"type": "location_request_message", "body": {"text": "b"}, "action": {"name": "send_location"}}),
        ),
        (
            Content::ContactInfoRequest { body: s("b") },
            json!({"type": "request_contact_info", "body": {"text": "b"}, "action": {"name": "request_contact_info"}}),
        ),
        (
            Content::CallPermissionRequest { body: s("b") },
            json!({"type": "call_permission_request", "body": {"text": "b"},
                "action": {"name": "call_permission_request"}}),
        ),
        (
            Content::VoiceCall {
                body: s("b"),
                button: Some(s("Call")),
                ttl_minutes: Some(60),
                payload: Some(s("p")),
            },
            json!({"type": "voice_call", "body": {"text": "b"}, "action": {"name": "voice_call",
                "parameters": {"display_text": "Call", "ttl_minutes": 60, "payload": "p"}}}),
        ),
        (
            Content::Product { body: None, footer: None, catalog_id: s("1"), product_id: s("p") },
            json!({"type": "product", "action": {"catalog_id": "1", "product_retailer_id": "p"}}),
        ),
        (
            Content::ProductList {
                header: s("Top"),
                body: s("b"),
                footer: None,
                catalog_id: s("1"),
                sections: vec![ProductSection { title: s("S"), products: vec![s("p"), s("q")] }],
            },
            json!({"type": "product_list", "header": {"type": "text", "text": "Top"}, "body": {"text": "b"},
                "action": {"catalog_id": "1", "sections": [{"title": "S", "product_items":
                    [{"product_retailer_id": "p"}, {"product_retailer_id": "q"}]}]}}),
        ),
        (
            Content::Catalog { body: s("b"), footer: None, thumbnail: Some(s("p")) },
            json!({"type": "catalog_message", "body": {"text": "b"}, "action": {"name": "catalog_message",
                "parameters": {"thumbnail_product_retailer_id": "p"}}}),
        ),
        (
            Content::Catalog { body: s("b"), footer: None, thumbnail: None },
            json!({"type": "catalog_message", "body": {"text": "b"}, "action": {"name": "catalog_message"}}),
        ),
        (
            Content::OrderStatus {
                body: s("b"),
                footer: None,
                reference: s("r1"),
                stage: OrderStage::PartiallyShipped,
                description: Some(s("d")),
            },
            json!({"type": "order_status", "body": {"text": "b"}, "action": {"name": "review_order", "parameters":
                {"reference_id": "r1", "order": {"status": "partially-shipped", "description": "d"}}}}),
        ),
    ];
    for (content, expected) in rows {
        assert_eq!(of(content), expected);
    }
}

#[test]
fn a_form_begins_at_its_first_screen_at_another_or_at_its_endpoint() {
    let flow = |flow, token: Option<&str>, start, draft| {
        let token = token.map(str::to_owned);
        let sent = of(Content::Flow {
            body: s("b"),
            header: None,
            footer: None,
            flow,
            button: s("Book"),
            token,
            start,
            draft,
        });
        assert_eq!((&sent["type"], &sent["action"]["name"]), (&json!("flow"), &json!("flow")));
        sent["action"]["parameters"].clone()
    };
    assert_eq!(
        flow(FlowRef::Id { id: s("7") }, None, FlowStart::First {}, false),
        json!({"flow_message_version": "3", "flow_token": "unused", "flow_cta": "Book", "mode": "published",
            "flow_action": "navigate", "flow_id": "7"})
    );
    let at = FlowStart::Screen { screen: s("DAY"), data: Some(s(r#"{"city":"Cradock"}"#)) };
    assert_eq!(
        flow(FlowRef::Name { name: s("booking") }, Some("t"), at, true),
        json!({"flow_message_version": "3", "flow_token": "t", "flow_cta": "Book", "mode": "draft",
            "flow_action": "navigate", "flow_name": "booking",
            "flow_action_payload": {"screen": "DAY", "data": {"city": "Cradock"}}})
    );
    let asked = flow(FlowRef::Id { id: s("7") }, None, FlowStart::Exchange {}, false);
    assert_eq!((&asked["flow_action"], asked.get("flow_action_payload")), (&json!("data_exchange"), None));
}

#[test]
fn a_carousel_numbers_its_cards() {
    let card = |header, action| CarouselCard { header, body: Some(s("c")), action };
    let url = || CardAction::Url { button: s("Go"), url: s("https://a.example") };
    let sent = of(Content::Carousel {
        body: s("b"),
        cards: vec![
            card(Header::Image { media: link() }, url()),
            card(Header::Video { media: id("7") }, url()),
        ],
    });
    let go = json!({"name": "cta_url", "parameters": {"display_text": "Go", "url": "https://a.example"}});
    let expected = json!({"type": "carousel", "body": {"text": "b"}, "action": {"cards": [
        {"card_index": 0, "type": "cta_url", "header": {"type": "image", "image": {"link": "https://example.com/a"}},
            "body": {"text": "c"}, "action": go},
        {"card_index": 1, "type": "cta_url", "header": {"type": "video", "video": {"id": "7"}},
            "body": {"text": "c"}, "action": go},
    ]}});
    assert_eq!(sent, expected);
    let replies = || CardAction::Replies { buttons: vec![Button { id: s("y"), title: s("Yes") }] };
    let sent = of(Content::Carousel {
        body: s("b"),
        cards: vec![
            card(Header::Image { media: id("7") }, replies()),
            card(Header::Image { media: id("8") }, replies()),
        ],
    });
    assert_eq!(
        sent["action"]["cards"][1]["action"],
        json!({"buttons": [{"type": "quick_reply", "quick_reply": {"id": "y", "title": "Yes"}}]})
    );
}

#[test]
fn an_address_request_carries_what_is_known() {
    let map = |name: &str, value: &str| BTreeMap::from([(s(name), s(value))]);
    let ask = |values, saved, errors| {
        of(Content::AddressRequest { body: s("b"), footer: None, country: s("IN"), values, saved, errors })["action"]
            .clone()
    };
    let none = BTreeMap::new;
    assert_eq!(
        ask(none(), vec![], none()),
        json!({"name": "address_message", "parameters": {"country": "IN"}})
    );
    let saved = vec![SavedAddress { id: s("home"), values: map("city", "Pune") }];
    assert_eq!(
        ask(map("name", "Asha"), saved, map("in_pin_code", "unknown"))["parameters"],
        json!({"country": "IN", "values": {"name": "Asha"}, "validation_errors": {"in_pin_code": "unknown"},
            "saved_addresses": [{"id": "home", "value": {"city": "Pune"}}]})
    );
}

pub(super) fn order() -> Order {
    let money = |hundredths| Amount { hundredths, description: None };
    Order {
        reference: s("order-4711"),
        kind: OrderKind::Physical,
        currency: s("INR"),
        items: vec![OrderItem {
            product_id: s("beans"),
            name: s("Beans"),
            quantity: 2,
            price: money(5_000),
            sale_price: Some(money(4_500)),
        }],
        subtotal: money(9_000),
        tax: money(900),
        shipping: Some(Amount { hundredths: 100, description: Some(s("courier")) }),
        discount: Some(money(50)),
        total: money(9_950),
        payment: vec![PaymentMethod::Gateway { provider: s("razorpay"), configuration: s("shop") }],
        catalog_id: Some(s("1")),
        payable_until: Some("2026-12-01T00:00:00Z".parse().unwrap()),
    }
}

pub(super) fn order_on_the_wire() -> Value {
    let money = |value: i64| json!({"value": value, "offset": 100});
    json!({
        "reference_id": "order-4711", "type": "physical-goods", "currency": "INR", "total_amount": money(9_950),
        "payment_settings": [{"type": "payment_gateway",
            "payment_gateway": {"type": "razorpay", "configuration_name": "shop"}}],
        "order": {
            "status": "pending", "catalog_id": "1",
            "items": [{"retailer_id": "beans", "name": "Beans", "quantity": 2, "amount": money(5_000),
                "sale_amount": money(4_500)}],
            "subtotal": money(9_000), "tax": money(900), "discount": money(50),
            "shipping": {"value": 100, "offset": 100, "description": "courier"},
            "expiration": {"timestamp": "1796083200", "description": ""}
        }
    })
}

#[test]
fn an_order_is_reviewed_and_paid() {
    let details = |order| {
        of(Content::OrderDetails {
            body: s("b"),
            header: Some(Header::Image { media: id("7") }),
            footer: None,
            order,
        })
    };
    let expected = json!({"type": "order_details", "header": {"type": "image", "image": {"id": "7"}},
        "body": {"text": "b"}, "action": {"name": "review_and_pay", "parameters": order_on_the_wire()}});
    assert_eq!(details(order()), expected);
    let payment = vec![
        PaymentMethod::Link { url: s("https://pay.example") },
        PaymentMethod::Pix { code: s("c"), merchant: s("m"), key: s("k"), key_type: s("EVP") },
        PaymentMethod::Boleto { line: s("0339") },
    ];
    let sent = details(Order { kind: OrderKind::Digital, payment, ..order() });
    let parameters = &sent["action"]["parameters"];
    assert_eq!(parameters["type"], "digital-goods");
    assert_eq!(
        parameters["payment_settings"],
        json!([
            {"type": "payment_link", "payment_link": {"uri": "https://pay.example"}},
            {"type": "pix_dynamic_code", "pix_dynamic_code":
                {"code": "c", "merchant_name": "m", "key": "k", "key_type": "EVP"}},
            {"type": "boleto", "boleto": {"digitable_line": "0339"}},
        ])
    );
}
