//! The answer to DAV:principal-search-property-set (RFC 3744 9.5).

use crate::error::Result;
use crate::name::{Name, dav};
use crate::xml::{self, Limits, Writer};

/// Properties that principals can be searched by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PrincipalSearchPropertySet {
    /// Each with a description in English.
    pub properties: Vec<(Name, String)>,
}

impl PrincipalSearchPropertySet {
    /// Writes the body.
    pub fn write(&self, out: &mut Vec<u8>) {
        let mut w = Writer::new(out);
        w.root(&dav::PRINCIPAL_SEARCH_PROPERTY_SET);
        for (name, description) in &self.properties {
            w.nest(&dav::PRINCIPAL_SEARCH_PROPERTY, |w| {
                w.nest(&dav::PROP, |w| w.empty(name));
                w.nest_with(&dav::DESCRIPTION, &[("xml:lang", "en")], |w| w.text(description));
            });
        }
        w.close(&dav::PRINCIPAL_SEARCH_PROPERTY_SET);
    }

    /// Reads a body.
    pub fn parse(body: &[u8], limits: &Limits) -> Result<Self> {
        let root = xml::parse(body, limits)?;
        let mut properties = Vec::new();
        for child in root.children().filter(|child| child.name == dav::PRINCIPAL_SEARCH_PROPERTY) {
            let name = child.required(&dav::PROP)?.children().next();
            let name = name.ok_or_else(|| child.malformed("search property without a name"))?.name.clone();
            let text = child.child(&dav::DESCRIPTION).map(|text| text.text().into_owned());
            properties.push((name, text.unwrap_or_default()));
        }
        Ok(PrincipalSearchPropertySet { properties })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_goes_there_and_back() {
        let set = PrincipalSearchPropertySet { properties: vec![(dav::DISPLAYNAME, "Full name".to_owned())] };
        let mut out = Vec::new();
        set.write(&mut out);
        assert_eq!(PrincipalSearchPropertySet::parse(&out, &Limits::default()), Ok(set));
    }
}
