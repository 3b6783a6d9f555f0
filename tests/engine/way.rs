//! The way of one message, and what people say on it.

use conek_core::{
    Purpose, Recipient,
    consent::{ConsentSource, ConsentStatus},
    inbound::Happening,
    messaging::MessageState,
    transport::Reply,
};
use conek_simulator::{Persona, Say};
use conek_tests::{World, consenting, offer, text};

const THANDI: &str = "+27832885137";

#[tokio::test(flavor = "multi_thread")]
async fn a_consented_offer_is_sent_delivered_and_read() {
    let world = World::new(|_| {}).await;
    let engine = world.engine().await;
    let person = consenting(&engine, THANDI).await.unwrap();
    let sent = engine.messages().send(offer(&person)).await.unwrap();
    assert_eq!(sent.state, MessageState::Queued);
    let message = engine.messages().wait(sent.id.clone(), 10_000).await.unwrap();
    assert_eq!(message.state, MessageState::Accepted);
    world.settle(&engine).await;
    let message = engine.messages().get(sent.id.clone()).await.unwrap();
    assert!(message.delivered_at.is_some() && message.read_at.is_some(), "{message:?}");
    assert!(message.wamid.is_some_and(|w| w.starts_with("wamid.")));
    assert_eq!(world.simulator.ledger().len(), 1);
    let why = engine.policy().explain(sent.id.clone()).await.unwrap();
    assert!(why.text.contains("consented"), "{}", why.text);
    assert_eq!(engine.policy().replay(sent.id).await.unwrap(), why.decision);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_consent_nothing_leaves_and_every_reason_is_given() {
    let world = World::new(|_| {}).await;
    let engine = world.engine().await;
    let stranger = engine
        .contacts()
        .upsert(conek_core::people::NewContact { phone: Some(THANDI.into()), ..Default::default() })
        .await
        .unwrap();
    let denied = engine.messages().send(offer(&stranger.id)).await.unwrap_err();
    let conek_core::Error::Denied { id, reasons, .. } = denied else { panic!("{denied:?}") };
    assert_eq!(reasons, ["NO_CONSENT", "CUSTOMER_EXCEPTION_CONTACT_NOT_FROM_SALE"]);
    let why = engine.policy().explain(id.into()).await.unwrap();
    assert!(why.text.contains("POPIA s69(1)(a)"), "{}", why.text);
    world.settle(&engine).await;
    assert!(world.simulator.ledger().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn stop_ends_marketing_for_good_and_is_confirmed_once() {
    let world = World::new(|o| {
        o.personas.insert(THANDI.trim_start_matches('+').into(), Persona::Reads);
    })
    .await;
    let engine = world.engine().await;
    let person = consenting(&engine, THANDI).await.unwrap();
    engine.messages().send(offer(&person)).await.unwrap();
    world.settle(&engine).await;
    for _ in 0..2 {
        world.simulator.say(THANDI, Say::Text { body: "Stop!".into() }).unwrap();
        world.settle(&engine).await;
        // The pair limit makes the confirmation wait for its six seconds.
        world.clock.advance(std::time::Duration::from_secs(10));
        world.settle(&engine).await;
    }
    let denied = engine.messages().send(offer(&person)).await.unwrap_err();
    let conek_core::Error::Denied { reasons, .. } = denied else { panic!("{denied:?}") };
    assert_eq!(reasons[0], "SUPPRESSED");
    // Another contact with the same number, imported later, is still suppressed.
    assert!(
        engine.consent().is_suppressed(Recipient::Phone { number: "083 288 5137".into() }).await.unwrap()
    );
    let history = engine.consent().history(person.clone()).await.unwrap();
    assert!(history.iter().any(|e| e.status == ConsentStatus::Withdrawn
        && e.source == ConsentSource::WhatsappReply
        && e.evidence.reply.as_deref() == Some("Stop!")));
    let confirmations = engine
        .messages()
        .of_person(person, 100)
        .await
        .unwrap()
        .into_iter()
        .filter(|m| m.purpose == Purpose::OptOutConfirmation)
        .count();
    assert_eq!(confirmations, 1);
    assert_eq!(world.simulator.ledger().len(), 2, "the offer and the confirmation");
    let events = engine.inbound().events(None, 1000).await.unwrap().events;
    assert!(events.iter().any(|e| matches!(e.happening, Happening::OptedOut { .. })));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_opens_the_window_for_24_hours() {
    let world = World::new(|_| {}).await;
    let engine = world.engine().await;
    let person = consenting(&engine, THANDI).await.unwrap();
    let closed = engine.messages().send(text(&person, "Hello")).await.unwrap_err();
    assert!(matches!(closed, conek_core::Error::Denied { ref reasons, .. } if reasons == &["WINDOW_CLOSED"]));
    world.simulator.say(THANDI, Say::Text { body: "Are you open?".into() }).unwrap();
    world.settle(&engine).await;
    let sent = engine.messages().send(text(&person, "Yes, until five.")).await.unwrap();
    world.settle(&engine).await;
    assert_eq!(engine.messages().get(sent.id).await.unwrap().state, MessageState::Accepted);
    let events = engine.inbound().events(None, 1000).await.unwrap().events;
    assert!(events.iter().any(|e| matches!(&e.happening,
        Happening::Received { reply: Reply::Text { body }, .. } if body == "Are you open?")));
    world.clock.advance(std::time::Duration::from_secs(24 * 3600));
    assert!(engine.messages().send(text(&person, "Still there?")).await.is_err());
}
