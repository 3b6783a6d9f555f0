//! The sample of made-up people keeps what its generator says of it.
#![allow(clippy::unwrap_used)]

use conek_core::{Config, Engine, Number, Ports, people::ImportOptions};
use conek_examples::sample::{self, Standing, Truth};

#[test]
fn the_file_is_what_the_generator_makes() {
    assert!(
        include_bytes!("../data/contacts.csv") == &sample::file()[..],
        "write it anew: cargo run --bin make-contacts examples/data/contacts.csv"
    );
}

#[test]
fn it_is_a_large_and_mixed_file() {
    let rows = sample::rows();
    assert!(rows.len() >= 10_000);
    let south_african = |t: &Truth| matches!(t, Truth::Person(n) if n.starts_with("+27"));
    let people = rows.iter().filter(|r| matches!(r.truth, Truth::Person(_))).count();
    let share = 100 * rows.iter().filter(|r| south_african(&r.truth)).count() / people;
    assert!((60..=70).contains(&share), "{share} % South Africans");
    let consented = rows.iter().filter(|r| r.standing == Some(Standing::Consent)).count();
    assert!((55..=65).contains(&(100 * consented / rows.len())));
    for name in ["Imani", "Ema", "Mani", "Jama"] {
        assert!(rows.iter().any(|r| String::from_utf8_lossy(&r.bytes).contains(name)), "{name}");
    }
}

#[tokio::test]
async fn every_row_becomes_what_it_should() {
    let home = tempfile::tempdir().unwrap();
    let db = home.path().join("sample.db").display().to_string();
    let mut config = Config::new(db, "Karoo Coffee", "privacy@karoo.example");
    config.region = Some("ZA".into());
    config.numbers = vec![Number::new("1")];
    config.whatsapp = Some(conek_core::WhatsAppAccess {
        access_token: "t".into(),
        app_secrets: vec!["s".into()],
        verify_token: "v".into(),
        base_url: Some("http://127.0.0.1:1".into()),
        graph_version: None,
        extra_roots_pem: None,
    });
    let engine = Engine::open(config, Ports::default()).await.unwrap();
    let report = engine.contacts().import_csv(sample::file(), ImportOptions::default()).await.unwrap();

    let rows = sample::rows();
    let count = |f: &dyn Fn(&Truth) -> bool| rows.iter().filter(|r| f(&r.truth)).count() as i64;
    let mut wanted: Vec<&str> = Vec::new();
    for row in &rows {
        if let Truth::Person(number) | Truth::WithProblem(number) = &row.truth {
            wanted.push(number);
        }
    }
    wanted.sort_unstable();
    let reported: Vec<i64> = report.problems.iter().map(|p| p.row).collect();
    for (i, row) in rows.iter().enumerate() {
        let odd = matches!(row.truth, Truth::Rejected | Truth::WithProblem(_));
        assert_eq!(reported.contains(&(i as i64 + 2)), odd, "row {}", i + 2);
    }
    assert_eq!(report.rows, rows.len() as i64);
    assert_eq!(report.created, wanted.len() as i64);
    assert_eq!(report.duplicates, count(&|t| matches!(t, Truth::Duplicate(_))));
    assert_eq!(report.rejected, count(&|t| *t == Truth::Rejected));

    let mut found = Vec::new();
    let mut after = None;
    loop {
        let page = engine.contacts().list(after, 1000).await.unwrap();
        found.extend(page.contacts.into_iter().filter_map(|c| c.phone));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    found.sort_unstable();
    assert!(found == wanted, "every number was read as it was meant");
    engine.close().await.unwrap();
}
