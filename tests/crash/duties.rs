//! kill -9 of a real process that erases people, rotates keys, ends what is over, copies the store, and comes back
//! with a copy in the store's place.
//!
//! `CONEK_DUTY_KILLS=2000 cargo test -p conek-tests --test crash killed_at_its_duties -- --nocapture` kills as often
//! as the variable says and prints the tally; without it 40 times.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use conek_tests::times;

use crate::{
    desk::{Death, Life, Seed, Tally, end_of},
    duty::Duty,
};

/// Lives at the same time.
const TOGETHER: usize = 3;
/// Deaths in one life, at most.
const MOST: u64 = 12;
/// A life of so many deaths.
async fn one(seed: Arc<Seed>, number: u64, kills: u64, opens_in: Duration) -> Tally {
    let mut life = Life::new(&seed, number);
    for _ in 0..kills {
        let restores = life.chance.below(4) == 0 && life.restore();
        let duties = life.duties();
        let death = if life.chance.below(if restores { 2 } else { 6 }) == 0 {
            Death::After(None, Duration::from_micros(life.chance.below(opens_in.as_micros() as u64)))
        } else {
            let many = life.chance.below(duties.len() as u64 + 1) as usize;
            Death::After(Some(many), Duration::from_micros(life.chance.below(12_000)))
        };
        life.live(&duties, "", death).await;
        life.tally.kills += 1;
    }
    life.end().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_process_killed_at_its_duties_undoes_no_end_and_ends_nothing_else() {
    let wanted = times("CONEK_DUTY_KILLS", 40);
    let seed = Arc::new(Seed::sow().await);
    // How long it takes here until a clerk is ready, so that death can come at any time of it.
    let mut life = Life::new(&seed, 0);
    let began = Instant::now();
    life.live(&[], "", Death::After(Some(0), Duration::ZERO)).await.expect("nothing kills it before");
    let opens_in = began.elapsed();
    let mut sum = Tally::default();
    let (mut number, mut left) = (1, wanted);
    let mut running = tokio::task::JoinSet::new();
    while left > 0 || !running.is_empty() {
        while left > 0 && running.len() < TOGETHER {
            let kills = MOST.min(left);
            left -= kills;
            running.spawn(one(seed.clone(), number, kills, opens_in));
            number += 1;
        }
        if let Some(done) = running.join_next().await {
            sum.add(&done.expect("a life"));
        }
    }
    println!("{} kills at its duties: nothing undone, nothing lost ({sum:?})", sum.kills);
    assert_eq!(sum.kills as u64, wanted);
    assert!(wanted < 40 || (sum.midway > 0 && sum.restores > 0), "nobody died in the middle: {sum:?}");
}

/// Where a clerk dies at its duties.
const POINTS: &[&str] = &[
    "before contact 1",
    "after contact 1",
    "before erasure 1",
    "after erasure 1",
    "before opt-out 1",
    "after opt-out 1",
    "before stamped 1",
    "after stamped 1",
    "before root-key-again 1",
    "after root-key-again 1",
    "before rotation 1",
    "after rotation 1",
    "before rewrapped 1",
    "after rewrapped 1",
    "before rotation 2",
    "after rotation 2",
    "before root-key-again 3",
    "after root-key-again 4",
    "before erasure 3",
    "after erasure 5",
    "before swept 1",
    "after swept 1",
];

/// Where it dies while a copy is opened that lacks two erasures and two opt-outs, and holds two messages that were
/// sent since.
const OPENING: &[&str] = &[
    "before restoring 1",
    "after restoring 1",
    "before restored 1",
    "after restored 1",
    "before opt-out 1",
    "after opt-out 1",
    "before opt-out 2",
    "after opt-out 2",
    "before erasure 1",
    "after erasure 1",
    "before erasure 2",
    "after erasure 2",
    "before journal 1",
    "after journal 1",
    "before held 1",
    "after held 1",
];

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_process_that_dies_at_any_point_of_its_duties_is_finished_by_the_next() {
    let seed = Arc::new(Seed::sow().await);
    for point in POINTS {
        let mut life = Life::new(&seed, 1);
        let copy = life.copy("copy.db");
        let sweep = Duty::Sweep(end_of(0));
        let duties = [Duty::Add(90), Duty::Erase(1), Duty::Stop(2), Duty::Backup(copy), Duty::Rotate, sweep];
        let done = life.live(&duties, point, Death::Itself).await;
        assert!(done.is_some_and(|d| d < duties.len()), "it does not die {point}: {done:?}");
        life.end().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_copy_whose_opening_is_cut_off_at_any_point_undoes_nothing_and_repeats_nothing() {
    let seed = Arc::new(Seed::sow().await);
    let mut failed: Vec<&str> = Vec::new();
    for point in OPENING {
        let mut life = Life::new(&seed, 1);
        let copy = life.copy("copy.db");
        let before = [Duty::Promise(5, 1), Duty::Promise(6, 1), Duty::Backup(copy)];
        let after = [Duty::Erase(1), Duty::Stop(2), Duty::Erase(3), Duty::Stop(4)];
        let duties = [&before[..], &after[..]].concat();
        let whole = |duties: &[Duty]| Death::After(Some(duties.len()), Duration::ZERO);
        assert_eq!(life.live(&duties, "", whole(&duties)).await, Some(duties.len()));
        assert_eq!(
            life.live(&[Duty::Rest], "", whole(&[Duty::Rest])).await,
            Some(1),
            "what was promised leaves"
        );
        assert!(life.restore());
        assert_eq!(life.live(&[], point, Death::Itself).await, None, "it does not die {point}");
        failed.extend(tokio::spawn(life.end()).await.is_err().then_some(*point));
    }
    assert!(failed.is_empty(), "{failed:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn files_put_back_without_a_word_repeat_nothing_wherever_their_opening_is_cut_off() {
    let seed = Arc::new(Seed::sow().await);
    let mut failed: Vec<&str> = Vec::new();
    for point in ["after life 1", "before held 1", "after held 1", "before life 2", "after life 2"] {
        let mut life = Life::new(&seed, 1);
        let promises = [Duty::Promise(5, 1), Duty::Promise(6, 1)];
        assert_eq!(life.live(&promises, "", Death::After(Some(2), Duration::ZERO)).await, Some(2));
        life.take_files();
        assert_eq!(life.live(&[Duty::Rest], "", Death::After(Some(1), Duration::ZERO)).await, Some(1));
        life.put_files_back();
        life.wait(Duration::from_secs(2 * 3600));
        assert_eq!(life.live(&[], point, Death::Itself).await, None, "it does not die {point}");
        failed.extend(tokio::spawn(life.end()).await.is_err().then_some(point));
    }
    assert!(failed.is_empty(), "{failed:?}");
}
