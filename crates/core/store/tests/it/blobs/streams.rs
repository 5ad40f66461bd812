//! Bodies that come and go piece by piece.

use super::bed::{Bed, HERE, LARGE, noise, of, on_every_engine, whose};
use crate::suite::world::{ANNA, item_name, source};
use kontor_model::{Error, Result};
use kontor_store::{BlobReader, Content, Expect, INLINE_BYTES, OpenBody};

pub(super) async fn read(mut reader: BlobReader) -> Result<Vec<u8>> {
    let mut out = Vec::new();
    while let Some(piece) = reader.next().await {
        let piece = piece?;
        assert!(piece.len() <= 1 << 20);
        out.extend_from_slice(&piece);
    }
    Ok(out)
}

/// Lays a body down in chunks.
async fn laid(bed: &Bed, text: &[u8], chunk: usize) -> Content {
    let mut writer = bed.blobs().writer(whose(HERE));
    for chunk in text.chunks(chunk) {
        writer.append(chunk).await.unwrap();
    }
    assert_eq!(writer.size(), text.len() as u64);
    writer.finish().await.unwrap()
}

async fn opened(bed: &Bed, name: &str) -> OpenBody {
    bed.world.store.open(ANNA, HERE, &item_name(name)).await.unwrap().unwrap()
}

#[test]
fn what_was_written_in_chunks_is_read_in_pieces() {
    on_every_engine(async |bed| {
        let part = 8 << 20;
        let sizes = [0, 5, INLINE_BYTES, LARGE, part - 1, part, part + 1, 2 * part + 77];
        for (n, size) in sizes.into_iter().enumerate() {
            let text = noise(n as u64, size);
            let content = laid(&bed, &text, 100_000 + n).await;
            assert_eq!(
                (content.size(), matches!(content, Content::Here(_))),
                (size as u64, size <= INLINE_BYTES)
            );
            let put = bed.world.put_op(source(HERE, &format!("{n}")), Expect::Absent, of(content));
            bed.world.act(put).await.unwrap();
            let body = opened(&bed, &format!("{n}")).await;
            assert_eq!(body.meta().size, size as u64);
            assert!(read(body.read_all()).await.unwrap() == text, "{size}");
        }
        bed.is_in_order(5).await;
    });
}

#[test]
fn any_range_is_read() {
    on_every_engine(async |bed| {
        let piece = 1 << 20;
        let text = noise(9, 3 * piece + 1_000);
        for (name, text) in [("large", &text[..]), ("small", &text[..500]), ("one piece", &text[..200_000])] {
            bed.put(HERE, name, text).await.unwrap();
            let body = opened(&bed, name).await;
            let all = text.len();
            let places = [
                0,
                1,
                499,
                piece - 1,
                piece,
                piece + 1,
                2 * piece,
                3 * piece,
                all.saturating_sub(1),
                all,
                all + 9,
            ];
            for (start, end) in places.iter().flat_map(|a| places.iter().map(move |b| (*a, *b))) {
                let wanted = &text[start.min(all)..end.min(all).max(start.min(all))];
                let found = read(body.read(start as u64..end as u64)).await.unwrap();
                assert!(found == wanted, "{name}: {start}..{end}: {} of {}", found.len(), wanted.len());
            }
        }
    });
}

#[test]
fn a_stream_of_known_bytes_is_not_kept_twice() {
    on_every_engine(async |bed| {
        let text = noise(4, (8 << 20) + 5);
        for name in ["a", "b"] {
            let content = laid(&bed, &text, 1 << 20).await;
            let put = bed.world.put_op(source(HERE, name), Expect::Absent, of(content));
            bed.world.act(put).await.unwrap();
            bed.is_in_order(1).await;
        }
    });
}

#[test]
fn what_is_not_finished_or_not_put_leaves_nothing() {
    on_every_engine(async |bed| {
        let mut writer = bed.blobs().writer(whose(HERE));
        writer.append(&noise(1, 20 << 20)).await.unwrap();
        drop(writer);
        let content = laid(&bed, &noise(2, 9 << 20), 1 << 20).await;
        // A write that fails: known at once that nothing refers to it.
        bed.put(HERE, "there", b"small").await.unwrap();
        let put = bed.world.put_op(source(HERE, "there"), Expect::Absent, of(noise(3, LARGE)));
        assert!(matches!(bed.world.act(put).await, Err(Error::Stale { .. })));
        assert!(bed.objects().await.len() <= 2);
        assert_eq!(super::bed::collect(&bed.blobs()).await, 0, "all are young");
        bed.collect_later().await;
        bed.is_in_order(0).await;
        assert!(bed.engine.unfinished().is_empty(), "parts are left");
        // What came too late must be laid down anew.
        let put = bed.world.put_op(source(HERE, "late"), Expect::Absent, of(content));
        assert!(matches!(bed.world.act(put).await, Err(Error::Busy { .. })));
    });
}
