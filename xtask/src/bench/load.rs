//! The office that is put into every server, and the arithmetic of what must come out.

use std::fmt::Write as _;

/// Days since 1970 of a civil date (proleptic Gregorian).
pub(super) fn day(year: i64, month: i64, date: i64) -> i64 {
    let (y, m) = if month <= 2 { (year - 1, month + 9) } else { (year, month - 3) };
    let era = y.div_euclid(400);
    let year_of_era = y - era * 400;
    let day_of_year = (153 * m + 2) / 5 + date - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// `YYYYMMDD` of a day.
fn civil(day: i64) -> String {
    let z = day + 719_468;
    let era = z.div_euclid(146_097);
    let doe = z - era * 146_097;
    let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let date = doy - (153 * mp + 2) / 5 + 1;
    let month = if mp < 10 { mp + 3 } else { mp - 9 };
    let year = yoe + era * 400 + i64::from(month <= 2);
    format!("{year:04}{month:02}{date:02}")
}

/// How an event repeats.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Repeat {
    Once,
    /// Every week without end.
    Weekly,
    /// So many days in a row.
    Daily(i64),
}

/// One event, by arithmetic.
pub(super) struct Event {
    number: usize,
    day: i64,
    minute: i64,
    minutes: i64,
    repeat: Repeat,
    berlin: bool,
}

/// First and first-after day of the calendar's three years, and of what is asked.
const FIRST: (i64, i64, i64) = (2025, 1, 1);
const DAYS: i64 = 1095;

impl Event {
    /// One in twenty repeats, half of those without end; one in two is in Berlin time.
    pub(super) fn new(number: usize) -> Self {
        let n = number as i64;
        let repeat = match number % 40 {
            0 => Repeat::Weekly,
            20 => Repeat::Daily(10),
            _ => Repeat::Once,
        };
        Self {
            number,
            day: day(FIRST.0, FIRST.1, FIRST.2) + (n * 7919) % DAYS,
            minute: 8 * 60 + (n * 37) % 600,
            minutes: 30 + (n % 4) * 15,
            repeat,
            berlin: number.is_multiple_of(2),
        }
    }

    /// Name within its collection.
    pub(super) fn name(&self) -> String {
        format!("event-{}.ics", self.number)
    }

    /// Seconds of the occurrence that starts on `day`.
    fn on(&self, day: i64) -> (i64, i64) {
        let offset = if self.berlin { berlin_offset(day) } else { 0 };
        let start = day * 86_400 + self.minute * 60 - offset;
        (start, start + self.minutes * 60)
    }

    /// Occurrences that touch the days `from..to` (none crosses midnight UTC).
    fn between(&self, from: i64, to: i64) -> Vec<(i64, i64)> {
        let days: Vec<i64> = match self.repeat {
            Repeat::Once => vec![self.day],
            Repeat::Daily(count) => (0..count).map(|n| self.day + n).collect(),
            Repeat::Weekly => {
                let skipped = (from - self.day).max(0).div_euclid(7);
                (skipped..).map(|n| self.day + 7 * n).take_while(|day| *day < to).collect()
            }
        };
        days.into_iter().filter(|day| (from..to).contains(day)).map(|day| self.on(day)).collect()
    }

    /// The object as a client would send it.
    pub(super) fn text(&self) -> String {
        let (zone, mark) = if self.berlin { (";TZID=Europe/Berlin", "") } else { ("", "Z") };
        let time =
            |day: i64, minute: i64| format!("{}T{:02}{:02}00{mark}", civil(day), minute / 60, minute % 60);
        let rule = match self.repeat {
            Repeat::Once => String::new(),
            Repeat::Weekly => "RRULE:FREQ=WEEKLY\r\n".to_owned(),
            Repeat::Daily(count) => format!("RRULE:FREQ=DAILY;COUNT={count}\r\n"),
        };
        let vtimezone = if self.berlin { BERLIN } else { "" };
        let n = self.number;
        format!(
            "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Kontor//Bench//EN\r\n{vtimezone}BEGIN:VEVENT\r\nUID:event-{n}@bench.example\r\nDTSTAMP:20250101T000000Z\r\nDTSTART{zone}:{}\r\nDTEND{zone}:{}\r\n{rule}SUMMARY:Meeting {n} about the {} plan\r\nLOCATION:Room {}\r\nDESCRIPTION:Agenda of meeting {n}: what was done\\, what is next\\, who does\r\n  it until when. Bring the figures of last week and the questions of the cu\r\n stomers.\r\nCATEGORIES:WORK,TEAM-{}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
            time(self.day, self.minute),
            time(self.day, self.minute + self.minutes),
            ["budget", "summer", "hiring", "release"].get(n % 4).copied().unwrap_or_default(),
            n % 30,
            n % 12,
        )
    }
}

/// The zone as clients send it.
pub(super) const BERLIN: &str = "BEGIN:VTIMEZONE\r\nTZID:Europe/Berlin\r\nBEGIN:DAYLIGHT\r\nTZOFFSETFROM:+0100\r\nTZOFFSETTO:+0200\r\nTZNAME:CEST\r\nDTSTART:19700329T020000\r\nRRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU\r\nEND:DAYLIGHT\r\nBEGIN:STANDARD\r\nTZOFFSETFROM:+0200\r\nTZOFFSETTO:+0100\r\nTZNAME:CET\r\nDTSTART:19701025T030000\r\nRRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n";

