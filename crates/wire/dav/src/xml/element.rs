//! A small tree of elements with resolved names.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use super::scope::Scope;
use crate::error::{At, Error};
use crate::name::Name;

/// An element: name, attributes, content. Comments and processing instructions are gone.
///
/// It remembers the prefix it came with and the declarations in force, so that [`Element::to_xml`] can write it
/// self-contained. Equality looks at names, attributes (in any order) and content, not at prefixes or places.
#[derive(Clone)]
pub struct Element {
    /// Expanded name.
    pub name: Name,
    /// Attributes without namespace declarations, in document order.
    pub attributes: Vec<Attribute>,
    /// Content in document order; neighbouring texts are one.
    pub nodes: Vec<Node>,
    /// Where the start tag stood.
    pub at: At,
    pub(super) prefix: Option<Arc<str>>,
    pub(super) scope: Option<Arc<Scope>>,
}

/// An attribute. The namespace of its name is empty unless it had a prefix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribute {
    /// Expanded name.
    pub name: Name,
    /// Value, references resolved and white space normalised.
    pub value: String,
    pub(super) prefix: Option<Arc<str>>,
}

/// One piece of content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Node {
    /// A child.
    Element(Element),
    /// Text, references resolved, line ends as LF.
    Text(String),
}

impl PartialEq for Element {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
            && self.attributes.len() == other.attributes.len()
            && self
                .attributes
                .iter()
                .all(|a| other.attributes.iter().any(|b| a.name == b.name && a.value == b.value))
            && self.nodes == other.nodes
    }
}

impl Eq for Element {}

impl fmt::Debug for Element {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_xml())
    }
}

impl Element {
    /// An element without content, made here and not read.
    pub fn new(name: Name) -> Self {
        Element {
            name,
            attributes: Vec::new(),
            nodes: Vec::new(),
            at: At::default(),
            prefix: None,
            scope: None,
        }
    }

    /// Adds text.
    #[must_use]
    pub fn with_text(mut self, text: impl Into<String>) -> Self {
        self.nodes.push(Node::Text(text.into()));
        self
    }

    /// Adds a child.
    #[must_use]
    pub fn with_child(mut self, child: Element) -> Self {
        self.nodes.push(Node::Element(child));
        self
    }

    /// Adds an attribute.
    #[must_use]
    pub fn with_attribute(mut self, name: Name, value: impl Into<String>) -> Self {
        self.attributes.push(Attribute { name, value: value.into(), prefix: None });
        self
    }

    /// Whether this is `local` in `ns`.
    pub fn is(&self, ns: &str, local: &str) -> bool {
        self.name.is(ns, local)
    }

    /// Child elements in order.
    pub fn children(&self) -> impl Iterator<Item = &Element> {
        self.nodes.iter().filter_map(|node| match node {
            Node::Element(child) => Some(child),
            Node::Text(_) => None,
        })
    }

    /// The first child of that name.
    pub fn child(&self, name: &Name) -> Option<&Element> {
        self.children().find(|child| child.name == *name)
    }

    /// Text directly in this element, as it stands.
    pub fn text(&self) -> Cow<'_, str> {
        let mut texts = self.nodes.iter().filter_map(|node| match node {
            Node::Text(text) => Some(text.as_str()),
            Node::Element(_) => None,
        });
        let first = texts.next().unwrap_or_default();
        match texts.next() {
            None => Cow::Borrowed(first),
            Some(second) => Cow::Owned([first, second].into_iter().chain(texts).collect()),
        }
    }

    /// Text directly in this element without white space around it: for tokens, numbers and hrefs.
    pub fn trimmed(&self) -> Cow<'_, str> {
        match self.text() {
            Cow::Borrowed(text) => Cow::Borrowed(text.trim_ascii()),
            Cow::Owned(text) => Cow::Owned(text.trim_ascii().to_owned()),
        }
    }

    /// The value of an attribute without namespace.
    pub fn attribute(&self, local: &str) -> Option<&str> {
        self.attributes.iter().find(|a| a.name.is("", local)).map(|a| a.value.as_str())
    }

    /// `xml:lang` in force, from here or from above; `None` when unknown.
    pub fn lang(&self) -> Option<&str> {
        let own = self.attributes.iter().find(|a| a.name.is(crate::name::ns::XML, "lang"));
        let lang =
            own.map(|a| a.value.as_str()).or_else(|| self.scope.as_ref().and_then(|scope| scope.lang()));
        lang.filter(|lang| !lang.is_empty())
    }

    pub(crate) fn malformed(&self, reason: impl Into<Cow<'static, str>>) -> Error {
        Error::malformed(self.at, reason)
    }

    pub(crate) fn required(&self, name: &Name) -> Result<&Element, Error> {
        self.child(name)
            .ok_or_else(|| self.malformed(format!("no {} element in {}", name.local(), self.name.local())))
    }
}
