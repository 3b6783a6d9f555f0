//! The durable outbox: through the storage port and through the engine, beside bare SQLite.

use std::{path::Path, sync::Arc};

use conek_core::{
    Storage, Timestamp,
    storage::{Batch, Claim, Committed, Key, Patch, Record, Sqlite, Token, Write},
};
use rusqlite::{Connection, params};

use crate::{
    Extent, Failure,
    measure::{Row, Stopwatch},
    report::Report,
    world::{Instant, NUMBER, World},
};

/// Messages in a transaction.
const TOGETHER: usize = 1000;
/// Sealed bytes of a message: its content.
const BODY: usize = 300;
/// Sealed bytes of an attempt: the facts and the decision that it rests on, and WhatsApp's id.
const EVIDENCE: usize = 900;
/// Clear fields of a message.
const CLEAR: &str = r#"{"purpose":"marketing","sender":"100000000000001","created_at":1795503600000,"void_at":1795849200000,"tries":[1],"returns":0,"has_opt_out":true,"names_sender":true,"decision":{"type":"allow","basis":"consent"}}"#;
/// Clear fields of an attempt.
const INTENT: &str =
    r#"{"intent_at":1795503600000,"permit":"wJ1sQk0pXm2c","rule_set":"conek 2026-11-22","once":true}"#;

/// Measures the row.
pub async fn run(extent: Extent, report: &mut Report) -> Result<(), Failure> {
    let cycles = extent.of(10);
    let messages = cycles * TOGETHER;
    let mut row = Row::new(
        format!(
            "outbox: {messages} messages a round, {TOGETHER} together: enqueue, claim, intent, outcome; synchronous=FULL"
        ),
        "message",
    );
    for _ in 0..extent.rounds {
        let dir = tempfile::tempdir()?;
        let port = Port::open(&dir.path().join("conek.db")).await?;
        let watch = Stopwatch::start();
        for cycle in 0..=cycles {
            port.cycle(cycle, cycle < cycles).await?;
        }
        row.add("conek: Storage port", None, watch.stop(messages));
        port.storage.close().await?;
        if extent.alone {
            continue;
        }
        for (name, goal, protocol) in
            [("bare queue, one table", Some(0.6), false), ("bare send protocol, two tables", None, true)]
        {
            let bare =
                Bare::open(&dir.path().join(if protocol { "protocol.db" } else { "queue.db" }), protocol)?;
            let watch = Stopwatch::start();
            for cycle in 0..=cycles {
                bare.cycle(cycle, cycle < cycles)?;
            }
            row.add(name, goal, watch.stop(messages));
        }
    }
    row.finish(report);
    engine(extent, report).await
}

/// The same through the engine: consent, gate, sealing and permits, and a transport that answers at once.
async fn engine(extent: Extent, report: &mut Report) -> Result<(), Failure> {
    let messages = extent.of(5_000);
    let world = World::open(messages, None, Some(Arc::new(Instant))).await?;
    let mut row = Row::new(
        format!(
            "outbox: {messages} messages a round through the engine, with a transport that answers at once"
        ),
        "message",
    );
    for round in 0..=extent.rounds {
        let watch = Stopwatch::start();
        world.send_to_all().await?;
        let conek = watch.stop(messages);
        world.let_pairs_rest();
        if round == 0 {
            continue;
        }
        row.add("conek: engine", None, conek);
        if !extent.alone {
            let dir = tempfile::tempdir()?;
            let bare = Bare::open(&dir.path().join("queue.db"), false)?;
            let cycles = messages.div_ceil(TOGETHER);
            let watch = Stopwatch::start();
            for cycle in 0..=cycles {
                bare.cycle(cycle, cycle < cycles)?;
            }
            row.add("bare queue, one table", None, watch.stop(cycles * TOGETHER));
        }
    }
    world.engine.close().await?;
    row.finish(report);
    Ok(())
}

