//! The value types of RFC 5545 3.3 that carry time: DATE, DATE-TIME, DURATION, UTC-OFFSET.

use std::fmt;

use crate::civil::{DAY, Date, YEARS, month_len};

/// A DATE or DATE-TIME value before its TZID parameter is looked at (RFC 5545 3.3.4, 3.3.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// `20260131`: day number since 1970.
    Date(i64),
    /// `20260131T120000`: wall-clock time, in local seconds.
    Local(i64),
    /// `20260131T120000Z`: seconds since 1970 in UTC.
    Utc(i64),
}

/// Reads a DATE or DATE-TIME; a leap second is read as the second before it. `None` if it is neither.
#[must_use]
pub fn when(text: &str) -> Option<When> {
    let bytes = text.trim().as_bytes();
    let (date, time) = bytes.split_at_checked(8)?;
    let year = i32::try_from(digits(date.get(..4)?)?).ok()?;
    let month = u8::try_from(digits(date.get(4..6)?)?).ok()?;
    let day = u8::try_from(digits(date.get(6..8)?)?).ok()?;
    if !YEARS.contains(&year) || !(1..=12).contains(&month) || !(1..=month_len(year, month)).contains(&day) {
        return None;
    }
    let days = Date { year, month, day }.days();
    if time.is_empty() {
        return Some(When::Date(days));
    }
    let (clock, zulu) = match time.split_last()? {
        (b'Z' | b'z', clock) => (clock, true),
        _ => (time, false),
    };
    let [b'T' | b't', clock @ ..] = clock else { return None };
    if clock.len() != 6 {
        return None;
    }
    let (hour, minute) = (digits(clock.get(..2)?)?, digits(clock.get(2..4)?)?);
    let second = digits(clock.get(4..)?)?;
    if hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let seconds = days * DAY + hour * 3_600 + minute * 60 + second.min(59);
    Some(if zulu { When::Utc(seconds) } else { When::Local(seconds) })
}

fn digits(bytes: &[u8]) -> Option<i64> {
    bytes.iter().try_fold(0i64, |number, byte| {
        let digit = byte.wrapping_sub(b'0');
        (digit <= 9).then(|| number * 10 + i64::from(digit))
    })
}

impl fmt::Display for When {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (days, clock) = match *self {
            Self::Date(days) => (days, 0),
            Self::Local(seconds) | Self::Utc(seconds) => (seconds.div_euclid(DAY), seconds.rem_euclid(DAY)),
        };
        let date = Date::of(days);
        // Calendars have many of these: digits are put down by hand.
        let two = |number: i64| [b'0' + (number / 10 % 10) as u8, b'0' + (number % 10) as u8];
        let year = i64::from(date.year);
        if !(0..=9999).contains(&year) {
            write!(f, "{year:04}")?;
        }
        let own = year.rem_euclid(10_000);
        let ([y0, y1], [y2, y3]) = (two(own / 100), two(own));
        let ([m0, m1], [d0, d1]) = (two(i64::from(date.month)), two(i64::from(date.day)));
        let ([h0, h1], [i0, i1], [s0, s1]) = (two(clock / 3_600), two(clock / 60 % 60), two(clock % 60));
        let text = [y0, y1, y2, y3, m0, m1, d0, d1, b'T', h0, h1, i0, i1, s0, s1, b'Z'];
        let first = if (0..=9999).contains(&year) { 0 } else { 4 };
        let last = match self {
            Self::Date(_) => 8,
            Self::Local(_) => 15,
            Self::Utc(_) => 16,
        };
        let text = text.get(first..last).and_then(|text| str::from_utf8(text).ok());
        f.write_str(text.unwrap_or_default())
    }
}

/// A DURATION (RFC 5545 3.3.6): days follow the calendar, seconds the clock. Both have the same sign.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Duration {
    /// Whole days, weeks included; nominal, so 23 to 25 hours each.
    pub days: i32,
    /// Exact seconds.
    pub seconds: i64,
}

impl Duration {
    /// So many exact seconds.
    #[must_use]
    pub const fn seconds(seconds: i64) -> Self {
        Self { days: 0, seconds }
    }

    /// Length if every day had 24 hours.
    #[must_use]
    pub fn nominal(self) -> i64 {
        i64::from(self.days) * DAY + self.seconds
    }
}

