//! How much an account may hold, and what is told of it (RFC 4331).

use crate::files::{HOME, furnished};
use crate::scene::{Scene, event};
use kontor_groupware::{Asker, QuotaChange};
use kontor_model::{Error, Grant, Grantee, Kind, Limit, Origin, Right, Rights};

const BOTH: &str =
    "<propfind xmlns='DAV:'><prop><quota-available-bytes/><quota-used-bytes/></prop></propfind>";

/// Lets Anna hold so many bytes more than she does.
async fn leave(scene: &Scene, room: u64) -> u64 {
    let system = Asker::system(Origin::Admin);
    let used = scene.office.quota(&system, "anna").await.unwrap().used;
    let change = QuotaChange { hard: Some(Limit::Bytes(used + room)), ..QuotaChange::default() };
    scene.office.set_quota(&system, "anna", change).await.unwrap();
    used
}

async fn put(scene: &Scene, path: &str, text: &str) -> crate::scene::Reply {
    scene.anna(&format!("PUT {path}\n\n{text}")).await
}

/// Files and calendars count together; what does not grow goes on.
#[tokio::test]
async fn a_full_account_is_told_507() {
    let scene = furnished().await;
    let used = leave(&scene, 10).await;
    assert_eq!(used, ["top.txt", "a/one.txt", "a/b/two.txt", "a/b/c/three.txt"].concat().len() as u64);
    let put = async |path: &str, text: &str| put(&scene, path, text).await;
    put(&format!("{HOME}x"), "eleven byte").await.is(507).has("<D:quota-not-exceeded/>");
    scene.anna(&format!("GET {HOME}x")).await.is(404);
    put(&format!("{HOME}x"), "ten bytes.").await.is(201);
    put(&format!("{HOME}y"), "y").await.is(507);
    put("/dav/calendars/anna/default/e.ics", &event("e")).await.is(507);
    scene.anna(&format!("COPY {HOME}a\nDestination: {HOME}b\n\n")).await.is(507);
    scene.anna(&format!("PROPFIND {HOME}b\nDepth: 0\n\n")).await.is(404);
    scene.anna(&format!("MOVE {HOME}a\nDestination: {HOME}b\n\n")).await.is(201);
    assert_eq!(scene.anna(&format!("GET {HOME}x")).await.is(200).body, "ten bytes.");
    put(&format!("{HOME}x"), "shorter").await.is(204);
    scene.anna(&format!("DELETE {HOME}b/\n\n")).await.is(204);
    put(&format!("{HOME}y"), "there is space again").await.is(201);
    let system = Asker::system(Origin::Admin);
    let nobody = scene.office.set_quota(&system, "nobody", QuotaChange::default()).await;
    assert_eq!(nobody, Err(Error::NotFound));
}

/// What is replaced makes room for what comes.
#[tokio::test]
async fn large_bodies_count_like_small_ones() {
    let scene = furnished().await;
    let file = format!("{HOME}film");
    let text = |bytes: usize| "x".repeat(bytes);
    put(&scene, &file, &text(200_000)).await.is(201);
    leave(&scene, 100_000).await;
    put(&scene, &file, &text(300_001)).await.is(507).has("<D:quota-not-exceeded/>");
    put(&scene, &format!("{HOME}other"), &text(100_001)).await.is(507);
    let part = "PATCH {}\nContent-Type: application/x-sabredav-partialupdate\nX-Update-Range: append\n\n";
    let part = part.replace("{}", &file);
    scene.anna(&format!("{part}{}", text(100_001))).await.is(507);
    assert!(scene.anna(&format!("GET {file}")).await.is(200).body == text(200_000));
    scene.anna(&format!("{part}{}", text(50_000))).await.is(204);
    put(&scene, &file, &text(300_000)).await.is(204);
    put(&scene, &format!("{HOME}other"), "x").await.is(507);
}

