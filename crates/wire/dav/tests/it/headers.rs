//! Headers that carry more than a word: what is meant by them.

use kontor_wire_dav::header::{Condition, EntityTag, IfHeader, IfList, Parts, RangeSpec, Ranges, Test};
use proptest::collection::vec;
use proptest::prelude::*;

fn condition() -> impl Strategy<Value = Condition> {
    let token = "(urn:uuid:|opaquelocktoken:|DAV:)[a-z0-9-]{1,8}".prop_map(Test::Token);
    let tag = (any::<bool>(), "[a-z \\]<>)]{0,6}")
        .prop_map(|(weak, opaque)| Test::Tag(EntityTag { weak, opaque: opaque.to_owned() }));
    (any::<bool>(), prop_oneof![token, tag]).prop_map(|(negated, test)| Condition { negated, test })
}

/// All lists tagged or none, as the grammar has it.
fn if_header() -> impl Strategy<Value = IfHeader> {
    let lists = vec((0..3_u8, vec(condition(), 1..5)), 1..5);
    (any::<bool>(), lists).prop_map(|(tagged, lists)| {
        let resource = |n| tagged.then(|| format!("http://host/dav/files/anna/{n}%20x"));
        let list = |(n, conditions)| IfList { resource: resource(n), conditions };
        IfHeader { lists: lists.into_iter().map(list).collect() }
    })
}

proptest! {
    #[test]
    fn what_if_says_is_understood_as_it_was_said(header in if_header(), folded in any::<bool>()) {
        let written = header.to_string();
        // Whitespace between the parts means nothing.
        let written = if folded { written.replace("> (", ">\t(").replace(") (", ")(") } else { written };
        prop_assert_eq!(IfHeader::parse(&written), Ok(header));
    }

    /// The header holds exactly when one list has all its conditions, each turned round by Not.
    #[test]
    fn if_holds_when_a_list_does(header in if_header(), world in any::<u64>()) {
        let truth = |resource: Option<&str>, test: &Test| {
            let words = format!("{resource:?}{test:?}");
            let sum = words.bytes().fold(world, |sum, byte| sum.rotate_left(5) ^ u64::from(byte));
            sum % 3 != 0
        };
        let mut expect = false;
        for list in &header.lists {
            let mut all = true;
            for condition in &list.conditions {
                all &= truth(list.resource.as_deref(), &condition.test) != condition.negated;
            }
            expect |= all;
        }
        prop_assert_eq!(header.evaluate(truth), expect);
    }

    /// Parts never reach over the end, never lie over each other, and hold every byte that was asked for.
    #[test]
    fn parts_are_what_was_asked_for(size in 0..50_u64, asked in vec((0..60_u64, 0..60_u64, 0..3_u8), 1..6)) {
        let specs: Vec<RangeSpec> = asked.iter().map(|(a, b, form)| match form {
            0 => RangeSpec::From(*a, None),
            1 => RangeSpec::From(*a, Some(*a.max(b))),
            _ => RangeSpec::Last(*a),
        }).collect();
        let ranges = Ranges(specs);
        let covers = |spec: &RangeSpec, byte: u64| match spec {
            RangeSpec::From(first, last) => *first <= byte && last.is_none_or(|last| byte <= last),
            RangeSpec::Last(count) => byte + count >= size,
        };
        let times = |byte| ranges.0.iter().filter(|spec| covers(spec, byte)).count();
        match ranges.of(size) {
            Parts::Nothing => prop_assert!((0..size).all(|byte| times(byte) == 0)),
            Parts::Whole => prop_assert!((0..size).any(|byte| times(byte) > 1)),
            Parts::Some(spans) => for byte in 0..60 {
                let within = spans.iter().filter(|span| span.first <= byte && byte <= span.last).count();
                prop_assert_eq!(within, if byte < size { times(byte) } else { 0 });
            },
        }
    }
}
