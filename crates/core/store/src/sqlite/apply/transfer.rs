//! Move and copy.

use super::Tx;
use super::blob::Columns;
use super::item::{Found, Fresh, uid_may_become};
use crate::expect;
use crate::sql::items;
use crate::sqlite::db::get;
use crate::{Done, Expect, Facets, Source};
use kontor_model::{AccountId, Error, ItemId, Result, Rule, Verb};
use rusqlite::params;

/// All that goes along with an item.
struct Load {
    facets: Facets,
    properties: Vec<(String, Vec<u8>)>,
    /// Its columns, and from which account they come, if the body must be written anew.
    body: Option<(AccountId, Columns)>,
}

impl Tx<'_> {
    pub(super) fn relocate(
        &mut self,
        from: &Source,
        expect: Expect,
        to: &Source,
        target: Expect,
        new_id: ItemId,
    ) -> Result<Done> {
        let (found, taken) = self.ends(from, expect, to, target)?;
        let same_account = from.account == to.account;
        let load = self.load(from, &found, !same_account)?;
        if !same_account {
            self.part_with(from, &found)?;
        }
        self.bury(from, &found)?;
        let id = if same_account { found.id } else { new_id };
        // Whoever brings an item into another store made it there.
        let creator = if same_account { found.creator } else { self.actor };
        self.arrive(to, taken.as_ref(), (id, &found, creator), load, (found.created, found.modified))
    }

    pub(super) fn copy(
        &mut self,
        from: &Source,
        expect: Expect,
        to: &Source,
        target: Expect,
        new_id: ItemId,
    ) -> Result<Done> {
        let (found, taken) = self.ends(from, expect, to, target)?;
        let load = self.load(from, &found, true)?;
        let now = (self.at, self.at);
        self.arrive(to, taken.as_ref(), (new_id, &found, self.actor), load, now)
    }

    /// Both ends of a transfer, checked.
    fn ends(
        &self,
        from: &Source,
        expect: Expect,
        to: &Source,
        target: Expect,
    ) -> Result<(Found, Option<Found>)> {
        let found = self.find_item(from)?;
        expect::check_source(expect, Found::tag(found.as_ref()))?;
        let found = found.ok_or(Error::NotFound)?;
        if from == to {
            let detail = "an item cannot be copied or moved onto itself".to_owned();
            return Err(Error::Invalid { rule: Rule::Location, detail });
        }
        let taken = self.find_item(to)?;
        expect::check_target(target, Found::tag(taken.as_ref()))?;
        if let Some(taken) = &taken {
            uid_may_become(taken.uid.as_deref(), found.uid.as_deref())?;
        }
        Ok((found, taken))
    }

    fn load(&self, from: &Source, found: &Found, with_body: bool) -> Result<Load> {
        let facets = self.read_facets(from.account, from.collection, &from.name, found)?;
        let mut properties = Vec::new();
        if found.has_properties {
            let key = params![from.account.0, from.collection.0, from.name.as_str()];
            properties = self.db.all(items::PROPERTIES, key, |row| Ok((get(row, 1)?, get(row, 2)?)))?;
        }
        let mut body = None;
        if with_body {
            body = self.db.one(items::GET_BODY, params![from.account.0, found.id.0], |row| {
                let columns = (get::<Vec<u8>>(row, 0)?.into(), get(row, 1)?);
                Ok((from.account, columns))
            })?;
        }
        Ok(Load { facets, properties, body })
    }

    fn arrive(
        &mut self,
        to: &Source,
        taken: Option<&Found>,
        (id, found, creator): (ItemId, &Found, i64),
        load: Load,
        (created, modified): (i64, i64),
    ) -> Result<Done> {
        if let Some(taken) = taken {
            self.part_with(to, taken)?;
            self.drop_belongings(to, taken)?;
        }
        self.uid_free(to, load.facets.uid.as_deref())?;
        let grown = (i64::from(taken.is_none()), found.size - taken.map_or(0, |taken| taken.size));
        let version = self.bump(to.account, to.collection, grown.0, grown.1)?;
        let fresh = Fresh {
            id,
            version,
            size: found.size,
            media_type: &found.media_type,
            created,
            modified,
            has_properties: !load.properties.is_empty(),
            creator,
            texts: if found.id == id { found.texts } else { Some(0) },
            facets: &load.facets,
        };
        self.write_item(to, &fresh)?;
        self.write_facets(to, None, &load.facets)?;
        let (account, collection, name) = (to.account.0, to.collection.0, to.name.as_str());
        for (key, value) in &load.properties {
            self.db.run(items::SET_PROPERTY, params![account, collection, name, key, value])?;
        }
        if let Some((from, body)) = load.body {
            let (bytes, blob) = self.copied_columns(from, to.account, body)?;
            self.db.run(items::NEW_BODY, params![account, id.0, &bytes[..], blob])?;
        }
        self.log((to.account, to.collection, &to.name), (id, version, Verb::Arrive))?;
        Ok(Done::Item { id, version, revision: version, created: taken.is_none() })
    }
}
