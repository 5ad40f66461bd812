//! Zones from the rules of a VTIMEZONE (RFC 5545 3.6.5).

use super::{Id, Table, Zone, table::LAST_YEAR};
use crate::budget::Budget;
use crate::civil::{DAY, new_year};
use crate::code::{Decoder, Encoder, Malformed};
use crate::rule::{Expander, Rule, Until};

/// Onsets that one zone may have; 200 years of two changes are 400.
const MOST_ONSETS: u64 = 2_000;

/// Observances that one zone may have; the longest lists seen have about 200.
const MOST_OBSERVANCES: usize = 500;

/// One STANDARD or DAYLIGHT: from its onsets on, the offset is `to`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observance {
    /// DTSTART: local seconds, told by the offset before.
    pub start: i64,
    /// TZOFFSETFROM, seconds east of UTC.
    pub from: i32,
    /// TZOFFSETTO, seconds east of UTC.
    pub to: i32,
    /// RRULE.
    pub rules: Vec<Rule>,
    /// RDATE: local seconds, told by the offset before.
    pub dates: Vec<i64>,
}

impl Zone {
    /// A zone from the observances of a VTIMEZONE; `None` without any.
    #[must_use]
    pub fn ruled(observances: &[Observance]) -> Option<Self> {
        let mut observances = observances.to_vec();
        observances.truncate(MOST_OBSERVANCES);
        for observance in &mut observances {
            observance.dates.sort_unstable();
            observance.dates.truncate(MOST_ONSETS as usize);
            observance.rules.truncate(8);
        }
        if observances.is_empty() {
            return None;
        }
        let mut out = Encoder::default();
        out.unsigned(observances.len() as u64);
        observances.iter().for_each(|observance| observance.encode(&mut out));
        Self::from_rules(&out.0, &observances)
    }

    /// A zone from its stored rules.
    pub(crate) fn decode_rules(bytes: &[u8]) -> Result<Self, Malformed> {
        let zone = Self::remembered_rules(bytes, || {
            let mut from = Decoder::new(bytes);
            let mut observances = Vec::new();
            for _ in 0..from.length().ok()?.min(MOST_OBSERVANCES) {
                observances.push(Observance::decode(&mut from).ok()?);
            }
            let table = table_of(&observances).filter(|_| from.is_empty())?;
            Some(Self::build(Id::Rules(bytes.into()), table))
        });
        zone.ok_or(Malformed)
    }

    fn from_rules(bytes: &[u8], observances: &[Observance]) -> Option<Self> {
        Self::remembered_rules(bytes, || Some(Self::build(Id::Rules(bytes.into()), table_of(observances)?)))
    }
}

impl Observance {
    fn encode(&self, out: &mut Encoder) {
        out.signed(self.start);
        out.signed(i64::from(self.from));
        out.signed(i64::from(self.to));
        out.unsigned(self.rules.len() as u64);
        self.rules.iter().for_each(|rule| rule.encode(out));
        out.rising(&self.dates);
    }

    fn decode(from: &mut Decoder<'_>) -> Result<Self, Malformed> {
        let (start, before, to) = (from.time()?, from.small_signed()?, from.small_signed()?);
        let rules = (0..from.length()?.min(8)).map(|_| Rule::decode(from)).collect::<Result<_, _>>()?;
        let dates = from.rising()?;
        Ok(Self { start, from: offset(before)?, to: offset(to)?, rules, dates })
    }

    /// Instants at which this observance begins.
    fn onsets(&self, budget: &mut Budget) -> Vec<i64> {
        let mut locals = self.dates.clone();
        locals.push(self.start);
        let end = new_year(LAST_YEAR + 1) * DAY;
        for rule in &self.rules {
            let until = match rule.until {
                None => end,
                Some(Until::Date(days)) => days * DAY + DAY - 1,
                Some(Until::Local(local)) => local,
                Some(Until::Utc(instant)) => instant + i64::from(self.from),
            };
            let mut instances = Expander::new(rule, self.start, self.start, until.min(end), rule.count);
            while let Some(local) = instances.next(budget) {
                locals.push(local);
            }
        }
        locals.into_iter().map(|local| local - i64::from(self.from)).collect()
    }
}

fn offset(seconds: i32) -> Result<i32, Malformed> {
    if seconds.unsigned_abs() < 86_400 { Ok(seconds) } else { Err(Malformed) }
}

fn table_of(observances: &[Observance]) -> Option<Table> {
    let mut budget = Budget::new(MOST_ONSETS * 8);
    let mut changes = Vec::new();
    for observance in observances {
        changes.extend(
            observance.onsets(&mut budget).into_iter().map(|at| (at, observance.to, observance.from)),
        );
    }
    changes.sort_unstable();
    changes.truncate(MOST_ONSETS as usize);
    let base = changes.first()?.2;
    Some(Table::new(base, changes.into_iter().map(|(at, to, _)| (at, to))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::{When, when};

    fn local(text: &str) -> i64 {
        match when(text).unwrap() {
            When::Local(seconds) | When::Utc(seconds) => seconds,
            When::Date(days) => days * DAY,
        }
    }

    fn observance(start: &str, from: i32, to: i32, rule: &str) -> Observance {
        let rules = if rule.is_empty() { vec![] } else { vec![Rule::parse(rule).unwrap()] };
        Observance { start: local(start), from, to, rules, dates: vec![] }
    }

    #[test]
    fn own_rules_agree_with_the_database() {
        let zone = Zone::ruled(&[
            observance("19701025T030000", 7_200, 3_600, "FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU"),
            observance("19700329T020000", 3_600, 7_200, "FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU"),
        ])
        .unwrap();
        let berlin = Zone::iana("Europe/Berlin").unwrap();
        let start = local("20000101T000000");
        for hours in 0..24 * 365 * 20 {
            let at = start + hours * 3_600;
            assert_eq!(zone.offset_at(at), berlin.offset_at(at));
            assert_eq!(zone.to_instant(at), berlin.to_instant(at));
        }
        let Id::Rules(bytes) = zone.id() else { unreachable!() };
        assert_eq!(Zone::decode_rules(bytes).unwrap(), zone);
        assert!(Zone::decode_rules(&bytes[1..]).is_err());
    }

    #[test]
    fn a_zone_that_changes_every_second_stays_small() {
        let zone = Zone::ruled(&[
            observance("19700101T000000", 0, 3_600, "FREQ=SECONDLY"),
            observance("19700101T000000", 3_600, 0, "FREQ=SECONDLY;INTERVAL=2"),
        ]);
        assert!(zone.is_some());
    }
}
