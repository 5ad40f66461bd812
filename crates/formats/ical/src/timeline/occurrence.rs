//! From a timeline to single occurrences.

use std::ops::ControlFlow;

use super::instances::Instances;
use super::{Busy, Kind, Override, Part, Range, Repeat, Timeline};
use crate::budget::{Budget, Exhausted};
use crate::civil::DAY;
use crate::stamp::{Form, Walker, end_of};
use crate::value::{Duration, When};
use crate::zone::Zone;

/// Times beyond this many seconds from 1970 are cut off, so that sums cannot overflow.
const FAR: i64 = 1 << 42;

/// One occurrence of a component.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Occurrence {
    /// What it is an occurrence of.
    pub kind: Kind,
    /// First instant.
    pub start: i64,
    /// First instant after it; equal to `start` if it takes no time.
    pub end: i64,
    /// What the start refers to.
    pub form: Form,
    /// The start in local seconds of `form`.
    pub local: i64,
    /// For instances of a series and for overrides: the start that the series gave it, a DATE, a floating time or an instant.
    pub recurrence_id: Option<When>,
    /// What it does to the owner's time.
    pub busy: Busy,
    /// Which component inside VCALENDAR describes it, counted from 0 over all of them, VTIMEZONEs included.
    pub source: u32,
}

/// A stretch of time and what it means for its owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    /// When.
    pub range: Range,
    /// What it means.
    pub busy: Busy,
}

/// An occurrence before anyone asked for its details.
pub(super) struct Hit<'a> {
    pub(super) part: &'a Part,
    pub(super) form: &'a Form,
    pub(super) local: i64,
    pub(super) start: i64,
    pub(super) end: i64,
    /// Length comes from an RDATE period.
    pub(super) own_length: bool,
    id: Option<(&'a Form, i64)>,
}

/// Where an instance lies, before its end is worked out.
struct Place<'a> {
    form: &'a Form,
    local: i64,
    start: i64,
    length: Option<Duration>,
    id: Option<(&'a Form, i64)>,
}

/// What is asked, and by whom.
pub(super) struct Search<'a> {
    pub(super) kind: Kind,
    /// Occurrences that end at or after `low` and start at or before `high` are handed out.
    pub(super) low: i64,
    pub(super) high: i64,
    pub(super) floating: &'a Zone,
}

impl<'a> Search<'a> {
    pub(super) fn new(kind: Kind, range: Range, floating: &'a Zone) -> Self {
        Self { kind, low: range.start.clamp(-FAR, FAR), high: range.end.clamp(-FAR, FAR), floating }
    }
}

impl Timeline {
    /// The occurrences inside a range, in order of start. Of whole days and floating times the zone is `floating`.
    ///
    /// # Errors
    /// [`Exhausted`] if there are more than the budget allows.
    pub fn occurrences(
        &self,
        kind: Kind,
        range: Range,
        floating: &Zone,
        budget: &mut Budget,
    ) -> Result<Vec<Occurrence>, Exhausted> {
        let mut found = Vec::new();
        let _ = self.visit(&Search::new(kind, range, floating), budget, &mut |hit| {
            if range.holds(hit.start, hit.end) {
                found.push(hit.occurrence());
            }
            ControlFlow::Continue(())
        });
        if budget.is_spent() {
            return Err(Exhausted);
        }
        found.sort_by_key(|one| (one.start, one.end));
        Ok(found)
    }

    /// Adds the time that this object takes from its owner inside a range, cut to the range: busy occurrences of events,
    /// and the periods of a VFREEBUSY (RFC 4791 7.10). In no particular order.
    ///
    /// # Errors
    /// [`Exhausted`] if there are more occurrences than the budget allows.
    pub fn busy(
        &self,
        range: Range,
        floating: &Zone,
        budget: &mut Budget,
        out: &mut Vec<Period>,
    ) -> Result<(), Exhausted> {
        let mut add = |start: i64, end: i64, busy: Busy| {
            let range = Range { start: start.max(range.start), end: end.min(range.end) };
            if busy != Busy::Free && range.start < range.end {
                out.push(Period { range, busy });
            }
        };
        if self.parts().any(|part| part.busy != Busy::Free) {
            let _ = self.visit(&Search::new(Kind::Event, range, floating), budget, &mut |hit| {
                add(hit.start, hit.end, hit.part.busy);
                ControlFlow::Continue(())
            });
        }
        for period in self.parts().flat_map(|part| &part.periods) {
            add(period.range.start, period.range.end, period.busy);
        }
        if budget.is_spent() { Err(Exhausted) } else { Ok(()) }
    }

