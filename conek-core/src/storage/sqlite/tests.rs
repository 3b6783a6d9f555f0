//! What the file promises: it survives kills, refuses what is not its own, and forgets what was deleted.
#![allow(clippy::unwrap_used)]

mod processes;

use std::{fs, path::Path, sync::Arc};

use async_trait::async_trait;
use tempfile::TempDir;

use super::{super::*, Sqlite, writer::Job};
use crate::{
    conformance::{self, StorageFactory},
    values::error::{Error, Result},
};

fn record(kind: &str, id: &str, sealed: &[u8]) -> Record {
    Record {
        account: "a".into(),
        kind: kind.into(),
        id: id.into(),
        version: 0,
        state: "new".into(),
        subjects: vec!["p".into(), "q".into()],
        group: Some("g".into()),
        queue: None,
        due_at: None,
        expires_at: None,
        retention: "r".into(),
        tokens: vec![],
        clear: "{}".into(),
        sealed: sealed.to_vec(),
    }
}

fn insert(record: Record) -> Batch {
    Batch { writes: vec![Write::Insert { record }] }
}

fn delete(id: &str) -> Batch {
    let key = record("thing", id, b"").key();
    Batch { writes: vec![Write::Delete { key, version: 1 }] }
}

async fn add(storage: &Sqlite, id: &str, sealed: &[u8]) -> Result<()> {
    let done = storage.commit(vec![insert(record("thing", id, sealed))]).await?;
    assert!(matches!(done[..], [Committed::Done { .. }]), "{done:?}");
    Ok(())
}

