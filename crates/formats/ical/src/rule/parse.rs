//! `FREQ=WEEKLY;BYDAY=MO` to a [`Rule`].

use super::{Freq, Rare, Rule, Until};
use crate::value::{self, When};

/// Why a recurrence rule is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RuleError {
    /// The rule has no FREQ, or one that is no frequency.
    Freq,
    /// A part has a value that it cannot have; the part's name.
    Part(&'static str),
    /// Something between semicolons is not `NAME=VALUE`, or nobody knows the name.
    Unknown(String),
    /// A calendar scale other than the Gregorian one (RFC 7529).
    Scale,
}

impl std::fmt::Display for RuleError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Freq => f.write_str("the rule has no known FREQ"),
            Self::Part(name) => write!(f, "{name} has a value it cannot have"),
            Self::Unknown(part) => write!(f, "the rule has a part nobody knows: {part}"),
            Self::Scale => f.write_str("only the Gregorian calendar scale is supported"),
        }
    }
}

impl std::error::Error for RuleError {}

impl Rule {
    /// Reads the value of an RRULE or EXRULE property, in any letter case.
    ///
    /// Lenient where clients err and the meaning is plain: empty parts, `X-` parts, a COUNT below zero (read as none), COUNT
    /// together with UNTIL (the earlier end counts).
    ///
    /// # Errors
    /// [`RuleError`] if the meaning is not plain.
    pub fn parse(text: &str) -> Result<Self, RuleError> {
        let text = text.trim().to_ascii_uppercase();
        let mut parts = Vec::new();
        for part in text.split(';').map(str::trim).filter(|part| !part.is_empty()) {
            let unknown = || RuleError::Unknown(part.chars().take(40).collect());
            parts.push(part.split_once('=').ok_or_else(unknown)?);
        }
        let freq = parts.iter().find(|(name, _)| *name == "FREQ").and_then(|(_, value)| freq(value));
        let mut rule = Self::new(freq.ok_or(RuleError::Freq)?);
        let mut rare = Rare::default();
        for (name, value) in parts {
            rule.part(&mut rare, name, value)?;
        }
        rare.set_pos.sort_unstable();
        rare.set_pos.dedup();
        if rare != Rare::default() {
            rule.rare = Some(Box::new(rare));
        }
        Ok(rule)
    }

    fn part(&mut self, rare: &mut Rare, name: &str, value: &str) -> Result<(), RuleError> {
        match name {
            "FREQ" => {}
            "INTERVAL" => {
                self.interval = value.parse().ok().filter(|n| *n > 0).ok_or(RuleError::Part("INTERVAL"))?;
            }
            "COUNT" => self.count = count(value)?,
            "UNTIL" => self.until = Some(until(value)?),
            "WKST" => self.wkst = weekday(value).ok_or(RuleError::Part("WKST"))?,
            "BYMONTH" => self.month = numbers(value, "BYMONTH", 1..=12)? as u16,
            "BYMONTHDAY" => {
                let [days, back] = signed_masks::<1>(value, "BYMONTHDAY", 31)?;
                (self.month_day, self.month_day_back) = (days[0] as u32, back[0] as u32);
            }
            "BYDAY" => self.by_day(rare, value)?,
            "BYHOUR" => self.hour = numbers(value, "BYHOUR", 0..=23)? as u32,
            "BYMINUTE" => self.minute = numbers(value, "BYMINUTE", 0..=59)?,
            // A leap second is read as the second before it, as RFC 5545 3.3.12 allows.
            "BYSECOND" => {
                let seconds = numbers(value, "BYSECOND", 0..=60)?;
                self.second = seconds & !(1 << 60) | (seconds >> 60 & 1) << 59;
            }
            "BYWEEKNO" => {
                let [weeks, back] = signed_masks::<1>(value, "BYWEEKNO", 53)?;
                (rare.week, rare.week_back) = (weeks[0], back[0]);
            }
            "BYYEARDAY" => [rare.year_day, rare.year_day_back] = signed_masks::<6>(value, "BYYEARDAY", 366)?,
            "BYSETPOS" => {
                for position in items(value) {
                    let position = signed(position, 366).ok_or(RuleError::Part("BYSETPOS"))?;
                    if rare.set_pos.len() < 1_000 {
                        rare.set_pos.push(position);
                    }
                }
            }
            "RSCALE" if value == "GREGORIAN" => {}
            "SKIP" if value == "OMIT" => {}
            "RSCALE" | "SKIP" => return Err(RuleError::Scale),
            _ if name.starts_with("X-") => {}
            _ => return Err(RuleError::Unknown(name.chars().take(40).collect())),
        }
        Ok(())
    }

    fn by_day(&mut self, rare: &mut Rare, value: &str) -> Result<(), RuleError> {
        let wrong = || RuleError::Part("BYDAY");
        for item in items(value) {
            let (number, name) = item.split_at_checked(item.len().saturating_sub(2)).ok_or_else(wrong)?;
            let day = weekday(name).ok_or_else(wrong)?;
            if number.is_empty() {
                self.weekday |= 1 << day;
                continue;
            }
            let number = signed(number, 53).ok_or_else(wrong)?;
            let masks = if number > 0 { &mut rare.nth } else { &mut rare.nth_back };
            *masks.get_mut(usize::from(day)).ok_or_else(wrong)? |= 1 << number.unsigned_abs();
        }
        // Ordinals mean something in months and years only; elsewhere the weekday counts (as python-dateutil has it).
        if self.freq < Freq::Monthly {
            for (day, masks) in rare.nth.iter_mut().zip(&mut rare.nth_back).enumerate() {
                if *masks.0 | *masks.1 != 0 {
                    self.weekday |= 1 << day;
                }
                (*masks.0, *masks.1) = (0, 0);
            }
        }
        Ok(())
    }
}

