//! Rows of the list door before and after a move, a backup and a restore: same numbers, GUIDs, versions; tokens go on.

use super::client::{CALENDAR, event};
use super::{empty, place, server_on, start_on};
use crate::house::{ANNA, binary, command, finish, kontor};
use kontor_testkit::{Engine, Server};
use std::collections::BTreeMap;
use std::path::PathBuf;

const SERVICE: &str = "/lists/_vti_bin/Lists.asmx";

/// What Outlook keeps of a list: GUID, token, and of each row number, GUID and version by its title.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Kept {
    list: String,
    token: String,
    rows: BTreeMap<String, (String, String, String)>,
    gone: Vec<String>,
}

fn all<'t>(text: &'t str, before: &str, after: &str) -> Vec<&'t str> {
    text.split(before).skip(1).filter_map(|rest| rest.split(after).next()).collect()
}

fn ask(server: &Server, operation: &str, inside: &str) -> String {
    let body = format!(
        "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Body><{operation} \
         xmlns=\"http://schemas.microsoft.com/sharepoint/soap/\">{inside}</{operation}></s:Body></s:Envelope>"
    );
    let headers = [("Content-Type", "text/xml; charset=utf-8")];
    let answer = server.client_of(ANNA).ask("POST", SERVICE, &headers, body.as_bytes());
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.text()
}

/// What changed since a token; everything without one.
fn since(server: &Server, list: &str, token: &str) -> Kept {
    let inside = format!(
        "<listName>{list}</listName><rowLimit>1000</rowLimit><queryOptions><QueryOptions xmlns=\"\"><DateInUtc>TRUE\
         </DateInUtc></QueryOptions></queryOptions><changeToken>{token}</changeToken>"
    );
    let told = ask(server, "GetListItemChangesSinceToken", &inside);
    let row = |row: &str| {
        let field = |name: &str| all(row, &format!(" ows_{name}=\""), "\"")[0].to_owned();
        let ids = (field("ID"), field("UniqueId"), field("owshiddenversion"));
        (format!("{} {}", field("Title"), field("EventDate")), ids)
    };
    Kept {
        list: list.to_owned(),
        token: all(&told, "LastChangeToken=\"", "\"")[0].to_owned(),
        rows: all(&told, "<z:row", "/>").into_iter().map(row).collect(),
        gone: all(&told, "<Id ChangeType=\"", "</Id>").into_iter().map(str::to_owned).collect(),
    }
}

fn update(server: &Server, list: &str, method: &str) -> String {
    let inside = format!(
        "<listName>{list}</listName><updates><Batch xmlns=\"\" OnError=\"Continue\" DateInUtc=\"TRUE\">{method}</Batch></updates>"
    );
    ask(server, "UpdateListItems", &inside)
}

/// A calendar that was lived in: what Outlook knew early, and what it knows in the end.
fn lived_in(server: &Server) -> (Kept, Kept) {
    let client = server.client_of(ANNA);
    for n in 0..6 {
        client.put(&format!("{CALENDAR}{n}.ics"), &event(&format!("{n}.ics"), &format!("event {n}")));
    }
    let series = event("series.ics", "series")
        .replace("SUMMARY", "RRULE:FREQ=WEEKLY\r\nEXDATE:20260108T100000Z,20260122T100000Z\r\nSUMMARY");
    client.put(&format!("{CALENDAR}series.ics"), &series);
    let lists = ask(server, "GetListCollection", "");
    let calendar =
        all(&lists, "<List ", ">").into_iter().find(|list| list.contains("ServerTemplate=\"106\""));
    let list = all(calendar.unwrap(), " ID=\"", "\"")[0].to_owned();
    let early = since(server, &list, "");
    client.put(&format!("{CALENDAR}1.ics"), &event("1.ics", "event 1, later"));
    client.delete(&format!("{CALENDAR}2.ics"));
    let late = since(server, &list, "");
    assert_eq!(late.rows.len(), 8, "{late:?}");
    (early, late)
}

