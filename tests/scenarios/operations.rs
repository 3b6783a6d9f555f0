//! The engine's operations by their names, with arguments and results as JSON.

use conek_core::{Engine, Error, Result};
use serde_json::{Value, json};

macro_rules! operations {
    ($engine:ident, $op:ident, $args:ident: $($name:literal = $room:ident.$method:ident($($arg:ident),*);)*) => {
        match $op {
            $($name => {
                $(let $arg = read($op, $args.next().unwrap_or_default());)*
                Ok(json($engine.$room().$method($($arg),*).await?))
            })*
            _ => panic!("no operation {} is known; add a line to operations.rs", $op),
        }
    };
}

/// Calls an operation.
pub async fn call(engine: &Engine, op: &str, args: Vec<Value>) -> Result<Value> {
    let mut args = args.into_iter();
    operations! { engine, op, args:
        "contacts.upsert" = contacts.upsert(contact);
        "contacts.get" = contacts.get(id);
        "contacts.lookup" = contacts.lookup(recipient);
        "contacts.import_csv" = contacts.import_csv(bytes, options);
        "contacts.count" = contacts.count();
        "consent.record" = consent.record(entry);
        "consent.withdraw" = consent.withdraw(person, purpose, source);
        "consent.status" = consent.status(person);
        "consent.history" = consent.history(person);
        "consent.is_suppressed" = consent.is_suppressed(recipient);
        "policy.check" = policy.check(draft);
        "policy.explain" = policy.explain(message);
        "policy.replay" = policy.replay(message);
        "policy.declare_holiday" = policy.declare_holiday(day);
        "messages.send" = messages.send(draft);
        "messages.get" = messages.get(id);
        "messages.wait" = messages.wait(id, timeout_ms);
        "messages.cancel" = messages.cancel(id);
        "messages.of_person" = messages.of_person(person, limit);
        "templates.put" = templates.put(template);
        "templates.get" = templates.get(name, language);
        "platform.sender_health" = platform.sender_health();
        "campaigns.plan" = campaigns.plan(spec);
        "campaigns.start" = campaigns.start(id);
        "campaigns.progress" = campaigns.progress(id);
        "campaigns.left_out" = campaigns.left_out(id, after, limit);
        "inbound.handle_webhook" = inbound.handle_webhook(request);
        "inbound.events" = inbound.events(after, limit);
    }
}

/// An error as the scenarios see it.
pub fn error(e: &Error) -> Value {
    let mut seen = json!({ "code": e.code(), "text": e.to_string() });
    match e {
        Error::InvalidInput { field, .. } => seen["field"] = json!(field),
        Error::NotFound { what, id } => (seen["what"], seen["id"]) = (json!(what), json!(id)),
        Error::Conflict { what, .. } => seen["what"] = json!(what),
        Error::Denied { id, reasons, .. } => (seen["id"], seen["reasons"]) = (json!(id), json!(reasons)),
        _ => {}
    }
    seen
}

fn read<T: serde::de::DeserializeOwned>(op: &str, value: Value) -> T {
    serde_json::from_value(value).unwrap_or_else(|e| panic!("{op}: an argument does not fit: {e}"))
}

fn json<T: serde::Serialize>(value: T) -> Value {
    serde_json::to_value(value).expect("a result has a JSON form")
}
