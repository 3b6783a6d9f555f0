//! The simulator as a program.
#![forbid(unsafe_code)]

use std::{io::Write, net::SocketAddr, process::ExitCode, sync::Arc};

use chrono::{DateTime, Utc};
use clap::Parser;
use conek_core::VirtualClock;
use conek_simulator::{BusinessNumber, Mix, Options, Pace, Simulator, WebhookOptions};
use serde_json::json;

/// A local stand-in for the WhatsApp Cloud API. Prints one line of JSON with its addresses, then serves.
#[derive(Debug, Parser)]
#[command(name = "conek-simulator", version)]
struct Arguments {
    /// Port on 127.0.0.1; 0 takes a free one.
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// Where webhooks go: an http:// address of this machine.
    #[arg(long)]
    webhook: Option<String>,
    /// Signs the webhooks.
    #[arg(long, default_value = "simulator-app-secret")]
    app_secret: String,
    /// Sent in the webhook handshake.
    #[arg(long, default_value = "simulator-verify-token")]
    verify_token: String,
    /// The access token that requests must carry. Never a real one.
    #[arg(long, default_value = "simulator-token")]
    token: String,
    /// The same seed gives the same ids, people and delays.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Messages per second and number, both directions together; 0 knows no limit.
    #[arg(long, default_value_t = 80)]
    mps: u32,
    /// Phone number id of the business; may be given several times.
    #[arg(long = "number")]
    numbers: Vec<String>,
    /// WhatsApp Business Account id of the numbers.
    #[arg(long, default_value = "200000000000001")]
    waba: String,
    /// Who the people are: `readers` all read, a `town` has every kind.
    #[arg(long, value_parser = ["readers", "town"], default_value = "readers")]
    people: String,
    /// How quick they are.
    #[arg(long, value_parser = ["instant", "quick", "human"], default_value = "quick")]
    pace: String,
    /// Updates per webhook at most.
    #[arg(long, default_value_t = 1)]
    batch: usize,
    /// Runs on a clock that starts here, frozen, and is driven by POST /_sim/clock.
    #[arg(long = "virtual", value_name = "START")]
    virtual_start: Option<DateTime<Utc>>,
}

impl Arguments {
    fn options(self) -> Options {
        let number = |(i, id): (usize, &String)| BusinessNumber {
            id: id.clone(),
            waba: self.waba.clone(),
            display: format!("+27 21 555 {:04}", 100 + i),
            mps: self.mps,
            ..BusinessNumber::default()
        };
        let ids =
            if self.numbers.is_empty() { vec![BusinessNumber::default().id] } else { self.numbers.clone() };
        let options = Options {
            bind: SocketAddr::from(([127, 0, 0, 1], self.port)),
            seed: self.seed,
            numbers: ids.iter().enumerate().map(number).collect(),
            token: self.token,
            mix: if self.people == "town" { Mix::town() } else { Mix::default() },
            pace: match self.pace.as_str() {
                "instant" => Pace::instant(),
                "human" => Pace::human(),
                _ => Pace::default(),
            },
            webhooks: WebhookOptions {
                url: self.webhook,
                app_secret: self.app_secret,
                verify_token: self.verify_token,
                batch_max: self.batch,
                ..WebhookOptions::default()
            },
            ..Options::default()
        };
        match self.virtual_start {
            Some(start) => options.on(Arc::new(VirtualClock::at(start))),
            None => options,
        }
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    let simulator = match Simulator::start(Arguments::parse().options()).await {
        Ok(simulator) => simulator,
        Err(error) => {
            eprintln!("conek-simulator: {error}");
            return ExitCode::from(2);
        }
    };
    let line = json!({"base_url": simulator.base_url(), "page": format!("{}/", simulator.base_url())});
    // Whoever reads the line may end the program at once.
    let stopped = stopped();
    let mut out = std::io::stdout();
    // Who started us may not listen; serving goes on.
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
    stopped.await;
    simulator.shutdown().await;
    ExitCode::SUCCESS
}

/// Listens from this call on for ctrl-c or, on Unix, SIGTERM; the future ends when one of them comes.
fn stopped() -> impl Future<Output = ()> {
    #[cfg(unix)]
    let mut term = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()).ok();
    async move {
        #[cfg(unix)]
        if let Some(term) = &mut term {
            tokio::select! {
                _ = term.recv() => return,
                _ = tokio::signal::ctrl_c() => return,
            }
        }
        let _ = tokio::signal::ctrl_c().await;
    }
}
