//! Stored webhooks become facts: deliveries, evidence, messages, opt-outs, events. A webhook is
//! applied in one commit, however many updates it holds, in any order and any number of times;
//! those that wait are applied together.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Weak},
};

use chrono::TimeDelta;
use tracing::Instrument;

use super::{
    event::NewEvent,
    model::Happening,
    raw::{self, QUEUE},
};
use crate::{
    engine::Inner,
    messaging::{
        MessageState,
        echo::{self, Echo},
        row::{Attempt, AttemptClear, AttemptSealed, AttemptState, Delivery, Mode, Row},
    },
    people::{NewContact, Person, contacts::Wanted},
    rights::RightKind,
    storage::{Committed, Index, Key, Patch, Record, Write},
    transport::{Reply, StatusKind, Update},
    values::{
        error::{Error, Result},
        ids::{MessageId, PersonId},
        phone::Phone,
        time::{Timestamp, to_millis},
    },
    vault::Sealed,
};

/// WhatsApp's code for a person who stopped marketing.
const STOPPED_MARKETING: i32 = 131_050;
/// Bodies read together.
const TOGETHER: i32 = 256;
/// Updates applied in one commit, at most, unless one body holds more.
const MOST_UPDATES: usize = 1000;
/// How long a body waits that cannot be applied.
const PUT_OFF: TimeDelta = TimeDelta::minutes(1);
/// A clock that runs ahead does not open a window in the future.
const CLOCKS_DIFFER: TimeDelta = TimeDelta::minutes(5);

mod account;
mod calls;
mod identity;
mod wishes;

/// Applies stored webhooks until the engine is gone.
pub(crate) async fn run(engine: Weak<Inner>) {
    loop {
        let Some(inner) = engine.upgrade() else { return };
        if inner.is_closing() {
            return;
        }
        let (clock, wake) = (inner.clock.clone(), inner.webhooks.clone());
        let again = match inner.apply_due().await {
            Ok(0) => Some(clock.now() + TimeDelta::minutes(10)),
            Ok(_) => None,
            Err(e) => {
                tracing::warn!(code = e.code(), "a webhook could not be applied; tried again");
                Some(clock.now() + TimeDelta::seconds(2))
            }
        };
        drop(inner);
        if let Some(at) = again {
            tokio::select! {
                () = clock.sleep_until(at) => {}
                () = wake.notified() => {}
            }
        }
    }
}

impl Inner {
    /// Applies what is stored, as many bodies together as there are; says how many it was.
    async fn apply_due(self: &Arc<Self>) -> Result<usize> {
        let now = self.clock.now();
        let due = Index::Due { queue: QUEUE.to_owned(), until: now };
        let records = self.find(self.query("webhook", due, TOGETHER)).await?.records;
        let mut bodies = Vec::with_capacity(records.len());
        for record in records {
            let updates = match self.open_body(&record).await {
                Ok(body) => self.transport.parse(body).await.updates,
                Err(Error::Key { .. }) => {
                    // Its day's key is gone: nothing can be read any more.
                    self.meters.received("unreadable");
                    self.commit(vec![applied(&record, "unreadable")]).await?;
                    continue;
                }
                Err(e) => return Err(e),
            };
            bodies.push((record, updates));
        }
        let count = bodies.len();
        let mut rest = bodies.as_slice();
        while !rest.is_empty() {
            // Large bodies count for many: what one commit holds stays bounded.
            let mut updates = 0;
            let fits = rest
                .iter()
                .take_while(|(_, u)| {
                    updates += u.len();
                    updates <= MOST_UPDATES
                })
                .count();
            let (now, later) = rest.split_at(fits.max(1));
            let span = tracing::debug_span!("conek.webhooks", bodies = now.len());
            match self.apply_bodies(now).instrument(span).await {
                Ok(()) => {}
                Err(e @ (Error::Storage { .. } | Error::Closed {})) => return Err(e),
                // Something in one of them does not fit: the others must not wait for it.
                Err(_) => {
                    for body in now {
                        self.apply_alone(body).await?;
                    }
                }
            }
            self.changed();
            rest = later;
        }
        Ok(count)
    }

