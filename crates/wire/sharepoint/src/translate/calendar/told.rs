//! Components as rows.

use kontor_contentline::Component;
use kontor_ical::stamp::Form;

use super::plan::{Series, Subject};
use super::times::Span;
use super::{status, uid};
use crate::row::{Context, Occurrence, Row};
use crate::translate::moment::{DAY, written};
use crate::translate::zone::{number_of, recent};
use crate::translate::{attendees, body};

/// SharePoint's number of Coordinated Universal Time.
const UTC: &str = "93";

/// What a single event and an occurrence have in common.
pub(super) fn event(component: Component<'_, '_>, context: &Context<'_>, span: Span) -> Row {
    event_until(component, context, span, 0)
}

/// The same, with an EndDate so many days later.
fn event_until(component: Component<'_, '_>, context: &Context<'_>, span: Span, later: i64) -> Row {
    let text = |name: &str| component.property(name).map(|line| line.text().into_owned()).unwrap_or_default();
    let mut row = Row::roomy();
    row.push("Title", text("SUMMARY"));
    row.push("Location", text("LOCATION"));
    row.push("Description", body::told(component));
    span.tell(later, &mut row);
    status::tell(component, &mut row);
    attendees::tell(component, context, &mut row);
    row
}

/// Says that a row is a single event.
pub(super) fn single(row: &mut Row) {
    row.push("fRecurrence", "0");
    row.push("EventType", "0");
}

/// The row of a series. Its end is that of the last occurrence, at the time of day of the first: the clock may be put
/// forward in between.
pub(super) fn series(subject: &Subject<'_, '_>, series: &Series) -> Row {
    let mut row = event_until(
        subject.component(),
        &subject.context,
        series.times.span,
        series.days_until_last(subject),
    );
    row.push("fRecurrence", "1");
    row.push("EventType", "1");
    row.push("UID", uid::of(subject, series));
    row.push("RecurrenceData", series.recurrence.to_xml(subject.floating()));
    zone(subject, series, &mut row);
    row
}

/// The row of a changed occurrence.
pub(super) fn changed(
    subject: &Subject<'_, '_>,
    series: &Series,
    occurrence: Occurrence,
    component: Component<'_, '_>,
    span: Span,
) -> Row {
    let mut row = event(component, &subject.context, span);
    exception(subject, series, occurrence, "4", &mut row);
    row
}

/// The row of an occurrence that was taken out: the least that names it (MS-OUTSPS 3.2.1.1.4).
pub(super) fn deleted(subject: &Subject<'_, '_>, series: &Series, occurrence: Occurrence) -> Row {
    let mut row = Row::new();
    let title = subject.component().property("SUMMARY").map(|line| line.text().into_owned());
    row.push("Title", title.unwrap_or_default());
    let start = series.told(subject, occurrence);
    let span = match series.times.span {
        Span::Timed(first, end) => Span::Timed(start, start + (end - first)),
        Span::Days(_, count) => Span::Days(start.div_euclid(DAY), count),
    };
    span.tell(0, &mut row);
    exception(subject, series, occurrence, "3", &mut row);
    row
}

fn exception(
    subject: &Subject<'_, '_>,
    series: &Series,
    occurrence: Occurrence,
    kind: &'static str,
    row: &mut Row,
) {
    row.push("fRecurrence", "1");
    row.push("EventType", kind);
    row.push("UID", uid::of(subject, series));
    row.push("RecurrenceID", written(series.told(subject, occurrence)));
    zone(subject, series, row);
}

fn zone(subject: &Subject<'_, '_>, series: &Series, row: &mut Row) {
    let number = match (series.times.span, &series.times.start.form) {
        (Span::Days(..), _) | (_, Form::Utc | Form::Date) => Some(UTC.to_owned()),
        (_, Form::Zoned(zone)) => number_of(zone).map(|number| number.to_string()),
        (_, Form::Floating) => number_of(subject.floating()).map(|number| number.to_string()),
    };
    number.into_iter().for_each(|number| row.push("TimeZone", number));
    row.push("XMLTZone", recent::xml(series.zone));
}
