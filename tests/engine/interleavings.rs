//! A no and a send that meet, in every order that chance finds: once the no is stored, no intent is.
//!
//! `CONEK_INTERLEAVINGS=100000 cargo test -p conek-tests --test engine interleavings -- --nocapture` plays as many
//! people; without it 1,000.

use std::{
    collections::{HashMap, HashSet},
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use conek_core::{
    Clock, Engine, PersonId, Ports, Purpose, Result, Storage, VirtualClock,
    consent::ConsentSource,
    storage::{Batch, Claim, Committed, Key, Memory, Page, Query, Record, Verification, Write},
};
use conek_tests::{
    APP_SECRET, Answering, Chance, NUMBER, TUESDAY, consenting, offer, phone, signed, spring_offer, times,
};
use serde_json::{Value, json};

/// People who are asked and say no at the same time.
const TOGETHER: u64 = 8;
/// People of one storage.
const MOST: u64 = 800;

/// What happened, in the order in which it was stored.
#[derive(Debug, Default)]
struct Seen {
    /// Whose no is stored.
    stopped: HashSet<String>,
    /// Whose intent is stored.
    intended: HashSet<String>,
    tally: Tally,
}

#[derive(Debug, Default, Clone, PartialEq, Eq)]
struct Tally {
    people: u64,
    /// Intents that were stored; the no came later or never.
    intents: u64,
    /// Intents that were not, because the person had changed since the gate looked.
    refused: u64,
    /// Intents after a no.
    violations: u64,
    restarts: u64,
}

/// A memory that gives the others a turn before whatever is done, by chance, and notes what was stored when.
#[derive(Debug)]
struct Turns {
    inner: Memory,
    chance: Mutex<Chance>,
    seen: Mutex<Seen>,
    /// What is noted is noted in the order in which it is stored.
    order: tokio::sync::Mutex<()>,
    /// How often somebody had a turn.
    turns: AtomicU64,
    /// Takes the person's version out of what an intent expects: then the oracle must see what happens.
    blind: AtomicBool,
}

impl Turns {
    fn new(seed: u64, blind: bool) -> Self {
        Self {
            inner: Memory::default(),
            chance: Mutex::new(Chance(seed)),
            seen: Mutex::default(),
            order: tokio::sync::Mutex::default(),
            turns: AtomicU64::new(0),
            blind: AtomicBool::new(blind),
        }
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap()
    }

    fn below(&self, n: u64) -> u64 {
        self.chance.lock().unwrap().below(n)
    }

    /// Lets some others go first, where there are any.
    async fn turn(&self, most: u64) {
        let until = self.turns.load(Ordering::Relaxed) + self.below(most);
        for _ in 0..20 * most {
            if self.turns.load(Ordering::Relaxed) >= until {
                break;
            }
            tokio::task::yield_now().await;
        }
        self.turns.fetch_add(1, Ordering::Relaxed);
    }

    /// The intent as it would be stored by an engine that forgot what P5 demands.
    async fn blinded(&self, mut batch: Batch) -> Result<Batch> {
        for write in &mut batch.writes {
            if let Write::Check { key, version } = write
                && key.kind == "contact"
                && let Some(Some(there)) = self.inner.get(vec![key.clone()]).await?.pop()
            {
                *version = there.version;
            }
        }
        Ok(batch)
    }
}

/// Whose marketing a batch begins to send, if it does.
fn intent(batch: &Batch) -> Option<&str> {
    let marketing = batch.writes.iter().any(|w| {
        matches!(w, Write::Change { patch } if patch.key.kind == "message"
            && patch.clear.as_ref().is_some_and(|c| c.contains("\"purpose\":\"marketing\"")))
    });
    batch.writes.iter().filter(|_| marketing).find_map(|w| match w {
        Write::Insert { record } if record.kind == "attempt" => record.subjects.first().map(String::as_str),
        _ => None,
    })
}

/// Whose no a batch stores.
fn no(batch: &Batch) -> impl Iterator<Item = &str> {
    batch.writes.iter().filter_map(|w| match w {
        Write::Insert { record } if record.kind == "consent" && record.state == "withdrawn" => {
            record.subjects.first().map(String::as_str)
        }
        _ => None,
    })
}

#[async_trait]
impl Storage for Turns {
    async fn commit(&self, batches: Vec<Batch>) -> Result<Vec<Committed>> {
        // Between the gate's look and the intent lies the moment that matters.
        let matters = batches.iter().any(|b| intent(b).is_some() || no(b).next().is_some());
        self.turn(if matters { 12 } else { 3 }).await;
        let _order = self.order.lock().await;
        let mut stored = Vec::with_capacity(batches.len());
        for batch in batches.clone() {
            let blind = self.blind.load(Ordering::Relaxed) && intent(&batch).is_some();
            stored.push(if blind { self.blinded(batch).await? } else { batch });
        }
        let done = self.inner.commit(stored).await?;
        let mut seen = self.seen();
        for (batch, done) in batches.iter().zip(&done) {
            let is_done = matches!(done, Committed::Done { .. });
            if let Some(person) = intent(batch) {
                if is_done {
                    seen.tally.intents += 1;
                    seen.tally.violations += u64::from(seen.stopped.contains(person));
                    seen.intended.insert(person.to_owned());
                } else {
                    seen.tally.refused += 1;
                }
            }
            seen.stopped.extend(no(batch).filter(|_| is_done).map(str::to_owned));
        }
        Ok(done)
    }
    async fn get(&self, keys: Vec<Key>) -> Result<Vec<Option<Record>>> {
        let found = self.inner.get(keys).await;
        self.turn(3).await;
        found
    }
    async fn find(&self, query: Query) -> Result<Page> {
        self.turn(2).await;
        self.inner.find(query).await
    }
    async fn count(&self, query: Query) -> Result<i64> {
        self.inner.count(query).await
    }
    async fn claim(&self, work: Claim) -> Result<Vec<Record>> {
        self.turn(4).await;
        self.inner.claim(work).await
    }
    async fn backup(&self, to: String) -> Result<()> {
        self.inner.backup(to).await
    }
    async fn verify(&self) -> Result<Verification> {
        self.inner.verify().await
    }
}

/// How somebody says no.
#[derive(Clone, Copy)]
enum No {
    /// To a clerk of the host's.
    Told,
    /// In words.
    Written,
    /// With WhatsApp's own switch.
    Switched,
    /// Not at all.
    Never,
}

fn webhook(n: usize, field: &str, part: (&str, Value), clock: &VirtualClock) -> Vec<u8> {
    let digits = phone(n).trim_start_matches('+').to_owned();
    let mut value = json!({
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "15550783881", "phone_number_id": NUMBER},
        "contacts": [{"profile": {"name": "Thandi"}, "wa_id": digits}]
    });
    let mut said = part.1;
    said["timestamp"] = json!(clock.now().timestamp().to_string());
    value[part.0] = json!([said]);
    let hook = json!({"object": "whatsapp_business_account",
        "entry": [{"id": "1", "changes": [{"value": value, "field": field}]}]});
    hook.to_string().into_bytes()
}

