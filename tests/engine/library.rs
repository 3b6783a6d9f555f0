//! Templates out of WhatsApp's library and out of another account, and templates beside each other.

use std::collections::BTreeMap;

use conek_core::{
    Engine, Purpose, Transport,
    messaging::*,
    transport::{GraphCall, GraphMethod, GraphPayload, WhatsApp, whatsapp::Settings},
};
use conek_simulator::Persona;
use conek_tests::{APP_SECRET, NUMBER, VERIFY_TOKEN, World, consenting, offer, phone};
use serde_json::json;

use crate::account::{OTHER_ACCOUNT, code, other_engine, world};

fn parcel(name: &str) -> NewFromLibrary {
    NewFromLibrary {
        name: name.into(),
        language: "en_US".into(),
        category: TemplateCategory::Utility,
        library_name: "parcel_sent_1".into(),
        buttons: vec![
            LibraryButtonInput::Url {
                base_url: "https://karoo.example/{{1}}".into(),
                example: Some("https://karoo.example/4711".into()),
            },
            LibraryButtonInput::PhoneNumber { number: "+27215550100".into() },
        ],
        contact_number: false,
        learn_more_link: false,
        track_package_link: false,
        password: None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_library_is_searched_page_by_page() {
    let (_world, engine) = world().await;
    let templates = engine.templates();
    let names = async |query: LibraryQuery| -> Vec<String> {
        let page = templates.library(query, None, 100).await.unwrap();
        page.templates.into_iter().map(|t| t.name).collect()
    };
    let some = |text: &str| Some(text.to_owned());
    let query = LibraryQuery { topic: some("ORDER_MANAGEMENT"), ..LibraryQuery::default() };
    assert_eq!(names(query).await, ["parcel_sent_1", "parcel_arrived_1"]);
    let query = LibraryQuery { use_case: some("PAYMENT_DUE_REMINDER"), ..LibraryQuery::default() };
    assert_eq!(names(query).await, ["payment_due_1"]);
    let query = LibraryQuery { search: some("has left"), ..LibraryQuery::default() };
    assert_eq!(names(query).await, ["parcel_sent_1"]);
    let query = LibraryQuery {
        industry: some("FINANCIAL_SERVICES"),
        language: some("en_US"),
        ..LibraryQuery::default()
    };
    assert_eq!(names(query).await, ["sign_in_code_1"]);
    let query = LibraryQuery { language: some("de"), ..LibraryQuery::default() };
    assert!(names(query).await.is_empty());

    let query = LibraryQuery { name: some("parcel_sent_1"), ..LibraryQuery::default() };
    let found = templates.library(query, None, 1).await.unwrap().templates.remove(0);
    assert_eq!(found.header.as_deref(), Some("On its way"));
    assert_eq!((found.body_examples, found.body_kinds), (vec!["4711".into()], vec!["TEXT".into()]));
    assert_eq!(found.buttons[1].phone_number.as_deref(), Some("+18005551234"));
    let (mut after, mut seen) = (None, 0);
    loop {
        let page = templates.library(LibraryQuery::default(), after, 3).await.unwrap();
        seen += page.templates.len();
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(seen, 4);
    let query = LibraryQuery { topic: some("HOROSCOPES"), ..LibraryQuery::default() };
    assert_eq!(code(templates.library(query, None, 10).await.unwrap_err()), "100");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_template_of_the_library_is_kept_as_it_stands_there_and_can_be_sent() {
    let (world, engine) = world().await;
    let templates = engine.templates();
    let made = templates.create_from_library(parcel("my_parcel")).await.unwrap();
    assert_eq!(made.status, "APPROVED");
    let kept = templates.get("my_parcel".into(), "en_US".into()).await.unwrap();
    assert_eq!((made.template.as_ref(), kept.id.as_ref()), (Some(&kept), Some(&made.id)));
    assert_eq!(kept.body, "Your order {{1}} has left our shop.");
    let url = ButtonDefinition::Url { text: "Follow it".into(), url: "https://karoo.example/{{1}}".into() };
    let call = ButtonDefinition::PhoneNumber { text: "Call us".into(), number: "+27215550100".into() };
    assert_eq!(kept.buttons, [url, call]);

    let arrived = NewFromLibrary {
        library_name: "parcel_arrived_1".into(),
        buttons: vec![],
        contact_number: true,
        ..parcel("arrived")
    };
    let arrived = templates.create_from_library(arrived).await.unwrap().template.unwrap();
    assert_eq!(arrived.body, "Your order has arrived. Questions? Call us.");
    let person = consenting(&engine, &phone(1)).await.unwrap();
    let content = Content::template("arrived", "en_US").unwrap();
    let notice = Draft { content, purpose: Purpose::Transactional, ..offer(&person) };
    engine.messages().send(notice).await.unwrap();
    world.settle(&engine).await;
    assert_eq!(world.simulator.ledger()[0].template.as_deref(), Some("arrived"));

    let password = PasswordSettings { expires_minutes: Some(5), ..PasswordSettings::default() };
    let sign_in = NewFromLibrary {
        category: TemplateCategory::Authentication,
        library_name: "sign_in_code_1".into(),
        buttons: vec![],
        password: Some(password),
        ..parcel("sign_in")
    };
    let sign_in = templates.create_from_library(sign_in).await.unwrap().template.unwrap();
    assert_eq!(sign_in.buttons, [ButtonDefinition::OneTimePassword {}]);
    assert_eq!(sign_in.footer.as_deref(), Some("It ends in 5 minutes."));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_library_would_refuse_is_refused_before_and_the_rest_by_it() {
    let (_world, engine) = world().await;
    let templates = engine.templates();
    let wrong = |change: fn(&mut NewFromLibrary)| {
        let mut new = parcel("my_parcel");
        change(&mut new);
        new
    };
    for new in [
        wrong(|n| n.name = "My parcel".into()),
        wrong(|n| n.category = TemplateCategory::Marketing),
        wrong(|n| n.library_name = String::new()),
        wrong(|n| n.password = Some(PasswordSettings::default())),
        wrong(|n| {
            let base_url = "https://karoo.example/{{1}}".into();
            n.buttons[0] = LibraryButtonInput::Url { base_url, example: None };
        }),
    ] {
        assert_eq!(templates.create_from_library(new).await.unwrap_err().code(), "invalid_input");
    }
    for new in [wrong(|n| n.library_name = "unknown".into()), wrong(|n| n.buttons.clear())] {
        assert_eq!(code(templates.create_from_library(new).await.unwrap_err()), "100");
    }
    assert!(templates.get("my_parcel".into(), "en_US".into()).await.is_err(), "nothing was kept");
    templates.create_from_library(parcel("my_parcel")).await.unwrap();
    let again = templates.create_from_library(parcel("my_parcel")).await.unwrap_err();
    assert!(again.to_string().contains("subcode 2388024"), "{again}");
}

/// Sends a template to so many people past the engine, which is not what is tried here.
async fn sent_past_the_engine(world: &World, template: &str, people: std::ops::Range<usize>) {
    let mut settings =
        Settings::new(world.simulator.token().into(), vec![APP_SECRET.into()], VERIFY_TOKEN.into());
    settings.base_url = world.simulator.base_url().into();
    let whatsapp = WhatsApp::new(settings, world.clock.clone()).unwrap();
    for n in people {
        let message = json!({"messaging_product": "whatsapp", "to": phone(n), "type": "template",
            "template": {"name": template, "language": {"code": "en"}, "components": [
                {"type": "body", "parameters": [{"type": "text", "text": "Thandi"}]}]}});
        let payload = GraphPayload::Json { json: message.to_string() };
        let path = format!("{NUMBER}/messages");
        let call = GraphCall { method: GraphMethod::Post, path, query: BTreeMap::new(), payload };
        let answer = whatsapp.manage(call).await.unwrap();
        assert_eq!(answer.status, 200, "{}", answer.json);
    }
    world.simulator.run_until_idle().await;
}

async fn compare(engine: &Engine, other: &str, days: i32) -> conek_core::Result<TemplateComparison> {
    let (one, language) = ("spring_offer".to_owned(), "en".to_owned());
    engine.templates().compare(one, language.clone(), other.into(), language, days).await
}

#[tokio::test(flavor = "multi_thread")]
async fn two_templates_are_compared_once_both_were_sent_a_thousand_times() {
    let world = World::new(|options| {
        options.templates.push(json!({"name": "autumn_offer", "language": "en", "category": "MARKETING",
            "components": [{"type": "BODY", "text": "Hello {{1}}, autumn is here at Karoo Coffee."},
                {"type": "FOOTER", "text": "Reply STOP to opt out"}]}));
        options.webhooks.url = None;
        for n in 0..20 {
            options.personas.insert(phone(n).trim_start_matches('+').to_owned(), Persona::Blocks);
        }
    })
    .await;
    let engine = world.engine().await;
    engine.templates().sync().await.unwrap();
    sent_past_the_engine(&world, "spring_offer", 0..1_000).await;
    assert_eq!(code(compare(&engine, "autumn_offer", 7).await.unwrap_err()), "100");
    sent_past_the_engine(&world, "autumn_offer", 1_000..2_001).await;
    let comparison = compare(&engine, "autumn_offer", 30).await.unwrap();
    let told: Vec<_> = comparison.templates.iter().map(|t| (t.name.as_str(), t.sends)).collect();
    assert_eq!(told, [("spring_offer", Some(1_000)), ("autumn_offer", Some(1_001))]);
    let (spring, autumn) = (&comparison.templates[0].id, &comparison.templates[1].id);
    assert_eq!(comparison.by_block_rate, [autumn.as_str(), spring.as_str()], "nobody blocked after autumn");
    assert!(comparison.templates[0].top_block_reason.is_some());
    assert_eq!((comparison.end - comparison.start).num_days(), 30);
    for (other, days, expected) in [
        ("autumn_offer", 8, "invalid_input"),
        ("spring_offer", 7, "invalid_input"),
        ("winter", 7, "not_found"),
    ] {
        assert_eq!(compare(&engine, other, days).await.unwrap_err().code(), expected, "{other}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn templates_of_another_account_are_copied_page_by_page() {
    let (world, engine) = world().await;
    let other = other_engine(&world).await;
    for n in 0..3 {
        let made = NewFromLibrary {
            library_name: "parcel_arrived_1".into(),
            buttons: vec![],
            ..parcel(&format!("arrived_{n}"))
        };
        other.templates().create_from_library(made).await.unwrap();
    }
    assert!(world.simulator.set_template_status("arrived_2", "PAUSED"));
    let source = |page, count| TemplateSource {
        account: OTHER_ACCOUNT.into(),
        template_ids: vec![],
        page,
        count: Some(count),
    };
    let templates = engine.templates();
    let (mut copied, mut failed) = (Vec::new(), Vec::new());
    for page in 0.. {
        let migration = templates.migrate(source(Some(page), 2)).await.unwrap();
        if migration.migrated.is_empty() && migration.failed.is_empty() {
            break;
        }
        copied.extend(migration.migrated);
        failed.extend(migration.failed);
    }
    // The spring offer and hello_world are in both accounts, and arrived_2 is paused.
    assert_eq!((copied.len(), failed.len()), (2, 3));
    assert!(failed.iter().all(|f| !f.reason.is_empty()));
    assert_eq!(templates.sync().await.unwrap().added, 3, "the two, and hello_world");
    let kept = templates.get("arrived_0".into(), "en_US".into()).await.unwrap();
    assert!(copied.contains(&kept.id.unwrap()), "a copy of its own");

    assert!(world.simulator.set_template_status("arrived_2", "APPROVED"));
    let paused = other.templates().get("arrived_2".into(), "en_US".into()).await.unwrap();
    let one = TemplateSource { template_ids: vec![paused.id.unwrap()], ..source(None, 500) };
    let one = templates.migrate(one).await.unwrap();
    assert_eq!((one.migrated.len(), one.failed.len()), (1, 0));
    let wrong = TemplateSource { template_ids: vec!["1".into(); 501], ..source(None, 1) };
    for wrong in [wrong, source(None, 501), source(Some(-1), 1)] {
        assert_eq!(templates.migrate(wrong).await.unwrap_err().code(), "invalid_input");
    }
    let unknown = TemplateSource { account: "4711".into(), ..source(None, 1) };
    assert_eq!(templates.migrate(unknown).await.unwrap_err().code(), "not_found");
}
