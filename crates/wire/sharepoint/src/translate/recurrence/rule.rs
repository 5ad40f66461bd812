//! Patterns to and from the value of RRULE.

use std::collections::BTreeMap;

use kontor_ical::stamp::Form;
use kontor_ical::value::{When, when};
use kontor_ical::zone::Zone;

use super::pattern::{ALL_DAYS, Anchor, End, MOST, Pattern, Recurrence, WORK_DAYS};
use crate::translate::moment::{DAY, Moment, civil};

/// Names of the days, Monday first.
const NAMES: [&str; 7] = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];

impl Recurrence {
    /// The value of RRULE. `floating` is the zone of times that have none.
    pub(crate) fn to_rule(self, anchor: &Anchor, floating: &Zone) -> String {
        let mut rule = self.pattern.to_rule();
        match self.end {
            End::Never => {}
            End::Count(count) => rule.push_str(&format!(";COUNT={count}")),
            End::Window(moment) => {
                let last = anchor.last_day(moment, floating);
                let local = last * DAY + anchor.clock();
                let until = match &anchor.form {
                    Form::Date => When::Date(last),
                    Form::Floating => When::Local(local),
                    Form::Utc => When::Utc(local),
                    Form::Zoned(zone) => When::Utc(zone.to_instant(local)),
                };
                rule.push_str(&format!(";UNTIL={until}"));
            }
        }
        if self.first_day != 0 {
            rule.push_str(&format!(";WKST={}", name(self.first_day)));
        }
        rule
    }

    /// Reads the value of an RRULE. `None` if no pattern means the same days.
    pub(crate) fn of_rule(text: &str, anchor: &Anchor) -> Option<Self> {
        let mut parts = Parts::read(text, anchor)?;
        let first_day = match parts.take("WKST") {
            Some(name) => day_number(&name)?,
            None => 0,
        };
        let end = match (parts.take("COUNT"), parts.take("UNTIL")) {
            (None, None) => End::Never,
            (Some(count), None) => End::Count(count.parse().ok().filter(|count| *count > 0)?),
            (None, Some(until)) => End::Window(window(when(&until)?, anchor)),
            // The earlier of both counts; patterns have one.
            (Some(_), Some(_)) => return None,
        };
        let every = match parts.take("INTERVAL") {
            Some(every) => every.parse().ok().filter(|every| (1..=MOST).contains(every))?,
            None => 1,
        };
        let pattern = match parts.take("FREQ")?.as_str() {
            "DAILY" => parts.daily(every),
            "WEEKLY" => parts.weekly(every, anchor),
            "MONTHLY" => parts.monthly(every, anchor),
            "YEARLY" => parts.yearly(every, anchor),
            _ => None,
        }?;
        let whole = parts.0.is_empty() && pattern.admits(anchor.day());
        whole.then_some(Self { first_day, pattern, end })
    }
}

impl Pattern {
    fn to_rule(self) -> String {
        let (freq, every, days) = match self {
            Self::Daily { every } => ("DAILY", every, String::new()),
            Self::WorkDays => ("DAILY", 1, format!(";BYDAY={}", names(WORK_DAYS))),
            Self::Weekly { every, on } => ("WEEKLY", every, format!(";BYDAY={}", names(on))),
            Self::Monthly { every, day } => ("MONTHLY", every, month_day(day, None)),
            Self::MonthlyByDay { every, nth, on } => ("MONTHLY", every, nth_days(nth, on)),
            Self::Yearly { every, month, day } => {
                ("YEARLY", every, format!(";BYMONTH={month}{}", month_day(day, Some(month))))
            }
            Self::YearlyByDay { every, month, nth, on } => {
                ("YEARLY", every, format!(";BYMONTH={month}{}", nth_days(nth, on)))
            }
        };
        let interval = if every == 1 { String::new() } else { format!(";INTERVAL={every}") };
        format!("FREQ={freq}{interval}{days}")
    }
}

