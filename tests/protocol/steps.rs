//! What can happen next: the protocol's transitions and everything that can go wrong around them.

use std::fmt;

use super::state::{Echo, Msg, Outcome, Slot, Store, Worker, WorkerId, World};
use super::table::{self, Rule, Rules};

/// One step of the world.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Step {
    Claim(WorkerId),
    Requeue,
    Suppress(WorkerId),
    Intent(WorkerId),
    IntentRefused(WorkerId),
    Post(WorkerId),
    NotSent(WorkerId),
    RecordAccepted(WorkerId),
    RecordRefused(WorkerId),
    RecordNotSent(WorkerId),
    RecordUnknown(WorkerId),
    Doubt,
    Evidence(Slot),
    EvidenceAgain(Slot),
    ForeignEvidence,
    Resend,
    Unresolved,
    Restore,
    Resume,
    Withdraw,
    OptOut,
    AbandonClaim(WorkerId),
    MetaAccepts(Slot),
    MetaRefuses(Slot),
    MetaRefusesForNow(Slot),
    RequestLost(Slot),
    RequestRepeated(WorkerId),
    AnswerArrives(WorkerId),
    CallEndsUnknown(WorkerId),
    DeadWorkersLeaseExpires,
    LiveWorkersLeaseExpires,
    EchoLost(Slot),
    Crash(WorkerId),
    Backup,
    DiskCatchesUp,
    PowerLoss,
}

impl Step {
    /// True for what nobody can count on: faults, and things people may or may not do. The rest goes on by
    /// itself until nothing is left to do.
    pub fn is_optional(self) -> bool {
        matches!(
            self,
            Step::EvidenceAgain(_)
                | Step::ForeignEvidence
                | Step::Restore
                | Step::Withdraw
                | Step::OptOut
                | Step::RequestRepeated(_)
                | Step::LiveWorkersLeaseExpires
                | Step::EchoLost(_)
                | Step::Crash(_)
                | Step::Backup
                | Step::DiskCatchesUp
                | Step::PowerLoss
        )
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Step::Claim(w) => write!(f, "T1   worker {w} claims"),
            Step::Requeue => write!(f, "T2   the claim's lease expired: queued again"),
            Step::Suppress(w) => write!(f, "T3   worker {w} finds the gate closed"),
            Step::Intent(w) => write!(f, "T4   worker {w} commits its intent"),
            Step::IntentRefused(w) => write!(f, "T4   the index refuses a second attempt to worker {w}"),
            Step::Post(w) => write!(f, "T5   worker {w} posts"),
            Step::NotSent(w) => write!(f, "T5   worker {w} cannot send: no byte left"),
            Step::RecordAccepted(w) => write!(f, "T6   worker {w} holds 'accepted'"),
            Step::RecordRefused(w) => write!(f, "T7   worker {w} holds 'refused'"),
            Step::RecordNotSent(w) => write!(f, "T8   worker {w} holds 'not sent'"),
            Step::RecordUnknown(w) => write!(f, "T9   worker {w} holds 'unknown'"),
            Step::Doubt => write!(f, "T10  the dispatcher's lease expired"),
            Step::Evidence(s) => write!(f, "T11  the echo of {s} arrives"),
            Step::EvidenceAgain(s) => write!(f, "T11  the echo of {s} arrives again"),
            Step::ForeignEvidence => write!(f, "T11  an echo with a foreign token arrives"),
            Step::Resend => write!(f, "T12  the doubt is sent again by policy"),
            Step::Unresolved => write!(f, "T13  the doubt is left unresolved"),
            Step::Restore => write!(f, "T14  the backup is restored"),
            Step::Resume => write!(f, "     the operator resumes dispatch"),
            Step::Withdraw => write!(f, "     the message is cancelled or expires"),
            Step::OptOut => write!(f, "     the contact opts out"),
            Step::AbandonClaim(w) => write!(f, "     worker {w} sees that its claim is gone"),
            Step::MetaAccepts(s) => write!(f, "     Meta accepts a copy from {s}"),
            Step::MetaRefuses(s) => write!(f, "     Meta refuses {s}"),
            Step::MetaRefusesForNow(s) => write!(f, "     Meta refuses {s} for now"),
            Step::RequestLost(s) => write!(f, "     a request of {s} is lost"),
            Step::RequestRepeated(w) => write!(f, "     the HTTP client of worker {w} repeats the POST"),
            Step::AnswerArrives(w) => write!(f, "     the answer reaches worker {w}"),
            Step::CallEndsUnknown(w) => write!(f, "     the call of worker {w} ends without an answer"),
            Step::DeadWorkersLeaseExpires => write!(f, "     the lease of a dead worker runs out"),
            Step::LiveWorkersLeaseExpires => write!(f, "     the lease of a slow worker runs out (zombie)"),
            Step::EchoLost(s) => write!(f, "     the echo of {s} is lost"),
            Step::Crash(w) => write!(f, "     worker {w} crashes"),
            Step::Backup => write!(f, "     a backup is taken"),
            Step::DiskCatchesUp => write!(f, "     the disk catches up"),
            Step::PowerLoss => write!(f, "     the power fails"),
        }
    }
}

