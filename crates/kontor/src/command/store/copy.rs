//! `kontor store copy`.

use crate::backup::moment;
use crate::command::Place;
use crate::command::backup::bodies_apart;
use crate::progress::{Manner, Progress, grouped, size};
use crate::whereabouts::Whereabouts;
use crate::{Outcome, terminal};
use clap::Args;
use kontor_model::{Clock, SystemClock};
use kontor_store::moving::{Carried, Event, Sum, carry};
use serde_json::{Value, json};

/// Copy everything to an empty place, and compare
#[derive(Debug, Args)]
pub(crate) struct Copy {
    /// Data folder, postgres:// URL, or @FILE that holds one
    from: String,
    /// The same; has to be empty
    to: String,
    /// Leave FROM open for writing: what is written there after the copy began is not in the copy
    #[arg(long)]
    keep_open: bool,
    /// Tell progress and result in JSON, one object a line
    #[arg(long)]
    json: bool,
}

impl Copy {
    pub(crate) fn run(self, place: &Place) -> Outcome {
        let from = Whereabouts::read(place, &self.from)?;
        let to = Whereabouts::read(place, &self.to)?;
        let mut progress = Progress::new(Manner::of(self.json));
        let mut sink = to.fill()?;
        // Nothing is closed for a copy that cannot be made.
        sink.begun().map_err(|error| to.why_not(error))?;
        drop(from.rows()?);
        if !self.keep_open {
            let told = format!("to {to}, beginning {}", moment(SystemClock.now()));
            from.keeper()?.leave(&told).map_err(|error| from.why_not(error))?;
        }
        let leap = self.keep_open.then(|| SystemClock.now());
        let mut rows = from.rows()?;
        let mut tell = |event| told(&mut progress, event);
        let carried = carry(&mut *rows, &from.to_string(), &mut *sink, leap, &mut tell);
        let took = progress.took();
        progress.end();
        let carried = carried.map_err(|error| to.why_not(error))?;
        if let Some(warning) = bodies_apart(&carried.sums) {
            terminal::complain(&warning);
        }
        if self.keep_open {
            // It holds the lock of a folder.
            drop(sink);
            to.keeper()?.share().map_err(|error| to.why_not(error))?;
        }
        if self.json {
            terminal::say(&result(&from, &to, &carried, self.keep_open).to_string());
            return Ok(());
        }
        let all: u64 = carried.sums.iter().map(|sum| sum.rows).sum();
        terminal::say(&format!(
            "{to} holds all {} rows of {from}; every table has the same count and digest on both sides ({} carried, {} s)",
            grouped(all),
            size(carried.bytes),
            took.as_secs(),
        ));
        terminal::say(&self.rest(&from));
        Ok(())
    }

    /// What the administrator must know.
    fn rest(&self, from: &Whereabouts) -> String {
        if self.keep_open {
            format!(
                "{from} was left open: WHAT WAS WRITTEN THERE SINCE THE COPY BEGAN IS NOT IN THE COPY, and clients that \
                 saw it start afresh on the copy; large bodies stay {from}'s own, and the copy loses those that go there"
            )
        } else {
            format!("{from} is closed for writing; `kontor store reopen` opens it again")
        }
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
    }
}

fn result(from: &Whereabouts, to: &Whereabouts, carried: &Carried, kept_open: bool) -> Value {
    json!({
        "event": "done",
        "from": from.to_string(),
        "to": to.to_string(),
        "from_is_closed": !kept_open,
        "rows_carried": carried.rows,
        "bytes_carried": carried.bytes,
        "tables": tables(&carried.sums),
    })
}

/// Count and digest of each table.
pub(crate) fn tables(sums: &[Sum]) -> Value {
    let table = |sum: &Sum| json!({ "table": sum.table, "rows": sum.rows, "digest": sum.digest });
    sums.iter().map(table).collect()
}
