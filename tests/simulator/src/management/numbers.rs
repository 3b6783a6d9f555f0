//! Numbers: from being added to an account, over verification and registration, to their name and PIN.

use std::sync::Arc;

use axum::{Router, routing::MethodFilter};
use serde_json::{Map, Value, json};

use super::{Answer, Asked, at_most, on, qr_codes::QrCode, settings, success};
use crate::{options::BusinessNumber, refusal::Refusal, running::Running, simulator::digits, world::World};

/// Registrations and the opposite that are allowed within 72 hours.
const ATTEMPTS: usize = 10;
const ATTEMPTS_WITHIN_MS: i64 = 72 * 3_600_000;

/// All that managing changed of a number.
#[derive(Debug)]
pub(crate) struct NumberState {
    pub(crate) registered: bool,
    verified: bool,
    /// Whether it was ever registered.
    was_registered: bool,
    /// What the text message or the call would say.
    code: Option<String>,
    codes_made: u64,
    pin: Option<String>,
    attempts: Vec<i64>,
    new_name: Option<String>,
    search_visibility: Option<String>,
    pub(super) username: Option<String>,
    pub(super) profile: Map<String, Value>,
    pub(super) settings: Map<String, Value>,
    pub(super) shop: settings::Shop,
    pub(super) automation: Option<Value>,
    pub(super) public_key: Option<String>,
    /// Whether the key was signed before the number was registered anew.
    pub(super) key_is_stale: bool,
    pub(super) qr_codes: Vec<QrCode>,
    pub(super) qr_codes_made: u64,
}

impl NumberState {
    /// A number that was added a moment ago.
    fn added() -> Self {
        Self {
            registered: false,
            verified: false,
            was_registered: false,
            code: None,
            codes_made: 0,
            pin: None,
            attempts: Vec::new(),
            new_name: None,
            search_visibility: None,
            username: None,
            profile: Map::new(),
            settings: settings::first(),
            shop: settings::Shop::default(),
            automation: None,
            public_key: None,
            key_is_stale: false,
            qr_codes: Vec::new(),
            qr_codes_made: 0,
        }
    }
    /// A number that is in use already.
    pub(crate) fn connected() -> Self {
        Self { registered: true, verified: true, was_registered: true, ..Self::added() }
    }
    fn status(&self) -> &'static str {
        match (self.registered, self.was_registered) {
            (true, _) => "CONNECTED",
            (false, true) => "DISCONNECTED",
            (false, false) => "PENDING",
        }
    }
    /// What only the phone and the one who chose it know.
    pub(crate) fn secrets(&self) -> Value {
        json!({"registered": self.registered, "verified": self.verified, "code": self.code, "pin": self.pin,
            "public_key": self.public_key})
    }
}

pub(super) fn routes() -> Router<Arc<Running>> {
    Router::new()
        .route(
            "/{version}/{id}/phone_numbers",
            on(MethodFilter::GET, list).merge(on(MethodFilter::POST, add)),
        )
        .route("/{version}/{id}/request_code", on(MethodFilter::POST, request_code))
        .route("/{version}/{id}/verify_code", on(MethodFilter::POST, verify_code))
        .route("/{version}/{id}/register", on(MethodFilter::POST, register))
        .route("/{version}/{id}/deregister", on(MethodFilter::POST, deregister))
}

/// A number as the API tells it.
pub(super) fn json(world: &World, number: usize) -> Value {
    let (n, state) = (&world.numbers[number], &world.management.numbers[number]);
    let mut shown = json!({
        "id": n.id,
        "display_phone_number": n.display,
        "verified_name": n.verified_name,
        "quality_rating": n.quality,
        "quality_score": {"score": n.quality},
        "code_verification_status": if state.verified { "VERIFIED" } else { "NOT_VERIFIED" },
        "name_status": "APPROVED",
        "status": state.status(),
        "platform_type": if state.registered { "CLOUD_API" } else { "NOT_APPLICABLE" },
        "account_mode": "SANDBOX",
        "is_pin_enabled": state.pin.is_some(),
        "search_visibility": state.search_visibility.as_deref().unwrap_or("NON_VISIBLE"),
        "throughput": {"level": if n.mps == 0 || n.mps >= 1_000 { "HIGH" } else { "STANDARD" }},
        "whatsapp_business_manager_messaging_limit": n.messaging_limit,
        "webhook_configuration": world.outbox.callbacks.told(number, n),
    });
    if let Some(name) = &state.new_name {
        shown["new_display_name"] = name.as_str().into();
        shown["new_name_status"] = "PENDING_REVIEW".into();
    }
    if let Some(automation) = &state.automation {
        shown["conversational_automation"] = automation.clone();
    }
    shown
}

fn list(world: &mut World, asked: &Asked, _: i64) -> Answer {
    world.account_of(asked)?;
    let all = (0..world.numbers.len()).filter(|n| world.numbers[*n].waba == asked.id);
    Ok(asked.page(all.map(|n| json(world, n)).collect()))
}

