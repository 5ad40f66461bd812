//! Text in the shape that somebody asked for.

use kontor_contentline::apply;
use kontor_ical::edit::{OccurrenceError, exclude_occurrence, split_occurrence};
use kontor_ical::shape::{
    Combiner, Selection, expand, limit_freebusy_set, limit_recurrence_set, select, without_known_zones,
};
use kontor_ical::timeline::{Kind, Range};
use kontor_ical::value::{When, when};
use kontor_ical::zone::Zone;
use kontor_ical::{Budget, Limits, Object, validate};

use crate::fixtures::files;
use crate::timeline::{calendar, range};

fn berlin() -> Zone {
    Zone::named("Europe/Berlin").unwrap()
}

fn expanded(text: &str, start: &str, end: &str) -> String {
    let out = expand(text.as_bytes(), range(start, end), &berlin(), &mut Budget::default()).unwrap();
    String::from_utf8(out).unwrap()
}

/// A weekly meeting with a moved occurrence and one that is left out.
fn series() -> String {
    calendar(
        "BEGIN:VTIMEZONE
        TZID:Europe/Berlin
        BEGIN:STANDARD
        DTSTART:19700101T000000
        TZOFFSETFROM:+0100
        TZOFFSETTO:+0100
        END:STANDARD
        END:VTIMEZONE
        BEGIN:VEVENT
        UID:one
        X-First:kept;as,it is
        DTSTART;TZID=Europe/Berlin:20260316T100000
        DTEND;TZID=Europe/Berlin:20260316T113000
        RRULE:FREQ=WEEKLY
        EXDATE;TZID=Europe/Berlin:20260323T100000
        SUMMARY:Meeting
        BEGIN:VALARM
        TRIGGER:-PT5M
        END:VALARM
        END:VEVENT
        BEGIN:VEVENT
        UID:one
        RECURRENCE-ID;TZID=Europe/Berlin:20260406T100000
        DTSTART;TZID=Europe/Berlin:20260407T150000
        DURATION:PT1H
        SUMMARY:Moved
        END:VEVENT",
    )
}

#[test]
fn a_series_expands_to_utc_instances_without_rules_and_zones() {
    assert_eq!(
        expanded(&series(), "20260330T080000Z", "20260408"),
        calendar(
            "BEGIN:VEVENT
            DTSTART:20260330T080000Z
            DTEND:20260330T093000Z
            RECURRENCE-ID:20260330T080000Z
            UID:one
            X-First:kept;as,it is
            SUMMARY:Meeting
            BEGIN:VALARM
            TRIGGER:-PT5M
            END:VALARM
            END:VEVENT
            BEGIN:VEVENT
            DTSTART:20260407T130000Z
            DURATION:PT1H
            RECURRENCE-ID:20260406T080000Z
            UID:one
            SUMMARY:Moved
            END:VEVENT"
        )
    );
}

#[test]
fn days_stay_days_and_a_single_event_gets_no_recurrence_id() {
    let text =
        calendar("BEGIN:VEVENT\nDTSTART;VALUE=DATE:20260328\nDTEND;VALUE=DATE:20260330\nUID:a\nEND:VEVENT");
    assert_eq!(expanded(&text, "20260301", "20260401"), text);
    let text =
        calendar("BEGIN:VEVENT\nUID:a\nDTSTART;TZID=Europe/Berlin:20260328T120000\nDURATION:P1D\nEND:VEVENT");
    let expect =
        calendar("BEGIN:VEVENT\nDTSTART:20260328T110000Z\nDTEND:20260329T100000Z\nUID:a\nEND:VEVENT");
    assert_eq!(expanded(&text, "20260301", "20260401"), expect);
}

#[test]
fn expanding_keeps_every_occurrence_of_the_corpus() {
    let range = Range { start: 1_735_689_600, end: 1_830_297_600 };
    for (name, bytes) in files("good") {
        let Ok(object) = validate(&bytes, &Limits::default()) else { continue };
        let Ok(expanded) = expand(&bytes, range, &berlin(), &mut Budget::new(5_000)) else { continue };
        for kind in [Kind::Event, Kind::Todo, Kind::Journal] {
            let times = |object: &Object<'_>| -> Vec<_> {
                let found = object.timeline().occurrences(kind, range, &berlin(), &mut Budget::default());
                found.unwrap().into_iter().map(|one| (one.start, one.end)).collect()
            };
            let back = Object::read(&expanded);
            assert_eq!(times(&back), times(&object), "{name}");
            assert!(
                back.problems()
                    .iter()
                    .all(|problem| !object.problems().is_empty() || { panic!("{name}: {problem}") })
            );
        }
    }
}

#[test]
fn overrides_far_from_the_range_are_left_out() {
    let text = series();
    let limited = |start, end| {
        let out = limit_recurrence_set(text.as_bytes(), range(start, end), &berlin());
        String::from_utf8(out).unwrap()
    };
    assert_eq!(limited("20260406", "20260407"), text, "the instance it stands for");
    assert_eq!(limited("20260407", "20260408"), text, "its own time");
    let without = limited("20260501", "20260601");
    assert!(without.contains("SUMMARY:Meeting") && !without.contains("SUMMARY:Moved"));
    assert!(without.ends_with("END:VEVENT\r\nEND:VCALENDAR\r\n"));
}

