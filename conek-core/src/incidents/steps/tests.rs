use proptest::prelude::*;

use super::super::testing::*;
use super::super::{BreachChannel, BreachItem, BreachKind, BreachUnknown};
use super::*;

fn tell_all(case: &mut BreachCase, h: i64) {
    for to in EVERYBODY {
        case.record_notice(notice(to, way(to), BreachPhase::Final, hours(h)), hours(h), "officer").unwrap();
    }
}

#[test]
fn a_case_goes_from_open_to_closed() {
    let mut case = BreachCase::open("b1".into(), details(), hours(1), "officer").unwrap();
    assert_eq!(case.state, BreachState::Open);
    let refused = case.close(hours(1), "officer").unwrap_err();
    assert_eq!(refused.code(), "conflict");
    assert!(refused.to_string().contains("risk_not_assessed; authority_eu: not_told"), "{refused}");
    case.assess(assessed(BreachRisk::High), hours(2), "officer").unwrap();
    assert_eq!(case.state, BreachState::Assessed);
    tell_all(&mut case, 3);
    assert_eq!(case.state, BreachState::Notified);
    case.close(hours(4), "officer").unwrap();
    assert_eq!((case.state, case.closed_at), (BreachState::Closed, Some(hours(4))));
    let closed = case.clone();
    for error in [
        case.close(hours(5), "x").unwrap_err(),
        case.revise(details(), hours(5), "x").unwrap_err(),
        case.assess(assessed(BreachRisk::Risk), hours(5), "x").unwrap_err(),
        case.delay(order(None), "what".into(), hours(5), "x").unwrap_err(),
        case.record_notice(
            notice(A::SubjectEu, BreachChannel::Post, BreachPhase::Final, hours(5)),
            hours(5),
            "x",
        )
        .unwrap_err(),
    ] {
        assert_eq!(error.code(), "conflict");
    }
    assert_eq!(case, closed);
    assert_eq!(case.reopen(" ", hours(5), "x").unwrap_err().code(), "invalid_input");
    case.reopen("another server", hours(5), "officer").unwrap();
    assert_eq!((case.state, case.closed_at), (BreachState::Notified, None));
    assert_eq!(case.reopen("again", hours(5), "x").unwrap_err().code(), "conflict");
    let steps: Vec<_> = case.log.iter().map(|s| s.step.as_str()).collect();
    assert_eq!(steps[..2], ["opened", "assessed"]);
    assert_eq!(steps[7..], ["closed", "reopened"]);
}

#[test]
fn where_nobody_must_be_told_the_record_is_enough() {
    let only_eu = BreachDetails { regimes: vec![Regime::Gdpr], promised: Some(false), ..details() };
    let mut case = BreachCase::open("b".into(), only_eu, hours(1), "x").unwrap();
    case.assess(assessed(BreachRisk::Unlikely), hours(2), "x").unwrap();
    assert_eq!(case.state, BreachState::Notified, "nobody waits");
    case.close(hours(2), "x").unwrap();
}

#[test]
fn an_endless_order_lets_a_case_close_and_its_end_opens_it_again() {
    let mut case = case();
    case.delay(order(None), "telling would impede an investigation".into(), hours(2), "x").unwrap();
    for to in [A::AuthorityEu, A::RegulatorZa, A::SubjectEu] {
        case.record_notice(notice(to, way(to), BreachPhase::Final, hours(3)), hours(3), "x").unwrap();
    }
    assert_eq!(case.state, BreachState::Notified);
    case.close(hours(4), "x").unwrap();
    assert_eq!(case.lift_delay("other", hours(900), "x").unwrap_err().code(), "not_found");
    case.lift_delay("CAS 12/11/2026", hours(900), "x").unwrap();
    assert_eq!((case.state, case.closed_at), (BreachState::Assessed, None));
    let last: Vec<_> = case.log.iter().rev().take(2).map(|s| s.step.as_str()).collect();
    assert_eq!(last, ["reopened", "delay_lifted"]);
    assert_eq!(case.lift_delay("CAS 12/11/2026", hours(901), "x").unwrap_err().code(), "not_found");
    // With an end, the case waits for it.
    case.delay(order(Some(hours(2000))), "again".into(), hours(902), "x").unwrap();
    assert_eq!(case.close(hours(903), "x").unwrap_err().code(), "conflict");
    assert_eq!(case.state, BreachState::Notified);
    assert_eq!(case.state_at(hours(2001)).unwrap(), BreachState::Assessed);
}

