//! What a scenario expects, held against what came.

use serde_json::{Map, Value};

/// Every difference between what is expected and what came, one line each; none when it matches.
pub fn differences(expected: &Value, actual: &Value) -> Vec<String> {
    let mut found = Vec::new();
    compare(expected, actual, "", &mut found);
    found
}

fn compare(expected: &Value, actual: &Value, at: &str, found: &mut Vec<String>) {
    match (expected, actual) {
        (Value::Object(e), _) if e.contains_key("$contains") => {
            let part = e["$contains"].as_str().unwrap_or_default();
            if !actual.as_str().is_some_and(|a| a.contains(part)) {
                found.push(format!("{at}: expected a text with {part:?}, got {actual}"));
            }
        }
        (Value::Object(e), Value::Array(a)) if e.contains_key("$has") => {
            for wanted in e["$has"].as_array().into_iter().flatten() {
                if !a.iter().any(|there| differences(wanted, there).is_empty()) {
                    found.push(format!("{at}: expected one like {wanted}, got {actual}"));
                }
            }
        }
        (Value::Object(e), Value::Object(a)) => members(e, a, at, found),
        (Value::Array(e), Value::Array(a)) if e.len() == a.len() => {
            for (i, (e, a)) in e.iter().zip(a).enumerate() {
                compare(e, a, &format!("{at}[{i}]"), found);
            }
        }
        (Value::Array(e), Value::Array(a)) => {
            found.push(format!("{at}: expected {} elements, got {}: {actual}", e.len(), a.len()));
        }
        _ if expected == actual || same_moment(expected, actual) => {}
        _ => found.push(format!("{at}: expected {expected}, got {actual}")),
    }
}

fn members(expected: &Map<String, Value>, actual: &Map<String, Value>, at: &str, found: &mut Vec<String>) {
    for (key, e) in expected {
        compare(e, actual.get(key).unwrap_or(&Value::Null), &format!("{at}.{key}"), found);
    }
}

fn same_moment(a: &Value, b: &Value) -> bool {
    let moment = |v: &Value| chrono::DateTime::parse_from_rfc3339(v.as_str()?).ok();
    moment(a).is_some_and(|a| moment(b) == Some(a))
}
