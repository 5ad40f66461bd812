//! The tables of RFC 4791 9.9, row by row.

use kontor_ical::Budget;
use kontor_ical::timeline::{Kind, Range};
use kontor_ical::zone::Zone;

use crate::timeline::{at, calendar, compile};

/// Asks whether a component with these lines overlaps ranges `start/end`, either of which may be left out.
fn check(kind: Kind, lines: &str, asked: &[(&str, bool)]) {
    let name = kind.name();
    let (timeline, _) = compile(&calendar(&format!("BEGIN:{name}\nUID:a\n{lines}\nEND:{name}")));
    for (range, expect) in asked {
        let (start, end) = range.split_once('/').unwrap();
        let bound =
            |text: &str, open: i64| if text.is_empty() { open } else { at(&format!("202601{text}00Z")) };
        let range = Range { start: bound(start, i64::MIN), end: bound(end, i64::MAX) };
        let found = timeline.overlaps(kind, range, &Zone::utc(), &mut Budget::default());
        assert_eq!(found, *expect, "{lines} in {start}/{end}");
        assert!(!found || timeline.span().may_overlap(range), "span of {lines} against {start}/{end}");
    }
}

#[test]
fn events() {
    let check = |lines: &str, asked: &[(&str, bool)]| check(Kind::Event, lines, asked);
    let hour = [
        ("05T1000/05T1100", true),
        ("05T0900/05T1000", false),
        ("05T1100/05T1200", false),
        ("05T1059/05T1200", true),
        ("05T1030/05T1040", true),
        ("05T1030/", true),
        ("/05T1030", true),
        ("/05T1000", false),
        ("05T1100/", false),
        ("/", true),
    ];
    check("DTSTART:20260105T100000Z\nDTEND:20260105T110000Z", &hour);
    check("DTSTART:20260105T100000Z\nDURATION:PT1H", &hour);
    let moment = [("05T1000/05T1100", true), ("05T0900/05T1000", false), ("05T1001/05T1100", false)];
    check("DTSTART:20260105T100000Z\nDURATION:PT0S", &moment);
    check("DTSTART:20260105T100000Z", &moment);
    // By the letter of the table an event with DTEND at DTSTART is not met by a range that starts there.
    check(
        "DTSTART:20260105T100000Z\nDTEND:20260105T100000Z",
        &[("05T1000/05T1100", false), ("05T0959/05T1100", true)],
    );
    check(
        "DTSTART;VALUE=DATE:20260105",
        &[
            ("05T2359/06T0000", true),
            ("06T0000/07T0000", false),
            ("04T0000/05T0000", false),
            ("04T0000/05T0001", true),
        ],
    );
    check(
        "DTSTART:20260105T100000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY",
        &[("20T1030/20T1031", true), ("20T1130/21T0900", false)],
    );
}

#[test]
fn tasks() {
    let check = |lines: &str, asked: &[(&str, bool)]| check(Kind::Todo, lines, asked);
    check(
        "DTSTART:20260105T100000Z\nDURATION:PT1H",
        &[
            ("05T1100/05T1200", true),
            ("05T1101/05T1200", false),
            ("05T0900/05T1000", false),
            ("05T0900/05T1001", true),
        ],
    );
    check(
        "DTSTART:20260105T100000Z\nDUE:20260105T110000Z",
        &[
            ("05T1100/05T1200", false),
            ("05T1059/05T1200", true),
            ("05T0900/05T1000", false),
            ("05T0900/05T1001", true),
        ],
    );
    check(
        "DTSTART:20260105T100000Z\nDUE:20260105T100000Z",
        &[("05T1000/05T1100", true), ("05T0900/05T1000", true), ("05T1001/05T1100", false)],
    );
    check(
        "DTSTART:20260105T100000Z",
        &[("05T1000/05T1100", true), ("05T0900/05T1000", false), ("05T1001/05T1100", false)],
    );
    check(
        "DUE:20260105T100000Z",
        &[
            ("05T1000/05T1100", false),
            ("05T0900/05T1000", true),
            ("05T0900/05T0959", false),
            ("05T0959/05T1100", true),
        ],
    );
    let both = "COMPLETED:20260108T100000Z\nCREATED:20260105T100000Z";
    check(
        both,
        &[
            ("05T1000/05T1100", true),
            ("06T1000/07T1000", true),
            ("08T1001/09T1000", false),
            ("04T0000/05T0959", false),
        ],
    );
    check(
        "COMPLETED:20260108T100000Z",
        &[("08T1000/09T0000", true), ("07T0000/08T1000", true), ("08T1001/09T0000", false)],
    );
    check(
        "CREATED:20260105T100000Z",
        &[("09T0000/10T0000", true), ("04T0000/05T1000", false), ("04T0000/05T1001", true)],
    );
    check("SUMMARY:some day", &[("09T0000/10T0000", true), ("/", true)]);
    check(
        "DUE:20260105T100000Z\nRRULE:FREQ=WEEKLY",
        &[("12T0900/12T1100", true), ("13T0900/14T1100", false)],
    );
}

