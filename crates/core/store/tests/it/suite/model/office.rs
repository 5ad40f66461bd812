//! The office in memory: the contract, said the short way.

use super::past::Pasts;
use kontor_model::{
    AccountId, Collection, CollectionId, Error, Grant, ItemId, ItemName, Lock, Properties, PropertyKey,
    Result, Rule, Timestamp, Version,
};
use kontor_store::{Body, Done, Expect, Facets, Op, Remains, Source};
use std::collections::BTreeMap;

#[derive(Clone, Debug, Default)]
pub(super) struct Office {
    pub(super) accounts: BTreeMap<AccountId, Vec<Grant>>,
    pub(super) collections: BTreeMap<(AccountId, CollectionId), Place>,
    pub(super) locks: BTreeMap<(AccountId, u128), Lock>,
    pub(super) past: Pasts,
    /// By the ids of the topmost collections.
    pub(super) trash: BTreeMap<(AccountId, CollectionId), Tree>,
}

/// A tree in the trash.
#[derive(Clone, Debug)]
pub(super) struct Tree {
    /// Parents first.
    pub(super) places: Vec<Place>,
    /// The topmost one among the items of what it lay in.
    row: Option<Thing>,
    pub(super) at: Timestamp,
}

#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) about: Collection,
    pub(super) grants: Option<Vec<Grant>>,
    pub(super) version: i64,
    pub(super) floor: i64,
    pub(super) items: BTreeMap<ItemName, Thing>,
    /// Every change ever made: number, name, whether it was a removal, when.
    pub(super) log: Vec<(i64, ItemName, bool, Timestamp)>,
}

#[derive(Clone, Debug)]
pub(super) struct Thing {
    pub(super) id: ItemId,
    pub(super) version: i64,
    pub(super) revision: i64,
    pub(super) body: Body,
    pub(super) created: Timestamp,
    pub(super) modified: Timestamp,
    pub(super) properties: Properties,
    /// The collection that opens here.
    pub(super) folder: Option<CollectionId>,
    /// How many of its texts were replaced; `None` if that is to be counted.
    pub(super) texts: Option<i64>,
}

impl Thing {
    /// The place of a collection among the items of another.
    fn folder(id: CollectionId, made: Timestamp) -> Self {
        let body = Body { media_type: String::new(), content: Vec::new().into(), facets: Facets::default() };
        Self {
            id: ItemId(id.0),
            version: 0,
            revision: 0,
            body,
            created: made,
            modified: made,
            properties: Properties::new(),
            folder: Some(id),
            texts: None,
        }
    }

    fn tag(&self) -> (ItemId, Version) {
        (self.id, Version(self.revision))
    }

    fn uid(&self) -> Option<&str> {
        self.body.facets.uid.as_deref()
    }
}

impl Place {
    fn log(&mut self, name: &ItemName, removed: bool, at: Timestamp) -> i64 {
        self.version += 1;
        self.log.push((self.version, name.clone(), removed, at));
        self.version
    }

    fn uid_free(&self, name: &ItemName, uid: Option<&str>) -> Result<()> {
        let holder =
            self.items.iter().find(|(other, thing)| *other != name && uid.is_some() && thing.uid() == uid);
        match holder {
            Some((other, _)) => Err(invalid(Rule::UidConflict { name: other.as_str().to_owned() })),
            None => Ok(()),
        }
    }
}

/// Texts for people are not compared.
pub(super) fn invalid(rule: Rule) -> Error {
    Error::Invalid { rule, detail: String::new() }
}

fn meets(expect: Expect, found: Option<&Thing>) -> Result<()> {
    let good = match expect {
        Expect::Any => true,
        Expect::Absent => found.is_none(),
        Expect::Present => found.is_some(),
        Expect::Exactly(id, revision) => found.is_some_and(|thing| thing.tag() == (id, revision)),
    };
    if good { Ok(()) } else { Err(Error::Stale { have: found.map(|thing| Version(thing.revision)) }) }
}

/// What acts on items leaves folders alone.
fn no_folder(found: Option<&Thing>) -> Result<()> {
    if found.is_some_and(|thing| thing.folder.is_some()) { Err(Error::Exists) } else { Ok(()) }
}

fn uid_kept(old: &Thing, uid: Option<&str>) -> Result<()> {
    if old.uid().is_some() && old.uid() != uid { Err(invalid(Rule::UidChange)) } else { Ok(()) }
}

fn set(properties: &mut Properties, changes: &[(PropertyKey, Option<Vec<u8>>)]) {
    for (key, value) in changes {
        match value {
            Some(value) => drop(properties.insert(key.clone(), value.clone())),
            None => drop(properties.remove(key)),
        }
    }
}

