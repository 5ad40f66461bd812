//! Whatever comes, nothing panics and no question takes longer than its budget.

use std::ops::ControlFlow;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use kontor_contentline::apply;
use kontor_ical::edit::{exclude_occurrence, split_occurrence};
use kontor_ical::shape::{expand, limit_freebusy_set, limit_recurrence_set};
use kontor_ical::timeline::{Kind, Range, Timeline};
use kontor_ical::zone::Zone;
use kontor_ical::{Budget, Limits, Object, validate};
use proptest::prelude::*;

use crate::fixtures::files;
use crate::timeline::{calendar, compile, range};

static CORPUS: OnceLock<Vec<Vec<u8>>> = OnceLock::new();

fn berlin() -> Zone {
    Zone::named("Europe/Berlin").unwrap()
}

/// Asks everything that can be asked; returns the steps it took.
fn ask(timeline: &Timeline, asked: Range) -> u64 {
    let mut budget = Budget::new(20_000);
    let zone = berlin();
    for kind in Kind::ALL {
        let _ = timeline.overlaps(kind, asked, &zone, &mut budget);
        let _ = timeline.overlaps_alarm(kind, asked, &zone, &mut budget);
        let _ = timeline.occurrences(kind, asked, &zone, &mut budget);
    }
    let _ = timeline.busy(asked, &zone, &mut budget, &mut Vec::new());
    let _ = (timeline.span(), timeline.alarm_span());
    20_000 - budget.left()
}

#[test]
fn an_old_series_costs_what_a_new_one_costs() {
    let steps = |start: &str, rule: &str| {
        let lines = format!(
            "BEGIN:VEVENT\nUID:a\nDTSTART;TZID=Europe/Berlin:{start}T090000\nRRULE:{rule}\nEND:VEVENT"
        );
        let (timeline, _) = compile(&calendar(&lines));
        let mut budget = Budget::default();
        let before = budget.left();
        timeline.occurrences(Kind::Event, range("20260101", "20270101"), &berlin(), &mut budget).unwrap();
        before - budget.left()
    };
    for rule in [
        "FREQ=WEEKLY",
        "FREQ=DAILY;COUNT=20000",
        "FREQ=MONTHLY;BYDAY=-1FR;BYSETPOS=1",
        "FREQ=HOURLY;INTERVAL=5",
    ] {
        let (old, new) = (steps("19850107", rule), steps("20251229", rule));
        assert!(old <= new + 50, "{rule}: {old} steps against {new}");
    }
}

#[test]
fn no_event_is_an_attack() {
    let rules = [
        "FREQ=SECONDLY",
        "FREQ=SECONDLY;COUNT=4294967295",
        "FREQ=SECONDLY;INTERVAL=4294967295",
        "FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=SECONDLY;INTERVAL=7;BYSECOND=1;BYMINUTE=1;BYHOUR=1;BYYEARDAY=366;BYDAY=MO",
        "FREQ=MINUTELY;BYSETPOS=366;BYSECOND=1",
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=YEARLY;BYWEEKNO=53;BYMONTH=7",
        "FREQ=YEARLY;INTERVAL=4294967295;COUNT=4294967295",
        "FREQ=DAILY;BYYEARDAY=366;BYMONTH=1;COUNT=5",
        "FREQ=MONTHLY;BYDAY=5MO;BYMONTHDAY=1",
        "FREQ=DAILY;UNTIL=99991231T235959Z",
    ];
    for rule in rules {
        let lines =
            format!("BEGIN:VEVENT\nUID:a\nDTSTART:00010101T000000Z\nRRULE:{rule}\nEXRULE:{rule}\nEND:VEVENT");
        let text = calendar(&lines);
        let (timeline, _) = compile(&text);
        for asked in [Range::ALL, range("99980101", "99991231"), range("20260101", "20260102")] {
            ask(&timeline, asked);
        }
        let _ = validate(text.as_bytes(), &Limits::default());
        let _ = expand(text.as_bytes(), Range::ALL, &berlin(), &mut Budget::new(1_000));
    }
}

/// Lines of which calendars are made, many of them wrong.
/// The best of three, so that a busy machine is not taken for a slow program.
fn takes(work: impl Fn()) -> Duration {
    let once = || {
        let begun = Instant::now();
        work();
        begun.elapsed()
    };
    (0..3).map(|_| once()).min().unwrap()
}

