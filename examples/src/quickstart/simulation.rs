//! The simulation: phones, a clock that is driven, and the engine between them.

use std::{
    net::SocketAddr,
    path::Path,
    sync::{Arc, OnceLock},
    time::Duration,
};

use chrono::TimeDelta;
use conek_core::{
    CampaignId, Clock, Config, Engine, Error, Number, Ports, Result, Timestamp, VirtualClock, WhatsAppAccess,
    campaigns::CampaignProgress, messaging::Template,
};
use conek_simulator::{
    BusinessNumber, Fault, FaultRule, Mix, OnAction, Options, Pace, Panel, Simulator, WebhookOptions,
};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{args::Args, panel::Shop, shop, webhook::Door};

/// A Tuesday, half an hour before South Africa's marketing hours begin: everybody there waits,
/// everybody elsewhere need not.
const START: &str = "2026-11-24T07:30:00+02:00";

/// While nobody sends, the clock moves in steps of this length.
const STEP: TimeDelta = TimeDelta::seconds(60);

/// A simulated WhatsApp and an engine that uses it.
pub(super) struct Simulation {
    pub(super) engine: Engine,
    pub(super) phones: Simulator,
    pub(super) clock: Arc<VirtualClock>,
    pub(super) template: Template,
    /// What the page's side panel works with, once it is known.
    pub(super) shop: Arc<OnceLock<Shop>>,
    door: Door,
    _home: Option<TempDir>,
}

impl Simulation {
    /// Starts everything; the clock stands still.
    pub(super) async fn start(args: &Args) -> Result<Self> {
        let start: Timestamp = START.parse().map_err(|_| Error::internal("the start of the simulation"))?;
        let clock = Arc::new(VirtualClock::at(start));
        let template = shop::template(args, shop::BUSINESS);
        let door = Door::open(SocketAddr::from(([127, 0, 0, 1], 0))).await?;
        let shop = Arc::new(OnceLock::new());
        let options = options(args, &template, &door, &shop).on(clock.clone());
        let secret = options.webhooks.app_secret.clone();
        let verify_token = options.webhooks.verify_token.clone();
        let number = BusinessNumber::default().id;
        let phones = Simulator::start(options).await?;
        if args.faults {
            phones.set_faults(vec![FaultRule::new(Fault::CloseAfter).every(50)]);
        }
        let (home, db) = match &args.db {
            Some(db) => (None, db.clone()),
            None => {
                let home = TempDir::with_prefix("conek-quickstart-").map_err(|e| {
                    Error::invalid(
                        "--db",
                        format!("no temporary directory ({}); name a file with --db", e.kind()),
                    )
                })?;
                let db = home.path().join("quickstart.db");
                (Some(home), db)
            }
        };
        let mut config = Config::new(path(&db), shop::BUSINESS, shop::PRIVACY_CONTACT);
        // Made-up people and real ones never meet, also when both use one file.
        config.account = Some("simulation".to_owned());
        config.region = Some(args.region.clone());
        config.numbers = vec![Number::new(number)];
        config.whatsapp = Some(WhatsAppAccess {
            access_token: phones.token().to_owned(),
            app_secrets: vec![secret],
            verify_token,
            base_url: Some(phones.base_url().to_owned()),
            graph_version: None,
            extra_roots_pem: None,
        });
        config.public_url = Some(door.public_url());
        config.language = Some("en".to_owned());
        config.rates = shop::rates();
        // Ids repeat only where nothing is stored yet that has them.
        config.seed = home.as_ref().map(|_| i64::from(args.seed));
        let engine = Engine::open(config, Ports { clock: Some(clock.clone()), ..Ports::default() }).await?;
        door.serve(engine.clone())?;
        if !phones.verify_webhook().await? {
            return Err(Error::internal("the webhook's handshake on loopback"));
        }
        Ok(Self { engine, phones, clock, template, shop, door, _home: home })
    }