impl Office {
    pub(super) fn apply(&mut self, op: &Op, at: Timestamp) -> Result<Done> {
        match op {
            Op::CreatePrincipal(new) => {
                self.accounts.insert(new.id, Vec::new());
                Ok(Done::Other)
            }
            Op::Put { at: to, expect, new_id, body, part } => {
                self.put(to, *expect, *new_id, (body, *part), at)
            }
            Op::Remove { at: from, expect } => self.remove(from, *expect, at),
            Op::Relocate { from, expect, to, target, new_id } => {
                let (mut thing, old) = self.ends(from, *expect, to, *target)?;
                self.leave(from, to.account, at)?;
                if from.account != to.account {
                    (thing.id, thing.texts) = (*new_id, Some(0));
                }
                self.arrive(to, thing, old, at)
            }
            Op::Copy { from, expect, to, target, new_id } => {
                let (thing, old) = self.ends(from, *expect, to, *target)?;
                let texts = Some(0);
                self.arrive(to, Thing { id: *new_id, created: at, modified: at, texts, ..thing }, old, at)
            }
            Op::SetItemProperties { at: on, changes } => {
                let place = self.place(on.account, on.collection)?;
                let thing = place.items.get_mut(&on.name).ok_or(Error::NotFound)?;
                no_folder(Some(thing))?;
                set(&mut thing.properties, changes);
                let (id, revision) = thing.tag();
                let version = place.log(&on.name, false, at);
                place.items.get_mut(&on.name).unwrap().version = version;
                Ok(Done::Item { id, version: Version(version), revision, created: false })
            }
            Op::TakeBack { item, number, at: to } => {
                let thing = self.place(to.account, to.collection)?.items.get_mut(&to.name);
                let thing = thing.ok_or(Error::NotFound)?;
                thing.texts = None;
                let now = thing.id;
                self.past.taken_back((to.account, *item), *number, now)
            }
            other => self.apply_to_collection(other, at),
        }
    }

    fn place(&mut self, account: AccountId, collection: CollectionId) -> Result<&mut Place> {
        self.collections.get_mut(&(account, collection)).ok_or(Error::NotFound)
    }

    fn put(
        &mut self,
        to: &Source,
        expect: Expect,
        new_id: ItemId,
        (body, part): (&Body, bool),
        at: Timestamp,
    ) -> Result<Done> {
        let place = self.place(to.account, to.collection)?;
        let old = place.items.get(&to.name).cloned();
        no_folder(old.as_ref())?;
        meets(expect, old.as_ref())?;
        if let Some(old) = &old {
            uid_kept(old, body.facets.uid.as_deref())?;
        }
        place.uid_free(&to.name, body.facets.uid.as_deref())?;
        let version = place.log(&to.name, false, at);
        let created = old.is_none();
        // All of it happens within an hour.
        let worth = |old: &Thing| !part && old.body.content.size() > 0;
        let replaced = old.clone().filter(|old| worth(old) && old.body.content.here() != body.content.here());
        let texts = replaced.map(|old| self.past.replaced(to, old, at));
        let place = self.place(to.account, to.collection)?;
        // Later than before in any case.
        let before = old.as_ref().map(|old| old.modified).filter(|before| at <= *before);
        let modified = before.map_or(at, |before| before.plus_millis(1_000));
        let mut thing = old.unwrap_or_else(|| Thing {
            id: new_id,
            version,
            revision: version,
            body: body.clone(),
            created: at,
            modified: at,
            properties: Properties::new(),
            folder: None,
            texts: Some(0),
        });
        (thing.version, thing.revision, thing.modified, thing.body) =
            (version, version, modified, body.clone());
        thing.texts = texts.or(thing.texts);
        let id = thing.id;
        place.items.insert(to.name.clone(), thing);
        Ok(Done::Item { id, version: Version(version), revision: Version(version), created })
    }

    fn remove(&mut self, from: &Source, expect: Expect, at: Timestamp) -> Result<Done> {
        let place = self.place(from.account, from.collection)?;
        let found = place.items.get(&from.name);
        no_folder(found)?;
        source_meets(expect, found)?;
        let thing = place.items.remove(&from.name);
        let version = Version(place.log(&from.name, true, at));
        self.past.removed(from, thing, at);
        Ok(Done::Removed { version })
    }

    /// Leaves for another place: of the account, or of another one.
    fn leave(&mut self, from: &Source, to: AccountId, at: Timestamp) -> Result<()> {
        let place = self.place(from.account, from.collection)?;
        let thing = place.items.remove(&from.name);
        place.log(&from.name, true, at);
        self.past.removed(from, thing.filter(|_| from.account != to), at);
        Ok(())
    }

