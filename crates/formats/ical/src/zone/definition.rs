//! A zone of the IANA database as a VTIMEZONE (RFC 5545 3.6.5), for those who know zones only by their rules.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use kontor_contentline::{Ending, Property, Writer};

use super::Zone;
use crate::civil::{DAY, Date, month_len, weekday};
use crate::shape::PRODID;

/// Rules that still hold in this year are told as holding for ever.
const LAST_YEAR: i32 = 2099;

/// A rule is believed after so many years.
const YEARS: usize = 10;

const WEEKDAYS: [&str; 7] = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];

/// Onsets of one offset, coming from one other.
struct Onsets {
    from: i32,
    to: i32,
    daylight: bool,
    name: String,
    /// Local seconds, told by the offset before; rising.
    locals: Vec<i64>,
}

impl Zone {
    /// An iCalendar object with one VTIMEZONE that says from 1970 on what this zone is; `None` if it is not in the IANA
    /// database. About 1 KiB, and fast enough to be made on request.
    #[must_use]
    pub fn calendar(&self) -> Option<String> {
        let name = self.iana_name()?;
        let zone = jiff::tz::db().get(name).ok()?;
        let mut out = Writer::new(Ending::CrLf);
        out.begin("VCALENDAR");
        out.property(&Property::raw("VERSION", "2.0")).property(&Property::raw("PRODID", PRODID));
        out.begin("VTIMEZONE").property(&Property::text("TZID", name));
        for onsets in onsets(&zone) {
            let ruled = onsets.ruled();
            let (single, repeated) =
                onsets.locals.split_at(onsets.locals.len() - ruled.as_ref().map_or(0, |(n, _)| *n));
            if let [first, rest @ ..] = single {
                let dates: Vec<String> = rest.iter().copied().map(written).collect();
                let dates = (!dates.is_empty()).then(|| Property::raw("RDATE", dates.join(",")));
                onsets.write(*first, dates, &mut out);
            }
            if let ([first, ..], Some((_, rule))) = (repeated, ruled) {
                onsets.write(*first, Some(Property::raw("RRULE", rule)), &mut out);
            }
        }
        out.end("VTIMEZONE").end("VCALENDAR");
        String::from_utf8(out.finish()).ok()
    }
}

/// What happens from 1970 on, by offset.
fn onsets(zone: &TimeZone) -> Vec<Onsets> {
    let mut all: Vec<Onsets> = Vec::new();
    let start = zone.to_offset_info(Timestamp::UNIX_EPOCH);
    let mut before = start.offset().seconds();
    all.push(Onsets {
        from: before,
        to: before,
        daylight: start.dst().is_dst(),
        name: start.abbreviation().to_owned(),
        locals: vec![i64::from(before).div_euclid(DAY) * DAY],
    });
    let end = Date { year: LAST_YEAR + 1, month: 1, day: 1 }.days() * DAY;
    for change in zone.following(Timestamp::UNIX_EPOCH) {
        let local = change.timestamp().as_second() + i64::from(before);
        if local >= end {
            break;
        }
        let (from, to) = (before, change.offset().seconds());
        let (daylight, name) = (change.dst().is_dst(), change.abbreviation());
        let known =
            |one: &&mut Onsets| (one.from, one.to, one.daylight) == (from, to, daylight) && one.name == name;
        match all.iter_mut().skip(1).find(known) {
            Some(one) => one.locals.push(local),
            None => all.push(Onsets { from, to, daylight, name: name.to_owned(), locals: vec![local] }),
        }
        before = to;
    }
    all
}

impl Onsets {
    /// How many of the last onsets follow a rule that still holds in the last year, and the rule.
    fn ruled(&self) -> Option<(usize, String)> {
        let last = Date::of(self.locals.last()?.div_euclid(DAY));
        if last.year != LAST_YEAR {
            return None;
        }
        let starts = 0..self.locals.len().saturating_sub(YEARS);
        starts.filter_map(|at| self.locals.get(at..)).find_map(|some| Some((some.len(), rule(some)?)))
    }

    fn write(&self, start: i64, more: Option<Property>, out: &mut Writer) {
        let kind = if self.daylight { "DAYLIGHT" } else { "STANDARD" };
        out.begin(kind).property(&Property::raw("DTSTART", written(start)));
        if let Some(more) = more {
            out.property(&more);
        }
        out.property(&Property::raw("TZOFFSETFROM", offset(self.from)));
        out.property(&Property::raw("TZOFFSETTO", offset(self.to)));
        out.property(&Property::text("TZNAME", &self.name)).end(kind);
    }
}

