//! CALDAV:calendar-multiget and CARDDAV:addressbook-multiget.

use crate::report_scene::*;
use crate::scene::{Reply, Scene, event};
use kontor_door_dav::Settings;
use kontor_groupware::Policy;
use kontor_wire_dav::name::{Name, caldav, dav};

async fn get(scene: &Scene, hrefs: &[&str]) -> Reply {
    let hrefs: String = hrefs.iter().map(|href| format!("<D:href>{href}</D:href>")).collect();
    let inside = format!("<D:prop><D:getetag/><C:calendar-data/></D:prop>{hrefs}");
    scene.report(CALENDAR, &body("C:calendar-multiget", &inside)).await
}

#[tokio::test]
async fn members_come_with_their_text_and_others_with_404() {
    let scene = Scene::new().await;
    let etag = scene.event("one").await;
    scene.event("two").await;
    let at = |name: &str| format!("{CALENDAR}{name}.ics");
    let reply = get(&scene, &[&at("two"), &at("gone"), &at("one")]).await.is(207);
    assert_eq!(reply.names(), "one two");
    assert_eq!(reply.names_with(404), "gone");
    assert_eq!(reply.value("one.ics", &dav::GETETAG), etag);
    assert_eq!(reply.data("one"), event("one"));
    let hrefs: Vec<_> = reply.multistatus().responses.iter().map(|one| one.href().to_owned()).collect();
    assert_eq!(hrefs, [at("two"), at("gone"), at("one")], "in the order asked");
    reply.says("content-type", "application/xml; charset=utf-8");
}

#[tokio::test]
async fn hrefs_are_read_however_they_are_written() {
    let scene = Scene::new().await;
    scene.put(&format!("{CALENDAR}a%20b%C3%BC%40c%2Bd%25.ics"), &event("odd")).await;
    scene.event("one").await;
    for href in [
        "a%20b%C3%BC%40c%2Bd%25.ics",
        "a%20b%c3%bc@c+d%25.ics",
        "%61 bü@c%2bd%25.ics",
        "a%20bü%40c%2Bd%25%2Eics",
    ] {
        let reply = get(&scene, &[&format!("{CALENDAR}{href}")]).await.is(207);
        assert_eq!(reply.data("a%20b%C3%BC@c%2Bd%25"), event("odd"), "{href}");
    }
    for href in [
        "http://dav.example.org/dav/calendars/anna/default/one.ics",
        "HTTPS://other.example:8443/dav/calendars/anna/default/one.ics",
        "//dav/calendars//anna/default/one.ics",
        "/dav/calendars/%61nna/default/one.ics",
        "\n      /dav/calendars/anna/default/one.ics\n    ",
    ] {
        assert_eq!(get(&scene, &[href]).await.is(207).names(), "one", "{href}");
    }
    for href in [
        "one.ics",
        "/one.ics",
        "/dav/calendars/anna/tasks/one.ics",
        "/dav/calendars/ben/default/one.ics",
        "/dav/calendars/anna/default/",
        "/dav/addressbooks/anna/default/one.ics",
        "/dav/calendars/anna/default/../default/one.ics",
        "/dav/calendars/anna/default%2Fone.ics",
        "/dav/calendars/anna/default/%ff",
        "mailto:anna@example.org",
        "",
    ] {
        let reply = get(&scene, &[href, "/dav/calendars/anna/default/one.ics"]).await.is(207);
        assert_eq!(reply.names(), "one", "{href}");
        let responses = reply.multistatus().responses;
        assert_eq!((responses[0].href(), responses[0].status()), (href, Some(404)));
    }
}

#[tokio::test]
async fn twice_asked_is_once_told() {
    let scene = Scene::new().await;
    scene.event("one").await;
    let one = format!("{CALENDAR}one.ics");
    let full = format!("http://x{one}");
    let reply = get(&scene, &[&one, &full, &one, "/x", "/x"]).await.is(207);
    assert_eq!(reply.multistatus().responses.len(), 2);
}

#[tokio::test]
async fn other_forms_of_asking() {
    let scene = Scene::new().await;
    scene.event("one").await;
    let set = "<propertyupdate xmlns='DAV:'><set><prop><note xmlns='urn:x'>mine</note></prop></set></propertyupdate>";
    scene.anna(&format!("PROPPATCH {CALENDAR}one.ics\n\n{set}")).await.is(207);
    let ask = async |headers: &str, wanted: &str| {
        let href = format!("<D:href>{CALENDAR}one.ics</D:href>");
        let body = body("C:calendar-multiget", &format!("{wanted}{href}"));
        scene.anna(&format!("REPORT {CALENDAR}\n{headers}\n\n{body}")).await.is(207)
    };
    let reply = ask("X-No: header", "<D:prop><X:note/><X:other/><D:getetag/></D:prop>").await;
    assert_eq!(reply.value("one.ics", &Name::new("urn:x", "note")), "mine");
    reply.has("<X:other xmlns:X=\"urn:x\"/>").has("404 Not Found").lacks("BEGIN:");
    let minimal = "<D:prop><X:other/><D:getetag/></D:prop>";
    let reply = ask("Prefer: return=minimal", minimal).await.lacks("404").has("<D:getetag>");
    reply.says("preference-applied", "return=minimal");
    ask("Brief: t", "<D:prop><X:other/></D:prop>").await.lacks("404").has("<D:propstat><D:prop/>");
    let all = ask("X-No: header", "<D:allprop/>").await.has("<D:getetag>").has("mine");
    all.lacks("BEGIN:");
    let include = ask("X-No: header", "<D:allprop/><D:include><C:calendar-data/></D:include>").await;
    assert_eq!(include.data("one"), event("one"));
    ask("X-No: header", "<D:propname/>").await.has("<D:getetag/>").lacks("BEGIN:");
    let nothing = ask("X-No: header", "").await;
    assert_eq!(nothing.names(), "one");
}

