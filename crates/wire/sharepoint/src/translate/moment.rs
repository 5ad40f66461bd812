//! Dates and times as list fields write them: `2026-01-31T12:00:00Z` (MS-OUTSPS 3.2.4.2.2).

use kontor_ical::value::{When, when};
use kontor_ical::zone::Zone;

/// Seconds of a day.
pub(crate) const DAY: i64 = 86_400;

/// What a field says: a wall-clock time, and how far it is east of UTC if it says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Moment {
    /// Local seconds, as written.
    pub(crate) local: i64,
    /// Seconds east of UTC; `None` if the field names no zone.
    pub(crate) offset: Option<i64>,
}

impl Moment {
    /// Reads `2026-01-31T12:00:00Z`, also with a blank for the `T`, with fractions of a second, with an offset, without
    /// any zone, or without a time. `None` if it is no date.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        let (date, rest) = text.split_at_checked(10)?;
        let rest = rest.strip_prefix(['T', 't', ' ']).map_or(rest, str::trim_start);
        let clock_end = rest.find(|c: char| !(c.is_ascii_digit() || c == ':')).unwrap_or(rest.len());
        let (clock, zone) = rest.split_at_checked(clock_end)?;
        let zone = match zone.strip_prefix('.') {
            Some(fraction) => fraction.trim_start_matches(|c: char| c.is_ascii_digit()),
            None => zone,
        };
        let digits = |text: &str, sign| text.chars().filter(|c| *c != sign).collect::<String>();
        let clock = match digits(clock, ':') {
            none if none.is_empty() => "000000".to_owned(),
            short if short.len() == 4 => short + "00",
            clock => clock,
        };
        let local = match when(&format!("{}T{clock}", digits(date, '-')))? {
            When::Local(local) => local,
            When::Utc(_) | When::Date(_) => return None,
        };
        Some(Self { local, offset: offset(zone.trim())? })
    }

    /// The instant; `zone` is where a time without a zone belongs.
    pub(crate) fn instant(self, zone: &Zone) -> i64 {
        match self.offset {
            Some(offset) => self.local - offset,
            None => zone.to_instant(self.local),
        }
    }

    /// The day that a field of an all-day event means: the day as written if it starts there (MS-OUTSPS 3.2.1.1: 0 hours
    /// UTC); some clients send midnight of their own zone.
    pub(crate) fn day(self, zone: &Zone) -> i64 {
        let there = zone.to_local(self.instant(zone));
        let local = if self.local % DAY != 0 && there % DAY == 0 { there } else { self.local };
        local.div_euclid(DAY)
    }
}

/// `Z`, nothing, `+02:00`. The outer `None`: none of these.
fn offset(text: &str) -> Option<Option<i64>> {
    if text.is_empty() {
        return Some(None);
    }
    if text.eq_ignore_ascii_case("z") {
        return Some(Some(0));
    }
    let compact: String = text.chars().filter(|c| *c != ':').collect();
    kontor_ical::value::utc_offset(&compact).map(|seconds| Some(i64::from(seconds)))
}

/// First and last second that four digits of a year can tell.
const YEARS: (i64, i64) = (-62_135_596_800, 253_402_300_799);

/// An instant as a field value.
pub(crate) fn written(instant: i64) -> String {
    spelled(instant, "T", "Z")
}

/// `2026-01-31T12:00:00Z` for seconds since 1970, with other words where `T` and `Z` are, in the years 1 to 9999. Rows
/// have many times: they are put together digit by digit.
#[must_use]
pub fn spelled(seconds: i64, between: &str, end: &str) -> String {
    let seconds = seconds.clamp(YEARS.0, YEARS.1);
    let (year, month, day) = civil(seconds.div_euclid(DAY));
    let clock = seconds.rem_euclid(DAY);
    let mut out = String::with_capacity(20);
    let mut two = |number: i64, after: &str| {
        out.push((b'0' + (number / 10 % 10) as u8) as char);
        out.push((b'0' + (number % 10) as u8) as char);
        out.push_str(after);
    };
    two(i64::from(year / 100), "");
    two(i64::from(year), "-");
    two(i64::from(month), "-");
    two(i64::from(day), between);
    two(clock / 3_600, ":");
    two(clock / 60 % 60, ":");
    two(clock % 60, end);
    out
}

