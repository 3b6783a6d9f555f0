//! Managing: what a business looks up and changes about its accounts, its numbers and all that belongs to them.
//!
//! Every noun has a file. Their functions only see the world and what was asked; this file reads the request,
//! guards it and words the answer.

mod accounts;
mod analytics;
mod automation;
mod blocks;
mod calls;
mod endpoint;
mod flows;
mod groups;
mod numbers;
mod profile;
mod qr_codes;
mod qr_image;
mod settings;
mod signups;
mod uploads;
mod usernames;

use std::{collections::HashMap, sync::Arc};

use axum::{
    Router,
    body::Bytes,
    extract::{ConnectInfo, FromRequest, Multipart, Path, Request, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{self, MethodFilter, MethodRouter, get},
};
use serde_json::{Map, Value, json};

pub use self::endpoint::{FlowSeen, FlowStep};
pub(crate) use self::{accounts::APP, numbers::NumberState};
use crate::{
    connection::Ending,
    faults::Target,
    graph::{App, guard, json_reply},
    options::BusinessNumber,
    refusal::Refusal,
    running::Running,
    striking,
    world::World,
};

/// What a request is answered: the body, or a refusal.
pub(crate) type Answer = Result<Value, Refusal>;
/// Carries out one kind of request.
pub(crate) type Act = fn(&mut World, &Asked, i64) -> Answer;

/// All that was changed by managing.
#[derive(Debug)]
pub(crate) struct Management {
    /// In the order of the world's numbers.
    pub(crate) numbers: Vec<NumberState>,
    accounts: HashMap<String, accounts::Account>,
    signups: accounts::Signups,
    in_app_signups: signups::InAppSignups,
    flows: flows::Flows,
    steps: endpoint::Steps,
    groups: groups::Groups,
    calls: calls::Calls,
    uploads: uploads::Uploads,
    /// What may be downloaded without a token: name, media type, content.
    files: HashMap<String, (String, Bytes)>,
}

impl Management {
    pub(crate) fn new(numbers: &[BusinessNumber]) -> Self {
        Self {
            numbers: numbers.iter().map(|_| NumberState::connected()).collect(),
            accounts: HashMap::new(),
            signups: accounts::Signups::default(),
            in_app_signups: signups::InAppSignups::default(),
            flows: flows::Flows::default(),
            steps: endpoint::Steps::default(),
            groups: groups::Groups::default(),
            calls: calls::Calls::default(),
            uploads: uploads::Uploads::default(),
            files: HashMap::new(),
        }
    }
    /// Whether the account's updates are told at all.
    pub(crate) fn subscribed(&self, waba: &str) -> bool {
        self.accounts.get(waba).is_none_or(|a| a.subscribed)
    }
    /// Whether the account's templates are counted.
    fn counts_templates(&self, waba: &str) -> bool {
        self.accounts.get(waba).is_some_and(|a| a.counts_templates)
    }
    /// Somebody finishes embedded sign-up: the code that their browser is handed.
    pub(crate) fn sign_up(&mut self) -> String {
        self.signups.code()
    }
    /// Whether the account takes marketing templates at `/marketing_messages` only.
    pub(crate) fn marketing_elsewhere(&self, waba: &str) -> bool {
        self.accounts.get(waba).is_some_and(|a| a.marketing_elsewhere)
    }
}

/// A request that was read and guarded.
#[derive(Debug)]
pub(crate) struct Asked {
    /// The id in the path.
    pub(crate) id: String,
    /// What follows the noun in the path, such as a QR code.
    pub(crate) item: String,
    /// The query, and over it the JSON, the form or the text fields of a multipart form.
    pub(crate) given: Map<String, Value>,
    /// The file of a multipart form, or a body that is neither JSON nor a form.
    pub(crate) file: Bytes,
    /// The header `file_offset` of an upload.
    offset: Option<usize>,
    /// The address without its query.
    pub(crate) here: String,
    pub(crate) base_url: String,
    /// The token that everything takes.
    token: String,
}

impl Asked {
    pub(crate) fn text(&self, key: &str) -> Option<&str> {
        self.given.get(key).and_then(Value::as_str)
    }
    /// A text that must be there.
    pub(crate) fn need(&self, key: &str) -> Result<&str, Refusal> {
        self.text(key).filter(|s| !s.is_empty()).ok_or_else(|| required(key))
    }
    /// A truth value, which queries spell.
    pub(crate) fn flag(&self, key: &str) -> Result<Option<bool>, Refusal> {
        match self.given.get(key) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Bool(b)) => Ok(Some(*b)),
            Some(Value::String(s)) if s == "true" || s == "false" => Ok(Some(s == "true")),
            Some(_) => Err(Refusal::new(100, format!("Param {key} must be a boolean"))),
        }
    }
    /// A list: an array, or one that is spelled out in a text as forms do it.
    pub(crate) fn list(&self, key: &str) -> Result<Option<Vec<Value>>, Refusal> {
        let spelled = |s: &String| serde_json::from_str::<Vec<Value>>(s).ok();
        match self.given.get(key) {
            None | Some(Value::Null) => Ok(None),
            // How some clients take a list away.
            Some(Value::String(s)) if s.is_empty() => Ok(Some(Vec::new())),
            Some(Value::Array(all)) => Ok(Some(all.clone())),
            Some(Value::String(s)) if spelled(s).is_some() => Ok(spelled(s)),
            Some(_) => Err(Refusal::new(100, format!("Param {key} must be an array"))),
        }
    }
    /// `messaging_product` must be there and be `whatsapp`.
    fn for_whatsapp(&self) -> Result<(), Refusal> {
        match self.need("messaging_product")? {
            "whatsapp" => Ok(()),
            _ => Err(Refusal::new(100, "Param messaging_product must be one of {WHATSAPP}")),
        }
    }
    /// Only the fields that were asked for.
    pub(crate) fn pick(&self, object: Value) -> Value {
        pick(object, self.text("fields"))
    }
    /// One page of these, with the address of the next.
    pub(crate) fn page(&self, all: Vec<Value>) -> Value {
        let number = |key: &str| self.text(key).and_then(|n| n.parse::<usize>().ok());
        let from = number("after").unwrap_or(0).min(all.len());
        let limit = number("limit").unwrap_or(25).clamp(1, 1_000);
        let to = (from + limit).min(all.len());
        let more = to < all.len();
        let data: Vec<Value> = all.into_iter().skip(from).take(limit).map(|o| self.pick(o)).collect();
        let mut body = json!({"data": data, "paging": {"cursors": {"before": from.to_string(), "after": to.to_string()}}});
        if more && let Ok(mut next) = reqwest::Url::parse(&self.here) {
            let kept = self.given.iter().filter(|(key, _)| *key != "after");
            next.query_pairs_mut()
                .extend_pairs(kept.filter_map(|(key, value)| Some((key.as_str(), value.as_str()?))))
                .append_pair("after", &to.to_string());
            body["paging"]["next"] = next.as_str().into();
        }
        body
    }
    /// The callback that is named, and the token it must know: whoever names one is challenged there first.
    fn callback(&self) -> Option<(&str, &str)> {
        let within = self.given.get("webhook_configuration");
        let at =
            |key: &str| self.text(key).or_else(|| within?.get(key)?.as_str()).filter(|text| !text.is_empty());
        let url = at("override_callback_uri").or_else(|| at("callback_url"))?;
        Some((url, at("verify_token").unwrap_or_default()))
    }
}

