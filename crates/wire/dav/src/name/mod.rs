//! Expanded XML names, and constants for those we speak.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

pub mod apple;
pub mod caldav;
pub mod calendarserver;
pub mod carddav;
pub mod dav;

/// Namespace names.
pub mod ns {
    /// RFC 4918.
    pub const DAV: &str = "DAV:";
    /// RFC 4791.
    pub const CALDAV: &str = "urn:ietf:params:xml:ns:caldav";
    /// RFC 6352.
    pub const CARDDAV: &str = "urn:ietf:params:xml:ns:carddav";
    /// Calendar Server extensions (getctag and others).
    pub const CALENDARSERVER: &str = "http://calendarserver.org/ns/";
    /// Apple's calendar colour and order.
    pub const APPLE_ICAL: &str = "http://apple.com/ns/ical/";
    /// `xml:lang` and its like.
    pub const XML: &str = "http://www.w3.org/XML/1998/namespace";
    /// The namespace of declarations themselves.
    pub const XMLNS: &str = "http://www.w3.org/2000/xmlns/";
}

/// Namespaces that every answer of ours declares at its root, with the prefix they get there.
pub const PREFIXES: [(&str, &str); 5] = [
    ("D", ns::DAV),
    ("C", ns::CALDAV),
    ("CR", ns::CARDDAV),
    ("CS", ns::CALENDARSERVER),
    ("A", ns::APPLE_ICAL),
];

/// The prefix that `namespace` has in our answers.
pub fn prefix_of(namespace: &str) -> Option<&'static str> {
    PREFIXES.iter().find(|(_, known)| *known == namespace).map(|(prefix, _)| *prefix)
}

#[derive(Clone, Debug)]
enum Text {
    Known(&'static str),
    Shared(Arc<str>),
}

/// A namespace name; cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Namespace(Text);

impl Namespace {
    pub(crate) fn new(text: &str) -> Self {
        if text.is_empty() {
            return Namespace(Text::Known(""));
        }
        match PREFIXES.iter().find(|(_, known)| *known == text) {
            Some((_, known)) => Namespace(Text::Known(known)),
            None => Namespace(Text::Shared(text.into())),
        }
    }

    pub(crate) const fn known(text: &'static str) -> Self {
        Namespace(Text::Known(text))
    }

    pub(crate) fn as_str(&self) -> &str {
        match &self.0 {
            Text::Known(text) => text,
            Text::Shared(text) => text,
        }
    }
}

/// An expanded name: namespace and local part. Two names are the same when both parts are, whatever the prefix was.
///
/// Written in Clark's notation, `{DAV:}displayname`, by `Display`; [`Name::from_clark`] reads that back.
#[derive(Clone)]
pub struct Name {
    ns: Namespace,
    local: Cow<'static, str>,
}

impl Name {
    /// A name known at compile time.
    pub const fn known(ns: &'static str, local: &'static str) -> Self {
        Name { ns: Namespace::known(ns), local: Cow::Borrowed(local) }
    }

    /// Any name; an empty `ns` means none. The local part is not checked: see [`is_ncname`].
    pub fn new(ns: &str, local: &str) -> Self {
        Name { ns: Namespace::new(ns), local: Cow::Owned(local.to_owned()) }
    }

    pub(crate) fn with_namespace(ns: Namespace, local: &str) -> Self {
        Name { ns, local: Cow::Owned(local.to_owned()) }
    }

    /// Reads `{namespace}local`; `None` when it is not such, or the local part is no XML name.
    pub fn from_clark(text: &str) -> Option<Self> {
        let (ns, local) = text.strip_prefix('{')?.rsplit_once('}')?;
        is_ncname(local).then(|| Name::new(ns, local))
    }

    /// The namespace name, empty when there is none.
    pub fn ns(&self) -> &str {
        self.ns.as_str()
    }

    /// The local part.
    pub fn local(&self) -> &str {
        &self.local
    }

    /// Both parts, to match on: `match name.parts() { (ns::DAV, "prop") => ... }`.
    pub fn parts(&self) -> (&str, &str) {
        (self.ns(), self.local())
    }

    /// Whether this is `local` in `ns`.
    pub fn is(&self, ns: &str, local: &str) -> bool {
        self.local == local && self.ns() == ns
    }
}

impl PartialEq for Name {
    fn eq(&self, other: &Self) -> bool {
        self.parts() == other.parts()
    }
}

impl Eq for Name {}

impl Hash for Name {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.parts().hash(state);
    }
}

impl PartialOrd for Name {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Name {
    fn cmp(&self, other: &Self) -> Ordering {
        self.parts().cmp(&other.parts())
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{{{}}}{}", self.ns(), self.local())
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Whether `text` is a name without colon (XML Names 1.0, NCName).
pub fn is_ncname(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next().is_some_and(is_name_start) && chars.all(is_name_char)
}

fn is_name_start(c: char) -> bool {
    matches!(c, 'A'..='Z' | '_' | 'a'..='z'
        | '\u{C0}'..='\u{D6}' | '\u{D8}'..='\u{F6}' | '\u{F8}'..='\u{2FF}' | '\u{370}'..='\u{37D}'
        | '\u{37F}'..='\u{1FFF}' | '\u{200C}'..='\u{200D}' | '\u{2070}'..='\u{218F}' | '\u{2C00}'..='\u{2FEF}'
        | '\u{3001}'..='\u{D7FF}' | '\u{F900}'..='\u{FDCF}' | '\u{FDF0}'..='\u{FFFD}' | '\u{10000}'..='\u{EFFFF}')
}

pub(crate) fn is_name_char(c: char) -> bool {
    is_name_start(c)
        || matches!(c, '-' | '.' | '0'..='9' | '\u{B7}' | '\u{300}'..='\u{36F}' | '\u{203F}'..='\u{2040}')
}

/// Constants of one namespace: `IDENT = "local"`.
macro_rules! names {
    ($ns:expr; $($ident:ident = $local:literal,)*) => {
        $(
            #[doc = concat!("`", $local, "`")]
            pub const $ident: $crate::name::Name = $crate::name::Name::known($ns, $local);
        )*
    };
}
pub(crate) use names;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clark_notation_goes_there_and_back() {
        for name in [dav::DISPLAYNAME, Name::new("", "x"), Name::new("urn:a}b", "y-1")] {
            assert_eq!(Name::from_clark(&name.to_string()), Some(name));
        }
        for bad in ["", "x", "{DAV:}", "{DAV:}1a", "{DAV:}a:b", "DAV:}a"] {
            assert_eq!(Name::from_clark(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_name_is_its_two_parts() {
        assert_eq!(Name::new("DAV:", "prop"), dav::PROP);
        assert_ne!(Name::new("DAV", "prop"), dav::PROP);
        assert_eq!(prefix_of(ns::CARDDAV), Some("CR"));
        assert_eq!(prefix_of("urn:other"), None);
    }
}
