//! Starting, filling, measuring and stopping a server.

use super::hammer::hammer_count;
use super::http::Client;
use super::load::{Office, card};
use crate::place;
use crate::shell::{program, run};
use std::fmt::Write as _;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A server that can be measured.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Ours.
    Kontor,
    /// Radicale of PyPI, as it ships: one file an item, synced to disk.
    Radicale,
    /// Xandikos of PyPI, as it ships: one git repository a collection, not synced.
    Xandikos,
}

impl Kind {
    /// All of them.
    pub(super) const ALL: [Self; 3] = [Self::Kontor, Self::Radicale, Self::Xandikos];

    /// The word on the command line and in the table.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Kontor => "kontor",
            Self::Radicale => "radicale",
            Self::Xandikos => "xandikos",
        }
    }

    /// The server of that word.
    pub(super) fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }
}

/// `bench:bench-secret-1` for Basic.
const AUTHORIZATION: &str = "Authorization: Basic YmVuY2g6YmVuY2gtc2VjcmV0LTE=\r\n";

/// A running server.
pub(super) struct Server {
    /// Which.
    pub(super) kind: Kind,
    /// Where.
    pub(super) address: SocketAddr,
    /// Its data folder.
    pub(super) data: PathBuf,
    child: Child,
}

impl Server {
    /// Starts a fresh one with an empty calendar and address book.
    pub(super) fn start(kind: Kind, folder: &Path) -> Result<Self, String> {
        let data = folder.join(kind.word());
        if data.exists() {
            std::fs::remove_dir_all(&data).map_err(|e| format!("clearing {}: {e}", data.display()))?;
        }
        if kind != Kind::Kontor {
            std::fs::create_dir_all(&data).map_err(|e| format!("making {}: {e}", data.display()))?;
        }
        if kind == Kind::Kontor {
            let data = data.display().to_string();
            run(program(
                place::kontor(),
                &[
                    "--data",
                    &data,
                    "user",
                    "create",
                    "bench",
                    "--email",
                    "bench@example.com",
                    "--full-name",
                    "Bench",
                    "--password",
                    "bench-secret-1",
                ],
            ))?;
            // Ten thousand streams come from this one machine.
            let config = "[connections]\nmax_connections_per_address = 20000\n";
            std::fs::write(Path::new(&data).join("kontor.toml"), config)
                .map_err(|e| format!("kontor.toml: {e}"))?;
        }
        let mut server = Self::spawn(kind, folder, data)?;
        server.prepare()?;
        Ok(server)
    }

    /// Starts it on the data folder as it is.
    pub(super) fn spawn(kind: Kind, folder: &Path, data: PathBuf) -> Result<Self, String> {
        let address = free_address()?;
        let log = std::fs::File::create(folder.join(format!("{}.log", kind.word())))
            .map_err(|e| format!("log: {e}"))?;
        let errors = log.try_clone().map_err(|e| format!("log: {e}"))?;
        let mut command = command(kind, folder, &data, address)?;
        let child = command
            .stdin(Stdio::null())
            .stdout(log)
            .stderr(errors)
            .spawn()
            .map_err(|e| format!("starting {}: {e}", kind.word()))?;
        let server = Self { kind, address, data, child };
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
        Client::connect(self.address, AUTHORIZATION)
    }

