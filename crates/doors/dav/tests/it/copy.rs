//! COPY and MOVE, within and between collections and accounts.

use crate::scene::{Scene, card, event, task};
use kontor_model::Role;

const ONE: &str = "/dav/calendars/anna/default/one.ics";

#[tokio::test]
async fn an_item_moves_with_its_text_and_properties() {
    let scene = Scene::new().await;
    scene.event("one").await;
    let body = "<propertyupdate xmlns='DAV:'><set><prop><x xmlns='urn:x'>1</x></prop></set></propertyupdate>";
    scene.anna(&format!("PROPPATCH {ONE}\n\n{body}")).await.is(207);
    scene.anna("MKCALENDAR /dav/calendars/anna/work/\n\n").await.is(201);
    let to = "/dav/calendars/anna/work/a%20b.ics";
    scene.anna(&format!("MOVE {ONE}\nDestination: http://dav.example.org{to}\n\n")).await.is(201);
    scene.anna(&format!("GET {ONE}")).await.is(404);
    assert_eq!(scene.anna(&format!("GET {to}")).await.is(200).body, event("one"));
    scene.anna(&format!("PROPFIND {to}\nDepth: 0\n\n")).await.is(207).has("xmlns=\"urn:x\">1</x>");
    scene.anna(&format!("COPY {to}\nDestination: {ONE}\n\n")).await.is(201);
    scene.anna(&format!("GET {to}")).await.is(200);
    assert_eq!(scene.anna(&format!("GET {ONE}")).await.is(200).body, event("one"));
}

#[tokio::test]
async fn overwrite_says_whether_to_replace() {
    let scene = Scene::new().await;
    let tag = scene.event("one").await;
    scene.event("two").await;
    let two = "/dav/calendars/anna/default/two.ics";
    scene.anna(&format!("MOVE {ONE}\nDestination: {two}\nOverwrite: F\n\n")).await.is(412);
    scene.anna(&format!("MOVE {ONE}\nDestination: {two}\nIf-Match: \"x\"\n\n")).await.is(412);
    scene.anna(&format!("MOVE {ONE}\nDestination: {two}\nOverwrite: maybe\n\n")).await.is(400);
    // Replacing would change the UID of what is there (RFC 4791 5.3.2.1).
    scene.anna(&format!("MOVE {ONE}\nDestination: {two}\n\n")).await.is(403).has("<C:no-uid-conflict>");
    assert_eq!(scene.anna(&format!("GET {two}")).await.is(200).body, event("two"));
    scene.anna("MKCALENDAR /dav/calendars/anna/other/\n\n").await.is(201);
    let other = "/dav/calendars/anna/other/one.ics";
    let old = event("one").replace("SUMMARY:one", "SUMMARY:old");
    scene.anna(&format!("PUT {other}\n\n{old}")).await.is(201);
    scene.anna(&format!("MOVE {ONE}\nDestination: {other}\nOverwrite: F\n\n")).await.is(412);
    scene.anna(&format!("MOVE {ONE}\nDestination: {other}\nIf-Match: {tag}\n\n")).await.is(204);
    assert_eq!(scene.anna(&format!("GET {other}")).await.is(200).body, event("one"));
    scene.anna(&format!("GET {ONE}")).await.is(404);
}

#[tokio::test]
async fn destinations_are_checked() {
    let scene = Scene::new().await;
    scene.event("one").await;
    let check = async |method: &str, destination: &str, status: u16, part: &str| {
        let reply = scene.anna(&format!("{method} {ONE}\nDestination: {destination}\n\n")).await.is(status);
        reply.has(part);
    };
    for method in ["COPY", "MOVE"] {
        check(method, "http://elsewhere.example.com/dav/calendars/anna/default/x.ics", 502, "another server")
            .await;
        check(method, ONE, 403, "same").await;
        check(method, "/dav/calendars/anna/none/x.ics", 409, "no collection").await;
        check(method, "/dav/calendars/ben/default/x.ics", 409, "no collection").await;
        check(method, "/dav/calendars/anna/tasks/", 403, "").await;
        check(method, "/dav/calendars/anna/tasks/x.ics", 403, "supported-calendar-component").await;
        check(method, "/dav/addressbooks/anna/default/x.vcf", 403, "CR:supported-address-data").await;
        check(method, "/elsewhere/x.ics", 409, "").await;
        check(method, "../x.ics", 400, "").await;
        scene.anna(&format!("{method} {ONE}\n\n")).await.is(400);
        scene.anna(&format!("{method} {ONE}x\nDestination: {ONE}y\n\n")).await.is(404);
    }
    check("COPY", "/dav/calendars/anna/default/copy.ics", 409, "no-uid-conflict><D:href>").await;
    scene.anna(&format!("GET {ONE}")).await.is(200);
}

