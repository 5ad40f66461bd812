//! Many accounts, each with a connection that PUTs.

use super::hammer::{Measured, expect_status, hammer};
use super::http::Client;
use super::load::Event;
use super::server::Server;
use std::time::Duration;

/// Accounts, and connections in all rows of 64.
pub(super) const ACCOUNTS: usize = 64;
const LENGTH: Duration = Duration::from_secs(3);
const EVENT: &str = "Content-Type: text/calendar; charset=utf-8\r\n";

/// One of the accounts.
pub(super) fn account(number: usize) -> String {
    format!("worker{number}")
}

/// Makes them; the first log-in of each costs what a password is to cost.
pub(super) fn gather(server: &Server) -> Result<(), String> {
    let names: Vec<String> = (0..ACCOUNTS).map(account).collect();
    server.create_users(&names)?;
    // Made by other processes: once the server hears of it, it forgets what it knows of them.
    std::thread::sleep(Duration::from_secs(2));
    for name in &names {
        let answer = server.client_of(name)?.ask("PROPFIND", "/dav/", "Depth: 0\r\n", b"")?;
        expect_status(&answer, &[207])?;
    }
    Ok(())
}

/// Each connection puts events into an account of its own. `run` tells their names from those of other runs.
pub(super) fn each_its_own(server: &Server, run: &str) -> Result<Measured, String> {
    put(server, run, &account, &|thread| format!("/dav/calendars/{}/default/", account(thread)))
}

/// All of them put events into one calendar of the same account.
pub(super) fn all_in_one(server: &Server, run: &str) -> Result<Measured, String> {
    let path = server.scratch("puts");
    put(server, run, &|_| "bench".to_owned(), &|_| path.clone())
}

fn put(
    server: &Server,
    run: &str,
    who: &dyn Fn(usize) -> String,
    place: &(dyn Fn(usize) -> String + Sync),
) -> Result<Measured, String> {
    let all = || (0..ACCOUNTS).map(|n| server.client_of(&who(n))).collect::<Result<Vec<Client>, _>>();
    let makers = all()?;
    let make = |thread: usize, n: usize| {
        let Some(maker) = makers.get(thread) else { return Vec::new() };
        let text = Event::new(n).text().replace("UID:event-", &format!("UID:{run}-{thread}-"));
        let path = format!("{}{run}-{thread}-{n}.ics", place(thread));
        maker.request("PUT", &path, EVENT, text.as_bytes())
    };
    hammer(all()?, LENGTH, &make, &[201, 204])
}
