//! A campaign's way between its stages: started, paused, gone on with, cancelled.
//!
//! Each change has a stage of its own while it lasts, so that an engine which opens the database after a
//! crash goes on with what the host had asked for.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use super::{
    audience::{self, Pages},
    model::CampaignState,
};
use crate::{
    engine::Inner,
    messaging::{
        MessageState,
        row::{Row, lane_queue},
    },
    storage::{Batch, Committed, Index, Write},
    values::{
        error::{Error, Result},
        ids::CampaignId,
    },
};

/// Messages changed together.
const TOGETHER: i32 = 1000;
/// The states of a message whose request has not begun.
const WAITING: [MessageState; 2] = [MessageState::Queued, MessageState::Claimed];

pub(super) const PLANNED: &str = "planned";
/// Everybody is being put into the queue.
const STARTING: &str = "starting";
/// Everybody is in the queue.
pub(super) const RUNNING: &str = "running";
const PAUSING: &str = "pausing";
const PAUSED: &str = "paused";
const RESUMING: &str = "resuming";
/// Paused before everybody was in the queue.
const HALTING: &str = "halting";
const HALTED: &str = "halted";
const CANCELLING: &str = "cancelling";
const CANCELLED: &str = "cancelled";

/// The stage as the host sees it.
pub(super) fn shown(stage: &str) -> CampaignState {
    match stage {
        PLANNED => CampaignState::Planned,
        PAUSING | PAUSED | HALTING | HALTED => CampaignState::Paused,
        CANCELLING | CANCELLED => CampaignState::Cancelled,
        _ => CampaignState::Running,
    }
}

