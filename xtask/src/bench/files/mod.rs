//! Files beside Apache's mod_dav and rclone's WebDAV server: the same client, the same requests, one after the other.
//!
//! Kontor makes every PUT durable before it answers. mod_dav and rclone do not: they answer when the kernel has it. So
//! mod_dav runs twice, as Debian ships it and with every file and rename synced; the second is the one with the same
//! promise. The peers ask for no password.

mod peer;

use super::ceiling;
use super::hammer::{Measured, expect_status, hammer, hammer_count};
use super::http::Client;
use super::table::Table;
use crate::Outcome;
use peer::{Peer, Which};
use std::path::Path;
use std::time::{Duration, Instant};

/// Files of the tree that is listed and copied.
const TREE: usize = 10_000;
/// Folders that they lie in when they are copied.
const FOLDERS: usize = 100;
const CONNECTIONS: usize = 64;
const SMALL: usize = 1024;
const LARGE: usize = 100 << 20;
const HUGE: u64 = 1 << 30;
const OCTETS: &str = "Content-Type: application/octet-stream\r\n";

/// Measures all of them.
pub(super) fn measure(folder: &Path, table: &mut Table) -> Outcome {
    ceiling::measure(folder, table)?;
    for which in Which::ALL {
        println!("\n-- {}", which.word());
        let peer = Peer::start(which, folder)?;
        peer.make("")?;
        if which == Which::Kontor {
            huge(&peer, table)?;
        }
        for row in [small, large, listing, copying] {
            // What a peer cannot do is no figure; what we cannot is the end.
            if let Err(why) = row(&peer, table) {
                println!("   no figure: {why}");
                if which == Which::Kontor {
                    return Err(why);
                }
            }
        }
        peer.stop()?;
    }
    Ok(())
}

/// Text that no two files share.
fn text(seed: usize, size: usize) -> Vec<u8> {
    let mut state = seed as u64 ^ 0x9e37_79b9_7f4a_7c15;
    let mut out = Vec::with_capacity(size + 8);
    while out.len() < size {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        out.extend_from_slice(&state.to_le_bytes());
    }
    out.truncate(size);
    out
}

fn clients(peer: &Peer, count: usize) -> Result<Vec<Client>, String> {
    (0..count).map(|_| peer.client()).collect()
}

fn rate(
    peer: &Peer,
    table: &mut Table,
    row: &str,
    run: impl FnOnce() -> Result<Measured, String>,
) -> Outcome {
    let before = peer.cpu_seconds();
    let measured = run().map_err(|why| format!("{row}: {why}"))?;
    let cpu = (peer.cpu_seconds() - before) * 1000.0 / measured.count.max(1) as f64;
    table.put(peer.word(), row, measured.rate(), Some(cpu));
    Ok(())
}

fn small(peer: &Peer, table: &mut Table) -> Outcome {
    let path = peer.make("small/")?;
    let maker = peer.client()?;
    let put = |thread: usize, n: usize| {
        let body = text(thread * 1_000_003 + n, SMALL);
        maker.request("PUT", &format!("{path}{thread}-{n}"), OCTETS, &body)
    };
    let all = clients(peer, CONNECTIONS)?;
    rate(peer, table, "PUT 1 KiB, 64 connections /s", || hammer(all, Duration::from_secs(4), &put, &[201]))?;
    let get = |thread: usize, n: usize| maker.request("GET", &format!("{path}{thread}-{}", n % 5), "", b"");
    let all = clients(peer, CONNECTIONS)?;
    rate(peer, table, "GET 1 KiB, 64 connections /s", || hammer(all, Duration::from_secs(4), &get, &[200]))
}

