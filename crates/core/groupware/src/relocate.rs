//! Moving and copying an item, within a store and between stores.

use crate::put::written;
use crate::{Asker, Office, Place, Written, access};
use kontor_model::{AccountId, Collection, Error, ItemName, Result, Right, Rights, Rule};
use kontor_store::{Expect, Op, Shelf, Source};
use std::sync::Arc;

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
    /// target collection does not take it.
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
        let (source, target) = (source(from), source(to));
        if source == target {
            let detail = "source and target are the same".to_owned();
            return Err(Error::Invalid { rule: Rule::Location, detail });
        }
        self.fits(who, from, to).await?;
        let new_id = self.inner.ids.item();
        let receipt = self
            .commit(who, &ends(source.account, target.account), |shelves| {
                let taken = self.may_carry(who, shelves, &source, &target, overwrite, fate)?;
                let (from, to) = (source.clone(), target.clone());
                Ok(vec![match fate {
                    Fate::Goes => Op::Relocate { from, expect, to, target: taken, new_id },
                    Fate::Stays => Op::Copy { from, expect, to, target: taken, new_id },
                }])
            })
            .await?;
        written(receipt.done.first())
    }

    /// Decides on rights; gives back the condition on the target.
    fn may_carry(
        &self,
        who: &Asker,
        shelves: &[Arc<Shelf>],
        from: &Source,
        to: &Source,
        overwrite: bool,
        fate: Fate,
    ) -> Result<Expect> {
        let rights = |at: &Source| -> Result<Rights> {
            let shelf = shelves.iter().find(|shelf| shelf.account == at.account).ok_or(Error::NotFound)?;
            Ok(access::find(&self.inner.policy, who, shelf, at.collection)?.1)
        };
        let here = rights(from)?;
        access::need(here, Right::Read)?;
        if fate == Fate::Goes {
            access::need(here, Right::DeleteAll)?;
        }
        let there = rights(to)?;
        access::need(there, Right::Insert)?;
        if overwrite && there.has(Right::EditAll) { Ok(Expect::Any) } else { Ok(Expect::Absent) }
    }

    /// Checks that the target collection takes what the source holds, and that both may be touched.
    async fn fits(&self, who: &Asker, from: End<'_>, to: End<'_>) -> Result<()> {
        let (here, _) = self.readable(who, from.0).await?;
        self.look_at(who, from.0, from.1).await?;
        let (there, _) = self.look_at(who, to.0, to.1).await?;
        if alike(&here, &there) {
            return Ok(());
        }
        let item = self.store().item(here.account, here.id, from.1).await?.ok_or(Error::NotFound)?;
        self.read(&there, &item.meta.media_type, item.body).await.map(|_| ())
    }
}

fn source(end: End<'_>) -> Source {
    Source { account: end.0.account(), collection: end.0.id(), name: end.1.clone() }
}

/// The stores that take part, each once.
pub(crate) fn ends(from: AccountId, to: AccountId) -> Vec<AccountId> {
    if from == to { vec![from] } else { vec![from, to] }
}

/// Whether what lies in one may lie in the other without a look at it.
pub(crate) fn alike(from: &Collection, to: &Collection) -> bool {
    from.kind == to.kind && to.components.has(from.components)
}
