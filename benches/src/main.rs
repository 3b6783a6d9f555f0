//! The engine beside its bare limits: one program, one row for each thing that costs. See `README.md`.

mod growth;
mod import;
mod measure;
mod outbox;
mod peers;
mod policy;
mod report;
mod retention;
mod seal;
mod send;
mod server;
mod webhook;
mod world;

use std::path::PathBuf;

use clap::{Parser, ValueEnum};

use report::Report;

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
    /// How many people the row `growth` comes to.
    #[arg(long, default_value_t = 100_000)]
    most: usize,
    /// Writes everything measured to this file, as JSON.
    #[arg(long)]
    json: Option<PathBuf>,
    /// Draws it into this file, as SVG.
    #[arg(long)]
    plot: Option<PathBuf>,
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
    Growth,
}

/// How much is measured.
#[derive(Clone, Copy)]
struct Extent {
    rounds: usize,
    scale: f64,
    alone: bool,
    most: usize,
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
    let extent = Extent {
        rounds: arguments.rounds.max(1),
        scale: arguments.scale,
        alone: arguments.alone,
        most: arguments.most,
    };
    let mut report = Report::new(extent);
    let all = Row::value_variants().to_vec();
    let rows = if arguments.rows.is_empty() { all } else { arguments.rows };
    for row in rows {
        runtime.block_on(async {
            match row {
                Row::Send => send::run(extent, &mut report).await,
                Row::Outbox => outbox::run(extent, &mut report).await,
                Row::Policy => policy::run(extent, &mut report).await,
                Row::Webhook => webhook::run(extent, &mut report).await,
                Row::Seal => seal::run(extent, &mut report).await,
                Row::Import => import::run(extent, &mut report).await,
                Row::Retention => retention::run(extent, &mut report).await,
                Row::Growth => growth::run(extent, &mut report).await,
            }
        })?;
    }
    if let Some(path) = &arguments.json {
        report.write_json(path)?;
    }
    if let Some(path) = &arguments.plot {
        report.write_plot(path)?;
    }
    Ok(())
}
