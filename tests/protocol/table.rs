//! The send protocol as a transition system: one function a transition, in the order of its table.
//!
//! Each function takes the world, answers `None` where its guard fails, and otherwise the world after ONE
//! transaction of the store (T5 has none: it is the call to Meta). Read it as the specification.
//!
//! Names used in every guard: a worker *has the claim* while the message carries the fence that worker
//! got at T1 (owner, fence and epoch, folded in `Store::holder`); an attempt is *open* while its outcome is
//! pending or unknown, and *live* while it is open or accepted.

use super::state::{Echo, Msg, Outcome, Slot, Store, Worker, WorkerId, World};

/// What the sender of a message chose between: a loss or a copy too many.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Class {
    /// Never two copies; a doubt is left to people.
    AtMostOnce,
    /// A doubt is sent again, until `max` attempts may have reached Meta.
    AtLeastOnce { max: u8 },
}

/// A rule that can be taken out, to see which promise it carries.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Rule {
    /// V1. Lease expiry never authorises a re-send.
    ExpiryIsDoubt,
    /// V2. An unknown ending is a doubt, not a failure.
    UnknownIsDoubt,
    /// V3. The intent is durable before the first byte leaves.
    DurableIntent,
    /// V4. A claim without an intent goes back to the queue.
    ClaimIsNoCheckpoint,
    /// V5. Any process may testify, whatever its fence.
    AnyoneMayTestify,
    /// V6. A restored store may not dispatch until resumed.
    RestoredStoreWaits,
    /// V7. Consent is read in the intent's own transaction.
    ConsentAtIntent,
    /// V8. The intent's commit reaches the disk before it counts.
    IntentReachesDisk,
    /// V9. The HTTP client never repeats a POST.
    OnePost,
    /// A restored store can never assert "not sent" (P8).
    RestoredStoreNeverDenies,
    /// Only a token of this store's instance, and of an epoch it has lived, is evidence.
    OwnTokensOnly,
}

/// The rules of one run.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    pub class: Class,
    /// How often T8 may queue a message again within an epoch (3 in the engine; fewer keeps a run small).
    pub retries: u8,
    /// Whether commits that need not be durable lag on the disk.
    pub lazy_disk: bool,
    /// The rule an ablation takes out.
    pub removed: Option<Rule>,
}

/// When a commit reaches the disk.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sync {
    /// Before the transaction counts, with everything committed earlier.
    Durable,
    /// At some later time, in order.
    Lazy,
}

impl Rules {
    pub fn has(&self, rule: Rule) -> bool {
        self.removed != Some(rule)
    }
    fn at_most_once(&self) -> bool {
        self.class == Class::AtMostOnce
    }
    /// The unique index over live attempts. Queues that send again after an expiry or a doubt have none.
    fn has_index(&self) -> bool {
        self.at_most_once() && self.has(Rule::ExpiryIsDoubt) && self.has(Rule::UnknownIsDoubt)
    }
    /// Whether the message is where the intent of `w` put it, with that worker's fence.
    fn dispatched_by(&self, store: &Store, w: WorkerId) -> bool {
        let intent = if self.has(Rule::DurableIntent) { Msg::Dispatching } else { Msg::Claimed };
        store.msg == intent && store.holder == Some(w)
    }
    /// Unsent tries of the present epoch that T8 may still queue again.
    fn tries_left(&self, store: &Store) -> bool {
        store.count(|s, o| s.epoch() == store.epoch && o == Outcome::NotSent) <= self.retries
    }
    fn commit(&self, before: &World, mut after: World, sync: Sync) -> Option<World> {
        if self.lazy_disk {
            let disk =
                if sync == Sync::Durable { after.store } else { before.on_disk.unwrap_or(before.store) };
            after.on_disk = (disk != after.store).then_some(disk);
        }
        Some(after)
    }
}

/// T1 QUEUED > CLAIMED. A new fence and a lease: two workers may not hold one message by mistake.
/// The lane is closed while dispatch is disabled (P7). `not_before` and `expires_at` are clocks: see
/// `withdraw`.
pub fn t1_claim(rules: &Rules, world: &World, w: WorkerId) -> Option<World> {
    let store = &world.store;
    let guard = store.msg == Msg::Queued && store.dispatch_enabled && world.workers[w] == Worker::Idle;
    if !guard {
        return None;
    }
    let mut next = *world;
    if !rules.has(Rule::ConsentAtIntent) && store.opted_out {
        next.store.release(Msg::Suppressed);
        return rules.commit(world, next, Sync::Lazy);
    }
    next.store.msg = Msg::Claimed;
    next.store.holder = Some(w);
    next.store.lease_valid = true;
    next.workers[w] = Worker::Claimed;
    rules.commit(world, next, Sync::Lazy)
}

