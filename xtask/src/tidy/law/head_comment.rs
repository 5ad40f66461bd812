//! Every crate introduces itself.

use crate::tidy::{Finding, House, Law};

pub(crate) const LAW: Law =
    Law { name: "head-comment", says: "every lib.rs and main.rs opens with what the room is for", check };

fn check(house: &House) -> Vec<Finding> {
    let mut found = Vec::new();
    for member in house.crates() {
        let roots = ["src/lib.rs", "src/main.rs"].map(|f| format!("{}/{f}", member.folder));
        for path in roots {
            if house.text(&path).is_some_and(|text| !text.starts_with("//! ")) {
                found.push(Finding::new(
                    &path,
                    1,
                    "begin with `//!`: what this room is for, its types, its laws",
                ));
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
    fn a_crate_without_a_head_comment_is_found() {
        let house = sample(&[
            ("crates/core/model/Cargo.toml", "[package]\nname='m'\n"),
            ("crates/core/model/src/lib.rs", "pub mod id;\n"),
            ("crates/core/store/Cargo.toml", "[package]\nname='s'\n"),
            ("crates/core/store/src/lib.rs", "//! The store.\n"),
        ]);
        assert_eq!(check(&house).len(), 1);
    }
}
