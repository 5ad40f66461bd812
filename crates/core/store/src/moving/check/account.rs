//! What the accounts of a part have: gathered as the rows come, and compared as far as that is possible at once.

use super::Seeing;
use super::directory::Directory;
use super::finding::{Findings, Spot};
use super::log::Log;
use crate::blob::Verdict;
use crate::moving::chunk::Cell;
use std::collections::{BTreeMap, HashMap};

/// The accounts of a part.
#[derive(Default)]
pub(super) struct Group {
    pub(super) accounts: BTreeMap<i64, Account>,
}

/// One account.
#[derive(Default)]
pub(super) struct Account {
    /// Number and number of the shelf.
    pub(super) state: Option<(i64, i64)>,
    /// The last number of the log.
    pub(super) logged: i64,
    /// The last number that an app password got.
    pub(super) secret: Option<i64>,
    pub(super) app_passwords: Vec<i64>,
    pub(super) collections: BTreeMap<i64, Collection>,
    /// Kind and id of grantees, rights, and where.
    pub(super) grants: Vec<(i64, i64, i64, i64)>,
    /// Items that live, by id: collection and place in it.
    by_id: HashMap<i64, (i64, usize)>,
    /// Bodies that are no living item's, by their number: those of past texts.
    pub(super) loose: HashMap<i64, Loose>,
    /// Past texts.
    pub(super) past: Vec<Past>,
    /// Large bodies that are referred to.
    pub(super) outside: Vec<Outside>,
    /// Large bodies that there are.
    pub(super) blobs: HashMap<i64, Blob>,
    /// What is said of the trees in the trash, by their roots: collections, items, bytes.
    pub(super) trees: BTreeMap<i64, (i64, i64, i64)>,
}

/// What a collection in the trash says of itself.
pub(super) struct Trashed {
    pub(super) root: i64,
    pub(super) parent: i64,
    pub(super) kind: Box<str>,
    pub(super) name: Box<str>,
    /// Whether its access entries can be read.
    pub(super) grants: bool,
}

/// A collection, or what rows say of one.
#[derive(Default)]
pub(super) struct Collection {
    /// Parent, kind, name, whether it has an access list of its own.
    pub(super) row: Option<(i64, Box<str>, Box<str>, i64)>,
    pub(super) counter: Option<Counter>,
    pub(super) doomed: bool,
    pub(super) trashed: Option<Trashed>,
    pub(super) properties: u64,
    /// By name.
    pub(super) items: Vec<Item>,
    pub(super) log: Log,
    pub(super) ordinals: i64,
    pub(super) last_ordinal: Option<i64>,
}

#[derive(Clone, Copy)]
pub(super) struct Counter {
    pub(super) version: i64,
    pub(super) floor: i64,
    pub(super) items: i64,
    pub(super) bytes: i64,
}

/// An item, dead or alive, and what was seen of it.
pub(super) struct Item {
    pub(super) name: Box<str>,
    pub(super) id: i64,
    pub(super) version: i64,
    pub(super) size: i64,
    /// The collection that opens there.
    pub(super) folder: Option<i64>,
    pub(super) slot: Option<(i64, i64)>,
    pub(super) live: bool,
    pub(super) folded: bool,
    pub(super) has_properties: bool,
    pub(super) seen: Seen,
}

/// What belongs to an item and came by.
#[derive(Clone, Copy, Default)]
pub(super) struct Seen {
    pub(super) body: bool,
    pub(super) span: bool,
    pub(super) text: bool,
    pub(super) property: bool,
    pub(super) log: bool,
}

/// What an item says of its large body.
pub(super) struct Outside {
    pub(super) blob: i64,
    /// Collection, and the name of the item.
    pub(super) item: (i64, Box<str>),
    pub(super) size: i64,
    pub(super) hash: Vec<u8>,
}

/// A body that no living item has: its length, or where it lies.
pub(super) struct Loose {
    pub(super) length: usize,
    pub(super) outside: Option<(i64, Vec<u8>)>,
    /// What is wrong with it by itself.
    pub(super) wrong: Vec<Wrong>,
}

