//! Appends XML to a buffer.

use super::element::Element;
use super::escape::{escape_attribute, escape_bytes, escape_into};
use crate::name::{Name, PREFIXES, prefix_of};

/// Writes elements into a buffer whose root declared [`PREFIXES`]. Names of other namespaces get their declaration on
/// the spot. The caller balances [`Writer::open`] and [`Writer::close`]; nothing else can go wrong.
#[derive(Debug)]
pub struct Writer<'a> {
    out: &'a mut Vec<u8>,
}

impl<'a> Writer<'a> {
    /// Writes inside a root that is already there.
    pub fn new(out: &'a mut Vec<u8>) -> Self {
        Writer { out }
    }

    /// The XML declaration and the start tag of the root, which declares [`PREFIXES`].
    pub fn root(&mut self, name: &Name) {
        self.root_with(name, &[]);
    }

    /// [`Writer::root`] with attributes.
    pub fn root_with(&mut self, name: &Name, attributes: &[(&str, &str)]) {
        self.out.extend_from_slice(b"<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<");
        self.tag_name(name);
        for (prefix, uri) in PREFIXES {
            self.out.extend_from_slice(b" xmlns:");
            self.out.extend_from_slice(prefix.as_bytes());
            self.out.extend_from_slice(b"=\"");
            self.out.extend_from_slice(uri.as_bytes());
            self.out.push(b'"');
        }
        self.declare(name);
        self.attributes(attributes);
        self.out.push(b'>');
    }

    /// A start tag.
    pub fn open(&mut self, name: &Name) {
        self.start(name, &[], b">");
    }

    /// A start tag with attributes (names without namespace).
    pub fn open_with(&mut self, name: &Name, attributes: &[(&str, &str)]) {
        self.start(name, attributes, b">");
    }

    /// An end tag.
    pub fn close(&mut self, name: &Name) {
        self.out.extend_from_slice(b"</");
        self.tag_name(name);
        self.out.push(b'>');
    }

    /// An element without content.
    pub fn empty(&mut self, name: &Name) {
        self.start(name, &[], b"/>");
    }

    /// An element with attributes, without content.
    pub fn empty_with(&mut self, name: &Name, attributes: &[(&str, &str)]) {
        self.start(name, attributes, b"/>");
    }

    /// An element with text.
    pub fn leaf(&mut self, name: &Name, text: &str) {
        self.open(name);
        self.text(text);
        self.close(name);
    }

    /// An element around what `content` writes.
    pub fn nest(&mut self, name: &Name, content: impl FnOnce(&mut Writer<'_>)) {
        self.nest_with(name, &[], content);
    }

    /// An element with attributes around what `content` writes; an empty tag when it writes nothing.
    pub fn nest_with(
        &mut self,
        name: &Name,
        attributes: &[(&str, &str)],
        content: impl FnOnce(&mut Writer<'_>),
    ) {
        self.open_with(name, attributes);
        let inside = self.out.len();
        content(self);
        if self.out.len() == inside {
            self.out.truncate(inside - 1);
            self.out.extend_from_slice(b"/>");
        } else {
            self.close(name);
        }
    }

    /// Text, escaped.
    pub fn text(&mut self, text: &str) {
        escape_into(self.out, text);
    }

    /// Text that ought to be UTF-8, escaped; other bytes become U+FFFD.
    pub fn text_bytes(&mut self, bytes: &[u8]) {
        escape_bytes(self.out, bytes);
    }

    /// XML that is known to be well-formed here: a dead property, or escaped text.
    pub fn raw(&mut self, xml: &[u8]) {
        self.out.extend_from_slice(xml);
    }

    /// A tree, with its own declarations.
    pub fn element(&mut self, element: &Element) {
        element.write_xml(self.out);
    }

    fn start(&mut self, name: &Name, attributes: &[(&str, &str)], end: &[u8]) {
        self.out.push(b'<');
        self.tag_name(name);
        self.declare(name);
        self.attributes(attributes);
        self.out.extend_from_slice(end);
    }

    fn attributes(&mut self, attributes: &[(&str, &str)]) {
        for (key, value) in attributes {
            self.out.push(b' ');
            self.out.extend_from_slice(key.as_bytes());
            self.out.extend_from_slice(b"=\"");
            escape_attribute(self.out, value);
            self.out.push(b'"');
        }
    }

    fn tag_name(&mut self, name: &Name) {
        if let Some(prefix) = prefix_of(name.ns()) {
            self.out.extend_from_slice(prefix.as_bytes());
            self.out.push(b':');
        } else if !name.ns().is_empty() {
            self.out.extend_from_slice(b"X:");
        }
        self.out.extend_from_slice(name.local().as_bytes());
    }

    fn declare(&mut self, name: &Name) {
        if !name.ns().is_empty() && prefix_of(name.ns()).is_none() {
            self.out.extend_from_slice(b" xmlns:X=\"");
            escape_attribute(self.out, name.ns());
            self.out.push(b'"');
        }
    }
}
