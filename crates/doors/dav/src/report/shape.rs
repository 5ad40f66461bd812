//! What becomes of an item's text on its way out: all of it as it is, or the parts and the form that a report asks for
//! (RFC 4791 9.6, RFC 6352 10.4).
//!
//! What a client can make the server do here is bounded: names in a choice, the span that is expanded, occurrences
//! and bytes of one object, and recurrence work over the whole report.

use super::filter::range;
use crate::error::Refusal;
use http::StatusCode;
use kontor_groupware::Place;
use kontor_ical::Budget;
use kontor_ical::shape::{self, PropChoice, Selection};
use kontor_ical::timeline::Range;
use kontor_ical::zone::Zone;
use kontor_vcard::{Select, Version};
use kontor_wire_dav::name::{Name, caldav, carddav, dav};
use kontor_wire_dav::report::{AddressData, CalendarData, Comp, Expansion, PropPick, TimeRange, Wanted};
use std::borrow::Cow;
use std::collections::HashMap;

/// Steps of recurrence rules that one report may take, over all its objects: about a second.
const MOST_STEPS: u64 = 20_000_000;

/// How texts are shown.
pub(super) enum Shape {
    /// As they are.
    Whole,
    /// Calendar objects.
    Calendar(Box<CalendarShape>),
    /// Cards.
    Card {
        /// In this version, if they are in another.
        version: Option<Version>,
        /// Only these properties; name, and whether without value.
        props: Option<Vec<(String, bool)>>,
    },
}

/// How calendar objects are shown.
pub(super) struct CalendarShape {
    expand: Option<Range>,
    limit_recurrence: Option<Range>,
    limit_free_busy: Option<Range>,
    selection: Option<Selection>,
    drop_known_zones: bool,
    zone: Zone,
    /// Steps that are left for the report, and those that one object may take.
    steps: u64,
    steps_each: u64,
}

/// Bounds on what may be asked.
pub(super) struct Bounds {
    /// Longest stretch that recurrences are expanded over, days.
    pub(super) days: u32,
    /// Most names in one choice of properties or components.
    pub(super) names: usize,
    /// Most occurrences of one object.
    pub(super) occurrences: usize,
    /// Whether the client said that it knows the usual time zones (`CalDAV-Timezones: F`, RFC 7809 3.1.2).
    pub(super) drop_known_zones: bool,
}

/// Why a text cannot be shown as asked.
pub(super) struct TooMany;

impl Shape {
    /// The shape that a report asks for.
    pub(super) fn of(wanted: &Wanted, place: &Place, zone: Zone, bounds: &Bounds) -> Result<Self, Refusal> {
        let is_contacts = place.collection.kind == kontor_model::Kind::Contacts;
        match (&wanted.calendar_data, &wanted.address_data) {
            (Some(data), _) if !is_contacts => Self::calendar(data, zone, bounds),
            (_, Some(data)) if is_contacts => Self::card(data, bounds),
            _ => Ok(Self::Whole),
        }
    }

    fn calendar(data: &CalendarData, zone: Zone, bounds: &Bounds) -> Result<Self, Refusal> {
        let media = data.media.content_type.as_deref().unwrap_or("text/calendar");
        let version = data.media.version.as_deref().unwrap_or("2.0");
        if (media, version) != ("text/calendar", "2.0") {
            return Err(unsupported(
                caldav::SUPPORTED_CALENDAR_DATA,
                "calendars are kept as text/calendar 2.0 only",
            ));
        }
        let (mut expand, mut limit_recurrence) = (None, None);
        match &data.expansion {
            None => {}
            Some(Expansion::Expand(span)) => expand = Some(bounds.check(span)?),
            Some(Expansion::LimitRecurrenceSet(span)) => limit_recurrence = Some(range(span)),
        }
        let limit_free_busy = data.limit_freebusy.as_ref().map(range);
        if let Some(comp) = &data.comp {
            bounds.few(names_in(comp), caldav::SUPPORTED_CALENDAR_DATA)?;
        }
        let selection = data.comp.as_ref().map(selection);
        let drop_known_zones = bounds.drop_known_zones;
        let plain = expand.is_none() && limit_recurrence.is_none() && limit_free_busy.is_none();
        if plain && selection.is_none() && !drop_known_zones {
            return Ok(Self::Whole);
        }
        // Sparse rules look at several periods for each instance.
        let steps_each = (bounds.occurrences as u64).saturating_mul(10);
        Ok(Self::Calendar(Box::new(CalendarShape {
            expand,
            limit_recurrence,
            limit_free_busy,
            selection,
            drop_known_zones,
            zone,
            steps: MOST_STEPS,
            steps_each,
        })))
    }

