//! Where a log-in is decided.

mod by_digest;

use crate::key::{Digest, purpose};
use crate::remembered::Remembered;
use crate::throttle::{Counters, Target};
use crate::ticket::Moment;
use crate::touched::Touched;
use crate::{
    Admission, Attempt, Credential, Denied, Digests, Directory, Proof, Scopes, ServerKey, SignInPolicy,
    Throttle, Ticket,
};
use kontor_model::{AccountId, Actor, Clock, Error, Origin, Principal, Result, Timestamp};
use kontor_store::{Op, Store, Write};
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::sync::{Mutex, MutexGuard};

/// What is remembered is held against the directory when it is not known what happened since longer ago than this.
const RECHECK: Duration = Duration::from_millis(1000);
/// Attempts on one account are decided one after the other; accounts share this many queues.
const QUEUES: usize = 64;
/// An app password's last use is kept to the day.
const DAY_S: i64 = 86_400;

/// A credential that was right.
struct Known {
    admission: Admission,
    until: Timestamp,
}

/// A credential that was wrong: for whom, and at which version of their secrets.
#[derive(PartialEq, Eq)]
struct Refused(Option<(AccountId, i64, bool)>);

/// Decides log-ins.
pub struct Gate {
    directory: Arc<dyn Directory>,
    throttle: Throttle,
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    key: ServerKey,
    remember_ms: i64,
    known: Remembered<Known>,
    refused: Remembered<Refused>,
    touched: Arc<Touched>,
    queues: Vec<Mutex<()>>,
    in_work: AtomicUsize,
    most_in_work: usize,
    digests: Option<Digests>,
}

impl fmt::Debug for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gate").field("directory", &self.directory.word()).finish_non_exhaustive()
    }
}

/// What an attempt showed, and how often others like it failed.
struct Tried<'a> {
    password: &'a str,
    credential: &'a Digest,
    counters: Option<&'a Counters>,
}

/// Takes one from the count of attempts in work, whatever way they end.
struct InWork<'a>(&'a AtomicUsize);

impl Drop for InWork<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Gate {
    /// A gate before `directory`; failures are counted in `store`.
    pub fn new(
        directory: Arc<dyn Directory>,
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        key: ServerKey,
        policy: &SignInPolicy,
    ) -> Self {
        let touched = Arc::new(Touched::default());
        let heard = touched.clone();
        store.watch(Box::new(move |news| heard.hear(news)));
        Self {
            directory,
            throttle: Throttle::new(store.clone(), clock.clone(), key.clone(), policy.throttle.clone()),
            store,
            clock,
            key,
            remember_ms: policy.remember_s.clamp(0, 3600) * 1000,
            known: Remembered::new(policy.remembered),
            refused: Remembered::new(policy.remembered),
            touched,
            queues: (0..QUEUES).map(|_| Mutex::new(())).collect(),
            in_work: AtomicUsize::new(0),
            most_in_work: policy.attempts_at_once.max(1),
            digests: None,
        }
    }

    /// Decides an attempt. A credential that is remembered costs a digest and a look-up.
    ///
    /// # Errors
    /// [`Denied`].
    pub async fn sign_in(&self, attempt: &Attempt<'_>) -> std::result::Result<Admission, Denied> {
        let (name, password) = (attempt.name.as_bytes(), attempt.password.as_bytes());
        let credential = self.key.digest(purpose::CREDENTIAL, &[name, password]);
        let now = self.clock.now();
        let admission = match self.fresh(&credential, now) {
            Some(admission) => admission,
            None => self.decide(attempt, &credential).await?,
        };
        if admission.scopes.allows(attempt.scope) { Ok(admission) } else { Err(Denied::Wrong) }
    }

    /// Whether an admission still holds: the account is as it was and open, what it showed would still let it in. Asks
    /// nobody as long as what this node knows is fresh.
    ///
    /// # Errors
    /// `Busy` if the directory is away: then it is not to be relied on.
    pub async fn still(&self, ticket: &Ticket) -> Result<bool> {
        if ticket.is_over(self.clock.now()) {
            return Ok(false);
        }
        if self.is_fresh(ticket) {
            return Ok(true);
        }
        let moment = self.moment();
        let now = self.directory.principal_by_id(ticket.principal.id).await?;
        let Some(now) = now.filter(|now| *now == ticket.principal) else { return Ok(false) };
        let holds = self.directory.holds(&now, &ticket.proof).await?;
        if holds {
            ticket.checked_at(moment);
        }
        Ok(holds)
    }

