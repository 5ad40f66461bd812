//! Running programs: with their output on the terminal, or counted as it passes.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::Outcome;
use crate::place;

/// A program to be run at the root of the workspace, without input.
pub(crate) fn program(name: impl AsRef<Path>, args: &[&str]) -> Command {
    let mut command = Command::new(name.as_ref());
    command.args(args).current_dir(place::root()).stdin(Stdio::null());
    command
}

/// The cargo that runs us, or the one on the path.
pub(crate) fn cargo(args: &[&str]) -> Command {
    program(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()), args)
}

/// Runs a program with its output on the terminal.
pub(crate) fn run(mut command: Command) -> Outcome {
    let name = shown(&command);
    let status = command.status().map_err(|e| format!("starting {name}: {e}"))?;
    if status.success() { Ok(()) } else { Err(format!("{name}: {status}")) }
}

/// Runs a program and hands every line of its output to `each` after printing it.
pub(crate) fn run_lines(mut command: Command, mut each: impl FnMut(&str)) -> Outcome {
    let name = shown(&command);
    let starting = |e| format!("starting {name}: {e}");
    let mut child = command.stdout(Stdio::piped()).spawn().map_err(starting)?;
    let out = child.stdout.take().into_iter().flat_map(|out| BufReader::new(out).split(b'\n'));
    for line in out {
        let line = line.map_err(|e| format!("reading from {name}: {e}"))?;
        let line = String::from_utf8_lossy(&line);
        println!("{line}");
        each(&line);
    }
    let status = child.wait().map_err(|e| format!("waiting for {name}: {e}"))?;
    if status.success() { Ok(()) } else { Err(format!("{name}: {status}")) }
}

/// Prints a heading, runs `step`, prints how long it took.
pub(crate) fn step<T>(title: &str, step: impl FnOnce() -> T) -> (T, Duration) {
    println!("\n== {title}");
    let _ = std::io::stdout().flush();
    let begun = Instant::now();
    let result = step();
    (result, begun.elapsed())
}

fn shown(command: &Command) -> String {
    let name =
        Path::new(command.get_program()).file_name().unwrap_or_default().to_string_lossy().into_owned();
    let args = command.get_args().map(|a| a.to_string_lossy().into_owned());
    std::iter::once(name).chain(args).collect::<Vec<_>>().join(" ")
}
