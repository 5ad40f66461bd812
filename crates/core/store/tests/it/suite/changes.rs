//! What happened since a version, and forgetting it.

use super::on_every_engine;
use super::world::{ANNA, WORK, World};
use kontor_model::{Error, Timestamp, Version};
use kontor_store::{Op, Select};

impl World {
    /// All changes since a version, page by page; names with the numbers at which they are told. From 0 only the
    /// living: a later page may tell of the death of what an earlier one did not hold.
    pub(crate) async fn since(&self, since: i64, limit: usize) -> Result<Vec<(String, i64, bool)>, Error> {
        let mut told = Vec::new();
        let mut from = Version(since);
        loop {
            let part = self.store.changes(ANNA, WORK, from, limit, Select::Body).await?;
            assert!(from == Version::ZERO || part.changed.len() + part.removed.len() <= limit);
            assert!(from != Version::ZERO || part.removed.is_empty());
            let mut page: Vec<_> = part
                .changed
                .iter()
                .map(|item| (item.meta.name.as_str().to_owned(), item.meta.version.0, true))
                .collect();
            let gone = part.removed.iter().filter(|_| since != 0);
            page.extend(gone.map(|(name, version)| (name.as_str().to_owned(), version.0, false)));
            page.sort_by_key(|(_, version, _)| *version);
            assert!(page.iter().all(|(_, version, _)| *version > from.0 && *version <= part.upto.0));
            told.extend(page);
            if !part.more {
                assert_eq!(part.upto, self.version(WORK).await);
                return Ok(told);
            }
            assert!(part.upto > from, "each page goes on");
            from = part.upto;
        }
    }

    async fn trim(&self, before: Timestamp) -> u64 {
        let mut rows = 0;
        loop {
            let trimmed = self.store.trim(before).await.unwrap();
            rows += trimmed.rows;
            if !trimmed.more {
                return rows;
            }
        }
    }
}

fn told(names: &[(&str, i64, bool)]) -> Result<Vec<(String, i64, bool)>, Error> {
    Ok(names.iter().map(|(name, version, live)| ((*name).to_owned(), *version, *live)).collect())
}

#[test]
fn each_member_once_at_its_latest_number() {
    on_every_engine(|world| async move {
        for name in ["a", "b", "c"] {
            world.put(WORK, name, name).await;
        }
        world.remove(WORK, "b").await;
        world.put(WORK, "a", "again").await;
        world.put(WORK, "d", "d").await;
        world.remove(WORK, "d").await;
        for limit in [1, 2, 3, 100] {
            assert_eq!(
                world.since(0, limit).await,
                told(&[("c", 3, true), ("a", 5, true)]),
                "only the living"
            );
            let all = [("c", 3, true), ("b", 4, false), ("a", 5, true), ("d", 7, false)];
            assert_eq!(world.since(1, limit).await, told(&all));
            assert_eq!(world.since(4, limit).await, told(&all[2..]));
            assert_eq!(world.since(7, limit).await, told(&[]));
        }
        world.put(WORK, "b", "back").await;
        assert_eq!(world.since(3, 1).await, told(&[("a", 5, true), ("d", 7, false), ("b", 8, true)]));
        let only_meta = world.store.changes(ANNA, WORK, Version(7), 9, Select::Meta).await.unwrap();
        assert!(only_meta.changed[0].body.is_empty());
    });
}

#[test]
fn a_number_never_given_is_refused() {
    on_every_engine(|world| async move {
        world.put(WORK, "a", "a").await;
        assert_eq!(world.since(2, 10).await, Err(Error::GoneVersion));
        assert_eq!(world.since(-1, 10).await, Err(Error::GoneVersion));
        assert_eq!(world.since(i64::MAX, 10).await, Err(Error::GoneVersion));
        assert_eq!(world.since(i64::MIN, 10).await, Err(Error::GoneVersion));
    });
}

#[test]
fn a_trimmed_log_refuses_what_it_cannot_tell() {
    on_every_engine(|world| async move {
        for name in ["a", "b", "c", "d"] {
            world.put(WORK, name, name).await;
        }
        world.remove(WORK, "a").await;
        world.remove(WORK, "b").await;
        let cut = world.now();
        world.put(WORK, "e", "e").await;
        world.remove(WORK, "c").await;
        world.act(Op::CountFailure { scopes: vec!["s".to_owned()], tried: vec![1] }).await.unwrap();

        assert!(world.trim(cut).await > 0);
        assert_eq!(world.trim(cut).await, 0, "there is nothing left to trim");
        assert_eq!(world.since(4, 10).await, Err(Error::GoneVersion));
        let rest = [("b", 6, false), ("e", 7, true), ("c", 8, false)];
        assert_eq!(world.since(5, 10).await, told(&rest), "what is at the cut stays");
        for limit in [1, 2, 10] {
            assert_eq!(world.since(7, limit).await, told(&rest[2..]));
        }
        assert_eq!(world.since(0, 10).await, told(&[("d", 4, true), ("e", 7, true)]));
        assert_eq!(world.since(0, 1).await, told(&[("d", 4, true), ("e", 7, true)]), "and can be paged");
        assert_eq!(world.store.failures("s", Timestamp::from_millis(0)).await.unwrap().len(), 1);

        world.trim(world.now().plus_millis(1)).await;
        assert_eq!(world.since(8, 10).await, told(&[]), "who is up to date stays so");
        assert_eq!(world.since(7, 10).await, Err(Error::GoneVersion));
        assert_eq!(world.since(0, 10).await, told(&[("d", 4, true), ("e", 7, true)]));
        assert_eq!(world.store.failures("s", Timestamp::from_millis(0)).await, Ok(Vec::new()));
        world.put(WORK, "a", "a name of old").await;
        assert_eq!(world.since(8, 10).await, told(&[("a", 9, true)]));
    });
}

#[test]
fn a_first_listing_of_a_trimmed_log_is_complete_at_any_limit() {
    on_every_engine(|world| async move {
        for n in 0..20 {
            world.put(WORK, &format!("{n:02}"), "x").await;
        }
        world.trim(world.now()).await;
        for n in 20..30 {
            world.put(WORK, &format!("{n:02}"), "x").await;
        }
        for limit in [1, 7, 19, 25, 100] {
            let (mut from, mut seen) = (Version::ZERO, 0);
            loop {
                let part = world.store.changes(ANNA, WORK, from, limit, Select::Meta).await.unwrap();
                seen += part.changed.len();
                from = part.upto;
                if !part.more {
                    break;
                }
            }
            assert_eq!(seen, 30, "limit {limit}");
        }
    });
}
