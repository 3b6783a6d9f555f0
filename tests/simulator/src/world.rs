//! The world: numbers, people, messages and what happens to them by and by. No I/O, no waiting.

use std::{collections::HashMap, sync::Arc};

use serde_json::{Value, json};

use crate::{
    dice::Dice,
    faults::Faults,
    ledger::{Answer, Entry, Ledger, Status},
    management::Management,
    media::MediaStore,
    options::{BusinessNumber, ClosedWindow, Options, Pace, Persona, Quirks},
    outbound::{Outbound, Recipient},
    people::{Line, People, PersonAt},
    rates::Throughput,
    refusal::Refusal,
    schedule::Schedule,
    templates::{Template, Templates},
    wamid,
    webhooks::{Delivery, Outbox, Told, Update},
};

/// What falls due.
#[derive(Debug)]
pub(crate) enum Event {
    /// A message gets a status; with a code, why it failed.
    Status { entry: u32, status: Status, code: i64 },
    /// A person reacts to a message they read.
    React { entry: u32 },
    /// A webhook POST is (again) to be made.
    Post(Arc<Delivery>),
    /// Waiting updates must leave.
    Flush,
}

/// All state of a simulator.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) dice: Dice,
    pub(crate) seed: u64,
    pub(crate) pace: Pace,
    pub(crate) quirks: Quirks,
    pub(crate) closed_window: ClosedWindow,
    pub(crate) numbers: Vec<BusinessNumber>,
    by_id: HashMap<String, usize>,
    pub(crate) throughput: Vec<Throughput>,
    pub(crate) people: People,
    pub(crate) ledger: Ledger,
    pub(crate) templates: Templates,
    pub(crate) media: MediaStore,
    pub(crate) management: Management,
    pub(crate) faults: Faults,
    pub(crate) schedule: Schedule<Event>,
    pub(crate) outbox: Outbox,
    pub(crate) refused: u64,
    pub(crate) inbound: u64,
}

/// A message that may be accepted: everything was checked, nothing was changed.
#[derive(Debug)]
pub(crate) struct Checked {
    number: usize,
    person: PersonAt,
    template: Option<Arc<Template>>,
}

/// What the answer to an accepted message says.
#[derive(Debug)]
pub(crate) struct Accepted {
    pub(crate) entry: u32,
    pub(crate) answer: String,
}

impl World {
    pub(crate) fn new(options: &Options) -> Self {
        let dice = Dice::new(options.seed);
        let mut templates = Templates::default();
        let now = options.clock.now().timestamp_millis();
        let hello = json!({"name": "hello_world", "language": "en_US", "category": "UTILITY", "components": [
            {"type": "HEADER", "format": "TEXT", "text": "Hello World"},
            {"type": "BODY", "text": "Welcome! This is a test message from the simulator."},
            {"type": "FOOTER", "text": "Simulated WhatsApp"}]});
        for number in &options.numbers {
            for template in options.templates.iter().chain([&hello]) {
                // A second number of the same account has them already.
                let _ = templates.create(&number.waba, template, now);
            }
        }
        Self {
            dice,
            seed: options.seed,
            pace: options.pace,
            quirks: options.quirks,
            closed_window: options.closed_window,
            by_id: options.numbers.iter().enumerate().map(|(i, n)| (n.id.clone(), i)).collect(),
            throughput: options.numbers.iter().map(|n| Throughput::new(n.mps)).collect(),
            numbers: options.numbers.clone(),
            people: People::new(dice, options.mix, options.personas.clone()),
            ledger: Ledger::default(),
            templates,
            media: MediaStore::default(),
            management: Management::new(&options.numbers),
            faults: Faults::default(),
            schedule: Schedule::default(),
            outbox: Outbox::new(options.webhooks.clone(), dice),
            refused: 0,
            inbound: 0,
        }
    }

    /// The place of a number of the business.
    pub(crate) fn number(&self, id: &str) -> Option<usize> {
        self.by_id.get(id).copied()
    }

    /// Another number of the business.
    pub(crate) fn add_number(&mut self, number: BusinessNumber) {
        self.by_id.insert(number.id.clone(), self.numbers.len());
        self.throughput.push(Throughput::new(number.mps));
        self.numbers.push(number);
    }

