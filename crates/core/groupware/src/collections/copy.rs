//! Copying a collection with all that is in it, and moving it to another store, which is a copy whose source goes.

use super::carry::{Berth, Fate, TRIES, Within};
use super::tree::{above, apart, subtree};
use crate::private::Sight;
use crate::relocate::ends;
use crate::{Asker, Office, Place, access};
use kontor_model::{
    AccountId, Collection, CollectionId, CollectionName, Error, ItemName, Result, Right, Version,
};
use kontor_store::{Expect, Op, Remains, Select, Shelf, Source};
use std::collections::HashMap;
use std::sync::Arc;

/// How many names are read at a time.
const PAGE: usize = 1000;

/// One collection of a tree that is carried.
struct Part {
    from: Arc<Collection>,
    /// What it will be.
    made: Collection,
    /// Its number when its items were read.
    version: Version,
    /// Its items, without folders.
    names: Vec<ItemName>,
}

impl Part {
    /// That nobody wrote to it since it was read.
    fn unmoved(&self) -> Op {
        let (account, collection, version) = (self.from.account, self.from.id, self.version);
        Op::Unmoved { account, collection, version }
    }
}

fn shelf_of(shelves: &[Arc<Shelf>], account: AccountId) -> Result<&Arc<Shelf>> {
    shelves.iter().find(|shelf| shelf.account == account).ok_or(Error::NotFound)
}

/// A collection that was there a moment ago.
fn gone(error: Error) -> Error {
    if error == Error::NotFound { Error::Stale { have: None } } else { error }
}

impl Office {
    /// Copies a collection with all that is in it and all properties, but not who may do what with it: in one
    /// transaction, and large bodies are not copied but referred to.
    ///
    /// # Errors
    /// `Exists` if the target is taken and `overwrite` is false; `Forbidden` without `r` on the source and all below,
    /// `k` on the target or `m` on what is overwritten; `Invalid` (`Location`) if it would lie in itself; `TooLarge` if
    /// it has too many items; `Busy` if others write to it all the time.
    pub async fn copy_collection(
        &self,
        who: &Asker,
        place: &Place,
        to: impl Into<Within<'_>>,
        name: &CollectionName,
        overwrite: bool,
    ) -> Result<Place> {
        self.carry_collection(who, place, to.into(), name, overwrite, Fate::Stays).await
    }

    /// Makes a collection like another: with its properties, but empty.
    ///
    /// # Errors
    /// As [`Office::copy_collection`].
    pub async fn copy_frame(
        &self,
        who: &Asker,
        place: &Place,
        to: impl Into<Within<'_>>,
        name: &CollectionName,
        overwrite: bool,
    ) -> Result<Place> {
        let (to, new) = (to.into(), self.inner.ids.collection());
        let (from, _) = self.readable(who, place).await?;
        let berth = self.berth(who, to, name, overwrite).await?;
        self.commit_shelf(who, &ends(from.account, berth.account()), |shelves| {
            let (here, there) = (shelf_of(shelves, from.account)?, shelf_of(shelves, berth.account())?);
            let (from, rights) = access::find(&self.inner.policy, who, here, from.id)?;
            access::need(rights, Right::Read)?;
            self.may_lie(who, there, from.kind, &berth, (1, 1))?;
            let mut ops = self.make_room(who, there, from, &berth)?;
            let made = self.like(from, &berth, (new, berth.parent, name.clone()));
            ops.push(Op::CreateCollection(Box::new(made)));
            Ok(ops)
        })
        .await?;
        self.place_of(who, berth.owner, new).await
    }

    /// A collection like another.
    fn like(
        &self,
        from: &Collection,
        berth: &Berth,
        (id, parent, name): (CollectionId, Option<CollectionId>, CollectionName),
    ) -> Collection {
        let created = self.inner.clock.now();
        Collection { account: berth.account(), id, parent, name, created, ..from.clone() }
    }

    pub(super) async fn carry_collection(
        &self,
        who: &Asker,
        place: &Place,
        to: Within<'_>,
        name: &CollectionName,
        overwrite: bool,
        fate: Fate,
    ) -> Result<Place> {
        for _ in 0..TRIES {
            match self.carry_tree(who, place, to, name, overwrite, fate).await {
                // Somebody wrote to it since it was read.
                Err(Error::Stale { .. }) => {}
                done => return done,
            }
        }
        Err(Error::Busy { retry_after: 1 })
    }

    /// Reads the whole tree, and carries it if it is still as it was read; else `Stale`.
    async fn carry_tree(
        &self,
        who: &Asker,
        place: &Place,
        to: Within<'_>,
        name: &CollectionName,
        overwrite: bool,
        fate: Fate,
    ) -> Result<Place> {
        let new = self.inner.ids.collection();
        let (from, _) = self.readable(who, place).await?;
        let berth = self.berth(who, to, name, overwrite).await?;
        let parts = self.parts(who, &from, &berth, new).await?;
        self.commit_shelf(who, &ends(from.account, berth.account()), |shelves| {
            let room = self.may_carry(who, shelves, &parts, &berth, fate)?;
            // What came to a collection since would not be carried, and would go with it.
            let mut ops: Vec<Op> = parts.iter().map(Part::unmoved).collect();
            ops.extend(room);
            ops.extend(parts.iter().flat_map(|part| self.carry_part(part, fate)));
            if fate == Fate::Goes {
                // All that it held lives on elsewhere.
                let (account, collection) = (from.account, from.id);
                ops.push(Op::RemoveCollection { account, collection, remains: Remains::Nothing });
            }
            Ok(ops)
        })
        .await?;
        self.place_of(who, berth.owner, new).await
    }