    /// Applies one body, or puts it off: what cannot be applied now is tried again and holds nothing up.
    async fn apply_alone(self: &Arc<Self>, body: &(Record, Vec<Update>)) -> Result<()> {
        match self.apply_bodies(std::slice::from_ref(body)).await {
            Err(e) if !matches!(e, Error::Storage { .. } | Error::Closed {}) => {
                tracing::error!(
                    code = e.code(),
                    "a webhook cannot be applied and is put off; please report it"
                );
                let record = &body.0;
                let mut later = applied(record, &record.state);
                if let Write::Change { patch } = &mut later {
                    patch.queue = Some(QUEUE.to_owned());
                    patch.due_at = Some(self.clock.now() + PUT_OFF);
                    patch.sealed = None;
                }
                self.commit(vec![later]).await.map(drop)
            }
            other => other,
        }
    }

    async fn apply_bodies(self: &Arc<Self>, bodies: &[(Record, Vec<Update>)]) -> Result<()> {
        for _ in 0..50 {
            let mut work = Work::new(self);
            work.load(bodies.iter().flat_map(|(_, updates)| updates)).await?;
            for update in bodies.iter().flat_map(|(_, updates)| updates) {
                work.apply(update).await?;
            }
            let (mut writes, after) = work.finish()?;
            writes.extend(bodies.iter().map(|(record, _)| applied(record, "applied")));
            if let Committed::Done { .. } = self.commit(writes).await? {
                for person in after {
                    self.halt_sends_to(&person);
                }
                let applied = bodies.iter().map(|(record, updates)| (record.due_at, updates.as_slice()));
                self.meters.applied(self.clock.now(), applied);
                self.wake_lanes();
                return Ok(());
            }
            // Somebody changed one of the same records meanwhile: read them anew.
        }
        Err(Error::conflict("webhook", "its records change all the time"))
    }
}

/// The body's record once its updates are stored: the body itself is gone, its fingerprint stays
/// so that a repetition is recognised.
fn applied(record: &Record, state: &str) -> Write {
    Write::Change {
        patch: Patch {
            key: record.key(),
            version: record.version,
            state: state.to_owned(),
            queue: None,
            due_at: None,
            clear: None,
            sealed: Some(Vec::new()),
            tokens: None,
        },
    }
}

struct Stored<T> {
    value: T,
    version: i64,
    dirty: bool,
}

/// Everything that one webhook touches, read once and written once.
struct Work<'e> {
    engine: &'e Arc<Inner>,
    now: Timestamp,
    people: HashMap<String, Stored<Person>>,
    messages: HashMap<String, Stored<Row>>,
    deliveries: HashMap<String, Stored<Delivery>>,
    attempts: HashMap<String, Stored<Attempt>>,
    by_wamid: HashMap<String, String>,
    received: HashSet<String>,
    writes: Vec<Write>,
    withdrawn: Vec<PersonId>,
    /// What people asked about their data.
    requested: Vec<(PersonId, RightKind)>,
    /// Who got which number or id in this commit: no index knows it yet.
    renamed: HashMap<String, PersonId>,
}

impl<'e> Work<'e> {
    fn new(engine: &'e Arc<Inner>) -> Self {
        Self {
            engine,
            now: engine.clock.now(),
            people: HashMap::new(),
            messages: HashMap::new(),
            deliveries: HashMap::new(),
            attempts: HashMap::new(),
            by_wamid: HashMap::new(),
            received: HashSet::new(),
            writes: Vec::new(),
            withdrawn: Vec::new(),
            requested: Vec::new(),
            renamed: HashMap::new(),
        }
    }

    /// WhatsApp's time, or ours where it gave none that can be.
    fn moment(&self, at: Timestamp) -> Timestamp {
        if at == Timestamp::UNIX_EPOCH { self.now } else { to_millis(at) }
    }

