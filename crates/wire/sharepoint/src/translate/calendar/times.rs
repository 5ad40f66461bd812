//! When a component is, as its lines tell it and as fields do.

use kontor_contentline::{Component, Line, Property};
use kontor_ical::stamp::{Form, Stamp};
use kontor_ical::value::{When, duration, when};
use kontor_ical::zone::{Zone, Zones};

use crate::row::{Error, Occurrence, Row};
use crate::translate::change::Changes;
use crate::translate::moment::{DAY, Moment, written};
use crate::translate::recurrence::Anchor;

/// What a whole day lasts in a list: a minute less than it has (MS-OUTSPS 3.2.4.2.2, Duration).
const DAY_SHOWN: i64 = 60;

/// From when to when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Span {
    /// Instants: start and end.
    Timed(i64, i64),
    /// Whole days: the first one, and how many.
    Days(i64, i64),
}

impl Span {
    /// EventDate, EndDate (so many days later), Duration and fAllDayEvent.
    pub(super) fn tell(self, later: i64, row: &mut Row) {
        let (start, end, all_day) = match self {
            Self::Timed(start, end) => (start, end, "0"),
            Self::Days(first, count) => (first * DAY, (first + count) * DAY - DAY_SHOWN, "1"),
        };
        row.push("EventDate", written(start));
        row.push("EndDate", written(end + later * DAY));
        row.push("Duration", (end - start).to_string());
        row.push("fAllDayEvent", all_day);
    }

    /// Seconds it lasts.
    pub(super) fn length(self) -> i64 {
        match self {
            Self::Timed(start, end) => end - start,
            Self::Days(_, count) => count * DAY,
        }
    }
}

/// How one component tells when it is.
#[derive(Clone, Debug)]
pub(super) struct Times {
    /// The start.
    pub(super) start: Stamp,
    /// TZID of the start.
    pub(super) tzid: Option<String>,
    /// From when to when.
    pub(super) span: Span,
}

impl Times {
    /// Reads DTSTART with DTEND or DURATION; `floating` is the zone of times that have none.
    pub(super) fn of(
        component: Component<'_, '_>,
        zones: &Zones<'_, '_>,
        floating: &Zone,
    ) -> Result<Self, Error> {
        let unreadable = || Error::Unreadable("it has no start".into());
        let line = component.property("DTSTART").ok_or_else(unreadable)?;
        let start = Stamp::of(line, zones).ok_or_else(unreadable)?;
        let from = start.instant(floating);
        let end = component.property("DTEND").and_then(|line| Stamp::of(line, zones));
        let lasting = component.property("DURATION").and_then(|line| duration(&line.value_str()));
        let day = start.local.div_euclid(DAY);
        let span = match (&start.form, end, lasting) {
            (Form::Date, Some(end), _) => Span::Days(day, (end.local.div_euclid(DAY) - day).max(1)),
            (Form::Date, None, lasting) => {
                Span::Days(day, lasting.map_or(1, |lasting| lasting.nominal().div_euclid(DAY).max(1)))
            }
            (_, Some(end), _) => Span::Timed(from, end.instant(floating).max(from)),
            (form, None, Some(lasting)) => {
                let later = form.instant(start.local + i64::from(lasting.days) * DAY, floating);
                Span::Timed(from, (later + lasting.seconds).max(from))
            }
            (_, None, None) => Span::Timed(from, from),
        };
        let tzid = tzid_of(line).filter(|_| matches!(start.form, Form::Zoned(_)));
        let mut times = Self { start, tzid, span };
        if let Some(days) = times.hidden_days(component, floating) {
            times.span = days;
        }
        Ok(times)
    }

    /// Whole days that are told from midnight to midnight: floating, or where Outlook said that they are meant as days.
    fn hidden_days(&self, component: Component<'_, '_>, floating: &Zone) -> Option<Span> {
        let Span::Timed(_, end) = self.span else { return None };
        let said = component.property("X-MICROSOFT-CDO-ALLDAYEVENT");
        let said = said.is_some_and(|line| line.value_str().trim().eq_ignore_ascii_case("TRUE"));
        if !said && self.start.form != Form::Floating {
            return None;
        }
        let (start, end) = (self.start.local, self.start.form.local(end, floating));
        let whole = start.rem_euclid(DAY) == 0 && end.rem_euclid(DAY) == 0 && end > start;
        whole.then(|| Span::Days(start.div_euclid(DAY), (end - start) / DAY))
    }

