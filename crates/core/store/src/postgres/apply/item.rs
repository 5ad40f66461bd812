//! Put, remove, properties.

use super::Tx;
use super::past::Old;
use crate::encode;
use crate::expect;
use crate::postgres::value::{get, values};
use crate::span::Slot;
use crate::sql::{facets, items};
use crate::{Body, Done, Expect, Facets, Source};
use kontor_model::{
    AccountId, CollectionId, Error, ItemId, ItemName, PropertyKey, Result, Rule, Verb, Version,
};
use tokio_postgres::Row;

/// A row of the item table as a write needs it.
#[derive(Clone)]
pub(super) struct Found {
    pub(super) id: ItemId,
    pub(super) revision: Version,
    pub(super) size: i64,
    pub(super) media_type: String,
    pub(super) created: i64,
    pub(super) modified: i64,
    pub(super) has_properties: bool,
    pub(super) components: i64,
    pub(super) uid: Option<String>,
    pub(super) slot: Option<Slot>,
    pub(super) folded: bool,
    pub(super) creator: i64,
    pub(super) folder: bool,
    /// How many texts of it were replaced; `None` if nobody counted.
    pub(super) texts: Option<i64>,
}

impl Found {
    /// The live item of a row.
    pub(super) fn decode(row: Option<&Row>) -> Result<Option<Self>> {
        let Some(row) = row else { return Ok(None) };
        if get::<i64>(row, 3)? == 0 {
            return Ok(None);
        }
        let slot = match (get::<Option<i64>>(row, 11)?, get::<Option<i64>>(row, 12)?) {
            (Some(level), Some(edge)) => Some(Slot { level, edge }),
            _ => None,
        };
        Ok(Some(Self {
            id: ItemId(get(row, 0)?),
            revision: Version(get(row, 2)?),
            size: get::<i64>(row, 4)?.max(0),
            media_type: get(row, 5)?,
            created: get(row, 6)?,
            modified: get(row, 7)?,
            has_properties: get::<i64>(row, 8)? != 0,
            components: get(row, 9)?,
            uid: get(row, 10)?,
            slot,
            folded: get::<i64>(row, 13)? != 0,
            creator: get(row, 14)?,
            folder: get::<Option<i64>>(row, 16)?.is_some(),
            texts: get(row, 17)?,
        }))
    }

    pub(super) fn tag(found: Option<&Self>) -> Option<(ItemId, Version)> {
        found.map(|found| (found.id, found.revision))
    }
}

/// The row to write for a live item.
pub(super) struct Fresh<'a> {
    pub(super) id: ItemId,
    pub(super) version: Version,
    pub(super) size: i64,
    pub(super) media_type: &'a str,
    pub(super) created: i64,
    pub(super) modified: i64,
    pub(super) has_properties: bool,
    pub(super) creator: i64,
    pub(super) texts: Option<i64>,
    pub(super) facets: &'a Facets,
}

impl Fresh<'_> {
    /// How the next write of the batch finds it.
    fn found(&self) -> Found {
        Found {
            id: self.id,
            revision: self.version,
            size: self.size,
            media_type: self.media_type.to_owned(),
            created: self.created,
            modified: self.modified,
            has_properties: self.has_properties,
            components: i64::from(self.facets.components),
            uid: self.facets.uid.clone(),
            slot: self.facets.span.map(Slot::of),
            folded: !self.facets.folded.is_empty(),
            creator: self.creator,
            folder: false,
            texts: self.texts,
        }
    }
}

