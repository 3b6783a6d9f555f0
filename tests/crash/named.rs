//! Every point of a message's way, once.

use std::time::Duration;

use conek_simulator::{Fault, FaultRule};

use crate::life::{Life, Tally};

/// Where the process dies, and whether a message may stay in doubt that was never sent: only what
/// dies between the intent and the request is beyond anybody's knowledge.
const POINTS: &[(&str, bool)] = &[
    ("before store 1", false),
    ("after store 1", false),
    ("before root-key 1", false),
    ("after root-key 1", false),
    ("before contact 3", false),
    ("after contact 3", false),
    ("before planned 1", false),
    ("after planned 1", false),
    ("before enqueue 2", false),
    ("after enqueue 2", false),
    ("before start 1", false),
    ("after start 1", false),
    ("before enqueue-campaign 5", false),
    ("after enqueue-campaign 5", true),
    ("before started 1", true),
    ("after started 1", true),
    ("before claim 2", true),
    ("after claim 2", true),
    ("before intent 1", false),
    ("before intent 9", true),
    ("after intent 1", true),
    ("after intent 9", true),
    ("before request 1", true),
    ("before request 9", true),
    ("after request 1", true),
    ("after request 9", true),
    ("before outcome 1", true),
    ("before outcome 7", true),
    ("after outcome 1", true),
    ("after outcome 7", true),
    ("before webhook-stored 1", true),
    ("after webhook-stored 3", true),
    ("before webhook-applied 2", true),
    ("after webhook-applied 2", true),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_process_that_dies_at_any_point_loses_nothing_and_sends_nothing_twice() {
    let mut sum = Tally::default();
    for some in POINTS.chunks(3) {
        let lives = some.iter().map(|(point, may_stay_unknown)| {
            tokio::spawn(async move {
                let mut life = Life::new(1, Vec::new()).await;
                let mut process = life.spawn(point);
                assert_eq!(life.work(&mut process).await, None, "it does not die {point}");
                drop(process);
                let tally = life.end(1).await;
                assert_eq!((tally.lost, tally.duplicates), (0, 0), "{point}: {tally:?}");
                assert!(*may_stay_unknown || tally.unknowable == 0, "{point}: {tally:?}");
                tally
            })
        });
        for life in lives.collect::<Vec<_>>() {
            sum.add(&life.await.expect("a life"));
        }
    }
    println!(
        "{} kills at named points: {} lost, {} duplicates ({sum:?})",
        sum.kills, sum.lost, sum.duplicates
    );
    assert_eq!(sum.kills, POINTS.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_after_the_acceptance_and_before_the_answer_the_echo_tells_the_next_process() {
    let mut life = Life::new(2, vec![FaultRule::new(Fault::HangAfter { for_ms: None })]).await;
    let mut process = life.spawn("");
    let kill =
        async { tokio::time::timeout(Duration::from_secs(60), life.work(&mut process)).await.ok().flatten() };
    // The work cannot end while WhatsApp does not answer: it is ended from outside.
    let worked = tokio::select! {
        worked = kill => worked,
        () = tokio::time::sleep(Duration::from_secs(4)) => None,
    };
    assert_eq!(worked, None);
    process.kill();
    drop(process);
    let accepted = life.world.simulator.ledger().len();
    assert!(accepted > 0, "nothing was on its way");
    assert!(life.was_started() || accepted > 0);
    let tally = life.end(1).await;
    assert_eq!((tally.lost, tally.duplicates), (0, 0), "{tally:?}");
    // Four requests were on their way; as many intents waited for their turn behind them.
    assert!(tally.unknowable <= 4, "what had been accepted is known: {tally:?}");
    assert_eq!(tally.repeated, 0, "proof came before any repetition was due: {tally:?}");
}
