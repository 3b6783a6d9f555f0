//! A host manages its account through conek: what is changed reads back so, and what is refused says so.

use std::{collections::BTreeMap, sync::Arc};

use async_trait::async_trait;
use axum::{Router, extract::Query, routing::get};
use conek_core::{
    Engine, Error, Ports, Recipient, Result, Retry, Transport,
    audit::{Actor, AuditOutcome, AuditQuery, FieldMask, Scope},
    platform::*,
    policy::SendPermit,
    transport::{
        GraphAnswer, GraphCall, GraphMethod, GraphPayload, Outgoing, Parsed, SendOutcome, Upload,
        WebhookRequest, WhatsApp, whatsapp::Settings,
    },
};
use conek_simulator::{Fault, FaultRule, Say, Target};
use conek_tests::{
    APP_SECRET, Answering, BUSINESS_ACCOUNT, NUMBER, VERIFY_TOKEN, World, consenting, offer, phone,
};
use serde_json::{Value, json};

const THANDI: &str = "+27832885137";
const APP: &str = "300000000000001";
const PIN: &str = "471108";

async fn world() -> (World, Engine) {
    let world = World::new(|_| {}).await;
    let engine = world.engine().await;
    (world, engine)
}

/// The transport itself, without an engine.
fn transport(world: &World) -> WhatsApp {
    let mut settings =
        Settings::new(world.simulator.token().into(), vec![APP_SECRET.into()], VERIFY_TOKEN.into());
    settings.base_url = world.simulator.base_url().into();
    WhatsApp::new(settings, world.clock.clone()).unwrap()
}

fn call(method: GraphMethod, path: &str, json: Value) -> GraphCall {
    let payload = GraphPayload::Json { json: json.to_string() };
    GraphCall { method, path: path.into(), query: BTreeMap::new(), payload }
}