#[test]
fn only_who_can_gives_an_order() {
    let mut case = case();
    let mut delay = |by: &str, reference: &str, what: &str| {
        let order = DelayOrder { by: by.into(), reference: reference.into(), until: None };
        case.delay(order, what.into(), hours(2), "x").map_err(|e| e.code())
    };
    assert_eq!(delay(" ", "r", "w"), Err("invalid_input"));
    assert_eq!(delay("Regulator", "", "w"), Err("invalid_input"));
    assert_eq!(delay("Regulator", "r", ""), Err("invalid_input"));
    assert_eq!(delay("Regulator", "r", "w"), Ok(()));
    assert_eq!(delay("Regulator", "r", "w"), Err("conflict"), "it stands already");
    let mut p = processor();
    assert_eq!(p.delay(order(None), "w".into(), hours(2), "x").unwrap_err().code(), "conflict");
    let eu = BreachDetails { regimes: vec![Regime::Gdpr], ..details() };
    let mut eu = BreachCase::open("e".into(), eu, hours(1), "x").unwrap();
    assert_eq!(eu.delay(order(None), "w".into(), hours(2), "x").unwrap_err().code(), "conflict");
}

#[test]
fn a_notice_is_proved_and_not_more_complete_than_it_is() {
    let mut case = case();
    case.details.contact = None;
    let fail = |case: &mut BreachCase, n| case.record_notice(n, hours(5), "x").unwrap_err().to_string();
    let new = |phase, h| notice(A::AuthorityEu, BreachChannel::Portal, phase, hours(h));
    let unproved = NewBreachNotice { proof: " ".into(), ..new(BreachPhase::Initial, 3) };
    assert!(fail(&mut case, unproved).starts_with("proof:"));
    assert!(fail(&mut case, new(BreachPhase::Initial, -1)).starts_with("sent_at:"));
    assert!(fail(&mut case, new(BreachPhase::Initial, 6)).starts_with("sent_at:"));
    assert_eq!(fail(&mut case, new(BreachPhase::Final, 3)), "phase: cannot be final without contact");
    assert_eq!(case.notices, []);
    case.record_notice(new(BreachPhase::Initial, 3), hours(5), "x").unwrap();
    assert_eq!(case.notices[0].missing, [BreachItem::Contact]);
    assert_eq!(
        (case.notices[0].language.as_str(), case.notices[0].template_version.as_str()),
        ("en", LETTERS_VERSION)
    );
    // GDPR 33(1): late, and so with its reasons.
    let mut late = super::super::testing::case();
    late.details.texts.iter_mut().for_each(|t| t.late_reasons = None);
    let new = notice(A::AuthorityEu, BreachChannel::Portal, BreachPhase::Final, hours(73));
    let refused = late.record_notice(new, hours(74), "x").unwrap_err().to_string();
    assert_eq!(refused, "phase: cannot be final without late_reasons");
}

