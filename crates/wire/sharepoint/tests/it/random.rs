//! Random changes of random fields of golden and own texts: what no sent field is about stays as it is, byte for byte; what was
//! sent is told; to send it again changes nothing.

use std::sync::LazyLock;

use kontor_ical::zone::Zone;
use kontor_wire_sharepoint::list::{FieldType, ListKind};
use kontor_wire_sharepoint::row::{Context, Error, Field, Part, Row};
use kontor_wire_sharepoint::translate::{calendar, contacts, tasks};
use proptest::prelude::*;
use proptest::sample::{Index, select};

use crate::office::Staff;
use crate::{fixtures, grammar, office};

/// Lines of an event that times, zones and rules are told in. A change of the rule may take overrides away.
const TIMES: [&str; 6] = ["DTSTART", "DTEND", "DURATION", "RRULE", "EXDATE", "X-KONTOR-LIST-UID"];
/// Fields of the property bag, by kind.
const BAGS: [&[&str]; 3] = [
    &["BusyStatus", "IntendedBusyStatus", "Priority", "FollowUp"],
    &["ActualWork", "TotalWork", "Mileage", "Role", "DateCompleted"],
    &["FileAs", "Gender", "IsPrivate", "Fax1"],
];

pub(crate) fn series_texts() -> Vec<Vec<u8>> {
    let strange = "X-STRANGE;X-P=\"a:b\":one\\, two\nATTENDEE;CN=\"Ann, Ax\";X-Q=1;PARTSTAT=ACCEPTED:mailto:ann@x.example";
    [
        "DTSTART;TZID=Europe/Berlin:20260302T100000\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;BYDAY=MO;UNTIL=20270301T090000Z",
        "DTSTART;VALUE=DATE:20260302\nRRULE:FREQ=WEEKLY;COUNT=20\nEXDATE;VALUE=DATE:20260309,20260316",
        "DTSTART;TZID=Europe/Berlin:20260302T100000\nDTEND;TZID=Europe/Berlin:20260302T113000\nRRULE:FREQ=WEEKLY;BYHOUR=10,15;COUNT=8",
        "DTSTART:20260302T100000Z\nRRULE:FREQ=DAILY;COUNT=20\nRDATE:20260301T090000Z",
    ]
    .iter()
    .map(|times| {
        office::calendar(&format!(
            "BEGIN:VEVENT\nUID:s\n{times}\nSUMMARY:S\n{strange}\nBEGIN:VALARM\nACTION:AUDIO\nTRIGGER:-PT9M\nEND:VALARM\nEND:VEVENT"
        ))
    })
    .collect()
}

static TEXTS: LazyLock<[Vec<Vec<u8>>; 3]> = LazyLock::new(|| {
    let small = |folder: &str| -> Vec<Vec<u8>> {
        let files = fixtures::files(folder).into_iter().map(|(_, text)| text);
        // Where the last line is cut off, what is added ends it first.
        let cut = |text: &[u8]| !text.ends_with(b"\n") || text.windows(7).any(|bytes| bytes == b"=\r\nEND:");
        files.filter(|text| text.len() < 20_000 && !cut(text)).collect()
    };
    let ical = small("ical");
    let having = |what: &str| -> Vec<Vec<u8>> {
        let has = |text: &&Vec<u8>| text.windows(what.len()).any(|bytes| bytes == what.as_bytes());
        ical.iter().filter(has).cloned().collect()
    };
    [
        [having("BEGIN:VEVENT"), series_texts()].concat(),
        [having("BEGIN:VTODO"), crate::related::texts()].concat(),
        small("vcard"),
    ]
});

fn rows(kind: ListKind, text: &[u8], context: &Context<'_>) -> Result<Vec<(Part, Row)>, Error> {
    match kind {
        ListKind::Calendar => calendar::rows(text, context),
        ListKind::Tasks => tasks::rows(text, context),
        _ => contacts::rows(text, context),
    }
}

fn edit(
    kind: ListKind,
    text: &[u8],
    part: &Part,
    row: &Row,
    context: &Context<'_>,
) -> Result<Option<Vec<u8>>, Error> {
    match kind {
        ListKind::Calendar => calendar::edit(text, part, row, context),
        ListKind::Tasks => tasks::edit(text, part, row, context),
        _ => contacts::edit(text, part, row, context),
    }
}

fn create(kind: ListKind, row: &Row, context: &Context<'_>) -> Result<Vec<u8>, Error> {
    match kind {
        ListKind::Calendar => calendar::create(row, context),
        ListKind::Tasks => tasks::create(row, context),
        _ => contacts::create(row, context),
    }
}

