//! CALDAV:calendar-query on tasks and alarms, whose tables of time are their own (RFC 4791 9.9).

use crate::report_scene::*;
use crate::scene::Scene;

fn event(inside: &str) -> String {
    comp("VEVENT", inside)
}

#[tokio::test]
async fn tasks_follow_their_own_table() {
    let scene = Scene::new().await;
    for (name, lines) in [
        ("both", "DTSTART:20261201T100000Z\nDUE:20261202T100000Z"),
        ("due", "DUE:20261203T100000Z"),
        ("start", "DTSTART:20261204T100000Z"),
        ("lasting", "DTSTART:20261205T100000Z\nDURATION:PT2H"),
        ("done", "CREATED:20261206T100000Z\nCOMPLETED:20261208T100000Z"),
        ("completed", "COMPLETED:20261209T100000Z"),
        ("created", "CREATED:20261210T100000Z"),
        ("never", "SUMMARY:some day"),
    ] {
        scene.put(&format!("{TASKS}{name}.ics"), &object(&vtodo(name, lines))).await;
    }
    let check = async |from: &str, to: &str, expect: &str| {
        let filter = comp("VTODO", &range(&format!("202612{from}Z"), &format!("202612{to}Z")));
        assert_eq!(scene.found_in(TASKS, &filter).await, expect, "{from} {to}");
    };
    check("01T110000", "01T120000", "both never").await;
    check("02T095959", "02T110000", "both never").await;
    check("02T100000", "02T110000", "never").await;
    check("02T110000", "02T120000", "never").await;
    check("03T090000", "03T100000", "due never").await;
    check("03T090000", "03T095959", "never").await;
    check("03T100000", "03T110000", "never").await;
    check("04T100000", "04T100001", "never start").await;
    check("04T100001", "04T120000", "never").await;
    check("05T110000", "05T113000", "lasting never").await;
    check("07T000000", "07T010000", "done never").await;
    check("09T100000", "09T100000".replace("00000", "00001").as_str(), "completed never").await;
    check("11T000000", "11T010000", "created never").await;
    let open = format!(
        "{}{}",
        "<C:prop-filter name=\"COMPLETED\"><C:is-not-defined/></C:prop-filter>",
        "<C:prop-filter name=\"STATUS\"><C:text-match negate-condition=\"yes\">CANCELLED</C:text-match></C:prop-filter>"
    );
    assert_eq!(scene.found_in(TASKS, &comp("VTODO", &open)).await, "");
}

#[tokio::test]
async fn alarms_are_found_when_they_ring() {
    let scene = Scene::new().await;
    let alarm = |trigger: &str| format!("BEGIN:VALARM\nACTION:DISPLAY\nDESCRIPTION:x\n{trigger}\nEND:VALARM");
    let timed = "DTSTART:20261201T100000Z\nDTEND:20261201T110000Z\n";
    for (name, trigger) in [
        ("before", "TRIGGER:-PT30M"),
        ("after", "TRIGGER;RELATED=END:PT10M"),
        ("fixed", "TRIGGER;VALUE=DATE-TIME:20261101T000000Z"),
        ("again", "TRIGGER:-P1D\nREPEAT:3\nDURATION:PT1H"),
    ] {
        scene.calendar(name, &vevent(name, &format!("{timed}{}", alarm(trigger)))).await;
    }
    scene.calendar("quiet", &vevent("quiet", timed)).await;
    let daily = format!(
        "DTSTART:20250101T080000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY;UNTIL=20251231T080000Z\n{}",
        alarm("TRIGGER:-PT15M")
    );
    scene.calendar("daily", &vevent("daily", &daily)).await;
    let check = async |from: &str, to: &str, expect: &str| {
        let filter = event(&comp("VALARM", &range(from, to)));
        assert_eq!(scene.found(&filter).await, expect, "{from} {to}");
    };
    check("20261201T093000Z", "20261201T093001Z", "before").await;
    check("20261201T093001Z", "20261201T100000Z", "").await;
    check("20261201T111000Z", "20261201T111001Z", "after").await;
    check("20261101T000000Z", "20261101T000001Z", "fixed").await;
    check("20261130T100000Z", "20261130T100001Z", "again").await;
    check("20261130T123000Z", "20261130T130001Z", "again").await;
    check("20261130T133000Z", "20261130T143000Z", "").await;
    check("20250601T074500Z", "20250601T074501Z", "daily").await;
    assert_eq!(scene.found(&event(&comp("VALARM", ""))).await, "after again before daily fixed");
    assert_eq!(scene.found(&event(&comp("VALARM", "<C:is-not-defined/>"))).await, "quiet");
    let action = "<C:prop-filter name=\"ACTION\"><C:text-match>audio</C:text-match></C:prop-filter>";
    assert_eq!(scene.found(&event(&comp("VALARM", action))).await, "");
}

#[tokio::test]
async fn journals_are_found_by_their_day() {
    let scene = Scene::new().await;
    let make = "<C:mkcalendar xmlns:C='urn:ietf:params:xml:ns:caldav' xmlns:D='DAV:'><D:set><D:prop>\
        <C:supported-calendar-component-set><C:comp name='VJOURNAL'/></C:supported-calendar-component-set>\
        </D:prop></D:set></C:mkcalendar>";
    let diary = "/dav/calendars/anna/diary/";
    scene.anna(&format!("MKCALENDAR {diary}\n\n{make}")).await.is(201);
    let entry = |uid: &str, lines: &str| {
        object(&format!("BEGIN:VJOURNAL\nUID:{uid}\nDTSTAMP:20261121T000000Z\n{lines}\nEND:VJOURNAL"))
    };
    scene.put(&format!("{diary}day.ics"), &entry("day", "DTSTART;VALUE=DATE:20261201")).await;
    scene.put(&format!("{diary}time.ics"), &entry("time", "DTSTART:20261202T100000Z")).await;
    scene.put(&format!("{diary}none.ics"), &entry("none", "SUMMARY:whenever")).await;
    let check = async |from: &str, to: &str, expect: &str| {
        let filter = comp("VJOURNAL", &range(&format!("202612{from}Z"), &format!("202612{to}Z")));
        assert_eq!(scene.found_in(diary, &filter).await, expect, "{from} {to}");
    };
    check("01T230000", "02T000000", "day").await;
    check("02T000000", "02T100000", "").await;
    check("02T100000", "02T100001", "time").await;
    check("01T000000", "31T000000", "day time").await;
    assert_eq!(scene.found_in(diary, &comp("VJOURNAL", "")).await, "day none time");
}
