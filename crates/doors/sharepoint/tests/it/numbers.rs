//! Numbers of rows: for ever, and told when what they named is gone.

use crate::scene::{Reply, Scene, hour};
use kontor_groupware::Expect;
use kontor_model::{ItemName, Kind};
use kontor_wire_sharepoint::op::changes::GetListItemChanges;
use kontor_wire_sharepoint::op::items::Ask;
use kontor_wire_sharepoint::op::listing::Listing;
use kontor_wire_sharepoint::op::update::Command::Update;
use kontor_wire_sharepoint::soap::code;

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
