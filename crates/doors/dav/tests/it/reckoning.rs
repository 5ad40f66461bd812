//! Small random events, and what comes of them by plain arithmetic: one occurrence after the other, day by day.

use crate::report_scene::{object, vevent};
use proptest::prelude::*;
use std::fmt::Write as _;

pub(crate) const DAY: i64 = 86_400;
/// 2026-03-01, a Sunday: the clocks of Berlin change on the 29th.
pub(crate) const FIRST: i64 = 1_772_323_200;
/// Days that events begin in and that are asked about.
pub(crate) const DAYS: i64 = 60;

/// What times of an event refer to.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Form {
    Utc,
    Berlin,
    Floating,
    Day,
}

/// How the end is written; seconds.
#[derive(Clone, Copy, Debug, PartialEq)]
enum End {
    Open,
    Until(i64),
    Lasting(i64),
}

#[derive(Clone, Copy, Debug)]
enum Stop {
    Never,
    Count(i64),
    Until(i64),
}

#[derive(Clone, Copy, Debug)]
struct Rule {
    /// Days from one to the next.
    step: i64,
    stop: Stop,
}

/// An occurrence put elsewhere: which, by how many minutes, and how it ends then.
#[derive(Clone, Copy, Debug)]
struct Moved {
    nth: i64,
    by: i64,
    end: End,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Weight {
    Busy,
    Tentative,
    Nothing,
}

#[derive(Clone, Debug)]
pub(crate) struct Event {
    form: Form,
    /// Local seconds.
    start: i64,
    end: End,
    rule: Option<Rule>,
    /// Occurrences left out.
    except: Vec<i64>,
    moved: Option<Moved>,
    pub(crate) weight: Weight,
}

/// An occurrence as instants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Occurrence {
    pub(crate) start: i64,
    pub(crate) end: i64,
    /// Whether a length was written (a moment touches a range otherwise than a stretch).
    moment: bool,
}

/// Where floating times and days lie, in seconds east.
pub(crate) type Floating = i64;

/// The offset of Berlin in 2026 at a local second, which none of ours has in doubt.
fn berlin(local: i64) -> i64 {
    // 29 March 02:00 and 25 October 03:00, local.
    if (1_774_749_600..1_792_897_200).contains(&local) { 7_200 } else { 3_600 }
}

impl Form {
    fn instant(self, local: i64, floating: Floating) -> i64 {
        match self {
            Self::Utc => local,
            Self::Berlin => local - berlin(local),
            Self::Floating | Self::Day => local - floating,
        }
    }

    fn line(self, name: &str, local: i64) -> String {
        match self {
            Self::Utc => format!("{name}:{}Z", stamp(local)),
            Self::Berlin => format!("{name};TZID=Europe/Berlin:{}", stamp(local)),
            Self::Floating => format!("{name}:{}", stamp(local)),
            Self::Day => format!("{name};VALUE=DATE:{}", &stamp(local)[..8]),
        }
    }
}

/// `20260301T000000` of local seconds, in the months around.
pub(crate) fn stamp(local: i64) -> String {
    let (mut day, second) = (local.div_euclid(DAY) - FIRST / DAY, local.rem_euclid(DAY));
    let mut month = 3;
    while day < 0 {
        month -= 1;
        day += if month == 2 { 28 } else { 31 };
    }
    for length in [31, 30, 31, 30, 31, 31, 30, 31, 30] {
        if month < 3 || day < length {
            break;
        }
        day -= length;
        month += 1;
    }
    format!("2026{month:02}{:02}T{:02}{:02}{:02}", day + 1, second / 3600, second / 60 % 60, second % 60)
}

impl Event {
    /// Local starts of the series in order, left out or not, up to the end of what is asked about.
    fn series(&self) -> Vec<i64> {
        let Some(rule) = self.rule else { return vec![self.start] };
        let last = FIRST + (DAYS + 40) * DAY;
        let all = (0..).map(|n| (n, self.start + n * rule.step * DAY)).take_while(|(n, local)| {
            *local < last
                && match rule.stop {
                    Stop::Never => true,
                    Stop::Count(count) => *n < count,
                    Stop::Until(until) => *local <= until,
                }
        });
        all.map(|(_, local)| local).collect()
    }