async fn everything(storage: &Sqlite) -> i64 {
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

impl Sqlite {
    /// Gives the writer's connection a pragma, to bring about what a test cannot wait for.
    async fn pragma(&self, sql: &'static str) -> Result<()> {
        self.write(|reply| Job::Pragma { sql, reply }).await
    }
}

struct Files(TempDir);

#[async_trait]
impl StorageFactory for Files {
    async fn fresh(&self) -> Result<Arc<dyn Storage>> {
        let n = fs::read_dir(self.0.path()).map_or(0, Iterator::count);
        Ok(Arc::new(Sqlite::open(self.0.path().join(format!("{n}.db"))).await?))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_keeps_every_promise_of_the_port() {
    let files = Files(tempfile::tempdir().unwrap());
    assert_eq!(conformance::check_storage(&files).await.failed, []);
    let one = files.fresh().await.unwrap();
    assert_eq!(conformance::check_one(one.clone()).await.failed, []);
    assert_eq!(one.verify().await.unwrap().problems, Vec::<String>::new());
}

#[tokio::test]
async fn what_was_stored_is_there_after_reopening_and_appending_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("conek.db");
    let append = || Batch { writes: vec![Write::Append { record: record("log", "", b"") }] };
    let first = Sqlite::open(&path).await.unwrap();
    add(&first, "one", b"sealed").await.unwrap();
    let Committed::Done { appended } = first.commit(vec![append()]).await.unwrap().remove(0) else {
        panic!()
    };
    let key = Key { account: "a".into(), kind: "log".into(), id: appended[0].clone() };
    first.commit(vec![Batch { writes: vec![Write::Delete { key, version: 1 }] }]).await.unwrap();
    drop(first);
    let again = Sqlite::open(&path).await.unwrap();
    let found = again.get(vec![record("thing", "one", b"").key()]).await.unwrap().remove(0).unwrap();
    assert_eq!((found.version, found.sealed.as_slice()), (1, b"sealed".as_slice()));
    let Committed::Done { appended: later } = again.commit(vec![append()]).await.unwrap().remove(0) else {
        panic!()
    };
    assert!(later[0] > appended[0], "an id was given twice");
}

#[tokio::test]
async fn a_closed_storage_says_so_and_has_no_log_beside_it() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("conek.db");
    let storage = Sqlite::open(&path).await.unwrap();
    add(&storage, "one", b"").await.unwrap();
    storage.close().await.unwrap();
    storage.close().await.unwrap();
    assert_eq!(add(&storage, "two", b"").await, Err(Error::Closed {}));
    assert_eq!(storage.get(vec![]).await, Err(Error::Closed {}));
    assert!(!dir.path().join("conek.db-wal").exists());
    // It has let go of the file although it still exists.
    assert_eq!(everything(&Sqlite::open(&path).await.unwrap()).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn closing_finishes_what_was_asked_before() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("conek.db");
    let storage = Arc::new(Sqlite::open(&path).await.unwrap());
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
    assert_eq!(everything(&Sqlite::open(&path).await.unwrap()).await, done);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_that_fails_half_way_leaves_its_group_alone() {
    let dir = tempfile::tempdir().unwrap();
    let storage = Arc::new(Sqlite::open(dir.path().join("conek.db")).await.unwrap());
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

#[tokio::test]
async fn a_file_of_a_newer_version_is_refused_and_stays_as_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("conek.db");
    Sqlite::open(&path).await.unwrap().close().await.unwrap();
    let conn = rusqlite::Connection::open(&path).unwrap();
    conn.execute_batch("PRAGMA user_version = 9999; PRAGMA journal_mode = DELETE").unwrap();
    drop(conn);
    let before = fs::read(&path).unwrap();
    let error = Sqlite::open(&path).await.unwrap_err();
    assert_eq!(error.code(), "storage_newer");
    assert!(error.to_string().contains("upgrade"), "{error}");
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[tokio::test]
async fn a_file_that_is_not_ours_is_refused_and_stays_as_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let text = dir.path().join("letter.txt");
    fs::write(&text, "Dear reader, ".repeat(50)).unwrap();
    let short = dir.path().join("short");
    fs::write(&short, "x").unwrap();
    let mut foreign = vec![text, short];
    for (name, id) in [("plain.db", 0), ("other.db", 77)] {
        let path = dir.path().join(name);
        let conn = rusqlite::Connection::open(&path).unwrap();
        conn.execute_batch(&format!(
            "PRAGMA application_id = {id}; CREATE TABLE t (x); INSERT INTO t VALUES (1)"
        ))
        .unwrap();
        foreign.push(path);
    }
    for path in foreign {
        let before = fs::read(&path).unwrap();
        let files = fs::read_dir(dir.path()).unwrap().count();
        assert_eq!(Sqlite::open(&path).await.unwrap_err().code(), "storage_not_ours", "{path:?}");
        assert_eq!(fs::read(&path).unwrap(), before);
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), files, "something was left beside {path:?}");
    }
    // An empty file is nobody's.
    let empty = dir.path().join("empty.db");
    fs::write(&empty, "").unwrap();
    add(&Sqlite::open(&empty).await.unwrap(), "one", b"").await.unwrap();
}

#[tokio::test]
async fn a_missing_directory_is_named_and_a_directory_is_no_file() {
    let dir = tempfile::tempdir().unwrap();
    let error = Sqlite::open(dir.path().join("no/such/conek.db")).await.unwrap_err();
    assert_eq!(error.code(), "invalid_input");
    assert!(error.to_string().contains("create the directory"), "{error}");
    assert_eq!(Sqlite::open(dir.path()).await.unwrap_err().code(), "invalid_input");
}

#[tokio::test]
async fn a_file_is_open_once_under_all_its_names() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("conek.db");
    let first = Sqlite::open(&path).await.unwrap();
    assert_eq!(Sqlite::open(&path).await.unwrap_err().code(), "storage_locked");
    #[cfg(unix)]
    {
        let alias = dir.path().join("alias.db");
        std::os::unix::fs::symlink(&path, &alias).unwrap();
        assert_eq!(Sqlite::open(&alias).await.unwrap_err().code(), "storage_locked");
    }
    let opens = |path: &std::path::Path| {
        let said = processes::child("opens", path, None).output().unwrap();
        assert!(String::from_utf8_lossy(&said.stdout).contains("storage_locked"), "{said:?}");
    };
    opens(&path);
    #[cfg(target_os = "linux")]
    {
        let link = dir.path().join("link.db");
        std::fs::hard_link(&path, &link).unwrap();
        assert_eq!(Sqlite::open(&link).await.unwrap_err().code(), "storage_locked");
        opens(&link);
    }
    add(&first, "one", b"").await.unwrap();
    drop(first);
    Sqlite::open(&path).await.unwrap();
}

#[tokio::test]
async fn damage_is_found() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("conek.db");
    let storage = Sqlite::open(&path).await.unwrap();
    for n in 0..40 {
        add(&storage, &n.to_string(), &[n; 3_000]).await.unwrap();
    }
    storage.close().await.unwrap();
    let sound = fs::read(&path).unwrap();
    fs::write(&path, &sound[..sound.len() / 2]).unwrap();
    assert_eq!(Sqlite::open(&path).await.unwrap_err().code(), "storage_corrupt");
    let mut holed = sound.clone();
    holed[8_192 * 2..].fill(0xA5);
    fs::write(&path, holed).unwrap();
    // Depending on the page, opening fails or the check does; both in so many words.
    match Sqlite::open(&path).await {
        Err(e) => assert_eq!(e.code(), "storage_corrupt"),
        Ok(storage) => match storage.verify().await {
            Err(e) => assert_eq!(e.code(), "storage_corrupt"),
            Ok(seen) => assert!(!seen.problems.is_empty()),
        },
    }
}

