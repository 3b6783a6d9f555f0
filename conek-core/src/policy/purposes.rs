//! What personal data may be used for, and on what basis: the closed list, by regime.

use serde::{Deserialize, Serialize};

use crate::values::error::{Error, Result};

/// A law of data protection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Regime {
    /// South Africa's Protection of Personal Information Act, 4 of 2013.
    Popia,
    /// Regulation (EU) 2016/679.
    Gdpr,
}

/// What makes a use of personal data lawful.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LegalBasis {
    /// POPIA s11(1)(a); GDPR 6(1)(a).
    Consent,
    /// Consent to exactly this, by a clear statement: POPIA s27(1)(a); GDPR 9(2)(a), 49(1)(a).
    ExplicitConsent,
    /// An existing customer, similar goods or services: POPIA s69(3); ePrivacy 13(2).
    CustomerException,
    /// The one request for consent: POPIA s69(2).
    FirstApproach,
    /// POPIA s11(1)(b); GDPR 6(1)(b).
    Contract,
    /// POPIA s11(1)(c); GDPR 6(1)(c).
    LegalObligation,
    /// GDPR 6(1)(d). POPIA has no such basis; the nearest is the data subject's own legitimate interest, s11(1)(d).
    VitalInterest,
    /// A legitimate interest of the data subject: POPIA s11(1)(d). GDPR has no such basis.
    SubjectInterest,
    /// POPIA s11(1)(e); GDPR 6(1)(e). No purpose of a messaging engine rests on it.
    PublicTask,
    /// A legitimate interest of the account or of the recipient, with an assessment on record:
    /// POPIA s11(1)(f); GDPR 6(1)(f).
    LegitimateInterest,
}

impl LegalBasis {
    /// Every basis.
    pub const ALL: [Self; 10] = [
        Self::Consent,
        Self::ExplicitConsent,
        Self::CustomerException,
        Self::FirstApproach,
        Self::Contract,
        Self::LegalObligation,
        Self::VitalInterest,
        Self::SubjectInterest,
        Self::PublicTask,
        Self::LegitimateInterest,
    ];

    /// The provision that names it; `None` where the regime has no such basis.
    pub fn provision(self, regime: Regime) -> Option<&'static str> {
        Some(match (self, regime) {
            (Self::Consent, Regime::Popia) => "POPIA s11(1)(a)",
            (Self::Consent, Regime::Gdpr) => "GDPR art 6(1)(a)",
            (Self::ExplicitConsent, Regime::Popia) => "POPIA s11(1)(a), s27(1)(a)",
            (Self::ExplicitConsent, Regime::Gdpr) => "GDPR art 6(1)(a), 9(2)(a)",
            (Self::CustomerException, Regime::Popia) => "POPIA s69(3)",
            (Self::CustomerException, Regime::Gdpr) => "ePrivacy Directive art 13(2)",
            (Self::FirstApproach, Regime::Popia) => "POPIA s69(2)",
            (Self::FirstApproach | Self::SubjectInterest, Regime::Gdpr) => return None,
            (Self::Contract, Regime::Popia) => "POPIA s11(1)(b)",
            (Self::Contract, Regime::Gdpr) => "GDPR art 6(1)(b)",
            (Self::LegalObligation, Regime::Popia) => "POPIA s11(1)(c)",
            (Self::LegalObligation, Regime::Gdpr) => "GDPR art 6(1)(c)",
            (Self::VitalInterest, Regime::Popia) => return None,
            (Self::VitalInterest, Regime::Gdpr) => "GDPR art 6(1)(d)",
            (Self::SubjectInterest, Regime::Popia) => "POPIA s11(1)(d)",
            (Self::PublicTask, Regime::Popia) => "POPIA s11(1)(e)",
            (Self::PublicTask, Regime::Gdpr) => "GDPR art 6(1)(e)",
            (Self::LegitimateInterest, Regime::Popia) => "POPIA s11(1)(f)",
            (Self::LegitimateInterest, Regime::Gdpr) => "GDPR art 6(1)(f)",
        })
    }
}

