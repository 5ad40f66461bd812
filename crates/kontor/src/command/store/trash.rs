//! What is in the trash of an account, and `kontor store purge`.

use crate::command::Place;
use crate::progress::{grouped, size};
use crate::{Outcome, office, terminal};
use clap::Args;
use kontor_door_admin::{Answer, Command, Returned, Trash, Trashed};
use serde::Serialize;

#[derive(Debug, Args)]
pub(super) struct Purge {
    /// ACCOUNT/COLLECTION, ACCOUNT/ID or ACCOUNT/COLLECTION/ITEM, as `history` tells them; ACCOUNT with --all
    #[arg(value_name = "PATH")]
    path: String,
    /// The whole trash of the account
    #[arg(long)]
    all: bool,
    /// Answer in JSON, with stable field names
    #[arg(long)]
    json: bool,
}

impl Purge {
    pub(super) fn run(self, place: &Place) -> Outcome {
        let command = Command::Purge { path: self.path.clone(), all: self.all };
        let Answer::Purged(count) = office::execute(place, command)? else { return Err(misunderstood()) };
        terminal::say(&if self.json {
            serde_json::json!({ "purged": count }).to_string()
        } else if self.all {
            format!("{} removed collections are gone for good", grouped(count))
        } else {
            format!("what was kept of {} is gone for good", self.path)
        });
        Ok(())
    }
}

fn misunderstood() -> crate::Failure {
    "the server's answer is not understood".to_owned().into()
}

fn say_json(told: &impl Serialize) -> Outcome {
    let text = serde_json::to_string_pretty(told);
    terminal::say(&text.map_err(|error| format!("cannot write JSON: {error}"))?);
    Ok(())
}

/// Tells what is in the trash of an account.
pub(super) fn tell(place: &Place, account: &str, json: bool) -> Outcome {
    let (mut before, mut all) = (None, Vec::new());
    loop {
        let command = Command::History { path: account.to_owned(), before };
        let Answer::Trash(page) = office::execute(place, command)? else { return Err(misunderstood()) };
        all.extend(page.trash);
        before = page.next;
        if before.is_none() {
            break;
        }
    }
    if json {
        return say_json(&Trash { trash: all, next: None });
    }
    if all.is_empty() {
        terminal::say("the trash is empty");
        return Ok(());
    }
    let head = ["ID", "REMOVED", "KIND", "ITEMS", "SIZE", "BY", "DOOR", "WHERE"].map(str::to_owned);
    let mut rows = vec![head.to_vec()];
    rows.extend(all.iter().map(row));
    terminal::table(&rows);
    Ok(())
}

fn row(one: &Trashed) -> Vec<String> {
    let lost = || format!("{} (what it lay in is gone)", one.name);
    vec![
        one.id.clone(),
        one.removed.clone(),
        one.kind.clone(),
        grouped(one.items),
        size(one.size),
        one.by.clone(),
        one.door.clone(),
        one.path.clone().unwrap_or_else(lost),
    ]
}

/// Tells where a collection is that came back.
pub(super) fn returned(back: &Returned, json: bool) -> Outcome {
    if json {
        return say_json(back);
    }
    terminal::say(&if back.in_place {
        format!("{} is there again, with all that was in it", back.path)
    } else {
        format!(
            "{} is what came back, with all that was in it; its old place, or its old name, is not free",
            back.path
        )
    });
    Ok(())
}