impl fmt::Display for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "attempt ({}, {})", self.epoch(), self.number())
    }
}

/// Every step that `world` allows, with the world after it.
pub fn successors(rules: &Rules, echoes_may_be_lost: bool, world: &World, out: &mut Vec<(Step, World)>) {
    out.clear();
    let mut add = |step, next: Option<World>| out.extend(next.map(|next| (step, next)));
    for w in 0..world.workers.len() {
        add(Step::Claim(w), table::t1_claim(rules, world, w));
        add(Step::Suppress(w), table::t3_suppress(rules, world, w));
        add(Step::Intent(w), table::t4_intent(rules, world, w));
        add(Step::IntentRefused(w), table::t4_refused_by_index(rules, world, w));
        add(Step::Post(w), table::t5_post(world, w));
        add(Step::NotSent(w), table::t5_not_sent(world, w));
        add(Step::RecordAccepted(w), table::t6_accepted(rules, world, w));
        add(Step::RecordRefused(w), table::t7_refused(rules, world, w));
        add(Step::RecordNotSent(w), table::t8_not_sent(rules, world, w));
        add(Step::RecordUnknown(w), table::t9_unknown(rules, world, w));
        add(Step::AbandonClaim(w), abandon_claim(world, w));
        add(Step::RequestRepeated(w), repeat_request(rules, world, w));
        add(Step::AnswerArrives(w), answer_arrives(world, w));
        add(Step::CallEndsUnknown(w), call_ends_unknown(world, w));
        add(Step::Crash(w), crash(world, w));
    }
    for slot in Slot::all() {
        if world.outside[slot.index()].on_wire > 0 {
            add(Step::MetaAccepts(slot), Some(meta_decides(world, slot, Outcome::Accepted)));
            add(Step::MetaRefuses(slot), Some(meta_decides(world, slot, Outcome::Refused)));
            add(Step::MetaRefusesForNow(slot), Some(meta_decides(world, slot, Outcome::NotSent)));
            add(Step::RequestLost(slot), Some(take_from_wire(world, slot)));
        }
        match world.outside[slot.index()].echo {
            Echo::None => {}
            Echo::OnItsWay => {
                add(Step::Evidence(slot), table::t11_evidence(rules, world, slot));
                if echoes_may_be_lost {
                    add(Step::EchoLost(slot), Some(lose_echo(world, slot)));
                }
            }
            Echo::Delivered => add(Step::EvidenceAgain(slot), table::t11_evidence(rules, world, slot)),
        }
    }
    add(Step::Requeue, table::t2_requeue(rules, world));
    add(Step::Doubt, table::t10_doubt(rules, world));
    add(Step::ForeignEvidence, table::t11_foreign(rules, world));
    add(Step::Resend, table::t12_resend(rules, world));
    add(Step::Unresolved, table::t13_unresolved(rules, world));
    add(Step::Restore, table::t14_restore(rules, world));
    add(Step::Resume, table::resume(rules, world));
    add(Step::Withdraw, table::withdraw(rules, world));
    add(Step::OptOut, table::opt_out(rules, world));
    add(Step::DeadWorkersLeaseExpires, lease_expires(world, false));
    add(Step::LiveWorkersLeaseExpires, lease_expires(world, true));
    add(Step::Backup, backup(world));
    add(Step::DiskCatchesUp, world.on_disk.map(|_| World { on_disk: None, ..*world }));
    add(Step::PowerLoss, power_loss(world));
}

