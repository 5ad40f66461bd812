//! Where a log-in is decided.

use crate::key::{Digest, purpose};
use crate::remembered::Remembered;
use crate::throttle::{Counters, Target};
use crate::{Directory, Proof, Scope, Scopes, ServerKey, SignInPolicy, Throttle};
use kontor_model::{Actor, Clock, Error, Origin, Principal, Result, Timestamp};
use kontor_store::{Op, Store, Write};
use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, AtomicUsize, Ordering};
use tokio::sync::Mutex;

/// A remembered credential is held against the store when this old, in case another node changed the account.
const RECHECK_MS: i64 = 1000;
/// Attempts on one account are decided one after the other; accounts share this many queues.
const QUEUES: usize = 64;
/// An app password's last use is kept to the day.
const DAY_S: i64 = 86_400;

/// An attempt to sign in.
#[derive(Clone, Copy)]
pub struct Attempt<'a> {
    /// Log-in name, or mail address.
    pub name: &'a str,
    /// Password or app password.
    pub password: &'a str,
    /// Where it comes from, after trusted proxies.
    pub address: IpAddr,
    /// What for.
    pub scope: Scope,
}

impl fmt::Debug for Attempt<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Attempt")
            .field("address", &self.address)
            .field("scope", &self.scope)
            .finish_non_exhaustive()
    }
}

/// What a log-in that succeeded may do.
#[derive(Clone, Debug)]
pub struct Admission {
    /// Who it is.
    pub principal: Arc<Principal>,
    /// What the credential is good for.
    pub scopes: Scopes,
    /// Whether it may only read.
    pub read_only: bool,
    /// What was shown.
    pub credential: Credential,
}

/// With what sort of secret somebody got in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Credential {
    /// The account's own password, or a proof as good.
    Password,
    /// One made for a device; it makes no further secrets.
    AppPassword,
}

/// Why not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Denied {
    /// Name or password are wrong, or the account is closed, or the app password is not for this.
    Wrong,
    /// Too many wrong attempts; nothing was checked.
    TooMany {
        /// Try again after this many seconds.
        retry_after_s: u32,
    },
    /// Our fault, or the source of accounts is away: whether it was right is not known.
    Fault(Error),
}

impl From<Error> for Denied {
    fn from(error: Error) -> Self {
        Self::Fault(error)
    }
}

/// A credential that was right.
struct Known {
    admission: Admission,
    secret_version: i64,
    until: Timestamp,
    checked_ms: AtomicI64,
    epoch: AtomicU64,
}

/// A credential that was wrong: for whom, and at which version of their secrets.
#[derive(PartialEq, Eq)]
struct Refused(Option<(kontor_model::AccountId, i64, bool)>);

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
    /// Moves with every change of an account on this node.
    epoch: AtomicU64,
    queues: Vec<Mutex<()>>,
    in_work: AtomicUsize,
    most_in_work: usize,
}