    /// Reads the messages that statuses and tapped buttons speak of, all together.
    async fn load(&mut self, updates: impl Iterator<Item = &Update>) -> Result<()> {
        let mut ids = HashSet::new();
        let mut attempts = HashSet::new();
        for update in updates {
            let text = match update {
                Update::Status { echo, .. } => echo.as_deref(),
                Update::Message { reply: Reply::Choice { id, .. }, .. } => echo::unmark(id).0,
                _ => None,
            };
            if let Some(echo) = text.and_then(|t| self.own(t)) {
                ids.insert(echo.message.as_str().to_owned());
                attempts.insert(echo.attempt_id());
            }
        }
        self.load_messages(ids.into_iter().collect(), attempts.into_iter().collect()).await
    }

    /// A token of this installation.
    fn own(&self, text: &str) -> Option<Echo> {
        Echo::read(&self.engine.vault, text).filter(|e| e.instance == self.engine.life.instance)
    }

    async fn load_messages(&mut self, mut ids: Vec<String>, attempts: Vec<String>) -> Result<()> {
        ids.retain(|id| !self.messages.contains_key(id));
        let attempts: Vec<String> = attempts.into_iter().filter(|a| !self.attempts.contains_key(a)).collect();
        let mut keys: Vec<Key> = Vec::with_capacity(ids.len() * 2 + attempts.len());
        keys.extend(ids.iter().map(|id| self.engine.key("message", id.as_str())));
        keys.extend(ids.iter().map(|id| self.engine.key("delivery", id.as_str())));
        keys.extend(attempts.iter().map(|id| self.engine.key("attempt", id.as_str())));
        if keys.is_empty() {
            return Ok(());
        }
        let records: Vec<Record> = self.engine.storage.get(keys).await?.into_iter().flatten().collect();
        self.engine.load_keys(records.iter().filter_map(|r| r.subjects.first().map(String::as_str))).await?;
        for record in records {
            let version = record.version;
            match record.kind.as_str() {
                "message" => {
                    let row = Row::read(record)?;
                    self.messages.insert(row.record.id.clone(), Stored { value: row, version, dirty: false });
                }
                "delivery" => {
                    let value = Delivery::read(&record);
                    self.deliveries.insert(record.id, Stored { value, version, dirty: false });
                }
                _ => {
                    let value = Attempt::read(self.engine, &record)?;
                    self.attempts.insert(record.id, Stored { value, version, dirty: false });
                }
            }
        }
        Ok(())
    }

    async fn apply(&mut self, update: &Update) -> Result<()> {
        match update {
            Update::Status { .. } => self.status(update).await,
            Update::Message { .. } => self.message(update).await,
            Update::Call { .. } => self.call(update).await,
            Update::Preference { wa_id, user_id, value, signup_id, at, .. } => {
                self.preference(wa_id.as_deref(), user_id.as_deref(), value, signup_id.as_deref(), *at).await
            }
            Update::Identity { .. } => self.identity(update).await,
            Update::App { .. } => self.app(update).await,
            Update::Template { .. }
            | Update::Number { .. }
            | Update::Account { .. }
            | Update::Group { .. }
            | Update::Flow { .. } => self.told(update).await,
            Update::Unknown { field, json } => {
                self.tell(None, self.now, Happening::Unknown { field: field.clone(), json: json.clone() })
                    .await
            }
        }
    }

    /// An event of somebody; of nobody who is known, or of many, with the day's key.
    async fn tell(&mut self, person: Option<PersonId>, at: Timestamp, happening: Happening) -> Result<()> {
        if person.is_none() && happening.is_personal() {
            self.engine.load_day_key(&raw::day_key(self.now)).await?;
        }
        self.event(person, None, at, happening)
    }

    // ---- what became of our messages ----

