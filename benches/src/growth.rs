//! How cost grows: with the people of a store, and with the numbers that send.

use std::sync::Arc;

use conek_core::{Draft, Engine, Number, PersonId, Ports, VirtualClock};

use crate::{
    Extent, Failure,
    measure::Stopwatch,
    report::{Curve, Report},
    world,
};

/// People of a list to whom a campaign goes.
const CAMPAIGN: usize = 1_000;
/// Messages spread over the numbers.
const MESSAGES: usize = 4_000;

/// Measures both.
pub async fn run(extent: Extent, report: &mut Report) -> Result<(), Failure> {
    people(extent, report).await?;
    numbers(extent, report).await
}

/// The same messages out of ever larger lists.
async fn people(extent: Extent, report: &mut Report) -> Result<(), Failure> {
    let mut curve = Curve::new(
        "growth: a store of so many people",
        "people",
        &["import, CPU us each", "1,000 sent to, CPU us each", "bytes on the disk each"],
    );
    let mut count = 1_000;
    while count <= extent.most {
        let (dir, engine, clock) = open(1).await?;
        let watch = Stopwatch::start();
        let all = world::import(&engine, count).await?;
        let import = watch.stop(count);
        let step = (all.len() / CAMPAIGN).max(1);
        let some: Vec<PersonId> = all.into_iter().step_by(step).take(CAMPAIGN).collect();
        // The first time fills caches.
        world::send(&engine, some.iter().map(world::offer).collect()).await?;
        clock.advance(world::REST);
        let watch = Stopwatch::start();
        world::send(&engine, some.iter().map(world::offer).collect()).await?;
        let sent = watch.stop(some.len());
        engine.close().await?;
        let bytes = std::fs::metadata(dir.path().join("conek.db"))?.len();
        curve.at(count, &[import.cpu_us(), sent.cpu_us(), bytes as f64 / count as f64]);
        count *= 10;
    }
    curve.finish(report);
    Ok(())
}

/// The same messages from ever more numbers.
async fn numbers(extent: Extent, report: &mut Report) -> Result<(), Failure> {
    let mut curve =
        Curve::new("growth: as many messages from so many numbers", "numbers", &["sent, CPU us each"]);
    let messages = extent.of(MESSAGES);
    for count in [1, 10, 100, 1_000] {
        let (_dir, engine, clock) = open(count).await?;
        let all = world::import(&engine, messages).await?;
        let drafts = || {
            let from = |(i, person): (usize, &PersonId)| Draft {
                sender: Some(number(i % count)),
                ..world::offer(person)
            };
            all.iter().enumerate().map(from).collect()
        };
        world::send(&engine, drafts()).await?;
        clock.advance(world::REST);
        let watch = Stopwatch::start();
        world::send(&engine, drafts()).await?;
        curve.at(count, &[watch.stop(messages).cpu_us()]);
        engine.close().await?;
    }
    curve.finish(report);
    Ok(())
}

fn number(i: usize) -> String {
    format!("{:015}", 100_000_000_000_001 + i)
}

async fn open(numbers: usize) -> Result<(tempfile::TempDir, Engine, Arc<VirtualClock>), Failure> {
    let dir = tempfile::tempdir()?;
    let mut config = world::config(&dir.path().join("conek.db"));
    let of = |i| Number { per_second: Some(1_000_000), ..Number::new(number(i)) };
    config.numbers = (0..numbers).map(of).collect();
    let clock = world::clock()?;
    let ports =
        Ports { transport: Some(Arc::new(world::Instant)), clock: Some(clock.clone()), ..Ports::default() };
    let engine = Engine::open(config, ports).await?;
    engine.templates().put(world::template()).await?;
    Ok((dir, engine, clock))
}
