//! Starting, filling, measuring and stopping a server.

use super::http::Client;
use super::launch::command;
use crate::place;
use crate::shell::{program, run};
use kontor_testkit::{Postgres, basic};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A server that can be measured.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Ours.
    Kontor,
    /// Ours, on PostgreSQL as Debian ships it.
    Postgres,
    /// Radicale of PyPI, as it ships: one file an item, synced to disk.
    Radicale,
    /// Xandikos of PyPI, as it ships: one git repository a collection, not synced.
    Xandikos,
}

impl Kind {
    /// All of them.
    pub(super) const ALL: [Self; 4] = [Self::Kontor, Self::Postgres, Self::Radicale, Self::Xandikos];

    /// The word on the command line and in the table.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Kontor => "kontor",
            Self::Postgres => "postgres",
            Self::Radicale => "radicale",
            Self::Xandikos => "xandikos",
        }
    }

    /// The server of that word.
    pub(super) fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// Whether it is ours.
    pub(super) fn is_kontor(self) -> bool {
        matches!(self, Self::Kontor | Self::Postgres)
    }
}

/// Who everything belongs to.
const OWNER: &str = "bench";
/// Everybody's password.
const PASSWORD: &str = "bench-secret-1";

/// A running server.
pub(super) struct Server {
    /// Which.
    pub(super) kind: Kind,
    /// Where.
    pub(super) address: SocketAddr,
    /// Its data folder.
    pub(super) data: PathBuf,
    /// Its database, if that is not in the folder.
    pub(super) database: Option<Arc<Postgres>>,
    child: Child,
}

/// The name of the database.
pub(super) const DATABASE: &str = "bench";

impl Server {
    /// Starts a fresh one with an empty calendar and address book.
    pub(super) fn start(kind: Kind, folder: &Path) -> Result<Self, String> {
        let data = folder.join(kind.word());
        if data.exists() {
            std::fs::remove_dir_all(&data).map_err(|e| format!("clearing {}: {e}", data.display()))?;
        }
        let mut database = None;
        if kind == Kind::Postgres {
            let server = Postgres::start("bench");
            server.create(DATABASE);
            database = Some(Arc::new(server));
        }
        if kind.is_kontor() {
            create_user(&data, database.as_deref().map(|server| (server, DATABASE)), OWNER)?;
            settle(&data)?;
        } else {
            std::fs::create_dir_all(&data).map_err(|e| format!("making {}: {e}", data.display()))?;
        }
        let mut server = Self::spawn(kind, folder, data, database)?;
        server.prepare()?;
        Ok(server)
    }

    /// Starts it on the data folder as it is.
    pub(super) fn spawn(
        kind: Kind,
        folder: &Path,
        data: PathBuf,
        database: Option<Arc<Postgres>>,
    ) -> Result<Self, String> {
        let address = free_address()?;
        let log = std::fs::File::create(folder.join(format!("{}.log", kind.word())))
            .map_err(|e| format!("log: {e}"))?;
        let errors = log.try_clone().map_err(|e| format!("log: {e}"))?;
        let mut command = command(kind, folder, &data, address)?;
        at(&mut command, database.as_deref().map(|server| (server, DATABASE)));
        let child = command
            .stdin(Stdio::null())
            .stdout(log)
            .stderr(errors)
            .spawn()
            .map_err(|e| format!("starting {}: {e}", kind.word()))?;
        let server = Self { kind, address, data, database, child };
        server.wait()?;
        Ok(server)
    }

