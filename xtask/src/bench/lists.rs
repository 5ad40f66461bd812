//! The list door beside the DAV door of the same server, in the same run: what a row costs to Outlook, and what it
//! costs to a CalDAV client.

use super::hammer::{expect_status, hammer};
use super::http::Client;
use super::load::{Event, Office};
use super::question::multiget;
use super::rows::token;
use super::scale::LARGE;
use super::server::Server;
use super::table::Table;
use std::time::{Duration, Instant};

const SERVICE: &str = "/lists/_vti_bin/Lists.asmx";
const SOAP: &str = "Content-Type: text/xml; charset=utf-8\r\n";
const XML: &str = "Content-Type: application/xml; charset=utf-8\r\nDepth: 1\r\n";
/// Rows of one answer, as Outlook asks for them, and of one batch.
const ROWS: usize = 100;
/// Rows that are written.
const UPDATES: usize = 1_000;

/// Measures every row.
pub(super) fn measure(server: &Server, office: &Office, table: &mut Table) -> Result<(), String> {
    let size = office.events.len();
    let numbers = first_sync(server, size, table)?;
    delta(server, "default", size, table)?;
    updates(server, &numbers, table)
}

/// What a list is called: its GUID, as Outlook has it from the link that connected it.
fn guid(client: &mut Client, list: &str) -> Result<String, String> {
    let text = ask(client, &envelope("GetList", &format!("<listName>{list}</listName>")))?;
    attributes(&text, "ID").next().map(str::to_owned).ok_or_else(|| format!("no GUID of {list}"))
}

/// A number of a row, and its version.
type Known = (String, String);

fn envelope(operation: &str, inside: &str) -> String {
    format!(
        "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Body>\
         <{operation} xmlns=\"http://schemas.microsoft.com/sharepoint/soap/\">{inside}</{operation}></s:Body></s:Envelope>"
    )
}

fn changes(list: &str, options: &str, token: &str) -> String {
    let inside = format!(
        "<listName>{list}</listName><rowLimit>{ROWS}</rowLimit><queryOptions><QueryOptions xmlns=\"\">\
         <DateInUtc>TRUE</DateInUtc>{options}</QueryOptions></queryOptions>{token}"
    );
    envelope("GetListItemChangesSinceToken", &inside)
}

fn ask(client: &mut Client, body: &str) -> Result<String, String> {
    let answer = client.ask("POST", SERVICE, SOAP, body.as_bytes())?;
    expect_status(&answer, &[200])?;
    String::from_utf8(answer.body).map_err(|_| "an answer that is not UTF-8".to_owned())
}

/// The values of an attribute, in order.
fn attributes<'t>(text: &'t str, name: &str) -> impl Iterator<Item = &'t str> {
    let name = format!(" {name}=\"");
    let found: Vec<_> = text.match_indices(&name).map(|(at, found)| at + found.len()).collect();
    found.into_iter().filter_map(|from| text.get(from..)?.split('"').next())
}

/// Every row of a list, page by page.
fn whole(client: &mut Client, list: &str) -> Result<Vec<Known>, String> {
    let (mut known, mut options) = (Vec::new(), String::new());
    loop {
        let text = ask(client, &changes(list, &options, ""))?;
        let numbers = attributes(&text, "ows_ID").map(str::to_owned);
        known.extend(numbers.zip(attributes(&text, "ows_owshiddenversion").map(str::to_owned)));
        let Some(next) = attributes(&text, "ListItemCollectionPositionNext").next() else { return Ok(known) };
        options = format!("<Paging ListItemCollectionPositionNext=\"{next}\"/>");
    }
}

/// A hundred thousand events in one calendar, and ten of them changed.
pub(super) fn large(server: &Server, table: &mut Table) -> Result<(), String> {
    server.put_all(&server.scratch("flat"), LARGE, &|n| {
        let event = Event::new(n);
        (event.name(), event.text())
    })?;
    delta(server, "flat", LARGE, table)
}

