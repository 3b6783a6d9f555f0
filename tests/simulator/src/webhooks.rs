//! Webhooks on their way: updates, the POSTs they share, and what became of each.

use std::{
    borrow::Cow,
    collections::{BTreeSet, VecDeque},
    sync::{Arc, atomic::AtomicUsize},
};

use axum::body::Bytes;
use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::{
    callbacks::Callbacks,
    dice::Dice,
    ledger::{Status, moment},
    options::{BusinessNumber, WebhookOptions},
    signature,
};

/// Seven days: how long Meta retries.
const GIVE_UP_MS: i64 = 7 * 24 * 3_600_000;
/// The pauses after the first failures; later ones are an hour each.
const RETRY_MS: [i64; 8] = [0, 1_000, 5_000, 15_000, 60_000, 300_000, 900_000, 1_800_000];

/// How many bytes of finished bodies are kept at most.
const KEPT_BYTES: usize = 64 << 20;

/// One thing to tell.
#[derive(Debug)]
pub(crate) struct Update {
    pub(crate) number: usize,
    pub(crate) told: Told,
    /// The status whose arrival the ledger notes.
    pub(crate) of: Option<(u32, Status)>,
}

/// What an update tells, in JSON text.
#[derive(Debug)]
pub(crate) enum Told {
    Status {
        status: &'static str,
        contact: String,
        json: String,
    },
    Message {
        contact: String,
        json: String,
    },
    Preference {
        contact: String,
        json: String,
    },
    /// A whole `value` under another `field`.
    Other {
        field: Cow<'static, str>,
        value: String,
    },
}

impl Told {
    fn kind(&self) -> &str {
        match self {
            Self::Status { status, .. } => status,
            Self::Message { .. } => "message",
            Self::Preference { .. } => "preference",
            Self::Other { field, .. } => field,
        }
    }
    /// The field that an app subscribes to.
    pub(crate) fn field(&self) -> &str {
        match self {
            Self::Status { .. } | Self::Message { .. } => "messages",
            Self::Preference { .. } => "user_preferences",
            Self::Other { field, .. } => field,
        }
    }
}

/// One POST.
#[derive(Debug)]
pub(crate) struct Delivery {
    pub(crate) id: u64,
    pub(crate) generation: u64,
    pub(crate) made_at: i64,
    pub(crate) updates: usize,
    pub(crate) body: Bytes,
    pub(crate) of: Vec<(u32, Status)>,
    /// Where it goes instead of the app's own address.
    pub(crate) url: Option<String>,
    /// What the first attempt carries instead of the true signature: `Some(None)` is nothing.
    pub(crate) first_signature: Option<Option<String>>,
    /// How many attempts were begun.
    pub(crate) attempts: AtomicUsize,
}

/// What became of a webhook POST.
#[derive(Debug, Clone, Serialize)]
pub struct WebhookRecord {
    /// Its number, from 1.
    pub id: u64,
    /// When it was made.
    pub made_at: DateTime<Utc>,
    /// How many updates it carries.
    pub updates: usize,
    /// The raw body.
    pub body: String,
    /// The HTTP status of each attempt; 0 where none came.
    pub attempts: Vec<u16>,
    /// Whether an attempt succeeded.
    pub delivered: bool,
    /// Whether no attempt will follow by itself.
    pub over: bool,
    #[serde(skip)]
    pub(crate) source: Option<Arc<Delivery>>,
}

/// What happens after an attempt.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Next {
    Done,
    RetryAt(i64),
}

/// Everything that is to be told, and the record of what was.
#[derive(Debug)]
pub(crate) struct Outbox {
    pub(crate) options: WebhookOptions,
    pub(crate) callbacks: Callbacks,
    /// The fields that the app subscribed to; without them all are told.
    pub(crate) fields: Option<BTreeSet<String>>,
    pub(crate) waiting: VecDeque<Update>,
    oldest: i64,
    pub(crate) ready: VecDeque<Arc<Delivery>>,
    pub(crate) in_flight: usize,
    pub(crate) records: VecDeque<WebhookRecord>,
    kept_bytes: usize,
    pub(crate) made: u64,
    pub(crate) posts: u64,
    pub(crate) delivered_updates: u64,
    pub(crate) dropped_updates: u64,
    updates_seen: u64,
    pub(crate) generation: u64,
    dice: Dice,
}