fn large(peer: &Peer, table: &mut Table) -> Outcome {
    let path = peer.make("large/")?;
    let body = text(1, LARGE);
    let mut client = peer.client()?;
    let mut best = [0.0_f64; 2];
    for n in 0..3 {
        let request = client.request("PUT", &format!("{path}{n}"), OCTETS, &body);
        let begun = Instant::now();
        expect_status(&client.send(&request)?, &[201])?;
        let put = begun.elapsed().as_secs_f64();
        let begun = Instant::now();
        client.get_same(&format!("{path}{n}"), &body)?;
        let get = begun.elapsed().as_secs_f64();
        for (best, seconds) in best.iter_mut().zip([put, get]) {
            *best = best.max(LARGE as f64 / 1e6 / seconds);
        }
    }
    let [put, get] = best;
    table.put(peer.word(), "PUT 100 MiB, MB/s", put, None);
    table.put(peer.word(), "GET 100 MiB, MB/s", get, None);
    table.put(peer.word(), "peak memory after that, MiB", peer.peak_mib(), None);
    Ok(())
}

/// What one body that is much larger than memory should be costs of it.
fn huge(peer: &Peer, table: &mut Table) -> Outcome {
    let path = format!("{}body", peer.make("huge/")?);
    let (before, mut client) = (peer.peak_mib(), peer.client()?);
    expect_status(&client.put_coming(&path, OCTETS, HUGE, &text(2, 1 << 20))?, &[201])?;
    let taken = client.get_away(&path)?;
    if taken < HUGE {
        return Err(format!("{taken} bytes of 1 GiB came back"));
    }
    table.put(peer.word(), "memory of 1 GiB up and down, MiB", peer.peak_mib() - before, None);
    Ok(())
}

/// Fills a folder with small files, over eight connections.
fn fill(peer: &Peer, name: impl Fn(usize) -> String + Sync) -> Outcome {
    let maker = peer.client()?;
    let put = |n: usize| maker.request("PUT", &name(n), OCTETS, &text(n, 100));
    hammer_count(clients(peer, 8)?, TREE, &put)
}

const PROPFIND: &str = "<?xml version=\"1.0\"?><propfind xmlns=\"DAV:\"><prop><getetag/><getcontentlength/><getlastmodified/><resourcetype/></prop></propfind>";

fn listing(peer: &Peer, table: &mut Table) -> Outcome {
    let path = peer.make("flat/")?;
    fill(peer, |n| format!("{path}{n}"))?;
    let headers = "Depth: 1\r\nContent-Type: application/xml\r\n";
    timed(peer, table, "PROPFIND of 10,000 files ms", |client, _| {
        let answer = client.ask("PROPFIND", &path, headers, PROPFIND.as_bytes())?;
        expect_status(&answer, &[207])?;
        let told = String::from_utf8_lossy(&answer.body).matches("200 OK").count();
        if told > TREE { Ok(()) } else { Err(format!("{told} resources were told")) }
    })
}

fn copying(peer: &Peer, table: &mut Table) -> Outcome {
    let path = peer.make("tree/")?;
    for n in 0..FOLDERS {
        peer.make(&format!("tree/{n}/"))?;
    }
    fill(peer, |n| format!("{path}{}/{n}", n % FOLDERS))?;
    timed(peer, table, "COPY of a tree of 10,000 files ms", |client, n| {
        let to = path.replace("tree/", &format!("copy{n}/"));
        // Apache takes whole URLs only.
        let headers = format!("Destination: {}{to}\r\nDepth: infinity\r\n", peer.origin());
        expect_status(&client.ask("COPY", &path, &headers, b"")?, &[201])?;
        let last = format!("{to}{}/{}", (TREE - 1) % FOLDERS, TREE - 1);
        expect_status(&client.ask("GET", &last, "", b"")?, &[200])
    })
}

/// The middle one of three.
fn timed(
    peer: &Peer,
    table: &mut Table,
    row: &str,
    mut once: impl FnMut(&mut Client, usize) -> Outcome,
) -> Outcome {
    let mut client = peer.client()?;
    let before = peer.cpu_seconds();
    let mut times = Vec::new();
    for n in 0..3 {
        let begun = Instant::now();
        once(&mut client, n).map_err(|why| format!("{row}: {why}"))?;
        times.push(begun.elapsed().as_secs_f64() * 1000.0);
    }
    let cpu = (peer.cpu_seconds() - before) * 1000.0 / times.len() as f64;
    times.sort_unstable_by(f64::total_cmp);
    table.put(peer.word(), row, times.get(1).copied().unwrap_or_default(), Some(cpu));
    Ok(())
}
