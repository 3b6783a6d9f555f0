//! The simulator as a value: start it, watch it, drive it, stop it.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use conek_core::{Error, Result};
use serde_json::Value;
use tokio::net::TcpListener;

use crate::{
    connection::{Ending, Loopback},
    control,
    faults::FaultRule,
    graph,
    ledger::{Entry, LedgerEntry, LedgerQuery, Status, moment},
    management::{FlowSeen, FlowStep},
    news::NumberChange,
    options::{Options, Persona, WebhookOptions},
    phones::{PersonChange, PhonesQuery},
    running::{self, Idle, Running},
    say::{Say, SayRequest},
    webhooks::WebhookRecord,
    world::{Event, World},
};

/// A simulated WhatsApp Cloud API on this machine. Dropping it stops it.
#[derive(Debug)]
pub struct Simulator {
    running: Arc<Running>,
    address: SocketAddr,
    server: Option<tokio::task::JoinHandle<()>>,
}

impl Simulator {
    /// Starts listening.
    ///
    /// # Errors
    /// `invalid_input` for an address that is not loopback, a token that looks real, no numbers, or a webhook
    /// address of another machine; `transport` if the address is taken.
    pub async fn start(options: Options) -> Result<Self> {
        if !options.bind.ip().is_loopback() {
            return Err(Error::invalid(
                "bind",
                "the simulator listens on loopback addresses only, such as 127.0.0.1:0",
            ));
        }
        if options.token.is_empty() || graph::looks_real(&options.token) {
            return Err(Error::invalid(
                "token",
                "take an invented token; one that begins with EAA looks real",
            ));
        }
        if options.numbers.is_empty() {
            return Err(Error::invalid("numbers", "give at least one number"));
        }
        if let Some(url) = &options.webhooks.url {
            running::check_target(url)?;
        }
        let no_socket = |e: std::io::Error| Error::Transport {
            detail: format!("cannot listen on {}: {e}", options.bind),
            retry: conek_core::Retry::Later,
        };
        let listener = TcpListener::bind(options.bind).await.map_err(no_socket)?;
        let address = listener.local_addr().map_err(no_socket)?;
        let running = Running::new(options, format!("http://{address}"))?;
        let app =
            graph::routes().merge(control::routes()).layer(axum::middleware::from_fn(control::local_only));
        let app = app.with_state(running.clone()).into_make_service_with_connect_info::<Ending>();
        let mut stop = running.stop.subscribe();
        let server = tokio::spawn(async move {
            let stopped = async move { drop(stop.wait_for(|stopped| *stopped).await) };
            // Listening goes on until it is told to stop; there is nobody to tell an error.
            let _ = axum::serve(Loopback(listener), app).with_graceful_shutdown(stopped).await;
        });
        Ok(Self { running, address, server: Some(server) })
    }
    /// Where it listens: `http://127.0.0.1:port`, without a version.
    pub fn base_url(&self) -> &str {
        &self.running.base_url
    }
    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
    /// The token that requests must carry.
    pub fn token(&self) -> &str {
        &self.running.token
    }

    /// All accepted messages, or those that match.
    pub fn ledger_where(&self, query: &LedgerQuery) -> Vec<LedgerEntry> {
        self.running.world().entries(query)
    }
    /// All accepted messages in the order of acceptance.
    pub fn ledger(&self) -> Vec<LedgerEntry> {
        self.ledger_where(&LedgerQuery::default())
    }
    /// How many accepted messages carry this `biz_opaque_callback_data`.
    pub fn copies(&self, echo: &str) -> usize {
        self.running.world().ledger.with_echo(echo).len()
    }
    /// The kept webhook POSTs, oldest first.
    pub fn webhooks(&self) -> Vec<WebhookRecord> {
        self.running.world().outbox.records.iter().map(WebhookRecord::told).collect()
    }
    /// Counters as JSON: accepted, refused, inbound, statuses, webhooks, peak rates.
    pub fn stats(&self) -> Value {
        self.running.world().stats()
    }
    /// People and their last lines as JSON.
    pub fn phones(&self, query: &PhonesQuery) -> Value {
        self.running.world().phones(query)
    }
    /// One chat as JSON: both directions, oldest first, 100 lines at most.
    pub fn chat(&self, number: &str) -> Option<Value> {
        self.running.world().chat(&digits(number), None, 0)
    }

