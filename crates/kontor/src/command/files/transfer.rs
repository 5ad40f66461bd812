//! Files on their way, with a bar.

use super::drive::{At, Drive};
use crate::Outcome;
use crate::progress::{Manner, Progress};
use crate::terminal;
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

/// Bytes at a time.
const PIECE: usize = 1 << 16;

/// What was stored.
pub(super) struct Stored {
    pub(super) bytes: u64,
    pub(super) created: bool,
}

/// What was fetched.
pub(super) struct Fetched {
    pub(super) bytes: u64,
    /// Where to; `None` for stdout.
    pub(super) file: Option<PathBuf>,
}

/// Counts what is read.
struct Counted<'a> {
    from: &'a mut dyn Read,
    progress: Progress,
    bytes: u64,
}

impl Read for Counted<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.from.read(into)?;
        self.bytes += read as u64;
        self.progress.add(read as u64, read as u64);
        Ok(read)
    }
}

fn progress(doing: &'static str, size: Option<u64>) -> Progress {
    // A log does not want to know; a person does.
    let manner = if terminal::is_watched() { Manner::Bar } else { Manner::Silent };
    let mut progress = Progress::new(manner);
    progress.begin_bytes(doing, size.unwrap_or(0));
    progress
}

/// Sends a file.
pub(super) fn put(
    drive: &Drive<'_>,
    from: &Path,
    to: &At,
    media_type: Option<&str>,
    replace: bool,
) -> Outcome<Stored> {
    let named = |error: io::Error| format!("cannot read {}: {error}", from.display());
    let (mut file, size): (Box<dyn Read>, Option<u64>) = if from == Path::new("-") {
        (Box::new(io::stdin().lock()), None)
    } else {
        let file = File::open(from).map_err(named)?;
        let about = file.metadata().map_err(named)?;
        if about.is_dir() {
            return Err(format!("{} is a folder; files are stored one by one", from.display()).into());
        }
        (Box::new(file), Some(about.len()))
    };
    let mut counted = Counted { from: &mut *file, progress: progress("sending", size), bytes: 0 };
    let mut headers = vec![("Content-Type", media_type.unwrap_or_else(|| by_name(to)))];
    if !replace {
        headers.push(("If-None-Match", "*"));
    }
    let reply = drive.ask("PUT", to, "", &headers, Some((&mut counted, size)));
    counted.progress.end();
    Ok(Stored { bytes: counted.bytes, created: reply?.status == 201 })
}

/// Fetches a file. It appears under its name when it is whole.
pub(super) fn get(drive: &Drive<'_>, from: &At, to: Option<&Path>, replace: bool) -> Outcome<Fetched> {
    let name = from.name().ok_or_else(|| format!("{from} is a whole drive; name a file on it"))?;
    let to = match to {
        Some(path) if path.is_dir() => path.join(safe(name)?),
        Some(path) => path.to_owned(),
        None => PathBuf::from(safe(name)?),
    };
    let to_stdout = to == Path::new("-");
    if !to_stdout && !replace && to.exists() {
        return Err(format!("{} is there already: --replace replaces it", to.display()).into());
    }
    let reply = drive.ask("GET", from, "", &[("Accept-Encoding", "identity")], None)?;
    if reply.status == 308 {
        return Err(format!("{from} is a folder; files are fetched one by one").into());
    }
    let size = reply.size();
    let mut body = reply.body;
    let mut counted = Counted { from: &mut *body, progress: progress("fetching", size), bytes: 0 };
    if to_stdout {
        if terminal::is_shown() {
            return Err("the file would be written to the terminal: name a file, or a program to take it"
                .to_owned()
                .into());
        }
        pour(&mut counted, &mut io::stdout().lock())
            .map_err(|error| format!("cannot fetch {from}: {error}"))?;
        counted.progress.end();
        return Ok(Fetched { bytes: counted.bytes, file: None });
    }
    let mut part = to.clone().into_os_string();
    part.push(".part");
    let part = PathBuf::from(part);
    let written = File::create(&part).and_then(|mut file| {
        pour(&mut counted, &mut file)?;
        file.sync_all()?;
        std::fs::rename(&part, &to)
    });
    counted.progress.end();
    if let Err(error) = written {
        let _gone = std::fs::remove_file(&part);
        return Err(format!("cannot write {}: {error}", to.display()).into());
    }
    Ok(Fetched { bytes: counted.bytes, file: Some(to) })
}

/// A name on a drive may mean something else to this machine's folders.
fn safe(name: &str) -> Outcome<&str> {
    let plain = !name.contains(['/', '\0']) && name != "." && name != "..";
    if plain { Ok(name) } else { Err("say under which name it shall be written here".to_owned().into()) }
}

fn pour(from: &mut dyn Read, to: &mut dyn Write) -> io::Result<()> {
    let mut piece = vec![0; PIECE];
    loop {
        let read = from.read(&mut piece)?;
        if read == 0 {
            return to.flush();
        }
        to.write_all(piece.get(..read).unwrap_or_default())?;
    }
}

/// What programs call files with such an ending.
fn by_name(at: &At) -> &'static str {
    let name = at.name().unwrap_or_default().to_ascii_lowercase();
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    TYPES.iter().find(|(known, _)| *known == ending).map_or("application/octet-stream", |(_, named)| named)
}

const TYPES: [(&str, &str); 20] = [
    ("csv", "text/csv"),
    ("doc", "application/msword"),
    ("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    ("gif", "image/gif"),
    ("htm", "text/html"),
    ("html", "text/html"),
    ("jpeg", "image/jpeg"),
    ("jpg", "image/jpeg"),
    ("json", "application/json"),
    ("md", "text/markdown; charset=utf-8"),
    ("mp4", "video/mp4"),
    ("odp", "application/vnd.oasis.opendocument.presentation"),
    ("ods", "application/vnd.oasis.opendocument.spreadsheet"),
    ("odt", "application/vnd.oasis.opendocument.text"),
    ("pdf", "application/pdf"),
    ("png", "image/png"),
    ("pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
    ("txt", "text/plain; charset=utf-8"),
    ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ("zip", "application/zip"),
];
