//! The sweep of what is over, in a large store, beside bare SQLite that deletes the same rows by the same index.

use std::{
    path::Path,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use async_trait::async_trait;
use chrono::TimeDelta;
use conek_core::{
    Engine, PersonId, Ports, Result as Core, Storage, Timestamp, VirtualClock,
    storage::{Batch, Claim, Committed, Index, Key, Page, Query, Record, Sqlite, Token, Verification, Write},
};
use rusqlite::{Connection, OptionalExtension, params};

use crate::{
    Extent, Failure,
    measure::{Row, Stopwatch},
    report::Report,
    world,
};

/// Rows of a message: itself, its attempt, its delivery.
const ROWS: usize = 3;
/// Messages whose time is over in a round, of all the messages of the store: one in so many.
const SHARE: usize = 40;
/// Messages that end in one transaction.
const TOGETHER: usize = 100;
/// People to whom the messages went.
const PEOPLE: usize = 2_000;
/// Between the moments at which the messages of two rounds are over.
const LATER: TimeDelta = TimeDelta::minutes(20);

/// Measures the row.
pub async fn run(extent: Extent, report: &mut Report) -> Result<(), Failure> {
    // Each round of each side ends messages of its own.
    let rounds = extent.rounds.min(SHARE / 2);
    let messages = extent.of(100_000).max(SHARE * TOGETHER);
    let share = messages / SHARE;
    let dir = tempfile::tempdir()?;
    let path = dir.path().join("conek.db");
    let mut row = Row::new(
        format!(
            "retention: {} rows a round out of {}; everything of a message: itself, its attempt, its delivery",
            share * ROWS,
            messages * ROWS
        ),
        "row",
    );
    let (people, began) = people(&path).await?;
    fill(&path, &people, messages, share, began).await?;
    let mut held = Vec::new();
    let mut found = Vec::new();
    for round in 0..rounds {
        let sides = if extent.alone { 1 } else { 2 };
        let now = |side: i32| began + LATER * (sides * round as i32 + side + 1);
        let timed = Arc::new(Timed::new(Sqlite::open(&path).await?));
        let engine = open(&path, timed.clone(), now(0)).await?;
        let watch = Stopwatch::start();
        let report = engine.retention().sweep(None).await?;
        let took = watch.stop(share * ROWS);
        engine.close().await?;
        let ended: i64 = report.ended.values().sum();
        if ended != share as i64 {
            return Err(format!("{ended} of {share} messages ended").into());
        }
        row.add("conek: sweep", None, took);
        held.append(&mut timed.held());
        found.append(&mut timed.found());
        if !extent.alone {
            let watch = Stopwatch::start();
            bare(&path, now(1), share)?;
            row.add("bare SQLite, the same rows", None, watch.stop(share * ROWS));
        }
    }
    row.note(format!("the writer was held for: {}", percentiles(held)));
    row.note(format!("finding what is over took: {}", percentiles(found)));
    row.finish(report);
    Ok(())
}

/// A store with people; who they are, and when it is there.
async fn people(path: &Path) -> Result<(Vec<PersonId>, Timestamp), Failure> {
    let began: Timestamp = "2026-11-24T09:00:00+02:00".parse()?;
    let storage = Arc::new(Sqlite::open(path).await?);
    let engine = open(path, storage.clone(), began).await?;
    let people = world::import(&engine, PEOPLE).await?;
    // The engine sweeps once a day by itself; its turn today comes before the measuring.
    let done = Key { account: "main".into(), kind: "store".into(), id: "sweep".into() };
    while storage.get(vec![done.clone()]).await?.iter().flatten().next().is_none() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    engine.close().await?;
    Ok((people, began))
}

async fn open(path: &Path, storage: Arc<dyn Storage>, now: Timestamp) -> Result<Engine, Failure> {
    let ports = Ports {
        storage: Some(storage),
        transport: Some(Arc::new(world::Instant)),
        clock: Some(Arc::new(VirtualClock::at(now))),
        ..Ports::default()
    };
    Ok(Engine::open(world::config(path), ports).await?)
}

/// Everything that keeps rows in an order of its own, which costs a fill of millions most of its time.
const ORDERS: &str =
    "SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL AND name <> 'by_id'";

/// Messages as the engine writes them, long at rest; those of a round end together. The orders are made at the end.
async fn fill(
    path: &Path,
    people: &[PersonId],
    messages: usize,
    share: usize,
    began: Timestamp,
) -> Result<(), Failure> {
    let conn = Connection::open(path)?;
    let orders: Vec<(String, String)> =
        conn.prepare(ORDERS)?.query_map([], |r| Ok((r.get(0)?, r.get(1)?)))?.collect::<Result<_, _>>()?;
    for (name, _) in &orders {
        conn.execute_batch(&format!("DROP INDEX {name}"))?;
    }
    let tokens: String =
        conn.query_row("SELECT sql FROM sqlite_schema WHERE name = 'tokens'", [], |r| r.get(0))?;
    conn.execute_batch(
        "ALTER TABLE tokens RENAME TO before; CREATE TABLE tokens AS SELECT * FROM before; DROP TABLE before",
    )?;
    drop(conn);
    insert(path, people, messages, share, began).await?;
    let conn = Connection::open(path)?;
    conn.execute_batch("PRAGMA cache_size = -1000000; ALTER TABLE tokens RENAME TO before")?;
    conn.execute_batch(&format!(
        "BEGIN; {tokens}; INSERT INTO tokens SELECT * FROM before ORDER BY 1, 2, 3, 4; DROP TABLE before; COMMIT"
    ))?;
    for (_, sql) in &orders {
        conn.execute_batch(sql)?;
    }
    conn.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")?;
    Ok(())
}

async fn insert(
    path: &Path,
    people: &[PersonId],
    messages: usize,
    share: usize,
    began: Timestamp,
) -> Result<(), Failure> {
    let storage = Sqlite::open(path).await?;
    let all: Vec<usize> = (0..messages).collect();
    for some in all.chunks(2_000) {
        let batch = |i: &usize| {
            let person = people[i.wrapping_mul(7_919) % people.len()].as_str();
            let round = i32::try_from(i / share).unwrap_or(i32::MAX);
            Batch { writes: of_message(*i, person, began + LATER * (round + 1) - TimeDelta::minutes(1)) }
        };
        let done = storage.commit(some.iter().map(batch).collect()).await?;
        if done.iter().any(|d| !matches!(d, Committed::Done { .. })) {
            return Err("a message met a conflict".into());
        }
    }
    Ok(storage.close().await?)
}

fn of_message(i: usize, person: &str, over: Timestamp) -> Vec<Write> {
    let id = format!("0192f1e0-0000-7000-8000-{i:012}");
    let record = |kind: &str, id: String, state: &str, clear: &str, sealed: usize| {
        let mut record = Record::new("main", kind, id);
        record.state = state.into();
        record.subjects = vec![person.into()];
        record.clear = clear.into();
        record.sealed = vec![7; sealed];
        record
    };
    let mut message = record("message", id.clone(), "accepted", CLEAR, 300);
    message.retention = "marketing".into();
    message.expires_at = Some(over);
    let mut attempt = record("attempt", format!("{id}.1.1"), "accepted", "{}", 900);
    attempt.retention = "decision".into();
    attempt.tokens = vec![Token { name: "wamid".into(), value: wamid(i), unique: false }];
    let mut delivery = record("delivery", id, "read", "{}", 60);
    delivery.retention = "marketing".into();
    [message, attempt, delivery].map(|record| Write::Insert { record }).into()
}

/// Stands for the token of what WhatsApp calls a message: in no order.
fn wamid(i: usize) -> String {
    format!("{:016x}", i.wrapping_mul(0x9e37_79b9_7f4a_7c15))
}

/// Clear fields of a message that was sent three years ago.
const CLEAR: &str = r#"{"purpose":"marketing","sender":"100000000000001","created_at":1700000000000,"void_at":1700345600000,"tries":[1],"returns":0,"has_opt_out":true,"names_sender":true,"decision":{"type":"allow","basis":"consent"}}"#;

/// Deletes what is over by now, as somebody would by hand who knows the tables.
fn bare(path: &Path, now: Timestamp, share: usize) -> Result<(), Failure> {
    let conn = Connection::open(path)?;
    conn.execute_batch("PRAGMA synchronous = FULL; PRAGMA cache_size = -65536;")?;
    let space = |kind: &str| -> rusqlite::Result<i64> {
        conn.query_row("SELECT space FROM spaces WHERE account = 'main' AND kind = ?", [kind], |r| r.get(0))
    };
    let (messages, attempts, deliveries) = (space("message")?, space("attempt")?, space("delivery")?);
    let mut over = conn.prepare(
        "SELECT row, id FROM records WHERE space = ? AND expires_at <= ? ORDER BY expires_at, id LIMIT ?",
    )?;
    let mut by_id = conn.prepare("SELECT row FROM records WHERE space = ? AND id = ?")?;
    let mut delete = conn.prepare("DELETE FROM records WHERE row = ?")?;
    let mut untoken =
        conn.prepare("DELETE FROM tokens WHERE space = ? AND name = 'wamid' AND value = ? AND id = ?")?;
    let mut ended = 0;
    loop {
        conn.execute_batch("BEGIN IMMEDIATE")?;
        let some: Vec<(i64, String)> = over
            .query_map(params![messages, now.timestamp_millis(), TOGETHER as i64], |r| {
                Ok((r.get(0)?, r.get(1)?))
            })?
            .collect::<Result<_, _>>()?;
        for (row, id) in &some {
            delete.execute([row])?;
            let attempt = format!("{id}.1.1");
            for (space, id) in [(attempts, &attempt), (deliveries, id)] {
                if let Some(row) = by_id.query_row(params![space, id], |r| r.get::<_, i64>(0)).optional()? {
                    delete.execute([row])?;
                }
            }
            let i: usize = id.rsplit('-').next().unwrap_or_default().parse()?;
            untoken.execute(params![attempts, wamid(i), attempt])?;
        }
        conn.execute_batch("COMMIT")?;
        ended += some.len();
        if some.is_empty() {
            break;
        }
    }
    if ended != share {
        return Err(format!("by hand {ended} of {share} messages ended").into());
    }
    Ok(())
}

/// A storage that says how long each commit and each search for what is over took.
#[derive(Debug)]
struct Timed {
    storage: Sqlite,
    held: Mutex<Vec<Duration>>,
    found: Mutex<Vec<Duration>>,
}

impl Timed {
    fn new(storage: Sqlite) -> Self {
        Self { storage, held: Mutex::default(), found: Mutex::default() }
    }
    fn held(&self) -> Vec<Duration> {
        self.held.lock().map(|mut held| std::mem::take(&mut *held)).unwrap_or_default()
    }
    fn found(&self) -> Vec<Duration> {
        self.found.lock().map(|mut found| std::mem::take(&mut *found)).unwrap_or_default()
    }
}

fn note(times: &Mutex<Vec<Duration>>, since: Instant) {
    if let Ok(mut times) = times.lock() {
        times.push(since.elapsed());
    }
}

#[async_trait]
impl Storage for Timed {
    async fn commit(&self, batches: Vec<Batch>) -> Core<Vec<Committed>> {
        let since = Instant::now();
        let done = self.storage.commit(batches).await;
        note(&self.held, since);
        done
    }
    async fn get(&self, keys: Vec<Key>) -> Core<Vec<Option<Record>>> {
        self.storage.get(keys).await
    }
    async fn find(&self, query: Query) -> Core<Page> {
        let since = matches!(query.index, Index::Expired { .. }).then(Instant::now);
        let page = self.storage.find(query).await;
        if let Some(since) = since {
            note(&self.found, since);
        }
        page
    }
    async fn count(&self, query: Query) -> Core<i64> {
        self.storage.count(query).await
    }
    async fn claim(&self, work: Claim) -> Core<Vec<Record>> {
        self.storage.claim(work).await
    }
    async fn backup(&self, to: String) -> Core<()> {
        self.storage.backup(to).await
    }
    async fn close(&self) -> Core<()> {
        self.storage.close().await
    }
    async fn verify(&self) -> Core<Verification> {
        self.storage.verify().await
    }
}

fn percentiles(mut times: Vec<Duration>) -> String {
    times.sort_unstable();
    let at = |share: f64| {
        let place = ((times.len() as f64 * share) as usize).min(times.len().saturating_sub(1));
        times.get(place).map_or(f64::NAN, |t| t.as_secs_f64() * 1e3)
    };
    format!("{:.1} ms at p50, {:.1} ms at p99, {:.1} ms at most", at(0.5), at(0.99), at(1.0))
}
