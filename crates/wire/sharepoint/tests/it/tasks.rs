//! Tasks and rows.

use kontor_ical::zone::Zone;
use kontor_wire_sharepoint::row::{Context, Error, Part};
use kontor_wire_sharepoint::translate::tasks::{create, edit, rows};

use crate::office::{Others, Staff, calendar, context, lines_without, row, told};

const REPORT: &str = "BEGIN:VTODO
    UID:report@x
    DTSTAMP:20260101T000000Z
    SUMMARY:Report
    DUE;TZID=Europe/Berlin:20260615T170000
    STATUS:IN-PROCESS
    PERCENT-COMPLETE:25
    PRIORITY:2
    ATTENDEE;CN=Ann;PARTSTAT=ACCEPTED:mailto:ann@x.example
    ATTENDEE;CN=Guest:mailto:guest@else.example
    RELATED-TO;RELTYPE=PARENT:other@x
    X-MINE:kept
    END:VTODO";

fn staffed<'a>(zone: &'a Zone, staff: &'a Staff) -> Context<'a> {
    Context { people: staff, asker: Some(&staff.0[1]), tasks: &Others, ..context(zone) }
}

#[test]
fn a_task_is_one_row() {
    let (zone, staff) = (Zone::named("Europe/Berlin").unwrap(), Staff::new());
    let rows = rows(&calendar(REPORT), &staffed(&zone, &staff)).unwrap();
    assert_eq!(rows.len(), 1);
    assert_eq!(
        told(&rows[0].1),
        [
            "Title=Report",
            "Body=",
            "StartDate=",
            "DueDate=2026-06-15T00:00:00Z",
            "MetaInfo:DateComplete=",
            "Status=In Progress",
            "PercentComplete=0.25",
            "Priority=(1) High",
            "AssignedTo=7;#Ann Ax",
            "Predecessors=",
            "Categories=",
        ]
    );
}

#[test]
fn an_edit_touches_its_lines_only() {
    let (zone, staff) = (Zone::named("Europe/Berlin").unwrap(), Staff::new());
    let context = staffed(&zone, &staff);
    let text = calendar(REPORT);
    let check = |fields: &[&str], gone: &[&str], come: &[&str]| {
        let after = edit(&text, &Part::Whole, &row(fields), &context).unwrap().unwrap();
        let gone: Vec<_> = ["DTSTAMP:20260101T000000Z"].iter().chain(gone).copied().collect();
        let come: Vec<_> = ["DTSTAMP:20260601T120000Z"].iter().chain(come).copied().collect();
        assert_eq!(lines_without(&text, &after), gone, "{fields:?}");
        assert_eq!(lines_without(&after, &text), come, "{fields:?}");
    };
    check(
        &["DueDate=2026-06-20T00:00:00Z"],
        &["DUE;TZID=Europe/Berlin:20260615T170000"],
        &["DUE;TZID=Europe/Berlin:20260620T170000"],
    );
    check(&["DueDate="], &["DUE;TZID=Europe/Berlin:20260615T170000"], &[]);
    check(
        &["Status=Completed"],
        &["STATUS:IN-PROCESS", "PERCENT-COMPLETE:25"],
        &["STATUS:COMPLETED", "PERCENT-COMPLETE:100", "COMPLETED:20260601T120000Z"],
    );
    check(
        &["Status=Completed", "MetaInfo:DateComplete=2026-05-20T00:00:00Z", "PercentComplete=1"],
        &["STATUS:IN-PROCESS", "PERCENT-COMPLETE:25"],
        &["STATUS:COMPLETED", "PERCENT-COMPLETE:100", "COMPLETED:20260519T220000Z"],
    );
    check(&["Status=Waiting on someone else"], &[], &["X-KONTOR-OUTLOOK-STATUS:Waiting on someone else"]);
    check(&["PercentComplete=50%"], &["PERCENT-COMPLETE:25"], &["PERCENT-COMPLETE:50"]);
    check(&["Priority=(3) Low"], &["PRIORITY:2"], &["PRIORITY:9"]);
    check(
        &["AssignedTo=8;#Bob"],
        &["ATTENDEE;CN=Ann;PARTSTAT=ACCEPTED:mailto:ann@x.example"],
        &[
            "ATTENDEE;CN=Bob Bex;ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION:mailto:bob@x",
            " .example",
            "ORGANIZER;CN=Bob Bex:mailto:bob@x.example",
        ],
    );
    check(&["AssignedTo="], &["ATTENDEE;CN=Ann;PARTSTAT=ACCEPTED:mailto:ann@x.example"], &[]);
    check(&["MetaInfo:TotalWork=90"], &[], &["X-KONTOR-OUTLOOK-TOTALWORK:90"]);
    let refused = |fields: &[&str]| edit(&text, &Part::Whole, &row(fields), &context).unwrap_err();
    assert_eq!(
        refused(&["AssignedTo=-1;#OFFICE\\nobody"]),
        Error::UnknownPerson("OFFICE\\nobody".to_owned())
    );
    assert!(matches!(refused(&["Status=Sleeping"]), Error::Value { .. }));
    assert!(matches!(refused(&["DueDate=soon"]), Error::Value { .. }));
    assert!(matches!(refused(&["PercentComplete=150%"]), Error::Value { .. }));
}

