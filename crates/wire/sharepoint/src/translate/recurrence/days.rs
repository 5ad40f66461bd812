//! The days of a recurrence, as the recurrence engine counts them.

use kontor_contentline::{Ending, Property, Writer};
use kontor_ical::stamp::Form;
use kontor_ical::timeline::{Kind, Range};
use kontor_ical::value::When;
use kontor_ical::zone::Zone;
use kontor_ical::{Budget, Object};

use super::pattern::{Anchor, Recurrence};
use crate::translate::moment::DAY;

/// The days on which something repeats, without what was changed since.
pub(crate) struct Days(kontor_ical::timeline::Timeline);

impl Days {
    /// The days of a recurrence.
    pub(crate) fn of(recurrence: Recurrence, anchor: &Anchor, floating: &Zone) -> Self {
        let first = anchor.day();
        let mut bare = recurrence;
        if let super::End::Window(window) = recurrence.end {
            let last = anchor.last_day(window, floating);
            bare.end =
                super::End::Window(crate::translate::moment::Moment { local: last * DAY, offset: Some(0) });
        }
        let days = Anchor { form: Form::Date, local: first * DAY };
        let mut out = Writer::new(Ending::CrLf);
        out.begin("VCALENDAR").begin("VEVENT");
        out.property(&Property::raw("DTSTART", When::Date(first).to_string()).param("VALUE", "DATE"));
        out.property(&Property::raw("RRULE", bare.to_rule(&days, &Zone::utc())));
        out.end("VEVENT").end("VCALENDAR");
        Self(Object::read(&out.finish()).into_timeline())
    }

    /// The first day, from that of the start on, that the pattern has: lists tell series that start on a day of no occurrence,
    /// calendars have none. `None` if it is too far to be found.
    pub(crate) fn first(recurrence: Recurrence, anchor: &Anchor, floating: &Zone) -> Option<i64> {
        let begin = anchor.day();
        if recurrence.pattern.admits(begin) {
            return Some(begin);
        }
        let all = Self::of(Recurrence { end: super::End::Never, ..recurrence }, anchor, floating);
        let within = |reach: i64| {
            let range = Range { start: begin * DAY, end: (begin + reach) * DAY };
            let found = all.0.occurrences(Kind::Event, range, &Zone::utc(), &mut Budget::default()).ok()?;
            let mut days = found.iter().map(|one| one.start.div_euclid(DAY));
            days.find(|day| recurrence.pattern.admits(*day))
        };
        [400, 12_000, 4_000_000].into_iter().find_map(within)
    }

    /// Whether it repeats on a day.
    pub(crate) fn has(&self, day: i64) -> bool {
        let range = Range { start: day * DAY, end: day * DAY + 1 };
        let found = self.0.occurrences(Kind::Event, range, &Zone::utc(), &mut Budget::default());
        found.is_ok_and(|found| found.iter().any(|one| one.start == day * DAY))
    }

    /// The last day; `None` if there is none, or if it takes long to find.
    pub(crate) fn last(&self) -> Option<i64> {
        let end = self.0.span().last?.saturating_add(DAY);
        let range = Range { start: i64::MIN, end };
        let found = self.0.occurrences(Kind::Event, range, &Zone::utc(), &mut Budget::default()).ok()?;
        found.last().map(|one| one.start.div_euclid(DAY))
    }
}
