//! CALDAV:calendar-data: parts, expansion, limits, and what XML cannot hold.

use crate::report_scene::*;
use crate::scene::{Reply, Scene, card};
use kontor_door_dav::Settings;
use kontor_groupware::Policy;
use kontor_model::Kind;
use kontor_wire_dav::name::caldav;

/// A weekly meeting in Berlin, with one occurrence moved and one left out, over the change of clocks.
fn series() -> String {
    let master = "DTSTART;TZID=Europe/Berlin:20261012T090000\nDTEND;TZID=Europe/Berlin:20261012T100000\n\
                  RRULE:FREQ=WEEKLY;COUNT=6\nEXDATE;TZID=Europe/Berlin:20261102T090000\nSUMMARY:Meeting\n\
                  X-OWN;X-P=1:kept\\, as it is";
    let moved = "RECURRENCE-ID;TZID=Europe/Berlin:20261026T090000\nDTSTART;TZID=Europe/Berlin:20261027T150000\n\
                 DURATION:PT30M\nSUMMARY:Moved";
    let zone = "BEGIN:VTIMEZONE\nTZID:Europe/Berlin\nBEGIN:STANDARD\nDTSTART:19701025T030000\n\
                RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU\nTZOFFSETFROM:+0200\nTZOFFSETTO:+0100\nEND:STANDARD\n\
                BEGIN:DAYLIGHT\nDTSTART:19700329T020000\nRRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU\n\
                TZOFFSETFROM:+0100\nTZOFFSETTO:+0200\nEND:DAYLIGHT\nEND:VTIMEZONE\n";
    format!("{zone}{}{}", vevent("meeting", master), vevent("meeting", moved))
}

fn between(name: &str, start: &str, end: &str) -> String {
    format!("<C:calendar-data><C:{name} start=\"{start}\" end=\"{end}\"/></C:calendar-data>")
}

/// Start lines and recurrence ids, in order.
fn times(text: &str) -> Vec<String> {
    let wanted = |line: &&str| ["DTSTART", "RECURRENCE-ID"].iter().any(|name| line.starts_with(name));
    text.lines().filter(wanted).map(|line| line.trim_end().to_owned()).collect()
}

async fn multiget(scene: &Scene, data: &str, name: &str) -> Reply {
    let inside = format!("<D:prop><D:getetag/>{data}</D:prop><D:href>{CALENDAR}{name}.ics</D:href>");
    scene.report(CALENDAR, &body("C:calendar-multiget", &inside)).await
}

#[tokio::test]
async fn a_series_is_expanded_to_instants() {
    let scene = Scene::new().await;
    scene.calendar("meeting", &series()).await;
    let data = between("expand", "20261001T000000Z", "20261201T000000Z");
    let text = multiget(&scene, &data, "meeting").await.is(207).data("meeting");
    let expect = [
        "DTSTART:20261012T070000Z",
        "RECURRENCE-ID:20261012T070000Z",
        "DTSTART:20261019T070000Z",
        "RECURRENCE-ID:20261019T070000Z",
        "DTSTART:20261027T140000Z",
        "RECURRENCE-ID:20261026T080000Z",
        "DTSTART:20261109T080000Z",
        "RECURRENCE-ID:20261109T080000Z",
        "DTSTART:20261116T080000Z",
        "RECURRENCE-ID:20261116T080000Z",
    ];
    assert_eq!(times(&text), expect);
    for gone in ["RRULE", "EXDATE", "VTIMEZONE", "TZID"] {
        assert!(!text.contains(gone), "{text}");
    }
    assert_eq!(text.matches("X-OWN;X-P=1:kept\\, as it is\r\n").count(), 4);
    let week = between("expand", "20261026T000000Z", "20261102T000000Z");
    let filter = comp("VEVENT", &range("20261026T000000Z", "20261102T000000Z"));
    let reply = scene.report(CALENDAR, &query(&week, &filter)).await.is(207);
    assert_eq!(times(&reply.data("meeting")), &expect[4..6]);
    let etag = scene.anna(&format!("GET {CALENDAR}meeting.ics")).await.header("etag").to_owned();
    assert_eq!(reply.value("meeting.ics", &kontor_wire_dav::name::dav::GETETAG), etag);
}

