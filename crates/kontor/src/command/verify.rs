//! `kontor verify`.

use super::{Place, restore};
use crate::backup::{Everything, Holding, PassingBy, everything, named};
use crate::progress::{Manner, Progress, grouped, size};
use crate::survey::{self, Seen};
use crate::whereabouts::Whereabouts;
use crate::{Outcome, terminal};
use clap::Args;
use kontor_model::Error;
use kontor_store::Verdict;
use kontor_store::moving::archive::Archive;
use kontor_store::moving::{Checked, Checker, RowSource, SCHEMA, remedy};
use serde_json::json;
use std::io::BufReader;

/// Look at everything, and tell what is not as it should be
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  kontor --data /srv/kontor verify
  kontor --data /srv/kontor --store postgres://kontor@db/kontor verify --json
  kontor verify /var/backups/kontor-20261122T031500Z.backup
  15 4 * * 0  kontor --data /srv/kontor verify --quiet    # in a crontab: mail if something is wrong

Without a file it looks at the store that the configuration names, while the server works: every row against the others, as
they are at one moment, and every large body against the digest that was taken when it was put; of
the embedded store also the file as such. With a file it looks at
that backup: whether it is whole, large bodies too, and whether what it holds is sound. Nothing is changed. Each problem is told with its
account, collection and item, and what to do about it. Exit code 0: all is as it should be; 1: something is not, or could
not be looked at.")]
pub(crate) struct Verify {
    /// A backup to look at, instead of the store; - for stdin
    backup: Option<String>,
    /// Leave out large bodies: rows alone are looked at
    #[arg(long)]
    rows_only: bool,
    /// Tell progress, problems and result in JSON, one object a line
    #[arg(long, conflicts_with = "quiet")]
    json: bool,
    /// Say nothing when all is well
    #[arg(long)]
    quiet: bool,
}

/// What was seen besides the rows.
#[derive(Default)]
struct Beside {
    /// Large bodies.
    read: u64,
    bytes: u64,
    /// Objects that are not what was put, and whether they are there.
    spoilt: Vec<(String, Verdict)>,
    /// More of them than are told one by one.
    beyond: u64,
    /// What the engine finds wrong with its own files.
    unsound: Vec<String>,
    /// Why it was not looked at, on purpose.
    left: Option<String>,
    /// Why it could not be looked at.
    failed: Option<String>,
    /// No place for large bodies is named.
    placeless: bool,
}

/// Spoilt bodies that are told one by one.
const SPOILT: usize = 100_000;

/// What was looked at, and what came of it.
struct Looked {
    of: String,
    checked: Checked,
    beside: Beside,
    /// Why not all rows were seen.
    broken: Option<String>,
}

impl Verify {
    pub(crate) fn run(self, place: &Place) -> Outcome {
        let mut progress = Progress::new(if self.quiet { Manner::Silent } else { Manner::of(self.json) });
        let looked = match &self.backup {
            Some(from) => {
                let mut archive = restore::open(from)?;
                let of = named(archive.label());
                archive.bodies_follow();
                let mut looked = rows(&mut archive, of, Beside::default(), &mut progress);
                if looked.broken.is_none() {
                    looked.bodies_of(&mut archive, &mut progress);
                }
                Ok(looked)
            }
            None => self.store(place, &mut progress),
        };
        let took = progress.took().as_secs();
        progress.end();
        let looked = looked?;
        looked.tell(self.json);
        match looked.verdict() {
            None if self.quiet || self.json => Ok(()),
            None => {
                terminal::say(&format!("{}: all is as it should be, {took} s", looked.sums()));
                Ok(())
            }
            Some(why) => Err(why.into()),
        }
    }

    fn store(&self, place: &Place, progress: &mut Progress) -> Outcome<Looked> {
        let applied = place.configuration()?.apply()?;
        let at = Whereabouts::of(place, &applied);
        let mut beside = Beside::default();
        if self.rows_only {
            beside = Beside::left("only rows were asked for");
        } else {
            progress.begin_with("large bodies", "bodies");
            let mut each = |seen| beside.add(seen, progress);
            if !survey::by_server(place, &mut each)? {
                // Who opens a store of an earlier version brings it forward, which is not for somebody who only looks.
                match at.try_rows().and_then(|mut rows| rows.about()) {
                    Ok(about) if about.schema < SCHEMA => {
                        beside = Beside::left("the store is of an earlier version: start the server once");
                    }
                    Ok(_) => survey::here(place, &applied, &mut each)?,
                    // It is told when rows are looked at.
                    Err(_) => {}
                }
            }
        }
        match everything(place, &at, Holding::Rows)? {
            Everything::Rows(mut source) => Ok(rows(&mut *source, at.to_string(), beside, progress)),
            Everything::Stream(stream) => {
                let opened = Archive::open(Box::new(BufReader::with_capacity(1 << 16, stream)));
                Ok(rows(&mut opened.map_err(told)?, at.to_string(), beside, progress))
            }
        }
    }
}

/// Looks at every row.
fn rows(from: &mut dyn RowSource, of: String, beside: Beside, progress: &mut Progress) -> Looked {
    let about = match from.about() {
        Ok(about) => about,
        Err(error) => {
            let checked = Checker::new(SCHEMA).broken_off();
            return Looked { of, checked, beside, broken: Some(told(error)) };
        }
    };
    let mut checker = Checker::new(about.schema);
    beside.spoilt.iter().for_each(|(object, verdict)| checker.saw(object, *verdict));
    progress.begin("rows", 0);
    progress.expect(&about);
    let poured = from.pour(None, &mut |chunk| {
        progress.add(chunk.rows.into(), chunk.bytes.len() as u64);
        checker.add(&chunk)
    });
    let (checked, broken) = match poured {
        Ok(()) => (checker.finish(), None),
        Err(error) => (checker.broken_off(), Some(told(error))),
    };
    Looked { of, checked, beside, broken }
}

