//! What the calendar promises: truth tables of the Act and the notice, and the clocks of other zones.

use chrono_tz::{Africa::Johannesburg, America::New_York, Europe::Berlin, Pacific::Apia};
use proptest::prelude::*;

use super::*;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}
fn at(text: &str) -> Timestamp {
    DateTime::parse_from_rfc3339(text).unwrap().to_utc()
}
/// A moment on South African clocks.
fn za(text: &str) -> Timestamp {
    at(&format!("{text}+02:00"))
}
fn open(text: &str) -> bool {
    is_open(za(text), Johannesburg, &[])
}

#[test]
fn the_public_holidays_of_2026_to_2028_are_the_acts() {
    let rows: [(i32, &[&str]); 3] = [
        (
            2026,
            &[
                "01-01 Thu",
                "03-21 Sat",
                "04-03 Fri",
                "04-06 Mon",
                "04-27 Mon",
                "05-01 Fri",
                "06-16 Tue",
                "08-09 Sun",
                "08-10 Mon",
                "09-24 Thu",
                "12-16 Wed",
                "12-25 Fri",
                "12-26 Sat",
            ],
        ),
        (
            2027,
            &[
                "01-01 Fri",
                "03-21 Sun",
                "03-22 Mon",
                "03-26 Fri",
                "03-29 Mon",
                "04-27 Tue",
                "05-01 Sat",
                "06-16 Wed",
                "08-09 Mon",
                "09-24 Fri",
                "12-16 Thu",
                "12-25 Sat",
                "12-26 Sun",
                "12-27 Mon",
            ],
        ),
        (
            2028,
            &[
                "01-01 Sat",
                "03-21 Tue",
                "04-14 Fri",
                "04-17 Mon",
                "04-27 Thu",
                "05-01 Mon",
                "06-16 Fri",
                "08-09 Wed",
                "09-24 Sun",
                "09-25 Mon",
                "12-16 Sat",
                "12-25 Mon",
                "12-26 Tue",
            ],
        ),
    ];
    for (year, expected) in rows {
        let found: Vec<String> =
            holidays(year, &[]).iter().map(|(date, _)| date.format("%m-%d %a").to_string()).collect();
        assert_eq!(found, expected, "{year}");
        for (date, name) in holidays(year, &[]) {
            assert!(!name.is_empty());
            for hour in 0..24 {
                let noon = za(&format!("{date}T{hour:02}:30:00"));
                assert!(!is_open(noon, Johannesburg, &[]), "{date} {hour}:30");
            }
        }
    }
}

#[test]
fn a_sunday_holiday_moves_nothing_when_the_monday_is_one_already() {
    let december: Vec<_> = holidays(2022, &[]).into_iter().filter(|(date, _)| date.month() == 12).collect();
    assert_eq!(december.len(), 3, "16, 25 (Sunday) and 26; the 27th was declared");
    assert!(!is_holiday(day("2022-12-27"), &[]));
    assert!(is_holiday(day("2022-12-27"), &[day("2022-12-27")]));
}

#[test]
fn declared_days_are_closed_and_only_those() {
    let election = [day("2024-05-29")];
    assert!(is_open(za("2024-05-29T12:00:00"), Johannesburg, &[]));
    assert!(!is_open(za("2024-05-29T12:00:00"), Johannesburg, &election));
    assert!(is_open(za("2024-05-30T12:00:00"), Johannesburg, &election));
    assert_eq!(holidays(2024, &election).len(), holidays(2024, &[]).len() + 1);
    assert_eq!(holidays(2025, &election), holidays(2025, &[]));
}

#[test]
fn good_friday_and_family_day_follow_easter() {
    for (year, sunday) in [
        (1995, "04-16"),
        (2000, "04-23"),
        (2008, "03-23"),
        (2011, "04-24"),
        (2024, "03-31"),
        (2025, "04-20"),
        (2035, "03-25"),
        (2038, "04-25"),
        (2049, "04-18"),
        (2076, "04-19"),
    ] {
        assert_eq!(easter(year), Some(day(&format!("{year}-{sunday}"))), "{year}");
    }
}