#[test]
fn an_assessment_says_why() {
    let mut case = case();
    let mut fail = |a| case.assess(a, hours(2), "x").unwrap_err().to_string();
    assert!(
        fail(BreachAssessment { reason: "r".into(), ..BreachAssessment::default() }).starts_with("risk:")
    );
    assert!(
        fail(BreachAssessment { reason: " ".into(), ..assessed(BreachRisk::Risk) }).starts_with("reason:")
    );
    let blank = || Some(" ".to_owned());
    assert!(
        fail(BreachAssessment { averted_by: blank(), ..assessed(BreachRisk::High) })
            .starts_with("averted_by:")
    );
    assert!(
        fail(BreachAssessment { disproportionate: blank(), ..assessed(BreachRisk::High) })
            .starts_with("disproportionate:")
    );
}

#[test]
fn details_that_make_no_sense_open_no_case() {
    type Change = fn(&mut BreachDetails);
    let table: [(&str, Change); 17] = [
        ("aware_at", |d| d.aware_at = None),
        ("aware_at", |d| d.aware_at = Some(hours(2))),
        ("began_at", |d| d.began_at = Some(hours(1))),
        ("ended_at", |d| d.ended_at = Some(hours(2))),
        ("ended_at", |d| d.ended_at = d.began_at.map(|at| at - chrono::TimeDelta::hours(1))),
        ("people", |d| d.people = Some(-1)),
        ("records", |d| d.records = Some(-1)),
        ("countries[1]", |d| d.countries[1] = "de".into()),
        ("unknown[0].item", |d| {
            d.unknown = vec![BreachUnknown { item: BreachItem::Nature, why: "w".into() }]
        }),
        ("unknown[0].why", |d| d.unknown = vec![BreachUnknown { item: BreachItem::Whose, why: " ".into() }]),
        ("texts[0].language", |d| d.texts[0].language = "xh".into()),
        ("texts[1].language", |d| d.texts[1].language = "en-GB".into()),
        ("texts[0].advice", |d| d.texts[0].advice = Some("x".repeat(10_001))),
        // A letter to many says nothing of single people.
        ("texts[0].what_happened", |d| {
            d.texts[0].what_happened = Some("Mail of jan@example.org was read".into())
        }),
        ("texts[0].measures", |d| d.texts[0].measures = Some("We called +27 (0)83 288-5137".into())),
        ("texts[2].consequences", |d| d.texts[2].consequences = Some("0832885137 may be called".into())),
        ("zone", |d| d.zone = Some("Johannesburg".into())),
    ];
    for (field, change) in table {
        let mut d = details();
        change(&mut d);
        let error = BreachCase::open("b".into(), d, hours(1), "x").unwrap_err();
        assert_eq!(error.code(), "invalid_input");
        assert!(error.to_string().starts_with(&format!("{field}:")), "{field}: {error}");
        assert!(!error.to_string().contains("jan") && !error.to_string().contains("83"));
    }
    let mut fine = details();
    fine.texts[0].advice = Some("Call your bank at 0800 123 456 789, or write to fraud@bank.example".into());
    fine.texts[0].what_happened = Some("On 2026-11-20 at 10:00, 1 204 records @ one server".into());
    BreachCase::open("b".into(), fine, hours(1), "x").unwrap();
}

#[test]
fn whoever_moves_the_clock_is_seen() {
    let mut case = case();
    case.revise(BreachDetails { aware_at: Some(hours(-5)), ..details() }, hours(2), "x").unwrap();
    let note = case.log.last().unwrap().note.clone().unwrap();
    assert_eq!(note, "aware_at was 2026-11-27T16:30:00+00:00");
    case.revise(BreachDetails { aware_at: Some(hours(-5)), people: Some(3), ..details() }, hours(3), "x")
        .unwrap();
    assert_eq!(case.log.last().unwrap().note, None);
}

#[test]
fn a_case_survives_being_stored() {
    let mut case = case();
    tell_all(&mut case, 3);
    case.delay(order(None), "what".into(), hours(4), "x").unwrap();
    let json = serde_json::to_string(&case).unwrap();
    assert_eq!(serde_json::from_str::<BreachCase>(&json).unwrap(), case);
}

