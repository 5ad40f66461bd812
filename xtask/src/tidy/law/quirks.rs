//! What we do for one client's sake is told to everybody: a `Quirk(name)` comment has a row in COMPATIBILITY.md.

use crate::tidy::rust::line_of;
use crate::tidy::{Finding, House, Law};

pub(crate) const LAW: Law =
    Law { name: "quirks", says: "every Quirk(name) comment has a row in COMPATIBILITY.md", check };

const TABLE: &str = "COMPATIBILITY.md";

fn check(house: &House) -> Vec<Finding> {
    let rows: String = house
        .text(TABLE)
        .unwrap_or_default()
        .lines()
        .filter(|l| l.starts_with('|'))
        .collect::<Vec<_>>()
        .join("\n");
    let mut found = Vec::new();
    for (path, rust) in house.rust(&["crates"]) {
        for (at, _) in rust.text.match_indices("// Quirk(") {
            let name = rust.text.get(at + 9..).and_then(|rest| rest.split(')').next()).unwrap_or_default();
            if !rows.contains(&format!("`{name}`")) {
                let what = format!("Quirk({name}) needs a row with `{name}` in {TABLE}");
                found.push(Finding::new(path, line_of(&rust.text, at), what));
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
    fn an_untold_quirk_is_found() {
        let house = sample(&[
            ("COMPATIBILITY.md", "| `ios-17` | x |\nprose about `khal`\n"),
            ("crates/doors/dav/src/a.rs", "// Quirk(ios-17): x\n// Quirk(khal): y\n"),
        ]);
        assert_eq!(check(&house).iter().map(|f| f.line).collect::<Vec<_>>(), [2]);
    }
}
