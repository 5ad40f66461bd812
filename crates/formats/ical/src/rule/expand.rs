//! The instances of a rule, one after the other, from any point on.
//!
//! A rule is a row of *periods* (years, months, weeks, days, or for the short frequencies single hours, minutes and
//! seconds), each with a set of instances that depends on nothing but the period. So a window of an old series starts at its
//! own period by arithmetic and never walks the years before.

use super::days::Days;
use super::{Freq, Rule};
use crate::budget::Budget;
use crate::civil::{DAY, Date, END, weekday};

/// A rule without an instance for this long has none any more; 40 years without a Monday the 29th of February can be.
const DROUGHT: i64 = 100 * 366 * DAY;

/// Iterates the instances of one rule in rising order, as local seconds.
#[derive(Debug)]
pub(crate) struct Expander<'a> {
    rule: &'a Rule,
    days: Days<'a>,
    clock: Clock,
    /// Nothing before this is produced.
    from: i64,
    /// Nothing after this is produced.
    until: i64,
    left: Option<u32>,
    first_slot: i64,
    /// The period to look at next: year, month since year 0, first day of the week, day, or slot of the short frequencies.
    period: i64,
    /// Starts of the days (or the slot) in the period at hand.
    bases: Vec<i64>,
    /// With BYSETPOS: which instances of the period count.
    picks: Option<Vec<usize>>,
    at: usize,
    /// How long the rule may yield nothing before it is given up.
    drought: i64,
    dry_after: i64,
    done: bool,
}

impl<'a> Expander<'a> {
    /// Instances in `from..=until` of a rule whose series starts at `anchor`, all in local seconds. The rule's own UNTIL
    /// is the caller's to turn into `until`, for it may need a zone; `count` ends the series after so many and needs
    /// `from == anchor`.
    pub(crate) fn new(rule: &'a Rule, anchor: i64, from: i64, until: i64, count: Option<u32>) -> Self {
        let from = from.max(anchor);
        let mut expander = Self {
            rule,
            days: Days::new(rule, anchor),
            clock: Clock::new(rule, anchor),
            from,
            until: until.min(END),
            left: count,
            first_slot: anchor.div_euclid(rule.freq.seconds()),
            period: 0,
            bases: Vec::new(),
            picks: None,
            at: 0,
            drought: rule
                .freq
                .seconds()
                .saturating_mul(i64::from(rule.interval))
                .saturating_mul(8)
                .saturating_add(DROUGHT),
            dry_after: 0,
            done: rule.is_impossible() || from > until || from > END,
        };
        expander.dry_after = from.saturating_add(expander.drought);
        expander.period = expander.period_at(anchor, from.min(END));
        expander
    }

    /// The next instance; `None` at the end, or when the budget is spent (ask the budget which).
    pub(crate) fn next(&mut self, budget: &mut Budget) -> Option<i64> {
        loop {
            if self.done || self.left == Some(0) || !budget.take(1) {
                return None;
            }
            let Some(local) = self.buffered(self.at) else {
                self.done = !self.refill(budget);
                continue;
            };
            self.at += 1;
            if local > self.until {
                self.done = true;
                return None;
            }
            self.left = self.left.map(|left| left - 1);
            self.dry_after = local.saturating_add(self.drought);
            return Some(local);
        }
    }

    /// The period that holds `from`, or the nearest one of the row before it.
    fn period_at(&self, anchor: i64, from: i64) -> i64 {
        let step = i64::from(self.rule.interval);
        let along = |first: i64, wanted: i64| first + (wanted - first).max(0) / step * step;
        let (start, day) = (anchor.div_euclid(DAY), from.div_euclid(DAY));
        match self.rule.freq {
            Freq::Yearly => along(i64::from(Date::of(start).year), i64::from(Date::of(day).year)),
            Freq::Monthly => along(month_number(start), month_number(day)),
            Freq::Weekly => {
                let monday =
                    |day: i64| day - (i64::from(weekday(day)) - i64::from(self.rule.wkst)).rem_euclid(7);
                let first = monday(start);
                first + (monday(day) - first).max(0) / (7 * step) * 7 * step
            }
            Freq::Daily => along(start, day),
            Freq::Hourly | Freq::Minutely | Freq::Secondly => {
                self.slot_from(from - self.rule.freq.seconds() + 1)
            }
        }
    }

