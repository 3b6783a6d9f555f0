//! Calls: who may call whom, and how a call goes from its offer to its end. No sound is carried.

use std::{collections::HashMap, sync::Arc};

use axum::{Router, routing::MethodFilter};
use serde_json::{Value, json};

use super::{Answer, Asked, on, success};
use crate::{
    people::PersonAt,
    refusal::Refusal,
    running::Running,
    say::{Say, SayRequest},
    simulator::digits,
    webhooks::{Told, Update},
    world::World,
};

/// How long a permission holds that a person gave.
const PERMITTED_MS: i64 = 7 * 24 * 3_600_000;
/// Calls to one person within 24 hours.
const MOST_CALLS: usize = 100;
const DAY_MS: i64 = 24 * 3_600_000;

/// Every call, and who may be called.
#[derive(Debug, Default)]
pub(super) struct Calls {
    all: Vec<Call>,
    /// Until when a number may call a person.
    permitted: HashMap<(usize, PersonAt), i64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Ringing,
    Taken,
    Over,
}

#[derive(Debug)]
struct Call {
    id: String,
    number: usize,
    person: PersonAt,
    by_business: bool,
    stage: Stage,
    at: i64,
    taken_at: Option<i64>,
    tracking: Option<String>,
}

pub(super) fn routes() -> Router<Arc<Running>> {
    Router::new()
        .route("/{version}/{id}/call_permissions", on(MethodFilter::GET, permission))
        .route("/{version}/{id}/calls", on(MethodFilter::POST, signal))
}

fn permission(world: &mut World, asked: &Asked, now: i64) -> Answer {
    let number = world.number_of(asked)?;
    let by_id = asked.text("recipient").and_then(|id| world.people.find_user(id));
    let person = match by_id {
        Some(person) => person,
        None => world.people.meet(&digits(asked.need("user_wa_id")?)),
    };
    let calls = &world.management.calls;
    let until = calls.permitted.get(&(number, person)).copied().filter(|until| *until > now);
    let made = calls.all.iter().filter(|c| c.by_business && c.number == number && c.person == person);
    let made = made.filter(|c| c.at > now - DAY_MS).count();
    let mut permission = json!({"status": if until.is_some() { "temporary" } else { "no_permission" }});
    if let Some(until) = until {
        permission["expiration_time"] = (until / 1_000).into();
    }
    Ok(json!({"messaging_product": "whatsapp", "permission": permission, "actions": [
        {"action_name": "start_call", "can_perform_action": until.is_some() && made < MOST_CALLS, "limits": [
            {"time_period": "PT24H", "current_usage": made, "max_allowed": MOST_CALLS}]},
        {"action_name": "send_call_permission_request", "can_perform_action": until.is_none()},
    ]}))
}

fn sdp(asked: &Asked, wanted: &str) -> Result<(), Refusal> {
    let session = &asked.given.get("session").cloned().unwrap_or_default();
    let there = session["sdp"].as_str().is_some_and(|sdp| sdp.starts_with("v=0"));
    match session["sdp_type"] == wanted && there {
        true => Ok(()),
        false => Err(Refusal::new(100, format!("Param session must be an {wanted} in SDP"))),
    }
}

fn signal(world: &mut World, asked: &Asked, now: i64) -> Answer {
    let number = world.number_of(asked)?;
    asked.for_whatsapp()?;
    world.takes_calls(number)?;
    let action = asked.need("action")?;
    if action == "connect" {
        return connect(world, asked, number, now);
    }
    let id = asked.need("call_id")?.to_owned();
    let at = world.management.calls.all.iter().position(|c| c.id == id && c.number == number);
    let at = at.ok_or_else(|| Refusal::new(100, "Param call_id names no call of this number"))?;
    let call = &mut world.management.calls.all[at];
    if let Some(tracking) = asked.text("biz_opaque_callback_data") {
        call.tracking = Some(tracking.to_owned());
    }
    let rings = call.stage == Stage::Ringing && !call.by_business;
    match action {
        "pre_accept" if rings => sdp(asked, "answer")?,
        "accept" if rings => {
            sdp(asked, "answer")?;
            (call.stage, call.taken_at) = (Stage::Taken, Some(now));
        }
        "reject" if rings => world.end_call(at, now),
        "terminate" if call.stage != Stage::Over => world.end_call(at, now),
        "pre_accept" | "accept" | "reject" | "terminate" => {
            return Err(Refusal::new(138_003, "The call is past that"));
        }
        _ => return Err(Refusal::new(100, "Param action is not known")),
    }
    Ok(success())
}

fn connect(world: &mut World, asked: &Asked, number: usize, now: i64) -> Answer {
    sdp(asked, "offer")?;
    let by_id = asked.text("recipient").and_then(|id| world.people.find_user(id));
    let person = match by_id {
        Some(person) => person,
        None => world.people.meet(&digits(asked.need("to")?)),
    };
    if world.management.calls.permitted.get(&(number, person)).is_none_or(|until| *until <= now) {
        return Err(Refusal::new(138_006, "The person gave no permission for calls"));
    }
    let tracking = asked.text("biz_opaque_callback_data").map(str::to_owned);
    let id = world.new_call(number, person, true, tracking, now);
    world.tell_call(&id, json!({"status": "RINGING"}), now);
    Ok(json!({"messaging_product": "whatsapp", "calls": [{"id": id}]}))
}

