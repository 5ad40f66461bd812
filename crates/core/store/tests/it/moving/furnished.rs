//! A store with something of everything in it.

use super::Place;
use crate::suite::world::{
    ANNA, BERT, BERTS, CARDS, HOME, WORK, World, body, body_at, collection, create, item_name, source,
};
use kontor_model::{
    AccountId, AccountName, Collection, CollectionId, CollectionName, Grant, Grantee, Kind, Limit, Lock,
    PropertyKey, QuotaSettings, Reach, Role, Sharing, Timestamp, Version,
};
use kontor_store::{AppPassword, Expect, Numbered, Op, Remains, Source, Store};
use std::sync::Arc;

/// Fills a store; `items` is about how many there will be.
pub(crate) async fn furnish(store: Arc<dyn Store>, items: usize) {
    let world = World::new(store).await;
    let names: Vec<String> = (0..items).map(|n| format!("{n:06}-\u{e4}\u{1f4c5}.ics")).collect();
    for some in names.chunks(200) {
        world.write(some.iter().map(|name| put(&world, name)).collect()).await.unwrap();
    }
    odd_items(&world).await;
    // Some go away, some come back, some move.
    for some in names.chunks(7).take(items / 20) {
        world.remove(WORK, &some[0]).await;
    }
    world.put(WORK, &names[0], "back again").await;
    world.put(WORK, &names[0], "and another text").await;
    let to = |name: &str| Op::Relocate {
        from: source(WORK, name),
        expect: Expect::Any,
        to: source(HOME, name),
        target: Expect::Any,
        new_id: world.id(),
    };
    world.write(vec![to(&names[1]), to(&names[2])]).await.unwrap();
    folders(&world).await;
    about_accounts(&world).await;
    gone(&world).await;
}

/// Folders in each other, with files in them; one was moved.
async fn folders(world: &World) {
    let make = |id, parent, name: &str| {
        let new = collection(ANNA, CollectionId(id), name, Kind::Files);
        Op::CreateCollection(Box::new(Collection { parent, ..new }))
    };
    let (drive, deep) = (CollectionId(601), CollectionId(603));
    let into = |collection, name: &str| {
        let at = Source { account: ANNA, collection, name: item_name(name) };
        world.put_op(at, Expect::Any, body(name, None))
    };
    let ops = vec![
        make(601, None, "files"),
        make(602, Some(drive), "a"),
        make(603, Some(CollectionId(602)), "\u{fc}"),
        make(604, Some(drive), "away"),
        make(605, Some(CollectionId(604)), "further"),
        into(CollectionId(605), "lost.txt"),
        into(drive, "top.txt"),
        into(deep, "deep.txt"),
        Op::RenameCollection {
            account: ANNA,
            collection: deep,
            parent: Some(drive),
            name: CollectionName::new("moved").unwrap(),
        },
    ];
    world.write(ops).await.unwrap();
    let reader = Grant { grantee: Grantee::Account(BERT), rights: Role::Reader.rights() };
    world
        .act(Op::SetGrants { account: ANNA, collection: Some(CollectionId(605)), grants: Some(vec![reader]) })
        .await
        .unwrap();
    let lock = Lock {
        token: 1 << 100,
        collection: drive,
        name: Some(item_name("top.txt")),
        reach: Reach::Alone,
        sharing: Sharing::Shared,
        holder: BERT,
        about: b"<owner/>".to_vec(),
        until: Timestamp::from_secs(1 << 33),
    };
    let shelf = world.store.shelf(ANNA).await.unwrap().version;
    world.act(Op::Tide { account: ANNA, shelf, marks: vec![(drive, Version(2))] }).await.unwrap();
    world.act(Op::SetLock { account: ANNA, lock: Box::new(lock) }).await.unwrap();
}

fn put(world: &World, name: &str) -> Op {
    let mut text =
        body(&format!("BEGIN:{name}\r\n{}", name.repeat(name.as_bytes()[5] as usize % 30)), Some(name));
    let number: i64 = name[..6].parse().unwrap();
    if number % 2 == 0 {
        text.facets.span = body_at(number * 1_000, number * 1_000 + number % 97 * 4_096).facets.span;
        text.facets.timeline = vec![0, 255, 10];
    }
    text.facets.folded = name.as_bytes().to_vec();
    world.put_op(source(WORK, name), Expect::Any, text)
}

