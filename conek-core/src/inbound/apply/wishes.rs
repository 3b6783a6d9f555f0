//! What people ask for, and what is done about it: opt-outs, opt-ins, questions, WhatsApp's own switches.

use super::Work;
use crate::{
    consent::{
        ConsentEntry, ConsentSource, ConsentStatus, Evidence, EvidenceKind,
        answers::Answers,
        standing,
        words::{self, Intent, ReplyContext},
    },
    inbound::model::Happening,
    messaging::{
        Button, Content, MessageState, Purpose,
        row::{Body, Clear, NewRow},
    },
    policy::{Decision, decide},
    rights::{RequestChannel, RightKind},
    storage::{Index, Write},
    transport::Reply,
    values::{error::Result, ids::PersonId, time::Timestamp},
};
use chrono::TimeDelta;

/// The button by which a person says that they meant stop.
const MEANT_STOP: &str = "conek.stop";
/// The button by which a person says that they did not.
const MEANT_SOMETHING_ELSE: &str = "conek.keep";

impl Work<'_> {
    /// Does what a person asked for, if they asked for something.
    pub(super) async fn heed(
        &mut self,
        person: &PersonId,
        reply: &Reply,
        receiver: &str,
        wamid: &str,
        ours: Option<String>,
        at: Timestamp,
    ) -> Result<()> {
        let context = self.context_of(person);
        let read = |text: &str| words::read_reply(text, &context);
        let intent = match reply {
            Reply::Text { body } => read(body),
            Reply::Choice { id, .. } if id == MEANT_STOP => Intent::OptOut,
            Reply::Choice { id, .. } if id == MEANT_SOMETHING_ELSE => {
                if let Some(p) = self.people.get_mut(person.as_str()) {
                    p.value.unclear = false;
                    p.dirty = true;
                }
                return Ok(());
            }
            Reply::Choice { title, .. } => match read(title) {
                // A button's words are ours: only a clear stop, or the answer to our question, is one.
                Intent::Clarify => Intent::Nothing,
                other => other,
            },
            Reply::Media { caption: Some(caption), .. } => read(caption),
            _ => Intent::Nothing,
        };
        let asks = match reply {
            Reply::Text { body } => words::asks(body).map(|asks| (body, asks)),
            _ => None,
        };
        let intent = match asks {
            // Whoever wants their data deleted wants no more offers either.
            Some((_, words::Asks::Erasure)) => Intent::OptOut,
            // What may be a stop was this question.
            Some(_) if intent == Intent::Clarify => Intent::Nothing,
            _ => intent,
        };
        match intent {
            Intent::OptOut => self.opt_out(person, receiver, wamid, reply, ours, at).await?,
            Intent::OptIn => self.opt_in(person, wamid, reply, at)?,
            Intent::Clarify => self.ask(person, receiver, wamid, at)?,
            Intent::Help | Intent::Nothing => {}
        }
        match asks {
            Some((body, asks)) => self.take_request(person, receiver, body, asks, at).await,
            None => Ok(()),
        }
    }

    /// Opens a request where somebody asks about their data, and says until when they get an answer.
    async fn take_request(
        &mut self,
        person: &PersonId,
        receiver: &str,
        text: &str,
        asks: words::Asks,
        at: Timestamp,
    ) -> Result<()> {
        let right = match asks {
            words::Asks::Access => RightKind::Access,
            words::Asks::Erasure => RightKind::Erasure,
        };
        if self.requested.contains(&(person.clone(), right)) {
            return Ok(());
        }
        let Some(p) = self.people.get_mut(person.as_str()) else { return Ok(()) };
        let said = Some(text.to_owned());
        let asked = self.engine.asked(&mut p.value, right, RequestChannel::Whatsapp, said, at).await?;
        let language = p.value.language.clone().or_else(|| self.engine.language.clone());
        if !asked.is_new() {
            return Ok(());
        }
        self.requested.push((person.clone(), right));
        let body = words::receipt(language.as_deref(), &asked.day());
        self.writes.extend(asked.writes);
        self.event(Some(person.clone()), None, at, Happening::RightAsked { request: asked.id, right })?;
        self.answer(person, receiver, Purpose::Support, Content::Text { body, preview_url: false })
    }

    async fn opt_out(
        &mut self,
        person: &PersonId,
        receiver: &str,
        wamid: &str,
        reply: &Reply,
        ours: Option<String>,
        at: Timestamp,
    ) -> Result<()> {
        let Some(p) = self.people.get_mut(person.as_str()) else { return Ok(()) };
        let known = p.value.suppressed;
        // A no to the request refuses; there is nothing yet to withdraw.
        let stood = p.value.consent(Purpose::Marketing);
        let status = match stood {
            ConsentStatus::Requested => ConsentStatus::Refused,
            _ => ConsentStatus::Withdrawn,
        };
        let entry = said(person, status, wamid, reply, at.min(self.now));
        let (_, writes) = standing::apply(self.engine, &mut p.value, &entry)?;
        p.dirty = true;
        self.writes.extend(writes);
        self.withdrawn.push(person.clone());
        // The campaign that they answered, or the last message that they got.
        let after = match ours {
            Some(id) => Some(id),
            None => self.last_message_to(person).await?,
        };
        if let Some(id) = after
            && self.messages.contains_key(&id)
        {
            self.deliver(&id, |d| d.opted_out_at.replace(d.opted_out_at.unwrap_or(at)).is_none());
        }
        if known {
            return Ok(());
        }
        self.event(Some(person.clone()), None, at, Happening::OptedOut { purpose: Purpose::Marketing })?;
        let body = self.answers_for(person).confirmation(&self.engine.business);
        self.answer(person, receiver, Purpose::OptOutConfirmation, Content::Text { body, preview_url: false })
    }

    /// START lifts the person's own stop, and yes answers the request for consent. Neither is consent of
    /// somebody who was never asked.
    fn opt_in(&mut self, person: &PersonId, wamid: &str, reply: &Reply, at: Timestamp) -> Result<()> {
        let Some(p) = self.people.get_mut(person.as_str()) else { return Ok(()) };
        let stood = p.value.consent(Purpose::Marketing);
        if !p.value.suppressed && stood != ConsentStatus::Requested {
            return Ok(());
        }
        p.value.unclear = false;
        let entry = said(person, ConsentStatus::Given, wamid, reply, at.min(self.now));
        let (view, writes) = standing::apply(self.engine, &mut p.value, &entry)?;
        p.dirty = true;
        self.writes.extend(writes);
        if view.status.is_valid() {
            self.event(Some(person.clone()), None, at, Happening::OptedIn { purpose: Purpose::Marketing })?;
        }
        Ok(())
    }

    /// Suspends marketing and asks, once.
    fn ask(&mut self, person: &PersonId, receiver: &str, wamid: &str, at: Timestamp) -> Result<()> {
        let Some(p) = self.people.get_mut(person.as_str()) else { return Ok(()) };
        if p.value.unclear || p.value.suppressed {
            return Ok(());
        }
        p.value.unclear = true;
        p.dirty = true;
        self.withdrawn.push(person.clone());
        self.event(Some(person.clone()), None, at, Happening::Unclear { wamid: wamid.to_owned() })?;
        let words = self.answers_for(person);
        let question = Content::Buttons {
            body: words.question.to_owned(),
            header: None,
            footer: None,
            buttons: vec![
                Button { id: MEANT_STOP.to_owned(), title: words.yes_stop.to_owned() },
                Button { id: MEANT_SOMETHING_ELSE.to_owned(), title: words.no.to_owned() },
            ],
        };
        self.answer(person, receiver, Purpose::Support, question)
    }

    async fn last_message_to(&mut self, person: &PersonId) -> Result<Option<String>> {
        let index = Index::Subject { person: person.as_str().to_owned() };
        let mut query = self.engine.query("delivery", index, 1);
        query.descending = true;
        let Some(id) = self.engine.find(query).await?.records.pop().map(|r| r.id) else { return Ok(None) };
        self.load_messages(vec![id.clone()], Vec::new()).await?;
        Ok(Some(id))
    }

    pub(super) async fn preference(
        &mut self,
        wa_id: Option<&str>,
        user_id: Option<&str>,
        value: &str,
        signup_id: Option<&str>,
        at: Timestamp,
    ) -> Result<()> {
        let at = self.moment(at).min(self.now);
        let Some(person) = self.writer(wa_id, user_id, None).await? else { return Ok(()) };
        match value {
            "stop" => self.platform_stop(person.as_str(), at),
            "resume" => {
                // Lifts what was stopped within WhatsApp, never what the person said to us.
                let Some(p) = self.people.get_mut(person.as_str()).filter(|p| p.value.platform_stop) else {
                    return Ok(());
                };
                p.dirty = true;
                self.writes.push(standing::platform_resume(self.engine, &mut p.value, at)?);
                Ok(())
            }
            "signup" => {
                let Some(p) = self.people.get_mut(person.as_str()) else { return Ok(()) };
                let evidence = Evidence {
                    kind: EvidenceKind::Signup,
                    reference: Some(signup_id.unwrap_or("WhatsApp sign-up").to_owned()),
                    ..Evidence::default()
                };
                let entry = entry(&person, ConsentStatus::Given, ConsentSource::Platform, evidence, at);
                let (_, writes) = standing::apply(self.engine, &mut p.value, &entry)?;
                p.dirty = true;
                self.writes.extend(writes);
                self.event(Some(person), None, at, Happening::OptedIn { purpose: Purpose::Marketing })
            }
            _ => Ok(()),
        }
    }

    /// A stop within WhatsApp. It is the platform's: `resume` lifts it, and the suppression list is
    /// not touched.
    pub(super) fn platform_stop(&mut self, person: &str, at: Timestamp) -> Result<()> {
        let Some(p) = self.people.get_mut(person) else { return Ok(()) };
        if p.value.platform_stop {
            return Ok(());
        }
        p.dirty = true;
        let id = p.value.id.clone();
        self.writes.push(standing::platform_stop(self.engine, &mut p.value, at)?);
        self.withdrawn.push(id.clone());
        self.event(Some(id), None, at, Happening::OptedOut { purpose: Purpose::Marketing })
    }

    /// Queues an answer of the engine's own, in the same commit as what it answers.
    fn answer(
        &mut self,
        person: &PersonId,
        receiver: &str,
        purpose: Purpose,
        content: Content,
    ) -> Result<()> {
        let (Some(p), Ok(sender)) = (self.people.get(person.as_str()), self.engine.sender(Some(receiver)))
        else {
            return Ok(());
        };
        let mut clear = Clear {
            purpose,
            sender,
            created_at: self.now,
            void_at: Some(self.now + TimeDelta::hours(20)),
            tries: Vec::new(),
            won: None,
            maybe: false,
            returns: 0,
            error_code: None,
            has_opt_out: true,
            names_sender: true,
            promotes: false,
            by_messages: false,
            goods: None,
            decision: Decision::Deny { reasons: Vec::new() },
        };
        clear.decision = decide(&self.engine.facts(&p.value, None, &clear, None, self.now), self.now);
        if !matches!(clear.decision, Decision::Allow { .. }) {
            return Ok(());
        }
        let body = Body::of(content, None);
        let row = NewRow {
            id: self.engine.new_id()?,
            person,
            campaign: None,
            state: MessageState::Queued,
            due_at: Some(self.now),
            dedupe_key: None,
            body: Some(&body),
            clear: &clear,
        };
        self.writes.push(Write::Insert { record: row.record(self.engine)? });
        Ok(())
    }

    fn answers_for(&self, person: &PersonId) -> &'static Answers {
        let language = self.people.get(person.as_str()).and_then(|p| p.value.language.as_deref());
        Answers::of(language.or(self.engine.language.as_deref()))
    }

    /// What the person's words are read against.
    fn context_of(&self, person: &PersonId) -> ReplyContext {
        let account_language = self.engine.language.clone();
        let Some(p) = self.people.get(person.as_str()).map(|p| &p.value) else {
            return ReplyContext { account_language, ..ReplyContext::default() };
        };
        ReplyContext {
            language: p.language.clone(),
            account_language,
            open_dialogue: p.dialogue_at(self.now).to_vec(),
            consent_requested: p.consent(Purpose::Marketing) == ConsentStatus::Requested,
        }
    }
}

fn entry(
    person: &PersonId,
    status: ConsentStatus,
    source: ConsentSource,
    evidence: Evidence,
    at: Timestamp,
) -> ConsentEntry {
    ConsentEntry {
        evidence,
        acted_at: Some(at),
        ..ConsentEntry::new(person.clone(), Purpose::Marketing, status, source)
    }
}

/// The consent event that a person's own words are; the message is the evidence.
fn said(person: &PersonId, status: ConsentStatus, wamid: &str, reply: &Reply, at: Timestamp) -> ConsentEntry {
    let words = match reply {
        Reply::Text { body } => Some(body.clone()),
        Reply::Choice { title, .. } => Some(title.clone()),
        Reply::Media { caption, .. } => caption.clone(),
        _ => None,
    };
    let evidence = Evidence {
        kind: EvidenceKind::Message,
        reference: Some(wamid.to_owned()),
        text_shown: None,
        reply: words,
    };
    entry(person, status, ConsentSource::WhatsappReply, evidence, at)
}
