//! Calendar objects: events, tasks, journal entries and free/busy.

use super::Content;
use crate::Limits;
use kontor_ical::object::{Invalid, Precondition};
use kontor_ical::timeline::{self, Kind, Timeline};
use kontor_model::{Components, Error, Result, Rule, Span};
use kontor_store::Facets;

pub(crate) struct Calendar;

impl Content for Calendar {
    fn media_type(&self) -> &'static str {
        "text/calendar"
    }

    fn facets(&self, bytes: &[u8], components: Components, limits: &Limits) -> Result<Facets> {
        let bounds = kontor_ical::Limits {
            bytes: limits.max_item_size,
            attendees: limits.max_attendees,
            // Sparse rules look at several periods for each instance.
            steps: (limits.max_occurrences as u64).saturating_mul(10),
        };
        let object = kontor_ical::validate(bytes, &bounds).map_err(|invalid| refuse(&invalid, limits))?;
        let found = object.kind().map_or(Components::NONE, bit);
        if !components.has(found) {
            let line = object.master().map_or(1, |master| master.number());
            let name = object.kind().map_or("this component", Kind::name);
            let detail = format!("line {line}: this collection does not take {name}");
            return Err(Error::Invalid { rule: Rule::Component, detail });
        }
        let timeline = object.timeline();
        Ok(Facets {
            uid: object.uid(),
            components: found.0,
            span: Some(span(timeline)),
            timeline: timeline.to_bytes(),
            folded: Vec::new(),
        })
    }
}

/// The bit of a component type.
fn bit(kind: Kind) -> Components {
    match kind {
        Kind::Event => Components::EVENT,
        Kind::Todo => Components::TASK,
        Kind::Journal => Components::JOURNAL,
        Kind::FreeBusy => Components::FREE_BUSY,
    }
}

fn refuse(invalid: &Invalid, limits: &Limits) -> Error {
    let too_large = |limit, max: usize| Error::TooLarge { limit, max: max as u64 };
    let rule = match invalid.precondition {
        Precondition::SupportedCalendarData => Rule::MediaType,
        Precondition::ValidCalendarData | Precondition::SupportedRscale => Rule::Data,
        Precondition::ValidCalendarObjectResource => Rule::Object,
        Precondition::SupportedCalendarComponent => Rule::Component,
        Precondition::MinDateTime => Rule::TooEarly,
        Precondition::MaxDateTime => Rule::TooLate,
        Precondition::MaxResourceSize => return too_large("max_item_size", limits.max_item_size),
        Precondition::MaxInstances => return too_large("max_occurrences", limits.max_occurrences),
        Precondition::MaxAttendeesPerInstance => return too_large("max_attendees", limits.max_attendees),
    };
    Error::Invalid { rule, detail: invalid.to_string() }
}

/// The stretch in which the object or one of its alarms can be met. What can never be met by time is found by every
/// look-up, so that a look-up over all time finds everything; its timeline then says no.
fn span(timeline: &Timeline) -> Span {
    let own = timeline.span();
    if own == timeline::Span::NEVER {
        return Span { first: i64::MIN, last: i64::MAX };
    }
    let alarms = timeline.alarm_span().unwrap_or(own);
    let last = match (own.last, alarms.last) {
        (Some(one), Some(two)) => one.max(two),
        _ => i64::MAX,
    };
    Span { first: own.first.min(alarms.first), last }
}
