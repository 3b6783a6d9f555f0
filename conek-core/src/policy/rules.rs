//! conek's own rules. Each has its code, its provision, the dates between which it holds, and plain words.
//! They are asked in the order of [`decide`], all of them, and whatever speaks against a message denies it.

use std::borrow::Cow;

use chrono::{Months, NaiveDate, TimeDelta};

use super::{
    calendar,
    decision::{Basis, Decision, Reason},
    facts::{ConsentFacts, Facts, HoursAgreement, ObjectionScope},
    regions,
    settings::{Loosening, QuietHours},
};
use crate::{
    consent::{ConsentStatus, fold},
    messaging::Purpose,
    values::time::Timestamp,
};

mod reasons;

// A rule reads as its reason's code.
pub(crate) use reasons::*;
pub use reasons::{REASONS, REVIEW_BY, RULE_SET, Rule, RuleSet, rule_set};

/// WhatsApp's customer service window (Meta: messaging outside it needs a template, error 131047).
pub const SERVICE_WINDOW: TimeDelta = TimeDelta::hours(24);

/// The age from which people may be dealt with, unless the account says otherwise.
pub const MIN_AGE: i32 = 18;

/// What every marketing template is asked before it is submitted (POPIA s69(4)).
pub(crate) fn template(names_sender: bool, has_opt_out: bool) -> Vec<Reason> {
    let against =
        [(!names_sender).then_some(MISSING_SENDER_IDENTITY), (!has_opt_out).then_some(MISSING_OPT_OUT)];
    against.into_iter().flatten().map(reason).collect()
}

/// Why something is denied, gathered without allocating while there is nothing to say.
struct Against {
    now: Timestamp,
    reasons: Vec<Reason>,
}
impl Against {
    fn add(&mut self, why: Why) {
        if why.holds(self.now) {
            self.reasons.push(reason(why));
        }
    }
    fn add_if(&mut self, condition: bool, why: Why) {
        if condition {
            self.add(why);
        }
    }
}

/// Which law governs the person.
#[derive(Clone, Copy)]
struct Law {
    za: bool,
    eu: bool,
}

/// Decides one case. A pure function: the same facts at the same moment always give the same answer.
///
/// ```
/// # use conek_core::policy::{decide, Decision, Facts};
/// # let now = "2026-11-24T09:00:00Z".parse().unwrap();
/// # let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/facts.json");
/// # let facts: Facts = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
/// let decision = decide(&facts, now); // a person in Johannesburg without consent
/// assert!(matches!(decision, Decision::Deny { .. }));
/// assert_eq!(decision.reasons()[0].code, "NO_CONSENT");
/// ```
pub fn decide(facts: &Facts, now: Timestamp) -> Decision {
    let purpose = facts.message.purpose;
    let marketing = purpose.is_direct_marketing();
    let mut against = Against { now, reasons: Vec::new() };
    let consent = consent(facts, now);
    person(facts, &mut against);
    children(facts, &consent, &mut against);
    people_said(facts, &mut against);
    let law = law(facts, marketing, &mut against);
    if marketing && law.za {
        registry(facts, &consent, now, &mut against);
    }
    let basis = basis(facts, &consent, now, &mut against);
    content(facts, law, now, &mut against);
    against.add_if(facts.account.stop_when_stale && marketing && is_stale(now), RULESET_EXPIRED);
    let open_at = hours(facts, law, now, &mut against);
    if !against.reasons.is_empty() {
        return Decision::Deny { reasons: against.reasons };
    }
    if let Some((question, why)) = question(facts, &consent, basis) {
        return Decision::Ask { question: question.to_owned(), reasons: vec![reason(why)] };
    }
    match open_at {
        Some((until, reasons)) => Decision::Defer { until, reasons },
        None => Decision::Allow { basis },
    }
}

/// What does not stand against a message, and what its sender ought to know.
pub(crate) fn warnings(facts: &Facts, now: Timestamp) -> Vec<Reason> {
    let mut warnings = Against { now, reasons: Vec::new() };
    let marketing = facts.message.purpose.is_direct_marketing();
    let za = regions::is_za(facts.person.country.as_deref()) && !facts.person.over_cpa_threshold;
    warnings.add_if(marketing && za && facts.registry.is_none(), REGISTRY_NOT_USED);
    warnings.add_if(is_stale(now), RULESET_EXPIRED);
    warnings.reasons
}

