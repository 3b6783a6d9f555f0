//! The clocks of requests: when an answer is due, by the law and by the account's own promise.

use chrono::{DateTime, Datelike, Days, Months, NaiveDate, NaiveTime, TimeDelta, Utc, Weekday};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use crate::{
    people::zone_of_country,
    policy::{Regime, calendar},
    values::time::{Timestamp, to_millis},
};

/// What a data subject can ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RightKind {
    /// A copy of the data, and what is done with them (GDPR 15; POPIA s23).
    Access,
    /// The data in a form for machines (GDPR 20).
    Portability,
    /// Correction (GDPR 16; POPIA s24(1)(a)).
    Rectification,
    /// Erasure (GDPR 17; POPIA s24(1)(b)).
    Erasure,
    /// Storage and nothing else (GDPR 18; POPIA s14(6)).
    Restriction,
    /// An end to a use (GDPR 21; POPIA s11(3)).
    Objection,
    /// An end to consent (GDPR 7(3); POPIA s11(2)(b)).
    Withdrawal,
    /// Any question about the data.
    Inquiry,
}

impl RightKind {
    /// Every right.
    pub const ALL: [Self; 8] = [
        Self::Access,
        Self::Portability,
        Self::Rectification,
        Self::Erasure,
        Self::Restriction,
        Self::Objection,
        Self::Withdrawal,
        Self::Inquiry,
    ];
}

/// When an answer to a request is due. A day counts to its last millisecond, in the country's own zone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestDeadlines {
    /// The right.
    pub right: RightKind,
    /// The law.
    pub regime: Regime,
    /// When the request was received.
    pub received_at: Timestamp,
    /// The account's promise: 30 days.
    pub promise_due: Timestamp,
    /// The law's own time.
    pub legal_due: Timestamp,
    /// Where that is written.
    pub provision: String,
    /// The earlier of the two.
    pub due: Timestamp,
    /// The local day of `due`, `YYYY-MM-DD`.
    pub due_on: String,
    /// Whether it takes effect at once: a withdrawal, and an objection to direct marketing, end a use before the next
    /// message goes.
    pub immediate: bool,
    /// Whether the law lets it take longer, once.
    pub extension_possible: bool,
    /// When it is due then.
    pub extended_due: Option<Timestamp>,
    /// Until when the person must have been told so: within the law's first period.
    pub extension_notice_by: Option<Timestamp>,
    /// Half of the time to `due` is gone.
    pub alarm_50: Timestamp,
    /// Four fifths of it are gone.
    pub alarm_80: Timestamp,
    /// All of it is gone: `due`.
    pub alarm_100: Timestamp,
}

/// The promise, in days.
const PROMISE: u64 = 30;

/// Orthodox Easter Sunday in the Gregorian calendar (Meeus), 1900 to 2099.
fn orthodox_easter(year: i32) -> Option<NaiveDate> {
    let (a, b, c) = (year.rem_euclid(4), year.rem_euclid(7), year.rem_euclid(19));
    let d = (19 * c + 15) % 30;
    let e = (2 * a + 4 * b - d + 34) % 7;
    let n = d + e + 114;
    let julian = NaiveDate::from_ymd_opt(year, u32::try_from(n / 31).ok()?, u32::try_from(n % 31 + 1).ok()?)?;
    julian.checked_add_days(Days::new(13))
}

/// Public holidays that hold in a whole country: fixed days, and days from Easter Sunday on.
struct Nationwide {
    country: &'static str,
    fixed: &'static [(u32, u32)],
    easter: &'static [i64],
    orthodox: bool,
}