    /// A customer finishes embedded sign-up: the code that their browser is handed. It works once.
    pub fn sign_up(&self) -> String {
        self.running.change(|world, _| world.management.sign_up())
    }

    /// A person says something; the webhook follows. Returns the message's id, empty for a preference.
    ///
    /// # Errors
    /// `invalid_input` for a number that is none, or an unknown number of the business.
    pub fn say(&self, from: &str, say: Say) -> Result<String> {
        self.say_as(&SayRequest { from: from.to_owned(), to: None, context: None, say })
    }
    /// Like [`Simulator::say`], to a chosen number and in answer to a message.
    ///
    /// # Errors
    /// As [`Simulator::say`].
    pub fn say_as(&self, request: &SayRequest) -> Result<String> {
        self.running
            .change(|world, now| world.say(request, now))
            .map_err(|refusal| Error::invalid("say", refusal.details))
    }
    /// A person's phone asks the endpoint of a flow, encrypted for the key that the number was given; after the last
    /// screen it sends the message that closes the flow.
    ///
    /// # Errors
    /// `invalid_input` for a flow without an endpoint on this machine, a number without a key, or a token that no
    /// longer counts.
    pub async fn flow_step(&self, step: &FlowStep) -> Result<FlowSeen> {
        self.running.flow_step(step).await.map_err(|refusal| Error::invalid("flow", refusal.details))
    }
    /// A person follows the link of a group. Says whether they are in it now, or wait to be let in.
    ///
    /// # Errors
    /// `invalid_input` for a link that works no more, or a full group.
    pub fn join_group(&self, from: &str, link: &str) -> Result<bool> {
        self.running
            .change(|world, now| world.join_group(from, link, now))
            .map_err(|refusal| Error::invalid("group", refusal.details))
    }
    /// A person opens the link of an in-app sign-up and subscribes: the webhook that tells so follows.
    ///
    /// # Errors
    /// `invalid_input` for a link that works no more, or a person where there are no sign-ups.
    pub fn open_signup(&self, from: &str, link: &str) -> Result<()> {
        self.running
            .change(|world, now| world.open_signup(from, link, now))
            .map_err(|refusal| Error::invalid("signup", refusal.details))
    }
    /// A person says whether the first number may call them, for seven days; the message that tells so follows.
    ///
    /// # Errors
    /// As [`Simulator::say`].
    pub fn permit_calls(&self, from: &str, granted: bool) -> Result<String> {
        self.calling(|world, now| world.permit_calls(from, granted, now))
    }
    /// A person calls the first number with an offer; the webhook follows. Returns the call's id.
    ///
    /// # Errors
    /// `invalid_input` while the number takes no calls.
    pub fn call(&self, from: &str, sdp: &str) -> Result<String> {
        self.calling(|world, now| world.call_business(from, sdp, now))
    }
    /// The person on the other end of a call does `accept` (with an answer), `reject` or `terminate`.
    ///
    /// # Errors
    /// `invalid_input` for what the call is past.
    pub fn signal_call(&self, id: &str, action: &str, sdp: Option<&str>) -> Result<()> {
        self.calling(|world, now| world.person_signals(id, action, sdp, now))
    }
    fn calling<T>(
        &self,
        act: impl FnOnce(&mut World, i64) -> Result<T, crate::refusal::Refusal>,
    ) -> Result<T> {
        self.running.change(act).map_err(|refusal| Error::invalid("call", refusal.details))
    }
    /// Makes this person behave so from now on.
    pub fn set_persona(&self, number: &str, persona: Persona) {
        self.change_person(number, &PersonChange { persona: Some(persona), ..PersonChange::default() });
    }
    /// Changes a person, who may turn up now for the first time.
    pub fn change_person(&self, number: &str, change: &PersonChange) {
        self.running.change(|world, _| world.change_person(&digits(number), change));
    }
    /// Somebody changes their number; webhooks tell it. Says the user id that they have then.
    ///
    /// # Errors
    /// `invalid_input` for a number that is none, or that somebody has.
    pub fn change_number(&self, from: &str, to: &str) -> Result<String> {
        self.acted("number", |world, now| world.change_number(from, to, now))
    }
    /// Changes how WhatsApp rates a number of the business; webhooks tell what they tell of that.
    ///
    /// # Errors
    /// `invalid_input` for a number that is none of the business's.
    pub fn change_business_number(&self, id: &str, change: &NumberChange) -> Result<()> {
        self.acted("id", |world, now| world.change_business_number(id, change, now))
    }
    /// Sends any webhook: this value under this field, for the account of a number (of the first, if none is named).
    ///
    /// # Errors
    /// `invalid_input` for a number that is none of the business's.
    pub fn tell(&self, field: &str, value: &Value, number: Option<&str>) -> Result<()> {
        self.acted("number", |world, now| world.tell_field(field, value, number, now))
    }
    fn acted<T>(
        &self,
        what: &str,
        act: impl FnOnce(&mut World, i64) -> Result<T, crate::refusal::Refusal>,
    ) -> Result<T> {
        self.running.change(act).map_err(|refusal| Error::invalid(what, refusal.details))
    }
    /// Gives a template another quality or category, told by webhook. Says whether there is one.
    pub fn rate_template(&self, name: &str, quality: Option<&str>, category: Option<&str>) -> bool {
        self.running.change(|world, now| world.rate_template(name, quality, category, now)) > 0
    }
    /// Replaces all fault rules.
    pub fn set_faults(&self, rules: Vec<FaultRule>) {
        self.running.world().faults.rules = rules;
    }
    /// The fault rules with their counters.
    pub fn faults(&self) -> Vec<FaultRule> {
        self.running.world().faults.rules.clone()
    }
    /// Sends webhooks there from now on.
    ///
    /// # Errors
    /// `invalid_input` for anything but an `http://` address of this machine.
    pub fn set_webhook(&self, url: &str) -> Result<()> {
        self.change_webhooks(|options| options.url = Some(url.to_owned()))
    }
    /// Changes how webhooks travel.
    ///
    /// # Errors
    /// As [`Simulator::set_webhook`].
    pub fn change_webhooks(&self, change: impl FnOnce(&mut WebhookOptions)) -> Result<()> {
        let mut options = self.running.world().outbox.options.clone();
        change(&mut options);
        set_webhooks(&self.running, options)
    }
    /// Makes the GET with which Meta verifies a webhook; says whether the challenge came back.
    ///
    /// # Errors
    /// `invalid_input` if no webhook address is set.
    pub async fn verify_webhook(&self) -> Result<bool> {
        self.running.handshake().await
    }
    /// Makes kept webhook POSTs once more: these ids, or with `None` all that never succeeded. Returns how many.
    pub fn redeliver(&self, ids: Option<&[u64]>) -> usize {
        redeliver(&self.running, ids)
    }
    /// Changes the status of a template (`PAUSED`, `DISABLED`, ...) and tells it by webhook; false if there is none.
    pub fn set_template_status(&self, name: &str, status: &str) -> bool {
        self.running.change(|world, now| world.set_template(name, Some(status), None, now)) > 0
    }

