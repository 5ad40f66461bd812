//! What is not built is not there: no placeholder stands for it.

use crate::tidy::rust::lines_with;
use crate::tidy::{Finding, House, Law};

pub(crate) const LAW: Law =
    Law { name: "unfinished", says: "no todo!, unimplemented!, dbg! or FIXME", check };

const MACROS: &[&str] = &["todo!", "unimplemented!", "dbg!"];
const MARKS: &[&str] = &["TODO", "FIXME", "XXX:"];

fn check(house: &House) -> Vec<Finding> {
    let mut found = Vec::new();
    for (path, rust) in house.rust(&[]) {
        for word in MACROS {
            let what = format!("{word} promises work: do it or leave it out");
            found.extend(
                lines_with(&rust.code, word).into_iter().map(|l| Finding::new(path, l, what.clone())),
            );
        }
        // Marks live in comments; this law's own table of them must not accuse itself.
        for word in MARKS.iter().filter(|_| !path.starts_with("xtask/src/tidy/")) {
            for line in lines_with(&rust.text, word).into_iter().filter(|l| comment_has(&rust.text, *l, word))
            {
                found.push(Finding::new(path, line, format!("{word}: open an issue instead")));
            }
        }
    }
    found
}

fn comment_has(text: &str, line: usize, word: &str) -> bool {
    let line = text.lines().nth(line - 1).unwrap_or_default();
    line.split_once("//").is_some_and(|(_, comment)| comment.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::sample;

    #[test]
    fn placeholders_are_found_and_prose_is_not() {
        let house = sample(&[(
            "crates/core/model/src/lib.rs",
            "fn a() { todo!() }\nfn b() { dbg!(1); }\n// TODO later\nlet s = \"todo!() TODO\";\n",
        )]);
        assert_eq!(check(&house).iter().map(|f| f.line).collect::<Vec<_>>(), [1, 2, 3]);
    }
}
