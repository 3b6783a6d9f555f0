//! In-App Signup: its links, from being made to the consent of whoever subscribes by one.

use conek_core::{
    Engine, Recipient,
    consent::{ConsentSource, ConsentStatus, EvidenceKind},
    inbound::Happening,
    platform::*,
};
use conek_simulator::Say;
use conek_tests::World;

/// Sign-ups exist where this number and this person are.
const SHOP: &str = "+1 213 373 4200";
const DANA: &str = "+12133734253";

async fn world() -> (World, Engine) {
    let world = World::new(|options| options.numbers[0].display = SHOP.into()).await;
    let engine = world.engine().await;
    (world, engine)
}

fn new() -> NewSignup {
    NewSignup {
        message: "Offers of Karoo Coffee, twice a month.".into(),
        confirmation_message: "Welcome! Your code: {{promo_code}}".into(),
        privacy_policy_url: "https://karoo.example/privacy".into(),
        promo_code: Some("SPRING10".into()),
        accept_terms: true,
        ..NewSignup::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_subscribes_by_a_link_has_consented_with_evidence() {
    let (world, engine) = world().await;
    let platform = engine.platform();
    let id = platform.create_signup(new()).await.unwrap();
    let link = platform.signup_link(id.clone(), None).await.unwrap();
    assert_eq!(link, format!("https://wa.me/12133734200/signup/{id}"));

    world.simulator.open_signup(DANA, &link).unwrap();
    world.settle(&engine).await;
    let dana = engine.contacts().lookup(Recipient::Phone { number: DANA.into() }).await.unwrap();
    let dana = dana.expect("the webhook makes a contact").id;
    let view = engine.consent().status(dana.clone()).await.unwrap().remove(0);
    assert_eq!(view.status, ConsentStatus::Given);
    let event = engine.consent().history(dana.clone()).await.unwrap().remove(0);
    assert_eq!(event.source, ConsentSource::Platform);
    assert_eq!(
        (event.evidence.kind, event.evidence.reference.as_deref()),
        (EvidenceKind::Signup, Some(&*id))
    );
    let events = engine.inbound().events(None, 100).await.unwrap().events;
    assert!(events.iter().any(|e| matches!(e.happening, Happening::OptedIn { .. })), "the host hears of it");
    let chat = world.simulator.chat("12133734253").unwrap();
    assert!(chat.to_string().contains("Welcome! Your code: SPRING10"), "{chat}");

    // A stop afterwards is a stop, whatever the link.
    world.simulator.say(DANA, Say::text("STOP")).unwrap();
    world.settle(&engine).await;
    let view = engine.consent().status(dana).await.unwrap().remove(0);
    assert_eq!(view.status, ConsentStatus::Withdrawn);
    engine.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signup_is_read_changed_and_switched_off() {
    let (world, engine) = world().await;
    let platform = engine.platform();
    let id = platform.create_signup(new()).await.unwrap();
    let second = NewSignup { accept_terms: false, display_name: Some("Till".into()), ..new() };
    let second = platform.create_signup(second).await.unwrap();
    let page = platform.signups(None, 1).await.unwrap();
    assert_eq!(page.signups[0].id, id);
    let page = platform.signups(page.next, 1).await.unwrap();
    assert_eq!((page.signups[0].display_name.as_deref(), page.next), (Some("Till"), None));

    let update = SignupUpdate {
        message: Some("Offers, once a month.".into()),
        website_url: Some("https://karoo.example".into()),
        promo_code: Some("AUTUMN5".into()),
        ..SignupUpdate::default()
    };
    platform.update_signup(id.clone(), update).await.unwrap();
    let read = platform.signup(id.clone()).await.unwrap();
    let expected = Signup {
        id: id.clone(),
        status: Some("ACTIVE".into()),
        message: "Offers, once a month.".into(),
        confirmation_message: "Welcome! Your code: {{promo_code}}".into(),
        privacy_policy_url: "https://karoo.example/privacy".into(),
        website_url: Some("https://karoo.example".into()),
        promo_code: Some("AUTUMN5".into()),
        display_name: None,
    };
    assert_eq!(read, expected);

    let link = platform.signup_link(id.clone(), None).await.unwrap();
    let switch = |on| SignupUpdate { active: Some(on), ..SignupUpdate::default() };
    platform.update_signup(id.clone(), switch(false)).await.unwrap();
    assert_eq!(platform.signup(id.clone()).await.unwrap().status.as_deref(), Some("DISABLED"));
    assert!(world.simulator.open_signup(DANA, &link).is_err(), "its link works no more");
    platform.update_signup(id, switch(true)).await.unwrap();
    assert!(world.simulator.open_signup(DANA, &link).is_ok());
    assert_eq!(platform.signup("1".into()).await.unwrap_err().code(), "not_found");
    assert!(platform.signup(second).await.is_ok());
    engine.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_whatsapp_would_refuse_is_refused_before_a_request() {
    let (world, engine) = world().await;
    let platform = engine.platform();
    let refused = |stats: serde_json::Value| stats["refused"].clone();
    let before = refused(world.simulator.stats());
    let long = |n: usize| "é".repeat(n);
    let wrong = [
        ("message", NewSignup { message: String::new(), ..new() }),
        ("message", NewSignup { message: long(301), ..new() }),
        ("confirmation_message", NewSignup { confirmation_message: long(301), ..new() }),
        ("confirmation_message", NewSignup { confirmation_message: "Hi {{name}}".into(), ..new() }),
        ("confirmation_message", NewSignup { promo_code: None, ..new() }),
        ("promo_code", NewSignup { promo_code: Some("SPRING-10".into()), ..new() }),
        ("promo_code", NewSignup { promo_code: Some("A".repeat(51)), ..new() }),
        ("display_name", NewSignup { display_name: Some(long(257)), ..new() }),
        ("privacy_policy_url", NewSignup { privacy_policy_url: "karoo.example".into(), ..new() }),
        ("website_url", NewSignup { website_url: Some("http://karoo.example".into()), ..new() }),
    ];
    for (field, new) in wrong {
        let error = platform.create_signup(new).await.unwrap_err();
        assert_eq!(error.code(), "invalid_input", "{field}");
        assert!(error.to_string().contains(field), "{error}");
    }
    let nothing = platform.update_signup("1".into(), SignupUpdate::default()).await.unwrap_err();
    assert_eq!(nothing.code(), "invalid_input");
    assert_eq!(platform.signups(None, 1).await.unwrap().signups, [], "nothing was made");
    assert_eq!(refused(world.simulator.stats()), before);
    // What fits is taken, to the character.
    let most = NewSignup {
        message: long(300),
        confirmation_message: long(300),
        promo_code: Some("A".repeat(50)),
        display_name: Some(long(256)),
        ..new()
    };
    platform.create_signup(most).await.unwrap();
    engine.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_terms_are_accepted_once_and_the_error_says_what_is_missing() {
    let (_world, engine) = world().await;
    let platform = engine.platform();
    let says = |error: conek_core::Error, code: &str| {
        let said = error.to_string();
        assert!(said.contains(code) && error.code() == "transport", "{said}");
    };
    let silent = || NewSignup { accept_terms: false, ..new() };
    says(platform.create_signup(silent()).await.unwrap_err(), "2494168");
    platform.create_signup(new()).await.unwrap();
    says(platform.create_signup(new()).await.unwrap_err(), "2494176");
    platform.create_signup(silent()).await.unwrap();
    engine.close().await.unwrap();

    // Where the business has a number in a country without sign-ups, there are none.
    let world = World::new(|_| {}).await;
    let engine = world.engine().await;
    says(engine.platform().create_signup(new()).await.unwrap_err(), "2494165");
    engine.close().await.unwrap();
}
