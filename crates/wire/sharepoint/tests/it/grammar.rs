//! What RecurrenceData, XMLTZone and the other fields of a row may be (MS-OUTSPS 2.2.4, 2.2.5 and 3.2.4.2.2): a strict reader,
//! so that no answer is only nearly right.

use kontor_wire_sharepoint::guid::Guid;
use kontor_wire_sharepoint::row::Row;

/// A cursor over XML that is written without any freedom: no blanks between elements, attributes in double quotes.
struct Strict<'t>(&'t str);

impl<'t> Strict<'t> {
    fn takes(&mut self, word: &str) -> Result<(), String> {
        self.0 = self.0.strip_prefix(word).ok_or_else(|| format!("no {word:?} at {:?}", self.0))?;
        Ok(())
    }

    fn sees(&self, word: &str) -> bool {
        self.0.starts_with(word)
    }

    fn upto(&mut self, end: &str) -> Result<&'t str, String> {
        let (before, after) = self.0.split_once(end).ok_or_else(|| format!("no {end:?} in {:?}", self.0))?;
        self.0 = after;
        Ok(before)
    }

    /// An empty element with attributes, each at most once.
    fn empty(&mut self, name: &str) -> Result<Vec<(&'t str, &'t str)>, String> {
        self.takes(&format!("<{name}"))?;
        let mut found: Vec<(&str, &str)> = Vec::new();
        while !self.sees(" />") {
            self.takes(" ")?;
            let name = self.upto("=\"")?;
            if found.iter().any(|(other, _)| *other == name) {
                return Err(format!("{name} twice"));
            }
            found.push((name, self.upto("\"")?));
        }
        self.takes(" />")?;
        Ok(found)
    }
}

const DAYS: [&str; 7] = ["su", "mo", "tu", "we", "th", "fr", "sa"];
const SETS: [&str; 3] = ["day", "weekday", "weekend_day"];
const NTH: [&str; 5] = ["first", "second", "third", "fourth", "last"];

fn number(text: &str, least: i64, most: i64) -> Result<(), String> {
    let plain = text
        .parse::<i64>()
        .is_ok_and(|number| (least..=most).contains(&number) && number.to_string() == text);
    if plain { Ok(()) } else { Err(format!("{text:?} is no number from {least} to {most}")) }
}

fn one_of(text: &str, words: &[&str]) -> Result<(), String> {
    if words.contains(&text) { Ok(()) } else { Err(format!("{text:?} is none of {words:?}")) }
}

fn date(text: &str) -> Result<(), String> {
    let shape: String = text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    let digits: String = text.chars().filter(|c| !matches!(c, '-' | ':')).collect();
    let real = kontor_ical::value::when(&digits).is_some();
    if shape == "0000-00-00T00:00:00Z" && real { Ok(()) } else { Err(format!("{text:?} is no date")) }
}

/// RecurrenceData (2.2.4.2 to 2.2.4.5).
pub(crate) fn recurrence_data(text: &str) -> Result<(), String> {
    let mut xml = Strict(text);
    xml.takes("<recurrence><rule><firstDayOfWeek>")?;
    one_of(xml.upto("</firstDayOfWeek>")?, &DAYS)?;
    xml.takes("<repeat>")?;
    pattern(&mut xml)?;
    xml.takes("</repeat>")?;
    if xml.sees("<windowEnd>") {
        xml.takes("<windowEnd>")?;
        date(xml.upto("</windowEnd>")?)?;
    } else if xml.sees("<repeatInstances>") {
        xml.takes("<repeatInstances>")?;
        number(xml.upto("</repeatInstances>")?, 1, i64::from(u32::MAX))?;
    } else {
        xml.takes("<repeatForever>FALSE</repeatForever>")?;
    }
    xml.takes("</rule></recurrence>")?;
    if xml.0.is_empty() { Ok(()) } else { Err(format!("{:?} is left", xml.0)) }
}

