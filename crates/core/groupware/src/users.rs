//! Looking after accounts.

use crate::collections::plan;
use crate::{Asker, NewCollection, Office, access};
use kontor_directory::NewSecret;
use kontor_model::{
    AccountId, AccountName, AdminLevel, Collection, CollectionName, Components, Error, Grant, Grantee, Kind,
    Principal, PrincipalKind, Properties, PropertyKey, Result, Role, Rule,
};
use kontor_store::Op;
use std::sync::Arc;

/// Longest full name and mail address, in bytes.
const LONGEST_TEXT: usize = 320;
/// Most aliases of one account.
const MOST_ALIASES: usize = 100;

/// What a new account has: kind, name, name for people.
const FIRST_COLLECTIONS: [(Kind, Components, &str, &str); 3] = [
    (Kind::Calendar, Components(Components::EVENT.0 | Components::JOURNAL.0), "default", "Calendar"),
    (Kind::Tasks, Components::TASK, "tasks", "Tasks"),
    (Kind::Contacts, Components::NONE, "default", "Contacts"),
];

/// An account to be made.
#[derive(Clone)]
pub struct NewUser {
    /// Log-in name.
    pub name: AccountName,
    /// Sort.
    pub kind: PrincipalKind,
    /// Name for people.
    pub full_name: String,
    /// Primary mail address.
    pub email: String,
    /// Further addresses.
    pub aliases: Vec<String>,
    /// Password; without one only app passwords let the account in.
    pub password: Option<String>,
    /// May log in.
    pub active: bool,
    /// What it may administer.
    pub admin: AdminLevel,
    /// Hidden from address books and searches.
    pub hidden: bool,
}

impl std::fmt::Debug for NewUser {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewUser")
            .field("name", &self.name)
            .field("email", &self.email)
            .finish_non_exhaustive()
    }
}

impl NewUser {
    /// A person who may log in and administers nothing.
    pub fn person(name: AccountName, full_name: &str, email: &str, password: Option<&str>) -> Self {
        Self {
            name,
            kind: PrincipalKind::User,
            full_name: full_name.to_owned(),
            email: email.to_owned(),
            aliases: Vec::new(),
            password: password.map(str::to_owned),
            active: true,
            admin: AdminLevel::None,
            hidden: false,
        }
    }
}

/// What is to change about an account; `None` stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UserChange {
    /// Log-in name.
    pub name: Option<AccountName>,
    /// Name for people.
    pub full_name: Option<String>,
    /// Primary mail address.
    pub email: Option<String>,
    /// Further addresses.
    pub aliases: Option<Vec<String>>,
    /// May log in.
    pub active: Option<bool>,
    /// What it may administer.
    pub admin: Option<AdminLevel>,
    /// Hidden from address books and searches.
    pub hidden: Option<bool>,
}

impl Office {
    /// Makes an account with its calendar, task list and address book, in one transaction.
    ///
    /// # Errors
    /// `Forbidden` for who is no administrator; `Exists` if the name or an address is taken; `Invalid`.
    pub async fn create_user(&self, who: &Asker, new: NewUser) -> Result<Arc<Principal>> {
        access::need_admin(who)?;
        let id = self.inner.ids.account();
        let principal = Principal {
            id,
            name: new.name,
            kind: new.kind,
            full_name: new.full_name,
            email: new.email,
            aliases: new.aliases,
            active: new.active,
            admin: new.admin,
            hidden: new.hidden,
            created: self.inner.clock.now(),
        };
        check(&principal)?;
        below(who, principal.admin)?;
        let mut ops = vec![Op::CreatePrincipal(Box::new(principal.clone()))];
        if let Some(password) = new.password {
            let digest = self.inner.hasher.make(&password).await?;
            ops.extend(self.inner.gate.beside(&principal, NewSecret::Password(&digest, &password)));
            ops.push(Op::SetPassword { id, digest: Some(digest) });
        }
        for collection in self.first_collections(id)? {
            ops.push(Op::CreateCollection(Box::new(collection)));
        }
        if self.inner.policy.everyone_sees_free_busy {
            let grants = Some(vec![Grant { grantee: Grantee::Everyone, rights: Role::FreeBusy.rights() }]);
            ops.push(Op::SetGrants { account: id, collection: None, grants });
        }
        self.write(who, Vec::new(), ops).await?;
        Ok(Arc::new(principal))
    }