/// Above the limit, as after it was lowered, all goes on that makes nothing larger.
#[tokio::test]
async fn who_holds_too_much_can_read_shrink_move_and_delete() {
    let scene = furnished().await;
    let film = format!("{HOME}a/film");
    put(&scene, &film, &"x".repeat(100_000)).await.is(201);
    put(&scene, "/dav/calendars/anna/default/e.ics", &event("a-long-name-for-an-event")).await.is(201);
    let system = Asker::system(Origin::Admin);
    let change = QuotaChange { hard: Some(Limit::Bytes(1)), ..QuotaChange::default() };
    scene.office.set_quota(&system, "anna", change).await.unwrap();
    scene.anna(&format!("GET {film}")).await.is(200);
    put(&scene, &film, &"x".repeat(100_001)).await.is(507);
    put(&scene, &film, &"y".repeat(100_000)).await.is(204);
    put(&scene, &film, &"y".repeat(99_999)).await.is(204);
    put(&scene, "/dav/calendars/anna/default/e.ics", &event("a-long-name-for-an-event")).await.is(204);
    scene.anna(&format!("COPY {HOME}top.txt\nDestination: {HOME}copy\n\n")).await.is(507);
    scene.anna(&format!("COPY {HOME}top.txt\nDestination: {film}\n\n")).await.is(204);
    scene.anna(&format!("MOVE {HOME}top.txt\nDestination: {HOME}a/top\n\n")).await.is(201);
    scene.anna(&format!("MOVE {HOME}a\nDestination: {HOME}b\n\n")).await.is(201);
    // A folder is no byte.
    scene.anna(&format!("MKCOL {HOME}empty\n\n")).await.is(201);
    scene.anna(&format!("PROPPATCH {HOME}b\n\n<propertyupdate xmlns='DAV:'><set><prop><x>y</x></prop></set></propertyupdate>")).await.is(207).has("200 OK");
    scene.anna(&format!("DELETE {HOME}b/film\n\n")).await.is(204);
    scene.anna(&format!("DELETE {HOME}b/\n\n")).await.is(204);
    scene.anna("DELETE /dav/calendars/anna/default/e.ics\n\n").await.is(204);
    assert_eq!(scene.office.quota(&system, "anna").await.unwrap().used, 0);
}

/// What goes to another account goes from a full one, and does not come back into it.
#[tokio::test]
async fn what_moves_counts_where_it_is() {
    let scene = furnished().await;
    let system = Asker::system(Origin::Admin);
    scene.office.create_public_store(&system, None).await.unwrap();
    let (film, there) = (format!("{HOME}a/film"), "/dav/files/public/a");
    put(&scene, &film, &"x".repeat(100_000)).await.is(201);
    let used = scene.office.quota(&system, "anna").await.unwrap().used;
    let change = QuotaChange { hard: Some(Limit::Bytes(1)), ..QuotaChange::default() };
    scene.office.set_quota(&system, "anna", change).await.unwrap();
    scene.anna(&format!("MOVE {HOME}a\nDestination: {there}\n\n")).await.is(201);
    let holds = async |name: &str| scene.office.quota(&system, name).await.unwrap().used;
    let left = "top.txt".len() as u64;
    assert_eq!((holds("anna").await, holds("public").await), (left, used - left));
    for method in ["MOVE", "COPY"] {
        scene.anna(&format!("{method} {there}\nDestination: {HOME}b\n\n")).await.is(507);
        scene.anna(&format!("{method} {there}/one.txt\nDestination: {HOME}one\n\n")).await.is(507);
    }
    assert_eq!((holds("anna").await, holds("public").await), (left, used - left));
    // Others take from it what its owner may not hold.
    scene.ask("ben", &format!("COPY {there}\nDestination: /dav/files/ben/a\n\n")).await.is(201);
    assert_eq!(holds("ben").await, used - left);
}

