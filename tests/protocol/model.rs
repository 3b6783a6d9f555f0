//! The send protocol, checked exhaustively: every reachable state of a small world, and each rule removed
//! in turn to see which promise it carries.
//!
//! Modelled: one message and its attempts; two workers that crash, pause and wake as zombies after their
//! lease expired (they still post, and still testify); a network on which the request may arrive late or
//! never and the answer may be late or lost; Meta accepting, refusing for good or refusing for now; echoes
//! that come late, again, or (in lossy runs) never; a foreign token; the contact's opt-out; cancelling or
//! expiry; a backup at any point and its restore at any later point, with the old workers still alive;
//! power loss with every commit lost that need not be durable (T4, T6, T11, the opt-out and the restore
//! are). Both ends of every guard that is a clock (the lease, the window and witness of T12, the age of T13)
//! are free to come at any time, so that the model allows more than the engine does.
//!
//! Not modelled: several messages, campaigns and their counters (I7, I10); rates, budgets and quiet hours
//! (I11, I12, I14: the gate is consent alone); erasure (I15); delivery facts beyond one echo per attempt;
//! a message whose very enqueueing a restore forgot; a second restore. A process with several tasks is
//! several workers. After T8's last try the message is REFUSED by the rule of T7, and T12 stops too.
//! The second half of I5 and L2 are waived after a restore, L2 also where echoes may be lost: the evidence
//! can be gone.
//!
//! What the promises do not say: SUPPRESSED, CANCELLED and EXPIRED mean that nothing more is sent, not that
//! nothing was. After T12, or after a restore, an earlier attempt may still be at Meta, and its echo still
//! makes the message ACCEPTED. Only REFUSED denies (I4).
//!
//! `table` is the specification; `steps` the world around it; `invariants` the promises; `search` the rest.

mod invariants;
mod search;
mod state;
mod steps;
mod table;

use std::io::Write;
use std::mem::discriminant;

use invariants::Invariant;
use search::{Report, Run, explore};
use state::{Budget, Slot};
use steps::Step;
use table::{Class, Rule, Rules};

const NO_FAULTS: Budget = Budget { crashes: 0, zombies: 0, power_losses: 0, backups: 0 };

fn at_most_once() -> Run {
    Run {
        rules: Rules { class: Class::AtMostOnce, retries: 3, lazy_disk: false, removed: None },
        faults: Budget { crashes: 2, zombies: 2, ..NO_FAULTS },
        echoes_may_be_lost: false,
    }
}

fn at_least_once(max: u8, retries: u8) -> Run {
    let mut run = at_most_once();
    run.rules.class = Class::AtLeastOnce { max };
    run.rules.retries = retries;
    run
}

/// Runs the search and prints its size, past the test harness, which would swallow it.
fn explore_and_print(name: &str, run: Run) -> Report {
    let report = explore(run);
    let Report { states, transitions, depth, .. } = report;
    print(&format!("{name}: {states} states, {transitions} transitions, depth {depth}"));
    report
}

fn print(line: &str) {
    // A closed stdout must not fail the model.
    let _ = writeln!(std::io::stdout().lock(), "{line}");
}

fn assert_holds(name: &str, run: Run) {
    let report = explore_and_print(name, run);
    if let Some(found) = report.broken {
        panic!("{name} is broken:\n{found}");
    }
    // Promises hold easily where nothing happens.
    for step in steps_that_happen(run) {
        assert!(report.kinds.contains(&discriminant(&step)), "{name}: this never happened: {step}");
    }
    let refused = Step::IntentRefused(0);
    assert!(
        !report.kinds.contains(&discriminant(&refused)),
        "{name}: the last defence was needed: {refused}"
    );
}

/// One step of each kind that a run of this sort must reach.
fn steps_that_happen(run: Run) -> Vec<Step> {
    let slot = Slot::new(0, 0);
    let mut steps = vec![
        Step::Claim(0),
        Step::Suppress(0),
        Step::Intent(0),
        Step::Post(0),
        Step::NotSent(0),
        Step::RecordAccepted(0),
        Step::RecordRefused(0),
        Step::RecordNotSent(0),
        Step::RecordUnknown(0),
        Step::Evidence(slot),
        Step::EvidenceAgain(slot),
        Step::ForeignEvidence,
        Step::Unresolved,
        Step::Withdraw,
    ];
    if matches!(run.rules.class, Class::AtLeastOnce { .. }) {
        steps.push(Step::Resend);
    }
    if run.echoes_may_be_lost {
        steps.push(Step::EchoLost(slot));
    }
    if run.faults.crashes > 0 {
        steps.extend([Step::Crash(0), Step::DeadWorkersLeaseExpires, Step::Requeue, Step::Doubt]);
    }
    if run.faults.zombies > 0 {
        steps.extend([Step::LiveWorkersLeaseExpires, Step::AbandonClaim(0)]);
    }
    if run.faults.backups > 0 {
        steps.extend([Step::Backup, Step::Restore, Step::Resume]);
    }
    if run.faults.power_losses > 0 {
        steps.extend([Step::DiskCatchesUp, Step::PowerLoss]);
    }
    steps
}

