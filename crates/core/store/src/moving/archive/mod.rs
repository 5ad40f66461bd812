//! A store as one stream of bytes: a backup.
//!
//! It begins with [`MAGIC`], which names the version of the form; then come frames (`frame.rs`), each compressed, each
//! with a digest that also covers the digest before it, so that nothing can be missing, doubled or out of order unseen.
//! The first frame says what is in the backup, the last what it came to in all: without it the backup is not whole.
//! Between them are chunks of rows as every engine pours them, and then the large bodies that the rows refer to. What is known of the tables is what the schema of that
//! version says; a later program fills a store of that version and brings it forward by its own steps.

mod bodies;
mod frame;
mod head;
mod pack;
mod unpack;

pub use head::Label;
pub use pack::{Packed, pack, pack_rows};
pub use unpack::Archive;

/// What a backup begins with. Another form would have another number.
pub(crate) const MAGIC: &[u8; 16] = b"KONTOR BACKUP 1\n";
