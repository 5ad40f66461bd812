//! Events and rows.

use kontor_ical::zone::Zone;
use kontor_wire_sharepoint::row::{Error, Part};
use kontor_wire_sharepoint::translate::calendar::{Removed, create, edit, except, remove_part, rows};

use crate::office::{calendar, context, lines_without, row, told};

const BERLIN: &str = "<timeZoneRule><standardBias>-60</standardBias><additionalDaylightBias>-60</additionalDaylightBias><standardDate><transitionRule month=\"10\" day=\"su\" weekdayOfMonth=\"last\" /><transitionTime>3:0:0</transitionTime></standardDate><daylightDate><transitionRule month=\"3\" day=\"su\" weekdayOfMonth=\"last\" /><transitionTime>2:0:0</transitionTime></daylightDate></timeZoneRule>";

fn berlin() -> Zone {
    Zone::named("Europe/Berlin").unwrap()
}

const PLAN: &str = "BEGIN:VEVENT
    UID:plan@x
    DTSTAMP:20260101T000000Z
    DTSTART;TZID=Europe/Berlin:20260615T100000
    DTEND;TZID=Europe/Berlin:20260615T113000
    SUMMARY;LANGUAGE=en:Plan
    LOCATION:Room 1
    DESCRIPTION:one\\ntwo
    X-MINE;X-P=1:kept
    ATTENDEE;CN=Ann;PARTSTAT=TENTATIVE:mailto:ann@x.example
    BEGIN:VALARM
    ACTION:AUDIO
    TRIGGER:-PT5M
    END:VALARM
    END:VEVENT";

const WEEKLY: &str = "BEGIN:VEVENT
    UID:weekly@x
    DTSTAMP:20260101T000000Z
    DTSTART;TZID=Europe/Berlin:20260302T100000
    DTEND;TZID=Europe/Berlin:20260302T110000
    RRULE:FREQ=WEEKLY;BYDAY=MO
    EXDATE;TZID=Europe/Berlin:20260309T100000,20260316T100000
    SUMMARY:Weekly
    END:VEVENT
    BEGIN:VEVENT
    UID:weekly@x
    DTSTAMP:20260101T000000Z
    RECURRENCE-ID;TZID=Europe/Berlin:20260406T100000
    DTSTART;TZID=Europe/Berlin:20260407T120000
    DTEND;TZID=Europe/Berlin:20260407T130000
    SUMMARY:Weekly, moved
    END:VEVENT";

#[test]
fn a_single_event_is_one_row() {
    let zone = berlin();
    let rows = rows(&calendar(PLAN), &context(&zone)).unwrap();
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0].0, Part::Whole);
    assert_eq!(
        told(&rows[0].1),
        [
            "Title=Plan",
            "Location=Room 1",
            "Description=<div>one<br>two</div>",
            "EventDate=2026-06-15T08:00:00Z",
            "EndDate=2026-06-15T09:30:00Z",
            "Duration=5400",
            "fAllDayEvent=0",
            "Category=",
            "Categories=",
            "MetaInfo:BusyStatus=2",
            "MetaInfo:Priority=0",
            "fRecurrence=0",
            "EventType=0",
        ]
    );
}

#[test]
fn a_row_sent_back_changes_nothing() {
    let zone = berlin();
    for text in [calendar(PLAN), calendar(WEEKLY)] {
        for (part, row) in rows(&text, &context(&zone)).unwrap() {
            assert_eq!(edit(&text, &part, &row, &context(&zone)), Ok(None), "{part:?}");
        }
    }
}

