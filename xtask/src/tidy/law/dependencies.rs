//! Every foreign crate is named once, with its reason, and taken from there.

use crate::tidy::{Finding, House, Law};

pub(crate) const LAW: Law = Law {
    name: "dependencies",
    says: "dependencies stand in [workspace.dependencies] with a reason; crates take them from there, and its lints",
    check,
};

const ROOT: &str = "Cargo.toml";

fn check(house: &House) -> Vec<Finding> {
    let mut found = reasons(house.text(ROOT).unwrap_or_default());
    for member in house.crates().iter().filter(|c| c.folder != "fuzz") {
        let path = format!("{}/Cargo.toml", member.folder);
        let inherits = |v: Option<&toml::Value>| {
            v.and_then(|v| v.get("workspace")).and_then(|w| w.as_bool()) == Some(true)
        };
        for table in ["dependencies", "dev-dependencies", "build-dependencies"] {
            let entries = member.manifest.get(table).and_then(|t| t.as_table()).into_iter().flatten();
            for (name, _) in entries.filter(|(_, value)| !inherits(Some(value))) {
                found.push(Finding::new(&path, 0, format!("{name}: write `{name}.workspace = true`")));
            }
        }
        if !inherits(member.manifest.get("lints")) {
            found.push(Finding::new(&path, 0, "write `[lints] workspace = true`"));
        }
    }
    found
}

/// Lines of `[workspace.dependencies]` that name a foreign crate and end without `# why`.
fn reasons(manifest: &str) -> Vec<Finding> {
    let mut inside = false;
    let mut found = Vec::new();
    for (at, line) in manifest.lines().enumerate() {
        if line.starts_with('[') {
            inside = line.trim_end() == "[workspace.dependencies]";
        }
        let is_entry = inside && line.starts_with(|c: char| c.is_ascii_alphanumeric());
        let reason = line.rsplit_once('#').map_or("", |(_, why)| why.trim());
        if is_entry && !line.contains("path = ") && reason.is_empty() {
            let name = line.split([' ', '=']).next().unwrap_or(line);
            found.push(Finding::new(ROOT, at + 1, format!("{name}: say in one line why it is needed")));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::sample;

    #[test]
    fn a_dependency_without_a_reason_or_of_ones_own_is_found() {
        let house = sample(&[
            (
                "Cargo.toml",
                "[workspace]\n[workspace.dependencies]\nmemchr = \"2\" # search\nrand = \"1\"\nours = { path = \"x\" }\n[profile.dev]\ndebug = 1\n",
            ),
            ("crates/core/model/Cargo.toml", "[package]\nname='m'\n[dependencies]\nmemchr = \"2\"\n"),
        ]);
        let found = check(&house);
        assert_eq!(found.iter().map(|f| f.line).collect::<Vec<_>>(), [4, 0, 0], "{found:?}");
    }
}
