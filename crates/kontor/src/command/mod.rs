//! The command line: what can be said, and who does it.

mod app_password;
mod backup;
mod config;
mod demo;
mod files;
mod public_store;
mod restore;
mod serve;
mod store;
mod user;
mod verify;

use crate::config::{Config, Flag, Read, Sources, read};
use crate::{Outcome, terminal};
use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;

/// Kontor keeps calendars, contacts, tasks and files in step with the programs people have: CalDAV, CardDAV, WebDAV, Outlook
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
    /// configuration]. Others see the command line: put a password into a file, and name that in store.password_file
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) store: Option<String>,
    /// Where large bodies are, if not in the data folder: a folder, or s3://BUCKET/PREFIX; the same for all servers on one
    /// database [default: blobs.url of the configuration]
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) blobs: Option<String>,
}

impl Place {
    /// The configuration: file, environment over it, and over that the flags that all commands have.
    pub(crate) fn read(&self) -> Outcome<Read> {
        self.read_with(self.flags())
    }

    /// The same with other flags.
    pub(crate) fn read_with(&self, flags: Vec<Flag>) -> Outcome<Read> {
        let sources = Sources {
            named: self.config.as_deref(),
            data: &self.data,
            environment: &|name| std::env::var(name).ok(),
            flags,
        };
        Ok(read(&sources)?)
    }

    /// The same for a command that does not log: what should not stay so is said at once.
    pub(crate) fn configuration(&self) -> Outcome<Config> {
        let read = self.read()?;
        read.warnings.iter().for_each(|warning| terminal::complain(warning));
        Ok(read.config)
    }

    fn flags(&self) -> Vec<Flag> {
        let flag = |name, section, value: &Option<String>| {
            value.as_ref().map(|url| Flag { name, section, key: "url", value: url.clone() })
        };
        let both = [flag("--store", "store", &self.store), flag("--blobs", "blobs", &self.blobs)];
        both.into_iter().flatten().collect()
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
    /// Look after the public store: the drive that all users open
    PublicStore(public_store::PublicStore),
    /// Look at files, and move them to and fro
    Files(files::Files),
    /// Write everything into one file, while the server works
    Backup(backup::Backup),
    /// Fill an empty place from a backup
    Restore(restore::Restore),
    /// Look at everything, or at a backup, and tell what is not as it should be
    Verify(verify::Verify),
    /// Move whole stores: from the embedded one to PostgreSQL, back, or to another of the same kind
    Store(store::Store),
    /// Check the configuration, show what holds, or print an example
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
        Command::PublicStore(public_store) => public_store.run(&cli.place),
        Command::Files(files) => files.run(&cli.place),
        Command::Backup(backup) => backup.run(&cli.place),
        Command::Restore(restore) => restore.run(&cli.place),
        Command::Verify(verify) => verify.run(&cli.place),
        Command::Store(store) => store.run(&cli.place),
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
