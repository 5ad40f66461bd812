//! How soon an event stream on one node tells of a write on another.

use crate::bench::hammer::expect_status;
use crate::bench::load::Event;
use crate::bench::server::Server;
use crate::bench::table::Table;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

/// Writes whose news is waited for.
const ROUNDS: usize = 200;
/// Between two: longer than it takes, and not in step with whoever asks every so often.
const REST: Duration = Duration::from_millis(17);
/// News that does not come at all.
const NEVER: Duration = Duration::from_secs(30);

/// Rows for nodes that tell each other, and for those that ask, as they do where the database cannot tell.
pub(super) fn measure(server: &Server, folder: &Path, table: &mut Table) -> Result<(), String> {
    println!("\n-- from a write on one node to an event stream on another");
    for (words, toml) in [("", ""), (" that only asks", "[store]\nnotify = false\n")] {
        let other = server.another(folder, "listening", toml)?;
        let mut times = wakes(server, &other)?;
        other.stop()?;
        times.sort_by(f64::total_cmp);
        for (name, share) in [("p50", 0.5), ("p99", 0.99)] {
            let at = (times.len() as f64 * share) as usize;
            let time = times.get(at.min(times.len().saturating_sub(1))).copied().unwrap_or_default();
            table.put(
                "postgres",
                &format!("{name} from a PUT to the stream of a node{words} ms"),
                time,
                None,
            );
        }
    }
    Ok(())
}

/// Milliseconds from when each write was sent to when the other node's stream told of it.
fn wakes(server: &Server, other: &Server) -> Result<Vec<f64>, String> {
    let mut client = server.client()?;
    let path = format!("{}wake.ics", server.scratch("flat"));
    let mut put = |n: usize| -> Result<(), String> {
        let text = Event::new(n).text().replace(&format!("UID:event-{n}"), "UID:wake");
        let answer = client.ask("PUT", &path, "Content-Type: text/calendar\r\n", text.as_bytes())?;
        expect_status(&answer, &[201, 204])
    };
    let heard = listen(other)?;
    put(0)?;
    let mut last = next(&heard, i64::MIN)?.1;
    let mut times = Vec::with_capacity(ROUNDS);
    for n in 0..ROUNDS {
        std::thread::sleep(REST);
        let sent = Instant::now();
        put(n)?;
        let (when, number) = next(&heard, last)?;
        last = number;
        times.push(when.saturating_duration_since(sent).as_secs_f64() * 1000.0);
    }
    Ok(times)
}

type Heard = (Instant, i64);

/// The next news of a number above `last`.
fn next(heard: &Receiver<Heard>, last: i64) -> Result<Heard, String> {
    loop {
        let news = heard.recv_timeout(NEVER).map_err(|_| "the stream tells nothing".to_owned())?;
        if news.1 > last {
            return Ok(news);
        }
    }
}

/// Reads the stream of a node; the number of each sync token that it tells, and when.
fn listen(node: &Server) -> Result<Receiver<Heard>, String> {
    let failed = |error: std::io::Error| format!("listening: {error}");
    let mut stream = TcpStream::connect(node.address).map_err(failed)?;
    let request = node.client()?.request("GET", "/dav/changes", "", b"");
    stream.write_all(&request).map_err(failed)?;
    let (tell, heard) = channel();
    let mut lines = BufReader::new(stream).lines();
    for line in lines.by_ref() {
        if line.map_err(failed)?.starts_with(": here") {
            break;
        }
    }
    std::thread::spawn(move || {
        for line in lines.map_while(Result::ok) {
            let token = line.split("\"token\":\"").nth(1).and_then(|rest| rest.split('"').next());
            let number = token.and_then(|token| token.rsplit(':').next()).and_then(|text| text.parse().ok());
            if number.is_some_and(|number| tell.send((Instant::now(), number)).is_err()) {
                return;
            }
        }
    });
    Ok(heard)
}
