//! Looking at everything: objects, rows, and whether they agree.

use super::address::{BlobRef, object_of};
use super::books::Blobs;
use super::place::Listing;
use super::rows::Row;
use kontor_model::{AccountId, Result};
use std::collections::VecDeque;
use std::sync::Arc;

/// Rows read at once.
const ROWS: i64 = 500;

/// An object of the place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlobObject {
    /// Its name.
    pub name: String,
    /// Its bytes.
    pub size: u64,
}

/// All objects of a place.
pub struct BlobObjects(Listing);

impl BlobObjects {
    /// The next one; `None` at the end. There is nothing more after an error.
    ///
    /// # Errors
    /// `Busy` if the place is away; `Internal` if it refuses.
    pub async fn next(&mut self) -> Option<Result<BlobObject>> {
        loop {
            match self.0.next().await? {
                Ok((name, _)) if name == super::claim::MARKER => {}
                other => return Some(other.map(|(name, size)| BlobObject { name, size })),
            }
        }
    }
}

/// All blobs that something has referred to and that are not doomed, by account.
pub struct KeptBlobs {
    blobs: Arc<Blobs>,
    rows: VecDeque<Row>,
    after: (AccountId, i64),
    ended: bool,
}

impl KeptBlobs {
    /// The next one; `None` at the end.
    ///
    /// # Errors
    /// Those of the engine.
    pub async fn next(&mut self) -> Option<Result<BlobRef>> {
        loop {
            while let Some(row) = self.rows.pop_front() {
                if let Some(kept) = row.kept() {
                    return Some(Ok(kept));
                }
            }
            if self.ended {
                return None;
            }
            match self.blobs.engine.next_blobs(self.after, ROWS).await {
                Ok(rows) => self.take(rows),
                Err(error) => {
                    self.ended = true;
                    return Some(Err(error));
                }
            }
        }
    }

    fn take(&mut self, rows: Vec<Row>) {
        match rows.last() {
            Some(last) => self.after = (last.account, last.id),
            None => self.ended = true,
        }
        self.rows = rows.into();
    }
}

/// What became of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is what was put.
    Good,
    /// It is not there.
    Missing,
    /// It is something else.
    Damaged,
}

impl Blobs {
    /// All objects, in the order of the place.
    pub fn objects(&self) -> BlobObjects {
        BlobObjects(self.place.list())
    }

    /// Whether a row says what the object is; one without cannot come to be, and is nobody's.
    ///
    /// # Errors
    /// Those of the engine.
    pub async fn is_known(&self, object: &BlobObject) -> Result<bool> {
        match object_of(&object.name) {
            Some((account, id)) => Ok(self.engine.blob(account, id).await?.is_some()),
            None => Ok(false),
        }
    }

    /// All blobs that bodies may refer to.
    pub fn kept(self: &Arc<Self>) -> KeptBlobs {
        let (rows, after) = (VecDeque::new(), (AccountId(i64::MIN), i64::MIN));
        KeptBlobs { blobs: Arc::clone(self), rows, after, ended: false }
    }

    /// Reads an object and compares it with what was put.
    ///
    /// # Errors
    /// `Busy` if the place is away.
    pub async fn verify(&self, blob: &BlobRef) -> Result<Verdict> {
        self.place.verdict(&blob.object(), blob.size, blob.address.hash).await
    }
}
