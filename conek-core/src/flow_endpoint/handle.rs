//! The endpoint of flows, open to the host.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Mutex, MutexGuard},
};

use chrono::TimeDelta;
use serde_json::{Map, Value as Json, json};

use super::{
    FlowAction, FlowAnswer, FlowClientError, FlowHandled, FlowMedia, FlowRequest, media,
    seal::{self, AnswerKey},
};
use crate::{
    audit::{FieldMask, Scope},
    engine::Session,
    inbound::{HttpRequest, HttpResponse, raw},
    transport::{WebhookRequest, call::text},
    values::{
        error::{Error, Result},
        time::Timestamp,
    },
};

/// A phone waits ten seconds; what was not answered by then never is.
const PATIENCE: TimeDelta = TimeDelta::seconds(60);
/// How many requests may wait for their answer at once.
const MOST_WAITING: usize = 10_000;

/// The requests that wait for their answer, in memory alone.
#[derive(Default)]
pub(crate) struct Exchanges(Mutex<HashMap<String, Waiting>>);

struct Waiting {
    key: AnswerKey,
    since: Timestamp,
    version: String,
    flow_token: Option<String>,
}

impl Exchanges {
    fn lock(&self) -> MutexGuard<'_, HashMap<String, Waiting>> {
        self.0.lock().unwrap_or_else(|e| e.into_inner())
    }

    fn wait(&self, id: String, waiting: Waiting) -> Result<()> {
        let mut all = self.lock();
        if all.len() >= MOST_WAITING {
            all.retain(|_, w| waiting.since - w.since < PATIENCE);
        }
        if all.len() >= MOST_WAITING {
            return Err(Error::conflict("exchange", "10,000 requests wait for their answer already"));
        }
        all.insert(id, waiting);
        Ok(())
    }

    fn take(&self, id: &str, now: Timestamp) -> Option<Waiting> {
        self.lock().remove(id).filter(|w| now - w.since < PATIENCE)
    }
}

/// The endpoint that a flow's phones ask (Meta: WhatsApp Flows > Implementing your flow endpoint). The host serves its
/// address; conek checks, opens and encrypts. Nothing of a request is stored or logged. It needs the scope
/// `inbound_receive` and `Config.flow_keys`.
#[derive(Debug, Clone)]
pub struct FlowEndpoint {
    pub(crate) engine: Session,
}

impl FlowEndpoint {
    /// The public half of the first of `flow_keys`, in PEM: what WhatsApp must be given for the number, so that phones
    /// encrypt for it.
    ///
    /// ```
    /// # conek_core::doctest::run_flows(async |engine| {
    /// let pem = engine.flow_endpoint().public_key().await?;
    /// assert!(pem.starts_with("-----BEGIN PUBLIC KEY-----"));
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `key` without a key in the configuration.
    pub async fn public_key(&self) -> Result<String> {
        self.engine.allow("flow_endpoint.public_key", Scope::InboundReceive)?;
        self.engine.flow_keys.public().map(str::to_owned)
    }

    /// Opens a request: checks its signature over the raw bytes as `inbound.handle_webhook` does, and decrypts it. Give
    /// its answer to `answer`, within the ten seconds that a phone waits.
    ///
    /// ```
    /// # conek_core::doctest::run_flows(async |engine| {
    /// # let request = conek_core::doctest::flow_request(&engine, r#"{"version": "3.0", "action": "INIT", "flow_token": "order 7"}"#).await?;
    /// use conek_core::flow_endpoint::FlowAction;
    /// // `request` has the headers and the raw body of the POST.
    /// let asked = engine.flow_endpoint().open_request(request).await?;
    /// assert_eq!((asked.action, asked.flow_token.as_deref()), (FlowAction::Init, Some("order 7")));
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `signature`, when it is missing or wrong: answer with status 432. `key`, when the request is encrypted for
    /// another key or was changed: answer with status 421, on which the phone fetches the number's public key anew and
    /// tries again. `invalid_input` for what is no request of a flow, or has more than 3 MB. `conflict`, when 10,000
    /// requests wait. `forbidden` for a session that does not see content.
    pub async fn open_request(&self, request: WebhookRequest) -> Result<FlowRequest> {
        self.engine.unmasked("flow_endpoint.open_request", &[FieldMask::Content])?;
        self.engine.allow("flow_endpoint.open_request", Scope::InboundReceive)?;
        if request.body.len() > raw::LARGEST {
            return Err(Error::invalid("body", "is larger than 3 MB"));
        }
        let body = request.body.clone();
        self.engine.transport.verify(request).await.map_err(|e| match e {
            Error::Signature { detail } => {
                Error::Signature { detail: format!("{detail}; answer with status 432") }
            }
            other => other,
        })?;
        let (opened, key) = seal::open(&self.engine.flow_keys, &body)?;
        let json: Json = serde_json::from_slice(&opened)
            .map_err(|_| Error::invalid("encrypted_flow_data", "must hold a JSON object"))?;
        let request = read(&json, self.engine.new_id()?)?;
        let (version, flow_token) = (request.version.clone(), request.flow_token.clone());
        let waiting = Waiting { key, since: self.engine.clock.now(), version, flow_token };
        self.engine.exchanges.wait(request.exchange.clone(), waiting)?;
        Ok(request)
    }

