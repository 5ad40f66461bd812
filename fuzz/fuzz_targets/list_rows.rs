//! Transcripts of the list door (`fixtures/sharepoint`), mutated: any item is told as rows or refused, a row sent back changes
//! nothing, and whatever fields a client sends are taken, or refused with a reason.
#![no_main]

use kontor_ical::Limits;
use kontor_ical::zone::Zone;
use kontor_wire_sharepoint::row::{Context, Error, Nobody, Part, Row};
use kontor_wire_sharepoint::translate::calendar::{self, Removed};
use kontor_wire_sharepoint::translate::{contacts, tasks};
use libfuzzer_sys::fuzz_target;

type Rows = fn(&[u8], &Context<'_>) -> Result<Vec<(Part, Row)>, Error>;
type Create = fn(&Row, &Context<'_>) -> Result<Vec<u8>, Error>;
type Edit = fn(&[u8], &Part, &Row, &Context<'_>) -> Result<Option<Vec<u8>>, Error>;

const KINDS: [(Rows, Create, Edit); 3] = [
    (calendar::rows, calendar::create, calendar::edit),
    (tasks::rows, tasks::create, tasks::edit),
    (contacts::rows, contacts::create, contacts::edit),
];

fuzz_target!(|data: &[u8]| {
    let zone = Zone::named("Europe/Berlin").expect("a zone that is there");
    let context = Context { zone: &zone, now: 1_780_315_200, uid: "fuzz", asker: None, people: &Nobody, tasks: &Nobody };
    let steps = steps(data);
    for kind in KINDS {
        let mut text = Vec::new();
        for (words, lines) in steps.iter().take(6) {
            let Some(after) = step(kind, &text, words, lines, &context) else { continue };
            if is_stored(&after) {
                unchanged(kind, &after, &context);
            }
            text = after;
        }
    }
});

/// Lines behind `>`, with the lines that belong to each; what stands behind `<` is an answer.
fn steps(data: &[u8]) -> Vec<(&[u8], Vec<&[u8]>)> {
    let (mut steps, mut is_input): (Vec<(&[u8], Vec<&[u8]>)>, _) = (Vec::new(), true);
    for line in data.split(|byte| *byte == b'\n') {
        if let Some(words) = line.strip_prefix(b"> ") {
            steps.push((words, Vec::new()));
            is_input = true;
        } else if line.starts_with(b"< ") {
            is_input = false;
        } else if let (Some((_, lines)), true) = (steps.last_mut(), is_input) {
            lines.push(line);
        }
    }
    steps
}

fn fields(lines: &[&[u8]]) -> Row {
    let mut row = Row::new();
    for line in lines {
        let line = String::from_utf8_lossy(line).replace("\\n", "\n");
        let Some((name, value)) = line.split_once('=') else { continue };
        match name.strip_prefix("MetaInfo:") {
            Some(property) => row.push_bag(property.to_owned(), value.to_owned()),
            None => row.push(name.to_owned(), value.to_owned()),
        }
    }
    row
}

fn step(
    (rows, create, edit): (Rows, Create, Edit),
    text: &[u8],
    words: &[u8],
    lines: &[&[u8]],
    context: &Context<'_>,
) -> Option<Vec<u8>> {
    let part = || {
        let parts: Vec<Part> = rows(text, context).ok()?.into_iter().map(|(part, _)| part).collect();
        let nth = words.iter().map(|byte| usize::from(*byte)).sum::<usize>() % parts.len().max(1);
        if words.ends_with(b"whole") { parts.first().copied() } else { parts.get(nth).copied() }
    };
    match words.first()? {
        b't' => Some(lines.join(&b"\r\n"[..])),
        b'n' => create(&fields(lines), context).ok(),
        b'e' => calendar::except(text, &fields(lines), context).ok()?.1,
        b'u' => edit(text, &part()?, &fields(lines), context).ok()?,
        _ => match calendar::remove_part(text, &part()?, context).ok()? {
            Removed::Text(text) => Some(text),
            Removed::Item => None,
        },
    }
}

/// Whether a store would have taken it.
fn is_stored(text: &[u8]) -> bool {
    let limits = Limits { bytes: 1 << 20, attendees: 100, steps: 20_000 };
    kontor_ical::validate(text, &limits).is_ok() || kontor_vcard::validate(text, 1 << 20).is_ok()
}

/// A row sent back changes nothing.
fn unchanged((rows, _, edit): (Rows, Create, Edit), text: &[u8], context: &Context<'_>) {
    for (part, row) in rows(text, context).unwrap_or_default().iter().take(12) {
        match edit(text, part, row, context) {
            Ok(None) | Err(Error::ReadOnly(_)) => {}
            other => panic!(
                "{part:?} {row:?}: {:?}",
                other.map(|text| text.map(|text| String::from_utf8_lossy(&text).into_owned()))
            ),
        }
    }
}