    fn stretch(&self, start: i64, end: End, first: i64, floating: Floating) -> Occurrence {
        let from = self.form.instant(start, floating);
        let to = match end {
            End::Open if self.form == Form::Day => self.form.instant(start + DAY, floating),
            End::Open => from,
            // An end that is written says how long the first one lasts, and all others last as long.
            End::Until(length) if self.form == Form::Day => self.form.instant(start + length, floating),
            End::Until(length) => {
                let exact = self.form.instant(first + length, floating) - self.form.instant(first, floating);
                from + exact
            }
            End::Lasting(length) if length % DAY == 0 => self.form.instant(start + length, floating),
            End::Lasting(length) => from + length,
        };
        Occurrence { start: from, end: to, moment: to == from }
    }

    /// What happens in the end, with the instant that the series gave it.
    pub(crate) fn occurrences(&self, floating: Floating) -> Vec<(i64, Occurrence)> {
        let mut all = Vec::new();
        for (n, local) in self.series().into_iter().enumerate() {
            let n = i64::try_from(n).unwrap();
            if self.rule.is_some() && self.except.contains(&n) {
                continue;
            }
            let id = self.form.instant(local, floating);
            let here = match self.moved.filter(|moved| self.rule.is_some() && moved.nth == n) {
                Some(moved) => {
                    let start = self.moved_to(local, moved);
                    self.stretch(start, moved.end, start, floating)
                }
                None => self.stretch(local, self.end, self.start, floating),
            };
            all.push((id, here));
        }
        all
    }

    fn moved_to(&self, local: i64, moved: Moved) -> i64 {
        local + if self.form == Form::Day { moved.by.div_euclid(1440) * DAY } else { moved.by * 60 }
    }

    fn lines(&self, start: i64, end: End) -> String {
        let mut out = self.form.line("DTSTART", start);
        match end {
            End::Open => {}
            End::Until(length) => write!(out, "\n{}", self.form.line("DTEND", start + length)).unwrap(),
            End::Lasting(length) if length % DAY == 0 => {
                write!(out, "\nDURATION:P{}D", length / DAY).unwrap()
            }
            End::Lasting(length) => write!(out, "\nDURATION:PT{}M", length / 60).unwrap(),
        }
        match self.weight {
            Weight::Busy => {}
            Weight::Tentative => out.push_str("\nSTATUS:TENTATIVE"),
            Weight::Nothing => out.push_str("\nTRANSP:TRANSPARENT"),
        }
        // A day takes no time unless it says so.
        if self.form == Form::Day && self.weight != Weight::Nothing {
            out.push_str("\nTRANSP:OPAQUE");
        }
        out
    }

    pub(crate) fn text(&self, uid: &str) -> String {
        let mut lines = self.lines(self.start, self.end);
        let Some(rule) = self.rule else { return object(&vevent(uid, &lines)) };
        write!(lines, "\nRRULE:FREQ=DAILY;INTERVAL={}", rule.step).unwrap();
        match rule.stop {
            Stop::Never => {}
            Stop::Count(count) => write!(lines, ";COUNT={count}").unwrap(),
            Stop::Until(until) => {
                let until = match self.form {
                    Form::Utc | Form::Berlin => format!("{}Z", stamp(self.form.instant(until, 0))),
                    Form::Floating => stamp(until),
                    Form::Day => stamp(until)[..8].to_owned(),
                };
                write!(lines, ";UNTIL={until}").unwrap();
            }
        }
        let series = self.series();
        let at = |n: &i64| series.get(usize::try_from(*n).unwrap()).copied();
        for local in self.except.iter().filter_map(at) {
            write!(lines, "\n{}", self.form.line("EXDATE", local)).unwrap();
        }
        let mut components = vevent(uid, &lines);
        if let Some(moved) = self.moved.filter(|moved| !self.except.contains(&moved.nth))
            && let Some(local) = at(&moved.nth)
        {
            let lines = self.lines(self.moved_to(local, moved), moved.end);
            components
                .push_str(&vevent(uid, &format!("{}\n{lines}", self.form.line("RECURRENCE-ID", local))));
        }
        object(&components)
    }
}

