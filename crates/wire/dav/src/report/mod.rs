//! Bodies of REPORT: one file a report; this file is the table.

mod address_data;
mod addressbook_query;
mod calendar_data;
mod calendar_filter;
mod calendar_query;
mod expand_property;
mod free_busy_query;
mod multiget;
mod principals;
mod search;
mod sync_collection;
mod text_match;
mod time_range;
mod version_tree;
mod wanted;

pub use address_data::{AddressData, CardProp};
pub use addressbook_query::{AddressFilter, AddressbookQuery, CardPropFilter, CardPropRule};
pub use calendar_data::{CalendarData, Comp, Expansion, PropPick};
pub use calendar_filter::{CompFilter, CompRule, PropFilter, PropRule};
pub use calendar_query::{CalendarQuery, Timezone};
pub use expand_property::{ExpandProperty, PropertyRequest};
pub use free_busy_query::FreeBusyQuery;
pub use multiget::Multiget;
pub use principals::{AclPrincipalPropSet, PrincipalMatch, Which};
pub use search::{PrincipalPropertySearch, PropertySearch};
pub use sync_collection::{SyncCollection, SyncLevel};
pub use text_match::{Collation, MatchType, ParamFilter, ParamRule, Test, TextMatch};
pub use time_range::{TimeRange, Utc};
pub use version_tree::VersionTree;
pub use wanted::{DataType, Wanted};

use crate::error::{Error, Result};
use crate::name::{Name, caldav, carddav, dav};
use crate::xml::{self, Element, Limits, Writer};

/// A REPORT body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Report {
    /// CALDAV:calendar-query (RFC 4791 7.8)
    CalendarQuery(CalendarQuery),
    /// CALDAV:calendar-multiget (RFC 4791 7.9)
    CalendarMultiget(Multiget),
    /// CALDAV:free-busy-query (RFC 4791 7.10)
    FreeBusyQuery(FreeBusyQuery),
    /// CARDDAV:addressbook-query (RFC 6352 8.6)
    AddressbookQuery(AddressbookQuery),
    /// CARDDAV:addressbook-multiget (RFC 6352 8.7)
    AddressbookMultiget(Multiget),
    /// DAV:sync-collection (RFC 6578 3.2)
    SyncCollection(SyncCollection),
    /// DAV:expand-property (RFC 3253 3.8)
    ExpandProperty(ExpandProperty),
    /// DAV:version-tree (RFC 3253 3.7)
    VersionTree(VersionTree),
    /// DAV:acl-principal-prop-set (RFC 3744 9.2)
    AclPrincipalPropSet(AclPrincipalPropSet),
    /// DAV:principal-match (RFC 3744 9.3)
    PrincipalMatch(PrincipalMatch),
    /// DAV:principal-property-search (RFC 3744 9.4)
    PrincipalPropertySearch(PrincipalPropertySearch),
    /// DAV:principal-search-property-set (RFC 3744 9.5)
    PrincipalSearchPropertySet,
}

type Read = fn(&Element) -> Result<Report>;

/// Every report we read: its name, and who reads it.
const TABLE: [(Name, Read); 12] = [
    (caldav::CALENDAR_QUERY, |root| CalendarQuery::read(root).map(Report::CalendarQuery)),
    (caldav::CALENDAR_MULTIGET, |root| Multiget::read(root).map(Report::CalendarMultiget)),
    (caldav::FREE_BUSY_QUERY, |root| FreeBusyQuery::read(root).map(Report::FreeBusyQuery)),
    (carddav::ADDRESSBOOK_QUERY, |root| AddressbookQuery::read(root).map(Report::AddressbookQuery)),
    (carddav::ADDRESSBOOK_MULTIGET, |root| Multiget::read(root).map(Report::AddressbookMultiget)),
    (dav::SYNC_COLLECTION, |root| SyncCollection::read(root).map(Report::SyncCollection)),
    (dav::EXPAND_PROPERTY, |root| ExpandProperty::read(root).map(Report::ExpandProperty)),
    (dav::VERSION_TREE, |root| VersionTree::read(root).map(Report::VersionTree)),
    (dav::ACL_PRINCIPAL_PROP_SET, |root| AclPrincipalPropSet::read(root).map(Report::AclPrincipalPropSet)),
    (dav::PRINCIPAL_MATCH, |root| PrincipalMatch::read(root).map(Report::PrincipalMatch)),
    (dav::PRINCIPAL_PROPERTY_SEARCH, |root| {
        PrincipalPropertySearch::read(root).map(Report::PrincipalPropertySearch)
    }),
    (dav::PRINCIPAL_SEARCH_PROPERTY_SET, |_| Ok(Report::PrincipalSearchPropertySet)),
];