/// Each date on a line of its own: as many lines as occurrences, and each occurrence must not look at all lines.
#[test]
fn an_expansion_grows_with_the_text_and_no_faster() {
    let took = |dates: i64| {
        let day = |n: i64| {
            format!(
                "RDATE:2026{:02}{:02}T{:02}{:02}00Z\n",
                1 + n / 28_000,
                1 + n / 1_000 % 28,
                n / 60 % 24,
                n % 60
            )
        };
        let dates: String = (0..dates).map(day).collect();
        let text = calendar(&format!(
            "BEGIN:VEVENT\nUID:a\nDTSTART:20260101T000000Z\nDURATION:PT1M\n{dates}END:VEVENT"
        ));
        takes(|| {
            let mut budget = Budget::new(10_000_000);
            expand(text.as_bytes(), range("20260101", "20270101"), &Zone::utc(), &mut budget).unwrap();
        })
    };
    let (few, many) = (took(800), took(8_000));
    assert!(many < few * 40, "{many:?} for ten times of what took {few:?}");
}

fn line() -> impl Strategy<Value = String> {
    let date = prop_oneof![
        "20[0-3][0-9](0[1-9]|1[0-2])(0[1-9]|[12][0-9])(T([01][0-9]|2[0-3])[0-5][0-9]00Z?)?",
        "[0-9]{8}(T[0-9]{6}Z?)?",
        "\\PC{0,12}",
    ];
    let zone = prop_oneof![
        Just(""),
        Just(";TZID=Europe/Berlin"),
        Just(";TZID=Own"),
        Just(";TZID=Pacific Standard Time"),
        Just(";RANGE=THISANDFUTURE"),
    ];
    let name = prop_oneof![
        Just("DTSTART"),
        Just("DTEND"),
        Just("DUE"),
        Just("RDATE"),
        Just("EXDATE"),
        Just("RECURRENCE-ID"),
        Just("COMPLETED"),
        Just("CREATED"),
        Just("TRIGGER"),
    ];
    let rule = (
        prop_oneof![
            Just("YEARLY"),
            Just("MONTHLY"),
            Just("WEEKLY"),
            Just("DAILY"),
            Just("HOURLY"),
            Just("SECONDLY")
        ],
        "(;COUNT=[0-9]{1,10}|;UNTIL=20[0-9]{6}|)(;INTERVAL=[1-9][0-9]{0,8}|)",
        "(;BYDAY=(-?[1-5])?(MO|TU|SU)|)(;BYMONTHDAY=-?[1-9]|)(;BYSETPOS=-?[1-9]|)(;BYMONTH=[1-9]|)(;BYHOUR=[0-9]|)(;BYWEEKNO=-?5[0-3]|)(;BYYEARDAY=-?[1-9]{1,2}|)",
    );
    prop_oneof![
        6 => (name, zone, date).prop_map(|(name, zone, date)| format!("{name}{zone}:{date}")),
        2 => rule.prop_map(|(freq, end, parts)| format!("RRULE:FREQ={freq}{end}{parts}")),
        1 => "DURATION:-?P([0-9]{1,9}D)?(T[0-9]{1,9}[HMS])?",
        1 => "FREEBUSY:20[0-9]{6}T[0-9]{6}Z/PT[0-9]{1,3}H",
        1 => "\\PC{0,40}",
    ]
}

