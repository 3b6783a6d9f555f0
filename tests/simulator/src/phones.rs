//! Phones: what the people's phones show, as JSON for the page and for tests.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    ledger::Status,
    options::Persona,
    people::{Line, Person, PersonAt},
    world::World,
};

/// How much of a chat one request tells at most.
const LINES: usize = 100;
/// How many people one page tells at most.
const PEOPLE: usize = 200;

/// Which people to list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PhonesQuery {
    /// Part of a name, number or user id.
    pub search: String,
    /// How many to skip.
    pub skip: usize,
    /// How many to tell; 0 is 50, at most 200.
    pub limit: usize,
    /// Tells the list only if something changed since this revision.
    pub since: u64,
}

/// A change of one person.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct PersonChange {
    /// Another name.
    pub name: Option<String>,
    /// Another persona.
    pub persona: Option<Persona>,
    /// Whether webhooks tell the user id only.
    pub hides_number: Option<bool>,
    /// Whether the person has blocked the business.
    pub blocked: Option<bool>,
}

impl World {
    /// A page of people with their last line.
    pub(crate) fn phones(&self, query: &PhonesQuery) -> Value {
        let revision = self.people.revision;
        if query.since != 0 && query.since == revision {
            return json!({"revision": revision, "unchanged": true});
        }
        let limit = if query.limit == 0 { 50 } else { query.limit.min(PEOPLE) };
        // One more than asked for says whether there are more.
        let mut people = self.people.page(&query.search, query.skip, limit + 1);
        let more = people.len() > limit;
        people.truncate(limit);
        let people: Vec<Value> = people.into_iter().map(|p| self.card(p)).collect();
        json!({
            "revision": revision, "people": people, "more": more, "total": self.people.len(),
            "accepted": self.ledger.all.len(), "inbound": self.inbound,
        })
    }

    fn card(&self, person: &Person) -> Value {
        let last = person.lines.last().map(|line| match line {
            Line::Out(at) => {
                let entry = &self.ledger.all[*at as usize];
                json!({"at": entry.accepted_at, "out": true, "text": self.preview(*at), "tick": self.tick(*at)})
            }
            Line::In(incoming) => {
                let message: Value = serde_json::from_str(&incoming.json).unwrap_or_default();
                json!({"at": incoming.at, "out": false, "text": text_of(&message)})
            }
            Line::System { at, text } => json!({"at": at, "out": false, "text": text, "system": true}),
        });
        json!({
            "number": person.number, "name": person.name, "user_id": person.user_id, "persona": person.persona,
            "unread": person.unread, "lines": person.lines.len(), "last": last,
            "blocked": person.blocked, "stopped_marketing": person.stopped_marketing, "hides_number": person.hides_number,
        })
    }

    /// One chat: the last lines, or those before the line with the index `before`.
    pub(crate) fn chat(&self, number: &str, before: Option<usize>, since: u64) -> Option<Value> {
        let person = self.people.get(self.people.find(number)?);
        if since != 0 && since == person.revision {
            return Some(json!({"revision": person.revision, "unchanged": true}));
        }
        let end = before.unwrap_or(person.lines.len()).min(person.lines.len());
        let start = end.saturating_sub(LINES);
        let lines: Vec<Value> =
            person.lines[start..end].iter().enumerate().map(|(i, line)| self.line(start + i, line)).collect();
        let mut chat = self.card(person);
        chat["revision"] = person.revision.into();
        chat["first"] = start.into();
        chat["chat"] = lines.into();
        Some(chat)
    }

    fn line(&self, index: usize, line: &Line) -> Value {
        match line {
            Line::System { at, text } => json!({"index": index, "kind": "system", "at": at, "text": text}),
            Line::In(incoming) => json!({
                "index": index, "kind": "in", "id": incoming.wamid, "at": incoming.at,
                "business": self.numbers[incoming.number].verified_name, "phone_number_id": self.numbers[incoming.number].id,
                "read": incoming.read, "typing": incoming.typing,
                "message": serde_json::from_str::<Value>(&incoming.json).unwrap_or_default(),
            }),
            Line::Out(at) => {
                let entry = &self.ledger.all[*at as usize];
                let sent = entry.content();
                let mut message = json!({"type": entry.kind, "context": sent["context"]});
                message[entry.kind.as_str()] = match &entry.template {
                    Some(template) => template.render(&sent["template"]["components"]),
                    None => sent[entry.kind.as_str()].clone(),
                };
                json!({
                    "index": index, "kind": "out", "id": entry.wamid, "at": entry.accepted_at,
                    "business": self.numbers[entry.number].verified_name, "phone_number_id": self.numbers[entry.number].id,
                    "tick": self.tick(*at), "failed": entry.failed_code, "message": message,
                })
            }
        }
    }

    fn tick(&self, at: u32) -> &'static str {
        let entry = &self.ledger.all[at as usize];
        let has = |status| entry.when(status).is_some();
        match () {
            () if has(Status::Read) => "read",
            () if has(Status::Delivered) => "delivered",
            () if has(Status::Failed) => "failed",
            () if has(Status::Sent) => "sent",
            () => "accepted",
        }
    }

    fn preview(&self, at: u32) -> String {
        let entry = &self.ledger.all[at as usize];
        let sent = entry.content();
        match &entry.template {
            Some(template) => {
                shorten(template.render(&sent["template"]["components"])["body"].as_str().unwrap_or_default())
            }
            None => text_of(&sent),
        }
    }

    pub(crate) fn change_person(&mut self, number: &str, change: &PersonChange) -> PersonAt {
        let at = self.people.meet(number);
        if let Some(persona) = change.persona {
            self.people.set_persona(number, persona);
        }
        if let Some(name) = &change.name {
            self.people.rename(at, name);
        }
        let person = self.people.get_mut(at);
        person.hides_number = change.hides_number.unwrap_or(person.hides_number);
        person.blocked = change.blocked.unwrap_or(person.blocked);
        self.people.touch(at);
        at
    }
}

/// The words of a message in one line.
fn text_of(message: &Value) -> String {
    let kind = message["type"].as_str().unwrap_or("text");
    let content = &message[kind];
    let words = match kind {
        "text" => content["body"].as_str(),
        "button" => content["text"].as_str(),
        "reaction" => content["emoji"].as_str(),
        "location" => content["name"].as_str().or(content["address"].as_str()),
        "contacts" => content[0]["name"]["formatted_name"].as_str(),
        "interactive" => content["body"]["text"].as_str().or_else(|| {
            let reply = &content[content["type"].as_str()?];
            reply["title"].as_str()
        }),
        _ => content["caption"].as_str().or(content["filename"].as_str()),
    };
    match (kind, words) {
        ("text" | "button" | "interactive", Some(words)) => shorten(words),
        ("interactive", None) => format!("[{}]", content["type"].as_str().unwrap_or(kind)),
        ("audio", None) if content["voice"] == true => "[voice message]".to_owned(),
        (kind, Some(words)) => format!("[{kind}] {}", shorten(words)),
        (kind, None) => format!("[{kind}]"),
    }
}

fn shorten(text: &str) -> String {
    text.chars().take(80).map(|c| if c.is_control() { ' ' } else { c }).collect()
}