#[tokio::test]
async fn room_is_told_to_who_asks_for_it() {
    let scene = furnished().await;
    let ask = async |path: &str, depth: &str| {
        scene.anna(&format!("PROPFIND {path}\nDepth: {depth}\n\n{BOTH}")).await.is(207)
    };
    let used = leave(&scene, 1000).await;
    let told = format!(
        "<D:quota-available-bytes>1000</D:quota-available-bytes><D:quota-used-bytes>{used}</D:quota-used-bytes>"
    );
    for path in [
        "/dav/files/",
        HOME,
        "/dav/files/anna/a/b/",
        "/dav/calendars/anna/default/",
        "/dav/addressbooks/anna/default/",
    ] {
        ask(path, "0").await.has(&told);
    }
    let below = ask(HOME, "1").await;
    assert_eq!(below.body.matches(&told).count(), 2, "of the drive and the folder in it, not of the file");
    assert_eq!(ask(HOME, "infinity").await.body.matches(&told).count(), 4);
    scene.anna(&format!("PROPFIND {HOME}\nDepth: 1\n\n")).await.is(207).lacks("quota");
    scene
        .anna(&format!("PROPFIND {HOME}\nDepth: 0\n\n<propfind xmlns='DAV:'><propname/></propfind>"))
        .await
        .is(207)
        .has("quota-used-bytes");
    for name in ["quota-available-bytes", "quota-used-bytes"] {
        let set = format!(
            "<propertyupdate xmlns='DAV:'><set><prop><{name}>9</{name}></prop></set></propertyupdate>"
        );
        let refused = scene.anna(&format!("PROPPATCH {HOME}\n\n{set}")).await.is(207);
        refused.has("403 Forbidden").has("<D:cannot-modify-protected-property/>");
    }
    let page = async || scene.anna(&format!("GET {HOME}\nAccept: text/html\n\n")).await.is(200);
    page().await.has(&format!("{used} B used, 1.0 KB left"));
    // Above the limit there is no room, and no less than none.
    put(&scene, &format!("{HOME}x"), &"x".repeat(900)).await.is(201);
    let system = Asker::system(Origin::Admin);
    let hard = |limit| QuotaChange { hard: Some(limit), ..QuotaChange::default() };
    scene.office.set_quota(&system, "anna", hard(Limit::Bytes(used))).await.unwrap();
    ask(HOME, "0").await.has("<D:quota-available-bytes>0<");
    // Without a limit there is nothing to tell (RFC 4331 3).
    scene.office.set_quota(&system, "anna", hard(Limit::None)).await.unwrap();
    ask(HOME, "0").await.has("404 Not Found").lacks("<D:quota-available-bytes>").has("<D:quota-used-bytes>");
    page().await.has(" B used</p>");
}

/// What an account holds tells of all that lies in it.
#[tokio::test]
async fn room_is_not_told_to_who_may_not_know_it() {
    let scene = furnished().await;
    leave(&scene, 1000).await;
    let anna = scene.asker("anna").await;
    let ben = Grantee::Account(scene.office.principal(&anna, "ben").await.unwrap().id);
    let shared = scene.office.place(&anna, "anna", &[Kind::Files], "files/a").await.unwrap();
    let ask = async |rights: Rights| {
        let grants = Some(vec![Grant { grantee: ben.clone(), rights }]);
        scene.office.set_grants(&anna, &shared, grants).await.unwrap();
        scene
            .ask("ben", &format!("PROPFIND {HOME}a/\nDepth: 0\n\n{BOTH}"))
            .await
            .is(207)
            .lacks("<D:quota-used-bytes>")
    };
    ask(Rights::of(&[Right::Read])).await.lacks("<D:quota-available-bytes>");
    ask(Rights::of(&[Right::Look, Right::Insert])).await.lacks("<D:quota-available-bytes>");
    ask(Rights::of(&[Right::Read, Right::Insert])).await.has("<D:quota-available-bytes>1000<");
    let page = scene.ask("ben", &format!("GET {HOME}a/\nAccept: text/html\n\n")).await.is(200);
    page.has("1.0 KB left").lacks(" used");
    // What is put there counts for who owns it.
    scene.ask("ben", &format!("PUT {HOME}a/large\n\n{}", "x".repeat(1001))).await.is(507);
}