/// A worker that lost its claim learns so and lets go.
fn abandon_claim(world: &World, w: WorkerId) -> Option<World> {
    let lost = world.workers[w] == Worker::Claimed && world.store.holder != Some(w);
    lost.then(|| with_worker(world, w, Worker::Idle))
}

/// Meta takes one copy off the wire and decides; its answer sets out if the call is still open.
fn meta_decides(world: &World, slot: Slot, verdict: Outcome) -> World {
    let mut next = take_from_wire(world, slot);
    if verdict == Outcome::Accepted {
        next.outside[slot.index()].accepted += 1;
        next.outside[slot.index()].echo = Echo::OnItsWay;
    }
    for worker in &mut next.workers {
        if *worker == Worker::Calling(slot, None) {
            *worker = Worker::Calling(slot, Some(verdict));
        }
    }
    next
}

/// A request leaves the wire: decided, or lost for good.
fn take_from_wire(world: &World, slot: Slot) -> World {
    let mut next = *world;
    next.outside[slot.index()].on_wire -= 1;
    next
}

/// A client that repeats a POST puts a second copy on the wire within one call.
fn repeat_request(rules: &Rules, world: &World, w: WorkerId) -> Option<World> {
    match world.workers[w] {
        Worker::Calling(slot, None) if !rules.has(Rule::OnePost) => {
            let mut next = *world;
            let outside = &mut next.outside[slot.index()];
            outside.on_wire += 1;
            (outside.on_wire + outside.accepted <= 2).then_some(next)
        }
        _ => None,
    }
}

fn answer_arrives(world: &World, w: WorkerId) -> Option<World> {
    match world.workers[w] {
        Worker::Calling(slot, Some(answer)) => Some(with_worker(world, w, Worker::Holding(slot, answer))),
        _ => None,
    }
}

/// The answer is lost, or comes after the call gave up, or there was none: a reset, a timeout, a 5xx.
fn call_ends_unknown(world: &World, w: WorkerId) -> Option<World> {
    match world.workers[w] {
        Worker::Calling(slot, _) => Some(with_worker(world, w, Worker::Holding(slot, Outcome::Unknown))),
        _ => None,
    }
}

/// The lease runs out while its holder lives (a zombie from then on) or after it died.
fn lease_expires(world: &World, holder_lives: bool) -> Option<World> {
    let leased = matches!(world.store.msg, Msg::Claimed | Msg::Dispatching) && world.store.lease_valid;
    if !leased || world.store.holder.is_some() != holder_lives {
        return None;
    }
    let mut next = *world;
    next.store.lease_valid = false;
    if holder_lives {
        next.left.zombies = next.left.zombies.checked_sub(1)?;
    }
    Some(next)
}

/// The echo of this attempt never comes.
fn lose_echo(world: &World, slot: Slot) -> World {
    let mut next = *world;
    next.outside[slot.index()].echo = Echo::None;
    next
}

/// A process dies with everything it held in memory; its requests stay on the wire.
fn crash(world: &World, w: WorkerId) -> Option<World> {
    if world.workers[w] == Worker::Idle {
        return None;
    }
    let mut next = with_worker(world, w, Worker::Idle);
    next.left.crashes = next.left.crashes.checked_sub(1)?;
    forget_holder(&mut next, w);
    Some(next)
}

fn backup(world: &World) -> Option<World> {
    let mut next = *world;
    next.left.backups = next.left.backups.checked_sub(1)?;
    // A restore trusts no old claim, so the image keeps none: fewer states, the same runs.
    next.backup = Some(Store { holder: None, lease_valid: true, ..world.store });
    Some(next)
}

/// Every process dies, and the store is what the disk has.
fn power_loss(world: &World) -> Option<World> {
    let mut next = *world;
    next.left.power_losses = next.left.power_losses.checked_sub(1)?;
    next.workers = [Worker::Idle; 2];
    next.store = next.on_disk.take().unwrap_or(next.store);
    next.store.holder = None;
    Some(next)
}

fn with_worker(world: &World, w: WorkerId, worker: Worker) -> World {
    let mut next = *world;
    next.workers[w] = worker;
    next
}

/// Nobody alive has the fence of a dead worker, so its name is not kept.
fn forget_holder(world: &mut World, w: WorkerId) {
    if world.store.holder == Some(w) {
        world.store.holder = None;
    }
}
