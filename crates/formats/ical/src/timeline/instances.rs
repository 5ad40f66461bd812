//! The recurrence set of a series, lazily and in order: rules and dates merged, exceptions left out.

use super::Repeat;
use crate::budget::Budget;
use crate::civil::DAY;
use crate::rule::{Expander, Rule, Until};

/// Rising local seconds of a series inside a window.
pub(super) struct Instances<'a> {
    repeat: &'a Repeat,
    rules: Vec<Stream<'a>>,
    exrules: Vec<Stream<'a>>,
    dates: &'a [i64],
}

struct Stream<'a> {
    expander: Expander<'a>,
    head: Option<i64>,
}

impl<'a> Stream<'a> {
    fn new(rule: &'a Rule, anchor: i64, from: i64, until: i64, budget: &mut Budget) -> Self {
        let until = match rule.until {
            Some(Until::Local(last)) => last.min(until),
            _ => until,
        };
        let mut expander = Expander::new(rule, anchor, from, until, None);
        let head = expander.next(budget);
        Self { expander, head }
    }

    /// Moves past everything before `local`, and past `local` itself; whether it was there.
    fn pass(&mut self, local: i64, budget: &mut Budget) -> bool {
        while let Some(head) = self.head.filter(|head| *head <= local) {
            self.head = self.expander.next(budget);
            if head == local {
                return true;
            }
        }
        false
    }
}

impl<'a> Instances<'a> {
    /// Instances in `from..=until` (local seconds) of the series that starts at `anchor`.
    pub(super) fn new(repeat: &'a Repeat, anchor: i64, from: i64, until: i64, budget: &mut Budget) -> Self {
        let mut streams = |rules: &'a [Rule]| -> Vec<_> {
            rules.iter().map(|rule| Stream::new(rule, anchor, from, until, budget)).collect()
        };
        let (rules, exrules) = (streams(&repeat.rules), streams(&repeat.exrules));
        let (low, high) = (
            repeat.dates.partition_point(|date| *date < from),
            repeat.dates.partition_point(|date| *date <= until),
        );
        Self { repeat, rules, exrules, dates: repeat.dates.get(low..high).unwrap_or_default() }
    }

    /// The next instance; `None` at the end, or when the budget is spent.
    pub(super) fn next(&mut self, budget: &mut Budget) -> Option<i64> {
        loop {
            let heads = self.rules.iter().filter_map(|stream| stream.head);
            let local = heads.chain(self.dates.first().copied()).min()?;
            for stream in &mut self.rules {
                stream.pass(local, budget);
            }
            if let Some((date, rest)) = self.dates.split_first()
                && *date == local
            {
                self.dates = rest;
            }
            if budget.is_spent() || !budget.take(1) {
                return None;
            }
            if !self.excluded(local, budget) {
                return Some(local);
            }
        }
    }

    fn excluded(&mut self, local: i64, budget: &mut Budget) -> bool {
        let mut excluded = self.repeat.excludes(local);
        for stream in &mut self.exrules {
            excluded |= stream.pass(local, budget);
        }
        excluded
    }
}

impl Repeat {
    /// Whether EXDATE names this instance.
    pub(super) fn excludes(&self, local: i64) -> bool {
        self.except.binary_search(&local).is_ok()
            || (!self.except_days.is_empty()
                && self.except_days.binary_search(&local.div_euclid(DAY)).is_ok())
    }
}
