//! Who may see something in a store, besides its owner.

use crate::{Asker, access};
use kontor_model::{AccountId, Collection, CollectionId, Grantee, Right};
use kontor_store::Shelf;
use std::collections::HashSet;

/// See above.
#[derive(Clone, Default, PartialEq, Eq)]
pub(super) struct Audience {
    pub(super) accounts: HashSet<AccountId>,
    pub(super) everyone: bool,
}

impl Audience {
    pub(super) fn join(&mut self, other: Self) {
        self.everyone |= other.everyone;
        self.accounts.extend(other.accounts);
    }

    pub(super) fn of(shelf: &Shelf) -> Self {
        let mut audience = Self::default();
        let lists = shelf.grants.values().flatten().chain(&shelf.root_grants);
        for grant in lists.filter(|grant| grant.rights.has(Right::Look)) {
            match grant.grantee {
                Grantee::Account(id) => {
                    audience.accounts.insert(id);
                }
                Grantee::Everyone | Grantee::Public => audience.everyone = true,
            }
        }
        audience
    }
}

/// Whether a change of that collection is to be told to `who`.
pub(super) fn sees(
    who: &Asker,
    account: AccountId,
    shelf: Option<&Shelf>,
    id: Option<CollectionId>,
    found: Option<&Collection>,
) -> bool {
    match (shelf, found) {
        (Some(shelf), Some(collection)) => access::granted(who, shelf, collection).has(Right::Look),
        // Gone in the meantime: its owner may know.
        _ => id.is_some() && who.is(account),
    }
}
