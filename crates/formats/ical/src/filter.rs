//! Which calendar objects a client asks for (RFC 4791 9.7).
//!
//! A time-range on a component is asked of the whole recurrence set, by its compiled [`Timeline`]; conditions on
//! properties and inner components are asked of each component of that name, and one that meets them all is enough.
//! [`Filter::time_only`] tells what can be answered without the text.

use kontor_contentline::filter::{ParamFilter, TextMatch};
use kontor_contentline::{Component, Line, Tree};

use crate::budget::Budget;
use crate::stamp::{Form, Stamp};
use crate::timeline::{Kind, Range, Timeline};
use crate::zone::{Zone, Zones};

/// A whole filter: what is asked of VCALENDAR.
#[derive(Clone, Debug, PartialEq)]
pub struct Filter {
    /// The condition on the outermost component.
    pub calendar: CompFilter,
}

/// A condition on the components of one name (RFC 4791 9.7.1).
#[derive(Clone, Debug, PartialEq)]
pub struct CompFilter {
    /// The name, any letter case.
    pub name: String,
    /// What is asked.
    pub test: CompTest,
}

/// What is asked of a component.
#[derive(Clone, Debug, PartialEq)]
pub enum CompTest {
    /// There is none.
    Absent,
    /// There is one, and this holds of it; all empty means merely that it is there.
    Such {
        /// It overlaps this time (RFC 4791 9.9).
        range: Option<Range>,
        /// Of its properties.
        props: Vec<PropFilter>,
        /// Of the components inside.
        comps: Vec<CompFilter>,
    },
}

/// A condition on the properties of one name (RFC 4791 9.7.2).
#[derive(Clone, Debug, PartialEq)]
pub struct PropFilter {
    /// The name, any letter case.
    pub name: String,
    /// What is asked.
    pub test: PropTest,
}

/// What is asked of a property.
#[derive(Clone, Debug, PartialEq)]
pub enum PropTest {
    /// There is none.
    Absent,
    /// There is one, and this holds of it.
    Such {
        /// Its date lies in this time.
        range: Option<Range>,
        /// Its text is such.
        text: Option<TextMatch>,
        /// All of this holds of its parameters.
        params: Vec<ParamFilter>,
    },
}

/// A filter that only asks which kind of component there is and whether it overlaps a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeOnly {
    /// The kind; `None` if any object will do.
    pub kind: Option<Kind>,
    /// The time; `None` if any will do.
    pub range: Option<Range>,
}

impl Filter {
    /// Everything.
    #[must_use]
    pub fn everything() -> Self {
        let test = CompTest::Such { range: None, props: Vec::new(), comps: Vec::new() };
        Self { calendar: CompFilter { name: "VCALENDAR".to_owned(), test } }
    }

    /// The time in which everything that is asked for lies, if there is such a bound: what an index is asked first.
    #[must_use]
    pub fn bound(&self) -> Option<Range> {
        let CompTest::Such { comps, .. } = &self.calendar.test else { return None };
        comps.iter().find_map(|comp| match &comp.test {
            CompTest::Such { range, .. } if Kind::of(&comp.name).is_some() => *range,
            _ => None,
        })
    }

    /// The filter in a form that a [`Timeline`] answers alone, if it asks no more.
    #[must_use]
    pub fn time_only(&self) -> Option<TimeOnly> {
        let CompTest::Such { range: None, props, comps } = &self.calendar.test else { return None };
        if !self.calendar.name.eq_ignore_ascii_case("VCALENDAR") || !props.is_empty() {
            return None;
        }
        match comps.as_slice() {
            [] => Some(TimeOnly { kind: None, range: None }),
            [CompFilter { name, test: CompTest::Such { range, props, comps } }]
                if props.is_empty() && comps.is_empty() =>
            {
                Some(TimeOnly { kind: Some(Kind::of(name)?), range: *range })
            }
            _ => None,
        }
    }

