//! What is kept of what was replaced or removed.

use serde::{Deserialize, Serialize};

/// See `kontor.example.toml`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct History {
    pub(crate) texts: u32,
    pub(crate) days: u32,
    pub(crate) max_bytes: u64,
    pub(crate) trash_bytes: u64,
}

impl Default for History {
    fn default() -> Self {
        Self { texts: 10, days: 180, max_bytes: 10 << 30, trash_bytes: 10 << 30 }
    }
}

impl History {
    /// Whether collections that are removed go to the trash.
    pub(super) fn has_trash(&self) -> bool {
        self.days > 0 && self.trash_bytes > 0
    }

    pub(super) fn apply(&self) -> kontor_store::History {
        let bytes = if self.days == 0 { 0 } else { self.max_bytes };
        kontor_store::History { texts: self.texts, bytes }
    }
}
