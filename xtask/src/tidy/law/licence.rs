//! Our own licence is stated everywhere. Licences of foreign crates are judged by cargo-deny (deny.toml).

use crate::tidy::{Finding, House, Law};

pub(crate) const LAW: Law = Law {
    name: "licence",
    says: "the workspace is Apache-2.0 and every crate says so; cargo-deny judges the others",
    check,
};

fn check(house: &House) -> Vec<Finding> {
    let mut found = Vec::new();
    if !house.text("LICENSE").is_some_and(|t| t.contains("Apache License") && t.contains("Version 2.0")) {
        found.push(Finding::new("LICENSE", 0, "the text of Apache-2.0 is missing"));
    }
    if !house.text("Cargo.toml").is_some_and(|t| t.contains("license = \"Apache-2.0\"")) {
        found.push(Finding::new("Cargo.toml", 0, "[workspace.package] lacks `license = \"Apache-2.0\"`"));
    }
    for member in house.crates().iter().filter(|c| c.folder != "fuzz") {
        let licence = member.manifest.get("package").and_then(|p| p.get("license"));
        if licence.and_then(|l| l.get("workspace")).is_none() {
            let path = format!("{}/Cargo.toml", member.folder);
            found.push(Finding::new(&path, 0, "write `license.workspace = true`"));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::sample;

    #[test]
    fn a_missing_licence_is_found() {
        let house = sample(&[
            ("Cargo.toml", "[workspace.package]\nlicense = \"Apache-2.0\"\n"),
            ("crates/core/model/Cargo.toml", "[package]\nname='m'\nlicense='MIT'\n"),
        ]);
        assert_eq!(check(&house).len(), 2);
    }
}