    /// Whether the account is there and open.
    ///
    /// # Errors
    /// `Busy` if the directory is away.
    pub async fn lets_in(&self, id: AccountId) -> Result<bool> {
        Ok(self.directory.principal_by_id(id).await?.is_some_and(|found| found.active))
    }

    /// To be read before what shall count as looked up then.
    fn moment(&self) -> Moment {
        Moment { epoch: self.touched.epoch(), steady: self.clock.steady() }
    }

    /// Whether nothing can have happened to the account, more than a moment ago, that speaks against the ticket.
    fn is_fresh(&self, ticket: &Ticket) -> bool {
        let knows = || self.store.lag().is_none_or(|lag| lag < RECHECK);
        !self.touched.since(ticket.epoch(), ticket.principal.id)
            && (knows() || ticket.age(self.clock.steady()) < RECHECK)
    }

    /// A remembered credential that need not be held against the directory.
    fn fresh(&self, credential: &Digest, now: Timestamp) -> Option<Admission> {
        let known = self.known.get(credential, now.millis())?;
        self.is_fresh(&known.admission.ticket).then(|| known.admission.clone())
    }

    async fn decide(
        &self,
        attempt: &Attempt<'_>,
        credential: &Digest,
    ) -> std::result::Result<Admission, Denied> {
        if let Some(admission) = self.recheck(attempt, credential).await? {
            return Ok(admission);
        }
        let _in_work = self.enter()?;
        let _turn = self.turn(attempt.name).await;
        if let Some(admission) = self.fresh(credential, self.clock.now()) {
            return Ok(admission);
        }
        self.check(attempt, credential).await
    }

