//! The engine beside its bare limits: one program, one row for each thing that costs. See `README.md`.

mod import;
mod measure;
mod outbox;
mod policy;
mod retention;
mod seal;
mod send;
mod server;
mod webhook;
mod world;

use clap::{Parser, ValueEnum};

/// Why a row could not be measured.
type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Measures conek beside its bare limits, alternating between the two in one run.
#[derive(Parser)]
struct Arguments {
    /// What to measure; everything, if nothing is named.
    rows: Vec<Row>,
    /// How often each side of a row is measured.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Multiplies the work of a round, for machines faster or slower than usual.
    #[arg(long, default_value_t = 1.0)]
    scale: f64,
    /// Measures conek's side alone, for a profiler.
    #[arg(long)]
    alone: bool,
    /// Answers as WhatsApp does, for the row `send`; started by it.
    #[arg(long, hide = true)]
    serve: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Row {
    Send,
    Outbox,
    Policy,
    Webhook,
    Seal,
    Import,
    Retention,
}

/// How much is measured.
#[derive(Clone, Copy)]
struct Extent {
    rounds: usize,
    scale: f64,
    alone: bool,
}

impl Extent {
    /// So many, on a machine like this one.
    fn of(&self, usual: usize) -> usize {
        ((usual as f64 * self.scale) as usize).max(1)
    }
}

fn main() -> Result<(), Failure> {
    let arguments = Arguments::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    if arguments.serve {
        return runtime.block_on(server::serve());
    }
    let extent = Extent { rounds: arguments.rounds.max(1), scale: arguments.scale, alone: arguments.alone };
    let all = Row::value_variants().to_vec();
    let rows = if arguments.rows.is_empty() { all } else { arguments.rows };
    for row in rows {
        runtime.block_on(async {
            match row {
                Row::Send => send::run(extent).await,
                Row::Outbox => outbox::run(extent).await,
                Row::Policy => policy::run(extent).await,
                Row::Webhook => webhook::run(extent).await,
                Row::Seal => seal::run(extent).await,
                Row::Import => import::run(extent).await,
                Row::Retention => retention::run(extent).await,
            }
        })?;
    }
    Ok(())
}
