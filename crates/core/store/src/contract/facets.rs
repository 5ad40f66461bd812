//! What an item is found by.

use kontor_model::{Components, Span};

/// Taken out of a body by `groupware` when it is written; opaque here but for comparison.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facets {
    /// UID of the object; unique within its collection among live items.
    pub uid: Option<String>,
    /// Component types inside (calendar objects), else none.
    pub components: u8,
    /// The stretch of time it can touch; `None` for what has no time (a card, a file).
    pub span: Option<Span>,
    /// Compiled time meaning (`ical::Timeline`); empty if none.
    pub timeline: Vec<u8>,
    /// Text to search, folded by the writer; empty if none.
    pub folded: Vec<u8>,
}

impl Facets {
    /// The component types as a set.
    pub fn component_set(&self) -> Components {
        Components(self.components)
    }
}
