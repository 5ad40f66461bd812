//! Tasks that wait for others.

use crate::scene::{Scene, event};
use kontor_groupware::{Expect, Put};
use kontor_model::{ItemName, Kind};
use kontor_wire_sharepoint::op::update::Command::{Delete, New, Update};
use kontor_wire_sharepoint::soap::code;

async fn put(scene: &Scene, name: &str, text: &str) {
    let (anna, place) = (scene.anna().await, scene.place(Kind::Tasks, "tasks").await);
    let put = Put { media_type: "", bytes: text.replace("VEVENT", "VTODO").into(), expect: Expect::Any };
    scene.office.put(&anna, &place, &ItemName::new(name).unwrap(), put).await.unwrap();
}

async fn text(scene: &Scene, name: &str) -> String {
    let (anna, place) = (scene.anna().await, scene.place(Kind::Tasks, "tasks").await);
    let item = scene.office.item(&anna, &place, &ItemName::new(name).unwrap()).await.unwrap();
    String::from_utf8(item.body.to_vec()).unwrap()
}

#[tokio::test]
async fn predecessors_are_rows_of_the_list() {
    let scene = Scene::new().await;
    // The one that waits comes first by name: the other has no number yet when it is named.
    let waits = "SUMMARY:Carpet\r\nRELATED-TO;RELTYPE=DEPENDS-ON;X-KEEP=1:paint@x\r\nRELATED-TO:else@x\r\n";
    put(&scene, "carpet.ics", &event("carpet@x", waits)).await;
    put(&scene, "paint.ics", &event("paint@x", "SUMMARY:Paint\r\n")).await;
    let listing = scene.changes("anna", "Tasks", None).await;
    let row = |title: &str| listing.rows.iter().find(|row| row.get("Title") == Some(title)).unwrap();
    let paint = row("Paint").get("ID").unwrap();
    assert_eq!(row("Carpet").get("Predecessors"), Some(&*format!("{paint};#Paint")));

    let made = scene.update("anna", "Tasks", &[(New, &[("Title", "Move in")])]).await;
    assert_eq!(made[0].code, code::OK, "{made:?}");
    let (carpet, moved) =
        (row("Carpet").get("ID").unwrap(), made[0].row.as_ref().unwrap().get("ID").unwrap());
    let both = format!("{paint};#Paint;#{moved};#Move in");
    let own = format!("{carpet};#Carpet");
    let rows: &[(_, &[(&str, &str)])] = &[
        (Update, &[("ID", carpet), ("Predecessors", &both)]),
        (Update, &[("ID", carpet), ("Predecessors", &own)]),
        (Update, &[("ID", carpet), ("Predecessors", "4711;#Nothing")]),
    ];
    let done = scene.update("anna", "Tasks", rows).await;
    assert_eq!(done[0].row.as_ref().unwrap().get("Predecessors"), Some(&*both));
    assert!(done[1].code != code::OK && done[2].code != code::OK, "{done:?}");
    let told = text(&scene, "carpet.ics").await;
    assert!(
        told.contains("RELATED-TO;RELTYPE=DEPENDS-ON;X-KEEP=1:paint@x\r\nRELATED-TO:else@x\r\n"),
        "{told}"
    );
    assert_eq!(told.matches("DEPENDS-ON").count(), 2, "{told}");

    // What is gone is told no more; its line stays, as the task may come back.
    scene.update("anna", "Tasks", &[(Delete, &[("ID", paint)])]).await;
    let left = scene.update("anna", "Tasks", &[(Update, &[("ID", carpet), ("Title", "Carpets")])]).await;
    let expect = format!("{moved};#Move in");
    assert_eq!(left[0].row.as_ref().unwrap().get("Predecessors"), Some(&*expect));
    assert!(text(&scene, "carpet.ics").await.contains(":paint@x\r\n"));
}
