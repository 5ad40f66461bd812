//! DAV:principal-property-search (RFC 3744 9.4).

use super::text_match::{MatchType, Test};
use super::wanted::Wanted;
use crate::error::Result;
use crate::name::{Name, dav};
use crate::request::names;
use crate::xml::{Element, Writer};

/// A principal-property-search request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrincipalPropertySearch {
    /// Whether one of the searches is enough.
    ///
    /// Quirk(search-test): RFC 3744 knows only all; Apple's clients send `test`, and `match-type` besides.
    pub test: Test,
    /// Searches, at least one.
    pub searches: Vec<PropertySearch>,
    /// Whether to search where DAV:principal-collection-set points, not below the request URI.
    pub everywhere: bool,
    /// What to answer about each principal found.
    pub wanted: Wanted,
}

/// One search: all of these properties hold the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PropertySearch {
    /// Properties to look at, at least one.
    pub props: Vec<Name>,
    /// What to look for, without regard to case.
    pub text: String,
    /// Where it must stand; contains, but for Calendar Server clients.
    pub match_type: MatchType,
}

impl PrincipalPropertySearch {
    pub(super) fn read(root: &Element) -> Result<Self> {
        let searches = root.children().filter(|child| child.name == dav::PROPERTY_SEARCH);
        let searches: Vec<_> = searches.map(PropertySearch::read).collect::<Result<_>>()?;
        if searches.is_empty() {
            return Err(root.malformed("principal-property-search without property-search"));
        }
        Ok(PrincipalPropertySearch {
            test: Test::read(root, Test::AllOf)?,
            searches,
            everywhere: root.child(&dav::APPLY_TO_PRINCIPAL_COLLECTION_SET).is_some(),
            wanted: Wanted::read(root)?,
        })
    }

    pub(super) fn attributes(&self) -> Vec<(&'static str, &'static str)> {
        if self.test == Test::AllOf { Vec::new() } else { vec![("test", self.test.as_str())] }
    }

    pub(super) fn write(&self, w: &mut Writer<'_>) {
        self.searches.iter().for_each(|search| search.write(w));
        self.wanted.write(w);
        if self.everywhere {
            w.empty(&dav::APPLY_TO_PRINCIPAL_COLLECTION_SET);
        }
    }
}

impl PropertySearch {
    fn read(element: &Element) -> Result<Self> {
        let props = names(element.required(&dav::PROP)?);
        let wanted = element.required(&dav::MATCH)?;
        if props.is_empty() {
            return Err(element.malformed("property-search without a property"));
        }
        let match_type = MatchType::read(wanted).map_err(|reason| wanted.malformed(reason))?;
        Ok(PropertySearch { props, text: wanted.text().into_owned(), match_type })
    }

    fn write(&self, w: &mut Writer<'_>) {
        w.nest(&dav::PROPERTY_SEARCH, |w| {
            w.nest(&dav::PROP, |w| self.props.iter().for_each(|name| w.empty(name)));
            let attributes: Vec<_> = self.match_type.attribute().into_iter().collect();
            w.nest_with(&dav::MATCH, &attributes, |w| w.text(&self.text));
        });
    }
}
