//! Law 6: `groupware` says yes or no, in `access`; a door translates the answer, the store does not ask.
//!
//! Within `groupware` the verbs ask `access` and word its refusals, which no text search can judge.

use crate::tidy::house::below;
use crate::tidy::rust::line_of;
use crate::tidy::{Finding, House, Law};

pub(crate) const LAW: Law = Law {
    name: "rights",
    says: "rights are decided in groupware only: no other room branches on a right or makes a Forbidden",
    check,
};

/// Where the decision is made, and where rights are defined.
const FREE: &[&str] = &["crates/core/groupware", "crates/core/model"];
const BRANCHES: &[&str] = &["if ", "&& ", "|| ", "while "];

fn check(house: &House) -> Vec<Finding> {
    let mut found = Vec::new();
    for (path, rust) in house.product(&["crates"]).filter(|(path, _)| !FREE.iter().any(|f| below(path, f))) {
        for (at, line) in rust.shipped.lines().enumerate() {
            if line.contains("Right::") && BRANCHES.iter().any(|b| line.contains(b)) {
                found.push(Finding::new(path, at + 1, "a branch on a right: ask groupware::access"));
            }
        }
        for (at, made) in rust.shipped.match_indices("Err(Error::Forbidden") {
            let fields = rust.shipped.get(at + made.len()..).unwrap_or_default();
            if fields.trim_start().starts_with("{ ..") {
                continue; // a pattern: a Forbidden is told, not made
            }
            found.push(Finding::new(
                path,
                line_of(&rust.shipped, at),
                "a Forbidden made outside of groupware",
            ));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::sample;

    #[test]
    fn a_door_that_decides_is_found_and_one_that_translates_is_not() {
        let house = sample(&[
            (
                "crates/doors/dav/src/get.rs",
                "if rights.has(Right::Read) {}\nreturn Err(Error::Forbidden { right });\n",
            ),
            (
                "crates/doors/dav/src/privilege.rs",
                "const TABLE: &[(Right, &str)] = &[(Right::Read, \"\")];\nmatch e { Err(Error::Forbidden { .. }) => 403 }\n",
            ),
            ("crates/core/groupware/src/access.rs", "if rights.has(Right::Read) {}\n"),
        ]);
        assert_eq!(check(&house).iter().map(|f| f.line).collect::<Vec<_>>(), [1, 2]);
    }
}
