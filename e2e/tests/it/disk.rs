//! A disk that is soon full.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use kontor_testkit::{Folder, run};

/// A small disk of one's own, gone with the test.
pub(crate) struct Disk {
    at: PathBuf,
    _folder: Folder,
}

impl Disk {
    /// So many MiB; `None` where we may not mount.
    pub(crate) fn new(size: usize) -> Option<Self> {
        let folder = Folder::new("disk");
        let at = folder.path().to_owned();
        let ran = mount(&["-t", "tmpfs", "-o", &format!("size={size}m"), "tmpfs"], &at);
        ran.ok.then_some(Self { at, _folder: folder })
    }

    /// Where it is mounted.
    pub(crate) fn path(&self) -> &Path {
        &self.at
    }

    /// Now so many MiB.
    pub(crate) fn enlarge(&self, size: usize) {
        mount(&["-o", &format!("remount,size={size}m")], &self.at).said_if_ok();
    }
}

fn mount(options: &[&str], at: &Path) -> kontor_testkit::Ran {
    run(Command::new("mount").args(options).arg(at), "", Duration::from_secs(60))
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Lazily: a server that a failed test left behind must not keep it.
        let _left = Command::new("umount").arg("--lazy").arg(&self.at).status();
    }
}
