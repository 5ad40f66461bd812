//! Queries find exactly what reading everything finds.

use crate::bed::{Bed, Dice, NOW, card, event_with, item, stamp};
use kontor_contentline::collation::{Collation, Matcher, Position};
use kontor_contentline::filter::TextMatch;
use kontor_groupware::{Expect, Place, Select};
use kontor_ical::filter::{CompFilter, CompTest, Filter, PropFilter, PropTest};
use kontor_ical::timeline::{Busy, Range};
use kontor_ical::zone::Zone;
use kontor_ical::{Budget, Object};
use kontor_vcard::filter as cards;
use std::collections::BTreeSet;

const DAY: i64 = 86_400;

fn random_event(dice: &mut Dice, uid: &str) -> String {
    let start = NOW + (dice.below(400) - 200) * DAY + dice.below(96) * 900;
    let utc = stamp(start);
    let local = utc.trim_end_matches('Z');
    let begin = match dice.below(5) {
        0 => format!("DTSTART;VALUE=DATE:{}\r\n", &utc[..8]),
        1 => format!("DTSTART;TZID=Europe/Berlin:{local}\r\n"),
        2 => format!("DTSTART:{local}\r\n"),
        _ => format!("DTSTART:{utc}\r\n"),
    };
    let end = match dice.below(4) {
        0 => String::new(),
        1 => format!("DURATION:P{}D\r\n", 1 + dice.below(40)),
        _ if begin.contains("VALUE=DATE") => "DURATION:P2D\r\n".to_owned(),
        _ => format!("DURATION:PT{}M\r\n", 15 * dice.below(200)),
    };
    let rules = [
        "",
        "",
        "",
        "RRULE:FREQ=WEEKLY;BYDAY=MO,TH\r\n",
        "RRULE:FREQ=DAILY;COUNT=10\r\n",
        "RRULE:FREQ=MONTHLY;BYDAY=-1FR;UNTIL=20261231T235959Z\r\n",
        "RRULE:FREQ=YEARLY\r\n",
    ];
    let words = [
        "",
        "TRANSP:TRANSPARENT\r\n",
        "STATUS:TENTATIVE\r\n",
        "STATUS:CANCELLED\r\n",
        "STATUS:CONFIRMED\r\n",
    ];
    let alarm = ["", "BEGIN:VALARM\r\nACTION:DISPLAY\r\nTRIGGER:-P3D\r\nEND:VALARM\r\n"];
    let titles = ["Budget", "Größe", "Tea with Ölaf", "Review"];
    let (rule, word) = (dice.pick(&rules), dice.pick(&words));
    let title = format!("SUMMARY:{}\r\n", dice.pick(&titles));
    event_with(uid, &format!("{begin}{end}{rule}{word}{title}{}", dice.pick(&alarm)))
}

async fn filled(bed: &Bed, count: i64, dice: &mut Dice) -> (Place, Vec<(String, String)>) {
    let anna = bed.user("anna").await;
    let at = bed.place(&anna, &anna, "default").await.unwrap();
    let mut texts = Vec::new();
    for n in 0..count {
        let (name, text) = (format!("{n}.ics"), random_event(dice, &n.to_string()));
        bed.put(&anna, &at, &name, &text, Expect::Any).await.unwrap_or_else(|e| panic!("{e:?}: {text}"));
        texts.push((name, text));
    }
    (at, texts)
}

fn random_range(dice: &mut Dice) -> Range {
    let start = NOW + (dice.below(500) - 250) * DAY + dice.below(DAY);
    match dice.below(10) {
        0 => Range { start, end: i64::MAX },
        1 => Range { start: i64::MIN, end: start },
        _ => Range { start, end: start + 1 + dice.below(60) * DAY / (1 + dice.below(20)) },
    }
}

fn comp(name: &str, range: Option<Range>, props: Vec<PropFilter>, comps: Vec<CompFilter>) -> CompFilter {
    CompFilter { name: name.to_owned(), test: CompTest::Such { range, props, comps } }
}

