//! Instants as DAV and HTTP write them.

use kontor_model::Timestamp;
use std::fmt::Write;

/// Days before each month in a year that begins in March.
fn civil(days: i64) -> (i64, usize, i64) {
    // Days since 0000-03-01; eras of 400 years have 146,097 days.
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * march_month + 2) / 5 + 1;
    let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), usize::try_from(month).unwrap_or(1), day)
}

/// `2026-11-21T21:04:05Z` (RFC 3339), as DAV:creationdate wants it.
pub(crate) fn iso(at: Timestamp) -> String {
    let (days, second) = (at.secs().div_euclid(86_400), at.secs().rem_euclid(86_400));
    let (year, month, day) = civil(days);
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// `Sat, 21 Nov 2026 21:04:05 GMT` (RFC 9110 5.6.7).
pub(crate) fn http(at: Timestamp) -> String {
    let (days, second) = (at.secs().div_euclid(86_400), at.secs().rem_euclid(86_400));
    let (year, month, day) = civil(days);
    let weekday =
        usize::try_from(days.rem_euclid(7)).ok().and_then(|n| DAYS.get(n)).copied().unwrap_or_default();
    let name = MONTHS.get(month.wrapping_sub(1)).copied().unwrap_or_default();
    let mut out = String::with_capacity(29);
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    let _ = write!(out, "{weekday}, {day:02} {name} {year:04} {hour:02}:{minute:02}:{second:02} GMT");
    out
}

/// Seconds since 1970 of an IMF-fixdate; other forms are obsolete and count as no date (RFC 9110 13.1.3).
pub(crate) fn parse_http(text: &str) -> Option<i64> {
    let (_, rest) = text.split_once(", ")?;
    let mut words = rest.split(' ');
    let day: i64 = words.next()?.parse().ok()?;
    let name = words.next()?;
    let month = MONTHS.iter().position(|month| *month == name)? + 1;
    let year: i64 = words.next()?.parse().ok()?;
    let mut time = words.next()?.splitn(3, ':').map(|part| part.parse::<i64>().ok());
    let (hour, minute, second) = (time.next()??, time.next()??, time.next()??);
    let fits = (1..=31).contains(&day)
        && (1..=9_999).contains(&year)
        && (0..24).contains(&hour)
        && (0..60).contains(&minute)
        && (0..=60).contains(&second);
    let shape = fits && words.next() == Some("GMT") && words.next().is_none();
    shape.then(|| {
        days_from_civil(year, i64::try_from(month).unwrap_or(1), day) * 86_400
            + hour * 3_600
            + minute * 60
            + second
    })
}

fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_written_and_read() {
        for (secs, written, day) in [
            (0, "Thu, 01 Jan 1970 00:00:00 GMT", "1970-01-01T00:00:00Z"),
            (951_827_696, "Tue, 29 Feb 2000 12:34:56 GMT", "2000-02-29T12:34:56Z"),
            (1_795_295_045, "Sat, 21 Nov 2026 21:04:05 GMT", "2026-11-21T21:04:05Z"),
            (-1, "Wed, 31 Dec 1969 23:59:59 GMT", "1969-12-31T23:59:59Z"),
        ] {
            assert_eq!(http(Timestamp::from_secs(secs)), written);
            assert_eq!(iso(Timestamp::from_secs(secs)), day);
            assert_eq!(parse_http(written), Some(secs));
        }
        for bad in [
            "",
            "Thu",
            "Thu, 01 Foo 1970 00:00:00 GMT",
            "Thu, 01 Jan 1970 25:00:00 GMT",
            "Thu, 01 Jan 1970 00:00 GMT",
            "Thu, 01 Jan 1970 00:00:00 UTC",
            "Thu, 99999999999999999999 Jan 1970 00:00:00 GMT",
        ] {
            assert_eq!(parse_http(bad), None, "{bad}");
        }
    }
}