#[tokio::test]
async fn days_and_floating_times_stay_what_they_are() {
    let scene = Scene::new().await;
    scene.calendar("day", &vevent("day", "DTSTART;VALUE=DATE:20261201\nRRULE:FREQ=DAILY;COUNT=3")).await;
    scene
        .calendar(
            "floating",
            &vevent("floating", "DTSTART:20261201T230000\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=3"),
        )
        .await;
    let ask = async |zone: &str| {
        let data = between("expand", "20261202T000000Z", "20261203T000000Z");
        let query = query(&data, &comp("VEVENT", "")).replace("</C:calendar-query>", "");
        let reply = scene.report(CALENDAR, &format!("{query}{zone}</C:calendar-query>")).await.is(207);
        [times(&reply.data("day")), times(&reply.data("floating"))].concat().join(" ")
    };
    assert_eq!(
        ask("").await,
        "DTSTART;VALUE=DATE:20261202 RECURRENCE-ID;VALUE=DATE:20261202 DTSTART:20261202T230000 RECURRENCE-ID:20261202T230000"
    );
    assert_eq!(
        ask("<C:timezone-id>America/New_York</C:timezone-id>").await,
        "DTSTART;VALUE=DATE:20261201 RECURRENCE-ID;VALUE=DATE:20261201 DTSTART;VALUE=DATE:20261202 \
         RECURRENCE-ID;VALUE=DATE:20261202 DTSTART:20261201T230000 RECURRENCE-ID:20261201T230000"
    );
}

#[tokio::test]
async fn overrides_far_away_are_left_out_on_request() {
    let scene = Scene::new().await;
    scene.calendar("meeting", &series()).await;
    let limited = async |start: &str, end: &str| {
        let data = between("limit-recurrence-set", start, end);
        multiget(&scene, &data, "meeting").await.is(207).data("meeting")
    };
    let whole = limited("20261027T000000Z", "20261028T000000Z").await;
    assert_eq!(whole, object(&series()));
    let less = limited("20261101T000000Z", "20261201T000000Z").await;
    assert!(less.contains("RRULE") && !less.contains("Moved"), "{less}");
}

#[tokio::test]
async fn busy_periods_far_away_are_left_out_on_request() {
    let scene = Scene::new().await;
    let make = "<D:mkcol xmlns:D='DAV:' xmlns:C='urn:ietf:params:xml:ns:caldav'><D:set><D:prop>\
        <D:resourcetype><D:collection/><C:calendar/></D:resourcetype><C:supported-calendar-component-set>\
        <C:comp name='VFREEBUSY'/></C:supported-calendar-component-set></D:prop></D:set></D:mkcol>";
    scene.anna(&format!("MKCOL /dav/calendars/anna/busy/\n\n{make}")).await.is(201);
    let busy = object(
        "BEGIN:VFREEBUSY\nUID:busy\nDTSTAMP:20261121T000000Z\nDTSTART:20261201T000000Z\nDTEND:20261231T000000Z\n\
         FREEBUSY:20261201T100000Z/PT1H,20261202T100000Z/20261202T110000Z\nFREEBUSY:20261203T100000Z/PT1H\n\
         END:VFREEBUSY",
    );
    scene.put("/dav/calendars/anna/busy/busy.ics", &busy).await;
    let data = between("limit-freebusy-set", "20261202T000000Z", "20261203T000000Z");
    let filter = comp("VFREEBUSY", &range("20261202T000000Z", "20261203T000000Z"));
    let text = scene.report("/dav/calendars/anna/busy/", &query(&data, &filter)).await.is(207).data("busy");
    assert!(text.contains("FREEBUSY:20261202T100000Z/20261202T110000Z\r\n"), "{text}");
    assert_eq!(text.matches("FREEBUSY:").count(), 1, "{text}");
}

