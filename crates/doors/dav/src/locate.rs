//! From a route to what is there, with what its properties need.

use crate::Session;
use crate::error::if_allowed;
use crate::route::{self, Branch, Route};
use crate::subject::{Bits, CollectionView, HomeView, NamedGrant, Subject, need};
use kontor_groupware::{Place, Select};
use kontor_model::{Error, Grantee, Item, ItemName, Principal, PropertyKey, Result};
use std::sync::Arc;

/// A subject that owns what it is made of.
pub(crate) enum Located {
    /// `/` or `/dav/`, whichever was asked.
    Root(&'static str),
    /// `/dav/principals/`.
    Principals,
    /// A principal.
    Principal(Arc<Principal>),
    /// All homes of a branch.
    Homes(Branch),
    /// One home.
    Home(HomeView),
    /// A collection.
    Collection(CollectionView),
    /// An item with its own properties.
    Item(Box<LocatedItem>),
}

/// An item where it is.
pub(crate) struct LocatedItem {
    /// Its collection.
    pub(crate) at: CollectionView,
    /// The item without its body.
    pub(crate) item: Item,
    /// Properties that clients put on it.
    pub(crate) dead: Vec<(PropertyKey, Vec<u8>)>,
}

impl Located {
    /// As a subject.
    pub(crate) fn subject(&self) -> Subject<'_> {
        match self {
            Self::Root(href) => Subject::Root(href),
            Self::Principals => Subject::Principals,
            Self::Principal(principal) => Subject::Principal(principal),
            Self::Homes(branch) => Subject::Homes(*branch),
            Self::Home(home) => Subject::Home(home),
            Self::Collection(view) => Subject::Collection(view),
            Self::Item(found) => Subject::Item { at: &found.at, item: &found.item, dead: &found.dead },
        }
    }
}

impl Session {
    /// What is at `route`, with what `needs` says ([`need`]).
    ///
    /// # Errors
    /// Those of the office; `NotFound` if nothing is there, or nothing that this asker may see.
    pub(crate) async fn locate(&self, route: &Route<'_>, needs: Bits) -> Result<Located> {
        match route {
            Route::Root(href) => Ok(Located::Root(href)),
            Route::Principals => Ok(Located::Principals),
            Route::Principal(name) => {
                Ok(Located::Principal(self.office().principal(&self.asker, name).await?))
            }
            Route::Homes(branch) => Ok(Located::Homes(*branch)),
            Route::Home(branch, owner) => {
                let owner = self.office().principal(&self.asker, owner).await?;
                Ok(Located::Home(self.home(*branch, owner).await?))
            }
            Route::Collection(branch, owner, name) => {
                let place = self.place(*branch, owner, name).await?;
                Ok(Located::Collection(self.view(place, needs).await?))
            }
            Route::Item(branch, owner, collection, name) => {
                let place = self.place(*branch, owner, collection).await?;
                let name = ItemName::new(name).map_err(|_| Error::NotFound)?;
                self.located_item(place, &name, needs).await
            }
            Route::WellKnown(_) | Route::Changes => Err(Error::NotFound),
        }
    }

    /// The collection of that name.
    pub(crate) async fn place(&self, branch: Branch, owner: &str, name: &str) -> Result<Place> {
        self.office().place(&self.asker, owner, branch.kinds(), name).await
    }

    /// The same by what this node knew last; if what is done there fails, [`Session::renewed`] is to be asked.
    pub(crate) async fn place_lately(&self, branch: Branch, owner: &str, name: &str) -> Result<Place> {
        self.office().place_lately(&self.asker, owner, branch.kinds(), name).await
    }

    /// The place as it is now, if it was not so when something failed there: then that is to be done again.
    pub(crate) async fn renewed(&self, place: &Place, branch: Branch, name: &str) -> Result<Option<Place>> {
        self.office().renewed(&self.asker, place, branch.kinds(), name).await
    }

    /// A home, which every account has.
    pub(crate) async fn home(&self, branch: Branch, owner: Arc<Principal>) -> Result<HomeView> {
        let kind = branch.kinds().first().copied();
        let rights = self.office().root_rights(&self.asker, &owner, kind).await?;
        let href = route::home_href(branch, owner.name.as_str());
        Ok(HomeView { branch, owner, href, rights })
    }

    /// A view of a place that the asker may look at. Its number is always read: that is what tells whether it may be
    /// seen at all.
    pub(crate) async fn view(&self, place: Place, needs: Bits) -> Result<CollectionView> {
        let version = self.office().version(&self.asker, &place).await?;
        let mut view = CollectionView::new(place).ok_or(Error::NotFound)?;
        view.version = Some(version);
        if needs & need::GRANTS != 0 {
            view.grants = self.named_grants(&view.place).await?;
        }
        if needs & need::USAGE != 0 {
            view.usage = self.office().usage(&self.asker, &view.place).await.ok();
        }
        Ok(view)
    }

    async fn named_grants(&self, place: &Place) -> Result<Option<Vec<NamedGrant>>> {
        let Some(grants) = if_allowed(self.office().grants(&self.asker, place).await)? else {
            return Ok(None);
        };
        let mut named = Vec::with_capacity(grants.len());
        for grant in grants {
            let account = match &grant.grantee {
                Grantee::Account(id) => match self.office().principal_by_id(&self.asker, *id).await {
                    Ok(found) => Some(found.name.as_str().to_owned()),
                    // Hidden from the asker.
                    Err(Error::NotFound) => None,
                    Err(error) => return Err(error),
                },
                Grantee::Everyone | Grantee::Public => None,
            };
            named.push(NamedGrant { account, grant });
        }
        Ok(Some(named))
    }

    async fn located_item(&self, place: Place, name: &ItemName, needs: Bits) -> Result<Located> {
        let names = std::slice::from_ref(name);
        let found = self.office().items_named(&self.asker, &place, names, Select::Meta).await?;
        let item = found.into_iter().next().flatten().ok_or(Error::NotFound)?;
        let mut dead = Vec::new();
        if needs & need::DEAD != 0 && item.meta.has_properties {
            let all = self.office().item_properties(&self.asker, &place, Some(name)).await?;
            dead = all.into_iter().map(|(_, key, value)| (key, value)).collect();
        }
        let at = match needs & need::GRANTS {
            0 => CollectionView::new(place).ok_or(Error::NotFound)?,
            grants => self.view(place, grants).await?,
        };
        Ok(Located::Item(Box::new(LocatedItem { at, item, dead })))
    }
}
