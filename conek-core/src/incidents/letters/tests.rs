use proptest::prelude::*;

use super::super::testing::*;
use super::super::{BreachDetails, BreachItem as I, BreachUnknown, NewBreachNotice};
use super::words::CATEGORIES;
use super::*;

const LANGUAGES: [&str; 5] = ["en", "af", "nl", "de", "fr"];
const ALL: [A; 6] =
    [A::AuthorityEu, A::SubjectEu, A::RegulatorZa, A::SubjectZa, A::SubjectPromise, A::ResponsibleParty];

#[test]
fn a_whole_letter_says_everything_in_the_readers_language() {
    for to in ALL {
        let case = case_for(to);
        for language in LANGUAGES {
            let letter = letter(&case, to, Some(language), hours(2)).unwrap();
            assert!(letter.complete && letter.missing.is_empty() && !letter.held);
            assert_eq!((letter.phase, letter.language.as_str()), (BreachPhase::Final, language));
            for said in ["happened", "consequences", "measures", "advice"] {
                assert!(letter.body.contains(&format!("<{language} {said}>")), "{to:?} {language} {said}");
            }
            for said in ["<contact>", "<sender>\n<address>", "shoe sizes", "2026"] {
                assert!(letter.body.contains(said), "{to:?} {language} {said}");
            }
            assert_eq!(letter.body.contains("<authority>"), is_to_people(to));
            assert!(!letter.body.contains("reasons>"), "it is in time");
            let intruder = matches!(to, A::RegulatorZa | A::SubjectZa | A::ResponsibleParty);
            assert_eq!(letter.body.contains("<intruder>"), intruder, "{to:?}");
            // How many others there are is nothing to the people.
            for count in ["1204", "98765", "whose"] {
                assert_eq!(letter.body.contains(count), !is_to_people(to), "{to:?} {count}");
            }
        }
    }
}

#[test]
fn days_are_named_in_the_zone_and_in_the_language() {
    let day = |language| {
        let letter = letter(&case(), A::SubjectZa, Some(language), hours(2)).unwrap();
        letter.sections.into_iter().find(|s| s.item == I::Moment).unwrap().text
    };
    // 23:00 UTC on the 20th is the 21st in Johannesburg.
    assert_eq!(
        day("en"),
        "It began on 21 November 2026. It ended on 25 November 2026. We became aware of it on 27 November 2026."
    );
    assert!(day("de").starts_with("Es begann am 21. November 2026."), "{}", day("de"));
    assert!(day("fr").starts_with("Début : 21 novembre 2026."), "{}", day("fr"));
    let mut one = case();
    one.details.began_at = Some("2026-11-01T08:00:00Z".parse().unwrap());
    one.details.ended_at = Some("2026-11-01T09:00:00Z".parse().unwrap());
    let body = |to, language| letter(&one, to, Some(language), hours(2)).unwrap().body;
    assert!(body(A::SubjectEu, "fr").contains("Date des faits : 1er novembre 2026."));
    assert!(body(A::SubjectEu, "en").contains("It happened on 1 November 2026."));
    assert!(body(A::AuthorityEu, "en").contains("It began on 2026-11-01 10:00 (UTC+02:00)."));
}

#[test]
fn a_letter_with_a_gap_leaves_it_out_and_says_that_more_comes() {
    let mut case = case();
    case.details.people = None;
    case.details.texts.iter_mut().for_each(|t| t.measures = None);
    for (to, still) in [(A::AuthorityEu, 2), (A::RegulatorZa, 2), (A::SubjectEu, 1), (A::SubjectZa, 1)] {
        let first = letter(&case, to, None, hours(2)).unwrap();
        assert_eq!((first.phase, first.complete, first.missing.len()), (BreachPhase::Initial, false, still));
        assert!(first.sections.iter().all(|s| s.item != I::Measures && s.item != I::PeopleCount));
        let said = first.opening.join(" ");
        if is_to_people(to) {
            assert!(said.contains("We will write again"), "{said}");
        } else {
            assert!(said.contains("Still to come: Number of people; Measures taken and planned."), "{said}");
        }
        case.record_notice(notice(to, way(to), first.phase, hours(2)), hours(2), "x").unwrap();
        let second = letter(&case, to, None, hours(3)).unwrap();
        assert_eq!((second.phase, second.opening.len()), (BreachPhase::Supplement, 3));
    }
    case.details = details();
    for to in EVERYBODY {
        let last = letter(&case, to, None, hours(4)).unwrap();
        assert_eq!((last.phase, last.complete), (BreachPhase::Final, true));
        assert_eq!(last.opening.len(), if to == A::SubjectPromise { 1 } else { 2 });
    }
}

