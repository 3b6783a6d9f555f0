//! Whether personal data may go to another country: POPIA s72, GDPR chapter V.

use serde::{Deserialize, Serialize};

use super::{decision::Reason, purposes::Regime, regions};
use crate::values::time::Timestamp;

/// What a transfer rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TransferMechanism {
    /// A decision that the country protects data adequately (GDPR 45). For a transfer under POPIA it shows that
    /// the country's law does (s72(1)(a)).
    Adequacy,
    /// The recipient's law, as the account itself has assessed it (POPIA s72(1)(a)).
    AdequateLaw,
    /// The standard contractual clauses of Decision (EU) 2021/914 (GDPR 46(2)(c)).
    StandardClauses,
    /// Those of 2001, 2004 and 2010, of no effect since 27 December 2022.
    OldStandardClauses,
    /// Binding corporate rules (GDPR 47; POPIA s72(1)(a)).
    BindingRules,
    /// An agreement that binds the recipient to an adequate level (POPIA s72(1)(a)).
    BindingAgreement,
    /// The EU-US Data Privacy Framework, for whoever is certified.
    DataPrivacyFramework,
    /// The EU-US Privacy Shield, invalid since 16 July 2020.
    PrivacyShield,
    /// Safe Harbour, invalid since 6 October 2015.
    SafeHarbour,
    /// The person's consent to the transfer (POPIA s72(1)(b); GDPR 49(1)(a), explicit).
    Consent,
    /// A contract with the person needs it (POPIA s72(1)(c); GDPR 49(1)(b)).
    Contract,
    /// A contract in the person's interest needs it (POPIA s72(1)(d); GDPR 49(1)(c)).
    ContractInInterest,
    /// It benefits the person, asking is not practicable, and they would agree (POPIA s72(1)(e)).
    Benefit,
    /// Important reasons of public interest that the law recognises (GDPR 49(1)(d)).
    PublicInterest,
    /// Legal claims (GDPR 49(1)(e)).
    LegalClaims,
    /// Somebody's life, where consent cannot be given (GDPR 49(1)(f)).
    VitalInterest,
}

/// What is known of a transfer. Everything left out is unknown, and unknown never allows.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct TransferFacts {
    /// The country the data leave, ISO 3166-1 alpha-2.
    pub exporter: Option<String>,
    /// The country they go to.
    pub importer: Option<String>,
    /// The laws that bind the exporter. Empty: that of its country; both, where that is unknown or another.
    pub regimes: Vec<Regime>,
    /// What it rests on.
    pub mechanism: Option<TransferMechanism>,
    /// Where the proof is: the contract, the approved rules, the certificate, the assessment of the law.
    pub evidence: Option<String>,
    /// Whether the law of the importing country was assessed for what would undo the safeguard
    /// (C-311/18, Schrems II).
    pub assessed: bool,
    /// Whether the recipient is one that a decision in part covers: certified under the Data Privacy Framework, a
    /// commercial organisation in Canada.
    pub recipient_covered: bool,
    /// Whether the recipient is bound to pass the data on under the same protection only (POPIA s72(1)(a)(ii)).
    pub onward_protected: bool,
    /// Whether the person consented to this transfer, explicitly.
    pub consented: bool,
    /// Whether they had been told its risks (GDPR 49(1)(a)).
    pub informed_of_risks: bool,
    /// Whether it is made again and again, not occasionally.
    pub repeated: bool,
    /// Whether special personal information, or that of children, is in it (POPIA s57(1)(d)).
    pub special: bool,
    /// Whether the Information Regulator has authorised it (POPIA s57, s58).
    pub authorised: bool,
}

/// Whether data may go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum TransferDecision {
    /// They may.
    Allow {
        /// What it rests on, under each law that binds.
        provisions: Vec<String>,
        /// What does not stand against it, and ought to be known.
        warnings: Vec<Reason>,
    },
    /// They may not.
    Deny {
        /// All reasons.
        reasons: Vec<Reason>,
    },
}

fn reason(code: &str, provision: &str, text: &str) -> Reason {
    Reason { code: code.to_owned(), provision: provision.to_owned(), text: text.to_owned() }
}

/// What one law says: the provision it rests on, or what stands against it.
struct Says {
    provision: Option<String>,
    against: Vec<Reason>,
    warnings: Vec<Reason>,
}

impl Says {
    fn new() -> Self {
        Self { provision: None, against: Vec::new(), warnings: Vec::new() }
    }
    fn needs(&mut self, there: bool, code: &str, provision: &str, text: &str) {
        if !there {
            self.against.push(reason(code, provision, text));
        }
    }
    fn rests_on(&mut self, provision: impl Into<String>) {
        self.provision = Some(provision.into());
    }
}

