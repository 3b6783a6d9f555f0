//! What the engine is doing: as a record for a program, and as numbers for operators.

use super::{Engine, EngineStatus, Inner, StoppedNumber};
use crate::{
    messaging::row::{DOUBT, LEASED},
    metrics::Present,
    transport::whatsapp,
    values::{error::Result, time::Timestamp},
};

impl Inner {
    /// How many wait where.
    async fn present(&self) -> Result<Present> {
        let now = self.clock.now();
        let (mut queued, mut lanes) = (Vec::new(), Vec::new());
        for lane in &self.lanes {
            let many = self.waiting_in("message", &lane.queue, Timestamp::MAX_UTC).await?;
            queued.push((lane.sender.clone(), many));
            lanes.push((lane.sender.clone(), lane.state_name(now)));
        }
        Ok(Present {
            queued,
            lanes,
            in_flight: self.waiting_in("message", LEASED, Timestamp::MAX_UTC).await?,
            in_doubt: self.waiting_in("message", DOUBT, Timestamp::MAX_UTC).await?,
            webhooks: self.waiting_in("webhook", crate::inbound::QUEUE, Timestamp::MAX_UTC).await?,
            waiting_to_resume: self.is_waiting_to_resume(),
        })
    }
}

impl Engine {
    /// What the engine is doing.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// assert_eq!(engine.status().await?.in_doubt, 0);
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// Only those of the storage.
    pub async fn status(&self) -> Result<EngineStatus> {
        let e = &self.inner;
        let present = e.present().await?;
        let stopped = e.lanes.iter().filter_map(|l| l.stopped().map(|code| (l, code)));
        Ok(EngineStatus {
            queued: present.all_queued(),
            in_flight: present.in_flight,
            in_doubt: present.in_doubt,
            webhooks: present.webhooks,
            next_due_at: e.next_due().await?,
            stopped: stopped
                .map(|(lane, code)| StoppedNumber {
                    id: lane.sender.clone(),
                    code,
                    detail: whatsapp::meaning(code).unwrap_or("an error that conek does not know").to_owned(),
                })
                .collect(),
            store_epoch: i32::from(e.life.epoch),
            waiting_to_resume: present.waiting_to_resume,
            graph: e.graph_status(),
        })
    }

    /// Numbers for operators in Prometheus' text format (`text/plain; version=0.0.4`): the gate's answers by reason,
    /// requests by what they came to, webhooks and updates, how long each took, how deep the queues are, in which
    /// state each number is. Counters begin at zero when the engine is opened. None says anything of a person.
    ///
    /// A host in Rust that has installed a recorder of the crate `metrics` before has the same numbers there.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// let text = engine.metrics().await?;
    /// assert!(text.contains("conek_messages{state=\"in_doubt\"} 0"));
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// Only those of the storage.
    pub async fn metrics(&self) -> Result<String> {
        Ok(self.inner.meters.render(&self.inner.present().await?))
    }
}