    fn ends(
        &mut self,
        from: &Source,
        expect: Expect,
        to: &Source,
        target: Expect,
    ) -> Result<(Thing, Option<Thing>)> {
        let found = self.place(from.account, from.collection)?.items.get(&from.name).cloned();
        no_folder(found.as_ref())?;
        source_meets(expect, found.as_ref())?;
        let thing = found.ok_or(Error::NotFound)?;
        if from == to {
            return Err(invalid(Rule::Location));
        }
        let old = self.place(to.account, to.collection)?.items.get(&to.name).cloned();
        no_folder(old.as_ref())?;
        if target == Expect::Absent && old.is_some() {
            return Err(Error::Exists);
        }
        meets(target, old.as_ref())?;
        if let Some(old) = &old {
            uid_kept(old, thing.uid())?;
        }
        Ok((thing, old))
    }

    fn arrive(&mut self, to: &Source, mut thing: Thing, old: Option<Thing>, at: Timestamp) -> Result<Done> {
        let place = self.place(to.account, to.collection)?;
        place.uid_free(&to.name, thing.uid())?;
        let version = place.log(&to.name, false, at);
        (thing.version, thing.revision) = (version, version);
        let (id, created) = (thing.id, old.is_none());
        place.items.insert(to.name.clone(), thing);
        self.past.removed(to, old, at);
        Ok(Done::Item { id, version: Version(version), revision: Version(version), created })
    }

    fn apply_to_collection(&mut self, op: &Op, at: Timestamp) -> Result<Done> {
        match op {
            Op::CreateCollection(new) => self.create(new, at),
            Op::SetCollectionProperties { account, collection, changes } => {
                let place = self.place(*account, *collection)?;
                set(&mut place.about.properties, changes);
                Ok(Done::Collection { version: Version(place.version) })
            }
            Op::RenameCollection { account, collection, parent, name } => {
                self.rename((*account, *collection), *parent, name, at)
            }
            Op::Unmoved { account, collection, version } => {
                let have = self.collections.get(&(*account, *collection)).ok_or(Error::NotFound)?.version;
                if have == version.0 {
                    Ok(Done::Other)
                } else {
                    Err(Error::Stale { have: Some(Version(have)) })
                }
            }
            Op::RemoveCollection { account, collection, remains } => {
                let about = self.place(*account, *collection)?.about.clone();
                let row = self.close(&about, at)?;
                let places = self.taken(*account, *collection);
                if *remains == Remains::Trash {
                    self.trash.insert((*account, *collection), Tree { places, row, at });
                } else {
                    self.forget(*account, places);
                }
                Ok(Done::Other)
            }
            Op::RestoreCollection { account, root, parent, name } => {
                self.restore((*account, *root), *parent, name, at)
            }
            Op::PurgeCollection { account, root } => {
                let tree = self.trash.remove(&(*account, *root)).ok_or(Error::NotFound)?;
                self.forget(*account, tree.places);
                Ok(Done::Other)
            }
            Op::SetGrants { account, collection: None, grants } => {
                self.accounts.insert(*account, grants.clone().unwrap_or_default());
                Ok(Done::Other)
            }
            Op::SetGrants { account, collection: Some(on), grants } => {
                let place = self.place(*account, *on)?;
                place.grants.clone_from(grants);
                Ok(Done::Collection { version: Version(place.version) })
            }
            Op::SetLock { account, lock } => {
                let mut next = (**lock).clone();
                // A lock that is renewed stays what it is.
                if let Some(old) = self.locks.get(&(*account, lock.token)) {
                    next = Lock { until: lock.until, ..old.clone() };
                }
                self.locks.insert((*account, lock.token), next);
                Ok(Done::Other)
            }
            Op::DropLocks { account, tokens } => {
                self.locks.retain(|(of, token), _| of != account || !tokens.contains(token));
                Ok(Done::Other)
            }
            other => panic!("the model does not know {other:?}"),
        }
    }

    /// Takes out a collection with all below, parents first.
    fn taken(&mut self, account: AccountId, collection: CollectionId) -> Vec<Place> {
        let (mut ids, mut places, mut next) = (vec![collection], Vec::new(), 0);
        while let Some(one) = ids.get(next).copied() {
            next += 1;
            places.extend(self.collections.remove(&(account, one)));
            let below = self.collections.values().filter(|place| place.about.account == account);
            let below = below.filter(|place| place.about.parent == Some(one)).map(|place| place.about.id);
            ids.extend(below.collect::<Vec<_>>());
        }
        places
    }

