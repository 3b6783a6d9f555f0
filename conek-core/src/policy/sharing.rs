//! Whether personal data may be handed to somebody: the five kinds of recipient that may get them, and the
//! two that may not, whatever is known.

use serde::{Deserialize, Serialize};

use super::{decision::Reason, purposes::ProcessingPurpose};

/// Who gets the data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecipientClass {
    /// Nobody has said.
    #[default]
    Unknown,
    /// WhatsApp and Meta, to bring messages to people.
    Platform,
    /// Somebody who works on the account's instructions: a processor, or operator.
    ServiceProvider,
    /// A partner with purposes of its own.
    BusinessPartner,
    /// An authority or a court.
    LegalAuthority,
    /// Whoever takes the business over.
    BusinessTransfer,
    /// An advertiser.
    Advertiser,
    /// A competitor of the account's. Never.
    Competitor,
    /// Whoever pays for the data. Never.
    Buyer,
}

/// What is known of a disclosure. Everything left out is unknown, and unknown never allows.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct SharingFacts {
    /// Who gets the data.
    pub recipient: RecipientClass,
    /// Whether money or another advantage is given for the data themselves, whoever gets them.
    pub for_value: bool,
    /// Whether the recipient competes with the account, whatever else it is.
    pub is_competitor: bool,
    /// What they are for: a code of the closed list, for example `service.deliver_message`.
    pub purpose: Option<String>,
    /// The purpose for which they were collected.
    pub collected_for: Option<String>,
    /// The person consented to this disclosure.
    pub consented: bool,
    /// They did so explicitly, to exactly this recipient or kind of recipient.
    pub explicitly: bool,
    /// The written contract with a service provider (POPIA s21(1), GDPR 28(3)).
    pub contract: Option<String>,
    /// The law, order or request an authority relies on.
    pub legal_reference: Option<String>,
    /// Whether special personal information is in it (POPIA s26, GDPR 9(1)).
    pub special: bool,
    /// Whether the person's data are restricted (POPIA s14(6), GDPR 18).
    pub restricted: bool,
    /// Whether the person objected to this purpose (POPIA s11(3), GDPR 21).
    pub objected: bool,
}

/// Whether data may be handed over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum SharingDecision {
    /// They may.
    Allow {
        /// What it rests on.
        provision: String,
    },
    /// They may not.
    Deny {
        /// All reasons.
        reasons: Vec<Reason>,
    },
}

/// The recipients to whom anything can be allowed. A competitor and a buyer are not among them, and nothing
/// turns one into the other.
enum Allowable {
    Platform,
    ServiceProvider,
    BusinessPartner,
    LegalAuthority,
    BusinessTransfer,
    Advertiser,
}

fn allowable(facts: &SharingFacts) -> Result<Allowable, Reason> {
    let never = |code, provision, text| Err(reason(code, provision, text));
    if facts.for_value || facts.recipient == RecipientClass::Buyer {
        return never(
            "SALE_PROHIBITED",
            "POPIA s9, s15(1); GDPR art 5(1)(a)-(b)",
            "personal data are not sold, to nobody and on no basis",
        );
    }
    if facts.is_competitor {
        return never(
            "COMPETITOR_PROHIBITED",
            "POPIA s15(1); GDPR art 5(1)(b)",
            "customers' data do not go to a competitor, on no basis",
        );
    }
    Ok(match facts.recipient {
        RecipientClass::Unknown => {
            return never(
                "RECIPIENT_UNKNOWN",
                "POPIA s18(1)(h)(i); GDPR art 13(1)(e)",
                "it is not known who gets the data",
            );
        }
        RecipientClass::Competitor => {
            return never(
                "COMPETITOR_PROHIBITED",
                "POPIA s15(1); GDPR art 5(1)(b)",
                "customers' data do not go to a competitor, on no basis",
            );
        }
        RecipientClass::Buyer => {
            return never(
                "SALE_PROHIBITED",
                "POPIA s9, s15(1); GDPR art 5(1)(a)-(b)",
                "personal data are not sold, to nobody and on no basis",
            );
        }
        RecipientClass::Platform => Allowable::Platform,
        RecipientClass::ServiceProvider => Allowable::ServiceProvider,
        RecipientClass::BusinessPartner => Allowable::BusinessPartner,
        RecipientClass::LegalAuthority => Allowable::LegalAuthority,
        RecipientClass::BusinessTransfer => Allowable::BusinessTransfer,
        RecipientClass::Advertiser => Allowable::Advertiser,
    })
}

fn reason(code: &str, provision: &str, text: &str) -> Reason {
    Reason { code: code.to_owned(), provision: provision.to_owned(), text: text.to_owned() }
}

fn is_named(text: &Option<String>) -> bool {
    text.as_deref().is_some_and(|t| !t.trim().is_empty())
}

