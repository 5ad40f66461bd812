//! A folder with one file for each object.

use super::fault::chain;
use kontor_model::{Error, Result};
use object_store::ObjectStore;
use object_store::local::LocalFileSystem;
use std::path::{Path, PathBuf};
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
    if path.is_dir() {
        return Ok(());
    }
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(path)?;
    give_to_the_owner_above(path)
}

/// What root makes in the folder of the user that the server runs as has to be that user's.
#[cfg(unix)]
fn give_to_the_owner_above(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::{MetadataExt, chown};
    let Some(above) = path.parent() else { return Ok(()) };
    let (above, own) = (std::fs::metadata(above)?, std::fs::metadata(path)?);
    if own.uid() == 0 && above.uid() != 0 {
        chown(path, Some(above.uid()), Some(above.gid()))?;
    }
    Ok(())
}

/// An object that root lays down for the server's user belongs to that user, as does the folder that it is in.
#[cfg(unix)]
pub(super) fn give(folder: &Path, object: &str) -> Result<()> {
    let path = folder.join(object);
    let given =
        path.parent().map_or(Ok(()), give_to_the_owner_above).and_then(|()| give_to_the_owner_above(&path));
    given.map_err(|error| {
        Error::Internal(format!("give {} to the user of its folder: {error}", path.display()))
    })
}

#[cfg(not(unix))]
pub(super) fn give(_folder: &Path, _object: &str) -> Result<()> {
    Ok(())
}

#[cfg(not(unix))]
fn make_private(path: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(path)
}

/// Attempts at one object that may each have left a file.
const ATTEMPTS: usize = 4;

/// The file that an upload writes to until it ends: the crate names it so at its first attempt, and numbers of objects
/// are new.
pub(super) fn unfinished(folder: &Path, object: &str) -> PathBuf {
    folder.join(format!("{object}#1"))
}

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
