//! Small random calendars, asked through the door and reckoned out by hand: which events touch a range, which
//! occurrences an expansion tells, when somebody is busy.

use crate::reckoning::{DAY, Event, FIRST, Floating, Weight, any_event, any_range, stamp};
use crate::report_scene::*;
use crate::scene::Scene;
use proptest::prelude::*;
use std::collections::BTreeMap;

fn utc(instant: i64) -> String {
    format!("{}Z", stamp(instant))
}

/// Instants of the DTSTART lines in an expanded object.
fn starts(text: &str, floating: Floating) -> Vec<i64> {
    let lines = text.lines().filter_map(|line| line.trim_end().strip_prefix("DTSTART"));
    let mut all: Vec<i64> = lines
        .map(|rest| match rest.split_once(':').unwrap() {
            (";VALUE=DATE", date) => local_of(date) - floating,
            (_, time) => time.strip_suffix('Z').map_or_else(|| local_of(time) - floating, local_of),
        })
        .collect();
    all.sort_unstable();
    all
}

/// The opposite of [`stamp`]; a date is its first second.
fn local_of(text: &str) -> i64 {
    let number =
        |from: usize, to: usize| text.get(from..to).map_or(0, |digits| digits.parse::<i64>().unwrap());
    let before =
        [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334][usize::try_from(number(4, 6)).unwrap() - 1];
    let january = FIRST / DAY - 59;
    let day = january + (number(0, 4) - 2026) * 365 + before + number(6, 8) - 1;
    day * DAY + number(9, 11) * 3600 + number(11, 13) * 60 + number(13, 15)
}

/// For each minute of a range how busy it is: 2 busy, 1 tentative.
fn told_minutes(text: &str) -> BTreeMap<i64, u8> {
    let mut minutes = BTreeMap::new();
    let text = text.replace("\r\n ", "");
    for line in text.lines().filter(|line| line.starts_with("FREEBUSY")) {
        let (head, periods) = line.trim_end().split_once(':').unwrap();
        let word = if head.ends_with("TENTATIVE") { 1 } else { 2 };
        for (start, end) in periods.split(',').map(|period| period.split_once('/').unwrap()) {
            let (start, end) = (local_of(start.trim_end_matches('Z')), local_of(end.trim_end_matches('Z')));
            for minute in start / 60..end / 60 {
                assert!(minutes.insert(minute, word).is_none(), "a minute twice in {text}");
            }
        }
    }
    minutes
}

fn reckoned_minutes(events: &[Event], (from, to): (i64, i64)) -> BTreeMap<i64, u8> {
    let mut minutes = BTreeMap::new();
    for event in events {
        let word = match event.weight {
            Weight::Busy => 2,
            Weight::Tentative => 1,
            Weight::Nothing => continue,
        };
        for (_, one) in event.occurrences(0) {
            for minute in one.start.max(from) / 60..one.end.min(to) / 60 {
                let known = minutes.entry(minute).or_insert(word);
                *known = word.max(*known);
            }
        }
    }
    minutes
}

async fn compare(events: &[Event], ranges: &[(i64, i64)]) {
    let scene = Scene::new().await;
    for (n, event) in events.iter().enumerate() {
        scene.put(&format!("{CALENDAR}e{n}.ics"), &event.text(&format!("e{n}"))).await;
    }
    for (from, to) in ranges.iter().copied() {
        for (zone, floating) in [("", 0), ("<C:timezone-id>Asia/Tokyo</C:timezone-id>", 9 * 3600)] {
            let found = |event: &Event| -> Vec<i64> {
                let all = event.occurrences(floating).into_iter();
                let mut starts: Vec<i64> =
                    all.filter(|(_, one)| one.touches(from, to)).map(|(_, one)| one.start).collect();
                starts.sort_unstable();
                starts
            };
            let expand = format!(
                "<C:calendar-data><C:expand start=\"{}\" end=\"{}\"/></C:calendar-data>",
                utc(from),
                utc(to)
            );
            let filter = comp("VEVENT", &range(&utc(from), &utc(to)));
            let question = query(&expand, &filter).replace("</C:calendar-query>", "");
            let reply = scene.report(CALENDAR, &format!("{question}{zone}</C:calendar-query>")).await.is(207);
            let expect: Vec<(String, Vec<i64>)> = events
                .iter()
                .enumerate()
                .map(|(n, event)| (format!("e{n}"), found(event)))
                .filter(|(_, starts)| !starts.is_empty())
                .collect();
            let told: Vec<(String, Vec<i64>)> = reply
                .names()
                .split_whitespace()
                .map(|name| (name.to_owned(), starts(&reply.data(name), floating)))
                .collect();
            assert_eq!(told, expect, "{} {} {zone}", utc(from), utc(to));
        }
        let asked = body("C:free-busy-query", &range(&utc(from), &utc(to)));
        let reply = scene.report(CALENDAR, &asked).await.is(200);
        let (told, expect) = (told_minutes(&reply.body), reckoned_minutes(events, (from, to)));
        let differ = told.iter().chain(&expect).find(|(minute, _)| told.get(minute) != expect.get(minute));
        assert_eq!(
            differ.map(|(minute, _)| utc(minute * 60)),
            None,
            "{} {}\n{}",
            utc(from),
            utc(to),
            reply.body
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_door_agrees_with_reckoning(
        events in proptest::collection::vec(any_event(), 1..7),
        ranges in proptest::collection::vec(any_range(), 1..6),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(compare(&events, &ranges));
    }
}

#[test]
fn stamps_go_there_and_back() {
    for days in -40..300 {
        let local = FIRST + days * DAY + 43_200;
        assert_eq!(local_of(&stamp(local)), local, "{}", stamp(local));
    }
}