/// T2 CLAIMED > QUEUED once the lease expired. Safe: without an intent nothing can have left.
pub fn t2_requeue(rules: &Rules, world: &World) -> Option<World> {
    let store = &world.store;
    if store.msg != Msg::Claimed || store.lease_valid || !rules.has(Rule::ClaimIsNoCheckpoint) {
        return None;
    }
    let mut next = *world;
    next.store.release(Msg::Queued);
    rules.commit(world, next, Sync::Lazy)
}

/// T3 CLAIMED > SUPPRESSED when the gate says no; the gate modelled is consent.
pub fn t3_suppress(rules: &Rules, world: &World, w: WorkerId) -> Option<World> {
    let claim = world.workers[w] == Worker::Claimed && world.store.holder == Some(w);
    if !claim || world.store.msg != Msg::Claimed || !world.store.opted_out {
        return None;
    }
    let mut next = *world;
    next.store.release(Msg::Suppressed);
    next.workers[w] = Worker::Idle;
    rules.commit(world, next, Sync::Lazy)
}

/// T4 CLAIMED > DISPATCHING: the intent. The claim and its lease hold, consent is read in this very
/// transaction, the index refuses a second live attempt, and the commit is durable before it counts (P1, P5).
pub fn t4_intent(rules: &Rules, world: &World, w: WorkerId) -> Option<World> {
    let store = &world.store;
    let claim = world.workers[w] == Worker::Claimed && store.holder == Some(w) && store.lease_valid;
    let gate = store.dispatch_enabled && (!store.opted_out || !rules.has(Rule::ConsentAtIntent));
    let index = !rules.has_index() || store.count(|_, o| o.is_live()) == 0;
    if !claim || store.msg != Msg::Claimed || !gate || !index {
        return None;
    }
    let slot = store.next_slot()?;
    let mut next = *world;
    next.workers[w] = Worker::Ready(slot);
    if !rules.has(Rule::DurableIntent) {
        return Some(next);
    }
    next.store.msg = Msg::Dispatching;
    next.store.set(slot, Outcome::Pending);
    rules.commit(world, next, if rules.has(Rule::IntentReachesDisk) { Sync::Durable } else { Sync::Lazy })
}

/// T4, refused by the index: a live attempt exists, so the message is not to be sent but in doubt (or
/// ACCEPTED, where the attempt is). With every rule in place this never happens; it is the last defence.
pub fn t4_refused_by_index(rules: &Rules, world: &World, w: WorkerId) -> Option<World> {
    let store = &world.store;
    let claim = world.workers[w] == Worker::Claimed && store.holder == Some(w) && store.lease_valid;
    if !claim || store.msg != Msg::Claimed || !rules.has_index() || store.count(|_, o| o.is_live()) == 0 {
        return None;
    }
    let accepted = store.count(|_, o| o == Outcome::Accepted) > 0;
    let mut next = *world;
    next.store.release(if accepted { Msg::Accepted } else { Msg::InDoubt });
    next.workers[w] = Worker::Idle;
    rules.commit(world, next, Sync::Lazy)
}

/// T5 POST, once. No guard on the lease: the deadline was checked before, and a paused process may post
/// long after its lease expired. No fence can stop that at Meta, so P2 must make it harmless.
pub fn t5_post(world: &World, w: WorkerId) -> Option<World> {
    let Worker::Ready(slot) = world.workers[w] else { return None };
    let mut next = *world;
    next.workers[w] = Worker::Calling(slot, None);
    next.outside[slot.index()].on_wire += 1;
    Some(next)
}

/// T5, other end: the deadline has passed, or the connection was never made. Proven: no byte was accepted.
pub fn t5_not_sent(world: &World, w: WorkerId) -> Option<World> {
    let Worker::Ready(slot) = world.workers[w] else { return None };
    let mut next = *world;
    next.workers[w] = Worker::Holding(slot, Outcome::NotSent);
    Some(next)
}

/// T6 attempt := A, message > ACCEPTED from any state. No fence check: positive evidence dominates (P3, P4).
pub fn t6_accepted(rules: &Rules, world: &World, w: WorkerId) -> Option<World> {
    let (slot, mut next) = testimony(world, w, Outcome::Accepted)?;
    if may_record(rules, world, w) {
        next.store.set(slot, Outcome::Accepted);
        next.store.release(Msg::Accepted);
    }
    rules.commit(world, next, Sync::Durable)
}

