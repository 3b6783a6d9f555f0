//! What needs another process or another disk: kills, locks, full and read-only file systems.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use super::*;

/// This test binary again, as another process that does `what` with the file.
pub(super) fn child(what: &str, path: &Path, wrap: Option<&str>) -> Command {
    let this: PathBuf = std::env::current_exe().unwrap();
    let test =
        ["storage::sqlite::tests::processes::as_another_process", "--exact", "--ignored", "--nocapture"];
    let mut command = match wrap {
        None => {
            let mut direct = Command::new(this);
            direct.args(test);
            direct
        }
        Some(script) => {
            let mut wrapped = Command::new("unshare");
            let again = format!("'{}' {}", this.display(), test.join(" "));
            wrapped.args(["-m", "sh", "-c", &script.replace("AGAIN", &again)]);
            wrapped
        }
    };
    command.env("CONEK_TEST_CHILD", what).env("CONEK_TEST_PATH", path).stderr(Stdio::inherit());
    command
}

#[tokio::test]
#[ignore = "runs as the other process of the tests beside it"]
async fn as_another_process() {
    let (Ok(what), Ok(path)) = (std::env::var("CONEK_TEST_CHILD"), std::env::var("CONEK_TEST_PATH")) else {
        return;
    };
    match what.as_str() {
        "opens" => match Sqlite::open(&path).await {
            Ok(_) => println!("opened"),
            Err(e) => println!("{}", e.code()),
        },
        "writes" => {
            let storage = Sqlite::open(&path).await.unwrap();
            for n in 0.. {
                let batches =
                    (0..5).map(|m| insert(record("thing", &format!("{n}-{m}"), &[9; 700]))).collect();
                storage.commit(batches).await.unwrap();
                println!("done {n}");
            }
        }
        "fills" => {
            let storage = Sqlite::open(&path).await.unwrap();
            let mut stored = 0;
            let error = loop {
                match add(&storage, &stored.to_string(), &[7; 50_000]).await {
                    Ok(()) => stored += 1,
                    Err(e) => break e,
                }
            };
            let kept = everything(&storage).await == stored;
            // Room comes back: what fills the disk beside the database goes away.
            fs::remove_file(Path::new(&path).with_extension("ballast")).unwrap();
            let after = add(&storage, "after", b"x").await;
            println!(
                "{} kept {kept} after {after:?} sound {}",
                error.code(),
                storage.verify().await.unwrap().problems.is_empty()
            );
        }
        other => panic!("unknown part {other}"),
    }
}

#[tokio::test]
async fn every_answered_batch_is_there_after_the_process_is_killed() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("conek.db");
    for round in 1..=3 {
        let _ = fs::remove_file(&path);
        let mut writer = child("writes", &path, None).stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(writer.stdout.take().unwrap()).lines().map_while(|l| l.ok());
        let answered =
            |line: String| line.rsplit_once("done ").and_then(|(_, n)| n.trim().parse::<i64>().ok());
        let mut last = lines.by_ref().filter_map(answered).nth(20 * round).unwrap();
        writer.kill().unwrap();
        writer.wait().unwrap();
        // What it had said before it died counts as well.
        last = lines.filter_map(answered).last().unwrap_or(last);
        let storage = Sqlite::open(&path).await.expect("the lock of a killed process does not remain");
        let keys =
            (0..=last).flat_map(|n| (0..5).map(move |m| record("thing", &format!("{n}-{m}"), b"").key()));
        let found = storage.get(keys.collect()).await.unwrap();
        assert_eq!(found.iter().filter(|r| r.is_none()).count(), 0, "answered batches are missing");
        // A call is one transaction: of the last one all is there or nothing.
        assert_eq!(everything(&storage).await % 5, 0);
        assert_eq!(storage.verify().await.unwrap().problems, Vec::<String>::new());
        storage.close().await.unwrap();
        for suffix in ["-wal", "-shm"] {
            assert!(!dir.path().join(format!("conek.db{suffix}")).exists());
        }
    }
}

/// Whether this machine lets a test mount a file system of its own.
fn can_mount(dir: &Path) -> bool {
    let try_it = format!("mount -t tmpfs -o size=1m conek-test '{}'", dir.display());
    let can =
        Command::new("unshare").args(["-m", "sh", "-c", &try_it]).output().is_ok_and(|o| o.status.success());
    if !can {
        eprintln!("not checked here: mounting needs root on Linux");
    }
    can
}

#[tokio::test]
async fn a_disk_that_is_really_full_harms_nothing() {
    let dir = tempfile::tempdir().unwrap();
    if !can_mount(dir.path()) {
        return;
    }
    let mount = dir.path().display();
    let script = format!(
        "mount -t tmpfs -o size=3m conek-test '{mount}' && head -c 1000000 /dev/zero > '{mount}/conek.ballast' && AGAIN"
    );
    let said = child("fills", &dir.path().join("conek.db"), Some(&script)).output().unwrap();
    let said = String::from_utf8_lossy(&said.stdout).into_owned();
    assert!(said.contains("storage_full kept true after Ok(()) sound true"), "{said}");
}

#[tokio::test]
async fn a_disk_that_is_really_read_only_is_named() {
    let dir = tempfile::tempdir().unwrap();
    if !can_mount(dir.path()) {
        return;
    }
    let mount = dir.path().display();
    // Once with a database on it, once without one.
    for first in ["AGAIN", "true"] {
        let script = format!(
            "mount -t tmpfs conek-test '{mount}' && {first} >/dev/null && mount -o remount,ro '{mount}' && AGAIN"
        );
        let said = child("opens", &dir.path().join("conek.db"), Some(&script)).output().unwrap();
        let said = String::from_utf8_lossy(&said.stdout).into_owned();
        assert!(said.contains("storage_read_only"), "{said}");
    }
}
