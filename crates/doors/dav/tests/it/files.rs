//! Files and folders: the same verbs as everywhere, on a tree.

use crate::scene::{Scene, event};
use kontor_groupware::Asker;
use kontor_model::{Error, Kind, Origin};

pub(crate) const HOME: &str = "/dav/files/anna/";

pub(crate) async fn furnished() -> Scene {
    let scene = Scene::new().await;
    for folder in ["a", "a/b", "a/b/c"] {
        scene.anna(&format!("MKCOL {HOME}{folder}/\n\n")).await.is(201);
    }
    for file in ["top.txt", "a/one.txt", "a/b/two.txt", "a/b/c/three.txt"] {
        scene.anna(&format!("PUT {HOME}{file}\nContent-Type: text/plain\n\n{file}")).await.is(201);
    }
    scene
}

#[tokio::test]
async fn everybody_has_a_drive() {
    let scene = Scene::new().await;
    scene
        .anna(&format!("PROPFIND {HOME}\nDepth: 1\n\n"))
        .await
        .is(207)
        .has("<D:href>/dav/files/anna/</D:href>");
    scene.anna("PROPFIND /dav/files/\nDepth: 1\n\n").await.is(207).has("<D:href>/dav/files/anna/</D:href>");
    // Somebody else's is not to be seen, whether something is in it or not.
    for path in ["/dav/files/ben/", "/dav/files/ben/x", "/dav/files/nobody/"] {
        scene.anna(&format!("PROPFIND {path}\nDepth: 0\n\n")).await.is(404);
    }
    scene.anna("DELETE /dav/files/anna/\n\n").await.is(403).has("drive");
    scene.anna("MKCOL /dav/files/anna/\n\n").await.is(405);
    scene.anna("PUT /dav/files/anna/\n\nx").await.is(405);
}

#[tokio::test]
async fn what_is_put_is_got() {
    let scene = furnished().await;
    let reply = scene.anna(&format!("GET {HOME}a/b/two.txt")).await.is(200);
    assert_eq!(reply.body, "a/b/two.txt");
    scene.anna(&format!("PUT {HOME}none/x.txt\n\nx")).await.is(409);
    scene.anna(&format!("PUT {HOME}top.txt/x.txt\n\nx")).await.is(409);
    scene.anna(&format!("MKCOL {HOME}none/x\n\n")).await.is(409);
    scene.anna(&format!("MKCOL {HOME}top.txt\n\n")).await.is(405);
    scene.anna(&format!("MKCOL {HOME}a\n\n")).await.is(405);
    scene.anna(&format!("PUT {HOME}a\n\nx")).await.is(405);
    scene.anna(&format!("MKCOL {HOME}x\nContent-Type: text/plain\n\nx")).await.is(415);
    scene.anna(&format!("GET {HOME}a/none.txt")).await.is(404);
    scene.anna(&format!("PUT {HOME}top.txt\nIf-None-Match: *\n\nx")).await.is(412);
    scene.anna(&format!("DELETE {HOME}a/b/\n\n")).await.is(204);
    scene.anna(&format!("GET {HOME}a/b/c/three.txt")).await.is(404);
    scene.anna(&format!("GET {HOME}a/one.txt")).await.is(200);
}

#[tokio::test]
async fn depth_says_how_far_into_the_tree() {
    let scene = furnished().await;
    let check = async |depth: &str, path: &str, count: usize| {
        let reply = scene.anna(&format!("PROPFIND {path}\nDepth: {depth}\n\n")).await.is(207);
        assert_eq!(reply.count("<D:response>"), count, "{depth} {path}");
        reply
    };
    check("0", HOME, 1).await;
    check("1", HOME, 3).await;
    let mut all = check("infinity", HOME, 8).await;
    for href in ["", "top.txt", "a/", "a/one.txt", "a/b/", "a/b/two.txt", "a/b/c/", "a/b/c/three.txt"] {
        all = all.has(&format!("<D:href>{HOME}{href}</D:href>"));
    }
    check("infinity", &format!("{HOME}a/b/"), 4).await;
    check("1", &format!("{HOME}a/b/c/three.txt"), 1).await;
}

#[tokio::test]
async fn trees_are_copied_and_moved() {
    let scene = furnished().await;
    let to = |name: &str| format!("Destination: http://dav.example.org{HOME}{name}");
    scene.anna(&format!("COPY {HOME}a/\n{}\n\n", to("copy/"))).await.is(201);
    scene.anna(&format!("COPY {HOME}a/\n{}\nOverwrite: F\n\n", to("copy/"))).await.is(412);
    scene.anna(&format!("COPY {HOME}a/\n{}\n\n", to("copy/"))).await.is(204);
    let reply = scene.anna(&format!("GET {HOME}copy/b/c/three.txt")).await.is(200);
    assert_eq!(reply.body, "a/b/c/three.txt");
    scene.anna(&format!("COPY {HOME}a/\nDepth: 0\n{}\n\n", to("frame"))).await.is(201);
    let frame = scene.anna(&format!("PROPFIND {HOME}frame/\nDepth: 1\n\n")).await.is(207);
    assert_eq!(frame.count("<D:response>"), 1);
    scene.anna(&format!("MOVE {HOME}copy/b\n{}\n\n", to("frame/b"))).await.is(201);
    scene.anna(&format!("GET {HOME}frame/b/two.txt")).await.is(200);
    scene.anna(&format!("GET {HOME}copy/b/two.txt")).await.is(404);
    // In themselves, over what they lie in, and to where nothing is.
    scene.anna(&format!("MOVE {HOME}a/\n{}\n\n", to("a/b/x"))).await.is(403);
    scene.anna(&format!("COPY {HOME}a/\n{}\n\n", to("a/b/x"))).await.is(403);
    scene.anna(&format!("MOVE {HOME}a/b/\n{}\n\n", to("a"))).await.is(403);
    scene.anna(&format!("MOVE {HOME}a/\n{}\n\n", to("none/x"))).await.is(409);
    scene.anna(&format!("COPY {HOME}a/\n{}\n\n", to(""))).await.is(403);
    // Files and folders in each other's place.
    scene.anna(&format!("MOVE {HOME}top.txt\n{}\nOverwrite: F\n\n", to("frame"))).await.is(412);
    scene.anna(&format!("MOVE {HOME}top.txt\n{}\n\n", to("frame"))).await.is(204);
    assert_eq!(scene.anna(&format!("GET {HOME}frame")).await.is(200).body, "top.txt");
    scene.anna(&format!("COPY {HOME}a\n{}\n\n", to("frame"))).await.is(204);
    scene.anna(&format!("GET {HOME}frame/one.txt")).await.is(200);
    scene.anna(&format!("COPY /dav/calendars/anna/default/\n{}\n\n", to("x"))).await.is(403);
}

