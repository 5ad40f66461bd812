//! Extended MKCOL (RFC 5689) and MKCALENDAR (RFC 4791 5.3.1): a collection with its first properties.

use super::proppatch::properties;
use crate::error::Result;
use crate::name::{Name, caldav, dav};
use crate::xml::{self, Element, Limits, Writer};

/// Which of the two messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Make {
    /// MKCOL with DAV:mkcol.
    Collection,
    /// MKCALENDAR with CALDAV:mkcalendar.
    Calendar,
}

impl Make {
    /// The root element of the request.
    pub fn request(self) -> Name {
        match self {
            Make::Collection => dav::MKCOL,
            Make::Calendar => caldav::MKCALENDAR,
        }
    }

    /// The root element of the answer.
    pub fn response(self) -> Name {
        match self {
            Make::Collection => dav::MKCOL_RESPONSE,
            Make::Calendar => caldav::MKCALENDAR_RESPONSE,
        }
    }
}

/// The body of MKCOL or MKCALENDAR.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mkcol {
    /// Properties to begin with, in document order.
    pub set: Vec<Element>,
}

impl Mkcol {
    /// Reads a body; an empty one asks for no properties.
    pub fn parse(make: Make, body: &[u8], limits: &Limits) -> Result<Self> {
        if xml::is_blank(body) {
            return Ok(Mkcol::default());
        }
        let root = xml::parse(body, limits)?;
        if root.name != make.request() {
            return Err(root.malformed(format!("expected a {} body, found {}", make.request(), root.name)));
        }
        let mut set = Vec::new();
        for child in root.children().filter(|child| child.name == dav::SET) {
            set.extend(properties(child)?.cloned());
        }
        Ok(Mkcol { set })
    }

    /// The property of that name; the last, if it is there more than once.
    pub fn property(&self, name: &Name) -> Option<&Element> {
        self.set.iter().rev().find(|element| element.name == *name)
    }

    /// What DAV:resourcetype asks for; empty when it is not there.
    pub fn resource_types(&self) -> Vec<Name> {
        self.property(&dav::RESOURCETYPE).map(super::propfind::names).unwrap_or_default()
    }

    /// Writes the body.
    pub fn write(&self, make: Make, out: &mut Vec<u8>) {
        let mut w = Writer::new(out);
        w.root(&make.request());
        w.nest(&dav::SET, |w| w.nest(&dav::PROP, |w| self.set.iter().for_each(|element| w.element(element))));
        w.close(&make.request());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_address_book() {
        let body = r#"<?xml version="1.0" encoding="utf-8"?><mkcol xmlns="DAV:" xmlns:CR="urn:ietf:params:xml:ns:carddav">
          <set><prop><resourcetype><collection/><CR:addressbook/></resourcetype><displayname>Work</displayname></prop></set>
          </mkcol>"#;
        let read = Mkcol::parse(Make::Collection, body.as_bytes(), &Limits::default()).unwrap();
        assert_eq!(read.resource_types(), [dav::COLLECTION, crate::name::carddav::ADDRESSBOOK]);
        assert_eq!(read.property(&dav::DISPLAYNAME).unwrap().text(), "Work");
        let mut out = Vec::new();
        read.write(Make::Collection, &mut out);
        assert_eq!(Mkcol::parse(Make::Collection, &out, &Limits::default()), Ok(read));
        assert!(Mkcol::parse(Make::Calendar, body.as_bytes(), &Limits::default()).is_err());
        assert_eq!(Mkcol::parse(Make::Calendar, b" ", &Limits::default()), Ok(Mkcol::default()));
    }
}
