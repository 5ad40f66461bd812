//! From components to a [`Timeline`].

use kontor_contentline::{Component, Line};

use super::repeat::Series;
use super::{Alarm, Anchor, Busy, End, Kind, Override, Part, Period, Range, Timeline, Trigger};
use crate::budget::Budget;
use crate::civil::{DAY, END};
use crate::fault::{Fault, Problem};
use crate::stamp::{Form, Stamp, end_of, items, tzid_of};
use crate::value::{self, Duration};
use crate::zone::{Zone, Zones};

/// Problems that are reported.
const MOST_PROBLEMS: usize = 100;

/// Alarms that one component may have; the rest are not looked at.
const MOST_ALARMS: usize = 1_000;

impl Timeline {
    /// Compiles the components of a VCALENDAR. What cannot be read is left out and reported. The budget is for counting
    /// out COUNT, which is done here once and for all.
    #[must_use]
    pub fn compile(calendar: Component<'_, '_>, budget: &mut Budget) -> (Self, Vec<Problem>) {
        let mut reader = Reader { zones: Zones::of(calendar), budget, problems: Vec::new() };
        let timed = || {
            calendar.children().enumerate().filter_map(|(source, component)| {
                Some((u32::try_from(source).ok()?, Kind::of(component.name())?, component))
            })
        };
        let mut timeline = Self::default();
        for (source, kind, component) in timed() {
            if component.property("RECURRENCE-ID").is_none() {
                timeline.masters.push(reader.part(source, kind, component, Role::Master));
            }
        }
        let master = timeline.masters.first().map(|part| (part.form.clone(), part.anchor()));
        for (source, kind, component) in timed() {
            timeline.overrides.extend(reader.over(source, kind, component, master.as_ref()));
        }
        timeline.overrides.sort_by_key(|one| one.id);
        (timeline, reader.problems)
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    Master,
    Override,
    Future,
}

pub(super) struct Reader<'r, 't, 'a> {
    pub(super) zones: Zones<'t, 'a>,
    pub(super) budget: &'r mut Budget,
    problems: Vec<Problem>,
}

