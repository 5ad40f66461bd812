//! Rows that only Kontor is asked: does the cost stay flat as the collection grows.

use super::hammer::hammer;
use super::http::Client;
use super::lists;
use super::load::{Event, Office};
use super::rows::delta_in;
use super::server::{Kind, Server};
use super::table::Table;
use crate::Outcome;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// The word by which the bench runs itself to hold streams open in a process of its own.
pub(super) const HOLD_STREAMS: &str = "hold-streams";

const STREAMS: usize = 10_000;
pub(super) const LARGE: usize = 100_000;
const MILLION: usize = 1_000_000;

/// Flatness of PUT, deltas by size, idle streams.
pub(super) fn measure(server: &mut Server, _office: &Office, table: &mut Table) -> Result<(), String> {
    let flat = server.scratch("flat");
    let mut filled = 0;
    for size in [1_000, 10_000, LARGE] {
        let put = |n: usize| {
            let event = Event::new(filled + n);
            (event.name(), event.text())
        };
        server.put_all(&flat, size - filled, &put)?;
        filled = size;
        delta_in(server, &flat, size, &format!("delta of 10 changes in {size} (one calendar) ms"), table)?;
    }
    lists::delta(server, "flat", LARGE, table)?;
    put_into(server, &flat, table)?;
    streams(server, table)
}

/// PUT rate into a calendar that has 100,000 objects, next to the row of the empty one.
fn put_into(server: &Server, path: &str, table: &mut Table) -> Result<(), String> {
    let clients = (0..8).map(|_| server.client()).collect::<Result<Vec<_>, _>>()?;
    let template = server.client()?;
    let make = |thread: usize, n: usize| {
        let text = Event::new(n).text().replace("UID:event-", &format!("UID:more-{thread}-"));
        template.request(
            "PUT",
            &format!("{path}more-{thread}-{n}.ics"),
            "Content-Type: text/calendar\r\n",
            text.as_bytes(),
        )
    };
    let before = server.cpu_seconds()?;
    let measured = hammer(clients, Duration::from_secs(3), &make, &[201, 204])?;
    let cpu = (server.cpu_seconds()? - before) * 1000.0 / measured.count.max(1) as f64;
    table.put("kontor", "durable PUT into 100,000, 8 connections /s", measured.rate(), Some(cpu));
    Ok(())
}

fn streams(server: &Server, table: &mut Table) -> Result<(), String> {
    let before = server.resident_mib()?;
    let me = std::env::current_exe().map_err(|e| format!("finding myself: {e}"))?;
    let line = format!(
        "ulimit -n $(ulimit -Hn); exec '{}' bench {HOLD_STREAMS} {} {STREAMS}",
        me.display(),
        server.address
    );
    let mut holder = Command::new("sh")
        .args(["-c", &line])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|e| format!("starting the holder of streams: {e}"))?;
    let mut said = String::new();
    if let Some(out) = holder.stdout.as_mut() {
        let mut byte = [0_u8; 1];
        while !said.ends_with('\n') && out.read(&mut byte).is_ok_and(|n| n == 1) {
            said.push(char::from(byte[0]));
        }
    }
    if said.trim() != "ready" {
        let _ = holder.kill();
        return Err(format!("holding {STREAMS} streams: {said}"));
    }
    let after = server.resident_mib()?;
    table.put("kontor", "resident with 10,000 idle event streams MiB", after, None);
    println!("   (resident before: {before:.1} MiB)");
    drop(holder.stdin.take());
    holder.wait().map_err(|e| format!("holding streams: {e}"))?;
    Ok(())
}

/// Opens event streams, says `ready`, and holds them until its input ends.
pub(super) fn hold_streams(args: &[String]) -> Outcome {
    let [address, count] = args else {
        return Err("hold-streams ADDRESS COUNT".to_owned());
    };
    let address: SocketAddr = address.parse().map_err(|e| format!("{address}: {e}"))?;
    let count: usize = count.parse().map_err(|e| format!("{count}: {e}"))?;
    let mut held: Vec<TcpStream> = Vec::with_capacity(count);
    let request = "GET /dav/changes HTTP/1.1\r\nHost: bench\r\nAccept: text/event-stream\r\nAuthorization: Basic YmVuY2g6YmVuY2gtc2VjcmV0LTE=\r\n\r\n";
    for n in 0..count {
        let mut stream = TcpStream::connect(address).map_err(|e| format!("stream {n}: {e}"))?;
        stream.write_all(request.as_bytes()).map_err(|e| format!("stream {n}: {e}"))?;
        let mut head = [0_u8; 12];
        stream.read_exact(&mut head).map_err(|e| format!("stream {n}: {e}"))?;
        if head.get(9..12) != Some(b"200") {
            return Err(format!("stream {n}: answered {}", String::from_utf8_lossy(&head)));
        }
        held.push(stream);
    }
    println!("ready");
    let _ = std::io::stdout().flush();
    let mut rest = Vec::new();
    std::io::stdin().read_to_end(&mut rest).map_err(|e| format!("waiting: {e}"))?;
    drop(held);
    Ok(())
}

/// Start-up with a million items in the store.
pub(super) fn start_up(folder: &Path, table: &mut Table) -> Result<(), String> {
    println!("\n-- start-up with {MILLION} items");
    let mut server = Server::start(Kind::Kontor, folder)?;
    for part in 0..10 {
        let path = server.scratch(&format!("part-{part}"));
        let answer = server.client()?.ask("MKCALENDAR", &path, "", b"")?;
        if answer.status != 201 {
            return Err(format!("MKCALENDAR {path}: {}", answer.status));
        }
        server.put_all(&path, MILLION / 10, &|n| {
            let event = Event::new(n);
            (event.name(), event.text())
        })?;
        println!("   {} items in", (part + 1) * MILLION / 10);
    }
    let data = server.data.clone();
    server.stop()?;
    let begun = Instant::now();
    server = Server::spawn(Kind::Kontor, folder, data, None)?;
    let mut client: Client = server.client()?;
    let answer = client.ask("GET", &format!("{}event-1.ics", server.scratch("part-9")), "", b"")?;
    if answer.status != 200 {
        return Err(format!("after start-up: {}", answer.status));
    }
    table.put(
        "kontor",
        "start to first answer with 1,000,000 items ms",
        begun.elapsed().as_secs_f64() * 1000.0,
        None,
    );
    server.stop()
}