fn add(world: &mut World, asked: &Asked, _: i64) -> Answer {
    world.account_of(asked)?;
    let code = digits(asked.text("cc").or(asked.text("country_code")).unwrap_or_default());
    let given = digits(asked.need("phone_number")?);
    let name = at_most(asked.need("verified_name")?, "verified_name", 75)?.to_owned();
    let whole = if given.starts_with(&code) { given.clone() } else { format!("{code}{given}") };
    if !(7..=15).contains(&whole.len()) {
        return Err(Refusal::new(100, "Param phone_number must be a number in E.164 without the +"));
    }
    if world.numbers.iter().any(|n| digits(&n.display) == whole) {
        return Err(Refusal::new(100, "This phone number is already registered with WhatsApp Business"));
    }
    let free = |n: &u64| world.number(&n.to_string()).is_none();
    let id = (100_000_000_000_001..).find(free).unwrap_or_default().to_string();
    let like = BusinessNumber::default();
    world.add_number(BusinessNumber {
        id: id.clone(),
        waba: asked.id.clone(),
        display: format!("+{whole}"),
        verified_name: name,
        quality: "UNKNOWN".into(),
        messaging_limit: "TIER_250".into(),
        ..like
    });
    world.management.numbers.push(NumberState::added());
    Ok(json!({ "id": id }))
}

fn request_code(world: &mut World, asked: &Asked, _: i64) -> Answer {
    let number = world.number_of(asked)?;
    if !["SMS", "VOICE"].contains(&asked.need("code_method")?) {
        return Err(Refusal::new(100, "Param code_method must be one of {SMS, VOICE}"));
    }
    asked.need("language")?;
    let dice = world.dice;
    let state = &mut world.management.numbers[number];
    if state.verified {
        return Err(Refusal::new(136_024, "This phone number is verified already"));
    }
    state.codes_made += 1;
    state.code = Some(format!("{:06}", dice.draw("code", &asked.id, state.codes_made) % 1_000_000));
    Ok(success())
}

fn verify_code(world: &mut World, asked: &Asked, _: i64) -> Answer {
    let number = world.number_of(asked)?;
    let given: String = digits(asked.need("code")?);
    let state = &mut world.management.numbers[number];
    if state.code.as_ref().is_none_or(|code| *code != given) {
        return Err(Refusal::new(136_025, "The code is wrong, or none was requested"));
    }
    (state.verified, state.code) = (true, None);
    Ok(json!({"success": true, "id": asked.id}))
}

/// Counts an attempt; too many lock the number.
fn attempt(state: &mut NumberState, now: i64) -> Result<(), Refusal> {
    state.attempts.retain(|at| now - at < ATTEMPTS_WITHIN_MS);
    if state.attempts.len() >= ATTEMPTS {
        return Err(Refusal::new(133_016, "Too many registrations and deregistrations within 72 hours"));
    }
    state.attempts.push(now);
    Ok(())
}

fn pin(text: &str) -> Result<&str, Refusal> {
    match text.len() == 6 && text.bytes().all(|b| b.is_ascii_digit()) {
        true => Ok(text),
        false => Err(Refusal::new(100, "Param pin must be 6 digits")),
    }
}

fn register(world: &mut World, asked: &Asked, now: i64) -> Answer {
    let number = world.number_of(asked)?;
    asked.for_whatsapp()?;
    let pin = pin(asked.need("pin")?)?;
    let state = &mut world.management.numbers[number];
    attempt(state, now)?;
    if !state.verified {
        return Err(Refusal::new(133_006, "Verify the phone number before registering it"));
    }
    if state.pin.as_ref().is_some_and(|set| set != pin) {
        return Err(Refusal::new(133_005, "The PIN is not the one that was set"));
    }
    if let Some(region) = asked.text("data_localization_region") {
        state.settings.insert(
            "storage_configuration".into(),
            json!({"status": "IN_COUNTRY_STORAGE_ENABLED", "data_localization_region": region}),
        );
    }
    state.pin = Some(pin.to_owned());
    state.key_is_stale = state.public_key.is_some();
    (state.registered, state.was_registered) = (true, true);
    Ok(success())
}

fn deregister(world: &mut World, asked: &Asked, now: i64) -> Answer {
    let number = world.number_of(asked)?;
    let state = &mut world.management.numbers[number];
    if !state.registered {
        return Err(Refusal::new(133_010, "This phone number is not registered"));
    }
    attempt(state, now)?;
    state.registered = false;
    Ok(success())
}

/// `POST /{phone_number_id}`: display name, PIN, search, callback.
pub(super) fn change(world: &mut World, number: usize, asked: &Asked) -> Answer {
    let name = asked.text("new_display_name").map(|n| at_most(n, "new_display_name", 75)).transpose()?;
    let set_pin = asked.text("pin").map(pin).transpose()?;
    let seen = asked.text("search_visibility");
    let callback = asked.given.get("webhook_configuration");
    if name.or(set_pin).or(seen).is_none() && callback.is_none() {
        return Err(Refusal::new(
            100,
            "Takes new_display_name, pin, search_visibility or webhook_configuration",
        ));
    }
    if seen.is_some_and(|s| !["VISIBLE", "NON_VISIBLE"].contains(&s)) {
        return Err(Refusal::new(100, "Param search_visibility must be one of {NON_VISIBLE, VISIBLE}"));
    }
    if name.is_some_and(|n| n.chars().count() < 2) {
        return Err(Refusal::new(100, "Param new_display_name must be at least 2 characters long"));
    }
    let state = &mut world.management.numbers[number];
    for (field, given) in
        [(&mut state.new_name, name), (&mut state.pin, set_pin), (&mut state.search_visibility, seen)]
    {
        if let Some(given) = given {
            *field = Some(given.to_owned());
        }
    }
    if let Some(callback) = callback {
        let url = callback["override_callback_uri"].as_str().filter(|url| !url.is_empty());
        world.outbox.callbacks.set_number(number, url);
    }
    Ok(success())
}
