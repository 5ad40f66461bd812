//! Bodies that are much larger than the memory they may take: bytes that were handed over and have not left, or that have
//! come and were not taken, are counted.

use super::bed::{Bed, HERE, noise, of, on_every_engine};
use super::faults::{LONG, behind_a_proxy};
use crate::suite::world::{ANNA, item_name, source};
use kontor_model::Result;
use kontor_store::{Content, Expect, OpenBody};
use sha2::{Digest, Sha256};
use std::time::Duration;

const MIB: u64 = 1 << 20;
/// Of a body of so many times a MiB.
const SIZE: u64 = 200;
/// Two parts, and what was handed over just now.
const WRITING: u64 = 17 * MIB;
/// Three pieces, and what came of the next ones.
const READING: u64 = 16 * MIB;

/// What the system itself may hold of one connection, sent and not taken: it gives fast ones more and more.
fn in_the_system() -> u64 {
    let most = |of: &str| {
        let words = std::fs::read_to_string(format!("/proc/sys/net/ipv4/{of}")).unwrap();
        words.split_whitespace().next_back().unwrap().parse::<u64>().unwrap()
    };
    most("tcp_rmem") + most("tcp_wmem")
}

fn chunk(n: u64) -> Vec<u8> {
    noise(n + 1, 1 << 20)
}

/// Writes the body; the most that was in memory, as `left` tells what is not any more, and its hash.
async fn written(bed: &Bed, left: impl Fn() -> u64) -> (Content, u64, Vec<u8>) {
    let (mut writer, before, mut most, mut hash) = (bed.blobs().writer(ANNA), left(), 0, Sha256::new());
    for n in 0..SIZE {
        let chunk = chunk(n);
        hash.update(&chunk);
        writer.append(&chunk).await.unwrap();
        most = most.max(((n + 1) * MIB).saturating_sub(left() - before));
    }
    (writer.finish().await.unwrap(), most, hash.finalize().to_vec())
}

/// Reads it and stops for a while in the middle; the most that came and was not taken, and its hash.
async fn read(body: &OpenBody, came: impl Fn() -> u64) -> Result<(u64, Vec<u8>)> {
    let (mut reader, before, mut most, mut taken, mut hash) = (body.read_all(), came(), 0, 0, Sha256::new());
    while let Some(piece) = reader.next().await {
        let piece = piece?;
        taken += piece.len() as u64;
        hash.update(&piece);
        if taken % (50 * MIB) == 0 {
            // So that all comes that would.
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
        most = most.max((came() - before).saturating_sub(taken));
    }
    Ok((most, hash.finalize().to_vec()))
}

async fn put(bed: &Bed, content: Content) -> OpenBody {
    assert_eq!(content.size(), SIZE * MIB);
    let put = bed.world.put_op(source(HERE, "huge"), Expect::Any, of(content));
    bed.world.act(put).await.unwrap();
    bed.world.store.open(ANNA, HERE, &item_name("huge")).await.unwrap().unwrap()
}

#[test]
fn a_huge_body_passes_through_little_memory_to_a_bucket_and_back() {
    behind_a_proxy(LONG, async |bed, proxy| {
        let (content, most, hash) = written(&bed, || proxy.asked()).await;
        assert!(most <= WRITING, "{most} bytes were in memory");
        let body = put(&bed, content).await;
        let (most, found) = read(&body, || proxy.answered()).await.unwrap();
        let bound = READING + in_the_system();
        assert!(bound < SIZE / 2 * MIB, "the system may hold so much of a connection that nothing is shown");
        assert!(most <= bound, "{most} bytes came and were not taken");
        assert_eq!(found, hash);
        // A range asks for little more than that.
        let before = proxy.answered();
        let mut some = body.read(150 * MIB + 5..152 * MIB);
        let mut found = Vec::new();
        while let Some(piece) = some.next().await {
            found.extend_from_slice(&piece.unwrap());
        }
        assert!(found == [chunk(150), chunk(151)].concat()[5..]);
        assert!(proxy.answered() - before < 3 * MIB);
    });
}

#[test]
fn a_huge_body_passes_through_little_memory_to_a_folder_and_back() {
    on_every_engine(async |bed| {
        if bed.engine.bucket().is_some() {
            return;
        }
        let on_disk = || bed.engine.bytes_of_objects();
        let (content, most, hash) = written(&bed, on_disk).await;
        assert!(most <= WRITING, "{most} bytes were in memory");
        let body = put(&bed, content).await;
        assert_eq!(read(&body, || 0).await.unwrap().1, hash);
    });
}