    /// Whether a series has an instance at this local second, overridden or not.
    pub(crate) fn has_instance(&self, local: i64, budget: &mut Budget) -> bool {
        let series = self.masters.iter().filter_map(|part| Some((part.repeat.as_ref()?, part.anchor()?)));
        let excluded = |repeat: &Repeat| repeat.excludes(local);
        let mut found = series.filter(|(repeat, _)| !excluded(repeat)).map(|(repeat, anchor)| {
            Instances::new(repeat, anchor, local, local, budget).next(budget).is_some()
        });
        found.any(|found| found) || self.is_overridden(local)
    }

    /// Sources of the overrides that touch a range neither by their own time nor by that of the instance they stand for,
    /// nor, with THISANDFUTURE, by what follows (RFC 4791 9.6.6).
    pub(crate) fn overrides_outside(&self, range: Range, floating: &Zone) -> Vec<u32> {
        let master = self.masters.first();
        let outside = |one: &&Override| {
            let touches = |form: &Form, local: i64, length: Duration| {
                let start = form.instant(local, floating);
                range.holds(start, end_of(form, local, start, length, floating).max(start))
            };
            let (form, length) =
                master.map_or((&one.part.form, one.part.length()), |part| (&part.form, part.length()));
            let own = one.part.anchor().is_none_or(|local| touches(&one.part.form, local, one.part.length()));
            let follows = one.future.is_some() && form.instant(one.id, floating) < range.end;
            !(own || follows || touches(form, one.id, length))
        };
        self.overrides.iter().filter(outside).map(|one| one.part.source).collect()
    }

    /// Hands out every dated occurrence that the search may want, until told to stop.
    pub(super) fn visit<'a>(
        &'a self,
        search: &Search<'_>,
        budget: &mut Budget,
        found: &mut dyn FnMut(Hit<'a>) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        for part in self.masters.iter().filter(|part| part.kind == search.kind) {
            match (&part.repeat, part.anchor()) {
                (Some(repeat), Some(anchor)) => {
                    self.visit_series(part, repeat, anchor, search, budget, found)?
                }
                (None, Some(anchor)) if !self.is_overridden(anchor) => {
                    let start = part.form.instant(anchor, search.floating);
                    let place = Place { form: &part.form, local: anchor, start, length: None, id: None };
                    part.visit_at(place, search, found)?;
                }
                _ => {}
            }
        }
        let master = self.masters.first();
        for one in self.overrides.iter().filter(|one| one.part.kind == search.kind) {
            let excluded =
                master.and_then(|part| part.repeat.as_ref()).is_some_and(|repeat| repeat.excludes(one.id));
            let Some(anchor) = one.part.anchor().filter(|_| !excluded) else { continue };
            if !budget.take(1) {
                return ControlFlow::Break(());
            }
            let id = Some((master.map_or(&one.part.form, |part| &part.form), one.id));
            let form = &one.part.form;
            let start = form.instant(anchor, search.floating);
            one.part.visit_at(Place { form, local: anchor, start, length: None, id }, search, found)?;
        }
        ControlFlow::Continue(())
    }

    fn is_overridden(&self, local: i64) -> bool {
        self.overrides.binary_search_by_key(&local, |one| one.id).is_ok()
    }

    fn visit_series<'a>(
        &'a self,
        part: &'a Part,
        repeat: &'a Repeat,
        anchor: i64,
        search: &Search<'_>,
        budget: &mut Budget,
        found: &mut dyn FnMut(Hit<'a>) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        let reach = self.reach(part, repeat);
        let low = part.form.local(search.low - reach.length, search.floating) - DAY - reach.later;
        let high = part.form.local(search.high, search.floating) + DAY + reach.earlier;
        let mut instances = Instances::new(repeat, anchor, low, high, budget);
        let mut overrides = self.overrides.as_slice();
        let mut governing: Option<&Override> = None;
        let mut in_gap = Vec::new();
        let mut walker = Walker::new(&part.form, search.floating);
        while let Some(local) = instances.next(budget) {
            let mut overridden = false;
            while let Some((one, rest)) = overrides.split_first().filter(|(one, _)| one.id <= local) {
                overridden = one.id == local;
                governing = if one.future.is_some() { Some(one) } else { governing };
                overrides = rest;
            }
            if overridden {
                continue;
            }
            let length = repeat.length_at(local);
            let id = Some((&part.form, local));
            let (describing, form, at) = match governing {
                Some(one) => one.place(part, local),
                None => (part, &part.form, local),
            };
            // A time in a gap is the same instant as one after it, and a set has each instant once.
            let (start, gap) = match governing {
                Some(_) => (form.instant(at, search.floating), false),
                None => walker.instant(at),
            };
            if !in_gap.is_empty() && in_gap.binary_search(&start).is_ok() {
                continue;
            }
            if gap {
                in_gap.push(start);
            }
            describing.visit_at(Place { form, local: at, start, length, id }, search, found)?;
        }
        ControlFlow::Continue(())
    }

    /// How far instances may lie from the wall-clock time that the series gives them.
    fn reach(&self, part: &Part, repeat: &Repeat) -> Reach {
        let nominal = |length: Duration| length.nominal().min(FAR);
        let mut reach = Reach { length: nominal(part.length()), later: 0, earlier: 0 };
        for (_, length) in &repeat.lengths {
            reach.length = reach.length.max(nominal(*length));
        }
        for one in &self.overrides {
            let Some(shift) = one.future else { continue };
            reach.length = reach.length.max(nominal(one.part.length()));
            reach.later = reach.later.max(shift + DAY);
            reach.earlier = reach.earlier.max(DAY - shift);
        }
        reach
    }
}

