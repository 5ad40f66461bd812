//! CALDAV:free-busy-query: when somebody is busy, for those who may know that much.

use crate::report_scene::*;
use crate::scene::{Reply, Scene};
use kontor_door_dav::Settings;
use kontor_groupware::Policy;
use kontor_model::Role;

const HOME: &str = "/dav/calendars/anna/";

fn asked(start: &str, end: &str) -> String {
    body("C:free-busy-query", &range(start, end))
}

/// FREEBUSY lines of an answer, unfolded, in order.
fn busy(reply: &Reply) -> Vec<String> {
    let text = reply.body.replace("\r\n ", "");
    text.lines().filter(|line| line.starts_with("FREEBUSY")).map(|line| line.trim_end().to_owned()).collect()
}

async fn december(scene: &Scene, path: &str) -> Reply {
    scene.report(path, &asked("20261201T000000Z", "20261203T000000Z")).await.is(200)
}

#[tokio::test]
async fn busy_times_are_merged_and_cut() {
    let scene = Scene::new().await;
    for (name, lines) in [
        ("before", "DTSTART:20261130T230000Z\nDTEND:20261201T010000Z"),
        ("a", "DTSTART:20261201T100000Z\nDTEND:20261201T110000Z"),
        ("b", "DTSTART:20261201T103000Z\nDTEND:20261201T120000Z"),
        ("c", "DTSTART:20261201T120000Z\nDTEND:20261201T123000Z"),
        ("free", "DTSTART:20261201T140000Z\nDTEND:20261201T150000Z\nTRANSP:TRANSPARENT"),
        ("off", "DTSTART:20261201T150000Z\nDTEND:20261201T160000Z\nSTATUS:CANCELLED"),
        ("maybe", "DTSTART:20261201T113000Z\nDTEND:20261201T170000Z\nSTATUS:TENTATIVE"),
        ("daily", "DTSTART:20261101T200000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY\nEXDATE:20261201T200000Z"),
        ("moment", "DTSTART:20261201T180000Z"),
        ("after", "DTSTART:20261202T230000Z\nDTEND:20261204T010000Z"),
    ] {
        scene.calendar(name, &vevent(name, lines)).await;
    }
    let reply = december(&scene, CALENDAR).await;
    reply.header("content-type").starts_with("text/calendar").then_some(()).unwrap();
    assert_eq!(
        busy(&reply),
        [
            "FREEBUSY;FBTYPE=BUSY:20261201T000000Z/20261201T010000Z,20261201T100000Z/20261201T123000Z,\
             20261202T200000Z/20261202T210000Z,20261202T230000Z/20261203T000000Z",
            "FREEBUSY;FBTYPE=BUSY-TENTATIVE:20261201T123000Z/20261201T170000Z",
        ]
    );
    let reply =
        reply.has("BEGIN:VFREEBUSY\r\n").has("DTSTART:20261201T000000Z\r\nDTEND:20261203T000000Z\r\n");
    let reply = reply.has("DTSTAMP:20261121T210405Z").has("UID:").has("PRODID:").lacks("SUMMARY");
    assert_eq!(reply.count("BEGIN:"), 2);
    let quiet = scene.report(CALENDAR, &asked("20261202T000000Z", "20261202T010000Z")).await.is(200);
    assert_eq!(busy(&quiet), Vec::<String>::new());
}

#[tokio::test]
async fn days_and_floating_times_lie_in_the_calendars_zone() {
    let scene = Scene::new().await;
    scene.calendar("day", &vevent("day", "DTSTART;VALUE=DATE:20261202\nTRANSP:OPAQUE")).await;
    scene.calendar("floating", &vevent("floating", "DTSTART:20261201T100000\nDURATION:PT1H")).await;
    assert_eq!(
        busy(&december(&scene, CALENDAR).await),
        ["FREEBUSY;FBTYPE=BUSY:20261201T100000Z/20261201T110000Z,20261202T000000Z/20261203T000000Z"]
    );
    let set = "<propertyupdate xmlns='DAV:'><set><prop><calendar-timezone-id xmlns='urn:ietf:params:xml:ns:caldav'>\
        Asia/Tokyo</calendar-timezone-id></prop></set></propertyupdate>";
    scene.anna(&format!("PROPPATCH {CALENDAR}\n\n{set}")).await.is(207).has("200 OK");
    assert_eq!(
        busy(&december(&scene, CALENDAR).await),
        ["FREEBUSY;FBTYPE=BUSY:20261201T010000Z/20261201T020000Z,20261201T150000Z/20261202T150000Z"]
    );
}