/// What a CalDAV client asks for its first sync: all names, then the texts, as many at a time as rows are told here.
fn names_then_texts(server: &Server, client: &mut Client) -> Result<(), String> {
    let answer = client.ask("REPORT", server.calendar(), XML, sync_names("").as_bytes())?;
    expect_status(&answer, &[207])?;
    let text = String::from_utf8_lossy(&answer.body).into_owned();
    let hrefs = text.split("href>").filter(|part| part.contains(".ics<"));
    let hrefs: Vec<String> = hrefs.filter_map(|part| part.split('<').next()).map(str::to_owned).collect();
    let mut found = 0;
    for some in hrefs.chunks(ROWS) {
        let answer = client.ask("REPORT", server.calendar(), XML, multiget(some).as_bytes())?;
        expect_status(&answer, &[207])?;
        found += String::from_utf8_lossy(&answer.body).matches("BEGIN:VEVENT").count();
    }
    if hrefs.is_empty() || found != hrefs.len() {
        return Err(format!("a CalDAV client got {found} texts of {}", hrefs.len()));
    }
    Ok(())
}

fn sync_names(token: &str) -> String {
    format!(
        "<?xml version=\"1.0\"?><sync-collection xmlns=\"DAV:\"><sync-token>{token}</sync-token>\
         <sync-level>1</sync-level><prop><getetag/></prop></sync-collection>"
    )
}

/// Asks these in turn, again and again for about three seconds, and tells the median of each in milliseconds. What else
/// the machine does meanwhile slows all of them.
fn in_turn<const N: usize>(
    mut asked: [&mut dyn FnMut() -> Result<(), String>; N],
    most: usize,
) -> Result<[f64; N], String> {
    let begun = Instant::now();
    let mut times = [const { Vec::new() }; N];
    while times.iter().all(Vec::is_empty)
        || (times.iter().any(|some| some.len() < most) && begun.elapsed() < Duration::from_secs(3))
    {
        for (one, times) in asked.iter_mut().zip(&mut times) {
            let begun = Instant::now();
            one()?;
            times.push(begun.elapsed().as_secs_f64() * 1000.0);
        }
    }
    Ok(times.map(|mut times| {
        times.sort_unstable_by(f64::total_cmp);
        times.get(times.len() / 2).copied().unwrap_or_default()
    }))
}

/// A first sync, once with numbers given and again with numbers known; beside one over CalDAV with the texts.
fn first_sync(server: &Server, size: usize, table: &mut Table) -> Result<Vec<Known>, String> {
    let mut client = server.client()?;
    let word = server.kind.word();
    let list = guid(&mut client, "default")?;
    let begun = Instant::now();
    let known = whole(&mut client, &list)?;
    let first = begun.elapsed().as_secs_f64() * 1000.0;
    if known.len() < size {
        return Err(format!("a first sync told {} rows of {size}", known.len()));
    }
    table.put(word, &format!("list: first sync of {size}, numbers given ms"), first, None);
    let body = "<?xml version=\"1.0\"?><sync-collection xmlns=\"DAV:\" xmlns:C=\"urn:ietf:params:xml:ns:caldav\">\
                <sync-token/><sync-level>1</sync-level><prop><getetag/><C:calendar-data/></prop></sync-collection>";
    let bytes = client.request("REPORT", server.calendar(), XML, body.as_bytes());
    let (mut one, mut two, mut three) = (server.client()?, server.client()?, server.client()?);
    let [again, client_like, report] = in_turn(
        [&mut || whole(&mut one, &list).map(drop), &mut || names_then_texts(server, &mut two), &mut || {
            three.send(&bytes).and_then(|answer| expect_status(&answer, &[207]))
        }],
        9,
    )?;
    table.put(word, &format!("list: first sync of {size} ms"), again, None);
    table.put(word, "list : DAV, first sync of a client", again / client_like, None);
    // All texts in one answer, without a page: no client asks so. To see what pages cost, not to be reached.
    table.put(word, "list : DAV, first sync in one report", again / report, None);
    Ok(known)
}

