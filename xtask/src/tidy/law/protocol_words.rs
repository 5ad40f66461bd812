//! Law 5: `core` speaks house words. A status code there means that a door has leaked in.
//!
//! One corner has to speak a protocol, as a client: where the store reaches buckets.

use crate::tidy::house::below;
use crate::tidy::{Finding, House, Law};

pub(crate) const LAW: Law =
    Law { name: "protocol-words", says: "core knows no URL, status code, UID number, SyncKey or XML", check };

/// The corner, and the crate that it is in.
const CORNER: (&str, &str) = ("crates/core/store/src/blob/place", "crates/core/store");
/// What that crate may need for it.
const OF_THE_CORNER: &[&str] = &["http", "hyper", "hyper-util"];

const CRATES: &[&str] = &["http", "hyper", "hyper-util", "http-body", "quick-xml", "percent-encoding", "url"];
const WORDS: &[&str] = &[
    "http::",
    "hyper::",
    "StatusCode",
    "status_code",
    "quick_xml",
    "href",
    "Href",
    "multistatus",
    "Multistatus",
    "SyncKey",
    "sync_key",
    "UidNumber",
    "uidvalidity",
    "Etag",
    "ETag",
    "etag",
    "ctag",
];

fn check(house: &House) -> Vec<Finding> {
    let mut found = Vec::new();
    for member in house.crates().iter().filter(|c| c.folder.starts_with("crates/core/")) {
        let may = |name: &str| member.folder == CORNER.1 && OF_THE_CORNER.contains(&name);
        for name in member.needs.iter().filter(|n| CRATES.contains(&n.as_str()) && !may(n)) {
            let path = format!("{}/Cargo.toml", member.folder);
            found.push(Finding::new(&path, 0, format!("{name} is a protocol's, core has none")));
        }
    }
    for (path, rust) in house.product(&["crates/core"]).filter(|(path, _)| !below(path, CORNER.0)) {
        for word in WORDS {
            let what = format!("`{word}` is a protocol's word: core says it in the words of the glossary");
            found
                .extend(rust.lines_with(word).into_iter().map(|line| Finding::new(path, line, what.clone())));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::sample;

    #[test]
    fn a_status_code_in_core_is_found() {
        let house = sample(&[
            ("crates/core/model/Cargo.toml", "[package]\nname='m'\n[dependencies]\nhttp.workspace=true\n"),
            (
                "crates/core/model/src/error.rs",
                "use http::StatusCode;\n// etag\nstruct Version { etag: u8 }\n",
            ),
            ("crates/core/store/Cargo.toml", "[package]\nname='s'\n[dependencies]\nhttp.workspace=true\n"),
            ("crates/core/store/src/blob/place/http.rs", "use http::Uri;\n"),
            ("crates/core/store/src/blob/placed.rs", "\n\n\n\nuse http::Uri;\n"),
            ("crates/doors/dav/src/lib.rs", "use http::StatusCode;\n"),
        ]);
        let lines: Vec<_> = check(&house).iter().map(|f| f.line).collect();
        assert_eq!(lines, [0, 1, 1, 3, 5]);
    }
}
