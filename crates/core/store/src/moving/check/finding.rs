//! What is not as it should be: where, how, and what to do about it.

use std::collections::BTreeMap;
use std::fmt;

/// Findings of one rule that are kept; the others are counted.
const KEPT: u64 = 50;

/// Where something is, for people, as far as it is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spot {
    /// Name and id of an account.
    pub account: Option<String>,
    /// Name and id of a collection.
    pub collection: Option<String>,
    /// Name of an item; its id where it has none.
    pub item: Option<String>,
}

impl fmt::Display for Spot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = [("account", &self.account), ("collection", &self.collection), ("item", &self.item)];
        let told = parts.iter().filter_map(|(sort, part)| Some(format!("{sort} {}", part.as_ref()?)));
        f.write_str(&told.collect::<Vec<_>>().join(", "))
    }
}

/// Something that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What does not hold: a word that stays the same, for scripts.
    pub rule: &'static str,
    /// Where.
    pub at: Spot,
    /// How, for people.
    pub what: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.at, self.what)
    }
}

/// All of them, the first of each rule kept.
#[derive(Debug, Default)]
pub(super) struct Findings {
    kept: Vec<Finding>,
    counts: BTreeMap<&'static str, u64>,
}

impl Findings {
    pub(super) fn add(&mut self, rule: &'static str, at: Spot, what: impl Into<String>) {
        let count = self.counts.entry(rule).or_default();
        *count += 1;
        if *count <= KEPT {
            self.kept.push(Finding { rule, at, what: what.into() });
        }
    }

    pub(super) fn all(self) -> (Vec<Finding>, BTreeMap<&'static str, u64>) {
        (self.kept, self.counts)
    }
}

/// The body itself is gone or another.
const PUT_AGAIN: &str = "remove the item, and put it again from a client that still has it or from a backup that is \
                         restored into an empty folder; what it said before goes by `kontor store purge`";
/// What an item is found by is made from its body.
const FIND_AGAIN: &str = "the item itself is not touched by this: put it again from any client, which makes anew what it \
                          is found by; rows that no item has any more harm nobody";
/// Numbers for people.
const COUNT_AGAIN: &str = "nothing is lost, only numbers that are shown are wrong: move the items into a new collection \
                           to have them counted anew";
/// Clients ask by these.
const SYNC_AGAIN: &str = "clients may have missed changes there: take the account out of those that use the collection \
                          and set it up again, or move the items into a new collection";
/// A folder's row is written anew when it moves.
const NAME_AGAIN: &str =
    "nothing that lies in the folder is touched: give it another name and then its own again";
/// Nobody asks for them.
const LEFT_OVER: &str = "nothing that anybody can see is touched; keep a copy of the data, and report it as a fault of \
                         the program if no disk or restore explains it";
/// What an item said before.
const PURGE: &str = "nothing that anybody can see is touched, but this text cannot come back: drop what is kept of the item \
                     (`kontor store purge`)";
/// Not in sight of anybody.
const TRASHED: &str = "nothing that anybody can see is touched: restore the tree (`kontor store restore`) and look at it, \
                       or purge it (`kontor store purge`)";
/// Nothing is known of what would come after it.
const UNREADABLE: &str = "keep a copy of the data as they are, see whether the disk is sound, and restore the newest \
                          backup that `kontor verify FILE` finds good";
/// Not all was looked at.
const UNREACHED: &str = "see to it that the server, the database and the place of large bodies (docs/admin/backup.md) can \
                         be reached from here, then verify again";
/// Accounts.
const WHO_IS_WHO: &str = "restore the newest backup that `kontor verify FILE` finds good, if anybody is kept from \
                          logging in; else set what is missing again with `kontor user`";

/// What to do about what breaks that rule.
pub fn remedy(rule: &str) -> &'static str {
    match rule {
        "item-without-body" | "body-differs" | "blob-without-row" | "blob-differs" | "blob-missing"
        | "blob-damaged" | "item-impossible" => PUT_AGAIN,
        "item-without-time"
        | "time-without-item"
        | "item-without-text"
        | "text-without-item"
        | "item-without-property"
        | "property-without-item" => FIND_AGAIN,
        "count-differs" => COUNT_AGAIN,
        "folder-differs" => NAME_AGAIN,
        "log-gap"
        | "item-not-logged"
        | "item-beyond-number"
        | "collection-without-number"
        | "account-numbers"
        | "ordinal-not-given" => SYNC_AGAIN,
        "body-without-item"
        | "number-without-collection"
        | "rows-without-collection"
        | "property-without-collection"
        | "collection-doomed"
        | "collection-without-parent"
        | "grant-impossible"
        | "blob-impossible"
        | "unknown-value" => LEFT_OVER,
        "past-without-body" => PURGE,
        "trash-differs" => TRASHED,
        "unreadable" => UNREADABLE,
        "unreached" => UNREACHED,
        _ => WHO_IS_WHO,
    }
}
