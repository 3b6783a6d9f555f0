//! Laws that hold whatever the facts are. What each rule says stands in the tables of `tests/law`.

use chrono::TimeDelta;
use proptest::prelude::*;

use super::*;
use crate::{
    consent::ConsentActor,
    policy::{
        AccountFacts, AgreementFacts, ConsentFact, MessageFacts, ObjectionFacts, PersonFacts, RegistryFacts,
        RelationshipFacts, TemplateFacts, Tightening,
    },
};

/// Reads choices off bytes, so that one sequence of bytes is one set of facts.
struct Choices<'a>(std::slice::Iter<'a, u8>);

impl Choices<'_> {
    fn of(&mut self, most: u8) -> u8 {
        self.0.next().copied().unwrap_or(0) % most
    }
    fn yes(&mut self) -> bool {
        self.of(2) == 1
    }
    /// More often yes: else hardly any facts would allow anything.
    fn mostly(&mut self) -> bool {
        self.of(8) > 0
    }
    fn rarely(&mut self) -> bool {
        !self.mostly()
    }
    fn pick<T: Clone>(&mut self, from: &[T]) -> T {
        from[usize::from(self.of(u8::try_from(from.len()).unwrap()))].clone()
    }
}

fn facts(bytes: &[u8], now: Timestamp) -> Facts {
    let mut c = Choices(bytes.iter());
    let marketing = c.mostly();
    let purpose = if marketing {
        c.pick(&[Purpose::Marketing, Purpose::ConsentRequest, Purpose::Feedback])
    } else {
        c.pick(&Purpose::ALL)
    };
    let (country, zone) = c.pick(&[
        (Some("ZA"), Some("Africa/Johannesburg")),
        (Some("ZA"), None),
        (Some("DE"), Some("Europe/Berlin")),
        (Some("NA"), Some("Africa/Windhoek")),
        (None, Some("Africa/Johannesburg")),
        (None, None),
    ]);
    let status = if c.mostly() { ConsentStatus::Given } else { c.pick(&ConsentStatus::ALL) };
    let mut history = Vec::new();
    for _ in 0..c.of(4) {
        history.push(ConsentFact {
            status: c.pick(&ConsentStatus::ALL),
            at: c.mostly().then(|| now - TimeDelta::hours(i64::from(c.of(5)) - 1)),
            recorded_at: None,
            by: c.pick(&ConsentActor::ALL),
            demonstrable: c.mostly(),
            ..ConsentFact::default()
        });
    }
    Facts {
        person: PersonFacts {
            country: country.map(str::to_owned),
            zone: zone.map(str::to_owned),
            us_number: c.rarely(),
            juristic: c.rarely(),
            over_cpa_threshold: c.rarely(),
            age: c.pick(&[None, Some(34), Some(34), Some(17), Some(12)]),
            guardian_consented: c.yes(),
            suppressed: c.rarely(),
            restricted: c.rarely(),
            desist_demanded: c.rarely(),
            last_inbound_at: c.yes().then(|| now - TimeDelta::hours(i64::from(c.of(30)))),
            ..PersonFacts::default()
        },
        account: AccountFacts {
            assessments: if c.yes() { vec!["comms.feedback".to_owned()] } else { Vec::new() },
            loosened: if c.yes() {
                vec![
                    Loosening::ConsentOverRegistry {},
                    Loosening::MinAge { years: 13 },
                    Loosening::Country { country: "NA".into() },
                ]
            } else {
                Vec::new()
            },
            ..AccountFacts::default()
        },
        message: MessageFacts {
            purpose,
            template: c.mostly().then(|| TemplateFacts {
                category: if purpose.is_direct_marketing() { "marketing" } else { "utility" }.to_owned(),
                approved: c.mostly(),
            }),
            has_opt_out: c.mostly(),
            names_sender: c.mostly(),
            presents_right_to_object: c.mostly(),
            promotional: c.rarely().then_some(true),
            goods: c.yes().then(|| "coffee".to_owned()),
            tied_to_transaction: c.yes(),
            expires_at: c.rarely().then(|| now + TimeDelta::hours(i64::from(c.of(30)))),
            ..MessageFacts::default()
        },
        consent: ConsentFacts {
            status,
            since: Some(now - TimeDelta::days(30)),
            demonstrable: c.mostly(),
            goods: if c.rarely() { vec!["tea".to_owned()] } else { Vec::new() },
            confirmed_at: c.yes().then(|| now - TimeDelta::days(29)),
            history,
            ..ConsentFacts::default()
        },
        relationship: RelationshipFacts {
            obtained_in_sale: c.yes(),
            objection_offered: c.mostly(),
            goods_sold: vec!["coffee".to_owned()],
        },
        registry: c.rarely().then(|| RegistryFacts {
            blocked: c.yes(),
            checked_at: Some(now - TimeDelta::days(10)),
            marketer_registered: Some(true),
        }),
        agreements: AgreementFacts { hours: c.rarely().then_some(HoursAgreement::ExpressWritten) },
        declared_holidays: Vec::new(),
    }
}

