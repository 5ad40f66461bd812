//! The trash: what was removed comes back as it was.

use super::on_every_engine;
use super::world::{
    ANNA, BERT, CARDS, HOME, WORK, World, body, body_at, collection, create, item_name, source,
};
use kontor_model::{
    AccountId, AccountName, Actor, Collection, CollectionId, CollectionName, Error, Grant, Grantee, Item,
    Kind, Lock, News, Origin, PropertyKey, Quota, Range, Reach, Result, Right, Role, Sharing, Timestamp,
    Version,
};
use kontor_store::{
    Done, Expect, Numbered, Op, Ordinal, OrdinalKey, Remains, Select, Source, Trashed, Write,
};
use std::sync::{Arc, Mutex};

const DRIVE: CollectionId = CollectionId(900);
const LETTERS: CollectionId = CollectionId(901);
const OLD: CollectionId = CollectionId(902);

fn remove(collection: CollectionId) -> Op {
    Op::RemoveCollection { account: ANNA, collection, remains: Remains::Trash }
}

fn restore(root: CollectionId, parent: Option<CollectionId>, name: &str) -> Op {
    Op::RestoreCollection { account: ANNA, root, parent, name: CollectionName::new(name).unwrap() }
}

fn folder(id: CollectionId, parent: Option<CollectionId>, name: &str) -> Op {
    Op::CreateCollection(Box::new(Collection { parent, ..collection(ANNA, id, name, Kind::Files) }))
}

fn color() -> (PropertyKey, Option<Vec<u8>>) {
    (PropertyKey::new("color"), Some(b"red".to_vec()))
}

/// All that can be seen of a collection.
#[derive(Debug, PartialEq)]
struct Sight {
    about: Option<Collection>,
    grants: Option<Vec<Grant>>,
    version: Result<Version>,
    items: Vec<Item>,
    properties: Vec<(kontor_model::ItemName, PropertyKey, Vec<u8>)>,
    usage: (u64, u64),
    ordinals: Vec<Ordinal>,
    removed: Vec<kontor_model::ItemName>,
    timed: usize,
}

impl World {
    async fn sight(&self, id: CollectionId) -> Sight {
        let shelf = self.store.shelf(ANNA).await.unwrap();
        let names = OrdinalKey::Names { first: String::new(), last: "z".to_owned(), most: 99 };
        let changes = self.store.changes(ANNA, id, Version(1), 99, Select::Meta).await;
        Sight {
            about: shelf.collection(id).map(|one| Collection::clone(one)),
            grants: shelf.grants_on(id).map(<[Grant]>::to_vec),
            version: self.store.version(ANNA, id).await,
            items: self.store.page(ANNA, id, None, 99, Select::Body).await.unwrap().items,
            properties: self.store.item_properties(ANNA, id, None).await.unwrap(),
            usage: self.store.usage(ANNA, id).await.unwrap(),
            ordinals: self.store.ordinals(ANNA, id, &[names]).await.unwrap(),
            removed: changes.unwrap().removed.into_iter().map(|(name, _)| name).collect(),
            timed: self.store.timings(ANNA, id, Range { start: 0, end: 100 }).await.unwrap().len(),
        }
    }

    async fn trash(&self) -> Vec<Trashed> {
        self.store.trash(ANNA, None, 99).await.unwrap()
    }
}

/// A calendar with something of everything.
async fn full(world: &World) {
    for name in ["a", "b", "gone", "gone too"] {
        world.put(WORK, name, name).await;
    }
    world.remove(WORK, "gone").await;
    world.act(world.put_op(source(WORK, "timed"), Expect::Any, body_at(1, 50))).await.unwrap();
    world.remove(WORK, "gone too").await;
    let item = world.item(WORK, "a").await.unwrap().meta.id;
    let part = Numbered { item, part: String::new(), name: "a".to_owned(), digest: 5, version: Version(1) };
    let grants = [Grantee::Account(BERT), Grantee::Account(AccountId(33)), Grantee::Everyone];
    let grants = grants.map(|grantee| Grant { grantee, rights: Role::Reader.rights() }).to_vec();
    let ops = vec![
        create(AccountId(33), "carl"),
        Op::SetItemProperties { at: source(WORK, "a"), changes: vec![color()] },
        Op::SetCollectionProperties { account: ANNA, collection: WORK, changes: vec![color()] },
        Op::Number { account: ANNA, collection: WORK, parts: vec![part] },
        Op::SetGrants { account: ANNA, collection: Some(WORK), grants: Some(grants) },
    ];
    world.write(ops).await.unwrap();
}

