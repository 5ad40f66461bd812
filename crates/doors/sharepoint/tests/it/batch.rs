//! Batches whose rows are about each other.

use crate::scene::{Scene, hour};
use kontor_groupware::Expect;
use kontor_model::{ItemName, Kind};
use kontor_wire_sharepoint::op::update::Command::{Delete, New, Update};
use kontor_wire_sharepoint::soap::code;

async fn with_two() -> Scene {
    let scene = Scene::new().await;
    scene.put("one.ics", &hour("one", "First")).await;
    scene.put("two.ics", &hour("two", "Second")).await;
    assert_eq!(scene.changes("anna", "Calendar", None).await.rows.len(), 2);
    scene
}

#[tokio::test]
async fn a_row_finds_what_the_rows_before_it_left() {
    let scene = with_two().await;
    let seen =
        scene.changes("anna", "Calendar", None).await.rows[0].get("owshiddenversion").unwrap().to_owned();
    let done = scene
        .update(
            "anna",
            "Calendar",
            &[
                (Update, &[("ID", "1"), ("Location", "Room 1"), ("owshiddenversion", &seen)]),
                (Update, &[("ID", "2"), ("Location", "Room 2")]),
                (Update, &[("ID", "1"), ("Title", "Renamed")]),
                // Nobody but this batch wrote: all the same it is another version than was seen.
                (Update, &[("ID", "1"), ("Title", "Lost"), ("owshiddenversion", &seen)]),
                (Delete, &[("ID", "2")]),
                (Update, &[("ID", "2"), ("Title", "Too late")]),
                (
                    New,
                    &[
                        ("Title", "Third"),
                        ("EventDate", "2030-01-09T10:00:00Z"),
                        ("EndDate", "2030-01-09T11:00:00Z"),
                    ],
                ),
            ],
        )
        .await;
    let codes: Vec<u32> = done.iter().map(|one| one.code).collect();
    let (ok, conflict, gone) = (code::OK, code::CONFLICT, code::NO_ITEM);
    assert_eq!(codes, [ok, ok, ok, conflict, ok, gone, ok]);
    assert_eq!(done[3].row.as_ref().unwrap().get("Title"), Some("Renamed"));
    let text = scene.text("one.ics").await;
    assert!(text.contains("LOCATION:Room 1\r\n") && text.contains("SUMMARY:Renamed\r\n"), "{text}");
    assert_eq!(scene.changes("anna", "Calendar", None).await.rows.len(), 2);
}

#[tokio::test]
async fn a_row_is_found_under_another_name() {
    let scene = with_two().await;
    let (anna, place) = (scene.anna().await, scene.place(Kind::Calendar, "default").await);
    let name = |text: &str| ItemName::new(text).unwrap();
    for (from, to) in [("one.ics", "kept.ics"), ("two.ics", "one.ics")] {
        let (from, to) = (name(from), name(to));
        scene.office.relocate(&anna, (&place, &from), Expect::Any, (&place, &to), false).await.unwrap();
    }
    let rows: &[(_, &[(&str, &str)])] =
        &[(Update, &[("ID", "1"), ("Location", "Room 1")]), (Update, &[("ID", "2"), ("Location", "Room 2")])];
    let done = scene.update("anna", "Calendar", rows).await;
    assert!(done.iter().all(|one| one.code == code::OK), "{done:?}");
    assert!(scene.text("kept.ics").await.contains("LOCATION:Room 1\r\n"));
    assert!(scene.text("one.ics").await.contains("LOCATION:Room 2\r\n"));
}
