//! `kontor store copy`.

use crate::backup::moment;
use crate::command::Place;
use crate::progress::{Manner, Progress, grouped, size};
use crate::whereabouts::Whereabouts;
use crate::{Outcome, terminal};
use clap::Args;
use kontor_model::{Clock, SystemClock};
use kontor_store::blob::Depot;
use kontor_store::moving::{Carried, Event, Sum, carry};
use serde_json::{Value, json};
use std::time::Duration;

/// Copy everything to an empty place, and compare
#[derive(Debug, Args)]
pub(crate) struct Copy {
    /// Data folder, postgres:// URL, or @FILE that holds one
    from: String,
    /// The same; has to be empty
    to: String,
    /// Where the large bodies of FROM are: a folder, s3://BUCKET/PREFIX with what the configuration says of buckets, or
    /// @FILE, a configuration whose blobs.url says it [default: where a server on FROM has them]
    #[arg(long, value_name = "PLACE")]
    from_blobs: Option<String>,
    /// Where those of TO shall be [default: the folder blobs in a data folder; for a database blobs.url of the
    /// configuration, or else they stay where those of FROM are]
    #[arg(long, value_name = "PLACE")]
    to_blobs: Option<String>,
    /// Leave FROM open for writing: what is written there after the copy began is not in the copy
    #[arg(long)]
    keep_open: bool,
    /// Tell progress and result in JSON, one object a line
    #[arg(long)]
    json: bool,
}

impl Copy {
    pub(crate) fn run(self, place: &Place) -> Outcome {
        let (from, to) = self.places(place)?;
        let mut progress = Progress::new(Manner::of(self.json));
        let mut sink = to.fill()?;
        // Nothing is closed for a copy that cannot be made.
        sink.begun().map_err(|error| to.why_not(error))?;
        drop(from.rows()?);
        from.reach()?;
        to.reach()?;
        if !self.keep_open {
            let told = format!("to {to}, beginning {}", moment(SystemClock.now()));
            from.keeper()?.leave(&told).map_err(|error| from.why_not(error))?;
        }
        let leap = self.keep_open.then(|| SystemClock.now());
        let mut rows = from.rows()?;
        let stay = rows.depot().zip(sink.depot()).is_some_and(|(from, to)| from.is(to));
        let there = sink.depot().map(Depot::called).unwrap_or_default();
        let mut tell = |event| told(&mut progress, event);
        let carried = carry(&mut *rows, &from.to_string(), &mut *sink, leap, &mut tell);
        let took = progress.took();
        progress.end();
        let carried = carried.map_err(|error| to.why_not(error))?;
        let shared = self.keep_open && stay && carried.laid.bodies > 0;
        if shared {
            // It holds the lock of a folder.
            drop(sink);
            to.keeper()?.share().map_err(|error| to.why_not(error))?;
        }
        let done = Done { from, to, carried, there, stay, shared, took };
        if self.json {
            terminal::say(&done.result(self.keep_open).to_string());
        } else {
            done.say(self.keep_open);
        }
        Ok(())
    }

    fn places(&self, place: &Place) -> Outcome<(Whereabouts, Whereabouts)> {
        let from = Whereabouts::read(place, &self.from)?;
        let from = from.with_bodies(place, self.from_blobs.as_deref(), "--from-blobs")?;
        let to = Whereabouts::read(place, &self.to)?.beside(place, &from)?;
        let to = to.with_bodies(place, self.to_blobs.as_deref(), "--to-blobs")?;
        Ok((from, to))
    }
}

/// What came of it.
struct Done {
    from: Whereabouts,
    to: Whereabouts,
    carried: Carried,
    /// Where the large bodies of `to` are.
    there: String,
    /// Whether they were there before.
    stay: bool,
    /// Whether they are still the other's.
    shared: bool,
    took: Duration,
}

impl Done {
    fn say(&self, keep_open: bool) {
        let Self { from, to, carried, there, took, .. } = self;
        let all: u64 = carried.sums.iter().map(|sum| sum.rows).sum();
        terminal::say(&format!(
            "{to} holds all {} rows of {from}; every table has the same count and digest on both sides ({} carried, {} s)",
            grouped(all),
            size(carried.bytes),
            took.as_secs(),
        ));
        if carried.laid.bodies > 0 {
            let bodies =
                format!("{} large bodies ({})", grouped(carried.laid.bodies), size(carried.laid.bytes));
            terminal::say(&if self.stay {
                format!("{bodies} stay in {there}: name that to servers on {to} too (--blobs)")
            } else {
                format!(
                    "{bodies} are in {there}, each compared with what was put: servers on {to} have them there (--blobs)"
                )
            });
        }
        terminal::say(&self.rest(keep_open));
    }

    /// What the administrator must know.
    fn rest(&self, keep_open: bool) -> String {
        let from = &self.from;
        if !keep_open {
            return format!("{from} is closed for writing; `kontor store reopen` opens it again");
        }
        let bodies = if self.shared {
            format!("; large bodies stay {from}'s own, and the copy loses those that go there")
        } else {
            String::new()
        };
        format!(
            "{from} was left open: WHAT WAS WRITTEN THERE SINCE THE COPY BEGAN IS NOT IN THE COPY, and clients that \
             saw it start afresh on the copy{bodies}"
        )
    }

    fn result(&self, kept_open: bool) -> Value {
        let carried = &self.carried;
        json!({
            "event": "done",
            "from": self.from.to_string(),
            "to": self.to.to_string(),
            "from_is_closed": !kept_open,
            "rows_carried": carried.rows,
            "bytes_carried": carried.bytes,
            "large_bodies": carried.laid.bodies,
            "large_bodies_bytes": carried.laid.bytes,
            "large_bodies_in": self.there,
            "tables": tables(&carried.sums),
        })
    }
}

/// Tells how it goes.
pub(crate) fn told(progress: &mut Progress, event: Event) {
    match event {
        Event::Begins { about, resumed } => {
            if resumed {
                progress.note("going on where the last attempt was interrupted");
            }
            progress.begin("copying", 0);
            progress.expect(&about);
        }
        Event::Anew => {
            progress.note("the source has changed since the last attempt was interrupted: beginning anew")
        }
        Event::Carried { rows, bytes, .. } => progress.add(rows, bytes),
        Event::Compares { rows } => progress.begin("comparing", rows),
        Event::Compared { rows, bytes } => progress.add(rows, bytes),
        Event::Bodies { bodies } => progress.begin_bodies(bodies),
        Event::Body { bytes } => progress.add(1, bytes),
    }
}

/// Count and digest of each table.
pub(crate) fn tables(sums: &[Sum]) -> Value {
    let table = |sum: &Sum| json!({ "table": sum.table, "rows": sum.rows, "digest": sum.digest });
    sums.iter().map(table).collect()
}
