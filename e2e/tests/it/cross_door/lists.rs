//! A client of the list door that writes at once and fetches what changed when it is told to.

use super::{Model, Said, number};
use crate::office::ANNA;
use kontor_testkit::{Client, Server};
use kontor_wire_sharepoint::op::Request;
use kontor_wire_sharepoint::op::changes::GetListItemChangesSinceToken;
use kontor_wire_sharepoint::op::items::Ask;
use kontor_wire_sharepoint::op::listing::Listing;
use kontor_wire_sharepoint::op::update::{Command, Method, OnError, Outcome, UpdateListItems, read_results};
use kontor_wire_sharepoint::row::Row;
use kontor_wire_sharepoint::soap::{Envelope, Version, code};
use kontor_wire_sharepoint::xml::{Element, Limits};
use std::collections::BTreeMap;

pub(super) struct ListClient {
    http: Client,
    token: Option<String>,
    /// Rows by their numbers.
    rows: BTreeMap<i64, Row>,
}

fn id(row: &Row) -> i64 {
    row.get("ID").unwrap().parse().unwrap()
}

impl ListClient {
    pub(super) fn new(server: &Server) -> Self {
        let http = server.client_of(ANNA);
        Self { http, token: None, rows: BTreeMap::new() }
    }

    fn ask(&self, request: &impl Request) -> Element {
        let message = request.message(Version::V11);
        let headers = [("Content-Type", "text/xml; charset=utf-8")];
        let answer = self.http.ask("POST", "/lists/_vti_bin/lists.asmx", &headers, &message);
        assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
        Envelope::read(&answer.body, &Limits::default()).unwrap().body
    }

    /// Fetches what changed, in small pieces.
    pub(super) fn sync(&mut self) {
        let mut position = None;
        loop {
            let ask = Ask { utc: true, limit: Some(20), position: position.take(), ..Ask::default() };
            let token = self.token.clone().filter(|_| ask.position.is_none());
            let first = self.token.is_none() || ask.position.is_some();
            let request = GetListItemChangesSinceToken { list: "Calendar".to_owned(), ask, token };
            let listing = Listing::read(&self.ask(&request)).unwrap();
            assert!(!listing.invalid_token);
            listing.deleted.iter().for_each(|number| drop(self.rows.remove(number)));
            listing.rows.into_iter().for_each(|row| drop(self.rows.insert(id(&row), row)));
            if first && listing.next.is_some() {
                position = listing.next;
                continue;
            }
            self.token = listing.token;
            if !listing.more {
                return;
            }
        }
    }

    /// Events whose rows this client has.
    pub(super) fn events(&self) -> impl Iterator<Item = usize> {
        self.rows.values().map(|row| number(row.get("Title").unwrap()))
    }

    fn update(&self, command: Command, fields: Row) -> Outcome {
        let methods = vec![Method { id: "1".to_owned(), command, fields }];
        let (list, on_error) = ("Calendar".to_owned(), OnError::Continue);
        let answer = self.ask(&UpdateListItems { list, on_error, utc: true, methods });
        read_results(&answer).unwrap().remove(0)
    }

    pub(super) fn create(&mut self, event: usize, token: &str, model: &mut Model) {
        let title = format!("{event}|{token}");
        let mut fields = Row::new();
        fields.push("Title", title.clone());
        fields.push("EventDate", format!("2030-{:02}-{:02}T10:00:00Z", 1 + event % 12, 1 + event % 28));
        fields.push("EndDate", format!("2030-{:02}-{:02}T11:00:00Z", 1 + event % 12, 1 + event % 28));
        let outcome = self.update(Command::New, fields);
        assert_eq!(outcome.code, code::OK, "{outcome:?}");
        let row = outcome.row.unwrap();
        self.rows.insert(id(&row), row);
        model.events.insert(event, Said { title, place: String::new() });
    }

    /// The row of an event, its number, and whether the server's is another by now.
    fn known(&self, event: usize, model: &Model) -> (i64, Row, Option<bool>) {
        let found = self.rows.iter().find(|(_, row)| number(row.get("Title").unwrap()) == event).unwrap();
        let kept = model.events.get(&event);
        let same = kept.map(|kept| said(found.1) == *kept);
        (*found.0, found.1.clone(), same)
    }

    pub(super) fn edit(&mut self, event: usize, token: &str, model: &mut Model) {
        let (number, row, same) = self.known(event, model);
        let title = format!("{event}|{token}");
        let mut fields = named(number, &row);
        fields.push("Title", title.clone());
        let outcome = self.update(Command::Update, fields);
        match (same, outcome.code) {
            (Some(true), code::OK) => {
                let place = said(&row).place;
                model.events.insert(event, Said { title, place });
                self.rows.insert(number, outcome.row.unwrap());
            }
            (Some(false), code::CONFLICT) => {
                model.conflicts += 1;
                self.rows.insert(number, outcome.row.unwrap());
            }
            // Gone, or gone and made again under another number.
            (_, code::NO_ITEM) => drop(self.rows.remove(&number)),
            other => panic!("event {event} was answered with {other:?}: {outcome:?}"),
        }
    }

    pub(super) fn delete(&mut self, event: usize, model: &mut Model) {
        let (number, row, same) = self.known(event, model);
        let outcome = self.update(Command::Delete, named(number, &row));
        match (same, outcome.code) {
            (Some(true), code::OK) => {
                model.events.remove(&event);
                self.rows.remove(&number);
            }
            (Some(false), code::CONFLICT) => {
                model.conflicts += 1;
                self.rows.insert(number, outcome.row.unwrap());
            }
            (_, code::NO_ITEM) => drop(self.rows.remove(&number)),
            other => panic!("event {event} was answered with {other:?}: {outcome:?}"),
        }
    }

    pub(super) fn said(&self) -> BTreeMap<usize, Said> {
        self.rows.values().map(|row| (number(row.get("Title").unwrap()), said(row))).collect()
    }
}

fn said(row: &Row) -> Said {
    let of = |name: &str| row.get(name).unwrap_or_default().to_owned();
    Said { title: of("Title"), place: of("Location") }
}

fn named(number: i64, row: &Row) -> Row {
    let mut fields = Row::new();
    fields.push("ID", number.to_string());
    fields.push("owshiddenversion", row.get("owshiddenversion").unwrap().to_owned());
    fields
}
