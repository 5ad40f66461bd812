//! `kontor files ...`: what is on a drive, from the command line of the server. It speaks to the same door as all other
//! clients of files, over the admin socket and without a password.

mod drive;
mod transfer;

use super::Place;
use super::store::{HistoryArgs, RestoreArgs, Root};
use crate::progress::{grouped, size};
use crate::{Outcome, terminal};
use clap::{Args, Subcommand};
use drive::{At, Drive, Entry};
use serde_json::json;
use std::path::PathBuf;

/// Look at files, and move them to and fro
#[derive(Debug, Args)]
#[command(arg_required_else_help = true)]
pub(crate) struct Files {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Tell what is in a folder
    #[command(after_help = "Examples:
  kontor files ls anna
  kontor files ls anna/letters --json")]
    Ls(Ls),
    /// Store a file
    #[command(after_help = "Examples:
  kontor files put offer.odt anna/letters/
  kontor files put offer.odt anna/letters/offer-2027.odt --replace
  tar c /etc | kontor files put - anna/etc.tar")]
    Put(Put),
    /// Fetch a file
    #[command(after_help = "Examples:
  kontor files get anna/letters/offer.odt
  kontor files get anna/letters/offer.odt /tmp/
  kontor files get anna/etc.tar - | tar t")]
    Get(Get),
    /// Remove a file, or a folder with all that is in it
    #[command(after_help = "Examples:
  kontor files rm anna/letters/offer.odt
  kontor files rm anna/letters --recursive")]
    Rm(Rm),
    /// Tell what a file was before, or what was removed from a folder
    #[command(after_help = "Examples:
  kontor files history anna/letters
  kontor files history anna/letters/offer.odt
  kontor files history anna/letters/offer.odt --json")]
    History(HistoryArgs),
    /// Bring back what was replaced or removed
    #[command(after_help = "Examples:
  kontor files restore anna/letters
  kontor files restore anna/letters/offer.odt
  kontor files restore anna/letters/offer.odt --revision 17
  kontor files restore anna/letters/offer.odt --revision 17 --as old-offer.odt")]
    Restore(RestoreArgs),
}

#[derive(Debug, Args)]
struct Ls {
    /// ACCOUNT, or ACCOUNT/FOLDER/...
    #[arg(value_name = "PATH")]
    at: At,
    /// Answer in JSON, with stable field names
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
struct Put {
    /// The file, or - for what comes in on stdin
    #[arg(value_name = "FILE")]
    from: PathBuf,
    /// ACCOUNT/FOLDER/.../NAME; with a slash behind it the name is that of the file
    #[arg(value_name = "PATH")]
    to: At,
    /// Replace what is there
    #[arg(long)]
    replace: bool,
    /// Media type [default: by the ending of the name]
    #[arg(long = "type", value_name = "TYPE")]
    media_type: Option<String>,
    /// Answer in JSON, with stable field names
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
struct Get {
    /// ACCOUNT/FOLDER/.../NAME
    #[arg(value_name = "PATH")]
    from: At,
    /// A file, a folder, or - for stdout [default: a file of that name here]
    #[arg(value_name = "FILE")]
    to: Option<PathBuf>,
    /// Replace what is there
    #[arg(long)]
    replace: bool,
    /// Answer in JSON, with stable field names
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
struct Rm {
    /// ACCOUNT/FOLDER/.../NAME
    #[arg(value_name = "PATH")]
    at: At,
    /// A folder, too, with all that is in it
    #[arg(long, short)]
    recursive: bool,
    /// Answer in JSON, with stable field names
    #[arg(long)]
    json: bool,
}

impl Files {
    pub(crate) fn run(self, place: &Place) -> Outcome {
        match &self.what {
            What::History(history) => return history.run(place, Root::Drive),
            What::Restore(restore) => return restore.run(place, Root::Drive),
            _ => {}
        }
        drive::with(place, |drive| match &self.what {
            What::Ls(ls) => ls.run(drive),
            What::Put(put) => put.run(drive),
            What::Get(get) => get.run(drive),
            What::Rm(rm) => rm.run(drive),
            // Told above: they are the same for all that is kept.
            What::History(_) | What::Restore(_) => Ok(()),
        })
    }
}

impl Ls {
    fn run(&self, drive: &Drive<'_>) -> Outcome {
        let entries = drive.list(&self.at)?;
        if self.json {
            let text = serde_json::to_string_pretty(&entries);
            terminal::say(&text.map_err(|error| format!("cannot write JSON: {error}"))?);
            return Ok(());
        }
        let row = |entry: &Entry| match entry.size {
            Some(bytes) => vec![size(bytes), entry.modified.clone(), entry.name.clone()],
            None => vec!["-".to_owned(), entry.modified.clone(), format!("{}/", entry.name)],
        };
        let head = ["SIZE", "CHANGED", "NAME"].map(str::to_owned).to_vec();
        terminal::table(&std::iter::once(head).chain(entries.iter().map(row)).collect::<Vec<_>>());
        Ok(())
    }
}

impl Put {
    fn run(&self, drive: &Drive<'_>) -> Outcome {
        let to = self.to.or_named(&self.from)?;
        let done = transfer::put(drive, &self.from, &to, self.media_type.as_deref(), self.replace)?;
        let (path, bytes) = (to.to_string(), done.bytes);
        if self.json {
            terminal::say(&json!({ "path": path, "size": bytes, "created": done.created }).to_string());
        } else {
            let what = if done.created { "stored" } else { "replaced" };
            terminal::say(&format!("{path} {what}, {} bytes", grouped(bytes)));
        }
        Ok(())
    }
}

impl Get {
    fn run(&self, drive: &Drive<'_>) -> Outcome {
        let got = transfer::get(drive, &self.from, self.to.as_deref(), self.replace)?;
        // On stdout there is nothing but the file.
        let Some(file) = got.file else { return Ok(()) };
        let (path, file) = (self.from.to_string(), file.display().to_string());
        if self.json {
            terminal::say(&json!({ "path": path, "size": got.bytes, "file": file }).to_string());
        } else {
            terminal::say(&format!("{file} written, {} bytes", grouped(got.bytes)));
        }
        Ok(())
    }
}

impl Rm {
    fn run(&self, drive: &Drive<'_>) -> Outcome {
        if drive.is_folder(&self.at)? && !self.recursive {
            let text = format!("{} is a folder: --recursive removes it with all that is in it", self.at);
            return Err(text.into());
        }
        drive.remove(&self.at)?;
        let path = self.at.to_string();
        terminal::say(&if self.json {
            json!({ "removed": path }).to_string()
        } else {
            format!("{path} removed")
        });
        Ok(())
    }
}
