//! One send is one request, and its outcome says no more than the evidence proves.

use std::time::Duration;

use super::{
    server::{ACCEPTED, Act, Server, answer, graph_error},
    *,
};
use crate::{
    transport::{Action, SendOutcome, Transport, Upload},
    values::error::Retry,
};

/// Sends the message once and says what came out and how many requests the server saw.
async fn send(act: Act) -> (SendOutcome, usize) {
    let server = Server::start(act).await;
    let mut settings = settings(server.url());
    (settings.connect_timeout_ms, settings.timeout_ms) = (1_000, 1_500);
    let outcome = send_with(settings).await;
    let requests = server.seen().len();
    (outcome, requests)
}

async fn send_with(settings: Settings) -> SendOutcome {
    let transport = WhatsApp::new(settings, clock()).unwrap();
    let outcome = transport.send(permit(&message()), message()).await;
    assert_says_nothing_personal(&format!("{outcome:?} {transport:?}"));
    outcome
}

fn assert_says_nothing_personal(text: &str) {
    for canary in [TOKEN, &PHONE[1..], WORDS, "wamid"] {
        assert!(!text.contains(canary), "{text}");
    }
}

fn is_unknown(outcome: &SendOutcome) -> bool {
    matches!(outcome, SendOutcome::Unknown { .. })
}

fn is_not_sent(outcome: &SendOutcome) -> bool {
    matches!(outcome, SendOutcome::NotSent { .. })
}

#[tokio::test]
async fn no_connection_means_not_sent() {
    let server = Server::start(Act::HangUpAtOnce).await;
    let url = server.url();
    drop(server);
    tokio::task::yield_now().await;
    // The listener is gone once its task has ended; until then it hangs up, which is doubt.
    let mut outcome = send_with(settings(url.clone())).await;
    while !is_not_sent(&outcome) {
        assert!(is_unknown(&outcome), "{outcome:?}");
        outcome = send_with(settings(url.clone())).await;
    }
    let outcome = send_with(settings("https://graph.invalid".to_owned())).await;
    assert!(is_not_sent(&outcome), "{outcome:?}");
}

#[tokio::test]
async fn a_failed_or_endless_tls_handshake_means_not_sent() {
    for act in [Act::HangUpAtOnce, Act::KeepAlive(b"HTTP/1.1 400 Bad\r\n\r\n".to_vec())] {
        let server = Server::start(act).await;
        let mut settings = settings(server.url().replace("http:", "https:"));
        (settings.connect_timeout_ms, settings.timeout_ms) = (200, 20_000);
        let outcome = send_with(settings).await;
        assert!(is_not_sent(&outcome), "{outcome:?}");
        assert!(server.seen().is_empty());
    }
}

