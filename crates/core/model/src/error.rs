//! Why a verb was refused: one closed list without a protocol word. Each door translates it in one exhaustive match.

use crate::{Right, Version};
use std::fmt;

/// What verbs return.
pub type Result<T> = std::result::Result<T, Error>;

/// The closed list of refusals.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Error {
    /// It is not there, or the asker may not know that it is.
    NotFound,
    /// Something of that name is there already.
    Exists,
    /// The asker sees the thing but lacks this right on it.
    Forbidden {
        /// The right that is missing.
        right: Right,
    },
    /// The expectation sent along no longer holds (`have` is what is there now; `None` if nothing is).
    Stale {
        /// The current revision.
        have: Option<Version>,
    },
    /// The content breaks a rule.
    Invalid {
        /// Which rule.
        rule: Rule,
        /// For a person: what, where (line), why.
        detail: String,
    },
    /// Larger than the limit named.
    TooLarge {
        /// The configuration name of the limit.
        limit: &'static str,
        /// Its value.
        max: u64,
    },
    /// The account would hold more than it may; nothing was changed.
    Quota,
    /// The disk is full; nothing was changed.
    NoSpace,
    /// Locked by somebody else.
    Locked,
    /// Understood, but not offered.
    Unsupported {
        /// For a person: what.
        detail: String,
    },
    /// The version asked from is older than the trimmed log, or was never given out for this collection.
    GoneVersion,
    /// Try again later.
    Busy {
        /// After this many seconds.
        retry_after: u32,
    },
    /// Our fault; the text is for the log, not for the asker.
    Internal(String),
}

/// The rules that content can break; doors map them to their preconditions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rule {
    /// Not the media type that the collection takes.
    MediaType,
    /// Not well-formed data of that type.
    Data,
    /// Well-formed, but not allowed as a stored object (for example two UIDs in one object, or a METHOD).
    Object,
    /// A component type that the collection does not take.
    Component,
    /// Another item of the collection has the same UID; its name is given.
    UidConflict {
        /// Name of the item that has the UID.
        name: String,
    },
    /// The UID of an existing item may not change.
    UidChange,
    /// A number outside of what can be.
    Bounds,
    /// A date before the first that can be kept.
    TooEarly,
    /// A date after the last that can be kept.
    TooLate,
    /// A filter that the verb cannot evaluate.
    Filter,
    /// A name (account, collection, item, property) that is not allowed.
    Name,
    /// A collection cannot be put there (below an item, below itself, a calendar inside a calendar).
    Location,
    /// A property that cannot be changed by a client.
    ReadOnlyProperty,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotFound => f.write_str("not found"),
            Self::Exists => f.write_str("something of that name exists already"),
            Self::Forbidden { right } => write!(f, "the right to {} is missing", right.phrase()),
            Self::Stale { .. } => f.write_str("it was changed by somebody else in the meantime"),
            Self::Invalid { detail, .. } => f.write_str(detail),
            Self::TooLarge { limit, max } => write!(f, "beyond the limit {limit} = {max}"),
            Self::Quota => f.write_str(
                "the account would hold more than it may; delete something, or ask the administrator for more",
            ),
            Self::NoSpace => f.write_str("the server has no space left"),
            Self::Locked => f.write_str("locked"),
            Self::Unsupported { detail } => write!(f, "not supported: {detail}"),
            Self::GoneVersion => f.write_str("that version is too old or unknown; start afresh"),
            Self::Busy { retry_after } => write!(f, "busy; try again in {retry_after} s"),
            Self::Internal(_) => f.write_str("internal error"),
        }
    }
}

impl std::error::Error for Error {}
