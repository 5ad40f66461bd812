//! The store as a whole: watching, many at once, closing.

use super::world::{ANNA, BERT, BERTS, HOME, WORK, World, body, item_name, principal, source, texts};
use super::{engines, on_every_engine};
use kontor_model::{
    AccountId, Error, Grant, Grantee, News, Notice, Principal, PropertyKey, Right, Role, Version,
};
use kontor_store::{AppPassword, Expect, Op};
use std::sync::{Arc, Mutex};

#[test]
fn watchers_hear_of_every_commit() {
    on_every_engine(|world| async move {
        let heard = ear(&world);
        world.store.follow(vec![ANNA]).await.unwrap();
        world.put(WORK, "a", "a").await;
        let _ = world.act(world.put_op(source(WORK, "a"), Expect::Absent, body("x", None))).await;
        let to_home = Op::Relocate {
            from: source(WORK, "a"),
            expect: Expect::Any,
            to: source(HOME, "a"),
            target: Expect::Any,
            new_id: world.id(),
        };
        world.act(to_home).await.unwrap();
        let changes = vec![(PropertyKey::new("color"), Some(Vec::new()))];
        world.act(Op::SetCollectionProperties { account: ANNA, collection: WORK, changes }).await.unwrap();
        let shelf = world.store.shelf(ANNA).await.unwrap().version;
        world.store.close().await.unwrap();
        let change = |collection, version| {
            News::Change(Notice { account: ANNA, collection, version: Version(version) })
        };
        let expected =
            [change(Some(WORK), 1), change(Some(WORK), 2), change(Some(HOME), 1), change(None, shelf)];
        let mut heard = heard.lock().unwrap().clone();
        heard.retain(|news| matches!(news, News::Change(_)));
        assert_eq!(heard, expected);
    });
}

fn ear(world: &World) -> Arc<Mutex<Vec<News>>> {
    let heard: Arc<Mutex<Vec<News>>> = Arc::default();
    let ear = Arc::clone(&heard);
    world.store.watch(Box::new(move |news| ear.lock().unwrap().push(news.clone())));
    heard
}

/// Whoever remembers something of an account hears of it before the write returns that changes it.
#[test]
fn what_happens_to_accounts_is_told_at_once() {
    on_every_engine(|world| async move {
        let heard = ear(&world);
        let told = |expected: News| {
            let all = std::mem::take(&mut *heard.lock().unwrap());
            assert!(all.contains(&expected), "{expected:?} is not among {all:?}");
        };
        world.act(Op::SetPassword { id: ANNA, digest: None }).await.unwrap();
        told(News::Account(ANNA));
        let label = "phone".to_owned();
        let password = AppPassword {
            id: 0,
            label,
            digest: Vec::new(),
            scopes: Vec::new(),
            read_only: false,
            expires: None,
            created: world.now(),
            last_used: None,
        };
        world.act(Op::AddAppPassword { id: ANNA, password: Box::new(password) }).await.unwrap();
        told(News::Account(ANNA));
        world.act(Op::RevokeAppPassword { id: ANNA, app_password: 1 }).await.unwrap();
        told(News::Account(ANNA));
        let closed = Principal { active: false, ..principal(ANNA, "anna") };
        world.act(Op::UpdatePrincipal(Box::new(closed))).await.unwrap();
        told(News::Account(ANNA));
        let grants = vec![Grant { grantee: Grantee::Account(ANNA), rights: Role::Reader.rights() }];
        let set = Op::SetGrants { account: BERT, collection: Some(BERTS), grants: Some(grants) };
        world.act(set).await.unwrap();
        told(News::Grants(BERT));
        let name = principal(ANNA, "anna").name;
        world.write(vec![Op::RemovePrincipal { id: ANNA, name }]).await.unwrap();
        let all = std::mem::take(&mut *heard.lock().unwrap());
        assert!(all.contains(&News::Account(ANNA)) && all.contains(&News::Grants(BERT)), "{all:?}");
        // What is not done is not told.
        let nobody = AccountId(77);
        world.act(Op::SetPassword { id: nobody, digest: None }).await.unwrap_err();
        assert!(!heard.lock().unwrap().contains(&News::Account(nobody)));
    });
}

