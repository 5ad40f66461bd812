//! What objects mean in time.

use kontor_contentline::Tree;
use kontor_ical::timeline::{Busy, Kind, Range, Timeline};
use kontor_ical::value::{When, when};
use kontor_ical::zone::Zone;
use kontor_ical::{Budget, Problem};

/// The instant that `20260131T120000Z` names; a day is its midnight in UTC.
pub(crate) fn at(text: &str) -> i64 {
    match when(text).unwrap() {
        When::Date(days) => days * 86_400,
        When::Local(seconds) | When::Utc(seconds) => seconds,
    }
}

pub(crate) fn range(start: &str, end: &str) -> Range {
    Range { start: at(start), end: at(end) }
}

/// A calendar of components given as lines.
pub(crate) fn calendar(lines: &str) -> String {
    let lines: String = lines.lines().map(|line| format!("{}\r\n", line.trim())).collect();
    format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//\r\n{lines}END:VCALENDAR\r\n")
}

fn event(lines: &str) -> String {
    calendar(&format!("BEGIN:VEVENT\nUID:one\n{lines}\nEND:VEVENT"))
}

pub(crate) fn compile(text: &str) -> (Timeline, Vec<Problem>) {
    let tree = Tree::parse(text.as_bytes());
    let (timeline, problems) =
        Timeline::compile(tree.root().child("VCALENDAR").unwrap(), &mut Budget::default());
    let stored = timeline.to_bytes();
    assert_eq!(Timeline::from_bytes(&stored).unwrap(), timeline, "the stored form says the same");
    for cut in 0..stored.len() {
        assert!(Timeline::from_bytes(&stored[..cut]).is_err());
    }
    (timeline, problems)
}

/// Starts and ends of the occurrences in a range, with Berlin for floating times.
fn times(text: &str, start: &str, end: &str) -> Vec<String> {
    let (timeline, _) = compile(text);
    let kind = timeline.kinds().next().unwrap();
    let found = timeline.occurrences(kind, range(start, end), &berlin(), &mut Budget::default()).unwrap();
    found.iter().map(|one| format!("{}/{}", When::Utc(one.start), When::Utc(one.end))).collect()
}

fn berlin() -> Zone {
    Zone::named("Europe/Berlin").unwrap()
}

#[test]
fn a_weekly_series_keeps_its_wall_clock_time() {
    let text = event("DTSTART;TZID=Europe/Berlin:20260323T090000\nDURATION:PT1H\nRRULE:FREQ=WEEKLY");
    let found = times(&text, "20260320", "20260401");
    assert_eq!(found, ["20260323T080000Z/20260323T090000Z", "20260330T070000Z/20260330T080000Z"]);
}

#[test]
fn until_in_utc_ends_a_berlin_series_at_the_right_instance() {
    let text = event("DTSTART;TZID=Europe/Berlin:20260701T230000\nRRULE:FREQ=DAILY;UNTIL=20260703T210000Z");
    assert_eq!(times(&text, "20260701", "20260801").len(), 3);
    let text = event("DTSTART;TZID=Europe/Berlin:20260701T230000\nRRULE:FREQ=DAILY;UNTIL=20260703T205959Z");
    assert_eq!(times(&text, "20260701", "20260801").len(), 2);
}

#[test]
fn overrides_exceptions_and_dates_are_merged() {
    let text = calendar(
        "BEGIN:VEVENT
        UID:one
        DTSTART;TZID=Europe/Berlin:20260105T100000
        DTEND;TZID=Europe/Berlin:20260105T110000
        RRULE:FREQ=DAILY;COUNT=5
        EXDATE;TZID=Europe/Berlin:20260107T100000
        RDATE;TZID=Europe/Berlin:20260120T080000
        END:VEVENT
        BEGIN:VEVENT
        UID:one
        RECURRENCE-ID;TZID=Europe/Berlin:20260106T100000
        DTSTART;TZID=Europe/Berlin:20260106T150000
        DTEND;TZID=Europe/Berlin:20260106T170000
        END:VEVENT",
    );
    assert_eq!(
        times(&text, "20260101", "20260201"),
        [
            "20260105T090000Z/20260105T100000Z",
            "20260106T140000Z/20260106T160000Z",
            "20260108T090000Z/20260108T100000Z",
            "20260109T090000Z/20260109T100000Z",
            "20260120T070000Z/20260120T080000Z"
        ]
    );
}