/// A pattern: its name, the attribute of its frequency, whether it has days and sets of them, and its numbers.
type Kind = (&'static str, &'static str, bool, bool, &'static [(&'static str, i64)]);

fn pattern(xml: &mut Strict<'_>) -> Result<(), String> {
    let kinds: [Kind; 6] = [
        ("daily", "dayFrequency", false, false, &[]),
        ("weekly", "weekFrequency", true, false, &[]),
        ("monthlyByDay", "monthFrequency", true, true, &[]),
        ("monthly", "monthFrequency", false, false, &[("day", 31)]),
        ("yearlyByDay", "yearFrequency", true, true, &[("month", 12)]),
        ("yearly", "yearFrequency", false, false, &[("month", 12), ("day", 31)]),
    ];
    let kind = kinds.into_iter().find(|(name, ..)| xml.sees(&format!("<{name} ")));
    let (name, frequency, has_days, has_sets, numbers) =
        kind.ok_or_else(|| format!("no pattern at {:?}", xml.0))?;
    let attributes = xml.empty(name)?;
    let mut days = 0;
    for (own, value) in &attributes {
        if *own == frequency {
            number(value, 1, i64::from(u32::MAX))?;
        } else if let Some((_, most)) = numbers.iter().find(|(number, _)| number == own) {
            number(value, 1, *most)?;
        } else if has_days && DAYS.contains(own) || has_sets && SETS.contains(own) {
            one_of(value, &["TRUE"])?;
            days += 1;
        } else if has_sets && *own == "weekdayOfMonth" {
            one_of(value, &NTH)?;
        } else if name == "daily" && *own == "weekday" && attributes.len() == 1 {
            one_of(value, &["TRUE"])?;
        } else {
            return Err(format!("{name} has {own}"));
        }
    }
    if has_days && days == 0 { Err(format!("{name} names no day")) } else { Ok(()) }
}

/// XMLTZone (2.2.4.6 to 2.2.4.8).
pub(crate) fn time_zone(text: &str) -> Result<(), String> {
    let mut xml = Strict(text);
    xml.takes("<timeZoneRule><standardBias>")?;
    number(xml.upto("</standardBias>")?, -1_440, 1_440)?;
    xml.takes("<additionalDaylightBias>")?;
    number(xml.upto("</additionalDaylightBias>")?, -1_440, 1_440)?;
    if xml.sees("<standardDate>") {
        for name in ["standardDate", "daylightDate"] {
            xml.takes(&format!("<{name}>"))?;
            transition(&xml.empty("transitionRule")?)?;
            xml.takes("<transitionTime>")?;
            let parts: Vec<&str> = xml.upto("</transitionTime>")?.split(':').collect();
            let [hour, minute, second] = parts.as_slice() else {
                return Err(format!("{parts:?} is no time"));
            };
            number(hour, 0, 23)?;
            number(minute, 0, 59)?;
            number(second, 0, 59)?;
            xml.takes(&format!("</{name}>"))?;
        }
    }
    xml.takes("</timeZoneRule>")?;
    if xml.0.is_empty() { Ok(()) } else { Err(format!("{:?} is left", xml.0)) }
}

fn transition(attributes: &[(&str, &str)]) -> Result<(), String> {
    for (name, value) in attributes {
        match *name {
            "month" => number(value, 1, 12)?,
            "dayOfMonth" => number(value, 1, 31)?,
            "day" => one_of(value, &DAYS)?,
            "weekdayOfMonth" => one_of(value, &NTH)?,
            _ => return Err(format!("transitionRule has {name}")),
        }
    }
    let has = |name: &str| attributes.iter().any(|(own, _)| *own == name);
    let by_day = has("day") && has("weekdayOfMonth");
    if has("month") && has("dayOfMonth") != by_day {
        Ok(())
    } else {
        Err("transitionRule names no day".to_owned())
    }
}

