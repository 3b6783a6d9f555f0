//! Runs one scenario: names, steps, and the transport that follows its script.

use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use conek_core::{
    Clock, Engine, Error, Ports, Result, Transport, VirtualClock,
    policy::SendPermit,
    transport::{Outgoing, Parsed, SendOutcome, Upload, WebhookRequest, whatsapp},
};
use serde_json::{Map, Value, json};

use crate::{matching::differences, operations};

/// Where the scenarios are.
pub fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("scenarios")
}

fn load(name: &str) -> Value {
    let text = std::fs::read_to_string(folder().join(format!("{name}.json"))).expect("the scenario's file");
    serde_json::from_str(&text).unwrap_or_else(|e| panic!("{name}.json is no JSON: {e}"))
}

/// Answers as the scenario says and keeps what left.
#[derive(Debug, Default)]
struct Script {
    outcomes: Mutex<Vec<Value>>,
    sent: Mutex<Vec<Value>>,
}

#[async_trait]
impl Transport for Script {
    async fn send(&self, _: SendPermit, message: Outgoing) -> SendOutcome {
        let mut sent = self.sent.lock().expect("sent");
        sent.push(json!(message));
        let accepted =
            json!({ "type": "accepted", "wamid": format!("wamid.{}", sent.len()), "status": "accepted" });
        let mut outcomes = self.outcomes.lock().expect("outcomes");
        let next = if outcomes.is_empty() { accepted } else { outcomes.remove(0) };
        serde_json::from_value(next).expect("an outcome")
    }
    async fn upload(&self, _: Upload) -> Result<String> {
        Ok("media.1".into())
    }
    async fn mark_read(&self, _: String, _: String) -> Result<()> {
        Ok(())
    }
    async fn verify(&self, request: WebhookRequest) -> Result<()> {
        match request.headers.get("x-test-signature").map(String::as_str) {
            Some("ok") => Ok(()),
            _ => Err(Error::Signature { detail: "x-test-signature is not ok".into() }),
        }
    }
    async fn parse(&self, body: Vec<u8>) -> Parsed {
        whatsapp::parse(&body)
    }
}

/// What `$names` stand for.
struct Names {
    bound: HashMap<String, Value>,
    clock: Arc<VirtualClock>,
    script: Arc<Script>,
}

impl Names {
    fn get(&self, path: &str) -> Value {
        let mut parts = path.split('.');
        let name = parts.next().unwrap_or_default();
        let value = match name {
            "now" => json!(self.clock.now().timestamp().to_string()),
            "sent" => json!(*self.script.sent.lock().expect("sent")),
            _ => self.resolve(self.bound.get(name).unwrap_or_else(|| panic!("${name} is not bound"))),
        };
        parts.fold(value, |v, key| key.parse::<usize>().map_or_else(|_| v[key].clone(), |i| v[i].clone()))
    }

    fn resolve(&self, value: &Value) -> Value {
        match value {
            Value::String(s) if s.starts_with('$') => self.get(&s[1..]),
            Value::Array(all) => all.iter().map(|v| self.resolve(v)).collect(),
            Value::Object(o) if o.contains_key("$bytes") => match self.resolve(&o["$bytes"]) {
                Value::String(text) => json!(text.into_bytes()),
                other => json!(other.to_string().into_bytes()),
            },
            Value::Object(o) => {
                let base = o.get("$from").map(|from| self.resolve(from));
                let mut all =
                    base.map_or_else(Map::new, |b| b.as_object().expect("$from names an object").clone());
                all.extend(
                    o.iter().filter(|(k, _)| *k != "$from").map(|(k, v)| (k.clone(), self.resolve(v))),
                );
                all.into()
            }
            other => other.clone(),
        }
    }
}

