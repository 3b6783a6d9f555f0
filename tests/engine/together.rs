//! Sweeps, erasures, rotations and sends that meet.

use std::time::Duration;

use conek_core::{Engine, people::NewContact, retention::LegalHold, rights::ErasureOptions};
use conek_tests::{World, campaign, code, code_at_whatsapp, code_template, phone};

use crate::rights::{close, of_person};

const PEOPLE: usize = 120;

/// Longer than anything of these people is kept.
const LONG: Duration = Duration::from_secs(86_400 * 732);

/// People whose time is over, with a message each that a law wants kept.
async fn overdue(world: &World) -> Engine {
    let engine = written_to(world).await;
    world.clock.advance(LONG);
    engine
}

/// People with a message each, on a clock that stands still.
async fn written_to(world: &World) -> Engine {
    world.clock.set_speed(0.0);
    let engine = world.engine().await;
    engine.templates().put(code_template()).await.unwrap();
    // The engine's own daily sweep must not come before those of the test.
    for n in 0..PEOPLE {
        let new = NewContact { phone: Some(phone(n)), ..NewContact::default() };
        engine.contacts().upsert(new).await.unwrap();
        engine.messages().send(code(&phone(n), conek_core::Purpose::Transactional)).await.unwrap();
    }
    world.settle(&engine).await;
    engine
}

#[tokio::test(flavor = "multi_thread")]
async fn two_sweeps_and_an_erasure_at_once_end_what_is_over_once() {
    let world = World::new(|o| o.templates.push(code_at_whatsapp())).await;
    let engine = overdue(&world).await;
    let ids: Vec<_> =
        engine.contacts().list(None, 1_000).await.unwrap().contacts.into_iter().map(|c| c.id).collect();
    let erasing = engine.clone();
    let asked = tokio::spawn(async move {
        for id in ids {
            match erasing.rights().erase(id, ErasureOptions::default()).await {
                Err(e) if e.code() != "not_found" => return Err(e),
                _ => {}
            }
        }
        Ok(())
    });
    let (retention, beside) = (engine.retention(), engine.retention());
    let (first, second) = tokio::join!(retention.sweep(None), beside.sweep(None));
    assert!(first.unwrap().complete && second.unwrap().complete);
    asked.await.unwrap().unwrap();
    assert_eq!(engine.contacts().count().await.unwrap(), 0);
    let retained = engine.rights().retained(None, 1_000).await.unwrap().items;
    assert_eq!(retained.len(), PEOPLE, "each message is kept once");
    assert!(engine.verify(true).await.unwrap().sound);
    engine.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_stored_of_people_who_are_erased_while_a_campaign_to_them_starts() {
    let world = World::new(|_| {}).await;
    let engine = world.engine().await;
    let (id, people) = campaign(&engine, 0..PEOPLE).await;
    let (campaigns, rights) = (engine.campaigns(), engine.rights());
    let ids = people.clone();
    let erasing = tokio::spawn(async move {
        for id in ids {
            rights.erase(id, ErasureOptions::default()).await.unwrap();
        }
    });
    campaigns.start(id).await.unwrap();
    erasing.await.unwrap();
    world.settle(&engine).await;
    assert!(engine.verify(true).await.unwrap().sound, "{:?}", engine.verify(true).await.unwrap().problems);
    close(&world, engine).await;
    for person in people {
        let left = of_person(&world, &person).await;
        assert!(left.is_empty(), "{:?}", left.iter().map(|r| &r.kind).collect::<Vec<_>>());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_rotations_at_once_are_one_after_the_other() {
    let world = World::new(|_| {}).await;
    let engine = world.engine().await;
    let (_, people) = campaign(&engine, 0..20).await;
    for _ in 0..20 {
        let (keys, beside) = (engine.keys(), engine.keys());
        let (first, second) = tokio::join!(keys.rotate(), beside.rotate());
        assert_eq!((first.unwrap().left, second.unwrap().left), (0, 0));
    }
    close(&world, engine).await;
    let engine = world.engine().await;
    for person in people {
        assert!(engine.contacts().get(person).await.unwrap().phone.is_some());
    }
    close(&world, engine).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sweep_over_several_pages_keeps_what_a_hold_keeps() {
    let world = World::new(|o| o.templates.push(code_at_whatsapp())).await;
    let engine = written_to(&world).await;
    let held = engine.contacts().list(None, 1).await.unwrap().contacts.remove(0).id;
    let hold = LegalHold { reference: "case 7".into(), person: Some(held.clone()), until: None, since: None };
    engine.retention().hold(hold).await.unwrap();
    world.clock.advance(LONG);
    let some = engine.retention().sweep(Some(50)).await.unwrap();
    assert!(some.seen <= 50, "{some:?}");
    let rest = engine.retention().sweep(None).await.unwrap();
    assert!(rest.complete, "{rest:?}");
    assert_eq!(engine.contacts().count().await.unwrap(), 1);
    assert!(engine.contacts().get(held).await.is_ok());
    assert!(engine.retention().preview().await.unwrap().items.is_empty());
    assert!(engine.verify(true).await.unwrap().sound);
    engine.close().await.unwrap();
}
