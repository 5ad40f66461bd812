//! Large bodies: each in an object of its own, in a folder or a bucket, outside of the database.
//!
//! A body above [`INLINE_BYTES`] is laid down as an object before the transaction that puts it; the row of the body
//! then holds the object's number and the SHA-256 of its bytes, which are compared whenever it is read. Within an
//! account the same bytes are laid down once. Doors and verbs see nothing of it: [`Keeper`] stands before every engine
//! and is the [`Store`](crate::Store) that they know.
//!
//! What keeps a body from being collected while somebody is about to refer to it (docs/decisions/0009): every object
//! has a row in the table `blob`, which is there before the object, and a number that is never given to another. Who
//! refers to it writes that row in the transaction that puts the body, and fails if it is doomed; the collector dooms
//! it in a transaction that looks whether anything refers, and only then removes the object. Clocks decide when that
//! is tried, never whether it is right.
//!
//! Main types: [`Blobs`], with what is for administrators and housekeeping; [`BlobWriter`] and [`BlobReader`] for
//! bodies that are too large for memory; `Place`, where objects lie; `Rows`, what an engine does for it; [`Depot`], a place apart from its store, for carrying.

mod address;
mod bodies;
mod books;
mod claim;
mod collect;
mod depot;
mod fill;
mod filling;
mod hashing;
mod keeper;
mod lay;
mod options;
mod pieces;
mod place;
mod reader;
mod rows;
mod survey;
mod writer;

pub(crate) use address::{Address, Hash, LEAST_BLOB, object_of, weight};
pub use address::{BlobRef, INLINE_BYTES};
pub use books::Blobs;
pub(crate) use claim::GUEST;
pub use collect::Collected;
pub use depot::{BodySink, Coming, Depot};
pub(crate) use filling::Filling;
pub(crate) use keeper::{At, Nodes, keep};
pub use options::{BlobOptions, BlobPlace, Bucket};
pub(crate) use place::Source;
pub use reader::{BlobReader, OpenBody};
pub use rows::BlobOp;
pub(crate) use rows::{Freight, Row, Rows, State, Step, Want, hash};
pub use survey::{BlobObject, BlobObjects, KeptBlobs, Verdict};
pub use writer::BlobWriter;
