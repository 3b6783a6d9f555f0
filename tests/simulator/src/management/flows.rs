//! Flows: forms that people fill in inside WhatsApp. A draft may change; a published one may only be deprecated.

use std::{collections::HashSet, sync::Arc};

use axum::{Router, routing::MethodFilter};
use serde_json::{Value, json};

use super::{APP, Answer, Asked, accounts, on, success};
use crate::{ledger::moment, refusal::Refusal, running::Running, world::World};

const CATEGORIES: [&str; 8] = [
    "SIGN_UP",
    "SIGN_IN",
    "APPOINTMENT_BOOKING",
    "LEAD_GENERATION",
    "CONTACT_US",
    "CUSTOMER_SUPPORT",
    "SURVEY",
    "OTHER",
];

/// All flows of all accounts.
#[derive(Debug, Default)]
pub(super) struct Flows {
    all: Vec<Flow>,
    made: u64,
}

#[derive(Debug, Clone)]
pub(super) struct Flow {
    id: String,
    waba: String,
    name: String,
    categories: Vec<Value>,
    /// `DRAFT`, `PUBLISHED` or `DEPRECATED`.
    status: &'static str,
    endpoint: Option<String>,
    application: String,
    /// The last file that was uploaded, right or wrong.
    file: Option<String>,
    updated_at: i64,
}

impl Flow {
    /// Where its data comes from, while it can be opened.
    pub(super) fn endpoint(&self) -> Option<&str> {
        self.endpoint.as_deref().filter(|_| self.status != "DEPRECATED")
    }
}

impl Flows {
    pub(super) fn find(&mut self, id: &str) -> Option<&mut Flow> {
        self.all.iter_mut().find(|f| f.id == id)
    }
}

pub(super) fn routes() -> Router<Arc<Running>> {
    Router::new()
        .route("/{version}/{id}/flows", on(MethodFilter::GET, list).merge(on(MethodFilter::POST, create)))
        .route("/{version}/{id}/assets", on(MethodFilter::GET, assets).merge(on(MethodFilter::POST, upload)))
        .route("/{version}/{id}/publish", on(MethodFilter::POST, publish))
        .route("/{version}/{id}/deprecate", on(MethodFilter::POST, deprecate))
        .route("/{version}/{id}/migrate_flows", on(MethodFilter::POST, migrate))
}

fn flow<'a>(world: &'a mut World, asked: &Asked) -> Result<&'a mut Flow, Refusal> {
    world.management.flows.find(&asked.id).ok_or_else(|| Refusal::no_object(&asked.id))
}

fn json(world: &World, asked: &Asked, flow: &Flow, now: i64) -> Value {
    let errors = flow.file.as_deref().map(errors).unwrap_or_default();
    let version = |key: &str| serde_json::from_str::<Value>(flow.file.as_deref()?).ok()?.get(key).cloned();
    let day = moment(now + 24 * 3_600_000).format("%Y-%m-%dT%H:%M:%S+0000").to_string();
    let mut shown = json!({
        "id": flow.id, "name": flow.name, "status": flow.status, "categories": flow.categories,
        "validation_errors": errors,
        "json_version": version("version"), "data_api_version": version("data_api_version"),
        "endpoint_uri": flow.endpoint, "data_channel_uri": flow.endpoint,
        "updated_at": moment(flow.updated_at).format("%Y-%m-%dT%H:%M:%S+0000").to_string(),
        "whatsapp_business_account": accounts::json(world, &flow.waba),
        "application": {"id": flow.application, "name": "Simulated App", "link": accounts::link()},
    });
    if flow.file.is_some() {
        let url = format!("{}/_files/{}", asked.base_url, file_name(&flow.id));
        shown["preview"] = json!({"preview_url": url, "expires_at": day});
    }
    shown
}

fn file_name(id: &str) -> String {
    format!("flow-{id}.json")
}

/// What is wrong with a flow's file: it must be JSON with a version and with screens that are told apart.
fn errors(file: &str) -> Vec<Value> {
    let wrong = |error: &str, message: String, line: usize, column: usize| {
        vec![json!({"error": error, "error_type": "FLOW_JSON_ERROR", "message": message,
            "line_start": line, "line_end": line, "column_start": column, "column_end": column, "pointers": []})]
    };
    let json: Value = match serde_json::from_str(file) {
        Ok(json) => json,
        Err(e) => return wrong("INVALID_JSON", format!("The file is not JSON: {e}"), e.line(), e.column()),
    };
    if !json["version"].is_string() {
        return wrong("MISSING_REQUIRED_PROPERTY", "The property version is missing".into(), 1, 1);
    }
    let screens = json["screens"].as_array().map(Vec::as_slice).unwrap_or_default();
    let ids: HashSet<&str> = screens.iter().filter_map(|s| s["id"].as_str()).collect();
    if screens.is_empty() || ids.len() != screens.len() {
        let said = "The property screens takes at least one, each with an id of its own".into();
        return wrong("INVALID_PROPERTY_VALUE", said, 1, 1);
    }
    match screens.iter().find(|s| !s["layout"].is_object()) {
        Some(screen) => {
            wrong("MISSING_REQUIRED_PROPERTY", format!("The screen {} has no layout", screen["id"]), 1, 1)
        }
        None => Vec::new(),
    }
}

