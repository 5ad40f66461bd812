//! Whole stores on their way: from engine to engine, into a backup and out of it.
//!
//! Everything that is carried is a stream of [`Chunk`]s, rows of one table in the order of its key, the same bytes from
//! every engine: part by part ([`Part`]), so that whatever looks at the stream needs to remember little. A
//! [`RowSource`] pours such a stream as one consistent view; a [`RowSink`] takes it in, and knows after any
//! interruption how far it came. What lies between is the same for all: [`carry`] fills one store from another and
//! compares them, [`Summing`] counts and digests. Large bodies, which are not rows, follow after them.
//!
//! Laws: nothing is carried that the schema does not list, and all that it lists is; a store that is being filled cannot
//! be opened for anything else until it is whole. Deliberately absent: what rows mean to anybody but the store.

pub mod archive;
mod bodies;
mod carry;
mod check;
pub(crate) mod chunk;
mod leap;
mod plan;
mod pour;
mod sums;
mod ticket;

pub use bodies::Laid;
pub(crate) use bodies::kept;
pub use carry::{Carried, Event, carry};
pub use check::{Checked, Checker, Finding, Spot, remedy};
pub use chunk::{Chunk, Part};
pub use leap::LEAP;
pub(crate) use leap::{ACCOUNTS_AT_ONCE, Given, Leapt, cursor, leapt};
pub(crate) use pour::{Each, Pourer, Reading};
pub use sums::{Sum, Summing};
pub(crate) use ticket::{ARRIVING, LEAPING, LEFT, holds_something, refused};
pub use ticket::{Mark, Ticket};

use crate::blob::{BodySink, Depot};
use kontor_model::{Result, Timestamp};

/// Schema version of the stores that this program opens: those of earlier ones are brought forward.
pub const SCHEMA: usize = crate::sql::schema::STEPS.len();

/// What takes the chunks of a stream, one after the other; an error ends the stream.
pub type Into<'a> = dyn FnMut(Chunk) -> Result<()> + 'a;

/// What a stream will be like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct About {
    /// Schema version of the rows.
    pub schema: usize,
    /// Live items, for telling how far it is.
    pub items: u64,
    /// Bytes of their bodies.
    pub bytes: u64,
    /// Digest of all change numbers: two views of one store with the same digest hold the same.
    pub state: String,
}

/// Where rows come from: one consistent view of a whole store. Its calls wait for the disk or the database and are not
/// for threads that must not wait.
pub trait RowSource: Send {
    /// What will come.
    ///
    /// # Errors
    /// Those of the engine.
    fn about(&mut self) -> Result<About>;

    /// Whether it can begin to pour behind a mark; if not, it always pours everything, and only once.
    fn skips(&self) -> bool {
        true
    }

    /// What the engine itself finds wrong with its files, as far as it can tell; some of it, if there is much. Takes as
    /// long as reading them.
    ///
    /// # Errors
    /// Those of the engine.
    fn unsound(&mut self) -> Result<Vec<String>> {
        Ok(Vec::new())
    }

    /// Hands over all rows after `from`, or all.
    ///
    /// # Errors
    /// Those of the engine and those of `into`.
    fn pour(&mut self, from: Option<&Mark>, into: &mut Into<'_>) -> Result<()>;

    /// Says where its large bodies lie, if it has any.
    fn lie_in(&mut self, depot: Depot);

    /// Where that is, if it was said.
    fn depot(&self) -> Option<&Depot> {
        None
    }

    /// Somebody will ask for its large bodies once all rows were poured.
    fn bodies_follow(&mut self) {}

    /// Hands over all large bodies that its rows refer to, each of which is what was put, and waits until they are
    /// taken in.
    ///
    /// # Errors
    /// `Unsupported` if it was not said where they lie; `Internal` with the names of items whose bodies are missing or
    /// damaged; those of `into`.
    fn bodies(&mut self, into: &mut dyn BodySink) -> Result<Laid>;
}

/// Where rows go: a store that nobody can open meanwhile.
pub trait RowSink: Send {
    /// What was begun here and is not through, if anything.
    ///
    /// # Errors
    /// `Unsupported`, with a text for the administrator, if something else is there.
    fn begun(&mut self) -> Result<Option<Ticket>>;

    /// Empties it, after `begun` allowed that, and notes what is to come.
    ///
    /// # Errors
    /// Those of the engine.
    fn begin(&mut self, ticket: &Ticket) -> Result<()>;

    /// Says where its large bodies shall lie, if there are any.
    fn lay_in(&mut self, depot: Depot);

    /// Where that is, if it was said.
    fn depot(&self) -> Option<&Depot>;

    /// Takes in some rows. They are kept, and so is how far that is, at the latest with the next [`RowSink::settle`].
    ///
    /// # Errors
    /// Those of the engine.
    fn put(&mut self, chunk: &Chunk) -> Result<()>;

    /// Keeps all that was put.
    ///
    /// # Errors
    /// Those of the engine.
    fn settle(&mut self) -> Result<()>;

    /// Reads back what is there.
    ///
    /// # Errors
    /// Those of the engine.
    fn rows(&mut self) -> Result<Box<dyn RowSource + '_>>;

    /// It is whole: brings it to the schema of this program, raises its numbers if it is to go on from an older state
    /// than clients may have seen, and lets it be opened; on disk when this returns.
    ///
    /// # Errors
    /// Those of the engine.
    fn finish(&mut self, leap: Option<Timestamp>) -> Result<()>;
}

/// Looks after a store that is not opened: whether it may be, and its numbers.
pub trait Keeper: Send {
    /// Closes it for writing, also for servers that have it open, and waits for the writes that they are in: whoever
    /// reads it after that reads all that was ever acknowledged. `told` says for people where the data go.
    ///
    /// # Errors
    /// Those of the engine.
    fn leave(&mut self, told: &str) -> Result<()>;

    /// Lets it be opened again; false if it was not closed.
    ///
    /// # Errors
    /// Those of the engine.
    fn reopen(&mut self) -> Result<bool>;

    /// Says that its large bodies, if it has any, belong to the store that it was copied of, which goes on: this one reads
    /// them, and removes none.
    ///
    /// # Errors
    /// Those of the engine.
    fn share(&mut self) -> Result<()>;

    /// Raises all its numbers past any that may have been given out since the state that it is in ([`LEAP`]).
    ///
    /// # Errors
    /// Those of the engine.
    fn leap(&mut self, at: Timestamp) -> Result<()>;
}
