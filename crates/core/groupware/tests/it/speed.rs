//! How long the hot paths take; to be asked for: `cargo test --release -p kontor-groupware -- --ignored --nocapture speed`.

use crate::bed::{Bed, NOW, card, event_with, stamp};
use kontor_contentline::collation::{Collation, Matcher, Position};
use kontor_contentline::filter::TextMatch;
use kontor_groupware::{Expect, Select};
use kontor_ical::filter::{CompFilter, CompTest, Filter};
use kontor_ical::timeline::Range;
use kontor_ical::zone::Zone;
use kontor_vcard::filter as cards;
use std::time::Instant;

const MANY: i64 = 10_000;
const DAY: i64 = 86_400;

/// Tells the median of some runs, in milliseconds.
async fn median<F: Future>(what: &str, mut run: impl FnMut() -> F) {
    let mut times = Vec::new();
    for _ in 0..21 {
        let begun = Instant::now();
        run().await;
        times.push(begun.elapsed().as_secs_f64() * 1000.0);
    }
    times.sort_by(f64::total_cmp);
    eprintln!("{what:40} {:8.3} ms", times[10]);
}

fn in_time(range: Range) -> Filter {
    let such = |range, comps| CompTest::Such { range, props: Vec::new(), comps };
    let event = CompFilter { name: "VEVENT".to_owned(), test: such(Some(range), Vec::new()) };
    Filter { calendar: CompFilter { name: "VCALENDAR".to_owned(), test: such(None, vec![event]) } }
}

/// One in twenty repeats, half of those without end; one in two is in Berlin time; all over three years.
fn meeting(n: i64) -> String {
    let begin = stamp(NOW - 400 * DAY + (n * 7919) % 1095 * DAY + (n * 37) % 600 * 60);
    let rule = match n % 40 {
        0 => "RRULE:FREQ=WEEKLY\r\n",
        20 => "RRULE:FREQ=DAILY;COUNT=10\r\n",
        _ => "",
    };
    let start = match n % 2 {
        0 => format!(";TZID=Europe/Berlin:{}", begin.trim_end_matches('Z')),
        _ => format!(":{begin}"),
    };
    let more = format!("SUMMARY:Meeting {n}\r\nDESCRIPTION:{}\r\n{rule}", "x".repeat(200));
    event_with(&n.to_string(), &format!("DTSTART{start}\r\nDURATION:PT{}M\r\n{more}", 30 + n % 4 * 15))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
#[ignore = "measures"]
async fn speed_of_calendars() {
    let bed = Bed::new().await;
    let anna = bed.user("anna").await;
    let at = bed.place(&anna, &anna, "default").await.unwrap();
    for n in 0..MANY {
        let text = meeting(n);
        bed.put(&anna, &at, &format!("{n}.ics"), &text, Expect::Any).await.unwrap();
    }
    let zone = Zone::utc();
    let (office, who) = (&bed.office, &anna);
    let month = in_time(Range { start: NOW, end: NOW + 30 * DAY });
    let found = office.query_calendar(who, &at, &month, &zone, Select::Body).await.unwrap().len();
    median(&format!("month query, bodies ({found})"), || {
        office.query_calendar(who, &at, &month, &zone, Select::Body)
    })
    .await;
    median("month query", || office.query_calendar(who, &at, &month, &zone, Select::Meta)).await;
    let year = Range { start: NOW, end: NOW + 365 * DAY };
    let places = std::slice::from_ref(&at);
    let found = office.free_busy(who, places, year, &zone).await.unwrap().len();
    median(&format!("free/busy of a year ({found})"), || office.free_busy(who, places, year, &zone)).await;
    let collection = at.collection.clone();
    let range = kontor_model::Range { start: year.start, end: year.end };
    median("  of that, the store", || {
        bed.store.timed(collection.account, collection.id, range, Select::Meta)
    })
    .await;
    median("place", || office.place(who, "anna", crate::bed::CALENDARS, "default")).await;
    let name = crate::bed::item("77.ics");
    median("item", || office.item(who, &at, &name)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
#[ignore = "measures"]
async fn speed_of_contacts() {
    let bed = Bed::new().await;
    let anna = bed.user("anna").await;
    let at = bed.book(&anna).await;
    for n in 0..MANY {
        let text = card(&n.to_string(), &format!("Person{n} Müller{}", n % 97)).replace(
            "END:VCARD",
            &format!("EMAIL;TYPE=work:p{n}@example.com\r\nTEL:+49 30 {n}\r\nADR:;;Street {n};Berlin;;10115;DE\r\nNOTE:Met at the fair {n}\r\nEND:VCARD"),
        );
        bed.put(&anna, &at, &format!("{n}.vcf"), &text, Expect::Any).await.unwrap();
    }
    for needle in ["müller13", "person7777", "zzz", "müller"] {
        let matcher = Matcher::new(Collation::UnicodeCasemap, Position::Contains, needle);
        let texts = vec![TextMatch { matcher, negate: false }];
        let test = cards::PropTest::Such { combine: cards::Combine::Any, texts, params: Vec::new() };
        let props = vec![cards::PropFilter { group: None, name: "FN".to_owned(), test }];
        let filter = cards::Filter { combine: cards::Combine::Any, props };
        let found =
            bed.office.query_contacts(&anna, &at, &filter, None, Select::Body).await.unwrap().items.len();
        median(&format!("cards with {needle} ({found})"), || {
            bed.office.query_contacts(&anna, &at, &filter, None, Select::Body)
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
#[ignore = "measures"]
async fn speed_of_log_ins() {
    let bed = std::sync::Arc::new(Bed::new().await);
    bed.user("anna").await;
    bed.sign_in(&bed.office, "anna", "anna", "192.0.2.1").await.unwrap();
    for tasks in [1, 4] {
        let begun = Instant::now();
        let all: Vec<_> = (0..tasks)
            .map(|_| {
                let bed = bed.clone();
                tokio::spawn(async move {
                    for _ in 0..200_000 {
                        bed.sign_in(&bed.office, "anna", "anna", "192.0.2.1").await.unwrap();
                    }
                })
            })
            .collect();
        for one in all {
            one.await.unwrap();
        }
        eprintln!("{tasks} at once: {:.2} us each", begun.elapsed().as_secs_f64() * 1e6 / 200_000.0);
    }
}
