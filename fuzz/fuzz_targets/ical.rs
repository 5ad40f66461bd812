//! Any bytes as a calendar object: reading, refusing, keeping and asking stay within their budget.
#![no_main]

use kontor_ical::timeline::{Kind, Range, Timeline};
use kontor_ical::zone::Zone;
use kontor_ical::{Budget, Limits, Object, validate};
use libfuzzer_sys::fuzz_target;

/// 2026, in seconds.
const YEAR: Range = Range { start: 1_767_225_600, end: 1_798_761_600 };

fuzz_target!(|data: &[u8]| {
    let object = Object::read(data);
    let _ = (object.uid(), object.kind(), object.organizer(), object.attendees().count());
    if let Err(refusal) = validate(data, &Limits { bytes: 1 << 20, attendees: 100, steps: 20_000 }) {
        assert!(!refusal.to_string().is_empty());
    }
    let kept = object.timeline().to_bytes();
    let timeline = Timeline::from_bytes(&kept).expect("what was kept can be read");
    assert_eq!(&timeline, object.timeline());
    questions(&timeline);
    // And a kept timeline that rotted on disk.
    if let Ok(odd) = Timeline::from_bytes(data) {
        questions(&odd);
    }
});

fn questions(timeline: &Timeline) {
    let floating = Zone::known("Europe/Berlin").unwrap_or_else(Zone::utc);
    for kind in timeline.kinds().collect::<Vec<Kind>>() {
        for range in [YEAR, Range::ALL] {
            if let Ok(found) = timeline.occurrences(kind, range, &floating, &mut Budget::new(5_000)) {
                assert!(found.is_sorted_by_key(|one| one.start));
                assert!(found.iter().all(|one| one.start <= one.end));
            }
            let _ = timeline.overlaps(kind, range, &floating, &mut Budget::new(5_000));
            let _ = timeline.overlaps_alarm(kind, range, &floating, &mut Budget::new(5_000));
        }
    }
    let mut periods = Vec::new();
    let _ = timeline.busy(YEAR, &floating, &mut Budget::new(5_000), &mut periods);
    let _ = (timeline.span(), timeline.alarm_span());
}
