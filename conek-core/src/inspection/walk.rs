//! The way over the whole store.

use std::time::Duration;

use chrono::TimeDelta;

use super::{StoreProblem, StoreReport};
use crate::{
    engine::{Inner, KINDS},
    storage::{Committed, Index, Record, Write},
    values::{error::Result, time::Timestamp},
};

/// Records looked at together.
const PAGE: i32 = 500;
/// How far ahead another machine's clock may be.
const DRIFT: TimeDelta = TimeDelta::minutes(5);

/// What one check says of one record.
pub(super) struct Finding {
    pub(super) check: &'static str,
    pub(super) text: String,
    /// What would mend it.
    pub(super) mend: Vec<Write>,
}

impl Finding {
    pub(super) fn new(check: &'static str, text: impl Into<String>) -> Self {
        Self { check, text: text.into(), mend: Vec::new() }
    }
    pub(super) fn mended_by(mut self, writes: Vec<Write>) -> Self {
        self.mend = writes;
        self
    }
}

impl Inner {
    /// Looks over the store. `mend`: derives anew what can be.
    pub(crate) async fn inspect(&self, deep: bool, mend: bool) -> Result<StoreReport> {
        let mut report = StoreReport { deep, ..StoreReport::default() };
        for text in self.storage.verify().await?.problems {
            report.say(whole("structure", text));
        }
        report.audit = self.recorder.verify_chain(None, self.clock.now()).await?;
        for text in report.audit.problems.clone() {
            report.say(whole("audit", text));
        }
        self.check_clock(&mut report).await?;
        if self.journal_is_behind.load(std::sync::atomic::Ordering::Acquire) {
            report
                .say(whole("journal", "the journal beside the key file is missing or older than this store"));
        }
        if deep {
            for kind in KINDS {
                self.walk(kind, mend, &mut report).await?;
            }
        }
        report.sound = report.more == 0 && report.problems.iter().all(|p| p.repaired);
        Ok(report)
    }

    async fn walk(&self, kind: &str, mend: bool, report: &mut StoreReport) -> Result<()> {
        let mut query = self.query(kind, Index::Id {}, PAGE);
        loop {
            let page = self.find(query.clone()).await?;
            self.load_keys(page.records.iter().filter_map(|r| r.subjects.first()).map(String::as_str))
                .await?;
            for record in page.records {
                *report.records.entry(record.kind.clone()).or_default() += 1;
                self.look_at(record, mend, report).await?;
            }
            match page.next {
                Some(next) => query.after = Some(next),
                None => return Ok(()),
            }
            tokio::task::yield_now().await;
        }
    }

    async fn look_at(&self, record: Record, mend: bool, report: &mut StoreReport) -> Result<()> {
        if self.findings(&record).await?.is_empty() {
            return Ok(());
        }
        // Work goes on meanwhile: what is wrong is still wrong a moment later.
        tokio::time::sleep(Duration::from_millis(20)).await;
        let Some(record) = self.get(&record.kind, &record.id).await? else { return Ok(()) };
        for finding in self.findings(&record).await? {
            let repairable = !finding.mend.is_empty();
            let repaired =
                repairable && mend && matches!(self.commit(finding.mend).await?, Committed::Done { .. });
            report.say(StoreProblem {
                check: finding.check.to_owned(),
                kind: record.kind.clone(),
                id: record.id.clone(),
                text: finding.text,
                repairable,
                repaired,
            });
            if repaired {
                self.changed();
                break;
            }
        }
        Ok(())
    }

    async fn check_clock(&self, report: &mut StoreReport) -> Result<()> {
        let now = self.clock.now();
        if let Some(at) = self.last_heartbeat().await?
            && at > now + DRIFT
        {
            report.say(whole(
                "clock",
                format!("the store was last alive at {}, which is to come", at.to_rfc3339()),
            ));
        }
        if now < Timestamp::UNIX_EPOCH + TimeDelta::days(365 * 50) {
            report.say(whole("clock", "this machine's clock is before 2020"));
        }
        Ok(())
    }
}

fn whole(check: &str, text: impl Into<String>) -> StoreProblem {
    StoreProblem {
        check: check.to_owned(),
        kind: String::new(),
        id: String::new(),
        text: text.into(),
        repairable: false,
        repaired: false,
    }
}
