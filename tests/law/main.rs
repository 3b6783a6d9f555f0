//! The law as tables: each row cites its provision and was written from it. The tables are data, so that
//! every language runs the same ones; `README.md` beside them says how they are read.

#![allow(clippy::unwrap_used, reason = "a test may panic, also in the functions it shares")]

use std::{collections::BTreeSet, path::Path};

use conek_core::{
    consent::words::ReplyContext,
    policy::{
        Decision, Facts, LegalBasis, Regime, SharingDecision, SharingFacts, TransferDecision, TransferFacts,
    },
    questions,
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

fn table(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("law").join(name);
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

fn read<T: DeserializeOwned>(value: &Value) -> T {
    serde_json::from_value(value.clone()).unwrap_or_else(|e| panic!("{e}: {value}"))
}

/// `with` laid over `base`: objects are merged, null takes a field away.
fn merged(base: &Value, with: &Value) -> Value {
    match (base, with) {
        (Value::Object(base), Value::Object(with)) => {
            let mut all = base.clone();
            for (name, value) in with {
                if value.is_null() {
                    all.remove(name);
                } else {
                    let under = base.get(name).unwrap_or(&Value::Null);
                    all.insert(name.clone(), merged(under, value));
                }
            }
            Value::Object(all)
        }
        (_, with) => with.clone(),
    }
}

/// Runs every row; all that differ are told together.
fn run(name: &str, at_least: usize, answer: impl Fn(&Value, &Value) -> Value) {
    let table = table(name);
    let rows = table["rows"].as_array().unwrap();
    let mut wrong = Vec::new();
    let mut names = BTreeSet::new();
    for row in rows {
        assert!(names.insert(row["name"].as_str().unwrap()), "{row} is there twice");
        assert!(!row["provision"].as_str().unwrap().is_empty(), "{row} cites nothing");
        let came = answer(&table, row);
        if came != row["expect"] {
            wrong.push(format!(
                "{}\n    {} wants {}\n    came {came}",
                row["name"], row["provision"], row["expect"]
            ));
        }
    }
    assert!(rows.len() >= at_least, "{name} has {} rows", rows.len());
    assert!(wrong.is_empty(), "{} of {} rows of {name}:\n{}", wrong.len(), rows.len(), wrong.join("\n"));
}

fn codes(reasons: &[conek_core::policy::Reason]) -> Vec<&str> {
    reasons.iter().map(|r| r.code.as_str()).collect()
}

#[test]
fn whether_a_message_may_be_sent() {
    run("decide.json", 250, |table, row| {
        let facts: Facts = read(&merged(&table["bases"][row["from"].as_str().unwrap()], &row["with"]));
        let at = row.get("at").unwrap_or(&table["at"]);
        match questions::decide(facts, read(at)) {
            Decision::Allow { basis } => json!({"type": "allow", "basis": basis}),
            Decision::Deny { reasons } => json!({"type": "deny", "codes": codes(&reasons)}),
            Decision::Ask { reasons, .. } => json!({"type": "ask", "codes": codes(&reasons)}),
            Decision::Defer { until, reasons } => {
                json!({"type": "defer", "until": until, "codes": codes(&reasons)})
            }
        }
    });
}

#[test]
fn whether_data_may_go_to_another_country() {
    run("transfers.json", 70, |_, row| {
        match questions::transfer_allowed(read::<TransferFacts>(&row["facts"]), read(&row["at"])) {
            TransferDecision::Allow { provisions, .. } => {
                assert!(!provisions.is_empty());
                json!([])
            }
            TransferDecision::Deny { reasons } => json!(codes(&reasons)),
        }
    });
}

#[test]
fn whether_data_may_be_handed_over() {
    run("sharing.json", 30, |_, row| match questions::sharing_allowed(read::<SharingFacts>(&row["facts"])) {
        SharingDecision::Allow { provision } => {
            assert!(!provision.is_empty());
            json!([])
        }
        SharingDecision::Deny { reasons } => json!(codes(&reasons)),
    });
}

#[test]
fn on_what_each_purpose_may_rest() {
    run("bases.json", 48, |_, row| {
        let regime: Regime = read(&row["regime"]);
        let purpose = row["purpose"].as_str().unwrap();
        let listed = questions::purposes().into_iter().find(|p| p.code == purpose).unwrap();
        let listed = if regime == Regime::Popia { listed.popia } else { listed.gdpr };
        for basis in LegalBasis::ALL {
            let lawful = questions::check_basis(purpose.to_owned(), basis, regime);
            assert_eq!(lawful.is_ok(), listed.contains(&basis), "{purpose} on {basis:?}");
        }
        json!(listed)
    });
}

#[test]
fn what_a_message_says_about_being_written_to() {
    run("replies.json", 150, |_, row| {
        let context: ReplyContext = read(&row["context"]);
        json!(questions::classify_reply(row["text"].as_str().unwrap().to_owned(), context))
    });
}

#[test]
fn which_days_are_holidays() {
    run("holidays.json", 8, |_, row| {
        let year = read(&row["year"]);
        let days = questions::public_holidays(year, read(&row["declared"])).unwrap();
        json!(days.into_iter().map(|d| d.date).collect::<Vec<_>>())
    });
}

/// The chapter on the law names every rule with its source.
#[test]
fn the_chapter_tells_every_rule() {
    let chapter = Path::new(env!("CARGO_MANIFEST_DIR")).join("../conek-core/docs/law.md");
    let chapter = std::fs::read_to_string(chapter).unwrap();
    for (code, provision, text) in conek_core::policy::REASONS {
        let row = chapter.lines().find(|line| line.starts_with(&format!("| `{code}` |")));
        let row = row.unwrap_or_else(|| panic!("{code} is not in the chapter"));
        assert!(row.contains(provision) && row.contains(text), "{code}: {row}");
    }
}

/// A rule without a row would never be looked at.
#[test]
fn every_rule_of_the_gate_has_a_row() {
    let table = table("decide.json");
    let all = table["rows"].to_string();
    // These come from elsewhere: a host's rule, a template's variable, and warnings.
    let elsewhere = ["POLICY_FAILED", "MISSING_VARIABLE", "REGISTRY_NOT_USED"];
    for (code, _, _) in conek_core::policy::REASONS {
        assert!(elsewhere.contains(code) || all.contains(&format!("\"{code}\"")), "{code}");
    }
}
