//! The public store: an account that is nobody's, whose drive all users open (features.md A1).
//!
//! It is made once, and known by a setting of the whole store, so that it may be given another name. What everybody may
//! do in it stands in the access list of its drive like any other grant; where that is taken away, it is gone for all
//! who are no administrators. Who logs in as it finds no way: it has no password and is not active.

use crate::collections::{DRIVE, plan};
use crate::place::Known;
use crate::{Asker, NewCollection, Office, Place, access};
use kontor_model::{
    AccountId, AccountName, AdminLevel, CollectionName, Components, Error, Grant, Grantee, Kind, Limit,
    Principal, PrincipalKind, Properties, QuotaSettings, Result, Right, Rights, Role,
};
use kontor_store::{Op, Shelf};
use std::sync::Arc;

/// Name of the setting that holds its account.
const SETTING: &str = "public_store";
/// How it is called before somebody gives it another name.
const NAME: &str = "public";

/// The public store.
#[derive(Clone, Debug)]
pub struct PublicStore {
    /// Its account; log-in name and drive have the same name.
    pub owner: Arc<Principal>,
    /// What everybody who has an account may do in it.
    pub everyone: Rights,
}

impl PublicStore {
    /// What a role comes to there. Who may add files may make folders: without, a tree of all users has no branches.
    pub fn rights_of(role: Role) -> Rights {
        let rights = role.rights();
        let branches = if rights.has(Right::EditOwn) { &[Right::CreateCollection][..] } else { &[] };
        rights.union(Rights::of(branches))
    }

    /// The role that everybody has, if it is one.
    pub fn role(&self) -> Option<Role> {
        Role::ALL.into_iter().find(|role| Self::rights_of(*role) == self.everyone)
    }
}

impl Office {
    /// Makes the public store, called `public` if no other name is given, with the role for everybody that the policy says.
    ///
    /// # Errors
    /// `Exists` if there is one already, or if the name is taken; `Forbidden` for who is no administrator.
    pub async fn create_public_store(&self, who: &Asker, name: Option<AccountName>) -> Result<PublicStore> {
        access::need_admin(who)?;
        if self.public_store_id().await?.is_some() {
            return Err(Error::Exists);
        }
        let name = name.map_or_else(|| AccountName::new(NAME), Ok)?;
        let (principal, ops) = self.furnished(name)?;
        self.write(who, Vec::new(), ops).await?;
        if self.public_store_id().await? != Some(principal.id) {
            // Somebody else made one in the same moment.
            let op = Op::RemovePrincipal { id: principal.id, name: principal.name };
            self.write(who, Vec::new(), vec![op]).await?;
            return Err(Error::Exists);
        }
        self.public_store(who).await
    }

    /// The account with its drive. No limits hold for it unless somebody sets some (features.md H3).
    fn furnished(&self, name: AccountName) -> Result<(Principal, Vec<Op>)> {
        let (account, now) = (self.inner.ids.account(), self.inner.clock.now());
        let principal = Principal {
            id: account,
            kind: PrincipalKind::Shared,
            full_name: "Public store".to_owned(),
            // Nobody's, ever (RFC 2606).
            email: format!("{}@kontor.invalid", name.as_str()),
            name,
            aliases: Vec::new(),
            active: false,
            admin: AdminLevel::None,
            // Who may not open it does not learn of it, and nobody invites it.
            hidden: true,
            created: now,
        };
        let (kind, components, properties) = (Kind::Files, Components::NONE, Properties::new());
        let new = NewCollection { kind, name: CollectionName::new(DRIVE)?, components, properties };
        let drive = plan(&self.inner.policy.limits, account, self.inner.ids.collection(), new, now)?;
        let rights = PublicStore::rights_of(self.inner.policy.public_store);
        let grants = Some(vec![Grant { grantee: Grantee::Everyone, rights }]);
        let quota = QuotaSettings { warn: Limit::None, soft: Limit::None, hard: Limit::None };
        let collection = Some(drive.id);
        let ops = vec![
            Op::InitSetting { key: SETTING.to_owned(), value: account.0.to_string().into_bytes() },
            Op::CreatePrincipal(Box::new(principal.clone())),
            Op::CreateCollection(Box::new(drive)),
            Op::SetGrants { account, collection, grants },
            Op::SetQuota { account, quota },
        ];
        Ok((principal, ops))
    }

