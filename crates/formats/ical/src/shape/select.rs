//! Parts of a calendar object (RFC 4791 9.6.1 to 9.6.4).

use kontor_contentline::{Component, Line, Tree, fold};

/// Which parts of a component are wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selection {
    /// The component's name, any letter case.
    pub name: String,
    /// Its properties; `None` is all of them.
    pub props: Option<Vec<PropChoice>>,
    /// Components inside; `None` is all of them, whole.
    pub comps: Option<Vec<Selection>>,
}

/// A property that is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PropChoice {
    /// Its name, any letter case.
    pub name: String,
    /// Name and parameters only, without the value (`novalue="yes"`).
    pub no_value: bool,
}

/// The wanted parts of a text; `wanted` says what of VCALENDAR. A text without such a component comes out empty.
#[must_use]
pub fn select(bytes: &[u8], wanted: &Selection) -> Vec<u8> {
    let tree = Tree::parse(bytes);
    let mut out = Vec::with_capacity(bytes.len());
    for component in tree.root().children_named(&wanted.name) {
        write(component, wanted, &mut out);
    }
    out
}

fn write(component: Component<'_, '_>, wanted: &Selection, out: &mut Vec<u8>) {
    if wanted.props.is_none() && wanted.comps.is_none() {
        out.extend_from_slice(component.raw());
        return;
    }
    let (first, last) = match component.lines() {
        [first, .., last] => (first, last),
        _ => return,
    };
    out.extend_from_slice(first.raw());
    for line in component.properties() {
        write_property(component, line, wanted.props.as_deref(), out);
    }
    for child in component.children() {
        match &wanted.comps {
            None => out.extend_from_slice(child.raw()),
            Some(comps) => {
                if let Some(inner) = comps.iter().find(|inner| child.is(&inner.name)) {
                    write(child, inner, out);
                }
            }
        }
    }
    out.extend_from_slice(last.raw());
}

fn write_property(
    component: Component<'_, '_>,
    line: &Line<'_>,
    wanted: Option<&[PropChoice]>,
    out: &mut Vec<u8>,
) {
    let Some(choices) = wanted else {
        out.extend_from_slice(line.raw());
        return;
    };
    match choices.iter().find(|choice| line.is(&choice.name)) {
        Some(choice) if choice.no_value => {
            let mut bare = line.head().to_vec();
            bare.push(b':');
            fold(&bare, component.tree().ending(), out);
        }
        Some(_) => out.extend_from_slice(line.raw()),
        None => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:1\r\nSUMMARY;LANGUAGE=de:Tref\r\n fen\r\n\
        X-A:b\r\nBEGIN:VALARM\r\nACTION:AUDIO\r\nEND:VALARM\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";

    fn choice(name: &str, no_value: bool) -> PropChoice {
        PropChoice { name: name.to_owned(), no_value }
    }

    fn selection(name: &str, props: Option<Vec<PropChoice>>, comps: Option<Vec<Selection>>) -> Selection {
        Selection { name: name.to_owned(), props, comps }
    }

    fn check(wanted: &Selection, expect: &str) {
        assert_eq!(String::from_utf8(select(TEXT.as_bytes(), wanted)).unwrap(), expect);
    }

    #[test]
    fn parts_are_copied_as_they_are() {
        check(&selection("VCALENDAR", None, None), TEXT);
        let event =
            selection("vevent", Some(vec![choice("summary", false), choice("UID", true)]), Some(vec![]));
        check(
            &selection("VCALENDAR", Some(vec![choice("VERSION", false)]), Some(vec![event])),
            "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:\r\nSUMMARY;LANGUAGE=de:Tref\r\n fen\r\n\
             END:VEVENT\r\nEND:VCALENDAR\r\n",
        );
        let event = selection("VEVENT", Some(vec![]), None);
        check(
            &selection("VCALENDAR", Some(vec![]), Some(vec![event])),
            "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nBEGIN:VALARM\r\nACTION:AUDIO\r\nEND:VALARM\r\nEND:VEVENT\r\n\
             END:VCALENDAR\r\n",
        );
        check(&selection("VCARD", None, None), "");
    }
}
