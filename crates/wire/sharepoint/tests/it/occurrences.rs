//! Random exceptions, deletions, returns and new patterns of series: the occurrences are those that should be, and lines that
//! nobody touched stay as they are.

use std::collections::BTreeSet;

use kontor_ical::timeline::{Kind, Range};
use kontor_ical::zone::Zone;
use kontor_ical::{Budget, Object};
use kontor_wire_sharepoint::row::{Context, Part, Row};
use kontor_wire_sharepoint::translate::calendar::{Removed, edit, except, remove_part, rows};
use proptest::prelude::*;
use proptest::sample::{Index, select};

use crate::random::{differing, series_texts};
use crate::{grammar, office};

/// Where occurrences start.
fn starts(text: &[u8], zone: &Zone) -> BTreeSet<i64> {
    let object = Object::read(text);
    let found = object.timeline().occurrences(Kind::Event, Range::ALL, zone, &mut Budget::new(100_000));
    found.unwrap().into_iter().map(|one| one.start).collect()
}

/// What somebody does to a series in Outlook.
#[derive(Clone, Debug)]
enum Deed {
    /// Takes an occurrence out, by a new row.
    Out(Index),
    /// Changes an occurrence, by a new row.
    Change(Index, Vec<String>),
    /// Deletes a row other than that of the series.
    Delete(Index),
    /// Changes a row other than that of the series.
    Edit(Index, Vec<String>),
    /// Gives it another pattern.
    Pattern(String),
}

fn deed() -> impl Strategy<Value = Deed> {
    let fields = select(vec![
        vec!["Title=Other"],
        vec!["EventDate=2026-05-05T12:00:00Z", "EndDate=2026-05-05T13:00:00Z", "fAllDayEvent=0"],
        vec!["Location=There", "Description=<div>new <b>words</b></div>"],
        vec!["MetaInfo:BusyStatus=3"],
    ])
    .prop_map(|fields| fields.into_iter().map(str::to_owned).collect::<Vec<_>>());
    let pattern = select(vec![
        "<weekly mo=\"TRUE\" weekFrequency=\"1\" />",
        "<weekly mo=\"TRUE\" th=\"TRUE\" weekFrequency=\"2\" />",
        "<daily dayFrequency=\"1\" />",
        "<monthlyByDay mo=\"TRUE\" weekdayOfMonth=\"first\" monthFrequency=\"1\" />",
    ]);
    let pattern = (pattern, 5..40u32, any::<bool>()).prop_map(|(pattern, count, drop)| {
        let drop = if drop { "<deleteExceptions>true</deleteExceptions>" } else { "" };
        format!("<recurrence><rule><firstDayOfWeek>su</firstDayOfWeek><repeat>{pattern}</repeat><repeatInstances>{count}</repeatInstances></rule>{drop}</recurrence>")
    });
    prop_oneof![
        3 => any::<Index>().prop_map(Deed::Out),
        3 => (any::<Index>(), fields.clone()).prop_map(|(at, fields)| Deed::Change(at, fields)),
        2 => any::<Index>().prop_map(Deed::Delete),
        2 => (any::<Index>(), fields).prop_map(|(at, fields)| Deed::Edit(at, fields)),
        1 => pattern.prop_map(Deed::Pattern),
    ]
}

fn row(fields: &[String]) -> Row {
    office::row(&fields.iter().map(String::as_str).collect::<Vec<_>>())
}

/// An EventType 3 or 4 for some occurrence of the series, as a client sends it.
fn exception(text: &[u8], kind: &str, at: Index, context: &Context<'_>) -> Option<Row> {
    let starts: Vec<i64> = starts(text, context.zone).into_iter().take(300).collect();
    let start = starts.get(at.index(starts.len().max(1)))?;
    let told = rows(text, context).unwrap();
    let days = told.first().is_some_and(|(_, row)| row.get("fAllDayEvent") == Some("1"));
    let start = if days { context.zone.to_local(*start) } else { *start };
    let utc = kontor_ical::value::When::Utc(start).to_string();
    let part = |from: usize, to: usize| utc[from..to].to_owned();
    let id = format!(
        "RecurrenceID={}-{}-{}T{}:{}:{}Z",
        part(0, 4),
        part(4, 6),
        part(6, 8),
        part(9, 11),
        part(11, 13),
        part(13, 15)
    );
    Some(office::row(&[&format!("EventType={kind}"), &id]))
}

/// The text after a deed; `None` if it was none.
fn done(text: &[u8], deed: &Deed, context: &Context<'_>) -> Option<Vec<u8>> {
    let told = rows(text, context).unwrap();
    let others: Vec<&(Part, Row)> = told.iter().filter(|(part, _)| *part != Part::Whole).collect();
    let other = |at: &Index| (!others.is_empty()).then(|| others[at.index(others.len())]);
    match deed {
        Deed::Out(at) => except(text, &exception(text, "3", *at, context)?, context).ok()?.1,
        Deed::Change(at, fields) => {
            let mut sent = exception(text, "4", *at, context)?;
            sent.fields.extend(row(fields).fields);
            except(text, &sent, context).ok()?.1
        }
        Deed::Delete(at) => match remove_part(text, &other(at)?.0, context).unwrap() {
            Removed::Text(text) => Some(text),
            Removed::Item => None,
        },
        Deed::Edit(at, fields) => edit(text, &other(at)?.0, &row(fields), context).unwrap(),
        Deed::Pattern(data) => {
            let sent = office::row(&["EventType=1", "fRecurrence=1", &format!("RecurrenceData={data}")]);
            edit(text, &Part::Whole, &sent, context).ok()?
        }
    }
}

proptest! {
    #![proptest_config(office::cases(400))]

    #[test]
    fn series_keep_what_nobody_touched(text in any::<Index>(), deeds in prop::collection::vec(deed(), 1..6)) {
        let zone = Zone::named("Europe/Berlin").unwrap();
        let context = office::context(&zone);
        let texts = series_texts();
        let mut text = texts[text.index(texts.len())].clone();
        for deed in &deeds {
            let Some(after) = done(&text, deed, &context) else { continue };
            let [gone, _] = differing(&text, &after);
            let held = ["X-STRANGE", "ATTENDEE", "TRIGGER", "UID", "BEGIN:VALARM"];
            // An override goes as a whole; what remains of the series is in the text as it was.
            let shown = String::from_utf8_lossy(&after);
            let takes = !matches!(deed, Deed::Change(..) | Deed::Edit(..));
            prop_assert!(
                takes || !gone.iter().any(|line| held.iter().any(|name| line.starts_with(name))),
                "{deed:?} took {gone:?}\n{shown}"
            );
            prop_assert!(held.iter().all(|line| shown.contains(line)), "{deed:?}\n{shown}");
            for (part, row) in rows(&after, &context).unwrap() {
                grammar::event(&row).unwrap_or_else(|why| panic!("{deed:?}: {why}\n{row:?}"));
                prop_assert_eq!(edit(&after, &part, &row, &context), Ok(None), "{:?} {:?}\n{}", deed, part, shown);
            }
            match deed {
                Deed::Out(_) => prop_assert_eq!(starts(&after, &zone).len() + 1, starts(&text, &zone).len()),
                Deed::Pattern(_) => {}
                _ => prop_assert!(starts(&after, &zone).len() <= starts(&text, &zone).len() + 1),
            }
            text = after;
        }
    }
}
