//! The blob store of one engine: its place, and its rows.

use super::collect;
use super::keeper::At;
use super::options::BlobOptions;
use super::place::Place;
use super::rows::{BlobOp, Engine, Step};
use crate::{Done, Op, Write};
use bytes::Bytes;
use kontor_model::{AccountId, Actor, Clock, Error, IdMint, Origin, Result};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::OnceCell;

/// The object that says whose place it is.
pub(super) const MARKER: &str = "kontor-store";
/// The setting that says the same.
const SETTING: &str = "blobs";
/// Most bytes of either.
const MARKER_BYTES: u64 = 64;

/// Large bodies of one store: what doors, housekeeping and administrators may ask of it.
pub struct Blobs {
    pub(super) engine: Arc<dyn Engine>,
    pub(super) place: Arc<Place>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) keep_unused: Duration,
    pub(super) cursor: Mutex<collect::Cursor>,
    ids: IdMint,
    chance: Arc<dyn kontor_model::Chance>,
    claimed: OnceCell<()>,
}

impl Blobs {
    /// Opens the place; nothing is asked of it yet.
    pub(crate) fn open(engine: Arc<dyn Engine>, options: &BlobOptions) -> Result<Self> {
        let place = Place::open(options)?;
        Ok(Self {
            engine,
            place: Arc::new(place),
            clock: Arc::clone(&options.clock),
            keep_unused: options.keep_unused,
            cursor: Mutex::default(),
            ids: IdMint::new(Arc::clone(&options.clock), Arc::clone(&options.chance)),
            chance: Arc::clone(&options.chance),
            claimed: OnceCell::new(),
        })
    }

    /// How a person calls the place.
    pub fn place(&self) -> String {
        self.place.called()
    }

    /// Sees to it that the place is this store's: a node whose folder is not the others', or whose bucket is another
    /// store's, would acknowledge bodies that nobody else finds.
    ///
    /// # Errors
    /// `Unsupported`, with a text for the administrator, if it is not; `Busy` if it cannot be reached.
    pub(crate) async fn claim(&self) -> Result<()> {
        self.claimed.get_or_try_init(|| self.compare_marks()).await.map(drop)
    }

    /// The same when the store is opened, for an administrator. Waits, on whatever thread. With `At::Need` a store that
    /// has no place yet gets one later.
    pub(super) fn reach(self: &Arc<Self>, at: At) -> Result<()> {
        let (reply, answer) = std::sync::mpsc::channel();
        let blobs = Arc::clone(self);
        self.place.handle().spawn(async move {
            let answer = match blobs.engine.setting(SETTING).await {
                Ok(None) if at == At::Need => Ok(()),
                _ => blobs.claim().await,
            };
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

    async fn compare_marks(&self) -> Result<()> {
        let setting = self.engine.setting(SETTING).await?;
        let marker = match self.place.get(MARKER, MARKER_BYTES).await? {
            None if setting.is_none() => self.mark().await?,
            found => found,
        };
        let setting = match (setting, &marker) {
            (None, Some(marker)) => self.settle(marker).await?,
            (setting, _) => setting,
        };
        if marker.as_deref() == setting.as_deref() {
            return Ok(());
        }
        let found = if marker.is_some() { "belongs to another store" } else { "holds nothing of this store" };
        let place = self.place();
        Err(Error::Unsupported {
            detail: format!(
                "{place} {found}, whose large bodies lie elsewhere: name the same place on every node (--blobs)"
            ),
        })
    }

    /// Marks a place that nobody has; what its mark then is.
    async fn mark(&self) -> Result<Option<Bytes>> {
        let mut random = [0; 16];
        self.chance.fill(&mut random);
        let mark: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
        self.place.put_first(MARKER, mark.into()).await?;
        self.place.get(MARKER, MARKER_BYTES).await
    }

    /// Takes the place for the store, unless it has one; which one it then has.
    async fn settle(&self, marker: &Bytes) -> Result<Option<Vec<u8>>> {
        self.write(Op::InitSetting { key: SETTING.to_owned(), value: marker.to_vec() }).await?;
        self.engine.setting(SETTING).await
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

/// What was said to an administrator is for the log, once somebody else asks.
pub(super) fn in_service(error: Error) -> Error {
    match error {
        Error::Unsupported { detail } => Error::Internal(detail),
        other => other,
    }
}
