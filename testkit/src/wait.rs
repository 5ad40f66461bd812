//! Waiting with an end: for a condition, and for a program.

use std::fs::{self, File};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::Folder;

/// Asks `ready` again and again until it gives a value; panics, naming `what`, when `bound` has passed.
pub fn until<T>(what: &str, bound: Duration, mut ready: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(value) = ready() {
            return value;
        }
        assert!(begun.elapsed() < bound, "waited {} s for {what}", bound.as_secs());
        sleep(Duration::from_millis(20));
    }
}

/// How a program ended, and all that it said.
#[derive(Debug)]
pub struct Ran {
    /// Whether it ended with 0.
    pub ok: bool,
    /// What it ended with; `None` if a signal ended it.
    pub code: Option<i32>,
    /// Standard output, then standard error.
    pub said: String,
    /// Standard error alone.
    pub complained: String,
}

/// Runs a program to its end with `input` on its standard input; panics if it takes longer than `bound`.
pub fn run(command: &mut Command, input: &str, bound: Duration) -> Ran {
    let shown = format!("{command:?}");
    let folder = Folder::new("run");
    let (from, to, err) = (folder.write("in", input), folder.join("out"), folder.join("err"));
    let mut child = command
        .stdin(File::open(from).unwrap())
        .stdout(Stdio::from(File::create(&to).unwrap()))
        .stderr(Stdio::from(File::create(&err).unwrap()))
        .spawn()
        .unwrap_or_else(|e| panic!("starting {shown}: {e}"));
    let text = |path| String::from_utf8_lossy(&fs::read(path).unwrap_or_default()).into_owned();
    let begun = Instant::now();
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            let complained = text(&err);
            let said = text(&to) + &complained;
            return Ran { ok: status.success(), code: status.code(), said, complained };
        }
        if begun.elapsed() > bound {
            let _ = child.kill();
            let _ = child.wait();
            panic!("{shown} took more than {} s and said:\n{}", bound.as_secs(), text(&to) + &text(&err));
        }
        sleep(Duration::from_millis(5));
    }
}

/// Sends a signal, by its name without SIG, to a process; whether it was there.
pub fn signal(name: &str, pid: u32) -> bool {
    // The shell's own: not every machine has the program.
    let kill = format!("kill -{name} {pid}");
    run(Command::new("sh").args(["-c", &kill]), "", Duration::from_secs(60)).ok
}

impl Ran {
    /// What it said, if it ended well; panics with it otherwise.
    #[track_caller]
    pub fn said_if_ok(self) -> String {
        assert!(self.ok, "the program failed and said:\n{}", self.said);
        self.said
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_run_with_input_and_bound() {
        let bound = Duration::from_secs(5);
        assert_eq!(run(&mut Command::new("cat"), "hello", bound).said_if_ok(), "hello");
        let failed = run(Command::new("sh").args(["-c", "echo a; echo b >&2; exit 3"]), "", bound);
        assert_eq!((failed.ok, failed.code), (false, Some(3)));
        assert_eq!((failed.said.as_str(), failed.complained.as_str()), ("a\nb\n", "b\n"));
        let slow = || run(Command::new("sleep").arg("60"), "", Duration::from_millis(50));
        assert!(std::panic::catch_unwind(slow).is_err());
    }
}
