//! Any bytes: the lines are the text, the tree agrees with itself, an edit touches one line.
#![no_main]

use kontor_contentline::{Component, Edit, Nth, Path, Property, Text, Tree, value};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    lines(data);
    let tree = Tree::parse(data);
    let mut components = Vec::new();
    visit(&tree, tree.root(), &mut components);
    let pick = components.get(data.len() % components.len().max(1)).cloned().unwrap_or_default();
    edits(&tree, pick);
});

fn lines(data: &[u8]) {
    let mut joined = Vec::with_capacity(data.len());
    for line in Text::parse(data).lines() {
        assert_eq!(line.span().start, joined.len());
        joined.extend_from_slice(line.raw());
        for param in line.params() {
            param.values().for_each(drop);
        }
        let (value, text) = (line.value(), line.text());
        assert!(text.len() <= value.len() * 3);
        let parts: usize = value::split(&value, b';').map(|part| part.len() + 1).sum();
        assert_eq!(parts, value.len() + 1);
    }
    assert_eq!(joined, data);
}

fn visit(tree: &Tree<'_>, at: Component<'_, '_>, out: &mut Vec<Path>) {
    assert!(tree.find(&at.path()).is_some_and(|found| found == at));
    if out.len() < 64 {
        out.push(at.path());
        at.children().for_each(|child| visit(tree, child, out));
    }
}

fn edits(tree: &Tree<'_>, at: Path) {
    let add = Edit::Add { at: at.clone(), property: Property::text("X-FUZZ", "a\nb").param("P", "\"") };
    let added = tree.apply(&[add]).expect("the component was found");
    let again = Tree::parse(&added);
    let found = again.find(&at).and_then(|component| component.property("X-FUZZ"));
    assert_eq!(found.expect("what was added is there").text().lines().next(), Some("a"));
    let lines: Vec<_> = tree.find(&at).into_iter().flat_map(|component| component.properties()).collect();
    if let Some(line) = lines.get(tree.bytes().len() % lines.len().max(1)) {
        let nth = lines.iter().take_while(|l| l.span() != line.span()).filter(|l| l.is(line.name())).count();
        let (name, param) = (line.name().to_owned(), "X-P".to_owned());
        let set = Edit::SetParam { at, name, nth: Nth::One(nth), param, values: vec!["x:y".to_owned()] };
        let out = tree.apply(&[set]).expect("the property was found");
        assert!(out.starts_with(&tree.bytes()[..line.span().start]));
        assert!(out.ends_with(&tree.bytes()[line.span().end..]));
    }
}
