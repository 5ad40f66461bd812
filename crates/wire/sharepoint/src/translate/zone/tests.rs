use kontor_ical::zone::Zone;

use super::*;
use crate::translate::moment::{DAY, days};

fn zone(name: &str) -> Zone {
    Zone::iana(name).unwrap_or_else(|| panic!("{name}"))
}

const NEW_YORK: &str = "<timeZoneRule><standardBias>300</standardBias><additionalDaylightBias>-60</additionalDaylightBias>\
    <standardDate><transitionRule month=\"11\" day=\"su\" weekdayOfMonth=\"first\" /><transitionTime>2:0:0</transitionTime></standardDate>\
    <daylightDate><transitionRule month=\"3\" day=\"su\" weekdayOfMonth=\"second\" /><transitionTime>2:0:0</transitionTime></daylightDate>\
    </timeZoneRule>";

#[test]
fn zones_are_told_by_the_rule_they_follow() {
    let check = |name: &str, year: i32, xml: &str| {
        assert_eq!(Rule::of(&zone(name), year).unwrap().to_xml(), xml, "{name}");
        assert_eq!(Rule::read(xml), Ok(Rule::of(&zone(name), year).unwrap()), "{name}");
    };
    check("America/New_York", 2026, NEW_YORK);
    check(
        "Europe/Berlin",
        2026,
        "<timeZoneRule><standardBias>-60</standardBias><additionalDaylightBias>-60</additionalDaylightBias>\
         <standardDate><transitionRule month=\"10\" day=\"su\" weekdayOfMonth=\"last\" /><transitionTime>3:0:0</transitionTime></standardDate>\
         <daylightDate><transitionRule month=\"3\" day=\"su\" weekdayOfMonth=\"last\" /><transitionTime>2:0:0</transitionTime></daylightDate>\
         </timeZoneRule>",
    );
    let still = |bias| {
        format!(
            "<timeZoneRule><standardBias>{bias}</standardBias><additionalDaylightBias>0</additionalDaylightBias></timeZoneRule>"
        )
    };
    check("Asia/Kolkata", 2026, &still(-330));
    check("Europe/Moscow", 2026, &still(-180));
    check("Etc/UTC", 2026, &still(0));
    let sydney = Rule::of(&zone("Australia/Sydney"), 2026).unwrap();
    assert_eq!((sydney.bias, sydney.extra), (-600, -60));
    let (standard, daylight) = sydney.changes.unwrap();
    assert_eq!((standard.month, daylight.month), (4, 10));
    // Clocks change at the first Saturday's 24 o'clock.
    let (_, daylight) = Rule::of(&zone("America/Santiago"), 2026).unwrap().changes.unwrap();
    assert_eq!((daylight.on, daylight.clock), (On::Nth(1, 5), 86_399));
    // Ramadan follows the moon.
    assert_eq!(Rule::of(&zone("Africa/Casablanca"), 2026), None);
    assert!(Rule::of(&zone("Asia/Jerusalem"), 2026).is_some());
}

#[test]
fn every_zone_with_a_number_comes_back_with_its_offsets() {
    for zone in numbers::zones() {
        let Some(rule) = Rule::of(&zone, 2026) else {
            assert_eq!(zone.iana_name(), Some("Africa/Casablanca"));
            continue;
        };
        let number = number_of(&zone).unwrap().to_string();
        assert_eq!(
            find(&rule, Some(&number), &[], 2026).zone.iana_name().unwrap_or("Etc/UTC"),
            zone.iana_name().unwrap()
        );
        let meant = find(&Rule::read(&rule.to_xml()).unwrap(), None, &[], 2026);
        let start = days(2026, 1, 1).unwrap() * DAY;
        let out = (0..365).filter(|day| {
            let at = start + day * DAY + DAY / 2;
            meant.zone.offset_at(at) != zone.offset_at(at)
        });
        assert_eq!(out.count(), 0, "{:?} for {:?}", meant.zone, zone);
    }
}

#[test]
fn the_zone_at_hand_is_preferred() {
    let (berlin, vienna) = (zone("Europe/Berlin"), zone("Europe/Vienna"));
    let rule = Rule::of(&berlin, 2026).unwrap();
    let name = |at_hand: &[&Zone], number| find(&rule, number, at_hand, 2026).tzid.unwrap();
    assert_eq!(name(&[&vienna], None), "Europe/Vienna");
    assert_eq!(name(&[&zone("Asia/Tokyo")], Some("57")), "Europe/Warsaw");
    assert_eq!(name(&[], Some("10")), "Europe/Berlin");
    let meant = find(&rule, None, &[], 2026);
    assert!(meant.definition.starts_with(b"BEGIN:VTIMEZONE\r\nTZID:Europe/Berlin\r\n"));
    assert!(meant.definition.ends_with(b"END:VTIMEZONE\r\n"));
    assert!(find(&Rule::default(), None, &[&berlin], 2026).tzid.is_none());
}

#[test]
fn a_rule_that_no_zone_follows_is_told_as_it_is() {
    let rule = Rule::read(&NEW_YORK.replace("300", "317")).unwrap();
    let meant = find(&rule, None, &[], 2026);
    let text = String::from_utf8(meant.definition).unwrap();
    assert_eq!(meant.tzid.as_deref(), Some("Outlook -0517 with summer time"));
    assert!(text.contains("RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=1SU"), "{text}");
    assert_eq!(meant.zone.offset_at(days(2026, 7, 1).unwrap() * DAY), -257 * 60);
    assert_eq!(meant.zone.offset_at(days(2026, 12, 1).unwrap() * DAY), -317 * 60);
    assert!(Rule::of(&meant.zone, 2026).unwrap().means(&rule));
}

#[test]
fn broken_rules_are_refused() {
    for text in [
        "",
        "<timeZoneRule/>",
        "<timeZoneRule><standardBias>west</standardBias></timeZoneRule>",
        "<timeZoneRule><standardBias>9999999</standardBias></timeZoneRule>",
        &NEW_YORK.replace("daylightDate", "other"),
        &NEW_YORK.replace("month=\"11\"", "month=\"13\""),
        &NEW_YORK.replace("month=\"11\"", ""),
        &NEW_YORK.replace("first", "fifth"),
        &NEW_YORK.replace("2:0:0", "25:0:0"),
        &NEW_YORK.replace("2:0:0", "noon"),
        &NEW_YORK.replace("day=\"su\"", "day=\"sunday\""),
        &NEW_YORK.replace("weekdayOfMonth=\"first\"", "dayOfMonth=\"32\""),
    ] {
        assert!(Rule::read(text).is_err(), "{text}");
    }
    let day = Rule::read(&NEW_YORK.replace("weekdayOfMonth=\"first\"", "dayOfMonth=\"31\"")).unwrap();
    assert_eq!(day.changes.unwrap().0.on, On::Day(31));
    assert_eq!(Rule::read(&day.to_xml()), Ok(day));
}