async fn say(engine: &Engine, clock: &VirtualClock, n: usize, person: PersonId, how: No) {
    let digits = phone(n).trim_start_matches('+').to_owned();
    let body = match how {
        No::Never => return,
        No::Told => {
            engine.consent().withdraw(person, Purpose::Marketing, ConsentSource::Agent).await.unwrap();
            return;
        }
        No::Written => {
            let text = json!({"from": digits, "id": format!("wamid.stop{n}"), "type": "text", "text": {"body": "STOP"}});
            webhook(n, "messages", ("messages", text), clock)
        }
        No::Switched => {
            let switch =
                json!({"wa_id": digits, "detail": "d", "category": "marketing_messages", "value": "stop"});
            webhook(n, "user_preferences", ("user_preferences", switch), clock)
        }
    };
    assert_eq!(engine.inbound().handle_http(signed(&body, APP_SECRET)).await.unwrap().status, 200);
}

struct Stage {
    storage: Arc<Turns>,
    clock: Arc<VirtualClock>,
    key: String,
}

impl Stage {
    async fn engine(&self) -> Engine {
        let mut config = conek_tests::config("", "http://127.0.0.1:9", "token");
        (config.path, config.key_file) = (None, Some(self.key.clone()));
        let ports = Ports {
            storage: Some(self.storage.clone()),
            transport: Some(Arc::new(Answering::new(None, self.clock.clone()).unwrap())),
            clock: Some(self.clock.clone()),
            ..Ports::default()
        };
        let engine = Engine::open(config, ports).await.unwrap();
        engine.templates().put(spring_offer()).await.unwrap();
        engine
    }
}

