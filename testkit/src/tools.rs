//! Programs that tests need: where they are, and how they come here when they are not.

use std::fs::{self, File};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::run;

/// An installation over a slow line.
const BOUND: Duration = Duration::from_secs(900);

/// A program of a Debian package, installed if it is not on the path.
pub fn debian(program: &str, package: &str) -> PathBuf {
    installed(package, || on_path(program))
}

/// What `there` finds, after the installation of a Debian package if it finds nothing. A test that cannot have it fails.
pub fn installed<T>(package: &str, there: impl Fn() -> Option<T>) -> T {
    if let Some(found) = there() {
        return found;
    }
    let _alone = alone();
    there().unwrap_or_else(|| {
        install(package);
        there()
            .unwrap_or_else(|| panic!("{package} is installed, and what is wanted of it is still not there"))
    })
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

/// The folder of an npm package (`NAME@VERSION`), made below `target/` under `name` if it is not there.
pub fn npm(name: &str, package: &str) -> PathBuf {
    let folder = below_target(name);
    let (path, _) = package.rsplit_once('@').expect("a package and its version");
    let (stamp, there) = (folder.join("installed.txt"), folder.join("node_modules").join(path));
    let current = || fs::read_to_string(&stamp).is_ok_and(|have| have == package);
    if !current() {
        let npm = debian("npm", "npm");
        let _alone = alone();
        if !current() {
            fs::create_dir_all(&folder).unwrap();
            let install = ["install", "--no-audit", "--no-fund", "--no-save", "--prefix"];
            run(Command::new(npm).args(install).arg(&folder).arg(package), "", BOUND).said_if_ok();
            fs::write(&stamp, package).unwrap();
        }
    }
    there
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
    let apt = |args: &[&str]| {
        let mut command = if is_root() { Command::new("apt-get") } else { Command::new("sudo") };
        if !is_root() {
            command.args(["-n", "apt-get"]);
        }
        // Someone else on this machine may be installing.
        command.args(["-o", "DPkg::Lock::Timeout=600"]).args(args);
        run(command.env("DEBIAN_FRONTEND", "noninteractive"), "", BOUND)
    };
    apt(&["update", "-q"]).said_if_ok();
    apt(&["install", "-q", "-y", "--no-install-recommends", package]).said_if_ok();
}

/// Whether the tests are run by root.
pub fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|me| me.uid() == 0)
}

fn on_path(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(program)).find(|file| file.is_file())
}

/// One installation at a time, over all test processes on this machine; lasts as long as the file is open.
fn alone() -> File {
    let path = std::env::temp_dir().join("kontor-tests-install.lock");
    // Another user's file cannot be written, but locked.
    let file = File::options().create(true).append(true).open(&path).or_else(|_| File::open(&path));
    let file = file.unwrap_or_else(|error| panic!("opening {}: {error}", path.display()));
    file.lock().unwrap();
    file
}

fn below_target(name: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let target =
        std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), |dir| root.join(dir));
    target.join("e2e").join(name)
}