/// How a message of a purpose is treated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MessageClass {
    /// Direct marketing: consent or the customer exception, hours, opt-out.
    Marketing,
    /// The one request for consent.
    ConsentRequest,
    /// The confirmation that an opt-out was heard: once, without promotion, at any hour.
    OptOutConfirmation,
    /// What a contract needs, and what a service says about itself.
    Service,
    /// What the law makes the account say; no opt-out stops it.
    LegalNotice,
    /// Surveys and questions after a sale.
    Feedback,
}

macro_rules! purposes {
    ($($variant:ident $code:literal $class:ident $taxonomy:literal: $($doc:literal)+;)+) => {
        /// What personal data is used for. The list is closed: there is no other purpose.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum ProcessingPurpose {
            $($(#[doc = $doc])+ #[serde(rename = $code)] $variant,)+
        }

        impl ProcessingPurpose {
            /// Every purpose.
            pub const ALL: &[Self] = &[$(Self::$variant),+];
            /// The stable code, for example `comms.marketing`.
            pub fn code(self) -> &'static str {
                match self { $(Self::$variant => $code),+ }
            }
            /// How its messages are treated; `None` for what is no message.
            pub fn message_class(self) -> Option<MessageClass> {
                match self { $(Self::$variant => purposes!(@class $class)),+ }
            }
            /// Its place in the Fides taxonomy of data uses; empty where it has none.
            pub fn taxonomy(self) -> &'static str {
                match self { $(Self::$variant => $taxonomy),+ }
            }
        }
    };
    (@class None) => { None };
    (@class $class:ident) => { Some(MessageClass::$class) };
}

purposes! {
    ServiceOperate "service.operate" Service "essential.service": "Running what the person uses.";
    ServiceDeliverMessage "service.deliver_message" Service "essential.service": "Bringing a message to whom it is for.";
    ServiceAccount "service.account" Service "essential.service.authentication": "Keeping the person's account.";
    ServicePayment "service.payment" Service "essential.service.payment_processing": "Taking and making payments.";
    ServiceSupport "service.support" Service "essential.service": "Helping a person who asks.";
    ImproveUsage "improve.usage" None "functional.service.improve": "Understanding how the service is used.";
    ImproveFeatures "improve.features" None "functional.service.improve": "Making it better.";
    ImproveResearch "improve.research" None "analytics": "Research.";
    ImproveMonitor "improve.monitor" None "analytics": "Watching trends and performance.";
    ImproveTroubleshoot "improve.troubleshoot" None "functional.service.improve": "Finding faults.";
    CommsServiceNotice "comms.service_notice" Service "essential.service.notifications": "What a service says about itself.";
    CommsSupport "comms.support" Service "essential.service.notifications": "Answers to a person who wrote.";
    CommsPolicyChange "comms.policy_change" LegalNotice "essential.service.notifications": "Changes of the privacy notice or the terms.";
    CommsMarketing "comms.marketing" Marketing "marketing.communications": "Promoting goods or services, or asking for a donation.";
    CommsConsentRequest "comms.consent_request" ConsentRequest "": "Asking once for consent.";
    CommsOptOutConfirmation "comms.opt_out_confirmation" OptOutConfirmation "": "Confirming an opt-out.";
    CommsFeedback "comms.feedback" Feedback "analytics.reporting": "Surveys and requests for feedback.";
    SecurityFraud "security.fraud" Service "essential.fraud_detection": "Finding and stopping fraud.";
    SecurityVerify "security.verify" Service "essential.service.authentication": "Making sure who somebody is.";
    SecurityEnforce "security.enforce" Service "essential.legal_obligation": "Enforcing terms and claims.";
    SecurityLegal "security.legal" Service "essential.legal_obligation": "Doing what the law demands.";
    Vital "vital" Service "": "Protecting somebody's life.";
    SharePartner "share.partner" None "marketing.advertising.third_party": "Handing data to a business partner.";
    ShareAds "share.ads" None "marketing.advertising.third_party": "Handing data to an advertiser.";
}

