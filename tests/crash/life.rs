//! One database and the processes that die on it, one after the other.

use std::{
    collections::BTreeSet,
    io::{BufRead, BufReader, Write},
    process::{Child, Command, Stdio},
    sync::Arc,
    time::Duration,
};

use chrono::TimeDelta;
use conek_core::Clock;
use conek_simulator::FaultRule;
use conek_tests::{World, code_at_whatsapp, phone};
use serde_json::Value;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

/// People who consented to the offer.
pub(crate) const OFFERS: usize = 24;
/// People who wait for something that may be repeated: even ones a password, odd ones a legal notice.
pub(crate) const CODES: usize = 6;

/// A running process of the host.
pub(crate) struct Process {
    child: Child,
    lines: UnboundedReceiver<String>,
}

impl Process {
    pub(crate) fn start(command: &mut Command) -> Self {
        let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = piped.spawn().expect("a process");
        let out = child.stdout.take().expect("its output");
        let (to, lines) = unbounded_channel();
        std::thread::spawn(move || {
            for line in BufReader::new(out).lines().map_while(Result::ok) {
                if to.send(line).is_err() {
                    return;
                }
            }
        });
        Self { child, lines }
    }
    /// Ends it the hard way.
    pub(crate) fn kill(&mut self) {
        let _ = self.child.kill();
    }
    pub(crate) fn ask(&mut self, line: &str) {
        // A process that died meanwhile does not listen; the answer's absence tells.
        if let Some(to) = self.child.stdin.as_mut() {
            let _ = writeln!(to, "{line}");
        }
    }
    pub(crate) async fn next(&mut self) -> Option<String> {
        let line = tokio::time::timeout(Duration::from_secs(60), self.lines.recv()).await;
        line.expect("the process neither answers nor ends")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A database, the world around it, and what the host was told about it.
pub(crate) struct Life {
    pub(crate) world: Arc<World>,
    /// Ids of messages that `send` reported as queued, in some process.
    acknowledged: BTreeSet<String>,
    /// Whether `start` of the campaign ever returned.
    started: bool,
    rounds: u32,
}

/// What a life came to.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) kills: usize,
    pub(crate) messages: usize,
    /// Acknowledged and gone, or at rest without an end.
    pub(crate) lost: usize,
    /// At most once, and more than once in the ledger.
    pub(crate) duplicates: usize,
    /// In doubt and not in the ledger: the process died between intent and request.
    pub(crate) unknowable: usize,
    /// Further copies of what may be repeated.
    pub(crate) repeated: usize,
    /// Kills that came after the first acceptance and before the last one.
    pub(crate) midway: usize,
}

impl Tally {
    pub(crate) fn add(&mut self, other: &Self) {
        self.kills += other.kills;
        self.messages += other.messages;
        self.lost += other.lost;
        self.duplicates += other.duplicates;
        self.unknowable += other.unknowable;
        self.repeated += other.repeated;
        self.midway += other.midway;
    }
}

/// The length of the ledger.
pub(crate) struct Accepted(Arc<World>);

impl Accepted {
    pub(crate) fn now(&self) -> u64 {
        self.0.simulator.stats()["accepted"].as_u64().unwrap_or(0)
    }
}

impl Life {
    pub(crate) async fn new(seed: u64, faults: Vec<FaultRule>) -> Self {
        let world = World::new(|o| {
            o.seed = seed;
            o.templates.push(code_at_whatsapp());
        })
        .await;
        world.simulator.set_faults(faults);
        Self { world: Arc::new(world), acknowledged: BTreeSet::new(), started: false, rounds: 0 }
    }

    /// Starts a process on the database; it ends by itself at `point`, if there is one.
    pub(crate) fn spawn(&self, point: &str) -> Process {
        Process::start(
            Command::new(env!("CARGO_BIN_EXE_crash-child"))
                .env("CHILD_DB", self.world.path())
                .env("CHILD_WHATSAPP", self.world.simulator.base_url())
                .env("CHILD_TOKEN", self.world.simulator.token())
                .env("CHILD_NOW", self.world.clock.now().to_rfc3339())
                .env("CHILD_POINT", point)
                .env("CHILD_OFFERS", OFFERS.to_string())
                .env("CHILD_CODES", CODES.to_string()),
        )
    }

    /// Reads lines until one begins with `word`; `None` when the process ended before.
    pub(crate) async fn hear(&mut self, process: &mut Process, word: &str) -> Option<String> {
        loop {
            let line = process.next().await?;
            let (first, rest) = line.split_once(' ').unwrap_or((&line, ""));
            match first {
                "queued" => drop(self.acknowledged.insert(rest.to_owned())),
                "started" => self.started = true,
                "error" => panic!("the host met an error: {rest}"),
                "ready" => {
                    self.world.simulator.set_webhook(rest).expect("an address of this machine");
                    // Starting took time that the process did not see: its clock must not be behind
                    // that of the one before it, or what was due then is not due yet.
                    self.pass(process, TimeDelta::zero());
                }
                _ => {}
            }
            if first == word {
                return Some(rest.to_owned());
            }
        }
    }

    /// Lets a process do its work; `None` when it died on the way.
    pub(crate) async fn work(&mut self, process: &mut Process) -> Option<()> {
        self.hear(process, "ready").await?;
        process.ask("work");
        self.hear(process, "worked").await?;
        self.settle(process).await
    }

