//! Promises of `claim`, `backup` and `verify`.

use super::bench::{Bench, Verdict, at, holds, ids, insert, same, together};
use crate::{
    storage::{Index, Record},
    values::{
        random::{SystemRandomness, new_uuid},
        time::{Clock, SystemClock},
    },
};

pub(super) async fn claim_takes_what_is_due(b: Bench) -> Verdict {
    let due = [("e", 5), ("a", 4), ("d", 1), ("b", 3), ("c", 2), ("f", 6)];
    b.done(due.iter().map(|(id, seconds)| insert(&b.waiting(id, *seconds))).collect()).await?;
    let elsewhere = Record { queue: Some("other".into()), ..b.waiting("queue", 1) };
    let busy = Record { state: "busy".into(), ..b.waiting("state", 1) };
    let kind = Record { kind: "task".into(), ..b.waiting("kind", 1) };
    let timeless = Record { due_at: None, ..b.waiting("timeless", 1) };
    b.done(vec![insert(&elsewhere), insert(&busy), insert(&kind), insert(&timeless)]).await?;
    same("due at 0", ids(&b.claim(b.work(0, 10)).await?), vec![])?;
    same("due at 3, two of them", ids(&b.claim(b.work(3, 2)).await?), vec!["d", "c"])?;
    same("due at 4", ids(&b.claim(b.work(4, 10)).await?), vec!["b", "a"])?;
    same("the rest", ids(&b.claim(b.work(100, 10)).await?), vec!["e", "f"])?;
    same("nothing is left", ids(&b.claim(b.work(100, 10)).await?), vec![])?;
    for record in [elsewhere, busy, kind, timeless] {
        same("a record that was not asked for", b.stored(&record).await?.version, 1)?;
    }
    Ok(())
}

pub(super) async fn claimed_records_are_changed(b: Bench) -> Verdict {
    let record = Record { sealed: vec![7], group: Some("g".into()), ..b.waiting("one", 1) };
    b.done(vec![insert(&record)]).await?;
    let taken = b.claim(b.work(1, 10)).await?;
    let wanted = Record {
        version: 2,
        state: "taken".into(),
        queue: Some("leased".into()),
        due_at: Some(at(1_000)),
        ..record.clone()
    };
    same("as answered", taken, vec![wanted.clone()])?;
    same("as stored", b.stored(&record).await?, wanted)?;
    let leased = |until| Index::Due { queue: "leased".into(), until };
    same("in its new queue", ids(&b.all("job", leased(at(1_000))).await?), vec!["one"])?;
    same("before the lease ends", ids(&b.all("job", leased(at(999))).await?), vec![])?;
    // When the lease has ended, another claim can take it from there.
    let mut again = b.work(1_000, 1);
    (again.queue, again.state) = ("leased".into(), "taken".into());
    same("after the lease", b.claim(again).await?.first().map(|r| r.version), Some(3))
}

pub(super) async fn claims_never_share(b: Bench) -> Verdict {
    let all: Vec<Record> = (0..60).map(|n| b.waiting(&format!("{n:02}"), n)).collect();
    b.done(all.iter().map(insert).collect()).await?;
    let claims = (0..20).map(|_| {
        let b = b.clone();
        async move {
            let mut mine = b.claim(b.work(100, 4)).await?;
            mine.extend(b.claim(b.work(100, 2)).await?);
            Ok::<_, String>(mine)
        }
    });
    let taken = together(claims).await.into_iter().collect::<Verdict<Vec<_>>>()?.concat();
    let mut names = ids(&taken);
    names.sort_unstable();
    let n = names.len();
    names.dedup();
    same("records that were claimed twice", n - names.len(), 0)?;
    same("records claimed", n, 60)
}

pub(super) async fn backup_never_overwrites(b: Bench) -> Verdict {
    b.done(vec![insert(&b.record("thing", "one"))]).await?;
    let name = new_uuid(&SystemRandomness::default(), SystemClock.now()).map_err(|e| e.to_string())?;
    let path = std::env::temp_dir().join(format!("conek-check-{name}"));
    std::fs::write(&path, b"keep").map_err(|e| format!("the directory for temporary files: {}", e.kind()))?;
    let refused = b.storage.backup(path.to_string_lossy().into_owned()).await.is_err();
    let kept = std::fs::read(&path).is_ok_and(|bytes| bytes == b"keep");
    let removed = std::fs::remove_file(&path);
    holds(kept, "the existing file was changed")?;
    holds(refused, "a backup over an existing file was reported as done")?;
    removed.map_err(|e| format!("the temporary file: {}", e.kind()))
}

pub(super) async fn verify_counts(b: Bench) -> Verdict {
    let verify = async || b.storage.verify().await.map_err(|e| format!("verify: {e}"));
    let before = verify().await?;
    for n in 0..5 {
        let record = Record {
            subjects: vec!["p".into(), "q".into()],
            tokens: vec![
                super::bench::token("u", &format!("{n}"), true),
                super::bench::token("n", "1", false),
            ],
            ..b.waiting(&format!("{n}"), n)
        };
        b.done(vec![insert(&record)]).await?;
    }
    b.claim(b.work(2, 10)).await?;
    b.done(vec![super::bench::delete(&b.record("job", "4"), 1)]).await?;
    let after = verify().await?;
    same("records counted", after.records - before.records, 4)?;
    same("problems of a sound storage", after.problems, vec![])
}
