//! `conek verify` and `conek doctor`: whether a database says the truth, and what can be mended. `conek migrate`: a
//! store goes into another database.
//!
//! Exit code 0: sound, or moved. 1: something is wrong, and the report names it. 2: it could not be done.
#![forbid(unsafe_code)]

use std::{path::Path, process::ExitCode};

use conek_core::{Config, Engine, Error, Ports, WhatsAppAccess, inspection::StoreReport, storage::migrate};

const USAGE: &str = "\
conek verify [--deep] [--json] [--key-file FILE] [--account NAME] DATABASE
    Looks over a copy of the database that it makes for itself and removes again. --deep opens every record.
conek doctor [--json] [--key-file FILE] [--account NAME] DATABASE
    Looks deeply and mends what can be derived anew. No other process may have the database open.
conek migrate [--json] FROM TO
    Moves every record from one database into another that is empty, and compares them before it counts. Each is the
    path of an SQLite file or the URL of a PostgreSQL database. When it was cut off: the same again.

Exit code 0: sound, or moved. 1: something is wrong. 2: it could not be done.
A database in use is verified by its own process: engine.verify(deep), or from a backup.";

struct Asked {
    mends: bool,
    deep: bool,
    json: bool,
    key_file: Option<String>,
    account: Option<String>,
    database: String,
}

fn asked(args: impl Iterator<Item = String>) -> Result<Asked, String> {
    let mut args = args;
    let mends = match args.next().as_deref() {
        Some("verify") => false,
        Some("doctor") => true,
        Some("--help" | "-h" | "help") => return Err(USAGE.to_owned()),
        _ => {
            return Err(format!("What is to be done is missing: verify, doctor or migrate.\n\n{USAGE}"));
        }
    };
    let mut asked =
        Asked { mends, deep: mends, json: false, key_file: None, account: None, database: String::new() };
    while let Some(arg) = args.next() {
        let mut value = |name: &str| args.next().ok_or_else(|| format!("{name} needs a value."));
        match arg.as_str() {
            "--deep" => asked.deep = true,
            "--json" => asked.json = true,
            "--key-file" => asked.key_file = Some(value("--key-file")?),
            "--account" => asked.account = Some(value("--account")?),
            flag if flag.starts_with("--") => return Err(format!("{flag} is not known.\n\n{USAGE}")),
            path if asked.database.is_empty() => path.clone_into(&mut asked.database),
            _ => return Err("One database at a time.".to_owned()),
        }
    }
    if asked.database.is_empty() {
        return Err(format!("The database is missing.\n\n{USAGE}"));
    }
    if !Path::new(&asked.database).is_file() {
        return Err("There is no such database.".to_owned());
    }
    Ok(asked)
}

/// An engine that has no number to send from.
fn config(asked: &Asked) -> Config {
    let mut config = Config::new(asked.database.clone(), "conek", "conek");
    config.key_file = Some(asked.key_file.clone().unwrap_or_else(|| format!("{}.key", asked.database)));
    config.account.clone_from(&asked.account);
    config.whatsapp = Some(WhatsAppAccess {
        access_token: "none".into(),
        app_secrets: vec!["none".into()],
        verify_token: "none".into(),
        base_url: None,
        graph_version: None,
        extra_roots_pem: None,
    });
    config
}

async fn look(asked: &Asked) -> Result<StoreReport, String> {
    let mut config = config(asked);
    // Opening is writing: a look at a backup must leave it as it is.
    let place = if asked.mends { None } else { Some(copied(asked, &mut config)?) };
    let engine = Engine::open(config, Ports::default()).await.map_err(say)?;
    let report = if asked.mends { engine.repair().await } else { engine.verify(asked.deep).await };
    engine.close().await.map_err(say)?;
    drop(place);
    report.map_err(say)
}

/// Makes the engine work on copies of the database and the journal.
fn copied(asked: &Asked, config: &mut Config) -> Result<tempfile::TempDir, String> {
    let place = tempfile::tempdir().map_err(|e| format!("No place for a copy: {}.", e.kind()))?;
    let copy = |from: &Path, to: &str| {
        let to = place.path().join(to);
        if from.is_file() {
            std::fs::copy(from, &to).map_err(|e| format!("A copy could not be made: {}.", e.kind()))?;
        }
        Ok::<String, String>(to.display().to_string())
    };
    let journal = config.journal().unwrap_or_default();
    config.journal_file = Some(copy(&journal, "copy.journal")?);
    config.path = Some(copy(Path::new(&asked.database), "copy.db")?);
    copy(Path::new(&format!("{}-wal", asked.database)), "copy.db-wal")?;
    Ok(place)
}

fn show(report: &StoreReport) {
    for problem in &report.problems {
        let about =
            if problem.kind.is_empty() { String::new() } else { format!(" {} {}", problem.kind, problem.id) };
        let then = match (problem.repaired, problem.repairable) {
            (true, _) => " (mended)",
            (false, true) => " (conek doctor can mend it)",
            (false, false) => "",
        };
        println!("{}{about}: {}{then}", problem.check, problem.text);
    }
    if report.more > 0 {
        println!("and {} more", report.more);
    }
    let records: i64 = report.records.values().sum();
    match (report.sound, report.deep) {
        (true, true) => println!("sound: {records} records, {} entries of the log", report.audit.entries),
        (true, false) => println!("sound: structure and log; --deep opens every record"),
        (false, _) => println!("not sound"),
    }
}

fn say(e: Error) -> String {
    format!("{}: {e}", e.code())
}

/// `migrate`, where that was asked for.
async fn moving(args: &[String]) -> Option<Result<String, String>> {
    let (command, rest) = args.split_first()?;
    let json = rest.iter().any(|a| a == "--json");
    let places: Vec<&String> = rest.iter().filter(|a| *a != "--json").collect();
    if command != "migrate" {
        return None;
    }
    let [from, to] = places[..] else { return Some(Err(USAGE.to_owned())) };
    Some(migrate(from, to).await.map_err(say).map(|moved| match json {
        true => serde_json::to_string(&moved).unwrap_or_default(),
        false => format!("moved: {} records, fingerprint {}", moved.records, moved.fingerprint),
    }))
}

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let Ok(runtime) = runtime else {
        eprintln!("No threads to work with.");
        return ExitCode::from(2);
    };
    match runtime.block_on(moving(&args)) {
        Some(Ok(text)) => {
            println!("{text}");
            return ExitCode::SUCCESS;
        }
        Some(Err(text)) => {
            eprintln!("{text}");
            return ExitCode::from(2);
        }
        None => {}
    }
    let asked = match asked(args.into_iter()) {
        Ok(asked) => asked,
        Err(text) => {
            eprintln!("{text}");
            return ExitCode::from(2);
        }
    };
    match runtime.block_on(look(&asked)) {
        Ok(report) => {
            if asked.json {
                println!("{}", serde_json::to_string(&report).unwrap_or_default());
            } else {
                show(&report);
            }
            ExitCode::from(u8::from(!report.sound))
        }
        Err(text) => {
            if asked.json {
                println!("{}", serde_json::json!({ "error": text }));
            } else {
                eprintln!("{text}");
            }
            ExitCode::from(2)
        }
    }
}
