//! What is kept of a password so that a response can be checked: H(name:realm:password), which is as good as the
//! password at this server. Made at the next occasion, kept where the digest of that very password leads and sealed
//! with it: when the password is changed or revoked, what is left behind can be found and read by nobody.

use super::{DigestAlgorithm, Digests, logins};
use crate::app_password;
use crate::key::{Digest, purpose};
use kontor_model::{AccountId, Principal, Result};
use kontor_store::{AppPassword, Op};
use std::sync::Arc;
use unicode_normalization::UnicodeNormalization;

/// A secret as it was told, and what is known of how it is stored.
#[derive(Clone, Copy)]
pub(super) struct Told<'a> {
    /// Changes with the secret; see [`crate::Marked`].
    pub(super) mark: &'a Digest,
    /// The secret itself.
    pub(super) text: &'a str,
    /// Whether it is one of those that were made here.
    pub(super) made: bool,
}

/// What a kept hash is for; all of it counts.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    pub(super) algorithm: DigestAlgorithm,
    pub(super) mark: &'a Digest,
    pub(super) login: &'a str,
    pub(super) spelling: usize,
}

/// A secret that is just being set.
#[derive(Clone, Copy)]
pub enum NewSecret<'a> {
    /// A password: the digest to be stored, the password.
    Password(&'a str, &'a str),
    /// An app password: what is to be stored, the secret.
    AppPassword(&'a AppPassword, &'a str),
}

impl Told<'_> {
    /// How a client may write it: an app password with its hyphens or without, a password in its one spelling.
    fn spellings(&self) -> Vec<String> {
        match app_password::spellings(self.text) {
            Some(spellings) if self.made => spellings.into(),
            _ => vec![self.text.nfc().collect()],
        }
    }
}

impl Digests {
    /// What has to be written beside a new secret, for the first two names of the account.
    pub(crate) fn beside(&self, who: &Principal, secret: NewSecret<'_>) -> Vec<Op> {
        let (stored, text, made) = match secret {
            NewSecret::Password(digest, text) => (digest.as_bytes(), text, false),
            NewSecret::AppPassword(stored, text) => (stored.digest.as_slice(), text, true),
        };
        let mark = self.key.mark(stored);
        let told = Told { mark: &mark, text, made };
        logins(who).take(2).flat_map(|login| self.ops(who, login, told)).collect()
    }

    /// What has to be written so that `login` can show this secret by a response.
    pub(super) fn ops(&self, who: &Principal, login: &str, told: Told<'_>) -> Vec<Op> {
        let mut ops = Vec::new();
        for algorithm in self.policy.algorithms.iter().copied() {
            for (spelling, text) in told.spellings().iter().enumerate() {
                let place = Place { algorithm, mark: told.mark, login, spelling };
                let hash = algorithm.hash(&[login.as_bytes(), self.realm(), text.as_bytes()]);
                ops.push(Op::InitSetting { key: self.key_of(&place), value: self.seal(&place, hash) });
            }
            let named = algorithm.hex(&[login.as_bytes(), self.realm()]);
            let value = who.id.0.to_le_bytes().to_vec();
            ops.push(Op::InitSetting { key: self.name_key(algorithm, &named), value });
        }
        ops
    }

    /// The hash that is kept there, if there is one.
    pub(super) async fn kept(&self, place: &Place<'_>) -> Result<Option<Arc<Vec<u8>>>> {
        let (spot, now) = (self.spot(place), self.clock.now());
        if let Some(known) = self.known.get(&spot, now.millis()) {
            return Ok(Some(known));
        }
        let Some(sealed) = self.store.setting(&self.key_of(place)).await? else { return Ok(None) };
        let hash = Arc::new(self.seal(place, sealed));
        self.known.put(spot, hash.clone(), now.plus_millis(self.remember_ms).millis());
        Ok(Some(hash))
    }

    /// The account that a hashed name may mean; whether it still has such a name is to be looked at.
    pub(super) async fn named(&self, algorithm: DigestAlgorithm, hash: &str) -> Result<Option<AccountId>> {
        let found = self.store.setting(&self.name_key(algorithm, &hash.to_ascii_lowercase())).await?;
        Ok(found.and_then(|bytes| bytes.try_into().ok()).map(|bytes| AccountId(i64::from_le_bytes(bytes))))
    }

    pub(super) fn realm(&self) -> &[u8] {
        self.policy.realm.as_bytes()
    }

    fn parts<'a>(&'a self, place: &'a Place<'_>, spelling: &'a [u8; 1]) -> [&'a [u8]; 5] {
        let word = place.algorithm.word().as_bytes();
        [word, place.mark, self.realm(), place.login.as_bytes(), spelling]
    }

    fn spot(&self, place: &Place<'_>) -> Digest {
        let spelling = [u8::try_from(place.spelling).unwrap_or(u8::MAX)];
        self.key.digest(purpose::DIGEST_PLACE, &self.parts(place, &spelling))
    }

    fn key_of(&self, place: &Place<'_>) -> String {
        format!("digest|{}", super::algorithm::hex(&self.spot(place)))
    }

    fn name_key(&self, algorithm: DigestAlgorithm, hash: &str) -> String {
        let digest = self.key.digest(purpose::DIGEST_NAME, &[algorithm.word().as_bytes(), hash.as_bytes()]);
        format!("digest-name|{}", super::algorithm::hex(&digest))
    }

    /// Seals, or opens what is sealed. Each pad is for one hash alone, as everything that the hash is of counts.
    fn seal(&self, place: &Place<'_>, mut hash: Vec<u8>) -> Vec<u8> {
        let spelling = [u8::try_from(place.spelling).unwrap_or(u8::MAX)];
        let pad = self.key.digest(purpose::DIGEST_SEAL, &self.parts(place, &spelling));
        hash.iter_mut().zip(pad).for_each(|(byte, pad)| *byte ^= pad);
        hash
    }
}