fn random_filter(dice: &mut Dice) -> Filter {
    let range = Some(random_range(dice));
    let matcher =
        Matcher::new(Collation::UnicodeCasemap, Position::Contains, dice.pick(&["GRÖSSE", "öl", "e"]));
    let text = Some(TextMatch { matcher, negate: dice.below(3) == 0 });
    let summary = PropFilter {
        name: "SUMMARY".to_owned(),
        test: PropTest::Such { range: None, text, params: Vec::new() },
    };
    let inner = match dice.below(7) {
        0 => vec![comp("VEVENT", range, vec![summary], vec![])],
        1 => vec![comp("VEVENT", None, vec![summary], vec![])],
        2 => vec![comp("VEVENT", None, vec![], vec![comp("VALARM", range, vec![], vec![])])],
        3 => vec![comp("VEVENT", None, vec![], vec![])],
        4 => vec![comp("VTODO", range, vec![], vec![])],
        _ => vec![comp("VEVENT", range, vec![], vec![])],
    };
    Filter { calendar: comp("VCALENDAR", None, vec![], inner) }
}

#[tokio::test]
async fn calendar_queries_find_what_reading_everything_finds() {
    let bed = Bed::new().await;
    let mut dice = Dice(7);
    let (at, texts) = filled(&bed, 300, &mut dice).await;
    let zones =
        [Zone::utc(), Zone::named("America/New_York").unwrap(), Zone::named("Pacific/Kiritimati").unwrap()];
    let mut found_any = 0;
    for round in 0..300 {
        let (filter, zone) = (random_filter(&mut dice), dice.pick(&zones));
        let expect: BTreeSet<&str> = texts
            .iter()
            .filter(|(_, text)| {
                let object = Object::read(text.as_bytes());
                filter.holds(text.as_bytes(), object.timeline(), &zone, &mut Budget::default())
            })
            .map(|(name, _)| name.as_str())
            .collect();
        let select = if round % 2 == 0 { Select::Meta } else { Select::Body };
        let items = bed.office.query_calendar(&bed.root, &at, &filter, &zone, select).await.unwrap();
        let found: BTreeSet<&str> = items.iter().map(|item| item.meta.name.as_str()).collect();
        assert_eq!(found, expect, "{filter:?}");
        assert_eq!(found.len(), items.len(), "each once");
        assert!(items.iter().all(|item| item.body.is_empty() == (select == Select::Meta)));
        found_any += usize::from(!found.is_empty());
    }
    assert!(found_any > 100);
}

#[tokio::test]
async fn free_busy_is_what_the_events_say() {
    let bed = Bed::new().await;
    let mut dice = Dice(8);
    let (at, texts) = filled(&bed, 60, &mut dice).await;
    let zone = Zone::utc();
    for _ in 0..60 {
        let start = NOW + (dice.below(400) - 200) * DAY;
        let range = Range { start, end: start + (1 + dice.below(20)) * DAY };
        let mut periods = Vec::new();
        for (_, text) in &texts {
            let object = Object::read(text.as_bytes());
            object.timeline().busy(range, &zone, &mut Budget::default(), &mut periods).unwrap();
        }
        let merged = bed.office.free_busy(&bed.root, std::slice::from_ref(&at), range, &zone).await.unwrap();
        assert!(merged.windows(2).all(|two| two[0].range.end <= two[1].range.start));
        // Every quarter of an hour has the strongest word of those that hold then.
        for at in (range.start..range.end).step_by(900) {
            let word = |list: &[kontor_ical::timeline::Period]| {
                let holding = list.iter().filter(|one| one.range.start <= at && at < one.range.end);
                holding.map(|one| one.busy).max().unwrap_or(Busy::Free)
            };
            assert_eq!(word(&merged), word(&periods));
        }
    }
}

#[tokio::test]
async fn transparent_calendars_take_no_time() {
    let bed = Bed::new().await;
    let anna = bed.user("anna").await;
    let at = bed.place(&anna, &anna, "default").await.unwrap();
    bed.put(&anna, &at, "a.ics", &crate::bed::event("a", 1), Expect::Any).await.unwrap();
    let range = Range { start: NOW, end: NOW + DAY };
    let busy = bed.office.free_busy_of(&anna, "anna", range, &Zone::utc()).await.unwrap();
    assert_eq!(busy.len(), 1);
    let key = kontor_model::PropertyKey::new(kontor_model::PropertyKey::TRANSPARENCY);
    let change = vec![(key, Some(b"transparent".to_vec()))];
    bed.office.set_collection_properties(&anna, &at, change).await.unwrap();
    assert_eq!(bed.office.free_busy_of(&anna, "anna", range, &Zone::utc()).await, Ok(Vec::new()));
}

