//! `kontor backup`.

use super::Place;
use super::store::tables;
use crate::backup::{Everything, Holding, Tee, everything, label, moment, read_through, told};
use crate::progress::{Manner, Progress, grouped, size};
use crate::whereabouts::Whereabouts;
use crate::{Failure, Outcome, terminal};
use clap::Args;
use kontor_model::{Clock, Error, SystemClock};
use kontor_store::moving::archive::{Archive, pack};
use kontor_store::moving::{Laid, Sum};
use serde_json::json;
use std::fs::File;
use std::io::{BufReader, BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// Write everything into one file, while the server works
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  kontor --data /srv/kontor backup /var/backups/
  kontor --data /srv/kontor backup /var/backups/kontor.backup
  kontor --data /srv/kontor backup - | ssh backup@elsewhere 'cat > kontor.backup'

A backup is of one moment, and holds everything: accounts with their secrets, items with bodies of any size, removed
names, logs. It is compressed, checked in every part, and the same whichever engine it comes from and wherever large bodies
are: `restore` takes it into either. It is not encrypted. A file appears under its name only when it is whole. Exit code 0
means that all of it is written and on the disk.")]
pub(crate) struct Backup {
    /// File to be made; a folder to make one in, named after the time; or - for stdout
    to: String,
    /// Tell progress and result in JSON, one object a line
    #[arg(long, conflicts_with = "quiet")]
    json: bool,
    /// Say nothing when all is well
    #[arg(long)]
    quiet: bool,
}

/// What was written.
struct Written {
    sums: Vec<Sum>,
    laid: Laid,
    bytes: u64,
}

/// Where it goes.
enum Target {
    Stdout,
    /// Under a name of its own until it is whole.
    File {
        path: PathBuf,
        part: PathBuf,
        file: File,
    },
}

impl Backup {
    pub(crate) fn run(self, place: &Place) -> Outcome {
        if self.to == "-" && self.json {
            return Err(Failure::Usage("--json tells on stdout, where the backup goes: give a file".into()));
        }
        let at = Whereabouts::configured(place)?;
        let from = everything(place, &at, Holding::Everything)?;
        let mut target = Target::open(&self.to)?;
        let mut progress = Progress::new(if self.quiet { Manner::Silent } else { Manner::of(self.json) });
        progress.begin("backup", 0);
        let written = target.fill(from, &at, &mut progress);
        let took = progress.took();
        progress.end();
        let Written { sums, laid, bytes } = match written {
            Ok(written) => written,
            Err(error) => {
                target.discard();
                return Err(why_not(error).into());
            }
        };
        let name = target.keep()?;
        let rows: u64 = sums.iter().map(|sum| sum.rows).sum();
        if self.json {
            let (name, tables) = (name.unwrap_or_default(), tables(&sums));
            terminal::say(
                &json!({
                    "event": "done", "file": name, "bytes": bytes, "large_bodies": laid.bodies,
                    "large_bodies_bytes": laid.bytes, "tables": tables,
                })
                .to_string(),
            );
        } else if let Some(name) = name.filter(|_| !self.quiet) {
            let (rows, bytes, took) = (grouped(rows), size(bytes), took.as_secs());
            let bodies = bodies(laid);
            terminal::say(&format!("{name}: {rows} rows{bodies} of {at} in {bytes}, {took} s"));
        }
        Ok(())
    }
}

/// How many large bodies there are, if any, for people.
pub(crate) fn bodies(laid: Laid) -> String {
    match laid {
        Laid { bodies: 0, .. } => String::new(),
        Laid { bodies, bytes } => format!(" and {} large bodies ({})", grouped(bodies), size(bytes)),
    }
}

fn why_not(error: Error) -> String {
    match error {
        Error::Internal(why) | Error::Unsupported { detail: why } => why,
        Error::NoSpace => "no space left for the backup".to_owned(),
        other => other.to_string(),
    }
}

impl Target {
    fn open(to: &str) -> Outcome<Self> {
        if to == "-" {
            if terminal::is_shown() {
                return Err(Failure::Usage("a backup is nothing to be shown at a terminal".into()));
            }
            return Ok(Self::Stdout);
        }
        let mut path = PathBuf::from(to);
        if path.is_dir() {
            let stamp: String = moment(SystemClock.now()).chars().filter(char::is_ascii_digit).collect();
            let (day, time) = stamp.split_at_checked(8).unwrap_or((&stamp, ""));
            path.push(format!("kontor-{day}T{time}Z.backup"));
        }
        if path.exists() {
            return Err(format!("{} exists already; a backup overwrites nothing", path.display()).into());
        }
        let part = PathBuf::from(format!("{}.part", path.display()));
        // It holds all secrets: for nobody else to read.
        let mut options = File::options();
        options.write(true).create(true).truncate(true).mode(0o600);
        let file =
            options.open(&part).map_err(|error| format!("cannot write {}: {error}", part.display()))?;
        Ok(Self::File { path, part, file })
    }

    /// Writes everything.
    fn fill(
        &mut self,
        from: Everything,
        at: &Whereabouts,
        progress: &mut Progress,
    ) -> Result<Written, Error> {
        let fault = |error: std::io::Error| match error.kind() {
            std::io::ErrorKind::StorageFull => Error::NoSpace,
            _ => Error::Internal(format!("cannot write the backup: {error}")),
        };
        let out: Box<dyn Write + Send> = match self {
            Self::Stdout => Box::new(std::io::stdout()),
            Self::File { file, .. } => Box::new(file.try_clone().map_err(fault)?),
        };
        let mut out = Counted { to: BufWriter::with_capacity(1 << 20, out), bytes: 0 };
        match from {
            Everything::Rows(mut rows) => {
                let mut tell = |event| told(progress, event);
                let packed = pack(&mut *rows, &label(at.to_string()), &mut out, &mut tell)?;
                Ok(Written { sums: packed.sums, laid: packed.laid, bytes: packed.written })
            }
            // What comes is looked at on its way: what the server says is whole has to be.
            Everything::Stream(stream) => {
                let out = std::sync::Arc::new(std::sync::Mutex::new(out));
                let tee = Tee { from: stream, to: Shared(out.clone()) };
                let mut archive = Archive::open(Box::new(BufReader::with_capacity(1 << 16, tee)))?;
                let (sums, laid) = read_through(&mut archive, progress)?;
                let mut out = out.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                out.flush().map_err(fault)?;
                Ok(Written { sums, laid, bytes: out.bytes })
            }
        }
    }

    /// On the disk, under its name; the name.
    fn keep(self) -> Outcome<Option<String>> {
        let Self::File { path, part, file } = self else { return Ok(None) };
        let kept = file.sync_all().and_then(|()| std::fs::rename(&part, &path)).and_then(|()| synced(&path));
        kept.map_err(|error| format!("cannot keep {}: {error}", path.display()))?;
        Ok(Some(path.display().to_string()))
    }

    fn discard(self) {
        if let Self::File { part, .. } = self {
            // What is left of it is in the way of nobody.
            let _gone = std::fs::remove_file(part);
        }
    }
}

/// A new name is on the disk when its folder is.
fn synced(path: &Path) -> std::io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new("."))).and_then(|folder| folder.sync_all())
}

/// Counts what is written.
struct Counted<W> {
    to: W,
    bytes: u64,
}

impl<W: Write> Write for Counted<W> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let written = self.to.write(bytes)?;
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.to.flush()
    }
}

/// The same writer in two hands.
struct Shared<W>(std::sync::Arc<std::sync::Mutex<W>>);

impl<W: Write> Write for Shared<W> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner).write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner).flush()
    }
}
