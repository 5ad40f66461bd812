//! Renaming and moving a collection, and making room for one.

use super::siblings;
use super::tree::{above, apart, subtree};
use crate::{Asker, Office, Place, access};
use kontor_model::{
    AccountId, Collection, CollectionId, CollectionName, Error, ItemId, ItemName, Kind, Principal, Result,
    Right, Rule, Version,
};
use kontor_store::{Expect, Op, Select, Shelf, Source};
use std::sync::Arc;

/// How often it is begun anew because somebody wrote in between.
pub(super) const TRIES: usize = 8;

/// What becomes of the source.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    Goes,
    Stays,
}

/// Where a collection shall lie.
#[derive(Clone, Copy, Debug)]
pub enum Within<'a> {
    /// At the top of the store of that account.
    Store(&'a str),
    /// In another one: a folder of files.
    Folder(&'a Place),
}

impl<'a> From<&'a str> for Within<'a> {
    fn from(owner: &'a str) -> Self {
        Self::Store(owner)
    }
}

impl<'a> From<&'a Place> for Within<'a> {
    fn from(place: &'a Place) -> Self {
        Self::Folder(place)
    }
}

/// Where a collection shall lie, looked up.
#[derive(Clone)]
pub(super) struct Berth {
    pub(super) owner: Arc<Principal>,
    pub(super) parent: Option<CollectionId>,
    pub(super) name: CollectionName,
    /// The item there that is no folder, if there is one.
    pub(super) item: Option<(ItemId, Version)>,
    /// Whether what is there goes.
    pub(super) overwrite: bool,
}

impl Berth {
    pub(super) fn account(&self) -> AccountId {
        self.owner.id
    }
}

impl Office {
    /// Gives a collection another name, or moves it to another store, or, for a folder of files, into another folder.
    /// Within a store it keeps its id, its items and its change number. What lies at the target is removed first if
    /// `overwrite` says so.
    ///
    /// # Errors
    /// `Exists` if the target is taken and `overwrite` is false; `Forbidden` without `m` on the source (and on what
    /// is overwritten; `D` will do for folders) or `k` on the other store or folder; `Invalid` (`Location`) if it would
    /// lie in itself; `TooLarge` if too many items would have to move between stores; `Busy` if others write to it all the time.
    pub async fn relocate_collection(
        &self,
        who: &Asker,
        place: &Place,
        to: impl Into<Within<'_>>,
        name: &CollectionName,
        overwrite: bool,
    ) -> Result<Place> {
        let to = to.into();
        for _ in 0..TRIES {
            let berth = self.berth(who, to, name, overwrite).await?;
            let owner = berth.owner.clone();
            if owner.id != place.account() {
                return self.carry_collection(who, place, to, name, overwrite, Fate::Goes).await;
            }
            match self.rename(who, place.id(), &berth).await {
                Ok(()) => return self.place_of(who, owner, place.id()).await,
                // A file came, went or changed there.
                Err(Error::Stale { .. }) => {}
                Err(Error::Exists) if overwrite && berth.parent.is_some() && berth.item.is_none() => {}
                Err(error) => return Err(error),
            }
        }
        Err(Error::Busy { retry_after: 1 })
    }

    async fn rename(&self, who: &Asker, id: CollectionId, berth: &Berth) -> Result<()> {
        let account = berth.account();
        self.commit_shelf(who, &[account], |shelves| {
            let shelf = shelves.first().ok_or(Error::NotFound)?;
            access::find(&self.inner.policy, who, shelf, id)?;
            let what = shelf.collection(id).ok_or(Error::NotFound)?;
            self.may_go(who, shelf, what)?;
            if berth.parent != what.parent {
                let tree = subtree(shelf, what);
                let depths = tree.iter().map(|one| above(shelf, one).count());
                let deep = depths.max().unwrap_or_default() - above(shelf, what).count() + 1;
                self.may_lie(who, shelf, what.kind, berth, (0, deep))?;
            }
            if let Some(parent) = berth.parent.and_then(|parent| shelf.collection(parent)) {
                apart(shelf, parent, id)?;
            }
            let mut ops = self.make_room(who, shelf, what, berth)?;
            let (parent, name) = (berth.parent, berth.name.clone());
            ops.push(Op::RenameCollection { account, collection: id, parent, name });
            Ok(ops)
        })
        .await?;
        Ok(())
    }

    /// Looks up where a collection shall lie.
    pub(super) async fn berth(
        &self,
        who: &Asker,
        to: Within<'_>,
        name: &CollectionName,
        overwrite: bool,
    ) -> Result<Berth> {
        let name = name.clone();
        let at = match to {
            Within::Store(owner) => {
                let owner = self.principal(who, owner).await?;
                return Ok(Berth { owner, parent: None, name, item: None, overwrite });
            }
            Within::Folder(at) => at,
        };
        let names = [ItemName::new(name.as_str())?];
        let found = self.store().items_named(at.account(), at.id(), &names, Select::Meta).await?;
        let there = found.into_iter().next().flatten().map(|item| item.meta);
        let item = there.filter(|meta| meta.folder.is_none()).map(|meta| (meta.id, meta.revision));
        Ok(Berth { owner: at.owner.clone(), parent: Some(at.id()), name, item, overwrite })
    }

    /// Decides whether collections of a kind may come to lie there: so many, so deep.
    pub(super) fn may_lie(
        &self,
        who: &Asker,
        shelf: &Shelf,
        kind: Kind,
        berth: &Berth,
        size: (usize, usize),
    ) -> Result<()> {
        match (berth.parent, kind) {
            (None, Kind::Files) | (Some(_), Kind::Calendar | Kind::Tasks | Kind::Contacts) => {
                let detail = "folders of files lie in drives, other collections at the top".to_owned();
                Err(Error::Invalid { rule: Rule::Location, detail })
            }
            (None, kind) => self.may_create(who, shelf, kind),
            (Some(parent), Kind::Files) => {
                let (parent, _) = access::find(&self.inner.policy, who, shelf, parent)?;
                self.may_hold(who, shelf, parent, size)
            }
        }
    }

    /// Removes what lies at the target, if that is wanted and allowed. What comes there must not lie in it.
    pub(super) fn make_room(
        &self,
        who: &Asker,
        shelf: &Shelf,
        comes: &Collection,
        berth: &Berth,
    ) -> Result<Vec<Op>> {
        let account = shelf.account;
        if let (Some((id, revision)), Some(parent)) = (berth.item, berth.parent) {
            if !berth.overwrite {
                return Err(Error::Exists);
            }
            let (_, rights) = access::find(&self.inner.policy, who, shelf, parent)?;
            access::need(rights, Right::DeleteAll)?;
            let at = Source { account, collection: parent, name: ItemName::new(berth.name.as_str())? };
            return Ok(vec![Op::Remove { at, expect: Expect::Exactly(id, revision) }]);
        }
        let kinds = siblings(comes.kind);
        let Some(old) = shelf.named(berth.parent, kinds, berth.name.as_str()) else { return Ok(Vec::new()) };
        if !berth.overwrite || old.id == comes.id {
            return Err(Error::Exists);
        }
        if comes.account == account {
            apart(shelf, comes, old.id)?;
        }
        self.may_go(who, shelf, old)?;
        Ok(vec![Op::RemoveCollection { account, collection: old.id, remains: self.inner.policy.remains() }])
    }
}
