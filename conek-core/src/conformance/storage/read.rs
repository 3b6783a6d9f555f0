//! Promises of `get`, `find` and `count`.

use super::bench::{Bench, Verdict, at, delete, ids, insert, patch, replace, same, token};
use crate::storage::{Index, Query, Record, Write};

pub(super) async fn get_answers_per_key(b: Bench) -> Verdict {
    let (one, two) = (b.record("thing", "one"), b.record("thing", "two"));
    b.done(vec![insert(&one), insert(&two)]).await?;
    let none = b.record("thing", "none").key();
    let kind = b.record("unknown", "one").key();
    let keys = vec![two.key(), none, one.key(), two.key(), kind];
    let found: Vec<Option<String>> = b.get(keys).await?.into_iter().map(|r| r.map(|r| r.id)).collect();
    let two = || Some("two".to_owned());
    same("entries", found, vec![two(), None, Some("one".into()), two(), None])?;
    same("no keys", b.get(vec![]).await?, vec![])
}

pub(super) async fn records_come_back_whole(b: Bench) -> Verdict {
    let far = |ms| crate::Timestamp::from_timestamp_millis(ms);
    let full = Record {
        version: 1,
        state: "größer\u{1F600}".into(),
        subjects: vec!["c".into(), "a".into(), "b".into()],
        group: Some("g'\"\\%_".into()),
        queue: Some("q\u{0}x".into()),
        due_at: far(1_700_000_000_123),
        expires_at: far(-1),
        retention: "r".into(),
        tokens: vec![token("n", "2", false), token("u", "1", true), token("n", "", false)],
        clear: r#"{"text":"line\nline","n":1.50}"#.into(),
        sealed: (0..100_000u32).map(|n| (n % 251) as u8).collect(),
        ..b.record("thing", "id/with spaces\u{10FFFF}")
    };
    let bare =
        Record { version: 1, clear: String::new(), group: Some(String::new()), ..b.record("thing", "bare") };
    b.done(vec![insert(&full), insert(&bare)]).await?;
    for wanted in [full, bare] {
        let stored = b.stored(&wanted).await?;
        if stored != wanted {
            return Err(format!("record {} came back changed", wanted.id));
        }
    }
    Ok(())
}

/// Some records of two kinds that stand in every index, several with the same time.
fn crowd(b: &Bench) -> Vec<Record> {
    let mut crowd = Vec::new();
    for n in 0..24_i64 {
        let kind = if n % 3 == 0 { "alpha" } else { "beta" };
        // The ids do not follow the times, and some sort differently as numbers than as text.
        let id = format!("{}", (n * 7) % 24);
        let person = if n % 4 == 0 { vec!["p".into()] } else { vec!["x".into(), "p".into(), "p".into()] };
        crowd.push(Record {
            state: if n % 5 == 0 { "odd" } else { "new" }.into(),
            subjects: person,
            group: Some("g".into()),
            queue: Some("q".into()),
            due_at: Some(at(n / 4)),
            expires_at: Some(at(10 - n / 6)),
            tokens: vec![token("n", "1", false)],
            ..b.record(kind, &id)
        });
    }
    crowd
}

/// What an index orders records by.
type Order = fn(&Record) -> String;

/// Every index over the crowd, with the order that it promises.
fn orders() -> Vec<(&'static str, Index, Order)> {
    fn id(r: &Record) -> String {
        r.id.clone()
    }
    fn kind_id(r: &Record) -> String {
        format!("{} {}", r.kind, r.id)
    }
    fn due(r: &Record) -> String {
        format!("{:?} {}", r.due_at, r.id)
    }
    fn expiry(r: &Record) -> String {
        format!("{:?} {} {}", r.expires_at, r.kind, r.id)
    }
    vec![
        ("beta", Index::Id {}, id),
        ("beta", Index::Token { name: "n".into(), value: "1".into() }, id),
        ("beta", Index::Group { group: "g".into() }, id),
        ("beta", Index::Due { queue: "q".into(), until: at(4) }, due),
        ("beta", Index::Subject { person: "p".into() }, id),
        ("", Index::Subject { person: "p".into() }, kind_id),
        ("beta", Index::Expired { until: at(9) }, expiry),
        ("", Index::Expired { until: at(9) }, expiry),
    ]
}

