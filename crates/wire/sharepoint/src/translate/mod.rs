//! Items as rows, and rows as edits on canonical text (MS-OUTSPS 3.2).
//!
//! One module a kind of list. Each has the same verbs:
//!
//! - `rows(text, context) -> Result<Vec<(Part, Row)>, Error>`: an item as rows, the item itself first; without `ID`,
//!   `owshiddenversion`, `MasterSeriesItemID` and the other fields that only the server knows
//!   ([`crate::row::SERVER_FIELDS`]);
//! - `create(fields, context) -> Result<Vec<u8>, Error>`: canonical text of what a client made;
//! - `edit(text, part, fields, context) -> Result<Option<Vec<u8>>, Error>`: the text after an update, `None` if
//!   it says already what the client wants; lines that the fields do not concern stay byte-identical.
//!
//! Events have parts: `except(text, fields, context)` takes a new row of `EventType` 3 or 4 into the series that its
//! MasterSeriesItemID names, and `remove_part(text, part, context)` tells what is left when a row goes.

mod attendees;
mod body;
pub mod calendar;
mod categories;
mod change;
pub mod contacts;
mod fragment;
mod html;
pub mod moment;
mod outlook;
mod priority;
mod recurrence;
mod stamp;
pub mod tasks;
mod zone;
