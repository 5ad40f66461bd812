//! CALDAV:calendar-data as a request (RFC 4791 9.6): which parts of a calendar object, and how recurrence is shown.

use super::time_range::TimeRange;
use super::wanted::DataType;
use crate::error::Result;
use crate::name::{caldav, ns};
use crate::xml::{Element, Writer};

/// How calendar data shall look; the default is all of it as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CalendarData {
    /// In which media type.
    pub media: DataType,
    /// Only these parts; all when `None`.
    pub comp: Option<Comp>,
    /// What becomes of recurrences.
    pub expansion: Option<Expansion>,
    /// Only FREEBUSY values within this span.
    pub limit_freebusy: Option<TimeRange>,
}

/// What becomes of recurrences. Both spans have both ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expansion {
    /// Each occurrence within the span as a component of its own, in UTC.
    Expand(TimeRange),
    /// The master and those overridden occurrences that touch the span.
    LimitRecurrenceSet(TimeRange),
}

/// Parts of a component.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comp {
    /// Component name, in upper case.
    pub name: String,
    /// Its properties; all when `None`.
    pub props: Option<Vec<PropPick>>,
    /// Components in it; all when `None`.
    pub comps: Option<Vec<Comp>>,
}

/// A property to be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PropPick {
    /// Its name, in upper case.
    pub name: String,
    /// Whether its value shall be left out (`novalue`).
    pub novalue: bool,
}

impl CalendarData {
    pub(super) fn read(element: &Element) -> Result<Self> {
        let mut data = CalendarData { media: DataType::read(element), ..CalendarData::default() };
        for child in element.children() {
            let twice = match child.name.parts() {
                (ns::CALDAV, "comp") => data.comp.replace(Comp::read(child)?).is_some(),
                (ns::CALDAV, "expand") => {
                    data.expansion.replace(Expansion::Expand(TimeRange::closed(child)?)).is_some()
                }
                (ns::CALDAV, "limit-recurrence-set") => {
                    data.expansion.replace(Expansion::LimitRecurrenceSet(TimeRange::closed(child)?)).is_some()
                }
                (ns::CALDAV, "limit-freebusy-set") => {
                    data.limit_freebusy.replace(TimeRange::closed(child)?).is_some()
                }
                _ => false,
            };
            if twice {
                return Err(child.malformed(format!("{} beside another of its kind", child.name.local())));
            }
        }
        Ok(data)
    }

    pub(super) fn write(&self, w: &mut Writer<'_>) {
        w.nest_with(&caldav::CALENDAR_DATA, &self.media.attributes(), |w| {
            if let Some(comp) = &self.comp {
                comp.write(w);
            }
            match &self.expansion {
                Some(Expansion::Expand(range)) => range.write(w, &caldav::EXPAND),
                Some(Expansion::LimitRecurrenceSet(range)) => range.write(w, &caldav::LIMIT_RECURRENCE_SET),
                None => {}
            }
            if let Some(range) = &self.limit_freebusy {
                range.write(w, &caldav::LIMIT_FREEBUSY_SET);
            }
        });
    }
}

impl Comp {
    fn read(element: &Element) -> Result<Self> {
        let (mut props, mut comps) = (Vec::new(), Vec::new());
        let (mut all_props, mut all_comps) = (false, false);
        for child in element.children() {
            match child.name.parts() {
                (ns::CALDAV, "allprop") => all_props = true,
                (ns::CALDAV, "allcomp") => all_comps = true,
                (ns::CALDAV, "prop") => props.push(PropPick::read(child)?),
                (ns::CALDAV, "comp") => comps.push(Comp::read(child)?),
                _ => {}
            }
        }
        if (all_props && !props.is_empty()) || (all_comps && !comps.is_empty()) {
            return Err(element.malformed("comp asks for all and for some at once"));
        }
        // a comp that says nothing means all of it: so the VTIMEZONE in the example of RFC 4791 7.8.1
        let silent = !all_props && !all_comps && props.is_empty() && comps.is_empty();
        let props = (!all_props && !silent).then_some(props);
        let comps = (!all_comps && !silent).then_some(comps);
        Ok(Comp { name: name_of(element)?, props, comps })
    }

    fn write(&self, w: &mut Writer<'_>) {
        w.nest_with(&caldav::COMP, &[("name", &self.name)], |w| {
            match &self.props {
                None => w.empty(&caldav::ALLPROP),
                Some(props) => props.iter().for_each(|prop| prop.write(w)),
            }
            match &self.comps {
                None => w.empty(&caldav::ALLCOMP),
                Some(comps) => comps.iter().for_each(|comp| comp.write(w)),
            }
        });
    }
}

impl PropPick {
    fn read(element: &Element) -> Result<Self> {
        Ok(PropPick { name: name_of(element)?, novalue: novalue(element)? })
    }

    fn write(&self, w: &mut Writer<'_>) {
        let novalue = self.novalue.then_some(("novalue", "yes"));
        let attributes: Vec<_> = [("name", self.name.as_str())].into_iter().chain(novalue).collect();
        w.empty_with(&caldav::PROP, &attributes);
    }
}

pub(super) fn name_of(element: &Element) -> Result<String> {
    match element.attribute("name") {
        Some(name) if !name.is_empty() => Ok(name.to_ascii_uppercase()),
        _ => Err(element.malformed(format!("{} without a name", element.name.local()))),
    }
}

pub(super) fn novalue(element: &Element) -> Result<bool> {
    match element.attribute("novalue") {
        None | Some("no") => Ok(false),
        Some("yes") => Ok(true),
        Some(_) => Err(element.malformed("novalue is neither yes nor no")),
    }
}
