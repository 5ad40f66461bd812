//! Which occurrences a series has.

use kontor_ical::stamp::Form;
use kontor_ical::value::When;

use super::plan::{Series, Subject};
use super::times::{Span, occurrences};
use crate::row::Occurrence;
use crate::translate::moment::DAY;
use crate::translate::recurrence::{Days, End};

impl Series {
    /// The day of an occurrence and its second, by the clock of the series.
    fn local(&self, occurrence: Occurrence) -> i64 {
        match (occurrence.0, &self.anchor.form) {
            (When::Date(day), _) => day * DAY,
            (When::Utc(instant), Form::Zoned(zone)) => zone.to_local(instant),
            (When::Local(local) | When::Utc(local), _) => local,
        }
    }

    /// The day of an occurrence, by the clock of the series.
    pub(super) fn day(&self, occurrence: Occurrence) -> i64 {
        self.local(occurrence).div_euclid(DAY)
    }

    /// The occurrence of a day.
    pub(super) fn on_day(&self, day: i64) -> Occurrence {
        let local = day * DAY + self.anchor.local.rem_euclid(DAY);
        Occurrence(match &self.anchor.form {
            Form::Date => When::Date(day),
            Form::Floating => When::Local(local),
            Form::Utc => When::Utc(local),
            Form::Zoned(zone) => When::Utc(zone.to_instant(local)),
        })
    }

    /// The days it repeats on, whatever was done to its occurrences since.
    pub(super) fn days(&self, subject: &Subject<'_, '_>) -> Days {
        Days::of(self.recurrence, &self.anchor, subject.floating())
    }

    /// Whether one of these days has this occurrence.
    pub(super) fn has(&self, days: &Days, occurrence: Occurrence) -> bool {
        let day = self.day(occurrence);
        self.on_day(day) == occurrence && days.has(day)
    }

    /// The instant that RecurrenceID tells for an occurrence: its start, of whole days the day at 0 hours UTC.
    pub(super) fn told(&self, subject: &Subject<'_, '_>, occurrence: Occurrence) -> i64 {
        match self.times.span {
            Span::Days(..) => self.day(occurrence) * DAY,
            Span::Timed(..) => super::times::told(occurrence, subject.floating()),
        }
    }

    /// The occurrences that EXDATE takes out, each once.
    pub(super) fn taken_out(&self, subject: &Subject<'_, '_>) -> Vec<Occurrence> {
        let lines = subject.component().properties_named("EXDATE");
        let mut found: Vec<Occurrence> = Vec::new();
        for occurrence in lines.flat_map(|line| occurrences(line, &subject.zones, &self.anchor)).flatten() {
            if !found.contains(&occurrence) {
                found.push(occurrence);
            }
        }
        found
    }

    /// How many days after the first one the last occurrence may be; of an endless series a hundred years, as a list wants
    /// some end.
    pub(super) fn days_until_last(&self, subject: &Subject<'_, '_>) -> i64 {
        let first = self.anchor.local.div_euclid(DAY);
        let last = match self.recurrence.end {
            End::Never => None,
            End::Window(window) => Some(self.anchor.last_day(window, subject.floating())),
            End::Count(_) => self.days(subject).last(),
        };
        last.map_or(36_525, |last| (last - first).max(0))
    }
}
