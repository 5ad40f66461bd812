//! Finding accounts and collections.

use crate::asker::Standing;
use crate::place::Known;
use crate::{Asker, Office, Place, access, collections};
use kontor_model::{
    AccountId, AccountName, CollectionId, Error, Grant, Kind, Principal, PrincipalKind, Result, Right,
    Rights, Version,
};
use kontor_store::Shelf;
use std::sync::Arc;

impl Office {
    /// The account of that log-in name.
    ///
    /// # Errors
    /// `NotFound` if there is none, or if it is hidden and the asker neither is it, nor an administrator, nor was
    /// granted anything in its store. Guests and the public find only where something was granted to them.
    pub async fn principal(&self, who: &Asker, name: &str) -> Result<Arc<Principal>> {
        if who.standing == Standing::Account && who.principal.name.as_str() == name {
            return Ok(who.principal.clone());
        }
        let name = AccountName::new(name).map_err(|_| Error::NotFound)?;
        let found = self.inner.directory.principal(&name).await?.ok_or(Error::NotFound)?;
        self.seen(who, found).await
    }

    /// The account that has this mail address.
    ///
    /// # Errors
    /// As [`Office::principal`].
    pub async fn principal_by_email(&self, who: &Asker, address: &str) -> Result<Arc<Principal>> {
        let found = self.inner.store.principal_by_email(address).await?.ok_or(Error::NotFound)?;
        self.seen(who, found).await
    }

    async fn seen(&self, who: &Asker, found: Arc<Principal>) -> Result<Arc<Principal>> {
        let insider = who.standing != Standing::Public && who.principal.kind != PrincipalKind::Guest;
        let open = insider && !found.hidden;
        if open || who.is(found.id) || access::need_admin(who).is_ok() {
            return Ok(found);
        }
        let shelf = self.shelf(found.id).await?;
        let any = |one| access::on(&self.inner.policy, who, &shelf, one) != Rights::NONE;
        if shelf.collections.iter().any(|one| any(one)) { Ok(found) } else { Err(Error::NotFound) }
    }

    /// The top-level collections of those kinds in somebody's store that the asker may see.
    ///
    /// # Errors
    /// `NotFound` as [`Office::principal`].
    pub async fn places(&self, who: &Asker, owner: &str, kinds: &[Kind]) -> Result<Vec<Place>> {
        let owner = self.principal(who, owner).await?;
        let shelf = self.shelf(owner.id).await?;
        let wanted = shelf.collections.iter().filter(|one| one.parent.is_none() && kinds.contains(&one.kind));
        let places = wanted.map(|one| Place {
            owner: owner.clone(),
            collection: one.clone(),
            rights: access::on(&self.inner.policy, who, &shelf, one),
            shelf: shelf.clone(),
            known: Known::Now,
        });
        Ok(places.filter(|place| place.rights.has(Right::Look)).collect())
    }

    /// The collection among those kinds that a path leads to: its name, or for what lies in others the names from the
    /// top, with a slash between them.
    ///
    /// # Errors
    /// `NotFound` if there is none or the asker has no right at all on it. Somebody with `f` or `i` alone gets the
    /// place, and finds the verbs that need more answering `NotFound`.
    pub async fn place(&self, who: &Asker, owner: &str, kinds: &[Kind], path: &str) -> Result<Place> {
        let owner = self.principal(who, owner).await?;
        let shelf = self.shelf(owner.id).await?;
        self.place_on(who, owner, (shelf, Known::Now), kinds, path)
    }

    /// As [`Office::place`], but by what this node knew last, if that says yes: no question is asked then. What is done at
    /// such a place either proves to be right or fails; if it fails, [`Office::renewed`] says whether to do it again.
    ///
    /// # Errors
    /// As [`Office::place`].
    pub async fn place_lately(&self, who: &Asker, owner: &str, kinds: &[Kind], path: &str) -> Result<Place> {
        let owner = self.principal(who, owner).await?;
        if let Some(shelf) = self.inner.store.shelf_lately(owner.id)
            && let Ok(place) = self.place_on(who, owner.clone(), (shelf, Known::Lately), kinds, path)
        {
            return Ok(place);
        }
        let shelf = self.shelf(owner.id).await?;
        self.place_on(who, owner, (shelf, Known::Now), kinds, path)
    }

