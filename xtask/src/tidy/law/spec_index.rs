//! The index of specifications is well formed and points at code that exists.

use crate::spec;
use crate::tidy::{Finding, House, Law};

pub(crate) const LAW: Law = Law {
    name: "spec-index",
    says: "spec/index.tsv is well formed, and the code that it names exists",
    check,
};

fn check(house: &House) -> Vec<Finding> {
    spec::check(house)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::sample;

    #[test]
    fn a_bad_index_is_found() {
        let index = "RFC 1\t*\tmaybe\t\t\nRFC 2\t*\tyes\tcrates/attic.rs::x\t\n";
        assert_eq!(check(&sample(&[(spec::INDEX, index)])).len(), 2);
    }
}
