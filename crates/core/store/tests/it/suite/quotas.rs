//! How much an account holds, and that it holds no more than it may.

use super::model::Dice;
use super::on_every_engine;
use super::world::{ANNA, BERT, BERTS, CARDS, HOME, WORK, World, body, collection, source};
use kontor_model::{
    Actor, CollectionId, CollectionName, Error, Kind, Level, Limit, Origin, Quota, QuotaSettings, Result,
};
use kontor_store::{Expect, Guard, Op, Reached, Receipt, Remains, Select, Source, Write};

const LIMIT: u64 = 300;

impl World {
    pub(crate) async fn limit(&self, hard: Option<u64>) {
        let hard = hard.map_or(Limit::None, Limit::Bytes);
        let quota = QuotaSettings { warn: Limit::Default, soft: Limit::Default, hard };
        self.act(Op::SetQuota { account: ANNA, quota }).await.unwrap();
    }

    /// Writes as whoever decides on the shelves of both: bound to what each may hold.
    pub(crate) async fn within(&self, ops: Vec<Op>) -> Result<Receipt> {
        let mut guards = Vec::new();
        for account in [ANNA, BERT] {
            let shelf = self.store.shelf(account).await.unwrap();
            guards.push(Guard { account, shelf: shelf.version, quota: shelf.quota.over(Quota::default()) });
        }
        let write = Write { actor: Actor::System, origin: Origin::Dav, at: self.now(), guards, ops };
        self.store.write(write).await
    }

    pub(crate) fn sized(&self, at: Source, size: usize) -> Op {
        self.put_op(at, Expect::Any, body(&"x".repeat(size), None))
    }

    /// What is there, item by item.
    async fn counted(&self) -> u64 {
        let shelf = self.store.shelf(ANNA).await.unwrap();
        let mut sum = 0;
        for one in &shelf.collections {
            let page = self.store.page(ANNA, one.id, None, 1_000, Select::Meta).await.unwrap();
            sum += page.items.iter().map(|item| item.meta.size).sum::<u64>();
        }
        sum
    }
}

#[test]
fn limits_are_kept_and_move_the_shelf() {
    on_every_engine(|world| async move {
        let before = world.store.shelf(ANNA).await.unwrap();
        assert_eq!(before.quota, QuotaSettings::default());
        let quota = QuotaSettings { warn: Limit::None, soft: Limit::Bytes(7), hard: Limit::Bytes(1 << 40) };
        world.act(Op::SetQuota { account: ANNA, quota }).await.unwrap();
        let after = world.store.shelf(ANNA).await.unwrap();
        assert_eq!(after.quota, quota);
        assert!(after.version > before.version, "who decided before decides anew");
        assert_eq!(world.store.shelf(BERT).await.unwrap().quota, QuotaSettings::default());
        world.act(Op::SetQuota { account: ANNA, quota: QuotaSettings::default() }).await.unwrap();
        assert_eq!(world.store.shelf(ANNA).await.unwrap().quota, QuotaSettings::default());
        let nobody = Op::SetQuota { account: kontor_model::AccountId(99), quota };
        assert_eq!(world.act(nobody).await, Err(Error::NotFound));
    });
}

#[test]
fn an_account_holds_no_more_than_it_may() {
    on_every_engine(|world| async move {
        world.limit(Some(100)).await;
        assert!(world.within(vec![world.sized(source(WORK, "a"), 60)]).await.is_ok());
        let more = world.within(vec![world.sized(source(HOME, "b"), 41)]).await;
        assert_eq!(more, Err(Error::Quota), "all collections count together");
        assert!(world.item(HOME, "b").await.is_none(), "what was refused left no trace");
        assert!(
            world.within(vec![world.sized(source(HOME, "b"), 40)]).await.is_ok(),
            "just as much is allowed"
        );
        assert_eq!(world.store.used(ANNA).await, Ok(100));
        let two = vec![world.sized(source(WORK, "a"), 70), world.sized(source(HOME, "b"), 30)];
        assert!(world.within(two).await.is_ok(), "what counts is what the whole write does");
        let others = vec![world.sized(source(BERTS, "b"), 500)];
        assert!(world.within(others).await.is_ok(), "another account has no limit");

        world.limit(Some(50)).await;
        let same = world.within(vec![world.sized(source(WORK, "a"), 70)]).await;
        assert!(same.is_ok(), "who holds too much already may write what is no longer");
        assert_eq!(world.within(vec![world.sized(source(WORK, "a"), 71)]).await, Err(Error::Quota));
        assert!(world.within(vec![world.sized(source(WORK, "a"), 69)]).await.is_ok());
        let remove = Op::Remove { at: source(WORK, "a"), expect: Expect::Any };
        assert!(world.within(vec![remove]).await.is_ok());
        world.limit(None).await;
        assert!(world.within(vec![world.sized(source(WORK, "a"), 1_000)]).await.is_ok());
        assert_eq!(world.store.used(ANNA).await, Ok(1_030));
    });
}

