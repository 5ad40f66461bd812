//! What is wrong, too large, or meant ill.

use crate::scene::Scene;
use kontor_door_sharepoint::Settings;
use kontor_wire_sharepoint::op::update::{Command, Method, UpdateListItems};
use kontor_wire_sharepoint::row::Row;
use kontor_wire_sharepoint::soap::code;

const PATH: &str = "/lists/_vti_bin/Lists.asmx";

fn envelope(inside: &str) -> String {
    format!(
        "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Body>{inside}</s:Body></s:Envelope>"
    )
}

#[tokio::test]
async fn wrong_messages_are_faults() {
    let scene = Scene::new().await;
    let bomb = "<!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\">]>".to_owned()
        + &envelope("<GetList><listName>&b;</listName></GetList>");
    let method =
        "<UpdateListItems><updates><Batch><Method Cmd=\"Burn\"/></Batch></updates></UpdateListItems>";
    for (text, code) in [
        (String::new(), None),
        ("nonsense".to_owned(), None),
        (envelope(""), None),
        (envelope("<DropTables/>"), None),
        (envelope("<UpdateListItems/>"), None),
        (envelope(method), None),
        (bomb, None),
        (envelope(&("<a>".repeat(500) + &"</a>".repeat(500))), Some(code::TOO_LARGE)),
        (envelope(&format!("<a>{}</a>", "<a/>".repeat(200_000))), Some(code::TOO_LARGE)),
    ] {
        let reply = scene.http("anna", "POST", PATH, text.as_bytes()).await;
        let start: String = text.chars().take(200).collect();
        assert_eq!((reply.status, reply.fault().code), (500, code), "{start}: {}", reply.text());
    }
}

#[tokio::test]
async fn a_batch_may_not_be_endless() {
    let scene = Scene::with(Settings { max_batch: 3, ..Settings::default() }).await;
    let method = |n: usize| Method { id: n.to_string(), command: Command::Delete, fields: Row::new() };
    let batch = |most: usize| {
        let (list, methods) = ("Calendar".to_owned(), (0..most).map(method).collect());
        UpdateListItems { list, methods, ..UpdateListItems::default() }
    };
    assert_eq!(scene.ask("anna", &batch(4)).await.fault().code, Some(code::TOO_LARGE));
    assert_eq!(scene.ask("anna", &batch(3)).await.status, 200);
}

#[tokio::test]
async fn rows_that_are_none_fail_alone() {
    let scene = Scene::new().await;
    let good =
        [("Title", "good"), ("EventDate", "2030-01-01T10:00:00Z"), ("EndDate", "2030-01-01T11:00:00Z")];
    let methods: [(_, &[(&str, &str)]); 6] = [
        (Command::Update, &[("ID", "-1"), ("Title", "x")]),
        (Command::Update, &[("ID", "99999999999999999999"), ("Title", "x")]),
        (Command::Delete, &[]),
        (Command::New, &[("MasterSeriesItemID", "77"), ("EventType", "4")]),
        (Command::New, &[("Title", "x"), ("EventDate", "soon"), ("EndDate", "later")]),
        (Command::New, &good),
    ];
    let done = scene.update("anna", "Calendar", &methods).await;
    let codes: Vec<u32> = done.iter().map(|one| one.code).collect();
    assert_eq!(codes[..4], [code::NO_ITEM; 4], "{done:?}");
    assert_eq!(codes[4..], [code::GENERIC, code::OK], "{done:?}");
}
