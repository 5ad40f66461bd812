//! What is wrong with a text, line by line.

use crate::line::Flaw;
use crate::tree::{MAX_DEPTH, MAX_LINES};
use std::fmt;

/// What is wrong with a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reason {
    /// The line cannot be read as a property.
    Flaw(Flaw),
    /// `END` without an open component of that name; read as if it were not there.
    StrayEnd,
    /// A component that the text, or the `END` of a component around it, leaves open; the line is its `BEGIN`.
    Unclosed,
    /// `BEGIN` deeper than [`MAX_DEPTH`].
    TooDeep,
    /// The text has more than [`MAX_LINES`] lines; this is the first one left out.
    TooManyLines,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reason::Flaw(flaw) => flaw.fmt(f),
            Reason::StrayEnd => f.write_str("END without a component of that name to close"),
            Reason::Unclosed => f.write_str("component has no END"),
            Reason::TooDeep => write!(f, "components nest deeper than {MAX_DEPTH}"),
            Reason::TooManyLines => write!(f, "text has more than {MAX_LINES} lines"),
        }
    }
}

/// A line that is not as it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Problem {
    /// 1-based physical line number.
    pub line: u32,
    /// What is wrong with it.
    pub reason: Reason,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.reason)
    }
}
