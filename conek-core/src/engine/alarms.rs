//! Alarms: the stream of events tells, once each, how the time for an answer or a letter runs out.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::Inner;
use crate::{
    inbound::{Happening, event::NewEvent},
    storage::{Committed, Record, Write},
    values::{
        error::{Error, Result},
        time::Timestamp,
    },
};

/// The record of the store that says what was told.
const TOLD: &str = "alarms";
/// How often the clocks are looked at: deadlines count days, and the shortest three of them.
pub(super) const EVERY: TimeDelta = TimeDelta::hours(1);

/// How much of the time for one duty is gone.
pub(crate) struct Alarm {
    /// The request or the breach case.
    pub(crate) case: String,
    /// What is owed there.
    pub(crate) duty: String,
    /// 0 where nothing is to be told.
    pub(crate) percent: i32,
    pub(crate) due_at: Timestamp,
}

/// The highest percentage told of each duty that is open, by case and duty.
#[derive(Default, PartialEq, Serialize, Deserialize)]
struct Told {
    told: BTreeMap<String, i32>,
}

impl Inner {
    /// Tells of the alarms that came since the last look.
    pub(crate) async fn raise_alarms(&self) -> Result<()> {
        let now = self.clock.now();
        let mut alarms = self.request_alarms(now).await?;
        alarms.extend(self.breach_alarms(now).await?);
        let before = self.get("store", TOLD).await?;
        let unknown = |_| Error::internal("the list of alarms has a shape this version does not know");
        let told: Told = match &before {
            Some(record) => serde_json::from_str(&record.clear).map_err(unknown)?,
            None => Told::default(),
        };
        let mut present = Told::default();
        let mut writes = Vec::new();
        for alarm in alarms.into_iter().filter(|a| a.percent > 0) {
            let name = format!("{}/{}", alarm.case, alarm.duty);
            let known = told.told.get(&name).copied().unwrap_or(0);
            // A duty that got more time tells again how that runs out.
            present.told.insert(name, alarm.percent);
            if alarm.percent > known {
                let Alarm { case, duty, percent, due_at } = alarm;
                let happening = Happening::Alarm { case, duty, percent, due_at };
                // The case says whose it is: an event of a person's own could come after their erasure.
                writes.push(NewEvent { at: now, person: None, message: None, happening }.write(self)?);
            }
        }
        if present == told {
            return Ok(());
        }
        let mut record = Record::new(&self.account, "store", TOLD);
        record.clear = crate::messaging::row::encode(&present)?;
        // Whoever else looks at the same moment has told of them: the next look sees that.
        writes.push(match before {
            Some(before) => Write::Replace { record, version: before.version },
            None => Write::Insert { record },
        });
        if let Committed::Done { .. } = self.commit(writes).await? {
            self.changed();
        }
        Ok(())
    }
}
