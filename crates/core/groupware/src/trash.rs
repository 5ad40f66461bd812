//! The trash: collections that were removed, with all that was in them, and can come back.
//!
//! It is the owner's, and the administrators': others hear nothing of it, though they could see what is in it before,
//! for what was kept from them lies there too.

use crate::collections::{DRIVE, above, path_to, siblings};
use crate::{Asker, Office, Place, access};
use kontor_model::{
    AccountId, Actor, CollectionId, CollectionName, Error, ItemName, Kind, Principal, Result, Timestamp,
};
use kontor_store::{Op, Select, Shelf, Trashed};
use std::collections::HashMap;
use std::sync::Arc;

/// How often a name is looked for anew because somebody took it.
const TRIES: usize = 8;
/// Names tried for what comes back beside something of its own name.
const NAMES: usize = 100;

/// A tree in the trash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Discarded {
    /// It.
    pub tree: Trashed,
    /// Where it was: names from the top, a slash between them; `None` if what it lay in is gone.
    pub path: Option<String>,
    /// Log-in name of who removed it, as far as that account is there.
    pub by: Option<String>,
}

impl Discarded {
    /// How many items it has, without the folders.
    pub fn items(&self) -> u64 {
        // Each folder but the topmost is an item of another.
        self.tree.items.saturating_sub(self.tree.collections.saturating_sub(1))
    }
}

/// A tree that is back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Returned {
    /// Of what kind it is.
    pub kind: Kind,
    /// Where it is: names from the top, a slash between them.
    pub path: String,
    /// Whether that is where it was.
    pub in_place: bool,
}

impl Office {
    /// Some trees in the trash of an account, the latest first, removed before one of them, at most `limit`.
    ///
    /// # Errors
    /// `NotFound`, or `Forbidden`, for who is neither its owner nor an administrator.
    pub async fn trash(
        &self,
        who: &Asker,
        owner: &str,
        before: Option<(Timestamp, CollectionId)>,
        limit: usize,
    ) -> Result<Vec<Discarded>> {
        let owner = self.principal(who, owner).await?;
        let shelf = self.shelf(owner.id).await?;
        let may = |kind| access::need_keeper(&self.inner.policy, who, &shelf, kind);
        may(None)?;
        let (mut told, mut names, mut before) = (Vec::new(), HashMap::new(), before);
        loop {
            let most = limit - told.len();
            let some = self.store().trash(owner.id, before, most).await?;
            let ends = some.len() < most;
            before = some.last().map(|last| (last.at, last.root));
            // What the credential is not good for is passed over.
            for tree in some.into_iter().filter(|tree| may(Some(tree.kind)).is_ok()) {
                let by = self.name_of(&tree.actor, &mut names).await?;
                told.push(Discarded { path: path_of(&shelf, &tree), by, tree });
            }
            if ends || told.len() >= limit {
                return Ok(told);
            }
        }
    }

    /// Whether the trash of the store that a place is in is the asker's to look through, by how things were when the place
    /// was found.
    pub fn keeps_trash(&self, who: &Asker, place: &Place) -> bool {
        access::need_keeper(&self.inner.policy, who, &place.shelf, None).is_ok()
    }

    /// The name of who did it, asked for once.
    async fn name_of(
        &self,
        actor: &Actor,
        known: &mut HashMap<AccountId, Option<String>>,
    ) -> Result<Option<String>> {
        let Actor::Account(id) = actor else { return Ok(None) };
        if let Some(name) = known.get(id) {
            return Ok(name.clone());
        }
        let name = self.store().principal_by_id(*id).await?.map(|found| found.name.to_string());
        known.insert(*id, name.clone());
        Ok(name)
    }

    /// Brings a tree back: below what it lay in, or, if that is gone, at the top; under `name`, or else under its own,
    /// with a word behind it where that is taken. Who may see it is who could see it before, but for accounts that are
    /// gone; elsewhere it takes the access list of what it lies in, as what is moved does, if it has none of its own.
    ///
    /// # Errors
    /// As [`Office::trash`]; `NotFound` if it is not in the trash; `Exists` if `name` is taken; `TooLarge` if the
    /// account has too many collections; `Quota` if it would hold more than it may.
    pub async fn restore_collection(
        &self,
        who: &Asker,
        owner: &str,
        root: CollectionId,
        name: Option<&CollectionName>,
    ) -> Result<Returned> {
        let owner = self.principal(who, owner).await?;
        for _ in 0..TRIES {
            let shelf = self.shelf(owner.id).await?;
            let tree = self.kept(who, &shelf, root).await?;
            let parent = home(&shelf, &tree)?;
            let free = match name {
                Some(name) => name.clone(),
                None => self.free_name(&shelf, &tree, parent).await?,
            };
            match self.bring_back(who, &tree, parent, &free, &owner).await {
                // Somebody was faster.
                Err(Error::Exists) if name.is_none() => {}
                Err(Error::Busy { retry_after: 0 }) => {}
                Err(error) => return Err(error),
                Ok(()) => {
                    let shelf = self.shelf(owner.id).await?;
                    let there = shelf.collection(root).ok_or(Error::NotFound)?;
                    let in_place = (there.parent, &there.name) == (tree.parent, &tree.name);
                    return Ok(Returned { kind: tree.kind, path: path_to(&shelf, there), in_place });
                }
            }
        }
        Err(Error::Busy { retry_after: 1 })
    }

