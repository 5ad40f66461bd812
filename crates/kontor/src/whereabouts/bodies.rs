//! Where the large bodies of a store are, as the administrator names it.

use crate::Outcome;
use crate::command::Place;
use crate::config::{Config, Flag, Sources, read};
use kontor_store::{BlobOptions, BlobPlace};
use std::path::{Path, PathBuf};

/// What the configuration in a data folder says, for a server that is told nothing else.
pub(super) fn of_folder(data: &Path) -> Outcome<Config> {
    Ok(read(&Sources { named: None, data, environment: &|_| None, flags: Vec::new() })?.config)
}

/// The place that `flag` names.
pub(super) fn named(place: &Place, text: &str, flag: &'static str) -> Outcome<BlobOptions> {
    if let Some(file) = text.strip_prefix('@') {
        let file = Path::new(file);
        let data = file.parent().unwrap_or(Path::new("."));
        let sources = Sources { named: Some(file), data, environment: &|_| None, flags: Vec::new() };
        let laid = read(&sources)?.config.apply()?.blobs;
        if !laid.is_named() {
            return Err(
                format!("{}: blobs.url is not set, and {flag} names it for that", file.display()).into()
            );
        }
        return Ok(laid.on(data));
    }
    if text.contains("://") {
        let flags = vec![Flag { name: flag, section: "blobs", key: "url", value: text.to_owned() }];
        return Ok(place.read_with(flags)?.config.apply()?.blobs.on(&place.data));
    }
    if text.is_empty() {
        return Err(
            format!("{flag}: a place is a folder, s3://BUCKET/PREFIX or @FILE, and not nothing").into()
        );
    }
    Ok(BlobOptions::at(BlobPlace::Folder(PathBuf::from(text))))
}
