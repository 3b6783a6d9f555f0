//! Whom a breach must be told to, and until when (GDPR 33 and 34, POPIA s21 and s22, and the account's promise).

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use crate::{
    policy::Regime,
    values::{
        error::{Error, Result},
        time::{Timestamp, to_millis},
    },
};

/// How likely it is that somebody is harmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BreachRisk {
    /// Not known yet. It counts as a risk, not as a high one.
    #[default]
    Unknown,
    /// Unlikely to result in a risk (GDPR 33(1)).
    Unlikely,
    /// A risk.
    Risk,
    /// A high risk (GDPR 34(1)).
    High,
}

/// Who is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BreachAudience {
    /// The controller, or responsible party, for whom the data are processed (GDPR 33(2), POPIA s21(2)).
    ResponsibleParty,
    /// The supervisory authority (GDPR 33(1)).
    AuthorityEu,
    /// The Information Regulator (POPIA s22(1)(a)).
    RegulatorZa,
    /// The people, under GDPR 34.
    SubjectEu,
    /// The people, under POPIA s22(1)(b).
    SubjectZa,
    /// The people, as the account promised: within 72 hours, whatever the risk.
    SubjectPromise,
}

/// An order or determination that the people are not told yet (POPIA s22(3)).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DelayOrder {
    /// Who gave it: a public body that prevents, detects or investigates offences, or the Regulator. Nobody else can.
    pub by: String,
    /// Its reference.
    pub reference: String,
    /// Until when; missing: until it is taken back.
    pub until: Option<Timestamp>,
}

/// What is known of a breach. Whatever is missing is not known.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct BreachFacts {
    /// When there were reasonable grounds to believe that it happened: the clocks run from here.
    pub aware_at: Option<Timestamp>,
    /// The laws that bind; both, if none is named.
    pub regimes: Vec<Regime>,
    /// Whether the account only processes the data for somebody else.
    pub as_processor: bool,
    /// How likely harm is.
    pub risk: BreachRisk,
    /// Whether the data were sealed and the key is safe (GDPR 34(3)(a)).
    pub encrypted_and_key_safe: bool,
    /// Whether it cannot be found out whose data they are (POPIA s22(1)(b)).
    pub subjects_unidentifiable: bool,
    /// Whether the account promised its people to tell them within 72 hours; missing: it did.
    pub promised: Option<bool>,
    /// Orders to wait.
    pub delay_orders: Vec<DelayOrder>,
}

/// Until when somebody is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BreachDeadline {
    /// Who.
    pub audience: BreachAudience,
    /// Whether they must be told at all.
    pub required: bool,
    /// When the account is warned.
    pub warn_at: Option<Timestamp>,
    /// The latest moment; `None` where nobody must be told, or an order without an end says to wait.
    pub due_at: Option<Timestamp>,
    /// Whether the law says sooner: as soon as reasonably possible, without undue delay. `due_at` is the latest then.
    pub as_soon_as_possible: bool,
    /// Whether an order puts it off.
    pub delayed: bool,
    /// Where that is written.
    pub provision: String,
}

/// Hours that the law gives, and those after which the account is warned.
const HARD: TimeDelta = TimeDelta::hours(72);
const WARN: TimeDelta = TimeDelta::hours(24);

