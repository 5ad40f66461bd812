//! A series that no pattern describes, told by its occurrences.

use kontor_contentline::Component;
use kontor_ical::Budget;
use kontor_ical::stamp::Form;
use kontor_ical::timeline::{Kind, Occurrence, Range};
use kontor_ical::value::When;

use super::plan::Subject;
use super::times::Span;
use super::told;
use crate::row::{Context, Error, Occurrence as Id, Part, Row};
use crate::translate::moment::DAY;

/// Occurrences of one item that are told.
const MOST: usize = 400;
/// Days before and after now that are told if the series is longer than [`MOST`]; the first stretch that does not have
/// more counts.
const WINDOWS: [(i64, i64); 5] = [(366, 731), (92, 366), (31, 92), (7, 31), (1, 7)];

/// One row for each occurrence: all of a short series, those around now of a long one.
///
/// # Errors
/// Unreadable, if a component cannot be read.
pub(super) fn rows(subject: &Subject<'_, '_>) -> Result<Vec<(Part, Row)>, Error> {
    let children: Vec<_> = subject.object.calendar().children().collect();
    let told = occurrences(subject).into_iter().filter_map(|one| tell(&children, &subject.context, &one));
    Ok(told.map(|(id, row)| (Part::Changed(id), row)).collect())
}

/// The row of one occurrence, wherever it lies; `None` if there is none.
///
/// # Errors
/// Unreadable, if a component cannot be read.
pub(super) fn row(subject: &Subject<'_, '_>, id: Id) -> Result<Option<Row>, Error> {
    let children: Vec<_> = subject.object.calendar().children().collect();
    let start = match id.0 {
        When::Date(day) => subject.floating().to_instant(day * DAY),
        _ => super::times::told(id, subject.floating()),
    };
    // A changed occurrence may lie far from where it was.
    let own = subject.overrides().into_iter().find(|one| one.id == id && !one.future);
    if let Some(one) = own {
        let mut row = told::event(one.component, &subject.context, subject.times(one.component)?.span);
        told::single(&mut row);
        return Ok(Some(row));
    }
    let there = Range { start, end: start.saturating_add(1) };
    let mut budget = Budget::default();
    let found = subject.object.timeline().occurrences(Kind::Event, there, subject.floating(), &mut budget);
    let is_it = |one: &Occurrence| one.recurrence_id == Some(id.0);
    let found = found.unwrap_or_default().into_iter().find(is_it);
    // Moved together with others, it is somewhere else.
    let found = found.or_else(|| occurrences(subject).into_iter().find(is_it));
    Ok(found.and_then(|one| tell(&children, &subject.context, &one)).map(|(_, row)| row))
}

fn tell(children: &[Component<'_, '_>], context: &Context<'_>, one: &Occurrence) -> Option<(Id, Row)> {
    let (component, id) = (children.get(one.source as usize)?, one.recurrence_id?);
    let mut row = told::event(*component, context, span(one));
    told::single(&mut row);
    Some((Id(id), row))
}

fn span(one: &Occurrence) -> Span {
    if one.form == Form::Date {
        let first = one.local.div_euclid(DAY);
        // A day of the reader's zone may have 23 to 25 hours.
        Span::Days(first, ((one.end - one.start + DAY / 2) / DAY).max(1))
    } else {
        Span::Timed(one.start, one.end)
    }
}

fn occurrences(subject: &Subject<'_, '_>) -> Vec<Occurrence> {
    let timeline = subject.object.timeline();
    let within = |range: Range| {
        let mut budget = Budget::default();
        timeline.occurrences(Kind::Event, range, subject.floating(), &mut budget).ok()
    };
    let span = timeline.span();
    let few = |found: &Vec<Occurrence>| found.len() <= MOST;
    if let Some(all) = span.last.and_then(|_| within(Range::ALL)).filter(few) {
        return all;
    }
    // Of a series that is over, or has not begun, what is nearest to now.
    let middle = subject.context.now.min(span.last.unwrap_or(i64::MAX)).max(span.first);
    let around = |(before, after): (i64, i64)| Range {
        start: middle.saturating_sub(before * DAY),
        end: middle.saturating_add(after * DAY),
    };
    let stretches = WINDOWS.into_iter().map(|window| within(around(window)));
    let mut last = Vec::new();
    for found in stretches.flatten() {
        if few(&found) {
            return found;
        }
        last = found;
    }
    last.truncate(MOST);
    last
}