/// How many days a month has every year; without a month, how many every month has.
fn always(month: Option<u8>) -> u8 {
    match month {
        None | Some(2) => 28,
        Some(4 | 6 | 9 | 11) => 30,
        Some(_) => 31,
    }
}

/// A day of the month or, where that has no such day, its last: Outlook's reading of 29, 30 and 31.
fn month_day(day: u8, month: Option<u8>) -> String {
    if day <= always(month) {
        return format!(";BYMONTHDAY={day}");
    }
    if day == 31 || month.is_some() {
        return ";BYMONTHDAY=-1".to_owned();
    }
    let upto: Vec<String> = (28..=day).map(|day| day.to_string()).collect();
    format!(";BYMONTHDAY={};BYSETPOS=-1", upto.join(","))
}

fn nth_days(nth: i8, on: u8) -> String {
    if on.count_ones() == 1 {
        format!(";BYDAY={nth}{}", names(on))
    } else {
        format!(";BYDAY={};BYSETPOS={nth}", names(on))
    }
}

fn name(day: u8) -> &'static str {
    NAMES.get(usize::from(day)).copied().unwrap_or("MO")
}

fn names(on: u8) -> String {
    (0..7).filter(|day| on >> day & 1 == 1).map(name).collect::<Vec<_>>().join(",")
}

fn day_number(name: &str) -> Option<u8> {
    NAMES.iter().position(|own| *own == name).map(|day| day as u8)
}

/// The moment of a window end that admits the same days as UNTIL: the start of the last day that may have an occurrence.
fn window(until: When, anchor: &Anchor) -> Moment {
    let local = match (until, &anchor.form) {
        (When::Date(days), _) => days * DAY + DAY - 1,
        (When::Utc(instant), Form::Zoned(zone)) => zone.to_local(instant),
        (When::Local(local) | When::Utc(local), _) => local,
    };
    // A last day on which the clock has not come to the start yet has no occurrence.
    let early = anchor.form != Form::Date && local.rem_euclid(DAY) < anchor.clock();
    let last = local.div_euclid(DAY) - i64::from(early);
    let start = last * DAY + if anchor.form == Form::Date { 0 } else { anchor.clock() };
    match &anchor.form {
        Form::Zoned(zone) => Moment { local: zone.to_instant(start), offset: Some(0) },
        Form::Floating => Moment { local: start, offset: None },
        Form::Utc | Form::Date => Moment { local: start, offset: Some(0) },
    }
}

/// The parts of a rule that are not understood yet.
struct Parts(BTreeMap<String, String>);

impl Parts {
    /// Parts by name; those that say nothing beyond the start are left out. `None` if one is there twice or is broken.
    fn read(text: &str, anchor: &Anchor) -> Option<Self> {
        let text = text.trim().to_ascii_uppercase();
        let mut parts = BTreeMap::new();
        for part in text.split(';').map(str::trim).filter(|part| !part.is_empty()) {
            let (name, value) = part.split_once('=')?;
            if parts.insert(name.trim().to_owned(), value.trim().to_owned()).is_some() {
                return None;
            }
        }
        let mut parts = Self(parts);
        let clock = anchor.clock();
        let units = [("BYHOUR", clock / 3_600), ("BYMINUTE", clock / 60 % 60), ("BYSECOND", clock % 60)];
        for (name, own) in units {
            if anchor.form == Form::Date || parts.0.get(name).is_some_and(|value| value.parse() == Ok(own)) {
                parts.0.remove(name);
            }
        }
        Some(parts)
    }

    fn take(&mut self, name: &str) -> Option<String> {
        self.0.remove(name)
    }

    /// A part that is one number.
    fn number<N: std::str::FromStr>(&mut self, name: &str) -> Option<Option<N>> {
        self.take(name).map_or(Some(None), |value| value.parse().ok().map(Some))
    }

    /// BYDAY without ordinals as a set.
    fn on(&mut self) -> Option<Option<u8>> {
        let Some(value) = self.take("BYDAY") else { return Some(None) };
        let mut on = 0;
        for name in value.split(',') {
            on |= 1 << day_number(name.trim())?;
        }
        Some(Some(on))
    }