/// The national acts on public holidays. Those of regions alone are the caller's to name.
const NATIONWIDE: &[Nationwide] = &[
    day(
        "AT",
        &[(1, 1), (1, 6), (5, 1), (8, 15), (10, 26), (11, 1), (12, 8), (12, 25), (12, 26)],
        &[1, 39, 50, 60],
    ),
    day("BE", &[(1, 1), (5, 1), (7, 21), (8, 15), (11, 1), (11, 11), (12, 25)], &[1, 39, 50]),
    day(
        "CZ",
        &[(1, 1), (5, 1), (5, 8), (7, 5), (7, 6), (9, 28), (10, 28), (11, 17), (12, 24), (12, 25), (12, 26)],
        &[-2, 1],
    ),
    day("DE", &[(1, 1), (5, 1), (10, 3), (12, 25), (12, 26)], &[-2, 1, 39, 50]),
    day("DK", &[(1, 1), (12, 25), (12, 26)], &[-3, -2, 1, 39, 50]),
    day("ES", &[(1, 1), (1, 6), (5, 1), (8, 15), (10, 12), (11, 1), (12, 6), (12, 8), (12, 25)], &[-2]),
    day("FI", &[(1, 1), (1, 6), (5, 1), (12, 6), (12, 25), (12, 26)], &[-2, 1, 39]),
    day("FR", &[(1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25)], &[1, 39, 50]),
    Nationwide {
        country: "GR",
        fixed: &[(1, 1), (1, 6), (3, 25), (5, 1), (8, 15), (10, 28), (12, 25), (12, 26)],
        easter: &[-48, -2, 1, 50],
        orthodox: true,
    },
    day(
        "HR",
        &[(1, 1), (1, 6), (5, 1), (5, 30), (6, 22), (8, 5), (8, 15), (11, 1), (11, 18), (12, 25), (12, 26)],
        &[1, 60],
    ),
    day("HU", &[(1, 1), (3, 15), (5, 1), (8, 20), (10, 23), (11, 1), (12, 25), (12, 26)], &[-2, 1, 50]),
    day("IE", &[(1, 1), (3, 17), (12, 25), (12, 26)], &[1]),
    day(
        "IT",
        &[(1, 1), (1, 6), (4, 25), (5, 1), (6, 2), (8, 15), (11, 1), (12, 8), (12, 25), (12, 26)],
        &[1],
    ),
    day("LU", &[(1, 1), (5, 1), (5, 9), (6, 23), (8, 15), (11, 1), (12, 25), (12, 26)], &[1, 39, 50]),
    day("NL", &[(1, 1), (4, 27), (12, 25), (12, 26)], &[1, 39, 50]),
    day("PL", &[(1, 1), (1, 6), (5, 1), (5, 3), (8, 15), (11, 1), (11, 11), (12, 25), (12, 26)], &[1, 60]),
    day(
        "PT",
        &[(1, 1), (4, 25), (5, 1), (6, 10), (8, 15), (10, 5), (11, 1), (12, 1), (12, 8), (12, 25)],
        &[-2, 60],
    ),
    day("SE", &[(1, 1), (1, 6), (5, 1), (6, 6), (12, 25), (12, 26)], &[-2, 1, 39]),
];

const fn day(country: &'static str, fixed: &'static [(u32, u32)], easter: &'static [i64]) -> Nationwide {
    Nationwide { country, fixed, easter, orthodox: false }
}

/// Whether a day is a public holiday in all of a country, or one of those given.
fn is_holiday(date: NaiveDate, country: Option<&str>, given: &[NaiveDate]) -> bool {
    if given.contains(&date) {
        return true;
    }
    match country {
        Some(c) if c.eq_ignore_ascii_case("ZA") => calendar::is_holiday(date, &[]),
        Some(c) => NATIONWIDE.iter().filter(|n| n.country.eq_ignore_ascii_case(c)).any(|n| {
            let easter =
                if n.orthodox { orthodox_easter(date.year()) } else { calendar::easter(date.year()) };
            n.fixed.contains(&(date.month(), date.day()))
                || easter.is_some_and(|sunday| n.easter.contains(&(date - sunday).num_days()))
                // First Mondays of February, May, June and August, the last of October (Organisation of
                // Working Time Act 1997, Schedule 2).
                || (n.country == "IE" && is_irish_monday(date))
        }),
        None => false,
    }
}

fn is_irish_monday(date: NaiveDate) -> bool {
    date.weekday() == Weekday::Mon
        && match date.month() {
            // St Brigid's Day: 1 February where that is a Friday, the first Monday otherwise.
            2 | 5 | 6 | 8 => date.day() <= 7,
            10 => date.day() > 24,
            _ => false,
        }
}

/// The first day, this one or later, that is fit to be a last day.
fn roll(mut date: NaiveDate, regime: Regime, country: Option<&str>, given: &[NaiveDate]) -> NaiveDate {
    loop {
        let rests = match regime {
            // Regulation (EEC, Euratom) 1182/71 art 3(4): public holidays, Sundays and Saturdays.
            Regime::Gdpr => matches!(date.weekday(), Weekday::Sat | Weekday::Sun),
            // Regulations of 17 April 2025, "day"; Interpretation Act 33 of 1957 s4: Sundays and public holidays.
            Regime::Popia => date.weekday() == Weekday::Sun,
        };
        if !rests && !is_holiday(date, country, given) {
            return date;
        }
        match date.succ_opt() {
            Some(next) => date = next,
            None => return date,
        }
    }
}

