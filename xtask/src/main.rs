//! The tasks of the workspace, run as `cargo xtask TASK`.
//!
//! `tidy` holds the source against the laws of ARCHITECTURE.md; `spec` holds `spec/index.tsv` against the code;
//! `test` runs everything that must be green before a change lands; `up` starts a demo office; `bench` measures.
//! One file or folder a task, and the table [`TASKS`] names them all. A task returns `Ok(())` or the one line that
//! says what failed; the process then ends with 1, or with 2 if it was called wrongly.
//!
//! Nothing here is part of the product, and no crate of the product may depend on it.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command-line tool speaks by printing")]

mod bench;
mod fuzz;
mod place;
mod shell;
mod spec;
mod test;
mod tidy;
mod up;

use std::process::ExitCode;

/// How a task ended: `Err` is the one line for the person who called it.
type Outcome = Result<(), String>;

/// One word after `cargo xtask`.
struct Task {
    name: &'static str,
    says: &'static str,
    run: fn(&[String]) -> Outcome,
}

const TASKS: &[Task] = &[
    Task {
        name: "up",
        says: "build, make a demo office in ./kontor-data, serve it on 127.0.0.1:8080",
        run: up::run_task,
    },
    Task {
        name: "test",
        says: "everything that must be green [--quick: fmt, clippy, tidy, unit tests]",
        run: test::run_task,
    },
    Task {
        name: "tidy",
        says: "hold the source against the laws of the house [--laws: list them]",
        run: tidy::run,
    },
    Task {
        name: "bench",
        says: "measure Kontor beside other servers [--items N --only LIST --scale --json FILE]",
        run: bench::run_task,
    },
    Task {
        name: "fuzz",
        says: "run every fuzz target on its seeds and [MUTATIONS] more inputs (a million)",
        run: fuzz::run_task,
    },
    Task { name: "spec", says: "hold spec/index.tsv against the code", run: spec::run },
];

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let Some((name, rest)) = args.split_first() else {
        return usage();
    };
    let Some(task) = TASKS.iter().find(|t| t.name == name) else {
        return usage();
    };
    match (task.run)(rest) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("xtask {name}: {why}");
            ExitCode::FAILURE
        }
    }
}

fn usage() -> ExitCode {
    eprintln!("usage: cargo xtask TASK");
    for task in TASKS {
        eprintln!("  {:<6} {}", task.name, task.says);
    }
    ExitCode::from(2)
}
