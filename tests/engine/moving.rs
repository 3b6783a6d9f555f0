//! A store goes into another database and back: nothing is lost, nothing goes out twice, and never do two live.

use conek_core::{
    Clock, Config, Engine,
    rights::ErasureOptions,
    storage::{Batch, Key, Record, Sqlite, Storage, Write, migrate},
};
use conek_tests::{World, campaign, code, code_at_whatsapp, code_template, phone};

use crate::rights::close;

/// A world with a file, what is in it, and its place once everything in it has come to rest; none where the tests run on
/// a database that is no file.
async fn at_rest() -> Option<(World, String)> {
    let world = World::new(|o| o.templates.push(code_at_whatsapp())).await;
    if world.has_no_file() {
        return None;
    }
    let (engine, _) = lived_in(&world).await;
    close(&world, engine).await;
    let from = world.path().display().to_string();
    Some((world, from))
}

/// The same world over another database.
fn over(world: &World, place: &str) -> Config {
    let mut config = world.config();
    config.key_file = Some(format!("{}.key", world.path().display()));
    (config.path, config.database) = match place.starts_with("postgres") {
        true => (None, Some(place.to_owned())),
        false => (Some(place.to_owned()), None),
    };
    config
}

fn file(world: &World, name: &str) -> String {
    world.path().with_file_name(name).display().to_string()
}

async fn put(storage: &Sqlite, record: Record) {
    storage.commit(vec![Batch { writes: vec![Write::Put { record }] }]).await.unwrap();
}

