//! Numbers that stand for all collections of an account at once.

use kontor_model::{AccountId, CollectionId, Timestamp, Version};

/// A number of an account at which the numbers of its collections were noted ([`Op::Tide`](super::Op::Tide)).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tide {
    /// The account's number.
    pub number: i64,
    /// When.
    pub at: Timestamp,
}

/// A collection's number, now and at a tide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// Which.
    pub collection: CollectionId,
    /// Its number.
    pub version: Version,
    /// Its log tells what came after this number.
    pub floor: Version,
    /// The number that was noted last, at the tide or before it; `None` if none was.
    pub marked: Option<Version>,
}

/// All collections of an account at a tide.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tides {
    /// The last tide that is not above the number asked for, and is still known.
    pub tide: Option<Tide>,
    /// The collections that there are now, whatever their kind, by id.
    pub marks: Vec<Mark>,
}

impl Tides {
    /// Up to which number the oldest notes of a collection can go, so that what was known at each tide of `before` and
    /// later is still known: the last note before then stays. Those of the tides themselves (`whole`) all go.
    /// `oldest`: numbers and times, by number.
    pub(crate) fn cut(oldest: &[(i64, i64)], before: i64, whole: bool) -> Option<i64> {
        let old = oldest.iter().take_while(|(_, at)| *at < before).map(|(number, _)| *number);
        let old: Vec<i64> = old.collect();
        let stays = usize::from(!whole);
        old.iter().rev().nth(stays).copied()
    }
}

/// What is asked of a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogKey {
    /// Whose.
    pub account: AccountId,
    /// Of that collection; `None` for the log of the account as such.
    pub collection: Option<CollectionId>,
    /// Above this number.
    pub since: i64,
    /// So many entries at most.
    pub limit: usize,
}

/// An entry of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogEntry {
    /// Its number.
    pub number: i64,
    /// The item, or the collection; 0 if it is about neither.
    pub about: i64,
    /// The item's name; empty in the log of an account.
    pub name: String,
    /// What was done.
    pub deed: Deed,
}

/// What an entry of a log says was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// An item was written, or a collection was made.
    Make,
    /// An item came from elsewhere; a collection got another name or place.
    Move,
    /// It went away.
    Remove,
    /// A collection went away that had an access list of its own: not everybody may have known of it.
    RemoveKept,
    /// Properties were changed.
    Properties,
    /// Who may do what was changed.
    Grants,
    /// The number was raised past all that may have been given out.
    Leap,
    /// Something that says nothing of items and collections.
    Aside,
    /// A program of a later version wrote it: it may mean anything.
    Unknown,
}

impl Deed {
    /// What a word of a log means.
    pub(crate) fn of(word: &str) -> Self {
        match word {
            "put" | "create-collection" | "restore-collection" => Self::Make,
            "arrive" | "rename-collection" => Self::Move,
            "remove" | "remove-collection" => Self::Remove,
            "remove-kept-collection" => Self::RemoveKept,
            "properties" | "set-properties" => Self::Properties,
            "set-grants" | "revoke-grants" => Self::Grants,
            "leap" => Self::Leap,
            "locks" | "tide" | "purge-collection" | "purge-past" | "set-quota" | "create-principal"
            | "update-principal" | "remove-principal" | "secrets" => Self::Aside,
            _ => Self::Unknown,
        }
    }
}