    /// Whether anything is still to come, and when.
    pub fn idle(&self) -> Idle {
        self.running.idle()
    }
    /// Waits until nothing is to come. A driven clock is moved from one due moment to the next.
    pub async fn run_until_idle(&self) -> Idle {
        self.running.run_until_idle(None).await
    }
    /// Like [`Simulator::run_until_idle`], but does not move the clock past `until`.
    pub async fn run_until(&self, until: DateTime<Utc>) -> Idle {
        self.running.run_until_idle(Some(until)).await
    }
    /// Forgets messages, people, faults and everything scheduled. Numbers, templates, media and options stay.
    pub fn reset(&self) {
        self.running.change(|world, _| world.reset());
    }
    /// Stops listening, ends hanging requests, and waits (5 s at most) until open connections are done.
    pub async fn shutdown(mut self) {
        let _ = self.running.stop.send(true);
        if let Some(server) = self.server.take() {
            let _ = tokio::time::timeout(Duration::from_secs(5), server).await;
        }
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        let _ = self.running.stop.send(true);
    }
}

/// The digits of a number.
pub(crate) fn digits(number: &str) -> String {
    number.chars().filter(char::is_ascii_digit).collect()
}

pub(crate) fn set_webhooks(running: &Arc<Running>, options: WebhookOptions) -> Result<()> {
    if let Some(url) = &options.url {
        running::check_target(url)?;
    }
    running.change(|world, _| world.outbox.options = options);
    Ok(())
}

