//! In-App Signup: links by which people subscribe to a business within WhatsApp.

use std::sync::Arc;

use axum::{Router, routing::MethodFilter};
use serde_json::{Value, json};

use super::{Answer, Asked, at_most, on, required, success};
use crate::{people::Line, refusal::Refusal, running::Running, simulator::digits, world::World};

/// The only terms that can be accepted.
const TERMS: &str = "https://www.facebook.com/legal/ads-manager-marketing-messages-terms";
const PROMO_CODE: &str = "{{promo_code}}";
/// Calling codes of the countries without sign-ups (Meta, July 2026): the European Economic Area, the United Kingdom,
/// Brazil, Japan, South Korea, Nigeria, South Africa, Turkey.
const WITHOUT: &[&str] = &[
    "30", "31", "32", "33", "34", "351", "352", "353", "354", "356", "357", "358", "359", "36", "370", "371",
    "372", "385", "386", "39", "40", "420", "421", "423", "43", "45", "46", "47", "48", "49", "44", "55",
    "81", "82", "234", "27", "90",
];

/// All sign-ups of all accounts.
#[derive(Debug, Default)]
pub(super) struct InAppSignups {
    all: Vec<InAppSignup>,
    /// Whether the business has accepted the terms: once for all its accounts.
    accepted: bool,
}

#[derive(Debug, Clone, Default)]
struct InAppSignup {
    id: String,
    waba: String,
    active: bool,
    message: String,
    confirmation: String,
    privacy_policy_url: String,
    website_url: Option<String>,
    promo_code: Option<String>,
    display_name: Option<String>,
}

pub(super) fn routes() -> Router<Arc<Running>> {
    Router::new()
        .route("/{version}/{id}/signups", on(MethodFilter::GET, list).merge(on(MethodFilter::POST, create)))
        .route("/{version}/signups/{item}", on(MethodFilter::GET, look).merge(on(MethodFilter::POST, update)))
}

/// Whether there are sign-ups where a number is.
fn available(number: &str) -> bool {
    !WITHOUT.iter().any(|code| number.starts_with(code))
}

fn json(signup: &InAppSignup) -> Value {
    let mut shown = json!({
        "id": signup.id, "waba_id": signup.waba, "status": if signup.active { "ACTIVE" } else { "DISABLED" },
        "signup_message": signup.message, "confirmation_message": signup.confirmation,
        "privacy_policy_url": signup.privacy_policy_url,
    });
    for (key, value) in [
        ("website_url", &signup.website_url),
        ("promo_code", &signup.promo_code),
        ("display_name", &signup.display_name),
    ] {
        if let Some(value) = value {
            shown[key] = value.as_str().into();
        }
    }
    shown
}

fn place(world: &World, asked: &Asked) -> Result<usize, Refusal> {
    let absent = || Refusal::new(2_494_164, "The sign-up does not exist");
    world.management.in_app_signups.all.iter().position(|s| s.id == asked.item).ok_or_else(absent)
}

fn list(world: &mut World, asked: &Asked, _: i64) -> Answer {
    world.account_of(asked)?;
    let own = world.management.in_app_signups.all.iter().filter(|s| s.waba == asked.id);
    Ok(asked.page(own.map(json).collect()))
}

fn look(world: &mut World, asked: &Asked, _: i64) -> Answer {
    let at = place(world, asked)?;
    Ok(asked.pick(json(&world.management.in_app_signups.all[at])))
}

/// A text of 1 to `most` characters, if it is given.
fn sized<'a>(asked: &'a Asked, key: &str, most: usize) -> Result<Option<&'a str>, Refusal> {
    let Some(text) = asked.text(key) else { return Ok(None) };
    if text.is_empty() { Err(required(key)) } else { at_most(text, key, most).map(Some) }
}

/// What the request changes, put over what there is.
fn changed(asked: &Asked, mut signup: InAppSignup) -> Result<InAppSignup, Refusal> {
    if let Some(message) = sized(asked, "signup_message", 300)? {
        message.clone_into(&mut signup.message);
    }
    if let Some(confirmation) = sized(asked, "confirmation_message", 300)? {
        confirmation.clone_into(&mut signup.confirmation);
    }
    if let Some(name) = sized(asked, "display_name", 256)? {
        signup.display_name = Some(name.to_owned());
    }
    if let Some(code) = sized(asked, "promo_code", 50)? {
        if !code.bytes().all(|b| b.is_ascii_alphanumeric()) {
            return Err(Refusal::new(100, "Param promo_code takes letters and digits"));
        }
        signup.promo_code = Some(code.to_owned());
    }
    if let Some(url) = asked.text("website_url") {
        if !url.starts_with("https://") {
            return Err(Refusal::new(2_494_179, "Param website_url must begin with https://"));
        }
        signup.website_url = Some(url.to_owned());
    }
    let rest = signup.confirmation.replace(PROMO_CODE, "");
    if rest.contains("{{") {
        return Err(Refusal::new(2_494_166, "The confirmation has an unknown placeholder"));
    }
    if rest.len() < signup.confirmation.len() && signup.promo_code.is_none() {
        return Err(Refusal::new(2_494_167, "The confirmation has a placeholder without a value"));
    }
    Ok(signup)
}

