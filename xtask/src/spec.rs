//! `cargo xtask spec`: holds `spec/index.tsv` against the code.
//!
//! The index has five columns, parted by tabs: specification, sections, status (`yes`, `partial`, `planned`, `no`),
//! places in the code, note. A place is `PATH` or `PATH::ITEM`; several are parted by `, `. What is built (`yes`,
//! `partial`) names at least one place, and each place exists; what is not built names none; what is not built in full
//! says in the note what is missing or why. Lines that begin with `#` are comments.

use crate::Outcome;
use crate::place;
use crate::tidy::{Finding, House, Rust};

/// Where the index is, from the root.
pub(crate) const INDEX: &str = "spec/index.tsv";
const STATUS: &[&str] = &["yes", "partial", "planned", "no"];
const HEAD: &str = "spec\tsections\tstatus\twhere\tnote";
const ITEMS: &[&str] =
    &["fn", "struct", "enum", "trait", "const", "static", "type", "mod", "union", "macro_rules!"];

/// Checks the index and prints how much of each status it has.
pub(crate) fn run(args: &[String]) -> Outcome {
    if !args.is_empty() {
        return Err("usage: cargo xtask spec".to_owned());
    }
    let house = House::read(&place::root())?;
    let found = check(&house);
    for f in &found {
        println!("{}:{}: {}", f.path, f.line, f.what);
    }
    let text = house.text(INDEX).unwrap_or_default();
    let count = |status: &str| rows(text).filter(|(_, row)| row.get(2) == Some(&status)).count();
    let counts: Vec<String> = STATUS.iter().map(|s| format!("{} {s}", count(s))).collect();
    println!("{INDEX}: {}", counts.join(", "));
    if found.is_empty() { Ok(()) } else { Err(format!("{} lines of {INDEX} are wrong", found.len())) }
}

/// Every line of the index that is malformed or points at nothing.
pub(crate) fn check(house: &House) -> Vec<Finding> {
    let Some(text) = house.text(INDEX) else {
        return vec![Finding::new(INDEX, 0, "the index is missing")];
    };
    let mut found = Vec::new();
    for (line, row) in rows(text) {
        let [_, _, status, places, note] = row.as_slice() else {
            found.push(Finding::new(INDEX, line, format!("{} columns, not 5", row.len())));
            continue;
        };
        if let Some(what) = judge(house, status, places, note) {
            found.push(Finding::new(INDEX, line, what));
        }
    }
    found
}

/// Lines that are neither head nor comment, split at tabs, with their line number from 1.
fn rows(text: &str) -> impl Iterator<Item = (usize, Vec<&str>)> {
    text.lines()
        .enumerate()
        .filter(|(_, l)| !l.is_empty() && !l.starts_with('#') && *l != HEAD)
        .map(|(at, l)| (at + 1, l.split('\t').collect()))
}

fn judge(house: &House, status: &str, places: &str, note: &str) -> Option<String> {
    if !STATUS.contains(&status) {
        return Some(format!("status `{status}` is none of {}", STATUS.join(", ")));
    }
    let built = matches!(status, "yes" | "partial");
    if built && places.is_empty() {
        return Some(format!("status `{status}` names no place in the code"));
    }
    if !built && !places.is_empty() {
        return Some(format!("status `{status}` names a place in the code"));
    }
    if status != "yes" && note.is_empty() {
        return Some(format!("status `{status}` needs a note: what is missing, or why"));
    }
    let gone: Vec<&str> = places.split(", ").filter(|p| !p.is_empty() && !exists(house, p)).collect();
    (!gone.is_empty()).then(|| format!("not in the code: {}", gone.join(", ")))
}

fn exists(house: &House, place: &str) -> bool {
    let (path, item) = place.split_once("::").map_or((place, None), |(path, item)| (path, Some(item)));
    let Some(item) = item else {
        return house
            .paths()
            .any(|p| p == path || p.strip_prefix(path).is_some_and(|rest| rest.starts_with('/')));
    };
    house.text(path).is_some_and(|text| {
        let code = Rust::parse(text).code;
        let name = item.rsplit("::").next().unwrap_or(item);
        declares(&code, name)
    })
}

fn declares(code: &str, name: &str) -> bool {
    let words: Vec<&str> = code.split(|c: char| c.is_whitespace() || "(<{:;=,".contains(c)).collect();
    words.windows(2).any(|pair| matches!(pair, [keyword, word] if ITEMS.contains(keyword) && *word == name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::sample;

    fn check_row(row: &str, good: bool) {
        let house = sample(&[
            (INDEX, &format!("{HEAD}\n# a comment\n{row}\n")),
            (
                "crates/wire/dav/src/report.rs",
                "pub fn sync_collection<T>() {}\n// fn ghost() {}\nimpl X { fn in_impl() {} }\n",
            ),
        ]);
        assert_eq!(check(&house).is_empty(), good, "{row}: {:?}", check(&house));
    }

    #[test]
    fn rows_are_judged() {
        check_row("RFC 6578\t3.2\tyes\tcrates/wire/dav/src/report.rs::sync_collection\t", true);
        check_row("RFC 6578\t3.2\tyes\tcrates/wire/dav/src/report.rs::X::in_impl, crates/wire/dav\t", true);
        check_row("RFC 6578\t3.2\tyes\tcrates/wire/dav/src/report.rs::ghost\t", false);
        check_row("RFC 6578\t3.2\tyes\tcrates/wire/dav/src/attic.rs\t", false);
        check_row("RFC 6578\t3.2\tyes\t\t", false);
        check_row("RFC 6578\t3.2\tno\t\tnobody sends it", true);
        check_row("RFC 6578\t3.2\tno\t\t", false);
        check_row("RFC 6578\t3.2\tplanned\tcrates/wire/dav\tlater", false);
        check_row("RFC 6578\t3.2\tmaybe\t\tx", false);
        check_row("RFC 6578\t3.2\tyes\tcrates/wire/dav", false);
    }
}