fn categories(asked: &Asked) -> Result<Option<Vec<Value>>, Refusal> {
    let given = asked.list("categories")?;
    let known = |c: &Value| c.as_str().is_some_and(|c| CATEGORIES.contains(&c));
    if given.as_ref().is_some_and(|all| all.is_empty() || !all.iter().all(known)) {
        return Err(Refusal::new(100, format!("Param categories takes one or more of {CATEGORIES:?}")));
    }
    Ok(given)
}

/// A name that no other flow of the account has.
fn free_name(flows: &Flows, waba: &str, name: &str, own: &str) -> Result<(), Refusal> {
    match flows.all.iter().any(|f| f.waba == waba && f.name == name && f.id != own) {
        true => Err(Refusal::new(100, "Another flow of this account has this name").with_subcode(4_016_019)),
        false => Ok(()),
    }
}

fn list(world: &mut World, asked: &Asked, now: i64) -> Answer {
    world.account_of(asked)?;
    let own = world.management.flows.all.iter().filter(|f| f.waba == asked.id);
    Ok(asked.page(own.map(|f| json(world, asked, f, now)).collect()))
}

fn create(world: &mut World, asked: &Asked, now: i64) -> Answer {
    world.account_of(asked)?;
    let name = asked.need("name")?.to_owned();
    let categories = categories(asked)?.ok_or_else(|| super::required("categories"))?;
    free_name(&world.management.flows, &asked.id, &name, "")?;
    let cloned = match asked.text("clone_flow_id") {
        None => None,
        Some(id) => world.management.flows.find(id).ok_or_else(|| Refusal::no_object(id))?.file.clone(),
    };
    let flows = &mut world.management.flows;
    let mut flow = Flow {
        id: (510_000_000_000_001 + flows.made).to_string(),
        waba: asked.id.clone(),
        name,
        categories,
        status: "DRAFT",
        endpoint: asked.text("endpoint_uri").map(str::to_owned),
        application: APP.to_owned(),
        file: asked.text("flow_json").map(str::to_owned).or(cloned),
        updated_at: now,
    };
    let errors = flow.file.as_deref().map(errors).unwrap_or_default();
    let mut answer = json!({"id": flow.id, "success": errors.is_empty(), "validation_errors": errors});
    if asked.flag("publish")? == Some(true) {
        publishable(&flow)?;
        flow.status = "PUBLISHED";
    } else if flow.file.is_none()
        && let Some(map) = answer.as_object_mut()
    {
        map.retain(|key, _| key == "id");
    }
    flows.made += 1;
    keep_file(world, &flow);
    world.management.flows.all.push(flow);
    Ok(answer)
}

fn keep_file(world: &mut World, flow: &Flow) {
    if let Some(file) = &flow.file {
        let kept = ("application/json".to_owned(), file.clone().into());
        world.management.files.insert(file_name(&flow.id), kept);
    }
}

pub(super) fn look(world: &World, asked: &Asked, now: i64) -> Option<Answer> {
    let flow = world.management.flows.all.iter().find(|f| f.id == asked.id)?;
    Some(Ok(asked.pick(json(world, asked, flow, now))))
}

/// `POST /{flow_id}`: name, categories, endpoint, application.
pub(super) fn change(world: &mut World, asked: &Asked, now: i64) -> Option<Answer> {
    let at = world.management.flows.all.iter().position(|f| f.id == asked.id)?;
    let changed = categories(asked).and_then(|categories| {
        let flows = &mut world.management.flows;
        if let Some(name) = asked.text("name") {
            free_name(flows, &flows.all[at].waba, name, &asked.id)?;
        }
        let flow = &mut flows.all[at];
        if flow.status != "DRAFT" && (categories.is_some() || asked.text("name").is_some()) {
            return Err(Refusal::new(139_001, "A published flow cannot be changed"));
        }
        if let Some(name) = asked.text("name") {
            name.clone_into(&mut flow.name);
        }
        flow.categories = categories.unwrap_or_else(|| std::mem::take(&mut flow.categories));
        flow.endpoint = asked.text("endpoint_uri").map(str::to_owned).or_else(|| flow.endpoint.take());
        if let Some(id) = asked.given.get("application_id") {
            flow.application = id.as_str().map_or_else(|| id.to_string(), str::to_owned);
        }
        flow.updated_at = now;
        Ok(success())
    });
    Some(changed)
}

