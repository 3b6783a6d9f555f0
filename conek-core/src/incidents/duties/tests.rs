use super::super::testing::*;
use super::super::{BreachAssessment, BreachChannel, BreachDetails};
use super::BreachDutyState as S;
use super::BreachExcuse as X;
use super::*;

fn states(case: &BreachCase, h: i64) -> Vec<(A, S, Option<X>)> {
    duties(case, hours(h)).unwrap().into_iter().map(|d| (d.to, d.state, d.excuse)).collect()
}

fn state_of(case: &BreachCase, to: A, h: i64) -> S {
    states(case, h).into_iter().find(|(who, ..)| *who == to).unwrap().1
}

/// What follows from an assessment, law by law: EU authority, EU people, Regulator, South African people, promise.
#[test]
fn each_excuse_is_that_of_its_provision_and_no_other() {
    let base = |risk| assessed(risk);
    let none = [None; 5];
    let table: [(&str, BreachAssessment, [Option<X>; 5]); 9] = [
        // POPIA knows no threshold of risk.
        (
            "33(1), 34(1)",
            base(BreachRisk::Unlikely),
            [Some(X::RiskUnlikely), Some(X::NoHighRisk), None, None, None],
        ),
        ("34(1)", base(BreachRisk::Risk), [None, Some(X::NoHighRisk), None, None, None]),
        ("high", base(BreachRisk::High), none),
        (
            "34(3)(a)",
            BreachAssessment { encrypted_and_key_safe: true, ..base(BreachRisk::High) },
            [None, Some(X::Unintelligible), None, None, None],
        ),
        (
            "34(3)(b)",
            BreachAssessment { averted_by: Some("keys changed".into()), ..base(BreachRisk::High) },
            [None, Some(X::RiskAverted), None, None, None],
        ),
        // Telling each is too much: they are told in public, not left alone.
        (
            "34(3)(c)",
            BreachAssessment { disproportionate: Some("a million".into()), ..base(BreachRisk::High) },
            none,
        ),
        (
            "s22(1)(b)",
            BreachAssessment { subjects_unidentifiable: true, ..base(BreachRisk::High) },
            [None, None, None, Some(X::IdentityUnknown), Some(X::IdentityUnknown)],
        ),
        (
            "a blank is no measure",
            BreachAssessment { averted_by: Some(" ".into()), ..base(BreachRisk::High) },
            none,
        ),
        (
            "sealed, and no high risk",
            BreachAssessment { encrypted_and_key_safe: true, ..base(BreachRisk::Risk) },
            [None, Some(X::NoHighRisk), None, None, None],
        ),
    ];
    for (what, assessment, excuses) in table {
        let mut case = case();
        case.assessment = Some(assessment);
        for ((to, state, excuse), expected) in states(&case, 2).into_iter().zip(excuses) {
            assert_eq!(excuse, expected, "{what}: {to:?}");
            assert_eq!(state, if expected.is_some() { S::Excused } else { S::Waiting }, "{what}: {to:?}");
        }
    }
    let mut case = case();
    case.details.promised = Some(false);
    assert_eq!(states(&case, 2)[4], (A::SubjectPromise, S::Excused, Some(X::NotPromised)));
    assert_eq!(X::Unintelligible.provision(), "GDPR art 34(3)(a)");
}

#[test]
fn the_clock_warns_after_a_day_and_is_late_after_three() {
    for (h, state) in [(0, S::Waiting), (23, S::Waiting), (24, S::Warned), (72, S::Warned), (73, S::Overdue)]
    {
        for to in EVERYBODY {
            assert_eq!(state_of(&case(), to, h), state, "{to:?} {h}");
        }
    }
    let case = processor();
    assert_eq!(states(&case, 0), [(A::ResponsibleParty, S::Warned, None)]);
    assert_eq!(states(&case, 1), [(A::ResponsibleParty, S::Overdue, None)], "immediately");
    // Without an assessment, the people in the EU are an open question; everybody else is told.
    let mut open = super::super::testing::case();
    open.assessment = None;
    let got: Vec<_> = states(&open, 2).into_iter().map(|(_, s, _)| s).collect();
    assert_eq!(got, [S::Waiting, S::Undecided, S::Waiting, S::Waiting, S::Waiting]);
}

#[test]
fn only_a_way_that_counts_and_a_whole_letter_end_a_duty() {
    let mut case = case();
    let tell = |case: &mut BreachCase, channel, phase, h| {
        case.record_notice(notice(A::SubjectZa, channel, phase, hours(h)), hours(h), "x").unwrap();
        state_of(case, A::SubjectZa, h)
    };
    assert_eq!(
        tell(&mut case, BreachChannel::Whatsapp, BreachPhase::Final, 3),
        S::Waiting,
        "only in addition"
    );
    assert_eq!(tell(&mut case, BreachChannel::Email, BreachPhase::Initial, 80), S::Begun);
    assert_eq!(tell(&mut case, BreachChannel::Email, BreachPhase::Final, 90), S::Told);
    let duty = duties(&case, hours(100)).unwrap().into_iter().find(|d| d.to == A::SubjectZa).unwrap();
    assert_eq!((duty.first_told_at, duty.told_at, duty.late), (Some(hours(80)), Some(hours(90)), true));
}

#[test]
fn public_words_count_in_the_eu_only_where_telling_each_is_too_much() {
    let mut case = case();
    case.record_notice(
        notice(A::SubjectEu, BreachChannel::Website, BreachPhase::Final, hours(3)),
        hours(3),
        "x",
    )
    .unwrap();
    assert_eq!(state_of(&case, A::SubjectEu, 4), S::Waiting);
    case.assessment.as_mut().unwrap().disproportionate = Some("a million without an address".into());
    assert_eq!(state_of(&case, A::SubjectEu, 4), S::Told);
}

