//! What the gate looks at and what it says.

use serde::{Deserialize, Serialize};

use crate::{
    consent::ConsentStatus,
    messaging::Purpose,
    values::{ids::PersonId, time::Timestamp},
};

/// What is known of a template when a decision is made.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct TemplateFacts {
    /// `marketing`, `utility` or `authentication`, as WhatsApp classed it.
    pub category: String,
    /// Whether WhatsApp lets it be sent.
    pub approved: bool,
}

/// Everything a decision rests on. A policy looks at nothing else, so that a stored decision can
/// be repeated years later.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Facts {
    /// The moment for which is decided.
    pub now: Timestamp,
    /// Who, by id.
    pub person: PersonId,
    /// Why the message is sent.
    pub purpose: Purpose,
    /// The template, or `None` for a free-form message.
    pub template: Option<TemplateFacts>,
    /// Whether the message tells the person how to stop (POPIA s69(4)(b), ePrivacy 13(4)).
    pub has_opt_out: bool,
    /// Whether the message names who sends it (POPIA s69(4)(a)).
    pub names_sender: bool,
    /// When the message becomes void.
    pub expires_at: Option<Timestamp>,
    /// The person's country, ISO 3166-1 alpha-2.
    pub country: Option<String>,
    /// The person's IANA zone.
    pub zone: Option<String>,
    /// Whether the number is a United States number.
    pub us_number: bool,
    /// Where consent for the purpose stands.
    pub consent: ConsentStatus,
    /// Whether that consent could be proved.
    pub consent_demonstrable: bool,
    /// When that consent ends by itself.
    pub consent_valid_until: Option<Timestamp>,
    /// How often consent was requested from the person.
    pub consent_requests: i32,
    /// Whether the contact was obtained in a sale.
    pub obtained_in_sale: bool,
    /// Whether the person could object when the contact was collected.
    pub objection_offered: bool,
    /// Whether the number is on the suppression list.
    pub suppressed: bool,
    /// Whether the person stopped marketing within WhatsApp.
    pub platform_stop: bool,
    /// Whether the person said something that may have meant stop, and has not been understood yet.
    pub awaiting_clarification: bool,
    /// When the person last wrote to the sending number.
    pub last_inbound_at: Option<Timestamp>,
    /// Whether the person agreed in writing to be contacted outside marketing hours.
    pub hours_agreed: bool,
    /// Days declared public holidays in South Africa beyond the Act's own, `YYYY-MM-DD`.
    pub declared_holidays: Vec<String>,
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
    /// The rules' version.
    pub rule_set: String,
    /// SHA-256 of the facts, hexadecimal.
    pub input_hash: String,
    /// When it was decided.
    pub decided_at: Timestamp,
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