    /// The place as it is now, if it was found by what this node knew last and that was out of date; `None` if what came
    /// of it stands.
    ///
    /// # Errors
    /// As [`Office::place`].
    pub async fn renewed(
        &self,
        who: &Asker,
        place: &Place,
        kinds: &[Kind],
        path: &str,
    ) -> Result<Option<Place>> {
        if place.known == Known::Now {
            return Ok(None);
        }
        let shelf = self.shelf(place.account()).await?;
        if shelf.version == place.shelf.version {
            return Ok(None);
        }
        self.place_on(who, place.owner.clone(), (shelf, Known::Now), kinds, path).map(Some)
    }

    fn place_on(
        &self,
        who: &Asker,
        owner: Arc<Principal>,
        (shelf, known): (Arc<Shelf>, Known),
        kinds: &[Kind],
        path: &str,
    ) -> Result<Place> {
        let collection = collections::along(&shelf, kinds, path).ok_or(Error::NotFound)?.clone();
        let rights = access::on(&self.inner.policy, who, &shelf, &collection);
        if rights == Rights::NONE {
            return Err(Error::NotFound);
        }
        Ok(Place { owner, collection, rights, shelf, known })
    }

    /// A collection by what never changes of it.
    ///
    /// # Errors
    /// `NotFound` if it is not there or the asker has no right on it.
    pub async fn place_by_id(&self, who: &Asker, account: AccountId, id: CollectionId) -> Result<Place> {
        let owner = self.inner.store.principal_by_id(account).await?.ok_or(Error::NotFound)?;
        self.place_of(who, owner, id).await
    }

    /// The account of that id, for naming who made something.
    ///
    /// # Errors
    /// As [`Office::principal`].
    pub async fn principal_by_id(&self, who: &Asker, id: AccountId) -> Result<Arc<Principal>> {
        if who.is(id) {
            return Ok(who.principal.clone());
        }
        let found = self.inner.store.principal_by_id(id).await?.ok_or(Error::NotFound)?;
        self.seen(who, found).await
    }

    /// The place of a collection that was just made.
    pub(crate) async fn place_of(
        &self,
        who: &Asker,
        owner: Arc<Principal>,
        id: CollectionId,
    ) -> Result<Place> {
        let shelf = self.shelf(owner.id).await?;
        let (_, rights) = access::find(&self.inner.policy, who, &shelf, id)?;
        let collection = shelf.collection(id).ok_or(Error::NotFound)?.clone();
        Ok(Place { owner, collection, rights, shelf, known: Known::Now })
    }

    /// What the asker may do on the root of a store, where collections of `kind` are concerned; for display.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn root_rights(&self, who: &Asker, owner: &Principal, kind: Option<Kind>) -> Result<Rights> {
        let shelf = self.shelf(owner.id).await?;
        Ok(access::on_root(&self.inner.policy, who, &shelf, kind))
    }

    /// The access list of a collection: its own, or the one that it inherits. Each entry with its origin's depth is
    /// not told; an empty list means that only the owner may.
    ///
    /// # Errors
    /// `Forbidden` without `a`, `NotFound` without `l`.
    pub async fn grants(&self, who: &Asker, place: &Place) -> Result<Vec<Grant>> {
        let shelf = self.shelf(place.account()).await?;
        let (collection, rights) = access::find(&self.inner.policy, who, &shelf, place.id())?;
        access::need(rights, Right::Administer)?;
        Ok(effective(&shelf, collection.id).to_vec())
    }

    /// The change number of a collection.
    ///
    /// # Errors
    /// `NotFound` without `l`.
    pub async fn version(&self, who: &Asker, place: &Place) -> Result<Version> {
        let (collection, rights) = self.look(who, place).await?;
        access::need(rights, Right::Look)?;
        self.store().version(collection.account, collection.id).await
    }

    /// The change numbers of all collections of a store that the asker may see.
    ///
    /// # Errors
    /// `NotFound` as [`Office::principal`].
    pub async fn versions(&self, who: &Asker, owner: &str) -> Result<Vec<(CollectionId, Version)>> {
        let owner = self.principal(who, owner).await?;
        let shelf = self.shelf(owner.id).await?;
        let mut all = self.store().versions(owner.id).await?;
        let policy = &self.inner.policy;
        all.retain(|(id, _)| {
            let found = shelf.collection(*id);
            found.is_some_and(|one| access::on(policy, who, &shelf, one).has(Right::Look))
        });
        Ok(all)
    }
}

/// The entries that decide on a collection: its own, else its nearest ancestor's, else the root's.
fn effective(shelf: &Shelf, id: CollectionId) -> &[Grant] {
    let Some(here) = shelf.collection(id) else { return &shelf.root_grants };
    let mut chain = std::iter::once(here).chain(collections::above(shelf, here));
    chain.find_map(|one| shelf.grants_on(one.id)).unwrap_or(&shelf.root_grants)
}
