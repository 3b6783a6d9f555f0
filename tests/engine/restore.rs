//! A copy of the database is opened in place of the original: nothing is sent twice.

use std::time::Duration;

use chrono::TimeDelta;
use conek_core::{
    Clock, Engine, Storage,
    messaging::MessageState,
    storage::{Batch, Index, Query, Sqlite, Write},
};
use conek_simulator::{Fault, FaultRule, Say};
use conek_tests::{World, campaign, consenting, offer, phone};

/// Opens the copy, which has the original's key file.
async fn open_copy(world: &World, copy: &str) -> Engine {
    let mut config = world.copied(copy).await;
    config.key_file = Some(format!("{}.key", world.path().display()));
    Engine::open(config, world.ports()).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_taken_under_load_sends_nothing_by_itself_and_nothing_twice() {
    let world = World::new(|_| {}).await;
    let engine = world.engine().await;
    let (id, people) = campaign(&engine, 0..150).await;
    let copy = world.dir.path().join("copy.db").display().to_string();
    // Some are still waiting when the copy is made.
    world.simulator.set_faults(vec![FaultRule::new(Fault::HangAfter { for_ms: Some(4_000) })]);
    let campaigns = engine.campaigns();
    let start = campaigns.start(id.clone());
    let (started, copied) = tokio::join!(start, async {
        while world.simulator.ledger().len() < 20 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        engine.backup(copy.clone()).await
    });
    started.unwrap();
    copied.unwrap();
    world.settle(&engine).await;
    assert_eq!(world.simulator.ledger().len(), people.len(), "the original went on");
    let first = world.simulator.ledger();
    engine.close().await.unwrap();
    drop(engine);
    world.simulator.set_faults(Vec::new());

    let restored = open_copy(&world, &copy).await;
    *world.receiver.write().await = Some(restored.clone());
    let status = restored.status().await.unwrap();
    assert!(status.waiting_to_resume && status.store_epoch == 2, "{status:?}");
    world.clock.advance(Duration::from_secs(600));
    world.settle(&restored).await;
    assert_eq!(world.simulator.ledger().len(), first.len(), "nothing leaves before resume");
    restored.resume().await.unwrap();
    world.clock.advance(Duration::from_secs(600));
    world.settle(&restored).await;
    assert_eq!(world.simulator.ledger().len(), first.len(), "what was queued in the copy stays held");
    let p = restored.campaigns().progress(id.clone()).await.unwrap();
    assert_eq!(p.planned, p.waiting + p.sent + p.in_doubt, "{p:?}");
    assert_eq!(
        p.refused + p.denied + p.dropped,
        0,
        "a restored store never says that something was not sent"
    );
    let held = restored.messages().held(None, 1_000).await.unwrap().messages;
    assert_eq!(held.len() as i64, p.waiting);
    assert!(!held.is_empty(), "the copy was made while some waited");

    // The webhooks of that time come again: what was sent is known, however it was known before.
    let all: Vec<u64> = world.simulator.webhooks().iter().map(|w| w.id).collect();
    world.simulator.redeliver(Some(&all));
    world.settle(&restored).await;
    let p = restored.campaigns().progress(id).await.unwrap();
    assert_eq!((p.sent, p.delivered, p.waiting, p.in_doubt), (150, 150, 0, 0), "{p:?}");
    assert_eq!(world.simulator.ledger().len(), first.len());
    // New messages leave as ever.
    let person = consenting(&restored, &phone(400)).await.unwrap();
    let sent = restored.messages().send(offer(&person)).await.unwrap();
    assert_eq!(restored.messages().wait(sent.id, 20_000).await.unwrap().state, MessageState::Accepted);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_held_message_that_is_released_is_sent_and_the_proof_of_both_sends_is_understood() {
    let world = World::new(|_| {}).await;
    let engine = world.engine().await;
    let person = consenting(&engine, &phone(0)).await.unwrap();
    let mut draft = offer(&person);
    draft.not_before = Some(world.clock.now() + TimeDelta::minutes(10));
    let id = engine.messages().send(draft).await.unwrap().id;
    let copy = world.dir.path().join("copy.db").display().to_string();
    engine.backup(copy.clone()).await.unwrap();
    world.clock.advance(Duration::from_secs(601));
    assert_eq!(engine.messages().wait(id.clone(), 20_000).await.unwrap().state, MessageState::Accepted);
    world.settle(&engine).await;
    engine.close().await.unwrap();
    drop(engine);

    let restored = open_copy(&world, &copy).await;
    *world.receiver.write().await = Some(restored.clone());
    restored.resume().await.unwrap();
    assert_eq!(restored.messages().get(id.clone()).await.unwrap().state, MessageState::Held);
    assert_eq!(world.simulator.ledger().len(), 1);
    let old: Vec<u64> = world.simulator.webhooks().iter().map(|w| w.id).collect();
    restored.messages().release(id.clone()).await.unwrap();
    assert_eq!(restored.messages().wait(id.clone(), 20_000).await.unwrap().state, MessageState::Accepted);
    world.settle(&restored).await;
    assert_eq!(world.simulator.ledger().len(), 2, "the operator answered for that");
    // Proof of the send that the copy had forgotten.
    world.simulator.redeliver(Some(&old));
    world.settle(&restored).await;
    assert_eq!(restored.status().await.unwrap().webhooks, 0, "no webhook stays behind");
    assert_eq!(restored.messages().get(id).await.unwrap().state, MessageState::Accepted);
    // And nobody else waits for it.
    let other = consenting(&restored, &phone(1)).await.unwrap();
    let sent = restored.messages().send(offer(&other)).await.unwrap();
    world.settle(&restored).await;
    assert!(restored.messages().get(sent.id).await.unwrap().read_at.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_within_whatsapp_is_after_a_restore_what_it_was() {
    let world = World::new(|_| {}).await;
    let engine = world.engine().await;
    let person = consenting(&engine, &phone(0)).await.unwrap();
    let copy = world.dir.path().join("copy.db").display().to_string();
    engine.backup(copy.clone()).await.unwrap();
    world.simulator.say(&phone(0), Say::Preference { value: "stop".into() }).unwrap();
    world.settle(&engine).await;
    assert_eq!(engine.messages().send(offer(&person)).await.unwrap_err().code(), "denied");
    *world.receiver.write().await = None;
    engine.close().await.unwrap();
    drop(engine);

    let restored = open_copy(&world, &copy).await;
    *world.receiver.write().await = Some(restored.clone());
    restored.resume().await.unwrap();
    assert_eq!(restored.messages().send(offer(&person)).await.unwrap_err().code(), "denied");
    let report = restored.verify(true).await.unwrap();
    assert!(report.sound, "{:?}", report.problems);
    // It is the platform's still: whoever takes it back there is written to again.
    world.simulator.say(&phone(0), Say::Preference { value: "resume".into() }).unwrap();
    world.settle(&restored).await;
    restored.messages().send(offer(&person)).await.unwrap();
    restored.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_made_while_a_campaign_started_holds_whomever_it_had_not_reached() {
    let world = World::new(|_| {}).await;
    if world.has_no_file() {
        return;
    }
    let engine = world.engine().await;
    let (id, people) = campaign(&engine, 0..20).await;
    let copy = world.dir.path().join("copy.db").display().to_string();
    engine.backup(copy.clone()).await.unwrap();
    engine.campaigns().start(id.clone()).await.unwrap();
    world.settle(&engine).await;
    assert_eq!(world.simulator.ledger().len(), people.len());
    *world.receiver.write().await = None;
    engine.close().await.unwrap();
    drop(engine);

    // As if the copy had been made a moment later.
    let storage = Sqlite::open(&copy).await.unwrap();
    let query = Query {
        account: "main".into(),
        kind: "campaign".into(),
        index: Index::Id {},
        state: None,
        after: None,
        limit: 1,
        descending: false,
    };
    let mut record = storage.find(query).await.unwrap().records.remove(0);
    record.state = "starting".into();
    storage.commit(vec![Batch { writes: vec![Write::Put { record }] }]).await.unwrap();
    storage.close().await.unwrap();
    drop(storage);

    let restored = open_copy(&world, &copy).await;
    *world.receiver.write().await = Some(restored.clone());
    restored.resume().await.unwrap();
    world.settle(&restored).await;
    let held = restored.messages().held(None, 1_000).await.unwrap().messages;
    assert_eq!(held.len(), people.len());
    assert_eq!(world.simulator.ledger().len(), people.len(), "nobody gets it twice");
    restored.close().await.unwrap();
}