#[test]
fn journal_entries() {
    let check = |lines: &str, asked: &[(&str, bool)]| check(Kind::Journal, lines, asked);
    check(
        "DTSTART:20260105T100000Z",
        &[("05T1000/05T1100", true), ("05T0900/05T1000", false), ("05T1001/05T1100", false)],
    );
    check("DTSTART;VALUE=DATE:20260105", &[("05T2359/06T0000", true), ("06T0000/07T0000", false)]);
    check("SUMMARY:no date", &[("/", false)]);
}

#[test]
fn busy_times() {
    let check = |lines: &str, asked: &[(&str, bool)]| check(Kind::FreeBusy, lines, asked);
    check(
        "DTSTART:20260105T100000Z\nDTEND:20260105T110000Z",
        &[("05T1100/05T1200", true), ("05T1101/05T1200", false), ("05T0900/05T1000", false)],
    );
    check(
        "FREEBUSY:20260105T100000Z/PT1H,20260107T100000Z/20260107T110000Z",
        &[
            ("05T1059/05T1200", true),
            ("05T1100/05T1200", false),
            ("07T0900/07T1001", true),
            ("06T0000/07T0000", false),
        ],
    );
    check("COMMENT:nothing", &[("/", false)]);
}

#[test]
fn alarms() {
    let check = |alarm: &str, asked: &[(&str, bool)]| {
        let text = calendar(&format!(
            "BEGIN:VEVENT\nUID:a\nDTSTART:20260105T100000Z\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;COUNT=2\n\
             BEGIN:VALARM\n{alarm}\nEND:VALARM\nEND:VEVENT"
        ));
        let (timeline, _) = compile(&text);
        for (range, expect) in asked {
            let (start, end) = range.split_once('/').unwrap();
            let bound = |text: &str| at(&format!("202601{text}00Z"));
            let range = Range { start: bound(start), end: bound(end) };
            let found = timeline.overlaps_alarm(Kind::Event, range, &Zone::utc(), &mut Budget::default());
            assert_eq!(found, *expect, "{alarm} in {start}/{end}");
            assert!(!found || timeline.alarm_span().unwrap().may_overlap(range), "{alarm}");
        }
    };
    check(
        "TRIGGER:-PT30M",
        &[
            ("05T0930/05T0931", true),
            ("05T0929/05T0930", false),
            ("12T0900/12T1000", true),
            ("19T0900/19T1000", false),
        ],
    );
    check("TRIGGER;RELATED=END:PT5M", &[("05T1105/05T1106", true), ("05T1100/05T1105", false)]);
    check("TRIGGER:-P9D", &[("03T1000/03T1001", true), ("04T1000/05T1000", false)]);
    check(
        "TRIGGER;VALUE=DATE-TIME:20260120T080000Z",
        &[("20T0800/20T0801", true), ("20T0801/20T0900", false)],
    );
    check(
        "TRIGGER:-PT30M\nREPEAT:3\nDURATION:PT10M",
        &[
            ("05T0935/05T0939", false),
            ("05T0935/05T0941", true),
            ("05T1000/05T1001", true),
            ("05T1001/05T1200", false),
        ],
    );
}