#[derive(Debug, Clone)]
enum Move {
    Revise(bool, bool),
    Assess(BreachRisk, bool, bool),
    Tell(usize, usize, BreachPhase),
    Delay(Option<i64>),
    Lift,
    Close,
    Reopen,
}

fn any_move() -> impl Strategy<Value = Move> {
    let risk = prop_oneof![
        Just(BreachRisk::Unknown),
        Just(BreachRisk::Unlikely),
        Just(BreachRisk::Risk),
        Just(BreachRisk::High)
    ];
    let phase =
        prop_oneof![Just(BreachPhase::Initial), Just(BreachPhase::Supplement), Just(BreachPhase::Final)];
    prop_oneof![
        any::<(bool, bool)>().prop_map(|(a, b)| Move::Revise(a, b)),
        (risk, any::<bool>(), any::<bool>()).prop_map(|(r, a, b)| Move::Assess(r, a, b)),
        (0_usize..5, 0_usize..9, phase).prop_map(|(to, c, p)| Move::Tell(to, c, p)),
        proptest::option::of(1_i64..400).prop_map(Move::Delay),
        Just(Move::Lift),
        Just(Move::Close),
        Just(Move::Reopen),
    ]
}

fn take(case: &mut BreachCase, step: &Move, h: i64) -> Result<()> {
    let at = hours(h);
    match step {
        Move::Revise(whole, both) => {
            let mut d = details();
            d.kinds = if *whole { vec![BreachKind::Loss] } else { vec![] };
            d.regimes = if *both { vec![] } else { vec![Regime::Popia] };
            case.revise(d, at, "x")
        }
        Move::Assess(risk, sealed, unidentifiable) => {
            let a = BreachAssessment {
                encrypted_and_key_safe: *sealed,
                subjects_unidentifiable: *unidentifiable,
                ..assessed(*risk)
            };
            case.assess(a, at, "x")
        }
        Move::Tell(to, channel, phase) => {
            case.record_notice(notice(EVERYBODY[*to], BreachChannel::ALL[*channel], *phase, at), at, "x")
        }
        Move::Delay(until) => case.delay(order(until.map(hours)), "what".into(), at, "x"),
        Move::Lift => case.lift_delay("CAS 12/11/2026", at, "x"),
        Move::Close => case.close(at, "x"),
        Move::Reopen => case.reopen("new", at, "x"),
    }
}

proptest! {
    #[test]
    fn a_step_that_fails_changes_nothing_and_nobody_is_forgotten(
        moves in proptest::collection::vec((any_move(), 0_i64..30), 1..40),
    ) {
        let mut case = BreachCase::open("b".into(), details(), hours(0), "x").unwrap();
        let mut h = 0;
        for (step, later) in moves {
            h += later;
            let before = case.clone();
            match take(&mut case, &step, h) {
                Err(e) => {
                    prop_assert!(matches!(e.code(), "conflict" | "invalid_input" | "not_found"));
                    prop_assert_eq!(&case, &before);
                }
                Ok(()) => {
                    prop_assert!(case.log.len() > before.log.len());
                    prop_assert_eq!(&case.log[..before.log.len()], &before.log[..]);
                    prop_assert_eq!(case.state, case.state_at(hours(h)).unwrap());
                }
            }
            prop_assert_eq!(case.state == BreachState::Closed, case.closed_at.is_some());
            if case.state == BreachState::Closed {
                prop_assert!(obstacles(&case, hours(h)).unwrap().is_empty());
                for d in duties(&case, hours(h)).unwrap() {
                    let settled = match d.state {
                        BreachDutyState::Told => case.counted(d.to).next().is_some() || d.to == A::SubjectPromise,
                        BreachDutyState::Excused => d.excuse.is_some(),
                        BreachDutyState::Delayed => d.due_at.is_none(),
                        _ => false,
                    };
                    prop_assert!(settled, "{:?}", d.state);
                }
            }
        }
    }
}
