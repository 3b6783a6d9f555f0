//! The Graph API: the addresses a business calls.

use std::{collections::HashMap, sync::Arc};

use axum::{
    Router,
    body::Bytes,
    extract::{ConnectInfo, DefaultBodyLimit, Multipart, Path, Query, State},
    http::{HeaderMap, StatusCode, Uri, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde_json::json;

use crate::{
    connection::Ending,
    faults::{Facts, Target},
    management, nodes,
    outbound::{Outbound, Recipient, Request},
    people::Line,
    refusal::Refusal,
    running::Running,
    striking::{self, Strike},
    world::World,
};

pub(crate) type App = State<Arc<Running>>;
pub(crate) type Reply = Result<Response, Refusal>;

pub(crate) fn routes() -> Router<Arc<Running>> {
    Router::new()
        .route("/{version}/{id}/messages", post(messages))
        .route("/{version}/{id}/marketing_messages", post(messages))
        .route("/{version}/{id}/media", post(upload))
        .route("/_media/{id}", get(download))
        .merge(nodes::routes())
        .merge(management::routes())
        .layer(DefaultBodyLimit::max(101 << 20))
}

/// The bearer token must be ours. One that looks real is refused in words, so that nobody keeps sending it.
pub(crate) fn authorise(running: &Running, headers: &HeaderMap) -> Result<(), Refusal> {
    let token = headers
        .get(header::AUTHORIZATION)
        .and_then(|v| v.to_str().ok())
        .and_then(|v| v.strip_prefix("Bearer "));
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
pub(crate) fn check_version(version: &str) -> Result<(), Refusal> {
    let number = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
    let ok = version
        .strip_prefix('v')
        .and_then(|v| v.split_once('.'))
        .is_some_and(|(n, m)| number(n) && number(m));
    if ok {
        Ok(())
    } else {
        Err(Refusal::new(2500, "Unknown path components: the address begins with a version such as v25.0"))
    }
}

pub(crate) fn json_reply(body: impl Into<String>) -> Response {
    ([(header::CONTENT_TYPE, "application/json; charset=UTF-8")], body.into()).into_response()
}

/// Guards a request: version, token, then the faults that are for it.
pub(crate) async fn guard(
    running: &Arc<Running>,
    headers: &HeaderMap,
    path: (&str, &str),
    target: Target,
    ending: &Ending,
) -> Result<Strike, Response> {
    check_version(path.0).and_then(|()| authorise(running, headers)).map_err(IntoResponse::into_response)?;
    let facts = Facts { target, phone_number_id: path.1, ..Facts::default() };
    let fault = {
        let mut world = running.world();
        let dice = world.dice;
        world.faults.strike(dice, &facts)
    };
    striking::before(running, fault, ending).await
}

async fn messages(
    uri: Uri,
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
    let request = request.and_then(|(number, request)| match &request {
        Request::Send(message) if uri.path().ends_with("/marketing_messages") => {
            let world = running.world();
            let waba = &world.numbers[number].waba;
            let marketing = message.kind == "template"
                && world.templates.for_send(waba, message.content())?.is_marketing();
            if !marketing {
                return Err(Refusal::new(134100, "Only marketing templates are sent here"));
            }
            match &message.json["product_policy"] {
                serde_json::Value::Null => {}
                policy if policy == "CLOUD_API_FALLBACK" || policy == "STRICT" => {}
                _ => {
                    let said = "Param product_policy must be one of {CLOUD_API_FALLBACK, STRICT}";
                    return Err(Refusal::new(100, said));
                }
            }
            Ok((number, request))
        }
        _ => Ok((number, request)),
    });
    let here = format!("{}{}", running.base_url, uri.path());
    let request = request.map(|(number, mut request)| {
        if let Request::Send(message) = &mut request {
            message.marketing = uri.path().ends_with("/marketing_messages");
        }
        (number, request)
    });
    match request {
        Err(refusal) => {
            running.world().refused += 1;
            refusal.into_response()
        }
        Ok((number, Request::Send(message))) => {
            let raw = match message.unpacked {
                true => message.json.to_string().into(),
                false => String::from_utf8_lossy(&body),
            };
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

async fn send(
    running: &Arc<Running>,
    ending: &Ending,
    from: (&str, usize),
    here: &str,
    message: Outbound,
    raw: &str,
) -> Response {
    let (id, number) = from;
    let fault = {
        let mut world = running.world();
        let world = &mut *world;
        let other = match &message.recipient {
            Recipient::Phone { digits, .. } => {
                world.people.find(digits).map(|at| world.people.get(at).user_id.as_str())
            }
            Recipient::User(user) => {
                world.people.find_user(user).map(|at| world.people.get(at).number.as_str())
            }
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
    let at =
        found.ok_or_else(|| Refusal::new(131009, "Param message_id is not the id of a received message"))?;
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
    Query(query): Query<HashMap<String, String>>,
    headers: HeaderMap,
    mut form: Multipart,
) -> Response {
    let strike = match guard(&running, &headers, (&version, &id), Target::Media, &ending).await {
        Ok(strike) => strike,
        Err(response) => return response,
    };
    // Some clients put it into the query.
    let mut product = query.get("messaging_product").is_some_and(|p| p == "whatsapp");
    let (mut file, mut kind) = (None, None);
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
    striking::after(&running, strike, answer, &ending, &format!("{}/{version}/{id}/media", running.base_url))
        .await
}

async fn download(State(running): App, Path(id): Path<String>, headers: HeaderMap) -> Reply {
    authorise(&running, &headers)?;
    let now = running.now();
    let medium = running.world().media.get(&id).cloned();
    match medium {
        Some(medium) if medium.url_until > now => {
            Ok(([(header::CONTENT_TYPE, medium.mime)], medium.bytes).into_response())
        }
        Some(_) => Ok((StatusCode::NOT_FOUND, "URL signature expired").into_response()),
        None => Err(Refusal::no_object(&id)),
    }
}
