//! Which days of a year, month or week a rule admits.

use super::{Freq, Rare, Rule, has_bit};
use crate::civil::{DAY, Date, month_len, new_year, week_of, weekday, year_len};

/// Where an ordinal in BYDAY counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scope {
    Month,
    Year,
}

/// The day-sized parts of a rule, completed from its anchor.
#[derive(Debug)]
pub(crate) struct Days<'a> {
    month: u16,
    month_day: u32,
    month_day_back: u32,
    weekday: u8,
    wkst: u8,
    scope: Scope,
    rare: Option<&'a Rare>,
    has_nth: bool,
    has_week: bool,
    has_year_day: bool,
}

impl<'a> Days<'a> {
    /// What the rule leaves open is taken from the anchor (local seconds), as RFC 5545 3.3.10 says at its end.
    pub(crate) fn new(rule: &'a Rule, anchor: i64) -> Self {
        let rare = rule.rare.as_deref();
        let scope = if rule.freq == Freq::Yearly && rule.month == 0 { Scope::Year } else { Scope::Month };
        let mut days = Self {
            month: rule.month,
            month_day: rule.month_day,
            month_day_back: rule.month_day_back,
            weekday: rule.weekday,
            wkst: rule.wkst,
            scope,
            rare,
            has_nth: rare.is_some_and(Rare::has_nth),
            has_week: rare.is_some_and(Rare::has_week),
            has_year_day: rare.is_some_and(Rare::has_year_day),
        };
        let chosen = days.has_nth || days.has_week || days.has_year_day || days.weekday != 0;
        if chosen || days.month_day | days.month_day_back != 0 {
            return days;
        }
        let day = anchor.div_euclid(DAY);
        let date = Date::of(day);
        match rule.freq {
            Freq::Yearly => {
                if days.month == 0 {
                    days.month = 1 << date.month;
                }
                days.month_day = 1 << date.day;
            }
            Freq::Monthly => days.month_day = 1 << date.day,
            Freq::Weekly => days.weekday = 1 << weekday(day),
            _ => {}
        }
        days
    }

    /// Whether only weekdays matter.
    fn is_simple(&self) -> bool {
        self.month == 0
            && self.month_day | self.month_day_back == 0
            && !(self.has_nth || self.has_week || self.has_year_day)
    }

    /// Whether the rule admits a day.
    pub(crate) fn admits(&self, days: i64) -> bool {
        if self.is_simple() {
            return self.weekday == 0 || self.weekday >> weekday(days) & 1 == 1;
        }
        self.admits_date(days, Date::of(days))
    }

    fn admits_date(&self, days: i64, date: Date) -> bool {
        if self.month != 0 && self.month >> date.month & 1 == 0 {
            return false;
        }
        if self.month_day | self.month_day_back != 0 {
            let back = month_len(date.year, date.month) - date.day + 1;
            if (self.month_day >> date.day | self.month_day_back >> back) & 1 == 0 {
                return false;
            }
        }
        if (self.weekday != 0 || self.has_nth) && !self.admits_weekday(days, date) {
            return false;
        }
        let Some(rare) = self.rare else { return true };
        if self.has_year_day {
            let (of_year, length) = (days - new_year(date.year) + 1, year_len(date.year));
            let back = length - of_year + 1;
            if !has_bit(&rare.year_day, of_year as usize) && !has_bit(&rare.year_day_back, back as usize) {
                return false;
            }
        }
        if self.has_week {
            let (week, weeks) = week_of(days, self.wkst);
            return (rare.week >> week | rare.week_back >> (weeks - week + 1)) & 1 == 1;
        }
        true
    }

    fn admits_weekday(&self, days: i64, date: Date) -> bool {
        let day = weekday(days);
        if self.weekday >> day & 1 == 1 {
            return true;
        }
        let Some(rare) = self.rare.filter(|_| self.has_nth) else { return false };
        let (before, after) = match self.scope {
            Scope::Month => (i64::from(date.day) - 1, i64::from(month_len(date.year, date.month) - date.day)),
            Scope::Year => {
                let of_year = days - new_year(date.year);
                (of_year, year_len(date.year) - 1 - of_year)
            }
        };
        let mask = |masks: &[u64; 7]| masks.get(usize::from(day)).copied().unwrap_or(0);
        (mask(&rare.nth) >> (before / 7 + 1) | mask(&rare.nth_back) >> (after / 7 + 1)) & 1 == 1
    }

    /// Adds the admitted days of a year, as local seconds at their start.
    pub(crate) fn of_year(&self, year: i32, out: &mut Vec<i64>) {
        for month in (1..=12).filter(|month| self.month == 0 || self.month >> month & 1 == 1) {
            self.of_month(year, month, out);
        }
    }

    /// Adds the admitted days of a month.
    pub(crate) fn of_month(&self, year: i32, month: u8, out: &mut Vec<i64>) {
        if self.month != 0 && self.month >> month & 1 == 0 {
            return;
        }
        let first = Date { year, month, day: 1 }.days();
        for day in 1..=month_len(year, month) {
            let days = first + i64::from(day) - 1;
            if self.admits_date(days, Date { year, month, day }) {
                out.push(days * DAY);
            }
        }
    }

    /// Adds the admitted days of the week that starts on a day.
    pub(crate) fn of_week(&self, first: i64, out: &mut Vec<i64>) {
        out.extend((first..first + 7).filter(|days| self.admits(*days)).map(|days| days * DAY));
    }
}
