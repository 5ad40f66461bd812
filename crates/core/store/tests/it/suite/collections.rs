//! Collections, their properties and access lists; the shelf.

use super::on_every_engine;
use super::world::{ANNA, BERT, CARDS, HOME, WORK, World, collection, source, texts};
use kontor_model::{
    AccountId, Actor, CollectionId, CollectionName, Error, Grant, Grantee, Kind, Origin, PropertyKey, Result,
    Right, Rights, Role, Rule, Version,
};
use kontor_store::{Done, Expect, Guard, Op, Remains, Select, Write};

const NEW: CollectionId = CollectionId(900);

fn below(parent: CollectionId, id: CollectionId, name: &str) -> Op {
    let mut new = collection(ANNA, id, name, Kind::Files);
    new.parent = Some(parent);
    Op::CreateCollection(Box::new(new))
}

fn top(id: CollectionId, name: &str, kind: Kind) -> Op {
    Op::CreateCollection(Box::new(collection(ANNA, id, name, kind)))
}

impl World {
    async fn rename(&self, id: CollectionId, parent: Option<CollectionId>, name: &str) -> Result<Done> {
        let name = CollectionName::new(name).unwrap();
        self.act(Op::RenameCollection { account: ANNA, collection: id, parent, name }).await
    }

    async fn shelf_version(&self) -> i64 {
        self.store.shelf(ANNA).await.unwrap().version
    }

    async fn names(&self) -> Vec<String> {
        let shelf = self.store.shelf(ANNA).await.unwrap();
        shelf.collections.iter().map(|one| one.name.as_str().to_owned()).collect()
    }
}

#[test]
fn collections_come_in_order_with_their_properties() {
    on_every_engine(|world| async move {
        let mut new = collection(ANNA, NEW, "archive", Kind::Files);
        new.properties.insert(PropertyKey::new(PropertyKey::DISPLAY_NAME), b"Old things".to_vec());
        let made = world.act(Op::CreateCollection(Box::new(new.clone()))).await;
        assert_eq!(made, Ok(Done::Collection { version: Version::ZERO }));
        world.act(below(NEW, CollectionId(5), "1999")).await.unwrap();
        let shelf = world.store.shelf(ANNA).await.unwrap();
        assert_eq!(**shelf.collection(NEW).unwrap(), new);
        assert_eq!(shelf.named(None, &[Kind::Files], "archive").map(|one| one.id), Some(NEW));
        assert_eq!(shelf.named(None, &[Kind::Calendar], "archive"), None);
        assert_eq!(world.names().await, ["home", "work", "cards", "archive", "1999"]);
        let mut versions = world.store.versions(ANNA).await.unwrap();
        versions.sort();
        assert_eq!(versions.len(), 5);
        assert_eq!(world.store.shelf(AccountId(404)).await, Err(Error::NotFound));
        assert_eq!(world.store.versions(AccountId(404)).await, Err(Error::NotFound));
    });
}

#[test]
fn names_are_unique_within_parent_and_kind() {
    on_every_engine(|world| async move {
        assert_eq!(world.act(top(NEW, "work", Kind::Calendar)).await, Err(Error::Exists));
        assert!(world.act(top(NEW, "work", Kind::Files)).await.is_ok());
        assert!(world.act(below(NEW, CollectionId(5), "work")).await.is_ok());
        assert_eq!(world.act(below(NEW, CollectionId(6), "work")).await, Err(Error::Exists));
        assert_eq!(world.act(below(CollectionId(77), CollectionId(6), "x")).await, Err(Error::NotFound));
        let stranger = collection(AccountId(404), CollectionId(6), "x", Kind::Files);
        assert_eq!(world.act(Op::CreateCollection(Box::new(stranger))).await, Err(Error::NotFound));
        assert_eq!(world.rename(WORK, None, "home").await, Err(Error::Exists));
        assert_eq!(world.rename(CollectionId(77), None, "x").await, Err(Error::NotFound));
        assert_eq!(world.rename(WORK, Some(CollectionId(77)), "x").await, Err(Error::NotFound));
    });
}

