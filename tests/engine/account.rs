//! What belongs to the account beside its messages: new numbers, the shop, the key of flows, and what comes from
//! another account.

use conek_core::{Engine, Error, audit::AuditQuery, platform::*};
use conek_simulator::BusinessNumber;
use conek_tests::{APP_SECRET, NUMBER, World};

/// Another account of the same business, and its number.
pub(crate) const OTHER_ACCOUNT: &str = "200000000000002";
const OTHER_NUMBER: &str = "100000000000777";

pub(crate) async fn world() -> (World, Engine) {
    let world = World::new(|options| {
        options.numbers.push(BusinessNumber {
            id: OTHER_NUMBER.into(),
            waba: OTHER_ACCOUNT.into(),
            display: "+27 21 555 0177".into(),
            ..BusinessNumber::default()
        });
    })
    .await;
    let engine = world.engine().await;
    (world, engine)
}

/// An engine for the other account.
pub(crate) async fn other_engine(world: &World) -> Engine {
    let mut config = world.config();
    config.path = Some(world.dir.path().join("other.db").display().to_string());
    config.database = None;
    config.numbers = vec![conek_core::Number::new(OTHER_NUMBER)];
    config.business_account = Some(OTHER_ACCOUNT.into());
    Engine::open(config, world.ports()).await.unwrap()
}

/// WhatsApp's code, as an error of the transport names it.
pub(crate) fn code(error: Error) -> String {
    let Error::Transport { detail, .. } = &error else { panic!("{error:?}") };
    let digits = detail.split("code ").nth(1).unwrap_or_default();
    digits.chars().take_while(char::is_ascii_digit).collect()
}