    /// Whether the object (its text and its compiled time) is one that was asked for. `floating` is the zone for floating
    /// times. When the budget is spent the answer is yes, as [`Timeline::overlaps`] says.
    #[must_use]
    pub fn holds(&self, text: &[u8], timeline: &Timeline, floating: &Zone, budget: &mut Budget) -> bool {
        let tree = Tree::parse(text);
        let root = tree.root();
        let Some(calendar) = root.child("VCALENDAR") else { return false };
        let zones = Zones::of(calendar);
        let mut asked = Asked { timeline, zones: &zones, floating, budget };
        if !calendar.is(&self.calendar.name) {
            return matches!(self.calendar.test, CompTest::Absent);
        }
        match &self.calendar.test {
            CompTest::Absent => false,
            CompTest::Such { props, comps, .. } => asked.component(calendar, None, props, comps),
        }
    }
}

impl TimeOnly {
    /// Whether the object of this timeline is one that was asked for.
    #[must_use]
    pub fn holds(&self, timeline: &Timeline, floating: &Zone, budget: &mut Budget) -> bool {
        match (self.kind, self.range) {
            (None, _) => true,
            (Some(kind), None) => timeline.kinds().any(|have| have == kind),
            (Some(kind), Some(range)) => timeline.overlaps(kind, range, floating, budget),
        }
    }
}

/// What conditions are asked with.
struct Asked<'q, 't, 'a> {
    timeline: &'q Timeline,
    zones: &'q Zones<'t, 'a>,
    floating: &'q Zone,
    budget: &'q mut Budget,
}

