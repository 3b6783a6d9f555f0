//! A whole small world for a test: the simulator, an engine on a database of its own, the webhook's
//! HTTP server between them, and one clock for all.

mod answering;
mod chance;

use std::{collections::BTreeMap, net::SocketAddr, path::PathBuf, sync::Arc};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, Method, StatusCode, Uri},
};
use conek_core::{
    CampaignId, Config, Content, Draft, Engine, Number, PersonId, Ports, Purpose, Recipient, Result,
    VirtualClock, WhatsAppAccess,
    campaigns::{Audience, CampaignSpec, Variable},
    consent::{ConsentEntry, ConsentSource, ConsentStatus, Evidence},
    inbound::HttpRequest,
    messaging::{Template, TemplateCategory},
    people::NewContact,
    storage::{Postgres, Sqlite, Storage},
};
use conek_simulator::{Options, Simulator, WebhookOptions};
use serde_json::json;

pub use answering::Answering;
pub use chance::{Chance, times};

/// The app's secret between simulator and engine.
pub const APP_SECRET: &str = "world-app-secret";
/// The word of the webhook's handshake.
pub const VERIFY_TOKEN: &str = "world-verify-token";
/// The phone number id of the business.
pub const NUMBER: &str = "100000000000001";
/// The business account that the number belongs to.
pub const BUSINESS_ACCOUNT: &str = "200000000000001";
/// A Tuesday morning within marketing hours.
pub const TUESDAY: &str = "2026-11-24T09:00:00+02:00";

/// Where webhooks are handed to: the engine of the moment. A test may take it away and put another.
pub type Receiver = Arc<tokio::sync::RwLock<Option<Engine>>>;

/// The world of a test.
pub struct World {
    /// WhatsApp.
    pub simulator: Simulator,
    /// The clock of both.
    pub clock: Arc<VirtualClock>,
    /// Who receives webhooks.
    pub receiver: Receiver,
    /// The folder of the database.
    pub dir: tempfile::TempDir,
    /// The address of the database, where it is PostgreSQL: `CONEK_TEST_STORAGE=postgres` chooses it.
    pub database: Option<String>,
}

impl World {
    /// A world that begins on a Tuesday morning, with the simulator's options changed as wanted.
    pub async fn new(change: impl FnOnce(&mut Options)) -> Self {
        Self::at(TUESDAY, change).await
    }

    /// A world that begins at a moment.
    pub async fn at(start: &str, change: impl FnOnce(&mut Options)) -> Self {
        let start = chrono::DateTime::parse_from_rfc3339(start).expect("a moment").to_utc();
        let clock = Arc::new(VirtualClock::at(start));
        clock.set_speed(20.0);
        let receiver = Receiver::default();
        let address = serve(receiver.clone()).await;
        let mut options = Options {
            templates: vec![json!({
                "name": "spring_offer", "language": "en", "category": "MARKETING",
                "components": [
                    {"type": "BODY", "text": "Hello {{1}}, spring is here at Karoo Coffee.", "example": {"body_text": [["Thandi"]]}},
                    {"type": "FOOTER", "text": "Reply STOP to opt out"}
                ]
            })],
            webhooks: WebhookOptions {
                url: Some(format!("http://{address}/webhook")),
                app_secret: APP_SECRET.into(),
                verify_token: VERIFY_TOKEN.into(),
                ..WebhookOptions::default()
            },
            ..Options::default().on(clock.clone())
        };
        for number in &mut options.numbers {
            number.mps = 0;
        }
        change(&mut options);
        let simulator = Simulator::start(options).await.expect("the simulator starts");
        let dir = tempfile::tempdir().expect("a folder");
        Self { simulator, clock, receiver, dir, database: database() }
    }

    /// The database's path.
    pub fn path(&self) -> PathBuf {
        self.dir.path().join("conek.db")
    }

    /// How to open an engine in this world.
    pub fn config(&self) -> Config {
        let path = self.path().display().to_string();
        let mut config = config(&path, self.simulator.base_url(), self.simulator.token());
        if let Some(url) = &self.database {
            (config.path, config.database) = (None, Some(url.clone()));
            config.key_file = Some(format!("{path}.key"));
        }
        config
    }

    /// How to open what `backup` wrote to `copy`: the file itself, or a new schema that is filled with it.
    pub async fn copied(&self, copy: &str) -> Config {
        let mut config = self.config();
        match &self.database {
            Some(_) => {
                let url = database().expect("PostgreSQL is there");
                let restored = Postgres::restore(&url, copy).await.expect("the copy comes back");
                restored.close().await.expect("it closes");
                config.database = Some(url);
            }
            None => config.path = Some(copy.to_owned()),
        }
        config
    }

