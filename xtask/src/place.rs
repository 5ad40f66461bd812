//! Where things are: the workspace's root and the folders under `target/` that tasks use.

use std::path::{Path, PathBuf};

/// The root of the workspace: the folder above this crate's, as compiled.
pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_path_buf()
}

/// Cargo's target folder: `CARGO_TARGET_DIR` if set, else `target/` under the root.
pub(crate) fn target() -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(dir) => root().join(dir),
        None => root().join("target"),
    }
}

/// The release binary, whether it is built yet or not.
pub(crate) fn kontor() -> PathBuf {
    target().join("release").join("kontor")
}

/// The binary that is built for tests, the same.
pub(crate) fn rehearsing_kontor() -> PathBuf {
    target().join("debug").join("kontor")
}
