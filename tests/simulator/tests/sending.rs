//! Sending: what a business may send, and what comes back.
#![allow(clippy::unwrap_used, reason = "a test may")]

mod business;
use business::*;
use conek_simulator::{ClosedWindow, LedgerQuery, Options, Say, Simulator};
use serde_json::json;

#[tokio::test]
async fn a_template_is_accepted_sent_delivered_and_read_with_its_echo() {
    let b = Business::open().await;
    let id = b.accepted(with_echo(template(THANDI, "hello_world"), "ck1.abc")).await;
    b.sim.run_until_idle().await;
    assert_eq!(b.hook.statuses(), ["sent", "delivered", "read"]);
    for status in b.hook.updates("statuses") {
        assert_eq!(status["id"], id.as_str());
        assert_eq!(status["recipient_id"], THANDI);
        assert_eq!(status["biz_opaque_callback_data"], "ck1.abc");
        assert!(status["timestamp"].as_str().unwrap().parse::<i64>().is_ok());
    }
    let ledger = b.sim.ledger();
    assert_eq!(ledger.len(), 1);
    let entry = &ledger[0];
    assert_eq!((entry.wamid.as_str(), entry.to.as_str(), entry.copies), (id.as_str(), THANDI, 1));
    assert_eq!(entry.template.as_deref(), Some("hello_world"));
    assert_eq!(entry.content["template"]["name"], "hello_world");
    assert!(entry.accepted_at <= entry.sent_at.unwrap() && entry.delivered_at < entry.read_at);
}

#[tokio::test]
async fn the_answer_has_metas_shape() {
    let b = Business::open().await;
    let (_, answer) = b.send(template(THANDI, "hello_world")).await.unwrap();
    assert_eq!(answer["messaging_product"], "whatsapp");
    assert_eq!(answer["contacts"], json!([{"input": format!("+{THANDI}"), "wa_id": THANDI}]));
    assert!(answer["messages"][0]["id"].as_str().unwrap().starts_with("wamid."));
    assert_eq!(answer["messages"][0]["message_status"], "accepted");
}

#[tokio::test]
async fn a_free_form_message_needs_a_window_that_the_person_opened_within_24_hours() {
    let b = Business::open().await;
    b.accepted(text(THANDI, "too early")).await;
    b.sim.run_until_idle().await;
    assert_eq!(b.hook.failures(), [131047]);
    b.sim.say(THANDI, Say::text("Hello?")).unwrap();
    b.accepted(text(THANDI, "in time")).await;
    b.sim.run_until_idle().await;
    assert_eq!(b.hook.failures(), [131047]);
    b.clock.advance(std::time::Duration::from_secs(24 * 3600));
    b.accepted(text(THANDI, "too late")).await;
    b.sim.run_until_idle().await;
    assert_eq!(b.hook.failures(), [131047, 131047]);
}

#[tokio::test]
async fn a_closed_window_can_be_refused_at_once_instead() {
    let b = Business::with(|o| o.closed_window = ClosedWindow::RefuseNow).await;
    assert_eq!(b.refused(text(THANDI, "no")).await, 131047);
    assert!(b.sim.ledger().is_empty());
}

