//! A folder with one file for each object.

use super::fault::chain;
use kontor_model::{Error, Result};
use object_store::ObjectStore;
use object_store::local::LocalFileSystem;
use std::path::Path;
use std::sync::Arc;

/// Makes the folder, which nobody but the server's own user looks into.
pub(super) fn open(path: &Path) -> Result<Arc<dyn ObjectStore>> {
    let doing = |why: &dyn std::error::Error| {
        Error::Internal(format!("open the folder of blobs {}: {}", path.display(), chain(why)))
    };
    make_private(path).map_err(|error| doing(&error))?;
    let store = LocalFileSystem::new_with_prefix(path).map_err(|error| doing(&error))?;
    // Acknowledged is on disk: the file, its name, and the names of the folders above it.
    Ok(Arc::new(store.with_fsync(true)))
}

#[cfg(unix)]
fn make_private(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(path)
}

#[cfg(not(unix))]
fn make_private(path: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(path)
}

/// Attempts at one object that may each have left a file.
const ATTEMPTS: usize = 4;

/// Removes what broken uploads of an object left beside it: the crate writes to `NAME#0`, `NAME#1` and so on first.
pub(super) fn sweep(folder: &Path, object: &str) -> object_store::Result<()> {
    for attempt in 0..ATTEMPTS {
        match std::fs::remove_file(folder.join(format!("{object}#{attempt}"))) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(object_store::Error::Generic { store: "folder", source: Box::new(error) });
            }
            _ => {}
        }
    }
    Ok(())
}
