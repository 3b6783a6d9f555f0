//! What the database promises: it keeps the port's promises, refuses what is not its own, and names what is wrong.
#![allow(clippy::unwrap_used)]

mod broken;
mod refused;

use std::{fs, sync::Arc};

use async_trait::async_trait;
use conek_test_postgres::{Server, server};

use super::{super::*, Postgres};
use crate::{
    conformance::{self, StorageFactory},
    values::error::{Error, Result},
};

pub(super) fn record(kind: &str, id: &str, sealed: &[u8]) -> Record {
    Record {
        account: "a".into(),
        subjects: vec!["p".into(), "q".into()],
        group: Some("g".into()),
        state: "new".into(),
        retention: "r".into(),
        sealed: sealed.to_vec(),
        ..Record::new("a", kind, id)
    }
}

pub(super) fn insert(record: Record) -> Batch {
    Batch { writes: vec![Write::Insert { record }] }
}

pub(super) async fn add(storage: &Postgres, id: &str, sealed: &[u8]) -> Result<()> {
    let done = storage.commit(vec![insert(record("thing", id, sealed))]).await?;
    assert!(matches!(done[..], [Committed::Done { .. }]), "{done:?}");
    Ok(())
}

pub(super) async fn everything(storage: &Postgres) -> i64 {
    let query = Query {
        account: "a".into(),
        kind: "thing".into(),
        index: Index::Id {},
        state: None,
        after: None,
        limit: 1,
        descending: false,
    };
    storage.count(query).await.unwrap()
}

/// Speaks to the server beside the storage.
pub(super) async fn psql(url: &str, sql: &str) {
    let address = super::Address::parse(url).unwrap();
    let (client, _driver) = super::link::connect(&address).await.unwrap();
    client.batch_execute(&format!("SET search_path = {}; {sql}", address.schema)).await.unwrap();
}

