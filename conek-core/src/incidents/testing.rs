//! A case that knows everything, for the tests.

use chrono::TimeDelta;

use super::*;
use crate::values::time::Timestamp;

pub(super) use super::deadlines::BreachAudience as A;

pub(super) fn aware() -> Timestamp {
    "2026-11-27T16:30:00Z".parse().unwrap()
}

pub(super) fn hours(h: i64) -> Timestamp {
    aware() + TimeDelta::hours(h)
}

pub(super) fn text(language: &str) -> BreachText {
    let said = |what: &str| Some(format!("<{language} {what}>"));
    BreachText {
        language: language.into(),
        what_happened: said("happened"),
        whose: said("whose"),
        consequences: said("consequences"),
        measures: said("measures"),
        advice: said("advice"),
        late_reasons: said("reasons"),
    }
}

pub(super) fn details() -> BreachDetails {
    BreachDetails {
        aware_at: Some(aware()),
        countries: vec!["ZA".into(), "DE".into()],
        kinds: vec![BreachKind::Access],
        confirmed: Some(true),
        began_at: Some("2026-11-20T23:00:00Z".parse().unwrap()),
        ended_at: Some("2026-11-25T08:00:00Z".parse().unwrap()),
        categories: vec!["contact".into(), "shoe sizes".into()],
        people: Some(1204),
        records: Some(98_765),
        texts: ["en", "af", "nl", "de", "fr"].map(text).to_vec(),
        intruder: Some("<intruder>".into()),
        sender: Some("<sender>".into()),
        address: Some("<address>".into()),
        contact: Some("<contact>".into()),
        authority: Some("<authority>".into()),
        planned_channels: vec![BreachChannel::Email],
        zone: Some("Africa/Johannesburg".into()),
        ..BreachDetails::default()
    }
}

pub(super) fn assessed(risk: BreachRisk) -> BreachAssessment {
    BreachAssessment { risk, reason: "because".into(), ..BreachAssessment::default() }
}

pub(super) fn order(until: Option<Timestamp>) -> DelayOrder {
    DelayOrder { by: "South African Police Service".into(), reference: "CAS 12/11/2026".into(), until }
}

/// A case at high risk that knows everything.
pub(super) fn case() -> BreachCase {
    let mut case = BreachCase::open("b1".into(), details(), hours(1), "officer").unwrap();
    case.assess(assessed(BreachRisk::High), hours(1), "officer").unwrap();
    case
}

/// A case of an account that works for somebody.
pub(super) fn processor() -> BreachCase {
    let details = BreachDetails { as_processor: true, ..details() };
    BreachCase::open("b2".into(), details, hours(1), "officer").unwrap()
}

pub(super) fn case_for(to: A) -> BreachCase {
    if to == A::ResponsibleParty { processor() } else { case() }
}

pub(super) fn notice(
    to: A,
    channel: BreachChannel,
    phase: BreachPhase,
    sent_at: Timestamp,
) -> NewBreachNotice {
    NewBreachNotice { to, channel, phase, language: None, sent_at, proof: "copy 1".into() }
}

pub(super) const EVERYBODY: [A; 5] =
    [A::AuthorityEu, A::SubjectEu, A::RegulatorZa, A::SubjectZa, A::SubjectPromise];

/// A way that counts.
pub(super) fn way(to: A) -> BreachChannel {
    match to {
        A::AuthorityEu | A::RegulatorZa => BreachChannel::Portal,
        _ => BreachChannel::Email,
    }
}