#[tokio::test]
async fn parts_can_be_asked_for() {
    let scene = Scene::new().await;
    scene.calendar("meeting", &series()).await;
    let parts = |inside: &str| format!("<C:calendar-data>{inside}</C:calendar-data>");
    let event =
        "<C:comp name=\"vevent\"><C:prop name=\"SUMMARY\"/><C:prop name=\"UID\" novalue=\"yes\"/></C:comp>";
    let data = parts(&format!("<C:comp name=\"VCALENDAR\"><C:prop name=\"VERSION\"/>{event}</C:comp>"));
    let text = multiget(&scene, &data, "meeting").await.is(207).data("meeting");
    assert_eq!(
        text,
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:\r\nSUMMARY:Meeting\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\n\
         UID:\r\nSUMMARY:Moved\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    );
    let data = parts("<C:comp name=\"VCALENDAR\"><C:allprop/><C:allcomp/></C:comp>");
    assert_eq!(multiget(&scene, &data, "meeting").await.data("meeting"), object(&series()));
    let both = "<C:comp name=\"VCALENDAR\"><C:comp name=\"VEVENT\"><C:prop name=\"DTSTART\"/></C:comp></C:comp>\
        <C:expand start=\"20261012T000000Z\" end=\"20261013T000000Z\"/>";
    let text = multiget(&scene, &parts(both), "meeting").await.data("meeting");
    assert_eq!(
        text,
        "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART:20261012T070000Z\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    );
    let many: String = (0..300).map(|n| format!("<C:prop name=\"X-{n}\"/>")).collect();
    let data = parts(&format!("<C:comp name=\"VCALENDAR\">{many}</C:comp>"));
    multiget(&scene, &data, "meeting")
        .await
        .is(403)
        .has("<C:supported-calendar-data/>")
        .has("max_conditions");
    let again: String = (0..200).map(|_| "<C:prop name=\"UID\"/>").collect();
    let data =
        parts(&format!("<C:comp name=\"VCALENDAR\"><C:comp name=\"VEVENT\">{again}</C:comp></C:comp>"));
    assert_eq!(multiget(&scene, &data, "meeting").await.is(207).data("meeting").matches("UID:").count(), 2);
}

#[tokio::test]
async fn known_zones_can_be_left_out() {
    let scene = Scene::new().await;
    scene.calendar("meeting", &series()).await;
    let inside = format!("<D:prop><C:calendar-data/></D:prop><D:href>{CALENDAR}meeting.ics</D:href>");
    let ask = async |header: &str| {
        let text = format!("REPORT {CALENDAR}\n{header}\n\n{}", body("C:calendar-multiget", &inside));
        scene.anna(&text).await.is(207).data("meeting")
    };
    assert!(ask("CalDAV-Timezones: T").await.contains("VTIMEZONE"));
    let text = ask("CalDAV-Timezones: F").await;
    assert!(!text.contains("VTIMEZONE") && text.contains("TZID=Europe/Berlin"), "{text}");
}

#[tokio::test]
async fn data_belongs_to_its_kind() {
    let scene = Scene::new().await;
    scene.event("one").await;
    scene.put(&format!("{BOOK}a.vcf"), &card("a")).await;
    let check = async |report: &str, path: &str, name: &str, wrong: &str| {
        let inside = format!("<D:prop><{wrong}/><D:getetag/></D:prop><D:href>{path}{name}</D:href>");
        let reply = scene.report(path, &body(report, &inside)).await.is(207);
        reply.lacks("BEGIN:").has(&format!("<D:prop><{wrong}/></D:prop><D:status>HTTP/1.1 404 Not Found"));
    };
    check("C:calendar-multiget", CALENDAR, "one.ics", "CR:address-data").await;
    check("CR:addressbook-multiget", BOOK, "a.vcf", "C:calendar-data").await;
}

/// A pit of others: an expand report of half a minute.
#[tokio::test]
async fn expansion_is_bounded() {
    let settings = Settings { max_expansion_days: 400, ..Settings::default() };
    let scene = Scene::with(Policy::default(), settings).await;
    let text = "x".repeat(60_000);
    let hourly = format!("DTSTART:20200101T000000Z\nDURATION:PT1H\nRRULE:FREQ=HOURLY\nDESCRIPTION:{text}");
    scene.calendar("hourly", &vevent("hourly", &hourly)).await;
    scene.calendar("secondly", &vevent("secondly", "DTSTART:20200101T000000Z\nRRULE:FREQ=SECONDLY")).await;
    scene
        .calendar("weekly", &vevent("weekly", "DTSTART:20200101T000000Z\nRRULE:FREQ=WEEKLY;COUNT=520"))
        .await;
    let long = between("expand", "20260101T000000Z", "20270601T000000Z");
    let reply = scene.report(CALENDAR, &query(&long, "")).await.is(403);
    reply.has("<D:number-of-matches-within-limits/>").has("max_expansion_days");
    let year = between("expand", "20260101T000000Z", "20270101T000000Z");
    let reply = scene.report(CALENDAR, &query(&year, "")).await.is(207);
    assert_eq!(reply.names_with(507), "hourly secondly");
    assert_eq!(reply.data("weekly").matches("BEGIN:VEVENT").count(), 52);
    assert_eq!(reply.count("<C:max-instances/>"), 2);
    let day = between("expand", "20260101T000000Z", "20260102T000000Z");
    let reply = multiget(&scene, &day, "hourly").await.is(207);
    assert_eq!(reply.data("hourly").matches("BEGIN:VEVENT").count(), 24);
}

#[tokio::test]
async fn what_xml_cannot_hold_does_not_break_the_answer() {
    let scene = Scene::new().await;
    let mut bytes = object(&vevent("odd", "DTSTART:20261201T100000Z\nSUMMARY:?")).into_bytes();
    let at = bytes.iter().position(|byte| *byte == b'?').unwrap();
    let odd = b"\x01\x1b\xff\xfe\xc0\xaf\xed\xa0\x80\xef\xbf\xbe]]>&<\x0b\x7f\xc2\x85 \xf0\x9f\x98\x80";
    bytes.splice(at..=at, odd.iter().copied());
    scene.calendar("even", &vevent("even", "DTSTART:20261201T100000Z")).await;
    scene.bytes(Kind::Calendar, "default", "odd.ics", &bytes).await;
    let reply = scene.report(CALENDAR, &query("<C:calendar-data/>", "")).await.is(207);
    let text = reply.value("odd.ics", &caldav::CALENDAR_DATA);
    assert!(text.contains("SUMMARY:\u{fffd}\u{fffd}\u{fffd}"), "{text:?}");
    assert!(text.contains("]]>&<\u{fffd}\u{7f}\u{85} 😀\r\n"), "{text:?}");
    let forbidden = |c: char| !kontor_wire_dav::xml::is_xml_char(c);
    assert!(!reply.body.contains(forbidden));
    assert!(reply.data("even").ends_with("END:VCALENDAR\r\n"), "line ends survive");
    let parts = "<C:calendar-data><C:comp name=\"VCALENDAR\"><C:comp name=\"VEVENT\"><C:prop name=\"SUMMARY\"/>\
        </C:comp></C:comp></C:calendar-data>";
    for data in [parts, &between("expand", "20261201T000000Z", "20261202T000000Z")] {
        let reply = scene.report(CALENDAR, &query(data, "")).await.is(207);
        assert!(reply.value("odd.ics", &caldav::CALENDAR_DATA).contains("]]>&<"));
    }
}