    async fn bring_back(
        &self,
        who: &Asker,
        tree: &Trashed,
        parent: Option<CollectionId>,
        name: &CollectionName,
        owner: &Principal,
    ) -> Result<()> {
        let account = owner.id;
        let count = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
        self.commit_shelf(who, &[account], |shelves| {
            let shelf = shelves.first().ok_or(Error::NotFound)?;
            access::need_keeper(&self.inner.policy, who, shelf, Some(tree.kind))?;
            match parent {
                None => self.may_create(who, shelf, tree.kind)?,
                Some(parent) => {
                    let parent = shelf.collection(parent).ok_or(Error::Busy { retry_after: 0 })?;
                    self.may_hold(who, shelf, parent, (count(tree.collections), count(tree.deep)))?;
                }
            }
            if shelf.named(parent, siblings(tree.kind), name.as_str()).is_some() {
                return Err(Error::Exists);
            }
            Ok(vec![Op::RestoreCollection { account, root: tree.root, parent, name: name.clone() }])
        })
        .await?;
        Ok(())
    }

    /// Drops a tree that is in the trash, for good.
    ///
    /// # Errors
    /// As [`Office::trash`]; `NotFound` if it is not in the trash.
    pub async fn purge_collection(&self, who: &Asker, owner: &str, root: CollectionId) -> Result<()> {
        let owner = self.principal(who, owner).await?;
        let shelf = self.shelf(owner.id).await?;
        self.kept(who, &shelf, root).await?;
        self.write(who, Vec::new(), vec![Op::PurgeCollection { account: owner.id, root }]).await?;
        Ok(())
    }

    async fn kept(&self, who: &Asker, shelf: &Arc<Shelf>, root: CollectionId) -> Result<Trashed> {
        self.still(who).await?;
        access::need_keeper(&self.inner.policy, who, shelf, None)?;
        let tree = self.store().trashed(shelf.account, root).await?.ok_or(Error::NotFound)?;
        access::need_keeper(&self.inner.policy, who, shelf, Some(tree.kind)).map_err(|_| Error::NotFound)?;
        Ok(tree)
    }

    /// The name of a tree, or the next best that is free.
    async fn free_name(
        &self,
        shelf: &Shelf,
        tree: &Trashed,
        parent: Option<CollectionId>,
    ) -> Result<CollectionName> {
        let mut names = vec![tree.name.clone()];
        for number in 1..NAMES {
            let more = if number == 1 { " (restored)".to_owned() } else { format!(" (restored {number})") };
            names.extend(CollectionName::new(&(shortened(tree.name.as_str(), &more) + &more)));
        }
        names.retain(|name| shelf.named(parent, siblings(tree.kind), name.as_str()).is_none());
        if let Some(parent) = parent {
            let items = names.iter().map(|name| ItemName::new(name.as_str())).collect::<Result<Vec<_>>>()?;
            let found = self.store().items_named(shelf.account, parent, &items, Select::Meta).await?;
            let taken: Vec<bool> = found.iter().map(Option::is_some).collect();
            let free = names.into_iter().zip(taken).find(|(_, taken)| !taken);
            return free.map(|(name, _)| name).ok_or(Error::Exists);
        }
        names.into_iter().next().ok_or(Error::Exists)
    }
}

/// Where it was, if what it lay in is there.
fn path_of(shelf: &Shelf, tree: &Trashed) -> Option<String> {
    let name = tree.name.as_str();
    match tree.parent {
        None => Some(name.to_owned()),
        Some(parent) => shelf.collection(parent).map(|parent| format!("{}/{name}", path_to(shelf, parent))),
    }
}

/// Below what it shall lie: where it was, or in the drive.
fn home(shelf: &Shelf, tree: &Trashed) -> Result<Option<CollectionId>> {
    let Some(parent) = tree.parent else { return Ok(None) };
    let deep = |parent| above(shelf, parent).count() + 1 + usize::try_from(tree.deep).unwrap_or(usize::MAX);
    match shelf.collection(parent).filter(|parent| deep(parent) <= access::DEEPEST) {
        Some(parent) => Ok(Some(parent.id)),
        None => shelf.named(None, &[Kind::Files], DRIVE).map(|drive| Some(drive.id)).ok_or(Error::NotFound),
    }
}

/// As much of a name as leaves room for what comes behind it.
fn shortened(name: &str, more: &str) -> String {
    let mut end = name.len().min(NAME_BYTES - more.len());
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    name.get(..end).unwrap_or_default().to_owned()
}

/// Bytes that names may have.
const NAME_BYTES: usize = 255;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_name_makes_room_for_the_word_behind_it() {
        let check = |name: &str, expect: &str| assert_eq!(shortened(name, " (restored)"), expect);
        check("letters", "letters");
        check(&"x".repeat(255), &"x".repeat(244));
        check(&format!("{}\u{e4}", "x".repeat(243)), &"x".repeat(243));
    }
}
