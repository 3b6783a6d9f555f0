//! What goes wrong on the way of a message: around the acceptance, and with the webhooks after it.

use std::time::Duration;

use chrono::TimeDelta;
use conek_core::{
    Clock, Draft, Engine, MessageId, Purpose,
    messaging::{ButtonDefinition, MessageState, Template, TemplateButton, TemplateCategory},
};
use conek_simulator::{Fault, FaultRule, Say, WebhookOptions};
use conek_tests::{NUMBER, World, campaign, code, consenting, filled, offer, phone};

/// Everything that can happen to an answer after the message was accepted.
fn after() -> Vec<Fault> {
    vec![
        Fault::CloseAfter,
        Fault::ResetAfter,
        Fault::ErrorAfter,
        Fault::GarbageAfter,
        Fault::NoIdAfter,
        Fault::RedirectAfter,
        Fault::TruncateAfter { bytes: 40 },
        // Longer than the lease: others may act on the message meanwhile.
        Fault::HangAfter { for_ms: Some(90_000) },
    ]
}

/// Sends one offer per fault, each to somebody of their own.
async fn one_for_each(world: &World, engine: &Engine, faults: Vec<Fault>) -> Vec<MessageId> {
    let rules = faults
        .into_iter()
        .enumerate()
        .map(|(i, f)| FaultRule::new(f).to(&phone(i)).times(1))
        .collect::<Vec<_>>();
    let people = rules.len();
    world.simulator.set_faults(rules);
    let mut ids = Vec::new();
    for i in 0..people {
        let person = consenting(engine, &phone(i)).await.unwrap();
        ids.push(engine.messages().send(offer(&person)).await.unwrap().id);
    }
    assert!(engine.settle(60_000).await.unwrap());
    ids
}

async fn states(engine: &Engine, ids: &[MessageId]) -> Vec<MessageState> {
    let mut states = Vec::new();
    for id in ids {
        states.push(engine.messages().get(id.clone()).await.unwrap().state);
    }
    states
}

