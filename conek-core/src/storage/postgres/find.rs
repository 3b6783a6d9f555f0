//! Reading: by key, and by the declared indexes.

use deadpool_postgres::{Hook, HookError, Manager, ManagerConfig, Pool, PoolError, RecyclingMethod, Runtime};
use std::{sync::Arc, time::Duration};
use tokio_postgres::{Row, types::ToSql};

use super::{
    super::{
        Index, Key, Page, Query, Record,
        position::{Position, millis},
    },
    fault::{fault, is_lost},
    link::{Place, silent},
    row::{COLUMNS, MORE, damaged, get, kept, read},
};
use crate::values::error::{Error, Result};

/// How many connections read beside the writer.
const READERS: usize = 4;

type Value = Box<dyn ToSql + Sync + Send>;

/// The connections that read.
pub(super) struct Readers {
    pub(super) pool: Pool,
}

impl Readers {
    pub(super) fn new(place: &Arc<Place>) -> Result<Self> {
        let address = &place.address;
        let how = ManagerConfig { recycling_method: RecyclingMethod::Fast };
        let manager = Manager::from_config(address.config.clone(), address.tls.clone(), how);
        let place = place.clone();
        let greet = Hook::async_fn(move |client: &mut deadpool_postgres::ClientWrapper, _| {
            let place = place.clone();
            Box::pin(async move {
                let setup = format!("{} SET default_transaction_read_only = on;", place.setup());
                client.batch_execute(&setup).await.map_err(HookError::Backend)?;
                place.enter(client).await.map_err(HookError::Backend)
            })
        });
        let limit = Some(Duration::from_secs(15));
        let pool = Pool::builder(manager)
            .max_size(READERS)
            .runtime(Runtime::Tokio1)
            .post_create(greet)
            .wait_timeout(limit)
            .create_timeout(limit)
            .recycle_timeout(limit)
            .build();
        Ok(Self { pool: pool.map_err(|_| Error::internal("the pool of connections"))? })
    }

    /// A connection of the pool.
    pub(super) async fn client(&self) -> Result<deadpool_postgres::Object> {
        self.pool.get().await.map_err(|e| match e {
            PoolError::Closed => Error::Closed {},
            PoolError::Backend(e) | PoolError::PostCreateHook(HookError::Backend(e)) => fault(&e),
            PoolError::Timeout(_) => silent(),
            _ => Error::internal("the pool of connections"),
        })
    }

    /// The rows of one statement. A connection that turns out to be gone is replaced: reading twice harms nobody.
    async fn rows(&self, sql: &str, values: &[Value]) -> Result<Vec<Row>> {
        let values: Vec<&(dyn ToSql + Sync)> = values.iter().map(|v| &**v as &(dyn ToSql + Sync)).collect();
        let mut tries = 0;
        loop {
            let client = self.client().await?;
            let answer = match client.prepare_cached(sql).await {
                Ok(statement) => client.query(&statement, &values).await,
                Err(e) => Err(e),
            };
            match answer {
                Err(e) if is_lost(&e) && tries < READERS => {
                    tries += 1;
                    drop(deadpool_postgres::Object::take(client));
                }
                answer => return answer.map_err(|e| fault(&e)),
            }
        }
    }

    /// Reads records by key, all at one moment.
    pub(super) async fn get(&self, keys: &[Key]) -> Result<Vec<Option<Record>>> {
        let mut records = vec![None; keys.len()];
        if keys.is_empty() {
            return if self.pool.is_closed() { Err(Error::Closed {}) } else { Ok(records) };
        }
        let sql = format!(
            "SELECT {COLUMNS}, k.n FROM unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY AS k (account, kind, id, n)
             JOIN records r ON r.account = k.account AND r.kind = k.kind AND r.id = k.id"
        );
        let column = |part: fn(&Key) -> &String| -> Value {
            Box::new(keys.iter().map(|k| kept(part(k)).into_owned()).collect::<Vec<_>>())
        };
        let values = [column(|k| &k.account), column(|k| &k.kind), column(|k| &k.id)];
        for row in self.rows(&sql, &values).await? {
            let n: i64 = get(&row, MORE)?;
            let place = usize::try_from(n - 1).ok().and_then(|n| records.get_mut(n)).ok_or_else(damaged)?;
            *place = Some(read(&row)?);
        }
        Ok(records)
    }

    /// One page. `limit` and `after` have been checked.
    pub(super) async fn find(&self, q: &Query, limit: usize, after: Option<&Position>) -> Result<Page> {
        let mut select = Select::new(q);
        let sql = select.page(after, limit + 1);
        let rows = self.rows(&sql, &select.values).await?;
        let mut page = Page::default();
        for row in rows.iter().take(limit) {
            page.records.push(read(row)?);
        }
        if let (Some(last), true) = (page.records.last(), rows.len() > limit) {
            let at = match q.index {
                Index::Due { .. } => last.due_at.map_or(0, millis),
                Index::Expired { .. } => last.expires_at.map_or(0, millis),
                _ => 0,
            };
            let position = Position { at, kind: last.kind.clone(), id: last.id.clone() };
            page.next = Some(position.cursor(&q.index)?);
        }
        Ok(page)
    }

    /// How many records a query finds.
    pub(super) async fn count(&self, q: &Query) -> Result<i64> {
        let mut select = Select::new(q);
        let sources: Vec<String> =
            select.sources().iter().map(|s| format!("(SELECT count(*) FROM {s})")).collect();
        let rows = self.rows(&format!("SELECT {}", sources.join(" + ")), &select.values).await?;
        rows.first().map_or(Ok(0), |row| get(row, 0))
    }
}

