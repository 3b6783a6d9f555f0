//! Restore drills: a copy is made at any moment of a campaign, the store goes on for a while and is lost, and the
//! copy takes its place.
//!
//! `CONEK_DRILLS=500 cargo test -p conek-tests --test engine drills -- --nocapture` holds as many; without it 10.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use conek_core::{
    Clock, Engine, PersonId, Purpose, Recipient,
    campaigns::CampaignState,
    consent::{ConsentSource, ConsentStatus},
    messaging::MessageState,
    rights::ErasureOptions,
};
use conek_simulator::{Fault, FaultRule, Say};
use conek_tests::{Chance, World, campaign, offer, phone, times};

const PEOPLE: usize = 40;
/// Drills at the same time.
const TOGETHER: usize = 3;

/// What drills came to.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
struct Tally {
    drills: usize,
    /// Sends that the copy knew nothing of.
    forgotten: usize,
    /// Messages that were held in it.
    held: usize,
    /// Messages that a human let go, and that left.
    released: usize,
    opted_out: usize,
    erased: usize,
    /// What ended after the copy was made.
    unknown_to_it: usize,
    duplicates: usize,
}

impl Tally {
    fn add(&mut self, other: &Self) {
        self.drills += other.drills;
        self.forgotten += other.forgotten;
        self.held += other.held;
        self.released += other.released;
        self.opted_out += other.opted_out;
        self.erased += other.erased;
        self.unknown_to_it += other.unknown_to_it;
        self.duplicates += other.duplicates;
    }
}

/// Somebody who wants no more, and how far the ledger was when that was acknowledged.
#[derive(Debug, Clone, Copy)]
struct Ended {
    at: usize,
    erased: bool,
}

struct Drill {
    world: World,
    people: Vec<PersonId>,
    chance: Chance,
    ended: BTreeMap<usize, Ended>,
    tally: Tally,
}

impl Drill {
    fn accepted(&self) -> u64 {
        self.world.simulator.stats()["accepted"].as_u64().unwrap_or(0)
    }

