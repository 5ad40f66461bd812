//! Who can be granted a right or log in.

use crate::{AccountId, AccountName, Timestamp};

/// What sort of principal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PrincipalKind {
    /// A person.
    User,
    /// A functional mailbox.
    Shared,
    /// A room that can be booked.
    Room,
    /// Equipment that can be booked.
    Equipment,
    /// An external person with a limited account.
    Guest,
    /// A program.
    Service,
}

impl PrincipalKind {
    /// The word used in storage and on the command line.
    pub fn word(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Shared => "shared",
            Self::Room => "room",
            Self::Equipment => "equipment",
            Self::Guest => "guest",
            Self::Service => "service",
        }
    }

    /// The kind of that word.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::User, Self::Shared, Self::Room, Self::Equipment, Self::Guest, Self::Service]
            .into_iter()
            .find(|kind| kind.word() == word)
    }
}

/// How much an account may administer (features.md B3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AdminLevel {
    /// Nothing but its own store.
    None,
    /// Its own tenant.
    Tenant,
    /// The whole server.
    System,
}

impl AdminLevel {
    /// 0, 1 or 2, as on the command line.
    pub fn number(self) -> i64 {
        match self {
            Self::None => 0,
            Self::Tenant => 1,
            Self::System => 2,
        }
    }

    /// The level of that number.
    pub fn from_number(number: i64) -> Option<Self> {
        match number {
            0 => Some(Self::None),
            1 => Some(Self::Tenant),
            2 => Some(Self::System),
            _ => None,
        }
    }
}

/// An account as everybody sees it; secrets are never part of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    /// The account and its store.
    pub id: AccountId,
    /// Log-in name.
    pub name: AccountName,
    /// Sort.
    pub kind: PrincipalKind,
    /// Name for people.
    pub full_name: String,
    /// Primary mail address; compared without regard to case.
    pub email: String,
    /// Further receiving addresses.
    pub aliases: Vec<String>,
    /// May log in.
    pub active: bool,
    /// What it may administer.
    pub admin: AdminLevel,
    /// Hidden from address books and searches.
    pub hidden: bool,
    /// When it was made.
    pub created: Timestamp,
}
