//! Accounts and the app: what they are called, who gets their webhooks, and where those go.

use std::sync::Arc;

use axum::{Router, routing::MethodFilter};
use serde_json::{Value, json};

use super::{Answer, Asked, at_most, on, success};
use crate::{refusal::Refusal, running::Running, world::World};

/// The only app there is.
pub(crate) const APP: &str = "300000000000001";
/// The business that owns all accounts.
const BUSINESS: &str = "310000000000001";

/// What was changed of an account.
#[derive(Debug)]
pub(super) struct Account {
    name: String,
    timezone: String,
    pub(super) subscribed: bool,
    pub(super) marketing_elsewhere: bool,
    pub(super) counts_templates: bool,
}

impl Default for Account {
    fn default() -> Self {
        Self {
            name: "Simulated Account".into(),
            timezone: "1".into(),
            subscribed: true,
            marketing_elsewhere: false,
            counts_templates: false,
        }
    }
}

/// The codes of finished embedded sign-ups.
#[derive(Debug, Default)]
pub(super) struct Signups {
    made: u64,
    unused: Vec<String>,
}

impl Signups {
    pub(super) fn code(&mut self) -> String {
        self.made += 1;
        let code = format!("AQSimulated{:06}", self.made);
        self.unused.push(code.clone());
        code
    }
    /// A code works once.
    fn take(&mut self, code: &str) -> Result<(), Refusal> {
        let known = self.unused.iter().position(|c| c == code);
        let used = || {
            Refusal::new(100, "This authorization code is not one, or has been used.").with_subcode(36_009)
        };
        self.unused.remove(known.ok_or_else(used)?);
        Ok(())
    }
}

pub(super) fn routes() -> Router<Arc<Running>> {
    let apps = on(MethodFilter::GET, subscribed)
        .merge(on(MethodFilter::POST, subscribe))
        .merge(on(MethodFilter::DELETE, unsubscribe));
    let app = on(MethodFilter::GET, subscriptions).merge(on(MethodFilter::POST, set_subscriptions));
    Router::new()
        .route("/{version}/{id}/subscribed_apps", apps)
        .route("/{version}/{id}/subscriptions", app)
        .route("/{version}/oauth/access_token", on(MethodFilter::GET, app_token))
        .route("/{version}/{id}/owned_whatsapp_business_accounts", on(MethodFilter::GET, owned))
        .route("/{version}/{id}/client_whatsapp_business_accounts", on(MethodFilter::GET, shared))
}

impl World {
    pub(crate) fn has_account(&self, id: &str) -> bool {
        self.numbers.iter().any(|n| n.waba == id)
    }
    /// The account of the path must be there.
    pub(crate) fn account_of(&self, asked: &Asked) -> Result<(), Refusal> {
        if self.has_account(&asked.id) { Ok(()) } else { Err(Refusal::no_object(&asked.id)) }
    }
    /// The number of the path.
    pub(super) fn number_of(&self, asked: &Asked) -> Result<usize, Refusal> {
        self.number(&asked.id).ok_or_else(|| Refusal::no_object(&asked.id))
    }
    fn account(&mut self, id: &str) -> &mut Account {
        self.management.accounts.entry(id.to_owned()).or_default()
    }
}

pub(super) fn link() -> String {
    format!("https://www.facebook.com/games/?app_id={APP}")
}

/// An account as the API tells it.
pub(super) fn json(world: &World, id: &str) -> Value {
    let first = Account::default();
    let account = world.management.accounts.get(id).unwrap_or(&first);
    json!({
        "id": id, "name": account.name, "timezone_id": account.timezone, "currency": "USD", "country": "ZA",
        "message_template_namespace": "simulated", "status": "ACTIVE", "ownership_type": "SELF",
        "account_review_status": "APPROVED", "business_verification_status": "verified",
        "owner_business_info": {"id": BUSINESS, "name": "Simulated Business"},
        "disable_marketing_messages_on_cloud_api": account.marketing_elsewhere,
        "is_enabled_for_insights": account.counts_templates,
        "subscribed_apps": {"data": apps(world, id)},
    })
}

/// `POST /{waba_id}`: name, time zone, and where marketing is sent.
pub(super) fn change(world: &mut World, asked: &Asked) -> Answer {
    let name = asked.text("name").map(|name| at_most(name, "name", 100)).transpose()?;
    let timezone = asked.text("timezone_id");
    let elsewhere = asked.flag("disable_marketing_messages_on_cloud_api")?;
    match asked.flag("is_enabled_for_insights")? {
        Some(true) => {
            world.account(&asked.id).counts_templates = true;
            return Ok(json!({ "id": asked.id }));
        }
        Some(false) => return Err(Refusal::new(200_006, "Template insights cannot be disabled")),
        None => {}
    }
    if name.or(timezone).is_none() && elsewhere.is_none() {
        return Err(Refusal::new(100, "Takes name, timezone_id or disable_marketing_messages_on_cloud_api"));
    }
    if name == Some("") || timezone.is_some_and(|t| t.parse::<u16>().is_err()) {
        return Err(Refusal::new(100, "Param name must not be empty, timezone_id is a number"));
    }
    let account = world.account(&asked.id);
    account.name = name.unwrap_or(&account.name).to_owned();
    account.timezone = timezone.unwrap_or(&account.timezone).to_owned();
    account.marketing_elsewhere = elsewhere.unwrap_or(account.marketing_elsewhere);
    Ok(success())
}