    /// Fills the buffer with the next period; false when there is none.
    fn refill(&mut self, budget: &mut Budget) -> bool {
        self.bases.clear();
        let step = i64::from(self.rule.interval);
        let (start, next) = match self.rule.freq {
            Freq::Yearly => {
                let year = self.period as i32;
                self.days.of_year(year, &mut self.bases);
                (Date { year, month: 1, day: 1 }.days() * DAY, self.period + step)
            }
            Freq::Monthly => {
                let (year, month) = (self.period.div_euclid(12) as i32, self.period.rem_euclid(12) as u8 + 1);
                self.days.of_month(year, month, &mut self.bases);
                (Date { year, month, day: 1 }.days() * DAY, self.period + step)
            }
            Freq::Weekly => {
                self.days.of_week(self.period, &mut self.bases);
                (self.period * DAY, self.period + 7 * step)
            }
            Freq::Daily => {
                if self.days.admits(self.period) {
                    self.bases.push(self.period * DAY);
                }
                (self.period * DAY, self.period + step)
            }
            Freq::Hourly | Freq::Minutely | Freq::Secondly => {
                let Some(slot) = self.admitted_slot(budget) else { return false };
                let base = slot * self.rule.freq.seconds();
                self.bases.push(base);
                (base, slot + step)
            }
        };
        if start > self.until.min(self.dry_after) {
            return false;
        }
        self.period = next;
        self.pick();
        self.at = self.first_wanted();
        true
    }

    /// Whether the slot at hand, or which later one, is admitted by everything longer than a slot.
    fn admitted_slot(&mut self, budget: &mut Budget) -> Option<i64> {
        let unit = self.rule.freq.seconds();
        let mut known_day = None;
        loop {
            let base = self.period.checked_mul(unit)?;
            if base > self.until.min(self.dry_after) || !budget.take(1) {
                return None;
            }
            let day = base.div_euclid(DAY);
            if known_day != Some(day) && !self.days.admits(day) {
                self.period = self.slot_from((day + 1) * DAY);
                continue;
            }
            known_day = Some(day);
            match self.refused_until(base) {
                Some(later) => self.period = self.slot_from(later),
                None => return Some(self.period),
            }
        }
    }

    /// BYHOUR, BYMINUTE and BYSECOND as limits: the end of the hour, minute or second that a slot is refused with.
    fn refused_until(&self, base: i64) -> Option<i64> {
        let clock = base.rem_euclid(DAY);
        let refused = |mask: u64, number: i64| mask != 0 && mask >> number & 1 == 0;
        if refused(u64::from(self.rule.hour), clock / 3_600) {
            return Some((base.div_euclid(3_600) + 1) * 3_600);
        }
        if self.rule.freq <= Freq::Minutely && refused(self.rule.minute, clock / 60 % 60) {
            return Some((base.div_euclid(60) + 1) * 60);
        }
        (self.rule.freq == Freq::Secondly && refused(self.rule.second, clock % 60)).then_some(base + 1)
    }

    /// The first slot of the row that starts at this local second or later.
    fn slot_from(&self, local: i64) -> i64 {
        let unit = self.rule.freq.seconds();
        let step = i64::from(self.rule.interval);
        let wanted = -(-local).div_euclid(unit);
        let away = (wanted - self.first_slot).max(0);
        self.first_slot + (away + step - 1) / step * step
    }

    /// How many instances the period at hand has before BYSETPOS.
    fn size(&self) -> usize {
        self.bases.len() * self.clock.times
    }

