//! One item that somebody wants to change.
//!
//! Most askers may change all items of a collection or none, and the item need not be looked at. Two sorts of rights ask
//! for a look: who may change only what they made (`w`, `d`), and who may not see what is private (without `p`).

use crate::asker::Standing;
use crate::place::Known;
use crate::private::Sight;
use crate::{Asker, Office, Place, access};
use kontor_model::{
    AccountId, Collection, CollectionId, Error, ItemId, ItemName, Result, Right, Rights, Version,
};
use kontor_store::{Expect, Shelf, Source};
use std::sync::Arc;

/// An item as a place to write to.
pub(crate) struct Target {
    /// Its collection as it was found.
    pub(crate) collection: Arc<Collection>,
    /// What the asker may do to it.
    pub(crate) rights: Rights,
    /// The item and its text, if the asker made it and may do more for that reason.
    own: Option<(ItemId, Version)>,
    /// Whether it was looked for and is not there.
    absent: bool,
    name: ItemName,
}

impl Office {
    /// Looks at an item as far as the asker's rights ask for it.
    ///
    /// # Errors
    /// `NotFound` if the asker has no right on the collection; `Forbidden` (`p`) if the item is private and the asker
    /// may not see that: not even who may edit all touches what is hidden from them (features.md 6.2, rule 6).
    pub(crate) async fn target(&self, who: &Asker, place: &Place, name: &ItemName) -> Result<Target> {
        let (collection, rights) = match place.known {
            // What is decided by it is bound to it when it is written; who is refused asks whether it is still so.
            Known::Lately => self.glance(who, place)?,
            Known::Now => self.look(who, place).await?,
        };
        let mut target = Target { collection, rights, own: None, absent: false, name: name.clone() };
        let at = &target.collection;
        let sight = Sight::of(at, rights);
        let limited = only_own(rights, Right::EditOwn, Right::EditAll)
            || only_own(rights, Right::DeleteOwn, Right::DeleteAll);
        // Who may not read is refused for that, whatever the item is.
        let hidden = sight == Sight::Veiled && rights.has(Right::Read);
        if !limited && !hidden {
            return Ok(target);
        }
        let Some(item) = self.store().item(at.account, at.id, name).await? else {
            target.absent = true;
            return Ok(target);
        };
        if hidden && sight.hides(&item.body) {
            return access::need(rights, Right::Private).map(|()| target);
        }
        if limited && made_by(who, item.meta.creator) {
            target.own = Some((item.meta.id, item.meta.revision));
            target.rights = lifted(rights);
        }
        Ok(target)
    }
}

fn only_own(rights: Rights, own: Right, all: Right) -> bool {
    rights.has(own) && !rights.has(all)
}

/// Whether it is the asker's own.
pub(crate) fn made_by(who: &Asker, creator: Option<AccountId>) -> bool {
    who.standing == Standing::Account && creator == Some(who.principal.id)
}

/// What rights on a collection come to on an item of one's own (rule 3: `w` is as good as `W` there, and `d` as `D`).
pub(crate) fn lifted(rights: Rights) -> Rights {
    let more = |own, all| if rights.has(own) { Rights::of(&[all]) } else { Rights::NONE };
    rights.union(more(Right::EditOwn, Right::EditAll)).union(more(Right::DeleteOwn, Right::DeleteAll))
}

impl Target {
    /// What rights on the collection come to on this item.
    fn lift(&self, rights: Rights) -> Rights {
        if self.own.is_some() { lifted(rights) } else { rights }
    }

    /// What the asker may do to the item by the shelf as it is now.
    pub(crate) fn now(&self, office: &Office, who: &Asker, shelves: &[Arc<Shelf>]) -> Result<Rights> {
        let account = self.collection.account;
        let shelf = shelves.iter().find(|shelf| shelf.account == account).ok_or(Error::NotFound)?;
        let (_, rights) = access::find(&office.inner.policy, who, shelf, self.collection.id)?;
        Ok(self.lift(rights))
    }

    /// Yes if `right` is among `rights`; who lacks it for what others made is told if there is nothing at all.
    pub(crate) fn need(&self, rights: Rights, right: Right) -> Result<()> {
        match access::need(rights, right) {
            Err(Error::Forbidden { .. }) if self.absent && rights.has(Right::Read) => Err(Error::NotFound),
            answer => answer,
        }
    }

    /// The condition to write on: where the decision rests on who made the item, that very item.
    pub(crate) fn bound(&self, expect: Expect) -> Expect {
        match (self.own, expect) {
            (Some((id, revision)), Expect::Any | Expect::Present) => Expect::Exactly(id, revision),
            _ => expect,
        }
    }

    /// Where it is.
    pub(crate) fn source(&self) -> Source {
        Source { account: self.account(), collection: self.id(), name: self.name.clone() }
    }

    pub(crate) fn account(&self) -> AccountId {
        self.collection.account
    }

    fn id(&self) -> CollectionId {
        self.collection.id
    }
}
