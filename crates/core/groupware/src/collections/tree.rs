//! Folders in folders: where one may lie, and what lies below it.
//!
//! A folder is a collection in its own right, with its own access list if it is given one, and at the same time an item
//! of the folder that it lies in. So it may be removed, moved and named anew by whoever manages it (`m`), and by whoever
//! may delete all items of the folder above and all that is in it (`D`).

use crate::{Asker, Office, access};
use kontor_model::{Collection, CollectionId, Error, Kind, Result, Right, Rule};
use kontor_store::Shelf;
use std::sync::Arc;

/// Name of the collection of files that every account has, its drive.
pub const DRIVE: &str = "files";

/// The collection that a path leads to: names from the top, a slash between them.
pub(crate) fn along<'s>(shelf: &'s Shelf, kinds: &[Kind], path: &str) -> Option<&'s Arc<Collection>> {
    let mut at: Option<&Arc<Collection>> = None;
    for name in path.split('/') {
        at = Some(shelf.named(at.map(|above| above.id), kinds, name)?);
    }
    at
}

/// The names from the top to a collection, a slash between them.
pub(crate) fn path_to(shelf: &Shelf, collection: &Collection) -> String {
    let mut names = vec![collection.name.as_str()];
    names.extend(above(shelf, collection).map(|one| one.name.as_str()));
    names.reverse();
    names.join("/")
}

/// What a collection lies in, nearest first.
pub(crate) fn above<'s>(shelf: &'s Shelf, of: &Collection) -> impl Iterator<Item = &'s Arc<Collection>> {
    let up = |id: Option<CollectionId>| id.and_then(|id| shelf.collection(id));
    std::iter::successors(up(of.parent), move |one| up(one.parent)).take(access::DEEPEST)
}

/// A collection with all that lies in it, parents first.
pub(crate) fn subtree<'s>(shelf: &'s Shelf, top: &'s Arc<Collection>) -> Vec<&'s Arc<Collection>> {
    let mut all = vec![top];
    let mut next = 0;
    while let Some(one) = all.get(next).map(|one| one.id) {
        next += 1;
        // The store makes no circles; should there be one, this still ends.
        if all.len() <= shelf.collections.len() {
            all.extend(shelf.below(Some(one)));
        }
    }
    all
}

/// Refuses where a folder would lie in itself, or would take the place of one that it lies in.
pub(crate) fn apart(shelf: &Shelf, what: &Collection, other: CollectionId) -> Result<()> {
    if what.id == other || above(shelf, what).any(|one| one.id == other) {
        let detail = "a folder cannot lie in itself, nor take the place of one that it lies in".to_owned();
        return Err(Error::Invalid { rule: Rule::Location, detail });
    }
    Ok(())
}

impl Office {
    /// Decides whether folders may come to be in a collection: `more` of them, `deep` of them one in the other.
    pub(crate) fn may_hold(
        &self,
        who: &Asker,
        shelf: &Shelf,
        parent: &Collection,
        (more, deep): (usize, usize),
    ) -> Result<()> {
        let policy = &self.inner.policy;
        access::need(access::on(policy, who, shelf, parent), Right::CreateCollection)?;
        if parent.kind != Kind::Files {
            let detail = "only folders of files lie in each other".to_owned();
            return Err(Error::Invalid { rule: Rule::Location, detail });
        }
        if above(shelf, parent).count() + 1 + deep > access::DEEPEST {
            return Err(Error::TooLarge { limit: "folders in each other", max: access::DEEPEST as u64 });
        }
        let max = policy.limits.max_folders;
        let folders = shelf.collections.len() - shelf.below(None).count();
        if folders + more > max {
            return Err(Error::TooLarge { limit: "max_folders", max: max as u64 });
        }
        Ok(())
    }

    /// Decides whether a collection may go away from where it is.
    pub(crate) fn may_go(&self, who: &Asker, shelf: &Shelf, what: &Arc<Collection>) -> Result<()> {
        let policy = &self.inner.policy;
        let rights = access::on(policy, who, shelf, what);
        let Some(parent) = what.parent.and_then(|parent| shelf.collection(parent)) else {
            access::need(rights, Right::Manage)?;
            if what.kind != Kind::Files {
                return Ok(());
            }
            let detail = "the drive of an account stays where it is".to_owned();
            return Err(Error::Invalid { rule: Rule::Location, detail });
        };
        let all = |right| {
            let mut below = subtree(shelf, what).into_iter();
            below.all(|one| access::on(policy, who, shelf, one).has(right))
        };
        let as_item =
            || access::on(policy, who, shelf, parent).has(Right::DeleteAll) && all(Right::DeleteAll);
        if rights.has(Right::Manage) && all(Right::Manage) || as_item() {
            return Ok(());
        }
        access::need(rights, Right::Manage)?;
        // There is something in it that the asker has no say in.
        Err(Error::Forbidden { right: Right::DeleteAll })
    }
}
