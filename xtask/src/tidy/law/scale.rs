//! The figures of `docs/admin/scale.md` follow from the inputs that it states, by the formulas that stand beside them.

use std::collections::BTreeMap;

use crate::tidy::{Finding, House, Law};

pub(crate) const LAW: Law = Law {
    name: "scale",
    says: "the table of docs/admin/scale.md is what its inputs and formulas come to, rounded up",
    check,
};

const PATH: &str = "docs/admin/scale.md";

type Known = BTreeMap<String, f64>;

fn check(house: &House) -> Vec<Finding> {
    match house.text(PATH) {
        Some(text) => read(text),
        None => vec![Finding::new(PATH, 0, "is missing")],
    }
}

/// Rows of two sorts: an input is a name, a number and where that is from; a result is a name, what it means, a formula, and
/// a number for each number of accounts in the line above the first result.
fn read(text: &str) -> Vec<Finding> {
    let (mut inputs, mut columns, mut findings) = (Known::new(), Vec::<Known>::new(), Vec::new());
    for (line, row) in text.lines().enumerate() {
        let cells: Vec<&str> = row.trim().trim_matches('|').split('|').map(str::trim).collect();
        let name = cells.first().and_then(|cell| cell.strip_prefix('`')?.strip_suffix('`'));
        let mut wrong = |what: String| findings.push(Finding::new(PATH, line + 1, what));
        match (name, cells.as_slice()) {
            (None, ["name", _, "formula", accounts @ ..]) => {
                columns = accounts.iter().filter_map(|cell| number(cell)).map(|n| with(&inputs, n)).collect();
            }
            (Some(name), [_, value, _]) => match number(value) {
                Some(value) => {
                    inputs.insert(name.to_owned(), value);
                }
                None => wrong(format!("{name}: {value} is no number")),
            },
            (Some(name), [_, _, formula, told @ ..]) => {
                if told.len() != columns.len() {
                    wrong(format!("{name}: {} numbers for {} columns", told.len(), columns.len()));
                }
                for (known, told) in columns.iter_mut().zip(told) {
                    match value(formula.trim_matches('`'), known) {
                        Ok(value) if number(told) == Some(value.ceil()) => {
                            known.insert(name.to_owned(), value);
                        }
                        Ok(value) => wrong(format!("{name}: {told} should be {}", grouped(value.ceil()))),
                        Err(why) => wrong(format!("{name}: {why}")),
                    }
                }
            }
            _ => {}
        }
    }
    if columns.is_empty() {
        findings.push(Finding::new(PATH, 0, "there is no table to check"));
    }
    findings
}

fn with(inputs: &Known, accounts: f64) -> Known {
    let mut known = inputs.clone();
    known.insert("accounts".to_owned(), accounts);
    known
}

fn number(text: &str) -> Option<f64> {
    text.replace(',', "").parse().ok()
}

fn grouped(value: f64) -> String {
    let digits = format!("{value:.0}");
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// Sums, products, brackets, names, numbers and `max(a, b)`.
fn value(formula: &str, known: &Known) -> Result<f64, String> {
    let spaced: String = formula
        .chars()
        .flat_map(|c| if "+-*/(),".contains(c) { vec![' ', c, ' '] } else { vec![c] })
        .collect();
    let mut words = spaced.split_whitespace().peekable();
    let value = sum(&mut words, known)?;
    words.next().map_or(Ok(value), |word| Err(format!("{word} is one too many")))
}

type Words<'w> = std::iter::Peekable<std::str::SplitWhitespace<'w>>;

fn sum(words: &mut Words<'_>, known: &Known) -> Result<f64, String> {
    let mut value = product(words, known)?;
    while let Some(sign) = words.next_if(|word| matches!(*word, "+" | "-")) {
        let next = product(words, known)?;
        value += if sign == "+" { next } else { -next };
    }
    Ok(value)
}

fn product(words: &mut Words<'_>, known: &Known) -> Result<f64, String> {
    let mut value = factor(words, known)?;
    while let Some(sign) = words.next_if(|word| matches!(*word, "*" | "/")) {
        let next = factor(words, known)?;
        value = if sign == "*" { value * next } else { value / next };
    }
    Ok(value)
}

fn factor(words: &mut Words<'_>, known: &Known) -> Result<f64, String> {
    let word = words.next().ok_or("it ends too early")?;
    let expect = |words: &mut Words<'_>, what: &str| {
        words.next_if_eq(&what).map(drop).ok_or(format!("{what} is missing"))
    };
    match word {
        "(" => {
            let value = sum(words, known)?;
            expect(words, ")").map(|()| value)
        }
        "max" => {
            expect(words, "(")?;
            let first = sum(words, known)?;
            expect(words, ",")?;
            let second = sum(words, known)?;
            expect(words, ")").map(|()| first.max(second))
        }
        word => number(word).or(known.get(word).copied()).ok_or(format!("{word} is not known")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "| `bytes_each` | 1,500 | measured |\n\n| name | what | formula | 10 | 1,000 |\n|---|---|---|---|---|\n\
                        | `mb` | MB | `accounts * bytes_each / 1000` | 15 | 1,500 |\n\
                        | `disks` | of 1 GB | `max(2, (mb + 1) / 1000)` | 2 | 2 |\n";

    #[test]
    fn what_follows_from_the_inputs_is_right() {
        let findings = |text: &str| read(text).into_iter().map(|one| one.what).collect::<Vec<_>>();
        assert_eq!(findings(GOOD), [] as [&str; 0]);
        let check = |from: &str, to: &str, what: &str| {
            let found = findings(&GOOD.replace(from, to));
            assert!(found.iter().any(|one| one.contains(what)), "{to}: {found:?}");
        };
        check("1,500 | measured", "2,500 | measured", "mb: 15 should be 25");
        check("| 15 | 1,500 |", "| 15 | 1,499 |", "1,499 should be 1,500");
        check("| 15 | 1,500 |", "| 15 |", "1 numbers for 2 columns");
        check("`bytes_each`", "`bytes_any`", "bytes_each is not known");
        check("(mb + 1)", "(mb + 1", ") is missing");
        check("| name |", "| names |", "there is no table");
    }
}
