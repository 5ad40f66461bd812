//! What is wrong with a message from outside.

use std::borrow::Cow;
use std::fmt;

/// Why a message was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// Not well-formed, or not what the specification of this message allows.
    Malformed(Cow<'static, str>),
    /// More of something than the limit allows.
    TooLarge {
        /// What there is too much of, in plain words.
        what: &'static str,
        /// The limit that was passed.
        limit: usize,
    },
    /// An operation that this service does not have.
    UnknownOperation(String),
}

/// A refused message: the reason and the line (from 1; 0 if it is not known).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// Why.
    pub kind: ErrorKind,
    /// Where.
    pub line: u32,
}

/// Shorthand of this crate.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// A message that is not what it should be.
    pub fn malformed(line: u32, reason: impl Into<Cow<'static, str>>) -> Self {
        Self { kind: ErrorKind::Malformed(reason.into()), line }
    }

    pub(crate) const fn too_large(line: u32, what: &'static str, limit: usize) -> Self {
        Self { kind: ErrorKind::TooLarge { what, limit }, line }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            ErrorKind::Malformed(reason) => f.write_str(reason)?,
            ErrorKind::TooLarge { what, limit } => write!(f, "{what} beyond the limit of {limit}")?,
            ErrorKind::UnknownOperation(name) => write!(f, "there is no operation {name} here")?,
        }
        if self.line > 0 { write!(f, " at line {}", self.line) } else { Ok(()) }
    }
}

impl std::error::Error for Error {}