#[tokio::test]
async fn a_token_without_its_record_is_found() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("conek.db");
    let storage = Sqlite::open(&path).await.unwrap();
    let token = Token { name: "u".into(), value: "1".into(), unique: true };
    let held = Record { tokens: vec![token], ..record("thing", "one", b"") };
    storage.commit(vec![insert(held)]).await.unwrap();
    assert_eq!(storage.verify().await.unwrap(), Verification { records: 1, problems: vec![] });
    storage.close().await.unwrap();
    rusqlite::Connection::open(&path).unwrap().execute("DELETE FROM unique_tokens", ()).unwrap();
    let storage = Sqlite::open(&path).await.unwrap();
    assert_eq!(storage.verify().await.unwrap().problems.len(), 1);
}

#[tokio::test]
async fn a_full_disk_says_so_and_work_goes_on_when_there_is_space() {
    let dir = tempfile::tempdir().unwrap();
    let storage = Sqlite::open(dir.path().join("conek.db")).await.unwrap();
    add(&storage, "first", b"").await.unwrap();
    storage.pragma("PRAGMA max_page_count = 60").await.unwrap();
    let mut stored = 1;
    let error = loop {
        match add(&storage, &stored.to_string(), &[7; 8_000]).await {
            Ok(()) => stored += 1,
            Err(e) => break e,
        }
    };
    assert_eq!((error.code(), error.retry()), ("storage_full", crate::Retry::Later));
    assert_eq!(everything(&storage).await, stored);
    storage.pragma("PRAGMA max_page_count = 100000").await.unwrap();
    add(&storage, "after", &[7; 8_000]).await.unwrap();
    assert_eq!(storage.verify().await.unwrap(), Verification { records: stored + 1, problems: vec![] });
}

#[tokio::test]
async fn a_storage_that_may_not_write_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let storage = Sqlite::open(dir.path().join("conek.db")).await.unwrap();
    storage.pragma("PRAGMA query_only = ON").await.unwrap();
    assert_eq!(add(&storage, "one", b"").await.unwrap_err().code(), "storage_read_only");
    storage.pragma("PRAGMA query_only = OFF").await.unwrap();
    add(&storage, "one", b"").await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_is_whole_while_work_goes_on_and_overwrites_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let storage = Arc::new(Sqlite::open(dir.path().join("conek.db")).await.unwrap());
    for n in 0..50 {
        add(&storage, &format!("before-{n}"), &[1; 500]).await.unwrap();
    }
    let writer = storage.clone();
    let busy = tokio::spawn(async move {
        for n in 0..100 {
            add(&writer, &format!("during-{n}"), &[2; 500]).await.unwrap();
        }
    });
    let to = dir.path().join("backup.db");
    let name = to.to_string_lossy().into_owned();
    storage.backup(name.clone()).await.unwrap();
    busy.await.unwrap();
    let before = fs::read(&to).unwrap();
    assert_eq!(storage.backup(name).await.unwrap_err().code(), "conflict");
    assert_eq!(fs::read(&to).unwrap(), before);
    let copy = Sqlite::open(&to).await.unwrap();
    let seen = copy.verify().await.unwrap();
    assert_eq!(seen.problems, Vec::<String>::new());
    assert!((50..=150).contains(&seen.records), "{seen:?}");
    assert_eq!(everything(&storage).await, 150);
    let lost = storage.backup(dir.path().join("no/where.db").to_string_lossy().into_owned()).await;
    assert_eq!(lost.unwrap_err().code(), "invalid_input");
}

/// Whether any file in a directory holds these bytes.
fn on_disk(dir: &Path, marker: &[u8]) -> bool {
    fs::read_dir(dir).unwrap().any(|file| {
        let bytes = fs::read(file.unwrap().path()).unwrap();
        bytes.windows(marker.len()).any(|w| w == marker)
    })
}

#[tokio::test]
async fn what_was_deleted_is_neither_in_the_file_nor_in_the_log_after_a_scrub() {
    let dir = tempfile::tempdir().unwrap();
    let storage = Sqlite::open(dir.path().join("conek.db")).await.unwrap();
    for n in 0..60 {
        add(&storage, &format!("kept-{n}"), &[7; 600]).await.unwrap();
    }
    add(&storage, "one", "MARKER-small-".repeat(20).as_bytes()).await.unwrap();
    add(&storage, "two", "MARKER-large-".repeat(5_000).as_bytes()).await.unwrap();
    storage.scrub().await.unwrap();
    assert!(on_disk(dir.path(), b"MARKER-small-") && on_disk(dir.path(), b"MARKER-large-"));
    storage.commit(vec![delete("one"), delete("two")]).await.unwrap();
    storage.scrub().await.unwrap();
    assert!(!on_disk(dir.path(), b"MARKER-"), "deleted bytes are still on the disk");
}

