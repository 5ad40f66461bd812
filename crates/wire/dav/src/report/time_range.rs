//! Instants and spans in reports (RFC 4791 9.9, RFC 5545 3.3.5).

use std::fmt;

use crate::error::{Error, Result};
use crate::name::{Name, caldav};
use crate::xml::{Element, Writer};

/// An instant: seconds since 1970-01-01T00:00:00Z, leap seconds not counted. Written as `20260104T120000Z`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Utc(pub i64);

impl Utc {
    /// Reads `yyyymmddThhmmssZ`; `None` when it is anything else, or no such day.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes: &[u8; 16] = text.as_bytes().try_into().ok()?;
        let [y0, y1, y2, y3, m0, m1, d0, d1, b'T', h0, h1, i0, i1, s0, s1, b'Z'] = bytes else { return None };
        let year = number(&[*y0, *y1, *y2, *y3])?;
        let (month, day) = (number(&[*m0, *m1])?, number(&[*d0, *d1])?);
        let (hour, minute, second) = (number(&[*h0, *h1])?, number(&[*i0, *i1])?, number(&[*s0, *s1])?);
        let fits = (1..=12).contains(&month) && (1..=month_days(year, month)).contains(&day);
        // a leap second is the first second of the next minute
        if !fits || hour > 23 || minute > 59 || second > 60 {
            return None;
        }
        Some(Utc(days(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second))
    }
}

impl fmt::Display for Utc {
    /// Years beyond 0..=9999 do not fit the form and are written at its edge.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.clamp(days(0, 1, 1) * 86_400, days(10_000, 1, 1) * 86_400 - 1);
        let (day, rest) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
        let (year, month, day) = civil(day);
        let (hour, minute, second) = (rest / 3600, rest / 60 % 60, rest % 60);
        write!(f, "{year:04}{month:02}{day:02}T{hour:02}{minute:02}{second:02}Z")
    }
}

fn number(digits: &[u8]) -> Option<i64> {
    digits.iter().try_fold(0, |sum, digit| digit.is_ascii_digit().then(|| sum * 10 + i64::from(digit - b'0')))
}

fn month_days(year: i64, month: i64) -> i64 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => 31,
    }
}

/// Days from 1970-01-01, counting years from March so that the leap day comes last.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * month + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// Year, month and day of a day counted from 1970-01-01.
fn civil(day: i64) -> (i64, i64, i64) {
    let day = day + 719_468;
    let (era, of_era) = (day.div_euclid(146_097), day.rem_euclid(146_097));
    let years = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * years + years / 4 - years / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let year = era * 400 + years;
    if month < 10 { (year, month + 3, day) } else { (year + 1, month - 9, day) }
}

/// A span with at least one end; start is before end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeRange {
    /// First instant, included; `None` reaches back for ever.
    pub start: Option<Utc>,
    /// Last instant, not included; `None` reaches on for ever.
    pub end: Option<Utc>,
}

impl TimeRange {
    /// Reads the attributes of `element`; at least one must be there.
    pub(crate) fn read(element: &Element) -> std::result::Result<Self, String> {
        let instant = |name: &str| match element.attribute(name) {
            None => Ok(None),
            Some(text) => Utc::parse(text)
                .map(Some)
                .ok_or_else(|| format!("{name} \"{text:.40}\" is not a time in UTC")),
        };
        let range = TimeRange { start: instant("start")?, end: instant("end")? };
        match (range.start, range.end) {
            (None, None) => Err(format!("{} with neither start nor end", element.name.local())),
            (Some(start), Some(end)) if start >= end => {
                Err("time range that ends before it begins".to_owned())
            }
            _ => Ok(range),
        }
    }

    /// Reads a time-range in a filter; a wrong one fails with CALDAV:valid-filter.
    pub(crate) fn in_filter(element: &Element) -> Result<Self> {
        TimeRange::read(element)
            .map_err(|reason| Error::unsupported(element.at, caldav::VALID_FILTER, reason))
    }

    /// Reads a span that needs both ends (RFC 4791 9.6.5 to 9.6.7).
    pub(crate) fn closed(element: &Element) -> Result<Self> {
        match TimeRange::read(element) {
            Ok(range) if range.start.is_some() && range.end.is_some() => Ok(range),
            Ok(_) => Err(element.malformed(format!("{} needs both start and end", element.name.local()))),
            Err(reason) => Err(element.malformed(reason)),
        }
    }

    pub(crate) fn write(&self, w: &mut Writer<'_>, name: &Name) {
        let start = self.start.map(|start| start.to_string());
        let end = self.end.map(|end| end.to_string());
        let attributes: Vec<(&str, &str)> = [("start", &start), ("end", &end)]
            .into_iter()
            .filter_map(|(name, value)| value.as_deref().map(|value| (name, value)))
            .collect();
        w.empty_with(name, &attributes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn instants_are_read() {
        for (text, seconds) in [
            ("19700101T000000Z", 0),
            ("20000229T120000Z", 951_825_600),
            ("19691231T235959Z", -1),
            ("20260104T000000Z", 1_767_484_800),
            ("20161231T235960Z", 1_483_228_800),
            ("00000101T000000Z", -62_167_219_200),
            ("99991231T235959Z", 253_402_300_799),
        ] {
            assert_eq!(Utc::parse(text), Some(Utc(seconds)), "{text}");
        }
        for bad in [
            "",
            "20260104",
            "20260104T000000",
            "20260104T000000z",
            "20260230T000000Z",
            "20250229T000000Z",
            "19000229T000000Z",
            "20260100T000000Z",
            "20261301T000000Z",
            "20260104T240000Z",
            "20260104T006000Z",
            "+0260104T000000Z",
            "2026-01-04T00:00:00Z",
            "２０２６0104",
        ] {
            assert_eq!(Utc::parse(bad), None, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn instants_go_there_and_back(seconds in -62_167_219_200_i64..=253_402_300_799) {
            prop_assert_eq!(Utc::parse(&Utc(seconds).to_string()), Some(Utc(seconds)));
        }

        #[test]
        fn any_instant_can_be_written(seconds in any::<i64>()) {
            prop_assert_eq!(Utc(seconds).to_string().len(), 16);
        }
    }
}
