//! The gate: facts in, decision out.

pub mod calendar;
mod decision;
pub(crate) mod gate;
mod handle;
mod permit;
pub(crate) mod rules;

use std::fmt::Debug;

use async_trait::async_trait;

pub use decision::{Basis, Decision, Explanation, Facts, Reason, TemplateFacts};
pub use handle::Policy;
pub use permit::SendPermit;
pub use rules::{REASONS, RULE_SET, SERVICE_WINDOW, decide};

use crate::values::error::Result;

/// A rule about who may be sent what, and when.
///
/// The engine asks conek's own rules and every host rule, and the most restrictive answer wins:
/// deny, then ask, then defer, then allow. A host rule can therefore tighten and never loosen.
///
/// # Behavior
/// - The answer depends on the facts and on nothing else: the same facts give the same answer.
/// - One decision for each of the facts, in order.
/// - An error, or another number of decisions, is read as "deny" for the whole batch.
#[async_trait]
pub trait ConsentPolicy: Debug + Send + Sync + 'static {
    /// The rule's name and version, as it stands in decisions.
    fn name(&self) -> String;
    /// Decides.
    async fn decide(&self, facts: Vec<Facts>) -> Result<Vec<Decision>>;
}
