//! PUT: kept as sent, and every rule by its name.

use crate::scene::{Scene, card, event, task};

const PATH: &str = "/dav/calendars/anna/default/a.ics";

#[tokio::test]
async fn what_is_put_comes_back_byte_for_byte() {
    let scene = Scene::new().await;
    let body =
        event("one").replace("SUMMARY:one", "SUMMARY:über;x\r\nX-ODD;A=\"b\":\u{1F4C5} ,;\r\n  folded");
    let tag = scene
        .anna(&format!("PUT {PATH}\nContent-Type: text/calendar; charset=utf-8\n\n{body}"))
        .await
        .is(201);
    let tag = tag.header("etag").to_owned();
    assert!(tag.starts_with('"') && tag.ends_with('"'));
    let reply = scene.anna(&format!("GET {PATH}")).await.is(200).says("etag", &tag);
    assert_eq!(reply.body, body);
    assert!(reply.header("content-type").starts_with("text/calendar"));
    assert_eq!(reply.header("last-modified"), "Sat, 21 Nov 2026 21:04:05 GMT");
    let again = scene.anna(&format!("PUT {PATH}\n\n{}", event("one"))).await.is(204);
    assert_ne!(again.header("etag"), tag);
    let head = scene.anna(&format!("HEAD {PATH}")).await.is(200);
    assert_eq!(head.header("content-length"), event("one").len().to_string());
    assert_eq!(head.body, "");
}

#[tokio::test]
async fn what_breaks_a_rule_is_refused_by_its_name() {
    let scene = Scene::new().await;
    let check = async |path: &str, content_type: &str, body: &str, status: u16, name: &str| {
        let reply =
            scene.anna(&format!("PUT {path}\nContent-Type: {content_type}\n\n{body}")).await.is(status);
        reply.has(&format!("<{name}")).has("<D:error").has("<D:responsedescription>");
        scene.anna(&format!("GET {path}")).await.is(404);
    };
    let calendar = "text/calendar";
    check(PATH, "image/png", &event("x"), 403, "C:supported-calendar-data").await;
    check(PATH, calendar, "hello", 403, "C:valid-calendar-data").await;
    let open = event("x").replace("END:VEVENT\r\n", "");
    check(PATH, calendar, &open, 403, "C:valid-calendar-data").await;
    let dated =
        |date: &str| event("x").replace("DTEND:20261201T110000Z\r\n", "").replace("20261201T100000Z", date);
    check(PATH, calendar, &dated("00000101T000000Z"), 403, "C:min-date-time").await;
    let late = dated("99991231T230000Z\r\nDURATION:PT2H");
    check(PATH, calendar, &late, 403, "C:max-date-time").await;
    let endless = dated("20260101T000000Z\r\nRRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=29;BYDAY=SU;COUNT=9999");
    check(PATH, calendar, &endless, 403, "C:max-instances").await;
    let crowd: String = (0..1001).map(|n| format!("ATTENDEE:mailto:{n}@example.org\r\n")).collect();
    let crowded = event("x").replace("END:VEVENT", &format!("{crowd}END:VEVENT"));
    check(PATH, calendar, &crowded, 403, "C:max-attendees-per-instance").await;
    let with_method = event("x").replace("VERSION:2.0", "VERSION:2.0\r\nMETHOD:REQUEST");
    check(PATH, calendar, &with_method, 403, "C:valid-calendar-object-resource").await;
    check(PATH, calendar, &task("x"), 403, "C:supported-calendar-component").await;
    let book = "/dav/addressbooks/anna/default/a.vcf";
    check(book, "text/calendar", &event("x"), 403, "CR:supported-address-data").await;
    check(book, "text/vcard", "hello", 403, "CR:valid-address-data").await;
    check(book, "text/vcard", &card("a").replace("UID:a\r\n", ""), 403, "CR:valid-address-data").await;
}