    /// Lets the clock run until every message of the campaign is final and every person has done
    /// what they do, as fast as the machine can: it runs at `speed` while messages leave, and steps
    /// over the time in which nothing does.
    pub(super) async fn play(
        &self,
        campaign: &CampaignId,
        speed: f64,
        mut show: impl FnMut(Timestamp, &CampaignProgress),
    ) -> Result<CampaignProgress> {
        self.clock.set_speed(speed);
        let mut shown = tokio::time::Instant::now();
        loop {
            if self.is_quiet().await? {
                let due = self.engine.status().await?.next_due_at;
                let phones = self.phones.idle().next_due;
                match due.into_iter().chain(phones).min() {
                    None if self.is_over().await? => break,
                    // What was put off for a while, or began just now.
                    None => self.clock.advance(Duration::from_secs(1)),
                    // A single far moment is jumped to; many near ones are taken together.
                    Some(next) => {
                        let step = self.clock.now() + STEP;
                        self.clock.advance_to(due.map_or(step, |due| due.min(step)).max(next));
                    }
                }
            } else {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            if shown.elapsed() >= Duration::from_millis(200) {
                show(self.clock.now(), &self.engine.campaigns().progress(campaign.clone()).await?);
                shown = tokio::time::Instant::now();
            }
        }
        self.clock.set_speed(0.0);
        let end = self.engine.campaigns().progress(campaign.clone()).await?;
        show(self.clock.now(), &end);
        Ok(end)
    }

    /// Whether nothing goes on until the clock moves.
    async fn is_quiet(&self) -> Result<bool> {
        let phones = self.phones.idle();
        let now = self.clock.now();
        if phones.in_flight > 0 || phones.waiting > 0 || phones.next_due.is_some_and(|at| at <= now) {
            return Ok(false);
        }
        self.engine.settle(0).await
    }

    /// Whether nothing is to come, on either side. The phones are asked before and after: what they
    /// handed over in between is the engine's by then.
    async fn is_over(&self) -> Result<bool> {
        Ok(self.phones.idle().idle
            && self.engine.settle(0).await?
            && self.engine.status().await?.webhooks == 0
            && self.phones.idle().idle)
    }

    /// Ends everything.
    pub(super) async fn close(self) -> Result<()> {
        self.phones.shutdown().await;
        self.door.close();
        self.engine.close().await
    }
}

fn path(db: &Path) -> String {
    db.to_string_lossy().into_owned()
}

fn options(args: &Args, template: &Template, door: &Door, shop: &Arc<OnceLock<Shop>>) -> Options {
    let (shown, pressed) = (shop.clone(), shop.clone());
    let panel: Panel = Arc::new(move |phone| shown.get().map_or(Value::Null, |shop| shop.panel(phone)));
    let on_action: OnAction = Arc::new(move |id, _| pressed.get().map_or(Value::Null, |shop| shop.act(&id)));
    Options {
        bind: SocketAddr::from(([127, 0, 0, 1], args.port)),
        seed: u64::from(args.seed),
        numbers: vec![BusinessNumber {
            verified_name: shop::BUSINESS.to_owned(),
            ..BusinessNumber::default()
        }],
        templates: vec![json!({
            "name": template.name, "language": template.language, "category": "MARKETING",
            "components": [{"type": "BODY", "text": template.body}],
        })],
        mix: Mix::town(),
        pace: Pace {
            sent_ms: [200, 900],
            delivered_ms: [500, 4_000],
            read_ms: [2_000, 30_000],
            reply_ms: [3_000, 60_000],
        },
        webhooks: WebhookOptions {
            url: Some(door.url()),
            batch_max: 100,
            batch_window_ms: 250,
            duplicate: if args.faults { 0.05 } else { 0.0 },
            keep: 100,
            ..WebhookOptions::default()
        },
        panel: Some(panel),
        on_action: Some(on_action),
        ..Options::default()
    }
}
