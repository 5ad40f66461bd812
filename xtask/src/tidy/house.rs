//! The house as tidy sees it: every text file with its path, every crate with its room and dependencies.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use super::Rust;

/// Files worth reading; all others are known by path only.
const TEXT: &[&str] = &["rs", "toml", "md", "tsv", "txt", "sql", "html"];
/// Folders that are not source.
const SKIPPED: &[&str] =
    &["target", ".git", "kontor-data", "node_modules", "__pycache__", "corpus", "artifacts"];

/// Every file of the workspace by its path from the root (forward slashes), and what is derived from it.
pub(crate) struct House {
    files: BTreeMap<String, String>,
    rust: BTreeMap<String, Rust>,
    crates: Vec<Crate>,
}

/// One `Cargo.toml` with a `[package]`.
pub(crate) struct Crate {
    /// Package name, such as `kontor-ical`.
    pub(crate) name: String,
    /// Folder from the root, such as `crates/formats/ical`.
    pub(crate) folder: String,
    /// Names under `[dependencies]` and `[build-dependencies]`.
    pub(crate) needs: Vec<String>,
    /// The whole manifest.
    pub(crate) manifest: toml::Table,
}

impl House {
    /// Reads the workspace under `root`.
    pub(crate) fn read(root: &Path) -> Result<House, String> {
        let mut files = BTreeMap::new();
        walk(root, "", &mut files).map_err(|e| format!("reading {}: {e}", root.display()))?;
        House::of(files)
    }

    /// A house of files already read.
    pub(crate) fn of(files: BTreeMap<String, String>) -> Result<House, String> {
        let mut crates = Vec::new();
        for (path, text) in files.iter().filter(|(p, _)| p.ends_with("/Cargo.toml")) {
            crates.extend(Crate::parse(path, text)?);
        }
        let rust = files
            .iter()
            .filter(|(path, _)| path.ends_with(".rs"))
            .map(|(path, text)| (path.clone(), Rust::parse(text)))
            .collect();
        Ok(House { files, rust, crates })
    }

    /// How many files there are.
    pub(crate) fn len(&self) -> usize {
        self.files.len()
    }

    /// Paths of all files, sorted.
    pub(crate) fn paths(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }

    /// The text of one file; `None` if there is no such file.
    pub(crate) fn text(&self, path: &str) -> Option<&str> {
        self.files.get(path).map(String::as_str)
    }

    /// Every crate of the workspace.
    pub(crate) fn crates(&self) -> &[Crate] {
        &self.crates
    }

    /// Rust files below any of `folders` (an empty slice: everywhere).
    pub(crate) fn rust<'a>(&'a self, folders: &'a [&str]) -> impl Iterator<Item = (&'a str, &'a Rust)> {
        self.rust
            .iter()
            .map(|(path, rust)| (path.as_str(), rust))
            .filter(move |(path, _)| folders.is_empty() || folders.iter().any(|f| below(path, f)))
    }

    /// Rust files of the product below `folders`, without test code that lives in files of its own.
    pub(crate) fn product<'a>(&'a self, folders: &'a [&str]) -> impl Iterator<Item = (&'a str, &'a Rust)> {
        self.rust(folders).filter(|(path, _)| !is_test_file(path))
    }
}

/// Whether `path` is `folder` or lies below it.
pub(crate) fn below(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Whether a file holds nothing but tests, benches, fuzz targets or their tools.
pub(crate) fn is_test_file(path: &str) -> bool {
    ["testkit", "e2e", "fuzz"].iter().any(|f| below(path, f))
        || path.split('/').any(|part| matches!(part, "tests" | "benches" | "examples"))
        || path.ends_with("/tests.rs")
}

impl Crate {
    fn parse(path: &str, text: &str) -> Result<Option<Crate>, String> {
        let manifest: toml::Table = text.parse().map_err(|e| format!("reading {path}: {e}"))?;
        let Some(name) = manifest.get("package").and_then(|p| p.get("name")).and_then(|n| n.as_str()) else {
            return Ok(None);
        };
        let mut needs = Vec::new();
        for table in ["dependencies", "build-dependencies"] {
            let names = manifest.get(table).and_then(|t| t.as_table()).into_iter().flat_map(|t| t.keys());
            needs.extend(names.cloned());
        }
        let folder = path.strip_suffix("/Cargo.toml").unwrap_or(path).to_owned();
        Ok(Some(Crate { name: name.to_owned(), folder, needs, manifest }))
    }
}

fn walk(root: &Path, at: &str, files: &mut BTreeMap<String, String>) -> std::io::Result<()> {
    for entry in fs::read_dir(root.join(at))? {
        let entry = entry?;
        let Ok(name) = entry.file_name().into_string() else { continue };
        let path = if at.is_empty() { name.clone() } else { format!("{at}/{name}") };
        let kind = entry.file_type()?;
        if kind.is_dir() {
            if !SKIPPED.contains(&name.as_str()) {
                walk(root, &path, files)?;
            }
        } else if kind.is_file() {
            let text = name.rsplit_once('.').is_some_and(|(_, ext)| TEXT.contains(&ext)) || name == "LICENSE";
            let bytes = if text { fs::read(entry.path())? } else { Vec::new() };
            files.insert(path, String::from_utf8_lossy(&bytes).into_owned());
        }
    }
    Ok(())
}

/// A house for the tests of laws: `(path, text)` pairs.
#[cfg(test)]
pub(crate) fn sample(files: &[(&str, &str)]) -> House {
    House::of(files.iter().map(|(p, t)| ((*p).to_owned(), (*t).to_owned())).collect()).unwrap()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crate_is_read_with_its_dependencies() {
        let house = sample(&[(
            "crates/wire/dav/Cargo.toml",
            "[package]\nname = \"kontor-wire-dav\"\n[dependencies]\nmemchr.workspace = true\n[dev-dependencies]\nproptest.workspace = true\n",
        )]);
        let [only] = house.crates() else { panic!("one crate") };
        assert_eq!((only.name.as_str(), only.folder.as_str()), ("kontor-wire-dav", "crates/wire/dav"));
        assert_eq!(only.needs, ["memchr"]);
    }

    #[test]
    fn test_files_are_known_by_their_place() {
        assert!(is_test_file("crates/core/store/tests/it/main.rs"));
        assert!(is_test_file("crates/core/store/src/write/tests.rs"));
        assert!(is_test_file("e2e/src/lib.rs"));
        assert!(!is_test_file("crates/core/store/src/attests.rs"));
    }
}