    /// Where a series starts.
    pub(super) fn anchor(&self) -> Anchor {
        Anchor { form: self.start.form.clone(), local: self.start.local }
    }

    /// The span so many days later, by the clock of the start.
    pub(super) fn later(&self, days: i64, floating: &Zone) -> Span {
        match self.span {
            Span::Days(first, count) => Span::Days(first + days, count),
            Span::Timed(start, end) => {
                let local = self.start.local + days * DAY;
                let then = match &self.start.form {
                    Form::Zoned(zone) => zone.to_instant(local),
                    Form::Floating => floating.to_instant(local),
                    Form::Utc | Form::Date => local,
                };
                Span::Timed(then, then + (end - start))
            }
        }
    }

    /// Makes a component start and end then, told as it was told before: same zone, and DURATION where there was one.
    pub(super) fn put(&self, span: Span, floating: &Zone, changes: &mut Changes<'_, '_>) {
        let (start, end) = match (span, &self.start.form) {
            (Span::Days(first, count), Form::Date) => (When::Date(first), When::Date(first + count)),
            (Span::Days(first, count), form) if self.is_days() => {
                (local_in(form, first * DAY), local_in(form, (first + count) * DAY))
            }
            (Span::Days(first, count), _) => (When::Date(first), When::Date(first + count)),
            (Span::Timed(start, end), Form::Date) => (When::Utc(start), When::Utc(end)),
            (Span::Timed(start, end), form) => {
                let there = |instant| match form {
                    Form::Utc => When::Utc(instant),
                    form => When::Local(form.local(instant, floating)),
                };
                (there(start), there(end))
            }
        };
        if matches!((span, &self.start.form), (Span::Timed(..), Form::Date)) {
            return put_zoned(span, floating, changes);
        }
        self.write("DTSTART", start, changes);
        self.write_end(span, end, changes);
        self.mark_days(span, changes);
    }

    fn is_days(&self) -> bool {
        matches!(self.span, Span::Days(..))
    }

    fn write(&self, name: &str, when: When, changes: &mut Changes<'_, '_>) {
        changes.set(name, 0, dated(name, when, self.tzid.as_deref()));
    }

    fn write_end(&self, span: Span, end: When, changes: &mut Changes<'_, '_>) {
        let component = changes.component();
        if let Some(line) = component.property("DURATION").filter(|_| component.property("DTEND").is_none()) {
            if span.length() != self.span.length() {
                let lasting = match span {
                    Span::Timed(start, end) => kontor_ical::value::Duration::seconds(end - start),
                    Span::Days(_, count) => kontor_ical::value::Duration { days: count as i32, seconds: 0 },
                };
                changes.set("DURATION", 0, crate::translate::change::revalued(line, &lasting.to_string()));
            }
        } else if component.property("DTEND").is_some() || span.length() != self.span.length() {
            self.write("DTEND", end, changes);
        }
    }

    /// Says in Outlook's words whether days are meant, where that was said before.
    fn mark_days(&self, span: Span, changes: &mut Changes<'_, '_>) {
        if changes.component().property("X-MICROSOFT-CDO-ALLDAYEVENT").is_some() {
            let word = if matches!(span, Span::Days(..)) { "TRUE" } else { "FALSE" };
            changes.set_raw("X-MICROSOFT-CDO-ALLDAYEVENT", word);
        }
    }
}

/// Times for what was told in days: in the zone of the list, as what is made new.
fn put_zoned(span: Span, floating: &Zone, changes: &mut Changes<'_, '_>) {
    let Span::Timed(start, end) = span else { return };
    let named = floating.iana_name();
    let there = |instant: i64| match named {
        Some(_) => When::Local(floating.to_local(instant)),
        None => When::Utc(instant),
    };
    changes.set("DTSTART", 0, dated("DTSTART", there(start), named));
    changes.remove("DURATION");
    changes.set("DTEND", 0, dated("DTEND", there(end), named));
    if changes.component().property("X-MICROSOFT-CDO-ALLDAYEVENT").is_some() {
        changes.set_raw("X-MICROSOFT-CDO-ALLDAYEVENT", "FALSE");
    }
}