    async fn settle(&mut self, process: &mut Process) -> Option<()> {
        for _ in 0..50 {
            process.ask("settle");
            let settled = self.hear(process, "settled").await? == "true";
            let idle = self.world.simulator.run_until_idle().await.idle;
            process.ask(&format!("at {}", self.world.clock.now().to_rfc3339()));
            process.ask("settle");
            let still = self.hear(process, "settled").await? == "true";
            if settled && idle && still && self.world.simulator.idle().idle {
                return Some(());
            }
        }
        panic!("it does not come to rest");
    }

    async fn report(&mut self, process: &mut Process) -> Option<Value> {
        process.ask("report");
        let json = self.hear(process, "report").await?;
        Some(serde_json::from_str(&json).expect("a report"))
    }

    fn pass(&self, process: &mut Process, time: TimeDelta) {
        self.world.clock.advance(time.to_std().unwrap_or_default());
        process.ask(&format!("at {}", self.world.clock.now().to_rfc3339()));
    }

    /// Starts a last process, lets it live, and holds what it says against the ledger.
    pub(crate) async fn end(mut self, kills: usize) -> Tally {
        self.world.simulator.set_faults(Vec::new());
        let mut process = self.spawn("");
        self.work(&mut process).await.expect("nothing kills it now");
        let mut report = Value::Null;
        // What waits for its time leaves, and what may be repeated is repeated after its own, once later messages show that proof would have come.
        for _ in 0..40 {
            report = self.report(&mut process).await.expect("it lives");
            let waits = |m: &Value| ["queued", "claimed", "dispatching"].iter().any(|s| m["state"] == *s);
            let open = messages(&report).any(|m| waits(m) || (repeatable(m) && m["state"] != "accepted"));
            if !open {
                break;
            }
            self.rounds += 1;
            self.pass(&mut process, TimeDelta::seconds(20));
            process.ask(&format!("witness {}", self.rounds));
            self.hear(&mut process, "witnessed").await.expect("it lives");
            self.settle(&mut process).await.expect("it lives");
            let wait = if self.rounds == 1 { TimeDelta::minutes(31) } else { TimeDelta::seconds(20) };
            self.pass(&mut process, wait);
            tokio::time::sleep(Duration::from_millis(20)).await;
            self.settle(&mut process).await.expect("it lives");
        }
        process.ask("close");
        self.judge(&report, kills)
    }

    fn judge(&self, report: &Value, kills: usize) -> Tally {
        let ledger = self.world.simulator.ledger();
        let mut tally = Tally { kills, ..Tally::default() };
        let mut known = BTreeSet::new();
        for m in messages(report) {
            tally.messages += 1;
            known.insert(text(m, "id"));
            let to = phone(m["to"].as_u64().unwrap_or(0) as usize);
            let template = if repeatable(m) { "code" } else { "spring_offer" };
            let copies = ledger
                .iter()
                .filter(|e| e.to == to.trim_start_matches('+') && e.template.as_deref() == Some(template))
                .count();
            let most = match m["purpose"].as_str() {
                Some("authentication") => 2,
                Some("legal_notice") => 3,
                _ => 1,
            };
            let attempts = m["attempts"].as_u64().unwrap_or(0) as usize;
            if copies > most {
                tally.duplicates += 1;
            }
            tally.repeated += copies.saturating_sub(1);
            assert!(copies <= attempts, "a copy without an attempt: {m}");
            match text(m, "state").as_str() {
                // I3, and its proof came: I5.
                "accepted" => assert!(copies >= 1, "accepted, and WhatsApp knows nothing of it: {m}"),
                "refused" | "suppressed" | "cancelled" | "expired" => {
                    assert_eq!(copies, 0, "denied, and sent: {m}")
                }
                "in_doubt" | "unresolved" => {
                    assert!(!repeatable(m), "it may be repeated and was not: {m}");
                    assert_eq!(copies, 0, "its echo was delivered and it is in doubt: {m}");
                    assert_eq!(attempts, 1, "in doubt without an intent: {m}");
                    tally.unknowable += 1;
                }
                _ => {
                    println!("at rest without an end: {m}, {copies} copies");
                    tally.lost += 1;
                }
            }
        }
        for id in self.acknowledged.difference(&known) {
            println!("acknowledged and gone: {id}");
            tally.lost += 1;
        }
        let campaigns = report["campaigns"].as_array().expect("campaigns");
        assert_eq!(campaigns.len(), 1);
        let of = |name: &str| campaigns[0][name].as_i64().unwrap_or(i64::MIN);
        let sum: i64 =
            ["waiting", "sending", "sent", "refused", "denied", "dropped", "in_doubt", "unresolved"]
                .map(of)
                .iter()
                .sum();
        assert_eq!((of("planned"), sum), (OFFERS as i64, OFFERS as i64), "conservation: {}", campaigns[0]);
        assert_eq!(tally.messages, OFFERS + CODES);
        assert!(
            ledger
                .iter()
                .all(|e| e.template.as_deref() == Some("code")
                    || e.template.as_deref() == Some("spring_offer")),
            "something else was sent"
        );
        tally
    }

    /// How many messages WhatsApp has accepted, to be asked while the host works.
    pub(crate) fn accepted(&self) -> Accepted {
        Accepted(self.world.clone())
    }

    /// Whether the host was told that its campaign had started.
    pub(crate) fn was_started(&self) -> bool {
        self.started
    }
}

fn messages(report: &Value) -> impl Iterator<Item = &Value> {
    report["messages"].as_array().into_iter().flatten()
}

fn repeatable(m: &Value) -> bool {
    m["purpose"] != "marketing"
}

fn text(m: &Value, name: &str) -> String {
    m[name].as_str().unwrap_or_default().to_owned()
}
