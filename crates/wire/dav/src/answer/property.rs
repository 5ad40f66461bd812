//! Values of properties: `write_*` fills the element, `read_*` takes it apart. They come in pairs.

use crate::name::{Name, caldav, carddav, dav, ns};
use crate::report::Collation;
use crate::xml::{Element, Writer};

/// Elements by name: DAV:resourcetype, DAV:acl-restrictions, CALDAV:schedule-calendar-transp.
pub fn write_names<'n>(w: &mut Writer<'_>, names: impl IntoIterator<Item = &'n Name>) {
    names.into_iter().for_each(|name| w.empty(name));
}

/// The other way.
pub fn read_names(property: &Element) -> Vec<Name> {
    property.children().map(|child| child.name.clone()).collect()
}

/// DAV:href elements: home sets, principal addresses, group members, CALDAV:calendar-user-address-set.
pub fn write_hrefs<H: AsRef<str>>(w: &mut Writer<'_>, hrefs: impl IntoIterator<Item = H>) {
    hrefs.into_iter().for_each(|href| w.leaf(&dav::HREF, href.as_ref()));
}

/// The other way.
pub fn read_hrefs(property: &Element) -> Vec<String> {
    let hrefs = property.children().filter(|child| child.name == dav::HREF);
    hrefs.map(|href| href.trimmed().into_owned()).collect()
}

/// DAV:current-user-privilege-set (RFC 3744 5.4).
pub fn write_privileges<'n>(w: &mut Writer<'_>, privileges: impl IntoIterator<Item = &'n Name>) {
    privileges.into_iter().for_each(|name| w.nest(&dav::PRIVILEGE, |w| w.empty(name)));
}

/// The other way.
pub fn read_privileges(property: &Element) -> Vec<Name> {
    let privileges = property.children().filter(|child| child.name == dav::PRIVILEGE);
    privileges.flat_map(|privilege| privilege.children().map(|name| name.name.clone())).collect()
}

/// DAV:supported-report-set (RFC 3253 3.1.5).
pub fn write_reports<'n>(w: &mut Writer<'_>, reports: impl IntoIterator<Item = &'n Name>) {
    for name in reports {
        w.nest(&dav::SUPPORTED_REPORT, |w| w.nest(&dav::REPORT, |w| w.empty(name)));
    }
}

/// The other way.
pub fn read_reports(property: &Element) -> Vec<Name> {
    let supported = property.children().filter(|child| child.name == dav::SUPPORTED_REPORT);
    let reports = supported.flat_map(Element::children).filter(|child| child.name == dav::REPORT);
    reports.flat_map(|report| report.children().map(|name| name.name.clone())).collect()
}

/// CALDAV:supported-calendar-component-set (RFC 4791 5.2.3).
pub fn write_components<C: AsRef<str>>(w: &mut Writer<'_>, components: impl IntoIterator<Item = C>) {
    components.into_iter().for_each(|name| w.empty_with(&caldav::COMP, &[("name", name.as_ref())]));
}

/// The other way: names in upper case, also from the property as a client sets it.
pub fn read_components(property: &Element) -> Vec<String> {
    let components = property.children().filter(|child| child.name == caldav::COMP);
    components.filter_map(|comp| comp.attribute("name").map(str::to_ascii_uppercase)).collect()
}

/// CALDAV:supported-calendar-data (RFC 4791 5.2.4): pairs of content type and version.
pub fn write_calendar_data_types(w: &mut Writer<'_>, types: &[(&str, &str)]) {
    write_types(w, &caldav::CALENDAR_DATA, types);
}

/// CARDDAV:supported-address-data (RFC 6352 6.2.2): pairs of content type and version.
pub fn write_address_data_types(w: &mut Writer<'_>, types: &[(&str, &str)]) {
    write_types(w, &carddav::ADDRESS_DATA_TYPE, types);
}

fn write_types(w: &mut Writer<'_>, name: &Name, types: &[(&str, &str)]) {
    for (content_type, version) in types {
        w.empty_with(name, &[("content-type", content_type), ("version", version)]);
    }
}

