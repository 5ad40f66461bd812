//! The one number of a collection in its DAV clothes: entity tags, sync tokens, ctags.
//!
//! All are opaque to clients and canonical for us: a text that we would not have written ourselves is no token of ours.

pub(crate) mod tree;

use kontor_groupware::Place;
use kontor_model::{CollectionId, ItemId, ItemMeta, ItemName, Version};
use std::fmt::{self, Write};

/// What a sync token starts with.
const SYNC_PREFIX: &str = "urn:kontor:sync:";

/// A short text on the stack: an entity tag or a token without its own allocation.
#[derive(Clone, Copy)]
pub(crate) struct Short {
    bytes: [u8; 72],
    len: u8,
}

impl Short {
    fn new(text: fmt::Arguments<'_>) -> Self {
        let mut short = Self { bytes: [0; 72], len: 0 };
        // The longest token is 52 bytes; cutting is a guard, not a case.
        let _ = short.write_fmt(text);
        short
    }

    /// The text.
    pub(crate) fn as_str(&self) -> &str {
        self.bytes
            .get(..usize::from(self.len))
            .and_then(|bytes| std::str::from_utf8(bytes).ok())
            .unwrap_or_default()
    }
}

impl Write for Short {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let start = usize::from(self.len);
        let end = start + text.len();
        self.bytes.get_mut(start..end).ok_or(fmt::Error)?.copy_from_slice(text.as_bytes());
        self.len = u8::try_from(end).map_err(|_| fmt::Error)?;
        Ok(())
    }
}

impl fmt::Debug for Short {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

/// Behind tags of what is seen without what is private: it is another text, so it has another tag.
const VEIL: &str = "-v";

fn veil(place: &Place) -> &'static str {
    if place.is_veiled() { VEIL } else { "" }
}

/// What stands for an item in the entity tags of one collection. An item keeps its id when it moves, and collections count
/// on their own: in one that was made anew it could get a number again that it had under the same address with another
/// text.
fn part(collection: CollectionId, id: ItemId) -> i64 {
    id.0 ^ collection.0
}

/// The strong entity tag of an item, with its quotes: `"<item and collection>-<revision>"`, both hexadecimal (RFC 9110
/// 8.8.3).
pub(crate) fn item_etag(place: &Place, meta: &ItemMeta) -> Short {
    etag_of(place, meta.id, meta.revision)
}

/// [`item_etag`] of the parts.
pub(crate) fn etag_of(place: &Place, id: ItemId, revision: Version) -> Short {
    let part = part(place.collection.id, id);
    Short::new(format_args!("\"{part:x}-{:x}{}\"", revision.0, veil(place)))
}

/// The entity tag of a card that is told in another version than it is kept in.
pub(crate) fn converted_etag(place: &Place, meta: &ItemMeta, to: kontor_vcard::Version) -> Short {
    let part = part(place.collection.id, meta.id);
    Short::new(format_args!("\"{part:x}-{:x}-{}\"", meta.revision.0, to.as_str()))
}

/// The item and revision that an entity tag of that collection names, of whichever of its looks; `None` if it is none of
/// ours.
pub(crate) fn parse_item_etag(collection: CollectionId, quoted: &str) -> Option<(ItemId, Version)> {
    let (id, revision) = quoted.strip_prefix('"')?.strip_suffix('"')?.split_once('-')?;
    let looks = [VEIL, "-3.0", "-4.0"];
    let revision = looks.into_iter().find_map(|look| revision.strip_suffix(look)).unwrap_or(revision);
    Some((ItemId(part(collection, ItemId(hex(id)?))), Version(hex(revision)?)))
}

/// The entity tag of a collection as one file: `"c<collection id>-<number>-<digest of its title>"`, for the file tells
/// the title, which changes without the number.
pub(crate) fn collection_etag(place: &Place, version: Version) -> Short {
    let (id, title) = (place.collection.id, digest(place.collection.title()));
    Short::new(format_args!("\"c{:x}-{:x}-{title:x}{}\"", id.0, version.0, veil(place)))
}

