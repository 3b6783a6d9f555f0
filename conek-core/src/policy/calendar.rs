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
pub(crate) fn easter(year: i32) -> Option<NaiveDate> {
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
mod tests;
