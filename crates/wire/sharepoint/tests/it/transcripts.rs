//! Transcripts in `fixtures/sharepoint/`: an item or what Outlook makes, what it sends then, and after each step the text and all
//! rows. `UPDATE_GOLDEN=1` writes what stands behind the steps anew.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use kontor_ical::zone::Zone;
use kontor_wire_sharepoint::list::ListKind;
use kontor_wire_sharepoint::row::{Context, Error, Part, Row};
use kontor_wire_sharepoint::translate::calendar::{self, Removed};
use kontor_wire_sharepoint::translate::{contacts, tasks};

use crate::office::Staff;
use crate::{grammar, office};

/// A step: its words behind `>`, and the lines that belong to it.
struct Step<'a> {
    words: Vec<&'a str>,
    lines: Vec<&'a str>,
}

/// What stands before the first step, and the steps.
fn read(text: &str) -> (String, Vec<Step<'_>>) {
    let (mut head, mut steps, mut is_input) = (String::new(), Vec::<Step<'_>>::new(), true);
    for line in text.lines() {
        if let Some(words) = line.strip_prefix("> ") {
            steps.push(Step { words: words.split(' ').collect(), lines: Vec::new() });
            is_input = true;
        } else if line.starts_with("< ") {
            is_input = false;
        } else if let (Some(step), true) = (steps.last_mut(), is_input) {
            step.lines.push(line);
        } else if steps.is_empty() {
            writeln!(head, "{line}").unwrap();
        }
    }
    (head, steps)
}

fn label(part: &Part) -> String {
    match part {
        Part::Whole => "whole".to_owned(),
        Part::Changed(occurrence) => format!("changed {occurrence}"),
        Part::Deleted(occurrence) => format!("deleted {occurrence}"),
    }
}

/// A list with one item.
struct List<'a> {
    kind: ListKind,
    context: Context<'a>,
    text: Vec<u8>,
}

impl List<'_> {
    fn rows(&self) -> Vec<(Part, Row)> {
        match self.kind {
            ListKind::Calendar => calendar::rows(&self.text, &self.context),
            ListKind::Tasks => tasks::rows(&self.text, &self.context),
            _ => contacts::rows(&self.text, &self.context),
        }
        .unwrap()
    }

    fn part(&self, words: &[&str]) -> Part {
        let wanted = words.join(" ");
        self.rows().into_iter().map(|(part, _)| part).find(|part| label(part) == wanted).unwrap()
    }

    fn create(&self, sent: &Row) -> Result<Option<Vec<u8>>, Error> {
        match self.kind {
            ListKind::Calendar => calendar::create(sent, &self.context),
            ListKind::Tasks => tasks::create(sent, &self.context),
            _ => contacts::create(sent, &self.context),
        }
        .map(Some)
    }

    fn edit(&self, part: &Part, sent: &Row) -> Result<Option<Vec<u8>>, Error> {
        match self.kind {
            ListKind::Calendar => calendar::edit(&self.text, part, sent, &self.context),
            ListKind::Tasks => tasks::edit(&self.text, part, sent, &self.context),
            _ => contacts::edit(&self.text, part, sent, &self.context),
        }
    }

    /// Does a step; `None` if nothing changes.
    fn step(&self, step: &Step<'_>) -> Result<Option<Vec<u8>>, Error> {
        let sent = || {
            let lines: Vec<String> = step.lines.iter().map(|line| line.replace("\\n", "\n")).collect();
            office::row(&lines.iter().map(String::as_str).collect::<Vec<_>>())
        };
        match step.words.as_slice() {
            ["text"] => {
                Ok(Some(step.lines.iter().map(|line| format!("{line}\r\n")).collect::<String>().into()))
            }
            ["new"] => self.create(&sent()),
            ["exception"] => calendar::except(&self.text, &sent(), &self.context).map(|(_, text)| text),
            ["update", part @ ..] => self.edit(&self.part(part), &sent()),
            ["delete", part @ ..] => {
                match calendar::remove_part(&self.text, &self.part(part), &self.context)? {
                    Removed::Text(text) => Ok(Some(text)),
                    Removed::Item => Ok(Some(Vec::new())),
                }
            }
            other => panic!("no step {other:?}"),
        }
    }

    /// The text as a transcript has it: definitions of zones are those of the time zone data.
    fn shown(&self) -> String {
        let text = std::str::from_utf8(&self.text).unwrap();
        assert_eq!(text.matches('\n').count(), text.matches("\r\n").count());
        let (mut shown, mut is_zone) = (String::new(), false);
        for line in text.lines() {
            is_zone |= line == "BEGIN:VTIMEZONE";
            if !is_zone {
                writeln!(shown, "{line}").unwrap();
            } else if line.starts_with("TZID:") {
                writeln!(shown, "({line} is defined here)").unwrap();
            }
            is_zone &= line != "END:VTIMEZONE";
        }
        shown
    }

    /// What is told after a step.
    fn tell(&self, step: &Step<'_>, out: &mut String) {
        if self.text.is_empty() {
            return writeln!(out, "< gone").unwrap();
        }
        if step.words != ["text"] {
            write!(out, "< text\n{}", self.shown()).unwrap();
        }
        for (part, row) in self.rows() {
            if self.kind == ListKind::Calendar {
                grammar::event(&row).unwrap();
            }
            assert_eq!(self.edit(&part, &row), Ok(None), "a row sent back");
            // Empty fields say nothing to a reader.
            let fields = office::told(&row).into_iter().filter(|field| !field.ends_with('='));
            let fields: String = fields.map(|field| format!("{}\n", field.replace('\n', "\\n"))).collect();
            write!(out, "< row {}\n{fields}", label(&part)).unwrap();
        }
    }
}

