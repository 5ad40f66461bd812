//! CALDAV:free-busy-query (RFC 4791 7.10).

use super::time_range::TimeRange;
use crate::error::Result;
use crate::name::caldav;
use crate::xml::{Element, Writer};

/// A free-busy-query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FreeBusyQuery {
    /// The span asked about.
    pub time_range: TimeRange,
}

impl FreeBusyQuery {
    pub(super) fn read(root: &Element) -> Result<Self> {
        let element = root.required(&caldav::TIME_RANGE)?;
        let time_range = TimeRange::read(element).map_err(|reason| element.malformed(reason))?;
        Ok(FreeBusyQuery { time_range })
    }

    pub(super) fn write(&self, w: &mut Writer<'_>) {
        self.time_range.write(w, &caldav::TIME_RANGE);
    }
}
