//! Promises of `commit`.

use super::bench::{
    Bench, Verdict, append, change, check, delete, holds, ids, insert, patch, put, replace, same, token,
};
use crate::storage::{Committed, Index, Record, Write};

fn by_token(name: &str, value: &str) -> Index {
    Index::Token { name: name.into(), value: value.into() }
}

pub(super) async fn all_or_nothing(b: Bench) -> Verdict {
    let tagged = |id: &str, value: &str| Record {
        tokens: vec![token("u", value, true), token("n", value, false)],
        group: Some("g".into()),
        subjects: vec!["a".into(), "b".into()],
        ..b.record("thing", id)
    };
    let (old, gone, fresh) = (tagged("old", "1"), tagged("gone", "2"), tagged("fresh", "3"));
    b.done(vec![insert(&old), insert(&gone)]).await?;
    let mut moved = patch(&old, 1, "changed");
    moved.tokens = Some(vec![token("u", "4", true)]);
    let half = vec![
        insert(&fresh),
        append(&b.record("log", "")),
        Write::Change { patch: moved },
        delete(&gone, 1),
        put(&b.record("thing", "put")),
        check(&b.record("thing", "never"), 7),
    ];
    let before = vec![insert(&b.record("thing", "before"))];
    let after = vec![insert(&b.record("thing", "after"))];
    let done = b.commit(vec![before, half, after]).await?;
    holds(
        matches!(
            &done[..],
            [Committed::Done { .. }, Committed::Conflict { write: 5, .. }, Committed::Done { .. }]
        ),
        format!("done, conflict at 5, done was due; got {done:?}"),
    )?;
    same("records", ids(&b.all("thing", Index::Id {}).await?), vec!["after", "before", "gone", "old"])?;
    same("appended", b.all("log", Index::Id {}).await?.len(), 0)?;
    for (value, holders) in [("1", vec!["old"]), ("2", vec!["gone"]), ("3", vec![]), ("4", vec![])] {
        same("holders of u", ids(&b.all("thing", by_token("u", value)).await?), holders)?;
    }
    same("holders of n", ids(&b.all("thing", by_token("n", "3")).await?), vec![])?;
    for person in ["a", "b"] {
        let index = Index::Subject { person: person.into() };
        same("a person's records", ids(&b.all("", index).await?), vec!["gone", "old"])?;
    }
    let stored = b.stored(&old).await?;
    same("a record of a refused batch", (stored.version, stored.state.as_str()), (1, "new"))?;
    // What the refused batch wanted is free for others.
    b.done(vec![insert(&tagged("later", "3")), insert(&tagged("last", "4"))]).await.map(drop)
}

pub(super) async fn answers_in_order(b: Bench) -> Verdict {
    let one = b.record("thing", "one");
    let done = b
        .commit(vec![
            vec![insert(&one)],
            vec![insert(&one)],
            vec![change(&one, 1, "second")],
            vec![change(&one, 1, "never")],
            vec![delete(&one, 2)],
            vec![insert(&one)],
            vec![],
        ])
        .await?;
    let fits: Vec<bool> = done.iter().map(|d| matches!(d, Committed::Done { .. })).collect();
    same("which batches fit", fits, vec![true, false, true, false, true, true, true])?;
    let stored = b.stored(&one).await?;
    same("the last batch's record", (stored.version, stored.state.as_str()), (1, "new"))
}

pub(super) async fn insert_of_existing_conflicts(b: Bench) -> Verdict {
    let one = b.record("thing", "one");
    b.done(vec![insert(&one)]).await?;
    let again = Record { state: "again".into(), ..one.clone() };
    b.refused(vec![insert(&b.record("thing", "two")), insert(&again)], 1, &["exists"]).await?;
    b.absent(&b.record("thing", "two")).await?;
    same("the first record", b.stored(&one).await?.state, "new".into())?;
    b.done(vec![insert(&Record { kind: "other".into(), ..one })]).await.map(drop)
}

