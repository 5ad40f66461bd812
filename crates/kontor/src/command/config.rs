//! `kontor config check`, `kontor config example`.

use super::Place;
use crate::config::EXAMPLE;
use crate::{Outcome, terminal};
use clap::{Args, Subcommand};

/// Check the configuration, or print an example
#[derive(Debug, Args)]
#[command(arg_required_else_help = true)]
pub(crate) struct Configuration {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Read file and environment as `serve` would, and say what is wrong, with the line
    Check,
    /// Print a file with every key, its default and what it does
    #[command(after_help = "Example:\n  kontor config example > kontor-data/kontor.toml")]
    Example,
}

impl Configuration {
    pub(crate) fn run(self, place: &Place) -> Outcome {
        match self.what {
            What::Check => {
                let config = place.configuration()?;
                if let (Some(certificate), Some(key)) = (&config.server.tls_cert, &config.server.tls_key) {
                    kontor_listen::Tls::load(certificate, key)?;
                }
                terminal::say("the configuration is good");
            }
            What::Example => terminal::say(EXAMPLE.trim_end()),
        }
        Ok(())
    }
}