    /// What was in these is gone, and what it said before.
    fn forget(&mut self, account: AccountId, places: Vec<Place>) {
        for place in places {
            let items = place.items.into_values().map(|thing| thing.id);
            self.past.gone((account, place.about.id), items);
        }
    }

    fn restore(
        &mut self,
        (account, root): (AccountId, CollectionId),
        parent: Option<CollectionId>,
        name: &kontor_model::CollectionName,
        at: Timestamp,
    ) -> Result<Done> {
        let mut tree = self.trash.get(&(account, root)).ok_or(Error::NotFound)?.clone();
        if let Some(parent) = parent {
            self.place(account, parent)?;
        }
        let about = Collection { parent, name: name.clone(), ..tree.places[0].about.clone() };
        self.name_free(&about, parent, name)?;
        tree.places[0].about = about.clone();
        let version = Version(tree.places[0].version);
        let back: Vec<_> = tree.places.iter().map(|place| place.about.id).collect();
        self.locks.retain(|(of, _), lock| *of != account || !back.contains(&lock.collection));
        for place in tree.places {
            self.collections.insert((account, place.about.id), place);
        }
        self.open(&about, tree.row.unwrap_or_else(|| Thing::folder(root, at)), at)?;
        self.trash.remove(&(account, root));
        Ok(Done::Collection { version })
    }

    fn create(&mut self, new: &Collection, at: Timestamp) -> Result<Done> {
        if let Some(parent) = new.parent {
            self.place(new.account, parent)?;
        }
        self.name_free(new, new.parent, &new.name)?;
        let about = new.clone();
        let place =
            Place { about, grants: None, version: 0, floor: 0, items: BTreeMap::new(), log: Vec::new() };
        self.open(new, Thing::folder(new.id, new.created), at)?;
        self.collections.insert((new.account, new.id), place);
        Ok(Done::Collection { version: Version::ZERO })
    }

    /// Puts a collection among the items of the one that it lies in.
    fn open(&mut self, about: &Collection, mut row: Thing, at: Timestamp) -> Result<()> {
        let Some(parent) = about.parent else { return Ok(()) };
        let place = self.place(about.account, parent)?;
        let name = ItemName::new(about.name.as_str()).unwrap();
        if place.items.contains_key(&name) {
            return Err(Error::Exists);
        }
        row.version = place.log(&name, false, at);
        row.revision = row.version;
        place.items.insert(name, row);
        Ok(())
    }

    /// Takes it from there.
    fn close(&mut self, about: &Collection, at: Timestamp) -> Result<Option<Thing>> {
        let Some(parent) = about.parent else { return Ok(None) };
        let place = self.place(about.account, parent)?;
        let name = ItemName::new(about.name.as_str()).unwrap();
        place.log(&name, true, at);
        Ok(place.items.remove(&name))
    }

    fn rename(
        &mut self,
        (account, collection): (AccountId, CollectionId),
        parent: Option<CollectionId>,
        name: &kontor_model::CollectionName,
        at: Timestamp,
    ) -> Result<Done> {
        let about = self.place(account, collection)?.about.clone();
        let mut above = parent;
        while let Some(step) = above {
            if step == collection {
                return Err(invalid(Rule::Location));
            }
            above = self.place(account, step)?.about.parent;
        }
        self.name_free(&about, parent, name)?;
        if (about.parent, &about.name) != (parent, name) {
            let row = self.close(&about, at)?.unwrap_or_else(|| Thing::folder(collection, at));
            self.open(&Collection { parent, name: name.clone(), ..about }, row, at)?;
        }
        let place = self.place(account, collection)?;
        (place.about.parent, place.about.name) = (parent, name.clone());
        Ok(Done::Collection { version: Version(place.version) })
    }

    fn name_free(
        &self,
        about: &Collection,
        parent: Option<CollectionId>,
        name: &kontor_model::CollectionName,
    ) -> Result<()> {
        let taken = self.collections.values().map(|place| &place.about).any(|other| {
            other.account == about.account
                && other.id != about.id
                && (other.parent, other.kind, &other.name) == (parent, about.kind, name)
        });
        if taken { Err(Error::Exists) } else { Ok(()) }
    }

    pub(super) fn trim(&mut self, before: Timestamp) {
        for place in self.collections.values_mut() {
            let old = place.log.iter().filter(|(_, _, _, at)| *at < before).map(|(version, ..)| *version);
            place.floor = old.max().unwrap_or(place.floor);
        }
        self.past.forget(before);
    }
}

fn source_meets(expect: Expect, found: Option<&Thing>) -> Result<()> {
    match (expect, found) {
        (Expect::Any | Expect::Absent, None) => Err(Error::NotFound),
        _ => meets(expect, found),
    }
}
