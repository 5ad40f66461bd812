//! Occurrences instead of a series (RFC 4791 9.6.5).

use kontor_contentline::{Component, Ending, Property};
use std::collections::HashMap;

use crate::budget::{Budget, Exhausted};
use crate::civil::DAY;
use crate::object::Object;
use crate::stamp::Form;
use crate::timeline::{Kind, Occurrence, Range};
use crate::value::{self, Duration, When};
use crate::zone::Zone;

/// Bytes of expanded text that count as one step of a budget.
const BYTES_A_STEP: u64 = 256;

/// Properties that an occurrence says in its own way, or not at all.
const REWRITTEN: [&str; 9] =
    ["DTSTART", "DTEND", "DUE", "DURATION", "RECURRENCE-ID", "RRULE", "RDATE", "EXDATE", "EXRULE"];

/// The object with one component for each occurrence inside the range, all times in UTC, and neither rules nor time zones.
/// Floating times and days stay as they are; components without any date are kept. Instances of a series carry the
/// RECURRENCE-ID that a client needs to change one of them.
///
/// # Errors
/// [`Exhausted`] if there are more occurrences than the budget allows, or if telling them takes more bytes: a long
/// description repeated for every day is work too.
pub fn expand(
    bytes: &[u8],
    range: Range,
    floating: &Zone,
    budget: &mut Budget,
) -> Result<Vec<u8>, Exhausted> {
    let object = Object::read(bytes);
    let calendar = object.calendar();
    let children: Vec<_> = calendar.children().collect();
    let ending = object.tree().ending();
    let mut out = Vec::with_capacity(bytes.len());
    let begin = calendar.lines().first().map(|line| line.raw()).unwrap_or_default();
    out.extend_from_slice(begin);
    calendar.properties().for_each(|line| out.extend_from_slice(line.raw()));
    for child in children.iter().filter(|child| !child.is("VTIMEZONE")) {
        if Kind::of(child.name()).is_none_or(|kind| kind == Kind::FreeBusy) || is_dateless(*child) {
            out.extend_from_slice(child.raw());
        }
    }
    let mut moulds = HashMap::new();
    for kind in object.timeline().kinds().filter(|kind| *kind != Kind::FreeBusy) {
        for one in object.timeline().occurrences(kind, range, floating, budget)? {
            if let Some(component) = children.get(one.source as usize) {
                let before = out.len();
                let mould = moulds.entry(one.source).or_insert_with(|| Mould::of(*component, kind, ending));
                mould.write(&one, floating, ending, &mut out);
                if !budget.take((out.len() - before) as u64 / BYTES_A_STEP) {
                    return Err(Exhausted);
                }
            }
        }
    }
    out.extend_from_slice(b"END:VCALENDAR");
    out.extend_from_slice(ending.bytes());
    Ok(out)
}

fn is_dateless(component: Component<'_, '_>) -> bool {
    component.property("DTSTART").is_none() && component.property("DUE").is_none()
}

/// What all occurrences of one component have in common. Made once: a component may have very many lines, and very many
/// occurrences.
struct Mould {
    kind: Kind,
    /// `BEGIN:` and the name.
    begin: Vec<u8>,
    /// The properties that every occurrence says alike.
    kept: Vec<u8>,
    /// Components inside, and the end.
    end: Vec<u8>,
    has_start: bool,
    has_end: bool,
    lasting: Option<Duration>,
}

impl Mould {
    fn of(component: Component<'_, '_>, kind: Kind, ending: Ending) -> Self {
        let name = component.name();
        let line = |word: &[u8]| [word, name.as_bytes(), ending.bytes()].concat();
        let kept = component.properties().filter(|line| !REWRITTEN.iter().any(|name| line.is(name)));
        let inside = component.children().flat_map(|child| child.raw().iter().copied());
        Self {
            kind,
            begin: line(b"BEGIN:"),
            kept: kept.flat_map(|line| line.raw().iter().copied()).collect(),
            end: inside.chain(line(b"END:")).collect(),
            has_start: component.property("DTSTART").is_some(),
            has_end: component.property(end_name(kind)).is_some(),
            lasting: component.property("DURATION").and_then(|line| value::duration(&line.value_str())),
        }
    }

    fn write(&self, one: &Occurrence, floating: &Zone, ending: Ending, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.begin);
        for property in self.times(one, floating) {
            property.write(ending, out);
        }
        out.extend_from_slice(&self.kept);
        out.extend_from_slice(&self.end);
    }

    /// Start, end and RECURRENCE-ID of an occurrence.
    fn times(&self, one: &Occurrence, floating: &Zone) -> Vec<Property> {
        let mut times = Vec::with_capacity(3);
        if self.has_start {
            times.push(dated("DTSTART", moment(&one.form, one.local, one.start)));
        }
        let end_local = one.form.local(one.end, floating);
        // An RDATE period has a length where the series may have none; a day without an end has one by nature.
        let has_length = one.end > one.start && one.form != Form::Date;
        if self.has_end || (self.has_start && (self.lasting.is_some() || has_length)) {
            // A duration of clock time can stay; one of days would lose the hour that a change of clocks adds or takes.
            let stays =
                self.lasting.filter(|length| length.days == 0 && length.seconds == one.end - one.start);
            match stays {
                Some(length) if !self.has_end => times.push(Property::raw("DURATION", length.to_string())),
                _ => times.push(dated(end_name(self.kind), moment(&one.form, end_local, one.end))),
            }
        }
        times.extend(one.recurrence_id.map(|id| dated("RECURRENCE-ID", id)));
        times
    }
}

fn end_name(kind: Kind) -> &'static str {
    if kind == Kind::Todo { "DUE" } else { "DTEND" }
}

/// A moment as an expanded component tells it.
fn moment(form: &Form, local: i64, instant: i64) -> When {
    match form {
        Form::Date => When::Date(local.div_euclid(DAY)),
        Form::Floating => When::Local(local),
        Form::Utc | Form::Zoned(_) => When::Utc(instant),
    }
}

/// A date property.
pub(crate) fn dated(name: &str, when: When) -> Property {
    let property = Property::raw(name, when.to_string());
    if matches!(when, When::Date(_)) { property.param("VALUE", "DATE") } else { property }
}
