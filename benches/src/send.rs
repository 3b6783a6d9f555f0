//! Sending with everything on, beside a bare reqwest loop to the same server.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use conek_core::WhatsAppAccess;
use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, pem::PemObject},
};
use serde::{Deserialize, Serialize};

use crate::{
    Extent, Failure,
    measure::{Row, Stopwatch},
    peers::Peer,
    report::Report,
    server::Server,
    world::{APP_SECRET, NUMBER, World, phone},
};

/// Requests on their way at once, as the engine does by itself.
const CONCURRENCY: usize = 64;

/// Measures the row.
pub async fn run(extent: Extent, report: &mut Report) -> Result<(), Failure> {
    let messages = extent.of(5_000);
    let server = Server::start()?;
    let access = WhatsAppAccess {
        access_token: "EAAGbenchtoken".into(),
        app_secrets: vec![APP_SECRET.into()],
        verify_token: "bench".into(),
        base_url: Some(server.url.clone()),
        graph_version: None,
        extra_roots_pem: Some(server.pem.clone()),
    };
    let world = World::open(messages, Some(access), None).await?;
    let peers = if extent.alone { Vec::new() } else { Peer::clients() };
    let dir = tempfile::tempdir()?;
    let pem = dir.path().join("server.pem");
    std::fs::write(&pem, &server.pem)?;
    let path = pem.to_str().ok_or("a path that is no text")?;
    let client = client(&server)?;
    let url = format!("{}/v25.0/{NUMBER}/messages", server.url);
    let mut row = Row::new(
        format!(
            "send: {messages} messages a round; consent, gate, sealing, SQLite (FULL) and TLS at concurrency {CONCURRENCY}"
        ),
        "message",
    );
    for round in 0..=extent.rounds {
        let watch = Stopwatch::start();
        world.send_to_all().await?;
        let conek = watch.stop(messages);
        world.let_pairs_rest();
        let bare = if extent.alone {
            None
        } else {
            let watch = Stopwatch::start();
            bare(&client, &url, messages).await?;
            Some(watch.stop(messages))
        };
        // The first round opens connections and fills caches.
        if round > 0 {
            row.add("conek", None, conek);
            if let Some(bare) = bare {
                row.add("bare reqwest+JSON over TLS", Some(0.6), bare);
            }
            for peer in &peers {
                let some = (messages / 5).max(1);
                let arguments = ["send", APP_SECRET, NUMBER, &server.url, path, &some.to_string()];
                row.add(peer.name, Some(peer.send_goal), peer.run(some, arguments, Some(&pem))?.0);
            }
        }
    }
    world.engine.close().await?;
    row.finish(report);
    Ok(())
}

fn client(server: &Server) -> Result<reqwest::Client, Failure> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(server.pem.as_bytes()) {
        roots.add(certificate?)?;
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .http1_only()
        .no_proxy()
        .tcp_nodelay(true)
        .pool_max_idle_per_host(256)
        .build()?)
}

#[derive(Serialize)]
struct Request<'a> {
    messaging_product: &'a str,
    recipient_type: &'a str,
    to: &'a str,
    biz_opaque_callback_data: &'a str,
    #[serde(rename = "type")]
    kind: &'a str,
    template: Template<'a>,
}

#[derive(Serialize)]
struct Template<'a> {
    name: &'a str,
    language: Language<'a>,
    components: [Component<'a>; 1],
}

#[derive(Serialize)]
struct Language<'a> {
    policy: &'a str,
    code: &'a str,
}

#[derive(Serialize)]
struct Component<'a> {
    #[serde(rename = "type")]
    kind: &'a str,
    parameters: [Parameter<'a>; 1],
}

#[derive(Serialize)]
struct Parameter<'a> {
    #[serde(rename = "type")]
    kind: &'a str,
    text: &'a str,
}

#[derive(Deserialize)]
struct Answer {
    messages: Vec<Accepted>,
}

#[derive(Deserialize)]
struct Accepted {
    id: String,
}

/// The same requests and nothing else: nothing is stored, checked or sealed.
async fn bare(client: &reqwest::Client, url: &str, messages: usize) -> Result<(), Failure> {
    let next = Arc::new(AtomicUsize::new(0));
    let tasks: Vec<_> = (0..CONCURRENCY)
        .map(|_| {
            let (client, url, next) = (client.clone(), url.to_owned(), next.clone());
            tokio::spawn(async move {
                loop {
                    let i = next.fetch_add(1, Ordering::Relaxed);
                    if i >= messages {
                        return Ok::<_, Failure>(());
                    }
                    let to = phone(i);
                    let body = serde_json::to_vec(&request(&to))?;
                    let answer = client
                        .post(&url)
                        .header("authorization", "Bearer EAAGbenchtoken")
                        .header("content-type", "application/json")
                        .body(body)
                        .send()
                        .await?
                        .bytes()
                        .await?;
                    let answer: Answer = serde_json::from_slice(&answer)?;
                    if answer.messages.first().is_none_or(|m| m.id.is_empty()) {
                        return Err("the server gave no id".into());
                    }
                }
            })
        })
        .collect();
    for task in tasks {
        task.await??;
    }
    Ok(())
}

fn request(to: &str) -> Request<'_> {
    Request {
        messaging_product: "whatsapp",
        recipient_type: "individual",
        to,
        biz_opaque_callback_data: "ck1.AAAAAAABAZKx4AAAcACAAAAAAAAAAAEBAAAAAAAAAAA",
        kind: "template",
        template: Template {
            name: "spring_offer",
            language: Language { policy: "deterministic", code: "en" },
            components: [Component {
                kind: "body",
                parameters: [Parameter { kind: "text", text: "Thandi" }],
            }],
        },
    }
}