/// What a query must find in the crowd, in order.
fn wanted(crowd: &[Record], q: &Query, order: Order) -> Vec<String> {
    let mut found: Vec<&Record> = crowd
        .iter()
        .filter(|r| q.kind.is_empty() || r.kind == q.kind)
        .filter(|r| q.state.as_ref().is_none_or(|s| *s == r.state))
        .filter(|r| match &q.index {
            Index::Due { until, .. } => r.due_at.is_some_and(|t| t <= *until),
            Index::Expired { until } => r.expires_at.is_some_and(|t| t <= *until),
            _ => true,
        })
        .collect();
    found.sort_by_key(|r| order(r));
    if q.descending {
        found.reverse();
    }
    found.into_iter().map(|r| format!("{} {}", r.kind, r.id)).collect()
}

fn names(records: &[Record]) -> Vec<String> {
    records.iter().map(|r| format!("{} {}", r.kind, r.id)).collect()
}

/// Every query over the crowd: each index, both directions, with and without a state.
fn queries(b: &Bench) -> Vec<(Query, Order)> {
    let mut queries = Vec::new();
    for (kind, index, order) in orders() {
        for descending in [false, true] {
            for state in [None, Some("odd".to_owned()), Some("new".to_owned())] {
                queries.push((Query { descending, state, ..b.query(kind, index.clone()) }, order));
            }
        }
    }
    queries
}

async fn store(b: &Bench) -> Verdict<Vec<Record>> {
    let crowd = crowd(b);
    b.done(crowd.iter().map(insert).collect()).await?;
    // Near them, but in none of the queries.
    b.done(vec![insert(&b.record("gamma", "0")), insert(&b.record("Beta", "0"))]).await?;
    Ok(crowd)
}

pub(super) async fn find_follows_the_index(b: Bench) -> Verdict {
    let crowd = store(&b).await?;
    for (query, order) in queries(&b) {
        if matches!(query.index, Index::Id {}) || !query.kind.is_empty() || query.state.is_none() {
            let what = format!(
                "{:?} of {:?}, state {:?}, descending {}",
                query.index, query.kind, query.state, query.descending
            );
            same(&what, names(&b.find(query.clone()).await?.records), wanted(&crowd, &query, order))?;
        }
    }
    Ok(())
}

pub(super) async fn cursors_continue(b: Bench) -> Verdict {
    let crowd = store(&b).await?;
    for (query, order) in queries(&b) {
        for limit in [1, 2, 5] {
            let what = format!(
                "pages of {limit} by {:?} of {:?}, state {:?}, descending {}",
                query.index, query.kind, query.state, query.descending
            );
            same(&what, names(&b.paged(query.clone(), limit).await?), wanted(&crowd, &query, order))?;
        }
    }
    // What comes and goes elsewhere does not move what stands still.
    let query = Query { limit: 4, ..b.query("beta", Index::Id {}) };
    let first = b.find(query.clone()).await?;
    b.done(vec![delete(&first.records[0], 1), insert(&b.record("beta", "00"))]).await?;
    let rest = b.paged(Query { after: first.next, ..query.clone() }, 4).await?;
    let seen = [names(&first.records), names(&rest)].concat();
    same("pages around a change", seen, wanted(&crowd, &query, |r| r.id.clone()))
}

