//! A campaign is stopped, goes on and ends, at whatever moment the host says so.

use std::time::Duration;

use chrono::{DateTime, Utc};
use conek_core::{
    CampaignId, Engine,
    campaigns::{CampaignProgress, CampaignState},
    people::ImportOptions,
};
use conek_tests::{World, campaign, phone, plan};

/// Everybody waits until eight o'clock.
const NIGHT: &str = "2026-11-24T03:00:00+02:00";
const MORNING: &str = "2026-11-24T08:00:10+02:00";

async fn night() -> World {
    World::at(NIGHT, |_| {}).await
}

async fn morning(world: &World, engine: &Engine) {
    let morning: DateTime<Utc> = MORNING.parse().unwrap();
    // Only ever forward: it may be later already.
    if morning > conek_core::Clock::now(&*world.clock) {
        world.clock.advance_to(morning);
    }
    world.settle(engine).await;
}

async fn state(engine: &Engine, id: &CampaignId) -> CampaignProgress {
    engine.campaigns().progress(id.clone()).await.unwrap()
}

/// So many people who consented, by one file.
async fn many(engine: &Engine, people: usize) -> CampaignId {
    let csv = (0..people).fold("phone,name,consent,consent_evidence\n".to_owned(), |csv, n| {
        csv + &phone(n) + ",Thandi,yes,form 1\n"
    });
    let report = engine.contacts().import_csv(csv.into_bytes(), ImportOptions::default()).await.unwrap();
    assert_eq!((report.created, report.consents), (people as i64, people as i64));
    let mut ids = Vec::new();
    let mut after = None;
    loop {
        let page = engine.contacts().list(after, 1_000).await.unwrap();
        ids.extend(page.contacts.into_iter().map(|c| c.id));
        after = page.next;
        if after.is_none() {
            return plan(engine, ids).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paused_campaign_sends_nothing_and_goes_on_where_it_was() {
    let world = night().await;
    let engine = world.engine().await;
    let (id, _) = campaign(&engine, 0..20).await;
    engine.campaigns().start(id.clone()).await.unwrap();
    let p = engine.campaigns().pause(id.clone()).await.unwrap();
    assert_eq!((p.state, p.waiting, p.sent), (CampaignState::Paused, 20, 0));
    assert_eq!(engine.campaigns().pause(id.clone()).await.unwrap_err().code(), "conflict");
    morning(&world, &engine).await;
    assert!(world.simulator.ledger().is_empty());
    // It stays paused over a restart.
    engine.close().await.unwrap();
    let engine = world.engine().await;
    world.settle(&engine).await;
    assert_eq!(state(&engine, &id).await.state, CampaignState::Paused);
    assert!(world.simulator.ledger().is_empty());
    engine.campaigns().resume(id.clone()).await.unwrap();
    world.settle(&engine).await;
    let p = state(&engine, &id).await;
    assert_eq!((p.state, p.sent, p.planned), (CampaignState::Completed, 20, 20));
    assert_eq!(world.simulator.ledger().len(), 20);
    assert_eq!(engine.campaigns().resume(id).await.unwrap_err().code(), "conflict");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_campaign_is_over_whatever_it_was() {
    let world = night().await;
    let engine = world.engine().await;
    let (planned, people) = campaign(&engine, 0..5).await;
    let running = plan(&engine, people.clone()).await;
    let paused = plan(&engine, people).await;
    for id in [&running, &paused] {
        engine.campaigns().start(id.clone()).await.unwrap();
    }
    engine.campaigns().pause(paused.clone()).await.unwrap();
    for id in [planned.clone(), running, paused] {
        let p = engine.campaigns().cancel(id.clone()).await.unwrap();
        assert_eq!((p.state, p.waiting), (CampaignState::Cancelled, 0));
        assert_eq!(p.dropped, if id == planned { 0 } else { 5 });
        assert_eq!(engine.campaigns().cancel(id.clone()).await.unwrap_err().code(), "conflict");
        assert_eq!(engine.campaigns().start(id).await.unwrap_err().code(), "conflict");
    }
    morning(&world, &engine).await;
    assert!(world.simulator.ledger().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_campaign_can_be_cancelled_while_it_is_put_into_the_queue() {
    let world = night().await;
    let engine = world.engine().await;
    let id = many(&engine, 5_000).await;
    let starting = tokio::spawn({
        let (engine, id) = (engine.clone(), id.clone());
        async move { engine.campaigns().start(id).await }
    });
    while state(&engine, &id).await.state == CampaignState::Planned {}
    let p = engine.campaigns().cancel(id.clone()).await.unwrap();
    assert_eq!((p.state, p.waiting), (CampaignState::Cancelled, 0));
    assert_eq!(starting.await.unwrap().unwrap().state, CampaignState::Cancelled);
    let p = state(&engine, &id).await;
    assert_eq!(
        (p.state, p.waiting, p.sending),
        (CampaignState::Cancelled, 0, 0),
        "nobody was put in behind it"
    );
    morning(&world, &engine).await;
    assert!(world.simulator.ledger().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_campaign_can_be_paused_while_it_is_put_into_the_queue_and_nobody_is_forgotten() {
    let world = night().await;
    let engine = world.engine().await;
    let id = many(&engine, 3_000).await;
    let starting = tokio::spawn({
        let (engine, id) = (engine.clone(), id.clone());
        async move { engine.campaigns().start(id).await }
    });
    while state(&engine, &id).await.state == CampaignState::Planned {}
    assert_eq!(engine.campaigns().pause(id.clone()).await.unwrap().state, CampaignState::Paused);
    assert_eq!(starting.await.unwrap().unwrap().state, CampaignState::Paused);
    morning(&world, &engine).await;
    assert!(world.simulator.ledger().is_empty());
    engine.campaigns().resume(id.clone()).await.unwrap();
    world.settle(&engine).await;
    let p = state(&engine, &id).await;
    assert_eq!((p.state, p.planned, p.sent), (CampaignState::Completed, 3_000, 3_000));
    let copies: std::collections::BTreeSet<_> =
        world.simulator.ledger().iter().map(|e| e.to.clone()).collect();
    assert_eq!((copies.len(), world.simulator.ledger().len()), (3_000, 3_000));
}

/// Asks for something and stops waiting at once, as a cancelled coroutine of a host does.
async fn asked_and_left(asked: impl Future) {
    let _ = tokio::time::timeout(Duration::ZERO, asked).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_stops_waiting_leaves_no_campaign_half_stopped() {
    let world = night().await;
    let engine = world.engine().await;
    let id = many(&engine, 3_000).await;
    asked_and_left(engine.campaigns().start(id.clone())).await;
    while state(&engine, &id).await.waiting < 3_000 {}
    while state(&engine, &id).await.state != CampaignState::Running {}
    asked_and_left(engine.campaigns().pause(id.clone())).await;
    while state(&engine, &id).await.state != CampaignState::Paused {}
    // What was asked for is done to its end, also when nobody looks.
    loop {
        match engine.campaigns().resume(id.clone()).await {
            Ok(_) => break,
            Err(e) => assert_eq!(e.code(), "conflict", "{e}"),
        }
    }
    asked_and_left(engine.campaigns().cancel(id.clone())).await;
    while state(&engine, &id).await.waiting > 0 {}
    morning(&world, &engine).await;
    assert_eq!(state(&engine, &id).await.state, CampaignState::Cancelled);
    assert!(world.simulator.ledger().is_empty());
}
