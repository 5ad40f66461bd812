//! Rights as bits, their closure, and the named roles (features.md section 6.1).
//!
//! The closed sets form a distributive lattice under union and intersection, because every implication has one
//! premise. Who has which right is decided in `groupware::access`, not here.

use crate::AccountId;

/// One right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Right {
    /// `f`: see free/busy.
    FreeBusy,
    /// `l`: see that the collection exists.
    Look,
    /// `r`: read items.
    Read,
    /// `p`: read private items.
    Private,
    /// `i`: insert items.
    Insert,
    /// `w`: edit own items.
    EditOwn,
    /// `W`: edit all items.
    EditAll,
    /// `d`: delete own items.
    DeleteOwn,
    /// `D`: delete all items.
    DeleteAll,
    /// `k`: create collections below.
    CreateCollection,
    /// `m`: rename, delete, set properties of the collection.
    Manage,
    /// `a`: change its access list.
    Administer,
    /// `s`: grant on, at most the own rights.
    Reshare,
    /// `b`: book the resource.
    Book,
}

impl Right {
    /// All rights, in the order of their letters' table.
    pub const ALL: [Self; 14] = [
        Self::FreeBusy,
        Self::Look,
        Self::Read,
        Self::Private,
        Self::Insert,
        Self::EditOwn,
        Self::EditAll,
        Self::DeleteOwn,
        Self::DeleteAll,
        Self::CreateCollection,
        Self::Manage,
        Self::Administer,
        Self::Reshare,
        Self::Book,
    ];

    const fn bit(self) -> u32 {
        1 << (self as u32)
    }

    /// The letter of features.md 6.1.
    pub fn letter(self) -> char {
        match self {
            Self::FreeBusy => 'f',
            Self::Look => 'l',
            Self::Read => 'r',
            Self::Private => 'p',
            Self::Insert => 'i',
            Self::EditOwn => 'w',
            Self::EditAll => 'W',
            Self::DeleteOwn => 'd',
            Self::DeleteAll => 'D',
            Self::CreateCollection => 'k',
            Self::Manage => 'm',
            Self::Administer => 'a',
            Self::Reshare => 's',
            Self::Book => 'b',
        }
    }

    /// For a person: "the right to ... is missing".
    pub fn phrase(self) -> &'static str {
        match self {
            Self::FreeBusy => "see free and busy times",
            Self::Look => "see that this exists",
            Self::Read => "read",
            Self::Private => "read private items",
            Self::Insert => "add items",
            Self::EditOwn => "change own items",
            Self::EditAll => "change items",
            Self::DeleteOwn => "delete own items",
            Self::DeleteAll => "delete items",
            Self::CreateCollection => "create collections",
            Self::Manage => "change the collection itself",
            Self::Administer => "change who may do what",
            Self::Reshare => "share further",
            Self::Book => "book",
        }
    }

    fn implies(self) -> Rights {
        let of = |rights: &[Self]| rights.iter().fold(Rights::NONE, |set, right| Rights(set.0 | right.bit()));
        match self {
            Self::Read => of(&[Self::Look, Self::FreeBusy]),
            Self::Private => of(&[Self::Read]),
            Self::EditAll => of(&[Self::EditOwn, Self::Read]),
            Self::DeleteAll => of(&[Self::DeleteOwn, Self::Read]),
            Self::EditOwn | Self::DeleteOwn | Self::Manage | Self::Administer | Self::CreateCollection => {
                of(&[Self::Look])
            }
            Self::FreeBusy | Self::Look | Self::Insert | Self::Reshare | Self::Book => Rights::NONE,
        }
    }
}

/// A set of rights.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub struct Rights(pub u32);

impl Rights {
    /// No right.
    pub const NONE: Self = Self(0);
    /// Every right.
    pub const ALL: Self = Self((1 << Right::ALL.len()) - 1);

    /// The set of these, closed.
    pub fn of(rights: &[Right]) -> Self {
        Self(rights.iter().fold(0, |bits, right| bits | right.bit())).closed()
    }

    /// With everything that its members imply (applied on write, rule 6.1).
    #[must_use]
    pub fn closed(self) -> Self {
        let mut now = self;
        loop {
            let next = Right::ALL
                .iter()
                .filter(|right| now.has(**right))
                .fold(now, |set, right| set.union(right.implies()));
            if next == now {
                return now;
            }
            now = next;
        }
    }