#[tokio::test]
async fn an_answer_with_a_message_id_means_accepted() {
    let cases = [
        (ACCEPTED.to_owned(), "accepted", Some("27832885137"), None),
        (r#"{"messages":[{"id":"wamid.A"}]}"#.to_owned(), "", None, None),
        (
            r#"{"contacts":[{"input":"x","user_id":"ZA.1"}],"messages":[{"id":"wamid.A","message_status":"paused"}]}"#.to_owned(),
            "paused",
            None,
            Some("ZA.1"),
        ),
        (r#"{"contacts":"?","messages":[{"id":"wamid.A","message_status":7}],"new":[1]}"#.to_owned(), "", None, None),
    ];
    for (body, status, wa_id, user_id) in cases {
        let (outcome, requests) = send(Act::Write(answer(200, &body))).await;
        let expected = SendOutcome::Accepted {
            wamid: "wamid.A".to_owned(),
            status: status.to_owned(),
            wa_id: wa_id.map(str::to_owned),
            user_id: user_id.map(str::to_owned),
        };
        assert_eq!((outcome, requests), (expected, 1), "{body}");
    }
}

#[tokio::test]
async fn a_chunked_answer_is_read_too() {
    let chunked = format!(
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{:x}\r\n{ACCEPTED}\r\n0\r\n\r\n",
        ACCEPTED.len()
    );
    let (outcome, _) = send(Act::Write(chunked.into_bytes())).await;
    assert!(matches!(outcome, SendOutcome::Accepted { .. }), "{outcome:?}");
}

#[tokio::test]
async fn a_known_refusal_is_refused_with_what_to_do() {
    let codes = [
        (100, Action::Never),
        (190, Action::StopSender),
        (10, Action::StopSender),
        (200, Action::StopSender),
        (130_429, Action::Retry),
        (131_056, Action::RetryPair),
        (131_047, Action::Switch),
        (131_049, Action::Defer),
        (131_050, Action::OptOut),
        (132_001, Action::StopTemplate),
        (133_010, Action::StopSender),
    ];
    for (code, action) in codes {
        let (outcome, requests) = send(Act::Write(answer(400, &graph_error(code)))).await;
        assert_eq!((outcome, requests), (SendOutcome::Refused { code, action }, 1));
    }
}

#[tokio::test]
async fn a_refusal_is_understood_in_its_odd_shapes() {
    let bodies = [
        r#"{"error":{"code":100,"error_data":"a bare text"}}"#,
        r#"{"error":{"code":"100","message":null,"error_data":[1],"is_transient":"no"}}"#,
        r#"{"error":{"is_transient":false,"code":100},"more":{}}"#,
    ];
    for body in bodies {
        let (outcome, _) = send(Act::Write(answer(400, body))).await;
        assert_eq!(outcome, SendOutcome::Refused { code: 100, action: Action::Never }, "{body}");
    }
}

#[tokio::test]
async fn a_throttle_is_a_refusal_although_it_is_transient() {
    let body = r#"{"error":{"code":4,"is_transient":true}}"#;
    let (outcome, _) = send(Act::Write(answer(403, body))).await;
    assert_eq!(outcome, SendOutcome::Refused { code: 4, action: Action::Retry });
}

#[tokio::test]
async fn an_error_that_proves_nothing_is_unknown() {
    let mut answers: Vec<(u16, String)> = vec![
        (400, r#"{"error":{"code":100,"is_transient":true}}"#.to_owned()),
        (400, r#"{"error":{"message":"no code"}}"#.to_owned()),
        (400, r#"{"error":"text"}"#.to_owned()),
        (403, r#"{"message":"Forbidden"}"#.to_owned()),
        (400, "<html>Bad Request</html>".to_owned()),
        (408, "<html>Timeout</html>".to_owned()),
        (425, String::new()),
        (499, String::new()),
        (500, graph_error(100)),
        (500, graph_error(130_429)),
        (502, "<html>Bad Gateway</html>".to_owned()),
        (503, graph_error(131_016)),
        (504, String::new()),
        (301, String::new()),
        (304, String::new()),
    ];
    answers.extend([1, 2, 131_000, 131_016, 133_004, 999_999].map(|code| (400, graph_error(code))));
    for (status, body) in answers {
        let (outcome, requests) = send(Act::Write(answer(status, &body))).await;
        assert!(is_unknown(&outcome), "{status} {body}: {outcome:?}");
        assert_eq!(requests, 1, "{status} {body}");
    }
}

#[tokio::test]
async fn an_edge_that_refuses_without_passing_on_is_refused() {
    for (status, action) in
        [(401, Action::StopSender), (404, Action::StopSender), (413, Action::Never), (429, Action::Retry)]
    {
        let (outcome, _) = send(Act::Write(answer(status, "<html>no</html>"))).await;
        assert_eq!(outcome, SendOutcome::Refused { code: i32::from(status), action });
    }
}

#[tokio::test]
async fn a_success_without_a_message_id_is_unknown() {
    let long = format!(r#"{{"messages":[{{"id":"wamid.A"}}],"pad":"{}"}}"#, "x".repeat(70_000));
    let bodies = [
        "",
        "{}",
        "<html>",
        "null",
        r#"{"messages":[]}"#,
        r#"{"messages":[{"id":""}]}"#,
        r#"{"messages":[{"id":7}]}"#,
        &long,
        &graph_error(100),
    ];
    for body in bodies {
        let (outcome, requests) = send(Act::Write(answer(200, body))).await;
        assert!(is_unknown(&outcome) && requests == 1, "{body:.80}: {outcome:?} {requests}");
    }
}

#[tokio::test]
async fn a_call_that_breaks_off_after_the_request_is_unknown() {
    let whole = answer(200, ACCEPTED);
    let refusal = answer(400, &graph_error(100));
    let acts = [
        Act::Write(Vec::new()),
        Act::Write(b"no HTTP at all\r\n\r\n".to_vec()),
        Act::Write(b"HTTP/1.1 200 OK\r\n".to_vec()),
        Act::Write(whole[..whole.len() - 5].to_vec()),
        Act::Write(refusal[..refusal.len() - 5].to_vec()),
        Act::WriteAndHold(Vec::new()),
        Act::WriteAndHold(whole[..whole.len() - 5].to_vec()),
    ];
    for act in acts {
        let (outcome, requests) = send(act.clone()).await;
        assert!(is_unknown(&outcome) && requests == 1, "{act:?}: {outcome:?} {requests}");
    }
    let (outcome, _) = send(Act::HangUpAtOnce).await;
    assert!(is_unknown(&outcome), "{outcome:?}");
}

#[tokio::test]
async fn no_redirect_is_followed() {
    let elsewhere = Server::start(Act::Write(answer(200, ACCEPTED))).await;
    for status in [301, 302, 303, 307, 308] {
        let head =
            format!("HTTP/1.1 {status} X\r\nlocation: {}/x\r\ncontent-length: 0\r\n\r\n", elsewhere.url());
        let (outcome, requests) = send(Act::Write(head.into_bytes())).await;
        assert!(is_unknown(&outcome) && requests == 1, "{status} {outcome:?}");
    }
    assert!(elsewhere.seen().is_empty());
}

#[tokio::test]
async fn the_token_travels_in_its_header_only() {
    let server = Server::start(Act::KeepAlive(answer(200, ACCEPTED))).await;
    let transport = transport(&server);
    transport.send(permit(&message()), message()).await;
    let seen = server.seen().remove(0);
    assert!(seen.head.starts_with(&format!("POST /v25.0/{SENDER}/messages HTTP/1.1\r\n")), "{}", seen.head);
    assert!(seen.head.to_lowercase().contains(&format!("authorization: bearer {}", TOKEN.to_lowercase())));
    assert_eq!(seen.head.matches(TOKEN).count(), 1);
    assert!(!String::from_utf8_lossy(&seen.body).contains(TOKEN));

    transport.replace_access_token(&Secret::from("EAAnext")).unwrap();
    transport.send(permit(&message()), message()).await;
    let seen = server.seen().remove(1);
    assert!(seen.head.contains("EAAnext") && !seen.head.contains(TOKEN));
    assert!(transport.replace_access_token(&Secret::from("two\r\nlines")).is_err());
    assert!(transport.replace_access_token(&Secret::from("")).is_err());
}

#[tokio::test]
async fn a_permit_covers_its_message_and_no_other() {
    let server = Server::start(Act::Write(answer(200, ACCEPTED))).await;
    let transport = transport(&server);
    let others = [
        Outgoing { to: Address::Phone { number: "+27832885138".to_owned() }, ..message() },
        Outgoing { content: Content::Text { body: "other".to_owned(), preview_url: false }, ..message() },
        Outgoing { sender: "2".to_owned(), ..message() },
        Outgoing { echo: "ck1.other".to_owned(), ..message() },
        Outgoing { reply_to: Some("wamid.B".to_owned()), ..message() },
    ];
    for other in others {
        let outcome = transport.send(permit(&message()), other).await;
        assert!(is_not_sent(&outcome), "{outcome:?}");
    }
    assert!(server.seen().is_empty());
}

#[tokio::test]
async fn a_permit_is_void_after_its_moment() {
    let server = Server::start(Act::KeepAlive(answer(200, ACCEPTED))).await;
    let clock = clock();
    let transport = WhatsApp::new(settings(server.url()), clock.clone()).unwrap();
    clock.advance(Duration::from_secs(30));
    let outcome = transport.send(permit(&message()), message()).await;
    assert!(matches!(outcome, SendOutcome::Accepted { .. }), "{outcome:?}");
    clock.advance(Duration::from_millis(1));
    let outcome = transport.send(permit(&message()), message()).await;
    assert!(is_not_sent(&outcome), "{outcome:?}");
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn what_cannot_be_addressed_does_not_leave() {
    let server = Server::start(Act::Write(answer(200, ACCEPTED))).await;
    let mut settings = settings(server.url());
    settings.phone_number_ids = vec![SENDER.to_owned()];
    let transport = WhatsApp::new(settings, clock()).unwrap();
    let phone = |number: &str| Address::Phone { number: number.to_owned() };
    let wrong = [
        Outgoing { sender: "../me".to_owned(), ..message() },
        Outgoing { sender: String::new(), ..message() },
        Outgoing { sender: "999".to_owned(), ..message() },
        Outgoing { to: phone("27832885137"), ..message() },
        Outgoing { to: phone("+"), ..message() },
        Outgoing { to: Address::Bsuid { id: String::new() }, ..message() },
        Outgoing { echo: "x".repeat(513), ..message() },
    ];
    for message in wrong {
        let outcome = transport.send(permit(&message), message.clone()).await;
        assert!(is_not_sent(&outcome), "{message:?} {outcome:?}");
    }
    assert!(server.seen().is_empty());
}

#[tokio::test]
async fn many_sends_at_once_are_as_many_requests() {
    let server = Server::start(Act::KeepAlive(answer(200, ACCEPTED))).await;
    let transport = Arc::new(transport(&server));
    let sends: Vec<_> = (0..200)
        .map(|i| {
            let message = Outgoing { echo: format!("ck1.{i}"), ..message() };
            let transport = transport.clone();
            tokio::spawn(async move { transport.send(permit(&message), message).await })
        })
        .collect();
    for send in sends {
        assert!(matches!(send.await.unwrap(), SendOutcome::Accepted { .. }));
    }
    let echoes: std::collections::HashSet<String> =
        server.seen().iter().map(|s| s.json()["biz_opaque_callback_data"].to_string()).collect();
    assert_eq!((server.seen().len(), echoes.len()), (200, 200));
}

#[tokio::test]
async fn a_file_travels_as_a_form_and_returns_its_id() {
    let server = Server::start(Act::KeepAlive(answer(200, r#"{"id":"4490709327384033"}"#))).await;
    let transport = transport(&server);
    let upload = Upload {
        sender: SENDER.to_owned(),
        mime: "image/png".to_owned(),
        filename: "a\"b\r\n.png".to_owned(),
        bytes: vec![1, 2, 3],
    };
    assert_eq!(transport.upload(upload.clone()).await, Ok("4490709327384033".to_owned()));
    let seen = server.seen().remove(0);
    let body = String::from_utf8_lossy(&seen.body).into_owned();
    assert!(seen.head.starts_with(&format!("POST /v25.0/{SENDER}/media HTTP/1.1\r\n")));
    for part in [
        "name=\"messaging_product\"\r\n\r\nwhatsapp",
        "name=\"type\"\r\n\r\nimage/png",
        "\r\n\r\n\u{1}\u{2}\u{3}\r\n",
    ] {
        assert!(body.contains(part), "{part:?} in {body:?}");
    }
    assert!(!body.contains("a\"b\r\n"), "{body:?}");
    let refused = transport.upload(Upload { mime: "image/gif".to_owned(), ..upload }).await;
    assert_eq!(refused.unwrap_err().code(), "invalid_input");
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn reading_is_told_to_whatsapp() {
    let server = Server::start(Act::Write(answer(200, r#"{"success":true}"#))).await;
    assert_eq!(transport(&server).mark_read(SENDER.to_owned(), "wamid.X".to_owned()).await, Ok(()));
    let expected = serde_json::json!({"messaging_product":"whatsapp","status":"read","message_id":"wamid.X"});
    assert_eq!(server.seen()[0].json(), expected);
}

#[tokio::test]
async fn a_failed_call_says_whether_to_repeat_it() {
    let cases = [
        (answer(400, &graph_error(130_429)), Retry::Later),
        (answer(400, &graph_error(131_000)), Retry::Later),
        (answer(401, &graph_error(190)), Retry::Never),
        (answer(400, &graph_error(100)), Retry::Never),
        (answer(400, &graph_error(999_999)), Retry::Never),
        (answer(500, "<html>"), Retry::Later),
        (answer(307, ""), Retry::Never),
        (Vec::new(), Retry::Later),
    ];
    for (bytes, retry) in cases {
        let server = Server::start(Act::Write(bytes)).await;
        let error = transport(&server).mark_read(SENDER.to_owned(), "wamid.X".to_owned()).await.unwrap_err();
        assert_eq!((error.code(), error.retry()), ("transport", retry), "{error}");
        assert_says_nothing_personal(&format!("{error} {error:?}"));
    }
}

#[tokio::test]
async fn a_number_tells_its_quality_and_limits() {
    let body = r#"{"display_phone_number":"+27 83 288 5137","verified_name":"Conek","quality_rating":"GREEN","throughput":{"level":"STANDARD"},"whatsapp_business_manager_messaging_limit":"TIER_250","id":"1"}"#;
    let server = Server::start(Act::Write(answer(200, body))).await;
    let info = transport(&server).number_info(SENDER).await.unwrap();
    assert_eq!(info.quality.as_deref(), Some("GREEN"));
    assert_eq!(info.throughput.as_deref(), Some("STANDARD"));
    assert_eq!(info.messaging_limit.as_deref(), Some("TIER_250"));
    assert!(server.seen()[0].head.starts_with(&format!("GET /v25.0/{SENDER}?fields=display_phone_number")));
}

#[tokio::test]
async fn debug_shows_no_person_and_no_secret() {
    let server = Server::start(Act::HangUpAtOnce).await;
    let upload =
        Upload { sender: "1".into(), mime: "image/png".into(), filename: WORDS.into(), bytes: WORDS.into() };
    assert_says_nothing_personal(&format!("{:?} {:?} {upload:?}", message(), settings(server.url())));
}
