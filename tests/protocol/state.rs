//! One state of the modelled world: the engine's store, two workers, the network and Meta.

/// Attempts one store epoch can number; every run is chosen so that it never needs more.
pub const ATTEMPTS_PER_EPOCH: u8 = 5;
/// Slots for attempts of the first epoch and of the one after a restore.
pub const SLOTS: usize = 2 * ATTEMPTS_PER_EPOCH as usize;

/// The state a message has in the store.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Msg {
    Held,
    Queued,
    Claimed,
    Dispatching,
    InDoubt,
    Accepted,
    Unresolved,
    Refused,
    Suppressed,
    /// Cancelled by the host or expired: both leave a pre-intent state for good.
    Withdrawn,
}

impl Msg {
    /// True for a state the engine leaves by itself no more; late evidence still may.
    pub fn is_terminal(self) -> bool {
        !matches!(self, Msg::Held | Msg::Queued | Msg::Claimed | Msg::Dispatching | Msg::InDoubt)
    }
}

/// What the store knows about an attempt.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// No such attempt is known to the store.
    Absent,
    /// P: the intent is committed, nothing was heard yet.
    Pending,
    /// U: the call ended in a way that proves nothing.
    Unknown,
    /// A: Meta has the message.
    Accepted,
    /// R: Meta refused it for good.
    Refused,
    /// N: proven not sent, or refused for now (a rate limit): it may be tried again.
    NotSent,
}

impl Outcome {
    /// P or U: a copy may be, or may come to be, at Meta.
    pub fn is_open(self) -> bool {
        matches!(self, Outcome::Pending | Outcome::Unknown)
    }
    /// P, U or A: what the unique index over at-most-once attempts counts.
    pub fn is_live(self) -> bool {
        self.is_open() || self == Outcome::Accepted
    }
}

/// The identity of an attempt: (epoch, n).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Slot(u8);

impl Slot {
    /// Attempt `n` (from 0) of `epoch` (0 or 1).
    pub fn new(epoch: u8, n: u8) -> Slot {
        Slot(epoch * ATTEMPTS_PER_EPOCH + n)
    }
    pub fn all() -> impl Iterator<Item = Slot> {
        (0..SLOTS as u8).map(Slot)
    }
    pub fn epoch(self) -> u8 {
        self.0 / ATTEMPTS_PER_EPOCH
    }
    pub fn number(self) -> u8 {
        self.0 % ATTEMPTS_PER_EPOCH
    }
    pub fn index(self) -> usize {
        usize::from(self.0)
    }
}

/// A worker process, 0 or 1.
pub type WorkerId = usize;

/// The durable rows about the one message.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Store {
    pub msg: Msg,
    /// Whose claim carries the message's present fence in the present epoch. Owner, fence and epoch are
    /// only ever compared for equality, so this one field stands for all three.
    pub holder: Option<WorkerId>,
    pub lease_valid: bool,
    pub epoch: u8,
    /// False between a restore and the operator's resume.
    pub dispatch_enabled: bool,
    pub opted_out: bool,
    pub attempts: [Outcome; SLOTS],
}

impl Store {
    pub fn outcome(&self, slot: Slot) -> Outcome {
        self.attempts[slot.index()]
    }
    pub fn set(&mut self, slot: Slot, outcome: Outcome) {
        self.attempts[slot.index()] = outcome;
    }
    /// The number the next attempt of this epoch gets, while the model has room for it.
    pub fn next_slot(&self) -> Option<Slot> {
        Slot::all().find(|s| s.epoch() == self.epoch && self.outcome(*s) == Outcome::Absent)
    }
    /// How many attempts satisfy `test`.
    pub fn count(&self, test: impl Fn(Slot, Outcome) -> bool) -> u8 {
        Slot::all().filter(|s| test(*s, self.outcome(*s))).count() as u8
    }
    /// Whether an attempt other than `slot` is pending or unknown.
    pub fn another_is_open(&self, slot: Slot) -> bool {
        self.count(|s, o| s != slot && o.is_open()) > 0
    }
    /// Takes the message out of its worker's hands: whatever the worker still does, its fence is lost.
    pub fn release(&mut self, to: Msg) {
        self.msg = to;
        self.holder = None;
        self.lease_valid = true;
    }
    pub fn was_restored(&self) -> bool {
        self.epoch > 0
    }
}

/// What a worker process holds in memory; a crash makes it `Idle`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Worker {
    Idle,
    /// It claimed the message.
    Claimed,
    /// Its intent is committed, the request has not left.
    Ready(Slot),
    /// The request left; `Some` is an answer that is on its way back.
    Calling(Slot, Option<Outcome>),
    /// The call is over and what it showed is not yet recorded.
    Holding(Slot, Outcome),
}