#[tokio::test]
async fn what_changed_is_told_folder_by_folder() {
    let scene = furnished().await;
    let ask = async |path: &str, token: &str, level: &str| {
        let body = format!(
            "<D:sync-collection xmlns:D='DAV:'><D:sync-token>{token}</D:sync-token><D:sync-level>{level}</D:sync-level>\
             <D:prop><D:getetag/></D:prop></D:sync-collection>"
        );
        scene.anna(&format!("REPORT {path}\n\n{body}")).await
    };
    let first = ask(HOME, "", "1").await.is(207);
    let first =
        first.has("<D:href>/dav/files/anna/a/</D:href>").has("<D:href>/dav/files/anna/top.txt</D:href>");
    let token = first.body.split("<D:sync-token>").nth(1).unwrap().split('<').next().unwrap().to_owned();
    scene.anna(&format!("MKCOL {HOME}new\n\n")).await.is(201);
    scene.anna(&format!("DELETE {HOME}a\n\n")).await.is(204);
    let then = ask(HOME, &token, "1").await.is(207);
    then.has("<D:href>/dav/files/anna/new/</D:href>").has("404").lacks("top.txt");
}

#[tokio::test]
async fn odd_names_are_refused_by_name() {
    let scene = furnished().await;
    for path in ["a%2Fb", "%2e%2e/ben/x", "a%00b", "%ff", "%c0%af", "a/%2e%2e/%2e%2e/x"] {
        scene.anna(&format!("PUT {HOME}{path}\n\nx")).await.is(400).has("UTF-8");
    }
    let long = "x".repeat(255);
    scene.anna(&format!("PUT {HOME}{long}\n\nx")).await.is(201);
    scene.anna(&format!("PUT {HOME}{long}x\n\nx")).await.is(403).has("255 bytes");
    scene.anna(&format!("MKCOL {HOME}{}\n\n", "y".repeat(20_000))).await.is(403).has("255 bytes");
    // One file, however its letters are put together.
    scene.anna(&format!("PUT {HOME}u%CC%88.txt\n\nx")).await.is(201);
    scene.anna(&format!("PUT {HOME}%C3%BC.txt\n\ny")).await.is(204);
    assert_eq!(scene.anna(&format!("GET {HOME}u%CC%88.txt")).await.is(200).body, "y");
    for name in ["a%20b", "%26%3C%3E%22.txt", "%E6%97%A5%E6%9C%AC", "%25", "100%25%20%2B%3B"] {
        scene.anna(&format!("PUT {HOME}{name}\n\nx")).await.is(201);
        scene.anna(&format!("GET {HOME}{name}")).await.is(200);
    }
}

#[tokio::test]
async fn folders_keep_what_clients_put_on_them() {
    let scene = furnished().await;
    let body = "<propertyupdate xmlns='DAV:'><set><prop><x xmlns='urn:x'>1</x></prop></set></propertyupdate>";
    for path in ["a/", "a/one.txt"] {
        scene.anna(&format!("PROPPATCH {HOME}{path}\n\n{body}")).await.is(207);
    }
    scene.anna(&format!("COPY {HOME}a/\nDestination: {HOME}copy/\n\n")).await.is(201);
    let ask = "<propfind xmlns='DAV:'><prop><x xmlns='urn:x'/></prop></propfind>";
    for path in ["a/", "a/one.txt", "copy/", "copy/one.txt"] {
        scene
            .anna(&format!("PROPFIND {HOME}{path}\nDepth: 0\n\n{ask}"))
            .await
            .is(207)
            .has("xmlns=\"urn:x\">1</x>");
    }
}

#[tokio::test]
async fn what_may_not_be_seen_is_not_there() {
    let scene = furnished().await;
    for path in ["", "a/", "a/one.txt", "none"] {
        for method in ["GET", "PROPFIND", "DELETE", "PROPPATCH"] {
            let status = scene.ask("ben", &format!("{method} {HOME}{path}\n\n")).await.status;
            let on_folder = method == "GET" && path != "a/one.txt" && path != "none";
            let fits = status == 404 || on_folder && status == 405 || method == "PROPPATCH" && status == 400;
            assert!(fits, "{method} {path}: {status}");
        }
    }
    let system = Asker::system(Origin::Job);
    let place = scene.office.place(&system, "anna", &[Kind::Calendar], "files/a");
    assert_eq!(place.await.map(drop), Err(Error::NotFound), "a path stays among its kinds");
    scene.anna(&format!("PUT {HOME}e.ics\nContent-Type: text/calendar\n\n{}", event("e"))).await.is(201);
}
