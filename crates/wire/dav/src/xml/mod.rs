//! XML from outside, read within bounds, and XML to the outside, written without trees.
//!
//! [`parse`] turns a body into an [`Element`] tree with resolved names; [`Writer`] appends to a buffer.

mod element;
mod escape;
mod reader;
mod references;
mod scope;
mod serialise;
mod writer;

pub use element::{Attribute, Element, Node};
pub use escape::{escape, escape_bytes, escape_into, is_xml_char};
pub use reader::parse;
pub use writer::Writer;

/// How much XML one message may hold. [`Limits::default`] fits the largest honest request that we know: a multiget of
/// ten thousand hrefs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the whole body.
    pub max_bytes: usize,
    /// Elements within elements. Values above [`Limits::DEEPEST`] count as that.
    pub max_depth: usize,
    /// Elements in the body.
    pub max_elements: usize,
    /// Attributes and declarations of one element; also namespace declarations in force at one place.
    pub max_attributes: usize,
    /// Bytes of text directly in one element, or in one attribute.
    pub max_text: usize,
    /// Bytes of one name: prefix, local part or namespace.
    pub max_name: usize,
}

impl Limits {
    /// No limit may allow deeper nesting, so that walking a tree never exhausts the stack.
    pub const DEEPEST: usize = 200;

    /// For answers of other servers, which may list a large collection with its data.
    pub const ANSWER: Limits = Limits {
        max_bytes: 256 << 20,
        max_depth: 64,
        max_elements: 4_000_000,
        max_attributes: 64,
        max_text: 32 << 20,
        max_name: 1024,
    };

    /// For answers of our own: what a request may hold, around which there is more in the answer.
    pub const OWN: Limits = Limits { max_depth: Limits::DEEPEST, max_attributes: 256, ..Limits::ANSWER };
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            max_bytes: 8 << 20,
            max_depth: 64,
            max_elements: 50_000,
            max_attributes: 64,
            max_text: 1 << 20,
            max_name: 1024,
        }
    }
}

/// Whether a body holds nothing but white space, which some requests read as a default.
pub fn is_blank(body: &[u8]) -> bool {
    body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body).iter().all(u8::is_ascii_whitespace)
}
