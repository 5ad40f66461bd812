//! Put, remove, properties.

use super::Tx;
use super::past::Old;
use crate::encode;
use crate::expect;
use crate::span::Slot;
use crate::sql::{facets, items};
use crate::sqlite::db::{get, text};
use crate::sqlite::row;
use crate::{Body, Done, Expect, Facets, Source};
use kontor_model::{
    AccountId, CollectionId, Error, ItemId, ItemName, PropertyKey, Result, Rule, Verb, Version,
};
use rusqlite::params;

/// A row of the item table as a write needs it.
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

impl Tx<'_> {
    /// The live item of that name; `NotFound` if the collection is gone, whose rows may still be there.
    pub(super) fn find(&self, at: &Source) -> Result<Option<Found>> {
        self.number(at.account, at.collection)?;
        let found =
            self.db.one(items::FIND, params![at.account.0, at.collection.0, at.name.as_str()], |row| {
                if get::<i64>(row, 3)? == 0 {
                    return Ok(None);
                }
                let slot = match (get::<Option<i64>>(row, 11)?, get::<Option<i64>>(row, 12)?) {
                    (Some(level), Some(edge)) => Some(Slot { level, edge }),
                    _ => None,
                };
                Ok(Some(Found {
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
            })?;
        Ok(found.flatten())
    }

    /// The same for what acts on items alone: a folder in its place is `Exists`.
    pub(super) fn find_item(&self, at: &Source) -> Result<Option<Found>> {
        match self.find(at)? {
            Some(found) if found.folder => Err(Error::Exists),
            found => Ok(found),
        }
    }

    pub(super) fn put(
        &mut self,
        at: &Source,
        expect: Expect,
        new_id: ItemId,
        (body, part): (&Body, bool),
    ) -> Result<Done> {
        let found = self.find_item(at)?;
        expect::check(expect, Found::tag(found.as_ref()))?;
        let uid = body.facets.uid.as_deref();
        if let Some(old) = &found {
            uid_may_become(old.uid.as_deref(), uid)?;
        }
        self.uid_free(at, uid)?;
        let size = body.content.size_column();
        let (old, texts) = match &found {
            Some(old) => self.set_aside(at, old, new_id, (&body.content, part))?,
            None => (Old::Aside, Some(0)),
        };
        let grown = (i64::from(found.is_none()), size - found.as_ref().map_or(0, |old| old.size));
        let version = self.bump(at.account, at.collection, grown.0, grown.1)?;
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
        self.write_facets(at, found.as_ref(), &body.facets)?;
        self.write_item(at, &fresh)?;
        let sql = match (&found, old) {
            (Some(found), Old::Goes) => {
                self.loosen(at.account, found.id, found.size)?;
                items::SET_BODY
            }
            _ => items::NEW_BODY,
        };
        let (bytes, blob) = self.body_columns(at.account, &body.content)?;
        self.db.run(sql, params![at.account.0, fresh.id.0, &bytes[..], blob])?;
        self.log((at.account, at.collection, &at.name), (fresh.id, version, Verb::Put))?;
        Ok(Done::Item { id: fresh.id, version, revision: version, created: found.is_none() })
    }

    pub(super) fn remove(&mut self, at: &Source, expect: Expect) -> Result<Done> {
        let found = self.find_item(at)?;
        expect::check_source(expect, Found::tag(found.as_ref()))?;
        let found = found.ok_or(Error::NotFound)?;
        self.part_with(at, &found)?;
        let version = self.bury(at, &found)?;
        Ok(Done::Removed { version })
    }

    /// Drops the body of an item.
    pub(super) fn drop_body(&self, account: AccountId, found: &Found) -> Result<()> {
        self.loosen(account, found.id, found.size)?;
        self.db.run(items::DROP_BODY, params![account.0, found.id.0]).map(drop)
    }

    /// Leaves a tombstone in the place of an item. Its body is the caller's.
    pub(super) fn bury(&mut self, at: &Source, found: &Found) -> Result<Version> {
        self.drop_belongings(at, found)?;
        let version = self.bump(at.account, at.collection, -1, -found.size)?;
        self.db.run(items::BURY, params![at.account.0, at.collection.0, at.name.as_str(), version.0])?;
        self.log((at.account, at.collection, &at.name), (found.id, version, Verb::Remove))?;
        Ok(version)
    }

    /// Drops facets and properties of an item.
    pub(super) fn drop_belongings(&self, at: &Source, found: &Found) -> Result<()> {
        self.write_facets(at, Some(found), &Facets::default())?;
        if found.has_properties {
            self.db.run(items::DROP_PROPERTIES, params![at.account.0, at.collection.0, at.name.as_str()])?;
        }
        Ok(())
    }

    /// Writes the row of a live item.
    pub(super) fn write_item(&self, at: &Source, fresh: &Fresh<'_>) -> Result<()> {
        let slot = fresh.facets.span.map(Slot::of);
        let values = params![
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
        self.db.run(items::PUT, values).map(drop)
    }

    /// Replaces the facet rows of an item.
    pub(super) fn write_facets(&self, at: &Source, old: Option<&Found>, new: &Facets) -> Result<()> {
        let (account, collection, name) = (at.account.0, at.collection.0, at.name.as_str());
        let slot = new.span.map(Slot::of);
        if let Some(was) = old.and_then(|old| old.slot).filter(|was| Some(*was) != slot) {
            self.db.run(facets::DROP_SPAN, params![account, collection, was.level, was.edge, name])?;
        }
        if let (Some(slot), Some(span)) = (slot, new.span) {
            let values = params![
                account,
                collection,
                slot.level,
                slot.edge,
                name,
                span.first,
                span.last,
                new.timeline
            ];
            self.db.run(facets::SET_SPAN, values)?;
        }
        if !new.folded.is_empty() {
            self.db.run(facets::SET_TEXT, params![account, collection, name, new.folded])?;
        } else if old.is_some_and(|old| old.folded) {
            self.db.run(facets::DROP_TEXT, params![account, collection, name])?;
        }
        Ok(())
    }

    /// Refuses if another name of the collection has the UID.
    pub(super) fn uid_free(&self, at: &Source, uid: Option<&str>) -> Result<()> {
        let Some(uid) = uid else { return Ok(()) };
        let holder = self.db.one(items::BY_UID, params![at.account.0, at.collection.0, uid], |row| {
            Ok((text(row, 0)? != at.name.as_str()).then(|| row::item_name(row, 0)))
        })?;
        match holder.flatten().transpose()? {
            None => Ok(()),
            Some(name) => Err(Error::Invalid {
                detail: format!("the UID is already used by {:?} in this collection", name.as_str()),
                rule: Rule::UidConflict { name: name.as_str().to_owned() },
            }),
        }
    }

    pub(super) fn set_item_properties(
        &mut self,
        at: &Source,
        changes: &[(PropertyKey, Option<Vec<u8>>)],
    ) -> Result<Done> {
        let found = self.find_item(at)?.ok_or(Error::NotFound)?;
        let (account, collection, name) = (at.account.0, at.collection.0, at.name.as_str());
        for (key, value) in changes {
            match value {
                Some(value) => {
                    self.db.run(items::SET_PROPERTY, params![account, collection, name, key.0, value])?
                }
                None => self.db.run(items::UNSET_PROPERTY, params![account, collection, name, key.0])?,
            };
        }
        let any = self.db.one(items::ANY_PROPERTY, params![account, collection, name], |_| Ok(()))?.is_some();
        let version = self.bump(at.account, at.collection, 0, 0)?;
        self.db.run(items::TOUCH, params![account, collection, name, version.0, i64::from(any)])?;
        self.log((at.account, at.collection, &at.name), (found.id, version, Verb::Properties))?;
        Ok(Done::Item { id: found.id, version, revision: found.revision, created: false })
    }

    /// Where the facets of an item come from when it is copied or moved.
    pub(super) fn read_facets(
        &self,
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
            let key = params![account, collection, slot.level, slot.edge, name];
            let span = self.db.one(facets::SPAN, key, |row| {
                let span = kontor_model::Span { first: get(row, 0)?, last: get(row, 1)? };
                Ok((span, get::<Vec<u8>>(row, 2)?))
            })?;
            if let Some((span, timeline)) = span {
                (facets.span, facets.timeline) = (Some(span), timeline);
            }
        }
        if found.folded {
            let text = self.db.one(facets::TEXT, params![account, collection, name], |row| get(row, 0))?;
            facets.folded = text.unwrap_or_default();
        }
        Ok(facets)
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
