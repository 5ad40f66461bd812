//! Writing a body.

use crate::private::Sight;
use crate::target::Target;
use crate::{Asker, Office, Place, access, kind};
use bytes::Bytes;
use kontor_model::{Error, ItemId, ItemName, Result, Right, Rights, Version};
use kontor_store::{Body, Content, Done, Expect, Facets, Op};

/// Bodies from here on are checked away from the threads that serve requests, in bytes.
const LONG_BODY: usize = 128 << 10;

/// What is to be written.
#[derive(Clone, Debug)]
pub struct Put<'a> {
    /// Media type with parameters, as the writer named it; empty means that of the collection.
    pub media_type: &'a str,
    /// The body; stored as it is.
    pub bytes: Bytes,
    /// On what condition.
    pub expect: Expect,
}

/// A body that was taken in, to be put.
#[derive(Clone, Debug)]
pub struct PutUpload<'a> {
    /// Media type with parameters, as the writer named it.
    pub media_type: &'a str,
    /// What [`Office::upload`] came to.
    pub content: Content,
    /// On what condition.
    pub expect: Expect,
    /// Whether it is the file with one more part of those in which it comes.
    pub part: bool,
}

/// What was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Written {
    /// The item.
    pub id: ItemId,
    /// The collection's number after it.
    pub version: Version,
    /// Names the text now there.
    pub revision: Version,
    /// Whether something new came to be.
    pub created: bool,
    /// Whether the writer would read back byte for byte what was sent, and need not.
    pub as_sent: bool,
}

impl Office {
    /// Creates the item, or replaces its body and keeps its id and properties.
    ///
    /// # Errors
    /// `Forbidden` or `NotFound`; `Stale`; `TooLarge`; `Invalid` with the rule that the content breaks, the line and
    /// the reason.
    pub async fn put(&self, who: &Asker, place: &Place, name: &ItemName, put: Put<'_>) -> Result<Written> {
        let target = self.target(who, place, name).await?;
        condition(target.rights, put.expect)?;
        let limits = &self.inner.policy.limits;
        if put.bytes.len() > limits.max_item_size {
            return Err(Error::TooLarge { limit: "max_item_size", max: limits.max_item_size as u64 });
        }
        let body = self.read(&target.collection, put.media_type, put.bytes).await?;
        self.put_body(who, place, &target, (body, false), put.expect).await
    }

    /// Puts a body that was taken in.
    ///
    /// # Errors
    /// As [`Office::put`].
    pub async fn put_upload(
        &self,
        who: &Asker,
        place: &Place,
        name: &ItemName,
        put: PutUpload<'_>,
    ) -> Result<Written> {
        let target = self.target(who, place, name).await?;
        condition(target.rights, put.expect)?;
        let media_type = kind::of(target.collection.kind).named(put.media_type)?;
        let body = Body { media_type, content: put.content, facets: Facets::default() };
        self.put_body(who, place, &target, (body, put.part), put.expect).await
    }

    async fn put_body(
        &self,
        who: &Asker,
        place: &Place,
        target: &Target,
        (body, part): (Body, bool),
        expect: Expect,
    ) -> Result<Written> {
        let new_id = self.inner.ids.item();
        let receipt = self
            .commit_at(who, place, |shelves| {
                let rights = target.now(self, who, shelves)?;
                let expect = target.bound(condition(rights, expect)?);
                Ok(vec![Op::Put { at: target.source(), expect, new_id, body: body.clone(), part }])
            })
            .await;
        match receipt {
            Ok(receipt) => {
                // Who may not see what is private reads another text than this.
                let hidden = Sight::of(&target.collection, target.rights).hides(body.content.here());
                written(receipt.done.first()).map(|written| Written { as_sent: !hidden, ..written })
            }
            Err(Error::Stale { have: None })
                if expect == Expect::Any && self.is_closed(who, place).await? =>
            {
                Err(Error::Locked)
            }
            Err(Error::Stale { have }) => Err(refusal(target.rights, expect, have)),
            Err(error) => Err(error),
        }
    }

    /// Checks a body against its collection and takes out by what it is found.
    pub(crate) async fn read(
        &self,
        collection: &kontor_model::Collection,
        media_type: &str,
        bytes: Bytes,
    ) -> Result<Body> {
        let kind = kind::of(collection.kind);
        let media_type = kind.named(media_type)?;
        let components = collection.components;
        let limits = self.inner.policy.limits.clone();
        let facets = if bytes.len() < LONG_BODY {
            kind.facets(&bytes, components, &limits)?
        } else {
            let bytes = bytes.clone();
            tokio::task::spawn_blocking(move || kind.facets(&bytes, components, &limits))
                .await
                .map_err(|_| Error::Internal("checking a body broke off".to_owned()))??
        };
        Ok(Body { media_type, content: bytes.into(), facets })
    }
}

/// The condition under which somebody with these rights may write at all.
pub(crate) fn condition(rights: Rights, expect: Expect) -> Result<Expect> {
    match (rights.has(Right::Insert), rights.has(Right::EditAll)) {
        (true, true) => Ok(expect),
        // May add, not replace.
        (true, false) => match expect {
            Expect::Any | Expect::Absent => Ok(Expect::Absent),
            Expect::Present | Expect::Exactly(..) => access::need(rights, Right::EditAll).map(|()| expect),
        },
        // May replace, not add.
        (false, true) => match expect {
            Expect::Any => Ok(Expect::Present),
            Expect::Absent => access::need(rights, Right::Insert).map(|()| expect),
            Expect::Present | Expect::Exactly(..) => Ok(expect),
        },
        (false, false) => access::need(rights, Right::Insert).map(|()| expect),
    }
}

/// Why a write was stale: the writer's own condition, or the one that lacking rights put in its place.
fn refusal(rights: Rights, asked: Expect, have: Option<Version>) -> Error {
    if asked == Expect::Any {
        return match (rights.has(Right::Insert), rights.has(Right::EditAll)) {
            // Their own item was changed by somebody else in the same moment.
            (true, true) => Error::Busy { retry_after: 1 },
            (true, false) => Error::Forbidden { right: Right::EditAll },
            (false, _) => Error::Forbidden { right: Right::Insert },
        };
    }
    // Who may not look is not told what is there.
    Error::Stale { have: have.filter(|_| rights.has(Right::Look)) }
}

/// What the store did to an item.
pub(crate) fn written(done: Option<&Done>) -> Result<Written> {
    match done {
        Some(Done::Item { id, version, revision, created }) => {
            Ok(Written { id: *id, version: *version, revision: *revision, created: *created, as_sent: true })
        }
        other => Err(Error::Internal(format!("writing an item was answered with {other:?}"))),
    }
}