#[test]
fn a_calendar_comes_back_as_it_was_and_goes_on() {
    on_every_engine(|world| async move {
        full(&world).await;
        let before = world.sight(WORK).await;
        assert_eq!((before.items.len(), before.ordinals.len(), before.timed), (3, 1, 1));
        world.act(remove(WORK)).await.unwrap();
        assert!(world.store.granting(&Grantee::Account(BERT), Right::Read).await.unwrap().is_empty());
        assert_eq!(
            world.store.timings(ANNA, WORK, Range { start: 0, end: 100 }).await.err(),
            Some(Error::NotFound)
        );
        let [tree] = &world.trash().await[..] else { panic!("one tree") };
        let told =
            (tree.root, tree.parent, tree.kind, tree.name.as_str(), tree.at, tree.actor.clone(), tree.origin);
        assert_eq!(
            told,
            (WORK, None, Kind::Calendar, "work", world.now(), Actor::Account(ANNA), Origin::Dav)
        );
        assert_eq!((tree.collections, tree.deep, tree.items, tree.bytes), (1, 1, 3, before.usage.1));
        // A new one under its name, and the account of one of those who could see it is gone.
        let id = CollectionId(950);
        let new = Op::CreateCollection(Box::new(collection(ANNA, id, "work", Kind::Calendar)));
        let gone = Op::RemovePrincipal { id: AccountId(33), name: AccountName::new("carl").unwrap() };
        world.write(vec![new, gone]).await.unwrap();
        assert_eq!(world.act(restore(WORK, None, "work")).await, Err(Error::Exists));
        assert_eq!(world.trash().await.len(), 1);
        let version = before.version.clone().unwrap();
        assert_eq!(world.act(restore(WORK, None, "work again")).await, Ok(Done::Collection { version }));
        let after = world.sight(WORK).await;
        let about = before
            .about
            .clone()
            .map(|one| Collection { name: CollectionName::new("work again").unwrap(), ..one });
        let grants = before.grants.clone().map(|grants| vec![grants[0].clone(), grants[2].clone()]);
        assert_eq!(after, Sight { about, grants, ..before });
        assert_eq!(world.store.granting(&Grantee::Account(BERT), Right::Read).await.unwrap(), [ANNA]);
        assert!(world.trash().await.is_empty());
        assert_eq!(world.act(restore(WORK, None, "once more")).await, Err(Error::NotFound));
        // Who was told of it before goes on from there.
        world.put(WORK, "later", "x").await;
        let news = world.store.changes(ANNA, WORK, version, 9, Select::Meta).await.unwrap();
        assert_eq!((news.changed.len(), news.removed.len(), news.upto), (1, 0, Version(version.0 + 1)));
        let by_uid = world.store.by_uid(ANNA, WORK, "uid-a").await.unwrap();
        assert_eq!(by_uid, Some(item_name("a")));
        let taken = world.put_op(source(WORK, "other"), Expect::Any, body("x", Some("uid-a")));
        assert!(world.act(taken).await.is_err(), "its UIDs are taken");
    });
}

