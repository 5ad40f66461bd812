//! DAV:supported-privilege-set: the tree of privileges (RFC 3744 5.3).

use crate::error::Result;
use crate::name::{Name, dav};
use crate::xml::{Element, Writer};

/// Whether a privilege can be given by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grantable {
    /// It can.
    Yes,
    /// Only together with others (DAV:abstract).
    Abstract,
}

/// A privilege, and those it is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SupportedPrivilege {
    /// Its name.
    pub name: Name,
    /// Whether it can be given by itself.
    pub grantable: Grantable,
    /// What it allows, in English.
    pub description: String,
    /// What it is made of.
    pub parts: Vec<SupportedPrivilege>,
}

impl SupportedPrivilege {
    /// A privilege that can be given, without parts.
    pub fn new(name: Name, description: &str) -> Self {
        let description = description.to_owned();
        SupportedPrivilege { name, grantable: Grantable::Yes, description, parts: Vec::new() }
    }

    /// Adds what it is made of.
    #[must_use]
    pub fn made_of(mut self, parts: impl IntoIterator<Item = SupportedPrivilege>) -> Self {
        self.parts.extend(parts);
        self
    }

    /// Writes DAV:supported-privilege, for the inside of DAV:supported-privilege-set.
    pub fn write(&self, w: &mut Writer<'_>) {
        w.nest(&dav::SUPPORTED_PRIVILEGE, |w| {
            w.nest(&dav::PRIVILEGE, |w| w.empty(&self.name));
            if self.grantable == Grantable::Abstract {
                w.empty(&dav::ABSTRACT);
            }
            w.nest_with(&dav::DESCRIPTION, &[("xml:lang", "en")], |w| w.text(&self.description));
            self.parts.iter().for_each(|part| part.write(w));
        });
    }

    /// Reads DAV:supported-privilege.
    pub fn from_element(element: &Element) -> Result<Self> {
        let privilege = element.required(&dav::PRIVILEGE)?;
        let name =
            privilege.children().next().ok_or_else(|| privilege.malformed("privilege without a name"))?;
        let parts = element.children().filter(|child| child.name == dav::SUPPORTED_PRIVILEGE);
        Ok(SupportedPrivilege {
            name: name.name.clone(),
            grantable: if element.child(&dav::ABSTRACT).is_some() {
                Grantable::Abstract
            } else {
                Grantable::Yes
            },
            description: element
                .child(&dav::DESCRIPTION)
                .map(|text| text.text().into_owned())
                .unwrap_or_default(),
            parts: parts.map(SupportedPrivilege::from_element).collect::<Result<_>>()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xml::{Limits, parse};

    #[test]
    fn a_tree_goes_there_and_back() {
        let mut tree = SupportedPrivilege::new(dav::ALL, "anything").made_of([
            SupportedPrivilege::new(dav::READ, "read"),
            SupportedPrivilege::new(dav::WRITE, "write").made_of([SupportedPrivilege::new(dav::BIND, "add")]),
        ]);
        tree.grantable = Grantable::Abstract;
        let mut out = Vec::new();
        let mut w = Writer::new(&mut out);
        w.root(&dav::SUPPORTED_PRIVILEGE_SET);
        tree.write(&mut w);
        w.close(&dav::SUPPORTED_PRIVILEGE_SET);
        let root = parse(&out, &Limits::default()).unwrap();
        assert_eq!(SupportedPrivilege::from_element(root.children().next().unwrap()), Ok(tree));
    }
}
