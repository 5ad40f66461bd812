//! The patterns that Outlook knows (MS-OUTSPS 2.2.4.5).

use kontor_ical::stamp::Form;
use kontor_ical::zone::Zone;

use crate::translate::moment::{DAY, Moment, civil, days, month_len, weekday};

/// Monday to Friday.
pub(super) const WORK_DAYS: u8 = 0b001_1111;
/// Saturday and Sunday.
pub(super) const WEEKEND: u8 = 0b110_0000;
/// All days of the week.
pub(super) const ALL_DAYS: u8 = 0b111_1111;

/// Longest interval that makes sense; no calendar has more.
pub(super) const MOST: u32 = 10_000;

/// On which days something repeats. Days of the week are bits, bit 0 is Monday; `every` is 1 to
/// [`MOST`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pattern {
    /// Every so many days.
    Daily { every: u32 },
    /// Monday to Friday.
    WorkDays,
    /// On these days of every so many weeks.
    Weekly { every: u32, on: u8 },
    /// On a day of every so many months; in a month that has no such day, on its last.
    Monthly { every: u32, day: u8 },
    /// On the first, second, third, fourth (1 to 4) or last (-1) of these days in every so many months.
    MonthlyByDay { every: u32, nth: i8, on: u8 },
    /// On a day of a month in every so many years; in a year that has no such day, on the last of the month.
    Yearly { every: u32, month: u8, day: u8 },
    /// On the nth (as above) of these days in a month of every so many years.
    YearlyByDay { every: u32, month: u8, nth: i8, on: u8 },
}

/// When it ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// Never.
    Never,
    /// After so many times.
    Count(u32),
    /// With the day, in the zone of the series, that this moment lies on.
    Window(Moment),
}

/// What RecurrenceData says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Recurrence {
    /// Day that weeks start on; Monday is 0.
    pub(crate) first_day: u8,
    /// On which days.
    pub(crate) pattern: Pattern,
    /// Until when.
    pub(crate) end: End,
}

/// Where a series starts: what both sides of the translation stand on.
#[derive(Clone, Debug)]
pub(crate) struct Anchor {
    /// What the start refers to.
    pub(crate) form: Form,
    /// The start, in local seconds.
    pub(crate) local: i64,
}

impl Anchor {
    /// Day of the start.
    pub(crate) fn day(&self) -> i64 {
        self.local.div_euclid(DAY)
    }

    /// Second of the day of the start.
    pub(super) fn clock(&self) -> i64 {
        self.local.rem_euclid(DAY)
    }

    /// The last day that a window end admits. Three spellings are about: the start of the last occurrence, midnight of
    /// the last day in the series' zone, and its bare date at 0 hours UTC.
    pub(crate) fn last_day(&self, window: Moment, floating: &Zone) -> i64 {
        if self.form == Form::Date {
            return window.day(floating);
        }
        let instant = window.instant(floating);
        let local = self.form.local(instant, floating);
        let starts_then = local.rem_euclid(DAY) == self.clock();
        let bare_date = window.local.rem_euclid(DAY) == 0 && !starts_then && local.rem_euclid(DAY) != 0;
        if bare_date { window.local.div_euclid(DAY) } else { local.div_euclid(DAY) }
    }
}

impl Recurrence {
    /// Whether it ends at a moment, which is told by the clock of its start.
    pub(crate) fn ends_in_time(&self) -> bool {
        matches!(self.end, End::Window(_))
    }
}

impl Pattern {
    /// Whether a day is one of the pattern's: Outlook knows no series that starts on another.
    pub(crate) fn admits(&self, day: i64) -> bool {
        let (year, month, of_month) = civil(day);
        let clamped = |day: u8, month: u8| of_month == day.min(month_len(year, month));
        match *self {
            Self::Daily { .. } => true,
            Self::WorkDays => has(WORK_DAYS, day),
            Self::Weekly { on, .. } => has(on, day),
            Self::Monthly { day, .. } => clamped(day, month),
            Self::MonthlyByDay { nth, on, .. } => nth_day(year, month, nth, on) == Some(day),
            Self::Yearly { month: only, day, .. } => month == only && clamped(day, month),
            Self::YearlyByDay { month: only, nth, on, .. } => {
                month == only && nth_day(year, month, nth, on) == Some(day)
            }
        }
    }
}

/// Whether a set of weekdays has the weekday of a day.
fn has(on: u8, day: i64) -> bool {
    on >> weekday(day) & 1 == 1
}

/// The nth of these weekdays in a month, counted from its end if `nth` is below zero.
fn nth_day(year: i32, month: u8, nth: i8, on: u8) -> Option<i64> {
    let first = days(year, month, 1)?;
    let mut found = (first..first + i64::from(month_len(year, month))).filter(|day| has(on, *day));
    let skip = usize::from(nth.unsigned_abs().checked_sub(1)?);
    if nth > 0 { found.nth(skip) } else { found.nth_back(skip) }
}
