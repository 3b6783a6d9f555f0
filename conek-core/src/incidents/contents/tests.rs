use super::super::testing::*;
use super::super::{BreachDetails, BreachItem as I, BreachUnknown};
use super::*;

type Without = fn(&mut BreachDetails);

/// Everything, and a case without exactly that.
const WITHOUT: [(I, Without); 16] = [
    (I::Nature, |d| d.texts.iter_mut().for_each(|t| t.what_happened = Some(" ".into()))),
    (I::Kind, |d| d.kinds.clear()),
    (I::Certainty, |d| d.confirmed = None),
    (I::Moment, |d| d.began_at = None),
    (I::DataCategories, |d| d.categories = vec![" ".into()]),
    (I::Whose, |d| d.texts.iter_mut().for_each(|t| t.whose = None)),
    (I::PeopleCount, |d| d.people = None),
    (I::RecordCount, |d| d.records = None),
    (I::Consequences, |d| d.texts.iter_mut().for_each(|t| t.consequences = None)),
    (I::Measures, |d| d.texts.iter_mut().for_each(|t| t.measures = None)),
    (I::Advice, |d| d.texts.iter_mut().for_each(|t| t.advice = None)),
    (I::PeopleTold, |d| d.planned_channels.clear()),
    (I::Intruder, |d| d.intruder = None),
    (I::Contact, |d| d.contact = None),
    (I::Authority, |d| d.authority = None),
    (I::Sender, |d| d.sender = None),
];

/// What is incomplete without what, and by which provision. An empty one: nothing demands it.
const TABLE: [(I, [&str; 6]); 16] = [
    // EU authority, EU people, Regulator, South African people, promise, responsible party.
    (I::Nature, ["33(3)(a)", "34(2)", "s22(1)(a)", "s22(5)", "promise", "33(2)"]),
    (I::Kind, ["", "", "form", "", "", ""]),
    (I::Certainty, ["", "", "form", "", "", ""]),
    (I::Moment, ["", "what one law", "form", "what one law", "what one law", ""]),
    (I::DataCategories, ["33(3)(a)", "34(2)", "form", "s22(5)", "promise", ""]),
    (I::Whose, ["33(3)(a)", "", "", "", "", ""]),
    (I::PeopleCount, ["33(3)(a)", "", "form", "", "", ""]),
    (I::RecordCount, ["33(3)(a)", "", "", "", "", ""]),
    (I::Consequences, ["33(3)(c)", "33(3)(c)", "form", "s22(5)(a)", "promise", ""]),
    (I::Measures, ["33(3)(d)", "33(3)(d)", "form", "s22(5)(b)", "promise", ""]),
    (I::Advice, ["", "recital 86", "", "s22(5)(c)", "promise", ""]),
    (I::PeopleTold, ["", "", "form", "", "", ""]),
    // s22(5)(d): only if known, so that a letter without it is complete.
    (I::Intruder, ["", "", "", "", "", ""]),
    (I::Contact, ["33(3)(b)", "33(3)(b)", "form", "what one law", "what one law", ""]),
    (I::Authority, ["", "", "", "", "", ""]),
    (I::Sender, ["33(1)", "34(1)", "s22(1)(a)", "s22(1)(b)", "promise", "33(2)"]),
];

const COLUMNS: [A; 6] =
    [A::AuthorityEu, A::SubjectEu, A::RegulatorZa, A::SubjectZa, A::SubjectPromise, A::ResponsibleParty];

#[test]
fn each_letter_misses_exactly_what_its_provision_demands() {
    for ((item, provisions), (same, without)) in TABLE.iter().zip(WITHOUT) {
        assert_eq!(*item, same);
        for (to, provision) in COLUMNS.into_iter().zip(provisions) {
            let mut case = case_for(to);
            assert_eq!(missing(&case, to, None, hours(2)), [], "{to:?}");
            without(&mut case.details);
            let got = missing(&case, to, None, hours(2));
            if provision.is_empty() {
                assert_eq!(got, [], "{to:?} {item:?}");
            } else {
                let [one] = got.as_slice() else { panic!("{to:?} {item:?}: {got:?}") };
                assert_eq!(one.item, *item);
                assert!(one.provision.contains(provision), "{to:?} {item:?}: {}", one.provision);
                assert!(!one.text.is_empty());
            }
        }
    }
}

