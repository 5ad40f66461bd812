//! Passwords and app passwords.

use crate::asker::Standing;
use crate::users::below;
use crate::{Asker, Office, access};
use kontor_directory::{AppPasswordOrder, Credential, NewSecret};
use kontor_model::{Error, Principal, Result, Right};
use kontor_store::{AppPassword, Done, Op};
use std::fmt;
use std::sync::Arc;

/// An app password that was just made.
pub struct NewAppPassword {
    /// Its number within the account, for revoking.
    pub id: i64,
    /// The secret, in groups of four; told this once, never again.
    pub secret: String,
}

impl fmt::Debug for NewAppPassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewAppPassword").field("id", &self.id).finish_non_exhaustive()
    }
}

impl Office {
    /// Sets the password of an account: one's own, or anybody's for an administrator. Log-ins with the old one end, and so do
    /// their watches.
    ///
    /// # Errors
    /// `NotFound`; `Forbidden`, also for who signed in with an app password; `Invalid` for an empty or overlong one.
    pub async fn set_password(&self, who: &Asker, name: &str, password: &str) -> Result<()> {
        let account = self.keeper(who, name).await?;
        let digest = self.inner.hasher.make(password).await?;
        let mut ops = self.inner.gate.beside(&account, NewSecret::Password(&digest, password));
        ops.push(Op::SetPassword { id: account.id, digest: Some(digest) });
        self.write(who, Vec::new(), ops).await?;
        Ok(())
    }

    /// Makes an app password.
    ///
    /// # Errors
    /// As [`Office::set_password`]; `TooLarge` if the account has too many.
    pub async fn create_app_password(
        &self,
        who: &Asker,
        name: &str,
        order: AppPasswordOrder,
    ) -> Result<NewAppPassword> {
        let account = self.keeper(who, name).await?;
        let max = self.inner.policy.limits.max_app_passwords;
        if self.store().secrets(account.id).await?.app_passwords.len() >= max {
            return Err(Error::TooLarge { limit: "max_app_passwords", max: max as u64 });
        }
        let inner = &self.inner;
        let (secret, stored) = order.make(&inner.key, &*inner.chance, account.id, inner.clock.now())?;
        let beside = inner.gate.beside(&account, NewSecret::AppPassword(&stored, &secret));
        let mut ops = vec![Op::AddAppPassword { id: account.id, password: Box::new(stored) }];
        ops.extend(beside);
        let receipt = self.write(who, Vec::new(), ops).await?;
        match receipt.done.first() {
            Some(Done::AppPassword { id }) => Ok(NewAppPassword { id: *id, secret }),
            other => Err(Error::Internal(format!("adding an app password was answered with {other:?}"))),
        }
    }

    /// The app passwords of an account, oldest first. What is told of the secret is a digest, of no use to anybody.
    ///
    /// # Errors
    /// As [`Office::set_password`].
    pub async fn app_passwords(&self, who: &Asker, name: &str) -> Result<Vec<AppPassword>> {
        let account = self.keeper(who, name).await?;
        Ok(self.store().secrets(account.id).await?.app_passwords.clone())
    }

    /// Revokes an app password. Log-ins with it end, and so do their watches.
    ///
    /// # Errors
    /// As [`Office::set_password`]; `NotFound` if there is none of that number.
    pub async fn revoke_app_password(&self, who: &Asker, name: &str, id: i64) -> Result<()> {
        let account = self.keeper(who, name).await?;
        let op = Op::RevokeAppPassword { id: account.id, app_password: id };
        self.write(who, Vec::new(), vec![op]).await?;
        Ok(())
    }

    /// The account of that name, if the asker may look after its secrets.
    async fn keeper(&self, who: &Asker, name: &str) -> Result<Arc<Principal>> {
        if who.credential == Credential::AppPassword {
            // A secret for one device must not make further ones.
            return Err(Error::Forbidden { right: Right::Administer });
        }
        if who.standing == Standing::Account && who.principal.name.as_str() == name {
            return self.known(name).await;
        }
        access::need_admin(who)?;
        let found = self.known(name).await?;
        below(who, found.admin)?;
        Ok(found)
    }
}
