//! What everybody may do in the public store when it is made.

use clap::ValueEnum;
use kontor_model::Role;
use serde::{Deserialize, Serialize};

/// The roles that make sense for all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Everybody {
    /// Nothing; it is not even seen.
    None,
    /// Read.
    Reader,
    /// Read, add files and folders, and change and remove one's own.
    Author,
    /// Read and write everything.
    #[default]
    Editor,
}

impl Everybody {
    pub(crate) fn role(self) -> Role {
        match self {
            Self::None => Role::None,
            Self::Reader => Role::Reader,
            Self::Author => Role::Author,
            Self::Editor => Role::Editor,
        }
    }
}
