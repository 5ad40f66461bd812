//! The time zone of a calendar: kept once, told as iCalendar (RFC 4791 5.2.2) and as a name (RFC 7809 5.2).

use super::change::Fault;
use kontor_contentline::Tree;
use kontor_ical::Object;
use kontor_ical::zone::Zone;
use kontor_wire_dav::name::caldav;
use kontor_wire_dav::xml::Element;
use std::borrow::Cow;

/// CALDAV:calendar-timezone: an iCalendar object with exactly one VTIMEZONE and nothing else.
pub(super) fn read_object(element: &Element) -> Result<Vec<u8>, Fault> {
    let text = element.text();
    if is_zone_object(&text) {
        return Ok(text.as_bytes().to_vec());
    }
    let condition = Some(caldav::VALID_CALENDAR_DATA);
    let detail = "an iCalendar object with exactly one VTIMEZONE was expected";
    Err(Fault { status: 403, condition, detail })
}

/// CALDAV:calendar-timezone-id: a name of the IANA database.
pub(super) fn read_name(element: &Element) -> Result<Vec<u8>, Fault> {
    let name = element.trimmed();
    if Zone::iana(&name).is_some() {
        return Ok(name.as_bytes().to_vec());
    }
    let condition = Some(caldav::VALID_TIMEZONE);
    Err(Fault { status: 403, condition, detail: "a time zone name of the IANA database was expected" })
}

/// The zone kept as an iCalendar object: as a client sent it, or written for one that set the name alone (RFC 7809 5.2).
pub(super) fn object_of(value: &str) -> Option<Cow<'_, str>> {
    if is_object(value) {
        return Some(Cow::Borrowed(value));
    }
    Some(Cow::Owned(Zone::iana(value)?.calendar()?))
}

/// Whether the value kept is an object, not a name.
fn is_object(value: &str) -> bool {
    value.trim_ascii_start().get(..6).is_some_and(|start| start.eq_ignore_ascii_case("BEGIN:"))
}

/// The name of the zone kept, if it has one in the IANA database.
pub(super) fn name_of(value: &str) -> Option<String> {
    let name = if is_object(value) { tzid(value)? } else { value.to_owned() };
    Zone::iana(&name).is_some().then_some(name)
}

fn tzid(object: &str) -> Option<String> {
    let object = Object::read(object.as_bytes());
    let mut zones = object.calendar().children_named("VTIMEZONE");
    Some(zones.next()?.property("TZID")?.text().trim().to_owned())
}

fn is_zone_object(text: &str) -> bool {
    let tree = Tree::parse(text.as_bytes());
    let mut calendars = tree.root().children();
    let Some(calendar) = calendars.next().filter(|one| one.is("VCALENDAR") && calendars.next().is_none())
    else {
        return false;
    };
    let one = calendar.children().count() == 1 && calendar.children_named("VTIMEZONE").count() == 1;
    one && tree.problems().is_empty() && tzid(text).is_some_and(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_one_zone_is_taken() {
        let zone = "BEGIN:VTIMEZONE\r\nTZID:Europe/Berlin\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\n\
                    TZOFFSETFROM:+0100\r\nTZOFFSETTO:+0100\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n";
        let object = |inside: &str| format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{inside}END:VCALENDAR\r\n");
        assert!(is_zone_object(&object(zone)));
        assert_eq!(name_of(&object(zone)), Some("Europe/Berlin".to_owned()));
        assert_eq!(name_of("Europe/Berlin"), Some("Europe/Berlin".to_owned()));
        assert_eq!(name_of("Nowhere/Land"), None);
        let written = object_of("Europe/Berlin").unwrap();
        assert!(is_zone_object(&written), "{written}");
        assert_eq!(name_of(&written), Some("Europe/Berlin".to_owned()));
        let event = "BEGIN:VEVENT\r\nEND:VEVENT\r\n";
        for bad in [
            "",
            "Europe/Berlin",
            zone,
            &object(""),
            &object(&zone.repeat(2)),
            &object(&format!("{zone}{event}")),
        ] {
            assert!(!is_zone_object(bad), "{bad}");
        }
    }
}
