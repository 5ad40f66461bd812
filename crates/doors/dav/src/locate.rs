//! From a route to what is there, with what its properties need.

use crate::Session;
use crate::error::if_allowed;
use crate::route::{self, Branch, Route};
use crate::subject::{Bits, CollectionView, HomeView, NamedGrant, Subject, need};
use kontor_groupware::{DRIVE, Place, Select, Space};
use kontor_model::{CollectionId, Error, Grantee, Item, ItemName, Principal, PropertyKey, Result};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// A subject that owns what it is made of.
pub(crate) enum Located {
    /// `/` or `/dav/`, whichever was asked.
    Root(&'static str),
    /// `/dav/principals/`.
    Principals,
    /// A principal.
    Principal(Arc<Principal>),
    /// All homes of a branch, and how much room there is in one's own.
    Homes(Branch, Space),
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
            Self::Homes(branch, space) => Subject::Homes(*branch, *space),
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
            // What drives lie in is mounted too, and asked how much room there is.
            Route::Homes(Branch::Files) if needs & need::SPACE != 0 => {
                let place = self.own_drive().await?;
                let holding = self.office().holding(&place).await?;
                let space = self.office().space(&self.asker, &place, holding);
                Ok(Located::Homes(Branch::Files, space))
            }
            Route::Homes(branch) => Ok(Located::Homes(*branch, Space::default())),
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

    /// Looks up whether a path among files leads to a folder. Makes the drive that it lies in, if that is looked for the
    /// first time.
    ///
    /// # Errors
    /// Those of the office; what is not there is an item.
    pub(crate) async fn resolved<'a>(&self, route: Route<'a>) -> Result<Route<'a>> {
        let (office, asker) = (self.office(), &self.asker);
        let folder = match &route {
            Route::Collection(Branch::Files, owner, _) => {
                return self.drive(owner).await.map(|()| route);
            }
            Route::Item(Branch::Files, owner, path, name) => {
                let folder = format!("{path}/{name}");
                match if_allowed(office.place(asker, owner, Branch::Files.kinds(), &folder).await)? {
                    Some(_) => folder,
                    None => return self.drive(owner).await.map(|()| route),
                }
            }
            _ => return Ok(route),
        };
        match route {
            Route::Item(branch, owner, ..) => Ok(Route::Collection(branch, owner, folder.into())),
            other => Ok(other),
        }
    }

    /// One's own drive.
    pub(crate) async fn own_drive(&self) -> Result<Place> {
        let own = self.asker.principal.name.as_str();
        self.office().need_drive(&self.asker, own).await?;
        self.place(Branch::Files, own, DRIVE).await
    }

    /// Sees to it that somebody has a drive; who cannot be found has none.
    async fn drive(&self, owner: &str) -> Result<()> {
        if_allowed(self.office().need_drive(&self.asker, owner).await).map(drop)
    }

    /// The folders among items of a place, as far as the asker may see them. Costs nothing if there are none.
    pub(crate) async fn folders(
        &self,
        at: &Place,
        items: &[Item],
        needs: Bits,
    ) -> Result<HashMap<CollectionId, CollectionView>> {
        let wanted: HashSet<_> = items.iter().filter_map(|item| item.meta.folder).collect();
        let mut views = HashMap::with_capacity(wanted.len());
        if wanted.is_empty() {
            return Ok(views);
        }
        let places = self.office().folders(&self.asker, at).await?;
        let mut versions = HashMap::new();
        if needs & !need::SPACE == need::VERSION {
            let all = self.office().versions(&self.asker, at.owner.name.as_str()).await?;
            versions.extend(all);
        }
        // All of them lie in one account.
        let holding = match needs & need::SPACE {
            0 => None,
            _ => Some(self.office().holding(at).await?),
        };
        let needs = needs & !need::SPACE;
        for place in places.into_iter().filter(|place| wanted.contains(&place.collection.id)) {
            let space = holding.map(|held| self.office().space(&self.asker, &place, held));
            let id = place.collection.id;
            let view = match versions.get(&id) {
                Some(version) => CollectionView { version: Some(*version), ..CollectionView::new(place) },
                None if needs & !need::VERSION == 0 => CollectionView::new(place),
                None => match if_allowed(self.view(place, needs).await)? {
                    Some(view) => view,
                    None => continue,
                },
            };
            views.insert(id, CollectionView { space: space.unwrap_or_default(), ..view });
        }
        Ok(views)
    }

    /// The collection of that path.
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
        let mut view = CollectionView::new(place);
        view.version = Some(version);
        if needs & need::GRANTS != 0 {
            view.grants = self.named_grants(&view.place).await?;
        }
        if needs & need::SPACE != 0 {
            let holding = self.office().holding(&view.place).await?;
            view.space = self.office().space(&self.asker, &view.place, holding);
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
        let item = found.into_iter().next().flatten();
        // A folder that this asker may not see.
        let item = item.filter(|item| item.meta.folder.is_none()).ok_or(Error::NotFound)?;
        let mut dead = Vec::new();
        if needs & need::DEAD != 0 && item.meta.has_properties {
            let all = self.office().item_properties(&self.asker, &place, Some(name)).await?;
            dead = all.into_iter().map(|(_, key, value)| (key, value)).collect();
        }
        let at = match needs & need::GRANTS {
            0 => CollectionView::new(place),
            grants => self.view(place, grants).await?,
        };
        Ok(Located::Item(Box::new(LocatedItem { at, item, dead })))
    }
}