#[tokio::test]
async fn collections_are_renamed_and_copied() {
    let scene = Scene::new().await;
    scene.event("one").await;
    let (from, to) = ("/dav/calendars/anna/default/", "/dav/calendars/anna/copy/");
    scene.anna(&format!("COPY {from}\nDestination: {to}\n\n")).await.is(201);
    scene.anna(&format!("GET {to}one.ics")).await.is(200);
    scene.anna(&format!("COPY {from}\nDestination: {to}\nOverwrite: F\n\n")).await.is(412);
    scene.anna(&format!("COPY {from}\nDestination: {to}\n\n")).await.is(204);
    scene.anna(&format!("COPY {from}\nDestination: /dav/calendars/anna/frame/\nDepth: 0\n\n")).await.is(201);
    scene.anna("GET /dav/calendars/anna/frame/one.ics").await.is(404);
    scene.anna(&format!("MOVE {from}\nDestination: /dav/calendars/anna/named/\n\n")).await.is(201);
    scene.anna("GET /dav/calendars/anna/named/one.ics").await.is(200);
    scene.anna(&format!("PROPFIND {from}\nDepth: 0\n\n")).await.is(404);
    scene.anna(&format!("MOVE {to}\nDestination: {to}inner/\n\n")).await.is(403);
    scene.anna(&format!("MOVE {to}\nDestination: {to}\n\n")).await.is(403);
    scene.anna(&format!("MOVE {to}\nDestination: /dav/addressbooks/anna/x/\n\n")).await.is(403);
    scene.anna(&format!("MOVE {to}\nDestination: /dav/calendars/nobody/x/\n\n")).await.is(409);
}

#[tokio::test]
async fn between_accounts_rights_decide() {
    let scene = Scene::new().await;
    let ben = |text: &str| format!("{text}\n\n");
    let own = "/dav/calendars/ben/default/mine.ics";
    scene.ask("ben", &format!("PUT {own}\n\n{}", event("mine"))).await.is(201);
    let to = "/dav/calendars/anna/default/mine.ics";
    scene.ask("ben", &ben(&format!("COPY {own}\nDestination: {to}"))).await.is(409);
    scene.grant_ben("default", Role::Reader.rights()).await;
    scene.ask("ben", &ben(&format!("COPY {own}\nDestination: {to}"))).await.is(403).has("<D:bind/>");
    scene.grant_ben("default", Role::Editor.rights()).await;
    scene.ask("ben", &ben(&format!("MOVE {own}\nDestination: {to}"))).await.is(201);
    scene.ask("ben", &format!("GET {own}")).await.is(404);
    assert_eq!(scene.anna(&format!("GET {to}")).await.is(200).body, event("mine"));
    scene.ask("ben", &ben(&format!("MOVE {to}\nDestination: {own}"))).await.is(201);
    scene.anna(&format!("GET {to}")).await.is(404);
}

#[tokio::test]
async fn cards_and_tasks_move_too() {
    let scene = Scene::new().await;
    scene.anna(&format!("PUT /dav/addressbooks/anna/default/a.vcf\n\n{}", card("a"))).await.is(201);
    scene.anna("MKCOL /dav/addressbooks/anna/b/\n\n").await.is(201);
    let to = "/dav/addressbooks/anna/b/a.vcf";
    scene.anna(&format!("MOVE /dav/addressbooks/anna/default/a.vcf\nDestination: {to}\n\n")).await.is(201);
    scene.anna(&format!("PUT /dav/calendars/anna/tasks/t.ics\n\n{}", task("t"))).await.is(201);
    scene.anna("MKCALENDAR /dav/calendars/anna/any/\n\n").await.is(201);
    let to = "/dav/calendars/anna/any/t.ics";
    scene.anna(&format!("COPY /dav/calendars/anna/tasks/t.ics\nDestination: {to}\n\n")).await.is(201);
}

/// A client that kept the old text under its tag must not take the new one for it.
#[tokio::test]
async fn a_tag_is_never_that_of_another_text_at_the_same_address() {
    let scene = Scene::new().await;
    let work = "/dav/calendars/anna/work/";
    let there = format!("{work}one.ics");
    let mut tags = std::collections::BTreeSet::new();
    scene.event("one").await;
    for round in 0..4 {
        scene.anna(&format!("MKCALENDAR {work}\n\n")).await.is(201);
        let moving =
            |from: &str, to: &str| format!("MOVE {from}\nDestination: http://dav.example.org{to}\n\n");
        scene.anna(&moving(ONE, &there)).await.is(201);
        let tag = scene.anna(&format!("HEAD {there}")).await.is(200).header("etag").to_owned();
        assert!(tags.insert(tag.clone()), "{tag} again in round {round}");
        scene.anna(&moving(&there, ONE)).await.is(201);
        let text = event("one").replace("SUMMARY:", &format!("SUMMARY:{round} "));
        scene.anna(&format!("PUT {ONE}\nIf-Match: {tag}\n\n{text}")).await.is(412);
        scene.anna(&format!("PUT {ONE}\n\n{text}")).await.is(204);
        scene.anna(&format!("DELETE {work}\n\n")).await.is(204);
    }
}