/// Decides about a transfer at a moment.
pub(crate) fn decide(facts: &TransferFacts, at: Timestamp) -> TransferDecision {
    let known = |country: &Option<String>| {
        {
            country
                .as_deref()
                .map(str::trim)
                .filter(|c| c.len() == 2 && c.chars().all(|c| c.is_ascii_alphabetic()))
        }
        .map(str::to_ascii_uppercase)
    };
    let (exporter, importer) = (known(&facts.exporter), known(&facts.importer));
    let mut reasons = Vec::new();
    let mut all = Vec::new();
    let mut warnings = Vec::new();
    let Some(importer) = importer else {
        return TransferDecision::Deny {
            reasons: vec![reason(
                "TRANSFER_COUNTRY_UNKNOWN",
                "POPIA s72(1); GDPR art 44",
                "it is not known to which country the data go",
            )],
        };
    };
    for regime in regimes(facts, exporter.as_deref()) {
        let says = match regime {
            Regime::Popia => popia(facts, &importer, at),
            Regime::Gdpr => gdpr(facts, &importer, at),
        };
        reasons.extend(says.against);
        warnings.extend(says.warnings);
        all.extend(says.provision);
    }
    if reasons.is_empty() && !all.is_empty() {
        TransferDecision::Allow { provisions: all, warnings }
    } else {
        TransferDecision::Deny { reasons }
    }
}

fn regimes(facts: &TransferFacts, exporter: Option<&str>) -> Vec<Regime> {
    let mut regimes = facts.regimes.clone();
    if regimes.is_empty() {
        if !regions::is_eu(exporter) {
            regimes.push(Regime::Popia);
        }
        if !regions::is_za(exporter) {
            regimes.push(Regime::Gdpr);
        }
    }
    regimes.dedup();
    regimes
}

fn has_evidence(facts: &TransferFacts) -> bool {
    facts.evidence.as_deref().is_some_and(|e| !e.trim().is_empty())
}

fn popia(facts: &TransferFacts, importer: &str, at: Timestamp) -> Says {
    use TransferMechanism as M;
    const S72_1_A: &str = "POPIA s72(1)(a)";
    let mut says = Says::new();
    if regions::is_za(Some(importer)) {
        says.rests_on("POPIA s72: the data stay in the Republic");
        return says;
    }
    let evidence = has_evidence(facts);
    let proven = |says: &mut Says, provision: &str| {
        says.needs(
            evidence,
            "TRANSFER_EVIDENCE_MISSING",
            provision,
            "nothing shows that this mechanism holds",
        );
    };
    match facts.mechanism {
        None => says.needs(
            false,
            "NO_TRANSFER_GROUND",
            "POPIA s72(1)",
            "no ground of s72(1) is named for sending the data abroad",
        ),
        Some(M::Adequacy | M::AdequateLaw) => {
            // No list of adequate countries exists in South Africa: the account shows it.
            if regions::adequacy(importer, at).is_none() && !regions::is_eea(Some(importer)) {
                proven(&mut says, S72_1_A);
            }
            says.rests_on(S72_1_A);
        }
        Some(M::StandardClauses | M::BindingRules | M::BindingAgreement | M::DataPrivacyFramework) => {
            proven(&mut says, S72_1_A);
            says.needs(
                facts.onward_protected,
                "TRANSFER_ONWARD_UNPROTECTED",
                "POPIA s72(1)(a)(ii)",
                "the recipient is not bound to protect the data when it passes them on",
            );
            says.rests_on(S72_1_A);
        }
        Some(M::Consent) => {
            says.needs(
                facts.consented,
                "TRANSFER_CONSENT_MISSING",
                "POPIA s72(1)(b)",
                "the person has not consented to the transfer",
            );
            says.rests_on("POPIA s72(1)(b)");
        }
        Some(M::Contract) => says.rests_on("POPIA s72(1)(c)"),
        Some(M::ContractInInterest) => says.rests_on("POPIA s72(1)(d)"),
        Some(M::Benefit) => {
            proven(&mut says, "POPIA s72(1)(e)");
            says.rests_on("POPIA s72(1)(e)");
        }
        Some(M::PrivacyShield | M::SafeHarbour) => shield(facts, at, &mut says),
        Some(M::OldStandardClauses | M::PublicInterest | M::LegalClaims | M::VitalInterest) => {
            says.needs(false, "NO_TRANSFER_GROUND", "POPIA s72(1)", "s72(1) knows no such ground")
        }
    }
    let adequate = says.provision.as_deref() == Some(S72_1_A);
    if facts.special && !adequate {
        says.needs(
            facts.authorised,
            "PRIOR_AUTHORISATION_REQUIRED",
            "POPIA s57(1)(d), s58",
            "special personal information, or that of children, goes to a country without adequate protection only with the Regulator's prior authorisation",
        );
    }
    says
}

/// Privacy Shield and Safe Harbour: what was valid once is refused since.
fn shield(facts: &TransferFacts, at: Timestamp, says: &mut Says) {
    let (code, provision, text, since, until) = match facts.mechanism {
        Some(TransferMechanism::SafeHarbour) => (
            "MECHANISM_INVALID",
            "C-362/14 (Schrems I)",
            "Safe Harbour is invalid since 6 October 2015",
            "2000-07-26",
            "2015-10-06",
        ),
        _ => (
            "MECHANISM_INVALID",
            "C-311/18 (Schrems II)",
            "the Privacy Shield is invalid since 16 July 2020; the Data Privacy Framework is its successor",
            "2016-07-12",
            "2020-07-16",
        ),
    };
    let valid = regions::is_since(since, at) && !regions::is_since(until, at);
    says.needs(valid && facts.recipient_covered, code, provision, text);
    says.rests_on("GDPR art 45");
}

