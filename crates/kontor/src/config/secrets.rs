//! Values that nobody is to see, and the files that can hold them in their stead: `store.url_file` for `store.url`.
//!
//! Value and file of one layer say the same thing twice and are refused together; of different layers the upper one
//! goes before the lower, whichever of the two it has.

use super::layers::{Layer, Origins, variable};
use std::path::Path;
use toml::{Table, Value};

/// All of them; each has a sibling whose name ends with `_file`.
pub(super) const SECRETS: &[(&str, &str)] = &[
    ("store", "url"),
    ("store", "password"),
    ("blobs", "access_key"),
    ("blobs", "secret_key"),
    ("blobs", "session_token"),
];

/// More than any of them has, in bytes.
const LONGEST: usize = 64 << 10;

/// Whether the value of a key is not to be shown.
pub(crate) fn is_secret(section: &str, key: &str) -> bool {
    SECRETS.contains(&(section, key))
}

/// Reads the files that go before the values, and puts what is in them in their place.
///
/// # Errors
/// What is said twice, or cannot be read; never with what it holds.
pub(super) fn resolve(table: &mut Table, origins: &mut Origins) -> Result<(), String> {
    for (section, key) in SECRETS {
        let Some(Value::Table(keys)) = table.get_mut(*section) else { continue };
        let file_key = format!("{key}_file");
        let text =
            |keys: &Table, key: &str| keys.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        let (value, path) = (text(keys, key), text(keys, &file_key));
        let (of_value, of_file) = (origins.layer(section, key), origins.layer(section, &file_key));
        let goes_first = of_file.is_some_and(|file| of_value.is_none_or(|value| file < value));
        if of_file.is_some() && of_file == of_value && !value.is_empty() && !path.is_empty() {
            return Err(twice(section, key, of_file));
        }
        let same = of_file == of_value && value.is_empty();
        if path.is_empty() || !(goes_first || same) {
            keys.insert(file_key.clone(), Value::String(String::new()));
            origins.unset(section, &file_key);
            continue;
        }
        let named = origins.word(section, &file_key).unwrap_or_default().to_owned();
        let what = if named == "kontor.toml" { format!("{section}.{file_key}") } else { named };
        let held = read(Path::new(&path)).map_err(|why| format!("{what}: cannot read {path}: {why}"))?;
        keys.insert((*key).to_owned(), Value::String(held));
        if let Some(layer) = of_file {
            origins.set(section, key, layer, format!("{what}, {path}"));
        }
    }
    Ok(())
}

fn twice(section: &str, key: &str, layer: Option<Layer>) -> String {
    let (one, other) = match layer {
        Some(Layer::Environment) => (variable(section, key), variable(section, &format!("{key}_file"))),
        _ => (format!("{section}.{key}"), format!("{section}.{key}_file")),
    };
    format!("{one} and {other} are both set: leave one out")
}

/// The one line of a file.
fn read(path: &Path) -> Result<String, String> {
    let file = std::fs::File::open(path).map_err(|error| error.to_string())?;
    let mut bytes = Vec::new();
    let mut limited = std::io::Read::take(file, LONGEST as u64 + 1);
    std::io::Read::read_to_end(&mut limited, &mut bytes).map_err(|error| error.to_string())?;
    if bytes.len() > LONGEST {
        return Err(format!("it has more than {LONGEST} bytes"));
    }
    let text = String::from_utf8(bytes).map_err(|_| "it is not UTF-8".to_owned())?;
    // As editors and `echo` end it.
    let line = text.strip_suffix('\n').map_or(text.as_str(), |line| line.strip_suffix('\r').unwrap_or(line));
    match line {
        "" => Err("it is empty".to_owned()),
        line if line.contains(['\n', '\r', '\0']) => Err("it has more than one line".to_owned()),
        line => Ok(line.to_owned()),
    }
}

/// Whether a URL holds a password: others see the command line.
pub(super) fn shows_password(url: &str) -> bool {
    let rest = url.split_once("://").map_or("", |(_, rest)| rest);
    let user = rest.split_once('@').map_or("", |(user, _)| user);
    let parameters = rest.split_once('?').map_or("", |(_, parameters)| parameters);
    user.split_once(':').is_some_and(|(_, password)| !password.is_empty())
        || parameters.split('&').any(|one| one.starts_with("password=") || one.starts_with("secret"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_hold_one_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        let check = |bytes: &[u8], expect: Result<&str, &str>| {
            std::fs::write(&path, bytes).unwrap();
            let found = read(&path);
            assert_eq!(found.as_ref().map(String::as_str).map_err(String::as_str), expect);
        };
        check(b"a b\n", Ok("a b"));
        check(b" a\r\n", Ok(" a"));
        check(b"a", Ok("a"));
        check(b"\n", Err("it is empty"));
        check(b"a\nb\n", Err("it has more than one line"));
        check(b"a\0", Err("it has more than one line"));
        check(b"\xff", Err("it is not UTF-8"));
        check(&vec![b'a'; LONGEST + 1], Err("it has more than 65536 bytes"));
        assert!(read(folder.path()).is_err() && read(Path::new("/nowhere/x")).is_err());
    }

    #[test]
    fn passwords_in_urls_are_seen() {
        for (url, expect) in [
            ("postgres://anna:secret@h/k", true),
            ("postgres://h/k?user=anna&password=secret", true),
            ("s3://bucket/x?secret_access_key=x", true),
            ("postgres://anna@h:5432/k?sslmode=disable", false),
            ("postgres://anna:@h/k", false),
            ("postgres://h:5432/k", false),
            ("", false),
        ] {
            assert_eq!(shows_password(url), expect, "{url}");
        }
    }
}
