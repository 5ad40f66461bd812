//! Bodies of a MiB, in a folder and in a bucket, beside the same bytes given to a disk and to that bucket itself.

use super::middle;
use crate::bench::hammer::{Measured, hammer};
use crate::bench::http::Client;
use crate::bench::load::Event;
use crate::bench::server::Server;
use crate::bench::table::Table;
use kontor_testkit::s3;
use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

const CONNECTIONS: usize = 4;
const ROUNDS: usize = 3;
const LENGTH: Duration = Duration::from_secs(2);
/// Bodies of one connection that are written before they are read.
const WRITTEN: usize = 8;
const BUCKET: &str = "bench";

/// Rates of PUT and GET, each beside its peer.
pub(super) fn measure(server: &Server, folder: &Path, table: &mut Table) -> Result<(), String> {
    println!("\n-- bodies of 1 MiB");
    s3().create(BUCKET);
    let blobs = format!(
        "[blobs]\nurl = \"s3://{BUCKET}/kontor\"\nendpoint = \"{}\"\naccess_key = \"a\"\nsecret_key = \"b\"\n",
        s3().endpoint()
    );
    let other = server.apart(folder, "bodies", &blobs)?;
    for (place, server, peer) in [("a folder", server, "disk"), ("a bucket", &other, "s3")] {
        let rows =
            [format!("durable PUT of 1 MiB into {place} /s"), format!("GET of 1 MiB out of {place} /s")];
        for (row, method) in rows.iter().zip(["PUT", "GET"]) {
            let (mut ours, mut theirs) = (Vec::new(), Vec::new());
            for round in 0..ROUNDS {
                ours.push(dav(server, method, round)?);
                let rate = if peer == "disk" { disk(folder, method)? } else { bucket(method, round)? };
                theirs.push((rate, 0.0));
            }
            let (rate, cpu) = middle(ours);
            table.put("postgres", row, rate, Some(cpu));
            table.put(peer, row, middle(theirs).0, None);
        }
    }
    other.stop()
}

/// Other bytes for each: what an account has already is not laid down again.
fn text(uid: &str) -> String {
    let line = format!("X-LARGE:{uid} {}\r\n", "x".repeat(60));
    let large = line.repeat((1 << 20) / line.len()) + "END:VEVENT";
    let event = Event::new(1).text();
    event.replacen("END:VEVENT", &large, 1).replace("UID:event-1", &format!("UID:{uid}"))
}

fn name(thread: usize, n: usize) -> String {
    format!("large-{thread}-{}", n % WRITTEN)
}

/// Rate, and CPU milliseconds of the node for each.
fn dav(server: &Server, method: &str, round: usize) -> Result<(f64, f64), String> {
    let clients = (0..CONNECTIONS).map(|_| server.client()).collect::<Result<Vec<_>, _>>()?;
    let (maker, headers) = (server.client()?, "Content-Type: text/calendar\r\n");
    let make = |thread: usize, n: usize| {
        let name = name(thread, n);
        let path = format!("{}{name}.ics", server.scratch("flat"));
        let body = if method == "PUT" {
            text(&name).replace("DTSTAMP", &format!("X-ROUND:{round} {n}\r\nDTSTAMP"))
        } else {
            String::new()
        };
        maker.request(method, &path, headers, body.as_bytes())
    };
    let before = server.own_cpu_seconds()?;
    let measured = hammer(clients, LENGTH, &make, &[200, 201, 204])?;
    let cpu = (server.own_cpu_seconds()? - before) * 1000.0 / measured.count.max(1) as f64;
    Ok((measured.rate(), cpu))
}

/// The bucket itself.
fn bucket(method: &str, round: usize) -> Result<f64, String> {
    let signed = "Authorization: AWS4-HMAC-SHA256 Credential=test/20200101/us-east-1/s3/aws4_request, \
                  SignedHeaders=host, Signature=0\r\n";
    let connect = || Client::connect(s3().address(), signed);
    let clients = (0..CONNECTIONS).map(|_| connect()).collect::<Result<Vec<_>, _>>()?;
    let maker = connect()?;
    let make = |thread: usize, n: usize| {
        let name = name(thread, n);
        let body = if method == "PUT" { text(&format!("{name} {round} {n}")) } else { String::new() };
        maker.request(method, &format!("/{BUCKET}/raw/{name}"), "", body.as_bytes())
    };
    let measured: Measured = hammer(clients, LENGTH, &make, &[200])?;
    Ok(measured.rate())
}

/// The disk: each file written, synced and given its name, or read.
fn disk(folder: &Path, method: &str) -> Result<f64, String> {
    let folder = folder.join("disk");
    std::fs::create_dir_all(&folder).map_err(|e| format!("making {}: {e}", folder.display()))?;
    let failed = |e: std::io::Error| format!("a file of the disk: {e}");
    let one = |thread: usize, n: usize| -> Result<(), String> {
        let path = folder.join(name(thread, n));
        if method == "GET" {
            return std::fs::read(&path).map(drop).map_err(failed);
        }
        let part = path.with_extension("part");
        let mut file = std::fs::File::create(&part).map_err(failed)?;
        file.write_all(text(&name(thread, n)).as_bytes()).and_then(|()| file.sync_all()).map_err(failed)?;
        std::fs::rename(&part, &path).map_err(failed)?;
        std::fs::File::open(&folder).and_then(|folder| folder.sync_all()).map_err(failed)
    };
    let begun = Instant::now();
    let some = |thread: usize| -> Result<usize, String> {
        let mut count = 0;
        while begun.elapsed() < LENGTH {
            one(thread, count)?;
            count += 1;
        }
        Ok(count)
    };
    let counts: Vec<Result<usize, String>> = std::thread::scope(|scope| {
        let some = &some;
        let all: Vec<_> = (0..CONNECTIONS).map(|thread| scope.spawn(move || some(thread))).collect();
        all.into_iter().map(|one| one.join().map_err(|_| "a thread panicked".to_owned())?).collect()
    });
    let count: usize = counts.into_iter().sum::<Result<usize, String>>()?;
    Ok(count as f64 / begun.elapsed().as_secs_f64())
}