#[test]
fn a_late_notice_carries_its_reasons() {
    for (to, told) in [(A::AuthorityEu, true), (A::RegulatorZa, true), (A::SubjectZa, false)] {
        let late = letter(&case(), to, None, hours(73)).unwrap();
        assert_eq!(late.body.contains("<en reasons>"), told, "{to:?}");
        let in_time = letter(&case(), to, None, hours(72)).unwrap();
        assert!(!in_time.body.contains("<en reasons>"));
    }
}

#[test]
fn whoever_this_account_does_not_tell_gets_no_letter() {
    let code = |case: &BreachCase, to| letter(case, to, None, hours(2)).map(drop).map_err(|e| e.code());
    for to in EVERYBODY {
        assert_eq!(code(&case(), to), Ok(()));
        assert_eq!(code(&processor(), to), Err("conflict"), "only the responsible party");
    }
    assert_eq!(code(&case(), A::ResponsibleParty), Err("conflict"));
    let mut eu = case();
    eu.details.regimes = vec![crate::policy::Regime::Gdpr];
    assert_eq!(code(&eu, A::SubjectZa), Err("conflict"));
    eu.details.aware_at = None;
    assert_eq!(code(&eu, A::SubjectEu), Err("invalid_input"));
}

#[test]
fn an_order_holds_back_what_the_people_of_south_africa_are_told() {
    let mut case = case();
    case.delay(order(Some(hours(200))), "it would impede an investigation".into(), hours(2), "x").unwrap();
    for (to, held) in [
        (A::AuthorityEu, false),
        (A::SubjectEu, false),
        (A::RegulatorZa, false),
        (A::SubjectZa, true),
        (A::SubjectPromise, true),
    ] {
        assert_eq!(letter(&case, to, None, hours(3)).unwrap().held, held, "{to:?}");
        assert!(!letter(&case, to, None, hours(201)).unwrap().held);
    }
}

#[test]
fn a_letter_is_in_one_language() {
    let mut case = case();
    let language =
        |case: &BreachCase, asked| letter(case, A::SubjectEu, Some(asked), hours(2)).unwrap().language;
    assert_eq!(language(&case, "de_CH"), "de");
    assert_eq!(language(&case, "zu"), "en", "the first text");
    case.details.texts = vec![text("fr")];
    assert_eq!(language(&case, "de"), "fr", "not German words around a French text");
    case.details.texts.clear();
    assert_eq!(language(&case, "de"), "de", "nothing is said yet");
}

#[test]
fn people_are_written_to_in_short_sentences_without_terms_of_law() {
    for w in WORDS {
        let sentences = [w.people.subject, w.people.opening, w.again_people, w.more_people, w.moment_unknown];
        for sentence in sentences.iter().flat_map(|s| s.split(". ")) {
            assert!(sentence.split_whitespace().count() <= 15, "{}: {sentence}", w.language);
            for term in ["GDPR", "POPIA", "RGPD", "AVG", "DSGVO", "art", "breach", "subject", "controller"] {
                let words = sentence.split(|c: char| !c.is_alphanumeric());
                assert!(words.into_iter().all(|word| word != term), "{}: {sentence}", w.language);
            }
        }
        for one in [w.happened, w.began, w.ended, w.aware, w.about, w.more_office] {
            assert_eq!(one.matches("{}").count(), 1, "{}: {one}", w.language);
        }
        let all = [w.months.as_slice(), &w.headings, &w.kinds, &w.channels, &w.categories];
        assert!(all.into_iter().flatten().all(|s| !s.is_empty()));
        for (i, code) in CATEGORIES.iter().enumerate() {
            assert_eq!(w.category(code), w.categories[i]);
        }
    }
}

