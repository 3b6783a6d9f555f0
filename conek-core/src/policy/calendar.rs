//! The calendar of marketing: South African public holidays, marketing hours and quiet hours.

use chrono::{
    DateTime, Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime, Offset, TimeDelta, TimeZone, Timelike,
    Weekday,
};
use chrono_tz::Tz;

use crate::values::{
    error::{Error, Result},
    time::Timestamp,
};

/// Fixed public holidays, (month, day, name): Public Holidays Act 36 of 1994, Schedule 1.
const FIXED: [(u32, u32, &str); 10] = [
    (1, 1, "New Year's Day"),
    (3, 21, "Human Rights Day"),
    (4, 27, "Freedom Day"),
    (5, 1, "Workers' Day"),
    (6, 16, "Youth Day"),
    (8, 9, "National Women's Day"),
    (9, 24, "Heritage Day"),
    (12, 16, "Day of Reconciliation"),
    (12, 25, "Christmas Day"),
    (12, 26, "Day of Goodwill"),
];

/// Minutes of the local day in which marketing may go out, first included and last excluded.
///
/// The notice under section 12(2) of the Consumer Protection Act (GN R293 of 2011, item 1) closes
/// Saturdays "before 09h00 and after 13h00" and other days "between the hours of 20h00 and 08h00".
/// 08:00:00 and 09:00:00 are open; 13:00:00 and 20:00:00 are closed, the stricter reading.
const WEEKDAY: (u32, u32) = (8 * 60, 20 * 60);
const SATURDAY: (u32, u32) = (9 * 60, 13 * 60);

/// Easter Sunday of the Gregorian year (Meeus/Jones/Butcher).
fn easter(year: i32) -> Option<NaiveDate> {
    let (a, b, c) = (year.rem_euclid(19), year.div_euclid(100), year.rem_euclid(100));
    let (d, e, f) = (b / 4, b % 4, (b + 8) / 25);
    let g = (b - f + 1) / 3;
    let h = (19 * a + b - d - g + 15) % 30;
    let (i, k) = (c / 4, c % 4);
    let l = (32 + 2 * e + 2 * i - h - k) % 7;
    let m = (a + 11 * h + 22 * l) / 451;
    let n = h + l - 7 * m + 114;
    NaiveDate::from_ymd_opt(year, u32::try_from(n / 31).ok()?, u32::try_from(n % 31 + 1).ok()?)
}

fn named(date: NaiveDate) -> Option<&'static str> {
    let (month, day) = (date.month(), date.day());
    if let Some(fixed) = FIXED.iter().find(|fixed| fixed.0 == month && fixed.1 == day) {
        return Some(fixed.2);
    }
    // Easter Sunday lies between 22 March and 25 April.
    if matches!(month, 3 | 4) && matches!(date.weekday(), Weekday::Fri | Weekday::Mon) {
        match easter(date.year()).map(|sunday| (date - sunday).num_days()) {
            Some(-2) => return Some("Good Friday"),
            Some(1) => return Some("Family Day"),
            _ => {}
        }
    }
    None
}

fn holiday_name(date: NaiveDate) -> Option<&'static str> {
    named(date).or_else(|| {
        // Section 2(1): a holiday on a Sunday makes the following Monday one also. A Monday that
        // is one anyway gains nothing, and a Saturday moves nothing.
        let sunday = date.pred_opt().filter(|_| date.weekday() == Weekday::Mon)?;
        named(sunday).map(|_| "Public holiday (the day before was a Sunday)")
    })
}

/// Whether `date` is a South African public holiday: by the Act (in force since 1995), or among
/// `declared`, the days that the President declared under section 2A, such as election days.
pub fn is_holiday(date: NaiveDate, declared: &[NaiveDate]) -> bool {
    declared.contains(&date) || holiday_name(date).is_some()
}