    /// Path of the filled calendar.
    pub(super) fn calendar(&self) -> &'static str {
        match self.kind {
            Kind::Kontor => "/dav/calendars/bench/default/",
            Kind::Radicale => "/bench/default/",
            Kind::Xandikos => "/bench/calendars/calendar/",
        }
    }

    /// Path of the filled address book.
    pub(super) fn addressbook(&self) -> &'static str {
        match self.kind {
            Kind::Kontor => "/dav/addressbooks/bench/default/",
            Kind::Radicale => "/bench/people/",
            Kind::Xandikos => "/bench/contacts/addressbook/",
        }
    }

    /// Path of an empty calendar for PUTs.
    pub(super) fn scratch(&self, name: &str) -> String {
        match self.kind {
            Kind::Kontor => format!("/dav/calendars/bench/{name}/"),
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
            Kind::Kontor => "/dav/addressbooks/bench/cards/",
            Kind::Radicale => "/bench/cards/",
            Kind::Xandikos => "/bench/contacts/cards/",
        }
    }

    /// Puts the office in, by the quickest way that the server has.
    pub(super) fn fill(&mut self, office: &Office) -> Result<(), String> {
        match self.kind {
            Kind::Kontor => {
                self.put_all(self.calendar(), office.events.len(), &|n| {
                    office.events.get(n).map(|event| (event.name(), event.text())).unwrap_or_default()
                })?;
                self.put_all(self.addressbook(), office.cards, &|n| (format!("card-{n}.vcf"), card(n)))
            }
            Kind::Radicale => self.fill_radicale(office),
            Kind::Xandikos => self.fill_xandikos(office),
        }
    }

    /// PUTs `count` items over 16 connections.
    pub(super) fn put_all(
        &self,
        path: &str,
        count: usize,
        item: &(dyn Fn(usize) -> (String, String) + Sync),
    ) -> Result<(), String> {
        let clients: Vec<Client> = (0..16).map(|_| self.client()).collect::<Result<_, _>>()?;
        let template = self.client()?;
        let kind = if path.contains("address") { "text/vcard" } else { "text/calendar" };
        let headers = format!("Content-Type: {kind}; charset=utf-8\r\n");
        hammer_count(clients, count, &|n| {
            let (name, text) = item(n);
            template.request("PUT", &format!("{path}{name}"), &headers, text.as_bytes())
        })
    }

    fn fill_radicale(&self, office: &Office) -> Result<(), String> {
        let mut whole = String::from("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Kontor//Bench//EN\r\n");
        let mut zone = "";
        for event in &office.events {
            let text = event.text();
            if let (Some(from), Some(to)) = (text.find("BEGIN:VEVENT"), text.find("END:VCALENDAR")) {
                whole.push_str(text.get(from..to).unwrap_or_default());
            }
            if text.contains("BEGIN:VTIMEZONE") {
                zone = super::load::BERLIN;
            }
        }
        whole.push_str(zone);
        whole.push_str("END:VCALENDAR\r\n");
        let mut cards = String::new();
        for n in 0..office.cards {
            cards.push_str(&card(n));
        }
        let mut client = self.client()?;
        for (path, kind, body) in
            [(self.calendar(), "text/calendar", whole), (self.addressbook(), "text/vcard", cards)]
        {
            let answer = client.ask("PUT", path, &format!("Content-Type: {kind}\r\n"), body.as_bytes())?;
            if answer.status != 201 {
                return Err(format!("filling radicale: PUT {path}: {}", answer.status));
            }
        }
        Ok(())
    }

    fn fill_xandikos(&mut self, office: &Office) -> Result<(), String> {
        let calendar = self.data.join("bench/calendars/calendar");
        let book = self.data.join("bench/contacts/addressbook");
        let write = |folder: &Path, name: &str, text: &str| {
            std::fs::write(folder.join(name), text).map_err(|e| format!("filling xandikos: {e}"))
        };
        for event in &office.events {
            write(&calendar, &event.name(), &event.text())?;
        }
        for n in 0..office.cards {
            write(&book, &format!("card-{n}.vcf"), &card(n))?;
        }
        for folder in [&calendar, &book] {
            let git = format!(
                "cd '{}' && git add -A && git -c user.name=b -c user.email=b@example.com commit -qm fill",
                folder.display()
            );
            run(program("sh", &["-c", &git]))?;
        }
        Ok(())
    }

    /// CPU seconds used so far, all threads.
    pub(super) fn cpu_seconds(&self) -> Result<f64, String> {
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

fn free_address() -> Result<SocketAddr, String> {
    let listener = TcpListener::bind("127.0.0.1:0").map_err(|e| format!("finding a port: {e}"))?;
    listener.local_addr().map_err(|e| format!("finding a port: {e}"))
}

fn command(kind: Kind, folder: &Path, data: &Path, address: SocketAddr) -> Result<Command, String> {
    let data = data.display().to_string();
    let port = address.port().to_string();
    match kind {
        Kind::Kontor => {
            // A shell raises the limit on open files first: ten thousand streams are ten thousand files.
            let line = format!(
                "ulimit -n $(ulimit -Hn); exec '{}' --data '{data}' serve --listen {address}",
                place::kontor().display()
            );
            Ok(program("sh", &["-c", &line]))
        }
        Kind::Radicale => {
            let users = folder.join("radicale.users");
            std::fs::write(&users, "bench:bench-secret-1\n").map_err(|e| format!("radicale: {e}"))?;
            let mut config = String::new();
            let _ = write!(
                config,
                "[server]\nhosts = {address}\nmax_connections = 100\n[auth]\ntype = htpasswd\nhtpasswd_filename = {}\nhtpasswd_encryption = plain\n[storage]\nfilesystem_folder = {data}\n[logging]\nlevel = warning\n",
                users.display()
            );
            let file = folder.join("radicale.conf");
            std::fs::write(&file, config).map_err(|e| format!("radicale: {e}"))?;
            Ok(program(python(folder)?.join("radicale"), &["--config", &file.display().to_string()]))
        }
        Kind::Xandikos => Ok(program(
            python(folder)?.join("xandikos"),
            &[
                "-d",
                &data,
                "--defaults",
                "--current-user-principal",
                "/bench/",
                "-l",
                "127.0.0.1",
                "-p",
                &port,
            ],
        )),
    }
}

/// The `bin` folder of a Python environment with the peers in it, made on first use.
fn python(folder: &Path) -> Result<PathBuf, String> {
    let bin = folder.join("venv").join("bin");
    if !bin.join("xandikos").exists() {
        run(program("python3", &["-m", "venv", &folder.join("venv").display().to_string()]))?;
        run(program(bin.join("pip"), &["install", "--quiet", "radicale", "xandikos"]))?;
    }
    Ok(bin)
}

const ADDRESS_BOOK: &str = "<?xml version=\"1.0\" encoding=\"utf-8\"?><mkcol xmlns=\"DAV:\" xmlns:C=\"urn:ietf:params:xml:ns:carddav\"><set><prop><resourcetype><collection/><C:addressbook/></resourcetype></prop></set></mkcol>";