impl Asked<'_, '_, '_> {
    fn component(
        &mut self,
        of: Component<'_, '_>,
        kind: Option<Kind>,
        props: &[PropFilter],
        comps: &[CompFilter],
    ) -> bool {
        props.iter().all(|prop| self.property(of, prop))
            && comps.iter().all(|comp| self.inner(of, kind, comp))
    }

    /// A condition on the components inside `of`, which itself is of `kind`.
    fn inner(&mut self, of: Component<'_, '_>, kind: Option<Kind>, filter: &CompFilter) -> bool {
        let mut named = of.children_named(&filter.name);
        match &filter.test {
            CompTest::Absent => named.next().is_none(),
            CompTest::Such { range, props, comps } => {
                let own = Kind::of(&filter.name);
                self.in_time(own, kind, filter, *range)
                    && named.any(|one| self.component(one, own, props, comps))
            }
        }
    }

    fn in_time(
        &mut self,
        own: Option<Kind>,
        outer: Option<Kind>,
        filter: &CompFilter,
        range: Option<Range>,
    ) -> bool {
        let Some(range) = range else { return true };
        match (own, outer) {
            (Some(kind), _) => self.timeline.overlaps(kind, range, self.floating, self.budget),
            (None, Some(kind)) if filter.name.eq_ignore_ascii_case("VALARM") => {
                self.timeline.overlaps_alarm(kind, range, self.floating, self.budget)
            }
            // RFC 4791 9.9 says nothing of time in other components: the range does not narrow.
            _ => true,
        }
    }

    fn property(&self, of: Component<'_, '_>, filter: &PropFilter) -> bool {
        let mut named = of.properties_named(&filter.name);
        match &filter.test {
            PropTest::Absent => named.next().is_none(),
            PropTest::Such { range, text, params } => named.any(|line| {
                range.is_none_or(|range| self.dated(line, range))
                    && text.as_ref().is_none_or(|text| text.holds(&line.text()))
                    && params.iter().all(|param| param.holds(line))
            }),
        }
    }

    /// Whether the date of a property lies in the range; a day lasts until its end.
    fn dated(&self, line: &Line<'_>, range: Range) -> bool {
        let Some(stamp) = Stamp::of(line, self.zones) else { return false };
        let start = stamp.instant(self.floating);
        if stamp.form == Form::Date {
            let next = Stamp { form: Form::Date, local: stamp.local + crate::civil::DAY };
            return range.start < next.instant(self.floating) && range.end > start;
        }
        range.start <= start && range.end > start
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kontor_contentline::collation::{Collation, Matcher, Position};
    use kontor_contentline::filter::ParamTest;

    const TASK: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VTODO\r\nUID:t\r\nDTSTART:20260105T100000Z\r\nDUE:20260105T120000Z\r\n\
        COMPLETED:20260107T080000Z\r\nSUMMARY:Call the Gärtner\r\nATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:a@example.com\r\n\
        BEGIN:VALARM\r\nACTION:DISPLAY\r\nTRIGGER:-PT30M\r\nEND:VALARM\r\nEND:VTODO\r\nEND:VCALENDAR\r\n";

    fn text(needle: &str) -> TextMatch {
        let matcher = Matcher::new(Collation::UnicodeCasemap, Position::Contains, needle);
        TextMatch { matcher, negate: false }
    }

    /// 2026-01-`day` `hour`:00 UTC.
    fn at(day: i64, hour: i64) -> i64 {
        1_767_225_600 + (day - 1) * 86_400 + hour * 3600
    }

    fn such(range: Option<Range>, props: Vec<PropFilter>, comps: Vec<CompFilter>) -> CompTest {
        CompTest::Such { range, props, comps }
    }

    fn check(name: &str, test: CompTest, expect: bool) {
        let inner = CompFilter { name: name.to_owned(), test };
        let calendar = CompFilter { name: "VCALENDAR".to_owned(), test: such(None, vec![], vec![inner]) };
        let filter = Filter { calendar };
        let tree = Tree::parse(TASK.as_bytes());
        let (timeline, _) =
            Timeline::compile(tree.root().child("VCALENDAR").unwrap(), &mut Budget::default());
        let zone = Zone::utc();
        let holds = filter.holds(TASK.as_bytes(), &timeline, &zone, &mut Budget::default());
        assert_eq!(holds, expect, "{filter:?}");
        if let Some(time_only) = filter.time_only() {
            assert_eq!(time_only.holds(&timeline, &zone, &mut Budget::default()), expect, "{filter:?}");
        }
    }

    fn prop(
        name: &str,
        range: Option<Range>,
        text: Option<TextMatch>,
        params: Vec<ParamFilter>,
    ) -> Vec<PropFilter> {
        vec![PropFilter { name: name.to_owned(), test: PropTest::Such { range, text, params } }]
    }

    #[test]
    fn components_and_time() {
        let range = |from, to| Some(Range { start: from, end: to });
        check("VTODO", such(None, vec![], vec![]), true);
        check("VEVENT", such(None, vec![], vec![]), false);
        check("VEVENT", CompTest::Absent, true);
        check("vtodo", such(range(at(5, 11), at(5, 13)), vec![], vec![]), true);
        check("VTODO", such(range(at(6, 11), at(6, 13)), vec![], vec![]), false);
        let alarm =
            |from, to| CompFilter { name: "VALARM".to_owned(), test: such(range(from, to), vec![], vec![]) };
        check("VTODO", such(None, vec![], vec![alarm(at(5, 9), at(5, 10))]), true);
        check("VTODO", such(None, vec![], vec![alarm(at(5, 10), at(5, 11))]), false);
    }

    #[test]
    fn properties_and_parameters() {
        let range = Some(Range { start: at(7, 0), end: at(8, 0) });
        let late = Some(Range { start: at(8, 0), end: at(9, 0) });
        check("VTODO", such(None, prop("COMPLETED", range, None, vec![]), vec![]), true);
        check("VTODO", such(None, prop("COMPLETED", late, None, vec![]), vec![]), false);
        check("VTODO", such(None, prop("SUMMARY", None, Some(text("GÄRTNER")), vec![]), vec![]), true);
        check("VTODO", such(None, prop("SUMMARY", None, Some(text("nobody")), vec![]), vec![]), false);
        let needs = ParamFilter { name: "PARTSTAT".to_owned(), test: ParamTest::Text(text("needs")) };
        check(
            "VTODO",
            such(None, prop("ATTENDEE", None, Some(text("a@example")), vec![needs]), vec![]),
            true,
        );
        let absent = vec![PropFilter { name: "STATUS".to_owned(), test: PropTest::Absent }];
        check("VTODO", such(None, absent, vec![]), true);
    }
}
