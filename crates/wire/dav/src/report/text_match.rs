//! Conditions on text, shared by calendar and address book filters (RFC 4791 9.7.5, RFC 6352 10.5.4).

use crate::error::{Error, Result};
use crate::name::{Name, ns};
use crate::xml::{Element, Writer};

/// How two texts are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Collation {
    /// `i;ascii-casemap` (RFC 4790 9.2)
    AsciiCasemap,
    /// `i;octet` (RFC 4790 9.3)
    Octet,
    /// `i;unicode-casemap` (RFC 5051)
    UnicodeCasemap,
}

impl Collation {
    /// All that we know, in the order of supported-collation-set.
    pub const ALL: [Collation; 3] = [Collation::AsciiCasemap, Collation::Octet, Collation::UnicodeCasemap];

    /// Its name in the registry.
    pub fn as_str(self) -> &'static str {
        match self {
            Collation::AsciiCasemap => "i;ascii-casemap",
            Collation::Octet => "i;octet",
            Collation::UnicodeCasemap => "i;unicode-casemap",
        }
    }
}

/// Where the text must stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MatchType {
    /// It is the whole value.
    Equals,
    /// Anywhere.
    #[default]
    Contains,
    /// At the beginning.
    StartsWith,
    /// At the end.
    EndsWith,
}

impl MatchType {
    fn as_str(self) -> &'static str {
        match self {
            MatchType::Equals => "equals",
            MatchType::Contains => "contains",
            MatchType::StartsWith => "starts-with",
            MatchType::EndsWith => "ends-with",
        }
    }

    /// Reads the `match-type` attribute of `element`; contains when it is not there.
    pub(crate) fn read(element: &Element) -> std::result::Result<Self, String> {
        match element.attribute("match-type") {
            None | Some("contains") => Ok(MatchType::Contains),
            Some("equals") => Ok(MatchType::Equals),
            Some("starts-with") => Ok(MatchType::StartsWith),
            Some("ends-with") => Ok(MatchType::EndsWith),
            Some(other) => Err(format!("match-type \"{other:.40}\" is not known")),
        }
    }

    pub(crate) fn attribute(self) -> Option<(&'static str, &'static str)> {
        (self != MatchType::default()).then(|| ("match-type", self.as_str()))
    }
}

/// Whether one of several conditions is enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Test {
    /// One is enough.
    AnyOf,
    /// All must hold.
    AllOf,
}

impl Test {
    /// Reads the `test` attribute of `element`.
    pub(crate) fn read(element: &Element, default: Test) -> Result<Self> {
        match element.attribute("test") {
            None => Ok(default),
            Some("anyof") => Ok(Test::AnyOf),
            Some("allof") => Ok(Test::AllOf),
            Some(other) => Err(element.malformed(format!("test \"{other:.40}\" is neither anyof nor allof"))),
        }
    }

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Test::AnyOf => "anyof",
            Test::AllOf => "allof",
        }
    }
}

/// A condition on text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextMatch {
    /// What is looked for.
    pub text: String,
    /// How it is compared.
    pub collation: Collation,
    /// Where it must stand. CalDAV filters say nothing here and mean contains.
    pub match_type: MatchType,
    /// Whether the condition is turned round (`negate-condition`).
    pub negate: bool,
}

/// What differs between the filters of calendars and of address books.
pub(crate) struct Dialect {
    pub(crate) ns: &'static str,
    pub(crate) default_collation: Collation,
    /// Precondition for an unknown collation.
    pub(crate) collation: Name,
    /// Precondition for a filter that makes no sense; plain 400 when there is none.
    pub(crate) filter: Option<Name>,
    /// Precondition for a condition that we do not know.
    pub(crate) element: Name,
}

impl Dialect {
    pub(crate) fn invalid(&self, element: &Element, reason: impl Into<String>) -> Error {
        match &self.filter {
            Some(precondition) => Error::unsupported(element.at, precondition.clone(), reason.into()),
            None => element.malformed(reason.into()),
        }
    }

