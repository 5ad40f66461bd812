//! The built-in directory: accounts and secrets live in the store.

use crate::{Directory, Hasher, Proof, ServerKey, Verified, app_password};
use kontor_model::{AccountId, AccountName, Principal, Result, Timestamp};
use kontor_store::{Reply, Store};
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

    async fn check(&self, who: Option<&Arc<Principal>>, password: &str, now: Timestamp) -> Result<Verified> {
        let Some(who) = who else {
            self.hasher.check(None, password).await?;
            return Ok(Verified { proof: None, version: 0 });
        };
        let secrets = self.store.secrets(who.id).await?;
        let version = secrets.version;
        if who.active
            && let Some(found) = app_password::find(&self.key, who.id, &secrets.app_passwords, password, now)
        {
            let proof = Proof::AppPassword {
                id: found.id,
                scopes: app_password::scopes(found),
                read_only: found.read_only,
                expires: found.expires,
                last_used: found.last_used,
            };
            return Ok(Verified { proof: Some(proof), version });
        }
        let right = self.hasher.check(secrets.password.as_deref(), password).await?;
        Ok(Verified { proof: (right && who.active).then_some(Proof::Password), version })
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

    fn principals(&self) -> Reply<'_, Vec<Arc<Principal>>> {
        self.store.principals()
    }

    fn secret_version(&self, id: AccountId) -> Reply<'_, i64> {
        Box::pin(async move { Ok(self.store.secrets(id).await?.version) })
    }

    fn verify<'a>(
        &'a self,
        principal: Option<&'a Arc<Principal>>,
        password: &'a str,
        now: Timestamp,
    ) -> Reply<'a, Verified> {
        Box::pin(self.check(principal, password, now))
    }
}
