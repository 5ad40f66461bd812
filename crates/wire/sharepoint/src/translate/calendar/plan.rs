//! What an item is to Outlook.

use kontor_contentline::Component;
use kontor_ical::Object;
use kontor_ical::stamp::Form;
use kontor_ical::zone::{Zone, Zones};

use super::times::{Span, Times, occurrences, tzid_of};
use super::told;
use crate::row::{Context, Error, Occurrence, Part, Row};
use crate::translate::moment::{DAY, Moment, civil};
use crate::translate::recurrence::{Anchor, End, Recurrence};
use crate::translate::zone::{Rule, recent};

/// Longest occurrence that a pattern may have: a list keeps no series of longer ones.
const LONGEST: i64 = DAY;

/// What an item is.
#[derive(Debug)]
pub(super) enum Plan {
    /// One event.
    Single(Times),
    /// A series with a pattern.
    Series(Series),
    /// A series without one: told by its occurrences.
    Each,
    /// Occurrences without their series.
    Strays,
}

/// A series that a pattern describes.
#[derive(Debug)]
pub(super) struct Series {
    /// When its first occurrence is.
    pub(super) times: Times,
    /// Where it starts.
    pub(super) anchor: Anchor,
    /// How it repeats.
    pub(super) recurrence: Recurrence,
    /// The rule of its zone.
    pub(super) zone: Rule,
}

/// An item, read.
pub(super) struct Subject<'t, 'a> {
    pub(super) object: &'t Object<'a>,
    pub(super) zones: Zones<'t, 'a>,
    /// The component without RECURRENCE-ID.
    pub(super) master: Option<Component<'t, 'a>>,
    pub(super) plan: Plan,
    pub(super) context: Context<'t>,
}

/// An occurrence that has a component of its own.
pub(super) struct Override<'t, 'a> {
    pub(super) id: Occurrence,
    pub(super) component: Component<'t, 'a>,
    /// Whether it stands for all later ones, too.
    pub(super) future: bool,
}

impl<'t, 'a> Subject<'t, 'a> {
    pub(super) fn of(object: &'t Object<'a>, context: &'t Context<'t>) -> Result<Self, Error> {
        let mut events = object.calendar().children().filter(|component| component.is("VEVENT")).peekable();
        if events.peek().is_none() {
            return Err(Error::Unreadable("it has no event".into()));
        }
        let master = events.find(|component| component.property("RECURRENCE-ID").is_none());
        let zones = Zones::of(object.calendar());
        let mut subject = Self { object, zones, master, plan: Plan::Strays, context: *context };
        subject.plan = subject.decide()?;
        Ok(subject)
    }

