//! Campaigns, open to the host.

use super::model::{CampaignPlan, CampaignProgress, CampaignSpec, LeftOut, LeftOutPage};
use crate::{
    audit::Scope,
    messaging::{MessageState, row::Row},
    people::contacts::limit_within,
    storage::Index,
    values::{error::Result, ids::CampaignId},
};

/// The account's campaigns.
#[derive(Debug, Clone)]
pub struct Campaigns {
    pub(crate) engine: crate::engine::Session,
}

impl Campaigns {
    /// Works out what a campaign would do if it started now: who gets it, who not and why, who
    /// later and when, how long it takes and what it costs. Decided by the same code that decides
    /// when sending. Nothing is sent.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// # conek_core::doctest::person(&engine, "+27 83 288 5137").await?;
    /// # conek_core::doctest::template(&engine).await?;
    /// use conek_core::{Purpose, campaigns::{Audience, CampaignSpec, Variable}};
    /// let plan = engine.campaigns().plan(CampaignSpec {
    ///     name: "Spring".into(),
    ///     audience: Audience::Everyone {},
    ///     template: "spring_offer".into(),
    ///     language: "en".into(),
    ///     variables: vec![Variable::Attribute {
    ///         name: String::new(), attribute: "name".into(), fallback: Some("there".into()),
    ///     }],
    ///     purpose: Purpose::Marketing,
    ///     sender: None, not_before: None, expires_at: None, goods: None,
    /// }).await?;
    /// assert_eq!((plan.planned, plan.denied), (1, 1)); // the one contact has not consented
    /// assert_eq!(plan.denied_by[0].reason.code, "NO_CONSENT");
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `invalid_input` for an unknown template or variables that do not fit it.
    pub async fn plan(&self, spec: CampaignSpec) -> Result<CampaignPlan> {
        self.engine.admit("campaigns.plan", Scope::CampaignEdit, None)?;
        self.engine.plan_campaign(spec, &self.engine.actor().id).await
    }

    /// Starts a planned campaign and returns once everybody is in the queue. The gate decides anew
    /// for each person, now and once more right before their message leaves.
    ///
    /// Safe to drop: what was started goes on, also after the process ended and was started again.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// # let plan = conek_core::doctest::plan(&engine).await?;
    /// let progress = engine.campaigns().start(plan.id).await?;
    /// assert_eq!(progress.planned, 1);
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `conflict` when it runs or ran before, or waits for the approval of a second person; `not_found`.
    pub async fn start(&self, id: CampaignId) -> Result<CampaignProgress> {
        self.engine.admit("campaigns.start", Scope::CampaignSend, None)?;
        let engine = self.engine.clone();
        self.engine
            .run(async move {
                engine.start_campaign(&id).await?;
                engine.campaign_progress(&id).await
            })
            .await
    }

    /// Approves a planned campaign as the second person: needed where it goes to more people than the account's
    /// `approval_above`. Whoever planned it cannot.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// use conek_core::audit::{Actor, Scope};
    /// let plan = conek_core::doctest::plan(&engine).await?; // by the host
    /// assert_eq!(engine.campaigns().approve(plan.id.clone()).await.unwrap_err().code(), "conflict");
    /// let second = Actor {
    ///     id: "head of sales".into(),
    ///     scopes: vec![Scope::CampaignApprove],
    ///     purpose: None,
    ///     masks: Vec::new(),
    /// };
    /// let approved = engine.session(second)?.campaigns().approve(plan.id).await?;
    /// assert_eq!(approved.approved_by.as_deref(), Some("head of sales"));
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `not_found`; `conflict` for whoever planned it, and for a campaign that was started.
    pub async fn approve(&self, id: CampaignId) -> Result<CampaignProgress> {
        self.engine.admit("campaigns.approve", Scope::CampaignApprove, None)?;
        self.engine.approve_campaign(&id, &self.engine.actor().id).await?;
        self.engine.campaign_progress(&id).await
    }

    /// Who of an audience would get a campaign now, who later, who not and by which reasons. Nothing is stored
    /// and nothing sent: the plan has no id.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// # let spec = conek_core::doctest::spec(&engine).await?;
    /// let plan = engine.campaigns().preview(spec).await?;
    /// assert_eq!((plan.planned, plan.denied), (1, 1));
    /// assert_eq!(plan.denied_by[0].reason.code, "NO_CONSENT");
    /// assert!(engine.campaigns().list().await?.is_empty());
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// As [`Campaigns::plan`].
    pub async fn preview(&self, campaign: CampaignSpec) -> Result<CampaignPlan> {
        self.engine.admit("campaigns.preview", Scope::CampaignEdit, None)?;
        self.engine.preview_campaign(&campaign, String::new().into()).await
    }

