//! `kontor app-password ...`.

use super::Place;
use crate::{Outcome, office, terminal};
use clap::{Args, Subcommand};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use kontor_door_admin::{Answer, AppPassword as Told, AppPasswordCreate, Command};
use kontor_groupware::Scope;

/// Look after app passwords: scoped secrets for one device or program each
#[derive(Debug, Args)]
#[command(arg_required_else_help = true)]
pub(crate) struct AppPassword {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Make one; its secret is told this once
    #[command(after_help = "Examples:
  kontor app-password create anna --label phone
  kontor app-password create anna --label 'wall display' --scope calendar --read-only --expires 2027-12-31")]
    Create(Create),
    /// Tell those of an account, without secrets
    List(List),
    /// Make one useless, at once
    Revoke(Revoke),
}

#[derive(Debug, Args)]
struct Create {
    /// Log-in name of the account
    name: String,
    /// What it is for, so that it can be told from others
    #[arg(long, value_name = "TEXT")]
    label: String,
    /// What it is good for: dav, calendar, tasks, contacts, files, web, admin; repeatable [default: everything]
    #[arg(long = "scope", value_name = "SCOPE", value_delimiter = ',', value_parser = scope)]
    scopes: Vec<String>,
    /// May only read
    #[arg(long)]
    read_only: bool,
    /// Last day on which it works (UTC), YYYY-MM-DD
    #[arg(long, value_name = "DATE", value_parser = end_of)]
    expires: Option<String>,
    /// Answer in JSON, with stable field names
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
struct List {
    /// Log-in name of the account
    name: String,
    /// Answer in JSON, with stable field names
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
struct Revoke {
    /// Log-in name of the account
    name: String,
    /// Its number, as `list` tells it
    id: i64,
    /// Answer in JSON, with stable field names
    #[arg(long)]
    json: bool,
}

fn scope(word: &str) -> Result<String, String> {
    let known = Scope::from_word(word).map(|known| known.word().to_owned());
    known.ok_or_else(|| "it is one of dav, calendar, tasks, contacts, files, web, admin".into())
}

/// The end of that day, as RFC 3339.
fn end_of(day: &str) -> Result<String, String> {
    let day: Date = day.parse().map_err(|_| "it is a day such as 2027-12-31".to_owned())?;
    let next = day.tomorrow().and_then(|next| next.to_zoned(TimeZone::UTC));
    next.map(|next| next.timestamp().to_string()).map_err(|error| error.to_string())
}

impl AppPassword {
    pub(crate) fn run(self, place: &Place) -> Outcome {
        match self.what {
            What::Create(create) => create.run(place),
            What::List(list) => {
                let answer = office::execute(place, Command::AppPasswordList { name: list.name })?;
                let Answer::AppPasswords(known) = answer else { return Err(unexpected()) };
                if list.json {
                    json(&known)
                } else {
                    terminal::table(&rows(&known));
                    Ok(())
                }
            }
            What::Revoke(revoke) => {
                office::execute(place, Command::AppPasswordRevoke { name: revoke.name, id: revoke.id })?;
                let text = if revoke.json {
                    "{\"done\": true}".into()
                } else {
                    format!("app password {} revoked", revoke.id)
                };
                terminal::say(&text);
                Ok(())
            }
        }
    }
}

impl Create {
    fn run(self, place: &Place) -> Outcome {
        let command = Command::AppPasswordCreate(AppPasswordCreate {
            name: self.name,
            label: self.label,
            scopes: self.scopes,
            read_only: self.read_only,
            expires: self.expires,
        });
        let Answer::MadeAppPassword(made) = office::execute(place, command)? else {
            return Err(unexpected());
        };
        if self.json {
            return json(&made);
        }
        terminal::say(&made.secret);
        terminal::complain(&format!("this is told only once; it is number {}", made.id));
        Ok(())
    }
}

fn unexpected() -> crate::Failure {
    "the server answered something else than was asked; is it of another version?".to_owned().into()
}

fn json(value: &impl serde::Serialize) -> Outcome {
    terminal::say(
        &serde_json::to_string_pretty(value).map_err(|error| format!("cannot write JSON: {error}"))?,
    );
    Ok(())
}

fn rows(known: &[Told]) -> Vec<Vec<String>> {
    let head =
        ["ID", "LABEL", "SCOPES", "MAY", "CREATED", "EXPIRES", "LAST USED"].map(str::to_owned).to_vec();
    let or_never = |time: &Option<String>| time.clone().unwrap_or_else(|| "never".into());
    let row = |one: &Told| {
        let scopes = if one.scopes.is_empty() { "all".into() } else { one.scopes.join(",") };
        let may = if one.read_only { "read" } else { "read, write" };
        vec![
            one.id.to_string(),
            one.label.clone(),
            scopes,
            may.into(),
            one.created.clone(),
            or_never(&one.expires),
            or_never(&one.last_used),
        ]
    };
    std::iter::once(head).chain(known.iter().map(row)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_ends_where_the_next_begins() {
        assert_eq!(end_of("2027-12-31").unwrap(), "2028-01-01T00:00:00Z");
        assert!(end_of("31.12.2027").is_err());
        assert!(end_of("2027-02-30").is_err());
    }
}