/// Only the fields that were asked for, and the id.
pub(crate) fn pick(mut object: Value, fields: Option<&str>) -> Value {
    if let (Some(fields), Some(map)) = (fields, object.as_object_mut()) {
        let wanted: Vec<&str> =
            fields.split(',').map(|f| f.split(['{', '.']).next().unwrap_or_default().trim()).collect();
        map.retain(|key, _| key == "id" || wanted.contains(&key.as_str()));
    }
    object
}

pub(crate) fn required(parameter: &str) -> Refusal {
    Refusal::new(100, format!("The parameter {parameter} is required."))
}

pub(crate) fn success() -> Value {
    json!({"success": true})
}

/// A text of at most so many characters, or a refusal that says so.
fn at_most<'a>(text: &'a str, name: &str, most: usize) -> Result<&'a str, Refusal> {
    if text.chars().count() > most {
        return Err(Refusal::new(100, format!("Param {name} must be at most {most} characters long")));
    }
    Ok(text)
}

pub(crate) fn routes() -> Router<Arc<Running>> {
    Router::new()
        .route("/_files/{name}", get(file))
        .merge(accounts::routes())
        .merge(analytics::routes())
        .merge(automation::routes())
        .merge(blocks::routes())
        .merge(calls::routes())
        .merge(flows::routes())
        .merge(groups::routes())
        .merge(numbers::routes())
        .merge(profile::routes())
        .merge(qr_codes::routes())
        .merge(settings::routes())
        .merge(signups::routes())
        .merge(uploads::routes())
        .merge(usernames::routes())
}

/// A change of whatever has the id of the path.
pub(crate) fn change(world: &mut World, asked: &Asked, now: i64) -> Answer {
    if let Some(number) = world.number(&asked.id) {
        return numbers::change(world, number, asked);
    }
    if world.has_account(&asked.id) {
        return accounts::change(world, asked);
    }
    if asked.id.starts_with("upload:") {
        return uploads::receive(world, asked);
    }
    match groups::change(world, asked, now).or_else(|| flows::change(world, asked, now)) {
        Some(answer) => answer,
        None => crate::nodes::edit_template(world, asked),
    }
}

/// Whatever has the id of the path, if it belongs to one of the nouns here.
pub(crate) fn look(world: &World, asked: &Asked, now: i64) -> Option<Answer> {
    if let Some(number) = world.number(&asked.id) {
        return Some(Ok(asked.pick(numbers::json(world, number))));
    }
    if world.has_account(&asked.id) {
        if let Some(counted) = analytics::look(world, asked) {
            return Some(counted);
        }
        return Some(Ok(asked.pick(accounts::json(world, &asked.id))));
    }
    uploads::look(world, asked)
        .or_else(|| groups::look(world, asked))
        .or_else(|| flows::look(world, asked, now))
}

