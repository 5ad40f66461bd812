//! The golden data of all crates through this room: nothing falls, every row keeps the grammar, a row sent back changes
//! nothing.

use std::fs;
use std::path::{Path, PathBuf};

use kontor_ical::zone::Zone;
use kontor_wire_sharepoint::row::{Context, Error, Part, Row};
use kontor_wire_sharepoint::translate::{calendar, contacts, tasks};

use crate::{grammar, office};

/// Every file below a folder of `fixtures/`.
pub(crate) fn files(folder: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../fixtures").join(folder);
    let (mut found, mut open) = (Vec::new(), vec![root]);
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|end| end == "ics" || end == "vcf") {
                let bytes = fs::read(&path).unwrap();
                found.push((path, bytes));
            }
        }
    }
    found.sort();
    assert!(!found.is_empty());
    found
}

type Rows = fn(&[u8], &Context<'_>) -> Result<Vec<(Part, Row)>, Error>;
type Edit = fn(&[u8], &Part, &Row, &Context<'_>) -> Result<Option<Vec<u8>>, Error>;

const KINDS: [(Rows, Edit); 3] =
    [(calendar::rows, calendar::edit), (tasks::rows, tasks::edit), (contacts::rows, contacts::edit)];

#[test]
fn every_file_is_told_and_told_back() {
    let zone = Zone::named("America/New_York").unwrap();
    let context = office::context(&zone);
    let (mut told, mut wrong) = ([0; 3], Vec::new());
    for (path, text) in files("ical").into_iter().chain(files("vcard")) {
        for ((rows, edit), count) in KINDS.iter().zip(&mut told) {
            let Ok(rows) = rows(&text, &context) else { continue };
            *count += 1;
            for (part, row) in &rows {
                let place = format!("{} {part:?}", path.file_name().unwrap().display());
                if row.get("EventType").is_some()
                    && let Err(why) = grammar::event(row)
                {
                    wrong.push(format!("{place}: {why}\n{row:?}"));
                }
                let back = edit(&text, part, row, &context);
                if back != Ok(None) {
                    wrong.push(format!(
                        "{place}: sent back, {:?}",
                        back.map(|text| text.map(String::from_utf8))
                    ));
                }
            }
            let mut parts: Vec<String> =
                rows.iter().map(|(part, _)| format!("{:?}", part.occurrence())).collect();
            let all = parts.len();
            parts.sort();
            parts.dedup();
            assert_eq!(parts.len(), all, "{}: a part twice", path.display());
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    assert!(told.iter().all(|count| *count > 10), "{told:?}");
}
