//! The built-in directory: accounts and secrets live in the store.

use crate::digest::Marked;
use crate::{Directory, Hasher, Proof, ServerKey, app_password};
use kontor_model::{AccountId, AccountName, Error, Principal, Result, Timestamp};
use kontor_store::{AppPassword, Reply, Store};
use std::fmt;
use std::sync::Arc;

/// Accounts of the store.
pub struct Internal {
    store: Arc<dyn Store>,
    hasher: Arc<Hasher>,
    key: ServerKey,
}

impl fmt::Debug for Internal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Internal")
    }
}

impl Internal {
    /// Over that store.
    pub fn new(store: Arc<dyn Store>, hasher: Arc<Hasher>, key: ServerKey) -> Self {
        Self { store, hasher, key }
    }

    async fn find(&self, login: &str) -> Result<Option<Arc<Principal>>> {
        if let Ok(name) = AccountName::new(login)
            && let Some(found) = self.store.principal(&name).await?
        {
            return Ok(Some(found));
        }
        if login.contains('@') { self.store.principal_by_email(login).await } else { Ok(None) }
    }

    fn mark(&self, digest: &str) -> [u8; 32] {
        self.key.mark(digest.as_bytes())
    }

    async fn recognised(&self, who: &Principal, typed: &str, now: Timestamp) -> Result<Option<Proof>> {
        if !who.active || !app_password::may_be_one(typed) {
            return Ok(None);
        }
        let secrets = self.store.secrets(who.id).await?;
        let found = app_password::find(&self.key, who.id, &secrets.app_passwords, typed, now);
        Ok(found.map(app_password::proof))
    }

    async fn check(&self, who: Option<&Arc<Principal>>, password: &str) -> Result<Option<Proof>> {
        let Some(who) = who else {
            self.hasher.check(None, password).await?;
            return Ok(None);
        };
        let secrets = self.store.secrets(who.id).await?;
        let digest = secrets.password.as_deref();
        let right = self.hasher.check(digest, password).await?;
        let proof = || digest.map(|digest| Proof::Password { mark: self.mark(digest) });
        Ok(if right && who.active { proof() } else { None })
    }

    async fn still_holds(&self, who: &Principal, proof: &Proof) -> Result<bool> {
        if !who.active {
            return Ok(false);
        }
        let secrets = self.store.secrets(who.id).await?;
        Ok(match proof {
            Proof::Password { mark } => {
                secrets.password.as_deref().is_some_and(|digest| self.mark(digest) == *mark)
            }
            // What an app password is good for never changes.
            Proof::AppPassword { id, .. } => secrets.app_passwords.iter().any(|one| one.id == *id),
        })
    }
}

impl Internal {
    async fn all_marked(&self, who: Option<&Principal>, now: Timestamp) -> Result<Vec<Marked>> {
        // Nobody has this number: asked for all the same, so that it takes as long.
        let secrets = match self.store.secrets(who.map_or(AccountId(0), |who| who.id)).await {
            Err(Error::NotFound) => return Ok(Vec::new()),
            found => found?,
        };
        if who.is_none_or(|who| !who.active) {
            return Ok(Vec::new());
        }
        let password = secrets.password.as_deref().map(|digest| self.mark(digest));
        let mut all: Vec<_> =
            password.map(|mark| Marked { mark, proof: Proof::Password { mark } }).into_iter().collect();
        let good = |one: &&AppPassword| one.expires.is_none_or(|end| now < end);
        let marked =
            |one: &AppPassword| Marked { mark: self.key.mark(&one.digest), proof: app_password::proof(one) };
        all.extend(secrets.app_passwords.iter().filter(good).map(marked));
        Ok(all)
    }
}

impl Directory for Internal {
    fn word(&self) -> &'static str {
        "internal"
    }

    fn principal<'a>(&'a self, name: &'a AccountName) -> Reply<'a, Option<Arc<Principal>>> {
        self.store.principal(name)
    }

    fn principal_by_id(&self, id: AccountId) -> Reply<'_, Option<Arc<Principal>>> {
        self.store.principal_by_id(id)
    }

    fn resolve<'a>(&'a self, login: &'a str) -> Reply<'a, Option<Arc<Principal>>> {
        Box::pin(self.find(login))
    }

    fn principals(&self, after: Option<&AccountName>, limit: usize) -> Reply<'_, Vec<Arc<Principal>>> {
        self.store.principals(after, limit)
    }

    fn secret_version(&self, id: AccountId) -> Reply<'_, i64> {
        Box::pin(async move { Ok(self.store.secrets(id).await?.version) })
    }

    fn holds<'a>(&'a self, principal: &'a Principal, proof: &'a Proof) -> Reply<'a, bool> {
        Box::pin(self.still_holds(principal, proof))
    }

    fn recognise<'a>(
        &'a self,
        principal: &'a Principal,
        password: &'a str,
        now: Timestamp,
    ) -> Reply<'a, Option<Proof>> {
        Box::pin(self.recognised(principal, password, now))
    }

    fn marked<'a>(&'a self, principal: Option<&'a Principal>, now: Timestamp) -> Reply<'a, Vec<Marked>> {
        Box::pin(self.all_marked(principal, now))
    }

    fn verify<'a>(
        &'a self,
        principal: Option<&'a Arc<Principal>>,
        password: &'a str,
    ) -> Reply<'a, Option<Proof>> {
        Box::pin(self.check(principal, password))
    }
}
