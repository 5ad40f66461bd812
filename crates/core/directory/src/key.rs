//! The server's own key, from which keyed digests are made.

use kontor_model::{Actor, Chance, Clock, Error, Origin, Result};
use kontor_store::{Op, Store, Write};
use std::fmt;

/// Name of the setting that holds the key.
const SETTING: &str = "secret-key";

/// 32 random bytes made at first start. Keyed digests made with it mean nothing to whoever lacks it.
#[derive(Clone)]
pub struct ServerKey([u8; 32]);

/// A keyed digest.
pub(crate) type Digest = [u8; 32];

impl fmt::Debug for ServerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ServerKey(..)")
    }
}

impl ServerKey {
    /// Reads the key out of the store, or makes it. Two nodes starting at once end up with the same one.
    ///
    /// # Errors
    /// Those of the store; `Internal` if what is stored is no key.
    pub async fn load(store: &dyn Store, clock: &dyn Clock, chance: &dyn Chance) -> Result<Self> {
        if let Some(key) = Self::stored(store).await? {
            return Ok(key);
        }
        let mut fresh = [0_u8; 32];
        chance.fill(&mut fresh);
        store
            .write(Write {
                actor: Actor::System,
                origin: Origin::Job,
                at: clock.now(),
                guards: Vec::new(),
                ops: vec![Op::InitSetting { key: SETTING.to_owned(), value: fresh.to_vec() }],
            })
            .await?;
        Self::stored(store).await?.ok_or_else(|| Error::Internal("the secret key was not kept".to_owned()))
    }

    async fn stored(store: &dyn Store) -> Result<Option<Self>> {
        let Some(bytes) = store.setting(SETTING).await? else { return Ok(None) };
        let key = bytes.try_into().map_err(|_| Error::Internal("the secret key is damaged".to_owned()))?;
        Ok(Some(Self(key)))
    }

    /// A key that nobody else has, for tests.
    #[cfg(test)]
    pub(crate) fn of(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Of what is stored of a secret: what is remembered must not help to find the secret.
    pub(crate) fn mark(&self, stored: &[u8]) -> Digest {
        self.digest(purpose::PASSWORD_MARK, &[stored])
    }

    /// Digest of these parts, for that purpose; the parts' borders count.
    pub(crate) fn digest(&self, purpose: u8, parts: &[&[u8]]) -> Digest {
        let mut text = Vec::with_capacity(96);
        text.push(purpose);
        for part in parts {
            text.extend_from_slice(&(part.len() as u64).to_le_bytes());
            text.extend_from_slice(part);
        }
        *blake3::keyed_hash(&self.0, &text).as_bytes()
    }
}

/// Purposes of digests.
pub(crate) mod purpose {
    /// (name, password) as sent.
    pub(crate) const CREDENTIAL: u8 = 1;
    /// (account, app password).
    pub(crate) const APP_PASSWORD: u8 = 2;
    /// A throttle's scope.
    pub(crate) const SCOPE: u8 = 3;
    /// A stored password digest, to know again whether it is the same.
    pub(crate) const PASSWORD_MARK: u8 = 4;
    /// A challenge of HTTP Digest.
    pub(crate) const NONCE: u8 = 5;
    /// Where something is kept for HTTP Digest.
    pub(crate) const DIGEST_PLACE: u8 = 6;
    /// With what that is made unreadable.
    pub(crate) const DIGEST_SEAL: u8 = 7;
    /// Where it is kept whom a hashed name means.
    pub(crate) const DIGEST_NAME: u8 = 8;
}
