//! What a report shall answer about each resource: properties, and how much of the data.

use super::address_data::AddressData;
use super::calendar_data::CalendarData;
use crate::error::Result;
use crate::name::{caldav, carddav, dav};
use crate::request::PropSet;
use crate::xml::{Element, Writer};

/// Properties, and the details of CALDAV:calendar-data or CARDDAV:address-data when one of them is among these.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Which properties.
    pub props: PropSet,
    /// How calendar data shall look.
    pub calendar_data: Option<CalendarData>,
    /// How address data shall look.
    pub address_data: Option<AddressData>,
}

impl Wanted {
    /// These properties; data, if asked for, whole.
    pub fn of(props: PropSet) -> Self {
        let has = |name| match &props {
            PropSet::Named(names) | PropSet::All { include: names } => names.contains(name),
            PropSet::Names => false,
        };
        Wanted {
            calendar_data: has(&caldav::CALENDAR_DATA).then(CalendarData::default),
            address_data: has(&carddav::ADDRESS_DATA).then(AddressData::default),
            props,
        }
    }

    /// Reads it from a report; without any of prop, allprop and propname no property is asked for.
    pub(super) fn read(root: &Element) -> Result<Self> {
        let props = PropSet::find(root)?.unwrap_or(PropSet::Named(Vec::new()));
        // DAV:include means something beside DAV:allprop only
        let place = match &props {
            PropSet::Named(_) => root.child(&dav::PROP),
            PropSet::All { .. } => root.child(&dav::INCLUDE),
            PropSet::Names => None,
        };
        let find = |name| place.and_then(|place| place.child(name));
        Ok(Wanted {
            props,
            calendar_data: find(&caldav::CALENDAR_DATA).map(CalendarData::read).transpose()?,
            address_data: find(&carddav::ADDRESS_DATA).map(AddressData::read).transpose()?,
        })
    }

    pub(super) fn write(&self, w: &mut Writer<'_>) {
        self.props.write_with(w, |w, name| {
            if let Some(data) = self.calendar_data.as_ref().filter(|_| *name == caldav::CALENDAR_DATA) {
                data.write(w);
            } else if let Some(data) = self.address_data.as_ref().filter(|_| *name == carddav::ADDRESS_DATA) {
                data.write(w);
            } else {
                return false;
            }
            true
        });
    }
}

/// The media type that data is asked for in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DataType {
    /// `content-type`, in lower case; `None` means the usual one.
    pub content_type: Option<String>,
    /// `version`; `None` means any.
    pub version: Option<String>,
}

impl DataType {
    pub(super) fn read(element: &Element) -> Self {
        DataType {
            content_type: element
                .attribute("content-type")
                .map(|text| text.trim_ascii().to_ascii_lowercase()),
            version: element.attribute("version").map(|text| text.trim_ascii().to_owned()),
        }
    }

    pub(super) fn attributes(&self) -> Vec<(&str, &str)> {
        let content_type = self.content_type.as_deref().map(|value| ("content-type", value));
        let version = self.version.as_deref().map(|value| ("version", value));
        content_type.into_iter().chain(version).collect()
    }
}
