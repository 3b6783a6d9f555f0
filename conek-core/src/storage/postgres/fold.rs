//! One transaction around the work of many callers.

use std::time::Duration;

use tokio::time::timeout;
use tokio_postgres::{Error as PgError, Row, error::SqlState, types::ToSql};
use uuid::Uuid;

use super::{
    super::{
        Batch, Claim, Committed, Record,
        position::{appended_id, millis},
    },
    effects::{Effects, Keys, Marks, Whole},
    fault::{fault, is_lost, is_passing},
    link::{Link, PATIENCE, Place, all, silent},
    plan::{Plan, Wanted},
    row::{MORE, get, kept, read},
};
use crate::values::error::{Error, Result};

type Parameters<'p> = &'p [&'p (dyn ToSql + Sync)];

/// What a caller gets.
pub(super) enum Answer {
    Commit(Vec<Committed>),
    Claim(Vec<Record>),
}

/// What a caller wants.
pub(super) enum Work<'a> {
    Commit(&'a [Batch]),
    Claim(&'a Claim),
}

/// How a fold did not come to its end.
pub(super) enum Broken {
    /// Nothing of it took effect and the connection is sound.
    Failed(Error),
    /// Nothing of it took effect, and it may be tried again at once.
    Again,
    /// A key that was to be appended exists: its record must be looked at first.
    Exists,
    /// The connection was lost before the commit was asked for: nothing of it took effect.
    Lost(Error),
    /// The connection was lost when the commit had been asked for.
    Unknown(Vec<Answer>),
    /// Another storage has taken this one's place.
    Fenced,
}

impl Broken {
    pub(super) fn of(e: &PgError) -> Self {
        match () {
            () if is_lost(e) => Self::Lost(fault(e)),
            () if is_passing(e) => Self::Again,
            () => Self::Failed(fault(e)),
        }
    }
}

impl From<Error> for Broken {
    fn from(e: Error) -> Self {
        Self::Failed(e)
    }
}

/// By what a commit is found again.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ticket {
    pub(super) writer: Uuid,
    pub(super) number: i64,
    pub(super) fence: i64,
}

/// A fold on its connection.
pub(super) struct Fold<'l> {
    pub(super) link: &'l Link,
    pub(super) place: &'l Place,
    pub(super) ticket: Ticket,
    /// Whether the keys of appends are looked at before.
    pub(super) careful: bool,
}

