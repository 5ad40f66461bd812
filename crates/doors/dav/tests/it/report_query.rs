//! CALDAV:calendar-query: what is found and what is not.

use crate::report_scene::*;
use crate::scene::Scene;
use kontor_door_dav::Settings;
use kontor_groupware::Policy;
use kontor_model::Role;

fn event(inside: &str) -> String {
    comp("VEVENT", inside)
}

fn in_december(from: &str, to: &str) -> String {
    let at = |text: &str| if text.is_empty() { String::new() } else { format!("202612{text}Z") };
    event(&range(&at(from), &at(to)))
}

#[tokio::test]
async fn the_ends_of_a_range_are_where_the_table_says() {
    let scene = Scene::new().await;
    scene.calendar("one", &vevent("one", "DTSTART:20261201T100000Z\nDTEND:20261201T110000Z")).await;
    scene.calendar("moment", &vevent("moment", "DTSTART:20261201T120000Z")).await;
    scene.calendar("none", &vevent("none", "DTSTART:20261201T130000Z\nDURATION:PT0S")).await;
    let check = async |from: &str, to: &str, expect: &str| {
        assert_eq!(scene.found(&in_december(from, to)).await, expect, "{from} {to}");
    };
    check("01T090000", "01T100000", "").await;
    check("01T090000", "01T100001", "one").await;
    check("01T105959", "01T113000", "one").await;
    check("01T110000", "01T113000", "").await;
    check("01T120000", "01T120001", "moment").await;
    check("01T115900", "01T120000", "").await;
    check("01T120001", "01T130000", "").await;
    check("01T130000", "01T130001", "none").await;
    check("01T110000", "", "moment none").await;
    check("", "01T110000", "one").await;
    check("", "01T120001", "moment one").await;
    assert_eq!(scene.found("").await, "moment none one");
    assert_eq!(scene.found(&event("")).await, "moment none one");
    assert_eq!(scene.found(&comp("VTODO", "")).await, "");
    assert_eq!(scene.found(&comp("VTODO", "<C:is-not-defined/>")).await, "moment none one");
    assert_eq!(scene.found(&event("<C:is-not-defined/>")).await, "");
}

#[tokio::test]
async fn a_month_does_not_forget_what_recurs() {
    let scene = Scene::new().await;
    let series = "DTSTART;TZID=Europe/Berlin:20200106T090000\nDTEND;TZID=Europe/Berlin:20200106T100000\n\
                  RRULE:FREQ=WEEKLY\nEXDATE;TZID=Europe/Berlin:20261214T090000";
    let moved = "RECURRENCE-ID;TZID=Europe/Berlin:20261207T090000\n\
                 DTSTART;TZID=Europe/Berlin:20261209T150000\nDURATION:PT1H";
    scene.calendar("weekly", &format!("{}{}", vevent("weekly", series), vevent("weekly", moved))).await;
    scene.calendar("ended", &vevent("ended", "DTSTART:20200101T090000Z\nRRULE:FREQ=DAILY;COUNT=10")).await;
    scene.calendar("yearly", &vevent("yearly", "DTSTART;VALUE=DATE:19801224\nRRULE:FREQ=YEARLY")).await;
    scene.calendar("dates", &vevent("dates", "DTSTART:20260101T090000Z\nRDATE:20261231T230000Z")).await;
    let check = async |from: &str, to: &str, expect: &str| {
        assert_eq!(scene.found(&in_december(from, to)).await, expect, "{from} {to}");
    };
    check("01T000000", "31T235959", "dates weekly yearly").await;
    check("07T000000", "08T000000", "").await;
    check("09T140000", "09T150000", "weekly").await;
    check("09T150000", "09T160000", "").await;
    check("14T000000", "15T000000", "").await;
    check("21T080000", "21T090000", "weekly").await;
    check("21T090000", "21T100000", "").await;
    check("24T120000", "24T120001", "yearly").await;
    check("31T230000", "31T230001", "dates").await;
    let far = scene.found(&event(&range("20990101T000000Z", "20990201T000000Z"))).await;
    assert_eq!(far, "weekly");
    let before = scene.found(&event(&range("", "20200106T080000Z"))).await;
    assert_eq!(before, "ended yearly");
}

/// A VTIMEZONE of a fixed offset, as clients send it.
fn zone(offset: &str) -> String {
    object(&format!(
        "BEGIN:VTIMEZONE\nTZID:Office\nBEGIN:STANDARD\nDTSTART:19700101T000000\nTZOFFSETFROM:{offset}\n\
         TZOFFSETTO:{offset}\nEND:STANDARD\nEND:VTIMEZONE"
    ))
}