#[tokio::test]
async fn every_kind_of_message_arrives() {
    let b = Business::with(|o| o.numbers[0].mps = 0).await;
    b.sim.say(THANDI, Say::text("Hi")).unwrap();
    let form = reqwest::multipart::Form::new().text("messaging_product", "whatsapp").part(
        "file",
        reqwest::multipart::Part::bytes(vec![1; 3_000_000])
            .mime_str("image/jpeg")
            .unwrap()
            .file_name("a.jpg"),
    );
    let answer = b
        .client
        .post(b.url(&format!("{NUMBER}/media")))
        .bearer_auth(b.sim.token())
        .multipart(form)
        .send()
        .await
        .unwrap();
    let media: serde_json::Value = answer.json().await.unwrap();
    let link = json!({"link": "https://example.com/file"});
    let reply = |id: &str| json!({"type": "reply", "reply": {"id": id, "title": id}});
    let kinds = [
        ("text", json!({"body": "a"})),
        ("image", json!({"id": media["id"], "caption": "c"})),
        ("video", link.clone()),
        ("audio", link.clone()),
        ("document", link.clone()),
        ("sticker", link),
        ("location", json!({"latitude": -33.9, "longitude": "18.4"})),
        ("contacts", json!([{"name": {"formatted_name": "A", "first_name": "A"}}])),
        ("reaction", json!({"message_id": "wamid.x", "emoji": "👍"})),
        (
            "interactive",
            json!({"type": "button", "body": {"text": "b"}, "action": {"buttons": [reply("1"), reply("2")]}}),
        ),
        (
            "interactive",
            json!({"type": "list", "body": {"text": "b"},
            "action": {"button": "go", "sections": [{"rows": [{"id": "r", "title": "t"}]}]}}),
        ),
        (
            "interactive",
            json!({"type": "cta_url", "body": {"text": "b"},
            "action": {"name": "cta_url", "parameters": {"display_text": "go", "url": "https://example.com"}}}),
        ),
        ("template", json!({"name": "hello_world", "language": {"code": "en_US"}})),
    ];
    for (kind, content) in &kinds {
        let mut message = json!({"messaging_product": "whatsapp", "to": THANDI, "type": kind, "context": {"message_id": "wamid.y"}});
        message[*kind] = content.clone();
        b.accepted(message).await;
    }
    b.sim.run_until_idle().await;
    assert_eq!(b.sim.ledger().iter().filter(|e| e.delivered_at.is_some()).count(), kinds.len());
    assert_eq!(b.hook.failures(), Vec::<i64>::new());
}

#[tokio::test]
async fn a_user_id_reaches_the_same_person_as_the_number() {
    let b = Business::open().await;
    b.sim.say(THANDI, Say::text("Hi")).unwrap();
    b.sim.run_until_idle().await;
    let said = &b.hook.updates("contacts")[0];
    let user_id = said["user_id"].as_str().unwrap();
    assert!(user_id.starts_with("ZA."));
    let (_, answer) = b
        .send(json!({"messaging_product": "whatsapp", "recipient": user_id, "type": "text", "text": {"body": "a"}}))
        .await
        .unwrap();
    assert_eq!(answer["contacts"], json!([{"input": user_id, "user_id": user_id}]));
    assert_eq!(b.sim.ledger_where(&LedgerQuery { to: Some(THANDI.into()), ..Default::default() }).len(), 1);
}

#[tokio::test]
async fn what_is_wrong_is_refused_with_its_code_and_leaves_no_trace() {
    let b = Business::open().await;
    assert_eq!(b.refused(template(THANDI, "nobody_made_this")).await, 132001);
    let mut extra = template(THANDI, "hello_world");
    extra["template"]["components"] =
        json!([{"type": "body", "parameters": [{"type": "text", "text": "x"}]}]);
    assert_eq!(b.refused(extra).await, 132000);
    assert_eq!(b.refused(text(THANDI, &"x".repeat(4_097))).await, 131009);
    assert_eq!(
        b.refused(
            json!({"messaging_product": "whatsapp", "to": THANDI, "type": "image", "image": {"id": "1"}})
        )
        .await,
        100
    );
    let (status, answer) = b.post("999/messages", &text(THANDI, "a")).await.unwrap();
    assert_eq!((status, answer["error"]["error_subcode"].as_i64()), (400, Some(33)));
    assert!(b.sim.ledger().is_empty());
}

#[tokio::test]
async fn a_wrong_token_is_401_with_code_190_and_a_real_one_is_told_to_be_revoked() {
    let b = Business::open().await;
    for (token, word) in [("wrong", "Cannot parse"), ("EAAGm0PX4ZCpsBO", "simulator")] {
        let answer = b
            .client
            .post(b.url(&format!("{NUMBER}/messages")))
            .bearer_auth(token)
            .json(&text(THANDI, "a"))
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status().as_u16(), 401);
        let error = answer.json::<serde_json::Value>().await.unwrap()["error"].clone();
        assert_eq!(error["code"], 190);
        assert!(error["error_data"]["details"].as_str().unwrap().contains(word), "{error}");
    }
}