    /// A campaign's numbers, counted from its messages. They add up. While it runs, a message that went on during
    /// the counting still counts as waiting.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// # let plan = conek_core::doctest::plan(&engine).await?;
    /// let progress = engine.campaigns().progress(plan.id).await?;
    /// assert_eq!((progress.planned, progress.sent), (1, 0));
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `not_found`.
    pub async fn progress(&self, id: CampaignId) -> Result<CampaignProgress> {
        self.engine.allow("campaigns.progress", Scope::CampaignEdit)?;
        self.engine.campaign_progress(&id).await
    }

    /// Stops a campaign for a while. Messages on their way arrive; no other one leaves. Everybody may
    /// not be in its queue yet: `resume` goes on with that too.
    ///
    /// Safe to drop, as [`Campaigns::start`].
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// # let plan = conek_core::doctest::plan(&engine).await?;
    /// # engine.campaigns().start(plan.id.clone()).await?;
    /// use conek_core::campaigns::CampaignState;
    /// let progress = engine.campaigns().pause(plan.id.clone()).await?;
    /// assert_eq!(progress.state, CampaignState::Paused);
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `conflict` when it is not running; `not_found`.
    pub async fn pause(&self, id: CampaignId) -> Result<CampaignProgress> {
        self.engine.admit("campaigns.pause", Scope::CampaignEdit, None)?;
        let engine = self.engine.clone();
        self.engine
            .run(async move {
                engine.pause_campaign(&id).await?;
                engine.campaign_progress(&id).await
            })
            .await
    }

    /// Goes on with a paused campaign. Nobody gets it twice.
    ///
    /// Safe to drop, as [`Campaigns::start`].
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// # let plan = conek_core::doctest::plan(&engine).await?;
    /// # engine.campaigns().start(plan.id.clone()).await?;
    /// # engine.campaigns().pause(plan.id.clone()).await?;
    /// use conek_core::campaigns::CampaignState;
    /// let progress = engine.campaigns().resume(plan.id).await?;
    /// assert_ne!(progress.state, CampaignState::Paused);
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `conflict` when it is not paused; `not_found`.
    pub async fn resume(&self, id: CampaignId) -> Result<CampaignProgress> {
        self.engine.admit("campaigns.resume", Scope::CampaignSend, None)?;
        let engine = self.engine.clone();
        self.engine
            .run(async move {
                engine.resume_campaign(&id).await?;
                engine.campaign_progress(&id).await
            })
            .await
    }

    /// Ends a campaign before its end. Messages on their way arrive; no other one leaves.
    ///
    /// Safe to drop, as [`Campaigns::start`].
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// # let plan = conek_core::doctest::plan(&engine).await?;
    /// use conek_core::campaigns::CampaignState;
    /// let progress = engine.campaigns().cancel(plan.id).await?;
    /// assert_eq!(progress.state, CampaignState::Cancelled);
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `conflict` when it is cancelled already; `not_found`.
    pub async fn cancel(&self, id: CampaignId) -> Result<CampaignProgress> {
        self.engine.admit("campaigns.cancel", Scope::CampaignEdit, None)?;
        let engine = self.engine.clone();
        self.engine
            .run(async move {
                engine.cancel_campaign(&id).await?;
                engine.campaign_progress(&id).await
            })
            .await
    }

    /// Who was left out and why, in the order of the audience, at most 1,000 a page.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// # let plan = conek_core::doctest::plan(&engine).await?;
    /// # engine.campaigns().start(plan.id.clone()).await?;
    /// let page = engine.campaigns().left_out(plan.id, None, 100).await?;
    /// assert_eq!(page.people[0].reasons[0].code, "NO_CONSENT");
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `not_found`; `invalid_input` for a limit outside 1 to 1,000.
    pub async fn left_out(&self, id: CampaignId, after: Option<String>, limit: i32) -> Result<LeftOutPage> {
        self.engine.admit("campaigns.left_out", Scope::MessagesRead, None)?;
        limit_within(limit, 1000)?;
        self.engine.campaign(&id).await?;
        let mut query = self.engine.query("message", Index::Group { group: id.as_str().to_owned() }, limit);
        query.state = Some(MessageState::Suppressed.code().to_owned());
        query.after = after;
        let page = self.engine.find(query).await?;
        let people = page
            .records
            .into_iter()
            .map(|record| {
                let row = Row::read(record)?;
                Ok(LeftOut { person: row.person().into(), reasons: row.clear.decision.reasons().to_vec() })
            })
            .collect::<Result<_>>()?;
        Ok(LeftOutPage { people, next: page.next })
    }

    /// Every campaign with its numbers, the oldest first.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// assert!(engine.campaigns().list().await?.is_empty());
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// Only those of the storage.
    pub async fn list(&self) -> Result<Vec<CampaignProgress>> {
        self.engine.allow("campaigns.list", Scope::MessagesRead)?;
        let mut all = Vec::new();
        for record in self.engine.find_all(self.engine.query("campaign", Index::Id {}, 1000)).await? {
            all.push(self.engine.campaign_progress(&record.id.into()).await?);
        }
        Ok(all)
    }
}
