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

#[tokio::test]
async fn views_that_are_none_are_faults() {
    let scene = Scene::new().await;
    let listed = scene
        .http("anna", "POST", PATH, envelope("<GetList><listName>Calendar</listName></GetList>"))
        .await
        .text();
    let own = listed.split(" ID=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let foreign = own.replace(|c: char| c.is_ascii_digit(), "0");
    let all = "<query><Query><OrderBy><FieldRef Name=\"ID\"/></OrderBy></Query></query>\
               <viewFields><ViewFields><FieldRef Name=\"Title\"/></ViewFields></viewFields><rowLimit>9</rowLimit>";
    let (bad, none) = (Some(code::BAD_PARAMETER), Some(code::NO_VIEW));
    for operation in ["GetListItems", "GetListItemChangesSinceToken", "GetListAndView"] {
        // A view that is not needed is not looked for.
        let spare = if operation == "GetListAndView" { none } else { None };
        for (list, view, more, expect) in [
            ("Calendar", "", "", None),
            ("Calendar", &*own, "", None),
            ("Calendar", "All Items", "", bad),
            ("Calendar", "All Items", all, bad),
            ("Calendar", &*foreign, "", none),
            ("Calendar", &*foreign, all, spare),
            ("Nothing", &*foreign, "", Some(code::NO_LIST)),
        ] {
            let inside = format!(
                "<{operation}><listName>{list}</listName><viewName>{view}</viewName>{more}<queryOptions/></{operation}>"
            );
            let reply = scene.http("anna", "POST", PATH, envelope(&inside)).await;
            let found = if reply.status == 200 { None } else { reply.fault().code };
            assert_eq!(found, expect, "{operation} {list} {view}: {}", reply.text());
        }
    }
    // A view alone names its list.
    let by_view = |view: &str| envelope(&format!("<GetListItems><viewName>{view}</viewName></GetListItems>"));
    assert_eq!(scene.http("anna", "POST", PATH, by_view(&own)).await.status, 200);
    for view in ["", &*foreign] {
        assert_eq!(scene.http("anna", "POST", PATH, by_view(view)).await.fault().code, Some(code::NO_LIST));
    }
}
