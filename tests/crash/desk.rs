//! A store, and the clerks that die at it, one after the other.

use std::{collections::BTreeMap, process::Command, sync::Arc, time::Duration};

use chrono::TimeDelta;
use conek_core::{Clock, Engine, Timestamp, VirtualClock};
use conek_tests::{Chance, code_template};

use crate::{
    book::{Book, Is, unlocked},
    duty::{Duty, LEDGER, key_file, opening, recipient},
    life::Process,
};

/// People who are there to stay.
pub(crate) const PEOPLE: usize = 24;
/// People of each day whose time ends with it.
const EACH_DAY: usize = 5;
const DAYS: i64 = 8;
const BEGIN: &str = "2024-11-26T09:00:00+02:00";
/// When the first day's people end: two years later.
const FIRST_END: &str = "2026-11-26T10:00:00+02:00";

fn moment(text: &str) -> Timestamp {
    text.parse().expect("a moment")
}

/// The end of the so-many-th day, as duties write it.
pub(crate) fn end_of(day: i64) -> String {
    (moment(FIRST_END) + TimeDelta::days(day)).to_rfc3339()
}

/// The people of a day.
fn of_day(day: i64) -> impl Iterator<Item = usize> {
    let first = 1_000 + 100 * day as usize;
    first..first + EACH_DAY
}

/// A store as every life finds it.
pub(crate) struct Seed {
    folder: tempfile::TempDir,
    book: Book,
    /// The ids of its people.
    ids: BTreeMap<usize, String>,
}

impl Seed {
    pub(crate) async fn sow() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let clock = Arc::new(VirtualClock::at(moment(BEGIN)));
        let store = folder.path().join("store");
        std::fs::create_dir(&store).expect("a folder");
        let db = store.join("conek.db").display().to_string();
        let (config, ports) = opening(&db, clock.clone()).expect("it fits");
        let engine = Engine::open(config, ports).await.expect("it opens");
        engine.templates().put(code_template()).await.expect("it fits");
        let mut seed = Self { folder, book: Book::default(), ids: BTreeMap::new() };
        for day in 0..DAYS {
            for n in of_day(day) {
                seed.done(&engine, &clock, Duty::List(n)).await;
                seed.done(&engine, &clock, Duty::Tell(n, 0)).await;
                seed.book.ends(&end_of(day), &Duty::List(n));
            }
            assert!(engine.settle(60_000).await.expect("it rests"));
            clock.advance(Duration::from_secs(86_400));
        }
        clock.advance_to(moment(FIRST_END) - TimeDelta::days(31) - TimeDelta::hours(1));
        for n in 0..PEOPLE {
            seed.done(&engine, &clock, Duty::Add(n)).await;
            seed.done(&engine, &clock, Duty::Tell(n, 0)).await;
            seed.done(&engine, &clock, Duty::Ask(n)).await;
        }
        // Not until the month's end, whose answers would be over together.
        for day in 0..5 {
            for n in 0..EACH_DAY {
                let answer = Duty::Answer(n, 50 + day as usize);
                seed.done(&engine, &clock, answer.clone()).await;
                seed.book.ends(&end_of(day), &answer);
            }
            assert!(engine.settle(60_000).await.expect("it rests"));
            clock.advance(Duration::from_secs(86_400));
        }
        engine.close().await.expect("it closes");
        seed
    }

    async fn done(&mut self, engine: &Engine, clock: &VirtualClock, duty: Duty) {
        duty.perform(engine, clock, "").await.expect("it is done");
        self.book.note(&duty, Is::Yes);
        if let Duty::Add(n) | Duty::List(n) = duty {
            let contact =
                engine.contacts().lookup(recipient(n)).await.expect("an answer").expect("a contact");
            self.ids.insert(n, contact.id.as_str().to_owned());
        }
    }
}

/// A store and the clerks that die at it, one after the other.
pub(crate) struct Life {
    folder: tempfile::TempDir,
    book: Book,
    ids: BTreeMap<usize, String>,
    clock: VirtualClock,
    day: i64,
    next: usize,
    copies: Vec<(String, Book)>,
    pub(crate) chance: Chance,
    pub(crate) tally: Tally,
}

/// What lives came to.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) kills: usize,
    /// Deaths before the clerk was ready.
    pub(crate) opening: usize,
    /// Deaths with a duty half done.
    pub(crate) midway: usize,
    pub(crate) restores: usize,
    pub(crate) rotations: usize,
    pub(crate) sweeps: usize,
    pub(crate) erased: usize,
    pub(crate) stopped: usize,
}

