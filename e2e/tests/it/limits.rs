//! One over each limit: the status, the precondition, and the limit's own name in the answer, so that an administrator
//! can find it in `kontor.toml`.

use kontor_testkit::{Answer, Client, Server};

use crate::office::{ANNA, CALENDAR, CARDS, card, component, configured, event};

const HOME: &str = "/dav/calendars/anna";

/// Small, so that it takes little to go beyond.
const SMALL: &str = "
[limits]
max_item_size = 2000
max_property_size = 100
max_properties = 3
max_collections = 4
max_attendees = 2
max_copy_items = 2
max_app_passwords = 1

[dav]
max_xml_bytes = 3000
max_xml_depth = 10
max_xml_elements = 100
max_xml_attributes = 5
max_xml_text = 500
max_xml_name = 50
max_asked_properties = 16
max_conditions = 4
max_report_items = 4
max_expansion_days = 30
";

fn xml(anna: &Client, method: &str, depth: &str, body: &str) -> Answer {
    anna.ask(method, CALENDAR, &[("Depth", depth), ("Content-Type", "application/xml")], body.as_bytes())
}

fn put(anna: &Client, text: &str) -> Answer {
    anna.ask("PUT", &format!("{CALENDAR}over.ics"), &[("Content-Type", "text/calendar")], text.as_bytes())
}

/// Refused with this status and precondition (if there is one for it), for a reason that holds these words.
#[track_caller]
fn refused(answer: &Answer, status: u16, condition: &str, words: &str) {
    let text = answer.text();
    assert_eq!(answer.status, status, "{text}");
    assert!(condition.is_empty() || text.contains(&format!(":{condition}/>")), "no {condition} in {text}");
    assert!(text.contains(words), "no {words} in {text}");
    assert!(answer.header("x-request-id").is_some() || status == 207, "{answer:?}");
}

#[test]
fn an_item_beyond_a_limit_is_refused_by_name() {
    let server = configured(SMALL, &[ANNA]);
    let anna = server.client_of(ANNA);
    let long =
        component("VEVENT", "over", &format!("DTSTART:20260302T100000Z\r\nSUMMARY:{}\r\n", "x".repeat(2000)));
    refused(&put(&anna, &long), 403, "max-resource-size", "max_item_size = 2000");
    let many: String = (0..3).map(|n| format!("ATTENDEE:mailto:a{n}@example.org\r\n")).collect();
    let many = component("VEVENT", "over", &format!("DTSTART:20260302T100000Z\r\n{many}"));
    refused(&put(&anna, &many), 403, "max-attendees-per-instance", "max_attendees = 2");
    let photo = card("over", "x").replace("END:VCARD", &format!("NOTE:{}\r\nEND:VCARD", "x".repeat(2000)));
    let answer =
        anna.ask("PUT", &format!("{CARDS}over.vcf"), &[("Content-Type", "text/vcard")], photo.as_bytes());
    refused(&answer, 403, "max-resource-size", "max_item_size = 2000");
    assert_eq!(anna.members(CALENDAR), Vec::<String>::new(), "what was refused is not there");
    assert_eq!(anna.members(CARDS), Vec::<String>::new());
}

#[test]
fn a_collection_beyond_a_limit_is_refused_by_name() {
    let server = configured(SMALL, &[ANNA]);
    let anna = server.client_of(ANNA);
    let set = |name: &str, value: &str| {
        let ask = format!(
            "<propertyupdate xmlns=\"DAV:\"><set><prop><{name} xmlns=\"urn:x\">{value}</{name}></prop></set></propertyupdate>"
        );
        xml(&anna, "PROPPATCH", "0", &ask)
    };
    refused(&set("long", &"y".repeat(101)), 207, "", "max_property_size");
    assert!(set("long", "y").text().contains("200 OK"), "its name is as good as before");
    set("second", "y");
    refused(&set("third", "y"), 403, "", "max_properties = 3");
    let made = anna.ask("MKCALENDAR", &format!("{HOME}/fourth/"), &[], b"");
    assert_eq!(made.status, 201, "{}", made.text());
    refused(&anna.ask("MKCALENDAR", &format!("{HOME}/fifth/"), &[], b""), 403, "", "max_collections = 4");
    for n in 0..3 {
        anna.put(&format!("{CALENDAR}{n}.ics"), &event(&n.to_string(), "20260302T100000Z", "x"));
    }
    anna.delete(&format!("{HOME}/fourth/"));
    let target = server.url(&format!("{HOME}/copy/"));
    let copied = anna.ask("COPY", CALENDAR, &[("Destination", &target), ("Depth", "infinity")], b"");
    refused(&copied, 403, "", "max_copy_items = 2");
    assert_eq!(anna.ask("GET", &format!("{HOME}/copy/"), &[], b"").status, 404);
    server.command(&["app-password", "create", "anna", "--label", "one"]);
    let second = server.try_command(&["app-password", "create", "anna", "--label", "two"], "");
    assert!(second.code == Some(1) && second.complained.contains("max_app_passwords = 1"), "{second:?}");
}