/// T7 attempt := R, message > REFUSED if no other attempt is open, else it stays (or becomes) IN_DOUBT.
/// A restored store may have forgotten attempts, so there it is UNRESOLVED, never "not sent" (P8).
pub fn t7_refused(rules: &Rules, world: &World, w: WorkerId) -> Option<World> {
    let (slot, mut next) = testimony(world, w, Outcome::Refused)?;
    if may_record(rules, world, w) {
        learn(&mut next.store, slot, Outcome::Refused);
        settle_as_refused(rules, &mut next.store, slot, w);
    }
    rules.commit(world, next, Sync::Lazy)
}

/// T8 attempt := N, message > QUEUED, at most `retries` times; then as T7. A transient refusal (a rate limit)
/// takes the same road. Only from the state this attempt itself put the message in: as its dispatcher, or
/// in doubt with no other attempt open; and never for an attempt of an epoch before the restore (P8).
pub fn t8_not_sent(rules: &Rules, world: &World, w: WorkerId) -> Option<World> {
    let (slot, mut next) = testimony(world, w, Outcome::NotSent)?;
    if may_record(rules, world, w) {
        let store = &mut next.store;
        learn(store, slot, Outcome::NotSent);
        let dispatching = rules.dispatched_by(store, w);
        let only_doubt = store.msg == Msg::InDoubt && !store.another_is_open(slot);
        if slot.epoch() == store.epoch && (dispatching || only_doubt) {
            if rules.tries_left(store) {
                store.release(Msg::Queued);
            } else {
                settle_as_refused(rules, store, slot, w);
            }
        }
    }
    rules.commit(world, next, Sync::Lazy)
}

/// T9 attempt := U, message > IN_DOUBT: any other ending of the call. With the fence lost only the attempt
/// is updated: the message is no longer this worker's to move.
pub fn t9_unknown(rules: &Rules, world: &World, w: WorkerId) -> Option<World> {
    let (slot, mut next) = testimony(world, w, Outcome::Unknown)?;
    if may_record(rules, world, w) {
        let store = &mut next.store;
        let dispatching = rules.dispatched_by(store, w);
        learn(store, slot, Outcome::Unknown);
        if dispatching {
            store.release(if rules.has(Rule::UnknownIsDoubt) { Msg::InDoubt } else { Msg::Queued });
        }
    }
    rules.commit(world, next, Sync::Lazy)
}

/// T10 DISPATCHING > IN_DOUBT once the lease expired. Not > QUEUED: the worker may be slow, not dead, and its
/// request may still leave (P2).
pub fn t10_doubt(rules: &Rules, world: &World) -> Option<World> {
    if world.store.msg != Msg::Dispatching || world.store.lease_valid {
        return None;
    }
    let mut next = *world;
    next.store.release(if rules.has(Rule::ExpiryIsDoubt) { Msg::InDoubt } else { Msg::Queued });
    rules.commit(world, next, Sync::Lazy)
}

/// T11 any state > ACCEPTED: an echo names (epoch, n). An attempt the store does not know is inserted. The
/// same echo may come again, at any time.
pub fn t11_evidence(rules: &Rules, world: &World, slot: Slot) -> Option<World> {
    if world.outside[slot.index()].echo == Echo::None {
        return None;
    }
    let mut next = *world;
    next.outside[slot.index()].echo = Echo::Delivered;
    next.store.set(slot, Outcome::Accepted);
    next.store.release(Msg::Accepted);
    rules.commit(world, next, Sync::Durable)
}

/// T11, refused: a token with another instance's MAC, or of an epoch this store has not lived, is no
/// evidence about a message of this store.
pub fn t11_foreign(rules: &Rules, world: &World) -> Option<World> {
    let mut next = *world;
    if !rules.has(Rule::OwnTokensOnly) {
        next.store.set(Slot::new(0, 0), Outcome::Accepted);
        next.store.release(Msg::Accepted);
    }
    rules.commit(world, next, Sync::Durable)
}

/// T12 IN_DOUBT > QUEUED: the only way to a second copy. At-least-once only, and only while fewer than `max`
/// attempts may have reached Meta and T8 would still queue. The window and the witness are clocks: here they
/// may be met at any time, which allows more than the engine does.
pub fn t12_resend(rules: &Rules, world: &World) -> Option<World> {
    let Class::AtLeastOnce { max } = rules.class else { return None };
    let store = &world.store;
    let sent = store.count(|_, o| !matches!(o, Outcome::Absent | Outcome::NotSent));
    if store.msg != Msg::InDoubt || !store.dispatch_enabled || sent >= max || !rules.tries_left(store) {
        return None;
    }
    let mut next = *world;
    next.store.release(Msg::Queued);
    next.resends[usize::from(store.epoch)] = (next.resends[usize::from(store.epoch)] + 1).min(3);
    rules.commit(world, next, Sync::Lazy)
}

