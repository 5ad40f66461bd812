//! `kontor public-store ...`.

use super::Place;
use crate::config::Everybody;
use crate::{Outcome, office, progress, terminal};
use clap::{Args, Subcommand};
use kontor_door_admin::{Answer, Command};

/// Look after the public store: the drive that all users open
#[derive(Debug, Args)]
#[command(arg_required_else_help = true)]
pub(crate) struct PublicStore {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Tell its name, what everybody may do in it, and what it holds
    #[command(after_help = "Example:\n  kontor public-store show --json")]
    Show(Json),
    /// Say what everybody who has an account may do in it; what was granted to single accounts stays
    #[command(
        after_help = "Examples:\n  kontor public-store everyone reader\n  kontor public-store everyone none"
    )]
    Everyone(Everyone),
    /// Make it, where the first start could not because the name was taken
    #[command(after_help = "Examples:\n  kontor public-store create\n  kontor public-store create commons")]
    Create(Create),
}

#[derive(Debug, Args)]
struct Json {
    /// Answer in JSON, with stable field names
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
struct Everyone {
    /// What everybody may do
    role: Everybody,
    #[command(flatten)]
    json: Json,
}

#[derive(Debug, Args)]
struct Create {
    /// Its name, which is not the name of a user
    #[arg(default_value = "public")]
    name: String,
    #[command(flatten)]
    json: Json,
}

impl PublicStore {
    pub(crate) fn run(self, place: &Place) -> Outcome {
        let (command, json) = match self.what {
            What::Show(json) => (Command::PublicStore { everyone: None }, json),
            What::Everyone(Everyone { role, json }) => {
                let everyone = Some(role.role().word().to_owned());
                (Command::PublicStore { everyone }, json)
            }
            What::Create(Create { name, json }) => (Command::PublicStoreCreate { name: Some(name) }, json),
        };
        let Answer::PublicStore(told) = office::execute(place, command)? else {
            return Err("the server's answer is not understood".to_owned().into());
        };
        if json.json {
            let text = serde_json::to_string_pretty(&told);
            terminal::say(&text.map_err(|error| format!("cannot write JSON: {error}"))?);
            return Ok(());
        }
        let everyone = told.everyone.unwrap_or(told.rights);
        let rows = [
            ("name", told.name.clone()),
            ("drive", format!("/dav/files/{}/", told.name)),
            ("everyone", everyone),
            ("used", progress::size(told.used)),
        ];
        terminal::table(&rows.map(|(name, value)| vec![name.to_owned(), value]));
        Ok(())
    }
}