    fn pick(&mut self) {
        let Some(rare) = self.rule.rare.as_deref().filter(|rare| !rare.set_pos.is_empty()) else { return };
        let size = self.size();
        let place = |position: &i16| {
            let distance = usize::from(position.unsigned_abs());
            let at = if *position > 0 { distance - 1 } else { size.checked_sub(distance)? };
            (at < size).then_some(at)
        };
        let mut picks: Vec<usize> = rare.set_pos.iter().filter_map(place).collect();
        picks.sort_unstable();
        picks.dedup();
        self.picks = Some(picks);
    }

    /// The instance at a place of the buffer.
    fn buffered(&self, at: usize) -> Option<i64> {
        let at = match &self.picks {
            Some(picks) => *picks.get(at)?,
            None => at,
        };
        let base = self.bases.get(at / self.clock.times)?;
        Some(base + self.clock.time(at % self.clock.times))
    }

    /// The first place of the buffer that is not before `from`.
    fn first_wanted(&self) -> usize {
        let (mut low, mut high) = (0, self.picks.as_ref().map_or(self.size(), Vec::len));
        if self.buffered(0).is_none_or(|first| first >= self.from) {
            return 0;
        }
        while low < high {
            let middle = low + (high - low) / 2;
            if self.buffered(middle).is_some_and(|local| local < self.from) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }
}

/// Months since year 0.
fn month_number(days: i64) -> i64 {
    let date = Date::of(days);
    i64::from(date.year) * 12 + i64::from(date.month) - 1
}

/// The times of day (or of the slot) that a rule has, as masks; never empty.
#[derive(Debug)]
struct Clock {
    hours: u64,
    minutes: u64,
    seconds: u64,
    /// How many times there are.
    times: usize,
}

impl Clock {
    fn new(rule: &Rule, anchor: i64) -> Self {
        let clock = anchor.rem_euclid(DAY);
        let part = |longest: Freq, mask: u64, number: i64| match mask {
            _ if rule.freq <= longest => 1,
            0 => 1 << number,
            mask => mask,
        };
        let hours = part(Freq::Hourly, u64::from(rule.hour), clock / 3_600);
        let minutes = part(Freq::Minutely, rule.minute, clock / 60 % 60);
        let seconds = part(Freq::Secondly, rule.second, clock % 60);
        let times = hours.count_ones() * minutes.count_ones() * seconds.count_ones();
        Self { hours, minutes, seconds, times: times as usize }
    }

