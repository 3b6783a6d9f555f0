//! Webhooks: signed, batched, late, twice, lost, and retried for seven days.
#![allow(clippy::unwrap_used, reason = "a test may")]

mod business;
use std::time::Duration;

use business::*;
use conek_simulator::{Options, Pace, Say};
use serde_json::json;

#[tokio::test]
async fn the_signature_verifies_over_the_raw_bytes_which_are_ascii() {
    let b = Business::open().await;
    b.sim.say(THANDI, Say::text("Ngiyabonga 🙏 – dis reg/goed")).unwrap();
    b.sim.run_until_idle().await;
    let posts = b.hook.posts();
    let raw = String::from_utf8(posts[0].body.clone()).unwrap();
    assert!(raw.is_ascii());
    assert!(raw.contains(r"Ngiyabonga \ud83d\ude4f \u2013 dis reg\/goed"), "{raw}");
    assert_eq!(posts[0].signature.as_deref(), Some(signature(SECRET, &posts[0].body).as_str()));
    assert_eq!(b.hook.updates("messages")[0]["text"]["body"], "Ngiyabonga 🙏 – dis reg/goed");
}

#[tokio::test]
async fn a_message_arrives_in_metas_shape() {
    let b = Business::open().await;
    let id = b.sim.say(THANDI, Say::text("Hi")).unwrap();
    b.sim.run_until_idle().await;
    let body = b.hook.posts()[0].json();
    assert_eq!(body["object"], "whatsapp_business_account");
    assert_eq!(body["entry"][0]["id"], WABA);
    let change = &body["entry"][0]["changes"][0];
    assert_eq!(change["field"], "messages");
    assert_eq!(change["value"]["messaging_product"], "whatsapp");
    assert_eq!(
        change["value"]["metadata"],
        json!({"display_phone_number": "27215550100", "phone_number_id": NUMBER})
    );
    let contact = &change["value"]["contacts"][0];
    assert_eq!(contact["wa_id"], THANDI);
    assert!(contact["profile"]["name"].is_string() && contact["user_id"].is_string());
    let message = &change["value"]["messages"][0];
    assert_eq!(
        (&message["from"], &message["id"], &message["type"]),
        (&json!(THANDI), &json!(id), &json!("text"))
    );
    assert!(message["timestamp"].is_string());
}

#[tokio::test]
async fn a_thousand_updates_share_one_post_and_none_is_missing() {
    let b = Business::with(|o| {
        o.numbers[0].mps = 0;
        o.pace = Pace::instant();
        o.webhooks.batch_max = 1_000;
        o.webhooks.batch_window_ms = 60_000;
    })
    .await;
    for i in 0..1_000 {
        b.sim.say(&format!("2782555{i:04}"), Say::text(format!("number {i}"))).unwrap();
    }
    b.sim.run_until_idle().await;
    assert_eq!(b.hook.posts().len(), 1);
    let ids: Vec<String> =
        b.hook.updates("messages").iter().map(|m| m["id"].as_str().unwrap().to_owned()).collect();
    assert_eq!((ids.len(), distinct(&ids)), (1_000, 1_000));
    let body = b.hook.posts()[0].json();
    let entries = body["entry"].as_array().unwrap();
    let changes = entries[0]["changes"].as_array().unwrap();
    assert!(
        entries.len() > 1
            && changes.len() > 1
            && changes[0]["value"]["messages"].as_array().unwrap().len() > 1
    );
}

#[tokio::test]
async fn a_partial_batch_leaves_when_its_window_is_over() {
    let b = Business::with(|o| {
        o.webhooks.batch_max = 1_000;
        o.webhooks.batch_window_ms = 500;
    })
    .await;
    b.sim.say(THANDI, Say::text("one")).unwrap();
    b.sim.say(THANDI, Say::text("two")).unwrap();
    assert!(b.hook.posts().is_empty());
    b.sim.run_until_idle().await;
    assert_eq!((b.hook.posts().len(), b.hook.updates("messages").len()), (1, 2));
}

