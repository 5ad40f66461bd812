//! Objects that are files, read piece by piece by several threads at once.

use super::{Place, Sort, Spare};
use kontor_model::{Error, Result};
use std::fs::File;
use std::io::ErrorKind;
use std::sync::Arc;

/// An object of a folder, open: it stays readable if it is removed meanwhile.
#[derive(Clone)]
pub(in crate::blob) struct Opened {
    file: Arc<File>,
    called: Arc<str>,
}

/// What opening an object came to.
pub(in crate::blob) enum Opening {
    /// It is a file.
    File(Opened),
    /// It is not there.
    Missing,
    /// It lies in a bucket: read it with [`Place::stream`].
    Afar,
}

impl Place {
    /// Opens an object that is a file.
    pub(in crate::blob) async fn open_file(&self, object: &str) -> Result<Opening> {
        let Sort::Folder(folder) = &self.sort else { return Ok(Opening::Afar) };
        let (path, called) = (folder.join(object), format!("{object} in {}", self.called.name));
        let opened = self.handle.spawn_blocking(move || File::open(path)).await;
        match opened.map_err(std::io::Error::other).flatten() {
            Ok(file) => Ok(Opening::File(Opened { file: Arc::new(file), called: called.into() })),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Opening::Missing),
            Err(error) => Err(broken(&called, &error)),
        }
    }
}

fn broken(called: &str, error: &std::io::Error) -> Error {
    Error::Internal(format!("read {called}: {error}"))
}

impl Opened {
    /// So many bytes from there; `None` if it ends before. Waits for the disk.
    pub(in crate::blob) fn read(&self, at: u64, length: usize, spare: &Spare) -> Result<Option<Vec<u8>>> {
        let mut bytes = spare.filled(length);
        match read_at(&self.file, &mut bytes, at) {
            Ok(()) => Ok(Some(bytes)),
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => Ok(None),
            Err(error) => Err(broken(&self.called, &error)),
        }
    }
}

/// Fills `out` from there.
#[cfg(unix)]
pub(super) fn read_at(file: &File, out: &mut [u8], at: u64) -> std::io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, out, at)
}

/// The same where files have a place of their own, which threads must not move at once.
#[cfg(not(unix))]
pub(super) fn read_at(mut file: &File, out: &mut [u8], at: u64) -> std::io::Result<()> {
    use std::io::{Read, Seek, SeekFrom};
    static ONE: std::sync::Mutex<()> = std::sync::Mutex::new(());
    let _one = ONE.lock();
    file.seek(SeekFrom::Start(at))?;
    file.read_exact(out)
}
