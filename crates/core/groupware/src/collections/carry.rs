//! Renaming, moving and copying a collection.

use super::create::vacant;
use super::siblings;
use crate::private::Sight;
use crate::relocate::ends;
use crate::{Asker, Office, Place, access};
use kontor_model::{Collection, CollectionName, Error, ItemName, Principal, Result, Right, Rights};
use kontor_store::{Expect, Op, Select, Shelf, Source};
use std::sync::Arc;

/// How many names are read at a time.
const PAGE: usize = 1000;
/// How often a move between stores is begun anew because somebody wrote in between.
const TRIES: usize = 8;

/// What becomes of the source.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    Goes,
    Stays,
}

impl Office {
    /// Gives a collection another name, or moves it to another store. Within a store it keeps its id, its items and
    /// its change number. A collection that lies at the target is removed first if `overwrite` says so.
    ///
    /// # Errors
    /// `Exists` if the target is taken and `overwrite` is false; `Forbidden` without `m` on the source (and on what
    /// is overwritten) or `k` on the other store; `TooLarge` if too many items would have to move between stores.
    pub async fn relocate_collection(
        &self,
        who: &Asker,
        place: &Place,
        owner: &str,
        name: &CollectionName,
        overwrite: bool,
    ) -> Result<Place> {
        let owner = self.principal(who, owner).await?;
        if owner.id != place.account() {
            return self.carry_collection(who, place, owner, name, overwrite, Fate::Goes).await;
        }
        let (account, id) = (place.account(), place.id());
        self.commit_shelf(who, &[account], |shelves| {
            let shelf = shelves.first().ok_or(Error::NotFound)?;
            let (collection, rights) = access::find(&self.inner.policy, who, shelf, id)?;
            access::need(rights, Right::Manage)?;
            let mut ops = self.make_room(who, shelf, collection, name, overwrite)?;
            ops.push(Op::RenameCollection {
                account,
                collection: id,
                parent: collection.parent,
                name: name.clone(),
            });
            Ok(ops)
        })
        .await?;
        self.place_of(who, owner, id).await
    }

    /// Copies a collection with all its items and properties, but not who may do what with it.
    ///
    /// # Errors
    /// `Exists` if the target is taken and `overwrite` is false; `Forbidden` without `r` on the source, `k` on the
    /// target store or `m` on what is overwritten; `TooLarge` if it has too many items.
    pub async fn copy_collection(
        &self,
        who: &Asker,
        place: &Place,
        owner: &str,
        name: &CollectionName,
        overwrite: bool,
    ) -> Result<Place> {
        let owner = self.principal(who, owner).await?;
        self.carry_collection(who, place, owner, name, overwrite, Fate::Stays).await
    }

    async fn carry_collection(
        &self,
        who: &Asker,
        place: &Place,
        owner: Arc<Principal>,
        name: &CollectionName,
        overwrite: bool,
        fate: Fate,
    ) -> Result<Place> {
        let new = self.inner.ids.collection();
        for _ in 0..TRIES {
            let (from, sight) = self.readable(who, place).await?;
            if sight == Sight::Veiled {
                // What is private would be told by the copy.
                return Err(Error::Forbidden { right: Right::Private });
            }
            let before = self.store().version(from.account, from.id).await?;
            let names = self.names(&from).await?;
            let (target, at) = (owner.id, self.inner.clock.now());
            let made = Collection {
                account: target,
                id: new,
                parent: None,
                name: name.clone(),
                created: at,
                ..(*from).clone()
            };
            if self.store().version(from.account, from.id).await? != before {
                continue;
            }
            self.commit_shelf(who, &ends(from.account, target), |shelves| {
                let mut ops = self.may_carry_collection(who, shelves, &from, &made, overwrite, fate)?;
                ops.push(Op::CreateCollection(Box::new(made.clone())));
                ops.extend(names.iter().map(|name| self.carry_item(&from, &made, name, fate)));
                if fate == Fate::Goes {
                    ops.push(Op::RemoveCollection { account: from.account, collection: from.id });
                }
                Ok(ops)
            })
            .await?;
            return self.place_of(who, owner, new).await;
        }
        Err(Error::Busy { retry_after: 1 })
    }

    fn may_carry_collection(
        &self,
        who: &Asker,
        shelves: &[Arc<Shelf>],
        from: &Collection,
        made: &Collection,
        overwrite: bool,
        fate: Fate,
    ) -> Result<Vec<Op>> {
        let shelf = |account| shelves.iter().find(|shelf| shelf.account == account).ok_or(Error::NotFound);
        let (_, rights) = access::find(&self.inner.policy, who, shelf(from.account)?, from.id)?;
        access::need(rights, Right::Read)?;
        if fate == Fate::Goes {
            access::need(rights, Right::Manage)?;
            access::need(rights, Right::DeleteAll)?;
        }
        let there = shelf(made.account)?;
        self.may_create(who, there, made.kind)?;
        self.make_room(who, there, made, &made.name, overwrite)
    }

    /// Removes what lies at the target, if that is wanted and allowed.
    fn make_room(
        &self,
        who: &Asker,
        shelf: &Shelf,
        made: &Collection,
        name: &CollectionName,
        overwrite: bool,
    ) -> Result<Vec<Op>> {
        let moved = Collection { name: name.clone(), ..made.clone() };
        let Err(taken) = vacant(shelf, &moved) else { return Ok(Vec::new()) };
        let old = shelf.named(siblings(made.kind), name.as_str()).ok_or(Error::NotFound)?;
        if !overwrite || old.id == made.id {
            return Err(taken);
        }
        let rights: Rights = access::on(&self.inner.policy, who, shelf, old);
        access::need(rights, Right::Manage)?;
        Ok(vec![Op::RemoveCollection { account: shelf.account, collection: old.id }])
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

    /// Names of all items of a collection.
    async fn names(&self, of: &Collection) -> Result<Vec<ItemName>> {
        let max = self.inner.policy.limits.max_copy_items;
        let mut names: Vec<ItemName> = Vec::new();
        loop {
            let page = self.store().page(of.account, of.id, names.last(), PAGE, Select::Meta).await?;
            names.extend(page.items.into_iter().map(|item| item.meta.name));
            if names.len() > max {
                return Err(Error::TooLarge { limit: "max_copy_items", max: max as u64 });
            }
            if !page.more {
                return Ok(names);
            }
        }
    }
}
