//! What must always be true: the promises, checked on every state, every step and every end.

use super::state::{Echo, Msg, Outcome, Slot, Worker, World};
use super::steps::Step;
use super::table::Class;

/// A promise of the protocol.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Invariant {
    /// At most once: Meta never has two copies.
    I1,
    /// At least once: at most `max` copies an epoch, and a logged re-send for every extra one.
    I2,
    /// ACCEPTED means that Meta has a copy.
    I3,
    /// REFUSED means that Meta has none.
    I4,
    /// Once all is quiet the message is in a terminal state, and ACCEPTED if an echo of it was delivered.
    I5,
    /// No intent is committed after the contact's opt-out.
    I6,
    /// An accepted attempt stays accepted.
    I8,
    /// An answer that a live process holds is stored.
    I9,
    /// A token of another store never changes a message.
    I13,
    /// With the faults over, every run comes to an end: the queue drains.
    L1,
    /// With the faults over, a doubt about a message Meta has is resolved by its echo.
    L2,
}

/// What broke, and how.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Broken {
    pub invariant: Invariant,
    pub why: &'static str,
}

/// Checks one condition after another and keeps the first that fails.
fn first_broken(checks: &[(bool, Invariant, &'static str)]) -> Option<Broken> {
    checks.iter().find(|c| !c.0).map(|&(_, invariant, why)| Broken { invariant, why })
}

/// The promises about a single state.
pub fn of_state(class: Class, world: &World) -> Option<Broken> {
    let msg = world.store.msg;
    let copies = world.copies();
    let amo = class == Class::AtMostOnce;
    let within = |epoch: u8| match class {
        Class::AtMostOnce => true,
        Class::AtLeastOnce { max } => {
            let allowed = (1 + world.resends[usize::from(epoch)]).min(max);
            world.copies_in(epoch) <= allowed
        }
    };
    first_broken(&[
        (!amo || copies <= 1, Invariant::I1, "Meta has two copies of an at-most-once message"),
        (within(0) && within(1), Invariant::I2, "Meta has a copy that no policy decided on"),
        (msg != Msg::Accepted || copies >= 1, Invariant::I3, "ACCEPTED, but Meta has no copy"),
        (msg != Msg::Refused || copies == 0, Invariant::I4, "REFUSED, but Meta has a copy"),
    ])
}

/// The promises about one step.
pub fn of_step(before: &World, step: Step, after: &World) -> Option<Broken> {
    let consent = !matches!(step, Step::Intent(_)) || !before.opted_out;
    // A restored image is allowed to forget; nothing else is.
    let kept = step == Step::Restore
        || Slot::all().all(|s| {
            before.store.outcome(s) != Outcome::Accepted || after.store.outcome(s) == Outcome::Accepted
        });
    let recorded = match (step, answer_held(before, step)) {
        (Step::RecordAccepted(_), Some(slot)) => after.store.outcome(slot) == Outcome::Accepted,
        (Step::RecordRefused(_), Some(slot)) => {
            matches!(after.store.outcome(slot), Outcome::Refused | Outcome::Accepted)
        }
        _ => true,
    };
    let own = step != Step::ForeignEvidence || before.store == after.store;
    first_broken(&[
        (consent, Invariant::I6, "an intent was committed after the opt-out"),
        (kept, Invariant::I8, "an accepted attempt was changed or forgotten"),
        (recorded, Invariant::I9, "a live process held Meta's answer and it was thrown away"),
        (own, Invariant::I13, "a foreign token changed a message"),
    ])
}

/// The attempt whose answer the recording worker holds.
fn answer_held(before: &World, step: Step) -> Option<Slot> {
    let (Step::RecordAccepted(w) | Step::RecordRefused(w)) = step else { return None };
    match before.workers[w] {
        Worker::Holding(slot, _) => Some(slot),
        _ => None,
    }
}

/// The promises about a state in which nothing more happens by itself. After a restore the evidence may be
/// gone with the forgotten time, and an echo that was lost resolves nothing.
pub fn of_quiet_state(echoes_may_be_lost: bool, world: &World) -> Option<Broken> {
    let msg = world.store.msg;
    let echoed = world.outside.iter().any(|o| o.echo == Echo::Delivered);
    let accepted = msg == Msg::Accepted;
    let restored = world.store.was_restored();
    let resolved = world.copies() == 0 || accepted;
    first_broken(&[
        (msg.is_terminal(), Invariant::I5, "all is quiet and the message is in no terminal state"),
        (
            !echoed || accepted || restored,
            Invariant::I5,
            "an echo was delivered and the message is not ACCEPTED",
        ),
        (
            resolved || restored || echoes_may_be_lost,
            Invariant::L2,
            "Meta has the message and its echo resolved nothing",
        ),
    ])
}
