//! The command line: what can be said, and who does it.

mod app_password;
mod config;
mod demo;
mod serve;
mod user;

use crate::Outcome;
use crate::config::Config;
use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;

/// Kontor keeps calendars, contacts and tasks in step: CalDAV and CardDAV over an embedded store or PostgreSQL.
#[derive(Debug, Parser)]
#[command(name = "kontor", version, arg_required_else_help = true, after_help = EXAMPLES)]
pub(crate) struct Cli {
    #[command(flatten)]
    place: Place,
    #[command(subcommand)]
    command: Command,
}

const EXAMPLES: &str = "Examples:
  kontor --data /srv/kontor user create anna --email anna@example.org --full-name 'Anna Berg'
  kontor --data /srv/kontor serve --listen 127.0.0.1:8080
  kontor --data /srv/kontor app-password create anna --label phone --scope dav

Exit codes: 0 done, 1 refused or failed with one line on stderr, 2 wrong usage.";

/// Where the office is.
#[derive(Clone, Debug, Args)]
pub(crate) struct Place {
    /// Data folder; made when it is first needed
    #[arg(long, global = true, value_name = "DIR", env = "KONTOR_DATA", default_value = "./kontor-data")]
    pub(crate) data: PathBuf,
    /// Configuration file [default: kontor.toml in the data folder, if it is there]
    #[arg(long, global = true, value_name = "FILE", env = "KONTOR_CONFIG")]
    pub(crate) config: Option<PathBuf>,
    /// Where the data are, if not in the data folder: postgres://USER@HOST/NAME [default: store.url of the
    /// configuration]. Others see the command line: put a password into the configuration or KONTOR_STORE_URL
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) store: Option<String>,
}

impl Place {
    /// The configuration: file, and environment over it.
    pub(crate) fn configuration(&self) -> Outcome<Config> {
        let mut config =
            crate::config::read(self.config.as_deref(), &self.data, |name| std::env::var(name).ok())?;
        if let Some(url) = &self.store {
            config.store.url.clone_from(url);
        }
        Ok(config)
    }
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the server
    Serve(serve::Serve),
    /// Look after accounts, on a running or a stopped server
    User(user::User),
    /// Look after app passwords: scoped secrets for one device or program each
    AppPassword(app_password::AppPassword),
    /// Check the configuration, or print an example
    Config(config::Configuration),
    /// Fill a new data folder with a small demo office of four people
    Demo(demo::Demo),
}

/// Does what was asked.
pub(crate) fn run(cli: Cli) -> Outcome {
    match cli.command {
        Command::Serve(serve) => serve.run(&cli.place),
        Command::User(user) => user.run(&cli.place),
        Command::AppPassword(app_password) => app_password.run(&cli.place),
        Command::Config(configuration) => configuration.run(&cli.place),
        Command::Demo(demo) => demo.run(&cli.place),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_well_formed() {
        super::Cli::command().debug_assert();
    }
}