#[test]
fn busy_periods_far_from_the_range_are_left_out() {
    let text = calendar(
        "BEGIN:VFREEBUSY
        UID:b
        FREEBUSY;FBTYPE=BUSY;X-A=b:20260101T100000Z/PT1H,20260102T100000Z/20260102T110000Z
        FREEBUSY:20260103T100000Z/PT1H
        END:VFREEBUSY",
    );
    let out = limit_freebusy_set(text.as_bytes(), range("20260102", "20260103"));
    let expect = calendar(
        "BEGIN:VFREEBUSY
        UID:b
        FREEBUSY;FBTYPE=BUSY;X-A=b:20260102T100000Z/20260102T110000Z
        END:VFREEBUSY",
    );
    assert_eq!(String::from_utf8(out).unwrap(), expect);
}

#[test]
fn well_known_zones_are_left_out_on_request() {
    let text = series();
    let out = String::from_utf8(without_known_zones(text.as_bytes())).unwrap();
    assert!(!out.contains("VTIMEZONE") && out.contains("TZID=Europe/Berlin"));
    let own = text.replace("TZID:Europe/Berlin", "TZID:Our Zone");
    assert_eq!(without_known_zones(own.as_bytes()), own.as_bytes());
}

#[test]
fn the_corpus_survives_selection_and_combination() {
    let everything = Selection { name: "VCALENDAR".to_owned(), props: None, comps: None };
    let mut combiner = Combiner::new(&[]);
    let mut components = 0;
    for (name, bytes) in files("good") {
        let object = Object::read(&bytes);
        assert_eq!(select(&bytes, &everything), object.calendar().raw(), "{name}");
        components += object.calendar().children().filter(|child| !child.is("VTIMEZONE")).count();
        combiner.push(&bytes);
    }
    let text = combiner.finish();
    let all = Object::read(&text);
    assert_eq!(all.calendar().children().filter(|child| !child.is("VTIMEZONE")).count(), components);
}

#[test]
fn an_occurrence_gets_a_component_of_its_own() {
    let text = series();
    let object = Object::read(text.as_bytes());
    let id = when("20260330T080000Z").unwrap();
    let split = apply(text.as_bytes(), &split_occurrence(&object, id).unwrap()).unwrap();
    let added = "BEGIN:VEVENT\r\nRECURRENCE-ID;TZID=Europe/Berlin:20260330T100000\r\nUID:one\r\nX-First:kept;as,it is\r\n\
        DTSTART;TZID=Europe/Berlin:20260330T100000\r\nDTEND;TZID=Europe/Berlin:20260330T113000\r\nSUMMARY:Meeting\r\n\
        BEGIN:VALARM\r\nTRIGGER:-PT5M\r\nEND:VALARM\r\nEND:VEVENT\r\n";
    let expect = text.replace("END:VCALENDAR", &format!("{added}END:VCALENDAR"));
    assert_eq!(String::from_utf8(split.clone()).unwrap(), expect);
    let again = Object::read(&split);
    assert_eq!(split_occurrence(&again, id), Ok(vec![]), "it has one already");
    let all = |object: &Object<'_>| {
        let all = object.timeline().occurrences(
            Kind::Event,
            range("20260301", "20260601"),
            &Zone::utc(),
            &mut Budget::default(),
        );
        all.unwrap().into_iter().map(|one| (one.start, one.end, one.recurrence_id)).collect::<Vec<_>>()
    };
    assert_eq!(all(&again), all(&object), "nothing moves");
}

#[test]
fn an_occurrence_is_taken_out() {
    let text = series();
    let object = Object::read(text.as_bytes());
    let count = |text: &[u8]| {
        let all = range("20260301", "20260601");
        Object::read(text)
            .timeline()
            .occurrences(Kind::Event, all, &Zone::utc(), &mut Budget::default())
            .unwrap()
            .len()
    };
    let check = |id: &str| {
        let edits = exclude_occurrence(&object, when(id).unwrap()).unwrap();
        let out = apply(text.as_bytes(), &edits).unwrap();
        assert_eq!(count(&out), count(text.as_bytes()) - 1, "{id}");
    };
    check("20260330T080000Z");
    check("20260406T080000Z");
    for (id, expect) in [
        ("20260331T080000Z", OccurrenceError::NoOccurrence),
        ("20260323T090000Z", OccurrenceError::NoOccurrence),
    ] {
        assert_eq!(exclude_occurrence(&object, when(id).unwrap()), Err(expect), "{id}");
    }
    let single = calendar("BEGIN:VEVENT\nUID:a\nDTSTART:20260328T100000Z\nEND:VEVENT");
    let single = Object::read(single.as_bytes());
    assert_eq!(split_occurrence(&single, When::Utc(0)), Err(OccurrenceError::NoSeries));
}
