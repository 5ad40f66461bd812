//! Trees: what encloses what, and what is reported.

use crate::lines::nasty;
use kontor_contentline::{Component, Flaw, MAX_DEPTH, MAX_LINES, Path, Reason, Tree};
use proptest::prelude::*;

fn show(component: Component<'_, '_>) -> String {
    let own: Vec<_> = component.properties().map(|line| line.name().to_owned()).collect();
    let inner: Vec<_> = component.children().map(show).collect();
    format!("{}({}{})", component.name(), own.join(" "), inner.join(""))
}

#[test]
fn components_nest() {
    let text =
        b"BEGIN:VCALENDAR\nVERSION:2.0\nBEGIN:VEVENT\nUID:1\nBEGIN:VALARM\nACTION:X\nEND:VALARM\nSUMMARY:s\n\
        END:VEVENT\nPRODID:x\nbegin: vevent \nUID:2\nend:VEVENT\nEND:VCALENDAR\n";
    let tree = Tree::parse(text);
    assert!(tree.problems().is_empty());
    assert_eq!(show(tree.root()), "(VCALENDAR(VERSION PRODIDVEVENT(UID SUMMARYVALARM(ACTION))vevent(UID)))");
    let path = Path::root().child("vcalendar", 0).child("VEVENT", 1);
    let second = tree.find(&path).unwrap();
    assert_eq!(second.property("uid").unwrap().text(), "2");
    assert_eq!(second.path().to_string(), "/VCALENDAR[0]/vevent[1]");
    assert_eq!(second.raw(), b"begin: vevent \nUID:2\nend:VEVENT\n");
    assert_eq!(second.number(), 11);
    assert_eq!(second.parent().unwrap().name(), "VCALENDAR");
    assert!(tree.find(&Path::root().child("VCALENDAR", 1)).is_none());
}

#[test]
fn mismatches_are_tolerated_and_reported() {
    let check = |text: &str, expect: &str, problems: &[(u32, Reason)]| {
        let tree = Tree::parse(text.as_bytes());
        assert_eq!(show(tree.root()), expect, "{text}");
        let found: Vec<_> = tree.problems().iter().map(|p| (p.line, p.reason)).collect();
        assert_eq!(found, problems, "{text}");
    };
    check("BEGIN:A\nX:1", "(A(X))", &[(1, Reason::Unclosed)]);
    check("BEGIN:A\nBEGIN:B\nX:1\nEND:A\nY:1", "(YA(B(X)))", &[(2, Reason::Unclosed)]);
    check("BEGIN:A\nEND:B\nX:1\nEND:A", "(A(X))", &[(2, Reason::StrayEnd)]);
    check("END:A\nX:1", "(X)", &[(1, Reason::StrayEnd)]);
    check("BEGIN:A\ngarbage\n\n\nX:1\nEND:A", "(A(X))", &[(2, Reason::Flaw(Flaw::NoColon))]);
    check("BEGIN:A\nX:1\nEND:A\n\nBEGIN:B\nEND:B", "(A(X)B())", &[]);
}

#[test]
fn components_can_be_copied_into_another_text() {
    let check = |text: &[u8], expect: &str| {
        let mut out = b"X:1\r\n".to_vec();
        Tree::parse(text).root().children().for_each(|one| one.copy_into(&mut out));
        assert_eq!(String::from_utf8(out).unwrap(), format!("X:1\r\n{expect}"));
    };
    check(b"BEGIN:A\r\nX:1\r\n 2\r\nEND:A\r\n\r\n", "BEGIN:A\r\nX:1\r\n 2\r\nEND:A\r\n");
    check(b"\xEF\xBB\xBFBEGIN:A\nend:a", "BEGIN:A\nend:a\r\n");
    check(b"BEGIN:A\rX;y=z:1\r 2\r\rEND:A\r", "BEGIN:A\r\nX;y=z:12\r\nEND:A\r\n");
}

#[test]
fn depth_lines_and_problems_are_bounded() {
    let deep = "BEGIN:A\n".repeat(10_000) + &"END:A\n".repeat(10_000);
    let tree = Tree::parse(deep.as_bytes());
    let mut depth = 0;
    let mut at = tree.root();
    while let Some(child) = at.children().next() {
        depth += 1;
        at = child;
    }
    assert_eq!(depth, MAX_DEPTH);
    assert_eq!(tree.problems()[0].reason, Reason::TooDeep);
    assert_eq!(tree.problems().len(), kontor_contentline::MAX_PROBLEMS);
    assert!(tree.find(&at.path()).is_some());

    let long = "A:\n".repeat(MAX_LINES + 5);
    let tree = Tree::parse(long.as_bytes());
    assert_eq!(tree.lines().len(), MAX_LINES);
    assert_eq!(tree.problems()[0].line as usize, MAX_LINES + 1);
}

#[test]
fn many_siblings_take_linear_time() {
    let text: String = (0..100_000).map(|n| format!("BEGIN:X{n}\nEND:X{n}\n")).collect();
    let tree = Tree::parse(text.as_bytes());
    let started = std::time::Instant::now();
    assert!(tree.root().children().all(|child| child.path().0.len() == 1));
    assert!(started.elapsed().as_secs() < 5);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn every_component_is_found_at_its_path(bytes in nasty()) {
        fn visit(tree: &Tree<'_>, at: Component<'_, '_>) {
            assert!(tree.find(&at.path()).unwrap() == at);
            assert_eq!(at.raw(), &tree.bytes()[at.span()]);
            for line in at.properties() {
                let name = line.name().to_ascii_lowercase();
                let named: Vec<_> = at.properties().filter(|other| other.is(&name)).map(|line| line.raw()).collect();
                assert_eq!(at.property(&name).map(|line| line.raw()), named.first().copied());
                assert_eq!(at.properties_named(&name).map(|line| line.raw()).collect::<Vec<_>>(), named);
            }
            for child in at.children() {
                assert!(at.span().start <= child.span().start && child.span().end <= at.span().end);
                visit(tree, child);
            }
        }
        let tree = Tree::parse(&bytes);
        visit(&tree, tree.root());
    }
}
