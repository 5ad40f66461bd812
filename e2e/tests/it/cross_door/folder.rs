//! A folder that vdirsyncer keeps in step, edited by hand between its runs.

use super::{Model, Said, number};
use crate::office::event;
use crate::vdirsyncer::Vdirsyncer;
use kontor_testkit::Server;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

pub(super) struct Folder {
    vdirsyncer: Vdirsyncer,
    /// What the model had when this folder was last in step.
    base: BTreeMap<usize, Said>,
    /// Events that were edited or made here since.
    dirty: BTreeSet<usize>,
    /// Events that were deleted here since.
    deleted: BTreeSet<usize>,
}

impl Folder {
    pub(super) fn new(server: &Server) -> Self {
        let vdirsyncer = Vdirsyncer::new(server, "caldav");
        vdirsyncer.configure(server, "caldav", "\"b wins\"");
        Self { vdirsyncer, base: BTreeMap::new(), dirty: BTreeSet::new(), deleted: BTreeSet::new() }
    }

    /// Files by the numbers of their events.
    fn files(&self) -> BTreeMap<usize, (PathBuf, String)> {
        let files =
            fs::read_dir(self.vdirsyncer.local("default")).unwrap().map(|entry| entry.unwrap().path());
        let files = files.filter(|path| path.extension().is_some_and(|ending| ending == "ics"));
        let read = |path: PathBuf| {
            let text = fs::read_to_string(&path).unwrap().replace('\r', "");
            (number(&line(&text, "SUMMARY")), (path, text))
        };
        files.map(read).collect()
    }

    pub(super) fn events(&self) -> impl Iterator<Item = usize> {
        self.files().into_keys()
    }

    pub(super) fn create(&mut self, n: usize, token: &str) {
        let start = format!("2030{:02}{:02}T100000Z", 1 + n % 12, 1 + n % 28);
        let text = event(&format!("folder-{n}"), &start, &format!("{n}|{token}"));
        fs::write(self.vdirsyncer.local("default").join(format!("folder-{n}.ics")), text).unwrap();
        self.dirty.insert(n);
    }

    /// Writes another place.
    pub(super) fn edit(&mut self, event: usize, token: &str) {
        let (path, text) = self.files().remove(&event).unwrap();
        let lines = text.lines().filter(|line| !line.starts_with("LOCATION:")).flat_map(|line| {
            let place = (line == "END:VEVENT").then(|| format!("LOCATION:{token}"));
            place.into_iter().chain([line.to_owned()])
        });
        let text: String = lines.map(|line| line + "\r\n").collect();
        fs::write(path, text).unwrap();
        self.dirty.insert(event);
    }

    pub(super) fn delete(&mut self, event: usize) {
        let (path, _) = self.files().remove(&event).unwrap();
        fs::remove_file(path).unwrap();
        self.dirty.remove(&event);
        self.deleted.insert(event);
    }

    /// Runs vdirsyncer, and says to the model what that must do.
    pub(super) fn sync(&mut self, model: &mut Model) {
        let here = self.said();
        for event in std::mem::take(&mut self.dirty) {
            let unchanged = model.events.get(&event) == self.base.get(&event);
            if unchanged || !model.events.contains_key(&event) {
                // Also if the server's is gone: of a change and a deletion the change stays.
                model.events.insert(event, here[&event].clone());
            } else if model.events.get(&event) != here.get(&event) {
                model.conflicts += 1;
            }
        }
        for event in std::mem::take(&mut self.deleted) {
            if model.events.get(&event) == self.base.get(&event) {
                model.events.remove(&event);
            }
        }
        self.vdirsyncer.sync();
        self.base = model.events.clone();
        assert_eq!(self.said(), self.base, "the folder after a run");
    }

    pub(super) fn said(&self) -> BTreeMap<usize, Said> {
        let said = |text: &str| Said { title: line(text, "SUMMARY"), place: line(text, "LOCATION") };
        self.files().into_iter().map(|(event, (_, text))| (event, said(&text))).collect()
    }
}

/// The value of a line; empty if it is not there.
fn line(text: &str, name: &str) -> String {
    let found = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    found.unwrap_or_default().to_owned()
}