pub(super) async fn stale_version_conflicts(b: Bench) -> Verdict {
    let one = b.record("thing", "one");
    b.done(vec![insert(&one)]).await?;
    b.done(vec![change(&one, 1, "two")]).await?;
    for version in [0, 1, 3, -1] {
        b.refused(vec![replace(&one, version)], 0, &["version"]).await?;
        b.refused(vec![change(&one, version, "x")], 0, &["version"]).await?;
        b.refused(vec![delete(&one, version)], 0, &["version"]).await?;
    }
    let missing = b.record("thing", "missing");
    for version in [0, 1] {
        b.refused(vec![replace(&missing, version)], 0, &["version"]).await?;
        b.refused(vec![change(&missing, version, "x")], 0, &["version"]).await?;
        b.refused(vec![delete(&missing, version)], 0, &["version"]).await?;
    }
    b.absent(&missing).await?;
    let stored = b.stored(&one).await?;
    same("the record", (stored.version, stored.state.as_str()), (2, "two"))
}

pub(super) async fn put_writes_whatever_was_there(b: Bench) -> Verdict {
    let first = Record { tokens: vec![token("u", "1", true)], ..b.record("thing", "one") };
    b.done(vec![put(&first)]).await?;
    let second = Record { state: "second".into(), group: Some("g".into()), ..b.record("thing", "one") };
    b.done(vec![put(&second)]).await?;
    let wanted = Record { version: 2, ..second };
    same("the record", b.stored(&first).await?, wanted)?;
    same("holders", ids(&b.all("thing", by_token("u", "1")).await?), vec![])
}

pub(super) async fn check_zero_demands_absence(b: Bench) -> Verdict {
    let (one, none) = (b.record("thing", "one"), b.record("thing", "none"));
    b.done(vec![check(&one, 0), insert(&one), check(&one, 1)]).await?;
    b.refused(vec![check(&one, 0)], 0, &["exists", "version"]).await?;
    b.refused(vec![check(&one, 2)], 0, &["version"]).await?;
    b.refused(vec![check(&none, 1)], 0, &["version"]).await?;
    b.done(vec![check(&none, 0), check(&one, 1)]).await?;
    same("a checked record's version", b.stored(&one).await?.version, 1)
}

pub(super) async fn versions_count_by_one(b: Bench) -> Verdict {
    // What the caller says of the version is ignored.
    let one = Record { version: 77, ..b.waiting("one", 1) };
    b.done(vec![insert(&one)]).await?;
    same("after Insert", b.stored(&one).await?.version, 1)?;
    b.done(vec![change(&one, 1, "new")]).await?;
    same("after Change", b.stored(&one).await?.version, 2)?;
    b.done(vec![replace(&one, 2)]).await?;
    same("after Replace", b.stored(&one).await?.version, 3)?;
    b.done(vec![put(&one)]).await?;
    same("after Put", b.stored(&one).await?.version, 4)?;
    b.claim(b.work(9, 1)).await?;
    same("after a claim", b.stored(&one).await?.version, 5)?;
    b.done(vec![change(&one, 5, "a"), change(&one, 6, "b")]).await?;
    same("after two changes in a batch", b.stored(&one).await?.version, 7)
}

pub(super) async fn change_keeps_the_rest(b: Bench) -> Verdict {
    let one = Record {
        subjects: vec!["a".into(), "b".into()],
        group: Some("g".into()),
        expires_at: Some(super::bench::at(5)),
        tokens: vec![token("u", "1", true)],
        clear: r#"{"n":1}"#.into(),
        sealed: vec![1, 2, 3],
        ..b.waiting("one", 1)
    };
    b.done(vec![insert(&one)]).await?;
    let mut step = patch(&one, 1, "second");
    (step.queue, step.due_at) = (None, None);
    b.done(vec![Write::Change { patch: step.clone() }]).await?;
    let second = Record { version: 2, state: "second".into(), queue: None, due_at: None, ..one.clone() };
    same("after a change of the state", b.stored(&one).await?, second.clone())?;
    step.version = 2;
    step.clear = Some("{}".into());
    step.sealed = Some(vec![]);
    b.done(vec![Write::Change { patch: step }]).await?;
    let third = Record { version: 3, clear: "{}".into(), sealed: vec![], ..second };
    same("after a change of the contents", b.stored(&one).await?, third)
}

