//! Programs that end with the test process, however that ends.

use std::path::Path;
use std::process::{Child, Command, Stdio};

/// Sends `signal` to `child` as soon as this process is gone, then removes `folder`.
pub(crate) fn end_with_this_process(child: &Child, signal: &str, folder: &Path) {
    let watch = "while kill -0 $0 2>/dev/null && kill -0 $1 2>/dev/null; do sleep 0.2; done; \
                 kill -0 $0 2>/dev/null && exit; kill -$2 $1 2>/dev/null; \
                 while kill -0 $1 2>/dev/null; do sleep 0.1; done; rm -rf $3";
    let pids = [std::process::id().to_string(), child.id().to_string()];
    let mut watcher = Command::new("setsid");
    watcher.args(["sh", "-c", watch]).args(pids).arg(signal).arg(folder);
    watcher.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut watcher =
        watcher.spawn().unwrap_or_else(|error| panic!("start the watcher of a program: {error}"));
    std::thread::spawn(move || watcher.wait());
}
