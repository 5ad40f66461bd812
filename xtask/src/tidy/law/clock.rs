//! Law 11: time of day and randomness come in through `model`, so that tests own them.

use crate::tidy::house::below;
use crate::tidy::{Finding, House, Law};

pub(crate) const LAW: Law =
    Law { name: "clock", says: "wall clock and randomness come in through crates/core/model", check };

const MODEL: &str = "crates/core/model";
const WORDS: &[&str] =
    &["SystemTime::now", "Zoned::now", "Timestamp::now", "getrandom::", "rand::", "thread_rng", "OsRng"];

fn check(house: &House) -> Vec<Finding> {
    let mut found = Vec::new();
    for (path, rust) in house.product(&["crates"]).filter(|(path, _)| !below(path, MODEL)) {
        for word in WORDS {
            let what = format!("{word} outside of {MODEL}: ask the clock or the chance that model defines");
            found
                .extend(rust.lines_with(word).into_iter().map(|line| Finding::new(path, line, what.clone())));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::sample;

    #[test]
    fn a_wall_clock_outside_of_model_is_found() {
        let bad = "fn a() { let t = SystemTime::now(); getrandom::fill(&mut b); }\n";
        let house = sample(&[("crates/core/store/src/lib.rs", bad), ("crates/core/model/src/clock.rs", bad)]);
        assert_eq!(check(&house).len(), 2);
    }
}
