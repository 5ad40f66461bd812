//! Less of an object than there is: overrides near a range, busy periods near a range, no well-known time zones.

use kontor_contentline::{Component, Line, Tree, fold, value::split};

use super::without;
use crate::object::Object;
use crate::timeline::Range;
use crate::value::{self, When, when};
use crate::zone::Zone;

/// The object without the overrides that do not touch the range, neither by their own time nor by that of the instance they
/// stand for (RFC 4791 9.6.6).
#[must_use]
pub fn limit_recurrence_set(bytes: &[u8], range: Range, floating: &Zone) -> Vec<u8> {
    let object = Object::read(bytes);
    let far = object.timeline().overrides_outside(range, floating);
    let dropped = object.calendar().children().enumerate();
    without(bytes, dropped.filter(|(nth, _)| far.contains(&(*nth as u32))).map(|(_, component)| component))
}

/// The object with only those FREEBUSY periods that touch the range (RFC 4791 9.6.7).
#[must_use]
pub fn limit_freebusy_set(bytes: &[u8], range: Range) -> Vec<u8> {
    let tree = Tree::parse(bytes);
    let components = tree.root().children().flat_map(|calendar| calendar.children_named("VFREEBUSY"));
    let lines = components.flat_map(|component| component.properties_named("FREEBUSY"));
    let mut out = Vec::with_capacity(bytes.len());
    let mut from = 0;
    for line in lines {
        out.extend_from_slice(bytes.get(from..line.span().start).unwrap_or_default());
        write_near(line, range, tree.ending(), &mut out);
        from = line.span().end;
    }
    out.extend_from_slice(bytes.get(from..).unwrap_or_default());
    out
}

fn write_near(line: &Line<'_>, range: Range, ending: kontor_contentline::Ending, out: &mut Vec<u8>) {
    let value = line.value();
    let all: Vec<&[u8]> = split(&value, b',').collect();
    let near: Vec<&[u8]> = all.iter().copied().filter(|item| touches(item, range)).collect();
    if near.len() == all.len() {
        out.extend_from_slice(line.raw());
    } else if !near.is_empty() {
        let mut text = line.head().to_vec();
        text.push(b':');
        text.extend_from_slice(&near.join(&b','));
        fold(&text, ending, out);
    }
}

/// Whether a period touches the range; what cannot be read is kept.
fn touches(item: &[u8], range: Range) -> bool {
    let read = || {
        let (start, end) = str::from_utf8(item).ok()?.split_once('/')?;
        let Some(When::Utc(start)) = when(start) else { return None };
        let end = match value::duration(end) {
            Some(length) => start + length.nominal(),
            None => match when(end)? {
                When::Utc(end) => end,
                _ => return None,
            },
        };
        Some(range.start < end && range.end > start)
    };
    read().unwrap_or(true)
}

/// The object without the VTIMEZONEs whose TZID is an IANA name: for clients that said they know those
/// (`CalDAV-Timezones: F`, RFC 7809 3.1.2).
#[must_use]
pub fn without_known_zones(bytes: &[u8]) -> Vec<u8> {
    let tree = Tree::parse(bytes);
    let known = |zone: &Component<'_, '_>| {
        zone.property("TZID").is_some_and(|line| Zone::iana(line.text().trim()).is_some())
    };
    let calendars = tree.root();
    let zones = calendars.children().flat_map(|calendar| calendar.children_named("VTIMEZONE"));
    without(bytes, zones.filter(known))
}
