//! Taking in the body of a file piece by piece, however large it is.

use crate::put::condition;
use crate::{Asker, Office, Place};
use kontor_model::{Error, ItemName, Kind, Result};
use kontor_store::{BlobWriter, Content, Expect};

/// A body on its way in. Dropped before its end it leaves nothing behind.
pub struct Upload {
    writer: BlobWriter,
    /// The most bytes that it may have before its account would hold more than it may, by what that held when it began.
    most: Option<u64>,
}

impl Office {
    /// Begins to take in the body of an item, if the asker may put it there.
    /// [`Office::put_upload`] puts it; what is dropped before leaves nothing behind.
    ///
    /// # Errors
    /// `Forbidden`, `NotFound` or `Locked` as [`Office::put`]; `Unsupported` if the store keeps no large bodies, or if what
    /// the place holds must be looked at as a whole.
    pub async fn upload(
        &self,
        who: &Asker,
        place: &Place,
        name: &ItemName,
        expect: Expect,
    ) -> Result<Upload> {
        let target = self.target(who, place, name).await?;
        condition(target.rights, expect)?;
        let blobs = self.store().blobs().filter(|_| place.collection.kind == Kind::Files);
        let blobs = blobs.ok_or_else(|| Error::Unsupported { detail: "large bodies".to_owned() })?;
        // So that nobody sends four gigabytes to be told that it is locked, or that there is no room for them.
        self.is_open(who, &target.source()).await?;
        let most = self.room(place, name).await?;
        Ok(Upload { writer: blobs.writer(place.account()), most })
    }

    /// The most bytes that an item may have; `None` if its account may hold any number. What is there already makes room.
    async fn room(&self, place: &Place, name: &ItemName) -> Result<Option<u64>> {
        let Some(hard) = self.allotted(&place.shelf).hard else { return Ok(None) };
        let used = self.store().used(place.account()).await?;
        let there = self.store().item(place.account(), place.id(), name).await?;
        let there = there.map_or(0, |item| item.meta.size);
        Ok(Some(hard.saturating_sub(used).saturating_add(there)))
    }
}

impl Upload {
    /// Refuses a body of so many bytes before it is sent.
    ///
    /// # Errors
    /// `Quota`.
    pub fn need(&self, bytes: u64) -> Result<()> {
        if self.most.is_some_and(|most| bytes > most) { Err(Error::Quota) } else { Ok(()) }
    }

    /// Bytes taken in so far.
    pub fn size(&self) -> u64 {
        self.writer.size()
    }

    /// Takes in more.
    ///
    /// # Errors
    /// `Quota` as soon as it is too much; those of the store.
    pub async fn append(&mut self, bytes: &[u8]) -> Result<()> {
        self.need(self.size().saturating_add(bytes.len() as u64))?;
        self.writer.append(bytes).await
    }

    /// SHA-256 of all that was taken in so far.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn sha256(&mut self) -> Result<[u8; 32]> {
        self.writer.sha256().await
    }

    /// All is there.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn finish(self) -> Result<Content> {
        self.writer.finish().await
    }
}