#[tokio::test]
async fn floating_times_and_days_lie_in_the_zone_of_request_collection_or_utc() {
    let scene = Scene::new().await;
    scene.calendar("floating", &vevent("floating", "DTSTART:20261201T230000\nDTEND:20261201T233000")).await;
    scene.calendar("day", &vevent("day", "DTSTART;VALUE=DATE:20261203")).await;
    let check = async |zone: &str, from: &str, to: &str, expect: &str| {
        let body = query("", &in_december(from, to)).replace("</C:calendar-query>", "");
        let reply = scene.report(CALENDAR, &format!("{body}{zone}</C:calendar-query>")).await.is(207);
        assert_eq!(reply.names(), expect, "{zone} {from} {to}");
    };
    check("", "01T230000", "01T230001", "floating").await;
    check("", "03T000000", "03T000001", "day").await;
    check("", "02T230000", "03T000000", "").await;
    let asked = format!("<C:timezone>{}</C:timezone>", zone("-0500").replace("\r\n", "&#13;\n"));
    check(&asked, "02T040000", "02T040001", "floating").await;
    check(&asked, "01T230000", "01T230001", "").await;
    check(&asked, "03T040000", "03T050000", "").await;
    check(&asked, "04T045959", "04T050000", "day").await;
    let named = "<C:timezone-id>Asia/Tokyo</C:timezone-id>";
    check(named, "01T140000", "01T140001", "floating").await;
    check(named, "02T150000", "02T150001", "day").await;
    let set = format!(
        "<propertyupdate xmlns='DAV:'><set><prop><calendar-timezone xmlns='urn:ietf:params:xml:ns:caldav'>{}\
         </calendar-timezone></prop></set></propertyupdate>",
        zone("+0900")
    );
    scene.anna(&format!("PROPPATCH {CALENDAR}\n\n{set}")).await.is(207).has("200 OK");
    check("", "01T140000", "01T140001", "floating").await;
    check("", "01T230000", "01T230001", "").await;
    check(&asked, "02T040000", "02T040001", "floating").await;
    for (zone, name) in [
        ("<C:timezone>nonsense</C:timezone>", "<C:valid-calendar-data/>"),
        ("<C:timezone-id>Nowhere/Land</C:timezone-id>", "<C:valid-timezone/>"),
    ] {
        let body = query("", "").replace("</C:calendar-query>", "");
        scene.report(CALENDAR, &format!("{body}{zone}</C:calendar-query>")).await.is(403).has(name);
    }
}

fn prop(name: &str, inside: &str) -> String {
    event(&format!("<C:prop-filter name=\"{name}\">{inside}</C:prop-filter>"))
}

fn text(attributes: &str, text: &str) -> String {
    format!("<C:text-match {attributes}>{text}</C:text-match>")
}

#[tokio::test]
async fn text_is_matched_as_its_collation_says() {
    let scene = Scene::new().await;
    let start = "DTSTART:20261201T100000Z";
    scene.calendar("gate", &vevent("gate", &format!("{start}\nSUMMARY:Am Gärtnertor\\, Süd"))).await;
    scene.calendar("plain", &vevent("plain", &format!("{start}\nSUMMARY:GARDEN gate"))).await;
    scene.calendar("without", &vevent("without", start)).await;
    let check = async |attributes: &str, needle: &str, expect: &str| {
        let found = scene.found(&prop("SUMMARY", &text(attributes, needle))).await;
        assert_eq!(found, expect, "{attributes} {needle}");
    };
    let (ascii, octet, unicode) =
        ("collation=\"i;ascii-casemap\"", "collation=\"i;octet\"", "collation=\"i;unicode-casemap\"");
    check("", "garden", "plain").await;
    check(ascii, "garden", "plain").await;
    check(ascii, "GÄRTNER", "").await;
    check(ascii, "Gärtner", "gate").await;
    check(octet, "garden", "").await;
    check(octet, "GARDEN", "plain").await;
    check(octet, "Süd", "gate").await;
    check(unicode, "GÄRTNERTOR", "gate").await;
    check(unicode, "ga\u{308}rtnertor", "gate").await;
    check(unicode, "tor, s", "gate").await;
    check("", "", "gate plain").await;
    check("negate-condition=\"yes\"", "garden", "gate").await;
    check("negate-condition=\"no\"", "garden", "plain").await;
    check("match-type=\"equals\"", "garden gate", "plain").await;
    check("match-type=\"equals\"", "garden", "").await;
    check("match-type=\"starts-with\"", "gard", "plain").await;
    check("match-type=\"ends-with\"", "GATE", "plain").await;
    check("match-type=\"contains\"", "EN GA", "plain").await;
    let reply =
        scene.report(CALENDAR, &query("", &prop("SUMMARY", &text("collation=\"i;nonsense\"", "x")))).await;
    reply.is(403).has("<C:supported-collation/>").has("i;nonsense");
    assert_eq!(scene.found(&prop("SUMMARY", "")).await, "gate plain");
    assert_eq!(scene.found(&prop("SUMMARY", "<C:is-not-defined/>")).await, "without");
    assert_eq!(scene.found(&prop("summary", "")).await, "gate plain");
}

