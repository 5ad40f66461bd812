//! Long files and functions. The list of exceptions, `xtask/long.txt`, may only shrink.
//!
//! Each line of the list is `PATH LINES` or `PATH::FUNCTION LINES`. Test code does not count.

use std::collections::BTreeMap;

use crate::tidy::{Finding, House, Law};

pub(crate) const LAW: Law = Law {
    name: "length",
    says: "a file over 800 lines or a function over 100 stands in xtask/long.txt, and never grows",
    check,
};

const LIST: &str = "xtask/long.txt";
const FILE: usize = 800;
const FUNCTION: usize = 100;

fn check(house: &House) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut listed = read_list(house.text(LIST).unwrap_or_default(), &mut found);
    for (path, rust) in house.product(&[]) {
        judge(path.to_owned(), path, 0, rust.shipped_lines(), FILE, &mut listed, &mut found);
        let mut longest: BTreeMap<String, (usize, usize)> = BTreeMap::new();
        for f in rust.functions() {
            let seen = longest.entry(f.name).or_default();
            *seen = (*seen).max((f.lines, f.line));
        }
        for (name, (lines, line)) in longest {
            judge(format!("{path}::{name}"), path, line, lines, FUNCTION, &mut listed, &mut found);
        }
    }
    for (name, (line, _)) in listed {
        found.push(Finding::new(LIST, line, format!("{name} is no longer there: strike it from the list")));
    }
    found
}

fn judge(
    name: String,
    path: &str,
    line: usize,
    lines: usize,
    limit: usize,
    listed: &mut BTreeMap<String, (usize, usize)>,
    found: &mut Vec<Finding>,
) {
    match listed.remove(&name) {
        None if lines > limit => {
            found.push(Finding::new(
                path,
                line,
                format!("{name} has {lines} lines, the limit is {limit}: split it"),
            ));
        }
        None => {}
        Some((at, _)) if lines <= limit => {
            found.push(Finding::new(LIST, at, format!("{name} is no longer long: strike it from the list")));
        }
        Some((at, was)) if lines != was => {
            let what = if lines > was { "grew: split it" } else { "shrank: write the new figure" };
            found.push(Finding::new(
                LIST,
                at,
                format!("{name} is listed with {was} lines and has {lines}: it {what}"),
            ));
        }
        Some(_) => {}
    }
}

fn read_list(text: &str, found: &mut Vec<Finding>) -> BTreeMap<String, (usize, usize)> {
    let mut listed = BTreeMap::new();
    for (at, line) in text.lines().enumerate().filter(|(_, l)| !l.is_empty() && !l.starts_with('#')) {
        match line.rsplit_once(' ').map(|(name, lines)| (name.trim(), lines.parse::<usize>())) {
            Some((name, Ok(lines))) => {
                listed.insert(name.to_owned(), (at + 1, lines));
            }
            _ => found.push(Finding::new(LIST, at + 1, "a line is `PATH LINES` or `PATH::FUNCTION LINES`")),
        }
    }
    listed
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::sample;

    fn long_fn(lines: usize) -> String {
        format!("fn long() {{\n{}}}\n", "    1;\n".repeat(lines - 2))
    }

    fn check_list(list: &str, body: &str, findings: usize) {
        let house = sample(&[("xtask/long.txt", list), ("crates/core/model/src/a.rs", body)]);
        assert_eq!(check(&house).len(), findings, "{list}: {:?}", check(&house));
    }

    #[test]
    fn long_ones_must_be_listed_and_may_only_shrink() {
        check_list("", &long_fn(100), 0);
        check_list("", &long_fn(101), 1);
        check_list("crates/core/model/src/a.rs::long 120\n", &long_fn(120), 0);
        check_list("crates/core/model/src/a.rs::long 119\n", &long_fn(120), 1);
        check_list("crates/core/model/src/a.rs::long 121\n", &long_fn(120), 1);
        check_list("crates/core/model/src/a.rs::long 120\n", &long_fn(10), 1);
        check_list("crates/core/model/src/b.rs::long 120\n", "", 1);
        check_list("", &"// line\n".repeat(801), 1);
        check_list("crates/core/model/src/a.rs\n", "", 1);
    }

    #[test]
    fn tests_do_not_count() {
        check_list(
            "",
            &format!("#[cfg(test)]\nmod tests {{\n{}\n{}}}\n", long_fn(200), "// x\n".repeat(900)),
            0,
        );
    }
}
