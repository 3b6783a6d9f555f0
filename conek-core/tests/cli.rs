//! `conek verify` and `conek doctor` as somebody runs them.
#![allow(clippy::unwrap_used, clippy::tests_outside_test_module, reason = "a test may panic")]

use std::{path::Path, process::Command};

use conek_core::{
    Config, Engine, Ports, Purpose, Storage, WhatsAppAccess,
    consent::ConsentSource,
    people::NewContact,
    storage::{Batch, Index, Query, Record, Sqlite, Write},
};

async fn open(path: &Path) -> Engine {
    let mut config = Config::new(path.display().to_string(), "Karoo Coffee", "privacy@karoo.example");
    config.region = Some("ZA".into());
    config.whatsapp = Some(WhatsAppAccess {
        access_token: "t".into(),
        app_secrets: vec!["s".into()],
        verify_token: "v".into(),
        base_url: None,
        graph_version: None,
        extra_roots_pem: None,
    });
    Engine::open(config, Ports::default()).await.unwrap()
}

fn run(args: &[&str]) -> (i32, serde_json::Value) {
    let out = Command::new(env!("CARGO_BIN_EXE_conek")).args(args).arg("--json").output().unwrap();
    let report = serde_json::from_slice(&out.stdout).unwrap_or_default();
    (out.status.code().unwrap(), report)
}

async fn contact(storage: &Sqlite) -> Record {
    let query = Query {
        account: "main".into(),
        kind: "contact".into(),
        index: Index::Id {},
        state: None,
        after: None,
        limit: 1,
        descending: false,
    };
    storage.find(query).await.unwrap().records.remove(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_exit_code_says_whether_a_database_is_sound_and_the_doctor_mends_what_is_derived() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("shop.db");
    let database = path.display().to_string();
    assert_eq!(run(&["verify", &database]).0, 2, "there is none yet");
    let engine = open(&path).await;
    let new = NewContact { phone: Some("083 288 5137".into()), ..NewContact::default() };
    let person = engine.contacts().upsert(new).await.unwrap().id;
    engine.consent().withdraw(person, Purpose::Marketing, ConsentSource::Agent).await.unwrap();
    assert_eq!(
        run(&["doctor", &database]),
        (
            2,
            serde_json::json!({
                "error": "storage_locked: storage: this file is open already, in this process or another; close it there, or use the engine that has it"
            })
        )
    );
    engine.close().await.unwrap();
    drop(engine);

    let before = std::fs::read(&path).unwrap();
    let (code, report) = run(&["verify", "--deep", &database]);
    assert_eq!(
        (code, &report["sound"], &report["records"]["contact"]),
        (0, &true.into(), &1.into()),
        "{report}"
    );
    assert_eq!(std::fs::read(&path).unwrap(), before, "looking changes nothing");

    // Whoever has the file alone makes a contact unfindable.
    let storage = Sqlite::open(&path).await.unwrap();
    let mut record = contact(&storage).await;
    record.tokens.clear();
    storage.commit(vec![Batch { writes: vec![Write::Put { record }] }]).await.unwrap();
    storage.close().await.unwrap();
    drop(storage);
    assert_eq!(run(&["verify", &database]).0, 0, "a short look does not open records");
    let (code, report) = run(&["verify", "--deep", &database]);
    assert_eq!((code, &report["problems"][0]["check"]), (1, &"index".into()), "{report}");
    let (code, report) = run(&["doctor", &database]);
    assert_eq!((code, &report["problems"][0]["repaired"]), (0, &true.into()), "{report}");
    let (code, report) = run(&["verify", "--deep", &database]);
    assert_eq!((code, report["problems"].as_array().unwrap().len()), (0, 0), "{report}");

    std::fs::rename(format!("{database}.key"), dir.path().join("elsewhere.key")).unwrap();
    let (code, report) = run(&["verify", &database]);
    assert_eq!(code, 2);
    assert!(report["error"].as_str().unwrap().starts_with("key: "), "{report}");
    let key = dir.path().join("elsewhere.key").display().to_string();
    std::fs::rename(format!("{database}.journal"), dir.path().join("elsewhere.journal")).unwrap();
    assert_eq!(run(&["verify", "--deep", "--key-file", &key, &database]).0, 0);
    assert_eq!(run(&["look", &database]).0, 2);
    assert_eq!(run(&["verify", "--deeper", &database]).0, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_is_moved_by_one_command_and_the_old_one_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let (from, to) = (dir.path().join("a.db"), dir.path().join("b.db"));
    let (a, b) = (from.display().to_string(), to.display().to_string());
    assert_eq!(run(&["migrate", &a, &b]).0, 2, "there is none yet");
    let engine = open(&from).await;
    let new = NewContact { phone: Some("083 288 5137".into()), ..NewContact::default() };
    engine.contacts().upsert(new).await.unwrap();
    assert_eq!(run(&["migrate", &a, &b]).0, 2, "an engine works on it");
    engine.close().await.unwrap();
    assert_eq!(run(&["migrate", &a]).0, 2);
    let (code, moved) = run(&["migrate", &a, &b]);
    assert_eq!((code, &moved["kinds"]["contact"]), (0, &serde_json::json!(1)), "{moved}");
    assert_eq!(run(&["migrate", &a, &b]).0, 2, "it has gone");
    let key = format!("{a}.key");
    let (code, report) = run(&["verify", "--deep", "--key-file", &key, &b]);
    assert_eq!((code, &report["records"]["contact"]), (0, &serde_json::json!(1)), "{report}");
}