impl Fold<'_> {
    /// Does the work of many, each as if it came alone and in its turn: commits first, then claims.
    pub(super) async fn run(&self, works: &[Work<'_>]) -> Result<Vec<Answer>, Broken> {
        let done = match timeout(PATIENCE, self.steps(works)).await {
            Ok(Ok((answers, false))) => {
                // Nothing was changed, so there is nothing to keep.
                self.link
                    .client
                    .execute(&self.link.statements.rollback, &[])
                    .await
                    .map_err(|e| Broken::of(&e))?;
                return Ok(answers);
            }
            Ok(Ok((answers, true))) => self.commit(answers).await,
            Ok(Err(broken)) => Err(broken),
            Err(_) => Err(Broken::Lost(silent())),
        };
        if let Err(Broken::Failed(_) | Broken::Again | Broken::Exists) = done
            && let Err(e) = self.link.client.execute(&self.link.statements.rollback, &[]).await
            && is_lost(&e)
        {
            return Err(Broken::Lost(fault(&e)));
        }
        done
    }

    /// All but the commit. Answers whether anything was changed.
    async fn steps(&self, works: &[Work<'_>]) -> Result<(Vec<Answer>, bool), Broken> {
        let batches: Vec<&Batch> = works
            .iter()
            .flat_map(|w| match w {
                Work::Commit(batches) => *batches,
                Work::Claim(_) => &[],
            })
            .collect();
        let mut wanted = Wanted::of(&batches);
        let (stored, holders, counters) = self.ask(&wanted, works).await?;
        let accounts = wanted.accounts();
        let mut counts: Vec<i64> = counters;
        let ids: Vec<String> = wanted
            .appends
            .iter()
            .map(|account| {
                let n = accounts.binary_search(account).map_or(0, |i| {
                    counts[i] += 1;
                    counts[i]
                });
                appended_id(n)
            })
            .collect();
        let stored =
            if self.careful { self.look(&mut wanted, &batches, &ids, stored).await? } else { stored };
        let appending = !ids.is_empty();
        let mut plan = Plan::new(wanted, stored, holders);
        let mut coming = ids.iter();
        let mut outcomes = batches.iter().map(|b| plan.batch(b, &mut coming)).collect::<Vec<_>>().into_iter();
        let effects = Effects::of(&plan);
        let changed = !effects.is_none();
        if changed {
            let kept_accounts: Vec<_> = accounts.iter().map(|a| kept(a)).collect();
            let counts = appending.then_some((&kept_accounts[..], &counts[..]));
            self.write(&effects, counts).await?;
        }
        let claims = self.claims(works).await?;
        let taken = claims.iter().any(|c| !c.is_empty());
        let mut claims = claims.into_iter();
        let answers = works
            .iter()
            .map(|w| match w {
                Work::Commit(batches) => Answer::Commit(outcomes.by_ref().take(batches.len()).collect()),
                Work::Claim(_) => Answer::Claim(claims.next().unwrap_or_default()),
            })
            .collect();
        Ok((answers, changed || taken))
    }

    pub(super) async fn query(
        &self,
        statement: &tokio_postgres::Statement,
        parameters: Parameters<'_>,
    ) -> Result<Vec<Row>, PgError> {
        self.link.client.query(statement, parameters).await
    }

    /// Runs a statement unless it has nothing to do.
    async fn execute(
        &self,
        rows: u64,
        statement: &tokio_postgres::Statement,
        parameters: Parameters<'_>,
    ) -> Result<u64, PgError> {
        if rows == 0 { Ok(0) } else { self.link.client.execute(statement, parameters).await }
    }

    /// Tells the database what changed: one round trip.
    async fn write(
        &self,
        e: &Effects<'_>,
        counts: Option<(&[std::borrow::Cow<'_, str>], &[i64])>,
    ) -> Result<(), Broken> {
        let s = &self.link.statements;
        let c = &e.changed;
        let (accounts, appended) = counts.unwrap_or_default();
        let whole = |w: &Whole<'_>| (w.keys.count(), w.keys.was.clone());
        let ((new, _), (replaced, was)) = (whole(&e.inserted), whole(&e.replaced));
        let inserting = columns(&e.inserted);
        let mut replacing = columns(&e.replaced);
        replacing.push(&was);
        let changing: [&(dyn ToSql + Sync); 12] = [
            &c.keys.account,
            &c.keys.kind,
            &c.keys.id,
            &c.version,
            &c.state,
            &c.queue,
            &c.due_at,
            &c.clear,
            &c.sealed,
            &c.keeps_tokens,
            &c.tokens,
            &c.keys.was,
        ];
        let deleting = key_columns(&e.deleted);
        let tokens = [&e.let_go_unique, &e.let_go, &e.hold_unique, &e.hold].map(token_columns);
        let people = [&e.unlisted, &e.listed].map(person_columns);
        let sequences: [&(dyn ToSql + Sync); 2] = [&accounts, &appended];
        // What lets go comes first: in one fold a token can pass from one record to another.
        let (a, b, c_, d, f, g, h, i, j, k, l) = tokio::join!(
            biased;
            self.execute(e.let_go_unique.count(), &s.let_go_unique, &tokens[0]),
            self.execute(e.let_go.count(), &s.let_go, &tokens[1]),
            self.execute(e.unlisted.count(), &s.unlist, &people[0]),
            self.execute(e.deleted.count(), &s.delete, &deleting),
            self.execute(replaced, &s.replace, &replacing),
            self.execute(c.keys.count(), &s.change, &changing),
            self.execute(new, &s.insert, &inserting),
            self.execute(e.hold_unique.count(), &s.hold_unique, &tokens[2]),
            self.execute(e.hold.count(), &s.hold, &tokens[3]),
            self.execute(e.listed.count(), &s.list, &people[1]),
            self.execute(accounts.len() as u64, &s.appended, &sequences),
        );
        let mut done = Vec::with_capacity(11);
        for result in [a, b, c_, d, f, g, h, i, j, k, l] {
            done.push(result.map_err(|e| Broken::of(&e))?);
        }
        if done[6] != new {
            return Err(if self.careful { Broken::Again } else { Broken::Exists });
        }
        let expected =
            [(3, e.deleted.count()), (4, replaced), (5, c.keys.count()), (7, e.hold_unique.count())];
        if expected.iter().any(|(at, n)| done[*at] != *n) {
            // Somebody wrote without the account's lock.
            return Err(Broken::Again);
        }
        Ok(())
    }

    async fn claims(&self, works: &[Work<'_>]) -> Result<Vec<Vec<Record>>, Broken> {
        let claims = works.iter().filter_map(|w| match w {
            Work::Claim(work) => Some(async move {
                let (limit, now, lease) = (i64::from(work.limit), millis(work.now), millis(work.lease_until));
                let [account, kind, queue, state, new_state, new_queue] =
                    [&work.account, &work.kind, &work.queue, &work.state, &work.new_state, &work.new_queue]
                        .map(|t| kept(t));
                let parameters: [&(dyn ToSql + Sync); 9] =
                    [&account, &kind, &queue, &state, &new_state, &new_queue, &lease, &now, &limit];
                self.query(&self.link.statements.claim, &parameters).await
            }),
            Work::Commit(_) => None,
        });
        let mut taken = Vec::new();
        for rows in all(claims).await {
            let mut records = or(rows)?
                .iter()
                .map(|row| Ok((get::<i64>(row, MORE)?, read(row)?)))
                .collect::<Result<Vec<_>>>()?;
            // The longest due first; the server answers in any order.
            records.sort_by(|(a, x), (b, y)| a.cmp(b).then_with(|| x.id.cmp(&y.id)));
            taken.push(records.into_iter().map(|(_, record)| record).collect());
        }
        Ok(taken)
    }

    async fn commit(&self, answers: Vec<Answer>) -> Result<Vec<Answer>, Broken> {
        let (client, s) = (&self.link.client, &self.link.statements);
        let ticket: [&(dyn ToSql + Sync); 3] = [&self.ticket.writer, &self.ticket.number, &self.ticket.fence];
        let both = async {
            tokio::join!(biased; client.query_one(&s.ticket, &ticket), client.execute(&s.commit, &[]))
        };
        // A commit may wait for a standby; how long is the operator's decision, up to a point.
        match timeout(PATIENCE + Duration::from_secs(15), both).await {
            Ok((Ok(_), Ok(_))) => Ok(answers),
            Ok((Err(e), _)) if e.code() == Some(&SqlState::DIVISION_BY_ZERO) => Err(Broken::Fenced),
            // A refused ticket has turned the commit behind it into a rollback.
            Ok((Err(e), _)) if e.code().is_some() && !is_lost(&e) => Err(Broken::of(&e)),
            _ => Err(Broken::Unknown(answers)),
        }
    }
}

pub(super) fn or(rows: Result<Vec<Row>, PgError>) -> Result<Vec<Row>, Broken> {
    rows.map_err(|e| Broken::of(&e))
}

fn columns<'w>(w: &'w Whole<'_>) -> Vec<&'w (dyn ToSql + Sync)> {
    vec![
        &w.keys.account,
        &w.keys.kind,
        &w.keys.id,
        &w.version,
        &w.state,
        &w.subject,
        &w.more_subjects,
        &w.group,
        &w.queue,
        &w.due_at,
        &w.expires_at,
        &w.retention,
        &w.tokens,
        &w.clear,
        &w.sealed,
    ]
}

fn key_columns<'k>(k: &'k Keys<'_>) -> [&'k (dyn ToSql + Sync); 4] {
    [&k.account, &k.kind, &k.id, &k.was]
}

fn token_columns<'m>(m: &'m Marks<'_>) -> [&'m (dyn ToSql + Sync); 5] {
    [&m.account, &m.kind, &m.name, &m.value, &m.id]
}

fn person_columns<'m>(m: &'m Marks<'_>) -> [&'m (dyn ToSql + Sync); 4] {
    [&m.account, &m.name, &m.kind, &m.id]
}

/// Writes new records and what stands beside them, outside a fold.
pub(super) async fn insert(link: &Link, e: &Effects<'_>) -> Result<()> {
    let s = &link.statements;
    let inserting = columns(&e.inserted);
    let steps: [(u64, &tokio_postgres::Statement, Parameters<'_>); 4] = [
        (e.inserted.keys.count(), &s.insert, &inserting),
        (e.hold_unique.count(), &s.hold_unique, &token_columns(&e.hold_unique)),
        (e.hold.count(), &s.hold, &token_columns(&e.hold)),
        (e.listed.count(), &s.list, &person_columns(&e.listed)),
    ];
    for (rows, statement, parameters) in steps.into_iter().filter(|(rows, ..)| *rows > 0) {
        if link.client.execute(statement, parameters).await.map_err(|e| fault(&e))? != rows {
            return Err(Error::conflict("restore", "two records have the same key or unique token"));
        }
    }
    Ok(())
}