    /// Seconds into the day (or slot) of the n-th time.
    fn time(&self, at: usize) -> i64 {
        let (seconds, minutes) = (self.seconds.count_ones() as usize, self.minutes.count_ones() as usize);
        let hour = nth_bit(self.hours, at / seconds / minutes);
        hour * 3_600
            + nth_bit(self.minutes, at / seconds % minutes) * 60
            + nth_bit(self.seconds, at % seconds)
    }
}

/// Place of the n-th set bit.
fn nth_bit(mut mask: u64, nth: usize) -> i64 {
    for _ in 0..nth {
        mask &= mask.wrapping_sub(1);
    }
    i64::from(mask.trailing_zeros())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::{When, when};

    fn local(text: &str) -> i64 {
        match when(text).unwrap() {
            When::Local(seconds) => seconds,
            other => panic!("{other:?}"),
        }
    }

    fn expand(rule: &str, start: &str, from: &str, most: usize) -> Vec<String> {
        let (rule, mut budget) = (Rule::parse(rule).unwrap(), Budget::default());
        let mut instances = Expander::new(&rule, local(start), local(from), i64::MAX, rule.count);
        let found = std::iter::from_fn(|| instances.next(&mut budget)).take(most);
        found.map(|at| When::Local(at).to_string()).collect()
    }

    #[test]
    fn a_window_starts_without_walking() {
        for rule in [
            "FREQ=DAILY;INTERVAL=3",
            "FREQ=WEEKLY;INTERVAL=5;BYDAY=MO,TH",
            "FREQ=MONTHLY;INTERVAL=7;BYDAY=-1FR",
            "FREQ=YEARLY;INTERVAL=3;BYMONTH=2,7",
            "FREQ=HOURLY;INTERVAL=7",
            "FREQ=MINUTELY;INTERVAL=5000",
            "FREQ=SECONDLY;INTERVAL=100000;BYHOUR=3,4,5",
            "FREQ=MONTHLY;BYDAY=MO,TU,WE;BYSETPOS=-1,2",
        ] {
            let all = expand(rule, "20010101T091500", "20010101T091500", usize::MAX);
            let from = "20150617T100000";
            let expect: Vec<_> = all.into_iter().filter(|at| at.as_str() >= from).take(20).collect();
            assert_eq!(expand(rule, "20010101T091500", from, expect.len().min(20)), expect, "{rule}");
        }
    }

    #[test]
    fn sparse_rules_end_at_once() {
        let check = |text: &str, most: u64| {
            let (rule, mut budget) = (Rule::parse(text).unwrap(), Budget::new(1_000_000));
            assert_eq!(Expander::new(&rule, 0, 0, i64::MAX, None).next(&mut budget), None, "{text}");
            assert!(
                !budget.is_spent() && 1_000_000 - budget.left() <= most,
                "{text}: {}",
                1_000_000 - budget.left()
            );
        };
        check("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", 0);
        check("FREQ=YEARLY;BYWEEKNO=1;BYMONTH=6", 250);
        check("FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30", 0);
        check("FREQ=SECONDLY;BYMONTH=1;BYYEARDAY=100", 80_000);
        check("FREQ=DAILY;BYMONTH=1;BYYEARDAY=100", 80_000);
    }

    #[test]
    fn right_where_python_dateutil_is_not() {
        let check = |rule: &str, start: &str, expect: &[&str]| {
            assert_eq!(expand(rule, start, start, expect.len()), expect, "{rule}");
        };
        // Plain and numbered weekdays: either counts.
        check(
            "FREQ=MONTHLY;BYDAY=1MO,FR",
            "20260101T000000",
            &["20260102T000000", "20260105T000000", "20260109T000000", "20260116T000000"],
        );
        // The first week is a whole one, although the series starts on its Wednesday.
        check(
            "FREQ=WEEKLY;BYDAY=MO,FR;BYSETPOS=1",
            "20260107T000000",
            &["20260112T000000", "20260119T000000"],
        );
        // The second of January 2011 lies in week 52 of 2010, which has no week 53.
        check("FREQ=YEARLY;BYWEEKNO=53;BYDAY=SU", "20100104T000000", &["20160103T000000", "20210103T000000"]);
        check("FREQ=YEARLY;BYWEEKNO=52;BYDAY=SU", "20110101T000000", &["20110102T000000", "20120101T000000"]);
        // The end of 2014 lies in week 1 of 2015, the 53rd from the end of that year.
        check("FREQ=YEARLY;BYWEEKNO=-53;BYDAY=TU", "20140601T000000", &["20141230T000000"]);
    }

    #[test]
    fn rare_dates_are_found() {
        let found =
            expand("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29;BYDAY=MO", "20000101T000000", "20000101T000000", 3);
        assert_eq!(found, ["20160229T000000", "20440229T000000", "20720229T000000"]);
    }

    #[test]
    fn every_second_of_every_day_of_a_year_costs_no_memory() {
        let all = |most: u32| (0..most).map(|n| n.to_string()).collect::<Vec<_>>().join(",");
        let rule = format!(
            "FREQ=YEARLY;BYMONTH=1,12;BYDAY=MO,TU,WE,TH,FR,SA,SU;BYHOUR={};BYMINUTE={};BYSECOND={}",
            all(24),
            all(60),
            all(60)
        );
        let found = expand(&rule, "20000101T000000", "20001231T235958", 3);
        assert_eq!(found, ["20001231T235958", "20001231T235959", "20010101T000000"]);
    }
}