impl ProcessingPurpose {
    /// The purpose with this code.
    pub fn of(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|p| p.code() == code)
    }

    fn bases_of_any_regime(self) -> &'static [LegalBasis] {
        use LegalBasis::{
            Consent, Contract, CustomerException, ExplicitConsent, FirstApproach, LegalObligation,
            LegitimateInterest, SubjectInterest, VitalInterest,
        };
        match self {
            Self::ServiceOperate
            | Self::ServiceDeliverMessage
            | Self::ServiceAccount
            | Self::ServicePayment
            | Self::ServiceSupport
            | Self::CommsServiceNotice
            | Self::CommsSupport => &[Contract],
            Self::ImproveUsage
            | Self::ImproveFeatures
            | Self::ImproveResearch
            | Self::ImproveMonitor
            | Self::ImproveTroubleshoot => &[LegitimateInterest],
            Self::CommsPolicyChange => &[LegalObligation, Contract],
            Self::CommsMarketing => &[Consent, CustomerException],
            // Outside South Africa a message that asks for consent to marketing is marketing itself.
            Self::CommsConsentRequest => &[FirstApproach],
            Self::CommsOptOutConfirmation => &[LegalObligation],
            Self::CommsFeedback => &[Consent, LegitimateInterest],
            Self::SecurityFraud | Self::SecurityVerify | Self::SecurityEnforce | Self::SecurityLegal => {
                &[LegitimateInterest, LegalObligation]
            }
            Self::Vital => &[VitalInterest, SubjectInterest],
            Self::SharePartner => &[Consent],
            Self::ShareAds => &[ExplicitConsent],
        }
    }

    /// On what it may rest under a regime. Empty: not at all.
    pub fn bases(self, regime: Regime) -> Vec<LegalBasis> {
        self.bases_of_any_regime().iter().copied().filter(|b| b.provision(regime).is_some()).collect()
    }
}

/// A purpose with a basis on which it may rest. There is no other way to one than [`LawfulPair::new`], so
/// that an unlawful pair does not exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LawfulPair {
    purpose: ProcessingPurpose,
    basis: LegalBasis,
    regime: Regime,
}

impl LawfulPair {
    /// Checks a pair.
    ///
    /// # Errors
    /// `invalid_input` naming the bases that would be lawful.
    pub fn new(purpose: ProcessingPurpose, basis: LegalBasis, regime: Regime) -> Result<Self> {
        let lawful = purpose.bases(regime);
        if lawful.contains(&basis) {
            return Ok(Self { purpose, basis, regime });
        }
        let named: Vec<_> = lawful.iter().filter_map(|b| b.provision(regime)).collect();
        let may = match named.as_slice() {
            [] => "under this regime it may not rest on anything".to_owned(),
            some => format!("it may rest on {}", some.join(" or ")),
        };
        Err(Error::invalid("basis", format!("{} cannot rest on {basis:?}; {may}", purpose.code())))
    }
    /// The purpose.
    pub fn purpose(self) -> ProcessingPurpose {
        self.purpose
    }
    /// The basis.
    pub fn basis(self) -> LegalBasis {
        self.basis
    }
    /// The provision that makes it lawful.
    pub fn provision(self) -> &'static str {
        self.basis.provision(self.regime).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_closed_and_every_purpose_rests_on_something_somewhere() {
        assert_eq!(ProcessingPurpose::ALL.len(), 24);
        for purpose in ProcessingPurpose::ALL {
            assert_eq!(ProcessingPurpose::of(purpose.code()), Some(*purpose));
            assert_eq!(serde_json::to_value(purpose).unwrap(), purpose.code());
            let bases = |r| purpose.bases(r);
            assert!(!bases(Regime::Popia).is_empty() || !bases(Regime::Gdpr).is_empty());
            for regime in [Regime::Popia, Regime::Gdpr] {
                for basis in LegalBasis::ALL {
                    let pair = LawfulPair::new(*purpose, basis, regime);
                    assert_eq!(pair.is_ok(), bases(regime).contains(&basis));
                }
            }
        }
        assert_eq!(ProcessingPurpose::of("marketing"), None);
    }

    #[test]
    fn vital_interests_are_no_basis_of_popia_and_the_subjects_interest_none_of_gdpr() {
        assert_eq!(ProcessingPurpose::Vital.bases(Regime::Popia), [LegalBasis::SubjectInterest]);
        assert_eq!(ProcessingPurpose::Vital.bases(Regime::Gdpr), [LegalBasis::VitalInterest]);
        let error =
            LawfulPair::new(ProcessingPurpose::CommsMarketing, LegalBasis::LegitimateInterest, Regime::Gdpr);
        let text = error.unwrap_err().to_string();
        assert!(text.contains("GDPR art 6(1)(a) or ePrivacy Directive art 13(2)"), "{text}");
    }
}