#[test]
fn users_are_named_in_every_spelling() {
    let (zone, staff) = (Zone::named("Europe/Berlin").unwrap(), Staff::new());
    let context = staffed(&zone, &staff);
    let text = create(&row(&["Title=New"]), &context).unwrap();
    for spelling in [
        "8",
        "8;#Bob",
        "-1;#bob",
        "-1;#OFFICE\\bob",
        "-1;#bob@x.example",
        "8;#Bob Bex,#OFFICE\\bob,#bob@x.example,#,#Bob",
    ] {
        let field = format!("AssignedTo={spelling}");
        let after = edit(&text, &Part::Whole, &row(&[&field]), &context).unwrap().unwrap();
        assert_eq!(rows(&after, &context).unwrap()[0].1.get("AssignedTo"), Some("8;#Bob Bex"), "{spelling}");
    }
}

#[test]
fn a_task_is_made_and_told_again() {
    let (zone, staff) = (Zone::named("Europe/Berlin").unwrap(), Staff::new());
    let context = staffed(&zone, &staff);
    let fields = row(&[
        "Title=New",
        "Body=<p>do <b>it</b></p>",
        "StartDate=2026-06-10T00:00:00Z",
        "DueDate=2026-06-12T00:00:00Z",
        "Status=Deferred",
        "PercentComplete=0.1",
        "Priority=(2) Normal",
        "MetaInfo:Mileage=12 km",
        "Categories=A; B",
        "AssignedTo=7;#Ann",
    ]);
    let text = create(&fields, &context).unwrap();
    kontor_ical::validate(&text, &kontor_ical::Limits::default()).unwrap();
    let (part, told) = rows(&text, &context).unwrap().remove(0);
    let fresh: Vec<(&str, Option<&str>)> =
        ["Title", "StartDate", "DueDate", "Status", "PercentComplete", "Priority", "Categories"]
            .map(|name| (name, fields.get(name)))
            .to_vec();
    for (name, value) in fresh {
        let value = value.map(|value| if name == "PercentComplete" { "0.10" } else { value });
        assert_eq!(told.get(name), value, "{name}");
    }
    assert_eq!((told.bag("Mileage"), told.get("AssignedTo")), (Some("12 km"), Some("7;#Ann Ax")));
    assert_eq!(edit(&text, &part, &told, &context), Ok(None));
}

#[test]
fn a_task_that_repeats_keeps_its_state() {
    let zone = Zone::named("Europe/Berlin").unwrap();
    let context = context(&zone);
    let text = calendar(&REPORT.replace("STATUS", "RRULE:FREQ=DAILY\nSTATUS"));
    assert!(edit(&text, &Part::Whole, &row(&["Title=Other"]), &context).unwrap().is_some());
    for field in ["Status=Completed", "DueDate=2026-07-01T00:00:00Z", "PercentComplete=1"] {
        let refused = edit(&text, &Part::Whole, &row(&[field]), &context);
        assert!(matches!(refused, Err(Error::ReadOnly(_))), "{field}");
    }
    let (part, told) = rows(&text, &context).unwrap().remove(0);
    assert_eq!(edit(&text, &part, &told, &context), Ok(None));
}
