//! PROPPATCH (RFC 4918 9.2, 14.19).

use crate::error::Result;
use crate::name::{Name, dav, ns};
use crate::xml::{self, Element, Limits, Writer};

/// One instruction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Update {
    /// Give the property this value. The element is the property; [`Element::to_xml`] is what a dead one is kept as.
    Set(Element),
    /// Take the property away.
    Remove(Name),
}

impl Update {
    /// The property it is about.
    pub fn name(&self) -> &Name {
        match self {
            Update::Set(element) => &element.name,
            Update::Remove(name) => name,
        }
    }
}

/// A PROPPATCH body: instructions to be carried out in this order, all or none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proppatch {
    /// In document order, at least one.
    pub updates: Vec<Update>,
}

impl Proppatch {
    /// Reads a body.
    pub fn parse(body: &[u8], limits: &Limits) -> Result<Self> {
        let root = xml::parse(body, limits)?;
        if root.name != dav::PROPERTYUPDATE {
            return Err(root.malformed(format!("expected a DAV:propertyupdate body, found {}", root.name)));
        }
        let mut updates = Vec::new();
        for instruction in root.children() {
            match instruction.name.parts() {
                (ns::DAV, "set") => updates.extend(properties(instruction)?.cloned().map(Update::Set)),
                (ns::DAV, "remove") => {
                    updates.extend(properties(instruction)?.map(|p| Update::Remove(p.name.clone())));
                }
                _ => {}
            }
        }
        if updates.is_empty() {
            return Err(root.malformed("propertyupdate that sets and removes nothing"));
        }
        Ok(Proppatch { updates })
    }

    /// Writes the body, one instruction an element.
    pub fn write(&self, out: &mut Vec<u8>) {
        let mut w = Writer::new(out);
        w.root(&dav::PROPERTYUPDATE);
        for update in &self.updates {
            match update {
                Update::Set(element) => w.nest(&dav::SET, |w| w.nest(&dav::PROP, |w| w.element(element))),
                Update::Remove(name) => w.nest(&dav::REMOVE, |w| w.nest(&dav::PROP, |w| w.empty(name))),
            }
        }
        w.close(&dav::PROPERTYUPDATE);
    }
}

/// The properties in the DAV:prop of DAV:set or DAV:remove.
pub(super) fn properties(instruction: &Element) -> Result<impl Iterator<Item = &Element>> {
    Ok(instruction.required(&dav::PROP)?.children())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str) -> Result<Proppatch> {
        Proppatch::parse(body.as_bytes(), &Limits::default())
    }

    #[test]
    fn order_is_kept() {
        let patch = read(concat!(
            r#"<d:propertyupdate xmlns:d="DAV:" xmlns:x="urn:x" xml:lang="fr"><d:remove><d:prop><x:a/></d:prop></d:remove>"#,
            r#"<d:set><d:prop><x:a>1</x:a><x:b/></d:prop></d:set><d:remove><d:prop><x:a>2</x:a></d:prop></d:remove>"#,
            r#"<x:other/></d:propertyupdate>"#
        ))
        .unwrap();
        let names: Vec<_> = patch.updates.iter().map(|u| u.name().local()).collect();
        assert_eq!(names, ["a", "a", "b", "a"]);
        let Some(Update::Set(element)) = patch.updates.get(1) else { panic!("no set") };
        assert_eq!(element.to_xml(), r#"<x:a xmlns:x="urn:x" xml:lang="fr">1</x:a>"#);
        let mut out = Vec::new();
        patch.write(&mut out);
        let again = Proppatch::parse(&out, &Limits::default()).unwrap();
        assert_eq!(format!("{again:?}"), format!("{patch:?}"));
    }

    #[test]
    fn empty_ones_are_refused() {
        for bad in [
            "",
            r#"<propertyupdate xmlns="DAV:"/>"#,
            r#"<propertyupdate xmlns="DAV:"><set/></propertyupdate>"#,
            r#"<propertyupdate xmlns="DAV:"><set><prop/></set></propertyupdate>"#,
            r#"<propfind xmlns="DAV:"><prop/></propfind>"#,
        ] {
            assert_eq!(read(bad).unwrap_err().status(), 400, "{bad}");
        }
    }
}
