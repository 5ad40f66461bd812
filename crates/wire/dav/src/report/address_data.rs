//! CARDDAV:address-data as a request (RFC 6352 10.4).

use super::calendar_data::{name_of, novalue};
use super::wanted::DataType;
use crate::error::Result;
use crate::name::{carddav, ns};
use crate::xml::{Element, Writer};

/// How address data shall look; the default is all of it as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AddressData {
    /// In which media type and version.
    pub media: DataType,
    /// Only these properties; all when `None`.
    pub props: Option<Vec<CardProp>>,
}

/// A vCard property to be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CardProp {
    /// Its name, in upper case; with a group before it, `WORK.TEL`, only that of the group.
    pub name: String,
    /// Whether its value shall be left out (`novalue`).
    pub novalue: bool,
}

impl AddressData {
    pub(super) fn read(element: &Element) -> Result<Self> {
        let mut props = None;
        let mut all = false;
        for child in element.children() {
            match child.name.parts() {
                (ns::CARDDAV, "allprop") => all = true,
                (ns::CARDDAV, "prop") => {
                    let prop = CardProp { name: name_of(child)?, novalue: novalue(child)? };
                    props.get_or_insert_with(Vec::new).push(prop);
                }
                _ => {}
            }
        }
        if all && props.is_some() {
            return Err(element.malformed("address-data asks for all and for some at once"));
        }
        Ok(AddressData { media: DataType::read(element), props })
    }

    pub(super) fn write(&self, w: &mut Writer<'_>) {
        w.nest_with(&carddav::ADDRESS_DATA, &self.media.attributes(), |w| {
            for prop in self.props.iter().flatten() {
                let novalue = prop.novalue.then_some(("novalue", "yes"));
                let attributes: Vec<_> = [("name", prop.name.as_str())].into_iter().chain(novalue).collect();
                w.empty_with(&carddav::PROP, &attributes);
            }
        });
    }
}