pub(super) async fn unique_token_conflicts(b: Bench) -> Verdict {
    let holding = |id: &str, tokens| Record { tokens, ..b.record("thing", id) };
    let u = |value: &str| token("u", value, true);
    let one = holding("one", vec![u("1")]);
    let two = holding("two", vec![u("2"), token("n", "1", false)]);
    b.done(vec![insert(&one), insert(&two)]).await?;
    let thief = holding("three", vec![u("3"), u("1")]);
    b.refused(vec![insert(&thief)], 0, &["token:u"]).await?;
    b.absent(&thief).await?;
    same("holders of a refused record's token", ids(&b.all("thing", by_token("u", "3")).await?), vec![])?;
    b.refused(vec![put(&thief)], 0, &["token:u"]).await?;
    b.refused(vec![append(&thief)], 0, &["token:u"]).await?;
    b.refused(vec![replace(&holding("two", vec![u("1")]), 1)], 0, &["token:u"]).await?;
    let mut step = patch(&two, 1, "x");
    step.tokens = Some(vec![u("1")]);
    b.refused(vec![Write::Change { patch: step }], 0, &["token:u"]).await?;
    same("a refused record", b.stored(&two).await?, Record { version: 1, ..two.clone() })?;
    same("holders", ids(&b.all("thing", by_token("u", "2")).await?), vec!["two"])?;
    // Its own token is no obstacle, nor is another kind's, nor one that is not unique.
    b.done(vec![replace(&one, 1), put(&one)]).await?;
    b.done(vec![insert(&Record { kind: "other".into(), ..one })]).await?;
    b.done(vec![insert(&holding("four", vec![token("n", "1", false)]))]).await?;
    same("holders", ids(&b.all("thing", by_token("n", "1")).await?), vec!["four", "two"])
}

pub(super) async fn lost_tokens_are_let_go(b: Bench) -> Verdict {
    let holding = |id: &str, value: &str| Record {
        tokens: vec![token("u", value, true), token("n", value, false)],
        ..b.record("thing", id)
    };
    let (deleted, changed, replaced) = (holding("d", "1"), holding("c", "2"), holding("r", "3"));
    b.done(vec![insert(&deleted), insert(&changed), insert(&replaced)]).await?;
    let mut step = patch(&changed, 1, "x");
    step.tokens = Some(vec![]);
    b.done(vec![delete(&deleted, 1)]).await?;
    b.done(vec![Write::Change { patch: step }]).await?;
    b.done(vec![replace(&holding("r", "4"), 1)]).await?;
    for value in ["1", "2", "3"] {
        for name in ["u", "n"] {
            same("holders of a lost token", ids(&b.all("thing", by_token(name, value)).await?), vec![])?;
        }
        b.done(vec![insert(&holding(&format!("next-{value}"), value))]).await?;
    }
    same("holders of a new token", ids(&b.all("thing", by_token("n", "4")).await?), vec!["r"])?;
    same("tokens of a changed record", b.stored(&changed).await?.tokens, vec![])?;
    // A token can change hands within one batch.
    b.done(vec![delete(&b.record("thing", "next-1"), 1), insert(&holding("heir", "1"))]).await?;
    same("the heir", ids(&b.all("thing", by_token("u", "1")).await?), vec!["heir"])
}

pub(super) async fn append_ids_grow(b: Bench) -> Verdict {
    let entry = b.record("log", "ignored");
    let mut given: Vec<String> = Vec::new();
    for n in 0..12 {
        given.extend(b.done(vec![append(&entry)]).await?);
        given.extend(
            b.done(vec![append(&entry), insert(&b.record("thing", &format!("{n}"))), append(&entry)]).await?,
        );
        let two = b.commit(vec![vec![append(&entry)], vec![append(&entry)]]).await?;
        for done in two {
            if let Committed::Done { appended } = done {
                given.extend(appended);
            }
        }
        // The place of the last one is not given again.
        if let Some(last) = given.last() {
            b.done(vec![delete(&b.record("log", last), 1)]).await?;
        }
    }
    same("ids given", given.len(), 60)?;
    holds(given.windows(2).all(|w| w[0] < w[1]), format!("ids do not grow: {given:?}"))?;
    let stored = b.all("log", Index::Id {}).await?;
    same("appended records", stored.len(), 48)?;
    holds(stored.iter().all(|r| given.contains(&r.id)), "a record was stored under another id than was given")
}
