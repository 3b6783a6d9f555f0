//! Reading: by key, and by the declared indexes.

use rusqlite::{Connection, OptionalExtension, Result, ToSql, types::Value};

use super::{
    super::{
        Index, Key, Page, Query, Record,
        position::{Position, millis},
    },
    row::{COLUMNS, read},
    spaces::{Spaces, kinds},
};

/// A connection that reads.
pub(super) struct Reader {
    pub(super) conn: Connection,
    pub(super) spaces: Spaces,
}

/// One stretch of one index of one kind, in that index's order. A query reads one or several.
struct Source {
    kind: String,
    space: i64,
    /// `FROM … WHERE …`, the record being `r`.
    from: String,
    binds: Vec<Value>,
    /// The column that orders before the id, if the index has one.
    time: Option<&'static str>,
    /// The column that orders: the index's own id.
    id: &'static str,
}

impl Reader {
    /// Reads records by key, all at one moment.
    pub(super) fn get(&mut self, keys: &[Key]) -> Result<Vec<Option<Record>>> {
        let tx = self.conn.unchecked_transaction()?;
        let sql = format!("SELECT {COLUMNS} FROM records r WHERE r.space = ? AND r.id = ?");
        let mut by_key = self.conn.prepare_cached(&sql)?;
        let mut records = Vec::with_capacity(keys.len());
        for key in keys {
            records.push(match self.spaces.find(&self.conn, &key.account, &key.kind)? {
                Some(space) => {
                    by_key.query_row((space, &key.id), |row| read(row, &key.account, &key.kind)).optional()?
                }
                None => None,
            });
        }
        drop(by_key);
        tx.commit()?;
        Ok(records)
    }

    /// One page. `limit` and `after` have been checked.
    pub(super) fn find(&mut self, q: &Query, limit: usize, after: Option<&Position>) -> Result<Page> {
        let tx = self.conn.unchecked_transaction()?;
        let sources = sources(&self.conn, &mut self.spaces, q)?;
        let wanted = limit + 1;
        let mut found = match &sources[..] {
            [one] => one.records(&tx, q, after, wanted)?,
            several => {
                let mut places = Vec::new();
                for (n, source) in several.iter().enumerate() {
                    places.extend(source.places(&tx, q, after, wanted)?.into_iter().map(|p| (p, n)));
                }
                places.sort();
                if q.descending {
                    places.reverse();
                }
                places.truncate(wanted);
                let mut found = Vec::with_capacity(places.len());
                for (n, source) in several.iter().enumerate() {
                    let mine = places.iter().filter(|(_, from)| *from == n).count();
                    if mine > 0 {
                        found.extend(source.records(&tx, q, after, mine)?);
                    }
                }
                found.sort_by(|(a, _), (b, _)| a.cmp(b));
                if q.descending {
                    found.reverse();
                }
                found
            }
        };
        tx.commit()?;
        let more = found.len() > limit;
        found.truncate(limit);
        let next = match found.last() {
            Some((position, _)) if more => {
                Some(position.cursor(&q.index).map_err(|_| rusqlite::Error::InvalidQuery)?)
            }
            _ => None,
        };
        Ok(Page { records: found.into_iter().map(|(_, r)| r).collect(), next })
    }

    /// How many records a query finds.
    pub(super) fn count(&mut self, q: &Query) -> Result<i64> {
        let tx = self.conn.unchecked_transaction()?;
        let mut n = 0;
        for source in sources(&self.conn, &mut self.spaces, q)? {
            n += source.count(&tx, q)?;
        }
        tx.commit()?;
        Ok(n)
    }
}

/// The sources of a query, in the order of their kinds.
fn sources(conn: &Connection, spaces: &mut Spaces, q: &Query) -> Result<Vec<Source>> {
    let found = if q.kind.is_empty() {
        kinds(conn, &q.account)?
    } else {
        let space = spaces.find(conn, &q.account, &q.kind)?;
        space.map(|space| (q.kind.clone(), space)).into_iter().collect()
    };
    Ok(found.into_iter().flat_map(|(kind, space)| in_space(&q.index, &kind, space)).collect())
}

