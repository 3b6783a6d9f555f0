//! Documented webhooks, broken in every way that bytes can be: each is taken, nothing beside the broken part is lost.
//!
//! `CONEK_MUTATIONS=50000 cargo test --release -p conek-tests --test hostile mutated -- --nocapture` breaks as many as
//! the variable says; without it a few hundred are.

use std::{collections::HashMap, sync::Arc};

use conek_core::{
    Engine, SystemClock,
    inbound::Happening,
    transport::{Reply, Transport, WhatsApp, whatsapp::Settings},
};
use conek_tests::{APP_SECRET, Chance, NUMBER, VERIFY_TOKEN, World, phone, signed, times};
use serde_json::{Value, json};

use crate::within_memory;

/// What stands in a body that is no JSON at all.
pub(crate) const PAGE: &[u8] =
    b"<!DOCTYPE html><html><head><title>502</title></head><body>Bad Gateway</body></html>";

/// One value in place of another: wrong types, huge numbers, empty things, depth, length.
fn wrong(chance: &mut Chance) -> String {
    let deep =
        |open: &str, close: &str, levels: usize| format!("{}1{}", open.repeat(levels), close.repeat(levels));
    match chance.below(16) {
        0 => "null".into(),
        1 => "true".into(),
        2 => "[]".into(),
        3 => "{}".into(),
        4 => "\"\"".into(),
        5 => "-1".into(),
        6 => "1e999".into(),
        7 => "99999999999999999999999999999999".into(),
        8 => "0.000000000000000000000000000001".into(),
        9 => "\"\\ud800\"".into(),
        10 => deep("[", "]", 128),
        11 => deep("{\"a\":", "}", 128),
        12 => format!("\"{}\"", "x".repeat(10_000)),
        13 => "[null,[null],{\"id\":null}]".into(),
        14 => "\"2026-13-45T99:99:99Z\"".into(),
        _ => "{\"id\":\"1\",\"id\":\"2\"}".into(),
    }
}

/// Breaks one value inside `part`, or adds or takes one away. What it is part of stays as it was.
pub(crate) fn broken_inside(part: &Value, chance: &mut Chance) -> String {
    const HERE: &str = "\u{1}here\u{1}";
    fn count(value: &Value) -> u64 {
        match value {
            Value::Array(items) => items.iter().map(|v| 1 + count(v)).sum(),
            Value::Object(members) => members.values().map(|v| 1 + count(v)).sum(),
            _ => 0,
        }
    }
    fn put(value: &mut Value, left: &mut u64) {
        let children: Vec<&mut Value> = match value {
            Value::Array(items) => items.iter_mut().collect(),
            Value::Object(members) => members.values_mut().collect(),
            _ => return,
        };
        for child in children {
            if *left == 0 {
                *child = HERE.into();
                *left = u64::MAX;
                return;
            }
            *left -= 1;
            put(child, left);
            if *left == u64::MAX {
                return;
            }
        }
    }
    let mut whole = part.clone();
    let mut at = chance.below(count(part));
    put(&mut whole, &mut at);
    let marked = serde_json::to_string(&Value::from(HERE)).unwrap_or_default();
    whole.to_string().replace(&marked, &wrong(chance))
}

/// Breaks bytes anywhere.
pub(crate) fn broken_anywhere(body: &[u8], chance: &mut Chance) -> Vec<u8> {
    let mut bytes = body.to_vec();
    match chance.below(6) {
        0 => bytes.truncate(chance.below(bytes.len() as u64) as usize),
        1 => return PAGE.to_vec(),
        2 => bytes.insert(chance.below(bytes.len() as u64) as usize, 0xff),
        3 => {
            let at = chance.below(bytes.len() as u64) as usize;
            bytes.splice(at..at, [0xed, 0xa0, 0x80, 0]);
        }
        4 => bytes = bytes.repeat(2),
        _ => {
            for _ in 0..=chance.below(8) {
                let at = chance.below(bytes.len() as u64) as usize;
                bytes[at] = chance.below(256) as u8;
            }
        }
    }
    bytes
}

