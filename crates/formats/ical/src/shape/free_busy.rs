//! Busy time as text (RFC 4791 7.10, RFC 5545 3.6.4).

use std::fmt::Write as _;

use kontor_contentline::{Ending, Property, Writer};

use super::PRODID;
use crate::timeline::{Busy, Period, Range};
use crate::value::When;

/// Periods on one line; more become further lines.
const ON_ONE_LINE: usize = 50;

/// An answer to the question when somebody is busy.
#[derive(Clone, Copy, Debug)]
pub struct FreeBusy<'a> {
    /// The time that was asked about.
    pub range: Range,
    /// Busy periods inside it, in the order in which they are to be told.
    pub periods: &'a [Period],
    /// When the answer is given: seconds since 1970 in UTC.
    pub stamp: i64,
    /// METHOD of the calendar, for an answer to a scheduling request.
    pub method: Option<&'a str>,
    /// Properties of the component besides, such as UID, ORGANIZER and ATTENDEE.
    pub properties: &'a [Property],
}

impl FreeBusy<'_> {
    /// A VCALENDAR with one VFREEBUSY.
    #[must_use]
    pub fn to_text(&self) -> Vec<u8> {
        let mut writer = Writer::new(Ending::CrLf);
        writer.begin("VCALENDAR");
        writer.property(&Property::raw("VERSION", "2.0")).property(&Property::raw("PRODID", PRODID));
        if let Some(method) = self.method {
            writer.property(&Property::raw("METHOD", method));
        }
        writer.begin("VFREEBUSY");
        let utc = |name: &str, instant: i64| Property::raw(name, When::Utc(instant).to_string());
        writer.property(&utc("DTSTAMP", self.stamp));
        writer.property(&utc("DTSTART", self.range.start)).property(&utc("DTEND", self.range.end));
        for property in self.properties {
            writer.property(property);
        }
        for busy in [Busy::Unavailable, Busy::Busy, Busy::Tentative] {
            let periods: Vec<_> = self.periods.iter().filter(|period| period.busy == busy).collect();
            for some in periods.chunks(ON_ONE_LINE) {
                let mut value = String::with_capacity(some.len() * 34);
                for one in some {
                    let comma = if value.is_empty() { "" } else { "," };
                    // Writing to a string does not fail.
                    let _ =
                        write!(value, "{comma}{}/{}", When::Utc(one.range.start), When::Utc(one.range.end));
                }
                writer.property(&Property::raw("FREEBUSY", value).param("FBTYPE", busy.fbtype()));
            }
        }
        writer.end("VFREEBUSY").end("VCALENDAR");
        writer.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_are_grouped_by_kind() {
        let period = |start, end, busy| Period { range: Range { start, end }, busy };
        let text = FreeBusy {
            range: Range { start: 0, end: 86_400 },
            periods: &[
                period(3_600, 7_200, Busy::Busy),
                period(7_200, 9_000, Busy::Tentative),
                period(10_800, 14_400, Busy::Busy),
            ],
            stamp: 60,
            method: None,
            properties: &[],
        }
        .to_text();
        assert_eq!(
            String::from_utf8(text).unwrap(),
            "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Kontor//Kontor//EN\r\nBEGIN:VFREEBUSY\r\n\
             DTSTAMP:19700101T000100Z\r\nDTSTART:19700101T000000Z\r\nDTEND:19700102T000000Z\r\n\
             FREEBUSY;FBTYPE=BUSY:19700101T010000Z/19700101T020000Z,19700101T030000Z/197\r\n 00101T040000Z\r\n\
             FREEBUSY;FBTYPE=BUSY-TENTATIVE:19700101T020000Z/19700101T023000Z\r\n\
             END:VFREEBUSY\r\nEND:VCALENDAR\r\n"
        );
    }
}
