//! Every card of the corpus.

use kontor_vcard::filter::folded_text;
use kontor_vcard::{Card, Select, Version, convert, select, validate};
use std::path::Path;

fn corpus() -> Vec<(String, Vec<u8>)> {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../fixtures/vcard"));
    let index = std::fs::read_to_string(root.join("INDEX.tsv")).unwrap();
    let names = index.lines().map(|line| line.split('\t').next().unwrap().to_owned());
    names.map(|name| (name.clone(), std::fs::read(root.join(name)).unwrap())).collect()
}

#[test]
fn good_ones_are_taken_and_broken_ones_refused() {
    for (name, bytes) in corpus() {
        match validate(&bytes, 1 << 20) {
            Ok(card) => {
                assert!(name.starts_with("good/"), "{name} is taken");
                assert!(card.uid().is_some() && card.full_name().is_some(), "{name}");
            }
            Err(error) => {
                assert!(name.starts_with("broken/"), "{name} is refused: {error}");
                let lines = bytes.split(|b| *b == b'\n').count();
                assert!(error.line >= 1 && error.line as usize <= lines, "{name}: {error} of {lines}");
            }
        }
    }
}

#[test]
fn converted_cards_are_still_cards_and_keep_who_they_are() {
    for (name, bytes) in corpus() {
        let before = Card::read(&bytes);
        for to in [Version::V3, Version::V4] {
            let other = convert(&bytes, to);
            assert_eq!(convert(&other, to), other, "{name}: converting twice is converting once");
            let Some(before) = &before else {
                assert_eq!(other, bytes, "{name}");
                continue;
            };
            let after = Card::read(&other).unwrap();
            assert_eq!(after.uid(), before.uid(), "{name}");
            assert_eq!(after.full_name(), before.full_name(), "{name}");
            assert_eq!(
                (after.kind(), after.members().count()),
                (before.kind(), before.members().count()),
                "{name}"
            );
            if name.starts_with("good/") {
                let card = validate(&other, 1 << 20).unwrap_or_else(|error| panic!("{name}: {error}"));
                assert_eq!(card.version(), Some(to), "{name}");
            }
        }
    }
}

#[test]
fn picked_cards_are_still_cards() {
    let wanted = [Select { name: "TEL", novalue: false }, Select { name: "PHOTO", novalue: true }];
    for (name, bytes) in corpus().into_iter().filter(|(name, _)| name.starts_with("good/")) {
        let less = select(&bytes, &wanted);
        validate(&less, 1 << 20).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(less.len() <= bytes.len(), "{name}");
    }
}

#[test]
fn nothing_in_any_file_trips_a_reader() {
    for (_, bytes) in corpus() {
        folded_text(&bytes);
        let Some(card) = Card::read(&bytes) else { continue };
        for prop in card.props() {
            let _ =
                (prop.text(), prop.parts(), prop.items(), prop.types(), prop.preference(), card.label(&prop));
        }
        let _ = (card.name(), card.version(), card.members().count());
    }
}
