//! What is measured of every server, each row with the check of its answer.

use super::crowd;
use super::hammer::{Measured, expect_status, hammer};
use super::http::Client;
use super::lists;
use super::load::{Event, Office, card, month, year};
use super::question::{
    Check, busy_seconds, calendar_query, card_query, expand, free_busy_query, multiget, responses,
    sync_query, texts,
};
use super::server::{Kind, Server};
use super::table::Table;
use std::time::{Duration, Instant};

/// Measures every row.
pub(super) fn measure(server: &mut Server, office: &Office, table: &mut Table) -> Result<(), String> {
    for connections in [1, 8, 16, 64] {
        put_events(server, connections, table)?;
    }
    put_cards(server, table)?;
    get(server, office, table)?;
    for report in reports(server, office) {
        run_report(server, &report, table)?;
    }
    delta(server, office, table)?;
    if server.kind.is_kontor() { lists::measure(server, office, table) } else { Ok(()) }
}

fn put_events(server: &Server, connections: usize, table: &mut Table) -> Result<(), String> {
    let clients = (0..connections).map(|_| server.client()).collect::<Result<Vec<_>, _>>()?;
    let template = server.client()?;
    let path = server.scratch("puts");
    let make = |thread: usize, n: usize| {
        let text = Event::new(n).text().replace("UID:event-", &format!("UID:put-{connections}-{thread}-"));
        let name = format!("{path}put-{connections}-{thread}-{n}.ics");
        template.request("PUT", &name, EVENT, text.as_bytes())
    };
    let row = format!("durable PUT event, {connections} connections /s");
    rate(server, &row, table, || hammer(clients, Duration::from_secs(3), &make, &[201, 204]))
}

/// PUTs of many accounts at once.
pub(super) fn put_accounts(server: &Server, table: &mut Table) -> Result<(), String> {
    rate(server, "durable PUT event, 64 connections, 64 accounts /s", table, || {
        crowd::each_its_own(server, "many")
    })
}

const EVENT: &str = "Content-Type: text/calendar; charset=utf-8\r\n";

fn put_cards(server: &Server, table: &mut Table) -> Result<(), String> {
    let clients = (0..8).map(|_| server.client()).collect::<Result<Vec<_>, _>>()?;
    let template = server.client()?;
    let path = server.card_scratch();
    let make = |thread: usize, n: usize| {
        let text = card(n).replace("UID:card-", &format!("UID:put-{thread}-"));
        let name = format!("{path}put-{thread}-{n}.vcf");
        template.request("PUT", &name, "Content-Type: text/vcard; charset=utf-8\r\n", text.as_bytes())
    };
    rate(server, "durable PUT card, 8 connections /s", table, || {
        hammer(clients, Duration::from_secs(3), &make, &[201, 204])
    })
}

fn get(server: &Server, office: &Office, table: &mut Table) -> Result<(), String> {
    let clients = (0..8).map(|_| server.client()).collect::<Result<Vec<_>, _>>()?;
    let requests = gets(server, office)?;
    let make = |thread: usize, n: usize| {
        let pick = (thread * 7919 + n * 104_729) % requests.len().max(1);
        requests.get(pick).cloned().unwrap_or_default()
    };
    rate(server, "GET, 8 connections /s", table, || hammer(clients, Duration::from_secs(3), &make, &[200]))
}

/// A GET of every event.
pub(super) fn gets(server: &Server, office: &Office) -> Result<Vec<Vec<u8>>, String> {
    let template = server.client()?;
    let names: Vec<String> = match server.kind {
        Kind::Radicale => radicale_names(server)?,
        Kind::Kontor | Kind::Postgres | Kind::Xandikos => {
            office.events.iter().map(|e| format!("{}{}", server.calendar(), e.name())).collect()
        }
    };
    Ok(names.iter().map(|name| template.request("GET", name, "", b"")).collect())
}

/// Radicale names the items of a calendar that was put in whole by itself.
fn radicale_names(server: &Server) -> Result<Vec<String>, String> {
    let answer = server.client()?.ask("PROPFIND", server.calendar(), "Depth: 1\r\n", PROPFIND.as_bytes())?;
    let text = String::from_utf8_lossy(&answer.body).into_owned();
    let hrefs = text.split("<href>").skip(1).filter_map(|rest| rest.split("</href>").next());
    Ok(hrefs.filter(|href| href.ends_with(".ics")).map(str::to_owned).collect())
}

fn rate(
    server: &Server,
    row: &str,
    table: &mut Table,
    run: impl FnOnce() -> Result<Measured, String>,
) -> Result<(), String> {
    let before = server.cpu_seconds()?;
    match run() {
        Ok(measured) => {
            let cpu = (server.cpu_seconds()? - before) * 1000.0 / measured.count.max(1) as f64;
            table.put(server.kind.word(), row, measured.rate(), Some(cpu));
            Ok(())
        }
        Err(why) => wrong(server, row, &why),
    }
}

/// A wrong answer of a peer counts as no figure; one of ours ends the run.
fn wrong(server: &Server, row: &str, why: &str) -> Result<(), String> {
    println!("   {row}: no figure: {why}");
    if server.kind.is_kontor() { Err(format!("{row}: {why}")) } else { Ok(()) }
}

struct Report {
    row: &'static str,
    method: &'static str,
    path: String,
    headers: &'static str,
    body: String,
    check: Check,
}

const XML: &str = "Content-Type: application/xml; charset=utf-8\r\nDepth: 1\r\n";
const PROPFIND: &str = "<?xml version=\"1.0\"?><propfind xmlns=\"DAV:\"><prop><getetag/><getcontenttype/><resourcetype/></prop></propfind>";