/// Where consent stands: as given, or the fold of the events.
fn consent(facts: &Facts, now: Timestamp) -> Cow<'_, ConsentFacts> {
    if facts.consent.history.is_empty() {
        return Cow::Borrowed(&facts.consent);
    }
    let folded = fold::fold(&facts.consent.history, now);
    Cow::Owned(ConsentFacts {
        notice_given: facts.consent.notice_given,
        purpose_in_notice: facts.consent.purpose_in_notice,
        notice_superseded: facts.consent.notice_superseded,
        ..folded
    })
}

/// What stands against every use of the person's data.
fn person(facts: &Facts, against: &mut Against) {
    let purpose = facts.message.purpose;
    // What the law makes the account say may be said: also that a restriction ends (GDPR 18(3)).
    against.add_if(facts.person.restricted && purpose != Purpose::LegalNotice, RESTRICTED);
    against.add_if(facts.person.erased, ERASED);
    let suppressed = facts.person.suppressed_for_all && purpose != Purpose::LegalNotice;
    against.add_if(suppressed || (facts.person.suppressed && purpose.is_direct_marketing()), SUPPRESSED);
}

fn children(facts: &Facts, consent: &ConsentFacts, against: &mut Against) {
    let (person, purpose) = (&facts.person, facts.message.purpose);
    // Nobody is kept from what the law owes them, or from having their opt-out confirmed.
    if matches!(purpose, Purpose::LegalNotice | Purpose::OptOutConfirmation) {
        return;
    }
    against.add_if(facts.message.age_gated && person.age.is_none(), AGE_UNKNOWN);
    let lowered = facts.account.loosened.iter().filter_map(|l| match l {
        Loosening::MinAge { years } => Some(*years),
        _ => None,
    });
    // What was made stricter stands against what was made less strict.
    let min_age = facts.account.min_age.or(lowered.min()).unwrap_or(MIN_AGE);
    let too_young = person.age.is_some_and(|age| age < min_age);
    against.add_if(person.reported_child || too_young, UNDER_MINIMUM_AGE);
    if person.guardian_consented {
        return;
    }
    let Some(age) = person.age else { return };
    let country = person.country.as_deref();
    against.add_if(age < 18 && regions::is_za(country), CHILD_NO_COMPETENT_PERSON_CONSENT);
    let rests_on_consent = consent.status.is_valid() && purpose.is_direct_marketing();
    let alone_from = country.map_or(16, |c| regions::digital_age(c).0);
    against
        .add_if(rests_on_consent && regions::is_eu(country) && age < alone_from, CHILD_NO_PARENTAL_CONSENT);
}

/// What the person has said comes before any basis: no consent and no exception stands against it.
fn people_said(facts: &Facts, against: &mut Against) {
    if !facts.message.purpose.is_direct_marketing() {
        return;
    }
    let person = &facts.person;
    against.add_if(person.objections.iter().any(|o| o.scope == ObjectionScope::DirectMarketing), OBJECTED);
    against.add_if(person.desist_demanded, DESIST_DEMAND);
    against.add_if(person.platform_stop, PLATFORM_STOP);
    against.add_if(person.number_reassigned_at.is_some(), NUMBER_REASSIGNED);
}

/// Unknown country: both regimes hold. A country without rules: no direct marketing, unless the account
/// has taken it on itself, and then both hold too.
fn law(facts: &Facts, marketing: bool, against: &mut Against) -> Law {
    let country = facts.person.country.as_deref();
    let (za, eu) = (regions::is_za(country), regions::is_eu(country));
    if country.is_none() || za || eu {
        return Law { za: za || country.is_none(), eu: eu || country.is_none() };
    }
    let taken_on = facts.account.loosened.iter().any(
        |l| matches!(l, Loosening::Country { country: c } if country.is_some_and(|it| it.eq_ignore_ascii_case(c))),
    );
    against.add_if(marketing && !taken_on, COUNTRY_WITHOUT_RULES);
    // Without South Africa's hours: those are of that country alone.
    Law { za: false, eu: true }
}

fn registry(facts: &Facts, consent: &ConsentFacts, now: Timestamp, against: &mut Against) {
    let Some(registry) = &facts.registry else { return };
    if facts.person.over_cpa_threshold {
        return;
    }
    if registry.blocked {
        let consented = consent.status.is_valid();
        let preferred = facts.account.loosened.contains(&Loosening::ConsentOverRegistry {});
        match (consented, preferred) {
            (true, true) => {}
            (true, false) => against.add(REGISTRY_BLOCK_VS_CONSENT),
            (false, _) => against.add(REGISTRY_BLOCK),
        }
    }
    let fresh = registry.checked_at.is_some_and(|at| {
        at <= now && at.checked_add_months(Months::new(1)).is_some_and(|until| now <= until)
    });
    against.add_if(!fresh, REGISTRY_CLEANSE_STALE);
    against.add_if(registry.marketer_registered == Some(false), MARKETER_NOT_REGISTERED);
}