impl Reader<'_, '_, '_> {
    pub(super) fn problem(&mut self, line: &Line<'_>, fault: Fault) {
        if self.problems.len() < MOST_PROBLEMS {
            self.problems.push(Problem { line: line.number(), fault });
        }
    }

    /// One value of a date property.
    pub(super) fn stamp(&mut self, line: &Line<'_>, text: &str, name: &'static str) -> Option<Stamp> {
        let tzid = tzid_of(line);
        match Stamp::read(text, tzid.as_deref(), &self.zones) {
            Some((stamp, unknown)) => {
                if unknown {
                    self.problem(line, Fault::Zone(tzid.unwrap_or_default()));
                }
                Some(stamp)
            }
            None => {
                let early = text.trim().starts_with("0000") && !text.contains('-');
                self.problem(line, if early { Fault::TooEarly(name) } else { Fault::Date(name) });
                None
            }
        }
    }

    /// The date in the first property of that name.
    fn date(&mut self, component: Component<'_, '_>, name: &'static str) -> Option<Stamp> {
        let line = component.property(name)?;
        self.stamp(line, &line.value_str(), name)
    }

    fn duration(&mut self, component: Component<'_, '_>) -> Option<Duration> {
        let line = component.property("DURATION")?;
        let duration = value::duration(&line.value_str());
        if duration.is_none() {
            self.problem(line, Fault::Duration("DURATION"));
        }
        duration
    }

    fn part(&mut self, source: u32, kind: Kind, component: Component<'_, '_>, role: Role) -> Part {
        let end_name = if kind == Kind::Todo { "DUE" } else { "DTEND" };
        let start = self.date(component, "DTSTART");
        let due = if kind == Kind::Journal { None } else { self.date(component, end_name) };
        let (anchor, form) = match (&start, &due) {
            (Some(start), _) => (Anchor::Start(start.local), start.form.clone()),
            (None, Some(due)) if kind == Kind::Todo => (Anchor::Due(due.local), due.form.clone()),
            _ => (Anchor::None, Form::Utc),
        };
        let mut part = Part {
            kind,
            source,
            form,
            anchor,
            end: End::Open,
            busy: busy(kind, component),
            repeat: None,
            completed: None,
            created: None,
            alarms: self.alarms(component),
            periods: if kind == Kind::FreeBusy { self.periods(component) } else { Vec::new() },
        };
        if let Some(start) = start {
            part.end = self.end(component, end_name, &start, due, kind);
        }
        if matches!(part.anchor, Anchor::None) && kind == Kind::Todo {
            let utc = Zone::utc();
            part.completed = self.date(component, "COMPLETED").map(|stamp| stamp.instant(&utc));
            part.created = self.date(component, "CREATED").map(|stamp| stamp.instant(&utc));
        }
        if role == Role::Master
            && let Some(anchor) = part.anchor()
        {
            let mut series = Series::new(self, part.form.clone(), anchor);
            series.read(component);
            part.repeat = series.finish();
        }
        if part.repeat.is_none() && role != Role::Future {
            part.settle();
        }
        let late = |local: i64| local.saturating_add(part.length().nominal()) > END + 1;
        let line = component.property("DTSTART").or_else(|| component.property(end_name));
        if let Some(line) = line.filter(|_| part.anchor().is_some_and(late)) {
            self.problem(line, Fault::TooLate);
        }
        part
    }

    fn end(
        &mut self,
        component: Component<'_, '_>,
        name: &str,
        start: &Stamp,
        end: Option<Stamp>,
        kind: Kind,
    ) -> End {
        if let Some(end) = end {
            let length = length(start, &end);
            if length.nominal() >= 0 {
                return End::Fixed(length);
            }
            if let Some(line) = component.property(name) {
                self.problem(line, Fault::EndBeforeStart);
            }
            return End::Fixed(Duration::default());
        }
        if kind == Kind::Journal {
            return End::Open;
        }
        match self.duration(component) {
            Some(length) if length.nominal() >= 0 => End::Lasting(length),
            Some(_) => End::Lasting(Duration::default()),
            None => End::Open,
        }
    }

    /// The override that a component with RECURRENCE-ID is.
    fn over(
        &mut self,
        source: u32,
        kind: Kind,
        component: Component<'_, '_>,
        master: Option<&(Form, Option<i64>)>,
    ) -> Option<Override> {
        let line = component.property("RECURRENCE-ID")?;
        let Some(id) = self.stamp(line, &line.value_str(), "RECURRENCE-ID") else {
            // Better shown at its own time than lost.
            let part = self.part(source, kind, component, Role::Override);
            return Some(Override { id: part.anchor().unwrap_or(0), future: None, part });
        };
        let future = line.param("RANGE").is_some_and(|range| range.has("THISANDFUTURE"));
        let part = self.part(source, kind, component, if future { Role::Future } else { Role::Override });
        let (form, anchor) = master.map_or((&part.form, None), |(form, anchor)| (form, *anchor));
        let mut local = id.local_in(form);
        if id.form == Form::Date && *form != Form::Date {
            // Some write the day alone for a series of times; it is the instance of that day.
            local += anchor.unwrap_or(0).rem_euclid(DAY);
        }
        let shift = part
            .anchor()
            .map(|anchor| Stamp { form: part.form.clone(), local: anchor }.local_in(form) - local);
        Some(Override { id: local, future: if future { shift } else { None }, part })
    }

    fn alarms(&mut self, component: Component<'_, '_>) -> Vec<Alarm> {
        component.children_named("VALARM").take(MOST_ALARMS).filter_map(|alarm| self.alarm(alarm)).collect()
    }

    fn alarm(&mut self, alarm: Component<'_, '_>) -> Option<Alarm> {
        let line = alarm.property("TRIGGER")?;
        let trigger = match value::duration(&line.value_str()) {
            Some(offset) if line.param("RELATED").is_some_and(|related| related.has("END")) => {
                Trigger::FromEnd(offset)
            }
            Some(offset) => Trigger::FromStart(offset),
            None => match Stamp::of(line, &self.zones) {
                Some(stamp) => Trigger::At(stamp.instant(&Zone::utc())),
                None => {
                    self.problem(line, Fault::Alarm);
                    return None;
                }
            },
        };
        let repeat = alarm.property("REPEAT").and_then(|line| line.value_str().trim().parse().ok());
        let every = alarm.property("DURATION").and_then(|line| value::duration(&line.value_str()));
        let every = every.map_or(0, Duration::nominal);
        let repeat = if every > 0 { repeat.unwrap_or(0) } else { 0 };
        Some(Alarm { trigger, repeat, every: if repeat > 0 { every } else { 0 } })
    }

    fn periods(&mut self, component: Component<'_, '_>) -> Vec<Period> {
        let mut periods = Vec::new();
        for line in component.properties_named("FREEBUSY") {
            let busy = line.param("FBTYPE").map_or(Busy::Busy, |kind| Busy::of_fbtype(&kind.value()));
            for item in items(line) {
                match self.period(line, &item) {
                    Some(range) if busy != Busy::Free => periods.push(Period { range, busy }),
                    _ => {}
                }
            }
        }
        periods.sort_by_key(|period| (period.range.start, period.range.end));
        periods
    }

    /// A PERIOD (RFC 5545 3.3.9) as instants.
    fn period(&mut self, line: &Line<'_>, item: &str) -> Option<Range> {
        let (start, end) = item.split_once('/')?;
        let start = self.stamp(line, start, "FREEBUSY")?.instant(&Zone::utc());
        let end = match value::duration(end) {
            Some(length) => start + length.nominal(),
            None => self.stamp(line, end, "FREEBUSY")?.instant(&Zone::utc()),
        };
        (end > start).then_some(Range { start, end })
    }
}

