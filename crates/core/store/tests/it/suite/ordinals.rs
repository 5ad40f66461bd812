//! Small numbers of items and their parts.

use super::world::{ANNA, BERT, BERTS, HOME, WORK, World};
use super::{engines, on_every_engine};
use kontor_model::{AccountId, CollectionId, ItemId, Version};
use kontor_store::{Done, Numbered, Op, Ordinal, OrdinalKey};

fn part(item: i64, part: &str, name: &str) -> Numbered {
    Numbered {
        item: ItemId(item),
        part: part.to_owned(),
        name: name.to_owned(),
        digest: 0,
        version: Version(1),
    }
}

impl World {
    async fn number(&self, account: AccountId, collection: CollectionId, parts: &[Numbered]) -> Vec<i64> {
        match self.act(Op::Number { account, collection, parts: parts.to_vec() }).await.unwrap() {
            Done::Numbers(numbers) => numbers,
            other => panic!("numbering was answered with {other:?}"),
        }
    }

    async fn ordinals(&self, key: OrdinalKey) -> Vec<Ordinal> {
        self.store.ordinals(ANNA, WORK, &[key]).await.unwrap()
    }
}

#[test]
fn a_part_keeps_its_number_and_no_number_is_given_twice() {
    on_every_engine(|world| async move {
        let before = world.version(WORK).await;
        let (a, b) = (part(7, "", "a"), part(7, "20260131", "a"));
        assert_eq!(world.number(ANNA, WORK, &[a.clone(), b.clone(), a.clone()]).await, [1, 2, 1]);
        assert_eq!(world.number(ANNA, WORK, &[part(8, "", "b"), b.clone()]).await, [3, 2]);
        assert_eq!(world.number(ANNA, HOME, &[b]).await, [1], "each collection counts for itself");
        assert_eq!(world.number(BERT, BERTS, &[part(7, "", "a")]).await, [1]);
        // Another item of the same name.
        assert_eq!(world.number(ANNA, WORK, &[part(9, "", "a")]).await, [4]);
        assert_eq!(world.version(WORK).await, before, "nothing of the office changed");
    });
}

#[test]
fn ordinals_are_found_by_item_name_and_number() {
    on_every_engine(|world| async move {
        let parts = [part(7, "", "a"), part(7, "x", "a"), part(8, "", "b"), part(9, "", "a")];
        world.number(ANNA, WORK, &parts).await;
        let numbers = |found: Vec<Ordinal>| found.iter().map(|one| one.number).collect::<Vec<_>>();
        assert_eq!(numbers(world.ordinals(OrdinalKey::Item(ItemId(7))).await), [1, 2]);
        assert_eq!(numbers(world.ordinals(OrdinalKey::Name("a".to_owned())).await), [1, 2, 4]);
        let between = |first: &str, last: &str, most| {
            world.ordinals(OrdinalKey::Names { first: first.to_owned(), last: last.to_owned(), most })
        };
        let mut all = numbers(between("a", "b", 9).await);
        assert_eq!(all.pop(), Some(3), "by name");
        all.sort_unstable();
        assert_eq!(all, [1, 2, 4]);
        assert_eq!(between("a", "b", 2).await.len(), 2);
        assert_eq!(numbers(between("aa", "c", 9).await), [3]);
        assert!(between("b", "a", 9).await.is_empty());
        assert_eq!(
            world.ordinals(OrdinalKey::Number(3)).await,
            [Ordinal { number: 3, of: parts[2].clone() }]
        );
        assert!(world.ordinals(OrdinalKey::Number(5)).await.is_empty());
        // What is kept beside a number moves with it.
        let renamed = Numbered { digest: 5, version: Version(9), ..part(7, "x", "c") };
        assert_eq!(world.number(ANNA, WORK, std::slice::from_ref(&renamed)).await, [2]);
        assert_eq!(
            world.ordinals(OrdinalKey::Name("c".to_owned())).await,
            [Ordinal { number: 2, of: renamed }]
        );
        let keys: Vec<_> = (1..=300).map(OrdinalKey::Number).collect();
        assert_eq!(numbers(world.store.ordinals(ANNA, WORK, &keys).await.unwrap()), [1, 2, 3, 4]);
    });
}

#[test]
fn numbers_given_at_once_differ() {
    on_every_engine(|world| async move {
        let parts: Vec<Vec<Numbered>> =
            (0..40).map(|n| vec![part(n % 20, "", "a"), part(100 + n, "", "b")]).collect();
        let mut all = Vec::new();
        for pair in parts.chunks(2) {
            let (a, b) = tokio::join!(world.number(ANNA, WORK, &pair[0]), world.number(ANNA, WORK, &pair[1]));
            all.extend([a, b]);
        }
        let mut seen: Vec<i64> = all.iter().flatten().copied().collect();
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen, (1..=60).collect::<Vec<i64>>());
        assert!((0..20).all(|n| all[n][0] == all[n + 20][0]), "the same part, the same number");
    });
}

#[test]
fn numbers_stay_when_the_store_is_opened_again() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    for engine in engines() {
        runtime.block_on(async {
            let world = World::new(engine.open()).await;
            assert_eq!(world.number(ANNA, WORK, &[part(1, "", "a"), part(2, "", "b")]).await, [1, 2]);
            world.store.close().await.unwrap();
            let world = World::again(engine.open());
            assert_eq!(world.number(ANNA, WORK, &[part(3, "", "c"), part(2, "", "b")]).await, [3, 2]);
            world.store.close().await.unwrap();
        });
    }
}