impl Inner {
    /// Moves a campaign to the stage that follows from the one it is in; `None` refuses.
    async fn move_campaign(
        &self,
        id: &CampaignId,
        what: &str,
        next: impl Fn(&str) -> Option<&'static str>,
    ) -> Result<&'static str> {
        for _ in 0..20 {
            let (record, kept) = self.campaign(id).await?;
            let Some(to) = next(&record.state) else {
                let shown = shown(&record.state);
                return Err(Error::conflict(
                    "campaign",
                    format!("it is {shown:?} and cannot be {what}").to_lowercase(),
                ));
            };
            let version = record.version;
            let record = self.campaign_record(id.as_str(), to, &kept)?;
            if let Committed::Done { .. } = self.commit(vec![Write::Replace { record, version }]).await? {
                self.changed();
                return Ok(to);
            }
        }
        Err(Error::conflict("campaign", "it changed meanwhile; read it and try again"))
    }

    /// Ends a change, unless another one has begun.
    async fn end_stage(&self, id: &CampaignId, stage: &'static str, then: &'static str) -> Result<()> {
        match self.move_campaign(id, "changed", |now| (now == stage).then_some(then)).await {
            Ok(_) | Err(Error::Conflict { .. }) => Ok(()),
            Err(e) => Err(e),
        }
    }

    pub(super) async fn start_campaign(self: &Arc<Self>, id: &CampaignId) -> Result<()> {
        // Again after a start that failed half-way.
        let may = |now: &str| matches!(now, PLANNED | STARTING).then_some(STARTING);
        let (record, kept) = self.campaign(id).await?;
        if record.state == PLANNED {
            self.check_approval(&kept).await?;
        }
        self.move_campaign(id, "started", may).await?;
        self.queue_campaign(id).await
    }

    /// Puts everybody into the queue. May run again after an interruption: each person has one
    /// place in a campaign. Ends early when the campaign is stopped meanwhile.
    async fn queue_campaign(self: &Arc<Self>, id: &CampaignId) -> Result<()> {
        let (record, kept) = self.campaign(id).await?;
        if record.state != STARTING {
            return Ok(());
        }
        self.sweep_campaign(id, &[MessageState::Held], |row| self.back_in_queue(row)).await?;
        let unchanged = Write::Check { key: record.key(), version: record.version };
        let mut pages = Pages::of(&kept.spec.audience);
        while let Some(people) = pages.next(self, &kept.spec.audience).await? {
            let composed = audience::compose(self, id, &kept.spec, &people, self.clock.now()).await?;
            let mut batches = Vec::with_capacity(composed.len());
            for c in &composed {
                match c.write(self, self.new_id()?, Some(id)) {
                    Ok(message) => batches.push(Batch { writes: vec![unchanged.clone(), message] }),
                    // Erased since they were looked up.
                    Err(Error::Key { .. }) => {}
                    Err(e) => return Err(e),
                }
            }
            let done = self.storage.commit(batches).await?;
            self.wake_lanes();
            if done.iter().any(|d| matches!(d, Committed::Conflict { write: 0, .. })) {
                return Ok(());
            }
        }
        self.end_stage(id, STARTING, RUNNING).await
    }

    pub(super) async fn pause_campaign(&self, id: &CampaignId) -> Result<()> {
        let stage = self
            .move_campaign(id, "paused", |now| match now {
                RUNNING | PAUSING => Some(PAUSING),
                STARTING | HALTING => Some(HALTING),
                _ => None,
            })
            .await?;
        // Also what a lane has claimed and not decided about: it finds its claim gone.
        self.sweep_campaign(id, &WAITING, |row| row.change(MessageState::Held, None, None).map(Some)).await?;
        self.end_stage(id, stage, if stage == PAUSING { PAUSED } else { HALTED }).await
    }

    pub(super) async fn resume_campaign(self: &Arc<Self>, id: &CampaignId) -> Result<()> {
        let stage = self
            .move_campaign(id, "resumed", |now| match now {
                PAUSED | RESUMING => Some(RESUMING),
                HALTED => Some(STARTING),
                _ => None,
            })
            .await?;
        if stage == STARTING {
            return self.queue_campaign(id).await;
        }
        self.sweep_campaign(id, &[MessageState::Held], |row| self.back_in_queue(row)).await?;
        self.wake_lanes();
        self.end_stage(id, RESUMING, RUNNING).await
    }

    pub(super) async fn cancel_campaign(&self, id: &CampaignId) -> Result<()> {
        self.move_campaign(id, "cancelled", |now| (now != CANCELLED).then_some(CANCELLING)).await?;
        let states = [MessageState::Queued, MessageState::Claimed, MessageState::Held];
        self.sweep_campaign(id, &states, |row| row.end(MessageState::Cancelled).map(Some)).await?;
        self.end_stage(id, CANCELLING, CANCELLED).await
    }

    /// The stages of these campaigns.
    pub(crate) async fn campaign_stages<'a>(
        &self,
        ids: impl Iterator<Item = &'a str>,
    ) -> Result<BTreeMap<String, String>> {
        let ids: BTreeSet<&str> = ids.collect();
        if ids.is_empty() {
            return Ok(BTreeMap::new());
        }
        let keys = ids.into_iter().map(|id| self.key("campaign", id)).collect();
        let records = self.storage.get(keys).await?;
        Ok(records.into_iter().flatten().map(|r| (r.id, r.state)).collect())
    }

    /// Whether nothing may leave a campaign in this stage.
    pub(crate) fn is_stopped(stage: &str) -> bool {
        matches!(shown(stage), CampaignState::Paused | CampaignState::Cancelled)
    }

    /// What becomes of a claimed message whose campaign was stopped: it came back to the queue behind the
    /// stop, from a refusal for speed or from a doubt.
    pub(crate) fn parked(&self, row: &Row, stage: &str) -> Result<Write> {
        match shown(stage) {
            CampaignState::Cancelled => row.end(MessageState::Cancelled),
            _ => row.change(MessageState::Held, None, None),
        }
    }

    /// Goes on with the changes that were interrupted.
    pub(crate) async fn continue_campaigns(self: &Arc<Self>) -> Result<()> {
        for stage in [CANCELLING, PAUSING, HALTING, RESUMING, STARTING] {
            let mut query = self.query("campaign", Index::Id {}, TOGETHER);
            query.state = Some(stage.to_owned());
            for record in self.find_all(query).await? {
                let id = CampaignId::from(record.id);
                let done = match stage {
                    CANCELLING => self.cancel_campaign(&id).await,
                    PAUSING | HALTING => self.pause_campaign(&id).await,
                    RESUMING => self.resume_campaign(&id).await,
                    _ => self.queue_campaign(&id).await,
                };
                // The host may have asked for something else meanwhile.
                if let Err(e) = done
                    && !matches!(e, Error::Conflict { .. })
                {
                    return Err(e);
                }
            }
        }
        Ok(())
    }

    /// Moves every message of a campaign that is in one of these states and for which `change` says how,
    /// until a whole round finds nothing that moves between them.
    async fn sweep_campaign(
        &self,
        id: &CampaignId,
        states: &[MessageState],
        change: impl Fn(&Row) -> Result<Option<Write>>,
    ) -> Result<()> {
        loop {
            let mut moved = false;
            for from in states {
                moved |= self.sweep_once(id, *from, &change).await?;
            }
            if !moved {
                return Ok(());
            }
        }
    }

    /// Whether a message was taken by somebody else between the look and the change.
    async fn sweep_once(
        &self,
        id: &CampaignId,
        from: MessageState,
        change: impl Fn(&Row) -> Result<Option<Write>>,
    ) -> Result<bool> {
        let mut query = self.query("message", Index::Group { group: id.as_str().to_owned() }, TOGETHER);
        query.state = Some(from.code().to_owned());
        let mut moved = false;
        loop {
            let page = self.find(query.clone()).await?;
            let mut batches = Vec::with_capacity(page.records.len());
            for record in page.records {
                batches.extend(change(&Row::read(record)?)?.map(|w| Batch { writes: vec![w] }));
            }
            let done = self.storage.commit(batches).await?;
            moved |= done.iter().any(|d| matches!(d, Committed::Conflict { .. }));
            match page.next {
                Some(next) => query.after = Some(next),
                None => return Ok(moved),
            }
        }
    }

    fn back_in_queue(&self, row: &Row) -> Result<Option<Write>> {
        // What a restore holds is not the campaign's to release.
        if row.clear.maybe {
            return Ok(None);
        }
        row.change(MessageState::Queued, Some(lane_queue(&row.clear.sender)), Some(self.clock.now()))
            .map(Some)
    }
}
