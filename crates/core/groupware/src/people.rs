//! Going through the directory, page by page: nobody has all accounts in memory at once.

use crate::asker::Standing;
use crate::{Asker, Office, access};
use kontor_model::{AccountName, Principal, PrincipalKind, Result};
use std::sync::Arc;

/// Accounts that are read at once.
const PAGE: usize = 250;

/// Some accounts, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct People {
    /// Those that may be told; perhaps none, although others follow.
    pub some: Vec<Arc<Principal>>,
    /// Behind whom it goes on; `None` if nobody follows.
    pub next: Option<AccountName>,
}

impl Office {
    /// Some of the accounts that the asker may know of, by name, behind `after`: hidden ones are left out, but for oneself
    /// and for administrators; guests see themselves, the public sees none.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn principals(&self, who: &Asker, after: Option<&AccountName>) -> Result<People> {
        let guest = who.principal.kind == PrincipalKind::Guest;
        let admin = access::need_admin(who).is_ok();
        match (who.standing == Standing::Public, guest && !admin, after) {
            (true, ..) | (false, true, Some(_)) => return Ok(People::default()),
            (false, true, None) => return Ok(People { some: vec![who.principal.clone()], next: None }),
            (false, false, _) => {}
        }
        let mut people = self.some(after).await?;
        people.some.retain(|one| admin || who.is(one.id) || !one.hidden);
        Ok(people)
    }

    /// Those of [`Office::principals`] that have exactly this log-in name or mail address: found however many there are.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn principals_named(&self, who: &Asker, text: &str) -> Result<Vec<Arc<Principal>>> {
        if who.standing == Standing::Public {
            return Ok(Vec::new());
        }
        let admin = access::need_admin(who).is_ok();
        let guest = who.principal.kind == PrincipalKind::Guest;
        let by_name = match AccountName::new(text) {
            Ok(name) => self.inner.directory.principal(&name).await?,
            Err(_) => None,
        };
        let by_address = self.inner.store.principal_by_email(text).await?;
        let listed = |one: &Arc<Principal>| admin || who.is(one.id) || !(one.hidden || guest);
        Ok(by_name.into_iter().chain(by_address).filter(listed).collect())
    }

    /// Some accounts, hidden or not, by name, behind `after`.
    ///
    /// # Errors
    /// `Forbidden` for who is no administrator.
    pub async fn users(&self, who: &Asker, after: Option<&AccountName>) -> Result<People> {
        access::need_admin(who)?;
        self.some(after).await
    }

    async fn some(&self, after: Option<&AccountName>) -> Result<People> {
        let some = self.inner.directory.principals(after, PAGE).await?;
        let next = if some.len() < PAGE { None } else { some.last().map(|last| last.name.clone()) };
        Ok(People { some, next })
    }
}
