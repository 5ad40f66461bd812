//! CALDAV:calendar-multiget and CARDDAV:addressbook-multiget (RFC 4791 7.9, RFC 6352 8.7).

use super::wanted::Wanted;
use crate::error::Result;
use crate::name::dav;
use crate::xml::{Element, Writer};

/// A multiget of either kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Multiget {
    /// What to answer about each resource.
    pub wanted: Wanted,
    /// Resources, as written; [`crate::href::Href::parse`] reads one. At least one, maybe some twice.
    pub hrefs: Vec<String>,
}

impl Multiget {
    pub(super) fn read(root: &Element) -> Result<Self> {
        let hrefs: Vec<String> = root
            .children()
            .filter(|child| child.name == dav::HREF)
            .map(|href| href.trimmed().into_owned())
            .collect();
        if hrefs.is_empty() {
            return Err(root.malformed("multiget without href"));
        }
        Ok(Multiget { wanted: Wanted::read(root)?, hrefs })
    }

    pub(super) fn write(&self, w: &mut Writer<'_>) {
        self.wanted.write(w);
        self.hrefs.iter().for_each(|href| w.leaf(&dav::HREF, href));
    }
}