/// The rule that these follow, one in each year; `None` if there is none.
fn rule(locals: &[i64]) -> Option<String> {
    let dates: Vec<Date> = locals.iter().map(|local| Date::of(local.div_euclid(DAY))).collect();
    let first = dates.first()?;
    let (clock, on) = (locals.first()?.rem_euclid(DAY), weekday(first.days()));
    let like = |(local, date): (&i64, &Date)| {
        local.rem_euclid(DAY) == clock && date.month == first.month && weekday(date.days()) == on
    };
    let yearly = dates.windows(2).all(|pair| matches!(pair, [one, next] if next.year == one.year + 1));
    if !yearly || !locals.iter().zip(&dates).all(like) {
        return None;
    }
    let day = WEEKDAYS.get(usize::from(on))?;
    let nth = |date: &Date| (date.day - 1) / 7 + 1;
    let by_day = if dates.iter().all(|date| date.day + 7 > month_len(date.year, date.month)) {
        format!("BYDAY=-1{day}")
    } else if dates.iter().all(|date| nth(date) == nth(first)) {
        format!("BYDAY={}{day}", nth(first))
    } else {
        let days = || dates.iter().map(|date| date.day);
        let (low, high) = (days().min()?, days().max()?);
        let among: Vec<String> = (low..=high).map(|day| day.to_string()).collect();
        (high - low == 6).then(|| format!("BYDAY={day};BYMONTHDAY={}", among.join(",")))?
    };
    Some(format!("FREQ=YEARLY;BYMONTH={};{by_day}", first.month))
}

/// `20260329T020000`.
fn written(local: i64) -> String {
    let (date, second) = (Date::of(local.div_euclid(DAY)), local.rem_euclid(DAY));
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    format!("{:04}{:02}{:02}T{hour:02}{minute:02}{second:02}", date.year, date.month, date.day)
}

/// `+0100`, or `-004430`.
fn offset(seconds: i32) -> String {
    let sign = if seconds < 0 { '-' } else { '+' };
    let size = seconds.unsigned_abs();
    let (hour, minute, second) = (size / 3_600, size / 60 % 60, size % 60);
    if second == 0 {
        format!("{sign}{hour:02}{minute:02}")
    } else {
        format!("{sign}{hour:02}{minute:02}{second:02}")
    }
}

#[cfg(test)]
mod tests {
    use super::super::Zones;
    use super::*;
    use kontor_contentline::Tree;

    #[test]
    fn berlin_is_told_as_it_is_known() {
        let text = Zone::iana("Europe/Berlin").unwrap().calendar().unwrap();
        for part in [
            "BEGIN:STANDARD\r\nDTSTART:19961027T030000\r\nRRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU\r\n\
             TZOFFSETFROM:+0200\r\nTZOFFSETTO:+0100\r\nTZNAME:CET\r\nEND:STANDARD\r\n",
            "BEGIN:DAYLIGHT\r\nDTSTART:19810329T020000\r\nRRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU\r\n",
        ] {
            assert!(text.contains(part), "{text}");
        }
        assert!(text.len() < 2_000, "{text}");
        assert_eq!(Zone::fixed(3_600).calendar(), None);
    }

    #[test]
    fn every_zone_comes_back_from_its_definition() {
        let mut count = 0;
        for name in jiff::tz::db().available() {
            let Some(zone) = Zone::iana(name.as_str()) else { continue };
            let text = zone.calendar().unwrap();
            // Under a name that nobody knows, so that its rules count.
            let text = text.replace(&format!("TZID:{}", zone.iana_name().unwrap()), "TZID:Nobody knows it");
            let tree = Tree::parse(text.as_bytes());
            assert!(tree.problems().is_empty(), "{text}");
            let back = Zones::of(tree.root().child("VCALENDAR").unwrap()).zone("Nobody knows it").unwrap();
            for instant in
                (0..2_500_000_000).step_by(40_000).chain((2_500_000_000..4_102_444_800).step_by(400_000))
            {
                assert_eq!(back.offset_at(instant), zone.offset_at(instant), "{name} at {instant}\n{text}");
            }
            assert!(text.len() < 8_000, "{name}: {} bytes", text.len());
            count += 1;
        }
        assert!(count > 400, "{count}");
    }
}
