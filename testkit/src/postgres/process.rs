//! The processes of one PostgreSQL: started, ended politely or not, and never left behind.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::leash::end_with_this_process;
use crate::{signal, until};

/// How long a start, a stop or a question may take on a machine that is busy with other tests.
pub(super) const PATIENCE: Duration = Duration::from_secs(180);

/// See above.
#[derive(Debug)]
pub(super) struct Process {
    folder: PathBuf,
    child: Mutex<Option<Child>>,
}

impl Process {
    /// Not started yet; it logs into the folder.
    pub(super) fn new(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), child: Mutex::default() }
    }

    fn log(&self) -> PathBuf {
        self.folder.join("log")
    }

    fn child(&self) -> MutexGuard<'_, Option<Child>> {
        self.child.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Starts it and waits until it answers.
    pub(super) fn start(&self, command: &mut Command, mut answers: impl FnMut() -> bool) {
        let log =
            File::options().create(true).append(true).open(self.log()).expect("open the log of PostgreSQL");
        let mut child = command.stderr(log).spawn().expect("start PostgreSQL");
        until("PostgreSQL to answer", PATIENCE, || {
            if let Some(status) = child.try_wait().expect("ask for PostgreSQL") {
                panic!("PostgreSQL ended at once with {status}:\n{}", self.last_words());
            }
            answers().then_some(())
        });
        end_with_this_process(&child, "QUIT", &self.folder);
        *self.child() = Some(child);
    }

    /// Whether it has not ended by itself.
    pub(super) fn is_running(&self) -> bool {
        self.child().as_mut().is_some_and(|child| child.try_wait().expect("ask for PostgreSQL").is_none())
    }

    /// It was asked to end: waits for that.
    pub(super) fn ended(&self) {
        if let Some(mut child) = self.child().take() {
            until("PostgreSQL to end", PATIENCE, || child.try_wait().expect("ask for PostgreSQL"));
        }
    }

    /// Ends all at once.
    pub(super) fn kill(&self) {
        // Stopped first, so that its parent cannot start more of them meanwhile.
        let all = self.signal_all("STOP");
        for pid in &all {
            // Who is gone already does not mind.
            signal("KILL", *pid);
        }
        self.ended();
        until("all of PostgreSQL to end", PATIENCE, || all.iter().all(|pid| is_over(*pid)).then_some(()));
    }

    /// CPU seconds that all of it used so far.
    pub(super) fn cpu_seconds(&self) -> f64 {
        let Some(first) = self.child().as_ref().map(Child::id) else { return 0.0 };
        // proc(5), times in ticks: 14 and 15 are one's own, 16 and 17 those of children that ended.
        let ticks = |pid: u32, fields: usize| -> f64 {
            let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
            let after = stat.rsplit_once(')').map_or("", |(_, after)| after).split_whitespace();
            after.skip(11).take(fields).filter_map(|ticks| ticks.parse::<f64>().ok()).sum()
        };
        (ticks(first, 4) + workers(first).into_iter().map(|pid| ticks(pid, 2)).sum::<f64>()) / 100.0
    }

    /// Sends a signal to the server and all its workers; to whom.
    pub(super) fn signal_all(&self, name: &str) -> Vec<u32> {
        let Some(first) = self.child().as_ref().map(Child::id) else { return Vec::new() };
        signal(name, first);
        let mut all = workers(first);
        for pid in &all {
            signal(name, *pid);
        }
        all.push(first);
        all
    }

    /// The end of its log.
    pub(super) fn last_words(&self) -> String {
        let log = fs::read(self.log()).unwrap_or_default();
        String::from_utf8_lossy(&log[log.len().saturating_sub(4000)..]).into_owned()
    }
}

/// State and parent of a process, if there is one (proc(5)).
fn state(pid: u32) -> Option<(char, u32)> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // Its name, in parentheses, may hold anything.
    let mut words = stat.rsplit_once(')')?.1.split_whitespace();
    Some((words.next()?.chars().next()?, words.next()?.parse().ok()?))
}

fn is_over(pid: u32) -> bool {
    state(pid).is_none_or(|(state, _)| state == 'Z')
}

fn workers(parent: u32) -> Vec<u32> {
    let all = fs::read_dir("/proc").expect("read /proc").flatten();
    let pids = all.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    pids.filter(|pid| state(*pid).is_some_and(|(_, above)| above == parent)).collect()
}
