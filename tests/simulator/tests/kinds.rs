//! Kinds of message that a business may send, and what is refused of each.
#![allow(clippy::unwrap_used, reason = "a test may")]

mod business;
use business::*;
use conek_simulator::Say;
use serde_json::{Value, json};

fn interactive(content: Value) -> Value {
    json!({"messaging_product": "whatsapp", "to": format!("+{THANDI}"), "type": "interactive", "interactive": content})
}

/// Good content, and what makes it bad: a pointer into it and the value that is put there.
fn rows() -> Vec<(Value, Vec<(&'static str, Value)>)> {
    let card = |i: usize| {
        json!({"card_index": i, "type": "cta_url",
        "header": {"type": "image", "image": {"link": "https://a.example/1.jpg"}},
        "action": {"name": "cta_url", "parameters": {"display_text": "Go", "url": "https://a.example"}}})
    };
    let money = |value: i64| json!({"value": value, "offset": 100});
    vec![
        (
            json!({"type": "cta_url", "body": {"text": "b"}, "action":
                {"name": "cta_url", "parameters": {"display_text": "Go", "url": "https://a.example"}}}),
            vec![
                ("/action/name", json!("url")),
                ("/action/parameters/url", json!("a.example")),
                ("/action/parameters/display_text", json!("x".repeat(21))),
                ("/body/text", json!("")),
            ],
        ),
        (
            json!({"type": "flow", "body": {"text": "b"}, "action": {"name": "flow", "parameters":
                {"flow_message_version": "3", "flow_id": "7", "flow_cta": "Go", "flow_action": "navigate",
                    "flow_action_payload": {"screen": "A", "data": {"a": 1}}}}}),
            vec![
                ("/action/parameters/flow_message_version", json!("2")),
                ("/action/parameters/flow_id", Value::Null),
                ("/action/parameters/flow_action", json!("data_exchange")),
                ("/action/parameters/flow_action_payload/data", json!({})),
            ],
        ),
        (
            json!({"type": "location_request_message", "body": {"text": "b"}, "action": {"name": "send_location"}}),
            vec![("/action/name", json!("location_request_message"))],
        ),
        (
            json!({"type": "request_contact_info", "body": {"text": "b"}, "action": {"name": "request_contact_info"}}),
            vec![("/body", Value::Null)],
        ),
        (
            json!({"type": "voice_call", "body": {"text": "b"}, "action":
                {"name": "voice_call", "parameters": {"ttl_minutes": 43_200}}}),
            vec![("/action/parameters/ttl_minutes", json!(43_201))],
        ),
        (
            json!({"type": "product", "action": {"catalog_id": "1", "product_retailer_id": "p"}}),
            vec![("/action/catalog_id", Value::Null), ("/action/product_retailer_id", json!(""))],
        ),
        (
            json!({"type": "product_list", "header": {"type": "text", "text": "h"}, "body": {"text": "b"},
                "action": {"catalog_id": "1", "sections": [{"product_items": [{"product_retailer_id": "p"}]}]}}),
            vec![
                ("/header", Value::Null),
                ("/action/sections/0/product_items", json!(vec![json!({"product_retailer_id": "p"}); 31])),
                ("/action/sections/0/product_items", json!([])),
            ],
        ),
        (
            json!({"type": "carousel", "body": {"text": "b"}, "action": {"cards": [card(0), card(1)]}}),
            vec![
                ("/action/cards", json!([card(0)])),
                ("/action/cards/1/card_index", json!(5)),
                (
                    "/action/cards/1/header",
                    json!({"type": "video", "video": {"link": "https://a.example/1.mp4"}}),
                ),
                ("/action/cards/1/header", json!({"type": "text", "text": "t"})),
            ],
        ),
        (
            json!({"type": "order_details", "body": {"text": "b"}, "action": {"name": "review_and_pay", "parameters": {
                "reference_id": "r", "type": "digital-goods", "currency": "INR", "total_amount": money(250),
                "payment_settings": [{"type": "payment_link", "payment_link": {"uri": "https://a.example"}}],
                "order": {"status": "pending", "subtotal": money(200), "tax": money(50), "items":
                    [{"retailer_id": "p", "name": "P", "amount": money(100), "quantity": 2}]}}}}),
            vec![
                ("/action/parameters/total_amount", money(251)),
                ("/action/parameters/order/subtotal", money(201)),
                ("/action/parameters/payment_settings", json!([])),
            ],
        ),
        (
            json!({"type": "order_status", "body": {"text": "b"}, "action": {"name": "review_order",
                "parameters": {"reference_id": "r", "order": {"status": "shipped"}}}}),
            vec![("/action/parameters/order/status", json!("lost"))],
        ),
        (
            json!({"type": "address_message", "body": {"text": "b"}, "action":
                {"name": "address_message", "parameters": {"country": "IN"}}}),
            vec![("/action/parameters/country", Value::Null)],
        ),
    ]
}

#[tokio::test]
async fn each_interactive_kind_is_taken_and_checked() {
    let b = Business::with(|o| o.numbers[0].mps = 0).await;
    b.sim.say(THANDI, Say::text("Hello?")).unwrap();
    for (good, wrong) in rows() {
        b.accepted(interactive(good.clone())).await;
        for (at, value) in wrong {
            let mut bad = good.clone();
            *bad.pointer_mut(at).unwrap_or_else(|| panic!("{at}")) = value;
            let code = b.refused(interactive(bad.clone())).await;
            assert!([100, 131_008, 131_009].contains(&code), "{code} {bad}");
        }
    }
}

#[tokio::test]
async fn a_template_takes_what_it_has_and_nothing_else() {
    let b = Business::with(|o| {
        o.numbers[0].mps = 0;
        let card =
            json!({"components": [{"type": "HEADER", "format": "IMAGE"}, {"type": "BODY", "text": "{{1}}"}]});
        o.templates.push(json!({"name": "whole", "language": "en", "category": "MARKETING", "components": [
            {"type": "HEADER", "format": "LOCATION"},
            {"type": "BODY", "text": "Hi {{1}}"},
            {"type": "LIMITED_TIME_OFFER", "limited_time_offer": {"text": "10% off", "has_expiration": true}},
            {"type": "BUTTONS", "buttons": [{"type": "QUICK_REPLY", "text": "Stop"}, {"type": "COPY_CODE"},
                {"type": "MPM", "text": "These"}, {"type": "PHONE_NUMBER", "text": "Call"}]},
            {"type": "CAROUSEL", "cards": [card, card]}]}));
    })
    .await;
    let card = |i: usize| {
        json!({"card_index": i, "components": [
            {"type": "header", "parameters": [{"type": "image", "image": {"link": "https://a.example/1.jpg"}}]},
            {"type": "body", "parameters": [{"type": "text", "text": "10%"}]}]})
    };
    let button = |index: usize, sub_type: &str, parameter: Value| json!({"type": "button", "sub_type": sub_type, "index": index.to_string(), "parameters": [parameter]});
    let products = json!({"thumbnail_product_retailer_id": "p", "sections":
        [{"product_items": [{"product_retailer_id": "p"}]}]});
    let good = json!([
        {"type": "header", "parameters": [{"type": "location", "location": {"latitude": 1, "longitude": 2}}]},
        {"type": "body", "parameters": [{"type": "text", "text": "Thandi"}]},
        {"type": "limited_time_offer", "parameters":
            [{"type": "limited_time_offer", "limited_time_offer": {"expiration_time_ms": 1_796_083_200_000i64}}]},
        button(1, "copy_code", json!({"type": "coupon_code", "coupon_code": "SPRING25"})),
        button(2, "mpm", json!({"type": "action", "action": products})),
        {"type": "carousel", "cards": [card(0), card(1)]},
    ]);
    let whole = |components: Value| {
        let mut sent = template(THANDI, "whole");
        sent["template"]["components"] = components;
        sent
    };
    b.accepted(whole(good.clone())).await;
    let with = |at: &str, value: Value| {
        let mut bad = good.clone();
        *bad.pointer_mut(at).unwrap_or_else(|| panic!("{at}")) = value;
        bad
    };
    let code = |text: &str| json!([{"type": "coupon_code", "coupon_code": text}]);
    for (components, expected) in [
        (with("/0/parameters/0", json!({"type": "image", "image": {"id": "7"}})), 132_012),
        (with("/1/parameters", json!([])), 132_000),
        (with("/1/parameters/0/text", json!("a\nb")), 132_018),
        (with("/2/parameters/0/limited_time_offer/expiration_time_ms", Value::Null), 131_008),
        (with("/3/parameters", code("A123456789012345")), 132_005),
        (with("/3/sub_type", json!("url")), 132_012),
        (with("/3/index", json!("3")), 131_008),
        (with("/3/index", json!("9")), 132_012),
        (with("/4/parameters/0/action/sections", json!([])), 131_009),
        (with("/5/cards", json!([card(0)])), 132_000),
        (with("/5/cards/1/components/1/parameters", json!([])), 132_000),
        (with("/5/type", json!("cards")), 132_012),
    ] {
        assert_eq!(b.refused(whole(components.clone())).await, expected, "{components}");
    }
}

#[tokio::test]
async fn the_marketing_way_knows_two_policies_and_is_told_apart() {
    let b = Business::open().await;
    b.template("spring", "MARKETING").await;
    let path = format!("{NUMBER}/marketing_messages");
    let with = |policy: &str| {
        let mut sent = template(THANDI, "spring");
        sent["product_policy"] = policy.into();
        sent
    };
    assert_eq!(b.post(&path, &with("STRICT")).await.unwrap().0, 200);
    assert_eq!(b.post(&path, &with("BEST_EFFORT")).await.unwrap().1["error"]["code"], 100);
    b.accepted(template(THANDI, "spring")).await;
    let ways: Vec<bool> = b.sim.ledger().iter().map(|e| e.marketing).collect();
    assert_eq!(ways, [true, false]);
}
