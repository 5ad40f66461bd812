//! CALDAV:filter (RFC 4791 9.7). A filter that makes no sense fails with CALDAV:valid-filter.

use super::text_match::{Collation, Dialect, ParamFilter, TextMatch};
use super::time_range::TimeRange;
use crate::error::Result;
use crate::name::{caldav, ns};
use crate::xml::{Element, Writer};

/// How CalDAV speaks of filters.
pub(super) const DIALECT: Dialect = Dialect {
    ns: ns::CALDAV,
    default_collation: Collation::AsciiCasemap,
    collation: caldav::SUPPORTED_COLLATION,
    filter: Some(caldav::VALID_FILTER),
    element: caldav::VALID_FILTER,
};

/// A condition on components of one name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompFilter {
    /// Component name, in upper case.
    pub name: String,
    /// What is asked.
    pub rule: CompRule,
}

/// What a component filter asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CompRule {
    /// That no such component is there.
    NotDefined,
    /// That one is there for which all of this holds.
    Matches {
        /// It overlaps this span.
        time_range: Option<TimeRange>,
        /// Conditions on its properties.
        props: Vec<PropFilter>,
        /// Conditions on components in it.
        comps: Vec<CompFilter>,
    },
}

/// A condition on properties of one name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PropFilter {
    /// Property name, in upper case.
    pub name: String,
    /// What is asked.
    pub rule: PropRule,
}

/// What a property filter asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PropRule {
    /// That no such property is there.
    NotDefined,
    /// That one is there for which all of this holds.
    Matches {
        /// Its time overlaps this span.
        time_range: Option<TimeRange>,
        /// Its text matches. Never together with a span.
        text: Option<TextMatch>,
        /// Conditions on its parameters.
        params: Vec<ParamFilter>,
    },
}

/// Properties of RFC 5545, 7986 and 9073 that hold no time, on which a time-range makes no sense.
const TIMELESS: [&str; 36] = [
    "ACTION",
    "ATTACH",
    "ATTENDEE",
    "CALSCALE",
    "CATEGORIES",
    "CLASS",
    "COLOR",
    "COMMENT",
    "CONFERENCE",
    "CONTACT",
    "DESCRIPTION",
    "DURATION",
    "EXRULE",
    "GEO",
    "IMAGE",
    "LOCATION",
    "METHOD",
    "NAME",
    "ORGANIZER",
    "PERCENT-COMPLETE",
    "PRIORITY",
    "PRODID",
    "RELATED-TO",
    "REPEAT",
    "REQUEST-STATUS",
    "RESOURCES",
    "RRULE",
    "SEQUENCE",
    "SOURCE",
    "STATUS",
    "SUMMARY",
    "TRANSP",
    "TZID",
    "UID",
    "URL",
    "VERSION",
];

/// Whether a component may stand in another (RFC 5545 3.6). `None` is the calendar object itself.
fn may_nest(parent: Option<&str>, child: &str) -> bool {
    let known_top = ["VEVENT", "VTODO", "VJOURNAL", "VFREEBUSY", "VTIMEZONE", "VAVAILABILITY", "VPOLL"];
    let unknown = |name: &str| name != "VCALENDAR" && name != "VALARM" && !known_top.contains(&name);
    match parent {
        None => child == "VCALENDAR",
        Some("VCALENDAR") => {
            child != "VCALENDAR" && child != "VALARM" && child != "STANDARD" && child != "DAYLIGHT"
        }
        Some("VEVENT" | "VTODO") => child == "VALARM" || unknown(child),
        Some("VTIMEZONE") => child == "STANDARD" || child == "DAYLIGHT",
        Some(_) => child != "VCALENDAR" && !known_top.contains(&child),
    }
}

impl CompFilter {
    /// Reads the one comp-filter in a CALDAV:filter; it is about VCALENDAR.
    pub(super) fn read_filter(filter: &Element) -> Result<Self> {
        let mut children = filter.children();
        match (children.next(), children.next()) {
            (Some(comp), None) if comp.name == caldav::COMP_FILTER => CompFilter::read(comp, None),
            _ => Err(DIALECT.invalid(filter, "filter must hold one comp-filter")),
        }
    }

