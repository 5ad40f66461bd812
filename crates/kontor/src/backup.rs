//! Backups: what a running server pours out, and where one is read from.

use crate::command::Place;
use crate::progress::Progress;
use crate::whereabouts::Whereabouts;
use crate::{Outcome, remote};
use bytes::Bytes;
use jiff::Timestamp;
use kontor_door_admin::Export;
use kontor_listen::{Body, BodySender};
use kontor_model::{Clock, Error, SystemClock};
use kontor_store::blob::{BodySink, Coming};
use kontor_store::moving::archive::{Archive, Label, pack, pack_rows};
use kontor_store::moving::{Event, Laid, RowSource, Sum, Summing};
use kontor_store::{BlobRef, Store, Verdict};
use std::io::{self, BufWriter, Read, Write};
use std::sync::Arc;
use std::thread::Builder;
use std::time::{Duration, Instant};
use tokio::runtime::Handle;

/// Pieces of the stream.
const PIECE: usize = 64 << 10;
/// How long a command waits for a server that is just starting or ending.
const PATIENCE: Duration = Duration::from_secs(10);

/// What is wanted of a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Holding {
    /// All of it.
    Everything,
    /// All but large bodies.
    Rows,
}

/// What is written into a backup about itself.
pub(crate) fn label(from: String) -> Label {
    Label { made: SystemClock.now(), program: env!("CARGO_PKG_VERSION").to_owned(), from }
}

/// What a server with this store answers who asks for everything.
pub(crate) fn export(store: Arc<dyn Store>, from: String, holding: Holding) -> Export {
    Box::new(move || {
        let (store, from) = (store.clone(), from.clone());
        Box::pin(async move {
            let rows = store.whole().await.map_err(why_not)?;
            let (to, body) = Body::stream();
            let handle = Handle::current();
            let packing =
                Builder::new().name("backup".to_owned()).spawn(move || pour(rows, from, holding, to, handle));
            packing.map_err(|error| format!("cannot start a thread: {error}"))?;
            Ok(body)
        })
    })
}

fn why_not(error: Error) -> String {
    match error {
        Error::Locked => "another backup is being taken: try again when that is done".to_owned(),
        Error::Internal(why) | Error::Unsupported { detail: why } => why,
        Error::NoSpace => "no space for a copy of the database beside it".to_owned(),
        other => other.to_string(),
    }
}

fn pour(mut rows: Box<dyn RowSource>, from: String, holding: Holding, to: BodySender, handle: Handle) {
    let begun = Instant::now();
    let mut out = BufWriter::with_capacity(PIECE, ToBody { to, handle });
    let packed = match holding {
        Holding::Everything => pack(&mut *rows, &label(from), &mut out, &mut |_| {}),
        Holding::Rows => pack_rows(&mut *rows, &label(from), &mut out, &mut |_| {}),
    };
    match (packed, out.into_inner()) {
        (Ok(packed), Ok(_)) => {
            let rows: u64 = packed.sums.iter().map(|sum| sum.rows).sum();
            let ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
            tracing::info!(rows, bodies = packed.laid.bodies, bytes = packed.written, ms, "backup taken");
        }
        // Why is the last thing in it, in place of its end.
        (Err(error), Ok(_)) => {
            tracing::error!(why = why_not(error), "a backup was not brought to its end");
        }
        (_, Err(_)) => tracing::warn!("a backup was not brought to its end: nobody takes it"),
    }
}

/// The body of an answer, written to from a thread that may wait.
struct ToBody {
    to: BodySender,
    handle: Handle,
}

impl Write for ToBody {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let sent = self.handle.block_on(self.to.send(Bytes::copy_from_slice(bytes)));
        sent.map(|()| bytes.len()).map_err(|gone| io::Error::new(io::ErrorKind::BrokenPipe, gone))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Everything there is at this moment.
pub(crate) enum Everything {
    /// A running server pours it out, as a backup.
    Stream(remote::Stream),
    /// The store itself.
    Rows(Box<dyn RowSource>),
}

/// Gets at everything, wherever it is: asks the running server, else reads the store.
pub(crate) fn everything(place: &Place, at: &Whereabouts, holding: Holding) -> Outcome<Everything> {
    let socket = crate::socket::admin_path(&place.data);
    let begun = Instant::now();
    loop {
        let asked = match holding {
            Holding::Everything => remote::backup(&socket)?,
            Holding::Rows => remote::rows(&socket)?,
        };
        match asked {
            Some(Ok(stream)) => return Ok(Everything::Stream(stream)),
            Some(Err(refusal)) => return Err(refusal.to_string().into()),
            None => {}
        }
        match at.try_rows() {
            Ok(rows) => return Ok(Everything::Rows(rows)),
            Err(Error::Locked) if begun.elapsed() < PATIENCE => {
                std::thread::sleep(Duration::from_millis(100))
            }
            Err(Error::Locked) => {
                let text = format!("another process uses {at}, but its admin socket does not answer");
                return Err(text.into());
            }
            Err(error) => return Err(at.why_not(error).into()),
        }
    }
}

/// Reads a backup from its beginning to its end, for its sums.
pub(crate) fn read_through(
    archive: &mut Archive,
    progress: &mut Progress,
) -> Result<(Vec<Sum>, Laid), Error> {
    let about = archive.about()?;
    let mut sums = Summing::new(about.schema);
    progress.expect(&about);
    archive.bodies_follow();
    archive.pour(None, &mut |chunk| {
        progress.add(chunk.rows.into(), chunk.bytes.len() as u64);
        sums.add(&chunk)
    })?;
    let sums = sums.sums();
    let bodies = sums.iter().find(|sum| sum.table == "blob").map_or(0, |sum| sum.rows);
    if bodies > 0 {
        progress.begin_bodies(bodies);
    }
    let laid = archive.bodies(&mut PassingBy(progress))?;
    Ok((sums, laid))
}

/// Sees large bodies go by.
pub(crate) struct PassingBy<'a>(pub(crate) &'a mut Progress);

impl BodySink for PassingBy<'_> {
    fn take(&mut self, body: Coming) -> Result<(), Error> {
        self.0.add(1, body.size());
        Ok(())
    }

    fn settle(&mut self) -> Result<Vec<(BlobRef, Verdict)>, Error> {
        Ok(Vec::new())
    }
}

/// A moment, for people.
pub(crate) fn moment(at: kontor_model::Timestamp) -> String {
    let at = Timestamp::from_millisecond(at.millis()).unwrap_or_default();
    at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
}

/// What a backup is of, for people.
pub(crate) fn named(label: &Label) -> String {
    format!("a backup of {} taken {}", label.from, moment(label.made))
}

/// Writes all that is read through it.
pub(crate) struct Tee<R, W> {
    pub(crate) from: R,
    pub(crate) to: W,
}

impl<R: Read, W: Write> Read for Tee<R, W> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.from.read(into)?;
        self.to.write_all(into.get(..read).unwrap_or_default())?;
        Ok(read)
    }
}

/// Tells how writing a backup goes.
pub(crate) fn told(progress: &mut Progress, event: Event) {
    match event {
        Event::Begins { about, .. } => progress.expect(&about),
        Event::Carried { rows, bytes, .. } => progress.add(rows, bytes),
        Event::Bodies { bodies } => progress.begin_bodies(bodies),
        Event::Body { bytes } => progress.add(1, bytes),
        _ => {}
    }
}
