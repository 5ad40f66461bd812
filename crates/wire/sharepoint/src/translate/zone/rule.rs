//! One rule for all years, made from a zone.

use kontor_ical::zone::Zone;

use crate::translate::moment::{DAY, civil, days, month_len, weekday};

/// How many years a rule must fit, and by how many days it may be out in one of them. Some countries' clocks change on days
/// that no rule of this kind can name (the Friday before the last Sunday); Windows is a few days out there, too.
const YEARS: i32 = 5;
const SLACK: i64 = 7;

/// When clocks change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum On {
    /// The first to fourth (1 to 4) or last (-1) of a weekday; Monday is 0.
    Nth(i8, u8),
    /// A day of the month.
    Day(u8),
}

/// One change of the clocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Change {
    /// 1 to 12.
    pub(crate) month: u8,
    /// On which day.
    pub(crate) on: On,
    /// Second of the day, by the clock before the change.
    pub(crate) clock: i64,
}

/// A time zone rule (MS-OUTSPS 2.2.4.6). Minutes, positive to the west.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Rule {
    /// standardBias.
    pub(crate) bias: i32,
    /// additionalDaylightBias; below zero where clocks are put forward in summer.
    pub(crate) extra: i32,
    /// standardDate and daylightDate, where clocks change.
    pub(crate) changes: Option<(Change, Change)>,
}

/// A change of offset as it happened: the instant, and the offsets before and after in seconds east.
#[derive(Clone, Copy, Debug)]
struct Happened {
    at: i64,
    before: i32,
    after: i32,
}

impl Rule {
    /// The rule that a zone follows in a year and those after it. `None` if it follows none.
    pub(crate) fn of(zone: &Zone, year: i32) -> Option<Self> {
        let found = changes(zone, year)?;
        let [one, two] = found.as_slice() else {
            // Clocks that have stopped changing keep what they had.
            let offset = zone.offset_at(days(year, 12, 31)? * DAY);
            return (found.len() < 2 && offset % 60 == 0)
                .then(|| Self { bias: -offset / 60, ..Self::default() });
        };
        let (standard, daylight) = if one.after < two.after { (one, two) } else { (two, one) };
        if standard.before != daylight.after || [standard, daylight].iter().any(|it| it.after % 60 != 0) {
            return None;
        }
        let later = (year..year + YEARS).map(|year| changes(zone, year)).collect::<Option<Vec<_>>>()?;
        let changes = (fitting(&later, standard, year)?, fitting(&later, daylight, year)?);
        Some(Self {
            bias: -standard.after / 60,
            extra: -(daylight.after - standard.after) / 60,
            changes: Some(changes),
        })
    }

    /// Whether both say the same about every instant.
    pub(crate) fn means(&self, other: &Self) -> bool {
        self == other || (self.is_still() && other.is_still() && self.bias == other.bias)
    }

    /// Whether clocks never change.
    pub(crate) fn is_still(&self) -> bool {
        self.changes.is_none() || self.extra == 0
    }
}

impl Change {
    /// Day number of the change in a year.
    pub(crate) fn day(self, year: i32) -> Option<i64> {
        let (first, length) = (days(year, self.month, 1)?, month_len(year, self.month));
        let (nth, on) = match self.on {
            On::Day(day) => return days(year, self.month, day.min(length)),
            On::Nth(nth, on) => (nth, on),
        };
        let mut found = (first..first + i64::from(length)).filter(|day| weekday(*day) == on);
        let skip = usize::from(nth.unsigned_abs().checked_sub(1)?);
        if nth > 0 { found.nth(skip) } else { found.nth_back(skip) }
    }
}

/// The changes of offset in a year.
fn changes(zone: &Zone, year: i32) -> Option<Vec<Happened>> {
    let (first, last) = (days(year, 1, 1)? * DAY, days(year, 12, 31)? * DAY + DAY);
    let mut found = Vec::new();
    let mut before = zone.offset_at(first);
    let mut next = zone.change_after(first);
    while let Some(at) = next.filter(|at| *at <= last) {
        let after = zone.offset_at(at);
        found.push(Happened { at, before, after });
        (before, next) = (after, zone.change_after(at));
    }
    Some(found)
}

/// The rule of one change: the one that fits this year and the next ones, else one that fits this year and is nearly
/// right in the others. `years` are the changes of this year and those after it.
fn fitting(years: &[Vec<Happened>], happened: &Happened, year: i32) -> Option<Change> {
    let same = |other: &&Happened| (other.before, other.after) == (happened.before, happened.after);
    let later: Vec<Happened> =
        years.iter().map(|changes| changes.iter().find(same).copied()).collect::<Option<Vec<_>>>()?;
    let distance = |change: &Change| {
        let out = |(year, other): (i32, &Happened)| {
            let local = other.at + i64::from(other.before);
            Some((change.day(year)? * DAY + change.clock - local).abs())
        };
        (year..).zip(&later).map(out).collect::<Option<Vec<_>>>()?.into_iter().max()
    };
    let fits = candidates(happened).into_iter().filter_map(|change| Some((distance(&change)?, change)));
    fits.filter(|(days, _)| *days <= SLACK * DAY).min_by_key(|(days, _)| *days).map(|(_, change)| change)
}

/// The rules that fit a change in its own year. A change at midnight may belong to the day before: the first Saturday's 24
/// o'clock is on no fixed Sunday. Windows writes a second less for it.
fn candidates(happened: &Happened) -> Vec<Change> {
    let local = happened.at + i64::from(happened.before);
    let mut found = Vec::new();
    for local in [local, local - 1] {
        let (day, clock) = (local.div_euclid(DAY), local.rem_euclid(DAY));
        let (year, month, of_month) = civil(day);
        let nth = ((of_month - 1) / 7 + 1) as i8;
        let last = of_month + 7 > month_len(year, month);
        let mut add = |on| found.push(Change { month, on, clock });
        if last {
            add(On::Nth(-1, weekday(day)));
        }
        if nth <= 4 {
            add(On::Nth(nth, weekday(day)));
        }
        add(On::Day(of_month));
        if local.rem_euclid(DAY) != 0 {
            break;
        }
    }
    found
}
