//! Law 10: one crate reads the outside world's wishes; all others are handed values.

use crate::tidy::house::below;
use crate::tidy::{Finding, House, Law};

pub(crate) const LAW: Law = Law {
    name: "configuration",
    says: "only crates/kontor reads configuration, environment and arguments, and opens listeners",
    check,
};

const KONTOR: &str = "crates/kontor";
const WORDS: &[&str] = &[
    "env::var",
    "env::vars",
    "env::var_os",
    "env::args",
    "env::args_os",
    "TcpListener::bind",
    "UnixListener::bind",
];
const CRATES: &[&str] = &["clap", "toml", "rpassword"];

fn check(house: &House) -> Vec<Finding> {
    let mut found = Vec::new();
    for member in house.crates().iter().filter(|c| c.folder.starts_with("crates/") && c.folder != KONTOR) {
        for name in member.needs.iter().filter(|n| CRATES.contains(&n.as_str())) {
            let path = format!("{}/Cargo.toml", member.folder);
            found.push(Finding::new(&path, 0, format!("{name} reads configuration: only {KONTOR} does")));
        }
    }
    for (path, rust) in house.product(&["crates"]).filter(|(path, _)| !below(path, KONTOR)) {
        for word in WORDS {
            let what = format!("{word} outside of {KONTOR}: take the value as an argument");
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
    fn environment_and_listeners_outside_of_kontor_are_found() {
        let bad = "fn a() { std::env::var(\"X\"); }\nfn b() { TcpListener::bind(x) }\n";
        let house = sample(&[
            ("crates/doors/listen/src/lib.rs", bad),
            ("crates/kontor/src/main.rs", bad),
            ("crates/core/model/Cargo.toml", "[package]\nname='m'\n[dependencies]\nclap.workspace=true\n"),
        ]);
        assert_eq!(check(&house).iter().map(|f| f.line).collect::<Vec<_>>(), [0, 1, 2]);
    }
}