    /// Encrypts the answer to a request, which it takes once. Answer WhatsApp with what comes back, as it is.
    ///
    /// ```
    /// # conek_core::doctest::run_flows(async |engine| {
    /// # let request = conek_core::doctest::flow_request(&engine, r#"{"version": "3.0", "action": "INIT", "flow_token": "order 7"}"#).await?;
    /// use conek_core::flow_endpoint::FlowAnswer;
    /// let asked = engine.flow_endpoint().open_request(request).await?;
    /// let first = FlowAnswer::Screen { screen: "DAY".into(), data: r#"{"days": ["Monday"]}"#.into() };
    /// let response = engine.flow_endpoint().answer(asked.exchange, first).await?;
    /// assert_eq!(response.status, 200);
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `not_found` for a request that was answered, or is older than a minute; `invalid_input` for a screen without an
    /// id, or data that is no JSON object: the request still waits then.
    pub async fn answer(&self, exchange: String, answer: FlowAnswer) -> Result<HttpResponse> {
        self.engine.allow("flow_endpoint.answer", Scope::InboundReceive)?;
        let data = check(&answer)?;
        let now = self.engine.clock.now();
        let waiting = self
            .engine
            .exchanges
            .take(&exchange, now)
            .ok_or_else(|| Error::not_found("exchange", exchange))?;
        let status = if matches!(answer, FlowAnswer::TokenEnded { .. }) { 427 } else { 200 };
        let json = write(answer, data, &waiting);
        Ok(reply(status, waiting.key.seal(json.to_string().as_bytes())?))
    }

    /// The whole endpoint without a framework. Pass every request of its path here. Where a response comes back, answer
    /// it: to pings, and to whatever is wrong (432 for a wrong signature, 421 for another key, 400, 405 or 413 for what
    /// is no request of a flow, 503 when too much waits). Otherwise decide what the phone is answered, and call `answer`.
    ///
    /// ```
    /// # conek_core::doctest::run_flows(async |engine| {
    /// # let request = conek_core::doctest::flow_request(&engine, r#"{"version": "3.0", "action": "ping"}"#).await?;
    /// use conek_core::inbound::HttpRequest;
    /// let request = HttpRequest {
    ///     method: "POST".into(),
    ///     path: "/flow".into(),
    ///     headers: request.headers,
    ///     body: request.body,
    /// };
    /// let handled = engine.flow_endpoint().handle_http(request).await?;
    /// assert_eq!(handled.response.map(|r| r.status), Some(200));
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `closed`; `forbidden`. Whatever else is wrong becomes a status code.
    pub async fn handle_http(&self, request: HttpRequest) -> Result<FlowHandled> {
        self.engine.allow("flow_endpoint.handle_http", Scope::InboundReceive)?;
        let answered = |status, text: &str| {
            Ok(FlowHandled { response: Some(reply(status, text.to_owned())), request: None })
        };
        if !request.method.eq_ignore_ascii_case("POST") {
            return answered(405, "method not allowed");
        }
        if request.body.len() > raw::LARGEST {
            return answered(413, "too large");
        }
        match self.open_request(WebhookRequest { headers: request.headers, body: request.body }).await {
            Ok(asked) if asked.action == FlowAction::Ping => {
                let response = self.answer(asked.exchange, FlowAnswer::Active {}).await?;
                Ok(FlowHandled { response: Some(response), request: None })
            }
            Ok(asked) => Ok(FlowHandled { response: None, request: Some(asked) }),
            Err(Error::Signature { .. }) => answered(432, "signature"),
            Err(Error::Key { .. }) => answered(421, "key"),
            Err(Error::InvalidInput { .. }) => answered(400, "not a request of a flow"),
            Err(e @ (Error::Closed {} | Error::Forbidden { .. })) => Err(e),
            Err(_) => answered(503, "try again"),
        }
    }

