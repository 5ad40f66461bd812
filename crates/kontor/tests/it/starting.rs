//! What keeps a server from starting: one clear line, exit code 1.

use crate::house::{ANNA, command, finish, kontor, server};
use kontor_testkit::Folder;
use std::io::{Read, Seek, SeekFrom, Write};
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::time::Duration;

const FREE: &str = "127.0.0.1:0";
/// How long copying the program may take.
const COPYING: Duration = Duration::from_secs(60);

#[test]
fn a_taken_port() {
    let folder = Folder::new("taken");
    let holder = TcpListener::bind(FREE).unwrap();
    let address = holder.local_addr().unwrap().to_string();
    kontor(folder.path(), &["serve", "--listen", &address]).refused("the port is taken");
    kontor(folder.path(), &["serve", "--listen", FREE, "--admin-listen", &address])
        .refused("the port is taken");
}

#[test]
fn a_folder_in_use() {
    let server = server(&[ANNA]);
    kontor(&server.data(), &["serve", "--listen", FREE]).refused("another server uses");
    kontor(&server.data(), &["demo"]).refused("stop it first");
}

#[test]
fn a_folder_that_cannot_be_made() {
    let folder = Folder::new("unwritable");
    let file = folder.write("file", "");
    kontor(&file.join("data"), &["serve", "--listen", FREE]).refused("make the data folder");
    let create = ["user", "create", "x", "--email", "x@example.org", "--full-name", "X", "--password", "p"];
    kontor(&file.join("data"), &create).refused("make the data folder");
}

#[test]
fn data_of_a_newer_program() {
    let folder = Folder::new("newer");
    let create = ["user", "create", "x", "--email", "x@example.org", "--full-name", "X", "--password", "p"];
    kontor(folder.path(), &create).done();
    // The schema version is a big-endian number at byte 60 of the database's header.
    let mut file = std::fs::File::options().read(true).write(true).open(folder.join("kontor.db")).unwrap();
    let mut version = [0; 4];
    file.seek(SeekFrom::Start(60)).unwrap();
    file.read_exact(&mut version).unwrap();
    assert!((1..100).contains(&u32::from_be_bytes(version)));
    file.seek(SeekFrom::Start(60)).unwrap();
    file.write_all(&9999_u32.to_be_bytes()).unwrap();
    drop(file);
    kontor(folder.path(), &["serve", "--listen", FREE]).refused("schema version 9999");
    kontor(folder.path(), &["user", "list"]).refused("schema version 9999");
}

#[test]
fn a_damaged_database() {
    let folder = Folder::new("damaged");
    let create = ["user", "create", "x", "--email", "x@example.org", "--full-name", "X", "--password", "p"];
    let database = folder.join("kontor.db");
    let damage = |damage: &dyn Fn(&std::fs::File)| {
        kontor(folder.path(), &create).done();
        damage(&std::fs::File::options().write(true).open(&database).unwrap());
        let why = format!("cannot open {}: the database file is damaged", folder.path().display());
        kontor(folder.path(), &["serve", "--listen", FREE]).refused(&why);
        kontor(folder.path(), &["user", "list"]).refused(&why);
        std::fs::remove_file(&database).unwrap();
    };
    damage(&|mut file| file.write_all(&[0x5a; 8192]).unwrap());
    damage(&|file| file.set_len(9000).unwrap());
}

#[test]
fn certificates_that_are_missing_or_wrong() {
    let folder = Folder::new("tls");
    let nonsense = folder.write("nonsense.pem", "nonsense");
    let check = |file: &str, holds: &str| {
        let args = ["serve", "--listen", FREE, "--tls-cert", file, "--tls-key", file];
        kontor(&folder.join("data"), &args).refused(holds);
    };
    check("/nowhere/cert.pem", "/nowhere/cert.pem");
    check(nonsense.to_str().unwrap(), "no certificate");
    assert!(!folder.join("data").exists());
}

