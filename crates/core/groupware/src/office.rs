//! The office: what the verbs work on.

use crate::access;
use crate::watch::Hub;
use crate::{Asker, Limits, Place, Policy};
use kontor_directory::{
    Attempt, Denied, DigestAttempt, DigestChallenge, Digests, Directory, Gate, Hasher, Internal, ServerKey,
};
use kontor_model::{AccountId, Chance, Clock, Collection, Error, IdMint, Result, Rights, Timestamp};
use kontor_store::{Guard, Op, Receipt, Shelf, Store, Write};
use std::fmt;
use std::sync::{Arc, OnceLock};
use tokio::sync::Mutex;

/// How often a verb decides anew when collections or grants move under it, before it gives up.
const TRIES: usize = 16;
/// Changes of the collections and grants of one account are decided one after the other; accounts share this many
/// queues.
const QUEUES: usize = 64;

/// What an office is made of.
pub struct Parts {
    /// Where everything is kept.
    pub store: Arc<dyn Store>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Where secrets and ids come from.
    pub chance: Arc<dyn Chance>,
    /// What was tuned.
    pub policy: Policy,
}

/// All verbs; cheap to clone.
#[derive(Clone)]
pub struct Office {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) chance: Arc<dyn Chance>,
    pub(crate) policy: Policy,
    pub(crate) ids: IdMint,
    pub(crate) key: ServerKey,
    pub(crate) hasher: Arc<Hasher>,
    pub(crate) directory: Arc<dyn Directory>,
    pub(crate) gate: Arc<Gate>,
    pub(crate) hub: Arc<Hub>,
    queues: Vec<Mutex<()>>,
    /// The account of the public store, once it is known.
    pub(crate) public_store: OnceLock<AccountId>,
}

impl fmt::Debug for Office {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Office").field("policy", &self.inner.policy).finish_non_exhaustive()
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.hub.close();
    }
}

