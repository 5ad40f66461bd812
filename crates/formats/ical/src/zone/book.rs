//! The zones that one calendar object names.

use std::cell::RefCell;
use std::collections::BTreeMap;

use kontor_contentline::{Component, value::split};

use super::{Observance, Zone, name::fixed_name};
use crate::rule::Rule;
use crate::value::{When, utc_offset, when};

/// Zones that one object may name; the rest are floating.
const MOST_ZONES: usize = 500;

/// Looks up the TZIDs of one VCALENDAR, each once, in the order that [`crate::zone`] tells.
#[derive(Debug)]
pub struct Zones<'t, 'a> {
    calendar: Component<'t, 'a>,
    found: RefCell<BTreeMap<String, Option<Zone>>>,
}

impl<'t, 'a> Zones<'t, 'a> {
    /// The zones of a VCALENDAR component.
    #[must_use]
    pub fn of(calendar: Component<'t, 'a>) -> Self {
        Self { calendar, found: RefCell::default() }
    }

    /// The zone that a TZID of this object means; `None` if nobody knows, and the time is floating.
    #[must_use]
    pub fn zone(&self, tzid: &str) -> Option<Zone> {
        if let Some(zone) = self.found.borrow().get(tzid) {
            return zone.clone();
        }
        if self.found.borrow().len() >= MOST_ZONES {
            return None;
        }
        let zone = self.look_up(tzid);
        self.found.borrow_mut().insert(tzid.to_owned(), zone.clone());
        zone
    }

    fn look_up(&self, tzid: &str) -> Option<Zone> {
        Zone::known(tzid).or_else(|| self.definition(tzid).and_then(defined)).or_else(|| fixed_name(tzid))
    }

    /// The VTIMEZONE with this TZID.
    fn definition(&self, tzid: &str) -> Option<Component<'t, 'a>> {
        let named = |zone: &Component<'t, 'a>| {
            zone.property("TZID").is_some_and(|line| line.text().trim().eq_ignore_ascii_case(tzid.trim()))
        };
        self.calendar.children_named("VTIMEZONE").find(named)
    }
}

/// The zone that a VTIMEZONE defines.
pub(crate) fn defined(zone: Component<'_, '_>) -> Option<Zone> {
    let location = zone.property("X-LIC-LOCATION").and_then(|line| Zone::known(&line.text()));
    location.or_else(|| {
        let observances: Vec<_> = zone
            .children()
            .filter(|child| child.is("STANDARD") || child.is("DAYLIGHT"))
            .filter_map(observance)
            .collect();
        Zone::ruled(&observances)
    })
}

fn observance(component: Component<'_, '_>) -> Option<Observance> {
    let local = |text: &str| match when(text)? {
        When::Date(days) => Some(days * crate::civil::DAY),
        When::Local(seconds) | When::Utc(seconds) => Some(seconds),
    };
    let offset = |name: &str| utc_offset(&component.property(name)?.value_str());
    let to = offset("TZOFFSETTO")?;
    let rules = component.properties_named("RRULE").filter_map(|line| Rule::parse(&line.value_str()).ok());
    let dates = component.properties_named("RDATE").flat_map(|line| {
        let value = line.value();
        split(&value, b',').filter_map(|item| local(str::from_utf8(item).ok()?)).collect::<Vec<_>>()
    });
    Some(Observance {
        start: local(&component.property("DTSTART")?.value_str())?,
        from: offset("TZOFFSETFROM").unwrap_or(to),
        to,
        rules: rules.take(8).collect(),
        dates: dates.collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use kontor_contentline::Tree;

    #[test]
    fn the_order_of_look_up_is_kept() {
        let text = "BEGIN:VCALENDAR\r\n\
            BEGIN:VTIMEZONE\r\nTZID:Europe/Berlin\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\n\
            TZOFFSETFROM:+0500\r\nTZOFFSETTO:+0500\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n\
            BEGIN:VTIMEZONE\r\nTZID:Customized Time Zone\r\nBEGIN:STANDARD\r\nDTSTART:16010101T000000\r\n\
            TZOFFSETFROM:+0545\r\nTZOFFSETTO:+0545\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n\
            BEGIN:VTIMEZONE\r\nTZID:Office\r\nX-LIC-LOCATION:Asia/Tokyo\r\nEND:VTIMEZONE\r\n\
            END:VCALENDAR\r\n";
        let tree = Tree::parse(text.as_bytes());
        let zones = Zones::of(tree.root().child("VCALENDAR").unwrap());
        let check = |tzid: &str, offset: Option<i32>| {
            assert_eq!(zones.zone(tzid).map(|zone| zone.offset_at(1_768_000_000)), offset, "{tzid}");
        };
        check("Europe/Berlin", Some(3_600));
        check("Tokyo Standard Time", Some(32_400));
        check("Customized Time Zone", Some(20_700));
        check("Office", Some(32_400));
        check("customized time zone", Some(20_700));
        check("GMT+0200", Some(7_200));
        check("Nowhere", None);
    }
}
