//! `kontor store history` and `kontor store restore`, and the same for files.

use super::trash;
use crate::command::Place;
use crate::progress::size;
use crate::{Outcome, office, terminal};
use clap::Args;
use kontor_door_admin::{Answer, Command, History, PastText, Present, Restored};

/// How far a list is told at once.
type Page = Option<String>;

#[derive(Debug, Args)]
pub(crate) struct HistoryArgs {
    /// What was replaced or removed
    #[arg(value_name = "PATH")]
    path: String,
    /// Answer in JSON, with stable field names
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct RestoreArgs {
    /// What to bring back
    #[arg(value_name = "PATH")]
    path: String,
    /// Which of its texts, as `history` tells them [default: the one that was replaced or removed last]
    #[arg(long, value_name = "N")]
    revision: Option<i64>,
    /// Under which name, as an item of its own
    #[arg(long = "as", value_name = "NAME")]
    as_name: Option<String>,
    /// Answer in JSON, with stable field names
    #[arg(long)]
    json: bool,
}

/// Where a path begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Root {
    /// `ACCOUNT/COLLECTION/...`
    Store,
    /// `ACCOUNT/...`, on the drive of the account.
    Drive,
}

impl Root {
    /// The path from the store on.
    fn path(self, path: &str) -> String {
        match (self, path.trim_matches('/').split_once('/')) {
            (Self::Store, _) => path.to_owned(),
            (Self::Drive, Some((account, rest))) => format!("{account}/{}/{rest}", kontor_groupware::DRIVE),
            (Self::Drive, None) => format!("{}/{}", path.trim_matches('/'), kontor_groupware::DRIVE),
        }
    }
}

impl HistoryArgs {
    pub(crate) fn run(&self, place: &Place, root: Root) -> Outcome {
        let path = root.path(&self.path);
        if !path.trim_matches('/').contains('/') {
            return trash::tell(place, &path, self.json);
        }
        let (mut before, mut first): (Page, bool) = (None, true);
        let mut all = Vec::new();
        let mut now = None;
        loop {
            let command = Command::History { path: path.clone(), before };
            let Answer::History(page) = office::execute(place, command)? else {
                return Err("the server's answer is not understood".to_owned().into());
            };
            before = page.next.clone();
            if self.json {
                now = now.or(page.now);
                all.extend(page.past);
            } else {
                tell(&page, first);
            }
            first = false;
            if before.is_none() {
                break;
            }
        }
        if self.json {
            let told = History { now, past: all, next: None };
            let text = serde_json::to_string_pretty(&told);
            terminal::say(&text.map_err(|error| format!("cannot write JSON: {error}"))?);
        }
        Ok(())
    }
}

fn tell(page: &History, first: bool) {
    if first && page.now.is_none() && page.past.is_empty() {
        terminal::say("nothing that was removed is kept");
        return;
    }
    let head = ["REVISION", "WRITTEN", "SIZE", "UNTIL", "WHAT", "BY", "DOOR", "NAME"].map(str::to_owned);
    let mut rows: Vec<Vec<String>> = first.then(|| head.to_vec()).into_iter().collect();
    rows.extend(page.now.as_ref().map(present));
    rows.extend(page.past.iter().map(row));
    terminal::table(&rows);
}

fn present(now: &Present) -> Vec<String> {
    let cells = [now.revision.to_string(), now.modified.clone(), size(now.size), "now".to_owned()];
    cells.to_vec()
}

fn row(past: &PastText) -> Vec<String> {
    vec![
        past.revision.to_string(),
        past.modified.clone(),
        size(past.size),
        past.until.clone(),
        past.end.clone(),
        past.by.clone(),
        past.door.clone(),
        format!("{}/{}", past.collection, past.name),
    ]
}

impl RestoreArgs {
    pub(crate) fn run(&self, place: &Place, root: Root) -> Outcome {
        let command = Command::Restore {
            path: root.path(&self.path),
            revision: self.revision,
            as_name: self.as_name.clone(),
        };
        let done = match office::execute(place, command)? {
            Answer::Restored(done) => done,
            Answer::Returned(back) => return trash::returned(&back, self.json),
            _ => return Err("the server's answer is not understood".to_owned().into()),
        };
        if self.json {
            let text = serde_json::to_string(&done);
            terminal::say(&text.map_err(|error| format!("cannot write JSON: {error}"))?);
        } else {
            terminal::say(&told(&done));
        }
        Ok(())
    }
}

fn told(done: &Restored) -> String {
    let Restored { path, revision, created, .. } = done;
    if *created {
        format!("{path} is there again, as it was in revision {revision}")
    } else {
        format!("{path} is again what it was in revision {revision}; what it was until now is kept")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_of_files_begin_on_the_drive() {
        assert_eq!(Root::Drive.path("anna/a/b.txt"), "anna/files/a/b.txt");
        assert_eq!(Root::Drive.path("anna/"), "anna/files");
        assert_eq!(Root::Store.path("anna/default/x.ics"), "anna/default/x.ics");
    }
}