pub(super) async fn the_id_index_goes_on_behind_any_id(b: Bench) -> Verdict {
    for id in ["a", "c", "e"] {
        b.done(vec![insert(&b.record("thing", id))]).await?;
    }
    for (after, wanted) in
        [("", vec!["a", "c", "e"]), ("a", vec!["c", "e"]), ("b", vec!["c", "e"]), ("e", vec![])]
    {
        let query = Query { after: Some(after.to_owned()), ..b.query("thing", Index::Id {}) };
        let seen: Vec<String> = b.find(query).await?.records.into_iter().map(|r| r.id).collect();
        if seen != wanted {
            return Err(format!(
                "behind the id {after:?} it returned {} records, not {}",
                seen.len(),
                wanted.len()
            ));
        }
    }
    let query = Query { limit: 2, ..b.query("thing", Index::Id {}) };
    match b.find(query).await?.next.as_deref() {
        Some("c") => Ok(()),
        _ => Err("the cursor of a page by id is not the last record's id".to_owned()),
    }
}

pub(super) async fn limit_and_next(b: Bench) -> Verdict {
    for n in 0..6 {
        b.done(vec![insert(&b.record("thing", &format!("{n}")))]).await?;
    }
    for (limit, full, more) in [(1, 1, true), (5, 5, true), (6, 6, false), (7, 6, false), (10_000, 6, false)]
    {
        for descending in [false, true] {
            let page = b.find(Query { limit, descending, ..b.query("thing", Index::Id {}) }).await?;
            same(&format!("limit {limit}"), (page.records.len(), page.next.is_some()), (full, more))?;
        }
    }
    let page = b.find(b.query("nothing", Index::Id {})).await?;
    same("an empty index", (page.records.len(), page.next), (0, None))
}

pub(super) async fn indexes_follow_changes(b: Bench) -> Verdict {
    let before = Record {
        subjects: vec!["p".into(), "q".into()],
        group: Some("g".into()),
        expires_at: Some(at(1)),
        ..b.waiting("one", 1)
    };
    b.done(vec![insert(&before)]).await?;
    let due = |queue: &str| Index::Due { queue: queue.into(), until: at(50) };
    let person = |person: &str| Index::Subject { person: person.into() };
    let group = |group: &str| Index::Group { group: group.into() };
    let mut step = patch(&before, 1, "x");
    (step.queue, step.due_at) = (Some("later".into()), Some(at(60)));
    b.done(vec![Write::Change { patch: step.clone() }]).await?;
    same("the old queue", ids(&b.all("job", due("q")).await?), vec![])?;
    same("the new queue before its time", ids(&b.all("job", due("later")).await?), vec![])?;
    (step.version, step.due_at) = (2, Some(at(50)));
    b.done(vec![Write::Change { patch: step }]).await?;
    same("the new queue at its time", ids(&b.all("job", due("later")).await?), vec!["one"])?;
    let after = Record { subjects: vec!["q".into(), "r".into()], group: None, ..b.record("job", "one") };
    b.done(vec![replace(&after, 3)]).await?;
    for (index, there) in [
        (person("p"), false),
        (person("q"), true),
        (person("r"), true),
        (group("g"), false),
        (due("later"), false),
        (Index::Expired { until: at(50) }, false),
        (Index::Id {}, true),
    ] {
        let found = b.all("job", index.clone()).await?;
        same(&format!("found by {index:?}"), !found.is_empty(), there)?;
    }
    b.done(vec![delete(&after, 4)]).await?;
    for index in [person("q"), person("r"), Index::Id {}] {
        same("a deleted record", ids(&b.all("job", index).await?), vec![])?;
    }
    Ok(())
}

pub(super) async fn count_is_what_find_returns(b: Bench) -> Verdict {
    let crowd = store(&b).await?;
    for (query, order) in queries(&b) {
        let n = i64::try_from(wanted(&crowd, &query, order).len()).unwrap_or(-1);
        let what = format!("{:?} of {:?}, state {:?}", query.index, query.kind, query.state);
        same(&what, b.count(Query { limit: 1, ..query.clone() }).await?, n)?;
        let page = b.find(Query { limit: 1, ..query.clone() }).await?;
        same("with a cursor", b.count(Query { after: page.next, ..query }).await?, n)?;
    }
    Ok(())
}