/// On what basis the message would be lawful.
fn basis(facts: &Facts, consent: &ConsentFacts, now: Timestamp, against: &mut Against) -> Basis {
    match facts.message.purpose {
        Purpose::Transactional | Purpose::Authentication | Purpose::Support => Basis::Contract,
        Purpose::LegalNotice | Purpose::OptOutConfirmation => Basis::LegalObligation,
        Purpose::ConsentRequest => first_approach(facts, consent, against),
        Purpose::Marketing => marketing(facts, consent, now, against),
        Purpose::Feedback => feedback(facts, consent, now, against),
    }
}

fn spoken_against(consent: &ConsentFacts) -> Option<Why> {
    match consent.status {
        ConsentStatus::Withdrawn => Some(CONSENT_WITHDRAWN),
        ConsentStatus::Revoked => Some(CONSENT_REVOKED),
        ConsentStatus::Refused => Some(CONSENT_REFUSED),
        ConsentStatus::Invalidated => Some(CONSENT_INVALIDATED),
        _ => None,
    }
}

/// POPIA s69(2): one approach, and not to somebody who said no.
fn first_approach(facts: &Facts, consent: &ConsentFacts, against: &mut Against) -> Basis {
    match spoken_against(consent) {
        Some(why) if why.code == CONSENT_REFUSED.code => against.add(CONSENT_WITHHELD),
        Some(why) => against.add(why),
        None => {}
    }
    let asked =
        facts.person.consent_requests.is_some_and(|n| n > 0) || consent.status == ConsentStatus::Requested;
    against.add_if(asked, CONSENT_REQUEST_ALREADY_MADE);
    Basis::FirstApproach
}

fn has_run_out(consent: &ConsentFacts, now: Timestamp) -> bool {
    consent.status == ConsentStatus::Expired || consent.valid_until.is_some_and(|until| until <= now)
}

/// Whether consent is there; what is wrong with it otherwise.
fn consent_stands(facts: &Facts, consent: &ConsentFacts, now: Timestamp) -> Result<(), Option<Why>> {
    if has_run_out(consent, now) {
        return Err(Some(CONSENT_EXPIRED));
    }
    if !consent.status.is_valid() {
        let contradictory = fold::is_contradictory(&facts.consent.history, now);
        return Err(contradictory.then_some(CONSENT_CONTRADICTORY));
    }
    if consent.since.is_some_and(|since| since > now) {
        return Err(Some(CONSENT_CONTRADICTORY));
    }
    if !consent.demonstrable {
        return Err(Some(CONSENT_NOT_DEMONSTRABLE));
    }
    if facts.account.double_opt_in && consent.confirmed_at.is_none_or(|at| at > now) {
        return Err(Some(CONSENT_NOT_CONFIRMED));
    }
    Ok(())
}

/// What the person said yes to. Whatever else may be wrong with that yes, no other basis goes beyond it.
fn limits(facts: &Facts, consent: &ConsentFacts, now: Timestamp, against: &mut Against) {
    if !consent.status.is_valid() || has_run_out(consent, now) {
        return;
    }
    let message = &facts.message;
    let channel = message.channel.as_deref().unwrap_or("whatsapp");
    let covers =
        |list: &[String], it: &str| list.is_empty() || list.iter().any(|one| one.eq_ignore_ascii_case(it));
    against.add_if(!covers(&consent.channels, channel), CHANNEL_NOT_CONSENTED);
    let goods = match &message.goods {
        Some(goods) => covers(&consent.goods, goods),
        None => consent.goods.is_empty(),
    };
    against.add_if(!goods, GOODS_NOT_CONSENTED);
}

/// What the person was told before. Asked only of consent that stands.
fn notice(consent: &ConsentFacts, against: &mut Against) {
    against.add_if(consent.notice_given == Some(false), NOTICE_NOT_GIVEN);
    against.add_if(consent.purpose_in_notice == Some(false), PURPOSE_NOT_IN_CONSENTED_NOTICE);
}