/// Months later, on the same date, or on the last day of a month that has no such date (art 3(2)(c)).
fn months(date: NaiveDate, n: u32) -> NaiveDate {
    date.checked_add_months(Months::new(n)).unwrap_or(NaiveDate::MAX)
}

fn days(date: NaiveDate, n: u64) -> NaiveDate {
    date.checked_add_days(Days::new(n)).unwrap_or(NaiveDate::MAX)
}

/// The last millisecond of a local day.
fn end_of(date: NaiveDate, zone: Tz) -> Timestamp {
    let next = days(date, 1).and_time(NaiveTime::MIN);
    // A midnight that a change of the clock leaves out begins an hour later.
    let begins = next.and_local_timezone(zone).earliest().unwrap_or_else(|| {
        (next + TimeDelta::hours(1))
            .and_local_timezone(zone)
            .earliest()
            .unwrap_or_else(|| next.and_utc().with_timezone(&zone))
    });
    begins.with_timezone(&Utc) - TimeDelta::milliseconds(1)
}

/// When an answer is due. The day of receipt does not count (Regulation 1182/71 art 3(1)).
///
/// - GDPR 12(3): one month, to the same date, or the last day of a shorter month; a last day that is a Saturday, a
///   Sunday or a public holiday gives way to the next working day. Two months more, if the person is told within the
///   first.
/// - POPIA regulations of 2025, PAIA s56 and s57: 30 days, whose last is no Sunday and no public holiday; for access
///   30 days more, once.
/// - The account's promise: 30 days, whatever day that is.
///
/// `country` gives the zone and the nationwide holidays; `holidays` are days beyond those, declared or regional.
pub fn request_deadlines(
    right: RightKind,
    regime: Regime,
    country: Option<&str>,
    received: Timestamp,
    holidays: &[NaiveDate],
) -> RequestDeadlines {
    let received_at = to_millis(received);
    let country = country.map(str::trim).filter(|c| c.len() == 2).map(str::to_ascii_uppercase);
    let country = country.as_deref();
    let zone = country
        .and_then(zone)
        .or((regime == Regime::Popia).then_some(Tz::Africa__Johannesburg))
        .unwrap_or(Tz::UTC);
    // POPIA's holidays are South Africa's, wherever the person lives.
    let calendar = if regime == Regime::Popia { Some("ZA") } else { country };
    let zone = if regime == Regime::Popia { Tz::Africa__Johannesburg } else { zone };
    let day = DateTime::with_timezone(&received_at, &zone).date_naive();
    let is_access = matches!(right, RightKind::Access | RightKind::Portability);
    let rolled = |date| roll(date, regime, calendar, holidays);
    let (legal, extended, provision) = match regime {
        Regime::Gdpr => {
            (rolled(months(day, 1)), Some(rolled(months(day, 3))), "GDPR art 12(3); Regulation 1182/71 art 3")
        }
        Regime::Popia if is_access => {
            let first = rolled(days(day, 30));
            (first, Some(rolled(days(day, 60))), "POPIA s23 with PAIA s56(1), s57(1)")
        }
        Regime::Popia => {
            (rolled(days(day, 30)), None, "POPIA regulations 2018 as amended on 17 April 2025, reg 2 and 3")
        }
    };
    let promise = days(day, PROMISE);
    let due_on = promise.min(legal);
    let (promise_due, legal_due, due) = (end_of(promise, zone), end_of(legal, zone), end_of(due_on, zone));
    let part = |percent: i32| {
        let span = (due - received_at).num_milliseconds().max(0);
        received_at
            + TimeDelta::milliseconds(span / 100 * i64::from(percent) + span % 100 * i64::from(percent) / 100)
    };
    let immediate = matches!(right, RightKind::Withdrawal | RightKind::Objection);
    RequestDeadlines {
        right,
        regime,
        received_at,
        promise_due,
        legal_due,
        provision: provision.to_owned(),
        due,
        due_on: due_on.to_string(),
        immediate,
        extension_possible: extended.is_some(),
        extended_due: extended.map(|d| end_of(d, zone)),
        extension_notice_by: extended.map(|_| legal_due),
        alarm_50: part(50),
        alarm_80: part(80),
        alarm_100: due,
    }
}

