//! Every rule that the recurrence tests know, and many more: either RecurrenceData means the same occurrences, or the series
//! is told one by one. Nothing in between.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use kontor_ical::timeline::{Kind, Range};
use kontor_ical::value::When;
use kontor_ical::zone::Zone;
use kontor_ical::{Budget, Object};
use kontor_wire_sharepoint::row::Part;
use kontor_wire_sharepoint::translate::calendar::{create, rows};
use proptest::prelude::*;

use crate::{fixtures, grammar, office};

/// Starts that rules are tried at: an ordinary time, ends of months, a leap day, a day, UTC, a floating time.
const STARTS: [&str; 9] = [
    "DTSTART;TZID=Europe/Berlin:20260112T093000",
    "DTSTART;TZID=America/New_York:20260131T233000",
    "DTSTART;TZID=Australia/Sydney:20240229T010000",
    "DTSTART;TZID=Europe/Berlin:20260329T023000",
    "DTSTART;VALUE=DATE:20260131",
    "DTSTART;VALUE=DATE:20240229",
    "DTSTART:20260130T220000Z",
    "DTSTART:20260302T080000",
    "DTSTART;TZID=Asia/Kolkata:20261231T000000",
];

fn series(start: &str, rule: &str) -> Vec<u8> {
    office::calendar(&format!("BEGIN:VEVENT\nUID:s\n{start}\nRRULE:{rule}\nSUMMARY:S\nEND:VEVENT"))
}

/// Where occurrences start, from the first one on for some years.
fn starts(text: &[u8], zone: &Zone) -> Vec<i64> {
    let object = Object::read(text);
    let first = object.timeline().span().first;
    let range = Range { start: first, end: first.saturating_add(6 * 366 * 86_400) };
    let found = object.timeline().occurrences(Kind::Event, range, zone, &mut Budget::new(3_000_000));
    found.map_or_else(|_| Vec::new(), |found| found.into_iter().map(|one| one.start).collect())
}

/// Whether the rule has a pattern; panics if that means something else.
fn check(start: &str, rule: &str, zone: &Zone) -> bool {
    let context = office::context(zone);
    let text = series(start, rule);
    let told = rows(&text, &context).unwrap();
    let Some((Part::Whole, row)) = told.first() else {
        // One by one: all that are told are occurrences.
        let object = Object::read(&text);
        for (_, row) in told.iter().take(5) {
            grammar::event(row).unwrap();
            let at = row.get("EventDate").unwrap().replace(['-', ':'], "");
            let at = match kontor_ical::value::when(&at).unwrap() {
                When::Utc(at) if row.get("fAllDayEvent") == Some("1") => zone.to_instant(at),
                When::Utc(at) | When::Local(at) | When::Date(at) => at,
            };
            let range = Range { start: at, end: at + 1 };
            let found = object.timeline().occurrences(Kind::Event, range, zone, &mut Budget::default());
            assert!(found.unwrap().iter().any(|one| one.start == at), "{start} {rule}: {row:?}");
        }
        return false;
    };
    if row.get("EventType") == Some("0") {
        return false;
    }
    grammar::event(row).unwrap_or_else(|why| panic!("{start} {rule}: {why}"));
    let back = create(row, &context).unwrap_or_else(|why| panic!("{start} {rule}: {why}"));
    let (was, is) = (starts(&text, zone), starts(&back, zone));
    assert_eq!(
        was,
        is,
        "{start}\n{rule}\n{}\n{}",
        row.get("RecurrenceData").unwrap(),
        String::from_utf8_lossy(&back)
    );
    true
}

/// All that stands behind `RRULE:` or begins with `FREQ=` in the tests and the golden data of the recurrence engine.
fn known_rules() -> BTreeSet<String> {
    let mut texts: Vec<String> = fixtures::files("ical")
        .into_iter()
        .map(|(_, text)| String::from_utf8_lossy(&text).into_owned())
        .collect();
    let engine = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../formats/ical");
    for file in [
        "src/rule/expand.rs",
        "src/rule/parse.rs",
        "src/rule/stored.rs",
        "src/rule/mod.rs",
        "tests/it/timeline.rs",
        "tests/it/overlap.rs",
        "tests/it/shape.rs",
        "tests/it/hostile.rs",
    ] {
        texts.push(fs::read_to_string(engine.join(file)).unwrap());
    }
    let mut rules = BTreeSet::new();
    for text in texts.iter().map(|text| text.replace("\r\n ", "")) {
        for (at, _) in text.match_indices("FREQ=") {
            let rule = text[at..]
                .split(|c: char| !(c.is_ascii_alphanumeric() || "=;,-+".contains(c)))
                .next()
                .unwrap();
            rules.insert(rule.to_owned());
        }
    }
    rules
}