#[tokio::test]
async fn a_post_that_fails_is_retried_until_it_succeeds() {
    let b = Business::open().await;
    b.hook.answer(503);
    b.sim.say(THANDI, Say::text("Hi")).unwrap();
    b.sim.run_until(conek_core::Clock::now(&*b.clock) + chrono::TimeDelta::hours(2)).await;
    let tried = b.hook.posts().len();
    assert!(tried >= 8, "{tried}");
    b.hook.answer(200);
    b.sim.run_until_idle().await;
    assert_eq!(b.hook.posts().len(), tried + 1);
    let record = b.sim.webhooks().remove(0);
    assert!(record.delivered && record.over);
    assert_eq!(record.attempts.last(), Some(&200));
}

#[tokio::test]
async fn retries_end_after_seven_days_and_redelivery_is_still_possible() {
    let b = Business::open().await;
    b.hook.answer(500);
    b.sim.say(THANDI, Say::text("Hi")).unwrap();
    let began = conek_core::Clock::now(&*b.clock);
    b.sim.run_until_idle().await;
    let lasted = conek_core::Clock::now(&*b.clock) - began;
    assert!(lasted <= chrono::TimeDelta::days(7) && lasted > chrono::TimeDelta::days(6), "{lasted}");
    let record = b.sim.webhooks().remove(0);
    assert!(!record.delivered && record.over);
    b.hook.answer(200);
    assert_eq!(b.sim.redeliver(None), 1);
    b.sim.run_until_idle().await;
    assert!(b.sim.webhooks()[0].delivered);
}

async fn three_statuses(change: impl FnOnce(&mut Options)) -> Business {
    let b = Business::with(change).await;
    b.accepted(template(THANDI, "hello_world")).await;
    b.sim.run_until_idle().await;
    b
}

#[tokio::test]
async fn webhooks_come_twice_when_asked() {
    let b = three_statuses(|o| o.webhooks.duplicate = 1.0).await;
    let mut statuses = b.hook.statuses();
    statuses.sort();
    assert_eq!(statuses, ["delivered", "delivered", "read", "read", "sent", "sent"]);
}

#[tokio::test]
async fn webhooks_overtake_each_other_when_asked() {
    let mut orders = std::collections::HashSet::new();
    for seed in 0..8 {
        let b = three_statuses(|o| {
            o.seed = seed;
            o.webhooks.reorder_within_ms = 60_000;
        })
        .await;
        orders.insert(b.hook.statuses());
    }
    assert!(orders.len() > 1);
}

#[tokio::test]
async fn webhooks_are_late_by_what_was_asked() {
    let b = Business::with(|o| o.webhooks.delay_ms = [3_600_000, 3_600_000]).await;
    b.sim.say(THANDI, Say::text("Hi")).unwrap();
    b.clock.advance(Duration::from_secs(3_599));
    b.sim.run_until(conek_core::Clock::now(&*b.clock)).await;
    assert!(b.hook.posts().is_empty());
    b.clock.advance(Duration::from_secs(1));
    b.sim.run_until_idle().await;
    assert_eq!(b.hook.posts().len(), 1);
}

#[tokio::test]
async fn webhooks_get_lost_when_asked_all_or_by_kind() {
    assert!(three_statuses(|o| o.webhooks.drop = 1.0).await.hook.posts().is_empty());
    let b = three_statuses(|o| o.webhooks.drop_kinds = vec!["sent".into(), "delivered".into()]).await;
    assert_eq!(b.hook.statuses(), ["read"]);
    assert_eq!(b.sim.stats()["webhooks"]["dropped_updates"], 2);
}