/// Decides about a disclosure.
pub(crate) fn decide(facts: &SharingFacts) -> SharingDecision {
    let recipient = match allowable(facts) {
        Ok(recipient) => recipient,
        Err(reason) => return SharingDecision::Deny { reasons: vec![reason] },
    };
    let mut reasons = Vec::new();
    let mut needs = |there: bool, code, provision, text| {
        if !there {
            reasons.push(reason(code, provision, text));
        }
    };
    let purpose = facts.purpose.as_deref().and_then(ProcessingPurpose::of);
    needs(
        purpose.is_some(),
        "PURPOSE_UNKNOWN",
        "POPIA s13(1); GDPR art 5(1)(b)",
        "the disclosure has no purpose of the closed list",
    );
    let by_law = matches!(recipient, Allowable::LegalAuthority);
    needs(
        by_law || !facts.restricted,
        "RESTRICTED",
        "POPIA s14(6); GDPR art 18(2)",
        "the person's data are restricted: they are kept and not used",
    );
    needs(
        by_law || !facts.objected,
        "OBJECTED",
        "POPIA s11(3)-(4); GDPR art 21",
        "the person objected to this use",
    );
    let agrees = facts.consented && facts.explicitly;
    needs(
        by_law || !facts.special || agrees || matches!(recipient, Allowable::ServiceProvider),
        "SPECIAL_CATEGORY",
        "POPIA s26, s27(1)(a); GDPR art 9(2)(a)",
        "special personal information is disclosed with explicit consent only",
    );
    // Another purpose than that of the collection is lawful with consent alone.
    let collected_for = facts.collected_for.as_deref().and_then(ProcessingPurpose::of);
    let further = match (purpose, collected_for) {
        (Some(now), Some(then)) => now != then && !is_compatible(then, now),
        _ => false,
    };
    needs(
        by_law || !further || facts.consented,
        "PURPOSE_UNRELATED",
        "POPIA s15; GDPR art 5(1)(b), 6(4)",
        "the data were collected for another purpose",
    );
    let provision = match recipient {
        Allowable::Platform => {
            needs(
                purpose.is_none_or(|p| p.message_class().is_some()),
                "PURPOSE_NOT_OF_RECIPIENT",
                "POPIA s13(1); GDPR art 5(1)(b)",
                "the platform gets data to bring messages to people, and for nothing else",
            );
            "POPIA s11(1)(b); GDPR art 6(1)(b)"
        }
        Allowable::ServiceProvider => {
            needs(
                is_named(&facts.contract),
                "OPERATOR_CONTRACT_MISSING",
                "POPIA s20, s21(1); GDPR art 28(3)",
                "no written contract binds the service provider",
            );
            "POPIA s20-21; GDPR art 28"
        }
        Allowable::BusinessPartner => {
            needs(
                facts.consented,
                "NO_CONSENT",
                "POPIA s11(1)(a); GDPR art 6(1)(a)",
                "the person has not consented to the disclosure to a partner",
            );
            "POPIA s11(1)(a); GDPR art 6(1)(a)"
        }
        Allowable::Advertiser => {
            needs(
                agrees,
                "NO_EXPLICIT_CONSENT",
                "POPIA s11(1)(a); GDPR art 6(1)(a), 4(11)",
                "advertisers get data with explicit consent only",
            );
            "POPIA s11(1)(a); GDPR art 6(1)(a)"
        }
        Allowable::LegalAuthority => {
            needs(
                is_named(&facts.legal_reference),
                "LEGAL_REFERENCE_MISSING",
                "POPIA s11(1)(c); GDPR art 6(1)(c)",
                "the law or order that demands the data is not named",
            );
            "POPIA s11(1)(c), s15(3)(c); GDPR art 6(1)(c)"
        }
        Allowable::BusinessTransfer => {
            needs(
                is_named(&facts.contract),
                "TRANSFER_AGREEMENT_MISSING",
                "POPIA s11(1)(f); GDPR art 6(1)(f)",
                "no agreement binds the successor to the purposes of the collection",
            );
            "POPIA s11(1)(f); GDPR art 6(1)(f)"
        }
    };
    if reasons.is_empty() {
        SharingDecision::Allow { provision: provision.to_owned() }
    } else {
        SharingDecision::Deny { reasons }
    }
}

/// Whether the second purpose is part of what the first one promised: serving the person, securing the
/// service. Marketing, research and other people's purposes never are.
fn is_compatible(collected_for: ProcessingPurpose, purpose: ProcessingPurpose) -> bool {
    let room = |p: ProcessingPurpose| p.code().split('.').next().unwrap_or_default();
    let serves = |p: ProcessingPurpose| {
        matches!(room(p), "service" | "security" | "vital")
            || matches!(
                p,
                ProcessingPurpose::CommsServiceNotice
                    | ProcessingPurpose::CommsSupport
                    | ProcessingPurpose::CommsPolicyChange
                    | ProcessingPurpose::CommsOptOutConfirmation
            )
    };
    // Whatever somebody's data are held for, their opt-out is confirmed and the law is obeyed.
    matches!(purpose, ProcessingPurpose::CommsOptOutConfirmation | ProcessingPurpose::SecurityLegal)
        || (serves(collected_for) && serves(purpose))
}