pub(super) fn remove(world: &mut World, asked: &Asked) -> Option<Answer> {
    let flows = &mut world.management.flows;
    let at = flows.all.iter().position(|f| f.id == asked.id)?;
    if flows.all[at].status != "DRAFT" {
        return Some(Err(Refusal::new(139_004, "Only a draft can be deleted")));
    }
    flows.all.remove(at);
    world.management.files.remove(&file_name(&asked.id));
    Some(Ok(success()))
}

fn assets(world: &mut World, asked: &Asked, _: i64) -> Answer {
    let has_file = flow(world, asked)?.file.is_some();
    let url = format!("{}/_files/{}", asked.base_url, file_name(&asked.id));
    let file = json!({"name": "flow.json", "asset_type": "FLOW_JSON", "download_url": url});
    Ok(asked.page(has_file.then_some(file).into_iter().collect()))
}

fn upload(world: &mut World, asked: &Asked, now: i64) -> Answer {
    if asked.need("asset_type")? != "FLOW_JSON" || asked.need("name")? != "flow.json" {
        return Err(Refusal::new(100, "Takes the asset_type FLOW_JSON with the name flow.json"));
    }
    let flow = flow(world, asked)?;
    if flow.status != "DRAFT" {
        return Err(Refusal::new(139_001, "A published flow cannot be changed"));
    }
    let file = String::from_utf8(asked.file.to_vec()).map_err(|_| Refusal::new(139_001, "Not UTF-8"))?;
    let errors = errors(&file);
    flow.file = Some(file);
    flow.updated_at = now;
    let flow = flow.clone();
    keep_file(world, &flow);
    Ok(json!({"success": true, "validation_errors": errors}))
}

fn publishable(flow: &Flow) -> Result<(), Refusal> {
    let refuse = |why: &str| Err(Refusal::new(139_002, why));
    match &flow.file {
        _ if flow.status != "DRAFT" => refuse("Only a draft can be published"),
        None => refuse("The flow has no JSON"),
        Some(file) if !errors(file).is_empty() => refuse("The flow's JSON has errors"),
        Some(file) if file.contains("\"data_api_version\"") && flow.endpoint.is_none() => {
            refuse("A flow that exchanges data needs an endpoint_uri")
        }
        Some(_) => Ok(()),
    }
}

fn publish(world: &mut World, asked: &Asked, now: i64) -> Answer {
    let flow = flow(world, asked)?;
    publishable(flow)?;
    (flow.status, flow.updated_at) = ("PUBLISHED", now);
    Ok(success())
}

fn deprecate(world: &mut World, asked: &Asked, now: i64) -> Answer {
    let flow = flow(world, asked)?;
    if flow.status != "PUBLISHED" {
        return Err(Refusal::new(139_003, "Only a published flow can be deprecated"));
    }
    (flow.status, flow.updated_at) = ("DEPRECATED", now);
    Ok(success())
}

/// Copies flows of another account as drafts: those that are named, or all.
fn migrate(world: &mut World, asked: &Asked, now: i64) -> Answer {
    world.account_of(asked)?;
    let from = asked.need("source_waba_id")?.to_owned();
    let all = || {
        let of_source = world.management.flows.all.iter().filter(|f| f.waba == from);
        of_source.map(|f| f.name.clone()).collect()
    };
    // Meta's form spells a list out; some clients name one after the other, with commas between.
    let names: Vec<String> = match (asked.list("source_flow_names"), asked.text("source_flow_names")) {
        (Ok(Some(list)), _) => list.iter().filter_map(|n| n.as_str().map(str::to_owned)).collect(),
        (_, Some(text)) if !text.is_empty() => text.split(',').map(|n| n.trim().to_owned()).collect(),
        _ => all(),
    };
    if !world.has_account(&from) {
        return Err(Refusal::no_object(&from));
    }
    let (mut done, mut failed) = (Vec::new(), Vec::new());
    for name in names {
        let flows = &mut world.management.flows;
        let found = flows.all.iter().find(|f| f.waba == from && f.name == name).cloned();
        let free = free_name(flows, &asked.id, &name, "").is_ok();
        let (Some(source), true) = (found, free) else {
            failed.push(json!({"source_name": name, "error_code": 4_233_041,
                "error_message": "There is no such flow, or its name is taken here"}));
            continue;
        };
        flows.made += 1;
        let id = (510_000_000_000_000 + flows.made).to_string();
        done.push(json!({"source_name": name, "source_id": source.id, "migrated_id": id}));
        let copy = Flow { id, waba: asked.id.clone(), status: "DRAFT", updated_at: now, ..source };
        keep_file(world, &copy);
        world.management.flows.all.push(copy);
    }
    Ok(json!({"migrated_flows": done, "failed_flows": failed}))
}
