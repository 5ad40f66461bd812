//! RRULE, RDATE, EXDATE and EXRULE of one component, told in its own wall-clock time.

use kontor_contentline::{Component, Line};

use super::Repeat;
use super::compile::Reader;
use crate::civil::DAY;
use crate::fault::Fault;
use crate::rule::{Freq, Rule, Until};
use crate::stamp::{Form, items};
use crate::value::{self, Duration};

/// Rules of one kind that one component may have; the standard knows one.
pub(super) const MOST_RULES: usize = 16;

/// Reads the recurrence set of a component.
pub(super) struct Series<'r, 'q, 't, 'a> {
    reader: &'r mut Reader<'q, 't, 'a>,
    form: Form,
    anchor: i64,
    repeat: Repeat,
    recurring: bool,
}

impl<'r, 'q, 't, 'a> Series<'r, 'q, 't, 'a> {
    pub(super) fn new(reader: &'r mut Reader<'q, 't, 'a>, form: Form, anchor: i64) -> Self {
        Self { reader, form, anchor, repeat: Repeat::default(), recurring: false }
    }

    pub(super) fn read(&mut self, component: Component<'_, '_>) {
        for line in component.properties() {
            if line.is("RRULE") || line.is("EXRULE") {
                self.recurring = true;
                let Some(rule) = self.rule(line) else { continue };
                let rules = if line.is("RRULE") { &mut self.repeat.rules } else { &mut self.repeat.exrules };
                if rules.len() < MOST_RULES {
                    rules.push(rule);
                }
            } else if line.is("RDATE") {
                self.recurring = true;
                items(line).iter().for_each(|item| self.date(line, item));
            } else if line.is("EXDATE") {
                self.recurring = true;
                items(line).iter().for_each(|item| self.except(line, item));
            }
        }
    }

    /// The recurrence set, if there is one.
    pub(super) fn finish(self) -> Option<Box<Repeat>> {
        if !self.recurring {
            return None;
        }
        let mut repeat = self.repeat;
        repeat.dates.push(self.anchor);
        for times in [&mut repeat.dates, &mut repeat.except, &mut repeat.except_days] {
            times.sort_unstable();
            times.dedup();
        }
        repeat.lengths.sort_by_key(|(start, _)| *start);
        repeat.lengths.dedup_by_key(|(start, _)| *start);
        Some(Box::new(repeat))
    }

    fn rule(&mut self, line: &Line<'_>) -> Option<Rule> {
        let mut rule = match Rule::parse(&line.value_str()) {
            Ok(rule) => rule,
            Err(error) => {
                self.reader.problem(line, Fault::Rule(error));
                return None;
            }
        };
        if self.form == Form::Date {
            if rule.freq < Freq::Daily {
                self.reader.problem(line, Fault::RuleTooFine);
                return None;
            }
            // RFC 5545 3.3.10: to be ignored where DTSTART is a date.
            (rule.hour, rule.minute, rule.second) = (0, 0, 0);
        }
        if rule.misses_its_clock(self.anchor) {
            return None;
        }
        let until = rule.until.map(|until| self.local_until(until));
        let last = match rule.last_of_count(self.anchor, self.reader.budget) {
            Ok(last) if rule.count.is_some() => Some(last?),
            Ok(_) => None,
            Err(_) => {
                self.reader.problem(line, Fault::CountTooHigh);
                None
            }
        };
        rule.count = None;
        rule.until = [until, last].into_iter().flatten().min().map(Until::Local);
        Some(rule)
    }

    /// The last local second that UNTIL admits.
    fn local_until(&self, until: Until) -> i64 {
        let local = match (until, &self.form) {
            (Until::Date(days), _) => days * DAY + DAY - 1,
            (Until::Utc(instant), Form::Zoned(zone)) => zone.local_ceiling(instant),
            (Until::Local(seconds) | Until::Utc(seconds), _) => seconds,
        };
        if self.form == Form::Date { local.div_euclid(DAY) * DAY } else { local }
    }

    fn date(&mut self, line: &Line<'_>, item: &str) {
        let (start, end) = item.split_once('/').map_or((item, None), |(start, end)| (start, Some(end)));
        let Some(start) = self.reader.stamp(line, start, "RDATE") else { return };
        let local = start.local_in(&self.form);
        self.repeat.dates.push(local);
        let Some(end) = end else { return };
        let length = value::duration(end).or_else(|| {
            let end = self.reader.stamp(line, end, "RDATE")?;
            Some(Duration::seconds(
                end.instant(&crate::zone::Zone::utc()) - start.instant(&crate::zone::Zone::utc()),
            ))
        });
        if let Some(length) = length.filter(|length| length.nominal() >= 0) {
            self.repeat.lengths.push((local, length));
        }
    }

    fn except(&mut self, line: &Line<'_>, item: &str) {
        let Some(stamp) = self.reader.stamp(line, item, "EXDATE") else { return };
        let local = stamp.local_in(&self.form);
        if stamp.form == Form::Date && self.form != Form::Date {
            self.repeat.except_days.push(local.div_euclid(DAY));
        } else {
            self.repeat.except.push(local);
        }
    }
}