    fn daily(&mut self, every: u32) -> Option<Pattern> {
        match (self.on()?, every) {
            (None | Some(ALL_DAYS), _) => Some(Pattern::Daily { every }),
            (Some(WORK_DAYS), 1) => Some(Pattern::WorkDays),
            (Some(on), 1) => Some(Pattern::Weekly { every, on }),
            _ => None,
        }
    }

    fn weekly(&mut self, every: u32, anchor: &Anchor) -> Option<Pattern> {
        let on = self.on()?.unwrap_or(1 << crate::translate::moment::weekday(anchor.day()));
        Some(Pattern::Weekly { every, on })
    }

    fn monthly(&mut self, every: u32, anchor: &Anchor) -> Option<Pattern> {
        if self.0.contains_key("BYDAY") {
            let (nth, on) = self.nth()?;
            return Some(Pattern::MonthlyByDay { every, nth, on });
        }
        let day = match self.month_day(None)? {
            Some(day) => day,
            None => plain_day(civil(anchor.day()).2, None)?,
        };
        Some(Pattern::Monthly { every, day })
    }

    fn yearly(&mut self, every: u32, anchor: &Anchor) -> Option<Pattern> {
        let (_, own_month, own_day) = civil(anchor.day());
        let month = self.number("BYMONTH")?;
        if self.0.contains_key("BYDAY") {
            // Without BYMONTH the ordinal counts in the year.
            let (nth, on) = self.nth()?;
            return Some(Pattern::YearlyByDay { every, month: month?, nth, on });
        }
        let month_or_own = month.unwrap_or(own_month);
        let day = match self.month_day(Some(month_or_own))? {
            // Without BYMONTH this is every month.
            Some(day) => month.map(|_| day)?,
            None => plain_day(own_day, Some(month_or_own))?,
        };
        Some(Pattern::Yearly { every, month: month_or_own, day })
    }

    /// BYMONTHDAY of a month, or of any month: a day that is always there, or a last one.
    fn month_day(&mut self, month: Option<u8>) -> Option<Option<u8>> {
        let Some(value) = self.take("BYMONTHDAY") else { return Some(None) };
        let last = match self.take("BYSETPOS").as_deref() {
            None => false,
            Some("-1") => true,
            Some(_) => return None,
        };
        let days: Option<Vec<i8>> = value.split(',').map(|day| day.trim().parse().ok()).collect();
        let mut days = days?;
        days.sort_unstable();
        days.dedup();
        match (days.as_slice(), month) {
            ([-1], None) => Some(Some(31)),
            ([-1], Some(_)) => Some(Some(always(month).max(29))),
            ([only], _) => plain_day(u8::try_from(*only).ok()?, month).map(Some),
            ([28, 29] | [28, 29, 30] | [28, 29, 30, 31], None) if last => {
                Some(days.last().map(|day| *day as u8))
            }
            ([28, 29], Some(2)) if last => Some(Some(29)),
            _ => None,
        }
    }

    /// BYDAY with one ordinal, or with BYSETPOS: first to fourth, or last.
    fn nth(&mut self) -> Option<(i8, u8)> {
        let position = self.number::<i8>("BYSETPOS")?;
        let value = self.take("BYDAY")?;
        let (nth, on) = match position {
            Some(nth) => {
                self.0.insert("BYDAY".to_owned(), value);
                (nth, self.on()??)
            }
            None => {
                let (number, name) = value.split_at_checked(value.len().checked_sub(2)?)?;
                (number.parse().ok()?, 1 << day_number(name)?)
            }
        };
        ((1..=4).contains(&nth) || nth == -1).then_some((nth, on))
    }
}

/// A day that the month has every year, or that every month has.
fn plain_day(day: u8, month: Option<u8>) -> Option<u8> {
    (1..=always(month)).contains(&day).then_some(day)
}
