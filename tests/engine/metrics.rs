//! The numbers for operators are those of what happened, and say nothing of a person.

use conek_core::Engine;
use conek_simulator::{Fault, FaultRule};
use conek_tests::{World, consenting, offer};

use super::rights::{close, transactional};

/// The value of the sample that has all these labels.
fn value(text: &str, name: &str, labels: &[&str]) -> Option<f64> {
    let fits = |line: &&str| {
        line.strip_prefix(name).is_some_and(|rest| rest.starts_with([' ', '{']))
            && labels.iter().all(|label| line.contains(label))
    };
    text.lines().find(fits)?.rsplit(' ').next()?.parse().ok()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_decided_sent_and_received_is_counted_and_names_nobody() {
    let world = World::new(|_| {}).await;
    let engine = world.engine().await;
    let thandi = consenting(&engine, "+27832885137").await.unwrap();
    let stranger = conek_core::doctest::person(&engine, "+27832885138").await.unwrap();
    engine.messages().send(offer(&thandi)).await.unwrap();
    assert_eq!(engine.messages().send(offer(&stranger)).await.unwrap_err().code(), "denied");
    let closed = engine.messages().send(transactional(&stranger, "hello")).await.unwrap_err();
    assert_eq!(closed.code(), "denied");
    world.settle(&engine).await;

    let text = engine.metrics().await.unwrap();
    let of = |name, labels: &[&str]| value(&text, name, labels);
    assert_eq!(of("conek_decisions_total", &[r#"at="queue""#, r#"answer="allow""#]), Some(1.0), "{text}");
    assert_eq!(of("conek_decisions_total", &[r#"at="queue""#, r#"answer="deny""#]), Some(2.0));
    assert_eq!(of("conek_decisions_total", &[r#"at="send""#, r#"answer="allow""#]), Some(1.0));
    assert_eq!(of("conek_decision_reasons_total", &[r#"reason="consent""#, r#"at="send""#]), Some(1.0));
    assert_eq!(of("conek_decision_reasons_total", &[r#"reason="WINDOW_CLOSED""#]), Some(1.0));
    assert_eq!(of("conek_decision_reasons_total", &[r#"reason="NO_CONSENT""#]), Some(1.0));
    let number = r#"number="100000000000001""#;
    assert_eq!(of("conek_sends_total", &[number, r#"result="accepted""#]), Some(1.0));
    assert_eq!(of("conek_request_seconds_count", &[]), Some(1.0));
    assert_eq!(of("conek_wait_seconds_count", &[]), Some(1.0));
    assert!(of("conek_commit_seconds_count", &[]) > Some(0.0));
    assert!(of("conek_webhooks_total", &[r#"result="stored""#]) > Some(0.0), "{text}");
    assert!(of("conek_updates_total", &[r#"kind="delivered""#]) > Some(0.0), "{text}");
    assert!(of("conek_webhook_lag_seconds_count", &[]) > Some(0.0));
    for state in ["queued", "in_flight", "in_doubt"] {
        assert_eq!(of("conek_messages", &[&format!("state=\"{state}\"")]), Some(0.0), "{state}");
    }
    assert_eq!(of("conek_lane_state", &[number, r#"state="sending""#]), Some(1.0));
    assert_eq!(of("conek_lane_state", &[number, r#"state="stopped""#]), Some(0.0));
    for line in text.lines().filter(|l| !l.is_empty() && !l.starts_with('#')) {
        assert!(line.rsplit(' ').next().unwrap().parse::<f64>().is_ok(), "Prometheus reads a number: {line}");
    }
    for secret in ["2885137", "2885138", "Thandi", thandi.as_str(), stranger.as_str()] {
        assert!(!text.contains(secret), "{secret} is in the metrics");
    }
    close(&world, engine).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_that_whatsapp_stopped_and_a_restored_copy_show() {
    let world = World::new(|_| {}).await;
    let engine = world.engine().await;
    let person = consenting(&engine, "+27832885137").await.unwrap();
    world.simulator.set_faults(vec![FaultRule::new(Fault::Refuse { code: 131_031, http: None }).times(1)]);
    engine.messages().send(offer(&person)).await.unwrap();
    for _ in 0..2_000 {
        let status = engine.status().await.unwrap();
        if !status.stopped.is_empty() && status.queued == 1 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    let text = engine.metrics().await.unwrap();
    assert_eq!(value(&text, "conek_lane_state", &[r#"state="stopped""#]), Some(1.0), "{text}");
    assert_eq!(value(&text, "conek_refusals_total", &[r#"code="131031""#]), Some(1.0), "{text}");
    assert_eq!(value(&text, "conek_messages", &[r#"state="queued""#]), Some(1.0), "it waits with its number");
    let copy = world.path().with_extension("copy").display().to_string();
    engine.backup(copy.clone()).await.unwrap();
    close(&world, engine).await;
    let mut restored = world.copied(&copy).await;
    restored.key_file = Some(format!("{}.key", world.path().display()));
    let engine = Engine::open(restored, world.ports()).await.unwrap();
    let text = engine.metrics().await.unwrap();
    assert_eq!(value(&text, "conek_waiting_to_resume", &[]), Some(1.0));
    assert_eq!(value(&text, "conek_lane_state", &[r#"state="closed""#]), Some(1.0), "{text}");
    close(&world, engine).await;
}
