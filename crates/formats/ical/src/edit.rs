//! Edits on meaning: one occurrence of a series changed or taken out. They come as [`kontor_contentline::Edit`]s, so that
//! every line that they do not concern stays as it is.

use std::fmt;

use kontor_contentline::{Component, Edit, Path, Property};

use crate::budget::Budget;
use crate::civil::DAY;
use crate::object::Object;
use crate::shape::dated;
use crate::stamp::{Form, Stamp, tzid_of};
use crate::timeline::Kind;
use crate::value::When;
use crate::zone::{Zone, Zones};

/// Why an occurrence cannot be edited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OccurrenceError {
    /// The object is no series.
    NoSeries,
    /// The series has no such occurrence.
    NoOccurrence,
}

impl fmt::Display for OccurrenceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoSeries => "cannot edit one occurrence: the object is no series",
            Self::NoOccurrence => "cannot edit an occurrence that the series does not have",
        })
    }
}

impl std::error::Error for OccurrenceError {}

/// One occurrence of a series, found by the RECURRENCE-ID that [`crate::timeline::Occurrence`] has.
struct Found<'t, 'a> {
    master: Component<'t, 'a>,
    /// The component that stands for the occurrence already.
    existing: Option<Component<'t, 'a>>,
    /// TZID of the series' start.
    tzid: Option<String>,
    form: Form,
    /// Start of the occurrence in the series, and of the series, in local seconds.
    local: i64,
    anchor: i64,
}

/// The edits that give an occurrence a component of its own, a copy of the series' with its time: no edits if it has one.
/// The new component is the last of its name inside VCALENDAR; change it with further edits.
///
/// # Errors
/// [`OccurrenceError`] if there is no such occurrence.
pub fn split_occurrence(object: &Object<'_>, id: When) -> Result<Vec<Edit>, OccurrenceError> {
    let found = find(object, id)?;
    if found.existing.is_some() {
        return Ok(Vec::new());
    }
    Ok(vec![Edit::AddComponent { at: calendar_path(), text: found.copy(object) }])
}

/// The edits that take an occurrence out of a series: an EXDATE, and away with the component that it has of its own.
///
/// # Errors
/// [`OccurrenceError`] if there is no such occurrence.
pub fn exclude_occurrence(object: &Object<'_>, id: When) -> Result<Vec<Edit>, OccurrenceError> {
    let found = find(object, id)?;
    let property = found.property("EXDATE", found.local);
    let mut edits = vec![Edit::Add { at: found.master.path(), property }];
    edits.extend(found.existing.map(|component| Edit::RemoveComponent { at: component.path() }));
    Ok(edits)
}

fn calendar_path() -> Path {
    Path::root().child("VCALENDAR", 0)
}

fn find<'t, 'a>(object: &'t Object<'a>, id: When) -> Result<Found<'t, 'a>, OccurrenceError> {
    let master =
        object.master().filter(|_| object.timeline().is_recurring()).ok_or(OccurrenceError::NoSeries)?;
    let kind = object.kind().ok_or(OccurrenceError::NoSeries)?;
    let zones = Zones::of(object.calendar());
    let line = master.property("DTSTART").or_else(|| master.property("DUE").filter(|_| kind == Kind::Todo));
    let line = line.ok_or(OccurrenceError::NoSeries)?;
    let start = Stamp::of(line, &zones).ok_or(OccurrenceError::NoSeries)?;
    let asked = match id {
        When::Date(days) => Stamp { form: Form::Date, local: days * DAY },
        When::Local(local) => Stamp { form: start.form.clone(), local },
        When::Utc(instant) => Stamp { form: Form::Utc, local: instant },
    };
    let local = asked.local_in(&start.form);
    if !object.timeline().has_instance(local, &mut Budget::default()) {
        return Err(OccurrenceError::NoOccurrence);
    }
    let existing = object.timeline().override_ids().find(|(id, _)| *id == local);
    let existing = existing.and_then(|(_, source)| object.calendar().children().nth(source as usize));
    let tzid = tzid_of(line).filter(|_| matches!(start.form, Form::Zoned(_)));
    Ok(Found { master, existing, tzid, local, anchor: start.local, form: start.form })
}

impl Found<'_, '_> {
    /// A date property told the way the series tells its start.
    fn property(&self, name: &str, local: i64) -> Property {
        let when = match self.form {
            Form::Utc => When::Utc(local),
            Form::Date => When::Date(local.div_euclid(DAY)),
            Form::Zoned(_) | Form::Floating => When::Local(local),
        };
        let property = dated(name, when);
        match &self.tzid {
            Some(tzid) => property.param("TZID", tzid),
            None => property,
        }
    }

    /// The master's component as that of the occurrence.
    fn copy(&self, object: &Object<'_>) -> Vec<u8> {
        let ending = object.tree().ending();
        let zones = Zones::of(object.calendar());
        let lines = self.master.lines();
        let mut out = Vec::new();
        lines.first().into_iter().for_each(|line| out.extend_from_slice(line.raw()));
        self.property("RECURRENCE-ID", self.local).write(ending, &mut out);
        for line in self.master.properties() {
            if ["RRULE", "RDATE", "EXDATE", "EXRULE"].iter().any(|name| line.is(name)) {
                continue;
            }
            let moved = ["DTSTART", "DTEND", "DUE"].iter().find(|name| line.is(name));
            match moved.and_then(|name| Some((name, Stamp::of(line, &zones)?))) {
                Some((name, stamp)) => self.moved(name, &stamp, tzid_of(line)).write(ending, &mut out),
                None => out.extend_from_slice(line.raw()),
            }
        }
        self.master.children().for_each(|child| out.extend_from_slice(child.raw()));
        lines.last().into_iter().for_each(|line| out.extend_from_slice(line.raw()));
        out
    }

    /// A date of the series moved to the occurrence: by as many days and as much of the clock as the start.
    fn moved(&self, name: &str, stamp: &Stamp, tzid: Option<String>) -> Property {
        let utc = Zone::utc();
        if stamp.form.is_fixed() && self.form.is_fixed() && stamp.form != self.form {
            // Another zone than that of the start: the same exact distance.
            let distance = stamp.instant(&utc) - self.form.instant(self.anchor, &utc);
            let local = stamp.form.local(self.form.instant(self.local, &utc) + distance, &utc);
            return written(name, &stamp.form, local, tzid);
        }
        written(name, &stamp.form, stamp.local + self.local - self.anchor, tzid)
    }
}

fn written(name: &str, form: &Form, local: i64, tzid: Option<String>) -> Property {
    match form {
        Form::Utc => dated(name, When::Utc(local)),
        Form::Date => dated(name, When::Date(local.div_euclid(DAY))),
        Form::Floating => dated(name, When::Local(local)),
        Form::Zoned(_) => {
            let property = dated(name, When::Local(local));
            match tzid {
                Some(tzid) => property.param("TZID", &tzid),
                None => property,
            }
        }
    }
}