#[test]
fn a_rename_keeps_items_and_number() {
    on_every_engine(|world| async move {
        world.put(WORK, "a", "a").await;
        assert_eq!(world.rename(WORK, None, "office").await, Ok(Done::Collection { version: Version(1) }));
        assert_eq!(world.names().await, ["home", "office", "cards"]);
        assert_eq!(world.text(WORK, "a").await.as_deref(), Some("a"));
        world.act(top(NEW, "files", Kind::Files)).await.unwrap();
        world.act(below(NEW, CollectionId(5), "inner")).await.unwrap();
        assert!(world.rename(WORK, None, "office").await.is_ok(), "its own name is not in the way");
        let circle = world.rename(NEW, Some(CollectionId(5)), "x").await;
        assert!(matches!(circle, Err(Error::Invalid { rule: Rule::Location, .. })), "{circle:?}");
        assert!(world.rename(CollectionId(5), None, "inner").await.is_ok());
    });
}

#[test]
fn what_is_removed_is_gone_with_all_below() {
    on_every_engine(|world| async move {
        world.act(top(NEW, "files", Kind::Files)).await.unwrap();
        world.act(below(NEW, CollectionId(5), "inner")).await.unwrap();
        world.put(NEW, "a", "a").await;
        world.put(CollectionId(5), "b", "b").await;
        let set =
            |on| Op::SetGrants { account: ANNA, collection: on, grants: Some(vec![everyone(Role::Reader)]) };
        world.write(vec![set(Some(CollectionId(5))), set(None)]).await.unwrap();
        let remove = Op::RemoveCollection { account: ANNA, collection: NEW, remains: Remains::Nothing };
        assert_eq!(world.act(remove).await, Ok(Done::Other));
        assert_eq!(world.names().await, ["home", "work", "cards"]);
        for (gone, name) in [(NEW, "a"), (CollectionId(5), "b")] {
            assert_eq!(world.item(gone, name).await, None);
            assert_eq!(world.store.version(ANNA, gone).await, Err(Error::NotFound));
            assert_eq!(world.store.by_uid(ANNA, gone, &format!("uid-{name}")).await, Ok(None));
            assert!(texts(&world.store, ANNA, gone).await.is_err());
            let put = world.put_op(source(gone, name), Expect::Absent, super::world::body("x", None));
            assert_eq!(world.act(put).await, Err(Error::NotFound));
            let copy = Op::Copy {
                from: source(gone, name),
                expect: Expect::Any,
                to: source(WORK, "c"),
                target: Expect::Any,
                new_id: world.id(),
            };
            assert_eq!(world.act(copy).await, Err(Error::NotFound));
        }
        let shelf = world.store.shelf(ANNA).await.unwrap();
        assert_eq!((shelf.grants.len(), shelf.root_grants.len()), (0, 1));
        assert!(world.act(top(CollectionId(6), "files", Kind::Files)).await.is_ok(), "the name is free");
        assert_eq!(
            world.store.page(ANNA, CollectionId(6), None, 9, Select::Meta).await.unwrap().items.len(),
            0
        );
    });
}

#[test]
fn what_moved_away_outlives_its_old_collection() {
    on_every_engine(|world| async move {
        world.act(top(NEW, "files", Kind::Files)).await.unwrap();
        world.put(NEW, "a", "a").await;
        let (from, to, new_id) = (source(NEW, "a"), source(WORK, "a"), world.id());
        let relocate = Op::Relocate { from, expect: Expect::Any, to, target: Expect::Any, new_id };
        world.act(relocate).await.unwrap();
        world
            .act(Op::RemoveCollection { account: ANNA, collection: NEW, remains: Remains::Nothing })
            .await
            .unwrap();
        for _ in 0..30 {
            // Engines may drop rows in the background.
            tokio::time::sleep(std::time::Duration::from_millis(2)).await;
            assert_eq!(world.text(WORK, "a").await.as_deref(), Some("a"));
        }
    });
}

fn everyone(role: Role) -> Grant {
    Grant { grantee: Grantee::Everyone, rights: role.rights() }
}

#[test]
fn grants_are_replaced_inherited_and_kept_in_order() {
    on_every_engine(|world| async move {
        let bert = Grant { grantee: Grantee::Account(BERT), rights: Rights::of(&[Right::EditAll]) };
        let public = Grant { grantee: Grantee::Public, rights: Role::FreeBusy.rights() };
        let set = async |on, grants| world.act(Op::SetGrants { account: ANNA, collection: on, grants }).await;
        assert_eq!(set(None, Some(vec![everyone(Role::FreeBusy)])).await, Ok(Done::Other));
        let list = vec![public.clone(), bert.clone(), everyone(Role::Reader)];
        assert!(set(Some(WORK), Some(list.clone())).await.is_ok());
        assert!(set(Some(HOME), Some(Vec::new())).await.is_ok());
        let shelf = world.store.shelf(ANNA).await.unwrap();
        assert_eq!(shelf.root_grants, [everyone(Role::FreeBusy)]);
        assert_eq!(shelf.grants_on(WORK), Some(&list[..]));
        assert_eq!(shelf.grants_on(HOME), Some(&[][..]), "nothing for anybody is not the same as inherited");
        assert_eq!(shelf.grants_on(CARDS), None);
        assert!(set(Some(WORK), None).await.is_ok());
        assert_eq!(world.store.shelf(ANNA).await.unwrap().grants_on(WORK), None);
        assert_eq!(set(Some(NEW), None).await, Err(Error::NotFound));
    });
}

