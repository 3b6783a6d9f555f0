//! What a human must do about open requests, and how much time is left for it.

use chrono::TimeDelta;

use super::{
    DueItem, DueList,
    case::{Case, KIND, QUEUE},
};
use crate::{
    engine::{Alarm, Inner},
    storage::Index,
    values::{code::code_of, error::Result, time::Timestamp},
};

impl Inner {
    async fn open_cases(&self) -> Result<Vec<Case>> {
        let index = Index::Due { queue: QUEUE.to_owned(), until: Timestamp::MAX_UTC };
        let records = self.find_all(self.query(KIND, index, 1000)).await?;
        self.load_keys(records.iter().flat_map(|r| r.subjects.iter().map(String::as_str))).await?;
        records.into_iter().map(|r| Case::open(self, r)).collect()
    }

    /// How much of the time for each right that is asked for is gone.
    pub(crate) async fn request_alarms(&self, now: Timestamp) -> Result<Vec<Alarm>> {
        let alarm = |item: DueItem| Alarm {
            case: item.request,
            duty: code_of(item.right),
            percent: item.alarm,
            due_at: item.due_at,
        };
        let cases = self.open_cases().await?;
        Ok(cases.iter().flat_map(|case| case.due(now)).map(alarm).collect())
    }

    /// All open requests, and what a human must do about each.
    pub(crate) async fn due_requests(&self, at: Timestamp) -> Result<DueList> {
        let mut items: Vec<DueItem> = self.open_cases().await?.iter().flat_map(|case| case.due(at)).collect();
        items.sort_by(|a, b| (a.due_at, &a.request).cmp(&(b.due_at, &b.request)));
        let many = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
        Ok(DueList {
            overdue: many(items.iter().filter(|i| i.overdue).count()),
            today: many(items.iter().filter(|i| !i.overdue && i.due_at <= at + TimeDelta::days(1)).count()),
            items,
        })
    }
}
