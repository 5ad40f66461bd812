//! Libraries: files in folders in folders, to be read.

use crate::scene::Scene;
use kontor_groupware::{Expect, Place, Put};
use kontor_model::{CollectionName, ItemName, Kind, Properties, Rights, Role};
use kontor_wire_sharepoint::op::items::{Ask, GetListItems, Scope};
use kontor_wire_sharepoint::op::listing::Listing;
use kontor_wire_sharepoint::row::Row;
use std::collections::BTreeMap;

fn item(name: &str) -> ItemName {
    ItemName::new(name).unwrap()
}

async fn put(scene: &Scene, place: &Place, name: &str, text: &str) {
    let put = Put { media_type: "text/plain", bytes: text.to_owned().into(), expect: Expect::Any };
    scene.office.put(&scene.anna().await, place, &item(name), put).await.unwrap();
}

async fn folder(scene: &Scene, at: &Place, name: &str) -> Place {
    let name = CollectionName::new(name).unwrap();
    scene.office.create_folder(&scene.anna().await, at, name, Properties::default()).await.unwrap()
}

/// `a.txt`, `Plans/b.txt`, `Plans/Old & new/c.txt`, `Plans/Old & new/d.txt`.
async fn with_files() -> (Scene, Place) {
    let scene = Scene::new().await;
    scene.office.need_drive(&scene.anna().await, "anna").await.unwrap();
    let drive = scene.place(Kind::Files, "files").await;
    put(&scene, &drive, "a.txt", "a").await;
    let plans = folder(&scene, &drive, "Plans").await;
    put(&scene, &plans, "b.txt", "bb").await;
    let old = folder(&scene, &plans, "Old & new").await;
    put(&scene, &old, "c.txt", "ccc").await;
    put(&scene, &old, "d.txt", "dddd").await;
    (scene, drive)
}

/// Paths of rows below the drive, with their numbers.
fn paths(rows: &[Row]) -> BTreeMap<String, String> {
    let path = |row: &Row| {
        let path = row.get("FileRef").unwrap().split(";#").nth(1).unwrap().to_owned();
        (path.strip_prefix("dav/files/anna/").unwrap().to_owned(), row.get("ID").unwrap().to_owned())
    };
    rows.iter().map(path).collect()
}

fn names(rows: &[Row]) -> Vec<String> {
    paths(rows).into_keys().collect()
}

/// All rows, so many at a time.
async fn items(scene: &Scene, user: &str, list: &str, ask: Ask) -> Vec<Row> {
    let (mut rows, mut ask) = (Vec::new(), ask);
    loop {
        let request = GetListItems { list: list.to_owned(), ask: ask.clone() };
        let reply = scene.ask(user, &request).await;
        assert_eq!(reply.status, 200, "{}", reply.text());
        let some = Listing::read(&reply.envelope().body).unwrap();
        rows.extend(some.rows);
        ask.position = some.next;
        if ask.position.is_none() {
            return rows;
        }
    }
}

const ALL: [&str; 6] = [
    "Plans",
    "Plans/Old%20%26%20new",
    "Plans/Old%20%26%20new/c.txt",
    "Plans/Old%20%26%20new/d.txt",
    "Plans/b.txt",
    "a.txt",
];

#[tokio::test]
async fn folders_are_told_as_far_as_a_client_asks() {
    let (scene, _) = with_files().await;
    let inner = "Plans/Old%20%26%20new";
    let address = format!("https://office.example/dav/files/anna/{inner}/");
    let (here, files) = (Scope::Here, Scope::FilesOnly);
    let (recursive, all) = (Scope::Recursive, Scope::RecursiveAll);
    let files_of_inner = [&*format!("{inner}/c.txt"), &*format!("{inner}/d.txt")].map(str::to_owned);
    for (folder, scope, expect) in [
        ("", here, vec!["Plans", "a.txt"]),
        ("", files, vec!["a.txt"]),
        ("", recursive, vec![ALL[2], ALL[3], "Plans/b.txt", "a.txt"]),
        ("", all, ALL.to_vec()),
        ("Plans", here, vec![inner, "Plans/b.txt"]),
        ("/dav/files/anna/Plans/", files, vec!["Plans/b.txt"]),
        ("dav/files/anna/Plans", all, vec![inner, ALL[2], ALL[3], "Plans/b.txt"]),
        (&address, here, files_of_inner.iter().map(String::as_str).collect()),
        ("Plan", all, vec![]),
        ("Plan", here, vec![]),
        ("dav/files/ben/Plans", all, vec![]),
        ("../ben", here, vec![]),
    ] {
        for limit in [0, 1, 2, 100] {
            let ask =
                Ask { folder: folder.to_owned(), scope, limit: Some(limit), utc: true, ..Ask::default() };
            let rows = items(&scene, "anna", "Documents", ask).await;
            assert_eq!(names(&rows), expect, "{folder} {scope:?} {limit}");
            assert_eq!(rows.len(), expect.len(), "each once");
        }
    }
    let ask = Ask { scope: all, limit: Some(100), ..Ask::default() };
    let rows = items(&scene, "anna", "Documents", ask).await;
    let row = |name: &str| rows.iter().find(|row| row.get("LinkFilename") == Some(name)).unwrap();
    let (old, c) = (row("Old & new"), row("c.txt"));
    let part = |row: &Row, field: &str| row.get(field).unwrap().split(";#").nth(1).unwrap().to_owned();
    assert_eq!((part(old, "FSObjType"), part(c, "FSObjType")), ("1".to_owned(), "0".to_owned()));
    assert_eq!(part(c, "FileDirRef"), format!("dav/files/anna/{inner}"));
    assert_eq!(part(c, "File_x0020_Size"), "3");
    assert_eq!((c.get("FileSizeDisplay"), c.get("ContentTypeId")), (Some("3"), Some("0x0101")));
    assert_eq!(old.get("ContentTypeId"), Some("0x0120"));
    // What folders are called begins with what the definition says (MS-OUTSPS 3.2.4.2.6).
    let definition = scene.changes_text("anna", "Documents").await;
    assert!(definition.contains(" RootFolder=\"/dav/files/anna\""), "{definition}");
    assert_eq!(
        c.get("EncodedAbsUrl"),
        Some(&*format!("https://office.example/dav/files/anna/{inner}/c.txt"))
    );
}