/// T13 IN_DOUBT > UNRESOLVED after Meta's own retry horizon, or by an operator at any time; so here at any
/// time. It asserts nothing, and later evidence still wins (T11).
pub fn t13_unresolved(rules: &Rules, world: &World) -> Option<World> {
    if world.store.msg != Msg::InDoubt {
        return None;
    }
    let mut next = *world;
    next.store.release(Msg::Unresolved);
    rules.commit(world, next, Sync::Lazy)
}

/// T14 open a restored image: a new epoch, so that old claims and old tokens are told apart; nothing may be
/// dispatched; what was about to be sent is held, what was being sent is in doubt (P7).
pub fn t14_restore(rules: &Rules, world: &World) -> Option<World> {
    let mut image = world.backup?;
    image.epoch += 1;
    image.holder = None;
    image.lease_valid = true;
    if rules.has(Rule::RestoredStoreWaits) {
        image.dispatch_enabled = false;
    } else {
        // The opt-outs kept outside, which resume would apply: only the early dispatch is to blame.
        image.opted_out = world.opted_out;
    }
    image.attempts = image.attempts.map(|o| if o == Outcome::Pending { Outcome::Unknown } else { o });
    image.msg = match image.msg {
        Msg::Queued | Msg::Claimed if rules.has(Rule::RestoredStoreWaits) => Msg::Held,
        Msg::Claimed => Msg::Queued,
        Msg::Dispatching => Msg::InDoubt,
        other => other,
    };
    let mut next = *world;
    next.store = image;
    next.backup = None;
    rules.commit(world, next, Sync::Durable)
}

/// Resume after a restore, by the operator: the opt-outs kept outside the store are applied first; a held
/// at-most-once message may have been sent in the forgotten time, so it is UNRESOLVED.
pub fn resume(rules: &Rules, world: &World) -> Option<World> {
    if world.store.dispatch_enabled {
        return None;
    }
    let mut next = *world;
    next.store.dispatch_enabled = true;
    next.store.opted_out = world.opted_out;
    if next.store.msg == Msg::Held {
        next.store.release(if rules.at_most_once() { Msg::Unresolved } else { Msg::Queued });
    }
    rules.commit(world, next, Sync::Durable)
}

/// Any pre-intent state > CANCELLED or EXPIRED (one state here): the host cancels, or `expires_at` passes.
pub fn withdraw(rules: &Rules, world: &World) -> Option<World> {
    if !matches!(world.store.msg, Msg::Held | Msg::Queued | Msg::Claimed) {
        return None;
    }
    let mut next = *world;
    next.store.release(Msg::Withdrawn);
    rules.commit(world, next, Sync::Lazy)
}

/// The contact opts out. The commit is durable, and the ledger outside the store has it too.
pub fn opt_out(rules: &Rules, world: &World) -> Option<World> {
    if world.opted_out {
        return None;
    }
    let mut next = *world;
    next.store.opted_out = true;
    next.opted_out = true;
    rules.commit(world, next, Sync::Durable)
}

/// The worker has learned `outcome` about its attempt, and is free once it is recorded.
fn testimony(world: &World, w: WorkerId, outcome: Outcome) -> Option<(Slot, World)> {
    match world.workers[w] {
        Worker::Holding(slot, held) if held == outcome => {
            let mut next = *world;
            next.workers[w] = Worker::Idle;
            Some((slot, next))
        }
        _ => None,
    }
}

/// Whether `w` may record what it learned: always, except where the ablation fences testimony too.
fn may_record(rules: &Rules, world: &World, w: WorkerId) -> bool {
    rules.has(Rule::AnyoneMayTestify) || (world.store.holder == Some(w) && world.store.lease_valid)
}

/// Writes what was learned about an attempt, unless the store already knows better: A never changes.
fn learn(store: &mut Store, slot: Slot, outcome: Outcome) {
    if store.outcome(slot) != Outcome::Accepted {
        store.set(slot, outcome);
    }
}

/// The end of T7, for the attempt `slot` that `w` called.
fn settle_as_refused(rules: &Rules, store: &mut Store, slot: Slot, w: WorkerId) {
    if store.msg.is_terminal() {
        return;
    }
    if store.another_is_open(slot) {
        if rules.dispatched_by(store, w) {
            store.release(Msg::InDoubt);
        }
    } else if store.was_restored() && rules.has(Rule::RestoredStoreNeverDenies) {
        store.release(Msg::Unresolved);
    } else {
        store.release(Msg::Refused);
    }
}
