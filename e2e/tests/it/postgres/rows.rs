//! Rows that no Kontor writes: whatever stands in a column, nothing panics, and with the right rows all is well again.

use kontor_testkit::{Client, Postgres, Server, Visitor};

use super::PATIENCE;
use crate::office::{ANNA, CALENDAR, CARDS, card, component, configured_on, event};

const NUMBERS: [&str; 3] = ["9223372036854775807", "-9223372036854775807", "-1"];
const TEXTS: [&str; 3] = ["''", "repeat(U&'\\00e4\\0301\\202e', 2000)", "E'../a\\r\\nb\\tc'"];
const BYTES: [&str; 2] = ["'\\x'", "decode(repeat('ff7f', 5000), 'hex')"];

/// Nobody waits for having guessed.
const MILD: &str = "[sign_in]\nthrottle_exempt = [\"127.0.0.0/8\"]\n";

const QUERY: &str = "<c:calendar-query xmlns=\"DAV:\" xmlns:c=\"urn:ietf:params:xml:ns:caldav\"><prop><getetag/><c:calendar-data>\
    <c:expand start=\"20260301T000000Z\" end=\"20260401T000000Z\"/></c:calendar-data></prop><c:filter>\
    <c:comp-filter name=\"VCALENDAR\"><c:comp-filter name=\"VEVENT\"><c:time-range start=\"20260301T000000Z\" \
    end=\"20260401T000000Z\"/></c:comp-filter></c:comp-filter></c:filter></c:calendar-query>";
const SEARCH: &str = "<a:addressbook-query xmlns=\"DAV:\" xmlns:a=\"urn:ietf:params:xml:ns:carddav\"><prop><getetag/></prop><a:filter>\
    <a:prop-filter name=\"FN\"><a:text-match>car</a:text-match></a:prop-filter></a:filter></a:addressbook-query>";
const BUSY: &str = "<c:free-busy-query xmlns:c=\"urn:ietf:params:xml:ns:caldav\"><c:time-range start=\"20260301T000000Z\" \
    end=\"20260401T000000Z\"/></c:free-busy-query>";
const SYNC: &str = "<sync-collection xmlns=\"DAV:\"><sync-token/><sync-level>1</sync-level><prop><getetag/><getlastmodified/>\
    <creationdate/></prop></sync-collection>";
const ALL: &str = "<propfind xmlns=\"DAV:\"><allprop/></propfind>";
const NAME: &str = "<propertyupdate xmlns=\"DAV:\"><set><prop><displayname>x</displayname><x xmlns=\"urn:x\">y</x></prop></set></propertyupdate>";

/// One row or more in most tables.
fn furnish(anna: &Client) {
    let series = "DTSTART:20260302T100000Z\r\nDURATION:PT1H\r\nRRULE:FREQ=DAILY;COUNT=9\r\nDTSTAMP:20260101T000000Z\r\n";
    anna.put(&format!("{CALENDAR}a.ics"), &component("VEVENT", "a", series));
    anna.put(&format!("{CALENDAR}b.ics"), &event("b", "20260303T100000Z", "b"));
    anna.put(&format!("{CALENDAR}gone.ics"), &event("gone", "20260303T100000Z", "x"));
    anna.delete(&format!("{CALENDAR}gone.ics"));
    anna.put(&format!("{CARDS}c.vcf"), &card("c", "Carla"));
    for path in [CALENDAR.to_owned(), format!("{CALENDAR}a.ics")] {
        assert_eq!(anna.ask("PROPPATCH", &path, &[], NAME.as_bytes()).status, 207);
    }
}

