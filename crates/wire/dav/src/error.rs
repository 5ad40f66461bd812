//! What is wrong with a message from outside, and where.

use std::borrow::Cow;
use std::fmt;

use crate::name::Name;

/// A place in a request body. Lines and columns count from 1, columns in bytes; all zero when the message is not a
/// body (a header, a path) or the place is not known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct At {
    /// Line, from 1.
    pub line: u32,
    /// Byte within the line, from 1.
    pub column: u32,
}

/// Why a message was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// Not well-formed, or not what the specification of this message allows.
    Malformed(Cow<'static, str>),
    /// More of `what` than the limit allows.
    TooLarge {
        /// What there is too much of, in plain words.
        what: &'static str,
        /// The limit that was passed.
        limit: usize,
    },
    /// Elements nested deeper than the limit.
    TooDeep {
        /// The limit that was passed.
        limit: usize,
    },
    /// Text in a character encoding other than UTF-8.
    Encoding(Cow<'static, str>),
    /// Well-formed, but asks for what is not allowed or not offered: the answer names this precondition.
    Unsupported {
        /// The precondition element for the DAV:error body.
        precondition: Name,
        /// What was attempted, for people.
        detail: Cow<'static, str>,
    },
}

/// A refused message: the reason and the place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// Why.
    pub kind: ErrorKind,
    /// Where.
    pub at: At,
}

/// Shorthand of this crate.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// A [`ErrorKind::Malformed`] error.
    pub fn malformed(at: At, reason: impl Into<Cow<'static, str>>) -> Self {
        Error { kind: ErrorKind::Malformed(reason.into()), at }
    }

    /// A [`ErrorKind::Unsupported`] error.
    pub fn unsupported(at: At, precondition: Name, detail: impl Into<Cow<'static, str>>) -> Self {
        Error { kind: ErrorKind::Unsupported { precondition, detail: detail.into() }, at }
    }

    pub(crate) fn too_large(at: At, what: &'static str, limit: usize) -> Self {
        Error { kind: ErrorKind::TooLarge { what, limit }, at }
    }

    /// The HTTP status that fits: 400, 403 (a failed precondition), 413 (a limit) or 415 (an encoding).
    pub fn status(&self) -> u16 {
        match self.kind {
            ErrorKind::Malformed(_) => 400,
            ErrorKind::TooLarge { .. } | ErrorKind::TooDeep { .. } => 413,
            ErrorKind::Encoding(_) => 415,
            ErrorKind::Unsupported { .. } => 403,
        }
    }

    /// The precondition element to name in the DAV:error body, if there is one.
    pub fn precondition(&self) -> Option<&Name> {
        match &self.kind {
            ErrorKind::Unsupported { precondition, .. } => Some(precondition),
            _ => None,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            ErrorKind::Malformed(reason) => write!(f, "{reason}")?,
            ErrorKind::TooLarge { what, limit } => write!(f, "{what} beyond the limit of {limit}")?,
            ErrorKind::TooDeep { limit } => write!(f, "elements nested deeper than {limit}")?,
            ErrorKind::Encoding(reason) => write!(f, "{reason}")?,
            ErrorKind::Unsupported { precondition, detail } => {
                write!(f, "{detail} ({})", precondition.local())?;
            }
        }
        if self.at.line > 0 {
            write!(f, " at line {}, column {}", self.at.line, self.at.column)
        } else {
            Ok(())
        }
    }
}

impl std::error::Error for Error {}
