//! Saying: what people write to the business, by themselves or when they are told to.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    ledger::Status,
    options::Persona,
    people::{self, Incoming, Line, PersonAt},
    refusal::Refusal,
    wamid,
    webhooks::{Told, Update, quoted},
    world::{Event, World},
};

/// What a person says or does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Say {
    /// Writes a text.
    Text {
        /// The text.
        body: String,
    },
    /// Presses a quick-reply button of a template.
    Button {
        /// What is on the button.
        text: String,
        /// The payload the business gave it; the text where it gave none.
        #[serde(default)]
        payload: Option<String>,
    },
    /// Presses a reply button of an interactive message.
    ButtonReply {
        /// The button's id.
        id: String,
        /// What is on the button.
        title: String,
    },
    /// Chooses a row of a list.
    ListReply {
        /// The row's id.
        id: String,
        /// The row's title.
        title: String,
        /// The row's description.
        #[serde(default)]
        description: Option<String>,
    },
    /// Reacts to a message; an empty emoji takes the reaction back.
    Reaction {
        /// The message.
        message_id: String,
        /// The emoji.
        emoji: String,
    },
    /// Sends a small picture.
    Image {
        /// The text under it.
        #[serde(default)]
        caption: Option<String>,
    },
    /// Sends a place.
    Location {
        /// Degrees north.
        latitude: f64,
        /// Degrees east.
        longitude: f64,
        /// Its name.
        #[serde(default)]
        name: Option<String>,
    },
    /// Uses WhatsApp's own switch for marketing: `stop` or `resume`.
    Preference {
        /// `stop` or `resume`.
        value: String,
    },
    /// A message object of a kind that is not here: `type` and the object of that name.
    Raw {
        /// The message object without `from`, `id` and `timestamp`.
        message: Value,
    },
}

impl Say {
    /// A text.
    pub fn text(body: impl Into<String>) -> Self {
        Self::Text { body: body.into() }
    }
}

/// A person's message: who, to which number, in answer to what.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SayRequest {
    /// The person's number.
    pub from: String,
    /// The phone number id they write to; without it, the one that wrote to them last, or the first.
    #[serde(default)]
    pub to: Option<String>,
    /// The id of the message they answer.
    #[serde(default)]
    pub context: Option<String>,
    /// What they say.
    pub say: Say,
}

/// A picture of one grey dot.
const DOT: &[u8] = b"\x89\x50\x4e\x47\x0d\x0a\x1a\x0a\x00\x00\x00\x0d\x49\x48\x44\x52\x00\x00\x00\x01\x00\x00\x00\x01\x08\x00\x00\x00\x00\x3a\x7e\x9b\x55\x00\x00\x00\x0a\x49\x44\x41\x54\x78\xda\x63\x68\x00\x00\x00\x82\x00\x81\xda\x45\x08\x3b\x00\x00\x00\x00\x49\x45\x4e\x44\xae\x42\x60\x82";

impl World {
    /// A person says something; the webhook follows. Says the message's id, empty for a preference.
    pub(crate) fn say(&mut self, request: &SayRequest, at: i64) -> Result<String, Refusal> {
        let digits: String = request.from.chars().filter(char::is_ascii_digit).collect();
        if !(7..=15).contains(&digits.len()) {
            return Err(Refusal::invalid("from must be a phone number"));
        }
        let person = self.people.meet(&digits);
        let number = match &request.to {
            Some(id) => self.number(id).ok_or_else(|| Refusal::no_object(id))?,
            None => self.last_number(person),
        };
        if let Say::Preference { value } = &request.say {
            self.prefer(person, number, value, at)?;
            return Ok(String::new());
        }
        let (kind, content) = self.content(number, &request.say)?;
        Ok(self.incoming(person, number, kind, content, request.context.as_deref(), at))
    }

    /// The number of the business that this person last heard from.
    fn last_number(&self, person: PersonAt) -> usize {
        let lines = &self.people.get(person).lines;
        let last = lines.iter().rev().take(50).find_map(|line| match line {
            Line::Out(entry) => Some(self.ledger.all[*entry as usize].number),
            Line::In(incoming) => Some(incoming.number),
            Line::System { .. } => None,
        });
        last.unwrap_or(0)
    }