/// The South African public holidays of `year` with their names, in order, each day once.
/// `declared` are the days declared at runtime; those of other years are left out.
pub fn holidays(year: i32, declared: &[NaiveDate]) -> Vec<(NaiveDate, &'static str)> {
    let Some(first) = NaiveDate::from_ymd_opt(year, 1, 1) else { return Vec::new() };
    first
        .iter_days()
        .take_while(|date| date.year() == year)
        .filter_map(|date| {
            let name =
                holiday_name(date).or_else(|| declared.contains(&date).then_some("Declared public holiday"));
            name.map(|name| (date, name))
        })
        .collect()
}

/// The open minutes of a local day, `None` on a closed one.
fn window(date: NaiveDate, declared: &[NaiveDate]) -> Option<(u32, u32)> {
    let hours = match date.weekday() {
        Weekday::Sun => return None,
        Weekday::Sat => SATURDAY,
        _ => WEEKDAY,
    };
    (!is_holiday(date, declared)).then_some(hours)
}

/// Whether direct marketing may go out at `at` to a person who lives in `zone`: no Sunday, no
/// public holiday, Saturday from 09:00 until before 13:00, other days from 08:00 until before 20:00.
pub fn is_open(at: Timestamp, zone: Tz, declared: &[NaiveDate]) -> bool {
    // Whole numbers, because this is asked for every message; the hour decides most of the night
    // before any calendar is asked.
    let seconds = at.timestamp() + offset(at, zone).num_seconds();
    let minute = u32::try_from(seconds.rem_euclid(86_400) / 60).unwrap_or(0);
    if minute < WEEKDAY.0 || minute >= WEEKDAY.1 {
        return false;
    }
    i32::try_from(seconds.div_euclid(86_400))
        .ok()
        .and_then(NaiveDate::from_epoch_days)
        .and_then(|date| window(date, declared))
        .is_some_and(|(from, to)| minute >= from && minute < to)
}

/// The first moment at or after `at` when [`is_open`]: `at` itself, or the start of an open time.
/// Clock changes of `zone` are taken into account. Should a host declare every day of the next
/// ten years closed, the end of chrono's calendar comes back, which never arrives.
pub fn next_open(at: Timestamp, zone: Tz, declared: &[NaiveDate]) -> Timestamp {
    next_local(at, zone, |local| {
        let minute = minute_of(local);
        let mut date = local.date();
        for ahead in 0..3_660u32 {
            if let Some((from, to)) = window(date, declared) {
                if ahead > 0 || minute < from {
                    return date.and_hms_opt(from / 60, from % 60, 0);
                }
                if minute < to {
                    return Some(local);
                }
            }
            date = date.succ_opt()?;
        }
        None
    })
}

/// Hours of the day in which nothing is sent, in the person's zone. They may span midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub struct Hours {
    /// The first quiet minute of the local day, 0 to 1,439.
    pub from_minute: u16,
    /// The first minute that is no longer quiet, 0 to 1,440.
    pub to_minute: u16,
}

impl Hours {
    /// Quiet from `from_minute` until before `to_minute`, both counted from local midnight.
    ///
    /// # Errors
    /// `invalid_input` beyond the day, or when both are the same moment of the day.
    pub fn new(from_minute: u16, to_minute: u16) -> Result<Self> {
        if from_minute >= 1_440 || to_minute > 1_440 {
            return Err(Error::invalid("hours", "minutes of a day run from 0 to 1440"));
        }
        if from_minute == to_minute % 1_440 {
            return Err(Error::invalid("hours", "start and end are the same; leave quiet hours out instead"));
        }
        Ok(Self { from_minute, to_minute })
    }

    /// Whether this minute of the local day is quiet.
    pub fn contains(&self, minute: u16) -> bool {
        if self.from_minute <= self.to_minute {
            minute >= self.from_minute && minute < self.to_minute
        } else {
            minute >= self.from_minute || minute < self.to_minute
        }
    }

    /// Whether it is quiet at `at` in `zone`.
    pub fn is_quiet(&self, at: Timestamp, zone: Tz) -> bool {
        at.naive_utc().checked_add_signed(offset(at, zone)).is_some_and(|local| self.contains_local(local))
    }