/// Everything is as it was, and what Outlook does goes on.
fn goes_on(server: &Server, early: &Kept, late: &Kept) {
    let fresh = since(server, &late.list, "");
    assert_eq!(fresh.rows, late.rows, "numbers, GUIDs and versions");
    let nothing = since(server, &late.list, &late.token);
    assert!(nothing.rows.is_empty() && nothing.gone.is_empty(), "{nothing:?}");
    let delta = since(server, &late.list, &early.token);
    let title = |rows: &Kept| {
        rows.rows.keys().map(|key| key.split(" 20").next().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(title(&delta), ["event 1, later"]);
    let (gone, ..) = &early.rows["event 2 2026-01-01T10:00:00Z"];
    assert_eq!(delta.gone, [format!("Delete\">{gone}")]);
    // The version of before holds, once; and what is made new gets a number that nothing had.
    let (number, _, version) = &late.rows["event 3 2026-01-01T10:00:00Z"];
    let change = format!(
        "<Method ID=\"1\" Cmd=\"Update\"><Field Name=\"ID\">{number}</Field><Field Name=\"owshiddenversion\">{version}</Field>\
         <Field Name=\"Title\">mine</Field></Method>"
    );
    assert!(update(server, &late.list, &change).contains("<ErrorCode>0x00000000<"));
    assert!(update(server, &late.list, &change).contains("<ErrorCode>0x81020015<"));
    let made = "<Method ID=\"1\" Cmd=\"New\"><Field Name=\"Title\">new</Field>\
                <Field Name=\"EventDate\">2030-01-01T10:00:00Z</Field></Method>";
    let made = update(server, &late.list, made);
    let number: i64 = all(&made, " ows_ID=\"", "\"")[0].parse().unwrap();
    let most =
        early.rows.values().chain(late.rows.values()).map(|(number, ..)| number.parse::<i64>().unwrap());
    assert!(number > most.max().unwrap(), "{number}");
}

fn moved(from: Engine, to: Engine) {
    let mut server = server_on(from, &[ANNA]);
    let (early, late) = lived_in(&server);
    let (from, to) = (place(&server), empty(to, &server));
    server.stop();
    kontor(&server.data(), &["store", "copy", &from, &to]).done();
    start_on(&mut server, &to);
    goes_on(&server, &early, &late);
}

fn restored(from: Engine, to: Engine) {
    let mut server = server_on(from, &[ANNA]);
    let (early, late) = lived_in(&server);
    let file = server.data().with_file_name("lists.backup");
    kontor(&server.data(), &["backup", file.to_str().unwrap()]).done();
    // What comes now will be lost, and Outlook sees it come.
    let client = server.client_of(ANNA);
    client.put(&format!("{CALENDAR}3.ics"), &event("3.ics", "event 3, lost"));
    let lost = since(&server, &late.list, "");
    server.kill();

    let place = empty(to, &server);
    let mut elsewhere = Server::of(binary(), &[]);
    elsewhere.stop();
    let is_database = place.starts_with("postgres");
    let target: Vec<&str> = if is_database { vec!["--store", &place] } else { vec![] };
    let data = if is_database { elsewhere.data() } else { PathBuf::from(&place) };
    let args = [&target[..], &["restore", file.to_str().unwrap()]].concat();
    finish(&mut command(&data, &args), "").done();
    start_on(&mut elsewhere, &place);
    let refused = since(&elsewhere, &late.list, &lost.token);
    assert!(refused.rows.is_empty() && refused.gone[0].starts_with("InvalidToken"), "{refused:?}");
    goes_on(&elsewhere, &early, &late);
    // The version that somebody saw in the course of events that is lost is no version of what came after.
    let (number, _, seen) = &lost.rows["event 3, lost 2026-01-01T10:00:00Z"];
    let now = since(&elsewhere, &late.list, "");
    assert!(now.rows.values().all(|(other, _, version)| other != number || version != seen), "{now:?}");
}

#[test]
fn outlook_notices_nothing_of_a_move() {
    moved(Engine::Sqlite, Engine::Postgres);
    moved(Engine::Postgres, Engine::Sqlite);
}

#[test]
fn outlook_goes_on_after_a_restore() {
    restored(Engine::Sqlite, Engine::Postgres);
    restored(Engine::Postgres, Engine::Sqlite);
}
