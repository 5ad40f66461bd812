//! The transitions of a zone as plain arrays: a look-up is one binary search, about 10 ns.

use crate::civil::{DAY, new_year};

/// The last year for which transitions are computed ahead; later times keep the last offset.
pub(crate) const LAST_YEAR: i32 = 2199;

/// Offsets of a zone over time. Offsets are seconds east of UTC.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Table {
    /// Offset before the first transition.
    base: i32,
    /// Instants at which the offset changes, rising.
    at: Vec<i64>,
    /// Local second up to which (exclusive) the offset before the transition still answers; rising.
    until_local: Vec<i64>,
    /// Offset from the transition on.
    offset: Vec<i32>,
}

/// Local seconds from `low` to `high` (exclusive) are instants plus `offset`; those from `gap` on never show on a clock.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Piece {
    pub(crate) low: i64,
    pub(crate) high: i64,
    pub(crate) gap: i64,
    pub(crate) offset: i64,
}

impl Piece {
    /// Holds nothing.
    pub(crate) const EMPTY: Self = Self { low: 0, high: 0, gap: 0, offset: 0 };
    /// Wall clock and UTC are the same.
    pub(crate) const UTC: Self = Self { low: i64::MIN, high: i64::MAX, gap: i64::MAX, offset: 0 };

    pub(crate) fn holds(&self, local: i64) -> bool {
        (self.low..self.high).contains(&local)
    }
}

impl Table {
    /// A zone that never changes.
    pub(crate) fn fixed(offset: i32) -> Self {
        Self { base: offset, ..Self::default() }
    }

    /// From `(instant, offset from then on)`, rising by instant.
    pub(crate) fn new(base: i32, transitions: impl IntoIterator<Item = (i64, i32)>) -> Self {
        let mut table = Self::fixed(base);
        let mut before = base;
        for (at, offset) in transitions {
            if table.at.last() == Some(&at) {
                if let Some(last) = table.offset.last_mut() {
                    *last = offset;
                }
                before = offset;
                continue;
            }
            if offset == before {
                continue;
            }
            let local = at + i64::from(before.max(offset));
            table.at.push(at);
            table.until_local.push(table.until_local.last().map_or(local, |last| local.max(*last)));
            table.offset.push(offset);
            before = offset;
        }
        table
    }

    /// The instant up to which transitions are computed.
    pub(crate) fn end() -> i64 {
        new_year(LAST_YEAR + 1) * DAY
    }

    /// Offset at an instant.
    pub(crate) fn offset_at(&self, instant: i64) -> i32 {
        self.after(self.at.partition_point(|at| *at <= instant))
    }

    /// Offset that a local second stands for. RFC 5545 3.3.5: a time in a gap is read with the offset before the gap, a
    /// time that occurs twice is the first of them; both come out as "the offset before the transition".
    pub(crate) fn offset_of_local(&self, local: i64) -> i32 {
        self.after(self.until_local.partition_point(|until| *until <= local))
    }

    /// The stretch of local seconds around this one that have one offset.
    pub(crate) fn piece(&self, local: i64) -> Piece {
        let passed = self.until_local.partition_point(|until| *until <= local);
        let offset = self.after(passed);
        let low = passed.checked_sub(1).and_then(|i| self.until_local.get(i)).copied().unwrap_or(i64::MIN);
        let high = self.until_local.get(passed).copied().unwrap_or(i64::MAX);
        let gap = self.at.get(passed).map_or(i64::MAX, |at| at.saturating_add(i64::from(offset)));
        Piece { low, high, gap, offset: i64::from(offset) }
    }

    /// The largest local second that stands for an instant not later than this one. It differs from the wall clock
    /// only in the second pass of an overlap, whose wall-clock times all stand for the first pass.
    pub(crate) fn local_ceiling(&self, instant: i64) -> i64 {
        let passed = self.at.partition_point(|at| *at <= instant);
        let wall = instant + i64::from(self.after(passed));
        let last_pass = passed.checked_sub(1).and_then(|i| self.until_local.get(i)).copied();
        last_pass.map_or(wall, |until| wall.max(until - 1))
    }

    /// The first instant after this one at which the offset changes.
    pub(crate) fn change_after(&self, instant: i64) -> Option<i64> {
        self.at.get(self.at.partition_point(|at| *at <= instant)).copied()
    }

    fn after(&self, passed: usize) -> i32 {
        passed.checked_sub(1).and_then(|i| self.offset.get(i)).copied().unwrap_or(self.base)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gap_takes_the_offset_before_and_overlap_the_first_pass() {
        // +1 h, then +2 h at 10,000, then +1 h again at 100,000.
        let table = Table::new(3_600, [(10_000, 7_200), (100_000, 3_600)]);
        let check = |local: i64, expect: i32| assert_eq!(table.offset_of_local(local), expect, "{local}");
        check(13_599, 3_600);
        check(13_600, 3_600); // first second of the gap
        check(17_199, 3_600); // last second of the gap
        check(17_200, 7_200);
        check(103_600, 7_200); // first second of the overlap
        check(107_199, 7_200);
        check(107_200, 3_600);
        assert_eq!(table.offset_at(9_999), 3_600);
        assert_eq!(table.offset_at(10_000), 7_200);
        assert_eq!(table.local_ceiling(100_000), 107_199);
        assert_eq!(table.local_ceiling(103_600), 107_200);
        assert_eq!(table.local_ceiling(10_000), 17_200);
    }
}