#[tokio::test]
async fn a_signature_can_be_wrong_or_missing_and_the_retry_is_right() {
    for (bad, missing) in [(1.0, 0.0), (0.0, 1.0)] {
        let b = Business::with(|o| (o.webhooks.bad_signature, o.webhooks.missing_signature) = (bad, missing))
            .await;
        b.hook.answer(401);
        b.sim.say(THANDI, Say::text("Hi")).unwrap();
        while b.hook.posts().is_empty() {
            tokio::task::yield_now().await;
        }
        b.hook.answer(200);
        b.sim.run_until_idle().await;
        let posts = b.hook.posts();
        let right = signature(SECRET, &posts[0].body);
        assert_eq!(posts[0].signature.is_none(), missing > 0.0);
        assert_ne!(posts[0].signature.as_ref(), Some(&right));
        assert_eq!(posts.last().unwrap().signature.as_ref(), Some(&right));
    }
}

#[tokio::test]
async fn the_echo_can_come_before_the_answer() {
    let b = Business::with(|o| o.webhooks.echo_first = true).await;
    let id = b.accepted(with_echo(template(THANDI, "hello_world"), "t")).await;
    let statuses = b.hook.updates("statuses");
    assert_eq!((statuses.len(), &statuses[0]["id"], &statuses[0]["status"]), (1, &json!(id), &json!("sent")));
    b.sim.run_until_idle().await;
    assert_eq!(b.hook.statuses(), ["sent", "delivered", "read"]);
}

#[tokio::test]
async fn rare_but_true_statuses_come_when_asked() {
    let b = three_statuses(|o| o.quirks.read_without_delivered = 1.0).await;
    assert_eq!(b.hook.statuses(), ["sent", "read"]);
    let b = three_statuses(|o| o.quirks.failed_after_sent = 1.0).await;
    assert_eq!(b.hook.statuses(), ["sent", "failed"]);
    let b =
        three_statuses(|o| (o.quirks.failed_after_sent, o.quirks.delivered_after_failed) = (1.0, 1.0)).await;
    assert_eq!(b.hook.statuses(), ["sent", "failed", "delivered", "read"]);
}

#[tokio::test]
async fn the_handshake_asks_for_the_challenge() {
    let b = Business::open().await;
    assert!(b.sim.verify_webhook().await.unwrap());
    b.sim.change_webhooks(|o| o.verify_token = "another".into()).unwrap();
    assert!(!b.sim.verify_webhook().await.unwrap());
}

#[tokio::test]
async fn a_change_of_a_template_is_told() {
    let b = Business::open().await;
    b.template("spring", "MARKETING").await;
    assert!(b.sim.set_template_status("spring", "PAUSED"));
    assert_eq!(b.refused(template(THANDI, "spring")).await, 132015);
    b.sim.run_until_idle().await;
    let change = &b.hook.posts()[0].json()["entry"][0]["changes"][0];
    assert_eq!(change["field"], "message_template_status_update");
    assert_eq!(
        (&change["value"]["event"], &change["value"]["message_template_name"]),
        (&json!("PAUSED"), &json!("spring"))
    );
}

#[tokio::test]
async fn the_history_tells_what_became_of_a_message() {
    let b = Business::open().await;
    let id = b.accepted(template(THANDI, "hello_world")).await;
    b.sim.run_until_idle().await;
    let (_, history) = b
        .get(&format!("{NUMBER}/message_history?message_id={}", id.replace('=', "%3D").replace('+', "%2B")))
        .await;
    let events = history["data"][0]["events"]["data"].as_array().unwrap();
    let told: Vec<_> = events
        .iter()
        .map(|e| (e["delivery_status"].as_str().unwrap(), e["webhook_update_state"].as_str().unwrap()))
        .collect();
    assert_eq!(told, [("SENT", "DELIVERED"), ("DELIVERED", "DELIVERED"), ("READ", "DELIVERED")]);
    let (_, all) = b.get(&format!("{NUMBER}/message_history")).await;
    assert_eq!(all["data"][0]["message_id"], json!(id));
}
