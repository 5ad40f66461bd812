//! Who may import what, from the manifests: the table of ARCHITECTURE.md.
//!
//! Tests may reach further than what they test: `[dev-dependencies]` are free, cargo still refuses circles.

use crate::tidy::house::Crate;
use crate::tidy::{Finding, House, Law};

pub(crate) const LAW: Law = Law {
    name: "imports",
    says: "a room imports only the rooms that the table of ARCHITECTURE.md gives it",
    check,
};

/// A crate's place: storey and room within it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Room<'a> {
    Formats(&'a str),
    Wire(&'a str),
    Core(&'a str),
    Doors(&'a str),
    Connectors(&'a str),
    Kontor,
    /// testkit, e2e, xtask: beside the house, not in it.
    Outside,
}

/// Core's own order: each may import those before it.
const CORE: &[&str] = &["model", "store", "directory", "groupware"];

fn room(folder: &str) -> Result<Room<'_>, String> {
    let Some(inside) = folder.strip_prefix("crates/") else { return Ok(Room::Outside) };
    match inside.split_once('/') {
        None if inside == "kontor" => Ok(Room::Kontor),
        Some(("formats", name)) => Ok(Room::Formats(name)),
        Some(("wire", name)) => Ok(Room::Wire(name)),
        Some(("core", name)) if CORE.contains(&name) => Ok(Room::Core(name)),
        Some(("doors", name)) => Ok(Room::Doors(name)),
        Some(("connectors", name)) => Ok(Room::Connectors(name)),
        _ => Err(format!("{folder} is not a room of the house: give it a place in the table first")),
    }
}

fn may(from: Room<'_>, to: Room<'_>) -> bool {
    let place = |name: &str| CORE.iter().position(|c| *c == name);
    match (from, to) {
        (Room::Outside, _) => true,
        (Room::Formats(_), Room::Formats(other)) => other == "contentline",
        (Room::Wire(_), Room::Formats(_)) => true,
        (Room::Core("store"), Room::Formats(_)) => false, // law 3: the store does not parse content
        (Room::Core(_), Room::Formats(_)) => true,
        (Room::Core(a), Room::Core(b)) => place(b) < place(a),
        (Room::Doors(_), Room::Formats(_)) => true,
        (Room::Doors(a), Room::Wire(b)) => a == b,
        (Room::Doors(_), Room::Core(core)) => matches!(core, "groupware" | "model"),
        (Room::Doors(_), Room::Doors(other)) => other == "listen",
        (Room::Connectors(_), Room::Formats(_) | Room::Wire(_)) => true,
        (Room::Connectors(_), Room::Core(core)) => matches!(core, "groupware" | "model" | "directory"),
        (Room::Connectors(_), Room::Connectors(other)) => other == "sync",
        (Room::Kontor, Room::Core(_) | Room::Doors(_) | Room::Connectors(_)) => true,
        _ => false,
    }
}

fn check(house: &House) -> Vec<Finding> {
    let mut found = Vec::new();
    for member in house.crates() {
        let path = format!("{}/Cargo.toml", member.folder);
        let from = match room(&member.folder) {
            Ok(room) => room,
            Err(why) => {
                found.push(Finding::new(&path, 0, why));
                continue;
            }
        };
        let ours = member.needs.iter().filter_map(|need| house.crates().iter().find(|c| c.name == *need));
        for other in ours.filter(|other| forbidden(from, other)) {
            found.push(Finding::new(&path, 0, format!("{} may not import {}", member.folder, other.folder)));
        }
    }
    found
}

fn forbidden(from: Room<'_>, other: &Crate) -> bool {
    match room(&other.folder) {
        Ok(Room::Outside) => from != Room::Outside, // the product never rests on its test tools
        Ok(to) => !may(from, to),
        Err(_) => false, // told already, at that crate
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::sample;

    fn check_pair(from: &str, to: &str, allowed: bool) {
        let a = "[package]\nname='a'\n[dependencies]\nb.workspace=true\n";
        let b = "[package]\nname='b'\n";
        let house = sample(&[(&format!("{from}/Cargo.toml"), a), (&format!("{to}/Cargo.toml"), b)]);
        assert_eq!(check(&house).is_empty(), allowed, "{from} -> {to}");
    }

    #[test]
    fn the_table() {
        for (from, to, allowed) in [
            ("crates/formats/ical", "crates/formats/contentline", true),
            ("crates/formats/ical", "crates/formats/vcard", false),
            ("crates/formats/ical", "crates/core/model", false),
            ("crates/wire/dav", "crates/formats/ical", true),
            ("crates/wire/dav", "crates/wire/eas", false),
            ("crates/wire/dav", "crates/core/model", false),
            ("crates/core/groupware", "crates/core/store", true),
            ("crates/core/store", "crates/core/directory", false),
            ("crates/core/store", "crates/formats/ical", false),
            ("crates/core/groupware", "crates/wire/dav", false),
            ("crates/doors/dav", "crates/wire/dav", true),
            ("crates/doors/eas", "crates/wire/dav", false),
            ("crates/doors/dav", "crates/core/groupware", true),
            ("crates/doors/dav", "crates/core/store", false),
            ("crates/doors/dav", "crates/doors/listen", true),
            ("crates/doors/dav", "crates/doors/admin", false),
            ("crates/connectors/relay", "crates/connectors/sync", true),
            ("crates/connectors/relay", "crates/doors/listen", false),
            ("crates/kontor", "crates/doors/dav", true),
            ("crates/kontor", "crates/formats/ical", false),
            ("crates/kontor", "testkit", false),
            ("e2e", "crates/core/model", true),
        ] {
            check_pair(from, to, allowed);
        }
    }

    #[test]
    fn a_crate_without_a_room_is_named() {
        let house = sample(&[("crates/attic/Cargo.toml", "[package]\nname='kontor-attic'\n")]);
        assert_eq!(check(&house).len(), 1);
    }
}