#[tokio::test]
async fn the_line_and_the_reason_are_told() {
    let scene = Scene::new().await;
    let bad = event("x").replace("DTSTART:20261201T100000Z", "DTSTART:yesterday");
    let reply = scene.anna(&format!("PUT {PATH}\n\n{bad}")).await.is(403);
    reply.has("<D:responsedescription>").has("line 7");
}

#[tokio::test]
async fn a_uid_is_there_once_and_stays() {
    let scene = Scene::new().await;
    scene.event("one").await;
    let reply = scene.anna(&format!("PUT {PATH}\n\n{}", event("one"))).await.is(409);
    reply.has("<C:no-uid-conflict><D:href>/dav/calendars/anna/default/one.ics</D:href></C:no-uid-conflict>");
    let changed = scene.anna(&format!("PUT /dav/calendars/anna/default/one.ics\n\n{}", event("two"))).await;
    changed.is(403).has("<C:no-uid-conflict>");
    // In another collection it may be.
    scene.anna("MKCALENDAR /dav/calendars/anna/other/\n\n").await.is(201);
    scene.anna(&format!("PUT /dav/calendars/anna/other/one.ics\n\n{}", event("one"))).await.is(201);
    scene.anna(&format!("PUT /dav/addressbooks/anna/default/a.vcf\n\n{}", card("u"))).await.is(201);
    let reply =
        scene.anna(&format!("PUT /dav/addressbooks/anna/default/b.vcf\n\n{}", card("u"))).await.is(409);
    reply.has("<CR:no-uid-conflict><D:href>/dav/addressbooks/anna/default/a.vcf</D:href>");
}

#[tokio::test]
async fn too_large_is_told_by_the_property_that_says_how_large() {
    let mut policy = kontor_groupware::Policy::default();
    policy.limits.max_item_size = 1000;
    let scene = Scene::with(policy, kontor_door_dav::Settings::default()).await;
    let large = event("x").replace("SUMMARY:x", &format!("SUMMARY:{}", "y".repeat(1000)));
    scene.anna(&format!("PUT {PATH}\n\n{large}")).await.is(403).has("<C:max-resource-size/>");
    let large = card("x").replace("FN:x", &format!("FN:{}", "y".repeat(1000)));
    let reply = scene.anna(&format!("PUT /dav/addressbooks/anna/default/a.vcf\n\n{large}")).await.is(403);
    reply.has("<CR:max-resource-size/>");
}

#[tokio::test]
async fn where_no_collection_is_nothing_can_be_put() {
    let scene = Scene::new().await;
    scene.anna(&format!("PUT /dav/calendars/anna/none/a.ics\n\n{}", event("x"))).await.is(409);
    scene.anna(&format!("PUT /dav/calendars/nobody/none/a.ics\n\n{}", event("x"))).await.is(404);
    scene.anna(&format!("PUT /dav/calendars/ben/default/a.ics\n\n{}", event("x"))).await.is(404);
    scene.anna(&format!("PUT {PATH}\nContent-Range: bytes 0-1/2\n\n{}", event("x"))).await.is(400);
    scene.anna(&format!("PUT {PATH}\nContent-Encoding: gzip\n\n{}", event("x"))).await.is(415);
}

#[tokio::test]
async fn the_representation_is_returned_on_request() {
    let scene = Scene::new().await;
    let put = format!("PUT {PATH}\nPrefer: return=representation\n\n{}", event("one"));
    let reply = scene.anna(&put).await.is(201).says("preference-applied", "return=representation");
    assert_eq!(reply.body, event("one"));
    scene.anna(&put).await.is(200).says("content-location", PATH);
    let stale = put.replace("Prefer", "If-None-Match: *\nPrefer");
    let reply = scene.anna(&stale).await.is(412).says("preference-applied", "return=representation");
    assert_eq!(reply.body, event("one"));
    assert!(reply.header("etag").starts_with('"'));
}
