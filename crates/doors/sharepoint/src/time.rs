//! Times in rows: ISO 8601 in UTC, or the clock of the site, as a client asks (MS-LISTSWS 2.2.4.5, `DateInUtc`).

use kontor_ical::value::{When, when};
use kontor_ical::zone::Zone;
use kontor_model::Timestamp;
use kontor_wire_sharepoint::list::{FieldType, ListKind};
use kontor_wire_sharepoint::row::Row;
use kontor_wire_sharepoint::translate::moment::spelled;

/// Whether a time of this field follows the clock of the site: whole days and dates are the same everywhere.
fn is_zoned(row: &Row, name: &str, holds: FieldType) -> bool {
    let whole_days = matches!(name, "EventDate" | "EndDate") && row.get("fAllDayEvent") == Some("1");
    holds == FieldType::DateTime && !whole_days
}

/// From UTC to the clock of the site: `2026-01-31 13:00:00`.
pub(crate) fn to_site(row: &mut Row, kind: ListKind, zone: &Zone) {
    change(row, kind, |text, zoned| {
        let instant = read(text)?;
        Some(spelled(if zoned { zone.to_local(instant) } else { instant }, " ", ""))
    });
}

/// From what a client wrote to UTC: `2026-01-31T12:00:00Z`. A time with a `Z` is in UTC already.
pub(crate) fn to_utc(row: &mut Row, kind: ListKind, zone: &Zone, utc: bool) {
    change(row, kind, |text, zoned| {
        let local = read(text)?;
        let told = text.trim().ends_with(['Z', 'z']);
        Some(spelled(if zoned && !utc && !told { zone.to_instant(local) } else { local }, "T", "Z"))
    });
}

fn change(row: &mut Row, kind: ListKind, with: impl Fn(&str, bool) -> Option<String>) {
    let all_day = row.get("fAllDayEvent").map(str::to_owned);
    let mut flag = Row::new();
    all_day.into_iter().for_each(|value| flag.push("fAllDayEvent", value));
    for field in row.fields.iter_mut().filter(|field| field.property.is_none() && !field.value.is_empty()) {
        let Some(known) = kind.field(&field.name).filter(|known| known.holds.is_time()) else { continue };
        let zoned = is_zoned(&flag, &field.name, known.holds);
        if let Some(value) = with(&field.value, zoned) {
            field.value = value.into();
        }
    }
}

/// Seconds since 1970 of `2026-01-31T12:00:00Z` and its like, as if the clock showed UTC.
pub(crate) fn read(text: &str) -> Option<i64> {
    let text = text.trim().trim_end_matches(['Z', 'z']);
    let (date, clock) = text.split_once(['T', 't', ' ']).unwrap_or((text, "00:00:00"));
    let mut clock = clock.split_once('.').map_or(clock, |(clock, _)| clock).to_owned();
    if clock.len() == 5 {
        clock.push_str(":00");
    }
    let plain: String = date.chars().filter(|c| *c != '-').collect::<String>() + "T";
    let plain = plain + &clock.chars().filter(|c| *c != ':').collect::<String>();
    match when(&plain)? {
        When::Local(seconds) | When::Utc(seconds) => Some(seconds),
        When::Date(days) => Some(days * 86_400),
    }
}

/// In UTC, as ISO 8601.
pub(crate) fn iso(at: Timestamp) -> String {
    spelled(at.secs(), "T", "Z")
}

/// `20260131 12:00:00`, as definitions of lists have it.
pub(crate) fn compact(at: Timestamp) -> String {
    spelled(at.secs(), " ", "").replace('-', "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_follow_the_clock_of_the_site() {
        let zone = Zone::iana("Europe/Berlin").unwrap();
        let row = |all_day: &'static str| {
            let mut row = Row::new();
            row.push("fAllDayEvent", all_day);
            row.push("EventDate", "2026-07-01T10:00:00Z");
            row.push("Title", "2026-07-01T10:00:00Z");
            row
        };
        let mut one = row("0");
        to_site(&mut one, ListKind::Calendar, &zone);
        assert_eq!(one.get("EventDate"), Some("2026-07-01 12:00:00"));
        assert_eq!(one.get("Title"), Some("2026-07-01T10:00:00Z"));
        to_utc(&mut one, ListKind::Calendar, &zone, false);
        assert_eq!(one, row("0"));
        let mut whole = row("1");
        to_site(&mut whole, ListKind::Calendar, &zone);
        assert_eq!(whole.get("EventDate"), Some("2026-07-01 10:00:00"));
        to_utc(&mut whole, ListKind::Calendar, &zone, false);
        assert_eq!(whole, row("1"));
    }

    #[test]
    fn times_are_read_in_all_their_forms() {
        for (text, expect) in [
            ("2026-01-31T12:00:00Z", Some(1_769_860_800)),
            ("2026-01-31 12:00:00", Some(1_769_860_800)),
            ("2026-01-31T12:00:00.000", Some(1_769_860_800)),
            ("2026-01-31T12:00", Some(1_769_860_800)),
            ("2026-01-31", Some(1_769_817_600)),
            ("soon", None),
            ("2026-13-31", None),
        ] {
            assert_eq!(read(text), expect, "{text}");
        }
        assert_eq!(compact(Timestamp::from_millis(0)), "19700101 00:00:00");
    }
}
