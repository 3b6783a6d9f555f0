//! Asking the gate.
use super::*;
use crate::{engine::Inner, messaging::Draft, values::{error::Result, ids::MessageId}};
use std::sync::Arc;
/// The gate, for questions.
#[derive(Debug, Clone)]
pub struct Policy { pub(crate) engine: Arc<Inner> }
impl Policy {
    /// Before sending.
    pub async fn check(&self, draft: Draft) -> Result<Explanation> { todo!() }
    /// After.
    pub async fn explain(&self, message: MessageId) -> Result<Explanation> { todo!() }
    /// Decide again from the stored facts.
    pub async fn replay(&self, message: MessageId) -> Result<Decision> { todo!() }
    /// Declares a public holiday, YYYY-MM-DD.
    pub async fn declare_holiday(&self, day: String) -> Result<()> { todo!() }
}