    /// Forgets messages, people, faults and everything scheduled. Numbers, templates, media and options stay.
    pub(crate) fn reset(&mut self) {
        self.people.clear();
        self.ledger = Ledger::default();
        self.faults = Faults::default();
        self.schedule = Schedule::default();
        self.throughput = self.numbers.iter().map(|n| Throughput::new(n.mps)).collect();
        (self.refused, self.inbound) = (0, 0);
        let options = self.outbox.options.clone();
        let (generation, in_flight) = (self.outbox.generation + 1, self.outbox.in_flight);
        let (callbacks, fields) = (self.outbox.callbacks.clone(), self.outbox.fields.clone());
        self.outbox = Outbox::new(options, self.dice);
        (self.outbox.callbacks, self.outbox.fields) = (callbacks, fields);
        (self.outbox.generation, self.outbox.in_flight) = (generation, in_flight);
    }

    /// Whether a message may be accepted now.
    pub(crate) fn check(&mut self, now: i64, number: usize, message: &Outbound) -> Result<Checked, Refusal> {
        let person = match &message.recipient {
            Recipient::Phone { digits, .. } => self.people.meet(digits),
            Recipient::User(id) => self
                .people
                .find_user(id)
                .ok_or_else(|| Refusal::new(131009, "Param recipient is not a user this business has met"))?,
        };
        if !self.management.numbers[number].registered {
            return Err(Refusal::new(133010, "This phone number is not registered on the Cloud API"));
        }
        if self.people.get(person).barred_at(number).is_some() {
            return Err(Refusal::new(130403, "The business has blocked this user"));
        }
        let waba = &self.numbers[number].waba;
        let template = match message.kind.as_str() {
            "template" => Some(self.templates.for_send(waba, message.content())?),
            _ => None,
        };
        if template.as_ref().is_some_and(|t| t.category == "AUTHENTICATION")
            && matches!(message.recipient, Recipient::User(_))
        {
            return Err(Refusal::new(131062, "Authentication templates need a phone number"));
        }
        if template.as_ref().is_some_and(|t| t.is_marketing())
            && !message.marketing
            && self.management.marketing_elsewhere(waba)
        {
            return Err(Refusal::new(131063, "This account sends marketing by /marketing_messages only"));
        }
        for id in message.media_ids() {
            if self.media.get(id).is_none_or(|m| m.number != number) {
                return Err(Refusal::new(
                    100,
                    format!(
                        "Param {}['id'] is not a valid whatsapp business account media attachment ID",
                        message.kind
                    ),
                ));
            }
        }
        if self.closed_window == ClosedWindow::RefuseNow
            && template.is_none()
            && !self.people.get(person).window_open(number, now)
        {
            return Err(Refusal::new(131047, WINDOW_CLOSED));
        }
        if !self.throughput[number].fits(now) {
            return Err(Refusal::new(
                130429,
                "Message failed to send because there were too many messages sent from this phone number in a short period of time",
            ));
        }
        let mps = self.numbers[number].mps;
        if mps > 0 && !self.people.get_mut(person).pair(number).rate.fits(now) {
            return Err(Refusal::new(
                131056,
                "Message failed to send because there were too many messages sent from this phone number to the same phone number in a short period of time",
            ));
        }
        Ok(Checked { number, person, template })
    }

    /// Accepts a message: it is in the ledger, and its statuses will come.
    pub(crate) fn accept(
        &mut self,
        now: i64,
        checked: Checked,
        message: Outbound,
        raw: &str,
        answer: Answer,
    ) -> Accepted {
        let Checked { number, person, template } = checked;
        self.throughput[number].take(now);
        let whom = self.people.get_mut(person);
        whom.pair(number).rate.take(now);
        whom.made += 1;
        let wamid = wamid::outgoing(self.dice, &self.numbers[number].id, &whom.number, whom.made);
        let held = template.as_ref().and_then(|t| t.pacing.clone());
        let shown = match &message.recipient {
            Recipient::Phone { given, .. } => json!({"input": given, "wa_id": whom.number}),
            Recipient::User(id) => json!({"input": id, "user_id": id}),
        };
        let mut told = json!({"id": wamid});
        if template.is_some() {
            told["message_status"] = held.clone().unwrap_or_else(|| "accepted".into()).into();
        }
        let fate = self.fate(now, number, person, template.as_deref());
        let entry = self.ledger.add(Entry {
            number,
            person,
            wamid: wamid.clone(),
            echo: message.echo,
            kind: message.kind,
            template,
            marketing: message.marketing,
            content: raw.into(),
            accepted_at: now,
            at: [0; 4],
            failed_code: 0,
            answer,
            told: 0,
        });
        self.people.add_line(person, Line::Out(entry));
        if held.is_none() {
            let at = now + self.dice.between(self.pace.sent_ms, "sent", &wamid) as i64;
            let status = if fate == 0 { Status::Sent } else { Status::Failed };
            self.schedule.add(at, Event::Status { entry, status, code: fate });
        }
        let answer =
            json!({"messaging_product": "whatsapp", "contacts": [shown], "messages": [told]}).to_string();
        Accepted { entry, answer }
    }