    fn card(data: &AddressData, bounds: &Bounds) -> Result<Self, Refusal> {
        let media = data.media.content_type.as_deref().unwrap_or("text/vcard");
        let version = match (media, data.media.version.as_deref()) {
            ("text/vcard", None) => None,
            ("text/vcard", Some("3.0")) => Some(Version::V3),
            ("text/vcard", Some("4.0")) => Some(Version::V4),
            _ => {
                let detail = "cards can be had as text/vcard 3.0 or 4.0";
                return Err(unsupported(carddav::SUPPORTED_ADDRESS_DATA, detail));
            }
        };
        let props = data
            .props
            .as_ref()
            .map(|props| distinct(props.iter().map(|prop| (prop.name.as_str(), prop.novalue))));
        bounds.few(props.as_ref().map_or(0, Vec::len), carddav::SUPPORTED_ADDRESS_DATA)?;
        Ok(if version.is_none() && props.is_none() { Self::Whole } else { Self::Card { version, props } })
    }

    /// The text as it is to be shown. The steps that it took are added to `work`.
    ///
    /// # Errors
    /// [`TooMany`] if it has more occurrences in the span asked for than can be told.
    pub(super) fn show<'b>(&mut self, body: &'b [u8], work: &mut u64) -> Result<Cow<'b, [u8]>, TooMany> {
        match self {
            Self::Whole => Ok(Cow::Borrowed(body)),
            Self::Calendar(shape) => shape.show(body, work),
            Self::Card { version, props } => {
                let text =
                    version.map_or(Cow::Borrowed(body), |to| Cow::Owned(kontor_vcard::convert(body, to)));
                let Some(props) = props else { return Ok(text) };
                let picks: Vec<Select<'_>> =
                    props.iter().map(|(name, novalue)| Select { name, novalue: *novalue }).collect();
                Ok(Cow::Owned(kontor_vcard::select(&text, &picks)))
            }
        }
    }
}

impl CalendarShape {
    fn show<'b>(&mut self, body: &'b [u8], work: &mut u64) -> Result<Cow<'b, [u8]>, TooMany> {
        let mut text = Cow::Borrowed(body);
        if let Some(range) = self.expand {
            let most = self.steps.min(self.steps_each);
            let mut budget = Budget::new(most);
            let expanded = shape::expand(&text, range, &self.zone, &mut budget);
            let taken = most.saturating_sub(budget.left());
            self.steps = self.steps.saturating_sub(taken);
            *work += taken;
            text = Cow::Owned(expanded.map_err(|_| TooMany)?);
        }
        if let Some(range) = self.limit_recurrence {
            text = Cow::Owned(shape::limit_recurrence_set(&text, range, &self.zone));
        }
        if let Some(range) = self.limit_free_busy {
            text = Cow::Owned(shape::limit_freebusy_set(&text, range));
        }
        if self.drop_known_zones {
            text = Cow::Owned(shape::without_known_zones(&text));
        }
        if let Some(selection) = &self.selection {
            text = Cow::Owned(shape::select(&text, selection));
        }
        Ok(text)
    }
}

impl Bounds {
    /// The span, if it is not longer than allowed.
    pub(super) fn check(&self, span: &TimeRange) -> Result<Range, Refusal> {
        let range = range(span);
        let longest = i64::from(self.days) * 86_400;
        if range.end.saturating_sub(range.start) <= longest {
            return Ok(range);
        }
        let detail =
            format!("the span is longer than max_expansion_days = {}; ask for less at a time", self.days);
        Err(Refusal::condition(StatusCode::FORBIDDEN, dav::NUMBER_OF_MATCHES_WITHIN_LIMITS, detail))
    }

    /// Whether so many names are few enough: they are looked through for each line of each object.
    pub(super) fn few(&self, names: usize, condition: Name) -> Result<(), Refusal> {
        if names <= self.names {
            return Ok(());
        }
        let detail = format!("more than max_conditions = {} names or conditions at once", self.names);
        Err(Refusal::condition(StatusCode::FORBIDDEN, condition, detail))
    }
}

fn unsupported(condition: Name, detail: &'static str) -> Refusal {
    Refusal::condition(StatusCode::FORBIDDEN, condition, detail)
}

/// Names in a choice, those of components inside too.
fn names_in(comp: &Comp) -> usize {
    let inside = comp.comps.iter().flatten().map(|inner| 1 + names_in(inner));
    comp.props.as_ref().map_or(0, Vec::len) + inside.sum::<usize>()
}

/// Each name once; of two that differ in that, the one with the value.
fn distinct<'p>(picks: impl Iterator<Item = (&'p str, bool)>) -> Vec<(String, bool)> {
    let mut places: HashMap<&str, usize> = HashMap::new();
    let mut all: Vec<(String, bool)> = Vec::new();
    for (name, novalue) in picks {
        let place = *places.entry(name).or_insert(all.len());
        match all.get_mut(place) {
            Some(known) => known.1 &= novalue,
            None => all.push((name.to_owned(), novalue)),
        }
    }
    all
}

fn selection(comp: &Comp) -> Selection {
    let picks = |props: &Vec<PropPick>| {
        let all = distinct(props.iter().map(|pick| (pick.name.as_str(), pick.novalue)));
        all.into_iter().map(|(name, no_value)| PropChoice { name, no_value }).collect()
    };
    Selection {
        name: comp.name.clone(),
        props: comp.props.as_ref().map(picks),
        comps: comp.comps.as_ref().map(|comps| comps.iter().map(selection).collect()),
    }
}
