//! Walks every key through every form in which it can be set.

use super::layers::{Origins, lay, variable};
use super::read::{Flag, Sources};
use super::secrets::SECRETS;
use super::{Config, bounds};
use std::collections::HashMap;
use std::path::Path;
use toml::{Table, Value};

/// Texts that mean something, two for each key; others take any text.
const WORDS: &[(&str, &str, [&str; 2])] = &[
    ("server", "listen", ["127.0.0.1:1", "[::1]:2"]),
    ("server", "admin_listen", ["127.0.0.1:3", "[::1]:4"]),
    ("server", "forwarded_header", ["forwarded", "x-forwarded-for"]),
    ("log", "format", ["text", "json"]),
    ("office", "public_store", ["reader", "none"]),
];

/// What a key can be set to: two values that differ from each other, as they stand in a file.
fn values(section: &str, key: &str, default: &Value) -> [Value; 2] {
    let words = WORDS.iter().find(|row| (row.0, row.1) == (section, key)).map(|row| row.2);
    let words = words.unwrap_or(["one", "two"]);
    match default {
        Value::Integer(_) => {
            let (least, most) = bounds::of(section, key).unwrap();
            [Value::Integer(least), Value::Integer(most)]
        }
        Value::Boolean(_) => [Value::Boolean(true), Value::Boolean(false)],
        Value::Array(_) => words.map(|word| Value::Array(vec![Value::String(word.to_owned())])),
        _ => words.map(|word| Value::String(word.to_owned())),
    }
}

/// The same as it is told in a variable.
fn told(value: &Value) -> String {
    match value {
        Value::Array(all) => all.iter().map(told).collect::<Vec<_>>().join(","),
        Value::String(text) => text.clone(),
        other => written(other),
    }
}

/// What JSON writes of texts, numbers and lists of them TOML reads.
fn written(value: &Value) -> String {
    serde_json::to_string(value).unwrap()
}

fn laid(
    file: &str,
    variables: &HashMap<String, String>,
    flags: Vec<Flag>,
) -> Result<(Config, Origins), String> {
    let environment = |name: &str| variables.get(name).cloned();
    let data = Path::new("/nonexistent");
    let of_file: Config = toml::from_str(file).unwrap_or_else(|error| panic!("{file}: {error}"));
    lay(&of_file, file, &Sources { named: None, data, environment: &environment, flags })
}

/// The value of a key as a file would have it.
fn now(config: &Config, section: &str, key: &str) -> Value {
    Table::try_from(config).unwrap()[section][key].clone()
}

#[test]
fn every_key_is_set_by_file_and_environment_in_that_order() {
    let all = Table::try_from(Config::default()).unwrap();
    let mut keys = 0;
    for (section, defaults) in &all {
        for (key, default) in defaults.as_table().unwrap() {
            keys += 1;
            let secret_file =
                SECRETS.iter().any(|(of, name)| of == section && format!("{name}_file") == *key);
            if secret_file {
                continue; // it is read: see below
            }
            let [one, other] = values(section, key, default);
            let file = format!("[{section}]\n{key} = {}\n", written(&one));
            let variables = HashMap::from([(variable(section, key), told(&other))]);
            let check =
                |file: &str, variables: &HashMap<String, String>, value: &Value, word: Option<&str>| {
                    let (config, origins) = laid(file, variables, Vec::new()).unwrap();
                    assert_eq!(now(&config, section, key), *value, "{section}.{key}");
                    assert_eq!(origins.word(section, key), word, "{section}.{key}");
                };
            let name = variable(section, key);
            check("", &HashMap::new(), default, None);
            check(&file, &HashMap::new(), &one, Some("kontor.toml"));
            check("", &variables, &other, Some(&name));
            check(&file, &variables, &other, Some(&name));
        }
    }
    assert!(keys > 70, "{keys}");
}