/// conek's SQLite storage, driven as the engine drives it.
struct Port {
    storage: Sqlite,
    now: Timestamp,
}

fn id(i: usize) -> String {
    format!("0192f1e0-0000-7000-8000-{i:012}")
}

fn key(kind: &str, id: String) -> Key {
    Key { account: "main".into(), kind: kind.into(), id }
}

fn patch(key: Key, version: i64, state: &str, queue: Option<&str>, due_at: Option<Timestamp>) -> Patch {
    let queue = queue.map(str::to_owned);
    Patch { key, version, state: state.into(), queue, due_at, clear: None, sealed: None, tokens: None }
}

impl Port {
    async fn open(path: &Path) -> Result<Self, Failure> {
        let storage = Sqlite::open(path).await?;
        let people = (0..TOGETHER).map(|i| {
            let mut person = Record::new("main", "contact", id(i));
            person.sealed = vec![7; BODY];
            Batch { writes: vec![Write::Insert { record: person }] }
        });
        storage.commit(people.collect()).await?;
        Ok(Self { storage, now: "2026-11-24T07:00:00Z".parse()? })
    }

    /// Outcomes of the cycle before and new messages together, then a claim, then its intents.
    async fn cycle(&self, cycle: usize, more: bool) -> Result<(), Failure> {
        let mut batches = Vec::with_capacity(2 * TOGETHER);
        if cycle > 0 {
            batches.extend((0..TOGETHER).map(|i| self.outcome((cycle - 1) * TOGETHER + i)));
        }
        if more {
            batches.extend((0..TOGETHER).map(|i| self.message(cycle * TOGETHER + i)));
        }
        self.commit(batches).await?;
        if !more {
            return Ok(());
        }
        let lane = format!("lane/{NUMBER}");
        let claimed = self
            .storage
            .claim(Claim {
                account: "main".into(),
                kind: "message".into(),
                queue: lane,
                state: "queued".into(),
                now: self.now,
                limit: i32::try_from(TOGETHER)?,
                new_state: "claimed".into(),
                new_queue: "lease".into(),
                lease_until: self.now + chrono::TimeDelta::seconds(60),
            })
            .await?;
        if claimed.len() != TOGETHER {
            return Err(format!("{} of {TOGETHER} messages were claimed", claimed.len()).into());
        }
        self.commit(claimed.iter().enumerate().map(|(i, r)| self.intent(i, r)).collect()).await
    }

    async fn commit(&self, batches: Vec<Batch>) -> Result<(), Failure> {
        let done = self.storage.commit(batches).await?;
        match done.iter().all(|d| matches!(d, Committed::Done { .. })) {
            true => Ok(()),
            false => Err("a batch met a conflict".into()),
        }
    }

    fn message(&self, i: usize) -> Batch {
        let mut record = Record::new("main", "message", id(i));
        record.state = "queued".into();
        record.subjects = vec![id(i % TOGETHER)];
        record.queue = Some(format!("lane/{NUMBER}"));
        record.due_at = Some(self.now);
        record.retention = "marketing".into();
        record.clear = CLEAR.into();
        record.sealed = vec![7; BODY];
        Batch { writes: vec![Write::Insert { record }] }
    }

    fn intent(&self, person: usize, message: &Record) -> Batch {
        let mut attempt = Record::new("main", "attempt", format!("{}.1.1", message.id));
        attempt.state = "pending".into();
        attempt.subjects.clone_from(&message.subjects);
        attempt.retention = "decision".into();
        attempt.tokens = vec![Token { name: "live".into(), value: message.id.clone(), unique: true }];
        attempt.clear = INTENT.into();
        attempt.sealed = vec![7; EVIDENCE];
        let lease = Some(self.now + chrono::TimeDelta::seconds(60));
        let mut change = patch(message.key(), message.version, "dispatching", Some("lease"), lease);
        change.clear = Some(CLEAR.into());
        Batch {
            writes: vec![
                Write::Check { key: key("contact", id(person)), version: 1 },
                Write::Change { patch: change },
                Write::Insert { record: attempt },
            ],
        }
    }

