//! CALDAV:calendar-query (RFC 4791 7.8, 9.5; RFC 7809 5.2).

use super::calendar_filter::{CompFilter, DIALECT};
use super::wanted::Wanted;
use crate::error::Result;
use crate::name::caldav;
use crate::xml::{Element, Writer};

/// The zone for floating times in a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Timezone {
    /// An iCalendar object with one VTIMEZONE, as written.
    Object(String),
    /// An IANA name (RFC 7809 5.2.1).
    Id(String),
}

/// A calendar-query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CalendarQuery {
    /// What to answer about each match.
    pub wanted: Wanted,
    /// What must hold; about VCALENDAR.
    pub filter: CompFilter,
    /// Zone for floating times; that of the calendar when `None`.
    pub timezone: Option<Timezone>,
}

impl CalendarQuery {
    pub(super) fn read(root: &Element) -> Result<Self> {
        let filter = root
            .child(&caldav::FILTER)
            .ok_or_else(|| DIALECT.invalid(root, "calendar-query without filter"))?;
        let timezone = Timezone::read(root)?;
        Ok(CalendarQuery { wanted: Wanted::read(root)?, filter: CompFilter::read_filter(filter)?, timezone })
    }

    pub(super) fn write(&self, w: &mut Writer<'_>) {
        self.wanted.write(w);
        w.nest(&caldav::FILTER, |w| self.filter.write(w));
        match &self.timezone {
            Some(Timezone::Object(object)) => w.leaf(&caldav::TIMEZONE, object),
            Some(Timezone::Id(id)) => w.leaf(&caldav::TIMEZONE_ID, id),
            None => {}
        }
    }
}

impl Timezone {
    fn read(root: &Element) -> Result<Option<Self>> {
        match (root.child(&caldav::TIMEZONE), root.child(&caldav::TIMEZONE_ID)) {
            (Some(_), Some(id)) => Err(id.malformed("timezone and timezone-id at once")),
            (Some(object), None) => Ok(Some(Timezone::Object(object.text().into_owned()))),
            (None, Some(id)) => Ok(Some(Timezone::Id(id.trimmed().into_owned()))),
            (None, None) => Ok(None),
        }
    }
}
