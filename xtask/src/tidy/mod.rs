//! `cargo xtask tidy`: the laws of the house as checks over source text and `Cargo.toml` files.
//!
//! A law is a [`Law`]: a name, a sentence, and a function from the [`House`] to its [`Finding`]s. Each lives in its own
//! file under `law/` with tests that show it failing on a bad sample. Laws that types or tests hold instead (no write
//! without a change, canonical text stays as it came) have no check here.

mod house;
mod law;
mod rust;

pub(crate) use house::House;
#[cfg(test)]
pub(crate) use house::sample;
pub(crate) use rust::Rust;

use crate::Outcome;
use crate::place;

/// One place where the source breaks a law.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    /// Path from the root, with forward slashes.
    pub(crate) path: String,
    /// Line, from 1; 0 when the whole file is meant.
    pub(crate) line: usize,
    /// What is wrong and what to do, lower case.
    pub(crate) what: String,
}

impl Finding {
    /// A finding at `line` (0: the file as a whole).
    pub(crate) fn new(path: &str, line: usize, what: impl Into<String>) -> Finding {
        Finding { path: path.to_owned(), line, what: what.into() }
    }
}

/// One rule of the house that a machine can check.
pub(crate) struct Law {
    /// Short name, shown before each finding.
    pub(crate) name: &'static str,
    /// The rule in one sentence.
    pub(crate) says: &'static str,
    /// Every place that breaks it.
    pub(crate) check: fn(&House) -> Vec<Finding>,
}

/// Runs every law over the workspace; prints each finding; fails if there is one.
pub(crate) fn run(args: &[String]) -> Outcome {
    match args {
        [] => {}
        [flag] if flag == "--laws" => {
            for law in law::ALL {
                println!("{:<14} {}", law.name, law.says);
            }
            return Ok(());
        }
        _ => return Err("usage: cargo xtask tidy [--laws]".to_owned()),
    }
    let house = House::read(&place::root())?;
    let mut found = 0;
    for law in law::ALL {
        for finding in (law.check)(&house) {
            println!("{}:{}: {}: {}", finding.path, finding.line, law.name, finding.what);
            found += 1;
        }
    }
    match found {
        0 => {
            println!("tidy: {} laws hold over {} files", law::ALL.len(), house.len());
            Ok(())
        }
        n => Err(format!("{n} places break a law of the house (cargo xtask tidy --laws lists them)")),
    }
}