    fn read(element: &Element, parent: Option<&str>) -> Result<Self> {
        let name = DIALECT.name_of(element)?;
        if !may_nest(parent, &name) {
            let place = parent.unwrap_or("a calendar object");
            return Err(DIALECT.invalid(element, format!("component {name:.40} cannot stand in {place}")));
        }
        if is_not_defined(element)? {
            return Ok(CompFilter { name, rule: CompRule::NotDefined });
        }
        let (mut time_range, mut props, mut comps) = (None, Vec::new(), Vec::new());
        for child in element.children() {
            match child.name.parts() {
                (ns::CALDAV, "time-range") => {
                    if time_range.is_some()
                        || matches!(name.as_str(), "VCALENDAR" | "VTIMEZONE" | "STANDARD" | "DAYLIGHT")
                    {
                        return Err(
                            DIALECT.invalid(child, format!("time-range cannot stand here in {name:.40}"))
                        );
                    }
                    time_range = Some(TimeRange::in_filter(child)?);
                }
                (ns::CALDAV, "prop-filter") => props.push(PropFilter::read(child)?),
                (ns::CALDAV, "comp-filter") => comps.push(CompFilter::read(child, Some(&name))?),
                _ => return Err(DIALECT.unknown(child)),
            }
        }
        Ok(CompFilter { name, rule: CompRule::Matches { time_range, props, comps } })
    }

    pub(super) fn write(&self, w: &mut Writer<'_>) {
        w.nest_with(&caldav::COMP_FILTER, &[("name", &self.name)], |w| match &self.rule {
            CompRule::NotDefined => w.empty(&caldav::IS_NOT_DEFINED),
            CompRule::Matches { time_range, props, comps } => {
                if let Some(range) = time_range {
                    range.write(w, &caldav::TIME_RANGE);
                }
                props.iter().for_each(|prop| prop.write(w));
                comps.iter().for_each(|comp| comp.write(w));
            }
        });
    }
}

impl PropFilter {
    fn read(element: &Element) -> Result<Self> {
        let name = DIALECT.name_of(element)?;
        if is_not_defined(element)? {
            return Ok(PropFilter { name, rule: PropRule::NotDefined });
        }
        let (mut time_range, mut text, mut params) = (None, None, Vec::new());
        for child in element.children() {
            match child.name.parts() {
                (ns::CALDAV, "time-range" | "text-match") if time_range.is_some() || text.is_some() => {
                    return Err(
                        DIALECT.invalid(child, "prop-filter with more than one time-range or text-match")
                    );
                }
                (ns::CALDAV, "time-range") if TIMELESS.contains(&name.as_str()) => {
                    return Err(DIALECT
                        .invalid(child, format!("{name} holds no time, so time-range cannot match it")));
                }
                (ns::CALDAV, "time-range") => time_range = Some(TimeRange::in_filter(child)?),
                (ns::CALDAV, "text-match") => text = Some(TextMatch::read(child, &DIALECT)?),
                (ns::CALDAV, "param-filter") => params.push(ParamFilter::read(child, &DIALECT)?),
                _ => return Err(DIALECT.unknown(child)),
            }
        }
        Ok(PropFilter { name, rule: PropRule::Matches { time_range, text, params } })
    }

    fn write(&self, w: &mut Writer<'_>) {
        w.nest_with(&caldav::PROP_FILTER, &[("name", &self.name)], |w| match &self.rule {
            PropRule::NotDefined => w.empty(&caldav::IS_NOT_DEFINED),
            PropRule::Matches { time_range, text, params } => {
                if let Some(range) = time_range {
                    range.write(w, &caldav::TIME_RANGE);
                }
                if let Some(text) = text {
                    text.write(w, &DIALECT);
                }
                params.iter().for_each(|param| param.write(w, &DIALECT));
            }
        });
    }
}

/// Whether the filter asks for absence, which it must ask alone.
fn is_not_defined(element: &Element) -> Result<bool> {
    match element.child(&caldav::IS_NOT_DEFINED) {
        None => Ok(false),
        Some(_) if element.children().count() == 1 => Ok(true),
        Some(child) => Err(DIALECT.invalid(child, "is-not-defined beside other conditions")),
    }
}