/// What lines a field may change.
fn lines_of(kind: ListKind, field: &str) -> &'static [&'static str] {
    match (kind, field) {
        (ListKind::Calendar | ListKind::Tasks, "Title") => &["SUMMARY"],
        (ListKind::Calendar, "Location") => &["LOCATION"],
        (ListKind::Calendar | ListKind::Tasks, "Description" | "Body") => {
            &["DESCRIPTION", "X-ALT-DESC", "STYLED-DESCRIPTION"]
        }
        (_, "Category" | "Categories") => &["CATEGORIES"],
        (ListKind::Calendar, "BusyStatus" | "IntendedBusyStatus") => {
            &["TRANSP", "STATUS", "X-MICROSOFT-CDO-BUSYSTATUS", "X-MICROSOFT-CDO-INTENDEDSTATUS"]
        }
        (ListKind::Calendar | ListKind::Tasks, "Priority") => {
            &["PRIORITY", "X-MICROSOFT-CDO-IMPORTANCE", "X-PRIORITY"]
        }
        (ListKind::Calendar, "ParticipantsPicker") => &["ATTENDEE", "ORGANIZER"],
        (ListKind::Calendar, "FollowUp") => &["X-KONTOR-OUTLOOK-FOLLOWUP"],
        (ListKind::Calendar, _) => &TIMES,
        (ListKind::Tasks, "Status" | "PercentComplete" | "DateCompleted") => {
            &["STATUS", "PERCENT-COMPLETE", "COMPLETED", "X-KONTOR-OUTLOOK-STATUS"]
        }
        (ListKind::Tasks, "StartDate" | "DueDate") => &["DTSTART", "DUE", "DURATION"],
        (ListKind::Tasks, "AssignedTo") => &["ATTENDEE"],
        (ListKind::Tasks, "Predecessors") => &["RELATED-TO"],
        (ListKind::Tasks, _) => &["X-KONTOR-OUTLOOK-", "X-MICROSOFT-CDO-", "X-MS-OLK-"],
        (_, name) => crate::contacts::card_lines(name),
    }
}

/// Lines with their continuations and their ends.
fn logical(text: &[u8]) -> Vec<Vec<u8>> {
    let mut lines: Vec<Vec<u8>> = Vec::new();
    for line in text.split_inclusive(|byte| *byte == b'\n') {
        let quoted = |last: &[u8]| {
            last.ends_with(b"=\r\n") && String::from_utf8_lossy(last).contains("QUOTED-PRINTABLE")
        };
        match lines.last_mut() {
            Some(last)
                if line.starts_with(b" ")
                    || line.starts_with(b"\t")
                    || quoted(last) && !line.starts_with(b"END:") =>
            {
                last.extend_from_slice(line);
            }
            _ => lines.push(line.to_vec()),
        }
    }
    lines
}

/// Lines that an edit took away, and those that it put in.
pub(crate) fn differing(old: &[u8], new: &[u8]) -> [Vec<String>; 2] {
    let (old, new) = (logical(old), logical(new));
    let width = new.len() + 1;
    let mut common = vec![0_u32; (old.len() + 1) * width];
    for (i, one) in old.iter().enumerate().rev() {
        for (j, other) in new.iter().enumerate().rev() {
            common[i * width + j] = if one == other {
                common[(i + 1) * width + j + 1] + 1
            } else {
                common[(i + 1) * width + j].max(common[i * width + j + 1])
            };
        }
    }
    let (mut i, mut j, mut found) = (0, 0, [Vec::new(), Vec::new()]);
    let shown = |line: &[u8]| String::from_utf8_lossy(line).into_owned();
    while i < old.len() || j < new.len() {
        if i < old.len() && j < new.len() && old[i] == new[j] {
            (i, j) = (i + 1, j + 1);
        } else if j == new.len() || i < old.len() && common[(i + 1) * width + j] >= common[i * width + j + 1]
        {
            found[0].push(shown(&old[i]));
            i += 1;
        } else {
            found[1].push(shown(&new[j]));
            j += 1;
        }
    }
    found
}

/// The name of a line, without its group.
fn name(line: &str) -> String {
    let line = line.replace("\r\n ", "").replace("\n ", "");
    let name = line.split([':', ';']).next().unwrap_or_default().trim();
    name.rsplit('.').next().unwrap_or_default().to_ascii_uppercase()
}

/// Lines of a zone's definition.
const ZONES: [&str; 8] = [
    "BEGIN",
    "END",
    "TZID",
    "TZNAME",
    "TZOFFSETFROM",
    "TZOFFSETTO",
    "X-LIC-LOCATION",
    "X-MICROSOFT-CDO-TZID",
];

