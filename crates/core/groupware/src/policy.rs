//! What an administrator may tune.

use kontor_directory::SignInPolicy;
use kontor_model::{Quota, Role};
use kontor_store::Remains;

/// Everything; the defaults just work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Sizes and counts.
    pub limits: Limits,
    /// Whether administrators see only that collections exist, and have to grant themselves more, visibly
    /// (features.md A20). On by default.
    pub restrict_admin: bool,
    /// What everybody is granted on the store of a new account: whether times are free or busy, unless turned off.
    pub everyone_sees_free_busy: bool,
    /// What everybody may do in the public store when it is made, see [`PublicStore`](crate::PublicStore).
    pub public_store: Role,
    /// What accounts may hold that have no limits of their own.
    pub quota: Quota,
    /// Whether collections that are removed go to the trash.
    pub trash: bool,
    /// Log-ins.
    pub sign_in: SignInPolicy,
}

impl Policy {
    /// What becomes of a collection that somebody removes.
    pub(crate) fn remains(&self) -> Remains {
        if self.trash { Remains::Trash } else { Remains::Nothing }
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            limits: Limits::default(),
            restrict_admin: true,
            everyone_sees_free_busy: true,
            public_store: Role::Editor,
            quota: Quota::default(),
            trash: true,
            sign_in: SignInPolicy::default(),
        }
    }
}

/// Sizes and counts that the verbs keep. The names are those of the configuration and of
/// [`Error::TooLarge`](kontor_model::Error::TooLarge).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of an item.
    pub max_item_size: usize,
    /// Bytes of a file.
    pub max_file_size: u64,
    /// Bytes of one property value.
    pub max_property_size: usize,
    /// Properties of one item or collection.
    pub max_properties: usize,
    /// Collections of one account, without folders of files.
    pub max_collections: usize,
    /// Folders of files of one account.
    pub max_folders: usize,
    /// Locks that may be in force in one account.
    pub max_locks: usize,
    /// Seconds that a lock lasts at most before it must be renewed.
    pub lock_seconds: u64,
    /// Entries of one access list.
    pub max_grants: usize,
    /// Occurrences of one series that are looked at, at most.
    pub max_occurrences: usize,
    /// Attendees of one occurrence.
    pub max_attendees: usize,
    /// Items of a collection that is copied, or moved to another store.
    pub max_copy_items: usize,
    /// App passwords of one account.
    pub max_app_passwords: usize,
    /// Items that one query finds.
    pub max_query_items: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_item_size: 10 << 20,
            max_file_size: 64 << 30,
            max_property_size: 256 << 10,
            max_properties: 100,
            max_collections: 1000,
            max_folders: 20_000,
            max_locks: 1000,
            lock_seconds: 3600,
            max_grants: 500,
            max_occurrences: 10_000,
            max_attendees: 1000,
            max_copy_items: 20_000,
            max_app_passwords: 100,
            max_query_items: 50_000,
        }
    }
}
