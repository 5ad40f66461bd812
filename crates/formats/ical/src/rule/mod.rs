//! Recurrence rules (RFC 5545 3.3.10) on wall-clock time: parsed, stored, expanded from any point on.

mod days;
mod expand;
mod parse;
mod stored;

use crate::budget::{Budget, Exhausted};
pub(crate) use expand::Expander;
pub use parse::RuleError;

/// How often a rule repeats.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Freq {
    /// Every so many seconds.
    Secondly,
    /// Every so many minutes.
    Minutely,
    /// Every so many hours.
    Hourly,
    /// Every so many days.
    Daily,
    /// Every so many weeks.
    Weekly,
    /// Every so many months.
    Monthly,
    /// Every so many years.
    Yearly,
}

impl Freq {
    /// Seconds of the shortest such period.
    pub(crate) fn seconds(self) -> i64 {
        match self {
            Self::Secondly => 1,
            Self::Minutely => 60,
            Self::Hourly => 3_600,
            Self::Daily => 86_400,
            Self::Weekly => 7 * 86_400,
            Self::Monthly => 28 * 86_400,
            Self::Yearly => 365 * 86_400,
        }
    }
}

/// The last moment of a rule, as written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Until {
    /// A date: day number since 1970.
    Date(i64),
    /// Wall-clock time: local seconds.
    Local(i64),
    /// An instant: seconds since 1970 in UTC.
    Utc(i64),
}

/// One RRULE or EXRULE.
///
/// Sets of small numbers are bit masks: bit `n` of `month` says that BYMONTH has `n`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// FREQ.
    pub freq: Freq,
    /// INTERVAL, at least 1.
    pub interval: u32,
    /// COUNT.
    pub count: Option<u32>,
    /// UNTIL.
    pub until: Option<Until>,
    /// WKST, Monday is 0.
    pub(crate) wkst: u8,
    pub(crate) month: u16,
    pub(crate) month_day: u32,
    /// BYMONTHDAY counted from the end: bit 1 is the last day.
    pub(crate) month_day_back: u32,
    /// BYDAY without ordinals; bit 0 is Monday.
    pub(crate) weekday: u8,
    pub(crate) hour: u32,
    pub(crate) minute: u64,
    pub(crate) second: u64,
    pub(crate) rare: Option<Box<Rare>>,
}

/// What few rules have.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Rare {
    /// BYDAY with ordinals, one mask per weekday: bit `n` is the n-th of the month or year.
    pub(crate) nth: [u64; 7],
    /// The same counted from the end.
    pub(crate) nth_back: [u64; 7],
    /// BYWEEKNO.
    pub(crate) week: u64,
    pub(crate) week_back: u64,
    /// BYYEARDAY, 1..=366 spread over six words.
    pub(crate) year_day: [u64; 6],
    pub(crate) year_day_back: [u64; 6],
    /// BYSETPOS, rising, each once.
    pub(crate) set_pos: Vec<i16>,
}

impl Rare {
    pub(crate) fn has_nth(&self) -> bool {
        self.nth.iter().chain(&self.nth_back).any(|mask| *mask != 0)
    }

    pub(crate) fn has_week(&self) -> bool {
        self.week | self.week_back != 0
    }

    pub(crate) fn has_year_day(&self) -> bool {
        self.year_day.iter().chain(&self.year_day_back).any(|mask| *mask != 0)
    }
}

/// Whether bit `at` is set in words of 64 bits.
pub(crate) fn has_bit(words: &[u64], at: usize) -> bool {
    words.get(at / 64).is_some_and(|word| word >> (at % 64) & 1 == 1)
}

/// Greatest common divisor of two positive numbers.
fn gcd(one: i64, two: i64) -> i64 {
    if two == 0 { one } else { gcd(two, one % two) }
}

impl Rule {
    pub(crate) fn new(freq: Freq) -> Self {
        Self {
            freq,
            interval: 1,
            count: None,
            until: None,
            wkst: 0,
            month: 0,
            month_day: 0,
            month_day_back: 0,
            weekday: 0,
            hour: 0,
            minute: 0,
            second: 0,
            rare: None,
        }
    }

    /// Whether the rule can never produce anything, such as the thirtieth of February.
    pub(crate) fn is_impossible(&self) -> bool {
        let longest = (1..=12u8)
            .filter(|month| self.month == 0 || self.month >> month & 1 == 1)
            .map(|month| crate::civil::month_len(2000, month))
            .max()
            .unwrap_or(0);
        let days = self.month_day | self.month_day_back;
        days != 0 && (1..=longest).all(|day| days >> day & 1 == 0)
    }

    /// Whether a short frequency never meets its own BYHOUR, BYMINUTE and BYSECOND, such as every second hour from an odd
    /// one on at even hours only. Looks at up to 86,400 times of day.
    pub(crate) fn misses_its_clock(&self, anchor: i64) -> bool {
        let unit = self.freq.seconds();
        let per_day = crate::civil::DAY / unit;
        if per_day <= 1 || (self.hour == 0 && self.minute | self.second == 0) {
            return false;
        }
        let step = gcd(i64::from(self.interval), per_day);
        let first = anchor.div_euclid(unit).rem_euclid(step);
        let admits = |mask: u64, number: i64| mask == 0 || mask >> number & 1 == 1;
        let met = |slot: i64| {
            let clock = slot * unit;
            admits(u64::from(self.hour), clock / 3_600)
                && (self.freq > Freq::Minutely || admits(self.minute, clock / 60 % 60))
                && (self.freq > Freq::Secondly || admits(self.second, clock % 60))
        };
        !(0..per_day / step).any(|nth| met(first + nth * step))
    }

    /// Whether nothing narrows or widens the plain rhythm of FREQ and INTERVAL.
    fn is_plain(&self) -> bool {
        self.rare.is_none()
            && self.month == 0
            && self.month_day | self.month_day_back == 0
            && self.weekday == 0
            && self.hour == 0
            && self.minute | self.second == 0
    }

    /// The wall-clock time of the instance at which COUNT ends the rule, anchored at `anchor` (local seconds). `None` if the
    /// rule has no COUNT, or produces nothing.
    ///
    /// # Errors
    /// [`Exhausted`] if counting takes more than the budget.
    pub(crate) fn last_of_count(&self, anchor: i64, budget: &mut Budget) -> Result<Option<i64>, Exhausted> {
        let Some(count) = self.count else { return Ok(None) };
        let steps = i64::from(count.max(1) - 1);
        if self.is_plain() && self.freq <= Freq::Weekly {
            let period = self.freq.seconds().saturating_mul(i64::from(self.interval));
            return Ok(Some(anchor.saturating_add(period.saturating_mul(steps)).min(crate::civil::END)));
        }
        let mut instances = Expander::new(self, anchor, anchor, i64::MAX, None);
        let mut last = None;
        for _ in 0..count {
            match instances.next(budget) {
                Some(local) => last = Some(local),
                None if budget.is_spent() => return Err(Exhausted),
                None => break,
            }
        }
        Ok(last)
    }
}
