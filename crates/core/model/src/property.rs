//! Properties of collections and items, kept for clients as they sent them.

use std::collections::BTreeMap;

/// Key of a property. House words for what the office itself understands ([`PropertyKey::DISPLAY_NAME`] ...), and
/// `{namespace}local` for anything a client wishes to keep.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PropertyKey(pub String);

impl PropertyKey {
    /// Name for people; UTF-8 text.
    pub const DISPLAY_NAME: &'static str = "display-name";
    /// Longer text for people; UTF-8.
    pub const DESCRIPTION: &'static str = "description";
    /// `#RRGGBB` or `#RRGGBBAA`.
    pub const COLOR: &'static str = "color";
    /// Sort position among its siblings; decimal number.
    pub const ORDER: &'static str = "order";
    /// Time zone for floating times: an iCalendar object with one VTIMEZONE, or an IANA name.
    pub const TIME_ZONE: &'static str = "time-zone";
    /// `opaque` or `transparent`: whether its events count as busy.
    pub const TRANSPARENCY: &'static str = "transparency";

    /// A key of that text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

/// Properties by key; values are opaque bytes in the writer's encoding.
pub type Properties = BTreeMap<PropertyKey, Vec<u8>>;
