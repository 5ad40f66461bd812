//! `kontor user ...`.

mod quota;

use super::Place;
use crate::{Failure, Outcome, office, terminal};
use clap::{Args, Subcommand};
use kontor_door_admin::{Answer, Command, Secret, USERS, User as Told, UserCreate, UserUpdate};

/// Look after accounts, on a running or a stopped server
#[derive(Debug, Args)]
#[command(arg_required_else_help = true)]
pub(crate) struct User {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Make an account with a calendar, a task list and an address book
    #[command(after_help = "Examples:
  kontor user create anna --email anna@example.org --full-name 'Anna Berg'
  pwgen 20 1 | kontor user create ben --email ben@example.org --full-name Ben --password-stdin")]
    Create(Create),
    /// Tell all accounts, by name
    #[command(after_help = "Examples:
  kontor user list
  kontor user list --json | jq -r '.[].email'")]
    List(Json),
    /// Tell one account
    Show(Named),
    /// Change what is known of an account
    #[command(after_help = "Example:\n  kontor user update anna --email anna.berg@example.org --active no")]
    Update(Update),
    /// Remove an account; what it owned is kept, out of reach
    Delete(Named),
    /// Tell what an account holds, and set how much it may hold; without a name, tell it of all
    #[command(after_help = "Examples:
  kontor user quota anna
  kontor user quota anna --warn 8GiB --hard 10GiB
  kontor user quota anna --hard none
  kontor user quota anna --hard default --json
  kontor user quota")]
    Quota(quota::Quota),
    /// Set a password; log-ins with the old one end at once
    Password(Password),
}

