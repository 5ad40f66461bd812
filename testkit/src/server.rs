//! A server that runs for one test.

use std::collections::HashMap;
use std::fs::{self, File};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, Weak};
use std::time::Duration;

use crate::{Client, Engine, Folder, Ran, postgres, run, signal, tools, until};

/// Somebody with an account.
#[derive(Clone, Copy, Debug)]
pub struct User {
    /// The log-in.
    pub name: &'static str,
    /// The password.
    pub password: &'static str,
}

/// A Kontor of one's own: its own binary, data folder and port. Killed when dropped; its log is printed if the test failed.
#[derive(Debug)]
pub struct Server {
    binary: PathBuf,
    address: SocketAddr,
    child: Option<Child>,
    folder: Folder,
    /// The database, if not in the folder.
    store: Option<String>,
    /// Of its environment.
    always: Vec<(String, String)>,
    /// Of its environment when it serves.
    variables: Vec<(String, String)>,
    /// Where large bodies lie, if not in the folder: the same place for all nodes of a database.
    blobs: Option<Arc<Folder>>,
}

/// How long a start may take on a machine that is busy with other tests.
const START: Duration = Duration::from_secs(90);

impl Server {
    /// Starts the binary named by `KONTOR_BIN`, else `target/release/kontor`, with these users in a new data folder.
    pub fn start(users: &[User]) -> Server {
        Server::of(&binary(), users)
    }

    /// Starts this binary with these users in a new data folder.
    pub fn of(binary: &Path, users: &[User]) -> Server {
        let mut server = Server::stopped(binary, store());
        for user in users {
            server.create(*user);
        }
        server.restart();
        server
    }

    /// A new data folder and a port for the binary that [`Server::start`] takes, not started yet.
    pub fn prepare() -> Server {
        Server::stopped(&binary(), store())
    }

    /// The same, its data in the folder whichever engine is switched to: for tests of what only that one offers.
    pub fn embedded() -> Server {
        Server::stopped(&binary(), None)
    }

    /// The same, its data in the database of this URL: one of several nodes, if others are on it too.
    pub fn node(url: &str) -> Server {
        Server::stopped(&binary(), Some(url.to_owned()))
    }

    fn stopped(binary: &Path, store: Option<String>) -> Server {
        assert!(binary.exists(), "{} is missing: cargo build --release --package kontor", binary.display());
        Server {
            binary: binary.to_owned(),
            address: free_address(),
            child: None,
            folder: Folder::new("server"),
            blobs: store.as_deref().map(blobs_of),
            store,
            always: Vec::new(),
            variables: Vec::new(),
        }
    }

    /// Sets a variable of its environment, for when it serves.
    pub fn set(&mut self, name: &str, value: &str) {
        self.variables.push((name.to_owned(), value.to_owned()));
    }

    /// From its next start it is a later version of the program, which brings the schema of the database one step further:
    /// statements, one in a line. A program that is built for tests pretends to be that version.
    pub fn upgrade(&mut self, step: &str) {
        self.binary = rehearsing();
        assert!(self.binary.exists(), "{} is missing: cargo build --package kontor", self.binary.display());
        self.set("KONTOR_REHEARSED_STEP", step);
    }

    /// The same for commands too.
    pub fn set_always(&mut self, name: &str, value: &str) {
        self.always.push((name.to_owned(), value.to_owned()));
    }

    /// Lays its large bodies into this bucket at that endpoint, waiting for it for so many seconds.
    pub fn lay_bodies(&mut self, bucket: &str, endpoint: &str, patience: u32) {
        self.set_always("KONTOR_BLOBS_URL", &format!("s3://{bucket}/kontor"));
        self.set_always("KONTOR_BLOBS_ENDPOINT", endpoint);
        self.set_always("KONTOR_BLOBS_ACCESS_KEY", "anyone");
        self.set_always("KONTOR_BLOBS_SECRET_KEY", "anything");
        self.set_always("KONTOR_BLOBS_PATIENCE_SECONDS", &patience.to_string());
    }

    /// From its next start its clock goes wrong by so many seconds.
    pub fn skew(&mut self, seconds: i64) {
        let library = tools::installed("faketime", || {
            let all = fs::read_dir("/usr/lib").ok()?.flatten();
            all.map(|entry| entry.path().join("faketime/libfaketime.so.1")).find(|path| path.exists())
        });
        self.set("LD_PRELOAD", library.to_str().unwrap());
        self.set("FAKETIME", &format!("{seconds:+}s"));
        // Only the time of day: nobody's stopwatch goes wrong.
        self.set("FAKETIME_DONT_FAKE_MONOTONIC", "1");
    }

    /// Makes an account, on the running or the stopped server.
    pub fn create(&self, user: User) {
        let mail = format!("{}@example.org", user.name);
        let args = [
            "user",
            "create",
            user.name,
            "--email",
            &mail,
            "--full-name",
            user.name,
            "--password",
            user.password,
        ];
        self.command(&args);
    }

    /// Runs `kontor --data DIR ARGS` and returns what it said; panics if it fails.
    #[track_caller]
    pub fn command(&self, args: &[&str]) -> String {
        self.try_command(args, "").said_if_ok()
    }

    /// Runs `kontor --data DIR ARGS` with `input` on its standard input, to look at how it ends.
    pub fn try_command(&self, args: &[&str], input: &str) -> Ran {
        let mut command = self.program();
        command.args(args);
        run(&mut command, input, START)
    }

