//! PROPFIND (RFC 4918 9.1, 14.20), and the choice of properties that most reports share.

use crate::error::Result;
use crate::name::{Name, dav};
use crate::xml::{self, Element, Limits, Writer};

/// Which properties an answer shall carry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PropSet {
    /// All that RFC 4918 means by it, and these besides (DAV:include).
    All {
        /// Properties named besides.
        include: Vec<Name>,
    },
    /// Names of all properties, no values.
    Names,
    /// These.
    Named(Vec<Name>),
}

impl PropSet {
    /// Finds DAV:allprop (with DAV:include), DAV:propname or DAV:prop among the children of `parent`. `None` when there
    /// is none of them; an error when there is more than one.
    pub(crate) fn find(parent: &Element) -> Result<Option<PropSet>> {
        let mut found = None;
        for child in parent.children() {
            let set = match child.name.parts() {
                (crate::name::ns::DAV, "allprop") => {
                    PropSet::All { include: parent.child(&dav::INCLUDE).map(names).unwrap_or_default() }
                }
                (crate::name::ns::DAV, "propname") => PropSet::Names,
                (crate::name::ns::DAV, "prop") => PropSet::Named(names(child)),
                _ => continue,
            };
            if found.replace(set).is_some() {
                return Err(child.malformed("more than one of prop, allprop and propname"));
            }
        }
        Ok(found)
    }

    pub(crate) fn write(&self, w: &mut Writer<'_>) {
        self.write_with(w, |_, _| false);
    }

    /// Writes; `special` may write a property itself and then says so.
    pub(crate) fn write_with(&self, w: &mut Writer<'_>, special: impl Fn(&mut Writer<'_>, &Name) -> bool) {
        let list = |w: &mut Writer<'_>, names: &[Name]| {
            for name in names {
                if !special(w, name) {
                    w.empty(name);
                }
            }
        };
        match self {
            PropSet::All { include } => {
                w.empty(&dav::ALLPROP);
                if !include.is_empty() {
                    w.nest(&dav::INCLUDE, |w| list(w, include));
                }
            }
            PropSet::Names => w.empty(&dav::PROPNAME),
            PropSet::Named(names) => w.nest(&dav::PROP, |w| list(w, names)),
        }
    }
}

/// Names of the children, each once, in order.
pub(crate) fn names(parent: &Element) -> Vec<Name> {
    let mut seen = std::collections::HashSet::new();
    parent.children().filter(|child| seen.insert(&child.name)).map(|child| child.name.clone()).collect()
}

/// A PROPFIND body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Propfind {
    /// What is asked for.
    pub props: PropSet,
}

impl Propfind {
    /// Reads a body; an empty one asks for all properties (RFC 4918 9.1).
    pub fn parse(body: &[u8], limits: &Limits) -> Result<Self> {
        if xml::is_blank(body) {
            return Ok(Propfind { props: PropSet::All { include: Vec::new() } });
        }
        let root = xml::parse(body, limits)?;
        if root.name != dav::PROPFIND {
            return Err(root.malformed(format!("expected a DAV:propfind body, found {}", root.name)));
        }
        match PropSet::find(&root)? {
            Some(props) => Ok(Propfind { props }),
            None => Err(root.malformed("propfind without prop, allprop or propname")),
        }
    }

    /// Writes the body.
    pub fn write(&self, out: &mut Vec<u8>) {
        let mut w = Writer::new(out);
        w.root(&dav::PROPFIND);
        self.props.write(&mut w);
        w.close(&dav::PROPFIND);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(body: &str, expect: PropSet) {
        let read = Propfind::parse(body.as_bytes(), &Limits::default()).unwrap();
        assert_eq!(read.props, expect);
        let mut out = Vec::new();
        read.write(&mut out);
        assert_eq!(Propfind::parse(&out, &Limits::default()), Ok(read));
    }

    fn refuse(body: &str, reason: &str) {
        let error = Propfind::parse(body.as_bytes(), &Limits::default()).unwrap_err().to_string();
        assert!(error.contains(reason), "{error}");
    }

    #[test]
    fn the_three_forms() {
        check("", PropSet::All { include: vec![] });
        check("\r\n ", PropSet::All { include: vec![] });
        check(r#"<propfind xmlns="DAV:"><propname/></propfind>"#, PropSet::Names);
        check(
            r#"<a:propfind xmlns:a="DAV:"><a:allprop/><a:include><a:acl/></a:include></a:propfind>"#,
            PropSet::All { include: vec![dav::ACL] },
        );
        check(
            r#"<propfind xmlns="DAV:"><prop><getetag/><x xmlns="urn:x"/><y xmlns=""/><getetag/></prop></propfind>"#,
            PropSet::Named(vec![dav::GETETAG, Name::new("urn:x", "x"), Name::new("", "y")]),
        );
    }

    #[test]
    fn wrong_bodies_are_named() {
        refuse(r#"<propfind xmlns="DAV:"/>"#, "without prop");
        refuse(r#"<x xmlns="DAV:"/>"#, "found {DAV:}x");
        refuse(r#"<propfind xmlns="DAV:"><prop/><allprop/></propfind>"#, "more than one");
        refuse(r#"<D:propfind><D:prop/></D:propfind>"#, "prefix \"D\" is not declared at line 1, column 1");
    }
}
