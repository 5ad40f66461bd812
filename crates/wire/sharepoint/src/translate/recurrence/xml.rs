//! RecurrenceData: the XML of a pattern (MS-OUTSPS 2.2.4.2 to 2.2.4.5).

use kontor_ical::zone::Zone;

use super::pattern::{ALL_DAYS, End, MOST, Pattern, Recurrence, WEEKEND, WORK_DAYS};
use crate::translate::fragment::{self, Element};
use crate::translate::moment::{self, Moment};

/// Names of the days, Monday first (MS-OUTSPS 2.2.5.3).
const DAYS: [&str; 7] = ["mo", "tu", "we", "th", "fr", "sa", "su"];
/// Which of the days (MS-OUTSPS 2.2.5.13).
const NTH: [(&str, i8); 5] = [("first", 1), ("second", 2), ("third", 3), ("fourth", 4), ("last", -1)];
/// Sets of days that have a name (MS-OUTSPS 2.2.5.4).
const SETS: [(&str, u8); 3] = [("day", ALL_DAYS), ("weekday", WORK_DAYS), ("weekend_day", WEEKEND)];

/// Why RecurrenceData cannot be read.
type Refusal = &'static str;

/// What the field says besides its pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Data {
    /// The recurrence.
    pub(crate) recurrence: Recurrence,
    /// Whether the changed and deleted occurrences are to go (MS-OUTSPS 2.2.4.4).
    pub(crate) delete_exceptions: bool,
}

impl Data {
    /// Reads the field.
    ///
    /// # Errors
    /// What is wrong, in words.
    pub(crate) fn read(text: &str) -> Result<Self, Refusal> {
        let root = fragment::read(text)?;
        let outer = root.child("recurrence").ok_or("there is no <recurrence>")?;
        let rule = outer.child("rule").ok_or("<recurrence> has no <rule>")?;
        let flag = [&root, outer].into_iter().find_map(|element| element.child("deleteExceptions"));
        let delete_exceptions = flag.is_some_and(|flag| !flag.content().eq_ignore_ascii_case("false"));
        let first_day = match rule.child("firstDayOfWeek") {
            Some(day) => day_number(day.content()).ok_or("<firstDayOfWeek> has no day")?,
            None => 6,
        };
        let pattern = pattern(rule.child("repeat").ok_or("<rule> has no <repeat>")?)?;
        let recurrence = Recurrence { first_day, pattern, end: end(rule)? };
        Ok(Self { recurrence, delete_exceptions })
    }
}

impl Recurrence {
    /// The field. A window end stands as its instant; `floating` is the zone of times that have none.
    pub(crate) fn to_xml(self, floating: &Zone) -> String {
        let first = DAYS.get(usize::from(self.first_day)).copied().unwrap_or("su");
        let end = match self.end {
            End::Never => "<repeatForever>FALSE</repeatForever>".to_owned(),
            End::Count(count) => format!("<repeatInstances>{count}</repeatInstances>"),
            End::Window(window) => {
                format!("<windowEnd>{}</windowEnd>", moment::written(window.instant(floating)))
            }
        };
        format!(
            "<recurrence><rule><firstDayOfWeek>{first}</firstDayOfWeek><repeat>{}</repeat>{end}</rule></recurrence>",
            self.pattern.to_xml()
        )
    }
}

impl Pattern {
    fn to_xml(self) -> String {
        match self {
            Self::Daily { every } => format!("<daily dayFrequency=\"{every}\" />"),
            Self::WorkDays => "<daily weekday=\"TRUE\" />".to_owned(),
            Self::Weekly { every, on } => format!("<weekly {} weekFrequency=\"{every}\" />", single(on)),
            Self::Monthly { every, day } => {
                format!("<monthly monthFrequency=\"{every}\" day=\"{day}\" />")
            }
            Self::MonthlyByDay { every, nth, on } => {
                let which = nth_name(nth);
                format!("<monthlyByDay {} weekdayOfMonth=\"{which}\" monthFrequency=\"{every}\" />", set(on))
            }
            Self::Yearly { every, month, day } => {
                format!("<yearly yearFrequency=\"{every}\" month=\"{month}\" day=\"{day}\" />")
            }
            Self::YearlyByDay { every, month, nth, on } => format!(
                "<yearlyByDay yearFrequency=\"{every}\" {} weekdayOfMonth=\"{}\" month=\"{month}\" />",
                set(on),
                nth_name(nth)
            ),
        }
    }
}

fn nth_name(nth: i8) -> &'static str {
    NTH.iter().find(|(_, own)| *own == nth).map_or("first", |(name, _)| name)
}