#[test]
fn xml_beyond_a_limit_is_refused_where_it_goes_beyond() {
    let server = configured(SMALL, &[ANNA]);
    let anna = server.client_of(ANNA);
    let check = |inside: &str, status: u16, condition: &str, words: &str| {
        let body = format!("<propfind xmlns=\"DAV:\"><prop>{inside}</prop></propfind>");
        refused(&xml(&anna, "PROPFIND", "0", &body), status, condition, words);
    };
    check(&" ".repeat(3000), 413, "", "too large");
    check(&("<a>".repeat(9) + &"</a>".repeat(9)), 413, "", "deeper than 10");
    check(&"<a/>".repeat(100), 413, "", "100 at line 1");
    check("<a b='' c='' d='' e='' f='' g=''/>", 413, "", "limit of 5");
    check(&format!("<a>{}</a>", "t".repeat(501)), 413, "", "limit of 500");
    check(&format!("<{}/>", "n".repeat(51)), 413, "", "limit of 50");
    let many: String = (0..17).map(|n| format!("<a{n}/>")).collect();
    check(&many, 413, "", "max_asked_properties = 16");
    check("<x:a/>", 400, "", "prefix \"x\" is not declared");
    for (entity, uses) in
        [("<!ENTITY a 'b'>", "&a;"), ("<!ENTITY a SYSTEM 'file:///etc/passwd'>", "&a;"), ("", "")]
    {
        let body =
            format!("<!DOCTYPE p [{entity}]><propfind xmlns=\"DAV:\"><prop><a>{uses}</a></prop></propfind>");
        refused(&xml(&anna, "PROPFIND", "0", &body), 403, "no-external-entities", "document type");
    }
    check("<a>&a;</a>", 400, "", "entity");
    let finite = xml(&anna, "PROPFIND", "infinity", "<propfind xmlns=\"DAV:\"><allprop/></propfind>");
    refused(&finite, 403, "propfind-finite-depth", "Depth");
}

/// A calendar-query with this data and this filter inside of the calendar.
fn query(anna: &Client, data: &str, filter: &str) -> Answer {
    let body = format!(
        "<c:calendar-query xmlns=\"DAV:\" xmlns:c=\"urn:ietf:params:xml:ns:caldav\"><prop><getetag/>{data}</prop>\
         <c:filter><c:comp-filter name=\"VCALENDAR\">{filter}</c:comp-filter></c:filter></c:calendar-query>"
    );
    xml(anna, "REPORT", "1", &body)
}

const EVENTS: &str = "<c:comp-filter name=\"VEVENT\"/>";