/// Runs a scenario of the folder.
pub async fn run(name: &str) {
    let (world, scenario) = (load("world"), load(name));
    let given = |key: &str| if scenario[key].is_null() { &world[key] } else { &scenario[key] };
    let start = given("clock").as_str().and_then(|c| c.parse().ok()).expect("`clock` is a moment");
    let clock = Arc::new(VirtualClock::at(start));
    let outcomes = scenario["outcomes"].as_array().cloned().unwrap_or_default();
    let script = Arc::new(Script { outcomes: outcomes.into(), sent: Mutex::default() });
    let mut names = Names { bound: HashMap::new(), clock: clock.clone(), script: script.clone() };
    for values in [&world["let"], &scenario["let"]] {
        names.bound.extend(values.as_object().cloned().unwrap_or_default());
    }
    let dir = tempfile::tempdir().expect("a folder");
    let mut config = names.resolve(given("config"));
    let path = dir.path().join("conek.db");
    match conek_tests::database() {
        Some(url) => {
            config["database"] = json!(url);
            config["key_file"] = json!(path.with_extension("key"));
        }
        None => config["path"] = json!(path),
    }
    let open = async || {
        let ports = Ports { transport: Some(script.clone()), clock: Some(clock.clone()), ..Ports::default() };
        let config = serde_json::from_value(config.clone()).expect("`config` is a Config");
        Engine::open(config, ports).await.expect("the engine opens")
    };
    let mut engine = open().await;
    for template in given("templates").as_array().into_iter().flatten() {
        operations::call(&engine, "templates.put", vec![template.clone()])
            .await
            .expect("a template that fits");
    }
    let none = Vec::new();
    let setup = if scenario["setup"].is_null() {
        &none
    } else {
        world["setups"][scenario["setup"].as_str().expect("`setup`")].as_array().expect("a known setup")
    };
    for (i, step) in setup.iter().chain(scenario["steps"].as_array().expect("`steps`")).enumerate() {
        names.bound.extend(step["let"].as_object().cloned().unwrap_or_default());
        let op = step["do"].as_str().expect("`do`");
        let args: Vec<Value> =
            step["with"].as_array().into_iter().flatten().map(|a| names.resolve(a)).collect();
        let came = match op {
            "settle" => {
                assert!(
                    engine.settle(60_000).await.expect("settle"),
                    "{name}, step {i}: it does not come to rest"
                );
                Ok(Value::Null)
            }
            "clock.advance" => {
                clock.advance(Duration::from_millis(args[0].as_u64().expect("milliseconds")));
                Ok(Value::Null)
            }
            "reopen" => {
                engine.close().await.expect("it closes");
                engine = open().await;
                Ok(Value::Null)
            }
            "status" => engine.status().await.map(|s| json!(s)),
            "resume" => engine.resume().await.map(|()| Value::Null),
            op => operations::call(&engine, op, args).await,
        };
        let (wanted, came) = match came {
            Ok(value) if step["expect_error"].is_null() => (&step["expect"], value),
            Ok(value) => panic!("{name}, step {i}, {op}: it should fail, and gave {value:#}"),
            Err(e) if step["expect_error"].is_null() => panic!("{name}, step {i}, {op}: {} {e}", e.code()),
            Err(e) => (&step["expect_error"], operations::error(&e)),
        };
        if step.get("expect").is_some() || step.get("expect_error").is_some() {
            check(&format!("{name}, step {i}, {op}"), &names.resolve(wanted), &came);
        }
        if let Some(bind) = step["as"].as_str() {
            names.bound.insert(bind.to_owned(), came);
        }
    }
    let mut sent = script.sent.lock().expect("sent").clone();
    sent.sort_by_key(|m| m["to"].to_string());
    let wanted = scenario.get("sent").unwrap_or_else(|| panic!("{name}: `sent` is missing"));
    check(&format!("{name}, sent"), &names.resolve(wanted), &json!(sent));
    engine.close().await.expect("it closes");
}

fn check(place: &str, wanted: &Value, came: &Value) {
    let differences = differences(wanted, came);
    assert!(differences.is_empty(), "{place}\n  {}\n\nwhat came: {came:#}", differences.join("\n  "));
}
