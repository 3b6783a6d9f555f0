//! A business on the other side of the simulator: it sends, and it receives webhooks.
#![allow(dead_code, reason = "every test file uses its own part")]

use std::{
    collections::HashSet,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU16, Ordering},
    },
};

use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, Query, State},
    http::{HeaderMap, StatusCode},
    routing::get,
};
use conek_core::VirtualClock;
use conek_simulator::{Options, Simulator};
use serde_json::{Value, json};

pub const NUMBER: &str = "100000000000001";
pub const WABA: &str = "200000000000001";
pub const SECRET: &str = "simulator-app-secret";
pub const THANDI: &str = "27825550101";

/// A clock at a quiet moment.
pub fn clock() -> Arc<VirtualClock> {
    Arc::new(VirtualClock::at("2026-11-24T09:00:00+02:00".parse().unwrap()))
}

/// A client without TLS certificates: it only speaks http.
pub fn client() -> reqwest::Client {
    let tls = rustls::ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth();
    reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .no_proxy()
        .build()
        .unwrap()
}

/// One webhook POST as it arrived.
#[derive(Debug, Clone)]
pub struct Post {
    pub signature: Option<String>,
    pub body: Vec<u8>,
}

impl Post {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

/// Where webhooks arrive.
#[derive(Debug)]
pub struct Hook {
    pub url: String,
    pub posts: Mutex<Vec<Post>>,
    /// What it answers.
    pub status: AtomicU16,
}

impl Hook {
    pub async fn open() -> Arc<Self> {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/webhook", listener.local_addr().unwrap());
        let hook = Arc::new(Self { url, posts: Mutex::default(), status: AtomicU16::new(200) });
        let app = Router::new()
            .route("/webhook", get(challenge).post(take))
            .layer(DefaultBodyLimit::max(8 << 20))
            .with_state(hook.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        hook
    }
    pub fn answer(&self, status: u16) {
        self.status.store(status, Ordering::SeqCst);
    }
    pub fn posts(&self) -> Vec<Post> {
        self.posts.lock().unwrap().clone()
    }
    /// Every update that arrived, flattened: `value` objects with one status, message or preference each.
    pub fn updates(&self, key: &str) -> Vec<Value> {
        let mut found = Vec::new();
        for post in self.posts() {
            for entry in post.json()["entry"].as_array().unwrap() {
                for change in entry["changes"].as_array().unwrap() {
                    found.extend(change["value"][key].as_array().cloned().unwrap_or_default());
                }
            }
        }
        found
    }
    /// `status` of every status update in the order of arrival.
    pub fn statuses(&self) -> Vec<String> {
        self.updates("statuses").iter().map(|s| s["status"].as_str().unwrap().to_owned()).collect()
    }
    /// The error codes of `failed` statuses.
    pub fn failures(&self) -> Vec<i64> {
        self.updates("statuses").iter().filter_map(|s| s["errors"][0]["code"].as_i64()).collect()
    }
}

async fn take(State(hook): State<Arc<Hook>>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let signature = headers.get("x-hub-signature-256").map(|v| v.to_str().unwrap().to_owned());
    hook.posts.lock().unwrap().push(Post { signature, body: body.to_vec() });
    StatusCode::from_u16(hook.status.load(Ordering::SeqCst)).unwrap()
}

async fn challenge(
    Query(query): Query<std::collections::HashMap<String, String>>,
) -> Result<String, StatusCode> {
    if query["hub.mode"] == "subscribe" && query["hub.verify_token"] == "simulator-verify-token" {
        Ok(query["hub.challenge"].clone())
    } else {
        Err(StatusCode::FORBIDDEN)
    }
}

/// A simulator on a driven clock, its webhook, and a client.
pub struct Business {
    pub sim: Simulator,
    pub hook: Arc<Hook>,
    pub client: reqwest::Client,
    pub clock: Arc<VirtualClock>,
}

impl Business {
    pub async fn open() -> Self {
        Self::with(|_| {}).await
    }
    pub async fn with(change: impl FnOnce(&mut Options)) -> Self {
        let (hook, clock) = (Hook::open().await, clock());
        let mut options = Options::default().on(clock.clone());
        options.webhooks.url = Some(hook.url.clone());
        options.webhooks.concurrency = 1;
        change(&mut options);
        Self { sim: Simulator::start(options).await.unwrap(), hook, client: client(), clock }
    }
    pub fn url(&self, path: &str) -> String {
        format!("{}/v25.0/{path}", self.sim.base_url())
    }
    pub async fn post(&self, path: &str, body: &Value) -> Result<(u16, Value), reqwest::Error> {
        let answer = self.client.post(self.url(path)).bearer_auth(self.sim.token()).json(body).send().await?;
        let status = answer.status().as_u16();
        let bytes = answer.bytes().await?;
        Ok((status, serde_json::from_slice(&bytes).unwrap_or(Value::Null)))
    }
    pub async fn get(&self, path: &str) -> (u16, Value) {
        let answer = self.client.get(self.url(path)).bearer_auth(self.sim.token()).send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap_or(Value::Null))
    }
    pub async fn delete(&self, path: &str, body: &Value) -> (u16, Value) {
        let request = self.client.delete(self.url(path)).bearer_auth(self.sim.token()).json(body);
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap_or(Value::Null))
    }
    /// Changes something; says the error's code, or 0.
    pub async fn change(&self, path: &str, body: Value) -> i64 {
        let (status, answer) = self.post(path, &body).await.unwrap();
        assert_eq!(status >= 400, answer["error"].is_object(), "{answer}");
        answer["error"]["code"].as_i64().unwrap_or(0)
    }
    pub async fn send(&self, message: Value) -> Result<(u16, Value), reqwest::Error> {
        self.post(&format!("{NUMBER}/messages"), &message).await
    }
    /// Sends and expects the acceptance; says the message's id.
    pub async fn accepted(&self, message: Value) -> String {
        let (status, answer) = self.send(message).await.unwrap();
        assert_eq!(status, 200, "{answer}");
        answer["messages"][0]["id"].as_str().unwrap().to_owned()
    }
    /// Sends and expects a refusal; says its code.
    pub async fn refused(&self, message: Value) -> i64 {
        let (status, answer) = self.send(message).await.unwrap();
        assert!(status >= 400, "{answer}");
        answer["error"]["code"].as_i64().unwrap()
    }
    /// A template of this category without parameters, approved.
    pub async fn template(&self, name: &str, category: &str) {
        let wish = json!({"name": name, "language": "en", "category": category, "components": [
            {"type": "BODY", "text": "Hello"},
            {"type": "BUTTONS", "buttons": [{"type": "QUICK_REPLY", "text": "Yes"}, {"type": "QUICK_REPLY", "text": "Stop"}]}]});
        assert_eq!(self.post(&format!("{WABA}/message_templates"), &wish).await.unwrap().0, 200);
    }
}

pub fn text(to: &str, body: &str) -> Value {
    json!({"messaging_product": "whatsapp", "to": format!("+{to}"), "type": "text", "text": {"body": body}})
}

pub fn template(to: &str, name: &str) -> Value {
    json!({"messaging_product": "whatsapp", "to": format!("+{to}"), "type": "template",
        "template": {"name": name, "language": {"code": if name == "hello_world" { "en_US" } else { "en" }}}})
}

pub fn with_echo(mut message: Value, echo: &str) -> Value {
    message["biz_opaque_callback_data"] = echo.into();
    message
}

/// The HMAC that the raw bytes must carry.
pub fn signature(secret: &str, body: &[u8]) -> String {
    let tag = ring::hmac::sign(&ring::hmac::Key::new(ring::hmac::HMAC_SHA256, secret.as_bytes()), body);
    format!("sha256={}", tag.as_ref().iter().map(|b| format!("{b:02x}")).collect::<String>())
}

pub fn distinct(ids: &[String]) -> usize {
    ids.iter().collect::<HashSet<_>>().len()
}
