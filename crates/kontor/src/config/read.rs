//! Reading: the file, then over it what environment and flags say, and a check of all of it.

use super::layers::{Origins, lay, variable};
use super::secrets::{is_secret, shows_password};
use super::{Config, bounds};
use std::path::Path;

/// Where values can come from.
pub(crate) struct Sources<'a> {
    /// The file named by `--config` or `KONTOR_CONFIG`, which must exist.
    pub(crate) named: Option<&'a Path>,
    /// The data folder, where `kontor.toml` is else.
    pub(crate) data: &'a Path,
    /// A variable by its name.
    pub(crate) environment: &'a dyn Fn(&str) -> Option<String>,
    /// What the command line says that is true for all commands.
    pub(crate) flags: Vec<Flag>,
}

/// One of those.
#[derive(Clone)]
pub(crate) struct Flag {
    /// Such as `--store`.
    pub(crate) name: &'static str,
    /// Section of the key that it sets.
    pub(crate) section: &'static str,
    /// The key.
    pub(crate) key: &'static str,
    /// To what.
    pub(crate) value: String,
}

/// What was read.
#[derive(Clone, Debug)]
pub(crate) struct Read {
    pub(crate) config: Config,
    /// Where each value comes from.
    pub(crate) origins: Origins,
    /// What works, but should not stay so.
    pub(crate) warnings: Vec<String>,
}

/// Reads the configuration and checks all of it.
///
/// # Errors
/// One line: the file with the line, or the variable, and what is wrong.
pub(crate) fn read(sources: &Sources<'_>) -> Result<Read, String> {
    let usual = sources.data.join("kontor.toml");
    let path = sources.named.unwrap_or(&usual);
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if sources.named.is_none() && is_absent(&error) => String::new(),
        Err(error) => return Err(format!("cannot read the configuration {}: {error}", path.display())),
    };
    let of_file = parse(&text).map_err(|why| format!("{}{why}", path.display()))?;
    let laid = lay(&of_file, &text, sources);
    let (config, origins) = laid.map_err(|why| format!("{}{why}", origin(path, &text, &why, sources)))?;
    if let Err(why) = config.apply() {
        return Err(format!("{}{why}", origin(path, &text, &why, sources)));
    }
    let warnings = sources.flags.iter().filter_map(warning).collect();
    Ok(Read { config, origins, warnings })
}

/// Others on this machine see the command line.
fn warning(flag: &Flag) -> Option<String> {
    let Flag { name, section, key, value } = flag;
    (is_secret(section, key) && shows_password(value)).then(|| {
        let variable = variable(section, &format!("{key}_file"));
        format!(
            "everybody on this machine can see the password in {name}: use {section}.{key}_file or {variable}"
        )
    })
}

/// Where the value was set that an error complains of: the flag, the variable, the line of the file, or nowhere.
fn origin(path: &Path, text: &str, why: &str, sources: &Sources<'_>) -> String {
    let key = why.split([' ', ':']).next().and_then(|key| key.split_once('.'));
    let Some((section, key)) = key else { return String::new() };
    if let Some(flag) = sources.flags.iter().find(|flag| (flag.section, flag.key) == (section, key)) {
        return format!("{}: ", flag.name);
    }
    let name = variable(section, key);
    if (sources.environment)(&name).is_some() {
        return format!("{name}: ");
    }
    let line = bounds::place(text, section, key).map(|at| line(text, at));
    line.map(|line| format!("{}:{line}: ", path.display())).unwrap_or_default()
}

/// The line of a byte, from 1.
fn line(text: &str, at: usize) -> usize {
    text.get(..at).unwrap_or_default().matches('\n').count() + 1
}

/// There is no such file, or not even a folder that it could be in; opening the folder will tell more.
fn is_absent(error: &std::io::Error) -> bool {
    use std::io::ErrorKind::{NotADirectory, NotFound};
    matches!(error.kind(), NotFound | NotADirectory)
}

/// `:LINE: what is wrong`, in one line.
fn parse(text: &str) -> Result<Config, String> {
    if let Some((at, why)) = bounds::first_wrong(text) {
        return Err(format!(":{}: {why}", line(text, at)));
    }
    toml::from_str(text).map_err(|error| {
        let line = line(text, error.span().map_or(0, |span| span.start));
        let what: Vec<&str> = error.message().lines().map(str::trim).collect();
        format!(":{line}: {}", what.join(" "))
    })
}

#[cfg(test)]
mod tests {
    use super::super::EXAMPLE;
    use super::*;
    use toml::Table;

    fn nothing(_name: &str) -> Option<String> {
        None
    }