impl Part {
    /// A one-off time in a zone is its instants; the zone is not needed any more.
    fn settle(&mut self) {
        let (Form::Zoned(zone), Some(local)) = (&self.form, self.anchor()) else { return };
        let form = Form::Zoned(zone.clone());
        let start = zone.to_instant(local);
        let exact = |length: Duration| Duration::seconds(end_of(&form, local, start, length, zone) - start);
        self.end = match self.end {
            End::Open => End::Open,
            End::Fixed(length) => End::Fixed(exact(length)),
            End::Lasting(length) => End::Lasting(exact(length)),
        };
        self.anchor = match self.anchor {
            Anchor::Due(_) => Anchor::Due(start),
            _ => Anchor::Start(start),
        };
        self.form = Form::Utc;
    }
}

/// How long it is from start to end: in days between days, exact between instants, by the wall clock else.
fn length(start: &Stamp, end: &Stamp) -> Duration {
    if start.form.is_fixed() && end.form.is_fixed() {
        let utc = Zone::utc();
        return Duration::seconds(end.instant(&utc) - start.instant(&utc));
    }
    let wall = end.local - start.local;
    if wall < 0 {
        return Duration::seconds(wall);
    }
    Duration { days: (wall / DAY) as i32, seconds: wall % DAY }
}

fn busy(kind: Kind, component: Component<'_, '_>) -> Busy {
    if kind != Kind::Event {
        return Busy::Free;
    }
    let word = |name: &str| component.property(name).map(|line| line.value_str().trim().to_ascii_uppercase());
    let status = word("STATUS");
    if word("TRANSP").as_deref() == Some("TRANSPARENT") || status.as_deref() == Some("CANCELLED") {
        return Busy::Free;
    }
    match (status.as_deref(), word("X-MICROSOFT-CDO-BUSYSTATUS").as_deref()) {
        (Some("TENTATIVE"), _) | (_, Some("TENTATIVE")) => Busy::Tentative,
        (_, Some("OOF")) => Busy::Unavailable,
        (_, Some("FREE")) => Busy::Free,
        _ => Busy::Busy,
    }
}

impl Busy {
    /// The value of FBTYPE; what is not known counts as busy (RFC 5545 3.2.9).
    #[must_use]
    pub fn of_fbtype(text: &str) -> Self {
        match text.to_ascii_uppercase().as_str() {
            "FREE" => Self::Free,
            "BUSY-TENTATIVE" => Self::Tentative,
            "BUSY-UNAVAILABLE" => Self::Unavailable,
            _ => Self::Busy,
        }
    }

    /// The value of FBTYPE.
    #[must_use]
    pub fn fbtype(self) -> &'static str {
        match self {
            Self::Free => "FREE",
            Self::Tentative => "BUSY-TENTATIVE",
            Self::Busy => "BUSY",
            Self::Unavailable => "BUSY-UNAVAILABLE",
        }
    }
}