#[derive(Debug, Args)]
struct Json {
    /// Answer in JSON, with stable field names
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
struct Named {
    /// Log-in name
    name: String,
    #[command(flatten)]
    json: Json,
}

#[derive(Debug, Args)]
struct SecretFrom {
    /// The password; other people on this machine can see it, so better let yourself be asked
    #[arg(long, value_name = "P", conflicts_with = "password_stdin")]
    password: Option<String>,
    /// Read the password from the first line of stdin
    #[arg(long)]
    password_stdin: bool,
}

#[derive(Debug, Args)]
struct Create {
    /// Log-in name
    name: String,
    /// Mail address
    #[arg(long, value_name = "ADDRESS")]
    email: String,
    /// Name for people
    #[arg(long, value_name = "TEXT")]
    full_name: String,
    #[command(flatten)]
    secret: SecretFrom,
    /// Administers the server
    #[arg(long)]
    admin: bool,
    #[command(flatten)]
    json: Json,
}

#[derive(Debug, Args)]
struct Update {
    /// Log-in name
    name: String,
    /// New log-in name
    #[arg(long, value_name = "NAME")]
    rename: Option<String>,
    /// New mail address
    #[arg(long, value_name = "ADDRESS")]
    email: Option<String>,
    /// New name for people
    #[arg(long, value_name = "TEXT")]
    full_name: Option<String>,
    /// Further mail address, repeatable; replaces those there were; empty for none
    #[arg(long = "alias", value_name = "ADDRESS")]
    aliases: Option<Vec<String>>,
    /// May log in
    #[arg(long, value_name = "YES|NO", value_parser = yes_or_no)]
    active: Option<bool>,
    /// Administers the server
    #[arg(long, value_name = "YES|NO", value_parser = yes_or_no)]
    admin: Option<bool>,
    /// Left out of address books and searches
    #[arg(long, value_name = "YES|NO", value_parser = yes_or_no)]
    hidden: Option<bool>,
    #[command(flatten)]
    json: Json,
}

#[derive(Debug, Args)]
struct Password {
    /// Log-in name
    name: String,
    #[command(flatten)]
    secret: SecretFrom,
    #[command(flatten)]
    json: Json,
}

/// Booleans as features.md A16 has them.
fn yes_or_no(text: &str) -> Result<bool, String> {
    match text.to_ascii_lowercase().as_str() {
        "yes" | "true" => Ok(true),
        "no" | "false" => Ok(false),
        _ => Err("yes or no".into()),
    }
}

impl User {
    pub(crate) fn run(self, place: &Place) -> Outcome {
        if let What::List(json) = self.what {
            return list(place, json.json);
        }
        if let What::Quota(quota) = &self.what
            && quota.of_all()?
        {
            return quota::list(place, quota.json());
        }
        let (command, json, done) = self.what.into_command()?;
        tell(&office::execute(place, command)?, &json, &done)
    }
}

impl What {
    /// The command, how to answer, and what to say when there is nothing to tell.
    fn into_command(self) -> Outcome<(Command, Json, String)> {
        Ok(match self {
            Self::Create(create) => {
                let password = terminal::password(create.secret.password, create.secret.password_stdin)?;
                let done = format!("{} created", create.name);
                let command = Command::UserCreate(UserCreate {
                    name: create.name,
                    email: create.email,
                    full_name: create.full_name,
                    password: Some(Secret(password)),
                    admin: create.admin,
                });
                (command, create.json, done)
            }
            Self::List(json) => (Command::UserList { after: None }, json, String::new()),
            Self::Show(named) => (Command::UserShow { name: named.name }, named.json, String::new()),
            Self::Update(update) => update.into_command()?,
            Self::Delete(named) => {
                let done = format!("{} deleted; what it owned is kept", named.name);
                (Command::UserDelete { name: named.name }, named.json, done)
            }
            Self::Quota(quota) => quota.into_command(),
            Self::Password(set) => {
                let password = terminal::password(set.secret.password, set.secret.password_stdin)?;
                let done = format!("password of {} set", set.name);
                (Command::UserPassword { name: set.name, password: Secret(password) }, set.json, done)
            }
        })
    }
}

impl Update {
    fn into_command(self) -> Outcome<(Command, Json, String)> {
        let done = format!("{} updated", self.name);
        let aliases = self.aliases.map(|all| all.into_iter().filter(|alias| !alias.is_empty()).collect());
        let update = UserUpdate {
            name: self.name.clone(),
            new_name: self.rename,
            email: self.email,
            full_name: self.full_name,
            aliases,
            active: self.active,
            admin: self.admin,
            hidden: self.hidden,
        };
        if update == (UserUpdate { name: self.name, ..UserUpdate::default() }) {
            return Err(Failure::Usage("nothing to change was given; see kontor user update --help".into()));
        }
        Ok((Command::UserUpdate(update), self.json, done))
    }
}

fn tell(answer: &Answer, json: &Json, done: &str) -> Outcome {
    if json.json {
        let text = match answer {
            Answer::User(user) => serde_json::to_string_pretty(user),
            Answer::Quota(quota) => serde_json::to_string_pretty(quota),
            _ => Ok("{\"done\": true}".to_owned()),
        };
        terminal::say(&text.map_err(|error| format!("cannot write JSON: {error}"))?);
        return Ok(());
    }
    match answer {
        Answer::User(_) if !done.is_empty() => terminal::say(done),
        Answer::User(user) => details(user),
        Answer::Quota(quota) => quota::details(quota),
        _ => terminal::say(done),
    }
    Ok(())
}

/// Tells all accounts, some at a time: there may be more than fit into memory.
fn list(place: &Place, json: bool) -> Outcome {
    let (mut after, mut first) = (None, true);
    loop {
        let Answer::Users(users) = office::execute(place, Command::UserList { after })? else {
            return Err("the server's answer is not understood".to_owned().into());
        };
        let ended = users.len() < USERS;
        after = users.last().map(|user| user.name.clone());
        if json {
            tell_json(&users, first, ended)?;
        } else if first || !users.is_empty() {
            terminal::table(&rows(&users, first));
        }
        if ended {
            return Ok(());
        }
        first = false;
    }
}

/// One array over all calls.
fn tell_json(some: &[impl serde::Serialize], first: bool, last: bool) -> Outcome {
    let texts = some.iter().map(serde_json::to_string_pretty).collect::<Result<Vec<_>, _>>();
    let texts = texts.map_err(|error| format!("cannot write JSON: {error}"))?;
    let begin = match (first, texts.is_empty()) {
        (true, _) => "[",
        (false, false) => ",",
        (false, true) => "",
    };
    terminal::say(&format!("{begin}{}{}", texts.join(",\n"), if last { "]" } else { "" }));
    Ok(())
}

fn rows(users: &[Told], first: bool) -> Vec<Vec<String>> {
    let head = ["NAME", "FULL NAME", "EMAIL", "ACTIVE", "ADMIN"].map(str::to_owned).to_vec();
    let row = |user: &Told| {
        let (active, admin) = (word(user.active), word(user.admin));
        vec![user.name.clone(), user.full_name.clone(), user.email.clone(), active, admin]
    };
    first.then_some(head).into_iter().chain(users.iter().map(row)).collect()
}

fn details(user: &Told) {
    let rows = [
        ("name", user.name.clone()),
        ("full name", user.full_name.clone()),
        ("email", user.email.clone()),
        ("aliases", user.aliases.join(", ")),
        ("kind", user.kind.clone()),
        ("active", word(user.active)),
        ("admin", word(user.admin)),
        ("hidden", word(user.hidden)),
        ("created", user.created.clone()),
    ];
    terminal::table(&rows.map(|(name, value)| vec![name.to_owned(), value]));
}

fn word(value: bool) -> String {
    if value { "yes".into() } else { "no".into() }
}