/// The terms are accepted with the first sign-up of a business, and never again.
fn terms(asked: &Asked, accepted: bool) -> Result<(), Refusal> {
    match asked.given.get("policy").filter(|policy| !policy.is_null()) {
        None if accepted => Ok(()),
        Some(_) if accepted => Err(Refusal::new(2_494_176, "The terms were accepted before")),
        Some(policy) if policy["tos"] != TERMS => {
            Err(Refusal::new(2_494_177, "Param policy['tos'] is not the address of the terms"))
        }
        Some(policy) if policy["accepted"] == true => Ok(()),
        _ => Err(Refusal::new(2_494_168, "The terms were not accepted")),
    }
}

fn create(world: &mut World, asked: &Asked, _: i64) -> Answer {
    world.account_of(asked)?;
    if world.numbers.iter().any(|n| n.waba == asked.id && !available(&digits(&n.display))) {
        return Err(Refusal::new(2_494_165, "There are no sign-ups where the business has numbers"));
    }
    let privacy = asked.need("privacy_policy_url")?;
    if !privacy.starts_with("https://") && !privacy.starts_with("http://") {
        return Err(Refusal::new(100, "Param privacy_policy_url must begin with https:// or http://"));
    }
    asked.need("signup_message")?;
    asked.need("confirmation_message")?;
    let signups = &world.management.in_app_signups;
    let first = InAppSignup {
        id: (9_876_543_210_000_001 + signups.all.len() as u64).to_string(),
        waba: asked.id.clone(),
        active: true,
        privacy_policy_url: privacy.to_owned(),
        ..InAppSignup::default()
    };
    let signup = changed(asked, first)?;
    terms(asked, signups.accepted)?;
    let id = signup.id.clone();
    let signups = &mut world.management.in_app_signups;
    signups.accepted = true;
    signups.all.push(signup);
    Ok(json!({ "id": id }))
}

fn update(world: &mut World, asked: &Asked, _: i64) -> Answer {
    let at = place(world, asked)?;
    if asked.given.contains_key("privacy_policy_url") {
        return Err(Refusal::new(100, "Param privacy_policy_url cannot be changed"));
    }
    let mut signup = changed(asked, world.management.in_app_signups.all[at].clone())?;
    match asked.text("status") {
        None => {}
        Some("ACTIVE") => signup.active = true,
        Some("DISABLED") => signup.active = false,
        Some(_) => return Err(Refusal::new(100, "Param status must be one of {ACTIVE, DISABLED}")),
    }
    world.management.in_app_signups.all[at] = signup;
    Ok(success())
}

impl World {
    /// Somebody opens the link of a sign-up and subscribes: the confirmation is on their phone, the webhook goes.
    pub(crate) fn open_signup(&mut self, from: &str, link: &str, now: i64) -> Result<(), Refusal> {
        let from = digits(from);
        if !(7..=15).contains(&from.len()) {
            return Err(Refusal::invalid("from must be a phone number"));
        }
        let dead = || Refusal::invalid("The link works no more");
        let path = link.trim_start_matches("https://").strip_prefix("wa.me/").ok_or_else(dead)?;
        let (phone, id) = path.split_once("/signup/").ok_or_else(dead)?;
        let number = self.numbers.iter().position(|n| digits(&n.display) == phone).ok_or_else(dead)?;
        let waba = &self.numbers[number].waba;
        let known = |s: &&InAppSignup| s.id == id && s.waba == *waba && s.active;
        let signup = self.management.in_app_signups.all.iter().find(known).cloned().ok_or_else(dead)?;
        if !available(&from) {
            return Err(Refusal::invalid("There are no sign-ups where this person is"));
        }
        let person = self.people.meet(&from);
        self.people.get_mut(person).stopped_marketing = false;
        self.tell_preference(person, number, ("signup", Some(&signup.id)), "subscribed to offers", now);
        let code = signup.promo_code.unwrap_or_default();
        let text = signup.confirmation.replace(PROMO_CODE, &code);
        self.people.add_line(person, Line::System { at: now, text });
        Ok(())
    }
}
