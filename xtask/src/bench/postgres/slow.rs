//! What one slow account does to the others: how long their PUTs and GETs take, quiet, beside an account that lists all
//! it has and writes large bodies, and beside accounts whose rows somebody else holds.

use crate::bench::crowd::account;
use crate::bench::hammer::{Measured, expect_status, hammer, paced};
use crate::bench::http::Client;
use crate::bench::load::Event;
use crate::bench::server::{DATABASE, Server};
use crate::bench::table::Table;
use std::process::Child;
use std::time::{Duration, Instant};

/// Accounts that are watched.
const OTHERS: usize = 16;
/// Accounts whose rows are held: more than a node has lanes for such.
const HELD: std::ops::Range<usize> = 16..40;
const LENGTH: Duration = Duration::from_secs(4);
const REST: Duration = Duration::from_millis(5);

/// Three rows and two ratios.
pub(super) fn measure(server: &Server, table: &mut Table) -> Result<(), String> {
    println!("\n-- one slow account beside others");
    let quiet = others(server, "quiet")?;
    let busy = beside(server, "busy", |server| spend(server, LENGTH + Duration::from_secs(1)))?;
    let held = hold(server)?;
    let stuck = beside(server, "stuck", stuck)?;
    end(held)?;
    for (words, measured) in [
        ("quiet", &quiet),
        ("beside one that lists 10,000 and writes 1 MiB", &busy),
        ("beside 24 that are locked from outside", &stuck),
    ] {
        table.put("postgres", &format!("p50 of PUT and GET {words} ms"), measured.within(0.5), None);
        table.put("postgres", &format!("p99 of PUT and GET {words} ms"), measured.within(0.99), None);
    }
    table.put("postgres", "p99 beside a busy account : quiet", busy.within(0.99) / quiet.within(0.99), None);
    table.put(
        "postgres",
        "p99 beside locked accounts : quiet",
        stuck.within(0.99) / quiet.within(0.99),
        None,
    );
    Ok(())
}

/// The others write and read by turns, with rests.
fn others(server: &Server, run: &str) -> Result<Measured, String> {
    let clients = || (0..OTHERS).map(|n| server.client_of(&account(n))).collect::<Result<Vec<_>, _>>();
    let makers = clients()?;
    let make = |thread: usize, n: usize| {
        let Some(maker) = makers.get(thread) else { return Vec::new() };
        let path = format!("{}{run}-{}.ics", calendar(thread), n / 2);
        let text = Event::new(n).text().replace("UID:event-", &format!("UID:{run}-"));
        let body = if n.is_multiple_of(2) { text.as_bytes() } else { b"" };
        maker.request(if n.is_multiple_of(2) { "PUT" } else { "GET" }, &path, EVENT, body)
    };
    paced(clients()?, LENGTH, REST, &make, &[200, 201, 204])
}

const EVENT: &str = "Content-Type: text/calendar; charset=utf-8\r\n";

fn calendar(number: usize) -> String {
    format!("/dav/calendars/{}/default/", account(number))
}

/// The others, while somebody else does `what`.
fn beside(
    server: &Server,
    run: &str,
    what: impl FnOnce(&Server) -> Result<(), String> + Send,
) -> Result<Measured, String> {
    std::thread::scope(|scope| {
        let busy = scope.spawn(move || what(server));
        std::thread::sleep(Duration::from_millis(500));
        let measured = others(server, run);
        busy.join().map_err(|_| "a client panicked".to_owned())??;
        measured
    })
}

/// Lists everything again and again on one connection, writes large bodies on another.
fn spend(server: &Server, length: Duration) -> Result<(), String> {
    let body = "<?xml version=\"1.0\"?><propfind xmlns=\"DAV:\"><prop><getetag/></prop></propfind>";
    let headers = "Content-Type: application/xml\r\nDepth: 1\r\n";
    let list = server.client()?.request("PROPFIND", server.calendar(), headers, body.as_bytes());
    let lines = "X-LARGE:".to_owned() + &"x".repeat(60) + "\r\n";
    let large = lines.repeat((1 << 20) / lines.len()) + "END:VEVENT";
    let text = Event::new(1).text().replacen("END:VEVENT", &large, 1).replace("UID:event-", "UID:large-");
    let path = format!("{}large.ics", server.scratch("flat"));
    let put = server.client()?.request("PUT", &path, EVENT, text.as_bytes());
    let clients = vec![server.client()?, server.client()?];
    let make = |thread: usize, _: usize| if thread == 0 { list.clone() } else { put.clone() };
    hammer(clients, length, &make, &[201, 204, 207]).map(drop)
}

/// Holds the rows of some accounts from outside, as another program might.
fn hold(server: &Server) -> Result<Child, String> {
    let database = server.database.as_deref().ok_or("no database")?;
    let names: Vec<String> = HELD.map(|n| format!("'{}'", account(n))).collect();
    let sql = format!(
        "SELECT 1 FROM counter WHERE account IN (SELECT account FROM principal WHERE name IN ({})) FOR UPDATE; \
         SELECT pg_sleep(8)",
        names.join(", ")
    );
    let mut command = database.program("psql");
    command.args(["-qXAt", "-1", "-c", &sql, &database.url(DATABASE)]);
    let child = command.spawn().map_err(|e| format!("starting psql: {e}"))?;
    let asks = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'";
    let begun = Instant::now();
    while database.sql(DATABASE, asks) != "1" {
        if begun.elapsed() > Duration::from_secs(30) {
            return Err("psql does not hold the rows".to_owned());
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok(child)
}

fn end(mut held: Child) -> Result<(), String> {
    held.wait().map(drop).map_err(|e| format!("waiting for psql: {e}"))
}

/// A PUT into each account that is held; written once it is free, or told to come again.
fn stuck(server: &Server) -> Result<(), String> {
    let one = |number: usize| -> Result<(), String> {
        let mut client: Client = server.client_of(&account(number))?;
        let text = Event::new(number).text();
        let path = format!("{}stuck.ics", calendar(number));
        let answer = client.ask("PUT", &path, EVENT, text.as_bytes())?;
        expect_status(&answer, &[201, 204, 503])
    };
    std::thread::scope(|scope| {
        let all: Vec<_> = HELD.map(|number| scope.spawn(move || one(number))).collect();
        all.into_iter().try_for_each(|one| one.join().map_err(|_| "a client panicked".to_owned())?)
    })
}
