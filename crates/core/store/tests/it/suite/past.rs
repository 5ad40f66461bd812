//! What items said before they were replaced or removed.

use super::world::{ANNA, BERTS, CARDS, HOME, WORK, World, body, item_name, owner, source};
use super::{engines, on_every_engine};
use kontor_model::{Actor, CollectionId, Error, ItemId, Origin, PropertyKey, Timestamp};
use kontor_store::{End, Expect, History, Op, Past};

const KEPT: History = History { texts: 4, bytes: 1 << 30 };

fn on_every_engine_keeping<F: Future<Output = ()>>(history: History, test: impl Fn(World) -> F) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    for engine in engines() {
        let store = engine.open_keeping(engine.blobs(), history).unwrap();
        runtime.block_on(async {
            test(World::new(store.clone()).await).await;
            crate::moving::is_as_it_should_be(&store).await;
            store.close().await.unwrap();
        });
    }
}

impl World {
    async fn past(&self, collection: CollectionId, name: &str) -> Vec<Past> {
        self.store.past(owner(collection), collection, &item_name(name)).await.unwrap()
    }

    async fn past_text(&self, collection: CollectionId, past: &Past) -> String {
        let open = self.store.open_past(owner(collection), past.item(), past.number).await.unwrap().unwrap();
        let mut bytes = Vec::new();
        let mut reader = open.body.read_all();
        while let Some(piece) = reader.next().await {
            bytes.extend_from_slice(&piece.unwrap());
        }
        String::from_utf8(bytes).unwrap()
    }

    /// Each past text and how it ended.
    async fn texts(&self, collection: CollectionId, name: &str) -> Vec<(String, End)> {
        let mut all = Vec::new();
        for past in self.past(collection, name).await {
            all.push((self.past_text(collection, &past).await, past.end));
        }
        all
    }

    fn transfer(&self, from: (CollectionId, &str), to: (CollectionId, &str)) -> Op {
        let (from, to, new_id) = (source(from.0, from.1), source(to.0, to.1), self.id());
        Op::Relocate { from, expect: Expect::Any, to, target: Expect::Any, new_id }
    }
}

fn replaced(text: &str) -> (String, End) {
    (text.to_owned(), End::Replaced)
}

fn removed(text: &str) -> (String, End) {
    (text.to_owned(), End::Removed)
}

#[test]
fn nothing_is_kept_unless_that_is_asked_for() {
    on_every_engine(async |world| {
        world.put(WORK, "x", "1").await;
        world.put(WORK, "x", "2").await;
        world.remove(WORK, "x").await;
        assert_eq!(world.past(WORK, "x").await, []);
        assert_eq!(world.store.removed(ANNA, WORK, None, 10).await.unwrap(), []);
    });
}

#[test]
fn what_was_replaced_is_told_with_who_did_it() {
    on_every_engine_keeping(KEPT, async |world| {
        let (id, first) = world.put(WORK, "x", "1").await;
        let made = world.now();
        world.put(WORK, "y", "other").await;
        world.put(WORK, "x", "22").await;
        let at = world.now();
        let [past] = &world.past(WORK, "x").await[..] else { panic!() };
        assert_eq!(
            (past.item(), past.meta.revision, past.collection, past.end),
            (id, first, WORK, End::Replaced)
        );
        assert_eq!((past.meta.size, past.meta.created, past.meta.modified), (1, made, made));
        assert_eq!((past.until, &past.actor, past.origin), (at, &Actor::Account(ANNA), Origin::Dav));
        assert_eq!((past.meta.name.as_str(), past.meta.media_type.as_str()), ("x", "text/plain"));
        assert_eq!((past.meta.creator, past.meta.has_properties), (Some(ANNA), false));
        assert_eq!(world.past_text(WORK, past).await, "1");
        assert_eq!(world.text(WORK, "x").await.as_deref(), Some("22"));
        // The same once more, and what fails, is no past.
        world.put(WORK, "x", "22").await;
        let stale = world.put_op(source(WORK, "x"), Expect::Absent, body("33", None));
        world.act(stale).await.unwrap_err();
        assert_eq!(world.past(WORK, "x").await.len(), 1);
        assert_eq!(world.past(WORK, "y").await, []);
    });
}

#[test]
fn the_oldest_goes_when_there_are_too_many() {
    on_every_engine_keeping(KEPT, async |world| {
        for n in 0..9 {
            world.put(WORK, "x", &format!("text {n}")).await;
        }
        // As many in one write, on some engines in one flight.
        let ops = (9..12)
            .map(|n| world.put_op(source(WORK, "x"), Expect::Any, body(&format!("text {n}"), Some("uid-x"))));
        world.write(ops.collect()).await.unwrap();
        let left: Vec<_> = (7..11).map(|n| replaced(&format!("text {n}"))).collect();
        assert_eq!(world.texts(WORK, "x").await, left);
        world.remove(WORK, "x").await;
        assert_eq!(world.texts(WORK, "x").await[2..], [left[3].clone(), removed("text 11")]);
        assert_eq!(world.texts(WORK, "x").await.len(), 4);
    });
}