fn assert_breaks(rule: Rule, invariant: Invariant, mut run: Run) {
    run.rules.removed = Some(rule);
    let name = format!("without {rule:?}");
    let Some(found) = explore_and_print(&name, run).broken else {
        panic!("{name} every promise still holds")
    };
    print(&found.to_string());
    assert_eq!(found.broken.invariant, invariant, "{name} another promise breaks first:\n{found}");
}

#[test]
fn at_most_once_holds_through_two_crashes_and_two_zombies() {
    assert_holds("at most once, 2 crashes, 2 zombies", at_most_once());
}

#[test]
fn at_most_once_holds_when_echoes_are_lost() {
    assert_holds("at most once, lost echoes", Run { echoes_may_be_lost: true, ..at_most_once() });
}

#[test]
fn at_most_once_holds_through_a_backup_and_its_restore_at_any_point() {
    let mut run = at_most_once();
    run.faults.backups = 1;
    assert_holds("at most once, backup and restore", run);
}

#[test]
fn at_most_once_holds_through_power_loss() {
    let mut run = at_most_once();
    run.faults.power_losses = 1;
    run.rules.lazy_disk = true;
    assert_holds("at most once, power loss", run);
}

#[test]
fn at_least_once_with_two_attempts_never_sends_a_copy_no_policy_decided_on() {
    assert_holds("at least once, max 2", at_least_once(2, 3));
}

#[test]
fn at_least_once_with_three_attempts_holds_when_echoes_are_lost() {
    let mut run = at_least_once(3, 1);
    run.echoes_may_be_lost = true;
    run.faults = Budget { crashes: 1, zombies: 1, ..NO_FAULTS };
    assert_holds("at least once, max 3, lost echoes", run);
}

#[test]
fn at_least_once_holds_through_a_backup_and_its_restore() {
    let mut run = at_least_once(2, 1);
    run.faults = Budget { backups: 1, ..NO_FAULTS };
    assert_holds("at least once, max 2, backup and restore", run);
}

#[test]
fn v1_requeueing_at_lease_expiry_sends_twice() {
    assert_breaks(Rule::ExpiryIsDoubt, Invariant::I1, at_most_once());
}

#[test]
fn v2_retrying_an_unknown_ending_sends_twice() {
    assert_breaks(Rule::UnknownIsDoubt, Invariant::I1, at_most_once());
}

#[test]
fn v3_posting_without_a_durable_intent_sends_twice() {
    assert_breaks(Rule::DurableIntent, Invariant::I1, at_most_once());
}

#[test]
fn v4_a_checkpoint_at_the_claim_never_sends() {
    let mut run = at_most_once();
    run.faults.zombies = 0;
    assert_breaks(Rule::ClaimIsNoCheckpoint, Invariant::I5, run);
}

#[test]
fn v5_fencing_testimony_throws_an_answer_away() {
    assert_breaks(Rule::AnyoneMayTestify, Invariant::I9, at_most_once());
}

#[test]
fn v6_a_restored_store_that_dispatches_at_once_sends_twice() {
    let mut run = at_most_once();
    run.faults.backups = 1;
    assert_breaks(Rule::RestoredStoreWaits, Invariant::I1, run);
}

#[test]
fn v7_consent_read_only_at_the_claim_is_too_early() {
    assert_breaks(Rule::ConsentAtIntent, Invariant::I6, at_most_once());
}

#[test]
fn v8_an_intent_that_power_loss_can_take_sends_twice() {
    let mut run = at_most_once();
    run.faults.power_losses = 1;
    run.rules.lazy_disk = true;
    assert_breaks(Rule::IntentReachesDisk, Invariant::I1, run);
}

#[test]
fn v9_a_client_that_repeats_a_post_sends_twice() {
    assert_breaks(Rule::OnePost, Invariant::I1, at_most_once());
}

#[test]
fn a_restored_store_that_denies_is_wrong() {
    let mut run = at_least_once(2, 1);
    run.faults = Budget { backups: 1, ..NO_FAULTS };
    assert_breaks(Rule::RestoredStoreNeverDenies, Invariant::I4, run);
}

#[test]
fn a_foreign_token_taken_for_evidence_changes_a_message() {
    assert_breaks(Rule::OwnTokensOnly, Invariant::I13, at_most_once());
}
