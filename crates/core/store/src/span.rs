//! Where a stretch of time lies in the index.
//!
//! A stretch goes into the smallest size class that holds it, keyed by its first instant. Whatever of class `n`
//! touches `from..to` then begins in `from - 2^n .. to`, so one range scan per class finds all, and reads at most
//! about four times what it finds. Stretches without a first or last instant have classes of their own.

use kontor_model::{Range, Span};

/// Smallest class: stretches of up to 2^12 seconds (68 minutes).
const SMALLEST: u32 = 12;
/// Instants beyond this (36 thousand million years) count as none, so that no sum overflows.
const BOUND: i64 = 1 << 60;
/// Class of what begins but never ends.
const OPEN_END: i64 = 100;
/// Class of what ends but never begins; keyed by its last instant.
const OPEN_START: i64 = 101;
/// Class of what does neither.
const OPEN: i64 = 102;

/// Key of a stretch within its collection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Slot {
    /// Size class.
    pub(crate) level: i64,
    /// Position within it.
    pub(crate) edge: i64,
}

impl Slot {
    /// Where `span` belongs.
    pub(crate) fn of(span: Span) -> Self {
        match (span.first < -BOUND, span.last > BOUND) {
            (true, true) => Self { level: OPEN, edge: 0 },
            (true, false) => Self { level: OPEN_START, edge: span.last.max(-BOUND) },
            (false, true) => Self { level: OPEN_END, edge: span.first.min(BOUND) },
            (false, false) => {
                let first = span.first.min(BOUND);
                let length = span.last.max(first) - first;
                Self { level: class(length), edge: first }
            }
        }
    }
}

/// Every second power of two, upwards from [`SMALLEST`], that is not below `length`.
fn class(length: i64) -> i64 {
    let bits = u64::try_from(length).map_or(0, |n| u64::BITS - n.saturating_sub(1).leading_zeros());
    i64::from(bits.max(SMALLEST).next_multiple_of(2))
}

/// `range` without instants that overflow.
pub(crate) fn bounded(range: Range) -> Range {
    Range { start: range.start.clamp(-BOUND, BOUND), end: range.end.clamp(-BOUND, BOUND + 1) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stretch_fits_its_class_and_little_more() {
        let check = |first: i64, last: i64, level: i64, edge: i64| {
            assert_eq!(Slot::of(Span { first, last }), Slot { level, edge }, "{first}..{last}");
        };
        check(0, 0, 12, 0);
        check(0, 4096, 12, 0);
        check(0, 4097, 14, 0);
        check(-5, 86_400, 18, -5);
        check(7, i64::MAX, OPEN_END, 7);
        check(i64::MIN, 7, OPEN_START, 7);
        check(i64::MIN, i64::MAX, OPEN, 0);
        check(10, 5, 12, 10);
        check(-BOUND, BOUND, 62, -BOUND);
        check(i64::MAX - 1, i64::MAX - 1, OPEN_END, BOUND);
    }
}
