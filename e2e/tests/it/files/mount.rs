//! davfs2: the drive as a folder of this machine, where the machine lets us mount.
#![allow(clippy::print_stderr, reason = "which way was taken is said in the output")]

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use kontor_e2e::tools;
use kontor_testkit::{Folder, Server, run, until};

use super::DRIVE;
use crate::office::ANNA;

/// Mounted until dropped.
struct Mounted<'a>(&'a Path);

impl Drop for Mounted<'_> {
    fn drop(&mut self) {
        // Ends when everything is written.
        let done = run(Command::new("umount").arg(self.0), "", Duration::from_secs(120));
        if !done.ok {
            eprintln!("umount {}: {}", self.0.display(), done.said);
        }
    }
}

/// Whether this machine lets its tests mount: root, the device, and a kernel that says yes to a mount.
fn may_mount() -> Result<(), String> {
    if !kontor_testkit::tools::is_root() {
        return Err("only root mounts".to_owned());
    }
    if !Path::new("/dev/fuse").exists() {
        return Err("there is no /dev/fuse".to_owned());
    }
    let folder = Folder::new("may-mount");
    let mut mount = Command::new("mount");
    mount.args(["-t", "tmpfs", "none"]).arg(folder.path());
    let tried = run(&mut mount, "", Duration::from_secs(20));
    if !tried.ok {
        return Err(format!("the kernel says: {}", tried.said.trim()));
    }
    run(Command::new("umount").arg(folder.path()), "", Duration::from_secs(20)).said_if_ok();
    Ok(())
}

/// Where nobody may mount there is no davfs2 to look at; the other clients of this folder say the same to the server.
#[test]
fn a_drive_is_mounted_where_that_is_allowed() {
    if let Err(why) = may_mount() {
        eprintln!("davfs2: no mount here: {why}");
        return;
    }
    eprintln!("davfs2: mounted");
    let server = Server::start(&[ANNA]);
    server.command(&["user", "quota", ANNA.name, "--hard", "100MiB"]);
    let folder = Folder::new("davfs2");
    let secrets =
        folder.write("secrets", format!("{} {} \"{}\"\n", server.url(DRIVE), ANNA.name, ANNA.password));
    let cache = folder.join("cache");
    let config = folder.write(
        "davfs2.conf",
        format!("secrets {}\ncache_dir {}\ndelay_upload 0\nask_auth 0\n", secrets.display(), cache.display()),
    );
    // Secrets that others can read are refused.
    mode(&secrets, 0o600);
    let at = folder.join("drive");
    fs::create_dir_all(&at).unwrap();
    fs::create_dir_all(&cache).unwrap();
    // It works as a user of its own, who has nothing here.
    mode(&cache, 0o777);
    mode(folder.path(), 0o755);
    let mut mount = Command::new(tools::debian("mount.davfs", "davfs2"));
    mount.arg(server.url(DRIVE)).arg(&at).arg("-o").arg(format!("conf={}", config.display()));
    run(&mut mount, "", Duration::from_secs(60)).said_if_ok();
    let mounted = Mounted(&at);
    let mut df = Command::new("df");
    df.args(["--block-size=1MiB", "--output=avail"]).arg(&at);
    let room = run(&mut df, "", Duration::from_secs(60)).said_if_ok();
    assert_eq!(room.lines().last().map(str::trim), Some("100"), "{room}");
    fs::create_dir(at.join("notes")).unwrap();
    fs::write(at.join("notes/one.txt"), "one").unwrap();
    fs::write(at.join("notes/two.txt"), "two").unwrap();
    fs::rename(at.join("notes/two.txt"), at.join("notes/second.txt")).unwrap();
    assert_eq!(fs::read_to_string(at.join("notes/second.txt")).unwrap(), "two");
    let anna = server.client_of(ANNA);
    let path = format!("{DRIVE}notes/");
    until("the files have arrived", Duration::from_secs(60), || {
        (anna.members(&path) == ["one.txt", "second.txt"]).then_some(())
    });
    drop(mounted);
    assert_eq!(anna.get(&format!("{path}one.txt")).as_deref(), Some("one"));
    assert_eq!(anna.get(&format!("{path}second.txt")).as_deref(), Some("two"));
}

fn mode(path: &Path, bits: u32) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(bits)).unwrap();
}