    /// The storage of a closed engine.
    pub async fn storage(&self) -> Arc<dyn Storage> {
        match &self.database {
            Some(url) => Arc::new(Postgres::open(url).await.expect("the database opens")),
            None => Arc::new(Sqlite::open(self.path()).await.expect("the file opens")),
        }
    }

    /// Whether the store is not one file: says so, for tests that copy or spoil the file.
    pub fn has_no_file(&self) -> bool {
        if self.database.is_some() {
            eprintln!("not checked on PostgreSQL: it has no file to copy or spoil");
        }
        self.database.is_some()
    }

    /// The ports that differ from the default: the clock.
    pub fn ports(&self) -> Ports {
        Ports { clock: Some(self.clock.clone()), ..Ports::default() }
    }

    /// An engine with the marketing template, receiving webhooks.
    pub async fn engine(&self) -> Engine {
        let engine = Engine::open(self.config(), self.ports()).await.expect("the engine opens");
        engine.templates().put(spring_offer()).await.expect("the template fits");
        *self.receiver.write().await = Some(engine.clone());
        engine
    }

    /// Lets everything come to rest: nothing due, on its way, or waiting at WhatsApp.
    pub async fn settle(&self, engine: &Engine) {
        for _ in 0..200 {
            assert!(engine.settle(60_000).await.expect("status"), "the engine does not come to rest");
            let idle = self.simulator.run_until_idle().await;
            if idle.idle && engine.settle(60_000).await.expect("status") && self.simulator.idle().idle {
                return;
            }
        }
        panic!("the world does not come to rest: {:?}", self.simulator.idle());
    }
}

/// The address of a PostgreSQL store of its own, where the tests are to run on one.
pub fn database() -> Option<String> {
    let wanted = std::env::var("CONEK_TEST_STORAGE").is_ok_and(|s| s == "postgres");
    wanted.then(|| conek_test_postgres::server().expect("PostgreSQL was asked for").store())
}

/// How to open an engine on a database that sends through the simulator at `base_url`.
pub fn config(path: &str, base_url: &str, token: &str) -> Config {
    let mut config = Config::new(path, "Karoo Coffee", "privacy@karoo.example");
    config.region = Some("ZA".into());
    config.numbers = vec![Number { per_second: Some(10_000), ..Number::new(NUMBER) }];
    config.business_account = Some(BUSINESS_ACCOUNT.into());
    config.whatsapp = Some(WhatsAppAccess {
        access_token: token.into(),
        app_secrets: vec![APP_SECRET.into()],
        verify_token: VERIFY_TOKEN.into(),
        base_url: Some(through(base_url)),
        graph_version: None,
        extra_roots_pem: None,
    });
    config
}

/// The simulator's address. Where `CONEK_TEST_THROUGH` names a watcher, its address with the simulator's port: the
/// watcher hands everything on.
fn through(base_url: &str) -> String {
    match (std::env::var("CONEK_TEST_THROUGH"), base_url.rsplit_once(':')) {
        (Ok(watcher), Some((_, port))) => format!("{watcher}/{port}"),
        _ => base_url.to_owned(),
    }
}

/// The template that the world's WhatsApp has approved.
pub fn spring_offer() -> Template {
    let body = "Hello {{1}}, spring is here at Karoo Coffee.";
    Template {
        footer: Some("Reply STOP to opt out".into()),
        ..Template::new("spring_offer", "en", TemplateCategory::Marketing, body)
    }
}

/// A contact who consented to marketing on a form.
pub async fn consenting(engine: &Engine, phone: &str) -> Result<PersonId> {
    let contact = engine
        .contacts()
        .upsert(NewContact {
            phone: Some(phone.into()),
            name: Some("Thandi".into()),
            ..NewContact::default()
        })
        .await?;
    engine
        .consent()
        .record(ConsentEntry {
            evidence: Evidence { reference: Some("form 4711".into()), ..Evidence::default() },
            notice: None,
            acted_at: None,
            ..ConsentEntry::new(
                contact.id.clone(),
                Purpose::Marketing,
                ConsentStatus::Given,
                ConsentSource::Form,
            )
        })
        .await?;
    Ok(contact.id)
}

/// A template in English with one value.
pub fn filled(template: &str, value: &str) -> Content {
    let empty = Content::template(template, "en").expect("a name");
    empty.with_values([value]).expect("a value that fits")
}