    async fn status(&mut self, update: &Update) -> Result<()> {
        let Update::Status { sender, wamid, kind, at, echo, code, .. } = update else { return Ok(()) };
        let at = self.moment(*at);
        let echo = echo.as_deref().and_then(|e| self.own(e));
        let id = match &echo {
            Some(echo) => Some(echo.message.as_str().to_owned()),
            None => self.message_of_wamid(wamid).await?,
        };
        if let Some(lane) = self.engine.lane(sender).filter(|_| *kind == StatusKind::Sent) {
            lane.witness(at);
        }
        let Some(id) = id.filter(|id| self.messages.contains_key(id)) else {
            // Not ours: another app on the same number, or a message that was erased.
            let happening = Happening::Delivery { kind: *kind, code: *code };
            return self.event(None, None, at, happening);
        };
        if let Some(echo) = &echo {
            self.evidence(echo, wamid, "echo")?;
        }
        let fresh = self.deliver(&id, |d| {
            let place = match kind {
                StatusKind::Sent => &mut d.sent_at,
                StatusKind::Delivered => &mut d.delivered_at,
                StatusKind::Read => &mut d.read_at,
                StatusKind::Failed => {
                    d.code = d.code.or(*code);
                    &mut d.failed_at
                }
            };
            let fresh = place.is_none();
            // The earliest report counts: repetitions and late copies change nothing.
            *place = Some(place.map_or(at, |there| there.min(at)));
            fresh
        });
        if !fresh {
            return Ok(());
        }
        let person = self.person_of(&id);
        if *kind == StatusKind::Failed
            && *code == Some(STOPPED_MARKETING)
            && let Some(person) = &person
        {
            self.load_person(person).await?;
            self.platform_stop(person.as_str(), at)?;
        }
        self.event(person, Some(id.into()), at, Happening::Delivery { kind: *kind, code: *code })
    }

    /// T11: proof that an attempt was accepted. Positive evidence dominates whatever was believed.
    fn evidence(&mut self, echo: &Echo, wamid: &str, by: &str) -> Result<()> {
        let Some(message) = self.messages.get_mut(echo.message.as_str()) else { return Ok(()) };
        let person = message.value.person().to_owned();
        let id = echo.attempt_id();
        let attempt = self.attempts.entry(id.clone()).or_insert_with(|| Stored {
            // Forgotten by a restore: it happened all the same.
            value: Attempt {
                message: echo.message.as_str().to_owned(),
                person,
                version: 0,
                state: AttemptState::Unknown,
                clear: AttemptClear {
                    intent_at: self.now,
                    dispatched_at: None,
                    permit: String::new(),
                    rule_set: String::new(),
                    once: Mode::of(message.value.clear.purpose).at_most_once(),
                    evidence: None,
                    code: None,
                    status: None,
                },
                sealed: AttemptSealed::default(),
                id,
            },
            version: 0,
            dirty: false,
        });
        if attempt.value.state != AttemptState::Accepted {
            if attempt.version == 0 || !attempt.value.state.is_live() {
                // The place of the one live attempt may have been taken since: by what an operator
                // released after a restore. The proof counts all the same.
                attempt.value.clear.once = false;
            }
            attempt.value.state = AttemptState::Accepted;
            attempt.value.clear.evidence = Some(by.to_owned());
            if !wamid.is_empty() {
                attempt.value.sealed.wamid = Some(wamid.to_owned());
            }
            attempt.dirty = true;
        }
        if message.value.state() != MessageState::Accepted {
            message.value.clear.won = attempt.value.id.split_once('.').map(|(_, s)| s.to_owned());
            message.value.record.state = MessageState::Accepted.code().to_owned();
            message.dirty = true;
        }
        Ok(())
    }

    fn deliver(&mut self, id: &str, change: impl FnOnce(&mut Delivery) -> bool) -> bool {
        let stored = self.deliveries.entry(id.to_owned()).or_insert_with(|| Stored {
            value: Delivery::default(),
            version: 0,
            dirty: false,
        });
        let fresh = change(&mut stored.value);
        stored.dirty |= fresh;
        fresh
    }

    fn person_of(&self, message: &str) -> Option<PersonId> {
        self.messages.get(message).map(|m| m.value.person().into())
    }

