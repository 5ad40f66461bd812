//! Series and their exceptions.

use crate::scene::{Scene, event};
use kontor_wire_sharepoint::op::listing::Listing;
use kontor_wire_sharepoint::op::update::Command::{Delete, New, Update};
use kontor_wire_sharepoint::row::Row;
use kontor_wire_sharepoint::soap::code;

const DAILY: &str = "DTSTART:20300107T100000Z\r\nDTEND:20300107T110000Z\r\nRRULE:FREQ=DAILY;COUNT=10\r\nSUMMARY:Daily\r\n\
                     X-KEEP;A=b:as  it is\r\n";

fn by_type<'l>(listing: &'l Listing, event_type: &str) -> Vec<&'l Row> {
    listing.rows.iter().filter(|row| row.get("EventType") == Some(event_type)).collect()
}

async fn with_series() -> (Scene, Listing) {
    let scene = Scene::new().await;
    scene.put("daily.ics", &event("daily", DAILY)).await;
    let first = scene.changes("anna", "Calendar", None).await;
    assert_eq!((first.rows.len(), by_type(&first, "1").len()), (1, 1));
    (scene, first)
}

/// Changes the occurrence of a day (`EventType` 4), or takes it out (3).
async fn except(scene: &Scene, event_type: &str, day: u32) -> Row {
    let (start, end) = (format!("2030-01-{day:02}T10:00:00Z"), format!("2030-01-{day:02}T11:00:00Z"));
    let fields = [
        ("MasterSeriesItemID", "1"),
        ("EventType", event_type),
        ("RecurrenceID", &start),
        ("Title", "Other"),
        ("EventDate", &start),
        ("EndDate", &end),
        ("fRecurrence", "1"),
    ];
    let done = scene.update("anna", "Calendar", &[(New, &fields)]).await;
    assert_eq!(done[0].code, code::OK, "{:?}", done[0].text);
    done[0].row.clone().unwrap()
}

#[tokio::test]
async fn exceptions_are_rows_with_numbers_of_their_own() {
    let (scene, first) = with_series().await;
    let changed = except(&scene, "4", 9).await;
    let deleted = except(&scene, "3", 10).await;
    assert_eq!((changed.get("ID"), deleted.get("ID")), (Some("2"), Some("3")));
    let delta = scene.changes("anna", "Calendar", first.token.as_deref()).await;
    for (event_type, number, series) in [("1", "1", None), ("4", "2", Some("1")), ("3", "3", Some("1"))] {
        let rows = by_type(&delta, event_type);
        assert_eq!(rows.len(), 1);
        assert_eq!((rows[0].get("ID"), rows[0].get("MasterSeriesItemID")), (Some(number), series));
    }
    let text = scene.text("daily.ics").await;
    assert!(text.contains("EXDATE") && text.contains("RECURRENCE-ID"), "{text}");
    assert!(text.contains("X-KEEP;A=b:as  it is\r\n"), "{text}");
}

#[tokio::test]
async fn a_change_of_one_occurrence_is_no_conflict_for_the_others() {
    let (scene, first) = with_series().await;
    let one = except(&scene, "4", 9).await;
    let other = except(&scene, "4", 10).await;
    for (row, title) in [(&one, "One"), (&other, "Two")] {
        let version = row.get("owshiddenversion").unwrap();
        let fields = [("ID", row.get("ID").unwrap()), ("owshiddenversion", version), ("Title", title)];
        let done = scene.update("anna", "Calendar", &[(Update, &fields)]).await;
        assert_eq!(done[0].code, code::OK, "{title}: {:?}", done[0].text);
    }
    let delta = scene.changes("anna", "Calendar", first.token.as_deref()).await;
    let mut titles: Vec<_> = by_type(&delta, "4").iter().map(|row| row.get("Title").unwrap()).collect();
    titles.sort_unstable();
    assert_eq!(titles, ["One", "Two"]);
    // But whoever knows an older state of that very row is told.
    let version = one.get("owshiddenversion").unwrap();
    let fields = [("ID", "2"), ("owshiddenversion", version), ("Title", "Late")];
    let done = scene.update("anna", "Calendar", &[(Update, &fields)]).await;
    assert_eq!(done[0].code, code::CONFLICT);
    assert_eq!(done[0].row.as_ref().and_then(|row| row.get("Title")), Some("One"));
}

#[tokio::test]
async fn what_goes_is_told_by_number() {
    let (scene, _) = with_series().await;
    except(&scene, "4", 9).await;
    let token = scene.changes("anna", "Calendar", None).await.token;
    for (number, deleted, rows) in [("2", vec![2], 1), ("1", vec![1, 2], 0)] {
        let done = scene.update("anna", "Calendar", &[(Delete, &[("ID", number)])]).await;
        assert_eq!(done[0].code, code::OK);
        let delta = scene.changes("anna", "Calendar", token.as_deref()).await;
        assert_eq!((delta.deleted, delta.rows.len()), (deleted, rows));
    }
}
