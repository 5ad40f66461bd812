//! Objects that come in parts, as they are too large for memory.

use super::fault::{Fault, there};
use super::{Place, Sort, folder};
use bytes::Bytes;
use kontor_model::{Error, Result};
use object_store::multipart::{MultipartStore, PartId};
use object_store::{MultipartUpload, ObjectStoreExt, PutPayload};
use std::fs::File;
use std::path::Path;
use std::sync::Arc;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;

/// Bytes of each part but the last in a bucket, which takes 10,000 parts and none of less than 5 MiB.
pub(super) const PART_BYTES: usize = 8 << 20;
/// The same in a folder.
const PART_BYTES_IN_FOLDER: usize = 1 << 20;
/// Parts of one upload that are on their way at once: to a file each takes its turn quickly; a bucket is asked for one
/// after the other, and they are large.
const PARTS_TO_FOLDER: usize = 4;
const PARTS_TO_BUCKET: usize = 1;
/// So much goes to the disk at once before the end, at least.
const SYNC_BYTES: usize = 8 << 20;

/// Stands in the row of a blob that is laid down in a folder: a broken upload may leave something beside it.
const BESIDE: &str = "beside";

/// One that was begun.
pub(in crate::blob) enum Upload {
    Folder(InFolder),
    /// Its name, and the parts that have arrived.
    Bucket(String, Vec<PartId>),
}

/// A file that is not whole yet.
pub(in crate::blob) struct InFolder {
    upload: Box<dyn MultipartUpload>,
    /// Bytes that may not be on disk.
    unsynced: usize,
    syncing: Option<JoinHandle<()>>,
    /// Of all uploads of the place: a slow disk shall not keep every thread.
    turns: Arc<Semaphore>,
}

impl InFolder {
    /// Lets the disk begin with what came so far, so that little is left to wait for in the end. What goes wrong here is
    /// told there: each open file learns of it once.
    fn sync_early(&mut self, folder: &Path, object: &str, size: usize) {
        self.unsynced += size;
        let busy = self.syncing.as_ref().is_some_and(|syncing| !syncing.is_finished());
        if self.unsynced >= SYNC_BYTES
            && !busy
            && let Ok(turn) = Arc::clone(&self.turns).try_acquire_owned()
        {
            self.unsynced = 0;
            let path = folder::unfinished(folder, object);
            self.syncing = Some(tokio::task::spawn_blocking(move || {
                let _turn = turn;
                let _ = File::open(path).and_then(|file| file.sync_data());
            }));
        }
    }
}

impl Upload {
    /// What must be known of it so that it can be given up by whoever finds it.
    pub(in crate::blob) fn name(&self) -> Option<String> {
        match self {
            Self::Folder(_) => Some(BESIDE.to_owned()),
            Self::Bucket(name, _) => Some(name.clone()),
        }
    }
}

impl Place {
    /// Bytes of each part but the last.
    pub(in crate::blob) fn part_bytes(&self) -> usize {
        match &self.sort {
            Sort::Folder(_) => PART_BYTES_IN_FOLDER,
            Sort::Bucket(_) => PART_BYTES,
        }
    }

    /// Parts of one upload that are on their way at once.
    pub(in crate::blob) fn parts_at_once(&self) -> usize {
        match &self.sort {
            Sort::Folder(_) => PARTS_TO_FOLDER,
            Sort::Bucket(_) => PARTS_TO_BUCKET,
        }
    }

    /// What [`Upload::name`] is before there is an upload.
    pub(in crate::blob) fn first_upload(&self) -> Option<String> {
        match &self.sort {
            Sort::Folder(_) => Some(BESIDE.to_owned()),
            Sort::Bucket(_) => None,
        }
    }

