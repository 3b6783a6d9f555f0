//! The quickstart as a user runs it: a process, its output and its exit code.
#![allow(clippy::unwrap_used)]

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    process::{Command, Stdio},
};

fn quickstart() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_quickstart"));
    for name in [
        "CONEK_WHATSAPP_TOKEN",
        "CONEK_PHONE_NUMBER_ID",
        "CONEK_APP_SECRET",
        "CONEK_VERIFY_TOKEN",
        "CONEK_BUSINESS_NAME",
        "CONEK_PRIVACY_CONTACT",
    ] {
        command.env_remove(name);
    }
    command
}

fn run(args: &[&str]) -> (Option<i32>, String) {
    let out = quickstart().args(args).output().unwrap();
    let text = String::from_utf8(out.stdout).unwrap() + &String::from_utf8(out.stderr).unwrap();
    (out.status.code(), text)
}

/// The lines of one section: `  label   1,234`, and those of reasons: `  1,234  CODE`.
fn table(text: &str, section: &str) -> BTreeMap<String, i64> {
    let lines =
        text.lines().skip_while(|l| !l.starts_with(section)).skip(1).take_while(|l| l.starts_with("  "));
    lines
        .filter_map(|l| {
            let (left, right) = l.trim().rsplit_once("  ")?;
            let number = |text: &str| text.trim().replace(',', "").parse::<i64>().ok();
            let label = |text: &str| text.trim().to_owned();
            number(right).map(|n| (label(left), n)).or_else(|| number(left).map(|n| (label(right), n)))
        })
        .collect()
}

#[test]
fn a_first_run_ends_with_numbers_that_add_up_and_repeat() {
    let (code, text) = run(&["--limit", "300", "--seed", "7"]);
    assert_eq!(code, Some(0), "{text}");
    let import = table(&text, "Import of");
    assert_eq!(import["rows"], 300);
    assert_eq!(import["created"] + import["duplicates"] + import["rejected"], 300);
    let plan = table(&text, "Plan of");
    assert_eq!(plan["people"], import["created"]);
    assert_eq!(plan["people"], plan["get it now"] + plan["get it later"] + plan["do not get it"]);
    assert!(plan["get it now"] > 0 && plan["get it later"] > 0 && plan["do not get it"] > 0, "{text}");
    assert!(text.contains("from Tue 2026-11-24 08:00 SAST"), "South Africans wait for their hours: {text}");
    assert!(text.contains("NO_CONSENT") && text.contains("POPIA s69(1)(a)"), "{text}");
    let end = table(&text, "Result of");
    assert_eq!(end["planned"], plan["people"]);
    assert_eq!(end["planned"], end["sent"] + end["refused"] + end["denied"] + end["dropped"]);
    assert_eq!((end["waiting"], end["in doubt"]), (0, 0));
    assert!(
        end["sent"] >= end["delivered"] && end["delivered"] >= end["read"] && end["read"] >= end["replied"]
    );
    assert!(end["replied"] > 0 && end["opted out"] > 0 && end["failed"] > 0, "the town is alive: {text}");

    let (code, again) = run(&["--limit", "300", "--seed", "7"]);
    assert_eq!(code, Some(0), "{again}");
    for section in ["Import of", "Plan of", "Result of"] {
        assert_eq!(table(&again, section), table(&text, section));
    }
}

#[test]
fn lost_answers_and_repeated_webhooks_change_nothing_of_the_end() {
    let (code, plain) = run(&["--limit", "200"]);
    assert_eq!(code, Some(0), "{plain}");
    let (code, faults) = run(&["--limit", "200", "--faults"]);
    assert_eq!(code, Some(0), "{faults}");
    assert_eq!(table(&faults, "Result of"), table(&plain, "Result of"));
}

#[test]
fn an_opt_out_outlives_the_program() {
    let home = tempfile::tempdir().unwrap();
    let db = home.path().join("shop.db").display().to_string();
    let (code, first) = run(&["--limit", "200", "--db", &db]);
    assert_eq!(code, Some(0), "{first}");
    let (code, second) = run(&["--limit", "200", "--db", &db]);
    assert_eq!(code, Some(0), "{second}");
    let (first, import, second) =
        (table(&first, "Result of"), table(&second, "Import of"), table(&second, "Result of"));
    assert_eq!(import["created"], 0, "they are known");
    assert_eq!(second["planned"], first["planned"], "nobody became two people");
    assert!(first["opted out"] > 0);
    assert_eq!(second["SUPPRESSED"], first["SUPPRESSED"] + first["opted out"]);
    assert!(second["sent"] <= first["sent"] - first["opted out"]);
}