#[tokio::test]
async fn what_changes_at_any_depth_is_told() {
    let (scene, drive) = with_files().await;
    let anna = scene.anna().await;
    let first = scene.changes("anna", "Documents", None).await;
    assert!(first.schema && first.deleted.is_empty());
    assert_eq!(names(&first.rows), ALL);
    let numbers = paths(&first.rows);
    let token = first.token.unwrap();
    let quiet = scene.changes("anna", "Documents", Some(&token)).await;
    assert!(quiet.rows.is_empty() && quiet.deleted.is_empty());

    // A file is written, one goes, one moves: it keeps its number.
    let plans = scene.place(Kind::Files, "files/Plans").await;
    let old = scene.place(Kind::Files, "files/Plans/Old & new").await;
    put(&scene, &plans, "b.txt", "longer").await;
    scene.office.remove(&anna, &old, &item("c.txt"), Expect::Any).await.unwrap();
    scene
        .office
        .relocate(&anna, (&old, &item("d.txt")), Expect::Any, (&drive, &item("moved.txt")), false)
        .await
        .unwrap();
    let delta = scene.changes("anna", "Documents", Some(&token)).await;
    assert_eq!(names(&delta.rows), ["Plans/b.txt", "moved.txt"]);
    assert_eq!(paths(&delta.rows)["moved.txt"], numbers[ALL[3]]);
    let number = |path: &str| numbers[path].parse::<i64>().unwrap();
    assert_eq!(delta.deleted, [number(ALL[2])]);

    // A folder gets another name: its rows stay, at another path. A file called nearly like it is none of its own.
    put(&scene, &drive, "Plans0", "beside").await;
    let token = scene.changes("anna", "Documents", delta.token.as_deref()).await.token.unwrap();
    let name = CollectionName::new("Archive").unwrap();
    scene.office.relocate_collection(&anna, &plans, &drive, &name, false).await.unwrap();
    let delta = scene.changes("anna", "Documents", Some(&token)).await;
    assert_eq!(names(&delta.rows), ["Archive", "Archive/Old%20%26%20new", "Archive/b.txt"]);
    assert_eq!(paths(&delta.rows)["Archive/b.txt"], numbers["Plans/b.txt"]);
    // What went from it before may be told once more.
    let before = [number(ALL[2])];
    assert!(delta.deleted.iter().all(|gone| before.contains(gone)), "{:?}", delta.deleted);

    // A folder goes with all that is in it.
    let archive = scene.place(Kind::Files, "files/Archive").await;
    scene.office.remove_collection(&anna, &archive).await.unwrap();
    let delta = scene.changes("anna", "Documents", delta.token.as_deref()).await;
    let mut gone = delta.deleted;
    gone.retain(|number| !before.contains(number));
    let mut expect = [number("Plans"), number("Plans/b.txt"), number("Plans/Old%20%26%20new")];
    expect.sort_unstable();
    assert_eq!((delta.rows.len(), gone), (0, expect.to_vec()));
    for bad in [format!("{token};1"), token.rsplit_once(';').unwrap().0.to_owned()] {
        assert!(scene.changes("anna", "Documents", Some(&bad)).await.invalid_token, "{bad}");
    }
}

#[tokio::test]
async fn readers_see_what_they_may_read() {
    let (scene, drive) = with_files().await;
    scene.grant_to_ben(&drive, Role::Reader.rights()).await;
    let old = scene.place(Kind::Files, "files/Plans/Old & new").await;
    scene.grant_to_ben(&old, Rights::NONE).await;
    let guid = scene.changes("anna", "Documents", None).await;
    assert_eq!(guid.rows.len(), ALL.len());
    let text = scene.http("anna", "POST", "/lists/_vti_bin/Lists.asmx", LISTS).await.text();
    let list = text.split(" ID=\"").skip(1).find(|part| part.contains("Title=\"Documents\"")).unwrap();
    let list = list.split('"').next().unwrap();
    let seen = ["Plans", "Plans/b.txt", "a.txt"];
    for scope in [Scope::RecursiveAll, Scope::Recursive] {
        let ask = Ask { scope, limit: Some(100), ..Ask::default() };
        let rows = items(&scene, "ben", list, ask).await;
        assert!(names(&rows).iter().all(|name| seen.contains(&&**name)), "{:?}", names(&rows));
    }
    let told = scene.changes("ben", list, None).await;
    assert_eq!(names(&told.rows), seen);
    let ask = Ask { folder: "Plans/Old & new".to_owned(), limit: Some(100), ..Ask::default() };
    assert!(items(&scene, "ben", list, ask).await.is_empty());
    // What happens in there is not told either.
    put(&scene, &old, "secret.txt", "x").await;
    let delta = scene.changes("ben", list, told.token.as_deref()).await;
    assert!(delta.rows.is_empty() && delta.deleted.is_empty() && !delta.invalid_token, "{delta:?}");
}

const LISTS: &str = "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Body><GetListCollection/>\
                     </s:Body></s:Envelope>";
