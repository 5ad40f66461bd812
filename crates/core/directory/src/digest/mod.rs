//! HTTP Digest (RFC 7616): a log-in that does not show the password, for clients that reach the server without TLS.
//! Off unless an administrator turns it on, as it needs more to be kept than a password's digest.
//!
//! Challenges are keyed, so that any node knows those of all others; that a response is let in once is each node's own
//! knowledge (`nonce`). The integrity of bodies (`auth-int`) is not offered.

mod algorithm;
mod kept;
mod nonce;

pub use algorithm::DigestAlgorithm;
pub use kept::NewSecret;
use kept::Told;

use crate::key::Digest;
use crate::remembered::Remembered;
use crate::{DigestPolicy, Directory, Proof, Scope, ServerKey};
use kept::Place;
use kontor_model::{Actor, Chance, Clock, Origin, Principal, Result};
use kontor_store::{Store, Write};
use nonce::{Nonce, Used};
use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

/// What a client is asked to respond to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DigestChallenge {
    /// With which hash function.
    pub algorithm: DigestAlgorithm,
    /// What the response has to be made for.
    pub nonce: String,
}

/// Who somebody says they are.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum DigestName<'a> {
    /// Log-in name, or mail address.
    Plain(&'a str),
    /// The same, hashed with the realm (RFC 7616 3.4.4).
    Hashed(&'a str),
}

/// A response to a challenge.
#[derive(Clone, Copy)]
pub struct DigestAttempt<'a> {
    /// Who.
    pub name: DigestName<'a>,
    /// With which hash function.
    pub algorithm: DigestAlgorithm,
    /// To which realm.
    pub realm: &'a str,
    /// To which challenge.
    pub nonce: &'a str,
    /// The how manieth with this challenge: eight hexadecimal digits, as they were sent.
    pub count: &'a str,
    /// What the client put to it.
    pub client_nonce: &'a str,
    /// What is asked for, in the words the response is made of: method, colon, target.
    pub asked: &'a str,
    /// The response.
    pub response: &'a str,
    /// Where it comes from, after trusted proxies.
    pub address: IpAddr,
    /// What for.
    pub scope: Scope,
}

impl fmt::Debug for DigestAttempt<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DigestAttempt")
            .field("algorithm", &self.algorithm)
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

/// What is known for HTTP Digest; only there where it is switched on.
pub struct Digests {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    chance: Arc<dyn Chance>,
    key: ServerKey,
    policy: DigestPolicy,
    remember_ms: i64,
    known: Remembered<Vec<u8>>,
    used: Used,
}

impl fmt::Debug for Digests {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Digests").field("policy", &self.policy).finish_non_exhaustive()
    }
}

impl Digests {
    /// Keeps what it must in `store`; `None` if the policy has it off.
    pub fn new(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        chance: Arc<dyn Chance>,
        key: ServerKey,
        policy: &crate::SignInPolicy,
    ) -> Option<Self> {
        if policy.digest.algorithms.is_empty() {
            return None;
        }
        // What was handed out in this very millisecond was handed out by this process.
        let used = Used::new(policy.remembered, clock.now().plus_millis(-1));
        let known = Remembered::new(policy.remembered);
        let remember_ms = policy.remember_s.clamp(0, 3600) * 1000;
        Some(Self { store, clock, chance, key, policy: policy.digest.clone(), remember_ms, known, used })
    }

    /// A challenge for each algorithm, in the order in which they are offered.
    pub fn challenges(&self) -> Vec<DigestChallenge> {
        let mut noise = [0_u8; 8];
        self.chance.fill(&mut noise);
        let nonce = Nonce::new(self.clock.now(), u64::from_le_bytes(noise)).text(&self.key);
        let challenge = |algorithm: &_| DigestChallenge { algorithm: *algorithm, nonce: nonce.clone() };
        self.policy.algorithms.iter().map(challenge).collect()
    }