#[test]
fn stores_that_grant_something_are_found() {
    on_every_engine(|world| async move {
        let find = async |to: Grantee, right: Right| world.store.granting(&to, right).await.unwrap();
        let set = async |account, collection, grants: &[(Grantee, Role)]| {
            let grants = grants
                .iter()
                .map(|(grantee, role)| Grant { grantee: grantee.clone(), rights: role.rights() });
            let op = Op::SetGrants { account, collection, grants: Some(grants.collect()) };
            world.act(op).await.unwrap();
        };
        let (anna, everyone) = (Grantee::Account(ANNA), Grantee::Everyone);
        set(BERT, None, &[(anna.clone(), Role::Reader), (everyone.clone(), Role::FreeBusy)]).await;
        set(BERT, Some(BERTS), &[(anna.clone(), Role::Editor)]).await;
        set(ANNA, Some(WORK), &[(everyone.clone(), Role::Reader), (Grantee::Public, Role::Reader)]).await;
        assert_eq!(find(anna.clone(), Right::Look).await, [BERT]);
        assert_eq!(find(everyone.clone(), Right::Look).await, [ANNA]);
        assert_eq!(find(everyone.clone(), Right::FreeBusy).await, [ANNA, BERT]);
        assert_eq!(find(Grantee::Public, Right::Look).await, [ANNA]);
        assert_eq!(find(anna, Right::Administer).await, []);
        assert_eq!(find(Grantee::Account(BERT), Right::Look).await, []);
    });
}

#[test]
fn what_was_written_is_seen_by_whoever_reads_next() {
    on_every_engine(|world| async move {
        let world = Arc::new(world);
        let tasks: Vec<_> = (0..8)
            .map(|task| {
                let world = Arc::clone(&world);
                tokio::spawn(async move {
                    for n in 0..50 {
                        let key = PropertyKey::new(format!("{task}"));
                        let value = format!("{n}").into_bytes();
                        let changes = vec![(key.clone(), Some(value.clone()))];
                        let set = Op::SetCollectionProperties { account: ANNA, collection: WORK, changes };
                        world.act(set).await.unwrap();
                        let shelf = world.store.shelf(ANNA).await.unwrap();
                        assert_eq!(shelf.collection(WORK).unwrap().properties.get(&key), Some(&value));
                        let name = format!("{task}-{n}");
                        world.put(WORK, &name, &name).await;
                        assert_eq!(world.text(WORK, &name).await, Some(name));
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
        assert_eq!(world.version(WORK).await, Version(400));
        assert_eq!(world.store.usage(ANNA, WORK).await.unwrap().0, 400);
    });
}

#[test]
fn one_failing_write_does_not_take_its_neighbours_along() {
    on_every_engine(|world| async move {
        world.put(WORK, "taken", "x").await;
        let writes: Vec<_> = (0..200)
            .map(|n| {
                let (name, fails) = (format!("{n}"), n % 3 == 0);
                let name = if fails { "taken" } else { &name };
                world.write(vec![world.put_op(source(WORK, name), Expect::Absent, body("x", None))])
            })
            .collect();
        let mut running: Vec<_> = writes.into_iter().map(Box::pin).collect();
        let mut good = 0;
        // All are queued before the first is waited for.
        std::future::poll_fn(|context| {
            for one in &mut running {
                let _ = one.as_mut().poll(context).map(|done| good += i64::from(done.is_ok()));
            }
            std::task::Poll::Ready(())
        })
        .await;
        assert!(good <= 133);
        tokio::time::timeout(std::time::Duration::from_secs(20), async {
            while world.version(WORK).await < Version(134) {
                tokio::task::yield_now().await;
            }
        })
        .await
        .unwrap();
        assert_eq!(world.store.usage(ANNA, WORK).await.unwrap().0, 134);
        assert_eq!(world.text(WORK, "taken").await.as_deref(), Some("x"));
    });
}

#[test]
fn a_closed_store_answers_busy_and_opens_again() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    for engine in engines() {
        let store = engine.open();
        let world = runtime.block_on(World::new(store));
        runtime.block_on(async {
            world.put(WORK, "a", "kept").await;
            world.store.close().await.unwrap();
            world.store.close().await.unwrap();
            let busy = Error::Busy { retry_after: 1 };
            let put = world.put_op(source(WORK, "b"), Expect::Any, body("x", None));
            assert_eq!(world.act(put).await, Err(busy.clone()));
            assert_eq!(world.store.item(ANNA, WORK, &item_name("a")).await, Err(busy.clone()));
            assert_eq!(texts(&world.store, ANNA, WORK).await.unwrap_err(), busy);
        });
        let store = engine.open();
        let item = runtime.block_on(store.item(ANNA, WORK, &item_name("a"))).unwrap().unwrap();
        assert_eq!(&item.body[..], b"kept");
    }
}