/// Everything that restricts: what a person says, what the law takes away, what an account makes stricter.
type Restriction = (&'static str, fn(&mut Facts, Timestamp));
const RESTRICTIONS: &[Restriction] = &[
    ("suppressed", |f, _| f.person.suppressed = true),
    ("suppressed for everything", |f, _| f.person.suppressed_for_all = true),
    ("restricted", |f, _| f.person.restricted = true),
    ("erased", |f, _| f.person.erased = true),
    ("objected", |f, _| f.person.objections.push(ObjectionFacts::default())),
    ("objected to interests", |f, _| {
        f.person
            .objections
            .push(ObjectionFacts { scope: ObjectionScope::LegitimateInterests, compelling_grounds: false });
    }),
    ("desist", |f, _| f.person.desist_demanded = true),
    ("platform stop", |f, _| f.person.platform_stop = true),
    ("unclear", |f, _| f.person.awaiting_clarification = true),
    ("reassigned", |f, now| f.person.number_reassigned_at = Some(now)),
    ("reported as a child", |f, _| f.person.reported_child = true),
    ("asked before", |f, _| f.person.consent_requests = Some(1)),
    ("withdrawn", |f, now| {
        f.consent.status = ConsentStatus::Withdrawn;
        f.consent.history.push(ConsentFact {
            status: ConsentStatus::Withdrawn,
            at: Some(now),
            ..ConsentFact::default()
        });
    }),
    ("no evidence", |f, _| {
        f.consent.demonstrable = false;
        f.consent.history.iter_mut().for_each(|e| e.demonstrable = false);
    }),
    ("notice superseded", |f, _| f.consent.notice_superseded = true),
    ("template refused", |f, _| {
        if let Some(t) = &mut f.message.template {
            t.approved = false;
        }
    }),
    ("no opt-out", |f, _| f.message.has_opt_out = false),
    ("no sender", |f, _| f.message.names_sender = false),
    ("expired", |f, now| f.message.expires_at = Some(now)),
    ("registry block", |f, now| {
        let registry = f.registry.get_or_insert(RegistryFacts {
            blocked: true,
            checked_at: Some(now),
            marketer_registered: Some(true),
        });
        registry.blocked = true;
    }),
    ("not compared", |f, _| {
        f.registry.get_or_insert(RegistryFacts::default()).checked_at = None;
    }),
    ("not obtained in a sale", |f, _| f.relationship.obtained_in_sale = false),
    ("no objection offered", |f, _| f.relationship.objection_offered = false),
    ("consent only", |f, _| f.account.consent_only = true),
    ("double opt-in", |f, _| f.account.double_opt_in = true),
    ("older", |f, _| f.account.min_age = Some(30)),
    ("stops when stale", |f, _| f.account.stop_when_stale = true),
    ("quiet", |f, _| {
        f.account.quiet_hours.push(QuietHours { from_minute: 0, to_minute: 720, ..QuietHours::default() })
    }),
    ("no agreement", |f, _| f.agreements.hours = None),
    ("no loosening", |f, _| f.account.loosened.clear()),
    ("a holiday", |f, _| f.declared_holidays.push("2026-11-25".into())),
    ("no assessment", |f, _| f.account.assessments.clear()),
];

fn strength(d: &Decision) -> u8 {
    match d {
        Decision::Allow { .. } => 0,
        Decision::Defer { .. } => 1,
        Decision::Ask { .. } => 2,
        Decision::Deny { .. } => 3,
    }
}

fn moment(hour: i64) -> Timestamp {
    // Monday 23 November 2026 and three weeks on: weekdays, weekends, a holiday, every hour.
    "2026-11-23T00:30:00Z".parse::<Timestamp>().unwrap() + TimeDelta::hours(hour)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn a_restriction_never_makes_the_answer_milder(
        bytes in prop::collection::vec(any::<u8>(), 96),
        hour in 0..500i64,
        which in prop::collection::vec(0..RESTRICTIONS.len(), 1..4),
    ) {
        let now = moment(hour);
        let before = facts(&bytes, now);
        let mut after = before.clone();
        for n in &which {
            RESTRICTIONS[*n].1(&mut after, now);
        }
        let (a, b) = (decide(&before, now), decide(&after, now));
        let names: Vec<_> = which.iter().map(|n| RESTRICTIONS[*n].0).collect();
        prop_assert!(strength(&b) >= strength(&a), "{names:?} made {b:?} of {a:?}");
        if let (Decision::Defer { until: x, .. }, Decision::Defer { until: y, .. }) = (&a, &b) {
            prop_assert!(y >= x, "{names:?}: {y} before {x}");
        }
    }

    #[test]
    fn a_decision_is_a_function_of_facts_and_clock_and_survives_being_stored(
        bytes in prop::collection::vec(any::<u8>(), 96),
        hour in 0..500i64,
    ) {
        let now = moment(hour);
        let f = facts(&bytes, now);
        let first = decide(&f, now);
        prop_assert_eq!(&first, &decide(&f, now));
        let stored: Facts = serde_json::from_str(&serde_json::to_string(&f).unwrap()).unwrap();
        prop_assert_eq!(first, decide(&stored, now), "replay says the same");
    }

    #[test]
    fn what_is_deferred_is_allowed_at_its_moment_unless_something_else_has_changed(
        bytes in prop::collection::vec(any::<u8>(), 96),
        hour in 0..500i64,
    ) {
        let now = moment(hour);
        let f = facts(&bytes, now);
        if let Decision::Defer { until, .. } = decide(&f, now) {
            prop_assert!(until > now);
            // What stands against it later is what ran out meanwhile; the hours do not.
            let later = decide(&f, until);
            let hours = later.reasons().iter().any(|r| r.code == "CPA_PROHIBITED_TIME" || r.code == "QUIET_HOURS");
            prop_assert!(!hours, "{later:?}");
        }
    }

    #[test]
    fn no_direct_marketing_without_a_basis_whatever_else_is_true(
        bytes in prop::collection::vec(any::<u8>(), 96),
        hour in 0..500i64,
    ) {
        let now = moment(hour);
        let mut f = facts(&bytes, now);
        f.message.purpose = Purpose::Marketing;
        f.consent = ConsentFacts::default();
        f.relationship = RelationshipFacts::default();
        let denied = matches!(decide(&f, now), Decision::Deny { .. });
        prop_assert!(denied);
    }
}

#[test]
fn every_tightening_is_a_restriction() {
    // One that is added without a place in the law above would not be looked at.
    for tightening in [
        Tightening::MinAge { years: 21 },
        Tightening::Quiet { hours: QuietHours::default() },
        Tightening::ConsentOnly {},
        Tightening::DoubleOptIn {},
        Tightening::StopWhenStale {},
    ] {
        let name = match tightening {
            Tightening::MinAge { .. } => "older",
            Tightening::Quiet { .. } => "quiet",
            Tightening::ConsentOnly {} => "consent only",
            Tightening::DoubleOptIn {} => "double opt-in",
            Tightening::StopWhenStale {} => "stops when stale",
        };
        assert!(RESTRICTIONS.iter().any(|(n, _)| *n == name));
    }
}

#[test]
fn what_a_yes_is_limited_to_limits_other_bases_whatever_else_is_wrong_with_it() {
    let now = moment(10);
    for purpose in [Purpose::Marketing, Purpose::Feedback] {
        let mut f = Facts::default();
        f.message.purpose = purpose;
        f.message.goods = Some("coffee".to_owned());
        f.message.tied_to_transaction = true;
        f.relationship.obtained_in_sale = true;
        f.relationship.objection_offered = true;
        f.relationship.goods_sold = vec!["coffee".to_owned()];
        f.consent.status = ConsentStatus::Given;
        f.consent.demonstrable = true;
        f.consent.goods = vec!["tea".to_owned()];
        let forbids = |f: &Facts| decide(f, now).reasons().iter().any(|r| r.code == "GOODS_NOT_CONSENTED");
        assert!(forbids(&f), "{purpose:?}: they said tea");
        f.account.double_opt_in = true;
        assert!(forbids(&f), "{purpose:?}: and have not said more since the account asks twice");
        f.consent.demonstrable = false;
        assert!(forbids(&f), "{purpose:?}: nor since the evidence is gone");
        f.consent.goods = vec!["coffee".to_owned()];
        assert!(!forbids(&f), "{purpose:?}");
    }
}