/// The forms of a secret, those that go first foremost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Flag,
    Variable,
    VariableFile,
    Key,
    KeyFile,
}

const FORMS: [Form; 5] = [Form::Flag, Form::Variable, Form::VariableFile, Form::Key, Form::KeyFile];

/// Sets a secret in these forms, each to its own name; what holds then, and where it says it comes from.
fn set(
    section: &'static str,
    key: &'static str,
    forms: &[Form],
    folder: &Path,
) -> Result<(String, String), String> {
    let (mut file, mut variables, mut flags) = (format!("[{section}]\n"), HashMap::new(), Vec::new());
    for form in forms {
        let value = format!("{form:?}");
        let path = folder.join(&value);
        std::fs::write(&path, format!("{value}\n")).unwrap();
        let path = path.to_str().unwrap().to_owned();
        let file_key = format!("{key}_file");
        match form {
            Form::Flag => flags.push(Flag { name: "--flag", section, key, value }),
            Form::Variable => drop(variables.insert(variable(section, key), value)),
            Form::VariableFile => drop(variables.insert(variable(section, &file_key), path)),
            Form::Key => file.push_str(&format!("{key} = \"{value}\"\n")),
            Form::KeyFile => file.push_str(&format!("{file_key} = \"{path}\"\n")),
        }
    }
    let (config, origins) = laid(&file, &variables, flags)?;
    let value = now(&config, section, key).as_str().unwrap().to_owned();
    Ok((value, origins.word(section, key).unwrap_or("default").to_owned()))
}

#[test]
fn every_secret_is_set_in_every_form_and_the_foremost_holds() {
    let folder = tempfile::tempdir().unwrap();
    for (section, key) in SECRETS {
        for choice in 0..1 << FORMS.len() {
            let forms: Vec<Form> = FORMS
                .iter()
                .enumerate()
                .filter(|(at, _)| choice >> at & 1 == 1)
                .map(|(_, form)| *form)
                .collect();
            let set = set(section, key, &forms, folder.path());
            let has = |form| forms.contains(&form);
            let first = forms.first().map(|form| format!("{form:?}")).unwrap_or_default();
            let variable = variable(section, key);
            match first.as_str() {
                "Variable" if has(Form::VariableFile) => {
                    assert_eq!(
                        set.unwrap_err(),
                        format!("{variable} and {variable}_FILE are both set: leave one out")
                    );
                }
                "Key" if has(Form::KeyFile) => assert!(set.unwrap_err().contains("both set"), "{forms:?}"),
                _ => {
                    let (value, origin) = set.unwrap();
                    assert_eq!(value, first, "{forms:?}");
                    let expect = match forms.first() {
                        None => "default".to_owned(),
                        Some(Form::Flag) => "--flag".to_owned(),
                        Some(Form::Variable) => variable,
                        Some(Form::Key) => "kontor.toml".to_owned(),
                        Some(Form::VariableFile) => {
                            format!("{variable}_FILE, {}", folder.path().join(&value).display())
                        }
                        Some(Form::KeyFile) => {
                            format!("{section}.{key}_file, {}", folder.path().join(&value).display())
                        }
                    };
                    assert_eq!(origin, expect, "{forms:?}");
                }
            }
        }
    }
}

#[test]
fn an_empty_value_is_a_value() {
    // Back to the data folder for one call, whatever the file says.
    let file = "[store]\nurl_file = \"/nowhere/url\"\n";
    let variables = HashMap::from([("KONTOR_STORE_URL".to_owned(), String::new())]);
    let (config, origins) = laid(file, &variables, Vec::new()).unwrap();
    assert!(config.store.url.is_empty() && config.store.url_file.is_none());
    assert_eq!(origins.word("store", "url"), Some("KONTOR_STORE_URL"));
    let why = laid(file, &HashMap::new(), Vec::new()).unwrap_err();
    assert!(why.starts_with("store.url_file: cannot read /nowhere/url: "), "{why}");
}
