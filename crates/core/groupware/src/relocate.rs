//! Moving and copying an item, within a store and between stores.

use crate::collections::apart;
use crate::private::Sight;
use crate::put::written;
use crate::target::Target;
use crate::{Asker, Office, Place, Written, access};
use kontor_model::{AccountId, Collection, Error, ItemName, Kind, Result, Right, Rights, Rule};
use kontor_store::{Expect, Op, Shelf};
use std::sync::Arc;

/// How often it is begun anew because somebody wrote in between.
const TRIES: usize = 8;

/// What becomes of the source.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    Goes,
    Stays,
}

/// One end: a place, and a name in it.
type End<'a> = (&'a Place, &'a ItemName);

impl Office {
    /// Moves an item with its properties. Within a store it keeps its id.
    ///
    /// # Errors
    /// `NotFound`, `Stale` (source); `Exists` if the target is taken and `overwrite` is false; `Forbidden` without
    /// `r` and `D` on the source, `i` on the target, and `W` there if something is overwritten; `Invalid` if the
    /// target collection does not take it; `Busy` if others write to it all the time.
    pub async fn relocate(
        &self,
        who: &Asker,
        from: (&Place, &ItemName),
        expect: Expect,
        to: (&Place, &ItemName),
        overwrite: bool,
    ) -> Result<Written> {
        self.carry(who, from, expect, to, overwrite, Fate::Goes).await
    }

    /// Copies an item with its properties.
    ///
    /// # Errors
    /// As [`Office::relocate`], but for `D` on the source. A copy within its collection answers `Invalid` with
    /// `UidConflict`.
    pub async fn copy(
        &self,
        who: &Asker,
        from: (&Place, &ItemName),
        expect: Expect,
        to: (&Place, &ItemName),
        overwrite: bool,
    ) -> Result<Written> {
        self.carry(who, from, expect, to, overwrite, Fate::Stays).await
    }

    async fn carry(
        &self,
        who: &Asker,
        from: End<'_>,
        expect: Expect,
        to: End<'_>,
        overwrite: bool,
        fate: Fate,
    ) -> Result<Written> {
        if (from.0.id(), from.1) == (to.0.id(), to.1) {
            let detail = "source and target are the same".to_owned();
            return Err(Error::Invalid { rule: Rule::Location, detail });
        }
        for _ in 0..TRIES {
            match self.carry_once(who, from, expect, to, overwrite, fate).await {
                // Not what the asker expected: somebody wrote since it was looked at.
                Err(Error::Stale { have })
                    if expect == Expect::Any || expect == Expect::Present && have.is_some() => {}
                done => return done,
            }
        }
        Err(Error::Busy { retry_after: 1 })
    }

    async fn carry_once(
        &self,
        who: &Asker,
        from: End<'_>,
        expect: Expect,
        to: End<'_>,
        overwrite: bool,
        fate: Fate,
    ) -> Result<Written> {
        let here = self.target(who, from.0, from.1).await?;
        let there = self.target(who, to.0, to.1).await?;
        let expect = self.fits(&here, &there, from.1, expect).await?;
        let new_id = self.inner.ids.item();
        let receipt = self
            .commit(who, &ends(here.account(), there.account()), |shelves| {
                may_leave(here.now(self, who, shelves)?, fate)?;
                let mut ops = self.clear(who, shelves, &here, &there, overwrite)?;
                let target = there.bound(may_arrive(there.now(self, who, shelves)?, overwrite)?);
                let (from, to) = (here.source(), there.source());
                ops.push(match fate {
                    Fate::Goes => Op::Relocate { from, expect: here.bound(expect), to, target, new_id },
                    Fate::Stays => Op::Copy { from, expect, to, target, new_id },
                });
                Ok(ops)
            })
            .await?;
        let done = written(receipt.done.last())?;
        // In the place of a folder.
        Ok(Written { created: done.created && receipt.done.len() == 1, ..done })
    }

    /// Removes the folder that lies at the target, if there is one, and if that is wanted and allowed.
    fn clear(
        &self,
        who: &Asker,
        shelves: &[Arc<Shelf>],
        here: &Target,
        there: &Target,
        overwrite: bool,
    ) -> Result<Vec<Op>> {
        let at = there.source();
        let shelf = shelves.iter().find(|shelf| shelf.account == at.account).ok_or(Error::NotFound)?;
        let parent = Some(at.collection);
        let Some(folder) = shelf.named(parent, &[Kind::Files], at.name.as_str()) else {
            return Ok(Vec::new());
        };
        if !overwrite {
            return Err(Error::Exists);
        }
        if here.account() == at.account {
            let from = shelf.collection(here.source().collection).ok_or(Error::NotFound)?;
            apart(shelf, from, folder.id)?;
        }
        self.may_go(who, shelf, folder)?;
        self.inner.hub.remember(shelf);
        Ok(vec![Op::RemoveCollection {
            account: at.account,
            collection: folder.id,
            remains: self.inner.policy.remains(),
        }])
    }

    /// Checks that the target collection takes what the source holds, and that the asker may see it. Where that asks for
    /// a look at the text, it is that text that is expected from then on.
    async fn fits(&self, here: &Target, there: &Target, name: &ItemName, expect: Expect) -> Result<Expect> {
        access::need(here.rights, Right::Read)?;
        let (from, to) = (&here.collection, &there.collection);
        let sight = Sight::of(from, here.rights);
        if alike(from, to) && sight == Sight::Full {
            return Ok(expect);
        }
        let item = self.store().item(from.account, from.id, name).await?.ok_or(Error::NotFound)?;
        if sight.hides(&item.body) {
            access::need(here.rights, Right::Private)?;
        }
        if !alike(from, to) {
            self.read(to, &item.meta.media_type, item.body).await?;
        }
        Ok(match expect {
            Expect::Any | Expect::Present => Expect::Exactly(item.meta.id, item.meta.revision),
            Expect::Absent | Expect::Exactly(..) => expect,
        })
    }
}

fn may_leave(rights: Rights, fate: Fate) -> Result<()> {
    access::need(rights, Right::Read)?;
    if fate == Fate::Goes { access::need(rights, Right::DeleteAll) } else { Ok(()) }
}

/// The condition on the target.
fn may_arrive(rights: Rights, overwrite: bool) -> Result<Expect> {
    access::need(rights, Right::Insert)?;
    if overwrite && rights.has(Right::EditAll) { Ok(Expect::Any) } else { Ok(Expect::Absent) }
}

/// The stores that take part, each once.
pub(crate) fn ends(from: AccountId, to: AccountId) -> Vec<AccountId> {
    if from == to { vec![from] } else { vec![from, to] }
}

/// Whether what lies in one may lie in the other without a look at it.
pub(crate) fn alike(from: &Collection, to: &Collection) -> bool {
    from.kind == to.kind && to.components.has(from.components)
}
