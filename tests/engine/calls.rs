//! Calls: permission, signalling in both directions, and what webhooks tell of them.

use conek_core::{
    Engine, PersonId, Purpose, Recipient,
    audit::{Actor, Scope},
    inbound::Happening,
    platform::*,
    rights::{ErasureOptions, NewRequest, RightKind},
    transport::{CallEvent, CallSession},
};
use conek_tests::{World, consenting};

const THANDI: &str = "+27832885137";

fn session(sdp_type: &str) -> CallSession {
    CallSession { sdp_type: sdp_type.into(), sdp: "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\n".into() }
}

async fn scene() -> (World, Engine, PersonId) {
    let world = World::new(|_| {}).await;
    let engine = world.engine().await;
    let thandi = consenting(&engine, THANDI).await.unwrap();
    let on = CallingSettings { status: Some("ENABLED".into()), ..CallingSettings::default() };
    engine.platform().set_calling_settings(on, None).await.unwrap();
    (world, engine, thandi)
}

/// Every event of calls, with whom it concerns.
async fn told(world: &World, engine: &Engine) -> Vec<(Option<PersonId>, String, CallEvent)> {
    world.settle(engine).await;
    let events = engine.inbound().events(None, 1000).await.unwrap().events;
    let of = |e: conek_core::inbound::Event| match e.happening {
        Happening::Call { call, event, .. } => Some((e.person, call, event)),
        _ => None,
    };
    events.into_iter().filter_map(of).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_takes_calls_once_it_is_told_to() {
    let world = World::new(|_| {}).await;
    let engine = world.engine().await;
    let platform = engine.platform();
    assert_eq!(platform.calling_settings(None).await.unwrap().status.as_deref(), Some("DISABLED"));
    assert!(world.simulator.call(THANDI, "v=0\r\n").is_err());
    let hours = r#"{"status":"ENABLED","timezone_id":"Africa/Johannesburg"}"#;
    let on = CallingSettings {
        status: Some("ENABLED".into()),
        callback_permission_status: Some("ENABLED".into()),
        call_hours: Some(hours.into()),
        ..CallingSettings::default()
    };
    platform.set_calling_settings(on, None).await.unwrap();
    let settings = platform.calling_settings(None).await.unwrap();
    assert_eq!(settings.status.as_deref(), Some("ENABLED"));
    assert_eq!(
        (settings.callback_permission_status.as_deref(), settings.call_hours.as_deref()),
        (Some("ENABLED"), Some(hours))
    );
    assert_eq!(settings.call_icon_visibility.as_deref(), Some("DEFAULT"), "what is left out stays");
    let nothing = platform.set_calling_settings(CallingSettings::default(), None).await.unwrap_err();
    let hours = CallingSettings { call_hours: Some("nine".into()), ..CallingSettings::default() };
    let hours = platform.set_calling_settings(hours, None).await.unwrap_err();
    assert_eq!((nothing.code(), hours.code()), ("invalid_input", "invalid_input"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_who_permitted_it_is_called_and_takes_the_call() {
    let (world, engine, thandi) = scene().await;
    let platform = engine.platform();
    let who = || Recipient::Person { id: thandi.clone() };
    let before = platform.call_permission(who(), None).await.unwrap();
    assert_eq!((&*before.status, before.actions[0].allowed), ("no_permission", false));
    let call = || {
        platform.connect_call(
            thandi.clone(),
            Purpose::Support,
            session("offer"),
            Some("order 7".into()),
            None,
        )
    };
    let early = call().await.unwrap_err();
    assert!(early.to_string().contains("code 138006"), "{early}");

    world.simulator.permit_calls(THANDI, true).unwrap();
    let permission = platform.call_permission(who(), None).await.unwrap();
    assert_eq!((&*permission.status, permission.actions[0].allowed), ("temporary", true));
    assert!(permission.expires_at > Some(conek_core::Clock::now(&*world.clock)));
    assert_eq!(permission.actions[0].limits[0].max_allowed, 100);

    let id = call().await.unwrap();
    world.simulator.signal_call(&id, "accept", Some("v=0\r\ns=theirs\r\n")).unwrap();
    world.clock.advance(std::time::Duration::from_secs(90));
    platform.terminate_call(id.clone(), None).await.unwrap();
    let told = told(&world, &engine).await;
    assert!(told.iter().all(|(person, call, _)| person.as_ref() == Some(&thandi) && *call == id));
    let mut of: Vec<&CallEvent> = told.iter().map(|(.., event)| event).collect();
    of.sort_by_key(|e| match e {
        CallEvent::Ringing {} => 0,
        CallEvent::Connect { .. } => 1,
        CallEvent::Accepted {} => 2,
        _ => 3,
    });
    let [
        CallEvent::Ringing {},
        CallEvent::Connect { by_business: true, session },
        CallEvent::Accepted {},
        over,
    ] = of[..]
    else {
        panic!("{of:?}")
    };
    assert!(session.as_ref().unwrap().sdp.contains("theirs"));
    let CallEvent::Terminate { by_business, completed, seconds, tracking, code, started_at, ended_at } = over
    else {
        panic!("{over:?}")
    };
    assert_eq!((*by_business, *completed, tracking.as_deref(), *code), (true, true, Some("order 7"), None));
    assert!(seconds.unwrap() >= 90 && started_at < ended_at);
    let late = platform.terminate_call(id, None).await.unwrap_err();
    assert_eq!(late.code(), "transport");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_calls_and_is_taken_or_turned_away() {
    let (world, engine, thandi) = scene().await;
    let platform = engine.platform();
    let taken = world.simulator.call(THANDI, "v=0\r\ns=hello\r\n").unwrap();
    platform.pre_accept_call(taken.clone(), session("answer"), None).await.unwrap();
    platform.accept_call(taken.clone(), session("answer"), None, None).await.unwrap();
    world.simulator.signal_call(&taken, "terminate", None).unwrap();
    let away = world.simulator.call("+27832885138", "v=0\r\n").unwrap();
    platform.reject_call(away.clone(), None).await.unwrap();
    let told = told(&world, &engine).await;
    let offer = told.iter().find_map(|(person, call, event)| match event {
        CallEvent::Connect { by_business: false, session: Some(session) } if *call == taken => {
            Some((person, session))
        }
        _ => None,
    });
    let (person, offer) = offer.unwrap();
    assert_eq!((person.as_ref(), &*offer.sdp_type), (Some(&thandi), "offer"));
    assert!(!format!("{offer:?}").contains("hello"));
    let ended = |id: &str| {
        told.iter().find_map(|(_, call, event)| match event {
            CallEvent::Terminate { completed, by_business: false, .. } if call == id => Some(*completed),
            _ => None,
        })
    };
    assert_eq!((ended(&taken), ended(&away)), (Some(true), Some(false)));
    // A call opens the window for free words, as a message would.
    let words = conek_core::Content::Text { body: "Thank you for your call".into(), preview_url: false };
    let draft = conek_core::Draft::new(Recipient::Person { id: thandi }, words, Purpose::Support);
    let why = engine.policy().check(draft).await.unwrap();
    assert!(why.decision.reasons().iter().all(|r| r.code != "WINDOW_CLOSED"), "{}", why.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_be_written_to_is_not_called() {
    let (world, engine, thandi) = scene().await;
    let platform = engine.platform();
    world.simulator.permit_calls(THANDI, true).unwrap();
    world.settle(&engine).await;
    let call = |purpose| platform.connect_call(thandi.clone(), purpose, session("offer"), None, None);
    let marketing = call(Purpose::Marketing).await.unwrap_err();
    assert_eq!(marketing.code(), "denied");
    let dispute = NewRequest {
        person: Some(thandi.clone()),
        rights: vec![RightKind::Rectification],
        corrections: [("name".to_owned(), "Thandiwe".to_owned())].into(),
        ..NewRequest::default()
    };
    engine.rights().open(dispute).await.unwrap();
    assert!(engine.contacts().get(thandi.clone()).await.unwrap().restricted);
    let restricted = call(Purpose::Support).await.unwrap_err();
    assert_eq!(restricted.code(), "denied");
    assert!(told(&world, &engine).await.is_empty(), "it did not ring");
    engine.rights().erase(thandi.clone(), ErasureOptions::default()).await.unwrap();
    assert_eq!(call(Purpose::Support).await.unwrap_err().code(), "not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_session_or_no_call_is_not_asked_for() {
    let (_world, engine, thandi) = scene().await;
    let platform = engine.platform();
    let connect = |session| platform.connect_call(thandi.clone(), Purpose::Support, session, None, None);
    let huge = CallSession { sdp_type: "offer".into(), sdp: "x".repeat(70_000) };
    let empty = CallSession { sdp_type: "offer".into(), sdp: String::new() };
    for wrong in [session("answer"), huge, empty] {
        assert_eq!(connect(wrong).await.unwrap_err().code(), "invalid_input");
    }
    let long = Some("x".repeat(513));
    let long = platform.connect_call(thandi.clone(), Purpose::Support, session("offer"), long, None).await;
    let offer = platform.accept_call("wacid.1".into(), session("offer"), None, None).await;
    for wrong in [long.map(drop), offer, platform.reject_call("a b".into(), None).await] {
        assert_eq!(wrong.unwrap_err().code(), "invalid_input");
    }
    let nobody = platform.accept_call("wacid.1".into(), session("answer"), None, None).await.unwrap_err();
    assert!(nobody.to_string().contains("code 100"), "{nobody}");
    let scopes = Scope::ALL.into_iter().filter(|s| *s != Scope::MessagesSend).collect();
    let clerk = engine.session(Actor { id: "clerk".into(), scopes, ..Actor::host() }).unwrap();
    assert_eq!(
        clerk.platform().terminate_call("wacid.1".into(), None).await.unwrap_err().code(),
        "forbidden"
    );
}
