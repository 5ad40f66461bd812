//! Somebody who asks this and that, of any node, and knows what to expect.

use std::collections::{BTreeMap, BTreeSet};

use kontor_testkit::{Answer, Client};

use super::model::{Condition, Event, Model, Seen};
use crate::office::event;

const CALENDARS: [&str; 3] = ["default", "second", "third"];
const NAMES: usize = 8;
const TAGS: &str = "<propfind xmlns=\"DAV:\"><prop><getetag/></prop></propfind>";

pub(super) struct Speaker {
    person: &'static str,
    nodes: Vec<Client>,
    dice: u64,
    model: Model,
    told: Vec<String>,
}

impl Speaker {
    pub(super) fn new(person: &'static str, nodes: Vec<Client>, seed: u64) -> Self {
        let mut model = Model::default();
        model.make("default");
        let dice = person.bytes().fold(seed, |dice, byte| dice * 31 + u64::from(byte));
        Self { person, nodes, dice, model, told: Vec::new() }
    }

    /// Talks for so many steps; what was asked and answered.
    pub(super) fn talk(mut self, steps: usize) -> Vec<String> {
        for step in 0..steps {
            match self.throw(20) {
                0..=6 => self.put(step),
                7..=8 => self.remove(),
                9..=10 => self.relocate(),
                11..=12 => self.read(),
                13..=16 => self.sync(),
                17 => self.list(),
                18 => self.make(),
                _ => self.unmake(),
            }
        }
        self.told
    }

    fn throw(&mut self, sides: usize) -> usize {
        self.dice ^= self.dice << 13;
        self.dice ^= self.dice >> 7;
        self.dice ^= self.dice << 17;
        usize::try_from(self.dice >> 16).unwrap() % sides
    }