fn in_space(index: &Index, kind: &str, space: i64) -> Vec<Source> {
    let text = |t: &String| Value::from(t.clone());
    let source = |from: &str, binds: Vec<Value>, time, id| Source {
        kind: kind.to_owned(),
        space,
        from: from.to_owned(),
        binds,
        time,
        id,
    };
    match index {
        Index::Id {} => vec![source("records r WHERE r.space = ?1", vec![], None, "r.id")],
        Index::Group { group } => {
            vec![source("records r WHERE r.space = ?1 AND r.grp = ?2", vec![text(group)], None, "r.id")]
        }
        Index::Due { queue, until } => vec![source(
            "records r WHERE r.space = ?1 AND r.queue = ?2 AND r.due_at <= ?3",
            vec![text(queue), millis(*until).into()],
            Some("r.due_at"),
            "r.id",
        )],
        Index::Expired { until } => vec![source(
            "records r WHERE r.space = ?1 AND r.expires_at <= ?2",
            vec![millis(*until).into()],
            Some("r.expires_at"),
            "r.id",
        )],
        Index::Subject { person } => vec![
            source("records r WHERE r.space = ?1 AND r.subject = ?2", vec![text(person)], None, "r.id"),
            source(
                "more_subjects x CROSS JOIN records r ON r.row = x.row WHERE x.space = ?1 AND x.person = ?2",
                vec![text(person)],
                None,
                "x.id",
            ),
        ],
        Index::Token { name, value } => vec![
            source(
                "unique_tokens x CROSS JOIN records r ON r.row = x.row
                 WHERE x.space = ?1 AND x.name = ?2 AND x.value = ?3",
                vec![text(name), text(value)],
                None,
                "r.id",
            ),
            source(
                "tokens x CROSS JOIN records r ON r.row = x.row
                 WHERE x.space = ?1 AND x.name = ?2 AND x.value = ?3",
                vec![text(name), text(value)],
                None,
                "x.id",
            ),
        ],
    }
}

impl Source {
    /// The statement and its values: `select` from this source, from `after` on, at most `limit`.
    fn select(
        &self,
        select: &str,
        q: &Query,
        after: Option<&Position>,
        limit: Option<usize>,
    ) -> (String, Vec<Value>) {
        let mut sql = format!("SELECT {select} FROM {}", self.from);
        let mut values = vec![Value::from(self.space)];
        values.extend(self.binds.iter().cloned());
        let mut bind = |value: Value| {
            values.push(value);
            format!("?{}", values.len())
        };
        if let Some(state) = &q.state {
            sql += &format!(" AND r.state = {}", bind(state.clone().into()));
        }
        let (than, order) = if q.descending { ("<", " DESC") } else { (">", "") };
        if let Some(p) = after {
            // Within one time (or none), the order goes on by kind, then id.
            let kinds = if q.descending { p.kind.cmp(&self.kind) } else { self.kind.cmp(&p.kind) };
            let condition = match (self.time, kinds) {
                (None, std::cmp::Ordering::Greater) => String::new(),
                (None, std::cmp::Ordering::Less) => " AND false".to_owned(),
                (None, std::cmp::Ordering::Equal) => {
                    format!(" AND {} {than} {}", self.id, bind(p.id.clone().into()))
                }
                (Some(t), std::cmp::Ordering::Greater) => format!(" AND {t} {than}= {}", bind(p.at.into())),
                (Some(t), std::cmp::Ordering::Less) => format!(" AND {t} {than} {}", bind(p.at.into())),
                (Some(t), std::cmp::Ordering::Equal) => {
                    let at = bind(p.at.into());
                    format!(" AND ({t}, {}) {than} ({at}, {})", self.id, bind(p.id.clone().into()))
                }
            };
            sql += &condition;
        }
        if let Some(limit) = limit {
            let time = self.time.map(|t| format!("{t}{order}, ")).unwrap_or_default();
            let limit = bind(i64::try_from(limit).unwrap_or(i64::MAX).into());
            sql += &format!(" ORDER BY {time}{}{order} LIMIT {limit}", self.id);
        }
        (sql, values)
    }

    fn place(&self, at: i64, id: String) -> Position {
        Position { at, kind: self.kind.clone(), id }
    }

    fn places(
        &self,
        conn: &Connection,
        q: &Query,
        after: Option<&Position>,
        limit: usize,
    ) -> Result<Vec<Position>> {
        let (sql, values) =
            self.select(&format!("{}, {}", self.time.unwrap_or("0"), self.id), q, after, Some(limit));
        conn.prepare_cached(&sql)?
            .query_map(bound(&values).as_slice(), |row| Ok(self.place(row.get(0)?, row.get(1)?)))?
            .collect()
    }

    fn records(
        &self,
        conn: &Connection,
        q: &Query,
        after: Option<&Position>,
        limit: usize,
    ) -> Result<Vec<(Position, Record)>> {
        let (sql, values) = self.select(COLUMNS, q, after, Some(limit));
        conn.prepare_cached(&sql)?
            .query_map(bound(&values).as_slice(), |row| {
                let record = read(row, &q.account, &self.kind)?;
                let at = match q.index {
                    Index::Due { .. } => record.due_at.map_or(0, millis),
                    Index::Expired { .. } => record.expires_at.map_or(0, millis),
                    _ => 0,
                };
                Ok((self.place(at, record.id.clone()), record))
            })?
            .collect()
    }

    fn count(&self, conn: &Connection, q: &Query) -> Result<i64> {
        let (sql, values) = self.select("count(*)", q, None, None);
        conn.prepare_cached(&sql)?.query_row(bound(&values).as_slice(), |row| row.get(0))
    }
}

fn bound(values: &[Value]) -> Vec<&dyn ToSql> {
    values.iter().map(|v| v as &dyn ToSql).collect()
}
