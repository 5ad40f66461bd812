//! `kontor restore`.

use super::Place;
use super::backup::bodies;
use super::store::{tables, told};
use crate::backup::{moment, named};
use crate::progress::{Manner, Progress, grouped};
use crate::whereabouts::Whereabouts;
use crate::{Outcome, terminal};
use clap::Args;
use kontor_model::{Clock, Error, SystemClock};
use kontor_store::moving::archive::Archive;
use kontor_store::moving::carry;
use serde_json::json;
use std::fs::File;
use std::io::{BufReader, Read, stdin};

/// Fill an empty place from a backup
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  kontor --data /srv/kontor restore /var/backups/kontor.backup
  kontor --data /srv/kontor --store postgres://kontor@db/kontor restore kontor.backup
  ssh backup@elsewhere cat kontor.backup | kontor --data /srv/kontor restore -

It is restored into the data folder or the database that the configuration names, which has to be empty, its large bodies
into the place that blobs.url or --blobs names: nothing is overwritten. Every part is checked on the way, and every table once more when it is there; before that no server starts on
it. A restore that was interrupted goes on when the same backup is given again. Clients that saw changes later than the
backup start afresh; the others notice nothing. Passwords and app passwords are those of the time of the backup.")]
pub(crate) struct Restore {
    /// The backup; - for stdin
    from: String,
    /// Tell progress and result in JSON, one object a line
    #[arg(long)]
    json: bool,
}

impl Restore {
    pub(crate) fn run(self, place: &Place) -> Outcome {
        let mut archive = open(&self.from)?;
        let to = Whereabouts::configured(place)?;
        let mut sink = to.fill()?;
        let mut progress = Progress::new(Manner::of(self.json));
        let (name, made) = (named(archive.label()), archive.label().made);
        let mut tell = |event| told(&mut progress, event);
        let carried = carry(&mut archive, &name, &mut *sink, Some(SystemClock.now()), &mut tell);
        let took = progress.took();
        progress.end();
        let carried = carried.map_err(|error| to.why_not(error))?;
        let rows: u64 = carried.sums.iter().map(|sum| sum.rows).sum();
        if self.json {
            let done = json!({
                "event": "done", "to": to.to_string(), "from": name, "rows_carried": carried.rows,
                "large_bodies": carried.laid.bodies, "large_bodies_bytes": carried.laid.bytes,
                "tables": tables(&carried.sums),
            });
            terminal::say(&done.to_string());
        } else {
            let (rows, took) = (grouped(rows), took.as_secs());
            let bodies = bodies(carried.laid);
            terminal::say(&format!("{to} holds all {rows} rows{bodies} of {name}, {took} s"));
            terminal::say(&format!(
                "what was changed after {} is gone; clients that saw it start afresh, the others go on",
                moment(made)
            ));
        }
        Ok(())
    }
}

/// Opens a backup.
pub(crate) fn open(from: &str) -> Outcome<Archive> {
    let bytes: Box<dyn Read + Send> = if from == "-" {
        Box::new(stdin())
    } else {
        Box::new(File::open(from).map_err(|error| format!("cannot open {from}: {error}"))?)
    };
    let opened = Archive::open(Box::new(BufReader::with_capacity(1 << 20, bytes)));
    opened.map_err(|error| match error {
        Error::Unsupported { detail } => format!("{from}: {detail}").into(),
        Error::Internal(why) => format!("{from}: {why}").into(),
        other => format!("{from}: {other}").into(),
    })
}