fn new_number(phone_number: &str) -> NewPhoneNumber {
    NewPhoneNumber {
        country_code: "+27".into(),
        phone_number: phone_number.into(),
        verified_name: "Karoo Coffee".into(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_is_added_once_and_waits_for_its_code() {
    let (_world, engine) = world().await;
    let platform = engine.platform();
    let id = platform.add_number(new_number("(21) 555-0199")).await.unwrap();
    let added = platform.phone_number(Some(id)).await.unwrap();
    assert_eq!(added.display_phone_number, "+27215550199");
    assert_eq!(added.verified_name.as_deref(), Some("Karoo Coffee"));
    let state = (added.status.as_deref(), added.code_verification.as_deref());
    assert_eq!(state, (Some("PENDING"), Some("NOT_VERIFIED")));
    assert_eq!(platform.numbers(None, 100).await.unwrap().numbers.len(), 2);
    assert_eq!(code(platform.add_number(new_number("215550199")).await.unwrap_err()), "100");
    let wrong = |change: fn(&mut NewPhoneNumber)| {
        let mut number = new_number("215550198");
        change(&mut number);
        number
    };
    for number in [
        wrong(|n| n.country_code = "2777".into()),
        wrong(|n| n.country_code = String::new()),
        wrong(|n| n.phone_number = "21555o198".into()),
        wrong(|n| n.phone_number = "21555019800000".into()),
        wrong(|n| n.verified_name = "K".into()),
    ] {
        assert_eq!(platform.add_number(number).await.unwrap_err().code(), "invalid_input");
    }
    assert_eq!(platform.numbers(None, 100).await.unwrap().numbers.len(), 2, "nothing was added");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_shop_of_a_number_reads_back_as_it_was_changed() {
    let (_world, engine) = world().await;
    let platform = engine.platform();
    let first = CommerceSettings { cart_enabled: Some(true), catalog_visible: Some(false) };
    assert_eq!(platform.commerce_settings(None).await.unwrap(), first);
    let update = CommerceUpdate { catalog_visible: Some(true), ..CommerceUpdate::default() };
    platform.update_commerce_settings(update, None).await.unwrap();
    let update = CommerceUpdate { cart_enabled: Some(false), ..CommerceUpdate::default() };
    platform.update_commerce_settings(update, Some(NUMBER.into())).await.unwrap();
    let both = CommerceSettings { cart_enabled: Some(false), catalog_visible: Some(true) };
    assert_eq!(platform.commerce_settings(None).await.unwrap(), both);
    let other = platform.commerce_settings(Some(OTHER_NUMBER.into())).await.unwrap();
    assert_eq!(other, first, "of this number alone");
    let nothing = platform.update_commerce_settings(CommerceUpdate::default(), None).await.unwrap_err();
    assert_eq!(nothing.code(), "invalid_input");
    let absent = platform.commerce_settings(Some("4711".into())).await.unwrap_err();
    assert_eq!(absent.code(), "not_found");
}

/// A key of as many bytes as RSA of 2,048 bits takes.
fn public_key(bytes: usize) -> String {
    let inner = "A".repeat(bytes / 3 * 4);
    format!("-----BEGIN PUBLIC KEY-----\n{inner}\n-----END PUBLIC KEY-----\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_key_of_flows_is_set_and_no_longer_valid_after_a_new_registration() {
    let (_world, engine) = world().await;
    let platform = engine.platform();
    assert_eq!(platform.flow_key(None).await.unwrap(), FlowKey::default());
    let key = public_key(294);
    platform.set_flow_key(key.clone(), None).await.unwrap();
    let set = FlowKey { public_key: Some(key.trim().into()), status: Some("VALID".into()) };
    assert_eq!(platform.flow_key(None).await.unwrap(), set);
    platform.register(NUMBER.into(), "471108".into(), None).await.unwrap();
    let stale = FlowKey { public_key: None, status: Some("MISMATCH".into()) };
    assert_eq!(platform.flow_key(None).await.unwrap(), stale);
    platform.set_flow_key(key, None).await.unwrap();
    assert_eq!(platform.flow_key(None).await.unwrap(), set);
    assert_eq!(code(platform.set_flow_key(public_key(162), None).await.unwrap_err()), "100");
    let private = "-----BEGIN PUBLIC KEY-----\n-----BEGIN PRIVATE KEY-----\nMC4\n-----END PRIVATE KEY-----\n\
                   -----END PUBLIC KEY-----";
    for wrong in ["", "ssh-rsa AAAA", private] {
        let error = platform.set_flow_key(wrong.into(), None).await.unwrap_err();
        assert_eq!(error.code(), "invalid_input", "{wrong}");
        assert!(!error.to_string().contains("MC4"), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn flows_of_another_account_are_copied_as_drafts_and_what_is_not_is_said() {
    let (world, engine) = world().await;
    let other = other_engine(&world).await;
    let file = r#"{"version": "7.0", "screens": [{"id": "A", "layout": {}}]}"#;
    for name in ["Survey", "Booking, with a date", "Contact"] {
        let flow = NewFlow {
            name: name.into(),
            categories: vec!["OTHER".into()],
            flow_json: Some(file.into()),
            ..NewFlow::default()
        };
        let made = other.platform().create_flow(flow).await.unwrap();
        other.platform().publish_flow(made.id).await.unwrap();
    }
    let platform = engine.platform();
    let names = vec!["Booking, with a date".to_owned(), "Unknown".into()];
    let some = platform.migrate_flows(OTHER_ACCOUNT.into(), names).await.unwrap();
    assert_eq!((some.migrated.len(), some.failed.len()), (1, 1));
    assert_eq!(some.failed[0], UnmigratedFlow { name: "Unknown".into(), code: Some(4_233_041) });
    let copy = platform.flow(some.migrated[0].id.clone()).await.unwrap();
    assert_eq!((&*copy.name, &*copy.status), ("Booking, with a date", "DRAFT"));
    assert_eq!(copy.json_version.as_deref(), Some("7.0"), "with its file");
    let source = other.platform().flow(some.migrated[0].source_id.clone()).await.unwrap();
    assert_eq!(source.status, "PUBLISHED", "it stays as it was");

    let all = platform.migrate_flows(OTHER_ACCOUNT.into(), vec![]).await.unwrap();
    let migrated: Vec<&str> = all.migrated.iter().map(|f| &*f.name).collect();
    assert_eq!(migrated, ["Survey", "Contact"]);
    assert_eq!(all.failed[0].name, "Booking, with a date", "its name is taken");
    assert_eq!(platform.flows(None, 100).await.unwrap().flows.len(), 3);
    let unknown = platform.migrate_flows("4711".into(), vec![]).await.unwrap_err();
    assert_eq!(unknown.code(), "not_found");
    let wrong = platform.migrate_flows("../me".into(), vec![]).await.unwrap_err();
    assert_eq!(wrong.code(), "invalid_input");
    let entries = engine.audit().entries(AuditQuery::default(), 1000).await.unwrap().entries;
    assert!(entries.iter().any(|e| e.operation == "platform.migrate_flows"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_username_is_of_one_number_and_moves_only_when_it_is_told_to() {
    let (_world, engine) = world().await;
    let platform = engine.platform();
    assert_eq!(platform.username(None).await.unwrap(), BusinessUsername::default());
    let suggested = platform.username_suggestions(None).await.unwrap();
    assert_eq!(suggested, ["simulatedbusiness", "simulated_business"]);
    let set = platform.set_username(suggested[0].clone(), false, None).await.unwrap();
    assert_eq!(set.status.as_deref(), Some("reserved"));
    assert_eq!(platform.username(None).await.unwrap(), set);
    let other = || Some(OTHER_NUMBER.to_owned());
    let free = platform.username_suggestions(other()).await.unwrap();
    assert_eq!(free, ["simulated_business"], "the other one is taken");
    let taken = platform.set_username("SimulatedBusiness".into(), false, other()).await.unwrap_err();
    assert_eq!(code(taken), "147005");
    platform.set_username("SimulatedBusiness".into(), true, other()).await.unwrap();
    assert_eq!(platform.username(None).await.unwrap().username, None);
    assert_eq!(code(platform.set_username("whatsapp".into(), false, None).await.unwrap_err()), "147001");
    assert_eq!(code(platform.set_username("karoo.com".into(), false, None).await.unwrap_err()), "100");
    platform.delete_username(other()).await.unwrap();
    assert_eq!(platform.username(other()).await.unwrap().username, None);
    for wrong in
        ["ab", "4711", ".karoo", "karoo.", "ka..roo", "www.karoo", "karoo coffee", "karoo@", &"k".repeat(36)]
    {
        let error = platform.set_username(wrong.into(), false, None).await.unwrap_err();
        assert_eq!(error.code(), "invalid_input", "{wrong}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_of_sign_up_becomes_a_token_once_and_no_secret_is_told() {
    let (world, engine) = world().await;
    let platform = engine.platform();
    let code_of = |code: &str| SignupCode {
        app: "300000000000001".into(),
        app_secret: APP_SECRET.into(),
        code: code.into(),
    };
    let handed = world.simulator.sign_up();
    let token = platform.exchange_code(code_of(&handed)).await.unwrap();
    assert_eq!(token.access_token, world.simulator.token());
    assert_eq!(token.kind.as_deref(), Some("bearer"));
    let shown = format!("{token:?} {:?}", code_of(&handed));
    let used = platform.exchange_code(code_of(&handed)).await.unwrap_err();
    let guess = SignupCode { app_secret: "a guessed secret".into(), ..code_of(&world.simulator.sign_up()) };
    let guessed = platform.exchange_code(guess.clone()).await.unwrap_err();
    world.simulator.set_faults(vec![
        conek_simulator::FaultRule::new(conek_simulator::Fault::CloseBefore)
            .target(conek_simulator::Target::Other)
            .times(1),
    ]);
    let lost = platform.exchange_code(guess.clone()).await.unwrap_err();
    let said = format!("{shown} {used} {used:?} {guessed} {guessed:?} {lost} {lost:?} {guess:?}");
    for secret in [APP_SECRET, "a guessed secret", &*handed, &*guess.code, &*token.access_token] {
        assert!(!said.contains(secret), "{said}");
    }
    assert_eq!((code(used), code(guessed)), ("100".into(), "101".into()));
    for wrong in [
        SignupCode { app: "../me".into(), ..guess.clone() },
        SignupCode { app_secret: String::new(), ..guess.clone() },
        SignupCode { code: String::new(), ..guess },
    ] {
        assert_eq!(platform.exchange_code(wrong).await.unwrap_err().code(), "invalid_input");
    }
    let entries = engine.audit().entries(AuditQuery::default(), 1000).await.unwrap().entries;
    assert!(entries.iter().any(|e| e.operation == "platform.exchange_code"));
}
