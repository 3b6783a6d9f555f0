//! What a database lacks of the journal is applied again before it may send: a restored copy cannot undo an erasure
//! or an opt-out.

use std::{collections::HashSet, sync::atomic::Ordering};

use super::{ErasureGround, ErasureOptions};
use crate::{
    audit::journal::{Backlog, Item},
    consent::{ConsentActor, ConsentEntry, Declaration, Statement, declaration, standing},
    engine::Inner,
    people::Person,
    storage::{Batch, Index, Record, Write},
    values::{
        error::{Error, Result},
        ids::PersonId,
    },
};

impl Inner {
    /// Applies what the database lacks.
    pub(crate) async fn catch_up(&self, backlog: Backlog) -> Result<()> {
        if backlog.is_behind {
            tracing::error!(
                "the journal of erasures and opt-outs is missing, or older than the database: put it back"
            );
        }
        if backlog.items.is_empty() {
            return Ok(());
        }
        self.recorder.catching_up.store(true, Ordering::Release);
        let mut erased: HashSet<String> = HashSet::new();
        let mut listed = Vec::new();
        let mut stopped = Vec::new();
        for item in backlog.items {
            match item {
                Item::Erased(pseudonyms) => erased.extend(pseudonyms),
                Item::Suppressed(record) => listed.push(record),
                Item::Stopped(record) => stopped.push(record),
            }
        }
        let count = erased.len() + listed.len() + stopped.len();
        for record in stopped {
            self.stop_again(&record).await?;
        }
        for some in listed.chunks(500) {
            let keys = some.iter().map(Record::key).collect();
            let there = self.storage.get(keys).await?;
            let lacking = some.iter().zip(there).filter(|(new, there)| {
                // What holds for everything is not weakened.
                !there.as_ref().is_some_and(|t| {
                    standing::holds(t) && (t.state == new.state || standing::holds_for_all(t))
                })
            });
            let batches: Vec<Batch> = lacking
                .map(|(record, _)| Batch { writes: vec![Write::Put { record: record.clone() }] })
                .collect();
            if !batches.is_empty() {
                self.storage.commit(batches).await?;
            }
        }
        if !listed.is_empty() {
            self.recheck_suppressions().await?;
        }
        if !erased.is_empty() {
            let mut query = self.query("contact", Index::Id {}, 1000);
            loop {
                let page = self.find(query.clone()).await?;
                for record in page.records {
                    let person = PersonId::from(record.id.as_str());
                    if erased.contains(&self.pseudonym(&person)) {
                        let again = ErasureOptions { ground: ErasureGround::Host, request: None };
                        self.erase(&person, &again).await?;
                    }
                }
                match page.next {
                    Some(next) => query.after = Some(next),
                    None => break,
                }
            }
        }
        if let Some(journal) = &self.recorder.journal {
            let end = journal.end().await;
            self.commit_all(vec![end.write(&self.account)?], "journal").await?;
        }
        self.recorder.catching_up.store(false, Ordering::Release);
        self.note_own("rights.catch_up", None, count);
        Ok(())
    }

    /// Repeats a no that this database does not know.
    async fn stop_again(&self, record: &Record) -> Result<()> {
        let Some(person) = record.subjects.first().map(|s| PersonId::from(s.as_str())) else { return Ok(()) };
        if self.get(&record.kind, &record.id).await?.is_some() {
            return Ok(());
        }
        let known = match self.person(&person).await {
            Ok((known, _)) => known,
            // Erased meanwhile, or not in this copy: its suppression stands in the list.
            Err(Error::NotFound { .. }) => return Ok(()),
            Err(e) => return Err(e),
        };
        if record.kind == "consent" {
            let event = standing::open_event(self, &known, record)?;
            if event.by == ConsentActor::Platform {
                // It stands beside what they said to us, and is lifted where it was said.
                let stop = |p: &mut Person| Ok(((), vec![standing::platform_stop(self, p, event.acted_at)?]));
                return self.change_person(&person, stop).await;
            }
            let entry = ConsentEntry {
                evidence: event.evidence,
                notice: event.notice,
                acted_at: Some(event.acted_at),
                by: event.by,
                goods: event.goods,
                channels: event.channels,
                ..ConsentEntry::new(person.clone(), event.purpose, event.status, event.source)
            };
            self.change_person(&person, |p| Ok(((), standing::apply(self, p, &entry)?.1))).await
        } else {
            let kept = declaration::open(self, &person, record)?;
            let declaration = Declaration {
                person: person.clone(),
                statement: kept.statement,
                source: kept.source,
                evidence: kept.evidence,
                acted_at: Some(kept.acted_at),
            };
            if matches!(declaration.statement, Statement::RestrictionLifted { .. }) {
                return Ok(());
            }
            self.change_person(&person, |p| Ok(((), declaration::apply(self, p, &declaration)?))).await
        }
    }
}
