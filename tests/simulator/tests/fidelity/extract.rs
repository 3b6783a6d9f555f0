//! The facts about Meta's OpenAPI file that the repository keeps: `fidelity/meta.txt`.

use std::collections::{BTreeMap, BTreeSet};

/// A member of a request or an answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Member {
    /// `string`, `integer`, `number`, `boolean`, `object`, `array`; `any` where the file says nothing.
    pub types: BTreeSet<String>,
    /// Whether it must be there.
    pub needed: bool,
}

/// Members by their path: `data[].name`.
pub type Members = BTreeMap<String, Member>;

/// What the file says of an operation, or what was seen of one.
#[derive(Debug, Clone, Default)]
pub struct Operation {
    pub query: Members,
    pub given: Members,
    pub answer: Members,
    pub statuses: BTreeSet<u16>,
}

/// By method and path, in the order of paths.
pub type Operations = BTreeMap<String, Operation>;

/// Reads the facts.
pub fn read(text: &str) -> Operations {
    let mut all = Operations::new();
    let mut now = String::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let Some(fact) = line.strip_prefix("  ") else {
            now = line.to_owned();
            all.insert(now.clone(), Operation::default());
            continue;
        };
        let operation = all.get_mut(&now).expect("a fact belongs to an operation");
        let (kind, rest) = fact.split_once(' ').expect("a kind");
        if kind == "status" {
            operation.statuses = rest.split(' ').filter_map(|s| s.parse().ok()).collect();
            continue;
        }
        let (path, types) = rest.split_once(' ').expect("types");
        let types = types.split('|').map(str::to_owned).collect();
        let member = Member { types, needed: path.ends_with('!') };
        let members = match kind {
            "query" => &mut operation.query,
            "given" => &mut operation.given,
            "answer" => &mut operation.answer,
            _ => panic!("nobody knows the kind {kind}"),
        };
        members.insert(path.trim_end_matches('!').to_owned(), member);
    }
    all
}

/// Notes the members of a value that was seen.
pub fn note(value: &serde_json::Value, path: &str, members: &mut Members) {
    match value {
        serde_json::Value::Object(map) => {
            for (name, inner) in map {
                let at = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                let member = members.entry(at.clone()).or_default();
                member.types.insert(type_of(inner).to_owned());
                note(inner, &at, members);
            }
        }
        serde_json::Value::Array(all) => {
            all.iter().for_each(|inner| note(inner, &format!("{path}[]"), members))
        }
        _ => {}
    }
}

fn type_of(value: &serde_json::Value) -> &'static str {
    match value {
        serde_json::Value::Null => "null",
        serde_json::Value::Bool(_) => "boolean",
        serde_json::Value::Number(n) if n.is_f64() => "number",
        serde_json::Value::Number(_) => "integer",
        serde_json::Value::String(_) => "string",
        serde_json::Value::Array(_) => "array",
        serde_json::Value::Object(_) => "object",
    }
}

/// Whether what was seen is of a type that the file allows.
pub fn fits(seen: &Member, said: &Member) -> bool {
    let open = said.types.contains("any");
    open || seen
        .types
        .iter()
        .all(|t| said.types.contains(t) || (t == "integer" && said.types.contains("number")))
}
