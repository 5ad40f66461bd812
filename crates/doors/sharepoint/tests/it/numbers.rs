//! Numbers of rows: for ever, and told when what they named is gone.

use crate::scene::{Reply, Scene, hour};
use kontor_groupware::Expect;
use kontor_model::{ItemName, Kind};
use kontor_wire_sharepoint::op::Request;
use kontor_wire_sharepoint::op::changes::{GetListItemChanges, GetListItemChangesSinceToken};
use kontor_wire_sharepoint::op::items::Ask;
use kontor_wire_sharepoint::op::listing::Listing;
use kontor_wire_sharepoint::op::update::Command::Update;
use kontor_wire_sharepoint::soap::{Version, code};

fn numbers(listing: &Listing) -> Vec<&str> {
    listing.rows.iter().map(|row| row.get("ID").unwrap()).collect()
}

async fn remove(scene: &Scene, name: &str) {
    let (anna, place) = (scene.anna().await, scene.place(Kind::Calendar, "default").await);
    scene.office.remove(&anna, &place, &ItemName::new(name).unwrap(), Expect::Any).await.unwrap();
}

#[tokio::test]
async fn an_item_made_again_under_the_same_name_is_another_row() {
    let scene = Scene::new().await;
    for (title, number) in [("first", "1"), ("second", "2")] {
        scene.put("a.ics", &hour(title, title)).await;
        assert_eq!(numbers(&scene.changes("anna", "Calendar", None).await), [number]);
        remove(&scene, "a.ics").await;
    }
    let token = scene.changes("anna", "Calendar", None).await.token;
    scene.put("a.ics", &hour("third", "third")).await;
    let delta = scene.changes("anna", "Calendar", token.as_deref()).await;
    // Those of all that ever had the name are told: the client knows which of them it has.
    assert_eq!((numbers(&delta), &delta.deleted), (vec!["3"], &vec![1, 2]));
}

#[tokio::test]
async fn a_renamed_item_keeps_its_number() {
    let scene = Scene::new().await;
    let (anna, place) = (scene.anna().await, scene.place(Kind::Calendar, "default").await);
    scene.put("a.ics", &hour("a", "a")).await;
    let first = scene.changes("anna", "Calendar", None).await;
    let (from, to) = (ItemName::new("a.ics").unwrap(), ItemName::new("b.ics").unwrap());
    scene.office.relocate(&anna, (&place, &from), Expect::Any, (&place, &to), false).await.unwrap();
    let done = scene.update("anna", "Calendar", &[(Update, &[("ID", "1"), ("Title", "still here")])]).await;
    assert_eq!(done[0].code, code::OK, "{:?}", done[0].text);
    let delta = scene.changes("anna", "Calendar", first.token.as_deref()).await;
    assert_eq!((numbers(&delta), &delta.deleted), (vec!["1"], &vec![]));
    assert_eq!(delta.rows[0].get("Title"), Some("still here"));
}

#[tokio::test]
async fn a_delta_can_be_narrowed() {
    let scene = Scene::new().await;
    for name in ["red", "blue"] {
        scene.put(&format!("{name}.ics"), &hour(name, name)).await;
    }
    let ask = async |token: Option<String>, contains: &str| {
        let (list, ask) = ("Calendar".to_owned(), Ask { utc: true, ..Ask::default() });
        let message = GetListItemChangesSinceToken { list, ask, token }.message(Version::V11);
        let end = "</GetListItemChangesSinceToken>";
        let message = String::from_utf8(message).unwrap().replace(end, &format!("{contains}{end}"));
        let reply = scene.http("anna", "POST", "/lists/_vti_bin/Lists.asmx", message).await;
        assert_eq!(reply.status, 200, "{}", reply.text());
        Listing::read(&reply.envelope().body).unwrap()
    };
    let red = "<contains><Contains xmlns=\"\"><FieldRef Name=\"Title\"/><Value Type=\"Text\">red</Value></Contains></contains>";
    let first = ask(None, red).await;
    assert_eq!((numbers(&first).len(), first.rows[0].get("Title")), (1, Some("red")));
    let number: i64 = numbers(&first)[0].parse().unwrap();
    // What is red no more is gone for who asks for what is red.
    scene.put("red.ics", &hour("red", "green")).await;
    let delta = ask(first.token.clone(), red).await;
    assert_eq!((numbers(&delta).len(), &delta.deleted), (0, &vec![number]));
    assert_eq!(numbers(&ask(first.token, "").await).len(), 1);
}

#[tokio::test]
async fn outlook_2003_asks_by_time() {
    let scene = Scene::new().await;
    scene.put("a.ics", &hour("a", "a")).await;
    let ask = async |since: &str| {
        let (list, since) = ("Calendar".to_owned(), since.to_owned());
        scene.ask("anna", &GetListItemChanges { list, ask: Ask::default(), since }).await
    };
    let rows = |reply: Reply| Listing::read(&reply.envelope().body).unwrap().rows.len();
    assert_eq!(rows(ask("2020-01-01T00:00:00Z").await), 1);
    assert_eq!(rows(ask("2200-01-01T00:00:00Z").await), 0);
    assert_eq!(ask("").await.status, 500);
}
