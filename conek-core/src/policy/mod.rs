//! The gate: facts in, decision out.

pub(crate) mod account;
mod assessment;
pub(crate) mod authorities;
pub mod calendar;
mod decision;
mod facts;
pub(crate) mod gate;
mod handle;
mod permit;
mod purposes;
pub(crate) mod regions;
pub(crate) mod rules;
pub(crate) mod settings;
pub(crate) mod sharing;
pub(crate) mod transfers;

use std::fmt::Debug;

use async_trait::async_trait;

pub use account::{AccountSettings, Cleansing, CleansingReport};
pub use assessment::Assessment;
pub use authorities::Authority;
pub use decision::{Basis, Decision, Explanation, PolicyCase, Reason};
pub use facts::{
    AccountFacts, AgreementFacts, ConsentFact, ConsentFacts, Facts, HoursAgreement, MessageFacts,
    ObjectionFacts, ObjectionScope, PersonFacts, RegistryFacts, RelationshipFacts, TemplateFacts,
};
pub use handle::Policy;
pub use permit::SendPermit;
pub use purposes::{LawfulPair, LegalBasis, MessageClass, ProcessingPurpose, Regime};
pub(crate) use regions::digital_age;
pub use rules::{MIN_AGE, REASONS, REVIEW_BY, RULE_SET, Rule, RuleSet, SERVICE_WINDOW, decide, rule_set};
pub use settings::{Loosening, QuietHours, SettingChange, Tightening};
pub use sharing::{RecipientClass, SharingDecision, SharingFacts};
pub use transfers::{TransferDecision, TransferFacts, TransferMechanism};

use crate::values::error::Result;

/// A rule about who may be sent what, and when.
///
/// The engine asks conek's own rules and every host rule, and the most restrictive answer wins:
/// deny, then ask, then defer, then allow. A host rule can therefore tighten and never loosen.
///
/// # Behavior
/// - The answer depends on the case and on nothing else: the same facts at the same moment give the same answer.
/// - One decision for each case, in order.
/// - An error, a panic, no answer within five seconds, or another number of decisions, is read as "deny" for
///   the whole batch.
#[async_trait]
pub trait ConsentPolicy: Debug + Send + Sync + 'static {
    /// The rule's name and version, as it stands in decisions.
    fn name(&self) -> String;
    /// Decides.
    async fn decide(&self, cases: Vec<PolicyCase>) -> Result<Vec<Decision>>;
}