    /// The zone of times that have none.
    pub(super) fn floating(&self) -> &'t Zone {
        self.context.zone
    }

    /// The component that describes the item.
    pub(super) fn component(&self) -> Component<'t, 'a> {
        self.master.unwrap_or_else(|| self.object.calendar())
    }

    pub(super) fn times(&self, component: Component<'_, '_>) -> Result<Times, Error> {
        Times::of(component, &self.zones, self.floating())
    }

    fn decide(&self) -> Result<Plan, Error> {
        let Some(master) = self.master else { return Ok(Plan::Strays) };
        let times = self.times(master)?;
        let has = |name: &str| master.property(name).is_some();
        if !["RRULE", "RDATE", "EXRULE", "EXDATE"].into_iter().any(has) {
            return Ok(Plan::Single(times));
        }
        let future = |one: Component<'_, '_>| {
            let id = one.property("RECURRENCE-ID").and_then(|line| line.param("RANGE"));
            id.is_some_and(|range| range.has("THISANDFUTURE"))
        };
        let plain = !has("RDATE") && !has("EXRULE") && !self.object.calendar().children().any(future);
        let mut rules = master.properties_named("RRULE");
        let series = match (rules.next(), rules.next()) {
            (Some(rule), None) if plain => self.series(times, &rule.value_str()),
            _ => None,
        };
        Ok(series.map_or(Plan::Each, Plan::Series))
    }

    /// The series, if a pattern describes it.
    fn series(&self, times: Times, rule: &str) -> Option<Series> {
        kontor_ical::rule::Rule::parse(rule).ok()?;
        let anchor = times.anchor();
        let mut recurrence = Recurrence::of_rule(rule, &anchor)?;
        if times.span.length() > LONGEST || self.is_skipped(&anchor) {
            return None;
        }
        let zone = match (times.span, &times.start.form) {
            // MS-OUTSPS 3.2.4.2.2, XMLTZone: whole days have no offset. Nor has UTC.
            (Span::Days(..), _) | (_, Form::Utc) => Rule::default(),
            (_, Form::Zoned(zone)) => recent::rule(zone, self.year(&anchor, &recurrence))?,
            (_, Form::Floating | Form::Date) => {
                recent::rule(self.floating(), self.year(&anchor, &recurrence))?
            }
        };
        if let (Span::Days(..), End::Window(window)) = (times.span, recurrence.end) {
            let last = anchor.last_day(window, self.floating());
            recurrence.end = End::Window(Moment { local: last * DAY, offset: Some(0) });
        }
        Some(Series { times, anchor, recurrence, zone })
    }

    /// Whether clocks skip the start: its instant names another hour, which Outlook would take for that of all occurrences.
    fn is_skipped(&self, anchor: &Anchor) -> bool {
        let zone = match &anchor.form {
            Form::Utc | Form::Date => return false,
            Form::Zoned(zone) => zone,
            Form::Floating => self.floating(),
        };
        zone.to_local(zone.to_instant(anchor.local)) != anchor.local
    }

    /// The year whose zone rule is told: this one, as far as the series reaches.
    fn year(&self, anchor: &Anchor, recurrence: &Recurrence) -> i32 {
        let now = civil(self.context.now.div_euclid(DAY)).0;
        let last = match recurrence.end {
            End::Window(window) => civil(window.instant(self.floating()).div_euclid(DAY)).0,
            End::Never | End::Count(_) => now,
        };
        now.min(last).max(civil(anchor.local.div_euclid(DAY)).0)
    }

    /// Occurrences that have a component of their own, in the order of the text.
    pub(super) fn overrides(&self) -> Vec<Override<'t, 'a>> {
        let anchor = self.master.and_then(|master| Some(self.times(master).ok()?.anchor()));
        let events = self.object.calendar().children().filter(|component| component.is("VEVENT"));
        events
            .filter_map(|component| {
                let line = component.property("RECURRENCE-ID")?;
                let own = match &anchor {
                    Some(anchor) => anchor.clone(),
                    None => self.own_anchor(line)?,
                };
                let id = occurrences(line, &self.zones, &own).into_iter().next()??;
                let future = line.param("RANGE").is_some_and(|range| range.has("THISANDFUTURE"));
                Some(Override { id, component, future })
            })
            .collect()
    }

    /// Without its series, a RECURRENCE-ID is told in its own form.
    fn own_anchor(&self, line: &kontor_contentline::Line<'_>) -> Option<Anchor> {
        let stamp = kontor_ical::stamp::Stamp::of(line, &self.zones)?;
        let known = tzid_of(line).and_then(|tzid| self.zones.zone(&tzid));
        let form = match (stamp.form, known) {
            (Form::Floating, Some(zone)) => Form::Zoned(zone),
            (form, _) => form,
        };
        Some(Anchor { form, local: stamp.local })
    }

    /// Changed occurrences that no series tells: as single events.
    pub(super) fn strays(&self) -> Result<Vec<(Part, Row)>, Error> {
        let mut found: Vec<(Part, Row)> = Vec::new();
        if self.object.calendar().children().all(|one| one.property("RECURRENCE-ID").is_none()) {
            return Ok(found);
        }
        let overrides = self.overrides();
        let days = match &self.plan {
            Plan::Series(series) if !overrides.is_empty() => Some(series.days(self)),
            _ => None,
        };
        for one in overrides {
            let told = match &self.plan {
                Plan::Series(series) => days.as_ref().is_some_and(|days| series.has(days, one.id)),
                Plan::Single(_) | Plan::Strays => false,
                Plan::Each => true,
            };
            let part = Part::Changed(one.id);
            if told || found.iter().any(|(other, _)| *other == part) {
                continue;
            }
            let mut row = told::event(one.component, &self.context, self.times(one.component)?.span);
            told::single(&mut row);
            found.push((part, row));
        }
        Ok(found)
    }
}