#[test]
fn the_boundary_minutes_are_the_notices() {
    let table = [
        ("2026-11-24T07:59:59", false), // Tuesday
        ("2026-11-24T08:00:00", true),
        ("2026-11-24T19:59:59", true),
        ("2026-11-24T20:00:00", false),
        ("2026-11-24T00:00:00", false),
        ("2026-11-28T08:00:00", false), // Saturday
        ("2026-11-28T08:59:59", false),
        ("2026-11-28T09:00:00", true),
        ("2026-11-28T12:59:59", true),
        ("2026-11-28T13:00:00", false),
        ("2026-11-29T12:00:00", false), // Sunday
        ("2026-03-21T10:00:00", false), // a holiday on a Saturday
        ("2026-08-10T10:00:00", false), // Monday after a Sunday holiday
        ("2026-08-11T10:00:00", true),
    ];
    for (moment, expected) in table {
        assert_eq!(open(moment), expected, "{moment}");
    }
}

#[test]
fn christmas_2027_is_closed_for_84_hours() {
    let (last, first) = (za("2027-12-24T20:00:00"), za("2027-12-28T08:00:00"));
    assert_eq!(first - last, TimeDelta::hours(84));
    assert!(open("2027-12-24T19:59:59"));
    for minute in 0..84 * 60 {
        assert!(!is_open(last + TimeDelta::minutes(minute), Johannesburg, &[]));
    }
    assert_eq!(next_open(last, Johannesburg, &[]), first);
    assert_eq!(next_open(za("2027-12-26T12:34:56"), Johannesburg, &[]), first);
    assert_eq!(next_open(last, Johannesburg, &[day("2027-12-28")]), za("2027-12-29T08:00:00"));
}

#[test]
fn an_open_moment_is_its_own_next_open() {
    let moment = za("2026-11-24T08:00:30") + TimeDelta::milliseconds(123);
    assert_eq!(next_open(moment, Johannesburg, &[]), moment);
    assert_eq!(next_open(za("2026-11-27T20:00:00"), Johannesburg, &[]), za("2026-11-28T09:00:00"));
    assert_eq!(next_open(za("2026-11-28T13:00:00"), Johannesburg, &[]), za("2026-11-30T08:00:00"));
}

#[test]
fn the_persons_own_zone_counts() {
    let moment = at("2026-11-24T12:00:00Z");
    assert!(is_open(moment, Johannesburg, &[]));
    assert!(!is_open(moment, New_York, &[]), "07:00 there");
    assert_eq!(next_open(moment, New_York, &[]), at("2026-11-24T13:00:00Z"));
}

#[test]
fn a_clock_change_shifts_the_opening_with_it() {
    // Berlin goes to summer time on Sunday 29 March 2026 and back on Sunday 25 October 2026.
    assert_eq!(next_open(at("2026-03-28T12:00:00Z"), Berlin, &[]), at("2026-03-30T06:00:00Z"));
    assert_eq!(next_open(at("2026-10-24T11:00:00Z"), Berlin, &[]), at("2026-10-26T07:00:00Z"));
    // Samoa had no Friday 30 December 2011 at all.
    assert_eq!(next_open(at("2011-12-30T06:00:00Z"), Apia, &[]), at("2011-12-30T19:00:00Z"));
}

#[test]
fn if_every_day_is_closed_no_moment_comes() {
    let always: Vec<NaiveDate> = day("2026-01-01").iter_days().take(5_000).collect();
    assert_eq!(next_open(za("2026-01-01T09:00:00"), Johannesburg, &always), DateTime::<chrono::Utc>::MAX_UTC);
}

