//! Entity tags, If-Match and If-None-Match (RFC 9110 8.8.3, 13.1.1, 13.1.2); also If-Schedule-Tag-Match.

use std::fmt;

use super::{malformed, split_list};
use crate::error::Result;

/// An entity tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntityTag {
    /// Whether it is weak: `W/"..."`.
    pub weak: bool,
    /// What stands between the quotes.
    pub opaque: String,
}

impl EntityTag {
    /// A strong tag.
    pub fn strong(opaque: impl Into<String>) -> Self {
        EntityTag { weak: false, opaque: opaque.into() }
    }

    /// Reads one tag.
    ///
    /// Quirk(bare-etag): a tag without quotes is taken as one too, since some clients lose them. It is compared as it
    /// stands, so nothing matches that should not. Within quotes a space is taken too: RFC 4918 10.4 itself shows some.
    pub fn parse(text: &str) -> Result<Self> {
        let text = text.trim_ascii();
        let (weak, text) = text.strip_prefix("W/").map_or((false, text), |rest| (true, rest));
        let opaque = match text.strip_prefix('"') {
            Some(rest) => {
                rest.strip_suffix('"').ok_or_else(|| malformed("entity tag without closing quote"))?
            }
            None => text,
        };
        let quoted = text.starts_with('"');
        let allowed = |c: char| c != '"' && (c > ' ' || (c == ' ' && quoted)) && c != '\u{7F}';
        if opaque.chars().all(allowed) && (quoted || !opaque.is_empty()) {
            Ok(EntityTag { weak, opaque: opaque.to_owned() })
        } else {
            Err(malformed("not an entity tag"))
        }
    }

    /// Both strong and the same (RFC 9110 8.8.3.2).
    pub fn same_strongly(&self, other: &EntityTag) -> bool {
        !self.weak && !other.weak && self.opaque == other.opaque
    }

    /// The same, weak or not.
    pub fn same_weakly(&self, other: &EntityTag) -> bool {
        self.opaque == other.opaque
    }
}

impl fmt::Display for EntityTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\"{}\"", if self.weak { "W/" } else { "" }, self.opaque)
    }
}

/// The value of If-Match or If-None-Match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EntityTags {
    /// `*`
    Any,
    /// One of these.
    List(Vec<EntityTag>),
}

impl EntityTags {
    /// Most tags in one header.
    pub const MOST: usize = 1000;

    /// Reads a header value; several headers of the name are joined with a comma before.
    pub fn parse(value: &str) -> Result<Self> {
        if value.trim_ascii() == "*" {
            return Ok(EntityTags::Any);
        }
        let pieces = split_tags(value);
        if pieces.is_empty() || pieces.len() > EntityTags::MOST {
            return Err(malformed("no entity tags, or too many"));
        }
        pieces.into_iter().map(EntityTag::parse).collect::<Result<_>>().map(EntityTags::List)
    }

    /// Whether If-Match lets the request through. `current` is the tag of what is there, `None` when nothing is.
    pub fn if_match(&self, current: Option<&EntityTag>) -> bool {
        match (self, current) {
            (_, None) => false,
            (EntityTags::Any, Some(_)) => true,
            (EntityTags::List(tags), Some(current)) => tags.iter().any(|tag| tag.same_strongly(current)),
        }
    }

    /// Whether If-None-Match lets the request through.
    pub fn if_none_match(&self, current: Option<&EntityTag>) -> bool {
        match (self, current) {
            (_, None) => true,
            (EntityTags::Any, Some(_)) => false,
            (EntityTags::List(tags), Some(current)) => !tags.iter().any(|tag| tag.same_weakly(current)),
        }
    }
}

/// A backslash in a tag is an ordinary character, unlike in other quoted values.
fn split_tags(value: &str) -> Vec<&str> {
    if value.contains('\\') {
        let mut quoted = false;
        let pieces = value.split(|c| {
            quoted ^= c == '"';
            c == ',' && !quoted
        });
        pieces.map(str::trim_ascii).filter(|piece| !piece.is_empty()).collect()
    } else {
        split_list(value, ',')
    }
}

impl fmt::Display for EntityTags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            EntityTags::Any => f.write_str("*"),
            EntityTags::List(tags) => {
                for (n, tag) in tags.iter().enumerate() {
                    write!(f, "{}{tag}", if n > 0 { ", " } else { "" })?;
                }
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(tags: &[(bool, &str)]) -> EntityTags {
        let tag = |(weak, opaque): &(bool, &str)| EntityTag { weak: *weak, opaque: (*opaque).to_owned() };
        EntityTags::List(tags.iter().map(tag).collect())
    }

    fn check(value: &str, expect: EntityTags) {
        assert_eq!(EntityTags::parse(value).as_ref(), Ok(&expect), "{value}");
        assert_eq!(EntityTags::parse(&expect.to_string()), Ok(expect));
    }

    #[test]
    fn lists_are_read() {
        check(" * ", EntityTags::Any);
        check("\"*\"", list(&[(false, "*")]));
        check("\"a\",W/\"b,c\" , \"\"", list(&[(false, "a"), (true, "b,c"), (false, "")]));
        check("\"a\\\", \"b\"", list(&[(false, "a\\"), (false, "b")]));
        check("bare-tag", list(&[(false, "bare-tag")]));
        for bad in ["", ",", "\"a", "\"a\"b", "a b", "\"a\" \"b\"", "W/", "a\u{1}"] {
            assert!(EntityTags::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn strong_and_weak_differ() {
        let here = EntityTag::strong("a");
        let weak = EntityTag { weak: true, opaque: "a".to_owned() };
        assert!(EntityTags::Any.if_match(Some(&here)) && !EntityTags::Any.if_match(None));
        assert!(!EntityTags::Any.if_none_match(Some(&here)) && EntityTags::Any.if_none_match(None));
        let tags = list(&[(true, "a"), (false, "b")]);
        assert!(!tags.if_match(Some(&here)) && !tags.if_match(Some(&weak)) && !tags.if_match(None));
        assert!(!tags.if_none_match(Some(&here)) && tags.if_none_match(None));
        assert!(list(&[(false, "a")]).if_match(Some(&here)) && !list(&[(false, "a")]).if_match(Some(&weak)));
    }
}