#[tokio::test]
async fn a_home_tells_of_all_its_calendars() {
    let scene = Scene::new().await;
    scene.event("one").await;
    let make = "<C:mkcalendar xmlns:C='urn:ietf:params:xml:ns:caldav' xmlns:D='DAV:'><D:set><D:prop>\
        <C:schedule-calendar-transp><C:transparent/></C:schedule-calendar-transp></D:prop></D:set></C:mkcalendar>";
    let at = async |calendar: &str, make: &str, lines: &str| {
        scene.anna(&format!("MKCALENDAR {HOME}{calendar}/\n\n{make}")).await.is(201);
        scene.put(&format!("{HOME}{calendar}/x.ics"), &object(&vevent("x", lines))).await;
    };
    at("second", "", "DTSTART:20261201T103000Z\nDTEND:20261201T120000Z").await;
    at("clear", make, "DTSTART:20261202T100000Z\nDTEND:20261202T110000Z").await;
    let expect = ["FREEBUSY;FBTYPE=BUSY:20261201T100000Z/20261201T120000Z"];
    assert_eq!(busy(&december(&scene, HOME).await), expect);
    assert_eq!(busy(&december(&scene, &format!("{HOME}clear/")).await), Vec::<String>::new());
    let ben = async |path: &str| {
        scene.ask("ben", &format!("REPORT {path}\n\n{}", asked("20261201T000000Z", "20261203T000000Z"))).await
    };
    assert_eq!(busy(&ben(HOME).await.is(200)), expect, "everybody may see that much");
}

#[tokio::test]
async fn the_right_to_see_free_and_busy_is_enough_and_needed() {
    let scene = Scene::new().await;
    scene.event("one").await;
    let ask = async |path: &str| {
        scene.ask("ben", &format!("REPORT {path}\n\n{}", asked("20261201T000000Z", "20261203T000000Z"))).await
    };
    let expect = ["FREEBUSY;FBTYPE=BUSY:20261201T100000Z/20261201T110000Z"];
    scene.grant_ben("default", Role::FreeBusy.rights()).await;
    assert_eq!(busy(&ask(CALENDAR).await.is(200)), expect);
    ask(CALENDAR).await.lacks("one");
    scene.ask("ben", &format!("REPORT {CALENDAR}\n\n{}", query("", ""))).await.is(404);
    scene.ask("ben", &format!("PROPFIND {CALENDAR}\nDepth: 0\n\n")).await.is(404);
    scene.grant_ben("default", Role::None.rights()).await;
    let unseen = ask(CALENDAR).await.is(404);
    assert_eq!(unseen.body, ask("/dav/calendars/anna/nothing/").await.is(404).body);
    assert_eq!(busy(&ask(HOME).await), Vec::<String>::new());
    ask("/dav/calendars/nobody/").await.is(404);
    let policy = Policy { everyone_sees_free_busy: false, ..Policy::default() };
    let scene = Scene::with(policy, Settings::default()).await;
    scene.event("one").await;
    for path in [HOME, CALENDAR] {
        let text = format!("REPORT {path}\n\n{}", asked("20261201T000000Z", "20261203T000000Z"));
        scene.ask("ben", &text).await.is(404);
    }
}

#[tokio::test]
async fn wrong_questions_are_named() {
    let scene = Scene::new().await;
    scene.event("one").await;
    let check = async |path: &str, body: &str, status: u16, part: &str| {
        scene.report(path, body).await.is(status).has(part);
    };
    check(CALENDAR, &body("C:free-busy-query", ""), 400, "time-range").await;
    check(CALENDAR, &asked("20261203T000000Z", "20261201T000000Z"), 400, "ends before it begins").await;
    check(CALENDAR, &asked("2026-12-01", ""), 400, "is not a time").await;
    for (start, end) in
        [("20000101T000000Z", ""), ("", "20300101T000000Z"), ("19000101T000000Z", "21000101T000000Z")]
    {
        check(CALENDAR, &asked(start, end), 403, "<D:number-of-matches-within-limits/>").await;
    }
    let fine = asked("20261201T000000Z", "20261203T000000Z");
    check(BOOK, &fine, 403, "<D:supported-report/>").await;
    check(&format!("{CALENDAR}one.ics"), &fine, 403, "<D:supported-report/>").await;
    check("/dav/principals/anna/", &fine, 403, "<D:supported-report/>").await;
}

#[tokio::test]
async fn hostile_rules_do_not_hold_the_server() {
    let scene = Scene::new().await;
    for n in 0..30 {
        let name = format!("s{n}");
        let lines = "DTSTART:20200101T000000Z\nDURATION:PT1S\nRRULE:FREQ=SECONDLY;INTERVAL=30";
        scene.calendar(&name, &vevent(&name, lines)).await;
    }
    let reply = scene.report(CALENDAR, &asked("20260101T000000Z", "20270101T000000Z")).await;
    reply.is(403).has("<C:max-instances/>");
    let hour = scene.report(CALENDAR, &asked("20261201T000000Z", "20261201T000100Z")).await.is(200);
    assert_eq!(busy(&hour)[0].matches('/').count(), 2);
}