fn play(kind: ListKind, transcript: &str) -> String {
    let (zone, staff) = (Zone::named("Europe/Berlin").unwrap(), Staff::new());
    let context = Context { people: &staff, tasks: &office::Others, ..office::context(&zone) };
    let mut list = List { kind, context, text: Vec::new() };
    let (mut out, steps) = read(transcript);
    for step in &steps {
        writeln!(out, "> {}", step.words.join(" ")).unwrap();
        step.lines.iter().for_each(|line| writeln!(out, "{line}").unwrap());
        match list.step(step) {
            Ok(Some(text)) => {
                list.text = text;
                list.tell(step, &mut out);
            }
            Ok(None) => out.push_str("< unchanged\n"),
            Err(error) => writeln!(out, "< refused: {error}").unwrap(),
        }
    }
    out
}

#[test]
fn transcripts_are_as_they_were() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../fixtures/sharepoint");
    let index = fs::read_to_string(root.join("INDEX.tsv")).unwrap();
    let mut listed: Vec<String> =
        index.lines().map(|line| line.split('\t').next().unwrap().to_owned()).collect();
    let mut found = Vec::new();
    for (kind, folder) in
        [(ListKind::Calendar, "calendar"), (ListKind::Tasks, "tasks"), (ListKind::Contacts, "contacts")]
    {
        for entry in fs::read_dir(root.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            found.push(format!("{folder}/{}", path.file_name().unwrap().to_str().unwrap()));
            let transcript = fs::read_to_string(&path).unwrap();
            let played = play(kind, &transcript);
            if std::env::var_os("UPDATE_GOLDEN").is_some() {
                fs::write(&path, played).unwrap();
            } else {
                let differing = transcript.lines().zip(played.lines()).find(|(was, is)| was != is);
                assert!(transcript == played, "{}: {differing:?}", path.display());
            }
        }
    }
    found.sort();
    listed.retain(|path| !path.ends_with(".xsd") && !path.ends_with(".tsv"));
    assert_eq!(listed, found, "INDEX.tsv");
}