/// Reads and writes in all ways; what comes of it matters only in that something comes.
fn use_all(node: &Server) {
    let anna = node.client_of(ANNA);
    let item = format!("{CALENDAR}a.ics");
    let requests = [
        ("GET", item.as_str(), "0", String::new()),
        ("PROPFIND", "/dav/calendars/anna/", "1", ALL.to_owned()),
        ("PROPFIND", CALENDAR, "1", ALL.to_owned()),
        ("PROPFIND", "/dav/principals/anna/", "0", ALL.to_owned()),
        ("REPORT", CALENDAR, "1", QUERY.to_owned()),
        ("REPORT", CALENDAR, "1", BUSY.to_owned()),
        ("REPORT", CALENDAR, "0", SYNC.to_owned()),
        ("REPORT", CARDS, "1", SEARCH.to_owned()),
        ("PUT", item.as_str(), "0", event("a", "20260304T100000Z", "changed")),
        ("PROPPATCH", CALENDAR, "0", NAME.to_owned()),
        ("DELETE", item.as_str(), "0", String::new()),
    ];
    for (method, path, depth, body) in requests {
        let kind = if method == "PUT" { "text/calendar" } else { "text/xml" };
        anna.ask(method, path, &[("Depth", depth), ("Content-Type", kind)], body.as_bytes());
    }
}

/// Tables and columns with their types, of those that have rows.
fn columns(visitor: &mut Visitor) -> Vec<(String, String, String)> {
    let all = visitor.say(
        "SELECT string_agg(table_name || ' ' || column_name || ' ' || data_type, ',' ORDER BY table_name, column_name) \
         FROM information_schema.columns WHERE table_schema = 'public' AND table_name NOT LIKE 'kontor%'",
    );
    let columns = all.split(',').map(|one| {
        let mut words = one.split(' ').map(str::to_owned);
        (words.next().unwrap(), words.next().unwrap(), words.next().unwrap())
    });
    columns.collect()
}

/// Says what may fail: a value that a key has already.
fn quietly(visitor: &mut Visitor, sql: &str) {
    visitor.say(&format!("DO $$ BEGIN {sql}; EXCEPTION WHEN OTHERS THEN NULL; END $$; SELECT 'said'"));
}

#[test]
fn odd_rows_are_no_reason_to_panic() {
    let database = Postgres::start("odd");
    let url = database.create("kontor");
    let node = configured_on(Server::node(&url), MILD, &[ANNA]);
    furnish(&node.client_of(ANNA));
    let mut visitor = database.visitor("kontor").unwrap();
    let columns = columns(&mut visitor);
    assert!(columns.len() > 80, "{columns:?}");
    let mut tables: Vec<&str> = columns.iter().map(|(table, _, _)| table.as_str()).collect();
    tables.dedup();
    visitor.say("CREATE SCHEMA saved; SELECT 'made'");
    for table in &tables {
        visitor.say(&format!("CREATE TABLE saved.{table} AS TABLE public.{table}; SELECT 'made'"));
    }
    let restore: String = tables
        .iter()
        .map(|table| {
            format!("TRUNCATE public.{table}; INSERT INTO public.{table} SELECT * FROM saved.{table}; ")
        })
        .collect();
    for (at, (table, column, kind)) in columns.iter().enumerate() {
        let values: &[&str] = match kind.as_str() {
            "bigint" => &NUMBERS,
            "text" => &TEXTS,
            _ => &BYTES,
        };
        for value in values {
            quietly(&mut visitor, &format!("UPDATE public.{table} SET {column} = {value}"));
            let first = format!("(SELECT min(ctid) FROM public.{table})");
            quietly(
                &mut visitor,
                &format!("UPDATE public.{table} SET {column} = {value} WHERE ctid = {first}"),
            );
            // Nothing of before is remembered.
            quietly(&mut visitor, "UPDATE public.account_state SET shelf = shelf + 1");
            use_all(&node);
            assert!(!node.said().contains("a panic"), "{table}.{column} = {value}\n{}", node.said());
            visitor.say(&format!("BEGIN; {restore} COMMIT; SELECT 'restored'"));
        }
        if at % 40 == 0 {
            kontor_testkit::until("all to be as before", PATIENCE, || {
                let answer = node.client_of(ANNA).ask("GET", &format!("{CALENDAR}b.ics"), &[], b"");
                (answer.status == 200).then_some(())
            });
        }
    }
}