#[test]
fn a_tree_of_folders_comes_back_below_what_it_lay_in_or_elsewhere() {
    on_every_engine(|world| async move {
        let into = |collection, name: &str| {
            let at = Source { account: ANNA, collection, name: item_name(name) };
            world.put_op(at, Expect::Any, body(name, None))
        };
        let ops = vec![
            folder(DRIVE, None, "files"),
            folder(LETTERS, Some(DRIVE), "letters"),
            folder(OLD, Some(LETTERS), "old"),
            into(DRIVE, "top.txt"),
            into(OLD, "deep.txt"),
        ];
        world.write(ops).await.unwrap();
        let (letters, old) = (world.sight(LETTERS).await, world.sight(OLD).await);
        let place = world.item(DRIVE, "letters").await.unwrap().meta;
        let lock = Lock {
            token: 7,
            collection: OLD,
            name: None,
            reach: Reach::Deep,
            sharing: Sharing::Exclusive,
            holder: ANNA,
            about: Vec::new(),
            until: Timestamp::from_secs(1 << 33),
        };
        world
            .write(vec![Op::SetLock { account: ANNA, lock: Box::new(lock) }, remove(LETTERS)])
            .await
            .unwrap();
        assert_eq!(world.item(DRIVE, "letters").await, None);
        let [tree] = &world.trash().await[..] else { panic!("one tree") };
        assert_eq!((tree.parent, tree.collections, tree.deep, tree.items), (Some(DRIVE), 2, 2, 2));
        assert_eq!(world.store.trashed(ANNA, OLD).await, Ok(None), "only the topmost one is told");
        assert_eq!(world.act(restore(OLD, Some(DRIVE), "old")).await, Err(Error::NotFound));
        assert_eq!(world.act(restore(LETTERS, Some(OLD), "letters")).await, Err(Error::NotFound));
        // A file has its name.
        world.act(into(DRIVE, "letters")).await.unwrap();
        assert_eq!(world.act(restore(LETTERS, Some(DRIVE), "letters")).await, Err(Error::Exists));
        world.write(vec![Op::Remove { at: source(DRIVE, "letters"), expect: Expect::Any }]).await.unwrap();
        let number = world.version(DRIVE).await;
        // Removed and restored twice more in one write.
        let ops = vec![
            restore(LETTERS, Some(DRIVE), "letters"),
            into(OLD, "new.txt"),
            remove(LETTERS),
            restore(LETTERS, Some(DRIVE), "letters"),
            Op::Remove { at: source(OLD, "new.txt"), expect: Expect::Any },
        ];
        world.write(ops).await.unwrap();
        assert_eq!(world.sight(LETTERS).await, letters);
        let after = world.sight(OLD).await;
        assert_eq!((after.items, after.version), (old.items, Ok(Version(old.version.unwrap().0 + 2))));
        let back = world.item(DRIVE, "letters").await.unwrap().meta;
        assert_eq!((back.id, back.created, back.modified), (place.id, place.created, place.modified));
        let news = world.store.changes(ANNA, DRIVE, number, 9, Select::Meta).await.unwrap();
        assert_eq!(news.changed.len(), 1, "the folder above tells of it");
        assert!(world.store.shelf(ANNA).await.unwrap().locks.is_empty(), "locks do not come back");
        // What it lay in is gone, and removed from the trash; it comes back elsewhere.
        let ops = vec![folder(CollectionId(903), Some(DRIVE), "x"), remove(OLD), remove(LETTERS)];
        world.write(ops).await.unwrap();
        assert_eq!(world.act(Op::PurgeCollection { account: ANNA, root: LETTERS }).await, Ok(Done::Other));
        assert_eq!(world.act(restore(OLD, Some(LETTERS), "old")).await, Err(Error::NotFound));
        world.act(restore(OLD, Some(CollectionId(903)), "old")).await.unwrap();
        assert_eq!(world.sight(OLD).await.items.len(), 1);
        crate::moving::is_as_it_should_be(&world.store).await;
    });
}

#[test]
fn what_is_purged_is_gone_and_only_once() {
    on_every_engine(|world| async move {
        world.put(HOME, "a", "a").await;
        world.write(vec![remove(HOME), remove(CARDS)]).await.unwrap();
        let purge = |root| Op::PurgeCollection { account: ANNA, root };
        assert_eq!(world.act(purge(WORK)).await, Err(Error::NotFound), "it is not in the trash");
        assert_eq!(world.store.next_trash(None).await, Ok(Some(ANNA)));
        assert_eq!(world.act(purge(HOME)).await, Ok(Done::Other));
        assert_eq!(world.act(purge(HOME)).await, Err(Error::NotFound));
        assert_eq!(world.act(restore(HOME, None, "home")).await, Err(Error::NotFound));
        assert_eq!(world.trash().await.len(), 1);
        assert_eq!(world.act(purge(CARDS)).await, Ok(Done::Other));
        assert_eq!(world.store.next_trash(None).await, Ok(None));
        assert_eq!(world.store.trash(AccountId(404), None, 9).await, Ok(Vec::new()));
        crate::moving::is_as_it_should_be(&world.store).await;
    });
}

/// Of what happens to the trash whoever follows the store is told as of any change of its collections.
#[test]
fn watchers_hear_of_what_comes_back_and_of_who_may_see_it() {
    on_every_engine(|world| async move {
        full(&world).await;
        let heard = Arc::new(Mutex::new(Vec::new()));
        let noted = heard.clone();
        world.store.watch(Box::new(move |news| noted.lock().unwrap().push(news.clone())));
        world.store.follow(vec![ANNA]).await.unwrap();
        let told = || std::mem::take(&mut *heard.lock().unwrap());
        let shelf = |news: &[News]| {
            news.iter().any(
                |one| matches!(one, News::Change(one) if one.account == ANNA && one.collection.is_none()),
            )
        };
        world.act(remove(WORK)).await.unwrap();
        assert!(shelf(&told()));
        let before = world.store.shelf(ANNA).await.unwrap().version;
        world.act(restore(WORK, None, "work")).await.unwrap();
        let news = told();
        assert!(shelf(&news) && news.contains(&News::Grants(ANNA)), "{news:?}");
        assert!(world.store.shelf(ANNA).await.unwrap().version > before, "who decided before decides anew");
        let write = Write {
            actor: Actor::System,
            origin: Origin::Job,
            at: world.now(),
            guards: vec![kontor_store::Guard { account: ANNA, shelf: before, quota: Quota::default() }],
            ops: vec![remove(WORK)],
        };
        assert_eq!(world.store.write(write).await, Err(Error::Busy { retry_after: 0 }));
    });
}
