//! Bodies that come from anybody who found the address, and bodies that are strange and genuine.

use conek_core::{
    Engine,
    inbound::{Happening, HttpRequest},
    messaging::MessageState,
};
use conek_tests::{APP_SECRET, NUMBER, World, consenting, offer, phone, signed};
use serde_json::{Value, json};

use crate::within_memory;

const LARGEST: usize = 3 * 1024 * 1024;

async fn post(engine: &Engine, request: HttpRequest) -> i32 {
    engine.inbound().handle_http(request).await.unwrap().status
}

fn body(value: &Value) -> Value {
    json!({"object": "whatsapp_business_account", "entry": [{"id": "200000000000001", "changes": [
        {"field": "messages", "value": value}]}]})
}

/// What people wrote, as one `value`.
fn messages(all: Vec<Value>) -> Value {
    json!({"messaging_product": "whatsapp", "metadata": {"phone_number_id": NUMBER, "display_phone_number": "27215550100"}, "messages": all})
}

fn text(n: usize) -> Value {
    let from = phone(n);
    json!({"from": from.trim_start_matches('+'), "id": format!("wamid.{n}"), "timestamp": "1795676400",
        "type": "text", "text": {"body": format!("Hello {n}")}})
}

async fn received(engine: &Engine) -> usize {
    let mut after = None;
    let mut count = 0;
    loop {
        let page = engine.inbound().events(after.clone(), 1_000).await.unwrap();
        count += page.events.iter().filter(|e| matches!(e.happening, Happening::Received { .. })).count();
        if page.next == after {
            return count;
        }
        after = page.next;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_whatsapp_did_not_sign_is_turned_away_and_leaves_nothing() {
    within_memory(async {
        let world = World::new(|_| {}).await;
        let engine = world.engine().await;
        let body = body(&messages(vec![text(1)])).to_string().into_bytes();
        let good = signed(&body, APP_SECRET);
        let mut unsigned = good.clone();
        unsigned.headers.clear();
        let mut old = unsigned.clone();
        old.headers.insert("X-Hub-Signature".into(), "sha1=00".into());
        let mut changed = good.clone();
        changed.body.push(b' ');
        let mut cut = good.clone();
        cut.headers.values_mut().for_each(|v| v.truncate(20));
        let mut twice = good.clone();
        twice.headers.insert("x-hub-signature-256".into(), "sha256=00".into());
        for request in
            [signed(&body, "another secret"), signed(&body, ""), unsigned, old, changed, cut, twice]
        {
            assert_eq!(post(&engine, request).await, 401);
        }
        assert!(engine.settle(20_000).await.unwrap());
        assert_eq!((received(&engine).await, engine.contacts().count().await.unwrap()), (0, 0));
        assert_eq!(post(&engine, good.clone()).await, 200);
        assert_eq!(post(&engine, good).await, 200, "a repetition is no error");
        assert!(engine.settle(20_000).await.unwrap());
        assert_eq!(received(&engine).await, 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn three_megabytes_are_taken_and_one_byte_more_is_not() {
    within_memory(async {
        let world = World::new(|_| {}).await;
        let engine = world.engine().await;
        let sized = |length: usize| {
            let mut value = body(&messages(vec![text(1)]));
            value["padding"] = "".into();
            let short = value.to_string().len();
            value["padding"] = "x".repeat(length - short).into();
            value.to_string().into_bytes()
        };
        let largest = sized(LARGEST);
        assert_eq!(largest.len(), LARGEST);
        assert_eq!(post(&engine, signed(&sized(LARGEST + 1), APP_SECRET)).await, 413);
        assert_eq!(post(&engine, signed(&vec![b' '; 8 << 20], APP_SECRET)).await, 413);
        assert!(engine.settle(20_000).await.unwrap());
        assert_eq!(received(&engine).await, 0);
        assert_eq!(post(&engine, signed(&largest, APP_SECRET)).await, 200);
        assert!(engine.settle(60_000).await.unwrap());
        assert_eq!(received(&engine).await, 1, "what is inside counts");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_fields_and_deep_nesting_cost_nothing_beside_them() {
    within_memory(async {
        let world = World::new(|_| {}).await;
        let engine = world.engine().await;
        let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
        let deeper = format!("{}1{}", "{\"a\":".repeat(10_000), "}".repeat(10_000));
        let known = messages(vec![text(1)]).to_string();
        let full = format!(
            r#"{{"object":"whatsapp_business_account","new":{deep},"entry":[{{"id":"1","changes":[
            {{"field":"messages","value":{deep}}},{{"field":"messages","value":{deeper}}},
            {{"field":"tomorrow","value":{{"x":1}},"more":{deeper}}},{{"field":"messages","value":{known}}}]}}]}}"#
        );
        assert_eq!(post(&engine, signed(full.as_bytes(), APP_SECRET)).await, 200);
        // Also where only the outermost shape is WhatsApp's, or not even that.
        for body in [deep.as_str(), deeper.as_str(), "", "null", "[", "{\"entry\":5}", "\u{feff}{}", "{\"entry\":[{\"changes\":[1,null,{}]}]}"] {
            assert_eq!(post(&engine, signed(body.as_bytes(), APP_SECRET)).await, 200, "it is signed: repeating it helps nobody");
        }
        assert_eq!(post(&engine, signed(&[0xff, 0xfe, 0, 0x7b], APP_SECRET)).await, 200);
        assert!(engine.settle(60_000).await.unwrap());
        assert_eq!(received(&engine).await, 1);
        let events = engine.inbound().events(None, 1_000).await.unwrap().events;
        let unknown = events.iter().filter(|e| matches!(e.happening, Happening::Unknown { .. })).count();
        assert!(unknown >= 3 + 9, "what is not understood is kept for the host: {unknown}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_thousand_updates_in_one_body_a_broken_one_costs_itself_only() {
    within_memory(async {
        let world = World::new(|_| {}).await;
        let engine = world.engine().await;
        let mut all: Vec<Value> = (0..1_000).map(text).collect();
        all[500] = json!({"from": ["27832885500"], "id": {}, "timestamp": "soon", "type": "text", "text": 5});
        assert_eq!(post(&engine, signed(body(&messages(all)).to_string().as_bytes(), APP_SECRET)).await, 200);
        assert!(engine.settle(120_000).await.unwrap());
        assert_eq!(received(&engine).await, 999);
        assert_eq!(engine.contacts().count().await.unwrap(), 999);
        // The next body is applied as ever.
        assert_eq!(
            post(&engine, signed(body(&messages(vec![text(2_000)])).to_string().as_bytes(), APP_SECRET))
                .await,
            200
        );
        assert!(engine.settle(20_000).await.unwrap());
        assert_eq!(received(&engine).await, 1_000);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_status_that_proves_nothing_changes_nothing() {
    within_memory(async {
        let world = World::new(|o| o.webhooks.drop = 1.0).await;
        let engine = world.engine().await;
        world.simulator.set_faults(vec![conek_simulator::FaultRule::new(conek_simulator::Fault::CloseBefore)]);
        let person = consenting(&engine, &phone(1)).await.unwrap();
        let id = engine.messages().send(offer(&person)).await.unwrap().id;
        assert!(engine.settle(20_000).await.unwrap());
        let statuses: Vec<Value> = ["ck1.AAAA", "ck1.", "x", "", &"ck1.".repeat(100), id.as_str()]
            .iter()
            .enumerate()
            .map(|(i, echo)| json!({"id": format!("wamid.foreign{i}"), "status": "delivered", "timestamp": "1795676400",
                "recipient_id": phone(1), "biz_opaque_callback_data": echo}))
            .collect();
        let value = json!({"messaging_product": "whatsapp", "metadata": {"phone_number_id": NUMBER}, "statuses": statuses});
        assert_eq!(post(&engine, signed(body(&value).to_string().as_bytes(), APP_SECRET)).await, 200);
        assert!(engine.settle(20_000).await.unwrap());
        assert_eq!(engine.messages().get(id).await.unwrap().state, MessageState::InDoubt);
    })
    .await;
}