/// Ten changes among `size` events.
pub(super) fn delta(server: &Server, list: &str, size: usize, table: &mut Table) -> Result<(), String> {
    let mut client = server.client()?;
    let name = guid(&mut client, list)?;
    // The first page tells the token; nobody asked for the other rows yet.
    let text = ask(&mut client, &changes(&name, "", ""))?;
    let known = attributes(&text, "LastChangeToken").next().ok_or("no change token")?.to_owned();
    let path = format!("/dav/calendars/bench/{list}/");
    let seen = token(&mut client, &path)?;
    let mut hrefs = Vec::new();
    for n in 0..10 {
        let event = Event::new(n * (size / 10).max(1));
        hrefs.push(format!("{path}{}", event.name()));
        let text = event.text().replace("SUMMARY:", "SUMMARY:Listed ");
        let path = format!("{path}{}", event.name());
        let answer = client.ask("PUT", &path, "Content-Type: text/calendar\r\n", text.as_bytes())?;
        expect_status(&answer, &[200, 201, 204])?;
    }
    let body = changes(&name, "", &format!("<changeToken>{known}</changeToken>"));
    let found = ask(&mut client, &body)?.matches("<z:row ").count();
    if found < 10 {
        return Err(format!("a delta of ten told {found} rows"));
    }
    let rows = client.request("POST", SERVICE, SOAP, body.as_bytes());
    let dav = |body: String| client.request("REPORT", &path, XML, body.as_bytes());
    let (names, texts) = (dav(sync_names(&seen)), dav(multiget(&hrefs)));
    let (mut one, mut two, mut three) = (server.client()?, server.client()?, server.client()?);
    let send = |client: &mut Client, bytes: &[u8], status| {
        client.send(bytes).and_then(|answer| expect_status(&answer, &[status]))
    };
    let [rows, names, texts] = in_turn(
        [&mut || send(&mut one, &rows, 200), &mut || send(&mut two, &names, 207), &mut || {
            send(&mut three, &texts, 207)
        }],
        1_000,
    )?;
    let word = server.kind.word();
    table.put(word, &format!("list: delta of 10 changes in {size} ms"), rows, None);
    // A row is names and texts at once: a CalDAV client asks for both.
    table.put(
        word,
        &format!("list : DAV, delta of 10 in {size} with the texts"),
        rows / (names + texts),
        None,
    );
    table.put(word, &format!("list : DAV, delta of 10 in {size} without"), rows / names, None);
    Ok(())
}

/// A thousand rows changed in batches, beside as many PUTs over eight connections.
fn updates(server: &Server, known: &[Known], table: &mut Table) -> Result<(), String> {
    let mut client = server.client()?;
    let list = guid(&mut client, "default")?;
    let (before, begun) = (server.cpu_seconds()?, Instant::now());
    let mut done = 0;
    for batch in known.chunks(ROWS).take(UPDATES / ROWS) {
        let methods = batch.iter().enumerate().map(|(nth, (number, _))| {
            format!(
                "<Method ID=\"{nth}\" Cmd=\"Update\"><Field Name=\"ID\">{number}</Field>\
                 <Field Name=\"Location\">Room {number}</Field></Method>"
            )
        });
        let methods: String = methods.collect();
        let inside = format!(
            "<listName>{list}</listName><updates><Batch xmlns=\"\" OnError=\"Continue\" DateInUtc=\"TRUE\">{methods}</Batch></updates>"
        );
        let text = ask(&mut client, &envelope("UpdateListItems", &inside))?;
        done += text.matches("<ErrorCode>0x00000000</ErrorCode>").count();
    }
    let seconds = begun.elapsed().as_secs_f64();
    let wanted = UPDATES.min(known.len() / ROWS * ROWS);
    if done < wanted * 9 / 10 {
        return Err(format!("of {wanted} rows {done} were written"));
    }
    let cpu = (server.cpu_seconds()? - before) * 1000.0 / done.max(1) as f64;
    let rate = done as f64 / seconds;
    table.put(server.kind.word(), "list: rows changed in batches of 100 /s", rate, Some(cpu));
    let clients = (0..8).map(|_| server.client()).collect::<Result<Vec<_>, _>>()?;
    let make = |thread: usize, n: usize| {
        let event = Event::new(thread * 1_000 + n % 1_000);
        let path = format!("{}{}", server.scratch("puts"), event.name());
        client.request("PUT", &path, "Content-Type: text/calendar\r\n", event.text().as_bytes())
    };
    let puts = hammer(clients, Duration::from_secs(2), &make, &[201, 204])?;
    table.put(server.kind.word(), "list : DAV, a row changed", puts.rate() / rate, None);
    Ok(())
}