fn random_card(dice: &mut Dice, uid: &str) -> String {
    let given = ["Anna", "Björn", "Émile", "Zoë", "STRASSER", "Анна", "李"];
    let family = ["Müller", "Berg", "O'Neil", "Strauß", "de la Cruz", "Ångström"];
    let mut text = card(uid, &format!("{} {}", dice.pick(&given), dice.pick(&family)));
    if dice.below(2) == 0 {
        let more = format!(
            "EMAIL;TYPE=work:{}{}@example.com\r\nNOTE:Met\\, at the fair\\n{}\r\nEND:VCARD",
            dice.pick(&["a", "b"]),
            dice.below(9),
            dice.pick(&family)
        );
        text = text.replace("END:VCARD", &more);
    }
    text
}

fn random_sieve(dice: &mut Dice) -> cards::Filter {
    let needles =
        ["müller", "MU\u{308}LLER", "strass", "ann", "анна", "fair\n", ", at", "@example", "zz", "", "é"];
    let one = |dice: &mut Dice| {
        let position =
            dice.pick(&[Position::Contains, Position::StartsWith, Position::EndsWith, Position::Equals]);
        let matcher = Matcher::new(dice.pick(&Collation::ALL), position, dice.pick(&needles));
        let texts = vec![TextMatch { matcher, negate: dice.below(4) == 0 }];
        let test = match dice.below(6) {
            0 => cards::PropTest::Absent,
            1 => cards::PropTest::Present,
            _ => cards::PropTest::Such { combine: cards::Combine::Any, texts, params: Vec::new() },
        };
        cards::PropFilter { group: None, name: dice.pick(&["FN", "EMAIL", "NOTE", "N"]).to_owned(), test }
    };
    let combine = dice.pick(&[cards::Combine::Any, cards::Combine::All]);
    cards::Filter { combine, props: (0..dice.below(3)).map(|_| one(dice)).collect() }
}

#[tokio::test]
async fn contact_queries_find_what_reading_everything_finds() {
    let bed = Bed::new().await;
    let anna = bed.user("anna").await;
    let at = bed.book(&anna).await;
    let mut dice = Dice(9);
    let mut texts = Vec::new();
    for n in 0..300 {
        let (name, text) = (format!("{n:03}.vcf"), random_card(&mut dice, &n.to_string()));
        bed.put(&anna, &at, &name, &text, Expect::Any).await.unwrap();
        texts.push((name, text));
    }
    for _ in 0..400 {
        let filter = random_sieve(&mut dice);
        let expect: Vec<&str> = texts
            .iter()
            .filter(|(_, text)| filter.holds(text.as_bytes()))
            .map(|(name, _)| name.as_str())
            .collect();
        let hits = bed.office.query_contacts(&anna, &at, &filter, None, Select::Meta).await.unwrap();
        let found: Vec<&str> = hits.items.iter().map(|item| item.meta.name.as_str()).collect();
        assert_eq!(found, expect, "{filter:?}");
        assert!(!hits.truncated);
        let few = bed.office.query_contacts(&anna, &at, &filter, Some(5), Select::Body).await.unwrap();
        let found: Vec<&str> = few.items.iter().map(|item| item.meta.name.as_str()).collect();
        assert_eq!(found, expect.iter().take(5).copied().collect::<Vec<_>>());
        assert_eq!(few.truncated, expect.len() > 5);
    }
}

#[tokio::test]
async fn one_query_finds_only_so_much() {
    let mut policy = crate::bed::policy();
    policy.limits.max_query_items = 10;
    let bed = Bed::with(policy).await;
    let mut dice = Dice(10);
    let (at, _) = filled(&bed, 11, &mut dice).await;
    let all = Filter::everything();
    let refused = bed.office.query_calendar(&bed.root, &at, &all, &Zone::utc(), Select::Meta).await;
    assert_eq!(refused, Err(kontor_model::Error::TooLarge { limit: "max_query_items", max: 10 }));
    bed.office.remove(&bed.root, &at, &item("0.ics"), Expect::Any).await.unwrap();
    let found = bed.office.query_calendar(&bed.root, &at, &all, &Zone::utc(), Select::Meta).await.unwrap();
    assert_eq!(found.len(), 10);
}
