//! Where large bodies shall lie.

use kontor_model::{Chance, Clock, SystemChance, SystemClock};
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// How long what nothing refers to is kept at least, unless told otherwise: for readers that are slow, for backups that
/// copy objects after the database, and for clocks that disagree.
const KEEP_UNUSED: Duration = Duration::from_secs(24 * 3600);

/// What the blob store needs to know.
#[derive(Clone)]
pub struct BlobOptions {
    /// Where objects lie.
    pub place: BlobPlace,
    /// How long an object is kept that nothing refers to. An hour is the least that is sensible: uploads in progress
    /// say every few minutes that they are, and clocks of nodes may be five minutes apart.
    pub keep_unused: Duration,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// For names of objects.
    pub chance: Arc<dyn Chance>,
}

/// A place for objects.
#[derive(Clone, Debug)]
pub enum BlobPlace {
    /// A folder; made if it is not there. Several nodes need the same one.
    Folder(PathBuf),
}

impl BlobOptions {
    /// The usual for a place.
    pub fn at(place: BlobPlace) -> Self {
        let (clock, chance) = (Arc::new(SystemClock), Arc::new(SystemChance));
        Self { place, keep_unused: KEEP_UNUSED, clock, chance }
    }
}

impl fmt::Debug for BlobOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (place, kept) = (&self.place, &self.keep_unused);
        f.debug_struct("BlobOptions").field("place", place).field("keep_unused", kept).finish_non_exhaustive()
    }
}