async fn until(engine: &Engine, id: &MessageId, state: MessageState) {
    for _ in 0..2_000 {
        if engine.messages().get(id.clone()).await.unwrap().state == state {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("{:?} never becomes {state:?}", engine.messages().get(id.clone()).await.unwrap());
}

fn copies(world: &World, person: usize) -> usize {
    let digits = phone(person);
    world.simulator.ledger().iter().filter(|e| e.to == digits.trim_start_matches('+')).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_happens_to_the_answer_the_message_is_sent_once_and_its_echo_proves_it() {
    let world = World::new(|_| {}).await;
    let engine = world.engine().await;
    let ids = one_for_each(&world, &engine, after()).await;
    world.settle(&engine).await;
    assert_eq!(states(&engine, &ids).await, vec![MessageState::Accepted; ids.len()]);
    for (i, fault) in after().iter().enumerate() {
        assert_eq!(copies(&world, i), 1, "{fault:?}");
    }
    assert!(world.simulator.faults().iter().all(|rule| rule.fired == 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_any_echo_the_doubt_stays_for_seven_days_and_an_hour_and_late_proof_still_counts() {
    let week = TimeDelta::days(7);
    let world = World::new(|o| {
        o.webhooks.drop_kinds = vec!["sent".into(), "delivered".into()];
        // People open it only after all hope is gone.
        o.pace.read_ms = [8 * 24 * 3_600_000; 2];
    })
    .await;
    let engine = world.engine().await;
    let faults: Vec<Fault> = after().into_iter().filter(|f| !matches!(f, Fault::HangAfter { .. })).collect();
    let ids = one_for_each(&world, &engine, faults).await;
    let sent_at = world.clock.now();
    let doubt = vec![MessageState::InDoubt; ids.len()];
    assert_eq!(states(&engine, &ids).await, doubt);
    world.clock.set_speed(0.0);
    // An hour at a time, so that each look at the doubts falls due by itself.
    while world.clock.now() < sent_at + week {
        world.clock.advance(Duration::from_secs(6 * 3600));
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(states(&engine, &ids).await, doubt, "evidence could still come");
    world.clock.advance_to(sent_at + week + TimeDelta::minutes(62));
    for id in &ids {
        until(&engine, id, MessageState::Unresolved).await;
    }
    for i in 0..ids.len() {
        assert_eq!(copies(&world, i), 1, "nothing was repeated");
    }
    // They read it eight days after it arrived, and on a busy machine it may have arrived late.
    for _ in 0..4 {
        world.clock.advance(Duration::from_secs(24 * 3600));
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    for id in &ids {
        until(&engine, id, MessageState::Accepted).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_comes_after_the_lease_is_still_heard() {
    let world = World::new(|o| o.webhooks.drop = 1.0).await;
    let engine = world.engine().await;
    let ids = one_for_each(&world, &engine, vec![Fault::HangAfter { for_ms: Some(120_000) }]).await;
    until(&engine, &ids[0], MessageState::Accepted).await;
    assert_eq!(copies(&world, 0), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tapped_button_proves_a_message_whose_statuses_are_all_lost() {
    let world = World::new(|o| {
        o.webhooks.drop_kinds = vec!["sent".into(), "delivered".into(), "read".into()];
        o.templates.push(serde_json::json!({"name": "with_button", "language": "en", "category": "MARKETING", "components": [
            {"type": "BODY", "text": "Hello {{1}}, spring is here at Karoo Coffee. Reply STOP to opt out.", "example": {"body_text": [["Thandi"]]}},
            {"type": "BUTTONS", "buttons": [{"type": "QUICK_REPLY", "text": "Tell me more"}]}]}));
    })
    .await;
    let engine = world.engine().await;
    let body = "Hello {{1}}, spring is here at Karoo Coffee. Reply STOP to opt out.";
    let template = Template {
        buttons: vec![ButtonDefinition::QuickReply { text: "Tell me more".into() }],
        ..Template::new("with_button", "en", TemplateCategory::Marketing, body)
    };
    engine.templates().put(template).await.unwrap();
    world.simulator.set_faults(vec![FaultRule::new(Fault::CloseAfter)]);
    let person = consenting(&engine, &phone(0)).await.unwrap();
    let draft = Draft {
        content: filled("with_button", "Thandi")
            .with_button(TemplateButton::QuickReply { index: 0, payload: "more".into() })
            .unwrap(),
        ..offer(&person)
    };
    let id = engine.messages().send(draft).await.unwrap().id;
    assert!(engine.settle(60_000).await.unwrap());
    assert_eq!(states(&engine, std::slice::from_ref(&id)).await, [MessageState::InDoubt]);
    let entry = world.simulator.ledger().remove(0);
    let components = entry.content["template"]["components"].as_array().cloned().unwrap_or_default();
    let button = components.iter().find(|c| c["type"] == "button").expect("the button's value was sent");
    let payload = button["parameters"][0]["payload"].as_str().expect("a payload").to_owned();
    world
        .simulator
        .say(&phone(0), Say::Button { text: "Tell me more".into(), payload: Some(payload) })
        .unwrap();
    until(&engine, &id, MessageState::Accepted).await;
    assert_eq!(world.simulator.ledger().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_refused_for_now_is_sent_later_and_once() {
    let world = World::new(|_| {}).await;
    let engine = world.engine().await;
    let faults = vec![
        Fault::Refuse { code: 130_429, http: None },
        Fault::Refuse { code: 131_056, http: None },
        Fault::TooManyRequests,
    ];
    let ids = one_for_each(&world, &engine, faults).await;
    for (i, id) in ids.iter().enumerate() {
        until(&engine, id, MessageState::Accepted).await;
        assert_eq!(copies(&world, i), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_may_have_been_accepted_is_never_repeated_even_if_it_was_not() {
    let world = World::new(|_| {}).await;
    let engine = world.engine().await;
    let ids =
        one_for_each(&world, &engine, vec![Fault::ErrorBefore, Fault::ResetBefore, Fault::CloseBefore]).await;
    assert_eq!(states(&engine, &ids).await, vec![MessageState::InDoubt; 3]);
    world.clock.advance(Duration::from_secs(3600));
    world.settle(&engine).await;
    assert_eq!(states(&engine, &ids).await, vec![MessageState::InDoubt; 3]);
    world.clock.advance(Duration::from_secs(7 * 24 * 3600 + 120));
    for id in &ids {
        until(&engine, id, MessageState::Unresolved).await;
    }
    assert!(world.simulator.ledger().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_whatsapp_refuses_for_good_is_refused_and_was_not_sent() {
    let world = World::new(|_| {}).await;
    let engine = world.engine().await;
    let ids = one_for_each(&world, &engine, vec![Fault::Refuse { code: 131_026, http: None }]).await;
    let message = engine.messages().get(ids[0].clone()).await.unwrap();
    assert_eq!((message.state, message.error_code), (MessageState::Refused, Some(131_026)));
    world.settle(&engine).await;
    assert!(world.simulator.ledger().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_was_never_made_is_tried_again_and_given_up_as_not_sent() {
    let world = World::new(|_| {}).await;
    let closed = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap().local_addr().unwrap();
    let mut config = world.config();
    config.whatsapp.as_mut().unwrap().base_url = Some(format!("http://{closed}"));
    let engine = Engine::open(config, world.ports()).await.unwrap();
    engine.templates().put(conek_tests::spring_offer()).await.unwrap();
    let person = consenting(&engine, &phone(0)).await.unwrap();
    let id = engine.messages().send(offer(&person)).await.unwrap().id;
    until(&engine, &id, MessageState::Refused).await;
    assert_eq!(engine.messages().get(id).await.unwrap().attempts, 4, "once, and three times more");
    assert!(world.simulator.ledger().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_one_time_password_that_may_be_lost_is_repeated_once_and_no_more() {
    let world = World::new(|o| {
        o.webhooks.drop = 1.0;
        o.templates.push(conek_tests::code_at_whatsapp());
    })
    .await;
    let engine = world.engine().await;
    engine.templates().put(conek_tests::code_template()).await.unwrap();
    world.simulator.set_faults(vec![FaultRule::new(Fault::CloseAfter)]);
    let id = engine.messages().send(code(&phone(0), Purpose::Authentication)).await.unwrap().id;
    for _ in 0..20 {
        world.clock.advance(Duration::from_secs(30));
        tokio::time::sleep(Duration::from_millis(30)).await;
        assert!(engine.settle(60_000).await.unwrap());
    }
    assert_eq!(world.simulator.ledger().len(), 2);
    let message = engine.messages().get(id).await.unwrap();
    assert_eq!((message.state, message.attempts), (MessageState::InDoubt, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_doubtful_message_holds_nobody_else_up() {
    let world = World::new(|_| {}).await;
    let engine = world.engine().await;
    let doubtful = consenting(&engine, &phone(0)).await.unwrap();
    world.simulator.set_faults(vec![FaultRule::new(Fault::HangBefore { for_ms: None }).to(&phone(0))]);
    let stuck = engine.messages().send(offer(&doubtful)).await.unwrap().id;
    for i in 1..=100 {
        let person = consenting(&engine, &phone(i)).await.unwrap();
        let id = engine.messages().send(offer(&person)).await.unwrap().id;
        assert_eq!(engine.messages().wait(id, 20_000).await.unwrap().state, MessageState::Accepted);
    }
    until(&engine, &stuck, MessageState::InDoubt).await;
    assert_eq!(world.simulator.ledger().len(), 100);
}

#[tokio::test(flavor = "multi_thread")]
async fn webhooks_may_come_in_any_way_and_the_end_is_the_same() {
    type Change = fn(&mut WebhookOptions);
    let ways: [(&str, Change); 7] = [
        ("in order", |w| w.concurrency = 1),
        ("all twice", |w| w.duplicate = 1.0),
        ("in disorder", |w| (w.reorder_within_ms, w.concurrency) = (30_000, 16)),
        ("a thousand in one body", |w| {
            (w.batch_max, w.batch_window_ms, w.reorder_within_ms) = (1_000, 20_000, 1_000)
        }),
        ("hours late", |w| w.delay_ms = [60_000, 6 * 3_600_000]),
        ("before the answer", |w| w.echo_first = true),
        ("unsigned at first", |w| (w.missing_signature, w.bad_signature) = (0.5, 0.5)),
    ];
    for (name, change) in ways {
        let world = World::new(|o| change(&mut o.webhooks)).await;
        let engine = world.engine().await;
        let (id, people) = campaign(&engine, 0..60).await;
        engine.campaigns().start(id.clone()).await.unwrap();
        world.settle(&engine).await;
        let p = engine.campaigns().progress(id).await.unwrap();
        assert_eq!(
            (p.planned, p.sent, p.delivered, p.read, p.in_doubt),
            (60, 60, 60, 60, 0),
            "{name}: {p:?}"
        );
        assert_eq!(world.simulator.ledger().len(), people.len(), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn webhooks_that_nobody_took_are_taken_when_they_come_again() {
    let world = World::new(|_| {}).await;
    let engine = world.engine().await;
    *world.receiver.write().await = None;
    world.simulator.set_faults(vec![FaultRule::new(Fault::CloseAfter)]);
    let (id, people) = campaign(&engine, 0..40).await;
    engine.campaigns().start(id.clone()).await.unwrap();
    assert!(engine.settle(60_000).await.unwrap());
    assert_eq!(engine.campaigns().progress(id.clone()).await.unwrap().in_doubt, 40);
    *world.receiver.write().await = Some(engine.clone());
    world.settle(&engine).await;
    let p = engine.campaigns().progress(id).await.unwrap();
    assert_eq!((p.sent, p.read, p.in_doubt), (40, 40, 0));
    assert_eq!(world.simulator.ledger().len(), people.len());
    assert!(world.simulator.ledger().iter().all(|e| e.phone_number_id == NUMBER));
}
