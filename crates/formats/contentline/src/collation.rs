//! Comparing text the way a client asked for: the collations that CalDAV and CardDAV name.
//!
//! A [`Matcher`] folds its needle once and is then cheap to ask many times. [`fold`] is also what the server keeps
//! folded text with, so that a folded needle can be looked for in it as plain bytes.

use memchr::memmem;
use std::borrow::Cow;
use unicode_normalization::{UnicodeNormalization as _, char::canonical_combining_class};

/// A collation (RFC 4790).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Collation {
    /// `i;ascii-casemap`: ASCII letters without regard to case (RFC 4790 9.2).
    AsciiCasemap,
    /// `i;octet`: byte for byte (RFC 4790 9.3).
    Octet,
    /// `i;unicode-casemap`: letters of all scripts without regard to case, compatibility forms folded (RFC 5051).
    UnicodeCasemap,
}

impl Collation {
    /// All, in the order in which they are announced.
    pub const ALL: [Self; 3] = [Self::AsciiCasemap, Self::Octet, Self::UnicodeCasemap];

    /// The registered name.
    pub fn name(self) -> &'static str {
        match self {
            Self::AsciiCasemap => "i;ascii-casemap",
            Self::Octet => "i;octet",
            Self::UnicodeCasemap => "i;unicode-casemap",
        }
    }

    /// The collation of that name; `default` is what CardDAV makes it, `i;unicode-casemap`.
    pub fn from_name(name: &str) -> Option<Self> {
        if name.eq_ignore_ascii_case("default") {
            return Some(Self::UnicodeCasemap);
        }
        Self::ALL.into_iter().find(|one| one.name().eq_ignore_ascii_case(name))
    }

    fn key(self, text: &str) -> Cow<'_, [u8]> {
        match self {
            Self::Octet => Cow::Borrowed(text.as_bytes()),
            Self::AsciiCasemap => Cow::Owned(text.as_bytes().to_ascii_uppercase()),
            Self::UnicodeCasemap => Cow::Owned(fold(text).into_bytes()),
        }
    }
}

/// Folds text for comparison without regard to case: compatibility decomposition, then upper case.
///
/// RFC 5051 maps to title case with the simple mapping first; the full upper-case mapping used here finds all that it
/// finds and a little more (`straße` meets `STRASSE`).
pub fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_uppercase();
    }
    text.nfkd().flat_map(char::to_uppercase).collect()
}

/// How the needle must lie in the text (RFC 6352 10.5.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Position {
    /// It is the whole text.
    Equals,
    /// Anywhere.
    Contains,
    /// At the beginning.
    StartsWith,
    /// At the end.
    EndsWith,
}

/// A needle ready to be looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Matcher {
    collation: Collation,
    position: Position,
    needle: Vec<u8>,
}

impl Matcher {
    /// Prepares `needle`.
    pub fn new(collation: Collation, position: Position, needle: &str) -> Self {
        Self { collation, position, needle: collation.key(needle).into_owned() }
    }

    /// Whether the needle lies in `text` as asked.
    pub fn matches(&self, text: &str) -> bool {
        let text = self.collation.key(text);
        match self.position {
            Position::Equals => *text == *self.needle,
            Position::Contains => memmem::find(&text, &self.needle).is_some(),
            Position::StartsWith => text.starts_with(&self.needle),
            Position::EndsWith => text.ends_with(&self.needle),
        }
    }

    /// Bytes that stand in `fold(text)` of every text that matches: a necessary condition for a search in folded text.
    pub fn folded_needle(&self) -> Vec<u8> {
        match self.collation {
            Collation::UnicodeCasemap => self.needle.clone(),
            // Decomposition may reorder combining marks with what follows the needle: only what stands before the
            // first mark is sure to stand in the folded text. Upper case comes after, for it makes letters of marks.
            Collation::AsciiCasemap | Collation::Octet => {
                let needle = String::from_utf8_lossy(&self.needle);
                let sure = needle.nfkd().take_while(|c| canonical_combining_class(*c) == 0);
                let sure: String = sure.flat_map(char::to_uppercase).collect();
                sure.into_bytes()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(collation: Collation, position: Position, needle: &str, text: &str, expect: bool) {
        assert_eq!(
            Matcher::new(collation, position, needle).matches(text),
            expect,
            "{collation:?} {position:?} {needle:?} in {text:?}"
        );
    }

    #[test]
    fn collations_differ_as_registered() {
        use Collation as C;
        use Position as P;
        check(C::Octet, P::Contains, "berg", "Anna Berg", false);
        check(C::Octet, P::Contains, "Berg", "Anna Berg", true);
        check(C::AsciiCasemap, P::Contains, "BERG", "Anna Berg", true);
        check(C::AsciiCasemap, P::Equals, "ÄRGER", "ärger", false);
        check(C::UnicodeCasemap, P::Equals, "ÄRGER", "ärger", true);
        check(C::UnicodeCasemap, P::Equals, "АННА", "Анна", true);
        check(C::UnicodeCasemap, P::Contains, "strasse", "Hauptstraße 5", true);
        check(C::UnicodeCasemap, P::StartsWith, "an", "Anna", true);
        check(C::UnicodeCasemap, P::StartsWith, "na", "Anna", false);
        check(C::UnicodeCasemap, P::EndsWith, "NA", "Anna", true);
        check(C::UnicodeCasemap, P::Equals, "é", "e\u{301}", true);
        check(C::AsciiCasemap, P::Contains, "", "anything", true);
    }

    #[test]
    fn names_are_read_in_any_case() {
        assert_eq!(Collation::from_name("I;Octet"), Some(Collation::Octet));
        assert_eq!(Collation::from_name("default"), Some(Collation::UnicodeCasemap));
        assert_eq!(Collation::from_name("i;nonsense"), None);
    }

    proptest! {
        #[test]
        fn folded_needle_is_necessary(text in "\\PC{0,20}", from in 0_usize..20, len in 0_usize..8) {
            let needle: String = text.chars().skip(from).take(len).collect();
            for collation in Collation::ALL {
                let matcher = Matcher::new(collation, Position::Contains, &needle);
                if matcher.matches(&text) {
                    let folded = fold(&text);
                    prop_assert!(memmem::find(folded.as_bytes(), &matcher.folded_needle()).is_some(), "{collation:?}");
                }
            }
        }
    }
}
