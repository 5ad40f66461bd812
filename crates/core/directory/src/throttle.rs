//! Who guessed too often has to wait (features.md 2.14). Nothing sleeps here: the wait is told.
//!
//! Times of failures are those of the nodes that counted them, whose clocks may be minutes apart. A time a little in the
//! future counts as now. One that is further off, or too far in the past, makes nobody wait between two attempts: who
//! knows how long ago that was. What holds guessers up in the end, the number of failures within half an hour, changes
//! little by it.

use crate::key::{Digest, ServerKey, purpose};
use crate::{ThrottlePolicy, subnet};
use kontor_model::{AccountId, Actor, Clock, Error, Origin, Result, Timestamp};
use kontor_store::{Failure, Op, Store, Write};
use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

/// Counts failed log-ins in the store, so that a restart forgets nothing.
pub struct Throttle {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    key: ServerKey,
    policy: ThrottlePolicy,
}

impl fmt::Debug for Throttle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Throttle").field("policy", &self.policy).finish_non_exhaustive()
    }
}

/// One counter that an attempt falls under.
struct Counter {
    scope: String,
    weight: usize,
    failures: Vec<Failure>,
}

/// The counters of one attempt, as they stand.
pub(crate) struct Counters {
    /// (account, subnet), account, subnet.
    all: Vec<Counter>,
}

impl Counters {
    /// Those that are about this account alone.
    fn of_account(&self) -> impl Iterator<Item = &Counter> {
        self.all.iter().take(2)
    }

    /// The one that all who come from the subnet share.
    fn of_subnet(&self) -> impl Iterator<Item = &Counter> {
        self.all.iter().skip(2)
    }
}

/// An attempt that was counted before it was decided.
pub(crate) struct Claim {
    scopes: Vec<String>,
    tried: Vec<u8>,
    at: Timestamp,
}

/// Whom an attempt names: a known account, or a name without one.
pub(crate) enum Target<'a> {
    Account(AccountId),
    Unknown(&'a str),
}

