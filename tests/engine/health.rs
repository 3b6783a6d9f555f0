//! What WhatsApp has against a number, a template or the account stops by itself, says why, and ends by itself.

use std::time::Duration;

use chrono::TimeDelta;
use conek_core::{
    Clock, Engine, Number, Purpose,
    messaging::MessageState,
    platform::{NumberHealth, SenderHealth},
};
use conek_simulator::{BusinessNumber, NumberChange};
use conek_tests::{
    APP_SECRET, NUMBER, World, campaign, code, code_at_whatsapp, code_template, consenting, offer, phone,
    signed,
};
use serde_json::{Value, json};

fn quality(quality: &str) -> NumberChange {
    NumberChange { quality: Some(quality.into()), ..NumberChange::default() }
}

async fn number(engine: &Engine) -> NumberHealth {
    engine.platform().sender_health().await.unwrap().numbers.remove(0)
}

fn codes(reasons: &[conek_core::policy::Reason]) -> Vec<&str> {
    reasons.iter().map(|r| r.code.as_str()).collect()
}

/// Waits until the senders' health is as wanted: WhatsApp is asked on a task of the engine's own.
async fn until(engine: &Engine, wanted: impl Fn(&SenderHealth) -> bool) -> SenderHealth {
    for _ in 0..500 {
        let health = engine.platform().sender_health().await.unwrap();
        if wanted(&health) {
            return health;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("it does not come to that: {:?}", engine.platform().sender_health().await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_that_turns_red_keeps_marketing_back_and_says_why() {
    let world = World::new(|o| o.templates.push(code_at_whatsapp())).await;
    let engine = world.engine().await;
    engine.templates().put(code_template()).await.unwrap();
    assert_eq!(
        (number(&engine).await.quality, number(&engine).await.display),
        (None, None),
        "nobody asked yet"
    );
    world.simulator.change_business_number(NUMBER, &quality("RED")).unwrap();
    world.settle(&engine).await;
    let health = until(&engine, |h| h.numbers[0].quality.as_deref() == Some("RED")).await;
    assert_eq!(codes(&health.numbers[0].stopped_by), ["SENDER_QUALITY"]);
    assert_eq!(
        (health.numbers[0].per_second, &*health.numbers[0].lane),
        (5_000, "sending"),
        "half of 10,000"
    );

    let (id, _) = campaign(&engine, 0..20).await;
    engine.campaigns().start(id.clone()).await.unwrap();
    let awaited = engine.messages().send(code(&phone(50), Purpose::Transactional)).await.unwrap().id;
    world.settle(&engine).await;
    let progress = engine.campaigns().progress(id.clone()).await.unwrap();
    assert_eq!((progress.waiting, progress.sent, progress.denied), (20, 0, 0), "{progress:?}");
    assert_eq!(codes(&progress.stopped_by), ["SENDER_QUALITY"]);
    assert!(progress.stopped_by[0].text.contains("marketing waits"));
    let awaited = engine.messages().get(awaited).await.unwrap();
    assert_eq!(awaited.state, MessageState::Accepted, "what people wait for goes on");

    world.simulator.change_business_number(NUMBER, &quality("GREEN")).unwrap();
    world.settle(&engine).await;
    until(&engine, |h| h.numbers[0].stopped_by.is_empty() && h.numbers[0].per_second == 10_000).await;
    world.clock.advance(Duration::from_secs(3_700));
    world.settle(&engine).await;
    let progress = engine.campaigns().progress(id).await.unwrap();
    assert_eq!((progress.sent, progress.stopped_by), (20, vec![]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_yellow_number_is_found_out_without_a_webhook_and_sends_at_half_its_speed() {
    let world = World::new(|_| {}).await;
    let engine = world.engine().await;
    world.simulator.change_business_number(NUMBER, &quality("YELLOW")).unwrap();
    let health = engine.platform().refresh_sender_health().await.unwrap();
    assert_eq!((health.numbers[0].per_second, health.numbers[0].stopped_by.len()), (5_000, 0));
    assert_eq!(health.messaging_limit.as_deref(), Some("TIER_UNLIMITED"));
    assert_eq!((health.people_limit, health.read_at.is_some()), (None, true));
    world.simulator.change_business_number(NUMBER, &quality("GREEN")).unwrap();
    // Nobody tells it: after some hours WhatsApp is asked all the same.
    for _ in 0..8 {
        world.clock.advance(Duration::from_secs(3_600));
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    until(&engine, |h| h.numbers[0].per_second == 10_000).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_raised_throughput_counts_where_the_host_named_no_speed() {
    let world = World::new(|o| o.numbers[0].mps = 80).await;
    let mut config = world.config();
    config.numbers = vec![Number::new(NUMBER)];
    let engine = Engine::open(config, world.ports()).await.unwrap();
    *world.receiver.write().await = Some(engine.clone());
    assert_eq!(number(&engine).await.per_second, 80);
    world
        .simulator
        .change_business_number(NUMBER, &NumberChange { mps: Some(1_000), ..NumberChange::default() })
        .unwrap();
    world.settle(&engine).await;
    let health = until(&engine, |h| h.numbers[0].per_second == 1_000).await;
    assert_eq!(health.numbers[0].throughput.as_deref(), Some("HIGH"));
}

#[tokio::test(flavor = "multi_thread")]
async fn no_more_people_are_written_to_first_than_the_limit_says_whatever_the_campaign() {
    let world = World::new(|_| {}).await;
    let engine = world.engine().await;
    let limit = NumberChange { messaging_limit: Some("TIER_250".into()), ..NumberChange::default() };
    world.simulator.change_business_number(NUMBER, &limit).unwrap();
    world.settle(&engine).await;
    until(&engine, |h| h.people_limit == Some(250)).await;
    // One of them has the window open: that costs nothing of the limit.
    world.simulator.say(&phone(0), conek_simulator::Say::text("Are you open?")).unwrap();
    world.settle(&engine).await;
    let (id, _) = campaign(&engine, 0..300).await;
    engine.campaigns().start(id.clone()).await.unwrap();
    world.settle(&engine).await;
    let progress = engine.campaigns().progress(id.clone()).await.unwrap();
    assert_eq!((progress.sent, progress.waiting), (251, 49), "{progress:?}");
    assert_eq!(codes(&progress.stopped_by), ["MESSAGING_LIMIT"]);
    let health = engine.platform().sender_health().await.unwrap();
    assert_eq!((health.people_limit, health.people_written_to), (Some(250), 250));

    // Another life of the engine remembers whom it wrote to.
    engine.close().await.unwrap();
    drop(engine);
    let engine = world.engine().await;
    assert_eq!(engine.platform().sender_health().await.unwrap().people_written_to, 250);
    world.settle(&engine).await;
    assert_eq!(engine.campaigns().progress(id.clone()).await.unwrap().sent, 251);
    // A day later there is room again.
    world.clock.advance_to(world.clock.now() + TimeDelta::hours(25));
    for _ in 0..20 {
        world.settle(&engine).await;
        if engine.campaigns().progress(id.clone()).await.unwrap().waiting == 0 {
            break;
        }
        world.clock.advance(Duration::from_secs(600));
    }
    let progress = engine.campaigns().progress(id).await.unwrap();
    assert_eq!((progress.sent, progress.waiting), (300, 0), "{progress:?}");
    let (mut times, day) = (Vec::new(), TimeDelta::hours(24));
    times.extend(world.simulator.ledger().iter().filter(|e| e.to != phone(0)[1..]).map(|e| e.accepted_at));
    for from in &times {
        assert!(times.iter().filter(|t| *t >= from && **t < *from + day).count() <= 250);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disabled_account_stops_everything_until_it_is_reinstated_or_the_host_says_so() {
    let world = World::new(|_| {}).await;
    let engine = world.engine().await;
    let thandi = consenting(&engine, &phone(1)).await.unwrap();
    let ban = |state: &str| json!({"event": "DISABLED_UPDATE", "ban_info": {"waba_ban_state": state}});
    world.simulator.tell("account_update", &ban("SCHEDULE_FOR_DISABLE"), None).unwrap();
    world.settle(&engine).await;
    assert_eq!(number(&engine).await.lane, "sending", "it still works until then");
    world.simulator.tell("account_update", &ban("DISABLE"), None).unwrap();
    world.settle(&engine).await;
    let id = engine.messages().send(offer(&thandi)).await.unwrap().id;
    world.settle(&engine).await;
    assert_eq!(engine.messages().get(id.clone()).await.unwrap().state, MessageState::Queued);
    let stopped = engine.status().await.unwrap().stopped;
    assert_eq!((stopped.len(), stopped[0].code), (1, 131_031));
    assert!(engine.metrics().await.unwrap().contains("state=\"stopped\"} 1"));
    world.clock.advance(Duration::from_secs(2));
    world.simulator.tell("account_update", &ban("REINSTATE"), None).unwrap();
    world.settle(&engine).await;
    assert_eq!(engine.messages().get(id).await.unwrap().state, MessageState::Accepted);

    world.clock.advance(Duration::from_secs(2));
    world.simulator.tell("account_update", &ban("DISABLE"), None).unwrap();
    world.settle(&engine).await;
    assert_eq!(number(&engine).await.lane, "stopped");
    engine.resume().await.unwrap();
    assert_eq!(number(&engine).await.lane, "sending");
    // Another account's ban is none of ours.
    let other = json!({"object": "whatsapp_business_account", "entry": [{"id": "999", "time": 1_795_700_000,
        "changes": [{"field": "account_update", "value": ban("DISABLE")}]}]});
    let request = signed(other.to_string().as_bytes(), APP_SECRET);
    assert_eq!(engine.inbound().handle_http(request).await.unwrap().status, 200);
    world.settle(&engine).await;
    assert_eq!(number(&engine).await.lane, "sending");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restriction_holds_back_what_it_names_and_no_longer_than_it_says() {
    let world = World::new(|_| {}).await;
    let engine = world.engine().await;
    let until = (world.clock.now() + TimeDelta::hours(2)).timestamp();
    let restricted = json!({"event": "ACCOUNT_RESTRICTION", "restriction_info": [
        {"restriction_type": "RESTRICTED_BIZ_INITIATED_MESSAGING", "expiration": until}]});
    world.simulator.tell("account_update", &restricted, None).unwrap();
    world.settle(&engine).await;
    let thandi = consenting(&engine, &phone(1)).await.unwrap();
    let first = engine.messages().send(offer(&thandi)).await.unwrap().id;
    world.simulator.say(&phone(2), conek_simulator::Say::text("Are you open?")).unwrap();
    world.settle(&engine).await;
    let sipho =
        engine.contacts().lookup(conek_core::Recipient::Phone { number: phone(2) }).await.unwrap().unwrap();
    let answer = engine.messages().send(conek_tests::text(&sipho.id, "Yes")).await.unwrap().id;
    world.settle(&engine).await;
    assert_eq!(engine.messages().get(first.clone()).await.unwrap().state, MessageState::Queued);
    assert_eq!(engine.messages().get(answer).await.unwrap().state, MessageState::Accepted, "answers go on");
    let health = engine.platform().sender_health().await.unwrap();
    assert_eq!(
        (codes(&health.numbers[0].stopped_by), health.restrictions.len()),
        (vec!["SENDER_RESTRICTED"], 1)
    );
    for _ in 0..3 {
        world.clock.advance(Duration::from_secs(3_000));
        world.settle(&engine).await;
    }
    assert_eq!(engine.messages().get(first).await.unwrap().state, MessageState::Accepted);
    assert!(engine.platform().sender_health().await.unwrap().restrictions.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flag_counts_for_the_number_that_it_names_and_for_all_it_may_name() {
    const OTHER: &str = "100000000000002";
    let world = World::new(|o| {
        let other = BusinessNumber {
            id: OTHER.into(),
            display: "+27 21 555 0200".into(),
            mps: 0,
            ..BusinessNumber::default()
        };
        o.numbers.push(other);
    })
    .await;
    let mut config = world.config();
    config.numbers.push(Number::new(OTHER));
    let engine = Engine::open(config, world.ports()).await.unwrap();
    *world.receiver.write().await = Some(engine.clone());
    let stopped = |h: &SenderHealth| -> Vec<usize> { h.numbers.iter().map(|n| n.stopped_by.len()).collect() };
    let flagged = |display: &str| json!({"display_phone_number": display, "event": "FLAGGED"});
    // Which one it is, is not known yet: both wait, until WhatsApp is asked and says that both are well.
    engine.platform().refresh_sender_health().await.unwrap();
    world.simulator.change_business_number(OTHER, &quality("RED")).unwrap();
    world.settle(&engine).await;
    let health = until(&engine, |h| h.numbers[1].quality.as_deref() == Some("RED")).await;
    assert_eq!((stopped(&health), health.numbers[1].display.as_deref()), (vec![0, 1], Some("27215550200")));
    world.simulator.tell("phone_number_quality_update", &flagged("27000000000"), None).unwrap();
    world.settle(&engine).await;
    assert_eq!(stopped(&engine.platform().sender_health().await.unwrap()), [0, 1], "nobody of ours");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_template_that_whatsapp_paused_is_named_where_a_campaign_waits() {
    let world = World::new(|_| {}).await;
    let engine = world.engine().await;
    let (id, _) = campaign(&engine, 0..3).await;
    world.simulator.set_template_status("spring_offer", "PAUSED");
    assert!(world.simulator.rate_template("spring_offer", Some("RED"), None));
    world.settle(&engine).await;
    let health = engine.platform().sender_health().await.unwrap();
    assert_eq!(
        (&*health.templates[0].status, health.templates[0].quality.as_deref()),
        ("PAUSED", Some("RED"))
    );
    let progress = engine.campaigns().progress(id.clone()).await.unwrap();
    assert_eq!(codes(&progress.stopped_by), ["TEMPLATE_NOT_APPROVED"]);
    world.simulator.set_template_status("spring_offer", "REINSTATED");
    world.settle(&engine).await;
    assert_eq!(engine.templates().get("spring_offer".into(), "en".into()).await.unwrap().status, "APPROVED");
    assert!(engine.campaigns().progress(id).await.unwrap().stopped_by.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_of_news_comes_through_the_stream_and_nothing_of_it_is_lost() {
    let world = World::new(|_| {}).await;
    let engine = world.engine().await;
    let around = |list: &str, item: Value| {
        json!({"messaging_product": "whatsapp", list: [item],
        "metadata": {"display_phone_number": "27215550100", "phone_number_id": NUMBER}})
    };
    let echo = json!({"from": "27215550100", "to": "27832885137", "id": "wamid.E", "timestamp": "1795676400", "type": "text", "text": {"body": "See you"}});
    let news = [
        (
            "phone_number_name_update",
            json!({"display_phone_number": "27215550100", "decision": "APPROVED"}),
            "number",
        ),
        ("security", json!({"display_phone_number": "27215550100", "event": "PIN_CHANGED"}), "number"),
        ("account_review_update", json!({"decision": "APPROVED"}), "account"),
        ("flows", json!({"event": "FLOW_STATUS_CHANGE", "flow_id": "1", "new_status": "PUBLISHED"}), "flow"),
        ("smb_message_echoes", around("message_echoes", echo.clone()), "app"),
        ("history", around("history", json!({"metadata": {"phase": 0}, "threads": []})), "app"),
        ("group_status_update", around("groups", json!({"group_id": "G", "type": "group_suspend"})), "group"),
        ("messages", around("errors", json!({"code": 131_000})), "number"),
        ("tracking_events", json!({"events": []}), "unknown"),
        ("account_update", json!({"event": ["odd"]}), "unknown"),
    ];
    for (field, value, _) in &news {
        world.simulator.tell(field, value, None).unwrap();
    }
    world.settle(&engine).await;
    let events = engine.inbound().events(None, 100).await.unwrap().events;
    let kinds: Vec<String> = events
        .iter()
        .map(|e| serde_json::to_value(&e.happening).unwrap()["type"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(kinds.len(), news.len(), "{kinds:?}");
    for (field, _, kind) in &news {
        let told = |all: &mut dyn Iterator<Item = &str>| all.filter(|k| k == kind).count();
        let expected = told(&mut news.iter().map(|(.., k)| *k));
        assert_eq!(told(&mut kinds.iter().map(String::as_str)), expected, "{field}");
    }
    assert_eq!(engine.contacts().count().await.unwrap(), 0, "nobody of these became a contact");
    // What was said in the app to somebody who is one is theirs, and goes with them.
    let thandi = consenting(&engine, "+27832885137").await.unwrap();
    let mut again = echo;
    again["id"] = "wamid.E2".into();
    world.simulator.tell("smb_message_echoes", &around("message_echoes", again), None).unwrap();
    world.settle(&engine).await;
    let last = engine.inbound().events(None, 100).await.unwrap().events.pop().unwrap();
    assert_eq!(last.person, Some(thandi));
}