    /// The message that was accepted under this id of WhatsApp's.
    async fn message_of_wamid(&mut self, wamid: &str) -> Result<Option<String>> {
        if let Some(id) = self.by_wamid.get(wamid) {
            return Ok(Some(id.clone()));
        }
        let index =
            Index::Token { name: "wamid".to_owned(), value: self.engine.vault.fingerprint("wamid", wamid) };
        let Some(record) = self.engine.find(self.engine.query("attempt", index, 1)).await?.records.pop()
        else {
            return Ok(None);
        };
        let id = record.id.split('.').next().unwrap_or_default().to_owned();
        self.by_wamid.insert(wamid.to_owned(), id.clone());
        self.load_messages(vec![id.clone()], vec![record.id]).await?;
        Ok(Some(id))
    }

    // ---- what people wrote ----

    async fn message(&mut self, update: &Update) -> Result<()> {
        let Update::Message { receiver, wamid, wa_id, user_id, profile_name, at, context, reply } = update
        else {
            return Ok(());
        };
        let at = self.moment(*at).min(self.now + CLOCKS_DIFFER);
        let seen = self.engine.vault.fingerprint("received", wamid);
        if !self.received.insert(seen.clone()) || self.engine.get("received", &seen).await?.is_some() {
            return Ok(());
        }
        if let Some(lane) = self.engine.lane(receiver) {
            lane.count(1, self.now);
        }
        let Some(person) = self.writer(wa_id.as_deref(), user_id.as_deref(), profile_name.as_deref()).await?
        else {
            // Nobody is named: kept whole.
            let happening = Happening::Received {
                receiver: receiver.clone(),
                wamid: wamid.clone(),
                reply: reply.clone(),
            };
            return self.tell(None, at, happening).await;
        };
        let reply = self.own_choice(reply, wamid)?;
        self.store_received(&seen, &person, &reply.0, at)?;
        if let Some(p) = self.people.get_mut(person.as_str()) {
            let last = p.value.inbound.entry(receiver.clone()).or_insert(at);
            *last = (*last).max(at);
            p.dirty = true;
        }
        // Which message of ours it answers: by the button's token, or by what it quotes.
        let mut ours = reply.1;
        if ours.is_none()
            && let Some(context) = context
        {
            ours = self.message_of_wamid(context).await?;
        }
        if let Some(id) = &ours {
            self.load_messages(vec![id.clone()], Vec::new()).await?;
            if self.messages.contains_key(id) {
                self.deliver(id, |d| d.replied_at.replace(d.replied_at.map_or(at, |r| r.min(at))).is_none());
            }
        }
        let happening =
            Happening::Received { receiver: receiver.clone(), wamid: wamid.clone(), reply: reply.0.clone() };
        self.event(Some(person.clone()), ours.clone().map(MessageId::from), at, happening)?;
        self.heed(&person, &reply.0, receiver, wamid, ours, at).await
    }

    /// A choice by the host's own button id, and the message of ours whose token the button carried.
    fn own_choice(&mut self, reply: &Reply, _wamid: &str) -> Result<(Reply, Option<String>)> {
        let Reply::Choice { id, title } = reply else { return Ok((reply.clone(), None)) };
        let (token, own) = echo::unmark(id);
        let echo = token.and_then(|t| self.own(t));
        if let Some(echo) = &echo {
            // A tap proves that the message arrived, even when every status was lost.
            self.evidence(echo, "", "button")?;
        }
        let reply = Reply::Choice { id: own.to_owned(), title: title.clone() };
        Ok((reply, echo.map(|e| e.message.as_str().to_owned())))
    }

    fn store_received(&mut self, seen: &str, person: &PersonId, reply: &Reply, at: Timestamp) -> Result<()> {
        let mut record = Record::new(&self.engine.account, "received", seen);
        record.subjects = vec![person.as_str().to_owned()];
        record.retention = "support".to_owned();
        record.clear = format!("{{\"at\":\"{}\"}}", at.to_rfc3339());
        let place = Sealed { person: person.as_str(), kind: "received", id: seen };
        record.sealed = self.engine.vault.seal(place, reply)?;
        self.writes.push(Write::Insert { record });
        Ok(())
    }

