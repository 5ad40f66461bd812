//! The zone of floating times and whole days: the report's own, else the calendar's, else UTC (RFC 4791 5.2.2, 7.3).

use crate::error::Refusal;
use http::StatusCode;
use kontor_contentline::Tree;
use kontor_groupware::Place;
use kontor_ical::zone::{Zone, Zones};
use kontor_model::PropertyKey;
use kontor_wire_dav::name::caldav;
use kontor_wire_dav::report::Timezone;

/// The zone to use.
pub(super) fn of(asked: Option<&Timezone>, place: &Place) -> Result<Zone, Refusal> {
    match asked {
        None => {
            let kept = place.collection.text(PropertyKey::TIME_ZONE);
            Ok(kept.and_then(|kept| of_object(kept).or_else(|| Zone::iana(kept))).unwrap_or_else(Zone::utc))
        }
        Some(Timezone::Object(text)) => of_object(text).ok_or_else(|| {
            let detail =
                "the timezone of the query is not an iCalendar object with a VTIMEZONE that can be read";
            Refusal::condition(StatusCode::FORBIDDEN, caldav::VALID_CALENDAR_DATA, detail)
        }),
        Some(Timezone::Id(name)) => Zone::iana(name).ok_or_else(|| {
            let detail = "the timezone-id of the query is not a name of the IANA database";
            Refusal::condition(StatusCode::FORBIDDEN, caldav::VALID_TIMEZONE, detail)
        }),
    }
}

/// The zone of the first VTIMEZONE in an iCalendar object.
fn of_object(text: &str) -> Option<Zone> {
    let tree = Tree::parse(text.as_bytes());
    let calendar = tree.root().child("VCALENDAR")?;
    let tzid = calendar.child("VTIMEZONE")?.property("TZID")?.text().into_owned();
    Zones::of(calendar).zone(&tzid)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_is_read_from_its_object() {
        let object = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VTIMEZONE\r\nTZID:Office\r\nBEGIN:STANDARD\r\n\
            DTSTART:19700101T000000\r\nTZOFFSETFROM:+0545\r\nTZOFFSETTO:+0545\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n\
            END:VCALENDAR\r\n";
        assert_eq!(of_object(object).map(|zone| zone.offset_at(0)), Some(20_700));
        assert!(of_object("Europe/Berlin").is_none());
    }
}
