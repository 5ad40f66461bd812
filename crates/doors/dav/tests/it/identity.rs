//! DAV:resource-id (RFC 5842 3.1): what a client knows a thing again by, wherever it moves.

use crate::report_scene::*;
use crate::scene::{Scene, event};
use kontor_wire_dav::name::dav;

const HOME: &str = "/dav/files/anna/";

async fn id(scene: &Scene, path: &str) -> String {
    let asked = crate::scene::props("D:resource-id");
    let reply = scene.anna(&format!("PROPFIND {path}\nDepth: 0\n\n{asked}")).await.is(207);
    let all = reply.multistatus();
    let found =
        all.responses[0].property(&dav::RESOURCE_ID).unwrap_or_else(|| panic!("none: {}", reply.body));
    let href = found.child(&dav::HREF).unwrap().text().into_owned();
    assert!(href.starts_with("urn:kontor:"), "{href}");
    href
}

async fn act(scene: &Scene, text: &str) {
    let status = scene.anna(text).await.status;
    assert!([201, 204].contains(&status), "{text}: {status}");
}

#[tokio::test]
async fn files_and_folders_keep_their_id_when_they_move() {
    let scene = Scene::new().await;
    for folder in ["a", "a/b", "c"] {
        act(&scene, &format!("MKCOL {HOME}{folder}\n\n")).await;
    }
    act(&scene, &format!("PUT {HOME}a/b/x\n\n1")).await;
    let known = (id(&scene, &format!("{HOME}a/b/")).await, id(&scene, &format!("{HOME}a/b/x")).await);
    assert_ne!(known.0, known.1);
    act(&scene, &format!("PUT {HOME}a/b/x\n\n2")).await;
    act(&scene, &format!("MOVE {HOME}a/b/x\nDestination: {HOME}a/b/y\n\n")).await;
    act(&scene, &format!("MOVE {HOME}a/b\nDestination: {HOME}c/d\n\n")).await;
    assert_eq!((id(&scene, &format!("{HOME}c/d/")).await, id(&scene, &format!("{HOME}c/d/y")).await), known);
    // A copy is another thing, and so is what is made anew where something was.
    act(&scene, &format!("COPY {HOME}c/d\nDestination: {HOME}e\n\n")).await;
    assert_ne!(id(&scene, &format!("{HOME}e/")).await, known.0);
    assert_ne!(id(&scene, &format!("{HOME}e/y")).await, known.1);
    act(&scene, &format!("DELETE {HOME}c/d/y\n\n")).await;
    act(&scene, &format!("PUT {HOME}c/d/y\n\n2")).await;
    assert_ne!(id(&scene, &format!("{HOME}c/d/y")).await, known.1);
}

#[tokio::test]
async fn events_and_calendars_keep_theirs_too() {
    let scene = Scene::new().await;
    let other = "/dav/calendars/anna/other/";
    act(&scene, &format!("MKCALENDAR {other}\n\n")).await;
    scene.put(&format!("{CALENDAR}a.ics"), &event("a")).await;
    let known = id(&scene, &format!("{CALENDAR}a.ics")).await;
    act(&scene, &format!("MOVE {CALENDAR}a.ics\nDestination: {other}b.ics\n\n")).await;
    assert_eq!(id(&scene, &format!("{other}b.ics")).await, known);
    let known = id(&scene, other).await;
    act(&scene, &format!("MOVE {other}\nDestination: /dav/calendars/anna/named/\n\n")).await;
    assert_eq!(id(&scene, "/dav/calendars/anna/named/").await, known);
}

/// One thing under several addresses is not to be had: no method of that sort is known, nor is any promised.
#[tokio::test]
async fn nothing_is_bound_twice() {
    let scene = Scene::new().await;
    act(&scene, &format!("MKCOL {HOME}a\n\n")).await;
    act(&scene, &format!("PUT {HOME}x\n\n1")).await;
    let told = scene.anna(&format!("OPTIONS {HOME}a/\n\n")).await;
    assert!(!told.header("dav").contains("bind") && !told.header("allow").contains("BIND"));
    let bind = format!("<D:bind xmlns:D='DAV:'><D:segment>y</D:segment><D:href>{HOME}x</D:href></D:bind>");
    for method in ["BIND", "UNBIND", "REBIND"] {
        let reply = scene.anna(&format!("{method} {HOME}a/\n\n{bind}")).await;
        reply.is(405).header("allow");
    }
    scene.anna(&format!("GET {HOME}a/y\n\n")).await.is(404);
    scene.anna(&format!("GET {HOME}x\n\n")).await.is(200);
}