#[test]
fn what_was_removed_is_told_with_its_properties() {
    on_every_engine_keeping(KEPT, async |world| {
        world.put(WORK, "x", "1").await;
        let set = |key: &str, value: &[u8]| (PropertyKey::new(key), Some(value.to_vec()));
        let changes = vec![set("color", b""), set("{urn:x}\u{e4}", &[0, 255, 10])];
        world.act(Op::SetItemProperties { at: source(WORK, "x"), changes: changes.clone() }).await.unwrap();
        world.remove(WORK, "x").await;
        let [past] = &world.past(WORK, "x").await[..] else { panic!() };
        assert_eq!((past.end, past.meta.has_properties), (End::Removed, true));
        let open = world.store.open_past(ANNA, past.item(), past.number).await.unwrap().unwrap();
        let told: Vec<_> = open.properties.into_iter().map(|(key, value)| (key, Some(value))).collect();
        assert_eq!((open.past == *past, told), (true, changes));
        // A name has as many lives as it has.
        world.put(WORK, "x", "second life").await;
        world.put(WORK, "x", "second life!").await;
        assert_eq!(world.texts(WORK, "x").await, [removed("1"), replaced("second life")]);
    });
}

#[test]
fn past_texts_follow_an_item_that_is_moved() {
    on_every_engine_keeping(KEPT, async |world| {
        world.put(WORK, "x", "1").await;
        world.put(WORK, "x", "2").await;
        world.put(HOME, "y", "in the way").await;
        let mut there = body("in the way", None);
        there.facets.uid = None;
        world.remove(HOME, "y").await;
        world.act(world.put_op(source(HOME, "y"), Expect::Any, there)).await.unwrap();
        world.act(world.transfer((WORK, "x"), (HOME, "y"))).await.unwrap();
        assert_eq!(world.past(WORK, "x").await, []);
        // What was overwritten is gone, and was removed there.
        let told = [removed("in the way"), replaced("1"), removed("in the way")];
        let mut have = world.texts(HOME, "y").await;
        have.sort_by_key(|(text, _)| text.len());
        assert_eq!(have, [told[1].clone(), told[0].clone(), told[2].clone()]);
        world.act(world.put_op(source(HOME, "y"), Expect::Any, body("3", Some("uid-x")))).await.unwrap();
        assert_eq!(world.texts(HOME, "y").await.last(), Some(&replaced("2")));
        // To another account it goes without them.
        world.act(world.transfer((HOME, "y"), (BERTS, "z"))).await.unwrap();
        assert_eq!(world.past(BERTS, "z").await, []);
        assert_eq!(world.texts(HOME, "y").await.last(), Some(&removed("3")));
        assert_eq!(world.text(BERTS, "z").await.as_deref(), Some("3"));
    });
}

#[test]
fn a_copy_begins_without_a_past() {
    on_every_engine_keeping(KEPT, async |world| {
        world.put(WORK, "x", "1").await;
        world.put(WORK, "x", "2").await;
        let copy = |target| Op::Copy {
            from: source(WORK, "x"),
            expect: Expect::Any,
            to: source(HOME, "x"),
            target,
            new_id: world.id(),
        };
        world.act(copy(Expect::Absent)).await.unwrap();
        assert_eq!(world.past(HOME, "x").await, []);
        world.act(copy(Expect::Any)).await.unwrap();
        assert_eq!(world.texts(HOME, "x").await, [removed("2")]);
        world.put(HOME, "x", "3").await;
        assert_eq!(world.texts(HOME, "x").await, [removed("2"), replaced("2")]);
        assert_eq!(world.texts(WORK, "x").await, [replaced("1")]);
    });
}

#[test]
fn what_is_taken_back_has_its_past_again() {
    on_every_engine_keeping(KEPT, async |world| {
        for text in ["1", "2", "3"] {
            world.put(WORK, "x", text).await;
        }
        world.remove(WORK, "x").await;
        let past = world.past(WORK, "x").await;
        let put = |name: &str, text: &str| {
            world.put_op(source(WORK, name), Expect::Absent, body(text, Some("uid-x")))
        };
        let back = |name: &str, past: &Past| Op::TakeBack {
            item: past.item(),
            number: past.number,
            at: source(WORK, name),
        };
        // An older one than the last: that one is past like the others then.
        world.write(vec![put("y", "2"), back("y", &past[1])]).await.unwrap();
        assert_eq!(world.past(WORK, "x").await, []);
        assert_eq!(world.texts(WORK, "y").await, [replaced("1"), replaced("3")]);
        assert_eq!(world.store.removed(ANNA, WORK, None, 10).await.unwrap(), []);
        world.remove(WORK, "y").await;
        let again = vec![put("z", "1"), back("z", &past[2])];
        assert!(world.write(again).await.is_err(), "it is another item now");
        let last = world.past(WORK, "y").await.pop().unwrap();
        world.write(vec![put("x", "2"), back("x", &last)]).await.unwrap();
        for text in ["5", "6", "7"] {
            world.put(WORK, "x", text).await;
        }
        let told = ["3", "2", "5", "6"].map(replaced);
        assert_eq!(world.texts(WORK, "x").await, told);
    });
}

