//! The operations: one file each, requests and answers, both directions. [`OPERATIONS`] is the table that dispatchers
//! and the service descriptions are made from.

pub mod attachments;
pub mod changes;
pub mod get_list;
pub mod items;
pub mod listing;
pub mod people;
pub mod query;
pub mod sites;
mod table;
pub mod update;
pub mod views;

pub use table::{OPERATIONS, Operation, Parameter, Service, Shape, operation};

use crate::error::Result;
use crate::soap::{NS, Version, message};
use crate::xml::{Element, Writer};

/// A request, both ways.
pub trait Request: Sized {
    /// Name of the operation.
    const NAME: &'static str;
    /// Namespace of the operation.
    const NAMESPACE: &'static str = NS;

    /// Reads it from the element in the body.
    ///
    /// # Errors
    /// Malformed.
    fn read(element: &Element) -> Result<Self>;

    /// Writes its parameters.
    fn write(&self, out: &mut Writer);

    /// The whole message.
    fn message(&self, version: Version) -> Vec<u8> {
        message(version, |out| {
            out.open(Self::NAME, &[("xmlns", Self::NAMESPACE)]);
            self.write(out);
            out.close(Self::NAME);
        })
    }
}

/// The head of an answer: `<NameResponse><NameResult>`.
pub fn begin_answer(out: &mut Writer, operation: &Operation) {
    let name = operation.name;
    out.open(&format!("{name}Response"), &[("xmlns", operation.service.namespace())]);
    if operation.shape != Shape::Parts {
        out.open(&format!("{name}Result"), &[]);
    }
}

/// The end of an answer.
pub fn end_answer(out: &mut Writer, operation: &Operation) {
    let name = operation.name;
    if operation.shape != Shape::Parts {
        out.close(&format!("{name}Result"));
    }
    out.close(&format!("{name}Response"));
}

/// `TRUE` and the like.
#[must_use]
pub fn is_true(text: &str) -> bool {
    matches!(text.trim(), "1") || text.trim().eq_ignore_ascii_case("true")
}

/// How SharePoint writes it.
#[must_use]
pub const fn truth(yes: bool) -> &'static str {
    if yes { "TRUE" } else { "FALSE" }
}

/// `value` as an element, if there is one.
fn optional(out: &mut Writer, name: &str, value: Option<&str>) {
    if let Some(value) = value {
        out.leaf(name, value);
    }
}

/// A text parameter; empty if it is not there.
fn text(element: &Element, name: &str) -> String {
    element.value(name).unwrap_or_default().to_owned()
}
