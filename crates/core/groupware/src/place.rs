//! A collection as an asker sees it.

use kontor_model::{AccountId, Collection, CollectionId, Principal, Rights};
use std::sync::Arc;

/// Found by [`Office::place`](crate::Office::place) or [`Office::places`](crate::Office::places) and handed to the
/// verbs, which decide anew on every call: a place is no proof of any right.
#[derive(Clone, Debug)]
pub struct Place {
    /// Whose store it is in.
    pub owner: Arc<Principal>,
    /// The collection, as it was when it was found.
    pub collection: Arc<Collection>,
    /// What the asker had on it then; for display only.
    pub rights: Rights,
}

impl Place {
    pub(crate) fn account(&self) -> AccountId {
        self.collection.account
    }

    pub(crate) fn id(&self) -> CollectionId {
        self.collection.id
    }
}
