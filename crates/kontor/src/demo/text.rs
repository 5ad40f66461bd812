//! Writing iCalendar and vCard lines.

use super::Item;
use jiff::ToSpan;
use jiff::civil::Date;

/// Lines of one object, ended by CRLF each.
pub(crate) struct Lines(String);

impl Lines {
    pub(crate) fn new() -> Self {
        Self(String::new())
    }

    /// Adds a line, folded at 75 bytes (RFC 5545 3.1).
    pub(crate) fn add(mut self, line: &str) -> Self {
        let mut width = 0;
        for letter in line.chars() {
            if width + letter.len_utf8() > 75 {
                self.0.push_str("\r\n ");
                width = 1;
            }
            self.0.push(letter);
            width += letter.len_utf8();
        }
        self.0.push_str("\r\n");
        self
    }

    pub(crate) fn all(self, lines: &[&str]) -> Self {
        lines.iter().fold(self, |text, line| text.add(line))
    }

    pub(crate) fn item(self, name: String) -> Item {
        Item { name, text: self.0 }
    }
}

/// `20260105`, so many days after `day`.
pub(crate) fn date(day: Date, after: i32) -> String {
    let day = day.saturating_add(after.days());
    format!("{:04}{:02}{:02}", day.year(), day.month(), day.day())
}

/// The office's own time zone.
pub(crate) const ZONE: &[&str] = &[
    "BEGIN:VTIMEZONE",
    "TZID:Europe/Berlin",
    "BEGIN:DAYLIGHT",
    "TZOFFSETFROM:+0100",
    "TZOFFSETTO:+0200",
    "TZNAME:CEST",
    "DTSTART:19700329T020000",
    "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU",
    "END:DAYLIGHT",
    "BEGIN:STANDARD",
    "TZOFFSETFROM:+0200",
    "TZOFFSETTO:+0100",
    "TZNAME:CET",
    "DTSTART:19701025T030000",
    "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU",
    "END:STANDARD",
    "END:VTIMEZONE",
];
