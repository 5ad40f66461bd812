//! How each server is started.

use super::server::Kind;
use crate::place;
use crate::shell::{program, run};
use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What starts it.
pub(super) fn command(
    kind: Kind,
    folder: &Path,
    data: &Path,
    address: SocketAddr,
) -> Result<Command, String> {
    let data = data.display().to_string();
    let port = address.port().to_string();
    match kind {
        Kind::Kontor | Kind::Postgres => {
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