#[test]
fn only_a_late_letter_to_an_authority_needs_reasons() {
    for to in COLUMNS {
        let mut case = case_for(to);
        case.details.texts.iter_mut().for_each(|t| t.late_reasons = None);
        let items = |case: &BreachCase, h| {
            missing(case, to, None, hours(h)).into_iter().map(|m| m.item).collect::<Vec<_>>()
        };
        assert_eq!(items(&case, 72), [], "{to:?}: 72 hours are not late");
        let authority = matches!(to, A::AuthorityEu | A::RegulatorZa);
        assert_eq!(items(&case, 73), if authority { vec![I::LateReasons] } else { vec![] }, "{to:?}");
        // GDPR 33(4): what comes later is in time where the first letter was.
        case.record_notice(
            notice(to, way(to), crate::incidents::BreachPhase::Initial, hours(10)),
            hours(11),
            "x",
        )
        .unwrap();
        assert_eq!(items(&case, 500), []);
    }
    // Nobody is late who need not tell.
    let mut case = case();
    case.assess(assessed(crate::incidents::BreachRisk::Unlikely), hours(2), "x").unwrap();
    case.details.texts.iter_mut().for_each(|t| t.late_reasons = None);
    assert_eq!(missing(&case, A::AuthorityEu, None, hours(500)), []);
}

#[test]
fn what_cannot_be_found_out_is_not_missing_where_the_law_says_where_possible() {
    for (item, without) in WITHOUT {
        for to in COLUMNS {
            let mut case = case_for(to);
            without(&mut case.details);
            let before = missing(&case, to, None, hours(2)).len();
            case.details.unknown = vec![BreachUnknown { item, why: "the logs are gone".into() }];
            let excused = matches!(item, I::Moment | I::Whose | I::PeopleCount | I::RecordCount);
            let after = missing(&case, to, None, hours(2)).len();
            assert_eq!(after, if excused { 0 } else { before }, "{to:?} {item:?}");
            assert_eq!(case.details.check(hours(2)).is_ok(), excused, "{item:?}");
        }
    }
}

#[test]
fn what_is_not_said_in_the_language_is_missing_in_it() {
    let mut case = case();
    case.details.texts[3].advice = None;
    let items = |language| missing(&case, A::SubjectZa, language, hours(2)).len();
    assert_eq!([items(Some("de-AT")), items(Some("en")), items(Some("xh")), items(None)], [1, 0, 0, 0]);
}

#[test]
fn an_account_that_cannot_tell_whose_data_they_are_tells_the_regulator_that() {
    let mut case = case();
    case.details.planned_channels.clear();
    assert_eq!(missing(&case, A::RegulatorZa, None, hours(2)).len(), 1);
    case.assessment.as_mut().unwrap().subjects_unidentifiable = true;
    assert_eq!(missing(&case, A::RegulatorZa, None, hours(2)), []);
}

#[test]
fn codes_are_the_names_that_are_stored_and_every_row_says_something() {
    for item in I::ALL {
        assert_eq!(serde_json::to_value(item).unwrap(), item.code());
        assert_eq!(I::ALL[item as usize], item);
    }
    let rows = breach_contents();
    for row in &rows {
        assert!(!row.required || !row.provision.is_empty(), "{row:?}");
    }
    for to in AUDIENCES {
        assert!(rows.iter().any(|r| r.to == to && r.item == I::Nature && r.required));
    }
    // Who did it is told only where a law wants it.
    let told: Vec<_> = rows.iter().filter(|r| r.item == I::Intruder).map(|r| r.to).collect();
    assert_eq!(told, [A::RegulatorZa, A::SubjectZa, A::ResponsibleParty]);
}
