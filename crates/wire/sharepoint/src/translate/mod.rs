//! Items as rows, and rows as edits on canonical text (MS-OUTSPS 3.2).
//!
//! One module a kind of list. Each has the same four verbs:
//!
//! - `rows(text, context) -> Result<Vec<(Part, Row)>, Error>`: an item as rows, the item itself first; without `ID`,
//!   `owshiddenversion` and the other fields that only the server knows ([`crate::row::SERVER_FIELDS`]);
//! - `create(fields, context) -> Result<Vec<u8>, Error>`: canonical text of what a client made;
//! - `edit(text, part, fields, context) -> Result<Option<Vec<u8>>, Error>`: the text after an update, `None` if
//!   it says already what the client wants; lines that the fields do not concern stay byte-identical;
//! - `remove_part(text, part, context) -> Result<Option<Vec<u8>>, Error>`: the text without one exception.
