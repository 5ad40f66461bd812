//! From when to when a calendar object can be met at all: what an index keeps.

use super::{Alarm, Anchor, Kind, Part, Repeat, Timeline, Trigger};
use crate::civil::DAY;
use crate::rule::Until;
use crate::stamp::{Form, end_of};
use crate::zone::Zone;

/// Wall-clock times without a zone may be so far from UTC.
const FARTHEST_ZONE: i64 = 14 * 3_600;

/// First and last instant that matter. An object can overlap a range only if `first <= range.end` and `last` is none or
/// `last >= range.start`; both bounds are wide enough for every row of RFC 4791 9.9, and for any zone of floating times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// Seconds since 1970 in UTC.
    pub first: i64,
    /// Seconds since 1970 in UTC; `None` if it never ends.
    pub last: Option<i64>,
}

impl Span {
    /// Of what overlaps no range, such as a VJOURNAL without DTSTART.
    pub const NEVER: Self = Self { first: i64::MAX, last: Some(i64::MIN) };
    /// Of what overlaps every range, such as a VTODO without any date.
    pub const ALWAYS: Self = Self { first: i64::MIN, last: None };

    fn between(first: i64, last: i64) -> Self {
        Self { first, last: Some(last) }
    }

    fn join(self, other: Self) -> Self {
        let last = match (self.last, other.last) {
            (Some(one), Some(two)) => Some(one.max(two)),
            _ => None,
        };
        Self { first: self.first.min(other.first), last }
    }

    /// Whether something with this span can overlap a range.
    #[must_use]
    pub fn may_overlap(&self, range: super::Range) -> bool {
        self.first <= range.end && self.last.is_none_or(|last| last >= range.start)
    }
}

impl Timeline {
    /// From when to when any of its components can overlap a time range.
    #[must_use]
    pub fn span(&self) -> Span {
        let shifts = || self.overrides.iter().filter_map(|one| one.future);
        let (earlier, later) = (shifts().min().unwrap_or(0).min(0), shifts().max().unwrap_or(0).max(0));
        let lengths =
            self.overrides.iter().filter(|one| one.future.is_some()).map(|one| one.part.length().nominal());
        let length = lengths.max().unwrap_or(0);
        let masters = self.masters.iter().map(|part| match &part.repeat {
            Some(repeat) => part.series_span(repeat, earlier, later, length),
            None => part.single_span(),
        });
        let overrides = self.overrides.iter().map(|one| one.part.single_span());
        masters.chain(overrides).fold(Span::NEVER, Span::join)
    }

    /// From when to when an alarm of any of its components can go off; `None` without alarms.
    #[must_use]
    pub fn alarm_span(&self) -> Option<Span> {
        let span = self.span();
        let all = self.parts().flat_map(|part| &part.alarms).map(|alarm| alarm.span(span));
        all.reduce(Span::join)
    }
}

impl Alarm {
    fn span(&self, span: Span) -> Span {
        let tail = self.every.saturating_mul(i64::from(self.repeat));
        match self.trigger {
            Trigger::At(instant) => Span::between(instant, instant.saturating_add(tail)),
            Trigger::FromStart(offset) | Trigger::FromEnd(offset) => {
                let offset = offset.nominal();
                Span {
                    first: span.first.saturating_add(offset.min(0)).saturating_sub(DAY),
                    last: span.last.map(|last| last.saturating_add(offset.max(0) + DAY).saturating_add(tail)),
                }
            }
        }
    }
}

impl Part {
    /// Instants of a stretch of wall-clock time, wide enough for any zone.
    fn wide(&self, from: i64, to: i64) -> Span {
        match self.form {
            Form::Floating | Form::Date => Span::between(from - FARTHEST_ZONE, to + FARTHEST_ZONE),
            _ => {
                let utc = Zone::utc();
                Span::between(self.form.instant(from, &utc), self.form.instant(to, &utc))
            }
        }
    }

    fn single_span(&self) -> Span {
        let periods = self.periods.iter().map(|period| Span::between(period.range.start, period.range.end));
        let span = periods.fold(Span::NEVER, Span::join);
        let Some(local) = self.anchor() else { return span.join(self.dateless_span()) };
        let utc = Zone::utc();
        let from = self.wide(local, local);
        let to = match &self.form {
            Form::Floating | Form::Date => {
                let day = if self.kind == Kind::Journal { DAY } else { 0 };
                self.wide(local, local + self.length().nominal().max(day))
            }
            form => {
                let start = form.instant(local, &utc);
                Span::between(start, end_of(form, local, start, self.length(), &utc))
            }
        };
        span.join(from).join(to)
    }

    fn dateless_span(&self) -> Span {
        if self.kind != Kind::Todo || self.anchor != Anchor::None {
            return Span::NEVER;
        }
        match (self.completed, self.created) {
            (Some(completed), Some(created)) => Span::between(created.min(completed), created.max(completed)),
            (Some(completed), None) => Span::between(completed, completed),
            (None, Some(created)) => Span { first: created, last: None },
            (None, None) => Span::ALWAYS,
        }
    }

    /// `earlier` and `later` are how far THISANDFUTURE moves instances, `length` how long it makes them.
    fn series_span(&self, repeat: &Repeat, earlier: i64, later: i64, length: i64) -> Span {
        let Some(anchor) = self.anchor() else { return Span::NEVER };
        let first = repeat.dates.first().map_or(anchor, |date| anchor.min(*date));
        let mut last = repeat.dates.last().map_or(anchor, |date| anchor.max(*date));
        let mut endless = false;
        for rule in &repeat.rules {
            match rule.until {
                Some(Until::Local(until)) => last = last.max(until),
                _ => endless = true,
            }
        }
        let lengths = repeat.lengths.iter().map(|(_, length)| length.nominal());
        let own = if self.kind == Kind::Journal { DAY } else { self.length().nominal() };
        let length = lengths.fold(length.max(own), i64::max);
        // A nominal day may have 25 hours.
        let slack = if self.form.is_fixed() && length >= DAY { 3_600 } else { 0 };
        let span = self.wide(first + earlier, last + later);
        let last = span.last.filter(|_| !endless).map(|last| last + length + slack);
        Span { first: span.first, last }
    }
}