    fn first_collections(&self, account: AccountId) -> Result<Vec<Collection>> {
        let mut made = Vec::with_capacity(FIRST_COLLECTIONS.len());
        for (kind, components, name, title) in FIRST_COLLECTIONS {
            let key = PropertyKey::new(PropertyKey::DISPLAY_NAME);
            let properties: Properties = [(key, title.as_bytes().to_vec())].into();
            let new = NewCollection { kind, name: CollectionName::new(name)?, components, properties };
            let id = self.inner.ids.collection();
            made.push(plan(&self.inner.policy.limits, account, id, new, self.inner.clock.now())?);
        }
        Ok(made)
    }

    /// An account, hidden or not.
    ///
    /// # Errors
    /// `Forbidden` for who is no administrator; `NotFound`.
    pub async fn user(&self, who: &Asker, name: &str) -> Result<Arc<Principal>> {
        access::need_admin(who)?;
        self.known(name).await
    }

    /// Changes what is known of an account. Takes effect on its next request.
    ///
    /// # Errors
    /// `Forbidden`; `NotFound`; `Exists` if the name or an address is taken; `Invalid`.
    pub async fn update_user(&self, who: &Asker, name: &str, change: UserChange) -> Result<Arc<Principal>> {
        access::need_admin(who)?;
        let before = self.known(name).await?;
        below(who, before.admin)?;
        let after = changed(&before, change);
        check(&after)?;
        below(who, after.admin)?;
        self.write(who, Vec::new(), vec![Op::UpdatePrincipal(Box::new(after.clone()))]).await?;
        Ok(Arc::new(after))
    }

    /// Removes an account with its secrets and every grant to it; its store is kept as an orphan.
    ///
    /// # Errors
    /// `Forbidden`; `NotFound`; `Invalid` for the public store.
    pub async fn delete_user(&self, who: &Asker, name: &str) -> Result<()> {
        access::need_admin(who)?;
        let found = self.known(name).await?;
        below(who, found.admin)?;
        if self.is_public_store(found.id).await? {
            let detail = format!(
                "{name} is the public store, which is not removed: take away instead what everybody may do there"
            );
            return Err(Error::Invalid { rule: Rule::Location, detail });
        }
        let op = Op::RemovePrincipal { id: found.id, name: found.name.clone() };
        self.write(who, Vec::new(), vec![op]).await?;
        Ok(())
    }

    pub(crate) async fn known(&self, name: &str) -> Result<Arc<Principal>> {
        let name = AccountName::new(name).map_err(|_| Error::NotFound)?;
        self.inner.directory.principal(&name).await?.ok_or(Error::NotFound)
    }
}

/// Nobody makes, changes or unmakes an administrator of a higher level than their own.
pub(crate) fn below(who: &Asker, level: AdminLevel) -> Result<()> {
    if who.is_system() || who.principal.admin >= level {
        Ok(())
    } else {
        Err(Error::Forbidden { right: kontor_model::Right::Administer })
    }
}

fn changed(before: &Principal, change: UserChange) -> Principal {
    Principal {
        id: before.id,
        name: change.name.unwrap_or_else(|| before.name.clone()),
        kind: before.kind,
        full_name: change.full_name.unwrap_or_else(|| before.full_name.clone()),
        email: change.email.unwrap_or_else(|| before.email.clone()),
        aliases: change.aliases.unwrap_or_else(|| before.aliases.clone()),
        active: change.active.unwrap_or(before.active),
        admin: change.admin.unwrap_or(before.admin),
        hidden: change.hidden.unwrap_or(before.hidden),
        created: before.created,
    }
}

fn check(principal: &Principal) -> Result<()> {
    let refuse = |detail: String| Err(Error::Invalid { rule: Rule::Name, detail });
    if principal.full_name.trim().is_empty() {
        return refuse("the full name may not be empty".to_owned());
    }
    if principal.full_name.len() > LONGEST_TEXT || principal.full_name.chars().any(char::is_control) {
        return refuse(format!("the full name may have {LONGEST_TEXT} bytes and no control characters"));
    }
    if principal.aliases.len() > MOST_ALIASES {
        return refuse(format!("an account may have {MOST_ALIASES} aliases"));
    }
    for address in std::iter::once(&principal.email).chain(&principal.aliases) {
        let halves =
            address.rsplit_once('@').is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty());
        let clean = !address.chars().any(|c| c.is_control() || c.is_whitespace() || c == '<' || c == '>');
        if !halves || !clean || address.len() > LONGEST_TEXT {
            return refuse(format!(
                "{:?} is not a mail address",
                address.chars().take(60).collect::<String>()
            ));
        }
    }
    Ok(())
}
