//! Instants and stretches of time, as numbers.

/// An instant: milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// From milliseconds since 1970.
    pub const fn from_millis(ms: i64) -> Self {
        Self(ms)
    }

    /// From whole seconds since 1970.
    pub const fn from_secs(secs: i64) -> Self {
        Self(secs.saturating_mul(1000))
    }

    /// Milliseconds since 1970.
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// Whole seconds since 1970, rounded down.
    pub const fn secs(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// This instant moved by `ms` milliseconds.
    pub const fn plus_millis(self, ms: i64) -> Self {
        Self(self.0.saturating_add(ms))
    }
}

/// A half-open stretch asked for: `start <= t < end`, in seconds since 1970. `i64::MIN` and `i64::MAX` are open ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    /// First second inside.
    pub start: i64,
    /// First second outside.
    pub end: i64,
}

/// The stretch that an item can touch: from the first instant of any occurrence to the last, in seconds since 1970.
/// A superset is right, a subset is not: it only narrows the search.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// Earliest instant; `i64::MIN` if there is none.
    pub first: i64,
    /// Latest instant; `i64::MAX` if there is none (a series without end, a task without a date).
    pub last: i64,
}
