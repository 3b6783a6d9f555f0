//! Nodes: numbers, accounts, media, templates and history, as the Graph API looks them up and changes them.

use std::sync::Arc;

use axum::{
    Router,
    body::Bytes,
    extract::{ConnectInfo, Path, Query, State},
    http::HeaderMap,
    response::{IntoResponse, Response},
    routing::get,
};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    connection::Ending,
    faults::Target,
    graph::{App, Reply, authorise, check_version, guard, json_reply},
    refusal::Refusal,
    running::Running,
    striking,
    world::World,
};

pub(crate) fn routes() -> Router<Arc<Running>> {
    Router::new()
        .route("/{version}/{id}/message_history", get(history))
        .route(
            "/{version}/{id}/message_templates",
            get(templates).post(create_template).delete(delete_template),
        )
        .route("/{version}/{id}/phone_numbers", get(phone_numbers))
        .route("/{version}/{id}/subscribed_apps", get(subscribed).post(success))
        .route("/{version}/{id}", get(node).post(edit_template).delete(delete_node))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Wish {
    fields: Option<String>,
    name: Option<String>,
    hsm_id: Option<String>,
    message_id: Option<String>,
    limit: Option<usize>,
    after: Option<String>,
    status: Option<String>,
}

/// Only the fields that were asked for, and the id.
fn pick(mut object: Value, fields: Option<&str>) -> Value {
    if let (Some(fields), Some(map)) = (fields, object.as_object_mut()) {
        let wanted: Vec<&str> =
            fields.split(',').map(|f| f.split(['{', '.']).next().unwrap_or_default().trim()).collect();
        map.retain(|key, _| key == "id" || wanted.contains(&key.as_str()));
    }
    object
}

fn number_json(world: &World, number: usize) -> Value {
    let n = &world.numbers[number];
    json!({
        "id": n.id,
        "display_phone_number": n.display,
        "verified_name": n.verified_name,
        "quality_rating": n.quality,
        "code_verification_status": "VERIFIED",
        "name_status": "APPROVED",
        "status": "CONNECTED",
        "platform_type": "CLOUD_API",
        "account_mode": "SANDBOX",
        "throughput": {"level": if n.mps == 0 || n.mps >= 1_000 { "HIGH" } else { "STANDARD" }},
        "whatsapp_business_manager_messaging_limit": n.messaging_limit,
    })
}

async fn node(
    State(running): App,
    Path((version, id)): Path<(String, String)>,
    Query(wish): Query<Wish>,
    ConnectInfo(ending): ConnectInfo<Ending>,
    headers: HeaderMap,
) -> Response {
    let target = if running.world().media.get(&id).is_some() { Target::Media } else { Target::Other };
    let strike = match guard(&running, &headers, (&version, &id), target, &ending).await {
        Ok(strike) => strike,
        Err(response) => return response,
    };
    let fields = wish.fields.as_deref();
    let found = running.change(|world, now| {
        if let Some(number) = world.number(&id) {
            return Ok(pick(number_json(world, number), fields));
        }
        if let Some(media) = world.media.describe(&id, &running.base_url, now) {
            return Ok(media);
        }
        if let Some(template) = world.templates.by_id(&id) {
            return Ok(pick(template.json(), fields));
        }
        if world.numbers.iter().any(|n| n.waba == id) {
            let account = json!({"id": id, "name": "Simulated Account", "timezone_id": "1", "message_template_namespace": "simulated"});
            return Ok(pick(account, fields));
        }
        Err(Refusal::no_object(&id))
    });
    let answer = found.map(|json| json_reply(json.to_string())).into_response();
    striking::after(&running, strike, answer, &ending, &format!("{}/{version}/{id}", running.base_url)).await
}

async fn delete_node(
    State(running): App,
    Path((version, id)): Path<(String, String)>,
    headers: HeaderMap,
) -> Reply {
    check_version(&version)?;
    authorise(&running, &headers)?;
    match running.world().media.remove(&id) {
        true => Ok(json_reply(r#"{"success":true}"#)),
        false => Err(Refusal::no_object(&id)),
    }
}

/// Answers `success` where a change has nothing to change here.
async fn success(
    State(running): App,
    Path((version, _)): Path<(String, String)>,
    headers: HeaderMap,
) -> Reply {
    check_version(&version)?;
    authorise(&running, &headers)?;
    Ok(json_reply(r#"{"success":true}"#))
}

async fn subscribed(
    State(running): App,
    Path((version, _)): Path<(String, String)>,
    headers: HeaderMap,
) -> Reply {
    check_version(&version)?;
    authorise(&running, &headers)?;
    let app = json!({"whatsapp_business_api_data": {"id": "300000000000001", "name": "Simulated App"}});
    Ok(json_reply(json!({"data": [app]}).to_string()))
}

async fn phone_numbers(
    State(running): App,
    Path((version, id)): Path<(String, String)>,
    Query(wish): Query<Wish>,
    headers: HeaderMap,
) -> Reply {
    check_version(&version)?;
    authorise(&running, &headers)?;
    let world = running.world();
    let all = (0..world.numbers.len()).filter(|i| world.numbers[*i].waba == id);
    let data: Vec<Value> = all.map(|i| pick(number_json(&world, i), wish.fields.as_deref())).collect();
    if data.is_empty() {
        Err(Refusal::no_object(&id))
    } else {
        Ok(json_reply(json!({ "data": data }).to_string()))
    }
}

async fn templates(
    State(running): App,
    Path((version, id)): Path<(String, String)>,
    Query(wish): Query<Wish>,
    ConnectInfo(ending): ConnectInfo<Ending>,
    headers: HeaderMap,
) -> Response {
    let strike = match guard(&running, &headers, (&version, &id), Target::Templates, &ending).await {
        Ok(strike) => strike,
        Err(response) => return response,
    };
    let from: usize = wish.after.as_deref().and_then(|a| a.parse().ok()).unwrap_or(0);
    let limit = wish.limit.unwrap_or(25).clamp(1, 1_000);
    let here = format!("{}/{version}/{id}/message_templates", running.base_url);
    let answer = {
        let world = running.world();
        let matching = world
            .templates
            .of(&id)
            .filter(|t| wish.name.as_deref().is_none_or(|n| t.name == n))
            .filter(|t| wish.status.as_deref().is_none_or(|s| t.status == s));
        let all: Vec<Value> = matching.map(|t| pick(t.json(), wish.fields.as_deref())).collect();
        let page: Vec<&Value> = all.iter().skip(from).take(limit).collect();
        let mut body = json!({"data": page, "paging": {"cursors": {"before": from.to_string(), "after": (from + page.len()).to_string()}}});
        if from + page.len() < all.len() {
            body["paging"]["next"] = format!("{here}?limit={limit}&after={}", from + page.len()).into();
        }
        json_reply(body.to_string())
    };
    striking::after(&running, strike, answer, &ending, &here).await
}

fn parse(body: &[u8]) -> Result<Value, Refusal> {
    serde_json::from_slice(body).map_err(|_| Refusal::new(100, "The request body is not valid JSON"))
}

async fn create_template(
    State(running): App,
    Path((version, id)): Path<(String, String)>,
    ConnectInfo(ending): ConnectInfo<Ending>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let strike = match guard(&running, &headers, (&version, &id), Target::Templates, &ending).await {
        Ok(strike) => strike,
        Err(response) => return response,
    };
    let created = running.change(|world, _| {
        if !world.numbers.iter().any(|n| n.waba == id) {
            return Err(Refusal::no_object(&id));
        }
        let mut wish = parse(&body)?;
        // What a business asks for is never its own approval.
        wish["status"] = Value::Null;
        world.templates.create(&id, &wish)
    });
    let answer = created
        .map(|t| json_reply(json!({"id": t.id, "status": t.status, "category": t.category}).to_string()))
        .into_response();
    striking::after(
        &running,
        strike,
        answer,
        &ending,
        &format!("{}/{version}/{id}/message_templates", running.base_url),
    )
    .await
}

async fn edit_template(
    State(running): App,
    Path((version, id)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Reply {
    check_version(&version)?;
    authorise(&running, &headers)?;
    let wish = parse(&body)?;
    let changed = running.world().templates.change(
        |t| t.id == id,
        |t| {
            if wish["components"].is_array() {
                t.components = wish["components"].clone();
            }
            if let Some(category) = wish["category"].as_str() {
                t.category = category.to_ascii_uppercase();
            }
        },
    );
    if changed.is_empty() { Err(Refusal::no_object(&id)) } else { Ok(json_reply(r#"{"success":true}"#)) }
}

async fn delete_template(
    State(running): App,
    Path((version, id)): Path<(String, String)>,
    Query(wish): Query<Wish>,
    headers: HeaderMap,
) -> Reply {
    check_version(&version)?;
    authorise(&running, &headers)?;
    let name = wish.name.ok_or_else(|| Refusal::new(100, "The parameter name is required."))?;
    let removed = running
        .world()
        .templates
        .remove(|t| t.waba == id && t.name == name && wish.hsm_id.as_deref().is_none_or(|hsm| t.id == hsm));
    if removed == 0 {
        Err(Refusal::new(100, "Message template not found"))
    } else {
        Ok(json_reply(r#"{"success":true}"#))
    }
}

async fn history(
    State(running): App,
    Path((version, id)): Path<(String, String)>,
    Query(wish): Query<Wish>,
    ConnectInfo(ending): ConnectInfo<Ending>,
    headers: HeaderMap,
) -> Response {
    let strike = match guard(&running, &headers, (&version, &id), Target::Other, &ending).await {
        Ok(strike) => strike,
        Err(response) => return response,
    };
    let here = format!("{}/{version}/{id}/message_history", running.base_url);
    let answer = {
        let world = running.world();
        world.number(&id).ok_or_else(|| Refusal::no_object(&id)).map(|number| {
            let body = world.history(
                number,
                wish.message_id.as_deref(),
                wish.after.as_deref(),
                wish.limit.unwrap_or(25).clamp(1, 100),
                &here,
            );
            json_reply(body.to_string())
        })
    };
    striking::after(&running, strike, answer.into_response(), &ending, &here).await
}
