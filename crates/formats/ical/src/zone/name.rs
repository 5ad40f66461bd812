//! Zone names: IANA, vendor prefixes, Windows, fixed offsets; and the memory of zones already built.

use std::collections::HashMap;
use std::sync::{LazyLock, PoisonError, RwLock};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use windows_timezones::WindowsTimezone;

use super::{Id, Table, Zone};

/// Named zones kept built (about 10 KiB each); when more different ones were asked for, all are forgotten and built again
/// as needed. There are some 600 names, and a few spellings of each.
const NAMES: usize = 1_024;

/// Zones of own rules kept built.
const RULES: usize = 128;

/// Rules longer than this are built each time, so that nobody fills memory with them.
const LONGEST_RULES: usize = 4_096;

/// Names longer than this are nobody's.
const LONGEST_NAME: usize = 255;

type Built = RwLock<HashMap<Box<[u8]>, Zone>>;
static NAMED: LazyLock<Built> = LazyLock::new(Built::default);
static RULED: LazyLock<Built> = LazyLock::new(Built::default);

/// The zone remembered under a key, or built now; what cannot be built is not remembered.
fn remembered(built: &Built, most: usize, key: &[u8], build: impl FnOnce() -> Option<Zone>) -> Option<Zone> {
    if let Some(zone) = built.read().unwrap_or_else(PoisonError::into_inner).get(key) {
        return Some(zone.clone());
    }
    let zone = build()?;
    let mut map = built.write().unwrap_or_else(PoisonError::into_inner);
    if map.len() >= most {
        map.clear();
    }
    map.insert(key.into(), zone.clone());
    Some(zone)
}

impl Zone {
    /// A zone by its IANA name, in any letter case.
    #[must_use]
    pub fn iana(name: &str) -> Option<Self> {
        if name.is_empty() || name.len() > LONGEST_NAME {
            return None;
        }
        remembered(&NAMED, NAMES, name.as_bytes(), || {
            let zone = jiff::tz::db().get(name).ok()?;
            let canonical = zone.iana_name()?.to_owned();
            Some(Self::build(Id::Iana(canonical.into()), table_of(&zone)))
        })
    }

    /// A zone by the name Windows gives it, such as `Eastern Standard Time`.
    #[must_use]
    pub fn windows(name: &str) -> Option<Self> {
        let windows: WindowsTimezone = name.parse().ok()?;
        Self::iana(windows.tzdb_id())
    }

    /// A zone by a name that needs no VTIMEZONE: IANA, IANA behind a vendor's prefix, Windows.
    #[must_use]
    pub fn known(tzid: &str) -> Option<Self> {
        let tzid = tzid.trim_matches(|c: char| c.is_whitespace() || c == '"');
        Self::iana(tzid).or_else(|| unprefixed(tzid)).or_else(|| Self::windows(tzid))
    }

    /// A zone by any name this room can read without a VTIMEZONE, fixed offsets such as `GMT+0100` included.
    #[must_use]
    pub fn named(tzid: &str) -> Option<Self> {
        Self::known(tzid).or_else(|| fixed_name(tzid))
    }

    /// A zone by its stored rules.
    pub(super) fn remembered_rules(key: &[u8], build: impl FnOnce() -> Option<Self>) -> Option<Self> {
        if key.len() > LONGEST_RULES { build() } else { remembered(&RULED, RULES, key, build) }
    }
}

/// `/vendor/version/Europe/Berlin`: the longest ending that is an IANA name.
fn unprefixed(tzid: &str) -> Option<Zone> {
    tzid.match_indices('/').take(8).find_map(|(at, _)| Zone::iana(tzid.get(at + 1..)?))
}

/// `GMT+0100`, `UTC-05:30`, `+02:00`, `Z`, and what Windows shows: `(UTC+01:00) Amsterdam, Berlin`, whose offset alone is
/// nearer the truth than no zone.
pub(super) fn fixed_name(tzid: &str) -> Option<Zone> {
    let tzid = tzid.trim();
    let shown = tzid.strip_prefix('(').and_then(|rest| rest.split_once(')')).map(|(offset, _)| offset);
    let upper = shown.unwrap_or(tzid).to_ascii_uppercase();
    if upper == "Z" || (shown.is_some() && upper == "UTC") {
        return Some(Zone::utc());
    }
    let offset = upper.strip_prefix("UTC").or_else(|| upper.strip_prefix("GMT")).unwrap_or(&upper);
    let (sign, digits) = match offset.split_at_checked(1)? {
        ("+", rest) => (1, rest),
        ("-", rest) => (-1, rest),
        _ => return None,
    };
    let digits: String = digits.chars().filter(|c| *c != ':').collect();
    if digits.is_empty() || digits.len() > 4 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let number: i32 = digits.parse().ok()?;
    let (hours, minutes) = if digits.len() <= 2 { (number, 0) } else { (number / 100, number % 100) };
    (hours <= 14 && minutes < 60).then(|| Zone::fixed(sign * (hours * 3_600 + minutes * 60)))
}

fn table_of(zone: &TimeZone) -> Table {
    let end = Table::end();
    let transitions = zone
        .following(Timestamp::MIN)
        .map(|change| (change.timestamp().as_second(), change.offset().seconds()))
        .take_while(|(at, _)| *at < end);
    Table::new(zone.to_offset(Timestamp::MIN).seconds(), transitions)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_every_maker_are_known() {
        let check = |name: &str, expect: Option<&str>| {
            let zone = Zone::named(name);
            assert_eq!(zone.as_ref().and_then(Zone::iana_name), expect, "{name}");
        };
        check("Europe/Berlin", Some("Europe/Berlin"));
        check("europe/berlin", Some("Europe/Berlin"));
        check("/mozilla.org/20050126_1/Europe/Berlin", Some("Europe/Berlin"));
        check("/freeassociation.sourceforge.net/Tzfile/America/New_York", Some("America/New_York"));
        check("W. Europe Standard Time", Some("Europe/Berlin"));
        check("\"Pacific Standard Time\"", Some("America/Los_Angeles"));
        check("Nowhere/Land", None);
        check("", None);
    }

    #[test]
    fn offsets_may_be_names() {
        let check =
            |name: &str, expect: i32| assert_eq!(Zone::named(name).unwrap().offset_at(0), expect, "{name}");
        check("GMT+0100", 3_600);
        check("UTC-05:30", -19_800);
        check("+02:00", 7_200);
        check("UTC+9", 32_400);
        check("Z", 0);
        check("(UTC+01:00) Amsterdam, Berlin, Bern", 3_600);
        check("(UTC) Dublin, Lisbon", 0);
        assert!(fixed_name("GMT+99").is_none());
    }
}