    /// Elements that we do not know are ignored elsewhere (RFC 4918 17), but a condition ignored is a wrong answer.
    pub(crate) fn unknown(&self, element: &Element) -> Error {
        let ours = element.name.ns() == ns::CALDAV || element.name.ns() == ns::CARDDAV;
        let place = if ours { "here" } else { "in a filter" };
        let reason = format!("{} cannot stand {place}", element.name);
        Error::unsupported(element.at, self.element.clone(), reason)
    }

    /// The `name` attribute in upper case; names of components, properties and parameters know no case.
    pub(crate) fn name_of(&self, element: &Element) -> Result<String> {
        match element.attribute("name") {
            Some(name) if !name.is_empty() => Ok(name.to_ascii_uppercase()),
            _ => Err(self.invalid(element, format!("{} without a name", element.name.local()))),
        }
    }

    pub(crate) fn name(&self, local: &'static str) -> Name {
        Name::known(self.ns, local)
    }
}

impl TextMatch {
    pub(crate) fn read(element: &Element, dialect: &Dialect) -> Result<Self> {
        let collation = match element.attribute("collation") {
            None | Some("default") => dialect.default_collation,
            Some(asked) => {
                Collation::ALL.into_iter().find(|known| known.as_str() == asked).ok_or_else(|| {
                    let reason = format!("collation \"{asked:.40}\" is not known");
                    Error::unsupported(element.at, dialect.collation.clone(), reason)
                })?
            }
        };
        let negate = match element.attribute("negate-condition") {
            None | Some("no") => false,
            Some("yes") => true,
            Some(_) => return Err(dialect.invalid(element, "negate-condition is neither yes nor no")),
        };
        let match_type = MatchType::read(element).map_err(|reason| dialect.invalid(element, reason))?;
        Ok(TextMatch { text: element.text().into_owned(), collation, match_type, negate })
    }

    pub(crate) fn write(&self, w: &mut Writer<'_>, dialect: &Dialect) {
        let mut attributes = vec![("collation", self.collation.as_str())];
        if self.negate {
            attributes.push(("negate-condition", "yes"));
        }
        attributes.extend(self.match_type.attribute());
        w.nest_with(&dialect.name("text-match"), &attributes, |w| w.text(&self.text));
    }
}

/// A condition on a parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParamFilter {
    /// Its name, in upper case.
    pub name: String,
    /// What is asked of it.
    pub rule: ParamRule,
}

/// What a parameter filter asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ParamRule {
    /// That the parameter is not there.
    NotDefined,
    /// That it is.
    Defined,
    /// That its value matches.
    Text(TextMatch),
}

impl ParamFilter {
    pub(crate) fn read(element: &Element, dialect: &Dialect) -> Result<Self> {
        let mut rule = ParamRule::Defined;
        for child in element.children() {
            let found = match child.name.parts() {
                (space, "is-not-defined") if space == dialect.ns => ParamRule::NotDefined,
                (space, "text-match") if space == dialect.ns => {
                    ParamRule::Text(TextMatch::read(child, dialect)?)
                }
                _ => return Err(dialect.unknown(child)),
            };
            if rule != ParamRule::Defined {
                return Err(dialect.invalid(child, "param-filter with more than one condition"));
            }
            rule = found;
        }
        Ok(ParamFilter { name: dialect.name_of(element)?, rule })
    }

    pub(crate) fn write(&self, w: &mut Writer<'_>, dialect: &Dialect) {
        w.nest_with(&dialect.name("param-filter"), &[("name", &self.name)], |w| match &self.rule {
            ParamRule::NotDefined => w.empty(&dialect.name("is-not-defined")),
            ParamRule::Defined => {}
            ParamRule::Text(text) => text.write(w, dialect),
        });
    }
}
