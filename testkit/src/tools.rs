//! Programs that tests need: where they are, and how they come here when they are not.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::run;

/// An installation over a slow line.
const BOUND: Duration = Duration::from_secs(900);

/// A program of a Debian package, installed if it is not on the path.
pub fn debian(program: &str, package: &str) -> PathBuf {
    if let Some(found) = on_path(program) {
        return found;
    }
    let _alone = alone();
    if on_path(program).is_none() {
        install(package);
    }
    on_path(program)
        .unwrap_or_else(|| panic!("{package} is installed, and {program} is still not on the path"))
}

/// A program of a Python environment with what `requirements` lists (the text of a requirements.txt), made below `target/`
/// under `name` if it is not there or not up to date.
pub fn python(name: &str, requirements: &str, program: &str) -> PathBuf {
    let venv = below_target(name);
    let stamp = venv.join("installed.txt");
    let current = || fs::read_to_string(&stamp).is_ok_and(|have| have == requirements);
    if !current() {
        let _alone = alone();
        if !current() {
            make_venv(&venv);
            let list = venv.join("requirements.txt");
            fs::write(&list, requirements).unwrap();
            let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r"];
            run(Command::new(venv.join("bin/python")).args(pip).arg(list), "", BOUND).said_if_ok();
            fs::write(&stamp, requirements).unwrap();
        }
    }
    venv.join("bin").join(program)
}

fn make_venv(venv: &Path) {
    let make = || run(Command::new(debian_python()).args(["-m", "venv", "--clear"]).arg(venv), "", BOUND);
    if !make().ok {
        install("python3-venv"); // Debian parts it from python3
        make().said_if_ok();
    }
}

fn debian_python() -> PathBuf {
    on_path("python3").unwrap_or_else(|| {
        install("python3");
        PathBuf::from("python3")
    })
}

/// Installs a Debian package; panics with what apt-get said if it does not come.
fn install(package: &str) {
    let root = run(Command::new("id").arg("-u"), "", BOUND).said_if_ok().trim() == "0";
    let apt = |args: &[&str]| {
        let mut command = if root { Command::new("apt-get") } else { Command::new("sudo") };
        if !root {
            command.args(["-n", "apt-get"]);
        }
        run(command.args(args).env("DEBIAN_FRONTEND", "noninteractive"), "", BOUND)
    };
    apt(&["update", "-q"]).said_if_ok();
    apt(&["install", "-q", "-y", "--no-install-recommends", package]).said_if_ok();
}

fn on_path(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(program)).find(|file| file.is_file())
}

/// One installation at a time, over all test processes on this machine; lasts as long as the file is open.
fn alone() -> File {
    let path = below_target("lock");
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let file = File::create(&path).unwrap();
    file.lock().unwrap();
    file
}

fn below_target(name: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let target =
        std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), |dir| root.join(dir));
    target.join("e2e").join(name)
}