/// A rule, and how it is broken.
pub(super) type Wrong = (&'static str, String);

/// What an item said before.
pub(super) struct Past {
    pub(super) item: i64,
    pub(super) number: i64,
    pub(super) text: i64,
    pub(super) collection: i64,
    pub(super) name: Box<str>,
    pub(super) size: i64,
}

/// A large body.
pub(super) struct Blob {
    pub(super) state: i64,
    pub(super) size: i64,
    pub(super) hash: Vec<u8>,
}

impl Collection {
    fn named(&mut self, name: &str) -> Option<&mut Item> {
        let at = self.items.binary_search_by(|item| (*item.name).cmp(name)).ok()?;
        self.items.get_mut(at)
    }

    /// For people.
    pub(super) fn called(&self, id: i64) -> String {
        match (&self.row, &self.trashed) {
            (Some((_, _, name, _)), _) => format!("{name} ({id:x})"),
            (None, Some(trashed)) => format!("{} ({id:x}, in the trash)", trashed.name),
            (None, None) => format!("{id:x}"),
        }
    }

    /// What it lies in and under which name; a root in the trash lies in nothing.
    pub(super) fn berth(&self, id: i64) -> Option<(i64, &str)> {
        let in_trash = |one: &Trashed| if one.root == id { 0 } else { one.parent };
        match (&self.row, &self.trashed) {
            (Some((parent, _, name, _)), _) => Some((*parent, name)),
            (None, Some(one)) => Some((in_trash(one), &one.name)),
            (None, None) => None,
        }
    }
}

impl Group {
    fn of(&mut self, account: Cell<'_>) -> &mut Account {
        self.accounts.entry(account.int()).or_default()
    }

    fn at(&mut self, account: Cell<'_>, collection: Cell<'_>) -> &mut Collection {
        self.of(account).collections.entry(collection.int()).or_default()
    }

    /// For people.
    fn spot(&self, directory: &Directory, account: i64, collection: i64, item: &str) -> Spot {
        let known = self.accounts.get(&account).and_then(|account| account.collections.get(&collection));
        let called = known.map_or_else(|| format!("{collection:x}"), |one| one.called(collection));
        Spot { collection: Some(called), item: Some(format!("{item:?}")), ..directory.at(account) }
    }

    pub(super) fn secret(&mut self, [account, last]: [Cell<'_>; 2]) {
        self.of(account).secret = Some(last.int());
    }

    pub(super) fn app_password(&mut self, [account, number]: [Cell<'_>; 2]) {
        self.of(account).app_passwords.push(number.int());
    }

    pub(super) fn state(&mut self, [account, number, shelf]: [Cell<'_>; 3]) {
        self.of(account).state = Some((number.int(), shelf.int()));
    }

    /// An entry of its log, or a tide, which is one.
    pub(super) fn account_change(&mut self, [account, number]: [Cell<'_>; 2]) {
        let of = self.of(account);
        of.logged = of.logged.max(number.int());
    }

    pub(super) fn collection(&mut self, [account, id, parent, kind, name, own]: [Cell<'_>; 6]) {
        let row = (parent.int(), kind.text().into(), name.text().into(), own.int());
        self.at(account, id).row = Some(row);
    }

    pub(super) fn counter(&mut self, [account, id, version, floor, items, bytes]: [Cell<'_>; 6]) {
        let counter =
            Counter { version: version.int(), floor: floor.int(), items: items.int(), bytes: bytes.int() };
        let collection = self.at(account, id);
        collection.counter = Some(counter);
        collection.log.begins(counter.floor);
    }

    pub(super) fn property(&mut self, [account, collection]: [Cell<'_>; 2]) {
        self.at(account, collection).properties += 1;
    }

    pub(super) fn access(&mut self, [account, collection, kind, grantee, rights]: [Cell<'_>; 5]) {
        self.of(account).grants.push((kind.int(), grantee.int(), rights.int(), collection.int()));
    }

    pub(super) fn doomed(&mut self, [account, collection]: [Cell<'_>; 2]) {
        self.at(account, collection).doomed = true;
    }

    pub(super) fn tree(&mut self, [account, root, collections, items, bytes]: [Cell<'_>; 5]) {
        self.of(account).trees.insert(root.int(), (collections.int(), items.int(), bytes.int()));
    }

    pub(super) fn trashed(&mut self, cells: [Cell<'_>; 11]) {
        let [account, root, id, parent, kind, name, version, floor, items, bytes, grants] = cells;
        let collection = self.at(account, id);
        let trashed = Trashed {
            root: root.int(),
            parent: parent.int(),
            kind: kind.text().into(),
            name: name.text().into(),
            grants: crate::trash::unpacked(grants.bytes()).is_ok(),
        };
        if collection.counter.is_none() {
            let (items, bytes) = (items.int(), bytes.int());
            collection.counter = Some(Counter { version: version.int(), floor: floor.int(), items, bytes });
        }
        collection.trashed = Some(trashed);
    }

    pub(super) fn item(&mut self, cells: [Cell<'_>; 14], directory: &Directory, findings: &mut Findings) {
        let [account, collection, name, id, version, revision, live, size, rest @ ..] = cells;
        let [props, uid, level, edge, folded, folder] = rest;
        let slot = (level != Cell::Null || edge != Cell::Null).then(|| (level.int(), edge.int()));
        let item = Item {
            name: name.text().into(),
            id: id.int(),
            version: version.int(),
            size: size.int(),
            folder: (folder != Cell::Null).then(|| folder.int()),
            slot,
            live: live.int() == 1,
            folded: folded.int() == 1,
            has_properties: props.int() == 1,
            seen: Seen::default(),
        };
        let bits = [live.int(), folded.int(), props.int()].iter().all(|bit| (0..=1).contains(bit));
        let dead = !item.live
            && (item.size != 0
                || uid != Cell::Null
                || slot.is_some()
                || item.folded
                || item.has_properties
                || item.folder.is_some());
        if !bits || dead || item.size < 0 || revision.int() > item.version || item.version < 1 {
            let spot = self.spot(directory, account.int(), collection.int(), &item.name);
            let what = if dead { "it is gone, and still has something" } else { "its numbers cannot be" };
            findings.add("item-impossible", spot, what);
        }
        let into = self.of(account);
        let items = &mut into.collections.entry(collection.int()).or_default().items;
        if item.live {
            into.by_id.insert(item.id, (collection.int(), items.len()));
        }
        items.push(item);
    }

    pub(super) fn item_property(
        &mut self,
        [account, collection, name]: [Cell<'_>; 3],
        directory: &Directory,
        findings: &mut Findings,
    ) {
        match self.at(account, collection).named(name.text()).filter(|item| item.has_properties) {
            Some(item) => item.seen.property = true,
            None => {
                let spot = self.spot(directory, account.int(), collection.int(), name.text());
                findings.add("property-without-item", spot, "a property, and no item that has one");
            }
        }
    }

    pub(super) fn body(&mut self, [account, item, bytes, blob]: [Cell<'_>; 4], seeing: Seeing<'_>) {
        let (id, stored, account) = (item.int(), bytes.bytes(), account.int());
        let of = self.accounts.entry(account).or_default();
        let mut wrong = Vec::new();
        let outside = (blob != Cell::Null).then(|| {
            // The address: number, then hash.
            let hash = stored.get(8..).unwrap_or_default().to_vec();
            let number = stored.get(..8).and_then(|bytes| bytes.try_into().ok()).map(i64::from_be_bytes);
            if number != Some(blob.int()) {
                wrong.push(("body-differs", "its body is said to lie in two places".to_owned()));
            }
            wrong.extend(seeing.spoilt.get(&(account, blob.int())).map(|verdict| spoilt(*verdict)));
            (blob.int(), hash)
        });
        let Some((collection, at)) = of.by_id.get(&id).copied() else {
            of.loose.insert(id, Loose { length: stored.len(), outside, wrong });
            return;
        };
        let found = of.collections.get_mut(&collection).and_then(|one| one.items.get_mut(at));
        let Some(item) = found else { return };
        item.seen.body = true;
        let (name, size) = (item.name.clone(), item.size);
        match outside {
            Some((blob, hash)) => {
                of.outside.push(Outside { blob, item: (collection, name.clone()), size, hash });
            }
            None => wrong.extend(length_differs(stored.len(), size)),
        }
        for (rule, what) in wrong {
            seeing.findings.add(rule, self.spot(seeing.directory, account, collection, &name), what);
        }
    }

    pub(super) fn span(
        &mut self,
        [account, collection, level, edge, name]: [Cell<'_>; 5],
        directory: &Directory,
        findings: &mut Findings,
    ) {
        let slot = Some((level.int(), edge.int()));
        match self.at(account, collection).named(name.text()).filter(|item| item.slot == slot) {
            Some(item) => item.seen.span = true,
            None => {
                let spot = self.spot(directory, account.int(), collection.int(), name.text());
                findings.add("time-without-item", spot, "a time to be found by, and no item of that time");
            }
        }
    }

    pub(super) fn text(
        &mut self,
        [account, collection, name]: [Cell<'_>; 3],
        directory: &Directory,
        findings: &mut Findings,
    ) {
        match self.at(account, collection).named(name.text()).filter(|item| item.folded) {
            Some(item) => item.seen.text = true,
            None => {
                let spot = self.spot(directory, account.int(), collection.int(), name.text());
                findings.add("text-without-item", spot, "a text to be found by, and no item of it");
            }
        }
    }

    pub(super) fn change(
        &mut self,
        [account, id, version, name, verb, item]: [Cell<'_>; 6],
        directory: &Directory,
        findings: &mut Findings,
    ) {
        let collection = self.at(account, id);
        if let Some(gap) = collection.log.entry(version.int(), verb.text())
            && collection.counter.is_some()
        {
            let called = Some(collection.called(id.int()));
            findings.add("log-gap", Spot { collection: called, ..directory.at(account.int()) }, gap);
        }
        if let Some(found) = collection.named(name.text()).filter(|found| found.version == version.int()) {
            found.seen.log = found.id == item.int() || !found.live;
        }
    }

    pub(super) fn ordinal(&mut self, [account, collection, number]: [Cell<'_>; 3]) {
        let collection = self.at(account, collection);
        collection.ordinals = collection.ordinals.max(number.int());
    }

    pub(super) fn ordinal_counter(&mut self, [account, collection, last]: [Cell<'_>; 3]) {
        self.at(account, collection).last_ordinal = Some(last.int());
    }

    pub(super) fn past(&mut self, [account, item, number, text, collection, name, size]: [Cell<'_>; 7]) {
        let past = Past {
            item: item.int(),
            number: number.int(),
            text: text.int(),
            collection: collection.int(),
            name: name.text().into(),
            size: size.int(),
        };
        self.of(account).past.push(past);
    }

    pub(super) fn blob(&mut self, [account, id, state, size, hash]: [Cell<'_>; 5]) {
        let blob = Blob { state: state.int(), size: size.int(), hash: hash.bytes().to_vec() };
        self.of(account).blobs.insert(id.int(), blob);
    }
}

/// A body that is not as long as it should be.
pub(super) fn length_differs(length: usize, size: i64) -> Option<Wrong> {
    let what = || format!("{length} bytes of its body are there, {size} should be");
    (i64::try_from(length) != Ok(size)).then(|| ("body-differs", what()))
}

/// What is said of a large body that is not what was put.
fn spoilt(verdict: Verdict) -> (&'static str, String) {
    match verdict {
        Verdict::Missing => ("blob-missing", "the file of its body is not there".to_owned()),
        Verdict::Good | Verdict::Damaged => ("blob-damaged", "the file of its body is damaged".to_owned()),
    }
}