#[test]
fn every_known_rule_keeps_its_occurrences() {
    let zone = Zone::named("Europe/Berlin").unwrap();
    let rules = known_rules();
    let (mut patterns, mut others) = (0, 0);
    for rule in &rules {
        for start in STARTS {
            if check(start, rule, &zone) { patterns += 1 } else { others += 1 }
        }
    }
    assert!(rules.len() > 90 && patterns > 150 && others > 400, "{} {patterns} {others}", rules.len());
}

fn rule() -> impl Strategy<Value = String> {
    let freq = prop::sample::select(vec![
        "DAILY", "WEEKLY", "WEEKLY", "MONTHLY", "MONTHLY", "YEARLY", "YEARLY", "HOURLY",
    ]);
    let day = prop::sample::select(vec!["MO", "TU", "WE", "TH", "FR", "SA", "SU"]);
    let nth = prop::sample::select(vec!["", "", "1", "2", "4", "5", "-1", "-2"]);
    let days = prop::collection::btree_set((nth, day).prop_map(|(nth, day)| format!("{nth}{day}")), 1..4);
    let workdays = prop::sample::select(vec!["MO,TU,WE,TH,FR", "SA,SU", "MO,TU,WE,TH,FR,SA,SU", "SU"])
        .prop_map(str::to_owned);
    let days = prop_oneof![days.prop_map(|days| days.into_iter().collect::<Vec<_>>().join(",")), workdays];
    let maybe = |part: BoxedStrategy<String>| prop::option::weighted(0.4, part);
    let end = prop_oneof![
        Just(String::new()),
        (1..40u32).prop_map(|count| format!(";COUNT={count}")),
        (1..28u32, 1..13u32, 2026..2029i32).prop_map(|(d, m, y)| format!(";UNTIL={y}{m:02}{d:02}")),
        (1..28u32, 1..13u32, 0..24u32).prop_map(|(d, m, h)| format!(";UNTIL=2027{m:02}{d:02}T{h:02}3000Z")),
    ];
    let month_day = prop::sample::select(vec![
        "1",
        "15",
        "28",
        "29",
        "30",
        "31",
        "-1",
        "-2",
        "28,29",
        "28,29,30",
        "28,29,30,31",
        "1,15",
    ]);
    (
        (freq, 1..4u32, end),
        (
            maybe(days.prop_map(|days| format!(";BYDAY={days}")).boxed()),
            maybe(month_day.prop_map(|days| format!(";BYMONTHDAY={days}")).boxed()),
            maybe((1..13u32).prop_map(|month| format!(";BYMONTH={month}")).boxed()),
            maybe(
                prop::sample::select(vec!["1", "2", "-1", "4", "5", "1,-1"])
                    .prop_map(|n| format!(";BYSETPOS={n}"))
                    .boxed(),
            ),
            prop::option::weighted(0.3, prop::sample::select(vec![";WKST=SU", ";WKST=TH"])),
        ),
    )
        .prop_map(|((freq, interval, end), (day, month_day, month, position, wkst))| {
            let part = |part: Option<String>| part.unwrap_or_default();
            format!(
                "FREQ={freq};INTERVAL={interval}{}{}{}{}{}{end}",
                part(day),
                part(month_day),
                part(month),
                part(position),
                wkst.unwrap_or_default()
            )
        })
}

proptest! {
    #![proptest_config(office::cases(800))]

    #[test]
    fn any_rule_keeps_its_occurrences(rule in rule(), start in prop::sample::select(STARTS.to_vec())) {
        let zone = Zone::named("Europe/Berlin").unwrap();
        check(start, &rule, &zone);
    }
}