/// Updates of every shape that Meta describes: the field, the list inside its value that holds them, and one of them.
fn documented() -> Vec<(&'static str, Option<&'static str>, Value)> {
    let message = |kind: &str, content: Value| {
        json!({"from": "27832885137", "from_user_id": "ZA.1", "id": "wamid.X", "timestamp": "1795676400", "type": kind,
            kind: content, "context": {"from": "27215550100", "id": "wamid.Y", "forwarded": true}})
    };
    let media = |more: Value| {
        let mut media =
            json!({"id": "1", "mime_type": "image/jpeg", "sha256": "aa", "url": "https://example.org/1"});
        for (name, value) in more.as_object().into_iter().flatten() {
            media[name] = value.clone();
        }
        media
    };
    let messages = [
        message("text", json!({"body": "Hello"})),
        message("image", media(json!({"caption": "This"}))),
        message("video", media(json!({"caption": "This"}))),
        message("audio", media(json!({"voice": true}))),
        message("document", media(json!({"filename": "a.pdf"}))),
        message("sticker", media(json!({"animated": false}))),
        message(
            "location",
            json!({"latitude": -33.9, "longitude": 18.4, "name": "Here", "address": "1 Long St"}),
        ),
        message(
            "contacts",
            json!([{"name": {"formatted_name": "A"}, "phones": [{"phone": "1", "wa_id": "1"}]}]),
        ),
        message("interactive", json!({"type": "button_reply", "button_reply": {"id": "a", "title": "Yes"}})),
        message(
            "interactive",
            json!({"type": "list_reply", "list_reply": {"id": "a", "title": "B", "description": "C"}}),
        ),
        message(
            "interactive",
            json!({"type": "nfm_reply", "nfm_reply": {"name": "flow", "body": "Sent", "response_json": "{\"a\":1}"}}),
        ),
        message("button", json!({"payload": "p", "text": "Yes"})),
        message("reaction", json!({"message_id": "wamid.Y", "emoji": "👍"})),
        message(
            "order",
            json!({"catalog_id": "1", "product_items": [{"product_retailer_id": "a", "quantity": 1, "item_price": 5, "currency": "ZAR"}]}),
        ),
        message(
            "system",
            json!({"body": "A changed", "type": "user_changed_number", "wa_id": "27832885138"}),
        ),
        message("unsupported", json!({"type": "poll"})),
        message("request_welcome", json!({})),
    ];
    let status = |kind: &str| {
        json!({"id": "wamid.S", "status": kind, "timestamp": "1795676400", "recipient_id": "27832885137",
            "recipient_user_id": "ZA.1", "biz_opaque_callback_data": "x",
            "conversation": {"id": "c", "expiration_timestamp": "1795676400", "origin": {"type": "marketing"}},
            "pricing": {"billable": true, "pricing_model": "PMP", "category": "marketing", "type": "regular"},
            "errors": [{"code": 131_049, "title": "t", "message": "m", "error_data": {"details": "d"}, "href": "h"}]})
    };
    let mut all: Vec<(&'static str, Option<&'static str>, Value)> =
        messages.into_iter().map(|m| ("messages", Some("messages"), m)).collect();
    all.extend(
        ["sent", "delivered", "read", "failed", "deleted", "warning"]
            .map(|kind| ("messages", Some("statuses"), status(kind))),
    );
    all.push((
        "messages",
        Some("errors"),
        json!({"code": 130_429, "title": "Rate limit hit", "error_data": {"details": "d"}}),
    ));
    all.push((
        "user_preferences",
        Some("user_preferences"),
        json!({"wa_id": "27832885137", "user_id": "ZA.1", "detail": "d", "category": "marketing_messages", "value": "resume", "timestamp": 1_795_676_400}),
    ));
    let template = |members: Value| {
        let mut value = json!({"message_template_id": 1, "message_template_name": "n", "message_template_language": "en"});
        for (name, member) in members.as_object().into_iter().flatten() {
            value[name] = member.clone();
        }
        value
    };
    let alone = [
        ("message_template_status_update", template(json!({"event": "PAUSED", "reason": "r"}))),
        (
            "message_template_quality_update",
            template(json!({"previous_quality_score": "GREEN", "new_quality_score": "RED"})),
        ),
        ("message_template_components_update", template(json!({"message_template_element": "e"}))),
        (
            "template_category_update",
            template(json!({"previous_category": "UTILITY", "new_category": "MARKETING"})),
        ),
        ("template_correct_category_detection", template(json!({"correct_category": "MARKETING"}))),
        (
            "phone_number_quality_update",
            json!({"display_phone_number": "1", "event": "UPGRADE", "current_limit": "TIER_1K"}),
        ),
        (
            "phone_number_name_update",
            json!({"display_phone_number": "1", "decision": "APPROVED", "requested_verified_name": "n"}),
        ),
        (
            "business_username_updates",
            json!({"display_phone_number": "1", "username": "n", "status": "approved"}),
        ),
        (
            "account_settings_update",
            json!({"type": "phone_number_settings", "phone_number_settings": {"phone_number_id": "1", "calling": {}}}),
        ),
        (
            "account_update",
            json!({"phone_number": "1", "event": "DISABLED_UPDATE", "ban_info": {"waba_ban_state": "x"}}),
        ),
        (
            "account_update",
            json!({"event": "ACCOUNT_RESTRICTION", "restriction_info": [{"restriction_type": "x", "expiration": 1_795_676_400}]}),
        ),
        (
            "account_alerts",
            json!({"entity_type": "BUSINESS", "alert_info": {"alert_severity": "INFORMATIONAL", "alert_status": "ACTIVE", "alert_type": "OBA_APPROVED"}}),
        ),
        ("account_review_update", json!({"decision": "APPROVED"})),
        (
            "business_capability_update",
            json!({"max_daily_conversation_per_phone": 1000, "max_phone_numbers_per_business": 2}),
        ),
        ("security", json!({"display_phone_number": "1", "event": "PIN_CHANGED", "requester": "1"})),
        (
            "flows",
            json!({"event": "FLOW_STATUS_CHANGE", "flow_id": "1", "old_status": "DRAFT", "new_status": "PUBLISHED"}),
        ),
        ("partner_solutions", json!({"event": "SOLUTION_CREATED", "solution_id": "1"})),
        ("payment_configuration_update", json!({"configuration_name": "c", "status": "s"})),
        ("tracking_events", json!({"events": [{"event_name": "click"}]})),
    ];
    let lists = [
        (
            "user_id_update",
            "user_id_update",
            json!({"wa_id": "27832885137", "user_id": {"previous": "ZA.1", "current": "ZA.2"}, "timestamp": "1795676400"}),
        ),
        (
            "automatic_events",
            "automatic_events",
            json!({"id": "wamid.P", "event_name": "Purchase", "custom_data": {"value": 1}}),
        ),
        ("group_lifecycle_update", "groups", json!({"group_id": "g", "type": "group_create"})),
        (
            "group_participants_update",
            "groups",
            json!({"group_id": "g", "type": "group_participants_add", "added_participants": [{"wa_id": "1"}]}),
        ),
        (
            "history",
            "history",
            json!({"metadata": {"phase": 0}, "threads": [{"id": "27832885137", "messages": [
                {"from": "27832885137", "id": "wamid.H", "timestamp": "1795676400", "type": "text", "text": {"body": "x"}}]}]}),
        ),
        (
            "smb_message_echoes",
            "message_echoes",
            json!({"from": "1", "to": "27832885137", "id": "wamid.E", "type": "text", "text": {"body": "x"}}),
        ),
        (
            "smb_app_state_sync",
            "state_sync",
            json!({"type": "contact", "action": "add", "contact": {"full_name": "A", "phone_number": "27832885137"}}),
        ),
    ];
    all.extend(lists.map(|(field, list, item)| (field, Some(list), item)));
    let calls = [
        (
            "calls",
            json!({"id": "wacid.1", "event": "connect", "direction": "USER_INITIATED", "from": "27832885137",
                "timestamp": "1795676400", "session": {"sdp_type": "offer", "sdp": "v=0"}}),
        ),
        (
            "calls",
            json!({"id": "wacid.1", "event": "terminate", "direction": "BUSINESS_INITIATED", "to": "27832885137",
                "status": "COMPLETED", "start_time": "1795676400", "end_time": "1795676490", "duration": 90}),
        ),
        (
            "statuses",
            json!({"id": "wacid.1", "type": "call", "status": "RINGING", "recipient_id": "27832885137"}),
        ),
    ];
    all.extend(calls.map(|(list, call)| ("calls", Some(list), call)));
    all.extend(alone.map(|(field, value)| (field, None, value)));
    all
}

