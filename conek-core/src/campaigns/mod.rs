//! Campaigns: one template to many people, each of them past the gate.

mod approval;
mod audience;
mod handle;
mod model;
mod run;
mod stage;

pub use handle::Campaigns;
pub use model::{
    Audience, CampaignPlan, CampaignProgress, CampaignSpec, CampaignState, Cost, LaterCount, LeftOut,
    LeftOutPage, Rate, ReasonCount, Variable,
};
