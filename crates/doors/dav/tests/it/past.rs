//! What files and events said before: listed, read and brought back.

use crate::scene::{Reply, Scene, event};

const FILE: &str = "/dav/files/anna/offer.txt";
const NAMES: &str = "<D:prop><D:version-name/><D:getcontentlength/><D:creator-displayname/><D:getlastmodified/>\
    <D:getetag/></D:prop>";

async fn offers() -> Scene {
    let scene = Scene::new().await;
    for text in ["one", "second", "the third one"] {
        scene.anna(&format!("PUT {FILE}\nContent-Type: text/plain\n\n{text}")).await;
    }
    scene
}

async fn tree(scene: &Scene, path: &str) -> Reply {
    let body = format!("<D:version-tree xmlns:D='DAV:'>{NAMES}</D:version-tree>");
    scene.anna(&format!("REPORT {path}\n\n{body}")).await
}

/// What stands in each element of that name.
fn each(reply: &Reply, name: &str) -> Vec<String> {
    let open = format!("<D:{name}>");
    let parts = reply.body.split(&open).skip(1);
    parts.map(|rest| rest.split("</D:").next().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn versions_of_a_file_are_listed_and_read() {
    let scene = offers().await;
    let told = tree(&scene, FILE).await.is(207);
    assert_eq!(each(&told, "getcontentlength"), ["3", "6", "13"]);
    assert_eq!(each(&told, "creator-displayname"), ["Anna Arendt"; 3]);
    let (hrefs, names, tags) = (each(&told, "href"), each(&told, "version-name"), each(&told, "getetag"));
    assert_eq!((hrefs.len(), names.len(), tags.len()), (3, 3, 3), "{}", told.body);
    for (at, text) in ["one", "second", "the third one"].into_iter().enumerate() {
        assert_eq!(hrefs[at], format!("{FILE}?version={}", names[at]));
        let got = scene.anna(&format!("GET {}", hrefs[at])).await.is(200);
        assert_eq!((got.body.as_str(), got.header("etag")), (text, tags[at].as_str()));
        assert_eq!(got.header("content-type"), "text/plain");
        let part = scene.anna(&format!("GET {}\nRange: bytes=1-2", hrefs[at])).await.is(206);
        assert_eq!(part.body, text[1..3]);
        scene.anna(&format!("HEAD {}", hrefs[at])).await.is(200);
        let tag = got.header("etag");
        scene.anna(&format!("GET {}\nIf-None-Match: {tag}", hrefs[at])).await.is(304);
    }
    for nothing in ["999", "0", "x", "-1", "99999999999999999999", ""] {
        scene.anna(&format!("GET {FILE}?version={nothing}")).await.is(404);
    }
    let asked = "<D:propfind xmlns:D='DAV:'><D:prop><D:supported-report-set/></D:prop></D:propfind>";
    scene.anna(&format!("PROPFIND {FILE}\nDepth: 0\n\n{asked}")).await.is(207).has("<D:version-tree/>");
}

#[tokio::test]
async fn a_version_is_copied_back() {
    let scene = offers().await;
    let hrefs = each(&tree(&scene, FILE).await, "href");
    let copy = async |from: &str, to: &str, more: &str| {
        let to = format!("Destination: http://dav.example.org{to}");
        scene.anna(&format!("COPY {from}\n{to}{more}\n\n")).await
    };
    copy(&hrefs[0], FILE, "\nOverwrite: F").await.is(412);
    copy(&hrefs[0], FILE, "\nIf-Match: \"other\"").await.is(412);
    copy(&hrefs[0], "/dav/files/anna/none/x.txt", "").await.is(403);
    copy(&hrefs[0], "/dav/files/ben/x.txt", "").await.is(403);
    assert_eq!(scene.anna(&format!("GET {FILE}")).await.body, "the third one");
    copy(&hrefs[0], FILE, "").await.is(204);
    assert_eq!(scene.anna(&format!("GET {FILE}")).await.body, "one");
    copy(&hrefs[1], "/dav/files/anna/beside.txt", "").await.is(201);
    assert_eq!(scene.anna("GET /dav/files/anna/beside.txt").await.body, "second");
    copy(&hrefs[2], "/dav/files/anna/beside.txt", "").await.is(412);
    // What stood there until then is kept too.
    let told = tree(&scene, FILE).await.is(207);
    assert_eq!(each(&told, "getcontentlength"), ["3", "6", "13", "3"]);
}

#[tokio::test]
async fn a_browser_sees_them_on_a_page() {
    let scene = offers().await;
    scene.anna("GET /dav/files/anna/").await.is(200).has("href=\"./offer.txt?versions\"");
    let page = scene.anna(&format!("GET {FILE}?versions\nAccept: text/html")).await.is(200);
    assert_eq!(
        (page.count("./offer.txt?version="), page.count("(replaced)"), page.count(">now<")),
        (3, 2, 1)
    );
    let told = scene.anna(&format!("GET {FILE}?versions\nAccept: application/json")).await.is(200);
    let told: serde_json::Value = serde_json::from_str(&told.body).unwrap();
    let sizes: Vec<_> = told["versions"].as_array().unwrap().iter().map(|one| one["size"].as_u64()).collect();
    assert_eq!(sizes, [Some(13), Some(6), Some(3)]);
    scene.ask("ben", &format!("GET {FILE}?versions")).await.is(404);
    scene.anna("GET /dav/files/anna/never.txt?versions").await.is(404);
}

/// Each part lays the whole file down anew; only what was there before the first of them is worth keeping.
#[tokio::test]
async fn parts_are_no_versions() {
    let scene = offers().await;
    for _ in 0..3 {
        let part = "PATCH /dav/files/anna/film.mkv\nContent-Type: application/x-sabredav-partialupdate\nX-Update-Range: append";
        if scene.anna("GET /dav/files/anna/film.mkv").await.status == 404 {
            scene.anna("PUT /dav/files/anna/film.mkv\n\none part").await.is(201);
        }
        let reply = scene.anna(&format!("{part}\n\n, one more")).await;
        assert!([200, 204].contains(&reply.status), "{}", reply.status);
    }
    let told = tree(&scene, "/dav/files/anna/film.mkv").await.is(207);
    assert_eq!(each(&told, "getcontentlength"), ["38"]);
}

#[tokio::test]
async fn nothing_changes_what_was() {
    let scene = offers().await;
    let href = &each(&tree(&scene, FILE).await, "href")[0];
    for request in ["PUT", "DELETE", "PROPPATCH", "LOCK", "MOVE", "PATCH", "PROPFIND", "ACL", "UNLOCK"] {
        let reply = scene.anna(&format!("{request} {href}\nDestination: {FILE}x\n\nx")).await;
        assert!([403, 405].contains(&reply.status), "{request}: {}", reply.status);
    }
    scene.anna(&format!("DELETE {href}\n\n")).await.is(403).has("<D:cannot-modify-version/>");
    assert_eq!(scene.anna(&format!("GET {FILE}")).await.is(200).body, "the third one");
}

#[tokio::test]
async fn what_is_gone_is_still_told_by_its_name() {
    let scene = offers().await;
    scene.anna(&format!("DELETE {FILE}\n\n")).await.is(204);
    let told = tree(&scene, FILE).await.is(207);
    let hrefs = each(&told, "href");
    assert_eq!(
        (hrefs.len(), scene.anna(&format!("GET {}", hrefs[2])).await.is(200).body.as_str()),
        (3, "the third one")
    );
    scene.anna(&format!("COPY {}\nDestination: {FILE}\n\n", hrefs[2])).await.is(201);
    assert_eq!(scene.anna(&format!("GET {FILE}")).await.is(200).body, "the third one");
    tree(&scene, "/dav/files/anna/never.txt").await.is(404);
    // Somebody else's are not to be found.
    let body = format!("<D:version-tree xmlns:D='DAV:'>{NAMES}</D:version-tree>");
    for request in [format!("REPORT {FILE}\n\n{body}"), format!("GET {}", hrefs[0])] {
        scene.ask("ben", &request).await.is(404);
    }
}

#[tokio::test]
async fn events_have_versions_too() {
    let scene = Scene::new().await;
    let path = "/dav/calendars/anna/default/one.ics";
    scene.event("one").await;
    let changed = event("one").replace("SUMMARY:", "SUMMARY:Not ");
    scene.anna(&format!("PUT {path}\n\n{changed}")).await.is(204);
    let hrefs = each(&tree(&scene, path).await.is(207), "href");
    assert_eq!(scene.anna(&format!("GET {}", hrefs[0])).await.is(200).body, event("one"));
    scene.anna(&format!("COPY {}\nDestination: {path}\n\n", hrefs[0])).await.is(204);
    assert_eq!(scene.anna(&format!("GET {path}")).await.is(200).body, event("one"));
}
