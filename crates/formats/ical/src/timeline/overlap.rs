//! Does a component overlap a time range: the tables of RFC 4791 9.9.

use std::ops::ControlFlow;

use super::occurrence::{Hit, Search};
use super::{Alarm, Anchor, End, Kind, Part, Range, Timeline, Trigger};
use crate::budget::Budget;
use crate::civil::DAY;
use crate::stamp::Form;
use crate::value::Duration;
use crate::zone::Zone;

impl Timeline {
    /// Whether a component of this kind overlaps the range (RFC 4791 9.9), any instance of a series counting. If the
    /// budget is spent the answer is yes: a client can leave out what it did not want, but not find what it did not get.
    #[must_use]
    pub fn overlaps(&self, kind: Kind, range: Range, floating: &Zone, budget: &mut Budget) -> bool {
        let search = Search::new(kind, range, floating);
        let mut parts = self.parts().filter(|part| part.kind == kind);
        if kind == Kind::FreeBusy {
            return parts.any(|part| part.free_busy_overlaps(range, floating));
        }
        if kind == Kind::Todo && parts.any(|part| part.dateless_overlaps(range)) {
            return true;
        }
        let found = self.visit(&search, budget, &mut |hit| stop_if(hit.overlaps(range, floating)));
        found.is_break() || budget.is_spent()
    }

    /// Whether an alarm inside a component of this kind goes off in the range (RFC 4791 9.9, VALARM). If the budget is spent
    /// the answer is yes.
    #[must_use]
    pub fn overlaps_alarm(&self, kind: Kind, range: Range, floating: &Zone, budget: &mut Budget) -> bool {
        let alarms = || self.parts().filter(|part| part.kind == kind).flat_map(|part| &part.alarms);
        if alarms().any(|alarm| alarm.rings_at_instant(range)) {
            return true;
        }
        let reaches = alarms().filter_map(Alarm::reach).fold(None, |all: Option<(i64, i64)>, (low, high)| {
            Some(all.map_or((low, high), |(l, h)| (l.min(low), h.max(high))))
        });
        let Some((earliest, latest)) = reaches else { return false };
        let window = Range {
            start: range.start.saturating_sub(latest.max(0) + DAY),
            end: range.end.saturating_add(-earliest.min(0) + DAY),
        };
        let search = Search::new(kind, window, floating);
        let found = self.visit(&search, budget, &mut |hit| {
            stop_if(hit.part.alarms.iter().any(|alarm| hit.rings(alarm, range, floating)))
        });
        found.is_break() || budget.is_spent()
    }
}

fn stop_if(found: bool) -> ControlFlow<()> {
    if found { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
}

impl Hit<'_> {
    fn overlaps(&self, range: Range, floating: &Zone) -> bool {
        let Range { start, end } = range;
        let (from, to) = (self.start, self.end);
        let written = if self.own_length { End::Fixed(Duration::default()) } else { self.part.end };
        let is_day = *self.form == Form::Date;
        match (self.part.kind, written) {
            (Kind::Event, End::Fixed(_)) => start < to && end > from,
            (Kind::Event, End::Lasting(_)) if to > from => start < to && end > from,
            (Kind::Event, End::Open) if is_day => start < to && end > from,
            (Kind::Event, _) => start <= from && end > from,
            (Kind::Journal, _) if is_day => start < floating.to_instant(self.local + DAY) && end > from,
            (Kind::Journal, _) => start <= from && end > from,
            (Kind::Todo, _) if matches!(self.part.anchor, Anchor::Due(_)) => start < from && end >= from,
            (Kind::Todo, End::Lasting(_)) => start <= to && (end > from || end >= to),
            (Kind::Todo, End::Fixed(_)) => (start < to || start <= from) && (end > from || end >= to),
            (Kind::Todo, End::Open) => start <= from && end > from,
            (Kind::FreeBusy, _) => start <= to && end > from,
        }
    }

    fn rings(&self, alarm: &Alarm, range: Range, floating: &Zone) -> bool {
        let first = match alarm.trigger {
            Trigger::At(_) => return false,
            Trigger::FromStart(offset) => self.moved(self.local, self.start, offset, floating),
            Trigger::FromEnd(offset) => {
                self.moved(self.form.local(self.end, floating), self.end, offset, floating)
            }
        };
        alarm.rings_in(first, range)
    }

    fn moved(&self, local: i64, instant: i64, offset: Duration, floating: &Zone) -> i64 {
        crate::stamp::end_of(self.form, local, instant, offset, floating)
    }
}

impl Alarm {
    /// Seconds from start or end to its first and last ringing.
    fn reach(&self) -> Option<(i64, i64)> {
        let offset = match self.trigger {
            Trigger::At(_) => return None,
            Trigger::FromStart(offset) | Trigger::FromEnd(offset) => offset.nominal(),
        };
        Some((offset, offset.saturating_add(self.every.saturating_mul(i64::from(self.repeat)))))
    }

    fn rings_at_instant(&self, range: Range) -> bool {
        matches!(self.trigger, Trigger::At(instant) if self.rings_in(instant, range))
    }

    /// Whether it rings in the range if it rings first at an instant.
    fn rings_in(&self, first: i64, range: Range) -> bool {
        if first >= range.start || self.every <= 0 {
            return first >= range.start && first < range.end;
        }
        let missed = range.start.saturating_sub(first);
        let nth = missed / self.every + i64::from(missed % self.every != 0);
        nth <= i64::from(self.repeat) && first + nth * self.every < range.end
    }
}

impl Part {
    /// RFC 4791 9.9, the last four rows of the VTODO table: neither DTSTART nor DUE.
    fn dateless_overlaps(&self, range: Range) -> bool {
        let Range { start, end } = range;
        if self.anchor != Anchor::None {
            return false;
        }
        match (self.completed, self.created) {
            (Some(completed), Some(created)) => {
                (start <= created || start <= completed) && (end >= created || end >= completed)
            }
            (Some(completed), None) => start <= completed && end >= completed,
            (None, Some(created)) => end > created,
            (None, None) => true,
        }
    }

    fn free_busy_overlaps(&self, range: Range, floating: &Zone) -> bool {
        if let (Some(local), End::Fixed(length) | End::Lasting(length)) = (self.anchor(), self.end) {
            let from = self.form.instant(local, floating);
            let to = crate::stamp::end_of(&self.form, local, from, length, floating);
            return range.start <= to && range.end > from;
        }
        self.periods.iter().any(|period| range.start < period.range.end && range.end > period.range.start)
    }
}
