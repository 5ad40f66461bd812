//! The one binary: configuration, subcommands, wiring.
//!
//! `serve` opens the store, the office and the listeners and puts the doors on them; the other subcommands talk to a
//! running server over its admin socket, or do the same on the data folder of a stopped one. One file for each under
//! `command`. Here alone arguments, environment and `kontor.toml` are read, and sockets opened (`socket`).
//!
//! Exit codes: 0 done, 1 refused or failed with one line on stderr, 2 wrong usage.

mod backup;
mod command;
mod config;
mod demo;
mod figures;
mod first_start;
mod journal;
mod office;
mod progress;
mod remote;
mod socket;
mod survey;
mod terminal;
mod trash;
mod upkeep;
mod whereabouts;

use clap::Parser;
use std::process::ExitCode;

// Multistatus answers allocate much: 20 to 85 % faster there than with the C library's allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Why a command did not do what was asked.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Refused or failed: exit code 1.
    Refused(String),
    /// Called wrongly: exit code 2.
    Usage(String),
}

/// What a command ends with.
pub(crate) type Outcome<T = ()> = Result<T, Failure>;

impl From<String> for Failure {
    fn from(text: String) -> Self {
        Self::Refused(text)
    }
}

impl From<kontor_listen::StartError> for Failure {
    fn from(error: kontor_listen::StartError) -> Self {
        Self::Refused(error.to_string())
    }
}

fn main() -> ExitCode {
    let cli = command::Cli::parse();
    match command::run(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::Refused(why)) => {
            terminal::complain(&why);
            ExitCode::from(1)
        }
        Err(Failure::Usage(why)) => {
            terminal::complain(&why);
            ExitCode::from(2)
        }
    }
}