/// What stands against the exception for customers: POPIA s69(3) and ePrivacy 13(2) ask the same.
/// That each message offers the objection is asked of every marketing message.
fn against_customer_exception(facts: &Facts) -> [Option<Why>; 3] {
    let relationship = &facts.relationship;
    let similar = facts.message.own_similar_goods.unwrap_or_else(|| {
        let sold = |goods: &String| relationship.goods_sold.iter().any(|one| one.eq_ignore_ascii_case(goods));
        facts.message.goods.as_ref().is_some_and(sold)
    });
    [
        (!relationship.obtained_in_sale).then_some(CUSTOMER_EXCEPTION_CONTACT_NOT_FROM_SALE),
        (relationship.obtained_in_sale && !similar).then_some(CUSTOMER_EXCEPTION_NOT_OWN_SIMILAR),
        (relationship.obtained_in_sale && !relationship.objection_offered)
            .then_some(CUSTOMER_EXCEPTION_NO_OBJECTION_AT_COLLECTION),
    ]
}

fn marketing(facts: &Facts, consent: &ConsentFacts, now: Timestamp, against: &mut Against) -> Basis {
    if let Some(why) = spoken_against(consent) {
        // What was said beats the exception for customers.
        against.add(why);
        return Basis::Consent;
    }
    limits(facts, consent, now, against);
    let wrong = match consent_stands(facts, consent, now) {
        Ok(()) => {
            notice(consent, against);
            return Basis::Consent;
        }
        Err(wrong) => wrong,
    };
    let exception = against_customer_exception(facts);
    if exception.iter().all(Option::is_none) && !facts.account.consent_only {
        return Basis::CustomerException;
    }
    against.add(wrong.unwrap_or(NO_CONSENT));
    if !facts.account.consent_only {
        exception.into_iter().flatten().for_each(|why| against.add(why));
    }
    Basis::Consent
}

/// Consent; or a legitimate interest where it follows a transaction, an assessment is on record and the
/// person could object.
fn feedback(facts: &Facts, consent: &ConsentFacts, now: Timestamp, against: &mut Against) -> Basis {
    if let Some(why) = spoken_against(consent) {
        against.add(why);
        return Basis::Consent;
    }
    limits(facts, consent, now, against);
    let wrong = match consent_stands(facts, consent, now) {
        Ok(()) => {
            notice(consent, against);
            return Basis::Consent;
        }
        Err(wrong) => wrong,
    };
    let bought = facts.relationship.obtained_in_sale && facts.relationship.objection_offered;
    if !facts.message.tied_to_transaction && !bought {
        against.add(wrong.unwrap_or(NO_CONSENT));
        return Basis::Consent;
    }
    against.add_if(!facts.account.assessments.iter().any(|p| p == "comms.feedback"), ASSESSMENT_MISSING);
    let za = !regions::is_eu(facts.person.country.as_deref());
    let objected = facts.person.objections.iter().any(|o| {
        // POPIA s11(4) knows no compelling grounds.
        o.scope == ObjectionScope::LegitimateInterests && (za || !o.compelling_grounds)
    });
    against.add_if(objected, OBJECTED);
    Basis::LegitimateInterest
}

/// What the message must and must not be.
fn content(facts: &Facts, law: Law, now: Timestamp, against: &mut Against) {
    let message = &facts.message;
    let purpose = message.purpose;
    let marketing = purpose.is_direct_marketing();
    let promotes = message.promotional == Some(true);
    match &message.template {
        Some(template) => {
            against.add_if(!template.approved, TEMPLATE_NOT_APPROVED);
            let promotional_class = template.category == "marketing";
            let mismatch = if marketing {
                // WhatsApp counts promotion under another category as misuse (error 131064).
                purpose == Purpose::Marketing && !template.category.is_empty() && !promotional_class
            } else {
                promotional_class
            };
            against.add_if(
                mismatch || (promotes && !marketing && purpose != Purpose::OptOutConfirmation),
                CLASS_MISMATCH,
            );
            against.add_if(promotional_class && facts.person.us_number, US_MARKETING_PAUSED);
        }
        None => {
            against.add_if(promotes && !marketing && purpose != Purpose::OptOutConfirmation, CLASS_MISMATCH);
            // A message of the future opens nothing.
            let open = facts.person.last_inbound_at.is_some_and(|at| now < at + SERVICE_WINDOW);
            against.add_if(!open, WINDOW_CLOSED);
        }
    }
    against.add_if(promotes && purpose == Purpose::ConsentRequest, CONSENT_REQUEST_CONTAINS_PROMOTION);
    against.add_if(promotes && purpose == Purpose::OptOutConfirmation, OPT_OUT_CONFIRMATION_PROMOTES);
    against.add_if(marketing && !message.has_opt_out, MISSING_OPT_OUT);
    against.add_if(marketing && !message.names_sender, MISSING_SENDER_IDENTITY);
    against.add_if(
        marketing && law.eu && message.first_communication && !message.presents_right_to_object,
        RIGHT_TO_OBJECT_NOT_PRESENTED,
    );
    against.add_if(message.expires_at.is_some_and(|at| at <= now), EXPIRED);
}

