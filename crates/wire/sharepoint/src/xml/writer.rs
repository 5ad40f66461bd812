//! Appends XML to a buffer.

use super::text::{escape, escape_attribute};

/// Writes elements. Names are written as they are, prefix and all; values are escaped. The caller balances
/// [`Writer::open`] and [`Writer::close`].
#[derive(Debug, Default)]
pub struct Writer {
    out: Vec<u8>,
}

impl Writer {
    /// An empty buffer.
    #[must_use]
    pub const fn new() -> Self {
        Self { out: Vec::new() }
    }

    /// Makes room for so many bytes more.
    pub fn reserve(&mut self, bytes: usize) {
        self.out.reserve(bytes);
    }

    /// Bytes written and not taken yet.
    #[must_use]
    pub fn len(&self) -> usize {
        self.out.len()
    }

    /// Whether nothing is there.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.out.is_empty()
    }

    /// Takes what was written.
    pub fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.out)
    }

    /// A start tag.
    pub fn open(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.start(name, attributes);
        self.out.push(b'>');
    }

    /// An end tag.
    pub fn close(&mut self, name: &str) {
        self.raw("</");
        self.raw(name);
        self.out.push(b'>');
    }

    /// An element without content.
    pub fn empty(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.start(name, attributes);
        self.raw("/>");
    }

    /// An element with text.
    pub fn leaf(&mut self, name: &str, text: &str) {
        self.leaf_with(name, &[], text);
    }

    /// An element with attributes and text.
    pub fn leaf_with(&mut self, name: &str, attributes: &[(&str, &str)], text: &str) {
        self.open(name, attributes);
        self.text(text);
        self.close(name);
    }

    /// Text, escaped.
    pub fn text(&mut self, text: &str) {
        escape(&mut self.out, text);
    }

    /// XML that is known to be well-formed here.
    pub fn raw(&mut self, xml: &str) {
        self.out.extend_from_slice(xml.as_bytes());
    }

    /// Bytes that are known to be well-formed XML here.
    pub fn raw_bytes(&mut self, xml: &[u8]) {
        self.out.extend_from_slice(xml);
    }

    /// The beginning of a start tag; attributes and [`Writer::end_empty`] follow.
    pub fn begin(&mut self, name: &str) {
        self.out.push(b'<');
        self.raw(name);
    }

    /// One attribute of a tag that [`Writer::begin`] began. The parts of the name are put together.
    pub fn attribute(&mut self, name: &[&str], value: &str) {
        self.out.reserve(value.len() + 48);
        self.out.push(b' ');
        name.iter().for_each(|part| self.raw(part));
        self.raw("=\"");
        escape_attribute(&mut self.out, value);
        self.out.push(b'"');
    }

    /// Ends a tag that [`Writer::begin`] began.
    pub fn end_empty(&mut self) {
        self.raw("/>");
    }

    fn start(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.begin(name);
        for (key, value) in attributes {
            self.attribute(&[key], value);
        }
    }
}
