//! Webhooks: verified, read and handed on, beside bare HMAC and typed serde; and stored and applied.

use std::{
    collections::BTreeMap,
    hint::black_box,
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use conek_core::{
    Clock, Result as Core, Secret, SystemClock, Transport,
    policy::SendPermit,
    transport::{
        Outgoing, Parsed, SendOutcome, Update, Upload, WebhookRequest, WhatsApp, whatsapp::Settings,
    },
};
use ring::hmac;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    Extent, Failure,
    measure::{Row, Stopwatch},
    peers::Peer,
    report::Report,
    world::{APP_SECRET, NUMBER, World},
};

/// Measures the row.
pub async fn run(extent: Extent, report: &mut Report) -> Result<(), Failure> {
    let whatsapp = Arc::new(whatsapp()?);
    let key = hmac::Key::new(hmac::HMAC_SHA256, APP_SECRET.as_bytes());
    let peers = if extent.alone { Vec::new() } else { Peer::clients() };
    let dir = tempfile::tempdir()?;
    let lines = dir.path().join("bodies");
    for (statuses, bodies, of_peers) in
        [(1, extent.of(50_000), extent.of(2_000)), (1_000, extent.of(50), extent.of(10))]
    {
        let body_of = |n: usize| {
            body((0..statuses).map(|i| status(&format!("wamid.{n}.{i}"), "ck1.foreign", "delivered")))
        };
        let body = body_of(0);
        // A peer leaves out what it has seen before: each of its bodies is another.
        let others: Vec<Vec<u8>> = (0..of_peers).map(body_of).collect();
        std::fs::write(&lines, others.join(&b'\n'))?;
        let path = lines.to_str().ok_or("a path that is no text")?;
        let mut handed_on_by = BTreeMap::new();
        let request = signed(&key, body);
        let mut row = Row::new(format!("webhook of {statuses}: verified, read and handed on"), "update");
        for _ in 0..extent.rounds {
            let watch = Stopwatch::start();
            for _ in 0..bodies {
                // What the engine does: it needs headers and body again after the check.
                whatsapp.verify(request.clone()).await?;
                let parsed = whatsapp.parse(request.body.clone()).await;
                if handed_on(&parsed.updates) != statuses {
                    return Err("not every status was read".into());
                }
            }
            row.add("conek: transport", None, watch.stop(bodies * statuses));
            if !extent.alone {
                let watch = Stopwatch::start();
                for _ in 0..bodies {
                    if bare(&key, &request)? != statuses {
                        return Err("not every status was read".into());
                    }
                }
                row.add("bare HMAC and typed serde", Some(0.7), watch.stop(bodies * statuses));
            }
            for peer in &peers {
                // Of many in a body a peer hands on the first alone: there is nothing to reach.
                let goal = (statuses == 1).then_some(peer.webhook_goal);
                let (took, handed) =
                    peer.run(of_peers * statuses, ["webhook", APP_SECRET, NUMBER, path], None)?;
                row.add(peer.name, goal, took);
                handed_on_by.insert(peer.name, handed / of_peers);
            }
        }
        for (peer, handed) in handed_on_by {
            row.note(format!("of {statuses} in a body, {peer} handed on {handed}; conek {statuses}"));
        }
        row.finish(report);
    }
    durable(extent, whatsapp, &key, report).await
}

