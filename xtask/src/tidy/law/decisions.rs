//! A decision is cited by its number, so each has one of its own.

use std::collections::BTreeMap;

use crate::tidy::{Finding, House, Law};

pub(crate) const LAW: Law = Law {
    name: "decisions",
    says: "files of docs/decisions are NNNN-words.md, each with a number of its own that its title repeats",
    check,
};

const FOLDER: &str = "docs/decisions/";

fn check(house: &House) -> Vec<Finding> {
    let mut numbers = BTreeMap::new();
    let mut found = Vec::new();
    for path in house.paths().filter(|path| path.starts_with(FOLDER)) {
        let Some(number) = number(path) else {
            found.push(Finding::new(path, 0, "is not named NNNN-words.md"));
            continue;
        };
        let title = house.text(path).and_then(|text| text.lines().next()).unwrap_or_default();
        if !title.starts_with(&format!("# {number}. ")) {
            found.push(Finding::new(path, 1, format!("the title does not begin with \"# {number}. \"")));
        }
        if let Some(other) = numbers.insert(number, path) {
            found.push(Finding::new(path, 0, format!("{other} has this number")));
        }
    }
    found
}

fn number(path: &str) -> Option<u32> {
    let (digits, words) = path.strip_prefix(FOLDER)?.split_once('-')?;
    let whole = digits.len() == 4 && words.ends_with(".md");
    digits.parse().ok().filter(|_| whole)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::sample;

    #[test]
    fn a_number_is_given_once() {
        let check = |files: &[(&str, &str)]| check(&sample(files)).len();
        assert_eq!(
            check(&[("docs/decisions/0001-a.md", "# 1. A\n"), ("docs/decisions/0002-b.md", "# 2. B\n")]),
            0
        );
        assert_eq!(
            check(&[("docs/decisions/0001-a.md", "# 1. A\n"), ("docs/decisions/0001-b.md", "# 1. B\n")]),
            1
        );
        assert_eq!(check(&[("docs/decisions/0001-a.md", "# 2. A\n")]), 1);
        assert_eq!(check(&[("docs/decisions/one.md", "# 1. A\n")]), 1);
    }
}
