//! People: each kind does what it says, and a seed repeats them all.
#![allow(clippy::unwrap_used, reason = "a test may")]

mod business;
use business::*;
use conek_simulator::{Mix, PersonChange, Persona, Say};
use serde_json::{Value, json};

async fn meeting(persona: Persona) -> Business {
    let b = Business::with(|o| o.personas = [(THANDI.into(), persona)].into()).await;
    b.template("spring", "MARKETING").await;
    b
}

#[tokio::test]
async fn who_answers_presses_a_button_or_writes_and_refers_to_our_message() {
    let b = meeting(Persona::Answers).await;
    let id = b.accepted(template(THANDI, "spring")).await;
    b.sim.run_until_idle().await;
    let said = &b.hook.updates("messages")[0];
    assert_eq!((&said["type"], &said["context"]["id"]), (&json!("button"), &json!(id)));
    assert!(["Yes", "Stop"].contains(&said["button"]["text"].as_str().unwrap()));
    b.accepted(text(THANDI, "How are you?")).await;
    b.sim.run_until_idle().await;
    assert_eq!(b.hook.updates("messages")[1]["type"], "text");
}

#[tokio::test]
async fn who_wants_to_be_left_alone_says_so_once() {
    let b = meeting(Persona::WritesStop).await;
    for _ in 0..2 {
        b.accepted(template(THANDI, "spring")).await;
        b.sim.run_until_idle().await;
    }
    let said = b.hook.updates("messages");
    assert_eq!(said.len(), 1);
    assert!(said[0]["text"]["body"].as_str().is_some_and(|t| !t.is_empty()));
}

#[tokio::test]
async fn who_blocks_gets_nothing_more() {
    let b = meeting(Persona::Blocks).await;
    for _ in 0..2 {
        b.accepted(template(THANDI, "spring")).await;
        b.sim.run_until_idle().await;
    }
    assert_eq!(b.hook.statuses(), ["sent", "delivered", "read", "sent"]);
}

#[tokio::test]
async fn who_stops_marketing_tells_by_preference_and_gets_utility_only() {
    let b = meeting(Persona::StopsMarketing).await;
    b.accepted(template(THANDI, "spring")).await;
    b.sim.run_until_idle().await;
    let preference = &b.hook.updates("user_preferences")[0];
    assert_eq!((&preference["value"], &preference["wa_id"]), (&json!("stop"), &json!(THANDI)));
    b.accepted(template(THANDI, "spring")).await;
    b.accepted(template(THANDI, "hello_world")).await;
    b.sim.run_until_idle().await;
    assert_eq!(b.hook.failures(), [131050]);
    b.sim.say(THANDI, Say::Preference { value: "resume".into() }).unwrap();
    b.accepted(template(THANDI, "spring")).await;
    b.sim.run_until_idle().await;
    assert_eq!(b.hook.failures(), [131050]);
}

#[tokio::test]
async fn who_has_no_whatsapp_is_undeliverable_and_who_ignores_never_reads() {
    let b = meeting(Persona::NotOnWhatsapp).await;
    b.accepted(template(THANDI, "spring")).await;
    b.sim.run_until_idle().await;
    assert_eq!((b.hook.statuses(), b.hook.failures()), (vec!["failed".to_owned()], vec![131026]));
    let b = meeting(Persona::Ignores).await;
    b.accepted(template(THANDI, "spring")).await;
    b.sim.run_until_idle().await;
    assert_eq!(b.hook.statuses(), ["sent", "delivered"]);
}

#[tokio::test]
async fn who_writes_has_read_what_came_before() {
    let b = meeting(Persona::Ignores).await;
    b.accepted(template(THANDI, "spring")).await;
    b.sim.run_until_idle().await;
    b.sim.say(THANDI, Say::text("Now I saw it")).unwrap();
    b.sim.run_until_idle().await;
    assert_eq!(b.hook.statuses(), ["sent", "delivered", "read"]);
}

#[tokio::test]
async fn who_hides_the_number_is_known_by_user_id_only() {
    let b = Business::open().await;
    b.sim.change_person(THANDI, &PersonChange { hides_number: Some(true), ..PersonChange::default() });
    b.sim.say(THANDI, Say::text("Hi")).unwrap();
    b.sim.run_until_idle().await;
    let (contact, message) = (&b.hook.updates("contacts")[0], &b.hook.updates("messages")[0]);
    assert!(contact["wa_id"].is_null() && message["from"].is_null());
    assert_eq!(contact["user_id"], message["from_user_id"]);
}

#[tokio::test]
async fn people_press_choose_react_and_send_pictures_and_places() {
    let b = Business::open().await;
    for say in [
        Say::Button { text: "Yes".into(), payload: Some("p".into()) },
        Say::ButtonReply { id: "1".into(), title: "One".into() },
        Say::ListReply { id: "r".into(), title: "Row".into(), description: None },
        Say::Reaction { message_id: "wamid.x".into(), emoji: String::new() },
        Say::Image { caption: Some("look".into()) },
        Say::Location { latitude: -33.9, longitude: 18.4, name: None },
    ] {
        b.sim.say(THANDI, say).unwrap();
    }
    b.sim.run_until_idle().await;
    let said = b.hook.updates("messages");
    assert_eq!(said[0]["button"], json!({"payload": "p", "text": "Yes"}));
    assert_eq!(
        said[1]["interactive"],
        json!({"type": "button_reply", "button_reply": {"id": "1", "title": "One"}})
    );
    assert_eq!(said[2]["interactive"]["list_reply"]["id"], "r");
    assert_eq!(said[3]["reaction"], json!({"message_id": "wamid.x"}));
    assert_eq!(said[4]["image"]["caption"], "look");
    assert_eq!(said[5]["location"]["latitude"], -33.9);
    let (status, media) = b.get(said[4]["image"]["id"].as_str().unwrap()).await;
    assert_eq!((status, &media["sha256"]), (200, &said[4]["image"]["sha256"]));
    let url = media["url"].as_str().unwrap();
    assert_eq!(b.client.get(url).send().await.unwrap().status().as_u16(), 401);
    let file = b.client.get(url).bearer_auth(b.sim.token()).send().await.unwrap();
    assert_eq!(file.bytes().await.unwrap()[..4], *b"\x89PNG");
    b.clock.advance(std::time::Duration::from_secs(5 * 60));
    assert_eq!(b.client.get(url).bearer_auth(b.sim.token()).send().await.unwrap().status().as_u16(), 404);
}

/// Everything that one run told its webhook and its ledger, in an order that does not depend on sockets.
async fn run(seed: u64) -> (Vec<String>, Vec<Value>) {
    let b = Business::with(|o| {
        (o.seed, o.mix) = (seed, Mix::town());
        o.webhooks.duplicate = 0.1;
    })
    .await;
    b.template("spring", "MARKETING").await;
    for i in 0..60 {
        b.accepted(with_echo(template(&format!("2782555{i:04}"), "spring"), &format!("echo-{i}"))).await;
    }
    b.sim.run_until_idle().await;
    let mut bodies: Vec<String> =
        b.hook.posts().into_iter().map(|p| String::from_utf8(p.body).unwrap()).collect();
    bodies.sort();
    (bodies, b.sim.ledger().iter().map(|e| serde_json::to_value(e).unwrap()).collect())
}

#[tokio::test]
async fn a_seed_repeats_a_whole_run_and_another_seed_does_not() {
    let (first, again, other) = (run(11).await, run(11).await, run(12).await);
    assert_eq!(first, again);
    assert_ne!(first.0, other.0);
    assert!(first.0.len() > 150);
}
