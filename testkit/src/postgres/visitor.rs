//! Somebody else who uses the database.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// A connection that is kept until this is dropped.
#[derive(Debug)]
pub struct Visitor {
    psql: Child,
    ask: ChildStdin,
    told: BufReader<ChildStdout>,
}

impl Visitor {
    pub(super) fn open(mut psql: Command) -> Option<Self> {
        let mut psql = psql.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("run psql");
        let (ask, told) = (psql.stdin.take().unwrap(), BufReader::new(psql.stdout.take().unwrap()));
        let mut us = Self { psql, ask, told };
        us.try_say("SELECT 'here'").map(|_| us)
    }

    /// Says something, with one line for an answer, and waits for that.
    pub fn say(&mut self, sql: &str) -> String {
        self.try_say(sql).unwrap_or_else(|| panic!("{sql} is not answered"))
    }

    fn try_say(&mut self, sql: &str) -> Option<String> {
        writeln!(self.ask, "{sql};").ok()?;
        let mut line = String::new();
        let length = self.told.read_line(&mut line).ok()?;
        (length > 0).then(|| line.trim_end().to_owned())
    }
}

impl Drop for Visitor {
    fn drop(&mut self) {
        let _ = self.psql.kill();
        let _ = self.psql.wait();
    }
}