    fn calendar(&mut self) -> &'static str {
        // Mostly the one that is always there.
        CALENDARS[self.throw(5).saturating_sub(2)]
    }

    fn name(&mut self) -> String {
        format!("e{}.ics", self.throw(NAMES))
    }

    fn path(&self, calendar: &str, name: &str) -> String {
        format!("/dav/calendars/{}/{calendar}/{name}", self.person)
    }

    /// Asks any node. Which one that is makes no difference to the dice that follow, whatever their number.
    fn ask(&mut self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let at = self.throw(60_000);
        let answer = self.nodes[at % self.nodes.len()].ask(method, path, headers, body.as_bytes());
        self.told.push(format!(
            "{method} {path} {:?}: {}",
            headers.iter().map(|one| one.0).collect::<Vec<_>>(),
            answer.status
        ));
        answer
    }

    #[track_caller]
    fn expect(&self, answer: &Answer, status: u16) {
        let (last, text) = (self.told.last(), answer.text());
        assert_eq!(answer.status, status, "{last:?}\n{text}\n{:#?}", self.model.calendars);
    }

    /// A condition that holds or does not.
    fn condition(&mut self, calendar: &str, name: &str) -> Condition {
        let there = self.model.event(calendar, name).map(|event| event.tag.clone());
        match (self.throw(6), there) {
            (0..=1, _) => Condition::None,
            (2, _) => Condition::Absent,
            (3, _) => Condition::Tag("\"long-gone\"".to_owned()),
            (_, Some(tag)) => Condition::Tag(tag),
            (_, None) => Condition::Absent,
        }
    }

    fn put(&mut self, step: usize) {
        let (calendar, name) = (self.calendar(), self.name());
        let uid = match self.model.event(calendar, &name) {
            Some(event) => event.uid.clone(),
            None => format!("uid-{}", self.throw(NAMES + 2)),
        };
        let condition = self.condition(calendar, &name);
        let text = event(&uid, "20260302T100000Z", &format!("step {step}"));
        let mut headers = vec![("Content-Type", "text/calendar; charset=utf-8")];
        headers.extend(header(&condition));
        let answer = self.ask("PUT", &self.path(calendar, &name), &headers, &text);
        let status = self.model.put(calendar, &name, &uid, &condition);
        self.expect(&answer, status);
        if matches!(status, 201 | 204) {
            let tag = answer.header("etag").unwrap_or_default().to_owned();
            self.model.set(calendar, &name, Event { uid, text, tag });
        }
    }

    fn remove(&mut self) {
        let (calendar, name) = (self.calendar(), self.name());
        let condition = match self.condition(calendar, &name) {
            Condition::Absent => Condition::None,
            other => other,
        };
        let headers: Vec<_> = header(&condition).into_iter().collect();
        let answer = self.ask("DELETE", &self.path(calendar, &name), &headers, "");
        let status = self.model.remove(calendar, &name, &condition);
        self.expect(&answer, status);
        if status == 204 {
            self.model.unset(calendar, &name);
        }
    }

    fn relocate(&mut self) {
        let (from, to) = ((self.calendar(), self.name()), (self.calendar(), self.name()));
        if from == to {
            return;
        }
        let overwrite = self.throw(2) == 0;
        let there = self.path(to.0, &to.1);
        let headers = [("Destination", there.as_str()), ("Overwrite", if overwrite { "T" } else { "F" })];
        let answer = self.ask("MOVE", &self.path(from.0, &from.1), &headers, "");
        let status = self.model.relocate((from.0, &from.1), (to.0, &to.1), overwrite);
        self.expect(&answer, status);
        if matches!(status, 201 | 204) {
            let moved = self.model.unset(from.0, &from.1).unwrap();
            let found = self.ask("GET", &there, &[], "");
            assert_eq!((found.status, found.text()), (200, moved.text.clone()));
            let tag = found.header("etag").unwrap_or_default().to_owned();
            self.model.set(to.0, &to.1, Event { tag, ..moved });
        }
    }

    fn read(&mut self) {
        let (calendar, name) = (self.calendar(), self.name());
        let path = self.path(calendar, &name);
        let answer = self.ask("GET", &path, &[], "");
        let Some(there) = self.model.event(calendar, &name).cloned() else {
            return self.expect(&answer, 404);
        };
        self.expect(&answer, 200);
        assert_eq!((answer.header("etag"), answer.text()), (Some(there.tag.as_str()), there.text));
        let again = self.ask("GET", &path, &[("If-None-Match", &there.tag)], "");
        self.expect(&again, 304);
    }

    fn list(&mut self) {
        let calendar = self.calendar();
        let path = self.path(calendar, "");
        let headers = [("Depth", "1"), ("Content-Type", "application/xml")];
        let answer = self.ask("PROPFIND", &path, &headers, TAGS);
        if !self.model.calendars.contains_key(calendar) {
            return self.expect(&answer, 404);
        }
        self.expect(&answer, 207);
        let (mut found, gone) = responses(&answer.text());
        found.remove("");
        assert_eq!((found, gone), (self.model.tags(calendar), BTreeSet::new()), "{:?}", self.told.last());
    }

    /// Asks for what changed, since anything that was told before or from the start.
    fn sync(&mut self) {
        let calendar = self.calendar();
        let of_it = |seen: &Seen| seen.calendar == calendar;
        let seen: Vec<Seen> = self.model.seen.iter().filter(|seen| of_it(seen)).cloned().collect();
        let pick = self.throw(seen.len() + 1);
        let since = seen.get(pick);
        let token = since.map(|seen| seen.token.as_str()).unwrap_or_default();
        let body = format!(
            "<sync-collection xmlns=\"DAV:\"><sync-token>{token}</sync-token><sync-level>1</sync-level>\
             <prop><getetag/></prop></sync-collection>"
        );
        let headers = [("Depth", "0"), ("Content-Type", "application/xml")];
        let answer = self.ask("REPORT", &self.path(calendar, ""), &headers, &body);
        let Some(generation) = self.model.calendars.get(calendar).map(|there| there.generation) else {
            return self.expect(&answer, 404);
        };
        if since.is_some_and(|since| since.generation != generation) {
            self.expect(&answer, 403);
            return assert!(answer.text().contains("valid-sync-token"), "{}", answer.text());
        }
        self.expect(&answer, 207);
        let (changed, gone) = responses(&answer.text());
        let before = since.map(|since| since.tags.clone()).unwrap_or_default();
        let tags = self.model.tags(calendar);
        let news = |(name, tag): &(&String, &String)| before.get(*name) != Some(*tag);
        let expect: BTreeMap<String, String> =
            tags.iter().filter(news).map(|(name, tag)| (name.clone(), tag.clone())).collect();
        assert_eq!(changed, expect, "{:?} since {before:?}", self.told.last());
        let removed: BTreeSet<String> =
            before.keys().filter(|name| !tags.contains_key(*name)).cloned().collect();
        // Those that came and went in between may be told, too.
        assert!(
            gone.is_superset(&removed) && gone.iter().all(|name| !tags.contains_key(name)),
            "{gone:?} {removed:?}"
        );
        assert!(since.is_some() || gone.is_empty(), "nothing can be gone from the start");
        let token = answer.text().split("sync-token>").nth(1).unwrap().split('<').next().unwrap().to_owned();
        self.model.seen.push(Seen { calendar, generation, token, tags });
    }

    fn make(&mut self) {
        let calendar = CALENDARS[1 + self.throw(2)];
        let answer = self.ask("MKCALENDAR", &self.path(calendar, ""), &[], "");
        if self.model.calendars.contains_key(calendar) {
            return self.expect(&answer, 405);
        }
        self.expect(&answer, 201);
        self.model.make(calendar);
    }

    fn unmake(&mut self) {
        let calendar = CALENDARS[1 + self.throw(2)];
        let answer = self.ask("DELETE", &self.path(calendar, ""), &[], "");
        let status = if self.model.calendars.remove(calendar).is_some() { 204 } else { 404 };
        self.expect(&answer, status);
    }
}

fn header(condition: &Condition) -> Option<(&str, &str)> {
    match condition {
        Condition::None => None,
        Condition::Absent => Some(("If-None-Match", "*")),
        Condition::Tag(tag) => Some(("If-Match", tag)),
    }
}

/// Entity tags by last segment of the href, and what is told to be gone.
fn responses(text: &str) -> (BTreeMap<String, String>, BTreeSet<String>) {
    let (mut there, mut gone) = (BTreeMap::new(), BTreeSet::new());
    for response in text.split("<D:response>").skip(1) {
        let of = |name: &str| {
            let text = response.split(&format!("<D:{name}>")).nth(1)?.split('<').next()?;
            Some(text.replace("&quot;", "\""))
        };
        let name = of("href").unwrap().rsplit('/').next().unwrap().to_owned();
        match of("getetag") {
            Some(tag) => _ = there.insert(name, tag),
            None => {
                assert!(response.contains("404"), "{response}");
                gone.insert(name);
            }
        }
    }
    (there, gone)
}
