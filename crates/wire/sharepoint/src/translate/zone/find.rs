//! Which zone a rule means.

use kontor_contentline::{Ending, Property, Writer};
use kontor_ical::zone::{Observance, Zone};

use super::numbers::{zone_of, zones};
use super::rule::{Change, On, Rule};
use crate::translate::moment::DAY;

/// The year from which on own rules count; Outlook's have no year.
const FIRST_YEAR: i32 = 1970;

/// Names of Coordinated Universal Time, which calendars tell without a zone.
const UTC: [&str; 4] = ["Etc/UTC", "UTC", "Etc/GMT", "Etc/UCT"];

/// A zone that a client meant, as a calendar will tell it.
#[derive(Clone, Debug)]
pub(crate) struct Meant {
    /// The zone.
    pub(crate) zone: Zone,
    /// Its TZID; `None` for UTC.
    pub(crate) tzid: Option<String>,
    /// A VTIMEZONE for it.
    pub(crate) definition: Vec<u8>,
}

impl Meant {
    /// A zone by its name. `None` if it has none.
    pub(crate) fn named(zone: &Zone) -> Option<Self> {
        if *zone == Zone::utc() || zone.iana_name().is_some_and(|name| UTC.contains(&name)) {
            return Some(Self { zone: Zone::utc(), tzid: None, definition: Vec::new() });
        }
        let tzid = zone.iana_name()?.to_owned();
        let text = zone.calendar()?;
        let start = text.find("BEGIN:VTIMEZONE")?;
        let end = text.find("END:VCALENDAR")?;
        let definition = text.get(start..end)?.as_bytes().to_vec();
        Some(Self { zone: zone.clone(), tzid: Some(tzid), definition })
    }
}

/// The zone that a rule means in a year: one of those at hand if it follows the rule, else that of the number, else the
/// likeliest that does, else one of its own.
pub(crate) fn find(rule: &Rule, number: Option<&str>, at_hand: &[&Zone], year: i32) -> Meant {
    let follows = |zone: &Zone| Rule::of(zone, year).is_some_and(|own| own.means(rule));
    let near = at_hand.iter().copied().cloned().chain(number.and_then(zone_of));
    let likeliest = if rule.is_still() && rule.bias == 0 { Some(Zone::utc()) } else { None };
    let mut all = near.chain(likeliest).chain(zones()).filter(follows);
    all.find_map(|zone| Meant::named(&zone)).unwrap_or_else(|| own(rule))
}

/// A zone that only its rule describes.
fn own(rule: &Rule) -> Meant {
    let standard = -rule.bias * 60;
    let daylight = standard - rule.extra * 60;
    let mut observances = Vec::new();
    let mut out = Writer::new(Ending::CrLf);
    let tzid =
        format!("Outlook {}{}", offset(standard), if rule.is_still() { "" } else { " with summer time" });
    out.begin("VTIMEZONE").property(&Property::text("TZID", &tzid));
    match rule.changes.filter(|_| !rule.is_still()) {
        None => write(&mut out, &mut observances, "STANDARD", standard, standard, None),
        Some((to_standard, to_daylight)) => {
            write(&mut out, &mut observances, "STANDARD", daylight, standard, Some(to_standard));
            write(&mut out, &mut observances, "DAYLIGHT", standard, daylight, Some(to_daylight));
        }
    }
    out.end("VTIMEZONE");
    let zone = Zone::ruled(&observances).unwrap_or_else(|| Zone::fixed(standard));
    Meant { zone, tzid: Some(tzid), definition: out.finish() }
}

fn write(
    out: &mut Writer,
    observances: &mut Vec<Observance>,
    name: &str,
    from: i32,
    to: i32,
    change: Option<Change>,
) {
    let day = change.and_then(|change| change.day(FIRST_YEAR)).unwrap_or(0);
    let start = day * DAY + change.map_or(0, |change| change.clock);
    let rule = change.map(|change| match change.on {
        On::Day(day) => format!("FREQ=YEARLY;BYMONTH={};BYMONTHDAY={day}", change.month),
        On::Nth(nth, on) => {
            let on = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"].get(usize::from(on)).copied().unwrap_or("SU");
            format!("FREQ=YEARLY;BYMONTH={};BYDAY={nth}{on}", change.month)
        }
    });
    out.begin(name);
    out.property(&Property::raw("DTSTART", kontor_ical::value::When::Local(start).to_string()));
    out.property(&Property::raw("TZOFFSETFROM", offset(from)));
    out.property(&Property::raw("TZOFFSETTO", offset(to)));
    if let Some(rule) = &rule {
        out.property(&Property::raw("RRULE", rule));
    }
    out.end(name);
    let rules = rule.and_then(|rule| kontor_ical::rule::Rule::parse(&rule).ok()).into_iter().collect();
    observances.push(Observance { start, from, to, rules, dates: Vec::new() });
}

/// `+0100`.
fn offset(seconds: i32) -> String {
    let (sign, size) = (if seconds < 0 { '-' } else { '+' }, seconds.unsigned_abs());
    format!("{sign}{:02}{:02}", size / 3_600, size / 60 % 60)
}