fn apps(world: &World, waba: &str) -> Vec<Value> {
    if !world.management.subscribed(waba) {
        return Vec::new();
    }
    let mut app = json!({"whatsapp_business_api_data": {"id": APP, "name": "Simulated App", "link": link()}});
    if let Some(url) = world.outbox.callbacks.of_account(waba) {
        app["override_callback_uri"] = url.into();
    }
    vec![app]
}

fn subscribed(world: &mut World, asked: &Asked, _: i64) -> Answer {
    world.account_of(asked)?;
    Ok(json!({"data": apps(world, &asked.id)}))
}

/// Subscribes the app; without a callback, an earlier one is forgotten.
fn subscribe(world: &mut World, asked: &Asked, _: i64) -> Answer {
    world.account_of(asked)?;
    let url = asked.text("override_callback_uri").filter(|url| !url.is_empty());
    world.outbox.callbacks.set_account(&asked.id, url);
    world.account(&asked.id).subscribed = true;
    let mut answer = success();
    if url.is_some() {
        answer["data"] = apps(world, &asked.id).into();
    }
    Ok(answer)
}

fn unsubscribe(world: &mut World, asked: &Asked, _: i64) -> Answer {
    world.account_of(asked)?;
    world.outbox.callbacks.set_account(&asked.id, None);
    world.account(&asked.id).subscribed = false;
    Ok(success())
}

fn app_secret_token(world: &World) -> String {
    const LETTERS: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789";
    format!("{APP}|{}", world.dice.text("app token", APP, 0, LETTERS, 27))
}

/// Trades the app's secret for a token of the app, or with a code of embedded sign-up for one of the customer.
fn app_token(world: &mut World, asked: &Asked, _: i64) -> Answer {
    if asked.need("client_id")? != APP || asked.need("client_secret")? != world.outbox.options.app_secret {
        return Err(Refusal::new(101, "Error validating client secret."));
    }
    if let Some(code) = asked.text("code") {
        world.management.signups.take(code)?;
        // There is one token for everything here.
        return Ok(json!({"access_token": asked.token, "token_type": "bearer"}));
    }
    if asked.need("grant_type")? != "client_credentials" {
        return Err(Refusal::new(100, "Param grant_type must be one of {client_credentials}"));
    }
    Ok(json!({"access_token": app_secret_token(world), "token_type": "bearer"}))
}

fn of_app(world: &World, asked: &Asked) -> Result<(), Refusal> {
    if asked.id != APP {
        return Err(Refusal::no_object(&asked.id));
    }
    match asked.need("access_token")? == app_secret_token(world) {
        true => Ok(()),
        false => Err(Refusal::new(190, "Subscriptions take the token of the app itself")),
    }
}

fn subscriptions(world: &mut World, asked: &Asked, _: i64) -> Answer {
    of_app(world, asked)?;
    let Some(fields) = &world.outbox.fields else { return Ok(json!({"data": []})) };
    let fields: Vec<Value> = fields.iter().map(|f| json!({"name": f, "version": "v25.0"})).collect();
    let url = &world.outbox.options.url;
    Ok(
        json!({"data": [{"object": "whatsapp_business_account", "callback_url": url, "active": true, "fields": fields}]}),
    )
}

/// Where webhooks go from now on, and which fields they have.
fn set_subscriptions(world: &mut World, asked: &Asked, _: i64) -> Answer {
    of_app(world, asked)?;
    if asked.need("object")? != "whatsapp_business_account" {
        return Err(Refusal::new(100, "Param object must be one of {whatsapp_business_account}"));
    }
    let url = asked.need("callback_url")?.to_owned();
    let fields = asked.need("fields")?.split(',').map(|f| f.trim().to_owned()).collect();
    world.outbox.options.verify_token = asked.need("verify_token")?.to_owned();
    world.outbox.options.url = Some(url);
    world.outbox.fields = Some(fields);
    Ok(success())
}

fn owned(world: &mut World, asked: &Asked, _: i64) -> Answer {
    if asked.id != BUSINESS {
        return Err(Refusal::no_object(&asked.id));
    }
    let mut ids: Vec<&str> = world.numbers.iter().map(|n| n.waba.as_str()).collect();
    ids.sort_unstable();
    ids.dedup();
    Ok(asked.page(ids.into_iter().map(|id| json(world, id)).collect()))
}

/// No other business shares its accounts with this one.
fn shared(_: &mut World, asked: &Asked, _: i64) -> Answer {
    if asked.id != BUSINESS {
        return Err(Refusal::no_object(&asked.id));
    }
    Ok(asked.page(Vec::new()))
}