impl Outbox {
    pub(crate) fn new(options: WebhookOptions, dice: Dice) -> Self {
        Self {
            options,
            callbacks: Callbacks::default(),
            fields: None,
            waiting: VecDeque::new(),
            oldest: i64::MAX,
            ready: VecDeque::new(),
            in_flight: 0,
            records: VecDeque::new(),
            kept_bytes: 0,
            made: 0,
            posts: 0,
            delivered_updates: 0,
            dropped_updates: 0,
            updates_seen: 0,
            generation: 0,
            dice,
        }
    }
    /// Whether this update is among those that get lost.
    pub(crate) fn loses(&mut self, update: &Update) -> bool {
        self.updates_seen += 1;
        let lost = self.options.drop_kinds.iter().any(|k| k == update.told.kind())
            || self.dice.happens(self.options.drop, "drop", "", self.updates_seen);
        self.dropped_updates += u64::from(lost);
        lost
    }
    /// Takes an update; says when it must leave at the latest.
    pub(crate) fn add(&mut self, update: Update, now: i64) -> Option<i64> {
        let wanted = self.fields.as_ref().is_none_or(|fields| fields.contains(update.told.field()));
        if !wanted || self.loses(&update) {
            return None;
        }
        self.oldest = self.oldest.min(now);
        self.waiting.push_back(update);
        let window = i64::try_from(self.options.batch_window_ms).unwrap_or(0);
        (window > 0 && self.waiting.len() == 1).then_some(now + window)
    }
    /// The next POST, when it shall start (now, or later), and when a copy of it shall.
    pub(crate) fn next(
        &mut self,
        now: i64,
        numbers: &[BusinessNumber],
    ) -> Option<(Arc<Delivery>, i64, Option<i64>)> {
        if self.in_flight >= self.options.concurrency.max(1) {
            return None;
        }
        if let Some(delivery) = self.ready.pop_front() {
            return Some((delivery, now, None));
        }
        let batch = self.options.batch_max.clamp(1, 1_000);
        let window = i64::try_from(self.options.batch_window_ms).unwrap_or(0);
        if self.waiting.is_empty() || (self.waiting.len() < batch && self.oldest + window > now) {
            return None;
        }
        // One POST goes to one address.
        let to = self.callbacks.of(&self.waiting[0], numbers);
        let same = self.waiting.iter().take(batch).take_while(|u| self.callbacks.of(u, numbers) == to);
        let count = same.count();
        let updates: Vec<Update> = self.waiting.drain(..count).collect();
        if self.waiting.is_empty() {
            self.oldest = i64::MAX;
        }
        let delivery = self.make(updates, now, numbers);
        let key = delivery.id.to_string();
        let late = self.dice.between(self.options.delay_ms, "delay", &key).min(GIVE_UP_MS as u64)
            + self.dice.between([0, self.options.reorder_within_ms], "reorder", &key);
        let at = now + late as i64;
        let copy = self.duplicate_at(&delivery, at);
        Some((delivery, at, copy))
    }
    fn duplicate_at(&self, delivery: &Delivery, at: i64) -> Option<i64> {
        let twice = self.dice.happens(self.options.duplicate, "duplicate", "", delivery.id);
        twice.then(|| at + self.dice.between([0, 2_000], "duplicate delay", &delivery.id.to_string()) as i64)
    }
    /// Whether anything waits that may leave at `now`.
    pub(crate) fn has_due(&self, now: i64) -> bool {
        let window = i64::try_from(self.options.batch_window_ms).unwrap_or(0);
        !self.ready.is_empty() || (!self.waiting.is_empty() && self.oldest + window <= now)
    }
    /// Makes one POST of these updates.
    pub(crate) fn make(
        &mut self,
        mut updates: Vec<Update>,
        now: i64,
        numbers: &[BusinessNumber],
    ) -> Arc<Delivery> {
        self.made += 1;
        let id = self.made;
        if self.options.reorder_within_ms > 0 {
            for i in (1..updates.len()).rev() {
                let j = self.dice.draw("shuffle", &id.to_string(), i as u64) % (i as u64 + 1);
                updates.swap(i, j as usize);
            }
        }
        let body = Bytes::from(payload(&updates, numbers, now));
        let first_signature =
            if self.dice.happens(self.options.missing_signature, "missing signature", "", id) {
                Some(None)
            } else if self.dice.happens(self.options.bad_signature, "bad signature", "", id) {
                Some(Some(signature::sign("not the app secret", &body)))
            } else {
                None
            };
        let delivery = Arc::new(Delivery {
            id,
            generation: self.generation,
            made_at: now,
            updates: updates.len(),
            of: updates.iter().filter_map(|u| u.of).collect(),
            url: updates.first().and_then(|u| self.callbacks.of(u, numbers)).map(str::to_owned),
            body,
            first_signature,
            attempts: AtomicUsize::new(0),
        });
        self.records.push_back(WebhookRecord {
            id,
            made_at: moment(now),
            updates: delivery.updates,
            body: String::new(),
            attempts: Vec::new(),
            delivered: false,
            over: false,
            source: Some(delivery.clone()),
        });
        self.kept_bytes += delivery.body.len();
        while self.records.len() > self.options.keep.max(1) || self.kept_bytes > KEPT_BYTES {
            let Some(old) = self.records.pop_front() else { break };
            self.kept_bytes -= old.source.map_or(0, |d| d.body.len());
        }
        delivery
    }
    fn record(&mut self, id: u64) -> Option<&mut WebhookRecord> {
        let first = self.records.front()?.id;
        self.records.get_mut(usize::try_from(id.checked_sub(first)?).ok()?)
    }
    /// Notes how an attempt ended (0: no answer).
    pub(crate) fn attempted(&mut self, delivery: &Delivery, attempt: usize, http: u16, now: i64) -> Next {
        let ok = (200..300).contains(&http);
        self.posts += 1;
        let mut next = Next::Done;
        if ok {
            self.delivered_updates += delivery.updates as u64;
        } else {
            let at = now + RETRY_MS.get(attempt).copied().unwrap_or(3_600_000);
            // Without an address nobody retries: `redeliver` is the way.
            if at - delivery.made_at <= GIVE_UP_MS
                && delivery.url.as_ref().or(self.options.url.as_ref()).is_some()
            {
                next = Next::RetryAt(at);
            }
        }
        let over = next == Next::Done;
        if let Some(record) = self.record(delivery.id) {
            record.attempts.push(http);
            record.delivered |= ok;
            record.over |= over;
        }
        next
    }
}

