//! The consent ledger.
use super::*;
use crate::{engine::Inner, messaging::{Purpose, Recipient}, values::{error::Result, ids::PersonId}};
use std::sync::Arc;
/// The account's consent ledger.
#[derive(Debug, Clone)]
pub struct Consent { pub(crate) engine: Arc<Inner> }
impl Consent {
    /// Records what a person said.
    pub async fn record(&self, entry: ConsentEntry) -> Result<ConsentView> { todo!() }
    /// Takes consent back and suppresses.
    pub async fn withdraw(&self, person: PersonId, purpose: Purpose, source: ConsentSource) -> Result<ConsentView> { todo!() }
    /// Where consent stands.
    pub async fn status(&self, person: PersonId) -> Result<Vec<ConsentView>> { todo!() }
    /// Every event.
    pub async fn history(&self, person: PersonId) -> Result<Vec<ConsentEvent>> { todo!() }
    /// Whether suppressed.
    pub async fn is_suppressed(&self, recipient: Recipient) -> Result<bool> { todo!() }
}