fn told(error: Error) -> String {
    match error {
        Error::Internal(why) | Error::Unsupported { detail: why } => why,
        Error::Busy { .. } => "the database does not answer".to_owned(),
        other => other.to_string(),
    }
}

impl Beside {
    fn left(why: &str) -> Self {
        Self { left: Some(why.to_owned()), ..Self::default() }
    }

    fn add(&mut self, seen: Seen, progress: &mut Progress) {
        match seen {
            Seen::Unsound { what } => self.unsound.push(what),
            Seen::Read { bytes } => {
                self.bytes += bytes;
                self.read += 1;
                progress.add(1, bytes);
            }
            Seen::Spoilt { object, missing } => {
                self.read += 1;
                let verdict = if missing { Verdict::Missing } else { Verdict::Damaged };
                if self.spoilt.len() < SPOILT {
                    self.spoilt.push((object, verdict));
                } else {
                    self.beyond += 1;
                }
            }
            Seen::All { place } => self.placeless = place.is_none(),
            Seen::Failed { why } => self.failed = Some(why),
        }
    }
}

impl Looked {
    /// Looks at the large bodies of a backup, which come after its rows.
    fn bodies_of(&mut self, archive: &mut Archive, progress: &mut Progress) {
        progress.begin_with("large bodies", "bodies");
        match archive.bodies(&mut PassingBy(progress)) {
            Ok(laid) if laid.bodies == 0 => {
                self.beside.left = Some("they are not in the backup".to_owned());
            }
            Ok(laid) => (self.beside.read, self.beside.bytes) = (laid.bodies, laid.bytes),
            Err(error) => self.broken = Some(told(error)),
        }
    }

    /// Why large bodies that there are were not looked at.
    fn unread(&self) -> Option<&str> {
        if self.checked.outside == 0 {
            return None;
        }
        let placeless = self.beside.placeless.then_some("no place for them is named");
        self.beside.left.as_deref().or(self.beside.failed.as_deref()).or(placeless)
    }

    /// Everything that is wrong as a whole rather than at a place, with a word for it.
    fn troubles(&self) -> Vec<(&'static str, String)> {
        let beside = &self.beside;
        let unsound = beside.unsound.iter().map(|what| format!("the database finds itself damaged: {what}"));
        let broken = self.broken.iter().map(|why| format!("not everything could be looked at: {why}"));
        let unreadable = unsound.chain(broken).map(|what| ("unreadable", what));
        let failed = beside.failed.iter().map(|why| format!("not everything could be looked at: {why}"));
        let placeless = beside.placeless && self.checked.outside > 0;
        let placeless =
            placeless.then(|| "there are large bodies, and no place for them is named".to_owned());
        let more =
            (beside.beyond > 0).then(|| format!("{} more large bodies are spoilt", grouped(beside.beyond)));
        let unreached = failed.chain(placeless).chain(more).map(|what| ("unreached", what));
        unreadable.chain(unreached).collect()
    }

    fn problems(&self) -> u64 {
        self.checked.count() + self.troubles().len() as u64
    }

    /// What was looked at, for people.
    fn sums(&self) -> String {
        let rows = grouped(self.checked.rows);
        let bodies = match self.unread() {
            Some(why) => format!("{} large bodies were NOT looked at: {why}", grouped(self.checked.outside)),
            None => format!("{} large bodies of {}", grouped(self.beside.read), size(self.beside.bytes)),
        };
        format!("{}: {rows} rows; {bodies}", self.of)
    }

    /// What is wrong in one line; nothing if all is well.
    fn verdict(&self) -> Option<String> {
        let problems = grouped(self.problems());
        let sums = self.sums();
        (self.problems() > 0).then(|| format!("{problems} problems found. {sums}"))
    }

    fn tell(&self, as_json: bool) {
        if as_json {
            return self.tell_json();
        }
        for finding in &self.checked.findings {
            terminal::say(&format!("{finding} [{}]", finding.rule));
        }
        for (rule, count) in &self.checked.counts {
            terminal::say(&format!("{rule}, {}: {}", grouped(*count), remedy(rule)));
        }
        for (rule, what) in self.troubles() {
            terminal::say(&format!("{what} [{rule}]"));
            terminal::say(&format!("{rule}: {}", remedy(rule)));
        }
    }

    fn tell_json(&self) {
        for finding in &self.checked.findings {
            let at = &finding.at;
            let problem = json!({
                "event": "problem", "rule": finding.rule, "account": at.account, "collection": at.collection,
                "item": at.item, "what": finding.what, "remedy": remedy(finding.rule),
            });
            terminal::say(&problem.to_string());
        }
        for (rule, what) in self.troubles() {
            let problem = json!({ "event": "problem", "rule": rule, "what": what, "remedy": remedy(rule) });
            terminal::say(&problem.to_string());
        }
        let done = json!({
            "event": "done", "of": self.of, "good": self.problems() == 0, "problems": self.problems(),
            "rules": self.checked.counts, "rows": self.checked.rows, "large_bodies": self.checked.outside,
            "large_bodies_read": self.beside.read, "large_bytes_read": self.beside.bytes,
            "large_bodies_unread_because": self.unread(),
        });
        terminal::say(&done.to_string());
    }
}
