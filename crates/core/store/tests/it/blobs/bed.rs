//! A store whose clock stands still and whose objects can be looked at.

use crate::suite::world::{WORK, World, body, owner, source};
use crate::suite::{Engine, engines_and_places};
use kontor_model::{CollectionId, FixedClock, Result, Timestamp};
use kontor_store::{BlobOptions, Blobs, Body, Content, Done, Expect, History, INLINE_BYTES};
use std::collections::BTreeSet;
use std::sync::Arc;

/// More than lies in the database.
pub(super) const LARGE: usize = INLINE_BYTES + 1;
/// When it is, in milliseconds: as the writes of a world say.
const NOW: i64 = 1_000_000;
/// How long what nothing refers to is kept.
pub(super) const HOUR: i64 = 3_600_000;

pub(super) struct Bed {
    pub(super) world: World,
    pub(super) engine: Engine,
    pub(super) clock: Arc<FixedClock>,
}

/// Runs `test` on a fresh store of every engine.
pub(super) fn on_every_engine<F: Future<Output = ()>>(test: impl Fn(Bed) -> F) {
    on_every_engine_keeping(History::default(), test);
}

/// The same, with what is kept of what items said before.
pub(super) fn on_every_engine_keeping<F: Future<Output = ()>>(history: History, test: impl Fn(Bed) -> F) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    for engine in engines_and_places() {
        let clock = Arc::new(FixedClock::at(Timestamp::from_millis(NOW)));
        let store = engine.open_keeping(options(&engine, &clock), history).unwrap();
        runtime.block_on(async {
            let world = World::new(Arc::clone(&store)).await;
            test(Bed { world, engine, clock }).await;
            store.close().await.unwrap();
        });
    }
}

/// What was not referred to for an hour may go.
pub(super) fn options(engine: &Engine, clock: &Arc<FixedClock>) -> BlobOptions {
    let keep_unused = std::time::Duration::from_millis(HOUR.unsigned_abs());
    BlobOptions { clock: Arc::<FixedClock>::clone(clock), keep_unused, ..engine.blobs() }
}

impl Bed {
    pub(super) fn blobs(&self) -> Arc<Blobs> {
        self.world.store.blobs().unwrap()
    }

    /// Puts a body, whatever is there.
    pub(super) async fn put(&self, collection: CollectionId, name: &str, text: &[u8]) -> Result<Done> {
        self.world.act(self.world.put_op(source(collection, name), Expect::Any, of(text.to_vec()))).await
    }

    /// The bytes of an item.
    pub(super) async fn read(&self, collection: CollectionId, name: &str) -> Option<Vec<u8>> {
        self.world.item(collection, name).await.map(|item| item.body.to_vec())
    }

    /// Names of all objects.
    pub(super) async fn objects(&self) -> BTreeSet<String> {
        names(&self.blobs()).await
    }

    /// Collects an hour later; how many objects went.
    pub(crate) async fn collect_later(&self) -> u64 {
        self.clock.advance_millis(HOUR + 1_000);
        collect(&self.blobs()).await
    }

    /// All objects are what something refers to, and what was put.
    pub(super) async fn is_in_order(&self, referred: usize) {
        let blobs = self.blobs();
        let mut kept = BTreeSet::new();
        let mut all = blobs.kept();
        while let Some(blob) = all.next().await {
            let blob = blob.unwrap();
            assert_eq!(blobs.verify(&blob).await, Ok(kontor_store::blob::Verdict::Good), "{blob:?}");
            kept.insert(blob.object());
        }
        assert_eq!((self.objects().await, kept.len()), (kept, referred));
    }
}

pub(crate) async fn names(blobs: &Blobs) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut objects = blobs.objects();
    while let Some(object) = objects.next().await {
        let object = object.unwrap();
        assert!(blobs.is_known(&object).await.unwrap(), "{object:?} is nobody's");
        found.insert(object.name);
    }
    found
}

/// Collects all that can be; how many objects went.
pub(crate) async fn collect(blobs: &Blobs) -> u64 {
    let mut removed = 0;
    loop {
        let collected = blobs.collect().await.unwrap();
        removed += collected.removed;
        if !collected.more {
            return removed;
        }
    }
}

pub(crate) fn of(content: impl Into<Content>) -> Body {
    Body { content: content.into(), ..body("", None) }
}

/// So many bytes that look like nothing; another seed, other bytes.
pub(crate) fn noise(seed: u64, length: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    };
    let mut out = Vec::with_capacity(length + 8);
    while out.len() < length {
        out.extend_from_slice(&next());
    }
    out.truncate(length);
    out
}

/// One collection for short.
pub(super) const HERE: CollectionId = WORK;

/// Whose it is.
pub(super) fn whose(collection: CollectionId) -> kontor_model::AccountId {
    owner(collection)
}