#[test]
fn plain_http_where_others_can_listen_in() {
    let folder = Folder::new("plain");
    kontor(folder.path(), &["serve", "--listen", "0.0.0.0:0"]).refused("refusing plain HTTP on 0.0.0.0:0");
}

#[test]
fn only_the_owner_gives_commands() {
    let server = server(&[ANNA]);
    let data = server.data();
    if std::fs::metadata(&data).unwrap().uid() != 0 {
        return; // Only root can run something as somebody else.
    }
    // The folder is closed to others, the socket once more; open the first to see that the second holds.
    std::fs::set_permissions(&data, PermissionsExt::from_mode(0o755)).unwrap();
    let stranger = Stranger::new("socket");
    stranger.run(&data, &["user", "list"]).refused("only root and the server's own user");
    // Even if somebody opened the socket for all, the server looks who is there.
    std::fs::set_permissions(data.join("admin.sock"), PermissionsExt::from_mode(0o666)).unwrap();
    stranger.run(&data, &["user", "list"]).refused("commands are taken");
    kontor(&data, &["user", "list"]).done();
}

#[test]
fn a_folder_that_may_not_be_written() {
    let folder = Folder::new("forbidden");
    if std::fs::metadata(folder.path()).unwrap().uid() != 0 {
        return; // Only root can run something as somebody else.
    }
    std::fs::set_permissions(folder.path(), PermissionsExt::from_mode(0o755)).unwrap();
    let stranger = Stranger::new("folder");
    stranger.run(folder.path(), &["serve", "--listen", FREE]).refused("Permission denied");
    stranger.run(&folder.join("data"), &["serve", "--listen", FREE]).refused("make the data folder");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

/// root makes the first account in the folder of the user that the server will run as.
#[test]
fn what_root_makes_in_the_folder_of_another_is_that_others() {
    let folder = Folder::new("service");
    if std::fs::metadata(folder.path()).unwrap().uid() != 0 {
        return; // Only root can give something away.
    }
    std::os::unix::fs::chown(folder.path(), Some(65534), Some(65534)).unwrap();
    let create = ["user", "create", "x", "--email", "x@example.org", "--full-name", "X", "--password", "p"];
    kontor(folder.path(), &create).done();
    for file in std::fs::read_dir(folder.path()).unwrap() {
        let facts = file.unwrap().metadata().unwrap();
        let mode = if facts.is_dir() { 0o700 } else { 0o600 };
        assert_eq!((facts.uid(), facts.gid(), facts.mode() & 0o777), (65534, 65534, mode), "{facts:?}");
    }
    let service = Stranger::new("service");
    assert!(service.run(folder.path(), &["user", "list"]).done().contains("x@example.org"));
}

/// Another user of this machine, who has the program.
struct Stranger(std::path::PathBuf);

impl Stranger {
    fn new(name: &str) -> Self {
        let folder = folder_for_all(&format!("kontor-stranger-{name}"));
        // By another process: a file that this one has open for writing cannot be run, nor while a test beside this
        // one starts something that inherits it.
        let mut copy = std::process::Command::new("cp");
        kontor_testkit::run(copy.arg(crate::house::binary()).arg(&folder), "", COPYING).said_if_ok();
        Self(folder)
    }

    fn run(&self, data: &Path, args: &[&str]) -> crate::house::Said {
        let mut as_nobody = std::process::Command::new(self.0.join("kontor"));
        as_nobody.args(command(data, args).get_args()).uid(65534).gid(65534).current_dir("/");
        finish(&mut as_nobody, "")
    }
}

impl Drop for Stranger {
    fn drop(&mut self) {
        let _gone = std::fs::remove_dir_all(&self.0);
    }
}

fn folder_for_all(name: &str) -> std::path::PathBuf {
    let path = std::env::temp_dir().join(format!("{name}-{}", std::process::id()));
    std::fs::create_dir_all(&path).unwrap();
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o755)).unwrap();
    path
}