#[test]
fn this_and_future_moves_all_that_follow() {
    let text = calendar(
        "BEGIN:VEVENT
        UID:one
        DTSTART;TZID=Europe/Berlin:20260320T100000
        DTEND;TZID=Europe/Berlin:20260320T110000
        RRULE:FREQ=WEEKLY;COUNT=4
        END:VEVENT
        BEGIN:VEVENT
        UID:one
        RECURRENCE-ID;RANGE=THISANDFUTURE;TZID=Europe/Berlin:20260327T100000
        DTSTART;TZID=Europe/Berlin:20260327T120000
        DTEND;TZID=Europe/Berlin:20260327T140000
        END:VEVENT",
    );
    assert_eq!(
        times(&text, "20260301", "20260501"),
        [
            "20260320T090000Z/20260320T100000Z",
            "20260327T110000Z/20260327T130000Z",
            "20260403T100000Z/20260403T120000Z",
            "20260410T100000Z/20260410T120000Z"
        ]
    );
}

#[test]
fn days_and_floating_times_follow_the_callers_zone() {
    let text = event("DTSTART;VALUE=DATE:20260328\nRRULE:FREQ=DAILY;COUNT=2");
    assert_eq!(
        times(&text, "20260301", "20260501"),
        ["20260327T230000Z/20260328T230000Z", "20260328T230000Z/20260329T220000Z"]
    );
    let text = event("DTSTART:20260701T120000\nDTEND:20260701T130000");
    assert_eq!(times(&text, "20260701", "20260702"), ["20260701T100000Z/20260701T110000Z"]);
    let span = compile(&text).0.span();
    assert_eq!((span.first, span.last), (at("20260630T220000Z"), Some(at("20260702T030000Z"))));
}

#[test]
fn an_hourly_series_has_each_instant_of_a_gap_once() {
    let text = event("DTSTART;TZID=Europe/Berlin:20260329T000000\nRRULE:FREQ=MINUTELY;INTERVAL=30;COUNT=10");
    assert_eq!(
        times(&text, "20260328", "20260330").iter().map(|one| &one[9..13]).collect::<Vec<_>>(),
        ["2300", "2330", "0000", "0030", "0100", "0130", "0200", "0230"]
    );
}

#[test]
fn spans_are_tight_and_open_where_the_series_is() {
    let check = |lines: &str, first: &str, last: Option<&str>| {
        let span = compile(&event(lines)).0.span();
        assert_eq!(
            (When::Utc(span.first).to_string(), span.last),
            (first.to_owned(), last.map(at)),
            "{lines}"
        );
    };
    check("DTSTART:20260101T100000Z\nDTEND:20260101T110000Z", "20260101T100000Z", Some("20260101T110000Z"));
    check("DTSTART:20260101T100000Z\nRRULE:FREQ=DAILY", "20260101T100000Z", None);
    check(
        "DTSTART:20260101T100000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=3",
        "20260101T100000Z",
        Some("20260103T110000Z"),
    );
    check(
        "DTSTART:20260101T100000Z\nRRULE:FREQ=SECONDLY;COUNT=4000000000",
        "20260101T100000Z",
        Some("21521003T170639Z"),
    );
}

#[test]
fn busy_time_follows_transparency_and_status() {
    let check = |lines: &str, expect: Busy| {
        let (timeline, _) =
            compile(&event(&format!("DTSTART:20260101T100000Z\nDTEND:20260101T110000Z\n{lines}")));
        let found =
            timeline.occurrences(Kind::Event, Range::ALL, &Zone::utc(), &mut Budget::default()).unwrap();
        assert_eq!(found[0].busy, expect, "{lines}");
        let mut busy = Vec::new();
        timeline
            .busy(range("20260101T103000Z", "20260102"), &Zone::utc(), &mut Budget::default(), &mut busy)
            .unwrap();
        assert_eq!(busy.len(), usize::from(expect != Busy::Free));
        assert!(busy.iter().all(|one| one.range == range("20260101T103000Z", "20260101T110000Z")));
    };
    check("", Busy::Busy);
    check("TRANSP:TRANSPARENT", Busy::Free);
    check("STATUS:CANCELLED", Busy::Free);
    check("STATUS:TENTATIVE", Busy::Tentative);
    check("X-MICROSOFT-CDO-BUSYSTATUS:OOF", Busy::Unavailable);
}

#[test]
fn a_one_off_event_takes_a_dozen_bytes() {
    let text = event("DTSTART;TZID=Europe/Berlin:20260105T100000\nDTEND;TZID=Europe/Berlin:20260105T110000");
    assert!(compile(&text).0.to_bytes().len() <= 16);
}
