//! Changes: who did what, through which door, and the number it got.

use crate::{AccountId, CollectionId};

/// A collection's change number: starts at 0, grows by one with every change, is never given twice; when a store is
/// brought back from an older copy it leaps past all that may have been given out since. Sync tokens, ctags, entity tags
/// and what other protocols call state are this number in different clothes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(pub i64);

impl Version {
    /// Before the first change.
    pub const ZERO: Self = Self(0);
}

/// Who acts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Actor {
    /// An account that logged in.
    Account(AccountId),
    /// Somebody without log-in, or the bearer of a link.
    Public,
    /// The server itself, or its administrator at the command line.
    System,
}

/// Through what the act came: a word for the log and the history.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Origin {
    /// CalDAV, CardDAV, WebDAV.
    Dav,
    /// Lists, as Outlook takes them.
    Lists,
    /// The command line or the admin door.
    Admin,
    /// A browser.
    Web,
    /// The server's own jobs.
    Job,
}

impl Origin {
    /// The word used in storage and logs.
    pub fn word(self) -> &'static str {
        match self {
            Self::Dav => "dav",
            Self::Lists => "lists",
            Self::Admin => "admin",
            Self::Web => "web",
            Self::Job => "job",
        }
    }

    /// Back from the word.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Dav, Self::Lists, Self::Admin, Self::Web, Self::Job].into_iter().find(|one| one.word() == word)
    }
}

/// What a change row says was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verb {
    /// A body was written.
    Put,
    /// Properties were changed.
    Properties,
    /// The item went away.
    Remove,
    /// The item came from elsewhere, with its id.
    Arrive,
    /// Nothing but the number: it was raised past all that may have been given out by a course of events that is lost.
    Leap,
}

impl Verb {
    /// The word used in storage.
    pub fn word(self) -> &'static str {
        match self {
            Self::Put => "put",
            Self::Properties => "properties",
            Self::Remove => "remove",
            Self::Arrive => "arrive",
            Self::Leap => "leap",
        }
    }
}

/// Told to watchers after a commit. A hint: the change number in the store is the truth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Whose store.
    pub account: AccountId,
    /// Which collection; `None` when the set of collections, their properties or the rights changed.
    pub collection: Option<CollectionId>,
    /// The collection's number after the change.
    pub version: Version,
}

/// What watchers are told after a commit, of whichever node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum News {
    /// Something changed in a store.
    Change(Notice),
    /// Who may see what in a store changed. A [`News::Change`] tells of the change itself.
    Grants(AccountId),
    /// An account was made, changed, closed, opened or removed, or one of its secrets changed.
    Account(AccountId),
    /// All of that may have happened to anybody: so much did since it was last asked that it is not told one by one.
    Anything,
}