/// What must be asked before anything else is said.
fn question(facts: &Facts, consent: &ConsentFacts, basis: Basis) -> Option<(&'static str, Why)> {
    if !facts.message.purpose.is_direct_marketing() {
        return None;
    }
    if facts.person.awaiting_clarification {
        return Some(("Did you mean that we should stop sending you offers?", NEEDS_CLARIFICATION));
    }
    if basis == Basis::Consent && consent.notice_superseded {
        return Some(("Our privacy notice has changed. Do you still want to hear from us?", NOTICE_CHANGED));
    }
    None
}

/// When it may go, if it may not go now, and because of what.
fn hours(facts: &Facts, law: Law, now: Timestamp, against: &mut Against) -> Option<(Timestamp, Vec<Reason>)> {
    let agreed = facts.agreements.hours == Some(HoursAgreement::ExpressWritten);
    let marketing = facts.message.purpose.is_direct_marketing();
    let cpa =
        marketing && law.za && !agreed && !facts.person.over_cpa_threshold && CPA_PROHIBITED_TIME.holds(now);
    let mut quiet = facts.account.quiet_hours.iter().filter(|q| concerns(q, facts)).peekable();
    if !cpa && quiet.peek().is_none() {
        return None;
    }
    let Some(zone) = zone_of(facts) else {
        against.add(UNKNOWN_ZONE);
        return None;
    };
    let mut declared = Vec::new();
    for day in facts.declared_holidays.iter().filter(|_| cpa) {
        match day.parse::<NaiveDate>() {
            Ok(day) => declared.push(day),
            Err(_) => against.add(HOLIDAY_DATA_INVALID),
        }
    }
    let quiet: Vec<calendar::Hours> = quiet.filter_map(|q| q.hours().ok()).collect();
    let (mut at, mut by_law, mut by_account) = (now, false, false);
    // Each moves the moment on; nothing moves it back, so that it comes to rest or lies years ahead.
    for _ in 0..64 {
        let before = at;
        if cpa && !calendar::is_open(at, zone, &declared) {
            at = calendar::next_open(at, zone, &declared);
            by_law = true;
        }
        for hours in &quiet {
            if hours.is_quiet(at, zone) {
                at = hours.quiet_until(at, zone);
                by_account = true;
            }
        }
        if at == before {
            break;
        }
    }
    if at == now {
        return None;
    }
    against
        .add_if(facts.message.expires_at.is_some_and(|void| now < void && void <= at), EXPIRED_BEFORE_WINDOW);
    let mut reasons = Vec::with_capacity(2);
    if by_law {
        reasons.push(reason(CPA_PROHIBITED_TIME));
    }
    if by_account {
        reasons.push(reason(QUIET_HOURS));
    }
    Some((at, reasons))
}

/// Whether quiet hours are for this message and this person. Who may be meant is meant.
fn concerns(quiet: &QuietHours, facts: &Facts) -> bool {
    let purpose = match quiet.purpose {
        Some(purpose) => purpose == facts.message.purpose,
        None => facts.message.purpose.is_direct_marketing(),
    };
    let is = |wanted: &Option<String>, there: &Option<String>| match (wanted, there) {
        (Some(wanted), Some(there)) => wanted.eq_ignore_ascii_case(there),
        _ => true,
    };
    purpose && is(&quiet.country, &facts.person.country) && is(&quiet.zone, &facts.person.zone)
}

/// The person's zone. South Africa has one, so that a missing one is no obstacle there; one that is no
/// zone is.
fn zone_of(facts: &Facts) -> Option<chrono_tz::Tz> {
    match &facts.person.zone {
        Some(zone) => zone.parse().ok(),
        None => regions::is_za(facts.person.country.as_deref()).then_some(chrono_tz::Africa::Johannesburg),
    }
}

#[cfg(test)]
mod tests;