/// The line that an edit of a part should not have touched.
fn trespass(kind: ListKind, part: &Part, old: &[u8], new: &[u8], sent: &Row) -> Option<String> {
    let fields: Vec<&str> =
        sent.fields.iter().map(|field| field.property.as_deref().unwrap_or(&field.name)).collect();
    // A line whose last break is cut off is ended.
    let mut allowed = vec!["", "DTSTAMP", "LAST-MODIFIED", "SEQUENCE", "REV"];
    fields.iter().for_each(|field| allowed.extend(lines_of(kind, field)));
    let is_allowed = |line: &str| {
        let name = name(line);
        allowed.iter().any(|own| name == *own || own.ends_with('-') && name.starts_with(own))
    };
    let timed = kind == ListKind::Calendar && fields.iter().any(|field| lines_of(kind, field) == TIMES);
    let series = old.windows(13).any(|bytes| bytes == b"RECURRENCE-ID");
    let [gone, new] = differing(old, new);
    // An override may lose its occurrence when the series is moved; a new one is a copy of its series.
    let gone = gone.into_iter().filter(|_| !(timed && series));
    let new =
        new.into_iter().filter(|line| *part == Part::Whole && !(timed && ZONES.contains(&&*name(line))));
    gone.chain(new).find(|line| !is_allowed(line))
}

fn value(kind: FieldType) -> BoxedStrategy<String> {
    let date = (2025..2028i32, 1..13u32, 1..29u32, 0..24u32, select(vec![0, 30, 59]))
        .prop_map(|(y, m, d, h, min)| format!("{y}-{m:02}-{d:02}T{h:02}:{min:02}:00Z"));
    let words = prop_oneof![
        Just(String::new()),
        Just("Plain words".to_owned()),
        Just("a;b,c\\n\"d\": e".to_owned()),
        Just("Zwei\r\nZeilen ✓ 𝄞".to_owned()),
        "\\PC{0,90}",
        "(?s).{0,9}",
    ];
    let html = prop_oneof![
        words.clone(),
        Just("<div>One<br>two &amp; <b>three</b></div>".to_owned()),
        Just("<p>a</p><ul><li>b</ul><script>x</script>".to_owned()),
    ];
    match kind {
        FieldType::DateTime | FieldType::DateOnly => prop_oneof![9 => date, 1 => Just(String::new())].boxed(),
        FieldType::Boolean | FieldType::AllDay | FieldType::Recurrence => {
            select(vec!["0", "1", "TRUE", ""]).prop_map(str::to_owned).boxed()
        }
        FieldType::Integer => select(vec!["0", "1", "3600", "4", "-1", "x"]).prop_map(str::to_owned).boxed(),
        FieldType::Percent => select(vec!["0", "0.5", "1", "1.7", ""]).prop_map(str::to_owned).boxed(),
        FieldType::Choice(choices) => {
            let known = choices.iter().map(|(name, _)| (*name).to_owned()).collect::<Vec<_>>();
            prop_oneof![9 => select(known), 1 => Just("other".to_owned())].boxed()
        }
        FieldType::User => select(vec!["7;#Ann Ax", "8", "", "99;#Nobody"]).prop_map(str::to_owned).boxed(),
        FieldType::Users => {
            let named = ["7;#Ann Ax;#8;#Bob Bex", "8", "bob;#ann", "", "7;#Ann Ax;#99;#Nobody"];
            select(named.to_vec()).prop_map(str::to_owned).boxed()
        }
        FieldType::Tasks => {
            select(vec!["1;#1", "2;#Paint;#3;#Wait", "", "9;#None", "x"]).prop_map(str::to_owned).boxed()
        }
        FieldType::Html => html.boxed(),
        FieldType::Url => select(vec!["http://a.example/x, A", "https://b.example, https://b.example", ""])
            .prop_map(str::to_owned)
            .boxed(),
        _ => words.boxed(),
    }
}

/// Fields that are the server's, that only whole rows have, or that contradict others.
const SKIPPED: [&str; 13] = [
    "Category",
    "ID",
    "EventType",
    "RecurrenceID",
    "MasterSeriesItemID",
    "RecurrenceData",
    "XMLTZone",
    "UID",
    "TimeZone",
    "fRecurrence",
    "EventCanceled",
    "Duration",
    "Attachments",
];

