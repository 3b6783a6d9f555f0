//! The second person: a campaign to more people than the account's limit goes out only when somebody else than its
//! planner has looked at it.

use super::{audience::Pages, run::Kept, stage::PLANNED};
use crate::{
    engine::Inner,
    storage::{Committed, Write},
    values::{
        error::{Error, Result},
        ids::CampaignId,
    },
};

impl Inner {
    /// Whether a campaign to so many people needs a second person.
    pub(super) fn needs_approval(&self, people: i64) -> bool {
        self.approval_above.is_some_and(|limit| people > limit)
    }

    pub(super) async fn approve_campaign(&self, id: &CampaignId, actor: &str) -> Result<()> {
        for _ in 0..20 {
            let (record, mut kept) = self.campaign(id).await?;
            if record.state != PLANNED {
                return Err(Error::conflict("campaign", "it was started already"));
            }
            if kept.planned_by == actor {
                return Err(Error::conflict(
                    "campaign",
                    "whoever planned it cannot approve it: that takes a second person",
                ));
            }
            kept.approved_by = Some(actor.to_owned());
            let version = record.version;
            let record = self.campaign_record(id.as_str(), PLANNED, &kept)?;
            if let Committed::Done { .. } = self.commit(vec![Write::Replace { record, version }]).await? {
                self.changed();
                return Ok(());
            }
        }
        Err(Error::conflict("campaign", "it changed meanwhile; read it and try again"))
    }

    /// Refuses a start that a second person has not approved, or approved for fewer people than there are by now.
    pub(super) async fn check_approval(&self, kept: &Kept) -> Result<()> {
        let Some(limit) = self.approval_above else { return Ok(()) };
        let (mut people, mut pages) = (0i64, Pages::of(&kept.spec.audience));
        while let Some(page) = pages.next(self, &kept.spec.audience).await? {
            people += i64::try_from(page.len()).unwrap_or(i64::MAX);
        }
        match &kept.approved_by {
            _ if people <= limit => Ok(()),
            None => Err(Error::conflict(
                "campaign",
                format!(
                    "it goes to {people} people, and more than {limit} need the approval of a second person"
                ),
            )),
            // A few may have come meanwhile.
            Some(_) if people <= kept.plan.planned + kept.plan.planned / 10 => Ok(()),
            Some(_) => Err(Error::conflict(
                "campaign",
                format!(
                    "it was approved for {} people and would go to {people} by now: plan it anew",
                    kept.plan.planned
                ),
            )),
        }
    }
}