impl WebhookRecord {
    /// The record with its body.
    pub(crate) fn told(&self) -> Self {
        let body = self.source.as_ref().map(|d| String::from_utf8_lossy(&d.body).into_owned());
        Self { body: body.unwrap_or_default(), source: None, ..self.clone() }
    }
}

const UPDATES_PER_CHANGE: usize = 16;
const CHANGES_PER_ENTRY: usize = 16;

/// The body for these updates. All three levels of nesting are used, as Meta may: several statuses in one
/// `value`, several `changes` in one `entry`, several entries.
fn payload(updates: &[Update], numbers: &[BusinessNumber], now: i64) -> String {
    // What is about an account is told with the moment at which its entry was made.
    let mut changes: Vec<(usize, bool, String)> = Vec::new();
    let mut rest = updates;
    while let Some(first) = rest.first() {
        let same = |u: &&Update| {
            u.number == first.number
                && matches!(
                    (&u.told, &first.told),
                    (Told::Status { .. }, Told::Status { .. }) | (Told::Message { .. }, Told::Message { .. })
                )
        };
        let n = rest.iter().take_while(same).count().clamp(1, UPDATES_PER_CHANGE);
        let (group, left) = rest.split_at(n);
        rest = left;
        if let Some(number) = numbers.get(first.number) {
            let about_account = matches!(first.told, Told::Other { .. });
            changes.push((first.number, about_account, change(group, number)));
        }
    }
    let mut out = String::from(r#"{"object":"whatsapp_business_account","entry":["#);
    let mut rest = &changes[..];
    while let Some((number, ..)) = rest.first() {
        let waba = &numbers[*number].waba;
        let n = rest.iter().take_while(|c| numbers[c.0].waba == *waba).count().min(CHANGES_PER_ENTRY);
        let (group, left) = rest.split_at(n);
        rest = left;
        out.push_str(r#"{"id":"#);
        out.push_str(&quoted(waba));
        if group.iter().any(|c| c.1) {
            out.push_str(&format!(r#","time":{}"#, now / 1_000));
        }
        out.push_str(r#","changes":["#);
        push_list(&mut out, group.iter().map(|c| c.2.as_str()));
        out.push_str("]}");
        if !rest.is_empty() {
            out.push(',');
        }
    }
    out.push_str("]}");
    signature::escape(&out)
}

fn change(group: &[Update], number: &BusinessNumber) -> String {
    if let [Update { told: Told::Other { field, value }, .. }] = group {
        return format!(r#"{{"value":{value},"field":"{field}"}}"#);
    }
    let display: String = number.display.chars().filter(char::is_ascii_digit).collect();
    let mut out = format!(
        r#"{{"value":{{"messaging_product":"whatsapp","metadata":{{"display_phone_number":"{display}","phone_number_id":{}}}"#,
        quoted(&number.id)
    );
    let mut contacts: Vec<&str> = Vec::new();
    for update in group {
        if let Told::Status { contact, .. } | Told::Message { contact, .. } | Told::Preference { contact, .. } =
            &update.told
            && !contacts.contains(&contact.as_str())
        {
            contacts.push(contact);
        }
    }
    if !contacts.is_empty() {
        out.push_str(r#","contacts":["#);
        push_list(&mut out, contacts.into_iter());
        out.push(']');
    }
    let (key, field) = match &group[0].told {
        Told::Status { .. } => ("statuses", "messages"),
        Told::Preference { .. } => ("user_preferences", "user_preferences"),
        _ => ("messages", "messages"),
    };
    out.push_str(&format!(r#","{key}":["#));
    push_list(
        &mut out,
        group.iter().map(|u| match &u.told {
            Told::Status { json, .. } | Told::Message { json, .. } | Told::Preference { json, .. } => {
                json.as_str()
            }
            Told::Other { value, .. } => value.as_str(),
        }),
    );
    out.push_str(&format!(r#"]}},"field":"{field}"}}"#));
    out
}

fn push_list<'a>(out: &mut String, items: impl Iterator<Item = &'a str>) {
    for (i, item) in items.enumerate() {
        if i > 0 {
            out.push(',');
        }
        out.push_str(item);
    }
}

/// A JSON string.
pub(crate) fn quoted(s: &str) -> String {
    serde_json::Value::from(s).to_string()
}