fn freq(value: &str) -> Option<Freq> {
    Some(match value {
        "SECONDLY" => Freq::Secondly,
        "MINUTELY" => Freq::Minutely,
        "HOURLY" => Freq::Hourly,
        "DAILY" => Freq::Daily,
        "WEEKLY" => Freq::Weekly,
        "MONTHLY" => Freq::Monthly,
        "YEARLY" => Freq::Yearly,
        _ => return None,
    })
}

fn count(value: &str) -> Result<Option<u32>, RuleError> {
    match value.parse::<i64>() {
        Ok(count) if count < 0 => Ok(None),
        Ok(count) if count > 0 => Ok(Some(u32::try_from(count).unwrap_or(u32::MAX))),
        _ => Err(RuleError::Part("COUNT")),
    }
}

fn until(value: &str) -> Result<Until, RuleError> {
    match value::when(value) {
        Some(When::Date(days)) => Ok(Until::Date(days)),
        Some(When::Local(local)) => Ok(Until::Local(local)),
        Some(When::Utc(instant)) => Ok(Until::Utc(instant)),
        None => Err(RuleError::Part("UNTIL")),
    }
}

/// `MO` to 0, `SU` to 6.
fn weekday(name: &str) -> Option<u8> {
    ["MO", "TU", "WE", "TH", "FR", "SA", "SU"].iter().position(|day| *day == name).map(|day| day as u8)
}

fn items(value: &str) -> impl Iterator<Item = &str> {
    value.split(',').map(str::trim).filter(|item| !item.is_empty())
}

/// `+1`, `-31`: not zero, at most `most` either way.
fn signed(item: &str, most: i16) -> Option<i16> {
    let number: i16 = item.strip_prefix('+').unwrap_or(item).parse().ok()?;
    (number != 0 && number.unsigned_abs() <= most.unsigned_abs()).then_some(number)
}

fn numbers(value: &str, name: &'static str, range: std::ops::RangeInclusive<u8>) -> Result<u64, RuleError> {
    let mut mask = 0;
    for item in items(value) {
        let number: u8 = item.parse().ok().filter(|n| range.contains(n)).ok_or(RuleError::Part(name))?;
        mask |= 1u64 << number;
    }
    Ok(mask)
}

/// Two masks: numbers counted from the start, numbers counted from the end.
fn signed_masks<const N: usize>(
    value: &str,
    name: &'static str,
    most: i16,
) -> Result<[[u64; N]; 2], RuleError> {
    let mut masks = [[0; N]; 2];
    for item in items(value) {
        let number = signed(item, most).ok_or(RuleError::Part(name))?;
        let at = usize::from(number.unsigned_abs());
        let word = masks.get_mut(usize::from(number < 0)).and_then(|words| words.get_mut(at / 64));
        *word.ok_or(RuleError::Part(name))? |= 1 << (at % 64);
    }
    Ok(masks)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_read_in_any_case_and_order() {
        let rule = Rule::parse("byday=mo,we ;interval=2;FREQ=weekly;WKST=SU;").unwrap();
        assert_eq!((rule.freq, rule.interval, rule.weekday, rule.wkst), (Freq::Weekly, 2, 0b101, 6));
        let rule = Rule::parse("FREQ=MONTHLY;BYDAY=-1FR,+2MO;BYSETPOS=-1,1,1").unwrap().rare.unwrap();
        assert_eq!((rule.nth[0], rule.nth_back[4]), (1 << 2, 1 << 1));
        assert_eq!(rule.set_pos, [-1, 1]);
    }

    #[test]
    fn wrong_rules_say_why() {
        let check = |text: &str, expect: RuleError| assert_eq!(Rule::parse(text), Err(expect), "{text}");
        check("INTERVAL=2", RuleError::Freq);
        check("FREQ=FORTNIGHTLY", RuleError::Freq);
        check("FREQ=DAILY;INTERVAL=0", RuleError::Part("INTERVAL"));
        check("FREQ=DAILY;COUNT=0", RuleError::Part("COUNT"));
        check("FREQ=DAILY;BYDAY=XX", RuleError::Part("BYDAY"));
        check("FREQ=DAILY;BYDAY=é", RuleError::Part("BYDAY"));
        check("FREQ=DAILY;BYMONTH=13", RuleError::Part("BYMONTH"));
        check("FREQ=DAILY;BYYEARDAY=400", RuleError::Part("BYYEARDAY"));
        check("FREQ=DAILY;UNTIL=tomorrow", RuleError::Part("UNTIL"));
        check("RSCALE=CHINESE;FREQ=YEARLY", RuleError::Scale);
        check("FREQ=DAILY;NONSENSE", RuleError::Unknown("NONSENSE".into()));
        assert_eq!(Rule::parse("FREQ=DAILY;COUNT=-1").unwrap().count, None);
    }

    #[test]
    fn impossible_rules_are_seen() {
        let check = |text: &str, expect: bool| assert_eq!(Rule::parse(text).unwrap().is_impossible(), expect);
        check("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", true);
        check("FREQ=YEARLY;BYMONTH=2,4;BYMONTHDAY=31", true);
        check("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=-30", true);
        check("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", false);
        check("FREQ=YEARLY;BYMONTH=2", false);
    }
}