/// FNV-1a, which stays the same from one version of the program to the next.
fn digest(text: &str) -> u32 {
    text.bytes().fold(0x811C_9DC5, |sum, byte| (sum ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

/// The sync token of a collection (RFC 6578 4): a URI with the collection's id and number.
pub(crate) fn sync_token(id: CollectionId, version: Version) -> Short {
    Short::new(format_args!("{SYNC_PREFIX}{:x}:{}", id.0, version.0))
}

/// The token of a first synchronisation that is not through: a sync token with the number that it began with, and the
/// last name that was told, hexadecimal.
pub(crate) fn listing_token(id: CollectionId, began: Version, after: &ItemName) -> String {
    let mut token = sync_token(id, began).as_str().to_owned();
    token.push(':');
    for byte in after.as_str().bytes() {
        // Writing to a string does not fail.
        let _ = write!(token, "{byte:02x}");
    }
    token
}

/// Where a sync token says that the client is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Position {
    /// It knows everything up to this number.
    Since(Version),
    /// It knows the members up to this name, as they were at this number or later.
    Listing {
        /// The number that the collection had when the listing began.
        began: Version,
        /// The last name told.
        after: ItemName,
    },
}

/// What a sync token says, if it was given out for this very collection.
pub(crate) fn parse_sync_token(id: CollectionId, token: &str) -> Option<Position> {
    let (of, rest) = token.strip_prefix(SYNC_PREFIX)?.split_once(':')?;
    (hex(of)? == id.0).then_some(())?;
    let version = |number| canonical(number, 10).map(Version);
    let Some((number, name)) = rest.split_once(':') else { return version(rest).map(Position::Since) };
    let after = ItemName::new(&unhexed(name)?).ok()?;
    Some(Position::Listing { began: version(number)?, after })
}

/// Text out of hexadecimal digits, lower case.
fn unhexed(digits: &str) -> Option<String> {
    let value = |digit: u8| match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    };
    let pairs = digits.as_bytes().chunks(2).map(|pair| match pair {
        [high, low] => Some(value(*high)? << 4 | value(*low)?),
        _ => None,
    });
    String::from_utf8(pairs.collect::<Option<Vec<u8>>>()?).ok()
}

fn hex(text: &str) -> Option<i64> {
    canonical(text, 16)
}

/// A number written as we write it: no sign, no leading zero, lower case.
fn canonical(text: &str, radix: u32) -> Option<i64> {
    let digits = text.bytes().all(|b| b.is_ascii_digit() || (radix == 16 && matches!(b, b'a'..=b'f')));
    let plain = digits && (text == "0" || !text.starts_with('0'));
    plain.then(|| i64::from_str_radix(text, radix).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_read() {
        let item = Some((ItemId(i64::MAX), Version(26)));
        let read = |quoted| parse_item_etag(CollectionId(0xff), quoted);
        assert_eq!(read("\"7fffffffffffff00-1a\""), item);
        assert_eq!(read("\"7fffffffffffff00-1a-v\""), item);
        assert_eq!(read("\"7fffffffffffff00-1a-4.0\""), item);
        assert_ne!(parse_item_etag(CollectionId(0xfe), "\"7fffffffffffff00-1a\""), item);
        assert_eq!(digest(""), 0x811C_9DC5);
        assert_eq!(digest("a"), 0xE40C_292C);
    }

    #[test]
    fn foreign_tags_are_refused() {
        for bad in [
            "",
            "\"",
            "\"\"",
            "1-1",
            "\"1-1",
            "\"01-1\"",
            "\"A-1\"",
            "\"+1-1\"",
            "\"-1-1\"",
            "W/\"1-1\"",
            "\"1\"",
            "\"1-1-v-v\"",
            "\"1-v\"",
        ] {
            assert_eq!(parse_item_etag(CollectionId(5), bad), None, "{bad}");
        }
    }

    #[test]
    fn a_sync_token_belongs_to_one_collection() {
        let token = sync_token(CollectionId(255), Version(12));
        assert_eq!(token.as_str(), "urn:kontor:sync:ff:12");
        assert_eq!(parse_sync_token(CollectionId(255), token.as_str()), Some(Position::Since(Version(12))));
        assert_eq!(parse_sync_token(CollectionId(254), token.as_str()), None);
        for bad in [
            "urn:kontor:sync:ff:-1",
            "urn:kontor:sync:ff:012",
            "urn:kontor:sync:ff:",
            "ff:12",
            "urn:kontor:sync:ff",
            "urn:kontor:sync:ff:12:",
            "urn:kontor:sync:ff:12:6",
            "urn:kontor:sync:ff:12:6G",
            "urn:kontor:sync:ff:12:6A",
            "urn:kontor:sync:ff:12:ff",
            "urn:kontor:sync:ff:12:61:61",
        ] {
            assert_eq!(parse_sync_token(CollectionId(255), bad), None, "{bad}");
        }
    }
    #[test]
    fn a_listing_token_goes_there_and_back() {
        let after = ItemName::new("ä b:c.ics").unwrap();
        let token = listing_token(CollectionId(255), Version(12), &after);
        assert_eq!(token, "urn:kontor:sync:ff:12:c3a420623a632e696373");
        let position = Position::Listing { began: Version(12), after };
        assert_eq!(parse_sync_token(CollectionId(255), &token), Some(position));
        assert_eq!(parse_sync_token(CollectionId(1), &token), None);
    }
}
