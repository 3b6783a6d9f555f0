//! A clerk at the store: does what its parent asks on standard input, line by line, and says what is done. It dies
//! at a named point by its own hand, or whenever it is killed.

mod duty;
mod points;

use std::{io::BufRead, process::ExitCode, sync::Arc};

use conek_core::{Engine, Error, Result, VirtualClock, storage::Sqlite};
use duty::Duty;
use points::{Deadly, Point};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            println!("error {e}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<()> {
    let given = |name: &str| std::env::var(name).unwrap_or_default();
    let now = given("CLERK_NOW").parse().map_err(|_| Error::invalid("CLERK_NOW", "must be a moment"))?;
    let clock = Arc::new(VirtualClock::at(now));
    let (path, point) = (given("CLERK_DB"), given("CLERK_POINT"));
    let (config, mut ports) = duty::opening(&path, clock.clone())?;
    if !point.is_empty() {
        ports.storage = Some(Arc::new(Deadly::new(Sqlite::open(&path).await?, Point::read(&point))));
    }
    let engine = Engine::open(config, ports).await?;
    // A copy; or the store itself, when a process died while it made one.
    if engine.status().await?.waiting_to_resume {
        engine.resume().await?;
    }
    println!("ready");
    for line in std::io::stdin().lock().lines().map_while(std::result::Result::ok) {
        let Some(duty) = Duty::read(&line) else { break };
        duty.perform(&engine, &clock, &path).await?;
        println!("done {line}");
    }
    engine.close().await
}