/// Removes whatever has the id of the path.
pub(crate) fn remove(world: &mut World, asked: &Asked, now: i64) -> Answer {
    if let Some(answer) = groups::remove(world, asked, now).or_else(|| flows::remove(world, asked)) {
        return answer;
    }
    match world.media.remove(&asked.id) {
        true => Ok(success()),
        false => Err(Refusal::no_object(&asked.id)),
    }
}

/// Routes a method to what carries it out.
pub(crate) fn on(method: MethodFilter, act: Act) -> MethodRouter<Arc<Running>> {
    on_target(method, |_, _| Target::Other, act)
}

/// Like [`on`], where faults know the requests by another target.
pub(crate) fn on_target(
    method: MethodFilter,
    target: fn(&World, &str) -> Target,
    act: Act,
) -> MethodRouter<Arc<Running>> {
    routing::on(
        method,
        move |State(running): App,
              ConnectInfo(ending): ConnectInfo<Ending>,
              Path(path): Path<HashMap<String, String>>,
              request: Request| async move {
            carry_out(running, ending, path, request, target, act).await
        },
    )
}

async fn carry_out(
    running: Arc<Running>,
    ending: Ending,
    path: HashMap<String, String>,
    request: Request,
    target: fn(&World, &str) -> Target,
    act: Act,
) -> Response {
    // An address without a version means the oldest that is still served.
    let version = path.get("version").map_or("v21.0", String::as_str);
    let id = path.get("id").cloned().unwrap_or_default();
    let here = format!("{}{}", running.base_url, request.uri().path());
    let target = target(&running.world(), &id);
    let strike = match guard(&running, request.headers(), (version, &id), target, &ending).await {
        Ok(strike) => strike,
        Err(response) => return response,
    };
    let answer = async {
        let asked = read(&running, path, request).await?;
        if let Some((url, token)) = asked.callback() {
            crate::running::check_target(url).map_err(|e| Refusal::new(100, e.to_string()))?;
            if !running.challenge(url, token).await.unwrap_or(false) {
                return Err(Refusal::new(2200, "The callback did not answer the challenge with status 200"));
            }
        }
        running.change(|world, now| act(world, &asked, now))
    };
    let answer = answer.await.map(|json| json_reply(json.to_string())).into_response();
    striking::after(&running, strike, answer, &ending, &here).await
}

async fn read(
    running: &Running,
    mut path: HashMap<String, String>,
    request: Request,
) -> Result<Asked, Refusal> {
    let mut given = pairs(request.uri().query().unwrap_or_default());
    let here = format!("{}{}", running.base_url, request.uri().path());
    let headers = request.headers().clone();
    let kind = header_text(&headers, header::CONTENT_TYPE.as_str()).unwrap_or_default();
    let mut file = Bytes::new();
    let unreadable = |_| Refusal::new(100, "The request body cannot be read");
    if kind.starts_with("multipart/form-data") {
        let mut form = Multipart::from_request(request, &()).await.map_err(|_| unreadable(()))?;
        while let Some(field) = form.next_field().await.map_err(|_| unreadable(()))? {
            let name = field.name().unwrap_or_default().to_owned();
            let bytes = field.bytes().await.map_err(|_| unreadable(()))?;
            if name == "file" {
                file = bytes;
            } else {
                given.insert(name, String::from_utf8_lossy(&bytes).into_owned().into());
            }
        }
    } else {
        let bytes = Bytes::from_request(request, &()).await.map_err(|_| unreadable(()))?;
        if kind.starts_with("application/x-www-form-urlencoded") {
            given.extend(pairs(&String::from_utf8_lossy(&bytes)));
        } else if kind.starts_with("application/json") && !bytes.is_empty() {
            given.extend(
                serde_json::from_slice::<Map<String, Value>>(&bytes)
                    .map_err(|_| Refusal::new(100, "The request body is not a JSON object"))?,
            );
        } else {
            file = bytes;
        }
    }
    Ok(Asked {
        id: path.remove("id").unwrap_or_default(),
        item: path.remove("item").unwrap_or_default(),
        given,
        file,
        offset: header_text(&headers, "file_offset").and_then(|n| n.parse().ok()),
        here,
        base_url: running.base_url.clone(),
        token: running.token.clone(),
    })
}

fn header_text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// The pairs of a query or of a form.
fn pairs(text: &str) -> Map<String, Value> {
    let url = reqwest::Url::parse(&format!("http://localhost/?{text}"));
    let own = |url: reqwest::Url| {
        url.query_pairs().map(|(key, value)| (key.into_owned(), value.into_owned().into())).collect()
    };
    url.map(own).unwrap_or_default()
}

/// A file whose address was told. Meta's own such addresses are signed and need no token either.
async fn file(State(running): App, Path(name): Path<String>) -> Response {
    let found = running.world().management.files.get(&name).cloned();
    match found {
        Some((kind, bytes)) => ([(header::CONTENT_TYPE, kind)], bytes).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
