//! `kontor store ...`.

mod copy;
mod history;
mod trash;

pub(crate) use copy::{tables, told};
pub(crate) use history::{HistoryArgs, RestoreArgs, Root};

use super::Place;
use crate::whereabouts::Whereabouts;
use crate::{Outcome, terminal};
use clap::{Args, Subcommand};
use kontor_model::{Clock, SystemClock};

/// Bring back what was replaced or removed; move whole stores to another place
#[derive(Debug, Args)]
#[command(arg_required_else_help = true)]
pub(crate) struct Store {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Tell what an item said before, what was removed from a collection, or what is in the trash of an account
    #[command(after_help = HISTORY)]
    History(HistoryArgs),
    /// Bring back what was replaced or removed
    #[command(after_help = RESTORE)]
    Restore(RestoreArgs),
    /// Drop removed calendars, address books, task lists and folders for good, and what items said before
    #[command(after_help = PURGE)]
    Purge(trash::Purge),
    /// Copy everything to an empty place, and compare
    #[command(after_help = COPY)]
    Copy(copy::Copy),
    /// Open a store for writing again that `copy` closed
    #[command(after_help = "Example:\n  kontor store reopen /srv/kontor")]
    Reopen(Named),
    /// Raise all change numbers, after an older state of the data was put back by other means than `restore`
    #[command(after_help = LEAP)]
    Leap(Named),
}

const HISTORY: &str = "Examples:
  kontor store history anna
  kontor store history anna/default
  kontor store history anna/default/meeting.ics
  kontor store history anna/files/letters/offer.odt --json

PATH is ACCOUNT, of which is told what calendars, address books, task lists and folders were removed, each with all that was
in it; or ACCOUNT/COLLECTION, of which is told what was removed from it, or ACCOUNT/COLLECTION/ITEM, of which is told what
it said before and until when, with those that were removed under that name: the latest first. A revision names a text.
How much is kept, and for how long, is set in the section [history] of the configuration.";

const RESTORE: &str = "Examples:
  kontor store restore anna/default/meeting.ics
  kontor store restore anna/files/letters/offer.odt --revision 17
  kontor store restore anna/files/letters/offer.odt --revision 17 --as old-offer.odt
  kontor store restore anna/default
  kontor store restore anna/files/letters --as old-letters
  kontor store restore anna/5c81f1d0e4b7a92

An item that is there gets its old text back, and what it said until now is kept, so that this can be undone too. What was
removed comes back with its properties; if its name is taken by now, as 'offer (restored).odt'. Clients see all of it as a
change like any other.

A calendar, address book, task list or folder that was removed comes back with all that was in it, as it was; of several that
lay there the one that was removed last, or the one of that ID (see `kontor store history ACCOUNT`).";

const PURGE: &str = "Examples:
  kontor store purge anna/default
  kontor store purge anna/files/letters
  kontor store purge anna/5c81f1d0e4b7a92 --json
  kontor store purge anna --all
  kontor store purge anna/default/meeting.ics

Of an item goes what it said before, and those that were removed under its name; one that is there stays as it is.
What is purged does not come back, but from a backup. The rows go within minutes, large bodies within a day.";

const COPY: &str = "Examples:
  kontor store copy /srv/kontor postgres://kontor@db.example.org/kontor
  kontor store copy /srv/kontor @/etc/kontor/new-store-url
  kontor store copy postgres://kontor@db/kontor /srv/kontor --json
  kontor store copy /srv/kontor @/etc/kontor/new-store-url --to-blobs @/etc/kontor/new-bucket.toml

FROM and TO are data folders or postgres:// URLs; @FILE is a file that holds one (others see the command line: put
passwords into a file). TO has to be empty. A copy that was interrupted, however it was, goes on when the same command is
given again. Clients notice nothing: all numbers, names and passwords stay what they are.

A server on a folder has to be stopped. Servers on a database go on reading; writes are refused from the moment at which
the copy begins (503, clients come again), so that nothing is written to the old place that the new one lacks. FROM stays
closed when all is done: `kontor store reopen FROM` opens it again. With --keep-open nothing is closed: what is written
to FROM after the copy began is not in the copy, and clients that saw that start afresh.

Bodies of more than 64 KiB are files or objects of their own. They are carried too, and each is compared with what was
put, as it is read and where it was written; where both stores have the same place they stay in it. --from-blobs and
--to-blobs name places: a folder, s3://BUCKET/PREFIX, or @FILE, a configuration with a section [blobs].";

const LEAP: &str = "Example:
  kontor store leap /srv/kontor

For snapshots of file systems and machines and point-in-time recovery of a database. Without it, a store that went back
would give out numbers a second time, and clients that saw the first ones would miss changes. `restore` does this itself.";

#[derive(Debug, Args)]
struct Named {
    /// Data folder, postgres:// URL, or @FILE that holds one
    store: String,
    /// Answer in JSON, with stable field names
    #[arg(long)]
    json: bool,
}

impl Store {
    pub(crate) fn run(self, place: &Place) -> Outcome {
        match self.what {
            What::History(history) => history.run(place, Root::Store),
            What::Restore(restore) => restore.run(place, Root::Store),
            What::Purge(purge) => purge.run(place),
            What::Copy(copy) => copy.run(place),
            What::Reopen(named) => {
                let at = Whereabouts::read(place, &named.store)?;
                if !at.keeper()?.reopen().map_err(|error| at.why_not(error))? {
                    return Err(format!("{at} is open").into());
                }
                named.done(&format!("{at} is open again"));
                Ok(())
            }
            What::Leap(named) => {
                let at = Whereabouts::read(place, &named.store)?;
                at.keeper()?.leap(SystemClock.now()).map_err(|error| at.why_not(error))?;
                named.done(&format!(
                    "{at}: all numbers are raised; clients that are ahead of it start afresh"
                ));
                Ok(())
            }
        }
    }
}

impl Named {
    fn done(&self, text: &str) {
        terminal::say(if self.json { "{\"done\": true}" } else { text });
    }
}