/// A statement in the making, and its values.
struct Select<'q> {
    q: &'q Query,
    values: Vec<Value>,
}

impl<'q> Select<'q> {
    fn new(q: &'q Query) -> Self {
        Self { q, values: Vec::new() }
    }

    fn bind(&mut self, value: impl ToSql + Sync + Send + 'static) -> String {
        self.values.push(Box::new(value));
        format!("${}", self.values.len())
    }

    fn text(&mut self, text: &str) -> String {
        self.bind(kept(text).into_owned())
    }

    /// Where the records of the query are, `… WHERE …`, the record being `r`: one place or two.
    fn sources(&mut self) -> Vec<String> {
        let q = self.q;
        let account = self.text(&q.account);
        let kind = if q.kind.is_empty() { None } else { Some(self.text(&q.kind)) };
        let state = q.state.as_deref().map(|s| self.text(s));
        let also = |column: &str, value: &Option<String>| {
            value.as_ref().map(|v| format!(" AND {column} = {v}")).unwrap_or_default()
        };
        let own = format!("{}{}", also("r.kind", &kind), also("r.state", &state));
        let beside = |table: &str, condition: &str| {
            format!(
                "{table} x JOIN records r ON r.account = x.account AND r.kind = x.kind AND r.id = x.id
                 WHERE x.account = {account}{}{condition}{}",
                also("x.kind", &kind),
                also("r.state", &state)
            )
        };
        let direct = |condition: &str| format!("records r WHERE r.account = {account}{own}{condition}");
        match &q.index {
            Index::Id {} => vec![direct("")],
            Index::Group { group } => {
                let group = self.text(group);
                vec![direct(&format!(" AND r.grp = {group}"))]
            }
            Index::Due { queue, until } => {
                let (queue, until) = (self.text(queue), self.bind(millis(*until)));
                vec![direct(&format!(" AND r.queue = {queue} AND r.due_at <= {until}"))]
            }
            Index::Expired { until } => {
                let until = self.bind(millis(*until));
                vec![direct(&format!(" AND r.expires_at <= {until}"))]
            }
            Index::Subject { person } => {
                let person = self.text(person);
                vec![
                    direct(&format!(" AND r.subject = {person}")),
                    beside("more_subjects", &format!(" AND x.person = {person}")),
                ]
            }
            Index::Token { name, value } => {
                let condition =
                    format!(" AND x.name = {} AND x.value = {}", self.text(name), self.text(value));
                vec![beside("unique_tokens", &condition), beside("tokens", &condition)]
            }
        }
    }

    /// The statement for at most `limit` records in the index's order, from behind `after` on.
    fn page(&mut self, after: Option<&Position>, limit: usize) -> String {
        let time = match self.q.index {
            Index::Due { .. } => Some("due_at"),
            Index::Expired { .. } => Some("expires_at"),
            _ => None,
        };
        let of_all_kinds = self.q.kind.is_empty();
        let mut columns: Vec<&str> = time.into_iter().collect();
        if of_all_kinds {
            columns.push("kind");
        }
        columns.push("id");
        let sources = self.sources();
        let limit = self.bind(i64::try_from(limit).unwrap_or(i64::MAX));
        let (than, turn) = if self.q.descending { ("<", " DESC") } else { (">", "") };
        let list = |table: &str, turn: &str| {
            columns.iter().map(|c| format!("{table}.{c}{turn}")).collect::<Vec<_>>().join(", ")
        };
        let behind = after.map(|p| self.behind(p, time, than)).unwrap_or_default();
        let read = |from: &str, more: &str| {
            format!("SELECT {COLUMNS} FROM {from}{behind}{more} ORDER BY {} LIMIT {limit}", list("r", turn))
        };
        match &sources[..] {
            // Every kind has its own stretch of the index: the first of each are merged.
            [one] if of_all_kinds => {
                let lateral = read(one, " AND r.kind = k.kind");
                format!(
                    "WITH RECURSIVE k (kind) AS (
                        (SELECT min(kind) FROM records WHERE account = $1)
                        UNION ALL
                        SELECT (SELECT min(kind) FROM records WHERE account = $1 AND kind > k.kind) FROM k WHERE k.kind IS NOT NULL)
                     SELECT r.* FROM k CROSS JOIN LATERAL ({lateral}) r
                     WHERE k.kind IS NOT NULL ORDER BY {} LIMIT {limit}",
                    list("r", turn)
                )
            }
            [one] => read(one, ""),
            several => {
                let parts: Vec<String> = several.iter().map(|s| format!("({})", read(s, ""))).collect();
                format!(
                    "SELECT r.* FROM ({}) r ORDER BY {} LIMIT {limit}",
                    parts.join(" UNION ALL "),
                    list("r", turn)
                )
            }
        }
    }

    /// The condition that a record stands behind a place in the index.
    fn behind(&mut self, p: &Position, time: Option<&str>, than: &str) -> String {
        let mut columns = Vec::new();
        let mut values = Vec::new();
        if let Some(time) = time {
            columns.push(format!("r.{time}"));
            values.push(self.bind(p.at));
        }
        if p.kind != self.q.kind {
            columns.push("r.kind".to_owned());
            values.push(self.text(&p.kind));
        }
        columns.push("r.id".to_owned());
        values.push(self.text(&p.id));
        format!(" AND ({}) {than} ({})", columns.join(", "), values.join(", "))
    }
}