#[tokio::test]
async fn too_many_at_once_are_refused() {
    let settings = Settings { max_report_items: 2, ..Settings::default() };
    let scene = Scene::with(Policy::default(), settings).await;
    get(&scene, &["/a", "/b"]).await.is(207);
    let reply = get(&scene, &["/a", "/b", "/c"]).await.is(403);
    reply.has("<D:number-of-matches-within-limits/>").has("max_report_items = 2");
    scene.report(CALENDAR, &body("C:calendar-multiget", "<D:prop/>")).await.is(400).has("without href");
}

/// Long answers are written while they are sent: all of it must arrive, in order.
#[tokio::test]
async fn long_answers_come_whole() {
    let settings = Settings { page: 7, ..Settings::default() };
    let scene = Scene::with(Policy::default(), settings).await;
    let long = "y".repeat(3_000);
    let names: Vec<String> = (0..60).map(|n| format!("n{n:02}")).collect();
    for name in &names {
        scene.calendar(name, &vevent(name, &format!("DTSTART:20261201T100000Z\nSUMMARY:{long}"))).await;
    }
    let hrefs: Vec<String> = names.iter().map(|name| format!("{CALENDAR}{name}.ics")).collect();
    let hrefs: Vec<&str> = hrefs.iter().map(String::as_str).collect();
    let reply = get(&scene, &hrefs).await.is(207);
    assert!(reply.body.len() > 180_000);
    let told: Vec<String> = reply.multistatus().responses.iter().map(|one| one.href().to_owned()).collect();
    assert_eq!(told, hrefs);
    assert!(
        names.iter().all(|name| reply.value(&format!("{name}.ics"), &caldav::CALENDAR_DATA).contains(&long))
    );
    let all = scene.report(CALENDAR, &query("<C:calendar-data/>", "")).await.is(207);
    assert_eq!(all.names(), names.join(" "));
    let all = scene.report(CALENDAR, &query("", "")).await.is(207);
    assert_eq!(all.names(), names.join(" "));
}

/// The store reads large bodies a few at a time: nothing of that is seen from outside.
#[tokio::test]
async fn large_bodies_come_whole() {
    let scene = Scene::new().await;
    let long = "z".repeat(1_500_000);
    let names = ["a", "b", "c", "d", "e"];
    for name in names {
        scene
            .calendar(name, &vevent(name, &format!("DTSTART:20261201T100000Z\nSUMMARY:{long} {name}")))
            .await;
    }
    let whole = |reply: &Reply| {
        assert_eq!(reply.names(), "a b c d e");
        assert!(names.iter().all(|name| reply.data(name).contains(&format!("z {name}\r\n"))));
    };
    let hrefs = names.map(|name| format!("{CALENDAR}{name}.ics"));
    whole(&get(&scene, &hrefs.each_ref().map(String::as_str)).await.is(207));
    let text = "<C:prop-filter name=\"SUMMARY\"><C:text-match>zz</C:text-match></C:prop-filter>";
    whole(&scene.report(CALENDAR, &query("<C:calendar-data/>", &comp("VEVENT", text))).await.is(207));
    let sync = "<D:sync-token/><D:sync-level>1</D:sync-level><D:prop><C:calendar-data/></D:prop>";
    let first = scene.report(CALENDAR, &body("D:sync-collection", sync)).await.is(207);
    whole(&first);
    for name in names {
        let text = object(&vevent(name, &format!("DTSTART:20261202T100000Z\nSUMMARY:{long} {name}")));
        scene.put(&format!("{CALENDAR}{name}.ics"), &text).await;
    }
    let token = format!("<D:sync-token>{}</D:sync-token>", first.token());
    let sync = sync.replace("<D:sync-token/>", &token);
    whole(&scene.report(CALENDAR, &body("D:sync-collection", &sync)).await.is(207));
    let file = scene.anna(&format!("GET {CALENDAR}")).await.is(200);
    assert_eq!(file.body.matches("BEGIN:VEVENT").count(), 5);
}