/// `mo="TRUE" we="TRUE"`.
fn single(on: u8) -> String {
    let names = DAYS.iter().enumerate().filter(|(day, _)| on >> day & 1 == 1);
    names.map(|(_, name)| format!("{name}=\"TRUE\"")).collect::<Vec<_>>().join(" ")
}

/// The same, with the names of sets.
fn set(on: u8) -> String {
    match SETS.iter().find(|(_, set)| *set == on) {
        Some((name, _)) => format!("{name}=\"TRUE\""),
        None => single(on),
    }
}

fn day_number(name: &str) -> Option<u8> {
    DAYS.iter().position(|own| own.eq_ignore_ascii_case(name)).map(|day| day as u8)
}

fn end(rule: &Element) -> Result<End, Refusal> {
    if let Some(window) = rule.child("windowEnd") {
        return Moment::read(window.content()).map(End::Window).ok_or("<windowEnd> is no date");
    }
    let count = match rule.child("repeatInstances") {
        Some(count) => count.content().parse().map_err(|_| "<repeatInstances> is no count")?,
        None => 0,
    };
    match (count, rule.child("repeatForever")) {
        (1.., _) => Ok(End::Count(count)),
        // Its FALSE means nothing: that it is there means for ever (MS-OUTSPS 2.2.4.2).
        (0, Some(_)) => Ok(End::Never),
        (0, None) => Err("<rule> does not say when it ends"),
    }
}

fn pattern(repeat: &Element) -> Result<Pattern, Refusal> {
    let [kind] = repeat.children.as_slice() else { return Err("<repeat> needs one pattern") };
    let every = |name| number(kind, name, 1, MOST);
    let (month, day) = (|| number(kind, "month", 1, 12), || number(kind, "day", 1, 31));
    Ok(match kind.name.as_str() {
        "daily" if truth(kind, "weekday")? => Pattern::WorkDays,
        "daily" => Pattern::Daily { every: every("dayFrequency")? },
        "weekly" => match on(kind)? {
            0 => return Err("<weekly> names no day"),
            on => Pattern::Weekly { every: every("weekFrequency")?, on },
        },
        "monthly" => Pattern::Monthly { every: every("monthFrequency")?, day: day()? as u8 },
        "monthlyByDay" => {
            let (nth, on) = nth(kind)?;
            Pattern::MonthlyByDay { every: every("monthFrequency")?, nth, on }
        }
        "yearly" => {
            Pattern::Yearly { every: every("yearFrequency")?, month: month()? as u8, day: day()? as u8 }
        }
        "yearlyByDay" => {
            let (nth, on) = nth(kind)?;
            Pattern::YearlyByDay { every: every("yearFrequency")?, month: month()? as u8, nth, on }
        }
        _ => return Err("<repeat> has a pattern that nobody knows"),
    })
}

/// A whole number; 1 if it is not there.
fn number(kind: &Element, name: &str, least: u32, most: u32) -> Result<u32, Refusal> {
    match kind.attribute(name) {
        None => Ok(1),
        Some(text) => {
            let number = text.parse().ok().filter(|number| (least..=most).contains(number));
            number.ok_or("a number of the pattern is out of range")
        }
    }
}

/// A TrueFalseDOW (MS-OUTSPS 2.2.5.12). What is not there is false; a spelt-out FALSE is, too: to take it for true, as
/// 2.2.4.5 suggests, would put a meeting on a day that nobody named.
fn truth(kind: &Element, name: &str) -> Result<bool, Refusal> {
    match kind.attribute(name) {
        None => Ok(false),
        Some(text) if text.eq_ignore_ascii_case("true") => Ok(true),
        Some(text) if text.eq_ignore_ascii_case("false") => Ok(false),
        Some(_) => Err("a day of the pattern is neither TRUE nor FALSE"),
    }
}

/// The days that the pattern names one by one.
fn on(kind: &Element) -> Result<u8, Refusal> {
    let mut on = 0;
    for (day, name) in DAYS.iter().enumerate() {
        on |= u8::from(truth(kind, name)?) << day;
    }
    Ok(on)
}

/// Which of which days.
fn nth(kind: &Element) -> Result<(i8, u8), Refusal> {
    let mut days = on(kind)?;
    for (name, set) in SETS {
        if truth(kind, name)? {
            days |= set;
        }
    }
    let which = kind.attribute("weekdayOfMonth").unwrap_or("first");
    let nth = NTH.iter().find(|(name, _)| name.eq_ignore_ascii_case(which));
    let (_, nth) = nth.ok_or("weekdayOfMonth is neither first to fourth nor last")?;
    if days == 0 { Err("the pattern names no day") } else { Ok((*nth, days)) }
}
