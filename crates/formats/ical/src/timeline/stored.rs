//! The byte form of a timeline.

use super::repeat::MOST_RULES;
use super::{Alarm, Anchor, Busy, End, Kind, Override, Part, Period, Range, Repeat, Timeline, Trigger};
use crate::code::{Decoder, Encoder, Malformed};
use crate::rule::{Rule, Until};
use crate::stamp::Form;
use crate::value::Duration;
use crate::zone::{Id, Zone};

/// First byte of the stored form. Bytes of another version are refused and have to be compiled anew; it also rises when
/// the compiled meaning of the same text changes.
pub const VERSION: u8 = 1;

const HAS_REPEAT: u8 = 4;
const HAS_ALARMS: u8 = 8;
const HAS_PERIODS: u8 = 16;
const HAS_COMPLETED: u8 = 32;
const HAS_CREATED: u8 = 64;

impl Timeline {
    /// The stored form: about 12 bytes for a one-off event.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut zones: Vec<&Zone> = Vec::new();
        for part in self.parts() {
            if let Form::Zoned(zone) = &part.form
                && !zones.contains(&zone)
            {
                zones.push(zone);
            }
        }
        let mut out = Encoder::default();
        out.byte(VERSION);
        out.unsigned(zones.len() as u64);
        zones.iter().for_each(|zone| encode_zone(zone, &mut out));
        out.unsigned(self.masters.len() as u64);
        self.masters.iter().for_each(|part| part.encode(&zones, &mut out));
        out.unsigned(self.overrides.len() as u64);
        for one in &self.overrides {
            out.signed(one.id);
            out.byte(u8::from(one.future.is_some()));
            if let Some(shift) = one.future {
                out.signed(shift);
            }
            one.part.encode(&zones, &mut out);
        }
        out.0
    }

    /// Reads the stored form, believing nothing of it.
    ///
    /// # Errors
    /// [`Malformed`] if the bytes are not what [`Timeline::to_bytes`] of this [`VERSION`] writes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut from = Decoder::new(bytes);
        if from.byte()? != VERSION {
            return Err(Malformed);
        }
        let zones = list(&mut from, decode_zone)?;
        let masters = list(&mut from, |from| Part::decode(&zones, from))?;
        let overrides = list(&mut from, |from| {
            let id = from.time()?;
            let future = if from.byte()? != 0 { Some(from.time()?) } else { None };
            Ok(Override { id, future, part: Part::decode(&zones, from)? })
        })?;
        if !from.is_empty() || !overrides.is_sorted_by_key(|one| one.id) {
            return Err(Malformed);
        }
        Ok(Self { masters, overrides })
    }
}

fn list<'a, T>(
    from: &mut Decoder<'a>,
    mut item: impl FnMut(&mut Decoder<'a>) -> Result<T, Malformed>,
) -> Result<Vec<T>, Malformed> {
    // Grown as read: a length alone does not get memory.
    (0..from.length()?).map(|_| item(from)).collect()
}

fn encode_zone(zone: &Zone, out: &mut Encoder) {
    match zone.id() {
        Id::Iana(name) => {
            out.byte(0);
            out.bytes(name.as_bytes());
        }
        Id::Fixed(offset) => {
            out.byte(1);
            out.signed(i64::from(*offset));
        }
        Id::Rules(rules) => {
            out.byte(2);
            out.bytes(rules);
        }
    }
}

fn decode_zone(from: &mut Decoder<'_>) -> Result<Zone, Malformed> {
    match from.byte()? {
        0 => str::from_utf8(from.bytes()?).ok().and_then(Zone::iana).ok_or(Malformed),
        1 => {
            let offset: i32 = from.small_signed()?;
            if offset.unsigned_abs() < 86_400 { Ok(Zone::fixed(offset)) } else { Err(Malformed) }
        }
        2 => Zone::decode_rules(from.bytes()?),
        _ => Err(Malformed),
    }
}

fn encode_duration(length: Duration, out: &mut Encoder) {
    out.signed(i64::from(length.days));
    out.signed(length.seconds);
}

fn decode_duration(from: &mut Decoder<'_>) -> Result<Duration, Malformed> {
    let days: i32 = from.small_signed()?;
    if days.unsigned_abs() > 4_000_000 {
        return Err(Malformed);
    }
    Ok(Duration { days, seconds: from.time()? })
}

impl Part {
    fn encode(&self, zones: &[&Zone], out: &mut Encoder) {
        let form = match &self.form {
            Form::Utc => 0,
            Form::Zoned(_) => 1,
            Form::Floating => 2,
            Form::Date => 3,
        };
        let (anchor, local) = match self.anchor {
            Anchor::None => (0, None),
            Anchor::Start(local) => (1, Some(local)),
            Anchor::Due(local) => (2, Some(local)),
        };
        let (end, length) = match self.end {
            End::Open => (0, None),
            End::Fixed(length) => (1, Some(length)),
            End::Lasting(length) => (2, Some(length)),
        };
        let flag = |set: bool, bit: u8| if set { bit } else { 0 };
        out.byte(self.kind as u8 | form << 2 | anchor << 4 | end << 6);
        out.byte(
            self.busy as u8
                | flag(self.repeat.is_some(), HAS_REPEAT)
                | flag(!self.alarms.is_empty(), HAS_ALARMS)
                | flag(!self.periods.is_empty(), HAS_PERIODS)
                | flag(self.completed.is_some(), HAS_COMPLETED)
                | flag(self.created.is_some(), HAS_CREATED),
        );
        out.unsigned(u64::from(self.source));
        if let Form::Zoned(own) = &self.form {
            out.unsigned(zones.iter().position(|zone| *zone == own).unwrap_or(0) as u64);
        }
        local.into_iter().for_each(|local| out.signed(local));
        length.into_iter().for_each(|length| encode_duration(length, out));
        if let Some(repeat) = &self.repeat {
            repeat.encode(out);
        }
        if !self.alarms.is_empty() {
            out.unsigned(self.alarms.len() as u64);
            self.alarms.iter().for_each(|alarm| alarm.encode(out));
        }
        if !self.periods.is_empty() {
            out.unsigned(self.periods.len() as u64);
            self.periods.iter().for_each(|period| period.encode(out));
        }
        [self.completed, self.created].into_iter().flatten().for_each(|instant| out.signed(instant));
    }

