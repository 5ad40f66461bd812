//! Whose a place is. A node whose folder is not the others', or whose bucket is another store's, would acknowledge bodies
//! that nobody else finds; two stores that believe the same objects to be theirs would take them from each other.
//!
//! A place is marked by an object, and the store knows the mark. What is carried to another database does not know it:
//! the new store marks the place anew when it first opens it, and the old one finds a strange mark from then on.

use super::books::Blobs;
use super::keeper::At;
use super::rows::Step;
use bytes::Bytes;
use kontor_model::{AccountId, Error, Result};
use std::sync::Arc;

/// The object that says whose place it is.
pub(super) const MARKER: &str = "kontor-store";
/// Most bytes in it.
const MARKER_BYTES: u64 = 64;
/// What a store has instead of a mark that reads what another one owns, and removes nothing.
pub(crate) const GUEST: &str = "guest";

/// How a place is a store's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Claim {
    /// By this mark.
    Own(String),
    /// It belongs to another.
    Guest,
}

impl Blobs {
    /// Sees to it that the place is this store's.
    ///
    /// # Errors
    /// `Unsupported`, with a text for the administrator, if it is not; `Busy` if it cannot be reached.
    pub(super) async fn claim(&self) -> Result<&Claim> {
        self.claimed.get_or_try_init(|| self.compare_marks()).await
    }

    /// The same when the store is opened, for an administrator. Waits, on whatever thread. With `At::Need` a store that
    /// has no place yet gets one later.
    pub(super) fn reach(self: &Arc<Self>, at: At) -> Result<()> {
        let (reply, answer) = std::sync::mpsc::channel();
        let blobs = Arc::clone(self);
        self.place.handle().spawn(async move {
            let answer = blobs.reached(at).await;
            // Whoever asked may open the store again at once.
            drop(blobs);
            let _ = reply.send(answer);
        });
        let place = self.place();
        match answer.recv() {
            Ok(Err(Error::Busy { .. })) => {
                let why = self.place.why_away();
                Err(Error::Internal(format!("cannot reach the blob store {place}: {why}")))
            }
            Ok(answer) => answer,
            Err(_) => Err(Error::Internal(format!("open the blob store {place}: no answer"))),
        }
    }

    async fn reached(&self, at: At) -> Result<()> {
        let needed = at == At::Once
            || self.engine.place_mark().await?.is_some()
            || self.some_object().await?.is_some();
        if needed { self.claim().await.map(drop) } else { Ok(()) }
    }

    async fn compare_marks(&self) -> Result<Claim> {
        let known = self.engine.place_mark().await?;
        let found = self.marker().await?;
        match (known.as_deref(), found.as_deref()) {
            (Some(GUEST), _) => self.visit().await,
            (Some(known), Some(found)) if known == found => Ok(Claim::Own(known.to_owned())),
            (Some(_), Some(_)) => Err(self.not_ours("belongs to another store")),
            (Some(known), None) => self.mark_again(known).await,
            (None, found) => self.take(found).await,
        }
    }

    /// The store has no place yet: it was made just now, or carried here.
    async fn take(&self, found: Option<&str>) -> Result<Claim> {
        let carried = self.some_object().await?;
        if let Some((object, size)) = &carried
            && self.place.size(object).await? != Some(*size)
        {
            return Err(self.not_ours("holds nothing of this store"));
        }
        let mark = match found {
            Some(found) if carried.is_none() => found.to_owned(),
            _ => self.new_mark(),
        };
        if found.is_none() {
            self.place.put_first(MARKER, mark.clone().into()).await?;
        }
        // Another node may have been faster.
        let mark = if found.is_none() { self.marker().await?.unwrap_or(mark) } else { mark };
        self.step(Step::Take { mark: mark.clone() }).await?;
        let known = self.engine.place_mark().await?.unwrap_or(mark);
        if self.marker().await?.as_ref() == Some(&known) {
            return Ok(Claim::Own(known));
        }
        if carried.is_none() {
            return Err(self.not_ours("is not where the other nodes have it"));
        }
        self.place.put(MARKER, known.clone().into()).await?;
        Ok(Claim::Own(known))
    }

    /// The mark is gone. Where nothing can be missed, and nobody else be on the store, it is made again.
    async fn mark_again(&self, known: &str) -> Result<Claim> {
        if !self.alone || self.some_object().await?.is_some() {
            return Err(self.not_ours("holds nothing of this store"));
        }
        self.place.put_first(MARKER, known.to_owned().into()).await?;
        match self.marker().await? {
            Some(found) if found == known => Ok(Claim::Own(found)),
            _ => Err(self.not_ours("belongs to another store")),
        }
    }

    async fn visit(&self) -> Result<Claim> {
        match self.some_object().await? {
            Some((object, size)) if self.place.size(&object).await? != Some(size) => {
                Err(self.not_ours("does not hold what this copy shares with the store that it was made of"))
            }
            _ => Ok(Claim::Guest),
        }
    }

    /// Whether the place still has the mark under which it was taken.
    pub(super) async fn is_still_ours(&self) -> Result<bool> {
        Ok(match self.claim().await? {
            Claim::Own(mark) => self.marker().await?.as_ref() == Some(mark),
            Claim::Guest => false,
        })
    }

    async fn marker(&self) -> Result<Option<String>> {
        let found: Option<Bytes> = self.place.get(MARKER, MARKER_BYTES).await?;
        Ok(found.map(|found| String::from_utf8_lossy(&found).trim_end().to_owned()))
    }

    fn new_mark(&self) -> String {
        let mut random = [0; 16];
        self.chance.fill(&mut random);
        random.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Name and size of an object that some body may refer to.
    async fn some_object(&self) -> Result<Option<(String, u64)>> {
        let mut after = (AccountId(i64::MIN), i64::MIN);
        loop {
            let rows = self.engine.next_blobs(after, 100).await?;
            let Some(last) = rows.last() else { return Ok(None) };
            after = (last.account, last.id);
            if let Some(kept) = rows.iter().find_map(super::Row::kept) {
                return Ok(Some((kept.object(), kept.size())));
            }
        }
    }

    fn not_ours(&self, what: &str) -> Error {
        let place = self.place();
        Error::Unsupported {
            detail: format!(
                "{place} {what}: name the place where its large bodies are, on every node (--blobs)"
            ),
        }
    }
}

/// What was said to an administrator is for the log, once somebody else asks.
pub(super) fn in_service(error: Error) -> Error {
    match error {
        Error::Unsupported { detail } => Error::Internal(detail),
        other => other,
    }
}