    fn wait(&self) -> Result<(), String> {
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_secs(60) {
            if TcpStream::connect_timeout(&self.address, Duration::from_millis(200)).is_ok() {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        Err(format!("{} does not answer on {}; its log is in target/bench", self.kind.word(), self.address))
    }

    /// A connection to it.
    pub(super) fn client(&self) -> Result<Client, String> {
        self.client_of(OWNER)
    }

    /// A connection of somebody.
    pub(super) fn client_of(&self, user: &str) -> Result<Client, String> {
        Client::connect(self.address, &format!("Authorization: {}\r\n", basic(user, PASSWORD)))
    }

    /// Makes accounts.
    pub(super) fn create_users(&self, names: &[String]) -> Result<(), String> {
        let database = self.database.as_deref().map(|server| (server, DATABASE));
        let make = |some: &[String]| some.iter().try_for_each(|name| create_user(&self.data, database, name));
        std::thread::scope(|scope| {
            let parts = names.chunks(names.len().div_ceil(4).max(1));
            let workers: Vec<_> = parts.map(|some| scope.spawn(move || make(some))).collect();
            workers.into_iter().try_for_each(|one| one.join().map_err(|_| "making accounts".to_owned())?)
        })
    }

    /// Another node beside it, on the same database, with this besides in its `kontor.toml`.
    pub(super) fn another(&self, folder: &Path, name: &str, toml: &str) -> Result<Self, String> {
        let data = folder.join(name);
        std::fs::create_dir_all(&data).map_err(|e| format!("making {}: {e}", data.display()))?;
        settle(&data)?;
        let bodies = format!("[blobs]\nurl = {:?}\n", self.data.join("blobs").display().to_string());
        let file = data.join("kontor.toml");
        let told =
            std::fs::read_to_string(&file).map_err(|e| format!("{}: {e}", file.display()))? + toml + &bodies;
        std::fs::write(&file, told).map_err(|e| format!("{}: {e}", file.display()))?;
        Self::spawn(self.kind, folder, data, self.database.clone())
    }

    /// Another on a database of its own beside, with this besides in its `kontor.toml`.
    pub(super) fn apart(&self, folder: &Path, name: &str, toml: &str) -> Result<Self, String> {
        let data = folder.join(name);
        if data.exists() {
            std::fs::remove_dir_all(&data).map_err(|e| format!("clearing {}: {e}", data.display()))?;
        }
        std::fs::create_dir_all(&data).map_err(|e| format!("making {}: {e}", data.display()))?;
        let database = self.database.as_deref().ok_or("no database")?;
        let told = format!("[store]\nurl = {:?}\n{toml}", database.create(name));
        std::fs::write(data.join("kontor.toml"), told).map_err(|e| format!("kontor.toml: {e}"))?;
        create_user(&data, None, OWNER)?;
        let mut server = Self::spawn(self.kind, folder, data, None)?;
        server.prepare()?;
        Ok(server)
    }

    /// Path of the filled calendar.
    pub(super) fn calendar(&self) -> &'static str {
        match self.kind {
            Kind::Kontor | Kind::Postgres => "/dav/calendars/bench/default/",
            Kind::Radicale => "/bench/default/",
            Kind::Xandikos => "/bench/calendars/calendar/",
        }
    }

    /// Path of the filled address book.
    pub(super) fn addressbook(&self) -> &'static str {
        match self.kind {
            Kind::Kontor | Kind::Postgres => "/dav/addressbooks/bench/default/",
            Kind::Radicale => "/bench/people/",
            Kind::Xandikos => "/bench/contacts/addressbook/",
        }
    }

    /// Path of an empty calendar for PUTs.
    pub(super) fn scratch(&self, name: &str) -> String {
        match self.kind {
            Kind::Kontor | Kind::Postgres => format!("/dav/calendars/bench/{name}/"),
            Kind::Radicale => format!("/bench/{name}/"),
            Kind::Xandikos => format!("/bench/calendars/{name}/"),
        }
    }

    fn prepare(&mut self) -> Result<(), String> {
        let mut client = self.client()?;
        let mut make = |path: &str| -> Result<(), String> {
            let answer = client.ask("MKCALENDAR", path, "", b"")?;
            if answer.status == 201 { Ok(()) } else { Err(format!("MKCALENDAR {path}: {}", answer.status)) }
        };
        for name in ["puts", "flat"] {
            make(&self.scratch(name))?;
        }
        let cards = ADDRESS_BOOK.as_bytes();
        let path = self.scratch("cards").replace("/calendars/bench/", "/addressbooks/bench/");
        let path = if self.kind == Kind::Xandikos { "/bench/contacts/cards/".to_owned() } else { path };
        let answer = client.ask("MKCOL", &path, "Content-Type: application/xml\r\n", cards)?;
        if answer.status != 201 {
            return Err(format!("MKCOL {path}: {}", answer.status));
        }
        Ok(())
    }

