//! What is believed when several say something: flags before environment before file before defaults.

use super::blobs::STANDARD;
use super::read::Sources;
use super::{Config, bounds, secrets};
use serde::Deserialize;
use std::collections::BTreeMap;
use toml::{Table, Value};

/// What the environment sets begins with this: `KONTOR_SERVER_LISTEN`.
const PREFIX: &str = "KONTOR_";

/// Section and key.
pub(super) type Key = (String, String);

/// Where a value comes from; those that come first go before the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Layer {
    /// The command line.
    Flag,
    /// The environment.
    Environment,
    /// `kontor.toml`.
    File,
}

/// Where the value of each key comes from; those that have their default are not among them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Origins(BTreeMap<Key, (Layer, String)>);

impl Origins {
    /// What set a key, in words: `--store`, `KONTOR_STORE_URL`, `kontor.toml`, or a file that one of those names.
    pub(crate) fn word(&self, section: &str, key: &str) -> Option<&str> {
        self.0.get(&(section.to_owned(), key.to_owned())).map(|(_, word)| word.as_str())
    }

    /// Where that was.
    pub(super) fn layer(&self, section: &str, key: &str) -> Option<Layer> {
        self.0.get(&(section.to_owned(), key.to_owned())).map(|(layer, _)| *layer)
    }

    /// It comes from there.
    pub(super) fn set(&mut self, section: &str, key: &str, layer: Layer, word: String) {
        self.0.insert((section.to_owned(), key.to_owned()), (layer, word));
    }

    /// It has its default again.
    pub(super) fn unset(&mut self, section: &str, key: &str) {
        self.0.remove(&(section.to_owned(), key.to_owned()));
    }
}

/// The variable for a key.
pub(super) fn variable(section: &str, key: &str) -> String {
    format!("{PREFIX}{}_{}", section.to_uppercase(), key.to_uppercase())
}

/// Lays environment and flags over what the file `text` says (`of_file` is what was read of it), then reads the files
/// that hold secrets. A list in a variable is separated by commas.
///
/// # Errors
/// The flag or variable, and what is wrong.
pub(super) fn lay(of_file: &Config, text: &str, sources: &Sources<'_>) -> Result<(Config, Origins), String> {
    let mut table = Table::try_from(of_file).map_err(|error| error.to_string())?;
    let in_file = text.parse::<Table>().unwrap_or_default();
    let mut origins = Origins::default();
    let mut laid = Vec::new();
    for (section, keys) in &mut table {
        let Value::Table(keys) = keys else { continue };
        for (key, value) in keys {
            if in_file.get(section).and_then(|keys| keys.get(key)).is_some() {
                origins.set(section, key, Layer::File, "kontor.toml".to_owned());
            }
            let Some((layer, name, text)) = said(sources, section, key) else { continue };
            *value = typed(value, &text).ok_or_else(|| format!("{name}: {text:?} is not {}", sort(value)))?;
            let beyond = value.as_integer().and_then(|number| bounds::wrong(section, key, number.into()));
            if let Some(why) = beyond {
                return Err(format!("{name}: {why}"));
            }
            origins.set(section, key, layer, name.clone());
            laid.push(name);
        }
    }
    take_standard(&mut table, &mut origins, sources);
    secrets::resolve(&mut table, &mut origins)?;
    let config = Config::deserialize(table);
    let config = config.map_err(|error| format!("{}: {}", laid.join(", "), error.message()))?;
    Ok((config, origins))
}

/// Takes what variables say of a bucket that other programs read too, where nothing else says it.
fn take_standard(table: &mut Table, origins: &mut Origins, sources: &Sources<'_>) {
    const SECTION: &str = "blobs";
    let Some(Value::Table(keys)) = table.get_mut(SECTION) else { return };
    if !keys.get("url").and_then(Value::as_str).is_some_and(|url| url.starts_with("s3://")) {
        return;
    }
    for (key, name) in STANDARD {
        let file = format!("{key}_file");
        let said = origins.layer(SECTION, key).is_some() || origins.layer(SECTION, &file).is_some();
        if let Some(text) = (sources.environment)(name).filter(|text| !said && !text.is_empty()) {
            keys.insert((*key).to_owned(), Value::String(text));
            origins.set(SECTION, key, Layer::Environment, (*name).to_owned());
        }
    }
}

/// What the command line or the environment says of a key, and the name under which it does.
fn said(sources: &Sources<'_>, section: &str, key: &str) -> Option<(Layer, String, String)> {
    let flag = sources.flags.iter().find(|flag| (flag.section, flag.key) == (section, key));
    if let Some(flag) = flag {
        return Some((Layer::Flag, flag.name.to_owned(), flag.value.clone()));
    }
    let name = variable(section, key);
    (sources.environment)(&name).map(|text| (Layer::Environment, name, text))
}

/// The text as a value of the same sort as the one it replaces.
fn typed(old: &Value, text: &str) -> Option<Value> {
    Some(match old {
        Value::Integer(_) => Value::Integer(text.trim().replace('_', "").parse().ok()?),
        Value::Boolean(_) => Value::Boolean(match text.trim() {
            "true" | "yes" | "1" => true,
            "false" | "no" | "0" => false,
            _ => return None,
        }),
        Value::Array(_) => {
            let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
            Value::Array(parts.map(|part| Value::String(part.to_owned())).collect())
        }
        _ => Value::String(text.to_owned()),
    })
}

fn sort(value: &Value) -> &'static str {
    match value {
        Value::Integer(_) => "a number",
        Value::Boolean(_) => "true or false",
        _ => "a text",
    }
}
