//! A small tree of elements.

use std::sync::Arc;

use crate::error::{Error, Result};

/// An element: local name, namespace, attributes, children, and the text directly in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Element {
    /// Name without prefix.
    pub name: String,
    /// Namespace; empty for none.
    pub namespace: Arc<str>,
    /// Attributes by local name, in document order, without namespace declarations.
    pub attributes: Vec<(String, String)>,
    /// Elements inside, in order.
    pub children: Vec<Element>,
    /// Text directly inside, put together.
    pub text: String,
    /// Line of the start tag, from 1.
    pub line: u32,
}

impl Element {
    /// The value of an attribute.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The first child of that name.
    #[must_use]
    pub fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    /// All children of that name.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Self> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// The child at the end of a path of names.
    #[must_use]
    pub fn at(&self, path: &[&str]) -> Option<&Self> {
        path.iter().try_fold(self, |at, name| at.child(name))
    }

    /// The text of the first child of that name, without white space around it; `None` if there is none or it is
    /// empty.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<&str> {
        self.child(name).map(|child| child.text.trim()).filter(|text| !text.is_empty())
    }

    /// The child of that name.
    ///
    /// # Errors
    /// Malformed, if there is none.
    pub fn required(&self, name: &str) -> Result<&Self> {
        self.child(name)
            .ok_or_else(|| Error::malformed(self.line, format!("no {name} element in {}", self.name)))
    }
}
