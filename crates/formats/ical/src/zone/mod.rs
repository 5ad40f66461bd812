//! Time zones: from a name or from rules to offsets.
//!
//! A name is looked up in this order, and the first that answers wins:
//! 1. the IANA database compiled into the program, also behind a vendor's prefix (`/mozilla.org/20050126_1/Europe/Berlin`);
//! 2. Windows names (`W. Europe Standard Time`), by their CLDR mapping;
//! 3. the object's own VTIMEZONE: the IANA name in its `X-LIC-LOCATION`, then its rules;
//! 4. a fixed offset spelt as a name (`GMT+0100`, `UTC-05:30`);
//! 5. nothing: the time is treated as floating and the reader reports a problem.
//!
//! Known names come before the object's own rules because clients ship stale, cut or plainly wrong VTIMEZONEs under well-known
//! names, while the name says what the person chose; the rules count where only they know (`Customized Time Zone`).

mod book;
mod definition;
mod name;
mod observance;
mod table;

use std::sync::{Arc, LazyLock};

pub use book::Zones;
pub use observance::Observance;
pub(crate) use table::Piece;
use table::Table;

/// A time zone with all its offsets at hand. Cheap to clone; equal when it has the same name or the same rules.
#[derive(Clone, Debug)]
pub struct Zone(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    id: Id,
    table: Table,
}

/// What a zone is called, which is also how it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Id {
    /// Name in the IANA database.
    Iana(Box<str>),
    /// Seconds east of UTC.
    Fixed(i32),
    /// Own rules in their stored form.
    Rules(Box<[u8]>),
}

impl Zone {
    /// Coordinated Universal Time.
    #[must_use]
    pub fn utc() -> Self {
        static UTC: LazyLock<Zone> = LazyLock::new(|| Zone::fixed(0));
        UTC.clone()
    }

    /// A zone that is always so many seconds east of UTC.
    #[must_use]
    pub fn fixed(offset: i32) -> Self {
        Self::build(Id::Fixed(offset), Table::fixed(offset))
    }

    fn build(id: Id, table: Table) -> Self {
        Self(Arc::new(Inner { id, table }))
    }

    pub(crate) fn id(&self) -> &Id {
        &self.0.id
    }

    /// The IANA name, if it has one.
    #[must_use]
    pub fn iana_name(&self) -> Option<&str> {
        match &self.0.id {
            Id::Iana(name) => Some(name),
            _ => None,
        }
    }

    /// Seconds east of UTC at an instant (seconds since 1970 in UTC).
    #[must_use]
    pub fn offset_at(&self, instant: i64) -> i32 {
        self.0.table.offset_at(instant)
    }

    /// The first instant after this one at which the offset changes; `None` if it stays for all time that is known.
    #[must_use]
    pub fn change_after(&self, instant: i64) -> Option<i64> {
        self.0.table.change_after(instant)
    }

    /// Wall-clock time, in local seconds, at an instant.
    #[must_use]
    pub fn to_local(&self, instant: i64) -> i64 {
        instant.saturating_add(i64::from(self.offset_at(instant)))
    }

    /// The instant that a wall-clock time stands for. In a gap the offset before the gap counts, of two passes the
    /// first (RFC 5545 3.3.5).
    #[must_use]
    pub fn to_instant(&self, local: i64) -> i64 {
        local.saturating_sub(i64::from(self.0.table.offset_of_local(local)))
    }

    /// The stretch of local seconds around this one that have one offset.
    pub(crate) fn piece(&self, local: i64) -> Piece {
        self.0.table.piece(local)
    }

    /// The largest local second that stands for an instant not later than this one.
    pub(crate) fn local_ceiling(&self, instant: i64) -> i64 {
        self.0.table.local_ceiling(instant)
    }
}

impl PartialEq for Zone {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.0.id == other.0.id
    }
}

impl Eq for Zone {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::civil::{DAY, Date};

    fn local(year: i32, month: u8, day: u8, hour: i64, minute: i64) -> i64 {
        Date { year, month, day }.days() * DAY + hour * 3_600 + minute * 60
    }

    #[test]
    fn berlin_knows_gap_and_overlap() {
        let berlin = Zone::named("Europe/Berlin").unwrap();
        let check = |wall: i64, utc: i64| assert_eq!(berlin.to_instant(wall), utc);
        check(local(2026, 1, 15, 12, 0), local(2026, 1, 15, 11, 0));
        check(local(2026, 7, 15, 12, 0), local(2026, 7, 15, 10, 0));
        check(local(2026, 3, 29, 2, 30), local(2026, 3, 29, 1, 30));
        check(local(2026, 10, 25, 2, 30), local(2026, 10, 25, 0, 30));
        check(local(2150, 7, 15, 12, 0), local(2150, 7, 15, 10, 0));
        assert_eq!(berlin.to_local(local(2026, 7, 15, 10, 0)), local(2026, 7, 15, 12, 0));
    }
}
