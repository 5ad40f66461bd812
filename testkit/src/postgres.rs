//! A PostgreSQL of the tests' own: Debian's package, its own data folder and socket, thrown away at the end.

use crate::leash::end_with_this_process;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// Where Debian puts its programs.
const PROGRAMS: &str = "/usr/lib/postgresql";

/// One server for all tests of this process, started by the first that asks.
pub fn postgres() -> &'static Postgres {
    static SERVER: OnceLock<Postgres> = OnceLock::new();
    SERVER.get_or_init(|| Postgres::start("suite"))
}

/// A running server.
#[derive(Debug)]
pub struct Postgres {
    folder: PathBuf,
    programs: PathBuf,
}

impl Postgres {
    /// Makes a data folder and starts a server on it, which ends with this process.
    pub fn start(name: &str) -> Self {
        let programs = programs();
        let folder = std::env::temp_dir().join(format!("kontor-pg-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("make the folder of PostgreSQL");
        if is_root() {
            done(Command::new("chown").args(["postgres", &text(&folder)]), "give the folder away");
        }
        let server = Self { folder, programs };
        let data = text(&server.folder.join("data"));
        let init = ["--pgdata", &data, "--username=kontor", "--auth=trust", "--encoding=UTF8", "--locale=C"];
        done(server.program("initdb").args(init), "make a database cluster");
        server.run();
        server
    }

    /// Starts the server on the folder that is there.
    pub fn run(&self) {
        let data = text(&self.folder.join("data"));
        let folder = text(&self.folder);
        let mut child = self
            .program("postgres")
            .args(["-D", &data, "-k", &folder, "-c", "listen_addresses=", "-c", "max_connections=600"])
            .args(["-c", "shared_buffers=64MB", "-c", "log_min_messages=fatal"])
            .spawn()
            .expect("start PostgreSQL");
        let begun = Instant::now();
        while !self.answers() {
            assert!(begun.elapsed() < Duration::from_secs(60), "PostgreSQL does not answer");
            assert!(child.try_wait().expect("ask for PostgreSQL").is_none(), "PostgreSQL ended at once");
            std::thread::sleep(Duration::from_millis(20));
        }
        end_with_this_process(&child, "INT", &self.folder);
        std::thread::spawn(move || child.wait());
    }

    fn answers(&self) -> bool {
        let mut ask = self.program("psql");
        ask.args(["-qXAt", "-c", "SELECT 1", &self.url("postgres")]).stdout(Stdio::null());
        ask.status().is_ok_and(|status| status.success())
    }

    /// Runs statements in the database `name`.
    pub fn sql(&self, name: &str, sql: &str) -> String {
        let mut ask = self.program("psql");
        let answer = ask
            .args(["-qXAt", "-v", "ON_ERROR_STOP=1", "-c", sql, &self.url(name)])
            .stdout(Stdio::piped())
            .output()
            .expect("run psql");
        assert!(answer.status.success(), "{sql} failed");
        String::from_utf8_lossy(&answer.stdout).trim().to_owned()
    }

    /// Makes an empty database.
    pub fn create(&self, name: &str) -> String {
        self.sql("postgres", &format!("CREATE DATABASE \"{name}\" TEMPLATE template0"));
        self.url(name)
    }

    /// How to reach a database.
    pub fn url(&self, name: &str) -> String {
        format!("postgres://kontor@{}/{name}", text(&self.folder).replace('/', "%2F"))
    }

    /// Stops the server as an administrator would, cutting off who is connected.
    pub fn stop(&self) {
        let data = text(&self.folder.join("data"));
        done(self.program("pg_ctl").args(["-D", &data, "-m", "fast", "-w", "stop"]), "stop PostgreSQL");
    }

    /// One of its programs, as a user that PostgreSQL accepts.
    fn program(&self, name: &str) -> Command {
        let path = self.programs.join(name);
        let mut command = if is_root() {
            let mut command = Command::new("setpriv");
            command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups"]).arg(path);
            command
        } else {
            Command::new(path)
        };
        command.current_dir("/").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command
    }
}

/// Where the programs are; installs them if need be. A test that cannot have them fails.
fn programs() -> PathBuf {
    if let Some(found) = found() {
        return found;
    }
    let mut install = Command::new("sh");
    install.args(["-c", "apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y postgresql"]);
    done(&mut install, "install PostgreSQL");
    found().expect("PostgreSQL is not there after its package was installed")
}

fn found() -> Option<PathBuf> {
    let versions = std::fs::read_dir(PROGRAMS).ok()?.flatten().map(|version| version.path().join("bin"));
    versions.filter(|programs| programs.join("postgres").exists()).max()
}

fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata("/proc/self").is_ok_and(|me| me.uid() == 0)
}

fn done(command: &mut Command, what: &str) {
    let status = command.status().unwrap_or_else(|error| panic!("{what}: {error}"));
    assert!(status.success(), "{what}: {status}");
}

fn text(path: &Path) -> String {
    path.to_str().expect("a path in UTF-8").to_owned()
}