impl Office {
    /// Opens the office on a store: reads or makes the secret key, starts telling watchers. Has to be called inside
    /// the runtime.
    ///
    /// # Errors
    /// Those of the store; `Internal` if the policy's password cost is out of range.
    pub async fn open(parts: Parts) -> Result<Self> {
        let Parts { store, clock, chance, policy } = parts;
        let key = ServerKey::load(&*store, &*clock, &*chance).await?;
        let hasher = Arc::new(Hasher::new(&policy.sign_in, chance.clone())?);
        let internal = Internal::new(store.clone(), hasher.clone(), key.clone());
        let directory: Arc<dyn Directory> = Arc::new(internal);
        let sign_in = &policy.sign_in;
        let gate = Gate::new(directory.clone(), store.clone(), clock.clone(), key.clone(), sign_in);
        let digests = Digests::new(store.clone(), clock.clone(), chance.clone(), key.clone(), sign_in);
        let gate = Arc::new(gate.with_digests(digests));
        let hub = Hub::start(store.clone(), gate.clone());
        let ids = IdMint::new(clock.clone(), chance.clone());
        let queues = (0..QUEUES).map(|_| Mutex::new(())).collect();
        let public_store = OnceLock::new();
        let inner = Inner {
            store,
            clock,
            chance,
            policy,
            ids,
            key,
            hasher,
            directory,
            gate,
            hub,
            queues,
            public_store,
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Decides a log-in. A credential that was right within the last minutes costs a microsecond.
    ///
    /// # Errors
    /// [`Denied`].
    pub async fn sign_in(&self, attempt: Attempt<'_>) -> std::result::Result<Asker, Denied> {
        let admission = self.inner.gate.sign_in(&attempt).await?;
        Ok(Asker::admitted(admission, attempt.scope))
    }

    /// Decides a log-in by HTTP Digest.
    ///
    /// # Errors
    /// [`Denied`]; always `Wrong` where that is switched off.
    pub async fn sign_in_by_digest(&self, attempt: DigestAttempt<'_>) -> std::result::Result<Asker, Denied> {
        let admission = self.inner.gate.sign_in_by_digest(&attempt).await?;
        Ok(Asker::admitted(admission, attempt.scope))
    }

    /// What to ask a stranger for who must not show a password; nothing where that is switched off.
    pub fn challenges(&self) -> Vec<DigestChallenge> {
        self.inner.gate.challenges()
    }

    /// Whether who asks would still be let in; to be asked by whoever serves one request for long. Costs nothing as long
    /// as what is known of accounts is fresh.
    ///
    /// # Errors
    /// `Busy` if not, or if that cannot be found out: whoever comes again signs in again.
    pub async fn still(&self, who: &Asker) -> Result<()> {
        let Some(ticket) = &who.ticket else { return Ok(()) };
        if self.inner.gate.still(ticket).await? { Ok(()) } else { Err(Error::Busy { retry_after: 1 }) }
    }

    /// The time, for what is written into answers.
    pub fn now(&self) -> Timestamp {
        self.inner.clock.now()
    }

    /// 128 bits that nobody guesses and nobody had before: for names of what is made.
    pub fn fresh(&self) -> u128 {
        let mut bytes = [0; 16];
        self.inner.chance.fill(&mut bytes);
        u128::from_be_bytes(bytes)
    }

    /// Sizes and counts that the verbs keep.
    pub fn limits(&self) -> &Limits {
        &self.inner.policy.limits
    }

    /// Everything that was tuned.
    pub fn policy(&self) -> &Policy {
        &self.inner.policy
    }

    /// Ends every watch, so that whoever serves them can go. Reading and writing go on until the store is closed.
    pub fn end_watches(&self) {
        self.inner.hub.close();
    }

    pub(crate) fn store(&self) -> &dyn Store {
        &*self.inner.store
    }

    pub(crate) async fn shelf(&self, account: AccountId) -> Result<Arc<Shelf>> {
        self.inner.store.shelf(account).await
    }

    /// The collection of a place as it is now, and what the asker may do on it.
    pub(crate) async fn look(&self, who: &Asker, place: &Place) -> Result<(Arc<Collection>, Rights)> {
        self.still(who).await?;
        let shelf = self.shelf(place.account()).await?;
        place.agrees(&shelf)?;
        self.look_on(who, &shelf, place)
    }

    /// The same by the shelf on which the place was found: for whoever proves that it is still that one.
    pub(crate) fn glance(&self, who: &Asker, place: &Place) -> Result<(Arc<Collection>, Rights)> {
        self.look_on(who, &place.shelf, place)
    }

    fn look_on(&self, who: &Asker, shelf: &Shelf, place: &Place) -> Result<(Arc<Collection>, Rights)> {
        let collection = shelf.collection(place.id()).ok_or(Error::NotFound)?;
        let rights = access::on(&self.inner.policy, who, shelf, collection);
        if rights == Rights::NONE { Err(Error::NotFound) } else { Ok((collection.clone(), rights)) }
    }

    /// As [`Office::commit`] for a single place: first by the shelf on which it was found, which the write proves.
    pub(crate) async fn commit_at(
        &self,
        who: &Asker,
        place: &Place,
        decide: impl Fn(&[Arc<Shelf>]) -> Result<Vec<Op>>,
    ) -> Result<Receipt> {
        self.still(who).await?;
        let seen = &place.shelf;
        let shelves = std::slice::from_ref(seen);
        if let Ok(ops) = decide(shelves).and_then(|ops| self.judged(who, shelves, ops))
            && !ops.is_empty()
        {
            match self.write(who, vec![self.guard(seen)], ops).await {
                Err(Error::Busy { retry_after: 0 }) => {}
                done => return done,
            }
        }
        place.agrees(&*self.shelf(place.account()).await?)?;
        self.commit(who, &[place.account()], decide).await
    }

    /// Decides on the shelves of `accounts` (in that order) as they are now, and writes what was decided, bound to
    /// them. If one of them moved in between, decides anew.
    pub(crate) async fn commit(
        &self,
        who: &Asker,
        accounts: &[AccountId],
        decide: impl Fn(&[Arc<Shelf>]) -> Result<Vec<Op>>,
    ) -> Result<Receipt> {
        for _ in 0..TRIES {
            self.still(who).await?;
            let mut shelves = Vec::with_capacity(accounts.len());
            for account in accounts {
                shelves.push(self.shelf(*account).await?);
            }
            let ops = self.judged(who, &shelves, decide(&shelves)?)?;
            if ops.is_empty() {
                return Ok(Receipt::default());
            }
            let guards = shelves.iter().map(|shelf| self.guard(shelf)).collect();
            match self.write(who, guards, ops).await {
                Err(Error::Busy { retry_after: 0 }) => {}
                done => return done,
            }
        }
        Err(Error::Busy { retry_after: 1 })
    }

    /// As [`Office::commit`], for what changes collections or grants themselves: one after the other for each account,
    /// as each would make the others decide anew. What it changes for watchers is remembered first.
    pub(crate) async fn commit_shelf(
        &self,
        who: &Asker,
        accounts: &[AccountId],
        decide: impl Fn(&[Arc<Shelf>]) -> Result<Vec<Op>>,
    ) -> Result<Receipt> {
        let mut queues: Vec<usize> =
            accounts.iter().map(|id| usize::try_from(id.0.unsigned_abs()).unwrap_or(0) % QUEUES).collect();
        // Always in the same order, so that two that need two queues cannot wait for each other.
        queues.sort_unstable();
        queues.dedup();
        let mut turns = Vec::with_capacity(queues.len());
        for queue in queues.into_iter().filter_map(|queue| self.inner.queues.get(queue)) {
            turns.push(queue.lock().await);
        }
        self.commit(who, accounts, |shelves| {
            let ops = decide(shelves)?;
            shelves.iter().for_each(|shelf| self.inner.hub.remember(shelf));
            Ok(ops)
        })
        .await
    }

    /// Writes.
    pub(crate) async fn write(&self, who: &Asker, guards: Vec<Guard>, ops: Vec<Op>) -> Result<Receipt> {
        let write = Write { actor: who.actor(), origin: who.origin, at: self.inner.clock.now(), guards, ops };
        let receipt = self.inner.store.write(write).await?;
        for reached in &receipt.reached {
            self.say(*reached).await;
        }
        Ok(receipt)
    }

    /// Binds a write to a shelf, and to how much its account may hold.
    fn guard(&self, shelf: &Shelf) -> Guard {
        Guard { account: shelf.account, shelf: shelf.version, quota: self.allotted(shelf) }
    }
}
