//! Control: the page and the JSON addresses under `/_sim/` that tests in any language use.

use std::{sync::Arc, time::Duration};

use axum::{
    Json, Router,
    extract::{Path, Query, Request, State},
    http::{HeaderMap, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

use crate::{
    faults::FaultRule,
    ledger::LedgerQuery,
    management::FlowStep,
    news::NumberChange,
    phones::{PersonChange, PhonesQuery},
    refusal::Refusal,
    running::{self, Running},
    say::SayRequest,
    simulator::{self, digits},
};

type App = State<Arc<Running>>;
type Told = Result<Json<Value>, Complaint>;

/// What a control request did wrong.
#[derive(Debug)]
struct Complaint(String);

impl IntoResponse for Complaint {
    fn into_response(self) -> Response {
        (StatusCode::BAD_REQUEST, Json(json!({"error": self.0}))).into_response()
    }
}
impl From<Refusal> for Complaint {
    fn from(refusal: Refusal) -> Self {
        Self(refusal.details)
    }
}
impl From<conek_core::Error> for Complaint {
    fn from(error: conek_core::Error) -> Self {
        Self(error.to_string())
    }
}
impl From<serde_json::Error> for Complaint {
    fn from(error: serde_json::Error) -> Self {
        Self(error.to_string())
    }
}

pub(crate) fn routes() -> Router<Arc<Running>> {
    Router::new()
        .route("/", get(|| async { asset("text/html; charset=utf-8", include_str!("page/page.html")) }))
        .route(
            "/_sim/page.js",
            get(|| async { asset("text/javascript; charset=utf-8", include_str!("page/page.js")) }),
        )
        .route(
            "/_sim/page.css",
            get(|| async { asset("text/css; charset=utf-8", include_str!("page/page.css")) }),
        )
        .route("/_sim/ledger", get(ledger))
        .route("/_sim/stats", get(|State(running): App| async move { Json(running.world().stats()) }))
        .route("/_sim/phones", get(phones))
        .route("/_sim/phones/{number}", get(chat).post(change_person))
        .route("/_sim/phones/{number}/number", post(change_number))
        .route("/_sim/numbers", get(numbers))
        .route("/_sim/numbers/{id}", post(change_business_number))
        .route("/_sim/signups", post(sign_up))
        .route("/_sim/say", post(say))
        .route("/_sim/flow", post(flow))
        .route("/_sim/group", post(join))
        .route("/_sim/open_signup", post(open_signup))
        .route("/_sim/call", post(call))
        .route("/_sim/faults", get(faults).post(set_faults).delete(clear_faults))
        .route("/_sim/options", get(options).post(set_options))
        .route("/_sim/webhooks", get(webhooks).post(set_webhooks))
        .route("/_sim/webhooks/verify", post(verify))
        .route("/_sim/webhooks/redeliver", post(redeliver))
        .route("/_sim/webhooks/tell", post(tell))
        .route("/_sim/webhooks/log", get(log))
        .route("/_sim/templates/{name}", post(set_template))
        .route("/_sim/clock", get(clock).post(set_clock))
        .route("/_sim/idle", get(|State(running): App| async move { Json(running.idle()) }))
        .route("/_sim/reset", post(reset))
        .route("/_sim/panel", get(panel).post(act))
}

/// Turns away requests that a page of another origin makes: wrong `Host` (a rebound name) or foreign `Origin`.
pub(crate) async fn local_only(request: Request, next: Next) -> Response {
    let local = |headers: &HeaderMap, name: header::HeaderName, prefix: &str| {
        headers.get(name).is_none_or(|value| {
            let value = value.to_str().unwrap_or_default();
            let host = value.strip_prefix(prefix).unwrap_or_default();
            let name =
                if host.starts_with('[') { host.split_inclusive(']').next() } else { host.split(':').next() };
            name.is_some_and(running::is_loopback)
        })
    };
    if local(request.headers(), header::HOST, "") && local(request.headers(), header::ORIGIN, "http://") {
        next.run(request).await
    } else {
        (StatusCode::FORBIDDEN, "the simulator serves this machine only").into_response()
    }
}

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; \
    base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

fn asset(kind: &'static str, text: &'static str) -> Response {
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-cache"),
    ];
    (headers, text).into_response()
}

/// `now`, with the keys of `change` put over it.
fn patched<T: Serialize + DeserializeOwned>(now: &T, change: &Value) -> Result<T, serde_json::Error> {
    let mut all = serde_json::to_value(now)?;
    if let (Some(all), Some(change)) = (all.as_object_mut(), change.as_object()) {
        all.extend(change.clone());
    }
    serde_json::from_value(all)
}

async fn ledger(State(running): App, Query(query): Query<LedgerQuery>) -> Json<Value> {
    let entries = running.world().entries(&query);
    Json(json!({ "entries": entries }))
}

async fn phones(State(running): App, Query(query): Query<PhonesQuery>) -> Json<Value> {
    Json(running.world().phones(&query))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ChatWish {
    before: Option<usize>,
    since: u64,
}

async fn chat(State(running): App, Path(number): Path<String>, Query(wish): Query<ChatWish>) -> Response {
    match running.world().chat(&digits(&number), wish.before, wish.since) {
        Some(chat) => Json(chat).into_response(),
        None => (StatusCode::NOT_FOUND, Json(json!({"error": "nobody has this number"}))).into_response(),
    }
}

async fn change_person(
    State(running): App,
    Path(number): Path<String>,
    Json(change): Json<PersonChange>,
) -> Told {
    let number = digits(&number);
    if !(7..=15).contains(&number.len()) {
        return Err(Complaint("not a phone number".into()));
    }
    running.change(|world, _| world.change_person(&number, &change));
    Ok(Json(json!({"ok": true})))
}

#[derive(Debug, Deserialize)]
struct NewNumber {
    number: String,
}

async fn change_number(State(running): App, Path(number): Path<String>, Json(wish): Json<NewNumber>) -> Told {
    let user_id = running.change(|world, now| world.change_number(&number, &wish.number, now))?;
    Ok(Json(json!({ "user_id": user_id })))
}

async fn change_business_number(
    State(running): App,
    Path(id): Path<String>,
    Json(change): Json<NumberChange>,
) -> Told {
    running.change(|world, now| world.change_business_number(&id, &change, now))?;
    Ok(Json(json!({"ok": true})))
}

#[derive(Debug, Deserialize)]
struct News {
    field: String,
    value: Value,
    phone_number_id: Option<String>,
}

async fn tell(State(running): App, Json(news): Json<News>) -> Told {
    let number = news.phone_number_id.as_deref();
    running.change(|world, now| world.tell_field(&news.field, &news.value, number, now))?;
    Ok(Json(json!({"ok": true})))
}

async fn numbers(State(running): App) -> Json<Value> {
    let world = running.world();
    let told = world.numbers.iter().zip(&world.management.numbers).map(|(number, state)| {
        let mut told = state.secrets();
        told["id"] = number.id.as_str().into();
        told
    });
    Json(json!({"numbers": told.collect::<Vec<_>>()}))
}

async fn sign_up(State(running): App) -> Json<Value> {
    Json(json!({"code": running.change(|world, _| world.management.sign_up())}))
}

async fn say(State(running): App, Json(request): Json<SayRequest>) -> Told {
    let id = running.change(|world, now| world.say(&request, now))?;
    Ok(Json(json!({ "id": id })))
}

async fn flow(State(running): App, Json(step): Json<FlowStep>) -> Told {
    Ok(Json(serde_json::to_value(running.flow_step(&step).await?)?))
}

#[derive(Debug, Deserialize)]
struct Join {
    from: String,
    link: String,
}

async fn join(State(running): App, Json(join): Json<Join>) -> Told {
    let joined = running.change(|world, now| world.join_group(&join.from, &join.link, now))?;
    Ok(Json(json!({ "joined": joined })))
}

async fn open_signup(State(running): App, Json(join): Json<Join>) -> Told {
    running.change(|world, now| world.open_signup(&join.from, &join.link, now))?;
    Ok(Json(json!({"ok": true})))
}

/// What a person does about calls: `call`, `permit` or `refuse` permission; or, with a call, `accept`, `reject`,
/// `terminate`.
#[derive(Debug, Deserialize)]
struct CallWish {
    #[serde(default)]
    from: String,
    action: String,
    call: Option<String>,
    sdp: Option<String>,
}

async fn call(State(running): App, Json(wish): Json<CallWish>) -> Told {
    let sdp = wish.sdp.as_deref();
    let id = running.change(|world, now| match (&wish.call, &*wish.action) {
        (Some(call), action) => world.person_signals(call, action, sdp, now).map(|()| call.clone()),
        (None, "call") => world.call_business(&wish.from, sdp.unwrap_or("v=0\r\n"), now),
        (None, action) => world.permit_calls(&wish.from, action == "permit", now),
    })?;
    Ok(Json(json!({ "id": id })))
}

async fn faults(State(running): App) -> Json<Value> {
    Json(json!({"rules": running.world().faults.rules}))
}

#[derive(Debug, Deserialize)]
struct Rules {
    rules: Vec<FaultRule>,
}

async fn set_faults(State(running): App, Json(rules): Json<Rules>) -> Json<Value> {
    running.world().faults.rules = rules.rules;
    Json(json!({"ok": true}))
}

async fn clear_faults(State(running): App) -> Json<Value> {
    running.world().faults.rules.clear();
    Json(json!({"ok": true}))
}

async fn options(State(running): App) -> Json<Value> {
    let world = running.world();
    Json(json!({
        "pace": world.pace, "quirks": world.quirks, "mix": world.people.mix, "closed_window": world.closed_window,
        "numbers": world.numbers, "seed": world.seed,
    }))
}

async fn set_options(State(running): App, Json(change): Json<Value>) -> Told {
    let mut world = running.world();
    let pace = patched(&world.pace, &change["pace"])?;
    let quirks = patched(&world.quirks, &change["quirks"])?;
    let mix = patched(&world.people.mix, &change["mix"])?;
    if let Some(window) = change.get("closed_window") {
        world.closed_window = serde_json::from_value(window.clone())?;
    }
    (world.pace, world.quirks, world.people.mix) = (pace, quirks, mix);
    Ok(Json(json!({"ok": true})))
}

async fn webhooks(State(running): App) -> Json<Value> {
    let world = running.world();
    Json(json!({"options": world.outbox.options, "stats": world.stats()["webhooks"]}))
}

async fn set_webhooks(State(running): App, Json(change): Json<Value>) -> Told {
    let now = running.world().outbox.options.clone();
    let mut next = patched(&now, &change)?;
    // Secrets are never told, so they are missing from the patched copy unless they were given.
    if change.get("app_secret").is_none() {
        next.app_secret = now.app_secret;
    }
    if change.get("verify_token").is_none() {
        next.verify_token = now.verify_token;
    }
    simulator::set_webhooks(&running, next)?;
    Ok(Json(json!({"ok": true})))
}

async fn verify(State(running): App) -> Told {
    Ok(Json(json!({"verified": running.handshake().await?})))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Again {
    ids: Option<Vec<u64>>,
}

async fn redeliver(State(running): App, Json(again): Json<Again>) -> Json<Value> {
    Json(json!({"posts": simulator::redeliver(&running, again.ids.as_deref())}))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct LogWish {
    after: u64,
    limit: usize,
}

async fn log(State(running): App, Query(wish): Query<LogWish>) -> Json<Value> {
    let limit = if wish.limit == 0 { 100 } else { wish.limit.min(1_000) };
    let world = running.world();
    let records: Vec<_> =
        world.outbox.records.iter().filter(|r| r.id > wish.after).take(limit).map(|r| r.told()).collect();
    Json(json!({ "webhooks": records }))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct TemplateWish {
    status: Option<String>,
    quality: Option<String>,
    category: Option<String>,
    pacing: Option<String>,
}

async fn set_template(State(running): App, Path(name): Path<String>, Json(wish): Json<TemplateWish>) -> Told {
    let set = running.change(|world, now| {
        world.rate_template(&name, wish.quality.as_deref(), wish.category.as_deref(), now);
        world.set_template(&name, wish.status.as_deref(), wish.pacing.as_deref(), now)
    });
    if set == 0 {
        Err(Complaint("no template of this name".into()))
    } else {
        Ok(Json(json!({"changed": set})))
    }
}

fn clock_json(running: &Running) -> Json<Value> {
    Json(
        json!({"now": running.clock.now(), "virtual": running.virtual_clock.is_some(), "idle": running.idle()}),
    )
}

async fn clock(State(running): App) -> Json<Value> {
    clock_json(&running)
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ClockWish {
    advance_ms: Option<u64>,
    to: Option<DateTime<Utc>>,
    speed: Option<f64>,
    run_until_idle: bool,
    until: Option<DateTime<Utc>>,
}

async fn set_clock(State(running): App, Json(wish): Json<ClockWish>) -> Told {
    let moves = wish.advance_ms.is_some() || wish.to.is_some() || wish.speed.is_some();
    match &running.virtual_clock {
        None if moves => {
            return Err(Complaint(
                "this simulator runs on the computer's clock; start it with a virtual one".into(),
            ));
        }
        None => {}
        Some(clock) => {
            if let Some(speed) = wish.speed {
                clock.set_speed(speed);
            }
            if let Some(ms) = wish.advance_ms {
                clock.advance(Duration::from_millis(ms));
            }
            if let Some(to) = wish.to {
                clock.advance_to(to);
            }
        }
    }
    if wish.run_until_idle {
        running.run_until_idle(wish.until).await;
    }
    Ok(clock_json(&running))
}

async fn reset(State(running): App) -> Json<Value> {
    running.change(|world, _| world.reset());
    Json(json!({"ok": true}))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct PanelWish {
    phone: Option<String>,
}

async fn panel(State(running): App, Query(wish): Query<PanelWish>) -> Told {
    let Some(panel) = running.panel.clone() else { return Ok(Json(Value::Null)) };
    let told = tokio::task::spawn_blocking(move || panel(wish.phone)).await;
    told.map(Json).map_err(|_| Complaint("the panel failed".into()))
}

async fn act(State(running): App, Json(request): Json<Value>) -> Told {
    let Some(on_action) = running.on_action.clone() else { return Err(Complaint("no actions here".into())) };
    let id = request["id"].as_str().ok_or_else(|| Complaint("id is missing".into()))?.to_owned();
    let told = tokio::task::spawn_blocking(move || on_action(id, request)).await;
    told.map(Json).map_err(|_| Complaint("the action failed".into()))
}
