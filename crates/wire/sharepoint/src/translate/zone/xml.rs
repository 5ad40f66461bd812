//! XMLTZone: the XML of a rule (MS-OUTSPS 2.2.4.6 to 2.2.4.8).

use super::rule::{Change, On, Rule};
use crate::translate::fragment::{self, Element};

const DAYS: [&str; 7] = ["mo", "tu", "we", "th", "fr", "sa", "su"];
const NTH: [(&str, i8); 5] = [("first", 1), ("second", 2), ("third", 3), ("fourth", 4), ("last", -1)];

/// Minutes that a zone may be from UTC, and summer from winter.
const FARTHEST: i32 = 24 * 60;

impl Rule {
    /// Reads the field.
    ///
    /// # Errors
    /// What is wrong, in words.
    pub(crate) fn read(text: &str) -> Result<Self, &'static str> {
        let root = fragment::read(text)?;
        let rule = root.child("timeZoneRule").ok_or("there is no <timeZoneRule>")?;
        let bias = minutes(rule.child("standardBias").ok_or("<timeZoneRule> has no <standardBias>")?)?;
        let extra = rule.child("additionalDaylightBias").map(minutes).transpose()?.unwrap_or(0);
        let standard = rule.child("standardDate").map(change).transpose()?;
        let daylight = rule.child("daylightDate").map(change).transpose()?;
        let changes = match (standard, daylight) {
            (Some(standard), Some(daylight)) => Some((standard, daylight)),
            (None, None) => None,
            _ => return Err("<timeZoneRule> has one of <standardDate> and <daylightDate>, not both"),
        };
        Ok(Self { bias, extra, changes })
    }

    /// The field.
    pub(crate) fn to_xml(self) -> String {
        let dates = self.changes.map_or_else(String::new, |(standard, daylight)| {
            format!(
                "<standardDate>{}</standardDate><daylightDate>{}</daylightDate>",
                standard.to_xml(),
                daylight.to_xml()
            )
        });
        format!(
            "<timeZoneRule><standardBias>{}</standardBias><additionalDaylightBias>{}</additionalDaylightBias>{dates}</timeZoneRule>",
            self.bias, self.extra
        )
    }
}

impl Change {
    fn to_xml(self) -> String {
        let on = match self.on {
            On::Day(day) => format!("month=\"{}\" dayOfMonth=\"{day}\"", self.month),
            On::Nth(nth, on) => {
                let which = NTH.iter().find(|(_, own)| *own == nth).map_or("first", |(name, _)| name);
                let day = DAYS.get(usize::from(on)).copied().unwrap_or("su");
                format!("month=\"{}\" day=\"{day}\" weekdayOfMonth=\"{which}\"", self.month)
            }
        };
        // MS-OUTSPS 2.2.4.8: no extra leading zeroes.
        let (hour, minute, second) = (self.clock / 3_600, self.clock / 60 % 60, self.clock % 60);
        format!("<transitionRule {on} /><transitionTime>{hour}:{minute}:{second}</transitionTime>")
    }
}

fn minutes(element: &Element) -> Result<i32, &'static str> {
    let minutes = element.content().parse().ok();
    minutes.filter(|minutes: &i32| minutes.abs() <= FARTHEST).ok_or("a bias is no number of minutes")
}

fn change(element: &Element) -> Result<Change, &'static str> {
    let rule = element.child("transitionRule").ok_or("a transition has no <transitionRule>")?;
    let number = |name: &str, most: u8| {
        let number = rule.attribute(name).and_then(|text| text.parse().ok());
        number.filter(|number| (1..=most).contains(number))
    };
    let month = number("month", 12).ok_or("a transition has no month")?;
    let on = match rule.attribute("dayOfMonth") {
        Some(_) => On::Day(number("dayOfMonth", 31).ok_or("a transition is on no day of the month")?),
        None => {
            let which = rule.attribute("weekdayOfMonth").unwrap_or("first");
            let nth = NTH.iter().find(|(name, _)| name.eq_ignore_ascii_case(which));
            let day = rule.attribute("day").unwrap_or("su");
            let day = DAYS.iter().position(|name| name.eq_ignore_ascii_case(day));
            let on = nth.zip(day).map(|((_, nth), day)| On::Nth(*nth, day as u8));
            on.ok_or("a transition is on no day of the week")?
        }
    };
    let time = element.child("transitionTime").ok_or("a transition has no <transitionTime>")?;
    Ok(Change { month, on, clock: clock(time.content()).ok_or("a transition has no time of day")? })
}

/// `2:0:0`, also `02:00`.
fn clock(text: &str) -> Option<i64> {
    let mut parts = text.split(':').map(|part| part.trim().parse::<i64>().ok());
    let hour = parts.next()??;
    let minute = parts.next().unwrap_or(Some(0))?;
    let second = parts.next().unwrap_or(Some(0))?;
    let whole = parts.next().is_none();
    (whole && (0..24).contains(&hour) && (0..60).contains(&minute) && (0..60).contains(&second))
        .then_some(hour * 3_600 + minute * 60 + second)
}
