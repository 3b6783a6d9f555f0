//! Beside messages: receipts, typing, and the way for marketing.

use super::{
    server::{ACCEPTED, Act, Server, answer},
    *,
};
use crate::transport::{SendOutcome, Transport};

#[tokio::test]
async fn typing_is_told_with_the_receipt() {
    let server = Server::start(Act::Write(answer(200, r#"{"success":true}"#))).await;
    assert_eq!(transport(&server).show_typing(SENDER.to_owned(), "wamid.X".to_owned()).await, Ok(()));
    let expected = serde_json::json!({"messaging_product": "whatsapp", "status": "read", "message_id": "wamid.X",
        "typing_indicator": {"type": "text"}});
    assert_eq!(server.seen()[0].json(), expected);
}

#[tokio::test]
async fn marketing_has_an_address_of_its_own() {
    let server = Server::start(Act::Write(answer(200, ACCEPTED))).await;
    let message = Outgoing { route: Route::Marketing { fallback: true, share_activity: false }, ..message() };
    let outcome = transport(&server).send(permit(&message), message).await;
    assert!(matches!(outcome, SendOutcome::Accepted { .. }), "{outcome:?}");
    let head = server.seen().remove(0).head;
    assert!(head.starts_with(&format!("POST /v25.0/{SENDER}/marketing_messages HTTP/1.1\r\n")), "{head}");
}