    /// Counts an attempt in that takes work, unless there are too many.
    fn enter(&self) -> std::result::Result<InWork<'_>, Denied> {
        let before = self.in_work.fetch_add(1, Ordering::Relaxed);
        let in_work = InWork(&self.in_work);
        if before >= self.most_in_work { Err(Denied::TooMany { retry_after_s: 1 }) } else { Ok(in_work) }
    }

    /// One after the other for each name: a burst of the same credential is checked once, and a burst of guesses
    /// cannot slip past the throttle before the first of them is counted.
    async fn turn(&self, name: &str) -> Option<MutexGuard<'_, ()>> {
        let queue = self.key.digest(purpose::SCOPE, &[b"queue", name.as_bytes()]);
        let queue = self.queues.get(usize::from(queue.first().copied().unwrap_or(0)) % QUEUES);
        match queue {
            Some(queue) => Some(queue.lock().await),
            None => None,
        }
    }

    /// Holds a remembered credential against the directory; `None` if it is not remembered or no longer right.
    async fn recheck(&self, attempt: &Attempt<'_>, credential: &Digest) -> Result<Option<Admission>> {
        let now = self.clock.now();
        let Some(known) = self.known.get(credential, now.millis()) else { return Ok(None) };
        let (moment, before) = (self.moment(), &known.admission);
        let principal = self.directory.resolve(attempt.name).await?;
        let Some(principal) = principal.filter(|found| found.id == before.principal.id) else {
            self.known.forget(credential);
            return Ok(None);
        };
        if !self.directory.holds(&principal, &before.ticket.proof).await? {
            self.known.forget(credential);
            return Ok(None);
        }
        if principal == before.principal {
            before.ticket.checked_at(moment);
            return Ok(Some(before.clone()));
        }
        let ticket = Arc::new(Ticket::new(principal.clone(), before.ticket.proof.clone(), moment));
        let admission = Admission { principal, ticket, ..before.clone() };
        self.remember(*credential, admission.clone(), known.until);
        Ok(Some(admission))
    }

    fn remember(&self, key: Digest, admission: Admission, until: Timestamp) {
        self.known.put(key, Arc::new(Known { admission, until }), until.millis());
    }

    /// The slow way: throttle, then the directory.
    async fn check(
        &self,
        attempt: &Attempt<'_>,
        credential: &Digest,
    ) -> std::result::Result<Admission, Denied> {
        let moment = self.moment();
        let principal = self.directory.resolve(attempt.name).await?;
        let target = match &principal {
            Some(found) => Target::Account(found.id),
            None => Target::Unknown(attempt.name),
        };
        let counters = self.throttle.counters(&target, attempt.address).await?;
        if let Some(retry_after_s) = counters.as_ref().and_then(|counters| self.throttle.wait(counters)) {
            return Err(Denied::TooMany { retry_after_s });
        }
        let now = self.clock.now();
        let state = self.state(principal.as_ref()).await?;
        if self.refused.get(credential, now.millis()).is_some_and(|refused| *refused == state) {
            return Err(Denied::Wrong);
        }
        let tried = Tried { password: attempt.password, credential, counters: counters.as_ref() };
        let proof = self.proof(principal.as_ref(), &tried, now).await?;
        let (Some(principal), Some(proof)) = (principal, proof) else {
            self.refused.put(*credential, Arc::new(state), now.plus_millis(self.remember_ms).millis());
            return Err(Denied::Wrong);
        };
        if let Some(counters) = &counters {
            self.throttle.forgive(counters).await?;
        }
        self.learn(&principal, attempt, &proof).await;
        let (admission, until) = self.admit(principal, proof, moment).await?;
        self.remember(*credential, admission.clone(), until);
        Ok(admission)
    }

    /// What is right about what was tried; if nothing is, that is counted.
    async fn proof(
        &self,
        principal: Option<&Arc<Principal>>,
        tried: &Tried<'_>,
        now: Timestamp,
    ) -> std::result::Result<Option<Proof>, Denied> {
        if let Some(principal) = principal
            && let Some(proof) = self.directory.recognise(principal, tried.password, now).await?
        {
            return Ok(Some(proof));
        }
        let verify = self.directory.verify(principal, tried.password);
        match tried.counters {
            Some(counters) => self.counted(counters, tried.credential, verify).await,
            None => Ok(verify.await?),
        }
    }

    /// Decides by `verify`, and counts what was wrong.
    async fn counted(
        &self,
        counters: &Counters,
        tried: &Digest,
        verify: impl Future<Output = Result<Option<Proof>>>,
    ) -> std::result::Result<Option<Proof>, Denied> {
        if !self.store.is_shared() {
            let proof = verify.await?;
            if proof.is_none() {
                self.throttle.count(counters, tried).await?;
            }
            return Ok(proof);
        }
        let claim = self.throttle.claim(counters, tried).await?;
        let claim = claim.map_err(|retry_after_s| Denied::TooMany { retry_after_s })?;
        let proof = verify.await;
        match proof {
            Ok(None) => self.throttle.confirm(counters, &claim).await?,
            // What was not decided did not fail.
            _ => self.throttle.take_back(&claim).await?,
        }
        Ok(proof?)
    }

    /// What a refusal rests on: while it stays, the same credential is still wrong.
    async fn state(&self, principal: Option<&Arc<Principal>>) -> Result<Refused> {
        let Some(found) = principal else { return Ok(Refused(None)) };
        let version = self.directory.secret_version(found.id).await?;
        Ok(Refused(Some((found.id, version, found.active))))
    }

    /// Books a success: notes the day an app password was used. With when it is to be forgotten.
    async fn admit(
        &self,
        principal: Arc<Principal>,
        proof: Proof,
        at: Moment,
    ) -> Result<(Admission, Timestamp)> {
        let end = self.clock.now().plus_millis(self.remember_ms);
        let ticket = Arc::new(Ticket::new(principal.clone(), proof.clone(), at));
        match proof {
            Proof::Password { .. } => {
                let credential = Credential::Password;
                Ok((Admission { principal, scopes: Scopes::ALL, read_only: false, credential, ticket }, end))
            }
            Proof::AppPassword { id, scopes, read_only, expires, last_used } => {
                self.touch(&principal, id, last_used).await?;
                let until = expires.map_or(end, |expires| expires.min(end));
                let credential = Credential::AppPassword;
                Ok((Admission { principal, scopes, read_only, credential, ticket }, until))
            }
        }
    }

    async fn touch(
        &self,
        principal: &Principal,
        app_password: i64,
        last_used: Option<Timestamp>,
    ) -> Result<()> {
        let at = self.clock.now();
        // A later day was written by a node whose clock is ahead.
        if last_used.is_some_and(|last| last.secs().div_euclid(DAY_S) >= at.secs().div_euclid(DAY_S)) {
            return Ok(());
        }
        let op = Op::TouchAppPassword { id: principal.id, app_password };
        let actor = Actor::Account(principal.id);
        let write = Write { actor, origin: Origin::Job, at, guards: Vec::new(), ops: vec![op] };
        match self.store.write(write).await {
            // Revoked in between: the version moved with it, so the next look at the store refuses it. A full disk
            // must not keep anybody from reading.
            Ok(_) | Err(Error::NotFound | Error::NoSpace) => Ok(()),
            Err(error) => Err(error),
        }
    }
}