struct Reach {
    length: i64,
    later: i64,
    earlier: i64,
}

impl Override {
    /// Where THISANDFUTURE moves an instance of a series: its description, form and local second.
    fn place<'a>(&'a self, master: &'a Part, local: i64) -> (&'a Part, &'a Form, i64) {
        let at = local + self.future.unwrap_or(0);
        match (&master.form, &self.part.form) {
            (Form::Date, Form::Date) => (&self.part, &master.form, at),
            (Form::Date, own) => (&self.part, own, at),
            (_, Form::Date) => (&self.part, &self.part.form, at.div_euclid(DAY) * DAY),
            _ => (&self.part, &master.form, at),
        }
    }
}

impl Repeat {
    /// The length that an RDATE period gives an instance.
    fn length_at(&self, local: i64) -> Option<Duration> {
        let at = self.lengths.binary_search_by_key(&local, |(start, _)| *start).ok()?;
        self.lengths.get(at).map(|(_, length)| *length)
    }
}

impl Part {
    fn visit_at<'a>(
        &'a self,
        place: Place<'a>,
        search: &Search<'_>,
        found: &mut dyn FnMut(Hit<'a>) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        let Place { form, local, start, length, id } = place;
        let end = end_of(form, local, start, length.unwrap_or(self.length()), search.floating).max(start);
        if start > search.high || end < search.low {
            return ControlFlow::Continue(());
        }
        found(Hit { part: self, form, local, start, end, own_length: length.is_some(), id })
    }
}

impl Hit<'_> {
    fn occurrence(&self) -> Occurrence {
        let recurrence_id = self.id.map(|(form, local)| match form {
            Form::Date => When::Date(local.div_euclid(DAY)),
            Form::Floating => When::Local(local),
            Form::Utc => When::Utc(local),
            Form::Zoned(zone) => When::Utc(zone.to_instant(local)),
        });
        Occurrence {
            kind: self.part.kind,
            start: self.start,
            end: self.end,
            form: self.form.clone(),
            local: self.local,
            recurrence_id,
            busy: self.part.busy,
            source: self.part.source,
        }
    }
}

impl Range {
    /// Whether something from `start` to `end` lies in the range, at least in part; what takes no time does if its moment
    /// does.
    #[must_use]
    pub fn holds(&self, start: i64, end: i64) -> bool {
        start < self.end && (end > self.start || start >= self.start)
    }
}
