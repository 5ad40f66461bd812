//! What items said before they were replaced or removed.

use crate::OpenBody;
use kontor_model::{Actor, CollectionId, ItemId, ItemMeta, Origin, PropertyKey, Timestamp};

/// Bytes that a past text takes besides those of the text, estimated.
pub(crate) const ROW_BYTES: u64 = 1 << 10;

/// How much is kept of what items said before; the default is nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct History {
    /// Past texts of one item.
    pub texts: u32,
    /// Bytes of past texts of one account; 0 keeps nothing at all. What is above goes soon, the oldest first.
    pub bytes: u64,
}

/// What is younger when a part of a body is put over it, in milliseconds, is taken for the same body with fewer parts.
const PASSING_MS: i64 = 3_600_000;

impl History {
    /// Whether a text of so many bytes is kept when its item is removed.
    pub(crate) fn keeps_removed(&self, size: i64) -> bool {
        size.unsigned_abs().saturating_add(ROW_BYTES) <= self.bytes
    }

    /// Whether a text that was written at `modified` is kept when it is replaced at `now`, in milliseconds, by a part of
    /// what comes in parts (`part`) or by something else. Of an empty one there is nothing to keep.
    pub(crate) fn keeps_replaced(&self, size: i64, part: bool, (modified, now): (i64, i64)) -> bool {
        let passing = part && now.saturating_sub(modified) < PASSING_MS;
        self.texts > 0 && size > 0 && !passing && self.keeps_removed(size)
    }

    /// The number that goes when one of this number comes.
    pub(crate) fn outlived(&self, number: i64) -> Option<i64> {
        Some(number.saturating_sub(i64::from(self.texts.max(1)))).filter(|gone| *gone > 0)
    }

    /// Bytes above the bound, of an account that has so many bytes in so many past texts.
    pub(crate) fn excess(&self, bytes: i64, rows: i64) -> i64 {
        let whole = bytes.saturating_add(rows.saturating_mul(i64::try_from(ROW_BYTES).unwrap_or(i64::MAX)));
        whole.saturating_sub_unsigned(self.bytes)
    }

    /// Bytes that may be added to what an account has before it is looked at.
    pub(crate) fn slack(&self) -> u64 {
        self.bytes / 16
    }
}

/// A text that an item had, and what became of it. What is said of the item is as it was then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Past {
    /// Among those of the item; with the item's id it names this very text.
    pub number: i64,
    /// In which collection it was.
    pub collection: CollectionId,
    /// About the item then; `revision` is that of the text, and so is `version`.
    pub meta: ItemMeta,
    /// When it was replaced or removed.
    pub until: Timestamp,
    /// By whom.
    pub actor: Actor,
    /// Through which door.
    pub origin: Origin,
    /// How it ended.
    pub end: End,
}

/// How a text became a past one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The item got another text.
    Replaced,
    /// The item went away.
    Removed,
}

impl Past {
    /// The item.
    pub fn item(&self) -> ItemId {
        self.meta.id
    }

    /// In what order they are told.
    pub(crate) fn order(&self) -> (Timestamp, ItemId, i64) {
        (self.until, self.meta.id, self.number)
    }
}

/// A past text to be read.
pub struct OpenPast {
    /// About it.
    pub past: Past,
    /// The properties of an item that was removed.
    pub properties: Vec<(PropertyKey, Vec<u8>)>,
    /// Its bytes.
    pub body: OpenBody,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_passes_and_what_is_empty_is_not_kept() {
        let history = History { texts: 2, bytes: 10_000 };
        let check = |size, part, age, kept| {
            assert_eq!(history.keeps_replaced(size, part, (5, 5 + age)), kept, "{size} {part} {age}");
        };
        check(10, false, 0, true);
        check(10, true, 0, false);
        check(10, true, PASSING_MS - 1, false);
        check(10, true, PASSING_MS, true);
        check(10, true, -5, false);
        check(0, false, PASSING_MS, false);
        check(9_000, false, 0, false);
        assert!(history.keeps_removed(0) && !History::default().keeps_removed(0));
        assert_eq!((history.outlived(2), history.outlived(3)), (None, Some(1)));
        assert_eq!(history.excess(9_000, 1), 24);
    }
}
