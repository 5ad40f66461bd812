//! Law 4: `formats` and `wire` turn bytes into types and back, and do nothing else.

use crate::tidy::{Finding, House, Law};

pub(crate) const LAW: Law = Law {
    name: "purity",
    says: "formats and wire have no async, files, network, clock, randomness or logging",
    check,
};

const ROOMS: &[&str] = &["crates/formats", "crates/wire"];
const CRATES: &[&str] = &[
    "tokio",
    "hyper",
    "hyper-util",
    "futures",
    "async-trait",
    "tracing",
    "log",
    "getrandom",
    "rand",
    "rusqlite",
    "socket2",
    "rustls",
];
const WORDS: &[&str] = &[
    "async",
    ".await",
    "std::fs",
    "std::net",
    "std::process",
    "std::thread",
    "std::env",
    "SystemTime",
    "Instant::now",
    "Zoned::now",
    "Timestamp::now",
    "getrandom",
    "tracing::",
    "log::",
    "tokio::",
    "println!",
    "eprintln!",
];

fn check(house: &House) -> Vec<Finding> {
    let mut found = Vec::new();
    for member in house.crates().iter().filter(|c| ROOMS.iter().any(|r| c.folder.starts_with(r))) {
        for name in member.needs.iter().filter(|n| CRATES.contains(&n.as_str())) {
            found.push(Finding::new(
                &format!("{}/Cargo.toml", member.folder),
                0,
                format!("{name} has no place in a pure room"),
            ));
        }
    }
    for (path, rust) in house.product(ROOMS) {
        for word in WORDS {
            let lines = rust.lines_with(word);
            found.extend(
                lines.into_iter().map(|line| Finding::new(path, line, format!("{word} in a pure room"))),
            );
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::sample;

    #[test]
    fn async_files_clock_and_logs_are_found() {
        let house = sample(&[
            ("crates/wire/dav/Cargo.toml", "[package]\nname='w'\n[dependencies]\ntokio.workspace=true\n"),
            (
                "crates/wire/dav/src/lib.rs",
                "async fn a() {}\nuse std::fs;\nlet t = SystemTime::now();\ntracing::info!(\"\");\n",
            ),
        ]);
        assert_eq!(check(&house).len(), 5, "{:?}", check(&house));
    }

    #[test]
    fn prose_tests_and_other_rooms_are_free() {
        let house = sample(&[
            ("crates/wire/dav/src/lib.rs", "//! no async\n#[cfg(test)]\nmod tests { use std::fs; }\n"),
            ("crates/doors/dav/src/lib.rs", "async fn a() {}\n"),
        ]);
        assert_eq!(check(&house), []);
    }
}