fn whatsapp() -> WhatsApp {
    let mut settings = Settings::new("token".into(), vec![APP_SECRET.into()], VERIFY_TOKEN.into());
    settings.phone_number_ids = vec![NUMBER.into()];
    WhatsApp::new(settings, Arc::new(SystemClock)).expect("settings")
}

/// A body of several changes, each with one update; `parts` are their texts.
fn body(parts: &[(&str, Option<&str>, String)]) -> String {
    let around = json!({"phone_number_id": NUMBER, "display_phone_number": "27215550100"});
    let change = |(field, list, part): &(&str, Option<&str>, String)| match list {
        Some(list) => format!(
            r#"{{"field":"{field}","value":{{"messaging_product":"whatsapp","metadata":{around},"{list}":[{part}]}}}}"#
        ),
        None => format!(r#"{{"field":"{field}","value":{part}}}"#),
    };
    let changes: Vec<String> = parts.iter().map(change).collect();
    format!(
        r#"{{"object":"whatsapp_business_account","entry":[{{"id":"1","changes":[{}]}}]}}"#,
        changes.join(",")
    )
}

#[tokio::test]
async fn of_every_mutated_update_one_comes_out_whatever_it_became() {
    let documented = documented();
    let whatsapp = whatsapp();
    let mut chance = Chance(20_261_128);
    let (rounds, mut unknown) = (times("CONEK_MUTATIONS", 400), 0);
    within_memory(async {
        for round in 0..rounds {
            let parts: Vec<_> = (0..=chance.below(5))
                .filter_map(|_| {
                    let (field, list, part) = chance.of(&documented)?.clone();
                    Some((field, list, broken_inside(&part, &mut chance)))
                })
                .collect();
            let text = body(&parts);
            let updates = whatsapp.parse(text.clone().into_bytes()).await.updates;
            assert_eq!(updates.len(), parts.len(), "round {round}: {text}");
            unknown +=
                updates.iter().filter(|u| matches!(u, conek_core::transport::Update::Unknown { .. })).count();
            assert!(!whatsapp.parse(broken_anywhere(text.as_bytes(), &mut chance)).await.updates.is_empty());
        }
    })
    .await;
    println!(
        "{rounds} bodies with a broken value in each update: every update came out; {unknown} of them kept as unknown"
    );
}

/// The bodies of texts that came in, and how often each did.
async fn said(engine: &Engine) -> HashMap<String, usize> {
    let (mut after, mut said) = (None, HashMap::new());
    loop {
        let page = engine.inbound().events(after.clone(), 1_000).await.unwrap();
        for event in page.events {
            if let Happening::Received { reply: Reply::Text { body }, .. } = event.happening {
                *said.entry(body).or_default() += 1;
            }
        }
        if page.next == after {
            return said;
        }
        after = page.next;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_mutated_webhook_is_taken_and_costs_none_of_what_stands_beside_it() {
    let documented = documented();
    let mut chance = Chance(28_112_026);
    let rounds = times("CONEK_MUTATIONS", 400);
    within_memory(async {
        let world = World::new(|_| {}).await;
        let engine = world.engine().await;
        for round in 0..rounds {
            // A sound message before and after the broken ones; now and then a body that is broken anywhere.
            let sound = |i: u64| {
                json!({"from": phone(1).trim_start_matches('+'), "id": format!("wamid.sound{round}.{i}"),
                    "timestamp": "1795676400", "type": "text", "text": {"body": format!("sound {round}.{i}")}})
            };
            let mut parts = vec![("messages", Some("messages"), sound(0).to_string())];
            for _ in 0..=chance.below(3) {
                if let Some((field, list, part)) = chance.of(&documented) {
                    parts.push((field, *list, broken_inside(part, &mut chance)));
                }
            }
            parts.push(("messages", Some("messages"), sound(1).to_string()));
            let whole = body(&parts).into_bytes();
            let torn = broken_anywhere(body(&parts[1..parts.len() - 1]).as_bytes(), &mut chance);
            for body in [torn, whole] {
                let answer = engine.inbound().handle_http(signed(&body, APP_SECRET)).await.unwrap();
                assert_eq!(answer.status, 200, "round {round}: it is signed, and repeating it helps nobody");
            }
            if round % 256 == 255 {
                assert!(engine.settle(120_000).await.unwrap());
            }
        }
        assert!(engine.settle(120_000).await.unwrap());
        let status = engine.status().await.unwrap();
        assert_eq!(status.webhooks, 0, "each is applied");
        let said = said(&engine).await;
        for round in 0..rounds {
            for i in 0..2 {
                let sound = format!("sound {round}.{i}");
                assert_eq!(said.get(&sound), Some(&1), "{sound}");
            }
        }
        engine.close().await.unwrap();
    })
    .await;
    println!(
        "{rounds} webhooks broken in two ways: each was taken, and every sound message beside came in once"
    );
}
