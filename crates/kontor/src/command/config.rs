//! `kontor config check`, `kontor config show`, `kontor config example`.

use super::Place;
use crate::config::{Config, EXAMPLE, Engine, Read, is_secret};
use crate::{Outcome, terminal};
use clap::{Args, Subcommand};
use toml::{Table, Value};

/// Check the configuration, show what holds, or print an example
#[derive(Debug, Args)]
#[command(arg_required_else_help = true)]
pub(crate) struct Configuration {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Read file, environment and secrets as `serve` would, and say what is wrong, with the line
    Check,
    /// Print what holds and where it comes from, without the secrets
    Show,
    /// Print a file with every key, its default and what it does
    #[command(after_help = "Example:\n  kontor config example > kontor-data/kontor.toml")]
    Example,
}

impl Configuration {
    pub(crate) fn run(self, place: &Place) -> Outcome {
        match self.what {
            What::Check => {
                check(&place.configuration()?)?;
                terminal::say("the configuration is good");
            }
            What::Show => terminal::say(shown(&place.read()?)?.trim_end()),
            What::Example => terminal::say(EXAMPLE.trim_end()),
        }
        Ok(())
    }
}

/// Reads the files that are named.
fn check(config: &Config) -> Outcome {
    if let (Some(certificate), Some(key)) = (&config.server.tls_cert, &config.server.tls_key) {
        kontor_listen::Tls::load(certificate, key)?;
    }
    if let Engine::Postgres(url, options) = config.apply()?.store {
        kontor_store::postgres::check(url.expose(), &options).map_err(|error| match error {
            kontor_model::Error::Unsupported { detail } => detail,
            other => other.to_string(),
        })?;
    }
    Ok(())
}

/// A file that says the same, every line with its origin.
fn shown(read: &Read) -> Outcome<String> {
    let table = Table::try_from(&read.config).map_err(|error| format!("cannot show it: {error}"))?;
    let mut text = String::new();
    for (section, keys) in &table {
        let lines = keys.as_table().into_iter().flatten().map(|(key, value)| {
            let value = if is_secret(section, key) { &hidden(value) } else { value };
            let origin = read.origins.word(section, key).unwrap_or("default");
            // What JSON writes of texts, numbers and lists of them TOML reads.
            let value = serde_json::to_string(value).unwrap_or_default();
            format!("{key} = {value}  # {origin}\n")
        });
        text.push_str(&format!("[{section}]\n{}\n", lines.collect::<String>()));
    }
    Ok(text)
}

/// Whether there is one is told.
fn hidden(value: &Value) -> Value {
    let empty = value.as_str().is_none_or(str::is_empty);
    Value::String(if empty { "" } else { "(set, not shown)" }.to_owned())
}
