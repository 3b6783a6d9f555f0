//! The endpoint of flows, end to end: a phone of the simulator encrypts, the host answers through conek, the phone
//! reads it.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use aes_gcm::{AesGcm, KeyInit, aead::Aead};
use axum::{Router, body::Bytes, extract::State, http::HeaderMap, response::IntoResponse};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use conek_core::{
    Engine, Transport,
    flow_endpoint::*,
    inbound::{Happening, HttpRequest, HttpResponse},
    platform::NewFlow,
    transport::{GraphCall, GraphMethod, GraphPayload, Reply, WebhookRequest, WhatsApp, whatsapp::Settings},
};
use conek_simulator::FlowStep;
use conek_tests::{APP_SECRET, NUMBER, VERIFY_TOKEN, World};
use serde_json::{Value, json};

const THANDI: &str = "+27832885137";

/// Made for these tests by `openssl genrsa -des3`; protects nothing.
const ENCRYPTED: &str = include_str!("flow_key_3des.pem");
/// Made for these tests by `openssl genrsa`; protects nothing.
const PLAIN: &str = include_str!("flow_key.pem");
/// The same in the form of PKCS#1.
const PKCS1: &str = include_str!("flow_key_rsa.pem");

fn key(pem: &str, passphrase: Option<&str>) -> FlowPrivateKey {
    FlowPrivateKey { pem: pem.into(), passphrase: passphrase.map(Into::into) }
}

/// A host that serves the endpoint.
struct Host {
    engine: Engine,
    /// The last request, and what was opened of it.
    seen: Mutex<(WebhookRequest, Option<FlowRequest>)>,
}

