//! Every calendar of the shared corpus: none brings the room down, the good ones are accepted, the broken ones refused.

use std::fs;
use std::path::PathBuf;

use kontor_ical::timeline::{Kind, Occurrence, Range, Timeline};
use kontor_ical::zone::Zone;
use kontor_ical::{Budget, Limits, Object, validate};

pub(crate) fn files(folder: &str) -> Vec<(String, Vec<u8>)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../fixtures/ical").join(folder);
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            (path.file_name().unwrap().to_string_lossy().into_owned(), fs::read(&path).unwrap())
        })
        .collect();
    files.sort();
    files
}

#[test]
fn good_calendars_are_accepted() {
    for (name, bytes) in files("good") {
        let object = validate(&bytes, &Limits::default());
        let object = object.unwrap_or_else(|invalid| panic!("{name}: {invalid}"));
        assert!(object.uid().is_some() && object.kind().is_some(), "{name}");
    }
}

#[test]
fn broken_calendars_are_refused_with_their_line() {
    for (name, bytes) in files("broken") {
        let refused = validate(&bytes, &Limits::default()).err();
        let invalid = refused.unwrap_or_else(|| panic!("{name} was accepted"));
        let lines = bytes.split(|byte| *byte == b'\n').count().max(1);
        assert!((1..=lines as u32).contains(&invalid.line), "{name}: {invalid}");
    }
}

#[test]
fn odd_calendars_are_taken_or_refused_as_decided() {
    let refused: Vec<_> = files("odd")
        .into_iter()
        .filter(|(_, bytes)| validate(bytes, &Limits::default()).is_err())
        .map(|(name, _)| name)
        .collect();
    let expect = "availability calendar-in-calendar calscale-other date-end-before-start date-start-twice masters-two \
                  override-duplicate property-after-end property-before-begin rrule-out-of-range rrule-overflow \
                  rrule-rfc7529 rrule-zero uid-twice version-missing";
    let expect: Vec<_> = expect.split_whitespace().map(|name| format!("{name}.ics")).collect();
    assert_eq!(refused, expect);
}

#[test]
fn every_calendar_can_be_asked_about_time() {
    let zone = Zone::named("Europe/Berlin").unwrap();
    let ranges = [Range::ALL, Range { start: 1_767_225_600, end: 1_769_904_000 }, Range { start: 0, end: 0 }];
    for (name, bytes) in ["good", "odd", "broken"].into_iter().flat_map(files) {
        let object = Object::read(&bytes);
        let timeline = object.timeline();
        let stored = timeline.to_bytes();
        assert_eq!(Timeline::from_bytes(&stored).as_ref(), Ok(timeline), "{name}");
        for kind in Kind::ALL {
            for range in ranges {
                let overlaps = timeline.overlaps(kind, range, &zone, &mut Budget::new(20_000));
                assert!(!overlaps || timeline.span().may_overlap(range), "{name}: too narrow for {kind:?}");
                let _ = timeline.overlaps_alarm(kind, range, &zone, &mut Budget::new(20_000));
                let found = timeline.occurrences(kind, range, &zone, &mut Budget::new(20_000));
                let within =
                    |one: &Occurrence| timeline.span().may_overlap(Range { start: one.start, end: one.end });
                assert!(found.iter().flatten().all(within), "{name}");
            }
        }
    }
}