    /// The whole tree with the names of its items; `Stale` if one of its collections went meanwhile.
    async fn parts(
        &self,
        who: &Asker,
        from: &Collection,
        berth: &Berth,
        new: CollectionId,
    ) -> Result<Vec<Part>> {
        let shelf = self.shelf(from.account).await?;
        let top = shelf.collection(from.id).ok_or(Error::NotFound)?;
        let tree = subtree(&shelf, top);
        let mut ids: HashMap<CollectionId, CollectionId> = HashMap::new();
        let mut parts: Vec<Part> = Vec::with_capacity(tree.len());
        let mut left = self.inner.policy.limits.max_copy_items;
        for one in tree {
            self.may_see_whole(who, &shelf, one)?;
            // First the number, then the names: what comes after the number is noticed by it.
            let version = self.store().version(one.account, one.id).await.map_err(gone)?;
            let names = self.names(one, left).await.map_err(gone)?;
            left = left.saturating_sub(names.len() + 1);
            let id = if one.id == top.id { new } else { self.inner.ids.collection() };
            let parent = match one.parent.and_then(|parent| ids.get(&parent)) {
                Some(parent) => Some(*parent),
                None => berth.parent,
            };
            let name = if one.id == top.id { berth.name.clone() } else { one.name.clone() };
            let made = self.like(one, berth, (id, parent, name));
            ids.insert(one.id, id);
            parts.push(Part { from: one.clone(), made, version, names });
        }
        Ok(parts)
    }

    /// Refuses what the asker does not see, or not as it is: the copy would tell it.
    fn may_see_whole(&self, who: &Asker, shelf: &Shelf, one: &Collection) -> Result<()> {
        let rights = access::on(&self.inner.policy, who, shelf, one);
        access::need(rights, Right::Read)?;
        match Sight::of(one, rights) {
            Sight::Full => Ok(()),
            Sight::Veiled => Err(Error::Forbidden { right: Right::Private }),
        }
    }

    fn may_carry(
        &self,
        who: &Asker,
        shelves: &[Arc<Shelf>],
        parts: &[Part],
        berth: &Berth,
        fate: Fate,
    ) -> Result<Vec<Op>> {
        let first = parts.first().ok_or(Error::NotFound)?;
        let here = shelf_of(shelves, first.from.account)?;
        let top = here.collection(first.from.id).ok_or(Error::NotFound)?;
        let now = subtree(here, top);
        if !now.iter().copied().eq(parts.iter().map(|part| &part.from)) {
            // Folders came, went, or got other names or properties since the tree was read.
            return Err(Error::Stale { have: None });
        }
        now.iter().try_for_each(|one| self.may_see_whole(who, here, one))?;
        if fate == Fate::Goes {
            self.may_go(who, here, top)?;
            let rights = access::on(&self.inner.policy, who, here, top);
            access::need(rights, Right::DeleteAll)?;
        }
        let there = shelf_of(shelves, berth.account())?;
        let depths = now.iter().map(|one| above(here, one).count());
        let deep = depths.max().unwrap_or_default() - above(here, top).count() + 1;
        self.may_lie(who, there, top.kind, berth, (parts.len(), deep))?;
        if let Some(parent) = berth.parent.and_then(|parent| there.collection(parent))
            && here.account == there.account
        {
            apart(there, parent, top.id)?;
        }
        self.make_room(who, there, top, berth)
    }

    fn carry_part<'p>(&'p self, part: &'p Part, fate: Fate) -> impl Iterator<Item = Op> + 'p {
        let create = Op::CreateCollection(Box::new(part.made.clone()));
        let items = part.names.iter().map(move |name| self.carry_item(&part.from, &part.made, name, fate));
        std::iter::once(create).chain(items)
    }

    fn carry_item(&self, from: &Collection, to: &Collection, name: &ItemName, fate: Fate) -> Op {
        let end = |at: &Collection| Source { account: at.account, collection: at.id, name: name.clone() };
        let (from, to, new_id) = (end(from), end(to), self.inner.ids.item());
        let (expect, target) = (Expect::Present, Expect::Absent);
        match fate {
            Fate::Goes => Op::Relocate { from, expect, to, target, new_id },
            Fate::Stays => Op::Copy { from, expect, to, target, new_id },
        }
    }

    /// Names of all items of a collection but folders.
    async fn names(&self, of: &Collection, most: usize) -> Result<Vec<ItemName>> {
        let max = self.inner.policy.limits.max_copy_items as u64;
        let mut names: Vec<ItemName> = Vec::new();
        let mut after: Option<ItemName> = None;
        loop {
            let page = self.store().page(of.account, of.id, after.as_ref(), PAGE, Select::Meta).await?;
            after = page.items.last().map(|item| item.meta.name.clone());
            let items = page.items.into_iter().filter(|item| item.meta.folder.is_none());
            names.extend(items.map(|item| item.meta.name));
            if names.len() > most {
                return Err(Error::TooLarge { limit: "max_copy_items", max });
            }
            if !page.more {
                return Ok(names);
            }
        }
    }
}