impl World {
    fn takes_calls(&self, number: usize) -> Result<(), Refusal> {
        let settings = &self.management.numbers[number].settings;
        match settings.get("calling").is_some_and(|c| c["status"] == "ENABLED") {
            true => Ok(()),
            false => Err(Refusal::new(138_000, "Calling is not enabled for this number")),
        }
    }

    fn new_call(
        &mut self,
        number: usize,
        person: PersonAt,
        by_business: bool,
        tracking: Option<String>,
        now: i64,
    ) -> String {
        let calls = &mut self.management.calls.all;
        let id = format!("wacid.HBgLMTIxODU1NTI4{:08}", calls.len() + 1);
        let (stage, taken_at) = (Stage::Ringing, None);
        calls.push(Call { id: id.clone(), number, person, by_business, stage, at: now, taken_at, tracking });
        id
    }

    /// Tells a status, which has no `event`, or an event of a call.
    fn tell_call(&mut self, id: &str, mut told: Value, now: i64) {
        let Some(call) = self.management.calls.all.iter().find(|c| c.id == id) else { return };
        let number = &self.numbers[call.number];
        let display = digits(&number.display);
        let person = self.people.get(call.person);
        let contact: Value = serde_json::from_str(&self.contact(call.person)).unwrap_or_default();
        let mut value = json!({
            "messaging_product": "whatsapp",
            "metadata": {"display_phone_number": display, "phone_number_id": number.id},
            "contacts": [contact],
        });
        told["id"] = id.into();
        told["timestamp"] = (now / 1_000).to_string().into();
        let (ours, theirs) = if call.by_business { ("from", "to") } else { ("to", "from") };
        let key = if told["event"].is_string() {
            told["direction"] = if call.by_business { "BUSINESS_INITIATED" } else { "USER_INITIATED" }.into();
            told[ours] = display.as_str().into();
            told[format!("{theirs}_user_id")] = person.user_id.as_str().into();
            if !person.hides_number {
                told[theirs] = person.number.as_str().into();
            }
            "calls"
        } else {
            told["type"] = "call".into();
            told["recipient_user_id"] = person.user_id.as_str().into();
            if !person.hides_number {
                told["recipient_id"] = person.number.as_str().into();
            }
            "statuses"
        };
        let number = call.number;
        value[key] = json!([told]);
        let told = Told::Other { field: "calls".into(), value: value.to_string() };
        self.tell(Update { number, told, of: None }, now);
    }

    fn end_call(&mut self, at: usize, now: i64) {
        let call = &mut self.management.calls.all[at];
        call.stage = Stage::Over;
        let mut told = json!({"event": "terminate", "status": "FAILED"});
        if let Some(taken_at) = call.taken_at {
            told = json!({"event": "terminate", "status": "COMPLETED", "start_time": (taken_at / 1_000).to_string(),
                "end_time": (now / 1_000).to_string(), "duration": (now - taken_at) / 1_000});
        }
        if let Some(tracking) = &call.tracking {
            told["biz_opaque_callback_data"] = tracking.as_str().into();
        }
        let id = call.id.clone();
        self.tell_call(&id, told, now);
    }

    /// A person answers whether they may be called: the message that tells it follows.
    pub(crate) fn permit_calls(&mut self, from: &str, granted: bool, now: i64) -> Result<String, Refusal> {
        let person = self.people.meet(&digits(from));
        let mut reply = json!({"response": "reject", "response_source": "user_action"});
        if granted {
            let until = now + PERMITTED_MS;
            self.management.calls.permitted.insert((0, person), until);
            reply = json!({"response": "accept", "response_source": "user_action",
                "expiration_timestamp": until / 1_000});
        } else {
            self.management.calls.permitted.remove(&(0, person));
        }
        let content = json!({"type": "call_permission_reply", "call_permission_reply": reply});
        let message = json!({"type": "interactive", "interactive": content});
        let to = Some(self.numbers[0].id.clone());
        self.say(&SayRequest { from: from.to_owned(), to, context: None, say: Say::Raw { message } }, now)
    }

    /// A person calls the first number. Says the call's id.
    pub(crate) fn call_business(&mut self, from: &str, sdp: &str, now: i64) -> Result<String, Refusal> {
        self.takes_calls(0)?;
        let person = self.people.meet(&digits(from));
        let id = self.new_call(0, person, false, None, now);
        self.tell_call(&id, json!({"event": "connect", "session": {"sdp_type": "offer", "sdp": sdp}}), now);
        Ok(id)
    }

    /// The person does something with a call: `accept`, `reject` or `terminate`.
    pub(crate) fn person_signals(
        &mut self,
        id: &str,
        action: &str,
        sdp: Option<&str>,
        now: i64,
    ) -> Result<(), Refusal> {
        let at = self.management.calls.all.iter().position(|c| c.id == id);
        let at = at.ok_or_else(|| Refusal::no_object(id))?;
        let call = &mut self.management.calls.all[at];
        let rings = call.stage == Stage::Ringing && call.by_business;
        match action {
            "accept" if rings => {
                (call.stage, call.taken_at) = (Stage::Taken, Some(now));
                let answer = json!({"sdp_type": "answer", "sdp": sdp.unwrap_or("v=0\r\n")});
                self.tell_call(id, json!({"event": "connect", "session": answer}), now);
                self.tell_call(id, json!({"status": "ACCEPTED"}), now);
            }
            "reject" if rings => {
                self.tell_call(id, json!({"status": "REJECTED"}), now);
                self.end_call(at, now);
            }
            "terminate" if call.stage != Stage::Over => self.end_call(at, now),
            _ => return Err(Refusal::invalid("The call is past that")),
        }
        Ok(())
    }
}