/// Until when whom to tell. Hours run on over weekends and holidays (Regulation 1182/71 art 3(1), (4)); the hour in
/// which the account became aware is not counted, but this function does not use that: 72 hours from the moment
/// itself are never late.
///
/// # Errors
/// `invalid_input` without the moment of awareness, or for an order of somebody who cannot give one.
pub fn breach_deadlines(facts: &BreachFacts) -> Result<Vec<BreachDeadline>> {
    let Some(aware_at) = facts.aware_at.map(to_millis) else {
        return Err(Error::invalid(
            "aware_at",
            "must say when the account became aware: the clocks run from there",
        ));
    };
    for (i, order) in facts.delay_orders.iter().enumerate() {
        if order.by.trim().is_empty() || order.reference.trim().is_empty() {
            return Err(Error::invalid(
                format!("delay_orders[{i}]"),
                "must name the public body or the Regulator, and its reference (POPIA s22(3))",
            ));
        }
    }
    let binds = |regime| facts.regimes.is_empty() || facts.regimes.contains(&regime);
    let deadline = |audience, required: bool, asap, provision: &str| BreachDeadline {
        audience,
        required,
        warn_at: required.then_some(aware_at + WARN),
        due_at: required.then_some(aware_at + HARD),
        as_soon_as_possible: asap,
        delayed: false,
        provision: provision.to_owned(),
    };
    if facts.as_processor {
        let mut at_once =
            deadline(BreachAudience::ResponsibleParty, true, true, "POPIA s21(2); GDPR art 33(2)");
        (at_once.warn_at, at_once.due_at) = (Some(aware_at), Some(aware_at));
        return Ok(vec![at_once]);
    }
    let mut all = Vec::new();
    if binds(Regime::Gdpr) {
        all.push(deadline(
            BreachAudience::AuthorityEu,
            facts.risk != BreachRisk::Unlikely,
            false,
            "GDPR art 33(1): 72 hours, unless a risk is unlikely",
        ));
        let high = facts.risk == BreachRisk::High && !facts.encrypted_and_key_safe;
        all.push(deadline(
            BreachAudience::SubjectEu,
            high,
            true,
            "GDPR art 34(1), (3)(a): at high risk, without undue delay",
        ));
    }
    if binds(Regime::Popia) {
        all.push(deadline(
            BreachAudience::RegulatorZa,
            true,
            true,
            "POPIA s22(1)(a), (2): always, as soon as reasonably possible",
        ));
        let mut people = deadline(
            BreachAudience::SubjectZa,
            !facts.subjects_unidentifiable,
            true,
            "POPIA s22(1)(b), (2): as soon as reasonably possible, unless nobody can be identified",
        );
        delay(&mut people, &facts.delay_orders);
        all.push(people);
    }
    let mut promise = deadline(
        BreachAudience::SubjectPromise,
        facts.promised != Some(false) && !facts.subjects_unidentifiable,
        false,
        "the account's promise: 72 hours",
    );
    // Where telling is put off by law, no promise stands against that.
    if binds(Regime::Popia) {
        delay(&mut promise, &facts.delay_orders);
    }
    all.push(promise);
    Ok(all)
}

fn delay(deadline: &mut BreachDeadline, orders: &[DelayOrder]) {
    for order in orders {
        deadline.due_at = match (deadline.due_at, order.until) {
            (Some(due), Some(until)) => Some(due.max(until)),
            _ => None,
        };
        deadline.delayed = deadline.required;
    }
}

/// The end of a period of hours in which the running hour is not counted.
#[cfg(test)]
fn by_whole_hours(at: Timestamp, hours: i64) -> Timestamp {
    use chrono::DurationRound;
    let hour = TimeDelta::hours(1);
    at.duration_trunc(hour).map_or(at, |begun| begun + hour) + TimeDelta::hours(hours)
}

#[cfg(test)]
mod tests {
    use super::*;
    use BreachAudience as A;

    fn aware() -> Timestamp {
        "2026-11-27T16:30:00Z".parse().unwrap()
    }

    /// Due hours after awareness by audience; `None`: nobody must be told.
    fn due(facts: BreachFacts) -> Vec<(A, Option<i64>)> {
        let facts = BreachFacts { aware_at: Some(aware()), ..facts };
        let all = breach_deadlines(&facts).unwrap();
        all.into_iter().map(|d| (d.audience, d.due_at.map(|at| (at - aware()).num_hours()))).collect()
    }