    /// The person who wrote, made if nobody knows them yet, with whatever identifiers are new.
    async fn writer(
        &mut self,
        wa_id: Option<&str>,
        user_id: Option<&str>,
        name: Option<&str>,
    ) -> Result<Option<PersonId>> {
        let phone = wa_id.and_then(|w| Phone::from_wa_id(w).ok());
        if phone.is_none() && user_id.is_none() {
            return Ok(None);
        }
        if let Some(id) = self.renamed(phone.as_ref(), user_id) {
            self.load_person(&id).await?;
            return Ok(Some(id));
        }
        let contact = NewContact { bsuid: user_id.map(str::to_owned), ..NewContact::default() };
        let wanted = match Wanted::with_phone(phone.clone(), contact) {
            Ok(wanted) => wanted,
            // A BSUID of a form not known yet does not keep the number from counting.
            Err(_) if phone.is_some() => Wanted::with_phone(phone.clone(), NewContact::default())?,
            Err(_) => return Ok(None),
        };
        let id = match self.engine.contact_of(wanted, name).await {
            Ok((id, _)) => id,
            // Number and BSUID name two contacts until they are merged: the number decides.
            Err(Error::Conflict { .. }) => {
                let wanted = Wanted::with_phone(phone, NewContact::default())?;
                self.engine.contact_of(wanted, name).await?.0
            }
            Err(e) => return Err(e),
        };
        self.load_person(&id).await?;
        if let (Some(p), Some(user_id)) = (self.people.get_mut(id.as_str()), user_id)
            && !p.value.bsuids.iter().any(|b| b == user_id)
            && crate::people::contacts::check_bsuid(user_id).is_ok()
            && self.engine.find_person(None, Some(user_id)).await?.is_none()
        {
            p.value.bsuids.push(user_id.to_owned());
            p.dirty = true;
            // Whoever is on the suppression list under one address is on it under all.
            let mut listed = Person::new(id.clone(), self.now);
            listed.bsuids.push(user_id.to_owned());
            self.engine.mark_suppressed(&mut [&mut listed]).await?;
            p.value.suppressed |= listed.suppressed;
            p.value.suppressed_for_all |= listed.suppressed_for_all;
            if p.value.suppressed {
                self.writes.extend(crate::consent::standing::suppress(self.engine, &mut p.value, self.now)?);
            }
        }
        Ok(Some(id))
    }

    async fn load_person(&mut self, id: &PersonId) -> Result<()> {
        if !self.people.contains_key(id.as_str()) {
            let (value, version) = self.engine.person(id).await?;
            self.people.insert(id.as_str().to_owned(), Stored { value, version, dirty: false });
        }
        Ok(())
    }

    fn event(
        &mut self,
        person: Option<PersonId>,
        message: Option<MessageId>,
        at: Timestamp,
        happening: Happening,
    ) -> Result<()> {
        self.writes.push(NewEvent { at, person, message, happening }.write(self.engine)?);
        Ok(())
    }

    /// Everything that changed, as one batch, and the people to whom no send may begin any more.
    fn finish(self) -> Result<(Vec<Write>, Vec<PersonId>)> {
        let Self { engine, people, messages, deliveries, attempts, mut writes, withdrawn, .. } = self;
        for p in people.into_values().filter(|p| p.dirty) {
            writes.push(Write::Replace { record: p.value.record(engine)?, version: p.version });
        }
        for (id, d) in deliveries.into_iter().filter(|(_, d)| d.dirty) {
            let Some(message) = messages.get(&id) else { continue };
            let group = message.value.record.group.clone();
            let record = d.value.record(engine, &id, message.value.person(), group)?;
            writes.push(match d.version {
                0 => Write::Insert { record },
                version => Write::Replace { record, version },
            });
        }
        for a in attempts.into_values().filter(|a| a.dirty) {
            writes.push(if a.version == 0 { a.value.insert(engine)? } else { a.value.change(engine)? });
        }
        for m in messages.into_values().filter(|m| m.dirty) {
            let mut row = m.value;
            row.clear.error_code = None;
            writes.push(row.end(MessageState::Accepted)?);
        }
        Ok((writes, withdrawn))
    }
}
