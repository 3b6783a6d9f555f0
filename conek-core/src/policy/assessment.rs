//! The assessment without which nothing may rest on a legitimate interest (GDPR 6(1)(f), POPIA s11(1)(f)).

use serde::{Deserialize, Serialize};

use super::purposes::{LawfulPair, LegalBasis, ProcessingPurpose, Regime};
use crate::values::{
    error::{Error, Result},
    time::Timestamp,
};

/// A legitimate-interest assessment: why the processing is needed, and why the person's interests do not outweigh it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Assessment {
    /// For which purpose: its code in the closed list, for example `comms.feedback`.
    pub purpose: String,
    /// The interest, and why the processing is needed for it.
    pub necessity: String,
    /// Why the interests and rights of the person do not outweigh it.
    pub balance: String,
    /// How the person can object.
    pub opt_out: String,
    /// When it was made.
    pub assessed_at: Timestamp,
    /// When it wants to be looked at again.
    pub review_by: Option<Timestamp>,
}

impl Assessment {
    pub(crate) fn check(&self) -> Result<()> {
        for (field, text) in [
            ("purpose", &self.purpose),
            ("necessity", &self.necessity),
            ("balance", &self.balance),
            ("opt_out", &self.opt_out),
        ] {
            if text.trim().is_empty() {
                return Err(Error::invalid(
                    field,
                    "must not be empty: an assessment without it assesses nothing",
                ));
            }
        }
        let purpose = ProcessingPurpose::of(&self.purpose).ok_or_else(|| {
            Error::invalid("purpose", "is none of the closed list, for example comms.feedback")
        })?;
        LawfulPair::new(purpose, LegalBasis::LegitimateInterest, Regime::Gdpr).map(drop)
    }
}
