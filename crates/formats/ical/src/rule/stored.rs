//! The byte form of a rule.

use super::{Freq, Rare, Rule, Until};
use crate::code::{Decoder, Encoder, Malformed};

const HAS_COUNT: u8 = 1;
const HAS_UNTIL: u8 = 2;
const HAS_MONTHS: u8 = 4;
const HAS_WEEKDAYS: u8 = 8;
const HAS_CLOCK: u8 = 16;
const HAS_RARE: u8 = 32;

impl Rule {
    pub(crate) fn encode(&self, out: &mut Encoder) {
        let months = self.month != 0 || self.month_day | self.month_day_back != 0;
        let clock = self.hour != 0 || self.minute | self.second != 0;
        let flag = |set: bool, bit: u8| if set { bit } else { 0 };
        out.byte(
            flag(self.count.is_some(), HAS_COUNT)
                | flag(self.until.is_some(), HAS_UNTIL)
                | flag(months, HAS_MONTHS)
                | flag(self.weekday != 0, HAS_WEEKDAYS)
                | flag(clock, HAS_CLOCK)
                | flag(self.rare.is_some(), HAS_RARE),
        );
        out.byte(self.freq as u8 | self.wkst << 3);
        out.unsigned(u64::from(self.interval));
        if let Some(count) = self.count {
            out.unsigned(u64::from(count));
        }
        if let Some(until) = self.until {
            let (kind, at) = match until {
                Until::Date(days) => (0, days),
                Until::Local(local) => (1, local),
                Until::Utc(instant) => (2, instant),
            };
            out.byte(kind);
            out.signed(at);
        }
        if months {
            out.unsigned(u64::from(self.month));
            out.unsigned(u64::from(self.month_day));
            out.unsigned(u64::from(self.month_day_back));
        }
        if self.weekday != 0 {
            out.byte(self.weekday);
        }
        if clock {
            out.unsigned(u64::from(self.hour));
            out.unsigned(self.minute);
            out.unsigned(self.second);
        }
        if let Some(rare) = &self.rare {
            rare.encode(out);
        }
    }

    pub(crate) fn decode(from: &mut Decoder<'_>) -> Result<Self, Malformed> {
        let flags = from.byte()?;
        let second = from.byte()?;
        let freq = [
            Freq::Secondly,
            Freq::Minutely,
            Freq::Hourly,
            Freq::Daily,
            Freq::Weekly,
            Freq::Monthly,
            Freq::Yearly,
        ]
        .into_iter()
        .find(|freq| *freq as u8 == second & 7);
        let mut rule = Self::new(freq.ok_or(Malformed)?);
        rule.wkst = within(second >> 3, 6)?;
        rule.interval = from.small()?;
        if rule.interval == 0 {
            return Err(Malformed);
        }
        if flags & HAS_COUNT != 0 {
            rule.count = Some(from.small()?);
        }
        if flags & HAS_UNTIL != 0 {
            rule.until = Some(match from.byte()? {
                0 => Until::Date(from.time()?),
                1 => Until::Local(from.time()?),
                2 => Until::Utc(from.time()?),
                _ => return Err(Malformed),
            });
        }
        if flags & HAS_MONTHS != 0 {
            rule.month = bits(from.small()?, 1, 12)?;
            rule.month_day = bits(from.small()?, 1, 31)?;
            rule.month_day_back = bits(from.small()?, 1, 31)?;
        }
        if flags & HAS_WEEKDAYS != 0 {
            rule.weekday = bits(from.byte()?, 0, 6)?;
        }
        if flags & HAS_CLOCK != 0 {
            rule.hour = bits(from.small()?, 0, 23)?;
            rule.minute = bits(from.unsigned()?, 0, 59)?;
            rule.second = bits(from.unsigned()?, 0, 59)?;
        }
        if flags & HAS_RARE != 0 {
            rule.rare = Some(Box::new(Rare::decode(from)?));
        }
        Ok(rule)
    }
}

impl Rare {
    fn encode(&self, out: &mut Encoder) {
        for word in self.nth.iter().chain(&self.nth_back).chain([&self.week, &self.week_back]) {
            out.unsigned(*word);
        }
        let year_days = self.has_year_day();
        out.byte(u8::from(year_days));
        if year_days {
            for word in self.year_day.iter().chain(&self.year_day_back) {
                out.unsigned(*word);
            }
        }
        out.unsigned(self.set_pos.len() as u64);
        self.set_pos.iter().for_each(|position| out.signed(i64::from(*position)));
    }

    fn decode(from: &mut Decoder<'_>) -> Result<Self, Malformed> {
        let mut rare = Self::default();
        let Self { nth, nth_back, week, week_back, year_day, year_day_back, .. } = &mut rare;
        for word in nth.iter_mut().chain(nth_back).chain([week, week_back]) {
            *word = bits(from.unsigned()?, 1, 53)?;
        }
        if from.byte()? != 0 {
            for word in year_day.iter_mut().chain(year_day_back) {
                *word = from.unsigned()?;
            }
        }
        for _ in 0..from.length()? {
            let position: i16 = from.small_signed()?;
            if position == 0 || rare.set_pos.last().is_some_and(|last| *last >= position) {
                return Err(Malformed);
            }
            rare.set_pos.push(position);
        }
        Ok(rare)
    }
}

fn within(number: u8, most: u8) -> Result<u8, Malformed> {
    if number <= most { Ok(number) } else { Err(Malformed) }
}

/// A mask with bits from `low` to `high` only.
fn bits<T: Copy + Into<u64>>(mask: T, low: u32, high: u32) -> Result<T, Malformed> {
    let allowed = (u64::MAX >> (63 - high)) & (u64::MAX << low);
    if mask.into() & !allowed == 0 { Ok(mask) } else { Err(Malformed) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_come_back_from_bytes() {
        for text in [
            "FREQ=DAILY",
            "FREQ=WEEKLY;INTERVAL=2;COUNT=7;BYDAY=MO,SU;WKST=SU",
            "FREQ=MONTHLY;UNTIL=20300101T000000Z;BYDAY=-1FR,2MO;BYSETPOS=-1,1",
            "FREQ=YEARLY;UNTIL=20300101;BYMONTH=2;BYMONTHDAY=29,-1;BYYEARDAY=-1,366;BYWEEKNO=53,-53",
            "FREQ=SECONDLY;BYHOUR=0,23;BYMINUTE=59;BYSECOND=60;UNTIL=19500101T000000",
        ] {
            let rule = Rule::parse(text).unwrap();
            let mut out = Encoder::default();
            rule.encode(&mut out);
            let mut from = Decoder::new(&out.0);
            assert_eq!(Rule::decode(&mut from).unwrap(), rule);
            assert!(from.is_empty());
            for cut in 0..out.0.len() {
                assert!(Rule::decode(&mut Decoder::new(&out.0[..cut])).is_err());
            }
        }
    }
}
