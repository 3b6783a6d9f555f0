//! How the time for an answer runs out is told in the stream of events: at half, at four fifths, at the end.

use std::time::Duration;

use chrono::TimeDelta;
use conek_core::{
    Clock, Engine, Timestamp,
    inbound::Happening,
    incidents::BreachDetails,
    rights::{IdentityCheck, NewRequest, RightKind},
};
use conek_tests::{World, consenting};

use super::rights::close;

/// Every alarm so far: of which case, what is owed, how much of the time is gone, by when.
async fn alarms(engine: &Engine) -> Vec<(String, String, i32, Timestamp)> {
    let events = engine.inbound().events(None, 1000).await.unwrap().events;
    let alarm = |e: conek_core::inbound::Event| match e.happening {
        Happening::Alarm { case, duty, percent, due_at } => Some((case, duty, percent, due_at)),
        _ => None,
    };
    events.into_iter().filter_map(alarm).collect()
}

/// Waits until so many were raised; a task of the engine's own raises them.
async fn raised(engine: &Engine, many: usize) -> Vec<(String, i32)> {
    for _ in 0..2_000 {
        let told = alarms(engine).await;
        if told.len() >= many {
            return told.into_iter().map(|(_, duty, percent, _)| (duty, percent)).collect();
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("{many} alarms were not raised: {:?}", alarms(engine).await);
}

fn pairs(told: &[(&str, i32)]) -> Vec<(String, i32)> {
    told.iter().map(|(duty, percent)| ((*duty).to_owned(), *percent)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_alarm_of_a_request_is_raised_once_also_over_a_restart_and_none_after_the_answer() {
    let world = World::new(|_| {}).await;
    let engine = world.engine().await;
    let person = consenting(&engine, "+27832885137").await.unwrap();
    let rights = vec![RightKind::Access, RightKind::Rectification];
    let new = NewRequest { person: Some(person), rights, ..NewRequest::default() };
    let request = engine.rights().open(new).await.unwrap();
    let deadlines = |right| {
        request.rights.iter().find(|r| r.right == right).map(|r| r.deadlines.clone()).expect("the right")
    };
    let access = deadlines(RightKind::Access);
    let hour = TimeDelta::hours(1);

    world.clock.advance_to(access.alarm_50 + hour);
    let half = [("access", 50), ("rectification", 50)];
    assert_eq!(raised(&engine, 2).await, pairs(&half));
    let (case, _, _, due_at) = alarms(&engine).await.remove(0);
    assert_eq!((case, due_at), (request.id.clone(), access.due));

    let check = IdentityCheck { method: "code to the number".into(), passed: true, evidence: None };
    engine.rights().check_identity(request.id.clone(), check).await.unwrap();
    // Whoever answers one right is reminded of the other alone.
    engine.rights().fulfil(request.id.clone(), RightKind::Access, None).await.unwrap();
    close(&world, engine).await;
    let engine = world.engine().await;
    world.clock.advance_to(deadlines(RightKind::Rectification).alarm_80 + hour);
    let fourth = [half[0], half[1], ("rectification", 80)];
    assert_eq!(raised(&engine, 3).await, pairs(&fourth));
    world.clock.advance_to(deadlines(RightKind::Rectification).alarm_100 + hour);
    let last = [half[0], half[1], fourth[2], ("rectification", 100)];
    assert_eq!(raised(&engine, 4).await, pairs(&last));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_breach_is_warned_of_before_it_is_late() {
    let world = World::new(|_| {}).await;
    let engine = world.engine().await;
    let details = BreachDetails { aware_at: Some(world.clock.now()), ..BreachDetails::default() };
    let case = engine.incidents().open(details).await.unwrap();
    let duties = engine.incidents().due(None).await.unwrap().remove(0).duties;
    let timed: Vec<_> = duties.iter().filter(|d| d.due_at.is_some()).collect();
    assert!(!timed.is_empty(), "{duties:?}");
    let last = timed.iter().filter_map(|d| d.due_at).max().unwrap();
    let warned = timed.iter().filter_map(|d| d.warn_at).min().unwrap();
    world.clock.advance_to(warned + TimeDelta::hours(1));
    assert!(raised(&engine, 1).await.iter().all(|(_, percent)| *percent == 80));
    assert_eq!(alarms(&engine).await[0].0, case.id);
    world.clock.advance_to(last + TimeDelta::hours(2));
    for _ in 0..2_000 {
        let late = alarms(&engine).await.iter().filter(|a| a.2 == 100).count();
        if late == timed.len() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let told = alarms(&engine).await;
    assert_eq!(told.iter().filter(|a| a.2 == 100).count(), timed.len(), "{told:?}");
}
