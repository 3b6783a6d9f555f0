//! What a fold must know before it can decide.

use tokio_postgres::{Row, types::ToSql};

use super::{
    super::{Batch, Write, packed::unpack},
    fold::{Broken, Fold, Work, or},
    plan::{Name, Stored, Wanted},
    row::{damaged, get, given, kept, more},
};
use crate::values::error::Result;

impl Fold<'_> {
    /// Begins, takes the accounts' locks and reads all that must be known: one round trip.
    #[allow(clippy::type_complexity)]
    pub(super) async fn ask(
        &self,
        wanted: &Wanted<'_>,
        works: &[Work<'_>],
    ) -> Result<(Vec<Option<Stored>>, Vec<Option<String>>, Vec<i64>), Broken> {
        let s = &self.link.statements;
        let own = wanted.accounts();
        let claimed = works.iter().filter_map(|w| match w {
            Work::Claim(work) => Some(work.account.as_str()),
            Work::Commit(_) => None,
        });
        let mut locks: Vec<i64> =
            own.iter().copied().chain(claimed).map(|a| self.place.lock("account", a)).collect();
        // Everybody takes them in one order, or two could wait for each other.
        locks.sort_unstable();
        locks.dedup();
        let keys = |column: fn(&Name<'_>) -> String| wanted.keys.iter().map(column).collect::<Vec<_>>();
        let (accounts, kinds, ids) = (
            keys(|k| kept(k.0).into_owned()),
            keys(|k| kept(k.1).into_owned()),
            keys(|k| kept(k.2).into_owned()),
        );
        let marks: [Vec<_>; 4] = [
            wanted.marks.iter().map(|m| kept(m.0)).collect(),
            wanted.marks.iter().map(|m| kept(m.1)).collect(),
            wanted.marks.iter().map(|m| kept(m.2)).collect(),
            wanted.marks.iter().map(|m| kept(m.3)).collect(),
        ];
        let own: Vec<_> = own.iter().map(|a| kept(a)).collect();
        let states: [&(dyn ToSql + Sync); 3] = [&accounts, &kinds, &ids];
        let holding: [&(dyn ToSql + Sync); 4] = [&marks[0], &marks[1], &marks[2], &marks[3]];
        let sequenced: [&(dyn ToSql + Sync); 1] = [&own];
        let nothing = || async { Ok(Vec::new()) };
        let (begun, locked, states, holders, counters) = tokio::join!(
            biased;
            self.link.client.execute(&s.begin, &[]),
            async { self.query(&s.lock, &[&locks]).await },
            async { if ids.is_empty() { nothing().await } else { self.query(&s.states, &states).await } },
            async { if wanted.marks.is_empty() { nothing().await } else { self.query(&s.holders, &holding).await } },
            async { if wanted.appends.is_empty() { nothing().await } else { self.query(&s.sequences, &sequenced).await } },
        );
        begun.and(locked).map_err(|e| Broken::of(&e))?;
        let (states, holders, counters) = (or(states)?, or(holders)?, or(counters)?);
        let mut stored: Vec<Option<Stored>> = Vec::new();
        stored.resize_with(wanted.keys.len(), || None);
        for row in &states {
            let (n, state) = state(row)?;
            *stored.get_mut(n).ok_or_else(damaged)? = Some(state);
        }
        let mut held = vec![None; wanted.marks.len()];
        for row in &holders {
            *held.get_mut(place(row)?).ok_or_else(damaged)? = Some(given(get(row, 1)?));
        }
        let counters = counters.iter().map(|row| get(row, 0)).collect::<Result<Vec<i64>>>()?;
        Ok((stored, held, counters))
    }

    /// Looks at the keys of appends, which somebody may have taken.
    pub(super) async fn look<'a>(
        &self,
        wanted: &mut Wanted<'a>,
        batches: &[&'a Batch],
        new: &'a [String],
        mut stored: Vec<Option<Stored>>,
    ) -> Result<Vec<Option<Stored>>, Broken> {
        let kinds = batches.iter().flat_map(|b| &b.writes).filter_map(|w| match w {
            Write::Append { record } => Some((record.account.as_str(), record.kind.as_str())),
            _ => None,
        });
        let places: Vec<usize> =
            kinds.zip(new).map(|((account, kind), id)| wanted.key((account, kind, id.as_str()))).collect();
        let column = |part: fn(&Name<'_>) -> String| -> Vec<String> {
            places.iter().map(|i| part(&wanted.keys[*i])).collect()
        };
        let (accounts, kinds, ids) = (
            column(|k| kept(k.0).into_owned()),
            column(|k| kept(k.1).into_owned()),
            column(|k| kept(k.2).into_owned()),
        );
        stored.resize_with(wanted.keys.len(), || None);
        for row in &or(self.query(&self.link.statements.states, &[&accounts, &kinds, &ids]).await)? {
            let (n, state) = state(row)?;
            *places.get(n).and_then(|i| stored.get_mut(*i)).ok_or_else(damaged)? = Some(state);
        }
        Ok(stored)
    }
}

/// Which question a row answers.
fn place(row: &Row) -> Result<usize> {
    let n: i64 = get(row, 0)?;
    usize::try_from(n - 1).map_err(|_| damaged())
}

fn state(row: &Row) -> Result<(usize, Stored)> {
    let tokens = match get::<Option<&[u8]>>(row, 2)? {
        Some(bytes) => unpack(bytes).ok_or_else(damaged)?,
        None => Vec::new(),
    };
    Ok((place(row)?, Stored { version: get(row, 1)?, tokens, more: more(get(row, 3)?)? }))
}