/// People, a campaign that was sent, messages that wait, a person who was erased.
async fn lived_in(world: &World) -> (Engine, conek_core::PersonId) {
    let engine = world.engine().await;
    engine.templates().put(code_template()).await.unwrap();
    let (id, people) = campaign(&engine, 0..40).await;
    engine.campaigns().start(id).await.unwrap();
    world.settle(&engine).await;
    engine.rights().erase(people[0].clone(), ErasureOptions::default()).await.unwrap();
    let mut later = code(&phone(1), conek_core::Purpose::Transactional);
    later.not_before = Some(world.clock.now() + chrono::TimeDelta::hours(2));
    engine.messages().send(later).await.unwrap();
    (engine, people[1].clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_goes_to_another_database_and_back_and_what_waits_goes_out_once() {
    let world = World::new(|o| o.templates.push(code_at_whatsapp())).await;
    if world.has_no_file() {
        return;
    }
    let (engine, person) = lived_in(&world).await;
    let head = engine.audit().head().await.unwrap();
    close(&world, engine).await;
    let from = world.path().display().to_string();
    let sent = world.simulator.ledger().len();
    let places = match conek_test_postgres::server() {
        Some(server) => vec![server.store(), file(&world, "back.db")],
        None => vec![file(&world, "there.db"), file(&world, "back.db")],
    };
    let there = migrate(&from, &places[0]).await.unwrap();
    assert!(there.kinds["contact"] >= 39 && there.kinds["message"] >= 40, "{there:?}");
    assert_eq!(there.records, there.kinds.values().sum::<i64>());
    // The one that was left is no store any more, and cannot go a second time.
    let left = Engine::open(world.config(), world.ports()).await.unwrap_err();
    assert_eq!(left.code(), "conflict", "{left}");
    assert_eq!(migrate(&from, &file(&world, "again.db")).await.unwrap_err().code(), "conflict");
    let back = migrate(&places[0], &places[1]).await.unwrap();
    assert_eq!((back.records, &back.fingerprint), (there.records, &there.fingerprint));
    assert!(std::fs::read_dir(world.path().parent().unwrap()).unwrap().all(|entry| {
        let name = entry.unwrap().file_name().into_string().unwrap();
        !name.ends_with(".moving") && !name.contains(".partial")
    }));
    let engine = Engine::open(over(&world, &places[1]), world.ports()).await.unwrap();
    *world.receiver.write().await = Some(engine.clone());
    let status = engine.status().await.unwrap();
    assert_eq!((status.queued, status.waiting_to_resume), (1, false));
    assert_eq!(engine.audit().verify(head).await.unwrap().problems, Vec::<String>::new());
    assert!(engine.verify(true).await.unwrap().sound, "{:?}", engine.verify(true).await.unwrap().problems);
    assert!(engine.contacts().get(person).await.unwrap().phone.is_some(), "the keys came along");
    world.clock.advance(std::time::Duration::from_secs(3 * 3600));
    world.settle(&engine).await;
    assert_eq!(world.simulator.ledger().len(), sent + 1, "what waited goes out once");
    close(&world, engine).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_move_takes_nothing_from_a_store_in_use_and_nothing_into_one_that_holds_something() {
    let world = World::new(|o| o.templates.push(code_at_whatsapp())).await;
    if world.has_no_file() {
        return;
    }
    let (engine, _) = lived_in(&world).await;
    let from = world.path().display().to_string();
    let to = file(&world, "to.db");
    assert_eq!(migrate(&from, &to).await.unwrap_err().code(), "storage_locked");
    close(&world, engine).await;
    assert_eq!(migrate(&from, &from).await.unwrap_err().code(), "invalid_input");
    assert_eq!(migrate(&file(&world, "none.db"), &to).await.unwrap_err().code(), "not_found");
    let other = Sqlite::open(&to).await.unwrap();
    put(&other, Record { state: "live".into(), ..Record::new("main", "store", "life") }).await;
    other.close().await.unwrap();
    let occupied = migrate(&from, &to).await.unwrap_err();
    assert_eq!(occupied.code(), "conflict", "{occupied}");
    // The store is where it was.
    let engine = Engine::open(world.config(), world.ports()).await.unwrap();
    assert!(!engine.status().await.unwrap().waiting_to_resume);
    engine.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_move_that_was_cut_off_is_ended_by_the_same_call() {
    let Some((world, from)) = at_rest().await else { return };
    let to = file(&world, "to.db");
    let whole = migrate(&from, &to).await.unwrap();
    // As a crash leaves it: after the copy, and between the two last steps.
    for source in ["live", "moved"] {
        for (path, state) in [(&from, source), (&to, "arriving live")] {
            let storage = Sqlite::open(path).await.unwrap();
            let key = Key { account: "main".into(), kind: "store".into(), id: "life".into() };
            let life = storage.get(vec![key]).await.unwrap().pop().flatten().unwrap();
            put(&storage, Record { state: state.into(), ..life }).await;
            storage.close().await.unwrap();
        }
        let half = Engine::open(over(&world, &to), world.ports()).await.unwrap_err();
        assert_eq!(half.code(), "conflict", "{half}");
        std::fs::write(format!("{to}.moving"), "left by a crash").unwrap();
        assert_eq!(migrate(&from, &to).await.unwrap(), whole);
        assert!(!std::path::Path::new(&format!("{to}.moving")).exists());
        assert_eq!(Engine::open(world.config(), world.ports()).await.unwrap_err().code(), "conflict");
    }
    let engine = Engine::open(over(&world, &to), world.ports()).await.unwrap();
    assert!(engine.verify(true).await.unwrap().sound);
    engine.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_killed_move_left_is_not_read_into_the_next() {
    let Some((world, from)) = at_rest().await else { return };
    let to = file(&world, "to.db");
    // A log that was not folded into its file yet.
    let partial = format!("{to}.partial");
    let half = Sqlite::open(&partial).await.unwrap();
    put(&half, Record::new("main", "contact", "somebody")).await;
    let log = std::fs::read(format!("{partial}-wal")).unwrap();
    half.close().await.unwrap();
    std::fs::write(format!("{partial}-wal"), log).unwrap();
    let moved = migrate(&from, &to).await.unwrap();
    assert_eq!(moved.kinds["contact"], 39);
    let engine = Engine::open(over(&world, &to), world.ports()).await.unwrap();
    assert!(engine.verify(true).await.unwrap().sound);
    engine.close().await.unwrap();
}