/// WhatsApp's code, as an error of the transport names it.
fn code(error: Error) -> String {
    let Error::Transport { detail, .. } = &error else { panic!("{error:?}") };
    let digits = detail.split("code ").nth(1).unwrap_or_default();
    digits.chars().take_while(char::is_ascii_digit).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_goes_from_a_code_to_its_registration_and_off_again() {
    let (world, engine) = world().await;
    let (whatsapp, platform) = (transport(&world), engine.platform());
    let new = json!({"cc": "27", "phone_number": "215550199", "verified_name": "Karoo Coffee"});
    let path = format!("{BUSINESS_ACCOUNT}/phone_numbers");
    let added = whatsapp.manage(call(GraphMethod::Post, &path, new)).await.unwrap();
    let added: Value = serde_json::from_str(&added.json).unwrap();
    let id = added["id"].as_str().unwrap().to_owned();

    let first = platform.numbers(None, 1).await.unwrap();
    assert_eq!(first.numbers[0].id, NUMBER);
    let second = platform.numbers(first.next, 1).await.unwrap();
    assert_eq!((second.numbers[0].status.as_deref(), second.next), (Some("PENDING"), None));
    assert_eq!(second.numbers[0].id, id);

    let early = platform.register(id.clone(), PIN.into(), None).await.unwrap_err();
    assert_eq!(code(early), "133006");
    assert_eq!(code(platform.verify_code(id.clone(), "000-000".into()).await.unwrap_err()), "136025");
    platform.request_code(id.clone(), CodeMethod::Sms, "en_US".into()).await.unwrap();
    // The text message on the phone.
    let shown = whatsapp.download(format!("{}/_sim/numbers", world.simulator.base_url())).await.unwrap();
    let shown: Value = serde_json::from_slice(&shown).unwrap();
    let text = shown["numbers"][1]["code"].as_str().unwrap();
    platform.verify_code(id.clone(), format!("{}-{}", &text[..3], &text[3..])).await.unwrap();
    assert_eq!(code(platform.deregister(id.clone()).await.unwrap_err()), "133010");
    platform.register(id.clone(), PIN.into(), Some("ZA".into())).await.unwrap();
    let there = platform.phone_number(Some(id.clone())).await.unwrap();
    assert_eq!((there.status.as_deref(), there.pin_enabled), (Some("CONNECTED"), Some(true)));
    platform.set_pin(id.clone(), "654321".into()).await.unwrap();
    let wrong = platform.register(id.clone(), PIN.into(), None).await.unwrap_err();
    assert!(!wrong.to_string().contains(PIN), "{wrong}");
    assert_eq!(code(wrong), "133005");
    platform.deregister(id.clone()).await.unwrap();
    let there = platform.phone_number(Some(id)).await.unwrap();
    assert_eq!(there.status.as_deref(), Some("DISCONNECTED"));
    let absent = platform.phone_number(Some("4711".into())).await.unwrap_err();
    assert_eq!(absent.code(), "not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_profile_reads_back_as_it_was_changed_with_its_picture() {
    let (_world, engine) = world().await;
    let platform = engine.platform();
    let picture = Sample {
        app: APP.into(),
        mime: "image/png".into(),
        filename: "cup.png".into(),
        bytes: b"\x89PNG".to_vec(),
    };
    let handle = platform.upload_sample(picture).await.unwrap();
    let update = ProfileUpdate {
        about: Some("Coffee from the Karoo".into()),
        address: Some("12 Church Street".into()),
        vertical: Some("RESTAURANT".into()),
        websites: Some(vec!["https://karoo.example".into()]),
        picture_handle: Some(handle),
        ..ProfileUpdate::default()
    };
    platform.update_profile(update, None).await.unwrap();
    let away = ProfileUpdate { address: Some(String::new()), ..ProfileUpdate::default() };
    platform.update_profile(away, Some(NUMBER.into())).await.unwrap();
    let profile = platform.profile(None).await.unwrap();
    assert!(profile.picture_url.is_some());
    let expected = BusinessProfile {
        about: Some("Coffee from the Karoo".into()),
        vertical: Some("RESTAURANT".into()),
        websites: vec!["https://karoo.example".into()],
        picture_url: profile.picture_url.clone(),
        ..BusinessProfile::default()
    };
    assert_eq!(profile, expected);
    let long = |text: &str| ProfileUpdate { about: Some(text.repeat(140)), ..ProfileUpdate::default() };
    for wrong in [ProfileUpdate::default(), long("x"), long("")] {
        assert_eq!(platform.update_profile(wrong, None).await.unwrap_err().code(), "invalid_input");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn codes_are_listed_page_by_page_changed_and_deleted() {
    let (_world, engine) = world().await;
    let platform = engine.platform();
    for n in 0..3 {
        platform.create_qr_code(format!("Table {n}"), None, None).await.unwrap();
    }
    let drawn = platform.create_qr_code("Menu".into(), Some(QrImage::Svg), None).await.unwrap();
    assert!(drawn.image_url.is_some() && drawn.link.ends_with(&drawn.code));
    let (mut after, mut seen) = (None, Vec::new());
    loop {
        let page = platform.qr_codes(after, 2, None).await.unwrap();
        seen.extend(page.codes.into_iter().map(|c| c.message));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(seen, ["Table 0", "Table 1", "Table 2", "Menu"]);
    let changed = platform.update_qr_code(drawn.code.clone(), "Menu, please".into(), None).await.unwrap();
    assert_eq!((changed.code, changed.message), (drawn.code.clone(), "Menu, please".to_owned()));
    platform.delete_qr_code(drawn.code.clone(), None).await.unwrap();
    assert_eq!(code(platform.delete_qr_code(drawn.code, None).await.unwrap_err()), "100");
    assert_eq!(platform.qr_codes(None, 100, None).await.unwrap().codes.len(), 3);
    for wrong in ["../1".to_owned(), "a b".into(), String::new()] {
        assert_eq!(platform.delete_qr_code(wrong, None).await.unwrap_err().code(), "invalid_input");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_blocked_gets_nothing_and_is_known_as_a_contact() {
    let (world, engine) = world().await;
    let platform = engine.platform();
    let person = consenting(&engine, THANDI).await.unwrap();
    let others = [phone(1), phone(2)];
    let who =
        || vec![Recipient::Person { id: person.clone() }, Recipient::Phone { number: others[0].clone() }];
    let early = platform.block(who(), None).await.unwrap();
    let refused = |index| BlockRefusal { index, code: Some(131_047) };
    assert_eq!(early, BlockReport { done: vec![], refused: vec![refused(0), refused(1)] });
    for number in [THANDI, &others[0], &others[1]] {
        world.simulator.say(number, Say::text("Hello")).unwrap();
    }
    world.settle(&engine).await;
    assert_eq!(platform.block(who(), None).await.unwrap().done, [0, 1]);
    // A person who is known by nothing but WhatsApp's id.
    let page = platform.blocked(None, 1, None).await.unwrap();
    let bsuid = page.people[0].bsuid.clone().unwrap();
    assert_eq!(
        (page.people[0].person.as_ref(), page.people[0].phone.as_deref()),
        (Some(&person), Some(THANDI))
    );
    let rest = platform.blocked(page.next, 10, None).await.unwrap();
    assert_eq!((rest.people.len(), rest.next), (1, None));

    let sent = engine.messages().send(offer(&person)).await.unwrap();
    world.settle(&engine).await;
    let message = engine.messages().get(sent.id).await.unwrap();
    assert_eq!(message.state, conek_core::messaging::MessageState::Refused);
    let released = platform.unblock(vec![Recipient::Bsuid { id: bsuid }], None).await.unwrap();
    assert_eq!(released.done, [0]);
    assert_eq!(platform.blocked(None, 100, None).await.unwrap().people.len(), 1);

    let clerk = Actor { id: "clerk".into(), masks: vec![FieldMask::Phone], ..Actor::host() };
    let desk = engine.session(clerk).unwrap();
    let seen = desk.platform().blocked(None, 100, None).await.unwrap().people.remove(0);
    assert!(seen.person.is_some() && seen.phone.is_none() && seen.bsuid.is_none());
    for wrong in [vec![], vec![Recipient::Phone { number: "no number".into() }]] {
        assert!(platform.block(wrong, None).await.is_err());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_block_list_is_in_the_log_of_those_who_are_on_it() {
    let (world, engine) = world().await;
    let person = consenting(&engine, THANDI).await.unwrap();
    world.simulator.say(THANDI, Say::text("Hello")).unwrap();
    world.settle(&engine).await;
    engine.platform().block(vec![Recipient::Person { id: person.clone() }], None).await.unwrap();
    engine.platform().blocked(None, 100, None).await.unwrap();
    let query = AuditQuery { person: Some(person), ..AuditQuery::default() };
    let entries = engine.audit().entries(query, 1000).await.unwrap().entries;
    for operation in ["platform.block", "platform.blocked"] {
        assert!(entries.iter().any(|e| e.operation == operation), "{operation}");
    }
}

/// A callback that answers challenges with this word.
async fn callback() -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/here", listener.local_addr().unwrap());
    let answer = |Query(query): Query<BTreeMap<String, String>>| async move {
        let known = query.get("hub.verify_token").is_some_and(|t| t == "a word");
        if known { query.get("hub.challenge").cloned().unwrap_or_default() } else { String::new() }
    };
    let app = Router::new().route("/here", get(answer));
    tokio::spawn(async move { axum::serve(listener, app).await });
    url
}

#[tokio::test(flavor = "multi_thread")]
async fn webhooks_go_where_they_are_sent_once_that_place_answers() {
    let (_world, engine) = world().await;
    let platform = engine.platform();
    let url = callback().await;
    let to = |token: &str| Some(WebhookCallback { url: url.clone(), verify_token: token.into() });
    assert_eq!(code(platform.subscribe(to("a guess")).await.unwrap_err()), "2200");
    platform.subscribe(to("a word")).await.unwrap();
    let apps = platform.subscribed_apps().await.unwrap();
    assert_eq!((apps[0].id.as_deref(), apps[0].callback_url.as_deref()), (Some(APP), Some(&*url)));
    platform.subscribe(None).await.unwrap();
    assert_eq!(platform.subscribed_apps().await.unwrap()[0].callback_url, None);
    platform.set_number_callback(NUMBER.into(), to("a word")).await.unwrap();
    platform.set_number_callback(NUMBER.into(), None).await.unwrap();
    platform.unsubscribe().await.unwrap();
    assert!(platform.subscribed_apps().await.unwrap().is_empty());
    assert!(!format!("{:?}", to("a word")).contains("a word"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_number_offers_before_anybody_writes_reads_back() {
    let (_world, engine) = world().await;
    let platform = engine.platform();
    assert_eq!(platform.automation(None).await.unwrap(), Automation::default());
    let command = |name: &str| BotCommand { name: name.into(), description: "When we are open".into() };
    let wanted = Automation {
        welcome: true,
        prompts: vec!["When are you open?".into()],
        commands: vec![command("hours"), command("menu")],
    };
    platform.set_automation(wanted.clone(), None).await.unwrap();
    assert_eq!(platform.automation(None).await.unwrap(), wanted);
    let many = Automation { prompts: vec!["Why?".into(); 4], ..Automation::default() };
    let twice = Automation { commands: vec![command("hours"); 2], ..Automation::default() };
    for wrong in [many, twice] {
        assert_eq!(platform.set_automation(wrong, None).await.unwrap_err().code(), "invalid_input");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flow_is_drafted_corrected_published_and_taken_out_of_use() {
    let (_world, engine) = world().await;
    let platform = engine.platform();
    let new =
        |name: &str| NewFlow { name: name.into(), categories: vec!["SURVEY".into()], ..NewFlow::default() };
    let made = platform.create_flow(new("Survey")).await.unwrap();
    assert_eq!(code(platform.create_flow(new("Survey")).await.unwrap_err()), "100");
    assert_eq!(code(platform.publish_flow(made.id.clone()).await.unwrap_err()), "139002");
    let wrong = platform.upload_flow_json(made.id.clone(), r#"{"version": "7.0"}"#.into()).await.unwrap();
    assert_eq!(wrong.len(), 1);
    assert_eq!(platform.flow(made.id.clone()).await.unwrap().errors, wrong);
    let file = r#"{"version": "7.0", "screens": [{"id": "A", "layout": {}}]}"#;
    assert_eq!(platform.upload_flow_json(made.id.clone(), file.into()).await.unwrap(), []);
    let rename = FlowUpdate { name: Some("Questions".into()), ..FlowUpdate::default() };
    platform.update_flow(made.id.clone(), rename.clone()).await.unwrap();
    platform.publish_flow(made.id.clone()).await.unwrap();
    assert_eq!(code(platform.update_flow(made.id.clone(), rename).await.unwrap_err()), "139001");
    assert_eq!(code(platform.delete_flow(made.id.clone()).await.unwrap_err()), "139004");
    let flow = platform.flow(made.id.clone()).await.unwrap();
    assert_eq!(
        (&*flow.name, &*flow.status, flow.json_version.as_deref()),
        ("Questions", "PUBLISHED", Some("7.0"))
    );
    assert!(flow.updated_at.is_some() && flow.preview_until.is_some());
    assert!(platform.flow_assets(made.id.clone()).await.unwrap()[0].download_url.is_some());

    let broken = NewFlow { flow_json: Some(r#"{"version": "7.0"}"#.into()), ..new("Broken") };
    let broken = platform.create_flow(broken).await.unwrap();
    assert_eq!(broken.errors.len(), 1, "it exists, and says what is wrong");
    let copy = NewFlow { clone_of: Some(made.id.clone()), ..new("Copy") };
    let copy = platform.create_flow(copy).await.unwrap();
    let page = platform.flows(None, 2).await.unwrap();
    let rest = platform.flows(page.next, 2).await.unwrap();
    assert_eq!((page.flows.len(), rest.flows[0].id.as_str(), rest.next), (2, &*copy.id, None));
    platform.delete_flow(copy.id.clone()).await.unwrap();
    assert_eq!(platform.flow(copy.id).await.unwrap_err().code(), "not_found");
    platform.deprecate_flow(made.id.clone()).await.unwrap();
    assert_eq!(platform.flow(made.id).await.unwrap().status, "DEPRECATED");
    let none = platform.upload_flow_json(broken.id, "{".into()).await.unwrap_err();
    assert_eq!(none.code(), "invalid_input");
}

fn menu() -> Upload {
    Upload {
        sender: NUMBER.into(),
        filename: "menu.pdf".into(),
        mime: "application/pdf".into(),
        bytes: b"%PDF-1.7".to_vec(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_comes_back_as_it_was_uploaded_until_it_is_deleted() {
    let (world, engine) = world().await;
    let id = engine.media().upload(menu()).await.unwrap();
    let info = engine.media().info(id.clone()).await.unwrap();
    assert_eq!((&*info.mime, info.size), ("application/pdf", Some(8)));
    assert!(info.url_until > conek_core::Clock::now(&*world.clock));
    assert!(!format!("{info:?}").contains("http"));
    let file = engine.media().download(id.clone()).await.unwrap();
    assert_eq!((file.bytes, file.sha256), (menu().bytes, info.sha256));
    let blind = Actor { id: "clerk".into(), masks: vec![FieldMask::Content], ..Actor::host() };
    let desk = engine.session(blind).unwrap();
    assert_eq!(desk.media().download(id.clone()).await.unwrap_err().code(), "forbidden");
    engine.media().delete(id.clone()).await.unwrap();
    assert_eq!(engine.media().download(id).await.unwrap_err().code(), "not_found");
}

/// A way to WhatsApp on which files are changed.
#[derive(Debug)]
struct Meddling(WhatsApp);

#[async_trait]
impl Transport for Meddling {
    async fn send(&self, permit: SendPermit, message: Outgoing) -> SendOutcome {
        self.0.send(permit, message).await
    }
    async fn upload(&self, upload: Upload) -> Result<String> {
        self.0.upload(upload).await
    }
    async fn mark_read(&self, sender: String, wamid: String) -> Result<()> {
        self.0.mark_read(sender, wamid).await
    }
    async fn manage(&self, call: GraphCall) -> Result<GraphAnswer> {
        self.0.manage(call).await
    }
    async fn download(&self, url: String) -> Result<Vec<u8>> {
        let mut bytes = self.0.download(url).await?;
        bytes[0] ^= 1;
        Ok(bytes)
    }
    async fn verify(&self, request: WebhookRequest) -> Result<()> {
        self.0.verify(request).await
    }
    async fn parse(&self, body: Vec<u8>) -> Parsed {
        self.0.parse(body).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_was_changed_on_its_way_is_not_handed_out() {
    let world = World::new(|_| {}).await;
    let ports = Ports { transport: Some(Arc::new(Meddling(transport(&world)))), ..world.ports() };
    let engine = Engine::open(world.config(), ports).await.unwrap();
    let id = engine.media().upload(menu()).await.unwrap();
    let error = engine.media().download(id).await.unwrap_err();
    assert!(error.to_string().contains("not those that WhatsApp announced"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_whose_answer_was_lost_is_not_repeated_and_says_that_nobody_knows() {
    let (world, engine) = world().await;
    let platform = engine.platform();
    let strike =
        |fault| world.simulator.set_faults(vec![FaultRule::new(fault).target(Target::Other).times(1)]);
    for fault in
        [Fault::CloseAfter, Fault::ErrorAfter, Fault::GarbageAfter, Fault::TruncateAfter { bytes: 90 }]
    {
        strike(fault.clone());
        let error = platform.create_qr_code("Table 1".into(), None, None).await.unwrap_err();
        assert_eq!((error.code(), error.retry()), ("transport", Retry::Unknown), "{fault:?}");
    }
    assert_eq!(platform.qr_codes(None, 100, None).await.unwrap().codes.len(), 4, "one for each call");
    for fault in [Fault::CloseBefore, Fault::ErrorBefore, Fault::TooManyRequests] {
        strike(fault.clone());
        let error = platform.qr_codes(None, 100, None).await.unwrap_err();
        assert_eq!(error.retry(), Retry::Later, "{fault:?}");
    }
    strike(Fault::TooManyRequests);
    let error = platform.create_qr_code("Table 1".into(), None, None).await.unwrap_err();
    assert_eq!(error.retry(), Retry::Later);
    strike(Fault::Refuse { code: 190, http: None });
    let error = platform.profile(None).await.unwrap_err();
    assert_eq!(error.retry(), Retry::Never);
    assert!(error.to_string().contains("token"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_who_administers_the_account_manages_it() {
    let (_world, engine) = world().await;
    let scopes = Scope::ALL.into_iter().filter(|s| *s != Scope::AccountAdmin).collect();
    let clerk = engine.session(Actor { id: "clerk".into(), scopes, ..Actor::host() }).unwrap();
    let platform = clerk.platform();
    let who = || vec![Recipient::Phone { number: THANDI.into() }];
    let refused = [
        platform.numbers(None, 1).await.map(drop),
        platform.set_pin(NUMBER.into(), PIN.into()).await,
        platform.profile(None).await.map(drop),
        platform.block(who(), None).await.map(drop),
        platform.blocked(None, 1, None).await.map(drop),
        platform.unsubscribe().await,
        platform.set_automation(Automation::default(), None).await,
        platform.delete_flow("1".into()).await,
        clerk.templates().sync().await.map(drop),
        clerk.templates().remove("spring_offer".into(), None).await,
    ];
    for result in refused {
        assert_eq!(result.unwrap_err().code(), "forbidden");
    }
    let query = AuditQuery { refused_only: true, ..AuditQuery::default() };
    let entries = engine.audit().entries(query, 100).await.unwrap().entries;
    assert!(entries.iter().any(|e| e.operation == "platform.block" && e.outcome == AuditOutcome::Refused));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transport_without_a_graph_api_says_so() {
    let world = World::new(|_| {}).await;
    let answering = Answering::new(None, world.clock.clone()).unwrap();
    let ports = Ports { transport: Some(Arc::new(answering)), ..world.ports() };
    let engine = Engine::open(world.config(), ports).await.unwrap();
    assert_eq!(engine.platform().profile(None).await.unwrap_err().code(), "unsupported");
    assert_eq!(engine.templates().sync().await.unwrap_err().code(), "unsupported");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_accounts_id_what_belongs_to_it_is_not_asked_for() {
    let world = World::new(|_| {}).await;
    let mut config = world.config();
    config.business_account = Some("../me".into());
    let wrong = Engine::open(config.clone(), world.ports()).await.unwrap_err();
    assert_eq!(wrong.code(), "invalid_input");
    config.business_account = None;
    let engine = Engine::open(config, world.ports()).await.unwrap();
    match engine.platform().flows(None, 10).await.unwrap_err() {
        Error::InvalidInput { field, .. } => assert_eq!(field, "business_account"),
        other => panic!("{other}"),
    }
    assert!(engine.platform().profile(None).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_token_reaches_no_other_place() {
    let (world, _engine) = world().await;
    let whatsapp = transport(&world);
    let elsewhere = callback().await;
    for url in [elsewhere.as_str(), "https://example.com/file", "file:///etc/passwd"] {
        assert_eq!(whatsapp.download(url.into()).await.unwrap_err().code(), "invalid_input", "{url}");
    }
    for path in ["../me", "https://example.com", "1?fields=x", ""] {
        let error = whatsapp.manage(call(GraphMethod::Get, path, json!({}))).await.unwrap_err();
        assert_eq!(error.code(), "invalid_input", "{path}");
    }
    let secret = call(GraphMethod::Post, "1/register", json!({ "pin": PIN }));
    assert!(!format!("{secret:?}").contains(PIN));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_status_tells_how_long_the_graph_version_works() {
    let world = World::new(|_| {}).await;
    let at = async |version: &str| {
        let mut config = world.config();
        config.whatsapp.as_mut().unwrap().graph_version = Some(version.into());
        let engine = Engine::open(config, world.ports()).await.unwrap();
        let graph = engine.status().await.unwrap().graph.unwrap();
        engine.close().await.unwrap();
        assert_eq!(graph.version, version);
        (graph.works_until, graph.days_left)
    };
    // The world's day is 24 November 2026.
    assert_eq!(at("v21.0").await, (Some("2027-01-21".into()), Some(58)));
    assert_eq!(at("v25.0").await, (Some("2028-07-29".into()), Some(613)));
    assert_eq!(at("v26.0").await, (None, None));
    let answering = Answering::new(None, world.clock.clone()).unwrap();
    let ports = Ports { transport: Some(Arc::new(answering)), ..world.ports() };
    let engine = Engine::open(world.config(), ports).await.unwrap();
    assert_eq!(engine.status().await.unwrap().graph, None);
}