#[test]
fn an_edit_touches_its_lines_only() {
    let zone = berlin();
    let text = calendar(PLAN);
    let check = |fields: &[&str], gone: &[&str], come: &[&str]| {
        let after = edit(&text, &Part::Whole, &row(fields), &context(&zone)).unwrap().unwrap();
        let mut gone = gone.to_vec();
        gone.insert(0, "DTSTAMP:20260101T000000Z");
        let mut come = come.to_vec();
        come.insert(0, "DTSTAMP:20260601T120000Z");
        assert_eq!(lines_without(&text, &after), gone, "{fields:?}");
        assert_eq!(lines_without(&after, &text), come, "{fields:?}");
    };
    check(&["Title=Plan, new"], &["SUMMARY;LANGUAGE=en:Plan"], &["SUMMARY;LANGUAGE=en:Plan\\, new"]);
    check(&["Location="], &["LOCATION:Room 1"], &[]);
    check(
        &["EventDate=2026-06-15T09:00:00Z", "EndDate=2026-06-15T10:30:00Z"],
        &["DTSTART;TZID=Europe/Berlin:20260615T100000", "DTEND;TZID=Europe/Berlin:20260615T113000"],
        &["DTSTART;TZID=Europe/Berlin:20260615T110000", "DTEND;TZID=Europe/Berlin:20260615T123000"],
    );
    check(
        &["fAllDayEvent=1", "EventDate=2026-06-15T00:00:00Z", "EndDate=2026-06-16T23:59:00Z"],
        &["DTSTART;TZID=Europe/Berlin:20260615T100000", "DTEND;TZID=Europe/Berlin:20260615T113000"],
        &["DTSTART;VALUE=DATE:20260615", "DTEND;VALUE=DATE:20260617"],
    );
    check(&["MetaInfo:BusyStatus=0"], &[], &["TRANSP:TRANSPARENT"]);
    check(&["MetaInfo:BusyStatus=3"], &[], &["X-MICROSOFT-CDO-BUSYSTATUS:OOF"]);
    check(&["MetaInfo:Priority=1"], &[], &["PRIORITY:1"]);
    check(&["Categories=One; Two"], &[], &["CATEGORIES:One,Two"]);
    check(
        &["Description=<p>one</p><p><b>three</b></p>"],
        &["DESCRIPTION:one\\ntwo"],
        &["DESCRIPTION:one\\nthree", "X-ALT-DESC;FMTTYPE=text/html:<p>one</p><p><b>three</b></p>"],
    );
    check(&["Description="], &["DESCRIPTION:one\\ntwo"], &[]);
}

#[test]
fn a_series_is_told_with_its_exceptions() {
    let zone = berlin();
    let rows = rows(&calendar(WEEKLY), &context(&zone)).unwrap();
    let parts: Vec<String> = rows.iter().map(|(part, _)| format!("{part:?}")).collect();
    assert_eq!(
        parts,
        [
            "Whole",
            "Changed(Occurrence(Utc(1775462400)))",
            "Deleted(Occurrence(Utc(1773046800)))",
            "Deleted(Occurrence(Utc(1773651600)))"
        ]
    );
    let get = |nth: usize, name: &str| rows[nth].1.get(name).unwrap_or_default().to_owned();
    assert_eq!((get(0, "EventType"), get(0, "fRecurrence")), ("1".to_owned(), "1".to_owned()));
    assert_eq!(get(0, "EventDate"), "2026-03-02T09:00:00Z");
    assert_eq!(get(0, "Duration"), "3600");
    assert_eq!(get(0, "XMLTZone"), BERLIN);
    assert_eq!(get(0, "TimeZone"), "4");
    assert_eq!(
        get(0, "RecurrenceData"),
        "<recurrence><rule><firstDayOfWeek>mo</firstDayOfWeek><repeat><weekly mo=\"TRUE\" weekFrequency=\"1\" /></repeat><repeatForever>FALSE</repeatForever></rule></recurrence>"
    );
    assert_eq!(
        (get(1, "EventType"), get(1, "RecurrenceID")),
        ("4".to_owned(), "2026-04-06T08:00:00Z".to_owned())
    );
    assert_eq!(
        (get(1, "Title"), get(1, "EventDate")),
        ("Weekly, moved".to_owned(), "2026-04-07T10:00:00Z".to_owned())
    );
    assert_eq!(
        (get(2, "EventType"), get(2, "RecurrenceID")),
        ("3".to_owned(), "2026-03-09T09:00:00Z".to_owned())
    );
    let uid = get(0, "UID");
    assert_eq!(uid.len(), 38);
    assert!((1..4).all(|nth| get(nth, "UID") == uid));
}

