//! conek's own rules: dated, each with its provision. The order is that of the reasons.

use chrono::{NaiveDate, TimeDelta};

use super::{
    calendar,
    decision::{Basis, Decision, Facts, Reason},
};
use crate::{consent::ConsentStatus, messaging::Purpose};

/// The version of these rules, as it stands in every decision.
pub const RULE_SET: &str = "conek 2026-11-22";

/// WhatsApp's customer service window (Meta: messaging outside it needs a template, error 131047).
pub const SERVICE_WINDOW: TimeDelta = TimeDelta::hours(24);

/// A reason as data: code, provision, plain words.
pub(crate) type Why = (&'static str, &'static str, &'static str);

macro_rules! reasons {
    ($($name:ident = $provision:literal, $text:literal;)*) => {
        $(pub(crate) const $name: Why = (stringify!($name), $provision, $text);)*
        /// Every reason that these rules can give.
        pub const REASONS: &[(&str, &str, &str)] = &[$($name),*];
    };
}

reasons! {
    SUPPRESSED = "POPIA s69(1), s11(3)(b); GDPR art 21(3)", "the person asked not to be contacted, and that outlives everything else";
    PLATFORM_STOP = "Meta: marketing preferences, error 131050", "the person stopped marketing messages within WhatsApp";
    CONSENT_WITHDRAWN = "POPIA s11(2)(b); GDPR art 7(3)", "the person took their consent back";
    CONSENT_REFUSED = "POPIA s69(2)(b)", "the person was asked and said no";
    CONSENT_INVALIDATED = "POPIA s11(2)(a); GDPR art 7(1)", "the consent on record is not valid, or the number has another owner now";
    CONSENT_EXPIRED = "POPIA s11(1)(a); GDPR art 5(1)(b)", "the consent has run out";
    CONSENT_NOT_DEMONSTRABLE = "POPIA s11(2)(a); GDPR art 7(1)", "there is no evidence of the consent, and the burden of proof is ours";
    NO_CONSENT = "POPIA s69(1)(a); ePrivacy Directive art 13(1)", "the person has not consented to this purpose";
    CUSTOMER_EXCEPTION_CONTACT_NOT_FROM_SALE = "POPIA s69(3)(a); ePrivacy Directive art 13(2)", "the exception for customers does not apply: the contact was not obtained in a sale";
    CUSTOMER_EXCEPTION_NO_OBJECTION_AT_COLLECTION = "POPIA s69(3)(c)(i); ePrivacy Directive art 13(2)", "the exception for customers does not apply: the person could not object when the contact was collected";
    CONSENT_REQUEST_ALREADY_MADE = "POPIA s69(2)(a)", "consent may be requested once, and it was";
    CLASS_MISMATCH = "POPIA s69; Meta: template categories", "a template that promotes cannot be sent for a purpose that does not";
    TEMPLATE_NOT_APPROVED = "Meta: template status, errors 132001, 132015, 132016", "WhatsApp does not let this template be sent at present";
    WINDOW_CLOSED = "Meta: customer service window, error 131047", "more than 24 hours have passed since the person last wrote: only a template may be sent";
    MISSING_OPT_OUT = "POPIA s69(4)(b); ePrivacy Directive art 13(4)", "the message does not say how to stop";
    MISSING_SENDER_IDENTITY = "POPIA s69(4)(a); ePrivacy Directive art 13(4)", "the message does not name who sends it";
    US_MARKETING_PAUSED = "Meta: marketing templates to United States numbers, since 2025-04-01", "WhatsApp delivers no marketing templates to United States numbers";
    NEEDS_CLARIFICATION = "POPIA s11(3)(b)", "the person said something that may have meant stop, and it is not clear yet";
    EXPIRED = "the message's own expiry", "the message's time has run out";
    EXPIRED_BEFORE_WINDOW = "CPA s12(2), GN R293 of 2011", "the message's time runs out before it may be sent";
    CPA_PROHIBITED_TIME = "CPA s12(2), GN R293 of 2011 items 1-3", "direct marketing in South Africa waits for the hours in which it is allowed";
    MISSING_VARIABLE = "Meta: template parameters, error 132000", "the contact has no value for a placeholder of the template, and no fallback is set";
    POLICY_FAILED = "conek: default is deny", "a rule of the host's own failed, and what is not allowed is denied";
}

pub(crate) fn reason(why: Why) -> Reason {
    Reason { code: why.0.to_owned(), provision: why.1.to_owned(), text: why.2.to_owned() }
}

/// Why something is denied, gathered without allocating while there is nothing to say.
#[derive(Default)]
struct Against(Vec<Reason>);
impl Against {
    fn add(&mut self, why: Why) {
        self.0.push(reason(why));
    }
    fn add_if(&mut self, condition: bool, why: Why) {
        if condition {
            self.add(why);
        }
    }
}

/// Decides one case. A pure function: the same facts always give the same answer.
///
/// ```
/// # use conek_core::policy::{decide, Decision, Facts};
/// # let facts: Facts = serde_json::from_str(include_str!("../../tests/data/facts.json")).unwrap();
/// let decision = decide(&facts); // a person in Johannesburg without consent
/// assert!(matches!(decision, Decision::Deny { .. }));
/// assert_eq!(decision.reasons()[0].code, "NO_CONSENT");
/// ```
pub fn decide(facts: &Facts) -> Decision {
    let mut against = Against::default();
    people_said(facts, &mut against);
    let basis = basis(facts, &mut against);
    content(facts, &mut against);
    let open_at = marketing_hours(facts, &mut against);
    if !against.0.is_empty() {
        return Decision::Deny { reasons: against.0 };
    }
    if facts.awaiting_clarification && facts.purpose.is_direct_marketing() {
        return Decision::Ask {
            question: "Did you mean that we should stop sending you offers?".to_owned(),
            reasons: vec![reason(NEEDS_CLARIFICATION)],
        };
    }
    match open_at {
        Some(until) => Decision::Defer { until, reasons: vec![reason(CPA_PROHIBITED_TIME)] },
        None => Decision::Allow { basis },
    }
}

/// What the person has said comes first: no consent and no exception stands against it.
fn people_said(facts: &Facts, against: &mut Against) {
    if !facts.purpose.is_direct_marketing() {
        return;
    }
    against.add_if(facts.suppressed, SUPPRESSED);
    against.add_if(facts.platform_stop, PLATFORM_STOP);
}

/// On what basis the message would be lawful.
fn basis(facts: &Facts, against: &mut Against) -> Basis {
    match facts.purpose {
        Purpose::Transactional | Purpose::Authentication => Basis::Contract,
        Purpose::Support => Basis::LegitimateInterest,
        Purpose::LegalNotice | Purpose::OptOutConfirmation => Basis::LegalObligation,
        Purpose::ConsentRequest => first_approach(facts, against),
        Purpose::Marketing => consent_or_customer(facts, Basis::CustomerException, against),
        Purpose::Feedback => consent_or_customer(facts, Basis::LegitimateInterest, against),
    }
}

fn against_consent(facts: &Facts) -> Option<Why> {
    match facts.consent {
        ConsentStatus::Withdrawn | ConsentStatus::Revoked => Some(CONSENT_WITHDRAWN),
        ConsentStatus::Refused => Some(CONSENT_REFUSED),
        ConsentStatus::Invalidated => Some(CONSENT_INVALIDATED),
        _ => None,
    }
}

fn first_approach(facts: &Facts, against: &mut Against) -> Basis {
    if let Some(why) = against_consent(facts) {
        against.add(why);
    }
    against.add_if(facts.consent_requests > 0, CONSENT_REQUEST_ALREADY_MADE);
    Basis::FirstApproach
}

fn consent_or_customer(facts: &Facts, exception: Basis, against: &mut Against) -> Basis {
    if let Some(why) = against_consent(facts) {
        // What was said beats the exception for customers.
        against.add(why);
        return Basis::Consent;
    }
    let run_out = facts.consent == ConsentStatus::Expired
        || facts.consent_valid_until.is_some_and(|until| until <= facts.now);
    if facts.consent.is_valid() && facts.consent_demonstrable && !run_out {
        return Basis::Consent;
    }
    if facts.obtained_in_sale && facts.objection_offered {
        return exception;
    }
    if facts.consent.is_valid() && !facts.consent_demonstrable {
        against.add(CONSENT_NOT_DEMONSTRABLE);
    } else if run_out {
        against.add(CONSENT_EXPIRED);
    } else {
        against.add(NO_CONSENT);
    }
    if facts.obtained_in_sale {
        against.add(CUSTOMER_EXCEPTION_NO_OBJECTION_AT_COLLECTION);
    } else {
        against.add(CUSTOMER_EXCEPTION_CONTACT_NOT_FROM_SALE);
    }
    Basis::Consent
}

/// What the message must and must not be.
fn content(facts: &Facts, against: &mut Against) {
    let marketing = facts.purpose.is_direct_marketing();
    match &facts.template {
        Some(template) => {
            against.add_if(!template.approved, TEMPLATE_NOT_APPROVED);
            against.add_if(!marketing && template.category == "marketing", CLASS_MISMATCH);
            against.add_if(template.category == "marketing" && facts.us_number, US_MARKETING_PAUSED);
        }
        None => {
            let open = facts.last_inbound_at.is_some_and(|at| facts.now < at + SERVICE_WINDOW);
            against.add_if(!open, WINDOW_CLOSED);
        }
    }
    against.add_if(marketing && !facts.has_opt_out, MISSING_OPT_OUT);
    against.add_if(marketing && !facts.names_sender, MISSING_SENDER_IDENTITY);
    against.add_if(facts.expires_at.is_some_and(|at| at <= facts.now), EXPIRED);
}

/// When direct marketing may go, if it may not go now.
fn marketing_hours(facts: &Facts, against: &mut Against) -> Option<crate::Timestamp> {
    if !facts.purpose.is_direct_marketing() || facts.hours_agreed || facts.country.as_deref() != Some("ZA") {
        return None;
    }
    let zone = zone_of(facts);
    let declared: Vec<NaiveDate> = facts.declared_holidays.iter().filter_map(|d| d.parse().ok()).collect();
    if calendar::is_open(facts.now, zone, &declared) {
        return None;
    }
    let open_at = calendar::next_open(facts.now, zone, &declared);
    against.add_if(facts.expires_at.is_some_and(|at| at <= open_at), EXPIRED_BEFORE_WINDOW);
    Some(open_at)
}

/// The person's zone; South Africa has one, so that a missing or unknown zone is no obstacle.
fn zone_of(facts: &Facts) -> chrono_tz::Tz {
    facts.zone.as_deref().and_then(|z| z.parse().ok()).unwrap_or(chrono_tz::Africa::Johannesburg)
}