/// A midnight told in a form.
fn local_in(form: &Form, local: i64) -> When {
    match form {
        Form::Date => When::Date(local.div_euclid(DAY)),
        Form::Utc => When::Utc(local),
        Form::Floating | Form::Zoned(_) => When::Local(local),
    }
}

/// A date property.
pub(super) fn dated(name: &str, at: When, tzid: Option<&str>) -> Property {
    let property = Property::raw(name, at.to_string());
    match (at, tzid) {
        (When::Date(_), _) => property.param("VALUE", "DATE"),
        (When::Local(_), Some(tzid)) => property.param("TZID", tzid),
        _ => property,
    }
}

/// The TZID of a date property.
pub(super) fn tzid_of(line: &Line<'_>) -> Option<String> {
    line.param("TZID").map(|param| param.value().into_owned()).filter(|tzid| !tzid.is_empty())
}

/// The values of a date property, as the occurrences of a series that they name; `None` for what is no date.
pub(super) fn occurrences(
    line: &Line<'_>,
    zones: &Zones<'_, '_>,
    anchor: &Anchor,
) -> Vec<Option<Occurrence>> {
    let zone = tzid_of(line).and_then(|tzid| zones.zone(&tzid));
    let value = line.value_str();
    value.split(',').map(|item| when(item).map(|at| occurrence(at, zone.as_ref(), anchor))).collect()
}

/// The occurrence of a series that a value names; `zone` is that of its TZID. Occurrences are told by their instant, in
/// a series without zone by their wall-clock time, in one of days by the day.
pub(super) fn occurrence(at: When, zone: Option<&Zone>, anchor: &Anchor) -> Occurrence {
    let clock = anchor.local.rem_euclid(DAY);
    let instant_in = |local: i64| match &anchor.form {
        Form::Zoned(own) => own.to_instant(local),
        Form::Utc | Form::Floating | Form::Date => local,
    };
    Occurrence(match (at, &anchor.form) {
        (When::Date(day), Form::Date) => When::Date(day),
        (When::Local(local) | When::Utc(local), Form::Date) => When::Date(local.div_euclid(DAY)),
        // The day alone stands for its only instance.
        (When::Date(day), Form::Floating) => When::Local(day * DAY + clock),
        (When::Local(local) | When::Utc(local), Form::Floating) => When::Local(local),
        (When::Date(day), _) => When::Utc(instant_in(day * DAY + clock)),
        (When::Utc(instant), _) => When::Utc(instant),
        (When::Local(local), _) => {
            When::Utc(zone.map_or_else(|| instant_in(local), |zone| zone.to_instant(local)))
        }
    })
}

/// The instant that RecurrenceID tells for an occurrence.
pub(super) fn told(occurrence: Occurrence, floating: &Zone) -> i64 {
    match occurrence.0 {
        When::Date(day) => day * DAY,
        When::Local(local) => floating.to_instant(local),
        When::Utc(instant) => instant,
    }
}

/// The span that fields ask for, what they do not say taken from `now`. `None` if they say nothing of it.
pub(super) fn asked(
    fields: &Row,
    now: Option<Span>,
    is_series: bool,
    floating: &Zone,
) -> Result<Option<Span>, Error> {
    let names = ["EventDate", "EndDate", "Duration", "fAllDayEvent"];
    if names.iter().all(|name| fields.get(name).is_none_or(str::is_empty)) {
        return Ok(None);
    }
    let date = |name: &'static str| match fields.get(name).filter(|text| !text.trim().is_empty()) {
        None => Ok(None),
        Some(text) => Moment::read(text).map(Some).ok_or_else(|| refused(name, "it is no date")),
    };
    let (start, end) = (date("EventDate")?, date("EndDate")?);
    let lasts = match fields.get("Duration").map(str::trim).filter(|text| !text.is_empty()) {
        None => None,
        Some(text) => {
            let seconds = text.parse::<i64>().ok().filter(|seconds| (0..=FARTHEST).contains(seconds));
            Some(seconds.ok_or_else(|| refused("Duration", "it is no number of seconds"))?)
        }
    };
    let all_day = match fields.get("fAllDayEvent") {
        None => matches!(now, Some(Span::Days(..))),
        Some(text) => truth(text),
    };
    let span = if all_day {
        days(start, end, lasts, now, is_series, floating)?
    } else {
        timed(start, end, lasts, now, is_series, floating)?
    };
    Ok(Some(span))
}