impl Occurrence {
    /// RFC 4791 9.9.
    pub(crate) fn touches(self, start: i64, end: i64) -> bool {
        if self.moment {
            start <= self.start && end > self.start
        } else {
            start < self.end && end > self.start
        }
    }
}

fn any_end(day: bool) -> BoxedStrategy<End> {
    if day {
        return prop_oneof![
            Just(End::Open),
            (1..4_i64).prop_map(|days| End::Until(days * DAY)),
            (1..4_i64).prop_map(|days| End::Lasting(days * DAY)),
        ]
        .boxed();
    }
    prop_oneof![
        1 => Just(End::Open),
        4 => (1..40_i64).prop_map(|n| End::Until(n * 2700)),
        3 => (1..40_i64).prop_map(|n| End::Lasting(n * 2700)),
        1 => (1..3_i64).prop_map(|days| End::Lasting(days * DAY)),
        1 => Just(End::Lasting(0)),
    ]
    .boxed()
}

/// Local seconds that no change of clocks makes doubtful: begins and ends stay away from 2 to 4 in the morning.
fn clear(local: i64) -> bool {
    !(7_200..14_400).contains(&local.rem_euclid(DAY))
}

pub(crate) fn any_event() -> impl Strategy<Value = Event> {
    let form = prop_oneof![Just(Form::Utc), Just(Form::Berlin), Just(Form::Floating), Just(Form::Day)];
    form.prop_flat_map(|form| {
        let day = form == Form::Day;
        let start = (0..DAYS, 0..96_i64)
            .prop_map(move |(date, quarter)| FIRST + date * DAY + if day { 0 } else { quarter * 900 });
        let stop = prop_oneof![
            Just(Stop::Never),
            (1..9_i64).prop_map(Stop::Count),
            (0..40_i64).prop_map(Stop::Until),
        ];
        let rule =
            proptest::option::weighted(0.6, (1..9_i64, stop).prop_map(|(step, stop)| Rule { step, stop }));
        let moved = (0..6_i64, -200..200_i64, any_end(day)).prop_map(|(nth, by, end)| Moved {
            nth,
            by: by * 15,
            end,
        });
        let weight =
            prop_oneof![4 => Just(Weight::Busy), 1 => Just(Weight::Tentative), 1 => Just(Weight::Nothing)];
        let except = proptest::collection::btree_set(0..6_i64, 0..3);
        (start, any_end(day), rule, except, proptest::option::of(moved), weight).prop_map(
            move |(start, end, rule, except, moved, weight)| {
                let rule = rule.map(|rule| match rule.stop {
                    // In whole steps, so that the last one is meant exactly.
                    Stop::Until(days) => {
                        Rule { stop: Stop::Until(start + days / rule.step * rule.step * DAY), ..rule }
                    }
                    _ => rule,
                });
                Event { form, start, end, rule, except: except.into_iter().collect(), moved, weight }
            },
        )
    })
    .prop_filter("times in doubt", |event| {
        let ends = |start: i64, end: End| match end {
            End::Open => true,
            End::Until(length) => clear(start + length),
            End::Lasting(_) => true,
        };
        event.form != Form::Berlin
            || clear(event.start)
                && ends(event.start, event.end)
                && event.moved.is_none_or(|moved| {
                    let start = event.start + moved.by * 60;
                    clear(start) && ends(start, moved.end)
                })
    })
}

/// A stretch of days and quarters that is asked about.
pub(crate) fn any_range() -> impl Strategy<Value = (i64, i64)> {
    (0..DAYS * 96, 1..30 * 96_i64)
        .prop_map(|(from, length)| (FIRST + from * 900, FIRST + (from + length) * 900))
}