    /// The binary, told where its data are.
    fn program(&self) -> Command {
        let mut command = Command::new(&self.binary);
        command.arg("--data").arg(self.data());
        if let Some(url) = &self.store {
            command.env("KONTOR_STORE_URL", url);
        }
        if let Some(blobs) = &self.blobs {
            command.env("KONTOR_BLOBS_URL", blobs.path());
        }
        command.envs(self.always.iter().map(|(name, value)| (name, value)));
        command
    }

    /// What starts it, for a test that does so in its own way.
    pub fn serving(&self) -> Command {
        let mut command = self.program();
        command.args(["serve", "--listen", &self.address.to_string()]).stdin(Stdio::null());
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Starts it, or starts it again on the same data and port after [`Server::kill`] or [`Server::stop`], and waits
    /// until it answers.
    pub fn restart(&mut self) {
        let log = File::options().create(true).append(true).open(self.log()).unwrap();
        let child = self
            .serving()
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap_or_else(|e| panic!("starting {}: {e}", self.binary.display()));
        self.child = Some(child);
        until("the server to answer", START, || {
            if let Some(status) = self.child.as_mut().unwrap().try_wait().unwrap() {
                panic!("the server ended with {status}");
            }
            self.client().try_ask("OPTIONS", "/", &[], b"").ok()
        });
    }

    /// Ends it as a power cut would (SIGKILL).
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    /// Stops it where it stands (SIGSTOP).
    pub fn freeze(&self) {
        assert!(self.send("STOP"), "the server runs");
    }

    /// Lets it go on.
    pub fn thaw(&self) {
        assert!(self.send("CONT"), "the server runs");
    }

    fn send(&self, name: &str) -> bool {
        self.child.as_ref().is_some_and(|child| signal(name, child.id()))
    }

    /// The most bytes of memory that it has had at once, as Linux counts them.
    pub fn peak_memory(&self) -> u64 {
        let id = self.child.as_ref().expect("the server runs").id();
        let status = fs::read_to_string(format!("/proc/{id}/status")).expect("Linux tells of a process");
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB"));
        peak.expect("its memory is told").parse::<u64>().unwrap() * 1024
    }

    /// Asks it to end (SIGTERM) and waits; panics if it does not end well.
    pub fn stop(&mut self) {
        let mut child = self.child.take().expect("the server runs");
        signal("TERM", child.id());
        let status = until("the server to end", START, || child.try_wait().unwrap());
        assert!(status.success(), "the server ended with {status}");
    }

    /// The database that its data are in, if they are not in the folder.
    pub fn store(&self) -> Option<&str> {
        self.store.as_deref()
    }

    /// From the next start on its data are in the database of this URL, where large bodies stay where they are, or in the
    /// folder with all that belongs to them.
    pub fn move_to(&mut self, store: Option<&str>) {
        self.store = store.map(str::to_owned);
        if store.is_none() {
            self.blobs = None;
        }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// `http://ADDRESS` and `path`, which begins with a slash.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Someone without credentials.
    pub fn client(&self) -> Client {
        Client::new(self.address)
    }

    /// Someone who logs in.
    pub fn client_of(&self, user: User) -> Client {
        self.client().with_basic(user.name, user.password)
    }

    /// Its data folder.
    pub fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    /// The folder of its large bodies, unless it is told of another place.
    pub fn blobs(&self) -> PathBuf {
        self.blobs.as_deref().map_or_else(|| self.data().join("blobs"), |folder| folder.path().to_owned())
    }

    /// What it has said so far.
    pub fn said(&self) -> String {
        String::from_utf8_lossy(&fs::read(self.log()).unwrap_or_default()).into_owned()
    }

    fn log(&self) -> PathBuf {
        self.folder.join("log")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(Ok(Some(status))) = self.child.as_mut().map(Child::try_wait) {
            eprintln!("the server had ended with {status}");
        }
        self.kill();
        if std::thread::panicking() {
            let log = fs::read(self.log()).unwrap_or_default();
            let tail = &log[log.len().saturating_sub(8000)..];
            eprintln!("the server's last words:\n{}", String::from_utf8_lossy(tail));
        }
    }
}

/// Where large bodies of a database lie, as long as there is a server on it.
fn blobs_of(url: &str) -> Arc<Folder> {
    static ALL: Mutex<Option<HashMap<String, Weak<Folder>>>> = Mutex::new(None);
    let name = url.split('?').next().unwrap_or_default().rsplit('/').next().unwrap_or_default();
    let mut all = ALL.lock().unwrap();
    let all = all.get_or_insert_default();
    let there = all.get(name).and_then(Weak::upgrade);
    there.unwrap_or_else(|| {
        let folder = Arc::new(Folder::new("blobs"));
        all.insert(name.to_owned(), Arc::downgrade(&folder));
        folder
    })
}

fn binary() -> PathBuf {
    match std::env::var_os("KONTOR_BIN") {
        Some(path) => PathBuf::from(path),
        None => Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/release/kontor"),
    }
}

/// The one that is built for tests.
fn rehearsing() -> PathBuf {
    match std::env::var_os("KONTOR_REHEARSING_BIN") {
        Some(path) => PathBuf::from(path),
        None => Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/debug/kontor"),
    }
}

/// A database of its own if `KONTOR_TEST_STORE` says so; else the data are in the folder.
fn store() -> Option<String> {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    match Engine::switched_to() {
        Some(Engine::Postgres) => {
            Some(postgres().create(&format!("server{}", NEXT.fetch_add(1, Ordering::Relaxed))))
        }
        Some(Engine::Sqlite) | None => None,
    }
}

/// A loopback address that was free a moment ago.
fn free_address() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}
