//! Servers of files: ours, Apache's, rclone's.

use super::super::http::Client;
use super::super::server::{create_user, free_address};
use crate::place;
use crate::shell::{program, run};
use kontor_testkit::{basic, tools};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const NAME: &str = "bench";

/// Which server.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Which {
    /// Ours: durable, with a password.
    Kontor,
    /// Apache httpd of Debian with mod_dav_fs, as it is: an answer is no promise.
    ModDav,
    /// The same with every file synced when it is closed, and every folder in which something is renamed.
    ModDavSynced,
    /// `rclone serve webdav` of Debian: no promise either.
    Rclone,
}

impl Which {
    pub(super) const ALL: [Self; 4] = [Self::Kontor, Self::ModDavSynced, Self::ModDav, Self::Rclone];

    /// The word in the table.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Kontor => "kontor",
            Self::ModDav => "mod_dav",
            Self::ModDavSynced => "mod_dav+s",
            Self::Rclone => "rclone",
        }
    }
}

/// A running server with an empty drive.
pub(super) struct Peer {
    which: Which,
    address: SocketAddr,
    child: Child,
    data: PathBuf,
}

impl Peer {
    pub(super) fn start(which: Which, folder: &Path) -> Result<Self, String> {
        let data = folder.join(format!("files-{}", which.word()));
        if data.exists() {
            std::fs::remove_dir_all(&data).map_err(|e| format!("clearing {}: {e}", data.display()))?;
        }
        std::fs::create_dir_all(&data).map_err(|e| format!("making {}: {e}", data.display()))?;
        let address = free_address()?;
        let mut command = match which {
            Which::Kontor => kontor(&data, address)?,
            Which::ModDav => apache(&data, address)?,
            Which::ModDavSynced => {
                let mut apache = apache(&data, address)?;
                apache.env("LD_PRELOAD", syncing(folder)?);
                apache
            }
            Which::Rclone => rclone(&data, address)?,
        };
        let log = data.with_extension("log");
        let log = std::fs::File::create(&log).map_err(|e| format!("{}: {e}", log.display()))?;
        let errors = log.try_clone().map_err(|e| format!("log: {e}"))?;
        let child = command.stdin(Stdio::null()).stdout(log).stderr(errors).spawn();
        let child = child.map_err(|e| format!("starting {}: {e}", which.word()))?;
        let peer = Self { which, address, child, data };
        let begun = Instant::now();
        while TcpStream::connect_timeout(&address, Duration::from_millis(200)).is_err() {
            if begun.elapsed() > Duration::from_secs(30) {
                return Err(format!("{} does not answer; its log is in target/bench", which.word()));
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        Ok(peer)
    }

    pub(super) fn word(&self) -> &'static str {
        self.which.word()
    }

    /// What stands before a path in a whole URL.
    pub(super) fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(super) fn client(&self) -> Result<Client, String> {
        let authorization = match self.which {
            Which::Kontor => format!("Authorization: {}\r\n", basic(NAME, "bench-secret-1")),
            Which::ModDav | Which::ModDavSynced | Which::Rclone => String::new(),
        };
        Client::connect(self.address, &authorization)
    }

    /// Makes a folder; its path.
    pub(super) fn make(&self, name: &str) -> Result<String, String> {
        let top = if self.which == Which::Kontor { "/dav/files/bench/work/" } else { "/work/" };
        let path = format!("{top}{name}");
        match self.client()?.ask("MKCOL", &path, "", b"")?.status {
            201 => Ok(path),
            status => Err(format!("MKCOL {path}: {status}")),
        }
    }

    /// The server's processes: Apache has several.
    fn processes(&self) -> Vec<u32> {
        let mut known = vec![self.child.id()];
        let all = std::fs::read_dir("/proc").into_iter().flatten().flatten();
        let mut all: Vec<u32> = all.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect();
        all.sort_unstable();
        for id in all {
            let parent = stat(id).and_then(|fields| fields.get(1)?.parse::<u32>().ok());
            if parent.is_some_and(|parent| known.contains(&parent)) {
                known.push(id);
            }
        }
        known
    }

    /// CPU seconds used so far by those that run.
    pub(super) fn cpu_seconds(&self) -> f64 {
        let ticks = |id: u32| -> f64 {
            let fields = stat(id).unwrap_or_default();
            fields.iter().skip(11).take(2).filter_map(|ticks| ticks.parse::<f64>().ok()).sum()
        };
        self.processes().into_iter().map(ticks).sum::<f64>() / 100.0
    }

    /// Largest resident sizes so far, together, MiB.
    pub(super) fn peak_mib(&self) -> f64 {
        let peak = |id: u32| -> Option<f64> {
            let status = std::fs::read_to_string(format!("/proc/{id}/status")).ok()?;
            let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
            line.trim().trim_end_matches(" kB").parse().ok()
        };
        self.processes().into_iter().filter_map(peak).sum::<f64>() / 1024.0
    }

    /// Ends it; what it kept goes, but for its log.
    pub(super) fn stop(mut self) -> Result<(), String> {
        run(program("kill", &["-TERM", &self.child.id().to_string()]))?;
        self.child.wait().map_err(|e| format!("waiting for {}: {e}", self.word()))?;
        std::fs::remove_dir_all(&self.data).map_err(|e| format!("clearing {}: {e}", self.data.display()))
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Fields of /proc/ID/stat from the state on.
fn stat(id: u32) -> Option<Vec<String>> {
    let text = std::fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    let (_, rest) = text.rsplit_once(')')?;
    Some(rest.split_whitespace().map(str::to_owned).collect())
}

fn write(file: &Path, text: &str) -> Result<(), String> {
    std::fs::write(file, text).map_err(|e| format!("{}: {e}", file.display()))
}

fn kontor(data: &Path, address: SocketAddr) -> Result<Command, String> {
    write(&data.join("kontor.toml"), "[limits]\nmax_item_size = 209715200\n[log]\nlevel = \"warn\"\n")?;
    create_user(data, None, NAME)?;
    let (data, address) = (data.display().to_string(), address.to_string());
    Ok(program(place::kontor(), &["--data", &data, "serve", "--listen", &address]))
}

fn apache(data: &Path, address: SocketAddr) -> Result<Command, String> {
    let apache = tools::debian("apache2", "apache2");
    let at = data.display();
    let root = data.join("root");
    std::fs::create_dir_all(&root).map_err(|e| format!("making {}: {e}", root.display()))?;
    let modules = ["mpm_event", "authz_core", "dav", "dav_fs"];
    let load = |name: &&str| format!("LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so\n");
    let loaded: String = modules.iter().map(load).collect();
    // Root does not serve; others need no other user.
    let user = if tools::is_root() { "User www-data\nGroup www-data\n" } else { "" };
    let config = format!(
        "ServerRoot {at}\nServerName localhost\nPidFile {at}/httpd.pid\nErrorLog {at}/error.log\nListen {address}\n\
         {loaded}{user}DocumentRoot {at}/root\nDavLockDB {at}/lock\nKeepAlive On\nMaxKeepAliveRequests 0\n\
         KeepAliveTimeout 60\nThreadsPerChild 64\nMaxRequestWorkers 128\nServerLimit 2\n\
         <Directory {at}/root>\nDav On\nDavDepthInfinity On\nRequire all granted\n</Directory>\n"
    );
    let file = data.join("httpd.conf");
    write(&file, &config)?;
    if tools::is_root() {
        run(program("chown", &["-R", "www-data:www-data", &at.to_string()]))?;
    }
    Ok(program(apache, &["-D", "FOREGROUND", "-f", &file.display().to_string()]))
}

fn rclone(data: &Path, address: SocketAddr) -> Result<Command, String> {
    let rclone = tools::debian("rclone", "rclone");
    let (root, address) = (data.display().to_string(), address.to_string());
    Ok(program(rclone, &["--config", "", "serve", "webdav", &root, "--addr", &address]))
}

/// A library that gives Apache the promise that we give.
fn syncing(folder: &Path) -> Result<PathBuf, String> {
    let (source, library) = (folder.join("syncing.c"), folder.join("syncing.so"));
    write(&source, SYNCING)?;
    let args = [
        "-shared",
        "-fPIC",
        "-O2",
        "-o",
        &library.display().to_string(),
        &source.display().to_string(),
        "-ldl",
    ];
    run(program("cc", &args))?;
    Ok(library)
}

const SYNCING: &str = r#"#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int close(int fd) {
    static int (*real)(int);
    struct stat about;
    if (!real) real = dlsym(RTLD_NEXT, "close");
    if (fstat(fd, &about) == 0 && S_ISREG(about.st_mode) && (fcntl(fd, F_GETFL) & O_ACCMODE) != O_RDONLY) fsync(fd);
    return real(fd);
}

int rename(const char *from, const char *to) {
    static int (*real)(const char *, const char *);
    char path[4096];
    if (!real) real = dlsym(RTLD_NEXT, "rename");
    int done = real(from, to);
    strncpy(path, to, sizeof path - 1);
    path[sizeof path - 1] = 0;
    int folder = open(dirname(path), O_RDONLY | O_DIRECTORY);
    if (folder >= 0) { fsync(folder); close(folder); }
    return done;
}
"#;