/// Reads a DURATION such as `-P1DT2H30M` or `P2W`. `None` if it is none, or longer than some 10,000 years.
#[must_use]
pub fn duration(text: &str) -> Option<Duration> {
    let text = text.trim().to_ascii_uppercase();
    let (sign, rest) = match text.as_bytes().first()? {
        b'-' => (-1, text.get(1..)?),
        b'+' => (1, text.get(1..)?),
        _ => (1, text.as_str()),
    };
    let (mut days, mut seconds, mut number, mut in_clock, mut parts) = (0i64, 0i64, None, false, 0);
    for byte in rest.strip_prefix('P')?.bytes() {
        if byte.is_ascii_digit() {
            let digit = i64::from(byte - b'0');
            number = Some(number.unwrap_or(0i64).checked_mul(10)?.checked_add(digit)?);
            continue;
        }
        if byte == b'T' && !in_clock && number.is_none() {
            in_clock = true;
            continue;
        }
        let amount = number.take()?.min(1 << 40);
        match (byte, in_clock) {
            (b'W', false) => days += amount * 7,
            (b'D', false) => days += amount,
            (b'H', true) => seconds += amount * 3_600,
            (b'M', true) => seconds += amount * 60,
            (b'S', true) => seconds += amount,
            _ => return None,
        }
        parts += 1;
        if parts > 5 {
            return None;
        }
    }
    if number.is_some() || parts == 0 || days > 3_660_000 || seconds > 3_660_000 * DAY {
        return None;
    }
    Some(Duration { days: (sign * days) as i32, seconds: sign * seconds })
}

impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let negative = self.days < 0 || self.seconds < 0;
        f.write_str(if negative { "-P" } else { "P" })?;
        let (days, seconds) = (self.days.unsigned_abs(), self.seconds.unsigned_abs());
        if days != 0 {
            write!(f, "{days}D")?;
        }
        if seconds != 0 || days == 0 {
            f.write_str("T")?;
        }
        for (amount, unit) in [(seconds / 3_600, "H"), (seconds / 60 % 60, "M")] {
            if amount != 0 {
                write!(f, "{amount}{unit}")?;
            }
        }
        if seconds % 60 != 0 || (seconds == 0 && days == 0) { write!(f, "{}S", seconds % 60) } else { Ok(()) }
    }
}

/// Reads a UTC-OFFSET such as `+0100` or `-003015`; seconds east of UTC.
#[must_use]
pub fn utc_offset(text: &str) -> Option<i32> {
    let (sign, number) = match text.trim().as_bytes().split_first()? {
        (b'+', rest) => (1, rest),
        (b'-', rest) => (-1, rest),
        _ => return None,
    };
    if !matches!(number.len(), 4 | 6) {
        return None;
    }
    let (hours, minutes) = (digits(number.get(..2)?)?, digits(number.get(2..4)?)?);
    let seconds = digits(number.get(4..)?)?;
    (hours < 24 && minutes < 60 && seconds < 60)
        .then_some(sign * (hours * 3_600 + minutes * 60 + seconds) as i32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_times_come_back_as_written() {
        for text in ["20260131", "20240229T235959", "19700101T000000Z", "99991231", "00010101T000000"] {
            assert_eq!(when(text).unwrap().to_string(), text);
        }
        assert_eq!(when("20161231T235960Z"), when("20161231T235959Z"));
        // What is reckoned may lie outside of what can be written; it is told all the same.
        assert_eq!(When::Date(-719_529).to_string(), "-0011231");
        assert_eq!(When::Local(253_402_300_800).to_string(), "100000101T000000");
        for text in [
            "",
            "2026",
            "20260230",
            "20261301",
            "20260101T",
            "20260101T2500",
            "20260101T240000",
            "2026-01-01",
            "20260101Z",
        ] {
            assert_eq!(when(text), None, "{text}");
        }
    }

    #[test]
    fn durations_come_back() {
        let check = |text: &str, days: i32, seconds: i64, written: &str| {
            let read = duration(text).unwrap();
            assert_eq!(read, Duration { days, seconds }, "{text}");
            assert_eq!(read.to_string(), written);
        };
        check("P2W", 14, 0, "P14D");
        check("-P1DT2H30M", -1, -9_000, "-P1DT2H30M");
        check("PT0S", 0, 0, "PT0S");
        check("+PT90S", 0, 90, "PT1M30S");
        check("pt1h", 0, 3_600, "PT1H");
        for text in ["", "P", "PT", "1H", "P1H", "PT1", "P1Y", "PT99999999999999999999S", "P9999999999D"] {
            assert_eq!(duration(text), None, "{text}");
        }
    }

    #[test]
    fn offsets_are_east_positive() {
        assert_eq!(utc_offset("+0100"), Some(3_600));
        assert_eq!(utc_offset("-003015"), Some(-1_815));
        for text in ["0100", "+1", "+2500", "", "+01:00"] {
            assert_eq!(utc_offset(text), None, "{text}");
        }
    }
}
