//! The blob store of one engine: its place, and its rows.

use super::claim::{Claim, in_service};
use super::collect;
use super::options::{BlobOptions, BlobPlace};
use super::place::Place;
use super::rows::{BlobOp, Engine, Step};
use crate::{Done, Op, Write};
use kontor_model::{AccountId, Actor, Clock, Error, IdMint, Origin, Result};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::OnceCell;

/// Large bodies of one store: what doors, housekeeping and administrators may ask of it.
pub struct Blobs {
    pub(super) engine: Arc<dyn Engine>,
    pub(super) place: Arc<Place>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) keep_unused: Duration,
    /// Whether no other node can be on the store.
    pub(super) alone: bool,
    pub(super) cursor: Mutex<collect::Cursor>,
    ids: IdMint,
    pub(super) chance: Arc<dyn kontor_model::Chance>,
    pub(super) claimed: OnceCell<Claim>,
    pub(super) named: BlobPlace,
}

impl Blobs {
    /// Opens the place; nothing is asked of it yet.
    pub(crate) fn open(engine: Arc<dyn Engine>, options: &BlobOptions, alone: bool) -> Result<Self> {
        let place = Place::open(options)?;
        Ok(Self {
            engine,
            place: Arc::new(place),
            clock: Arc::clone(&options.clock),
            keep_unused: options.keep_unused,
            alone,
            cursor: Mutex::default(),
            ids: IdMint::new(Arc::clone(&options.clock), Arc::clone(&options.chance)),
            chance: Arc::clone(&options.chance),
            claimed: OnceCell::new(),
            named: options.place.clone(),
        })
    }

    /// How a person calls the place.
    pub fn place(&self) -> String {
        self.place.called()
    }

    /// A step of book-keeping.
    pub(super) async fn step(&self, step: Step) -> Result<Done> {
        self.write(Op::Blob(BlobOp(step))).await
    }

    async fn write(&self, op: Op) -> Result<Done> {
        let (actor, origin, at) = (Actor::System, Origin::Job, self.clock.now());
        let write = Write { actor, origin, at, guards: Vec::new(), ops: vec![op] };
        let done = self.engine.write(write).await?.done.pop();
        done.ok_or_else(|| Error::Internal("keep the books of the blob store: no answer".to_owned()))
    }

    /// Says that an object is about to be laid down; its number.
    pub(super) async fn announce(&self, account: AccountId) -> Result<i64> {
        self.claim().await.map_err(in_service)?;
        let id = self.ids.item().0;
        let (at, upload) = (self.clock.now().millis(), self.place.first_upload());
        self.step(Step::Lay { account, id, at, upload }).await?;
        Ok(id)
    }
}