    /// Whether `right` is in it.
    pub fn has(self, right: Right) -> bool {
        self.0 & right.bit() != 0
    }

    /// Whether all of `other` is in it.
    pub fn covers(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// In either.
    #[must_use]
    pub fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// In both.
    #[must_use]
    pub fn intersection(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// The letters, for people and tests.
    pub fn letters(self) -> String {
        Right::ALL.iter().filter(|right| self.has(**right)).map(|right| right.letter()).collect()
    }
}

/// A named bundle of rights.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// Nothing; stored, it stops inheritance.
    None,
    /// Only free and busy times.
    FreeBusy,
    /// Read all but private items.
    Reader,
    /// Add without seeing.
    Dropbox,
    /// Reader and dropbox, and may change and delete its own.
    Author,
    /// Change and delete all.
    Editor,
    /// Editor who may also change the collection and its access list.
    Manager,
    /// The store's owner; cannot be granted.
    Owner,
}

impl Role {
    /// All roles, from nothing to everything.
    pub const ALL: [Self; 8] = [
        Self::None,
        Self::FreeBusy,
        Self::Reader,
        Self::Dropbox,
        Self::Author,
        Self::Editor,
        Self::Manager,
        Self::Owner,
    ];

    /// The rights bundled.
    pub fn rights(self) -> Rights {
        use Right as R;
        match self {
            Self::None => Rights::NONE,
            Self::FreeBusy => Rights::of(&[R::FreeBusy]),
            Self::Reader => Rights::of(&[R::Read]),
            Self::Dropbox => Rights::of(&[R::Insert]),
            Self::Author => Rights::of(&[R::Read, R::Insert, R::EditOwn, R::DeleteOwn]),
            Self::Editor => Self::Author.rights().union(Rights::of(&[R::EditAll, R::DeleteAll])),
            Self::Manager => Self::Editor.rights().union(Rights::of(&[
                R::CreateCollection,
                R::Manage,
                R::Administer,
                R::Reshare,
            ])),
            Self::Owner => Rights::ALL,
        }
    }

    /// The word used on the command line.
    pub fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::FreeBusy => "freebusy",
            Self::Reader => "reader",
            Self::Dropbox => "dropbox",
            Self::Author => "author",
            Self::Editor => "editor",
            Self::Manager => "manager",
            Self::Owner => "owner",
        }
    }
}

/// To whom something is granted (features.md 6.2 rule 1).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Grantee {
    /// One account.
    Account(AccountId),
    /// Every account of the server.
    Everyone,
    /// Anybody, without log-in; at most reader, or dropbox.
    Public,
}

/// One entry of an access list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// To whom.
    pub grantee: Grantee,
    /// What; closed.
    pub rights: Rights,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closure_follows_the_table() {
        let check = |rights: &[Right], letters: &str| assert_eq!(Rights::of(rights).letters(), letters);
        check(&[Right::Read], "flr");
        check(&[Right::Private], "flrp");
        check(&[Right::EditAll], "flrwW");
        check(&[Right::DeleteAll], "flrdD");
        check(&[Right::Insert], "i");
        check(&[Right::Manage], "lm");
    }

    #[test]
    fn roles_are_closed_and_ordered_as_drawn() {
        for role in Role::ALL {
            assert_eq!(role.rights(), role.rights().closed(), "{role:?}");
        }
        let above =
            |high: Role, low: Role| assert!(high.rights().covers(low.rights()), "{high:?} >= {low:?}");
        above(Role::Owner, Role::Manager);
        above(Role::Manager, Role::Editor);
        above(Role::Editor, Role::Author);
        above(Role::Author, Role::Reader);
        above(Role::Author, Role::Dropbox);
        above(Role::Reader, Role::FreeBusy);
        assert!(!Role::Reader.rights().covers(Role::Dropbox.rights()));
        assert!(!Role::Dropbox.rights().covers(Role::FreeBusy.rights()));
    }

    #[test]
    fn closed_sets_form_a_lattice() {
        for a in 0..(1_u32 << 14) {
            let a = Rights(a);
            if a.closed() != a {
                continue;
            }
            for role in Role::ALL {
                let b = role.rights();
                assert_eq!(a.union(b), a.union(b).closed());
                assert_eq!(a.intersection(b), a.intersection(b).closed());
            }
        }
    }
}