    /// The first moment at or after `at` when it is not quiet in `zone`.
    pub fn quiet_until(&self, at: Timestamp, zone: Tz) -> Timestamp {
        next_local(at, zone, |local| {
            if !self.contains_local(local) {
                return Some(local);
            }
            let (minute, end) = (minute_of(local), u32::from(self.to_minute) % 1_440);
            let days = u64::from(minute >= end);
            local.date().checked_add_days(Days::new(days))?.and_hms_opt(end / 60, end % 60, 0)
        })
    }

    fn contains_local(&self, local: NaiveDateTime) -> bool {
        u16::try_from(minute_of(local)).is_ok_and(|minute| self.contains(minute))
    }
}

fn minute_of(local: NaiveDateTime) -> u32 {
    local.hour() * 60 + local.minute()
}

/// Finds the first moment at or after `at` whose local time `wanted` returns unchanged.
/// `wanted` names the next good local time as if no clock ever changed.
fn next_local(at: Timestamp, zone: Tz, wanted: impl Fn(NaiveDateTime) -> Option<NaiveDateTime>) -> Timestamp {
    let mut at = at;
    loop {
        let offset = offset(at, zone);
        let then = at.naive_utc().checked_add_signed(offset).and_then(&wanted);
        let Some(then) = then.and_then(|then| then.checked_sub_signed(offset)) else {
            return DateTime::<chrono::Utc>::MAX_UTC;
        };
        let candidate = then.and_utc();
        if candidate <= at || self::offset(candidate, zone) == offset {
            return candidate.max(at);
        }
        // The clock changes before that moment: nothing good comes before the change, so the
        // search goes on from there, on the new clock.
        at = first_change(at, candidate, zone, offset);
    }
}

fn offset(at: Timestamp, zone: Tz) -> TimeDelta {
    // South Africa has not changed its clocks since 1944, and most moments are on them.
    if zone == Tz::Africa__Johannesburg && at.timestamp() >= 0 {
        return TimeDelta::hours(2);
    }
    let offset = zone.offset_from_utc_datetime(&at.naive_utc()).fix();
    TimeDelta::seconds(i64::from(offset.local_minus_utc()))
}

/// The first whole second after `from` with another offset than `was`; `to` has another one.
fn first_change(from: Timestamp, to: Timestamp, zone: Tz, was: TimeDelta) -> Timestamp {
    let (mut same, mut other) = (from.timestamp(), to.timestamp());
    while other - same > 1 {
        let middle = same + (other - same) / 2;
        match DateTime::from_timestamp(middle, 0) {
            Some(at) if offset(at, zone) == was => same = middle,
            _ => other = middle,
        }
    }
    DateTime::from_timestamp(other, 0).unwrap_or(to)
}

/// Reads `HH:MM` as a minute of the day, 0 to 1,440 (`24:00`).
///
/// # Errors
/// `invalid_input` for anything else.
pub fn minute_of_day(text: &str) -> Result<u16> {
    if text == "24:00" {
        return Ok(1_440);
    }
    NaiveTime::parse_from_str(text, "%H:%M")
        .ok()
        .filter(|_| text.len() == 5)
        .and_then(|time| u16::try_from(time.hour() * 60 + time.minute()).ok())
        .ok_or_else(|| Error::invalid("hours", "write the time of day as HH:MM, such as 08:00"))
}

#[cfg(test)]
mod tests {
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
        let december: Vec<_> =
            holidays(2022, &[]).into_iter().filter(|(date, _)| date.month() == 12).collect();
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
        assert_eq!(
            next_open(za("2026-01-01T09:00:00"), Johannesburg, &always),
            DateTime::<chrono::Utc>::MAX_UTC
        );
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
        assert!(
            Hours::new(0, 1_440).is_err() && Hours::new(60, 60).is_err() && Hours::new(1_440, 60).is_err()
        );
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
}