    /// Waits until so many messages have left, or all that can.
    async fn until(&self, engine: &Engine, many: u64) {
        for _ in 0..2_000 {
            let done = self.accepted();
            let status = engine.status().await.unwrap();
            if done >= many || (done > 0 && status.queued == 0 && status.in_flight == 0) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    /// Somebody ends something, in one of the ways there are; returns when it is acknowledged.
    async fn somebody_ends(&mut self, engine: &Engine) {
        let n = self.chance.below(PEOPLE as u64) as usize;
        if self.ended.contains_key(&n) {
            return;
        }
        let id = self.people[n].clone();
        let way = self.chance.below(4);
        match way {
            0 => {
                engine.rights().erase(id, ErasureOptions::default()).await.unwrap();
                self.tally.erased += 1;
            }
            1 => {
                engine.consent().withdraw(id, Purpose::Marketing, ConsentSource::Agent).await.unwrap();
            }
            _ => {
                let say = if way == 2 { Say::text("STOP") } else { Say::Preference { value: "stop".into() } };
                self.world.simulator.say(&phone(n), say).unwrap();
                // A person's word counts from when it is applied: what is only stored is lost with the store.
                while !said_no(engine, &id).await {
                    tokio::time::sleep(Duration::from_millis(1)).await;
                }
            }
        }
        self.tally.opted_out += usize::from(way > 0);
        self.ended.insert(n, Ended { at: self.world.simulator.ledger().len(), erased: way == 0 });
    }

    /// Whoever ended something is as they wanted it.
    async fn holds(&self, engine: &Engine) {
        for (n, ended) in &self.ended {
            let to = Recipient::Phone { number: phone(*n) };
            let contact = engine.contacts().lookup(to.clone()).await.unwrap();
            if ended.erased {
                assert!(contact.is_none(), "{n} is back");
                assert!(
                    engine.consent().is_suppressed(to).await.unwrap(),
                    "{n} was erased and is not listed"
                );
                continue;
            }
            assert!(contact.is_some_and(|c| c.id == self.people[*n]), "{n} is lost");
            assert!(said_no(engine, &self.people[*n]).await, "the no of {n} is not told any more");
            let again = engine.messages().send(offer(&self.people[*n])).await.unwrap_err();
            assert_eq!(again.code(), "denied", "the no of {n} is undone");
        }
    }

    /// How often each got the offer.
    fn judge(&mut self) -> BTreeMap<usize, usize> {
        let ledger = self.world.simulator.ledger();
        let mut copies = BTreeMap::new();
        let numbers: BTreeMap<String, usize> =
            (0..PEOPLE).map(|n| (phone(n).trim_start_matches('+').to_owned(), n)).collect();
        for entry in ledger.iter().filter(|e| e.template.as_deref() == Some("spring_offer")) {
            *copies.entry(numbers[&entry.to]).or_default() += 1;
        }
        self.tally.duplicates = copies.values().filter(|c| **c > 1).count();
        copies
    }
}

async fn said_no(engine: &Engine, id: &PersonId) -> bool {
    let history = engine.consent().history(id.clone()).await.unwrap();
    history.iter().any(|e| e.status == ConsentStatus::Withdrawn)
}

async fn drill(seed: u64) -> Tally {
    let mut chance = Chance(seed);
    let world = World::new(|o| o.seed = seed).await;
    let mut config = world.config();
    config.concurrency = Some(4);
    let engine = Engine::open(config, world.ports()).await.unwrap();
    engine.templates().put(conek_tests::spring_offer()).await.unwrap();
    *world.receiver.write().await = Some(engine.clone());
    let (id, people) = campaign(&engine, 0..PEOPLE).await;
    world.simulator.set_faults(vec![FaultRule::new(Fault::HangAfter { for_ms: Some(300) }).chance(0.5)]);
    let (copied, lost) = (chance.below(PEOPLE as u64), chance.below(PEOPLE as u64));
    let mut d = Drill { world, people, chance, ended: BTreeMap::new(), tally: Tally::default() };

    let (campaigns, started) = (engine.campaigns(), id.clone());
    let starting = tokio::spawn(async move { campaigns.start(started).await.map(drop) });
    let early = d.chance.below(3);
    for _ in 0..early {
        d.somebody_ends(&engine).await;
    }
    d.until(&engine, copied).await;
    // A copy of before it would not know that there is anybody to be reached.
    while engine.campaigns().progress(id.clone()).await.unwrap().state == CampaignState::Planned {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let copy = d.world.dir.path().join("copy.db").display().to_string();
    engine.backup(copy.clone()).await.unwrap();
    let known = d.ended.len();
    let sent_then = d.world.simulator.ledger().len();
    for _ in 0..1 + d.chance.below(4) {
        d.somebody_ends(&engine).await;
    }
    d.until(&engine, copied + lost).await;
    for _ in 0..d.chance.below(3) {
        d.somebody_ends(&engine).await;
    }
    d.tally.unknown_to_it = d.ended.len() - known;
    *d.world.receiver.write().await = None;
    engine.close().await.unwrap();
    drop(engine);
    // The campaign may have been cut off while it started.
    let _ = starting.await.unwrap();
    d.world.simulator.set_faults(Vec::new());
    let lost = d.world.simulator.ledger().len();
    d.tally.forgotten = lost - sent_then;

    let config = restored_config(&d.world, &copy).await;
    let opened_at = d.world.clock.now();
    let engine = Engine::open(config, d.world.ports()).await.unwrap();
    let status = engine.status().await.unwrap();
    assert!(status.waiting_to_resume && status.store_epoch == 2, "{status:?}");
    d.holds(&engine).await;
    *d.world.receiver.write().await = Some(engine.clone());
    d.world.clock.advance(Duration::from_secs(60));
    d.world.settle(&engine).await;
    assert_eq!(d.world.simulator.ledger().len(), lost, "nothing leaves before resume");
    engine.resume().await.unwrap();
    d.world.settle(&engine).await;
    let at_rest = d.world.simulator.ledger().len();
    let held = engine.messages().held(None, 1_000).await.unwrap().messages;
    d.tally.held = held.len();
    if d.chance.below(2) == 0 {
        // The webhooks of that time come again, and what nobody proves is let go.
        let all: Vec<u64> = d.world.simulator.webhooks().iter().map(|w| w.id).collect();
        d.world.simulator.redeliver(Some(&all));
        d.world.settle(&engine).await;
        let reached = d.judge();
        for m in engine.messages().held(None, 1_000).await.unwrap().messages {
            let n = d.people.iter().position(|p| *p == m.person).unwrap();
            if reached.contains_key(&n) {
                // Of what the copy queued itself, in place of the lost store, nothing can prove it; and the
                // confirmation of a no is not what they have.
                assert!(
                    m.created_at >= opened_at || m.purpose == Purpose::OptOutConfirmation,
                    "seed {seed}: {n} has it, and it is held: {m:?}"
                );
            } else {
                engine.messages().release(m.id).await.unwrap();
            }
        }
        d.world.settle(&engine).await;
        d.tally.released = d.world.simulator.ledger().len() - at_rest;
    }
    let copies = d.judge();
    let ledger = d.world.simulator.ledger();
    for (n, ended) in &d.ended {
        let to = phone(*n).trim_start_matches('+').to_owned();
        let late = ledger
            .iter()
            .skip(lost.max(ended.at))
            .filter(|e| e.to == to && e.template.as_deref() == Some("spring_offer"));
        assert_eq!(late.count(), 0, "seed {seed}: {n} got the offer after {ended:?}");
    }
    d.holds(&engine).await;
    let mut waiting = BTreeSet::new();
    for (n, person) in d.people.iter().enumerate().filter(|(n, _)| !d.ended.contains_key(n)) {
        for m in engine.messages().of_person(person.clone(), 10).await.unwrap() {
            if matches!(m.state, MessageState::Held | MessageState::InDoubt) {
                waiting.insert(n);
            }
        }
        let got = copies.get(&n).copied().unwrap_or(0);
        assert!(got == 1 || waiting.contains(&n), "seed {seed}: {n} got {got}, and nothing waits");
    }
    let report = engine.verify(true).await.unwrap();
    assert!(report.sound, "seed {seed}: {:?}", report.problems);
    assert_eq!(d.tally.duplicates, 0, "seed {seed}: {:?}", d.tally);
    engine.close().await.unwrap();
    d.tally.drills = 1;
    d.tally
}

/// The copy takes the place of the database; key file and journal lie where they lay.
async fn restored_config(world: &World, copy: &str) -> conek_core::Config {
    if world.database.is_some() {
        let mut config = world.copied(copy).await;
        config.key_file = Some(format!("{}.key", world.path().display()));
        return config;
    }
    let db = world.path().display().to_string();
    for end in ["-wal", "-shm"] {
        let _ = std::fs::remove_file(format!("{db}{end}"));
    }
    std::fs::copy(copy, db).unwrap();
    world.config()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_copy_of_any_moment_sends_nothing_twice_and_undoes_no_no() {
    let wanted = times("CONEK_DRILLS", 10);
    let mut sum = Tally::default();
    let mut seed = 0;
    let mut running = tokio::task::JoinSet::new();
    while seed < wanted || !running.is_empty() {
        while seed < wanted && running.len() < TOGETHER {
            seed += 1;
            running.spawn(drill(seed));
        }
        if let Some(done) = running.join_next().await {
            sum.add(&done.expect("a drill"));
        }
    }
    println!("{} restore drills: {} duplicates ({sum:?})", sum.drills, sum.duplicates);
    assert_eq!(sum.drills as u64, wanted);
    assert!(wanted < 10 || (sum.forgotten > 0 && sum.unknown_to_it > 0), "nothing was lost: {sum:?}");
    assert!(wanted < 100 || sum.released > 0, "nothing was let go: {sum:?}");
}