fn text() -> impl Strategy<Value = String> {
    let kind = prop_oneof![4 => Just("VEVENT"), 2 => Just("VTODO"), 1 => Just("VJOURNAL"), 1 => Just("VFREEBUSY"), 1 => Just("VALARM")];
    let component = (kind, prop::collection::vec(line(), 0..8))
        .prop_map(|(kind, lines)| format!("BEGIN:{kind}\nUID:a\n{}\nEND:{kind}", lines.join("\n")));
    let zone = (line(), line()).prop_map(|(one, two)| {
        format!(
            "BEGIN:VTIMEZONE\nTZID:Own\nBEGIN:STANDARD\nTZOFFSETFROM:+0200\nTZOFFSETTO:+0100\n{one}\nEND:STANDARD\n\
             BEGIN:DAYLIGHT\nTZOFFSETFROM:+0100\nTZOFFSETTO:+0200\n{two}\nEND:DAYLIGHT\nEND:VTIMEZONE"
        )
    });
    (zone, prop::collection::vec(component, 1..4))
        .prop_map(|(zone, components)| calendar(&format!("{zone}\n{}", components.join("\n"))))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_can_be_read(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = validate(&bytes, &Limits::default());
        ask(Object::read(&bytes).timeline(), Range::ALL);
        if let Ok(timeline) = Timeline::from_bytes(&bytes) {
            ask(&timeline, Range::ALL);
        }
    }

    #[test]
    fn a_damaged_calendar_of_the_corpus_can_be_read(
        nth in any::<prop::sample::Index>(),
        harm in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        cut in any::<prop::sample::Index>(),
    ) {
        let corpus = CORPUS.get_or_init(|| {
            let all = files("good").into_iter().chain(files("odd")).map(|(_, bytes)| bytes);
            all.filter(|bytes| (1..20_000).contains(&bytes.len())).collect()
        });
        let mut bytes = corpus[nth.index(corpus.len())].clone();
        for (at, byte) in harm {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        let end = bytes.len() - cut.index(bytes.len()) / 8;
        bytes.truncate(end);
        let _ = validate(&bytes, &Limits::default());
        ask(Object::read(&bytes).timeline(), range("20250101", "20270101"));
        let _ = expand(&bytes, range("20250101", "20270101"), &berlin(), &mut Budget::new(2_000));
    }

    #[test]
    fn stored_bytes_that_were_tampered_with_do_no_harm(
        text in text(), at in any::<prop::sample::Index>(), byte in any::<u8>(),
    ) {
        let mut bytes = Object::read(text.as_bytes()).into_timeline().to_bytes();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        if let Ok(timeline) = Timeline::from_bytes(&bytes) {
            ask(&timeline, Range::ALL);
            ask(&timeline, range("20250101", "20270101"));
            prop_assert_eq!(Timeline::from_bytes(&timeline.to_bytes()), Ok(timeline));
        }
    }

    #[test]
    fn what_overlaps_lies_in_the_span_and_stored_forms_agree(text in text(), month in 0..500i64) {
        let object = Object::read(text.as_bytes());
        let timeline = object.timeline();
        prop_assert_eq!(&Timeline::from_bytes(&timeline.to_bytes()).unwrap(), timeline);
        let start = range("20000101", "20000102").start + month * 30 * 86_400;
        let asked = Range { start, end: start + 30 * 86_400 };
        for kind in Kind::ALL {
            let overlaps = timeline.overlaps(kind, asked, &berlin(), &mut Budget::new(20_000));
            let mut budget = Budget::new(20_000);
            let found = timeline.occurrences(kind, asked, &berlin(), &mut budget);
            prop_assert!(!overlaps || budget.is_spent() || timeline.span().may_overlap(asked));
            if let (Kind::Event, Ok(found)) = (kind, &found) {
                let longer = found.iter().any(|one| one.end > one.start);
                prop_assert!(!longer || overlaps, "an occurrence, but no overlap");
            }
        }
        ask(timeline, asked);
        let zone = berlin();
        let _ = expand(text.as_bytes(), asked, &zone, &mut Budget::new(2_000));
        let _ = (limit_recurrence_set(text.as_bytes(), asked, &zone), limit_freebusy_set(text.as_bytes(), asked));
        let _ = validate(text.as_bytes(), &Limits::default());
    }

    #[test]
    fn an_occurrence_that_is_split_off_stays_where_it_is(text in text()) {
        let object = Object::read(text.as_bytes());
        let Some(kind) = object.kind() else { return Ok(()) };
        let all = |object: &Object<'_>| {
            let found = object.timeline().occurrences(kind, Range::ALL, &berlin(), &mut Budget::new(2_000));
            found.map(|found| found.into_iter().map(|one| one.start).collect::<Vec<_>>())
        };
        let Ok(before) = object.timeline().occurrences(kind, Range::ALL, &berlin(), &mut Budget::new(2_000)) else {
            return Ok(());
        };
        let flow = before.iter().take(3).filter_map(|one| one.recurrence_id).try_for_each(|id| {
            for edits in [split_occurrence(&object, id), exclude_occurrence(&object, id)].into_iter().flatten() {
                let Ok(bytes) = apply(text.as_bytes(), &edits) else { return ControlFlow::Break(()) };
                let _ = all(&Object::read(&bytes));
            }
            ControlFlow::Continue(())
        });
        prop_assert!(flow.is_continue(), "edits can be applied");
    }
}
