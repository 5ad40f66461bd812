//! DAV:acl-principal-prop-set and DAV:principal-match (RFC 3744 9.2, 9.3).

use super::wanted::Wanted;
use crate::error::Result;
use crate::name::{Name, dav};
use crate::xml::{Element, Writer};

/// Properties of every principal that the DAV:acl of the resource names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AclPrincipalPropSet {
    /// What to answer about each.
    pub wanted: Wanted,
}

impl AclPrincipalPropSet {
    pub(super) fn read(root: &Element) -> Result<Self> {
        Ok(AclPrincipalPropSet { wanted: Wanted::read(root)? })
    }

    pub(super) fn write(&self, w: &mut Writer<'_>) {
        self.wanted.write(w);
    }
}

/// Which members of a collection have to do with the current user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Which {
    /// Those that are the user, or a group the user is in.
    Itself,
    /// Those whose property names the user.
    Property(Name),
}

/// A principal-match request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrincipalMatch {
    /// Which members.
    pub which: Which,
    /// What to answer about each.
    pub wanted: Wanted,
}

impl PrincipalMatch {
    pub(super) fn read(root: &Element) -> Result<Self> {
        let which = match (root.child(&dav::SELF), root.child(&dav::PRINCIPAL_PROPERTY)) {
            (Some(_), None) => Which::Itself,
            (None, Some(property)) => {
                let named = property.children().next();
                let named = named.ok_or_else(|| property.malformed("principal-property without a name"))?;
                Which::Property(named.name.clone())
            }
            _ => return Err(root.malformed("principal-match needs either self or principal-property")),
        };
        Ok(PrincipalMatch { which, wanted: Wanted::read(root)? })
    }

    pub(super) fn write(&self, w: &mut Writer<'_>) {
        match &self.which {
            Which::Itself => w.empty(&dav::SELF),
            Which::Property(name) => w.nest(&dav::PRINCIPAL_PROPERTY, |w| w.empty(name)),
        }
        self.wanted.write(w);
    }
}
