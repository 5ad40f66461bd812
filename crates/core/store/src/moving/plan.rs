//! In which parts a store is carried.
//!
//! A part is small enough to be looked at as a whole, and its borders depend on the accounts themselves rather than on
//! their number: an account that comes, goes or grows moves few of them.

use super::Part;

/// Items from which an account is a part of its own.
const LARGE: i64 = 4_096;
/// Items after which a part ends in any case.
const MOST: i64 = 16_384;
/// A part ends after about one in so many accounts.
const ACCOUNTS: u64 = 16;

/// Cuts the accounts of a store, seen in order, into parts.
#[derive(Default)]
pub(crate) struct Cutting {
    /// The last account of each part.
    cuts: Vec<i64>,
    /// The last account that was seen.
    last: Option<i64>,
    /// Items of it.
    its_items: i64,
    /// Items of the part, without those.
    items: i64,
}

impl Cutting {
    /// A collection of that account holds so many items. Accounts come in order.
    pub(crate) fn see(&mut self, account: i64, items: i64) {
        if self.last != Some(account) {
            self.settle();
            self.last = Some(account);
        }
        self.its_items = self.its_items.saturating_add(items.max(0));
    }

    /// All of the last account was seen.
    fn settle(&mut self) {
        let Some(account) = self.last else { return };
        let large = self.its_items >= LARGE;
        let before = account.saturating_sub(1);
        if large && self.cuts.last().is_none_or(|cut| *cut < before) {
            self.cuts.push(before);
            self.items = 0;
        }
        self.items = self.items.saturating_add(self.its_items);
        if large || self.items >= MOST || scattered(account).is_multiple_of(ACCOUNTS) {
            self.cuts.push(account);
            self.items = 0;
        }
        self.its_items = 0;
    }

    /// All parts, which together cover every id there can be.
    pub(crate) fn parts(mut self) -> Vec<Part> {
        self.settle();
        let mut parts = vec![Part::Directory];
        let mut first = i64::MIN;
        for last in self.cuts {
            parts.push(Part::Accounts { first, last });
            first = last.saturating_add(1);
        }
        parts.push(Part::Accounts { first, last: i64::MAX });
        parts
    }
}

/// The id in another order: ids made at about the same time have nothing else in common.
fn scattered(account: i64) -> u64 {
    let mixed = account.cast_unsigned().wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed >> 40
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(accounts: impl Iterator<Item = (i64, i64)>) -> Vec<Part> {
        let mut cutting = Cutting::default();
        accounts.for_each(|(account, items)| cutting.see(account, items));
        cutting.parts()
    }

    fn holding(parts: &[Part], account: i64) -> Vec<Part> {
        let holds = |part: &&Part| matches!(part, Part::Accounts { first, last } if (*first..=*last).contains(&account));
        parts.iter().filter(holds).copied().collect()
    }

    #[test]
    fn parts_cover_everything_once() {
        assert_eq!(
            cut(std::iter::empty()),
            [Part::Directory, Part::Accounts { first: i64::MIN, last: i64::MAX }]
        );
        let parts = cut((0..1_000).map(|n| (n * 7_919, 300)));
        for account in [i64::MIN, -1, 0, 5, 7_919, 1_000_000, i64::MAX] {
            assert_eq!(holding(&parts, account).len(), 1, "{account}");
        }
        assert!(parts.len() > 40 && parts.len() < 140, "{}", parts.len());
    }

    #[test]
    fn a_large_account_is_alone() {
        let parts = cut([(1, 10), (2, 5), (2, 9_000), (3, 10)].into_iter());
        assert_eq!(holding(&parts, 2), [Part::Accounts { first: 2, last: 2 }]);
        let parts = cut([(1, 9_000), (2, 9_000)].into_iter());
        assert_eq!(holding(&parts, 2), [Part::Accounts { first: 2, last: 2 }]);
    }

    #[test]
    fn one_account_more_moves_few_borders() {
        let many = || (0..1_000).map(|n| (n * 7_919, 300));
        let before = cut(many());
        let after =
            cut(many().chain([(400_000, 300)]).collect::<std::collections::BTreeMap<_, _>>().into_iter());
        let new = after.iter().filter(|part| !before.contains(part)).count();
        assert!(new <= 6, "{new} of {} parts are new", after.len());
    }
}