struct Schemas(&'static Server);

#[async_trait]
impl StorageFactory for Schemas {
    async fn fresh(&self) -> Result<Arc<dyn Storage>> {
        Ok(Arc::new(Postgres::open(&self.0.store()).await?))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_keeps_every_promise_of_the_port() {
    let Some(server) = server() else { return };
    let schemas = Schemas(server);
    assert_eq!(conformance::check_storage(&schemas).await.failed, []);
    let one = schemas.fresh().await.unwrap();
    assert_eq!(conformance::check_one(one.clone()).await.failed, []);
    assert_eq!(conformance::check_one(one.clone()).await.failed, []);
    assert_eq!(one.verify().await.unwrap().problems, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn two_storages_on_one_database_answer_like_one() {
    let Some(server) = server() else { return };
    let url = server.store();
    let (one, two) = (Postgres::open(&url).await.unwrap(), Postgres::open(&url).await.unwrap());
    let (one, two) = (Arc::new(one), Arc::new(two));
    add(&one, "shared", b"").await.unwrap();
    let append = |n: usize| {
        let storage = if n.is_multiple_of(2) { one.clone() } else { two.clone() };
        tokio::spawn(async move {
            let key = record("thing", "shared", b"").key();
            let mut won = 0;
            let mut ids = Vec::new();
            for version in 1..=20 {
                let patch = Patch {
                    key: key.clone(),
                    version,
                    state: format!("{n}"),
                    queue: None,
                    due_at: None,
                    clear: None,
                    sealed: None,
                    tokens: None,
                };
                let mut due = record("job", &format!("{n}-{version}"), b"");
                (due.queue, due.due_at) = (Some("q".into()), crate::Timestamp::from_timestamp_millis(1));
                let log = Write::Append { record: record("log", "", b"") };
                let batches = vec![
                    Batch { writes: vec![Write::Change { patch }] },
                    Batch { writes: vec![log, Write::Insert { record: due }] },
                ];
                let done = storage.commit(batches).await.unwrap();
                won += i32::from(matches!(done[0], Committed::Done { .. }));
                let Committed::Done { appended } = &done[1] else { panic!("{done:?}") };
                ids.extend(appended.clone());
            }
            let work = Claim {
                account: "a".into(),
                kind: "job".into(),
                queue: "q".into(),
                state: "new".into(),
                now: crate::Timestamp::from_timestamp_millis(5).unwrap(),
                limit: 50,
                new_state: "taken".into(),
                new_queue: "leased".into(),
                lease_until: crate::Timestamp::from_timestamp_millis(9).unwrap(),
            };
            let taken = storage.claim(work).await.unwrap();
            (won, ids, taken)
        })
    };
    let (mut won, mut ids, mut taken) = (0, Vec::new(), Vec::new());
    for task in (0..8).map(append).collect::<Vec<_>>() {
        let (w, mine, claimed) = task.await.unwrap();
        assert!(mine.is_sorted(), "ids of one caller do not grow");
        won += w;
        ids.extend(mine);
        taken.extend(claimed.into_iter().map(|r| r.id));
    }
    // Every version was reached by exactly one of those who wanted to change the one before.
    let shared = one.get(vec![record("thing", "shared", b"").key()]).await.unwrap().remove(0).unwrap();
    assert_eq!(i64::from(won), shared.version - 1);
    for list in [&mut ids, &mut taken] {
        let n = list.len();
        list.sort();
        list.dedup();
        assert_eq!(list.len(), n, "something was given twice");
    }
    assert_eq!(ids.len(), 160);
    assert_eq!(one.verify().await.unwrap().problems, Vec::<String>::new());
}

#[tokio::test]
async fn what_was_stored_is_there_after_reopening_and_appending_goes_on() {
    let Some(server) = server() else { return };
    let url = server.store();
    let append = || Batch { writes: vec![Write::Append { record: record("log", "", b"") }] };
    let first = Postgres::open_account(&url, "a").await.unwrap();
    add(&first, "one", b"sealed").await.unwrap();
    let Committed::Done { appended } = first.commit(vec![append()]).await.unwrap().remove(0) else {
        panic!()
    };
    let key = Key { account: "a".into(), kind: "log".into(), id: appended[0].clone() };
    first.commit(vec![Batch { writes: vec![Write::Delete { key, version: 1 }] }]).await.unwrap();
    drop(first);
    let again = Postgres::open_account(&url, "a").await.unwrap();
    let found = again.get(vec![record("thing", "one", b"").key()]).await.unwrap().remove(0).unwrap();
    assert_eq!((found.version, found.sealed.as_slice()), (1, b"sealed".as_slice()));
    let Committed::Done { appended: later } = again.commit(vec![append()]).await.unwrap().remove(0) else {
        panic!()
    };
    assert!(later[0] > appended[0], "an id was given twice");
}

#[tokio::test]
async fn a_closed_storage_says_so() {
    let Some(server) = server() else { return };
    let url = server.store();
    let storage = Postgres::open_account(&url, "a").await.unwrap();
    add(&storage, "one", b"").await.unwrap();
    storage.close().await.unwrap();
    storage.close().await.unwrap();
    assert_eq!(add(&storage, "two", b"").await, Err(Error::Closed {}));
    assert_eq!(storage.get(vec![]).await, Err(Error::Closed {}));
    // It has let go of the account although it still exists.
    assert_eq!(everything(&Postgres::open_account(&url, "a").await.unwrap()).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn closing_finishes_what_was_asked_before() {
    let Some(server) = server() else { return };
    let url = server.store();
    let storage = Arc::new(Postgres::open(&url).await.unwrap());
    let writers: Vec<_> = (0..200)
        .map(|n| {
            let storage = storage.clone();
            tokio::spawn(async move { add(&storage, &n.to_string(), b"").await })
        })
        .collect();
    tokio::task::yield_now().await;
    storage.close().await.unwrap();
    let mut done = 0;
    for writer in writers {
        match writer.await.unwrap() {
            Ok(()) => done += 1,
            refused => assert_eq!(refused, Err(Error::Closed {})),
        }
    }
    assert_eq!(everything(&Postgres::open(&url).await.unwrap()).await, done);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_that_fails_half_way_leaves_its_group_alone() {
    let Some(server) = server() else { return };
    let storage = Arc::new(Postgres::open(&server.store()).await.unwrap());
    add(&storage, "taken", b"").await.unwrap();
    let callers: Vec<_> = (0..300)
        .map(|n| {
            let storage = storage.clone();
            tokio::spawn(async move {
                let mut batch = insert(record("thing", &n.to_string(), b""));
                if n % 3 == 0 {
                    batch.writes.push(Write::Insert { record: record("thing", "taken", b"") });
                }
                storage.commit(vec![batch]).await.unwrap().remove(0)
            })
        })
        .collect();
    for (n, caller) in callers.into_iter().enumerate() {
        let conflict = matches!(caller.await.unwrap(), Committed::Conflict { write: 1, .. });
        assert_eq!(conflict, n % 3 == 0, "caller {n}");
    }
    assert_eq!(everything(&storage).await, 201);
    assert_eq!(storage.verify().await.unwrap().problems, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_caller_cannot_have_leaves_the_others_of_its_group_alone() {
    let Some(server) = server() else { return };
    let storage = Arc::new(Postgres::open(&server.store()).await.unwrap());
    // Incompressible, or it would fit into the index after all.
    let mut state = 12_345_u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        char::from(33 + u8::try_from((state >> 20) % 90).unwrap())
    };
    let long: String = (0..20_000).map(|_| next()).collect();
    let callers: Vec<_> = (0..60)
        .map(|n| {
            let (storage, long) = (storage.clone(), long.clone());
            tokio::spawn(async move {
                let id = if n % 20 == 7 { format!("{n}{long}") } else { n.to_string() };
                add(&storage, &id, b"").await
            })
        })
        .collect();
    for (n, caller) in callers.into_iter().enumerate() {
        match caller.await.unwrap() {
            Ok(()) => assert_ne!(n % 20, 7),
            Err(e) => assert_eq!((n % 20, e.code()), (7, "invalid_input"), "{e}"),
        }
    }
    assert_eq!(everything(&storage).await, 57);
}

#[tokio::test]
async fn an_id_that_somebody_took_is_a_conflict_for_an_append() {
    let Some(server) = server() else { return };
    let storage = Postgres::open(&server.store()).await.unwrap();
    let log = |id: &str| record("log", id, b"");
    storage.commit(vec![insert(log("0000000000000002"))]).await.unwrap();
    let append = || Batch { writes: vec![Write::Append { record: log("") }] };
    let done = storage.commit(vec![append(), append(), append()]).await.unwrap();
    let Committed::Conflict { write: 0, reason } = &done[1] else { panic!("{done:?}") };
    assert_eq!(reason, "exists");
    assert_eq!(done[2], Committed::Done { appended: vec!["0000000000000003".into()] });
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_is_whole_comes_back_and_overwrites_nothing() {
    let Some(server) = server() else { return };
    let dir = tempfile::tempdir().unwrap();
    let storage = Arc::new(Postgres::open(&server.store()).await.unwrap());
    for n in 0..50 {
        let mut r = record("thing", &format!("before-{n}\0"), &[1; 500]);
        r.tokens = vec![Token { name: "u".into(), value: n.to_string(), unique: true }];
        storage.commit(vec![insert(r)]).await.unwrap();
    }
    storage
        .commit(vec![Batch { writes: vec![Write::Append { record: record("log", "", b"") }] }])
        .await
        .unwrap();
    let writer = storage.clone();
    let busy = tokio::spawn(async move {
        for n in 0..100 {
            add(&writer, &format!("during-{n}"), &[2; 500]).await.unwrap();
        }
    });
    let to = dir.path().join("backup.jsonl").to_string_lossy().into_owned();
    storage.backup(to.clone()).await.unwrap();
    busy.await.unwrap();
    let before = fs::read(&to).unwrap();
    assert_eq!(storage.backup(to.clone()).await.unwrap_err().code(), "conflict");
    assert_eq!(fs::read(&to).unwrap(), before);
    let url = server.store();
    let copy = Postgres::restore(&url, &to).await.unwrap();
    let seen = copy.verify().await.unwrap();
    assert_eq!(seen.problems, Vec::<String>::new());
    assert!((51..=151).contains(&seen.records), "{seen:?}");
    assert_eq!(Memory::restore(&to).unwrap().verify().await.unwrap().records, seen.records);
    let key = record("thing", "before-7\0", b"").key();
    assert_eq!(copy.get(vec![key.clone()]).await.unwrap(), storage.get(vec![key]).await.unwrap());
    let done = copy
        .commit(vec![Batch { writes: vec![Write::Append { record: record("log", "", b"") }] }])
        .await
        .unwrap();
    assert_eq!(done, [Committed::Done { appended: vec!["0000000000000002".into()] }]);
    assert_eq!(Postgres::restore(&url, &to).await.unwrap_err().code(), "conflict");
    let lost = storage.backup(dir.path().join("no/where").to_string_lossy().into_owned()).await;
    assert_eq!(lost.unwrap_err().code(), "invalid_input");
}

#[tokio::test]
async fn a_token_without_its_record_is_found() {
    let Some(server) = server() else { return };
    let url = server.store();
    let storage = Postgres::open(&url).await.unwrap();
    let token = Token { name: "u".into(), value: "1".into(), unique: true };
    storage
        .commit(vec![insert(Record { tokens: vec![token], ..record("thing", "one", b"") })])
        .await
        .unwrap();
    assert_eq!(storage.verify().await.unwrap(), Verification { records: 1, problems: vec![] });
    psql(&url, "DELETE FROM unique_tokens").await;
    assert_eq!(storage.verify().await.unwrap().problems.len(), 1);
}

#[tokio::test]
async fn a_deleted_id_can_be_used_again() {
    let Some(server) = server() else { return };
    let storage = Postgres::open(&server.store()).await.unwrap();
    add(&storage, "one", b"first").await.unwrap();
    let key = record("thing", "one", b"").key();
    storage
        .commit(vec![Batch { writes: vec![Write::Delete { key: key.clone(), version: 1 }] }])
        .await
        .unwrap();
    add(&storage, "one", b"second").await.unwrap();
    let found = storage.get(vec![key]).await.unwrap().remove(0).unwrap();
    assert_eq!((found.version, found.sealed.as_slice()), (1, b"second".as_slice()));
}