/// Plays so many people on one storage.
async fn play(seed: u64, people: u64, blind: bool) -> Tally {
    let dir = tempfile::tempdir().unwrap();
    let clock = Arc::new(VirtualClock::at(TUESDAY.parse().unwrap()));
    let key = dir.path().join("key").display().to_string();
    let stage = Stage { storage: Arc::new(Turns::new(seed, blind)), clock: clock.clone(), key };
    let mut chance = Chance(seed);
    let mut engine = stage.engine().await;
    let (mut asked, mut nos) = (0, HashMap::new());
    while asked < people {
        let some = asked..people.min(asked + TOGETHER);
        asked = some.end;
        let mut meeting = tokio::task::JoinSet::new();
        for n in some {
            let n = n as usize;
            let person = consenting(&engine, &phone(n)).await.unwrap();
            let how = [No::Told, No::Written, No::Switched, No::Never][chance.below(4) as usize];
            nos.insert(person.as_str().to_owned(), !matches!(how, No::Never));
            let (sender, listener, clock) = (engine.clone(), engine.clone(), clock.clone());
            let to = person.clone();
            meeting.spawn(async move {
                match sender.messages().send(offer(&to)).await {
                    Err(e) if !matches!(e.code(), "denied" | "closed") => panic!("{e}"),
                    _ => {}
                }
            });
            let late = chance.below(12);
            meeting.spawn(async move {
                for _ in 0..late {
                    tokio::task::yield_now().await;
                }
                say(&listener, &clock, n, person, how).await;
            });
        }
        while let Some(met) = meeting.join_next().await {
            met.unwrap();
        }
        // Now and then the engine goes away before everything has come to rest, and another one takes over.
        if chance.below(5) == 0 {
            if chance.below(2) == 0 {
                engine.close().await.unwrap();
            }
            // Without closing, what it had begun may still go on beside the next one.
            engine = stage.engine().await;
            stage.storage.seen().tally.restarts += 1;
        }
        clock.advance(Duration::from_secs(1));
    }
    // What an engine that went away had taken comes back when its lease ends.
    for _ in 0..1_000 {
        assert!(engine.settle(60_000).await.unwrap());
        let status = engine.status().await.unwrap();
        if status.queued + status.in_flight == 0 {
            break;
        }
        clock.advance(Duration::from_secs(10));
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    engine.close().await.unwrap();
    let seen = stage.storage.seen();
    for (person, said_no) in &nos {
        assert_eq!(seen.stopped.contains(person), *said_no, "seed {seed}: a no was lost, or invented");
        assert!(
            *said_no || seen.intended.contains(person),
            "seed {seed}: {person} said nothing and was not written to"
        );
    }
    Tally { people, ..seen.tally.clone() }
}

async fn all(wanted: u64, blind: bool) -> Tally {
    let mut sum = Tally::default();
    let (mut seed, mut left) = (0, wanted);
    let mut running = tokio::task::JoinSet::new();
    while left > 0 || !running.is_empty() {
        while left > 0 && running.len() < 2 {
            let people = MOST.min(left);
            left -= people;
            seed += 1;
            running.spawn(play(seed, people, blind));
        }
        if let Some(done) = running.join_next().await {
            let t = done.unwrap();
            sum.people += t.people;
            sum.intents += t.intents;
            sum.refused += t.refused;
            sum.violations += t.violations;
            sum.restarts += t.restarts;
        }
    }
    sum
}

#[tokio::test(flavor = "multi_thread")]
async fn no_interleaving_stores_an_intent_after_a_no() {
    let wanted = times("CONEK_INTERLEAVINGS", 1_000);
    let sum = all(wanted, false).await;
    println!(
        "{} interleavings of a no and a send: {} intents after a no ({sum:?})",
        sum.people, sum.violations
    );
    assert_eq!((sum.people, sum.violations), (wanted, 0), "{sum:?}");
    assert!(wanted < 1_000 || (sum.refused > 0 && sum.intents < wanted), "nothing met: {sum:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_intent_that_does_not_look_at_the_person_is_seen() {
    let sum = all(400, true).await;
    assert!(sum.violations > 0, "the oracle sees nothing: {sum:?}");
}
