//! DAV:version-tree (RFC 3253 3.7).

use super::wanted::Wanted;
use crate::error::Result;
use crate::xml::{Element, Writer};

/// What a resource says and said: properties of each of its versions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VersionTree {
    /// What to answer about each.
    pub wanted: Wanted,
}

impl VersionTree {
    pub(super) fn read(root: &Element) -> Result<Self> {
        Ok(VersionTree { wanted: Wanted::read(root)? })
    }

    pub(super) fn write(&self, w: &mut Writer<'_>) {
        self.wanted.write(w);
    }
}
