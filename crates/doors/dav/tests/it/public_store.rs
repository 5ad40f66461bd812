//! The public store as clients find it that look around.

use crate::scene::Scene;
use kontor_groupware::Asker;
use kontor_model::{Origin, Role};

const DRIVE: &str = "/dav/files/public/";
const HREF: &str = "<D:href>/dav/files/public/</D:href>";

async fn opened() -> Scene {
    let scene = Scene::new().await;
    scene.office.create_public_store(&Asker::system(Origin::Admin), None).await.unwrap();
    scene
}

async fn open(scene: &Scene, role: Role) {
    scene.office.open_public_store(&Asker::system(Origin::Admin), role).await.unwrap();
}

#[tokio::test]
async fn it_stands_beside_ones_own_drive() {
    let scene = opened().await;
    let found = scene.anna("PROPFIND /dav/files/\nDepth: 1\n\n").await.is(207);
    found.has(HREF).has("<D:href>/dav/files/anna/</D:href>").lacks("<D:href>/dav/files/ben/</D:href>");
    let page = scene.anna("GET /dav/files/\nAccept: text/html\n\n").await.is(200);
    page.has("href=\"./anna/\"").has("href=\"./public/\"").lacks("ben").lacks("Choose files");
    let rows = scene.anna("GET /dav/files/\nAccept: application/json\n\n").await.is(200);
    rows.has("\"anna\"").has("\"public\"");
    scene.anna("HEAD /dav/files/\n\n").await.is(200);
    scene.anna("GET /dav/files\nAccept: text/html\n\n").await.is(308);
    scene.anna("GET /dav/calendars/\n\n").await.is(405);
    scene.raw("GET /dav/files/\n\n").await.is(401);
    let up = scene.anna(&format!("GET {DRIVE}\nAccept: text/html\n\n")).await.is(200);
    up.has("<a href=\"/dav/files/\">Files</a>").has("Choose files");
    // It is not among the people whom calendars know.
    scene.anna("PROPFIND /dav/principals/\nDepth: 1\n\n").await.is(207).has("anna").lacks("public");
}

#[tokio::test]
async fn all_write_in_it_and_none_keeps_it_from_others() {
    let scene = opened().await;
    scene.anna(&format!("PUT {DRIVE}plan.txt\n\nby anna")).await.is(201);
    scene.ask("ben", &format!("PUT {DRIVE}plan.txt\n\nby ben")).await.is(204);
    scene.ask("ben", &format!("MKCOL {DRIVE}old/\n\n")).await.is(201);
    let to = format!("{DRIVE}old/plan.txt");
    scene.anna(&format!("MOVE {DRIVE}plan.txt\nDestination: {to}\n\n")).await.is(201);
    assert_eq!(scene.ask("ben", &format!("GET {to}")).await.is(200).body, "by ben");
    scene.anna(&format!("MOVE {DRIVE}old\nDestination: {DRIVE}new\n\n")).await.is(201);
    scene.ask("ben", &format!("DELETE {DRIVE}\n\n")).await.is(403);
    let acl = "<acl xmlns='DAV:'><ace><principal><all/></principal><grant><privilege><read/></privilege></grant></ace></acl>";
    scene.ask("ben", &format!("ACL {DRIVE}\n\n{acl}")).await.is(403);
    scene.ask("ben", "MKCALENDAR /dav/calendars/public/x/\n\n").await.is(403);
    scene.ask("ben", &format!("DELETE {DRIVE}new/\n\n")).await.is(204);
    let quota = "<propfind xmlns='DAV:'><prop><quota-available-bytes/><quota-used-bytes/></prop></propfind>";
    let told = scene.anna(&format!("PROPFIND {DRIVE}\nDepth: 0\n\n{quota}")).await.is(207);
    told.has("<D:quota-used-bytes>0<").lacks("<D:quota-available-bytes>");
}

/// Shut, it is told from what never was by nobody.
#[tokio::test]
async fn shut_it_leaves_no_trace() {
    let scene = opened().await;
    scene.anna(&format!("PUT {DRIVE}plan.txt\n\nby anna")).await.is(201);
    open(&scene, Role::Reader).await;
    scene.anna(&format!("GET {DRIVE}plan.txt")).await.is(200);
    scene.anna(&format!("PUT {DRIVE}plan.txt\n\nmore")).await.is(403);
    open(&scene, Role::None).await;
    scene.anna("PROPFIND /dav/files/\nDepth: 1\n\n").await.is(207).lacks(HREF);
    scene.anna("GET /dav/files/\nAccept: text/html\n\n").await.is(200).lacks("public");
    for request in [
        "GET {}plan.txt",
        "GET {}",
        "PROPFIND {}\nDepth: 0\n\n",
        "PUT {}x\n\nx",
        "DELETE {}plan.txt\n\n",
        "MKCOL {}x/\n\n",
        "OPTIONS {}",
    ] {
        let shut = scene.anna(&request.replace("{}", DRIVE)).await;
        let never = scene.anna(&request.replace("{}", "/dav/files/nobody/")).await;
        let names = |headers: &http::HeaderMap| {
            headers.keys().map(|name| name.as_str().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!((shut.status, names(&shut.headers)), (never.status, names(&never.headers)), "{request}");
        assert_eq!(shut.body.replace("public", "nobody"), never.body, "{request}");
    }
}

/// An administrator gives a folder of it a list of its own; users cannot.
#[tokio::test]
async fn a_folder_of_it_has_a_list_of_its_own() {
    let scene = opened().await;
    let folder = format!("{DRIVE}rules/");
    scene.anna(&format!("MKCOL {folder}\n\n")).await.is(201);
    scene.anna(&format!("PUT {folder}house.txt\n\nno shoes")).await.is(201);
    let ace = |who: &str, privileges: &str| {
        format!("<ace><principal>{who}</principal><grant><privilege>{privileges}</privilege></grant></ace>")
    };
    let all = ace("<authenticated/>", "<read/>");
    let ben = ace("<href>/dav/principals/ben/</href>", "<write/>");
    let acl = format!("ACL {folder}\n\n<acl xmlns='DAV:'>{all}{ben}</acl>");
    scene.anna(&acl).await.is(403);
    scene.ask("carol", &acl).await.is(200);
    assert_eq!(scene.anna(&format!("GET {folder}house.txt")).await.is(200).body, "no shoes");
    scene.anna(&format!("PUT {folder}house.txt\n\nshoes")).await.is(403);
    scene.anna(&format!("DELETE {folder}\n\n")).await.is(403);
    scene.ask("ben", &format!("PUT {folder}house.txt\n\nslippers")).await.is(204);
    scene.anna(&format!("PUT {DRIVE}elsewhere.txt\n\nas before")).await.is(201);
}
