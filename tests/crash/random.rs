//! Any moment at all.

use std::time::{Duration, Instant};

use conek_simulator::{Fault, FaultRule};
use conek_tests::{Chance, times};

use crate::life::{Life, Tally};

/// Lives at the same time.
const TOGETHER: u64 = 3;
/// Deaths in one life, at most.
const MOST: u64 = 4;

/// Answers that take their time, so that death often comes between acceptance and answer.
fn slow() -> Vec<FaultRule> {
    vec![FaultRule::new(Fault::HangAfter { for_ms: Some(600) }).chance(0.3)]
}

async fn one(seed: u64, kills: u64, longest: Duration) -> Tally {
    let mut chance = Chance(seed);
    let mut life = Life::new(seed, slow()).await;
    let mut midway = 0;
    for _ in 0..kills {
        let mut process = life.spawn("");
        // At any time from the opening on, or a moment after so many messages were accepted.
        let accepted = life.accepted();
        let (after, moment) = match chance.below(2) {
            0 => (0, longest),
            _ => (chance.below(30), Duration::from_millis(30)),
        };
        let moment = Duration::from_micros(chance.below(moment.as_micros() as u64));
        let death = async {
            while accepted.now() < after {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            tokio::time::sleep(moment).await;
        };
        tokio::select! {
            _ = life.work(&mut process) => {}
            () = death => {}
        }
        process.kill();
        midway += usize::from((1..30).contains(&life.accepted().now()));
    }
    let mut tally = life.end(kills as usize).await;
    tally.midway = midway;
    assert_eq!((tally.lost, tally.duplicates), (0, 0), "seed {seed}: {tally:?}");
    tally
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_process_killed_at_any_moment_loses_nothing_and_sends_nothing_twice() {
    let wanted = times("CONEK_CRASHES", 40);
    // How long an undisturbed life takes here, so that death can come at any time of it.
    let began = Instant::now();
    let mut life = Life::new(0, slow()).await;
    let mut process = life.spawn("");
    life.work(&mut process).await.expect("nothing kills it");
    let longest = began.elapsed();
    drop(process);
    let mut sum = Tally::default();
    let (mut seed, mut left) = (1, wanted);
    let mut running = tokio::task::JoinSet::new();
    while left > 0 || !running.is_empty() {
        while left > 0 && running.len() < TOGETHER as usize {
            let kills = MOST.min(left);
            left -= kills;
            running.spawn(one(seed, kills, longest));
            seed += 1;
        }
        if let Some(done) = running.join_next().await {
            sum.add(&done.expect("a life"));
        }
    }
    println!("{} kills: {} lost, {} duplicates ({sum:?})", sum.kills, sum.lost, sum.duplicates);
    assert_eq!(sum.kills as u64, wanted);
    assert!(wanted < 20 || sum.midway > 0, "nobody died in the middle: {sum:?}");
}
