//! Conditional requests: none of them is ignored.

use crate::scene::{Scene, event};

const PATH: &str = "/dav/calendars/anna/default/one.ics";

#[tokio::test]
async fn a_write_with_a_condition_that_fails_changes_nothing() {
    let scene = Scene::new().await;
    let tag = scene.event("one").await;
    let weak = format!("W/{tag}");
    for header in [
        "If-None-Match: *",
        &format!("If-None-Match: {tag}"),
        &format!("If-None-Match: \"x\", {weak}"),
        "If-Match: \"other\"",
        "If-Match: \"1-1\"",
        &format!("If-Match: {weak}"),
        "If-Match: \"a\", \"b\"",
        "If: ([\"other\"])",
        "If: (<urn:uuid:no-lock-of-ours>)",
        &format!("If: (Not [{tag}])"),
        "If-Unmodified-Since: Sat, 21 Nov 2026 21:04:04 GMT",
    ] {
        let changed = event("one").replace("SUMMARY:one", "SUMMARY:changed");
        scene.anna(&format!("PUT {PATH}\n{header}\n\n{changed}")).await.is(412);
        scene.anna(&format!("DELETE {PATH}\n{header}\n\n")).await.is(412);
        scene.anna(&format!("GET {PATH}")).await.is(200).says("etag", &tag).lacks("changed");
    }
}

#[tokio::test]
async fn a_write_with_a_condition_that_holds_is_done() {
    let scene = Scene::new().await;
    let mut tag = scene.event("one").await;
    let conditions: [&dyn Fn(&str) -> String; 8] = [
        &|tag| format!("If-Match: {tag}"),
        &|_| "If-Match: *".to_owned(),
        &|tag| format!("If-Match: \"x\", {tag}"),
        &|_| "If-None-Match: \"x\"".to_owned(),
        &|tag| format!("If: ([{tag}])"),
        &|tag| format!("If: (<urn:uuid:x>) (Not <DAV:no-lock> [{tag}])"),
        &|tag| format!("If: <http://dav.example.org{PATH}> ([{tag}])"),
        // The clock stands; all the same each change is dated after the one before.
        &|_| "If-Unmodified-Since: Sat, 21 Nov 2026 21:05:05 GMT".to_owned(),
    ];
    for condition in conditions {
        let put = format!("PUT {PATH}\n{}\n\n{}", condition(&tag), event("one"));
        tag = scene.anna(&put).await.is(204).header("etag").to_owned();
    }
    scene.anna(&format!("DELETE {PATH}\nIf-Match: {tag}\n\n")).await.is(204);
    scene.anna(&format!("DELETE {PATH}\n\n")).await.is(404);
}

#[tokio::test]
async fn conditions_on_what_is_not_there() {
    let scene = Scene::new().await;
    for header in ["If-Match: *", "If-Match: \"1-1\"", "If-Match: \"1-1\", \"2-2\""] {
        scene.anna(&format!("PUT {PATH}\n{header}\n\n{}", event("one"))).await.is(412);
    }
    scene.anna(&format!("PUT {PATH}\nIf-None-Match: \"1-1\"\n\n{}", event("one"))).await.is(201);
    scene.anna("PUT /dav/calendars/anna/default/b.ics\nIf-Match: \"unclosed\n\n").await.is(400);
}

#[tokio::test]
async fn an_old_tag_of_a_new_item_of_the_same_name_fails() {
    let scene = Scene::new().await;
    let old = scene.event("one").await;
    scene.anna(&format!("DELETE {PATH}\n\n")).await.is(204);
    let new = scene.event("one").await;
    assert_ne!(old, new);
    scene.anna(&format!("PUT {PATH}\nIf-Match: {old}\n\n{}", event("one"))).await.is(412);
}

#[tokio::test]
async fn a_read_that_would_bring_nothing_new_is_304() {
    let scene = Scene::new().await;
    let tag = scene.event("one").await;
    for header in [
        format!("If-None-Match: {tag}"),
        format!("If-None-Match: \"x\", W/{tag}"),
        "If-None-Match: *".to_owned(),
        "If-Modified-Since: Sat, 21 Nov 2026 21:04:05 GMT".to_owned(),
    ] {
        let reply = scene.anna(&format!("GET {PATH}\n{header}")).await.is(304).says("etag", &tag);
        assert_eq!(reply.body, "");
    }
    for header in [
        "If-None-Match: \"x\"",
        "If-Modified-Since: Sat, 21 Nov 2026 21:04:04 GMT",
        "If-Modified-Since: nonsense",
        // If-None-Match wins (RFC 9110 13.2.2).
        "If-None-Match: \"x\"\nIf-Modified-Since: Sat, 21 Nov 2026 21:04:05 GMT",
    ] {
        scene.anna(&format!("GET {PATH}\n{header}")).await.is(200);
    }
    scene.anna(&format!("GET {PATH}\nIf-Match: \"x\"")).await.is(412);
}
