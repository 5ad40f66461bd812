//! Look-ups by time and by text.

use super::on_every_engine;
use super::world::{ANNA, CARDS, WORK, World, body, body_at, item_name, source, texts};
use kontor_model::{Range, Span};
use kontor_store::{Expect, Select};

/// First and last instants of all sorts of stretches.
fn spans() -> Vec<Span> {
    let lengths = [0, 1, 3_600, 4_096, 4_097, 86_400, 1_000_000, 40_000_000, 5_000_000_000];
    let starts = [-5_000_000_000, -1, 0, 1_000, 86_400, 1_700_000_000];
    let mut out = Vec::new();
    for first in starts {
        out.extend(lengths.iter().map(|length| Span { first, last: first + length }));
        out.push(Span { first, last: i64::MAX });
        out.push(Span { first: i64::MIN, last: first });
    }
    out.push(Span { first: i64::MIN, last: i64::MAX });
    out
}

impl World {
    async fn hits(&self, range: Range) -> Vec<String> {
        let found = self.store.timings(ANNA, WORK, range).await.unwrap();
        let mut names: Vec<_> = found
            .iter()
            .map(|hit| {
                assert!(!hit.timeline.is_empty());
                hit.name.as_str().to_owned()
            })
            .collect();
        names.sort();
        names
    }
}

#[test]
fn every_item_that_touches_a_range_is_found_and_no_other() {
    on_every_engine(|world| async move {
        let spans = spans();
        let name = |n: usize| format!("{n:04}");
        for (n, span) in spans.iter().enumerate() {
            let op = world.put_op(source(WORK, &name(n)), Expect::Any, body_at(span.first, span.last));
            world.act(op).await.unwrap();
        }
        world.put(WORK, "timeless", "x").await;
        let edges = [
            i64::MIN,
            -5_000_000_000,
            -1,
            0,
            1,
            3_599,
            4_600,
            90_000,
            1_699_999_999,
            1_740_000_001,
            i64::MAX,
        ];
        for start in edges {
            for end in edges.into_iter().filter(|end| *end > start) {
                let touches = |span: &Span| span.first < end && span.last >= start;
                let all = spans.iter().enumerate().filter(|(_, span)| touches(span));
                let expected: Vec<_> = all.map(|(n, _)| name(n)).collect();
                assert_eq!(world.hits(Range { start, end }).await, expected, "{start}..{end}");
            }
        }
    });
}

#[test]
fn a_changed_span_is_found_at_its_new_place_only() {
    on_every_engine(|world| async move {
        let put = async |body| world.act(world.put_op(source(WORK, "a"), Expect::Any, body)).await.unwrap();
        let at = async |start| world.hits(Range { start, end: start + 10 }).await.len();
        put(body_at(0, 5)).await;
        put(body_at(100, 105)).await;
        assert_eq!((at(0).await, at(100).await), (0, 1));
        put(body_at(100, 1_000_000)).await;
        assert_eq!((at(500_000).await, at(100).await), (1, 1), "another size class");
        put(body_at(100, 900_000)).await;
        assert_eq!(at(950_000).await, 0, "the same place, another end");
        put(body("timeless", None)).await;
        assert_eq!(at(100).await, 0);
        put(body_at(i64::MIN, i64::MAX)).await;
        assert_eq!(at(100).await, 1);
        world.remove(WORK, "a").await;
        assert_eq!(at(100).await, 0);
    });
}

#[test]
fn texts_are_told_and_searched() {
    on_every_engine(|world| async move {
        let put = async |name: &str, folded: &str| {
            let mut body = body(name, Some(name));
            body.facets.folded = folded.as_bytes().to_vec();
            world.act(world.put_op(source(CARDS, name), Expect::Any, body)).await.unwrap();
        };
        for (name, folded) in [("c", "carl red"), ("a", "anna red"), ("b", "bert blue"), ("none", "")] {
            put(name, folded).await;
        }
        put("b", "bert red").await;
        put("d", "dora red").await;
        world.remove(CARDS, "d").await;
        put("e", "gone red").await;
        put("e", "").await;
        let folded = texts(&world.store, ANNA, CARDS).await.unwrap();
        let folded: Vec<_> = folded.iter().map(|(meta, text)| (meta.name.as_str(), &text[..])).collect();
        assert_eq!(folded, [("a", &b"anna red"[..]), ("b", b"bert red"), ("c", b"carl red")]);

        let search = async |word: &'static str, limit, select| {
            let test =
                Box::new(move |text: &[u8]| text.windows(word.len()).any(|part| part == word.as_bytes()));
            let page = world.store.matching(ANNA, CARDS, test, None, limit, select).await.unwrap();
            let names: String = page.items.iter().map(|one| one.meta.name.as_str()).collect();
            assert!(page.items.iter().all(|one| one.body.is_empty() == (select == Select::Meta)));
            (names, page.more)
        };
        assert_eq!(search("red", 10, Select::Meta).await, ("abc".to_owned(), false));
        assert_eq!(search("red", 3, Select::Body).await, ("abc".to_owned(), false));
        assert_eq!(search("red", 2, Select::Body).await, ("ab".to_owned(), true));
        assert_eq!(search("carl", 2, Select::Body).await, ("c".to_owned(), false));
        assert_eq!(search("blue", 2, Select::Body).await, (String::new(), false));
        let after = item_name("a");
        let all = Box::new(|_: &[u8]| true);
        let page = world.store.matching(ANNA, CARDS, all, Some(&after), 10, Select::Meta).await.unwrap();
        assert_eq!(page.items.iter().map(|one| one.meta.name.as_str()).collect::<String>(), "bc");
    });
}