/// Longest time that anything lasts: ten thousand years.
const FARTHEST: i64 = 3_652_500 * DAY;

/// A booleanInteger (MS-OUTSPS 2.2.5.2): anything but 0 is true. Some write words.
pub(super) fn truth(text: &str) -> bool {
    let text = text.trim();
    !(text.is_empty() || text == "0" || text.eq_ignore_ascii_case("false") || text.eq_ignore_ascii_case("no"))
}

pub(super) fn refused(field: &'static str, reason: &'static str) -> Error {
    Error::Value { field: field.into(), reason: reason.into() }
}

fn days(
    start: Option<Moment>,
    end: Option<Moment>,
    lasts: Option<i64>,
    now: Option<Span>,
    is_series: bool,
    floating: &Zone,
) -> Result<Span, Error> {
    let was = match now {
        Some(Span::Days(first, count)) => Some((first, count)),
        Some(Span::Timed(start, _)) => Some((floating.to_local(start).div_euclid(DAY), 1)),
        None => None,
    };
    let first = match (start, was) {
        (Some(start), _) => start.day(floating),
        (None, Some((first, _))) => first,
        (None, None) => return Err(refused("EventDate", "an event needs a start")),
    };
    // The last day: its last minute, or the midnight after it.
    let last = |end: Moment| {
        let there = floating.to_local(end.instant(floating));
        let at_midnight = end.local.rem_euclid(DAY) == 0;
        let shifted =
            !at_midnight && there.rem_euclid(DAY) == 0 && (end.local + DAY_SHOWN).rem_euclid(DAY) != 0;
        let local = if shifted { there } else { end.local };
        // `2026-05-19T00:00:00Z` as start and end is that one day.
        (local - i64::from(local.rem_euclid(DAY) == 0 && local.div_euclid(DAY) > first)).div_euclid(DAY)
    };
    let count = match (lasts, end, was) {
        // The end of a series is that of its last occurrence.
        (Some(lasts), _, _) if is_series || end.is_none() => (lasts + DAY_SHOWN) / DAY,
        (_, Some(_), _) if is_series => 1,
        (_, Some(end), _) if last(end) < first => return Err(refused("EndDate", "it is before the start")),
        (_, Some(end), _) => last(end) - first + 1,
        (_, None, Some((_, count))) => count,
        (_, None, None) => 1,
    };
    Ok(Span::Days(first, count.max(1)))
}

fn timed(
    start: Option<Moment>,
    end: Option<Moment>,
    lasts: Option<i64>,
    now: Option<Span>,
    is_series: bool,
    floating: &Zone,
) -> Result<Span, Error> {
    let was = match now {
        Some(Span::Timed(start, end)) => Some((start, end - start)),
        Some(Span::Days(first, _)) => Some((floating.to_instant(first * DAY), DAY)),
        None => None,
    };
    let from = match (start, was) {
        (Some(start), _) => start.instant(floating),
        (None, Some((start, _))) => start,
        (None, None) => return Err(refused("EventDate", "an event needs a start")),
    };
    let until = end.map(|end| end.instant(floating));
    let length = match (until, lasts, was) {
        (_, Some(lasts), _) if is_series => lasts,
        // MS-OUTSPS 3.2.4.2.2, Duration: without their dates, end less start.
        (Some(until), None, _) if is_series => (until - from).rem_euclid(DAY),
        (Some(until), _, _) if until < from => return Err(refused("EndDate", "it is before the start")),
        (Some(until), _, _) => until - from,
        (None, Some(lasts), _) => lasts,
        (None, None, Some((_, lasts))) => lasts,
        (None, None, None) => 0,
    };
    Ok(Span::Timed(from, from + length))
}