#[tokio::test]
async fn parameters_and_other_properties_are_asked() {
    let scene = Scene::new().await;
    let start = "DTSTART:20261201T100000Z";
    let attendee = |partstat: &str, name: &str| format!("\nATTENDEE{partstat}:mailto:{name}@example.org");
    let two = format!(
        "{start}{}{}",
        attendee(";PARTSTAT=ACCEPTED", "ben"),
        attendee(";PARTSTAT=DECLINED;CN=\"C, D\"", "carol")
    );
    scene.calendar("two", &vevent("two", &two)).await;
    scene.calendar("one", &vevent("one", &format!("{start}{}", attendee("", "ben")))).await;
    scene.calendar("none", &vevent("none", &format!("{start}\nCOMPLETED:20261202T000000Z"))).await;
    let param =
        |name: &str, inside: &str| format!("<C:param-filter name=\"{name}\">{inside}</C:param-filter>");
    let check = async |inside: &str, expect: &str| {
        assert_eq!(scene.found(&prop("ATTENDEE", inside)).await, expect, "{inside}");
    };
    check("", "one two").await;
    check(&param("PARTSTAT", ""), "two").await;
    check(&param("PARTSTAT", "<C:is-not-defined/>"), "one").await;
    check(&param("partstat", &text("", "declined")), "two").await;
    check(&param("PARTSTAT", &text("", "tentative")), "").await;
    check(&param("PARTSTAT", &text("negate-condition=\"yes\"", "accepted")), "two").await;
    check(&param("CN", &text("", "c, d")), "two").await;
    check(&(text("", "mailto:ben") + &param("PARTSTAT", &text("", "declined"))), "").await;
    check(&(text("", "mailto:carol") + &param("PARTSTAT", &text("", "declined"))), "two").await;
    check("<C:is-not-defined/>", "none").await;
    let at = |inside: &str| prop("COMPLETED", inside);
    assert_eq!(scene.found(&at(&range("20261201T000000Z", "20261203T000000Z"))).await, "none");
    assert_eq!(scene.found(&at(&range("20261202T000001Z", "20261203T000000Z"))).await, "");
    let both = event(&format!(
        "{}<C:prop-filter name=\"ATTENDEE\"/><C:prop-filter name=\"SUMMARY\"><C:is-not-defined/></C:prop-filter>",
        range("20261201T000000Z", "20261202T000000Z")
    ));
    assert_eq!(scene.found(&both).await, "one two");
    let version = format!("<C:prop-filter name=\"VERSION\">{}</C:prop-filter>", text("", "2.0"));
    assert_eq!(scene.found(&version).await, "none one two");
}

#[tokio::test]
async fn wrong_questions_are_named() {
    let scene = Scene::new().await;
    let check = async |body: &str, status: u16, name: &str| {
        scene.report(CALENDAR, body).await.is(status).has(name);
    };
    let data = |attributes: &str| query(&format!("<C:calendar-data {attributes}/>"), "");
    check(&data("content-type=\"application/calendar+json\""), 403, "<C:supported-calendar-data/>").await;
    check(&data("version=\"3.0\""), 403, "<C:supported-calendar-data/>").await;
    check(&data("content-type=\"text/calendar\" version=\"2.0\""), 207, "multistatus").await;
    check(&body("C:calendar-query", "<D:prop/>"), 403, "<C:valid-filter/>").await;
    check(&query("", &comp("VALARM", "")), 403, "<C:valid-filter/>").await;
    check(&query("", "<C:nonsense/>"), 403, "<C:valid-filter/>").await;
    check(&query("", &event("<C:time-range/>")), 403, "<C:valid-filter/>").await;
    check(&query("", &event(&range("20260101", ""))), 403, "<C:valid-filter/>").await;
    check(&query("", &event(&range("20260102T000000Z", "20260101T000000Z"))), 403, "<C:valid-filter/>").await;
    check(&body("X:nonsense", ""), 403, "<D:supported-report/>").await;
    check(&body("CR:addressbook-query", "<CR:filter/>"), 403, "<D:supported-report/>").await;
    check("<C:calendar-query>", 400, "prefix").await;
    let many = format!("<C:prop-filter name=\"X-{}\"/>", "A").repeat(300);
    check(&query("", &event(&many)), 403, "<C:supported-filter/>").await;
    scene.anna(&format!("REPORT {CALENDAR}\nDepth: 7\n\n{}", query("", ""))).await.is(400);
}

