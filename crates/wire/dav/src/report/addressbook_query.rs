//! CARDDAV:addressbook-query (RFC 6352 8.6, 10.3, 10.5).

use super::text_match::{Collation, Dialect, ParamFilter, Test, TextMatch};
use super::wanted::Wanted;
use crate::error::Result;
use crate::name::{carddav, ns};
use crate::xml::{Element, Writer};

/// How CardDAV speaks of filters.
const DIALECT: Dialect = Dialect {
    ns: ns::CARDDAV,
    default_collation: Collation::UnicodeCasemap,
    collation: carddav::SUPPORTED_COLLATION,
    filter: None,
    element: carddav::SUPPORTED_FILTER,
};

/// An addressbook-query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddressbookQuery {
    /// What to answer about each match.
    pub wanted: Wanted,
    /// What must hold.
    pub filter: AddressFilter,
    /// Most matches to answer with.
    pub limit: Option<u32>,
}

/// CARDDAV:filter. Without conditions everything matches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddressFilter {
    /// Whether one condition is enough.
    pub test: Test,
    /// Conditions.
    pub props: Vec<CardPropFilter>,
}

/// A condition on properties of one name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CardPropFilter {
    /// Property name, in upper case; with a group before it, `WORK.TEL`, only that of the group.
    pub name: String,
    /// What is asked.
    pub rule: CardPropRule,
}

/// What a property filter asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CardPropRule {
    /// That no such property is there.
    NotDefined,
    /// That one is there for which this holds; without conditions, that one is there.
    Matches {
        /// Whether one condition, text or parameter, is enough.
        test: Test,
        /// Conditions on the value.
        texts: Vec<TextMatch>,
        /// Conditions on parameters.
        params: Vec<ParamFilter>,
    },
}

impl AddressbookQuery {
    pub(super) fn read(root: &Element) -> Result<Self> {
        let filter = root.required(&carddav::FILTER)?;
        let mut props = Vec::new();
        for child in filter.children() {
            if child.name != carddav::PROP_FILTER {
                return Err(DIALECT.unknown(child));
            }
            props.push(CardPropFilter::read(child)?);
        }
        let limit = super::nresults(root, &carddav::LIMIT, &carddav::NRESULTS)?;
        let filter = AddressFilter { test: Test::read(filter, Test::AnyOf)?, props };
        Ok(AddressbookQuery { wanted: Wanted::read(root)?, filter, limit })
    }

    pub(super) fn write(&self, w: &mut Writer<'_>) {
        self.wanted.write(w);
        w.nest_with(&carddav::FILTER, &[("test", self.filter.test.as_str())], |w| {
            self.filter.props.iter().for_each(|prop| prop.write(w));
        });
        if let Some(limit) = self.limit {
            w.nest(&carddav::LIMIT, |w| w.leaf(&carddav::NRESULTS, &limit.to_string()));
        }
    }
}

impl CardPropFilter {
    fn read(element: &Element) -> Result<Self> {
        let name = DIALECT.name_of(element)?;
        if let Some(child) = element.child(&carddav::IS_NOT_DEFINED) {
            return if element.children().count() == 1 {
                Ok(CardPropFilter { name, rule: CardPropRule::NotDefined })
            } else {
                Err(DIALECT.invalid(child, "is-not-defined beside other conditions"))
            };
        }
        let (mut texts, mut params) = (Vec::new(), Vec::new());
        for child in element.children() {
            match child.name.parts() {
                (ns::CARDDAV, "text-match") => texts.push(TextMatch::read(child, &DIALECT)?),
                (ns::CARDDAV, "param-filter") => params.push(ParamFilter::read(child, &DIALECT)?),
                _ => return Err(DIALECT.unknown(child)),
            }
        }
        let test = Test::read(element, Test::AnyOf)?;
        Ok(CardPropFilter { name, rule: CardPropRule::Matches { test, texts, params } })
    }

    fn write(&self, w: &mut Writer<'_>) {
        let mut attributes = vec![("name", self.name.as_str())];
        if let CardPropRule::Matches { test, .. } = &self.rule {
            attributes.push(("test", test.as_str()));
        }
        w.nest_with(&carddav::PROP_FILTER, &attributes, |w| match &self.rule {
            CardPropRule::NotDefined => w.empty(&carddav::IS_NOT_DEFINED),
            CardPropRule::Matches { texts, params, .. } => {
                texts.iter().for_each(|text| text.write(w, &DIALECT));
                params.iter().for_each(|param| param.write(w, &DIALECT));
            }
        });
    }
}