/// The spring offer to somebody.
pub fn offer(to: &PersonId) -> Draft {
    Draft {
        to: Recipient::Person { id: to.clone() },
        content: filled("spring_offer", "Thandi"),
        purpose: Purpose::Marketing,
        sender: None,
        reply_to: None,
        identity_hash: None,
        not_before: None,
        expires_at: None,
        dedupe_key: None,
        goods: None,
    }
}

/// The number of somebody, told apart by a small number.
pub fn phone(n: usize) -> String {
    format!("+2783{:07}", 2_885_000 + n)
}

/// Plans the spring offer for people who consented, one for each number of `range`.
pub async fn campaign(engine: &Engine, range: std::ops::Range<usize>) -> (CampaignId, Vec<PersonId>) {
    let mut people = Vec::with_capacity(range.len());
    for n in range {
        people.push(consenting(engine, &phone(n)).await.expect("a contact"));
    }
    (plan(engine, people.clone()).await, people)
}

/// Plans the spring offer for these people.
pub async fn plan(engine: &Engine, ids: Vec<PersonId>) -> CampaignId {
    let spec = CampaignSpec {
        name: "Spring".into(),
        audience: Audience::People { ids },
        template: "spring_offer".into(),
        language: "en".into(),
        variables: vec![Variable::Attribute {
            name: String::new(),
            attribute: "name".into(),
            fallback: Some("there".into()),
        }],
        purpose: Purpose::Marketing,
        sender: None,
        not_before: None,
        expires_at: None,
        goods: None,
    };
    engine.campaigns().plan(spec).await.expect("the campaign fits").id
}

/// A template for what people wait for, as WhatsApp keeps it.
pub fn code_at_whatsapp() -> serde_json::Value {
    json!({"name": "code", "language": "en", "category": "UTILITY", "components": [
        {"type": "BODY", "text": "Your code is {{1}}, dear customer.", "example": {"body_text": [["1"]]}}]})
}

/// The same as the engine keeps it.
pub fn code_template() -> Template {
    Template {
        name: "code".into(),
        category: TemplateCategory::Utility,
        body: "Your code is {{1}}, dear customer.".into(),
        footer: None,
        ..spring_offer()
    }
}

/// A message that may be repeated when it may be lost.
pub fn code(to: &str, purpose: Purpose) -> Draft {
    Draft {
        to: Recipient::Phone { number: to.into() },
        content: filled("code", "4711"),
        purpose,
        ..offer(&"".into())
    }
}

/// A webhook of WhatsApp's, signed with a secret.
pub fn signed(body: &[u8], secret: &str) -> HttpRequest {
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, secret.as_bytes());
    let tag: String = ring::hmac::sign(&key, body).as_ref().iter().map(|b| format!("{b:02x}")).collect();
    HttpRequest {
        method: "POST".into(),
        path: "/webhook".into(),
        headers: BTreeMap::from([("X-Hub-Signature-256".into(), format!("sha256={tag}"))]),
        body: body.to_vec(),
    }
}

/// Free text to somebody, as an answer of the support.
pub fn text(to: &PersonId, body: &str) -> Draft {
    Draft {
        content: Content::Text { body: body.into(), preview_url: false },
        purpose: Purpose::Support,
        ..offer(to)
    }
}

/// Receives webhooks for whichever engine is there, on a free port.
pub async fn serve(receiver: Receiver) -> SocketAddr {
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
    let address = listener.local_addr().expect("an address");
    let app = Router::new()
        .fallback(handle)
        .layer(axum::extract::DefaultBodyLimit::max(8 << 20))
        .with_state(receiver);
    tokio::spawn(async move { axum::serve(listener, app).await });
    address
}

async fn handle(
    State(receiver): State<Receiver>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> (StatusCode, Vec<u8>) {
    let Some(engine) = receiver.read().await.clone() else {
        return (StatusCode::SERVICE_UNAVAILABLE, Vec::new());
    };
    let headers: BTreeMap<String, String> = headers
        .iter()
        .filter_map(|(k, v)| Some((k.as_str().to_owned(), v.to_str().ok()?.to_owned())))
        .collect();
    let request =
        HttpRequest { method: method.to_string(), path: uri.to_string(), headers, body: body.to_vec() };
    match engine.inbound().handle_http(request).await {
        Ok(answer) => {
            let status = u16::try_from(answer.status).ok().and_then(|s| StatusCode::from_u16(s).ok());
            (status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR), answer.body)
        }
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, Vec::new()),
    }
}