    /// Begins an object in parts.
    pub(in crate::blob) async fn begin(&self, object: &str) -> Result<Upload> {
        let (store, name) = (Arc::clone(&self.store), self.name(object));
        match &self.sort {
            Sort::Folder(_) => {
                let work = async move { store.put_multipart(&name).await };
                let upload = self.ask("begin", object, 0, work).await.map_err(Fault::told)?;
                let turns = Arc::clone(&self.syncs);
                Ok(Upload::Folder(InFolder { upload, unsynced: 0, syncing: None, turns }))
            }
            Sort::Bucket(bucket) => {
                let bucket = Arc::clone(bucket);
                let work = async move { bucket.create_multipart(&name).await };
                let begun = self.ask("begin", object, 0, work).await.map_err(Fault::told)?;
                Ok(Upload::Bucket(begun, Vec::new()))
            }
        }
    }

    /// Puts the next part.
    pub(in crate::blob) async fn part(&self, object: &str, upload: Upload, bytes: Bytes) -> Result<Upload> {
        let size = bytes.len() as u64;
        let part = PutPayload::from_bytes(bytes);
        match (upload, &self.sort) {
            (Upload::Folder(mut upload), Sort::Folder(folder)) => {
                let (folder, name, length) = (folder.clone(), object.to_owned(), part.content_length());
                let work = async move {
                    upload.upload.put_part(part).await?;
                    upload.sync_early(&folder, &name, length);
                    Ok(upload)
                };
                self.ask("put a part of", object, size, work).await.map(Upload::Folder).map_err(Fault::told)
            }
            (Upload::Bucket(id, mut parts), Sort::Bucket(bucket)) => {
                let (bucket, name, own, number) =
                    (Arc::clone(bucket), self.name(object), id.clone(), parts.len());
                let work = async move { bucket.put_part(&name, &own, number, part).await };
                parts.push(self.ask("put a part of", object, size, work).await.map_err(Fault::told)?);
                Ok(Upload::Bucket(id, parts))
            }
            (Upload::Bucket(..), Sort::Folder(_)) | (Upload::Folder(_), Sort::Bucket(_)) => {
                Err(elsewhere(object))
            }
        }
    }

    /// Ends an upload of so many bytes: the object is there, and on disk.
    pub(in crate::blob) async fn complete(&self, object: &str, upload: Upload, size: u64) -> Result<()> {
        match (upload, &self.sort) {
            (Upload::Folder(mut upload), _) => {
                let work = async move { upload.upload.complete().await.map(drop) };
                // All that is not on disk yet has to go there.
                self.ask("end", object, 1 << 30, work).await.map_err(Fault::told)
            }
            (Upload::Bucket(id, parts), Sort::Bucket(bucket)) => {
                let (bucket, name) = (Arc::clone(bucket), self.name(object));
                let work = async move { bucket.complete_multipart(&name, &id, parts).await.map(drop) };
                match self.ask("end", object, 64 << 20, work).await {
                    Ok(()) => Ok(()),
                    // Done by a try whose answer was lost: the next one finds no upload any more.
                    Err(Fault::Missing(_)) if self.size(object).await? == Some(size) => Ok(()),
                    Err(other) => Err(other.told()),
                }
            }
            (Upload::Bucket(..), Sort::Folder(_)) => Err(elsewhere(object)),
        }
    }

    /// Removes what an upload left that did not come to its end.
    pub(in crate::blob) async fn give_up(&self, object: &str, upload: Option<&str>) -> Result<()> {
        let Some(upload) = upload else { return Ok(()) };
        match &self.sort {
            Sort::Folder(path) => {
                let (path, name) = (path.clone(), object.to_owned());
                let work = async move { folder::sweep(&path, &name) };
                there(self.ask("give up", object, 0, work).await).map(drop)
            }
            Sort::Bucket(bucket) => {
                let (bucket, name, id) = (Arc::clone(bucket), self.name(object), upload.to_owned());
                let work = async move { bucket.abort_multipart(&name, &id).await };
                there(self.ask("give up", object, 0, work).await).map(drop)
            }
        }
    }
}

fn elsewhere(object: &str) -> Error {
    Error::Internal(format!("put a part of {object}: it was begun in another place"))
}