    /// The code with which an accepted message will fail, or 0.
    fn fate(&self, now: i64, number: usize, person: PersonAt, template: Option<&Template>) -> i64 {
        let whom = self.people.get(person);
        if whom.persona == Persona::NotOnWhatsapp {
            131026
        } else if template.is_none() && !whom.window_open(number, now) {
            131047
        } else if whom.stopped_marketing && template.is_some_and(Template::is_marketing) {
            131050
        } else {
            0
        }
    }

    /// Lets one due event happen. `at` is when it was due.
    pub(crate) fn happen(&mut self, at: i64, event: Event) {
        match event {
            Event::Status { entry, status, code } => {
                if let Some(update) = self.status(entry, status, code, at) {
                    self.tell(update, at);
                }
            }
            Event::React { entry } => self.react(entry, at),
            Event::Post(delivery) if delivery.generation == self.outbox.generation => {
                self.outbox.ready.push_back(delivery)
            }
            Event::Post(_) | Event::Flush => {}
        }
    }

    /// Queues an update for its webhook.
    pub(crate) fn tell(&mut self, update: Update, at: i64) {
        if !self.management.subscribed(&self.numbers[update.number].waba) {
            return;
        }
        if let Some(flush) = self.outbox.add(update, at) {
            self.schedule.add(flush, Event::Flush);
        }
    }

    /// Gives a message its `sent` status at once and makes the POST for it; the caller delivers it.
    pub(crate) fn tell_first(&mut self, entry: u32, now: i64) -> Option<Arc<Delivery>> {
        let whom = &self.ledger.all[entry as usize];
        let doomed = self.fate(now, whom.number, whom.person, whom.template.as_deref()) != 0;
        if doomed || whom.template.as_ref().is_some_and(|t| t.pacing.is_some()) {
            return None;
        }
        let update = self.status(entry, Status::Sent, 0, now)?;
        let subscribed = self.management.subscribed(&self.numbers[update.number].waba);
        if !subscribed || self.outbox.loses(&update) {
            return None;
        }
        self.outbox.in_flight += 1;
        Some(self.outbox.make(vec![update], now, &self.numbers))
    }

    /// Gives a message a status, schedules what follows, and says what the webhook tells.
    /// `None`: it has this status already.
    pub(crate) fn status(&mut self, at_entry: u32, status: Status, code: i64, at: i64) -> Option<Update> {
        let entry = &mut self.ledger.all[at_entry as usize];
        if entry.at[status as usize] != 0 {
            return None;
        }
        entry.at[status as usize] = at;
        entry.failed_code = if status == Status::Failed { code } else { entry.failed_code };
        let (person, number) = (entry.person, entry.number);
        self.ledger.counts[status as usize] += 1;
        self.people.touch(person);
        self.follow(at_entry, status, at);
        let json = self.status_json(at_entry, status, at);
        Some(Update {
            number,
            told: Told::Status { status: status.name(), contact: self.contact(person), json },
            of: Some((at_entry, status)),
        })
    }

