//! Answers of Meta's API, broken in every way: what was sent is at most once on its way, and no answer is believed that
//! is none.
//!
//! `CONEK_MUTATIONS=50000` breaks as many as it says, as with webhooks.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use axum::{Router, body::Bytes, extract::State, http::StatusCode};
use conek_core::{Purpose, messaging::MessageState};
use conek_tests::{Chance, World, code, code_template, phone, times};
use serde_json::{Value, json};

use crate::{
    mutations::{PAGE, broken_anywhere, broken_inside},
    within_memory,
};

/// Messages queued at once.
const TOGETHER: u64 = 500;

/// What was answered about one recipient, in order: the status, and whether the body was sound.
type Given = HashMap<String, Vec<(u16, bool)>>;

struct Edge {
    chance: Chance,
    given: Given,
}

/// Sound answers: accepted, and refused in ways that Meta describes.
fn sound(to: &str, chance: &mut Chance) -> (u16, Value) {
    let refused = |code: i32| {
        json!({"error": {"message": "m", "type": "OAuthException", "code": code, "error_data": {"messaging_product": "whatsapp", "details": "d"},
            "error_subcode": 2_494_010, "is_transient": false, "fbtrace_id": "t"}})
    };
    match chance.below(6) {
        0 => (400, refused(131_026)),
        1 => (400, refused(132_000)),
        2 => (500, refused(131_000)),
        _ => (
            200,
            json!({"messaging_product": "whatsapp", "contacts": [{"input": to, "wa_id": to.trim_start_matches('+'), "user_id": "ZA.1"}],
                "messages": [{"id": format!("wamid.{to}.{}", chance.below(u64::MAX)), "message_status": "accepted"}]}),
        ),
    }
}

async fn answer(State(edge): State<Arc<Mutex<Edge>>>, body: Bytes) -> (StatusCode, Vec<u8>) {
    let mut edge = edge.lock().unwrap_or_else(|e| e.into_inner());
    let sent: Value = serde_json::from_slice(&body).unwrap_or_default();
    let to = sent["to"].as_str().unwrap_or_default().to_owned();
    let Edge { chance, given } = &mut *edge;
    let (status, whole) = sound(&to, chance);
    let text = whole.to_string();
    let (bytes, is_sound) = match chance.below(4) {
        0 => (text.into_bytes(), true),
        1 => (broken_inside(&whole, chance).into_bytes(), false),
        2 => (broken_anywhere(text.as_bytes(), chance), false),
        _ => (PAGE.to_vec(), false),
    };
    given.entry(to).or_default().push((status, is_sound));
    (StatusCode::from_u16(status).unwrap_or_default(), bytes)
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_mutated_answer_nothing_is_sent_twice_and_nothing_hangs() {
    let rounds = times("CONEK_MUTATIONS", 400);
    let edge = Arc::new(Mutex::new(Edge { chance: Chance(2_611), given: Given::new() }));
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let app = Router::new().fallback(answer).with_state(edge.clone());
    tokio::spawn(async move { axum::serve(listener, app).await });
    within_memory(async {
        let world = World::new(|_| {}).await;
        let mut config = world.config();
        if let Some(whatsapp) = &mut config.whatsapp {
            whatsapp.base_url = Some(format!("http://{address}"));
        }
        let engine = conek_core::Engine::open(config, world.ports()).await.unwrap();
        engine.templates().put(code_template()).await.unwrap();
        let mut states: HashMap<MessageState, u64> = HashMap::new();
        let mut next = 0;
        while next < rounds {
            let some = next..rounds.min(next + TOGETHER);
            next = some.end;
            let drafts = some.clone().map(|n| code(&phone(n as usize), Purpose::Transactional)).collect();
            let sent = engine.messages().send_many(drafts).await.unwrap();
            assert!(engine.settle(120_000).await.unwrap(), "nothing hangs");
            for (n, sent) in some.zip(sent) {
                let id = sent.sent.expect("it is queued").id;
                let state = engine.messages().get(id).await.unwrap().state;
                let given = edge.lock().unwrap().given.remove(&phone(n as usize)).unwrap_or_default();
                check(&given, state);
                *states.entry(state).or_default() += 1;
            }
        }
        println!("{rounds} messages, of whose answers three in four were broken, came to: {states:?}");
        engine.close().await.unwrap();
    })
    .await;
}

fn check(given: &[(u16, bool)], state: MessageState) {
    assert!(!given.is_empty(), "it was sent");
    let (last, earlier) = given.split_last().unwrap();
    // 4xx with any body may be a refusal, and what was refused may be sent again. What may have been accepted may not.
    assert!(earlier.iter().all(|(status, _)| (400..500).contains(status)), "{given:?}");
    match *last {
        (200, true) => assert_eq!(state, MessageState::Accepted, "{given:?}"),
        (200, false) => {
            assert!(matches!(state, MessageState::Accepted | MessageState::InDoubt), "{given:?} {state:?}")
        }
        (500, _) => assert_eq!(state, MessageState::InDoubt, "{given:?}"),
        (_, true) => assert_eq!(state, MessageState::Refused, "{given:?}"),
        _ => assert!(
            !matches!(state, MessageState::Accepted | MessageState::Dispatching | MessageState::Claimed),
            "{given:?} {state:?}"
        ),
    }
}