/// A level is told by the write that reaches it, and not again before the account held less.
#[test]
fn who_reaches_a_level_is_told_once() {
    on_every_engine(|world| async move {
        let limit = Limit::Bytes;
        let quota = QuotaSettings { warn: limit(50), soft: limit(80), hard: limit(100) };
        world.act(Op::SetQuota { account: ANNA, quota }).await.unwrap();
        let reached = async |size: usize| {
            let put = world.within(vec![world.sized(source(WORK, "a"), size)]).await.unwrap();
            put.reached
                .into_iter()
                .map(|Reached { account, level, used }| (account, level, used))
                .collect::<Vec<_>>()
        };
        let told = |level, used| vec![(ANNA, level, used)];
        assert_eq!(reached(49).await, []);
        assert_eq!(reached(50).await, told(Level::Warn, 50));
        assert_eq!(reached(79).await, []);
        assert_eq!(reached(60).await, []);
        assert_eq!(reached(100).await, told(Level::Hard, 100));
        assert_eq!(reached(85).await, []);
        assert_eq!(reached(1).await, []);
        assert_eq!(reached(80).await, told(Level::Soft, 80));
    });
}

/// A tree that replaces a larger one makes the account hold less, though much is put.
#[test]
fn what_goes_in_the_same_write_makes_room() {
    on_every_engine(|world| async move {
        world.within(vec![world.sized(source(HOME, "old"), 80)]).await.unwrap();
        world.within(vec![world.sized(source(WORK, "kept"), 60)]).await.unwrap();
        world.limit(Some(100)).await;
        let gone = || Op::RemoveCollection { account: ANNA, collection: HOME, remains: Remains::Trash };
        let larger = vec![gone(), world.sized(source(WORK, "new"), 81)];
        assert_eq!(world.within(larger).await, Err(Error::Quota));
        let same = vec![world.sized(source(HOME, "old"), 85), gone(), world.sized(source(WORK, "new"), 80)];
        assert!(world.within(same).await.is_ok(), "no more than before, though more than is allowed");
        assert_eq!(world.store.used(ANNA).await, Ok(140), "what is in the trash does not count");
        let name = CollectionName::new("home").unwrap();
        let back = || Op::RestoreCollection { account: ANNA, root: HOME, parent: None, name: name.clone() };
        assert_eq!(world.within(vec![back()]).await, Err(Error::Quota));
        world.limit(Some(225)).await;
        assert!(world.within(vec![back()]).await.is_ok());
        assert_eq!(world.store.used(ANNA).await, Ok(225));
    });
}

#[test]
fn usage_is_exact_after_any_mix() {
    on_every_engine(|world| async move {
        world.limit(Some(LIMIT)).await;
        let mut dice = Dice::new(4);
        let (mut refused, mut done) = (0, 0);
        for step in 0..250 {
            let before = world.store.used(ANNA).await.unwrap();
            let cards = world.cards().await;
            let trash = world.store.trash(ANNA, None, 1).await.unwrap().pop().map(|tree| tree.root);
            let ops = (0..=dice.below(2)).map(|_| world.any(&mut dice, cards, trash)).collect();
            let answer = world.within(ops).await;
            let after = world.store.used(ANNA).await.unwrap();
            assert_eq!(after, world.counted().await, "step {step}: {answer:?}");
            assert!(after <= LIMIT.max(before), "step {step}: {after}");
            match answer {
                Err(Error::Quota) => refused += 1,
                Ok(_) => done += 1,
                Err(_) => assert_eq!(after, before, "step {step}"),
            }
        }
        assert!(refused > 5 && done > 50, "{refused} refused, {done} done");
    });
}

impl World {
    /// The address book that is there now, if any: a new one has another id.
    async fn cards(&self) -> CollectionId {
        let shelf = self.store.shelf(ANNA).await.unwrap();
        shelf.collections.iter().find(|one| one.kind == Kind::Contacts).map_or(CARDS, |one| one.id)
    }

    fn any(&self, dice: &mut Dice, cards: CollectionId, trash: Option<CollectionId>) -> Op {
        let mut place = || source(dice.pick(&[WORK, HOME, cards, BERTS]), dice.pick(&["a", "b", "c", "d"]));
        let (from, to) = (place(), place());
        let (expect, target, new_id) = (Expect::Any, Expect::Any, self.id());
        match dice.below(13) {
            0..=4 => self.sized(to, dice.below(90)),
            5 | 6 => Op::Remove { at: from, expect },
            7 | 8 => Op::Copy { from, expect, to, target, new_id },
            9 | 10 => Op::Relocate { from, expect, to, target, new_id },
            11 if trash.is_some() => {
                let root = trash.unwrap();
                let name = CollectionName::new("cards").unwrap();
                Op::RestoreCollection { account: ANNA, root, parent: None, name }
            }
            _ if dice.one_in(2) => {
                let remains = dice.pick(&[Remains::Trash, Remains::Trash, Remains::Nothing]);
                Op::RemoveCollection { account: ANNA, collection: cards, remains }
            }
            _ => Op::CreateCollection(Box::new(collection(
                ANNA,
                CollectionId(new_id.0),
                "cards",
                Kind::Contacts,
            ))),
        }
    }
}