#[test]
fn debug_says_nothing_of_what_letters_say() {
    let case = case();
    let letter = letter(&case, A::SubjectZa, None, hours(2)).unwrap();
    let debug = format!("{case:?} {:?} {:?} {letter:?} {:?}", case.details, case.assessment, letter.sections);
    assert!(!debug.contains('<') && !debug.contains("because"), "{debug}");
}

fn any_details() -> impl Strategy<Value = BreachDetails> {
    (any::<[bool; 16]>(), proptest::sample::subsequence(LANGUAGES.to_vec(), 0..=5)).prop_map(
        |(on, languages)| {
            let mut d = details();
            d.texts = languages.into_iter().map(text).collect();
            for t in &mut d.texts {
                for (keep, field) in on.into_iter().zip([
                    &mut t.what_happened,
                    &mut t.whose,
                    &mut t.consequences,
                    &mut t.measures,
                    &mut t.advice,
                    &mut t.late_reasons,
                ]) {
                    *field = field.take().filter(|_| keep);
                }
            }
            let keep = |i: usize, field: &mut Option<String>| *field = field.take().filter(|_| on[i]);
            keep(6, &mut d.intruder);
            keep(7, &mut d.sender);
            keep(8, &mut d.address);
            keep(9, &mut d.contact);
            keep(10, &mut d.authority);
            d.people = d.people.filter(|_| on[11]);
            d.began_at = d.began_at.filter(|_| on[12]);
            d.confirmed = d.confirmed.filter(|_| on[13]);
            d.categories.retain(|_| on[14]);
            if on[15] {
                d.unknown = vec![BreachUnknown { item: I::PeopleCount, why: "no logs".into() }];
                d.planned_channels.clear();
                d.kinds.clear();
                d.records = None;
            }
            d
        },
    )
}

proptest! {
    #[test]
    fn no_letter_has_a_gap_and_every_gap_has_a_name(
        d in any_details(),
        to in 0_usize..6,
        language in proptest::sample::select(vec!["en", "af", "nl", "de-CH", "fr", "zu", ""]),
        h in 2_i64..200,
    ) {
        let to = ALL[to];
        let mut case = case_for(to);
        case.details = BreachDetails { as_processor: case.details.as_processor, ..d };
        let l = letter(&case, to, Some(language), hours(h)).unwrap();
        prop_assert_eq!(l.complete, l.missing.is_empty());
        prop_assert_eq!(l.complete, l.phase == BreachPhase::Final);
        let gap = l.body.contains(['{', '}']) || l.body.contains("None");
        prop_assert!(!gap);
        for s in &l.sections {
            prop_assert!(!s.heading.trim().is_empty() && !s.text.trim().is_empty());
            prop_assert!(l.body.contains(&s.text));
        }
        let words = case.details.text(Some(language));
        for item in I::ALL {
            let told = l.sections.iter().any(|s| s.item == item);
            let known = item.is_known(&case, words);
            // When it was noticed is always known, and said even where nobody knows yet when it began.
            if item != I::Moment {
                prop_assert_eq!(told, known && item.is_told(to, is_late(&case, to, hours(h))), "{:?}", item);
            }
            prop_assert!(!(known && l.missing.iter().any(|m| m.item == item)), "{:?}", item);
        }
        // One language: no text of another one.
        for other in LANGUAGES.iter().filter(|o| **o != l.language) {
            let mark = format!("<{other} ");
            prop_assert!(!l.body.contains(&mark));
        }
        // What the letter says of itself is what the case then holds of it.
        let sent = NewBreachNotice { to, channel: way(to), phase: l.phase, language: Some(l.language.clone()),
            sent_at: hours(h), proof: "p".into() };
        case.record_notice(sent, hours(h), "x").unwrap();
        let items: Vec<_> = l.missing.iter().map(|m| m.item).collect();
        prop_assert_eq!(&case.notices[0].missing, &items);
    }
}