fn fields(kind: ListKind) -> impl Strategy<Value = Row> {
    let bags = BAGS[kind as usize];
    let own = kind.fields().filter(|field| !SKIPPED.contains(&field.name));
    let mut pool: Vec<BoxedStrategy<(&'static str, bool, String)>> = own
        .map(|field| value(field.holds).prop_map(move |value| (field.name, false, value)).boxed())
        .collect();
    for bag in bags {
        let value = select(vec!["0", "1", "2", "3", "-1", "", "12", "text", "2026-05-01T00:00:00Z"]);
        pool.push(value.prop_map(move |value| (*bag, true, value.to_owned())).boxed());
    }
    let one = (0..pool.len()).prop_flat_map(move |at| pool[at].clone());
    prop::collection::vec(one, 1..5).prop_map(|fields| {
        let mut row = Row::new();
        for (name, bag, value) in fields {
            match bag {
                true if row.bag(name).is_none() => row.push_bag(name, value),
                // As a client sends it: Row::push would tidy it.
                false if row.get(name).is_none() => {
                    row.fields.push(Field { name: name.into(), property: None, value: value.into() });
                }
                _ => {}
            }
        }
        row
    })
}

/// The text as lines, for messages.
fn shown(text: &[u8]) -> String {
    String::from_utf8_lossy(text).chars().take(1_500).collect()
}

/// Sends fields to a part of a text, and looks at all that must hold then.
fn check(kind: ListKind, text: &[u8], at: Index, sent: &Row) {
    let (zone, staff) = (Zone::named("Europe/Berlin").unwrap(), Staff::new());
    let context = Context { people: &staff, tasks: &office::Others, ..office::context(&zone) };
    let Ok(before) = rows(kind, text, &context) else { return };
    if before.is_empty() {
        return;
    }
    let (part, _) = &before[at.index(before.len())];
    let Ok(Some(new)) = edit(kind, text, part, sent, &context) else { return };
    if let Some(line) = trespass(kind, part, text, &new, sent) {
        panic!("{sent:?} touched {line:?} of {}\nnow {}", shown(text), shown(&new));
    }
    assert_eq!(crate::related::others(text), crate::related::others(&new), "{sent:?}");
    // A field that is emptied may show the next value of many: the second mail address, another messenger.
    let after = rows(kind, &new, &context).unwrap();
    let emptied = sent.fields.iter().filter(|field| field.value.trim().is_empty());
    let shows =
        |field: &Field| after.iter().any(|(_, row)| row.get(&field.name).is_some_and(|now| !now.is_empty()));
    if !emptied.into_iter().any(shows) {
        unchanged(kind, &new, part, sent, &context);
    }
    for (part, row) in after {
        if kind == ListKind::Calendar {
            grammar::event(&row).unwrap_or_else(|why| panic!("{why}: {row:?}"));
        }
        unchanged(kind, &new, &part, &row, &context);
    }
}

/// Sending what is there already must change nothing.
fn unchanged(kind: ListKind, text: &[u8], part: &Part, row: &Row, context: &Context<'_>) {
    match edit(kind, text, part, row, context) {
        Ok(None) => {}
        Ok(Some(new)) => panic!(
            "{part:?} of {} sent again: {:?}\nsent {:?}",
            shown(text),
            differing(text, &new),
            office::told(row)
        ),
        Err(error) => panic!("{part:?} of {} sent again: {error}, {:?}", shown(text), office::told(row)),
    }
}

proptest! {
    #![proptest_config(office::cases(500))]

    #[test]
    fn events_keep_what_nobody_touched(text in any::<Index>(), at in any::<Index>(), sent in fields(ListKind::Calendar)) {
        check(ListKind::Calendar, text.get::<Vec<u8>>(&TEXTS[0]), at, &sent);
    }

    #[test]
    fn tasks_keep_what_nobody_touched(text in any::<Index>(), at in any::<Index>(), sent in fields(ListKind::Tasks)) {
        check(ListKind::Tasks, text.get::<Vec<u8>>(&TEXTS[1]), at, &sent);
    }

    #[test]
    fn contacts_keep_what_nobody_touched(text in any::<Index>(), at in any::<Index>(), sent in fields(ListKind::Contacts)) {
        check(ListKind::Contacts, text.get::<Vec<u8>>(&TEXTS[2]), at, &sent);
    }

    #[test]
    fn what_is_made_is_told(kind in select(vec![ListKind::Calendar, ListKind::Tasks, ListKind::Contacts]),
        event in fields(ListKind::Calendar), task in fields(ListKind::Tasks), contact in fields(ListKind::Contacts)) {
        let zone = Zone::named("Europe/Berlin").unwrap();
        let context = office::context(&zone);
        let mut sent = match kind { ListKind::Calendar => event, ListKind::Tasks => task, _ => contact };
        if kind == ListKind::Calendar && sent.get("EventDate").is_none() {
            sent.push("EventDate", "2026-05-04T08:00:00Z");
        }
        if let Ok(text) = create(kind, &sent, &context) {
            unchanged(kind, &text, &Part::Whole, &sent, &context);
            for (part, row) in rows(kind, &text, &context).unwrap() {
                unchanged(kind, &text, &part, &row, &context);
            }
        }
    }
}
