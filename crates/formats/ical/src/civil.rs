//! The proleptic Gregorian calendar on plain integers: days since 1970-01-01 and seconds of wall-clock time.
//!
//! A *local second* is wall-clock time counted as if it were UTC: `days * 86_400 + second of day`. It carries no zone.

/// Seconds in a civil day.
pub(crate) const DAY: i64 = 86_400;

/// The last second of the year 9999.
pub(crate) const END: i64 = 253_402_300_799;

/// Years that dates may lie in; the text form has four digits.
pub(crate) const YEARS: std::ops::RangeInclusive<i32> = 1..=9999;

/// One day with the numbers that recurrence rules ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Date {
    pub(crate) year: i32,
    /// 1..=12
    pub(crate) month: u8,
    /// 1..=31
    pub(crate) day: u8,
}

impl Date {
    /// The civil date of a day number.
    pub(crate) fn of(days: i64) -> Self {
        // Years run from March, so that the leap day is the last of its year; eras are 400 such years.
        let shifted = days + 719_468;
        let era = shifted.div_euclid(146_097);
        let of_era = shifted.rem_euclid(146_097);
        let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let march_month = (5 * of_year + 2) / 153;
        let day = (of_year - (153 * march_month + 2) / 5 + 1) as u8;
        let month = if march_month < 10 { march_month + 3 } else { march_month - 9 } as u8;
        let year = (year_of_era + era * 400) as i32 + i32::from(month <= 2);
        Self { year, month, day }
    }

    /// The day number of a civil date; the day may run over the month's end.
    pub(crate) fn days(self) -> i64 {
        let year = i64::from(self.year) - i64::from(self.month <= 2);
        let era = year.div_euclid(400);
        let year_of_era = year.rem_euclid(400);
        let march_month = (i64::from(self.month) + 9) % 12;
        let of_year = (153 * march_month + 2) / 5 + i64::from(self.day) - 1;
        era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + of_year - 719_468
    }
}

/// Day number of the first of January.
pub(crate) fn new_year(year: i32) -> i64 {
    Date { year, month: 1, day: 1 }.days()
}

/// Monday is 0, Sunday is 6.
pub(crate) fn weekday(days: i64) -> u8 {
    (days + 3).rem_euclid(7) as u8
}

pub(crate) fn is_leap(year: i32) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

pub(crate) fn year_len(year: i32) -> i64 {
    if is_leap(year) { 366 } else { 365 }
}

/// Days in a month; `month` is 1..=12.
pub(crate) fn month_len(year: i32, month: u8) -> u8 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Number of the week that a day lies in, and how many weeks the year of that week has. Weeks start on `wkst`;
/// week 1 is the first with at least four days in its year (RFC 5545 3.3.10, BYWEEKNO).
pub(crate) fn week_of(days: i64, wkst: u8) -> (u8, u8) {
    let year = Date::of(days).year;
    let (mut first, mut next) = (first_week(year, wkst), first_week(year + 1, wkst));
    if days < first {
        (first, next) = (first_week(year - 1, wkst), first);
    } else if days >= next {
        (first, next) = (next, first_week(year + 2, wkst));
    }
    (((days - first) / 7 + 1) as u8, ((next - first) / 7) as u8)
}

/// First day of week 1 of a year.
fn first_week(year: i32, wkst: u8) -> i64 {
    let january = new_year(year);
    let into = (i64::from(weekday(january)) - i64::from(wkst)).rem_euclid(7);
    if into <= 3 { january - into } else { january + 7 - into }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_dates_are_inverse() {
        for days in (-800_000..3_000_000).step_by(17) {
            assert_eq!(Date::of(days).days(), days);
        }
        assert_eq!(Date::of(0), Date { year: 1970, month: 1, day: 1 });
        assert_eq!(Date { year: 2024, month: 2, day: 29 }.days(), 19_782);
    }

    #[test]
    fn weekdays_start_on_monday() {
        assert_eq!(weekday(0), 3, "1970-01-01 was a Thursday");
        assert_eq!(weekday(-4), 6);
    }

    #[test]
    fn weeks_follow_iso_8601_when_they_start_on_monday() {
        let check =
            |year, month, day, expect| assert_eq!(week_of(Date { year, month, day }.days(), 0), expect);
        check(2020, 12, 31, (53, 53));
        check(2021, 1, 3, (53, 53));
        check(2021, 1, 4, (1, 52));
        check(2024, 12, 30, (1, 52));
    }
}