#[tokio::test]
async fn whatever_moved_between_pages_before_it_was_deleted_is_gone_after_compacting() {
    let dir = tempfile::tempdir().unwrap();
    let storage = Sqlite::open(dir.path().join("conek.db")).await.unwrap();
    let mut state = 12_345_u32;
    let mut next = |n: u32| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) % n
    };
    // Sizes and places vary, so that pages split, merge and move cells before the deletion.
    let marked: Vec<String> = (0..400).map(|n| format!("{:05}-{n}", next(100_000))).collect();
    for (n, id) in marked.iter().enumerate() {
        let marker = format!("MARKER-{n:04}-");
        add(&storage, id, marker.repeat(1 + next(60) as usize).as_bytes()).await.unwrap();
        add(&storage, &format!("{}x", next(100_000)), &vec![7; next(2_000) as usize]).await.unwrap();
    }
    for (n, id) in marked.iter().enumerate() {
        let grown = Patch {
            key: record("thing", id, b"").key(),
            version: 1,
            state: "new".into(),
            queue: None,
            due_at: None,
            clear: None,
            sealed: Some(format!("MARKER-{n:04}-").repeat(1 + next(90) as usize).into_bytes()),
            tokens: None,
        };
        storage.commit(vec![Batch { writes: vec![Write::Change { patch: grown }] }]).await.unwrap();
    }
    storage.scrub().await.unwrap();
    assert!(on_disk(dir.path(), b"MARKER-0399-"));
    for id in &marked {
        let key = record("thing", id, b"").key();
        storage.commit(vec![Batch { writes: vec![Write::Delete { key, version: 2 }] }]).await.unwrap();
    }
    storage.compact().await.unwrap();
    assert_eq!(storage.verify().await.unwrap(), Verification { records: 400, problems: vec![] });
    assert!(!on_disk(dir.path(), b"MARKER-"), "deleted bytes are still on the disk");
    assert_eq!(everything(&storage).await, 400);
}

/// Writes some 60 MB in commits of half a megabyte.
async fn much(storage: &Sqlite, name: &str) {
    for n in 0..120 {
        add(storage, &format!("{name}-{n}"), &[9; 500_000]).await.unwrap();
    }
}

fn log_of(path: &Path) -> u64 {
    fs::metadata(super::file::beside(path, "-wal")).unwrap().len()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_begins_anew_while_somebody_writes_without_a_pause() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("conek.db");
    let storage = Sqlite::open(&path).await.unwrap();
    much(&storage, "one").await;
    much(&storage, "two").await;
    let log = log_of(&path);
    assert!(log < 90_000_000, "of 120 MB the log still has {log} bytes");
    assert_eq!(everything(&storage).await, 240);
    assert_eq!(storage.verify().await.unwrap().problems, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_read_holds_the_log_only_as_long_as_it_lasts() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("conek.db");
    let storage = Sqlite::open(&path).await.unwrap();
    add(&storage, "first", b"").await.unwrap();
    let reader = rusqlite::Connection::open(&path).unwrap();
    let seen = |c: &rusqlite::Connection| -> i64 {
        c.query_row("SELECT count(*) FROM records", (), |r| r.get(0)).unwrap()
    };
    reader.execute_batch("BEGIN").unwrap();
    assert_eq!(seen(&reader), 1);
    much(&storage, "one").await;
    let held = log_of(&path);
    assert!(held > 50_000_000, "what a reader needs is in the log: {held}");
    assert_eq!(seen(&reader), 1, "a reader sees one moment");
    reader.execute_batch("COMMIT").unwrap();
    much(&storage, "two").await;
    much(&storage, "three").await;
    let after = log_of(&path);
    assert!(after < held + 60_000_000, "the log grew from {held} to {after} and was not begun anew");
    assert_eq!(seen(&reader), 361);
}

#[tokio::test]
async fn a_deleted_id_can_be_used_again() {
    let dir = tempfile::tempdir().unwrap();
    let storage = Sqlite::open(dir.path().join("conek.db")).await.unwrap();
    add(&storage, "one", b"first").await.unwrap();
    storage.commit(vec![delete("one")]).await.unwrap();
    add(&storage, "one", b"second").await.unwrap();
    let found = storage.get(vec![record("thing", "one", b"").key()]).await.unwrap().remove(0).unwrap();
    assert_eq!((found.version, found.sealed.as_slice()), (1, b"second".as_slice()));
}
