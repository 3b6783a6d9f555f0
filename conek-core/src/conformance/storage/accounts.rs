//! Promises of the whole port: concurrency, permanence, separate accounts, harmless errors.

use super::bench::{Bench, Verdict, at, change, holds, ids, insert, same, together, token};
use crate::storage::{Committed, Index, Record};

pub(super) async fn calls_from_several_tasks(b: Bench) -> Verdict {
    let shared = b.record("thing", "shared");
    b.done(vec![insert(&shared)]).await?;
    let tasks = (0..24).map(|n| {
        let (b, shared) = (b.clone(), shared.clone());
        async move {
            let own = b.record("thing", &format!("own-{n:02}"));
            b.done(vec![insert(&own)]).await?;
            b.all("thing", Index::Id {}).await?;
            let done = b.commit(vec![vec![change(&shared, 1, &format!("won-{n}"))]]).await?;
            b.stored(&own).await?;
            Ok::<_, String>(matches!(done[..], [Committed::Done { .. }]))
        }
    });
    let won = together(tasks).await.into_iter().collect::<Verdict<Vec<bool>>>()?;
    same("callers that changed version 1", won.iter().filter(|w| **w).count(), 1)?;
    same("version after one change", b.stored(&shared).await?.version, 2)?;
    same("records", b.all("thing", Index::Id {}).await?.len(), 25)
}

pub(super) async fn done_is_there(b: Bench) -> Verdict {
    for n in 0..20 {
        let record = b.record("thing", &format!("{n:02}"));
        b.done(vec![insert(&record)]).await?;
        b.stored(&record).await?;
        same("records by index", b.all("thing", Index::Id {}).await?.len(), n + 1)?;
    }
    Ok(())
}

pub(super) async fn accounts_are_apart(b: Bench) -> Verdict {
    let rich = |b: &Bench, state: &str| Record {
        state: state.into(),
        subjects: vec!["person".into(), "second".into()],
        group: Some("g".into()),
        expires_at: Some(at(1)),
        tokens: vec![token("u", "1", true), token("n", "1", false)],
        ..b.waiting("same", 1)
    };
    let other = b.other();
    let (mine, theirs) = (rich(&b, "new"), rich(&other, "foreign"));
    other.done(vec![insert(&theirs)]).await?;
    b.absent(&mine).await?;
    let indexes = || {
        let text = String::from;
        [
            ("job", Index::Id {}),
            ("job", Index::Token { name: text("u"), value: text("1") }),
            ("job", Index::Token { name: text("n"), value: text("1") }),
            ("job", Index::Group { group: text("g") }),
            ("job", Index::Due { queue: text("q"), until: at(9) }),
            ("job", Index::Expired { until: at(9) }),
            ("", Index::Subject { person: text("person") }),
            ("", Index::Subject { person: text("second") }),
            ("", Index::Expired { until: at(9) }),
        ]
    };
    for (kind, index) in indexes() {
        let query = b.query(kind, index);
        same(&format!("{:?} of an empty account", query.index), b.count(query.clone()).await?, 0)?;
        same("records of another account", ids(&b.find(query).await?.records), vec![])?;
    }
    let mut work = b.work(9, 10);
    work.state = "foreign".into();
    same("claims of another account's work", ids(&b.claim(work).await?), vec![])?;
    // The same key and the same unique token fit in an account of their own.
    b.done(vec![insert(&mine)]).await?;
    for (kind, index) in indexes() {
        let found = b.all(kind, index).await?;
        same("records of the account", ids(&found), vec!["same"])?;
        holds(
            found.iter().all(|r| r.account == b.account && r.state == "new"),
            "a record of another account came back",
        )?;
    }
    let theirs = other.stored(&theirs).await?;
    same("the other account's record", (theirs.state.as_str(), theirs.version), ("foreign", 1))
}

pub(super) async fn a_refused_call_does_nothing(b: Bench) -> Verdict {
    let record = b.waiting("one", 1);
    b.done(vec![insert(&record)]).await?;
    for limit in [0, -1] {
        // Refusing a limit outside 1 to 10,000 is right; taking nothing would be, too.
        if let Ok(taken) = b.storage.claim(b.work(9, limit)).await {
            same("claimed with no room for any", ids(&taken), vec![])?;
        }
        let mut query = b.query("job", Index::Id {});
        query.limit = limit;
        if let Ok(page) = b.storage.find(query).await {
            same("found with no room for any", ids(&page.records), vec![])?;
        }
    }
    let stored = b.stored(&record).await?;
    same("after refused calls", (stored.version, stored.state.as_str()), (1, "new"))
}