/// Pairs of content type and version, from either of the two.
pub fn read_data_types(property: &Element) -> Vec<(String, String)> {
    let types = property
        .children()
        .filter(|child| child.name == caldav::CALENDAR_DATA || child.name == carddav::ADDRESS_DATA_TYPE);
    let value = |child: &Element, name| child.attribute(name).unwrap_or_default().to_owned();
    types.map(|child| (value(child, "content-type"), value(child, "version"))).collect()
}

/// CALDAV:supported-collation-set or CARDDAV:supported-collation-set, as `property` says (RFC 4791 7.5.1, RFC 6352 8.3.1).
pub fn write_collations(w: &mut Writer<'_>, property: &Name, collations: &[Collation]) {
    let calendars = property.ns() == ns::CALDAV;
    let name = if calendars { caldav::SUPPORTED_COLLATION } else { carddav::SUPPORTED_COLLATION };
    collations.iter().for_each(|collation| w.leaf(&name, collation.as_str()));
}

/// The other way; collations that we do not know are left out.
pub fn read_collations(property: &Element) -> Vec<Collation> {
    let known = |child: &Element| Collation::ALL.into_iter().find(|known| known.as_str() == child.trimmed());
    property.children().filter_map(known).collect()
}

/// DAV:supported-method-set (RFC 3253 3.1.3).
pub fn write_methods(w: &mut Writer<'_>, methods: &[&str]) {
    let name = Name::known(ns::DAV, "supported-method");
    methods.iter().for_each(|method| w.empty_with(&name, &[("name", method)]));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xml::{Limits, parse};

    fn property(name: &Name, content: impl FnOnce(&mut Writer<'_>)) -> Element {
        let mut out = Vec::new();
        let mut w = Writer::new(&mut out);
        w.root(name);
        content(&mut w);
        w.close(name);
        parse(&out, &Limits::default()).unwrap()
    }

    #[test]
    fn names_hrefs_and_privileges() {
        let names = [dav::COLLECTION, caldav::CALENDAR, Name::new("urn:x", "y")];
        assert_eq!(read_names(&property(&dav::RESOURCETYPE, |w| write_names(w, &names))), names);
        let hrefs = ["/a%20b/", "mailto:ann@example.org"];
        assert_eq!(read_hrefs(&property(&dav::GROUP_MEMBER_SET, |w| write_hrefs(w, hrefs))), hrefs);
        let privileges = [dav::READ, caldav::READ_FREE_BUSY];
        let set = property(&dav::CURRENT_USER_PRIVILEGE_SET, |w| write_privileges(w, &privileges));
        assert_eq!(read_privileges(&set), privileges);
        let reports = [dav::SYNC_COLLECTION, carddav::ADDRESSBOOK_QUERY];
        assert_eq!(
            read_reports(&property(&dav::SUPPORTED_REPORT_SET, |w| write_reports(w, &reports))),
            reports
        );
    }

    #[test]
    fn what_collections_support() {
        let set =
            property(&caldav::SUPPORTED_CALENDAR_COMPONENT_SET, |w| write_components(w, ["VEVENT", "VTODO"]));
        assert_eq!(read_components(&set), ["VEVENT", "VTODO"]);
        let types = [("text/vcard", "3.0"), ("text/vcard", "4.0")];
        let read = read_data_types(&property(&carddav::SUPPORTED_ADDRESS_DATA, |w| {
            write_address_data_types(w, &types)
        }));
        assert_eq!(read.iter().map(|(t, v)| (t.as_str(), v.as_str())).collect::<Vec<_>>(), types);
        let types = [("text/calendar", "2.0")];
        let read = read_data_types(&property(&caldav::SUPPORTED_CALENDAR_DATA, |w| {
            write_calendar_data_types(w, &types)
        }));
        assert_eq!(read, [("text/calendar".to_owned(), "2.0".to_owned())]);
        for name in [caldav::SUPPORTED_COLLATION_SET, carddav::SUPPORTED_COLLATION_SET] {
            let set = property(&name, |w| write_collations(w, &name, &Collation::ALL));
            assert_eq!(read_collations(&set), Collation::ALL);
            assert!(set.children().all(|child| child.name.ns() == name.ns()));
        }
        let set = property(&dav::SUPPORTED_METHOD_SET, |w| write_methods(w, &["GET", "PUT"]));
        assert_eq!(set.children().count(), 2);
    }
}