    fn outcome(&self, i: usize) -> Batch {
        let mut message = patch(key("message", id(i)), 3, "accepted", None, None);
        message.clear = Some(CLEAR.into());
        let mut attempt = patch(key("attempt", format!("{}.1.1", id(i))), 1, "accepted", None, None);
        attempt.clear = Some(INTENT.into());
        attempt.sealed = Some(vec![8; EVIDENCE]);
        attempt.tokens = Some(vec![
            Token { name: "live".into(), value: id(i), unique: true },
            Token { name: "wamid".into(), value: format!("dmFsdWVvZmFibGluZGlu{i:08}"), unique: false },
        ]);
        Batch { writes: vec![Write::Change { patch: message }, Write::Change { patch: attempt }] }
    }
}

/// rusqlite by hand: everything of a cycle in one transaction.
struct Bare {
    conn: Connection,
    /// With intents in a table of their own, and a second live one refused.
    protocol: bool,
}

impl Bare {
    fn open(path: &Path, protocol: bool) -> Result<Self, Failure> {
        let conn = Connection::open(path)?;
        conn.execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -65536;
             CREATE TABLE message (id INTEGER PRIMARY KEY, state INTEGER NOT NULL, due_at INTEGER, body BLOB NOT NULL);
             CREATE INDEX due ON message (due_at) WHERE state = 0;
             CREATE TABLE attempt (message INTEGER PRIMARY KEY, outcome INTEGER NOT NULL, wamid TEXT, evidence BLOB NOT NULL);
             CREATE INDEX by_wamid ON attempt (wamid) WHERE wamid IS NOT NULL;",
        )?;
        Ok(Self { conn, protocol })
    }

    fn cycle(&self, cycle: usize, more: bool) -> Result<(), Failure> {
        let (body, evidence) = (vec![7u8; BODY], vec![7u8; EVIDENCE]);
        let ids = |cycle: usize| (cycle * TOGETHER) as i64..((cycle + 1) * TOGETHER) as i64;
        self.conn.execute_batch("BEGIN IMMEDIATE")?;
        if cycle > 0 {
            let mut message =
                self.conn.prepare_cached("UPDATE message SET state = 2, due_at = NULL WHERE id = ?")?;
            let mut attempt = self.conn.prepare_cached(
                "UPDATE attempt SET outcome = 1, wamid = ?2, evidence = ?3 WHERE message = ?1",
            )?;
            for i in ids(cycle - 1) {
                message.execute([i])?;
                if self.protocol {
                    attempt.execute(params![i, format!("dmFsdWVvZmFibGluZGlu{i:08}"), evidence])?;
                }
            }
        }
        if more {
            let mut insert = self.conn.prepare_cached("INSERT INTO message VALUES (?, 0, ?, ?)")?;
            for i in ids(cycle) {
                insert.execute(params![i, 1_795_503_600_000i64, body])?;
            }
            let mut due = self.conn.prepare_cached(
                "SELECT id, body FROM message WHERE state = 0 AND due_at <= ? ORDER BY due_at LIMIT ?",
            )?;
            let claimed: Vec<(i64, Vec<u8>)> = due
                .query_map(params![1_795_503_600_000i64, TOGETHER as i64], |r| Ok((r.get(0)?, r.get(1)?)))?
                .collect::<Result<_, _>>()?;
            let mut take =
                self.conn.prepare_cached("UPDATE message SET state = 1, due_at = ? WHERE id = ?")?;
            let mut intend = self.conn.prepare_cached("INSERT INTO attempt VALUES (?, 0, NULL, ?)")?;
            for (id, _) in &claimed {
                take.execute([1_795_503_660_000, *id])?;
                if self.protocol {
                    intend.execute(params![id, evidence])?;
                }
            }
        }
        self.conn.execute_batch("COMMIT")?;
        Ok(())
    }
}