fn zone(country: &str) -> Option<Tz> {
    // Where a country has several, its capital's.
    let name = match country {
        "ES" => "Europe/Madrid",
        "PT" => "Europe/Lisbon",
        "CY" => "Asia/Nicosia",
        "IS" => "Atlantic/Reykjavik",
        "LI" => "Europe/Vaduz",
        other => zone_of_country(other)?,
    };
    name.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Regime, country, right, received, legal day, day that is due, provision.
    const ROWS: &[(Regime, &str, RightKind, &str, &str, &str, &str)] = &[
        (
            Regime::Gdpr,
            "DE",
            RightKind::Access,
            "2027-02-01T10:00:00Z",
            "2027-03-01",
            "2027-03-01",
            "1182/71 art 3(2)(c): the same date; 30 days would be 3 March",
        ),
        (
            Regime::Gdpr,
            "DE",
            RightKind::Access,
            "2026-12-01T10:00:00Z",
            "2027-01-04",
            "2026-12-31",
            "1 January is a holiday, 2 and 3 a weekend; the promise is earlier",
        ),
        (
            Regime::Gdpr,
            "DE",
            RightKind::Erasure,
            "2027-01-31T10:00:00Z",
            "2027-03-01",
            "2027-03-01",
            "no 31 February: its last day, a Sunday, gives way; 30 days are 2 March",
        ),
        (
            Regime::Gdpr,
            "DE",
            RightKind::Erasure,
            "2028-01-31T10:00:00Z",
            "2028-02-29",
            "2028-02-29",
            "a leap year's last day, a Tuesday",
        ),
        (
            Regime::Gdpr,
            "DE",
            RightKind::Access,
            "2026-09-03T10:00:00Z",
            "2026-10-05",
            "2026-10-03",
            "3 October is German Unity Day, a Saturday; the promise does not move",
        ),
        (
            Regime::Gdpr,
            "FR",
            RightKind::Access,
            "2026-10-01T10:00:00Z",
            "2026-11-02",
            "2026-10-31",
            "1 November is All Saints, a Sunday",
        ),
        (
            Regime::Gdpr,
            "FR",
            RightKind::Access,
            "2027-06-14T10:00:00Z",
            "2027-07-15",
            "2027-07-14",
            "14 July",
        ),
        (
            Regime::Gdpr,
            "NL",
            RightKind::Access,
            "2026-03-27T10:00:00Z",
            "2026-04-28",
            "2026-04-26",
            "King's Day",
        ),
        (
            Regime::Gdpr,
            "DE",
            RightKind::Access,
            "2026-03-03T10:00:00Z",
            "2026-04-07",
            "2026-04-02",
            "Good Friday to Easter Monday",
        ),
        (
            Regime::Gdpr,
            "GR",
            RightKind::Access,
            "2026-03-10T10:00:00Z",
            "2026-04-14",
            "2026-04-09",
            "Orthodox Good Friday 10 April to Monday 13 April 2026",
        ),
        (
            Regime::Gdpr,
            "IE",
            RightKind::Access,
            "2026-07-03T10:00:00Z",
            "2026-08-04",
            "2026-08-02",
            "the first Monday of August",
        ),
        (
            Regime::Gdpr,
            "DE",
            RightKind::Access,
            "2026-06-30T22:30:00Z",
            "2026-08-03",
            "2026-07-31",
            "in Berlin it is 1 July already; 1 August is a Saturday",
        ),
        (
            Regime::Gdpr,
            "US",
            RightKind::Access,
            "2026-06-30T22:30:00Z",
            "2026-07-30",
            "2026-07-30",
            "no zone is known: UTC",
        ),
        (
            Regime::Popia,
            "ZA",
            RightKind::Erasure,
            "2026-11-27T10:00:00Z",
            "2026-12-28",
            "2026-12-27",
            "27 December 2026 is a Sunday: the Monday",
        ),
        (
            Regime::Popia,
            "ZA",
            RightKind::Access,
            "2026-11-25T10:00:00Z",
            "2026-12-28",
            "2026-12-25",
            "Christmas, Day of Goodwill, Sunday",
        ),
        (
            Regime::Popia,
            "ZA",
            RightKind::Access,
            "2026-11-12T10:00:00Z",
            "2026-12-12",
            "2026-12-12",
            "a Saturday counts",
        ),
        (
            Regime::Popia,
            "ZA",
            RightKind::Rectification,
            "2026-07-10T10:00:00Z",
            "2026-08-11",
            "2026-08-09",
            "Women's Day on a Sunday, and the Monday after it",
        ),
        (
            Regime::Popia,
            "ZA",
            RightKind::Access,
            "2026-10-31T22:30:00Z",
            "2026-12-01",
            "2026-12-01",
            "in South Africa it is 1 November already",
        ),
        (
            Regime::Popia,
            "ZA",
            RightKind::Inquiry,
            "2027-11-27T10:00:00Z",
            "2027-12-28",
            "2027-12-27",
            "26 December a Sunday, 27 the Monday after it",
        ),
    ];

    fn due(regime: Regime, country: &str, right: RightKind, received: &str) -> RequestDeadlines {
        request_deadlines(right, regime, Some(country), received.parse().unwrap(), &[])
    }

    #[test]
    fn every_row_is_due_when_its_provision_says() {
        for (regime, country, right, received, legal, on, why) in ROWS {
            let d = due(*regime, country, *right, received);
            let zone = if *regime == Regime::Popia {
                Tz::Africa__Johannesburg
            } else {
                zone(country).unwrap_or(Tz::UTC)
            };
            let day = |at: Timestamp| at.with_timezone(&zone).date_naive().to_string();
            assert_eq!(day(d.legal_due), *legal, "{country} {received}: {why}");
            assert_eq!(d.due_on, *on, "{country} {received}: {why}");
            assert_eq!(day(d.due), *on, "{country} {received}: {why}");
        }
    }

    #[test]
    fn more_time_is_there_once_and_only_where_a_law_gives_it() {
        for right in RightKind::ALL {
            let eu = due(Regime::Gdpr, "DE", right, "2026-11-30T10:00:00Z");
            assert_eq!(
                eu.extended_due.unwrap().date_naive().to_string(),
                "2027-03-01",
                "three months end on 28 February, a Sunday"
            );
            assert_eq!(eu.extension_notice_by, Some(eu.legal_due), "GDPR 12(3): within the first month");
            let za = due(Regime::Popia, "ZA", right, "2026-06-01T10:00:00Z");
            let access = matches!(right, RightKind::Access | RightKind::Portability);
            assert_eq!(za.extension_possible, access, "PAIA s57(1)");
            if access {
                assert_eq!(za.extended_due.unwrap().date_naive().to_string(), "2026-07-31");
            }
        }
    }

    #[test]
    fn declared_and_regional_days_move_a_last_day() {
        let on = |days: &[&str]| {
            let days: Vec<NaiveDate> = days.iter().map(|d| d.parse().unwrap()).collect();
            request_deadlines(
                RightKind::Access,
                Regime::Popia,
                Some("ZA"),
                "2026-10-05T08:00:00Z".parse().unwrap(),
                &days,
            )
            .legal_due
            .date_naive()
            .to_string()
        };
        assert_eq!(on(&[]), "2026-11-04");
        assert_eq!(
            on(&["2026-11-04"]),
            "2026-11-05",
            "an election day is a public holiday (Act 36 of 1994 s2A)"
        );
    }

    proptest! {
        #[test]
        fn the_earlier_is_due_and_a_law_s_last_day_is_never_a_day_of_rest(
            second in 1_600_000_000i64..2_400_000_000, right in 0usize..8, country in 0usize..20, gdpr: bool,
        ) {
            let countries = ["ZA", "DE", "FR", "NL", "GR", "IE", "ES", "PT", "IT", "SE", "DK", "FI", "AT", "BE", "PL", "CZ", "HU", "HR", "LU", "XX"];
            let regime = if gdpr { Regime::Gdpr } else { Regime::Popia };
            let at = DateTime::from_timestamp(second, 0).unwrap();
            let d = request_deadlines(RightKind::ALL[right], regime, Some(countries[country]), at, &[]);
            prop_assert!(d.due <= d.legal_due && d.due <= d.promise_due && d.due > at);
            prop_assert!(at <= d.alarm_50 && d.alarm_50 <= d.alarm_80 && d.alarm_80 <= d.alarm_100 && d.alarm_100 == d.due);
            let zone = if gdpr { zone(countries[country]).unwrap_or(Tz::UTC) } else { Tz::Africa__Johannesburg };
            let last = d.legal_due.with_timezone(&zone).date_naive();
            prop_assert!(last.weekday() != Weekday::Sun && !(gdpr && last.weekday() == Weekday::Sat));
            prop_assert!(d.extended_due.is_none_or(|e| e > d.legal_due));
            let later = request_deadlines(RightKind::ALL[right], regime, Some(countries[country]), at + TimeDelta::days(1), &[]);
            prop_assert!(later.due >= d.due);
        }
    }
}
