//! Running the binary.

use kontor_testkit::{Server, User, run};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

pub(crate) const ANNA: User = User { name: "anna", password: "a long and good one" };

/// The binary under test.
pub(crate) fn binary() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_kontor"))
}

/// A server of one's own, with these accounts.
pub(crate) fn server(users: &[User]) -> Server {
    Server::of(binary(), users)
}

/// What one call said and how it ended.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// Runs a command to its end with this on its stdin; one that serves instead of refusing is not waited for.
pub(crate) fn finish(command: &mut Command, input: &str) -> Said {
    let ran = run(command, input, Duration::from_secs(60));
    let out = ran.said.strip_suffix(&ran.complained).unwrap().to_owned();
    Said { code: ran.code.expect("killed"), out, err: ran.complained }
}

/// `kontor --data DATA ARGS`, without a terminal and without anything of ours in the environment.
pub(crate) fn command(data: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(binary());
    command.arg("--data").arg(data).args(args).stdin(Stdio::null());
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("KONTOR_") {
            command.env_remove(name);
        }
    }
    command
}

/// Runs it to its end.
pub(crate) fn kontor(data: &Path, args: &[&str]) -> Said {
    finish(&mut command(data, args), "")
}

impl Said {
    /// Refused with exit code 1, nothing on stdout, and one line on stderr that holds this.
    #[track_caller]
    pub(crate) fn refused(&self, holds: &str) {
        assert_eq!((self.code, self.out.as_str()), (1, ""), "{self:?}");
        assert_eq!(self.err.lines().count(), 1, "{self:?}");
        assert!(self.err.starts_with("kontor: ") && self.err.contains(holds), "{holds:?} is not in {self:?}");
    }

    /// Done, with nothing on stderr; gives what was said.
    #[track_caller]
    pub(crate) fn done(self) -> String {
        assert_eq!((self.code, self.err.as_str()), (0, ""), "{self:?}");
        self.out
    }

    /// Wrong usage.
    #[track_caller]
    pub(crate) fn usage(&self, holds: &str) {
        assert_eq!((self.code, self.out.as_str()), (2, ""), "{self:?}");
        assert!(self.err.contains(holds), "{holds:?} is not in {self:?}");
    }
}