#[test]
fn quiet_hours_may_span_midnight() {
    let night = Hours::new(minute_of_day("21:30").unwrap(), minute_of_day("07:00").unwrap()).unwrap();
    assert!(!night.is_quiet(za("2026-11-24T21:29:59"), Johannesburg));
    assert!(night.is_quiet(za("2026-11-24T21:30:00"), Johannesburg));
    assert!(night.is_quiet(za("2026-11-25T06:59:59"), Johannesburg));
    assert!(!night.is_quiet(za("2026-11-25T07:00:00"), Johannesburg));
    assert_eq!(night.quiet_until(za("2026-11-24T22:00:00"), Johannesburg), za("2026-11-25T07:00:00"));
    assert_eq!(night.quiet_until(za("2026-11-25T01:00:00"), Johannesburg), za("2026-11-25T07:00:00"));
    assert_eq!(night.quiet_until(za("2026-11-25T12:00:00"), Johannesburg), za("2026-11-25T12:00:00"));
    let evening = Hours::new(18 * 60, 1_440).unwrap();
    assert!(evening.is_quiet(za("2026-11-24T23:59:59"), Johannesburg));
    assert_eq!(evening.quiet_until(za("2026-11-24T18:00:00"), Johannesburg), za("2026-11-25T00:00:00"));
    assert!(Hours::new(0, 1_440).is_err() && Hours::new(60, 60).is_err() && Hours::new(1_440, 60).is_err());
    assert!(minute_of_day("8:00").is_err() && minute_of_day("24:01").is_err());
}

#[test]
fn an_hour_that_does_not_exist_ends_where_the_clock_resumes() {
    // In Berlin 02:00 to 03:00 is missing on 29 March 2026, and comes twice on 25 October.
    let quiet = Hours::new(60, 150).unwrap();
    assert_eq!(quiet.quiet_until(at("2026-03-29T00:30:00Z"), Berlin), at("2026-03-29T01:00:00Z"));
    assert_eq!(quiet.quiet_until(at("2026-10-25T00:00:00Z"), Berlin), at("2026-10-25T00:30:00Z"));
    assert!(quiet.is_quiet(at("2026-10-25T01:00:00Z"), Berlin));
    assert_eq!(quiet.quiet_until(at("2026-10-25T01:00:00Z"), Berlin), at("2026-10-25T01:30:00Z"));
}

proptest! {
    #[test]
    fn south_african_clocks_are_the_zone_databases(second in 0i64..4_102_444_800) {
        let moment = DateTime::from_timestamp(second, 0).unwrap();
        let local = moment.with_timezone(&Johannesburg).naive_local();
        prop_assert_eq!(moment.naive_utc() + offset(moment, Johannesburg), local);
    }

    #[test]
    fn next_open_is_the_first_open_moment(
        second in 1_767_225_600i64..1_861_920_000,
        zone in prop::sample::select(vec![Johannesburg, Berlin, New_York, chrono_tz::Australia::Lord_Howe]),
    ) {
        let from = DateTime::from_timestamp(second, 0).unwrap();
        let then = next_open(from, zone, &[]);
        prop_assert!(then >= from && is_open(then, zone, &[]));
        let mut moment = from;
        while moment < then {
            prop_assert!(!is_open(moment, zone, &[]), "{} is open before {}", moment, then);
            moment += TimeDelta::minutes(7);
        }
        prop_assert!(then == from || !is_open(then - TimeDelta::seconds(1), zone, &[]));
    }

    #[test]
    fn quiet_until_is_the_first_moment_that_is_not_quiet(
        second in 1_767_225_600i64..1_861_920_000,
        (start, end) in (0u16..1_440, 0u16..=1_440).prop_filter("not empty", |(a, b)| *a != b % 1_440),
    ) {
        let hours = Hours::new(start, end).unwrap();
        let from = DateTime::from_timestamp(second, 0).unwrap();
        let then = hours.quiet_until(from, Berlin);
        prop_assert!(!hours.is_quiet(then, Berlin));
        prop_assert!(then == from || hours.is_quiet(then - TimeDelta::seconds(1), Berlin));
        let mut moment = from;
        while moment < then {
            prop_assert!(hours.is_quiet(moment, Berlin));
            moment += TimeDelta::minutes(11);
        }
    }
}