    /// The public store.
    ///
    /// # Errors
    /// `NotFound` if there is none; `Forbidden` for who is no administrator.
    pub async fn public_store(&self, who: &Asker) -> Result<PublicStore> {
        access::need_admin(who)?;
        let (owner, shelf) = self.public_shelf().await?.ok_or(Error::NotFound)?;
        let drive = drive_of(&shelf).ok_or(Error::NotFound)?;
        let grants = shelf.grants_on(drive.id).unwrap_or(&shelf.root_grants);
        let everyone = grants.iter().find(|grant| grant.grantee == Grantee::Everyone);
        Ok(PublicStore { owner, everyone: everyone.map_or(Rights::NONE, |grant| grant.rights) })
    }

    /// Says what everybody may do in the public store; what single accounts were granted stays.
    ///
    /// # Errors
    /// As [`Office::public_store`].
    pub async fn open_public_store(&self, who: &Asker, role: Role) -> Result<PublicStore> {
        access::need_admin(who)?;
        let (_, shelf) = self.public_shelf().await?.ok_or(Error::NotFound)?;
        let everyone = Grant { grantee: Grantee::Everyone, rights: PublicStore::rights_of(role) };
        self.commit_shelf(who, &[shelf.account], |shelves| {
            let shelf = shelves.first().ok_or(Error::NotFound)?;
            let drive = drive_of(shelf).ok_or(Error::NotFound)?;
            let others = shelf.grants_on(drive.id).unwrap_or(&shelf.root_grants).iter();
            let others = others.filter(|grant| grant.grantee != Grantee::Everyone).cloned();
            let grants = Some(others.chain([everyone.clone()]).collect());
            Ok(vec![Op::SetGrants { account: shelf.account, collection: Some(drive.id), grants }])
        })
        .await?;
        self.public_store(who).await
    }

    /// The drive of the public store, if the asker may see it.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn public_drive(&self, who: &Asker) -> Result<Option<Place>> {
        let Some((owner, shelf)) = self.public_shelf().await? else { return Ok(None) };
        let Some(collection) = drive_of(&shelf).cloned() else { return Ok(None) };
        let rights = access::on(&self.inner.policy, who, &shelf, &collection);
        let place = Place { owner, collection, rights, shelf, known: Known::Now };
        Ok(Some(place).filter(|place| place.rights.has(Right::Look)))
    }

    /// Whether that account is the public store.
    pub(crate) async fn is_public_store(&self, account: AccountId) -> Result<bool> {
        Ok(self.public_store_id().await? == Some(account))
    }

    async fn public_shelf(&self) -> Result<Option<(Arc<Principal>, Arc<Shelf>)>> {
        let Some(id) = self.public_store_id().await? else { return Ok(None) };
        match self.inner.directory.principal_by_id(id).await? {
            Some(owner) => Ok(Some((owner, self.shelf(id).await?))),
            None => Ok(None),
        }
    }

    /// Its account; asked for until there is one, as another node may make it.
    async fn public_store_id(&self) -> Result<Option<AccountId>> {
        if let Some(id) = self.inner.public_store.get() {
            return Ok(Some(*id));
        }
        let Some(bytes) = self.store().setting(SETTING).await? else { return Ok(None) };
        let id = String::from_utf8(bytes).ok().and_then(|text| text.parse().ok()).map(AccountId);
        let id = id.ok_or_else(|| Error::Internal("the setting public_store is no account".to_owned()))?;
        Ok(Some(*self.inner.public_store.get_or_init(|| id)))
    }
}

fn drive_of(shelf: &Shelf) -> Option<&Arc<kontor_model::Collection>> {
    shelf.named(None, &[Kind::Files], DRIVE)
}
