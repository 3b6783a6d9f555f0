//! Random calls, the same to the storage and to the one in memory: both must answer alike.

use super::bench::{Bench, Verdict, at, same, token};
use crate::{
    storage::{Batch, Claim, Committed, Index, Memory, Patch, Query, Record, Storage, Token, Write},
    values::{
        random::{Random, SeededRandomness},
        time::Timestamp,
    },
};

const STEPS: usize = 250;

/// Repeatable choices.
struct Dice {
    random: SeededRandomness,
    /// Every due time is another one, so that no order depends on a tie.
    tick: i64,
}

impl Dice {
    fn below(&self, n: usize) -> usize {
        let mut bytes = [0; 4];
        // A seeded stream does not fail; were it to, the first choice is as good as any.
        let _ = self.random.fill(&mut bytes);
        u32::from_le_bytes(bytes) as usize % n
    }
    fn one<T: Copy>(&self, of: &[T]) -> T {
        of[self.below(of.len())]
    }
    fn maybe<T>(&self, value: T) -> Option<T> {
        (self.below(3) > 0).then_some(value)
    }
    fn moment(&mut self) -> Timestamp {
        self.tick += 1;
        at(i64::from(self.below(20) as u16)) + chrono::TimeDelta::milliseconds(self.tick)
    }
    fn tokens(&self) -> Vec<Token> {
        (0..self.below(3))
            .map(|_| {
                let value = self.one(&["1", "2", "3"]);
                if self.below(2) == 0 { token("u", value, true) } else { token("n", value, false) }
            })
            .collect()
    }
    fn record(&mut self, b: &Bench) -> Record {
        let people: Vec<String> = (0..self.below(4)).map(|_| self.one(&["p", "q", "r"]).to_owned()).collect();
        let due = self.moment();
        Record {
            state: self.one(&["new", "old"]).into(),
            subjects: people,
            group: self.maybe(self.one(&["g", "h"]).into()),
            queue: self.maybe(self.one(&["q", "w"]).into()),
            due_at: self.maybe(due),
            expires_at: self.maybe(at(self.below(10) as i64)),
            tokens: self.tokens(),
            clear: format!(r#"{{"n":{}}}"#, self.below(1_000)),
            sealed: vec![self.below(256) as u8; self.below(40)],
            ..b.record(self.one(&["alpha", "beta"]), self.one(&["1", "10", "2", "3", "a"]))
        }
    }
    async fn write(&mut self, b: &Bench, model: &Memory) -> Verdict<Write> {
        let record = self.record(b);
        let key = record.key();
        let stored = model.get(vec![key.clone()]).await.map_err(|e| e.to_string())?;
        let stored = stored.into_iter().flatten().next().map_or(0, |r| r.version);
        // Mostly the right version: a run of nothing but conflicts would compare little.
        let version = if self.below(8) == 0 { 1 } else { stored };
        Ok(match self.below(8) {
            0 | 1 => Write::Insert { record },
            2 => Write::Put { record },
            3 => Write::Replace { record, version },
            4 => Write::Delete { key, version },
            5 => Write::Check { key, version },
            _ => Write::Change {
                patch: Patch {
                    key,
                    version,
                    state: record.state,
                    queue: record.queue,
                    due_at: record.due_at,
                    clear: self.maybe(record.clear),
                    sealed: self.maybe(record.sealed),
                    tokens: self.maybe(record.tokens),
                },
            },
        })
    }
    fn query(&self, b: &Bench) -> Query {
        let text = String::from;
        let any_kind = self.one(&["alpha", "beta", ""]);
        let kind = self.one(&["alpha", "beta"]);
        let (kind, index) = match self.below(6) {
            0 => (kind, Index::Id {}),
            1 => (
                kind,
                Index::Token { name: self.one(&["u", "n"]).into(), value: self.one(&["1", "2", "3"]).into() },
            ),
            2 => (kind, Index::Group { group: text("g") }),
            3 => (any_kind, Index::Subject { person: text("p") }),
            4 => (kind, Index::Due { queue: text("q"), until: at(self.below(20) as i64) }),
            _ => (any_kind, Index::Expired { until: at(self.below(10) as i64) }),
        };
        Query { state: self.maybe(text("new")), descending: self.below(2) == 0, ..b.query(kind, index) }
    }
    fn claim(&self, b: &Bench) -> Claim {
        Claim {
            kind: self.one(&["alpha", "beta"]).into(),
            queue: self.one(&["q", "w"]).into(),
            limit: 1 + self.below(3) as i32,
            ..b.work(self.below(20) as i64, 1)
        }
    }
}

/// Where a batch stood: done, or refused at which step. Reasons may differ when several apply.
fn outcome(done: &Committed) -> Option<i32> {
    match done {
        Committed::Done { .. } => None,
        Committed::Conflict { write, .. } => Some(*write),
    }
}

pub(super) async fn behaves_like_the_model(b: Bench) -> Verdict {
    for seed in 1..=4 {
        let round = Bench { account: format!("{}-{seed}", b.account), ..b.clone() };
        run(&round, seed).await.map_err(|e| format!("seed {seed}, {e}"))?;
    }
    Ok(())
}

async fn run(b: &Bench, seed: u64) -> Verdict {
    let random = SeededRandomness::new(seed).map_err(|e| e.to_string())?;
    let mut dice = Dice { random, tick: 0 };
    let memory = std::sync::Arc::new(Memory::default());
    let model = Bench { storage: memory.clone(), account: b.account.clone() };
    for step in 0..STEPS {
        let what = |call: &str| format!("step {step}, {call}");
        match dice.below(4) {
            0 | 1 => {
                let mut batches = Vec::new();
                for _ in 0..1 + dice.below(3) {
                    let mut writes = Vec::new();
                    for _ in 0..1 + dice.below(3) {
                        writes.push(dice.write(b, &memory).await?);
                    }
                    batches.push(Batch { writes });
                }
                let seen = b.storage.commit(batches.clone()).await.map_err(|e| what(&e.to_string()))?;
                let wanted = memory.commit(batches).await.map_err(|e| what(&e.to_string()))?;
                let line = |done: Vec<Committed>| done.iter().map(outcome).collect::<Vec<_>>();
                same(&what("commit"), line(seen), line(wanted))?;
            }
            2 => {
                let query = dice.query(b);
                let limit = 1 + dice.below(4) as i32;
                let seen = b.paged(query.clone(), limit).await?;
                same(&what("find"), seen, model.paged(query.clone(), limit).await?)?;
                same(&what("count"), b.count(query.clone()).await?, model.count(query).await?)?;
            }
            _ => {
                let work = dice.claim(b);
                same(&what("claim"), b.claim(work.clone()).await?, model.claim(work).await?)?;
            }
        }
    }
    for kind in ["alpha", "beta"] {
        let seen = b.all(kind, Index::Id {}).await?;
        same("what is stored at the end", seen, model.all(kind, Index::Id {}).await?)?;
    }
    Ok(())
}