/// The whole way: stored before the answer, applied to messages, and an event for each.
async fn durable(
    extent: Extent,
    whatsapp: Arc<WhatsApp>,
    key: &hmac::Key,
    report: &mut Report,
) -> Result<(), Failure> {
    for (together, messages) in [(1, 500), (1_000, 4_000)] {
        let messages = extent.of(messages).div_ceil(together) * together;
        let echoing = Arc::new(Echoing { whatsapp: whatsapp.clone(), sent: Mutex::default() });
        let world = World::open(messages, None, Some(echoing.clone())).await?;
        let mut row =
            Row::new(format!("webhook of {together}: stored, applied and in the stream of events"), "update");
        for _ in 0..extent.rounds {
            world.send_to_all().await?;
            world.let_pairs_rest();
            let sent = std::mem::take(&mut *echoing.sent.lock().map_err(|_| "the list of what was sent")?);
            let bodies: Vec<WebhookRequest> = sent
                .chunks(together)
                .map(|some| signed(key, body(some.iter().map(|(w, e)| status(w, e, "delivered")))))
                .collect();
            let watch = Stopwatch::start();
            for body in bodies.chunks(64) {
                let handled = body.iter().map(|b| {
                    let inbound = world.engine.inbound();
                    let request = b.clone();
                    tokio::spawn(async move { inbound.handle_webhook(request).await })
                });
                for task in handled.collect::<Vec<_>>() {
                    task.await??;
                }
            }
            while world.engine.status().await?.webhooks > 0 {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            row.add("conek: engine", None, watch.stop(sent.len()));
        }
        world.engine.close().await?;
        row.finish(report);
    }
    Ok(())
}

fn whatsapp() -> Result<WhatsApp, Failure> {
    let mut settings =
        Settings::new(Secret::from("EAAGbench"), vec![Secret::from(APP_SECRET)], Secret::from("bench"));
    settings.phone_number_ids = vec![NUMBER.to_owned()];
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    Ok(WhatsApp::new(settings, clock)?)
}

fn handed_on(updates: &[Update]) -> usize {
    updates.iter().filter(|u| matches!(black_box(u), Update::Status { .. })).count()
}

fn status(wamid: &str, echo: &str, kind: &str) -> Value {
    json!({
        "id": wamid,
        "status": kind,
        "timestamp": "1795503660",
        "recipient_id": "27832885137",
        "biz_opaque_callback_data": echo,
        "conversation": { "id": "a8ef1f0d9b3c4e5f", "origin": { "type": "marketing" } },
        "pricing": { "billable": true, "pricing_model": "PMP", "category": "marketing", "type": "regular" }
    })
}

fn body(statuses: impl Iterator<Item = Value>) -> Vec<u8> {
    let statuses: Vec<Value> = statuses.collect();
    json!({
        "object": "whatsapp_business_account",
        "entry": [{ "id": "102290129340398", "changes": [{ "field": "messages", "value": {
            "messaging_product": "whatsapp",
            "metadata": { "display_phone_number": "27100000001", "phone_number_id": NUMBER },
            "contacts": [{ "profile": { "name": "Thandi" }, "wa_id": "27832885137", "user_id": "ZA.1100001" }],
            "statuses": statuses
        } }] }]
    })
    .to_string()
    .into_bytes()
}

fn signed(key: &hmac::Key, body: Vec<u8>) -> WebhookRequest {
    let tag = hmac::sign(key, &body);
    let hex: String = tag.as_ref().iter().map(|b| format!("{b:02x}")).collect();
    WebhookRequest {
        headers: BTreeMap::from([("x-hub-signature-256".to_owned(), format!("sha256={hex}"))]),
        body,
    }
}

#[derive(Deserialize)]
struct Body {
    entry: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    changes: Vec<Change>,
}

#[derive(Deserialize)]
struct Change {
    value: Statuses,
}

#[derive(Deserialize)]
struct Statuses {
    metadata: Metadata,
    statuses: Vec<Status>,
}

#[derive(Deserialize)]
struct Metadata {
    phone_number_id: String,
}

#[derive(Deserialize)]
#[allow(dead_code, reason = "read, as whoever uses them would")]
struct Status {
    id: String,
    status: String,
    timestamp: String,
    recipient_id: String,
    biz_opaque_callback_data: Option<String>,
    pricing: Option<Pricing>,
}

#[derive(Deserialize)]
#[allow(dead_code, reason = "read, as whoever uses them would")]
struct Pricing {
    category: String,
}

fn bare(key: &hmac::Key, request: &WebhookRequest) -> Result<usize, Failure> {
    let header = request.headers.get("x-hub-signature-256").ok_or("no signature")?;
    let digits = header.strip_prefix("sha256=").ok_or("no signature")?;
    let mut tag = [0; 32];
    for (byte, i) in tag.iter_mut().zip((0..).step_by(2)) {
        *byte = u8::from_str_radix(digits.get(i..i + 2).ok_or("a short signature")?, 16)?;
    }
    hmac::verify(key, &request.body, &tag).map_err(|_| "a wrong signature")?;
    let body: Body = serde_json::from_slice(&request.body)?;
    let mut count = 0;
    for change in body.entry.iter().flat_map(|e| &e.changes) {
        black_box(&change.value.metadata.phone_number_id);
        for status in &change.value.statuses {
            black_box(status);
            count += 1;
        }
    }
    Ok(count)
}

/// Accepts at once, keeps what statuses will name, and reads webhooks as conek's own transport does.
#[derive(Debug)]
struct Echoing {
    whatsapp: Arc<WhatsApp>,
    sent: Mutex<Vec<(String, String)>>,
}

#[async_trait]
impl Transport for Echoing {
    async fn send(&self, permit: SendPermit, message: Outgoing) -> SendOutcome {
        let wamid = format!("wamid.{}", permit.id());
        if let Ok(mut sent) = self.sent.lock() {
            sent.push((wamid.clone(), message.echo));
        }
        SendOutcome::Accepted { wamid, status: String::new(), wa_id: None, user_id: None }
    }
    async fn upload(&self, upload: Upload) -> Core<String> {
        self.whatsapp.upload(upload).await
    }
    async fn mark_read(&self, sender: String, wamid: String) -> Core<()> {
        self.whatsapp.mark_read(sender, wamid).await
    }
    async fn verify(&self, request: WebhookRequest) -> Core<()> {
        self.whatsapp.verify(request).await
    }
    async fn parse(&self, body: Vec<u8>) -> Parsed {
        self.whatsapp.parse(body).await
    }
}