/// Berlin's offset by day: all events lie well away from the hour of change.
fn berlin_offset(on: i64) -> i64 {
    let year: i64 = civil(on).get(..4).and_then(|y| y.parse().ok()).unwrap_or(1970);
    let last_sunday = |month| {
        let last = day(year, month, 31);
        last - (last + 4).rem_euclid(7)
    };
    if (last_sunday(3)..last_sunday(10)).contains(&on) { 7200 } else { 3600 }
}

/// The month and the year that are asked for.
pub(super) struct Window {
    /// As in a time-range.
    pub(super) start: &'static str,
    /// As in a time-range.
    pub(super) end: &'static str,
    days: (i64, i64),
}

/// May 2026.
pub(super) fn month() -> Window {
    Window { start: "20260501T000000Z", end: "20260601T000000Z", days: (day(2026, 5, 1), day(2026, 6, 1)) }
}

/// 2026.
pub(super) fn year() -> Window {
    Window { start: "20260101T000000Z", end: "20270101T000000Z", days: (day(2026, 1, 1), day(2027, 1, 1)) }
}

const FIRST_NAMES: [&str; 12] = [
    "Anna", "Boris", "Clara", "Dmitri", "Elena", "Frank", "Greta", "Hugo", "Irina", "Jonas", "Karin", "Lars",
];
const LAST_NAMES: [&str; 11] = [
    "Berg",
    "Lindqvist",
    "Novak",
    "Petrov",
    "Sommer",
    "Ivanova",
    "Keller",
    "Madsen",
    "Olsen",
    "Rossi",
    "Virtanen",
];

/// The name on a card.
pub(super) fn full_name(number: usize) -> String {
    let pick = |list: &[&'static str], n: usize| list.get(n % list.len()).copied().unwrap_or_default();
    format!("{} {} {number}", pick(&FIRST_NAMES, number), pick(&LAST_NAMES, number / 7))
}

/// A card as a client would send it.
pub(super) fn card(number: usize) -> String {
    let name = full_name(number);
    let mut parts = name.split(' ');
    let (first, last) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let mut out = String::new();
    let _ = write!(
        out,
        "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:card-{number}@bench.example\r\nFN:{name}\r\nN:{last};{first};;;\r\nORG:Company {};Sales\r\nTITLE:Manager\r\nEMAIL;TYPE=WORK:{}.{}{number}@office.example\r\nTEL;TYPE=CELL:+49 170 {:07}\r\nADR;TYPE=WORK:;;Street {};Town;;{:05};Country\r\nNOTE:Met at the fair in hall {}\\, likes short mails and long walks\\, ask\r\n  about the project of last spring.\r\nEND:VCARD\r\n",
        number % 50,
        first.to_lowercase(),
        last.to_lowercase(),
        number,
        number % 99,
        number % 99_999,
        number % 9,
    );
    out
}

/// What is put in, and what must come out.
pub(super) struct Office {
    /// Events of the calendar.
    pub(super) events: Vec<Event>,
    /// How many cards the address book has.
    pub(super) cards: usize,
}

impl Office {
    /// So many events and cards.
    pub(super) fn new(items: usize) -> Self {
        Self { events: (0..items).map(Event::new).collect(), cards: items }
    }

    /// Items with an occurrence in the window.
    pub(super) fn items_in(&self, window: &Window) -> usize {
        let (from, to) = window.days;
        self.events.iter().filter(|event| !event.between(from, to).is_empty()).count()
    }

    /// Occurrences in the window.
    pub(super) fn occurrences_in(&self, window: &Window) -> usize {
        let (from, to) = window.days;
        self.events.iter().map(|event| event.between(from, to).len()).sum()
    }

    /// Seconds of the window in which something is on.
    pub(super) fn busy_seconds_in(&self, window: &Window) -> i64 {
        let (from, to) = window.days;
        union_seconds(self.events.iter().flat_map(|event| event.between(from, to)).collect())
    }

    /// Cards whose name holds `needle`, whatever the case.
    pub(super) fn cards_named(&self, needle: &str) -> usize {
        let needle = needle.to_lowercase();
        (0..self.cards).filter(|n| full_name(*n).to_lowercase().contains(&needle)).count()
    }
}

/// Length of the union of stretches.
pub(super) fn union_seconds(mut stretches: Vec<(i64, i64)>) -> i64 {
    stretches.sort_unstable();
    let mut total = 0;
    let mut reached = i64::MIN;
    for (start, end) in stretches {
        let start = start.max(reached);
        if end > start {
            total += end - start;
            reached = end;
        }
    }
    total
}

/// Seconds since 1970 of `YYYYMMDDTHHMMSSZ`.
pub(super) fn instant(text: &str) -> Option<i64> {
    let part = |from: usize, to: usize| text.get(from..to).and_then(|digits| digits.parse::<i64>().ok());
    let date = day(part(0, 4)?, part(4, 6)?, part(6, 8)?);
    Some(date * 86_400 + part(9, 11)? * 3600 + part(11, 13)? * 60 + part(13, 15)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn civil_arithmetic_holds() {
        assert_eq!(day(1970, 1, 1), 0);
        assert_eq!(civil(day(2026, 5, 31)), "20260531");
        assert_eq!(civil(day(2024, 2, 29) + 1), "20240301");
        assert_eq!(berlin_offset(day(2026, 3, 28)), 3600);
        assert_eq!(berlin_offset(day(2026, 3, 29)), 7200);
        assert_eq!(berlin_offset(day(2026, 10, 25)), 3600);
        assert_eq!(instant("20260501T013000Z"), Some(day(2026, 5, 1) * 86_400 + 5400));
    }

    #[test]
    fn unions_do_not_count_twice() {
        assert_eq!(union_seconds(vec![(10, 20), (15, 30), (40, 50), (41, 45)]), 30);
    }
}
