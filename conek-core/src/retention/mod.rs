//! Retention: what is kept for how long, what ends when its time is over, and what may stay for ever.

mod handle;
mod holds;
mod rules;
mod statistics;
mod sweep;

use crate::engine::Inner;

pub use handle::Retention;
pub use holds::LegalHold;
pub(crate) use rules::ContactEnd;
pub use rules::{
    HoldFacts, RetentionAction, RetentionClass, RetentionDue, RetentionFacts, RetentionRules, retention_due,
};
pub(crate) use statistics::publishable;
pub use statistics::{LEAST_PEOPLE, Statistics, StatisticsCell};
pub use sweep::{ExpiringItem, SweepPreview, SweepReport};

impl Inner {
    pub(crate) fn retention_rules(&self) -> &RetentionRules {
        &self.retention
    }

    /// Why records of a class end, in words.
    pub(crate) fn reason(&self, class: &str) -> String {
        let r = &self.retention;
        match class {
            "transaction" => format!("{} months since the transaction are over", r.transaction),
            "support" => format!("{} months since the last contact are over", r.support),
            "marketing" => {
                format!("consent was withdrawn, or {} months passed without activity", r.marketing)
            }
            "consent" => format!("{} months since consent was last relied on are over", r.consent),
            "decision" => format!("{} months since the decision are over", r.decision),
            "request" => format!("{} months since the request ended are over", r.request),
            "webhook" => "WhatsApp repeats it no more".to_owned(),
            _ => "its time is over".to_owned(),
        }
    }
}
