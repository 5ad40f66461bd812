//! What items said before they were replaced or removed, and bringing it back.
//!
//! Reading it needs `r`, and `p` where items may be private: an event may have been private when it said that. Bringing
//! back is putting, and needs what that needs.

use crate::private::Sight;
use crate::put::written;
use crate::target::Target;
use crate::{Asker, Office, Place, Written, access};
use bytes::BytesMut;
use kontor_model::{
    Collection, Error, ItemId, ItemMeta, ItemName, Kind, PropertyKey, Result, Right, Rule, Timestamp, Version,
};
use kontor_store::{Body, End, Expect, Facets, Op, OpenBody, OpenPast, Past, Select, Source};
use std::sync::Arc;

/// Names that are tried for what comes back while its own is taken.
const NAMES: usize = 50;
/// Texts that a list of what was removed tells at once.
pub const REMOVED: usize = 500;

/// Which past text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// The one that was replaced or removed last.
    Latest,
    /// The one of that revision.
    Revision(Version),
}

/// What an item says, and what it said before.
#[derive(Clone, Debug)]
pub struct ItemHistory {
    /// The item of that name, if there is one.
    pub now: Option<ItemMeta>,
    /// What was replaced or removed under that name, the latest last.
    pub past: Vec<Past>,
}

/// What came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restored {
    /// Under which name.
    pub name: ItemName,
    /// The revision of the text that came back.
    pub revision: Version,
    /// What was written.
    pub written: Written,
}

impl Office {
    /// What the item of that name said before, and those that were removed under it, the latest last.
    ///
    /// # Errors
    /// `NotFound` if there is nothing and was nothing; `Forbidden` without `r`, and `p` where items may be private.
    pub async fn history(&self, who: &Asker, place: &Place, name: &ItemName) -> Result<ItemHistory> {
        let at = self.remembering(who, place).await?;
        let past = self.store().past(at.account, at.id, name).await?;
        let now = self.living(&at, name).await?;
        if past.is_empty() && now.is_none() { Err(Error::NotFound) } else { Ok(ItemHistory { now, past }) }
    }

    /// The last texts of what was removed from a collection, the latest first, before `before`; fewer than [`REMOVED`] if
    /// there are no more.
    ///
    /// # Errors
    /// `Forbidden` as [`Office::history`].
    pub async fn removed(
        &self,
        who: &Asker,
        place: &Place,
        before: Option<(Timestamp, ItemId)>,
    ) -> Result<Vec<Past>> {
        let at = self.remembering(who, place).await?;
        self.store().removed(at.account, at.id, before, REMOVED).await
    }

    /// A past text, to be read piece by piece.
    ///
    /// # Errors
    /// `NotFound` if there is none of that revision; `Forbidden` as [`Office::history`].
    pub async fn open_past(
        &self,
        who: &Asker,
        place: &Place,
        name: &ItemName,
        which: Which,
    ) -> Result<OpenPast> {
        let at = self.remembering(who, place).await?;
        let past = self.store().past(at.account, at.id, name).await?;
        let past = chosen(&past, which).ok_or(Error::NotFound)?;
        self.store().open_past(at.account, past.item(), past.number).await?.ok_or(Error::NotFound)
    }

    /// Brings a past text back. Of an item that is there it becomes the text again, and what it said until now is past
    /// then. What was removed comes back with its properties, and with its own past, under its name or, if that is taken,
    /// under one like it. Under a name that is given (`as_name`) it comes back as an item of its own.
    ///
    /// # Errors
    /// `NotFound` if there is no such text; `Exists` if the name that is given is taken; those of [`Office::history`] and
    /// [`Office::put`], such as `Invalid` with `UidConflict` if another item has its UID by now.
    pub async fn restore(
        &self,
        who: &Asker,
        place: &Place,
        name: &ItemName,
        which: Which,
        as_name: Option<&ItemName>,
    ) -> Result<Restored> {
        let at = self.remembering(who, place).await?;
        let all = self.store().past(at.account, at.id, name).await?;
        let past = chosen(&all, which).ok_or(Error::NotFound)?;
        let open = self.store().open_past(at.account, past.item(), past.number).await?;
        let open = open.ok_or(Error::NotFound)?;
        let body = self.body_of(&at, &open).await?;
        let living = self.living(&at, name).await?;
        let revision = past.meta.revision;
        let back =
            Back { past, body, properties: self.last_properties(&at, &all, past, open.properties).await? };
        let is_there = living.as_ref().is_some_and(|item| item.id == past.item());
        let (name, written) = match as_name {
            Some(name) => (name.clone(), self.put_back(who, place, name, &back, !is_there).await?),
            None if is_there => (name.clone(), self.put_over(who, place, name, &back).await?),
            None => self.put_somewhere(who, place, name, &back).await?,
        };
        Ok(Restored { name, revision, written })
    }