    /// What follows a status, by the person's persona and the quirks.
    fn follow(&mut self, at_entry: u32, status: Status, at: i64) {
        let entry = &self.ledger.all[at_entry as usize];
        let (dice, quirks, pace) = (self.dice, self.quirks, self.pace);
        let whom = self.people.get_mut(entry.person);
        let reads = !matches!(whom.persona, Persona::Ignores | Persona::NotOnWhatsapp);
        let quirk = |p: f64, name: &str| dice.happens(p, name, &entry.wamid, 0);
        let after = |range, name: &str| at + dice.between(range, name, &entry.wamid) as i64;
        let mut add =
            |at, status, code| self.schedule.add(at, Event::Status { entry: at_entry, status, code });
        match status {
            Status::Sent if whom.blocked => {}
            Status::Sent if quirk(quirks.failed_after_sent, "failed after sent") => {
                add(after(pace.delivered_ms, "delivered"), Status::Failed, 131000);
            }
            Status::Sent if reads && quirk(quirks.read_without_delivered, "read without delivered") => {
                add(after(pace.delivered_ms, "delivered"), Status::Read, 0);
            }
            Status::Sent => add(after(pace.delivered_ms, "delivered"), Status::Delivered, 0),
            Status::Delivered => {
                whom.unread += 1;
                if reads {
                    add(after(pace.read_ms, "read"), Status::Read, 0);
                }
            }
            Status::Read => {
                whom.unread = whom.unread.saturating_sub(1);
                if !matches!(whom.persona, Persona::Reads | Persona::Ignores) {
                    self.schedule.add(after(pace.reply_ms, "reply"), Event::React { entry: at_entry });
                }
            }
            Status::Failed => {
                if quirk(quirks.delivered_after_failed, "delivered after failed") {
                    add(after(pace.delivered_ms, "delivered"), Status::Delivered, 0);
                }
            }
        }
    }

    fn status_json(&self, at_entry: u32, status: Status, at: i64) -> String {
        let entry = &self.ledger.all[at_entry as usize];
        let whom = self.people.get(entry.person);
        let mut json = json!({
            "id": entry.wamid,
            "status": status.name(),
            "timestamp": (at / 1_000).to_string(),
            "recipient_user_id": whom.user_id,
        });
        if !whom.hides_number {
            json["recipient_id"] = whom.number.as_str().into();
        }
        if let Some(echo) =
            entry.echo.as_ref().filter(|_| status != Status::Failed || self.quirks.echo_on_failed)
        {
            json["biz_opaque_callback_data"] = echo.as_str().into();
        }
        let category = entry.template.as_ref().map_or("service".to_owned(), |t| t.category.to_lowercase());
        match status {
            Status::Failed => {
                json["errors"] = json!([Refusal::in_status(entry.failed_code, details(entry.failed_code))])
            }
            Status::Sent | Status::Delivered => {
                if status == Status::Sent {
                    json["conversation"] = json!({
                        "id": format!("{:032x}", u128::from(self.dice.draw("conversation", &whom.number, (at / 86_400_000) as u64))),
                        "expiration_timestamp": (at / 1_000 + 86_400).to_string(),
                        "origin": {"type": category},
                    });
                }
                json["pricing"] = json!({"billable": true, "pricing_model": "PMP", "category": category, "type": "regular"});
            }
            Status::Read => {}
        }
        json.to_string()
    }

    /// What the numbers and counters of this world are.
    pub(crate) fn stats(&self) -> Value {
        let by_status = self.ledger.counts;
        json!({
            "seed": self.seed,
            "accepted": self.ledger.all.len(),
            "refused": self.refused,
            "inbound": self.inbound,
            "people": self.people.len(),
            "repeated_echoes": self.ledger.repeated_echoes,
            "sent": by_status[0], "delivered": by_status[1], "read": by_status[2], "failed": by_status[3],
            "webhooks": {
                "made": self.outbox.made, "posts": self.outbox.posts,
                "delivered_updates": self.outbox.delivered_updates, "dropped_updates": self.outbox.dropped_updates,
            },
            "numbers": self.numbers.iter().zip(&self.throughput)
                .map(|(n, t)| json!({"id": n.id, "mps": n.mps, "peak_accepted_per_second": t.peak()})).collect::<Vec<_>>(),
        })
    }
}

const WINDOW_CLOSED: &str = "Message failed to send because more than 24 hours have passed since the customer last replied to this number.";

fn details(code: i64) -> &'static str {
    match code {
        131026 => "Message Undeliverable.",
        131047 => WINDOW_CLOSED,
        131050 => {
            "Unable to deliver the message. This recipient has chosen to stop receiving marketing messages on WhatsApp from your business"
        }
        _ => "Message failed to send due to an unknown error.",
    }
}
