//! A host of the engine that dies: at a named point by its own hand, or whenever it is killed.
//!
//! It works on what its parent asks on standard input, line by line, and answers on standard output.

mod points;

use std::{io::BufRead, process::ExitCode, sync::Arc};

use conek_core::{
    Engine, Ports, Purpose, Recipient, Result, Storage, Transport, VirtualClock,
    campaigns::CampaignState,
    storage::Sqlite,
    transport::{WhatsApp, whatsapp::Settings},
};
use conek_tests::{
    APP_SECRET, NUMBER, Receiver, VERIFY_TOKEN, code, code_template, consenting, phone, plan, serve,
    spring_offer,
};
use points::{Deadly, Point};
use serde_json::json;

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            say(&format!("error {e}"));
            ExitCode::FAILURE
        }
    }
}

fn say(line: &str) {
    println!("{line}");
}

fn given(name: &str) -> String {
    std::env::var(name).unwrap_or_default()
}

struct Host {
    engine: Engine,
    clock: Arc<VirtualClock>,
    offers: usize,
    codes: usize,
}

async fn run() -> Result<()> {
    let now = given("CHILD_NOW")
        .parse()
        .map_err(|_| conek_core::Error::invalid("CHILD_NOW", "must be a moment"))?;
    let clock = Arc::new(VirtualClock::at(now));
    clock.set_speed(20.0);
    let (path, base_url, token) = (given("CHILD_DB"), given("CHILD_WHATSAPP"), given("CHILD_TOKEN"));
    let mut config = conek_tests::config(&path, &base_url, &token);
    // Few at once, so that some wait while others are on their way.
    config.concurrency = Some(4);
    let mut settings = Settings::new(token.as_str().into(), vec![APP_SECRET.into()], VERIFY_TOKEN.into());
    settings.base_url = base_url;
    settings.phone_number_ids = vec![NUMBER.into()];
    let point = Point::read(&given("CHILD_POINT"));
    let storage: Arc<dyn Storage> = Arc::new(Deadly::new(Sqlite::open(path).await?, point.clone()));
    let transport: Arc<dyn Transport> = Arc::new(Deadly::new(WhatsApp::new(settings, clock.clone())?, point));
    let ports = Ports {
        storage: Some(storage),
        transport: Some(transport),
        clock: Some(clock.clone()),
        ..Ports::default()
    };
    let engine = Engine::open(config, ports).await?;
    let receiver = Receiver::default();
    *receiver.write().await = Some(engine.clone());
    let address = serve(receiver).await;
    let count = |name| given(name).parse().unwrap_or(0);
    let host = Host { engine, clock, offers: count("CHILD_OFFERS"), codes: count("CHILD_CODES") };
    say(&format!("ready http://{address}/webhook"));
    let (to, mut lines) = tokio::sync::mpsc::unbounded_channel();
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines().map_while(std::result::Result::ok) {
            if to.send(line).is_err() {
                return;
            }
        }
    });
    while let Some(line) = lines.recv().await {
        let (word, rest) = line.split_once(' ').unwrap_or((&line, ""));
        match word {
            "at" => host.clock.advance_to(rest.parse().unwrap_or(now)),
            "work" => host.work().await?,
            "witness" => host.witness(rest).await?,
            "settle" => {
                let settled = host.engine.settle(20_000).await?;
                say(&format!("settled {settled}"));
            }
            "report" => host.report().await?,
            _ => break,
        }
    }
    host.engine.close().await
}

impl Host {
    /// The day's work. Doing it again does only what is missing: that is all a host can do that died.
    async fn work(&self) -> Result<()> {
        let e = &self.engine;
        e.templates().put(spring_offer()).await?;
        e.templates().put(code_template()).await?;
        let mut people = Vec::new();
        for n in 0..self.offers {
            people.push(consenting(e, &phone(n)).await?);
        }
        let campaign = match e.campaigns().list().await?.into_iter().next() {
            Some(c) => c.id,
            None => plan(e, people).await,
        };
        for n in 0..self.codes {
            self.code(n, if n % 2 == 0 { Purpose::Authentication } else { Purpose::LegalNotice }).await?;
        }
        if e.campaigns().progress(campaign.clone()).await?.state == CampaignState::Planned {
            let p = e.campaigns().start(campaign).await?;
            say(&format!("started {}", p.planned));
        }
        say("worked");
        Ok(())
    }

    async fn code(&self, n: usize, purpose: Purpose) -> Result<()> {
        let mut draft = code(&phone(1_000 + n), purpose);
        draft.dedupe_key = Some(format!("code-{n}"));
        let sent = self.engine.messages().send(draft).await?;
        say(&format!("queued {}", sent.id));
        Ok(())
    }

    /// Later messages, whose statuses show that the echo channel works.
    async fn witness(&self, round: &str) -> Result<()> {
        for i in 0..4 {
            let mut draft = code(&phone(5_000 + i), Purpose::Transactional);
            draft.dedupe_key = Some(format!("witness-{round}-{i}"));
            self.engine.messages().send(draft).await?;
        }
        say("witnessed");
        Ok(())
    }

    /// Every message, as the engine knows it.
    async fn report(&self) -> Result<()> {
        let mut messages = Vec::new();
        for n in (0..self.offers).chain(1_000..1_000 + self.codes) {
            let to = Recipient::Phone { number: phone(n) };
            let Some(contact) = self.engine.contacts().lookup(to).await? else { continue };
            for m in self.engine.messages().of_person(contact.id, 100).await? {
                messages.push(json!({"to": n, "id": m.id, "purpose": m.purpose, "state": m.state,
                    "attempts": m.attempts, "error": m.error_code, "delivered": m.delivered_at.is_some()}));
            }
        }
        let campaigns = self.engine.campaigns().list().await?;
        let status = self.engine.status().await?;
        say(&format!("report {}", json!({"messages": messages, "campaigns": campaigns, "status": status})));
        Ok(())
    }
}