#[test]
fn whoever_was_told_by_law_was_told_as_promised() {
    let mut case = case();
    let mut tell = |to, h| {
        case.record_notice(notice(to, way(to), BreachPhase::Final, hours(h)), hours(h), "x").unwrap();
        duties(&case, hours(h)).unwrap().into_iter().find(|d| d.to == A::SubjectPromise).unwrap()
    };
    assert_eq!(tell(A::SubjectZa, 5).state, S::Waiting, "the people in the EU still wait");
    let duty = tell(A::SubjectEu, 7);
    assert_eq!((duty.state, duty.told_at), (S::Told, Some(hours(7))));
    // The other way round it is not so: the promise says less than the laws.
    let mut other = super::super::testing::case();
    other
        .record_notice(
            notice(A::SubjectPromise, BreachChannel::Email, BreachPhase::Final, hours(3)),
            hours(3),
            "x",
        )
        .unwrap();
    assert_eq!(state_of(&other, A::SubjectZa, 4), S::Waiting);
}

#[test]
fn an_order_puts_off_until_it_ends_or_is_taken_back() {
    let mut case = case();
    case.delay(order(Some(hours(200))), "telling would impede an investigation".into(), hours(2), "x")
        .unwrap();
    for to in [A::SubjectZa, A::SubjectPromise] {
        assert_eq!(state_of(&case, to, 100), S::Delayed);
        assert_eq!(state_of(&case, to, 200), S::Warned);
        assert_eq!(state_of(&case, to, 201), S::Overdue);
    }
    assert_eq!(state_of(&case, A::SubjectEu, 100), S::Overdue, "no other law knows such an order");
    case.lift_delay("CAS 12/11/2026", hours(90), "x").unwrap();
    assert_eq!(state_of(&case, A::SubjectZa, 89), S::Delayed);
    assert_eq!(state_of(&case, A::SubjectZa, 91), S::Overdue);
}

#[test]
fn an_alarm_ends_with_the_first_word_and_waits_for_an_order() {
    let gone = |case: &BreachCase, to, h| {
        duties(case, hours(h)).unwrap().into_iter().find(|d| d.to == to).unwrap().gone()
    };
    for to in EVERYBODY {
        let told = [23, 24, 72, 73].map(|h| gone(&case(), to, h));
        assert_eq!(told, [None, Some(80), Some(80), Some(100)], "{to:?}");
    }
    let mut begun = case();
    let first = notice(A::SubjectZa, BreachChannel::Email, BreachPhase::Initial, hours(30));
    begun.record_notice(first, hours(30), "x").unwrap();
    assert_eq!([30, 73].map(|h| gone(&begun, A::SubjectZa, h)), [None, None]);
    let mut delayed = case();
    delayed.delay(order(Some(hours(200))), "telling would impede".into(), hours(2), "x").unwrap();
    let told = [100, 200, 201].map(|h| gone(&delayed, A::SubjectZa, h));
    assert_eq!(told, [None, Some(80), Some(100)]);
}

#[test]
fn what_is_in_the_way_of_closing_has_a_code() {
    let kinds = |case: &BreachCase, h| {
        obstacles(case, hours(h)).unwrap().into_iter().map(|o| (o.to, o.kind)).collect::<Vec<_>>()
    };
    let mut case = case();
    assert_eq!(kinds(&case, 2), EVERYBODY.map(|to| (Some(to), ObstacleKind::NotTold)));
    let mut tell = |to, channel, phase| {
        case.record_notice(notice(to, channel, phase, hours(3)), hours(3), "x").unwrap();
    };
    tell(A::RegulatorZa, BreachChannel::Email, BreachPhase::Final);
    tell(A::SubjectEu, BreachChannel::Whatsapp, BreachPhase::Final);
    tell(A::AuthorityEu, BreachChannel::Portal, BreachPhase::Initial);
    case.delay(order(Some(hours(50))), "it says so".into(), hours(3), "x").unwrap();
    use ObstacleKind::*;
    assert_eq!(
        kinds(&case, 4),
        [
            (Some(A::AuthorityEu), ToldIncompletely),
            (Some(A::SubjectEu), ChannelNotAccepted),
            (Some(A::RegulatorZa), ChannelNotAccepted),
            (Some(A::SubjectZa), Delayed),
            (Some(A::SubjectPromise), Delayed),
        ]
    );
    case.delays[0].order.until = None;
    assert_eq!(kinds(&case, 4).len(), 3, "nobody can wait for an order without an end");
    case.assessment = Some(BreachAssessment::default());
    assert_eq!(kinds(&case, 4)[0], (None, RiskNotAssessed), "an unknown risk is not assessed");
    for kind in [RiskNotAssessed, NotTold, ChannelNotAccepted, ToldIncompletely, Delayed] {
        assert_eq!(serde_json::to_value(kind).unwrap(), kind.code());
    }
    // A processor does not assess: it tells, and that is all.
    let mut p = processor();
    assert_eq!(kinds(&p, 2), [(Some(A::ResponsibleParty), NotTold)]);
    p.record_notice(
        notice(A::ResponsibleParty, BreachChannel::Email, BreachPhase::Final, hours(2)),
        hours(2),
        "x",
    )
    .unwrap();
    assert_eq!(kinds(&p, 2), []);
    p.details = BreachDetails::default();
    assert_eq!(obstacles(&p, hours(2)).unwrap_err().code(), "invalid_input");
}