/// A process that ends with the test, however the test ends.
struct Running(std::process::Child);
impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn the_page_shows_why_somebody_who_wrote_stop_is_left_out() {
    let mut child = Running(
        quickstart()
            .args(["--limit", "60", "--serve", "--port", "0"])
            .stdout(Stdio::piped())
            .stdin(Stdio::null())
            .spawn()
            .unwrap(),
    );
    let mut lines = BufReader::new(child.0.stdout.take().unwrap()).lines();
    let page = lines
        .by_ref()
        .map_while(Result::ok)
        .find_map(|l| l.strip_prefix("page: http://").map(|a| a.trim_end_matches('/').to_owned()));
    let address = page.expect("the page's address stands on its own line");
    let ask = |method: &str, path: &str, body: &str| -> serde_json::Value {
        let mut stream = TcpStream::connect(&address).unwrap();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
            body.len()
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let start = answer.find('{').unwrap_or(answer.len());
        let end = answer.rfind('}').map_or(start, |end| end + 1);
        serde_json::from_str(&answer[start..end]).unwrap_or_else(|_| panic!("{answer}"))
    };
    let people = ask("GET", "/_sim/phones", "");
    let reader = people["people"]
        .as_array()
        .unwrap()
        .iter()
        .find(|p| p["persona"] == "reads")
        .expect("somebody who reads");
    let phone = reader["number"].as_str().unwrap().to_owned();
    let panel = || ask("GET", &format!("/_sim/panel?phone={phone}"), "");
    assert!(panel()["lines"].to_string().contains("Allowed"), "{}", panel());
    ask("POST", "/_sim/say", &format!(r#"{{"from":"{phone}","say":{{"kind":"text","body":"STOP"}}}}"#));
    let mut told = panel();
    while !told["lines"].to_string().contains("asked not to be contacted") {
        told = panel();
    }
    assert_eq!(told["actions"][0]["id"], "next");
    let answer = ask("POST", "/_sim/panel", r#"{"id":"next"}"#);
    assert!(answer["message"].as_str().unwrap().contains("Offer 2"), "{answer}");
    let told = panel();
    assert!(told["lines"].to_string().contains("Left out of \\\"Offer 2\\\": SUPPRESSED"), "{told}");
}

#[test]
fn real_people_are_those_of_the_named_file_and_never_made_up_ones() {
    let home = tempfile::tempdir().unwrap();
    let file = |name: &str, rows: &str| {
        let path = home.path().join(name);
        std::fs::write(&path, format!("phone,name,consent,consent_evidence\n{rows}")).unwrap();
        path.display().to_string()
    };
    let db = home.path().join("shop.db").display().to_string();
    let (code, simulated) = run(&["--limit", "60", "--db", &db]);
    assert_eq!(code, Some(0), "{simulated}");
    let plan = |people: &str| {
        let mut command = quickstart();
        command
            .args(["--people", people, "--db", &db])
            .env("CONEK_WHATSAPP_TOKEN", "token")
            .env("CONEK_PHONE_NUMBER_ID", "106")
            .env("CONEK_APP_SECRET", "secret")
            .env("CONEK_BUSINESS_NAME", "Karoo Coffee")
            .env("CONEK_PRIVACY_CONTACT", "privacy@karoo.example");
        let text = String::from_utf8(command.output().unwrap().stdout).unwrap();
        assert!(text.contains("Nothing was sent"), "{text}");
        table(&text, "Plan of")["people"]
    };
    assert_eq!(plan(&file("one.csv", "083 288 5137,Ann,yes,form 1\n")), 1, "nobody of the simulation");
    let other = file("two.csv", "083 288 5138,Ben,yes,form 2\n083 288 5139,Cee,yes,form 3\n");
    assert_eq!(plan(&other), 2, "nobody of another file");
    // The simulation on the same file afterwards knows its own people only.
    let (code, again) = run(&["--limit", "60", "--db", &db]);
    assert_eq!(code, Some(0), "{again}");
    assert_eq!(table(&again, "Plan of")["people"], table(&simulated, "Plan of")["people"]);
}

#[test]
fn unclear_arguments_are_refused_before_anything_is_done() {
    for args in [["--region", "XQ"], ["--region", "South Africa"], ["--speed", "0"], ["--limit", "ten"]] {
        let (code, text) = run(&args);
        assert_eq!(code, Some(2), "{text}");
        assert!(text.contains(args[0]) && !text.contains("Import of"), "{text}");
    }
}