async fn answer(host: &Host, request: FlowRequest) -> HttpResponse {
    let decided = match (&request.error, request.action, request.flow_token.as_deref()) {
        (Some(_), ..) => FlowAnswer::Acknowledged {},
        (_, _, Some("spent")) => FlowAnswer::TokenEnded { message: "The order was placed".into() },
        (_, FlowAction::DataExchange, _) => FlowAnswer::Complete { params: r#"{"day": "Monday"}"#.into() },
        (_, FlowAction::Back, _) => FlowAnswer::Screen { screen: "BACK".into(), data: "{}".into() },
        _ => FlowAnswer::Screen { screen: "DAY".into(), data: r#"{"days": ["Monday", "één"]}"#.into() },
    };
    host.engine.flow_endpoint().answer(request.exchange, decided).await.unwrap()
}

async fn endpoint(State(host): State<Arc<Host>>, headers: HeaderMap, body: Bytes) -> impl IntoResponse {
    let headers: BTreeMap<String, String> =
        headers.iter().map(|(n, v)| (n.to_string(), v.to_str().unwrap().to_owned())).collect();
    let request = HttpRequest {
        method: "POST".into(),
        path: "/flow".into(),
        headers: headers.clone(),
        body: body.to_vec(),
    };
    let handled = host.engine.flow_endpoint().handle_http(request).await.unwrap();
    *host.seen.lock().unwrap() = (WebhookRequest { headers, body: body.to_vec() }, handled.request.clone());
    let response = match (handled.response, handled.request) {
        (Some(response), None) => response,
        (None, Some(request)) => answer(&host, request).await,
        both => panic!("{both:?}"),
    };
    (axum::http::StatusCode::from_u16(response.status.try_into().unwrap()).unwrap(), response.body)
}

struct Scene {
    world: World,
    host: Arc<Host>,
    flow: String,
}

impl Scene {
    async fn new(keys: Vec<FlowPrivateKey>) -> Self {
        let world = World::new(|_| {}).await;
        let mut config = world.config();
        config.flow_keys = keys;
        let engine = Engine::open(config, world.ports()).await.unwrap();
        *world.receiver.write().await = Some(engine.clone());
        let unasked = WebhookRequest { headers: BTreeMap::new(), body: Vec::new() };
        let host = Arc::new(Host { engine: engine.clone(), seen: Mutex::new((unasked, None)) });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/flow", listener.local_addr().unwrap());
        let app = Router::new().route("/flow", axum::routing::post(endpoint)).with_state(host.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        let flow = NewFlow {
            name: "Table".into(),
            categories: vec!["APPOINTMENT_BOOKING".into()],
            endpoint: Some(url),
            ..NewFlow::default()
        };
        let flow = engine.platform().create_flow(flow).await.unwrap().id;
        let scene = Self { world, host, flow };
        scene.give_key(&engine.flow_endpoint().public_key().await.unwrap()).await;
        scene
    }

    /// Tells WhatsApp the number's public key.
    async fn give_key(&self, pem: &str) {
        let simulator = &self.world.simulator;
        let mut settings =
            Settings::new(simulator.token().into(), vec![APP_SECRET.into()], VERIFY_TOKEN.into());
        settings.base_url = simulator.base_url().into();
        let whatsapp = WhatsApp::new(settings, self.world.clock.clone()).unwrap();
        let call = GraphCall {
            method: GraphMethod::Post,
            path: format!("{NUMBER}/whatsapp_business_encryption"),
            query: BTreeMap::new(),
            payload: GraphPayload::Json { json: json!({"business_public_key": pem}).to_string() },
        };
        assert_eq!(whatsapp.manage(call).await.unwrap().status, 200);
    }

    fn step(&self, action: &str, token: Option<&str>) -> FlowStep {
        FlowStep {
            from: THANDI.into(),
            flow: self.flow.clone(),
            action: action.into(),
            flow_token: token.map(Into::into),
            ..FlowStep::default()
        }
    }

    async fn ask(&self, step: FlowStep) -> (u16, Value) {
        let seen = self.world.simulator.flow_step(&step).await.unwrap();
        (seen.status, seen.answer)
    }

    fn opened(&self) -> FlowRequest {
        self.host.seen.lock().unwrap().1.clone().unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_opens_a_flow_fills_it_in_and_sends_that_it_is_done() {
    let scene = Scene::new(vec![key(ENCRYPTED, Some("protea"))]).await;
    let (status, pong) = scene.ask(scene.step("ping", None)).await;
    assert_eq!((status, &pong["data"]["status"]), (200, &json!("active")));

    let (status, first) = scene.ask(scene.step("INIT", Some("table 4"))).await;
    assert_eq!(status, 200);
    assert_eq!(first, json!({"version": "3.0", "screen": "DAY", "data": {"days": ["Monday", "één"]}}));
    assert_eq!((scene.opened().action, scene.opened().screen), (FlowAction::Init, None));

    let back = FlowStep { screen: Some("DAY".into()), ..scene.step("BACK", Some("table 4")) };
    assert_eq!(scene.ask(back).await.1["screen"], "BACK");

    let entered = json!({"day": "Monday", "note": "é 😀"});
    let submit = FlowStep {
        screen: Some("DAY".into()),
        data: Some(entered.clone()),
        ..scene.step("data_exchange", Some("table 4"))
    };
    let seen = scene.world.simulator.flow_step(&submit).await.unwrap();
    let asked = scene.opened();
    assert_eq!((asked.screen.as_deref(), asked.flow_token.as_deref()), (Some("DAY"), Some("table 4")));
    assert_eq!(serde_json::from_str::<Value>(&asked.data).unwrap(), entered);
    let params = &seen.answer["data"]["extension_message_response"]["params"];
    assert_eq!(params, &json!({"day": "Monday", "flow_token": "table 4"}));

    scene.world.settle(&scene.host.engine).await;
    let events = scene.host.engine.inbound().events(None, 100).await.unwrap().events;
    let done = events.iter().find_map(|e| match &e.happening {
        Happening::Received { wamid, reply: Reply::Other { json, .. }, .. } => {
            Some((wamid.clone(), json.clone()))
        }
        _ => None,
    });
    let (wamid, message) = done.unwrap();
    assert_eq!(Some(wamid), seen.completion);
    assert!(message.contains("Monday"), "{message}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_on_the_phone_is_told_and_acknowledged_and_a_spent_token_closes_the_flow() {
    let scene = Scene::new(vec![key(PLAIN, None)]).await;
    let told = json!({"error": "INVALID_SCREEN_TRANSITION", "error_message": "No such screen"});
    let step = FlowStep { data: Some(told), ..scene.step("data_exchange", Some("table 4")) };
    assert_eq!(scene.ask(step).await.1["data"], json!({"acknowledged": true}));
    let error = scene.opened().error.unwrap();
    assert_eq!(
        (&*error.error, error.message.as_deref()),
        ("INVALID_SCREEN_TRANSITION", Some("No such screen"))
    );

    let (status, answer) = scene.ask(scene.step("INIT", Some("spent"))).await;
    assert_eq!((status, answer), (427, json!({"error_msg": "The order was placed"})));
    let grey = scene.world.simulator.flow_step(&scene.step("INIT", Some("spent"))).await.unwrap_err();
    assert!(grey.to_string().contains("grey"), "{grey}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_key_is_told_in_the_status_and_changes_without_a_gap() {
    let scene = Scene::new(vec![key(PKCS1, None)]).await;
    assert_eq!(scene.ask(scene.step("ping", None)).await.0, 200);
    let other = Scene::new(vec![key(ENCRYPTED, Some("protea")), key(PLAIN, None)]).await;
    assert_eq!(other.ask(other.step("INIT", None)).await.0, 200, "the present key");
    let former = scene.host.engine.flow_endpoint().public_key().await.unwrap();
    other.give_key(&former).await;
    assert_eq!(other.ask(other.step("INIT", None)).await.0, 200, "phones still have the former key");
    let strange = other.host.engine.flow_endpoint().public_key().await.unwrap();
    scene.give_key(&strange).await;
    let (status, answer) = scene.ask(scene.step("INIT", None)).await;
    assert_eq!((status, answer), (421, Value::Null), "and fetches the public key anew");
    scene.world.simulator.change_webhooks(|w| w.app_secret = "stolen".into()).unwrap();
    assert_eq!(scene.ask(scene.step("INIT", None)).await.0, 432);
}

fn signed(body: Vec<u8>) -> WebhookRequest {
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, APP_SECRET.as_bytes());
    let tag = ring::hmac::sign(&key, &body);
    let hex: String = tag.as_ref().iter().map(|b| format!("{b:02x}")).collect();
    WebhookRequest { headers: [("X-Hub-Signature-256".to_owned(), format!("sha256={hex}"))].into(), body }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_with_a_request_is_said_and_never_a_panic() {
    let scene = Scene::new(vec![key(PLAIN, None)]).await;
    scene.ask(scene.step("INIT", Some("table 4"))).await;
    let good = scene.host.seen.lock().unwrap().0.clone();
    let body: Value = serde_json::from_slice(&good.body).unwrap();
    let endpoint = scene.host.engine.flow_endpoint();
    let with = |field: &str, value: Value| {
        let mut body = body.clone();
        body[field] = value;
        signed(body.to_string().into_bytes())
    };
    let bytes = |field: &str| STANDARD.decode(body[field].as_str().unwrap()).unwrap();
    let flipped = |field: &str, at: usize| {
        let mut bytes = bytes(field);
        let at = at.min(bytes.len() - 1);
        bytes[at] ^= 1;
        with(field, STANDARD.encode(bytes).into())
    };
    let short = |field: &str, to: usize| with(field, STANDARD.encode(&bytes(field)[..to]).into());
    let huge = vec![b' '; 3 * 1024 * 1024 + 1];
    let cases = [
        (signed(b"{}".to_vec()), "invalid_input", "body"),
        (signed(b"[1".to_vec()), "invalid_input", "body"),
        (signed(Vec::new()), "invalid_input", "body"),
        (signed(huge), "invalid_input", "body"),
        (with("encrypted_aes_key", json!(7)), "invalid_input", "body"),
        (with("encrypted_aes_key", json!("*")), "invalid_input", "encrypted_aes_key"),
        (with("encrypted_flow_data", json!("a b")), "invalid_input", "encrypted_flow_data"),
        (with("initial_vector", json!("\u{e9}")), "invalid_input", "initial_vector"),
        (short("initial_vector", 12), "invalid_input", "16 bytes"),
        (short("encrypted_flow_data", 15), "invalid_input", "tag"),
        (short("encrypted_aes_key", 255), "invalid_input", "256 bytes"),
        (flipped("encrypted_aes_key", 9), "key", "421"),
        (flipped("encrypted_flow_data", 0), "key", "421"),
        (flipped("encrypted_flow_data", usize::MAX), "key", "421"),
        (flipped("initial_vector", 3), "key", "421"),
        (WebhookRequest { body: good.body.clone(), headers: BTreeMap::new() }, "signature", "432"),
    ];
    for (request, code, says) in cases {
        let error = endpoint.open_request(request).await.unwrap_err();
        assert_eq!(error.code(), code, "{error}");
        assert!(error.to_string().contains(says), "{error}");
        assert!(!format!("{error} {error:?}").contains("table 4"));
    }
    for (method, body, status) in
        [("GET", Vec::new(), 405), ("POST", vec![0; 3 * 1024 * 1024 + 1], 413), ("POST", b"{}".to_vec(), 400)]
    {
        let WebhookRequest { headers, body } = signed(body);
        let request = HttpRequest { method: method.into(), path: "/flow".into(), headers, body };
        let handled = endpoint.handle_http(request).await.unwrap();
        assert_eq!(handled.response.unwrap().status, status);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_is_given_once_and_must_be_one() {
    let scene = Scene::new(vec![key(PLAIN, None)]).await;
    scene.ask(scene.step("INIT", Some("table 4"))).await;
    let good = scene.host.seen.lock().unwrap().0.clone();
    let endpoint = scene.host.engine.flow_endpoint();
    let asked = endpoint.open_request(good.clone()).await.unwrap();
    let id = || asked.exchange.clone();
    let screen = |screen: &str, data: &str| FlowAnswer::Screen { screen: screen.into(), data: data.into() };
    for (wrong, field) in [
        (screen("", "{}"), "screen"),
        (screen("DAY", "[]"), "data"),
        (FlowAnswer::Complete { params: "Monday".into() }, "params"),
    ] {
        let error = endpoint.answer(id(), wrong).await.unwrap_err();
        assert!(error.code() == "invalid_input" && error.to_string().starts_with(field), "{error}");
    }
    let first = endpoint.answer(id(), screen("DAY", "{}")).await.unwrap();
    assert!(STANDARD.decode(first.body).is_ok());
    let again = endpoint.answer(id(), screen("OTHER", "{}")).await.unwrap_err();
    assert_eq!(again.code(), "not_found", "a vector encrypts once");
    let late = endpoint.open_request(good).await.unwrap().exchange;
    scene.world.clock.advance(std::time::Duration::from_secs(61));
    let error = endpoint.answer(late, screen("DAY", "{}")).await.unwrap_err();
    assert_eq!(error.code(), "not_found", "nobody waits for it any more");
    assert!(!format!("{asked:?} {:?}", screen("DAY", "{\"a\": 1}")).contains("table 4"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_none_is_named_at_opening_and_shown_nowhere() {
    let world = World::new(|_| {}).await;
    let secret = PLAIN.lines().nth(3).unwrap();
    let short = PLAIN.replacen(secret, "", 1);
    for (wrong, says) in [
        (key("", None), "PEM"),
        (key("-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----", None), "private key"),
        (key(&short, None), "flow_keys"),
        (key(ENCRYPTED, None), "passphrase"),
        (key(ENCRYPTED, Some("rooibos")), "passphrase"),
        (key("-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n", None), "openssl pkcs8"),
        (key(include_str!("flow_key_short.pem"), None), "2,048"),
    ] {
        let mut config = world.config();
        config.flow_keys = vec![wrong];
        let shown = format!("{config:?} {:?}", config.flow_keys);
        let error = Engine::open(config, world.ports()).await.unwrap_err();
        assert_eq!(error.code(), "invalid_input");
        assert!(error.to_string().contains(says), "{error}");
        assert!(!format!("{shown} {error} {error:?}").contains(secret));
    }
    let engine = world.engine().await;
    assert_eq!(engine.flow_endpoint().public_key().await.unwrap_err().code(), "key");
    let none = engine.flow_endpoint().open_request(signed(b"{}".to_vec())).await.unwrap_err();
    assert_eq!(none.code(), "invalid_input");
}

/// A request and its answer as the code in Meta's guide makes them, by another library (Node's `crypto`).
#[tokio::test(flavor = "multi_thread")]
async fn what_metas_own_code_encrypts_is_opened_and_what_is_answered_it_could_read() {
    let vector: Value = serde_json::from_str(include_str!("flow_vector.json")).unwrap();
    let scene = Scene::new(vec![key(PLAIN, None)]).await;
    let endpoint = scene.host.engine.flow_endpoint();
    let asked = endpoint.open_request(signed(vector["request"].to_string().into_bytes())).await.unwrap();
    assert_eq!((&*asked.data, asked.screen.as_deref()), (r#"{"day":"Monday"}"#, Some("DAY")));
    let answer = FlowAnswer::Screen { screen: "DONE".into(), data: "{}".into() };
    let sealed = STANDARD.decode(endpoint.answer(asked.exchange, answer).await.unwrap().body).unwrap();
    let bytes =
        |name: &str| <[u8; 16]>::try_from(STANDARD.decode(vector[name].as_str().unwrap()).unwrap()).unwrap();
    let cipher = AesGcm::<aes_gcm::aes::Aes128, aes_gcm::aead::consts::U16>::new((&bytes("key")).into());
    let opened = cipher.decrypt((&bytes("flipped")).into(), sealed.as_slice()).unwrap();
    assert_eq!(serde_json::from_slice::<Value>(&opened).unwrap()["screen"], "DONE");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_was_put_into_a_flow_is_opened_unless_it_was_changed() {
    let scene = Scene::new(vec![key(PLAIN, None)]).await;
    let endpoint = scene.host.engine.flow_endpoint();
    // Encrypted by another library (Node's `crypto`).
    let vector: Value = serde_json::from_str(include_str!("flow_vector.json")).unwrap();
    let (entry, file) = (&vector["media"], STANDARD.decode(vector["file"].as_str().unwrap()).unwrap());
    let media = endpoint.open_media(entry.to_string(), file.clone()).await.unwrap();
    assert_eq!(
        (media.bytes.as_slice(), &*media.filename),
        (b"a picture of a coffee bush".as_slice(), "bush.jpg")
    );
    assert!(!format!("{media:?}").contains("bush"));
    let with = |field: &str, value: Value| {
        let mut entry = entry.clone();
        entry["encryption_metadata"][field] = value;
        entry.to_string()
    };
    let zeros = |n: usize| Value::from(STANDARD.encode(vec![0; n]));
    let mut longer = file.clone();
    longer.push(0);
    for (entry, file, code, says) in [
        (entry.to_string(), longer, "key", "encrypted_hash"),
        (entry.to_string(), Vec::new(), "key", "encrypted_hash"),
        (with("hmac_key", zeros(32)), file.clone(), "key", "HMAC"),
        (with("iv", zeros(16)), file.clone(), "key", "HMAC"),
        (with("encryption_key", zeros(32)), file.clone(), "key", ""),
        (with("encryption_key", zeros(31)), file.clone(), "invalid_input", "32 bytes"),
        (with("plaintext_hash", zeros(32)), file.clone(), "key", "plaintext_hash"),
        (with("iv", json!("*")), file.clone(), "invalid_input", "entry"),
        ("{}".into(), file.clone(), "invalid_input", "entry"),
    ] {
        let error = endpoint.open_media(entry, file).await.unwrap_err();
        assert_eq!(error.code(), code, "{error}");
        assert!(error.to_string().contains(says), "{error}");
    }
}
