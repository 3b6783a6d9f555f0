//! What the gate says.

use serde::{Deserialize, Serialize};

use super::facts::Facts;
use crate::values::time::Timestamp;

/// One question to a policy: these facts, at this moment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PolicyCase {
    /// The moment for which is decided.
    pub at: Timestamp,
    /// Everything else that the decision rests on.
    pub facts: Facts,
}

/// What makes a message lawful.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// POPIA s11(1)(a), s69(1)(a); GDPR 6(1)(a).
    Consent,
    /// An existing customer: POPIA s69(3), ePrivacy 13(2).
    CustomerException,
    /// The one request for consent: POPIA s69(2).
    FirstApproach,
    /// POPIA s11(1)(b); GDPR 6(1)(b).
    Contract,
    /// POPIA s11(1)(c); GDPR 6(1)(c).
    LegalObligation,
    /// POPIA s11(1)(f); GDPR 6(1)(f).
    LegitimateInterest,
}

/// Why the gate says no, or not yet.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Reason {
    /// The stable code, for example `SUPPRESSED`.
    pub code: String,
    /// What it rests on, for example `POPIA s69(1)`.
    pub provision: String,
    /// The same in plain words.
    pub text: String,
}

/// What the gate says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Decision {
    /// Yes.
    Allow {
        /// On what basis.
        basis: Basis,
    },
    /// No.
    Deny {
        /// All reasons, the strongest first.
        reasons: Vec<Reason>,
    },
    /// Not yet.
    Defer {
        /// When to ask again.
        until: Timestamp,
        /// Why.
        reasons: Vec<Reason>,
    },
    /// Somebody has to answer first.
    Ask {
        /// What must be asked.
        question: String,
        /// Why.
        reasons: Vec<Reason>,
    },
}

impl Decision {
    /// Its reasons; none for an allowance.
    pub fn reasons(&self) -> &[Reason] {
        match self {
            Self::Allow { .. } => &[],
            Self::Deny { reasons } | Self::Defer { reasons, .. } | Self::Ask { reasons, .. } => reasons,
        }
    }
}

/// A decision with all that is needed to understand and repeat it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Explanation {
    /// What the gate said.
    pub decision: Decision,
    /// The same in plain words with the provisions.
    pub text: String,
    /// What it looked at.
    pub facts: Facts,
    /// The moment for which it was decided.
    pub at: Timestamp,
    /// What does not stand against the message, and ought to be known.
    pub warnings: Vec<Reason>,
    /// The rules' version.
    pub rule_set: String,
    /// SHA-256 of facts and moment, hexadecimal.
    pub input_hash: String,
    /// When it was decided.
    pub decided_at: Timestamp,
    /// When the request to WhatsApp began: the proof of the hour (GN R293 item 3).
    pub dispatched_at: Option<Timestamp>,
}

/// A basis in plain words.
pub(crate) fn basis_text(basis: Basis) -> &'static str {
    match basis {
        Basis::Consent => "the person consented (POPIA s11(1)(a), s69(1)(a); GDPR art 6(1)(a))",
        Basis::CustomerException => {
            "an existing customer who could object when the contact was collected (POPIA s69(3); ePrivacy Directive art 13(2))"
        }
        Basis::FirstApproach => "the one request for consent (POPIA s69(2))",
        Basis::Contract => "the contract with the person needs it (POPIA s11(1)(b); GDPR art 6(1)(b))",
        Basis::LegalObligation => "the law requires it (POPIA s11(1)(c); GDPR art 6(1)(c))",
        Basis::LegitimateInterest => "a legitimate interest (POPIA s11(1)(f); GDPR art 6(1)(f))",
    }
}
