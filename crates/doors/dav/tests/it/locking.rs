//! LOCK, UNLOCK, and the If header (RFC 4918 9.10, 9.11, 10.4).

use crate::scene::{Reply, Scene};

const FILE: &str = "/dav/files/anna/a/file.txt";
const FOLDER: &str = "/dav/files/anna/a/";

async fn furnished() -> Scene {
    let scene = Scene::new().await;
    scene.anna(&format!("MKCOL {FOLDER}\n\n")).await.is(201);
    scene.anna(&format!("PUT {FILE}\n\ntext")).await.is(201);
    scene
}

fn info(scope: &str) -> String {
    format!(
        "<D:lockinfo xmlns:D='DAV:'><D:lockscope><D:{scope}/></D:lockscope><D:locktype><D:write/></D:locktype>\
         <D:owner>Anna</D:owner></D:lockinfo>"
    )
}

fn token(reply: &Reply) -> String {
    let header = reply.header("lock-token");
    header.trim_matches(['<', '>']).to_owned()
}

#[tokio::test]
async fn a_lock_is_taken_shown_renewed_and_given_back() {
    let scene = furnished().await;
    let lock = format!("LOCK {FILE}\nTimeout: Second-600\n\n{}", info("exclusive"));
    let taken = scene.anna(&lock).await.is(200);
    let token = token(&taken);
    taken
        .has(&format!("<D:locktoken><D:href>{token}</D:href></D:locktoken>"))
        .has("Second-600")
        .has(&format!("<D:lockroot><D:href>{FILE}</D:href></D:lockroot>"))
        .has("Anna");
    scene
        .anna(&lock)
        .await
        .is(423)
        .has(&format!("<D:no-conflicting-lock><D:href>{FILE}</D:href></D:no-conflicting-lock>"));
    scene.anna(&format!("PUT {FILE}\n\nother")).await.is(423).has("lock-token-submitted");
    scene.anna(&format!("PUT {FILE}\nIf: (<{token}>)\n\nother")).await.is(204);
    scene.anna(&format!("PROPFIND {FILE}\nDepth: 0\n\n")).await.is(207).has(&token).has("<D:lockentry>");
    scene.anna(&format!("LOCK {FILE}\n\n")).await.is(400);
    let renewed = scene.anna(&format!("LOCK {FILE}\nIf: (<{token}>)\nTimeout: Second-900\n\n")).await.is(200);
    assert!(!renewed.headers.contains_key("lock-token"));
    renewed.has("Second-900");
    scene.anna(&format!("UNLOCK {FILE}\n\n")).await.is(400);
    scene.anna(&format!("UNLOCK {FOLDER}\nLock-Token: <{token}>\n\n")).await.is(409);
    scene.anna(&format!("UNLOCK {FILE}\nLock-Token: <urn:x:y>\n\n")).await.is(409);
    scene.anna(&format!("UNLOCK {FILE}\nLock-Token: <{token}>\n\n")).await.is(204);
    scene.anna(&format!("UNLOCK {FILE}\nLock-Token: <{token}>\n\n")).await.is(409);
    scene.anna(&format!("PUT {FILE}\nIf: (<{token}>)\n\nother")).await.is(412);
    scene.anna(&format!("DELETE {FILE}\n\n")).await.is(204);
}

/// RFC 4918 10.4: what the header says of this resource and of others.
#[tokio::test]
async fn the_if_header_is_asked_in_full() {
    let scene = furnished().await;
    let taken = scene.anna(&format!("LOCK {FOLDER}\n\n{}", info("exclusive"))).await.is(200);
    let token = token(&taken);
    let tag = scene.anna(&format!("GET {FILE}")).await.is(200).header("etag").to_owned();
    let check = async |header: &str, status: u16| {
        let change = "<D:propertyupdate xmlns:D='DAV:'><D:set><D:prop><x xmlns='u:'/></D:prop></D:set></D:propertyupdate>";
        scene.anna(&format!("PROPPATCH {FILE}\nIf: {header}\n\n{change}")).await.is(status);
    };
    check(&format!("(<{token}>)"), 207).await;
    check(&format!("(<{token}> [{tag}])"), 207).await;
    check(&format!("(<{token}> [\"x\"])"), 412).await;
    check(&format!("([\"x\"]) (<{token}>)"), 207).await;
    check(&format!("(Not <DAV:no-lock> <{token}>)"), 207).await;
    check(&format!("(Not <{token}>)"), 412).await;
    // Shown, though another list is what holds (10.4.1).
    check(&format!("(Not <DAV:no-lock>) (<{token}>)"), 207).await;
    check(&format!("<{FOLDER}> (<{token}>)"), 207).await;
    check(&format!("</dav/files/anna/none> (<{token}>)"), 412).await;
    check("(<DAV:no-lock>)", 412).await;
    check("(Not <DAV:no-lock>)", 423).await;
    check("(", 400).await;
}

#[tokio::test]
async fn a_lock_covers_the_tree_and_ends_with_it() {
    let scene = furnished().await;
    let taken = scene.anna(&format!("LOCK {FOLDER}\nDepth: infinity\n\n{}", info("shared"))).await.is(200);
    let token = token(&taken);
    for request in [
        format!("PUT {FOLDER}new.txt\n\nx"),
        format!("MKCOL {FOLDER}new\n\n"),
        format!("DELETE {FILE}\n\n"),
        format!("DELETE {FOLDER}\n\n"),
        format!("MOVE {FILE}\nDestination: /dav/files/anna/x\n\n"),
        format!("MOVE {FOLDER}\nDestination: /dav/files/anna/x\n\n"),
        format!("LOCK {FILE}\n\n{}", info("exclusive")),
    ] {
        scene.anna(&request).await.is(423);
    }
    scene.anna(&format!("LOCK {FILE}\n\n{}", info("shared"))).await.is(200);
    scene.anna(&format!("LOCK {FOLDER}\nDepth: 1\n\n{}", info("shared"))).await.is(400);
    scene.anna(&format!("COPY {FOLDER}\nDestination: /dav/files/anna/copy\n\n")).await.is(201);
    scene.anna("DELETE /dav/files/anna/copy\n\n").await.is(204);
    let moved = format!("MOVE {FOLDER}\nDestination: /dav/files/anna/x/\nIf: <{FOLDER}> (<{token}>)\n\n");
    scene.anna(&moved).await.is(201);
    scene.anna("PUT /dav/files/anna/x/new.txt\n\nx").await.is(201);
}

#[tokio::test]
async fn what_is_not_there_can_be_locked() {
    let scene = furnished().await;
    let new = "/dav/files/anna/new.txt";
    let taken = scene.anna(&format!("LOCK {new}\n\n{}", info("exclusive"))).await.is(201);
    let token = token(&taken);
    assert_eq!(scene.anna(&format!("GET {new}")).await.is(200).body, "");
    scene.anna(&format!("PUT {new}\nIf: (<{token}>)\n\ntext")).await.is(204);
    scene.anna(&format!("LOCK /dav/files/anna/none/x\n\n{}", info("exclusive"))).await.is(409);
    // Nobody locks what they may not see, nor calendars.
    scene.ask("ben", &format!("LOCK {FILE}\n\n{}", info("shared"))).await.is(404);
    scene.anna(&format!("LOCK /dav/calendars/anna/default/\n\n{}", info("shared"))).await.is(405);
    let options = scene.anna("OPTIONS /dav/files/anna/\n\n").await.is(200);
    assert!(options.header("dav").starts_with("1, 2, 3"));
    assert!(options.header("allow").contains("UNLOCK"));
}