    #[test]
    fn each_law_tells_its_own_people() {
        let base = BreachFacts::default();
        let all = |eu: Option<i64>, subject: Option<i64>, za: Option<i64>, promise: Option<i64>| {
            vec![
                (A::AuthorityEu, eu),
                (A::SubjectEu, subject),
                (A::RegulatorZa, Some(72)),
                (A::SubjectZa, za),
                (A::SubjectPromise, promise),
            ]
        };
        let h = Some(72);
        // GDPR 33(1), POPIA s22(1): an unknown risk is told to both authorities.
        assert_eq!(due(base.clone()), all(h, None, h, h));
        // GDPR 33(1): not where a risk is unlikely; POPIA knows no threshold.
        assert_eq!(due(BreachFacts { risk: BreachRisk::Unlikely, ..base.clone() }), all(None, None, h, h));
        // GDPR 34(1): the people at high risk.
        assert_eq!(due(BreachFacts { risk: BreachRisk::High, ..base.clone() }), all(h, h, h, h));
        // GDPR 34(3)(a): not where nobody can read the data; the authority is told all the same.
        let sealed = BreachFacts { risk: BreachRisk::High, encrypted_and_key_safe: true, ..base.clone() };
        assert_eq!(due(sealed), all(h, None, h, h));
        // POPIA s22(1)(b): unless the identity cannot be established.
        let unknown = BreachFacts { subjects_unidentifiable: true, ..base.clone() };
        assert_eq!(due(unknown), all(h, None, None, None));
        // One law alone.
        let za = BreachFacts { regimes: vec![Regime::Popia], ..base.clone() };
        assert_eq!(due(za), [(A::RegulatorZa, h), (A::SubjectZa, h), (A::SubjectPromise, h)]);
        let eu = BreachFacts { regimes: vec![Regime::Gdpr], promised: Some(false), ..base.clone() };
        assert_eq!(due(eu), [(A::AuthorityEu, h), (A::SubjectEu, None), (A::SubjectPromise, None)]);
        // GDPR 33(2), POPIA s21(2): whoever works for somebody tells them at once, and nobody else.
        let processor = BreachFacts { as_processor: true, ..base };
        assert_eq!(due(processor), [(A::ResponsibleParty, Some(0))]);
    }

    #[test]
    fn an_order_puts_off_only_what_the_people_of_south_africa_are_told() {
        let order = |until: Option<i64>| DelayOrder {
            by: "South African Police Service".into(),
            reference: "CAS 12/11/2026".into(),
            until: until.map(|h| aware() + TimeDelta::hours(h)),
        };
        let with = |until| {
            due(BreachFacts {
                risk: BreachRisk::High,
                delay_orders: vec![order(until)],
                ..BreachFacts::default()
            })
        };
        let (h, later) = (Some(72), Some(200));
        assert_eq!(
            with(later),
            [
                (A::AuthorityEu, h),
                (A::SubjectEu, h),
                (A::RegulatorZa, h),
                (A::SubjectZa, later),
                (A::SubjectPromise, later)
            ]
        );
        assert_eq!(with(None)[3], (A::SubjectZa, None));
        assert_eq!(with(Some(10))[3], (A::SubjectZa, h), "an order that ends before puts nothing off");
        let nobody = DelayOrder { by: " ".into(), reference: "x".into(), until: None };
        let facts =
            BreachFacts { aware_at: Some(aware()), delay_orders: vec![nobody], ..BreachFacts::default() };
        assert_eq!(breach_deadlines(&facts).unwrap_err().code(), "invalid_input");
        assert_eq!(breach_deadlines(&BreachFacts::default()).unwrap_err().code(), "invalid_input");
    }

    #[test]
    fn hours_run_over_a_weekend_and_ours_are_never_late() {
        let facts = BreachFacts { aware_at: Some(aware()), ..BreachFacts::default() };
        let first = &breach_deadlines(&facts).unwrap()[0];
        // A Friday; due on Monday.
        assert_eq!(first.due_at, Some("2026-11-30T16:30:00Z".parse().unwrap()));
        assert_eq!(first.warn_at, Some("2026-11-28T16:30:00Z".parse().unwrap()));
        assert!(first.due_at.unwrap() <= by_whole_hours(aware(), 72));
    }
}
