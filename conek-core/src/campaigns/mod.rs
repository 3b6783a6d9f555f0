//! Campaigns: one template to many people, each of them past the gate.
mod handle;
mod model;
pub use handle::Campaigns;
pub use model::*;