#[test]
fn a_report_beyond_a_limit_is_refused_or_cut_by_name() {
    let server = configured(SMALL, &[ANNA]);
    let anna = server.client_of(ANNA);
    for n in 0..6 {
        anna.put(&format!("{CALENDAR}{n}.ics"), &event(&n.to_string(), "20260302T100000Z", "x"));
    }
    refused(&query(&anna, "", EVENTS), 403, "number-of-matches-within-limits", "max_report_items = 4");
    for n in 0..6 {
        anna.put(&format!("{CARDS}{n}.vcf"), &card(&n.to_string(), "x"));
    }
    let people = "<a:addressbook-query xmlns=\"DAV:\" xmlns:a=\"urn:ietf:params:xml:ns:carddav\"><prop><getetag/></prop>\
                  <a:filter/></a:addressbook-query>";
    let cut = anna.ask("REPORT", CARDS, &[("Depth", "1")], people.as_bytes());
    assert_eq!(cut.text().matches("getetag>\"").count(), 4, "{}", cut.text());
    refused(&cut, 207, "number-of-matches-within-limits", "507");
    let all = "<c:calendar-multiget xmlns=\"DAV:\" xmlns:c=\"urn:ietf:params:xml:ns:caldav\"><prop><getetag/></prop>";
    let hrefs: String = (0..5).map(|n| format!("<href>{CALENDAR}{n}.ics</href>")).collect();
    let multiget = xml(&anna, "REPORT", "1", &format!("{all}{hrefs}</c:calendar-multiget>"));
    refused(&multiget, 403, "number-of-matches-within-limits", "max_report_items = 4");
    let span = "start=\"20260101T000000Z\" end=\"20270101T000000Z\"";
    let expanded = query(&anna, &format!("<c:calendar-data><c:expand {span}/></c:calendar-data>"), EVENTS);
    refused(&expanded, 403, "number-of-matches-within-limits", "max_expansion_days = 30");
    let busy = format!(
        "<c:free-busy-query xmlns:c=\"urn:ietf:params:xml:ns:caldav\"><c:time-range {span}/></c:free-busy-query>"
    );
    refused(
        &xml(&anna, "REPORT", "1", &busy),
        403,
        "number-of-matches-within-limits",
        "max_expansion_days = 30",
    );
    let conditions: String = (0..5).map(|n| format!("<c:prop-filter name=\"X-{n}\"/>")).collect();
    let filtered = query(&anna, "", &format!("<c:comp-filter name=\"VEVENT\">{conditions}</c:comp-filter>"));
    refused(&filtered, 403, "supported-filter", "max_conditions = 4");
}

/// What one query may find at all, and how often one series may occur: that one alone is left out, and named.
#[test]
fn a_query_that_finds_too_much_is_refused_by_name() {
    let server = configured("[limits]\nmax_query_items = 3\nmax_occurrences = 50\n", &[ANNA]);
    let anna = server.client_of(ANNA);
    let every_second = "DTSTART:20260302T100000Z\r\nRRULE:FREQ=SECONDLY\r\n";
    anna.put(
        &format!("{CALENDAR}s.ics"),
        &component("VEVENT", "s", &format!("{every_second}DTSTAMP:20260101T000000Z\r\n")),
    );
    let span = "start=\"20260302T000000Z\" end=\"20260304T000000Z\"";
    let within = format!("<c:comp-filter name=\"VEVENT\"><c:time-range {span}/></c:comp-filter>");
    let expanded = query(&anna, &format!("<c:calendar-data><c:expand {span}/></c:calendar-data>"), &within);
    refused(&expanded, 207, "max-instances", "507");
    anna.delete(&format!("{CALENDAR}s.ics"));
    for n in 0..4 {
        anna.put(&format!("{CALENDAR}{n}.ics"), &event(&n.to_string(), "20260302T100000Z", "x"));
    }
    refused(&query(&anna, "", EVENTS), 403, "number-of-matches-within-limits", "max_query_items = 3");
}

/// The line and the reason, for whoever has to find out what a client sent.
#[test]
fn bad_texts_are_refused_with_line_and_reason() {
    let server = Server::start(&[ANNA]);
    let anna = server.client_of(ANNA);
    let check = |text: &str, condition: &str, words: &str| refused(&put(&anna, text), 403, condition, words);
    let bad = |line: &str| component("VEVENT", "bad", &format!("DTSTART:20260302T100000Z\r\n{line}\r\n"));
    check("hello", "valid-calendar-data", "line 1: there is no VCALENDAR");
    check(&bad("RRULE:FREQ=NEVER"), "valid-calendar-data", "line 7: ");
    check(&bad("DTEND:tomorrow"), "valid-calendar-data", "line 7: DTEND");
    check(&bad("").replace("END:VEVENT\r\n", ""), "valid-calendar-data", "line 4: ");
    check(&bad("").replace("UID:bad\r\n", ""), "valid-calendar-object-resource", "line 4: ");
    check(
        &bad("").replace("VERSION", "METHOD:REQUEST\r\nVERSION"),
        "valid-calendar-object-resource",
        "line 2: ",
    );
    check(&bad("").replace("VEVENT", "VTODO"), "supported-calendar-component", "line 4: ");
    let cards = |text: &str, condition: &str, words: &str| {
        let path = format!("{CARDS}bad.vcf");
        let answer = anna.ask("PUT", &path, &[("Content-Type", "text/vcard")], text.as_bytes());
        refused(&answer, 403, condition, words);
    };
    cards(&card("bad", "x").replace("FN:x\r\n", ""), "valid-address-data", "line 1: card has no FN");
    cards(&card("bad", "x").replace("3.0", "9.9"), "valid-address-data", "line 2: ");
}
