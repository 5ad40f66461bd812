//! `cargo xtask test`: everything that must be green before a change lands, in one command; `.ci/run` calls exactly it.
//!
//! Steps run in order and all of them run, so that one look shows every failure. A test case counts as one, and so does
//! each step that is not made of test cases (formatting, lints, laws, licences, the build).

use std::process::Command;

use crate::shell::{cargo, program, run, run_lines, step};
use crate::{Outcome, place};

/// What has passed and failed so far.
#[derive(Default, Debug, PartialEq, Eq, Clone, Copy)]
struct Score {
    passed: usize,
    failed: usize,
}

type Step = (&'static str, fn(&mut Score) -> Outcome);

const QUICK: &[Step] = &[
    ("fmt", |score| whole(score, run(cargo(&["fmt", "--all", "--check"])))),
    ("clippy", |score| whole(score, run(cargo(&clippy())))),
    ("tidy", |score| whole(score, crate::tidy::run(&[]))),
    ("unit tests", |score| {
        cases(
            score,
            cargo(&["test", "--workspace", "--exclude", "kontor-e2e", "--lib", "--bins", "--no-fail-fast"]),
        )
    }),
];

/// What is quick or fails often comes first.
const FULL: &[Step] = &[
    ("fmt: one layout", |score| whole(score, run(cargo(&["fmt", "--all", "--check"])))),
    ("tidy: the laws of the house", |score| whole(score, crate::tidy::run(&[]))),
    ("clippy: no warning", |score| whole(score, run(cargo(&clippy())))),
    ("tests: unit, property, golden", |score| {
        let others = ["--exclude", "kontor-store", "--exclude", "kontor-e2e"];
        cases(score, cargo(&[&["test", "--workspace", "--no-fail-fast"], &others[..]].concat()))
    }),
    ("store on SQLite: the suite and the model", |score| {
        cases(score, on("sqlite", "kontor-store", POSTGRES_ONLY))
    }),
    ("store on PostgreSQL: the suite, the model, several nodes", |score| {
        cases(score, on("postgres", "kontor-store", SQLITE_ONLY))
    }),
    ("build: the release binary, and the one that rehearses upgrades", |score| {
        let release = run(cargo(&["build", "--release", "--package", "kontor"]));
        whole(score, release.and_then(|()| run(cargo(&["build", "--package", "kontor"]))))
    }),
    ("e2e on SQLite: real clients against the release binary", |score| {
        cases(score, on("sqlite", "kontor-e2e", POSTGRES_ONLY))
    }),
    ("e2e on PostgreSQL: the same, and its faults", |score| {
        cases(score, on("postgres", "kontor-e2e", SQLITE_ONLY))
    }),
    ("fuzz: every parser, its seeds and 20,000 mutations", |score| {
        whole(score, crate::fuzz::every_target(20_000))
    }),
    ("deny: licences, bans and sources of dependencies", |score| whole(score, deny())),
];

/// Modules of tests that are about one engine alone, whatever the switch says.
const POSTGRES_ONLY: &[&str] = &["nodes::", "postgres::"];
const SQLITE_ONLY: &[&str] = &["embedded::", "full_disk::"];

/// The tests of a package on one engine, without modules that are only about the other.
fn on(engine: &str, package: &str, without: &[&str]) -> Command {
    let skips = without.iter().flat_map(|module| ["--skip", module]);
    let args: Vec<&str> =
        ["test", "--package", package, "--no-fail-fast", "--"].into_iter().chain(skips).collect();
    let mut command = cargo(&args);
    command.env("KONTOR_TEST_STORE", engine).env("KONTOR_BIN", place::kontor());
    command.env("KONTOR_REHEARSING_BIN", place::rehearsing_kontor());
    command
}

fn clippy() -> [&'static str; 6] {
    ["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]
}

/// Runs the steps; the last line says how many passed and failed.
fn run_steps(steps: &[Step]) -> Outcome {
    let mut score = Score::default();
    let mut times = Vec::new();
    for (at, (name, work)) in steps.iter().enumerate() {
        let title = format!("{}/{} {name}", at + 1, steps.len());
        let before = score;
        let (outcome, took) = step(&title, || work(&mut score));
        if let Err(why) = &outcome {
            println!("failed: {why}");
        }
        let mark = if outcome.is_ok() { "ok" } else { "FAILED" };
        let (passed, took) = (score.passed - before.passed, took.as_secs_f64());
        times.push(format!("{mark:<7}{took:>7.1} s {passed:>6} passed  {name}"));
    }
    println!("\n{}\n\n{} passed, {} failed", times.join("\n"), score.passed, score.failed);
    if score.failed == 0 { Ok(()) } else { Err(format!("{} failed", score.failed)) }
}

/// `cargo xtask test [--quick]`.
pub(crate) fn run_task(args: &[String]) -> Outcome {
    match args {
        [] => run_steps(FULL),
        [flag] if flag == "--quick" => run_steps(QUICK),
        _ => Err("usage: cargo xtask test [--quick]".to_owned()),
    }
}

/// A step that passes or fails as one.
fn whole(score: &mut Score, outcome: Outcome) -> Outcome {
    match outcome {
        Ok(()) => score.passed += 1,
        Err(_) => score.failed += 1,
    }
    outcome
}

/// A step made of test cases, counted from the lines in which each test binary sums itself up.
fn cases(score: &mut Score, command: Command) -> Outcome {
    let mut here = Score::default();
    let outcome = run_lines(command, |line| {
        if let Some(binary) = summary(line) {
            here.passed += binary.passed;
            here.failed += binary.failed;
        }
    });
    if outcome.is_err() && here.failed == 0 {
        here.failed = 1; // it did not compile, or a binary died before it could sum up
    }
    score.passed += here.passed;
    score.failed += here.failed;
    outcome
}

/// Reads `test result: ok. 12 passed; 0 failed; ...`.
fn summary(line: &str) -> Option<Score> {
    let rest = line.strip_prefix("test result: ")?.split_once(". ")?.1;
    let figure = |word: &str| rest.split("; ").find_map(|part| part.strip_suffix(word)?.trim().parse().ok());
    Some(Score { passed: figure("passed")?, failed: figure("failed")? })
}

/// The version of cargo-deny that `deny.toml` is written for.
const CARGO_DENY: &str = "0.20.2";

/// Installs cargo-deny below `target/tools` if it is not there, and lets it judge. Advisories are not asked for: see deny.toml.
fn deny() -> Outcome {
    let tools = place::target().join("tools");
    let deny = tools.join("bin").join("cargo-deny");
    if !deny.exists() {
        let at = tools.display().to_string();
        // An unoptimised build takes a third of the time and judges as well.
        run(cargo(&[
            "install",
            "--locked",
            "--debug",
            "--version",
            CARGO_DENY,
            "--root",
            &at,
            "cargo-deny",
        ]))?;
    }
    run(program(deny, &["check", "licenses", "bans", "sources"]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn summaries_of_test_binaries_are_read() {
        let line = "test result: FAILED. 12 passed; 3 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.1s";
        assert_eq!(summary(line), Some(Score { passed: 12, failed: 3 }));
        assert_eq!(summary("test result of mine"), None);
    }

    #[test]
    fn a_run_that_dies_without_a_summary_counts_as_one_failure() {
        let mut score = Score::default();
        assert!(cases(&mut score, program("false", &[])).is_err());
        assert_eq!(score, Score { passed: 0, failed: 1 });
    }
}
