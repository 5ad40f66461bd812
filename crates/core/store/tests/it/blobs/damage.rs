//! Objects that are not what was put.

use super::bed::{Bed, HERE, LARGE, noise, on_every_engine};
use crate::suite::world::{ANNA, item_name};
use kontor_model::Error;
use kontor_store::Select;
use kontor_store::blob::Verdict;

/// The only object.
async fn only(bed: &Bed) -> String {
    bed.objects().await.pop_first().unwrap()
}

async fn verdict(bed: &Bed) -> Verdict {
    let blob = bed.blobs().kept().next().await.unwrap().unwrap();
    bed.blobs().verify(&blob).await.unwrap()
}

/// All ways of reading are refused, and say what about; small ones go on.
async fn refused(bed: &Bed, why: &str) {
    let store = &bed.world.store;
    let told = |error: Error| match error {
        Error::Internal(told) => {
            assert!(
                told.contains("\"large\"") && told.contains("account b") && told.contains("blobs"),
                "{told}"
            );
            assert!(told.contains(why), "{told}");
        }
        other => panic!("{other:?}"),
    };
    told(store.item(ANNA, HERE, &item_name("large")).await.unwrap_err());
    told(store.page(ANNA, HERE, None, 10, Select::Body).await.unwrap_err());
    let opened = store.open(ANNA, HERE, &item_name("large")).await.unwrap().unwrap();
    told(super::streams::read(opened.read_all()).await.unwrap_err());
    assert_eq!(bed.read(HERE, "small").await.as_deref(), Some(&b"small"[..]));
    assert_eq!(store.page(ANNA, HERE, None, 10, Select::Meta).await.unwrap().items.len(), 2);
}

#[test]
fn damaged_and_missing_objects_are_never_served() {
    for size in [LARGE, (2 << 20) + 9] {
        on_every_engine(async |bed| {
            let text = noise(1, size);
            bed.put(HERE, "large", &text).await.unwrap();
            bed.put(HERE, "small", b"small").await.unwrap();
            let only = only(&bed).await;
            assert_eq!(verdict(&bed).await, Verdict::Good);
            let mut damaged = text.clone();
            damaged[size - 1] ^= 1;
            bed.engine.spoil(&only, Some(&damaged));
            refused(&bed, "is damaged").await;
            assert_eq!(verdict(&bed).await, Verdict::Damaged);
            for length in [size - 1, 0] {
                bed.engine.spoil(&only, Some(&text[..length]));
                refused(&bed, "has another length").await;
                assert_eq!(verdict(&bed).await, Verdict::Damaged);
            }
            bed.engine.spoil(&only, Some(&[&text[..], b"more"].concat()));
            assert_eq!(verdict(&bed).await, Verdict::Damaged);
            bed.engine.spoil(&only, None);
            refused(&bed, "is missing").await;
            assert_eq!(verdict(&bed).await, Verdict::Missing);
            // Who puts it again has it again.
            bed.put(HERE, "large", &text).await.unwrap();
            assert!(bed.read(HERE, "large").await == Some(text));
        });
    }
}

/// Pieces before the damaged one are right, and are handed out; of the damaged one nothing is.
#[test]
fn a_range_is_compared_piece_by_piece() {
    on_every_engine(async |bed| {
        let piece = 1 << 20;
        let text = noise(1, 3 * piece);
        bed.put(HERE, "large", &text).await.unwrap();
        let mut damaged = text.clone();
        damaged[2 * piece + 5] ^= 1;
        bed.engine.spoil(&only(&bed).await, Some(&damaged));
        let opened = bed.world.store.open(ANNA, HERE, &item_name("large")).await.unwrap().unwrap();
        let range = |start: usize, end: usize| super::streams::read(opened.read(start as u64..end as u64));
        assert!(range(5, 2 * piece).await.unwrap() == text[5..2 * piece]);
        assert!(range(2 * piece + 6, 2 * piece + 7).await.is_err());
        let mut all = opened.read_all();
        assert!(all.next().await.unwrap().unwrap() == text[..piece]);
        assert!(all.next().await.unwrap().is_ok());
        assert!(matches!(all.next().await, Some(Err(Error::Internal(_)))));
        assert!(all.next().await.is_none());
    });
}

/// Pieces that are each right, and not where they were put or not all of them, are not served.
#[test]
fn pieces_stand_where_they_were_put() {
    on_every_engine(async |bed| {
        let piece = 1 << 20;
        let text = noise(1, 3 * piece);
        bed.put(HERE, "large", &text).await.unwrap();
        bed.put(HERE, "small", b"small").await.unwrap();
        let only = only(&bed).await;
        let turned = [&text[piece..2 * piece], &text[..piece], &text[2 * piece..]].concat();
        bed.engine.spoil(&only, Some(&turned));
        refused(&bed, "is damaged").await;
        bed.engine.spoil(&only, Some(&text[..2 * piece]));
        refused(&bed, "has another length").await;
    });
}

/// An object that nobody knows is told.
#[test]
fn what_nobody_knows_is_told() {
    on_every_engine(async |bed| {
        bed.put(HERE, "large", &noise(1, LARGE)).await.unwrap();
        bed.engine.spoil("000000000000000b/00000000000000aa", Some(b"x"));
        bed.engine.spoil("strange", Some(b"x"));
        let (blobs, mut unknown) = (bed.blobs(), Vec::new());
        let mut objects = blobs.objects();
        while let Some(object) = objects.next().await {
            let object = object.unwrap();
            if !blobs.is_known(&object).await.unwrap() {
                unknown.push(object.name);
            }
        }
        unknown.sort();
        assert_eq!(unknown, ["000000000000000b/00000000000000aa", "strange"]);
    });
}
