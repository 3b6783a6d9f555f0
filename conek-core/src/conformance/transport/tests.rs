//! The suite passes what keeps its promises and names what does not.

use async_trait::async_trait;
use ring::hmac;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

use super::*;
use crate::{
    transport::{
        Parsed,
        whatsapp::{Settings, WhatsApp},
    },
    values::{
        error::{Result, Retry},
        secret::Secret,
        time::{Clock, VirtualClock},
    },
};

const BODY: &[u8] =
    br#"{"entry":[{"changes":[{"field":"messages","value":{"statuses":[{"id":"w","status":"read"},{}]}}]}]}"#;

fn clock() -> Arc<VirtualClock> {
    Arc::new(VirtualClock::at("2026-11-24T09:00:00Z".parse().unwrap()))
}

fn probe(far_side: FarSide) -> TransportProbe {
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, b"app"), BODY);
    let hex: String = tag.as_ref().iter().map(|b| format!("{b:02x}")).collect();
    let headers = [("X-Hub-Signature-256".to_owned(), format!("sha256={hex}"))].into();
    let webhook = Some(WebhookRequest { headers, body: BODY.to_vec() });
    TransportProbe { far_side, sender: "1".to_owned(), now: clock().now(), webhook, updates: 2 }
}

fn whatsapp(base_url: String) -> Arc<dyn Transport> {
    let settings = Settings {
        base_url,
        ..Settings::new(Secret::from("token"), vec![Secret::from("app")], Secret::from("word"))
    };
    Arc::new(WhatsApp::new(settings, clock()).unwrap())
}

/// A server that accepts whatever comes in one piece.
async fn accepting() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut bytes = vec![0; 65_536];
                while stream.read(&mut bytes).await.is_ok_and(|n| n > 0) {
                    let body = r#"{"messages":[{"id":"wamid.A"}]}"#;
                    let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len());
                    let _ = stream.write_all(answer.as_bytes()).await;
                }
            });
        }
    });
    url
}

#[tokio::test]
async fn the_transport_that_ships_keeps_every_promise() {
    let alive = check_transport(whatsapp(accepting().await), probe(FarSide::Accepting)).await;
    let dead = check_transport(whatsapp("https://graph.invalid".to_owned()), probe(FarSide::Dead)).await;
    assert_eq!((alive.failed, dead.failed), (vec![], vec![]));
    let mut seen: Vec<_> = alive.passed.into_iter().chain(dead.passed).collect();
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), transport_cases().len());
}

/// Breaks every promise it can.
#[derive(Debug)]
struct Careless;

#[async_trait]
impl Transport for Careless {
    async fn send(&self, _: SendPermit, _: Outgoing) -> SendOutcome {
        SendOutcome::Accepted { wamid: String::new(), status: String::new(), wa_id: None, user_id: None }
    }
    async fn upload(&self, _: Upload) -> Result<String> {
        Ok(String::new())
    }
    async fn mark_read(&self, _: String, _: String) -> Result<()> {
        Ok(())
    }
    async fn verify(&self, request: WebhookRequest) -> Result<()> {
        let known = request.headers.keys().any(|name| name.starts_with("X-Hub"));
        if known || request.headers.is_empty() {
            return Ok(());
        }
        Err(Error::Transport { detail: "capitals".to_owned(), retry: Retry::Never })
    }
    async fn parse(&self, body: Vec<u8>) -> Parsed {
        assert!(body != b"\0", "a panic of the host's code");
        Parsed { updates: Vec::new() }
    }
}

#[tokio::test]
async fn a_careless_transport_is_found_out_in_every_case() {
    let mut failed = Vec::new();
    for far_side in [FarSide::Accepting, FarSide::Dead] {
        let report = check_transport(Arc::new(Careless), probe(far_side)).await;
        assert_eq!(report.passed, Vec::<String>::new());
        failed.extend(report.failed.into_iter().map(|f| f.name));
    }
    for case in transport_cases() {
        assert!(failed.contains(&case.name), "{}", case.name);
    }
}