impl Throttle {
    /// Counts in `store`.
    pub fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>, key: ServerKey, policy: ThrottlePolicy) -> Self {
        Self { store, clock, key, policy }
    }

    /// The counters for an attempt; `None` if its address is exempt or nothing is counted.
    pub(crate) async fn counters(&self, target: &Target<'_>, from: IpAddr) -> Result<Option<Counters>> {
        if !self.policy.enabled || self.policy.exempt.iter().any(|network| network.holds(from)) {
            return Ok(None);
        }
        let since = self.since();
        let mut all = Vec::with_capacity(3);
        for (scope, weight) in self.scopes(target, from) {
            let failures = self.store.failures(&scope, since).await?;
            all.push(Counter { scope, weight, failures });
        }
        Ok(Some(Counters { all }))
    }

    /// Failures before this do not count any more.
    fn since(&self) -> Timestamp {
        let window_s = self.policy.window_s.clamp(0, ThrottlePolicy::LONGEST_WINDOW_S);
        self.clock.now().plus_millis(-window_s * 1000)
    }

    /// The keys, with what it takes for one. Names are digested: people type passwords into the wrong field.
    fn scopes(&self, target: &Target<'_>, from: IpAddr) -> [(String, usize); 3] {
        let account = match target {
            Target::Account(id) => self.key.digest(purpose::SCOPE, &[b"id", &id.0.to_le_bytes()]),
            Target::Unknown(name) => self.key.digest(purpose::SCOPE, &[b"name", name.as_bytes()]),
        };
        let account = account.first_chunk::<16>().map_or(0, |bytes| u128::from_le_bytes(*bytes));
        let subnet = subnet(from);
        [
            (format!("login|pair|{account:032x}|{subnet}"), 1),
            (format!("login|account|{account:032x}"), self.policy.account_weight.max(1)),
            (format!("login|subnet|{subnet}"), self.policy.subnet_weight.max(1)),
        ]
    }

    /// How many seconds whoever tries now has to wait; `None` if not at all.
    pub(crate) fn wait(&self, counters: &Counters) -> Option<u32> {
        let now = self.clock.now();
        counters.all.iter().filter_map(|one| wait(&self.policy, &one.failures, one.weight, now)).max()
    }

    /// Counts a failure, unless this very password was counted before.
    pub(crate) async fn count(&self, counters: &Counters, credential: &Digest) -> Result<()> {
        self.note(counters.all.iter(), mark(credential)).await
    }

    /// Counts that a claim was right in counting the attempt as failed.
    pub(crate) async fn confirm(&self, counters: &Counters, claim: &Claim) -> Result<()> {
        self.note(counters.of_subnet(), claim.tried.clone()).await
    }

    async fn note(&self, counters: impl Iterator<Item = &Counter>, tried: Vec<u8>) -> Result<()> {
        let scopes = uncounted(counters, &tried);
        if scopes.is_empty() {
            return Ok(());
        }
        self.write(self.clock.now(), vec![Op::CountFailure { scopes, tried }]).await
    }

    /// Counts an attempt as failed for its account before it is decided, for other nodes may have one in work too.
    /// Whoever counted later sees all that counted before, so together they check no more than one alone would; `Err`
    /// is the wait that the others' attempts lead to. The subnet is left out: an office behind one address logs in all
    /// at once when a server comes back, and none of them has failed.
    pub(crate) async fn claim(
        &self,
        counters: &Counters,
        credential: &Digest,
    ) -> Result<std::result::Result<Claim, u32>> {
        let (tried, at) = (mark(credential), self.clock.now());
        let claim = Claim { scopes: uncounted(counters.of_account(), &tried), tried, at };
        if claim.scopes.is_empty() {
            return Ok(Ok(claim));
        }
        let count = Op::CountFailure { scopes: claim.scopes.clone(), tried: claim.tried.clone() };
        self.write(at, vec![count]).await?;
        let since = self.since();
        let mut longest = None;
        for counter in counters.of_account() {
            let mut others = self.store.failures(&counter.scope, since).await?;
            others.retain(|failure| failure.tried != claim.tried);
            longest = longest.max(wait(&self.policy, &others, counter.weight, self.clock.now()));
        }
        match longest {
            None => Ok(Ok(claim)),
            Some(seconds) => {
                self.take_back(&claim).await?;
                Ok(Err(seconds))
            }
        }
    }

    /// The attempt did not fail.
    pub(crate) async fn take_back(&self, claim: &Claim) -> Result<()> {
        if claim.scopes.is_empty() {
            return Ok(());
        }
        let (scopes, tried) = (claim.scopes.clone(), claim.tried.clone());
        self.write(claim.at, vec![Op::TakeBackFailure { scopes, tried }]).await
    }

    /// Forgets what was counted for the account, after a success. The subnet's count stays: its neighbours made it,
    /// and who has one account must not be free to guess at all others.
    pub(crate) async fn forgive(&self, counters: &Counters) -> Result<()> {
        let known = counters.of_account().filter(|one| !one.failures.is_empty());
        let scopes: Vec<String> = known.map(|one| one.scope.clone()).collect();
        if scopes.is_empty() {
            return Ok(());
        }
        self.write(self.clock.now(), vec![Op::ForgetFailures { scopes }]).await
    }

    async fn write(&self, at: Timestamp, ops: Vec<Op>) -> Result<()> {
        let (actor, origin) = (Actor::System, Origin::Job);
        let write = Write { actor, origin, at, guards: Vec::new(), ops };
        match self.store.write(write).await {
            // A full disk must not turn a wrong password into another answer, nor keep anybody from reading.
            Ok(_) | Err(Error::NoSpace) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

/// The counters that do not know that this was tried.
fn uncounted<'a>(counters: impl Iterator<Item = &'a Counter>, tried: &[u8]) -> Vec<String> {
    let known = |one: &&Counter| one.failures.iter().any(|failure| failure.tried == tried);
    counters.filter(|one| !known(one)).map(|one| one.scope.clone()).collect()
}

/// What is stored of a password that was tried: enough to know the same one again, too little to find it out.
fn mark(credential: &Digest) -> Vec<u8> {
    credential.iter().take(2).copied().collect()
}

/// Seconds to wait for one counter; `weight` failures count as one.
fn wait(policy: &ThrottlePolicy, failures: &[Failure], weight: usize, now: Timestamp) -> Option<u32> {
    let counted = failures.len() / weight;
    let cap_ms = policy.longest_delay_s.max(0).saturating_mul(1000);
    let near = now.millis().saturating_add(cap_ms);
    let last = failures.iter().map(|one| one.at.millis()).filter(|at| *at <= near).max();
    let last = last.map_or(i64::MIN, |last| last.min(now.millis()));
    let doubled = 100_i64.checked_shl(u32::try_from(counted).unwrap_or(u32::MAX));
    let delay_ms = doubled.filter(|ms| counted < 32 && *ms < cap_ms).unwrap_or(cap_ms);
    let mut until = if delay_ms >= 1000 && counted > 0 { last.saturating_add(delay_ms) } else { i64::MIN };
    if delay_ms == cap_ms {
        until = until.max(recent_until(policy, failures, weight, now));
    }
    let left_ms = until.saturating_sub(now.millis());
    (left_ms > 0).then(|| u32::try_from(left_ms.saturating_add(999) / 1000).unwrap_or(u32::MAX))
}

/// When so many recent failures will have grown old that checking goes on; `i64::MIN` if they are few enough.
fn recent_until(policy: &ThrottlePolicy, failures: &[Failure], weight: usize, now: Timestamp) -> i64 {
    let span_ms = policy.recent_s.max(0).saturating_mul(1000);
    let since = now.millis().saturating_sub(span_ms);
    let at = |one: &Failure| one.at.millis().min(now.millis());
    let mut recent: Vec<i64> = failures.iter().map(at).filter(|at| *at > since).collect();
    recent.sort_unstable();
    // Checking goes on when fewer than this many are left.
    let too_many = (policy.most_recent + 1) * weight;
    let oldest_in_the_way = recent.len().checked_sub(too_many).and_then(|at| recent.get(at));
    oldest_in_the_way.map_or(i64::MIN, |at| at.saturating_add(span_ms))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failures(at_s: &[i64]) -> Vec<Failure> {
        at_s.iter().map(|s| Failure { at: Timestamp::from_secs(*s), tried: Vec::new() }).collect()
    }

    #[test]
    fn the_wait_doubles_up_to_its_cap() {
        let policy = ThrottlePolicy::default();
        let check = |count: usize, after_s: i64, wait_s: Option<u32>| {
            let list = failures(&vec![100_000; count]);
            let now = Timestamp::from_secs(100_000 + after_s);
            assert_eq!(wait(&policy, &list, 1, now), wait_s, "{count} failures, {after_s} s later");
        };
        check(0, 0, None);
        check(3, 0, None); // 0.8 s cannot be told
        check(4, 0, Some(2)); // 1.6 s
        check(7, 0, Some(13)); // 12.8 s
        check(7, 12, Some(1));
        check(7, 13, None);
        check(8, 0, Some(25));
        check(10, 0, Some(25));
        check(10, 25, None);
        check(11, 25, Some(1775));
        check(11, 1800, None);
        check(500, 1799, Some(1));
    }

    #[test]
    fn old_failures_count_for_the_delay_but_not_as_recent() {
        let policy = ThrottlePolicy::default();
        let list = failures(&[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 7200]);
        assert_eq!(wait(&policy, &list, 1, Timestamp::from_secs(7200)), Some(25));
        assert_eq!(wait(&policy, &list, 1, Timestamp::from_secs(7225)), None);
    }

    /// Counted by a node whose clock is ahead.
    #[test]
    fn what_was_counted_in_the_future_counts_as_now_or_not_at_all() {
        let policy = ThrottlePolicy::default();
        let check = |count: usize, now_s: i64, wait_s: Option<u32>| {
            let list = failures(&vec![10_300; count]);
            assert_eq!(wait(&policy, &list, 1, Timestamp::from_secs(now_s)), wait_s, "{count} at {now_s}");
        };
        check(4, 10_299, Some(2));
        check(10, 10_290, Some(25));
        check(10, 10_000, None);
        check(11, 10_000, Some(1800));
        check(11, 12_100, None);
    }

    #[test]
    fn a_weighted_counter_takes_more_to_fill() {
        let policy = ThrottlePolicy::default();
        let check = |count: usize, wait_s: Option<u32>| {
            let list = failures(&vec![100; count]);
            assert_eq!(wait(&policy, &list, 4, Timestamp::from_secs(100)), wait_s, "{count}");
        };
        check(15, None);
        check(16, Some(2));
        check(43, Some(25));
        check(44, Some(1800));
    }
}