/// What 3.2.4.2.2 demands of the row of an event.
pub(crate) fn event(row: &Row) -> Result<(), String> {
    let need = |name: &str| row.get(name).ok_or_else(|| format!("no {name}"));
    for (nth, field) in row.fields.iter().enumerate() {
        let same = |other: &&kontor_wire_sharepoint::row::Field| {
            (&other.name, &other.property) == (&field.name, &field.property)
        };
        if row.fields.iter().skip(nth + 1).any(|other| same(&other)) {
            return Err(format!("{field:?} twice"));
        }
    }
    let (start, end) = (need("EventDate")?, need("EndDate")?);
    date(start)?;
    date(end)?;
    if end < start {
        return Err(format!("ends at {end}, before {start}"));
    }
    number(need("Duration")?, 0, 1 << 40)?;
    one_of(need("fAllDayEvent")?, &["0", "1"])?;
    let kind = need("EventType")?;
    one_of(kind, &["0", "1", "3", "4"])?;
    if (kind == "0") == (need("fRecurrence")? == "1") {
        return Err(format!("EventType {kind} and fRecurrence {:?}", row.get("fRecurrence")));
    }
    let all_day = need("fAllDayEvent")? == "1";
    if all_day {
        let seconds: i64 = need("Duration")?.parse().unwrap();
        if !start.ends_with("T00:00:00Z") || !end.ends_with("T23:59:00Z") || (seconds + 60) % 86_400 != 0 {
            return Err(format!("whole days from {start} to {end}, {seconds} s"));
        }
        if kind != "0" && kind != "4" && seconds != 86_340 {
            return Err("a whole-day series is one of single days".to_owned());
        }
    }
    if kind == "1" {
        recurrence_data(need("RecurrenceData")?)?;
    }
    if kind != "0" {
        time_zone(need("XMLTZone")?)?;
        need("UID")?.parse::<Guid>().map_err(|()| "UID is no GUID".to_owned())?;
    }
    if matches!(kind, "3" | "4") {
        date(need("RecurrenceID")?)?;
    }
    if kind == "1" && all_day && need("XMLTZone")? != NO_OFFSET {
        return Err("whole days have an offset".to_owned());
    }
    if let Some(busy) = row.bag("BusyStatus") {
        number(busy, -1, 3)?;
    }
    row.bag("Priority").map_or(Ok(()), |priority| number(priority, -1, 1))
}

const NO_OFFSET: &str = "<timeZoneRule><standardBias>0</standardBias><additionalDaylightBias>0</additionalDaylightBias></timeZoneRule>";

#[test]
fn the_grammar_refuses_what_is_nearly_right() {
    let good = "<recurrence><rule><firstDayOfWeek>su</firstDayOfWeek><repeat><weekly mo=\"TRUE\" weekFrequency=\"1\" /></repeat><repeatForever>FALSE</repeatForever></rule></recurrence>";
    recurrence_data(good).unwrap();
    for (from, to) in [
        ("su<", "sun<"),
        ("TRUE\"", "true\""),
        ("mo=\"TRUE\" ", ""),
        ("weekFrequency=\"1\"", "weekFrequency=\"01\""),
        ("weekFrequency=\"1\"", "weekFrequency=\"0\""),
        ("weekly", "hourly"),
        ("<repeatForever>FALSE</repeatForever>", ""),
        (">FALSE<", ">TRUE<"),
        ("</rule>", "</rule> "),
        ("mo=\"TRUE\"", "mo=\"TRUE\" mo=\"TRUE\""),
    ] {
        assert!(recurrence_data(&good.replace(from, to)).is_err(), "{from} -> {to}");
    }
    time_zone(NO_OFFSET).unwrap();
    for (from, to) in
        [(">0<", "><"), (">0<", ">00<"), ("<additionalDaylightBias>0</additionalDaylightBias>", "")]
    {
        assert!(time_zone(&NO_OFFSET.replace(from, to)).is_err(), "{from} -> {to}");
    }
}
