//! What accounts may hold that have no limits of their own.

use serde::{Deserialize, Serialize};

/// Bytes; 0 is no limit.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Quota {
    pub(crate) warn: u64,
    pub(crate) soft: u64,
    pub(crate) hard: u64,
}

impl Quota {
    pub(super) fn apply(&self) -> kontor_model::Quota {
        let limit = |bytes: u64| Some(bytes).filter(|bytes| *bytes > 0);
        kontor_model::Quota { warn: limit(self.warn), soft: limit(self.soft), hard: limit(self.hard) }
    }
}