    /// Drops what the item of that name said before, and those that were removed under it, for good; how many texts.
    ///
    /// # Errors
    /// `NotFound` if nothing is kept; `Forbidden` to all but those who keep the store, and as [`Office::history`].
    pub async fn purge_past(&self, who: &Asker, place: &Place, name: &ItemName) -> Result<u64> {
        let at = self.remembering(who, place).await?;
        let shelf = self.shelf(at.account).await?;
        access::need_keeper(&self.inner.policy, who, &shelf, Some(at.kind))?;
        let past = self.store().past(at.account, at.id, name).await?;
        let mut items: Vec<ItemId> = past.iter().map(Past::item).collect();
        items.sort_unstable();
        items.dedup();
        if items.is_empty() {
            return Err(Error::NotFound);
        }
        let purge = |item| Op::PurgePast { account: at.account, collection: at.id, item };
        self.write(who, Vec::new(), items.into_iter().map(purge).collect()).await?;
        Ok(past.len() as u64)
    }

    /// The collection, if the asker may know what was in it.
    async fn remembering(&self, who: &Asker, place: &Place) -> Result<Arc<Collection>> {
        let (collection, rights) = self.look(who, place).await?;
        access::need(rights, Right::Read)?;
        if Sight::of(&collection, rights) == Sight::Veiled {
            access::need(rights, Right::Private)?;
        }
        Ok(collection)
    }

    async fn living(&self, at: &Collection, name: &ItemName) -> Result<Option<ItemMeta>> {
        let names = std::slice::from_ref(name);
        let found = self.store().items_named(at.account, at.id, names, Select::Meta).await?;
        Ok(found.into_iter().flatten().next().map(|item| item.meta))
    }

    /// The properties that an item had when it was removed, whichever of its texts comes back.
    async fn last_properties(
        &self,
        at: &Collection,
        all: &[Past],
        past: &Past,
        own: Vec<(PropertyKey, Vec<u8>)>,
    ) -> Result<Vec<(PropertyKey, Vec<u8>)>> {
        let last = all.iter().find(|one| one.item() == past.item() && one.end == End::Removed);
        match last.filter(|last| last.number != past.number && last.meta.has_properties) {
            Some(last) => {
                let open = self.store().open_past(at.account, last.item(), last.number).await?;
                Ok(open.map(|open| open.properties).unwrap_or_default())
            }
            None => Ok(own),
        }
    }

    /// What is to be put: facets are those of the text as they are found today; no byte of a file is read.
    async fn body_of(&self, at: &Collection, open: &OpenPast) -> Result<Body> {
        let (media_type, content) = (open.past.meta.media_type.clone(), open.body.content());
        if at.kind == Kind::Files {
            return Ok(Body { media_type, content, facets: Facets::default() });
        }
        let bytes = whole(&open.body, self.inner.policy.limits.max_item_size).await?;
        Ok(Body { content, ..self.read(at, &media_type, bytes.freeze()).await? })
    }

    /// Becomes the text of the item that is there.
    async fn put_over(
        &self,
        who: &Asker,
        place: &Place,
        name: &ItemName,
        back: &Back<'_>,
    ) -> Result<Written> {
        let target = self.target(who, place, name).await?;
        let receipt = self
            .commit_at(who, place, |shelves| {
                target.need(target.now(self, who, shelves)?, Right::EditAll)?;
                Ok(vec![back.put(self, &target, target.bound(Expect::Present))])
            })
            .await?;
        written(receipt.done.first())
    }