impl fmt::Debug for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gate").field("directory", &self.directory.word()).finish_non_exhaustive()
    }
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
        Self {
            directory,
            throttle: Throttle::new(store.clone(), clock.clone(), key.clone(), policy.throttle.clone()),
            store,
            clock,
            key,
            remember_ms: policy.remember_s.clamp(0, 3600) * 1000,
            known: Remembered::new(policy.remembered),
            refused: Remembered::new(policy.remembered),
            epoch: AtomicU64::new(0),
            queues: (0..QUEUES).map(|_| Mutex::new(())).collect(),
            in_work: AtomicUsize::new(0),
            most_in_work: policy.attempts_at_once.max(1),
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

    /// To be called after every commit that changed an account or a secret: whatever is remembered is held against
    /// the store again before it counts.
    pub fn forget(&self) {
        self.epoch.fetch_add(1, Ordering::AcqRel);
    }

    /// A remembered credential that need not be held against the store.
    fn fresh(&self, credential: &Digest, now: Timestamp) -> Option<Admission> {
        let known = self.known.get(credential, now.millis())?;
        let age = now.millis().saturating_sub(known.checked_ms.load(Ordering::Acquire));
        let same = known.epoch.load(Ordering::Acquire) == self.epoch.load(Ordering::Acquire);
        (same && (0..RECHECK_MS).contains(&age)).then(|| known.admission.clone())
    }

    async fn decide(
        &self,
        attempt: &Attempt<'_>,
        credential: &Digest,
    ) -> std::result::Result<Admission, Denied> {
        if let Some(admission) = self.recheck(attempt, credential).await? {
            return Ok(admission);
        }
        let before = self.in_work.fetch_add(1, Ordering::Relaxed);
        let _in_work = InWork(&self.in_work);
        if before >= self.most_in_work {
            return Err(Denied::TooMany { retry_after_s: 1 });
        }
        // One after the other for each name: a burst of the same credential is checked once, and a burst of guesses
        // cannot slip past the throttle before the first of them is counted.
        let queue = self.key.digest(purpose::SCOPE, &[b"queue", attempt.name.as_bytes()]);
        let queue = self.queues.get(usize::from(queue.first().copied().unwrap_or(0)) % QUEUES);
        let _turn = match queue {
            Some(queue) => Some(queue.lock().await),
            None => None,
        };
        if let Some(admission) = self.fresh(credential, self.clock.now()) {
            return Ok(admission);
        }
        self.check(attempt, credential).await
    }

    /// Holds a remembered credential against the store; `None` if it is not remembered or no longer right.
    async fn recheck(&self, attempt: &Attempt<'_>, credential: &Digest) -> Result<Option<Admission>> {
        let now = self.clock.now();
        let Some(known) = self.known.get(credential, now.millis()) else { return Ok(None) };
        let epoch = self.epoch.load(Ordering::Acquire);
        let principal = self.directory.resolve(attempt.name).await?;
        let still = principal.filter(|found| found.id == known.admission.principal.id && found.active);
        let Some(principal) = still else {
            self.known.forget(credential);
            return Ok(None);
        };
        if self.directory.secret_version(principal.id).await? != known.secret_version {
            self.known.forget(credential);
            return Ok(None);
        }
        if principal == known.admission.principal {
            known.checked_ms.store(now.millis(), Ordering::Release);
            known.epoch.store(epoch, Ordering::Release);
            return Ok(Some(known.admission.clone()));
        }
        let admission = Admission { principal, ..known.admission.clone() };
        self.remember(*credential, admission.clone(), known.secret_version, known.until, epoch);
        Ok(Some(admission))
    }

    fn remember(&self, key: Digest, admission: Admission, secret_version: i64, until: Timestamp, epoch: u64) {
        let known = Known {
            admission,
            secret_version,
            until,
            checked_ms: AtomicI64::new(self.clock.now().millis()),
            epoch: AtomicU64::new(epoch),
        };
        self.known.put(key, Arc::new(known), until.millis());
    }

    /// The slow way: throttle, then the directory.
    async fn check(
        &self,
        attempt: &Attempt<'_>,
        credential: &Digest,
    ) -> std::result::Result<Admission, Denied> {
        let epoch = self.epoch.load(Ordering::Acquire);
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
        let verified = self.directory.verify(principal.as_ref(), attempt.password, now).await?;
        match (principal, verified.proof) {
            (Some(principal), Some(proof)) => {
                let end = now.plus_millis(self.remember_ms);
                let (admission, until) = self.admit(principal, proof, end, counters.as_ref()).await?;
                self.remember(*credential, admission.clone(), verified.version, until, epoch);
                Ok(admission)
            }
            _ => {
                if let Some(counters) = &counters {
                    self.throttle.count(counters, credential).await?;
                }
                self.refused.put(*credential, Arc::new(state), now.plus_millis(self.remember_ms).millis());
                Err(Denied::Wrong)
            }
        }
    }

    /// What a refusal rests on: while it stays, the same credential is still wrong.
    async fn state(&self, principal: Option<&Arc<Principal>>) -> Result<Refused> {
        let Some(found) = principal else { return Ok(Refused(None)) };
        let version = self.directory.secret_version(found.id).await?;
        Ok(Refused(Some((found.id, version, found.active))))
    }

    /// Books a success: forgives earlier failures, notes the day an app password was used.
    async fn admit(
        &self,
        principal: Arc<Principal>,
        proof: Proof,
        end: Timestamp,
        counters: Option<&Counters>,
    ) -> Result<(Admission, Timestamp)> {
        if let Some(counters) = counters {
            self.throttle.forgive(counters).await?;
        }
        match proof {
            Proof::Password => Ok((
                Admission {
                    principal,
                    scopes: Scopes::ALL,
                    read_only: false,
                    credential: Credential::Password,
                },
                end,
            )),
            Proof::AppPassword { id, scopes, read_only, expires, last_used } => {
                self.touch(&principal, id, last_used).await?;
                let until = expires.map_or(end, |expires| expires.min(end));
                Ok((Admission { principal, scopes, read_only, credential: Credential::AppPassword }, until))
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
        if last_used.is_some_and(|last| last.secs().div_euclid(DAY_S) == at.secs().div_euclid(DAY_S)) {
            return Ok(());
        }
        let op = Op::TouchAppPassword { id: principal.id, app_password };
        let actor = Actor::Account(principal.id);
        let write = Write { actor, origin: Origin::Job, at, guards: Vec::new(), ops: vec![op] };
        match self.store.write(write).await {
            // Revoked in between: the version moved with it, so the next look at the store refuses it. A full disk
            // must not keep anybody from reading.
            Ok(_) | Err(Error::NotFound | Error::Quota) => Ok(()),
            Err(error) => Err(error),
        }
    }
}
