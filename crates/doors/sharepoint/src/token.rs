//! The office's numbers in the clothes of this protocol: GUIDs, change tokens, positions in a list.

use kontor_model::{AccountId, CollectionId, ItemId, ItemName, Timestamp, Version};
use kontor_wire_sharepoint::Guid;

/// The list of employees.
pub(crate) const EMPLOYEES: Guid = Guid(0x4b6f_6e74_6f72_0001_0000_456d_706c_6f79);
/// The list of users.
pub(crate) const PEOPLE: Guid = Guid(0x4b6f_6e74_6f72_0002_0000_5573_6572_7321);
/// The one site there is.
pub(crate) const SITE: Guid = Guid(0x4b6f_6e74_6f72_0003_0000_5369_7465_2121);

/// The list of a collection: both ids, which never change and are never given twice.
pub(crate) fn list_guid(account: AccountId, collection: CollectionId) -> Guid {
    Guid((u128::from(account.0.cast_unsigned()) << 64) | u128::from(collection.0.cast_unsigned()))
}

/// The collection of a list. Any GUID names one; the office knows whether it is there.
pub(crate) fn of_list_guid(guid: Guid) -> (AccountId, CollectionId) {
    let low = u64::try_from(guid.0 & u128::from(u64::MAX)).unwrap_or_default();
    let high = u64::try_from(guid.0 >> 64).unwrap_or_default();
    (AccountId(high.cast_signed()), CollectionId(low.cast_signed()))
}

/// A row: the item's id, the number of the row, and a trace of the collection, as an item moves with its id.
pub(crate) fn row_guid(collection: CollectionId, item: ItemId, number: i64) -> Guid {
    let trace = (collection.0 ^ (collection.0 >> 32)) & 0xffff_ffff;
    let low = (trace.cast_unsigned() << 32) | (number & 0xffff_ffff).cast_unsigned();
    Guid((u128::from(item.0.cast_unsigned()) << 64) | u128::from(low))
}

/// A version as clients keep it: below 2^31. A store that was brought back from a backup counts on from 2^40 more, and a
/// client may have seen the versions of the course of events that is lost. How often that happened stands in the upper bits,
/// the lowest one first, and what is counted grows towards it from below: after one leap no version is told twice before a
/// collection changed 2^30 times, after a thousand leaps not before 2^21 times.
pub(crate) fn small(version: Version) -> i64 {
    const BITS: u64 = 0x7fff_ffff;
    const LEAP_BITS: u32 = 40;
    let version = version.0.cast_unsigned();
    let (leaps, count) = (version >> LEAP_BITS, version & ((1 << LEAP_BITS) - 1));
    let turned = leaps.reverse_bits() >> (u64::BITS - BITS.count_ones());
    ((count ^ turned) & BITS).cast_signed()
}

/// 100 ns between the year 1 and 1970.
const TICKS_TO_1970: i64 = 621_355_968_000_000_000;

/// What a change token says: the number of the list, or the tide of a library and for whose eyes that was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Known {
    /// The number.
    pub(crate) number: i64,
    /// Of a library alone.
    pub(crate) eyes: Option<u32>,
}

/// `1;3;GUID;TICKS;NUMBER`, as SharePoint has it (MS-WSSFO2 2.2.2.11); only list and number count. That of a library has a
/// sixth part.
pub(crate) fn change_token(list: Guid, known: Known, now: Timestamp) -> String {
    let ticks = now.millis().saturating_mul(10_000).saturating_add(TICKS_TO_1970);
    let eyes = known.eyes.map_or_else(String::new, |eyes| format!(";{eyes}"));
    format!("1;3;{};{ticks};{}{eyes}", list.bare().to_lowercase(), known.number)
}

/// What a change token of this list says; `None` if it is none.
pub(crate) fn of_change_token(list: Guid, token: &str) -> Option<Known> {
    let mut parts = token.split(';');
    let (version, scope) = (parts.next()?, parts.next()?);
    let guid: Guid = parts.next()?.parse().ok()?;
    let number = parts.nth(1)?.parse().ok()?;
    let eyes = parts.next().map(str::parse).transpose().ok()?;
    let is_ours = version == "1" && scope == "3" && guid == list && parts.next().is_none();
    is_ours.then_some(Known { number, eyes })
}

/// Where a listing goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Position {
    /// The number that the listing began at, which its changes are asked from at the end.
    pub(crate) version: Version,
    /// The last name that was told; `None` before the first.
    pub(crate) after: Option<ItemName>,
    /// In which folder of a library that was, and for whose eyes its folders were counted.
    pub(crate) folder: Option<(CollectionId, u32)>,
}