    /// Path of an empty address book for PUTs.
    pub(super) fn card_scratch(&self) -> &'static str {
        match self.kind {
            Kind::Kontor | Kind::Postgres => "/dav/addressbooks/bench/cards/",
            Kind::Radicale => "/bench/cards/",
            Kind::Xandikos => "/bench/contacts/cards/",
        }
    }

    /// CPU seconds used so far, with those of its database.
    pub(super) fn cpu_seconds(&self) -> Result<f64, String> {
        Ok(self.own_cpu_seconds()? + self.database_cpu_seconds())
    }

    /// Those of its database.
    pub(super) fn database_cpu_seconds(&self) -> f64 {
        self.database.as_deref().map_or(0.0, Postgres::cpu_seconds)
    }

    /// CPU seconds used so far, all threads.
    pub(super) fn own_cpu_seconds(&self) -> Result<f64, String> {
        let stat = self.proc("stat")?;
        let after = stat.rsplit_once(')').map(|(_, rest)| rest).unwrap_or_default();
        let ticks: f64 =
            after.split_whitespace().skip(11).take(2).filter_map(|t| t.parse::<f64>().ok()).sum();
        Ok(ticks / 100.0)
    }

    /// Largest resident size so far, MiB.
    pub(super) fn peak_mib(&self) -> Result<f64, String> {
        self.status_mib("VmHWM:")
    }

    /// Resident size now, MiB.
    pub(super) fn resident_mib(&self) -> Result<f64, String> {
        self.status_mib("VmRSS:")
    }

    fn status_mib(&self, key: &str) -> Result<f64, String> {
        let status = self.proc("status")?;
        let line = status.lines().find_map(|line| line.strip_prefix(key)).unwrap_or_default();
        let kib: f64 = line.trim().trim_end_matches(" kB").parse().map_err(|_| format!("reading {key}"))?;
        Ok(kib / 1024.0)
    }

    fn proc(&self, file: &str) -> Result<String, String> {
        let path = format!("/proc/{}/{file}", self.child.id());
        std::fs::read_to_string(&path).map_err(|e| format!("reading {path}: {e}"))
    }

    /// Asks it to end and waits.
    pub(super) fn stop(mut self) -> Result<(), String> {
        run(program("kill", &["-TERM", &self.child.id().to_string()]))?;
        self.child.wait().map_err(|e| format!("waiting for {}: {e}", self.kind.word()))?;
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Tells a Kontor where its database is.
fn at(command: &mut Command, database: Option<(&Postgres, &str)>) {
    if let Some((server, name)) = database {
        command.env("KONTOR_STORE_URL", server.url(name));
    }
}

/// Ten thousand streams come from this one machine.
fn settle(data: &Path) -> Result<(), String> {
    let config = "[connections]\nmax_connections_per_address = 20000\n";
    std::fs::write(data.join("kontor.toml"), config).map_err(|e| format!("kontor.toml: {e}"))
}

/// Makes an account in the data folder, or in the database.
pub(super) fn create_user(
    data: &Path,
    database: Option<(&Postgres, &str)>,
    name: &str,
) -> Result<(), String> {
    let data = data.display().to_string();
    let email = format!("{name}@example.com");
    let mut command = program(place::kontor(), &["--data", &data, "user", "create", name, "--email", &email]);
    command.args(["--full-name", name, "--password", PASSWORD]).stdout(Stdio::null());
    at(&mut command, database);
    run(command)
}

/// An address that nobody listens on.
pub(super) fn free_address() -> Result<SocketAddr, String> {
    let listener = TcpListener::bind("127.0.0.1:0").map_err(|e| format!("finding a port: {e}"))?;
    listener.local_addr().map_err(|e| format!("finding a port: {e}"))
}

const ADDRESS_BOOK: &str = "<?xml version=\"1.0\" encoding=\"utf-8\"?><mkcol xmlns=\"DAV:\" xmlns:C=\"urn:ietf:params:xml:ns:carddav\"><set><prop><resourcetype><collection/><C:addressbook/></resourcetype></prop></set></mkcol>";