#[tokio::test]
async fn it_neither_listens_nor_calls_beyond_this_machine_and_takes_no_real_token() {
    let refused = |change: fn(&mut Options)| async move {
        let mut options = Options::default();
        change(&mut options);
        Simulator::start(options).await.err().map(|e| e.code())
    };
    assert_eq!(refused(|o| o.bind = "0.0.0.0:0".parse().unwrap()).await, Some("invalid_input"));
    assert_eq!(refused(|o| o.token = "EAAGm0PX4ZCpsBO".into()).await, Some("invalid_input"));
    assert_eq!(
        refused(|o| o.webhooks.url = Some("http://example.com/hook".into())).await,
        Some("invalid_input")
    );
    let b = Business::open().await;
    assert_eq!(b.sim.set_webhook("https://graph.facebook.com/").unwrap_err().code(), "invalid_input");
}

#[tokio::test]
async fn a_foreign_page_may_not_drive_it() {
    let b = Business::open().await;
    let say = json!({"from": THANDI, "say": {"kind": "text", "body": "forged"}});
    for (name, value) in [("origin", "https://evil.example"), ("host", "evil.example")] {
        let answer = b
            .client
            .post(format!("{}/_sim/say", b.sim.base_url()))
            .header(name, value)
            .json(&say)
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status().as_u16(), 403, "{name}");
    }
}

#[tokio::test]
async fn a_number_carries_its_messages_per_second_and_a_pair_its_burst() {
    let b = Business::with(|o| o.numbers[0].mps = 80).await;
    for i in 0..80 {
        b.accepted(template(&format!("2782555{i:04}"), "hello_world")).await;
    }
    assert_eq!(b.refused(template(THANDI, "hello_world")).await, 130429);
    b.clock.advance(std::time::Duration::from_secs(1));
    for _ in 0..45 {
        b.accepted(template(THANDI, "hello_world")).await;
    }
    assert_eq!(b.refused(template(THANDI, "hello_world")).await, 131056);
    b.accepted(template("27825550102", "hello_world")).await;
    b.clock.advance(std::time::Duration::from_secs(6));
    b.accepted(template(THANDI, "hello_world")).await;
    assert_eq!(b.refused(template(THANDI, "hello_world")).await, 131056);
    assert_eq!(b.sim.stats()["numbers"][0]["peak_accepted_per_second"], 80);
}

#[tokio::test]
async fn a_read_receipt_marks_the_persons_message() {
    let b = Business::open().await;
    let id = b.sim.say(THANDI, Say::text("Hello?")).unwrap();
    let receipt = json!({"messaging_product": "whatsapp", "status": "read", "message_id": id, "typing_indicator": {"type": "text"}});
    assert_eq!(b.send(receipt).await.unwrap(), (200, json!({"success": true})));
    let chat = b.sim.chat(THANDI).unwrap();
    assert_eq!((&chat["chat"][0]["read"], &chat["chat"][0]["typing"]), (&json!(true), &json!(true)));
    let unknown = json!({"messaging_product": "whatsapp", "status": "read", "message_id": "wamid.HBgLAA=="});
    assert_eq!(b.refused(unknown).await, 131009);
}

#[tokio::test]
async fn marketing_messages_takes_marketing_templates_only() {
    let b = Business::open().await;
    b.template("spring", "MARKETING").await;
    let path = format!("{NUMBER}/marketing_messages");
    assert_eq!(b.post(&path, &template(THANDI, "spring")).await.unwrap().0, 200);
    let (_, answer) = b.post(&path, &template(THANDI, "hello_world")).await.unwrap();
    assert_eq!(answer["error"]["code"], 134100);
    assert_eq!(b.sim.ledger().len(), 1);
}