impl Report {
    /// Reads a body. A report that is not in the table fails with DAV:supported-report (RFC 3253 3.6).
    pub fn parse(body: &[u8], limits: &Limits) -> Result<Self> {
        let root = xml::parse(body, limits)?;
        match TABLE.iter().find(|(name, _)| *name == root.name) {
            Some((_, read)) => read(&root),
            None => {
                let reason = format!("report {} is not known", root.name);
                Err(Error::unsupported(root.at, dav::SUPPORTED_REPORT, reason))
            }
        }
    }

    /// The root element.
    pub fn name(&self) -> Name {
        match self {
            Report::CalendarQuery(_) => caldav::CALENDAR_QUERY,
            Report::CalendarMultiget(_) => caldav::CALENDAR_MULTIGET,
            Report::FreeBusyQuery(_) => caldav::FREE_BUSY_QUERY,
            Report::AddressbookQuery(_) => carddav::ADDRESSBOOK_QUERY,
            Report::AddressbookMultiget(_) => carddav::ADDRESSBOOK_MULTIGET,
            Report::SyncCollection(_) => dav::SYNC_COLLECTION,
            Report::ExpandProperty(_) => dav::EXPAND_PROPERTY,
            Report::VersionTree(_) => dav::VERSION_TREE,
            Report::AclPrincipalPropSet(_) => dav::ACL_PRINCIPAL_PROP_SET,
            Report::PrincipalMatch(_) => dav::PRINCIPAL_MATCH,
            Report::PrincipalPropertySearch(_) => dav::PRINCIPAL_PROPERTY_SEARCH,
            Report::PrincipalSearchPropertySet => dav::PRINCIPAL_SEARCH_PROPERTY_SET,
        }
    }

    /// Writes the body.
    pub fn write(&self, out: &mut Vec<u8>) {
        let name = self.name();
        let mut w = Writer::new(out);
        if let Report::PrincipalPropertySearch(report) = self {
            w.root_with(&name, &report.attributes());
        } else {
            w.root(&name);
        }
        match self {
            Report::CalendarQuery(report) => report.write(&mut w),
            Report::CalendarMultiget(report) | Report::AddressbookMultiget(report) => report.write(&mut w),
            Report::FreeBusyQuery(report) => report.write(&mut w),
            Report::AddressbookQuery(report) => report.write(&mut w),
            Report::SyncCollection(report) => report.write(&mut w),
            Report::ExpandProperty(report) => report.write(&mut w),
            Report::VersionTree(report) => report.write(&mut w),
            Report::AclPrincipalPropSet(report) => report.write(&mut w),
            Report::PrincipalMatch(report) => report.write(&mut w),
            Report::PrincipalPropertySearch(report) => report.write(&mut w),
            Report::PrincipalSearchPropertySet => {}
        }
        w.close(&name);
    }
}

/// The positive number in `limit/nresults` (RFC 5323 5.17, RFC 6352 10.6).
fn nresults(root: &Element, limit: &Name, nresults: &Name) -> Result<Option<u32>> {
    let Some(limit) = root.child(limit) else { return Ok(None) };
    let number = limit.required(nresults)?;
    match number.trimmed().parse::<u32>() {
        Ok(n) if n > 0 => Ok(Some(n)),
        _ => Err(number.malformed("nresults is not a positive number")),
    }
}
