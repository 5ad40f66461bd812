//! Talking to the person at the terminal.

use crate::{Failure, Outcome};
use std::io::{self, BufRead, IsTerminal, Write};

/// Longest password that is read, in bytes.
const LONGEST: usize = 4096;

/// One line on stdout. A reader that has left is no reason to complain.
pub(crate) fn say(text: &str) {
    let _left = writeln!(io::stdout().lock(), "{text}");
}

/// One line on stderr.
pub(crate) fn complain(text: &str) {
    let line = text.replace('\n', " ");
    let _left = writeln!(io::stderr().lock(), "kontor: {line}");
}

/// Whether a person sees stderr.
pub(crate) fn is_watched() -> bool {
    io::stderr().is_terminal()
}

/// Whether a person sees stdout.
pub(crate) fn is_shown() -> bool {
    io::stdout().is_terminal()
}

/// The line at the bottom of a terminal, instead of the one that was there; empty to take it away.
pub(crate) fn bar(text: &str) {
    let mut err = io::stderr().lock();
    let _left = write!(err, "\r\x1b[K{text}").and_then(|()| err.flush());
}

/// A password: the one given, or the first line of stdin, or one that is asked for twice without echo.
pub(crate) fn password(given: Option<String>, from_stdin: bool) -> Outcome<String> {
    let password = match given {
        Some(password) => password,
        None if from_stdin => first_line()?,
        None if io::stdin().is_terminal() => ask()?,
        None => {
            let how = "no terminal to ask for the password at: give --password-stdin or --password";
            return Err(Failure::Usage(how.into()));
        }
    };
    if password.is_empty() { Err(Failure::Refused("the password is empty".into())) } else { Ok(password) }
}

fn first_line() -> Outcome<String> {
    let mut line = Vec::new();
    let mut limited = io::Read::take(io::stdin().lock(), LONGEST as u64 + 2);
    limited.read_until(b'\n', &mut line).map_err(|error| format!("cannot read the password: {error}"))?;
    let line = String::from_utf8(line).map_err(|_| "the password is not UTF-8".to_owned())?;
    let line = line.strip_suffix('\n').unwrap_or(&line);
    Ok(line.strip_suffix('\r').unwrap_or(line).to_owned())
}

fn ask() -> Outcome<String> {
    let read = |prompt| {
        rpassword::prompt_password(prompt).map_err(|error| format!("cannot read the password: {error}"))
    };
    let first = read("Password: ")?;
    if read("The same again: ")? != first {
        return Err(Failure::Refused("the two passwords differ; nothing was changed".into()));
    }
    Ok(first)
}

/// Rows with their columns aligned, the first row being the head.
pub(crate) fn table(rows: &[Vec<String>]) {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    for row in rows {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
        say(cells.collect::<Vec<_>>().join("  ").trim_end());
    }
}