/// Year, month and day of a day number.
pub(crate) fn civil(days: i64) -> (i32, u8, u8) {
    // Counted in years that start with March, so that a leap day is the last of its year.
    let shifted = days + 719_468;
    let (era, of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march = (5 * of_year + 2) / 153;
    let day = (of_year - (153 * march + 2) / 5 + 1) as u8;
    let month = if march < 10 { march + 3 } else { march - 9 } as u8;
    ((year_of_era + era * 400) as i32 + i32::from(month <= 2), month, day)
}

/// Day number of a civil date; `None` if there is none.
pub(crate) fn days(year: i32, month: u8, day: u8) -> Option<i64> {
    if !(1..=12).contains(&month) || !(1..=month_len(year, month)).contains(&day) {
        return None;
    }
    let march = (i64::from(month) + 9) % 12;
    let year = i64::from(year) - i64::from(month <= 2);
    let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * march + 2) / 5 + i64::from(day) - 1;
    Some(era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + of_year - 719_468)
}

/// Days of a month.
pub(crate) fn month_len(year: i32, month: u8) -> u8 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Day of the week: Monday is 0, Sunday is 6.
pub(crate) fn weekday(days: i64) -> u8 {
    (days + 3).rem_euclid(7) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_read_in_every_spelling() {
        let berlin = Zone::named("Europe/Berlin").unwrap();
        let check = |text: &str, expect: &str| {
            let instant = Moment::read(text).unwrap_or_else(|| panic!("{text}")).instant(&berlin);
            assert_eq!(written(instant), expect, "{text}");
        };
        check("2026-01-31T12:00:00Z", "2026-01-31T12:00:00Z");
        check("2026-01-31 12:00:00", "2026-01-31T11:00:00Z");
        check("2026-07-31T12:00:00.000+02:00", "2026-07-31T10:00:00Z");
        check("2026-07-31T12:00Z", "2026-07-31T12:00:00Z");
        check(" 2026-07-31 ", "2026-07-30T22:00:00Z");
        check("2026-07-31T12:00:00z", "2026-07-31T12:00:00Z");
        for text in
            ["", "soon", "2026-02-30T00:00:00Z", "2026-01-01T25:00:00Z", "2026-01-01T00:00:00X", "äääää"]
        {
            assert_eq!(Moment::read(text), None, "{text}");
        }
    }

    #[test]
    fn days_are_those_of_the_field_or_of_the_zone() {
        let berlin = Zone::named("Europe/Berlin").unwrap();
        let day = |text: &str| civil(Moment::read(text).unwrap().day(&berlin));
        assert_eq!(day("2026-05-19T00:00:00Z"), (2026, 5, 19));
        assert_eq!(day("2026-05-18T22:00:00Z"), (2026, 5, 19));
        assert_eq!(day("2026-05-19T23:59:00Z"), (2026, 5, 19));
    }

    #[test]
    fn civil_dates() {
        assert_eq!(civil(0), (1970, 1, 1));
        assert_eq!(days(1970, 1, 1), Some(0));
        assert_eq!(weekday(0), 3);
        assert_eq!((month_len(2024, 2), month_len(2026, 2), month_len(2026, 4)), (29, 28, 30));
        for day in (-700_000..2_900_000).step_by(13) {
            let (year, month, of_month) = civil(day);
            assert_eq!(days(year, month, of_month), Some(day));
        }
        assert_eq!((days(2026, 2, 29), days(2026, 13, 1), days(2026, 1, 0)), (None, None, None));
    }
}
