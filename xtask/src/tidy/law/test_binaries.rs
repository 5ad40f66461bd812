//! One integration binary per crate: each further one costs a link of the whole house.

use crate::tidy::{Finding, House, Law};

pub(crate) const LAW: Law = Law {
    name: "test-binaries",
    says: "a crate's integration tests are one binary, tests/it/main.rs",
    check,
};

fn check(house: &House) -> Vec<Finding> {
    let mut found = Vec::new();
    for member in house.crates().iter().filter(|c| c.folder != "fuzz") {
        let tests = format!("{}/tests/", member.folder);
        for path in house.paths() {
            let binary = path.strip_prefix(&tests).is_some_and(|rest| {
                rest != "it/main.rs"
                    && (rest.ends_with(".rs") && !rest.contains('/')
                        || rest.ends_with("/main.rs") && rest.matches('/').count() == 1)
            });
            if binary {
                found.push(Finding::new(path, 0, "move it below tests/it/"));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::sample;

    #[test]
    fn a_second_binary_is_found() {
        let house = sample(&[
            ("e2e/Cargo.toml", "[package]\nname='e'\n"),
            ("e2e/tests/it/main.rs", ""),
            ("e2e/tests/it/khal.rs", ""),
            ("e2e/tests/khal.rs", ""),
            ("e2e/tests/more/main.rs", ""),
        ]);
        assert_eq!(check(&house).len(), 2);
    }
}