    /// Whether a response of that form to that realm is one to look at.
    pub(crate) fn offers(&self, attempt: &DigestAttempt<'_>) -> bool {
        self.policy.algorithms.contains(&attempt.algorithm) && attempt.realm == self.policy.realm
    }

    /// The challenge that is answered, if it is still good.
    pub(crate) fn challenge(&self, attempt: &DigestAttempt<'_>) -> Option<Answered> {
        let lifetime_ms = self.policy.nonce_s.max(1).saturating_mul(1000);
        let nonce = Nonce::read(attempt.nonce, &self.key, self.clock.now(), lifetime_ms)?;
        let digits = attempt.count.len() == 8 && attempt.count.bytes().all(|byte| byte.is_ascii_hexdigit());
        let count = u32::from_str_radix(attempt.count, 16).ok().filter(|_| digits)?;
        Some(Answered { nonce, count })
    }

    /// Whether this response, which is right, comes for the first time.
    pub(crate) fn first_time(&self, answered: Answered) -> bool {
        self.used.first_time(answered.nonce, answered.count)
    }

    /// Who is meant, and the name under which they are.
    pub(crate) async fn meant(
        &self,
        directory: &dyn Directory,
        attempt: &DigestAttempt<'_>,
    ) -> Result<(Option<Arc<Principal>>, String)> {
        let hash = match attempt.name {
            DigestName::Plain(name) => return Ok((directory.resolve(name).await?, name.to_owned())),
            DigestName::Hashed(hash) => hash,
        };
        let Some(id) = self.named(attempt.algorithm, hash).await? else { return Ok((None, hash.to_owned())) };
        let Some(found) = directory.principal_by_id(id).await? else { return Ok((None, hash.to_owned())) };
        let same =
            |name: &&str| attempt.algorithm.hex(&[name.as_bytes(), self.realm()]).eq_ignore_ascii_case(hash);
        let name = logins(&found).find(same).map(str::to_owned);
        Ok(match name {
            Some(name) => (Some(found), name),
            None => (None, hash.to_owned()),
        })
    }

    /// What is right about the response of `who`, who signs in as `login`. Nobody takes as long as somebody with one
    /// password.
    pub(crate) async fn prove(
        &self,
        directory: &dyn Directory,
        who: Option<&Arc<Principal>>,
        login: &str,
        attempt: &DigestAttempt<'_>,
    ) -> Result<Option<Proof>> {
        let marked = directory.marked(who.map(|who| &**who), self.clock.now()).await?;
        if marked.is_empty() {
            self.fits(attempt, login, &[0; 32], 0).await?;
        }
        for Marked { mark, proof } in marked {
            let spellings = if matches!(proof, Proof::AppPassword { .. }) { 2 } else { 1 };
            for spelling in 0..spellings {
                if self.fits(attempt, login, &mark, spelling).await? {
                    return Ok(Some(proof));
                }
            }
        }
        Ok(None)
    }

    /// Whether the response is one of that secret, written like that.
    async fn fits(
        &self,
        attempt: &DigestAttempt<'_>,
        login: &str,
        mark: &Digest,
        spelling: usize,
    ) -> Result<bool> {
        let kept = self.kept(&Place { algorithm: attempt.algorithm, mark, login, spelling }).await?;
        let same = attempt.is_of(kept.as_deref().map_or(&[], Vec::as_slice));
        Ok(same && kept.is_some())
    }

