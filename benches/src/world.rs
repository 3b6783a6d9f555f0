//! An engine with people who consented, as every row that sends needs it.

use std::{fmt::Write as _, path::Path, sync::Arc, time::Duration};

use async_trait::async_trait;
use conek_core::{
    Config, Content, Draft, Engine, Number, PersonId, Ports, Purpose, Recipient, Result as Core, Transport,
    VirtualClock, WhatsAppAccess,
    messaging::{Parameter, Template, TemplateCategory},
    people::ImportOptions,
    policy::SendPermit,
    transport::{Outgoing, Parsed, SendOutcome, Upload, WebhookRequest},
};

use crate::Failure;

/// The number that sends.
pub const NUMBER: &str = "100000000000001";
/// The secret that webhooks are signed with.
pub const APP_SECRET: &str = "bench-app-secret";
/// Drafts given to `send_many` at once.
const TOGETHER: usize = 1000;

/// An engine on a SQLite file of its own.
pub struct World {
    /// The engine.
    pub engine: Engine,
    /// Its clock: it runs as fast as any other, from a Tuesday morning on.
    pub clock: Arc<VirtualClock>,
    /// Everybody, each of whom consented.
    pub people: Vec<PersonId>,
    _dir: tempfile::TempDir,
}

impl World {
    /// An engine with so many people. Without a transport it talks to WhatsApp at `whatsapp`.
    pub async fn open(
        people: usize,
        whatsapp: Option<WhatsAppAccess>,
        transport: Option<Arc<dyn Transport>>,
    ) -> Result<Self, Failure> {
        let dir = tempfile::tempdir()?;
        let mut config = config(&dir.path().join("conek.db"));
        config.whatsapp = whatsapp;
        let clock = clock()?;
        let ports = Ports { transport, clock: Some(clock.clone()), ..Ports::default() };
        let engine = Engine::open(config, ports).await?;
        engine.templates().put(template()).await?;
        let people = import(&engine, people).await?;
        Ok(Self { engine, clock, people, _dir: dir })
    }

    /// Sends an offer to everybody and waits until each has its outcome.
    pub async fn send_to_all(&self) -> Result<(), Failure> {
        send(&self.engine, self.people.iter().map(offer).collect()).await
    }

    /// Lets the limit of a message in six seconds to each person pass.
    pub fn let_pairs_rest(&self) {
        self.clock.advance(REST);
    }
}

/// How long the limit of a message in six seconds to each person lasts, and some more.
pub const REST: Duration = Duration::from_secs(10);

/// A clock that runs as fast as any other, from a Tuesday morning on.
pub fn clock() -> Result<Arc<VirtualClock>, Failure> {
    let clock = Arc::new(VirtualClock::at("2026-11-24T09:00:00+02:00".parse()?));
    clock.set_speed(1.0);
    Ok(clock)
}

/// Sends everything and waits until each message has its outcome.
pub async fn send(engine: &Engine, drafts: Vec<Draft>) -> Result<(), Failure> {
    for some in drafts.chunks(TOGETHER) {
        let results = engine.messages().send_many(some.to_vec()).await?;
        if let Some(bad) = results.iter().find_map(|r| r.error_text.as_ref()) {
            return Err(bad.as_str().into());
        }
    }
    loop {
        let status = engine.status().await?;
        if status.queued + status.in_flight == 0 {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// How every engine here is opened on a file.
pub fn config(path: &Path) -> Config {
    let mut config = Config::new(path.display().to_string(), "Karoo Coffee", "privacy@karoo.example");
    config.region = Some("ZA".into());
    // Pacing is a promise, and no cost that this program measures.
    config.numbers = vec![Number { per_second: Some(1_000_000), ..Number::new(NUMBER) }];
    config
}

/// Imports so many people who consented.
pub async fn import(engine: &Engine, people: usize) -> Result<Vec<PersonId>, Failure> {
    if people > 0 {
        let file = consenting(people);
        engine.contacts().import_csv(file.into_bytes(), ImportOptions::default()).await?;
    }
    let mut all = Vec::with_capacity(people);
    let mut after = None;
    loop {
        let page = engine.contacts().list(after, 1000).await?;
        all.extend(page.contacts.into_iter().map(|c| c.id));
        after = page.next;
        if after.is_none() {
            return Ok(all);
        }
    }
}

/// The `i`th phone number, as people write them: no two alike, each of them valid.
pub fn phone(i: usize) -> String {
    format!("083 {:03} {:04}", i / 10_000 % 1000, i % 10_000)
}

/// A file of so many people who consented.
fn consenting(people: usize) -> String {
    let mut file = String::from("phone,name,consent,consent_evidence\n");
    for i in 0..people {
        let _ = writeln!(file, "{},Thandi,yes,form {i}", phone(i));
    }
    file
}

/// The template of the offers.
pub fn template() -> Template {
    let body = "Hello {{1}}, spring is here at Karoo Coffee.";
    Template {
        footer: Some("Reply STOP to opt out".into()),
        ..Template::new("spring_offer", "en", TemplateCategory::Marketing, body)
    }
}

/// An offer to somebody.
pub fn offer(to: &PersonId) -> Draft {
    Draft {
        to: Recipient::Person { id: to.clone() },
        content: Content::Template {
            name: "spring_offer".into(),
            language: "en".into(),
            header: None,
            body: vec![Parameter::text("Thandi")],
            buttons: Vec::new(),
            cards: Vec::new(),
            offer_ends_at: None,
        },
        purpose: Purpose::Marketing,
        sender: None,
        reply_to: None,
        identity_hash: None,
        not_before: None,
        expires_at: None,
        dedupe_key: None,
        goods: None,
    }
}

/// Accepts everything at once.
#[derive(Debug)]
pub struct Instant;

#[async_trait]
impl Transport for Instant {
    async fn send(&self, permit: SendPermit, _: Outgoing) -> SendOutcome {
        SendOutcome::Accepted {
            wamid: format!("wamid.{}", permit.id()),
            status: String::new(),
            wa_id: None,
            user_id: None,
        }
    }
    async fn upload(&self, _: Upload) -> Core<String> {
        Ok(String::new())
    }
    async fn mark_read(&self, _: String, _: String) -> Core<()> {
        Ok(())
    }
    async fn verify(&self, _: WebhookRequest) -> Core<()> {
        Ok(())
    }
    async fn parse(&self, _: Vec<u8>) -> Parsed {
        Parsed { updates: Vec::new() }
    }
}
