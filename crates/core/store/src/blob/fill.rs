//! Putting bodies where engines told addresses.

use super::address::{Address, Hash, object_name};
use super::bodies::Bodies;
use super::books::Blobs;
use super::claim::in_service;
use bytes::Bytes;
use futures_util::{StreamExt, TryStreamExt, stream};
use kontor_model::{AccountId, CollectionId, Error, Item, ItemMeta, ItemName, Result};

/// Bodies that are fetched at once for one answer.
const AT_ONCE: usize = 8;
/// How often what was replaced, and collected, before it was fetched is read again.
const ATTEMPTS: usize = 4;

/// A body that is not there: what to say of it, unless another took its place.
struct Missing {
    name: ItemName,
    address: Address,
    error: Error,
}

impl Blobs {
    /// An answer of the engine with all its bodies.
    pub(super) async fn filled<T: Bodies>(
        &self,
        account: AccountId,
        collection: CollectionId,
        mut answer: T,
    ) -> Result<T> {
        for _ in 0..ATTEMPTS {
            let missing = self.fill(account, &mut answer).await?;
            if missing.is_empty() {
                return Ok(answer);
            }
            for one in missing {
                self.look_again(account, collection, one, &mut answer).await?;
            }
        }
        Err(Error::Busy { retry_after: 1 })
    }

    /// Fetches what lies outside; what is not there.
    async fn fill(&self, account: AccountId, answer: &mut impl Bodies) -> Result<Vec<Missing>> {
        let mut outside = Vec::new();
        for item in answer.items() {
            if let Some(address) = Address::of(item)? {
                outside.push((item, address));
            }
        }
        if outside.is_empty() {
            return Ok(Vec::new());
        }
        self.claim().await.map_err(in_service)?;
        let mut fetches = Vec::with_capacity(outside.len());
        for (item, address) in outside {
            fetches.push(self.fetch_into(account, item, address));
        }
        let missing: Vec<Option<Missing>> =
            stream::iter(fetches).buffer_unordered(AT_ONCE).try_collect().await?;
        Ok(missing.into_iter().flatten().collect())
    }

    async fn fetch_into(
        &self,
        account: AccountId,
        item: &mut Item,
        address: Address,
    ) -> Result<Option<Missing>> {
        match self.fetch(account, &item.meta, address).await? {
            Some(bytes) => {
                item.body = bytes;
                Ok(None)
            }
            None => {
                let error = damaged(&self.place(), account, &item.meta, address, "is missing");
                Ok(Some(Missing { name: item.meta.name.clone(), address, error }))
            }
        }
    }

    /// The bytes of one body, which are what was put; `None` if its object is not there.
    async fn fetch(&self, account: AccountId, meta: &ItemMeta, address: Address) -> Result<Option<Bytes>> {
        let Some(bytes) = self.place.get(&object_name(account, address.id), meta.size).await? else {
            return Ok(None);
        };
        let why = if bytes.len() as u64 != meta.size {
            "has another length"
        } else if Hash::of(&bytes) != address.hash {
            "is damaged: its hash is another"
        } else {
            return Ok(Some(bytes));
        };
        Err(logged(damaged(&self.place(), account, meta, address, why)))
    }

    /// What there is now of an item whose body was not there.
    async fn look_again(
        &self,
        account: AccountId,
        collection: CollectionId,
        missing: Missing,
        answer: &mut impl Bodies,
    ) -> Result<()> {
        match self.engine.item(account, collection, &missing.name).await? {
            None => answer.leave_out(&missing.name),
            Some(now) if Address::of(&now)? == Some(missing.address) => return Err(logged(missing.error)),
            Some(now) => {
                let mut items = answer.items();
                items.iter_mut().filter(|item| item.meta.name == now.meta.name).for_each(|item| {
                    **item = now.clone();
                });
            }
        }
        Ok(())
    }
}

/// What is wrong with an object, said so that a person can find it.
pub(super) fn damaged(
    place: &str,
    account: AccountId,
    meta: &ItemMeta,
    address: Address,
    why: &str,
) -> Error {
    let (item, object) = (meta.name.as_str(), object_name(account, address.id));
    Error::Internal(format!(
        "read the body of {item:?} ({:?}) of account {:x}: the object {object} in {place} {why}",
        meta.id, account.0
    ))
}

/// Told to the log here, where it is known which of many items it is about.
pub(super) fn logged(error: Error) -> Error {
    if let Error::Internal(why) = &error {
        tracing::error!(why, "a body cannot be read");
    }
    error
}