    /// Becomes an item of that name, which must be free; `moves`: the one that was removed.
    async fn put_back(
        &self,
        who: &Asker,
        place: &Place,
        name: &ItemName,
        back: &Back<'_>,
        moves: bool,
    ) -> Result<Written> {
        let target = self.target(who, place, name).await?;
        let receipt = self
            .commit_at(who, place, |shelves| {
                target.need(target.now(self, who, shelves)?, Right::Insert)?;
                let mut ops = vec![back.put(self, &target, Expect::Absent)];
                if moves {
                    ops.extend(back.belongings(target.source()));
                }
                Ok(ops)
            })
            .await;
        match receipt {
            Ok(receipt) => written(receipt.done.first()),
            Err(Error::Stale { have: Some(_) }) => Err(Error::Exists),
            Err(error) => Err(error),
        }
    }

    /// Comes back under its name, or one like it.
    async fn put_somewhere(
        &self,
        who: &Asker,
        place: &Place,
        name: &ItemName,
        back: &Back<'_>,
    ) -> Result<(ItemName, Written)> {
        for number in 0..NAMES {
            let name = like(name, number)?;
            match self.put_back(who, place, &name, back, true).await {
                Err(Error::Exists) => {}
                done => return done.map(|written| (name, written)),
            }
        }
        Err(Error::Exists)
    }
}

/// A text on its way back.
struct Back<'a> {
    past: &'a Past,
    body: Body,
    properties: Vec<(PropertyKey, Vec<u8>)>,
}

impl Back<'_> {
    fn put(&self, office: &Office, target: &Target, expect: Expect) -> Op {
        let (new_id, body) = (office.inner.ids.item(), self.body.clone());
        Op::Put { at: target.source(), expect, new_id, body, part: false }
    }

    /// What an item that was removed has besides its text.
    fn belongings(&self, at: Source) -> Vec<Op> {
        let mut ops = Vec::new();
        if !self.properties.is_empty() {
            let changes = self.properties.iter().map(|(key, value)| (key.clone(), Some(value.clone())));
            ops.push(Op::SetItemProperties { at: at.clone(), changes: changes.collect() });
        }
        ops.push(Op::TakeBack { item: self.past.item(), number: self.past.number, at });
        ops
    }
}

fn chosen(past: &[Past], which: Which) -> Option<&Past> {
    match which {
        Which::Latest => past.last(),
        Which::Revision(revision) => past.iter().rev().find(|one| one.meta.revision == revision),
    }
}

/// All bytes of a body, which was no longer than that when it was put.
async fn whole(body: &OpenBody, most: usize) -> Result<BytesMut> {
    let (mut all, mut reader) = (BytesMut::new(), body.read_all());
    while let Some(piece) = reader.next().await {
        all.extend_from_slice(&piece?);
        if all.len() > most {
            return Err(Error::TooLarge { limit: "max_item_size", max: most as u64 });
        }
    }
    Ok(all)
}

/// A name like another: `offer.odt`, `offer (restored).odt`, `offer (restored 2).odt`.
fn like(name: &ItemName, number: usize) -> Result<ItemName> {
    let mark = match number {
        0 => return Ok(name.clone()),
        1 => " (restored)".to_owned(),
        number => format!(" (restored {number})"),
    };
    let text = name.as_str();
    let (stem, ending) = match text.rfind('.').filter(|at| *at > 0) {
        Some(at) => text.split_at(at),
        None => (text, ""),
    };
    let too_long = |_| {
        let detail =
            format!("there is no room in the name {text:?} to say that it was restored; name it anew");
        Error::Invalid { rule: Rule::Name, detail }
    };
    ItemName::new(&format!("{stem}{mark}{ending}")).map_err(too_long)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_what_comes_back_keep_their_ending() {
        let check = |name: &str, number, expect: &str| {
            assert_eq!(like(&ItemName::new(name).unwrap(), number).unwrap().as_str(), expect);
        };
        check("offer.odt", 0, "offer.odt");
        check("offer.odt", 1, "offer (restored).odt");
        check("a.tar.gz", 2, "a.tar (restored 2).gz");
        check("README", 1, "README (restored)");
        check(".profile", 1, ".profile (restored)");
    }
}