async fn odd_items(world: &World) {
    let mut large = body("", Some("large"));
    large.content = (0..3_000_000_u32).map(|n| (n.wrapping_mul(n) >> 7) as u8).collect::<Vec<_>>().into();
    let mut timed = body_at(i64::MIN, i64::MAX);
    timed.media_type = "text/calendar; charset=utf-8".to_owned();
    let ops = vec![
        world.put_op(source(CARDS, "large.vcf"), Expect::Any, large),
        world.put_op(source(CARDS, "for ever"), Expect::Any, timed),
        world.put_op(source(BERTS, "empty"), Expect::Any, body("", None)),
    ];
    world.write(ops).await.unwrap();
    let changes = vec![(PropertyKey::new("{urn:x}\u{fc}"), Some(vec![0, 1, 2, 255]))];
    world.act(Op::SetItemProperties { at: source(CARDS, "for ever"), changes }).await.unwrap();
}

async fn about_accounts(world: &World) {
    let grant = |grantee| Grant { grantee, rights: Role::Reader.rights() };
    let grants = Some(vec![grant(Grantee::Account(BERT)), grant(Grantee::Public), grant(Grantee::Everyone)]);
    let changes = vec![(PropertyKey::new("color"), Some(b"#ff0000".to_vec()))];
    let label = "phone".to_owned();
    let password = Box::new(AppPassword {
        id: 0,
        label,
        digest: vec![7; 32],
        scopes: vec!["dav".into()],
        read_only: true,
        expires: None,
        created: Timestamp::from_secs(9),
        last_used: None,
    });
    let part = |part: &str| Numbered {
        item: world.id(),
        part: part.to_owned(),
        name: "\u{e4}.ics".to_owned(),
        digest: -1,
        version: Version(1 << 40),
    };
    let ops = vec![
        Op::Number { account: ANNA, collection: WORK, parts: vec![part(""), part("20260131")] },
        // People are counted in a series of their own.
        Op::Number { account: AccountId(0), collection: CollectionId(0), parts: vec![part("")] },
        Op::SetGrants { account: ANNA, collection: Some(WORK), grants: grants.clone() },
        Op::SetGrants { account: ANNA, collection: None, grants },
        Op::SetQuota {
            account: ANNA,
            quota: QuotaSettings {
                warn: Limit::Bytes(1 << 20),
                soft: Limit::None,
                hard: Limit::Bytes(1 << 40),
            },
        },
        Op::SetCollectionProperties { account: ANNA, collection: WORK, changes },
        Op::SetPassword { id: ANNA, digest: Some("$argon2id$x".to_owned()) },
        Op::AddAppPassword { id: ANNA, password },
        Op::CountFailure { scopes: vec!["a:anna".into()], tried: vec![1, 2, 3] },
        Op::InitSetting { key: "key".to_owned(), value: vec![9; 32] },
    ];
    world.write(ops).await.unwrap();
}

/// What is left of what is gone: an orphaned store, a removed collection.
async fn gone(world: &World) {
    let (carl, his) = (AccountId(33), CollectionId(301));
    let make = Op::CreateCollection(Box::new(collection(carl, his, "his", Kind::Calendar)));
    world.write(vec![create(carl, "carl"), make]).await.unwrap();
    let name = AccountName::new("carl").unwrap();
    let remove = |collection, remains| Op::RemoveCollection { account: ANNA, collection, remains };
    let ops = vec![
        Op::RemovePrincipal { id: carl, name },
        remove(HOME, Remains::Nothing),
        remove(CollectionId(604), Remains::Trash),
    ];
    world.write(ops).await.unwrap();
}

/// A furnished store at `place`, closed.
pub(crate) fn at(place: Place, items: usize) -> Place {
    let place = place.made();
    super::runtime().block_on(async {
        let store = place.open().unwrap();
        furnish(store.clone(), items).await;
        store.close().await.unwrap();
    });
    place
}
