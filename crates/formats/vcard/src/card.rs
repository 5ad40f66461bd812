//! A card and what it says.

use crate::prop::Prop;
use kontor_contentline::{Component, Path, Problem, Tree};
use std::borrow::Cow;

/// vCard versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Version {
    /// vCard 2.1, read but not stored.
    V2_1,
    /// RFC 2426.
    V3,
    /// RFC 6350.
    V4,
}

impl Version {
    /// Reads the value of `VERSION`.
    pub fn read(value: &str) -> Option<Self> {
        match value.trim() {
            "2.1" => Some(Version::V2_1),
            "3.0" => Some(Version::V3),
            "4.0" => Some(Version::V4),
            _ => None,
        }
    }

    /// The value of `VERSION`.
    pub fn as_str(self) -> &'static str {
        match self {
            Version::V2_1 => "2.1",
            Version::V3 => "3.0",
            Version::V4 => "4.0",
        }
    }
}

/// What a card stands for (`KIND`, RFC 6350 6.1.4, or `X-ADDRESSBOOKSERVER-KIND`, which 3.0 clients write).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// A person; also when nothing is said.
    Individual,
    /// A list of members.
    Group,
    /// An organisation.
    Org,
    /// A place.
    Location,
    /// Any other word, in lower case.
    Other(String),
}

/// The structured name (`N`, RFC 6350 6.2.2); each component may have several values.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Name {
    /// Family names.
    pub family: Vec<String>,
    /// Given names.
    pub given: Vec<String>,
    /// Additional names.
    pub additional: Vec<String>,
    /// Honorific prefixes.
    pub prefixes: Vec<String>,
    /// Honorific suffixes.
    pub suffixes: Vec<String>,
}

/// The first card of a text.
#[derive(Debug, Clone)]
pub struct Card<'a> {
    tree: Tree<'a>,
}

impl<'a> Card<'a> {
    /// Reads a card; `None` if the text has none. Lenient: [`Card::problems`] tells what was stepped over.
    pub fn read(bytes: &'a [u8]) -> Option<Self> {
        let tree = Tree::parse(bytes);
        tree.root().child("VCARD")?;
        Some(Card { tree })
    }

    pub(crate) fn of(tree: Tree<'a>) -> Self {
        Card { tree }
    }

    /// The tree it was read from.
    pub fn tree(&self) -> &Tree<'a> {
        &self.tree
    }

    /// The address of the card in its tree, for edits.
    pub fn path() -> Path {
        Path::root().child("VCARD", 0)
    }

    /// What is wrong with the text.
    pub fn problems(&self) -> &[Problem] {
        self.tree.problems()
    }

    fn component(&self) -> Component<'_, 'a> {
        let root = self.tree.root();
        root.child("VCARD").unwrap_or(root)
    }

    /// The properties in order, `VERSION` included.
    pub fn props(&self) -> impl Iterator<Item = Prop<'_, 'a>> {
        self.component().properties().map(Prop::new)
    }

    /// The properties a name means; it may have a group (see [`Prop::is`]).
    pub fn named<'c>(&'c self, name: &'c str) -> impl Iterator<Item = Prop<'c, 'a>> {
        self.props().filter(move |prop| prop.is(name))
    }

    /// The first property of this name.
    pub fn first(&self, name: &str) -> Option<Prop<'_, 'a>> {
        self.props().find(|prop| prop.is(name))
    }

    /// The most preferred property of this name; the first of equals.
    pub fn preferred<'c>(&'c self, name: &'c str) -> Option<Prop<'c, 'a>> {
        self.named(name).min_by_key(|prop| prop.preference().unwrap_or(u8::MAX))
    }

    /// `VERSION`; `None` if missing or unknown.
    pub fn version(&self) -> Option<Version> {
        Version::read(&self.first("VERSION")?.text())
    }

    /// `UID`, blanks around it taken off; `None` if missing or empty.
    pub fn uid(&self) -> Option<String> {
        let uid = self.first("UID")?.text().trim().to_owned();
        (!uid.is_empty()).then_some(uid)
    }

    /// `FN`, the most preferred.
    pub fn full_name(&self) -> Option<Cow<'a, str>> {
        self.preferred("FN").map(|prop| prop.text())
    }

    /// `N`.
    pub fn name(&self) -> Option<Name> {
        let mut parts = self.first("N")?.parts().into_iter();
        let mut next = || {
            let mut names = parts.next().unwrap_or_default();
            names.retain(|name| !name.is_empty());
            names
        };
        Some(Name { family: next(), given: next(), additional: next(), prefixes: next(), suffixes: next() })
    }

    /// What the card stands for.
    pub fn kind(&self) -> Kind {
        let word =
            self.first("KIND").or_else(|| self.first("X-ADDRESSBOOKSERVER-KIND")).map(|prop| prop.text());
        match word.map(|word| word.trim().to_ascii_lowercase()).as_deref() {
            None | Some("" | "individual") => Kind::Individual,
            Some("group") => Kind::Group,
            Some("org") => Kind::Org,
            Some("location") => Kind::Location,
            Some(other) => Kind::Other(other.to_owned()),
        }
    }

    /// The members of a group as URIs (`urn:uuid:...`, `mailto:...`).
    pub fn members(&self) -> impl Iterator<Item = Cow<'a, str>> {
        self.props().filter(|p| p.is("MEMBER") || p.is("X-ADDRESSBOOKSERVER-MEMBER")).map(|prop| prop.text())
    }

    /// The label a client gave a grouped property (`item1.X-ABLABEL`); Apple's `_$!<Home>!$_` without its wrapping.
    pub fn label(&self, of: &Prop<'_, '_>) -> Option<String> {
        let group = of.group()?;
        let same = |prop: &Prop<'_, '_>| prop.group().is_some_and(|own| own.eq_ignore_ascii_case(group));
        let label = self.named("X-ABLABEL").find(same)?.text().into_owned();
        let inner = label.strip_prefix("_$!<").and_then(|rest| rest.strip_suffix(">!$_"));
        Some(inner.map_or_else(|| label.clone(), str::to_owned))
    }
}