#[test]
fn what_was_removed_is_listed_latest_first_page_by_page() {
    on_every_engine_keeping(KEPT, async |world| {
        for n in 0..7 {
            world.put(WORK, &format!("{n}"), "x").await;
            world.put(CARDS, &format!("{n}"), "x").await;
        }
        for n in [3, 1, 5] {
            world.remove(WORK, &format!("{n}")).await;
        }
        // At the same time.
        let ops = [0, 2].map(|n| Op::Remove { at: source(WORK, &format!("{n}")), expect: Expect::Any });
        world.write(ops.to_vec()).await.unwrap();
        let page = async |before: Option<(Timestamp, ItemId)>| {
            let page = world.store.removed(ANNA, WORK, before, 2).await.unwrap();
            let names: Vec<_> = page.iter().map(|past| past.meta.name.as_str().to_owned()).collect();
            (names, page.last().map(|past| (past.until, past.item())))
        };
        let (first, next) = page(None).await;
        let (second, next) = page(next).await;
        let (third, next) = page(next).await;
        assert_eq!([first, second, third], [vec!["2", "0"], vec!["5", "1"], vec!["3"]]);
        assert_eq!(page(next).await.0, [""; 0]);
    });
}

#[test]
fn what_is_too_old_is_forgotten() {
    on_every_engine_keeping(KEPT, async |world| {
        world.put(WORK, "x", "1").await;
        world.put(WORK, "x", "2").await;
        let then = world.now();
        world.put(WORK, "x", "3").await;
        world.remove(WORK, "x").await;
        let forget = async |before| {
            let mut rows = 0;
            loop {
                let trimmed = world.store.forget_past(before).await.unwrap();
                rows += trimmed.rows;
                if !trimmed.more {
                    return rows;
                }
            }
        };
        assert_eq!(forget(then).await, 0);
        assert_eq!(forget(then.plus_millis(1)).await, 1);
        assert_eq!(world.texts(WORK, "x").await, [replaced("2"), removed("3")]);
        assert_eq!((forget(world.now()).await, forget(world.now().plus_millis(1)).await), (1, 1));
        assert_eq!((world.past(WORK, "x").await, forget(world.now().plus_millis(9)).await), (vec![], 0));
        // Numbers go on where they were.
        world.put(WORK, "x", "4").await;
        world.put(WORK, "x", "5").await;
        assert_eq!(world.texts(WORK, "x").await, [replaced("4")]);
    });
}

/// What is above the bound goes when all is looked at, even if it came before the bound was that low.
#[test]
fn a_lower_bound_takes_hold_of_what_is_there() {
    for engine in engines() {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        runtime.block_on(async {
            let world = World::new(engine.open_keeping(engine.blobs(), KEPT).unwrap()).await;
            for n in 0..4 {
                world.put(WORK, "x", &format!("{n}").repeat(5_000)).await;
            }
            world.store.close().await.unwrap();
            let lower = History { bytes: 13_000, ..KEPT };
            let world = World::again(engine.open_keeping(engine.blobs(), lower).unwrap());
            while world.store.forget_past(Timestamp::from_millis(0)).await.unwrap().more {}
            let sizes: Vec<_> =
                world.texts(WORK, "x").await.into_iter().map(|(text, _)| text[..1].to_owned()).collect();
            assert_eq!(sizes, ["1", "2"], "{}", engine.name);
            // What is larger than all that is kept is not kept at all.
            world.put(WORK, "x", &"y".repeat(20_000)).await;
            world.put(WORK, "x", "z").await;
            // What goes of the others goes while they are told.
            let left = world.past(WORK, "x").await;
            assert!(left.iter().all(|past| past.meta.size == 5_000), "{}", engine.name);
            world.store.close().await.unwrap();
        });
    }
}

#[test]
fn what_is_purged_is_gone() {
    on_every_engine_keeping(KEPT, async |world| {
        for text in ["1", "2", "3"] {
            world.put(WORK, "x", text).await;
        }
        let (id, _) = world.put(WORK, "y", "other").await;
        world.put(WORK, "y", "more").await;
        world.remove(WORK, "y").await;
        let item = world.past(WORK, "x").await[0].item();
        let purge = |item| Op::PurgePast { account: ANNA, collection: WORK, item };
        world.act(purge(item)).await.unwrap();
        assert_eq!(world.act(purge(item)).await, Err(Error::NotFound));
        assert_eq!((world.past(WORK, "x").await, world.past(WORK, "y").await.len()), (vec![], 2));
        assert_eq!(world.text(WORK, "x").await.as_deref(), Some("3"));
        world.act(purge(id)).await.unwrap();
        assert_eq!(world.store.removed(ANNA, WORK, None, 10).await.unwrap(), []);
        // What comes later is kept again.
        world.put(WORK, "x", "4").await;
        assert_eq!(world.texts(WORK, "x").await, [replaced("3")]);
    });
}