    fn content(&mut self, number: usize, say: &Say) -> Result<(String, Value), Refusal> {
        let (kind, content) = match say {
            Say::Text { body } => ("text", json!({"body": body})),
            Say::Button { text, payload } => {
                ("button", json!({"payload": payload.as_ref().unwrap_or(text), "text": text}))
            }
            Say::ButtonReply { id, title } => {
                ("interactive", json!({"type": "button_reply", "button_reply": {"id": id, "title": title}}))
            }
            Say::ListReply { id, title, description } => {
                let mut row = json!({"id": id, "title": title});
                if let Some(description) = description {
                    row["description"] = description.as_str().into();
                }
                ("interactive", json!({"type": "list_reply", "list_reply": row}))
            }
            Say::Reaction { message_id, emoji } => {
                let mut reaction = json!({"message_id": message_id});
                // A reaction that is taken back comes without an emoji.
                if !emoji.is_empty() {
                    reaction["emoji"] = emoji.as_str().into();
                }
                ("reaction", reaction)
            }
            Say::Image { caption } => {
                let id = self.media.add(number, "image/png", DOT.into())?;
                let mut image =
                    json!({"mime_type": "image/png", "sha256": crate::media::digest(DOT), "id": id});
                if let Some(caption) = caption {
                    image["caption"] = caption.as_str().into();
                }
                ("image", image)
            }
            Say::Location { latitude, longitude, name } => {
                let mut place = json!({"latitude": latitude, "longitude": longitude});
                if let Some(name) = name {
                    place["name"] = name.as_str().into();
                }
                ("location", place)
            }
            Say::Raw { message } => {
                let kind = message["type"].as_str().ok_or_else(|| Refusal::missing("message['type']"))?;
                return Ok((kind.to_owned(), message.get(kind).cloned().unwrap_or(Value::Null)));
            }
            Say::Preference { .. } => return Err(Refusal::invalid("a preference is not a message")),
        };
        Ok((kind.to_owned(), content))
    }

    /// Lets a message from a person arrive: the window opens, what they had not read is read, the webhook goes.
    fn incoming(
        &mut self,
        at_person: PersonAt,
        number: usize,
        kind: String,
        content: Value,
        context: Option<&str>,
        at: i64,
    ) -> String {
        // What somebody writes whom the number blocks stays on their phone.
        let barred = self.people.get(at_person).barred_at(number).is_some();
        if !barred {
            self.inbound += 1;
            self.throughput[number].spend(at);
        }
        self.read_everything(at_person, at);
        let person = self.people.get_mut(at_person);
        if !barred {
            person.pair(number).wrote_at = Some(at);
        }
        person.made += 1;
        let wamid = wamid::incoming(self.dice, &person.number, person.made);
        let mut message = json!({
            "from_user_id": person.user_id, "id": wamid, "timestamp": (at / 1_000).to_string(), "type": kind,
        });
        if !person.hides_number {
            message["from"] = person.number.as_str().into();
        }
        if !content.is_null() {
            message[kind.as_str()] = content;
        }
        if let Some(id) = context {
            let display: String = self.numbers[number].display.chars().filter(char::is_ascii_digit).collect();
            message["context"] = json!({"from": display, "id": id});
        }
        let json = message.to_string();
        let line =
            Incoming { wamid: wamid.clone(), at, number, json: json.clone(), read: false, typing: false };
        self.people.add_line(at_person, Line::In(Box::new(line)));
        if barred {
            return wamid;
        }
        let contact = self.contact(at_person);
        self.tell(Update { number, told: Told::Message { contact, json }, of: None }, at);
        wamid
    }

    /// Who writes has read what arrived before.
    fn read_everything(&mut self, at: PersonAt, now: i64) {
        let lines = &self.people.get(at).lines;
        let unread: Vec<u32> = lines
            .iter()
            .rev()
            .take(50)
            .filter_map(|line| match line {
                Line::Out(entry) => Some(*entry),
                _ => None,
            })
            .filter(|entry| {
                let entry = &self.ledger.all[*entry as usize];
                entry.when(Status::Delivered).is_some() && entry.when(Status::Read).is_none()
            })
            .collect();
        for entry in unread.into_iter().rev() {
            self.schedule.add(now, Event::Status { entry, status: Status::Read, code: 0 });
        }
    }

    /// Who this is, as webhooks tell it beside a message or a status.
    pub(crate) fn contact(&self, at: PersonAt) -> String {
        let person = self.people.get(at);
        let mut json = json!({"profile": {"name": person.name}, "user_id": person.user_id});
        if !person.hides_number {
            json["wa_id"] = person.number.as_str().into();
        }
        json.to_string()
    }

    /// The person uses WhatsApp's own switch for marketing.
    fn prefer(&mut self, at_person: PersonAt, number: usize, value: &str, at: i64) -> Result<(), Refusal> {
        let stop = match value {
            "stop" => true,
            "resume" => false,
            _ => return Err(Refusal::invalid("value must be stop or resume")),
        };
        self.people.get_mut(at_person).stopped_marketing = stop;
        let verb = if stop { "stopped" } else { "resumed" };
        let line = format!("{verb} marketing messages from this business");
        self.tell_preference(at_person, number, (value, None), &line, at);
        Ok(())
    }