pub(crate) fn redeliver(running: &Arc<Running>, ids: Option<&[u64]>) -> usize {
    running.change(|world, now| {
        let wanted = |r: &&WebhookRecord| ids.map_or(!r.delivered && r.over, |ids| ids.contains(&r.id));
        let again: Vec<_> =
            world.outbox.records.iter().filter(wanted).filter_map(|r| r.source.clone()).collect();
        let count = again.len();
        for delivery in again {
            world.schedule.add(now, Event::Post(delivery));
        }
        count
    })
}

impl World {
    pub(crate) fn entries(&self, query: &LedgerQuery) -> Vec<LedgerEntry> {
        let limit = if query.limit == 0 { usize::MAX } else { query.limit };
        let to = query.to.as_deref().map(digits);
        let matches = |at: &u32| {
            let entry = &self.ledger.all[*at as usize];
            u64::from(*at) >= query.after
                && query.phone_number_id.as_ref().is_none_or(|id| self.numbers[entry.number].id == *id)
                && query.wamid.as_ref().is_none_or(|w| entry.wamid == *w)
                && query.echo.as_ref().is_none_or(|e| entry.echo.as_ref() == Some(e))
                && to.as_ref().is_none_or(|to| self.people.get(entry.person).number == *to)
        };
        // The narrowest index there is.
        let places: Vec<u32> = if let Some(wamid) = &query.wamid {
            self.ledger.find(wamid).into_iter().collect()
        } else if let Some(echo) = &query.echo {
            self.ledger.with_echo(echo).to_vec()
        } else if let Some(to) = &to {
            self.people.find(to).map_or_else(Vec::new, |at| self.people.get(at).sent())
        } else {
            let from = u32::try_from(query.after).unwrap_or(u32::MAX);
            return (from..self.ledger.all.len() as u32)
                .filter(matches)
                .take(limit)
                .map(|at| self.told(at))
                .collect();
        };
        places.into_iter().filter(matches).take(limit).map(|at| self.told(at)).collect()
    }
    fn told(&self, at: u32) -> LedgerEntry {
        let entry: &Entry = &self.ledger.all[at as usize];
        let person = self.people.get(entry.person);
        let when = |status| entry.when(status).map(moment);
        LedgerEntry {
            seq: u64::from(at) + 1,
            phone_number_id: self.numbers[entry.number].id.clone(),
            to: person.number.clone(),
            user_id: person.user_id.clone(),
            wamid: entry.wamid.clone(),
            echo: entry.echo.clone(),
            kind: entry.kind.clone(),
            template: entry.template.as_ref().map(|t| t.name.clone()),
            marketing: entry.marketing,
            content: entry.content(),
            accepted_at: moment(entry.accepted_at),
            sent_at: when(Status::Sent),
            delivered_at: when(Status::Delivered),
            read_at: when(Status::Read),
            failed_at: when(Status::Failed),
            failed_code: when(Status::Failed).map(|_| entry.failed_code),
            answer: entry.answer.name().to_owned(),
            copies: self.ledger.copies(entry),
        }
    }
    /// Changes templates of this name: status (told by webhook) and pacing. Says how many there were.
    pub(crate) fn set_template(
        &mut self,
        name: &str,
        status: Option<&str>,
        pacing: Option<&str>,
        now: i64,
    ) -> usize {
        let changed = self.templates.change(
            |t| t.name == name,
            |t| {
                if let Some(status) = status {
                    t.status = status.to_owned();
                }
                if let Some(pacing) = pacing {
                    t.pacing = Some(pacing.to_owned()).filter(|p| !p.is_empty());
                }
            },
        );
        for template in changed.iter().filter(|_| status.is_some()) {
            self.tell_template(&template.id, now);
        }
        changed.len()
    }
}
