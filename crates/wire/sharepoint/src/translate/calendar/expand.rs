//! A series that no pattern describes, told by its occurrences.

use kontor_ical::Budget;
use kontor_ical::stamp::Form;
use kontor_ical::timeline::{Kind, Occurrence, Range};

use super::plan::Subject;
use super::times::Span;
use super::told;
use crate::row::{Error, Part, Row};
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
    let mut found = Vec::new();
    for one in occurrences(subject) {
        let (Some(component), Some(id)) = (children.get(one.source as usize), one.recurrence_id) else {
            continue;
        };
        let mut row = told::event(*component, span(&one));
        told::single(&mut row);
        found.push((Part::Changed(crate::row::Occurrence(id)), row));
    }
    Ok(found)
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