    /// Tells a choice about marketing that a person made within WhatsApp, with the sign-up that it was made by.
    pub(crate) fn tell_preference(
        &mut self,
        at_person: PersonAt,
        number: usize,
        (value, signup): (&str, Option<&str>),
        line: &str,
        at: i64,
    ) {
        let contact = self.contact(at_person);
        let person = self.people.get(at_person);
        let mut json = json!({
            "user_id": person.user_id,
            "detail": format!("User requested to {value} marketing messages"),
            "category": "marketing_messages",
            "value": value,
            "timestamp": at / 1_000,
        });
        if !person.hides_number {
            json["wa_id"] = person.number.as_str().into();
        }
        if let Some(id) = signup {
            json["detail"] = "User signed up for marketing messages".into();
            json["signup_id"] = id.into();
        }
        self.people.add_line(at_person, Line::System { at, text: line.to_owned() });
        self.tell(
            Update { number, told: Told::Preference { contact, json: json.to_string() }, of: None },
            at,
        );
    }

    /// A person reacts to a message they read, as their persona does.
    pub(crate) fn react(&mut self, at_entry: u32, at: i64) {
        let entry = &self.ledger.all[at_entry as usize];
        let (at_person, number, wamid) = (entry.person, entry.number, entry.wamid.clone());
        let (is_template, is_marketing) = (entry.template.is_some(), entry.is_marketing());
        let dice = self.dice;
        let person = self.people.get_mut(at_person);
        match person.persona {
            Persona::Answers
                if person.replies < 5 && self.ledger.all[at_entry as usize].kind != "reaction" =>
            {
                person.replies += 1;
                let text = people::answer(dice, &person.number, person.replies);
                let button = self.button_of(at_entry);
                let (kind, content) = button.unwrap_or_else(|| ("text", json!({"body": text})));
                self.incoming(at_person, number, kind.to_owned(), content, Some(&wamid), at);
            }
            Persona::WritesStop if is_template && !person.asked_to_stop => {
                person.asked_to_stop = true;
                let body = people::stop_word(dice, &person.number);
                self.incoming(at_person, number, "text".into(), json!({"body": body}), None, at);
            }
            Persona::Blocks if is_template && !person.blocked => {
                person.blocked = true;
                self.people.add_line(at_person, Line::System { at, text: "blocked this business".into() });
            }
            Persona::StopsMarketing if is_marketing && !person.stopped_marketing => {
                // The value is one of the two, so this cannot be refused.
                let _ = self.prefer(at_person, number, "stop", at);
            }
            _ => {}
        }
    }

    /// The button that somebody who answers presses, if the message has any.
    fn button_of(&self, at_entry: u32) -> Option<(&'static str, Value)> {
        let entry = &self.ledger.all[at_entry as usize];
        let sent = entry.content();
        if let Some(template) = &entry.template {
            let shown = template.render(&sent["template"]["components"]);
            let quick: Vec<&Value> =
                shown["buttons"].as_array()?.iter().filter(|b| b["type"] == "QUICK_REPLY").collect();
            let button =
                quick.get(self.dice.draw("button", &entry.wamid, 0) as usize % quick.len().max(1))?;
            return Some(("button", json!({"payload": button["payload"], "text": button["text"]})));
        }
        let action = &sent["interactive"]["action"];
        if let Some(button) = action["buttons"].get(0) {
            return Some(("interactive", json!({"type": "button_reply", "button_reply": button["reply"]})));
        }
        let row = action["sections"].get(0)?["rows"].get(0)?;
        Some(("interactive", json!({"type": "list_reply", "list_reply": row})))
    }

    /// Tells a change of a template: `message_template_status_update`.
    pub(crate) fn tell_template(&mut self, id: &str, at: i64) {
        let Some(template) = self.templates.by_id(id).cloned() else { return };
        let Some(number) = self.numbers.iter().position(|n| n.waba == template.waba) else { return };
        let value = format!(
            r#"{{"event":{},"message_template_id":{},"message_template_name":{},"message_template_language":{},"reason":"NONE"}}"#,
            quoted(&template.status),
            template.id,
            quoted(&template.name),
            quoted(&template.language),
        );
        self.tell(
            Update {
                number,
                told: Told::Other { field: "message_template_status_update".into(), value },
                of: None,
            },
            at,
        );
    }
}
