//! What was told of zones lately.
//!
//! The events of a list share a handful of zones. To find the rule of one, five years of its changes are looked at,
//! which costs more than all the rest of a row; as neither answer ever changes, each thread keeps the last few.

use std::cell::RefCell;

use kontor_ical::zone::Zone;

use super::Rule;

/// So many answers are kept.
const MOST: usize = 8;

thread_local! {
    static RULES: RefCell<Recent<(Zone, i32), Option<Rule>>> = const { RefCell::new(Recent(Vec::new())) };
    static TEXTS: RefCell<Recent<Rule, String>> = const { RefCell::new(Recent(Vec::new())) };
}

/// Questions and answers, the last one last.
struct Recent<Q, A>(Vec<(Q, A)>);

impl<Q, A: Clone> Recent<Q, A> {
    fn answer(
        &mut self,
        is: impl Fn(&Q) -> bool,
        question: impl FnOnce() -> Q,
        make: impl FnOnce() -> A,
    ) -> A {
        if let Some((_, answer)) = self.0.iter().rev().find(|(question, _)| is(question)) {
            return answer.clone();
        }
        if self.0.len() >= MOST {
            self.0.remove(0);
        }
        let answer = make();
        self.0.push((question(), answer.clone()));
        answer
    }
}

/// [`Rule::of`]. Zones that a calendar defines for itself are not kept: they may be of any size.
pub(crate) fn rule(zone: &Zone, year: i32) -> Option<Rule> {
    if zone.iana_name().is_none() {
        return Rule::of(zone, year);
    }
    let is = |(other, of): &(Zone, i32)| *of == year && other == zone;
    RULES.with_borrow_mut(|recent| recent.answer(is, || (zone.clone(), year), || Rule::of(zone, year)))
}

/// [`Rule::to_xml`].
pub(crate) fn xml(rule: Rule) -> String {
    TEXTS.with_borrow_mut(|recent| recent.answer(|other| *other == rule, || rule, || rule.to_xml()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_remembered_is_what_would_be_found() {
        let names = ["Europe/Berlin", "Asia/Tokyo", "America/New_York", "Africa/Casablanca", "Europe/London"];
        for year in [2024, 2026, 2024, 2025] {
            for zone in names.iter().chain(&names).filter_map(|name| Zone::iana(name)) {
                let found = rule(&zone, year);
                assert_eq!(found, Rule::of(&zone, year), "{zone:?} in {year}");
                assert_eq!(found.map(xml), found.map(Rule::to_xml));
            }
        }
        RULES.with_borrow(|recent| assert_eq!(recent.0.len(), MOST));
    }
}
