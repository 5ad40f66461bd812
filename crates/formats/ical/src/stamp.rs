//! A moment as a calendar writes it: an instant, a time in a zone, a floating time, or a day.

use kontor_contentline::{Line, value::split};

use crate::civil::DAY;
use crate::value::{Duration, When, when};
use crate::zone::{Piece, Zone, Zones};

/// What a wall-clock time refers to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Form {
    /// UTC.
    Utc,
    /// A zone.
    Zoned(Zone),
    /// Whatever zone the reader is in.
    Floating,
    /// A whole day, in whatever zone the reader is in.
    Date,
}

impl Form {
    /// The instant of a local second; `floating` is the zone for floating times and days.
    #[must_use]
    pub fn instant(&self, local: i64, floating: &Zone) -> i64 {
        match self {
            Self::Utc => local,
            Self::Zoned(zone) => zone.to_instant(local),
            Self::Floating | Self::Date => floating.to_instant(local),
        }
    }

    /// The local second at an instant.
    #[must_use]
    pub fn local(&self, instant: i64, floating: &Zone) -> i64 {
        match self {
            Self::Utc => instant,
            Self::Zoned(zone) => zone.to_local(instant),
            Self::Floating | Self::Date => floating.to_local(instant),
        }
    }

    /// The stretch of local seconds around this one that have one offset.
    pub(crate) fn piece(&self, local: i64, floating: &Zone) -> Piece {
        match self {
            Self::Utc => Piece::UTC,
            Self::Zoned(zone) => zone.piece(local),
            Self::Floating | Self::Date => floating.piece(local),
        }
    }

    /// Whether the instant is known without asking for a zone.
    #[must_use]
    pub fn is_fixed(&self) -> bool {
        matches!(self, Self::Utc | Self::Zoned(_))
    }
}

/// A moment: a wall-clock time and what it refers to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// What the time refers to.
    pub form: Form,
    /// Local seconds; of a day its midnight, of UTC the instant.
    pub local: i64,
}

impl Stamp {
    /// The instant; `floating` is the zone for floating times and days.
    #[must_use]
    pub fn instant(&self, floating: &Zone) -> i64 {
        self.form.instant(self.local, floating)
    }

    /// The moment told the way `form` tells it. Where one side has no zone, wall-clock time is kept as it is.
    pub(crate) fn local_in(&self, form: &Form) -> i64 {
        let local = match (&self.form, form) {
            // The very words of the series, so that an instance in a gap is found by them.
            (own, form) if own == form => self.local,
            (Form::Utc | Form::Zoned(_), Form::Utc | Form::Zoned(_)) => {
                let utc = Zone::utc();
                form.local(self.instant(&utc), &utc)
            }
            _ => self.local,
        };
        if *form == Form::Date { local.div_euclid(DAY) * DAY } else { local }
    }

    /// Reads one value of a property with the property's TZID; the second part says whether a TZID was there that
    /// nobody knows, so that the time is taken as floating.
    pub(crate) fn read(text: &str, tzid: Option<&str>, zones: &Zones<'_, '_>) -> Option<(Self, bool)> {
        let stamp = |form, local| Self { form, local };
        Some(match (when(text)?, tzid) {
            (When::Date(days), _) => (stamp(Form::Date, days * DAY), false),
            (When::Utc(instant), _) => (stamp(Form::Utc, instant), false),
            (When::Local(local), None) => (stamp(Form::Floating, local), false),
            (When::Local(local), Some(tzid)) => match zones.zone(tzid) {
                Some(zone) => (stamp(Form::Zoned(zone), local), false),
                None => (stamp(Form::Floating, local), true),
            },
        })
    }

    /// The first value of a date property.
    #[must_use]
    pub fn of(line: &Line<'_>, zones: &Zones<'_, '_>) -> Option<Self> {
        let tzid = tzid_of(line);
        Self::read(&line.value_str(), tzid.as_deref(), zones).map(|(stamp, _)| stamp)
    }
}

/// Turns many wall-clock times of one form into instants: neighbours share one look-up.
#[derive(Debug)]
pub(crate) struct Walker<'a> {
    form: &'a Form,
    floating: &'a Zone,
    piece: Piece,
}

impl<'a> Walker<'a> {
    pub(crate) fn new(form: &'a Form, floating: &'a Zone) -> Self {
        Self { form, floating, piece: Piece::EMPTY }
    }

    /// The instant of a local second, and whether that lies in a gap.
    pub(crate) fn instant(&mut self, local: i64) -> (i64, bool) {
        if !self.piece.holds(local) {
            self.piece = self.form.piece(local, self.floating);
        }
        (local.saturating_sub(self.piece.offset), local >= self.piece.gap)
    }
}

/// The TZID parameter.
pub(crate) fn tzid_of(line: &Line<'_>) -> Option<String> {
    line.param("TZID").map(|param| param.value().into_owned()).filter(|tzid| !tzid.is_empty())
}

/// The values of a list property as text.
pub(crate) fn items(line: &Line<'_>) -> Vec<String> {
    let value = line.value();
    split(&value, b',')
        .map(|item| String::from_utf8_lossy(item).trim().to_owned())
        .filter(|item| !item.is_empty())
        .collect()
}

/// The end of what starts at a local second and lasts so long: days by the calendar of `form`, then exact seconds.
pub(crate) fn end_of(form: &Form, local: i64, start: i64, lasting: Duration, floating: &Zone) -> i64 {
    if lasting.days == 0 {
        return start + lasting.seconds;
    }
    form.instant(local + i64::from(lasting.days) * DAY, floating) + lasting.seconds
}
