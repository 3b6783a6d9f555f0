//! Campaigns.
use super::*;
use crate::{engine::Inner, values::{error::Result, ids::CampaignId}};
use std::sync::Arc;
/// The account's campaigns.
#[derive(Debug, Clone)]
pub struct Campaigns { pub(crate) engine: Arc<Inner> }
impl Campaigns {
    /// Plans.
    pub async fn plan(&self, spec: CampaignSpec) -> Result<CampaignPlan> { todo!() }
    /// Starts.
    pub async fn start(&self, id: CampaignId) -> Result<CampaignProgress> { todo!() }
    /// Progress.
    pub async fn progress(&self, id: CampaignId) -> Result<CampaignProgress> { todo!() }
    /// Pauses.
    pub async fn pause(&self, id: CampaignId) -> Result<CampaignProgress> { todo!() }
    /// Resumes.
    pub async fn resume(&self, id: CampaignId) -> Result<CampaignProgress> { todo!() }
    /// Cancels.
    pub async fn cancel(&self, id: CampaignId) -> Result<CampaignProgress> { todo!() }
    /// Who was left out and why.
    pub async fn left_out(&self, id: CampaignId, after: Option<String>, limit: i32) -> Result<LeftOutPage> { todo!() }
    /// Lists.
    pub async fn list(&self) -> Result<Vec<CampaignProgress>> { todo!() }
}
