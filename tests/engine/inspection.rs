//! A store that is worked on says the truth, and whatever somebody changes behind its back is found.

use conek_core::{
    Engine, Purpose,
    consent::ConsentSource,
    storage::{Batch, Record, Write},
};
use conek_tests::{World, consenting};

use crate::rights::{close, of_person, stored, with_everything};

const THANDI: &str = "+27832885137";

async fn problems(engine: &Engine) -> Vec<String> {
    let report = engine.verify(true).await.unwrap();
    report.problems.into_iter().map(|p| format!("{} {}: {}", p.check, p.kind, p.text)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_with_everything_is_sound_after_work_rights_and_merges() {
    let world = World::new(|_| {}).await;
    let engine = world.engine().await;
    let person = with_everything(&world, &engine, THANDI).await;
    let (id, _) = conek_tests::campaign(&engine, 0..20).await;
    engine.campaigns().start(id).await.unwrap();
    world.settle(&engine).await;
    let other = consenting(&engine, "+27832885199").await.unwrap();
    engine.consent().withdraw(other.clone(), Purpose::Marketing, ConsentSource::Agent).await.unwrap();
    assert_eq!(problems(&engine).await, Vec::<String>::new());
    // No kind of record is left out.
    let looked_at: i64 = engine.verify(true).await.unwrap().records.values().sum();
    close(&world, engine).await;
    let storage = world.storage().await;
    let there = storage.verify().await.unwrap().records;
    storage.close().await.unwrap();
    drop(storage);
    assert!((looked_at..looked_at + 10).contains(&there), "{there} records, and {looked_at} were looked at");
    let engine = world.engine().await;
    engine.rights().erase(other, Default::default()).await.unwrap();
    engine.rights().erase(person, Default::default()).await.unwrap();
    assert_eq!(problems(&engine).await, Vec::<String>::new());
    close(&world, engine).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_change_behind_its_back_is_named() {
    let world = World::new(|_| {}).await;
    let engine = world.engine().await;
    let person = with_everything(&world, &engine, THANDI).await;
    let gone = consenting(&engine, "+27832885199").await.unwrap();
    engine.consent().withdraw(gone.clone(), Purpose::Marketing, ConsentSource::Agent).await.unwrap();
    world.settle(&engine).await;
    close(&world, engine).await;
    let records = of_person(&world, &person).await;
    let of = |kind: &str| records.iter().find(|r| r.kind == kind).unwrap().clone();
    let put = |record: Record| vec![Write::Put { record }];
    let delete = |record: Record| vec![Write::Delete { key: record.key(), version: record.version }];
    let mut flipped = of("message");
    let last = flipped.sealed.len() - 1;
    flipped.sealed[last] ^= 1;
    let consent = stored(&world, "consent", conek_core::storage::Index::Id {}).await;
    let yes = consent.iter().find(|r| r.subjects == [person.as_str()]).unwrap().clone();
    let listed = stored(&world, "suppression", conek_core::storage::Index::Id {}).await;
    let cases: Vec<(&str, &str, Vec<Write>, bool)> = vec![
        ("a flipped bit", "seal", put(flipped), false),
        ("a lost key", "key", delete(of("key")), false),
        ("a lost index", "index", put(Record { tokens: Vec::new(), ..of("contact") }), true),
        ("a lost no", "suppression", delete(listed[0].clone()), true),
        ("a lost yes", "consent", delete(yes), false),
        ("a lost place in the queue", "state", put(Record { state: "queued".into(), ..of("message") }), true),
        ("a lost message", "orphan", delete(of("message")), true),
        (
            "a changed log",
            "audit",
            {
                let entries = stored(&world, "audit", conek_core::storage::Index::Id {}).await;
                delete(entries[entries.len() / 2].clone())
            },
            false,
        ),
    ];
    if world.has_no_file() {
        return;
    }
    let original = std::fs::read(world.path()).unwrap();
    for (what, check, writes, mendable) in cases {
        std::fs::write(world.path(), &original).unwrap();
        let storage = world.storage().await;
        storage.commit(vec![Batch { writes }]).await.unwrap();
        storage.close().await.unwrap();
        drop(storage);
        let mut config = world.config();
        // Nothing is sent, so that what is wrong stays as it is.
        config.numbers.clear();
        let engine = Engine::open(config, world.ports()).await.unwrap();
        let found = engine.verify(true).await.unwrap();
        let named: Vec<_> = found.problems.iter().filter(|p| p.check == check).collect();
        assert!(!found.sound && !named.is_empty(), "{what} was not found: {:?}", found.problems);
        assert!(named.iter().any(|p| p.repairable) == mendable, "{what}: {named:?}");
        if mendable {
            engine.repair().await.unwrap();
            let after = engine.verify(true).await.unwrap();
            let left: Vec<_> = after.problems.iter().filter(|p| p.check == check).collect();
            assert!(left.is_empty(), "{what} was not mended: {left:?}");
        }
        engine.close().await.unwrap();
    }
}
