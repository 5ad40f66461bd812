//! Every file of the corpus, of iCalendar and vCard alike, survives reading and editing.

use crate::lines::joined;
use kontor_contentline::{Component, Edit, Nth, Property, Tree, apply};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn root(kind: &str) -> PathBuf {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../fixtures")).join(kind)
}

/// Names (with folder) and bytes of all files of one kind, as the index lists them.
fn corpus(kind: &str) -> Vec<(String, Vec<u8>)> {
    let index = std::fs::read_to_string(root(kind).join("INDEX.tsv")).unwrap();
    let name = |line: &str| line.split_once('\t').expect("path, tab, what is nasty").0.to_owned();
    index
        .lines()
        .map(name)
        .map(|name| (name.clone(), std::fs::read(root(kind).join(name)).unwrap()))
        .collect()
}

fn on_disk(kind: &str) -> BTreeSet<String> {
    let folders =
        std::fs::read_dir(root(kind)).unwrap().map(|entry| entry.unwrap().path()).filter(|p| p.is_dir());
    let files =
        folders.flat_map(|folder| std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()));
    files.map(|file| file.strip_prefix(root(kind)).unwrap().to_str().unwrap().replace('\\', "/")).collect()
}

fn all() -> Vec<(String, Vec<u8>)> {
    [corpus("ical"), corpus("vcard")].concat()
}

#[test]
fn the_index_lists_every_file_once_and_no_two_are_equal() {
    for (kind, least) in [("ical", 140), ("vcard", 60)] {
        let files = corpus(kind);
        assert!(files.len() >= least, "{kind}: {}", files.len());
        let names: BTreeSet<_> = files.iter().map(|(name, _)| name.clone()).collect();
        assert_eq!((names.len(), &names), (files.len(), &on_disk(kind)));
        let bytes: BTreeSet<_> = files.iter().map(|(_, bytes)| bytes).collect();
        assert_eq!(bytes.len(), files.len());
    }
}

#[test]
fn every_file_comes_back_as_it_was() {
    for (name, bytes) in all() {
        assert_eq!(joined(&bytes), bytes, "{name}");
        assert_eq!(apply(&bytes, &[]).unwrap(), bytes, "{name}");
    }
}

#[test]
fn files_that_may_be_stored_read_without_a_problem() {
    for (name, bytes) in all().into_iter().filter(|(name, _)| name.starts_with("good/")) {
        assert!(Tree::parse(&bytes).problems().is_empty(), "{name}: {:?}", Tree::parse(&bytes).problems());
    }
}

/// A line is added to every component and taken away again; in between nothing else has changed.
#[test]
fn edits_leave_the_rest_of_every_file_alone() {
    fn visit(name: &str, tree: &Tree<'_>, at: Component<'_, '_>) {
        let (bytes, path) = (tree.bytes(), at.path());
        let edit = Edit::Add { at: path.clone(), property: Property::text("X-ADDED", "\u{e4}, b") };
        let added = apply(bytes, &[edit]).unwrap();
        let line = [b"X-ADDED:\xC3\xA4\\, b", tree.ending().bytes()].concat();
        // A last line without a line end gets one if something follows it, an unfinished soft break an empty end.
        let ended = bytes.is_empty() || bytes.last() == tree.ending().bytes().last();
        let grown = added.len() - bytes.len() - line.len();
        let soft = name == "good/quoted-printable-end.vcf";
        assert!(grown == 0 || ((!ended || soft) && grown == tree.ending().bytes().len()), "{name} {path}");
        let put = added.windows(line.len()).position(|window| window == line).unwrap();
        assert!(bytes.starts_with(&added[..put]) || !ended || soft, "{name} {path}");
        assert!(bytes.ends_with(&added[put + line.len()..]), "{name} {path}");
        let gone =
            apply(&added, &[Edit::Remove { at: path, name: "x-added".into(), nth: Nth::All }]).unwrap();
        assert!(gone == bytes || !ended || soft, "{name}");
        at.children().for_each(|child| visit(name, tree, child));
    }
    for (name, bytes) in all() {
        let tree = Tree::parse(&bytes);
        visit(&name, &tree, tree.root());
    }
}