#[test]
fn occurrences_are_changed_taken_out_and_brought_back() {
    let zone = berlin();
    let context = context(&zone);
    let text = calendar(WEEKLY);
    let fields = row(&[
        "EventType=4",
        "fRecurrence=1",
        "RecurrenceID=2026-04-13T08:00:00Z",
        "Title=Longer",
        "EventDate=2026-04-13T08:00:00Z",
        "EndDate=2026-04-13T10:00:00Z",
    ]);
    let (part, after) = except(&text, &fields, &context).unwrap();
    let after = after.unwrap();
    assert_eq!(lines_without(&text, &after), Vec::<String>::new());
    assert_eq!(
        lines_without(&after, &text),
        [
            "BEGIN:VEVENT",
            "RECURRENCE-ID;TZID=Europe/Berlin:20260413T100000",
            "UID:weekly@x",
            "DTSTAMP:20260601T120000Z",
            "DTSTART;TZID=Europe/Berlin:20260413T100000",
            "DTEND;TZID=Europe/Berlin:20260413T120000",
            "SUMMARY:Longer",
            "END:VEVENT",
        ]
    );
    // Gone again: the occurrence is as its series says.
    assert_eq!(remove_part(&after, &part, &context), Ok(Removed::Text(text.clone())));
    // Taken out.
    let gone = row(&["EventType=3", "fRecurrence=1", "RecurrenceID=2026-04-06T08:00:00Z"]);
    let (part, after) = except(&text, &gone, &context).unwrap();
    let after = after.unwrap();
    assert!(String::from_utf8_lossy(&after).contains("EXDATE;TZID=Europe/Berlin:20260406T100000\r\n"));
    assert!(!String::from_utf8_lossy(&after).contains("moved"));
    let Removed::Text(back) = remove_part(&after, &part, &context).unwrap() else { panic!() };
    assert!(!String::from_utf8_lossy(&back).contains("EXDATE;TZID=Europe/Berlin:20260406T100000\r\n"));
    // One of two on a line.
    let deleted = rows(&text, &context).unwrap()[2].0;
    let Removed::Text(back) = remove_part(&text, &deleted, &context).unwrap() else { panic!() };
    assert!(String::from_utf8_lossy(&back).contains("EXDATE;TZID=Europe/Berlin:20260316T100000\r\n"));
    // No occurrence.
    let wrong = row(&["EventType=4", "RecurrenceID=2026-04-14T08:00:00Z"]);
    assert_eq!(except(&text, &wrong, &context), Err(Error::NoPart));
}

#[test]
fn a_series_is_made_changed_and_ended() {
    let zone = berlin();
    let context = context(&zone);
    let data = |pattern: &str, more: &str| {
        format!(
            "RecurrenceData=<recurrence><rule><firstDayOfWeek>mo</firstDayOfWeek><repeat>{pattern}</repeat><repeatInstances>10</repeatInstances></rule></recurrence>{more}"
        )
    };
    let weekly = data("<weekly mo=\"TRUE\" weekFrequency=\"1\" />", "");
    let zone_field = format!("XMLTZone={BERLIN}");
    let fields = [
        "Title=New",
        "EventType=1",
        "fRecurrence=1",
        "fAllDayEvent=0",
        "EventDate=2026-06-15T08:00:00Z",
        "EndDate=2026-08-17T09:00:00Z",
        "Duration=3600",
        "UID={11111111-2222-3333-4444-555555555555}",
        &weekly,
        &zone_field,
    ];
    let text = create(&row(&fields), &context).unwrap();
    let shown = String::from_utf8(text.clone()).unwrap();
    for line in [
        "DTSTART;TZID=Europe/Berlin:20260615T100000",
        "DTEND;TZID=Europe/Berlin:20260615T110000",
        "RRULE:FREQ=WEEKLY;BYDAY=MO;COUNT=10",
        "BEGIN:VTIMEZONE",
        "UID:new-uid@kontor.example",
        "SUMMARY:New",
    ] {
        assert!(shown.contains(&format!("{line}\r\n")), "{line} in {shown}");
    }
    kontor_ical::validate(&text, &kontor_ical::Limits::default()).unwrap();
    let told = rows(&text, &context).unwrap();
    assert_eq!(told[0].1.get("UID"), Some("{11111111-2222-3333-4444-555555555555}"));
    assert_eq!(told[0].1.get("EndDate"), Some("2026-08-17T09:00:00Z"));
    assert_eq!(edit(&text, &Part::Whole, &told[0].1, &context), Ok(None));
    // Another pattern: another GUID, and the pattern's line.
    let daily = data("<daily dayFrequency=\"2\" />", "");
    let after = edit(&text, &Part::Whole, &row(&[&daily]), &context).unwrap().unwrap();
    assert!(String::from_utf8_lossy(&after).contains("RRULE:FREQ=DAILY;INTERVAL=2;COUNT=10\r\n"));
    assert_ne!(rows(&after, &context).unwrap()[0].1.get("UID"), told[0].1.get("UID"));
    // No series any more.
    let single = row(&["EventType=0", "fRecurrence=0", "EndDate=2026-06-15T09:30:00Z"]);
    let after = edit(&after, &Part::Whole, &single, &context).unwrap().unwrap();
    let told = rows(&after, &context).unwrap();
    assert_eq!((told[0].1.get("EventType"), told[0].1.get("Duration")), (Some("0"), Some("5400")));
    // And one again.
    let again = edit(&after, &Part::Whole, &row(&["EventType=1", "fRecurrence=1", &daily]), &context)
        .unwrap()
        .unwrap();
    assert!(String::from_utf8_lossy(&again).contains("RRULE:FREQ=DAILY;INTERVAL=2;COUNT=10\r\n"));
}

