//! Whether the log of a collection tells of every number.

use kontor_model::Verb;

/// How far a log was looked at.
#[derive(Default)]
pub(super) struct Log {
    /// The last number that is accounted for.
    pub(super) last: i64,
    floor: i64,
    /// The first number that an entry told of and whether that was a leap, and what was wrong first: for logs of which
    /// it is said only later where they begin.
    pub(super) first: Option<(i64, bool)>,
    pub(super) gap: Option<String>,
}

impl Log {
    /// It holds what is above this number.
    pub(super) fn begins(&mut self, floor: i64) {
        (self.last, self.floor) = (floor, floor);
    }

    /// The next entry; what is wrong, if something is.
    pub(super) fn entry(&mut self, version: i64, verb: &str) -> Option<String> {
        if self.first.is_none() {
            self.first = Some((version, verb == Verb::Leap.word()));
        } else if self.gap.is_none() {
            self.gap = self.follows(version, verb);
        }
        let wrong = self.follows(version, verb);
        self.last = self.last.max(version);
        wrong
    }

    /// What is wrong with an entry after the last one.
    fn follows(&self, version: i64, verb: &str) -> Option<String> {
        let (last, next) = (self.last, self.last.saturating_add(1));
        if version <= self.floor {
            return Some(format!("the log tells of {version}, and says that it begins above {}", self.floor));
        }
        // A leap leaves a gap behind it (`moving::leap`).
        let gap = version != next && !(verb == Verb::Leap.word() && version > next);
        gap.then(|| format!("the log does not tell of {next}: {version} comes after {last}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_has_an_entry_but_for_leaps() {
        let check = |floor: i64, entries: &[(i64, &str)], wrong: usize, last: i64| {
            let mut log = Log::default();
            log.begins(floor);
            let found = entries.iter().filter(|(version, verb)| log.entry(*version, verb).is_some()).count();
            assert_eq!((found, log.last), (wrong, last), "{entries:?}");
        };
        check(0, &[], 0, 0);
        check(7, &[], 0, 7);
        check(0, &[(1, "put"), (2, "remove"), (3, "put")], 0, 3);
        check(0, &[(1, "put"), (3, "put"), (4, "put")], 1, 4);
        check(5, &[(6, "put"), (900, "leap"), (901, "put")], 0, 901);
        check(5, &[(900, "leap")], 0, 900);
        check(5, &[(7, "put")], 1, 7);
        check(5, &[(5, "put"), (6, "put")], 1, 6);
    }
}