impl Tally {
    pub(crate) fn add(&mut self, other: &Self) {
        self.kills += other.kills;
        self.opening += other.opening;
        self.midway += other.midway;
        self.restores += other.restores;
        self.rotations += other.rotations;
        self.sweeps += other.sweeps;
        self.erased += other.erased;
        self.stopped += other.stopped;
    }
}

/// When a clerk dies.
pub(crate) enum Death {
    /// By its own hand, at a point.
    Itself,
    /// A while after so many duties; before it is ready with `None`.
    After(Option<usize>, Duration),
}

impl Life {
    pub(crate) fn new(seed: &Seed, chance: u64) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let store = folder.path().join("store");
        std::fs::create_dir(&store).expect("a folder");
        for file in std::fs::read_dir(seed.folder.path().join("store")).expect("the seed") {
            let file = file.expect("a file");
            std::fs::copy(file.path(), store.join(file.file_name())).expect("a copy");
        }
        Self {
            folder,
            book: seed.book.clone(),
            ids: seed.ids.clone(),
            clock: VirtualClock::at(moment(FIRST_END) - TimeDelta::days(1)),
            day: 0,
            next: 100,
            copies: Vec::new(),
            chance: Chance(chance),
            tally: Tally::default(),
        }
    }

    pub(crate) fn copy(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    fn db(&self) -> String {
        self.folder.path().join("store/conek.db").display().to_string()
    }

    /// Some duties by chance. What is noted here as `Maybe` may be begun.
    pub(crate) fn duties(&mut self) -> Vec<Duty> {
        let mut duties = Vec::new();
        let mut present = self.book.present();
        let mut day = self.day;
        for _ in 0..2 + self.chance.below(8) {
            let Some(n) = self.chance.of(&present).copied() else { break };
            self.next += 1;
            duties.push(match self.chance.below(12) {
                0 | 1 => Duty::Add(self.next),
                // Enough stay to work with.
                2 | 3 if present.len() > PEOPLE / 2 => {
                    present.retain(|p| *p != n);
                    Duty::Erase(n)
                }
                4 => Duty::Stop(n),
                5 => Duty::Promise(n, self.next),
                6 => Duty::Ask(n),
                7 | 8 => Duty::Rotate,
                9 if day < DAYS => {
                    day += 1;
                    Duty::Sweep(end_of(day - 1))
                }
                10 => Duty::Backup(self.copy(&format!("copy-{}.db", self.next))),
                _ => Duty::Tell(n, self.next),
            });
        }
        duties
    }

    /// A clerk does its duties and dies. Says how many it had done; `None` if it was never ready.
    pub(crate) async fn live(&mut self, duties: &[Duty], point: &str, death: Death) -> Option<usize> {
        self.clock.advance(Duration::from_secs(900));
        let mut clerk = Process::start(
            Command::new(env!("CARGO_BIN_EXE_crash-clerk"))
                .env("CLERK_DB", self.db())
                .env("CLERK_NOW", self.clock.now().to_rfc3339())
                .env("CLERK_POINT", point),
        );
        for duty in duties {
            clerk.ask(&duty.line());
        }
        let mut done = None;
        let dead = match death {
            Death::Itself => None,
            Death::After(None, later) => {
                tokio::time::sleep(later).await;
                Some(())
            }
            Death::After(Some(many), later) => loop {
                if done.is_some_and(|d| d >= many.min(duties.len())) {
                    tokio::time::sleep(later).await;
                    break Some(());
                }
                let Some(line) = clerk.next().await else { break None };
                self.hear(&line, &mut done);
            },
        };
        if dead.is_some() {
            clerk.kill();
        }
        while let Some(line) = clerk.next().await {
            self.hear(&line, &mut done);
        }
        if let Some(begun) = duties.get(done.unwrap_or(0)).filter(|_| done.is_some()) {
            self.note(begun, Is::Maybe);
            self.tally.midway += 1;
        }
        self.tally.opening += usize::from(done.is_none());
        done
    }

    fn hear(&mut self, line: &str, done: &mut Option<usize>) {
        match line.split_once(' ') {
            None if line == "ready" => *done = Some(0),
            Some(("done", duty)) => {
                let duty = Duty::read(duty).expect("a duty");
                self.note(&duty, Is::Yes);
                match &duty {
                    Duty::Backup(to) => self.copies.push((to.clone(), self.book.clone())),
                    Duty::Rotate => self.tally.rotations += 1,
                    Duty::Sweep(_) => self.tally.sweeps += 1,
                    _ => {}
                }
                *done = done.map(|d| d + 1);
            }
            _ => panic!("the clerk says {line}"),
        }
    }

    fn note(&mut self, duty: &Duty, how: Is) {
        self.book.note(duty, how);
        if let Duty::Sweep(at) = duty {
            self.clock.advance_to(moment(at));
            self.day += i64::from(end_of(self.day) == *at);
        }
    }

    /// Copies the files as they lie there, as a virtual machine's snapshot does.
    pub(crate) fn take_files(&self) {
        let db = self.db();
        for end in ["", "-wal"] {
            let _ = std::fs::copy(format!("{db}{end}"), self.copy(&format!("raw{end}")));
        }
    }

    pub(crate) fn put_files_back(&self) {
        let db = self.db();
        for end in ["", "-wal", "-shm"] {
            let _ = std::fs::remove_file(format!("{db}{end}"));
            let _ = std::fs::copy(self.copy(&format!("raw{end}")), format!("{db}{end}"));
        }
    }

    pub(crate) fn wait(&self, time: Duration) {
        self.clock.advance(time);
    }

    /// Puts a copy in the store's place, with its key file; the journal stays.
    pub(crate) fn restore(&mut self) -> bool {
        let Some(last) = self.copies.len().checked_sub(1) else { return false };
        let (copy, book) = &self.copies[last - self.chance.below(last as u64 + 1) as usize];
        let db = self.db();
        for end in ["-wal", "-shm"] {
            let _ = std::fs::remove_file(format!("{db}{end}"));
        }
        std::fs::copy(copy, &db).expect("the copy is there");
        std::fs::copy(key_file(copy), key_file(&db)).expect("its key is there");
        self.book.restored(book);
        self.tally.restores += 1;
        true
    }

    /// Opens the store for the last time, lets it come to an end, and holds it against the book.
    pub(crate) async fn end(mut self) -> Tally {
        self.clock.advance(Duration::from_secs(900));
        let clock = Arc::new(VirtualClock::at(self.clock.now()));
        let db = self.db();
        let open = async || {
            let (config, mut ports) = opening(&db, clock.clone()).expect("it fits");
            ports.storage = Some(Arc::new(unlocked(&db).await));
            Engine::open(config, ports).await.expect("it opens")
        };
        let engine = open().await;
        engine.resume().await.expect("it goes on");
        let sweep = Duty::Sweep(clock.now().to_rfc3339());
        sweep.perform(&engine, &clock, "").await.expect("it is done");
        self.book.note(&sweep, Is::Yes);
        for _ in 0..2_000 {
            match engine.keys().rotation().await.expect("an answer") {
                Some(r) if r.ended_at.is_none() => tokio::time::sleep(Duration::from_millis(5)).await,
                _ => break,
            }
        }
        let under_way =
            engine.keys().rotation().await.expect("an answer").is_some_and(|r| r.ended_at.is_none());
        assert!(!under_way, "the rotation does not end");
        clock.advance(Duration::from_secs(900));
        assert!(engine.settle(60_000).await.expect("an answer"), "it does not come to rest");
        self.book.compare(&engine).await;
        let report = engine.verify(true).await.expect("an answer");
        assert!(report.sound, "{:?}", report.problems);
        engine.close().await.expect("it closes");
        drop(engine);
        // With the new key alone.
        let engine = open().await;
        assert!(engine.keys().rotate().await.expect("it rotates").left == 0);
        self.book.compare(&engine).await;
        engine.close().await.expect("it closes");
        drop(engine);
        self.book.look_inside(&db, &self.ids).await;
        self.book.look_into_files(&self.folder.path().join("store"));
        self.sent_once();
        self.tally.erased = self.book.erased();
        self.tally.stopped = self.book.stopped();
        self.tally
    }

    fn sent_once(&self) {
        let ledger = std::fs::read_to_string(self.folder.path().join(LEDGER)).unwrap_or_default();
        let mut lines: Vec<&str> = ledger.lines().collect();
        lines.sort_unstable();
        for pair in lines.windows(2) {
            assert_ne!(pair[0], pair[1], "it was sent twice");
        }
    }
}
