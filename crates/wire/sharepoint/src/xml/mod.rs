//! XML from outside, read within bounds into a small tree, and XML to the outside, appended to a buffer.
//!
//! Elements are told apart by their local names: clients disagree about the namespaces inside an operation, and no
//! operation has two elements of one name in different namespaces.

mod element;
mod reader;
mod text;
mod writer;

pub use element::Element;
pub use reader::parse;
pub(crate) use text::first;
pub use writer::Writer;

/// How much XML one message may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the whole message.
    pub max_bytes: usize,
    /// Elements within elements.
    pub max_depth: usize,
    /// Elements in the message.
    pub max_elements: usize,
    /// Attributes and declarations of one element.
    pub max_attributes: usize,
    /// Bytes of text directly in one element, or in one attribute.
    pub max_text: usize,
}

impl Default for Limits {
    /// A batch of a thousand rows with forty fields each fits, and an attachment of some megabytes.
    fn default() -> Self {
        Self {
            max_bytes: 16 << 20,
            max_depth: 64,
            max_elements: 100_000,
            max_attributes: 256,
            max_text: 15 << 20,
        }
    }
}