    fn decode(zones: &[Zone], from: &mut Decoder<'_>) -> Result<Self, Malformed> {
        let (shape, flags) = (from.byte()?, from.byte()?);
        let source = from.small()?;
        let form = match shape >> 2 & 3 {
            0 => Form::Utc,
            1 => {
                let at: usize = from.small()?;
                Form::Zoned(zones.get(at).ok_or(Malformed)?.clone())
            }
            2 => Form::Floating,
            _ => Form::Date,
        };
        let anchor = match shape >> 4 & 3 {
            0 => Anchor::None,
            1 => Anchor::Start(from.time()?),
            2 => Anchor::Due(from.time()?),
            _ => return Err(Malformed),
        };
        let end = match shape >> 6 {
            0 => End::Open,
            1 => End::Fixed(decode_duration(from)?),
            2 => End::Lasting(decode_duration(from)?),
            _ => return Err(Malformed),
        };
        let has = |bit: u8| flags & bit != 0;
        let repeat = if has(HAS_REPEAT) { Some(Box::new(Repeat::decode(from)?)) } else { None };
        let alarms = if has(HAS_ALARMS) { list(from, Alarm::decode)? } else { Vec::new() };
        let periods = if has(HAS_PERIODS) { list(from, Period::decode)? } else { Vec::new() };
        let completed = if has(HAS_COMPLETED) { Some(from.time()?) } else { None };
        let created = if has(HAS_CREATED) { Some(from.time()?) } else { None };
        let kind = Kind::ALL.into_iter().find(|kind| *kind as u8 == shape & 3).ok_or(Malformed)?;
        Ok(Self {
            kind,
            source,
            form,
            anchor,
            end,
            busy: Busy::of_bits(flags),
            repeat,
            completed,
            created,
            alarms,
            periods,
        })
    }
}

impl Busy {
    fn of_bits(bits: u8) -> Self {
        match bits & 3 {
            0 => Self::Free,
            1 => Self::Tentative,
            2 => Self::Busy,
            _ => Self::Unavailable,
        }
    }
}

impl Repeat {
    fn encode(&self, out: &mut Encoder) {
        for rules in [&self.rules, &self.exrules] {
            out.unsigned(rules.len() as u64);
            rules.iter().for_each(|rule| rule.encode(out));
        }
        out.rising(&self.dates);
        out.rising(&self.except);
        out.rising(&self.except_days);
        out.unsigned(self.lengths.len() as u64);
        for (start, length) in &self.lengths {
            out.signed(*start);
            encode_duration(*length, out);
        }
    }

    fn decode(from: &mut Decoder<'_>) -> Result<Self, Malformed> {
        let mut repeat = Self {
            rules: list(from, decode_rule)?,
            exrules: list(from, decode_rule)?,
            dates: from.rising()?,
            except: from.rising()?,
            except_days: from.rising()?,
            lengths: Vec::new(),
        };
        repeat.lengths = list(from, |from| {
            let (start, length) = (from.time()?, decode_duration(from)?);
            if length.nominal() < 0 { Err(Malformed) } else { Ok((start, length)) }
        })?;
        let orderly = repeat.lengths.is_sorted_by_key(|(start, _)| *start);
        if orderly && repeat.rules.len().max(repeat.exrules.len()) <= MOST_RULES {
            Ok(repeat)
        } else {
            Err(Malformed)
        }
    }
}

/// A rule as [`Repeat`] holds it: counted out, and with a local end.
fn decode_rule(from: &mut Decoder<'_>) -> Result<Rule, Malformed> {
    let rule = Rule::decode(from)?;
    match (rule.count, rule.until) {
        (None, None | Some(Until::Local(_))) => Ok(rule),
        _ => Err(Malformed),
    }
}

impl Alarm {
    fn encode(&self, out: &mut Encoder) {
        match self.trigger {
            Trigger::At(instant) => {
                out.byte(0);
                out.signed(instant);
            }
            Trigger::FromStart(offset) => {
                out.byte(1);
                encode_duration(offset, out);
            }
            Trigger::FromEnd(offset) => {
                out.byte(2);
                encode_duration(offset, out);
            }
        }
        out.unsigned(u64::from(self.repeat));
        out.signed(self.every);
    }

    fn decode(from: &mut Decoder<'_>) -> Result<Self, Malformed> {
        let trigger = match from.byte()? {
            0 => Trigger::At(from.time()?),
            1 => Trigger::FromStart(decode_duration(from)?),
            2 => Trigger::FromEnd(decode_duration(from)?),
            _ => return Err(Malformed),
        };
        Ok(Self { trigger, repeat: from.small()?, every: from.time()? })
    }
}

impl Period {
    fn encode(&self, out: &mut Encoder) {
        out.byte(self.busy as u8);
        out.signed(self.range.start);
        out.signed(self.range.end);
    }

    fn decode(from: &mut Decoder<'_>) -> Result<Self, Malformed> {
        let busy = Busy::of_bits(from.byte()?);
        Ok(Self { busy, range: Range { start: from.time()?, end: from.time()? } })
    }
}