#[tokio::test]
async fn depth_may_be_left_out() {
    let scene = Scene::new().await;
    scene.event("one").await;
    for header in ["Depth: 0", "Depth: 1", "Depth: infinity", "X-No: depth"] {
        let reply = scene.anna(&format!("REPORT {CALENDAR}\n{header}\n\n{}", query("", ""))).await.is(207);
        assert_eq!(reply.names(), "one", "{header}");
    }
}

#[tokio::test]
async fn one_item_can_be_asked_about() {
    let scene = Scene::new().await;
    scene.event("one").await;
    scene.event("two").await;
    let ask = async |name: &str, filter: &str| {
        scene.report(&format!("{CALENDAR}{name}.ics"), &query("", filter)).await
    };
    assert_eq!(ask("one", "").await.is(207).names(), "one");
    assert_eq!(ask("one", &in_december("05T000000", "")).await.is(207).names(), "");
    ask("three", "").await.is(404);
}

#[tokio::test]
async fn other_peoples_calendars_are_not_there() {
    let scene = Scene::new().await;
    scene.event("one").await;
    let ask = async |path: &str| scene.ask("ben", &format!("REPORT {path}\n\n{}", query("", ""))).await;
    let unseen = ask(CALENDAR).await.is(404);
    let nowhere = ask("/dav/calendars/anna/nothing/").await.is(404);
    assert_eq!(unseen.body, nowhere.body);
    ask("/dav/calendars/nobody/default/").await.is(404);
    // Whatever else is wrong with the question.
    let wrong = query("<C:calendar-data version=\"9\"/>", "");
    scene.ask("ben", &format!("REPORT {CALENDAR}\n\n{wrong}")).await.is(404);
    scene.grant_ben("default", Role::FreeBusy.rights()).await;
    ask(CALENDAR).await.is(404);
    scene.ask("ben", &format!("REPORT {CALENDAR}\n\n{wrong}")).await.is(404);
    scene.grant_ben("default", Role::Reader.rights()).await;
    assert_eq!(ask(CALENDAR).await.is(207).names(), "one");
}

#[tokio::test]
async fn more_than_the_server_tells_is_refused() {
    let mut policy = Policy::default();
    policy.limits.max_query_items = 2;
    let scene = Scene::with(policy, Settings::default()).await;
    scene.event("one").await;
    scene.event("two").await;
    assert_eq!(scene.found("").await, "one two");
    scene.event("three").await;
    for filter in [String::new(), event(""), prop("SUMMARY", &text("", "o"))] {
        let reply = scene.report(CALENDAR, &query("", &filter)).await;
        if filter.contains("text-match") {
            assert_eq!(reply.is(207).names(), "one two");
        } else {
            reply.is(403).has("<D:number-of-matches-within-limits/>").has("max_query_items");
        }
    }
}

#[tokio::test]
async fn what_is_supported_is_told_as_it_is() {
    let scene = Scene::new().await;
    scene.event("one").await;
    let asked = body("D:propfind", "<D:prop><D:supported-report-set/></D:prop>");
    let anything = "<D:prop><D:displayname/></D:prop><D:href>/</D:href><D:self/><D:sync-token/>\
        <C:filter><C:comp-filter name=\"VCALENDAR\"/></C:filter><CR:filter/>\
        <C:time-range start=\"20260101T000000Z\" end=\"20260201T000000Z\"/>\
        <D:property-search><D:prop><D:displayname/></D:prop><D:match>anna</D:match></D:property-search>";
    let reports = [
        "C:calendar-query",
        "C:calendar-multiget",
        "C:free-busy-query",
        "CR:addressbook-query",
        "CR:addressbook-multiget",
        "D:sync-collection",
        "D:version-tree",
        "D:expand-property",
        "D:principal-property-search",
        "D:principal-search-property-set",
        "D:principal-match",
        "D:acl-principal-prop-set",
    ];
    for path in [
        "/dav/",
        "/dav/principals/",
        "/dav/principals/anna/",
        "/dav/calendars/",
        "/dav/calendars/anna/",
        CALENDAR,
        "/dav/calendars/anna/default/one.ics",
        "/dav/addressbooks/anna/",
        BOOK,
    ] {
        let told = scene.anna(&format!("PROPFIND {path}\nDepth: 0\n\n{asked}")).await.is(207);
        for name in reports {
            let reply = scene.report(path, &body(name, anything)).await;
            let supported = !reply.body.contains("<D:supported-report/>");
            let claimed = told.body.contains(&format!("<D:report><{name}/></D:report>"));
            assert_eq!(supported, claimed, "{name} at {path}: {} {}", reply.status, reply.body);
            assert!(!supported || [200, 207].contains(&reply.status), "{name} at {path}: {}", reply.body);
        }
    }
}