#[test]
fn properties_are_set_and_unset() {
    on_every_engine(|world| async move {
        let key = |name: &str| PropertyKey::new(name);
        let set = async |changes| {
            world.act(Op::SetCollectionProperties { account: ANNA, collection: WORK, changes }).await
        };
        let before = world.shelf_version().await;
        let done = set(vec![(key("color"), Some(b"#fff".to_vec())), (key("{x}y"), Some(vec![0, 255]))]).await;
        assert_eq!(done, Ok(Done::Collection { version: Version::ZERO }), "members did not change");
        assert!(world.shelf_version().await > before);
        assert!(set(vec![(key("color"), None), (key("none"), None)]).await.is_ok());
        let shelf = world.store.shelf(ANNA).await.unwrap();
        let properties = &shelf.collection(WORK).unwrap().properties;
        assert_eq!(properties.iter().collect::<Vec<_>>(), [(&key("{x}y"), &vec![0, 255])]);
    });
}

#[test]
fn a_guard_refuses_what_was_decided_on_an_old_shelf() {
    on_every_engine(|world| async move {
        let old = Guard {
            account: ANNA,
            shelf: world.shelf_version().await,
            quota: kontor_model::Quota::default(),
        };
        let put = async |guard| {
            let ops = vec![world.put_op(source(WORK, "a"), Expect::Any, super::world::body("x", None))];
            let write = Write {
                actor: Actor::System,
                origin: Origin::Job,
                at: world.now(),
                guards: vec![guard],
                ops,
            };
            world.store.write(write).await
        };
        assert!(put(old).await.is_ok());
        assert!(put(old).await.is_ok(), "writing items does not move the shelf");
        world.act(Op::SetGrants { account: ANNA, collection: None, grants: None }).await.unwrap();
        assert_eq!(put(old).await, Err(Error::Busy { retry_after: 0 }));
        assert!(
            put(Guard {
                account: ANNA,
                shelf: world.shelf_version().await,
                quota: kontor_model::Quota::default()
            })
            .await
            .is_ok()
        );
        assert_eq!(world.version(WORK).await, Version(3));
    });
}

#[test]
fn what_was_read_of_a_collection_is_still_so() {
    on_every_engine(|world| async move {
        let unmoved = |on, version| Op::Unmoved { account: ANNA, collection: on, version: Version(version) };
        let remove = || Op::RemoveCollection { account: ANNA, collection: WORK, remains: Remains::Nothing };
        world.put(WORK, "a", "a").await;
        assert_eq!(world.act(unmoved(WORK, 1)).await, Ok(Done::Other));
        assert_eq!(world.version(WORK).await, Version(1), "it changes nothing");
        world.put(WORK, "b", "b").await;
        let stale = Error::Stale { have: Some(Version(2)) };
        assert_eq!(world.write(vec![unmoved(WORK, 1), remove()]).await, Err(stale.clone()));
        assert_eq!(
            world.write(vec![remove(), unmoved(HOME, 1)]).await,
            Err(Error::Stale { have: Some(Version(0)) })
        );
        assert_eq!(world.text(WORK, "b").await.as_deref(), Some("b"), "nothing of the write was done");
        let late = world.put_op(source(WORK, "c"), Expect::Any, super::world::body("c", None));
        let stale = Error::Stale { have: Some(Version(3)) };
        assert_eq!(world.write(vec![late, unmoved(WORK, 2)]).await, Err(stale), "later ops see earlier ones");
        assert!(world.write(vec![unmoved(WORK, 2), unmoved(HOME, 0), remove()]).await.is_ok());
        assert_eq!(world.act(unmoved(WORK, 2)).await, Err(Error::NotFound));
        assert_eq!(world.act(unmoved(CollectionId(77), 0)).await, Err(Error::NotFound));
    });
}
