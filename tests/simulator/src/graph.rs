//! The Graph API: the addresses a business calls.

use std::sync::Arc;

use axum::{
    Router,
    body::Bytes,
    extract::{ConnectInfo, DefaultBodyLimit, Multipart, Path, Query, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    connection::Ending,
    faults::{Facts, Target},
    outbound::{Outbound, Recipient, Request},
    people::Line,
    refusal::Refusal,
    running::Running,
    striking::{self, Strike},
    world::World,
};

type App = State<Arc<Running>>;
type Reply = Result<Response, Refusal>;

pub(crate) fn routes() -> Router<Arc<Running>> {
    Router::new()
        .route("/{version}/{id}/messages", post(messages))
        .route("/{version}/{id}/marketing_messages", post(messages))
        .route("/{version}/{id}/media", post(upload))
        .route("/{version}/{id}/message_history", get(history))
        .route("/{version}/{id}/message_templates", get(templates).post(create_template).delete(delete_template))
        .route("/{version}/{id}/phone_numbers", get(phone_numbers))
        .route("/{version}/{id}/subscribed_apps", get(subscribed).post(success))
        .route("/{version}/{id}", get(node).post(edit_template).delete(delete_node))
        .route("/_media/{id}", get(download))
        .layer(DefaultBodyLimit::max(101 << 20))
}

/// The bearer token must be ours. One that looks real is refused in words, so that nobody keeps sending it.
fn authorise(running: &Running, headers: &HeaderMap) -> Result<(), Refusal> {
    let token = headers.get(header::AUTHORIZATION).and_then(|v| v.to_str().ok()).and_then(|v| v.strip_prefix("Bearer "));
    match token.map(str::trim) {
        Some(token) if token == running.token => Ok(()),
        Some(token) if looks_real(token) => {
            Err(Refusal::new(190, "This is a simulator. Never send it a real access token; revoke this one."))
        }
        Some(_) => Err(Refusal::new(190, "Invalid OAuth access token - Cannot parse access token")),
        None => Err(Refusal::new(190, "An access token is required to request this resource.")),
    }
}

/// Whether an access token looks like one of Meta's.
pub(crate) fn looks_real(token: &str) -> bool {
    token.get(..3).is_some_and(|start| start.eq_ignore_ascii_case("EAA"))
}

/// `v{N}.{M}`, any.
fn check_version(version: &str) -> Result<(), Refusal> {
    let number = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
    let ok = version.strip_prefix('v').and_then(|v| v.split_once('.')).is_some_and(|(n, m)| number(n) && number(m));
    if ok { Ok(()) } else { Err(Refusal::new(2500, "Unknown path components: the address begins with a version such as v25.0")) }
}

fn json_reply(body: impl Into<String>) -> Response {
    ([(header::CONTENT_TYPE, "application/json; charset=UTF-8")], body.into()).into_response()
}

/// Guards a request: version, token, then the faults that are for it.
async fn guard(running: &Arc<Running>, headers: &HeaderMap, path: (&str, &str), target: Target, ending: &Ending) -> Result<Strike, Response> {
    check_version(path.0).and_then(|()| authorise(running, headers)).map_err(IntoResponse::into_response)?;
    let facts = Facts { target, phone_number_id: path.1, ..Facts::default() };
    let fault = { let mut world = running.world(); let dice = world.dice; world.faults.strike(dice, &facts) };
    striking::before(running, fault, ending).await
}

async fn messages(
    State(running): App,
    Path((version, id)): Path<(String, String)>,
    ConnectInfo(ending): ConnectInfo<Ending>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let request = check_version(&version)
        .and_then(|()| authorise(&running, &headers))
        .and_then(|()| running.world().number(&id).ok_or_else(|| Refusal::no_object(&id)))
        .and_then(|number| Ok((number, Request::parse(&body)?)));
    let here = format!("{}/{version}/{id}/messages", running.base_url);
    match request {
        Err(refusal) => {
            running.world().refused += 1;
            refusal.into_response()
        }
        Ok((number, Request::Send(message))) => {
            let raw = String::from_utf8_lossy(&body);
            send(&running, &ending, (&id, number), &here, *message, &raw).await
        }
        Ok((_, Request::Read { wamid, typing })) => {
            let strike = match guard(&running, &headers, (&version, &id), Target::Read, &ending).await {
                Ok(strike) => strike,
                Err(response) => return response,
            };
            let answer = running.change(|world, _| mark_read(world, &wamid, typing));
            striking::after(&running, strike, answer.into_response(), &ending, &here).await
        }
    }
}

async fn send(running: &Arc<Running>, ending: &Ending, from: (&str, usize), here: &str, message: Outbound, raw: &str) -> Response {
    let (id, number) = from;
    let fault = {
        let mut world = running.world();
        let world = &mut *world;
        let other = match &message.recipient {
            Recipient::Phone { digits, .. } => world.people.find(digits).map(|at| world.people.get(at).user_id.as_str()),
            Recipient::User(user) => world.people.find_user(user).map(|at| world.people.get(at).number.as_str()),
        };
        let given = match &message.recipient {
            Recipient::Phone { digits, .. } => digits.as_str(),
            Recipient::User(user) => user.as_str(),
        };
        let facts = Facts {
            target: Target::Send,
            recipients: [given, other.unwrap_or(given)],
            phone_number_id: id,
            echo: message.echo.as_deref(),
        };
        world.faults.strike(world.dice, &facts)
    };
    let strike = match striking::before(running, fault, ending).await {
        Ok(strike) => strike,
        Err(response) => {
            running.world().refused += 1;
            return response;
        }
    };
    let accepted = running.change(|world, now| {
        let checked = match world.check(now, number, &message) {
            Ok(checked) => checked,
            Err(refusal) => {
                world.refused += 1;
                return Err(refusal);
            }
        };
        let accepted = world.accept(now, checked, message, raw, strike.answer());
        let first = world.outbox.options.echo_first.then(|| world.tell_first(accepted.entry, now)).flatten();
        Ok((accepted, first))
    });
    match accepted {
        Err(refusal) => refusal.into_response(),
        Ok((accepted, first)) => {
            if let Some(delivery) = first {
                running.attempt(&delivery).await;
            }
            striking::after(running, strike, json_reply(accepted.answer), ending, here).await
        }
    }
}

fn mark_read(world: &mut World, wamid: &str, typing: bool) -> Reply {
    // The id holds the user's number, so that nothing has to be searched.
    let found = crate::wamid::user(wamid).and_then(|number| world.people.find(&number));
    let at = found.ok_or_else(|| Refusal::new(131009, "Param message_id is not the id of a received message"))?;
    let mut seen = false;
    for line in world.people.get_mut(at).lines.iter_mut().rev() {
        if let Line::In(incoming) = line {
            // Reading a message reads those before it.
            seen |= incoming.wamid == wamid;
            if seen && incoming.read && incoming.wamid != wamid {
                break;
            }
            if seen {
                incoming.read = true;
                incoming.typing = typing && incoming.wamid == wamid;
            }
        }
    }
    if !seen {
        return Err(Refusal::new(131009, "Param message_id is not the id of a received message"));
    }
    world.people.touch(at);
    Ok(json_reply(r#"{"success":true}"#))
}

async fn upload(
    State(running): App,
    Path((version, id)): Path<(String, String)>,
    ConnectInfo(ending): ConnectInfo<Ending>,
    headers: HeaderMap,
    mut form: Multipart,
) -> Response {
    let strike = match guard(&running, &headers, (&version, &id), Target::Media, &ending).await {
        Ok(strike) => strike,
        Err(response) => return response,
    };
    let (mut file, mut kind, mut product) = (None, None, false);
    while let Ok(Some(field)) = form.next_field().await {
        match field.name() {
            Some("file") => {
                let of_part = field.content_type().map(str::to_owned);
                file = field.bytes().await.ok().map(|bytes| (of_part, bytes));
            }
            Some("type") => kind = field.text().await.ok(),
            Some("messaging_product") => product = field.text().await.is_ok_and(|p| p == "whatsapp"),
            _ => {}
        }
    }
    let stored = running.change(|world, _| {
        let number = world.number(&id).ok_or_else(|| Refusal::no_object(&id))?;
        if !product {
            return Err(Refusal::new(100, "The parameter messaging_product is required."));
        }
        let (of_part, bytes) = file.ok_or_else(|| Refusal::new(100, "The parameter file is required."))?;
        let mime = of_part.or(kind).ok_or_else(|| Refusal::new(100, "The parameter type is required."))?;
        world.media.add(number, &mime, bytes)
    });
    let answer = stored.map(|id| json_reply(json!({ "id": id }).to_string())).into_response();
    striking::after(&running, strike, answer, &ending, &format!("{}/{version}/{id}/media", running.base_url)).await
}

async fn download(State(running): App, Path(id): Path<String>, headers: HeaderMap) -> Reply {
    authorise(&running, &headers)?;
    let now = running.now();
    let medium = running.world().media.get(&id).cloned();
    match medium {
        Some(medium) if medium.url_until > now => Ok(([(header::CONTENT_TYPE, medium.mime)], medium.bytes).into_response()),
        Some(_) => Ok((StatusCode::NOT_FOUND, "URL signature expired").into_response()),
        None => Err(Refusal::no_object(&id)),
    }
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
        let wanted: Vec<&str> = fields.split(',').map(|f| f.split(['{', '.']).next().unwrap_or_default().trim()).collect();
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

async fn delete_node(State(running): App, Path((version, id)): Path<(String, String)>, headers: HeaderMap) -> Reply {
    check_version(&version)?;
    authorise(&running, &headers)?;
    match running.world().media.remove(&id) {
        true => Ok(json_reply(r#"{"success":true}"#)),
        false => Err(Refusal::no_object(&id)),
    }
}

/// Answers `success` where a change has nothing to change here.
async fn success(State(running): App, Path((version, _)): Path<(String, String)>, headers: HeaderMap) -> Reply {
    check_version(&version)?;
    authorise(&running, &headers)?;
    Ok(json_reply(r#"{"success":true}"#))
}

async fn subscribed(State(running): App, Path((version, _)): Path<(String, String)>, headers: HeaderMap) -> Reply {
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
    if data.is_empty() { Err(Refusal::no_object(&id)) } else { Ok(json_reply(json!({ "data": data }).to_string())) }
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
    striking::after(&running, strike, answer, &ending, &format!("{}/{version}/{id}/message_templates", running.base_url)).await
}

async fn edit_template(State(running): App, Path((version, id)): Path<(String, String)>, headers: HeaderMap, body: Bytes) -> Reply {
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
    let removed = running.world().templates.remove(|t| {
        t.waba == id && t.name == name && wish.hsm_id.as_deref().is_none_or(|hsm| t.id == hsm)
    });
    if removed == 0 { Err(Refusal::new(100, "Message template not found")) } else { Ok(json_reply(r#"{"success":true}"#)) }
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
            let body = world.history(number, wish.message_id.as_deref(), wish.after.as_deref(), wish.limit.unwrap_or(25).clamp(1, 100), &here);
            json_reply(body.to_string())
        })
    };
    striking::after(&running, strike, answer.into_response(), &ending, &here).await
}