impl Position {
    /// As text.
    pub(crate) fn text(&self) -> String {
        let after = self.after.as_ref().map_or("", ItemName::as_str);
        let hex: String = after.bytes().map(|byte| format!("{byte:02x}")).collect();
        let folder = self.folder.map_or_else(String::new, |(id, eyes)| format!("&p_Folder={}.{eyes}", id.0));
        format!("Paged=TRUE&p_Version={}&p_After={hex}{folder}", self.version.0)
    }

    /// Of a text; `None` if it is none.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let rest = text.strip_prefix("Paged=TRUE&p_Version=")?;
        let (version, rest) = rest.split_once("&p_After=")?;
        let (hex, folder) = match rest.split_once("&p_Folder=") {
            None => (rest, None),
            Some((hex, folder)) => {
                let (id, eyes) = folder.split_once('.')?;
                (hex, Some((CollectionId(id.parse().ok()?), eyes.parse().ok()?)))
            }
        };
        let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
        let bytes: Option<Vec<u8>> = hex.as_bytes().chunks(2).map(byte).collect();
        let after = String::from_utf8(bytes?).ok()?;
        let after = if after.is_empty() { None } else { Some(ItemName::new(&after).ok()?) };
        Some(Self { version: Version(version.parse().ok()?), after, folder })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn tokens_are_read_back() {
        let list = list_guid(AccountId(-5), CollectionId(i64::MAX));
        assert_eq!(of_list_guid(list), (AccountId(-5), CollectionId(i64::MAX)));
        let known = |eyes| Known { number: 42, eyes };
        let token = change_token(list, known(None), Timestamp::from_millis(0));
        assert!(token.ends_with(";621355968000000000;42"), "{token}");
        assert_eq!(of_change_token(list, &token), Some(known(None)));
        assert_eq!(of_change_token(list, &(token.clone() + ";7")), Some(known(Some(7))));
        assert_eq!(change_token(list, known(Some(7)), Timestamp::from_millis(0)), token.clone() + ";7");
        for bad in ["", "1;3", &token.replace("1;3;", "1;2;"), &(token.clone() + ";1;2"), "1;3;x;1;2"] {
            assert_eq!(of_change_token(list, bad), None, "{bad}");
        }
        assert_eq!(of_change_token(EMPLOYEES, &token), None);
        for after in [None, Some(ItemName::new("ü %.ics").unwrap())] {
            for folder in [None, Some((CollectionId(-3), 9))] {
                let position = Position { version: Version(7), after: after.clone(), folder };
                assert_eq!(Position::parse(&position.text()), Some(position));
            }
        }
        for bad in [
            "",
            "Paged=TRUE&p_Version=x&p_After=",
            "Paged=TRUE&p_Version=1&p_After=z",
            "Paged=TRUE&p_Version=1&p_After=2f",
            "Paged=TRUE&p_Version=1&p_After=&p_Folder=7",
        ] {
            assert_eq!(Position::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn versions_are_kept_small() {
        assert_eq!(small(Version(7)), 7);
        let later = small(Version(7 + (1 << 40)));
        assert!((0..1 << 31).contains(&later) && later != 7, "{later}");
    }

    #[test]
    fn no_version_is_told_twice_whatever_was_brought_back() {
        // So many leaps, and so many changes of one collection.
        for (leaps, changes) in [(2_i64, 1_i64 << 30), (4, 1 << 29), (32, 1 << 26), (1024, 1 << 21)] {
            let mut seen = HashSet::new();
            // All that the first and the last changes of each course of events come to, and some in between.
            let counts =
                (0..64).flat_map(|n| [n, changes / 2 + n, changes / 3 * n % changes, changes - 1 - n]);
            let counts: HashSet<i64> = counts.collect();
            for leap in 0..leaps {
                for count in &counts {
                    let told = small(Version((leap << 40) + count));
                    assert!((0..1 << 31).contains(&told), "{told}");
                    assert!(seen.insert(told), "{count} after {leap} leaps was told before");
                }
            }
        }
    }

    #[test]
    fn rows_of_one_item_differ() {
        let guid = |collection, number| row_guid(CollectionId(collection), ItemId(9), number);
        assert_ne!(guid(1, 1), guid(1, 2));
        assert_ne!(guid(1, 1), guid(2, 1));
    }
}