#[test]
fn what_has_no_pattern_is_told_one_by_one() {
    let zone = berlin();
    let context = context(&zone);
    let text =
        calendar(&WEEKLY.replace("RRULE:FREQ=WEEKLY;BYDAY=MO", "RRULE:FREQ=MONTHLY;BYDAY=1MO,3MO;COUNT=4"));
    let told = rows(&text, &context).unwrap();
    let starts: Vec<_> = told
        .iter()
        .map(|(part, row)| (matches!(part, Part::Changed(_)), row.get("EventDate").unwrap().to_owned()))
        .collect();
    assert_eq!(
        starts,
        ["2026-03-02T09:00:00Z", "2026-04-07T10:00:00Z", "2026-04-20T08:00:00Z"]
            .map(|at| (true, at.to_owned()))
    );
    assert!(told.iter().all(|(_, row)| row.get("EventType") == Some("0")));
    for (part, row) in &told {
        assert_eq!(edit(&text, part, row, &context), Ok(None));
    }
    let after = edit(&text, &told[2].0, &row(&["Title=Once"]), &context).unwrap().unwrap();
    assert_eq!(rows(&after, &context).unwrap()[2].1.get("Title"), Some("Once"));
    let Removed::Text(after) = remove_part(&text, &told[0].0, &context).unwrap() else { panic!() };
    assert_eq!(rows(&after, &context).unwrap().len(), 2);
    assert!(matches!(edit(&text, &Part::Whole, &row(&["Title=All"]), &context), Err(Error::ReadOnly(_))));
}

#[test]
fn whole_days_have_no_zone() {
    let zone = Zone::named("America/New_York").unwrap();
    let context = context(&zone);
    let fields = row(&[
        "Title=Trip",
        "fAllDayEvent=1",
        "EventDate=2026-07-01T00:00:00Z",
        "EndDate=2026-07-03T23:59:00Z",
        "EventType=0",
        "fRecurrence=0",
    ]);
    let text = create(&fields, &context).unwrap();
    let shown = String::from_utf8(text.clone()).unwrap();
    assert!(shown.contains("DTSTART;VALUE=DATE:20260701\r\nDTEND;VALUE=DATE:20260704\r\n"), "{shown}");
    let told = rows(&text, &context).unwrap();
    let get = |name: &str| told[0].1.get(name).unwrap().to_owned();
    assert_eq!(
        (get("EventDate"), get("EndDate"), get("Duration")),
        ("2026-07-01T00:00:00Z".to_owned(), "2026-07-03T23:59:00Z".to_owned(), "259140".to_owned())
    );
    // A whole-day series has a zone without offset.
    let series = calendar(
        "BEGIN:VEVENT\nUID:d\nDTSTART;VALUE=DATE:20260107\nRRULE:FREQ=YEARLY;UNTIL=20300107\nEXDATE;VALUE=DATE:20270107\nSUMMARY:Day\nEND:VEVENT",
    );
    let told = rows(&series, &context).unwrap();
    let get = |nth: usize, name: &str| told[nth].1.get(name).unwrap_or_default().to_owned();
    assert_eq!(
        get(0, "XMLTZone"),
        "<timeZoneRule><standardBias>0</standardBias><additionalDaylightBias>0</additionalDaylightBias></timeZoneRule>"
    );
    assert_eq!(get(0, "Duration"), "86340");
    assert!(get(0, "RecurrenceData").contains("<windowEnd>2030-01-07T00:00:00Z</windowEnd>"));
    assert_eq!(get(1, "RecurrenceID"), "2027-01-07T00:00:00Z");
    assert_eq!(edit(&series, &Part::Whole, &told[0].1, &context), Ok(None));
}