fn reports(server: &Server, office: &Office) -> Vec<Report> {
    let calendar = server.calendar().to_owned();
    let report = |row, path: &str, body: String, check: Check| Report {
        row,
        method: "REPORT",
        path: path.to_owned(),
        headers: XML,
        body,
        check,
    };
    let (month, year) = (month(), year());
    let items = office.items_in(&month);
    let occurrences = office.occurrences_in(&month);
    let busy = office.busy_seconds_in(&year);
    let all = office.events.len();
    let people = office.cards_named("anna berg");
    let mut out = vec![
        report("month query ms", &calendar, calendar_query(&month, ""), responses(items)),
        report(
            "month query expanded ms",
            &calendar,
            calendar_query(&month, &expand(&month)),
            texts("BEGIN:VEVENT", occurrences),
        ),
        report("free-busy over a year ms", &calendar, free_busy_query(&year), busy_seconds(busy)),
        Report {
            row: "PROPFIND Depth:1 ms",
            method: "PROPFIND",
            path: calendar.clone(),
            headers: XML,
            body: PROPFIND.to_owned(),
            check: responses(all + 1),
        },
        report("initial sync-collection ms", &calendar, sync_query(""), responses(all)),
        report("text-match over cards ms", server.addressbook(), card_query("anna berg"), responses(people)),
    ];
    if server.kind != Kind::Radicale {
        let hrefs = office.events.iter().step_by((all / 500).max(1)).take(500);
        let hrefs: Vec<String> = hrefs.map(|event| format!("{calendar}{}", event.name())).collect();
        out.insert(
            0,
            report("multiget 500 ms", &calendar, multiget(&hrefs), texts("BEGIN:VEVENT", hrefs.len())),
        );
    } else if let Ok(names) = radicale_names(server) {
        let hrefs: Vec<String> = names.into_iter().take(500).collect();
        out.insert(
            0,
            report("multiget 500 ms", &calendar, multiget(&hrefs), texts("BEGIN:VEVENT", hrefs.len())),
        );
    }
    out
}

fn run_report(server: &Server, report: &Report, table: &mut Table) -> Result<(), String> {
    let mut client = server.client()?;
    let bytes = client.request(report.method, &report.path, report.headers, report.body.as_bytes());
    let first = client.send(&bytes).and_then(|answer| {
        expect_status(&answer, &[200, 207])?;
        (report.check)(&answer)
    });
    if let Err(why) = first {
        return wrong(server, report.row, &why);
    }
    let (p50, cpu) = repeat(server, &mut client, &bytes)?;
    table.put(server.kind.word(), report.row, p50, Some(cpu));
    Ok(())
}

/// Asks the same again and again, 3 to 40 times in about four seconds; median and CPU in milliseconds.
pub(super) fn repeat(server: &Server, client: &mut Client, bytes: &[u8]) -> Result<(f64, f64), String> {
    let before = server.cpu_seconds()?;
    let begun = Instant::now();
    let mut times = Vec::new();
    while times.len() < 3 || (times.len() < 40 && begun.elapsed() < Duration::from_secs(4)) {
        let one = Instant::now();
        client.send(bytes)?;
        times.push(one.elapsed().as_secs_f64() * 1000.0);
    }
    let cpu = (server.cpu_seconds()? - before) * 1000.0 / times.len() as f64;
    times.sort_unstable_by(f64::total_cmp);
    Ok((times.get(times.len() / 2).copied().unwrap_or_default(), cpu))
}

fn delta(server: &mut Server, office: &Office, table: &mut Table) -> Result<(), String> {
    let row = format!("delta of 10 changes in {} ms", office.events.len());
    delta_in(server, server.calendar(), office.events.len(), &row, table)
}

/// Changes ten items and asks what changed since the token before.
pub(super) fn delta_in(
    server: &Server,
    path: &str,
    size: usize,
    row: &str,
    table: &mut Table,
) -> Result<(), String> {
    let mut client = server.client()?;
    let token = match token(&mut client, path) {
        Ok(token) => token,
        Err(why) => return wrong(server, row, &why),
    };
    for n in 0..10 {
        let event = Event::new(n * (size / 10).max(1));
        let text = event.text().replace("SUMMARY:", "SUMMARY:Moved ");
        let name = if server.kind == Kind::Radicale { format!("new-{n}.ics") } else { event.name() };
        let text = if server.kind == Kind::Radicale { text.replace("UID:", "UID:new-") } else { text };
        let answer = client.ask(
            "PUT",
            &format!("{path}{name}"),
            "Content-Type: text/calendar\r\n",
            text.as_bytes(),
        )?;
        expect_status(&answer, &[200, 201, 204])?;
    }
    let bytes = client.request("REPORT", path, XML, sync_query(&token).as_bytes());
    let checked = client.send(&bytes).and_then(|answer| responses(10)(&answer));
    if let Err(why) = checked {
        return wrong(server, row, &why);
    }
    let (p50, cpu) = repeat(server, &mut client, &bytes)?;
    table.put(server.kind.word(), row, p50, Some(cpu));
    Ok(())
}

/// The collection's sync token.
pub(super) fn token(client: &mut Client, path: &str) -> Result<String, String> {
    let body = "<?xml version=\"1.0\"?><propfind xmlns=\"DAV:\"><prop><sync-token/></prop></propfind>";
    let answer =
        client.ask("PROPFIND", path, "Content-Type: application/xml\r\nDepth: 0\r\n", body.as_bytes())?;
    expect_status(&answer, &[207])?;
    let text = String::from_utf8_lossy(&answer.body).into_owned();
    let from = text.find("sync-token>").ok_or("no sync-token")? + "sync-token>".len();
    let rest = text.get(from..).unwrap_or_default();
    Ok(rest.split('<').next().unwrap_or_default().to_owned())
}
