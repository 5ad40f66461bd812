//! What the machine can do at all, measured in the same run: one thread making writes durable, and a bare socket loop
//! answering a small GET.

use super::hammer::hammer;
use super::http::Client;
use super::table::Table;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::time::{Duration, Instant};

/// Measures both.
pub(super) fn measure(folder: &Path, table: &mut Table) -> Result<(), String> {
    println!("-- ceilings of this machine");
    let syncs = durable_writes(folder).map_err(|e| format!("measuring the disk: {e}"))?;
    table.ceiling("fdatasync of 1 KiB, one thread", format!("{syncs:.0}/s"));
    let hello = bare_gets()?;
    table.ceiling("hello-world GET, socket loop, 8 connections", format!("{hello:.0}/s"));
    Ok(())
}

fn durable_writes(folder: &Path) -> std::io::Result<f64> {
    let path = folder.join("ceiling");
    let mut file = std::fs::File::create(&path)?;
    let block = [b'x'; 1024];
    let begun = Instant::now();
    let mut count = 0_u32;
    while begun.elapsed() < Duration::from_secs(1) {
        file.write_all(&block)?;
        file.sync_data()?;
        count += 1;
    }
    let rate = f64::from(count) / begun.elapsed().as_secs_f64();
    std::fs::remove_file(path)?;
    Ok(rate)
}

fn bare_gets() -> Result<f64, String> {
    let listener = TcpListener::bind("127.0.0.1:0").map_err(|e| format!("listening: {e}"))?;
    let address = listener.local_addr().map_err(|e| format!("listening: {e}"))?;
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten().take(8) {
            std::thread::spawn(move || answer(stream));
        }
    });
    let clients: Vec<Client> = (0..8).map(|_| Client::connect(address, "")).collect::<Result<_, _>>()?;
    let request = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n".to_vec();
    let measured = hammer(clients, Duration::from_secs(1), &|_, _| request.clone(), &[200])?;
    Ok(measured.rate())
}

fn answer(mut stream: TcpStream) {
    let _ = stream.set_nodelay(true);
    let body = [b'x'; 500];
    let mut reply = b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n".to_vec();
    reply.extend_from_slice(&body);
    let mut buffer = [0_u8; 4096];
    while let Ok(1..) = stream.read(&mut buffer) {
        if stream.write_all(&reply).is_err() {
            return;
        }
    }
}
