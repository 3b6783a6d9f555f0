//! Faults: each does what it says, to the sender and in the ledger.
#![allow(clippy::unwrap_used, reason = "a test may")]

mod business;
use std::time::Duration;

use business::*;
use conek_simulator::{Fault, FaultRule, Target};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

async fn with_fault(fault: Fault) -> Business {
    let b = Business::open().await;
    b.sim.set_faults(vec![FaultRule::new(fault).times(1)]);
    b
}

fn message() -> Value {
    with_echo(template(THANDI, "hello_world"), "token-1")
}

/// What the ledger says about how the only message's sender was answered, after its statuses arrived.
async fn witnessed(b: &Business) -> String {
    b.sim.run_until_idle().await;
    let ledger = b.sim.ledger();
    assert_eq!((ledger.len(), b.sim.copies("token-1")), (1, 1));
    assert!(ledger[0].read_at.is_some());
    let statuses = b.hook.updates("statuses");
    assert_eq!(statuses.len(), 3);
    assert!(statuses.iter().all(|s| s["biz_opaque_callback_data"] == "token-1"));
    ledger[0].answer.clone()
}

/// Sends over a bare socket; says every byte of the answer and how the stream ended.
async fn bare(b: &Business) -> (String, Option<std::io::ErrorKind>) {
    let body = message().to_string();
    let mut stream = TcpStream::connect(b.sim.address()).await.unwrap();
    let head = format!(
        "POST /v25.0/{NUMBER}/messages HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer {}\r\ncontent-length: {}\r\n\r\n{body}",
        b.sim.token(),
        body.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let end = stream.read_to_end(&mut answer).await.err().map(|e| e.kind());
    (String::from_utf8(answer).unwrap(), end)
}

#[tokio::test]
async fn before_acceptance_the_ledger_stays_empty() {
    let b = with_fault(Fault::CloseBefore).await;
    assert_eq!(bare(&b).await, (String::new(), None));
    b.sim.set_faults(vec![FaultRule::new(Fault::ResetBefore)]);
    assert_eq!(bare(&b).await, (String::new(), Some(std::io::ErrorKind::ConnectionReset)));
    for (fault, http, code) in [
        (Fault::Refuse { code: 130429, http: None }, 400, 130429),
        (Fault::Refuse { code: 131048, http: Some(403) }, 403, 131048),
        (Fault::TooManyRequests, 429, 4),
        (Fault::ErrorBefore, 500, 131000),
    ] {
        b.sim.set_faults(vec![FaultRule::new(fault)]);
        let (status, answer) = b.send(message()).await.unwrap();
        assert_eq!((status, answer["error"]["code"].as_i64()), (http, Some(code)));
    }
    assert!(b.sim.ledger().is_empty());
    assert!(b.sim.idle().idle);
}

#[tokio::test]
async fn an_answer_can_be_lost_after_acceptance() {
    let b = with_fault(Fault::CloseAfter).await;
    assert_eq!(bare(&b).await, (String::new(), None));
    assert_eq!(witnessed(&b).await, "closed");
}

#[tokio::test]
async fn a_connection_can_be_reset_after_acceptance() {
    let b = with_fault(Fault::ResetAfter).await;
    assert_eq!(bare(&b).await, (String::new(), Some(std::io::ErrorKind::ConnectionReset)));
    assert_eq!(witnessed(&b).await, "reset");
}

#[tokio::test]
async fn an_answer_can_break_off() {
    let b = with_fault(Fault::TruncateAfter { bytes: 40 }).await;
    let (answer, _) = bare(&b).await;
    assert_eq!(answer.len(), 40);
    assert!(answer.starts_with("HTTP/1.1 200 OK"));
    assert_eq!(witnessed(&b).await, "truncated");
}

#[tokio::test]
async fn an_accepted_message_can_be_answered_with_an_error_garbage_nothing_or_a_redirect() {
    for (fault, http, name) in [
        (Fault::ErrorAfter, 500, "error"),
        (Fault::GarbageAfter, 200, "garbage"),
        (Fault::NoIdAfter, 200, "no_id"),
        (Fault::RedirectAfter, 307, "redirected"),
    ] {
        let b = with_fault(fault).await;
        let (status, answer) = b.send(message()).await.unwrap();
        assert_eq!(status, http);
        assert!(answer["messages"][0]["id"].is_null());
        assert_eq!(witnessed(&b).await, name);
    }
}

#[tokio::test]
async fn who_follows_the_redirect_sends_twice_and_the_ledger_says_so() {
    let b = with_fault(Fault::RedirectAfter).await;
    let first = b
        .client
        .post(b.url(&format!("{NUMBER}/messages")))
        .bearer_auth(b.sim.token())
        .json(&message())
        .send()
        .await
        .unwrap();
    let again = first.headers()["location"].to_str().unwrap().to_owned();
    b.client.post(again).bearer_auth(b.sim.token()).json(&message()).send().await.unwrap();
    assert_eq!(b.sim.copies("token-1"), 2);
    assert_eq!(b.sim.ledger()[0].copies, 2);
    assert_eq!(b.sim.stats()["repeated_echoes"], 1);
}

#[tokio::test]
async fn a_hanging_answer_comes_when_the_clock_says_so() {
    let b = with_fault(Fault::HangAfter { for_ms: Some(90_000) }).await;
    let (answer, ()) = tokio::join!(b.send(message()), async {
        while b.sim.ledger().is_empty() {
            tokio::task::yield_now().await;
        }
        b.clock.advance(Duration::from_secs(89));
        b.sim.run_until(conek_core::Clock::now(&*b.clock)).await;
        // The request's own sleep is not ours to see, so the second step is what must release it.
        b.clock.advance(Duration::from_secs(1));
    });
    assert_eq!(answer.unwrap().0, 200);
    assert_eq!(witnessed(&b).await, "hung");
}

#[tokio::test]
async fn a_hang_without_end_ends_when_the_sender_leaves_or_the_simulator_stops() {
    let b = with_fault(Fault::HangAfter { for_ms: None }).await;
    let sending = b
        .client
        .post(b.url(&format!("{NUMBER}/messages")))
        .bearer_auth(b.sim.token())
        .json(&message())
        .send();
    let sending = tokio::spawn(sending);
    while b.sim.ledger().is_empty() {
        tokio::task::yield_now().await;
    }
    assert_eq!(witnessed(&b).await, "hung");
    b.sim.shutdown().await;
    assert!(sending.await.unwrap().is_err());
}

#[tokio::test]
async fn a_rule_is_for_one_recipient_and_ends_by_itself() {
    let b = Business::open().await;
    b.sim.set_faults(vec![FaultRule::new(Fault::ErrorAfter).to(THANDI).times(2)]);
    let mut seen = Vec::new();
    for to in [THANDI, "27825550102", THANDI, THANDI] {
        seen.push(b.send(template(to, "hello_world")).await.unwrap().0);
    }
    assert_eq!(seen, [500, 200, 500, 200]);
    assert_eq!((b.sim.faults()[0].fired, b.sim.ledger().len()), (2, 4));
}

#[tokio::test]
async fn other_requests_can_fail_too_after_they_were_carried_out() {
    let b = Business::open().await;
    b.sim.set_faults(vec![FaultRule::new(Fault::ErrorAfter).target(Target::Templates).times(1)]);
    let wish = json!({"name": "once", "language": "en", "category": "UTILITY", "components": []});
    assert_eq!(b.post(&format!("{WABA}/message_templates"), &wish).await.unwrap().0, 500);
    let (status, answer) = b.post(&format!("{WABA}/message_templates"), &wish).await.unwrap();
    assert_eq!((status, answer["error"]["error_subcode"].as_i64()), (400, Some(2388024)));
}
