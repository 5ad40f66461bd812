//! Law 12: names that say nothing draw in everything.

use std::collections::BTreeSet;

use crate::tidy::rust::lines_with;
use crate::tidy::{Finding, House, Law};

pub(crate) const LAW: Law =
    Law { name: "names", says: "no room is called utils, common, helpers, misc, manager or base", check };

const FORBIDDEN: &[&str] = &["util", "utils", "common", "helper", "helpers", "misc", "manager", "base"];

fn check(house: &House) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut told = BTreeSet::new();
    for path in house.paths() {
        let mut at = 0;
        for part in path.split('/') {
            at += part.len() + 1;
            let stem = part.split_once('.').map_or(part, |(stem, _)| stem);
            let place = path.get(..at - 1).unwrap_or(path);
            if FORBIDDEN.contains(&stem) && told.insert(place.to_owned()) {
                found.push(Finding::new(
                    place,
                    0,
                    format!("a room called `{stem}` says nothing about itself"),
                ));
            }
        }
    }
    for member in house.crates() {
        if member.name.split('-').any(|word| FORBIDDEN.contains(&word)) {
            found.push(Finding::new(&member.folder, 0, format!("a crate called `{}`", member.name)));
        }
    }
    for (path, rust) in house.rust(&[]) {
        for name in FORBIDDEN {
            for line in lines_with(&rust.code, &format!("mod {name}")) {
                found.push(Finding::new(path, line, format!("a module called `{name}`")));
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
    fn empty_names_are_found_as_folder_file_crate_and_module() {
        let house = sample(&[
            ("crates/core/store/src/utils/mod.rs", ""),
            ("crates/core/store/src/utils/more.rs", ""),
            ("crates/core/store/src/helpers.rs", ""),
            ("crates/core/store/src/lib.rs", "mod common { }\nmod based;\n"),
            ("crates/core/misc/Cargo.toml", "[package]\nname='kontor-misc'\n"),
        ]);
        assert_eq!(check(&house).len(), 5, "{:?}", check(&house));
    }
}