    /// Keeps what is needed to check a response of somebody who just showed the secret itself. It serves later log-ins
    /// only, so nobody is refused if it cannot be kept now.
    pub(crate) async fn learn(
        &self,
        directory: &dyn Directory,
        who: &Principal,
        login: &str,
        shown: (&Proof, &str),
    ) -> Result<()> {
        // Other spellings of an address would be kept without end.
        if !logins(who).any(|name| name == login) {
            return Ok(());
        }
        let (proof, text) = shown;
        let marked = directory.marked(Some(who), self.clock.now()).await?;
        let Some(mark) = marked.iter().find(|one| one.is_of(proof)).map(|one| one.mark) else {
            return Ok(());
        };
        let made = matches!(proof, Proof::AppPassword { .. });
        let mut all_kept = true;
        for algorithm in self.policy.algorithms.iter().copied() {
            all_kept &= self.kept(&Place { algorithm, mark: &mark, login, spelling: 0 }).await?.is_some();
        }
        if all_kept {
            return Ok(());
        }
        let (actor, origin, at) = (Actor::Account(who.id), Origin::Job, self.clock.now());
        let ops = self.ops(who, login, Told { mark: &mark, text, made });
        self.store.write(Write { actor, origin, at, guards: Vec::new(), ops }).await.map(|_| ())
    }
}

/// A challenge of ours, and the how manieth response to it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Answered {
    nonce: Nonce,
    count: u32,
}

impl DigestAttempt<'_> {
    /// Whether the response is the one of whoever knows what `hash` is the hash of (RFC 7616 3.4.1).
    fn is_of(&self, hash: &[u8]) -> bool {
        let algorithm = self.algorithm;
        let (secret, asked) = (algorithm::hex(hash), algorithm.hex(&[self.asked.as_bytes()]));
        let right = algorithm.hex(&[
            secret.as_bytes(),
            self.nonce.as_bytes(),
            self.count.as_bytes(),
            self.client_nonce.as_bytes(),
            b"auth",
            asked.as_bytes(),
        ]);
        // `blake3::Hash` compares in constant time.
        blake3::hash(right.as_bytes()) == blake3::hash(self.response.to_ascii_lowercase().as_bytes())
    }
}

/// A secret of an account, by something that changes with it.
#[derive(Clone)]
pub struct Marked {
    /// Nobody finds it without what is stored of the secret and the server's key.
    pub mark: [u8; 32],
    /// What the secret proves.
    pub proof: Proof,
}

impl Marked {
    fn is_of(&self, proof: &Proof) -> bool {
        match (&self.proof, proof) {
            (Proof::Password { mark }, Proof::Password { mark: shown }) => mark == shown,
            (Proof::AppPassword { id, .. }, Proof::AppPassword { id: shown, .. }) => id == shown,
            _ => false,
        }
    }
}

/// The names under which somebody may sign in with a response: letter for letter, as the hash holds the name.
fn logins(who: &Principal) -> impl Iterator<Item = &str> {
    [who.name.as_str(), who.email.as_str()].into_iter().chain(who.aliases.iter().map(String::as_str))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of RFC 7616 3.9.1, by both algorithms.
    #[test]
    fn the_response_of_the_specification() {
        let check = |algorithm: DigestAlgorithm, response: &str| {
            let attempt = DigestAttempt {
                name: DigestName::Plain("Mufasa"),
                algorithm,
                realm: "http-auth@example.org",
                nonce: "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",
                count: "00000001",
                client_nonce: "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
                asked: "GET:/dir/index.html",
                response,
                address: IpAddr::from([192, 0, 2, 1]),
                scope: Scope::Dav,
            };
            let hash = |password: &[u8]| algorithm.hash(&[b"Mufasa", b"http-auth@example.org", password]);
            assert!(attempt.is_of(&hash(b"Circle of Life")));
            assert!(!attempt.is_of(&hash(b"Circle of life")));
            assert!(!attempt.is_of(&[]));
            assert!(
                !DigestAttempt { asked: "PUT:/dir/index.html", ..attempt }.is_of(&hash(b"Circle of Life"))
            );
            assert!(!DigestAttempt { count: "00000002", ..attempt }.is_of(&hash(b"Circle of Life")));
            assert!(!DigestAttempt { response: "", ..attempt }.is_of(&hash(b"Circle of Life")));
        };
        check(DigestAlgorithm::Md5, "8ca523f5e9506fed4657c9700eebdbec");
        let sha = "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1";
        check(DigestAlgorithm::Sha256, sha);
        check(DigestAlgorithm::Sha256, &sha.to_uppercase());
    }
}
