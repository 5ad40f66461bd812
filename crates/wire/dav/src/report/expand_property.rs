//! DAV:expand-property (RFC 3253 3.8): properties of the resources that properties point to.

use crate::error::Result;
use crate::name::{Name, dav, is_ncname, ns};
use crate::xml::{Element, Limits, Writer};

/// Bytes of a namespace or of a local name: these come in attributes, which may be longer than names may be.
const LONGEST: usize = Limits::ANSWER.max_name;

/// An expand-property request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExpandProperty {
    /// Properties of the resource itself.
    pub properties: Vec<PropertyRequest>,
}

/// A property, and what to tell of the resources that its DAV:href elements name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PropertyRequest {
    /// The property.
    pub name: Name,
    /// Properties of what it points to; when empty, its hrefs stay hrefs.
    pub nested: Vec<PropertyRequest>,
}

impl ExpandProperty {
    pub(super) fn read(root: &Element) -> Result<Self> {
        Ok(ExpandProperty { properties: PropertyRequest::read_all(root)? })
    }

    pub(super) fn write(&self, w: &mut Writer<'_>) {
        self.properties.iter().for_each(|property| property.write(w));
    }
}

impl PropertyRequest {
    fn read_all(parent: &Element) -> Result<Vec<Self>> {
        parent.children().filter(|child| child.name == dav::PROPERTY).map(PropertyRequest::read).collect()
    }

    fn read(element: &Element) -> Result<Self> {
        let local = element.attribute("name").filter(|name| is_ncname(name));
        let local = local.ok_or_else(|| element.malformed("property without a proper name"))?;
        let namespace = element.attribute("namespace").unwrap_or(ns::DAV);
        if local.len().max(namespace.len()) > LONGEST {
            return Err(element.malformed(format!("property whose name is longer than {LONGEST} bytes")));
        }
        Ok(PropertyRequest { name: Name::new(namespace, local), nested: PropertyRequest::read_all(element)? })
    }

    fn write(&self, w: &mut Writer<'_>) {
        let attributes = [("name", self.name.local()), ("namespace", self.name.ns())];
        w.nest_with(&dav::PROPERTY, &attributes, |w| {
            self.nested.iter().for_each(|property| property.write(w))
        });
    }
}