    /// Opens a file that a person put into a flow. `entry` is its entry in the request's data, as text: an element of
    /// the list of the picker's name. `file` is what its `cdn_url` answers, which needs no token, and lies there for up
    /// to 20 days. Checked are both hashes and the HMAC (Meta: WhatsApp Flows > Media upload components).
    ///
    /// ```
    /// # conek_core::doctest::run_flows(async |engine| {
    /// let entry = r#"{"media_id": "7", "file_name": "a.jpg", "encryption_metadata": {"encryption_key": "",
    ///     "hmac_key": "", "iv": "", "plaintext_hash": "", "encrypted_hash": ""}}"#;
    /// let error = engine.flow_endpoint().open_media(entry.into(), b"another file".to_vec()).await.unwrap_err();
    /// assert_eq!(error.code(), "key");
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `key` for a file that is not the one that was uploaded; `invalid_input` for an entry that is none, or a file of
    /// more than 100 MB; `forbidden` for a session that does not see content.
    pub async fn open_media(&self, entry: String, file: Vec<u8>) -> Result<FlowMedia> {
        self.engine.unmasked("flow_endpoint.open_media", &[FieldMask::Content])?;
        self.engine.allow("flow_endpoint.open_media", Scope::InboundReceive)?;
        self.engine.run(async move { media::open(&entry, file) }).await
    }
}

fn read(json: &Json, exchange: String) -> Result<FlowRequest> {
    // Meta's own examples write it in both cases.
    let action = match json["action"].as_str().unwrap_or_default().to_ascii_lowercase().as_str() {
        "ping" => FlowAction::Ping,
        "init" => FlowAction::Init,
        "back" => FlowAction::Back,
        "data_exchange" => FlowAction::DataExchange,
        _ => return Err(Error::invalid("action", "must be ping, INIT, BACK or data_exchange")),
    };
    let data = match &json["data"] {
        Json::Null => "{}".to_owned(),
        Json::Object(_) => json["data"].to_string(),
        _ => return Err(Error::invalid("data", "must be a JSON object")),
    };
    let error = text(&json["data"], "error")
        .map(|error| FlowClientError { error, message: text(&json["data"], "error_message") });
    Ok(FlowRequest {
        exchange,
        action,
        screen: text(json, "screen"),
        data,
        flow_token: text(json, "flow_token"),
        version: text(json, "version").unwrap_or_default(),
        error,
    })
}

/// The JSON object of an answer, where it has one.
fn check(answer: &FlowAnswer) -> Result<Map<String, Json>> {
    let object = |field: &str, text: &str| {
        serde_json::from_str(text).map_err(|_| Error::invalid(field, "must be a JSON object"))
    };
    match answer {
        FlowAnswer::Screen { screen, .. } if screen.is_empty() => {
            Err(Error::invalid("screen", "must be the id of a screen"))
        }
        FlowAnswer::Screen { data, .. } => object("data", data),
        FlowAnswer::Complete { params } => object("params", params),
        FlowAnswer::Active {} | FlowAnswer::Acknowledged {} | FlowAnswer::TokenEnded { .. } => Ok(Map::new()),
    }
}

fn write(answer: FlowAnswer, mut data: Map<String, Json>, waiting: &Waiting) -> Json {
    let version = &waiting.version;
    match answer {
        FlowAnswer::Active {} => json!({"version": version, "data": {"status": "active"}}),
        FlowAnswer::Acknowledged {} => json!({"version": version, "data": {"acknowledged": true}}),
        FlowAnswer::Screen { screen, .. } => json!({"version": version, "screen": screen, "data": data}),
        FlowAnswer::Complete { .. } => {
            if let Some(token) = &waiting.flow_token {
                data.entry("flow_token").or_insert_with(|| token.as_str().into());
            }
            json!({"version": version, "screen": "SUCCESS",
                "data": {"extension_message_response": {"params": data}}})
        }
        FlowAnswer::TokenEnded { message } => json!({"error_msg": message}),
    }
}

fn reply(status: i32, body: String) -> HttpResponse {
    let headers = BTreeMap::from([("content-type".to_owned(), "text/plain; charset=utf-8".to_owned())]);
    HttpResponse { status, headers, body: body.into_bytes() }
}
