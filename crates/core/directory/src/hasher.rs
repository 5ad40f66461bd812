//! argon2id, a bounded number at a time, away from the threads that serve requests.

use crate::{ArgonCost, SignInPolicy};
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use kontor_model::{Chance, Error, Result, Rule};
use std::fmt;
use std::sync::Arc;
use tokio::sync::Semaphore;
use unicode_normalization::UnicodeNormalization;

/// Longest password, in bytes: more is no safer, only dearer.
const LONGEST: usize = 1024;

/// Makes and checks password digests.
pub struct Hasher {
    cost: ArgonCost,
    chance: Arc<dyn Chance>,
    at_once: Arc<Semaphore>,
    /// Digest of nothing in particular: checked when there is no account, so that this takes as long.
    dummy: String,
}

impl fmt::Debug for Hasher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hasher").field("cost", &self.cost).finish_non_exhaustive()
    }
}

impl Hasher {
    /// A hasher at the policy's cost.
    ///
    /// # Errors
    /// `Internal` if the policy's cost is none that argon2 knows.
    pub fn new(policy: &SignInPolicy, chance: Arc<dyn Chance>) -> Result<Self> {
        let mut noise = [0_u8; 32];
        chance.fill(&mut noise);
        let dummy = digest(policy.argon, &noise, &salt(&*chance))?;
        let at_once = Arc::new(Semaphore::new(policy.hashes_at_once.max(1)));
        Ok(Self { cost: policy.argon, chance, at_once, dummy })
    }

    /// The digest of a new password, in PHC form.
    ///
    /// # Errors
    /// `Invalid` if the password is empty or longer than 1024 bytes.
    pub async fn make(&self, password: &str) -> Result<String> {
        if password.is_empty() {
            return Err(refuse("the password may not be empty"));
        }
        if password.len() > LONGEST {
            return Err(refuse("the password may not be longer than 1024 bytes"));
        }
        let (cost, salt, text) = (self.cost, salt(&*self.chance), prepare(password));
        self.away(move || digest(cost, &text, &salt)).await?
    }

    /// Whether `password` is the one of `digest`; without a digest it never is, and that takes as long.
    ///
    /// # Errors
    /// `Internal` if the digest is damaged.
    pub async fn check(&self, digest: Option<&str>, password: &str) -> Result<bool> {
        let known = digest.is_some() && password.len() <= LONGEST;
        let digest = digest.unwrap_or(&self.dummy).to_owned();
        let text = if password.len() <= LONGEST { prepare(password) } else { Vec::new() };
        let right = self.away(move || verify(&digest, &text)).await??;
        Ok(right && known)
    }

    /// Runs `work` on a thread that may block, when a place is free.
    async fn away<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
        let place = self.at_once.clone().acquire_owned().await;
        let place = place.map_err(|_| Error::Internal("the password hasher was closed".to_owned()))?;
        let done = tokio::task::spawn_blocking(move || {
            // The place is given back when the work is done, even if whoever asked has gone.
            let _place = place;
            work()
        });
        done.await.map_err(|_| Error::Internal("the password hasher broke off".to_owned()))
    }
}

fn refuse(why: &str) -> Error {
    Error::Invalid { rule: Rule::Bounds, detail: why.to_owned() }
}

/// The password in one spelling: keyboards differ in how they compose accented letters (RFC 8265 4.2.2).
fn prepare(password: &str) -> Vec<u8> {
    if password.is_ascii() { password.into() } else { password.nfc().collect::<String>().into_bytes() }
}

fn salt(chance: &dyn Chance) -> [u8; 16] {
    let mut salt = [0_u8; 16];
    chance.fill(&mut salt);
    salt
}

fn digest(cost: ArgonCost, text: &[u8], salt: &[u8]) -> Result<String> {
    let broken = |what: &dyn fmt::Display| Error::Internal(format!("making a password digest: {what}"));
    let params = Params::new(cost.memory_kib, cost.passes, cost.lanes, None).map_err(|e| broken(&e))?;
    let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let made: PasswordHash = argon.hash_password_with_salt(text, salt).map_err(|e| broken(&e))?;
    Ok(made.to_string())
}

fn verify(digest: &str, text: &[u8]) -> Result<bool> {
    let digest = PasswordHash::new(digest)
        .map_err(|_| Error::Internal("a stored password digest is damaged".to_owned()))?;
    match Argon2::default().verify_password(text, &digest) {
        Ok(()) => Ok(true),
        Err(argon2::password_hash::Error::PasswordInvalid) => Ok(false),
        Err(error) => Err(Error::Internal(format!("checking a password: {error}"))),
    }
}