/// The delivery echo of an attempt.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Echo {
    None,
    OnItsWay,
    Delivered,
}

/// The truth about one attempt outside the engine.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Outside {
    /// Copies of the request still travelling to Meta.
    pub on_wire: u8,
    /// Copies Meta accepted: the ledger G.
    pub accepted: u8,
    pub echo: Echo,
}

/// Faults that may still happen.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Budget {
    pub crashes: u8,
    pub zombies: u8,
    pub power_losses: u8,
    pub backups: u8,
}

/// One state of everything.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct World {
    pub store: Store,
    /// The backup image, once taken and until restored.
    pub backup: Option<Store>,
    /// What the disk holds when it is behind the store, in runs with power loss.
    pub on_disk: Option<Store>,
    pub workers: [Worker; 2],
    pub outside: [Outside; SLOTS],
    pub left: Budget,
    /// Oracle: the contact has opted out, whatever the store remembers.
    pub opted_out: bool,
    /// Oracle: re-sends that T12 logged, per epoch.
    pub resends: [u8; 2],
}

impl World {
    /// A queued message, idle workers and the given faults to come.
    pub fn start(left: Budget) -> World {
        World {
            store: Store {
                msg: Msg::Queued,
                holder: None,
                lease_valid: true,
                epoch: 0,
                dispatch_enabled: true,
                opted_out: false,
                attempts: [Outcome::Absent; SLOTS],
            },
            backup: None,
            on_disk: None,
            workers: [Worker::Idle; 2],
            outside: [Outside { on_wire: 0, accepted: 0, echo: Echo::None }; SLOTS],
            left,
            opted_out: false,
            resends: [0; 2],
        }
    }

    /// Copies of the message at Meta: |G|.
    pub fn copies(&self) -> u8 {
        self.outside.iter().map(|o| o.accepted).sum()
    }
    /// Copies at Meta that attempts of `epoch` made.
    pub fn copies_in(&self, epoch: u8) -> u8 {
        Slot::all().filter(|s| s.epoch() == epoch).map(|s| self.outside[s.index()].accepted).sum()
    }

    /// The state in 256 bits, one to one: what the search remembers.
    pub fn pack(&self) -> Packed {
        let mut bits = Bits::default();
        bits.store(Some(&self.store));
        for worker in self.workers {
            let (kind, slot, finding) = match worker {
                Worker::Idle => (0, 0, 0),
                Worker::Claimed => (1, 0, 0),
                Worker::Ready(s) => (2, s.0, 0),
                Worker::Calling(s, answer) => (3, s.0, answer.map_or(0, |o| o as u8)),
                Worker::Holding(s, o) => (4, s.0, o as u8),
            };
            bits.push(kind, 3);
            bits.push(slot, 4);
            bits.push(finding, 3);
        }
        bits.push(u8::from(self.opted_out), 1);
        bits.next_word();
        bits.store(self.backup.as_ref());
        for left in [self.left.crashes, self.left.zombies, self.left.power_losses, self.left.backups] {
            bits.push(left, 2);
        }
        for resends in self.resends {
            bits.push(resends, 2);
        }
        bits.next_word();
        bits.store(self.on_disk.as_ref());
        bits.next_word();
        for o in self.outside {
            bits.push(o.on_wire, 2);
            bits.push(o.accepted, 2);
            bits.push(o.echo as u8, 2);
        }
        bits.words
    }
}

/// A state packed into four words.
pub type Packed = [u64; 4];

#[derive(Default)]
struct Bits {
    words: Packed,
    word: usize,
    used: u32,
}

impl Bits {
    fn push(&mut self, value: u8, width: u32) {
        debug_assert!(u32::from(value) < 1 << width, "a field outgrew its bits");
        debug_assert!(self.used + width <= u64::BITS, "a word is full");
        self.words[self.word] |= u64::from(value) << self.used;
        self.used += width;
    }
    fn next_word(&mut self) {
        self.word += 1;
        self.used = 0;
    }
    fn store(&mut self, store: Option<&Store>) {
        let Some(store) = store else { return self.push(0, 1) };
        self.push(1, 1);
        self.push(store.msg as u8, 4);
        self.push(store.holder.map_or(0, |w| w as u8 + 1), 2);
        self.push(u8::from(store.lease_valid), 1);
        self.push(store.epoch, 1);
        self.push(u8::from(store.dispatch_enabled), 1);
        self.push(u8::from(store.opted_out), 1);
        for outcome in store.attempts {
            self.push(outcome as u8, 3);
        }
    }
}
