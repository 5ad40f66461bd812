//! What a store notes about its own filling, so that it can go on after any interruption.

use super::{Chunk, Part};
use kontor_model::Error;
use std::fmt::{self, Display, Write};

/// The note of a store that is being filled.
pub(crate) const ARRIVING: &str = "arriving";
/// The note of a store that was copied elsewhere, and is not to be written to any more.
pub(crate) const LEFT: &str = "left";

/// The note of a store whose numbers are being raised: how far that is.
pub(crate) const LEAPING: &str = "leaping";

/// Why a store with such a note is not opened.
pub(crate) fn refused(what: &str, told: &str) -> Error {
    let detail = match what {
        ARRIVING => {
            let from = Ticket::read(told).map_or_else(String::new, |ticket| format!(" from {}", ticket.from));
            format!(
                "the store is being filled{from} and is not whole: give the same command again to finish that"
            )
        }
        LEAPING => "its numbers are being raised: give the same command again to finish that".to_owned(),
        LEFT => format!(
            "the store is closed, as its data were copied {told}: use that one, or `kontor store reopen` this one"
        ),
        _ => format!("the store may not be used ({what}): ask a newer version why"),
    };
    Error::Unsupported { detail }
}

/// Why a destination is not taken.
pub(crate) fn holds_something(place: impl Display) -> Error {
    let detail = format!("{place} holds something already; only an empty place is filled");
    Error::Unsupported { detail }
}

/// How far a stream was taken in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// Within this part.
    pub part: Part,
    /// Within this of the carried tables.
    pub table: usize,
    /// After so many rows of that table and part.
    pub rows: u64,
}

impl Mark {
    /// Where one is after a chunk.
    pub fn after(chunk: &Chunk) -> Self {
        Self { part: chunk.part, table: chunk.table, rows: chunk.before + u64::from(chunk.rows) }
    }

    /// Whether a chunk comes before it in a stream.
    pub(crate) fn covers(&self, chunk: &Chunk) -> bool {
        let after = Self::after(chunk);
        (after.part, after.table, after.rows) <= (self.part, self.table, self.rows)
    }
}

/// What is being taken in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ticket {
    /// From where, for people.
    pub from: String,
    /// Digest of the state of the source; while it is the same, what was taken in is good.
    pub state: String,
    /// Schema version of the rows.
    pub schema: usize,
    /// How far it came.
    pub at: Option<Mark>,
    /// Whether everything came, and was compared: only [`RowSink::finish`](super::RowSink::finish) is left to do.
    pub whole: bool,
}

impl Display for Ticket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The name may be long or odd, so it comes last and takes the rest.
        write!(f, "1 {} {} ", self.schema, self.state)?;
        match self.at {
            None => f.write_char('-')?,
            Some(Mark { part: Part::Directory, table, rows }) => write!(f, "d:{table}:{rows}")?,
            Some(Mark { part: Part::Accounts { first, last }, table, rows }) => {
                write!(f, "a:{table}:{rows}:{first}:{last}")?;
            }
        }
        write!(f, " {}", self.from)
    }
}

impl Ticket {
    /// Reads what was noted; `None` if this program did not note it.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let mut words = text.splitn(5, ' ');
        (words.next()? == "1").then_some(())?;
        let schema = words.next()?.parse().ok()?;
        let state = words.next()?.to_owned();
        let at = words.next()?;
        let at = if at == "-" { None } else { Some(mark(at)?) };
        Some(Self { schema, state, at, from: words.next()?.to_owned(), whole: false })
    }
}

fn mark(text: &str) -> Option<Mark> {
    let mut words = text.split(':');
    let sort = words.next()?;
    let (table, rows) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
    let part = match sort {
        "d" => Part::Directory,
        "a" => Part::Accounts { first: words.next()?.parse().ok()?, last: words.next()?.parse().ok()? },
        _ => return None,
    };
    Some(Mark { part, table, rows })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_noted_is_read_again() {
        let accounts = Part::Accounts { first: i64::MIN, last: 77 };
        let marks = [
            None,
            Some(Mark { part: Part::Directory, table: 3, rows: 0 }),
            Some(Mark { part: accounts, table: 12, rows: u64::MAX }),
        ];
        for at in marks {
            let ticket =
                Ticket { from: "/srv/my kontor".into(), state: "ab12".into(), schema: 2, at, whole: false };
            assert_eq!(Ticket::read(&ticket.to_string()), Some(ticket));
        }
        for bad in ["", "2 2 ab - x", "1 2 ab", "1 2 ab a:1:2 x", "1 2 ab z:1:2 x", "1 two ab - x"] {
            assert_eq!(Ticket::read(bad), None, "{bad}");
        }
    }
}