fn gdpr(facts: &TransferFacts, importer: &str, at: Timestamp) -> Says {
    use TransferMechanism as M;
    let mut says = Says::new();
    if regions::is_eea(Some(importer)) {
        says.rests_on("GDPR art 1(3): data move freely within the EEA");
        return says;
    }
    let adequacy = regions::adequacy(importer, at);
    if let Some((decision, in_part)) = adequacy
        && (!in_part || facts.recipient_covered)
        // Whatever a register names besides: a mechanism that is invalid is not passed over.
        && !matches!(facts.mechanism, Some(M::PrivacyShield | M::SafeHarbour))
    {
        says.rests_on(format!("GDPR art 45; {decision}"));
        return says;
    }
    let safeguard = |says: &mut Says, provision: &str| {
        says.needs(
            has_evidence(facts),
            "TRANSFER_EVIDENCE_MISSING",
            provision,
            "nothing shows that this mechanism holds",
        );
        says.needs(
            facts.assessed,
            "TRANSFER_ASSESSMENT_MISSING",
            "C-311/18 (Schrems II); GDPR art 46(1)",
            "whether the law of the country undoes the safeguard was not assessed",
        );
        says.rests_on(provision);
    };
    match facts.mechanism {
        None => says.needs(
            false,
            "NO_TRANSFER_GROUND",
            "GDPR art 44",
            "no adequacy decision covers the recipient, and no other ground is named",
        ),
        Some(M::Adequacy) => says.needs(
            false,
            "NO_TRANSFER_GROUND",
            "GDPR art 45",
            if adequacy.is_some() {
                "the decision covers some recipients only, and this one is not known to be one of them"
            } else {
                "no adequacy decision covers the country at that time"
            },
        ),
        Some(M::DataPrivacyFramework) => says.needs(
            false,
            "NO_TRANSFER_GROUND",
            "Decision (EU) 2023/1795",
            "the Data Privacy Framework covers certified organisations in the United States, since 10 July 2023",
        ),
        Some(M::StandardClauses) => {
            says.needs(
                regions::is_since("2021-06-27", at),
                "MECHANISM_INVALID",
                "Decision (EU) 2021/914 art 4",
                "these clauses exist since 27 June 2021",
            );
            safeguard(&mut says, "GDPR art 46(2)(c)");
        }
        Some(M::OldStandardClauses) => {
            says.needs(
                !regions::is_since("2022-12-27", at),
                "MECHANISM_INVALID",
                "Decision (EU) 2021/914 art 4(4)",
                "the older standard clauses are of no effect since 27 December 2022",
            );
            safeguard(&mut says, "GDPR art 46(2)(c), 46(5)");
        }
        Some(M::BindingRules) => safeguard(&mut says, "GDPR art 46(2)(b), 47"),
        Some(M::PrivacyShield | M::SafeHarbour) => shield(facts, at, &mut says),
        Some(M::Consent) => {
            let provision = "GDPR art 49(1)(a)";
            says.needs(
                facts.consented,
                "TRANSFER_CONSENT_MISSING",
                provision,
                "the person has not consented to the transfer, explicitly",
            );
            says.needs(
                facts.informed_of_risks,
                "TRANSFER_RISKS_NOT_TOLD",
                provision,
                "the person was not told the risks of a country without protection",
            );
            if facts.repeated {
                says.warnings.push(reason(
                    "DEROGATION_REPEATED",
                    "GDPR art 49; EDPB Guidelines 2/2018",
                    "a derogation is for the exception: a transfer made again and again wants a safeguard",
                ));
            }
            says.rests_on(provision);
        }
        Some(M::Contract | M::ContractInInterest | M::LegalClaims) => {
            let provision = match facts.mechanism {
                Some(M::Contract) => "GDPR art 49(1)(b)",
                Some(M::ContractInInterest) => "GDPR art 49(1)(c)",
                _ => "GDPR art 49(1)(e)",
            };
            says.needs(
                !facts.repeated,
                "DEROGATION_NOT_OCCASIONAL",
                "GDPR recital 111",
                "this derogation is for occasional transfers only",
            );
            says.rests_on(provision);
        }
        Some(M::PublicInterest) => {
            says.needs(
                has_evidence(facts),
                "TRANSFER_EVIDENCE_MISSING",
                "GDPR art 49(1)(d), 49(4)",
                "the law that recognises the public interest is not named",
            );
            says.rests_on("GDPR art 49(1)(d)");
        }
        Some(M::VitalInterest) => says.rests_on("GDPR art 49(1)(f)"),
        Some(M::AdequateLaw | M::BindingAgreement | M::Benefit) => says.needs(
            false,
            "NO_TRANSFER_GROUND",
            "GDPR art 44",
            "chapter V knows no such ground",
        ),
    }
    says
}