impl Tx<'_> {
    /// The live item of that name; `NotFound` if the collection is gone, whose rows may still be there.
    pub(super) async fn find(&mut self, at: &Source) -> Result<Option<Found>> {
        self.number(at.account, at.collection).await?;
        self.desk.item(self.db, at).await
    }

    /// The same for what acts on items alone: a folder in its place is `Exists`.
    pub(super) async fn find_item(&mut self, at: &Source) -> Result<Option<Found>> {
        match self.find(at).await? {
            Some(found) if found.folder => Err(Error::Exists),
            found => Ok(found),
        }
    }

    pub(super) async fn put(
        &mut self,
        at: &Source,
        expect: Expect,
        new_id: ItemId,
        (body, part): (&Body, bool),
    ) -> Result<Done> {
        let found = self.find_item(at).await?;
        expect::check(expect, Found::tag(found.as_ref()))?;
        let uid = body.facets.uid.as_deref();
        if let Some(old) = &found {
            uid_may_become(old.uid.as_deref(), uid)?;
        }
        if let Some(uid) = uid {
            let holder = self.desk.presumed(self.db, (at.account.0, at.collection.0), uid).await?;
            uid_not_of_another(holder, &at.name)?;
        }
        let size = body.content.size_column();
        let (fate, texts) = match &found {
            Some(old) => self.fate(at, old, new_id, (&body.content, part)).await?,
            None => (Old::Aside, Some(0)),
        };
        let grown = (i64::from(found.is_none()), size - found.as_ref().map_or(0, |old| old.size));
        let version = self.bump(at, grown.0, grown.1)?;
        let fresh = Fresh {
            id: found.as_ref().map_or(new_id, |old| old.id),
            version,
            size,
            media_type: &body.media_type,
            created: found.as_ref().map_or(self.at, |old| old.created),
            modified: found.as_ref().map_or(self.at, |old| encode::after(old.modified, self.at)),
            has_properties: found.as_ref().is_some_and(|old| old.has_properties),
            creator: found.as_ref().map_or(self.actor, |old| old.creator),
            texts,
            facets: &body.facets,
        };
        self.write_facets(at, found.as_ref(), &body.facets).await?;
        self.write_item(at, &fresh).await?;
        if let Some(old) = &found {
            match (fate, texts) {
                (Old::Aside, Some(number)) => self.set_aside(at, old, (number, new_id)).await?,
                _ => self.loosen(at.account, old.id, old.size).await?,
            }
        }
        let (bytes, blob) = self.body_columns(at.account, &body.content).await?;
        let values = values![at.account.0, fresh.id.0, bytes, blob];
        self.db.gather(items::PUT_BODY, 2, values).await?;
        self.log((at.account, at.collection, &at.name), (fresh.id, version, Verb::Put)).await?;
        Ok(Done::Item { id: fresh.id, version, revision: version, created: found.is_none() })
    }

    pub(super) async fn remove(&mut self, at: &Source, expect: Expect) -> Result<Done> {
        let found = self.find_item(at).await?;
        expect::check_source(expect, Found::tag(found.as_ref()))?;
        let found = found.ok_or(Error::NotFound)?;
        self.part_with(at, &found).await?;
        let version = self.bury(at, &found).await?;
        Ok(Done::Removed { version })
    }

    /// Drops the body of an item.
    pub(super) async fn drop_body(&mut self, account: AccountId, found: &Found) -> Result<()> {
        self.loosen(account, found.id, found.size).await?;
        self.db.run(items::DROP_BODY, values![account.0, found.id.0]).await
    }

    /// Leaves a tombstone in the place of an item. Its body is the caller's.
    pub(super) async fn bury(&mut self, at: &Source, found: &Found) -> Result<Version> {
        self.drop_belongings(at, found).await?;
        let version = self.bump(at, -1, -found.size)?;
        self.desk.set_item(at, None);
        self.db.run(items::BURY, values![at.account.0, at.collection.0, at.name.as_str(), version.0]).await?;
        self.log((at.account, at.collection, &at.name), (found.id, version, Verb::Remove)).await?;
        Ok(version)
    }

    /// Drops facets and properties of an item.
    pub(super) async fn drop_belongings(&mut self, at: &Source, found: &Found) -> Result<()> {
        self.write_facets(at, Some(found), &Facets::default()).await?;
        if found.has_properties {
            self.db
                .run(items::DROP_PROPERTIES, values![at.account.0, at.collection.0, at.name.as_str()])
                .await?;
        }
        Ok(())
    }

    /// Writes the row of a live item.
    pub(super) async fn write_item(&mut self, at: &Source, fresh: &Fresh<'_>) -> Result<()> {
        let slot = fresh.facets.span.map(Slot::of);
        let values = values![
            at.account.0,
            at.collection.0,
            at.name.as_str(),
            fresh.id.0,
            fresh.version.0,
            fresh.version.0,
            fresh.size,
            fresh.media_type,
            fresh.created,
            fresh.modified,
            i64::from(fresh.has_properties),
            i64::from(fresh.facets.components),
            fresh.facets.uid,
            slot.map(|slot| slot.level),
            slot.map(|slot| slot.edge),
            i64::from(!fresh.facets.folded.is_empty()),
            fresh.creator,
            fresh.texts,
        ];
        self.desk.set_item(at, Some(fresh.found()));
        self.db.gather(items::PUT, 3, values).await
    }

    /// Replaces the facet rows of an item.
    pub(super) async fn write_facets(
        &mut self,
        at: &Source,
        old: Option<&Found>,
        new: &Facets,
    ) -> Result<()> {
        let (account, collection, name) = (at.account.0, at.collection.0, at.name.as_str());
        let slot = new.span.map(Slot::of);
        if let Some(was) = old.and_then(|old| old.slot).filter(|was| Some(*was) != slot) {
            self.db.run(facets::DROP_SPAN, values![account, collection, was.level, was.edge, name]).await?;
        }
        if let (Some(slot), Some(span)) = (slot, new.span) {
            let values = values![
                account,
                collection,
                slot.level,
                slot.edge,
                name,
                span.first,
                span.last,
                new.timeline
            ];
            self.db.gather(facets::SET_SPAN, 5, values).await?;
        }
        if !new.folded.is_empty() {
            self.db.gather(facets::SET_TEXT, 3, values![account, collection, name, new.folded]).await?;
        } else if old.is_some_and(|old| old.folded) {
            self.db.run(facets::DROP_TEXT, values![account, collection, name]).await?;
        }
        Ok(())
    }

    /// Refuses if another name of the collection has the UID.
    pub(super) async fn uid_free(&mut self, at: &Source, uid: Option<&str>) -> Result<()> {
        let Some(uid) = uid else { return Ok(()) };
        let holder = self.desk.holder(self.db, (at.account.0, at.collection.0), uid).await?;
        uid_not_of_another(holder, &at.name)
    }

    pub(super) async fn set_item_properties(
        &mut self,
        at: &Source,
        changes: &[(PropertyKey, Option<Vec<u8>>)],
    ) -> Result<Done> {
        let found = self.find_item(at).await?.ok_or(Error::NotFound)?;
        let (account, collection, name) = (at.account.0, at.collection.0, at.name.as_str());
        for (key, value) in changes {
            match value {
                Some(value) => {
                    self.db.run(items::SET_PROPERTY, values![account, collection, name, key.0, value]).await?
                }
                None => self.db.run(items::UNSET_PROPERTY, values![account, collection, name, key.0]).await?,
            };
        }
        let any =
            self.db.one(items::ANY_PROPERTY, values![account, collection, name], |_| Ok(())).await?.is_some();
        let version = self.bump(at, 0, 0)?;
        self.desk.set_item(at, Some(Found { has_properties: any, ..found.clone() }));
        self.db.run(items::TOUCH, values![account, collection, name, version.0, i64::from(any)]).await?;
        self.log((at.account, at.collection, &at.name), (found.id, version, Verb::Properties)).await?;
        Ok(Done::Item { id: found.id, version, revision: found.revision, created: false })
    }

    /// Where the facets of an item come from when it is copied or moved.
    pub(super) async fn read_facets(
        &mut self,
        account: AccountId,
        collection: CollectionId,
        name: &ItemName,
        found: &Found,
    ) -> Result<Facets> {
        let mut facets = Facets {
            uid: found.uid.clone(),
            components: u8::try_from(found.components).unwrap_or_default(),
            ..Facets::default()
        };
        let (account, collection, name) = (account.0, collection.0, name.as_str());
        if let Some(slot) = found.slot {
            let key = values![account, collection, slot.level, slot.edge, name];
            let span = self
                .db
                .one(facets::SPAN, key, |row| {
                    let span = kontor_model::Span { first: get(row, 0)?, last: get(row, 1)? };
                    Ok((span, get::<Vec<u8>>(row, 2)?))
                })
                .await?;
            if let Some((span, timeline)) = span {
                (facets.span, facets.timeline) = (Some(span), timeline);
            }
        }
        if found.folded {
            let text =
                self.db.one(facets::TEXT, values![account, collection, name], |row| get(row, 0)).await?;
            facets.folded = text.unwrap_or_default();
        }
        Ok(facets)
    }
}

fn uid_not_of_another(holder: Option<ItemName>, name: &ItemName) -> Result<()> {
    match holder.filter(|holder| holder != name) {
        None => Ok(()),
        Some(holder) => Err(Error::Invalid {
            detail: format!("the UID is already used by {:?} in this collection", holder.as_str()),
            rule: Rule::UidConflict { name: holder.as_str().to_owned() },
        }),
    }
}

/// The UID of what is there does not change. What had none may get one.
pub(super) fn uid_may_become(old: Option<&str>, new: Option<&str>) -> Result<()> {
    match (old, new) {
        (Some(old), new) if Some(old) != new => Err(Error::Invalid {
            rule: Rule::UidChange,
            detail: format!("the object there has another UID ({old:?}); it cannot change"),
        }),
        _ => Ok(()),
    }
}