    fn sources<'a>(environment: &'a dyn Fn(&str) -> Option<String>) -> Sources<'a> {
        Sources { named: None, data: Path::new("/nonexistent"), environment, flags: Vec::new() }
    }

    fn overlay(config: Config, environment: impl Fn(&str) -> Option<String>) -> Result<Config, String> {
        lay(&config, "", &sources(&environment)).map(|(config, _)| config)
    }

    #[test]
    fn the_example_is_the_default_commented_out() {
        assert_eq!(parse(EXAMPLE).unwrap(), Config::default());
        let every_key: String = EXAMPLE
            .lines()
            .map(|line| line.strip_prefix("# ").filter(|rest| rest.contains(" = ")).unwrap_or(line))
            .fold(String::new(), |all, line| all + line + "\n");
        assert_eq!(parse(&every_key).unwrap(), Config::default());
        let shown = every_key.parse::<Table>().unwrap();
        let known = Table::try_from(Config::default()).unwrap();
        for (section, keys) in &known {
            for key in keys.as_table().unwrap().keys() {
                assert!(shown[section].get(key).is_some(), "{section}.{key} is not in the example");
            }
        }
    }

    #[test]
    fn mistakes_are_told_with_their_line() {
        let check = |text: &str, start: &str, holds: &str| {
            let why = parse(text).unwrap_err();
            assert!(why.starts_with(start) && why.contains(holds) && !why.contains('\n'), "{why}");
        };
        check("[server]\nlisten = [\"127.0.0.1:80\"]\ncolour = 1\n", ":3:", "colour");
        check("[sever]\n", ":1:", "sever");
        check("[server]\nlisten = [\"localhost\"]\n", ":2:", "socket address");
        check("\n\n[log]\nformat = \"xml\"\n", ":4:", "xml");
        check("[connections]\nmax_connections = -1\n", ":2:", "-1, but at least 1");
        check("[limits]\n\nmax_item_size = 0\n", ":3:", "limits.max_item_size is 0, but at least 1024");
        check("[dav]\npage = 18446744073709551615\n", ":2:", "dav.page is 18446744073709551615");
        check("[limits]\nmax_item_size = \"much\"\n", ":2:", "much");
        check("[server\n", ":1:", "");
    }

    #[test]
    fn the_environment_goes_over_the_file() {
        let environment = |name: &str| match name {
            "KONTOR_SERVER_LISTEN" => Some("127.0.0.1:1, [::1]:2".to_owned()),
            "KONTOR_SERVER_GZIP" => Some("no".to_owned()),
            "KONTOR_LIMITS_MAX_ITEM_SIZE" => Some("2_000".to_owned()),
            "KONTOR_SERVER_ADMIN_LISTEN" => Some("127.0.0.1:3".to_owned()),
            _ => None,
        };
        let config =
            overlay(parse("[limits]\nmax_item_size = 5000\nmax_grants = 6\n").unwrap(), environment).unwrap();
        assert_eq!(config.server.listen.len(), 2);
        assert_eq!(config.server.admin_listen, Some(([127, 0, 0, 1], 3).into()));
        assert!(!config.server.gzip);
        assert_eq!((config.limits.max_item_size, config.limits.max_grants), (2000, 6));
    }

    #[test]
    fn mistakes_in_the_environment_are_told_with_their_name() {
        let check = |name: &'static str, text: &'static str, holds: &str| {
            let set = |asked: &str| (asked == name).then(|| text.to_owned());
            let why = overlay(Config::default(), set).unwrap_err();
            assert!(why.starts_with(name) && why.contains(holds), "{why}");
        };
        check("KONTOR_SERVER_GZIP", "maybe", "true or false");
        check("KONTOR_LIMITS_MAX_GRANTS", "many", "a number");
        check("KONTOR_LIMITS_MAX_GRANTS", "0", "at least 1");
        check("KONTOR_SERVER_STOP_SECONDS", "-1", "at least 0");
        check("KONTOR_SERVER_LISTEN", "nowhere", "socket address");
    }

    #[test]
    fn what_single_values_cannot_tell() {
        let check = |text: &str, holds: &str| {
            let why = parse(text).unwrap().apply().unwrap_err();
            assert!(why.contains(holds), "{why}");
        };
        check("[server]\ntls_cert = \"a\"", "belong together");
        check("[server]\nlisten = []", "at least one");
        check("[server]\ntrusted_proxies = [\"here\"]", "server.trusted_proxies: \"here\"");
        check("[sign_in]\nthrottle_exempt = [\"x/3\"]", "sign_in.throttle_exempt");
        check("[sign_in]\ndigest = [\"SHA-1\"]", "sign_in.digest");
        check("[log]\nlevel = \"loud\"", "log.level");
        check("[sign_in]\nargon_memory_kib = 31\nargon_lanes = 4", "sign_in.argon_memory_kib");
        check(
            "[sign_in]\nthrottle_max_recent = 100\nthrottle_subnet_weight = 10",
            "sign_in.throttle_max_recent",
        );
        check("[store]\nmax_bytes = 4096", "store.max_bytes is 0 or at least");
    }

    #[test]
    fn what_they_complain_of_is_found() {
        let text = "[log]\nlevel = \"info\"\n\n[server]\nlisten = []\n";
        let check = |why: &str, set: &str, expect: &str| {
            let environment = |name: &str| (name == set).then(|| "x".to_owned());
            assert_eq!(origin(Path::new("/k.toml"), text, why, &sources(&environment)), expect, "{why}");
        };
        check("server.listen is empty", "", "/k.toml:5: ");
        check("server.listen is empty", "KONTOR_SERVER_LISTEN", "KONTOR_SERVER_LISTEN: ");
        check("log.level: loud", "", "/k.toml:2: ");
        check("store.max_bytes is 0", "", "");
        check("something else", "", "");
    }

    #[test]
    fn a_missing_file_is_an_error_only_if_it_was_named() {
        let nowhere = Path::new("/nonexistent");
        assert_eq!(read(&sources(&nothing)).unwrap().config, Config::default());
        let named = nowhere.join("x.toml");
        let named = Sources { named: Some(&named), ..sources(&nothing) };
        assert!(read(&named).unwrap_err().contains("x.toml"));
    }
}
